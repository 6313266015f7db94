// What `prepare` has made in a server, for the scenarios that come after it: who can sell and buy,
// and which tickets there are. Tickets are used up by being ordered; how many of them are is kept
// in a second file beside it, so that one state serves several runs.
//
// Owner: a scenario. Thread: one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::bench {

constexpr std::size_t id_chars = 36;

struct person {
  std::string email;
  std::string password;
  /// What goes into `Cookie`.
  std::string cookie;
};

class state_file {
 public:
  std::vector<person> sellers;
  std::vector<person> buyers;

  /// Throws cannot_measure if it can't be read or lacks people.
  static state_file load(const std::string& path);
  /// Replaces the file, no ticket is used. Throws cannot_measure.
  void save(const std::string& path) const;

  void add_ticket(std::string_view id) { tickets_ += id; }
  std::size_t tickets() const noexcept { return tickets_.size() / id_chars; }
  std::string_view ticket(std::size_t index) const noexcept {
    return std::string_view(tickets_).substr(index * id_chars, id_chars);
  }
  std::size_t used() const noexcept { return used_; }
  std::size_t fresh() const noexcept { return tickets() - used_; }
  /// The next unused ticket's number; there must be one.
  std::size_t use_ticket() noexcept { return used_++; }
  /// Writes down what was used. Throws cannot_measure.
  void save_used(const std::string& path) const;

 private:
  std::string tickets_;
  std::size_t used_ = 0;
};

/// A state that writes down what was used when the scenario is over, however it ends.
class state_in_use {
 public:
  /// Throws as state_file::load does.
  explicit state_in_use(std::string path)
      : state(state_file::load(path))
      , path_(std::move(path)) {}
  ~state_in_use();
  state_in_use(const state_in_use&) = delete;
  state_in_use& operator=(const state_in_use&) = delete;

  state_file state;

 private:
  std::string path_;
};

} // namespace holdfast::bench
