// The names of the network library, in one place.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

namespace holdfast::net {

namespace asio = boost::asio;
using tcp = boost::asio::ip::tcp;
using boost::system::error_code;

/// Bound to an event loop by its type: operations cost no virtual call.
using tcp_socket = asio::basic_stream_socket<tcp, asio::io_context::executor_type>;

} // namespace holdfast::net
