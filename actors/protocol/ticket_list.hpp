// Tickets on their way out of the catalog: a page of them in one piece of memory, read without
// copying a single text. Values; any thread.
#pragma once

#include "domain/ticket.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::actors {

/// A ticket whose texts belong to somebody else: to a ticket_list, to a domain::ticket.
struct ticket_view {
  struct event_view {
    std::string_view name;
    std::string_view category;
    std::string_view venue;
    domain::instant starts_at = 0;
    std::string_view seat;

    bool is_empty() const noexcept {
      return name.empty() && category.empty() && venue.empty() && starts_at == 0 && seat.empty();
    }
  };

  domain::ticket_id id;
  std::uint64_t version = 0;
  domain::account_id seller;
  std::string_view title;
  domain::money price;
  event_view event;
  domain::ticket_status status = domain::ticket_status::available;
  domain::order_id order;
  domain::instant reserved_until = 0;
  domain::instant created_at = 0;
  domain::instant updated_at = 0;

  ticket_view() = default;
  /// Valid as long as `x` is; implicit, so that what takes a view takes a ticket.
  ticket_view(const domain::ticket& x) noexcept;

  /// A copy that belongs to nobody else. A view is never of a deleted ticket.
  domain::ticket copy() const;
};

/// What the seller writes and when he began, packed; the rest of a ticket changes more often.
void pack_content(std::string& out, const domain::ticket& x);
/// Fills in what pack_content has packed; `into.id` must be set. The texts point into `bytes`.
void unpack_content(std::string_view bytes, ticket_view& into) noexcept;

/// What changes with a ticket's state, or has a fixed size.
struct packed_ticket {
  domain::uuid id;
  domain::uuid seller;
  domain::uuid order;
  std::uint64_t version = 0;
  domain::instant reserved_until = 0;
  domain::instant updated_at = 0;
  /// Bytes of the content behind this.
  std::uint32_t content_size = 0;
  domain::ticket_status status = domain::ticket_status::available;
  /// So that no byte is left to chance.
  std::array<std::uint8_t, 3> unused{};
};

class ticket_list {
 public:
  class iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = ticket_view;
    using difference_type = std::ptrdiff_t;
    using pointer = const ticket_view*;
    using reference = const ticket_view&;

    iterator() = default;
    explicit iterator(std::string_view rest)
        : rest_(rest) {
      read();
    }
    const ticket_view& operator*() const noexcept { return now_; }
    const ticket_view* operator->() const noexcept { return &now_; }
    iterator& operator++() {
      rest_.remove_prefix(size_);
      read();
      return *this;
    }
    iterator operator++(int) {
      const iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const iterator& a, const iterator& b) noexcept {
      return a.rest_.size() == b.rest_.size();
    }

   private:
    void read() noexcept;

    std::string_view rest_;
    /// Bytes of the ticket that is looked at.
    std::size_t size_ = 0;
    ticket_view now_;
  };

  std::size_t size() const noexcept { return count_; }
  bool empty() const noexcept { return count_ == 0; }
  /// In the list's order. What they show is valid as long as the list is.
  iterator begin() const { return iterator{bytes_}; }
  iterator end() const { return iterator{}; }
  /// Nil if it is empty.
  domain::ticket_id last_id() const noexcept { return last_id_; }
  /// Copies that belong to nobody else.
  std::vector<domain::ticket> copies() const;

  void reserve(std::size_t tickets);
  /// `content` as pack_content packed it; its size goes into `head`.
  void push_back(packed_ticket head, std::string_view content);

  friend bool operator==(const ticket_list&, const ticket_list&) = default;

  template <class Inspector>
  friend auto inspect(Inspector& f, ticket_list& x) {
    return f(x.bytes_, x.count_, x.last_id_);
  }

 private:
  std::string bytes_;
  std::uint32_t count_ = 0;
  domain::ticket_id last_id_;
};

} // namespace holdfast::actors
