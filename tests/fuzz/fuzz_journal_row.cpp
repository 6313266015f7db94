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
  // A row is taken only with the checksum of just this row.
  const auto row = sqlite::decode_row(1, 2, sqlite::row_checksum(1, 2, bytes), bytes);
  if (row.has_value() != changes.has_value())
    std::abort();
  if (sqlite::decode_row(2, 2, sqlite::row_checksum(1, 2, bytes), bytes))
    std::abort();
  return 0;
}
