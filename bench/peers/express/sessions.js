// Who is asking: a JWT (HS256) in the cookie `session` or as a Bearer token.
'use strict';

const { randomBytes } = require('node:crypto');
const jsonwebtoken = require('jsonwebtoken');
const { refusal } = require('./answers');

const key = process.env.PEER_SESSION_KEY ?? randomBytes(32).toString('hex');
const LIFETIME_S = 7 * 24 * 3600;
const VERIFIED_MAX = 20000;

// Tokens that were found good, so that the same one isn't verified with every request. When it is
// full the oldest goes.
const verified = new Map();

function claims_of(token) {
  const known = verified.get(token);
  if (known !== undefined) {
    return known.exp * 1000 > Date.now() ? known : null;
  }
  let claims;
  try {
    claims = jsonwebtoken.verify(token, key, { algorithms: ['HS256'] });
  } catch {
    return null; // A bad or expired token is simply "not signed in".
  }
  if (verified.size >= VERIFIED_MAX) {
    verified.delete(verified.keys().next().value);
  }
  verified.set(token, claims);
  return claims;
}

const COOKIE = /(?:^|;\s*)session=([^;]+)/;

function token_of(headers) {
  if (headers.authorization?.startsWith('Bearer ')) {
    return headers.authorization.slice(7);
  }
  return headers.cookie ? COOKIE.exec(headers.cookie)?.[1] : undefined;
}

/** Middleware: sets request.user_id, or refuses with 401. */
function signed_in(request, _response, next) {
  const token = token_of(request.headers);
  const claims = token ? claims_of(token) : null;
  if (claims === null) {
    throw new refusal(401, { message: 'Not signed in', code: 'not_signed_in' });
  }
  request.user_id = claims.id;
  next();
}

/** The value of a Set-Cookie header that signs this account in. */
function session_cookie(account) {
  const token = jsonwebtoken.sign(account, key, { algorithm: 'HS256', expiresIn: LIFETIME_S });
  return `session=${token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${LIFETIME_S}`;
}

module.exports = { signed_in, session_cookie };
