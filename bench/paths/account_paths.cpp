#include "bench/paths/actor_bench.hpp"

namespace holdfast::bench {

namespace {

/// Signing in, but for the hash of the password: from the claim on the address to the account.
class finding final : public work {
 public:
  finding() {
    actors::sign_up command;
    command.context = actor_bench::as({});
    command.claim = claim_;
    command.account = domain::account_id{domain::make_uuid(sample_now, claim_.slot(), 77)};
    command.email = "someone@example.org";
    command.password_hash = std::string(97, 'h');
    keep(bench_.ask<actors::account_written>(claim_, std::move(command), "an account is made"));
  }

  void run(std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i)
      keep(bench_.ask<actors::account_written>(
          claim_, actors::find_account{actor_bench::as({}), claim_}, "an account is found"));
  }

 private:
  actor_bench bench_;
  const domain::email_claim_id claim_ = domain::email_claim("someone@example.org");
};

} // namespace

void add_account_paths(std::vector<path>& to) {
  to.push_back(make_path<finding>("account_find", "find an account by its address"));
}

} // namespace holdfast::bench
