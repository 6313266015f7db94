// Deadlines: what has unpaid orders expire. With Redis each order has a delayed job in a queue of
// Bull's, which a worker in this process takes when it is due; without, a sweep finds the orders.
'use strict';

const { statement } = require('./database');

// Either statement ends with this: it frees the tickets of the orders that `expired` has cancelled.
const FREE_TICKETS = `
  UPDATE tickets
  SET status = 'available', order_id = NULL, reserved_until = NULL, version = version + 1,
      updated_at = now()
  FROM expired WHERE tickets.id = expired.ticket_id AND tickets.order_id = expired.id
  RETURNING tickets.id`;

// The job's time is the deadline, so the clock isn't asked again. An order that was paid or
// cancelled meanwhile is left as it is: that is cheaper than to remove its job when it is paid.
const EXPIRE_ORDER = `
  WITH expired AS (
    UPDATE orders SET status = 'cancelled', reason = 'expired', version = version + 1
    WHERE id = $1 AND status = 'created' RETURNING id, ticket_id
  )${FREE_TICKETS}`;

const EXPIRE_ORDERS = `
  WITH due AS (
    SELECT id FROM orders WHERE status = 'created' AND expires_at <= now()
    ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
  ), expired AS (
    UPDATE orders SET status = 'cancelled', reason = 'expired', version = version + 1
    FROM due WHERE orders.id = due.id RETURNING orders.id, orders.ticket_id
  )${FREE_TICKETS}`;

const QUEUE = 'order-expiry';
// As many as keep PostgreSQL's connections busy; each job is one statement.
const JOBS_AT_ONCE = 20;
// A job whose statement fails is tried again for a quarter of an hour; then it is kept to be seen.
const JOB_OPTIONS = {
  removeOnComplete: true,
  removeOnFail: { count: 1000 },
  attempts: 10,
  backoff: { type: 'exponential', delay: 1000 },
};

/** Deadlines as delayed jobs of the Redis that `url` names (redis://host:port, unix:///path). */
async function queue_deadlines(pool, url) {
  // Here, so that a peer that sweeps doesn't carry them.
  const { Queue, Worker } = require('bullmq');
  const { Redis } = require('ioredis');
  const expire_order = statement(pool, 'expire_order', EXPIRE_ORDER);

  // Who adds a job fails soon, since a buyer waits; the worker waits for Redis to come back.
  const adding = new Redis(url, { maxRetriesPerRequest: 1, enableAutoPipelining: true });
  const taking = new Redis(url, { maxRetriesPerRequest: null });
  const queue = new Queue(QUEUE, { connection: adding, defaultJobOptions: JOB_OPTIONS });
  const worker = new Worker(QUEUE, async (job) => void await expire_order(job.id),
                            { connection: taking, concurrency: JOBS_AT_ONCE });
  const tell = (error) => console.error(`the queue of deadlines: ${error.message}`);
  for (const each of [adding, taking, queue, worker]) {
    each.on('error', tell);
  }
  worker.on('failed', (job, error) =>
    console.error(`order ${job?.id} could not be expired: ${error.message}`));
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);

  return {
    async schedule(order_id, expires_at_ms) {
      const delay = Math.max(0, expires_at_ms - Date.now());
      await queue.add('expire', {}, { jobId: order_id, delay });
    },
    async close() {
      await Promise.all([queue.close(), worker.close()]);
      await Promise.all([adding.quit(), taking.quit()]);
    },
  };
}

const SWEEP_MS = 100;
const SWEEP_MAX = 1000;

/** Deadlines as a sweep of the table: frees what is due, in batches, every SWEEP_MS. */
function sweep_deadlines(pool) {
  const expire_orders = statement(pool, 'expire_orders', EXPIRE_ORDERS);
  let is_closed = false;
  let running = Promise.resolve();
  let timer;
  const sweep = async () => {
    try {
      while ((await expire_orders(SWEEP_MAX)).length === SWEEP_MAX && !is_closed);
    } catch (error) {
      console.error(`the sweep of deadlines failed, it will be tried again: ${error.message}`);
    }
    if (!is_closed) {
      start_later();
    }
  };
  const start_later = () => {
    timer = setTimeout(() => { running = sweep(); }, SWEEP_MS);
  };
  start_later();

  return {
    // The order's row is all that the sweep needs.
    async schedule() {},
    async close() {
      is_closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}

module.exports = { queue_deadlines, sweep_deadlines };
