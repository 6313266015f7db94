// Sources of reads: one ticket of many, or always the same request. Owner: a scenario.
#pragma once

#include "bench/load/load_driver.hpp"
#include "bench/load/prepared_request.hpp"
#include "bench/load/state_file.hpp"

#include <string>
#include <vector>

namespace holdfast::bench {

/// GET of each ticket of the state, over and over, in an order that jumps about.
class ticket_read_source final : public request_source {
 public:
  /// Throws cannot_measure if there are no tickets.
  ticket_read_source(const state_file& state, const endpoint& server, std::size_t connections);

  std::string_view next(std::size_t slot) override;
  verdict judge(std::size_t slot, const http_response& response) override;

 private:
  const state_file& state_;
  std::vector<prepared_request> requests_;
  std::size_t at_ = 0;
  std::size_t step_ = 1;
};

/// The same GET every time; 200 is expected, with a body.
class same_read_source final : public request_source {
 public:
  explicit same_read_source(std::string request)
      : request_(std::move(request)) {}

  std::string_view next(std::size_t) override { return request_; }
  verdict judge(std::size_t, const http_response& response) override {
    body_bytes_ = response.body.size();
    return response.status == 200 && body_bytes_ > 0 ? verdict::done : verdict::failed;
  }
  /// Of the last answer.
  std::size_t body_bytes() const noexcept { return body_bytes_; }

 private:
  std::string request_;
  std::size_t body_bytes_ = 0;
};

} // namespace holdfast::bench
