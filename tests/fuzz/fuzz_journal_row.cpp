// The changes in a row of the journal, on any bytes: nothing is read beyond them, and what is
// understood encodes to the very same bytes.
#include "persistence/change_codec.hpp"
#include "persistence/sqlite/journal_file.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace holdfast::persistence;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto changes = decode_changes(bytes);
  if (changes && encode_changes(changes->shard, changes->changes) != bytes)
    std::abort();
  const auto commits = decode_commits(bytes, 2);
  if (changes && !commits)
    std::abort();
  if (commits && !changes) {
    commits_encoder again;
    for (const decoded_commit& x : *commits)
      again.add(x.time, x.shard, x.changes);
    if (again.bytes() != bytes)
      std::abort();
  }
  // A row is taken only with the checksum of just this row.
  constexpr std::uint64_t sequence = 1'000'000;
  const std::uint32_t checksum = sqlite::row_checksum(sequence, 2, bytes);
  const auto row = sqlite::decode_row(sequence, 2, checksum, bytes);
  if (row.has_value() != commits.has_value())
    std::abort();
  if (row && row->last_sequence() != sequence)
    std::abort();
  if (sqlite::decode_row(sequence + 1, 2, checksum, bytes))
    std::abort();
  return 0;
}
