#include "persistence/sqlite/opening.hpp"

#include "config/log.hpp"

#include <array>
#include <filesystem>
#include <random>

namespace holdfast::persistence::sqlite {

namespace {

constexpr std::size_t tail_page_rows = 1000;

std::int64_t size_of(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return error ? 0 : static_cast<std::int64_t>(size);
}

/// 32 hexadecimal digits that name a store: both its files bear them.
std::string make_store_id() {
  std::random_device random;
  std::uniform_int_distribution<int> digit(0, 15);
  std::string result;
  for (int i = 0; i < 32; ++i)
    result += "0123456789abcdef"[digit(random)];
  return result;
}

[[noreturn]] void throw_damaged(const std::string& sentence) {
  throw open_error(open_fault::damaged,
                   sentence + " Restore both files of one backup; keep the present ones aside.");
}

/// Both files must come from one store, and the records mustn't be ahead of the journal.
void pair(journal_state& state, const data_directory& directory, records_file& records) {
  const std::string records_id = records.store_id();
  if (state.store_id.empty()) {
    if (!records_id.empty())
      throw_damaged(directory.journal_path() + " is missing or empty, but " +
                    directory.records_path() + " holds records.");
    state.store_id = make_store_id();
  } else if (records_id.empty() && state.trimmed_to > 0) {
    throw_damaged(directory.records_path() +
                  " is missing or empty, and the journal no longer holds all that was in it.");
  } else if (!records_id.empty() && records_id != state.store_id) {
    throw_damaged(directory.journal_path() + " and " + directory.records_path() +
                  " don't belong together.");
  }
}

void check_shard_count(const journal_state& state, std::uint32_t wanted, const std::string& path) {
  if (state.shard_count != 0 && state.shard_count != wanted)
    throw open_error(open_fault::other_shard_count,
                     path + " was made with " + std::to_string(state.shard_count) +
                         " shards, which is fixed, but " + std::to_string(wanted) +
                         " are configured. Configure " + std::to_string(state.shard_count) + ".");
}

bool check_whole(connection& database, const std::string& path) {
  if (size_of(path) > whole_check_bytes_max)
    return false;
  if (const std::string found = quick_check(database); found != "ok")
    throw_damaged(path + " is damaged (" + found + ").");
  return true;
}

} // namespace

std::string quick_check(connection& database) {
  statement check = database.prepare("PRAGMA quick_check(1)");
  if (check.step() != SQLITE_ROW)
    return database.message();
  return std::string(check.column_bytes(0));
}

std::vector<shared_batch> read_tail(journal_file& journal, std::uint64_t folded) {
  std::vector<shared_batch> tail;
  std::uint64_t after = folded;
  while (true) {
    auto page = std::make_shared<committed_batch>();
    const read_status status = journal.read(after, tail_page_rows, *page);
    if (status == read_status::damaged)
      throw_damaged(journal.path() + " is damaged: the row after " +
                    std::to_string(std::max(after, page->last_sequence())) +
                    " isn't what was written.");
    if (status == read_status::failed)
      throw_open_error(SQLITE_IOERR, journal.path(), journal.message());
    if (page->entries.empty())
      return tail;
    after = page->last_sequence();
    tail.push_back(std::move(page));
  }
}

opened_files open_files(const data_directory& directory, std::uint32_t shard_count,
                        const std::string& vfs) {
  opened_files result;
  const bool has_journal = size_of(directory.journal_path()) > 0;
  if (!has_journal && size_of(directory.records_path()) > 0)
    throw_damaged(directory.journal_path() + " is missing or empty, but " +
                  directory.records_path() + " holds records.");
  journal_file journal(directory.journal_path(), vfs);
  journal.open_first();
  records_file records(directory.records_path(), vfs);
  records.open_first();
  const bool checked_journal = check_whole(journal.database(), journal.path());
  const bool checked_records = check_whole(records.database(), records.path());
  result.needs_check_behind = !checked_journal || !checked_records;
  result.state = journal.read_state();
  check_shard_count(result.state, shard_count, directory.journal_path());
  result.state.shard_count = shard_count;
  pair(result.state, directory, records);
  result.folded = records.folded();
  if (result.folded > result.state.end || result.folded < result.state.trimmed_to)
    throw_damaged(directory.journal_path() + " and " + directory.records_path() +
                  " are not of the same time (records up to " + std::to_string(result.folded) +
                  ", journal from " + std::to_string(result.state.trimmed_to) + " to " +
                  std::to_string(result.state.end) + ").");
  journal.begin_run(result.state);
  if (records.store_id().empty())
    records.set_store_id(result.state.store_id);
  result.tail = read_tail(journal, result.folded);
  return result;
}

} // namespace holdfast::persistence::sqlite
