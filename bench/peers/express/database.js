// PostgreSQL: one pool, named prepared statements, plans for the sizes that the tables will have.
'use strict';

const { readFileSync } = require('node:fs');
const path = require('node:path');
const pg = require('pg');

// Timestamps come as "2026-01-31 12:00:00.5+00" (the session's time zone is UTC) and leave as ISO
// 8601: text to text, no Date in between.
const TIMESTAMPTZ = 1184;
pg.types.setTypeParser(TIMESTAMPTZ, (text) => {
  const milliseconds = text.slice(20, -3).padEnd(3, '0');
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${milliseconds}Z`;
});

// Each statement is planned once per connection, perhaps while the tables are still empty, and
// every one of them has its index: so no sequential scans, and no second planning.
const SESSION_OPTIONS =
  '-c timezone=UTC -c enable_seqscan=off -c plan_cache_mode=force_generic_plan';

/** Opens `connections` connections and makes the tables where they are missing. */
async function open_database(url, connections) {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    idleTimeoutMillis: 0,
    options: SESSION_OPTIONS,
  });
  pool.on('error', (error) => console.error(`a PostgreSQL connection was lost: ${error.message}`));
  // Only where they are missing: the schema's locks would wait for a vacuum of the tables.
  const { rows } = await pool.query("SELECT to_regclass('public.payments') IS NULL AS is_new");
  if (rows[0].is_new) {
    await pool.query(readFileSync(path.join(__dirname, 'schema.sql'), 'utf8'));
  }
  const opened = await Promise.all(Array.from({ length: connections }, () => pool.connect()));
  opened.forEach((client) => client.release());
  return pool;
}

/** A function that runs this statement, prepared under this name, and gives the rows. */
function statement(pool, name, text) {
  return async (...values) => (await pool.query({ name, text, values })).rows;
}

module.exports = { open_database, statement };
