-- The peer's tables, applied by server.js when it starts. Money in minor units; ids are UUIDv7,
-- made by the server, so that they sort by time and new rows land on the same few index pages.

CREATE TABLE IF NOT EXISTS users (
  id            uuid PRIMARY KEY,
  email         text NOT NULL UNIQUE,
  password_hash text NOT NULL
);

CREATE TABLE IF NOT EXISTS tickets (
  id             uuid PRIMARY KEY,
  version        integer NOT NULL DEFAULT 0,
  title          text NOT NULL,
  price_minor    integer NOT NULL CHECK (price_minor > 0),
  currency       text NOT NULL,
  user_id        uuid NOT NULL,
  status         text NOT NULL DEFAULT 'available',
  order_id       uuid,
  reserved_until timestamptz(3),
  event          jsonb,
  created_at     timestamptz(3) NOT NULL,
  updated_at     timestamptz(3) NOT NULL
);

-- The list: what can be bought, newest first.
CREATE INDEX IF NOT EXISTS tickets_available ON tickets (id) WHERE status = 'available';

CREATE TABLE IF NOT EXISTS orders (
  id             uuid PRIMARY KEY,
  version        integer NOT NULL DEFAULT 0,
  user_id        uuid NOT NULL,
  status         text NOT NULL,
  reason         text,
  expires_at     timestamptz(3) NOT NULL,
  created_at     timestamptz(3) NOT NULL,
  ticket_id      uuid NOT NULL,
  ticket_title   text NOT NULL,
  ticket_version integer NOT NULL,
  price_minor    integer NOT NULL,
  currency       text NOT NULL,
  payment_id     uuid
);

CREATE INDEX IF NOT EXISTS orders_of_user ON orders (user_id, id);
-- The sweep: what is still to be paid, the first deadline first.
CREATE INDEX IF NOT EXISTS orders_due ON orders (expires_at) WHERE status = 'created';

CREATE TABLE IF NOT EXISTS payments (
  id           uuid PRIMARY KEY,
  order_id     uuid NOT NULL UNIQUE,
  amount_minor integer NOT NULL,
  currency     text NOT NULL,
  created_at   timestamptz(3) NOT NULL
);
