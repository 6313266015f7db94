#include "bench/load/state_file.hpp"

#include "bench/load/tcp.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace holdfast::bench {

namespace {

constexpr const char* header = "holdfast-load state 1";

std::string used_path(const std::string& path) {
  return path + ".used";
}

/// One line: word, tab, e-mail, tab, password, tab, cookie.
person parse_person(const std::string& line) {
  const std::size_t email = line.find('\t') + 1;
  const std::size_t password = line.find('\t', email) + 1;
  const std::size_t cookie = line.find('\t', password) + 1;
  return {line.substr(email, password - email - 1), line.substr(password, cookie - password - 1),
          line.substr(cookie)};
}

void write_people(std::ofstream& file, const char* word, const std::vector<person>& people) {
  for (const person& one : people)
    file << word << '\t' << one.email << '\t' << one.password << '\t' << one.cookie << '\n';
}

} // namespace

state_file state_file::load(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || line != header)
    throw cannot_measure("--state must name a file that `prepare` wrote, not '" + path + "'");
  state_file state;
  while (std::getline(file, line)) {
    if (line.starts_with("ticket\t") && line.size() == 7 + id_chars)
      state.add_ticket(std::string_view(line).substr(7));
    else if (std::count(line.begin(), line.end(), '\t') != 3)
      throw cannot_measure(path + " has a line that is none of ours: " + line);
    else
      (line.starts_with("seller\t") ? state.sellers : state.buyers).push_back(parse_person(line));
  }
  if (state.sellers.empty() || state.buyers.empty())
    throw cannot_measure(path + " has no sellers or no buyers");
  std::ifstream(used_path(path)) >> state.used_;
  state.used_ = std::min(state.used_, state.tickets());
  return state;
}

void state_file::save(const std::string& path) const {
  std::ofstream file(path, std::ios::trunc);
  file << header << '\n';
  write_people(file, "seller", sellers);
  write_people(file, "buyer", buyers);
  for (std::size_t i = 0; i < tickets(); ++i)
    file << "ticket\t" << ticket(i) << '\n';
  if (!file.flush())
    throw cannot_measure("cannot write " + path);
  save_used(path);
}

void state_file::save_used(const std::string& path) const {
  std::ofstream file(used_path(path), std::ios::trunc);
  file << used_ << '\n';
  if (!file.flush())
    throw cannot_measure("cannot write " + used_path(path));
}

state_in_use::~state_in_use() {
  try {
    state.save_used(path_);
  } catch (const cannot_measure& problem) {
    std::fprintf(stderr, "holdfast-load: %s: run prepare again\n", problem.what());
  }
}

} // namespace holdfast::bench
