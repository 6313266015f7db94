// What all routes share: ids, errors in the contract's shape, and input that is checked.
'use strict';

const { randomUUID } = require('node:crypto');

/** A UUIDv7: 48 bits of milliseconds, then random bits (Node keeps a cache of those). */
function new_id() {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const is_id = (text) => typeof text === 'string' && ID.test(text);

/** Thrown by a route: answered with this status and the contract's list of errors. */
class refusal extends Error {
  constructor(status, ...errors) {
    super(errors[0].message);
    this.status = status;
    this.errors = errors;
  }
}

const invalid = (field, message) => ({ message, field, code: 'invalid' });
const refuse_invalid = (...errors) => new refusal(400, ...errors);
const not_found = () => new refusal(404, { message: 'Not found', code: 'not_found' });
const forbidden = () => new refusal(403, { message: 'Not allowed', code: 'forbidden' });
const conflict = (code) =>
  new refusal(409, { message: `Refused: ${code.replaceAll('_', ' ')}`, code });

/** Express's last handler: refusals as they are, errors of its body parser, and bugs. */
function answer_error(error, _request, response, _next) {
  if (error instanceof refusal) {
    response.status(error.status).json({ errors: error.errors });
  } else if (error.status >= 400 && error.status < 500) {
    const code = error.status === 413 ? 'too_large' : 'invalid';
    response.status(error.status).json({ errors: [{ message: error.message, code }] });
  } else {
    console.error(error);
    response.status(500).json({ errors: [{ message: 'Internal error', code: 'internal' }] });
  }
}

module.exports = {
  new_id, is_id, refusal, invalid, refuse_invalid, not_found, forbidden, conflict, answer_error,
};
