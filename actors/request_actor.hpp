// The actor of one named request: the same user, route and `Idempotency-Key`. All its repetitions
// come here, one after the other; the first goes on to where its effect lands, the others are
// answered with what that came to. A refusal had no effect, so the next repetition is judged anew.
//
// Two records make it durable (persistence/request_codec.hpp). The effect's commit writes one
// beside the effect, which is what makes it happen once whatever dies in between: a second commit
// of the same effect would meet that record. The other is written here before the client is
// answered, and refers to the first: by it a key is known that comes again with another body, whose
// effect would lie elsewhere. If both lie in the same slot they are one.
//
// Spawned and spoken to by its shard. In the slot of an effect it is only ever made to have the
// record removed in time.
#pragma once

#include "actors/entity_shell.hpp"
#include "actors/protocol/interfaces.hpp"
#include "persistence/request_codec.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <optional>

namespace holdfast::actors {

using request_impl =
    request_actor::extend<caf::reacts_to<record_loaded>, caf::reacts_to<commit_ended>,
                          caf::reacts_to<effect_loaded>>;

class request_state;
using request_pointer = request_impl::stateful_pointer<request_state>;

class request_state : public entity_shell<request_state, request_pointer> {
 public:
  static inline const char* name = "request";

  bool load(persistence::load_outcome outcome);
  bool has_outstanding() const noexcept { return false; }
  void abandon(const caf::error& why);

  void perform(create_ticket& command, caf::typed_response_promise<ticket_written> promise);
  void perform(place_order& command, caf::typed_response_promise<order_written> promise);
  void perform(pay_order& command, caf::typed_response_promise<payment_answered> promise);

  void on_due();
  void on_effect_loaded(effect_loaded& message);
  void on_commit_ended(const commit_ended& message);

 private:
  /// A command under way, and the slot where its effect lies or will.
  template <class Command, class Answer>
  struct wished;
  using load_step = std::function<void(persistence::load_outcome&)>;
  using commit_step = std::function<void(const persistence::commit_outcome&)>;

  template <class Command, class Answer>
  void serve(Command& command, caf::typed_response_promise<Answer> promise);
  /// Looks for the effect of an earlier request, also of one whose end this actor doesn't know.
  template <class Wish>
  void look_for_effect(Wish wish);
  template <class Wish>
  void on_effect_found(Wish wish, const persistence::load_outcome& outcome);
  template <class Wish>
  void pass_on(Wish wish);
  template <class Wish, class Answer>
  void on_answer(Wish wish, Answer& answer);
  template <class Wish>
  void on_no_answer(Wish wish, const caf::error& why);
  /// An attempt at paying that was unsettled when its record was written.
  template <class Wish>
  void ask_order(Wish wish, const persistence::payment_made& made);
  /// Makes the name known, then answers.
  template <class Wish, class Answer>
  void remember(Wish wish, Answer answer);
  template <class Wish>
  void refuse(Wish wish, const caf::error& why);

  // -- request_records.cpp
  void load_part(const persistence::entity_key& part, load_step next);
  void commit_change(persistence::change change, commit_step next);
  void forget(const persistence::load_outcome& outcome);
  /// What it came to, for those that wait here, unless that may still change.
  void keep(persistence::request_effect effect);
  /// The command under way is answered: on to the next, or out of memory.
  void go_on();

  /// The content that the name stands for, once it is known here and in the store.
  std::optional<domain::uuid> content_;
  /// What it came to, if that is known here and can't change any more.
  std::optional<persistence::request_effect> effect_;

  load_step after_load_;
  commit_step after_commit_;
  /// Fails the command under way.
  std::function<void(const caf::error&)> fail_;
};

request_impl::behavior_type request(request_pointer self, persistence::entity_key key,
                                    shard_environment_ptr environment, shard_actor shard,
                                    bool fresh);

} // namespace holdfast::actors
