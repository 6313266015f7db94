#include "bench/load/id_index.hpp"
#include "bench/load/state_file.hpp"
#include "bench/load/tcp.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace holdfast::bench;

namespace {

class temporary_folder {
 public:
  temporary_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "holdfast-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~temporary_folder() { std::filesystem::remove_all(path_); }
  std::string file(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

std::string id_of(unsigned number) {
  std::string digits = std::to_string(number);
  return "01a1fc52-9b5f-8cd2-b551-" + std::string(12 - digits.size(), '0') + digits;
}

state_file some_state(unsigned tickets) {
  state_file state;
  state.sellers.push_back({"seller@example.com", "a password of words", "session=1"});
  state.buyers.push_back({"buyer@example.com", "another", "session=2; session.sig=3"});
  for (unsigned i = 0; i < tickets; ++i)
    state.add_ticket(id_of(i));
  return state;
}

} // namespace

TEST_CASE("a state is read as it was written") {
  const temporary_folder folder;
  some_state(3).save(folder.file("state"));
  const state_file read = state_file::load(folder.file("state"));
  REQUIRE(read.sellers.size() == 1);
  REQUIRE(read.buyers.size() == 1);
  CHECK(read.sellers[0].password == "a password of words");
  CHECK(read.buyers[0].email == "buyer@example.com");
  CHECK(read.buyers[0].cookie == "session=2; session.sig=3");
  REQUIRE(read.tickets() == 3);
  CHECK(read.ticket(2) == id_of(2));
  CHECK(read.fresh() == 3);
}

TEST_CASE("tickets that one run has used are not fresh in the next") {
  const temporary_folder folder;
  some_state(5).save(folder.file("state"));
  {
    state_in_use use(folder.file("state"));
    CHECK(use.state.use_ticket() == 0);
    CHECK(use.state.use_ticket() == 1);
  }
  {
    state_in_use use(folder.file("state"));
    CHECK(use.state.fresh() == 3);
    CHECK(use.state.use_ticket() == 2);
  }
  some_state(5).save(folder.file("state"));
  CHECK(state_file::load(folder.file("state")).fresh() == 5);
}

TEST_CASE("a file that is no state is refused") {
  const temporary_folder folder;
  CHECK_THROWS_AS(state_file::load(folder.file("missing")), cannot_measure);
  std::ofstream(folder.file("other")) << "something else\n";
  CHECK_THROWS_AS(state_file::load(folder.file("other")), cannot_measure);
  state_file nobody;
  nobody.save(folder.file("nobody"));
  CHECK_THROWS_AS(state_file::load(folder.file("nobody")), cannot_measure);
}

TEST_CASE("an index finds every id that was added and no other") {
  std::vector<std::string> ids;
  for (unsigned i = 0; i < 1'000; ++i)
    ids.push_back(id_of(i));
  id_index index(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i)
    index.add(ids[i], i);
  for (std::size_t i = 0; i < ids.size(); ++i)
    CHECK(index.find(id_of(static_cast<unsigned>(i))) == i);
  CHECK(index.find(id_of(1'000)) == id_index::none);
}
