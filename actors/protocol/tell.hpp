// A message without an answer from one actor of this node to another. Unlike caf::anon_send it says
// which worker it comes from, so that the receiver is run there next instead of waking another
// thread for it.
#pragma once

#include <caf/actor_cast.hpp>
#include <caf/message_id.hpp>
#include <caf/response_type.hpp>

#include <type_traits>
#include <utility>

namespace holdfast::actors {

/// From an actor's own handler.
template <class Self, class Handle, class Message>
void tell(Self* self, const Handle& receiver, Message&& message) {
  static_assert(caf::response_type_unbox<caf::signatures_of_t<Handle>,
                                         caf::detail::type_list<std::decay_t<Message>>>::valid,
                "the receiver's interface doesn't have this message");
  if (receiver)
    receiver->eq_impl(caf::make_message_id(), nullptr, self->context(),
                      std::forward<Message>(message));
}

} // namespace holdfast::actors
