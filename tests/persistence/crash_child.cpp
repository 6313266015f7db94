// A process that writes to a SQLite store without pause and says what was acknowledged, so that a
// test can kill it at any instant and look what is left. Arguments: the directory, and what to do:
//   hold    opens the store, says "open", and ends when standard input does
//   write   eight threads commit pairs of entities; for each acknowledged pair a line
//           "<ticket> <order> <version>" is written to standard output before the next commit
//           begins
#include "tests/persistence/sqlite_helpers.hpp"

#include <cstdlib>
#include <string>
#include <thread>
#include <unistd.h>

using namespace holdfast;
using namespace holdfast::persistence;
using namespace holdfast::persistence::testing;

namespace {

/// One write(2): lines of different threads don't mix, and what was written outlives the process.
void say(const std::string& line) {
  if (::write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    std::_Exit(3);
}

void hold(const std::string& directory) {
  const auto x = open_store(directory);
  say("open\n");
  char byte = 0;
  while (::read(STDIN_FILENO, &byte, 1) > 0) {
  }
}

/// Makes pairs and revises each a few times, always both in one commit.
[[noreturn]] void write_for_ever(store& x, domain::slot_number slot) {
  const shard_token token = take(x, shard_of_slot(slot, x.shard_count()));
  while (true) {
    // Of this process alone, as two runs work in one directory.
    const std::uint64_t random =
        (static_cast<std::uint64_t>(::getpid()) << 32) | make_id(slot).low % 0xffffffff;
    const domain::uuid id = domain::make_uuid(x.now(), slot, random);
    const entity_key ticket{entity_kind::ticket, id};
    const entity_key order{entity_kind::order, id};
    for (std::uint64_t version = 0; version < 5; ++version) {
      const std::string record = std::string(200, 'x') + std::to_string(version);
      std::vector<change> changes =
          version == 0 ? std::vector<change>{creation(ticket, record), creation(order, record)}
                       : std::vector<change>{revision(ticket, version - 1, record),
                                             revision(order, version - 1, record)};
      changes[1].due = 1 + static_cast<domain::instant>(version);
      const commit_outcome outcome = commit(x, request_of(x, token, std::move(changes)));
      if (outcome.status != commit_status::committed)
        std::_Exit(4);
      say(to_string(id) + " " + std::to_string(version) + "\n");
    }
  }
}

void write(const std::string& directory) {
  // Folded often, so that kills meet every part of the work.
  const auto x = open_store(directory, std::chrono::milliseconds(2));
  std::vector<std::thread> writers;
  for (int i = 0; i < 8; ++i)
    writers.emplace_back(
        [&, i] { write_for_ever(*x, static_cast<domain::slot_number>(i * 2048)); });
  for (std::thread& writer : writers)
    writer.join();
}

} // namespace

int main(int count, char** arguments) {
  if (count != 3)
    return 1;
  if (std::string(arguments[2]) == "hold")
    hold(arguments[1]);
  else
    write(arguments[1]);
  return 0;
}
