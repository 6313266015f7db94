// Payments: the provider is in the process and answers at once; the rest is one statement.
'use strict';

const { conflict, forbidden, invalid, is_id, new_id, not_found, refusal, refuse_invalid } =
  require('./answers');
const { statement } = require('./database');
const { signed_in } = require('./sessions');

const PAY_ORDER = `
  WITH paid AS (
    UPDATE orders SET status = 'complete', payment_id = $3, version = version + 1
    WHERE id = $1 AND user_id = $2 AND status = 'created' AND expires_at > $4
    RETURNING ticket_id, price_minor, currency
  ), sold AS (
    UPDATE tickets
    SET status = 'sold', reserved_until = NULL, version = version + 1, updated_at = $4
    FROM paid WHERE tickets.id = paid.ticket_id AND tickets.order_id = $1
  ), recorded AS (
    INSERT INTO payments (id, order_id, amount_minor, currency, created_at)
    SELECT $3, $1, price_minor, currency, $4 FROM paid
  )
  SELECT orders.status AS was, orders.user_id AS buyer, paid.price_minor, paid.currency
  FROM orders LEFT JOIN paid ON true WHERE orders.id = $1`;

const CHARGED = new Set(['tok_visa', 'tok_mastercard']);

function add_payment_routes(app, pool) {
  const pay_order = statement(pool, 'pay_order', PAY_ORDER);
  const find_order = statement(pool, 'find_order', 'SELECT * FROM orders WHERE id = $1');

  function why_not_paid(order, user_id) {
    if (order === undefined) {
      return not_found();
    }
    if (order.buyer !== user_id) {
      return forbidden();
    }
    // Paid meanwhile by another request, cancelled, or still "created" but past its deadline.
    return conflict(order.was === 'complete' ? 'order_complete'
      : order.was === 'cancelled' ? 'order_cancelled' : 'order_expired');
  }

  app.post('/api/payments', signed_in, async (request, response) => {
    const { orderId: order_id, token } = request.body ?? {};
    const errors = [];
    if (!is_id(order_id)) {
      errors.push(invalid('orderId', 'orderId must be the id of an order'));
    }
    if (typeof token !== 'string' || token === '') {
      errors.push(invalid('token', 'Token must be given'));
    }
    if (errors.length > 0) {
      throw refuse_invalid(...errors);
    }
    const now = new Date().toISOString();
    if (!CHARGED.has(token)) {
      const [row] = await find_order(order_id);
      if (row?.status !== 'created' || row.user_id !== request.user_id || row.expires_at <= now) {
        throw why_not_paid(row && { buyer: row.user_id, was: row.status }, request.user_id);
      }
      throw new refusal(402, { message: 'The payment was declined', code: 'declined' });
    }
    const id = new_id();
    const [outcome] = await pay_order(order_id, request.user_id, id, now);
    if (outcome === undefined || outcome.price_minor === null) {
      throw why_not_paid(outcome, request.user_id);
    }
    response.status(201).json({
      id, orderId: order_id, status: 'succeeded', amount: outcome.price_minor / 100,
      currency: outcome.currency,
    });
  });
}

module.exports = { add_payment_routes };
