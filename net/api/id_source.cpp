#include "net/api/id_source.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <stdexcept>

namespace holdfast::net {

id_source::~id_source() {
  OPENSSL_cleanse(block_.data(), sizeof(block_));
}

void id_source::refill() {
  // Without randomness nothing that we hand out is safe; there is no answer but to stop.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(block_.data()), sizeof(block_)) != 1)
    throw std::runtime_error("OpenSSL gives no random bytes");
  used_ = 0;
}

std::uint64_t id_source::random() {
  if (used_ == block_words)
    refill();
  const std::uint64_t result = block_[used_];
  // What has been handed out is not to be read from memory later.
  block_[used_++] = 0;
  return result;
}

domain::uuid id_source::draw(domain::instant now) {
  return draw(now, static_cast<domain::slot_number>(random() % domain::slot_count));
}

domain::uuid id_source::draw(domain::instant now, domain::slot_number slot) {
  return domain::make_uuid(now, slot, random());
}

} // namespace holdfast::net
