#include "tests/persistence/fault_vfs.hpp"

#include <atomic>
#include <mutex>
#include <new>
#include <optional>
#include <sqlite3.h>
#include <string_view>
#include <utility>

namespace holdfast::persistence::testing {

namespace {

std::mutex fault_mutex;
std::optional<file_fault> present_fault;
std::string present_part;
std::atomic<int> failed{0};

std::mutex sync_mutex;
std::optional<std::string> observed_end;
std::size_t unsynced_bytes = 0;
std::vector<observed_sync> seen_syncs;

/// Our file; the usual layer's file lies right behind it.
struct shim_file {
  sqlite3_file base;
  char path[512];

  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

shim_file* shim(sqlite3_file* x) {
  return reinterpret_cast<shim_file*>(x);
}
sqlite3_file* real(sqlite3_file* x) {
  return shim(x)->real();
}
const sqlite3_io_methods* methods(sqlite3_file* x) {
  return real(x)->pMethods;
}

bool suffers(sqlite3_file* x, file_fault fault) {
  const std::lock_guard guard(fault_mutex);
  const bool hit =
      present_fault == fault && std::string(shim(x)->path).find(present_part) != std::string::npos;
  if (hit)
    ++failed;
  return hit;
}

bool is_observed(sqlite3_file* x) {
  return observed_end && std::string_view(shim(x)->path).ends_with(*observed_end);
}

void note_write(sqlite3_file* x, int size) {
  const std::lock_guard guard(sync_mutex);
  if (is_observed(x))
    unsynced_bytes += static_cast<std::size_t>(size);
}

void note_sync(sqlite3_file* x) {
  const std::lock_guard guard(sync_mutex);
  if (is_observed(x))
    seen_syncs.push_back({std::this_thread::get_id(), std::exchange(unsynced_bytes, 0)});
}

int shim_close(sqlite3_file* x) {
  return methods(x)->xClose(real(x));
}
int shim_read(sqlite3_file* x, void* to, int size, sqlite3_int64 at) {
  return methods(x)->xRead(real(x), to, size, at);
}
int shim_write(sqlite3_file* x, const void* from, int size, sqlite3_int64 at) {
  if (suffers(x, file_fault::disk_full))
    return SQLITE_FULL;
  if (suffers(x, file_fault::write_fails))
    return SQLITE_IOERR_WRITE;
  note_write(x, size);
  return methods(x)->xWrite(real(x), from, size, at);
}
int shim_truncate(sqlite3_file* x, sqlite3_int64 size) {
  return methods(x)->xTruncate(real(x), size);
}
int shim_sync(sqlite3_file* x, int flags) {
  if (suffers(x, file_fault::sync_fails))
    return SQLITE_IOERR_FSYNC;
  note_sync(x);
  return methods(x)->xSync(real(x), flags);
}
int shim_file_size(sqlite3_file* x, sqlite3_int64* size) {
  return methods(x)->xFileSize(real(x), size);
}
int shim_lock(sqlite3_file* x, int level) {
  return methods(x)->xLock(real(x), level);
}
int shim_unlock(sqlite3_file* x, int level) {
  return methods(x)->xUnlock(real(x), level);
}
int shim_check_lock(sqlite3_file* x, int* result) {
  return methods(x)->xCheckReservedLock(real(x), result);
}
int shim_control(sqlite3_file* x, int op, void* argument) {
  return methods(x)->xFileControl(real(x), op, argument);
}
int shim_sector_size(sqlite3_file* x) {
  return methods(x)->xSectorSize(real(x));
}
int shim_characteristics(sqlite3_file* x) {
  return methods(x)->xDeviceCharacteristics(real(x));
}
int shim_map(sqlite3_file* x, int page, int size, int extend, void volatile** to) {
  return methods(x)->xShmMap(real(x), page, size, extend, to);
}
int shim_shm_lock(sqlite3_file* x, int offset, int count, int flags) {
  return methods(x)->xShmLock(real(x), offset, count, flags);
}
void shim_barrier(sqlite3_file* x) {
  methods(x)->xShmBarrier(real(x));
}
int shim_unmap(sqlite3_file* x, int remove) {
  return methods(x)->xShmUnmap(real(x), remove);
}

constexpr sqlite3_io_methods shim_methods = {2,
                                             shim_close,
                                             shim_read,
                                             shim_write,
                                             shim_truncate,
                                             shim_sync,
                                             shim_file_size,
                                             shim_lock,
                                             shim_unlock,
                                             shim_check_lock,
                                             shim_control,
                                             shim_sector_size,
                                             shim_characteristics,
                                             shim_map,
                                             shim_shm_lock,
                                             shim_barrier,
                                             shim_unmap,
                                             nullptr,
                                             nullptr};

int shim_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* usual = static_cast<sqlite3_vfs*>(vfs->pAppData);
  auto* self = new (file) shim_file{};
  if (name != nullptr)
    sqlite3_snprintf(sizeof self->path, self->path, "%s", name);
  const int code = usual->xOpen(usual, name, self->real(), flags, out_flags);
  self->base.pMethods = self->real()->pMethods == nullptr ? nullptr : &shim_methods;
  return code;
}

} // namespace

const char* fault_vfs() {
  static const char* const name = "holdfast-fault";
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs* const usual = sqlite3_vfs_find(nullptr);
    sqlite3_vfs result = *usual;
    result.szOsFile = static_cast<int>(sizeof(shim_file)) + usual->szOsFile;
    result.zName = name;
    result.pAppData = usual;
    result.xOpen = shim_open;
    result.pNext = nullptr;
    return result;
  }();
  static const int registered = sqlite3_vfs_register(&vfs, 0);
  return registered == SQLITE_OK ? name : nullptr;
}

failing_files::failing_files(file_fault fault, std::string part) {
  const std::lock_guard guard(fault_mutex);
  failed = 0;
  present_part = std::move(part);
  present_fault = fault;
}

failing_files::~failing_files() {
  const std::lock_guard guard(fault_mutex);
  present_fault.reset();
}

int failing_files::failed_count() const {
  return failed;
}

observed_syncs::observed_syncs(std::string end) {
  const std::lock_guard guard(sync_mutex);
  seen_syncs.clear();
  unsynced_bytes = 0;
  observed_end = std::move(end);
}

observed_syncs::~observed_syncs() {
  const std::lock_guard guard(sync_mutex);
  observed_end.reset();
}

std::vector<observed_sync> observed_syncs::seen() const {
  const std::lock_guard guard(sync_mutex);
  return seen_syncs;
}

} // namespace holdfast::persistence::testing
