#include "payments/http/http_connection.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <cctype>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace holdfast::payments {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::uint32_t head_bytes_max = 64 * 1024;

std::string lower_case(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  return result;
}

class connection final : public http_connection, public std::enable_shared_from_this<connection> {
 public:
  connection(asio::io_context& context, ssl::context& tls, const base_url& base,
             std::size_t answer_bytes_max)
      : base_(base)
      , answer_bytes_max_(answer_bytes_max)
      , resolver_(context)
      , stream_(context, tls)
      , buffer_(head_bytes_max + answer_bytes_max) {}

  void open(std::function<void(std::string)> handler) override {
    on_open_ = std::move(handler);
    resolver_.async_resolve(
        base_.host, base_.port,
        [self = shared_from_this()](error_code error, const tcp::resolver::results_type& found) {
          self->connect(error, found);
        });
  }

  void exchange(const http_call& call, std::function<void(http_exchange)> handler) override {
    on_exchange_ = std::move(handler);
    stop_resting();
    request_ = {};
    request_.version(11);
    request_.method_string(call.method);
    request_.target(base_.prefix + call.target);
    for (const auto& [name, value] : call.fields)
      request_.insert(name, value);
    request_.set(http::field::host, base_.authority());
    request_.set(http::field::user_agent, "holdfast/" HOLDFAST_VERSION);
    request_.body() = call.body;
    request_.prepare_payload();
    interim_read_ = false;
    auto handle = [self = shared_from_this()](error_code error, std::size_t) {
      if (error)
        self->fail_exchange(error);
      else
        self->read();
    };
    if (base_.tls)
      http::async_write(stream_, request_, std::move(handle));
    else
      http::async_write(stream_.next_layer(), request_, std::move(handle));
  }

  void rest(std::function<void()> on_end) override {
    on_end_ = std::move(on_end);
    // A connection that is known to be closed must not be taken for the next request.
    socket().async_wait(tcp::socket::wait_read,
                        [self = shared_from_this(), turn = ++turn_](error_code) {
                          if (turn != self->turn_ || !self->on_end_)
                            return;
                          auto handler = std::exchange(self->on_end_, nullptr);
                          handler();
                        });
  }

  void close() override {
    on_open_ = nullptr;
    on_exchange_ = nullptr;
    on_end_ = nullptr;
    ++turn_;
    resolver_.cancel();
    error_code ignored; // there is nobody to tell, and nothing left to do
    // Without the parting words of TLS: every answer says itself where it ends.
    socket().close(ignored);
  }

 private:
  tcp::socket& socket() { return stream_.next_layer(); }

  void stop_resting() {
    on_end_ = nullptr;
    ++turn_;
    error_code ignored; // at worst the wait fires and finds that its turn is over
    socket().cancel(ignored);
  }

  void connect(error_code error, const tcp::resolver::results_type& found) {
    if (!on_open_)
      return;
    if (error)
      return finish_open("cannot resolve " + base_.host + ": " + error.message());
    std::vector<tcp::endpoint> endpoints;
    for (const auto& each : found)
      if (base_.tls || each.endpoint().address().is_loopback())
        endpoints.push_back(each.endpoint());
    if (endpoints.empty())
      return finish_open(base_.host + " is not this machine");
    // The endpoints must outlive the operation.
    auto kept = std::make_shared<std::vector<tcp::endpoint>>(std::move(endpoints));
    asio::async_connect(
        socket(), *kept,
        [self = shared_from_this(), kept](error_code failure, const tcp::endpoint&) {
          self->shake_hands(failure);
        });
  }

  void shake_hands(error_code error) {
    if (!on_open_)
      return;
    if (error)
      return finish_open("cannot connect to " + base_.authority() + ": " + error.message());
    error_code ignored; // only makes it quicker
    socket().set_option(tcp::no_delay{true}, ignored);
    if (!base_.tls)
      return finish_open({});
    error_code not_an_address;
    asio::ip::make_address(base_.host, not_an_address);
    if (not_an_address &&
        SSL_set_tlsext_host_name(stream_.native_handle(), base_.host.c_str()) != 1)
      return finish_open("cannot name the host " + base_.host + " for TLS");
    stream_.set_verify_callback(ssl::host_name_verification(base_.host), error);
    if (error)
      return finish_open("cannot verify the host: " + error.message());
    stream_.async_handshake(
        ssl::stream_base::client, [self = shared_from_this()](error_code failure) {
          self->finish_open(failure ? self->explain_handshake(failure) : std::string{});
        });
  }

  std::string explain_handshake(error_code failure) {
    std::string text = "TLS with " + base_.authority() + " failed: " + failure.message();
    const long verdict = SSL_get_verify_result(stream_.native_handle());
    if (verdict != X509_V_OK)
      text += std::string{" ("} + X509_verify_cert_error_string(verdict) + ')';
    return text;
  }

  void read() {
    if (!on_exchange_)
      return;
    parser_.emplace();
    parser_->header_limit(head_bytes_max);
    parser_->body_limit(answer_bytes_max_);
    parser_->skip(request_.method() == http::verb::head);
    auto handle = [self = shared_from_this()](error_code error, std::size_t) {
      if (error)
        self->fail_exchange(error);
      else
        self->take_answer();
    };
    if (base_.tls)
      http::async_read(stream_, buffer_, *parser_, std::move(handle));
    else
      http::async_read(stream_.next_layer(), buffer_, *parser_, std::move(handle));
  }

  void take_answer() {
    if (!on_exchange_)
      return;
    const auto& answer = parser_->get();
    const unsigned status = answer.result_int();
    // What is said before the answer is of no use to us, and 101 was not asked for.
    if (status >= 100 && status < 200 && status != 101) {
      interim_read_ = true;
      return read();
    }
    http_exchange done;
    if (status < 200 || status > 599) {
      done.result.reason = "the answer's status is none";
      return finish_exchange(std::move(done));
    }
    done.result.outcome = http_outcome::answered;
    done.result.status = status;
    for (const auto& field : answer)
      done.result.fields.emplace_back(
          lower_case({field.name_string().data(), field.name_string().size()}),
          std::string{field.value()});
    done.reusable = parser_->keep_alive() && buffer_.size() == 0;
    done.result.body = std::move(parser_->get().body());
    finish_exchange(std::move(done));
  }

  void fail_exchange(error_code error) {
    if (!on_exchange_)
      return;
    http_exchange failed;
    failed.nothing_read =
        !interim_read_ && buffer_.size() == 0 && (!parser_ || !parser_->got_some());
    failed.result.reason = "no answer from " + base_.authority() + ": " + error.message();
    finish_exchange(std::move(failed));
  }

  void finish_open(std::string reason) {
    if (auto handler = std::exchange(on_open_, nullptr))
      handler(std::move(reason));
  }

  void finish_exchange(http_exchange done) {
    parser_.reset();
    // Keys and card tokens don't stay in memory longer than needed.
    request_ = {};
    if (auto handler = std::exchange(on_exchange_, nullptr))
      handler(std::move(done));
  }

  const base_url& base_;
  const std::size_t answer_bytes_max_;
  tcp::resolver resolver_;
  ssl::stream<tcp::socket> stream_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  std::optional<http::response_parser<http::string_body>> parser_;
  /// Something came before the answer.
  bool interim_read_ = false;
  std::function<void(std::string)> on_open_;
  std::function<void(http_exchange)> on_exchange_;
  std::function<void()> on_end_;
  /// Tells a wait of this rest from one of an earlier.
  std::uint64_t turn_ = 0;
};

} // namespace

std::shared_ptr<http_connection> make_http_connection(asio::io_context& context, ssl::context& tls,
                                                      const base_url& base,
                                                      std::size_t answer_bytes_max) {
  return std::make_shared<connection>(context, tls, base, answer_bytes_max);
}

std::unique_ptr<ssl::context> make_client_tls(const std::string& ca_file) {
  auto tls = std::make_unique<ssl::context>(ssl::context::tls_client);
  if (SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION) != 1)
    throw std::runtime_error("OpenSSL cannot be held to TLS 1.2 and later");
  tls->set_verify_mode(ssl::verify_peer);
  error_code error;
  if (ca_file.empty())
    tls->set_default_verify_paths(error);
  else
    tls->load_verify_file(ca_file, error);
  if (error)
    throw std::runtime_error("cannot use the certification authorities of \"" + ca_file +
                             "\": " + error.message());
  return tls;
}

} // namespace holdfast::payments
