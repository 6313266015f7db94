// What can be run, by name. Each scenario makes its own loop and connections, and writes its
// figures into the one result; it throws cannot_measure if it has none.
#pragma once

#include "bench/load/json_text.hpp"
#include "bench/load/options.hpp"

namespace holdfast::bench {

void run_prepare(const options& given, json_writer& json);
void run_read(const options& given, json_writer& json);
void run_list(const options& given, json_writer& json);
void run_order_read(const options& given, json_writer& json);
void run_raw(const options& given, json_writer& json);
void run_hold(const options& given, json_writer& json);
void run_loser(const options& given, json_writer& json);
void run_contended(const options& given, json_writer& json);
void run_checkout(const options& given, json_writer& json);
void run_mixed_sign_in(const options& given, json_writer& json);
void run_watch(const options& given, json_writer& json);
void run_hold_watched(const options& given, json_writer& json);
void run_deadlines(const options& given, json_writer& json);

struct scenario {
  const char* name;
  const char* help;
  void (*run)(const options& given, json_writer& json);
};

/// In the order of --help; ended by one without a name.
extern const scenario scenarios[];

} // namespace holdfast::bench
