// Orders: hold a ticket, read, cancel. Every change is one statement, so one round trip and one
// durable commit; who comes second finds the ticket's row changed. Deadlines are in deadlines.js.
'use strict';

const { readFileSync } = require('node:fs');
const path = require('node:path');
const { conflict, forbidden, invalid, is_id, new_id, not_found, refuse_invalid } =
  require('./answers');
const { statement } = require('./database');
const { signed_in } = require('./sessions');

/** JSON of a row. What is undefined is left out. */
function order_json(row) {
  const ticket = {
    id: row.ticket_id,
    title: row.ticket_title,
    price: row.price_minor / 100,
    version: row.ticket_version,
  };
  return {
    id: row.id,
    version: row.version,
    userId: row.user_id,
    status: row.status,
    reason: row.reason ?? undefined,
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    total: row.price_minor / 100,
    currency: row.currency,
    ticket,
    tickets: [ticket],
    payment: row.payment_id ? { id: row.payment_id, status: 'succeeded' } : undefined,
  };
}

const PLACE_ORDER = readFileSync(path.join(__dirname, 'place_order.sql'), 'utf8');

const CANCEL_ORDER = `
  WITH cancelled AS (
    UPDATE orders SET status = 'cancelled', reason = 'user', version = version + 1
    WHERE id = $1 AND user_id = $2 AND status = 'created' RETURNING ticket_id
  ), freed AS (
    UPDATE tickets
    SET status = 'available', order_id = NULL, reserved_until = NULL, version = version + 1,
        updated_at = $3
    FROM cancelled WHERE tickets.id = cancelled.ticket_id AND tickets.order_id = $1
  )
  SELECT status AS was, user_id AS buyer FROM orders WHERE id = $1`;

/** `deadlines` is told of each order's deadline, which is `order_window_ms` after it was placed. */
function add_order_routes(app, pool, order_window_ms, deadlines) {
  const place_order = statement(pool, 'place_order', PLACE_ORDER);
  const cancel_order = statement(pool, 'cancel_order', CANCEL_ORDER);
  const find_order = statement(pool, 'find_order', 'SELECT * FROM orders WHERE id = $1');
  const list_orders = statement(pool, 'list_orders', `
    SELECT * FROM orders WHERE user_id = $1 ORDER BY id LIMIT 200`);

  function why_not_placed(outcome, user_id, version) {
    if (outcome === undefined) {
      return not_found();
    }
    if (outcome.seller === user_id) {
      return forbidden();
    }
    if (outcome.was === 'sold') {
      return conflict('ticket_sold');
    }
    const has_changed = version !== undefined && outcome.seen !== version;
    return conflict(
      outcome.was === 'available' && has_changed ? 'ticket_changed' : 'ticket_reserved');
  }

  // Before the answer: an order whose deadline nobody knows would hold its ticket for ever.
  async function schedule_or_cancel(id, user_id, expires_at_ms) {
    try {
      await deadlines.schedule(id, expires_at_ms);
    } catch (error) {
      await cancel_order(id, user_id, new Date().toISOString());
      throw error;
    }
  }

  app.post('/api/orders', signed_in, async (request, response) => {
    const { ticketId: ticket_id, version } = request.body ?? {};
    if (!is_id(ticket_id)) {
      throw refuse_invalid(invalid('ticketId', 'ticketId must be the id of a ticket'));
    }
    if (version !== undefined && !(Number.isInteger(version) && version >= 0)) {
      throw refuse_invalid(invalid('version', 'Version must be a whole number'));
    }
    const id = new_id();
    const now = Date.now();
    const expires_at_ms = now + order_window_ms;
    const created_at = new Date(now).toISOString();
    const expires_at = new Date(expires_at_ms).toISOString();
    const [outcome] = await place_order(id, ticket_id, request.user_id, expires_at, created_at,
                                        version);
    if (outcome === undefined || outcome.ticket_title === null) {
      throw why_not_placed(outcome, request.user_id, version);
    }
    await schedule_or_cancel(id, request.user_id, expires_at_ms);
    response.status(201).json(order_json({
      id, version: 0, user_id: request.user_id, status: 'created', expires_at, created_at,
      ticket_id, ticket_title: outcome.ticket_title, ticket_version: outcome.ticket_version,
      price_minor: outcome.price_minor, currency: outcome.currency,
    }));
  });

  app.get('/api/orders', signed_in, async (request, response) => {
    response.json((await list_orders(request.user_id)).map(order_json));
  });

  app.get('/api/orders/:id', signed_in, async (request, response) => {
    const [row] = is_id(request.params.id) ? await find_order(request.params.id) : [];
    if (row === undefined) {
      throw not_found();
    }
    if (row.user_id !== request.user_id) {
      throw forbidden();
    }
    response.json(order_json(row));
  });

  app.delete('/api/orders/:id', signed_in, async (request, response) => {
    const { id } = request.params;
    const now = new Date().toISOString();
    const [outcome] = is_id(id) ? await cancel_order(id, request.user_id, now) : [];
    if (outcome === undefined) {
      throw not_found();
    }
    if (outcome.buyer !== request.user_id) {
      throw forbidden();
    }
    if (outcome.was === 'complete') {
      throw conflict('order_complete');
    }
    response.status(204).end();
  });
}

module.exports = { add_order_routes };
