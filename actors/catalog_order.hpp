// Numbers of rows in the order of something that the rows say: a B+ tree whose keys are the numbers
// themselves, so that it costs about five bytes for each. Every operation takes a predicate that
// says which of the numbers in it come before a place: true for all up to the place, false from
// there on. What the predicate looks at must not change while the number is in here: take it out,
// change the row, put it in again.
//
// Belongs to the catalog; one thread. Places are valid until the next change.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

namespace holdfast::actors {

class catalog_order {
 public:
  using number = std::uint32_t;

  /// A gap between two numbers, or before the first, or behind the last.
  class place {
   public:
    place() = default;

   private:
    friend class catalog_order;
    place(std::uint32_t node, std::uint32_t index)
        : node_(node)
        , index_(index) {}
    std::uint32_t node_ = 0;
    std::uint32_t index_ = 0;
  };

  static constexpr number none = ~number{0};

  catalog_order() { root_ = add_node(true); }

  std::size_t size() const noexcept { return size_; }

  template <class Before>
  place seek(Before before) const {
    std::uint32_t at = root_;
    while (!node_at(at).is_leaf)
      at = node_at(at).cells[children + child_of(node_at(at), before)];
    return {at, place_in(node_at(at), before)};
  }

  /// The number in front of the place, which moves before it; none at the start.
  number step_back(place& at) const noexcept {
    while (at.index_ == 0) {
      if (node_at(at.node_).previous == no_node)
        return none;
      at.node_ = node_at(at.node_).previous;
      at.index_ = node_at(at.node_).count;
    }
    return node_at(at.node_).cells[--at.index_];
  }

  /// The number behind the place, which moves behind it; none at the end.
  number step_on(place& at) const noexcept {
    while (at.index_ == node_at(at.node_).count) {
      if (node_at(at.node_).next == no_node)
        return none;
      at.node_ = node_at(at.node_).next;
      at.index_ = 0;
    }
    return node_at(at.node_).cells[at.index_++];
  }

  /// `added` must not be in here, and `before` is true for what comes before it.
  template <class Before>
  void insert(number added, Before before) {
    descend(before);
    step& last = path_.back();
    if (node_at(last.node).count == leaf_max)
      split(path_.size() - 1);
    node& leaf = node_at(path_.back().node);
    insert_cell(leaf.cells.data(), leaf.count, path_.back().index, added);
    ++leaf.count;
    ++size_;
    if (path_.back().index == 0)
      renew_first(path_.size() - 1);
  }

  /// `removed` must be in here, and `before` is true for what comes before it.
  template <class Before>
  void erase([[maybe_unused]] number removed, Before before) {
    descend(before);
    step& last = path_.back();
    // The place may be the end of a leaf whose neighbour begins with the number.
    if (last.index == node_at(last.node).count)
      next_leaf();
    node& leaf = node_at(path_.back().node);
    assert(leaf.cells[path_.back().index] == removed);
    remove_cell(leaf.cells.data(), leaf.count, path_.back().index);
    --leaf.count;
    --size_;
    if (path_.back().index == 0 && leaf.count > 0)
      renew_first(path_.size() - 1);
    thin_out(path_.size() - 1);
  }

  /// In place of everything in here: these, which are in order already.
  void assign(std::span<const number> sorted) {
    clear();
    if (sorted.empty())
      return;
    std::vector<std::uint32_t> level = assign_leaves(sorted);
    while (level.size() > 1)
      level = assign_parents(level);
    root_ = level.front();
    size_ = sorted.size();
  }

 private:
  static constexpr std::uint32_t no_node = ~std::uint32_t{0};
  static constexpr std::uint32_t leaf_max = 124;
  static constexpr std::uint32_t inner_max = leaf_max / 2;
  /// In an inner node the first cells hold the first number below each child, those from here on
  /// the children.
  static constexpr std::uint32_t children = inner_max;

  struct node {
    std::uint32_t previous = no_node;
    std::uint32_t next = no_node;
    std::uint16_t count = 0;
    bool is_leaf = true;
    std::array<std::uint32_t, leaf_max> cells;
  };

  /// On the way from the root to a leaf: a node, and which child or cell of it.
  struct step {
    std::uint32_t node = 0;
    std::uint32_t index = 0;
  };

  static constexpr std::uint32_t chunk_bits = 4;
  node& node_at(std::uint32_t at) noexcept {
    return chunks_[at >> chunk_bits][at & ((1U << chunk_bits) - 1)];
  }
  const node& node_at(std::uint32_t at) const noexcept {
    return chunks_[at >> chunk_bits][at & ((1U << chunk_bits) - 1)];
  }

  std::uint32_t add_node(bool is_leaf) {
    std::uint32_t at = free_;
    if (at != no_node) {
      free_ = node_at(at).next;
    } else {
      at = node_count_++;
      if ((at & ((1U << chunk_bits) - 1)) == 0)
        chunks_.push_back(std::make_unique<node[]>(std::size_t{1} << chunk_bits));
    }
    node& added = node_at(at);
    added.previous = added.next = no_node;
    added.count = 0;
    added.is_leaf = is_leaf;
    return at;
  }

  void remove_node(std::uint32_t at) noexcept {
    node_at(at).next = free_;
    free_ = at;
  }

  void clear() {
    chunks_.clear();
    node_count_ = 0;
    free_ = no_node;
    size_ = 0;
    root_ = add_node(true);
  }

  // -- finding

  template <class Before>
  static std::uint32_t place_in(const node& leaf, Before& before) {
    const auto* first = leaf.cells.data();
    // What is new is mostly the newest: look at the end first.
    if (leaf.count > 0 && before(first[leaf.count - 1]))
      return leaf.count;
    return static_cast<std::uint32_t>(std::partition_point(first, first + leaf.count, before) -
                                      first);
  }

  /// The child that holds the place: the last one that begins before it, or the first.
  template <class Before>
  static std::uint32_t child_of(const node& inner, Before& before) {
    const std::uint32_t found = place_in(inner, before);
    return found == 0 ? 0 : found - 1;
  }

  template <class Before>
  void descend(Before& before) {
    path_.clear();
    std::uint32_t at = root_;
    while (!node_at(at).is_leaf) {
      const std::uint32_t child = child_of(node_at(at), before);
      path_.push_back({at, child});
      at = node_at(at).cells[children + child];
    }
    path_.push_back({at, place_in(node_at(at), before)});
  }

  /// Moves the path to the start of the next leaf; there is one.
  void next_leaf() {
    path_.pop_back();
    while (path_.back().index + 1 == node_at(path_.back().node).count)
      path_.pop_back();
    ++path_.back().index;
    while (!node_at(path_.back().node).is_leaf) {
      const node& inner = node_at(path_.back().node);
      path_.push_back({inner.cells[children + path_.back().index], 0});
    }
  }

  // -- changing

  static void insert_cell(std::uint32_t* cells, std::uint32_t count, std::uint32_t index,
                          std::uint32_t value) {
    std::memmove(cells + index + 1, cells + index, (count - index) * sizeof *cells);
    cells[index] = value;
  }

  static void remove_cell(std::uint32_t* cells, std::uint32_t count, std::uint32_t index) {
    std::memmove(cells + index, cells + index + 1, (count - index - 1) * sizeof *cells);
  }

  static void insert_child(node& parent, std::uint32_t index, number first, std::uint32_t child) {
    insert_cell(parent.cells.data(), parent.count, index, first);
    insert_cell(parent.cells.data() + children, parent.count, index, child);
    ++parent.count;
  }

  static void remove_child(node& parent, std::uint32_t index) {
    remove_cell(parent.cells.data(), parent.count, index);
    remove_cell(parent.cells.data() + children, parent.count, index);
    --parent.count;
  }

  /// Tells the nodes above that the node at this level begins with another number.
  void renew_first(std::size_t level) {
    const number first = node_at(path_[level].node).cells[0];
    while (level-- > 0) {
      const step& above = path_[level];
      node_at(above.node).cells[above.index] = first;
      if (above.index != 0)
        return;
    }
  }

  /// Makes room in the full node at this level; the path then leads to where it led.
  void split(std::size_t level) {
    if (level == 0) {
      grow();
      ++level;
    }
    if (node_at(path_[level - 1].node).count == inner_max) {
      const std::size_t before = path_.size();
      split(level - 1);
      level += path_.size() - before;
    }
    step& here = path_[level];
    step& above = path_[level - 1];
    const bool is_leaf = node_at(here.node).is_leaf;
    const std::uint32_t fresh = add_node(is_leaf);
    node& left = node_at(here.node);
    node& right = node_at(fresh);
    // Where everything new goes to the end, full nodes are left behind.
    const bool at_end = left.next == no_node && here.index == left.count && is_leaf;
    const std::uint32_t kept = at_end ? left.count - 1U : left.count / 2U;
    move_tail(left, right, kept);
    right.previous = here.node;
    right.next = left.next;
    if (right.next != no_node)
      node_at(right.next).previous = fresh;
    left.next = fresh;
    insert_child(node_at(above.node), above.index + 1, right.cells[0], fresh);
    if (here.index > kept || (!is_leaf && here.index == kept)) {
      here.index -= kept;
      here.node = fresh;
      ++above.index;
    }
  }

  /// Moves what is behind the first `kept` of one node to the end of another.
  static void move_tail(node& from, node& to, std::uint32_t kept) {
    const std::uint32_t moved = from.count - kept;
    std::memcpy(to.cells.data() + to.count, from.cells.data() + kept,
                moved * sizeof(std::uint32_t));
    if (!from.is_leaf)
      std::memcpy(to.cells.data() + children + to.count, from.cells.data() + children + kept,
                  moved * sizeof(std::uint32_t));
    to.count = static_cast<std::uint16_t>(to.count + moved);
    from.count = static_cast<std::uint16_t>(kept);
  }

  /// A root above the root.
  void grow() {
    const std::uint32_t above = add_node(false);
    insert_child(node_at(above), 0, node_at(root_).cells[0], root_);
    root_ = above;
    path_.insert(path_.begin(), step{above, 0});
  }

  /// Removes the node at this level if it is empty, and makes one of two that are nearly empty.
  void thin_out(std::size_t level) {
    if (level == 0) {
      while (!node_at(root_).is_leaf && node_at(root_).count == 1) {
        const std::uint32_t old = root_;
        root_ = node_at(root_).cells[children];
        remove_node(old);
      }
      return;
    }
    const std::uint32_t max = node_at(path_[level].node).is_leaf ? leaf_max : inner_max;
    const std::uint32_t count = node_at(path_[level].node).count;
    if (count > max / 4)
      return;
    step& above = path_[level - 1];
    node& parent = node_at(above.node);
    if (count == 0) {
      drop(level);
    } else if (above.index + 1U < parent.count &&
               node_at(parent.cells[children + above.index + 1]).count + count <= max * 3 / 4) {
      join(parent, above.index);
    } else if (above.index > 0 &&
               node_at(parent.cells[children + above.index - 1]).count + count <= max * 3 / 4) {
      join(parent, above.index - 1);
    } else {
      return;
    }
    thin_out(level - 1);
  }

  /// Takes the empty node at this level out of its parent, which may be empty then.
  void drop(std::size_t level) {
    const step above = path_[level - 1];
    node& parent = node_at(above.node);
    unlink(path_[level].node);
    remove_child(parent, above.index);
    if (above.index == 0 && parent.count > 0)
      renew_first(level - 1);
  }

  /// Moves everything of the child behind `index` into the one at `index`.
  void join(node& parent, std::uint32_t index) {
    node& left = node_at(parent.cells[children + index]);
    const std::uint32_t gone = parent.cells[children + index + 1];
    move_tail(node_at(gone), left, 0);
    unlink(gone);
    remove_child(parent, index + 1);
  }

  void unlink(std::uint32_t at) noexcept {
    const node& gone = node_at(at);
    if (gone.previous != no_node)
      node_at(gone.previous).next = gone.next;
    if (gone.next != no_node)
      node_at(gone.next).previous = gone.previous;
    remove_node(at);
  }

  // -- building

  std::vector<std::uint32_t> assign_leaves(std::span<const number> sorted) {
    std::vector<std::uint32_t> level;
    std::uint32_t last = root_; // The empty leaf that there always is.
    for (std::size_t from = 0; from < sorted.size(); from += leaf_max) {
      const std::uint32_t at = from == 0 ? root_ : add_node(true);
      const auto part = sorted.subspan(from, std::min<std::size_t>(leaf_max, sorted.size() - from));
      std::copy(part.begin(), part.end(), node_at(at).cells.begin());
      node_at(at).count = static_cast<std::uint16_t>(part.size());
      link(level.empty() ? no_node : last, at);
      level.push_back(last = at);
    }
    return level;
  }

  std::vector<std::uint32_t> assign_parents(const std::vector<std::uint32_t>& below) {
    std::vector<std::uint32_t> level;
    for (const std::uint32_t child : below) {
      if (level.empty() || node_at(level.back()).count == inner_max) {
        const std::uint32_t at = add_node(false);
        link(level.empty() ? no_node : level.back(), at);
        level.push_back(at);
      }
      node& parent = node_at(level.back());
      insert_child(parent, parent.count, node_at(child).cells[0], child);
    }
    return level;
  }

  void link(std::uint32_t left, std::uint32_t right) noexcept {
    if (left == no_node)
      return;
    node_at(left).next = right;
    node_at(right).previous = left;
  }

  std::vector<std::unique_ptr<node[]>> chunks_;
  std::uint32_t node_count_ = 0;
  /// The first node that is free; they are chained by `next`.
  std::uint32_t free_ = no_node;
  std::uint32_t root_ = 0;
  std::size_t size_ = 0;
  /// The way that the present change went; kept for its memory.
  std::vector<step> path_;
};

} // namespace holdfast::actors
