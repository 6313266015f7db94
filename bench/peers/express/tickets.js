// Tickets: list one, read one, read the list.
'use strict';

const { invalid, is_id, new_id, not_found, refuse_invalid } = require('./answers');
const { statement } = require('./database');
const { signed_in } = require('./sessions');

const PRICE_MINOR_MAX = 99999999;
const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 200;

/** JSON of a row. What is undefined is left out. */
function ticket_json(row) {
  return {
    id: row.id,
    version: row.version,
    title: row.title,
    price: row.price_minor / 100,
    currency: row.currency,
    userId: row.user_id,
    status: row.status,
    orderId: row.order_id ?? undefined,
    reservedUntil: row.reserved_until ?? undefined,
    event: row.event ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Minor units, or undefined unless it is a price with at most two decimals. */
function price_minor_of(value) {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !/^\d{1,6}(\.\d{1,2})?$/.test(text)) {
    return undefined;
  }
  const minor = Math.round(Number(text) * 100);
  return minor > 0 && minor <= PRICE_MINOR_MAX ? minor : undefined;
}

function content_of(body) {
  const title = typeof body?.title === 'string' ? body.title.trim() : '';
  const price_minor = price_minor_of(body?.price);
  const errors = [];
  if (title === '' || title.length > 200) {
    errors.push(invalid('title', 'Title must have 1 to 200 characters'));
  }
  if (price_minor === undefined) {
    errors.push(invalid('price', 'Price must be greater than 0'));
  }
  if (body?.currency !== undefined && body.currency !== 'usd') {
    errors.push(invalid('currency', 'Currency must be usd'));
  }
  if (body?.event !== undefined && (typeof body.event !== 'object' || body.event === null)) {
    errors.push(invalid('event', 'Event must be an object'));
  }
  if (errors.length > 0) {
    throw refuse_invalid(...errors);
  }
  return { title, price_minor, event: body.event };
}

function page_of(query) {
  const limit = query.limit === undefined ? LIMIT_DEFAULT : Number(query.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) {
    throw refuse_invalid(invalid('limit', `Limit must be 1 to ${LIMIT_MAX}`));
  }
  if (query.after !== undefined && !is_id(query.after)) {
    throw refuse_invalid(invalid('after', 'After must come from a Link header'));
  }
  return { limit, after: query.after };
}

function add_ticket_routes(app, pool) {
  const insert_ticket = statement(pool, 'insert_ticket', `
    INSERT INTO tickets (id, title, price_minor, currency, user_id, event, created_at, updated_at)
    VALUES ($1, $2, $3, 'usd', $4, $5, $6, $6)`);
  const find_ticket = statement(pool, 'find_ticket', 'SELECT * FROM tickets WHERE id = $1');
  const list_newest = statement(pool, 'list_newest', `
    SELECT * FROM tickets WHERE status = 'available' ORDER BY id DESC LIMIT $1`);
  const list_after = statement(pool, 'list_after', `
    SELECT * FROM tickets WHERE status = 'available' AND id < $2 ORDER BY id DESC LIMIT $1`);

  app.post('/api/tickets', signed_in, async (request, response) => {
    const { title, price_minor, event } = content_of(request.body);
    const now = new Date().toISOString();
    const ticket = {
      id: new_id(), version: 0, title, price_minor, currency: 'usd', user_id: request.user_id,
      status: 'available', event, created_at: now, updated_at: now,
    };
    await insert_ticket(ticket.id, title, price_minor, ticket.user_id, event, now);
    response.status(201).json(ticket_json(ticket));
  });

  app.get('/api/tickets', async (request, response) => {
    const { limit, after } = page_of(request.query);
    const rows = after === undefined ? await list_newest(limit) : await list_after(limit, after);
    if (rows.length === limit) {
      const next = `/api/tickets?limit=${limit}&after=${rows[limit - 1].id}`;
      response.set('Link', `<${next}>; rel="next"`);
    }
    response.json(rows.map(ticket_json));
  });

  app.get('/api/tickets/:id', async (request, response) => {
    const [row] = is_id(request.params.id) ? await find_ticket(request.params.id) : [];
    if (row === undefined) {
      throw not_found();
    }
    response.json(ticket_json(row));
  });
}

module.exports = { add_ticket_routes };
