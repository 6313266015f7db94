// Whether clients may be sent to this node, which several parts have a say in. Any thread.
#pragma once

#include "net/front.hpp"

#include <mutex>

namespace holdfast::net {

class readiness {
 public:
  void set_front(front* to) {
    const std::lock_guard lock{mutex_};
    front_ = to;
    tell();
  }
  void set_loaded(bool x) { set(is_loaded_, x); }
  void set_serving(bool x) { set(is_serving_, x); }

 private:
  void set(bool& flag, bool x) {
    const std::lock_guard lock{mutex_};
    flag = x;
    tell();
  }
  void tell() {
    if (front_ != nullptr)
      front_->set_ready(is_loaded_ && is_serving_);
  }

  std::mutex mutex_;
  front* front_ = nullptr;
  bool is_loaded_ = false;
  bool is_serving_ = true;
};

} // namespace holdfast::net
