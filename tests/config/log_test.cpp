#include "config/log.hpp"

#include <catch2/catch.hpp>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace holdfast;
using config::log_format;
using config::log_level;

namespace {
constexpr std::int64_t noon_ms = 1'772'366'400'007; // 2026-03-01T12:00:00.007Z

std::string logfmt(log::fields values) {
  return log::format_line(log_format::logfmt, noon_ms, log_level::info, "tried", values);
}
std::string json(log::fields values) {
  return log::format_line(log_format::json, noon_ms, log_level::info, "tried", values);
}
} // namespace

TEST_CASE("a line names time, level, event and fields, in logfmt", "[config][log]") {
  std::string url = "http://127.0.0.1:8080";
  CHECK(logfmt({{"url", url}, {"connections", 3}, {"ready", true}, {"ratio", 0.5}}) ==
        "time=2026-03-01T12:00:00.007Z level=info event=tried url=http://127.0.0.1:8080 "
        "connections=3 ready=true ratio=0.5\n");
}

TEST_CASE("a line names time, level, event and fields, in JSON", "[config][log]") {
  CHECK(json({{"url", "http://[::1]"}, {"connections", -3}, {"ready", false}}) ==
        "{\"time\":\"2026-03-01T12:00:00.007Z\",\"level\":\"info\",\"event\":\"tried\","
        "\"url\":\"http://[::1]\",\"connections\":-3,\"ready\":false}\n");
}

TEST_CASE("values cannot forge a line or steer a terminal", "[config][log]") {
  struct row {
    std::string value;
    std::string escaped;
  };
  auto [value, escaped] = GENERATE(values<row>({
      {"", "\"\""},
      {"two words", "\"two words\""},
      {"a\nlevel=error", "\"a\\nlevel=error\""},
      {"a\r\tb", "\"a\\r\\tb\""},
      {"a=b", "\"a=b\""},
      {"say \"hi\"", "\"say \\\"hi\\\"\""},
      {"back\\slash", "\"back\\\\slash\""},
      {std::string("nul\0byte", 8), "\"nul\\u0000byte\""},
      {"\x1b[31m", "\"\\u001b[31m\""},
      {"del\x7f", "\"del\\u007f\""},
      {"c1\xc2\x9b", "\"c1\\u009b\""},
      {"Zürich", "\"Zürich\""},
      {"€😀", "\"€😀\""},
      {"bad\xff", "\"bad\\ufffd\""},
      {"\xc0\xaf", "\"\\ufffd\\ufffd\""},                       // overlong
      {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},            // a surrogate
      {"\xe2\x82", "\"\\ufffd\\ufffd\""},                       // cut off
      {"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""}, // beyond Unicode
  }));
  CHECK(logfmt({{"value", value}}) ==
        "time=2026-03-01T12:00:00.007Z level=info event=tried value=" + escaped + "\n");
  CHECK(json({{"value", value}}).find("\"value\":" + escaped + "}") != std::string::npos);
}

TEST_CASE("a long value is cut at a character and says so", "[config][log]") {
  std::string value(log::value_bytes_max - 1, 'a');
  std::string line = logfmt({{"value", value + "€€"}});
  CHECK(line.ends_with("value=\"" + value + "...\"\n"));
}

TEST_CASE("a secret prints as stars, whatever it holds", "[config][log]") {
  std::string token = "hunter2";
  CHECK(logfmt({{"key", log::secret(token)}}).ends_with("key=***\n"));
  CHECK(json({{"key", log::secret(token)}}).ends_with("\"key\":\"***\"}\n"));
}

TEST_CASE("numbers that JSON lacks are texts", "[config][log]") {
  CHECK(
      json({{"ratio", std::numeric_limits<double>::infinity()}}).ends_with("\"ratio\":\"inf\"}\n"));
  CHECK(json({{"big", std::numeric_limits<std::uint64_t>::max()}})
            .ends_with("\"big\":18446744073709551615}\n"));
}

TEST_CASE("a level lets through itself and what is more severe", "[config][log]") {
  log::capture lines(log_level::warning);
  log::debug("one");
  log::info("two");
  CHECK(lines.lines().empty());
  log::warning("three");
  log::error("four");
  CHECK(lines.lines().size() == 2);
  CHECK(lines.contains("level=warning event=three"));
  CHECK_FALSE(log::enabled(log_level::info));
}

TEST_CASE("a capture gives back the former level", "[config][log]") {
  bool before = log::enabled(log_level::debug);
  { log::capture lines(log_level::debug); }
  CHECK(log::enabled(log_level::debug) == before);
}

TEST_CASE("lines of many threads do not mix on standard error", "[config][log]") {
  // A child process writes to a file as its standard error; each line must come out whole.
  constexpr int threads = 4;
  constexpr int lines_each = 500;
  auto path = std::filesystem::temp_directory_path() /
              ("holdfast-log-" + std::to_string(::getpid()) + ".txt");
  pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0600);
    if (file < 0 || ::dup2(file, STDERR_FILENO) < 0)
      ::_exit(1);
    std::vector<std::thread> writers;
    for (int i = 0; i < threads; ++i)
      writers.emplace_back([] {
        for (int line = 0; line < lines_each; ++line)
          log::error("written", {{"text", "some text with blanks"}, {"line", line}});
      });
    for (std::thread& writer : writers)
      writer.join();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  std::ifstream stream(path);
  int count = 0;
  for (std::string line; std::getline(stream, line); ++count) {
    bool whole = line.starts_with("time=2") &&
                 line.find(" level=error event=written text=\"some text with blanks\" line=") == 29;
    if (!whole)
      FAIL_CHECK(line);
  }
  CHECK(count == threads * lines_each);
  std::filesystem::remove(path);
}
