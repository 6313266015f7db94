// The peer: the part of Holdfast's contract that its load generator uses, in the usual design
// (Node, Express, PostgreSQL, Bull on Redis), one process, tuned. Prints "listening PORT" when it
// serves; ends on SIGTERM.
//
//   DATABASE_URL=... REDIS_URL=... node --max-semi-space-size=64 server.js
//
// (The flag gives short-lived objects room to die before they are copied.)
//
//   DATABASE_URL                PostgreSQL, as libpq writes it
//   REDIS_URL                   Redis, as ioredis takes it: deadlines are Bull's delayed jobs;
//                               without, a sweep finds them, leaner than the usual design
//   PORT                        0 (default): any free one, on the loopback address
//   PEER_CONNECTIONS            PostgreSQL connections (10)
//   PEER_ORDER_WINDOW_SECONDS   how long an unpaid order holds its ticket (900)
//   PEER_SESSION_KEY            signs the sessions; default: random, so they end with the process
'use strict';

process.env.NODE_ENV ??= 'production';
// Threads that hash passwords: not more than cores, or sign-ins would crowd out the event loop.
process.env.UV_THREADPOOL_SIZE ??= '2';

const express = require('express');
const { answer_error } = require('./answers');
const { open_database } = require('./database');
const { queue_deadlines, sweep_deadlines } = require('./deadlines');
const { add_order_routes } = require('./orders');
const { add_payment_routes } = require('./payments');
const { add_ticket_routes } = require('./tickets');
const { add_user_routes } = require('./users');

// More than cores, since a connection mostly waits for its commit's fsync and PostgreSQL flushes
// the commits of all that wait together; but each is a process, and two cores have to run them all.
const CONNECTIONS_DEFAULT = 10;

function number_of(name, fallback) {
  const value = Number(process.env[name] ?? fallback);
  if (!Number.isInteger(value) || value < 0) {
    throw new Error(`${name} must be a whole number`);
  }
  return value;
}

async function make_app(pool, deadlines) {
  const app = express();
  app.disable('etag');
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(express.json({ limit: '16kb' }));
  app.get('/readyz', (_request, response) => response.json({ status: 'ready' }));
  await add_user_routes(app, pool);
  add_ticket_routes(app, pool);
  add_order_routes(app, pool, number_of('PEER_ORDER_WINDOW_SECONDS', 900) * 1000, deadlines);
  add_payment_routes(app, pool);
  app.use((_request, response) =>
    response.status(404).json({ errors: [{ message: 'Not found', code: 'not_found' }] }));
  app.use(answer_error);
  return app;
}

async function main() {
  if (!process.env.DATABASE_URL) {
    throw new Error('DATABASE_URL must name a PostgreSQL database');
  }
  const pool = await open_database(process.env.DATABASE_URL,
                                   number_of('PEER_CONNECTIONS', CONNECTIONS_DEFAULT));
  const deadlines = process.env.REDIS_URL
    ? await queue_deadlines(pool, process.env.REDIS_URL) : sweep_deadlines(pool);
  const app = await make_app(pool, deadlines);

  const server = app.listen({ port: number_of('PORT', 0), host: '127.0.0.1', backlog: 4096 });
  server.keepAliveTimeout = 120000;
  server.on('error', fail);
  server.on('listening', () => console.log(`listening ${server.address().port}`));

  const stop = () => {
    server.close(() => deadlines.close().then(() => pool.end()).then(() => process.exit(0), fail));
    server.closeAllConnections();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function fail(error) {
  console.error(`error: ${error.message}`);
  process.exit(1);
}

main().catch(fail);
