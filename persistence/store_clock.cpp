#include "persistence/store_clock.hpp"

#include <chrono>

namespace holdfast::persistence {

domain::instant system_time() noexcept {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

} // namespace holdfast::persistence
