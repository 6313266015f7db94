#include "config/log.hpp"
#include "domain/account.hpp"
#include "net/api/decode.hpp"
#include "net/api/encode.hpp"
#include "net/auth/cookies.hpp"
#include "net/endpoints/endpoints.hpp"
#include "net/endpoints/hashing_step.hpp"

#include <algorithm>

namespace holdfast::net {

namespace {

/// Nobody waits for it: should it fail, the next sign-in tries again.
detached renew_hash(worker& self, actors::renew_password_hash renewal) {
  const domain::account_id account = renewal.account;
  auto asking = self.ask_shard<actors::account_written>(account, std::move(renewal));
  const auto renewed = co_await asking;
  if (!renewed.ok())
    log::warning("password_hash_not_renewed",
                 {{"user", domain::to_string(account)},
                  {"reason", to_string(actors::failure_of(renewed.error))},
                  {"consequence", "the next sign-in tries again"}});
}

} // namespace

task<answer> endpoints::sign_up(exchange& now) {
  auto wished = decode_sign_up(now.body.root);
  if (!wished.ok())
    co_return make_answer(answer_for(wished.faults));
  const std::string address = rate_limit_key(now.from.client.address);
  if (auto refused = check_rate(shared_, shared_.sign_ups_by_address, address))
    co_return std::move(*refused);
  const std::string email = domain::normalise_email(wished.value.email);
  if (shared_.admin_emails.contains(email))
    co_return make_answer(problem::email_in_use);
  const domain::email_claim_id claim = domain::email_claim(email);

  // A taken address is refused before it costs a hash.
  actors::find_account search;
  search.context = context_of(now);
  search.claim = claim;
  auto searching = worker_.ask_shard<actors::account_written>(claim, std::move(search));
  const auto found = co_await searching;
  if (found.ok())
    co_return make_answer(problem::email_in_use);
  if (actors::refusal_of(found.error) != domain::refusal::account_not_found)
    co_return make_answer(answer_for(found.error, route::sign_up));

  hash_password hashing(shared_.hashing, worker_.loop, secret_text{wished.value.password});
  hashing_result hashed = co_await hashing;
  if (hashed.status != hashing_status::done)
    co_return make_answer(problem::sign_in_busy);

  actors::sign_up command;
  command.context = context_of(now);
  command.claim = claim;
  command.account = domain::account_id{worker_.ids.draw(shared_.now(), claim.slot())};
  command.email = wished.value.email;
  command.password_hash = std::move(hashed.encoded);
  auto asking = worker_.ask_shard<actors::account_written>(claim, std::move(command));
  const auto made = co_await asking;
  if (!made.ok())
    co_return make_answer(answer_for(made.error, route::sign_up));
  answer given = begin_session(now, made.value->account, shared_.now(), 201);
  co_await settle(now, made.value->at, given);
  co_return given;
}

task<answer> endpoints::sign_in(exchange& now) {
  auto claimed = decode_sign_in(now.body.root);
  if (!claimed.ok())
    co_return make_answer(answer_for(claimed.faults));
  const std::string address = rate_limit_key(now.from.client.address);
  if (auto refused = check_rate(shared_, shared_.sign_ins_by_address, address))
    co_return std::move(*refused);
  const std::string email = domain::normalise_email(claimed.value.email);
  if (auto refused =
          check_rate(shared_, shared_.sign_ins_by_email_and_address, email + ' ' + address))
    co_return std::move(*refused);
  // Taken beforehand, so that guesses that come at once can't pass it together.
  if (auto refused = check_rate(shared_, shared_.failed_sign_ins_by_email, email))
    co_return std::move(*refused);
  answer given = co_await check_password(now, email, claimed.value.password);
  if (given.status != answer_for(problem::invalid_credentials).status)
    shared_.failed_sign_ins_by_email.give_back(email);
  co_return given;
}

task<answer> endpoints::check_password(const exchange& now, const std::string& email,
                                       const std::string& password) {
  // The session counts as issued before the account was read: should its sessions be revoked while
  // the password is checked, this one is among them.
  const domain::instant asked_at = shared_.now();
  actors::find_account search;
  search.context = context_of(now);
  search.claim = domain::email_claim(email);
  const domain::email_claim_id claim = search.claim;
  auto searching = worker_.ask_shard<actors::account_written>(claim, std::move(search));
  const auto found = co_await searching;
  if (!found.ok() && actors::refusal_of(found.error) != domain::refusal::account_not_found)
    co_return make_answer(answer_for(found.error, route::sign_in));

  // An account that doesn't exist takes the same time: an empty hash stands for it.
  std::string encoded = found.ok() ? found.value->account.password_hash : std::string{};
  verify_password verifying(shared_.hashing, worker_.loop, std::move(encoded),
                            secret_text{password});
  const hashing_result verified = co_await verifying;
  if (verified.status != hashing_status::done)
    co_return make_answer(problem::sign_in_busy);
  if (!found.ok() || !verified.matches) {
    log::info("sign_in_refused",
              {{"request_id", now.asked.id}, {"address", to_text(now.from.client.address)}});
    co_return make_answer(problem::invalid_credentials);
  }
  if (!verified.encoded.empty()) {
    actors::renew_password_hash renewal;
    renewal.context = context_of(now);
    renewal.account = found.value->account.id;
    renewal.old_hash = found.value->account.password_hash;
    renewal.new_hash = verified.encoded;
    renew_hash(worker_, std::move(renewal));
  }
  // What was revoked up to the account's present state was revoked before this password was right.
  // Without this, a sign-in in the very millisecond of a revocation would begin a dead session.
  const domain::instant issued_at =
      std::max(asked_at, found.value->account.sessions_revoked_before);
  co_return begin_session(now, found.value->account, issued_at, 200);
}

task<answer> endpoints::sign_out(exchange& now) {
  answer given;
  given.body = "{}";
  given.fields.emplace_back("Set-Cookie", clear_session_cookie(now.from.client.over_tls));
  if (!now.from.session)
    co_return given;
  const session_claims& session = *now.from.session;
  actors::end_session command;
  command.context = context_of(now);
  command.account = session.account;
  command.session = session.session;
  command.expires_at = session.expires_at;
  auto asking = worker_.ask_shard<actors::session_ended>(session.account, std::move(command));
  const auto ended = co_await asking;
  if (!ended.ok())
    co_return make_answer(answer_for(ended.error, route::sign_out));
  // Every thread of this node knows it from here on, not only when the feed has told it.
  shared_.revocations.add(session.session, session.expires_at);
  co_await settle(now, ended.value->at, given);
  co_return given;
}

answer endpoints::current_user(const exchange& now) const {
  answer given;
  if (now.from.session)
    append_current_user(given.body, now.from.session->account, now.from.session->email,
                        now.from.is_admin);
  else
    append_current_user(given.body, nullptr, false);
  return given;
}

answer endpoints::begin_session(const exchange& now, const domain::account& account,
                                domain::instant issued_at, unsigned status) {
  const std::int64_t lifetime_seconds = shared_.settings.sessions.lifetime_seconds;
  session_claims claims;
  claims.account = account.id;
  claims.issued_at = issued_at;
  claims.session = domain::session_id{worker_.ids.draw(claims.issued_at, account.id.slot())};
  claims.expires_at = claims.issued_at + lifetime_seconds * 1000;
  claims.email = account.email;
  claims.admin = account.made_by_operator &&
                 shared_.admin_emails.contains(domain::normalise_email(account.email));
  answer given;
  given.status = status;
  append_user(given.body, account);
  given.fields.emplace_back(
      "Set-Cookie",
      set_session_cookie(shared_.tokens.issue(claims), lifetime_seconds, now.from.client.over_tls));
  return given;
}

} // namespace holdfast::net
