// Accounts: sign up and sign in. Passwords are hashed with Node's scrypt, on its thread pool.
'use strict';

const { randomBytes, scrypt, timingSafeEqual } = require('node:crypto');
const { promisify } = require('node:util');
const { invalid, new_id, refusal, refuse_invalid } = require('./answers');
const { statement } = require('./database');
const { session_cookie } = require('./sessions');

const derive = promisify(scrypt);
const KEY_BYTES = 32;

async function hash_password(password) {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, KEY_BYTES);
  return `${salt.toString('hex')}.${hash.toString('hex')}`;
}

async function is_password(password, stored) {
  const [salt, hash] = stored.split('.').map((part) => Buffer.from(part, 'hex'));
  return timingSafeEqual(await derive(password, salt, KEY_BYTES), hash);
}

const EMAIL = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;

function credentials_of(body) {
  const email = typeof body?.email === 'string' ? body.email.trim().toLowerCase() : '';
  const password = body?.password;
  const errors = [];
  if (email.length > 254 || !EMAIL.test(email)) {
    errors.push(invalid('email', 'Email must be valid'));
  }
  if (typeof password !== 'string' || password.length < 8 || password.length > 128) {
    errors.push(invalid('password', 'Password must have 8 to 128 characters'));
  }
  if (errors.length > 0) {
    throw refuse_invalid(...errors);
  }
  return { email, password };
}

async function add_user_routes(app, pool) {
  const insert_user = statement(pool, 'insert_user', `
    INSERT INTO users (id, email, password_hash) VALUES ($1, $2, $3)
    ON CONFLICT (email) DO NOTHING RETURNING id`);
  const find_user = statement(pool, 'find_user', `
    SELECT id, password_hash FROM users WHERE email = $1`);
  // Verified when there is no such account, so that it takes as long.
  const nobodys_hash = await hash_password(randomBytes(16).toString('hex'));

  const sign_in = (response, status, account) =>
    response.status(status).set('Set-Cookie', session_cookie(account)).json(account);

  app.post('/api/users/signup', async (request, response) => {
    const { email, password } = credentials_of(request.body);
    const id = new_id();
    const [created] = await insert_user(id, email, await hash_password(password));
    if (created === undefined) {
      throw new refusal(409, { message: 'Email in use', code: 'email_in_use' });
    }
    sign_in(response, 201, { id, email });
  });

  app.post('/api/users/signin', async (request, response) => {
    const { email, password } = credentials_of(request.body);
    const [found] = await find_user(email);
    const is_right = await is_password(password, found?.password_hash ?? nobodys_hash);
    if (found === undefined || !is_right) {
      throw new refusal(401, { message: 'Invalid credentials', code: 'invalid_credentials' });
    }
    sign_in(response, 200, { id: found.id, email });
  });
}

module.exports = { add_user_routes };
