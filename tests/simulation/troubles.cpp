#include "tests/simulation/troubles.hpp"

#include <algorithm>

namespace holdfast::tests {

namespace {

constexpr std::size_t nodes_max = 4;
/// No play needs more lives than this.
constexpr std::size_t lives_max = 8;
/// More than can live at once.
constexpr std::size_t names_max = 10;

} // namespace

stage::owner troubles::start() {
  // Names come back: a new life of a node may find that its former one still counts as alive.
  std::string name;
  do
    name = std::string(1, static_cast<char>('a' + names_++ % names_max));
  while (lives(name));
  const place made = cluster_.start(name);
  cluster_.at(made).store->take_time(0, store_ms_max_);
  if (planted_ == planted_fault::store_without_tokens)
    cluster_.at(made).store->skips_tokens();
  return made;
}

bool troubles::lives(const std::string& name) const {
  for (place each = 0; each < cluster_.node_count(); ++each)
    if (cluster_.at(each).name == name &&
        (cluster_.runs(each) || cluster_.at(each).is == cluster_fixture::condition::paused))
      return true;
  return false;
}

std::size_t troubles::running() const {
  std::size_t count = 0;
  for (place each = 0; each < cluster_.node_count(); ++each)
    count += cluster_.runs(each) ? 1 : 0;
  return count;
}

troubles::place troubles::any_running() {
  std::vector<place> all;
  for (place each = 0; each < cluster_.node_count(); ++each)
    if (cluster_.runs(each))
      all.push_back(each);
  return all[random_() % all.size()];
}

void troubles::strike() {
  if (running() == 0) {
    start();
    return;
  }
  switch (random_() % 12) {
  case 0:
    kill();
    break;
  case 1:
  case 2:
    pause();
    break;
  case 3:
    leave();
    break;
  case 4:
  case 5:
    if (running() < nodes_max && cluster_.node_count() < lives_max)
      start();
    break;
  case 6:
    cut_store();
    break;
  case 7:
  case 8:
    cut_link();
    break;
  case 9:
    disturb_store();
    break;
  case 10:
    disturb_provider();
    break;
  default:
    lose_messages();
    break;
  }
}

void troubles::kill() {
  const place node = any_running();
  cluster_.kill(node);
  people_.abandon(node);
}

void troubles::resume(place node) {
  if (cluster_.at(node).is != cluster_fixture::condition::paused)
    return;
  people_.note_paused(node);
  cluster_.resume(node);
}

void troubles::pause() {
  const place node = any_running();
  cluster_.pause(node);
  cluster_.stage_.after(between(100, 9'000), [this, node] { resume(node); });
}

void troubles::leave() {
  const place node = any_running();
  if (std::find(leaving_.begin(), leaving_.end(), node) != leaving_.end())
    return;
  leaving_.push_back(node);
  cluster_.leave(node);
  // It still is a front for a while, and then its process ends, whatever became of its shards.
  cluster_.stage_.after(between(1'000, 6'000), [this, node] {
    if (!cluster_.runs(node))
      return;
    cluster_.kill(node);
    people_.abandon(node);
  });
}

void troubles::cut_store() {
  const place node = any_running();
  cluster_.at(node).store->cut();
  cluster_.stage_.after(between(50, 7'000), [this, node] { cluster_.at(node).store->heal(); });
}

void troubles::cut_link() {
  const place one = any_running();
  const place other = any_running();
  if (one == other)
    return;
  if (random_() % 3 == 0) {
    cluster_.net.break_between(one, other);
    return;
  }
  cluster_.net.cut(one, other);
  cluster_.stage_.after(between(50, 12'000), [this, one, other] { cluster_.net.heal(one, other); });
}

void troubles::disturb_store() {
  const place node = any_running();
  const auto drawn = [this] { return static_cast<std::uint32_t>(random_() % 100); };
  cluster_.at(node).store->trouble({drawn(), drawn(), drawn()});
  cluster_.stage_.after(between(200, 4'000),
                        [this, node] { cluster_.at(node).store->trouble({}); });
}

void troubles::disturb_provider() {
  auto& provider = *cluster_.provider;
  (random_() % 2 == 0 ? provider.lose_answers : provider.lose_charges) = true;
  cluster_.stage_.after(between(200, 3'000), [&provider] {
    provider.lose_answers = false;
    provider.lose_charges = false;
  });
}

void troubles::lose_messages() {
  cluster_.net.lose([this](place, place, const caf::message&) { return random_() % 40 == 0; });
  cluster_.stage_.after(between(100, 3'000), [this] { cluster_.net.lose({}); });
}

void troubles::end_all() {
  are_over_ = true;
  cluster_.net.lose({});
  cluster_.net.heal_all();
  cluster_.provider->lose_answers = false;
  cluster_.provider->lose_charges = false;
  for (place each = 0; each < cluster_.node_count(); ++each) {
    resume(each);
    cluster_.at(each).store->trouble({});
    if (cluster_.at(each).store->is_cut())
      cluster_.at(each).store->heal();
  }
  // Who is about to leave ends now.
  for (const place each : leaving_)
    if (cluster_.runs(each)) {
      cluster_.kill(each);
      people_.abandon(each);
    }
  if (running() == 0)
    start();
}

} // namespace holdfast::tests
