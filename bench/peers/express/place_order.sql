-- Holds a ticket and makes the order of it: $1 the order's id, $2 the ticket's, $3 the buyer's, $4
-- the deadline, $5 now, $6 the version that the buyer saw (or NULL). No row: no such ticket. Else
-- the order's part is NULL when it was refused, and the first columns say why. Those are from
-- before this statement: a ticket that was "available" but isn't held was taken while this one
-- waited for its row.
WITH held AS (
  UPDATE tickets
  SET status = 'reserved', order_id = $1, reserved_until = $4, version = version + 1,
      updated_at = $5
  WHERE id = $2 AND status = 'available' AND user_id <> $3
    AND ($6::integer IS NULL OR version = $6)
  RETURNING title, version - 1 AS version, price_minor, currency
), placed AS (
  INSERT INTO orders (id, user_id, status, expires_at, created_at, ticket_id, ticket_title,
                      ticket_version, price_minor, currency)
  SELECT $1, $3, 'created', $4, $5, $2, title, version, price_minor, currency FROM held
  RETURNING ticket_title, ticket_version, price_minor, currency
)
SELECT tickets.status AS was, tickets.user_id AS seller, tickets.version AS seen, placed.*
FROM tickets LEFT JOIN placed ON true WHERE tickets.id = $2
