#include "net/api/metrics.hpp"

#include <algorithm>
#include <stdexcept>

namespace holdfast::net {

namespace {

/// 1500 microseconds -> "0.0015"; exact, without a float.
std::string seconds_text(std::uint64_t microseconds) {
  std::string result = std::to_string(microseconds / 1'000'000);
  std::string fraction = std::to_string(microseconds % 1'000'000);
  fraction.insert(0, 6 - fraction.size(), '0');
  fraction.erase(fraction.find_last_not_of('0') + 1);
  if (!fraction.empty())
    result += "." + fraction;
  return result;
}

/// `quotes`: also those, as in a label's value.
void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' && quotes)
      out += "\\\"";
    else
      out += c;
  }
}

/// {a="b",le="0.5"}; nothing without labels.
void append_labels(std::string& out, const metric_labels& labels, std::string_view bound = {}) {
  if (labels.empty() && bound.empty())
    return;
  out += '{';
  bool first = true;
  for (const auto& [name, value] : labels) {
    if (!first)
      out += ',';
    first = false;
    out += name;
    out += "=\"";
    append_escaped(out, value, true);
    out += '"';
  }
  if (!bound.empty()) {
    if (!first)
      out += ',';
    out += "le=\"";
    out += bound;
    out += '"';
  }
  out += '}';
}

template <class Number>
void append_sample(std::string& out, std::string_view name, std::string_view suffix,
                   const metric_labels& labels, Number value, std::string_view bound = {}) {
  out += name;
  out += suffix;
  append_labels(out, labels, bound);
  out += ' ';
  if constexpr (std::is_arithmetic_v<Number>)
    out += std::to_string(value);
  else
    out += value;
  out += '\n';
}

void append_histogram(std::string& out, std::string_view name, const metric_labels& labels,
                      const duration_histogram::reading& x) {
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < duration_histogram::bounds_us.size(); ++i) {
    below += x.buckets[i];
    append_sample(out, name, "_bucket", labels, below,
                  seconds_text(duration_histogram::bounds_us[i]));
  }
  append_sample(out, name, "_bucket", labels, x.count, "+Inf");
  append_sample(out, name, "_sum", labels, seconds_text(x.sum_us));
  append_sample(out, name, "_count", labels, x.count);
}

} // namespace

std::size_t metric_cell() noexcept {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed) % metric_cells;
  return mine;
}

std::uint64_t counter::value() const noexcept {
  std::uint64_t sum = 0;
  for (const cell& x : cells_)
    sum += x.value.load(std::memory_order_relaxed);
  return sum;
}

void duration_histogram::observe_us(std::uint64_t microseconds) noexcept {
  const auto bound = std::lower_bound(bounds_us.begin(), bounds_us.end(), microseconds);
  cell& mine = cells_[metric_cell()];
  mine.buckets[static_cast<std::size_t>(bound - bounds_us.begin())].fetch_add(
      1, std::memory_order_relaxed);
  mine.sum_us.fetch_add(microseconds, std::memory_order_relaxed);
}

duration_histogram::reading duration_histogram::read() const noexcept {
  reading result;
  for (const cell& x : cells_) {
    for (std::size_t i = 0; i < x.buckets.size(); ++i)
      result.buckets[i] += x.buckets[i].load(std::memory_order_relaxed);
    result.sum_us += x.sum_us.load(std::memory_order_relaxed);
  }
  // Counted from the buckets, so that "+Inf" and the count always agree.
  for (const std::uint64_t bucket : result.buckets)
    result.count += bucket;
  return result;
}

// -- metrics_registry -----------------------------------------------------------------------------

metrics_registry::series& metrics_registry::add_series(kind what, std::string name,
                                                       std::string help, metric_labels labels) {
  const auto place = std::find_if(families_.begin(), families_.end(),
                                  [&](const family& x) { return x.name == name; });
  family* found = place == families_.end() ? nullptr : &*place;
  if (!found) {
    found = &families_.emplace_back();
    found->name = std::move(name);
    found->help = std::move(help);
    found->what = what;
  } else if (found->what != what || found->help != help) {
    throw std::logic_error("the metric " + name + " is registered with two meanings");
  }
  for (const series& x : found->all)
    if (x.labels == labels)
      throw std::logic_error("the metric " + found->name + " is registered twice");
  series& result = found->all.emplace_back();
  result.labels = std::move(labels);
  return result;
}

counter& metrics_registry::add_counter(std::string name, std::string help, metric_labels labels) {
  const std::lock_guard lock{mutex_};
  series& added = add_series(kind::counter, std::move(name), std::move(help), std::move(labels));
  counter& result = counters_.emplace_back();
  added.counted = &result;
  return result;
}

gauge& metrics_registry::add_gauge(std::string name, std::string help, metric_labels labels) {
  const std::lock_guard lock{mutex_};
  series& added = add_series(kind::gauge, std::move(name), std::move(help), std::move(labels));
  gauge& result = gauges_.emplace_back();
  added.gauged = &result;
  return result;
}

duration_histogram& metrics_registry::add_histogram(std::string name, std::string help,
                                                    metric_labels labels) {
  const std::lock_guard lock{mutex_};
  series& added = add_series(kind::histogram, std::move(name), std::move(help), std::move(labels));
  duration_histogram& result = histograms_.emplace_back();
  added.timed = &result;
  return result;
}

void metrics_registry::add_observed_counter(std::string name, std::string help,
                                            std::function<std::uint64_t()> read,
                                            metric_labels labels) {
  const std::lock_guard lock{mutex_};
  add_series(kind::counter, std::move(name), std::move(help), std::move(labels)).observed_count =
      std::move(read);
}

void metrics_registry::add_observed_gauge(std::string name, std::string help,
                                          std::function<std::int64_t()> read,
                                          metric_labels labels) {
  const std::lock_guard lock{mutex_};
  add_series(kind::gauge, std::move(name), std::move(help), std::move(labels)).observed_level =
      std::move(read);
}

void metrics_registry::write(std::string& out) const {
  const std::lock_guard lock{mutex_};
  for (const family& x : families_)
    write_family(out, x);
}

void metrics_registry::write_family(std::string& out, const family& x) {
  out += "# HELP " + x.name + " ";
  append_escaped(out, x.help, false);
  out += "\n# TYPE " + x.name + " ";
  switch (x.what) {
  case kind::counter:
    out += "counter\n";
    break;
  case kind::gauge:
    out += "gauge\n";
    break;
  case kind::histogram:
    out += "histogram\n";
    break;
  }
  for (const series& one : x.all) {
    if (one.counted)
      append_sample(out, x.name, "", one.labels, one.counted->value());
    else if (one.gauged)
      append_sample(out, x.name, "", one.labels, one.gauged->value());
    else if (one.timed)
      append_histogram(out, x.name, one.labels, one.timed->read());
    else if (one.observed_count)
      append_sample(out, x.name, "", one.labels, one.observed_count());
    else if (one.observed_level)
      append_sample(out, x.name, "", one.labels, one.observed_level());
  }
}

// -- front_metrics --------------------------------------------------------------------------------

front_metrics::front_metrics(metrics_registry& registry)
    : connections(registry.add_gauge("holdfast_http_connections", "Open HTTP connections."))
    , websockets(registry.add_gauge("holdfast_websocket_connections", "Open WebSockets."))
    , websocket_messages_sent(registry.add_counter("holdfast_websocket_messages_sent_total",
                                                   "Messages sent to live watchers."))
    , websocket_messages_folded(
          registry.add_counter("holdfast_websocket_messages_folded_total",
                               "States that slow watchers did not get because a newer one "
                               "took their place."))
    , websockets_dropped(registry.add_counter("holdfast_websockets_dropped_total",
                                              "Live watchers let go because they read too slowly."))
    , rate_limited(registry.add_counter("holdfast_http_rate_limited_total",
                                        "Requests refused because there were too many."))
    , connections_refused(registry.add_counter("holdfast_http_connections_refused_total",
                                               "Connections closed at once because there were "
                                               "too many.")) {
  for (std::size_t i = 0; i <= route_count; ++i) {
    const std::string name =
        i < route_count ? std::string{to_string(static_cast<route>(i))} : std::string{"none"};
    for (std::size_t j = 0; j < status_classes; ++j)
      requests_[i][j] =
          &registry.add_counter("holdfast_http_requests_total", "Answered requests.",
                                {{"route", name}, {"status", std::to_string(j + 1) + "xx"}});
    durations_[i] = &registry.add_histogram(
        "holdfast_http_request_duration_seconds",
        "Time from a request's arrival to its answer being ready.", {{"route", name}});
  }
}

void front_metrics::count_request(const route* asked, std::uint16_t status,
                                  std::uint64_t duration_us) noexcept {
  const std::size_t row = asked ? static_cast<std::size_t>(*asked) : route_count;
  const std::size_t status_class = std::clamp<std::size_t>(status / 100U, 1, status_classes) - 1;
  requests_[row][status_class]->add();
  durations_[row]->observe_us(duration_us);
}

} // namespace holdfast::net
