//go:build !libredislite

// RedisLite 0.1.0, all sources in one file. Made by tools/amalgamate; change src/ instead.
// To build: g++ -std=c++20 -O2 -fvisibility=hidden -c redislite.cc, and link with -lz.
// SPDX-License-Identifier: see LICENSE
// ==== src/base/bytes.h ============================================================================================
#include <string_view>

namespace redislite {

using Bytes = std::string_view;

inline constexpr uint64_t kKeyBytesMax = 512ull << 20;
inline constexpr uint64_t kValueBytesMax = 512ull << 20;
inline constexpr uint64_t kRecordBytesMax = 1ull << 30;

}  // namespace redislite

// ==== src/base/crc32.h ============================================================================================
#include <cstdint>


namespace redislite {

uint32_t Crc32(uint32_t seed, Bytes bytes);

}  // namespace redislite

// ==== src/base/crc32.cc ===========================================================================================
#include <zlib.h>

namespace redislite {

uint32_t Crc32(uint32_t seed, Bytes bytes) {
  if (bytes.empty()) return seed;  // zlib answers 0 for a null pointer, whatever the seed
  return static_cast<uint32_t>(::crc32_z(seed, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

}  // namespace redislite

// ==== src/base/crc64.h ============================================================================================
namespace redislite {

uint64_t Crc64(uint64_t seed, Bytes bytes);

}  // namespace redislite

// ==== src/base/little_endian.h ====================================================================================
#include <cstring>

namespace redislite {

template <typename T>
T LoadLittle(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}
template <typename T>
void StoreLittle(char* to, T value) {
  std::memcpy(to, &value, sizeof(T));
}
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "LoadLittle and StoreLittle need a byte swap here");

}  // namespace redislite

// ==== src/base/crc64.cc ===========================================================================================
#include <array>
#include <cstddef>


namespace redislite {

namespace {

constexpr uint64_t kPolynomial = 0x95ac9329ac4bc9b5;

using Tables = std::array<std::array<uint64_t, 256>, 8>;

constexpr Tables BuildTables() {
  Tables tables{};
  for (uint64_t byte = 0; byte < 256; ++byte) {
    uint64_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ kPolynomial : crc >> 1;
    tables[0][byte] = crc;
  }
  for (size_t later = 1; later < tables.size(); ++later) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint64_t before = tables[later - 1][byte];
      tables[later][byte] = tables[0][before & 0xff] ^ before >> 8;
    }
  }
  return tables;
}
constexpr Tables kTables = BuildTables();

}  // namespace

uint64_t Crc64(uint64_t seed, Bytes bytes) {
  uint64_t crc = seed;
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    crc ^= LoadLittle<uint64_t>(bytes.data() + at);
    uint64_t next = 0;
    for (size_t i = 0; i < 8; ++i) next ^= kTables[7 - i][crc >> (8 * i) & 0xff];
    crc = next;
  }
  for (; at < bytes.size(); ++at) crc = kTables[0][(crc ^ static_cast<uint8_t>(bytes[at])) & 0xff] ^ crc >> 8;
  return crc;
}

}  // namespace redislite

// ==== src/base/glob.h =============================================================================================
namespace redislite {

bool GlobMatch(Bytes pattern, Bytes text, bool ignore_case = false);

}  // namespace redislite

// ==== src/base/glob.cc ============================================================================================
#include <utility>

namespace redislite {

namespace {

char Lower_base_glob(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

int Order_base_glob(char c) { return static_cast<signed char>(c); }

bool SetHolds(Bytes pattern, size_t* at, char c, bool ignore_case) {
  size_t i = *at;
  const bool negated = i < pattern.size() && pattern[i] == '^';
  if (negated) ++i;
  bool found = false;
  while (i < pattern.size() && pattern[i] != ']') {
    const size_t left = pattern.size() - i;
    if (pattern[i] == '\\' && left >= 2) {
      found |= pattern[i + 1] == c;
      i += 2;
    } else if (left >= 3 && pattern[i + 1] == '-') {
      int low = Order_base_glob(pattern[i]);
      int high = Order_base_glob(pattern[i + 2]);
      if (low > high) std::swap(low, high);
      char wanted = c;
      if (ignore_case) {
        low = Order_base_glob(Lower_base_glob(static_cast<char>(low)));
        high = Order_base_glob(Lower_base_glob(static_cast<char>(high)));
        wanted = Lower_base_glob(c);
      }
      found |= Order_base_glob(wanted) >= low && Order_base_glob(wanted) <= high;
      i += 3;
    } else {
      found |= ignore_case ? Lower_base_glob(pattern[i]) == Lower_base_glob(c) : pattern[i] == c;
      ++i;
    }
  }
  *at = i < pattern.size() ? i + 1 : i;
  return found != negated;
}

bool ElementTakes(Bytes pattern, size_t* at, char c, bool ignore_case) {
  char wanted = pattern[(*at)++];
  if (wanted == '?') return true;
  if (wanted == '[') return SetHolds(pattern, at, c, ignore_case);
  if (wanted == '\\' && *at < pattern.size()) wanted = pattern[(*at)++];
  return ignore_case ? Lower_base_glob(wanted) == Lower_base_glob(c) : wanted == c;
}

}  // namespace

bool GlobMatch(Bytes pattern, Bytes text, bool ignore_case) {
  if (text.empty()) return pattern.empty();
  size_t p = 0;
  size_t t = 0;
  size_t after_star = Bytes::npos;
  size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      after_star = ++p;
      star_text = t;
      continue;
    }
    if (p < pattern.size() && ElementTakes(pattern, &p, text[t], ignore_case)) {
      ++t;
      continue;
    }
    if (after_star == Bytes::npos) return false;
    p = after_star;
    t = ++star_text;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace redislite

// ==== src/base/mutex.h ============================================================================================
#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define RL_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define RL_THREAD_ANNOTATION(x)
#endif

#define CAPABILITY(x) RL_THREAD_ANNOTATION(capability(x))
#define SCOPED_CAPABILITY RL_THREAD_ANNOTATION(scoped_lockable)
#define GUARDED_BY(x) RL_THREAD_ANNOTATION(guarded_by(x))
#define PT_GUARDED_BY(x) RL_THREAD_ANNOTATION(pt_guarded_by(x))
#define REQUIRES(...) RL_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
#define ACQUIRE(...) RL_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define RELEASE(...) RL_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
#define TRY_ACQUIRE(...) RL_THREAD_ANNOTATION(try_acquire_capability(__VA_ARGS__))
#define EXCLUDES(...) RL_THREAD_ANNOTATION(locks_excluded(__VA_ARGS__))
#define NO_THREAD_SAFETY_ANALYSIS RL_THREAD_ANNOTATION(no_thread_safety_analysis)

namespace redislite {

class CAPABILITY("mutex") Mutex {
 public:
  void Lock() ACQUIRE() { mutex_.lock(); }
  void Unlock() RELEASE() { mutex_.unlock(); }
  bool TryLock() TRY_ACQUIRE(true) { return mutex_.try_lock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ACQUIRE(mutex) : mutex_(mutex) { mutex_.Lock(); }
  ~MutexLock() RELEASE() { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

class CondVar {
 public:
  void Wait(Mutex& mutex) REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  void WaitFor(Mutex& mutex, std::chrono::milliseconds duration) REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait_for(lock, duration);
    lock.release();
  }
  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace redislite

// ==== src/base/slab.h =============================================================================================
#include <bit>


namespace redislite {

class Slab {
 public:
  static constexpr size_t kBlockMax = 2048;

  Slab();
  ~Slab();
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  static constexpr size_t BlockSize(size_t size) { return SizeOfClass(ClassOf(size)); }

  void* Allocate(size_t size, bool from_reserve) noexcept;
  void Free(void* block, size_t size) noexcept;

  bool EnsureReserve(size_t bytes) noexcept EXCLUDES(pool_mu_);

  size_t resident_bytes() const EXCLUDES(pool_mu_);
  size_t chunks() const EXCLUDES(pool_mu_);

 private:
  static constexpr size_t kPageBytes = 64 << 10;
  static constexpr size_t kPages = 32;
  static constexpr size_t kChunkBytes = kPageBytes * kPages;
  static constexpr size_t kFineClasses = 32;  // of 8 bytes each
  static constexpr size_t kClasses = kFineClasses + size_t{16} * 3;
  static constexpr size_t kDirtyPagesMax = 16;
  static constexpr size_t kPlainChunks = 32;

  static constexpr size_t ClassOf(size_t size) {
    if (size <= 8 * kFineClasses) return size == 0 ? 0 : (size - 1) / 8;
    const auto doubling = static_cast<size_t>(std::bit_width(size - 1)) - 9;  // 0: 257 to 512
    return kFineClasses + doubling * 16 + ((size - 1) >> (4 + doubling)) - 16;
  }
  static constexpr size_t SizeOfClass(size_t index) {
    if (index < kFineClasses) return (index + 1) * 8;
    const size_t doubling = (index - kFineClasses) / 16;
    return (17 + (index - kFineClasses) % 16) << (4 + doubling);
  }

  struct Page {
    Page* next;
    Page* previous;
    char* base;
    uint32_t freed;  // offset of the block that was freed last; kNone
    uint16_t used;
    uint16_t fresh;  // blocks from this one on have never been used
    uint16_t capacity;
    bool dirty;  // takes the machine's memory
  };
  static constexpr uint32_t kNone = ~uint32_t{0};

  struct Chunk {
    std::array<Page, kPages> pages;
    Chunk* next;
    Chunk* previous;
    size_t pages_used;
    bool huge;
  };
  static constexpr size_t kChunkHeadBytes = 2048;
  static_assert(sizeof(Chunk) <= kChunkHeadBytes);

  struct Class {
    Mutex mu;
    Page* with_room GUARDED_BY(mu) = nullptr;
  };

  static Chunk* ChunkOf(const void* address);
  static Page* PageOf(const void* block);
  static void Push(Page*& list, Page* page) noexcept;
  static void Unlink(Page*& list, Page* page) noexcept;

  Page* TakePage(bool from_reserve) noexcept EXCLUDES(pool_mu_);
  void ReturnPage(Page* page) noexcept EXCLUDES(pool_mu_);
  bool MapChunk() noexcept REQUIRES(pool_mu_);
  void UnmapSpareChunk(Chunk* chunk) noexcept REQUIRES(pool_mu_);

  std::array<Class, kClasses> classes_;

  mutable Mutex pool_mu_;
  Chunk* chunks_ GUARDED_BY(pool_mu_) = nullptr;
  size_t chunk_count_ GUARDED_BY(pool_mu_) = 0;
  Page* free_pages_ GUARDED_BY(pool_mu_) = nullptr;
  size_t free_count_ GUARDED_BY(pool_mu_) = 0;
  size_t dirty_count_ GUARDED_BY(pool_mu_) = 0;  // of the free ones
  size_t reserved_ GUARDED_BY(pool_mu_) = 0;
};
static_assert(Slab::BlockSize(Slab::kBlockMax) == Slab::kBlockMax && Slab::BlockSize(257) == 272);

}  // namespace redislite

// ==== src/base/memory.h ===========================================================================================
#include <atomic>
#include <new>
#include <thread>


namespace redislite {

class Memory {
 public:
  Memory() = default;
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  void* Allocate(size_t size);

  void Free(void* pointer, size_t size) noexcept;

  void* Reallocate(void* pointer, size_t old_size, size_t new_size);

  template <typename T, typename... A>
  T* New(A&&... arguments) {
    static_assert(alignof(T) <= 8);
    void* place = Allocate(sizeof(T));
    try {
      return new (place) T(std::forward<A>(arguments)...);
    } catch (...) {
      Free(place, sizeof(T));
      throw;
    }
  }
  template <typename T>
  void Delete(T* object) noexcept {
    if (object == nullptr) return;
    object->~T();
    Free(object, sizeof(T));
  }

  static constexpr size_t Footprint(size_t size) {
    return size <= Slab::kBlockMax ? Slab::BlockSize(size) : (size + 8 + 15) & ~size_t{15};
  }
  static constexpr size_t Usable(size_t size) {
    return size <= Slab::kBlockMax ? Slab::BlockSize(size) : Footprint(size) - 8;
  }

  uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  uint64_t peak() const { return peak_.load(std::memory_order_relaxed); }
  size_t slab_bytes() const { return slab_.resident_bytes(); }

  bool EnsureReserve(size_t bytes) noexcept;
  bool ReleaseReserve() noexcept;

  static constexpr uint64_t kNeverFail = ~uint64_t{0};
  void FailAfter(uint64_t allocations) { allowed_.store(allocations, std::memory_order_relaxed); }

  class ReserveScope {
   public:
    explicit ReserveScope(Memory& memory) : memory_(memory) { memory_.reserve_user_ = std::this_thread::get_id(); }
    ~ReserveScope() {
      memory_.reserve_user_ = std::thread::id();
      memory_.granted_ = 0;
    }
    ReserveScope(const ReserveScope&) = delete;
    ReserveScope& operator=(const ReserveScope&) = delete;

   private:
    Memory& memory_;
  };

 private:
  void* Get(size_t size, bool from_reserve) noexcept;
  void Release(void* block, size_t size) noexcept;
  void* GetOrReserve(size_t size) noexcept;
  bool Refuses() noexcept;
  void Account(size_t size) noexcept;

  std::atomic<uint64_t> used_{0};
  std::atomic<uint64_t> peak_{0};

  std::atomic<uint64_t> allowed_{kNeverFail};  // allocations until FailAfter's refusal

  Slab slab_;

  std::atomic<std::thread::id> reserve_user_{};
  void* reserve_ = nullptr;
  size_t reserve_bytes_ = 0;
  size_t granted_ = 0;  // what a test's refusal still lets through, since the reserve went back to malloc
};

}  // namespace redislite

// ==== src/base/memory.cc ==========================================================================================
#include <cstdlib>

namespace redislite {

namespace {

constexpr size_t kReserveKeepBytes = 4 << 20;

}  // namespace

Memory::~Memory() { std::free(reserve_); }

void Memory::Account(size_t size) noexcept {
  const uint64_t now = used_.fetch_add(Footprint(size), std::memory_order_relaxed) + Footprint(size);
  uint64_t peak = peak_.load(std::memory_order_relaxed);
  while (now > peak && !peak_.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
  }
}

bool Memory::Refuses() noexcept {
  uint64_t allowed = allowed_.load(std::memory_order_relaxed);
  while (allowed != kNeverFail && allowed != 0 &&
         !allowed_.compare_exchange_weak(allowed, allowed - 1, std::memory_order_relaxed)) {
  }
  return allowed == 0;
}

void* Memory::Get(size_t size, bool from_reserve) noexcept {
  return size <= Slab::kBlockMax ? slab_.Allocate(size, from_reserve) : std::malloc(Usable(size));
}

void Memory::Release(void* block, size_t size) noexcept {
  size <= Slab::kBlockMax ? slab_.Free(block, size) : std::free(block);
}

void* Memory::GetOrReserve(size_t size) noexcept {
  const bool refused = Refuses();
  void* block = refused ? nullptr : Get(size, false);
  if (block != nullptr || reserve_user_.load(std::memory_order_relaxed) != std::this_thread::get_id()) return block;
  (void)ReleaseReserve();
  if (refused) {
    if (Footprint(size) > granted_) return nullptr;
    granted_ -= Footprint(size);
  }
  return Get(size, true);
}

void* Memory::Allocate(size_t size) {
  void* block = GetOrReserve(size);
  if (block == nullptr) throw std::bad_alloc();
  Account(size);
  return block;
}

void Memory::Free(void* pointer, size_t size) noexcept {
  if (pointer == nullptr) return;
  Release(pointer, size);
  used_.fetch_sub(Footprint(size), std::memory_order_relaxed);
}

void* Memory::Reallocate(void* pointer, size_t old_size, size_t new_size) {
  if (pointer == nullptr) return Allocate(new_size);
  if (Footprint(old_size) == Footprint(new_size)) return pointer;
  void* block = nullptr;
  if (old_size > Slab::kBlockMax && new_size > Slab::kBlockMax) {
    block = Refuses() ? nullptr : std::realloc(pointer, Usable(new_size));
  }
  if (block == nullptr) {
    block = GetOrReserve(new_size);
    if (block == nullptr) throw std::bad_alloc();
    std::memcpy(block, pointer, old_size < new_size ? old_size : new_size);
    Release(pointer, old_size);
  }
  used_.fetch_sub(Footprint(old_size), std::memory_order_relaxed);
  Account(new_size);
  return block;
}

bool Memory::ReleaseReserve() noexcept {
  if (reserve_ == nullptr) return false;
  std::free(std::exchange(reserve_, nullptr));
  granted_ = std::exchange(reserve_bytes_, 0);
  return true;
}

bool Memory::EnsureReserve(size_t bytes) noexcept {
  if (reserve_bytes_ >= bytes && (reserve_bytes_ <= kReserveKeepBytes || bytes > kReserveKeepBytes)) return true;
  if (Refuses() || !slab_.EnsureReserve(bytes)) return reserve_bytes_ >= bytes;
  void* block = std::malloc(bytes);
  if (block == nullptr) return reserve_bytes_ >= bytes;
  std::free(std::exchange(reserve_, block));
  reserve_bytes_ = bytes;
  return true;
}

}  // namespace redislite

// ==== src/base/number.h ===========================================================================================
#include <optional>
#include <string>


namespace redislite {

inline constexpr size_t kInt64TextMax = 21;

std::optional<int64_t> ParseInt64(Bytes text);
std::optional<uint64_t> ParseUint64(Bytes text);

Bytes FormatInt64(int64_t value, char* out);

std::optional<double> ParseDouble(Bytes text);
std::optional<long double> ParseLongDouble(Bytes text);

std::string FormatDouble(double value);

std::string FormatFixed(double value, int digits);

std::string FormatLongDouble(long double value);

std::optional<uint64_t> ParseByteCount(Bytes text);

}  // namespace redislite

// ==== src/base/number.cc ==========================================================================================
#include <locale.h>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

namespace redislite {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

template <typename Integer>
std::optional<Integer> ParseCanonical(Bytes text, size_t sign) {
  if (text.size() <= sign) return std::nullopt;
  const char first = text[sign];
  if (!IsDigit(first)) return std::nullopt;
  if (first == '0' && text.size() != 1) return std::nullopt;  // a leading zero, or "-0"
  Integer value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

locale_t CLocale() {
  static const locale_t locale = ::newlocale(LC_ALL_MASK, "C", nullptr);
  return locale;
}

double ReadFloat(const char* text, char** end, double* /*type*/) { return ::strtod_l(text, end, CLocale()); }
long double ReadFloat(const char* text, char** end, long double* /*type*/) { return ::strtold_l(text, end, CLocale()); }

template <typename Float>
std::optional<Float> ParseFloat(const char* text, size_t size) {
  if (size == 0 || IsSpace(text[0])) return std::nullopt;
  char* end = nullptr;
  const int errno_before = errno;
  errno = 0;
  const Float value = ReadFloat(text, &end, static_cast<Float*>(nullptr));
  const int error = errno;
  errno = errno_before;
  if (end != text + size || std::isnan(value)) return std::nullopt;
  if (error == ERANGE && (std::isinf(value) || value == 0)) return std::nullopt;
  return value;
}

constexpr size_t kLongDoubleTextMax = size_t{5} * 1024;

std::string LayOut(Bytes digits, int point) {
  const int count = static_cast<int>(digits.size());
  const int zeros = point - count;  // what stands right of the last digit; negative: digits behind the decimal point
  const int exponent = point - 1;
  const int magnitude = exponent < 0 ? -exponent : exponent;
  std::string text;
  if (zeros >= 0 && magnitude < count + 7) {
    text.append(digits).append(static_cast<size_t>(zeros), '0');
    return text;
  }
  if (zeros < 0 && (zeros > -7 || magnitude < 4)) {
    if (point > 0) {
      const auto whole = static_cast<size_t>(point);
      text.append(digits.substr(0, whole)).append(".").append(digits.substr(whole));
    } else {
      text.append("0.").append(static_cast<size_t>(-point), '0').append(digits);
    }
    return text;
  }
  text += digits[0];
  if (count > 1) text.append(".").append(digits.substr(1));
  text.append(exponent < 0 ? "e-" : "e+");
  char printed[kInt64TextMax];
  text.append(FormatInt64(magnitude, printed));
  return text;
}

}  // namespace

std::optional<int64_t> ParseInt64(Bytes text) {
  return ParseCanonical<int64_t>(text, !text.empty() && text[0] == '-' ? 1 : 0);
}

std::optional<uint64_t> ParseUint64(Bytes text) { return ParseCanonical<uint64_t>(text, 0); }

Bytes FormatInt64(int64_t value, char* out) {
  char* end = std::to_chars(out, out + kInt64TextMax - 1, value).ptr;
  *end = '\0';
  return {out, static_cast<size_t>(end - out)};
}

std::optional<double> ParseDouble(Bytes text) {
  std::array<char, 128> small;
  if (text.size() < small.size()) {
    if (!text.empty()) std::memcpy(small.data(), text.data(), text.size());
    small[text.size()] = '\0';
    return ParseFloat<double>(small.data(), text.size());
  }
  return ParseFloat<double>(std::string(text).c_str(), text.size());
}

std::optional<long double> ParseLongDouble(Bytes text) {
  std::array<char, kLongDoubleTextMax> copy;
  if (text.empty() || text.size() >= copy.size()) return std::nullopt;
  std::memcpy(copy.data(), text.data(), text.size());
  copy[text.size()] = '\0';
  return ParseFloat<long double>(copy.data(), text.size());
}

std::string FormatDouble(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  if (value == 0) return std::signbit(value) ? "-0" : "0";
  constexpr double kWhole = 4611686018427387904.0;  // 2^62
  if (value >= -kWhole && value <= kWhole && value == std::trunc(value)) {
    char printed[kInt64TextMax];
    return std::string(FormatInt64(static_cast<int64_t>(value), printed));
  }
  std::array<char, 32> scientific;
  const char* end = std::to_chars(scientific.data(), scientific.data() + scientific.size(), std::fabs(value),
                                  std::chars_format::scientific)
                        .ptr;
  std::string digits;
  const char* at = scientific.data();
  for (; *at != 'e'; ++at) {
    if (*at != '.') digits += *at;
  }
  ++at;                  // 'e'
  if (*at == '+') ++at;  // from_chars takes no plus sign
  int exponent = 0;
  std::from_chars(at, end, exponent);
  return (value < 0 ? "-" : "") + LayOut(digits, exponent + 1);
}

std::string FormatFixed(double value, int digits) {
  constexpr int kDigitsMax = 17;
  std::array<char, std::numeric_limits<double>::max_exponent10 + kDigitsMax + 8> printed;
  const char* end = std::to_chars(printed.data(), printed.data() + printed.size(), value, std::chars_format::fixed,
                                  digits < kDigitsMax ? digits : kDigitsMax)
                        .ptr;
  return {printed.data(), static_cast<size_t>(end - printed.data())};
}

std::string FormatLongDouble(long double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  constexpr int kFractionDigits = 17;
  std::array<char, std::numeric_limits<long double>::max_exponent10 + kFractionDigits + 8> printed;
  const char* end =
      std::to_chars(printed.data(), printed.data() + printed.size(), value, std::chars_format::fixed, kFractionDigits)
          .ptr;
  std::string text(printed.data(), static_cast<size_t>(end - printed.data()));
  text.erase(text.find_last_not_of('0') + 1);  // there is always a decimal point
  if (text.back() == '.') text.pop_back();
  if (text == "-0") text = "0";
  return text;
}

std::optional<uint64_t> ParseByteCount(Bytes text) {
  uint64_t count = 0;
  const char* end = text.data() + text.size();
  if (text.empty() || !IsDigit(text[0])) return std::nullopt;
  const auto [stop, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc()) return std::nullopt;

  struct Unit {
    Bytes name;
    uint64_t bytes;
  };
  static constexpr Unit kUnits[] = {
      {"", 1},
      {"b", 1},
      {"k", 1000},
      {"kb", uint64_t{1} << 10},
      {"m", 1'000'000},
      {"mb", uint64_t{1} << 20},
      {"g", 1'000'000'000},
      {"gb", uint64_t{1} << 30},
  };
  std::string suffix(stop, end);
  for (char& c : suffix) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  for (const Unit& unit : kUnits) {
    if (suffix != unit.name) continue;
    if (count > std::numeric_limits<uint64_t>::max() / unit.bytes) return std::nullopt;
    return count * unit.bytes;
  }
  return std::nullopt;
}

}  // namespace redislite

// ==== src/base/siphash.h ==========================================================================================
namespace redislite {

struct HashSeed {
  uint64_t k0 = 0;
  uint64_t k1 = 0;
};

uint64_t SipHash13(const HashSeed& seed, Bytes bytes);

}  // namespace redislite

// ==== src/base/siphash.cc =========================================================================================
namespace redislite {

namespace {

struct State_base_siphash {
  uint64_t v0, v1, v2, v3;

  void Round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
};

}  // namespace

uint64_t SipHash13(const HashSeed& seed, Bytes bytes) {
  State_base_siphash s{seed.k0 ^ 0x736f6d6570736575, seed.k1 ^ 0x646f72616e646f6d, seed.k0 ^ 0x6c7967656e657261,
          seed.k1 ^ 0x7465646279746573};
  const char* at = bytes.data();
  const size_t words = bytes.size() / 8;
  for (size_t i = 0; i < words; ++i, at += 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    s.v3 ^= word;
    s.Round();
    s.v0 ^= word;
  }
  uint64_t last = static_cast<uint64_t>(bytes.size()) << 56;
  if (const size_t rest = bytes.size() % 8; rest != 0) {
    uint64_t tail = 0;
    std::memcpy(&tail, at, rest);
    last |= tail;
  }
  s.v3 ^= last;
  s.Round();
  s.v0 ^= last;
  s.v2 ^= 0xff;
  s.Round();
  s.Round();
  s.Round();
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

}  // namespace redislite

// ==== src/base/slab.cc ============================================================================================
#include <sys/mman.h>


namespace redislite {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(REDISLITE_SLAB_IS_MALLOC)
constexpr bool kUsesMalloc = true;
#elif defined(__has_feature)
constexpr bool kUsesMalloc =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer);
#else
constexpr bool kUsesMalloc = false;
#endif

}  // namespace

Slab::Slab() = default;

Slab::~Slab() {
  MutexLock lock(pool_mu_);
  while (chunks_ != nullptr) ::munmap(std::exchange(chunks_, chunks_->next), kChunkBytes);
}

Slab::Chunk* Slab::ChunkOf(const void* address) {
  const auto number = reinterpret_cast<uintptr_t>(address) & ~(uintptr_t{kChunkBytes} - 1);
  return reinterpret_cast<Chunk*>(number);  // NOLINT(performance-no-int-to-ptr): chunks are aligned to their size
}

Slab::Page* Slab::PageOf(const void* block) {
  return &ChunkOf(block)->pages[reinterpret_cast<uintptr_t>(block) / kPageBytes % kPages];
}

void Slab::Push(Page*& list, Page* page) noexcept {
  page->previous = nullptr;
  page->next = list;
  if (list != nullptr) list->previous = page;
  list = page;
}

void Slab::Unlink(Page*& list, Page* page) noexcept {
  if (page->next != nullptr) page->next->previous = page->previous;
  (page->previous != nullptr ? page->previous->next : list) = page->next;
}

bool Slab::MapChunk() noexcept {
  void* mapped =
      ::mmap(nullptr, 2 * kChunkBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return false;
  auto* const begin = static_cast<char*>(mapped);
  const size_t before = (kChunkBytes - reinterpret_cast<uintptr_t>(begin) % kChunkBytes) % kChunkBytes;
  char* const base = begin + before;
  if (before != 0) ::munmap(begin, before);
  ::munmap(base + kChunkBytes, kChunkBytes - before);

  const bool huge = chunk_count_ >= kPlainChunks && ::madvise(base, kChunkBytes, MADV_HUGEPAGE) == 0;
  auto* chunk = reinterpret_cast<Chunk*>(base);  // all zeros
  chunk->huge = huge;
  for (size_t i = kPages; i-- > 0;) {
    Page& page = chunk->pages[i];
    page.base = base + i * kPageBytes + (i == 0 ? kChunkHeadBytes : 0);
    Push(free_pages_, &page);
  }
  free_count_ += kPages;
  chunk->next = chunks_;
  if (chunks_ != nullptr) chunks_->previous = chunk;
  chunks_ = chunk;
  ++chunk_count_;
  return true;
}

void Slab::UnmapSpareChunk(Chunk* chunk) noexcept {
  if (chunk->pages_used != 0 || free_count_ < reserved_ + 2 * kPages) return;  // one stays for the next to come
  for (Page& page : chunk->pages) {
    Unlink(free_pages_, &page);
    dirty_count_ -= page.dirty ? 1 : 0;
  }
  free_count_ -= kPages;
  if (chunk->next != nullptr) chunk->next->previous = chunk->previous;
  (chunk->previous != nullptr ? chunk->previous->next : chunks_) = chunk->next;
  --chunk_count_;
  ::munmap(chunk, kChunkBytes);
}

Slab::Page* Slab::TakePage(bool from_reserve) noexcept {
  MutexLock lock(pool_mu_);
  if (free_count_ <= reserved_ && !MapChunk() && !from_reserve) return nullptr;
  Page* page = free_pages_;
  if (page == nullptr) return nullptr;
  Unlink(free_pages_, page);
  --free_count_;
  if (page->dirty) --dirty_count_;
  page->dirty = true;
  ++ChunkOf(page)->pages_used;
  return page;
}

void Slab::ReturnPage(Page* page) noexcept {
  MutexLock lock(pool_mu_);
  if (dirty_count_ < kDirtyPagesMax) {
    ++dirty_count_;
  } else {
    if (Chunk* chunk = ChunkOf(page); std::exchange(chunk->huge, false))
      (void)::madvise(chunk, kChunkBytes, MADV_NOHUGEPAGE);
    constexpr size_t kSystemPageMax = 16 << 10;
    const bool first = reinterpret_cast<uintptr_t>(page->base) % kPageBytes != 0;
    char* const from = first ? page->base - kChunkHeadBytes + kSystemPageMax : page->base;
    (void)::madvise(from, kPageBytes - (first ? kSystemPageMax : 0), MADV_DONTNEED);
    page->dirty = false;
  }
  Push(free_pages_, page);
  ++free_count_;
  Chunk* chunk = ChunkOf(page);
  --chunk->pages_used;
  UnmapSpareChunk(chunk);
}

void* Slab::Allocate(size_t size, bool from_reserve) noexcept {
  if (kUsesMalloc) return std::malloc(BlockSize(size));
  const size_t index = ClassOf(size);
  const size_t block_size = SizeOfClass(index);
  Class& home = classes_[index];
  MutexLock lock(home.mu);
  Page* page = home.with_room;
  if (page == nullptr) {
    page = TakePage(from_reserve);
    if (page == nullptr) return nullptr;
    const size_t room = kPageBytes - reinterpret_cast<uintptr_t>(page->base) % kPageBytes;
    page->freed = kNone;
    page->used = page->fresh = 0;
    page->capacity = static_cast<uint16_t>(room / block_size);
    Push(home.with_room, page);
  }
  char* block;
  if (page->freed != kNone) {
    block = page->base + page->freed;
    std::memcpy(&page->freed, block, sizeof(page->freed));
  } else {
    block = page->base + page->fresh++ * block_size;
  }
  if (++page->used == page->capacity) Unlink(home.with_room, page);
  return block;
}

void Slab::Free(void* block, size_t size) noexcept {
  if (kUsesMalloc) return std::free(block);
  Class& home = classes_[ClassOf(size)];
  Page* page = PageOf(block);
  MutexLock lock(home.mu);
  std::memcpy(block, &page->freed, sizeof(page->freed));
  page->freed = static_cast<uint32_t>(static_cast<char*>(block) - page->base);
  if (page->used == page->capacity) Push(home.with_room, page);
  if (--page->used != 0) return;
  Unlink(home.with_room, page);
  ReturnPage(page);
}

bool Slab::EnsureReserve(size_t bytes) noexcept {
  if (kUsesMalloc) return true;
  const size_t pages = (bytes + bytes / 8) / kPageBytes + kClasses + 1;
  MutexLock lock(pool_mu_);
  while (free_count_ < pages) {
    if (!MapChunk()) return false;
  }
  const bool shrinks = pages < std::exchange(reserved_, pages);
  for (Chunk* chunk = shrinks ? chunks_ : nullptr; chunk != nullptr;) {
    Chunk* next = chunk->next;
    UnmapSpareChunk(chunk);
    chunk = next;
  }
  return true;
}

size_t Slab::resident_bytes() const {
  MutexLock lock(pool_mu_);
  return (chunk_count_ * kPages - free_count_ + dirty_count_) * kPageBytes;
}

size_t Slab::chunks() const {
  MutexLock lock(pool_mu_);
  return chunk_count_;
}

}  // namespace redislite

// ==== src/base/status.h ===========================================================================================
#include <variant>

namespace redislite {

enum class Code : int8_t {
  kOk = 0,
  kNotFound = 1,
  kCondition = 2,
  kInvalid = -1,
  kType = -2,
  kValue = -3,
  kCommand = -4,
  kIo = -5,
  kFull = -6,
  kNoMemory = -7,
  kMaxMemory = -8,
  kBusy = -9,
  kCorrupt = -10,
  kVersion = -11,
  kClosed = -12,
  kForked = -13,
  kReadOnly = -14,
  kLimit = -15,
  kPathNotFound = -16,
};

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  static Status Ok() { return {}; }

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }

 private:
  Code code_ = Code::kOk;
  std::string message_;
};

inline Status OutOfMemory() { return {Code::kNoMemory, "out of memory"}; }

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}         // NOLINT(google-explicit-constructor): `return value;`
  Result(Status status) : state_(std::move(status)) {}  // NOLINT(google-explicit-constructor): `return status;`

  bool ok() const { return std::holds_alternative<T>(state_); }
  const Status& status() const {
    static const Status ok_status;
    return ok() ? ok_status : std::get<Status>(state_);
  }
  T& operator*() { return std::get<T>(state_); }
  const T& operator*() const { return std::get<T>(state_); }
  T* operator->() { return &std::get<T>(state_); }
  const T* operator->() const { return &std::get<T>(state_); }

 private:
  std::variant<Status, T> state_;
};

}  // namespace redislite

#define RL_RETURN_IF_ERROR(expression)                                                      \
  do {                                                                                      \
    if (::redislite::Status rl_status_ = (expression); !rl_status_.ok()) return rl_status_; \
  } while (false)

// ==== src/os/file_system.h ========================================================================================
#include <memory>
#include <vector>


namespace redislite::os {

class File {
 public:
  virtual ~File() = default;  // closes
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  virtual Result<size_t> Read(uint64_t offset, char* buffer, size_t size) = 0;
  virtual Status Write(uint64_t offset, Bytes bytes) = 0;
  virtual Status Sync() = 0;
  virtual Result<uint64_t> Size() = 0;
  virtual Status Truncate(uint64_t size) = 0;
  virtual void DropCache() {}

 protected:
  File() = default;
};

class Lock {
 public:
  virtual ~Lock() = default;
  virtual void Keep() {}
};

enum class OpenMode : uint8_t {
  kRead,       // must exist
  kReadWrite,  // must exist
  kCreate,     // read and write; made, must not exist
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) = 0;
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  virtual Status Remove(const std::string& path) = 0;
  virtual Status SyncDirectory(const std::string& path) = 0;
  virtual Status CreateDirectory(const std::string& path, bool* created) = 0;
  virtual Status RemoveDirectory(const std::string& path) = 0;
  virtual Result<std::vector<std::string>> List(const std::string& path) = 0;
  virtual Result<std::unique_ptr<Lock>> LockFile(const std::string& path) = 0;
  virtual Result<std::unique_ptr<Lock>> LockFileShared(const std::string& path) = 0;
  virtual Status FillRandom(char* buffer, size_t size) = 0;
};

FileSystem& PosixFileSystem();

int64_t SystemNowMs();
int64_t MonotonicUs();
void SleepUs(int64_t us);
int64_t ProcessId();

}  // namespace redislite::os

// ==== src/os/clock.cc =============================================================================================
#include <unistd.h>



namespace redislite::os {

int64_t SystemNowMs() {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  return duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

int64_t MonotonicUs() {
  using std::chrono::duration_cast;
  using std::chrono::microseconds;
  return duration_cast<microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void SleepUs(int64_t us) { std::this_thread::sleep_for(std::chrono::microseconds(us)); }

int64_t ProcessId() { return getpid(); }

}  // namespace redislite::os

// ==== src/os/fork_guard.h =========================================================================================
namespace redislite::os {

uint64_t EnterProcess() noexcept;

bool InProcess(uint64_t token) noexcept;

}  // namespace redislite::os

// ==== src/os/fork_guard.cc ========================================================================================
namespace redislite::os {

namespace {

using Cell_os_fork_guard = std::atomic<uint64_t>;
static_assert(Cell_os_fork_guard::is_always_lock_free);

std::atomic<Cell_os_fork_guard*> token_cell{nullptr};
Cell_os_fork_guard no_page{0};

Cell_os_fork_guard entered{0};

Cell_os_fork_guard* MakeCell() noexcept {
  constexpr size_t kBytes = 4096;
  void* page = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return &no_page;
#ifdef MADV_WIPEONFORK
  if (madvise(page, kBytes, MADV_WIPEONFORK) == 0) {
    Cell_os_fork_guard* mine = new (page) Cell_os_fork_guard(0);
    Cell_os_fork_guard* others = nullptr;
    if (token_cell.compare_exchange_strong(others, mine)) return mine;
    munmap(page, kBytes);  // another thread was faster
    return others;
  }
#endif
  munmap(page, kBytes);
  return &no_page;
}

uint64_t ProcessIdToken() noexcept { return static_cast<uint64_t>(getpid()); }

}  // namespace

uint64_t EnterProcess() noexcept {
  Cell_os_fork_guard* cell = token_cell.load(std::memory_order_acquire);
  if (cell == nullptr) {
    cell = MakeCell();
    if (cell == &no_page) {
      Cell_os_fork_guard* others = nullptr;
      if (!token_cell.compare_exchange_strong(others, cell)) cell = others;
    }
  }
  if (cell == &no_page) return ProcessIdToken();
  uint64_t token = cell->load();
  if (token != 0) return token;
  const uint64_t fresh = entered.fetch_add(1) + 1;
  return cell->compare_exchange_strong(token, fresh) ? fresh : token;
}

bool InProcess(uint64_t token) noexcept {
  const Cell_os_fork_guard* cell = token_cell.load(std::memory_order_acquire);
  if (cell == &no_page) return ProcessIdToken() == token;
  return cell != nullptr && cell->load(std::memory_order_relaxed) == token;
}

}  // namespace redislite::os

// ==== src/os/posix_file_system.cc =================================================================================
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <algorithm>


namespace redislite::os {
namespace {

constexpr mode_t kFileMode = 0644;
constexpr mode_t kDirectoryMode = 0755;

[[maybe_unused]] const char* ReasonText(const char* returned, const char*) { return returned; }
[[maybe_unused]] const char* ReasonText(int, const char* buffer) { return buffer; }

std::string Reason(int error) {
  char buffer[256] = "";
  return ReasonText(strerror_r(error, buffer, sizeof(buffer)), buffer);
}

Code CodeOf(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return Code::kFull;
    case ENOENT:
      return Code::kPathNotFound;
    default:
      return Code::kIo;
  }
}

Status Failure(const char* operation, const std::string& path, int error) {
  return {CodeOf(error), std::string(operation) + " " + path + ": " + Reason(error)};
}

template <typename Call>
auto Retry(const Call& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

Descriptor OpenDescriptor(const std::string& path, int flags) {
  return Descriptor(Retry([&] { return open(path.c_str(), flags | O_CLOEXEC, kFileMode); }));
}

Result<size_t> ReadFully(int fd, const std::string& path, uint64_t offset, char* buffer, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t count =
        Retry([&] { return pread(fd, buffer + done, size - done, static_cast<off_t>(offset + done)); });
    if (count < 0) return Failure("read", path, errno);
    if (count == 0) break;
    done += static_cast<size_t>(count);
  }
  return done;
}

Status WriteFully(int fd, const std::string& path, uint64_t offset, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t count = Retry([&] { return pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
    if (count < 0) return Failure("write", path, errno);
    if (count == 0) return Failure("write", path, EIO);  // no progress and no reason: never tried for ever
    bytes.remove_prefix(static_cast<size_t>(count));
    offset += static_cast<uint64_t>(count);
  }
  return Status::Ok();
}

class PosixFile final : public File {
 public:
  PosixFile(std::string path, Descriptor descriptor) : path_(std::move(path)), descriptor_(std::move(descriptor)) {}

  Result<size_t> Read(uint64_t offset, char* buffer, size_t size) override {
    return ReadFully(descriptor_.get(), path_, offset, buffer, size);
  }

  Status Write(uint64_t offset, Bytes bytes) override { return WriteFully(descriptor_.get(), path_, offset, bytes); }

  Status Sync() override {
    if (Retry([&] { return fdatasync(descriptor_.get()); }) < 0) return Failure("sync", path_, errno);
    return Status::Ok();
  }

  Result<uint64_t> Size() override {
    struct stat info;
    if (fstat(descriptor_.get(), &info) < 0) return Failure("stat", path_, errno);
    return static_cast<uint64_t>(info.st_size);
  }

  Status Truncate(uint64_t size) override {
    if (Retry([&] { return ftruncate(descriptor_.get(), static_cast<off_t>(size)); }) < 0) {
      return Failure("truncate", path_, errno);
    }
    return Status::Ok();
  }

  void DropCache() override { posix_fadvise(descriptor_.get(), 0, 0, POSIX_FADV_DONTNEED); }

 private:
  const std::string path_;
  const Descriptor descriptor_;
};

class PosixLock final : public Lock {
 public:
  explicit PosixLock(Descriptor descriptor) : descriptor_(std::move(descriptor)), owner_(getpid()) {}

  ~PosixLock() override {
    if (getpid() != owner_) return;
    if (restore_) Restore();
    flock(descriptor_.get(), LOCK_UN);
  }

  void Keep() override { restore_ = false; }

  void RestoreLater(std::string path, std::string bytes) {
    restore_ = true;
    path_ = std::move(path);
    bytes_ = std::move(bytes);
  }

 private:
  void Restore() {
    if (Retry([&] { return ftruncate(descriptor_.get(), 0); }) != 0) return;
    (void)WriteFully(descriptor_.get(), path_, 0, bytes_).ok();
  }

  const Descriptor descriptor_;
  const pid_t owner_;
  bool restore_ = false;
  std::string path_;
  std::string bytes_;
};

bool TryLock_os_posix_file_system(int fd, int kind) {
  return Retry([&] { return flock(fd, kind | LOCK_NB); }) == 0;
}

std::string HolderOf(int fd, const std::string& path) {
  if (TryLock_os_posix_file_system(fd, LOCK_SH)) return "a process that reads it";
  char text[32];
  const Result<size_t> size = ReadFully(fd, path, 0, text, sizeof(text));
  std::string digits;
  for (size_t i = 0; size.ok() && i < *size && text[i] >= '0' && text[i] <= '9'; ++i) digits += text[i];
  return digits.empty() ? "another process" : "process " + digits;
}

class PosixFileSystemImpl final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) override {
    int flags = O_RDONLY;
    if (mode == OpenMode::kReadWrite) flags = O_RDWR;
    if (mode == OpenMode::kCreate) flags = O_RDWR | O_CREAT | O_EXCL;
    Descriptor descriptor = OpenDescriptor(path, flags);
    if (!descriptor.ok()) return Failure("open", path, errno);
    return std::unique_ptr<File>(new PosixFile(path, std::move(descriptor)));
  }

  Status Rename(const std::string& from, const std::string& to) override {
    if (rename(from.c_str(), to.c_str()) < 0) return Failure("rename", from, errno);
    return Status::Ok();
  }

  Status Remove(const std::string& path) override {
    if (unlink(path.c_str()) < 0) return Failure("remove", path, errno);
    return Status::Ok();
  }

  Status SyncDirectory(const std::string& path) override {
    const Descriptor descriptor = OpenDescriptor(path, O_RDONLY | O_DIRECTORY);
    if (!descriptor.ok()) return Failure("open", path, errno);
    if (Retry([&] { return fsync(descriptor.get()); }) < 0) return Failure("sync", path, errno);
    return Status::Ok();
  }

  Status CreateDirectory(const std::string& path, bool* created) override {
    *created = mkdir(path.c_str(), kDirectoryMode) == 0;
    if (*created) return Status::Ok();
    const int error = errno;
    struct stat info;
    if (error == EEXIST && stat(path.c_str(), &info) == 0) {
      if (S_ISDIR(info.st_mode)) return Status::Ok();
      return Failure("make directory", path, ENOTDIR);
    }
    return Failure("make directory", path, error);
  }

  Status RemoveDirectory(const std::string& path) override {
    if (rmdir(path.c_str()) < 0) return Failure("remove directory", path, errno);
    return Status::Ok();
  }

  Result<std::vector<std::string>> List(const std::string& path) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(path.c_str()), closedir);  // close-on-exec by itself
    if (directory == nullptr) return Failure("open", path, errno);
    std::vector<std::string> names;
    while (true) {
      errno = 0;
      const dirent* entry = readdir(directory.get());
      if (entry == nullptr) break;
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back(name);
    }
    if (errno != 0) return Failure("list", path, errno);
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<std::unique_ptr<Lock>> LockFile(const std::string& path) override {
    Descriptor descriptor = OpenDescriptor(path, O_RDWR | O_CREAT);
    if (!descriptor.ok()) return Failure("open", path, errno);
    if (!TryLock_os_posix_file_system(descriptor.get(), LOCK_EX)) {
      if (errno != EWOULDBLOCK) return Failure("lock", path, errno);
      return Status(Code::kBusy, path + " is in use by " + HolderOf(descriptor.get(), path));
    }
    const int fd = descriptor.get();
    auto lock = std::make_unique<PosixLock>(std::move(descriptor));
    std::string before(64, '\0');
    const Result<size_t> had = ReadFully(fd, path, 0, before.data(), before.size());
    if (!had.ok()) return had.status();
    before.resize(*had);
    lock->RestoreLater(path, before);
    if (Retry([&] { return ftruncate(fd, 0); }) < 0) return Failure("truncate", path, errno);
    RL_RETURN_IF_ERROR(WriteFully(fd, path, 0, std::to_string(getpid()) + "\n"));
    return std::unique_ptr<Lock>(std::move(lock));
  }

  Result<std::unique_ptr<Lock>> LockFileShared(const std::string& path) override {
    Descriptor descriptor = OpenDescriptor(path, O_RDONLY);
    if (!descriptor.ok()) {
      if (errno == ENOENT) return std::unique_ptr<Lock>();
      return Failure("open", path, errno);
    }
    if (!TryLock_os_posix_file_system(descriptor.get(), LOCK_SH)) {
      if (errno != EWOULDBLOCK) return Failure("lock", path, errno);
      return Status(Code::kBusy, path + " is in use by " + HolderOf(descriptor.get(), path));
    }
    return std::unique_ptr<Lock>(new PosixLock(std::move(descriptor)));
  }

  Status FillRandom(char* buffer, size_t size) override {
    size_t done = 0;
    while (done < size) {
      const ssize_t count = Retry([&] { return getrandom(buffer + done, size - done, 0); });
      if (count < 0 && errno == ENOSYS) return FillFromDevice(buffer, size);
      if (count < 0) return Failure("read", "getrandom", errno);
      done += static_cast<size_t>(count);
    }
    return Status::Ok();
  }

 private:
  static Status FillFromDevice(char* buffer, size_t size) {
    const std::string path = "/dev/urandom";
    const Descriptor descriptor = OpenDescriptor(path, O_RDONLY);
    if (!descriptor.ok()) return Failure("open", path, errno);
    const Result<size_t> count = ReadFully(descriptor.get(), path, 0, buffer, size);
    if (!count.ok()) return count.status();
    if (*count < size) return Failure("read", path, EIO);
    return Status::Ok();
  }
};

}  // namespace

FileSystem& PosixFileSystem() {
  static PosixFileSystemImpl* const files = new PosixFileSystemImpl;
  return *files;
}

}  // namespace redislite::os

// ==== src/os/process.h ============================================================================================
namespace redislite::os {

struct ProcessTimes {
  int64_t user_us = 0;
  int64_t system_us = 0;
};
ProcessTimes CpuTimes();
uint64_t ResidentBytes();
uint64_t SystemMemoryBytes();
std::string SystemName();

}  // namespace redislite::os

// ==== src/os/process.cc ===========================================================================================
#include <sys/resource.h>
#include <sys/utsname.h>

namespace redislite::os {

ProcessTimes CpuTimes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto microseconds = [](const timeval& time) { return int64_t{time.tv_sec} * 1'000'000 + time.tv_usec; };
  return {microseconds(usage.ru_utime), microseconds(usage.ru_stime)};
}

uint64_t ResidentBytes() {
  const int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  char text[128];
  const ssize_t size = read(fd, text, sizeof text);
  close(fd);
  uint64_t pages = 0;
  int field = 0;
  for (ssize_t i = 0; i < size && field < 2; ++i) {
    if (text[i] == ' ') {
      ++field;
    } else if (field == 1 && text[i] >= '0' && text[i] <= '9') {
      pages = pages * 10 + static_cast<uint64_t>(text[i] - '0');
    }
  }
  return pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

uint64_t SystemMemoryBytes() {
  const int64_t pages = sysconf(_SC_PHYS_PAGES);
  return pages <= 0 ? 0 : static_cast<uint64_t>(pages) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

std::string SystemName() {
  utsname name{};
  if (uname(&name) != 0) return "unknown";
  return std::string(name.sysname) + " " + name.release + " " + name.machine;
}

}  // namespace redislite::os

// ==== src/os/thread.h =============================================================================================
#include <functional>


namespace redislite::os {

Status StartThread(const std::function<void()>& body, std::thread* thread);

}  // namespace redislite::os

// ==== src/os/thread.cc ============================================================================================
#include <csignal>

namespace redislite::os {

Status StartThread(const std::function<void()>& body, std::thread* thread) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  Status status;
  try {
    *thread = std::thread(body);
  } catch (const std::system_error& error) {
    status = {Code::kNoMemory, std::string("a thread could not be started: ") + error.what()};
  } catch (const std::bad_alloc&) {
    status = OutOfMemory();
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return status;
}

}  // namespace redislite::os

// ==== src/os/wake_up.h ============================================================================================
namespace redislite::os {

class WakeUp {
 public:
  static Result<std::unique_ptr<WakeUp>> Make();
  ~WakeUp();
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;

  int fd() const { return fd_; }
  void Set() noexcept;
  void Clear() noexcept;

 private:
  explicit WakeUp(int fd) : fd_(fd) {}

  const int fd_;
  bool set_ = false;
};

}  // namespace redislite::os

// ==== src/os/wake_up.cc ===========================================================================================
#include <sys/eventfd.h>


namespace redislite::os {

Result<std::unique_ptr<WakeUp>> WakeUp::Make() {
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) return Status(Code::kNoMemory, std::string("no file descriptor: ") + std::strerror(errno));
  return std::unique_ptr<WakeUp>(new WakeUp(fd));
}

WakeUp::~WakeUp() { close(fd_); }

void WakeUp::Set() noexcept {
  if (set_) return;
  set_ = true;
  (void)eventfd_write(fd_, 1);
}

void WakeUp::Clear() noexcept {
  if (!set_) return;
  set_ = false;
  eventfd_t value = 0;
  (void)eventfd_read(fd_, &value);
}

}  // namespace redislite::os

// ==== src/resp/command_encoder.h ==================================================================================
#include <span>


namespace redislite::resp {

size_t CommandBytes(std::span<const Bytes> args);

void AppendCommand(std::string& out, std::span<const Bytes> args);

}  // namespace redislite::resp

// ==== src/resp/command_encoder.cc =================================================================================
namespace redislite::resp {

namespace {

constexpr size_t Digits(size_t number) {
  size_t digits = 1;
  for (; number >= 10; number /= 10) ++digits;
  return digits;
}

char* PutHeader(char* at, char marker, size_t count) {
  *at++ = marker;
  at = std::to_chars(at, at + std::numeric_limits<size_t>::digits10 + 1, count).ptr;
  *at++ = '\r';
  *at++ = '\n';
  return at;
}

}  // namespace

size_t CommandBytes(std::span<const Bytes> args) {
  size_t bytes = 1 + Digits(args.size()) + 2;
  for (const Bytes arg : args) bytes += 1 + Digits(arg.size()) + 2 + arg.size() + 2;
  return bytes;
}

void AppendCommand(std::string& out, std::span<const Bytes> args) {
  const size_t needed = out.size() + CommandBytes(args);
  if (needed > out.capacity()) out.reserve(std::max(needed, out.capacity() * 2));
  char* at = out.data() + out.size();
  out.resize(needed);
  at = PutHeader(at, '*', args.size());
  for (const Bytes arg : args) {
    at = PutHeader(at, '$', arg.size());
    at = std::copy(arg.begin(), arg.end(), at);
    *at++ = '\r';
    *at++ = '\n';
  }
}

}  // namespace redislite::resp

// ==== src/resp/command_parser.h ===================================================================================
namespace redislite::resp {

class CommandParser {
 public:
  struct Limits {
    uint64_t arguments_max = 2147483647;  // of one command
    uint64_t argument_bytes_max = 512ull << 20;
    bool authenticated = true;  // who is not may send only what AUTH needs
  };
  enum class Outcome : uint8_t { kCommand, kIncomplete, kError };

  Outcome Next(Bytes bytes, const Limits& limits, std::vector<Bytes>& argv, size_t* used);
  const std::string& error() const { return error_; }
  void Reset();

 private:
  struct Place {
    size_t offset;
    size_t size;
  };

  Outcome Fail(std::string why);
  Outcome NextLine(Bytes bytes, std::vector<Bytes>& argv, size_t* used);
  Outcome NextArray(Bytes bytes, const Limits& limits, std::vector<Bytes>& argv, size_t* used);

  size_t at_ = 0;         // parsed so far
  size_t scanned_ = 0;    // no line end before this
  int64_t missing_ = -1;  // arguments still to come; -1: the array's header is
  int64_t size_ = -1;     // bytes of the next one; -1: its header is still to come
  std::vector<Place> places_;
  std::vector<std::string> words_;
  std::string error_;
};

bool SplitWords(Bytes line, std::vector<std::string>* words);

}  // namespace redislite::resp

// ==== src/resp/command_parser.cc ==================================================================================
#include <cctype>


namespace redislite::resp {

namespace {

constexpr size_t kLineBytesMax = 64 << 10;
constexpr int64_t kArgumentsWithoutAuth = 10;
constexpr int64_t kArgumentBytesWithoutAuth = 16384;

bool IsBlank(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

int HexValue(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

char Unescape(Bytes line, size_t& at) {
  if (line[at + 1] == 'x' && at + 3 < line.size() && HexValue(line[at + 2]) >= 0 && HexValue(line[at + 3]) >= 0) {
    const int value = HexValue(line[at + 2]) * 16 + HexValue(line[at + 3]);
    at += 3;
    return static_cast<char>(value);
  }
  ++at;
  switch (line[at]) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return line[at];
  }
}

}  // namespace

bool SplitWords(Bytes line, std::vector<std::string>* words) {
  words->clear();
  size_t at = 0;
  while (true) {
    while (at < line.size() && IsBlank(line[at])) ++at;
    if (at == line.size() || line[at] == '\0') return true;
    std::string& word = words->emplace_back();
    char quote = 0;
    for (;; ++at) {
      if (at == line.size() || line[at] == '\0') {
        if (quote != 0) return false;
        break;
      }
      const char byte = line[at];
      if (quote == 0) {
        if (IsBlank(byte)) break;
        if (byte == '"' || byte == '\'') {
          quote = byte;
        } else {
          word += byte;
        }
        continue;
      }
      if (byte == '\\' && at + 1 < line.size() && (quote == '"' || line[at + 1] == '\'')) {
        word += Unescape(line, at);
      } else if (byte == quote) {
        if (at + 1 < line.size() && !IsBlank(line[at + 1])) return false;
        ++at;
        break;
      } else {
        word += byte;
      }
    }
  }
}

void CommandParser::Reset() {
  at_ = 0;
  scanned_ = 0;
  missing_ = -1;
  size_ = -1;
  places_.clear();
}

CommandParser::Outcome CommandParser::Fail(std::string why) {
  error_ = "Protocol error: " + std::move(why);
  return Outcome::kError;
}

CommandParser::Outcome CommandParser::Next(Bytes bytes, const Limits& limits, std::vector<Bytes>& argv, size_t* used) {
  argv.clear();
  if (bytes.empty()) return Outcome::kIncomplete;
  return bytes.front() == '*' ? NextArray(bytes, limits, argv, used) : NextLine(bytes, argv, used);
}

CommandParser::Outcome CommandParser::NextLine(Bytes bytes, std::vector<Bytes>& argv, size_t* used) {
  const size_t end = bytes.find('\n', scanned_);
  if (end == Bytes::npos) {
    scanned_ = bytes.size();
    if (bytes.size() > kLineBytesMax) return Fail("too big inline request");
    return Outcome::kIncomplete;
  }
  Bytes line = bytes.substr(0, end);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (!SplitWords(line, &words_)) return Fail("unbalanced quotes in request");
  argv.assign(words_.begin(), words_.end());
  *used = end + 1;
  Reset();
  return Outcome::kCommand;
}

CommandParser::Outcome CommandParser::NextArray(Bytes bytes, const Limits& limits, std::vector<Bytes>& argv,
                                                size_t* used) {
  const auto read_number = [&](std::optional<int64_t>* number) {
    const size_t end = bytes.find('\r', std::max(scanned_, at_));
    if (end == Bytes::npos || end + 1 >= bytes.size()) {
      scanned_ = end == Bytes::npos ? bytes.size() : end;
      return false;
    }
    *number = ParseInt64(bytes.substr(at_ + 1, end - at_ - 1));
    at_ = end + 2;
    return true;
  };
  std::optional<int64_t> number;
  if (missing_ < 0) {
    if (!read_number(&number)) {
      return bytes.size() > kLineBytesMax ? Fail("too big mbulk count string") : Outcome::kIncomplete;
    }
    if (!number || *number > static_cast<int64_t>(limits.arguments_max)) return Fail("invalid multibulk length");
    if (!limits.authenticated && *number > kArgumentsWithoutAuth) return Fail("unauthenticated multibulk length");
    if (*number <= 0) {
      *used = at_;
      Reset();
      return Outcome::kCommand;
    }
    missing_ = *number;
  }
  while (missing_ > 0) {
    if (size_ < 0) {
      if (at_ == bytes.size()) return Outcome::kIncomplete;
      const size_t begin = at_;
      if (!read_number(&number)) {
        return bytes.size() - begin > kLineBytesMax ? Fail("too big bulk count string") : Outcome::kIncomplete;
      }
      if (bytes[begin] != '$') {
        const char found = bytes[begin];
        return Fail(std::string("expected '$', got '") + (found == '\0' ? ' ' : found) + "'");
      }
      if (!number || *number < 0 || static_cast<uint64_t>(*number) > limits.argument_bytes_max) {
        return Fail("invalid bulk length");
      }
      if (!limits.authenticated && *number > kArgumentBytesWithoutAuth) return Fail("unauthenticated bulk length");
      size_ = *number;
    }
    const auto size = static_cast<size_t>(size_);
    if (bytes.size() - at_ < size + 2) return Outcome::kIncomplete;
    places_.push_back({at_, size});
    at_ += size + 2;
    size_ = -1;
    --missing_;
  }
  argv.reserve(places_.size());
  for (const Place& place : places_) argv.push_back(bytes.substr(place.offset, place.size));
  *used = at_;
  Reset();
  return Outcome::kCommand;
}

}  // namespace redislite::resp

// ==== src/resp/reader.h ===========================================================================================
namespace redislite::resp {

class CommandReader {
 public:
  enum class Outcome : uint8_t { kCommand, kEnd, kMalformed };

  explicit CommandReader(Bytes payload) : payload_(payload) {}

  Outcome Next(std::vector<Bytes>& argv);

  size_t offset() const { return offset_; }

 private:
  bool ReadHeader(char marker, size_t& at, uint64_t& count) const;
  bool ReadLineEnd(size_t& at) const;

  Bytes payload_;
  size_t offset_ = 0;
  bool malformed_ = false;
};

}  // namespace redislite::resp

// ==== src/resp/reader.cc ==========================================================================================
namespace redislite::resp {

namespace {

constexpr size_t kArgumentBytesMin = 6;

}  // namespace

bool CommandReader::ReadLineEnd(size_t& at) const {
  for (const char expected : {'\r', '\n'}) {
    if (at == payload_.size() || payload_[at] != expected) return false;
    ++at;
  }
  return true;
}

bool CommandReader::ReadHeader(char marker, size_t& at, uint64_t& count) const {
  if (at == payload_.size() || payload_[at] != marker) return false;
  ++at;
  const size_t first = at;
  count = 0;
  while (at < payload_.size() && payload_[at] >= '0' && payload_[at] <= '9') {
    if (at > first && count == 0) return false;  // a leading zero
    count = count * 10 + static_cast<uint64_t>(payload_[at] - '0');
    if (count > payload_.size()) return false;
    ++at;
  }
  return at > first && ReadLineEnd(at);
}

CommandReader::Outcome CommandReader::Next(std::vector<Bytes>& argv) {
  argv.clear();
  if (malformed_) return Outcome::kMalformed;
  if (offset_ == payload_.size()) return Outcome::kEnd;

  const auto malformed = [&](size_t at) {
    argv.clear();
    offset_ = at;
    malformed_ = true;
    return Outcome::kMalformed;
  };

  size_t at = offset_;
  uint64_t arguments = 0;
  if (!ReadHeader('*', at, arguments)) return malformed(at);
  if (arguments == 0 || arguments > (payload_.size() - at) / kArgumentBytesMin) return malformed(offset_ + 1);
  argv.reserve(arguments);
  for (uint64_t i = 0; i < arguments; ++i) {
    const size_t header = at;
    uint64_t size = 0;
    if (!ReadHeader('$', at, size)) return malformed(at);
    if (size > payload_.size() - at) return malformed(header + 1);
    argv.push_back(payload_.substr(at, size));
    at += size;
    if (!ReadLineEnd(at)) return malformed(at);
  }
  offset_ = at;
  return Outcome::kCommand;
}

}  // namespace redislite::resp

// ==== src/resp/reply.h ============================================================================================
namespace redislite::resp {

enum class ReplyType : uint8_t {
  kNil = 0,
  kStatus = 1,
  kError = 2,
  kInteger = 3,
  kString = 4,
  kArray = 5,
  kDouble = 6,
  kBoolean = 7,
  kMap = 8,
  kSet = 9,
  kBigNumber = 10,
  kVerbatim = 11,
  kPush = 12,
};

struct ReplyNode {
  ReplyType type = ReplyType::kNil;
  Code code = Code::kOk;  // of an error
  size_t size = 0;        // bytes of the text, or number of children (a map's keys and values are counted both)
  union {
    int64_t integer = 0;  // kInteger, kBoolean
    double number;        // kDouble
  };
  union {
    const char* text = nullptr;  // kStatus, kError, kString, kDouble, kBigNumber, kVerbatim; NUL-terminated
    const ReplyNode* children;   // kArray, kMap, kSet, kPush
  };

  bool has_text() const;
  bool has_children() const;
};

struct ReplyExtent {
  enum class Kind : uint8_t { kComplete, kIncomplete, kMalformed };
  Kind kind;
  size_t bytes;  // of the first reply
  size_t nodes;  // in its tree, the root included
};

ReplyExtent ScanReply(Bytes bytes) noexcept;

class ReplyTree {
 public:
  ReplyTree() = default;
  ReplyTree(const ReplyTree&) = delete;  // nodes point into the bytes
  ReplyTree& operator=(const ReplyTree&) = delete;

  bool Decode(std::string bytes, std::span<const Code> error_codes);

  const ReplyNode& root() const { return root_; }

 private:
  ReplyNode root_;  // stays the first member: capi takes a pointer to it for one to the tree
  std::vector<ReplyNode> descendants_;
  std::string bytes_;
};

}  // namespace redislite::resp

// ==== src/resp/reply.cc ===========================================================================================
namespace redislite::resp {

namespace {

using Kind_resp_reply = ReplyExtent::Kind;

constexpr size_t kDepthMax_resp_reply = 32;

constexpr uint64_t kCountMax_resp_reply = kRecordBytesMax;
constexpr size_t kCountDigitsMax = 10;

struct Element {
  char marker = 0;
  bool null = false;
  Bytes text;             // of the line or the bulk
  uint64_t children = 0;  // that follow
};

Kind_resp_reply ReadLine(Bytes bytes, size_t& at, size_t size_max, Bytes& line) noexcept {
  const size_t end = bytes.find_first_of("\r\n", at);
  if ((end == Bytes::npos ? bytes.size() : end) - at > size_max) return Kind_resp_reply::kMalformed;
  if (end == Bytes::npos) return Kind_resp_reply::kIncomplete;
  if (bytes[end] == '\n') return Kind_resp_reply::kMalformed;
  if (end + 1 == bytes.size()) return Kind_resp_reply::kIncomplete;
  if (bytes[end + 1] != '\n') return Kind_resp_reply::kMalformed;
  line = bytes.substr(at, end - at);
  at = end + 2;
  return Kind_resp_reply::kComplete;
}

Kind_resp_reply ReadCount(Bytes bytes, size_t& at, bool may_be_null, bool& null, uint64_t& count) noexcept {
  Bytes line;
  if (const Kind_resp_reply kind = ReadLine(bytes, at, kCountDigitsMax, line); kind != Kind_resp_reply::kComplete) return kind;
  null = may_be_null && line == "-1";
  if (null) return Kind_resp_reply::kComplete;
  if (line.empty()) return Kind_resp_reply::kMalformed;
  count = 0;
  for (const char c : line) {
    if (c < '0' || c > '9') return Kind_resp_reply::kMalformed;
    count = count * 10 + static_cast<uint64_t>(c - '0');
  }
  return count <= kCountMax_resp_reply ? Kind_resp_reply::kComplete : Kind_resp_reply::kMalformed;
}

Kind_resp_reply ReadBulk(Bytes bytes, size_t& at, Element& element) noexcept {
  uint64_t size = 0;
  const Kind_resp_reply kind = ReadCount(bytes, at, element.marker == '$', element.null, size);
  if (kind != Kind_resp_reply::kComplete || element.null) return kind;
  if (bytes.size() - at < size + 2) {
    const bool begun_wrong = bytes.size() - at == size + 1 && bytes.back() != '\r';
    return begun_wrong ? Kind_resp_reply::kMalformed : Kind_resp_reply::kIncomplete;
  }
  if (bytes.substr(at + size, 2) != "\r\n") return Kind_resp_reply::kMalformed;
  element.text = bytes.substr(at, size);
  at += size + 2;
  return Kind_resp_reply::kComplete;
}

Kind_resp_reply ReadElement(Bytes bytes, size_t& at, Element& element) noexcept {
  element = {};
  if (at == bytes.size()) return Kind_resp_reply::kIncomplete;
  element.marker = bytes[at++];
  constexpr size_t kAnySize = std::numeric_limits<size_t>::max();
  Kind_resp_reply kind = Kind_resp_reply::kMalformed;
  switch (element.marker) {
    case '+':
    case '-':
      return ReadLine(bytes, at, kAnySize, element.text);
    case '_':
      element.null = true;
      return ReadLine(bytes, at, 0, element.text);
    case ':':
      kind = ReadLine(bytes, at, kInt64TextMax, element.text);
      return kind == Kind_resp_reply::kComplete && !ParseInt64(element.text) ? Kind_resp_reply::kMalformed : kind;
    case '#':
      kind = ReadLine(bytes, at, 1, element.text);
      return kind == Kind_resp_reply::kComplete && element.text != "t" && element.text != "f" ? Kind_resp_reply::kMalformed : kind;
    case ',':
    case '(':
      kind = ReadLine(bytes, at, kAnySize, element.text);
      return kind == Kind_resp_reply::kComplete && element.text.empty() ? Kind_resp_reply::kMalformed : kind;
    case '$':
    case '!':
      return ReadBulk(bytes, at, element);
    case '=':
      kind = ReadBulk(bytes, at, element);
      if (kind != Kind_resp_reply::kComplete) return kind;
      if (element.text.size() < 4 || element.text[3] != ':') return Kind_resp_reply::kMalformed;
      element.text.remove_prefix(4);
      return kind;
    case '*':
    case '~':
    case '>':
    case '%':
      kind = ReadCount(bytes, at, element.marker == '*', element.null, element.children);
      if (element.marker == '%') element.children *= 2;
      return kind;
    default:
      return Kind_resp_reply::kMalformed;
  }
}

ReplyType TypeOf_resp_reply(const Element& element) noexcept {
  if (element.null) return ReplyType::kNil;
  switch (element.marker) {
    case '+':
      return ReplyType::kStatus;
    case '-':
    case '!':
      return ReplyType::kError;
    case ':':
      return ReplyType::kInteger;
    case ',':
      return ReplyType::kDouble;
    case '#':
      return ReplyType::kBoolean;
    case '(':
      return ReplyType::kBigNumber;
    case '$':
      return ReplyType::kString;
    case '=':
      return ReplyType::kVerbatim;
    case '%':
      return ReplyType::kMap;
    case '~':
      return ReplyType::kSet;
    case '>':
      return ReplyType::kPush;
    default:
      return ReplyType::kArray;
  }
}

std::optional<double> ReadDouble(Bytes text) {
  if (text == "nan" || text == "-nan") return std::numeric_limits<double>::quiet_NaN();
  return ParseDouble(text);
}

bool IsBigNumber(Bytes text) {
  if (text.front() == '-' || text.front() == '+') text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == Bytes::npos;
}

}  // namespace

bool ReplyNode::has_text() const {
  switch (type) {
    case ReplyType::kStatus:
    case ReplyType::kError:
    case ReplyType::kString:
    case ReplyType::kDouble:
    case ReplyType::kBigNumber:
    case ReplyType::kVerbatim:
      return true;
    default:
      return false;
  }
}

bool ReplyNode::has_children() const {
  return type == ReplyType::kArray || type == ReplyType::kMap || type == ReplyType::kSet || type == ReplyType::kPush;
}

ReplyExtent ScanReply(Bytes bytes) noexcept {
  uint64_t missing[kDepthMax_resp_reply] = {1};  // children that are still to come, by level; the root is the one child of level 0
  size_t level = 0;
  size_t at = 0;
  size_t nodes = 0;
  while (true) {
    while (missing[level] == 0) {
      if (level == 0) return {Kind_resp_reply::kComplete, at, nodes};
      --level;
    }
    --missing[level];
    Element element;
    if (const Kind_resp_reply kind = ReadElement(bytes, at, element); kind != Kind_resp_reply::kComplete) return {kind, 0, 0};
    ++nodes;
    if (element.children > 0) {
      if (++level == kDepthMax_resp_reply) return {Kind_resp_reply::kMalformed, 0, 0};
      missing[level] = element.children;
    }
  }
}

bool ReplyTree::Decode(std::string bytes, std::span<const Code> error_codes) {
  bytes_ = std::move(bytes);
  const ReplyExtent extent = ScanReply(bytes_);
  if (extent.kind != Kind_resp_reply::kComplete || extent.bytes != bytes_.size()) return false;
  descendants_.resize(extent.nodes - 1);

  struct Level {
    ReplyNode* next;
    ReplyNode* end;
  };
  Level levels[kDepthMax_resp_reply];
  levels[0] = {&root_, &root_ + 1};
  size_t level = 0;
  ReplyNode* unused = descendants_.data();
  size_t at = 0;
  size_t errors = 0;
  while (true) {
    while (levels[level].next == levels[level].end) {
      if (level == 0) return true;
      --level;
    }
    ReplyNode& node = *levels[level].next++;
    Element element;
    ReadElement(bytes_, at, element);
    node.type = TypeOf_resp_reply(element);
    if (node.has_children()) {
      node.size = element.children;
      node.children = unused;
      if (element.children > 0) levels[++level] = {unused, unused + element.children};
      unused += element.children;
      continue;
    }
    if (node.has_text()) {
      node.size = element.text.size();
      node.text = element.text.data();
      bytes_[static_cast<size_t>(node.text - bytes_.data()) + node.size] = '\0';  // was the line end's first byte
    }
    if (node.type == ReplyType::kError) {
      node.code = errors < error_codes.size() ? error_codes[errors] : Code::kCommand;
      ++errors;
    } else if (node.type == ReplyType::kInteger) {
      node.integer = *ParseInt64(element.text);
    } else if (node.type == ReplyType::kBoolean) {
      node.integer = element.text == "t" ? 1 : 0;
    } else if (node.type == ReplyType::kDouble) {
      const std::optional<double> number = ReadDouble(element.text);
      if (!number) return false;
      node.number = *number;
    } else if (node.type == ReplyType::kBigNumber && !IsBigNumber(element.text)) {
      return false;
    }
  }
}

}  // namespace redislite::resp

// ==== src/resp/writer.h ===========================================================================================
namespace redislite::resp {

class Writer {
 public:
  explicit Writer(int protocol = 3) : protocol_(protocol) {}

  int protocol() const { return protocol_; }
  void Reset(int protocol) noexcept {
    protocol_ = protocol;
    Clear();
  }

  void Status(Bytes text) noexcept;  // +OK
  void Ok() noexcept { Status("OK"); }
  void Error(Code code, Bytes text) noexcept;
  void Integer(int64_t value) noexcept;         // :1
  void Bulk(Bytes bytes) noexcept;              // $3 abc
  void BulkInteger(int64_t value) noexcept;     // $1 7
  void Null() noexcept;                         // RESP2 $-1, RESP3 _
  void NullArray() noexcept;                    // RESP2 *-1, RESP3 _
  void Double(double value) noexcept;           // RESP2 bulk, RESP3 ,
  void LongDouble(long double value) noexcept;  // the same, with up to 17 digits behind the point
  void Boolean(bool value) noexcept;            // RESP2 :0 or :1, RESP3 #
  void Verbatim(Bytes text) noexcept;           // RESP2 bulk, RESP3 = with "txt:"
  void BigNumber(Bytes digits) noexcept;        // RESP2 bulk, RESP3 (
  void Array(size_t count) noexcept;
  void Map(size_t pairs) noexcept;
  void Set(size_t count) noexcept;
  void Push(size_t count) noexcept;

  size_t BeginArray() noexcept;
  void EndArray(size_t mark, size_t count) noexcept { EndAggregate('*', mark, count); }
  void EndSet(size_t mark, size_t count) noexcept { EndAggregate(protocol_ == 2 ? '*' : '~', mark, count); }

  void Raw(Bytes bytes) noexcept;

  Bytes bytes() const { return buffer_; }
  const std::vector<Code>& error_codes() const { return error_codes_; }
  bool has_error() const { return !error_codes_.empty(); }
  bool out_of_memory() const { return out_of_memory_; }

  void Clear() noexcept;
  void ShrinkTo(size_t bytes) noexcept {
    if (bytes < buffer_.size()) buffer_.resize(bytes);
  }
  std::string Take() { return std::move(buffer_); }

 private:
  void Header(char type, int64_t number) noexcept;
  template <typename Format>
  void FormattedDouble(const Format& format) noexcept;
  void EndAggregate(char type, size_t mark, size_t count) noexcept;
  void Append(Bytes bytes) noexcept;

  int protocol_;
  bool out_of_memory_ = false;
  std::string buffer_;
  std::vector<Code> error_codes_;
};

}  // namespace redislite::resp

// ==== src/resp/writer.cc ==========================================================================================
namespace redislite::resp {

void Writer::Append(Bytes bytes) noexcept {
  if (out_of_memory_) return;
  try {
    buffer_.append(bytes);
  } catch (const std::exception&) {  // bad_alloc, or length_error for what no address space can hold
    out_of_memory_ = true;
    std::string().swap(buffer_);
  }
}

void Writer::Header(char type, int64_t number) noexcept {
  char text[kInt64TextMax + 3];
  text[0] = type;
  const Bytes digits = FormatInt64(number, text + 1);
  const size_t size = digits.size() + 1;
  text[size] = '\r';
  text[size + 1] = '\n';
  Append({text, size + 2});
}

void Writer::Status(Bytes text) noexcept {
  Append("+");
  Append(text);
  Append("\r\n");
}

void Writer::Error(Code code, Bytes text) noexcept {
  try {
    error_codes_.push_back(code);
  } catch (const std::bad_alloc&) {
    out_of_memory_ = true;
    return;
  }
  Append("-");
  const size_t from = buffer_.size();
  Append(text);
  for (size_t i = from; i < buffer_.size(); ++i) {
    if (buffer_[i] == '\r' || buffer_[i] == '\n') buffer_[i] = ' ';
  }
  Append("\r\n");
}

void Writer::Integer(int64_t value) noexcept { Header(':', value); }

void Writer::Bulk(Bytes bytes) noexcept {
  Header('$', static_cast<int64_t>(bytes.size()));
  Append(bytes);
  Append("\r\n");
}

void Writer::BulkInteger(int64_t value) noexcept {
  char text[kInt64TextMax];
  Bulk(FormatInt64(value, text));
}

void Writer::Null() noexcept { Append(protocol_ == 2 ? "$-1\r\n" : "_\r\n"); }
void Writer::NullArray() noexcept { Append(protocol_ == 2 ? "*-1\r\n" : "_\r\n"); }

template <typename Format>
void Writer::FormattedDouble(const Format& format) noexcept {
  std::string text;
  try {
    text = format();
  } catch (const std::bad_alloc&) {
    out_of_memory_ = true;
    return;
  }
  if (protocol_ == 2) return Bulk(text);
  Append(",");
  Append(text);
  Append("\r\n");
}

void Writer::Double(double value) noexcept {
  FormattedDouble([value] { return FormatDouble(value); });
}

void Writer::LongDouble(long double value) noexcept {
  FormattedDouble([value] { return FormatLongDouble(value); });
}

void Writer::Boolean(bool value) noexcept {
  if (protocol_ == 2) return Integer(value ? 1 : 0);
  Append(value ? "#t\r\n" : "#f\r\n");
}

void Writer::Verbatim(Bytes text) noexcept {
  if (protocol_ == 2) return Bulk(text);
  Header('=', static_cast<int64_t>(text.size()) + 4);
  Append("txt:");
  Append(text);
  Append("\r\n");
}

void Writer::BigNumber(Bytes digits) noexcept {
  if (protocol_ == 2) return Bulk(digits);
  Append("(");
  Append(digits);
  Append("\r\n");
}

void Writer::Array(size_t count) noexcept { Header('*', static_cast<int64_t>(count)); }

void Writer::Map(size_t pairs) noexcept {
  if (protocol_ == 2) return Array(pairs * 2);
  Header('%', static_cast<int64_t>(pairs));
}

void Writer::Set(size_t count) noexcept {
  if (protocol_ == 2) return Array(count);
  Header('~', static_cast<int64_t>(count));
}

void Writer::Push(size_t count) noexcept {
  if (protocol_ == 2) return Array(count);
  Header('>', static_cast<int64_t>(count));
}

size_t Writer::BeginArray() noexcept { return buffer_.size(); }

void Writer::EndAggregate(char type, size_t mark, size_t count) noexcept {
  if (out_of_memory_ || mark > buffer_.size()) return;
  char text[kInt64TextMax];
  try {
    std::string header(1, type);
    header.append(FormatInt64(static_cast<int64_t>(count), text)).append("\r\n");
    buffer_.insert(mark, header);
  } catch (const std::exception&) {
    out_of_memory_ = true;
  }
}

void Writer::Raw(Bytes bytes) noexcept { Append(bytes); }

void Writer::Clear() noexcept {
  buffer_.clear();
  error_codes_.clear();
  out_of_memory_ = false;
}

}  // namespace redislite::resp

// ==== src/types/bitmap.h ==========================================================================================
namespace redislite::types {

struct BitRange {
  uint64_t first;
  uint64_t last;
};

uint64_t CountBits(Bytes bytes, BitRange range);

std::optional<uint64_t> FindBit(Bytes bytes, bool set, BitRange range);

enum class BitOperation : uint8_t { kAnd, kOr, kXor };

void CombineBits(BitOperation operation, char* into, uint64_t size, Bytes from);

struct BitField {
  bool is_signed;
  unsigned bits;
  uint64_t offset;  // of its highest bit

  int64_t min() const { return is_signed ? -max() - 1 : 0; }
  int64_t max() const { return static_cast<int64_t>(~uint64_t{0} >> (is_signed ? 1 : 0) >> (64 - bits)); }
  uint64_t last_byte() const { return (offset + bits - 1) / 8; }

  int64_t Wrap(uint64_t value) const {
    const unsigned unused = 64 - bits;
    return is_signed ? static_cast<int64_t>(value << unused) >> unused
                     : static_cast<int64_t>(value << unused >> unused);
  }
};

}  // namespace redislite::types

// ==== src/types/bitmap.cc =========================================================================================
namespace redislite::types {

namespace {

uint64_t WordAt(const char* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

unsigned MaskOf(uint64_t index, BitRange range) {
  unsigned mask = 0xff;
  if (index == range.first / 8) mask &= 0xffu >> range.first % 8;
  if (index == range.last / 8) mask &= 0xffu << (7 - range.last % 8);
  return mask;
}

unsigned ByteAt_types_bitmap(Bytes bytes, uint64_t index) { return static_cast<uint8_t>(bytes[index]); }

}  // namespace

uint64_t CountBits(Bytes bytes, BitRange range) {
  const uint64_t first = range.first / 8;
  const uint64_t last = range.last / 8;
  const auto count_byte = [&](uint64_t index) {
    return static_cast<uint64_t>(std::popcount(ByteAt_types_bitmap(bytes, index) & MaskOf(index, range)));
  };
  uint64_t count = count_byte(first);
  if (first == last) return count;
  uint64_t at = first + 1;
  for (; at + 8 <= last; at += 8) count += static_cast<uint64_t>(std::popcount(WordAt(bytes.data() + at)));
  for (; at <= last; ++at) count += count_byte(at);
  return count;
}

std::optional<uint64_t> FindBit(Bytes bytes, bool set, BitRange range) {
  const uint64_t last = range.last / 8;
  const uint64_t skipped_word = set ? 0 : ~uint64_t{0};
  const unsigned flip = set ? 0 : 0xff;
  for (uint64_t at = range.first / 8; at <= last;) {
    if (at > range.first / 8 && at + 8 <= last && WordAt(bytes.data() + at) == skipped_word) {
      at += 8;
      continue;
    }
    const unsigned found = (ByteAt_types_bitmap(bytes, at) ^ flip) & MaskOf(at, range);
    if (found != 0) return at * 8 + static_cast<uint64_t>(std::countl_zero(static_cast<uint8_t>(found)));
    ++at;
  }
  return {};
}

void CombineBits(BitOperation operation, char* into, uint64_t size, Bytes from) {
  const uint64_t common = from.size();
  switch (operation) {
    case BitOperation::kAnd:
      for (uint64_t i = 0; i < common; ++i) into[i] = static_cast<char>(into[i] & from[i]);
      std::memset(into + common, 0, size - common);
      break;
    case BitOperation::kOr:
      for (uint64_t i = 0; i < common; ++i) into[i] = static_cast<char>(into[i] | from[i]);
      break;
    case BitOperation::kXor:
      for (uint64_t i = 0; i < common; ++i) into[i] = static_cast<char>(into[i] ^ from[i]);
      break;
  }
}

}  // namespace redislite::types

// ==== src/base/random.h ===========================================================================================
namespace redislite {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed == 0 ? 0x9e3779b97f4a7c15 : seed) {}

  uint64_t Next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545f4914f6cdd1d;
  }
  uint64_t Below(uint64_t bound) { return Next() % bound; }

 private:
  uint64_t state_;
};

}  // namespace redislite

// ==== src/base/table.h ============================================================================================
#include <cassert>


namespace redislite {

struct StoredHash {
  template <typename Node>
  uint64_t operator()(const Node& node) const {
    return node.hash;
  }
};

template <typename Node, typename HashOf = StoredHash>
class Table {
 public:
  Table(Memory& memory, int skip_bits, HashOf hash_of = HashOf())
      : memory_(memory), skip_bits_(skip_bits), hash_of_(hash_of) {}
  ~Table() { FreeSegments(); }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  size_t size() const { return size_; }

  template <typename Equal>
  Node* Find(uint64_t hash, const Equal& equal) const {
    if (directory_ == nullptr) return nullptr;
    const Segment& segment = *SegmentOf(hash);
    const uint64_t tag = TagOf(segment, hash);
    for (uint32_t i = FirstAt(segment, tag); i < segment.count && TagIn(segment.words()[i]) == tag; ++i) {
      Node* node = NodeIn(segment.words()[i]);
      if (equal(*node)) return node;
    }
    return nullptr;
  }

  void PrefetchSegment(uint64_t hash) const {
    if (directory_ != nullptr) __builtin_prefetch(SegmentOf(hash));
  }
  void PrefetchWords(uint64_t hash) const {
    if (directory_ == nullptr) return;
    const Segment& segment = *SegmentOf(hash);
    __builtin_prefetch(segment.words() + (TagOf(segment, hash) * segment.count >> kTagBits));
  }
  void PrefetchNode(uint64_t hash) const {
    if (directory_ == nullptr) return;
    const Segment& segment = *SegmentOf(hash);
    const uint32_t at = FirstAt(segment, TagOf(segment, hash));
    if (at < segment.count) __builtin_prefetch(NodeIn(segment.words()[at]));
  }

  void Insert(Node* node) { Insert(hash_of_(*node), node); }
  void Insert(uint64_t hash, Node* node) {
    if (directory_ == nullptr) Begin();
    Segment* segment = SegmentOf(hash);
    while (segment->count >= kSegmentNodesMax && segment->depth < kDepthMax && Split(segment, hash))
      segment = SegmentOf(hash);
    if (segment->count == segment->capacity) segment = Resize(segment, hash, RoomFor(segment->count + 1));
    const uint64_t tag = TagOf(*segment, hash);
    uint64_t* at = segment->words() + FirstAt(*segment, tag);
    std::memmove(at + 1, at, sizeof(uint64_t) * static_cast<size_t>(segment->words() + segment->count - at));
    *at = Word(tag, node);
    ++segment->count;
    ++size_;
  }

  void Remove(Node* node) noexcept { Remove(hash_of_(*node), node); }
  void Remove(uint64_t hash, Node* node) noexcept {
    Segment* segment = SegmentOf(hash);
    uint64_t* at = PlaceOf(*segment, hash, node);
    --segment->count;
    std::memmove(at, at + 1, sizeof(uint64_t) * static_cast<size_t>(segment->words() + segment->count - at));
    if (--size_ == 0) return FreeSegments();
    if (segment->capacity - segment->count > kSpareMin + segment->capacity / 4) TryToFit(segment, hash);
  }

  void Compact(uint64_t hash) noexcept {
    while (directory_ != nullptr && depth_ > 0) {
      Segment* segment = SegmentOf(hash);
      if (segment->depth == 0) return;
      const uint64_t span = uint64_t{1} << (depth_ - segment->depth);
      Segment* other = directory_[SlotOf(hash) ^ span];
      if (other->depth != segment->depth || segment->count + other->count > kSegmentNodesMin) return;
      const bool is_lower = (SlotOf(hash) & span) == 0;
      if (!Join(is_lower ? segment : other, is_lower ? other : segment, hash)) return;
      ShrinkDirectory();
    }
  }

  void Replace(Node* node, Node* replacement) noexcept { Replace(hash_of_(*node), node, replacement); }
  void Replace(uint64_t hash, Node* node, Node* replacement) noexcept {
    Segment& segment = *SegmentOf(hash);
    *PlaceOf(segment, hash, node) = Word(TagOf(segment, hash), replacement);
  }

  template <typename Visit, typename Enough>
  bool Walk(uint64_t from, uint64_t* next, const Visit& visit, const Enough& enough) const {
    if (directory_ == nullptr) return false;
    const uint64_t begin = from << skip_bits_;
    uint64_t position = begin;  // with the skipped bits shifted out
    while (true) {
      const Segment* segment = SegmentOf(position >> skip_bits_);
      const int depth = segment->depth;
      const uint64_t step = uint64_t{1} << (64 - depth - kBucketBits);
      const uint64_t start = position & ~(step - 1);
      const uint64_t bucket = (position << depth) >> (64 - kBucketBits);
      const auto bucket_in = [](uint64_t word) { return word >> (64 - kBucketBits); };
      uint32_t i = FirstAt(*segment, bucket << (kTagBits - kBucketBits));
      while (i < segment->count && bucket_in(segment->words()[i]) == bucket) {
        const uint64_t word = segment->words()[i];
        Node* node = NodeIn(word);
        if (start >= begin || hash_of_(*node) << skip_bits_ >= begin) visit(node);
        if (size_ == 0) return false;  // visit removed the last node, and the segments with it
        segment = SegmentOf(position >> skip_bits_);
        if (i < segment->count && segment->words()[i] == word) ++i;
      }
      position = start + step;
      if (position == 0) return false;  // past the last bucket
      if (enough()) {
        const uint64_t prefix = skip_bits_ == 0 ? 0 : (from >> (64 - skip_bits_)) << (64 - skip_bits_);
        *next = prefix | (position >> skip_bits_);
        return true;
      }
      const uint64_t first = depth == 0 ? 0 : (start >> (64 - depth)) << (64 - depth);
      if (i < segment->count) {
        position = first | bucket_in(segment->words()[i]) << (64 - depth - kBucketBits);
      } else {
        if (depth == 0) return false;
        position = first + (uint64_t{1} << (64 - depth));
        if (position == 0) return false;
      }
    }
  }

  template <typename Below>
  Node* Sample(const Below& below) const {
    if (size_ == 0) return nullptr;
    const uint64_t slots = uint64_t{1} << depth_;
    uint64_t slot = below(slots);
    for (int tries = 0; tries < 128; ++tries, slot = below(slots)) {
      const Segment* segment = directory_[slot];
      const uint64_t full = uint64_t{kSegmentNodesMax} << (depth_ - segment->depth);
      if (slots == 1 || below(full) < segment->count) break;
    }
    while (directory_[slot]->count == 0) slot = (slot + 1) % slots;  // only when all tries failed: nearly empty
    const Segment& segment = *directory_[slot];
    return NodeIn(segment.words()[below(segment.count)]);
  }

  size_t memory_bytes() const {
    if (directory_ == nullptr) return 0;
    const uint64_t slots = uint64_t{1} << depth_;
    size_t bytes = Memory::Footprint(sizeof(Segment*) * slots);
    for (uint64_t i = 0; i < slots; i += uint64_t{1} << (depth_ - directory_[i]->depth)) {
      bytes += Memory::Footprint(SegmentBytes(directory_[i]->capacity));
    }
    return bytes;
  }

  template <typename Visit>
  void ForEach(const Visit& visit) const {
    if (directory_ == nullptr) return;
    for (uint64_t i = 0; i < (uint64_t{1} << depth_);) {
      const Segment* segment = directory_[i];
      for (uint32_t at = 0; at < segment->count; ++at) visit(NodeIn(segment->words()[at]));
      i += uint64_t{1} << (depth_ - segment->depth);
    }
  }

  void Clear() noexcept {
    FreeSegments();
    size_ = 0;
  }

  void Swap(Table& other) noexcept {
    std::swap(directory_, other.directory_);
    std::swap(depth_, other.depth_);
    std::swap(size_, other.size_);
  }

 private:
  static constexpr int kTagBits = 16;
  static constexpr int kPointerBits = 64 - kTagBits;
  static constexpr int kBucketBits = 8;  // of the tag: what a Walk visits at a time
  static constexpr uint32_t kSegmentNodesMax = 64;
  static constexpr uint32_t kSegmentNodesMin = 16;  // two segments that have no more together are joined
  static constexpr uint32_t kSpareMin = 4;          // free words that are not worth giving back
  static constexpr int kDepthMax = 24;

  struct alignas(uint64_t) Segment {
    uint32_t count;
    uint32_t capacity;
    int depth;

    uint64_t* words() { return reinterpret_cast<uint64_t*>(this + 1); }
    const uint64_t* words() const { return reinterpret_cast<const uint64_t*>(this + 1); }
  };
  static size_t SegmentBytes(uint32_t capacity) { return sizeof(Segment) + sizeof(uint64_t) * capacity; }

  static uint64_t Word(uint64_t tag, Node* node) {
    const auto address = reinterpret_cast<uintptr_t>(node);
    assert(address >> kPointerBits == 0);
    return tag << kPointerBits | address;
  }
  static Node* NodeIn(uint64_t word) {
    const uint64_t address = word & ((uint64_t{1} << kPointerBits) - 1);
    return reinterpret_cast<Node*>(address);  // NOLINT(performance-no-int-to-ptr): a word is an address and a tag
  }
  static uint64_t TagIn(uint64_t word) { return word >> kPointerBits; }

  uint64_t SlotOf(uint64_t hash) const { return depth_ == 0 ? 0 : (hash << skip_bits_) >> (64 - depth_); }
  Segment* SegmentOf(uint64_t hash) const { return directory_[SlotOf(hash)]; }
  uint64_t TagOf(const Segment& segment, uint64_t hash) const {
    return (hash << (skip_bits_ + segment.depth)) >> kPointerBits;
  }

  static uint32_t FirstAt(const Segment& segment, uint64_t tag) {
    const uint64_t* words = segment.words();
    if (segment.count > 2 * kSegmentNodesMax) {  // splitting failed
      const auto below = [](uint64_t word, uint64_t bound) { return TagIn(word) < bound; };
      return static_cast<uint32_t>(std::lower_bound(words, words + segment.count, tag, below) - words);
    }
    auto i = static_cast<uint32_t>(tag * segment.count >> kTagBits);
    while (i < segment.count && TagIn(words[i]) < tag) ++i;
    while (i > 0 && TagIn(words[i - 1]) >= tag) --i;
    return i;
  }

  uint64_t* PlaceOf(Segment& segment, uint64_t hash, Node* node) const {
    const uint64_t word = Word(TagOf(segment, hash), node);
    uint64_t* at = segment.words() + FirstAt(segment, TagIn(word));
    while (*at != word) ++at;
    return at;
  }

  static uint32_t RoomFor(uint32_t count) {
    const size_t bytes = Memory::Usable(SegmentBytes(count + count / 8 + 1));
    return static_cast<uint32_t>((bytes - sizeof(Segment)) / sizeof(uint64_t));
  }

  Segment* NewSegment(int depth, uint32_t count) {
    const uint32_t capacity = RoomFor(count);
    return new (memory_.Allocate(SegmentBytes(capacity))) Segment{0, capacity, depth};
  }

  void Place(Segment* segment, uint64_t hash) noexcept {
    const uint64_t span = uint64_t{1} << (depth_ - segment->depth);
    const uint64_t first = SlotOf(hash) & ~(span - 1);
    for (uint64_t i = first; i < first + span; ++i) directory_[i] = segment;
  }

  Segment* Resize(Segment* segment, uint64_t hash, uint32_t capacity) {
    auto* moved =
        static_cast<Segment*>(memory_.Reallocate(segment, SegmentBytes(segment->capacity), SegmentBytes(capacity)));
    moved->capacity = capacity;
    Place(moved, hash);
    return moved;
  }

  void TryToFit(Segment* segment, uint64_t hash) noexcept {
    try {
      (void)Resize(segment, hash, RoomFor(segment->count));
    } catch (const std::bad_alloc&) {
      return;
    }
  }

  void Begin() {
    auto** directory = static_cast<Segment**>(memory_.Allocate(sizeof(Segment*)));
    try {
      directory[0] = NewSegment(0, 2);
    } catch (...) {
      memory_.Free(directory, sizeof(Segment*));
      throw;
    }
    directory_ = directory;
    depth_ = 0;
  }

  bool Split(Segment* segment, uint64_t hash) noexcept {
    const uint32_t lower_count = FirstAt(*segment, uint64_t{1} << (kTagBits - 1));
    Segment* upper = nullptr;
    try {
      if (segment->depth == depth_) GrowDirectory();
      upper = NewSegment(segment->depth + 1, segment->count - lower_count);
    } catch (const std::bad_alloc&) {
      return false;
    }
    for (uint32_t i = 0; i < segment->count; ++i) __builtin_prefetch(NodeIn(segment->words()[i]));
    const uint64_t span = uint64_t{1} << (depth_ - segment->depth);
    const uint64_t middle = (SlotOf(hash) & ~(span - 1)) + span / 2;
    for (uint64_t i = middle; i < middle + span / 2; ++i) directory_[i] = upper;
    upper->count = segment->count - lower_count;
    std::memcpy(upper->words(), segment->words() + lower_count, sizeof(uint64_t) * upper->count);
    segment->count = lower_count;
    ++segment->depth;
    Retag(upper);
    Retag(segment);
    TryToFit(segment, (middle - 1) << (64 - depth_) >> skip_bits_);
    return true;
  }

  void Retag(Segment* segment) noexcept {
    uint64_t* words = segment->words();
    for (uint32_t i = 0; i < segment->count; ++i) {
      Node* node = NodeIn(words[i]);
      const uint64_t word = Word(TagOf(*segment, hash_of_(*node)), node);
      uint32_t at = i;
      for (; at > 0 && TagIn(words[at - 1]) > TagIn(word); --at) words[at] = words[at - 1];
      words[at] = word;
    }
  }

  bool Join(Segment* lower, Segment* upper, uint64_t hash) noexcept {
    const uint32_t count = lower->count + upper->count;
    Segment* joined;
    try {
      joined = NewSegment(lower->depth - 1, count);
    } catch (const std::bad_alloc&) {
      return false;
    }
    const auto take = [&](Segment* half, uint64_t top) {
      for (uint32_t i = 0; i < half->count; ++i) {
        const uint64_t word = half->words()[i];
        joined->words()[joined->count++] = Word(top << (kTagBits - 1) | TagIn(word) >> 1, NodeIn(word));
      }
      memory_.Free(half, SegmentBytes(half->capacity));
    };
    take(lower, 0);
    take(upper, 1);
    Place(joined, hash);
    return true;
  }

  void GrowDirectory() {
    const uint64_t slots = uint64_t{1} << depth_;
    auto** larger = static_cast<Segment**>(memory_.Allocate(sizeof(Segment*) * slots * 2));
    for (uint64_t i = 0; i < slots; ++i) larger[2 * i] = larger[2 * i + 1] = directory_[i];
    memory_.Free(directory_, sizeof(Segment*) * slots);
    directory_ = larger;
    ++depth_;
  }

  void ShrinkDirectory() noexcept {
    while (depth_ > 0) {
      const uint64_t half = uint64_t{1} << (depth_ - 1);
      for (uint64_t i = 0; i < half; ++i) {
        if (directory_[2 * i] != directory_[2 * i + 1]) return;
      }
      Segment** smaller;
      try {
        smaller = static_cast<Segment**>(memory_.Allocate(sizeof(Segment*) * half));
      } catch (const std::bad_alloc&) {
        return;
      }
      for (uint64_t i = 0; i < half; ++i) smaller[i] = directory_[2 * i];
      memory_.Free(directory_, sizeof(Segment*) * half * 2);
      directory_ = smaller;
      --depth_;
    }
  }

  void FreeSegments() noexcept {
    if (directory_ == nullptr) return;
    const uint64_t slots = uint64_t{1} << depth_;
    for (uint64_t i = 0; i < slots;) {
      Segment* segment = directory_[i];
      i += uint64_t{1} << (depth_ - segment->depth);
      memory_.Free(segment, SegmentBytes(segment->capacity));
    }
    memory_.Free(directory_, sizeof(Segment*) * slots);
    directory_ = nullptr;
    depth_ = 0;
  }

  Memory& memory_;
  const int skip_bits_;
  [[no_unique_address]] HashOf hash_of_;
  Segment** directory_ = nullptr;
  int depth_ = 0;
  size_t size_ = 0;
};

}  // namespace redislite

// ==== src/types/packed.h ==========================================================================================
namespace redislite::types {

class Packed {
 public:
  static size_t EncodedSize(size_t length) { return length + 2 * LengthBytes(length); }

  static Packed Make(Memory& memory, Bytes encoded, std::span<const Bytes> elements);
  void Release(Memory& memory) noexcept;

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }  // bytes, not elements

  Bytes At(size_t offset) const {
    const char* at = contents() + offset;
    size_t length = static_cast<uint8_t>(*at++);
    if (length >= 0x80) length = ReadLongLength(length, &at);
    return {at, length};
  }
  size_t Next(size_t offset) const { return offset + EncodedSize(At(offset).size()); }
  size_t Previous(size_t offset) const;
  Bytes Encoded(size_t from, size_t to) const { return {contents() + from, to - from}; }

  void Replace(Memory& memory, size_t offset, size_t removed, std::span<const Bytes> elements);
  void Replace(Memory& memory, size_t offset, size_t removed, Bytes element) {
    Replace(memory, offset, removed, {&element, 1});
  }
  void AppendEncoded(Memory& memory, Bytes encoded);
  void Erase(Memory& memory, size_t offset, size_t removed) noexcept;
  template <typename Remove>
  void EraseIf(Memory& memory, const Remove& remove) noexcept {
    size_t kept = 0;
    for (size_t offset = 0; offset < size_;) {
      const Bytes element = At(offset);
      const size_t encoded = EncodedSize(element.size());
      if (!remove(element)) {
        if (kept != offset) std::memmove(contents() + kept, contents() + offset, encoded);
        kept += encoded;
      }
      offset += encoded;
    }
    Erase(memory, kept, size_ - kept);
  }
  void Fit(Memory& memory) noexcept;

  size_t memory_bytes() const { return block_ == nullptr ? 0 : Memory::Footprint(capacity_); }

 private:
  static size_t LengthBytes(size_t length) {
    size_t bytes = 1;
    while (length >= 0x80) {
      length >>= 7;
      ++bytes;
    }
    return bytes;
  }
  static size_t ReadLongLength(size_t first, const char** at);
  static char* WriteElements(char* at, std::span<const Bytes> elements);

  char* contents() const { return block_ + begin_; }
  bool Holds(Bytes bytes) const;
  void MoveApart(size_t begin, size_t before, size_t after_from, size_t after_to);
  void ShrinkIfSparse(Memory& memory) noexcept;
  void MoveToBlock(Memory& memory, size_t capacity) noexcept;
  template <typename Write>
  void Splice(Memory& memory, size_t offset, size_t removed, size_t added, bool may_move, const Write& write);

  char* block_ = nullptr;
  uint32_t capacity_ = 0;
  uint32_t begin_ = 0;
  uint32_t size_ = 0;
};

}  // namespace redislite::types

// ==== src/types/hash.h ============================================================================================
namespace redislite::types {

class Hash {
 public:
  static constexpr size_t kPackedFieldsMax = 512;
  static constexpr size_t kPackedBytesMax = 64;

  Hash(Memory& memory, const HashSeed& seed) : memory_(memory), seed_(seed) {}
  ~Hash();
  Memory& memory() const { return memory_; }
  Hash(const Hash&) = delete;
  Hash& operator=(const Hash&) = delete;

  size_t size() const { return table_ == nullptr ? pairs_ : table_->size(); }  // fields

  std::optional<Bytes> Get(Bytes field) const;
  bool Set(Bytes field, Bytes value);
  bool Erase(Bytes field) noexcept;

  using Visit = std::function<bool(Bytes field, Bytes value)>;  // false stops
  void ForEach(const Visit& visit) const;

  uint64_t Scan(uint64_t cursor, size_t count, const Visit& visit) const;

  void Sample(Random& random, const Visit& visit) const;

  const char* encoding() const { return table_ == nullptr ? "listpack" : "hashtable"; }

  Hash* Clone() const;

  size_t memory_bytes() const;

 private:
  struct Pair {
    uint32_t field_size;
    uint32_t value_size;

    char* bytes() { return reinterpret_cast<char*>(this + 1); }
    Bytes field() const { return {reinterpret_cast<const char*>(this + 1), field_size}; }
    Bytes value() const { return {reinterpret_cast<const char*>(this + 1) + field_size, value_size}; }
    size_t bytes_held() const { return sizeof(Pair) + field_size + value_size; }
  };
  struct PairHash {
    const HashSeed* seed;

    uint64_t operator()(const Pair& pair) const { return SipHash13(*seed, pair.field()); }
  };
  using Pairs = Table<Pair, PairHash>;

  Pair* MakePair(Bytes field, Bytes value);
  void FreePair(Pair* pair) noexcept;
  void AddPair(Pair* pair);
  Pair* FindPair(uint64_t hash, Bytes field) const;
  std::optional<size_t> FindPacked(Bytes field) const;
  bool SetInTable(Bytes field, Bytes value);

  Memory& memory_;
  const HashSeed& seed_;
  Packed packed_;           // field, value, field, value, ... in order of insertion
  uint32_t pairs_ = 0;      // in packed_
  Pairs* table_ = nullptr;  // when large; then packed_ is empty
  size_t pair_bytes_ = 0;   // what the table's pairs take of the Memory
};

}  // namespace redislite::types

// ==== src/types/deque.h ===========================================================================================
#include <type_traits>


namespace redislite::types {

template <typename T>
class Deque {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  Deque() : own_() {}
  Deque(const Deque&) = delete;
  Deque& operator=(const Deque&) = delete;

  void Release(Memory& memory) noexcept {
    if (capacity_ > 1) memory.Free(array_, capacity_ * sizeof(T));
    capacity_ = 1;
    begin_ = size_ = 0;
  }

  size_t size() const { return size_; }
  T& operator[](size_t index) { return data()[begin_ + index]; }
  const T& operator[](size_t index) const { return data()[begin_ + index]; }
  T* begin() { return data() + begin_; }
  T* end() { return begin() + size_; }
  const T* begin() const { return data() + begin_; }
  const T* end() const { return begin() + size_; }

  void Reserve(Memory& memory, size_t more) {
    if (size_ + more + (capacity_ > 1 ? capacity_ / 8 : 0) > capacity_) {
      Reallocate(memory, (size_ + more) + (size_ + more) / 2);
    }
  }

  void Insert(size_t index, const T& record) noexcept {
    const size_t after = size_ - index;
    const bool in_front = index < after;
    if (in_front ? begin_ == 0 : begin_ + size_ == capacity_) {
      const size_t spare = capacity_ - size_;
      const size_t to = in_front ? spare - spare / 4 : (spare - 1) / 4;
      Move(data() + to, begin(), size_);
      begin_ = to;
    }
    T* at = begin() + index;
    if (in_front) {
      Move(begin() - 1, begin(), index);
      --begin_;
      --at;
    } else {
      Move(at + 1, at, after);
    }
    *at = record;
    ++size_;
  }

  void Erase(Memory& memory, size_t index, size_t count) noexcept {
    const size_t after = size_ - index - count;
    if (index < after) {
      Move(begin() + count, begin(), index);
      begin_ += count;
    } else {
      Move(begin() + index, begin() + index + count, after);
    }
    size_ -= count;
    if (capacity_ > 1 && size_ <= capacity_ / 4) {
      try {
        Reallocate(memory, size_ + size_ / 2);
      } catch (const std::bad_alloc&) {
      }
    }
  }

  size_t memory_bytes() const { return capacity_ > 1 ? Memory::Footprint(capacity_ * sizeof(T)) : 0; }

 private:
  T* data() { return capacity_ > 1 ? array_ : &own_; }
  const T* data() const { return capacity_ > 1 ? array_ : &own_; }

  static void Move(T* to, const T* from, size_t count) noexcept {
    if (count != 0 && to != from) std::memmove(static_cast<void*>(to), from, count * sizeof(T));
  }

  void Reallocate(Memory& memory, size_t capacity) {
    if (capacity <= 1) {
      if (capacity_ == 1) return;
      T* old = array_;
      const T* record = old + begin_;
      const T only = size_ == 1 ? *record : T();
      memory.Free(old, capacity_ * sizeof(T));
      own_ = only;
      capacity_ = 1;
      begin_ = 0;
      return;
    }
    T* array = static_cast<T*>(memory.Allocate(capacity * sizeof(T)));
    const size_t to = (capacity - size_) / 2;
    Move(array + to, begin(), size_);
    if (capacity_ > 1) memory.Free(array_, capacity_ * sizeof(T));
    array_ = array;
    capacity_ = capacity;
    begin_ = to;
  }

  union {
    T* array_;
    T own_;
  };
  size_t capacity_ = 1;
  size_t begin_ = 0;
  size_t size_ = 0;
};

}  // namespace redislite::types

// ==== src/types/list.h ============================================================================================
namespace redislite::types {

class List {
 public:
  explicit List(Memory& memory) : memory_(memory) {}
  ~List();
  Memory& memory() const { return memory_; }
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  size_t size() const { return size_; }

  void PushFront(Bytes element) { PushAllFront({&element, 1}); }
  void PushBack(Bytes element) { PushAllBack({&element, 1}); }
  void PushAllFront(std::span<const Bytes> elements) { PushAll(End::kFront, elements); }
  void PushAllBack(std::span<const Bytes> elements) { PushAll(End::kBack, elements); }

  void PopFront() { Erase(0, 1); }
  void PopBack() { Erase(size_ - 1, 1); }
  Bytes At(size_t index) const;
  Bytes Front() const { return At(0); }
  Bytes Back() const { return At(size() - 1); }
  void Set(size_t index, Bytes element);
  void Insert(size_t index, Bytes element);
  void Erase(size_t index, size_t count) noexcept;
  size_t EraseEqual(Bytes element, size_t count, bool from_back) noexcept;

  void ForEach(size_t index, const std::function<bool(Bytes)>& visit) const;
  void ForEachBackward(size_t index, const std::function<bool(Bytes)>& visit) const;

  const char* encoding() const { return quick_ ? "quicklist" : "listpack"; }

  List* Clone() const;

  size_t memory_bytes() const;

 private:
  enum class End : uint8_t { kFront, kBack };

  struct Node {
    Packed packed;
    uint32_t count = 0;
    uint32_t listpack_bytes = 0;  // what Redis would keep for this node
  };
  struct Position {
    size_t node;
    size_t index;
    size_t offset;
  };

  static bool IsAlone(const Node& node);
  static bool Accepts(const Node& node, Bytes element);
  static bool MayJoin(const Node& left, const Node& right);
  bool BecomesQuick(size_t more_bytes) const;
  void ForgetQuick();

  static size_t OffsetOf(const Node& node, size_t index);
  Position Locate(size_t index) const;

  Node MakeNode(const Node* from, size_t begin, size_t end, std::span<const Bytes> more);
  void AddNode(size_t at, Bytes element);
  void AddToNode(Node& node, size_t offset, Bytes element);
  void ReplaceInNode(Node& node, size_t offset, Bytes element);
  void EraseFromNode(Node& node, size_t index, size_t count) noexcept;
  void DropNodes(size_t first, size_t count) noexcept;
  void SplitFor(const Position& at, Bytes element);
  void SplitOff(const Position& at, Bytes element);
  void JoinAround(size_t center) noexcept;
  bool Join(size_t left) noexcept;

  void PushAll(End end, std::span<const Bytes> elements);
  void Push(End end, Bytes element, bool quick);
  void InsertQuick(const Position& at, Bytes element);
  void SetQuick(const Position& at, Bytes element);
  void EraseRange(size_t index, size_t count) noexcept;

  Memory& memory_;
  Deque<Node> nodes_;
  size_t size_ = 0;
  bool quick_ = false;
};

}  // namespace redislite::types

// ==== src/types/int_set.h =========================================================================================
namespace redislite::types {

class IntSet {
 public:
  size_t size() const { return size_; }
  int64_t At(size_t index) const;
  bool Has(int64_t value) const;
  bool Add(Memory& memory, int64_t value);
  bool Erase(Memory& memory, int64_t value) noexcept;

  IntSet Clone(Memory& memory) const;
  void Release(Memory& memory) noexcept;
  size_t memory_bytes() const { return block_ == nullptr ? 0 : Memory::Footprint(block_bytes()); }

 private:
  size_t block_bytes() const { return size_t{capacity_} * width_; }
  size_t FirstAt(int64_t value) const;
  void Put(size_t index, int64_t value);
  void Widen(Memory& memory, uint8_t width);
  void Resize(Memory& memory, uint32_t capacity);

  char* block_ = nullptr;
  uint32_t size_ = 0;
  uint32_t capacity_ = 0;  // integers
  uint8_t width_ = 2;
};

}  // namespace redislite::types

// ==== src/types/member.h ==========================================================================================
namespace redislite::types {

class Member {
 public:
  static Member* Make(Memory& memory, Bytes bytes) {
    char* at = static_cast<char*>(memory.Allocate(SizeOf(bytes)));
    Write(at, bytes);
    return reinterpret_cast<Member*>(at);
  }
  static void Free(Memory& memory, Member* member) noexcept { memory.Free(member, member->size()); }

  Bytes bytes() const { return Read(reinterpret_cast<const char*>(this)); }
  size_t size() const { return SizeOf(bytes()); }  // of the block

  static size_t SizeOf(Bytes bytes) {
    if (bytes.size() > std::numeric_limits<uint32_t>::max()) throw std::bad_alloc();
    return bytes.size() + (bytes.size() < kLong ? 1 : 1 + sizeof(uint32_t));
  }
  static void Write(char* at, Bytes bytes) {
    if (bytes.size() < kLong) {
      *at++ = static_cast<char>(bytes.size());
    } else {
      const auto length = static_cast<uint32_t>(bytes.size());
      *at++ = static_cast<char>(kLong);
      std::memcpy(at, &length, sizeof length);
      at += sizeof length;
    }
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
  }
  static Bytes Read(const char* at) {
    const auto first = static_cast<uint8_t>(*at++);
    if (first < kLong) return {at, first};
    uint32_t length;
    std::memcpy(&length, at, sizeof length);
    return {at + sizeof length, length};
  }

 private:
  static constexpr size_t kLong = 0xff;
};

struct MemberHash {
  const HashSeed* seed;

  uint64_t operator()(const Member& member) const { return SipHash13(*seed, member.bytes()); }
};

}  // namespace redislite::types

// ==== src/types/set.h =============================================================================================
namespace redislite::types {

class Set {
 public:
  static constexpr size_t kIntegersMax = 512;
  static constexpr size_t kPackedMembersMax = 128;
  static constexpr size_t kPackedBytesMax = 64;

  Set(Memory& memory, const HashSeed& seed) : memory_(memory), seed_(seed) {}
  ~Set();
  Memory& memory() const { return memory_; }
  Set(const Set&) = delete;
  Set& operator=(const Set&) = delete;

  size_t size() const;

  bool Has(Bytes member) const;
  bool Add(Bytes member);
  bool Erase(Bytes member) noexcept;
  void Foresee(size_t members, Bytes first);

  using Visit = std::function<bool(Bytes member)>;  // false stops
  void ForEach(const Visit& visit) const;

  uint64_t Scan(uint64_t cursor, size_t count, const Visit& visit) const;

  void Sample(Random& random, const Visit& visit) const;

  const char* encoding() const;

  Set* Clone() const;

  size_t memory_bytes() const;

 private:
  enum class Form : uint8_t { kIntegers, kPacked, kTable };
  using Members = Table<Member, MemberHash>;

  std::optional<size_t> FindPacked(Bytes member) const;
  Member* FindInTable(uint64_t hash, Bytes member) const;
  void AddToTable(Bytes member);
  void BecomePacked(Bytes more);
  void BecomeTable(std::optional<Bytes> more);

  Memory& memory_;
  const HashSeed& seed_;
  Form form_ = Form::kIntegers;  // of the three below, the one that is in use; the others are empty
  uint32_t packed_members_ = 0;
  IntSet integers_;
  Packed packed_;
  Members* table_ = nullptr;
  size_t member_bytes_ = 0;  // what the table's members take of the Memory
};

}  // namespace redislite::types

// ==== src/types/score_tree.h ======================================================================================
namespace redislite::types {

struct Scored {
  double score;

  Bytes member() const { return Member::Read(reinterpret_cast<const char*>(this + 1)); }
  size_t size() const { return sizeof(Scored) + Member::SizeOf(member()); }  // of the block

  static Scored* Make(Memory& memory, double score, Bytes member) {
    auto* made = static_cast<Scored*>(memory.Allocate(sizeof(Scored) + Member::SizeOf(member)));
    made->score = score;
    Member::Write(reinterpret_cast<char*>(made + 1), member);
    return made;
  }
  static void Free(Memory& memory, Scored* scored) noexcept { memory.Free(scored, scored->size()); }
};

struct ScoredHash {
  const HashSeed* seed;

  uint64_t operator()(const Scored& scored) const { return SipHash13(*seed, scored.member()); }
};

inline bool IsBefore(double score, Bytes member, double other_score, Bytes other_member) {
  return score < other_score || (score == other_score && member < other_member);
}

class ScoreTree {
 public:
  explicit ScoreTree(Memory& memory) : memory_(memory) {}
  ~ScoreTree();
  ScoreTree(const ScoreTree&) = delete;
  ScoreTree& operator=(const ScoreTree&) = delete;

  size_t size() const { return size_; }

  void Insert(Scored* item);
  void Remove(const Scored* item) noexcept;
  bool MoveInPlace(Scored* item, double score) noexcept;

  using Before = std::function<bool(double score, Bytes member)>;
  size_t CountBefore(const Before& before) const;
  size_t Rank(double score, Bytes member) const;
  Scored* At(size_t rank) const;
  using Visit = std::function<bool(const Scored& item)>;
  void ForEach(size_t rank, const Visit& visit) const;
  void ForEachBackward(size_t rank, const Visit& visit) const;

  size_t memory_bytes() const { return bytes_; }

  bool IsSound() const;

 private:
  static constexpr uint32_t kLeafMax = 64;
  static constexpr uint32_t kInnerMax = 64;
  static constexpr int kHeightMax = 16;  // a node splits in halves of 32: 2^64 items have fewer than 14 levels

  struct Leaf;
  struct Inner;
  struct Child;
  union Node {
    Leaf* leaf;
    Inner* inner;
  };
  struct Step {
    Inner* inner;
    uint32_t index;
  };

  static uint32_t CountOf(Node node, int height);
  static Scored* FirstOf(Node node, int height);
  static uint32_t ChildFor(const Inner& inner, double score, Bytes member);
  static uint32_t PlaceIn(const Leaf& leaf, double score, Bytes member);
  static void RemoveChild(Inner* inner, uint32_t index) noexcept;

  Leaf* NewLeaf(uint32_t count);
  Leaf* Resize(Leaf* leaf, uint32_t count);
  void TryToFit(Node* place) noexcept;
  Inner* NewInner();
  void FreeNode(Node node, int height) noexcept;
  void FreeBelow(Node node, int height) noexcept;
  Child Split(Node node, int height);
  void SplitChild(Inner* inner, uint32_t index, int height);
  void GrowRoot();
  void TryToMerge(Inner* inner, uint32_t index, int height) noexcept;
  Leaf* Descend(double score, Bytes member, Step* path) const;
  static bool IsSoundBelow(Node node, int height, size_t* size, const Scored** last);
  static bool VisitUp(Node node, int height, size_t skip, const Visit& visit);
  static bool VisitDown(Node node, int height, size_t skip, const Visit& visit);

  Memory& memory_;
  Node root_{nullptr};
  int height_ = 0;  // levels of inner nodes
  size_t size_ = 0;
  size_t bytes_ = 0;
};

}  // namespace redislite::types

// ==== src/types/sorted_set.h ======================================================================================
namespace redislite::types {

class SortedSet {
 public:
  static constexpr size_t kPackedMembersMax = 128;
  static constexpr size_t kPackedBytesMax = 64;

  SortedSet(Memory& memory, const HashSeed& seed) : memory_(memory), seed_(seed) {}
  ~SortedSet();
  Memory& memory() const { return memory_; }
  SortedSet(const SortedSet&) = delete;
  SortedSet& operator=(const SortedSet&) = delete;

  size_t size() const { return large_ == nullptr ? packed_members_ : large_->tree.size(); }

  std::optional<double> Score(Bytes member) const;
  bool Set(Bytes member, double score);
  bool Erase(Bytes member) noexcept;
  void EraseRange(size_t rank, size_t count) noexcept;
  void Foresee(size_t members) {
    if (members > kPackedMembersMax && large_ == nullptr) BecomeLarge({}, 0);
  }

  std::optional<size_t> Rank(Bytes member) const;
  using Before = std::function<bool(double score, Bytes member)>;
  size_t CountBefore(const Before& before) const;

  using Visit = std::function<bool(Bytes member, double score)>;  // false stops; the bytes last until the set changes
  void ForEach(const Visit& visit) const { ForEachFrom(0, visit); }
  void ForEachFrom(size_t rank, const Visit& visit) const;
  void ForEachBackwardFrom(size_t rank, const Visit& visit) const;

  uint64_t Scan(uint64_t cursor, size_t count, const Visit& visit) const;

  void Sample(Random& random, const Visit& visit) const;

  const char* encoding() const { return large_ == nullptr ? "listpack" : "skiplist"; }

  SortedSet* Clone() const;

  size_t memory_bytes() const;

  bool IsSound() const;

 private:
  struct Large {
    Large(Memory& memory, const HashSeed& seed) : table(memory, 0, ScoredHash{&seed}), tree(memory) {}

    Table<Scored, ScoredHash> table;
    ScoreTree tree;
    size_t member_bytes = 0;  // what the members take of the Memory
  };

  struct Place {
    size_t offset;
    size_t end;
  };
  double PackedScore(size_t offset) const;
  std::optional<Place> FindPacked(Bytes member) const;
  size_t PackedOffset(size_t rank) const;
  bool SetPacked(Bytes member, double score);
  Scored* FindLarge(uint64_t hash, Bytes member) const;
  void AddLarge(Bytes member, double score);
  bool SetLarge(Bytes member, double score);
  void EraseLarge(Scored* scored) noexcept;
  void BecomeLarge(std::optional<Bytes> more, double score);

  Memory& memory_;
  const HashSeed& seed_;
  Packed packed_;  // member, score, member, score, ... in their order; a score is the 8 bytes of the double
  uint32_t packed_members_ = 0;
  Large* large_ = nullptr;  // when large; then packed_ is empty
};

}  // namespace redislite::types

// ==== src/types/string.h ==========================================================================================
namespace redislite::types {

struct Buffer {
  std::atomic<uint32_t> refs;
  uint64_t size;
  uint64_t capacity;
  Memory* memory;
  char bytes[1];

  static Buffer* Make(Memory& memory, uint64_t capacity);
  static Buffer* Ref(Buffer* buffer) noexcept;
  static void Unref(Buffer* buffer) noexcept;
};

class Pin {
 public:
  Pin() = default;
  explicit Pin(Buffer* buffer) : buffer_(Buffer::Ref(buffer)), view_(buffer->bytes, buffer->size) {}
  Pin(Pin&& other) noexcept;
  Pin& operator=(Pin&& other) noexcept;
  ~Pin();
  Bytes view() const { return view_; }

 private:
  Buffer* buffer_ = nullptr;
  Bytes view_;
};

class String {
 public:
  static constexpr size_t kEmbeddedMax = 255;

  String() = default;  // the empty string
  String(Memory& memory, Bytes bytes);
  static String Borrow(Bytes bytes);
  static String Raw(Memory& memory, uint64_t size, char** bytes);
  explicit String(int64_t integer) { SetWord(kInteger, integer); }
  String(String&& other) noexcept;
  String& operator=(String&& other) noexcept;
  ~String() { Drop(); }

  String Clone() const;

  size_t size() const;
  bool is_integer() const { return kind() == kInteger; }
  int64_t integer() const { return Word<int64_t>(); }

  Bytes View(char* scratch) const;
  std::string ToString() const;
  Buffer* buffer() const { return kind() == kBuffer ? Word<Buffer*>() : nullptr; }

  void Append(Memory& memory, Bytes tail);
  void Overwrite(Memory& memory, size_t offset, Bytes bytes);

  char* Mutable(Memory& memory);

  const char* encoding() const;

  size_t memory_bytes() const;

 private:
  friend class Value;
  enum Kind : uint8_t { kEmbedded, kInteger, kBuffer, kBorrowed, kObject };  // an object is no string, but a Value
  static constexpr uint8_t kKindBits = 7;
  static constexpr uint8_t kChangedBit = 8;
  static constexpr uint8_t kOwnBits = kKindBits | kChangedBit;  // the others are the Value's
  static constexpr size_t kPayload = 14;
  static constexpr size_t kPayloadMin = 8;

  Kind kind() const { return static_cast<Kind>(tag_ & kKindBits); }
  bool changed_in_place() const { return (tag_ & kChangedBit) != 0; }
  char* payload() { return reinterpret_cast<char*>(this) + 2; }
  const char* payload() const { return reinterpret_cast<const char*>(this) + 2; }
  size_t room() const { return size_ < kPayloadMin ? kPayloadMin : size_; }
  template <typename T>
  T Word() const {
    T word;
    std::memcpy(&word, payload(), sizeof(word));
    return word;
  }
  template <typename T>
  void SetWord(Kind kind, T word) {
    static_assert(sizeof(word) == kPayloadMin);
    size_ = static_cast<uint8_t>(room());
    tag_ = static_cast<uint8_t>((tag_ & ~kKindBits) | kind);
    std::memcpy(payload(), &word, sizeof(word));
  }
  void Drop() noexcept;

  bool Embeds() const;
  size_t RoomInEntry() const;
  void Settle(Memory& memory);
  void MoveToEntry(void* place) noexcept;
  String Take(Memory& memory);

  Buffer* MakeWritable(Memory& memory, uint64_t size, Bytes arriving);
  void Hold(Buffer* buffer) noexcept;

  uint8_t tag_ = kEmbedded;
  uint8_t size_ = 0;
  char bytes_[kPayload];  // NOLINT(modernize-use-default-member-init): written when there is something to write
};

}  // namespace redislite::types

// ==== src/types/value.h ===========================================================================================
namespace redislite::types {

enum class Type : uint8_t { kNone, kString, kList, kHash, kSet, kSortedSet };

const char* TypeName(Type type);

class Value {
 public:
  Value() = default;
  explicit Value(String string) : string_(std::move(string)) { SetType(Type::kString); }
  Value(Memory&, List* list) { SetObject(Type::kList, list); }
  Value(Memory&, Hash* hash) { SetObject(Type::kHash, hash); }
  Value(Memory&, Set* set) { SetObject(Type::kSet, set); }
  Value(Memory&, SortedSet* set) { SetObject(Type::kSortedSet, set); }
  Value(Value&& other) noexcept : string_(std::move(other.string_)) {}
  Value& operator=(Value&& other) noexcept {
    if (this != &other) {
      DeleteObject();
      const Type type = other.type();
      string_ = std::move(other.string_);
      SetType(type);
    }
    return *this;
  }
  ~Value() { DeleteObject(); }

  Type type() const { return static_cast<Type>(string_.tag_ >> kTypeShift); }
  const char* encoding() const;
  size_t memory_bytes() const;

  Value Clone() const;

  template <typename T>
  T* As();
  template <typename T>
  const T* As() const {
    return const_cast<Value*>(this)->As<T>();
  }

  static constexpr size_t kHeadBytes = 2;
  void Settle(Memory& memory) { string_.Settle(memory); }
  size_t RoomInEntry() const { return string_.RoomInEntry(); }
  void MoveToEntry(void* place) noexcept { string_.MoveToEntry(place); }
  size_t room() const { return string_.room(); }
  Value Take(Memory& memory) {
    Value taken;
    const Type type = this->type();
    taken.string_ = string_.Take(memory);
    taken.SetType(type);
    SetType(Type::kNone);
    return taken;
  }

 private:
  static constexpr int kTypeShift = 4;
  void SetType(Type type) {
    string_.tag_ = static_cast<uint8_t>((string_.tag_ & 0xf) | static_cast<int>(type) << kTypeShift);
  }
  void SetObject(Type type, void* object) {
    string_.SetWord(String::kObject, object);
    SetType(type);
  }
  void* object() const { return string_.Word<void*>(); }
  void DeleteObject() noexcept;

  String string_;  // or what else stands in its place: kObject
};

template <>
inline String* Value::As<String>() {
  return type() == Type::kString ? &string_ : nullptr;
}
template <>
inline List* Value::As<List>() {
  return type() == Type::kList ? static_cast<List*>(object()) : nullptr;
}
template <>
inline Hash* Value::As<Hash>() {
  return type() == Type::kHash ? static_cast<Hash*>(object()) : nullptr;
}
template <>
inline Set* Value::As<Set>() {
  return type() == Type::kSet ? static_cast<Set*>(object()) : nullptr;
}
template <>
inline SortedSet* Value::As<SortedSet>() {
  return type() == Type::kSortedSet ? static_cast<SortedSet*>(object()) : nullptr;
}

}  // namespace redislite::types

// ==== src/types/dump.h ============================================================================================
namespace redislite::types {

std::string Dump(const Value& value);

bool IsDump(Bytes dump);
std::optional<Value> Restore(Memory& memory, const HashSeed& seed, Bytes dump);

}  // namespace redislite::types

// ==== src/types/byte_reader.h =====================================================================================
namespace redislite::types {

class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  void Fail() {
    ok_ = false;
    rest_ = {};
  }
  bool empty() const { return rest_.empty(); }
  size_t size() const { return rest_.size(); }

  Bytes Take(uint64_t size) {
    if (size > rest_.size()) Fail();
    if (!ok_) return {};
    const Bytes taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  uint8_t Byte() {
    const Bytes byte = Take(1);
    return byte.empty() ? 0 : static_cast<uint8_t>(byte[0]);
  }
  uint8_t Peek() const { return rest_.empty() ? 0 : static_cast<uint8_t>(rest_[0]); }
  template <typename T>
  T Little() {
    const Bytes bytes = Take(sizeof(T));
    return bytes.empty() ? T{0} : LoadLittle<T>(bytes.data());
  }
  uint64_t Big(size_t size) {
    uint64_t number = 0;
    for (const char byte : Take(size)) number = number << 8 | static_cast<uint8_t>(byte);
    return number;
  }
  int64_t Little24() {
    uint32_t number = 0;
    const Bytes bytes = Take(3);
    for (size_t i = 0; i < bytes.size(); ++i) number |= uint32_t{static_cast<uint8_t>(bytes[i])} << (8 * (i + 1));
    return static_cast<int32_t>(number) >> 8;
  }

 private:
  Bytes rest_;
  bool ok_ = true;
};

}  // namespace redislite::types

// ==== src/types/listpack_size.h ===================================================================================
namespace redislite::types {

inline constexpr size_t kListpackOverhead = 7;

size_t ListpackElementBytes(Bytes element);
size_t ListpackBackBytes(uint64_t entry);

}  // namespace redislite::types

// ==== src/types/listpack.h ========================================================================================
namespace redislite::types {

class ListpackBuilder {
 public:
  ListpackBuilder();
  void Add(Bytes element);
  size_t count() const { return count_; }
  size_t size() const { return bytes_.size() + 1; }  // when finished
  std::string Finish();

 private:
  std::string bytes_;
  size_t count_;
};

using VisitElement = std::function<bool(Bytes element)>;
bool ReadListpack(Bytes bytes, const VisitElement& visit);
bool ReadZiplist(Bytes bytes, const VisitElement& visit);

}  // namespace redislite::types

// ==== src/types/lzf.h =============================================================================================
namespace redislite::types {

std::optional<std::string> ExpandLzf(Bytes compressed, uint64_t size);

}  // namespace redislite::types

// ==== src/types/dump.cc ===========================================================================================
namespace redislite::types {

namespace {

constexpr uint16_t kVersionWritten = 10;  // Redis 7.0
constexpr uint16_t kVersionReadMax = 11;  // Redis 7.2
constexpr size_t kFooterBytes = 10;

enum class Kind_types_dump : uint8_t {
  kString = 0,
  kList = 1,
  kSet = 2,
  kSortedSetTexts = 3,
  kHash = 4,
  kSortedSet = 5,
  kListZiplist = 10,
  kSetIntegers = 11,
  kSortedSetZiplist = 12,
  kHashZiplist = 13,
  kListZiplists = 14,
  kHashListpack = 16,
  kSortedSetListpack = 17,
  kListListpacks = 18,
  kSetListpack = 20,  // since Redis 7.2: read, but not written, so that 7.0 reads all
};

constexpr uint64_t kPlainNode = 1;
constexpr uint64_t kPackedNode = 2;
constexpr size_t kDumpedNodeBytesMax = 8192;

constexpr uint8_t kShortLength = 0x00;
constexpr uint8_t kMiddleLength = 0x40;
constexpr uint8_t kLength32 = 0x80;
constexpr uint8_t kLength64 = 0x81;
constexpr uint8_t kSpecial = 0xc0;
constexpr uint8_t kInt8 = 0xc0;
constexpr uint8_t kInt16 = 0xc1;
constexpr uint8_t kInt32 = 0xc2;
constexpr uint8_t kCompressed = 0xc3;


class Encoder {
 public:
  void Byte(uint64_t byte) { bytes_.push_back(static_cast<char>(byte & 0xff)); }

  template <typename T>
  void Little(T value) {
    char bytes[sizeof(T)];
    StoreLittle(bytes, value);
    bytes_.append(bytes, sizeof(T));
  }

  void Length(uint64_t length) {
    if (length < 64) return Byte(kShortLength | length);
    if (length < 16384) {
      Byte(kMiddleLength | length >> 8);
      return Byte(length);
    }
    const bool wide = length > std::numeric_limits<uint32_t>::max();
    Byte(wide ? kLength64 : kLength32);
    for (int shift = wide ? 56 : 24; shift >= 0; shift -= 8) Byte(length >> shift);
  }

  void String(Bytes bytes) {
    if (const std::optional<int64_t> integer = ParseInt64(bytes)) {
      if (WriteInteger(*integer)) return;
    }
    Length(bytes.size());
    bytes_.append(bytes);
  }

  void Write(Kind_types_dump kind) { Byte(static_cast<uint8_t>(kind)); }

  std::string Finish() {
    Little(kVersionWritten);
    Little(Crc64(0, bytes_));
    return std::move(bytes_);
  }

 private:
  bool WriteInteger(int64_t value) {
    if (value >= std::numeric_limits<int8_t>::min() && value <= std::numeric_limits<int8_t>::max()) {
      Byte(kInt8);
      Little(static_cast<int8_t>(value));
    } else if (value >= std::numeric_limits<int16_t>::min() && value <= std::numeric_limits<int16_t>::max()) {
      Byte(kInt16);
      Little(static_cast<int16_t>(value));
    } else if (value >= std::numeric_limits<int32_t>::min() && value <= std::numeric_limits<int32_t>::max()) {
      Byte(kInt32);
      Little(static_cast<int32_t>(value));
    } else {
      return false;
    }
    return true;
  }

  std::string bytes_;
};

void Encode_types_dump(const String& string, Encoder& to) {
  char scratch[kInt64TextMax];
  to.Write(Kind_types_dump::kString);
  to.String(string.View(scratch));
}

void Encode_types_dump(const List& list, Encoder& to) {
  std::vector<std::string> nodes;
  ListpackBuilder node;
  list.ForEach(0, [&](Bytes element) {
    if (node.count() != 0 && node.size() + ListpackElementBytes(element) > kDumpedNodeBytesMax) {
      nodes.push_back(node.Finish());
    }
    node.Add(element);
    return true;
  });
  nodes.push_back(node.Finish());
  to.Write(Kind_types_dump::kListListpacks);
  to.Length(nodes.size());
  for (const std::string& listpack : nodes) {
    to.Length(kPackedNode);
    to.String(listpack);
  }
}

void Encode_types_dump(const Hash& hash, Encoder& to) {
  if (hash.encoding() == Bytes("listpack")) {
    ListpackBuilder listpack;
    hash.ForEach([&](Bytes field, Bytes value) {
      listpack.Add(field);
      listpack.Add(value);
      return true;
    });
    to.Write(Kind_types_dump::kHashListpack);
    return to.String(listpack.Finish());
  }
  to.Write(Kind_types_dump::kHash);
  to.Length(hash.size());
  hash.ForEach([&](Bytes field, Bytes value) {
    to.String(field);
    to.String(value);
    return true;
  });
}

std::string EncodeIntegers(const Set& set) {
  std::vector<int64_t> integers;
  int64_t least = 0;
  int64_t most = 0;
  set.ForEach([&](Bytes member) {
    integers.push_back(*ParseInt64(member));
    least = std::min(least, integers.back());
    most = std::max(most, integers.back());
    return true;
  });
  const auto fits = [&](int64_t min, int64_t max) { return least >= min && most <= max; };
  const uint32_t width = fits(INT16_MIN, INT16_MAX) ? 2 : fits(INT32_MIN, INT32_MAX) ? 4 : 8;
  std::string bytes(8 + integers.size() * width, '\0');
  StoreLittle(bytes.data(), width);
  StoreLittle(bytes.data() + 4, static_cast<uint32_t>(integers.size()));
  char* at = bytes.data() + 8;
  for (const int64_t integer : integers) {
    for (uint32_t i = 0; i < width; ++i) *at++ = static_cast<char>(static_cast<uint64_t>(integer) >> (8 * i) & 0xff);
  }
  return bytes;
}

void Encode_types_dump(const Set& set, Encoder& to) {
  if (set.encoding() == Bytes("intset")) {
    to.Write(Kind_types_dump::kSetIntegers);
    return to.String(EncodeIntegers(set));
  }
  to.Write(Kind_types_dump::kSet);
  to.Length(set.size());
  set.ForEach([&](Bytes member) {
    to.String(member);
    return true;
  });
}

void Encode_types_dump(const SortedSet& set, Encoder& to) {
  if (set.encoding() == Bytes("listpack")) {
    ListpackBuilder listpack;
    set.ForEach([&](Bytes member, double score) {
      listpack.Add(member);
      listpack.Add(FormatDouble(score));
      return true;
    });
    to.Write(Kind_types_dump::kSortedSetListpack);
    return to.String(listpack.Finish());
  }
  to.Write(Kind_types_dump::kSortedSet);
  to.Length(set.size());
  set.ForEach([&](Bytes member, double score) {
    to.String(member);
    to.Little(std::bit_cast<uint64_t>(score));
    return true;
  });
}


class Decoder {
 public:
  Decoder(Memory& memory, const HashSeed& seed, Bytes bytes) : memory_(memory), seed_(seed), reader_(bytes) {}

  std::optional<Value> Decode() {
    const auto kind = static_cast<Kind_types_dump>(reader_.Byte());
    Value value = Make(kind);
    if (!Fill(kind, value) || !reader_.ok() || !reader_.empty()) return {};
    return value;
  }

 private:
  Value Make(Kind_types_dump kind) const {
    switch (kind) {
      case Kind_types_dump::kString:
        return Value(String());
      case Kind_types_dump::kList:
      case Kind_types_dump::kListZiplist:
      case Kind_types_dump::kListZiplists:
      case Kind_types_dump::kListListpacks:
        return {memory_, memory_.New<List>(memory_)};
      case Kind_types_dump::kHash:
      case Kind_types_dump::kHashZiplist:
      case Kind_types_dump::kHashListpack:
        return {memory_, memory_.New<Hash>(memory_, seed_)};
      case Kind_types_dump::kSet:
      case Kind_types_dump::kSetIntegers:
      case Kind_types_dump::kSetListpack:
        return {memory_, memory_.New<Set>(memory_, seed_)};
      case Kind_types_dump::kSortedSetTexts:
      case Kind_types_dump::kSortedSet:
      case Kind_types_dump::kSortedSetZiplist:
      case Kind_types_dump::kSortedSetListpack:
        return {memory_, memory_.New<SortedSet>(memory_, seed_)};
    }
    return {};
  }

  bool Fill(Kind_types_dump kind, Value& value) {
    if (auto* string = value.As<String>()) {
      *string = String(memory_, TakeString());
      return true;
    }
    if (auto* list = value.As<List>()) return FillList(kind, *list) && list->size() != 0;
    if (auto* hash = value.As<Hash>()) return FillHash(kind, *hash) && hash->size() != 0;
    if (auto* set = value.As<Set>()) return FillSet(kind, *set) && set->size() != 0;
    if (auto* sorted_set = value.As<SortedSet>()) return FillSortedSet(kind, *sorted_set) && sorted_set->size() != 0;
    return false;
  }

  bool FillList(Kind_types_dump kind, List& list) {
    const VisitElement add = [&](Bytes element) {
      list.PushBack(element);
      return true;
    };
    if (kind == Kind_types_dump::kListZiplist) return ReadZiplist(TakeString(), add);
    for (uint64_t left = TakeLength(); left > 0 && reader_.ok(); --left) {
      const uint64_t node = kind == Kind_types_dump::kListListpacks ? TakeLength() : kPlainNode;
      const Bytes bytes = TakeString();
      if (!reader_.ok()) return false;
      if (kind == Kind_types_dump::kListZiplists) {
        if (!ReadZiplist(bytes, add)) return false;
      } else if (node == kPackedNode) {
        if (!ReadListpack(bytes, add)) return false;
      } else if (node != kPlainNode) {
        return false;
      } else {
        list.PushBack(bytes);
      }
    }
    return true;
  }

  bool FillHash(Kind_types_dump kind, Hash& hash) {
    std::optional<std::string> field;
    const VisitElement add = [&](Bytes element) {
      if (!field) {
        field = element;
        return true;
      }
      const bool is_new = hash.Set(*field, element);
      field.reset();
      return is_new;
    };
    if (kind == Kind_types_dump::kHashListpack) return ReadListpack(TakeString(), add) && !field;
    if (kind == Kind_types_dump::kHashZiplist) return ReadZiplist(TakeString(), add) && !field;
    for (uint64_t left = TakeLength(); left > 0; --left) {
      for (int i = 0; i < 2; ++i) {
        const Bytes bytes = TakeString();
        if (!reader_.ok() || !add(bytes)) return false;
      }
    }
    return true;
  }

  bool FillSet(Kind_types_dump kind, Set& set) {
    const VisitElement add = [&](Bytes member) { return set.Add(member); };
    if (kind == Kind_types_dump::kSetListpack) return ReadListpack(TakeString(), add);
    if (kind == Kind_types_dump::kSetIntegers) return FillIntegers(TakeString(), set);
    for (uint64_t left = TakeLength(); left > 0; --left) {
      const Bytes member = TakeString();
      if (!reader_.ok() || !add(member)) return false;
    }
    return true;
  }

  static bool FillIntegers(Bytes intset, Set& set) {
    if (intset.size() < 8) return false;
    const auto width = LoadLittle<uint32_t>(intset.data());
    const auto count = LoadLittle<uint32_t>(intset.data() + 4);
    if (width != 2 && width != 4 && width != 8) return false;
    if (intset.size() - 8 != uint64_t{count} * width) return false;
    for (uint32_t i = 0; i < count; ++i) {
      const char* at = intset.data() + 8 + size_t{i} * width;
      const int64_t integer = width == 2   ? LoadLittle<int16_t>(at)
                              : width == 4 ? LoadLittle<int32_t>(at)
                                           : LoadLittle<int64_t>(at);
      char text[kInt64TextMax];
      if (!set.Add(FormatInt64(integer, text))) return false;
    }
    return true;
  }

  bool FillSortedSet(Kind_types_dump kind, SortedSet& set) {
    const auto add = [&](Bytes member, double score) { return !std::isnan(score) && set.Set(member, score); };
    std::optional<std::string> member;
    const VisitElement add_text = [&](Bytes element) {
      if (!member) {
        member = element;
        return true;
      }
      const std::optional<double> score = ParseDouble(element);
      const bool added = score && add(*member, *score);
      member.reset();
      return added;
    };
    if (kind == Kind_types_dump::kSortedSetListpack) return ReadListpack(TakeString(), add_text) && !member;
    if (kind == Kind_types_dump::kSortedSetZiplist) return ReadZiplist(TakeString(), add_text) && !member;
    for (uint64_t left = TakeLength(); left > 0; --left) {
      const std::string name(TakeString());
      const double score =
          kind == Kind_types_dump::kSortedSet ? std::bit_cast<double>(reader_.Little<uint64_t>()) : TakeScoreText();
      if (!reader_.ok() || !add(name, score)) return false;
    }
    return true;
  }

  double TakeScoreText() {
    constexpr uint8_t kNaN = 253, kInfinity = 254, kMinusInfinity = 255;
    const uint8_t length = reader_.Byte();
    if (length == kInfinity) return std::numeric_limits<double>::infinity();
    if (length == kMinusInfinity) return -std::numeric_limits<double>::infinity();
    const std::optional<double> score = length == kNaN ? std::nullopt : ParseDouble(reader_.Take(length));
    if (!score) reader_.Fail();
    return score.value_or(0);
  }

  uint64_t TakeLength() {
    const uint8_t first = reader_.Byte();
    if (first < kMiddleLength) return first;
    if (first < kLength32) return (first & 0x3fu) << 8 | reader_.Byte();
    if (first == kLength32) return reader_.Big(4);
    if (first == kLength64) return reader_.Big(8);
    reader_.Fail();
    return 0;
  }

  Bytes TakeString() {
    if (reader_.Peek() < kSpecial) return reader_.Take(TakeLength());
    switch (reader_.Byte()) {
      case kInt8:
        return FormatInt64(reader_.Little<int8_t>(), text_);
      case kInt16:
        return FormatInt64(reader_.Little<int16_t>(), text_);
      case kInt32:
        return FormatInt64(reader_.Little<int32_t>(), text_);
      case kCompressed:
        return TakeCompressed();
      default:
        reader_.Fail();
        return {};
    }
  }

  Bytes TakeCompressed() {
    const uint64_t compressed_size = TakeLength();
    const uint64_t size = TakeLength();
    const Bytes compressed = reader_.Take(compressed_size);
    std::optional<std::string> expanded;
    if (reader_.ok() && size <= kValueBytesMax) expanded = ExpandLzf(compressed, size);
    if (!expanded) {
      reader_.Fail();
      return {};
    }
    expanded_ = std::move(*expanded);
    return expanded_;
  }

  Memory& memory_;
  const HashSeed& seed_;
  ByteReader reader_;
  char text_[kInt64TextMax];
  std::string expanded_;
};

}  // namespace

std::string Dump(const Value& value) {
  Encoder encoder;
  if (const auto* string = value.As<String>()) Encode_types_dump(*string, encoder);
  if (const auto* list = value.As<List>()) Encode_types_dump(*list, encoder);
  if (const auto* hash = value.As<Hash>()) Encode_types_dump(*hash, encoder);
  if (const auto* set = value.As<Set>()) Encode_types_dump(*set, encoder);
  if (const auto* sorted_set = value.As<SortedSet>()) Encode_types_dump(*sorted_set, encoder);
  return encoder.Finish();
}

bool IsDump(Bytes dump) {
  if (dump.size() < kFooterBytes) return false;
  const char* const footer = dump.data() + dump.size() - kFooterBytes;
  return LoadLittle<uint16_t>(footer) <= kVersionReadMax &&
         LoadLittle<uint64_t>(footer + 2) == Crc64(0, dump.substr(0, dump.size() - 8));
}

std::optional<Value> Restore(Memory& memory, const HashSeed& seed, Bytes dump) {
  return Decoder(memory, seed, dump.substr(0, dump.size() - kFooterBytes)).Decode();
}

}  // namespace redislite::types

// ==== src/types/geohash.h =========================================================================================
namespace redislite::types {

struct Place {
  double longitude = 0;  // degrees, -180 to 180
  double latitude = 0;   // degrees, to about 85.05 north and south, where Mercator's map is a square
};

bool IsOnTheMap(const Place& place);

uint64_t GeoScore(const Place& place);
Place PlaceOf(double score);

std::string GeohashText(const Place& place);

double Distance(const Place& a, const Place& b);

struct Area {
  Place center;
  double radius_m = 0;
  bool is_box = false;
  double width_m = 0;
  double height_m = 0;

  std::optional<double> DistanceWithin(const Place& place) const;
};

struct ScoreRange {
  double first;
  double end;  // not in it
};
std::vector<ScoreRange> Cover(const Area& area);

}  // namespace redislite::types

// ==== src/types/geohash.cc ========================================================================================
#include <numbers>

namespace redislite::types {
namespace {

constexpr double kLongitudeMax = 180;
constexpr double kLatitudeMax = 85.05112878;
constexpr double kPole = 90;
constexpr double kEarthRadiusM = 6372797.560856;
constexpr double kMercatorMaxM = 20037726.37;
constexpr int kStepsMax = 26;
constexpr int kScoreBits = 2 * kStepsMax;

double Radians(double degrees) { return degrees * (std::numbers::pi / 180); }
double Degrees(double radians) { return radians / (std::numbers::pi / 180); }

uint64_t Mix(uint32_t even, uint32_t odd) {
  uint64_t mixed = 0;
  for (int bit = 31; bit >= 0; --bit) mixed = mixed << 2 | (odd >> bit & 1) << 1 | (even >> bit & 1);
  return mixed;
}

uint32_t EvenBits(uint64_t mixed) {
  uint32_t even = 0;
  for (int bit = 62; bit >= 0; bit -= 2) even = even << 1 | (mixed >> bit & 1);
  return even;
}

struct Cell_types_geohash {
  int steps = 0;
  uint32_t column = 0;  // from the west; a place on the eastern rim is in a column of its own behind the last
  uint32_t row = 0;     // from the south

  uint64_t bits() const { return Mix(row, column); }
  bool operator==(const Cell_types_geohash& other) const = default;

  double west() const { return Edge(column, kLongitudeMax); }
  double east() const { return Edge(column + 1.0, kLongitudeMax); }
  double south() const { return Edge(row, kLatitudeMax); }
  double north() const { return Edge(row + 1.0, kLatitudeMax); }

  Cell_types_geohash Moved(int columns, int rows) const {
    Cell_types_geohash moved = *this;
    const uint32_t mask = (1u << steps) - 1;
    if (columns != 0) moved.column = (column + static_cast<uint32_t>(columns)) & mask;
    if (rows != 0) moved.row = (row + static_cast<uint32_t>(rows)) & mask;
    return moved;
  }

  ScoreRange scores() const {
    const int shift = kScoreBits - steps * 2;
    return {static_cast<double>(bits() << shift), static_cast<double>((bits() + 1) << shift)};
  }

 private:
  double Edge(double number, double max) const {
    return -max + number / static_cast<double>(uint64_t{1} << steps) * (max - -max);
  }
};

Cell_types_geohash CellOf(const Place& place, int steps, double latitude_max) {
  const double cells = static_cast<double>(uint64_t{1} << steps);
  const double from_west = (place.longitude + kLongitudeMax) / (2 * kLongitudeMax);
  const double from_south = (place.latitude + latitude_max) / (2 * latitude_max);
  return {steps, static_cast<uint32_t>(from_west * cells), static_cast<uint32_t>(from_south * cells)};
}

uint64_t ToBits(double score) {
  constexpr double kHalf = 9223372036854775808.0;  // 2^63
  constexpr uint64_t kTop = uint64_t{1} << 63;
  if (score < kHalf) return score >= -kHalf ? static_cast<uint64_t>(static_cast<int64_t>(score)) : kTop;
  return score < 2 * kHalf ? static_cast<uint64_t>(score - kHalf) + kTop : 0;
}

double DistanceAlongMeridian(double latitude_a, double latitude_b) {
  return kEarthRadiusM * std::fabs(Radians(latitude_b) - Radians(latitude_a));
}

int EstimateSteps(double reach_m, double latitude) {
  if (reach_m == 0) return kStepsMax;
  int steps = 1;
  for (; reach_m < kMercatorMaxM; reach_m *= 2) ++steps;
  steps -= 2;
  if (std::fabs(latitude) > 66) --steps;
  if (std::fabs(latitude) > 80) --steps;
  return std::clamp(steps, 1, kStepsMax);
}

struct Bounds {
  double west, south, east, north;
};

Bounds BoundsOf(const Area& area) {
  const double up_m = area.is_box ? area.height_m / 2 : area.radius_m;
  const double aside_m = area.is_box ? area.width_m / 2 : area.radius_m;
  const double up = Degrees(up_m / kEarthRadiusM);
  const double nearer = area.center.latitude < 0 ? area.center.latitude - up : area.center.latitude + up;
  const double aside = Degrees(aside_m / kEarthRadiusM / std::cos(Radians(nearer)));
  return {area.center.longitude - aside, area.center.latitude - up, area.center.longitude + aside,
          area.center.latitude + up};
}

}  // namespace

bool IsOnTheMap(const Place& place) {
  return std::fabs(place.longitude) <= kLongitudeMax && std::fabs(place.latitude) <= kLatitudeMax;
}

uint64_t GeoScore(const Place& place) { return CellOf(place, kStepsMax, kLatitudeMax).bits(); }

Place PlaceOf(double score) {
  const uint64_t bits = ToBits(score);
  const Cell_types_geohash cell{kStepsMax, EvenBits(bits >> 1), EvenBits(bits)};
  return {std::clamp((cell.west() + cell.east()) / 2, -kLongitudeMax, kLongitudeMax),
          std::clamp((cell.south() + cell.north()) / 2, -kLatitudeMax, kLatitudeMax)};
}

std::string GeohashText(const Place& place) {
  constexpr char kAlphabet[] = "0123456789bcdefghjkmnpqrstuvwxyz";
  constexpr int kLetterBits = 5;
  const uint64_t bits = CellOf(place, kStepsMax, kPole).bits();
  std::string text;
  for (int shift = kScoreBits - kLetterBits; shift >= 0; shift -= kLetterBits) text += kAlphabet[bits >> shift & 31];
  return text + '0';
}

double Distance(const Place& a, const Place& b) {
  const double aside = std::sin((Radians(b.longitude) - Radians(a.longitude)) / 2);
  if (aside == 0) return DistanceAlongMeridian(a.latitude, b.latitude);
  const double latitude_a = Radians(a.latitude);
  const double latitude_b = Radians(b.latitude);
  const double up = std::sin((latitude_b - latitude_a) / 2);
  const double chord = up * up + std::cos(latitude_a) * std::cos(latitude_b) * aside * aside;
  return 2 * kEarthRadiusM * std::asin(std::sqrt(chord));
}

std::optional<double> Area::DistanceWithin(const Place& place) const {
  if (is_box) {
    if (DistanceAlongMeridian(place.latitude, center.latitude) > height_m / 2) return {};
    if (Distance(place, {center.longitude, place.latitude}) > width_m / 2) return {};
    return Distance(center, place);
  }
  const double distance = Distance(center, place);
  if (distance > radius_m) return {};
  return distance;
}

std::vector<ScoreRange> Cover(const Area& area) {
  const Bounds bounds = BoundsOf(area);
  const double reach_m =
      area.is_box ? std::sqrt(area.width_m / 2 * (area.width_m / 2) + area.height_m / 2 * (area.height_m / 2))
                  : area.radius_m;
  int steps = EstimateSteps(reach_m, area.center.latitude);
  Cell_types_geohash middle = CellOf(area.center, steps, kLatitudeMax);
  const bool too_small = middle.Moved(0, 1).north() < bounds.north || middle.Moved(0, -1).south() > bounds.south ||
                         middle.Moved(1, 0).east() < bounds.east || middle.Moved(-1, 0).west() > bounds.west;
  if (too_small && steps > 1) middle = CellOf(area.center, --steps, kLatitudeMax);

  const bool prune = steps >= 2;
  const bool no_south = prune && middle.south() < bounds.south;
  const bool no_north = prune && middle.north() > bounds.north;
  const bool no_west = prune && middle.west() < bounds.west;
  const bool no_east = prune && middle.east() > bounds.east;
  constexpr int kMoves[][2] = {{0, 0}, {0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}};
  std::vector<ScoreRange> ranges;
  std::optional<Cell_types_geohash> last;
  for (const auto& [columns, rows] : kMoves) {
    if ((no_south && rows < 0) || (no_north && rows > 0) || (no_west && columns < 0) || (no_east && columns > 0)) {
      continue;
    }
    const Cell_types_geohash cell = middle.Moved(columns, rows);
    if (last == cell) continue;  // the cells are so large that two of them are one
    last = cell;
    ranges.push_back(cell.scores());
  }
  return ranges;
}

}  // namespace redislite::types

// ==== src/base/bits.h =============================================================================================
namespace redislite {

constexpr uint64_t ReverseBits(uint64_t bits) {
  uint64_t reversed = 0;
  for (int i = 0; i < 64; ++i) reversed |= (bits >> i & 1) << (63 - i);
  return reversed;
}

}  // namespace redislite

// ==== src/types/hash.cc ===========================================================================================
namespace redislite::types {

Hash::~Hash() {
  packed_.Release(memory_);
  if (table_ == nullptr) return;
  table_->ForEach([this](Pair* pair) { FreePair(pair); });
  memory_.Delete(table_);
}

Hash::Pair* Hash::MakePair(Bytes field, Bytes value) {
  constexpr size_t kBytesMax = std::numeric_limits<uint32_t>::max();
  if (field.size() > kBytesMax || value.size() > kBytesMax) throw std::bad_alloc();
  auto* pair = new (memory_.Allocate(sizeof(Pair) + field.size() + value.size()))
      Pair{static_cast<uint32_t>(field.size()), static_cast<uint32_t>(value.size())};
  if (!field.empty()) std::memcpy(pair->bytes(), field.data(), field.size());
  if (!value.empty()) std::memcpy(pair->bytes() + field.size(), value.data(), value.size());
  return pair;
}

void Hash::FreePair(Pair* pair) noexcept {
  pair_bytes_ -= Memory::Footprint(pair->bytes_held());
  memory_.Free(pair, pair->bytes_held());
}

Hash::Pair* Hash::FindPair(uint64_t hash, Bytes field) const {
  return table_->Find(hash, [field](const Pair& pair) { return pair.field() == field; });
}

std::optional<size_t> Hash::FindPacked(Bytes field) const {
  for (size_t offset = 0; offset < packed_.size();) {
    const Bytes candidate = packed_.At(offset);
    if (candidate == field) return offset;
    offset = packed_.Next(offset + Packed::EncodedSize(candidate.size()));
  }
  return std::nullopt;
}

std::optional<Bytes> Hash::Get(Bytes field) const {
  if (table_ != nullptr) {
    const Pair* pair = FindPair(SipHash13(seed_, field), field);
    if (pair == nullptr) return std::nullopt;
    return pair->value();
  }
  const std::optional<size_t> offset = FindPacked(field);
  if (!offset) return std::nullopt;
  return packed_.At(packed_.Next(*offset));
}

bool Hash::Set(Bytes field, Bytes value) {
  if (table_ != nullptr) return SetInTable(field, value);
  const std::optional<size_t> offset = FindPacked(field);
  const bool fits = field.size() <= kPackedBytesMax && value.size() <= kPackedBytesMax;
  if (!fits || (!offset && pairs_ == kPackedFieldsMax)) {
    Hash large(memory_, seed_);
    large.table_ = memory_.New<Pairs>(memory_, 0, PairHash{&seed_});
    for (size_t at = 0; at < packed_.size();) {
      const size_t value_at = packed_.Next(at);
      large.SetInTable(packed_.At(at), packed_.At(value_at));
      at = packed_.Next(value_at);
    }
    large.SetInTable(field, value);
    std::swap(table_, large.table_);
    std::swap(pair_bytes_, large.pair_bytes_);
    packed_.Release(memory_);
    pairs_ = 0;
    return !offset;
  }
  if (offset) {
    const size_t value_at = packed_.Next(*offset);
    packed_.Replace(memory_, value_at, packed_.Next(value_at) - value_at, value);
    return false;
  }
  const Bytes pair[] = {field, value};
  packed_.Replace(memory_, packed_.size(), 0, pair);
  ++pairs_;
  return true;
}

bool Hash::SetInTable(Bytes field, Bytes value) {
  const uint64_t hash = SipHash13(seed_, field);
  Pair* old = FindPair(hash, field);
  if (old != nullptr && old->value_size == value.size()) {
    if (!value.empty()) std::memmove(old->bytes() + old->field_size, value.data(), value.size());
    return false;
  }
  if (old == nullptr) {
    AddPair(MakePair(field, value));
    return true;
  }
  Pair* pair = MakePair(field, value);
  table_->Replace(old, pair);
  pair_bytes_ += Memory::Footprint(pair->bytes_held());
  FreePair(old);
  return false;
}

void Hash::AddPair(Pair* pair) {
  pair_bytes_ += Memory::Footprint(pair->bytes_held());
  try {
    table_->Insert(pair);
  } catch (...) {
    FreePair(pair);
    throw;
  }
}

bool Hash::Erase(Bytes field) noexcept {
  if (table_ == nullptr) {
    const std::optional<size_t> offset = FindPacked(field);
    if (!offset) return false;
    packed_.Erase(memory_, *offset, packed_.Next(packed_.Next(*offset)) - *offset);
    --pairs_;
    return true;
  }
  const uint64_t hash = SipHash13(seed_, field);
  Pair* pair = FindPair(hash, field);
  if (pair == nullptr) return false;
  table_->Remove(pair);
  table_->Compact(hash);
  FreePair(pair);
  return true;
}

void Hash::ForEach(const Visit& visit) const {
  bool more = true;
  if (table_ != nullptr) {
    uint64_t next = 0;
    table_->Walk(
        0, &next, [&](const Pair* pair) { more = more && visit(pair->field(), pair->value()); }, [&] { return !more; });
    return;
  }
  for (size_t at = 0; at < packed_.size() && more;) {
    const size_t value_at = packed_.Next(at);
    more = visit(packed_.At(at), packed_.At(value_at));
    at = packed_.Next(value_at);
  }
}

uint64_t Hash::Scan(uint64_t cursor, size_t count, const Visit& visit) const {
  if (table_ == nullptr) {
    ForEach([&](Bytes field, Bytes value) {
      visit(field, value);
      return true;
    });
    return 0;
  }
  constexpr size_t kEmptyBucketsPerField = 10;
  size_t visited = 0;
  size_t buckets = 0;
  uint64_t next = 0;
  const bool more = table_->Walk(
      ReverseBits(cursor), &next,
      [&](const Pair* pair) {
        ++visited;
        visit(pair->field(), pair->value());
      },
      [&] { return visited >= count || ++buckets / kEmptyBucketsPerField >= count; });
  return more ? ReverseBits(next) : 0;
}

void Hash::Sample(Random& random, const Visit& visit) const {
  if (table_ != nullptr) {
    const Pair* pair = table_->Sample([&random](uint64_t bound) { return random.Below(bound); });
    visit(pair->field(), pair->value());
    return;
  }
  size_t at = 0;
  for (uint64_t left = random.Below(pairs_); left > 0; --left) at = packed_.Next(packed_.Next(at));
  visit(packed_.At(at), packed_.At(packed_.Next(at)));
}

Hash* Hash::Clone() const {
  Hash* clone = memory_.New<Hash>(memory_, seed_);
  try {
    if (table_ == nullptr) {
      clone->packed_ = Packed::Make(memory_, packed_.Encoded(0, packed_.size()), {});
      clone->pairs_ = pairs_;
      return clone;
    }
    clone->table_ = memory_.New<Pairs>(memory_, 0, PairHash{&seed_});
    table_->ForEach([clone](const Pair* pair) { clone->AddPair(clone->MakePair(pair->field(), pair->value())); });
  } catch (...) {
    memory_.Delete(clone);
    throw;
  }
  return clone;
}

size_t Hash::memory_bytes() const {
  size_t bytes = Memory::Footprint(sizeof(Hash)) + packed_.memory_bytes();
  if (table_ != nullptr) bytes += Memory::Footprint(sizeof(Pairs)) + table_->memory_bytes() + pair_bytes_;
  return bytes;
}

}  // namespace redislite::types

// ==== src/types/hyperloglog.h =====================================================================================
namespace redislite::types::hyperloglog {

inline constexpr size_t kRegisters = 16384;
inline constexpr size_t kHeaderBytes = 16;
inline constexpr size_t kDenseBytes = kHeaderBytes + kRegisters * 6 / 8;
inline constexpr size_t kSparseBytesMax = 3000;  // Redis' hll-sparse-max-bytes, the header included

bool IsOne(Bytes bytes);
bool IsDense(Bytes bytes);

std::string MakeEmpty();
std::optional<std::string> MakeDense(Bytes sparse);

struct Rank {
  uint32_t index;
  uint8_t value;  // 1 to 51
};
Rank RankOf(Bytes element);

bool IsWhole(Bytes bytes);

bool Raise(std::string& bytes, Rank rank);
bool WouldRaiseDense(Bytes bytes, Rank rank);
void RaiseDense(char* bytes, Rank rank);

void ForgetCount(char* bytes);
std::optional<uint64_t> CachedCount(Bytes bytes);

class Registers {
 public:
  bool Merge(Bytes bytes);
  uint8_t operator[](size_t index) const { return values_[index]; }
  uint64_t Estimate() const;

 private:
  std::array<uint8_t, kRegisters> values_{};
};

}  // namespace redislite::types::hyperloglog

// ==== src/types/hyperloglog.cc ====================================================================================
namespace redislite::types::hyperloglog {

namespace {

constexpr char kMagic[] = "HYLL";
constexpr size_t kEncodingAt = 4;
constexpr size_t kCountAt = 8;
constexpr size_t kNotValidAt = 15;  // the count's highest byte
constexpr uint8_t kNotValid = 0x80;
constexpr char kDense = 0;
constexpr char kSparse = 1;

constexpr unsigned kIndexBits = 14;
constexpr unsigned kRankMax = 64 - kIndexBits + 1;
static_assert(size_t{1} << kIndexBits == kRegisters);


constexpr uint64_t kHashSeed_types_hyperloglog = 0xadc83b19;

uint64_t Murmur64A(Bytes bytes, uint64_t seed) {
  constexpr uint64_t kMultiplier = 0xc6a4a7935bd1e995;
  constexpr int kShift = 47;
  uint64_t hash = seed ^ (bytes.size() * kMultiplier);
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    uint64_t word = LoadLittle<uint64_t>(bytes.data() + at) * kMultiplier;
    word ^= word >> kShift;
    hash = (hash ^ word * kMultiplier) * kMultiplier;
  }
  if (at < bytes.size()) {
    uint64_t rest = 0;
    for (size_t i = 0; at + i < bytes.size(); ++i) rest |= uint64_t{static_cast<uint8_t>(bytes[at + i])} << (8 * i);
    hash = (hash ^ rest) * kMultiplier;
  }
  hash ^= hash >> kShift;
  hash *= kMultiplier;
  return hash ^ hash >> kShift;
}


struct DensePlace {
  size_t byte;
  unsigned shift;

  explicit DensePlace(size_t index) : byte(kHeaderBytes + index * 6 / 8), shift(index * 6 % 8) {}
  bool across() const { return shift > 2; }
};

uint8_t DenseRegister(Bytes bytes, size_t index) {
  const DensePlace place(index);
  unsigned pair = static_cast<uint8_t>(bytes[place.byte]);
  if (place.across()) pair |= unsigned{static_cast<uint8_t>(bytes[place.byte + 1])} << 8;
  return static_cast<uint8_t>(pair >> place.shift & 63);
}

void SetDenseRegister(char* bytes, size_t index, uint8_t value) {
  const DensePlace place(index);
  const unsigned mask = 63u << place.shift;
  const unsigned bits = unsigned{value} << place.shift;
  bytes[place.byte] = static_cast<char>((static_cast<uint8_t>(bytes[place.byte]) & ~mask) | (bits & 0xff));
  if (!place.across()) return;
  bytes[place.byte + 1] = static_cast<char>((static_cast<uint8_t>(bytes[place.byte + 1]) & ~(mask >> 8)) | bits >> 8);
}


constexpr size_t kShortZerosMax = 64;
constexpr size_t kValuesMax = 4;
constexpr uint8_t kSparseValueMax = 32;

struct SparseRun {
  uint8_t value = 0;
  size_t count = 0;
  size_t bytes = 1;  // that it takes

  static SparseRun Read(Bytes bytes, size_t at) {
    const auto first = static_cast<uint8_t>(bytes[at]);
    if ((first & 0x80) != 0) return {static_cast<uint8_t>((first >> 2 & 31) + 1), (first & 3u) + 1, 1};
    if ((first & 0x40) == 0) return {0, size_t{first} + 1, 1};
    if (at + 1 == bytes.size()) return {0, 0, 1};
    return {0, (size_t{first & 63u} << 8 | static_cast<uint8_t>(bytes[at + 1])) + 1, 2};
  }
};

void AppendZeros(std::string& to, size_t count) {
  if (count == 0) return;
  if (count > kShortZerosMax) to.push_back(static_cast<char>(0x40 | (count - 1) >> 8));
  to.push_back(static_cast<char>((count - 1) & 0xff));
}

void AppendValues(std::string& to, uint8_t value, size_t count) {
  if (count != 0) to.push_back(static_cast<char>(0x80u | (value - 1u) << 2 | (count - 1)));
}

template <typename Visit>
bool ForEachRun(Bytes bytes, const Visit& visit) {
  size_t first = 0;
  for (size_t at = kHeaderBytes; at < bytes.size();) {
    const SparseRun run = SparseRun::Read(bytes, at);
    if (run.count == 0 || run.count > kRegisters - first) return false;
    visit(first, run);
    first += run.count;
    at += run.bytes;
  }
  return first == kRegisters;
}

void JoinValues(std::string& bytes, size_t at) {
  for (int steps = 5; steps > 0 && at < bytes.size(); --steps) {
    const SparseRun run = SparseRun::Read(bytes, at);
    if (run.value != 0 && at + 1 < bytes.size()) {
      const SparseRun next = SparseRun::Read(bytes, at + 1);
      if (next.value == run.value && run.count + next.count <= kValuesMax) {
        std::string joined;
        AppendValues(joined, run.value, run.count + next.count);
        bytes.replace(at, 2, joined);
        continue;
      }
    }
    at += run.bytes;
  }
}

void BecomeDenseAndRaise(std::string& bytes, Rank rank) {
  bytes = *MakeDense(bytes);
  SetDenseRegister(bytes.data(), rank.index, rank.value);
}

bool RaiseSparse(std::string& bytes, Rank rank) {
  size_t first = 0;
  size_t previous = kHeaderBytes;
  size_t at = kHeaderBytes;
  SparseRun run = SparseRun::Read(bytes, at);
  while (rank.index >= first + run.count) {
    previous = at;
    first += run.count;
    at += run.bytes;
    run = SparseRun::Read(bytes, at);
  }
  if (run.value >= rank.value) return false;
  if (rank.value > kSparseValueMax) {
    BecomeDenseAndRaise(bytes, rank);
    return true;
  }
  std::string runs;
  const size_t before = rank.index - first;
  const size_t behind = run.count - before - 1;
  run.value == 0 ? AppendZeros(runs, before) : AppendValues(runs, run.value, before);
  AppendValues(runs, rank.value, 1);
  run.value == 0 ? AppendZeros(runs, behind) : AppendValues(runs, run.value, behind);
  if (runs.size() > run.bytes && bytes.size() + runs.size() - run.bytes > kSparseBytesMax) {
    BecomeDenseAndRaise(bytes, rank);
    return true;
  }
  bytes.replace(at, run.bytes, runs);
  JoinValues(bytes, previous);
  return true;
}


double Sigma(double x) {
  if (x == 1.0) return std::numeric_limits<double>::infinity();
  double y = 1.0;
  double sum = x;
  for (double before = -1.0; before != sum;) {
    x *= x;
    before = sum;
    sum += x * y;
    y += y;
  }
  return sum;
}

double Tau(double x) {
  if (x == 0.0 || x == 1.0) return 0.0;
  double y = 1.0;
  double sum = 1.0 - x;
  for (double before = -1.0; before != sum;) {
    x = std::sqrt(x);
    before = sum;
    y *= 0.5;
    sum -= (1.0 - x) * (1.0 - x) * y;
  }
  return sum / 3.0;
}

}  // namespace

bool IsOne(Bytes bytes) {
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic)) return false;
  const char encoding = bytes[kEncodingAt];
  return encoding == kSparse || (encoding == kDense && bytes.size() == kDenseBytes);
}

bool IsDense(Bytes bytes) { return bytes[kEncodingAt] == kDense; }

std::string MakeEmpty() {
  std::string bytes(kHeaderBytes, '\0');
  bytes.replace(0, sizeof(kMagic) - 1, kMagic);
  bytes[kEncodingAt] = kSparse;
  AppendZeros(bytes, kRegisters);
  return bytes;
}

std::optional<std::string> MakeDense(Bytes sparse) {
  std::string dense(kDenseBytes, '\0');
  dense.replace(0, kHeaderBytes, sparse.substr(0, kHeaderBytes));
  dense[kEncodingAt] = kDense;
  const bool whole = ForEachRun(sparse, [&](size_t first, const SparseRun& run) {
    if (run.value == 0) return;
    for (size_t i = 0; i < run.count; ++i) SetDenseRegister(dense.data(), first + i, run.value);
  });
  if (!whole) return {};
  return dense;
}

Rank RankOf(Bytes element) {
  const uint64_t hash = Murmur64A(element, kHashSeed_types_hyperloglog);
  const uint64_t rest = hash >> kIndexBits | uint64_t{1} << (kRankMax - 1);
  return {static_cast<uint32_t>(hash & (kRegisters - 1)), static_cast<uint8_t>(std::countr_zero(rest) + 1)};
}

bool IsWhole(Bytes bytes) {
  return IsDense(bytes) || ForEachRun(bytes, [](size_t, const SparseRun&) {});
}

bool Raise(std::string& bytes, Rank rank) {
  if (!IsDense(bytes)) return RaiseSparse(bytes, rank);
  if (!WouldRaiseDense(bytes, rank)) return false;
  RaiseDense(bytes.data(), rank);
  return true;
}

bool WouldRaiseDense(Bytes bytes, Rank rank) { return DenseRegister(bytes, rank.index) < rank.value; }

void RaiseDense(char* bytes, Rank rank) {
  if (WouldRaiseDense(Bytes(bytes, kDenseBytes), rank)) SetDenseRegister(bytes, rank.index, rank.value);
}

void ForgetCount(char* bytes) { bytes[kNotValidAt] = static_cast<char>(bytes[kNotValidAt] | kNotValid); }

std::optional<uint64_t> CachedCount(Bytes bytes) {
  if ((static_cast<uint8_t>(bytes[kNotValidAt]) & kNotValid) != 0) return {};
  return LoadLittle<uint64_t>(bytes.data() + kCountAt);
}

bool Registers::Merge(Bytes bytes) {
  const auto raise = [&](size_t index, uint8_t value) {
    if (values_[index] < value) values_[index] = value;
  };
  if (IsDense(bytes)) {
    for (size_t i = 0; i < kRegisters; ++i) raise(i, DenseRegister(bytes, i));
    return true;
  }
  return ForEachRun(bytes, [&](size_t first, const SparseRun& run) {
    if (run.value == 0) return;
    for (size_t i = 0; i < run.count; ++i) raise(first + i, run.value);
  });
}

uint64_t Registers::Estimate() const {
  constexpr double kAlphaInfinity = 0.721347520444481703680;
  constexpr auto kCount = static_cast<double>(kRegisters);
  std::array<int, 64> of_value{};  // 6 bits, whatever a damaged one says
  for (const uint8_t value : values_) ++of_value[value & 63];
  double z = kCount * Tau((kCount - of_value[kRankMax]) / kCount);
  for (unsigned value = kRankMax - 1; value >= 1; --value) {
    z += of_value[value];
    z *= 0.5;
  }
  z += kCount * Sigma(of_value[0] / kCount);
  return static_cast<uint64_t>(std::llround(kAlphaInfinity * kCount * kCount / z));
}

}  // namespace redislite::types::hyperloglog

// ==== src/types/int_set.cc ========================================================================================
namespace redislite::types {

namespace {

template <typename T>
bool Fits(int64_t value) {
  return value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max();
}

uint8_t WidthOf(int64_t value) {
  if (Fits<int16_t>(value)) return sizeof(int16_t);
  return Fits<int32_t>(value) ? sizeof(int32_t) : sizeof(int64_t);
}

template <typename T>
int64_t Load_types_int_set(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

template <typename T>
void Store_types_int_set(char* at, int64_t value) {
  const auto narrow = static_cast<T>(value);
  std::memcpy(at, &narrow, sizeof narrow);
}

}  // namespace

int64_t IntSet::At(size_t index) const {
  const char* at = block_ + index * width_;
  switch (width_) {
    case sizeof(int16_t):
      return Load_types_int_set<int16_t>(at);
    case sizeof(int32_t):
      return Load_types_int_set<int32_t>(at);
    default:
      return Load_types_int_set<int64_t>(at);
  }
}

void IntSet::Put(size_t index, int64_t value) {
  char* at = block_ + index * width_;
  switch (width_) {
    case sizeof(int16_t):
      return Store_types_int_set<int16_t>(at, value);
    case sizeof(int32_t):
      return Store_types_int_set<int32_t>(at, value);
    default:
      return Store_types_int_set<int64_t>(at, value);
  }
}

size_t IntSet::FirstAt(int64_t value) const {
  size_t begin = 0;
  for (size_t end = size_; begin < end;) {
    const size_t middle = (begin + end) / 2;
    if (At(middle) < value) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

bool IntSet::Has(int64_t value) const {
  const size_t index = FirstAt(value);
  return index < size_ && At(index) == value;
}

bool IntSet::Add(Memory& memory, int64_t value) {
  const size_t index = FirstAt(value);
  if (index < size_ && At(index) == value) return false;
  if (WidthOf(value) > width_) Widen(memory, WidthOf(value));
  if (size_ == capacity_) Resize(memory, size_ + size_ / 4 + 4);
  char* at = block_ + index * width_;
  std::memmove(at + width_, at, (size_ - index) * width_);
  ++size_;
  Put(index, value);
  return true;
}

bool IntSet::Erase(Memory& memory, int64_t value) noexcept {
  const size_t index = FirstAt(value);
  if (index == size_ || At(index) != value) return false;
  char* at = block_ + index * width_;
  --size_;
  std::memmove(at, at + width_, (size_ - index) * width_);
  if (size_ == 0) {
    Release(memory);
  } else if (capacity_ > 16 && size_ < capacity_ / 2) {
    try {
      Resize(memory, size_ + size_ / 4);
    } catch (const std::bad_alloc&) {  // then it stays large
    }
  }
  return true;
}

void IntSet::Widen(Memory& memory, uint8_t width) {
  IntSet wider;
  wider.width_ = width;
  wider.Resize(memory, size_ + 1);
  wider.size_ = size_;
  for (size_t i = 0; i < size_; ++i) wider.Put(i, At(i));
  std::swap(*this, wider);
  wider.Release(memory);
}

void IntSet::Resize(Memory& memory, uint32_t capacity) {
  const size_t bytes = size_t{capacity} * width_;
  block_ =
      static_cast<char*>(block_ == nullptr ? memory.Allocate(bytes) : memory.Reallocate(block_, block_bytes(), bytes));
  capacity_ = capacity;
}

IntSet IntSet::Clone(Memory& memory) const {
  IntSet clone;
  clone.width_ = width_;
  if (size_ == 0) return clone;
  clone.Resize(memory, size_);
  clone.size_ = size_;
  std::memcpy(clone.block_, block_, size_t{size_} * width_);
  return clone;
}

void IntSet::Release(Memory& memory) noexcept {
  memory.Free(block_, block_bytes());
  *this = IntSet();
}

}  // namespace redislite::types

// ==== src/types/list.cc ===========================================================================================
namespace redislite::types {

namespace {

constexpr size_t kNodeBytesMax = 8192;
constexpr size_t kElementOverheadGuess = 8;

bool IsLarge(Bytes element) { return element.size() > kNodeBytesMax; }

}  // namespace

List::~List() {
  for (Node& node : nodes_) node.packed.Release(memory_);
  nodes_.Release(memory_);
}


bool List::IsAlone(const Node& node) { return node.count == 1 && IsLarge(node.packed.At(0)); }

bool List::Accepts(const Node& node, Bytes element) {
  return !IsLarge(element) && !IsAlone(node) &&
         node.listpack_bytes + element.size() + kElementOverheadGuess <= kNodeBytesMax;
}

bool List::MayJoin(const Node& left, const Node& right) {
  return !IsAlone(left) && !IsAlone(right) &&
         left.listpack_bytes + right.listpack_bytes - kListpackOverhead <= kNodeBytesMax;
}

bool List::BecomesQuick(size_t more_bytes) const {
  if (quick_) return true;
  const size_t now = nodes_.size() == 0 ? kListpackOverhead : nodes_[0].listpack_bytes;
  return now + more_bytes > kNodeBytesMax;
}

void List::ForgetQuick() {
  if (!quick_) return;
  if (size_ == 0 || (nodes_.size() == 1 && !IsAlone(nodes_[0]) && nodes_[0].listpack_bytes <= kNodeBytesMax / 2)) {
    quick_ = false;
  }
}


size_t List::OffsetOf(const Node& node, size_t index) {
  if (index <= node.count / 2) {
    size_t offset = 0;
    for (; index > 0; --index) offset = node.packed.Next(offset);
    return offset;
  }
  size_t offset = node.packed.size();
  for (size_t left = node.count - index; left > 0; --left) offset = node.packed.Previous(offset);
  return offset;
}

List::Position List::Locate(size_t index) const {
  size_t node = 0;
  if (index < size_ / 2) {
    while (index >= nodes_[node].count) index -= nodes_[node++].count;
  } else {
    node = nodes_.size() - 1;
    size_t behind = size_ - index;  // how many elements from this one to the end
    while (behind > nodes_[node].count) behind -= nodes_[node--].count;
    index = nodes_[node].count - behind;
  }
  return {node, index, OffsetOf(nodes_[node], index)};
}

Bytes List::At(size_t index) const {
  const Position at = Locate(index);
  return nodes_[at.node].packed.At(at.offset);
}

void List::ForEach(size_t index, const std::function<bool(Bytes)>& visit) const {
  if (index >= size_) return;
  Position at = Locate(index);
  for (; at.node < nodes_.size(); ++at.node, at.offset = 0) {
    const Packed& packed = nodes_[at.node].packed;
    for (; at.offset < packed.size(); at.offset = packed.Next(at.offset)) {
      if (!visit(packed.At(at.offset))) return;
    }
  }
}

void List::ForEachBackward(size_t index, const std::function<bool(Bytes)>& visit) const {
  if (index >= size_) return;
  Position at = Locate(index);
  while (true) {
    const Packed& packed = nodes_[at.node].packed;
    while (true) {
      if (!visit(packed.At(at.offset))) return;
      if (at.offset == 0) break;
      at.offset = packed.Previous(at.offset);
    }
    if (at.node == 0) return;
    const Packed& previous = nodes_[--at.node].packed;
    at.offset = previous.Previous(previous.size());
  }
}


List::Node List::MakeNode(const Node* from, size_t begin, size_t end, std::span<const Bytes> more) {
  Node made;
  size_t listpack_bytes = kListpackOverhead;
  for (size_t offset = begin; offset < end; offset = from->packed.Next(offset)) {
    listpack_bytes += ListpackElementBytes(from->packed.At(offset));
    ++made.count;
  }
  for (const Bytes element : more) listpack_bytes += ListpackElementBytes(element);
  made.count += static_cast<uint32_t>(more.size());
  made.listpack_bytes = static_cast<uint32_t>(listpack_bytes);
  made.packed = Packed::Make(memory_, from == nullptr ? Bytes() : from->packed.Encoded(begin, end), more);
  return made;
}

void List::AddNode(size_t at, Bytes element) {
  nodes_.Reserve(memory_, 1);
  nodes_.Insert(at, MakeNode(nullptr, 0, 0, {&element, 1}));
  ++size_;
  if (at > 0 && at + 1 == nodes_.size()) nodes_[at - 1].packed.Fit(memory_);
  if (at == 0 && nodes_.size() > 1) nodes_[1].packed.Fit(memory_);
}

void List::AddToNode(Node& node, size_t offset, Bytes element) {
  const size_t listpack_bytes = ListpackElementBytes(element);
  node.packed.Replace(memory_, offset, 0, element);
  node.listpack_bytes += static_cast<uint32_t>(listpack_bytes);
  ++node.count;
  ++size_;
}

void List::ReplaceInNode(Node& node, size_t offset, Bytes element) {
  const Bytes old = node.packed.At(offset);
  const size_t without = node.listpack_bytes - ListpackElementBytes(old);
  const size_t with = without + ListpackElementBytes(element);
  node.packed.Replace(memory_, offset, Packed::EncodedSize(old.size()), element);
  node.listpack_bytes = static_cast<uint32_t>(with);
}

void List::EraseFromNode(Node& node, size_t index, size_t count) noexcept {
  const size_t begin = OffsetOf(node, index);
  size_t end = begin;
  size_t listpack_bytes = 0;
  for (size_t i = 0; i < count; ++i) {
    listpack_bytes += ListpackElementBytes(node.packed.At(end));
    end = node.packed.Next(end);
  }
  node.packed.Erase(memory_, begin, end - begin);
  node.listpack_bytes -= static_cast<uint32_t>(listpack_bytes);
  node.count -= static_cast<uint32_t>(count);
  size_ -= count;
}

void List::DropNodes(size_t first, size_t count) noexcept {
  for (size_t i = first; i < first + count; ++i) {
    size_ -= nodes_[i].count;
    nodes_[i].packed.Release(memory_);
  }
  nodes_.Erase(memory_, first, count);
}


void List::SplitFor(const Position& at, Bytes element) {
  nodes_.Reserve(memory_, 2);
  Node alone;
  if (IsLarge(element)) alone = MakeNode(nullptr, 0, 0, {&element, 1});
  Node head;
  try {
    const std::span<const Bytes> more(&element, alone.count == 0 ? 1 : 0);
    head = MakeNode(&nodes_[at.node], 0, at.offset, more);
  } catch (...) {
    alone.packed.Release(memory_);
    throw;
  }
  EraseFromNode(nodes_[at.node], 0, at.index);
  size_ += at.index + 1;
  if (alone.count != 0) nodes_.Insert(at.node, alone);
  nodes_.Insert(at.node, head);
  if (alone.count == 0) JoinAround(at.node + 1);
}

void List::SplitOff(const Position& at, Bytes element) {
  nodes_.Reserve(memory_, 2);
  Node& node = nodes_[at.node];
  const size_t behind = node.packed.Next(at.offset);
  Node alone = MakeNode(nullptr, 0, 0, {&element, 1});
  Node tail;
  try {
    if (behind < node.packed.size()) tail = MakeNode(&node, behind, node.packed.size(), {});
  } catch (...) {
    alone.packed.Release(memory_);
    throw;
  }
  if (at.index == 0) {
    size_ -= node.count;
    node.packed.Release(memory_);
    node = alone;
  } else {
    EraseFromNode(node, at.index, node.count - at.index);
    nodes_.Insert(at.node + 1, alone);
  }
  size_ += alone.count + tail.count;
  const size_t place = at.index == 0 ? at.node : at.node + 1;
  if (tail.count != 0) nodes_.Insert(place + 1, tail);
  if (at.index != 0) JoinAround(place);
}

bool List::Join(size_t left) noexcept {
  if (left + 1 >= nodes_.size() || !MayJoin(nodes_[left], nodes_[left + 1])) return false;
  Node& node = nodes_[left];
  Node& next = nodes_[left + 1];
  try {
    node.packed.AppendEncoded(memory_, next.packed.Encoded(0, next.packed.size()));
  } catch (const std::bad_alloc&) {
    return false;
  }
  node.count += next.count;
  node.listpack_bytes += next.listpack_bytes - static_cast<uint32_t>(kListpackOverhead);
  next.packed.Release(memory_);
  nodes_.Erase(memory_, left + 1, 1);
  return true;
}

void List::JoinAround(size_t center) noexcept {
  if (center >= 2 && Join(center - 2)) --center;
  Join(center + 1);
  if (center >= 1 && Join(center - 1)) --center;
  Join(center);
}


void List::Push(End end, Bytes element, bool quick) {
  const bool front = end == End::kFront;
  if (nodes_.size() != 0) {
    Node& node = nodes_[front ? 0 : nodes_.size() - 1];
    if (!quick || Accepts(node, element)) return AddToNode(node, front ? 0 : node.packed.size(), element);
  }
  AddNode(front ? 0 : nodes_.size(), element);
}

void List::PushAll(End end, std::span<const Bytes> elements) {
  size_t bytes = 0;
  for (const Bytes element : elements) bytes += element.size();
  const bool quick = BecomesQuick(bytes);
  size_t done = 0;
  try {
    for (; done < elements.size(); ++done) Push(end, elements[done], quick);
  } catch (...) {
    EraseRange(end == End::kFront ? 0 : size_ - done, done);
    throw;
  }
  quick_ = quick;
}

void List::Insert(size_t index, Bytes element) {
  if (index == 0) return PushFront(element);
  if (index == size_) return PushBack(element);
  const bool quick = BecomesQuick(element.size());
  const Position at = Locate(index);
  if (quick) {
    InsertQuick(at, element);
  } else {
    AddToNode(nodes_[at.node], at.offset, element);
  }
  quick_ = quick;
}

void List::InsertQuick(const Position& at, Bytes element) {
  Node& node = nodes_[at.node];
  if (Accepts(node, element)) return AddToNode(node, at.offset, element);
  if (at.index != 0) return SplitFor(at, element);
  if (at.node != 0) {
    Node& previous = nodes_[at.node - 1];
    if (Accepts(previous, element)) return AddToNode(previous, previous.packed.size(), element);
  }
  AddNode(at.node, element);
}

void List::Set(size_t index, Bytes element) {
  const bool quick = BecomesQuick(element.size());
  const Position at = Locate(index);
  if (quick) {
    SetQuick(at, element);
  } else {
    ReplaceInNode(nodes_[at.node], at.offset, element);
  }
  quick_ = quick;
  ForgetQuick();
}

void List::SetQuick(const Position& at, Bytes element) {
  Node& node = nodes_[at.node];
  const bool alone = IsAlone(node);
  if (IsLarge(element)) return SplitOff(at, element);
  if (!alone) return ReplaceInNode(node, at.offset, element);
  if (at.node + 1 < nodes_.size() && Accepts(nodes_[at.node + 1], element)) {
    AddToNode(nodes_[at.node + 1], 0, element);
    DropNodes(at.node, 1);
    return;
  }
  Node made = MakeNode(nullptr, 0, 0, {&element, 1});
  node.packed.Release(memory_);
  node = made;
}

void List::Erase(size_t index, size_t count) noexcept {
  EraseRange(index, count);
  if (count != 0) ForgetQuick();
}

void List::EraseRange(size_t index, size_t count) noexcept {
  if (count == 0) return;
  size_t i = 0;
  if (index == size_ - 1) {
    i = nodes_.size() - 1;
    index = nodes_[i].count - 1u;
  } else {
    while (index >= nodes_[i].count) index -= nodes_[i++].count;
  }
  if (index != 0 || count < nodes_[i].count) {
    const size_t here = count < nodes_[i].count - index ? count : nodes_[i].count - index;
    EraseFromNode(nodes_[i], index, here);
    count -= here;
    ++i;
  }
  size_t whole = 0;
  while (count != 0 && count >= nodes_[i + whole].count) count -= nodes_[i + whole++].count;
  if (count != 0) EraseFromNode(nodes_[i + whole], 0, count);
  if (whole != 0) DropNodes(i, whole);
}

size_t List::EraseEqual(Bytes element, size_t count, bool from_back) noexcept {
  const size_t listpack_bytes = ListpackElementBytes(element);
  size_t erased = 0;
  for (size_t step = 0, nodes = nodes_.size(); step < nodes && erased < count; ++step) {
    const size_t i = from_back ? nodes - 1 - step : step - (nodes - nodes_.size());
    Node& node = nodes_[i];
    size_t equal = 0;
    for (size_t offset = 0; offset < node.packed.size(); offset = node.packed.Next(offset)) {
      if (node.packed.At(offset) == element) ++equal;
    }
    if (equal == 0) continue;
    const size_t take = equal < count - erased ? equal : count - erased;
    erased += take;
    if (take == node.count) {
      DropNodes(i, 1);
      continue;
    }
    size_t pass = from_back ? equal - take : 0;  // how many equal ones stay before the first to go
    size_t left = take;
    node.packed.EraseIf(memory_, [&](Bytes candidate) {
      if (left == 0 || candidate != element) return false;
      if (pass > 0) {
        --pass;
        return false;
      }
      --left;
      return true;
    });
    node.count -= static_cast<uint32_t>(take);
    node.listpack_bytes -= static_cast<uint32_t>(take * listpack_bytes);
    size_ -= take;
  }
  if (erased != 0) ForgetQuick();
  return erased;
}

List* List::Clone() const {
  List* clone = memory_.New<List>(memory_);
  try {
    clone->nodes_.Reserve(memory_, nodes_.size());
    for (const Node& node : nodes_) {
      Node copy = node;
      copy.packed = Packed::Make(memory_, node.packed.Encoded(0, node.packed.size()), {});
      clone->nodes_.Insert(clone->nodes_.size(), copy);
      clone->size_ += node.count;
    }
  } catch (...) {
    memory_.Delete(clone);
    throw;
  }
  clone->quick_ = quick_;
  return clone;
}

size_t List::memory_bytes() const {
  size_t bytes = Memory::Footprint(sizeof(List)) + nodes_.memory_bytes();
  for (const Node& node : nodes_) bytes += node.packed.memory_bytes();
  return bytes;
}

}  // namespace redislite::types

// ==== src/types/listpack.cc =======================================================================================
namespace redislite::types {

namespace {

constexpr size_t kListpackHeaderBytes = 6;
constexpr char kEnd_types_listpack = '\xff';
constexpr uint16_t kManyElements = 0xffff;

template <typename T>
void AppendLittle(std::string& to, T value) {
  char bytes[sizeof(T)];
  StoreLittle(bytes, value);
  to.append(bytes, sizeof(T));
}

void AppendInteger(std::string& to, int64_t value) {
  const auto fits = [value](int bits) {
    return value >= -(int64_t{1} << (bits - 1)) && value < int64_t{1} << (bits - 1);
  };
  if (value >= 0 && value <= 127) {
    to.push_back(static_cast<char>(value));
  } else if (fits(13)) {
    to.push_back(static_cast<char>(0xc0 | (value >> 8 & 0x1f)));
    to.push_back(static_cast<char>(value & 0xff));
  } else if (fits(16)) {
    to.push_back('\xf1');
    AppendLittle(to, static_cast<int16_t>(value));
  } else if (fits(24)) {
    to.push_back('\xf2');
    for (int shift = 0; shift < 24; shift += 8) to.push_back(static_cast<char>(value >> shift & 0xff));
  } else if (fits(32)) {
    to.push_back('\xf3');
    AppendLittle(to, static_cast<int32_t>(value));
  } else {
    to.push_back('\xf4');
    AppendLittle(to, value);
  }
}

void AppendBytes(std::string& to, Bytes bytes) {
  const size_t size = bytes.size();
  if (size < 64) {
    to.push_back(static_cast<char>(0x80 | size));
  } else if (size < 4096) {
    to.push_back(static_cast<char>(0xe0 | size >> 8));
    to.push_back(static_cast<char>(size & 0xff));
  } else {
    to.push_back('\xf0');
    AppendLittle(to, static_cast<uint32_t>(size));
  }
  to.append(bytes);
}

void AppendBack(std::string& to, uint64_t size) {
  const size_t bytes = ListpackBackBytes(size);
  for (size_t i = 0; i < bytes; ++i) {
    const auto bits = static_cast<uint8_t>(size >> (7 * (bytes - 1 - i)) & 0x7f);
    to.push_back(static_cast<char>(i == 0 ? bits : bits | 0x80));
  }
}

bool Visit_types_listpack(int64_t integer, const VisitElement& visit) {
  char text[kInt64TextMax];
  return visit(FormatInt64(integer, text));
}

bool ReadListpackElement(ByteReader& reader, const VisitElement& visit) {
  const size_t before = reader.size();
  const uint8_t first = reader.Byte();
  std::optional<int64_t> integer;
  uint64_t size = 0;
  if (first < 0x80) {
    integer = first;
  } else if (first < 0xc0) {
    size = first & 0x3f;
  } else if (first < 0xe0) {
    const uint32_t bits = (first & 0x1fu) << 8 | reader.Byte();
    integer = static_cast<int32_t>(bits << 19) >> 19;
  } else if (first < 0xf0) {
    size = (first & 0x0fu) << 8 | reader.Byte();
  } else if (first == 0xf0) {
    size = reader.Little<uint32_t>();
  } else if (first == 0xf1) {
    integer = reader.Little<int16_t>();
  } else if (first == 0xf2) {
    integer = reader.Little24();
  } else if (first == 0xf3) {
    integer = reader.Little<int32_t>();
  } else if (first == 0xf4) {
    integer = reader.Little<int64_t>();
  } else {
    return false;
  }
  const Bytes bytes = reader.Take(integer ? 0 : size);
  if (!reader.ok()) return false;
  std::string back;
  AppendBack(back, before - reader.size());
  if (reader.Take(back.size()) != back || !reader.ok()) return false;
  return integer ? Visit_types_listpack(*integer, visit) : visit(bytes);
}

bool ReadZiplistElement(ByteReader& reader, uint64_t previous_size, const VisitElement& visit) {
  uint64_t previous = reader.Byte();
  if (previous == 0xff) return false;
  if (previous == 0xfe) previous = reader.Little<uint32_t>();
  if (previous != previous_size) return false;
  const uint8_t first = reader.Byte();
  std::optional<int64_t> integer;
  uint64_t size = 0;
  if (first < 0x40) {
    size = first;
  } else if (first < 0x80) {
    size = (first & 0x3fu) << 8 | reader.Byte();
  } else if (first < 0xc0) {
    size = reader.Big(4);
  } else if (first == 0xc0) {
    integer = reader.Little<int16_t>();
  } else if (first == 0xd0) {
    integer = reader.Little<int32_t>();
  } else if (first == 0xe0) {
    integer = reader.Little<int64_t>();
  } else if (first == 0xf0) {
    integer = reader.Little24();
  } else if (first == 0xfe) {
    integer = reader.Little<int8_t>();
  } else if (first >= 0xf1 && first <= 0xfd) {
    integer = (first & 0x0f) - 1;
  } else {
    return false;
  }
  const Bytes bytes = reader.Take(integer ? 0 : size);
  if (!reader.ok()) return false;
  return integer ? Visit_types_listpack(*integer, visit) : visit(bytes);
}

}  // namespace

ListpackBuilder::ListpackBuilder() : bytes_(kListpackHeaderBytes, '\0'), count_(0) {}

void ListpackBuilder::Add(Bytes element) {
  const size_t before = bytes_.size();
  if (const std::optional<int64_t> integer = ParseInt64(element)) {
    AppendInteger(bytes_, *integer);
  } else {
    AppendBytes(bytes_, element);
  }
  AppendBack(bytes_, bytes_.size() - before);
  ++count_;
}

std::string ListpackBuilder::Finish() {
  bytes_.push_back(kEnd_types_listpack);
  StoreLittle(bytes_.data(), static_cast<uint32_t>(bytes_.size()));
  StoreLittle(bytes_.data() + 4, count_ < kManyElements ? static_cast<uint16_t>(count_) : kManyElements);
  std::string finished(kListpackHeaderBytes, '\0');
  finished.swap(bytes_);
  count_ = 0;
  return finished;
}

bool ReadListpack(Bytes bytes, const VisitElement& visit) {
  ByteReader reader(bytes);
  const auto size = reader.Little<uint32_t>();
  const auto count = reader.Little<uint16_t>();
  if (!reader.ok() || size != bytes.size() || bytes.back() != kEnd_types_listpack) return false;
  uint64_t found = 0;
  while (reader.size() > 1) {
    if (!ReadListpackElement(reader, visit)) return false;
    ++found;
  }
  return reader.size() == 1 && (count == kManyElements || count == found);
}

bool ReadZiplist(Bytes bytes, const VisitElement& visit) {
  ByteReader reader(bytes);
  const auto size = reader.Little<uint32_t>();
  const auto tail = reader.Little<uint32_t>();
  const auto count = reader.Little<uint16_t>();
  if (!reader.ok() || size != bytes.size() || bytes.back() != kEnd_types_listpack) return false;
  uint64_t found = 0;
  uint64_t previous_size = 0;
  uint64_t last = bytes.size() - reader.size();  // where the last element begins
  while (reader.size() > 1) {
    last = bytes.size() - reader.size();
    if (!ReadZiplistElement(reader, previous_size, visit)) return false;
    previous_size = bytes.size() - reader.size() - last;
    ++found;
  }
  return reader.size() == 1 && tail == last && (count == kManyElements || count == found);
}

}  // namespace redislite::types

// ==== src/types/listpack_size.cc ==================================================================================
namespace redislite::types {

namespace {

size_t IntegerBytes(int64_t value) {
  const auto fits = [value](int bits) {
    return value >= -(int64_t{1} << (bits - 1)) && value < int64_t{1} << (bits - 1);
  };
  if (value >= 0 && value <= 127) return 1;
  if (fits(13)) return 2;
  if (fits(16)) return 3;
  if (fits(24)) return 4;
  if (fits(32)) return 5;
  return 9;
}

size_t StringBytes(size_t length) {
  if (length < 64) return length + 1;
  if (length < 4096) return length + 2;
  return length + 5;
}

}  // namespace

size_t ListpackElementBytes(Bytes element) {
  const std::optional<int64_t> integer = ParseInt64(element);
  const size_t entry = integer ? IntegerBytes(*integer) : StringBytes(element.size());
  return entry + ListpackBackBytes(entry);
}

size_t ListpackBackBytes(uint64_t entry) {
  if (entry <= 127) return 1;
  if (entry < 16383) return 2;
  if (entry < 2097151) return 3;
  return entry < 268435455 ? 4 : 5;
}

}  // namespace redislite::types

// ==== src/types/lzf.cc ============================================================================================
namespace redislite::types {

std::optional<std::string> ExpandLzf(Bytes compressed, uint64_t size) {
  std::string expanded;
  ByteReader reader(compressed);
  while (!reader.empty()) {
    const uint8_t control = reader.Byte();
    if (control < 32) {
      const Bytes plain = reader.Take(control + 1u);
      if (!reader.ok() || plain.size() > size - expanded.size()) return {};
      expanded.append(plain);
      continue;
    }
    uint64_t length = control >> 5;
    if (length == 7) length += reader.Byte();
    length += 2;
    const uint64_t distance = ((control & 31u) << 8 | reader.Byte()) + 1;
    if (!reader.ok() || distance > expanded.size() || length > size - expanded.size()) return {};
    for (uint64_t i = 0; i < length; ++i) expanded.push_back(expanded[expanded.size() - distance]);
  }
  if (!reader.ok() || expanded.size() != size) return {};
  return expanded;
}

}  // namespace redislite::types

// ==== src/types/packed.cc =========================================================================================
namespace redislite::types {

namespace {

constexpr size_t kBlockBytesMax = std::numeric_limits<uint32_t>::max();

constexpr size_t kShrinkBytesMin = 128;

size_t RoundUp(size_t size) { return Memory::Usable(size); }

size_t Roomy(size_t total) {
  const size_t roomy = RoundUp(total + total / 2);
  return roomy <= kBlockBytesMax ? roomy : total;
}

char* NewBlock(Memory& memory, size_t capacity) {
  if (capacity > kBlockBytesMax) throw std::bad_alloc();
  return static_cast<char*>(memory.Allocate(capacity));
}

void Copy_types_packed(char* to, const char* from, size_t size) {
  if (size != 0) std::memcpy(to, from, size);
}

void Move_types_packed(char* to, const char* from, size_t size) {
  if (size != 0 && to != from) std::memmove(to, from, size);
}

size_t EncodedSizeOf(std::span<const Bytes> elements) {
  size_t size = 0;
  for (const Bytes element : elements) size += Packed::EncodedSize(element.size());
  return size;
}

}  // namespace

Packed Packed::Make(Memory& memory, Bytes encoded, std::span<const Bytes> elements) {
  const size_t total = encoded.size() + EncodedSizeOf(elements);
  Packed made;
  if (total == 0) return made;
  const size_t capacity = RoundUp(total) <= kBlockBytesMax ? RoundUp(total) : total;
  made.block_ = NewBlock(memory, capacity);
  made.capacity_ = static_cast<uint32_t>(capacity);
  made.size_ = static_cast<uint32_t>(total);
  Copy_types_packed(made.block_, encoded.data(), encoded.size());
  WriteElements(made.block_ + encoded.size(), elements);
  return made;
}

void Packed::Release(Memory& memory) noexcept {
  memory.Free(block_, capacity_);
  *this = Packed();
}

size_t Packed::ReadLongLength(size_t first, const char** at) {
  size_t length = first & 0x7f;
  for (int shift = 7;; shift += 7) {
    const size_t byte = static_cast<uint8_t>(*(*at)++);
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) return length;
  }
}

size_t Packed::Previous(size_t offset) const {
  const char* end = contents() + offset;
  size_t length = 0;
  for (int shift = 0;; shift += 7) {
    const size_t byte = static_cast<uint8_t>(*--end);
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return offset - EncodedSize(length);
}

char* Packed::WriteElements(char* at, std::span<const Bytes> elements) {
  for (const Bytes element : elements) {
    char length[5];
    size_t bytes = 0;
    size_t rest = element.size();
    for (; rest >= 0x80; rest >>= 7) length[bytes++] = static_cast<char>(rest | 0x80);
    length[bytes++] = static_cast<char>(rest);
    Copy_types_packed(at, length, bytes);
    at += bytes;
    Copy_types_packed(at, element.data(), element.size());
    at += element.size();
    while (bytes > 0) *at++ = length[--bytes];
  }
  return at;
}

bool Packed::Holds(Bytes bytes) const {
  const std::less<const char*> less;
  return block_ != nullptr && !less(bytes.data(), block_) && less(bytes.data(), block_ + capacity_);
}

void Packed::MoveApart(size_t begin, size_t before, size_t after_from, size_t after_to) {
  const size_t after = begin_ + size_ - after_from;
  if (begin <= begin_) {
    Move_types_packed(block_ + begin, block_ + begin_, before);
    Move_types_packed(block_ + after_to, block_ + after_from, after);
  } else {
    Move_types_packed(block_ + after_to, block_ + after_from, after);
    Move_types_packed(block_ + begin, block_ + begin_, before);
  }
}

template <typename Write>
void Packed::Splice(Memory& memory, size_t offset, size_t removed, size_t added, bool may_move, const Write& write) {
  const size_t before = offset;
  const size_t after = size_ - offset - removed;
  const size_t total = before + added + after;
  const bool grows_in_front = before < after;

  if (may_move && total <= capacity_) {
    const size_t spare = capacity_ - total;
    bool fits = true;
    size_t begin = begin_;
    if (grows_in_front && begin_ + removed >= added) {
      begin = begin_ + removed - added;
    } else if (!grows_in_front && begin_ + total <= capacity_) {
      begin = begin_;
    } else if (spare >= capacity_ / 8) {
      begin = grows_in_front ? spare - spare / 4 : spare / 4;
    } else {
      fits = false;
    }
    if (fits) {
      MoveApart(begin, before, begin_ + before + removed, begin + before + added);
      begin_ = static_cast<uint32_t>(begin);
      size_ = static_cast<uint32_t>(total);
      write(contents() + before);
      return;
    }
  }

  if (total > kBlockBytesMax) throw std::bad_alloc();
  const size_t capacity = block_ == nullptr ? total : Roomy(total);
  char* block = NewBlock(memory, capacity);
  const size_t begin = grows_in_front ? capacity - total : 0;
  Copy_types_packed(block + begin, contents(), before);
  write(block + begin + before);
  Copy_types_packed(block + begin + before + added, contents() + before + removed, after);
  memory.Free(block_, capacity_);
  block_ = block;
  capacity_ = static_cast<uint32_t>(capacity);
  begin_ = static_cast<uint32_t>(begin);
  size_ = static_cast<uint32_t>(total);
}

void Packed::Replace(Memory& memory, size_t offset, size_t removed, std::span<const Bytes> elements) {
  if (elements.empty()) return Erase(memory, offset, removed);
  if (block_ == nullptr) {
    *this = Make(memory, {}, elements);
    return;
  }
  bool may_move = true;
  for (const Bytes element : elements) may_move &= !Holds(element);
  Splice(memory, offset, removed, EncodedSizeOf(elements), may_move,
         [&](char* there) { WriteElements(there, elements); });
  ShrinkIfSparse(memory);
}

void Packed::AppendEncoded(Memory& memory, Bytes encoded) {
  if (block_ == nullptr) {
    *this = Make(memory, encoded, {});
    return;
  }
  Splice(memory, size_, 0, encoded.size(), !Holds(encoded),
         [&](char* there) { Copy_types_packed(there, encoded.data(), encoded.size()); });
}

void Packed::Erase(Memory& memory, size_t offset, size_t removed) noexcept {
  if (removed == 0) return;
  if (removed == size_) return Release(memory);
  const size_t after = size_ - offset - removed;
  const size_t begin = offset < after ? begin_ + removed : begin_;
  MoveApart(begin, offset, begin_ + offset + removed, begin + offset);
  begin_ = static_cast<uint32_t>(begin);
  size_ -= static_cast<uint32_t>(removed);
  ShrinkIfSparse(memory);
}

void Packed::ShrinkIfSparse(Memory& memory) noexcept {
  if (capacity_ >= kShrinkBytesMin && size_ <= capacity_ / 4) MoveToBlock(memory, Roomy(size_));
}

void Packed::Fit(Memory& memory) noexcept {
  const size_t fitting = RoundUp(size_);
  if (size_ != 0 && fitting < capacity_) MoveToBlock(memory, fitting);
}

void Packed::MoveToBlock(Memory& memory, size_t capacity) noexcept {
  char* block;
  try {
    block = NewBlock(memory, capacity);
  } catch (const std::bad_alloc&) {
    return;
  }
  Copy_types_packed(block, contents(), size_);
  memory.Free(block_, capacity_);
  block_ = block;
  capacity_ = static_cast<uint32_t>(capacity);
  begin_ = 0;
}

}  // namespace redislite::types

// ==== src/types/score_tree.cc =====================================================================================
namespace redislite::types {

struct ScoreTree::Leaf {
  uint32_t count;
  uint32_t capacity;

  Scored** items() { return reinterpret_cast<Scored**>(this + 1); }
  Scored* const* items() const { return reinterpret_cast<Scored* const*>(this + 1); }

  static size_t BytesFor(uint32_t capacity) { return sizeof(Leaf) + sizeof(Scored*) * capacity; }
};

struct ScoreTree::Child {
  Scored* first;
  double score;
  size_t size;
  Node node;
};

struct ScoreTree::Inner {
  uint32_t count;
  Child children[kInnerMax];
};

namespace {

constexpr uint32_t kFew_types_score_tree = 16;
constexpr uint32_t kMergedMax = 48;

uint32_t RoomFor_types_score_tree(uint32_t count) { return (count + count / 8 + 2) & ~1u; }

}  // namespace

ScoreTree::~ScoreTree() {
  if (root_.leaf != nullptr) FreeBelow(root_, height_);
}

void ScoreTree::FreeBelow(Node node, int height) noexcept {
  if (height > 0) {
    for (uint32_t i = 0; i < node.inner->count; ++i) FreeBelow(node.inner->children[i].node, height - 1);
  }
  FreeNode(node, height);
}

ScoreTree::Leaf* ScoreTree::NewLeaf(uint32_t count) {
  const uint32_t capacity = std::min(RoomFor_types_score_tree(count), kLeafMax);
  auto* leaf = new (memory_.Allocate(Leaf::BytesFor(capacity))) Leaf{0, capacity};
  bytes_ += Memory::Footprint(Leaf::BytesFor(capacity));
  return leaf;
}

ScoreTree::Leaf* ScoreTree::Resize(Leaf* leaf, uint32_t count) {
  const size_t before = Leaf::BytesFor(leaf->capacity);
  const uint32_t capacity = std::min(RoomFor_types_score_tree(count), kLeafMax);
  auto* moved = static_cast<Leaf*>(memory_.Reallocate(leaf, before, Leaf::BytesFor(capacity)));
  moved->capacity = capacity;
  bytes_ += Memory::Footprint(Leaf::BytesFor(capacity));
  bytes_ -= Memory::Footprint(before);
  return moved;
}

void ScoreTree::TryToFit(Node* place) noexcept {
  try {
    place->leaf = Resize(place->leaf, place->leaf->count);
  } catch (const std::bad_alloc&) {
    return;
  }
}

ScoreTree::Inner* ScoreTree::NewInner() {
  auto* inner = static_cast<Inner*>(memory_.Allocate(sizeof(Inner)));
  inner->count = 0;
  bytes_ += Memory::Footprint(sizeof(Inner));
  return inner;
}

void ScoreTree::FreeNode(Node node, int height) noexcept {
  const size_t bytes = height == 0 ? Leaf::BytesFor(node.leaf->capacity) : sizeof(Inner);
  memory_.Free(height == 0 ? static_cast<void*>(node.leaf) : node.inner, bytes);
  bytes_ -= Memory::Footprint(bytes);
}

uint32_t ScoreTree::CountOf(Node node, int height) { return height == 0 ? node.leaf->count : node.inner->count; }

Scored* ScoreTree::FirstOf(Node node, int height) {
  return height == 0 ? node.leaf->items()[0] : node.inner->children[0].first;
}

uint32_t ScoreTree::ChildFor(const Inner& inner, double score, Bytes member) {
  const Child* begin = inner.children + 1;
  const Child* end = inner.children + inner.count;
  const auto is_behind = [&](double, const Child& child) {
    if (score != child.score) return score < child.score;
    return member < child.first->member();
  };
  return static_cast<uint32_t>(std::upper_bound(begin, end, score, is_behind) - inner.children) - 1;
}

uint32_t ScoreTree::PlaceIn(const Leaf& leaf, double score, Bytes member) {
  const auto is_before = [&](const Scored* item, double) {
    return IsBefore(item->score, item->member(), score, member);
  };
  return static_cast<uint32_t>(std::lower_bound(leaf.items(), leaf.items() + leaf.count, score, is_before) -
                               leaf.items());
}

ScoreTree::Child ScoreTree::Split(Node node, int height) {
  Child upper{};
  if (height == 0) {
    Leaf* leaf = node.leaf;
    const uint32_t kept = leaf->count / 2;
    upper.node.leaf = NewLeaf(leaf->count - kept);
    upper.node.leaf->count = leaf->count - kept;
    std::memcpy(upper.node.leaf->items(), leaf->items() + kept, sizeof(Scored*) * upper.node.leaf->count);
    leaf->count = kept;
    upper.size = upper.node.leaf->count;
  } else {
    Inner* inner = node.inner;
    const uint32_t kept = inner->count / 2;
    upper.node.inner = NewInner();
    upper.node.inner->count = inner->count - kept;
    std::copy(inner->children + kept, inner->children + inner->count, upper.node.inner->children);
    inner->count = kept;
    for (uint32_t i = 0; i < upper.node.inner->count; ++i) upper.size += upper.node.inner->children[i].size;
  }
  upper.first = FirstOf(upper.node, height);
  upper.score = upper.first->score;
  return upper;
}

void ScoreTree::SplitChild(Inner* inner, uint32_t index, int height) {
  const Child upper = Split(inner->children[index].node, height);
  inner->children[index].size -= upper.size;
  std::move_backward(inner->children + index + 1, inner->children + inner->count, inner->children + inner->count + 1);
  inner->children[index + 1] = upper;
  ++inner->count;
  if (height == 0) TryToFit(&inner->children[index].node);
}

void ScoreTree::GrowRoot() {
  Inner* inner = NewInner();
  inner->children[0] = {FirstOf(root_, height_), FirstOf(root_, height_)->score, size_, root_};
  inner->count = 1;
  try {
    SplitChild(inner, 0, height_);
  } catch (...) {
    Node node;
    node.inner = inner;
    FreeNode(node, 1);
    throw;
  }
  root_.inner = inner;
  ++height_;
}

void ScoreTree::Insert(Scored* item) {
  if (root_.leaf == nullptr) root_.leaf = NewLeaf(1);
  if (CountOf(root_, height_) == (height_ == 0 ? kLeafMax : kInnerMax)) GrowRoot();
  const Bytes member = item->member();
  Step path[kHeightMax];
  Node* place = &root_;
  for (int height = height_; height > 0; --height) {
    Inner* inner = place->inner;
    uint32_t index = ChildFor(*inner, item->score, member);
    if (CountOf(inner->children[index].node, height - 1) == (height == 1 ? kLeafMax : kInnerMax)) {
      SplitChild(inner, index, height - 1);
      index = ChildFor(*inner, item->score, member);
    }
    path[height] = {inner, index};
    place = &inner->children[index].node;
  }
  if (place->leaf->count == place->leaf->capacity) place->leaf = Resize(place->leaf, place->leaf->count + 1);

  Leaf* leaf = place->leaf;
  const uint32_t at = PlaceIn(*leaf, item->score, member);
  std::memmove(leaf->items() + at + 1, leaf->items() + at, sizeof(Scored*) * (leaf->count - at));
  leaf->items()[at] = item;
  ++leaf->count;
  ++size_;
  bool is_first = at == 0;
  for (int height = 1; height <= height_; ++height) {
    Child& child = path[height].inner->children[path[height].index];
    ++child.size;
    if (is_first) {
      child.first = item;
      child.score = item->score;
      is_first = path[height].index == 0;
    }
  }
}

ScoreTree::Leaf* ScoreTree::Descend(double score, Bytes member, Step* path) const {
  Node node = root_;
  for (int height = height_; height > 0; --height) {
    const uint32_t index = ChildFor(*node.inner, score, member);
    path[height] = {node.inner, index};
    node = node.inner->children[index].node;
  }
  return node.leaf;
}

void ScoreTree::RemoveChild(Inner* inner, uint32_t index) noexcept {
  std::copy(inner->children + index + 1, inner->children + inner->count, inner->children + index);
  --inner->count;
}

void ScoreTree::TryToMerge(Inner* inner, uint32_t index, int height) noexcept {
  if (inner->count < 2) return;
  const uint32_t left = index == 0 ? 0 : index - 1;
  Child& kept = inner->children[left];
  Child& gone = inner->children[left + 1];
  const uint32_t kept_count = CountOf(kept.node, height);
  const uint32_t gone_count = CountOf(gone.node, height);
  if (kept_count + gone_count > kMergedMax) return;
  if (height == 0) {
    if (kept.node.leaf->capacity < kept_count + gone_count) {
      try {
        kept.node.leaf = Resize(kept.node.leaf, kept_count + gone_count);
      } catch (const std::bad_alloc&) {
        return;
      }
    }
    std::memcpy(kept.node.leaf->items() + kept_count, gone.node.leaf->items(), sizeof(Scored*) * gone_count);
    kept.node.leaf->count += gone_count;
  } else {
    std::copy(gone.node.inner->children, gone.node.inner->children + gone_count,
              kept.node.inner->children + kept_count);
    kept.node.inner->count += gone_count;
  }
  kept.size += gone.size;
  FreeNode(gone.node, height);
  RemoveChild(inner, left + 1);
}

void ScoreTree::Remove(const Scored* item) noexcept {
  const Bytes member = item->member();
  Step path[kHeightMax];
  Leaf* leaf = Descend(item->score, member, path);
  const uint32_t at = PlaceIn(*leaf, item->score, member);
  --leaf->count;
  std::memmove(leaf->items() + at, leaf->items() + at + 1, sizeof(Scored*) * (leaf->count - at));
  --size_;
  for (int height = 1; height <= height_; ++height) {
    Inner* inner = path[height].inner;
    const uint32_t index = path[height].index;
    Child& child = inner->children[index];
    --child.size;
    const uint32_t count = CountOf(child.node, height - 1);
    if (count == 0) {
      FreeNode(child.node, height - 1);
      RemoveChild(inner, index);
      continue;
    }
    child.first = FirstOf(child.node, height - 1);
    child.score = child.first->score;
    if (height == 1 && child.node.leaf->capacity > RoomFor_types_score_tree(count) + 4) TryToFit(&child.node);
    if (count < kFew_types_score_tree) TryToMerge(inner, index, height - 1);
  }
  while (height_ > 0 && root_.inner->count <= 1) {
    const Node top = root_;
    root_ = top.inner->count == 0 ? Node{nullptr} : top.inner->children[0].node;
    FreeNode(top, height_);
    height_ = root_.leaf == nullptr ? 0 : height_ - 1;
  }
  if (size_ == 0 && root_.leaf != nullptr) {
    FreeNode(root_, 0);
    root_.leaf = nullptr;
  }
}

bool ScoreTree::MoveInPlace(Scored* item, double score) noexcept {
  const Bytes member = item->member();
  Step path[kHeightMax];
  const Leaf* leaf = Descend(item->score, member, path);
  const uint32_t at = PlaceIn(*leaf, item->score, member);
  if (at == 0 || at + 1 == leaf->count) return false;
  const Scored* before = leaf->items()[at - 1];
  const Scored* after = leaf->items()[at + 1];
  if (!IsBefore(before->score, before->member(), score, member)) return false;
  if (!IsBefore(score, member, after->score, after->member())) return false;
  item->score = score;
  return true;
}

size_t ScoreTree::CountBefore(const Before& before) const {
  if (size_ == 0) return 0;
  size_t count = 0;
  Node node = root_;
  for (int height = height_; height > 0; --height) {
    const Inner& inner = *node.inner;
    const Child* child =
        std::partition_point(inner.children + 1, inner.children + inner.count,
                             [&](const Child& each) { return before(each.score, each.first->member()); }) -
        1;
    for (const Child* each = inner.children; each != child; ++each) count += each->size;
    node = child->node;
  }
  const Leaf& leaf = *node.leaf;
  const auto* end = std::partition_point(leaf.items(), leaf.items() + leaf.count,
                                         [&](const Scored* item) { return before(item->score, item->member()); });
  return count + static_cast<size_t>(end - leaf.items());
}

size_t ScoreTree::Rank(double score, Bytes member) const {
  if (size_ == 0) return 0;
  Step path[kHeightMax];
  const Leaf* leaf = Descend(score, member, path);
  size_t rank = PlaceIn(*leaf, score, member);
  for (int height = 1; height <= height_; ++height) {
    for (uint32_t i = 0; i < path[height].index; ++i) rank += path[height].inner->children[i].size;
  }
  return rank;
}

Scored* ScoreTree::At(size_t rank) const {
  Node node = root_;
  for (int height = height_; height > 0; --height) {
    const Child* child = node.inner->children;
    for (; rank >= child->size; ++child) rank -= child->size;
    node = child->node;
  }
  return node.leaf->items()[rank];
}

bool ScoreTree::VisitUp(Node node, int height, size_t skip, const Visit& visit) {
  if (height == 0) {
    for (size_t i = skip; i < node.leaf->count; ++i) {
      if (!visit(*node.leaf->items()[i])) return false;
    }
    return true;
  }
  for (uint32_t i = 0; i < node.inner->count; ++i) {
    const Child& child = node.inner->children[i];
    if (skip >= child.size) {
      skip -= child.size;
      continue;
    }
    if (!VisitUp(child.node, height - 1, skip, visit)) return false;
    skip = 0;
  }
  return true;
}

bool ScoreTree::VisitDown(Node node, int height, size_t skip, const Visit& visit) {
  if (height == 0) {
    for (size_t i = node.leaf->count - skip; i > 0; --i) {
      if (!visit(*node.leaf->items()[i - 1])) return false;
    }
    return true;
  }
  for (uint32_t i = node.inner->count; i > 0; --i) {
    const Child& child = node.inner->children[i - 1];
    if (skip >= child.size) {
      skip -= child.size;
      continue;
    }
    if (!VisitDown(child.node, height - 1, skip, visit)) return false;
    skip = 0;
  }
  return true;
}

void ScoreTree::ForEach(size_t rank, const Visit& visit) const {
  if (rank < size_) VisitUp(root_, height_, rank, visit);
}

void ScoreTree::ForEachBackward(size_t rank, const Visit& visit) const {
  if (rank < size_) VisitDown(root_, height_, size_ - 1 - rank, visit);
}

bool ScoreTree::IsSound() const {
  if (root_.leaf == nullptr) return size_ == 0 && height_ == 0;
  size_t size = 0;
  const Scored* last = nullptr;
  return IsSoundBelow(root_, height_, &size, &last) && size == size_ && size > 0 &&
         (height_ == 0 || root_.inner->count > 1);
}

bool ScoreTree::IsSoundBelow(Node node, int height, size_t* size, const Scored** last) {
  if (CountOf(node, height) == 0) return false;
  if (height == 0) {
    if (node.leaf->count > node.leaf->capacity || node.leaf->capacity > kLeafMax) return false;
    for (uint32_t i = 0; i < node.leaf->count; ++i) {
      const Scored* item = node.leaf->items()[i];
      const Scored* before = std::exchange(*last, item);
      if (before != nullptr && !IsBefore(before->score, before->member(), item->score, item->member())) return false;
    }
    *size += node.leaf->count;
    return true;
  }
  for (uint32_t i = 0; i < node.inner->count; ++i) {
    const Child& child = node.inner->children[i];
    if (child.first != FirstOf(child.node, height - 1) || child.score != child.first->score) return false;
    size_t below = 0;
    if (!IsSoundBelow(child.node, height - 1, &below, last) || below != child.size) return false;
    *size += below;
  }
  return true;
}

}  // namespace redislite::types

// ==== src/types/set.cc ============================================================================================
namespace redislite::types {

Set::~Set() {
  integers_.Release(memory_);
  packed_.Release(memory_);
  if (table_ == nullptr) return;
  table_->ForEach([this](Member* member) { Member::Free(memory_, member); });
  memory_.Delete(table_);
}

size_t Set::size() const {
  switch (form_) {
    case Form::kIntegers:
      return integers_.size();
    case Form::kPacked:
      return packed_members_;
    case Form::kTable:
      break;
  }
  return table_->size();
}

const char* Set::encoding() const {
  switch (form_) {
    case Form::kIntegers:
      return "intset";
    case Form::kPacked:
      return "listpack";
    case Form::kTable:
      break;
  }
  return "hashtable";
}

std::optional<size_t> Set::FindPacked(Bytes member) const {
  for (size_t offset = 0; offset < packed_.size(); offset = packed_.Next(offset)) {
    if (packed_.At(offset) == member) return offset;
  }
  return std::nullopt;
}

Member* Set::FindInTable(uint64_t hash, Bytes member) const {
  return table_->Find(hash, [member](const Member& other) { return other.bytes() == member; });
}

bool Set::Has(Bytes member) const {
  switch (form_) {
    case Form::kIntegers: {
      const std::optional<int64_t> integer = ParseInt64(member);
      return integer && integers_.Has(*integer);
    }
    case Form::kPacked:
      return FindPacked(member).has_value();
    case Form::kTable:
      break;
  }
  return FindInTable(SipHash13(seed_, member), member) != nullptr;
}

void Set::AddToTable(Bytes member) {
  Member* made = Member::Make(memory_, member);
  try {
    table_->Insert(made);
  } catch (...) {
    Member::Free(memory_, made);
    throw;
  }
  member_bytes_ += Memory::Footprint(made->size());
}

void Set::BecomePacked(Bytes more) {
  Packed packed;
  try {
    for (size_t i = 0; i < integers_.size(); ++i) {
      char text[kInt64TextMax];
      packed.Replace(memory_, packed.size(), 0, FormatInt64(integers_.At(i), text));
    }
    packed.Replace(memory_, packed.size(), 0, more);
  } catch (...) {
    packed.Release(memory_);
    throw;
  }
  packed_ = packed;
  packed_members_ = static_cast<uint32_t>(integers_.size() + 1);
  integers_.Release(memory_);
  form_ = Form::kPacked;
}

void Set::BecomeTable(std::optional<Bytes> more) {
  Set large(memory_, seed_);
  large.table_ = memory_.New<Members>(memory_, 0, MemberHash{&seed_});
  large.form_ = Form::kTable;
  ForEach([&large](Bytes member) {
    large.AddToTable(member);
    return true;
  });
  if (more) large.AddToTable(*more);
  std::swap(integers_, large.integers_);
  std::swap(packed_, large.packed_);
  std::swap(table_, large.table_);
  std::swap(member_bytes_, large.member_bytes_);
  std::swap(form_, large.form_);
  packed_members_ = 0;
}

void Set::Foresee(size_t members, Bytes first) {
  if (form_ == Form::kTable) return;
  const bool integers = form_ == Form::kIntegers && (size() > 0 || ParseInt64(first));
  if (members > (integers ? kIntegersMax : kPackedMembersMax)) BecomeTable({});
}

bool Set::Add(Bytes member) {
  switch (form_) {
    case Form::kIntegers: {
      const std::optional<int64_t> integer = ParseInt64(member);
      if (integer && integers_.size() < kIntegersMax) return integers_.Add(memory_, *integer);
      if (integer && integers_.Has(*integer)) return false;
      if (!integer && member.size() <= kPackedBytesMax && integers_.size() < kPackedMembersMax) {
        BecomePacked(member);
      } else {
        BecomeTable(member);
      }
      return true;
    }
    case Form::kPacked:
      if (FindPacked(member)) return false;
      if (member.size() <= kPackedBytesMax && packed_members_ < kPackedMembersMax) {
        packed_.Replace(memory_, packed_.size(), 0, member);
        ++packed_members_;
      } else {
        BecomeTable(member);
      }
      return true;
    case Form::kTable:
      break;
  }
  if (FindInTable(SipHash13(seed_, member), member) != nullptr) return false;
  AddToTable(member);
  return true;
}

bool Set::Erase(Bytes member) noexcept {
  switch (form_) {
    case Form::kIntegers: {
      const std::optional<int64_t> integer = ParseInt64(member);
      return integer && integers_.Erase(memory_, *integer);
    }
    case Form::kPacked: {
      const std::optional<size_t> offset = FindPacked(member);
      if (!offset) return false;
      packed_.Erase(memory_, *offset, packed_.Next(*offset) - *offset);
      --packed_members_;
      return true;
    }
    case Form::kTable:
      break;
  }
  const uint64_t hash = SipHash13(seed_, member);
  Member* found = FindInTable(hash, member);
  if (found == nullptr) return false;
  table_->Remove(found);
  table_->Compact(hash);
  member_bytes_ -= Memory::Footprint(found->size());
  Member::Free(memory_, found);
  return true;
}

void Set::ForEach(const Visit& visit) const {
  bool more = true;
  switch (form_) {
    case Form::kIntegers:
      for (size_t i = 0; i < integers_.size() && more; ++i) {
        char text[kInt64TextMax];
        more = visit(FormatInt64(integers_.At(i), text));
      }
      return;
    case Form::kPacked:
      for (size_t offset = 0; offset < packed_.size() && more; offset = packed_.Next(offset)) {
        more = visit(packed_.At(offset));
      }
      return;
    case Form::kTable:
      break;
  }
  uint64_t next = 0;
  table_->Walk(
      0, &next, [&](const Member* member) { more = more && visit(member->bytes()); }, [&] { return !more; });
}

uint64_t Set::Scan(uint64_t cursor, size_t count, const Visit& visit) const {
  if (form_ != Form::kTable) {
    ForEach([&](Bytes member) {
      visit(member);
      return true;
    });
    return 0;
  }
  size_t visited = 0;
  uint64_t next = 0;
  const bool more = table_->Walk(
      ReverseBits(cursor), &next,
      [&](const Member* member) {
        ++visited;
        visit(member->bytes());
      },
      [&] { return visited >= count; });
  return more ? ReverseBits(next) : 0;
}

void Set::Sample(Random& random, const Visit& visit) const {
  switch (form_) {
    case Form::kIntegers: {
      char text[kInt64TextMax];
      visit(FormatInt64(integers_.At(random.Below(integers_.size())), text));
      return;
    }
    case Form::kPacked: {
      size_t offset = 0;
      for (uint64_t left = random.Below(packed_members_); left > 0; --left) offset = packed_.Next(offset);
      visit(packed_.At(offset));
      return;
    }
    case Form::kTable:
      break;
  }
  visit(table_->Sample([&random](uint64_t bound) { return random.Below(bound); })->bytes());
}

Set* Set::Clone() const {
  Set* clone = memory_.New<Set>(memory_, seed_);
  try {
    clone->integers_ = integers_.Clone(memory_);
    clone->packed_ = Packed::Make(memory_, packed_.Encoded(0, packed_.size()), {});
    clone->packed_members_ = packed_members_;
    if (form_ == Form::kTable) {
      clone->table_ = memory_.New<Members>(memory_, 0, MemberHash{&seed_});
      table_->ForEach([clone](const Member* member) { clone->AddToTable(member->bytes()); });
    }
    clone->form_ = form_;
  } catch (...) {
    memory_.Delete(clone);
    throw;
  }
  return clone;
}

size_t Set::memory_bytes() const {
  size_t bytes = Memory::Footprint(sizeof(Set)) + integers_.memory_bytes() + packed_.memory_bytes();
  if (table_ != nullptr) bytes += Memory::Footprint(sizeof(Members)) + table_->memory_bytes() + member_bytes_;
  return bytes;
}

}  // namespace redislite::types

// ==== src/types/sorted_set.cc =====================================================================================
namespace redislite::types {

namespace {

Bytes BytesOf(const double& score) { return {reinterpret_cast<const char*>(&score), sizeof score}; }

}  // namespace

SortedSet::~SortedSet() {
  packed_.Release(memory_);
  if (large_ == nullptr) return;
  large_->table.ForEach([this](Scored* scored) { Scored::Free(memory_, scored); });
  memory_.Delete(large_);
}


double SortedSet::PackedScore(size_t offset) const {
  double score;
  std::memcpy(&score, packed_.At(packed_.Next(offset)).data(), sizeof score);
  return score;
}

std::optional<SortedSet::Place> SortedSet::FindPacked(Bytes member) const {
  for (size_t offset = 0; offset < packed_.size();) {
    const size_t end = packed_.Next(packed_.Next(offset));
    if (packed_.At(offset) == member) return Place{offset, end};
    offset = end;
  }
  return {};
}

size_t SortedSet::PackedOffset(size_t rank) const {
  size_t offset = 0;
  for (; rank > 0; --rank) offset = packed_.Next(packed_.Next(offset));
  return offset;
}

bool SortedSet::SetPacked(Bytes member, double score) {
  std::optional<Place> old = FindPacked(member);
  if (old && PackedScore(old->offset) == score) return false;
  if (!old && (packed_members_ == kPackedMembersMax || member.size() > kPackedBytesMax)) {
    BecomeLarge(member, score);
    return true;
  }
  size_t offset = 0;
  while (offset < packed_.size() && IsBefore(PackedScore(offset), packed_.At(offset), score, member)) {
    offset = packed_.Next(packed_.Next(offset));
  }
  const size_t before = packed_.size();
  const Bytes pair[] = {member, BytesOf(score)};
  packed_.Replace(memory_, offset, 0, pair);
  if (!old) {
    ++packed_members_;
    return true;
  }
  if (offset <= old->offset) old->offset += packed_.size() - before;
  packed_.Erase(memory_, old->offset, packed_.size() - before);
  return false;
}


Scored* SortedSet::FindLarge(uint64_t hash, Bytes member) const {
  return large_->table.Find(hash, [member](const Scored& scored) { return scored.member() == member; });
}

void SortedSet::AddLarge(Bytes member, double score) {
  Scored* scored = Scored::Make(memory_, score, member);
  try {
    large_->tree.Insert(scored);
    try {
      large_->table.Insert(scored);
    } catch (...) {
      large_->tree.Remove(scored);
      throw;
    }
  } catch (...) {
    Scored::Free(memory_, scored);
    throw;
  }
  large_->member_bytes += Memory::Footprint(scored->size());
}

bool SortedSet::SetLarge(Bytes member, double score) {
  Scored* old = FindLarge(SipHash13(seed_, member), member);
  if (old == nullptr) {
    AddLarge(member, score);
    return true;
  }
  if (old->score == score || large_->tree.MoveInPlace(old, score)) return false;
  Scored* moved = Scored::Make(memory_, score, old->member());
  try {
    large_->tree.Insert(moved);
  } catch (...) {
    Scored::Free(memory_, moved);
    throw;
  }
  large_->table.Replace(old, moved);
  large_->tree.Remove(old);
  Scored::Free(memory_, old);
  return false;
}

void SortedSet::EraseLarge(Scored* scored) noexcept {
  const uint64_t hash = SipHash13(seed_, scored->member());
  large_->tree.Remove(scored);
  large_->table.Remove(scored);
  large_->table.Compact(hash);
  large_->member_bytes -= Memory::Footprint(scored->size());
  Scored::Free(memory_, scored);
}

void SortedSet::BecomeLarge(std::optional<Bytes> more, double score) {
  SortedSet large(memory_, seed_);
  large.large_ = memory_.New<Large>(memory_, seed_);
  ForEach([&large](Bytes member, double each) {
    large.AddLarge(member, each);
    return true;
  });
  if (more) large.AddLarge(*more, score);
  std::swap(packed_, large.packed_);
  std::swap(large_, large.large_);
  packed_members_ = 0;
}


std::optional<double> SortedSet::Score(Bytes member) const {
  if (large_ != nullptr) {
    const Scored* scored = FindLarge(SipHash13(seed_, member), member);
    return scored == nullptr ? std::nullopt : std::optional(scored->score);
  }
  const std::optional<Place> place = FindPacked(member);
  return place ? std::optional(PackedScore(place->offset)) : std::nullopt;
}

bool SortedSet::Set(Bytes member, double score) {
  return large_ == nullptr ? SetPacked(member, score) : SetLarge(member, score);
}

bool SortedSet::Erase(Bytes member) noexcept {
  if (large_ != nullptr) {
    Scored* scored = FindLarge(SipHash13(seed_, member), member);
    if (scored != nullptr) EraseLarge(scored);
    return scored != nullptr;
  }
  const std::optional<Place> place = FindPacked(member);
  if (!place) return false;
  packed_.Erase(memory_, place->offset, place->end - place->offset);
  --packed_members_;
  return true;
}

void SortedSet::EraseRange(size_t rank, size_t count) noexcept {
  if (large_ != nullptr) {
    for (size_t i = 0; i < count; ++i) EraseLarge(large_->tree.At(rank));
    return;
  }
  const size_t begin = PackedOffset(rank);
  size_t end = begin;
  for (size_t i = 0; i < count; ++i) end = packed_.Next(packed_.Next(end));
  packed_.Erase(memory_, begin, end - begin);
  packed_members_ -= static_cast<uint32_t>(count);
}

std::optional<size_t> SortedSet::Rank(Bytes member) const {
  if (large_ != nullptr) {
    const Scored* scored = FindLarge(SipHash13(seed_, member), member);
    if (scored == nullptr) return {};
    return large_->tree.Rank(scored->score, member);
  }
  size_t rank = 0;
  for (size_t offset = 0; offset < packed_.size(); offset = packed_.Next(packed_.Next(offset)), ++rank) {
    if (packed_.At(offset) == member) return rank;
  }
  return {};
}

size_t SortedSet::CountBefore(const Before& before) const {
  if (large_ != nullptr) return large_->tree.CountBefore(before);
  size_t count = 0;
  for (size_t offset = 0; offset < packed_.size(); offset = packed_.Next(packed_.Next(offset)), ++count) {
    if (!before(PackedScore(offset), packed_.At(offset))) break;
  }
  return count;
}

void SortedSet::ForEachFrom(size_t rank, const Visit& visit) const {
  if (large_ != nullptr) {
    return large_->tree.ForEach(rank, [&](const Scored& scored) { return visit(scored.member(), scored.score); });
  }
  if (rank >= packed_members_) return;
  bool more = true;
  for (size_t offset = PackedOffset(rank); offset < packed_.size() && more;) {
    more = visit(packed_.At(offset), PackedScore(offset));
    offset = packed_.Next(packed_.Next(offset));
  }
}

void SortedSet::ForEachBackwardFrom(size_t rank, const Visit& visit) const {
  if (large_ != nullptr) {
    return large_->tree.ForEachBackward(rank,
                                        [&](const Scored& scored) { return visit(scored.member(), scored.score); });
  }
  if (rank >= packed_members_) return;
  bool more = true;
  for (size_t offset = PackedOffset(rank + 1); offset > 0 && more;) {
    offset = packed_.Previous(packed_.Previous(offset));
    more = visit(packed_.At(offset), PackedScore(offset));
  }
}

uint64_t SortedSet::Scan(uint64_t cursor, size_t count, const Visit& visit) const {
  if (large_ == nullptr) {
    ForEach([&](Bytes member, double score) {
      visit(member, score);
      return true;
    });
    return 0;
  }
  size_t visited = 0;
  uint64_t next = 0;
  const bool more = large_->table.Walk(
      ReverseBits(cursor), &next,
      [&](const Scored* scored) {
        ++visited;
        visit(scored->member(), scored->score);
      },
      [&] { return visited >= count; });
  return more ? ReverseBits(next) : 0;
}

void SortedSet::Sample(Random& random, const Visit& visit) const {
  if (large_ != nullptr) {
    const Scored* scored = large_->table.Sample([&random](uint64_t bound) { return random.Below(bound); });
    visit(scored->member(), scored->score);
    return;
  }
  const size_t offset = PackedOffset(random.Below(packed_members_));
  visit(packed_.At(offset), PackedScore(offset));
}

SortedSet* SortedSet::Clone() const {
  SortedSet* clone = memory_.New<SortedSet>(memory_, seed_);
  try {
    if (large_ == nullptr) {
      clone->packed_ = Packed::Make(memory_, packed_.Encoded(0, packed_.size()), {});
      clone->packed_members_ = packed_members_;
      return clone;
    }
    clone->large_ = memory_.New<Large>(memory_, seed_);
    ForEach([clone](Bytes member, double score) {
      clone->AddLarge(member, score);
      return true;
    });
  } catch (...) {
    memory_.Delete(clone);
    throw;
  }
  return clone;
}

size_t SortedSet::memory_bytes() const {
  size_t bytes = Memory::Footprint(sizeof(SortedSet)) + packed_.memory_bytes();
  if (large_ != nullptr) {
    bytes += Memory::Footprint(sizeof(Large)) + large_->table.memory_bytes() + large_->tree.memory_bytes() +
             large_->member_bytes;
  }
  return bytes;
}

bool SortedSet::IsSound() const {
  if (large_ != nullptr) {
    bool same = large_->table.size() == large_->tree.size() && large_->tree.IsSound();
    large_->tree.ForEach(0, [&](const Scored& scored) {
      return same = same && FindLarge(SipHash13(seed_, scored.member()), scored.member()) == &scored;
    });
    return same;
  }
  size_t members = 0;
  for (size_t offset = 0, before = 0; offset < packed_.size(); offset = packed_.Next(packed_.Next(offset))) {
    const bool in_order =
        members == 0 || IsBefore(PackedScore(before), packed_.At(before), PackedScore(offset), packed_.At(offset));
    if (!in_order) return false;
    before = offset;
    ++members;
  }
  return members == packed_members_;
}

}  // namespace redislite::types

// ==== src/types/string.cc =========================================================================================
namespace redislite::types {

namespace {

constexpr size_t kRedisEmbeddedMax = 44;

constexpr uint64_t kLargeBytes = uint64_t{1} << 20;

size_t BufferBytes(uint64_t capacity) {
  const size_t bytes = offsetof(Buffer, bytes) + capacity + 1;
  return bytes < sizeof(Buffer) ? sizeof(Buffer) : bytes;
}

uint64_t RoomyCapacity(uint64_t size) { return size + (size < kLargeBytes ? size : size / 4); }

bool LiesIn(Bytes bytes, const Buffer& buffer) {
  const std::less<const char*> less;
  return !less(bytes.data(), buffer.bytes) && less(bytes.data(), buffer.bytes + buffer.capacity + 1);
}

}  // namespace

Buffer* Buffer::Make(Memory& memory, uint64_t capacity) {
  auto* buffer = new (memory.Allocate(BufferBytes(capacity))) Buffer{{1}, 0, capacity, &memory, {}};
  return buffer;
}

Buffer* Buffer::Ref(Buffer* buffer) noexcept {
  buffer->refs.fetch_add(1, std::memory_order_relaxed);
  return buffer;
}

void Buffer::Unref(Buffer* buffer) noexcept {
  if (buffer->refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  buffer->memory->Free(buffer, BufferBytes(buffer->capacity));
}

Pin::Pin(Pin&& other) noexcept
    : buffer_(std::exchange(other.buffer_, nullptr)), view_(std::exchange(other.view_, Bytes())) {}

Pin& Pin::operator=(Pin&& other) noexcept {
  std::swap(buffer_, other.buffer_);
  std::swap(view_, other.view_);
  return *this;
}

Pin::~Pin() {
  if (buffer_ != nullptr) Buffer::Unref(buffer_);
}

String::String(Memory& memory, Bytes bytes) : String(Borrow(bytes)) {
  if (kind() != kBorrowed) return;
  tag_ = kEmbedded;  // borrows no longer, should there be no memory
  size_ = 0;
  Buffer* buffer = Buffer::Make(memory, bytes.size());
  std::memcpy(buffer->bytes, bytes.data(), bytes.size());
  buffer->bytes[bytes.size()] = '\0';
  buffer->size = bytes.size();
  SetWord(kBuffer, buffer);
}

String String::Borrow(Bytes bytes) {
  String string;
  if (const std::optional<int64_t> integer = ParseInt64(bytes)) {
    string.SetWord(kInteger, *integer);
  } else if (bytes.size() <= kPayload) {
    string.size_ = static_cast<uint8_t>(bytes.size());
    if (!bytes.empty()) std::memcpy(string.bytes_, bytes.data(), bytes.size());
  } else {
    string.SetWord(kBorrowed, bytes.data());
    const uint64_t size = bytes.size();
    std::memcpy(string.bytes_ + kPayloadMin, &size, kPayload - kPayloadMin);
  }
  return string;
}

String String::Raw(Memory& memory, uint64_t size, char** bytes) {
  String string;
  Buffer* buffer = Buffer::Make(memory, size);
  buffer->size = size;
  buffer->bytes[size] = '\0';
  string.SetWord(kBuffer, buffer);
  string.tag_ |= kChangedBit;
  *bytes = buffer->bytes;
  return string;
}

String::String(String&& other) noexcept : tag_(other.tag_), size_(other.size_) {
  std::memcpy(bytes_, other.bytes_, kPayload);
  other.tag_ = kEmbedded;
  other.size_ = 0;
}

String& String::operator=(String&& other) noexcept {
  if (this != &other) {
    const auto type = static_cast<uint8_t>(tag_ & ~kOwnBits);
    this->~String();
    new (this) String(std::move(other));
    tag_ = static_cast<uint8_t>((tag_ & kOwnBits) | type);
  }
  return *this;
}

void String::Drop() noexcept {
  if (kind() == kBuffer) Buffer::Unref(Word<Buffer*>());
}

String String::Clone() const {
  String clone;
  if (is_integer()) {
    clone.SetWord(kInteger, integer());
  } else if (Buffer* shared = buffer()) {
    clone.SetWord(kBuffer, Buffer::Ref(shared));
  } else {
    char unused[kInt64TextMax];
    const Bytes view = View(unused);
    if (view.size() <= kPayload) {
      clone.size_ = static_cast<uint8_t>(view.size());
      std::memcpy(clone.bytes_, view.data(), view.size());
    } else {
      clone = Borrow(view);
    }
  }
  if (changed_in_place()) clone.tag_ |= kChangedBit;
  return clone;
}

size_t String::size() const {
  char scratch[kInt64TextMax];
  return View(scratch).size();
}

Bytes String::View(char* scratch) const {
  switch (kind()) {
    case kEmbedded:
      return {payload(), size_};
    case kInteger:
      return FormatInt64(integer(), scratch);
    case kBuffer:
      return {Word<Buffer*>()->bytes, Word<Buffer*>()->size};
    case kBorrowed: {
      uint64_t size = 0;
      std::memcpy(&size, bytes_ + kPayloadMin, kPayload - kPayloadMin);
      return {Word<const char*>(), size};
    }
    case kObject:
      break;
  }
  return {};
}

std::string String::ToString() const {
  char scratch[kInt64TextMax];
  return std::string(View(scratch));
}

bool String::Embeds() const {
  switch (kind()) {
    case kEmbedded:
      return true;
    case kBuffer:
      return !changed_in_place() && Word<Buffer*>()->size <= kEmbeddedMax;
    case kBorrowed:
      return size() <= kEmbeddedMax;
    case kInteger:
    case kObject:
      break;
  }
  return false;
}

size_t String::RoomInEntry() const {
  const size_t bytes = Embeds() ? size() : 0;
  return bytes < kPayloadMin ? kPayloadMin : bytes;
}

void String::Settle(Memory& memory) {
  if (kind() != kBorrowed || Embeds()) return;
  char unused[kInt64TextMax];
  const Bytes bytes = View(unused);
  Buffer* buffer = Buffer::Make(memory, bytes.size());
  std::memcpy(buffer->bytes, bytes.data(), bytes.size());
  buffer->bytes[bytes.size()] = '\0';
  buffer->size = bytes.size();
  SetWord(kBuffer, buffer);
}

void String::MoveToEntry(void* place) noexcept {
  auto* to = static_cast<char*>(place);
  if (Embeds()) {
    char unused[kInt64TextMax];
    const Bytes bytes = View(unused);
    to[0] = static_cast<char>(tag_ & ~kKindBits);
    to[1] = static_cast<char>(bytes.size());
    if (!bytes.empty()) std::memcpy(to + 2, bytes.data(), bytes.size());
    Drop();
  } else {
    to[0] = static_cast<char>(tag_);
    to[1] = kPayloadMin;
    std::memcpy(to + 2, bytes_, kPayloadMin);
  }
  tag_ = kEmbedded;
  size_ = 0;
}

String String::Take(Memory& memory) {
  String taken;
  if (kind() == kEmbedded && size_ > kPayload) {
    Buffer* buffer = Buffer::Make(memory, size_);
    std::memcpy(buffer->bytes, payload(), size_);
    buffer->bytes[size_] = '\0';
    buffer->size = size_;
    taken.tag_ = tag_;
    taken.SetWord(kBuffer, buffer);
  } else {
    taken.tag_ = tag_;
    taken.size_ = kind() == kEmbedded ? size_ : kPayloadMin;
    std::memcpy(taken.bytes_, payload(), room() < kPayload ? room() : kPayload);
  }
  SetWord(kInteger, int64_t{0});  // keeps the room, by which the entry is freed
  return taken;
}

Buffer* String::MakeWritable(Memory& memory, uint64_t size, Bytes arriving) {
  Buffer* old = buffer();
  const bool own = old != nullptr && old->refs.load(std::memory_order_acquire) == 1;
  if (own && size <= old->capacity) return old;

  if (own && !LiesIn(arriving, *old)) {
    const uint64_t capacity = RoomyCapacity(size);
    auto* moved = static_cast<Buffer*>(memory.Reallocate(old, BufferBytes(old->capacity), BufferBytes(capacity)));
    moved->capacity = capacity;
    SetWord(kBuffer, moved);
    return moved;
  }

  char scratch[kInt64TextMax];
  const Bytes before = View(scratch);
  Buffer* made = Buffer::Make(memory, RoomyCapacity(size > before.size() ? size : before.size()));
  std::memcpy(made->bytes, before.data(), before.size());
  made->size = before.size();
  return made;
}

void String::Hold(Buffer* buffer) noexcept {
  if (this->buffer() == buffer) return;
  Drop();
  SetWord(kBuffer, buffer);
}

void String::Append(Memory& memory, Bytes tail) {
  const uint64_t before = size();
  if (before + tail.size() != 0) {
    Buffer* to = MakeWritable(memory, before + tail.size(), tail);
    if (!tail.empty()) std::memcpy(to->bytes + before, tail.data(), tail.size());
    to->size = before + tail.size();
    to->bytes[to->size] = '\0';
    Hold(to);
  }
  tag_ |= kChangedBit;
}

void String::Overwrite(Memory& memory, size_t offset, Bytes bytes) {
  if (bytes.empty()) return;
  const uint64_t before = size();
  const uint64_t end = offset + bytes.size();
  const uint64_t after = end > before ? end : before;
  if (kind() == kEmbedded && end <= before) {
    std::memmove(payload() + offset, bytes.data(), bytes.size());
  } else {
    Buffer* to = MakeWritable(memory, after, bytes);
    std::memmove(to->bytes + offset, bytes.data(), bytes.size());
    if (offset > before) std::memset(to->bytes + before, 0, offset - before);
    to->size = after;
    to->bytes[after] = '\0';
    Hold(to);
  }
  tag_ |= kChangedBit;
}

char* String::Mutable(Memory& memory) {
  tag_ |= kChangedBit;
  if (kind() == kEmbedded) return payload();
  Buffer* to = MakeWritable(memory, size(), {});
  to->bytes[to->size] = '\0';
  Hold(to);
  return to->bytes;
}

const char* String::encoding() const {
  if (is_integer()) return "int";
  return !changed_in_place() && size() <= kRedisEmbeddedMax ? "embstr" : "raw";
}

size_t String::memory_bytes() const {
  return kind() == kBuffer ? Memory::Footprint(BufferBytes(Word<Buffer*>()->capacity)) : 0;
}

}  // namespace redislite::types

// ==== src/types/value.cc ==========================================================================================
namespace redislite::types {

const char* TypeName(Type type) {
  switch (type) {
    case Type::kNone:
      return "none";
    case Type::kString:
      return "string";
    case Type::kList:
      return "list";
    case Type::kHash:
      return "hash";
    case Type::kSet:
      return "set";
    case Type::kSortedSet:
      return "zset";
  }
  return "none";
}

const char* Value::encoding() const {
  switch (type()) {
    case Type::kNone:
      break;
    case Type::kString:
      return string_.encoding();
    case Type::kList:
      return As<List>()->encoding();
    case Type::kHash:
      return As<Hash>()->encoding();
    case Type::kSet:
      return As<Set>()->encoding();
    case Type::kSortedSet:
      return As<SortedSet>()->encoding();
  }
  return "none";
}

size_t Value::memory_bytes() const {
  switch (type()) {
    case Type::kNone:
      break;
    case Type::kString:
      return string_.memory_bytes();
    case Type::kList:
      return As<List>()->memory_bytes();
    case Type::kHash:
      return As<Hash>()->memory_bytes();
    case Type::kSet:
      return As<Set>()->memory_bytes();
    case Type::kSortedSet:
      return As<SortedSet>()->memory_bytes();
  }
  return 0;
}

Value Value::Clone() const {
  const auto of = [](auto* clone) { return Value(clone->memory(), clone); };
  switch (type()) {
    case Type::kNone:
      break;
    case Type::kString:
      return Value(string_.Clone());
    case Type::kList:
      return of(As<List>()->Clone());
    case Type::kHash:
      return of(As<Hash>()->Clone());
    case Type::kSet:
      return of(As<Set>()->Clone());
    case Type::kSortedSet:
      return of(As<SortedSet>()->Clone());
  }
  return Value();
}

void Value::DeleteObject() noexcept {
  const auto remove = [](auto* object) { object->memory().Delete(object); };
  switch (type()) {
    case Type::kNone:
    case Type::kString:
      break;
    case Type::kList:
      return remove(As<List>());
    case Type::kHash:
      return remove(As<Hash>());
    case Type::kSet:
      return remove(As<Set>());
    case Type::kSortedSet:
      return remove(As<SortedSet>());
  }
}

}  // namespace redislite::types

// ==== src/storage/format.h ========================================================================================
namespace redislite::storage {

inline constexpr uint32_t kFormatVersion = 1;
inline constexpr size_t kFileHeaderBytes = 64;
inline constexpr size_t kFrameHeaderBytes = 48;
inline constexpr size_t kFrameAlignment = 8;
inline constexpr uint64_t kExtentUnit = 512;  // a sector
inline constexpr uint64_t kPayloadBytesMax = kRecordBytesMax + (1ull << 20);

using StoreId = std::array<char, 16>;

using Lsn = uint64_t;

enum class FileKind : uint8_t { kSegment, kSnapshot };

struct FileHeader {
  FileKind kind = FileKind::kSegment;
  StoreId store{};
  Lsn lsn = 0;
  uint64_t extent = 0;  // bytes that the file had at least, durably, when it got its name
  uint64_t salt = 0;
  int64_t time_ms = 0;
  uint32_t crc = 0;  // set by Encode and Decode: the seed of the file's frames

  std::string Encode();
  static Result<FileHeader> Decode(Bytes bytes, FileKind expected);
};

enum class FrameKind : uint16_t { kCommands = 1, kSnapshotBlock = 2, kSnapshotEnd = 3, kMark = 4 };

struct FrameHeader {
  uint32_t crc = 0;
  uint32_t length = 0;
  FrameKind kind = FrameKind::kCommands;
  Lsn lsn = 0;
  uint32_t count = 0;
  uint64_t extent = 0;  // bytes that the file had at least, durably, when the frame was written: whole units
  int64_t time_ms = 0;
  Lsn synced_through = 0;

  uint64_t padded_length() const { return (uint64_t{length} + kFrameAlignment) & ~uint64_t{kFrameAlignment - 1}; }
  uint64_t frame_bytes() const { return kFrameHeaderBytes + padded_length(); }
};

inline constexpr uint64_t kMarkBytes = kFrameHeaderBytes + kFrameAlignment;

class FrameBuilder {
 public:
  FrameBuilder() : buffer_(kFrameHeaderBytes, '\0') {}
  void Clear() noexcept {
    if (buffer_.capacity() > kKeepBytes) Shrink();
    buffer_.assign(kFrameHeaderBytes, '\0');
  }
  std::string& buffer() { return buffer_; }
  size_t payload_bytes() const { return buffer_.size() - kFrameHeaderBytes; }
  Bytes Seal(FrameHeader header, uint32_t file_crc);

 private:
  static constexpr size_t kKeepBytes = 4 << 20;
  void Shrink() noexcept;
  std::string buffer_;
};

std::optional<FrameHeader> ParseFrameHeader(Bytes bytes);
bool FrameIsValid(const FrameHeader& header, Bytes header_bytes, Bytes padded_payload, uint32_t file_crc);
bool FrameIsNewer(const FrameHeader& header, Bytes header_bytes);

std::string SegmentName(Lsn first);
std::string SnapshotName(Lsn lsn);
std::optional<Lsn> ParseSegmentName(Bytes name);
std::optional<Lsn> ParseSnapshotName(Bytes name);
inline constexpr char kManifestName[] = "MANIFEST";
inline constexpr char kLockName[] = "LOCK";
std::string TemporaryName(Bytes name);
bool IsTemporaryName(Bytes name);

std::string Hex(Bytes bytes);

}  // namespace redislite::storage

// ==== src/storage/snapshot_file.h =================================================================================
namespace redislite::storage {

class SnapshotWriter {
 public:
  static Result<std::unique_ptr<SnapshotWriter>> Create(os::FileSystem& files, const std::string& directory,
                                                        FileHeader header);
  ~SnapshotWriter();

  Status AddBlock(FrameBuilder& builder, uint32_t commands, uint64_t keys);

  Status Finish();

  uint64_t bytes() const { return offset_; }

 private:
  SnapshotWriter(os::FileSystem& files, std::string directory, FileHeader header, std::unique_ptr<os::File> file)
      : files_(files), directory_(std::move(directory)), header_(header), file_(std::move(file)) {}
  std::string TemporaryPath() const;
  Status WriteFrame(FrameBuilder& builder, FrameKind kind, Lsn lsn, uint32_t count);

  os::FileSystem& files_;
  const std::string directory_;
  const FileHeader header_;
  std::unique_ptr<os::File> file_;
  uint64_t offset_ = kFileHeaderBytes;
  uint64_t blocks_ = 0;
  uint64_t keys_ = 0;
  uint64_t commands_ = 0;
  uint32_t chain_ = 0;
  bool finished_ = false;
};

struct SnapshotSummary {
  FileHeader header;
  uint64_t blocks = 0;
  uint64_t keys = 0;
  uint64_t commands = 0;
  uint64_t bytes = 0;
};

using FrameSink = std::function<Status(const FrameHeader& header, Bytes payload)>;

Result<SnapshotSummary> ReadSnapshot(os::FileSystem& files, const std::string& path, const StoreId& store, Lsn lsn,
                                     const FrameSink& sink);

Result<FileHeader> ReadFileHeader(os::File& file, const std::string& path, FileKind kind, const StoreId& store,
                                  Lsn lsn);

}  // namespace redislite::storage

// ==== src/storage/backup.h ========================================================================================
namespace redislite::storage {

class BackupWriter {
 public:
  static Result<std::unique_ptr<BackupWriter>> Create(os::FileSystem& files, const std::string& directory);
  ~BackupWriter();

  Status Begin(Lsn lsn, int64_t time_ms);
  Status AddBlock(FrameBuilder& builder, uint32_t commands, uint64_t keys) {
    return snapshot_->AddBlock(builder, commands, keys);
  }
  Status Finish();

 private:
  BackupWriter(os::FileSystem& files, std::string directory) : files_(files), directory_(std::move(directory)) {}

  os::FileSystem& files_;
  const std::string directory_;
  bool made_directory_ = false;
  bool finished_ = false;
  Lsn lsn_ = 0;
  StoreId store_{};
  std::unique_ptr<SnapshotWriter> snapshot_;
};

}  // namespace redislite::storage

// ==== src/base/failpoint.h ========================================================================================
#ifdef RL_FAILPOINTS

#include <atomic>

namespace redislite {

enum class Failpoint : int {
#define FAILPOINT(name) name,
// All failpoints. A name says what was done last.

// A new store.
FAILPOINT(store_locked)
FAILPOINT(store_begun)

// One batch of commands.
FAILPOINT(frame_sealed)
FAILPOINT(frame_written)
FAILPOINT(log_appended)
FAILPOINT(log_synced)
FAILPOINT(batch_logged)
FAILPOINT(batch_applied)

// Segments: zeros ahead, marks, a new one, an old one again, the seal.
FAILPOINT(zeros_written)
FAILPOINT(zeros_synced)
FAILPOINT(mark_written)
FAILPOINT(segment_made)
FAILPOINT(segment_written)
FAILPOINT(segment_synced)
FAILPOINT(segment_renamed)
FAILPOINT(segment_in_place)
FAILPOINT(segment_reopened)
FAILPOINT(rotation_prepared)
FAILPOINT(rotation_installed)
FAILPOINT(seal_prepared)
FAILPOINT(seal_installed)

// The manifest.
FAILPOINT(manifest_made)
FAILPOINT(manifest_written)
FAILPOINT(manifest_synced)
FAILPOINT(manifest_renamed)
FAILPOINT(manifest_in_place)

// Recovery.
FAILPOINT(recovery_read)
FAILPOINT(recovery_copied)
FAILPOINT(recovery_prepared)
FAILPOINT(recovery_installed)
FAILPOINT(leftovers_found)
FAILPOINT(leftover_removed)
FAILPOINT(salvage_copied)
FAILPOINT(salvage_kept)

// Snapshots and backups.
FAILPOINT(snapshot_cut)
FAILPOINT(snapshot_made)
FAILPOINT(snapshot_block_written)
FAILPOINT(snapshot_written)
FAILPOINT(snapshot_synced)
FAILPOINT(snapshot_read_back)
FAILPOINT(snapshot_renamed)
FAILPOINT(snapshot_in_place)
FAILPOINT(snapshot_installed)
FAILPOINT(superseded_removed)
FAILPOINT(backup_begun)
FAILPOINT(backup_snapshot_in_place)
FAILPOINT(backup_installed)
#undef FAILPOINT
  kCount
};

inline constexpr const char* kFailpointNames[] = {
#define FAILPOINT(name) #name,
// All failpoints. A name says what was done last.

// A new store.
FAILPOINT(store_locked)
FAILPOINT(store_begun)

// One batch of commands.
FAILPOINT(frame_sealed)
FAILPOINT(frame_written)
FAILPOINT(log_appended)
FAILPOINT(log_synced)
FAILPOINT(batch_logged)
FAILPOINT(batch_applied)

// Segments: zeros ahead, marks, a new one, an old one again, the seal.
FAILPOINT(zeros_written)
FAILPOINT(zeros_synced)
FAILPOINT(mark_written)
FAILPOINT(segment_made)
FAILPOINT(segment_written)
FAILPOINT(segment_synced)
FAILPOINT(segment_renamed)
FAILPOINT(segment_in_place)
FAILPOINT(segment_reopened)
FAILPOINT(rotation_prepared)
FAILPOINT(rotation_installed)
FAILPOINT(seal_prepared)
FAILPOINT(seal_installed)

// The manifest.
FAILPOINT(manifest_made)
FAILPOINT(manifest_written)
FAILPOINT(manifest_synced)
FAILPOINT(manifest_renamed)
FAILPOINT(manifest_in_place)

// Recovery.
FAILPOINT(recovery_read)
FAILPOINT(recovery_copied)
FAILPOINT(recovery_prepared)
FAILPOINT(recovery_installed)
FAILPOINT(leftovers_found)
FAILPOINT(leftover_removed)
FAILPOINT(salvage_copied)
FAILPOINT(salvage_kept)

// Snapshots and backups.
FAILPOINT(snapshot_cut)
FAILPOINT(snapshot_made)
FAILPOINT(snapshot_block_written)
FAILPOINT(snapshot_written)
FAILPOINT(snapshot_synced)
FAILPOINT(snapshot_read_back)
FAILPOINT(snapshot_renamed)
FAILPOINT(snapshot_in_place)
FAILPOINT(snapshot_installed)
FAILPOINT(superseded_removed)
FAILPOINT(backup_begun)
FAILPOINT(backup_snapshot_in_place)
FAILPOINT(backup_installed)
#undef FAILPOINT
};

inline std::atomic<void (*)(Failpoint)> failpoint_hook{nullptr};

inline void ReachFailpoint(Failpoint failpoint) {
  if (auto* hook = failpoint_hook.load(std::memory_order_acquire); hook != nullptr) hook(failpoint);
}

}  // namespace redislite

#define RL_FAILPOINT(name) ::redislite::ReachFailpoint(::redislite::Failpoint::name)

#else

#define RL_FAILPOINT(name) static_cast<void>(0)

#endif

// ==== src/storage/directory.h =====================================================================================
namespace redislite::storage {

std::string ParentOf(const std::string& path);

Status MakeDirectories(os::FileSystem& files, const std::string& path, bool* created);

void SyncDirectoriesAbove(os::FileSystem& files, const std::string& path);

}  // namespace redislite::storage

// ==== src/storage/manifest.h ======================================================================================
namespace redislite::storage {

struct SegmentEntry {
  Lsn first = 0;
  std::optional<Lsn> last;  // nothing: the open segment
  bool operator==(const SegmentEntry&) const = default;
};

struct Manifest {
  StoreId store{};
  HashSeed seed;
  uint64_t generation = 0;
  Lsn durable = 0;
  std::optional<Lsn> snapshot;
  std::vector<SegmentEntry> segments;

  bool clean() const { return segments.empty() || segments.back().last.has_value(); }

  std::string Encode() const;
  static Result<Manifest> Decode(Bytes text);

  static Result<Manifest> Read(os::FileSystem& files, const std::string& directory);
  Status Install(os::FileSystem& files, const std::string& directory) const;
};

}  // namespace redislite::storage

// ==== src/storage/backup.cc =======================================================================================
namespace redislite::storage {

Result<std::unique_ptr<BackupWriter>> BackupWriter::Create(os::FileSystem& files, const std::string& directory) {
  std::unique_ptr<BackupWriter> backup(new BackupWriter(files, directory));
  backup->finished_ = true;  // nothing to remove yet
  RL_RETURN_IF_ERROR(MakeDirectories(files, directory, &backup->made_directory_));
  Result<std::vector<std::string>> names = files.List(directory);
  if (!names.ok()) return names.status();
  if (!names->empty())
    return Status(Code::kInvalid,
                  directory + ": a backup needs a new or empty directory, this one has " + names->front());
  backup->finished_ = false;
  return backup;
}

BackupWriter::~BackupWriter() {
  if (finished_) return;
  snapshot_.reset();
  try {
    if (Result<std::vector<std::string>> names = files_.List(directory_); names.ok()) {
      for (const std::string& name : *names) (void)files_.Remove(directory_ + "/" + name).ok();
    }
    if (made_directory_) (void)files_.RemoveDirectory(directory_).ok();
  } catch (const std::bad_alloc&) {
  }
}

Status BackupWriter::Begin(Lsn lsn, int64_t time_ms) {
  FileHeader header;
  header.kind = FileKind::kSnapshot;
  header.lsn = lsn_ = lsn;
  header.time_ms = time_ms;
  RL_RETURN_IF_ERROR(files_.FillRandom(store_.data(), store_.size()));
  RL_RETURN_IF_ERROR(files_.FillRandom(reinterpret_cast<char*>(&header.salt), sizeof header.salt));
  header.store = store_;
  Result<std::unique_ptr<SnapshotWriter>> snapshot = SnapshotWriter::Create(files_, directory_, header);
  if (!snapshot.ok()) return snapshot.status();
  snapshot_ = std::move(*snapshot);
  RL_FAILPOINT(backup_begun);
  return Status::Ok();
}

Status BackupWriter::Finish() {
  RL_RETURN_IF_ERROR(snapshot_->Finish());
  RL_FAILPOINT(backup_snapshot_in_place);
  Manifest manifest;
  manifest.store = store_;
  RL_RETURN_IF_ERROR(files_.FillRandom(reinterpret_cast<char*>(&manifest.seed), sizeof manifest.seed));
  manifest.generation = 1;
  manifest.durable = lsn_;
  manifest.snapshot = lsn_;
  RL_RETURN_IF_ERROR(manifest.Install(files_, directory_));
  RL_FAILPOINT(backup_installed);
  RL_RETURN_IF_ERROR(files_.SyncDirectory(ParentOf(directory_)));
  SyncDirectoriesAbove(files_, ParentOf(directory_));
  finished_ = true;
  return Status::Ok();
}

}  // namespace redislite::storage

// ==== src/storage/check.h =========================================================================================
namespace redislite::storage {

struct CheckReport {
  struct File {
    std::string name;
    std::string state;  // "good", "torn", "damaged"
    uint64_t frames = 0;
  };
  struct Error {
    std::string file;
    uint64_t offset = 0;
    std::string what;
  };

  std::string path;
  Status status;  // ok, kCorrupt or kVersion: the first error found
  bool clean = false;
  Lsn snapshot_lsn = 0;
  Lsn last_lsn = 0;
  std::vector<File> files;
  std::vector<Error> errors;

  std::string ToJson() const;
};

Result<CheckReport> Check(os::FileSystem& files, const std::string& path);

}  // namespace redislite::storage

// ==== src/storage/tail.h ==========================================================================================
namespace redislite::storage {

enum class AtStop : uint8_t { kZeros, kGarbage, kForeign };

struct TailFacts {
  bool closed = false;   // the manifest gives the segment's last LSN
  bool reached = false;  // ... and the frames have reached it
  AtStop at_stop = AtStop::kZeros;
  bool promised = false;  // the watermark covers the expected LSN
};

enum class TailOutcome : uint8_t { kEnd, kTorn, kCorrupt };

struct TailRow {
  enum class Fact : uint8_t { kNo, kYes, kAny };
  Fact closed;
  Fact reached;
  bool any_stop;
  AtStop at_stop;
  Fact promised;
  TailOutcome outcome;

  bool Matches(const TailFacts& facts) const;
};

std::span<const TailRow> TailTable();

TailOutcome DecideTail(const TailFacts& facts);

}  // namespace redislite::storage

// ==== src/storage/recovery.h ======================================================================================
#include <map>


namespace redislite::storage {

struct SegmentScan {
  FileHeader header;
  Lsn last = 0;         // of the last frame that counts; header.lsn - 1 when there is none
  uint64_t end = 0;     // the offset behind it
  Lsn watermark = 0;    // highest LSN that something calls durable (R5)
  int64_t time_ms = 0;  // of the last frame
  uint64_t frames = 0;
  uint64_t extent = 0;  // bytes that the file must have while it is open (R8)
  TailOutcome outcome = TailOutcome::kEnd;
  uint64_t bytes_cut = 0;  // of a torn tail
};

Result<SegmentScan> ScanSegment(os::FileSystem& files, const std::string& directory, const StoreId& store,
                                const SegmentEntry& entry, Lsn durable, const FrameSink& sink);

struct RecoveryReport {
  bool created = false;
  bool clean = true;  // the log was sealed
  bool salvaged = false;
  Lsn snapshot_lsn = 0;
  uint64_t snapshot_keys = 0;
  Lsn last_lsn = 0;
  int64_t time_ms = 0;  // highest time in the files
  uint64_t frames_replayed = 0;
  uint64_t records_replayed = 0;    // commands
  uint64_t records_skipped = 0;     // commands that the snapshot holds already
  uint64_t bytes_cut = 0;           // of a torn tail
  std::vector<std::string> losses;  // salvage: what is missing or damaged, a sentence each
};

struct Recovered {
  Manifest manifest;
  RecoveryReport report;
  std::optional<SegmentScan> tail;        // of the last segment
  std::map<Lsn, uint64_t> segment_bytes;  // up to each segment's end, by first LSN
  uint64_t snapshot_bytes = 0;
};

Status EndsBeforeDurable(const std::string& directory, Lsn durable, Lsn last);

Result<Recovered> Recover(os::FileSystem& files, const std::string& directory, const Manifest& manifest,
                          const FrameSink& sink);

Result<Recovered> Salvage(os::FileSystem& files, const std::string& directory, const Result<Manifest>& manifest,
                          const std::function<void(const HashSeed& seed)>& begin, const FrameSink& sink);

}  // namespace redislite::storage

// ==== src/storage/check.cc ========================================================================================
namespace redislite::storage {

namespace {

void AppendJsonString(std::string& out, Bytes text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      out += "\\u00" + Hex({&c, 1});
    } else {
      out += c;
    }
  }
  out += '"';
}

CheckReport::Error ErrorFrom(const std::string& name, const std::string& message) {
  CheckReport::Error error;
  error.file = name;
  const size_t name_at = message.find(name + ": ");
  std::string rest = name_at == std::string::npos ? message : message.substr(name_at + name.size() + 2);
  constexpr Bytes kOffset = "offset ";
  if (const size_t colon = rest.find(": "); rest.starts_with(kOffset) && colon != std::string::npos) {
    if (const auto offset = ParseUint64(Bytes(rest).substr(kOffset.size(), colon - kOffset.size()))) {
      error.offset = *offset;
      rest = rest.substr(colon + 2);
    }
  }
  error.what = rest;
  return error;
}

}  // namespace

std::string CheckReport::ToJson() const {
  std::string out = "{\"path\": ";
  AppendJsonString(out, path);
  out += ", \"ok\": " + std::string(status.ok() ? "true" : "false");
  out += ", \"clean\": " + std::string(clean ? "true" : "false");
  out += ", \"snapshot_lsn\": " + std::to_string(snapshot_lsn) + ", \"last_lsn\": " + std::to_string(last_lsn);
  out += ", \"files\": [";
  for (size_t i = 0; i < files.size(); ++i) {
    out += i == 0 ? "{\"name\": " : ", {\"name\": ";
    AppendJsonString(out, files[i].name);
    out += ", \"state\": \"" + files[i].state + "\", \"frames\": " + std::to_string(files[i].frames) + "}";
  }
  out += "], \"errors\": [";
  for (size_t i = 0; i < errors.size(); ++i) {
    out += i == 0 ? "{\"file\": " : ", {\"file\": ";
    AppendJsonString(out, errors[i].file);
    out += ", \"offset\": " + std::to_string(errors[i].offset) + ", \"what\": ";
    AppendJsonString(out, errors[i].what);
    out += "}";
  }
  return out + "]}";
}

Result<CheckReport> Check(os::FileSystem& files, const std::string& path) {
  CheckReport report;
  report.path = path;
  Result<std::vector<std::string>> names = files.List(path);
  if (!names.ok()) return names.status();
  Result<std::unique_ptr<os::Lock>> lock = files.LockFileShared(path + "/" + kLockName);
  if (!lock.ok()) return lock.status();

  const auto note = [&](const std::string& name, const Status& status) {
    report.errors.push_back(ErrorFrom(name, status.message()));
    if (report.status.ok()) report.status = status;
  };
  const auto is_damage = [](const Status& status) {
    return status.code() == Code::kCorrupt || status.code() == Code::kVersion;
  };

  Result<Manifest> manifest = Manifest::Read(files, path);
  if (manifest.status().code() == Code::kPathNotFound) {
    const bool any = std::any_of(names->begin(), names->end(), [](const std::string& name) {
      return ParseSegmentName(name) || ParseSnapshotName(name);
    });
    if (!any) return Status(Code::kPathNotFound, path + ": there is no store in this directory");
    note(kManifestName,
         {Code::kCorrupt, path + "/" + kManifestName + ": offset 0: expected a manifest, found no file"});
    report.files.push_back({kManifestName, "damaged", 0});
    return report;
  }
  if (!manifest.ok()) {
    if (!is_damage(manifest.status())) return manifest.status();
    note(kManifestName, manifest.status());
    report.files.push_back({kManifestName, "damaged", 0});
    return report;
  }
  report.files.push_back({kManifestName, "good", 0});
  report.clean = manifest->clean();

  if (manifest->snapshot) {
    const std::string name = SnapshotName(*manifest->snapshot);
    report.snapshot_lsn = *manifest->snapshot;
    Result<SnapshotSummary> snapshot = ReadSnapshot(files, path + "/" + name, manifest->store, *manifest->snapshot,
                                                    [](const FrameHeader&, Bytes) { return Status::Ok(); });
    if (snapshot.status().code() == Code::kPathNotFound) {
      snapshot = Status(Code::kCorrupt, path + "/" + name + ": offset 0: expected a snapshot, found no file");
    }
    if (!snapshot.ok() && !is_damage(snapshot.status())) return snapshot.status();
    if (!snapshot.ok()) note(name, snapshot.status());
    report.files.push_back({name, snapshot.ok() ? "good" : "damaged", snapshot.ok() ? snapshot->blocks : 0});
  }
  report.last_lsn = report.snapshot_lsn;
  for (const SegmentEntry& entry : manifest->segments) {
    const std::string name = SegmentName(entry.first);
    Result<SegmentScan> scan = ScanSegment(files, path, manifest->store, entry, manifest->durable,
                                           [](const FrameHeader&, Bytes) { return Status::Ok(); });
    if (!scan.ok() && !is_damage(scan.status())) return scan.status();
    if (!scan.ok()) {
      note(name, scan.status());
      report.files.push_back({name, "damaged", 0});
      continue;
    }
    report.last_lsn = std::max(report.last_lsn, scan->last);
    report.files.push_back({name, scan->outcome == TailOutcome::kTorn ? "torn" : "good", scan->frames});
  }
  if (report.status.ok() && report.last_lsn < manifest->durable) {
    note(kManifestName, EndsBeforeDurable(path, manifest->durable, report.last_lsn));
  }
  return report;
}

}  // namespace redislite::storage

// ==== src/storage/directory.cc ====================================================================================
namespace redislite::storage {

std::string ParentOf(const std::string& path) {
  const size_t end = path.find_last_not_of('/');
  const size_t slash = end == std::string::npos ? std::string::npos : path.rfind('/', end);
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

Status MakeDirectories(os::FileSystem& files, const std::string& path, bool* created) {
  const std::string parent = ParentOf(path);
  bool made_now = false;
  Status made = files.CreateDirectory(path, &made_now);
  if (made.code() == Code::kPathNotFound && parent != path && parent != "." && parent != "/") {
    RL_RETURN_IF_ERROR(MakeDirectories(files, parent, nullptr));
    made = files.CreateDirectory(path, &made_now);
  }
  RL_RETURN_IF_ERROR(made);
  if (created != nullptr) *created = made_now;
  return made_now ? files.SyncDirectory(parent) : Status::Ok();
}

void SyncDirectoriesAbove(os::FileSystem& files, const std::string& path) {
  std::string above = path;
  do {
    above = ParentOf(above);
    (void)files.SyncDirectory(above).ok();
  } while (above != "/" && above != ".");
}

}  // namespace redislite::storage

// ==== src/storage/format.cc =======================================================================================
namespace redislite::storage {

namespace {

constexpr char kSegmentMagic[] = "RLSEGMNT";
constexpr char kSnapshotMagic[] = "RLSNAPSH";
constexpr char kFrameMagic[] = "RLF1";
constexpr size_t kLsnDigits = 20;

const char* MagicOf(FileKind kind) { return kind == FileKind::kSegment ? kSegmentMagic : kSnapshotMagic; }

uint32_t HeaderCrc(Bytes bytes) { return Crc32(Crc32(0, bytes.substr(0, 12)), bytes.substr(16, 48)); }

std::string NumberedName(Bytes prefix, Lsn lsn, Bytes suffix) {
  char text[kInt64TextMax];
  const Bytes digits = FormatInt64(static_cast<int64_t>(lsn), text);
  std::string name(prefix);
  name.append(kLsnDigits - digits.size(), '0').append(digits).append(suffix);
  return name;
}

std::optional<Lsn> ParseNumberedName(Bytes name, Bytes prefix, Bytes suffix) {
  if (name.size() != prefix.size() + kLsnDigits + suffix.size()) return {};
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return {};
  Lsn lsn = 0;
  for (const char digit : name.substr(prefix.size(), kLsnDigits)) {
    if (digit < '0' || digit > '9') return {};
    if (__builtin_mul_overflow(lsn, Lsn{10}, &lsn)) return {};
    if (__builtin_add_overflow(lsn, static_cast<Lsn>(digit - '0'), &lsn)) return {};
  }
  return lsn;
}

}  // namespace

std::string FileHeader::Encode() {
  std::string bytes(kFileHeaderBytes, '\0');
  char* at = bytes.data();
  std::memcpy(at, MagicOf(kind), 8);
  StoreLittle(at + 8, kFormatVersion);
  std::memcpy(at + 16, store.data(), store.size());
  StoreLittle(at + 32, lsn);
  StoreLittle(at + 40, extent);
  StoreLittle(at + 48, salt);
  StoreLittle(at + 56, time_ms);
  crc = HeaderCrc(bytes);
  StoreLittle(at + 12, crc);
  return bytes;
}

Result<FileHeader> FileHeader::Decode(Bytes bytes, FileKind expected) {
  if (bytes.size() < kFileHeaderBytes) {
    return Status(Code::kCorrupt, "expected a header of 64 bytes, found " + std::to_string(bytes.size()) + " bytes");
  }
  bytes = bytes.substr(0, kFileHeaderBytes);
  const char* at = bytes.data();
  if (std::memcmp(at, MagicOf(expected), 8) != 0) {
    return Status(Code::kCorrupt,
                  "expected the magic " + std::string(MagicOf(expected)) + ", found " + Hex(bytes.substr(0, 8)));
  }
  FileHeader header;
  header.crc = LoadLittle<uint32_t>(at + 12);
  if (header.crc != HeaderCrc(bytes)) {
    return Status(Code::kCorrupt, "expected a header with crc32 " + Hex(bytes.substr(12, 4)) + ", found another");
  }
  if (const auto version = LoadLittle<uint32_t>(at + 8); version != kFormatVersion) {
    return Status(Code::kVersion, "format version " + std::to_string(version) + " is newer than this library's, " +
                                      std::to_string(kFormatVersion));
  }
  header.kind = expected;
  std::memcpy(header.store.data(), at + 16, header.store.size());
  header.lsn = LoadLittle<uint64_t>(at + 32);
  header.extent = LoadLittle<uint64_t>(at + 40);
  header.salt = LoadLittle<uint64_t>(at + 48);
  header.time_ms = LoadLittle<int64_t>(at + 56);
  return header;
}

void FrameBuilder::Shrink() noexcept {
  try {
    buffer_ = std::string(kFrameHeaderBytes, '\0');
  } catch (const std::bad_alloc&) {
  }
}

Bytes FrameBuilder::Seal(FrameHeader header, uint32_t file_crc) {
  header.length = static_cast<uint32_t>(payload_bytes());
  const uint64_t padding = header.padded_length() - header.length;
  buffer_.append(padding, static_cast<char>(padding));
  char* at = buffer_.data();
  std::memcpy(at, kFrameMagic, 4);
  StoreLittle(at + 8, header.length);
  StoreLittle(at + 12, static_cast<uint16_t>(header.kind));
  StoreLittle(at + 14, uint16_t{0});
  StoreLittle(at + 16, header.lsn);
  StoreLittle(at + 24, header.count);
  StoreLittle(at + 28, static_cast<uint32_t>(std::min<uint64_t>(header.extent / kExtentUnit, ~uint32_t{0})));
  StoreLittle(at + 32, header.time_ms);
  StoreLittle(at + 40, header.synced_through);
  StoreLittle(at + 4, Crc32(file_crc, Bytes(buffer_).substr(8)));
  return buffer_;
}

std::optional<FrameHeader> ParseFrameHeader(Bytes bytes) {
  if (bytes.size() < kFrameHeaderBytes || std::memcmp(bytes.data(), kFrameMagic, 4) != 0) return {};
  const char* at = bytes.data();
  FrameHeader header;
  header.crc = LoadLittle<uint32_t>(at + 4);
  header.length = LoadLittle<uint32_t>(at + 8);
  header.kind = static_cast<FrameKind>(LoadLittle<uint16_t>(at + 12));
  header.lsn = LoadLittle<uint64_t>(at + 16);
  header.count = LoadLittle<uint32_t>(at + 24);
  header.extent = uint64_t{LoadLittle<uint32_t>(at + 28)} * kExtentUnit;
  header.time_ms = LoadLittle<int64_t>(at + 32);
  header.synced_through = LoadLittle<uint64_t>(at + 40);
  return header;
}

bool FrameIsValid(const FrameHeader& header, Bytes header_bytes, Bytes padded_payload, uint32_t file_crc) {
  return Crc32(Crc32(file_crc, header_bytes.substr(8, kFrameHeaderBytes - 8)), padded_payload) == header.crc;
}

bool FrameIsNewer(const FrameHeader& header, Bytes header_bytes) {
  const auto kind = static_cast<uint16_t>(header.kind);
  return kind < 1 || kind > 4 || LoadLittle<uint16_t>(header_bytes.data() + 14) != 0;
}

std::string SegmentName(Lsn first) { return NumberedName("wal-", first, ".log"); }
std::string SnapshotName(Lsn lsn) { return NumberedName("snapshot-", lsn, ".rls"); }
std::optional<Lsn> ParseSegmentName(Bytes name) { return ParseNumberedName(name, "wal-", ".log"); }
std::optional<Lsn> ParseSnapshotName(Bytes name) { return ParseNumberedName(name, "snapshot-", ".rls"); }

std::string TemporaryName(Bytes name) { return std::string(name.substr(0, name.find('.'))) + ".tmp"; }

bool IsTemporaryName(Bytes name) {
  if (!name.ends_with(".tmp")) return false;
  const std::string stem(name.substr(0, name.size() - 4));
  return stem == kManifestName || ParseSegmentName(stem + ".log") || ParseSnapshotName(stem + ".rls");
}

std::string Hex(Bytes bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4];
    text += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

}  // namespace redislite::storage

// ==== src/storage/frame_reader.h ==================================================================================
namespace redislite::storage {

class FrameReader {
 public:
  FrameReader(os::File& file, uint64_t file_bytes, uint32_t crc, uint64_t offset = kFileHeaderBytes)
      : file_(file), file_bytes_(file_bytes), crc_(crc), offset_(offset) {}

  Result<bool> Read();

  const FrameHeader& header() const { return header_; }
  Bytes payload() const { return payload_; }
  uint64_t offset() const { return offset_; }

  void Skip() { offset_ += header_.frame_bytes(); }

  struct Rest {
    AtStop at_stop = AtStop::kZeros;
    uint64_t bytes = 0;
  };
  Result<Rest> ExamineRest();

  Result<bool> Resync(const std::function<bool(const FrameHeader&)>& plausible);

 private:
  Result<Bytes> Fetch(uint64_t offset, uint64_t size);

  os::File& file_;
  const uint64_t file_bytes_;
  const uint32_t crc_;
  uint64_t offset_;
  FrameHeader header_;
  Bytes payload_;
  std::string buffer_;
  uint64_t buffer_offset_ = 0;
};

}  // namespace redislite::storage

// ==== src/storage/frame_reader.cc =================================================================================
namespace redislite::storage {

namespace {

constexpr uint64_t kReadBytes = 1 << 20;

}  // namespace

Result<Bytes> FrameReader::Fetch(uint64_t offset, uint64_t size) {
  const uint64_t available = offset >= file_bytes_ ? 0 : std::min(size, file_bytes_ - offset);
  if (offset < buffer_offset_ || offset + available > buffer_offset_ + buffer_.size()) {
    const uint64_t wanted = std::min(std::max(available, kReadBytes), file_bytes_ - std::min(offset, file_bytes_));
    buffer_.resize(wanted);
    Result<size_t> read = file_.Read(offset, buffer_.data(), buffer_.size());
    if (!read.ok()) return read.status();
    buffer_.resize(*read);
    buffer_offset_ = offset;
  }
  return Bytes(buffer_).substr(offset - buffer_offset_, available);
}

Result<bool> FrameReader::Read() {
  Result<Bytes> head = Fetch(offset_, kFrameHeaderBytes);
  if (!head.ok()) return head.status();
  const std::optional<FrameHeader> header = ParseFrameHeader(*head);
  if (!header || header->length > kPayloadBytesMax || offset_ + header->frame_bytes() > file_bytes_) return false;
  Result<Bytes> whole = Fetch(offset_, header->frame_bytes());
  if (!whole.ok()) return whole.status();
  if (whole->size() < header->frame_bytes()) return false;  // the file became shorter under us
  const Bytes header_bytes = whole->substr(0, kFrameHeaderBytes);
  const Bytes padded = whole->substr(kFrameHeaderBytes);
  if (!FrameIsValid(*header, header_bytes, padded, crc_)) return false;
  if (FrameIsNewer(*header, header_bytes)) {
    return Status(Code::kVersion, "offset " + std::to_string(offset_) + ": a frame of a newer format");
  }
  header_ = *header;
  payload_ = padded.substr(0, header->length);
  return true;
}

Result<FrameReader::Rest> FrameReader::ExamineRest() {
  Rest rest;
  for (uint64_t at = offset_; at < file_bytes_;) {
    Result<Bytes> bytes = Fetch(at, kReadBytes);
    if (!bytes.ok()) return bytes.status();
    if (bytes->empty()) break;
    if (const size_t last = bytes->find_last_not_of('\0'); last != Bytes::npos) rest.bytes = at + last + 1 - offset_;
    at += bytes->size();
  }
  rest.at_stop = rest.bytes == 0 ? AtStop::kZeros : AtStop::kGarbage;
  return rest;
}

Result<bool> FrameReader::Resync(const std::function<bool(const FrameHeader&)>& plausible) {
  const uint64_t begin = offset_;
  for (uint64_t at = begin + kFrameAlignment; at + kFrameHeaderBytes <= file_bytes_; at += kFrameAlignment) {
    Result<Bytes> head = Fetch(at, kFrameHeaderBytes);
    if (!head.ok()) return head.status();
    const std::optional<FrameHeader> header = ParseFrameHeader(*head);
    if (!header || !plausible(*header)) continue;
    offset_ = at;
    Result<bool> valid = Read();
    if (!valid.ok()) return valid.status();
    if (*valid) return true;
  }
  offset_ = begin;
  return false;
}

}  // namespace redislite::storage

// ==== src/storage/segment_writer.h ================================================================================
namespace redislite::storage {

class SegmentWriter {
 public:
  using Fill = std::function<Status(SegmentWriter&)>;
  static Result<std::shared_ptr<SegmentWriter>> Create(os::FileSystem& files, const std::string& directory,
                                                       FileHeader header, uint64_t segment_bytes_max, const Fill& fill);
  static Result<std::shared_ptr<SegmentWriter>> Reopen(os::FileSystem& files, const std::string& directory,
                                                       const FileHeader& header, uint64_t end, uint64_t extent,
                                                       uint64_t segment_bytes_max);

  const FileHeader& header() const { return header_; }
  uint64_t bytes() const { return end_.load(std::memory_order_relaxed); }
  bool empty() const { return bytes() == kFileHeaderBytes; }
  bool HasRoomFor(uint64_t frame_bytes) const { return empty() || bytes() + frame_bytes <= segment_bytes_max_; }

  uint64_t extent() const { return extent_.load(std::memory_order_acquire); }
  bool IsCovered(uint64_t frame_bytes) const { return bytes() + frame_bytes + kMarkBytes <= told_extent_; }
  Status MakeRoom(uint64_t frame_bytes);

  Status Append(Bytes frame, uint64_t extent);
  Status Sync();

  Status ZeroFillAhead();

 private:
  SegmentWriter(FileHeader header, std::unique_ptr<os::File> file, std::unique_ptr<os::File> filler,
                uint64_t segment_bytes_max)
      : header_(header), file_(std::move(file)), filler_(std::move(filler)), segment_bytes_max_(segment_bytes_max) {}

  Status WriteZerosTo(uint64_t to) REQUIRES(fill_mu_);

  FileHeader header_;
  const std::unique_ptr<os::File> file_;
  const std::unique_ptr<os::File> filler_;
  const uint64_t segment_bytes_max_;

  std::atomic<uint64_t> end_{0};
  std::atomic<uint64_t> zeroed_to_{0};  // the file's length, as far as this process has made it
  std::atomic<uint64_t> extent_{0};
  uint64_t told_extent_ = 0;  // the leader's: the highest that the header or a frame says
  Mutex fill_mu_;             // held while zeros are being written: an append beyond zeroed_to_ waits for it
};

}  // namespace redislite::storage

// ==== src/storage/log.h ===========================================================================================
namespace redislite::storage {

struct LogOptions {
  bool create = true;
  bool read_only = false;
  bool salvage = false;
  uint64_t segment_bytes = 64ull << 20;  // a rotation's threshold
  std::function<int64_t()> now_ms;       // for the headers of files
};

struct ReplayTarget {
  std::function<void(const HashSeed& seed)> begin;
  FrameSink frame;
  std::function<Status()> end;
};

class Log {
 public:
  static Result<std::unique_ptr<Log>> Open(os::FileSystem& files, const std::string& directory,
                                           const LogOptions& options, const ReplayTarget& target);
  ~Log();

  const RecoveryReport& report() const { return report_; }

  bool needs_snapshot() const { return needs_snapshot_; }


  enum class Durability : uint8_t { kRelaxed, kSynced };
  Status Append(FrameBuilder& builder, uint32_t count, int64_t time_ms, Durability wanted);
  Status Rotate();
  Status MarkDurable(int64_t time_ms);


  Status Sync();

  Lsn last_lsn() const { return last_lsn_.load(std::memory_order_acquire); }
  Lsn synced_lsn() const { return synced_lsn_.load(std::memory_order_acquire); }

  bool poisoned() const { return poisoned_.load(std::memory_order_acquire); }
  Status poison() const;             // the first cause, or ok
  Status Poison(const Status& why);  // returns the first cause, as kIo

  void ZeroFillAhead();

  Result<std::unique_ptr<SnapshotWriter>> BeginSnapshot(Lsn lsn, int64_t time_ms);
  Status InstallSnapshot(Lsn lsn, uint64_t bytes);

  uint64_t wal_bytes() const;  // of log since the last snapshot
  uint64_t segment_count() const;
  uint64_t snapshot_bytes() const;
  Lsn snapshot_lsn() const;

  Status Close();

 private:
  Log(os::FileSystem& files, std::string directory, LogOptions options)
      : files_(files), directory_(std::move(directory)), options_(std::move(options)) {}

  Status EnterDirectory();
  Status Load(const ReplayTarget& target);
  Status LoadOnce(const ReplayTarget& target);
  Status StartNewStore(const ReplayTarget& target);
  Status Resume(const Recovered& recovered);
  Result<Lsn> LastFrameEnd(const SegmentScan& tail, Lsn limit);
  Status PutAside();
  void RemoveLeftovers();
  Result<FileHeader> NewHeader(FileKind kind, Lsn lsn, int64_t time_ms) const;
  Result<std::shared_ptr<SegmentWriter>> CreateSegment(Lsn first, const SegmentWriter::Fill& fill);
  Status OpenForAppend();
  Status RotateTo(Lsn first);
  Status Install(Manifest next) REQUIRES(manifest_mu_);
  Status AppendFrame(SegmentWriter& segment, FrameBuilder& builder, FrameHeader header);
  std::shared_ptr<SegmentWriter> Segment() const;
  void SetSegment(std::shared_ptr<SegmentWriter> segment);

  os::FileSystem& files_;
  const std::string directory_;
  const LogOptions options_;
  std::unique_ptr<os::Lock> lock_;
  RecoveryReport report_;
  bool needs_snapshot_ = false;
  StoreId store_{};

  std::atomic<Lsn> last_lsn_{0};
  std::atomic<Lsn> synced_lsn_{0};
  Lsn marked_lsn_ = 0;       // the leader's: what the last frame or mark calls durable
  FrameBuilder mark_frame_;  // the leader's

  mutable Mutex segment_mu_;
  std::shared_ptr<SegmentWriter> segment_ GUARDED_BY(segment_mu_);

  Mutex sync_mu_;  // one sync at a time, so that each sees its own error

  mutable Mutex manifest_mu_;
  Manifest manifest_ GUARDED_BY(manifest_mu_);
  std::map<Lsn, uint64_t> closed_bytes_ GUARDED_BY(manifest_mu_);  // of closed segments, by first LSN
  FileHeader closed_header_ GUARDED_BY(manifest_mu_);
  uint64_t closed_extent_ GUARDED_BY(manifest_mu_) = 0;
  uint64_t snapshot_bytes_ GUARDED_BY(manifest_mu_) = 0;

  std::atomic<bool> poisoned_{false};
  mutable Mutex poison_mu_;
  Status poison_ GUARDED_BY(poison_mu_);
};

}  // namespace redislite::storage

// ==== src/storage/log.cc ==========================================================================================
namespace redislite::storage {

namespace {

constexpr int kReadOnlyTries = 10;

template <typename Operation>
Status Attempt(const Operation& operation) {
  try {
    return operation();
  } catch (const std::bad_alloc&) {
    return {Code::kIo, OutOfMemory().message()};
  }
}

}  // namespace

Log::~Log() = default;

Result<std::unique_ptr<Log>> Log::Open(os::FileSystem& files, const std::string& directory, const LogOptions& options,
                                       const ReplayTarget& target) {
  std::unique_ptr<Log> log(new Log(files, directory, options));
  RL_RETURN_IF_ERROR(log->EnterDirectory());
  RL_RETURN_IF_ERROR(log->Load(target));
  if (log->lock_ != nullptr) log->lock_->Keep();
  return log;
}

Status Log::EnterDirectory() {
  if (!options_.create || options_.read_only) {
    if (Result<std::vector<std::string>> names = files_.List(directory_); !names.ok()) return names.status();
  } else {
    if (Status made = MakeDirectories(files_, directory_, nullptr); !made.ok()) {
      return made.code() == Code::kPathNotFound ? Status(Code::kIo, made.message()) : made;
    }
  }
  if (options_.read_only) return Status::Ok();
  Result<std::unique_ptr<os::Lock>> lock = files_.LockFile(directory_ + "/" + kLockName);
  if (!lock.ok()) return lock.status();
  lock_ = std::move(*lock);
  RL_FAILPOINT(store_locked);
  return Status::Ok();
}

Status Log::Load(const ReplayTarget& target) {
  Status loaded = LoadOnce(target);
  if (!options_.read_only) return loaded;
  const auto generation = [&] {
    Result<Manifest> manifest = Manifest::Read(files_, directory_);
    return manifest.ok() ? manifest->generation : 0;
  };
  for (int tries = 1; !loaded.ok() && loaded.code() == Code::kCorrupt && tries < kReadOnlyTries; ++tries) {
    const uint64_t before = generation();
    const bool writer = files_.LockFileShared(directory_ + "/" + kLockName).status().code() == Code::kBusy;
    report_ = {};
    loaded = LoadOnce(target);
    if (!writer && generation() == before) break;
  }
  return loaded;
}

Status Log::LoadOnce(const ReplayTarget& target) {
  Result<Manifest> manifest = Manifest::Read(files_, directory_);
  if (manifest.status().code() == Code::kPathNotFound) {
    Result<std::vector<std::string>> names = files_.List(directory_);
    if (!names.ok()) return names.status();
    const auto stray = std::find_if(names->begin(), names->end(), [](const std::string& name) {
      return ParseSegmentName(name) || ParseSnapshotName(name);
    });
    if (stray == names->end()) {
      if (options_.read_only || !options_.create) {
        return {Code::kPathNotFound, directory_ + ": there is no store in this directory"};
      }
      return StartNewStore(target);
    }
    manifest = Status(Code::kCorrupt, directory_ + "/" + kManifestName +
                                          ": offset 0: expected a manifest, found none beside " + *stray);
  }
  const auto end = [&](Result<Recovered>& found) {
    if (!found.ok() || !target.end) return;
    if (Status ended = target.end(); !ended.ok()) found = std::move(ended);
  };
  Result<Recovered> recovered = Status::Ok();
  if (manifest.ok()) {
    target.begin(manifest->seed);
    recovered = Recover(files_, directory_, *manifest, target.frame);
    end(recovered);
  } else {
    recovered = manifest.status();
  }
  if (!recovered.ok() && recovered.status().code() == Code::kCorrupt && options_.salvage) {
    const std::string why = recovered.status().message();
    recovered = Salvage(files_, directory_, manifest, target.begin, target.frame);
    end(recovered);
    if (!recovered.ok()) return recovered.status();
    recovered->report.losses.insert(recovered->report.losses.begin(), why);
    needs_snapshot_ = !options_.read_only;
  }
  if (!recovered.ok()) return recovered.status();
  RL_FAILPOINT(recovery_read);

  report_ = recovered->report;
  store_ = recovered->manifest.store;
  last_lsn_ = report_.last_lsn;
  synced_lsn_ = report_.last_lsn;
  marked_lsn_ = report_.last_lsn;
  {
    MutexLock lock(manifest_mu_);
    manifest_ = recovered->manifest;
    closed_bytes_ = recovered->segment_bytes;
    snapshot_bytes_ = recovered->snapshot_bytes;
    if (recovered->tail) {
      closed_header_ = recovered->tail->header;
      closed_extent_ = recovered->tail->extent;
    }
  }
  if (options_.read_only) return Status::Ok();
  RL_RETURN_IF_ERROR(files_.SyncDirectory(directory_));
  if (needs_snapshot_) return PutAside();
  if (!report_.clean) RL_RETURN_IF_ERROR(Resume(*recovered));
  RemoveLeftovers();
  return Status::Ok();
}

Status Log::StartNewStore(const ReplayTarget& target) {
  report_.created = true;
  SyncDirectoriesAbove(files_, directory_);
  Manifest manifest;
  RL_RETURN_IF_ERROR(files_.FillRandom(manifest.store.data(), manifest.store.size()));
  RL_RETURN_IF_ERROR(files_.FillRandom(reinterpret_cast<char*>(&manifest.seed), sizeof manifest.seed));
  manifest.generation = 1;
  RL_RETURN_IF_ERROR(manifest.Install(files_, directory_));
  RL_FAILPOINT(store_begun);
  store_ = manifest.store;
  target.begin(manifest.seed);
  MutexLock lock(manifest_mu_);
  manifest_ = manifest;
  return Status::Ok();
}

Status Log::Resume(const Recovered& recovered) {
  const SegmentScan& tail = *recovered.tail;
  const Lsn old_first = tail.header.lsn;
  const Result<Lsn> frame_end = LastFrameEnd(tail, tail.watermark);
  if (!frame_end.ok()) return frame_end.status();
  const Lsn durable = *frame_end;
  const auto fill = [&](SegmentWriter& writer) -> Status {
    const std::string path = directory_ + "/" + SegmentName(old_first);
    Result<std::unique_ptr<os::File>> file = files_.Open(path, os::OpenMode::kRead);
    if (!file.ok()) return file.status();
    FrameReader reader(**file, tail.end, tail.header.crc);
    FrameBuilder builder;
    while (true) {
      Result<bool> found = reader.Read();
      if (!found.ok()) return found.status();
      if (!*found) break;
      if (const FrameHeader& frame = reader.header(); frame.lsn > durable && frame.count != 0) {
        builder.Clear();
        builder.buffer().append(reader.payload());
        FrameHeader header = frame;
        header.extent = writer.extent();
        RL_RETURN_IF_ERROR(writer.Append(builder.Seal(header, writer.header().crc), header.extent));
      }
      reader.Skip();
    }
    if (reader.offset() != tail.end) return {Code::kIo, path + ": the segment changed while it was being recovered"};
    RL_FAILPOINT(recovery_copied);
    return Status::Ok();
  };
  Result<std::shared_ptr<SegmentWriter>> writer = CreateSegment(durable + 1, fill);
  if (!writer.ok()) return writer.status();
  RL_FAILPOINT(recovery_prepared);
  SetSegment(std::move(*writer));
  MutexLock lock(manifest_mu_);
  Manifest next = manifest_;
  next.segments.pop_back();
  closed_bytes_.erase(old_first);
  if (durable >= old_first) {
    next.segments.push_back({old_first, durable});
    closed_bytes_[old_first] = tail.end;
  }
  next.segments.push_back({durable + 1, {}});
  next.durable = tail.last;
  RL_RETURN_IF_ERROR(Install(std::move(next)));
  RL_FAILPOINT(recovery_installed);
  return Status::Ok();
}

Result<Lsn> Log::LastFrameEnd(const SegmentScan& tail, Lsn limit) {
  const std::string path = directory_ + "/" + SegmentName(tail.header.lsn);
  Result<std::unique_ptr<os::File>> file = files_.Open(path, os::OpenMode::kRead);
  if (!file.ok()) return file.status();
  FrameReader reader(**file, tail.end, tail.header.crc);
  Lsn end = tail.header.lsn - 1;
  while (true) {
    Result<bool> found = reader.Read();
    if (!found.ok()) return found.status();
    const FrameHeader& frame = reader.header();
    if (!*found || frame.lsn + frame.count - 1 > limit) return end;
    end = frame.lsn + frame.count - 1;
    reader.Skip();
  }
}

Status Log::PutAside() {
  Result<std::vector<std::string>> names = files_.List(directory_);
  if (!names.ok()) return names.status();
  int number = 1;
  const auto taken = [&](const std::string& prefix) {
    return std::any_of(names->begin(), names->end(), [&](const std::string& name) { return name.starts_with(prefix); });
  };
  while (taken("damaged-" + std::to_string(number) + "-")) ++number;
  for (const std::string& name : *names) {
    if (name != kManifestName && !ParseSegmentName(name) && !ParseSnapshotName(name)) continue;
    Result<std::unique_ptr<os::File>> from = files_.Open(directory_ + "/" + name, os::OpenMode::kRead);
    if (!from.ok()) return from.status();
    Result<std::unique_ptr<os::File>> to =
        files_.Open(directory_ + "/damaged-" + std::to_string(number) + "-" + name, os::OpenMode::kCreate);
    if (!to.ok()) return to.status();
    std::string buffer(1 << 20, '\0');
    for (uint64_t offset = 0;;) {
      Result<size_t> read = (*from)->Read(offset, buffer.data(), buffer.size());
      if (!read.ok()) return read.status();
      if (*read == 0) break;
      RL_RETURN_IF_ERROR((*to)->Write(offset, Bytes(buffer).substr(0, *read)));
      offset += *read;
    }
    RL_RETURN_IF_ERROR((*to)->Sync());
    RL_FAILPOINT(salvage_copied);
  }
  RL_FAILPOINT(salvage_kept);
  return Status::Ok();
}

void Log::RemoveLeftovers() {
  Result<std::vector<std::string>> names = files_.List(directory_);
  if (!names.ok()) return;
  Manifest manifest;
  {
    MutexLock lock(manifest_mu_);
    manifest = manifest_;
  }
  std::vector<std::string> left_over;
  for (const std::string& name : *names) {
    bool unnamed = IsTemporaryName(name);
    if (const std::optional<Lsn> first = ParseSegmentName(name)) {
      unnamed = std::none_of(manifest.segments.begin(), manifest.segments.end(),
                             [&](const SegmentEntry& entry) { return entry.first == *first; });
    } else if (const std::optional<Lsn> lsn = ParseSnapshotName(name)) {
      unnamed = manifest.snapshot != *lsn;
    }
    if (unnamed) left_over.push_back(name);
  }
  if (!left_over.empty()) RL_FAILPOINT(leftovers_found);
  for (const std::string& name : left_over) {
    (void)files_.Remove(directory_ + "/" + name).ok();
    RL_FAILPOINT(leftover_removed);
  }
}

Result<FileHeader> Log::NewHeader(FileKind kind, Lsn lsn, int64_t time_ms) const {
  FileHeader header;
  header.kind = kind;
  header.store = store_;
  header.lsn = lsn;
  header.time_ms = time_ms;
  RL_RETURN_IF_ERROR(files_.FillRandom(reinterpret_cast<char*>(&header.salt), sizeof header.salt));
  return header;
}

Result<std::shared_ptr<SegmentWriter>> Log::CreateSegment(Lsn first, const SegmentWriter::Fill& fill) {
  Result<FileHeader> header = NewHeader(FileKind::kSegment, first, options_.now_ms());
  if (!header.ok()) return header.status();
  return SegmentWriter::Create(files_, directory_, *header, options_.segment_bytes, fill);
}

Status Log::Install(Manifest next) {
  ++next.generation;
  RL_RETURN_IF_ERROR(next.Install(files_, directory_));
  manifest_ = std::move(next);
  return Status::Ok();
}

std::shared_ptr<SegmentWriter> Log::Segment() const {
  MutexLock lock(segment_mu_);
  return segment_;
}

void Log::SetSegment(std::shared_ptr<SegmentWriter> segment) {
  MutexLock lock(segment_mu_);
  segment_ = std::move(segment);
}

Status Log::OpenForAppend() {
  const Lsn last = last_lsn();
  {
    MutexLock lock(manifest_mu_);
    const auto room = [&](const SegmentEntry& entry) REQUIRES(manifest_mu_) {
      const auto bytes = closed_bytes_.find(entry.first);
      return closed_header_.lsn == entry.first && bytes != closed_bytes_.end() &&
             bytes->second < options_.segment_bytes / 2;
    };
    if (!manifest_.segments.empty() && room(manifest_.segments.back())) {
      const SegmentEntry entry = manifest_.segments.back();
      Result<std::shared_ptr<SegmentWriter>> writer = SegmentWriter::Reopen(
          files_, directory_, closed_header_, closed_bytes_[entry.first], closed_extent_, options_.segment_bytes);
      if (!writer.ok()) return writer.status();
      if (*writer != nullptr) {
        RL_FAILPOINT(segment_reopened);
        Manifest next = manifest_;
        next.segments.back().last.reset();  // durable up to its end, as the seal has said
        RL_RETURN_IF_ERROR(Install(std::move(next)));
        closed_bytes_.erase(entry.first);
        SetSegment(std::move(*writer));
        return Status::Ok();
      }
    }
  }
  return RotateTo(last + 1);
}

Status Log::RotateTo(Lsn first) {
  Result<std::shared_ptr<SegmentWriter>> writer = CreateSegment(first, {});
  if (!writer.ok()) return writer.status();
  RL_FAILPOINT(rotation_prepared);
  const std::shared_ptr<SegmentWriter> old = Segment();
  MutexLock lock(manifest_mu_);
  Manifest next = manifest_;
  std::map<Lsn, uint64_t> closed_bytes = closed_bytes_;
  if (old != nullptr) {
    next.segments.back().last = first - 1;
    closed_bytes[next.segments.back().first] = old->bytes();
  }
  next.segments.push_back({first, {}});
  next.durable = first - 1;
  if (Status installed = Install(std::move(next)); !installed.ok()) {
    if (installed.code() == Code::kFull) (void)files_.Remove(directory_ + "/" + SegmentName(first)).ok();
    return installed;
  }
  closed_bytes_ = std::move(closed_bytes);
  RL_FAILPOINT(rotation_installed);
  SetSegment(std::move(*writer));
  return Status::Ok();
}

Status Log::Append(FrameBuilder& builder, uint32_t count, int64_t time_ms, Durability wanted) {
  if (poisoned()) return poison();
  const auto fail = [&](const Status& status) { return status.code() == Code::kFull ? status : Poison(status); };
  std::shared_ptr<SegmentWriter> segment = Segment();
  if (segment == nullptr) {
    if (Status opened = OpenForAppend(); !opened.ok()) return fail(opened);
    segment = Segment();
  }
  FrameHeader header;
  header.kind = count == 0 ? FrameKind::kMark : FrameKind::kCommands;
  header.lsn = last_lsn() + 1;
  header.count = count;
  header.time_ms = time_ms;
  header.length = static_cast<uint32_t>(builder.payload_bytes());
  if (!segment->HasRoomFor(header.frame_bytes())) {
    RL_RETURN_IF_ERROR(Sync());
    if (Status rotated = RotateTo(header.lsn); !rotated.ok()) return fail(rotated);
    segment = Segment();
  }
  if (wanted == Durability::kSynced && !segment->IsCovered(header.frame_bytes())) {
    Status room = Attempt([&] { return segment->MakeRoom(kMarkBytes + header.frame_bytes()); });
    if (room.ok()) {
      FrameHeader mark = header;
      mark.kind = FrameKind::kMark;
      mark.count = 0;
      mark_frame_.Clear();
      room = AppendFrame(*segment, mark_frame_, mark);
    }
    if (!room.ok() && room.code() != Code::kFull) return Poison(room);
  }
  if (Status appended = AppendFrame(*segment, builder, header); !appended.ok()) return fail(appended);
  last_lsn_.store(header.lsn + count - 1, std::memory_order_release);
  RL_FAILPOINT(log_appended);
  return Status::Ok();
}

Status Log::AppendFrame(SegmentWriter& segment, FrameBuilder& builder, FrameHeader header) {
  header.synced_through = synced_lsn();
  header.extent = segment.extent();
  const Bytes frame = builder.Seal(header, segment.header().crc);
  RL_RETURN_IF_ERROR(Attempt([&] { return segment.Append(frame, header.extent); }));
  marked_lsn_ = header.synced_through;
  return Status::Ok();
}

Status Log::Sync() {
  MutexLock lock(sync_mu_);
  if (poisoned()) return poison();
  const Lsn target = last_lsn();
  if (synced_lsn() >= target) return Status::Ok();
  const std::shared_ptr<SegmentWriter> segment = Segment();
  if (Status synced = Attempt([&] { return segment->Sync(); }); !synced.ok()) return Poison(synced);
  RL_FAILPOINT(log_synced);
  synced_lsn_.store(target, std::memory_order_release);
  return Status::Ok();
}

Status Log::Rotate() {
  if (poisoned()) return poison();
  const std::shared_ptr<SegmentWriter> segment = Segment();
  if (segment == nullptr || segment->empty()) return Status::Ok();
  RL_RETURN_IF_ERROR(Sync());
  if (Status rotated = RotateTo(last_lsn() + 1); !rotated.ok()) {
    return rotated.code() == Code::kFull ? rotated : Poison(rotated);
  }
  return Status::Ok();
}

Status Log::MarkDurable(int64_t time_ms) {
  const std::shared_ptr<SegmentWriter> segment = Segment();
  if (poisoned() || segment == nullptr || segment->empty() || marked_lsn_ >= last_lsn() || synced_lsn() < last_lsn() ||
      !segment->HasRoomFor(kMarkBytes)) {
    return Status::Ok();
  }
  FrameBuilder empty;
  RL_RETURN_IF_ERROR(Append(empty, 0, time_ms, Durability::kSynced));
  RL_FAILPOINT(mark_written);
  return Status::Ok();
}

void Log::ZeroFillAhead() {
  const std::shared_ptr<SegmentWriter> segment = Segment();
  if (segment == nullptr || poisoned()) return;
  if (Status filled = Attempt([&] { return segment->ZeroFillAhead(); }); !filled.ok() && filled.code() != Code::kFull)
    (void)Poison(filled).ok();
}

Status Log::poison() const {
  MutexLock lock(poison_mu_);
  return poison_;
}

Status Log::Poison(const Status& why) {
  MutexLock lock(poison_mu_);
  if (poison_.ok()) {
    try {
      poison_ = Status(Code::kIo, why.message());
    } catch (const std::bad_alloc&) {
      poison_ = Status(Code::kIo, OutOfMemory().message());
    }
    poisoned_.store(true, std::memory_order_release);
  }
  return poison_;
}

Result<std::unique_ptr<SnapshotWriter>> Log::BeginSnapshot(Lsn lsn, int64_t time_ms) {
  if (poisoned()) return poison();
  Result<FileHeader> header = NewHeader(FileKind::kSnapshot, lsn, time_ms);
  if (!header.ok()) return header.status();
  return SnapshotWriter::Create(files_, directory_, *header);
}

Status Log::InstallSnapshot(Lsn lsn, uint64_t bytes) {
  std::vector<std::string> superseded;
  {
    MutexLock lock(manifest_mu_);
    if (poisoned()) return poison();
    Manifest next = manifest_;
    if (next.snapshot && *next.snapshot != lsn) superseded.push_back(SnapshotName(*next.snapshot));
    next.snapshot = lsn;
    next.durable = std::max(next.durable, lsn);
    std::map<Lsn, uint64_t> closed_bytes = closed_bytes_;
    while (!next.segments.empty() && next.segments.front().last && *next.segments.front().last <= lsn) {
      superseded.push_back(SegmentName(next.segments.front().first));
      closed_bytes.erase(next.segments.front().first);
      next.segments.erase(next.segments.begin());
    }
    if (Status installed = Install(std::move(next)); !installed.ok()) {
      return installed.code() == Code::kFull ? installed : Poison(installed);
    }
    closed_bytes_ = std::move(closed_bytes);
    snapshot_bytes_ = bytes;
  }
  RL_FAILPOINT(snapshot_installed);
  if (needs_snapshot_) {
    needs_snapshot_ = false;
    RemoveLeftovers();
  }
  for (const std::string& name : superseded) {
    (void)files_.Remove(directory_ + "/" + name).ok();
    RL_FAILPOINT(superseded_removed);
  }
  return Status::Ok();
}

uint64_t Log::wal_bytes() const {
  const std::shared_ptr<SegmentWriter> segment = Segment();
  uint64_t bytes = segment == nullptr ? 0 : segment->bytes() - kFileHeaderBytes;
  MutexLock lock(manifest_mu_);
  for (const auto& [first, closed] : closed_bytes_) bytes += closed - kFileHeaderBytes;
  return bytes;
}

uint64_t Log::segment_count() const {
  MutexLock lock(manifest_mu_);
  return manifest_.segments.size();
}

uint64_t Log::snapshot_bytes() const {
  MutexLock lock(manifest_mu_);
  return snapshot_bytes_;
}

Lsn Log::snapshot_lsn() const {
  MutexLock lock(manifest_mu_);
  return manifest_.snapshot.value_or(0);
}

Status Log::Close() {
  if (options_.read_only) return Status::Ok();
  RL_RETURN_IF_ERROR(Sync());
  const std::shared_ptr<SegmentWriter> segment = Segment();
  if (segment == nullptr) return Status::Ok();  // nothing was appended: the manifest's seal still stands
  RL_FAILPOINT(seal_prepared);
  MutexLock lock(manifest_mu_);
  Manifest next = manifest_;
  next.segments.back().last = last_lsn();
  next.durable = last_lsn();
  RL_RETURN_IF_ERROR(Install(std::move(next)));
  RL_FAILPOINT(seal_installed);
  SetSegment(nullptr);
  return Status::Ok();
}

}  // namespace redislite::storage

// ==== src/storage/manifest.cc =====================================================================================
namespace redislite::storage {

namespace {

std::string HexCrc(uint32_t crc) {
  std::string text;
  for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[crc >> shift & 15];
  return text;
}

bool ParseHex(Bytes text, char* out, size_t size) {
  if (text.size() != size * 2) return false;
  for (size_t i = 0; i < size; ++i) {
    unsigned value = 0;
    const char* at = text.data() + i * 2;
    const auto [end, error] = std::from_chars(at, at + 2, value, 16);
    if (error != std::errc() || end != at + 2) return false;
    out[i] = static_cast<char>(value);
  }
  return true;
}

Status Wrong(size_t line, Bytes expected, Bytes found) {
  return {Code::kCorrupt, "line " + std::to_string(line) + ": expected " + std::string(expected) + ", found '" +
                              std::string(found.substr(0, 80)) + "'"};
}

Status WrongAt(size_t offset, Bytes expected, Bytes found) {
  std::string shown(found.substr(0, 80));
  for (char& byte : shown) {
    if (byte < ' ' || byte > '~') byte = '.';
  }
  return {Code::kCorrupt,
          "offset " + std::to_string(offset) + ": expected " + std::string(expected) + ", found '" + shown + "'"};
}

bool TakeWord(Bytes line, Bytes word, Bytes* rest) {
  if (!line.starts_with(word) || line.size() <= word.size() || line[word.size()] != ' ') return false;
  *rest = line.substr(word.size() + 1);
  return true;
}

}  // namespace

std::string Manifest::Encode() const {
  std::string text = "redislite " + std::to_string(kFormatVersion) + "\n";
  char seed_bytes[16];
  StoreLittle(seed_bytes, seed.k0);
  StoreLittle(seed_bytes + 8, seed.k1);
  text += "store " + Hex({store.data(), store.size()}) + "\n";
  text += "seed " + Hex({seed_bytes, sizeof seed_bytes}) + "\n";
  text += "generation " + std::to_string(generation) + "\n";
  text += "durable " + std::to_string(durable) + "\n";
  text += "snapshot " + (snapshot ? std::to_string(*snapshot) : "-") + "\n";
  for (const SegmentEntry& segment : segments) {
    text +=
        "segment " + std::to_string(segment.first) + " " + (segment.last ? std::to_string(*segment.last) : "-") + "\n";
  }
  text += "crc32 " + HexCrc(Crc32(0, text)) + "\n";
  return text;
}

Result<Manifest> Manifest::Decode(Bytes text) {
  const size_t first_end = text.find('\n');
  Bytes rest;
  if (first_end == Bytes::npos || !TakeWord(text.substr(0, first_end), "redislite", &rest)) {
    return WrongAt(0, "'redislite 1'", text.substr(0, first_end));
  }
  const std::optional<uint64_t> version = ParseUint64(rest);
  if (!version) return WrongAt(first_end - rest.size(), "a version number", rest);
  if (*version != kFormatVersion) {
    const std::string mended = "redislite " + std::to_string(kFormatVersion) + std::string(text.substr(first_end));
    if (Decode(mended).ok()) return WrongAt(first_end - rest.size(), std::to_string(kFormatVersion), rest);
    return Status(Code::kVersion, "format version " + std::string(rest) + " is newer than this library's, " +
                                      std::to_string(kFormatVersion));
  }
  const size_t crc_at = text.rfind("\ncrc32 ");
  if (crc_at == Bytes::npos) return WrongAt(text.size(), "a last line 'crc32 ...'", "");
  const Bytes body = text.substr(0, crc_at + 1);
  const std::string expected = "crc32 " + HexCrc(Crc32(0, body)) + "\n";
  const Bytes tail = text.substr(crc_at + 1);
  if (!tail.starts_with(expected)) {
    return WrongAt(crc_at + 1, "'" + expected.substr(0, expected.size() - 1) + "'", tail.substr(0, tail.find('\n')));
  }
  if (tail != expected) {
    return WrongAt(crc_at + 1 + expected.size(), "the end of the file", tail.substr(expected.size()));
  }

  Manifest manifest;
  size_t line_number = 1;
  size_t at = first_end + 1;
  const auto next_line = [&](Bytes* line) {
    if (at >= body.size()) return false;
    const size_t end = body.find('\n', at);
    *line = body.substr(at, end - at);
    at = end + 1;
    ++line_number;
    return true;
  };
  Bytes line;
  char seed_bytes[16];
  if (!next_line(&line) || !TakeWord(line, "store", &rest) || !ParseHex(rest, manifest.store.data(), 16)) {
    return Wrong(line_number, "'store' and 32 hex digits", line);
  }
  if (!next_line(&line) || !TakeWord(line, "seed", &rest) || !ParseHex(rest, seed_bytes, 16)) {
    return Wrong(line_number, "'seed' and 32 hex digits", line);
  }
  manifest.seed = {LoadLittle<uint64_t>(seed_bytes), LoadLittle<uint64_t>(seed_bytes + 8)};
  std::optional<uint64_t> number;
  if (!next_line(&line) || !TakeWord(line, "generation", &rest) || !(number = ParseUint64(rest))) {
    return Wrong(line_number, "'generation' and a number", line);
  }
  manifest.generation = *number;
  if (!next_line(&line) || !TakeWord(line, "durable", &rest) || !(number = ParseUint64(rest))) {
    return Wrong(line_number, "'durable' and an LSN", line);
  }
  manifest.durable = *number;
  if (!next_line(&line) || !TakeWord(line, "snapshot", &rest) || (rest != "-" && !(number = ParseUint64(rest)))) {
    return Wrong(line_number, "'snapshot' and an LSN or -", line);
  }
  if (rest != "-") manifest.snapshot = *number;
  Lsn reached = manifest.snapshot.value_or(0);
  while (next_line(&line)) {
    const size_t space = line.rfind(' ');
    if (!TakeWord(line, "segment", &rest) || space <= 7) return Wrong(line_number, "'segment <first> <last>'", line);
    const std::optional<uint64_t> first = ParseUint64(line.substr(8, space - 8));
    const Bytes last_text = line.substr(space + 1);
    const std::optional<uint64_t> last = ParseUint64(last_text);
    if (!first || (!last && last_text != "-")) return Wrong(line_number, "'segment <first> <last>'", line);
    const bool joins = manifest.segments.empty() ? *first >= 1 && *first <= reached + 1
                                                 : manifest.segments.back().last && *first == reached + 1;
    if (!joins || (last && *last + 1 < *first)) return Wrong(line_number, "a segment that joins its predecessor", line);
    manifest.segments.push_back({*first, last});
    if (last) reached = *last;
  }
  return manifest;
}

Result<Manifest> Manifest::Read(os::FileSystem& files, const std::string& directory) {
  const std::string path = directory + "/" + kManifestName;
  Result<std::unique_ptr<os::File>> file = files.Open(path, os::OpenMode::kRead);
  if (!file.ok()) return file.status();
  Result<uint64_t> size = (*file)->Size();
  if (!size.ok()) return size.status();
  constexpr uint64_t kManifestBytesMax = 64 << 20;
  if (*size > kManifestBytesMax)
    return Status(Code::kCorrupt, path + ": expected at most 64 MiB, found " + std::to_string(*size));
  std::string text(*size, '\0');
  Result<size_t> read = (*file)->Read(0, text.data(), text.size());
  if (!read.ok()) return read.status();
  text.resize(*read);
  Result<Manifest> manifest = Decode(text);
  if (!manifest.ok()) return Status(manifest.status().code(), path + ": " + manifest.status().message());
  return manifest;
}

Status Manifest::Install(os::FileSystem& files, const std::string& directory) const {
  const std::string temporary = directory + "/" + TemporaryName(kManifestName);
  if (Status removed = files.Remove(temporary); !removed.ok() && removed.code() != Code::kPathNotFound) return removed;
  {
    Result<std::unique_ptr<os::File>> file = files.Open(temporary, os::OpenMode::kCreate);
    if (!file.ok()) return file.status();
    RL_FAILPOINT(manifest_made);
    Status written = (*file)->Write(0, Encode());
    RL_FAILPOINT(manifest_written);
    if (written.ok()) written = (*file)->Sync();
    if (!written.ok()) {
      (void)files.Remove(temporary).ok();  // the first error is the one that counts
      return written;
    }
  }
  RL_FAILPOINT(manifest_synced);
  const auto unknown = [](const Status& status) { return status.ok() ? status : Status(Code::kIo, status.message()); };
  RL_RETURN_IF_ERROR(unknown(files.Rename(temporary, directory + "/" + kManifestName)));
  RL_FAILPOINT(manifest_renamed);
  RL_RETURN_IF_ERROR(unknown(files.SyncDirectory(directory)));
  RL_FAILPOINT(manifest_in_place);
  return Status::Ok();
}

}  // namespace redislite::storage

// ==== src/storage/recovery.cc =====================================================================================
namespace redislite::storage {

namespace {

Status Damaged(const std::string& path, uint64_t offset, const std::string& what) {
  return {Code::kCorrupt, path + ": offset " + std::to_string(offset) + ": " + what};
}

Lsn NextLsn(const FrameHeader& frame) { return frame.lsn + frame.count; }

bool IsLogFrame(const FrameHeader& frame) {
  return frame.kind == FrameKind::kCommands || frame.kind == FrameKind::kMark;
}

struct OpenedSegment {
  std::unique_ptr<os::File> file;
  FileHeader header;
  uint64_t bytes = 0;
};

Result<OpenedSegment> OpenSegment(os::FileSystem& files, const std::string& path, const StoreId& store, Lsn first) {
  OpenedSegment segment;
  Result<std::unique_ptr<os::File>> file = files.Open(path, os::OpenMode::kRead);
  if (!file.ok()) {
    if (file.status().code() != Code::kPathNotFound) return file.status();
    return Status(Code::kCorrupt,
                  path + ": offset 0: expected a segment from LSN " + std::to_string(first) + ", found no file");
  }
  segment.file = std::move(*file);
  Result<FileHeader> header = ReadFileHeader(*segment.file, path, FileKind::kSegment, store, first);
  if (!header.ok()) return header.status();
  segment.header = *header;
  Result<uint64_t> size = segment.file->Size();
  if (!size.ok()) return size.status();
  segment.bytes = *size;
  return segment;
}

}  // namespace

Status EndsBeforeDurable(const std::string& directory, Lsn durable, Lsn last) {
  return Damaged(directory + "/" + kManifestName, 0,
                 "expected files that reach the durable LSN " + std::to_string(durable) + ", found their end at " +
                     std::to_string(last));
}

Result<SegmentScan> ScanSegment(os::FileSystem& files, const std::string& directory, const StoreId& store,
                                const SegmentEntry& entry, Lsn durable, const FrameSink& sink) {
  const std::string path = directory + "/" + SegmentName(entry.first);
  Result<OpenedSegment> opened = OpenSegment(files, path, store, entry.first);
  if (!opened.ok()) return opened.status();
  FrameReader reader(*opened->file, opened->bytes, opened->header.crc);
  SegmentScan scan;
  scan.header = opened->header;
  scan.last = entry.first - 1;
  scan.watermark = std::max(durable, entry.first - 1);
  scan.extent = opened->header.extent;
  TailFacts facts;
  facts.closed = entry.last.has_value();
  std::string found_there = "no valid frame";
  bool stopped = false;
  while (true) {
    facts.reached = facts.closed && scan.last == *entry.last;
    if (facts.reached) break;
    Result<bool> found = reader.Read();
    if (!found.ok()) return Status(found.status().code(), path + ": " + found.status().message());
    if (!*found) {
      stopped = true;
      break;
    }
    const FrameHeader& frame = reader.header();
    if (!IsLogFrame(frame) || frame.lsn != scan.last + 1 || (entry.last && NextLsn(frame) > *entry.last + 1)) {
      facts.at_stop = AtStop::kForeign;
      found_there = "a frame of LSN " + std::to_string(frame.lsn) + " to " + std::to_string(NextLsn(frame) - 1);
      scan.watermark = std::max(scan.watermark, frame.synced_through);
      break;
    }
    if (frame.synced_through >= frame.lsn) {  // it would call itself durable, or what comes after it
      return Damaged(path, reader.offset() + 40,
                     "expected a durable LSN below " + std::to_string(frame.lsn) + ", found " +
                         std::to_string(frame.synced_through));
    }
    RL_RETURN_IF_ERROR(sink(frame, reader.payload()));
    scan.last = NextLsn(frame) - 1;
    scan.watermark = std::max(scan.watermark, frame.synced_through);
    scan.extent = std::max(scan.extent, frame.extent);
    scan.time_ms = std::max(scan.time_ms, frame.time_ms);
    ++scan.frames;
    reader.Skip();
  }
  scan.end = reader.offset();
  if (!facts.closed && opened->bytes < scan.extent) {
    return Damaged(path, opened->bytes,
                   "expected a file of at least " + std::to_string(scan.extent) + " bytes, found its end");
  }
  if (stopped) {
    Result<FrameReader::Rest> rest = reader.ExamineRest();
    if (!rest.ok()) return rest.status();
    facts.at_stop = rest->at_stop;
    scan.bytes_cut = rest->bytes;
    const Lsn expected = scan.last + 1;
    if (rest->at_stop == AtStop::kGarbage && scan.watermark < expected) {
      Result<bool> later = reader.Resync(
          [&](const FrameHeader& frame) { return frame.lsn > expected && frame.synced_through >= expected; });
      if (!later.ok()) return Status(later.status().code(), path + ": " + later.status().message());
      if (*later) scan.watermark = std::max(scan.watermark, reader.header().synced_through);
    }
  }
  facts.promised = scan.watermark > scan.last;
  scan.outcome = DecideTail(facts);
  if (scan.outcome == TailOutcome::kCorrupt) {
    const Lsn promised = entry.last ? *entry.last : scan.watermark;
    return Damaged(path, scan.end,
                   "expected LSN " + std::to_string(scan.last + 1) +
                       (promised > scan.last ? " (durable up to " + std::to_string(promised) + ")" : "") + ", found " +
                       found_there);
  }
  if (scan.outcome == TailOutcome::kEnd) scan.bytes_cut = 0;
  return scan;
}

Result<Recovered> Recover(os::FileSystem& files, const std::string& directory, const Manifest& manifest,
                          const FrameSink& sink) {
  Recovered recovered;
  recovered.manifest = manifest;
  RecoveryReport& report = recovered.report;
  report.clean = manifest.clean();
  if (manifest.snapshot) {
    const std::string path = directory + "/" + SnapshotName(*manifest.snapshot);
    Result<SnapshotSummary> snapshot = ReadSnapshot(files, path, manifest.store, *manifest.snapshot, sink);
    if (!snapshot.ok()) {
      if (snapshot.status().code() != Code::kPathNotFound) return snapshot.status();
      return Status(Code::kCorrupt, path + ": offset 0: expected a snapshot, found no file");
    }
    report.snapshot_lsn = *manifest.snapshot;
    report.snapshot_keys = snapshot->keys;
    report.time_ms = snapshot->header.time_ms;
    recovered.snapshot_bytes = snapshot->bytes;
  }
  report.last_lsn = report.snapshot_lsn;
  for (const SegmentEntry& entry : manifest.segments) {
    const std::string path = directory + "/" + SegmentName(entry.first);
    const auto replay = [&](const FrameHeader& frame, Bytes payload) -> Status {
      if (frame.count != 0 && NextLsn(frame) <= report.snapshot_lsn + 1) {
        report.records_skipped += frame.count;
        return Status::Ok();
      }
      if (frame.lsn <= report.snapshot_lsn && NextLsn(frame) > report.snapshot_lsn + 1) {
        return {Code::kCorrupt,
                path + ": a frame lies across the snapshot's LSN " + std::to_string(report.snapshot_lsn)};
      }
      if (frame.count == 0) return Status::Ok();
      ++report.frames_replayed;
      report.records_replayed += frame.count;
      return sink(frame, payload);
    };
    Result<SegmentScan> scan = ScanSegment(files, directory, manifest.store, entry, manifest.durable, replay);
    if (!scan.ok()) return scan.status();
    report.last_lsn = std::max(report.last_lsn, scan->last);
    report.time_ms = std::max(report.time_ms, scan->time_ms);
    report.bytes_cut += scan->bytes_cut;
    recovered.segment_bytes[entry.first] = scan->end;
    recovered.tail = *scan;
  }
  if (report.last_lsn < manifest.durable) {
    return EndsBeforeDurable(directory, manifest.durable, report.last_lsn);
  }
  return recovered;
}

Result<Recovered> Salvage(os::FileSystem& files, const std::string& directory, const Result<Manifest>& manifest,
                          const std::function<void(const HashSeed& seed)>& begin, const FrameSink& sink) {
  Recovered recovered;
  RecoveryReport& report = recovered.report;
  report.clean = false;
  report.salvaged = true;
  if (!manifest.ok()) report.losses.push_back(manifest.status().message());
  Result<std::vector<std::string>> names = files.List(directory);
  if (!names.ok()) return names.status();
  Lsn highest = 0;  // of everything that was ever named or seen

  bool identified = manifest.ok();
  if (manifest.ok()) {
    recovered.manifest.store = manifest->store;
    recovered.manifest.seed = manifest->seed;
    recovered.manifest.generation = manifest->generation;
    highest = std::max(manifest->durable, manifest->snapshot.value_or(0));
    for (const SegmentEntry& entry : manifest->segments)
      highest = std::max(highest, entry.last.value_or(entry.first - 1));
  } else {
    RL_RETURN_IF_ERROR(files.FillRandom(reinterpret_cast<char*>(&recovered.manifest.seed), sizeof(HashSeed)));
  }
  begin(recovered.manifest.seed);
  const auto open_header = [&](const std::string& name, FileKind kind,
                               std::unique_ptr<os::File>* file) -> Result<FileHeader> {
    Result<std::unique_ptr<os::File>> opened = files.Open(directory + "/" + name, os::OpenMode::kRead);
    if (!opened.ok()) return opened.status();
    char bytes[kFileHeaderBytes];
    Result<size_t> read = (*opened)->Read(0, bytes, sizeof bytes);
    if (!read.ok()) return read.status();
    Result<FileHeader> header = FileHeader::Decode({bytes, *read}, kind);
    if (!header.ok()) return header.status();
    if (!identified) {
      recovered.manifest.store = header->store;
      identified = true;
    }
    if (header->store != recovered.manifest.store) return Status(Code::kCorrupt, "the file is of another store");
    *file = std::move(*opened);
    return header;
  };
  using Plausible = std::function<bool(const FrameHeader&)>;
  const auto read_valid = [&](const std::string& name, os::File& file, const FileHeader& header,
                              const Plausible& plausible, const FrameSink& visit) -> Status {
    Result<uint64_t> size = file.Size();
    if (!size.ok()) return size.status();
    FrameReader reader(file, *size, header.crc);
    while (true) {
      Result<bool> found = reader.Read();
      if (!found.ok()) return found.status();
      if (!*found) {
        Result<FrameReader::Rest> rest = reader.ExamineRest();
        if (!rest.ok()) return rest.status();
        if (rest->at_stop == AtStop::kZeros) return Status::Ok();
        const uint64_t bad_from = reader.offset();
        found = reader.Resync(plausible);
        if (!found.ok()) return found.status();
        const uint64_t bad_bytes = *found ? reader.offset() - bad_from : rest->bytes;
        report.losses.push_back(name + ": offset " + std::to_string(bad_from) + ": " + std::to_string(bad_bytes) +
                                " bytes hold no valid frame");
        report.bytes_cut += bad_bytes;
        if (!*found) return Status::Ok();
      }
      RL_RETURN_IF_ERROR(visit(reader.header(), reader.payload()));
      reader.Skip();
    }
  };

  std::vector<std::string> snapshots;
  std::vector<std::string> segments;
  for (const std::string& name : *names) {
    if (ParseSnapshotName(name)) snapshots.push_back(name);
    if (ParseSegmentName(name)) segments.push_back(name);
  }
  std::reverse(snapshots.begin(), snapshots.end());
  if (manifest.ok() && manifest->snapshot &&
      std::find(names->begin(), names->end(), SnapshotName(*manifest->snapshot)) == names->end()) {
    report.losses.push_back(SnapshotName(*manifest->snapshot) + ": the file is missing");
  }
  for (const std::string& name : snapshots) {
    std::unique_ptr<os::File> file;
    Result<FileHeader> header = open_header(name, FileKind::kSnapshot, &file);
    if (!header.ok()) {
      if (header.status().code() == Code::kIo) return header.status();
      report.losses.push_back(name + ": offset 0: " + header.status().message());
      continue;
    }
    bool ended = false;
    Lsn next_block = 0;
    const auto plausible = [&](const FrameHeader& frame) {
      return frame.kind == FrameKind::kSnapshotEnd ||
             (frame.kind == FrameKind::kSnapshotBlock && frame.lsn >= next_block);
    };
    const auto visit = [&](const FrameHeader& frame, Bytes payload) -> Status {
      if (frame.kind == FrameKind::kSnapshotEnd) ended = true;
      if (frame.kind != FrameKind::kSnapshotBlock || frame.lsn < next_block) return Status::Ok();
      next_block = frame.lsn + 1;
      return sink(frame, payload);
    };
    RL_RETURN_IF_ERROR(read_valid(name, *file, *header, plausible, visit));
    if (!ended) report.losses.push_back(name + ": the end is missing");
    report.snapshot_lsn = header->lsn;
    report.time_ms = header->time_ms;
    break;
  }

  Lsn last = report.snapshot_lsn;
  highest = std::max(highest, last);
  const auto note_gap = [&](Lsn next, const std::string& where) {
    if (next > last + 1) {
      report.losses.push_back(where + ": LSN " + std::to_string(last + 1) + " to " + std::to_string(next - 1) +
                              " are missing");
    }
  };
  for (const std::string& name : segments) {
    std::unique_ptr<os::File> file;
    Result<FileHeader> header = open_header(name, FileKind::kSegment, &file);
    if (!header.ok()) {
      if (header.status().code() == Code::kIo) return header.status();
      report.losses.push_back(name + ": offset 0: " + header.status().message());
      continue;
    }
    Lsn limit = std::numeric_limits<Lsn>::max();
    if (manifest.ok()) {
      for (const SegmentEntry& entry : manifest->segments) {
        if (entry.first == header->lsn && entry.last) limit = *entry.last;
      }
    }
    const auto plausible = [&](const FrameHeader& frame) { return frame.lsn > last; };
    const auto visit = [&](const FrameHeader& frame, Bytes payload) -> Status {
      const Lsn frame_last = NextLsn(frame) - 1;
      highest = std::max({highest, frame.synced_through, frame.kind == FrameKind::kCommands ? frame_last : Lsn{0}});
      if (frame.kind != FrameKind::kCommands || frame.lsn <= last || frame_last > limit) return Status::Ok();
      note_gap(frame.lsn, name);
      last = frame_last;
      ++report.frames_replayed;
      report.records_replayed += frame.count;
      report.time_ms = std::max(report.time_ms, frame.time_ms);
      return sink(frame, payload);
    };
    RL_RETURN_IF_ERROR(read_valid(name, *file, *header, plausible, visit));
  }
  note_gap(highest + 1, "the log's end");
  report.last_lsn = std::max(highest, last);
  return recovered;
}

}  // namespace redislite::storage

// ==== src/storage/segment_writer.cc ===============================================================================
namespace redislite::storage {

namespace {

constexpr uint64_t kFirstZeros = 256 << 10;
constexpr uint64_t kZerosMax = 8 << 20;

uint64_t ChunkAt(uint64_t end) { return std::clamp(end, kFirstZeros, kZerosMax); }

const std::string& Zeros() {
  static const std::string zeros(kFirstZeros, '\0');
  return zeros;
}

uint64_t WholeUnits(uint64_t bytes) { return bytes / kExtentUnit * kExtentUnit; }

uint64_t ZerosEnd(uint64_t segment_bytes_max) { return WholeUnits(segment_bytes_max) + 2 * kExtentUnit; }

Result<bool> IsZeros(os::File& file, uint64_t from, uint64_t to) {
  std::string buffer(std::min(kFirstZeros, to - std::min(from, to)), '\0');
  while (from < to) {
    Result<size_t> read = file.Read(from, buffer.data(), std::min<uint64_t>(to - from, buffer.size()));
    if (!read.ok()) return read.status();
    if (*read == 0) break;
    if (Bytes(buffer).substr(0, *read).find_first_not_of('\0') != Bytes::npos) return false;
    from += *read;
  }
  return true;
}

}  // namespace

Result<std::shared_ptr<SegmentWriter>> SegmentWriter::Create(os::FileSystem& files, const std::string& directory,
                                                             FileHeader header, uint64_t segment_bytes_max,
                                                             const Fill& fill) {
  (void)Zeros();
  const std::string temporary = directory + "/" + TemporaryName(SegmentName(header.lsn));
  if (Status removed = files.Remove(temporary); !removed.ok() && removed.code() != Code::kPathNotFound) return removed;
  Result<std::unique_ptr<os::File>> file = files.Open(temporary, os::OpenMode::kCreate);
  if (!file.ok()) return file.status();
  Result<std::unique_ptr<os::File>> filler = files.Open(temporary, os::OpenMode::kReadWrite);
  if (!filler.ok()) return filler.status();
  RL_FAILPOINT(segment_made);
  header.extent = std::min(ZerosEnd(segment_bytes_max), kFirstZeros);
  const std::string header_bytes = header.Encode();
  std::shared_ptr<SegmentWriter> writer(
      new SegmentWriter(header, std::move(*file), std::move(*filler), segment_bytes_max));
  writer->zeroed_to_ = header.extent;
  writer->end_ = kFileHeaderBytes;
  const auto fill_and_sync = [&]() -> Status {
    std::string first(writer->zeroed_to_, '\0');
    first.replace(0, kFileHeaderBytes, header_bytes);
    Status written = writer->file_->Write(0, first);
    if (written.code() == Code::kFull) {
      RL_RETURN_IF_ERROR(writer->file_->Truncate(0));
      writer->header_.extent = 0;
      writer->zeroed_to_ = kFileHeaderBytes;
      written = writer->file_->Write(0, writer->header_.Encode());
    }
    RL_RETURN_IF_ERROR(written);
    writer->extent_ = writer->told_extent_ = writer->header_.extent;  // durable before the file has its name
    if (fill) RL_RETURN_IF_ERROR(fill(*writer));
    RL_FAILPOINT(segment_written);
    RL_RETURN_IF_ERROR(writer->file_->Sync());
    writer->extent_ = WholeUnits(writer->zeroed_to_);
    return Status::Ok();
  };
  if (Status made = fill_and_sync(); !made.ok()) {
    (void)files.Remove(temporary).ok();  // no manifest names it; the first error is the one that counts
    return made;
  }
  RL_FAILPOINT(segment_synced);
  const auto unknown = [](const Status& status) { return status.ok() ? status : Status(Code::kIo, status.message()); };
  RL_RETURN_IF_ERROR(unknown(files.Rename(temporary, directory + "/" + SegmentName(header.lsn))));
  RL_FAILPOINT(segment_renamed);
  RL_RETURN_IF_ERROR(unknown(files.SyncDirectory(directory)));
  RL_FAILPOINT(segment_in_place);
  return writer;
}

Result<std::shared_ptr<SegmentWriter>> SegmentWriter::Reopen(os::FileSystem& files, const std::string& directory,
                                                             const FileHeader& header, uint64_t end, uint64_t extent,
                                                             uint64_t segment_bytes_max) {
  (void)Zeros();
  const std::string path = directory + "/" + SegmentName(header.lsn);
  Result<std::unique_ptr<os::File>> file = files.Open(path, os::OpenMode::kReadWrite);
  if (!file.ok()) return file.status();
  Result<std::unique_ptr<os::File>> filler = files.Open(path, os::OpenMode::kReadWrite);
  if (!filler.ok()) return filler.status();
  Result<uint64_t> size = (*file)->Size();
  if (!size.ok()) return size.status();
  if (*size < extent) return std::shared_ptr<SegmentWriter>();
  Result<bool> zeros = IsZeros(**file, end, *size);
  if (!zeros.ok()) return zeros.status();
  if (!*zeros) return std::shared_ptr<SegmentWriter>();
  std::shared_ptr<SegmentWriter> writer(
      new SegmentWriter(header, std::move(*file), std::move(*filler), segment_bytes_max));
  writer->end_ = end;
  writer->zeroed_to_ = std::max(*size, end);
  writer->extent_ = writer->told_extent_ = WholeUnits(extent);
  return writer;
}

Status SegmentWriter::WriteZerosTo(uint64_t to) {
  for (uint64_t from = zeroed_to_.load(std::memory_order_relaxed); from < to;) {
    const uint64_t step = std::min<uint64_t>(to - from, Zeros().size());
    RL_RETURN_IF_ERROR(filler_->Write(from, Bytes(Zeros()).substr(0, step)));
    from += step;
    zeroed_to_.store(from, std::memory_order_release);
  }
  RL_FAILPOINT(zeros_written);
  RL_RETURN_IF_ERROR(filler_->Sync());
  RL_FAILPOINT(zeros_synced);
  extent_.store(WholeUnits(zeroed_to_), std::memory_order_release);
  return Status::Ok();
}

Status SegmentWriter::MakeRoom(uint64_t frame_bytes) {
  const uint64_t needed = bytes() + frame_bytes + kMarkBytes;
  if (needed <= extent()) return Status::Ok();
  MutexLock lock(fill_mu_);
  if (needed <= extent()) return Status::Ok();
  const uint64_t enough = WholeUnits(needed) + kExtentUnit;
  return WriteZerosTo(std::max(enough, std::min(enough + kFirstZeros, ZerosEnd(segment_bytes_max_))));
}

Status SegmentWriter::Append(Bytes frame, uint64_t extent) {
  const uint64_t from = bytes();
  const uint64_t to = from + frame.size();
  RL_FAILPOINT(frame_sealed);
  Status written;
  if (to <= zeroed_to_.load(std::memory_order_acquire)) {
    written = file_->Write(from, frame);
  } else {
    MutexLock lock(fill_mu_);
    written = file_->Write(from, frame);
    if (written.ok() && to > zeroed_to_.load(std::memory_order_relaxed))
      zeroed_to_.store(to, std::memory_order_release);
  }
  RL_RETURN_IF_ERROR(written);
  RL_FAILPOINT(frame_written);
  end_.store(to, std::memory_order_relaxed);
  told_extent_ = std::max(told_extent_, extent);
  return Status::Ok();
}

Status SegmentWriter::Sync() { return file_->Sync(); }

Status SegmentWriter::ZeroFillAhead() {
  MutexLock lock(fill_mu_);
  const uint64_t end = bytes();
  const uint64_t zeroed_to = zeroed_to_.load(std::memory_order_relaxed);
  const uint64_t chunk = ChunkAt(end);
  const uint64_t last = ZerosEnd(segment_bytes_max_);
  if (zeroed_to >= last || zeroed_to - end > chunk / 2) return Status::Ok();
  return WriteZerosTo(std::min(zeroed_to + chunk, last));
}

}  // namespace redislite::storage

// ==== src/storage/snapshot_file.cc ================================================================================
namespace redislite::storage {

namespace {

constexpr size_t kEndPayloadBytes = 32;
constexpr uint64_t kDropCacheEvery = 64;  // blocks

uint32_t ExtendChain(uint32_t chain, uint32_t block_crc) {
  char bytes[4];
  StoreLittle(bytes, block_crc);
  return Crc32(chain, {bytes, sizeof bytes});
}

Status DamagedSnapshot(const std::string& path, uint64_t offset, const std::string& what) {
  return {Code::kCorrupt, path + ": offset " + std::to_string(offset) + ": " + what};
}

}  // namespace

Result<FileHeader> ReadFileHeader(os::File& file, const std::string& path, FileKind kind, const StoreId& store,
                                  Lsn lsn) {
  char bytes[kFileHeaderBytes];
  Result<size_t> read = file.Read(0, bytes, sizeof bytes);
  if (!read.ok()) return read.status();
  Result<FileHeader> header = FileHeader::Decode({bytes, *read}, kind);
  if (!header.ok()) return Status(header.status().code(), path + ": offset 0: " + header.status().message());
  if (header->store != store) {
    return DamagedSnapshot(path, 16,
                           "expected store " + Hex({store.data(), store.size()}) + ", found " +
                               Hex({header->store.data(), header->store.size()}));
  }
  if (header->lsn != lsn) {
    return DamagedSnapshot(path, 32, "expected LSN " + std::to_string(lsn) + ", found " + std::to_string(header->lsn));
  }
  return header;
}

std::string SnapshotWriter::TemporaryPath() const {
  return directory_ + "/" + TemporaryName(SnapshotName(header_.lsn));
}

Result<std::unique_ptr<SnapshotWriter>> SnapshotWriter::Create(os::FileSystem& files, const std::string& directory,
                                                               FileHeader header) {
  const std::string header_bytes = header.Encode();
  std::unique_ptr<SnapshotWriter> writer(new SnapshotWriter(files, directory, header, nullptr));
  const std::string path = writer->TemporaryPath();
  if (Status removed = files.Remove(path); !removed.ok() && removed.code() != Code::kPathNotFound) return removed;
  Result<std::unique_ptr<os::File>> file = files.Open(path, os::OpenMode::kCreate);
  if (!file.ok()) return file.status();
  writer->file_ = std::move(*file);
  RL_FAILPOINT(snapshot_made);
  RL_RETURN_IF_ERROR(writer->file_->Write(0, header_bytes));
  return writer;
}

SnapshotWriter::~SnapshotWriter() {
  if (finished_ || file_ == nullptr) return;
  file_.reset();
  try {
    (void)files_.Remove(TemporaryPath()).ok();
  } catch (const std::bad_alloc&) {
  }
}

Status SnapshotWriter::WriteFrame(FrameBuilder& builder, FrameKind kind, Lsn lsn, uint32_t count) {
  FrameHeader frame;
  frame.kind = kind;
  frame.lsn = lsn;
  frame.count = count;
  frame.time_ms = header_.time_ms;
  frame.synced_through = header_.lsn;
  const Bytes bytes = builder.Seal(frame, header_.crc);
  RL_RETURN_IF_ERROR(file_->Write(offset_, bytes));
  offset_ += bytes.size();
  if (kind == FrameKind::kSnapshotBlock) chain_ = ExtendChain(chain_, LoadLittle<uint32_t>(bytes.data() + 4));
  builder.Clear();
  return Status::Ok();
}

Status SnapshotWriter::AddBlock(FrameBuilder& builder, uint32_t commands, uint64_t keys) {
  RL_RETURN_IF_ERROR(WriteFrame(builder, FrameKind::kSnapshotBlock, blocks_, commands));
  RL_FAILPOINT(snapshot_block_written);
  ++blocks_;
  keys_ += keys;
  commands_ += commands;
  if (blocks_ % kDropCacheEvery == 0) file_->DropCache();
  return Status::Ok();
}

Status SnapshotWriter::Finish() {
  FrameBuilder builder;
  std::string& payload = builder.buffer();
  const size_t at = payload.size();
  payload.resize(at + kEndPayloadBytes, '\0');
  StoreLittle(payload.data() + at, blocks_);
  StoreLittle(payload.data() + at + 8, keys_);
  StoreLittle(payload.data() + at + 16, commands_);
  StoreLittle(payload.data() + at + 24, chain_);
  RL_RETURN_IF_ERROR(WriteFrame(builder, FrameKind::kSnapshotEnd, blocks_, 0));
  RL_FAILPOINT(snapshot_written);
  RL_RETURN_IF_ERROR(file_->Sync());
  RL_FAILPOINT(snapshot_synced);
  const std::string temporary = TemporaryPath();
  Result<SnapshotSummary> back = ReadSnapshot(files_, temporary, header_.store, header_.lsn,
                                              [](const FrameHeader&, Bytes) { return Status::Ok(); });
  if (!back.ok()) return {Code::kIo, "the snapshot just written does not read back: " + back.status().message()};
  RL_FAILPOINT(snapshot_read_back);
  RL_RETURN_IF_ERROR(files_.Rename(temporary, directory_ + "/" + SnapshotName(header_.lsn)));
  finished_ = true;
  RL_FAILPOINT(snapshot_renamed);
  RL_RETURN_IF_ERROR(files_.SyncDirectory(directory_));
  RL_FAILPOINT(snapshot_in_place);
  return Status::Ok();
}

Result<SnapshotSummary> ReadSnapshot(os::FileSystem& files, const std::string& path, const StoreId& store, Lsn lsn,
                                     const FrameSink& sink) {
  Result<std::unique_ptr<os::File>> file = files.Open(path, os::OpenMode::kRead);
  if (!file.ok()) return file.status();
  Result<FileHeader> header = ReadFileHeader(**file, path, FileKind::kSnapshot, store, lsn);
  if (!header.ok()) return header.status();
  Result<uint64_t> size = (*file)->Size();
  if (!size.ok()) return size.status();
  SnapshotSummary summary;
  summary.header = *header;
  summary.bytes = *size;
  uint32_t chain = 0;
  FrameReader reader(**file, *size, header->crc);
  while (true) {
    Result<bool> found = reader.Read();
    if (!found.ok()) return Status(found.status().code(), path + ": " + found.status().message());
    if (!*found)
      return DamagedSnapshot(path, reader.offset(),
                             "expected block " + std::to_string(summary.blocks) + ", found no valid frame");
    const FrameHeader& frame = reader.header();
    if (frame.kind == FrameKind::kSnapshotEnd) break;
    if (frame.kind != FrameKind::kSnapshotBlock || frame.lsn != summary.blocks) {
      return DamagedSnapshot(path, reader.offset(),
                             "expected block " + std::to_string(summary.blocks) + ", found kind " +
                                 std::to_string(static_cast<int>(frame.kind)) + " number " + std::to_string(frame.lsn));
    }
    RL_RETURN_IF_ERROR(sink(frame, reader.payload()));
    ++summary.blocks;
    summary.commands += frame.count;
    chain = ExtendChain(chain, frame.crc);
    reader.Skip();
  }
  const Bytes end = reader.payload();
  if (end.size() != kEndPayloadBytes || LoadLittle<uint64_t>(end.data()) != summary.blocks ||
      LoadLittle<uint64_t>(end.data() + 16) != summary.commands || LoadLittle<uint32_t>(end.data() + 24) != chain) {
    return DamagedSnapshot(path, reader.offset(),
                           "expected an end for " + std::to_string(summary.blocks) + " blocks, found another");
  }
  summary.keys = LoadLittle<uint64_t>(end.data() + 8);
  if (reader.Skip(); reader.offset() != *size) {
    return DamagedSnapshot(
        path, reader.offset(),
        "expected the end of the file, found " + std::to_string(*size - reader.offset()) + " bytes more");
  }
  return summary;
}

}  // namespace redislite::storage

// ==== src/storage/tail.cc =========================================================================================
namespace redislite::storage {

namespace {

constexpr auto kNo_storage_tail = TailRow::Fact::kNo;
constexpr auto kYes_storage_tail = TailRow::Fact::kYes;
constexpr auto kAny_storage_tail = TailRow::Fact::kAny;

constexpr TailRow kTable_storage_tail[] = {
    {kYes_storage_tail, kYes_storage_tail, true, AtStop::kZeros, kAny_storage_tail, TailOutcome::kEnd},
    {kYes_storage_tail, kNo_storage_tail, true, AtStop::kZeros, kAny_storage_tail, TailOutcome::kCorrupt},
    {kNo_storage_tail, kAny_storage_tail, true, AtStop::kZeros, kYes_storage_tail, TailOutcome::kCorrupt},
    {kNo_storage_tail, kAny_storage_tail, false, AtStop::kZeros, kNo_storage_tail, TailOutcome::kEnd},
    {kNo_storage_tail, kAny_storage_tail, false, AtStop::kGarbage, kNo_storage_tail, TailOutcome::kTorn},
    {kNo_storage_tail, kAny_storage_tail, false, AtStop::kForeign, kNo_storage_tail, TailOutcome::kCorrupt},
};

bool Agrees(TailRow::Fact fact, bool value) { return fact == kAny_storage_tail || (fact == kYes_storage_tail) == value; }

}  // namespace

bool TailRow::Matches(const TailFacts& facts) const {
  return Agrees(closed, facts.closed) && Agrees(reached, facts.reached) && Agrees(promised, facts.promised) &&
         (any_stop || at_stop == facts.at_stop);
}

std::span<const TailRow> TailTable() { return kTable_storage_tail; }

TailOutcome DecideTail(const TailFacts& facts) {
  for (const TailRow& row : kTable_storage_tail) {
    if (row.Matches(facts)) return row.outcome;
  }
  return TailOutcome::kCorrupt;  // unreachable: the table is complete, a test says so
}

}  // namespace redislite::storage

// ==== src/base/striped_counter.h ==================================================================================
namespace redislite {

inline uint32_t ThreadStripe() {
  static std::atomic<uint32_t> next{0};
  thread_local const uint32_t stripe = next.fetch_add(1, std::memory_order_relaxed);
  return stripe;
}

class StripedCounter {
 public:
  void Add(uint64_t count = 1) { places_[ThreadStripe() % kPlaces].count.fetch_add(count, std::memory_order_relaxed); }
  uint64_t Sum() const {
    uint64_t sum = 0;
    for (const Place& place : places_) sum += place.count.load(std::memory_order_relaxed);
    return sum;
  }
  void Reset() {
    for (Place& place : places_) place.count.store(0, std::memory_order_relaxed);
  }

 private:
  static constexpr uint32_t kPlaces = 16;
  struct alignas(64) Place {
    std::atomic<uint64_t> count{0};
  };
  Place places_[kPlaces];
};

}  // namespace redislite

// ==== src/engine/command.h ========================================================================================
namespace redislite::engine {

class Context;

using Args = std::span<const Bytes>;

enum Flag : uint32_t {
  kNone = 0,
  kWrite = 1u << 0,             // may change data: goes through the log
  kReadOnly = 1u << 1,          // reads data
  kDenyOom = 1u << 2,           // refused over maxmemory
  kFast = 1u << 3,              // O(1) or O(log n): reported by COMMAND
  kAdmin = 1u << 4,             // concerns the store, not the data: runs on the caller's thread with no lock held
  kAllKeys = 1u << 5,           // may touch any key of any database: takes every stripe
  kResolve = 1u << 6,           // its effect must be fixed before it is logged (see Context::ReplaceWith)
  kNoBatch = 1u << 7,           // not allowed in a batch (MULTI)
  kNeedsSession = 1u << 8,      // needs a connection's state: only a session can run it
  kMovableKeys = 1u << 9,       // its keys are found by `keys`, not by position alone
  kContainer = 1u << 10,        // has subcommands: rows named "object|encoding"
  kMayWait = 1u << 12,          // waits for a key to have something, where it may (see Context::WaitForKeys)
  kSession = 1u << 13,          // concerns the connections: the session's own function runs it, there is no handler
  kNoAuth = 1u << 14,           // before the password was given
  kWhileSubscribed = 1u << 15,  // on a RESP2 connection that is subscribed to something
  kEndsTransaction = 1u << 16,  // inside MULTI it is run, not queued
  kMayPublish = 1u << 17,       // changes nothing, but others see it: CLIENT PAUSE WRITE holds it
  kOperator = 1u << 11,         // for whoever runs the store: COMMAND reports it as Redis' "admin"
};

class Rewrite {
 public:
  Rewrite(Args args, int64_t now_ms, resp::Writer& reply) : args_(args), now_ms_(now_ms), reply_(reply) {}

  Args args() const { return args_; }
  int64_t now_ms() const { return now_ms_; }
  resp::Writer& reply() { return reply_; }

  void ReplaceBy(std::vector<std::string> args) { replacement_ = std::move(args); }
  std::vector<std::string>& replacement() { return replacement_; }

 private:
  Args args_;
  int64_t now_ms_;
  resp::Writer& reply_;
  std::vector<std::string> replacement_;
};

struct Command {
  const char* name;  // lower case; a subcommand is "object|encoding"
  void (*handler)(Context&);
  int arity;  // as in Redis: exact with the name(s) counted, or minus the least number
  uint32_t flags;
  int first_key;  // position in argv, 0 when there are none
  int last_key;   // negative: from the end
  int key_step;
  const char* since;   // the Redis version that brought it
  const char* group;   // as in Redis: "string", "bitmap", "list", "generic", ...
  const char* syntax;  // arguments, as redis-cli hints them
  const char* summary;
  bool (*canonical)(Rewrite&);
  bool (*keys)(Args, std::vector<size_t>& positions);
};

template <typename Found>
bool ForEachKey(const Command& command, Args args, const Found& found) {
  if (command.keys != nullptr) {
    std::vector<size_t> positions;
    if (!command.keys(args, positions)) return false;
    for (const size_t position : positions) found(position);
    return true;
  }
  if (command.first_key == 0) return true;
  const auto count = static_cast<int64_t>(args.size());
  const int64_t last = command.last_key < 0 ? count + command.last_key : command.last_key;
  for (int64_t position = command.first_key; position <= last && position < count; position += command.key_step) {
    found(static_cast<size_t>(position));
  }
  return true;
}

class CommandTable {
 public:
  virtual ~CommandTable() = default;
  virtual const Command* Find(Args args) const = 0;
  virtual std::span<const Command> Rows() const = 0;
  virtual void WriteUnknown(Args args, resp::Writer& reply) const = 0;
};

}  // namespace redislite::engine

// ==== src/engine/latency_monitor.h ================================================================================
namespace redislite::engine {

class LatencyMonitor {
 public:
  struct Sample {
    int64_t at_s = 0;  // Unix time
    uint64_t took_ms = 0;
  };
  struct Event {
    std::vector<Sample> samples;  // the oldest first, 160 at most
    uint64_t longest_ms = 0;      // ever
  };

  void Add(Bytes event, Sample sample) EXCLUDES(mu_);
  std::map<std::string, Event> events() const EXCLUDES(mu_);
  Event event(Bytes name) const EXCLUDES(mu_);
  size_t Reset(Bytes name) EXCLUDES(mu_);

 private:
  mutable Mutex mu_;
  std::map<std::string, Event, std::less<>> events_ GUARDED_BY(mu_);
};

}  // namespace redislite::engine

// ==== src/engine/options.h ========================================================================================
namespace redislite::engine {

enum class Fsync : uint8_t { kAlways, kEverySecond, kNo };

enum class LogLevel : int { kDebug = 0, kInfo = 1, kWarning = 2, kError = 3 };

enum class Policy : uint8_t {
  kNoEviction,
  kAllKeysLru,
  kVolatileLru,
  kAllKeysRandom,
  kVolatileRandom,
  kVolatileTtl,
  kAllKeysLfu,
  kVolatileLfu
};

struct Options {
  Fsync fsync = Fsync::kAlways;
  bool create = true;
  bool read_only = false;
  bool salvage = false;
  uint64_t wal_segment_bytes = 64ull << 20;
  uint64_t snapshot_wal_bytes = 256ull << 20;
  uint64_t snapshot_interval_s = 0;
  uint64_t maxmemory = 0;
  Policy maxmemory_policy = Policy::kNoEviction;
  uint64_t maxmemory_samples = 5;
  uint64_t reaper_interval_ms = 100;

  uint32_t event_kinds = 0;  // of engine/events.h

  std::string requirepass;  // empty: none
  uint64_t query_bytes_max = 1ull << 30;
  uint64_t argument_bytes_max = 512ull << 20;
  struct OutputLimit {
    uint64_t hard = 0;  // bytes that wait for a client before it is given up; 0: any number
    uint64_t soft = 0;
    uint64_t soft_seconds = 0;
  };
  OutputLimit output_limit[3] = {{}, {256ull << 20, 64ull << 20, 60}, {32ull << 20, 8ull << 20, 60}};

  int64_t slowlog_slower_than_us = 10'000;  // negative: nothing
  uint64_t slowlog_length_max = 128;
  uint64_t latency_threshold_ms = 0;  // 0: nothing

  std::function<void(LogLevel, const char* message)> log;  // empty: messages are dropped
  std::function<int64_t()> now_ms;                         // empty: the system's clock
  bool service_thread = true;                              // tests only: without it nothing happens but what callers do
};

struct OptionSpec {
  const char* name;
  const char* allowed;  // for the message about a bad value: "always, everysec or no"
  const char* meaning;
  bool changeable;  // by CONFIG SET on an open store
  bool (*parse)(Options&, Bytes value);
  std::string (*print)(const Options&);
};

const std::vector<OptionSpec>& OptionTable();

const OptionSpec* FindOption(Bytes name);

Status SetOption(Options& options, Bytes name, Bytes value);

}  // namespace redislite::engine

// ==== src/base/rwlock.h ===========================================================================================
namespace redislite {

class CAPABILITY("rwlock") alignas(64) RwLock {
 public:
  void LockShared() RL_THREAD_ANNOTATION(acquire_shared_capability()) {
    if (!TryLockShared()) Park([this] { return TryLockShared(); });
  }
  void UnlockShared() RL_THREAD_ANNOTATION(release_shared_capability()) {
    state_.fetch_sub(1, std::memory_order_seq_cst);
    Wake();
  }
  void Lock() ACQUIRE() {
    if (TryLock()) return;
    writers_waiting_.fetch_add(1, std::memory_order_seq_cst);
    Park([this] { return TryLock(); });
    writers_waiting_.fetch_sub(1, std::memory_order_seq_cst);
  }
  void Unlock() RELEASE() {
    state_.store(0, std::memory_order_seq_cst);
    Wake();
  }

 private:
  static constexpr uint32_t kWriter = 1u << 31;
  static constexpr int kSpins = 40;  // a pause is 10 to 50 ns

  bool TryLockShared() {
    uint32_t state = state_.load(std::memory_order_seq_cst);
    while ((state & kWriter) == 0 && writers_waiting_.load(std::memory_order_seq_cst) == 0) {
      if (state_.compare_exchange_weak(state, state + 1, std::memory_order_seq_cst)) return true;
    }
    return false;
  }
  bool TryLock() {
    uint32_t expected = 0;
    return state_.compare_exchange_strong(expected, kWriter, std::memory_order_seq_cst);
  }

  static void Pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
  }

  template <typename Try>
  void Park(const Try& attempt) {
    for (int spin = 0; spin < kSpins; ++spin) {
      Pause();
      if (attempt()) return;
    }
    parked_.fetch_add(1, std::memory_order_seq_cst);
    while (true) {
      const uint32_t round = round_.load(std::memory_order_seq_cst);
      if (attempt()) break;
      round_.wait(round, std::memory_order_seq_cst);
    }
    parked_.fetch_sub(1, std::memory_order_seq_cst);
  }
  void Wake() {
    if (parked_.load(std::memory_order_seq_cst) == 0) return;
    round_.fetch_add(1, std::memory_order_seq_cst);
    round_.notify_all();
  }

  std::atomic<uint32_t> state_{0};  // kWriter, or the number of readers
  std::atomic<uint32_t> writers_waiting_{0};
  std::atomic<uint32_t> parked_{0};
  std::atomic<uint32_t> round_{0};
};

}  // namespace redislite

// ==== src/engine/entry.h ==========================================================================================
namespace redislite::engine {

inline constexpr int64_t kNever = -1;
inline constexpr uint32_t kNotInHeap = std::numeric_limits<uint32_t>::max();

struct Entry {
  std::atomic<uint32_t> access;  // engine/access.h; readers write it under a shared lock
  uint8_t generation;            // of the last snapshot that has it, or that it is newer than
  uint8_t shape;
  types::Value value;  // as much of it as its payload needs

  Entry() = delete;  // made in its block by Make
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  Bytes key() const {
    const char* at = behind_value();
    if ((shape & kLongKey) == 0) return {at, size_t{shape} & kKeySizeMax};
    uint32_t size;
    std::memcpy(&size, at, sizeof(size));
    return {at + sizeof(size), size};
  }

  bool has_expiry_room() const { return (shape & kExpiryRoom) != 0; }
  int64_t expires_at_ms() const { return has_expiry_room() ? Load<int64_t>(expiry()) : kNever; }
  uint32_t heap_index() const { return has_expiry_room() ? Load<uint32_t>(expiry() + 8) : kNotInHeap; }
  void set_expires_at_ms(int64_t at_ms) { std::memcpy(expiry(), &at_ms, sizeof(at_ms)); }
  void set_heap_index(uint32_t index) { std::memcpy(expiry() + 8, &index, sizeof(index)); }
  bool ExpiredAt(int64_t now_ms) const {
    return static_cast<uint64_t>(expires_at_ms()) <= static_cast<uint64_t>(now_ms);
  }

  size_t memory_bytes() const { return Memory::Footprint(block_bytes()) + value.memory_bytes(); }

  static Entry* Make(Memory& memory, Bytes key, types::Value value, bool with_expiry_room) {
    value.Settle(memory);
    const size_t bytes = BlockBytes(value.RoomInEntry(), key.size(), with_expiry_room);
    auto* entry = static_cast<Entry*>(memory.Allocate(bytes));
    new (&entry->access) std::atomic<uint32_t>(0);
    entry->generation = 0;
    entry->Fill(key, value, with_expiry_room);
    return entry;
  }
  bool Refill(Bytes key, types::Value& by) noexcept {
    const size_t bytes = BlockBytes(by.RoomInEntry(), key.size(), has_expiry_room());
    if (Memory::Footprint(bytes) != Memory::Footprint(block_bytes())) return false;
    const int64_t expires = expires_at_ms();
    const uint32_t index = heap_index();
    value.~Value();
    Fill(key, by, has_expiry_room());
    if (has_expiry_room()) {
      set_expires_at_ms(expires);
      set_heap_index(index);
    }
    return true;
  }
  Entry* MoveWithExpiryRoom(Memory& memory) {
    const size_t bytes = block_bytes();
    auto* moved = static_cast<Entry*>(memory.Allocate(bytes + kExpiryBytes));
    std::memcpy(static_cast<void*>(moved), static_cast<const void*>(this), bytes);
    moved->shape |= kExpiryRoom;
    moved->set_expires_at_ms(kNever);
    moved->set_heap_index(kNotInHeap);
    return moved;
  }
  static void FreeBlock(Memory& memory, Entry* entry) noexcept { memory.Free(entry, entry->block_bytes()); }
  static void Free(Memory& memory, Entry* entry) noexcept {
    const size_t bytes = entry->block_bytes();
    entry->value.~Value();
    memory.Free(entry, bytes);
  }

 private:
  static constexpr uint8_t kExpiryRoom = 0x80;
  static constexpr uint8_t kLongKey = 0x40;
  static constexpr size_t kKeySizeMax = 0x3f;
  static constexpr size_t kHeadBytes = 8;
  static constexpr size_t kExpiryBytes = 12;

  template <typename T>
  static T Load(const char* from) {
    T loaded;
    std::memcpy(&loaded, from, sizeof(loaded));
    return loaded;
  }
  static size_t BlockBytes(size_t room, size_t key_size, bool with_expiry_room) {
    return kHeadBytes + room + (key_size > kKeySizeMax ? sizeof(uint32_t) : 0) + key_size +
           (with_expiry_room ? kExpiryBytes : 0);
  }
  size_t block_bytes() const { return BlockBytes(value.room(), key().size(), has_expiry_room()); }

  const char* behind_value() const { return reinterpret_cast<const char*>(this) + kHeadBytes + value.room(); }
  char* expiry() { return const_cast<char*>(std::as_const(*this).expiry()); }
  const char* expiry() const {
    const Bytes name = key();
    return name.data() + name.size();
  }

  void Fill(Bytes key, types::Value& from, bool with_expiry_room) noexcept {
    const bool is_long = key.size() > kKeySizeMax;
    const size_t room = from.RoomInEntry();
    from.MoveToEntry(&value);
    char* at = reinterpret_cast<char*>(this) + kHeadBytes + room;
    if (is_long) {
      const auto size = static_cast<uint32_t>(key.size());
      std::memcpy(at, &size, sizeof(size));
      at += sizeof(size);
    }
    if (!key.empty()) std::memcpy(at, key.data(), key.size());
    shape = static_cast<uint8_t>((is_long ? kLongKey : key.size()) | (with_expiry_room ? kExpiryRoom : 0));
    if (!with_expiry_room) return;
    set_expires_at_ms(kNever);
    set_heap_index(kNotInHeap);
  }
};
static_assert(alignof(types::Value) == 1 && offsetof(Entry, value) + types::Value::kHeadBytes == 8);

}  // namespace redislite::engine

// ==== src/engine/expiry_heap.h ====================================================================================
namespace redislite::engine {

class ExpiryHeap {
 public:
  explicit ExpiryHeap(Memory& memory) : memory_(memory) {}
  ~ExpiryHeap() { memory_.Free(items_, capacity_ * sizeof(Item)); }
  ExpiryHeap(const ExpiryHeap&) = delete;
  ExpiryHeap& operator=(const ExpiryHeap&) = delete;

  size_t size() const { return size_; }
  static constexpr int64_t kNone = std::numeric_limits<int64_t>::max();
  int64_t next_ms() const { return size_ == 0 ? kNone : items_[0].at_ms; }
  Entry* at(uint64_t index) const { return items_[index].entry; }  // in no particular order
  Entry* first() const { return size_ == 0 ? nullptr : items_[0].entry; }

  void Update(Entry* entry, int64_t at_ms) {
    if (at_ms == kNever) {
      Remove(entry);
      return entry->set_expires_at_ms(kNever);
    }
    if (entry->heap_index() == kNotInHeap) {
      if (size_ == capacity_) Grow();
      entry->set_heap_index(size_++);
    }
    entry->set_expires_at_ms(at_ms);
    items_[entry->heap_index()] = {at_ms, entry};
    SiftDown(SiftUp(entry->heap_index()));
  }
  void Remove(Entry* entry) noexcept {
    const uint32_t index = entry->heap_index();
    if (index == kNotInHeap) return;
    entry->set_heap_index(kNotInHeap);
    if (index == --size_) return;
    Place(index, items_[size_]);
    SiftDown(SiftUp(index));
  }
  void Replace(Entry* entry, Entry* by) noexcept {
    by->set_expires_at_ms(entry->expires_at_ms());
    by->set_heap_index(entry->heap_index());
    items_[by->heap_index()].entry = by;
    entry->set_heap_index(kNotInHeap);
  }
  void Clear() noexcept {
    memory_.Free(items_, capacity_ * sizeof(Item));
    items_ = nullptr;
    size_ = capacity_ = 0;
  }

  size_t CountExpired(int64_t now_ms) const { return CountExpired(0, now_ms); }

 private:
  struct Item {
    int64_t at_ms;
    Entry* entry;
  };

  void Grow() {
    const uint32_t larger = capacity_ == 0 ? 16 : capacity_ * 2;
    items_ = static_cast<Item*>(memory_.Reallocate(items_, capacity_ * sizeof(Item), larger * sizeof(Item)));
    capacity_ = larger;
  }
  void Place(uint32_t index, const Item& item) noexcept {
    items_[index] = item;
    item.entry->set_heap_index(index);
  }
  uint32_t SiftUp(uint32_t index) noexcept {
    const Item item = items_[index];
    while (index > 0) {
      const uint32_t parent = (index - 1) / 4;
      if (items_[parent].at_ms <= item.at_ms) break;
      Place(index, items_[parent]);
      index = parent;
    }
    Place(index, item);
    return index;
  }
  void SiftDown(uint32_t index) noexcept {
    const Item item = items_[index];
    while (true) {
      uint32_t least = index;
      int64_t least_ms = item.at_ms;
      for (uint64_t child = uint64_t{index} * 4 + 1; child <= uint64_t{index} * 4 + 4 && child < size_; ++child) {
        if (items_[child].at_ms < least_ms) {
          least = static_cast<uint32_t>(child);
          least_ms = items_[child].at_ms;
        }
      }
      if (least == index) break;
      Place(index, items_[least]);
      index = least;
    }
    Place(index, item);
  }
  size_t CountExpired(uint64_t index, int64_t now_ms) const {
    if (index >= size_ || items_[index].at_ms > now_ms) return 0;
    size_t count = 1;
    for (uint64_t child = index * 4 + 1; child <= index * 4 + 4; ++child) count += CountExpired(child, now_ms);
    return count;
  }

  Memory& memory_;
  Item* items_ = nullptr;
  uint32_t size_ = 0;
  uint32_t capacity_ = 0;
};

}  // namespace redislite::engine

// ==== src/engine/keyspace.h =======================================================================================
namespace redislite::engine {

inline constexpr int kDatabases = 16;
inline constexpr int kStripeBits = 7;
inline constexpr int kStripes = 1 << kStripeBits;

inline int StripeOf(uint64_t hash) { return static_cast<int>(hash >> (64 - kStripeBits)); }

class SnapshotCut {
 public:
  virtual ~SnapshotCut() = default;
  virtual uint64_t HeldBytes() const = 0;
  virtual void Keep(int database, const Entry& entry) noexcept = 0;
  virtual void Adopt(int database, Entry* entry) noexcept = 0;
};

Random& ThreadRandom();

class Keyspace {
 public:
  Keyspace(Memory& memory, const HashSeed& seed);
  ~Keyspace();
  Keyspace(const Keyspace&) = delete;
  Keyspace& operator=(const Keyspace&) = delete;

  Memory& memory() { return memory_; }
  const HashSeed& seed() const { return seed_; }
  uint64_t Hash(Bytes key) const { return SipHash13(seed_, key); }
  RwLock& stripe(int index) { return stripes_[static_cast<size_t>(index)]; }


  Entry* Find(int db, uint64_t hash, Bytes key, int64_t now_ms) const;
  struct Place {
    int db;
    uint64_t hash;
  };
  static constexpr size_t kPrefetchMax = 32;  // more would push each other out
  void Prefetch(std::span<const Place> places) const;
  size_t Count(int db, int64_t now_ms) const;
  size_t CountWithExpiry(int db, int64_t now_ms) const;
  size_t TotalKeys() const;
  uint64_t Scan(int db, uint64_t cursor, size_t count, int64_t now_ms,
                const std::function<void(const Entry&)>& visit) const;
  const Entry* RandomEntry(int db, int64_t now_ms, Random& random) const;

  void NoteAccess(Entry& entry, int64_t now_ms) const;
  bool counts_accesses() const { return counts_accesses_.load(std::memory_order_relaxed); }
  void CountAccesses(bool counts) { counts_accesses_.store(counts, std::memory_order_relaxed); }

  enum class Among : uint8_t { kAll, kExpiring, kSoonest };
  std::pair<int, const Entry*> Draw(Among among, Random& random) const;
  uint64_t HeldBytes() const { return cut_ == nullptr ? 0 : cut_->HeldBytes(); }


  void WillChange(int db, Entry* entry) noexcept;
  void Put(int db, uint64_t hash, Bytes key, types::Value value, bool keep_expiry, int64_t now_ms);
  types::Value Take(int db, Entry* entry);
  void Remove(int db, Entry* entry) noexcept;
  void SetExpiry(int db, Entry* entry, int64_t at_ms);
  void Flush(int db) noexcept;
  void Swap(int a, int b) noexcept;

  int64_t NextExpiry(int stripe) const {
    return next_expiry_[static_cast<size_t>(stripe)].load(std::memory_order_relaxed);
  }
  size_t Reap(int stripe, int64_t now_ms, size_t limit, const std::function<void(int db, Bytes key)>& visit) noexcept;


  void BeginCut(SnapshotCut* cut) noexcept;
  void EndCut(bool complete) noexcept;
  bool WalkCut(int db, int stripe, uint64_t from, uint64_t* next, size_t enough,
               const std::function<void(const Entry&)>& visit);

  void ForEach(const std::function<void(int db, const Entry&)>& visit) const;
  void Clear() noexcept;

 private:
  struct KeyHash {
    const HashSeed* seed;
    uint64_t operator()(const Entry& entry) const { return SipHash13(*seed, entry.key()); }
  };
  struct Shard {
    Shard(Memory& memory, const HashSeed& seed) : table(memory, kStripeBits, KeyHash{&seed}), heap(memory) {}
    Table<Entry, KeyHash> table;
    ExpiryHeap heap;
  };
  struct Database {
    Database(Memory& memory, const HashSeed& seed, int number)
        : Database(memory, seed, number, std::make_index_sequence<kStripes>()) {}
    template <size_t... kStripe>
    Database(Memory& memory, const HashSeed& seed, int number, std::index_sequence<kStripe...>)
        : shards{{(static_cast<void>(kStripe), Shard(memory, seed))...}}, cut_number(number) {}

    std::array<Shard, kStripes> shards;
    int cut_number;   // its number at the cut
    size_t keys = 0;  // the leader's
  };

  Database& database(int db) const { return *databases_[static_cast<size_t>(db)]; }
  Shard& shard(int db, uint64_t hash) const { return database(db).shards[static_cast<size_t>(StripeOf(hash))]; }
  void NoteExpiry(uint64_t hash, int64_t at_ms) noexcept;
  uint32_t FirstAccess(int64_t now_ms) const;
  void Retire(Database& database, Shard& shard, uint64_t hash, Entry* entry) noexcept;
  bool IsWanted(const Entry& entry) const { return cut_ != nullptr && entry.generation != generation_; }
  void Dispose(const Database& database, Entry* entry) noexcept;

  Memory& memory_;
  const HashSeed seed_;
  std::array<std::unique_ptr<Database>, kDatabases> databases_;
  std::array<Database*, kDatabases> at_cut_{};
  std::unique_ptr<RwLock[]> stripes_;
  std::array<std::atomic<int64_t>, kStripes> next_expiry_;
  uint8_t generation_ = 0;
  uint8_t incomplete_ = 0;
  std::atomic<bool> counts_accesses_{false};
  SnapshotCut* cut_ = nullptr;
};

}  // namespace redislite::engine

// ==== src/engine/request.h ========================================================================================
#include <bitset>


namespace redislite::engine {

struct KeyRef {
  Bytes key;
  uint64_t hash;
};

class KeyList {
 public:
  void Add(const KeyRef& key) {
    if (size_ < kInline) {
      inline_[size_++] = key;
    } else {
      if (more_.empty()) more_.assign(inline_, inline_ + kInline);
      more_.push_back(key);
      ++size_;
    }
  }
  void Clear() {
    size_ = 0;
    more_.clear();
  }
  const KeyRef* begin() const { return size_ <= kInline ? inline_ : more_.data(); }
  const KeyRef* end() const { return begin() + size_; }
  size_t size() const { return size_; }

 private:
  static constexpr size_t kInline = 3;
  size_t size_ = 0;
  KeyRef inline_[kInline];
  std::vector<KeyRef> more_;
};

class StripeSet {
 public:
  void Add(uint64_t hash) { set_.set(static_cast<size_t>(StripeOf(hash))); }
  void AddAll() { set_.set(); }
  void Add(const StripeSet& other) { set_ |= other.set_; }

  enum class How : uint8_t { kShared, kExclusive };
  class Guard {
   public:
    Guard(Keyspace& keyspace, const StripeSet& stripes, How how) NO_THREAD_SAFETY_ANALYSIS : keyspace_(keyspace),
                                                                                             stripes_(stripes.set_),
                                                                                             how_(how) {
      for (size_t i = stripes_._Find_first(); i < kStripes; i = stripes_._Find_next(i)) {
        RwLock& lock = keyspace_.stripe(static_cast<int>(i));
        how_ == How::kShared ? lock.LockShared() : lock.Lock();
      }
    }
    ~Guard() NO_THREAD_SAFETY_ANALYSIS {
      for (size_t i = stripes_._Find_first(); i < kStripes; i = stripes_._Find_next(i)) {
        RwLock& lock = keyspace_.stripe(static_cast<int>(i));
        how_ == How::kShared ? lock.UnlockShared() : lock.Unlock();
      }
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    Keyspace& keyspace_;
    const std::bitset<kStripes> stripes_;
    const How how_;
  };

 private:
  std::bitset<kStripes> set_;
};

struct Request {
  const Command* command = nullptr;
  const Command* origin = nullptr;  // what was asked for, when this was resolved from it
  Args args;
  const Command* asked = nullptr;
  Args asked_args;
  uint64_t client = 0;  // the id of the session; 0: none
  int db = 0;
  KeyList keys;
  bool all_keys = false;

  std::vector<std::string> owned;
  std::vector<Bytes> owned_args;

  Request() = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  bool writes() const { return (command->flags & kWrite) != 0; }

  void Own(std::vector<std::string> text) {
    owned = std::move(text);
    owned_args.assign(owned.begin(), owned.end());
    args = owned_args;
  }

  void Prefetch(const Keyspace& keyspace) const;

  void FindKeys(const Keyspace& keyspace);

  StripeSet stripes() const {
    StripeSet set;
    if (all_keys) set.AddAll();
    for (const KeyRef& key : keys) set.Add(key.hash);
    return set;
  }
};

}  // namespace redislite::engine

// ==== src/engine/slow_log.h =======================================================================================
#include <deque>


namespace redislite::engine {

class SlowLog {
 public:
  struct Entry {
    uint64_t id = 0;
    int64_t at_s = 0;  // Unix time
    int64_t took_us = 0;
    std::vector<std::string> args;  // cut as Redis does: 32 at most, of 128 bytes
    std::string address;
    std::string name;
  };

  void SetLengthMax(uint64_t entries) EXCLUDES(mu_);
  void Add(Entry entry) EXCLUDES(mu_);
  std::vector<Entry> Newest(size_t count_max) const EXCLUDES(mu_);
  size_t size() const EXCLUDES(mu_);
  void Clear() EXCLUDES(mu_);

  static std::vector<std::string> Cut(Args args);

 private:
  mutable Mutex mu_;
  std::deque<Entry> entries_ GUARDED_BY(mu_);
  uint64_t next_id_ GUARDED_BY(mu_) = 0;
  uint64_t length_max_ GUARDED_BY(mu_) = 128;
};

}  // namespace redislite::engine

// ==== src/engine/command_statistics.h =============================================================================
namespace redislite::engine {

class CommandStatistics {
 public:
  explicit CommandStatistics(std::span<const Command> rows);
  ~CommandStatistics();
  CommandStatistics(const CommandStatistics&) = delete;
  CommandStatistics& operator=(const CommandStatistics&) = delete;

  void SetDescribeClient(std::function<void(uint64_t id, SlowLog::Entry&)> describe) {
    describe_ = std::move(describe);
  }
  void SetOptions(const Options& options);
  void Reset();

  class Run {
   public:
    Run(CommandStatistics& statistics, const Request& request, const resp::Writer& reply) noexcept;
    ~Run();
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

   private:
    CommandStatistics& statistics_;
    const Request& request_;
    const resp::Writer& reply_;
    const size_t reply_at_;
    const size_t errors_before_;
    const uint32_t weight_;  // how many calls it stands for; 0: it is not timed
    const int64_t start_us_;
  };

  void Count(const Command& command, const resp::Writer& reply, size_t reply_at = 0) noexcept;
  void CountRejected(const Command* command, Bytes error) noexcept;


  static constexpr size_t kBuckets = 32;  // the first: up to 1 us, the next: up to 2, 4, 8, ...
  struct Numbers {
    const Command* command = nullptr;
    uint64_t calls = 0;
    uint64_t us = 0;
    uint64_t rejected = 0;
    uint64_t failed = 0;
    std::array<uint64_t, kBuckets> times = {};  // calls by time
  };
  std::vector<Numbers> All() const;
  std::map<std::string, uint64_t> errors() const EXCLUDES(mu_);
  uint64_t calls() const;
  uint64_t calls_per_second() EXCLUDES(mu_);

  SlowLog& slow_log() { return slow_log_; }
  LatencyMonitor& latency() { return latency_; }

 private:
  static constexpr uint32_t kSampled = 16;
  static constexpr uint32_t kPlaces = 16;

  using Times = std::array<std::atomic<uint32_t>, kBuckets>;
  struct Row {
    std::atomic<uint64_t> calls{0};
    std::atomic<uint64_t> us{0};
    std::atomic<uint32_t> rejected{0};
    std::atomic<uint32_t> failed{0};
    std::atomic<Times*> times{nullptr};  // from the first timed call on
  };

  Row* RowOf(const Command& command) noexcept;
  uint32_t WeightOf(const Command& command) noexcept;
  void CountError(Bytes error) noexcept EXCLUDES(mu_);
  void CountTime(const Command& command, int64_t us, uint32_t weight) noexcept;
  void NoteSlow(const Request& request, int64_t us) noexcept;

  const std::span<const Command> rows_;
  std::atomic<Row*> places_[kPlaces] = {};  // one for each of so many threads, from its first call on
  std::function<void(uint64_t id, SlowLog::Entry&)> describe_;
  std::atomic<int64_t> slower_than_us_{10'000};
  std::atomic<uint64_t> latency_ms_{0};
  std::atomic<bool> times_all_{false};
  SlowLog slow_log_;
  LatencyMonitor latency_;

  mutable Mutex mu_;
  std::map<std::string, uint64_t> errors_ GUARDED_BY(mu_);
  int64_t rate_at_us_ GUARDED_BY(mu_) = 0;
  uint64_t rate_calls_ GUARDED_BY(mu_) = 0;
  uint64_t rate_ GUARDED_BY(mu_) = 0;
};

}  // namespace redislite::engine

// ==== src/engine/command_statistics.cc ============================================================================
namespace redislite::engine {

namespace {

constexpr size_t kErrorKindsMax = 128;
constexpr int64_t kMillisecondUs = 1000;

Bytes KindOf_engine_command_statistics(Bytes error) { return error.substr(0, error.find_first_of(" \r")); }

}  // namespace

CommandStatistics::CommandStatistics(std::span<const Command> rows) : rows_(rows) {}

CommandStatistics::~CommandStatistics() {
  for (std::atomic<Row*>& place : places_) {
    Row* rows = place.load();
    if (rows == nullptr) continue;
    for (size_t i = 0; i < rows_.size(); ++i) delete rows[i].times.load();
    delete[] rows;
  }
}

void CommandStatistics::SetOptions(const Options& options) {
  slower_than_us_.store(options.slowlog_slower_than_us, std::memory_order_relaxed);
  latency_ms_.store(options.latency_threshold_ms, std::memory_order_relaxed);
  const bool eager = options.slowlog_slower_than_us >= 0 && options.slowlog_slower_than_us < kMillisecondUs;
  times_all_.store(eager || options.latency_threshold_ms != 0, std::memory_order_relaxed);
  slow_log_.SetLengthMax(options.slowlog_length_max);
}

void CommandStatistics::Reset() {
  for (std::atomic<Row*>& place : places_) {
    Row* rows = place.load(std::memory_order_acquire);
    for (size_t i = 0; rows != nullptr && i < rows_.size(); ++i) {
      rows[i].calls.store(0, std::memory_order_relaxed);
      rows[i].us.store(0, std::memory_order_relaxed);
      rows[i].rejected.store(0, std::memory_order_relaxed);
      rows[i].failed.store(0, std::memory_order_relaxed);
      Times* times = rows[i].times.load(std::memory_order_acquire);
      for (size_t bucket = 0; times != nullptr && bucket < kBuckets; ++bucket) (*times)[bucket].store(0);
    }
  }
  MutexLock lock(mu_);
  errors_.clear();
  rate_at_us_ = 0;
}


CommandStatistics::Row* CommandStatistics::RowOf(const Command& command) noexcept {
  const auto index = static_cast<size_t>(&command - rows_.data());
  std::atomic<Row*>& place = places_[ThreadStripe() % kPlaces];
  Row* rows = place.load(std::memory_order_acquire);
  if (rows == nullptr) {
    auto* made = new (std::nothrow) Row[rows_.size()];
    if (made == nullptr) return nullptr;
    if (place.compare_exchange_strong(rows, made, std::memory_order_acq_rel)) {
      rows = made;
    } else {
      delete[] made;
    }
  }
  return &rows[index];
}

uint32_t CommandStatistics::WeightOf(const Command& command) noexcept {
  const bool is_quick = (command.flags & kFast) != 0 || Bytes(command.name) == "set";
  if (!is_quick || times_all_.load(std::memory_order_relaxed)) return 1;
  const Row* row = RowOf(command);
  if (row == nullptr) return 0;
  return row->calls.load(std::memory_order_relaxed) % kSampled == 0 ? kSampled : 0;
}

CommandStatistics::Run::Run(CommandStatistics& statistics, const Request& request, const resp::Writer& reply) noexcept
    : statistics_(statistics),
      request_(request),
      reply_(reply),
      reply_at_(reply.bytes().size()),
      errors_before_(reply.error_codes().size()),
      weight_(statistics.WeightOf(*request.asked)),
      start_us_(weight_ == 0 ? 0 : os::MonotonicUs()) {}

CommandStatistics::Run::~Run() {
  const Command& command = *request_.asked;
  Row* row = statistics_.RowOf(command);
  if (row != nullptr) row->calls.fetch_add(1, std::memory_order_relaxed);
  if (weight_ != 0) {
    const int64_t us = os::MonotonicUs() - start_us_;
    statistics_.CountTime(command, us, weight_);
    const int64_t slower_than_us = statistics_.slower_than_us_.load(std::memory_order_relaxed);
    const uint64_t latency_ms = statistics_.latency_ms_.load(std::memory_order_relaxed);
    if ((slower_than_us >= 0 && us >= slower_than_us) || latency_ms != 0) statistics_.NoteSlow(request_, us);
  }
  if (reply_.error_codes().size() == errors_before_) return;
  if (row != nullptr) row->failed.fetch_add(1, std::memory_order_relaxed);
  statistics_.CountError(reply_.bytes().substr(reply_at_));
}

void CommandStatistics::Count(const Command& command, const resp::Writer& reply, size_t reply_at) noexcept {
  Row* row = RowOf(command);
  if (row != nullptr) row->calls.fetch_add(1, std::memory_order_relaxed);
  const Bytes answer = reply.bytes().substr(std::min(reply_at, reply.bytes().size()));
  if (!answer.starts_with('-')) return;
  if (row != nullptr) row->failed.fetch_add(1, std::memory_order_relaxed);
  CountError(answer);
}

void CommandStatistics::CountRejected(const Command* command, Bytes error) noexcept {
  Row* row = command == nullptr ? nullptr : RowOf(*command);
  if (row != nullptr) row->rejected.fetch_add(1, std::memory_order_relaxed);
  CountError(error);
}

void CommandStatistics::CountError(Bytes error) noexcept {
  if (error.starts_with('-')) error.remove_prefix(1);
  try {
    std::string kind(KindOf_engine_command_statistics(error));
    MutexLock lock(mu_);
    if (errors_.size() < kErrorKindsMax || errors_.contains(kind)) ++errors_[std::move(kind)];
  } catch (const std::bad_alloc&) {
  }
}

void CommandStatistics::CountTime(const Command& command, int64_t us, uint32_t weight) noexcept {
  Row* row = RowOf(command);
  if (row == nullptr) return;
  row->us.fetch_add(static_cast<uint64_t>(us) * weight, std::memory_order_relaxed);
  Times* times = row->times.load(std::memory_order_acquire);
  if (times == nullptr) {
    auto* made = new (std::nothrow) Times{};
    if (made == nullptr) return;
    if (row->times.compare_exchange_strong(times, made, std::memory_order_acq_rel)) {
      times = made;
    } else {
      delete made;
    }
  }
  const auto bucket = us <= 1 ? 0 : static_cast<size_t>(std::bit_width(static_cast<uint64_t>(us - 1)));
  (*times)[std::min(bucket, kBuckets - 1)].fetch_add(weight, std::memory_order_relaxed);
}

void CommandStatistics::NoteSlow(const Request& request, int64_t us) noexcept {
  try {
    const int64_t now_s = os::SystemNowMs() / 1000;
    const auto took_ms = static_cast<uint64_t>(us / kMillisecondUs);
    const uint64_t latency_ms = latency_ms_.load(std::memory_order_relaxed);
    if (latency_ms != 0 && took_ms >= latency_ms) {
      latency_.Add((request.asked->flags & kFast) != 0 ? "fast-command" : "command", {now_s, took_ms});
    }
    const int64_t slower_than_us = slower_than_us_.load(std::memory_order_relaxed);
    if (slower_than_us < 0 || us < slower_than_us) return;
    SlowLog::Entry entry;
    entry.at_s = now_s;
    entry.took_us = us;
    entry.args = SlowLog::Cut(request.asked_args);
    if (describe_) describe_(request.client, entry);
    slow_log_.Add(std::move(entry));
  } catch (const std::bad_alloc&) {
  }
}


std::vector<CommandStatistics::Numbers> CommandStatistics::All() const {
  std::vector<Numbers> all;
  for (size_t i = 0; i < rows_.size(); ++i) {
    Numbers sum;
    sum.command = &rows_[i];
    for (const std::atomic<Row*>& place : places_) {
      const Row* rows = place.load(std::memory_order_acquire);
      if (rows == nullptr) continue;
      sum.calls += rows[i].calls.load(std::memory_order_relaxed);
      sum.us += rows[i].us.load(std::memory_order_relaxed);
      sum.rejected += rows[i].rejected.load(std::memory_order_relaxed);
      sum.failed += rows[i].failed.load(std::memory_order_relaxed);
      const Times* times = rows[i].times.load(std::memory_order_acquire);
      for (size_t bucket = 0; times != nullptr && bucket < kBuckets; ++bucket) {
        sum.times[bucket] += (*times)[bucket].load(std::memory_order_relaxed);
      }
    }
    if (sum.calls + sum.rejected != 0) all.push_back(sum);
  }
  return all;
}

std::map<std::string, uint64_t> CommandStatistics::errors() const {
  MutexLock lock(mu_);
  return errors_;
}

uint64_t CommandStatistics::calls() const {
  uint64_t calls = 0;
  for (const std::atomic<Row*>& place : places_) {
    const Row* rows = place.load(std::memory_order_acquire);
    for (size_t i = 0; rows != nullptr && i < rows_.size(); ++i) calls += rows[i].calls.load(std::memory_order_relaxed);
  }
  return calls;
}

uint64_t CommandStatistics::calls_per_second() {
  constexpr int64_t kSecondUs = 1'000'000;
  const uint64_t now_calls = calls();
  const int64_t now_us = os::MonotonicUs();
  MutexLock lock(mu_);
  const int64_t passed_us = now_us - rate_at_us_;
  if (rate_at_us_ == 0 || now_calls < rate_calls_) {
    rate_ = 0;
  } else if (passed_us < kSecondUs) {
    return rate_;
  } else {
    rate_ = (now_calls - rate_calls_) * kSecondUs / static_cast<uint64_t>(passed_us);
  }
  rate_at_us_ = now_us;
  rate_calls_ = now_calls;
  return rate_;
}

}  // namespace redislite::engine

// ==== src/engine/events.h =========================================================================================
namespace redislite::engine {

enum EventKind : uint32_t {
  kKeyspaceEvents = 1u << 0,  // K: on the channel of the key
  kKeyeventEvents = 1u << 1,  // E: on the channel of the event
  kGenericEvents = 1u << 2,
  kStringEvents = 1u << 3,
  kListEvents = 1u << 4,
  kSetEvents = 1u << 5,
  kHashEvents = 1u << 6,
  kSortedSetEvents = 1u << 7,
  kExpiredEvents = 1u << 8,
  kEvictedEvents = 1u << 9,
  kStreamEvents = 1u << 10,  // never told: there are none, and neither are modules
  kModuleEvents = 1u << 11,
  kMissedEvents = 1u << 12,
  kNewEvents = 1u << 13,
};

std::optional<uint32_t> ParseEventKinds(Bytes letters);
std::string PrintEventKinds(uint32_t kinds);

struct KeyChange {
  enum class What : uint8_t { kExpired, kNew, kSet, kRemoved, kTaken, kExpirySet, kPersisted };
  What what;
  int db;
  std::string key;
};

struct Event {
  uint32_t kind;
  const char* name;
  int db;
  Bytes key;
};

using Describe = void (*)(const Command& command, Args args, int db, const std::vector<KeyChange>& changes,
                          const std::function<void(const Event&)>& tell);
using Publish = std::function<void(Bytes channel, Bytes message)>;
void PublishEvent(const Event& event, uint32_t kinds, const Publish& publish);

}  // namespace redislite::engine

// ==== src/engine/eviction.h =======================================================================================
#include <unordered_set>


namespace redislite::engine {

class Eviction {
 public:
  explicit Eviction(Keyspace& keyspace) : keyspace_(keyspace) {}

  void Begin(Policy policy, uint64_t samples, int64_t now_ms);
  struct Victim {
    int db = 0;
    const Entry* entry = nullptr;
  };
  Victim Choose();

 private:
  static constexpr size_t kPoolMax = 16;
  struct Candidate {
    uint64_t score;  // the highest goes first
    int db;
    uint64_t hash;
    std::string key;
  };

  bool MayGo(const Entry& entry) const;
  uint64_t Score(const Entry& entry) const;
  void Draw();
  void Consider(int db, const Entry& entry);
  Victim TakeBest();

  Keyspace& keyspace_;
  Random random_{1};  // which keys are drawn is no secret
  Policy policy_ = Policy::kNoEviction;
  uint64_t samples_ = 0;
  int64_t now_ms_ = 0;
  std::vector<Candidate> pool_;  // the best is last
  std::unordered_set<const Entry*> chosen_;
};

}  // namespace redislite::engine

// ==== src/engine/commit.h =========================================================================================
#include <set>
#include <unordered_map>


namespace redislite::engine {

class Engine;
class Scratch;

class StoreClock {
 public:
  explicit StoreClock(std::function<int64_t()> now_ms) : now_ms_(std::move(now_ms)) {}

  int64_t Now() {
    const int64_t now = now_ms_();
    int64_t last = last_ms_.load(std::memory_order_relaxed);
    while (now > last) {
      if (last_ms_.compare_exchange_weak(last, now, std::memory_order_relaxed)) return now;
    }
    return last;
  }
  void NeverBefore(int64_t time_ms) {
    int64_t last = last_ms_.load(std::memory_order_relaxed);
    while (time_ms > last && !last_ms_.compare_exchange_weak(last, time_ms, std::memory_order_relaxed)) {
    }
  }
  int64_t Last() const { return last_ms_.load(std::memory_order_relaxed); }

 private:
  const std::function<int64_t()> now_ms_;
  std::atomic<int64_t> last_ms_{0};
};

struct WatchList {
  struct Key {
    int db;
    std::string name;
    uint64_t hash;
    bool existed;  // when the watch began: a key that has expired since has changed
  };
  std::vector<Key> keys;
  std::atomic<bool> changed{false};
};

struct Op {
  std::span<Request* const> parts;  // one, or a batch's; none: the reply, or `action`, is all there is
  bool batch = false;
  bool may_park = false;               // a blocking command may wait; else it answers that there is nothing
  const WatchList* watched = nullptr;  // of a batch: it happens only if none of these has changed
  std::function<void()> action;        // without parts: what the leader runs, alone with the pipeline
  resp::Writer* reply = nullptr;
  Status status;  // not ok: not done, nothing changed
  void (*finished)(Op&) = nullptr;
  void* owner = nullptr;  // for `finished`
  uint64_t serial = 0;    // the owner's: tells one use of the op from the next

  Op* next = nullptr;
  std::atomic<uint32_t> done{0};
  enum class Fate : uint8_t { kAnswered, kLogged, kRides, kParked, kPostponed } fate = Fate::kAnswered;
  bool atomic = false;             // the record stands between MULTI and EXEC
  std::vector<Request*> resolved;  // what is applied in place of `parts`; the reply is written already
  std::vector<std::unique_ptr<Request>> resolved_owned;
  std::vector<Op*> fed;  // the parked ops that this one serves
  bool is_parked = false;
  uint64_t park_number = 0;                  // who parked earlier is served earlier
  types::Type awaited = types::Type::kNone;  // what a key must have for the op to be tried again
  size_t awaited_keys = 0;                   // which may be one of the first so many of its own
  int64_t park_until_us = 0;  // monotonic; 0: for ever. Given without parts: the op does nothing but wait
  std::string unserved;       // what it answers when its time is up
};

class TouchedKeys {
 public:
  void Clear();
  void Add(uint64_t hash);
  void AddAll() { all_ = true; }
  bool Has(uint64_t hash) const;
  bool all() const { return all_; }
  bool any() const { return all_ || count_ > 0; }

 private:
  struct Slot {
    uint64_t hash = 0;
    uint64_t round = 0;
  };
  std::vector<Slot> slots_ = std::vector<Slot>(256);
  uint64_t round_ = 1;
  size_t count_ = 0;
  bool all_ = false;
};

class CommitPipeline {
 public:
  CommitPipeline(Engine& engine, Keyspace& keyspace, StoreClock& clock, const CommandTable& commands)
      : engine_(engine), keyspace_(keyspace), clock_(clock), commands_(commands), eviction_(keyspace) {}

  void SetLog(storage::Log* log) { log_ = log; }
  void SetFsync(Fsync fsync) { fsync_.store(fsync, std::memory_order_relaxed); }
  void SetMaxMemory(uint64_t bytes, Policy policy, uint64_t samples) {
    maxmemory_.store(bytes, std::memory_order_relaxed);
    policy_.store(policy, std::memory_order_relaxed);
    eviction_samples_.store(samples, std::memory_order_relaxed);
  }

  void SetEvents(uint32_t kinds) { event_kinds_.store(kinds, std::memory_order_relaxed); }
  void SetPublish(Describe describe, Publish publish) {
    describe_ = describe;
    publish_ = std::move(publish);
  }
  uint32_t event_kinds() const { return event_kinds_.load(std::memory_order_relaxed); }
  bool records() const NO_THREAD_SAFETY_ANALYSIS { return records_; }
  void Record(KeyChange::What what, int db, Bytes key) noexcept NO_THREAD_SAFETY_ANALYSIS;
  void Tell(const Event& event) const noexcept;

  void Submit(Op& op);
  void Submit(std::span<Op* const> ops);
  void SubmitAsync(std::span<Op* const> ops);

  Status StartLeader();
  void RefuseParking() EXCLUDES(commit_mu_);
  void StopLeader();
  void Unpark(Op& op, const Status& status) NO_THREAD_SAFETY_ANALYSIS;

  void Watch(WatchList& list, WatchList::Key key) EXCLUDES(watch_mu_);
  void Unwatch(WatchList& list) EXCLUDES(watch_mu_);
  void NoteChange(int db, uint64_t hash, Bytes key) {
    if (watch_count_.load(std::memory_order_relaxed) != 0) NoteWatched(db, hash, key);
  }
  void NoteChangeOfAll(int db, std::optional<int> other, int64_t now_ms) EXCLUDES(watch_mu_);

  bool syncs_writes() const { return log_ != nullptr && fsync_.load(std::memory_order_relaxed) == Fsync::kAlways; }
  uint32_t parked() const { return parked_count_.load(std::memory_order_relaxed); }

  template <typename Function>
  auto Alone(const Function& function) EXCLUDES(commit_mu_) {
    MutexLock lock(commit_mu_);
    return function();
  }

  uint64_t batches() const { return batches_.load(std::memory_order_relaxed); }
  uint64_t logged_commands() const { return logged_commands_.load(std::memory_order_relaxed); }
  uint64_t evicted_keys() const { return evicted_keys_.load(std::memory_order_relaxed); }
  void ResetEvictedKeys() { evicted_keys_.store(0, std::memory_order_relaxed); }

 private:
  bool Push(std::span<Op* const> ops);
  void Lead() REQUIRES(commit_mu_);
  void ServeAsync();
  void WakeLeader(bool to_lead);
  void Gather() REQUIRES(commit_mu_);
  Op* TakeList() REQUIRES(commit_mu_);
  Op* CommitBatch(Op* list) REQUIRES(commit_mu_);
  void DecideAny(Op& op, int64_t now_ms) REQUIRES(commit_mu_);
  static Status CopyOf(const Status& status) noexcept;
  void Decide(Op& op, int64_t now_ms) REQUIRES(commit_mu_);
  void DecideBatch(Op& op, int64_t now_ms) REQUIRES(commit_mu_);
  bool Touches(const Request& request) const REQUIRES(commit_mu_);
  void Touch(const Request& request) REQUIRES(commit_mu_);
  bool WatchSaysNo(Op& op, int64_t now_ms) REQUIRES(commit_mu_);
  void Park(Op& op, int64_t timeout_us) REQUIRES(commit_mu_);
  bool WaitsOn(const Op& op, int64_t now_ms) const REQUIRES(commit_mu_);
  void Forget(Op& op) REQUIRES(commit_mu_);
  bool MayFeed(const Op& op) const REQUIRES(commit_mu_);
  bool DecideFeeding(Op& op, int64_t now_ms) REQUIRES(commit_mu_);
  bool ServeFrom(Scratch& scratch, const Request& fed_by, Op& op) REQUIRES(commit_mu_);
  void EndExpiredWaits() REQUIRES(commit_mu_);
  Op* UnparkAll(Op* before) REQUIRES(commit_mu_);
  void FinishFed(Op& op, bool served) REQUIRES(commit_mu_);

  void NoteWatched(int db, uint64_t hash, Bytes key) EXCLUDES(watch_mu_);
  Status Encode(Op& op) REQUIRES(commit_mu_);
  void CountAnswered(const Op& op);
  void EncodeCommand(Args args) REQUIRES(commit_mu_);
  Status LogBatch(int64_t now_ms) REQUIRES(commit_mu_);
  void Apply(Op& op, int64_t now_ms) REQUIRES(commit_mu_);
  void RunHandler(const Op& op, const Request& part, int64_t now_ms, resp::Writer& reply) REQUIRES(commit_mu_);
  void TellChanges(const Request& request) noexcept REQUIRES(commit_mu_);
  void TellEvicted(const Request& removal) noexcept REQUIRES(commit_mu_);
  Status Refuse(const Request& request) const REQUIRES(commit_mu_);
  void Evict(const Op* list, int64_t now_ms) REQUIRES(commit_mu_);
  uint64_t MemoryAhead() const REQUIRES(commit_mu_);
  void Prefetch(const Op* list) const REQUIRES(commit_mu_);
  static void Finish(Op& op);

  Engine& engine_;
  Keyspace& keyspace_;
  StoreClock& clock_;
  const CommandTable& commands_;
  storage::Log* log_ = nullptr;
  std::atomic<Fsync> fsync_{Fsync::kAlways};
  std::atomic<uint64_t> maxmemory_{0};
  std::atomic<uint32_t> event_kinds_{0};
  Describe describe_ = nullptr;
  Publish publish_;
  std::atomic<Policy> policy_{Policy::kNoEviction};
  std::atomic<uint64_t> eviction_samples_{0};
  std::atomic<uint64_t> evicted_keys_{0};

  std::atomic<Op*> head_{nullptr};
  std::atomic<uint32_t> waiting_{0};  // ops in the list

  Mutex commit_mu_;  // the leader's
  storage::FrameBuilder frame_ GUARDED_BY(commit_mu_);
  uint32_t frame_commands_ GUARDED_BY(commit_mu_) = 0;
  int frame_db_ GUARDED_BY(commit_mu_) = 0;
  uint64_t frame_extra_bytes_ GUARDED_BY(commit_mu_) = 0;  // memory that the frame's commands asked for
  TouchedKeys touched_ GUARDED_BY(commit_mu_);
  Eviction eviction_ GUARDED_BY(commit_mu_);
  Op evicting_ GUARDED_BY(commit_mu_);                  // the record's DELs
  uint64_t evicting_bytes_ GUARDED_BY(commit_mu_) = 0;  // what they will free
  bool evicts_more_ GUARDED_BY(commit_mu_) = false;     // the next batches will go on
  uint32_t last_population_ GUARDED_BY(commit_mu_) = 1;
  int64_t sync_us_ GUARDED_BY(commit_mu_) = 0;  // exponential average

  bool records_ GUARDED_BY(commit_mu_) = false;
  std::vector<KeyChange> changes_ GUARDED_BY(commit_mu_);  // of the command that is being applied

  std::unordered_map<uint64_t, std::vector<Op*>> parked_ GUARDED_BY(commit_mu_);
  std::set<std::pair<int64_t, Op*>> park_ends_ GUARDED_BY(commit_mu_);
  uint64_t park_numbers_ GUARDED_BY(commit_mu_) = 0;
  bool parking_refused_ GUARDED_BY(commit_mu_) = false;
  bool swapped_ GUARDED_BY(commit_mu_) = false;  // the batch has an op that may have fed any key
  std::atomic<uint32_t> parked_count_{0};

  Mutex leader_mu_;
  CondVar leader_cv_;
  bool leader_wanted_ GUARDED_BY(leader_mu_) = false;
  bool leader_stop_ GUARDED_BY(leader_mu_) = false;
  int64_t leader_alarm_us_ GUARDED_BY(leader_mu_) = 0;  // the first end of a wait; 0: none
  std::thread leader_;

  Mutex watch_mu_;
  std::unordered_map<uint64_t, std::vector<WatchList*>> watches_ GUARDED_BY(watch_mu_);
  std::atomic<uint32_t> watch_count_{0};

  std::atomic<uint64_t> batches_{0};
  std::atomic<uint64_t> logged_commands_{0};
};

}  // namespace redislite::engine

// ==== src/engine/context.h ========================================================================================
namespace redislite::engine {

class Engine;
class Keyspace;
struct Entry;
struct Request;

enum class Mode : uint8_t { kRead, kPreview, kApply };

template <typename T>
struct Typed {
  T* object = nullptr;
  bool wrong_type = false;

  bool missing() const { return object == nullptr && !wrong_type; }
  explicit operator bool() const { return object != nullptr; }
  T* operator->() const { return object; }
  T& operator*() const { return *object; }
};

class Context {
 public:
  Context(Engine* engine, Keyspace& keyspace, Mode mode, const Request& request, int64_t now_ms, resp::Writer& reply);

  const Command& command() const;
  Args args() const { return args_; }
  Bytes arg(size_t index) const { return args_[index]; }
  int db() const;  // the database the command runs on, 0 to 15
  int64_t now_ms() const { return now_ms_; }
  resp::Writer& reply() { return reply_; }
  Memory& memory();
  const HashSeed& hash_seed() const;
  Engine& engine() { return *engine_; }


  const types::Value* Find(Bytes key, std::optional<int> db = {}) const;
  template <typename T>
  Typed<const T> Read(Bytes key) const {
    const types::Value* value = Find(key);
    if (value == nullptr) return {};
    const T* object = value->As<T>();
    return {object, object == nullptr};
  }
  const types::Value* Peek(Bytes key, std::optional<int> db = {}) const;
  std::optional<size_t> MemoryBytes(Bytes key) const;
  bool Exists(Bytes key, std::optional<int> db = {}) const { return Peek(key, db) != nullptr; }
  std::optional<int64_t> ExpiresAt(Bytes key, std::optional<int> db = {}) const;
  int64_t IdleSeconds(Bytes key) const;
  int64_t AccessFrequency(Bytes key) const;
  bool CountsAccess() const;


  size_t KeyCount() const;  // of db(), expired ones not counted
  using VisitKey = std::function<void(Bytes key, const types::Value& value)>;
  uint64_t Scan(uint64_t cursor, size_t count, const VisitKey& visit) const;
  bool RandomKey(const std::function<void(Bytes key)>& visit) const;


  [[nodiscard]] bool BeginWrite(uint64_t bytes_needed = 0);

  template <typename T>
  T* Change(Bytes key) {
    types::Value* value = ChangeValue(key);
    return value == nullptr ? nullptr : value->As<T>();
  }
  template <typename T>
  T& ChangeOrCreate(Bytes key);

  template <typename T>
  T* New() {
    if constexpr (std::is_same_v<T, types::List>) {
      return memory().New<T>(memory());
    } else {
      return memory().New<T>(memory(), hash_seed());
    }
  }

  enum class Expiry { kRemove, kKeep };
  void Put(Bytes key, types::Value value, Expiry expiry = Expiry::kRemove, std::optional<int> db = {});
  bool Remove(Bytes key, std::optional<int> db = {});
  types::Value Take(Bytes key);
  void ExpireAt(Bytes key, int64_t at_ms, std::optional<int> db = {});
  void SetIdleSeconds(Bytes key, int64_t seconds);
  void SetAccessFrequency(Bytes key, int64_t frequency);
  void Persist(Bytes key, std::optional<int> db = {});
  void FlushDatabase(int db);
  void SwapDatabases(int a, int b);

  void ReplaceWith(std::vector<std::string> args) { replacement_ = std::move(args); }

  void WaitForKeys(types::Type type, int64_t timeout_us, size_t keys = SIZE_MAX) {
    awaited_ = type;
    awaited_keys_ = keys;
    timeout_us_ = timeout_us;
  }


  void WrongType();    // WRONGTYPE Operation against a key holding the wrong kind of value
  void SyntaxError();  // ERR syntax error
  void NotInteger();   // ERR value is not an integer or out of range
  void NotFloat();     // ERR value is not a valid float
  void NoSuchKey();    // ERR no such key
  void WrongArity();   // ERR wrong number of arguments for 'x' command


  bool has_changed() const { return has_changed_; }
  bool wants_write() const { return wants_write_; }
  uint64_t bytes_needed() const { return bytes_needed_; }
  bool would_wait() const { return awaited_ != types::Type::kNone; }
  types::Type awaited() const { return awaited_; }
  size_t awaited_keys() const { return awaited_keys_; }
  int64_t timeout_us() const { return timeout_us_; }
  std::vector<std::string>& replacement() { return replacement_; }

 private:
  types::Value* ChangeValue(Bytes key);
  void NoteChange(Bytes key, std::optional<int> db = {});
  Entry* FindEntry(Bytes key, std::optional<int> db = {}) const;
  uint64_t HashOf(Bytes key) const;

  Engine* engine_;
  Keyspace& keyspace_;
  const Mode mode_;
  bool wants_write_ = false;
  bool has_changed_ = false;
  uint64_t bytes_needed_ = 0;
  types::Type awaited_ = types::Type::kNone;
  size_t awaited_keys_ = 0;
  int64_t timeout_us_ = 0;
  const Request& request_;
  const Args args_;
  mutable size_t next_key_ = 0;  // a handler mostly asks for its keys in their order
  const int64_t now_ms_;
  resp::Writer& reply_;
  std::vector<std::string> replacement_;
};

template <typename T>
T& Context::ChangeOrCreate(Bytes key) {
  if (T* object = Change<T>(key)) return *object;
  if constexpr (std::is_same_v<T, types::String>) {
    Put(key, types::Value(types::String()));
  } else {
    Put(key, types::Value(memory(), New<T>()));
  }
  return *Change<T>(key);
}

}  // namespace redislite::engine

// ==== src/engine/host.h ===========================================================================================
namespace redislite::engine {

enum class HostRequest : int { kConfigSet = 1, kConfigRewrite = 2, kShutdown = 3 };

class Host {
 public:
  using Answer = int (*)(void* ctx, int request, const char* name, const char* value);
  using Settings = std::map<std::string, std::string>;

  void Attach(Answer answer, void* context) EXCLUDES(mu_);
  void Tell(Bytes name, Bytes value) EXCLUDES(mu_);
  Settings settings() const EXCLUDES(mu_);

  bool Ask(HostRequest request, const std::string& name, const std::string& value) EXCLUDES(mu_);

 private:
  mutable Mutex mu_;
  Answer answer_ GUARDED_BY(mu_) = nullptr;
  void* context_ GUARDED_BY(mu_) = nullptr;
  Settings settings_ GUARDED_BY(mu_);
};

}  // namespace redislite::engine

// ==== src/engine/engine.h =========================================================================================
namespace redislite::engine {

inline constexpr char kRedisVersion[] = "7.2.0";

class CommandStatistics;
class CommitPipeline;
struct Op;
struct Task;
struct WatchList;

class Engine {
 public:
  static Result<std::unique_ptr<Engine>> Open(const std::string& path, const Options& options,
                                              const CommandTable& commands, os::FileSystem& files);
  ~Engine();

  Status Close();


  Status Execute(Args args, int db, resp::Writer& reply, uint64_t client = 0);

  Status CheckForBatch(Args args);
  Status ExecuteBatch(const std::vector<std::vector<std::string>>& commands, int db, resp::Writer& reply);


  const Command* Look(Args args, resp::Writer& reply) const;
  bool Prepare(Args args, int db, Task& task);
  bool PrepareBatch(const std::vector<std::vector<std::string>>& commands, const std::vector<int>& dbs, Task& task,
                    const std::function<bool(size_t index, Bytes error)>& refused);
  void Read(Task& task);
  bool SyncsWrites() const;
  void Submit(std::span<Op* const> ops);
  void SubmitAsync(std::span<Op* const> ops);
  static void WriteOutcome(Task& task);
  Status StartLeader();
  void Unpark(std::shared_ptr<void> keep, Task& task, uint64_t serial, Status status);
  CommitPipeline& pipeline();
  void Watch(WatchList& list, int db, Bytes key);
  void Unwatch(WatchList& list);

  void RefuseParking();


  struct StringView {
    types::Pin pin;
    std::string small;
    Bytes bytes;
  };
  Status GetString(Bytes key, StringView& out);
  Status Exists(Bytes key);
  Status Ttl(Bytes key, int64_t* ttl_ms);  // -1: none
  Status CountKeys(uint64_t* keys);


  Status Sync();
  Status Snapshot();                 // waits until one taken after the call is durable
  Status StartBackgroundSnapshot();  // kBusy when one is under way
  Status Backup(const std::string& path, const std::function<bool(uint64_t done, uint64_t total)>& progress);
  int64_t last_save_s() const;  // Unix time of the last durable snapshot, or of opening


  std::string Info(std::span<const Bytes> sections);
  struct ClientFacts {
    uint64_t connected = 0;
    uint64_t pubsub = 0;
    uint64_t watching = 0;
    uint64_t largest_query = 0;
    uint64_t largest_output = 0;
    uint64_t channels = 0;
    uint64_t patterns = 0;
    uint64_t shard_channels = 0;
    uint64_t total = 0;     // ever
    uint64_t buffered = 0;  // bytes in their buffers
    uint64_t bytes_in = 0;  // ever
    uint64_t bytes_out = 0;
  };
  void SetClientFacts(std::function<ClientFacts()> ask);
  void SetPublish(Describe describe, Publish publish);
  Options options() const;           // a copy of what is in force
  uint64_t options_version() const;  // another one after each change; never 0
  Status ConfigSet(Bytes name, Bytes value);
  void ResetStatistics();
  std::string Digest();
  int64_t NowMs();  // the store's clock: never goes back
  bool in_memory() const;
  const std::string& path() const;  // of the directory; empty in memory
  Host& host();
  CommandStatistics& command_statistics();
  const CommandTable& commands() const;
  Memory& memory();
  void SetActiveExpire(bool on);

 private:
  Engine();
  friend class Context;
  class InfoText;  // in info.cc
  struct Parts;    // in engine.cc
  std::unique_ptr<Parts> parts_;
};

}  // namespace redislite::engine

// ==== src/engine/scratch.h ========================================================================================
namespace redislite::engine {

class Scratch {
 public:
  Scratch(Keyspace& store, const CommandTable& commands, int64_t now_ms)
      : store_(store), commands_(commands), now_ms_(now_ms), copy_(store.memory(), store.seed()) {}

  void Copy(const Request& request);

  bool Run(Request& request, resp::Writer& reply, std::vector<Request*>* resolved,
           std::vector<std::unique_ptr<Request>>* owned);

  types::Type TypeOf(int db, const KeyRef& key) const {
    const Entry* entry = copy_.Find(db, key.hash, key.key, now_ms_);
    return entry == nullptr ? types::Type::kNone : entry->value.type();
  }

 private:
  void CopyEntry(int db, const Entry& entry);

  Keyspace& store_;
  const CommandTable& commands_;
  const int64_t now_ms_;
  Keyspace copy_;
  bool has_all_ = false;
  std::vector<KeyRef> copied_;
};

}  // namespace redislite::engine

// ==== src/engine/commit.cc ========================================================================================
namespace redislite::engine {

namespace {

constexpr size_t kBatchBytes = 1 << 20;
constexpr size_t kBatchOps = 1024;

constexpr int64_t kGatherUsMax = 200;
constexpr int64_t kGatherShare = 7;  // one seventh

size_t ReserveFor(size_t payload_bytes) { return payload_bytes + payload_bytes / 4 + (256 << 10); }

Bytes ErrorKindOf(const Status& status) {
  if (status.code() == Code::kMaxMemory) return "OOM";
  return status.code() == Code::kIo || status.code() == Code::kFull ? "MISCONF" : "ERR";
}

}  // namespace

void TouchedKeys::Clear() {
  ++round_;
  count_ = 0;
  all_ = false;
}

void TouchedKeys::Add(uint64_t hash) {
  if ((count_ + 1) * 2 > slots_.size()) {
    std::vector<Slot> larger(slots_.size() * 2);
    for (const Slot& slot : slots_) {
      if (slot.round != round_) continue;
      size_t at = slot.hash & (larger.size() - 1);
      while (larger[at].round == round_) at = (at + 1) & (larger.size() - 1);
      larger[at] = slot;
    }
    slots_.swap(larger);
  }
  size_t at = hash & (slots_.size() - 1);
  while (slots_[at].round == round_) {
    if (slots_[at].hash == hash) return;
    at = (at + 1) & (slots_.size() - 1);
  }
  slots_[at] = {hash, round_};
  ++count_;
}

bool TouchedKeys::Has(uint64_t hash) const {
  if (all_) return true;
  for (size_t at = hash & (slots_.size() - 1); slots_[at].round == round_; at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at].hash == hash) return true;
  }
  return false;
}

bool CommitPipeline::Push(std::span<Op* const> ops) {
  for (size_t i = 1; i < ops.size(); ++i) ops[i]->next = ops[i - 1];
  waiting_.fetch_add(static_cast<uint32_t>(ops.size()), std::memory_order_relaxed);
  Op* before = head_.load(std::memory_order_relaxed);
  do {
    ops.front()->next = before;
  } while (!head_.compare_exchange_weak(before, ops.back(), std::memory_order_acq_rel, std::memory_order_relaxed));
  return before == nullptr;
}

void CommitPipeline::Submit(Op& op) {
  Op* const ops[] = {&op};
  Submit(ops);
}

void CommitPipeline::Submit(std::span<Op* const> ops) {
  const bool wait = ops.front()->finished == nullptr;  // the others may be gone when they are done
  if (Push(ops)) {
    MutexLock lock(commit_mu_);
    Lead();
  }
  for (Op* op : ops) {
    if (!wait) break;
    while (op->done.load(std::memory_order_acquire) == 0) op->done.wait(0, std::memory_order_acquire);
  }
}

void CommitPipeline::SubmitAsync(std::span<Op* const> ops) {
  if (Push(ops)) WakeLeader(true);
}

void CommitPipeline::Finish(Op& op) {
  if (op.finished != nullptr) return op.finished(op);
  op.done.store(1, std::memory_order_release);
  op.done.notify_one();
}

void CommitPipeline::Gather() {
  if (log_ == nullptr || fsync_.load(std::memory_order_relaxed) != Fsync::kAlways || last_population_ <= 1) return;
  const int64_t patience = std::min(kGatherUsMax, sync_us_ / kGatherShare);
  const int64_t start = os::MonotonicUs();
  while (waiting_.load(std::memory_order_relaxed) < last_population_ && os::MonotonicUs() - start < patience) {
    std::this_thread::yield();
  }
}

Op* CommitPipeline::TakeList() {
  Op* newest = head_.exchange(nullptr, std::memory_order_acq_rel);
  Op* list = nullptr;
  uint32_t population = 0;
  while (newest != nullptr) {
    Op* older = newest->next;
    newest->next = list;
    list = newest;
    newest = older;
    ++population;
  }
  waiting_.fetch_sub(population, std::memory_order_relaxed);
  last_population_ = population;
  return list;
}

void CommitPipeline::Lead() {
  Gather();
  Op* list = TakeList();
  while (list != nullptr) list = CommitBatch(list);
}

Status CommitPipeline::CopyOf(const Status& status) noexcept {
  try {
    return status;
  } catch (const std::bad_alloc&) {
    return {status.code(), OutOfMemory().message()};
  }
}

Op* CommitPipeline::CommitBatch(Op* list) {
  const int64_t now_ms = clock_.Now();
  frame_.Clear();
  frame_commands_ = 0;
  frame_db_ = 0;
  frame_extra_bytes_ = 0;
  swapped_ = false;
  touched_.Clear();
  Evict(list, now_ms);
  Prefetch(list);
  Op* end = list;
  Op* last_decided = nullptr;
  for (size_t ops = 0; end != nullptr && ops < kBatchOps && frame_.payload_bytes() < kBatchBytes; ++ops) {
    try {
      end->fate = Op::Fate::kAnswered;
      end->atomic = end->batch;
      end->resolved.clear();  // of an earlier round that postponed it
      end->resolved_owned.clear();
      DecideAny(*end, now_ms);
    } catch (const std::bad_alloc&) {
      FinishFed(*end, false);
      end->status = OutOfMemory();
      end->fate = Op::Fate::kAnswered;
    }
    if (end->fate == Op::Fate::kPostponed) break;
    Op* next = end->next;
    if (end->fate == Op::Fate::kParked) {  // leaves the list
      (last_decided == nullptr ? list : last_decided->next) = next;
    } else {
      last_decided = end;
    }
    end = next;
  }
  const Status logged = LogBatch(now_ms);
  RL_FAILPOINT(batch_logged);
  if (evicting_.fate == Op::Fate::kLogged && logged.ok()) {
    Apply(evicting_, now_ms);
    evicted_keys_.fetch_add(evicting_.resolved.size(), std::memory_order_relaxed);
  }
  for (Op* op = list; op != end;) {
    Op* next = op->next;
    if (op->fate == Op::Fate::kRides || (op->fate == Op::Fate::kLogged && logged.ok())) {
      Apply(*op, now_ms);
      RL_FAILPOINT(batch_applied);
    } else if (op->fate == Op::Fate::kLogged) {
      op->status = CopyOf(logged);
    }
    if (!op->fed.empty()) FinishFed(*op, logged.ok());
    Finish(*op);
    op = next;
  }
  return swapped_ && logged.ok() ? UnparkAll(end) : end;
}

void CommitPipeline::DecideAny(Op& op, int64_t now_ms) {
  if (op.parts.empty() && !op.batch) {
    if (op.action) op.action();
    if (op.may_park && op.park_until_us != 0 && !parking_refused_) Park(op, 0);
    return;
  }
  op.reply->Clear();
  if (!op.batch && !op.parts.front()->writes()) {
    op.fate = Op::Fate::kRides;
    return;
  }
  if (parked_count_.load(std::memory_order_relaxed) != 0 && MayFeed(op) && DecideFeeding(op, now_ms)) return;
  op.batch ? DecideBatch(op, now_ms) : Decide(op, now_ms);
}

uint64_t CommitPipeline::MemoryAhead() const {
  const uint64_t used = keyspace_.memory().used();
  return used - std::min(used, evicting_bytes_ + keyspace_.HeldBytes());
}

void CommitPipeline::Prefetch(const Op* list) const {
  std::array<Keyspace::Place, Keyspace::kPrefetchMax> places;
  size_t count = 0;
  for (; list != nullptr; list = list->next) {
    for (const Request* part : list->parts) {
      for (const KeyRef& key : part->keys) {
        if (count == places.size()) return keyspace_.Prefetch(places);
        places[count++] = {part->db, key.hash};
      }
    }
  }
  if (count > 1) keyspace_.Prefetch(std::span(places).first(count));
}

void CommitPipeline::Evict(const Op* list, int64_t now_ms) {
  constexpr size_t kVictimsMax = 256;
  evicting_.fate = Op::Fate::kAnswered;
  evicting_bytes_ = 0;
  evicts_more_ = false;
  const uint64_t limit = maxmemory_.load(std::memory_order_relaxed);
  if (limit == 0 || MemoryAhead() <= limit) return;
  const Policy policy = policy_.load(std::memory_order_relaxed);
  const auto writes = [](const Request* part) { return part->writes(); };
  while (list != nullptr && std::none_of(list->parts.begin(), list->parts.end(), writes)) list = list->next;
  if (list == nullptr || policy == Policy::kNoEviction || (log_ != nullptr && log_->poisoned())) return;

  evicting_.resolved.clear();
  evicting_.resolved_owned.clear();
  try {
    eviction_.Begin(policy, eviction_samples_.load(std::memory_order_relaxed), now_ms);
    while (MemoryAhead() > limit && evicting_.resolved.size() < kVictimsMax) {
      const Eviction::Victim victim = eviction_.Choose();
      if (victim.entry == nullptr) break;
      auto removal = std::make_unique<Request>();
      removal->Own({"DEL", std::string(victim.entry->key())});
      removal->command = commands_.Find(removal->args);
      removal->db = victim.db;
      removal->FindKeys(keyspace_);
      evicting_.resolved.push_back(removal.get());
      evicting_.resolved_owned.push_back(std::move(removal));
      evicting_bytes_ += victim.entry->memory_bytes();
    }
    if (!evicting_.resolved.empty() && !Encode(evicting_).ok()) evicting_bytes_ = 0;
    evicts_more_ = evicting_.fate == Op::Fate::kLogged && evicting_.resolved.size() == kVictimsMax;
  } catch (const std::bad_alloc&) {
    evicting_bytes_ = 0;  // what could not be evicted is refused
  }
}

Status CommitPipeline::Refuse(const Request& request) const {
  if (log_ != nullptr && log_->poisoned()) return log_->poison();
  const uint64_t limit = maxmemory_.load(std::memory_order_relaxed);
  if (limit != 0 && (request.command->flags & kDenyOom) != 0 && MemoryAhead() > limit && !evicts_more_) {
    return {Code::kMaxMemory, "command not allowed when used memory > 'maxmemory'."};
  }
  return Status::Ok();
}

bool CommitPipeline::Touches(const Request& request) const {
  if (!touched_.any()) return false;
  if (request.all_keys || touched_.all()) return true;
  return std::any_of(request.keys.begin(), request.keys.end(),
                     [&](const KeyRef& key) REQUIRES(commit_mu_) { return touched_.Has(key.hash); });
}

void CommitPipeline::Touch(const Request& request) {
  if (request.all_keys) touched_.AddAll();
  for (const KeyRef& key : request.keys) touched_.Add(key.hash);
}

void CommitPipeline::Decide(Op& op, int64_t now_ms) {
  const Request& request = *op.parts.front();
  if (op.status = Refuse(request); !op.status.ok()) {
    if (request.asked != nullptr) engine_.command_statistics().CountRejected(request.asked, ErrorKindOf(op.status));
    return;
  }
  const bool resolve = (request.command->flags & kResolve) != 0;
  if (Touches(request)) {
    if (resolve) {
      op.fate = Op::Fate::kPostponed;
      return;
    }
  } else if (WaitsOn(op, now_ms)) {
    return Park(op, 0);
  } else {
    Context context(&engine_, keyspace_, Mode::kPreview, request, now_ms, *op.reply);
    request.command->handler(context);
    if (!context.replacement().empty()) {
      auto resolved = std::make_unique<Request>();
      resolved->Own(std::move(context.replacement()));
      resolved->command = commands_.Find(resolved->args);
      resolved->db = request.db;
      resolved->origin = request.command;
      resolved->FindKeys(keyspace_);
      op.resolved.push_back(resolved.get());
      op.resolved_owned.push_back(std::move(resolved));
    } else if (context.would_wait() && op.may_park) {
      if (!parking_refused_) {
        op.awaited = context.awaited();
        op.awaited_keys = context.awaited_keys();
        return Park(op, context.timeout_us());
      }
      op.reply->Clear();
      op.status = Status(Code::kClosed, "store closed");
      return;
    } else if (!context.wants_write()) {
      CountAnswered(op);
      return;
    } else {
      frame_extra_bytes_ += context.bytes_needed();
      op.reply->Clear();
    }
  }
  op.status = Encode(op);
}

void CommitPipeline::DecideBatch(Op& op, int64_t now_ms) {
  if (op.watched != nullptr && WatchSaysNo(op, now_ms)) return;
  bool resolve = false;
  bool touches = false;
  for (const Request* part : op.parts) {
    if (part->writes()) {
      if (op.status = Refuse(*part); !op.status.ok()) return;
    }
    resolve |= (part->command->flags & kResolve) != 0;
    touches |= Touches(*part);
  }
  if (resolve) {
    if (touches) {
      op.fate = Op::Fate::kPostponed;
      return;
    }
    Scratch scratch(keyspace_, commands_, now_ms);
    for (const Request* part : op.parts) scratch.Copy(*part);
    op.reply->Array(op.parts.size());
    for (Request* part : op.parts) scratch.Run(*part, *op.reply, &op.resolved, &op.resolved_owned);
    if (op.resolved.empty()) return CountAnswered(op);
  } else if (!touches) {
    bool wants_write = false;
    op.reply->Array(op.parts.size());
    for (const Request* part : op.parts) {
      Context context(&engine_, keyspace_, part->writes() ? Mode::kPreview : Mode::kRead, *part, now_ms, *op.reply);
      part->command->handler(context);
      wants_write = context.wants_write();
      if (wants_write) break;
    }
    if (!wants_write) return CountAnswered(op);
    op.reply->Clear();
  }
  op.status = Encode(op);
}

void CommitPipeline::CountAnswered(const Op& op) {
  for (const Request* part : op.parts) {
    if (part->asked != nullptr) engine_.command_statistics().Count(*part->asked, *op.reply);
  }
}

void CommitPipeline::EncodeCommand(Args args) {
  resp::AppendCommand(frame_.buffer(), args);
  ++frame_commands_;
}

Status CommitPipeline::Encode(Op& op) {
  static constexpr Bytes kMulti[] = {"MULTI"};
  static constexpr Bytes kExec[] = {"EXEC"};
  const std::span<Request* const> parts = op.resolved.empty() ? op.parts : std::span<Request* const>(op.resolved);
  size_t bytes = 0;
  for (const Request* part : parts) {
    if (part->writes()) bytes += resp::CommandBytes(part->args) + 64;
  }
  if (bytes > kRecordBytesMax) {
    return {Code::kLimit, "the record has " + std::to_string(bytes) + " bytes, at most " +
                              std::to_string(kRecordBytesMax) + " are allowed"};
  }
  if (frame_.payload_bytes() + bytes > kRecordBytesMax) {
    op.fate = Op::Fate::kPostponed;
    return Status::Ok();
  }
  const size_t mark = frame_.buffer().size();
  const uint32_t commands = frame_commands_;
  const int db = frame_db_;
  try {
    if (op.atomic) EncodeCommand(kMulti);
    for (const Request* part : parts) {
      if (!part->writes()) continue;
      if (part->db != frame_db_) {
        const std::string number = std::to_string(part->db);
        const Bytes select[] = {"SELECT", number};
        EncodeCommand(select);
        frame_db_ = part->db;
      }
      EncodeCommand(part->args);
    }
    if (op.atomic) EncodeCommand(kExec);
    for (const Request* part : parts) Touch(*part);
    for (const Request* part : parts) swapped_ |= part->all_keys && part->writes();
  } catch (const std::bad_alloc&) {
    frame_.buffer().resize(mark);
    frame_commands_ = commands;
    frame_db_ = db;
    return OutOfMemory();
  }
  op.fate = Op::Fate::kLogged;
  return Status::Ok();
}

Status CommitPipeline::LogBatch(int64_t now_ms) {
  if (frame_commands_ == 0) return Status::Ok();
  if (!keyspace_.memory().EnsureReserve(ReserveFor(frame_.payload_bytes()) + frame_extra_bytes_)) {
    return OutOfMemory();
  }
  batches_.fetch_add(1, std::memory_order_relaxed);
  logged_commands_.fetch_add(frame_commands_, std::memory_order_relaxed);
  if (log_ == nullptr) return Status::Ok();
  using Durability = storage::Log::Durability;
  const bool synced = fsync_.load(std::memory_order_relaxed) == Fsync::kAlways;
  try {
    RL_RETURN_IF_ERROR(
        log_->Append(frame_, frame_commands_, now_ms, synced ? Durability::kSynced : Durability::kRelaxed));
  } catch (const std::bad_alloc&) {
    return OutOfMemory();
  }
  if (!synced) return Status::Ok();
  const int64_t start = os::MonotonicUs();
  RL_RETURN_IF_ERROR(log_->Sync());
  sync_us_ += (os::MonotonicUs() - start - sync_us_) / 8;
  return Status::Ok();
}

void CommitPipeline::Apply(Op& op, int64_t now_ms) {
  const bool resolved = !op.resolved.empty();
  const std::span<Request* const> parts = resolved ? std::span<Request* const>(op.resolved) : op.parts;
  StripeSet stripes;
  for (const Request* part : parts) stripes.Add(part->stripes());
  resp::Writer unread;
  resp::Writer& reply = resolved ? unread : *op.reply;
  const StripeSet::Guard guard(keyspace_, stripes,
                               op.fate == Op::Fate::kRides ? StripeSet::How::kShared : StripeSet::How::kExclusive);
  const Memory::ReserveScope reserve(keyspace_.memory());
  try {
    if (op.batch && !resolved) reply.Array(parts.size());
    changes_.clear();
    records_ = event_kinds() != 0 && describe_ != nullptr;
    for (const Request* part : parts) {
      std::optional<CommandStatistics::Run> run;
      if (part->asked != nullptr) run.emplace(engine_.command_statistics(), *part, reply);
      RunHandler(op, *part, now_ms, reply);
      if (records_) &op == &evicting_ ? TellEvicted(*part) : TellChanges(*part);
    }
    if (resolved) CountAnswered(op);
  } catch (const std::bad_alloc&) {
    op.status = OutOfMemory();
    if (op.fate == Op::Fate::kRides) return;
    op.status = {Code::kIo, op.status.message()};
    if (log_ != nullptr) op.status = log_->Poison(op.status);
  }
}

void CommitPipeline::RunHandler(const Op& op, const Request& part, int64_t now_ms, resp::Writer& reply) {
  const size_t written = reply.bytes().size();
  while (true) {
    Context context(&engine_, keyspace_, part.writes() ? Mode::kApply : Mode::kRead, part, now_ms, reply);
    try {
      return part.command->handler(context);
    } catch (const std::bad_alloc&) {
      const bool may_begin_again = op.fate != Op::Fate::kRides && !context.has_changed();
      if (!may_begin_again || !keyspace_.memory().ReleaseReserve()) throw;
      reply.ShrinkTo(written);
    }
  }
}


void CommitPipeline::Tell(const Event& event) const noexcept {
  const uint32_t kinds = event_kinds();
  if ((kinds & event.kind) == 0) return;
  try {
    PublishEvent(event, kinds, publish_);
  } catch (const std::bad_alloc&) {
  }
}

void CommitPipeline::Record(KeyChange::What what, int db, Bytes key) noexcept {
  if (!records_) return;
  try {
    changes_.push_back({what, db, std::string(key)});
  } catch (const std::bad_alloc&) {
  }
}

void CommitPipeline::TellChanges(const Request& request) noexcept {
  const bool as_asked = request.origin != nullptr && (request.origin->flags & kMayWait) == 0;
  try {
    describe_(as_asked ? *request.origin : *request.command, request.args, request.db, changes_,
              [this](const Event& event) { Tell(event); });
  } catch (const std::bad_alloc&) {
  }
  changes_.clear();
}

void CommitPipeline::TellEvicted(const Request& removal) noexcept {
  Tell({kEvictedEvents, "evicted", removal.db, removal.args[1]});
  changes_.clear();
}


void CommitPipeline::Watch(WatchList& list, WatchList::Key key) {
  MutexLock lock(watch_mu_);
  for (const WatchList::Key& known : list.keys) {
    if (known.db == key.db && known.name == key.name) return;
  }
  const uint64_t hash = key.hash;
  list.keys.reserve(list.keys.size() + 1);
  std::vector<WatchList*>& watching = watches_[hash];
  watching.push_back(&list);
  list.keys.push_back(std::move(key));
  watch_count_.fetch_add(1, std::memory_order_relaxed);
}

void CommitPipeline::Unwatch(WatchList& list) {
  MutexLock lock(watch_mu_);
  for (const WatchList::Key& key : list.keys) {
    const auto found = watches_.find(key.hash);
    if (found == watches_.end()) continue;  // two of its keys have the same hash
    std::erase(found->second, &list);
    if (found->second.empty()) watches_.erase(found);
  }
  watch_count_.fetch_sub(static_cast<uint32_t>(list.keys.size()), std::memory_order_relaxed);
  list.keys.clear();
  list.changed.store(false, std::memory_order_relaxed);
}

void CommitPipeline::NoteWatched(int db, uint64_t hash, Bytes key) {
  MutexLock lock(watch_mu_);
  const auto found = watches_.find(hash);
  if (found == watches_.end()) return;
  for (WatchList* list : found->second) {
    for (const WatchList::Key& watched : list->keys) {
      if (watched.db == db && watched.name == key) list->changed.store(true, std::memory_order_release);
    }
  }
}

void CommitPipeline::NoteChangeOfAll(int db, std::optional<int> other, int64_t now_ms) {
  if (watch_count_.load(std::memory_order_relaxed) == 0) return;
  MutexLock lock(watch_mu_);
  for (auto& [hash, lists] : watches_) {
    for (WatchList* list : lists) {
      for (const WatchList::Key& watched : list->keys) {
        if (watched.db != db || watched.hash != hash) continue;
        const auto is_in = [&](int number) {
          return keyspace_.Find(number, watched.hash, watched.name, now_ms) != nullptr;
        };
        if (is_in(db) || (other && is_in(*other))) list->changed.store(true, std::memory_order_release);
      }
    }
  }
}

bool CommitPipeline::WatchSaysNo(Op& op, int64_t now_ms) {
  for (const WatchList::Key& key : op.watched->keys) {
    if (touched_.Has(key.hash)) {
      op.fate = Op::Fate::kPostponed;
      return true;
    }
  }
  bool changed = op.watched->changed.load(std::memory_order_acquire);
  for (const WatchList::Key& key : op.watched->keys) {
    changed |= key.existed && keyspace_.Find(key.db, key.hash, key.name, now_ms) == nullptr;
  }
  if (changed) op.reply->NullArray();
  return changed;
}


namespace {

std::span<const KeyRef> AwaitedKeys(const Op& op) {
  if (op.parts.empty()) return {};
  const KeyList& keys = op.parts.front()->keys;
  return {keys.begin(), std::min(keys.size(), op.awaited_keys)};
}

}  // namespace

void CommitPipeline::Park(Op& op, int64_t timeout_us) {
  op.reply->Clear();
  if (!op.parts.empty()) op.reply->NullArray();  // whatever it would answer at once
  op.unserved = op.reply->bytes();
  if (op.park_number == 0) {
    op.park_number = ++park_numbers_;
    if (timeout_us != 0) op.park_until_us = os::MonotonicUs() + timeout_us;
  }
  op.is_parked = true;
  try {
    for (const KeyRef& key : AwaitedKeys(op)) {
      std::vector<Op*>& queue = parked_[key.hash];
      const auto later = [&](const Op* other) { return other->park_number > op.park_number; };
      queue.insert(std::find_if(queue.begin(), queue.end(), later), &op);
    }
    if (op.park_until_us != 0) park_ends_.insert({op.park_until_us, &op});
  } catch (const std::bad_alloc&) {
    Forget(op);
    throw;
  }
  parked_count_.fetch_add(1, std::memory_order_relaxed);
  op.fate = Op::Fate::kParked;
  if (op.park_until_us != 0 && park_ends_.begin()->second == &op) {
    MutexLock lock(leader_mu_);
    leader_alarm_us_ = op.park_until_us;
    leader_cv_.NotifyOne();
  }
}

void CommitPipeline::Forget(Op& op) {
  op.is_parked = false;
  for (const KeyRef& key : AwaitedKeys(op)) {
    const auto found = parked_.find(key.hash);
    if (found == parked_.end()) continue;
    std::erase(found->second, &op);
    if (found->second.empty()) parked_.erase(found);
  }
  park_ends_.erase({op.park_until_us, &op});
}

void CommitPipeline::Unpark(Op& op, const Status& status) {
  if (!op.is_parked) return;
  Forget(op);
  parked_count_.fetch_sub(1, std::memory_order_relaxed);
  op.status = status;
  op.reply->Clear();
  if (status.ok()) op.reply->Raw(op.unserved);
  Finish(op);
}

Op* CommitPipeline::UnparkAll(Op* before) {
  if (parked_.empty()) return before;
  std::vector<Op*> all;
  for (const auto& [hash, queue] : parked_) all.insert(all.end(), queue.begin(), queue.end());
  std::sort(all.begin(), all.end(), [](const Op* a, const Op* b) { return a->park_number > b->park_number; });
  all.erase(std::unique(all.begin(), all.end()), all.end());
  for (Op* op : all) {
    Forget(*op);
    parked_count_.fetch_sub(1, std::memory_order_relaxed);
    op->next = before;
    before = op;
  }
  return before;
}

bool CommitPipeline::WaitsOn(const Op& op, int64_t now_ms) const {
  if (op.park_number == 0 || parking_refused_) return false;
  const int db = op.parts.front()->db;
  const std::span<const KeyRef> keys = AwaitedKeys(op);
  return std::none_of(keys.begin(), keys.end(), [&](const KeyRef& key) REQUIRES(commit_mu_) {
    const Entry* entry = keyspace_.Find(db, key.hash, key.key, now_ms);
    return entry != nullptr && entry->value.type() == op.awaited;
  });
}

void CommitPipeline::EndExpiredWaits() {
  const int64_t now_us = os::MonotonicUs();
  while (!park_ends_.empty() && park_ends_.begin()->first <= now_us) Unpark(*park_ends_.begin()->second, Status::Ok());
  MutexLock lock(leader_mu_);
  leader_alarm_us_ = park_ends_.empty() ? 0 : park_ends_.begin()->first;
}

bool CommitPipeline::MayFeed(const Op& op) const {
  for (const Request* part : op.parts) {
    if (!part->writes()) continue;
    for (const KeyRef& key : part->keys) {
      if (parked_.contains(key.hash)) return true;
    }
  }
  return false;
}

bool CommitPipeline::DecideFeeding(Op& op, int64_t now_ms) {
  for (const Request* part : op.parts) {
    if (Touches(*part)) {
      op.fate = Op::Fate::kPostponed;
      return true;
    }
    if (!part->writes()) continue;
    if (op.status = Refuse(*part); !op.status.ok()) return true;
  }
  if (op.watched != nullptr && WatchSaysNo(op, now_ms)) return true;
  Scratch scratch(keyspace_, commands_, now_ms);
  for (const Request* part : op.parts) scratch.Copy(*part);
  if (op.batch) op.reply->Array(op.parts.size());
  for (Request* part : op.parts) scratch.Run(*part, *op.reply, &op.resolved, &op.resolved_owned);
  for (size_t i = 0; i < op.resolved.size(); ++i) {  // grows: what is served (BLMOVE) may feed others
    if (ServeFrom(scratch, *op.resolved[i], op)) continue;
    FinishFed(op, false);
    op.resolved.clear();
    op.resolved_owned.clear();
    op.fate = Op::Fate::kPostponed;
    return true;
  }
  if (op.fed.empty()) {
    op.resolved.clear();
    op.resolved_owned.clear();
    op.reply->Clear();
    return false;
  }
  op.atomic = true;
  op.status = Encode(op);
  if (op.fate != Op::Fate::kLogged) FinishFed(op, false);
  return true;
}

bool CommitPipeline::ServeFrom(Scratch& scratch, const Request& fed_by, Op& op) {
  for (const KeyRef& key : fed_by.keys) {
    const auto found = parked_.find(key.hash);
    if (found == parked_.end()) continue;
    for (Op* waiting : found->second) {
      Request& request = *waiting->parts.front();
      if (std::find(op.fed.begin(), op.fed.end(), waiting) != op.fed.end()) continue;
      if (scratch.TypeOf(request.db, key) != waiting->awaited) continue;
      if (Touches(request)) return false;
      scratch.Copy(request);
      waiting->reply->Clear();
      if (!scratch.Run(request, *waiting->reply, &op.resolved, &op.resolved_owned)) continue;
      op.fed.push_back(waiting);
    }
  }
  return true;
}

void CommitPipeline::FinishFed(Op& op, bool served) {
  for (Op* waiting : std::exchange(op.fed, {})) {
    if (!served) continue;
    Forget(*waiting);
    parked_count_.fetch_sub(1, std::memory_order_relaxed);
    Finish(*waiting);
  }
}


Status CommitPipeline::StartLeader() {
  MutexLock lock(leader_mu_);
  if (leader_.joinable()) return Status::Ok();
  return os::StartThread([this] { ServeAsync(); }, &leader_);
}

void CommitPipeline::WakeLeader(bool to_lead) {
  MutexLock lock(leader_mu_);
  leader_wanted_ |= to_lead;
  leader_cv_.NotifyOne();
}

void CommitPipeline::ServeAsync() {
  while (true) {
    bool lead = false;
    {
      MutexLock lock(leader_mu_);
      while (!leader_wanted_ && !leader_stop_) {
        if (leader_alarm_us_ == 0) {
          leader_cv_.Wait(leader_mu_);
          continue;
        }
        const int64_t left_us = leader_alarm_us_ - os::MonotonicUs();
        if (left_us <= 0) break;
        leader_cv_.WaitFor(leader_mu_, std::chrono::milliseconds((left_us + 999) / 1000));
      }
      if (leader_stop_ && !leader_wanted_) return;
      lead = std::exchange(leader_wanted_, false);
    }
    MutexLock lock(commit_mu_);
    if (lead) Lead();
    EndExpiredWaits();
  }
}

void CommitPipeline::RefuseParking() {
  MutexLock lock(commit_mu_);
  parking_refused_ = true;
  const Status closed(Code::kClosed, "store closed");  // short enough to need no memory
  while (!parked_.empty()) Unpark(*parked_.begin()->second.front(), closed);
  while (!park_ends_.empty()) Unpark(*park_ends_.begin()->second, closed);
}

void CommitPipeline::StopLeader() {
  {
    MutexLock lock(leader_mu_);
    leader_stop_ = true;
    leader_cv_.NotifyOne();
  }
  if (leader_.joinable()) leader_.join();
}

}  // namespace redislite::engine

// ==== src/engine/access.h =========================================================================================
namespace redislite::engine::access {

inline constexpr int64_t kTickMs = 100;
inline constexpr uint32_t kNewKeysFrequency = 5;  // so that it is not the first to go
inline constexpr uint32_t kLogFactor = 10;

inline uint32_t UsedAt(int64_t now_ms) { return static_cast<uint32_t>(now_ms / kTickMs); }
inline int64_t IdleMs(uint32_t access, int64_t now_ms) {
  const auto ticks = static_cast<int32_t>(UsedAt(now_ms) - access);
  return std::max<int64_t>(ticks, 0) * kTickMs;
}

inline uint32_t Minutes(int64_t now_ms) { return static_cast<uint32_t>(now_ms / 60000) & 0xffffff; }
inline uint32_t WithFrequency(uint32_t frequency, int64_t now_ms) { return Minutes(now_ms) << 8 | frequency; }
inline uint32_t Frequency(uint32_t access, int64_t now_ms) {
  const uint32_t idle_minutes = (Minutes(now_ms) - (access >> 8)) & 0xffffff;
  const uint32_t frequency = access & 0xff;
  return idle_minutes < frequency ? frequency - idle_minutes : 0;
}
inline uint32_t Counted(uint32_t access, int64_t now_ms, Random& random) {
  const uint32_t frequency = Frequency(access, now_ms);
  const uint32_t above = frequency > kNewKeysFrequency ? frequency - kNewKeysFrequency : 0;
  const bool rises = frequency < 255 && random.Below(above * kLogFactor + 1) == 0;
  return WithFrequency(frequency + (rises ? 1 : 0), now_ms);
}

}  // namespace redislite::engine::access

// ==== src/engine/context.cc =======================================================================================
namespace redislite::engine {

namespace {

void TellMissed(Engine* engine, int db, Bytes key) {
  if (engine != nullptr) engine->pipeline().Tell({kMissedEvents, "keymiss", db, key});
}

void Record_engine_context(Engine* engine, KeyChange::What what, int db, Bytes key) {
  if (engine != nullptr) engine->pipeline().Record(what, db, key);
}

}  // namespace

Context::Context(Engine* engine, Keyspace& keyspace, Mode mode, const Request& request, int64_t now_ms,
                 resp::Writer& reply)
    : engine_(engine),
      keyspace_(keyspace),
      mode_(mode),
      request_(request),
      args_(request.args),
      now_ms_(now_ms),
      reply_(reply) {}

const Command& Context::command() const { return *request_.command; }
int Context::db() const { return request_.db; }
Memory& Context::memory() { return keyspace_.memory(); }
const HashSeed& Context::hash_seed() const { return keyspace_.seed(); }

uint64_t Context::HashOf(Bytes key) const {
  const size_t count = request_.keys.size();
  for (size_t i = 0; i < count; ++i) {
    const size_t at = next_key_ + i < count ? next_key_ + i : next_key_ + i - count;
    const KeyRef& known = request_.keys.begin()[at];
    if (known.key.data() != key.data() || known.key.size() != key.size()) continue;
    next_key_ = at;
    return known.hash;
  }
  return keyspace_.Hash(key);
}

Entry* Context::FindEntry(Bytes key, std::optional<int> db) const {
  return keyspace_.Find(db.value_or(request_.db), HashOf(key), key, now_ms_);
}

const types::Value* Context::Find(Bytes key, std::optional<int> db) const {
  Entry* entry = FindEntry(key, db);
  if (entry == nullptr) {
    if (mode_ == Mode::kRead) TellMissed(engine_, db.value_or(request_.db), key);
    return nullptr;
  }
  if (mode_ != Mode::kPreview) keyspace_.NoteAccess(*entry, now_ms_);
  return &entry->value;
}

const types::Value* Context::Peek(Bytes key, std::optional<int> db) const {
  const Entry* entry = FindEntry(key, db);
  if (entry != nullptr) return &entry->value;
  const bool looks_into = Bytes(command().name).find('|') != Bytes::npos;
  if (mode_ == Mode::kRead && !looks_into) TellMissed(engine_, db.value_or(request_.db), key);
  return nullptr;
}

std::optional<size_t> Context::MemoryBytes(Bytes key) const {
  const Entry* entry = FindEntry(key);
  if (entry == nullptr) return {};
  return entry->memory_bytes();
}

std::optional<int64_t> Context::ExpiresAt(Bytes key, std::optional<int> db) const {
  const Entry* entry = FindEntry(key, db);
  if (entry == nullptr || entry->expires_at_ms() == kNever) return {};
  return entry->expires_at_ms();
}

int64_t Context::IdleSeconds(Bytes key) const {
  const Entry* entry = FindEntry(key);
  if (entry == nullptr) return 0;
  return access::IdleMs(entry->access.load(std::memory_order_relaxed), now_ms_) / 1000;
}

int64_t Context::AccessFrequency(Bytes key) const {
  const Entry* entry = FindEntry(key);
  return entry == nullptr ? 0 : access::Frequency(entry->access.load(std::memory_order_relaxed), now_ms_);
}

bool Context::CountsAccess() const { return keyspace_.counts_accesses(); }

size_t Context::KeyCount() const { return keyspace_.Count(request_.db, now_ms_); }

uint64_t Context::Scan(uint64_t cursor, size_t count, const VisitKey& visit) const {
  return keyspace_.Scan(request_.db, cursor, count, now_ms_,
                        [&](const Entry& entry) { visit(entry.key(), entry.value); });
}

bool Context::RandomKey(const std::function<void(Bytes key)>& visit) const {
  const Entry* entry = keyspace_.RandomEntry(request_.db, now_ms_, ThreadRandom());
  if (entry == nullptr) return false;
  visit(entry->key());
  return true;
}

bool Context::BeginWrite(uint64_t bytes_needed) {
  constexpr uint64_t kEntryBytes = 2 * types::String::kEmbeddedMax;
  wants_write_ = true;
  bytes_needed_ = bytes_needed + kEntryBytes;
  return mode_ == Mode::kApply;
}

types::Value* Context::ChangeValue(Bytes key) {
  Entry* entry = FindEntry(key);
  if (entry == nullptr) return nullptr;
  keyspace_.WillChange(request_.db, entry);
  NoteChange(key);
  Record_engine_context(engine_, KeyChange::What::kSet, request_.db, key);
  keyspace_.NoteAccess(*entry, now_ms_);
  return &entry->value;
}

void Context::NoteChange(Bytes key, std::optional<int> db) {
  has_changed_ = true;
  if (engine_ != nullptr) engine_->pipeline().NoteChange(db.value_or(request_.db), HashOf(key), key);
}

void Context::Put(Bytes key, types::Value value, Expiry expiry, std::optional<int> db) {
  NoteChange(key, db);
  const int number = db.value_or(request_.db);
  const uint64_t hash = HashOf(key);
  if (engine_ != nullptr && engine_->pipeline().records() && keyspace_.Find(number, hash, key, now_ms_) == nullptr) {
    const bool has_expired = keyspace_.Find(number, hash, key, 0) != nullptr;
    if (has_expired) Record_engine_context(engine_, KeyChange::What::kExpired, number, key);
    Record_engine_context(engine_, KeyChange::What::kNew, number, key);
  }
  Record_engine_context(engine_, KeyChange::What::kSet, number, key);
  keyspace_.Put(number, hash, key, std::move(value), expiry == Expiry::kKeep, now_ms_);
}

bool Context::Remove(Bytes key, std::optional<int> db) {
  Entry* entry = FindEntry(key, db);
  if (entry == nullptr) return false;
  NoteChange(key, db);
  Record_engine_context(engine_, KeyChange::What::kRemoved, db.value_or(request_.db), key);
  keyspace_.Remove(db.value_or(request_.db), entry);
  return true;
}

types::Value Context::Take(Bytes key) {
  NoteChange(key);
  Record_engine_context(engine_, KeyChange::What::kTaken, request_.db, key);
  return keyspace_.Take(request_.db, FindEntry(key));
}

void Context::ExpireAt(Bytes key, int64_t at_ms, std::optional<int> db) {
  const int number = db.value_or(request_.db);
  Entry* entry = FindEntry(key, db);
  NoteChange(key, db);
  Record_engine_context(engine_, at_ms <= now_ms_ ? KeyChange::What::kRemoved : KeyChange::What::kExpirySet, number, key);
  if (at_ms <= now_ms_) return keyspace_.Remove(number, entry);
  keyspace_.SetExpiry(number, entry, at_ms);
}

void Context::SetIdleSeconds(Bytes key, int64_t seconds) {
  if (CountsAccess()) return;
  constexpr int64_t kIdleMax = int64_t{6} * 365 * 86400;  // more would be taken for a time to come
  const int64_t since_ms = std::min(std::min(seconds, kIdleMax) * 1000, now_ms_);
  FindEntry(key)->access.store(access::UsedAt(now_ms_ - since_ms), std::memory_order_relaxed);
}

void Context::SetAccessFrequency(Bytes key, int64_t frequency) {
  if (!CountsAccess()) return;
  FindEntry(key)->access.store(access::WithFrequency(static_cast<uint32_t>(frequency), now_ms_),
                               std::memory_order_relaxed);
}

void Context::Persist(Bytes key, std::optional<int> db) {
  NoteChange(key, db);
  Record_engine_context(engine_, KeyChange::What::kPersisted, db.value_or(request_.db), key);
  keyspace_.SetExpiry(db.value_or(request_.db), FindEntry(key, db), kNever);
}

void Context::FlushDatabase(int db) {
  has_changed_ = true;
  if (engine_ != nullptr) engine_->pipeline().NoteChangeOfAll(db, {}, now_ms_);
  keyspace_.Flush(db);
}

void Context::SwapDatabases(int a, int b) {
  has_changed_ = true;
  if (engine_ != nullptr) {
    engine_->pipeline().NoteChangeOfAll(a, b, now_ms_);
    engine_->pipeline().NoteChangeOfAll(b, a, now_ms_);
  }
  keyspace_.Swap(a, b);
}

void Context::WrongType() {
  reply_.Error(Code::kType, "WRONGTYPE Operation against a key holding the wrong kind of value");
}
void Context::SyntaxError() { reply_.Error(Code::kCommand, "ERR syntax error"); }
void Context::NotInteger() { reply_.Error(Code::kValue, "ERR value is not an integer or out of range"); }
void Context::NotFloat() { reply_.Error(Code::kValue, "ERR value is not a valid float"); }
void Context::NoSuchKey() { reply_.Error(Code::kValue, "ERR no such key"); }
void Context::WrongArity() {
  reply_.Error(Code::kCommand, "ERR wrong number of arguments for '" + std::string(command().name) + "' command");
}

}  // namespace redislite::engine

// ==== src/engine/entry_commands.h =================================================================================
namespace redislite::engine {

struct CommandChunk {
  int db = 0;
  std::string bytes;
  uint32_t commands = 0;
  uint64_t keys = 0;
};

inline constexpr size_t kChunkBytes = 256 << 10;

void AppendEntryCommands(std::vector<CommandChunk>& chunks, int db, const Entry& entry);

}  // namespace redislite::engine

// ==== src/engine/snapshot.h =======================================================================================
namespace redislite::engine {

class Snapshotter : private SnapshotCut {
 public:
  Snapshotter(Keyspace& keyspace, CommitPipeline& pipeline, StoreClock& clock)
      : keyspace_(keyspace), pipeline_(pipeline), clock_(clock) {}

  struct Point {
    storage::Lsn lsn = 0;
    int64_t time_ms = 0;
    uint64_t keys = 0;  // about
  };
  struct Target {
    std::function<Result<storage::Lsn>()> at_cut;
    std::function<Status(const Point&)> begin;
    std::function<Status(CommandChunk& chunk, uint64_t keys_done)> block;
  };
  Status Run(const Target& target, const std::atomic<bool>& cancel) EXCLUDES(run_mu_);

  uint64_t retained_bytes() const { return retained_bytes_.load(std::memory_order_relaxed); }

 private:
  uint64_t HeldBytes() const override { return retained_bytes(); }
  void Keep(int database, const Entry& entry) noexcept override;
  void Adopt(int database, Entry* entry) noexcept override;

  Status Walk(const Target& target, const std::atomic<bool>& cancel) REQUIRES(run_mu_);
  bool HandedOver();
  Status Drain(const Target& target, bool write) REQUIRES(run_mu_);
  Status Write(const Target& target, std::vector<CommandChunk>& chunks, bool all) REQUIRES(run_mu_);

  Keyspace& keyspace_;
  CommitPipeline& pipeline_;
  StoreClock& clock_;

  Mutex run_mu_;
  Point point_ GUARDED_BY(run_mu_);
  uint64_t keys_done_ GUARDED_BY(run_mu_) = 0;
  int64_t cut_ms_ = 0;  // point_.time_ms for the leader; set at the cut, constant after

  Mutex handed_mu_;
  std::vector<CommandChunk> kept_ GUARDED_BY(handed_mu_);
  std::array<std::vector<Entry*>, kDatabases> adopted_ GUARDED_BY(handed_mu_);
  bool lost_ GUARDED_BY(handed_mu_) = false;  // no memory to keep an entry: the copy is worth nothing
  std::atomic<uint64_t> retained_bytes_{0};
};

}  // namespace redislite::engine

// ==== src/engine/statistics.h =====================================================================================
namespace redislite::engine {

struct Statistics {
  StripedCounter hits;
  StripedCounter misses;
  StripedCounter expired;
  std::atomic<uint64_t> snapshots{0};
  std::atomic<uint64_t> snapshots_failed{0};

  void Reset() {
    hits.Reset();
    misses.Reset();
    expired.Reset();
  }
};

}  // namespace redislite::engine

// ==== src/engine/parts.h ==========================================================================================
namespace redislite::engine {

struct Engine::Parts {
  std::string path;  // empty: in memory
  const CommandTable* commands = nullptr;
  os::FileSystem* files = nullptr;
  Memory memory;
  std::unique_ptr<StoreClock> clock;
  std::unique_ptr<Keyspace> keyspace;
  std::unique_ptr<storage::Log> log;  // null: in memory
  std::unique_ptr<CommitPipeline> pipeline;
  std::unique_ptr<Snapshotter> snapshotter;
  storage::RecoveryReport recovery;
  int64_t recovery_us = 0;
  int64_t started_ms = 0;

  mutable Mutex options_mu;
  Options options;
  std::atomic<uint64_t> options_version{1};

  Statistics statistics;
  std::unique_ptr<CommandStatistics> command_statistics;
  Host host;
  std::function<Engine::ClientFacts()> client_facts;  // constant once the store is used
  std::atomic<int64_t> last_save_s{0};
  std::atomic<storage::Lsn> snapshot_last_lsn{0};
  std::atomic<bool> active_expire{true};
  std::atomic<bool> poison_said{false};

  Mutex snapshot_mu;  // one snapshot of the store at a time, from cut to installation

  Mutex service_mu;
  CondVar service_cv;
  std::atomic<bool> stop{false};  // set under service_mu; also cancels a snapshot
  std::thread service;

  Mutex background_mu;
  std::thread background GUARDED_BY(background_mu);
  std::atomic<bool> snapshot_running{false};

  enum class For : uint8_t { kSession, kNoSession };
  Status Check(Args args, const Command** command, resp::Writer& reply, For whom) const;
  bool Canonicalize(Request& request, resp::Writer& reply) const;
  bool Prepare(Args args, int db, Request& request, resp::Writer& reply) const;
  template <typename Visit>
  Status ReadEntry(Bytes key, const Visit& visit);

  Status TakeSnapshot() EXCLUDES(snapshot_mu);
  Status StartSnapshotThread() EXCLUDES(background_mu);
  static void BuildBlock(CommandChunk& chunk, storage::FrameBuilder& builder);

  struct Schedule {
    int64_t sync_us = 0;
    int64_t reap_us = 0;
    int64_t snapshot_us = 0;
    storage::Lsn lsn = 0;
  };
  void Serve();
  void Tick(Schedule& schedule);
  bool SnapshotIsDue(const Options& in_force) const;
  void Reap();
  void SetMemoryLimit(const Options& in_force);
  void StopThreads();

  Options CopyOptions() const EXCLUDES(options_mu);
  void Say(LogLevel level, const std::string& message) const;
  void SayPoison(const Status& why);
  void LogRecovery() const;
};

}  // namespace redislite::engine

// ==== src/engine/replay.h =========================================================================================
namespace redislite::engine {

class Engine;
class Keyspace;

class Replay {
 public:
  using Progress = std::function<void(uint64_t commands)>;

  Replay(Engine& engine, Keyspace& keyspace, const CommandTable& commands, Progress progress)
      : engine_(engine), keyspace_(keyspace), commands_(commands), progress_(std::move(progress)) {}
  ~Replay();

  Status Take(const storage::FrameHeader& frame, Bytes payload);
  Status Finish();

 private:
  struct Step {
    const Command* command;
    uint32_t first_arg;
    uint32_t arg_count;
    uint32_t key;  // the argument that is the only key, or kManyKeys
    uint8_t db;
    uint64_t hash;  // of the only key
    int64_t time_ms;
  };
  static constexpr uint32_t kManyKeys = ~uint32_t{0};
  struct Batch {
    std::string bytes;
    std::vector<Bytes> args;
    std::vector<Step> steps;
  };

  Status Decode(const storage::FrameHeader& frame, Bytes payload);
  Status PassOn() EXCLUDES(mu_);
  Status Apply(const Batch& batch);
  void Work() EXCLUDES(mu_);

  Engine& engine_;
  Keyspace& keyspace_;
  const CommandTable& commands_;
  const Progress progress_;

  std::unique_ptr<Batch> batch_;
  std::vector<Bytes> argv_;
  uint64_t commands_taken_ = 0;
  uint64_t batches_ = 0;
  int64_t said_us_ = 0;
  std::thread worker_;

  Mutex mu_;
  CondVar changed_;
  std::vector<std::unique_ptr<Batch>> queue_ GUARDED_BY(mu_);  // the first is next
  Status failed_ GUARDED_BY(mu_);
  bool ended_ GUARDED_BY(mu_) = false;      // no batch comes any more
  bool abandoned_ GUARDED_BY(mu_) = false;  // and those that wait are not wanted
};

}  // namespace redislite::engine

// ==== src/engine/task.h ===========================================================================================
namespace redislite::engine {

struct Task {
  Op op;
  Request request;
  Request* const single[1] = {&request};
  resp::Writer reply;
  std::vector<std::string> text;  // the arguments, when nobody else keeps them
  std::vector<Bytes> args;

  std::vector<std::unique_ptr<Request>> parts;
  std::vector<Request*> part_list;

  Args Borrow(Args borrowed) {
    args.assign(borrowed.begin(), borrowed.end());
    return args;
  }
  Args Own(Args borrowed) {
    text.resize(borrowed.size());
    for (size_t i = 0; i < borrowed.size(); ++i) text[i].assign(borrowed[i]);
    args.assign(text.begin(), text.end());
    return args;
  }

  void Reset(int protocol) {
    op.parts = {};
    op.batch = false;
    op.may_park = false;
    op.watched = nullptr;
    op.action = nullptr;
    op.reply = &reply;
    op.status = Status::Ok();
    op.finished = nullptr;
    op.park_until_us = 0;
    op.done.store(0, std::memory_order_relaxed);
    op.fate = Op::Fate::kAnswered;
    op.park_number = 0;
    request.command = nullptr;
    request.owned.clear();
    reply.Reset(protocol);
    parts.clear();
    part_list.clear();
  }
};

}  // namespace redislite::engine

// ==== src/engine/engine.cc ========================================================================================
namespace redislite::engine {

namespace {

constexpr size_t kReapSlice = 64;
constexpr int64_t kTickMs_engine_engine = 100;
constexpr int64_t kSyncEveryUs = 1'000'000;
constexpr int64_t kSnapshotRetryUs = 10'000'000;
constexpr size_t kPinBytes = 4096;

bool ArityFits_engine_engine(const Command& command, size_t count) {
  return command.arity >= 0 ? count == static_cast<size_t>(command.arity)
                            : count >= static_cast<size_t>(-command.arity);
}

void WriteWrongArity(const Command& command, resp::Writer& reply) {
  reply.Error(Code::kCommand, "ERR wrong number of arguments for '" + std::string(command.name) + "' command");
}

void WriteFailure_engine_engine(const Status& status, resp::Writer& reply) {
  switch (status.code()) {
    case Code::kIo:
    case Code::kFull:
      return reply.Error(status.code(), "MISCONF Errors writing to the AOF file: " + status.message());
    case Code::kMaxMemory:
      return reply.Error(status.code(), "OOM " + status.message());
    case Code::kReadOnly:
      return reply.Error(status.code(), "READONLY " + status.message());
    default:
      return reply.Error(status.code(), "ERR " + status.message());
  }
}

Status ReadOnlyStatus() { return {Code::kReadOnly, "You can't write against a read only store."}; }

}  // namespace

Engine::Engine() : parts_(std::make_unique<Parts>()) {}

Result<std::unique_ptr<Engine>> Engine::Open(const std::string& path, const Options& options,
                                             const CommandTable& commands, os::FileSystem& files) {
  std::unique_ptr<Engine> engine(new Engine);
  Parts& parts = *engine->parts_;
  parts.path = path;
  parts.options = options;
  parts.commands = &commands;
  parts.command_statistics = std::make_unique<CommandStatistics>(commands.Rows());
  parts.command_statistics->SetOptions(options);
  parts.files = &files;
  parts.clock = std::make_unique<StoreClock>(options.now_ms ? options.now_ms : os::SystemNowMs);
  parts.started_ms = parts.clock->Now();
  const int64_t start_us = os::MonotonicUs();
  std::unique_ptr<Replay> replay;
  const auto begin = [&](const HashSeed& seed) {
    replay.reset();
    parts.pipeline.reset();
    parts.keyspace.reset();
    parts.keyspace = std::make_unique<Keyspace>(parts.memory, seed);
    parts.pipeline = std::make_unique<CommitPipeline>(*engine, *parts.keyspace, *parts.clock, commands);
  };
  if (path.empty()) {
    HashSeed seed;
    RL_RETURN_IF_ERROR(files.FillRandom(reinterpret_cast<char*>(&seed), sizeof seed));
    begin(seed);
  } else {
    storage::LogOptions log_options;
    log_options.create = options.create;
    log_options.read_only = options.read_only;
    log_options.salvage = options.salvage;
    log_options.segment_bytes = options.wal_segment_bytes;
    log_options.now_ms = [clock = parts.clock.get()] { return clock->Now(); };
    const auto say_progress = [&](uint64_t records) {
      parts.Say(LogLevel::kInfo, "recovering: " + std::to_string(records) + " records so far");
    };
    storage::ReplayTarget target;
    target.begin = [&](const HashSeed& seed) {
      begin(seed);
      replay = std::make_unique<Replay>(*engine, *parts.keyspace, commands, say_progress);
    };
    target.frame = [&](const storage::FrameHeader& frame, Bytes payload) {
      Status taken = replay->Take(frame, payload);
      const bool damaged = taken.code() == Code::kCorrupt || taken.code() == Code::kVersion;
      if (taken.ok() || (damaged && options.salvage)) return Status::Ok();
      if (!damaged) return taken;
      return Status(taken.code(), path + ": LSN " + std::to_string(frame.lsn) + ": " + taken.message());
    };
    target.end = [&] { return replay->Finish(); };
    Result<std::unique_ptr<storage::Log>> log = storage::Log::Open(files, path, log_options, target);
    if (!log.ok()) return log.status();
    parts.log = std::move(*log);
    parts.recovery = parts.log->report();
    parts.clock->NeverBefore(parts.recovery.time_ms);
    parts.pipeline->SetLog(parts.log.get());
  }
  parts.recovery_us = os::MonotonicUs() - start_us;
  parts.snapshotter = std::make_unique<Snapshotter>(*parts.keyspace, *parts.pipeline, *parts.clock);
  parts.pipeline->SetFsync(options.fsync);
  parts.SetMemoryLimit(options);
  parts.pipeline->SetEvents(options.event_kinds);
  parts.last_save_s = parts.clock->Now() / 1000;
  if (parts.log != nullptr && parts.log->needs_snapshot()) RL_RETURN_IF_ERROR(engine->Snapshot());
  parts.LogRecovery();
  if (options.service_thread) RL_RETURN_IF_ERROR(os::StartThread([&parts] { parts.Serve(); }, &parts.service));
  return engine;
}

Engine::~Engine() {
  parts_->StopThreads();
  if (parts_->pipeline != nullptr) parts_->pipeline->StopLeader();
}

Status Engine::Close() {
  Parts& parts = *parts_;
  parts.StopThreads();
  parts.pipeline->StopLeader();
  if (parts.log == nullptr) return Status::Ok();
  Status closed = parts.pipeline->Alone([&] { return parts.log->Close(); });
  parts.pipeline->SetLog(nullptr);
  parts.log.reset();  // releases the lock
  return closed;
}


Status Engine::Parts::Check(Args args, const Command** command, resp::Writer& reply, For whom) const {
  if (args.empty()) return {Code::kInvalid, "a command needs a name"};
  *command = commands->Find(args);
  if (*command == nullptr) {
    commands->WriteUnknown(args, reply);
    command_statistics->CountRejected(nullptr, reply.bytes());
    return Status::Ok();
  }
  if (whom == For::kNoSession && ((*command)->flags & kSession) != 0) {
    reply.Error(Code::kCommand, "ERR '" + std::string((*command)->name) + "' needs a session: rl_session_open");
    *command = nullptr;
    return Status::Ok();
  }
  if (!ArityFits_engine_engine(**command, args.size())) {
    WriteWrongArity(**command, reply);
    command_statistics->CountRejected(*command, reply.bytes());
    *command = nullptr;
    return Status::Ok();
  }
  for (const Bytes arg : args) {
    if (arg.size() > kValueBytesMax) {
      reply.Error(Code::kLimit, "ERR an argument has " + std::to_string(arg.size()) + " bytes, at most " +
                                    std::to_string(kValueBytesMax) + " are allowed");
      *command = nullptr;
      return Status::Ok();
    }
  }
  return Status::Ok();
}

bool Engine::Parts::Canonicalize(Request& request, resp::Writer& reply) const {
  if (request.command->canonical == nullptr) return true;
  Rewrite rewrite(request.args, clock->Now(), reply);
  if (!request.command->canonical(rewrite)) return false;
  if (!rewrite.replacement().empty()) {
    const bool owned = !request.owned.empty();  // what was asked for goes
    request.Own(std::move(rewrite.replacement()));
    if (owned) request.asked_args = request.args;
    request.command = commands->Find(request.args);
  }
  return true;
}

bool Engine::Parts::Prepare(Args args, int db, Request& request, resp::Writer& reply) const {
  if (const Status checked = Check(args, &request.command, reply, Parts::For::kNoSession); !checked.ok()) {
    reply.Error(checked.code(), "ERR " + checked.message());
    return false;
  }
  if (request.command == nullptr) return false;
  request.args = args;
  request.asked = request.command;
  request.asked_args = args;
  request.db = db;
  if (request.writes() && !Canonicalize(request, reply)) return false;
  if (request.writes() && options.read_only) {
    WriteFailure_engine_engine(ReadOnlyStatus(), reply);
    return false;
  }
  request.FindKeys(*keyspace);
  return true;
}

Status Engine::Execute(Args args, int db, resp::Writer& reply, uint64_t client) {
  if (args.empty()) return {Code::kInvalid, "a command needs a name"};
  Parts& parts = *parts_;
  Request request;
  request.client = client;
  if (!parts.Prepare(args, db, request, reply)) return Status::Ok();
  if (!request.writes()) {
    const CommandStatistics::Run run(*parts.command_statistics, request, reply);
    const StripeSet::Guard guard(*parts.keyspace, request.stripes(), StripeSet::How::kShared);
    request.Prefetch(*parts.keyspace);
    Context context(this, *parts.keyspace, Mode::kRead, request, parts.clock->Now(), reply);
    request.command->handler(context);
    return Status::Ok();
  }
  Request* const requests[] = {&request};
  Op op;
  op.parts = requests;
  op.reply = &reply;
  if ((request.command->flags & kMayWait) != 0) {
    RL_RETURN_IF_ERROR(StartLeader());
    op.may_park = true;
  }
  parts.pipeline->Submit(op);
  if (op.status.ok()) return Status::Ok();
  reply.Clear();
  if (op.status.code() == Code::kNoMemory || op.status.code() == Code::kClosed) return op.status;
  WriteFailure_engine_engine(op.status, reply);
  return Status::Ok();
}

const Command* Engine::Look(Args args, resp::Writer& reply) const {
  const Command* command = nullptr;
  if (const Status checked = parts_->Check(args, &command, reply, Parts::For::kSession); !checked.ok()) {
    reply.Error(checked.code(), "ERR " + checked.message());
  }
  return command;
}

bool Engine::Prepare(Args args, int db, Task& task) {
  if (!parts_->Prepare(args, db, task.request, task.reply)) return false;
  task.op.parts = task.single;
  return true;
}

void Engine::Read(Task& task) {
  Parts& parts = *parts_;
  const CommandStatistics::Run run(*parts.command_statistics, task.request, task.reply);
  const StripeSet::Guard guard(*parts.keyspace, task.request.stripes(), StripeSet::How::kShared);
  task.request.Prefetch(*parts.keyspace);
  Context context(this, *parts.keyspace, Mode::kRead, task.request, parts.clock->Now(), task.reply);
  task.request.command->handler(context);
}

namespace {}  // namespace

void Engine::Submit(std::span<Op* const> ops) {
  if (ops.size() == 1) return parts_->pipeline->Submit(*ops.front());
  parts_->pipeline->Submit(ops);
}

void Engine::SubmitAsync(std::span<Op* const> ops) { parts_->pipeline->SubmitAsync(ops); }
bool Engine::SyncsWrites() const { return parts_->pipeline->syncs_writes(); }
Status Engine::StartLeader() { return parts_->pipeline->StartLeader(); }
void Engine::RefuseParking() { parts_->pipeline->RefuseParking(); }
CommitPipeline& Engine::pipeline() { return *parts_->pipeline; }

void Engine::WriteOutcome(Task& task) {
  const Status& status = task.op.status;
  if (status.ok()) return;
  task.reply.Clear();
  if (status.code() == Code::kNoMemory) return task.reply.Error(status.code(), "OOM out of memory");
  if (status.code() == Code::kCommand) return task.reply.Error(status.code(), status.message());  // as Redis says it
  WriteFailure_engine_engine(status, task.reply);
}

namespace {

struct Unparking {
  Op op;
  std::shared_ptr<void> keep;

  static void Finished(Op& op) { delete static_cast<Unparking*>(op.owner); }
};

}  // namespace

void Engine::Unpark(std::shared_ptr<void> keep, Task& task, uint64_t serial, Status status) {
  auto* unparking = new Unparking;
  unparking->keep = std::move(keep);
  unparking->op.finished = &Unparking::Finished;
  unparking->op.owner = unparking;
  unparking->op.action = [this, &task, serial, status = std::move(status)] {
    if (task.op.serial == serial) parts_->pipeline->Unpark(task.op, status);
  };
  Op* const ops[] = {&unparking->op};
  parts_->pipeline->SubmitAsync(ops);
}

void Engine::Unwatch(WatchList& list) { parts_->pipeline->Unwatch(list); }

void Engine::Watch(WatchList& list, int db, Bytes key) {
  Parts& parts = *parts_;
  const uint64_t hash = parts.keyspace->Hash(key);
  parts.pipeline->Watch(list, {.db = db, .name = std::string(key), .hash = hash, .existed = false});
  StripeSet stripes;
  stripes.Add(hash);
  const StripeSet::Guard guard(*parts.keyspace, stripes, StripeSet::How::kShared);
  const bool exists = parts.keyspace->Find(db, hash, key, parts.clock->Now()) != nullptr;
  for (WatchList::Key& watched : list.keys) {
    if (watched.db == db && watched.name == key) watched.existed |= exists;
  }
}

Status Engine::CheckForBatch(Args args) {
  const Parts& parts = *parts_;
  resp::Writer reply;
  Request request;
  RL_RETURN_IF_ERROR(parts.Check(args, &request.command, reply, Parts::For::kNoSession));
  if (request.command != nullptr) {
    request.args = args;
    if ((request.command->flags & (kNoBatch | kAdmin)) != 0) {
      return {Code::kCommand, "the command '" + std::string(request.command->name) + "' is not allowed in a batch"};
    }
    if (parts.Canonicalize(request, reply)) return Status::Ok();
  }
  const Bytes text = reply.bytes();
  return {reply.error_codes().front(), std::string(text.substr(1, text.size() - 3))};
}

bool Engine::PrepareBatch(const std::vector<std::vector<std::string>>& commands, const std::vector<int>& dbs,
                          Task& task, const std::function<bool(size_t index, Bytes error)>& refused) {
  Parts& parts = *parts_;
  for (size_t i = 0; i < commands.size(); ++i) {
    auto request = std::make_unique<Request>();
    request->Own(commands[i]);
    request->client = task.request.client;
    if (!parts.Prepare(request->args, dbs[i], *request, task.reply)) {
      if (!refused(i, task.reply.bytes())) return false;
      task.reply.Clear();
      continue;
    }
    task.part_list.push_back(request.get());
    task.parts.push_back(std::move(request));
  }
  task.op.parts = task.part_list;
  task.op.batch = true;
  return true;
}

Status Engine::ExecuteBatch(const std::vector<std::vector<std::string>>& commands, int db, resp::Writer& reply) {
  Parts& parts = *parts_;
  Task task;
  task.Reset(reply.protocol());
  Status failed;
  const auto refuse = [&](size_t, Bytes error) {
    failed = {task.reply.error_codes().front(), std::string(error.substr(1, error.size() - 3))};
    return false;
  };
  if (!PrepareBatch(commands, std::vector<int>(commands.size(), db), task, refuse)) return failed;
  task.op.reply = &reply;
  StripeSet stripes;
  bool writes = false;
  for (const Request* request : task.part_list) {
    stripes.Add(request->stripes());
    writes |= request->writes();
  }
  if (!writes) {
    const StripeSet::Guard guard(*parts.keyspace, stripes, StripeSet::How::kShared);
    reply.Array(task.part_list.size());
    const int64_t now_ms = parts.clock->Now();
    for (const Request* request : task.part_list) {
      const CommandStatistics::Run run(*parts.command_statistics, *request, reply);
      Context context(this, *parts.keyspace, Mode::kRead, *request, now_ms, reply);
      request->command->handler(context);
    }
    return Status::Ok();
  }
  parts.pipeline->Submit(task.op);
  return task.op.status;
}


template <typename Visit>
Status Engine::Parts::ReadEntry(Bytes key, const Visit& visit) {
  const uint64_t hash = keyspace->Hash(key);
  StripeSet stripes;
  stripes.Add(hash);
  const StripeSet::Guard guard(*keyspace, stripes, StripeSet::How::kShared);
  const int64_t now_ms = clock->Now();
  Entry* entry = keyspace->Find(0, hash, key, now_ms);
  if (entry == nullptr) {
    statistics.misses.Add();
    return {Code::kNotFound, std::string()};
  }
  statistics.hits.Add();
  keyspace->NoteAccess(*entry, now_ms);
  return visit(*entry, now_ms);
}

Status Engine::GetString(Bytes key, StringView& out) {
  return parts_->ReadEntry(key, [&](const Entry& entry, int64_t) -> Status {
    const auto* string = entry.value.As<types::String>();
    if (string == nullptr) return {Code::kType, "WRONGTYPE Operation against a key holding the wrong kind of value"};
    if (types::Buffer* buffer = string->buffer(); buffer != nullptr && string->size() >= kPinBytes) {
      out.pin = types::Pin(buffer);
      out.bytes = out.pin.view();
    } else {
      char scratch[kInt64TextMax];
      out.small = string->View(scratch);
      out.bytes = out.small;
    }
    return Status::Ok();
  });
}

Status Engine::Exists(Bytes key) {
  return parts_->ReadEntry(key, [](const Entry&, int64_t) { return Status::Ok(); });
}

Status Engine::Ttl(Bytes key, int64_t* ttl_ms) {
  return parts_->ReadEntry(key, [&](const Entry& entry, int64_t now_ms) {
    *ttl_ms = entry.expires_at_ms() == kNever ? -1 : entry.expires_at_ms() - now_ms;
    return Status::Ok();
  });
}

Status Engine::CountKeys(uint64_t* keys) {
  StripeSet stripes;
  stripes.AddAll();
  const StripeSet::Guard guard(*parts_->keyspace, stripes, StripeSet::How::kShared);
  *keys = parts_->keyspace->Count(0, parts_->clock->Now());
  return Status::Ok();
}


Status Engine::Sync() {
  Parts& parts = *parts_;
  if (parts.log == nullptr) return Status::Ok();
  if (parts.options.read_only) return ReadOnlyStatus();
  return parts.log->Sync();
}

Status Engine::Snapshot() {
  Parts& parts = *parts_;
  if (parts.log == nullptr) return {Code::kInvalid, "a store in memory has no snapshots"};
  if (parts.options.read_only) return ReadOnlyStatus();
  return parts.TakeSnapshot();
}

Status Engine::Parts::TakeSnapshot() {
  std::unique_ptr<storage::SnapshotWriter> writer;
  storage::FrameBuilder builder;
  storage::Lsn lsn = 0;
  Snapshotter::Target target;
  target.at_cut = [&]() -> Result<storage::Lsn> {
    if (Status rotated = log->Rotate(); !rotated.ok() && rotated.code() != Code::kFull) return rotated;
    return log->last_lsn();
  };
  target.begin = [&](const Snapshotter::Point& point) -> Status {
    lsn = point.lsn;
    Result<std::unique_ptr<storage::SnapshotWriter>> begun = log->BeginSnapshot(point.lsn, point.time_ms);
    if (!begun.ok()) return begun.status();
    writer = std::move(*begun);
    return Status::Ok();
  };
  target.block = [&](CommandChunk& chunk, uint64_t) {
    BuildBlock(chunk, builder);
    return writer->AddBlock(builder, chunk.commands, chunk.keys);
  };
  MutexLock lock(snapshot_mu);
  Status taken = snapshotter->Run(target, stop);
  if (taken.ok()) taken = writer->Finish();
  if (taken.ok()) taken = log->InstallSnapshot(lsn, writer->bytes());
  writer.reset();
  if (taken.ok()) {
    last_save_s = clock->Now() / 1000;
    snapshot_last_lsn = lsn;
    statistics.snapshots.fetch_add(1, std::memory_order_relaxed);
  } else if (taken.code() != Code::kCondition) {
    statistics.snapshots_failed.fetch_add(1, std::memory_order_relaxed);
  }
  return taken;
}

void Engine::Parts::BuildBlock(CommandChunk& chunk, storage::FrameBuilder& builder) {
  builder.Clear();
  if (chunk.db != 0) {
    const std::string number = std::to_string(chunk.db);
    const Bytes select[] = {"SELECT", number};
    resp::AppendCommand(builder.buffer(), select);
    ++chunk.commands;
  }
  builder.buffer().append(chunk.bytes);
}

Status Engine::StartBackgroundSnapshot() {
  Parts& parts = *parts_;
  if (parts.log == nullptr) return {Code::kInvalid, "a store in memory has no snapshots"};
  if (parts.options.read_only) return ReadOnlyStatus();
  return parts.StartSnapshotThread();
}

Status Engine::Parts::StartSnapshotThread() {
  MutexLock lock(background_mu);
  if (snapshot_running.load(std::memory_order_acquire)) return {Code::kBusy, "Background save already in progress"};
  if (background.joinable()) background.join();
  snapshot_running.store(true, std::memory_order_release);
  Status started = os::StartThread(
      [this] {
        try {
          const Status taken = TakeSnapshot();
          if (!taken.ok() && taken.code() != Code::kCondition)
            Say(LogLevel::kWarning, "snapshot failed: " + taken.message());
        } catch (const std::bad_alloc&) {
        }
        snapshot_running.store(false, std::memory_order_release);
      },
      &background);
  if (!started.ok()) snapshot_running.store(false, std::memory_order_release);
  return started;
}

Status Engine::Backup(const std::string& path, const std::function<bool(uint64_t done, uint64_t total)>& progress) {
  Parts& parts = *parts_;
  Result<std::unique_ptr<storage::BackupWriter>> backup = storage::BackupWriter::Create(*parts.files, path);
  if (!backup.ok()) return backup.status();
  storage::FrameBuilder builder;
  uint64_t total = 0;
  uint64_t done = 0;
  const auto report = [&] { return !progress || progress(done, std::max(done, total)); };
  Snapshotter::Target target;
  target.at_cut = [&]() -> Result<storage::Lsn> { return parts.log == nullptr ? 0 : parts.log->last_lsn(); };
  target.begin = [&](const Snapshotter::Point& point) -> Status {
    total = point.keys;
    RL_RETURN_IF_ERROR((*backup)->Begin(point.lsn, point.time_ms));
    return report() ? Status::Ok() : Status(Code::kCondition, "cancelled");
  };
  target.block = [&](CommandChunk& chunk, uint64_t keys_done) -> Status {
    parts.BuildBlock(chunk, builder);
    RL_RETURN_IF_ERROR((*backup)->AddBlock(builder, chunk.commands, chunk.keys));
    done = keys_done;
    return report() ? Status::Ok() : Status(Code::kCondition, "cancelled");
  };
  const std::atomic<bool> never{false};
  RL_RETURN_IF_ERROR(parts.snapshotter->Run(target, never));
  total = done;
  if (!report()) return {Code::kCondition, "cancelled"};
  return (*backup)->Finish();
}

int64_t Engine::last_save_s() const { return parts_->last_save_s; }


void Engine::Parts::Serve() {
  Schedule schedule;
  schedule.sync_us = os::MonotonicUs() + kSyncEveryUs;
  while (true) {
    {
      MutexLock lock(service_mu);
      if (stop) return;
      const uint64_t reaper_interval_ms = CopyOptions().reaper_interval_ms;
      const int64_t reap_ms = reaper_interval_ms == 0 ? kTickMs_engine_engine : static_cast<int64_t>(reaper_interval_ms);
      service_cv.WaitFor(service_mu, std::chrono::milliseconds(std::clamp<int64_t>(reap_ms, 1, kTickMs_engine_engine)));
      if (stop) return;
    }
    try {
      Tick(schedule);
    } catch (const std::bad_alloc&) {
    }
  }
}

void Engine::Parts::Tick(Schedule& schedule) {
  const Options now_in_force = CopyOptions();
  const int64_t now_us = os::MonotonicUs();
  if (now_in_force.reaper_interval_ms != 0 && active_expire && now_us >= schedule.reap_us) {
    Reap();
    schedule.reap_us = now_us + static_cast<int64_t>(now_in_force.reaper_interval_ms) * 1000;
  }
  if (log == nullptr || now_in_force.read_only) return;
  log->ZeroFillAhead();
  if (now_in_force.fsync == Fsync::kEverySecond && now_us >= schedule.sync_us) {
    if (Status synced = log->Sync(); !synced.ok()) SayPoison(synced);
    schedule.sync_us = now_us + kSyncEveryUs;
  }
  const storage::Lsn lsn = log->last_lsn();
  if (lsn == schedule.lsn) (void)pipeline->Alone([&] { return log->MarkDurable(clock->Now()); }).ok();
  schedule.lsn = lsn;
  if (now_us >= schedule.snapshot_us && SnapshotIsDue(now_in_force)) {
    schedule.snapshot_us = now_us + kSnapshotRetryUs;
    (void)StartSnapshotThread().ok();  // busy: one is under way
  }
}

bool Engine::Parts::SnapshotIsDue(const Options& in_force) const {
  if (snapshot_running.load(std::memory_order_acquire) || log->poisoned()) return false;
  if (in_force.snapshot_wal_bytes != 0 && log->wal_bytes() > in_force.snapshot_wal_bytes) return true;
  return in_force.snapshot_interval_s != 0 && log->last_lsn() > log->snapshot_lsn() &&
         clock->Now() / 1000 - last_save_s >= static_cast<int64_t>(in_force.snapshot_interval_s);
}

void Engine::Parts::SetMemoryLimit(const Options& in_force) {
  const Policy policy = in_force.maxmemory_policy;
  keyspace->CountAccesses(policy == Policy::kAllKeysLfu || policy == Policy::kVolatileLfu);
  pipeline->SetMaxMemory(in_force.maxmemory, policy, in_force.maxmemory_samples);
}

void Engine::Parts::Reap() {
  const int64_t now_ms = clock->Now();
  for (int stripe = 0; stripe < kStripes; ++stripe) {
    while (keyspace->NextExpiry(stripe) <= now_ms) {
      const size_t reaped = pipeline->Alone([&] {
        StripeSet stripes;
        stripes.Add(static_cast<uint64_t>(stripe) << (64 - kStripeBits));
        const StripeSet::Guard guard(*keyspace, stripes, StripeSet::How::kExclusive);
        return keyspace->Reap(stripe, now_ms, kReapSlice, [&](int db, Bytes key) {
          pipeline->Tell({kExpiredEvents, "expired", db, key});
        });
      });
      statistics.expired.Add(reaped);
      if (reaped < kReapSlice) break;
    }
  }
}

void Engine::Parts::StopThreads() {
  {
    MutexLock lock(service_mu);
    stop = true;
  }
  service_cv.NotifyAll();
  if (service.joinable()) service.join();
  MutexLock lock(background_mu);
  if (background.joinable()) background.join();
}

void Engine::Parts::Say(LogLevel level, const std::string& message) const {
  if (options.log) options.log(level, message.c_str());
}

void Engine::Parts::SayPoison(const Status& why) {
  if (!poison_said.exchange(true))
    Say(LogLevel::kError, "the log is poisoned, writes fail until the store is opened again: " + why.message());
}

void Engine::Parts::LogRecovery() const {
  if (log == nullptr || recovery.created) return;
  if (!recovery.clean) {
    Say(LogLevel::kWarning, "recovered after an unclean end: " + std::to_string(recovery.records_replayed) +
                                " records replayed, " + std::to_string(recovery.bytes_cut) +
                                " bytes of a torn tail cut");
  }
  for (const std::string& loss : recovery.losses) Say(LogLevel::kError, "salvage: " + loss);
}


Options Engine::Parts::CopyOptions() const {
  MutexLock lock(options_mu);
  return options;
}

Options Engine::options() const { return parts_->CopyOptions(); }
uint64_t Engine::options_version() const { return parts_->options_version.load(std::memory_order_acquire); }

Status Engine::ConfigSet(Bytes name, Bytes value) {
  Parts& parts = *parts_;
  const OptionSpec* spec = FindOption(name);
  if (spec != nullptr && !spec->changeable) {
    return {Code::kInvalid, "option '" + std::string(spec->name) + "' is fixed when the store is opened"};
  }
  {
    MutexLock lock(parts.options_mu);
    RL_RETURN_IF_ERROR(SetOption(parts.options, name, value));
    parts.pipeline->SetFsync(parts.options.fsync);
    parts.SetMemoryLimit(parts.options);
    parts.pipeline->SetEvents(parts.options.event_kinds);
    parts.command_statistics->SetOptions(parts.options);
    parts.options_version.fetch_add(1, std::memory_order_release);
  }
  parts.service_cv.NotifyAll();
  return Status::Ok();
}

void Engine::SetClientFacts(std::function<ClientFacts()> ask) { parts_->client_facts = std::move(ask); }
void Engine::SetPublish(Describe describe, Publish publish) {
  parts_->pipeline->SetPublish(describe, std::move(publish));
}
void Engine::ResetStatistics() {
  parts_->statistics.Reset();
  parts_->command_statistics->Reset();
  parts_->pipeline->ResetEvictedKeys();
}
int64_t Engine::NowMs() { return parts_->clock->Now(); }
bool Engine::in_memory() const { return parts_->log == nullptr; }
const std::string& Engine::path() const { return parts_->path; }
Host& Engine::host() { return parts_->host; }
CommandStatistics& Engine::command_statistics() { return *parts_->command_statistics; }
const CommandTable& Engine::commands() const { return *parts_->commands; }
Memory& Engine::memory() { return parts_->memory; }
void Engine::SetActiveExpire(bool on) { parts_->active_expire = on; }

}  // namespace redislite::engine

// ==== src/engine/entry_commands.cc ================================================================================
namespace redislite::engine {

namespace {

constexpr size_t kElementsMax = 64;

class Appender {
 public:
  Appender(std::vector<CommandChunk>& chunks, int db) : chunks_(chunks), db_(db) {}

  void Append(std::span<const Bytes> args) {
    if (chunks_.empty() || chunks_.back().db != db_ || chunks_.back().bytes.size() >= kChunkBytes) {
      chunks_.push_back({.db = db_, .bytes = {}, .commands = 0, .keys = 0});
    }
    resp::AppendCommand(chunks_.back().bytes, args);
    ++chunks_.back().commands;
  }

  void Begin(Bytes name, Bytes key) {
    args_.assign({name, key});
    bytes_ = 0;
  }
  void Add(Bytes element) {
    args_.push_back(element);
    bytes_ += element.size();
  }
  void AddCopy(Bytes text) { Add(texts_.emplace_back(text)); }
  bool full() const { return args_.size() >= kElementsMax + 2 || bytes_ >= kChunkBytes; }
  void Flush() {
    if (args_.size() > 2) Append(args_);
    args_.resize(2);
    texts_.clear();
    bytes_ = 0;
  }

 private:
  std::vector<CommandChunk>& chunks_;
  const int db_;
  std::vector<Bytes> args_;
  std::deque<std::string> texts_;  // those of args_ that are ours
  size_t bytes_ = 0;
};

}  // namespace

void AppendEntryCommands(std::vector<CommandChunk>& chunks, int db, const Entry& entry) {
  Appender appender(chunks, db);
  const bool expires = entry.expires_at_ms() != kNever;
  char expiry_text[kInt64TextMax];
  const Bytes expiry = expires ? FormatInt64(entry.expires_at_ms(), expiry_text) : Bytes();
  if (const auto* string = entry.value.As<types::String>()) {
    char scratch[kInt64TextMax];
    const std::array<Bytes, 5> args = {"SET", entry.key(), string->View(scratch), "PXAT", expiry};
    appender.Append(std::span(args).first(expires ? 5 : 3));
  } else {
    if (const auto* list = entry.value.As<types::List>()) {
      appender.Begin("RPUSH", entry.key());
      list->ForEach(0, [&](Bytes element) {
        appender.Add(element);
        if (appender.full()) appender.Flush();
        return true;
      });
    } else if (const auto* hash = entry.value.As<types::Hash>()) {
      appender.Begin("HSET", entry.key());
      hash->ForEach([&](Bytes field, Bytes value) {
        appender.Add(field);
        appender.Add(value);
        if (appender.full()) appender.Flush();
        return true;
      });
    } else if (const auto* set = entry.value.As<types::Set>()) {
      appender.Begin("SADD", entry.key());
      set->ForEach([&](Bytes member) {
        appender.AddCopy(member);
        if (appender.full()) appender.Flush();
        return true;
      });
    } else if (const auto* sorted_set = entry.value.As<types::SortedSet>()) {
      appender.Begin("ZADD", entry.key());
      sorted_set->ForEach([&](Bytes member, double score) {
        appender.AddCopy(FormatDouble(score));
        appender.Add(member);
        if (appender.full()) appender.Flush();
        return true;
      });
    }
    appender.Flush();
    if (expires) {
      const std::array<Bytes, 3> args = {"PEXPIREAT", entry.key(), expiry};
      appender.Append(args);
    }
  }
  ++chunks.back().keys;
}

}  // namespace redislite::engine

// ==== src/engine/events.cc ========================================================================================
namespace redislite::engine {

namespace {

struct Letter {
  char letter;
  uint32_t kind;
};
constexpr Letter kClasses_engine_events[] = {
    {'g', kGenericEvents},   {'$', kStringEvents},  {'l', kListEvents},    {'s', kSetEvents},    {'h', kHashEvents},
    {'z', kSortedSetEvents}, {'x', kExpiredEvents}, {'e', kEvictedEvents}, {'t', kStreamEvents}, {'d', kModuleEvents},
};
constexpr Letter kNew_engine_events = {'n', kNewEvents};
constexpr Letter kOthers[] = {{'K', kKeyspaceEvents}, {'E', kKeyeventEvents}, {'m', kMissedEvents}};

constexpr uint32_t AllClasses() {
  uint32_t kinds = 0;
  for (const Letter& each : kClasses_engine_events) kinds |= each.kind;
  return kinds;
}

}  // namespace

std::optional<uint32_t> ParseEventKinds(Bytes letters) {
  uint32_t kinds = 0;
  for (const char letter : letters) {
    uint32_t found = letter == 'A' ? AllClasses() : letter == kNew_engine_events.letter ? kNew_engine_events.kind : 0;
    for (const Letter& each : kClasses_engine_events) found |= each.letter == letter ? each.kind : 0;
    for (const Letter& each : kOthers) found |= each.letter == letter ? each.kind : 0;
    if (found == 0) return {};
    kinds |= found;
  }
  return kinds;
}

std::string PrintEventKinds(uint32_t kinds) {
  std::string letters;
  if ((kinds & AllClasses()) == AllClasses()) {
    letters = "A";
  } else {
    for (const Letter& each : kClasses_engine_events) {
      if ((kinds & each.kind) != 0) letters += each.letter;
    }
    if ((kinds & kNew_engine_events.kind) != 0) letters += kNew_engine_events.letter;
  }
  for (const Letter& each : kOthers) {
    if ((kinds & each.kind) != 0) letters += each.letter;
  }
  return letters;
}

void PublishEvent(const Event& event, uint32_t kinds, const Publish& publish) {
  if ((kinds & event.kind) == 0 || !publish) return;
  const std::string place = "@" + std::to_string(event.db) + "__:";
  if ((kinds & kKeyspaceEvents) != 0) publish(("__keyspace" + place).append(event.key), event.name);
  if ((kinds & kKeyeventEvents) != 0) publish("__keyevent" + place + event.name, event.key);
}

}  // namespace redislite::engine

// ==== src/engine/eviction.cc ======================================================================================
namespace redislite::engine {

namespace {

constexpr int kFruitlessDraws = 64;

Keyspace::Among AmongFor(Policy policy) {
  switch (policy) {
    case Policy::kVolatileLru:
    case Policy::kVolatileLfu:
    case Policy::kVolatileRandom:
      return Keyspace::Among::kExpiring;
    case Policy::kVolatileTtl:
      return Keyspace::Among::kSoonest;
    case Policy::kNoEviction:
    case Policy::kAllKeysLru:
    case Policy::kAllKeysRandom:
    case Policy::kAllKeysLfu:
      break;
  }
  return Keyspace::Among::kAll;
}

}  // namespace

void Eviction::Begin(Policy policy, uint64_t samples, int64_t now_ms) {
  if (policy != policy_) pool_.clear();
  policy_ = policy;
  samples_ = samples;
  now_ms_ = now_ms;
  chosen_.clear();
}

bool Eviction::MayGo(const Entry& entry) const { return !entry.ExpiredAt(now_ms_) && !chosen_.contains(&entry); }

uint64_t Eviction::Score(const Entry& entry) const {
  const uint32_t used = entry.access.load(std::memory_order_relaxed);
  switch (policy_) {
    case Policy::kAllKeysLru:
    case Policy::kVolatileLru:
      return static_cast<uint64_t>(access::IdleMs(used, now_ms_));
    case Policy::kAllKeysLfu:
    case Policy::kVolatileLfu:
      return 255 - access::Frequency(used, now_ms_);
    case Policy::kVolatileTtl:
      return std::numeric_limits<uint64_t>::max() - static_cast<uint64_t>(entry.expires_at_ms());
    case Policy::kAllKeysRandom:
    case Policy::kVolatileRandom:
    case Policy::kNoEviction:
      break;
  }
  return 0;
}

void Eviction::Consider(int db, const Entry& entry) {
  const uint64_t score = Score(entry);
  if (pool_.size() == kPoolMax && score <= pool_.front().score) return;
  const Bytes key = entry.key();
  if (std::any_of(pool_.begin(), pool_.end(), [&](const Candidate& c) { return c.db == db && c.key == key; })) return;
  const auto at = std::upper_bound(pool_.begin(), pool_.end(), score,
                                   [](uint64_t bound, const Candidate& candidate) { return bound < candidate.score; });
  pool_.insert(at, {score, db, keyspace_.Hash(key), std::string(key)});
  if (pool_.size() > kPoolMax) pool_.erase(pool_.begin());
}

void Eviction::Draw() {
  for (uint64_t i = 0; i < samples_; ++i) {
    const auto [db, entry] = keyspace_.Draw(AmongFor(policy_), random_);
    if (entry == nullptr) return;
    if (MayGo(*entry)) Consider(db, *entry);
  }
}

Eviction::Victim Eviction::TakeBest() {
  const bool needs_expiry = AmongFor(policy_) != Keyspace::Among::kAll;
  while (!pool_.empty()) {
    const Candidate best = std::move(pool_.back());
    pool_.pop_back();
    const Entry* entry = keyspace_.Find(best.db, best.hash, best.key, now_ms_);
    if (entry == nullptr || !MayGo(*entry) || (needs_expiry && entry->expires_at_ms() == kNever)) continue;
    chosen_.insert(entry);
    return {best.db, entry};
  }
  return {};
}

Eviction::Victim Eviction::Choose() {
  const bool at_random = policy_ == Policy::kAllKeysRandom || policy_ == Policy::kVolatileRandom;
  for (int draws = 0; draws < kFruitlessDraws && policy_ != Policy::kNoEviction; ++draws) {
    if (at_random) {
      const auto [db, entry] = keyspace_.Draw(AmongFor(policy_), random_);
      if (entry == nullptr) break;
      if (!MayGo(*entry)) continue;
      chosen_.insert(entry);
      return {db, entry};
    }
    Draw();
    if (const Victim victim = TakeBest(); victim.entry != nullptr) return victim;
    if (keyspace_.TotalKeys() == chosen_.size()) break;
  }
  return {};
}

}  // namespace redislite::engine

// ==== src/engine/host.cc ==========================================================================================
namespace redislite::engine {

void Host::Attach(Answer answer, void* context) {
  MutexLock lock(mu_);
  answer_ = answer;
  context_ = context;
}

void Host::Tell(Bytes name, Bytes value) {
  MutexLock lock(mu_);
  settings_[std::string(name)] = value;
}

Host::Settings Host::settings() const {
  MutexLock lock(mu_);
  return settings_;
}

bool Host::Ask(HostRequest request, const std::string& name, const std::string& value) {
  Answer answer = nullptr;
  void* context = nullptr;
  {
    MutexLock lock(mu_);
    answer = answer_;
    context = context_;
  }
  return answer != nullptr && answer(context, static_cast<int>(request), name.c_str(), value.c_str()) == 0;
}

}  // namespace redislite::engine

// ==== src/engine/info.cc ==========================================================================================
namespace redislite::engine {

namespace {

class Section {
 public:
  Section(std::string& out, Bytes title) : out_(out) {
    if (!out_.empty()) out_ += "\r\n";
    out_.append("# ").append(title).append("\r\n");
  }
  void Line(Bytes name, Bytes value) { out_.append(name).append(":").append(value).append("\r\n"); }
  void Line(Bytes name, uint64_t value) { Line(name, Bytes(std::to_string(value))); }
  void Line(Bytes name, int64_t value) { Line(name, Bytes(std::to_string(value))); }

 private:
  std::string& out_;
};

std::string HumanBytes(uint64_t bytes) {
  constexpr std::array<const char*, 6> kUnits = {"B", "K", "M", "G", "T", "P"};
  size_t unit = 0;
  uint64_t scale = 1;
  while (unit + 1 < kUnits.size() && bytes / scale >= 1024) {
    scale *= 1024;
    ++unit;
  }
  if (unit == 0) return std::to_string(bytes) + "B";
  const uint64_t hundredths = bytes / scale * 100 + bytes % scale * 100 / scale;
  std::string fraction = std::to_string(hundredths % 100);
  return std::to_string(hundredths / 100) + "." + std::string(2 - fraction.size(), '0') + fraction + kUnits[unit];
}

std::string Decimal(double value) {
  std::array<char, 64> text{};
  const auto [end, code] = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 2);
  return code == std::errc() ? std::string(text.data(), end) : "0.00";
}

std::string Seconds(int64_t us) {
  const std::string fraction = std::to_string(us % 1'000'000);
  return std::to_string(us / 1'000'000) + "." + std::string(6 - fraction.size(), '0') + fraction;
}

std::string RunId(const HashSeed& seed, int64_t started_ms) {
  std::string id;
  for (char part = 0; part < 3; ++part) {
    const uint64_t hash = SipHash13(seed, std::to_string(started_ms) + part);
    id += storage::Hex({reinterpret_cast<const char*>(&hash), sizeof hash});
  }
  return id.substr(0, 40);
}

double Percentile(const CommandStatistics::Numbers& numbers, double share) {
  uint64_t all = 0;
  for (const uint64_t count : numbers.times) all += count;
  uint64_t seen = 0;
  for (size_t i = 0; i < numbers.times.size(); ++i) {
    seen += numbers.times[i];
    if (static_cast<double>(seen) >= share * static_cast<double>(all)) return static_cast<double>(uint64_t{1} << i);
  }
  return 0;
}

std::string FieldOf_engine_info(const char* prefix, const Command& command) { return std::string(prefix) + command.name; }

}  // namespace

class Engine::InfoText {
 public:
  explicit InfoText(Engine& engine) : parts_(*engine.parts_), options_(parts_.CopyOptions()), log_(parts_.log.get()) {
    if (parts_.client_facts) clients_ = parts_.client_facts();
  }

  std::string Of(std::span<const Bytes> sections) {
    enum class Shown : uint8_t {
      kByDefault,
      kWithAll,
    };
    struct Row {
      const char* name;
      Shown shown;
      void (InfoText::*write)();
    };
    static constexpr Row kRows[] = {
        {"server", Shown::kByDefault, &InfoText::Server},
        {"clients", Shown::kByDefault, &InfoText::Clients},
        {"memory", Shown::kByDefault, &InfoText::Memory},
        {"persistence", Shown::kByDefault, &InfoText::Persistence},
        {"stats", Shown::kByDefault, &InfoText::Stats},
        {"replication", Shown::kByDefault, &InfoText::Replication},
        {"cpu", Shown::kByDefault, &InfoText::Cpu},
        {"modules", Shown::kByDefault, &InfoText::Modules},
        {"commandstats", Shown::kWithAll, &InfoText::Commands},
        {"errorstats", Shown::kByDefault, &InfoText::Errors},
        {"latencystats", Shown::kWithAll, &InfoText::Latencies},
        {"cluster", Shown::kByDefault, &InfoText::Cluster},
        {"recovery", Shown::kByDefault, &InfoText::Recovery},
        {"keyspace", Shown::kByDefault, &InfoText::Keys},
    };
    const auto asked = [&](Bytes name) {
      return std::any_of(sections.begin(), sections.end(), [&](Bytes section) { return IsSame(section, name); });
    };
    const bool all = asked("all") || asked("everything");
    const bool by_default = all || sections.empty() || asked("default");
    for (const Row& row : kRows) {
      if (asked(row.name) || all || (by_default && row.shown == Shown::kByDefault)) (this->*row.write)();
    }
    return std::move(out_);
  }

 private:
  static bool IsSame(Bytes wanted, Bytes name) {
    return std::equal(wanted.begin(), wanted.end(), name.begin(), name.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b; });
  }

  void Server() {
    Section s(out_, "Server");
    const Host::Settings host = parts_.host.settings();
    const auto setting = [&](const char* name, const char* otherwise) {
      const auto found = host.find(name);
      return found == host.end() ? std::string(otherwise) : found->second;
    };
    s.Line("redis_version", kRedisVersion);
    s.Line("redis_git_sha1", "00000000");
    s.Line("redis_git_dirty", uint64_t{0});
    s.Line("redis_build_id", "0");
    s.Line("redis_mode", "standalone");
    s.Line("redislite_format", uint64_t{storage::kFormatVersion});
    s.Line("os", os::SystemName());
    s.Line("arch_bits", uint64_t{sizeof(void*) * 8});
    s.Line("monotonic_clock", "POSIX clock_gettime");
    s.Line("multiplexing_api", host.empty() ? "none" : "epoll");
    s.Line("process_id", os::ProcessId());
    s.Line("process_supervised", "no");
    s.Line("run_id", RunId(parts_.keyspace->seed(), parts_.started_ms));
    s.Line("tcp_port", setting("port", "0"));
    s.Line("server_time_usec", parts_.clock->Now() * 1000);
    const int64_t uptime_s = std::max<int64_t>(0, (parts_.clock->Now() - parts_.started_ms) / 1000);
    s.Line("uptime_in_seconds", uptime_s);
    s.Line("uptime_in_days", uptime_s / 86400);
    s.Line("hz", uint64_t{10});
    s.Line("configured_hz", uint64_t{10});
    s.Line("directory", parts_.path.empty() ? Bytes(":memory:") : Bytes(parts_.path));
    s.Line("executable", "");
    s.Line("config_file", setting("config", ""));
    s.Line("io_threads_active", uint64_t{0});
  }

  void Clients() {
    Section s(out_, "Clients");
    const Host::Settings host = parts_.host.settings();
    const auto clients_max = host.find("maxclients");
    s.Line("connected_clients", clients_.connected);
    s.Line("cluster_connections", uint64_t{0});
    s.Line("maxclients", clients_max == host.end() ? "0" : clients_max->second);
    s.Line("client_recent_max_input_buffer", clients_.largest_query);
    s.Line("client_recent_max_output_buffer", clients_.largest_output);
    s.Line("blocked_clients", uint64_t{parts_.pipeline->parked()});
    s.Line("tracking_clients", uint64_t{0});
    s.Line("pubsub_clients", clients_.pubsub);
    s.Line("watching_clients", clients_.watching);
    s.Line("clients_in_timeout_table", uint64_t{0});
    s.Line("total_blocking_keys", uint64_t{0});
    s.Line("total_blocking_keys_on_nokey", uint64_t{0});
  }

  void Memory() {
    Section s(out_, "Memory");
    const uint64_t used = parts_.memory.used();
    const uint64_t peak = parts_.memory.peak();
    const uint64_t resident = os::ResidentBytes();
    const uint64_t system = os::SystemMemoryBytes();
    s.Line("used_memory", used);
    s.Line("used_memory_human", HumanBytes(used));
    s.Line("used_memory_rss", resident);
    s.Line("used_memory_rss_human", HumanBytes(resident));
    s.Line("used_memory_peak", peak);
    s.Line("used_memory_peak_human", HumanBytes(peak));
    s.Line("used_memory_peak_perc",
           Decimal(peak == 0 ? 100 : static_cast<double>(used) * 100 / static_cast<double>(peak)) + "%");
    s.Line("used_memory_overhead", uint64_t{0});
    s.Line("used_memory_startup", uint64_t{0});
    s.Line("used_memory_dataset", used);
    s.Line("used_memory_dataset_perc", "100.00%");
    s.Line("allocator_allocated", used);
    s.Line("allocator_active", used);
    s.Line("allocator_resident", resident);
    s.Line("total_system_memory", system);
    s.Line("total_system_memory_human", HumanBytes(system));
    s.Line("used_memory_lua", uint64_t{0});
    s.Line("used_memory_scripts", uint64_t{0});
    s.Line("maxmemory", options_.maxmemory);
    s.Line("maxmemory_human", HumanBytes(options_.maxmemory));
    s.Line("maxmemory_policy", FindOption("maxmemory-policy")->print(options_));
    s.Line("mem_fragmentation_ratio",
           Decimal(used == 0 ? 0 : static_cast<double>(resident) / static_cast<double>(used)));
    s.Line("mem_fragmentation_bytes", static_cast<int64_t>(resident) - static_cast<int64_t>(used));
    s.Line("mem_not_counted_for_evict", uint64_t{0});
    s.Line("mem_replication_backlog", uint64_t{0});
    s.Line("mem_clients_slaves", uint64_t{0});
    s.Line("mem_clients_normal", clients_.buffered);
    s.Line("mem_aof_buffer", uint64_t{0});
    s.Line("mem_allocator", "redislite");
    s.Line("active_defrag_running", uint64_t{0});
    s.Line("lazyfree_pending_objects", uint64_t{0});
    s.Line("lazyfreed_objects", uint64_t{0});
    s.Line("snapshot_retained_bytes", parts_.snapshotter->retained_bytes());
  }

  void Persistence() {
    Section s(out_, "Persistence");
    const bool has_log = log_ != nullptr;
    const char* const last_snapshot = parts_.statistics.snapshots_failed.load() == 0 ? "ok" : "err";
    const uint64_t changes = has_log ? log_->last_lsn() - std::min(log_->last_lsn(), log_->snapshot_lsn()) : 0;
    s.Line("loading", uint64_t{0});
    s.Line("async_loading", uint64_t{0});
    s.Line("rdb_changes_since_last_save", changes);
    s.Line("rdb_bgsave_in_progress", uint64_t{parts_.snapshot_running.load() ? 1u : 0u});
    s.Line("rdb_last_save_time", parts_.last_save_s.load());
    s.Line("rdb_last_bgsave_status", last_snapshot);
    s.Line("rdb_last_bgsave_time_sec", int64_t{-1});
    s.Line("rdb_current_bgsave_time_sec", int64_t{-1});
    s.Line("rdb_saves", parts_.statistics.snapshots.load());
    s.Line("rdb_last_cow_size", uint64_t{0});
    s.Line("rdb_last_load_keys_expired", uint64_t{0});
    s.Line("rdb_last_load_keys_loaded", parts_.recovery.snapshot_keys);
    s.Line("appendfsync", FindOption("appendfsync")->print(options_));
    s.Line("aof_enabled", uint64_t{has_log});
    s.Line("aof_rewrite_in_progress", uint64_t{0});
    s.Line("aof_rewrite_scheduled", uint64_t{0});
    s.Line("aof_last_rewrite_time_sec", int64_t{-1});
    s.Line("aof_current_rewrite_time_sec", int64_t{-1});
    s.Line("aof_last_bgrewrite_status", last_snapshot);
    s.Line("aof_last_write_status", has_log && log_->poisoned() ? "err" : "ok");
    s.Line("aof_last_cow_size", uint64_t{0});
    if (!has_log) return;
    s.Line("aof_current_size", log_->wal_bytes());
    s.Line("aof_base_size", log_->snapshot_bytes());
    s.Line("last_lsn", log_->last_lsn());
    s.Line("synced_lsn", log_->synced_lsn());
    s.Line("snapshot_lsn", log_->snapshot_lsn());
    s.Line("snapshot_bytes", log_->snapshot_bytes());
    s.Line("wal_bytes", log_->wal_bytes());
    s.Line("wal_segments", log_->segment_count());
    if (log_->poisoned()) s.Line("poison", log_->poison().message());
  }

  void Stats() {
    Section s(out_, "Stats");
    uint64_t errors = 0;
    for (const auto& [kind, count] : parts_.command_statistics->errors()) errors += count;
    s.Line("total_connections_received", clients_.total);
    s.Line("total_commands_processed", parts_.command_statistics->calls());
    s.Line("instantaneous_ops_per_sec", parts_.command_statistics->calls_per_second());
    s.Line("total_net_input_bytes", clients_.bytes_in);
    s.Line("total_net_output_bytes", clients_.bytes_out);
    s.Line("instantaneous_input_kbps", "0.00");
    s.Line("instantaneous_output_kbps", "0.00");
    s.Line("rejected_connections", uint64_t{0});
    s.Line("sync_full", uint64_t{0});
    s.Line("sync_partial_ok", uint64_t{0});
    s.Line("sync_partial_err", uint64_t{0});
    s.Line("expired_keys", parts_.statistics.expired.Sum());
    s.Line("expired_stale_perc", "0.00");
    s.Line("expired_time_cap_reached_count", uint64_t{0});
    s.Line("evicted_keys", parts_.pipeline->evicted_keys());
    s.Line("evicted_clients", uint64_t{0});
    s.Line("keyspace_hits", parts_.statistics.hits.Sum());
    s.Line("keyspace_misses", parts_.statistics.misses.Sum());
    s.Line("pubsub_channels", clients_.channels);
    s.Line("pubsub_patterns", clients_.patterns);
    s.Line("pubsubshard_channels", clients_.shard_channels);
    s.Line("latest_fork_usec", uint64_t{0});
    s.Line("total_forks", uint64_t{0});
    s.Line("migrate_cached_sockets", uint64_t{0});
    s.Line("slave_expires_tracked_keys", uint64_t{0});
    s.Line("tracking_total_keys", uint64_t{0});
    s.Line("unexpected_error_replies", uint64_t{0});
    s.Line("total_error_replies", errors);
    s.Line("dump_payload_sanitizations", uint64_t{0});
    s.Line("commit_batches", parts_.pipeline->batches());
    s.Line("commit_commands", parts_.pipeline->logged_commands());
  }

  void Replication() {
    Section s(out_, "Replication");
    s.Line("role", "master");
    s.Line("connected_slaves", uint64_t{0});
    s.Line("master_failover_state", "no-failover");
    s.Line("master_replid", RunId(parts_.keyspace->seed(), 0));
    s.Line("master_replid2", std::string(40, '0'));
    s.Line("master_repl_offset", log_ != nullptr ? log_->last_lsn() : 0);
    s.Line("second_repl_offset", int64_t{-1});
    s.Line("repl_backlog_active", uint64_t{0});
    s.Line("repl_backlog_size", uint64_t{0});
    s.Line("repl_backlog_first_byte_offset", uint64_t{0});
    s.Line("repl_backlog_histlen", uint64_t{0});
  }

  void Cpu() {
    const os::ProcessTimes times = os::CpuTimes();
    Section s(out_, "CPU");
    s.Line("used_cpu_sys", Seconds(times.system_us));
    s.Line("used_cpu_user", Seconds(times.user_us));
    s.Line("used_cpu_sys_children", "0.000000");
    s.Line("used_cpu_user_children", "0.000000");
  }

  void Modules() { Section s(out_, "Modules"); }

  void Commands() {
    Section s(out_, "Commandstats");
    for (const CommandStatistics::Numbers& numbers : parts_.command_statistics->All()) {
      const double per_call =
          numbers.calls == 0 ? 0 : static_cast<double>(numbers.us) / static_cast<double>(numbers.calls);
      s.Line(FieldOf_engine_info("cmdstat_", *numbers.command),
             "calls=" + std::to_string(numbers.calls) + ",usec=" + std::to_string(numbers.us) +
                 ",usec_per_call=" + Decimal(per_call) + ",rejected_calls=" + std::to_string(numbers.rejected) +
                 ",failed_calls=" + std::to_string(numbers.failed));
    }
  }

  void Errors() {
    Section s(out_, "Errorstats");
    for (const auto& [kind, count] : parts_.command_statistics->errors()) {
      s.Line("errorstat_" + kind, "count=" + std::to_string(count));
    }
  }

  void Latencies() {
    Section s(out_, "Latencystats");
    for (const CommandStatistics::Numbers& numbers : parts_.command_statistics->All()) {
      if (numbers.calls == 0) continue;
      s.Line(FieldOf_engine_info("latency_percentiles_usec_", *numbers.command),
             "p50=" + Decimal(Percentile(numbers, 0.5)) + ",p99=" + Decimal(Percentile(numbers, 0.99)) +
                 ",p99.9=" + Decimal(Percentile(numbers, 0.999)));
    }
  }

  void Cluster() {
    Section s(out_, "Cluster");
    s.Line("cluster_enabled", uint64_t{0});
  }

  void Recovery() {
    const storage::RecoveryReport& r = parts_.recovery;
    Section s(out_, "Recovery");
    s.Line("recovery_created", uint64_t{r.created});
    s.Line("recovery_clean", uint64_t{r.clean});
    s.Line("recovery_salvaged", uint64_t{r.salvaged});
    s.Line("recovery_snapshot_lsn", r.snapshot_lsn);
    s.Line("recovery_snapshot_keys", r.snapshot_keys);
    s.Line("recovery_last_lsn", r.last_lsn);
    s.Line("recovery_records_replayed", r.records_replayed);
    s.Line("recovery_records_skipped", r.records_skipped);
    s.Line("recovery_bytes_cut", r.bytes_cut);
    s.Line("recovery_losses", uint64_t{r.losses.size()});
    for (size_t i = 0; i < r.losses.size(); ++i) s.Line("recovery_loss_" + std::to_string(i + 1), r.losses[i]);
    s.Line("recovery_ms", parts_.recovery_us / 1000);
  }

  void Keys() {
    Section s(out_, "Keyspace");
    StripeSet stripes;
    stripes.AddAll();
    const StripeSet::Guard guard(*parts_.keyspace, stripes, StripeSet::How::kShared);
    const int64_t now_ms = parts_.clock->Now();
    for (int db = 0; db < kDatabases; ++db) {
      const size_t keys = parts_.keyspace->Count(db, now_ms);
      if (keys == 0) continue;
      const size_t expires = parts_.keyspace->CountWithExpiry(db, now_ms);
      s.Line("db" + std::to_string(db),
             "keys=" + std::to_string(keys) + ",expires=" + std::to_string(expires) + ",avg_ttl=0");
    }
  }

  Parts& parts_;
  const Options options_;
  const storage::Log* const log_;
  ClientFacts clients_;
  std::string out_;
};

std::string Engine::Info(std::span<const Bytes> sections) { return InfoText(*this).Of(sections); }

std::string Engine::Digest() {
  Parts& parts = *parts_;
  StripeSet stripes;
  stripes.AddAll();
  const StripeSet::Guard guard(*parts.keyspace, stripes, StripeSet::How::kShared);
  const int64_t now_ms = parts.clock->Now();
  constexpr HashSeed kSeeds[] = {{0x5265646973, 0x4c697465}, {0x446967657374, 0x32}};
  uint64_t sums[2] = {};
  const auto text_of = [](std::initializer_list<Bytes> pieces) {
    std::string text;
    for (const Bytes piece : pieces) text.append(std::to_string(piece.size())).append(":").append(piece);
    return text;
  };
  parts.keyspace->ForEach([&](int db, const Entry& entry) {
    if (entry.ExpiredAt(now_ms)) return;
    const std::string head = text_of(
        {std::to_string(db), entry.key(), types::TypeName(entry.value.type()), std::to_string(entry.expires_at_ms())});
    for (size_t i = 0; i < 2; ++i) {
      uint64_t content = 0;
      if (const auto* string = entry.value.As<types::String>()) {
        char scratch[kInt64TextMax];
        content = SipHash13(kSeeds[i], string->View(scratch));
      } else if (const auto* list = entry.value.As<types::List>()) {
        list->ForEach(0, [&](Bytes element) {
          content = content * 0x9e3779b97f4a7c15 + SipHash13(kSeeds[i], element);
          return true;
        });
      } else if (const auto* hash = entry.value.As<types::Hash>()) {
        hash->ForEach([&](Bytes field, Bytes value) {
          content += SipHash13(kSeeds[i], text_of({field, value}));
          return true;
        });
      } else if (const auto* set = entry.value.As<types::Set>()) {
        set->ForEach([&](Bytes member) {
          content += SipHash13(kSeeds[i], member);
          return true;
        });
      } else if (const auto* sorted_set = entry.value.As<types::SortedSet>()) {
        sorted_set->ForEach([&](Bytes member, double score) {
          content += SipHash13(kSeeds[i], text_of({member, FormatDouble(score)}));
          return true;
        });
      }
      sums[i] += SipHash13(kSeeds[i], text_of({head, std::to_string(content)}));
    }
  });
  return storage::Hex({reinterpret_cast<const char*>(sums), sizeof sums});
}

}  // namespace redislite::engine

// ==== src/engine/keyspace.cc ======================================================================================
namespace redislite::engine {

namespace {

constexpr uint8_t kIncompleteMax = 250;

}  // namespace

Random& ThreadRandom() {
  static std::atomic<uint64_t> sequence{0};
  thread_local Random random((sequence.fetch_add(1, std::memory_order_relaxed) + 1) * 0x9e3779b97f4a7c15);
  return random;
}

Keyspace::Keyspace(Memory& memory, const HashSeed& seed)
    : memory_(memory), seed_(seed), stripes_(new RwLock[kStripes]) {
  for (int db = 0; db < kDatabases; ++db) {
    databases_[static_cast<size_t>(db)] = std::make_unique<Database>(memory, seed_, db);
  }
  for (std::atomic<int64_t>& next : next_expiry_) next.store(ExpiryHeap::kNone, std::memory_order_relaxed);
}

Keyspace::~Keyspace() { Clear(); }

Entry* Keyspace::Find(int db, uint64_t hash, Bytes key, int64_t now_ms) const {
  Entry* entry = shard(db, hash).table.Find(hash, [key](const Entry& candidate) { return candidate.key() == key; });
  return entry == nullptr || entry->ExpiredAt(now_ms) ? nullptr : entry;
}

void Keyspace::Prefetch(std::span<const Place> places) const {
  for (const Place& place : places) shard(place.db, place.hash).table.PrefetchSegment(place.hash);
  for (const Place& place : places) shard(place.db, place.hash).table.PrefetchWords(place.hash);
  for (const Place& place : places) shard(place.db, place.hash).table.PrefetchNode(place.hash);
}

size_t Keyspace::Count(int db, int64_t now_ms) const {
  size_t count = 0;
  for (const Shard& shard : database(db).shards) count += shard.table.size() - shard.heap.CountExpired(now_ms);
  return count;
}

size_t Keyspace::CountWithExpiry(int db, int64_t now_ms) const {
  size_t count = 0;
  for (const Shard& shard : database(db).shards) count += shard.heap.size() - shard.heap.CountExpired(now_ms);
  return count;
}

size_t Keyspace::TotalKeys() const {
  size_t count = 0;
  for (const auto& database : databases_) count += database->keys;
  return count;
}

uint32_t Keyspace::FirstAccess(int64_t now_ms) const {
  return counts_accesses() ? access::WithFrequency(access::kNewKeysFrequency, now_ms) : access::UsedAt(now_ms);
}

void Keyspace::NoteAccess(Entry& entry, int64_t now_ms) const {
  const uint32_t noted = counts_accesses()
                             ? access::Counted(entry.access.load(std::memory_order_relaxed), now_ms, ThreadRandom())
                             : access::UsedAt(now_ms);
  entry.access.store(noted, std::memory_order_relaxed);
}

std::pair<int, const Entry*> Keyspace::Draw(Among among, Random& random) const {
  const size_t total = TotalKeys();
  if (total == 0) return {0, nullptr};
  int db = 0;
  for (size_t left = random.Below(total); left >= database(db).keys; ++db) left -= database(db).keys;
  const auto below = [&random](uint64_t bound) { return random.Below(bound); };
  const uint64_t first = random.Below(kStripes);
  for (int databases = 0; databases < kDatabases; ++databases, db = (db + 1) % kDatabases) {
    if (database(db).keys == 0) continue;
    for (uint64_t i = 0; i < kStripes; ++i) {
      const Shard& shard = database(db).shards[(first + i) % kStripes];
      if (among == Among::kAll && shard.table.size() != 0) return {db, shard.table.Sample(below)};
      if (among == Among::kExpiring && shard.heap.size() != 0) return {db, shard.heap.at(below(shard.heap.size()))};
      if (among == Among::kSoonest && shard.heap.size() != 0) return {db, shard.heap.first()};
    }
  }
  return {0, nullptr};
}

uint64_t Keyspace::Scan(int db, uint64_t cursor, size_t count, int64_t now_ms,
                        const std::function<void(const Entry&)>& visit) const {
  uint64_t from = ReverseBits(cursor);
  size_t visited = 0;
  for (int stripe = StripeOf(from); stripe < kStripes; ++stripe) {
    const auto see = [&](const Entry* entry) {
      ++visited;
      if (!entry->ExpiredAt(now_ms)) visit(*entry);
    };
    uint64_t next = 0;
    const bool more =
        database(db).shards[static_cast<size_t>(stripe)].table.Walk(from, &next, see, [&] { return visited >= count; });
    if (more) return ReverseBits(next);
    if (stripe + 1 == kStripes) break;
    from = static_cast<uint64_t>(stripe + 1) << (64 - kStripeBits);
    if (visited >= count) return ReverseBits(from);
  }
  return 0;
}

const Entry* Keyspace::RandomEntry(int db, int64_t now_ms, Random& random) const {
  size_t total = 0;
  for (const Shard& shard : database(db).shards) total += shard.table.size();
  if (total == 0) return nullptr;
  constexpr int kTries = 64;
  const auto below = [&random](uint64_t bound) { return random.Below(bound); };
  for (int i = 0; i < kTries; ++i) {
    size_t left = random.Below(total);
    for (const Shard& shard : database(db).shards) {
      if (left >= shard.table.size()) {
        left -= shard.table.size();
        continue;
      }
      const Entry* entry = shard.table.Sample(below);
      if (!entry->ExpiredAt(now_ms)) return entry;
      break;
    }
  }
  const Entry* found = nullptr;
  uint64_t cursor = 0;
  do {
    cursor = Scan(db, cursor, 64, now_ms, [&](const Entry& entry) { found = &entry; });
  } while (found == nullptr && cursor != 0);
  return found;
}

void Keyspace::NoteExpiry(uint64_t hash, int64_t at_ms) noexcept {
  std::atomic<int64_t>& next = next_expiry_[static_cast<size_t>(StripeOf(hash))];
  if (at_ms < next.load(std::memory_order_relaxed)) next.store(at_ms, std::memory_order_relaxed);
}

void Keyspace::WillChange(int db, Entry* entry) noexcept {
  if (!IsWanted(*entry)) return;
  cut_->Keep(database(db).cut_number, *entry);
  entry->generation = generation_;
}

void Keyspace::Dispose(const Database& database, Entry* entry) noexcept {
  if (IsWanted(*entry)) {
    cut_->Adopt(database.cut_number, entry);
  } else {
    Entry::Free(memory_, entry);
  }
}

void Keyspace::Retire(Database& database, Shard& shard, uint64_t hash, Entry* entry) noexcept {
  shard.heap.Remove(entry);
  shard.table.Remove(hash, entry);
  shard.table.Compact(hash);
  --database.keys;
  Dispose(database, entry);
}

void Keyspace::Put(int db, uint64_t hash, Bytes key, types::Value value, bool keep_expiry, int64_t now_ms) {
  Shard& home = shard(db, hash);
  Entry* old = home.table.Find(hash, [key](const Entry& candidate) { return candidate.key() == key; });
  const bool keeps = keep_expiry && old != nullptr && old->expires_at_ms() != kNever && !old->ExpiredAt(now_ms);
  if (old != nullptr && !IsWanted(*old)) {
    value.Settle(memory_);
    if (old->Refill(key, value)) {
      if (!keeps && old->has_expiry_room()) home.heap.Update(old, kNever);
      old->generation = generation_;
      NoteAccess(*old, now_ms);
      return;
    }
  }
  Entry* entry = Entry::Make(memory_, key, std::move(value), keeps);
  entry->generation = generation_;
  entry->access.store(old == nullptr ? FirstAccess(now_ms) : old->access.load(std::memory_order_relaxed),
                      std::memory_order_relaxed);
  if (old == nullptr) {
    try {
      home.table.Insert(hash, entry);
      ++database(db).keys;
    } catch (...) {
      Entry::Free(memory_, entry);
      throw;
    }
    return;
  }
  NoteAccess(*entry, now_ms);
  if (keeps) {
    home.heap.Replace(old, entry);
  } else {
    home.heap.Remove(old);
  }
  home.table.Replace(hash, old, entry);
  Dispose(database(db), old);
}

types::Value Keyspace::Take(int db, Entry* entry) {
  WillChange(db, entry);
  types::Value value = entry->value.Take(memory_);
  Remove(db, entry);
  return value;
}

void Keyspace::Remove(int db, Entry* entry) noexcept {
  const uint64_t hash = Hash(entry->key());
  Retire(database(db), shard(db, hash), hash, entry);
}

void Keyspace::SetExpiry(int db, Entry* entry, int64_t at_ms) {
  if (entry->expires_at_ms() == at_ms) return;
  WillChange(db, entry);
  const uint64_t hash = Hash(entry->key());
  Shard& home = shard(db, hash);
  if (!entry->has_expiry_room()) {
    Entry* moved = entry->MoveWithExpiryRoom(memory_);
    home.table.Replace(hash, entry, moved);
    Entry::FreeBlock(memory_, std::exchange(entry, moved));
  }
  home.heap.Update(entry, at_ms);
  if (at_ms != kNever) NoteExpiry(hash, at_ms);
}

void Keyspace::Flush(int db) noexcept {
  Database& flushed = database(db);
  for (Shard& shard : flushed.shards) {
    shard.heap.Clear();
    if (shard.table.size() == 0) continue;
    shard.table.ForEach([&](Entry* entry) {
      if (entry->has_expiry_room()) entry->set_heap_index(kNotInHeap);
      Dispose(flushed, entry);
    });
    shard.table.Clear();
  }
  flushed.keys = 0;
}

void Keyspace::Swap(int a, int b) noexcept {
  databases_[static_cast<size_t>(a)].swap(databases_[static_cast<size_t>(b)]);
}

size_t Keyspace::Reap(int stripe, int64_t now_ms, size_t limit,
                      const std::function<void(int db, Bytes key)>& visit) noexcept {
  size_t reaped = 0;
  int64_t next = ExpiryHeap::kNone;
  for (int db = 0; db < kDatabases; ++db) {
    Database& home = database(db);
    Shard& shard = home.shards[static_cast<size_t>(stripe)];
    while (reaped < limit && shard.heap.next_ms() <= now_ms) {
      Entry* first = shard.heap.first();
      visit(db, first->key());
      Retire(home, shard, Hash(first->key()), first);
      ++reaped;
    }
    next = std::min(next, shard.heap.next_ms());
  }
  next_expiry_[static_cast<size_t>(stripe)].store(next, std::memory_order_relaxed);
  return reaped;
}

void Keyspace::BeginCut(SnapshotCut* cut) noexcept {
  if (incomplete_ >= kIncompleteMax) {
    for (const auto& database : databases_) {
      for (const Shard& shard : database->shards) {
        shard.table.ForEach([this](Entry* entry) { entry->generation = generation_; });
      }
    }
    incomplete_ = 0;
  }
  ++generation_;
  cut_ = cut;
  for (size_t db = 0; db < kDatabases; ++db) {
    databases_[db]->cut_number = static_cast<int>(db);
    at_cut_[db] = databases_[db].get();
  }
}

void Keyspace::EndCut(bool complete) noexcept {
  cut_ = nullptr;
  incomplete_ = complete ? 0 : static_cast<uint8_t>(incomplete_ + 1);
}

bool Keyspace::WalkCut(int db, int stripe, uint64_t from, uint64_t* next, size_t enough,
                       const std::function<void(const Entry&)>& visit) {
  size_t visited = 0;
  const auto see = [&](Entry* entry) {
    ++visited;
    if (entry->generation == generation_) return;
    visit(*entry);
    entry->generation = generation_;
  };
  const Shard& shard = at_cut_[static_cast<size_t>(db)]->shards[static_cast<size_t>(stripe)];
  return shard.table.Walk(from, next, see, [&] { return visited >= enough; });
}

void Keyspace::ForEach(const std::function<void(int db, const Entry&)>& visit) const {
  for (int db = 0; db < kDatabases; ++db) {
    for (const Shard& shard : database(db).shards) shard.table.ForEach([&](Entry* entry) { visit(db, *entry); });
  }
}

void Keyspace::Clear() noexcept {
  cut_ = nullptr;
  for (int db = 0; db < kDatabases; ++db) Flush(db);
}

}  // namespace redislite::engine

// ==== src/engine/latency_monitor.cc ===============================================================================
namespace redislite::engine {

namespace {

constexpr size_t kSamplesMax = 160;

}  // namespace

void LatencyMonitor::Add(Bytes event, Sample sample) {
  MutexLock lock(mu_);
  Event& found = events_[std::string(event)];
  found.longest_ms = std::max(found.longest_ms, sample.took_ms);
  if (!found.samples.empty() && found.samples.back().at_s == sample.at_s) {
    found.samples.back().took_ms = std::max(found.samples.back().took_ms, sample.took_ms);
    return;
  }
  if (found.samples.size() == kSamplesMax) found.samples.erase(found.samples.begin());
  found.samples.push_back(sample);
}

std::map<std::string, LatencyMonitor::Event> LatencyMonitor::events() const {
  MutexLock lock(mu_);
  return {events_.begin(), events_.end()};
}

LatencyMonitor::Event LatencyMonitor::event(Bytes name) const {
  MutexLock lock(mu_);
  const auto found = events_.find(name);
  return found == events_.end() ? Event() : found->second;
}

size_t LatencyMonitor::Reset(Bytes name) {
  MutexLock lock(mu_);
  if (!name.empty()) {
    const auto found = events_.find(name);
    if (found == events_.end()) return 0;
    events_.erase(found);
    return 1;
  }
  const size_t count = events_.size();
  events_.clear();
  return count;
}

}  // namespace redislite::engine

// ==== src/engine/options.cc =======================================================================================
namespace redislite::engine {

namespace {

constexpr std::array<const char*, 3> kFsyncNames = {"always", "everysec", "no"};
constexpr std::array<const char*, 8> kPolicyNames = {"noeviction",     "allkeys-lru",     "volatile-lru",
                                                     "allkeys-random", "volatile-random", "volatile-ttl",
                                                     "allkeys-lfu",    "volatile-lfu"};

bool EqualsIgnoreCase_engine_options(Bytes a, Bytes b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

template <size_t N>
bool ParseName(const std::array<const char*, N>& names, Bytes value, size_t* index) {
  for (size_t i = 0; i < N; ++i) {
    if (EqualsIgnoreCase_engine_options(names[i], value)) {
      *index = i;
      return true;
    }
  }
  return false;
}

bool ParseYesNo(Bytes value, bool* out) {
  size_t index = 0;
  if (!ParseName(std::array<const char*, 2>{"no", "yes"}, value, &index)) return false;
  *out = index == 1;
  return true;
}

std::string PrintYesNo(bool value) { return value ? "yes" : "no"; }

bool ParseBytes(Bytes value, uint64_t* out) {
  const std::optional<uint64_t> bytes = ParseByteCount(value);
  if (bytes) *out = *bytes;
  return bytes.has_value();
}

bool ParseCount_engine_options(Bytes value, uint64_t* out) {
  constexpr uint64_t kCountMax = std::numeric_limits<int64_t>::max() / 1'000'000;  // its microseconds still fit
  const std::optional<uint64_t> count = ParseUint64(value);
  if (!count || *count > kCountMax) return false;
  *out = *count;
  return true;
}

constexpr std::array<const char*, 3> kClientClasses = {"normal", "replica", "pubsub"};

std::vector<Bytes> Words(Bytes text) {
  std::vector<Bytes> words;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

bool ParseOutputLimits(Bytes value, Options* options) {
  const std::vector<Bytes> words = Words(value);
  if (words.empty() || words.size() % 4 != 0) return false;
  for (size_t i = 0; i < words.size(); i += 4) {
    size_t which = 0;
    if (EqualsIgnoreCase_engine_options(words[i], "slave")) {
      which = 1;
    } else if (!ParseName(kClientClasses, words[i], &which)) {
      return false;
    }
    Options::OutputLimit& limit = options->output_limit[which];
    if (!ParseBytes(words[i + 1], &limit.hard) || !ParseBytes(words[i + 2], &limit.soft) ||
        !ParseCount_engine_options(words[i + 3], &limit.soft_seconds)) {
      return false;
    }
  }
  return true;
}

std::string PrintOutputLimits(const Options& options) {
  std::string text;
  for (size_t i = 0; i < kClientClasses.size(); ++i) {
    const Options::OutputLimit& limit = options.output_limit[i];
    text += (i == 0 ? "" : " ") + std::string(i == 1 ? "slave" : kClientClasses[i]) + " " + std::to_string(limit.hard) +
            " " + std::to_string(limit.soft) + " " + std::to_string(limit.soft_seconds);
  }
  return text;
}

constexpr char kBytes_engine_options[] = "a number of bytes, with kb, mb or gb behind it if you like";
constexpr char kYesNo[] = "yes or no";

const std::vector<OptionSpec>& Table_engine_options() {
  static const std::vector<OptionSpec> table = {
      {"appendfsync", "always, everysec or no", "when an acknowledged write is durable", true,
       [](Options& o, Bytes v) {
         size_t index = 0;
         if (!ParseName(kFsyncNames, v, &index)) return false;
         o.fsync = static_cast<Fsync>(index);
         return true;
       },
       [](const Options& o) { return std::string(kFsyncNames[static_cast<size_t>(o.fsync)]); }},
      {"create", kYesNo, "make the directory when it is missing", false,
       [](Options& o, Bytes v) { return ParseYesNo(v, &o.create); },
       [](const Options& o) { return PrintYesNo(o.create); }},
      {"read-only", kYesNo, "open without the write lock and without changing a byte", false,
       [](Options& o, Bytes v) { return ParseYesNo(v, &o.read_only); },
       [](const Options& o) { return PrintYesNo(o.read_only); }},
      {"recovery", "strict or salvage", "what to do about damage: refuse, or keep what is valid and report the rest",
       false,
       [](Options& o, Bytes v) {
         size_t index = 0;
         if (!ParseName(std::array<const char*, 2>{"strict", "salvage"}, v, &index)) return false;
         o.salvage = index == 1;
         return true;
       },
       [](const Options& o) { return std::string(o.salvage ? "salvage" : "strict"); }},
      {"snapshot-wal-bytes", kBytes_engine_options,
       "take a snapshot in the background when the log since the last one is larger; 0: never", true,
       [](Options& o, Bytes v) { return ParseBytes(v, &o.snapshot_wal_bytes); },
       [](const Options& o) { return std::to_string(o.snapshot_wal_bytes); }},
      {"snapshot-interval", "a number of seconds, 0 for never", "take a snapshot periodically when something changed",
       true, [](Options& o, Bytes v) { return ParseCount_engine_options(v, &o.snapshot_interval_s); },
       [](const Options& o) { return std::to_string(o.snapshot_interval_s); }},
      {"maxmemory", kBytes_engine_options, "limit of the data set; 0: none", true,
       [](Options& o, Bytes v) { return ParseBytes(v, &o.maxmemory); },
       [](const Options& o) { return std::to_string(o.maxmemory); }},
      {"maxmemory-policy",
       "noeviction, allkeys-lru, volatile-lru, allkeys-random, volatile-random, volatile-ttl, allkeys-lfu or "
       "volatile-lfu",
       "what to do at the limit", true,
       [](Options& o, Bytes v) {
         size_t index = 0;
         if (!ParseName(kPolicyNames, v, &index)) return false;
         o.maxmemory_policy = static_cast<Policy>(index);
         return true;
       },
       [](const Options& o) { return std::string(kPolicyNames[static_cast<size_t>(o.maxmemory_policy)]); }},
      {"maxmemory-samples", "a number from 1 to 64", "keys that are drawn to find the one that goes", true,
       [](Options& o, Bytes v) {
         uint64_t count = 0;
         if (!ParseCount_engine_options(v, &count) || count < 1 || count > 64) return false;
         o.maxmemory_samples = count;
         return true;
       },
       [](const Options& o) { return std::to_string(o.maxmemory_samples); }},
      {"reaper-interval-ms", "a number of milliseconds, 0 for off", "background removal of expired keys", true,
       [](Options& o, Bytes v) { return ParseCount_engine_options(v, &o.reaper_interval_ms); },
       [](const Options& o) { return std::to_string(o.reaper_interval_ms); }},
      {"notify-keyspace-events", "some of the letters Ag$lshzxeKEtmdn, or none",
       "what is published of what happens to keys", true,
       [](Options& o, Bytes v) {
         const std::optional<uint32_t> kinds = ParseEventKinds(v);
         if (kinds) o.event_kinds = *kinds;
         return kinds.has_value();
       },
       [](const Options& o) { return PrintEventKinds(o.event_kinds); }},
      {"requirepass", "a password, empty for none", "what a session must say with AUTH before anything else", true,
       [](Options& o, Bytes v) {
         o.requirepass = v;
         return true;
       },
       [](const Options& o) { return o.requirepass; }},
      {"client-query-buffer-limit", "a number of bytes from 1mb",
       "an unfinished command that is larger ends its session", true,
       [](Options& o, Bytes v) {
         uint64_t bytes = 0;
         if (!ParseBytes(v, &bytes) || bytes < (1 << 20)) return false;
         o.query_bytes_max = bytes;
         return true;
       },
       [](const Options& o) { return std::to_string(o.query_bytes_max); }},
      {"client-output-buffer-limit", "<class> <hard bytes> <soft bytes> <soft seconds>, of normal, replica and pubsub",
       "a session with more unread replies is ended; 0: no limit", true,
       [](Options& o, Bytes v) { return ParseOutputLimits(v, &o); },
       [](const Options& o) { return PrintOutputLimits(o); }},
      {"proto-max-bulk-len", "a number of bytes from 1mb to 512mb", "an argument that is larger ends its session", true,
       [](Options& o, Bytes v) {
         uint64_t bytes = 0;
         if (!ParseBytes(v, &bytes) || bytes < (1 << 20) || bytes > (512ull << 20)) return false;
         o.argument_bytes_max = bytes;
         return true;
       },
       [](const Options& o) { return std::to_string(o.argument_bytes_max); }},
      {"slowlog-log-slower-than", "a number of microseconds, -1 for never",
       "a command that runs longer is kept in the slow log", true,
       [](Options& o, Bytes v) {
         const std::optional<int64_t> us = ParseInt64(v);
         if (!us || *us < -1) return false;
         o.slowlog_slower_than_us = *us;
         return true;
       },
       [](const Options& o) { return std::to_string(o.slowlog_slower_than_us); }},
      {"slowlog-max-len", "a number", "how many commands the slow log keeps", true,
       [](Options& o, Bytes v) { return ParseCount_engine_options(v, &o.slowlog_length_max); },
       [](const Options& o) { return std::to_string(o.slowlog_length_max); }},
      {"latency-monitor-threshold", "a number of milliseconds, 0 for off",
       "what takes longer is a sample of the latency monitor", true,
       [](Options& o, Bytes v) { return ParseCount_engine_options(v, &o.latency_threshold_ms); },
       [](const Options& o) { return std::to_string(o.latency_threshold_ms); }},
      {"wal-segment-bytes", "a number of bytes from 4kb to 1gb",
       "a segment of the log that is larger is closed and a new one begun", false,
       [](Options& o, Bytes v) {
         uint64_t bytes = 0;
         if (!ParseBytes(v, &bytes) || bytes < (4 << 10) || bytes > (1ull << 30)) return false;
         o.wal_segment_bytes = bytes;
         return true;
       },
       [](const Options& o) { return std::to_string(o.wal_segment_bytes); }},
  };
  return table;
}

}  // namespace

const std::vector<OptionSpec>& OptionTable() { return Table_engine_options(); }

const OptionSpec* FindOption(Bytes name) {
  for (const OptionSpec& spec : Table_engine_options()) {
    if (EqualsIgnoreCase_engine_options(spec.name, name)) return &spec;
  }
  return nullptr;
}

Status SetOption(Options& options, Bytes name, Bytes value) {
  const OptionSpec* spec = FindOption(name);
  if (spec == nullptr) {
    std::string known;
    for (const OptionSpec& each : Table_engine_options()) known += (known.empty() ? "" : ", ") + std::string(each.name);
    return {Code::kInvalid, "there is no option '" + std::string(name) + "'; the options are " + known};
  }
  if (!spec->parse(options, value)) {
    return {Code::kInvalid,
            "option '" + std::string(spec->name) + "' cannot be '" + std::string(value) + "': " + spec->allowed};
  }
  return Status::Ok();
}

}  // namespace redislite::engine

// ==== src/engine/replay.cc ========================================================================================
namespace redislite::engine {

namespace {

constexpr size_t kReplayedBatchBytes = 256 << 10;
constexpr uint64_t kBatchesAlone = 4;  // before a thread is begun
constexpr size_t kQueueMax = 8;
constexpr size_t kPrefetchAhead = 16;
constexpr int64_t kProgressEveryUs = 1'000'000;

}  // namespace

Replay::~Replay() {
  {
    MutexLock lock(mu_);
    ended_ = abandoned_ = true;
    changed_.NotifyAll();
  }
  if (worker_.joinable()) worker_.join();
}

Status Replay::Take(const storage::FrameHeader& frame, Bytes payload) {
  if (batch_ != nullptr && batch_->bytes.size() + payload.size() > kReplayedBatchBytes) RL_RETURN_IF_ERROR(PassOn());
  if (batch_ == nullptr) {
    batch_ = std::make_unique<Batch>();
    batch_->bytes.reserve(std::max(kReplayedBatchBytes, payload.size()));  // it must not move: views point into it
  }
  const size_t begin = batch_->bytes.size();
  batch_->bytes.append(payload);
  return Decode(frame, Bytes(batch_->bytes).substr(begin));
}

Status Replay::Decode(const storage::FrameHeader& frame, Bytes payload) {
  resp::CommandReader reader(payload);
  uint8_t db = 0;
  uint32_t seen = 0;
  while (true) {
    const resp::CommandReader::Outcome outcome = reader.Next(argv_);
    if (outcome == resp::CommandReader::Outcome::kEnd) break;
    if (outcome == resp::CommandReader::Outcome::kMalformed) {
      return {Code::kCorrupt,
              "expected a command at byte " + std::to_string(reader.offset()) + " of the payload, found none"};
    }
    ++seen;
    if (argv_[0] == "MULTI" || argv_[0] == "EXEC") continue;
    if (argv_[0] == "SELECT" && argv_.size() == 2) {
      const std::optional<uint64_t> number = ParseUint64(argv_[1]);
      if (!number || *number >= kDatabases)
        return {Code::kCorrupt, "expected a database from 0 to 15, found " + std::string(argv_[1])};
      db = static_cast<uint8_t>(*number);
      continue;
    }
    const Command* const command = commands_.Find(argv_);
    if (command == nullptr || (command->flags & kWrite) == 0) {
      return {Code::kVersion, "the log has the command '" + std::string(argv_[0].substr(0, 64)) +
                                  "', which this version does not know"};
    }
    Step step = {
        command,      static_cast<uint32_t>(batch_->args.size()), static_cast<uint32_t>(argv_.size()), kManyKeys, db, 0,
        frame.time_ms};
    size_t keys = 0;
    size_t key = 0;
    (void)ForEachKey(*command, argv_, [&](size_t position) {
      key = position;
      ++keys;
    });
    if (keys == 1 && (command->flags & kAllKeys) == 0) {
      step.key = static_cast<uint32_t>(key);
      step.hash = keyspace_.Hash(argv_[key]);
    }
    batch_->args.insert(batch_->args.end(), argv_.begin(), argv_.end());
    batch_->steps.push_back(step);
  }
  commands_taken_ += seen;
  if (seen != frame.count) {
    return {Code::kCorrupt,
            "expected " + std::to_string(frame.count) + " commands in the payload, found " + std::to_string(seen)};
  }
  return Status::Ok();
}

Status Replay::PassOn() {
  if (batch_ == nullptr) return Status::Ok();
  if (const int64_t now_us = os::MonotonicUs(); said_us_ == 0) {
    said_us_ = now_us;
  } else if (now_us - said_us_ >= kProgressEveryUs) {
    said_us_ = now_us;
    if (progress_) progress_(commands_taken_);
  }
  if (!worker_.joinable()) {
    Status applied = Apply(*batch_);
    batch_.reset();
    if (applied.ok() && ++batches_ == kBatchesAlone) (void)os::StartThread([this] { Work(); }, &worker_).ok();
    return applied;
  }
  MutexLock lock(mu_);
  while (queue_.size() >= kQueueMax && failed_.ok()) changed_.Wait(mu_);
  RL_RETURN_IF_ERROR(Status(failed_));
  queue_.push_back(std::move(batch_));
  changed_.NotifyAll();
  return Status::Ok();
}

Status Replay::Finish() {
  Status passed = PassOn();
  if (!worker_.joinable()) return passed;
  {
    MutexLock lock(mu_);
    ended_ = true;
    changed_.NotifyAll();
  }
  worker_.join();
  MutexLock lock(mu_);
  return failed_;
}

void Replay::Work() {
  while (true) {
    std::unique_ptr<Batch> batch;
    {
      MutexLock lock(mu_);
      while (queue_.empty() && !ended_) changed_.Wait(mu_);
      if (queue_.empty() || abandoned_) return;
      batch = std::move(queue_.front());
      queue_.erase(queue_.begin());
      changed_.NotifyAll();
    }
    if (Status applied = Apply(*batch); !applied.ok()) {
      MutexLock lock(mu_);
      failed_ = std::move(applied);
      queue_.clear();
      changed_.NotifyAll();
      return;
    }
  }
}

Status Replay::Apply(const Batch& batch) {
  Request request;
  resp::Writer unread;
  std::array<Keyspace::Place, kPrefetchAhead> places;
  try {
    for (size_t i = 0; i < batch.steps.size(); ++i) {
      if (i % kPrefetchAhead == 0) {
        size_t count = 0;
        for (size_t at = i; at < std::min(i + kPrefetchAhead, batch.steps.size()); ++at) {
          const Step& step = batch.steps[at];
          if (step.key != kManyKeys) places[count++] = {step.db, step.hash};
        }
        keyspace_.Prefetch(std::span(places).first(count));
      }
      const Step& step = batch.steps[i];
      request.command = step.command;
      request.args = Args(batch.args).subspan(step.first_arg, step.arg_count);
      request.db = step.db;
      if (step.key == kManyKeys) {
        request.FindKeys(keyspace_);
      } else {
        request.keys.Clear();
        request.keys.Add({request.args[step.key], step.hash});
        request.all_keys = false;
      }
      unread.Clear();
      Context context(&engine_, keyspace_, Mode::kApply, request, step.time_ms, unread);
      step.command->handler(context);
    }
  } catch (const std::bad_alloc&) {
    return OutOfMemory();
  }
  return Status::Ok();
}

}  // namespace redislite::engine

// ==== src/engine/request.cc =======================================================================================
namespace redislite::engine {

void Request::FindKeys(const Keyspace& keyspace) {
  keys.Clear();
  all_keys = (command->flags & kAllKeys) != 0;
  (void)ForEachKey(*command, args, [&](size_t position) { keys.Add({args[position], keyspace.Hash(args[position])}); });
}

void Request::Prefetch(const Keyspace& keyspace) const {
  if (keys.size() < 2) return;
  std::array<Keyspace::Place, Keyspace::kPrefetchMax> places;
  size_t count = 0;
  for (const KeyRef& key : keys) {
    if (count == places.size()) break;
    places[count++] = {db, key.hash};
  }
  keyspace.Prefetch(std::span(places).first(count));
}

}  // namespace redislite::engine

// ==== src/engine/scratch.cc =======================================================================================
namespace redislite::engine {

void Scratch::CopyEntry(int db, const Entry& entry) {
  const uint64_t hash = store_.Hash(entry.key());
  copy_.Put(db, hash, entry.key(), entry.value.Clone(), false, now_ms_);
  if (entry.expires_at_ms() == kNever) return;
  copy_.SetExpiry(db, copy_.Find(db, hash, entry.key(), now_ms_), entry.expires_at_ms());
}

void Scratch::Copy(const Request& request) {
  if (has_all_) return;
  if (request.all_keys) {
    copy_.Clear();
    store_.ForEach([&](int db, const Entry& entry) {
      if (!entry.ExpiredAt(now_ms_)) CopyEntry(db, entry);
    });
    has_all_ = true;
    return;
  }
  for (const KeyRef& key : request.keys) {
    const auto same = [&](const KeyRef& other) { return other.hash == key.hash && other.key == key.key; };
    if (std::any_of(copied_.begin(), copied_.end(), same)) continue;
    copied_.push_back(key);
    for (int db = 0; db < kDatabases; ++db) {
      if (const Entry* entry = store_.Find(db, key.hash, key.key, now_ms_)) CopyEntry(db, *entry);
    }
  }
}

bool Scratch::Run(Request& request, resp::Writer& reply, std::vector<Request*>* resolved,
                  std::vector<std::unique_ptr<Request>>* owned) {
  const bool resolve = (request.command->flags & kResolve) != 0;
  const Mode mode = resolve ? Mode::kPreview : request.writes() ? Mode::kApply : Mode::kRead;
  Context context(nullptr, copy_, mode, request, now_ms_, reply);
  request.command->handler(context);
  if (!context.replacement().empty()) {
    auto in_its_place = std::make_unique<Request>();
    in_its_place->Own(std::move(context.replacement()));
    in_its_place->command = commands_.Find(in_its_place->args);
    in_its_place->db = request.db;
    in_its_place->origin = request.command;
    in_its_place->FindKeys(store_);
    resp::Writer unread;
    Context applied(nullptr, copy_, Mode::kApply, *in_its_place, now_ms_, unread);
    in_its_place->command->handler(applied);
    resolved->push_back(in_its_place.get());
    owned->push_back(std::move(in_its_place));
    return true;
  }
  if (context.wants_write()) resolved->push_back(&request);
  return !context.would_wait();
}

}  // namespace redislite::engine

// ==== src/engine/slow_log.cc ======================================================================================
namespace redislite::engine {

namespace {

constexpr size_t kArgsMax = 32;
constexpr size_t kArgBytesMax = 128;

}  // namespace

void SlowLog::SetLengthMax(uint64_t entries) {
  MutexLock lock(mu_);
  length_max_ = entries;
  while (entries_.size() > length_max_) entries_.pop_back();
}

void SlowLog::Add(Entry entry) {
  MutexLock lock(mu_);
  entry.id = next_id_++;
  if (length_max_ == 0) return;
  entries_.push_front(std::move(entry));
  while (entries_.size() > length_max_) entries_.pop_back();
}

std::vector<SlowLog::Entry> SlowLog::Newest(size_t count_max) const {
  MutexLock lock(mu_);
  const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(std::min(count_max, entries_.size()));
  return {entries_.begin(), end};
}

size_t SlowLog::size() const {
  MutexLock lock(mu_);
  return entries_.size();
}

void SlowLog::Clear() {
  MutexLock lock(mu_);
  entries_.clear();
}

std::vector<std::string> SlowLog::Cut(Args args) {
  std::vector<std::string> cut;
  const size_t whole = args.size() > kArgsMax ? kArgsMax - 1 : args.size();
  for (const Bytes arg : args.first(whole)) {
    std::string text(arg.substr(0, kArgBytesMax));
    if (arg.size() > kArgBytesMax) text += "... (" + std::to_string(arg.size() - kArgBytesMax) + " more bytes)";
    cut.push_back(std::move(text));
  }
  if (whole < args.size()) cut.push_back("... (" + std::to_string(args.size() - whole) + " more arguments)");
  return cut;
}

}  // namespace redislite::engine

// ==== src/engine/snapshot.cc ======================================================================================
namespace redislite::engine {

namespace {

constexpr size_t kEntriesPerHold = 64;

}  // namespace

void Snapshotter::Keep(int database, const Entry& entry) noexcept {
  if (entry.ExpiredAt(cut_ms_)) return;
  MutexLock lock(handed_mu_);
  try {
    AppendEntryCommands(kept_, database, entry);
    retained_bytes_.store(retained_bytes_.load(std::memory_order_relaxed) + entry.value.memory_bytes(),
                          std::memory_order_relaxed);
  } catch (const std::bad_alloc&) {
    lost_ = true;
  }
}

void Snapshotter::Adopt(int database, Entry* entry) noexcept {
  {
    MutexLock lock(handed_mu_);
    try {
      adopted_[static_cast<size_t>(database)].push_back(entry);
      retained_bytes_.store(retained_bytes_.load(std::memory_order_relaxed) + entry->memory_bytes(),
                            std::memory_order_relaxed);
      return;
    } catch (const std::bad_alloc&) {
      lost_ = true;
    }
  }
  Entry::Free(keyspace_.memory(), entry);
}

Status Snapshotter::Write(const Target& target, std::vector<CommandChunk>& chunks, bool all) {
  const size_t count = all || chunks.empty() ? chunks.size() : chunks.size() - 1;
  for (size_t i = 0; i < count; ++i) {
    keys_done_ += chunks[i].keys;
    RL_RETURN_IF_ERROR(target.block(chunks[i], keys_done_));
  }
  chunks.erase(chunks.begin(), chunks.begin() + static_cast<std::ptrdiff_t>(count));
  return Status::Ok();
}

bool Snapshotter::HandedOver() {
  MutexLock lock(handed_mu_);
  if (!kept_.empty()) return true;
  return std::any_of(adopted_.begin(), adopted_.end(), [](const auto& entries) { return !entries.empty(); });
}

Status Snapshotter::Drain(const Target& target, bool write) {
  std::vector<CommandChunk> kept;
  std::array<std::vector<Entry*>, kDatabases> adopted;
  bool lost = false;
  {
    MutexLock lock(handed_mu_);
    kept.swap(kept_);
    adopted.swap(adopted_);
    retained_bytes_.store(0, std::memory_order_relaxed);
    lost = lost_;
  }
  const auto attempt = [](const auto& step) NO_THREAD_SAFETY_ANALYSIS -> Status {
    try {
      return step();
    } catch (const std::bad_alloc&) {
      return OutOfMemory();
    }
  };
  Status written = lost ? OutOfMemory() : Status::Ok();
  if (write && written.ok()) written = attempt([&]() REQUIRES(run_mu_) { return Write(target, kept, true); });
  std::vector<CommandChunk> chunks;
  for (size_t db = 0; db < kDatabases; ++db) {
    for (Entry* entry : adopted[db]) {
      if (write && written.ok() && !entry->ExpiredAt(point_.time_ms)) {
        written = attempt([&]() REQUIRES(run_mu_) {
          AppendEntryCommands(chunks, static_cast<int>(db), *entry);
          return chunks.size() > 1 ? Write(target, chunks, false) : Status::Ok();
        });
      }
      Entry::Free(keyspace_.memory(), entry);
    }
  }
  return write && written.ok() ? Write(target, chunks, true) : written;
}

Status Snapshotter::Walk(const Target& target, const std::atomic<bool>& cancel) {
  RL_RETURN_IF_ERROR(target.begin(point_));
  std::vector<CommandChunk> chunks;
  for (int db = 0; db < kDatabases; ++db) {
    for (int stripe = 0; stripe < kStripes; ++stripe) {
      uint64_t from = static_cast<uint64_t>(stripe) << (64 - kStripeBits);
      for (bool more = true; more;) {
        if (cancel.load(std::memory_order_relaxed)) return {Code::kCondition, "cancelled"};
        StripeSet stripes;
        stripes.Add(from);
        {
          const StripeSet::Guard guard(keyspace_, stripes, StripeSet::How::kShared);
          more = keyspace_.WalkCut(db, stripe, from, &from, kEntriesPerHold, [&](const Entry& entry) REQUIRES(run_mu_) {
            if (!entry.ExpiredAt(point_.time_ms)) AppendEntryCommands(chunks, db, entry);
          });
        }
        if (chunks.size() > 1) RL_RETURN_IF_ERROR(Write(target, chunks, false));
      }
      if (HandedOver()) {
        RL_RETURN_IF_ERROR(Write(target, chunks, true));
        RL_RETURN_IF_ERROR(Drain(target, true));
      }
    }
    RL_RETURN_IF_ERROR(Write(target, chunks, true));
  }
  return Status::Ok();
}

Status Snapshotter::Run(const Target& target, const std::atomic<bool>& cancel) {
  MutexLock lock(run_mu_);
  keys_done_ = 0;
  Point point;
  const Status cut = pipeline_.Alone([&]() -> Status {
    Result<storage::Lsn> lsn = target.at_cut();
    if (!lsn.ok()) return lsn.status();
    point.lsn = *lsn;
    point.time_ms = clock_.Now();
    cut_ms_ = point.time_ms;
    point.keys = keyspace_.TotalKeys();
    {
      MutexLock handed(handed_mu_);
      lost_ = false;
    }
    keyspace_.BeginCut(this);
    return Status::Ok();
  });
  RL_RETURN_IF_ERROR(cut);
  RL_FAILPOINT(snapshot_cut);
  point_ = point;
  Status walked;
  try {
    walked = Walk(target, cancel);
  } catch (const std::bad_alloc&) {
    walked = OutOfMemory();
  }
  pipeline_.Alone([&] { keyspace_.EndCut(walked.ok()); });
  const Status drained = Drain(target, walked.ok());
  return walked.ok() ? drained : walked;
}

}  // namespace redislite::engine

// ==== src/commands/arguments.h ====================================================================================
#include <initializer_list>


namespace redislite::commands {

bool EqualsIgnoreCase(Bytes a, Bytes b);

bool IsNamed(const engine::Command& command, Bytes name);


void WriteSyntaxError(resp::Writer& reply);               // ERR syntax error
void WriteNotInteger(resp::Writer& reply);                // ERR value is not an integer or out of range
void WriteBadExpiry(Bytes command, resp::Writer& reply);  // ERR invalid expire time in 'set' command


Bytes WithoutLeadingSpace(Bytes text);

std::optional<int64_t> IntegerArgument(Bytes text, resp::Writer& reply);
std::optional<int> IntArgument(Bytes text, resp::Writer& reply);
std::optional<int64_t> AtLeastArgument(Bytes text, int64_t min, Bytes text_of_error, resp::Writer& reply);
std::optional<int64_t> NegatableArgument(Bytes text, resp::Writer& reply);

std::optional<int64_t> TimeoutArgument(Bytes text, resp::Writer& reply);

std::optional<uint64_t> BitOffsetArgument(Bytes text, resp::Writer& reply);

bool StringFits(uint64_t size, uint64_t added, resp::Writer& reply);

struct ScanArguments {
  uint64_t cursor = 0;
  size_t count = 10;
  std::optional<Bytes> pattern;  // not set for "*", which matches all
  std::optional<Bytes> type;
};
enum class ScanOf : uint8_t { kKeys, kElements };  // TYPE is for keys only
std::optional<ScanArguments> ParseScan(engine::Args args, ScanOf what, resp::Writer& reply);
std::optional<uint64_t> ParseCursor(Bytes text, resp::Writer& reply);

struct CardArguments {
  size_t keys = 0;    // from argument 2 on
  int64_t limit = 0;  // 0: none
};
std::optional<CardArguments> ParseInterCard(engine::Args args, resp::Writer& reply);

struct MultiPop {
  size_t keys = 0;  // from argument `at` + 1 on
  Bytes end;        // one of the two words, in any case
  size_t count = 1;
};
std::optional<MultiPop> ParseMultiPop(engine::Args args, size_t at, Bytes one_end, Bytes other_end,
                                      resp::Writer& reply);

struct IndexRange {
  size_t first = 0;
  size_t count = 0;
};
IndexRange ClampRange(int64_t start, int64_t stop, size_t size);


void WriteScanEnd(resp::Writer& reply);

void WriteHelp(Bytes container, std::initializer_list<Bytes> lines, resp::Writer& reply);

}  // namespace redislite::commands

// ==== src/commands/handlers.h =====================================================================================
namespace redislite::commands {

#define COMMAND(name, handler, arity, flags, first, last, step, since, group, syntax, summary, canonical, keys) \
  void handler(engine::Context& c);                                                                             \
  bool canonical(engine::Rewrite& rewrite);                                                                     \
  bool keys(engine::Args args, std::vector<size_t>& positions);
// The command table: one row a command, sections by group. Everything that depends on which commands there are is
// derived from here: dispatch and arity errors, the handlers' declarations (handlers.h), COMMAND, docs/COMMANDS.md and
// the CLI's hints.
//
//   COMMAND(name, Handler, arity, flags, first key, last key, key step, since, group, syntax, summary, Canonical, Keys)
//
// The columns are those of engine::Command; None stands where there is no function. A container has a row of its own
// (kContainer, before its subcommands) and each subcommand one named "container|subcommand", whose arity and key
// positions count both names.
//
// clang-format off

// ---- generic --------------------------------------------------------------------------------------------------------

COMMAND("copy", Copy, -3, kWrite | kDenyOom, 1, 2, 1, "6.2.0", "generic",
        "source destination [DB destination-db] [REPLACE]",
        "Copies the value of a key, with its expiry, to another key.", None, None)
COMMAND("del", Del, -2, kWrite, 1, -1, 1, "1.0.0", "generic",
        "key [key ...]",
        "Removes keys of any type; replies how many there were.", None, None)
COMMAND("dump", DumpCommand, 2, kReadOnly, 1, 1, 1, "2.6.0", "generic",
        "key",
        "Replies the value at a key as bytes that RESTORE, here and in Redis, makes it of again.", None, None)
COMMAND("exists", Exists, -2, kReadOnly | kFast, 1, -1, 1, "1.0.0", "generic",
        "key [key ...]",
        "Counts how many of the keys exist; a key given twice counts twice.", None, None)
COMMAND("expire", Expire, -3, kWrite | kFast, 1, 1, 1, "1.0.0", "generic",
        "key seconds [NX | XX | GT | LT]",
        "Makes a key expire after some seconds.", RewriteExpire, None)
COMMAND("expireat", Expire, -3, kWrite | kFast, 1, 1, 1, "1.2.0", "generic",
        "key unix-time-seconds [NX | XX | GT | LT]",
        "Makes a key expire at a Unix time in seconds.", RewriteExpire, None)
COMMAND("expiretime", ExpireTime, 2, kReadOnly | kFast, 1, 1, 1, "7.0.0", "generic",
        "key",
        "Replies the Unix time in seconds at which a key expires; -1 when never, -2 when there is no key.", None, None)
COMMAND("keys", Keys, 2, kReadOnly | kAllKeys, 0, 0, 0, "1.0.0", "generic",
        "pattern",
        "Replies all keys whose names match a glob pattern.", None, None)
COMMAND("move", Move, 3, kWrite | kFast, 1, 1, 1, "1.0.0", "generic",
        "key db",
        "Moves a key, with its expiry, to another database that does not have it.", None, None)
COMMAND("object", None, -2, kReadOnly | kContainer, 0, 0, 0, "2.2.3", "generic",
        "subcommand [argument ...]",
        "Looks into how a value is kept.", None, None)
COMMAND("object|encoding", ObjectEncoding, 3, kReadOnly, 2, 2, 1, "2.2.3", "generic",
        "key",
        "Replies the name of the encoding that a value is kept in.", None, None)
COMMAND("object|freq", ObjectFreq, 3, kReadOnly, 2, 2, 1, "4.0.0", "generic",
        "key",
        "Replies a key's logarithmic access frequency, under an LFU maxmemory-policy.", None, None)
COMMAND("object|help", ObjectHelp, 2, kNone, 0, 0, 0, "6.2.0", "generic",
        "",
        "Describes the subcommands of OBJECT.", None, None)
COMMAND("object|idletime", ObjectIdleTime, 3, kReadOnly, 2, 2, 1, "2.2.3", "generic",
        "key",
        "Replies the seconds since a key was last used, under a maxmemory-policy that is not LFU.", None, None)
COMMAND("object|refcount", ObjectRefCount, 3, kReadOnly, 2, 2, 1, "2.2.3", "generic",
        "key",
        "Replies the number of references to a value.", None, None)
COMMAND("persist", Persist, 2, kWrite | kFast, 1, 1, 1, "2.2.0", "generic",
        "key",
        "Removes a key's expiry.", None, None)
COMMAND("pexpire", Expire, -3, kWrite | kFast, 1, 1, 1, "2.6.0", "generic",
        "key milliseconds [NX | XX | GT | LT]",
        "Makes a key expire after some milliseconds.", RewriteExpire, None)
COMMAND("pexpireat", Expire, -3, kWrite | kFast, 1, 1, 1, "2.6.0", "generic",
        "key unix-time-milliseconds [NX | XX | GT | LT]",
        "Makes a key expire at a Unix time in milliseconds.", RewriteExpire, None)
COMMAND("pexpiretime", ExpireTime, 2, kReadOnly | kFast, 1, 1, 1, "7.0.0", "generic",
        "key",
        "Replies the Unix time in milliseconds at which a key expires; -1 when never, -2 when there is no key.",
        None, None)
COMMAND("pttl", Ttl, 2, kReadOnly | kFast, 1, 1, 1, "2.6.0", "generic",
        "key",
        "Replies the milliseconds until a key expires; -1 when never, -2 when there is no key.", None, None)
COMMAND("randomkey", RandomKey, 1, kReadOnly | kAllKeys, 0, 0, 0, "1.0.0", "generic",
        "",
        "Replies the name of a key chosen at random.", None, None)
COMMAND("rename", Rename, 3, kWrite, 1, 2, 1, "1.0.0", "generic",
        "key newkey",
        "Renames a key, replacing the key of the new name.", None, None)
COMMAND("renamenx", Rename, 3, kWrite | kFast, 1, 2, 1, "1.0.0", "generic",
        "key newkey",
        "Renames a key when there is none of the new name.", None, None)
COMMAND("restore", RestoreCommand, -4, kWrite | kDenyOom, 1, 1, 1, "2.6.0", "generic",
        "key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]",
        "Makes a key of what DUMP, here or in Redis, has replied.", RewriteRestore, None)
COMMAND("scan", Scan, -2, kReadOnly | kAllKeys, 0, 0, 0, "2.8.0", "generic",
        "cursor [MATCH pattern] [COUNT count] [TYPE type]",
        "Replies some of the keys and the cursor to go on with, 0 at the end.", None, None)
COMMAND("sort", Sort, -2, kWrite | kDenyOom | kMovableKeys | kAllKeys, 1, 1, 1, "1.0.0", "generic",
        "key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA] "
        "[STORE destination]",
        "Replies or stores the elements of a list in order, or what other keys hold of them.", RewriteSort, SortKeys)
COMMAND("sort_ro", Sort, -2, kReadOnly | kMovableKeys | kAllKeys, 1, 1, 1, "7.0.0", "generic",
        "key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA]",
        "Replies the elements of a list in order, or what other keys hold of them.", None, SortKeys)
COMMAND("touch", Touch, -2, kReadOnly | kFast, 1, -1, 1, "3.2.1", "generic",
        "key [key ...]",
        "Marks keys as just used; replies how many exist.", None, None)
COMMAND("ttl", Ttl, 2, kReadOnly | kFast, 1, 1, 1, "1.0.0", "generic",
        "key",
        "Replies the seconds until a key expires; -1 when never, -2 when there is no key.", None, None)
COMMAND("type", Type, 2, kReadOnly | kFast, 1, 1, 1, "1.0.0", "generic",
        "key",
        "Replies the type of the value at a key: string, list, hash, set, zset or none.", None, None)
COMMAND("unlink", Del, -2, kWrite | kFast, 1, -1, 1, "4.0.0", "generic",
        "key [key ...]",
        "Removes keys of any type, as DEL does.", None, None)
COMMAND("wait", Wait, 3, kAdmin, 0, 0, 0, "3.0.0", "generic",
        "numreplicas timeout",
        "Replies how many replicas have the writes: none.", None, None)
COMMAND("waitaof", WaitAof, 4, kAdmin, 0, 0, 0, "7.2.0", "generic",
        "numlocal numreplicas timeout",
        "Makes what was written before durable; replies 1 for this store, and no replicas.", None, None)

// ---- string ---------------------------------------------------------------------------------------------------------

COMMAND("append", Append, 3, kWrite | kDenyOom | kFast, 1, 1, 1, "2.0.0", "string",
        "key value",
        "Adds bytes at the end of a string, which is made when missing; replies its length.", None, None)
COMMAND("decr", Incr, 2, kWrite | kDenyOom | kFast, 1, 1, 1, "1.0.0", "string",
        "key",
        "Takes 1 from the integer at a key, 0 when missing; replies the result.", None, None)
COMMAND("decrby", Incr, 3, kWrite | kDenyOom | kFast, 1, 1, 1, "1.0.0", "string",
        "key decrement",
        "Takes a number from the integer at a key, 0 when missing; replies the result.", None, None)
COMMAND("get", Get, 2, kReadOnly | kFast, 1, 1, 1, "1.0.0", "string",
        "key",
        "Replies the string at a key.", None, None)
COMMAND("getdel", GetDel, 2, kWrite | kFast, 1, 1, 1, "6.2.0", "string",
        "key",
        "Replies the string at a key and removes the key.", None, None)
COMMAND("getex", GetEx, -2, kWrite | kFast, 1, 1, 1, "6.2.0", "string",
        "key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]",
        "Replies the string at a key and sets or removes its expiry.", RewriteGetEx, None)
COMMAND("getrange", GetRange, 4, kReadOnly, 1, 1, 1, "2.4.0", "string",
        "key start end",
        "Replies the bytes from start to end, both included; negative ones count from the end.", None, None)
COMMAND("getset", GetSet, 3, kWrite | kDenyOom | kFast, 1, 1, 1, "1.0.0", "string",
        "key value",
        "Sets a key to a string and replies the one before.", None, None)
COMMAND("incr", Incr, 2, kWrite | kDenyOom | kFast, 1, 1, 1, "1.0.0", "string",
        "key",
        "Adds 1 to the integer at a key, 0 when missing; replies the result.", None, None)
COMMAND("incrby", Incr, 3, kWrite | kDenyOom | kFast, 1, 1, 1, "1.0.0", "string",
        "key increment",
        "Adds a number to the integer at a key, 0 when missing; replies the result.", None, None)
COMMAND("incrbyfloat", IncrByFloat, 3, kWrite | kDenyOom | kFast | kResolve, 1, 1, 1, "2.6.0", "string",
        "key increment",
        "Adds a number to the floating-point number at a key, 0 when missing; replies the result.", None, None)
COMMAND("lcs", Lcs, -3, kReadOnly, 1, 2, 1, "7.0.0", "string",
        "key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]",
        "Replies the longest common subsequence of two strings, its length or its places.", None, None)
COMMAND("mget", MGet, -2, kReadOnly | kFast, 1, -1, 1, "1.0.0", "string",
        "key [key ...]",
        "Replies the strings at several keys at once; null where there is none.", None, None)
COMMAND("mset", MSet, -3, kWrite | kDenyOom, 1, -1, 2, "1.0.1", "string",
        "key value [key value ...]",
        "Sets several keys to strings at once.", None, None)
COMMAND("msetnx", MSetNx, -3, kWrite | kDenyOom, 1, -1, 2, "1.0.1", "string",
        "key value [key value ...]",
        "Sets several keys to strings at once when none of them exists.", None, None)
COMMAND("psetex", SetEx, 4, kWrite | kDenyOom, 1, 1, 1, "2.6.0", "string",
        "key milliseconds value",
        "Sets a key to a string that expires after some milliseconds.", RewriteSetEx, None)
COMMAND("set", Set, -3, kWrite | kDenyOom, 1, 1, 1, "1.0.0", "string",
        "key value [NX | XX] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | "
        "PXAT unix-time-milliseconds | KEEPTTL]",
        "Sets a key to a string, whatever it held.", RewriteSet, None)
COMMAND("setex", SetEx, 4, kWrite | kDenyOom, 1, 1, 1, "2.0.0", "string",
        "key seconds value",
        "Sets a key to a string that expires after some seconds.", RewriteSetEx, None)
COMMAND("setnx", SetNx, 3, kWrite | kDenyOom | kFast, 1, 1, 1, "1.0.0", "string",
        "key value",
        "Sets a key to a string when the key does not exist.", None, None)
COMMAND("setrange", SetRange, 4, kWrite | kDenyOom, 1, 1, 1, "2.2.0", "string",
        "key offset value",
        "Overwrites part of a string from an offset on, padding with zero bytes; replies its length.", None, None)
COMMAND("strlen", StrLen, 2, kReadOnly | kFast, 1, 1, 1, "2.2.0", "string",
        "key",
        "Replies the length of the string at a key.", None, None)
COMMAND("substr", GetRange, 4, kReadOnly, 1, 1, 1, "1.0.0", "string",
        "key start end",
        "Replies the bytes from start to end: the old name of GETRANGE.", None, None)

// ---- bitmap ---------------------------------------------------------------------------------------------------------

COMMAND("bitcount", BitCount, -2, kReadOnly, 1, 1, 1, "2.6.0", "bitmap",
        "key [start end [BYTE | BIT]]",
        "Counts the bits of a string that are set, in all of it or from start to end.", None, None)
COMMAND("bitfield", BitFieldCommand, -2, kWrite | kDenyOom, 1, 1, 1, "3.2.0", "bitmap",
        "key [GET type offset | [OVERFLOW <WRAP | SAT | FAIL>] <SET type offset value | INCRBY type offset increment> "
        "...]",
        "Reads and changes integers of a few bits anywhere in a string.", RewriteBitField, None)
COMMAND("bitfield_ro", BitFieldCommand, -2, kReadOnly | kFast, 1, 1, 1, "6.0.0", "bitmap",
        "key [GET type offset [GET type offset ...]]",
        "Reads integers of a few bits anywhere in a string.", None, None)
COMMAND("bitop", BitOp, -4, kWrite | kDenyOom, 2, -1, 1, "2.6.0", "bitmap",
        "<AND | OR | XOR | NOT> destkey key [key ...]",
        "Combines strings bit by bit and stores the result; replies its length.", None, None)
COMMAND("bitpos", BitPos, -3, kReadOnly, 1, 1, 1, "2.8.7", "bitmap",
        "key bit [start [end [BYTE | BIT]]]",
        "Finds the first bit of a string that is set, or clear.", None, None)
COMMAND("getbit", GetBit, 3, kReadOnly | kFast, 1, 1, 1, "2.2.0", "bitmap",
        "key offset",
        "Replies the bit at an offset, 0 behind the end.", None, None)
COMMAND("setbit", SetBit, 4, kWrite | kDenyOom, 1, 1, 1, "2.2.0", "bitmap",
        "key offset value",
        "Sets or clears the bit at an offset of a string, which grows as it needs; replies the bit before.", None, None)

// ---- hyperloglog ----------------------------------------------------------------------------------------------------

COMMAND("pfadd", PfAdd, -2, kWrite | kDenyOom | kFast, 1, 1, 1, "2.8.9", "hyperloglog",
        "key [element [element ...]]",
        "Adds elements to a HyperLogLog, which is made when missing; replies whether its estimate may have changed.",
        None, None)
COMMAND("pfcount", PfCount, -2, kReadOnly, 1, -1, 1, "2.8.9", "hyperloglog",
        "key [key ...]",
        "Estimates how many different elements were added to a HyperLogLog, or to several together.", None, None)
COMMAND("pfmerge", PfMerge, -2, kWrite | kDenyOom, 1, -1, 1, "2.8.9", "hyperloglog",
        "destkey [sourcekey [sourcekey ...]]",
        "Merges HyperLogLogs into another, which is made when missing.", None, None)

// ---- list -----------------------------------------------------------------------------------------------------------

COMMAND("blmove", BLMove, 6, kWrite | kDenyOom | kResolve | kMayWait, 1, 2, 1, "6.2.0", "list",
        "source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout",
        "LMOVE that waits for an element, at most so many seconds (0: for ever).", None, None)
COMMAND("blmpop", BLMPop, -5, kWrite | kResolve | kMayWait | kMovableKeys, 0, 0, 0, "7.0.0", "list",
        "timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]",
        "LMPOP that waits for an element.", None, TimeoutAndNumberedKeys)
COMMAND("blpop", BLPop, -3, kWrite | kResolve | kMayWait, 1, -2, 1, "2.0.0", "list",
        "key [key ...] timeout",
        "Takes the first element of the first list that has one, or waits for one.", None, None)
COMMAND("brpop", BRPop, -3, kWrite | kResolve | kMayWait, 1, -2, 1, "2.0.0", "list",
        "key [key ...] timeout",
        "Takes the last element of the first list that has one, or waits for one.", None, None)
COMMAND("brpoplpush", BRPopLPush, 4, kWrite | kDenyOom | kResolve | kMayWait, 1, 2, 1, "2.2.0", "list",
        "source destination timeout",
        "RPOPLPUSH that waits for an element: the old name of BLMOVE RIGHT LEFT.", None, None)
COMMAND("lindex", LIndex, 3, kReadOnly, 1, 1, 1, "1.0.0", "list",
        "key index",
        "Replies the element at an index; negative ones count from the end.", None, None)
COMMAND("linsert", LInsert, 5, kWrite | kDenyOom, 1, 1, 1, "2.2.0", "list",
        "key <BEFORE | AFTER> pivot element",
        "Inserts an element before or after the first one that equals the pivot; replies the length.", None, None)
COMMAND("llen", LLen, 2, kReadOnly | kFast, 1, 1, 1, "1.0.0", "list",
        "key",
        "Replies the length of a list.", None, None)
COMMAND("lmove", LMove, 5, kWrite | kDenyOom, 1, 2, 1, "6.2.0", "list",
        "source destination <LEFT | RIGHT> <LEFT | RIGHT>",
        "Moves an element from one end of a list to one end of another; replies it.", None, None)
COMMAND("lmpop", LMPop, -4, kWrite | kMovableKeys, 0, 0, 0, "7.0.0", "list",
        "numkeys key [key ...] <LEFT | RIGHT> [COUNT count]",
        "Takes elements from one end of the first of several lists that exists.", None, NumberedKeys)
COMMAND("lpop", LPop, -2, kWrite | kFast, 1, 1, 1, "1.0.0", "list",
        "key [count]",
        "Takes elements from the head of a list; replies them.", None, None)
COMMAND("lpos", LPos, -3, kReadOnly, 1, 1, 1, "6.0.6", "list",
        "key element [RANK rank] [COUNT num-matches] [MAXLEN len]",
        "Replies the index of an element that equals the one given, or of several.", None, None)
COMMAND("lpush", LPush, -3, kWrite | kDenyOom | kFast, 1, 1, 1, "1.0.0", "list",
        "key element [element ...]",
        "Adds elements at the head of a list, which is made when missing; replies its length.", None, None)
COMMAND("lpushx", LPushX, -3, kWrite | kDenyOom | kFast, 1, 1, 1, "2.2.0", "list",
        "key element [element ...]",
        "Adds elements at the head of a list that exists; replies its length.", None, None)
COMMAND("lrange", LRange, 4, kReadOnly, 1, 1, 1, "1.0.0", "list",
        "key start stop",
        "Replies the elements from start to stop, both included; negative ones count from the end.", None, None)
COMMAND("lrem", LRem, 4, kWrite, 1, 1, 1, "1.0.0", "list",
        "key count element",
        "Removes elements that equal the one given: all for 0, else so many from the head, or from the tail when "
        "negative.", None, None)
COMMAND("lset", LSet, 4, kWrite | kDenyOom, 1, 1, 1, "1.0.0", "list",
        "key index element",
        "Replaces the element at an index.", None, None)
COMMAND("ltrim", LTrim, 4, kWrite, 1, 1, 1, "1.0.0", "list",
        "key start stop",
        "Removes the elements outside start to stop.", None, None)
COMMAND("rpop", RPop, -2, kWrite | kFast, 1, 1, 1, "1.0.0", "list",
        "key [count]",
        "Takes elements from the tail of a list; replies them.", None, None)
COMMAND("rpoplpush", RPopLPush, 3, kWrite | kDenyOom, 1, 2, 1, "1.2.0", "list",
        "source destination",
        "Moves an element from the tail of a list to the head of another: the old name of LMOVE RIGHT LEFT.",
        None, None)
COMMAND("rpush", RPush, -3, kWrite | kDenyOom | kFast, 1, 1, 1, "1.0.0", "list",
        "key element [element ...]",
        "Adds elements at the tail of a list, which is made when missing; replies its length.", None, None)
COMMAND("rpushx", RPushX, -3, kWrite | kDenyOom | kFast, 1, 1, 1, "2.2.0", "list",
        "key element [element ...]",
        "Adds elements at the tail of a list that exists; replies its length.", None, None)

// ---- hash -----------------------------------------------------------------------------------------------------------

COMMAND("hdel", HDel, -3, kWrite | kFast, 1, 1, 1, "2.0.0", "hash",
        "key field [field ...]",
        "Removes fields of a hash; replies how many there were.", None, None)
COMMAND("hexists", HExists, 3, kReadOnly | kFast, 1, 1, 1, "2.0.0", "hash",
        "key field",
        "Replies whether a hash has a field.", None, None)
COMMAND("hget", HGet, 3, kReadOnly | kFast, 1, 1, 1, "2.0.0", "hash",
        "key field",
        "Replies the value of a field of a hash.", None, None)
COMMAND("hgetall", HGetAll, 2, kReadOnly, 1, 1, 1, "2.0.0", "hash",
        "key",
        "Replies all fields of a hash with their values.", None, None)
COMMAND("hincrby", HIncrBy, 4, kWrite | kDenyOom | kFast, 1, 1, 1, "2.0.0", "hash",
        "key field increment",
        "Adds a number to the integer in a field, 0 when missing; replies the result.", None, None)
COMMAND("hincrbyfloat", HIncrByFloat, 4, kWrite | kDenyOom | kFast | kResolve, 1, 1, 1, "2.6.0", "hash",
        "key field increment",
        "Adds a number to the floating-point number in a field, 0 when missing; replies the result.", None, None)
COMMAND("hkeys", HKeys, 2, kReadOnly, 1, 1, 1, "2.0.0", "hash",
        "key",
        "Replies all fields of a hash.", None, None)
COMMAND("hlen", HLen, 2, kReadOnly | kFast, 1, 1, 1, "2.0.0", "hash",
        "key",
        "Replies how many fields a hash has.", None, None)
COMMAND("hmget", HMGet, -3, kReadOnly | kFast, 1, 1, 1, "2.0.0", "hash",
        "key field [field ...]",
        "Replies the values of several fields; null where there is none.", None, None)
COMMAND("hmset", HMSet, -4, kWrite | kDenyOom | kFast, 1, 1, 1, "2.0.0", "hash",
        "key field value [field value ...]",
        "Sets fields of a hash, as HSET does; replies OK.", None, None)
COMMAND("hrandfield", HRandField, -2, kReadOnly, 1, 1, 1, "6.2.0", "hash",
        "key [count [WITHVALUES]]",
        "Replies fields of a hash chosen at random: distinct ones, or with repeats when the count is negative.",
        None, None)
COMMAND("hscan", HScan, -3, kReadOnly, 1, 1, 1, "2.8.0", "hash",
        "key cursor [MATCH pattern] [COUNT count]",
        "Replies some of the fields with their values and the cursor to go on with, 0 at the end.", None, None)
COMMAND("hset", HSet, -4, kWrite | kDenyOom | kFast, 1, 1, 1, "2.0.0", "hash",
        "key field value [field value ...]",
        "Sets fields of a hash, which is made when missing; replies how many are new.", None, None)
COMMAND("hsetnx", HSetNx, 4, kWrite | kDenyOom | kFast, 1, 1, 1, "2.0.0", "hash",
        "key field value",
        "Sets a field of a hash when it does not exist.", None, None)
COMMAND("hstrlen", HStrLen, 3, kReadOnly | kFast, 1, 1, 1, "3.2.0", "hash",
        "key field",
        "Replies the length of the value of a field.", None, None)
COMMAND("hvals", HVals, 2, kReadOnly, 1, 1, 1, "2.0.0", "hash",
        "key",
        "Replies the values of all fields of a hash.", None, None)

// ---- set ------------------------------------------------------------------------------------------------------------

COMMAND("sadd", SAdd, -3, kWrite | kDenyOom | kFast, 1, 1, 1, "1.0.0", "set",
        "key member [member ...]",
        "Adds members to a set, which is made when missing; replies how many are new.", None, None)
COMMAND("scard", SCard, 2, kReadOnly | kFast, 1, 1, 1, "1.0.0", "set",
        "key",
        "Replies how many members a set has.", None, None)
COMMAND("sdiff", SDiff, -2, kReadOnly, 1, -1, 1, "1.0.0", "set",
        "key [key ...]",
        "Replies the members of the first set that none of the others has.", None, None)
COMMAND("sdiffstore", SDiffStore, -3, kWrite | kDenyOom, 1, -1, 1, "1.0.0", "set",
        "destination key [key ...]",
        "Keeps what SDIFF replies at a key; replies how many members it has.", None, None)
COMMAND("sinter", SInter, -2, kReadOnly, 1, -1, 1, "1.0.0", "set",
        "key [key ...]",
        "Replies the members that all of the sets have.", None, None)
COMMAND("sintercard", SInterCard, -3, kReadOnly | kMovableKeys, 0, 0, 0, "7.0.0", "set",
        "numkeys key [key ...] [LIMIT limit]",
        "Counts the members that all of the sets have, up to a limit.", None, NumberedKeys)
COMMAND("sinterstore", SInterStore, -3, kWrite | kDenyOom, 1, -1, 1, "1.0.0", "set",
        "destination key [key ...]",
        "Keeps what SINTER replies at a key; replies how many members it has.", None, None)
COMMAND("sismember", SIsMember, 3, kReadOnly | kFast, 1, 1, 1, "1.0.0", "set",
        "key member",
        "Replies whether a set has a member.", None, None)
COMMAND("smembers", SMembers, 2, kReadOnly, 1, 1, 1, "1.0.0", "set",
        "key",
        "Replies all members of a set.", None, None)
COMMAND("smismember", SMIsMember, -3, kReadOnly | kFast, 1, 1, 1, "6.2.0", "set",
        "key member [member ...]",
        "Replies which of several members a set has.", None, None)
COMMAND("smove", SMove, 4, kWrite | kFast, 1, 2, 1, "1.0.0", "set",
        "source destination member",
        "Moves a member from one set to another.", None, None)
COMMAND("spop", SPop, -2, kWrite | kFast | kResolve, 1, 1, 1, "1.0.0", "set",
        "key [count]",
        "Takes members chosen at random out of a set; replies them.", None, None)
COMMAND("srandmember", SRandMember, -2, kReadOnly, 1, 1, 1, "1.0.0", "set",
        "key [count]",
        "Replies members of a set chosen at random: distinct ones, or with repeats when the count is negative.",
        None, None)
COMMAND("srem", SRem, -3, kWrite | kFast, 1, 1, 1, "1.0.0", "set",
        "key member [member ...]",
        "Removes members of a set; replies how many there were.", None, None)
COMMAND("sscan", SScan, -3, kReadOnly, 1, 1, 1, "2.8.0", "set",
        "key cursor [MATCH pattern] [COUNT count]",
        "Replies some of the members and the cursor to go on with, 0 at the end.", None, None)
COMMAND("sunion", SUnion, -2, kReadOnly, 1, -1, 1, "1.0.0", "set",
        "key [key ...]",
        "Replies the members that any of the sets has.", None, None)
COMMAND("sunionstore", SUnionStore, -3, kWrite | kDenyOom, 1, -1, 1, "1.0.0", "set",
        "destination key [key ...]",
        "Keeps what SUNION replies at a key; replies how many members it has.", None, None)

// ---- sorted set -----------------------------------------------------------------------------------------------------

COMMAND("bzmpop", BZMPop, -5, kWrite | kResolve | kMayWait | kMovableKeys, 0, 0, 0, "7.0.0", "sorted-set",
        "timeout numkeys key [key ...] <MIN | MAX> [COUNT count]",
        "ZMPOP that waits for a member.", None, TimeoutAndNumberedKeys)
COMMAND("bzpopmax", BZPopMax, -3, kWrite | kResolve | kMayWait | kFast, 1, -2, 1, "5.0.0", "sorted-set",
        "key [key ...] timeout",
        "Takes the member with the highest score of the first sorted set that has one, or waits for one.", None, None)
COMMAND("bzpopmin", BZPopMin, -3, kWrite | kResolve | kMayWait | kFast, 1, -2, 1, "5.0.0", "sorted-set",
        "key [key ...] timeout",
        "Takes the member with the lowest score of the first sorted set that has one, or waits for one.", None, None)
COMMAND("zadd", ZAdd, -4, kWrite | kDenyOom | kFast, 1, 1, 1, "1.2.0", "sorted-set",
        "key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]",
        "Gives members of a sorted set scores; replies how many are new, or with CH how many changed.", None, None)
COMMAND("zcard", ZCard, 2, kReadOnly | kFast, 1, 1, 1, "1.2.0", "sorted-set",
        "key",
        "Replies how many members a sorted set has.", None, None)
COMMAND("zcount", ZCount, 4, kReadOnly | kFast, 1, 1, 1, "2.0.0", "sorted-set",
        "key min max",
        "Counts the members with a score from min to max.", None, None)
COMMAND("zdiff", ZDiff, -3, kReadOnly | kMovableKeys, 0, 0, 0, "6.2.0", "sorted-set",
        "numkeys key [key ...] [WITHSCORES]",
        "Replies the members of the first sorted set that none of the others has.", None, NumberedKeys)
COMMAND("zdiffstore", ZDiffStore, -4, kWrite | kDenyOom | kMovableKeys, 1, 1, 1, "6.2.0", "sorted-set",
        "destination numkeys key [key ...]",
        "Keeps what ZDIFF replies at a key; replies how many members it has.", None, DestinationAndNumberedKeys)
COMMAND("zincrby", ZIncrBy, 4, kWrite | kDenyOom | kFast, 1, 1, 1, "1.2.0", "sorted-set",
        "key increment member",
        "Adds a number to the score of a member, 0 when missing; replies the result.", None, None)
COMMAND("zinter", ZInter, -3, kReadOnly | kMovableKeys, 0, 0, 0, "6.2.0", "sorted-set",
        "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]",
        "Replies the members that all of the sorted sets have, with their scores combined.", None, NumberedKeys)
COMMAND("zintercard", ZInterCard, -3, kReadOnly | kMovableKeys, 0, 0, 0, "7.0.0", "sorted-set",
        "numkeys key [key ...] [LIMIT limit]",
        "Counts the members that all of the sorted sets have, up to a limit.", None, NumberedKeys)
COMMAND("zinterstore", ZInterStore, -4, kWrite | kDenyOom | kMovableKeys, 1, 1, 1, "2.0.0", "sorted-set",
        "destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>]",
        "Keeps what ZINTER replies at a key; replies how many members it has.", None, DestinationAndNumberedKeys)
COMMAND("zlexcount", ZLexCount, 4, kReadOnly | kFast, 1, 1, 1, "2.8.9", "sorted-set",
        "key min max",
        "Counts the members from min to max, which are members themselves.", None, None)
COMMAND("zmpop", ZMPop, -4, kWrite | kMovableKeys, 0, 0, 0, "7.0.0", "sorted-set",
        "numkeys key [key ...] <MIN | MAX> [COUNT count]",
        "Takes members from one end of the first of several sorted sets that exists.", None, NumberedKeys)
COMMAND("zmscore", ZMScore, -3, kReadOnly | kFast, 1, 1, 1, "6.2.0", "sorted-set",
        "key member [member ...]",
        "Replies the scores of several members; null where there is none.", None, None)
COMMAND("zpopmax", ZPopMax, -2, kWrite | kFast, 1, 1, 1, "5.0.0", "sorted-set",
        "key [count]",
        "Takes the members with the highest scores; replies them with their scores.", None, None)
COMMAND("zpopmin", ZPopMin, -2, kWrite | kFast, 1, 1, 1, "5.0.0", "sorted-set",
        "key [count]",
        "Takes the members with the lowest scores; replies them with their scores.", None, None)
COMMAND("zrandmember", ZRandMember, -2, kReadOnly, 1, 1, 1, "6.2.0", "sorted-set",
        "key [count [WITHSCORES]]",
        "Replies members of a sorted set chosen at random: distinct ones, or with repeats when the count is negative.",
        None, None)
COMMAND("zrange", ZRange, -4, kReadOnly, 1, 1, 1, "1.2.0", "sorted-set",
        "key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]",
        "Replies the members of a range of ranks, scores or members.", None, None)
COMMAND("zrangebylex", ZRangeByLex, -4, kReadOnly, 1, 1, 1, "2.8.9", "sorted-set",
        "key min max [LIMIT offset count]",
        "Replies the members from min to max, which are members themselves.", None, None)
COMMAND("zrangebyscore", ZRangeByScore, -4, kReadOnly, 1, 1, 1, "1.0.5", "sorted-set",
        "key min max [WITHSCORES] [LIMIT offset count]",
        "Replies the members with a score from min to max.", None, None)
COMMAND("zrangestore", ZRangeStore, -5, kWrite | kDenyOom, 1, 2, 1, "6.2.0", "sorted-set",
        "destination source min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]",
        "Keeps what ZRANGE replies at a key; replies how many members it has.", None, None)
COMMAND("zrank", ZRank, -3, kReadOnly | kFast, 1, 1, 1, "2.0.0", "sorted-set",
        "key member [WITHSCORE]",
        "Replies the rank of a member by ascending score, from 0.", None, None)
COMMAND("zrem", ZRem, -3, kWrite | kFast, 1, 1, 1, "1.2.0", "sorted-set",
        "key member [member ...]",
        "Removes members of a sorted set; replies how many there were.", None, None)
COMMAND("zremrangebylex", ZRemRangeByLex, 4, kWrite, 1, 1, 1, "2.8.9", "sorted-set",
        "key min max",
        "Removes the members from min to max, which are members themselves; replies how many there were.", None, None)
COMMAND("zremrangebyrank", ZRemRangeByRank, 4, kWrite, 1, 1, 1, "2.0.0", "sorted-set",
        "key start stop",
        "Removes the members of a range of ranks; replies how many there were.", None, None)
COMMAND("zremrangebyscore", ZRemRangeByScore, 4, kWrite, 1, 1, 1, "1.2.0", "sorted-set",
        "key min max",
        "Removes the members with a score from min to max; replies how many there were.", None, None)
COMMAND("zrevrange", ZRevRange, -4, kReadOnly, 1, 1, 1, "1.2.0", "sorted-set",
        "key start stop [WITHSCORES]",
        "Replies the members of a range of ranks by descending score.", None, None)
COMMAND("zrevrangebylex", ZRevRangeByLex, -4, kReadOnly, 1, 1, 1, "2.8.9", "sorted-set",
        "key max min [LIMIT offset count]",
        "Replies the members from max down to min, which are members themselves.", None, None)
COMMAND("zrevrangebyscore", ZRevRangeByScore, -4, kReadOnly, 1, 1, 1, "2.2.0", "sorted-set",
        "key max min [WITHSCORES] [LIMIT offset count]",
        "Replies the members with a score from max down to min.", None, None)
COMMAND("zrevrank", ZRevRank, -3, kReadOnly | kFast, 1, 1, 1, "2.0.0", "sorted-set",
        "key member [WITHSCORE]",
        "Replies the rank of a member by descending score, from 0.", None, None)
COMMAND("zscan", ZScan, -3, kReadOnly, 1, 1, 1, "2.8.0", "sorted-set",
        "key cursor [MATCH pattern] [COUNT count]",
        "Replies some of the members with their scores and the cursor to go on with, 0 at the end.", None, None)
COMMAND("zscore", ZScore, 3, kReadOnly | kFast, 1, 1, 1, "1.2.0", "sorted-set",
        "key member",
        "Replies the score of a member.", None, None)
COMMAND("zunion", ZUnion, -3, kReadOnly | kMovableKeys, 0, 0, 0, "6.2.0", "sorted-set",
        "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]",
        "Replies the members that any of the sorted sets has, with their scores combined.", None, NumberedKeys)
COMMAND("zunionstore", ZUnionStore, -4, kWrite | kDenyOom | kMovableKeys, 1, 1, 1, "2.0.0", "sorted-set",
        "destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>]",
        "Keeps what ZUNION replies at a key; replies how many members it has.", None, DestinationAndNumberedKeys)

// ---- geo ------------------------------------------------------------------------------------------------------------

COMMAND("geoadd", ZAdd, -5, kWrite | kDenyOom, 1, 1, 1, "3.2.0", "geo",
        "key [NX | XX] [CH] longitude latitude member [longitude latitude member ...]",
        "Adds members with their places to a sorted set; replies how many are new, or with CH changed.",
        RewriteGeoAdd, None)
COMMAND("geodist", GeoDist, -4, kReadOnly, 1, 1, 1, "3.2.0", "geo",
        "key member1 member2 [M | KM | FT | MI]",
        "Replies the distance between the places of two members.", None, None)
COMMAND("geohash", GeoHash, -2, kReadOnly, 1, 1, 1, "3.2.0", "geo",
        "key [member [member ...]]",
        "Replies the places of members as geohashes of eleven letters.", None, None)
COMMAND("geopos", GeoPos, -2, kReadOnly, 1, 1, 1, "3.2.0", "geo",
        "key [member [member ...]]",
        "Replies the longitudes and latitudes of members.", None, None)
COMMAND("georadius", GeoRadius, -6, kWrite | kDenyOom | kResolve | kMovableKeys, 1, 1, 1, "3.2.0", "geo",
        "key longitude latitude radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] "
        "[ASC | DESC] [STORE key | STOREDIST key]",
        "Replies or stores the members within a radius around a place.", RewriteGeoRadius, GeoRadiusKeys)
COMMAND("georadius_ro", GeoRadiusRo, -6, kReadOnly, 1, 1, 1, "3.2.10", "geo",
        "key longitude latitude radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] "
        "[ASC | DESC]",
        "Replies the members within a radius around a place.", None, None)
COMMAND("georadiusbymember", GeoRadiusByMember, -5, kWrite | kDenyOom | kResolve | kMovableKeys, 1, 1, 1,
        "3.2.0", "geo",
        "key member radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] "
        "[ASC | DESC] [STORE key | STOREDIST key]",
        "Replies or stores the members within a radius around one of them.", RewriteGeoRadius, GeoRadiusKeys)
COMMAND("georadiusbymember_ro", GeoRadiusByMemberRo, -5, kReadOnly, 1, 1, 1, "3.2.10", "geo",
        "key member radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC | DESC]",
        "Replies the members within a radius around one of them.", None, None)
COMMAND("geosearch", GeoSearch, -7, kReadOnly, 1, 1, 1, "6.2.0", "geo",
        "key <FROMMEMBER member | FROMLONLAT longitude latitude> "
        "<BYRADIUS radius <M | KM | FT | MI> | BYBOX width height <M | KM | FT | MI>> [ASC | DESC] "
        "[COUNT count [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]",
        "Replies the members within a circle or a box.", None, None)
COMMAND("geosearchstore", GeoSearchStore, -8, kWrite | kDenyOom | kResolve, 1, 2, 1, "6.2.0", "geo",
        "destination source <FROMMEMBER member | FROMLONLAT longitude latitude> "
        "<BYRADIUS radius <M | KM | FT | MI> | BYBOX width height <M | KM | FT | MI>> [ASC | DESC] "
        "[COUNT count [ANY]] [STOREDIST]",
        "Stores the members within a circle or a box as a sorted set, with their places or distances.", None, None)

// ---- connection -----------------------------------------------------------------------------------------------------

COMMAND("auth", None, -2, kSession | kNeedsSession | kNoAuth | kFast, 0, 0, 0, "1.0.0", "connection",
        "[username] password",
        "Gives the password that the store asks for.", None, None)
COMMAND("client", None, -2, kContainer, 0, 0, 0, "2.4.0", "connection",
        "subcommand [argument ...]",
        "What connections say of themselves and do to each other.", None, None)
COMMAND("client|caching", None, 3, kSession | kNeedsSession, 0, 0, 0, "6.0.0", "connection",
        "<YES | NO>",
        "Is an error: there is no client side caching.", None, None)
COMMAND("client|getname", None, 2, kSession | kNeedsSession, 0, 0, 0, "2.6.9", "connection",
        "",
        "Replies the connection's name.", None, None)
COMMAND("client|getredir", None, 2, kSession | kNeedsSession, 0, 0, 0, "6.0.0", "connection",
        "",
        "Replies -1: there is no client side caching.", None, None)
COMMAND("client|help", None, 2, kSession, 0, 0, 0, "5.0.0", "connection",
        "",
        "Describes the subcommands of CLIENT.", None, None)
COMMAND("client|id", None, 2, kSession | kNeedsSession, 0, 0, 0, "5.0.0", "connection",
        "",
        "Replies the connection's number, which no other one of this store ever had.", None, None)
COMMAND("client|info", None, 2, kSession | kNeedsSession, 0, 0, 0, "6.2.0", "connection",
        "",
        "Replies what CLIENT LIST says of this connection.", None, None)
COMMAND("client|kill", None, -3, kSession, 0, 0, 0, "2.4.0", "connection",
        "<ip:port | <option value> ...>",
        "Ends connections.", None, None)
COMMAND("client|list", None, -2, kSession, 0, 0, 0, "2.4.0", "connection",
        "[TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] [ID client-id [client-id ...]]",
        "Replies a line for each connection.", None, None)
COMMAND("client|no-evict", None, 3, kSession | kNeedsSession, 0, 0, 0, "7.0.0", "connection",
        "<ON | OFF>",
        "Keeps the connection when clients are dropped for want of memory.", None, None)
COMMAND("client|no-touch", None, 3, kSession | kNeedsSession, 0, 0, 0, "7.2.0", "connection",
        "<ON | OFF>",
        "Reads of this connection do not count as uses of the keys.", None, None)
COMMAND("client|pause", None, -3, kSession, 0, 0, 0, "3.0.0", "connection",
        "timeout [WRITE | ALL]",
        "Holds the commands of all connections for some milliseconds.", None, None)
COMMAND("client|reply", None, 3, kSession | kNeedsSession | kNoBatch, 0, 0, 0, "3.2.0", "connection",
        "<ON | OFF | SKIP>",
        "Turns the replies to this connection off and on.", None, None)
COMMAND("client|setinfo", None, 4, kSession | kNeedsSession, 0, 0, 0, "7.2.0", "connection",
        "<LIB-NAME libname | LIB-VER libver>",
        "Says which library the client uses.", None, None)
COMMAND("client|setname", None, 3, kSession | kNeedsSession, 0, 0, 0, "2.6.9", "connection",
        "connection-name",
        "Gives the connection a name.", None, None)
COMMAND("client|tracking", None, -3, kSession | kNeedsSession, 0, 0, 0, "6.0.0", "connection",
        "<ON | OFF> [argument ...]",
        "Answers OFF: there is no client side caching.", None, None)
COMMAND("client|trackinginfo", None, 2, kSession | kNeedsSession, 0, 0, 0, "6.2.0", "connection",
        "",
        "Replies that there is no client side caching.", None, None)
COMMAND("client|unblock", None, -3, kSession, 0, 0, 0, "5.0.0", "connection",
        "client-id [TIMEOUT | ERROR]",
        "Ends the waiting of a connection in a blocking command.", None, None)
COMMAND("client|unpause", None, 2, kSession, 0, 0, 0, "6.2.0", "connection",
        "",
        "Ends CLIENT PAUSE.", None, None)
COMMAND("echo", Echo, 2, kFast, 0, 0, 0, "1.0.0", "connection",
        "message",
        "Replies the message.", None, None)
COMMAND("hello", None, -1, kSession | kNeedsSession | kNoAuth | kFast, 0, 0, 0, "6.0.0", "connection",
        "[protover [AUTH username password] [SETNAME clientname]]",
        "Greets the store: chooses RESP2 or RESP3, gives the password and a name.", None, None)
COMMAND("ping", Ping, -1, kFast | kWhileSubscribed, 0, 0, 0, "1.0.0", "connection",
        "[message]",
        "Replies PONG, or the message.", None, None)
COMMAND("quit", None, -1, kSession | kNeedsSession | kNoAuth | kWhileSubscribed | kEndsTransaction | kFast,
        0, 0, 0, "1.0.0", "connection",
        "",
        "Ends the connection.", None, None)
COMMAND("reset", None, 1, kSession | kNeedsSession | kNoAuth | kWhileSubscribed | kEndsTransaction | kFast,
        0, 0, 0, "6.2.0", "connection",
        "",
        "Makes the connection as it was when it was opened.", None, None)
COMMAND("select", None, 2, kSession | kNeedsSession | kFast, 0, 0, 0, "1.0.0", "connection",
        "index",
        "Chooses the database that the connection's commands run on.", None, None)

// ---- transactions ---------------------------------------------------------------------------------------------------

COMMAND("discard", None, 1, kSession | kNeedsSession | kEndsTransaction | kFast, 0, 0, 0, "2.0.0", "transactions",
        "",
        "Forgets the commands queued since MULTI.", None, None)
COMMAND("exec", None, 1, kSession | kNeedsSession | kEndsTransaction, 0, 0, 0, "1.2.0", "transactions",
        "",
        "Runs the commands queued since MULTI as one: all or nothing, also across a crash.", None, None)
COMMAND("multi", None, 1, kSession | kNeedsSession | kEndsTransaction | kFast, 0, 0, 0, "1.2.0", "transactions",
        "",
        "Begins a transaction: the commands that follow are queued.", None, None)
COMMAND("unwatch", None, 1, kSession | kNeedsSession | kFast, 0, 0, 0, "2.2.0", "transactions",
        "",
        "Forgets the watched keys.", None, None)
COMMAND("watch", None, -2, kSession | kNeedsSession | kEndsTransaction | kFast, 1, -1, 1, "2.2.0", "transactions",
        "key [key ...]",
        "EXEC does nothing when one of these keys has changed until then.", None, None)

// ---- pubsub ---------------------------------------------------------------------------------------------------------

COMMAND("psubscribe", None, -2, kSession | kNeedsSession | kWhileSubscribed, 0, 0, 0, "2.0.0", "pubsub",
        "pattern [pattern ...]",
        "Listens to the channels that match glob patterns.", None, None)
COMMAND("publish", None, 3, kSession | kMayPublish | kFast, 0, 0, 0, "2.0.0", "pubsub",
        "channel message",
        "Sends a message to whoever listens to the channel; replies how many those are.", None, None)
COMMAND("pubsub", None, -2, kContainer, 0, 0, 0, "2.8.0", "pubsub",
        "subcommand [argument ...]",
        "Looks into who listens to what.", None, None)
COMMAND("pubsub|channels", None, -2, kSession, 0, 0, 0, "2.8.0", "pubsub",
        "[pattern]",
        "Replies the channels that somebody listens to.", None, None)
COMMAND("pubsub|help", None, 2, kSession, 0, 0, 0, "6.2.0", "pubsub",
        "",
        "Describes the subcommands of PUBSUB.", None, None)
COMMAND("pubsub|numpat", None, 2, kSession, 0, 0, 0, "2.8.0", "pubsub",
        "",
        "Counts the patterns that somebody listens to.", None, None)
COMMAND("pubsub|numsub", None, -2, kSession, 0, 0, 0, "2.8.0", "pubsub",
        "[channel [channel ...]]",
        "Counts who listens to each channel.", None, None)
COMMAND("pubsub|shardchannels", None, -2, kSession, 0, 0, 0, "7.0.0", "pubsub",
        "[pattern]",
        "Replies the shard channels that somebody listens to.", None, None)
COMMAND("pubsub|shardnumsub", None, -2, kSession, 0, 0, 0, "7.0.0", "pubsub",
        "[shardchannel [shardchannel ...]]",
        "Counts who listens to each shard channel.", None, None)
COMMAND("punsubscribe", None, -1, kSession | kNeedsSession | kWhileSubscribed, 0, 0, 0, "2.0.0", "pubsub",
        "[pattern [pattern ...]]",
        "Ends listening to patterns; to all without one.", None, None)
COMMAND("spublish", None, 3, kSession | kMayPublish | kFast, 0, 0, 0, "7.0.0", "pubsub",
        "shardchannel message",
        "Sends a message to whoever listens to the shard channel.", None, None)
COMMAND("ssubscribe", None, -2, kSession | kNeedsSession | kWhileSubscribed, 0, 0, 0, "7.0.0", "pubsub",
        "shardchannel [shardchannel ...]",
        "Listens to shard channels.", None, None)
COMMAND("subscribe", None, -2, kSession | kNeedsSession | kWhileSubscribed, 0, 0, 0, "2.0.0", "pubsub",
        "channel [channel ...]",
        "Listens to channels.", None, None)
COMMAND("sunsubscribe", None, -1, kSession | kNeedsSession | kWhileSubscribed, 0, 0, 0, "7.0.0", "pubsub",
        "[shardchannel [shardchannel ...]]",
        "Ends listening to shard channels; to all without one.", None, None)
COMMAND("unsubscribe", None, -1, kSession | kNeedsSession | kWhileSubscribed, 0, 0, 0, "2.0.0", "pubsub",
        "[channel [channel ...]]",
        "Ends listening to channels; to all without one.", None, None)

// ---- server ---------------------------------------------------------------------------------------------------------
COMMAND("acl", None, -2, kContainer, 0, 0, 0, "6.0.0", "server",
        "subcommand [argument ...]",
        "Tells of users: there is one.", None, None)
COMMAND("acl|help", AclHelp, 2, kNone, 0, 0, 0, "6.0.0", "server",
        "",
        "Describes the subcommands of ACL.", None, None)
COMMAND("acl|list", AclList, 2, kAdmin | kOperator, 0, 0, 0, "6.0.0", "server",
        "",
        "Replies the rules of the users.", None, None)
COMMAND("acl|users", AclUsers, 2, kAdmin | kOperator, 0, 0, 0, "6.0.0", "server",
        "",
        "Replies the names of the users.", None, None)
COMMAND("acl|whoami", AclWhoAmI, 2, kNone, 0, 0, 0, "6.0.0", "server",
        "",
        "Replies the name of the connection's user.", None, None)
COMMAND("bgrewriteaof", BgRewriteAof, 1, kAdmin | kOperator, 0, 0, 0, "1.0.0", "server",
        "",
        "Begins to take a snapshot, which takes the place of the log before it.", None, None)
COMMAND("bgsave", BgSave, -1, kAdmin | kOperator, 0, 0, 0, "1.0.0", "server",
        "[SCHEDULE]",
        "Starts a snapshot in the background.", None, None)
COMMAND("command", CommandAll, -1, kContainer, 0, 0, 0, "2.8.13", "server",
        "[subcommand [argument ...]]",
        "Describes every command.", None, None)
COMMAND("command|count", CommandCount, 2, kNone, 0, 0, 0, "2.8.13", "server",
        "",
        "Counts the commands.", None, None)
COMMAND("command|docs", CommandDocs, -2, kNone, 0, 0, 0, "7.0.0", "server",
        "[command-name ...]",
        "Replies what commands are for.", None, None)
COMMAND("command|getkeys", CommandGetKeys, -3, kNone, 0, 0, 0, "2.8.13", "server",
        "command [argument ...]",
        "Finds the keys among the arguments of a command.", None, None)
COMMAND("command|getkeysandflags", CommandGetKeys, -3, kNone, 0, 0, 0, "7.0.0", "server",
        "command [argument ...]",
        "Finds the keys among the arguments of a command, and how it uses them.", None, None)
COMMAND("command|help", CommandHelp, 2, kNone, 0, 0, 0, "5.0.0", "server",
        "",
        "Describes the subcommands of COMMAND.", None, None)
COMMAND("command|info", CommandInfo, -2, kNone, 0, 0, 0, "2.8.13", "server",
        "[command-name ...]",
        "Describes commands by name.", None, None)
COMMAND("command|list", CommandList, -2, kNone, 0, 0, 0, "7.0.0", "server",
        "[FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]",
        "Replies the names of commands.", None, None)
COMMAND("config", None, -2, kContainer, 0, 0, 0, "2.0.0", "server",
        "subcommand [argument ...]",
        "Reads and changes options.", None, None)
COMMAND("config|get", ConfigGet, -3, kAdmin | kOperator, 0, 0, 0, "2.0.0", "server",
        "parameter [parameter ...]",
        "Replies the options whose names match glob patterns.", None, None)
COMMAND("config|help", ConfigHelp, 2, kNone, 0, 0, 0, "5.0.0", "server",
        "",
        "Describes the subcommands of CONFIG.", None, None)
COMMAND("config|resetstat", ConfigResetStat, 2, kAdmin | kOperator, 0, 0, 0, "2.0.0", "server",
        "",
        "Sets the counters that INFO shows back to 0.", None, None)
COMMAND("config|rewrite", ConfigRewrite, 2, kAdmin | kOperator, 0, 0, 0, "2.8.0", "server",
        "",
        "Writes what CONFIG SET has changed into the file that the server was started with.", None, None)
COMMAND("config|set", ConfigSet, -4, kAdmin | kOperator, 0, 0, 0, "2.0.0", "server",
        "parameter value [parameter value ...]",
        "Changes options, all or none.", None, None)
COMMAND("dbsize", DbSize, 1, kReadOnly | kFast | kAllKeys, 0, 0, 0, "1.0.0", "server",
        "",
        "Counts the keys of the database.", None, None)
COMMAND("debug", None, -2, kContainer, 0, 0, 0, "1.0.0", "server",
        "subcommand [argument ...]",
        "Helps to test the store.", None, None)
COMMAND("debug|digest", DebugDigest, 2, kAdmin | kOperator, 0, 0, 0, "1.0.0", "server",
        "",
        "Replies a digest of all data: the same for the same keys, values and expiries.", None, None)
COMMAND("debug|error", DebugError, 3, kAdmin | kOperator, 0, 0, 0, "1.0.0", "server",
        "string",
        "Replies an error with this text.", None, None)
COMMAND("debug|help", DebugHelp, 2, kNone, 0, 0, 0, "1.0.0", "server",
        "",
        "Describes the subcommands of DEBUG.", None, None)
COMMAND("debug|object", DebugObject, 3, kReadOnly | kOperator, 2, 2, 1, "1.0.0", "server",
        "key",
        "Replies how the value at a key is kept.", None, None)
COMMAND("debug|protocol", DebugProtocol, 3, kAdmin | kOperator, 0, 0, 0, "1.0.0", "server",
        "type",
        "Replies a value of a type of RESP3.", None, None)
COMMAND("debug|reload", DebugReload, -2, kAdmin | kOperator, 0, 0, 0, "1.0.0", "server",
        "[option ...]",
        "Takes a snapshot.", None, None)
COMMAND("debug|set-active-expire", DebugSetActiveExpire, 3, kAdmin | kOperator, 0, 0, 0, "1.0.0", "server",
        "<0 | 1>",
        "Turns the background removal of expired keys off or on.", None, None)
COMMAND("debug|sleep", DebugSleep, 3, kAdmin | kOperator, 0, 0, 0, "1.0.0", "server",
        "seconds",
        "Makes the caller wait.", None, None)
COMMAND("flushall", FlushAll, -1, kWrite | kAllKeys, 0, 0, 0, "1.0.0", "server",
        "[ASYNC | SYNC]",
        "Removes all keys of all databases.", None, None)
COMMAND("flushdb", FlushDb, -1, kWrite | kAllKeys, 0, 0, 0, "1.0.0", "server",
        "[ASYNC | SYNC]",
        "Removes all keys of the database.", None, None)
COMMAND("info", Info, -1, kAdmin, 0, 0, 0, "1.0.0", "server",
        "[section ...]",
        "Replies facts and counters about the store.", None, None)
COMMAND("lastsave", LastSave, 1, kAdmin | kFast, 0, 0, 0, "1.0.0", "server",
        "",
        "Replies the Unix time of the last durable snapshot.", None, None)
COMMAND("latency", None, -2, kContainer, 0, 0, 0, "2.8.13", "server",
        "subcommand [argument ...]",
        "Tells what took long.", None, None)
COMMAND("latency|doctor", LatencyDoctor, 2, kAdmin | kOperator, 0, 0, 0, "2.8.13", "server",
        "",
        "Replies a report on what took long.", None, None)
COMMAND("latency|graph", LatencyGraph, 3, kAdmin | kOperator, 0, 0, 0, "2.8.13", "server",
        "event",
        "Draws how long an event took.", None, None)
COMMAND("latency|help", LatencyHelp, 2, kNone, 0, 0, 0, "2.8.13", "server",
        "",
        "Describes the subcommands of LATENCY.", None, None)
COMMAND("latency|histogram", LatencyHistogram, -2, kAdmin | kOperator, 0, 0, 0, "7.0.0", "server",
        "[command [command ...]]",
        "Replies how many calls of commands took up to 1, 2, 4, 8, ... microseconds.", None, None)
COMMAND("latency|history", LatencyHistory, 3, kAdmin | kOperator, 0, 0, 0, "2.8.13", "server",
        "event",
        "Replies when an event took long, and how long.", None, None)
COMMAND("latency|latest", LatencyLatest, 2, kAdmin | kOperator, 0, 0, 0, "2.8.13", "server",
        "",
        "Replies the last time that each event took long.", None, None)
COMMAND("latency|reset", LatencyReset, -2, kAdmin | kOperator, 0, 0, 0, "2.8.13", "server",
        "[event [event ...]]",
        "Forgets what took long; replies of how many events.", None, None)
COMMAND("lolwut", Lolwut, -1, kFast, 0, 0, 0, "5.0.0", "server",
        "[VERSION version]",
        "Replies the version.", None, None)
COMMAND("memory", None, -2, kContainer, 0, 0, 0, "4.0.0", "server",
        "subcommand [argument ...]",
        "Tells what keys and the store take.", None, None)
COMMAND("memory|doctor", MemoryDoctor, 2, kAdmin, 0, 0, 0, "4.0.0", "server",
        "",
        "Replies a report on the memory in use.", None, None)
COMMAND("memory|help", MemoryHelp, 2, kNone, 0, 0, 0, "4.0.0", "server",
        "",
        "Describes the subcommands of MEMORY.", None, None)
COMMAND("memory|malloc-stats", MemoryMallocStats, 2, kAdmin, 0, 0, 0, "4.0.0", "server",
        "",
        "Replies a line on the memory in use.", None, None)
COMMAND("memory|purge", MemoryPurge, 2, kAdmin, 0, 0, 0, "4.0.0", "server",
        "",
        "Does nothing: free memory is given back as it becomes free.", None, None)
COMMAND("memory|stats", MemoryStats, 2, kAdmin, 0, 0, 0, "4.0.0", "server",
        "",
        "Replies numbers on the memory in use.", None, None)
COMMAND("memory|usage", MemoryUsage, -3, kReadOnly, 2, 2, 1, "4.0.0", "server",
        "key [SAMPLES count]",
        "Replies the bytes that a key and its value take.", None, None)
COMMAND("monitor", None, 1, kSession | kNeedsSession | kOperator | kNoBatch, 0, 0, 0, "1.0.0", "server",
        "",
        "Shows every command that any connection runs from now on.", None, None)
COMMAND("replicaof", ReplicaOf, 3, kAdmin | kOperator | kNoBatch, 0, 0, 0, "5.0.0", "server",
        "host port",
        "Answers NO ONE: a store is nobody's replica.", None, None)
COMMAND("role", Role, 1, kAdmin | kFast, 0, 0, 0, "2.8.12", "server",
        "",
        "Replies that the store is a master without replicas.", None, None)
COMMAND("save", Save, 1, kAdmin | kOperator | kNoBatch, 0, 0, 0, "1.0.0", "server",
        "",
        "Takes a snapshot; replies when it is durable.", None, None)
COMMAND("shutdown", None, -1, kSession | kOperator | kNoBatch, 0, 0, 0, "1.0.0", "server",
        "[NOSAVE | SAVE] [NOW] [FORCE] [ABORT]",
        "Asks the program that the store is in to end.", None, None)
COMMAND("slaveof", ReplicaOf, 3, kAdmin | kOperator | kNoBatch, 0, 0, 0, "1.0.0", "server",
        "host port",
        "As REPLICAOF.", None, None)
COMMAND("slowlog", None, -2, kContainer, 0, 0, 0, "2.2.12", "server",
        "subcommand [argument ...]",
        "Tells which commands ran long.", None, None)
COMMAND("slowlog|get", SlowLogGet, -2, kAdmin | kOperator, 0, 0, 0, "2.2.12", "server",
        "[count]",
        "Replies the last commands that ran long.", None, None)
COMMAND("slowlog|help", SlowLogHelp, 2, kNone, 0, 0, 0, "6.2.0", "server",
        "",
        "Describes the subcommands of SLOWLOG.", None, None)
COMMAND("slowlog|len", SlowLogLen, 2, kAdmin | kOperator, 0, 0, 0, "2.2.12", "server",
        "",
        "Counts the commands that ran long.", None, None)
COMMAND("slowlog|reset", SlowLogReset, 2, kAdmin | kOperator, 0, 0, 0, "2.2.12", "server",
        "",
        "Forgets the commands that ran long.", None, None)
COMMAND("swapdb", SwapDb, 3, kWrite | kFast | kAllKeys, 0, 0, 0, "4.0.0", "server",
        "index1 index2",
        "Swaps two databases.", None, None)
COMMAND("time", Time, 1, kFast, 0, 0, 0, "2.6.0", "server",
        "",
        "Replies the store's clock: Unix seconds, and microseconds within the second.", None, None)

// clang-format on
#undef COMMAND

}  // namespace redislite::commands

// ==== src/commands/acl.cc =========================================================================================
namespace redislite::commands {

using engine::Context;

void AclWhoAmI(Context& c) { c.reply().Bulk("default"); }

void AclUsers(Context& c) {
  c.reply().Array(1);
  c.reply().Bulk("default");
}

void AclList(Context& c) {
  const bool open = c.engine().options().requirepass.empty();
  c.reply().Array(1);
  c.reply().Bulk(std::string("user default on ") + (open ? "nopass" : "#(redacted)") + " ~* &* +@all");
}

void AclHelp(Context& c) {
  WriteHelp("ACL",
            {
                "LIST",
                "    Show users details in config file format.",
                "USERS",
                "    List all the registered usernames.",
                "WHOAMI",
                "    Return the current connection username.",
            },
            c.reply());
}

}  // namespace redislite::commands

// ==== src/commands/arguments.cc ===================================================================================
namespace redislite::commands {
namespace {

char Lower_commands_arguments(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte; }

}  // namespace

bool EqualsIgnoreCase(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (Lower_commands_arguments(a[i]) != Lower_commands_arguments(b[i])) return false;
  }
  return true;
}

Bytes WithoutLeadingSpace(Bytes text) {
  while (!text.empty() && (text.front() == ' ' || (text.front() >= '\t' && text.front() <= '\r'))) {
    text.remove_prefix(1);
  }
  return text;
}

bool IsNamed(const engine::Command& command, Bytes name) { return command.name == name; }

void WriteSyntaxError(resp::Writer& reply) { reply.Error(Code::kCommand, "ERR syntax error"); }

void WriteNotInteger(resp::Writer& reply) { reply.Error(Code::kValue, "ERR value is not an integer or out of range"); }

void WriteBadExpiry(Bytes command, resp::Writer& reply) {
  reply.Error(Code::kValue, std::string("ERR invalid expire time in '").append(command).append("' command"));
}

std::optional<int64_t> IntegerArgument(Bytes text, resp::Writer& reply) {
  const std::optional<int64_t> value = ParseInt64(text);
  if (!value) WriteNotInteger(reply);
  return value;
}

std::optional<int> IntArgument(Bytes text, resp::Writer& reply) {
  const std::optional<int64_t> value = IntegerArgument(text, reply);
  if (!value) return {};
  if (*value < std::numeric_limits<int>::min() || *value > std::numeric_limits<int>::max()) {
    reply.Error(Code::kValue, "ERR value is out of range, value must between -2147483648 and 2147483647");
    return {};
  }
  return static_cast<int>(*value);
}

std::optional<int64_t> AtLeastArgument(Bytes text, int64_t min, Bytes text_of_error, resp::Writer& reply) {
  const std::optional<int64_t> value = ParseInt64(text);
  if (value && *value >= min) return value;
  reply.Error(Code::kValue, text_of_error);
  return {};
}

std::optional<int64_t> NegatableArgument(Bytes text, resp::Writer& reply) {
  const std::optional<int64_t> value = IntegerArgument(text, reply);
  if (!value || *value != std::numeric_limits<int64_t>::min()) return value;
  reply.Error(Code::kValue,
              "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807");
  return {};
}

std::optional<int64_t> TimeoutArgument(Bytes text, resp::Writer& reply) {
  const std::optional<double> seconds = ParseDouble(text);
  if (!seconds || std::isnan(*seconds)) {
    reply.Error(Code::kValue, "ERR timeout is not a float or out of range");
    return {};
  }
  if (*seconds < 0) {
    reply.Error(Code::kValue, "ERR timeout is negative");
    return {};
  }
  constexpr double kSecondsMax = 9e12;  // its microseconds, added to a clock, still fit
  if (*seconds > kSecondsMax) {
    reply.Error(Code::kValue, "ERR timeout is out of range");
    return {};
  }
  return static_cast<int64_t>(std::ceil(*seconds * 1e3)) * 1000;
}

std::optional<uint64_t> BitOffsetArgument(Bytes text, resp::Writer& reply) {
  const std::optional<int64_t> offset = ParseInt64(text);
  if (offset && *offset >= 0 && static_cast<uint64_t>(*offset) / 8 < kValueBytesMax) {
    return static_cast<uint64_t>(*offset);
  }
  reply.Error(Code::kValue, "ERR bit offset is not an integer or out of range");
  return {};
}

bool StringFits(uint64_t size, uint64_t added, resp::Writer& reply) {
  if (size <= kValueBytesMax && added <= kValueBytesMax - size) return true;
  reply.Error(Code::kLimit, "ERR string exceeds maximum allowed size (proto-max-bulk-len)");
  return false;
}

std::optional<uint64_t> ParseCursor(Bytes text, resp::Writer& reply) {
  const std::optional<uint64_t> cursor = ParseUint64(text);
  if (!cursor) reply.Error(Code::kValue, "ERR invalid cursor");
  return cursor;
}

std::optional<ScanArguments> ParseScan(engine::Args args, ScanOf what, resp::Writer& reply) {
  ScanArguments scan;
  const std::optional<uint64_t> cursor = ParseCursor(args[0], reply);
  if (!cursor) return {};
  scan.cursor = *cursor;
  for (size_t i = 1; i < args.size(); i += 2) {
    if (i + 1 == args.size()) {
      WriteSyntaxError(reply);
      return {};
    }
    const Bytes option = args[i];
    const Bytes value = args[i + 1];
    if (EqualsIgnoreCase(option, "count")) {
      const std::optional<int64_t> count = IntegerArgument(value, reply);
      if (!count) return {};
      if (*count < 1) {
        WriteSyntaxError(reply);
        return {};
      }
      scan.count = static_cast<size_t>(*count);
    } else if (EqualsIgnoreCase(option, "match")) {
      scan.pattern = value == "*" ? std::nullopt : std::optional(value);
    } else if (what == ScanOf::kKeys && EqualsIgnoreCase(option, "type")) {
      scan.type = value;
    } else {
      WriteSyntaxError(reply);
      return {};
    }
  }
  return scan;
}

std::optional<MultiPop> ParseMultiPop(engine::Args args, size_t at, Bytes one_end, Bytes other_end,
                                      resp::Writer& reply) {
  const auto syntax_error = [&reply] {
    WriteSyntaxError(reply);
    return std::nullopt;
  };
  const std::optional<int64_t> keys = AtLeastArgument(args[at], 1, "ERR numkeys should be greater than 0", reply);
  if (!keys) return {};
  MultiPop pop;
  pop.keys = static_cast<size_t>(*keys);
  if (pop.keys > args.size() - 2 - at) return syntax_error();  // the end is missing
  pop.end = args[at + 1 + pop.keys];
  if (!EqualsIgnoreCase(pop.end, one_end) && !EqualsIgnoreCase(pop.end, other_end)) return syntax_error();
  std::optional<int64_t> count;
  for (size_t i = at + 2 + pop.keys; i < args.size(); i += 2) {
    if (count || i + 1 == args.size() || !EqualsIgnoreCase(args[i], "count")) return syntax_error();
    count = AtLeastArgument(args[i + 1], 1, "ERR count should be greater than 0", reply);
    if (!count) return {};
  }
  if (count) pop.count = static_cast<size_t>(*count);
  return pop;
}

IndexRange ClampRange(int64_t start, int64_t stop, size_t size) {
  const auto length = static_cast<int64_t>(size);
  if (start < 0) start = std::max<int64_t>(start + length, 0);
  if (stop < 0) stop += length;
  stop = std::min(stop, length - 1);
  if (start > stop) return {};
  return {static_cast<size_t>(start), static_cast<size_t>(stop - start + 1)};
}

std::optional<CardArguments> ParseInterCard(engine::Args args, resp::Writer& reply) {
  CardArguments card;
  const std::optional<int64_t> keys = AtLeastArgument(args[1], 1, "ERR numkeys should be greater than 0", reply);
  if (!keys) return {};
  if (static_cast<uint64_t>(*keys) > args.size() - 2) {
    reply.Error(Code::kCommand, "ERR Number of keys can't be greater than number of args");
    return {};
  }
  card.keys = static_cast<size_t>(*keys);
  for (size_t i = 2 + card.keys; i < args.size(); i += 2) {
    if (!EqualsIgnoreCase(args[i], "limit") || i + 1 == args.size()) {
      WriteSyntaxError(reply);
      return {};
    }
    const std::optional<int64_t> limit = AtLeastArgument(args[i + 1], 0, "ERR LIMIT can't be negative", reply);
    if (!limit) return {};
    card.limit = *limit;
  }
  return card;
}

void WriteScanEnd(resp::Writer& reply) {
  reply.Array(2);
  reply.Bulk("0");
  reply.Array(0);
}

void WriteHelp(Bytes container, std::initializer_list<Bytes> lines, resp::Writer& reply) {
  reply.Array(lines.size() + 3);
  reply.Status(std::string(container).append(" <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"));
  for (const Bytes line : lines) reply.Status(line);
  reply.Status("HELP");
  reply.Status("    Prints this help.");
}

}  // namespace redislite::commands

// ==== src/commands/bitfield.cc ====================================================================================
namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using engine::Rewrite;
using types::BitField;
using types::String;

enum class Overflow : uint8_t { kWrap, kSaturate, kFail };

struct Step_commands_bitfield {
  enum class Kind : uint8_t { kGet, kSet, kIncrement };

  Kind kind;
  Overflow overflow;
  BitField field;
  int64_t operand = 0;
};

std::optional<Overflow> OverflowNamed(Bytes word) {
  if (EqualsIgnoreCase(word, "wrap")) return Overflow::kWrap;
  if (EqualsIgnoreCase(word, "sat")) return Overflow::kSaturate;
  if (EqualsIgnoreCase(word, "fail")) return Overflow::kFail;
  return {};
}

std::optional<BitField> TypeArgument(Bytes text, resp::Writer& reply) {
  if (!text.empty() && (text[0] == 'i' || text[0] == 'u')) {
    const bool is_signed = text[0] == 'i';
    const std::optional<int64_t> bits = ParseInt64(text.substr(1));
    if (bits && *bits >= 1 && *bits <= (is_signed ? 64 : 63)) {
      return BitField{is_signed, static_cast<unsigned>(*bits), 0};
    }
  }
  reply.Error(Code::kValue,
              "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.");
  return {};
}

std::optional<uint64_t> FieldOffsetArgument(Bytes text, const BitField& field, resp::Writer& reply) {
  if (!text.starts_with('#')) return BitOffsetArgument(text, reply);
  const std::optional<int64_t> index = ParseInt64(text.substr(1));
  int64_t offset = 0;
  if (!index || __builtin_mul_overflow(*index, int64_t{field.bits}, &offset)) return BitOffsetArgument({}, reply);
  char digits[kInt64TextMax];
  return BitOffsetArgument(FormatInt64(offset, digits), reply);
}

std::optional<std::vector<Step_commands_bitfield>> ParseSteps(Args args, resp::Writer& reply) {
  std::vector<Step_commands_bitfield> steps;
  Overflow overflow = Overflow::kWrap;
  for (size_t i = 0; i < args.size();) {
    const Bytes word = args[i];
    const size_t behind = args.size() - i - 1;
    if (EqualsIgnoreCase(word, "overflow") && behind >= 1) {
      const std::optional<Overflow> named = OverflowNamed(args[i + 1]);
      if (!named) {
        reply.Error(Code::kCommand, "ERR Invalid OVERFLOW type specified");
        return {};
      }
      overflow = *named;
      i += 2;
      continue;
    }
    Step_commands_bitfield::Kind kind;
    if (EqualsIgnoreCase(word, "get") && behind >= 2) {
      kind = Step_commands_bitfield::Kind::kGet;
    } else if (EqualsIgnoreCase(word, "set") && behind >= 3) {
      kind = Step_commands_bitfield::Kind::kSet;
    } else if (EqualsIgnoreCase(word, "incrby") && behind >= 3) {
      kind = Step_commands_bitfield::Kind::kIncrement;
    } else {
      WriteSyntaxError(reply);
      return {};
    }
    std::optional<BitField> field = TypeArgument(args[i + 1], reply);
    if (!field) return {};
    const std::optional<uint64_t> offset = FieldOffsetArgument(args[i + 2], *field, reply);
    if (!offset) return {};
    field->offset = *offset;
    Step_commands_bitfield step{kind, overflow, *field};
    if (kind != Step_commands_bitfield::Kind::kGet) {
      const std::optional<int64_t> operand = IntegerArgument(args[i + 3], reply);
      if (!operand) return {};
      step.operand = *operand;
    }
    steps.push_back(step);
    i += kind == Step_commands_bitfield::Kind::kGet ? 3 : 4;
  }
  return steps;
}

class Draft {
 public:
  explicit Draft(Bytes bytes) : bytes_(bytes) {}

  int64_t Get(const BitField& field) const {
    uint64_t value = 0;
    for (uint64_t bit = field.offset; bit < field.offset + field.bits; ++bit) {
      value = value << 1 | (ByteAt(bit / 8) >> (7 - bit % 8) & 1u);
    }
    return field.Wrap(value);
  }
  void Set(const BitField& field, int64_t value) {
    for (unsigned i = 0; i < field.bits; ++i) {
      const uint64_t bit = field.offset + i;
      const unsigned mask = 0x80u >> bit % 8;
      const bool set = (static_cast<uint64_t>(value) >> (field.bits - 1 - i) & 1) != 0;
      const unsigned before = ByteAt(bit / 8);
      changed_[bit / 8] = static_cast<char>(set ? before | mask : before & ~mask);
    }
  }

  const std::map<uint64_t, char>& changed() const { return changed_; }

 private:
  unsigned ByteAt(uint64_t index) const {
    if (const auto changed = changed_.find(index); changed != changed_.end()) {
      return static_cast<uint8_t>(changed->second);
    }
    return index < bytes_.size() ? static_cast<uint8_t>(bytes_[index]) : 0;
  }

  const Bytes bytes_;
  std::map<uint64_t, char> changed_;
};

std::optional<int64_t> After(const Step_commands_bitfield& step, int64_t before) {
  const BitField& field = step.field;
  const bool sets = step.kind == Step_commands_bitfield::Kind::kSet;
  int64_t sum;
  const bool beyond = __builtin_add_overflow(sets ? 0 : before, step.operand, &sum);
  if (!beyond && sum >= field.min() && sum <= field.max()) return sum;
  if (step.overflow == Overflow::kFail) return {};
  if (step.overflow == Overflow::kWrap) return field.Wrap(static_cast<uint64_t>(sum));
  const bool upwards = beyond ? step.operand > 0 : sum > field.max() || (sets && !field.is_signed);
  return upwards ? field.max() : field.min();
}

void WriteResults(const std::vector<std::optional<int64_t>>& results, resp::Writer& reply) {
  reply.Array(results.size());
  for (const std::optional<int64_t>& result : results) result ? reply.Integer(*result) : reply.Null();
}

}  // namespace

void BitFieldCommand(Context& c) {
  const Bytes key = c.arg(1);
  const std::optional<std::vector<Step_commands_bitfield>> steps = ParseSteps(c.args().subspan(2), c.reply());
  if (!steps) return;
  uint64_t size_needed = 0;
  for (const Step_commands_bitfield& step : *steps) {
    if (step.kind != Step_commands_bitfield::Kind::kGet) size_needed = std::max(size_needed, step.field.last_byte() + 1);
  }
  if (size_needed != 0 && IsNamed(c.command(), "bitfield_ro")) {
    return c.reply().Error(Code::kCommand, "ERR BITFIELD_RO only supports the GET subcommand");
  }
  if (!StringFits(size_needed, 0, c.reply())) return;
  const auto string = c.Read<String>(key);
  if (string.wrong_type) return c.WrongType();
  char scratch[kInt64TextMax];
  const Bytes bytes = string ? string->View(scratch) : Bytes();

  Draft draft(bytes);
  bool changes = size_needed > bytes.size();  // it grows even when every step fails
  std::vector<std::optional<int64_t>> results;
  results.reserve(steps->size());
  for (const Step_commands_bitfield& step : *steps) {
    const int64_t before = draft.Get(step.field);
    if (step.kind == Step_commands_bitfield::Kind::kGet) {
      results.emplace_back(before);
      continue;
    }
    const std::optional<int64_t> after = After(step, before);
    if (after && *after != before) {
      draft.Set(step.field, *after);
      changes = true;
    }
    results.push_back(step.kind == Step_commands_bitfield::Kind::kSet && after ? before : after);
  }
  if (changes && !c.BeginWrite(2 * std::max<uint64_t>(bytes.size(), size_needed))) return;

  WriteResults(results, c.reply());
  if (!changes) return;
  const uint64_t size = bytes.size();  // the view ends with the first change
  String& changed = c.ChangeOrCreate<String>(key);
  const char zero = '\0';
  if (size_needed > size) changed.Overwrite(c.memory(), size_needed - 1, Bytes(&zero, 1));
  for (const auto& [index, byte] : draft.changed()) changed.Overwrite(c.memory(), index, Bytes(&byte, 1));
}

bool RewriteBitField(Rewrite& rewrite) {
  const Args args = rewrite.args();
  const std::optional<std::vector<Step_commands_bitfield>> steps = ParseSteps(args.subspan(2), rewrite.reply());
  if (!steps) return false;
  if (std::any_of(steps->begin(), steps->end(), [](const Step_commands_bitfield& step) { return step.kind != Step_commands_bitfield::Kind::kGet; })) {
    return true;
  }
  std::vector<std::string> canonical(args.begin(), args.end());
  canonical[0] = "BITFIELD_RO";
  rewrite.ReplaceBy(std::move(canonical));
  return true;
}

}  // namespace redislite::commands

// ==== src/commands/bits.cc ========================================================================================
namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using types::BitRange;
using types::String;

enum class Unit_commands_bits : uint8_t { kBytes, kBits };

struct BitWindow {
  int64_t start = 0;
  int64_t end = -1;
  Unit_commands_bits unit = Unit_commands_bits::kBytes;
};

bool ReadUnit(Bytes word, BitWindow& window, resp::Writer& reply) {
  if (EqualsIgnoreCase(word, "bit")) {
    window.unit = Unit_commands_bits::kBits;
  } else if (!EqualsIgnoreCase(word, "byte")) {
    WriteSyntaxError(reply);
    return false;
  }
  return true;
}

std::optional<BitRange> RangeOf(const BitWindow& window, uint64_t size) {
  const int64_t units = static_cast<int64_t>(window.unit == Unit_commands_bits::kBits ? size * 8 : size);
  const auto from_front = [&](int64_t at) { return std::max<int64_t>(at < 0 ? at + units : at, 0); };
  const int64_t start = from_front(window.start);
  const int64_t end = std::min(from_front(window.end), units - 1);
  if (start > end) return {};
  if (window.unit == Unit_commands_bits::kBits) return BitRange{static_cast<uint64_t>(start), static_cast<uint64_t>(end)};
  return BitRange{static_cast<uint64_t>(start) * 8, static_cast<uint64_t>(end) * 8 + 7};
}

class BitSources {
 public:
  bool Read(Context& c, Args keys) {
    scratch_.resize(keys.size());
    for (size_t i = 0; i < keys.size(); ++i) {
      const auto string = c.Read<String>(keys[i]);
      if (string.wrong_type) {
        c.WrongType();
        return false;
      }
      views_.push_back(string ? string->View(scratch_[i].data()) : Bytes());
      size_max_ = std::max<uint64_t>(size_max_, views_.back().size());
    }
    return true;
  }
  const std::vector<Bytes>& views() const { return views_; }
  uint64_t size_max() const { return size_max_; }

 private:
  std::vector<std::array<char, kInt64TextMax>> scratch_;
  std::vector<Bytes> views_;
  uint64_t size_max_ = 0;
};

std::optional<types::BitOperation> OperationNamed(Bytes word) {
  if (EqualsIgnoreCase(word, "and")) return types::BitOperation::kAnd;
  if (EqualsIgnoreCase(word, "or")) return types::BitOperation::kOr;
  if (EqualsIgnoreCase(word, "xor")) return types::BitOperation::kXor;
  return {};
}

}  // namespace

void GetBit(Context& c) {
  const std::optional<uint64_t> offset = BitOffsetArgument(c.arg(2), c.reply());
  if (!offset) return;
  const auto string = c.Read<String>(c.arg(1));
  if (string.wrong_type) return c.WrongType();
  char scratch[kInt64TextMax];
  const Bytes bytes = string ? string->View(scratch) : Bytes();
  const bool set = *offset / 8 < bytes.size() && (bytes[*offset / 8] >> (7 - *offset % 8) & 1) != 0;
  c.reply().Integer(set ? 1 : 0);
}

void SetBit(Context& c) {
  const Bytes key = c.arg(1);
  const std::optional<uint64_t> offset = BitOffsetArgument(c.arg(2), c.reply());
  if (!offset) return;
  const std::optional<int64_t> value = ParseInt64(c.arg(3));
  if (!value || *value < 0 || *value > 1) {
    return c.reply().Error(Code::kValue, "ERR bit is not an integer or out of range");
  }
  const auto string = c.Read<String>(key);
  if (string.wrong_type) return c.WrongType();
  char scratch[kInt64TextMax];
  const Bytes bytes = string ? string->View(scratch) : Bytes();
  const uint64_t index = *offset / 8;
  const unsigned mask = 0x80u >> *offset % 8;
  const unsigned before = index < bytes.size() ? static_cast<uint8_t>(bytes[index]) : 0;
  const bool was_set = (before & mask) != 0;

  if (index >= bytes.size() || was_set != (*value == 1)) {
    if (!c.BeginWrite(2 * std::max<uint64_t>(bytes.size(), index + 1))) return;
    const char after = static_cast<char>(before ^ (was_set != (*value == 1) ? mask : 0));
    c.ChangeOrCreate<String>(key).Overwrite(c.memory(), index, Bytes(&after, 1));
  }
  c.reply().Integer(was_set ? 1 : 0);
}

void BitCount(Context& c) {
  const Args args = c.args();
  BitWindow window;
  if (args.size() > 2) {
    if (args.size() != 4 && args.size() != 5) return c.SyntaxError();
    const std::optional<int64_t> start = IntegerArgument(args[2], c.reply());
    if (!start) return;
    const std::optional<int64_t> end = IntegerArgument(args[3], c.reply());
    if (!end) return;
    window = {*start, *end, Unit_commands_bits::kBytes};
    if (args.size() == 5 && !ReadUnit(args[4], window, c.reply())) return;
  }
  const auto string = c.Read<String>(args[1]);
  if (string.wrong_type) return c.WrongType();
  char scratch[kInt64TextMax];
  const Bytes bytes = string ? string->View(scratch) : Bytes();
  const bool backwards = window.start < 0 && window.end < 0 && window.start > window.end;
  const std::optional<BitRange> range = backwards ? std::nullopt : RangeOf(window, bytes.size());
  c.reply().Integer(range ? static_cast<int64_t>(types::CountBits(bytes, *range)) : 0);
}

void BitPos(Context& c) {
  const Args args = c.args();
  const std::optional<int64_t> bit = IntegerArgument(args[2], c.reply());
  if (!bit) return;
  if (*bit != 0 && *bit != 1) return c.reply().Error(Code::kValue, "ERR The bit argument must be 1 or 0.");
  if (args.size() > 6) return c.SyntaxError();
  BitWindow window;
  if (args.size() > 3) {
    const std::optional<int64_t> start = IntegerArgument(args[3], c.reply());
    if (!start) return;
    window.start = *start;
  }
  if (args.size() == 6 && !ReadUnit(args[5], window, c.reply())) return;
  const bool end_given = args.size() > 4;
  if (end_given) {
    const std::optional<int64_t> end = IntegerArgument(args[4], c.reply());
    if (!end) return;
    window.end = *end;
  }
  const auto string = c.Read<String>(args[1]);
  if (string.wrong_type) return c.WrongType();
  if (!string) return c.reply().Integer(*bit == 1 ? -1 : 0);
  char scratch[kInt64TextMax];
  const Bytes bytes = string->View(scratch);
  const std::optional<BitRange> range = RangeOf(window, bytes.size());
  if (!range) return c.reply().Integer(-1);
  if (const std::optional<uint64_t> found = types::FindBit(bytes, *bit == 1, *range)) {
    return c.reply().Integer(static_cast<int64_t>(*found));
  }
  c.reply().Integer(*bit == 1 || end_given ? -1 : static_cast<int64_t>(bytes.size() * 8));
}

void BitOp(Context& c) {
  const Bytes destination = c.arg(2);
  const Args keys = c.args().subspan(3);
  const bool is_not = EqualsIgnoreCase(c.arg(1), "not");
  const std::optional<types::BitOperation> operation = OperationNamed(c.arg(1));
  if (!operation && !is_not) return c.SyntaxError();
  if (is_not && keys.size() != 1) {
    return c.reply().Error(Code::kCommand, "ERR BITOP NOT must be called with a single source key.");
  }
  BitSources sources;
  if (!sources.Read(c, keys)) return;
  const uint64_t size = sources.size_max();
  const bool changes = size != 0 || c.Exists(destination);
  if (changes && !c.BeginWrite(size)) return;

  c.reply().Integer(static_cast<int64_t>(size));
  if (!changes) return;
  if (size == 0) {
    c.Remove(destination);
    return;
  }
  char* bytes;
  String result = String::Raw(c.memory(), size, &bytes);
  const Bytes first = sources.views()[0];
  std::copy(first.begin(), first.end(), bytes);  // a missing key's bytes are none, at no address
  std::memset(bytes + first.size(), 0, size - first.size());
  if (is_not) {
    for (uint64_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(~bytes[i]);
  } else {
    for (size_t i = 1; i < keys.size(); ++i) types::CombineBits(*operation, bytes, size, sources.views()[i]);
  }
  c.Put(destination, types::Value(std::move(result)));
}

}  // namespace redislite::commands

// ==== src/commands/fixed_settings.h ===============================================================================
namespace redislite::commands {

std::vector<std::pair<const char*, std::string>> FixedSettings(const engine::Engine& engine);

}  // namespace redislite::commands

// ==== src/commands/config.cc ======================================================================================
namespace redislite::commands {
namespace {

using engine::Context;
using engine::HostRequest;
using engine::Options;
using engine::OptionSpec;

void WriteSetFailed(Bytes name, Bytes why, resp::Writer& reply) {
  std::string text = "ERR CONFIG SET failed (possibly related to argument '";
  reply.Error(Code::kInvalid, text.append(name).append("') - ").append(why));
}

struct Known {
  std::string name;
  std::string value;
  const OptionSpec* option = nullptr;
  bool fixed = false;
};

std::map<std::string, Known> KnownSettings(engine::Engine& engine) {
  std::map<std::string, Known> known;
  const auto add = [&](Known one) { known[one.name] = std::move(one); };
  for (auto& [name, value] : FixedSettings(engine)) add({name, std::move(value), nullptr, true});
  const Options options = engine.options();
  for (const OptionSpec& spec : engine::OptionTable()) add({spec.name, spec.print(options), &spec});
  for (const auto& [name, value] : engine.host().settings()) add({name, value});
  return known;
}

std::string LowerCase(Bytes text) {
  std::string lower(text);
  for (char& byte : lower) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
  }
  return lower;
}

struct Setting {
  const Known* known;
  Bytes value;
};

std::vector<Setting> ParseSettings(Context& c, const std::map<std::string, Known>& known) {
  std::vector<Setting> settings;
  Options scratch;
  for (size_t i = 2; i < c.args().size(); i += 2) {
    const Bytes name = c.arg(i);
    const auto found = known.find(LowerCase(name));
    if (found == known.end()) {
      std::string text = "ERR Unknown option or number of arguments for CONFIG SET - '";
      c.reply().Error(Code::kInvalid, text.append(name).append("'"));
      return {};
    }
    const Setting setting = {&found->second, c.arg(i + 1)};
    const OptionSpec* option = setting.known->option;
    if (option != nullptr ? !option->changeable : setting.known->fixed && setting.value != setting.known->value) {
      WriteSetFailed(name, "can't set immutable config", c.reply());
      return {};
    }
    for (const Setting& earlier : settings) {
      if (earlier.known != setting.known) continue;
      WriteSetFailed(name, "duplicate parameter", c.reply());
      return {};
    }
    settings.push_back(setting);
  }
  for (const Setting& setting : settings) {
    const OptionSpec* option = setting.known->option;
    if (option == nullptr || option->parse(scratch, setting.value)) continue;
    WriteSetFailed(setting.known->name, std::string("argument must be ").append(option->allowed), c.reply());
    return {};
  }
  return settings;
}

Status Change_commands_config(engine::Engine& engine, const Known& known, Bytes value) {
  if (known.option != nullptr) return engine.ConfigSet(known.name, value);
  if (known.fixed) return Status::Ok();
  if (!engine.host().Ask(HostRequest::kConfigSet, known.name, std::string(value))) {
    return {Code::kInvalid, "it cannot be changed to '" + std::string(value) + "' while the program runs"};
  }
  return Status::Ok();
}

}  // namespace

void ConfigGet(Context& c) {
  const std::map<std::string, Known> known = KnownSettings(c.engine());
  std::vector<const Known*> found;
  for (const auto& [name, setting] : known) {
    const auto matches = [&name = name](Bytes pattern) { return GlobMatch(pattern, name, true); };
    const engine::Args patterns = c.args().subspan(2);
    if (std::any_of(patterns.begin(), patterns.end(), matches)) found.push_back(&setting);
  }
  c.reply().Map(found.size());
  for (const Known* setting : found) {
    c.reply().Bulk(setting->name);
    c.reply().Bulk(setting->value);
  }
}

void ConfigSet(Context& c) {
  if (c.args().size() % 2 != 0) return c.SyntaxError();
  const std::map<std::string, Known> before = KnownSettings(c.engine());
  const std::vector<Setting> settings = ParseSettings(c, before);
  if (settings.empty()) return;
  for (size_t i = 0; i < settings.size(); ++i) {
    const Status set = Change_commands_config(c.engine(), *settings[i].known, settings[i].value);
    if (set.ok()) continue;
    for (size_t j = 0; j < i; ++j) {
      const Status restored = Change_commands_config(c.engine(), *settings[j].known, settings[j].known->value);
      (void)restored;  // it was in force a moment ago
    }
    return WriteSetFailed(settings[i].known->name, set.message(), c.reply());
  }
  c.reply().Ok();
}

void ConfigRewrite(Context& c) {
  engine::Host& host = c.engine().host();
  if (host.settings()["config"].empty()) {
    return c.reply().Error(Code::kInvalid, "ERR The server is running without a config file");
  }
  if (!host.Ask(HostRequest::kConfigRewrite, "", "")) {
    return c.reply().Error(Code::kInvalid, "ERR Rewriting config file: the program's log says why it failed");
  }
  c.reply().Ok();
}

void ConfigResetStat(Context& c) {
  c.engine().ResetStatistics();
  c.reply().Ok();
}

void ConfigHelp(Context& c) {
  WriteHelp("CONFIG",
            {
                "GET <pattern> [<pattern> ...]",
                "    Reply the options whose names match a glob pattern, with their values.",
                "SET <option> <value> [<option> <value> ...]",
                "    Change options of the open store: all of them or none.",
                "REWRITE",
                "    Write what was changed into the file that the program was started with.",
                "RESETSTAT",
                "    Set the counters that INFO shows back to 0.",
            },
            c.reply());
}

}  // namespace redislite::commands

// ==== src/commands/connection.cc ==================================================================================
namespace redislite::commands {

using engine::Context;

void Ping(Context& c) {
  if (c.args().size() > 2) return c.WrongArity();
  if (c.args().size() == 2) return c.reply().Bulk(c.arg(1));
  c.reply().Status("PONG");
}

void Echo(Context& c) { c.reply().Bulk(c.arg(1)); }

}  // namespace redislite::commands

// ==== src/commands/databases.h ====================================================================================
namespace redislite::commands {

inline bool IsDatabase(int number) { return number >= 0 && number < engine::kDatabases; }

inline void WriteNoSuchDatabase(resp::Writer& reply) { reply.Error(Code::kValue, "ERR DB index is out of range"); }

}  // namespace redislite::commands

// ==== src/commands/databases.cc ===================================================================================
namespace redislite::commands {
namespace {

using engine::Context;

bool ParseFlush(Context& c) {
  const size_t count = c.args().size();
  if (count == 1 || (count == 2 && (EqualsIgnoreCase(c.arg(1), "async") || EqualsIgnoreCase(c.arg(1), "sync"))))
    return true;
  c.SyntaxError();
  return false;
}

std::optional<int> DatabaseArgument(Bytes text, Bytes error, resp::Writer& reply) {
  const std::optional<int64_t> number = ParseInt64(text);
  if (!number || *number < std::numeric_limits<int>::min() || *number > std::numeric_limits<int>::max()) {
    reply.Error(Code::kValue, error);
    return {};
  }
  return static_cast<int>(*number);
}

}  // namespace

void DbSize(Context& c) { c.reply().Integer(static_cast<int64_t>(c.KeyCount())); }

void FlushDb(Context& c) {
  if (!ParseFlush(c)) return;
  const bool changes = c.KeyCount() != 0;
  if (changes && !c.BeginWrite()) return;
  if (changes) c.FlushDatabase(c.db());
  c.reply().Ok();
}

void FlushAll(Context& c) {
  if (!ParseFlush(c)) return;
  if (!c.BeginWrite()) return;
  for (int db = 0; db < engine::kDatabases; ++db) c.FlushDatabase(db);
  c.reply().Ok();
}

void SwapDb(Context& c) {
  const std::optional<int> first = DatabaseArgument(c.arg(1), "ERR invalid first DB index", c.reply());
  if (!first) return;
  const std::optional<int> second = DatabaseArgument(c.arg(2), "ERR invalid second DB index", c.reply());
  if (!second) return;
  if (!IsDatabase(*first) || !IsDatabase(*second)) return WriteNoSuchDatabase(c.reply());
  const bool changes = *first != *second;
  if (changes && !c.BeginWrite()) return;
  if (changes) c.SwapDatabases(*first, *second);
  c.reply().Ok();
}

}  // namespace redislite::commands

// ==== src/commands/debug.cc =======================================================================================
namespace redislite::commands {

using engine::Context;

void DebugDigest(Context& c) { c.reply().Status(c.engine().Digest()); }

void DebugObject(Context& c) {
  const int64_t idle_seconds = c.IdleSeconds(c.arg(2));  // before the look that ends it
  const types::Value* value = c.Find(c.arg(2));
  if (value == nullptr) return c.NoSuchKey();
  std::string text = "Value refcount:1 encoding:";
  text.append(value->encoding());
  text.append(" memory_bytes:").append(std::to_string(value->memory_bytes()));
  text.append(" lru_seconds_idle:").append(std::to_string(idle_seconds));
  c.reply().Status(text);
}

void DebugSetActiveExpire(Context& c) {
  const std::optional<int64_t> on = IntegerArgument(c.arg(2), c.reply());
  if (!on) return;
  c.engine().SetActiveExpire(*on != 0);
  c.reply().Ok();
}

void DebugSleep(Context& c) {
  constexpr double kSecondsMax = 1e9;
  const std::optional<double> seconds = ParseDouble(c.arg(2));
  if (!seconds) return c.NotFloat();
  os::SleepUs(static_cast<int64_t>(std::clamp(*seconds, 0.0, kSecondsMax) * 1e6));
  c.reply().Ok();
}

void DebugReload(Context& c) {
  if (!c.engine().in_memory()) {
    if (const Status saved = c.engine().Snapshot(); !saved.ok()) {
      return c.reply().Error(saved.code(), "ERR " + saved.message());
    }
  }
  c.reply().Ok();
}

void DebugError(Context& c) { c.reply().Error(Code::kCommand, c.arg(2)); }

void DebugProtocol(Context& c) {
  const auto is = [&](Bytes name) { return EqualsIgnoreCase(c.arg(2), name); };
  resp::Writer& reply = c.reply();
  if (is("string")) return reply.Bulk("Hello World");
  if (is("integer")) return reply.Integer(12345);
  if (is("double")) return reply.Double(3.141);
  if (is("null")) return reply.Null();
  if (is("bignum")) return reply.BigNumber("1234567999999999999999999999999999999");
  if (is("verbatim")) return reply.Verbatim("This is a verbatim\nstring");
  if (is("true") || is("false")) return reply.Boolean(is("true"));
  if (is("array")) {
    reply.Array(3);
    for (int64_t i = 0; i < 3; ++i) reply.Integer(i);
    return;
  }
  if (is("set")) {
    reply.Set(3);
    for (int64_t i = 0; i < 3; ++i) reply.Integer(i);
    return;
  }
  if (is("map")) {
    reply.Map(3);
    for (int64_t i = 0; i < 3; ++i) {
      reply.Integer(i);
      reply.Boolean(i == 1);
    }
    return;
  }
  reply.Error(Code::kCommand,
              "ERR Wrong protocol type name. Please use one of the following: string|integer|double|"
              "null|array|set|map|verbatim|true|false");
}

void DebugHelp(Context& c) {
  WriteHelp("DEBUG",
            {
                "DIGEST",
                "    Reply a digest of all data: the same for the same keys, values and expiries.",
                "ERROR <string>",
                "    Reply an error with this text.",
                "OBJECT <key>",
                "    Reply how the value at a key is kept.",
                "PROTOCOL <type>",
                "    Reply a value of this type: string, integer, double, bignum, null, array, set, map, verbatim,",
                "    true or false.",
                "RELOAD",
                "    Take a snapshot.",
                "SET-ACTIVE-EXPIRE <0|1>",
                "    Turn the background removal of expired keys off or on.",
                "SLEEP <seconds>",
                "    Make the caller wait.",
            },
            c.reply());
}

}  // namespace redislite::commands

// ==== src/commands/dump.cc ========================================================================================
namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using engine::Rewrite;

struct RestoreOptions {
  bool replace = false;
  bool absolute = false;  // ABSTTL: the time to live is a Unix time
  std::optional<int64_t> idle_s;
  std::optional<int64_t> frequency;
};

std::optional<RestoreOptions> ParseRestoreOptions(Args args, resp::Writer& reply) {
  RestoreOptions options;
  for (size_t i = 0; i < args.size(); ++i) {
    const bool has_value = i + 1 < args.size();
    if (EqualsIgnoreCase(args[i], "replace")) {
      options.replace = true;
    } else if (EqualsIgnoreCase(args[i], "absttl")) {
      options.absolute = true;
    } else if (EqualsIgnoreCase(args[i], "idletime") && has_value && !options.frequency) {
      options.idle_s = IntegerArgument(args[++i], reply);
      if (!options.idle_s) return {};
      if (*options.idle_s < 0) {
        reply.Error(Code::kValue, "ERR Invalid IDLETIME value, must be >= 0");
        return {};
      }
    } else if (EqualsIgnoreCase(args[i], "freq") && has_value && !options.idle_s) {
      options.frequency = IntegerArgument(args[++i], reply);
      if (!options.frequency) return {};
      if (*options.frequency < 0 || *options.frequency > 255) {
        reply.Error(Code::kValue, "ERR Invalid FREQ value, must be >= 0 and <= 255");
        return {};
      }
    } else {
      WriteSyntaxError(reply);
      return {};
    }
  }
  return options;
}

std::optional<int64_t> ReadExpiry(Bytes ttl, bool absolute, int64_t now_ms, resp::Writer& reply) {
  const std::optional<int64_t> given = IntegerArgument(ttl, reply);
  if (!given) return {};
  int64_t at_ms = *given;
  if (at_ms < 0 || (at_ms != 0 && !absolute && __builtin_add_overflow(at_ms, now_ms, &at_ms))) {
    reply.Error(Code::kValue, "ERR Invalid TTL value, must be >= 0");
    return {};
  }
  return at_ms;
}

}  // namespace

void DumpCommand(Context& c) {
  const types::Value* value = c.Find(c.arg(1));
  if (value == nullptr) return c.reply().Null();
  c.reply().Bulk(types::Dump(*value));
}

void RestoreCommand(Context& c) {
  const Bytes key = c.arg(1);
  const Bytes dump = c.arg(3);
  const std::optional<RestoreOptions> options = ParseRestoreOptions(c.args().subspan(4), c.reply());
  if (!options) return;
  const bool exists = c.Exists(key);
  if (exists && !options->replace) {
    return c.reply().Error(Code::kValue, "BUSYKEY Target key name already exists.");
  }
  const std::optional<int64_t> expires_at_ms = ReadExpiry(c.arg(2), options->absolute, c.now_ms(), c.reply());
  if (!expires_at_ms) return;
  if (!types::IsDump(dump)) {
    return c.reply().Error(Code::kValue, "ERR DUMP payload version or checksum are wrong");
  }
  std::optional<types::Value> value = types::Restore(c.memory(), c.hash_seed(), dump);
  if (!value) return c.reply().Error(Code::kValue, "ERR Bad data format");

  const bool gone_at_once = *expires_at_ms != 0 && *expires_at_ms <= c.now_ms();
  const bool changes = !gone_at_once || exists;
  if (changes && !c.BeginWrite(value->memory_bytes())) return;
  c.reply().Ok();
  if (!changes) return;
  if (gone_at_once) {
    c.Remove(key);
    return;
  }
  c.Put(key, std::move(*value));
  if (*expires_at_ms != 0) c.ExpireAt(key, *expires_at_ms);
  if (options->idle_s) c.SetIdleSeconds(key, *options->idle_s);
  if (options->frequency) c.SetAccessFrequency(key, *options->frequency);
}

bool RewriteRestore(Rewrite& rewrite) {
  const Args args = rewrite.args();
  const std::optional<RestoreOptions> options = ParseRestoreOptions(args.subspan(4), rewrite.reply());
  if (!options) return false;
  resp::Writer dropped;
  const std::optional<int64_t> at_ms = ReadExpiry(args[2], options->absolute, rewrite.now_ms(), dropped);
  if (options->absolute || !at_ms || *at_ms == 0) return true;
  std::vector<std::string> canonical(args.begin(), args.end());
  canonical[2] = std::to_string(*at_ms);
  canonical.emplace_back("ABSTTL");
  rewrite.ReplaceBy(std::move(canonical));
  return true;
}

}  // namespace redislite::commands

// ==== src/commands/events.h =======================================================================================
namespace redislite::commands {

void ForEachEvent(const engine::Command& command, engine::Args args, int db,
                  const std::vector<engine::KeyChange>& changes, const std::function<void(const engine::Event&)>& tell);

}  // namespace redislite::commands

// ==== src/commands/events.cc ======================================================================================
#include <iterator>


namespace redislite::commands {
namespace {

using engine::Args;
using engine::Command;
using engine::Event;
using engine::KeyChange;
using What_commands_events = engine::KeyChange::What;
using Tell_commands_events = std::function<void(const Event&)>;

struct Named {
  const char* command;
  const char* event;
};
constexpr Named kOtherNames[] = {
    {"setex", "set"},
    {"psetex", "set"},
    {"setnx", "set"},
    {"getset", "set"},
    {"mset", "set"},
    {"msetnx", "set"},
    {"bitop", "set"},
    {"incr", "incrby"},
    {"decr", "incrby"},
    {"decrby", "incrby"},
    {"bitfield", "setbit"},
    {"pfmerge", "pfadd"},
    {"lpushx", "lpush"},
    {"rpushx", "rpush"},
    {"hmset", "hset"},
    {"hsetnx", "hset"},
    {"zincrby", "zincr"},
    {"geoadd", "zadd"},
    {"sort", "sortstore"},
    {"georadius", "georadiusstore"},
    {"copy", "copy_to"},
    {"rename", "rename_to"},
    {"renamenx", "rename_to"},
    {"move", "move_to"},
    {"georadiusbymember", "georadiusstore"},
};
constexpr const char* kRemovers[] = {
    "del",           "unlink",      "getdel",     "getex",       "expire",      "pexpire",    "expireat",
    "pexpireat",     "restore",     "set",        "bitop",       "sort",        "georadius",  "georadiusbymember",
    "sinterstore",   "sunionstore", "sdiffstore", "zunionstore", "zinterstore", "zdiffstore", "zrangestore",
    "geosearchstore"};

constexpr const char* kPlacers[] = {"rename", "renamenx", "move", "copy", "restore"};

struct Kind_commands_events {
  Bytes group;
  uint32_t kind;
};
constexpr Kind_commands_events kKinds[] = {{"string", engine::kStringEvents},
                           {"bitmap", engine::kStringEvents},
                           {"hyperloglog", engine::kStringEvents},
                           {"list", engine::kListEvents},
                           {"set", engine::kSetEvents},
                           {"hash", engine::kHashEvents},
                           {"sorted-set", engine::kSortedSetEvents},
                           {"geo", engine::kSortedSetEvents}};

uint32_t KindOf_commands_events(const Command& command) {
  if (IsNamed(command, "sort")) return engine::kListEvents;
  for (const Kind_commands_events& each : kKinds) {
    if (each.group == command.group) return each.kind;
  }
  return engine::kGenericEvents;
}

bool PopsFromFront(const Command& command, Args args, Bytes front) {
  std::vector<size_t> keys;
  return command.keys != nullptr && command.keys(args, keys) && !keys.empty() && keys.back() + 1 < args.size() &&
         EqualsIgnoreCase(args[keys.back() + 1], front);
}

bool Increments(Args args) {
  for (size_t i = 2; i < args.size(); ++i) {
    if (EqualsIgnoreCase(args[i], "incr")) return true;
    const bool is_option = EqualsIgnoreCase(args[i], "nx") || EqualsIgnoreCase(args[i], "xx") ||
                           EqualsIgnoreCase(args[i], "gt") || EqualsIgnoreCase(args[i], "lt") ||
                           EqualsIgnoreCase(args[i], "ch");
    if (!is_option) return false;
  }
  return false;
}

const char* OwnEvent(const Command& command, Args args) {
  if (IsNamed(command, "lmpop")) return PopsFromFront(command, args, "left") ? "lpop" : "rpop";
  if (IsNamed(command, "zmpop")) return PopsFromFront(command, args, "min") ? "zpopmin" : "zpopmax";
  if (IsNamed(command, "zadd") && Increments(args)) return "zincr";
  for (const Named& named : kOtherNames) {
    if (IsNamed(command, named.command)) return named.event;
  }
  return command.name;
}

bool Has_commands_events(const std::vector<KeyChange>& changes, What_commands_events what) {
  return std::any_of(changes.begin(), changes.end(), [&](const KeyChange& change) { return change.what == what; });
}

struct Passing {
  const char* taken;
  const char* given;
  bool gives_first;
};

std::optional<Passing> PassingOf(const Command& command, Args args) {
  if (IsNamed(command, "rpoplpush")) return Passing{"rpop", "lpush", true};
  if (IsNamed(command, "smove")) return Passing{"srem", "sadd", false};
  if (!IsNamed(command, "lmove")) return {};
  return Passing{EqualsIgnoreCase(args[3], "left") ? "lpop" : "rpop",
                 EqualsIgnoreCase(args[4], "left") ? "lpush" : "rpush", true};
}

void TellPassing(const Passing& passing, uint32_t kind, Args args, int db, const std::vector<KeyChange>& changes,
                 const Tell_commands_events& tell) {
  const auto give = [&] {
    if (Has_commands_events(changes, What_commands_events::kExpired)) tell({engine::kExpiredEvents, "expired", db, args[2]});
    if (Has_commands_events(changes, What_commands_events::kNew)) tell({engine::kNewEvents, "new", db, args[2]});
    const bool given = std::any_of(changes.begin(), changes.end(), [&](const KeyChange& change) {
      return change.what == What_commands_events::kSet && change.key == args[2];
    });
    if (given) tell({kind, passing.given, db, args[2]});
  };
  if (passing.gives_first) give();
  tell({kind, passing.taken, db, args[1]});
  if (Has_commands_events(changes, What_commands_events::kRemoved)) tell({engine::kGenericEvents, "del", db, args[1]});
  if (!passing.gives_first) give();
}

}  // namespace

void ForEachEvent(const Command& command, Args args, int db, const std::vector<KeyChange>& changes, const Tell_commands_events& tell) {
  if (changes.empty()) return;
  const uint32_t kind = KindOf_commands_events(command);
  if (const std::optional<Passing> passing = PassingOf(command, args)) {
    return TellPassing(*passing, kind, args, db, changes, tell);
  }
  const char* own = OwnEvent(command, args);
  const auto is_one_of = [&](const auto& names) {
    return std::any_of(std::begin(names), std::end(names), [&](const char* name) { return IsNamed(command, name); });
  };
  const bool removes = is_one_of(kRemovers);
  const bool places = is_one_of(kPlacers);
  const bool expires = kind == engine::kStringEvents || removes;  // RENAME and its kin only carry an expiry along
  const KeyChange* told = nullptr;                                // the key of the last own event
  for (const KeyChange& change : changes) {
    if (places && change.what == What_commands_events::kSet) tell({engine::kNewEvents, "new", change.db, change.key});
  }
  for (const KeyChange& change : changes) {
    const bool is_told = told != nullptr && told->key == change.key && told->db == change.db;
    switch (change.what) {
      case What_commands_events::kExpired:
        tell({engine::kExpiredEvents, "expired", change.db, change.key});
        break;
      case What_commands_events::kNew:
        if (!places) tell({engine::kNewEvents, "new", change.db, change.key});
        break;
      case What_commands_events::kTaken:
        tell({kind, IsNamed(command, "move") ? "move_from" : "rename_from", change.db, change.key});
        break;
      case What_commands_events::kSet:
        if (!is_told) tell({kind, own, change.db, change.key});
        told = &change;
        break;
      case What_commands_events::kRemoved:
        if (!removes && !is_told) tell({kind, own, change.db, change.key});
        tell({engine::kGenericEvents, "del", change.db, change.key});
        break;
      case What_commands_events::kExpirySet:
        if (expires && !IsNamed(command, "restore")) tell({engine::kGenericEvents, "expire", change.db, change.key});
        break;
      case What_commands_events::kPersisted:
        tell({engine::kGenericEvents, "persist", change.db, change.key});
        break;
    }
  }
}

}  // namespace redislite::commands

// ==== src/commands/table.h ========================================================================================
namespace redislite::commands {

const engine::CommandTable& Commands();

std::span<const engine::Command> AllCommands();

const engine::Command* FindCommand(Bytes name);

}  // namespace redislite::commands

// ==== src/commands/expiry.cc ======================================================================================
namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using engine::Rewrite;

struct ExpireConditions {
  bool none = false;     // NX
  bool some = false;     // XX
  bool later = false;    // GT: never counts as latest
  bool earlier = false;  // LT

  bool Allow(std::optional<int64_t> before_ms, int64_t at_ms) const {
    if (none && before_ms) return false;
    if (some && !before_ms) return false;
    if (later && (!before_ms || at_ms <= *before_ms)) return false;
    if (earlier && before_ms && at_ms >= *before_ms) return false;
    return true;
  }
};

std::optional<ExpireConditions> ParseConditions(Args args, resp::Writer& reply) {
  ExpireConditions conditions;
  for (const Bytes word : args) {
    if (EqualsIgnoreCase(word, "nx")) {
      conditions.none = true;
    } else if (EqualsIgnoreCase(word, "xx")) {
      conditions.some = true;
    } else if (EqualsIgnoreCase(word, "gt")) {
      conditions.later = true;
    } else if (EqualsIgnoreCase(word, "lt")) {
      conditions.earlier = true;
    } else {
      reply.Error(Code::kCommand, std::string("ERR Unsupported option ").append(word));
      return {};
    }
  }
  if (conditions.none && (conditions.some || conditions.later || conditions.earlier)) {
    reply.Error(Code::kCommand, "ERR NX and XX, GT or LT options at the same time are not compatible");
    return {};
  }
  if (conditions.later && conditions.earlier) {
    reply.Error(Code::kCommand, "ERR GT and LT options at the same time are not compatible");
    return {};
  }
  return conditions;
}

std::optional<int64_t> ExpiryTime(Bytes text, Bytes name, int64_t now_ms, resp::Writer& reply) {
  const std::optional<int64_t> given = IntegerArgument(text, reply);
  if (!given) return {};
  const bool seconds = name == "expire" || name == "expireat";
  const bool relative = name == "expire" || name == "pexpire";
  int64_t at_ms = *given;
  if ((seconds && __builtin_mul_overflow(at_ms, 1000, &at_ms)) ||
      (relative && __builtin_add_overflow(at_ms, now_ms, &at_ms))) {
    WriteBadExpiry(name, reply);
    return {};
  }
  return at_ms;
}

int64_t RoundToSeconds(int64_t ms) { return ms / 1000 + (ms % 1000 >= 500 ? 1 : 0); }

constexpr int64_t kNoKey = -2;
constexpr int64_t kNoExpiry = -1;

}  // namespace

void Expire(Context& c) {
  const Bytes key = c.arg(1);
  const std::optional<ExpireConditions> conditions = ParseConditions(c.args().subspan(3), c.reply());
  if (!conditions) return;
  const std::optional<int64_t> at_ms = ExpiryTime(c.arg(2), c.command().name, c.now_ms(), c.reply());
  if (!at_ms) return;
  if (!c.Exists(key) || !conditions->Allow(c.ExpiresAt(key), *at_ms)) return c.reply().Integer(0);
  if (!c.BeginWrite()) return;
  c.ExpireAt(key, *at_ms);
  c.reply().Integer(1);
}

bool RewriteExpire(Rewrite& rewrite) {
  const Args args = rewrite.args();
  const Bytes name = FindCommand(args[0])->name;
  if (!ParseConditions(args.subspan(3), rewrite.reply())) return false;
  const std::optional<int64_t> at_ms = ExpiryTime(args[2], name, rewrite.now_ms(), rewrite.reply());
  if (!at_ms) return false;
  if (name == "pexpireat") return true;
  std::vector<std::string> canonical{"PEXPIREAT", std::string(args[1]), std::to_string(*at_ms)};
  canonical.insert(canonical.end(), args.begin() + 3, args.end());
  rewrite.ReplaceBy(std::move(canonical));
  return true;
}

void Persist(Context& c) {
  if (!c.ExpiresAt(c.arg(1))) return c.reply().Integer(0);
  if (!c.BeginWrite()) return;
  c.Persist(c.arg(1));
  c.reply().Integer(1);
}

void Ttl(Context& c) {
  if (!c.Exists(c.arg(1))) return c.reply().Integer(kNoKey);
  const std::optional<int64_t> at_ms = c.ExpiresAt(c.arg(1));
  if (!at_ms) return c.reply().Integer(kNoExpiry);
  const int64_t left_ms = *at_ms - c.now_ms();
  c.reply().Integer(IsNamed(c.command(), "pttl") ? left_ms : RoundToSeconds(left_ms));
}

void ExpireTime(Context& c) {
  if (!c.Exists(c.arg(1))) return c.reply().Integer(kNoKey);
  const std::optional<int64_t> at_ms = c.ExpiresAt(c.arg(1));
  if (!at_ms) return c.reply().Integer(kNoExpiry);
  c.reply().Integer(IsNamed(c.command(), "pexpiretime") ? *at_ms : RoundToSeconds(*at_ms));
}

}  // namespace redislite::commands

// ==== src/commands/fixed_settings.cc ==============================================================================
namespace redislite::commands {

std::vector<std::pair<const char*, std::string>> FixedSettings(const engine::Engine& engine) {
  const auto number = [](size_t value) { return std::to_string(value); };
  return {
      {"appendonly", engine.in_memory() ? "no" : "yes"},
      {"databases", number(engine::kDatabases)},
      {"dbfilename", ""},
      {"dir", engine.path()},
      {"save", ""},
      {"no-appendfsync-on-rewrite", "no"},
      {"rdbcompression", "no"},
      {"rdbchecksum", "yes"},
      {"stop-writes-on-bgsave-error", "no"},
      {"hash-max-listpack-entries", number(types::Hash::kPackedFieldsMax)},
      {"hash-max-listpack-value", number(types::Hash::kPackedBytesMax)},
      {"hash-max-ziplist-entries", number(types::Hash::kPackedFieldsMax)},
      {"hash-max-ziplist-value", number(types::Hash::kPackedBytesMax)},
      {"hll-sparse-max-bytes", number(types::hyperloglog::kSparseBytesMax)},
      {"list-compress-depth", "0"},
      {"list-max-listpack-size", "-2"},
      {"list-max-ziplist-size", "-2"},
      {"set-max-intset-entries", number(types::Set::kIntegersMax)},
      {"set-max-listpack-entries", number(types::Set::kPackedMembersMax)},
      {"set-max-listpack-value", number(types::Set::kPackedBytesMax)},
      {"zset-max-listpack-entries", number(types::SortedSet::kPackedMembersMax)},
      {"zset-max-listpack-value", number(types::SortedSet::kPackedBytesMax)},
      {"zset-max-ziplist-entries", number(types::SortedSet::kPackedMembersMax)},
      {"zset-max-ziplist-value", number(types::SortedSet::kPackedBytesMax)},
      {"activedefrag", "no"},
      {"cluster-enabled", "no"},
      {"lazyfree-lazy-eviction", "no"},
      {"lazyfree-lazy-expire", "no"},
      {"lazyfree-lazy-server-del", "no"},
      {"lazyfree-lazy-user-del", "no"},
      {"lazyfree-lazy-user-flush", "no"},
      {"masterauth", ""},
      {"min-replicas-to-write", "0"},
      {"replica-read-only", "yes"},
      {"replicaof", ""},
      {"slaveof", ""},
      {"tls-port", "0"},
  };
}

}  // namespace redislite::commands

// ==== src/commands/sorted_sets.h ==================================================================================
namespace redislite::commands {

using ReadableSortedSet = engine::Typed<const types::SortedSet>;

inline std::optional<ReadableSortedSet> ReadSortedSet(engine::Context& c, Bytes key) {
  const ReadableSortedSet set = c.Read<types::SortedSet>(key);
  if (!set.wrong_type) return set;
  c.WrongType();
  return {};
}

class MembersReply {
 public:
  MembersReply(resp::Writer& reply, size_t count, bool with_scores) : reply_(reply), with_scores_(with_scores) {
    reply_.Array(with_scores_ && reply_.protocol() == 2 ? count * 2 : count);
  }
  void Add(Bytes member, double score) {
    if (with_scores_ && reply_.protocol() > 2) reply_.Array(2);
    reply_.Bulk(member);
    if (with_scores_) reply_.Double(score);
  }

 private:
  resp::Writer& reply_;
  const bool with_scores_;
};

inline void StoreSortedSet(engine::Context& c, Bytes key, types::Value result) {
  const size_t size = result.As<types::SortedSet>()->size();
  if (size == 0) {
    c.Remove(key);
  } else {
    c.Put(key, std::move(result));
  }
  c.reply().Integer(static_cast<int64_t>(size));
}

}  // namespace redislite::commands

// ==== src/commands/geo.cc =========================================================================================
namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using engine::Rewrite;
using types::Place;
using types::SortedSet;


std::optional<double> DoubleArgument(Bytes text, Bytes text_of_error, resp::Writer& reply) {
  const std::optional<double> value = ParseDouble(text);
  if (!value) reply.Error(Code::kValue, text_of_error);
  return value;
}

std::optional<Place> PlaceArgument(Args args, size_t at, resp::Writer& reply) {
  double numbers[2];
  for (size_t i = 0; i < 2; ++i) {
    const std::optional<double> number = DoubleArgument(args[at + i], "ERR value is not a valid float", reply);
    if (!number) return {};
    numbers[i] = *number;
  }
  const Place place{numbers[0], numbers[1]};
  if (types::IsOnTheMap(place)) return place;
  reply.Error(Code::kValue, "ERR invalid longitude,latitude pair " + FormatFixed(place.longitude, 6) + "," +
                                FormatFixed(place.latitude, 6));
  return {};
}

std::optional<double> UnitArgument(Bytes text, resp::Writer& reply) {
  if (EqualsIgnoreCase(text, "m")) return 1;
  if (EqualsIgnoreCase(text, "km")) return 1000;
  if (EqualsIgnoreCase(text, "ft")) return 0.3048;
  if (EqualsIgnoreCase(text, "mi")) return 1609.34;
  reply.Error(Code::kValue, "ERR unsupported unit provided. please use M, KM, FT, MI");
  return {};
}

enum class SearchKind : uint8_t { kRadius, kRadiusByMember, kSearch, kSearchStore };

struct Search {
  types::Area area;
  double unit_m = 1;
  bool with_distance = false;
  bool with_hash = false;
  bool with_place = false;
  enum class Order : uint8_t { kNone, kAscending, kDescending } order = Order::kNone;
  bool any = false;
  size_t count = 0;  // 0: all
  std::optional<Bytes> store;
  bool store_distances = false;
};

class SearchParser {
 public:
  SearchParser(Context& c, const ReadableSortedSet& set, SearchKind kind, bool may_store)
      : c_(c), set_(set), kind_(kind), may_store_(may_store) {}

  std::optional<Search> Parse() {
    if (!ParseFront()) return {};
    while (at_ < c_.args().size()) {
      if (!ParseOption()) return {};
    }
    if (!Check()) return {};
    return search_;
  }

 private:
  bool Fail(Bytes text) {
    c_.reply().Error(Code::kCommand, text);
    return false;
  }
  bool searches() const { return kind_ == SearchKind::kSearch || kind_ == SearchKind::kSearchStore; }
  size_t left() const { return c_.args().size() - at_; }  // from the option's name on

  bool ParseFront() {
    switch (kind_) {
      case SearchKind::kRadius:
        at_ = 6;
        return ParseCenter(2) && ParseRadius(4);
      case SearchKind::kRadiusByMember:
        at_ = 5;
        return set_.missing() || (ParseMember(2) && ParseRadius(3));
      case SearchKind::kSearch:
        at_ = 2;
        return true;
      default:
        at_ = 3;
        search_.store = c_.arg(1);
        return true;
    }
  }

  bool ParseCenter(size_t at) {
    const std::optional<Place> place = PlaceArgument(c_.args(), at, c_.reply());
    if (place) search_.area.center = *place;
    return place.has_value();
  }

  bool ParseMember(size_t at) {
    if (set_.missing()) return true;  // whatever else is wrong is said first
    const std::optional<double> score = set_->Score(c_.arg(at));
    if (!score) return Fail("ERR could not decode requested zset member");
    search_.area.center = types::PlaceOf(*score);
    return true;
  }

  bool ParseUnit(size_t at) {
    const std::optional<double> unit = UnitArgument(c_.arg(at), c_.reply());
    if (unit) search_.unit_m = *unit;
    return unit.has_value();
  }

  bool ParseRadius(size_t at) {
    const std::optional<double> radius = DoubleArgument(c_.arg(at), "ERR need numeric radius", c_.reply());
    if (!radius) return false;
    if (*radius < 0) return Fail("ERR radius cannot be negative");
    if (!ParseUnit(at + 1)) return false;
    search_.area.radius_m = *radius * search_.unit_m;
    return true;
  }

  bool ParseBox(size_t at) {
    const std::optional<double> width = DoubleArgument(c_.arg(at), "ERR need numeric width", c_.reply());
    if (!width) return false;
    const std::optional<double> height = DoubleArgument(c_.arg(at + 1), "ERR need numeric height", c_.reply());
    if (!height) return false;
    if (*width < 0 || *height < 0) return Fail("ERR height or width cannot be negative");
    if (!ParseUnit(at + 2)) return false;
    search_.area.is_box = true;
    search_.area.width_m = *width * search_.unit_m;
    search_.area.height_m = *height * search_.unit_m;
    return true;
  }

  bool ParseCount(size_t at) {
    const std::optional<int64_t> count = IntegerArgument(c_.arg(at), c_.reply());
    if (!count) return false;
    if (*count <= 0) return Fail("ERR COUNT must be > 0");
    search_.count = static_cast<size_t>(*count);
    return true;
  }

  bool ParseOption() {
    const Bytes option = c_.arg(at_);
    const auto is = [&](Bytes name, size_t values) { return EqualsIgnoreCase(option, name) && left() > values; };
    const size_t value = at_ + 1;
    if (is("withdist", 0)) {
      search_.with_distance = true;
    } else if (is("withhash", 0)) {
      search_.with_hash = true;
    } else if (is("withcoord", 0)) {
      search_.with_place = true;
    } else if (is("any", 0)) {
      search_.any = true;
    } else if (is("asc", 0)) {
      search_.order = Search::Order::kAscending;
    } else if (is("desc", 0)) {
      search_.order = Search::Order::kDescending;
    } else if (is("count", 1)) {
      at_ += 1;
      if (!ParseCount(value)) return false;
    } else if (may_store_ && !searches() && (is("store", 1) || is("storedist", 1))) {
      search_.store_distances = EqualsIgnoreCase(option, "storedist");
      search_.store = c_.arg(value);
      at_ += 1;
    } else if (kind_ == SearchKind::kSearchStore && is("storedist", 0)) {
      search_.store_distances = true;
    } else if (searches() && is("frommember", 1) && !from_place_) {
      from_member_ = true;
      at_ += 1;
      if (!ParseMember(value)) return false;
    } else if (searches() && is("fromlonlat", 2) && !from_member_) {
      from_place_ = true;
      at_ += 2;
      if (!ParseCenter(value)) return false;
    } else if (searches() && is("byradius", 2) && !by_box_) {
      by_radius_ = true;
      at_ += 2;
      if (!ParseRadius(value)) return false;
    } else if (searches() && is("bybox", 3) && !by_radius_) {
      by_box_ = true;
      at_ += 3;
      if (!ParseBox(value)) return false;
    } else {
      c_.SyntaxError();
      return false;
    }
    ++at_;
    return true;
  }

  bool Check() {
    if (search_.store && (search_.with_distance || search_.with_hash || search_.with_place)) {
      const std::string what = kind_ == SearchKind::kSearchStore ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS";
      return Fail("ERR " + what + " is not compatible with WITHDIST, WITHHASH and WITHCOORD options");
    }
    if (searches() && !from_member_ && !from_place_) {
      return Fail("ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for " + std::string(c_.arg(0)));
    }
    if (searches() && !by_radius_ && !by_box_) {
      return Fail("ERR exactly one of BYRADIUS and BYBOX can be specified for " + std::string(c_.arg(0)));
    }
    if (search_.any && search_.count == 0) return Fail("ERR the ANY argument requires COUNT argument");
    return true;
  }

  Context& c_;
  const ReadableSortedSet& set_;
  const SearchKind kind_;
  const bool may_store_;
  size_t at_ = 0;
  Search search_;
  bool from_member_ = false;
  bool from_place_ = false;
  bool by_radius_ = false;
  bool by_box_ = false;
};


struct FoundMember {
  Bytes member;
  double score;
  Place place;
  double distance_m;
};

std::vector<FoundMember> FindWithin(const SortedSet& set, const types::Area& area, size_t enough) {
  std::vector<FoundMember> found;
  for (const types::ScoreRange& range : types::Cover(area)) {
    if (enough != 0 && found.size() >= enough) break;
    const size_t first = set.CountBefore([&](double score, Bytes) { return score < range.first; });
    set.ForEachFrom(first, [&](Bytes member, double score) {
      if (score >= range.end) return false;
      const Place place = types::PlaceOf(score);
      if (const std::optional<double> distance = area.DistanceWithin(place)) {
        found.push_back({member, score, place, *distance});
      }
      return enough == 0 || found.size() < enough;
    });
  }
  return found;
}

std::vector<FoundMember> Results(const SortedSet& set, const Search& search) {
  std::vector<FoundMember> found = FindWithin(set, search.area, search.any ? search.count : 0);
  const bool sorts = search.order != Search::Order::kNone || (search.count != 0 && !search.any);
  if (sorts) {
    const bool descending = search.order == Search::Order::kDescending;
    std::stable_sort(found.begin(), found.end(), [&](const FoundMember& a, const FoundMember& b) {
      return descending ? a.distance_m > b.distance_m : a.distance_m < b.distance_m;
    });
  }
  if (search.count != 0 && found.size() > search.count) found.resize(search.count);
  return found;
}

void WritePlace(const Place& place, resp::Writer& reply) {
  reply.Array(2);
  reply.LongDouble(place.longitude);
  reply.LongDouble(place.latitude);
}

void WriteDistance(double distance, resp::Writer& reply) { reply.Bulk(FormatFixed(distance, 4)); }

void Reply_commands_geo(const std::vector<FoundMember>& found, const Search& search, resp::Writer& reply) {
  const size_t more = size_t{search.with_distance} + search.with_hash + search.with_place;
  reply.Array(found.size());
  for (const FoundMember& each : found) {
    if (more != 0) reply.Array(1 + more);
    reply.Bulk(each.member);
    if (search.with_distance) WriteDistance(each.distance_m / search.unit_m, reply);
    if (search.with_hash) reply.Integer(static_cast<int64_t>(each.score));
    if (search.with_place) WritePlace(each.place, reply);
  }
}

void Store_commands_geo(Context& c, const std::vector<FoundMember>& found, const Search& search) {
  c.reply().Integer(static_cast<int64_t>(found.size()));
  const std::string key(*search.store);
  if (found.empty()) {
    if (c.Exists(key)) c.ReplaceWith({"DEL", key});
    return;
  }
  SortedSet* set = c.New<SortedSet>();
  const types::Value value(c.memory(), set);
  for (const FoundMember& each : found) {
    set->Set(each.member, search.store_distances ? each.distance_m / search.unit_m : each.score);
  }
  c.ReplaceWith({"RESTORE", key, "0", types::Dump(value), "REPLACE"});
}

void Run_commands_geo(Context& c, SearchKind kind, bool may_store) {
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(kind == SearchKind::kSearchStore ? 2 : 1));
  if (!set) return;
  const std::optional<Search> search = SearchParser(c, *set, kind, may_store).Parse();
  if (!search) return;
  const std::vector<FoundMember> found = set->missing() ? std::vector<FoundMember>() : Results(**set, *search);
  search->store ? Store_commands_geo(c, found, *search) : Reply_commands_geo(found, *search, c.reply());
}

size_t StoreKey(Args args) {
  size_t position = 0;
  for (size_t i = 5; i + 1 < args.size(); ++i) {
    if (EqualsIgnoreCase(args[i], "store") || EqualsIgnoreCase(args[i], "storedist")) position = ++i;
  }
  return position;
}

}  // namespace

bool RewriteGeoAdd(Rewrite& rewrite) {
  const Args args = rewrite.args();
  std::vector<std::string> canonical = {"ZADD", std::string(args[1])};
  bool only_new = false;
  bool only_existing = false;
  size_t at = 2;
  for (; at < args.size(); ++at) {
    const bool is_nx = EqualsIgnoreCase(args[at], "nx");
    const bool is_xx = EqualsIgnoreCase(args[at], "xx");
    if (!is_nx && !is_xx && !EqualsIgnoreCase(args[at], "ch")) break;
    only_new |= is_nx;
    only_existing |= is_xx;
    canonical.emplace_back(args[at]);
  }
  if (at == args.size() || (args.size() - at) % 3 != 0 || (only_new && only_existing)) {
    WriteSyntaxError(rewrite.reply());
    return false;
  }
  for (; at < args.size(); at += 3) {
    const std::optional<Place> place = PlaceArgument(args, at, rewrite.reply());
    if (!place) return false;
    canonical.push_back(std::to_string(types::GeoScore(*place)));
    canonical.emplace_back(args[at + 2]);
  }
  rewrite.ReplaceBy(std::move(canonical));
  return true;
}

void GeoPos(Context& c) {
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(1));
  if (!set) return;
  c.reply().Array(c.args().size() - 2);
  for (const Bytes member : c.args().subspan(2)) {
    const std::optional<double> score = *set ? (*set)->Score(member) : std::nullopt;
    score ? WritePlace(types::PlaceOf(*score), c.reply()) : c.reply().NullArray();
  }
}

void GeoHash(Context& c) {
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(1));
  if (!set) return;
  c.reply().Array(c.args().size() - 2);
  for (const Bytes member : c.args().subspan(2)) {
    const std::optional<double> score = *set ? (*set)->Score(member) : std::nullopt;
    score ? c.reply().Bulk(types::GeohashText(types::PlaceOf(*score))) : c.reply().Null();
  }
}

void GeoDist(Context& c) {
  double unit_m = 1;
  if (c.args().size() > 5) return c.SyntaxError();
  if (c.args().size() == 5) {
    const std::optional<double> unit = UnitArgument(c.arg(4), c.reply());
    if (!unit) return;
    unit_m = *unit;
  }
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(1));
  if (!set) return;
  const std::optional<double> from = *set ? (*set)->Score(c.arg(2)) : std::nullopt;
  const std::optional<double> to = *set ? (*set)->Score(c.arg(3)) : std::nullopt;
  if (!from || !to) return c.reply().Null();
  WriteDistance(types::Distance(types::PlaceOf(*from), types::PlaceOf(*to)) / unit_m, c.reply());
}

void GeoRadius(Context& c) { Run_commands_geo(c, SearchKind::kRadius, true); }
void GeoRadiusRo(Context& c) { Run_commands_geo(c, SearchKind::kRadius, false); }
void GeoRadiusByMember(Context& c) { Run_commands_geo(c, SearchKind::kRadiusByMember, true); }
void GeoRadiusByMemberRo(Context& c) { Run_commands_geo(c, SearchKind::kRadiusByMember, false); }
void GeoSearch(Context& c) { Run_commands_geo(c, SearchKind::kSearch, false); }
void GeoSearchStore(Context& c) { Run_commands_geo(c, SearchKind::kSearchStore, true); }

bool RewriteGeoRadius(Rewrite& rewrite) {
  if (StoreKey(rewrite.args()) != 0) return true;
  std::vector<std::string> canonical(rewrite.args().begin(), rewrite.args().end());
  canonical[0] += "_RO";
  rewrite.ReplaceBy(std::move(canonical));
  return true;
}

bool GeoRadiusKeys(Args args, std::vector<size_t>& positions) {
  positions.push_back(1);
  if (const size_t position = StoreKey(args); position != 0) positions.push_back(position);
  return true;
}

}  // namespace redislite::commands

// ==== src/commands/sampling.h =====================================================================================
namespace redislite::commands {

inline Random& ReaderRandom(engine::Context& c) {
  thread_local Random random(c.hash_seed().k0 ^ static_cast<uint64_t>(c.now_ms()) ^ reinterpret_cast<uintptr_t>(&c));
  return random;
}

template <typename Collection, typename Visit>
void SampleDistinct(const Collection& collection, size_t count, Random& random, const Visit& visit) {
  constexpr size_t kFew = 512;  // so many may be integers, whose bytes do not last: the small forms have no more
  if (collection.size() > kFew && count * 3 <= collection.size()) {
    std::unordered_set<Bytes> drawn;  // draw again what was drawn before: less than one draw in three
    while (drawn.size() < count) {
      collection.Sample(random, [&](Bytes member, const auto&... more) {
        if (drawn.insert(member).second) visit(member, more...);
        return true;
      });
    }
    return;
  }
  if (count == 0) return;
  size_t left = collection.size();
  collection.ForEach([&](Bytes member, const auto&... more) {
    if (random.Below(left--) < count) {
      visit(member, more...);
      --count;
    }
    return count > 0;
  });
}

template <typename Collection>
bool DrawsFit(const Collection& collection, uint64_t draws) {
  const uint64_t bytes_each = collection.memory_bytes() / collection.size() + 8;
  return draws <= kRecordBytesMax / bytes_each;
}

struct DrawCount {
  explicit DrawCount(int64_t count) : repeats(count < 0), number(static_cast<uint64_t>(count < 0 ? -count : count)) {}

  bool repeats;
  uint64_t number;
};

template <typename Collection>
size_t DrawSize(const Collection& collection, const DrawCount& count) {
  return count.repeats || count.number < collection.size() ? static_cast<size_t>(count.number) : collection.size();
}

template <typename Collection, typename Visit>
void Draw(const Collection& collection, const DrawCount& count, Random& random, const Visit& visit) {
  if (!count.repeats) return SampleDistinct(collection, DrawSize(collection, count), random, visit);
  for (uint64_t i = 0; i < count.number; ++i) {
    collection.Sample(random, [&](Bytes member, const auto&... more) {
      visit(member, more...);
      return true;
    });
  }
}

template <typename Collection, typename Write>
void ReplyRandomMembers(engine::Context& c, Bytes option, const Write& write) {
  const engine::Args args = c.args();
  const bool one = args.size() == 2;
  const std::optional<int64_t> parsed = one ? -1 : NegatableArgument(args[2], c.reply());
  if (!parsed) return;
  const bool with_values = args.size() == 4 && EqualsIgnoreCase(args[3], option);
  if (args.size() > 3 && !with_values) return c.SyntaxError();
  const DrawCount count(*parsed);
  constexpr uint64_t kPairsMax = INT64_MAX / 2;
  const bool too_many = with_values && count.number > kPairsMax;
  if (too_many) return c.reply().Error(Code::kValue, "ERR value is out of range");

  const engine::Typed<const Collection> found = c.Read<Collection>(args[1]);
  if (found.wrong_type) return c.WrongType();
  if (found.missing() || count.number == 0) return one ? c.reply().Null() : c.reply().Array(0);
  if (count.repeats && !DrawsFit(*found, count.number)) {
    return c.reply().Error(Code::kValue, "ERR value is out of range");
  }
  const size_t size = DrawSize(*found, count);
  const bool nested = with_values && c.reply().protocol() > 2;
  if (!one) c.reply().Array(with_values && !nested ? size * 2 : size);
  Draw(*found, count, ReaderRandom(c), [&](Bytes member, const auto& value) {
    if (nested) c.reply().Array(2);
    c.reply().Bulk(member);
    if (with_values) write(value);
  });
}

}  // namespace redislite::commands

// ==== src/commands/hashes.cc ======================================================================================
namespace redislite::commands {
namespace {

using engine::Context;
using engine::Typed;
using types::Hash;

std::optional<Typed<const Hash>> ReadHash(Context& c) {
  const Typed<const Hash> hash = c.Read<Hash>(c.arg(1));
  if (!hash.wrong_type) return hash;
  c.WrongType();
  return {};
}

std::optional<Bytes> FieldOf_commands_hashes(const Typed<const Hash>& hash, Bytes field) {
  return hash ? hash->Get(field) : std::nullopt;
}

std::optional<int64_t> SetPairs(Context& c) {
  if (c.args().size() % 2 != 0) {
    c.WrongArity();
    return {};
  }
  if (!ReadHash(c) || !c.BeginWrite()) return {};
  Hash& hash = c.ChangeOrCreate<Hash>(c.arg(1));
  int64_t added = 0;
  for (size_t i = 2; i < c.args().size(); i += 2) added += hash.Set(c.arg(i), c.arg(i + 1)) ? 1 : 0;
  return added;
}

enum class Part : uint8_t { kFields, kValues, kBoth };

void ReplyAll(Context& c, Part part) {
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (!hash) return;
  const size_t size = *hash ? (*hash)->size() : 0;
  if (part == Part::kBoth) {
    c.reply().Map(size);
  } else {
    c.reply().Array(size);
  }
  if (size == 0) return;
  (*hash)->ForEach([&](Bytes field, Bytes value) {
    if (part != Part::kValues) c.reply().Bulk(field);
    if (part != Part::kFields) c.reply().Bulk(value);
    return true;
  });
}

}  // namespace

void HSet(Context& c) {
  if (const std::optional<int64_t> added = SetPairs(c)) c.reply().Integer(*added);
}

void HMSet(Context& c) {
  if (SetPairs(c)) c.reply().Ok();
}

void HSetNx(Context& c) {
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (!hash) return;
  if (FieldOf_commands_hashes(*hash, c.arg(2))) return c.reply().Integer(0);
  if (!c.BeginWrite()) return;
  c.ChangeOrCreate<Hash>(c.arg(1)).Set(c.arg(2), c.arg(3));
  c.reply().Integer(1);
}

void HGet(Context& c) {
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (!hash) return;
  const std::optional<Bytes> value = FieldOf_commands_hashes(*hash, c.arg(2));
  return value ? c.reply().Bulk(*value) : c.reply().Null();
}

void HMGet(Context& c) {
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (!hash) return;
  c.reply().Array(c.args().size() - 2);
  for (const Bytes field : c.args().subspan(2)) {
    const std::optional<Bytes> value = FieldOf_commands_hashes(*hash, field);
    value ? c.reply().Bulk(*value) : c.reply().Null();
  }
}

void HGetAll(Context& c) { ReplyAll(c, Part::kBoth); }
void HKeys(Context& c) { ReplyAll(c, Part::kFields); }
void HVals(Context& c) { ReplyAll(c, Part::kValues); }

void HLen(Context& c) {
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (hash) c.reply().Integer(*hash ? static_cast<int64_t>((*hash)->size()) : 0);
}

void HStrLen(Context& c) {
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (hash) c.reply().Integer(static_cast<int64_t>(FieldOf_commands_hashes(*hash, c.arg(2)).value_or(Bytes()).size()));
}

void HExists(Context& c) {
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (hash) c.reply().Integer(FieldOf_commands_hashes(*hash, c.arg(2)) ? 1 : 0);
}

void HDel(Context& c) {
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (!hash) return;
  bool any = false;
  for (const Bytes field : c.args().subspan(2)) any = any || FieldOf_commands_hashes(*hash, field);
  if (!any) return c.reply().Integer(0);
  if (!c.BeginWrite()) return;
  Hash& target = *c.Change<Hash>(c.arg(1));
  int64_t erased = 0;
  for (const Bytes field : c.args().subspan(2)) erased += target.Erase(field) ? 1 : 0;
  if (target.size() == 0) c.Remove(c.arg(1));
  c.reply().Integer(erased);
}

void HIncrBy(Context& c) {
  const std::optional<int64_t> increment = IntegerArgument(c.arg(3), c.reply());
  if (!increment) return;
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (!hash) return;
  const std::optional<int64_t> before = ParseInt64(FieldOf_commands_hashes(*hash, c.arg(2)).value_or("0"));
  if (!before) return c.reply().Error(Code::kValue, "ERR hash value is not an integer");
  int64_t sum = 0;
  if (__builtin_add_overflow(*before, *increment, &sum)) {
    return c.reply().Error(Code::kValue, "ERR increment or decrement would overflow");
  }
  if (!c.BeginWrite()) return;
  char text[kInt64TextMax];
  c.ChangeOrCreate<Hash>(c.arg(1)).Set(c.arg(2), FormatInt64(sum, text));
  c.reply().Integer(sum);
}

void HIncrByFloat(Context& c) {
  const std::optional<long double> increment = ParseLongDouble(c.arg(3));
  if (!increment) return c.NotFloat();
  if (!std::isfinite(*increment)) return c.reply().Error(Code::kValue, "ERR value is NaN or Infinity");
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (!hash) return;
  const std::optional<long double> before = ParseLongDouble(FieldOf_commands_hashes(*hash, c.arg(2)).value_or("0"));
  if (!before) return c.reply().Error(Code::kValue, "ERR hash value is not a float");
  const long double sum = *before + *increment;
  if (!std::isfinite(sum)) return c.reply().Error(Code::kValue, "ERR increment would produce NaN or Infinity");
  const std::string text = FormatLongDouble(sum);
  c.reply().Bulk(text);
  c.ReplaceWith({"HSET", std::string(c.arg(1)), std::string(c.arg(2)), text});
}

void HRandField(Context& c) {
  ReplyRandomMembers<Hash>(c, "withvalues", [&c](Bytes value) { c.reply().Bulk(value); });
}

void HScan(Context& c) {
  if (!ParseCursor(c.arg(2), c.reply())) return;
  const std::optional<Typed<const Hash>> hash = ReadHash(c);
  if (!hash) return;
  if (hash->missing()) return WriteScanEnd(c.reply());  // before the options are read, as in Redis
  const std::optional<ScanArguments> scan = ParseScan(c.args().subspan(2), ScanOf::kElements, c.reply());
  if (!scan) return;
  std::vector<Bytes> found;
  const uint64_t next = (*hash)->Scan(scan->cursor, scan->count, [&](Bytes field, Bytes value) {
    if (!scan->pattern || GlobMatch(*scan->pattern, field)) {
      found.push_back(field);
      found.push_back(value);
    }
    return true;
  });
  c.reply().Array(2);
  c.reply().Bulk(std::to_string(next));
  c.reply().Array(found.size());
  for (const Bytes bytes : found) c.reply().Bulk(bytes);
}

}  // namespace redislite::commands

// ==== src/commands/hyperloglogs.cc ================================================================================
namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using types::String;
namespace hyperloglog = types::hyperloglog;

void WriteDamaged(resp::Writer& reply) { reply.Error(Code::kValue, "INVALIDOBJ Corrupted HLL object detected"); }

struct Found_commands_hyperloglogs {
  Bytes bytes;  // empty: no key
  bool ok = false;
};

Found_commands_hyperloglogs Find_commands_hyperloglogs(Context& c, Bytes key) {
  const auto string = c.Read<String>(key);
  if (string.wrong_type) {
    c.WrongType();
    return {};
  }
  if (!string) return {{}, true};
  char scratch[kInt64TextMax];
  const Bytes bytes = string->View(scratch);
  if (!hyperloglog::IsOne(bytes)) {
    c.reply().Error(Code::kType, "WRONGTYPE Key is not a valid HyperLogLog string value.");
    return {};
  }
  return {bytes, true};
}

void Put_commands_hyperloglogs(Context& c, Bytes key, Bytes bytes) {
  char* place;
  String string = String::Raw(c.memory(), bytes.size(), &place);
  std::memcpy(place, bytes.data(), bytes.size());
  c.Put(key, types::Value(std::move(string)), Context::Expiry::kKeep);
}

void AddToDense(Context& c, Bytes bytes, Args elements) {
  std::vector<hyperloglog::Rank> raised;
  for (const Bytes element : elements) {
    const hyperloglog::Rank rank = hyperloglog::RankOf(element);
    if (hyperloglog::WouldRaiseDense(bytes, rank)) raised.push_back(rank);
  }
  if (!raised.empty() && !c.BeginWrite(bytes.size())) return;
  c.reply().Integer(raised.empty() ? 0 : 1);
  if (raised.empty()) return;
  char* changed = c.Change<String>(c.arg(1))->Mutable(c.memory());
  for (const hyperloglog::Rank rank : raised) hyperloglog::RaiseDense(changed, rank);
  hyperloglog::ForgetCount(changed);
}

}  // namespace

void PfAdd(Context& c) {
  const Bytes key = c.arg(1);
  const Args elements = c.args().subspan(2);
  const Found_commands_hyperloglogs found = Find_commands_hyperloglogs(c, key);
  if (!found.ok) return;
  const bool is_new = found.bytes.empty();
  if (!is_new && hyperloglog::IsDense(found.bytes)) return AddToDense(c, found.bytes, elements);
  if (!is_new && !hyperloglog::IsWhole(found.bytes)) return WriteDamaged(c.reply());

  std::string bytes = is_new ? hyperloglog::MakeEmpty() : std::string(found.bytes);
  bool changes = is_new;
  for (const Bytes element : elements) changes |= hyperloglog::Raise(bytes, hyperloglog::RankOf(element));
  if (changes && !c.BeginWrite(bytes.size())) return;
  c.reply().Integer(changes ? 1 : 0);
  if (!changes) return;
  hyperloglog::ForgetCount(bytes.data());
  Put_commands_hyperloglogs(c, key, bytes);
}

void PfCount(Context& c) {
  hyperloglog::Registers registers;
  for (const Bytes key : c.args().subspan(1)) {
    const Found_commands_hyperloglogs found = Find_commands_hyperloglogs(c, key);
    if (!found.ok) return;
    if (found.bytes.empty()) continue;
    if (c.args().size() == 2) {
      if (const std::optional<uint64_t> count = hyperloglog::CachedCount(found.bytes)) {
        return c.reply().Integer(static_cast<int64_t>(*count));
      }
    }
    if (!registers.Merge(found.bytes)) return WriteDamaged(c.reply());
  }
  c.reply().Integer(static_cast<int64_t>(registers.Estimate()));
}

void PfMerge(Context& c) {
  const Bytes destination = c.arg(1);
  hyperloglog::Registers registers;
  bool dense = false;
  std::string before;
  for (const Bytes key : c.args().subspan(1)) {  // the destination is a source too
    const Found_commands_hyperloglogs found = Find_commands_hyperloglogs(c, key);
    if (!found.ok) return;
    if (found.bytes.empty()) continue;
    dense |= hyperloglog::IsDense(found.bytes);
    if (!registers.Merge(found.bytes)) return WriteDamaged(c.reply());
    if (key == destination) before = found.bytes;
  }
  std::string after = before.empty() ? hyperloglog::MakeEmpty() : before;
  if (dense && !hyperloglog::IsDense(after)) after = *hyperloglog::MakeDense(after);
  for (uint32_t i = 0; i < hyperloglog::kRegisters; ++i) {
    if (registers[i] != 0) hyperloglog::Raise(after, {i, registers[i]});
  }
  hyperloglog::ForgetCount(after.data());
  const bool changes = after != before;
  if (changes && !c.BeginWrite(after.size())) return;
  if (changes) Put_commands_hyperloglogs(c, destination, after);
  c.reply().Ok();
}

}  // namespace redislite::commands

// ==== src/commands/introspection.cc ===============================================================================
namespace redislite::commands {
namespace {

using engine::Args;
using engine::Command;
using engine::Context;
using enum engine::Flag;

bool Has_commands_introspection(const Command& row, uint32_t flag) { return (row.flags & flag) != 0; }

bool IsSubcommand(const Command& row) { return Bytes(row.name).find('|') != Bytes::npos; }

std::vector<const Command*> TopRows() {
  std::vector<const Command*> rows;
  for (const Command& row : AllCommands()) {
    if (!IsSubcommand(row)) rows.push_back(&row);
  }
  return rows;
}

std::vector<const Command*> SubcommandsOf(const Command& container) {
  const std::string prefix = std::string(container.name) + "|";
  std::vector<const Command*> rows;
  for (const Command& row : AllCommands()) {
    if (Bytes(row.name).starts_with(prefix)) rows.push_back(&row);
  }
  return rows;
}

std::vector<Bytes> FlagNames(const Command& row) {
  if (Has_commands_introspection(row, kContainer)) return {};
  std::vector<Bytes> names;
  if (Has_commands_introspection(row, kWrite)) names.push_back("write");
  if (Has_commands_introspection(row, kReadOnly)) names.push_back("readonly");
  if (Has_commands_introspection(row, kDenyOom)) names.push_back("denyoom");
  if (Has_commands_introspection(row, kOperator)) names.push_back("admin");
  if (Has_commands_introspection(row, kFast)) names.push_back("fast");
  if (Has_commands_introspection(row, kMayWait)) names.push_back("blocking");
  if (Bytes(row.group) == "pubsub") names.push_back("pubsub");
  if (Has_commands_introspection(row, kNoAuth)) names.push_back("no_auth");
  if (Has_commands_introspection(row, kMovableKeys)) names.push_back("movablekeys");
  if (Has_commands_introspection(row, kNoBatch)) names.push_back("no_multi");
  return names;
}

std::vector<Bytes> Categories(const Command& row) {
  const Bytes group = row.group;
  if (Has_commands_introspection(row, kContainer)) return {"slow"};  // its subcommands have their own
  std::vector<Bytes> names;
  if (group == "generic" || Has_commands_introspection(row, kAllKeys)) names.push_back("keyspace");
  if (Has_commands_introspection(row, kReadOnly)) names.push_back("read");
  if (Has_commands_introspection(row, kWrite)) names.push_back("write");
  if (group != "generic" && group != "server" && group != "connection")
    names.push_back(group == "sorted-set" ? "sortedset" : group);
  if (Has_commands_introspection(row, kOperator)) names.push_back("admin");
  names.push_back(Has_commands_introspection(row, kFast) ? "fast" : "slow");
  if (Has_commands_introspection(row, kOperator) || (Has_commands_introspection(row, kWrite) && Has_commands_introspection(row, kAllKeys))) names.push_back("dangerous");
  if (group == "connection") names.push_back("connection");
  return names;
}

void WriteNames(const std::vector<Bytes>& names, Bytes prefix, resp::Writer& reply) {
  reply.Set(names.size());
  for (const Bytes name : names) reply.Status(std::string(prefix).append(name));
}

void WriteInfo(const Command& row, resp::Writer& reply) {
  reply.Array(10);
  reply.Bulk(row.name);
  reply.Integer(row.arity);
  WriteNames(FlagNames(row), "", reply);
  reply.Integer(row.first_key);
  reply.Integer(row.last_key);
  reply.Integer(row.key_step);
  WriteNames(Categories(row), "@", reply);
  reply.Set(0);
  reply.Set(0);
  if (!Has_commands_introspection(row, kContainer)) return reply.Set(0);
  const std::vector<const Command*> subcommands = SubcommandsOf(row);
  reply.Array(subcommands.size());
  for (const Command* subcommand : subcommands) WriteInfo(*subcommand, reply);
}

void WriteDocs(const Command& row, resp::Writer& reply) {
  const bool container = Has_commands_introspection(row, kContainer);
  reply.Bulk(row.name);
  reply.Map(container ? 5 : 4);
  reply.Bulk("summary");
  reply.Bulk(row.summary);
  reply.Bulk("since");
  reply.Bulk(row.since);
  reply.Bulk("group");
  reply.Bulk(row.group);
  reply.Bulk("syntax");
  reply.Bulk(row.syntax);
  if (!container) return;
  const std::vector<const Command*> subcommands = SubcommandsOf(row);
  reply.Bulk("subcommands");
  reply.Map(subcommands.size());
  for (const Command* subcommand : subcommands) WriteDocs(*subcommand, reply);
}

void WriteInfoOfAll(resp::Writer& reply) {
  const std::vector<const Command*> rows = TopRows();
  reply.Array(rows.size());
  for (const Command* row : rows) WriteInfo(*row, reply);
}

bool HasKeys(const Command& row) { return row.first_key != 0 || row.keys != nullptr; }

bool ArityFits_commands_introspection(const Command& row, Args args) {
  const auto count = static_cast<int64_t>(args.size());
  return row.arity < 0 ? count >= -row.arity : count == row.arity;
}

struct Filter {
  enum class By : uint8_t { kNothing, kModule, kCategory, kPattern };
  By by = By::kNothing;
  Bytes argument;
};

std::optional<Filter> ParseFilter(Args args) {
  if (args.empty()) return Filter();
  if (args.size() != 3 || !EqualsIgnoreCase(args[0], "filterby")) return {};
  if (EqualsIgnoreCase(args[1], "module")) return Filter{Filter::By::kModule, args[2]};
  if (EqualsIgnoreCase(args[1], "aclcat")) return Filter{Filter::By::kCategory, args[2]};
  if (EqualsIgnoreCase(args[1], "pattern")) return Filter{Filter::By::kPattern, args[2]};
  return {};
}

bool Passes(const Command& row, const Filter& filter) {
  switch (filter.by) {
    case Filter::By::kNothing:
      return true;
    case Filter::By::kModule:
      return false;  // there are no modules
    case Filter::By::kPattern:
      return GlobMatch(filter.argument, row.name, true);
    case Filter::By::kCategory:
      break;
  }
  for (const Bytes category : Categories(row)) {
    if (EqualsIgnoreCase(category, filter.argument)) return true;
  }
  return false;
}

}  // namespace

void CommandAll(Context& c) { WriteInfoOfAll(c.reply()); }

void CommandCount(Context& c) { c.reply().Integer(static_cast<int64_t>(TopRows().size())); }

void CommandInfo(Context& c) {
  const Args names = c.args().subspan(2);
  if (names.empty()) return WriteInfoOfAll(c.reply());
  c.reply().Array(names.size());
  for (const Bytes name : names) {
    const Command* row = FindCommand(name);
    if (row == nullptr) {
      c.reply().NullArray();
    } else {
      WriteInfo(*row, c.reply());
    }
  }
}

void CommandDocs(Context& c) {
  const Args names = c.args().subspan(2);
  std::vector<const Command*> rows;
  if (names.empty()) rows = TopRows();
  for (const Bytes name : names) {
    if (const Command* row = FindCommand(name)) rows.push_back(row);
  }
  c.reply().Map(rows.size());
  for (const Command* row : rows) WriteDocs(*row, c.reply());
}

void CommandList(Context& c) {
  const std::optional<Filter> filter = ParseFilter(c.args().subspan(2));
  if (!filter) return c.SyntaxError();
  std::vector<Bytes> names;
  for (const Command& row : AllCommands()) {
    if (Passes(row, *filter)) names.push_back(row.name);
  }
  c.reply().Array(names.size());
  for (const Bytes name : names) c.reply().Bulk(name);
}

void CommandGetKeys(Context& c) {
  const Args args = c.args().subspan(2);
  const Command* row = Commands().Find(args);
  if (row == nullptr) return c.reply().Error(Code::kCommand, "ERR Invalid command specified");
  if (!HasKeys(*row)) return c.reply().Error(Code::kCommand, "ERR The command has no key arguments");
  if (!ArityFits_commands_introspection(*row, args)) {
    return c.reply().Error(Code::kCommand, "ERR Invalid number of arguments specified for command");
  }
  std::vector<size_t> positions;
  if (!engine::ForEachKey(*row, args, [&](size_t position) { positions.push_back(position); })) {
    return c.reply().Error(Code::kCommand, "ERR Invalid arguments specified for command");
  }

  const bool with_flags = IsNamed(c.command(), "command|getkeysandflags");
  c.reply().Array(positions.size());
  for (const size_t position : positions) {
    if (with_flags) c.reply().Array(2);
    c.reply().Bulk(args[position]);
    if (!with_flags) continue;
    if (Has_commands_introspection(*row, kWrite)) {
      WriteNames({"RW", "access", "update", "delete"}, "", c.reply());
    } else {
      WriteNames({"RO", "access"}, "", c.reply());
    }
  }
}

void CommandHelp(Context& c) {
  WriteHelp("COMMAND",
            {
                "(no subcommand)",
                "    Describe every command.",
                "COUNT",
                "    Count the commands.",
                "DOCS [<command-name> ...]",
                "    Reply what commands are for: those named, or all.",
                "GETKEYS <command> [<argument> ...]",
                "    Find the keys among the arguments of a command.",
                "GETKEYSANDFLAGS <command> [<argument> ...]",
                "    The same, and how the command uses them.",
                "INFO [<command-name> ...]",
                "    Describe commands by name, or all.",
                "LIST [FILTERBY <MODULE <name>|ACLCAT <category>|PATTERN <pattern>>]",
                "    Reply the names of commands.",
            },
            c.reply());
}

}  // namespace redislite::commands

// ==== src/commands/keys.cc ========================================================================================
namespace redislite::commands {
namespace {

using engine::Context;

int64_t CountExisting(const Context& c) {
  int64_t count = 0;
  for (size_t i = 1; i < c.args().size(); ++i) count += c.Exists(c.arg(i)) ? 1 : 0;
  return count;
}

void WriteSameObject(resp::Writer& reply) {
  reply.Error(Code::kCommand, "ERR source and destination objects are the same");
}

}  // namespace

void Del(Context& c) {
  if (CountExisting(c) == 0) return c.reply().Integer(0);
  if (!c.BeginWrite()) return;
  int64_t removed = 0;
  for (size_t i = 1; i < c.args().size(); ++i) removed += c.Remove(c.arg(i)) ? 1 : 0;
  c.reply().Integer(removed);
}

void Exists(Context& c) { c.reply().Integer(CountExisting(c)); }

void Touch(Context& c) {
  int64_t found = 0;
  for (size_t i = 1; i < c.args().size(); ++i) found += c.Find(c.arg(i)) != nullptr ? 1 : 0;
  c.reply().Integer(found);
}

void Type(Context& c) {
  const types::Value* value = c.Peek(c.arg(1));
  c.reply().Status(types::TypeName(value == nullptr ? types::Type::kNone : value->type()));
}

void Rename(Context& c) {
  const Bytes from = c.arg(1);
  const Bytes to = c.arg(2);
  const bool only_new = IsNamed(c.command(), "renamenx");
  if (!c.Exists(from)) return c.NoSuchKey();
  const bool changes = from != to && !(only_new && c.Exists(to));
  if (changes && !c.BeginWrite()) return;

  if (changes) {
    const std::optional<int64_t> expires_at_ms = c.ExpiresAt(from);
    c.Put(to, c.Take(from));
    if (expires_at_ms) c.ExpireAt(to, *expires_at_ms);
  }
  if (only_new) {
    c.reply().Integer(changes ? 1 : 0);
  } else {
    c.reply().Ok();
  }
}

void Copy(Context& c) {
  const Bytes from = c.arg(1);
  const Bytes to = c.arg(2);
  bool replace = false;
  int to_db = c.db();
  for (size_t i = 3; i < c.args().size(); ++i) {
    if (EqualsIgnoreCase(c.arg(i), "replace")) {
      replace = true;
    } else if (EqualsIgnoreCase(c.arg(i), "db") && i + 1 < c.args().size()) {
      const std::optional<int> db = IntArgument(c.arg(++i), c.reply());
      if (!db) return;
      if (!IsDatabase(*db)) return WriteNoSuchDatabase(c.reply());
      to_db = *db;
    } else {
      return c.SyntaxError();
    }
  }
  if (to_db == c.db() && from == to) return WriteSameObject(c.reply());

  const types::Value* value = c.Find(from);
  if (value == nullptr || (!replace && c.Exists(to, to_db))) return c.reply().Integer(0);
  if (!c.BeginWrite(value->memory_bytes())) return;
  const std::optional<int64_t> expires_at_ms = c.ExpiresAt(from);
  c.Put(to, value->Clone(), Context::Expiry::kRemove, to_db);
  if (expires_at_ms) c.ExpireAt(to, *expires_at_ms, to_db);
  c.reply().Integer(1);
}

void Move(Context& c) {
  const Bytes key = c.arg(1);
  const std::optional<int> db = IntArgument(c.arg(2), c.reply());
  if (!db) return;
  if (!IsDatabase(*db)) return WriteNoSuchDatabase(c.reply());
  if (*db == c.db()) return WriteSameObject(c.reply());
  if (!c.Exists(key) || c.Exists(key, *db)) return c.reply().Integer(0);
  if (!c.BeginWrite()) return;
  const std::optional<int64_t> expires_at_ms = c.ExpiresAt(key);
  c.Put(key, c.Take(key), Context::Expiry::kRemove, *db);
  if (expires_at_ms) c.ExpireAt(key, *expires_at_ms, *db);
  c.reply().Integer(1);
}

}  // namespace redislite::commands

// ==== src/commands/latency.cc =====================================================================================
namespace redislite::commands {
namespace {

using engine::CommandStatistics;
using engine::Context;
using engine::LatencyMonitor;

LatencyMonitor& MonitorOf(Context& c) { return c.engine().command_statistics().latency(); }

std::string Graph(Bytes name, const LatencyMonitor::Event& event) {
  constexpr size_t kColumns = 80;
  constexpr uint64_t kRows = 4;
  const auto& all = event.samples;
  const std::vector<LatencyMonitor::Sample> samples(
      all.end() - static_cast<std::ptrdiff_t>(std::min(all.size(), kColumns)), all.end());
  uint64_t high = 0;
  uint64_t low = samples.front().took_ms;
  for (const LatencyMonitor::Sample& sample : samples) {
    high = std::max(high, sample.took_ms);
    low = std::min(low, sample.took_ms);
  }
  std::string text(name);
  text += " - high " + std::to_string(high) + " ms, low " + std::to_string(low) + " ms (all time high " +
          std::to_string(event.longest_ms) + " ms)\n" + std::string(kColumns, '-') + "\n";
  for (uint64_t row = kRows; row-- > 0;) {
    for (const LatencyMonitor::Sample& sample : samples) {
      const uint64_t height = high == low ? 0 : (sample.took_ms - low) * (kRows - 1) / (high - low);
      text += height > row ? '|' : height == row ? (row == 0 ? '_' : '#') : ' ';
    }
    text += '\n';
  }
  return text;
}

constexpr char kHistogramHelp[] =
    "    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.";

}  // namespace

void LatencyLatest(Context& c) {
  const auto events = MonitorOf(c).events();
  c.reply().Array(events.size());
  for (const auto& [name, event] : events) {
    c.reply().Array(4);
    c.reply().Bulk(name);
    c.reply().Integer(event.samples.back().at_s);
    c.reply().Integer(static_cast<int64_t>(event.samples.back().took_ms));
    c.reply().Integer(static_cast<int64_t>(event.longest_ms));
  }
}

void LatencyHistory(Context& c) {
  const LatencyMonitor::Event event = MonitorOf(c).event(c.arg(2));
  c.reply().Array(event.samples.size());
  for (const LatencyMonitor::Sample& sample : event.samples) {
    c.reply().Array(2);
    c.reply().Integer(sample.at_s);
    c.reply().Integer(static_cast<int64_t>(sample.took_ms));
  }
}

void LatencyReset(Context& c) {
  size_t count = 0;
  if (c.args().size() == 2) count = MonitorOf(c).Reset("");
  for (const Bytes name : c.args().subspan(2)) {
    if (!name.empty()) count += MonitorOf(c).Reset(name);
  }
  c.reply().Integer(static_cast<int64_t>(count));
}

void LatencyGraph(Context& c) {
  const LatencyMonitor::Event event = MonitorOf(c).event(c.arg(2));
  if (event.samples.empty()) {
    std::string text = "ERR No samples available for event '";
    return c.reply().Error(Code::kValue, text.append(c.arg(2)).append("'"));
  }
  c.reply().Verbatim(Graph(c.arg(2), event));
}

void LatencyDoctor(Context& c) {
  if (c.engine().options().latency_threshold_ms == 0) {
    return c.reply().Verbatim(
        "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use \"CONFIG "
        "SET latency-monitor-threshold <milliseconds>.\" in order to enable it.\n");
  }
  const auto events = MonitorOf(c).events();
  if (events.empty()) {
    return c.reply().Verbatim(
        "Dave, no latency spike was observed during the lifetime of this Redis instance, not in the slightest bit. I "
        "honestly think you ought to sit down calmly, take a stress pill, and think things over.\n");
  }
  std::string text =
      "Dave, I have observed latency spikes in this Redis instance. You don't mind talking about it, do "
      "you Dave?\n\n";
  size_t number = 0;
  for (const auto& [name, event] : events) {
    uint64_t sum = 0;
    for (const LatencyMonitor::Sample& sample : event.samples) sum += sample.took_ms;
    text += std::to_string(++number) + ". " + name + ": " + std::to_string(event.samples.size()) +
            " latency spikes (average " + std::to_string(sum / event.samples.size()) + "ms). Worst all time event " +
            std::to_string(event.longest_ms) + "ms.\n";
  }
  text += "\nSLOWLOG GET shows the commands; SLOWLOG HELP and docs/SERVER.md say how it is set.\n";
  c.reply().Verbatim(text);
}

void LatencyHistogram(Context& c) {
  const auto names = c.args().subspan(2);
  std::vector<CommandStatistics::Numbers> shown;
  for (const CommandStatistics::Numbers& numbers : c.engine().command_statistics().All()) {
    const Bytes name = numbers.command->name;
    const auto is_meant = [&](Bytes wanted) {
      return EqualsIgnoreCase(wanted, name) || EqualsIgnoreCase(wanted, name.substr(0, name.find('|')));
    };
    if (numbers.calls == 0) continue;
    if (names.empty() || std::any_of(names.begin(), names.end(), is_meant)) shown.push_back(numbers);
  }
  c.reply().Map(shown.size());
  for (const CommandStatistics::Numbers& numbers : shown) {
    std::vector<std::pair<int64_t, int64_t>> buckets;
    uint64_t sum = 0;
    for (size_t i = 0; i < numbers.times.size(); ++i) {
      sum += numbers.times[i];
      if (numbers.times[i] != 0) buckets.emplace_back(int64_t{1} << i, static_cast<int64_t>(sum));
    }
    c.reply().Bulk(numbers.command->name);
    c.reply().Map(2);
    c.reply().Bulk("calls");
    c.reply().Integer(static_cast<int64_t>(numbers.calls));
    c.reply().Bulk("histogram_usec");
    c.reply().Map(buckets.size());
    for (const auto& [us, count] : buckets) {
      c.reply().Integer(us);
      c.reply().Integer(count);
    }
  }
}

void LatencyHelp(Context& c) {
  WriteHelp("LATENCY",
            {
                "DOCTOR",
                "    Return a human readable latency analysis report.",
                "GRAPH <event>",
                "    Return an ASCII latency graph for the <event> class.",
                "HISTORY <event>",
                "    Return time-latency samples for the <event> class.",
                "LATEST",
                "    Return the latest latency samples for all events.",
                "RESET [<event> ...]",
                "    Reset latency data of one or more <event> classes.",
                "    (default: reset all data for all event classes)",
                "HISTOGRAM [COMMAND ...]",
                kHistogramHelp,
                "    If no commands are specified then all histograms are replied.",
            },
            c.reply());
}

}  // namespace redislite::commands

// ==== src/commands/lcs.cc =========================================================================================
namespace redislite::commands {
namespace {

using engine::Context;

struct LcsOptions {
  bool length = false;         // LEN
  bool matches = false;        // IDX
  bool match_lengths = false;  // WITHMATCHLEN
  int64_t match_min = 0;       // MINMATCHLEN
};

std::optional<LcsOptions> ParseLcsOptions(engine::Args args, resp::Writer& reply) {
  LcsOptions options;
  for (size_t i = 0; i < args.size(); ++i) {
    if (EqualsIgnoreCase(args[i], "idx")) {
      options.matches = true;
    } else if (EqualsIgnoreCase(args[i], "len")) {
      options.length = true;
    } else if (EqualsIgnoreCase(args[i], "withmatchlen")) {
      options.match_lengths = true;
    } else if (EqualsIgnoreCase(args[i], "minmatchlen") && i + 1 < args.size()) {
      const std::optional<int64_t> least = IntegerArgument(args[++i], reply);
      if (!least) return {};
      options.match_min = *least;
    } else {
      WriteSyntaxError(reply);
      return {};
    }
  }
  if (options.matches && options.length) {
    reply.Error(Code::kCommand, "ERR If you want both the length and indexes, please just use IDX.");
    return {};
  }
  return options;
}

class LcsTable {
 public:
  static uint64_t SizeOf(uint64_t a_size, uint64_t b_size) { return (a_size + 1) * (b_size + 1) * sizeof(uint32_t); }

  LcsTable(Memory& memory, Bytes a, Bytes b)
      : memory_(memory),
        size_(SizeOf(a.size(), b.size())),
        width_(b.size() + 1),
        cells_(static_cast<uint32_t*>(memory.Allocate(size_))) {
    std::fill(cells_, cells_ + width_, 0);
    for (size_t i = 1; i <= a.size(); ++i) {
      const uint32_t* above = cells_ + (i - 1) * width_;
      uint32_t* row = cells_ + i * width_;
      row[0] = 0;
      for (size_t j = 1; j <= b.size(); ++j) {
        row[j] = a[i - 1] == b[j - 1] ? above[j - 1] + 1 : std::max(above[j], row[j - 1]);
      }
    }
  }
  ~LcsTable() { memory_.Free(cells_, size_); }
  LcsTable(const LcsTable&) = delete;
  LcsTable& operator=(const LcsTable&) = delete;

  uint32_t Of(size_t i, size_t j) const { return cells_[i * width_ + j]; }

 private:
  Memory& memory_;
  const size_t size_;
  const size_t width_;
  uint32_t* const cells_;
};

struct Match {
  size_t a_start;
  size_t b_start;
  size_t size;
};

std::vector<Match> FindMatches(const LcsTable& table, Bytes a, Bytes b) {
  std::vector<Match> matches;
  bool in_run = false;
  for (size_t i = a.size(), j = b.size(); i > 0 && j > 0;) {
    if (a[i - 1] == b[j - 1]) {
      --i;
      --j;
      if (in_run) {
        matches.back() = {i, j, matches.back().size + 1};
      } else {
        matches.push_back({i, j, 1});
      }
      in_run = true;
    } else {
      if (table.Of(i - 1, j) > table.Of(i, j - 1)) {
        --i;
      } else {
        --j;
      }
      in_run = false;
    }
  }
  return matches;
}

void WriteRange(size_t start, size_t size, resp::Writer& reply) {
  reply.Array(2);
  reply.Integer(static_cast<int64_t>(start));
  reply.Integer(static_cast<int64_t>(start + size - 1));
}

void WriteMatches(std::vector<Match> matches, const LcsOptions& options, uint32_t length, resp::Writer& reply) {
  std::erase_if(matches, [&](const Match& match) { return static_cast<int64_t>(match.size) < options.match_min; });
  reply.Map(2);
  reply.Bulk("matches");
  reply.Array(matches.size());
  for (const Match& match : matches) {
    reply.Array(options.match_lengths ? 3 : 2);
    WriteRange(match.a_start, match.size, reply);
    WriteRange(match.b_start, match.size, reply);
    if (options.match_lengths) reply.Integer(static_cast<int64_t>(match.size));
  }
  reply.Bulk("len");
  reply.Integer(length);
}

}  // namespace

void Lcs(Context& c) {
  const auto first = c.Read<types::String>(c.arg(1));
  const auto second = c.Read<types::String>(c.arg(2));
  if (first.wrong_type || second.wrong_type) {
    return c.reply().Error(Code::kType, "ERR The specified keys must contain string values");
  }
  const std::optional<LcsOptions> options = ParseLcsOptions(c.args().subspan(3), c.reply());
  if (!options) return;

  char first_scratch[kInt64TextMax];
  char second_scratch[kInt64TextMax];
  const Bytes a = first ? first->View(first_scratch) : Bytes();
  const Bytes b = second ? second->View(second_scratch) : Bytes();
  if (LcsTable::SizeOf(a.size(), b.size()) > kValueBytesMax) {  // the sizes are below 2^30 each: it cannot overflow
    return c.reply().Error(Code::kLimit,
                           "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
  }
  const LcsTable table(c.memory(), a, b);
  const uint32_t length = table.Of(a.size(), b.size());
  if (options->length) return c.reply().Integer(length);
  std::vector<Match> matches = FindMatches(table, a, b);
  if (options->matches) return WriteMatches(std::move(matches), *options, length, c.reply());

  std::string subsequence;
  subsequence.reserve(length);
  for (auto match = matches.rbegin(); match != matches.rend(); ++match) {
    subsequence.append(a.substr(match->a_start, match->size));
  }
  c.reply().Bulk(subsequence);
}

}  // namespace redislite::commands

// ==== src/commands/lists.cc =======================================================================================
namespace redislite::commands {
namespace {

using engine::Context;
using engine::Typed;
using types::List;

enum class End_commands_lists : uint8_t { kLeft, kRight };

std::optional<End_commands_lists> ParseEnd(Bytes text) {
  if (EqualsIgnoreCase(text, "left")) return End_commands_lists::kLeft;
  if (EqualsIgnoreCase(text, "right")) return End_commands_lists::kRight;
  return {};
}

enum class WhenMissing : uint8_t { kMakeList, kDoNothing };
void Push_commands_lists(Context& c, End_commands_lists end, WhenMissing when_missing) {
  const Typed<const List> list = c.Read<List>(c.arg(1));
  if (list.wrong_type) return c.WrongType();
  if (list.missing() && when_missing == WhenMissing::kDoNothing) return c.reply().Integer(0);
  if (!c.BeginWrite()) return;
  List& target = c.ChangeOrCreate<List>(c.arg(1));
  if (end == End_commands_lists::kLeft) {
    target.PushAllFront(c.args().subspan(2));
  } else {
    target.PushAllBack(c.args().subspan(2));
  }
  c.reply().Integer(static_cast<int64_t>(target.size()));
}

void WriteElements_commands_lists(const List& list, End_commands_lists end, size_t count, resp::Writer& reply) {
  reply.Array(count);
  size_t left = count;
  const auto visit = [&](Bytes element) {
    reply.Bulk(element);
    return --left > 0;
  };
  if (end == End_commands_lists::kLeft) {
    list.ForEach(0, visit);
  } else {
    list.ForEachBackward(list.size() - 1, visit);
  }
}

void TakeArray(Context& c, Bytes key, const List& list, End_commands_lists end, size_t count) {
  WriteElements_commands_lists(list, end, count, c.reply());
  if (count == list.size()) {
    c.Remove(key);
    return;
  }
  List& changed = *c.Change<List>(key);
  changed.Erase(end == End_commands_lists::kLeft ? 0 : changed.size() - count, count);
}

void Pop(Context& c, End_commands_lists end) {
  if (c.args().size() > 3) return c.WrongArity();
  const Bytes key = c.arg(1);
  std::optional<int64_t> count;
  if (c.args().size() == 3) {
    count = AtLeastArgument(c.arg(2), 0, "ERR value is out of range, must be positive", c.reply());
    if (!count) return;
  }
  const Typed<const List> list = c.Read<List>(key);
  if (list.wrong_type) return c.WrongType();
  if (list.missing()) return count ? c.reply().NullArray() : c.reply().Null();
  if (count == 0) return c.reply().Array(0);
  if (!c.BeginWrite()) return;
  if (count) return TakeArray(c, key, *list, end, std::min(static_cast<size_t>(*count), list->size()));

  c.reply().Bulk(end == End_commands_lists::kLeft ? list->Front() : list->Back());
  if (list->size() == 1) {
    c.Remove(key);
  } else if (end == End_commands_lists::kLeft) {
    c.Change<List>(key)->PopFront();
  } else {
    c.Change<List>(key)->PopBack();
  }
}

std::optional<size_t> Position_commands_lists(int64_t index, size_t size) {
  const auto length = static_cast<int64_t>(size);
  if (index < 0) index += length;
  if (index < 0 || index >= length) return {};
  return static_cast<size_t>(index);
}

template <typename Visit>
void ForEachFrom_commands_lists(const List& list, End_commands_lists end, const Visit& visit) {
  if (list.size() == 0) return;
  if (end == End_commands_lists::kLeft) {
    size_t position = 0;
    list.ForEach(0, [&](Bytes element) { return visit(position++, element); });
  } else {
    size_t position = list.size();
    list.ForEachBackward(position - 1, [&](Bytes element) { return visit(--position, element); });
  }
}

std::optional<size_t> FindFrom(const List& list, End_commands_lists end, Bytes element) {
  std::optional<size_t> found;
  ForEachFrom_commands_lists(list, end, [&](size_t position, Bytes candidate) {
    if (candidate == element) found = position;
    return !found;
  });
  return found;
}

void MoveElement(Context& c, End_commands_lists from, End_commands_lists to) {
  const Bytes source_key = c.arg(1);
  const Bytes target_key = c.arg(2);
  const Typed<const List> source = c.Read<List>(source_key);
  if (source.wrong_type) return c.WrongType();
  if (source.missing()) return c.reply().Null();
  if (c.Read<List>(target_key).wrong_type) return c.WrongType();

  const Bytes moved = from == End_commands_lists::kLeft ? source->Front() : source->Back();
  const bool stays = source_key == target_key && (from == to || source->size() == 1);
  if (stays) return c.reply().Bulk(moved);
  if (!c.BeginWrite()) return;
  c.reply().Bulk(moved);
  const types::String element(c.memory(), moved);
  char scratch[kInt64TextMax];
  if (source->size() == 1) {
    c.Remove(source_key);  // so the keys differ
  } else if (from == End_commands_lists::kLeft) {
    c.Change<List>(source_key)->PopFront();
  } else {
    c.Change<List>(source_key)->PopBack();
  }
  List& target = c.ChangeOrCreate<List>(target_key);
  if (to == End_commands_lists::kLeft) {
    target.PushFront(element.View(scratch));
  } else {
    target.PushBack(element.View(scratch));
  }
}

struct PositionQuery {
  End_commands_lists from = End_commands_lists::kLeft;
  uint64_t rank = 1;              // the first match to reply, counted from `from`
  std::optional<uint64_t> count;  // how many to reply as an array, 0 all; not set: one, alone
  uint64_t compared_max = 0;      // how many elements to look at, 0 all
};

std::optional<PositionQuery> ParsePositionQuery(Context& c) {
  PositionQuery query;
  for (size_t i = 3; i < c.args().size(); i += 2) {
    const Bytes option = c.arg(i);
    if (i + 1 == c.args().size()) {
      c.SyntaxError();
      return {};
    }
    const Bytes value = c.arg(i + 1);
    if (EqualsIgnoreCase(option, "rank")) {
      const std::optional<int64_t> rank = NegatableArgument(value, c.reply());
      if (!rank) return {};
      if (*rank == 0) {
        c.reply().Error(Code::kValue,
                        "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... "
                        "or use negative to start from the end of the list");
        return {};
      }
      query.from = *rank > 0 ? End_commands_lists::kLeft : End_commands_lists::kRight;
      query.rank = static_cast<uint64_t>(*rank > 0 ? *rank : -*rank);
    } else if (EqualsIgnoreCase(option, "count")) {
      const std::optional<int64_t> count = AtLeastArgument(value, 0, "ERR COUNT can't be negative", c.reply());
      if (!count) return {};
      query.count = static_cast<uint64_t>(*count);
    } else if (EqualsIgnoreCase(option, "maxlen")) {
      const std::optional<int64_t> maxlen = AtLeastArgument(value, 0, "ERR MAXLEN can't be negative", c.reply());
      if (!maxlen) return {};
      query.compared_max = static_cast<uint64_t>(*maxlen);
    } else {
      c.SyntaxError();
      return {};
    }
  }
  return query;
}

const char* NameOf(End_commands_lists end) { return end == End_commands_lists::kLeft ? "LEFT" : "RIGHT"; }

void WaitingPop(Context& c, End_commands_lists end) {
  const std::optional<int64_t> timeout = TimeoutArgument(c.args().back(), c.reply());
  if (!timeout) return;
  for (const Bytes key : c.args().subspan(1, c.args().size() - 2)) {
    const Typed<const List> list = c.Read<List>(key);
    if (list.wrong_type) return c.WrongType();
    if (list.missing()) continue;
    c.reply().Array(2);
    c.reply().Bulk(key);
    c.reply().Bulk(end == End_commands_lists::kLeft ? list->Front() : list->Back());
    return c.ReplaceWith({end == End_commands_lists::kLeft ? "LPOP" : "RPOP", std::string(key)});
  }
  c.reply().NullArray();
  c.WaitForKeys(types::Type::kList, *timeout);
}

void WaitingMove(Context& c, End_commands_lists from, End_commands_lists to) {
  const std::optional<int64_t> timeout = TimeoutArgument(c.args().back(), c.reply());
  if (!timeout) return;
  const Typed<const List> source = c.Read<List>(c.arg(1));
  if (source.wrong_type) return c.WrongType();
  if (source.missing()) {
    c.reply().Null();
    return c.WaitForKeys(types::Type::kList, *timeout, 1);
  }
  if (c.Read<List>(c.arg(2)).wrong_type) return c.WrongType();
  c.reply().Bulk(from == End_commands_lists::kLeft ? source->Front() : source->Back());
  c.ReplaceWith({"LMOVE", std::string(c.arg(1)), std::string(c.arg(2)), NameOf(from), NameOf(to)});
}

}  // namespace

void LPush(Context& c) { Push_commands_lists(c, End_commands_lists::kLeft, WhenMissing::kMakeList); }
void RPush(Context& c) { Push_commands_lists(c, End_commands_lists::kRight, WhenMissing::kMakeList); }
void LPushX(Context& c) { Push_commands_lists(c, End_commands_lists::kLeft, WhenMissing::kDoNothing); }
void RPushX(Context& c) { Push_commands_lists(c, End_commands_lists::kRight, WhenMissing::kDoNothing); }
void LPop(Context& c) { Pop(c, End_commands_lists::kLeft); }
void RPop(Context& c) { Pop(c, End_commands_lists::kRight); }

void LLen(Context& c) {
  const Typed<const List> list = c.Read<List>(c.arg(1));
  if (list.wrong_type) return c.WrongType();
  c.reply().Integer(list ? static_cast<int64_t>(list->size()) : 0);
}

void LRange(Context& c) {
  const std::optional<int64_t> start = IntegerArgument(c.arg(2), c.reply());
  if (!start) return;
  const std::optional<int64_t> stop = IntegerArgument(c.arg(3), c.reply());
  if (!stop) return;
  const Typed<const List> list = c.Read<List>(c.arg(1));
  if (list.wrong_type) return c.WrongType();
  const IndexRange range = list ? ClampRange(*start, *stop, list->size()) : IndexRange();
  c.reply().Array(range.count);
  if (range.count == 0) return;
  size_t left = range.count;
  list->ForEach(range.first, [&](Bytes element) {
    c.reply().Bulk(element);
    return --left > 0;
  });
}

void LIndex(Context& c) {
  const Typed<const List> list = c.Read<List>(c.arg(1));
  if (list.wrong_type) return c.WrongType();
  if (list.missing()) return c.reply().Null();  // before the index is read, as in Redis
  const std::optional<int64_t> index = IntegerArgument(c.arg(2), c.reply());
  if (!index) return;
  const std::optional<size_t> position = Position_commands_lists(*index, list->size());
  return position ? c.reply().Bulk(list->At(*position)) : c.reply().Null();
}

void LSet(Context& c) {
  const Typed<const List> list = c.Read<List>(c.arg(1));
  if (list.wrong_type) return c.WrongType();
  if (list.missing()) return c.NoSuchKey();
  const std::optional<int64_t> index = IntegerArgument(c.arg(2), c.reply());
  if (!index) return;
  const std::optional<size_t> position = Position_commands_lists(*index, list->size());
  if (!position) return c.reply().Error(Code::kValue, "ERR index out of range");
  if (!c.BeginWrite()) return;
  c.Change<List>(c.arg(1))->Set(*position, c.arg(3));
  c.reply().Ok();
}

void LInsert(Context& c) {
  const bool before = EqualsIgnoreCase(c.arg(2), "before");
  if (!before && !EqualsIgnoreCase(c.arg(2), "after")) return c.SyntaxError();
  const Typed<const List> list = c.Read<List>(c.arg(1));
  if (list.wrong_type) return c.WrongType();
  if (list.missing()) return c.reply().Integer(0);
  const std::optional<size_t> pivot = FindFrom(*list, End_commands_lists::kLeft, c.arg(3));
  if (!pivot) return c.reply().Integer(-1);
  if (!c.BeginWrite()) return;
  List& target = *c.Change<List>(c.arg(1));
  target.Insert(before ? *pivot : *pivot + 1, c.arg(4));
  c.reply().Integer(static_cast<int64_t>(target.size()));
}

void LRem(Context& c) {
  const std::optional<int64_t> count = IntegerArgument(c.arg(2), c.reply());
  if (!count) return;
  const Typed<const List> list = c.Read<List>(c.arg(1));
  if (list.wrong_type) return c.WrongType();
  const End_commands_lists from = *count < 0 ? End_commands_lists::kRight : End_commands_lists::kLeft;
  if (list.missing() || !FindFrom(*list, from, c.arg(3))) return c.reply().Integer(0);
  if (!c.BeginWrite()) return;
  List& target = *c.Change<List>(c.arg(1));
  const uint64_t magnitude = *count < 0 ? 0 - static_cast<uint64_t>(*count) : static_cast<uint64_t>(*count);
  const size_t limit = magnitude == 0 ? target.size() : magnitude;
  c.reply().Integer(static_cast<int64_t>(target.EraseEqual(c.arg(3), limit, from == End_commands_lists::kRight)));
  if (target.size() == 0) c.Remove(c.arg(1));
}

void LTrim(Context& c) {
  const std::optional<int64_t> start = IntegerArgument(c.arg(2), c.reply());
  if (!start) return;
  const std::optional<int64_t> stop = IntegerArgument(c.arg(3), c.reply());
  if (!stop) return;
  const Typed<const List> list = c.Read<List>(c.arg(1));
  if (list.wrong_type) return c.WrongType();
  const IndexRange kept = list ? ClampRange(*start, *stop, list->size()) : IndexRange();
  if (list.missing() || kept.count == list->size()) return c.reply().Ok();
  if (!c.BeginWrite()) return;
  c.reply().Ok();
  if (kept.count == 0) {
    c.Remove(c.arg(1));
    return;
  }
  List& target = *c.Change<List>(c.arg(1));
  const size_t end = kept.first + kept.count;
  if (end < target.size()) target.Erase(end, target.size() - end);
  if (kept.first > 0) target.Erase(0, kept.first);
}

void LPos(Context& c) {
  const std::optional<PositionQuery> query = ParsePositionQuery(c);
  if (!query) return;
  const Typed<const List> list = c.Read<List>(c.arg(1));
  if (list.wrong_type) return c.WrongType();
  if (list.missing()) return query->count ? c.reply().Array(0) : c.reply().Null();

  const size_t mark = query->count ? c.reply().BeginArray() : 0;
  const uint64_t wanted = query->count.value_or(1);
  uint64_t compared = 0;
  uint64_t matches = 0;
  uint64_t replied = 0;
  ForEachFrom_commands_lists(*list, query->from, [&](size_t position, Bytes element) {
    if (element == c.arg(2) && ++matches >= query->rank) {
      c.reply().Integer(static_cast<int64_t>(position));
      if (++replied == wanted) return false;
    }
    return ++compared != query->compared_max;
  });
  if (query->count) {
    c.reply().EndArray(mark, replied);
  } else if (replied == 0) {
    c.reply().Null();
  }
}

void LMove(Context& c) {
  const std::optional<End_commands_lists> from = ParseEnd(c.arg(3));
  const std::optional<End_commands_lists> to = ParseEnd(c.arg(4));
  if (!from || !to) return c.SyntaxError();
  MoveElement(c, *from, *to);
}

void RPopLPush(Context& c) { MoveElement(c, End_commands_lists::kRight, End_commands_lists::kLeft); }

void LMPop(Context& c) {
  const std::optional<MultiPop> pop = ParseMultiPop(c.args(), 1, "left", "right", c.reply());
  if (!pop) return;
  for (const Bytes key : c.args().subspan(2, pop->keys)) {
    const Typed<const List> list = c.Read<List>(key);
    if (list.wrong_type) return c.WrongType();
    if (list.missing()) continue;
    if (!c.BeginWrite()) return;
    c.reply().Array(2);
    c.reply().Bulk(key);
    return TakeArray(c, key, *list, *ParseEnd(pop->end), std::min(pop->count, list->size()));
  }
  c.reply().NullArray();
}


void BLPop(Context& c) { WaitingPop(c, End_commands_lists::kLeft); }
void BRPop(Context& c) { WaitingPop(c, End_commands_lists::kRight); }
void BRPopLPush(Context& c) { WaitingMove(c, End_commands_lists::kRight, End_commands_lists::kLeft); }

void BLMove(Context& c) {
  const std::optional<End_commands_lists> from = ParseEnd(c.arg(3));
  const std::optional<End_commands_lists> to = ParseEnd(c.arg(4));
  if (!from || !to) return c.SyntaxError();
  WaitingMove(c, *from, *to);
}

void BLMPop(Context& c) {
  const std::optional<int64_t> timeout = TimeoutArgument(c.arg(1), c.reply());
  if (!timeout) return;
  const std::optional<MultiPop> pop = ParseMultiPop(c.args(), 2, "left", "right", c.reply());
  if (!pop) return;
  for (const Bytes key : c.args().subspan(3, pop->keys)) {
    const Typed<const List> list = c.Read<List>(key);
    if (list.wrong_type) return c.WrongType();
    if (list.missing()) continue;
    const size_t count = std::min(pop->count, list->size());
    c.reply().Array(2);
    c.reply().Bulk(key);
    const End_commands_lists end = *ParseEnd(pop->end);
    WriteElements_commands_lists(*list, end, count, c.reply());
    return c.ReplaceWith({end == End_commands_lists::kLeft ? "LPOP" : "RPOP", std::string(key), std::to_string(count)});
  }
  c.reply().NullArray();
  c.WaitForKeys(types::Type::kList, *timeout);
}

}  // namespace redislite::commands

// ==== src/commands/lolwut.cc ======================================================================================
namespace redislite::commands {

void Lolwut(engine::Context& c) { c.reply().Verbatim(std::string("Redis ver. ") + engine::kRedisVersion + "\n"); }

}  // namespace redislite::commands

// ==== src/commands/memory.cc ======================================================================================
namespace redislite::commands {

using engine::Context;

void MemoryUsage(Context& c) {
  for (size_t i = 3; i < c.args().size(); i += 2) {
    if (!EqualsIgnoreCase(c.arg(i), "samples") || i + 1 == c.args().size()) return c.SyntaxError();
    const std::optional<int64_t> samples = IntegerArgument(c.arg(i + 1), c.reply());
    if (!samples) return;
    if (*samples < 0) return c.SyntaxError();
  }
  const std::optional<size_t> bytes = c.MemoryBytes(c.arg(2));
  if (!bytes) return c.reply().Null();
  c.reply().Integer(static_cast<int64_t>(*bytes));
}

void MemoryStats(Context& c) {
  const uint64_t used = c.memory().used();
  const uint64_t peak = c.memory().peak();
  const uint64_t resident = os::ResidentBytes();
  uint64_t keys = 0;
  if (!c.engine().CountKeys(&keys).ok()) keys = 0;
  const double of_peak = peak == 0 ? 100 : static_cast<double>(used) * 100 / static_cast<double>(peak);
  const double fragmentation = used == 0 ? 0 : static_cast<double>(resident) / static_cast<double>(used);
  const auto number = [&](const char* name, uint64_t value) {
    c.reply().Bulk(name);
    c.reply().Integer(static_cast<int64_t>(value));
  };
  const auto ratio = [&](const char* name, double value) {
    c.reply().Bulk(name);
    c.reply().Double(value);
  };
  c.reply().Map(17);
  number("peak.allocated", peak);
  number("total.allocated", used);
  number("startup.allocated", 0);
  number("replication.backlog", 0);
  number("clients.slaves", 0);
  number("clients.normal", 0);
  number("aof.buffer", 0);
  number("overhead.total", 0);
  number("keys.count", keys);
  number("keys.bytes-per-key", keys == 0 ? 0 : used / keys);
  number("dataset.bytes", used);
  ratio("dataset.percentage", 100);
  ratio("peak.percentage", of_peak);
  number("allocator.allocated", used);
  number("allocator.resident", resident);
  ratio("fragmentation", fragmentation);
  c.reply().Bulk("fragmentation.bytes");
  c.reply().Integer(static_cast<int64_t>(resident) - static_cast<int64_t>(used));
}

void MemoryDoctor(Context& c) {
  constexpr uint64_t kLittle = 5 << 20;
  if (c.memory().used() < kLittle) {
    return c.reply().Verbatim(
        "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these "
        "conditions. Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be "
        "back to our programming as soon as I finished rebooting.\n");
  }
  if (c.memory().peak() / 3 * 2 > c.memory().used()) {
    return c.reply().Verbatim(
        "Sam, I detected a few issues in this Redis instance memory implants:\n\n * Peak memory: In the past this "
        "instance used more than 150% the memory that is currently using.\n");
  }
  c.reply().Verbatim(
      "Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs on this base.\n");
}

void MemoryPurge(Context& c) { c.reply().Ok(); }

void MemoryMallocStats(Context& c) {
  c.reply().Verbatim("used " + std::to_string(c.memory().used()) + " bytes, at most " +
                     std::to_string(c.memory().peak()) + "; the process has " + std::to_string(os::ResidentBytes()) +
                     "\n");
}

void MemoryHelp(Context& c) {
  WriteHelp("MEMORY",
            {
                "DOCTOR",
                "    Return memory problems reports.",
                "MALLOC-STATS",
                "    Return internal statistics report from the memory allocator.",
                "PURGE",
                "    Attempt to purge dirty pages for reclamation by the allocator.",
                "STATS",
                "    Return information about the memory usage of the server.",
                "USAGE <key> [SAMPLES <count>]",
                "    Return memory in bytes used by <key> and its value. Nested values are",
                "    sampled up to <count> times (default: 5, 0 means sample all).",
            },
            c.reply());
}

}  // namespace redislite::commands

// ==== src/commands/numbered_keys.cc ===============================================================================
namespace redislite::commands {
namespace {

bool KeysBehind(engine::Args args, size_t at, std::vector<size_t>& positions) {
  const std::optional<int64_t> keys = args.size() > at + 1 ? ParseInt64(args[at]) : std::nullopt;
  if (!keys || *keys < 1 || static_cast<uint64_t>(*keys) > args.size() - at - 1) return false;
  for (size_t i = 0; i < static_cast<size_t>(*keys); ++i) positions.push_back(at + 1 + i);
  return true;
}

}  // namespace

bool NumberedKeys(engine::Args args, std::vector<size_t>& positions) { return KeysBehind(args, 1, positions); }

bool TimeoutAndNumberedKeys(engine::Args args, std::vector<size_t>& positions) {
  return KeysBehind(args, 2, positions);
}

bool DestinationAndNumberedKeys(engine::Args args, std::vector<size_t>& positions) {
  positions.push_back(1);
  return KeysBehind(args, 2, positions);
}

}  // namespace redislite::commands

// ==== src/commands/numbers.cc =====================================================================================
namespace redislite::commands {
namespace {

using engine::Context;

std::optional<int64_t> Increment(const Context& c, resp::Writer& reply) {
  if (IsNamed(c.command(), "incr")) return 1;
  if (IsNamed(c.command(), "decr")) return -1;
  const std::optional<int64_t> given = IntegerArgument(c.arg(2), reply);
  if (!given || IsNamed(c.command(), "incrby")) return given;
  if (*given == std::numeric_limits<int64_t>::min()) {
    reply.Error(Code::kValue, "ERR decrement would overflow");
    return {};
  }
  return -*given;
}

}  // namespace

void Incr(Context& c) {
  const Bytes key = c.arg(1);
  const std::optional<int64_t> increment = Increment(c, c.reply());
  if (!increment) return;
  const auto string = c.Read<types::String>(key);
  if (string.wrong_type) return c.WrongType();
  int64_t value = 0;
  if (string) {
    char scratch[kInt64TextMax];
    const std::optional<int64_t> read =
        string->is_integer() ? std::optional(string->integer()) : IntegerArgument(string->View(scratch), c.reply());
    if (!read) return;
    value = *read;
  }
  int64_t sum;
  if (__builtin_add_overflow(value, *increment, &sum)) {
    return c.reply().Error(Code::kValue, "ERR increment or decrement would overflow");
  }
  if (!c.BeginWrite()) return;
  c.Put(key, types::Value(types::String(sum)), Context::Expiry::kKeep);
  c.reply().Integer(sum);
}

void IncrByFloat(Context& c) {
  const Bytes key = c.arg(1);
  const auto string = c.Read<types::String>(key);
  if (string.wrong_type) return c.WrongType();
  char scratch[kInt64TextMax];
  const std::optional<long double> value = string ? ParseLongDouble(string->View(scratch)) : 0.0L;
  if (!value) return c.NotFloat();
  const std::optional<long double> increment = ParseLongDouble(c.arg(2));
  if (!increment) return c.NotFloat();
  const long double sum = *value + *increment;
  if (!std::isfinite(sum)) return c.reply().Error(Code::kValue, "ERR increment would produce NaN or Infinity");
  std::string text = FormatLongDouble(sum);
  c.reply().Bulk(text);
  c.ReplaceWith({"SET", std::string(key), std::move(text), "KEEPTTL"});
}

}  // namespace redislite::commands

// ==== src/commands/object.cc ======================================================================================
namespace redislite::commands {

using engine::Context;

void ObjectEncoding(Context& c) {
  const types::Value* value = c.Peek(c.arg(2));
  if (value == nullptr) return c.reply().Null();
  c.reply().Bulk(value->encoding());
}

void ObjectRefCount(Context& c) {
  if (!c.Exists(c.arg(2))) return c.reply().Null();
  c.reply().Integer(1);  // bytes may be shared between keys, values are not
}

void ObjectIdleTime(Context& c) {
  if (!c.Exists(c.arg(2))) return c.reply().Null();
  if (c.CountsAccess()) {
    return c.reply().Error(
        Code::kCommand,
        "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between "
        "policies at runtime LRU and LFU data will take some time to adjust.");
  }
  c.reply().Integer(c.IdleSeconds(c.arg(2)));
}

void ObjectFreq(Context& c) {
  if (!c.Exists(c.arg(2))) return c.reply().Null();
  if (!c.CountsAccess()) {
    return c.reply().Error(
        Code::kCommand,
        "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching "
        "between policies at runtime LRU and LFU data will take some time to adjust.");
  }
  c.reply().Integer(c.AccessFrequency(c.arg(2)));
}

void ObjectHelp(Context& c) {
  WriteHelp("OBJECT",
            {"ENCODING <key>", "    Return the kind of internal representation used in order to store the value",
             "    associated with a <key>.", "FREQ <key>",
             "    Return the access frequency index of the <key>. The returned integer is",
             "    proportional to the logarithm of the recent access frequency of the key.", "IDLETIME <key>",
             "    Return the idle time of the <key>, that is the approximated number of",
             "    seconds elapsed since the last access to the key.", "REFCOUNT <key>",
             "    Return the number of references of the value associated with the specified", "    <key>."},
            c.reply());
}

}  // namespace redislite::commands

// ==== src/commands/replication.cc =================================================================================
namespace redislite::commands {
namespace {

using engine::Context;

bool CheckTimeout(Bytes text, resp::Writer& reply) {
  const std::optional<int64_t> ms = AtLeastArgument(text, 0, "ERR timeout is negative", reply);
  return ms.has_value();
}

}  // namespace

void Role(Context& c) {
  c.reply().Array(3);
  c.reply().Bulk("master");
  c.reply().Integer(0);
  c.reply().Array(0);
}

void ReplicaOf(Context& c) {
  if (EqualsIgnoreCase(c.arg(1), "no") && EqualsIgnoreCase(c.arg(2), "one")) return c.reply().Ok();
  const std::optional<int64_t> port = AtLeastArgument(c.arg(2), 0, "ERR Invalid master port", c.reply());
  if (!port) return;
  c.reply().Error(Code::kInvalid, "ERR a store can not be a replica: there is no replication");
}

void Wait(Context& c) {
  const std::optional<int64_t> count = IntegerArgument(c.arg(1), c.reply());
  if (!count || !CheckTimeout(c.arg(2), c.reply())) return;
  c.reply().Integer(0);
}

void WaitAof(Context& c) {
  constexpr char kRange[] = "ERR value is out of range, value must between 0 and 1";
  const std::optional<int64_t> local = AtLeastArgument(c.arg(1), 0, kRange, c.reply());
  if (!local) return;
  if (*local > 1) return c.reply().Error(Code::kValue, kRange);
  const std::optional<int64_t> replicas =
      AtLeastArgument(c.arg(2), 0, "ERR value is out of range, must be positive", c.reply());
  if (!replicas || !CheckTimeout(c.arg(3), c.reply())) return;
  if (*local == 1 && c.engine().in_memory()) {
    return c.reply().Error(Code::kInvalid,
                           "ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.");
  }
  if (*local == 1) {
    if (const Status synced = c.engine().Sync(); !synced.ok()) {
      return c.reply().Error(synced.code(), "ERR " + synced.message());
    }
  }
  c.reply().Array(2);
  c.reply().Integer(c.engine().in_memory() ? 0 : *local);
  c.reply().Integer(0);
}

}  // namespace redislite::commands

// ==== src/commands/scan.cc ========================================================================================
namespace redislite::commands {

using engine::Context;

void Keys(Context& c) {
  constexpr size_t kStep = 1000;
  const bool all = c.arg(1) == "*";
  const size_t mark = c.reply().BeginArray();
  size_t count = 0;
  uint64_t cursor = 0;
  do {
    cursor = c.Scan(cursor, kStep, [&](Bytes key, const types::Value&) {
      if (!all && !GlobMatch(c.arg(1), key)) return;
      c.reply().Bulk(key);
      ++count;
    });
  } while (cursor != 0);
  c.reply().EndArray(mark, count);
}

void Scan(Context& c) {
  const std::optional<ScanArguments> scan = ParseScan(c.args().subspan(1), ScanOf::kKeys, c.reply());
  if (!scan) return;
  std::vector<std::string> keys;
  const uint64_t next = c.Scan(scan->cursor, scan->count, [&](Bytes key, const types::Value& value) {
    if (scan->type && !EqualsIgnoreCase(*scan->type, types::TypeName(value.type()))) return;
    if (scan->pattern && !GlobMatch(*scan->pattern, key)) return;
    keys.emplace_back(key);
  });
  c.reply().Array(2);
  c.reply().Bulk(std::to_string(next));
  c.reply().Array(keys.size());
  for (const std::string& key : keys) c.reply().Bulk(key);
}

void RandomKey(Context& c) {
  if (!c.RandomKey([&](Bytes key) { c.reply().Bulk(key); })) c.reply().Null();
}

}  // namespace redislite::commands

// ==== src/commands/server.cc ======================================================================================
namespace redislite::commands {
namespace {

using engine::Context;

void WriteFailure_commands_server(const Status& status, resp::Writer& reply) { reply.Error(status.code(), "ERR " + status.message()); }

}  // namespace

void Info(Context& c) { c.reply().Verbatim(c.engine().Info(c.args().subspan(1))); }

void Time(Context& c) {
  const int64_t now_ms = c.now_ms();
  c.reply().Array(2);
  c.reply().BulkInteger(now_ms / 1000);
  c.reply().BulkInteger(now_ms % 1000 * 1000);
}

void Save(Context& c) {
  const Status saved = c.engine().Snapshot();
  if (!saved.ok()) return WriteFailure_commands_server(saved, c.reply());
  c.reply().Ok();
}

void BgSave(Context& c) {
  const bool schedule = c.args().size() == 2 && EqualsIgnoreCase(c.arg(1), "schedule");
  if (c.args().size() > 1 && !schedule) return c.SyntaxError();
  const Status started = c.engine().StartBackgroundSnapshot();
  if (started.code() == Code::kBusy) return c.reply().Error(Code::kBusy, "ERR Background save already in progress");
  if (!started.ok()) return WriteFailure_commands_server(started, c.reply());
  c.reply().Status("Background saving started");
}

void BgRewriteAof(Context& c) {
  const Status started = c.engine().StartBackgroundSnapshot();
  if (started.code() == Code::kBusy) {
    return c.reply().Error(Code::kBusy, "ERR Background append only file rewriting already in progress");
  }
  if (!started.ok()) return WriteFailure_commands_server(started, c.reply());
  c.reply().Status("Background append only file rewriting started");
}

void LastSave(Context& c) { c.reply().Integer(c.engine().last_save_s()); }

}  // namespace redislite::commands

// ==== src/commands/set.h ==========================================================================================
namespace redislite::commands {

enum class TimeForm : uint8_t { kSeconds, kMilliseconds, kUnixSeconds, kUnixMilliseconds };

struct SetOptions {
  enum class Condition : uint8_t { kNone, kMissing, kExists };  // NX, XX

  Condition condition = Condition::kNone;
  bool get = false;
  bool keep_ttl = false;
  bool persist = false;
  std::optional<TimeForm> form;
  Bytes time;  // as given, when there is a form
};

std::optional<TimeForm> TimeFormNamed(Bytes word);

std::optional<SetOptions> ParseSetOptions(engine::Args args, resp::Writer& reply);
std::optional<SetOptions> ParseGetExOptions(engine::Args args, resp::Writer& reply);

std::optional<int64_t> PositiveExpiry(Bytes time, TimeForm form, int64_t now_ms, Bytes command, resp::Writer& reply);

}  // namespace redislite::commands

// ==== src/commands/string_reply.h =================================================================================
namespace redislite::commands {

inline void WriteString(const types::String& string, resp::Writer& reply) {
  char scratch[kInt64TextMax];
  reply.Bulk(string.View(scratch));
}

inline void WriteStringOrNull(const types::String* string, resp::Writer& reply) {
  if (string == nullptr) return reply.Null();
  WriteString(*string, reply);
}

}  // namespace redislite::commands

// ==== src/commands/set.cc =========================================================================================
namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using engine::Rewrite;
using Condition_commands_set = SetOptions::Condition;

size_t ReadTimeOption(Args args, size_t at, SetOptions& options) {
  const std::optional<TimeForm> form = TimeFormNamed(args[at]);
  if (!form || at + 1 == args.size() || options.keep_ttl || options.persist) return 0;
  if (options.form && *options.form != *form) return 0;
  options.form = form;
  options.time = args[at + 1];
  return 2;
}

void Store_commands_set(Context& c, Bytes key, Bytes value, const SetOptions& options, std::optional<int64_t> expires_at_ms) {
  const bool gone_at_once = expires_at_ms && *expires_at_ms <= c.now_ms();
  const bool asks = options.get || options.condition != Condition_commands_set::kNone || gone_at_once;
  const types::Value* before = asks ? c.Find(key) : nullptr;
  const types::String* before_string = before == nullptr ? nullptr : before->As<types::String>();
  if (options.get && before != nullptr && before_string == nullptr) return c.WrongType();

  const bool refused = (options.condition == Condition_commands_set::kMissing && before != nullptr) ||
                       (options.condition == Condition_commands_set::kExists && before == nullptr);
  const bool changes = !refused && !(gone_at_once && before == nullptr);
  if (changes && !c.BeginWrite()) return;

  if (options.get) {
    WriteStringOrNull(before_string, c.reply());
  } else if (refused) {
    c.reply().Null();
  } else {
    c.reply().Ok();
  }
  if (!changes) return;
  if (gone_at_once) {
    c.Remove(key);
    return;
  }
  c.Put(key, types::Value(types::String::Borrow(value)),
        options.keep_ttl ? Context::Expiry::kKeep : Context::Expiry::kRemove);
  if (expires_at_ms) c.ExpireAt(key, *expires_at_ms);
}

void PutPairs(Context& c) {
  for (size_t i = 1; i < c.args().size(); i += 2) {
    c.Put(c.arg(i), types::Value(types::String::Borrow(c.arg(i + 1))));
  }
}

TimeForm SetExForm(Bytes name) { return name == "setex" ? TimeForm::kSeconds : TimeForm::kMilliseconds; }

}  // namespace

std::optional<TimeForm> TimeFormNamed(Bytes word) {
  if (EqualsIgnoreCase(word, "ex")) return TimeForm::kSeconds;
  if (EqualsIgnoreCase(word, "px")) return TimeForm::kMilliseconds;
  if (EqualsIgnoreCase(word, "exat")) return TimeForm::kUnixSeconds;
  if (EqualsIgnoreCase(word, "pxat")) return TimeForm::kUnixMilliseconds;
  return {};
}

std::optional<SetOptions> ParseSetOptions(Args args, resp::Writer& reply) {
  SetOptions options;
  for (size_t i = 0; i < args.size();) {
    if (EqualsIgnoreCase(args[i], "nx") && options.condition != Condition_commands_set::kExists) {
      options.condition = Condition_commands_set::kMissing;
      ++i;
    } else if (EqualsIgnoreCase(args[i], "xx") && options.condition != Condition_commands_set::kMissing) {
      options.condition = Condition_commands_set::kExists;
      ++i;
    } else if (EqualsIgnoreCase(args[i], "get")) {
      options.get = true;
      ++i;
    } else if (EqualsIgnoreCase(args[i], "keepttl") && !options.form) {
      options.keep_ttl = true;
      ++i;
    } else if (const size_t taken = ReadTimeOption(args, i, options); taken != 0) {
      i += taken;
    } else {
      WriteSyntaxError(reply);
      return {};
    }
  }
  return options;
}

std::optional<SetOptions> ParseGetExOptions(Args args, resp::Writer& reply) {
  SetOptions options;
  for (size_t i = 0; i < args.size();) {
    if (EqualsIgnoreCase(args[i], "persist") && !options.form) {
      options.persist = true;
      ++i;
    } else if (const size_t taken = ReadTimeOption(args, i, options); taken != 0) {
      i += taken;
    } else {
      WriteSyntaxError(reply);
      return {};
    }
  }
  return options;
}

std::optional<int64_t> PositiveExpiry(Bytes time, TimeForm form, int64_t now_ms, Bytes command, resp::Writer& reply) {
  std::optional<int64_t> value = IntegerArgument(time, reply);
  if (!value) return {};
  const bool seconds = form == TimeForm::kSeconds || form == TimeForm::kUnixSeconds;
  const bool relative = form == TimeForm::kSeconds || form == TimeForm::kMilliseconds;
  int64_t at_ms = *value;
  if (*value <= 0 || (seconds && __builtin_mul_overflow(at_ms, 1000, &at_ms)) ||
      (relative && __builtin_add_overflow(at_ms, now_ms, &at_ms)) || at_ms <= 0) {
    WriteBadExpiry(command, reply);
    return {};
  }
  return at_ms;
}

void Set(Context& c) {
  const std::optional<SetOptions> options = ParseSetOptions(c.args().subspan(3), c.reply());
  if (!options) return;
  std::optional<int64_t> expires_at_ms;
  if (options->form) {
    expires_at_ms = PositiveExpiry(options->time, *options->form, c.now_ms(), c.command().name, c.reply());
    if (!expires_at_ms) return;
  }
  Store_commands_set(c, c.arg(1), c.arg(2), *options, expires_at_ms);
}

bool RewriteSet(Rewrite& rewrite) {
  const Args args = rewrite.args();
  if (args.size() == 3) return true;
  const std::optional<SetOptions> options = ParseSetOptions(args.subspan(3), rewrite.reply());
  if (!options) return false;
  if (!options->form) return true;
  const std::optional<int64_t> at_ms =
      PositiveExpiry(options->time, *options->form, rewrite.now_ms(), "set", rewrite.reply());
  if (!at_ms) return false;
  if (*options->form == TimeForm::kUnixMilliseconds) return true;

  std::vector<std::string> canonical{"SET", std::string(args[1]), std::string(args[2])};
  for (size_t i = 3; i < args.size(); ++i) {
    if (TimeFormNamed(args[i])) {
      ++i;  // its time
    } else {
      canonical.emplace_back(args[i]);
    }
  }
  canonical.insert(canonical.end(), {"PXAT", std::to_string(*at_ms)});
  rewrite.ReplaceBy(std::move(canonical));
  return true;
}

void SetEx(Context& c) {
  const std::optional<int64_t> at_ms =
      PositiveExpiry(c.arg(2), SetExForm(c.command().name), c.now_ms(), c.command().name, c.reply());
  if (at_ms) Store_commands_set(c, c.arg(1), c.arg(3), SetOptions(), at_ms);
}

bool RewriteSetEx(Rewrite& rewrite) {
  const Args args = rewrite.args();
  const Bytes name = FindCommand(args[0])->name;
  const std::optional<int64_t> at_ms =
      PositiveExpiry(args[2], SetExForm(name), rewrite.now_ms(), name, rewrite.reply());
  if (!at_ms) return false;
  rewrite.ReplaceBy({"SET", std::string(args[1]), std::string(args[3]), "PXAT", std::to_string(*at_ms)});
  return true;
}

void SetNx(Context& c) {
  if (c.Exists(c.arg(1))) return c.reply().Integer(0);
  if (!c.BeginWrite()) return;
  c.Put(c.arg(1), types::Value(types::String::Borrow(c.arg(2))));
  c.reply().Integer(1);
}

void GetSet(Context& c) {
  SetOptions options;
  options.get = true;
  Store_commands_set(c, c.arg(1), c.arg(2), options, {});
}

void MSet(Context& c) {
  if (c.args().size() % 2 == 0) return c.WrongArity();
  if (!c.BeginWrite()) return;
  PutPairs(c);
  c.reply().Ok();
}

void MSetNx(Context& c) {
  if (c.args().size() % 2 == 0) return c.WrongArity();
  for (size_t i = 1; i < c.args().size(); i += 2) {
    if (c.Exists(c.arg(i))) return c.reply().Integer(0);
  }
  if (!c.BeginWrite()) return;
  PutPairs(c);
  c.reply().Integer(1);
}

void GetEx(Context& c) {
  const std::optional<SetOptions> options = ParseGetExOptions(c.args().subspan(2), c.reply());
  if (!options) return;
  const Bytes key = c.arg(1);
  const auto string = c.Read<types::String>(key);
  if (string.wrong_type) return c.WrongType();
  if (!string) return c.reply().Null();  // the time is not looked at, as in Redis
  std::optional<int64_t> expires_at_ms;
  if (options->form) {
    expires_at_ms = PositiveExpiry(options->time, *options->form, c.now_ms(), c.command().name, c.reply());
    if (!expires_at_ms) return;
  }
  const bool changes = expires_at_ms || (options->persist && c.ExpiresAt(key));
  if (changes && !c.BeginWrite()) return;

  WriteString(*string, c.reply());
  if (!changes) return;
  if (expires_at_ms) {
    c.ExpireAt(key, *expires_at_ms);
  } else {
    c.Persist(key);
  }
}

bool RewriteGetEx(Rewrite& rewrite) {
  const Args args = rewrite.args();
  const std::optional<SetOptions> options = ParseGetExOptions(args.subspan(2), rewrite.reply());
  if (!options) return false;
  if (!options->form || *options->form == TimeForm::kUnixMilliseconds) return true;
  resp::Writer dropped;
  const std::optional<int64_t> at_ms =
      PositiveExpiry(options->time, *options->form, rewrite.now_ms(), "getex", dropped);
  if (at_ms) rewrite.ReplaceBy({"GETEX", std::string(args[1]), "PXAT", std::to_string(*at_ms)});
  return true;
}

}  // namespace redislite::commands

// ==== src/commands/sets.cc ========================================================================================
namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using engine::Typed;

std::optional<Typed<const types::Set>> ReadSet(Context& c, Bytes key) {
  const Typed<const types::Set> set = c.Read<types::Set>(key);
  if (!set.wrong_type) return set;
  c.WrongType();
  return {};
}

bool Has_commands_sets(const Typed<const types::Set>& set, Bytes member) { return set && set->Has(member); }


using Sources = std::vector<const types::Set*>;
std::optional<Sources> ReadSets(Context& c, Args keys) {
  Sources sets;
  for (const Bytes key : keys) {
    const std::optional<Typed<const types::Set>> set = ReadSet(c, key);
    if (!set) return {};
    sets.push_back(set->object);
  }
  return sets;
}


template <typename Visit>
void VisitIntersection_commands_sets(Sources sets, const Visit& visit) {
  if (std::find(sets.begin(), sets.end(), nullptr) != sets.end()) return;
  std::stable_sort(sets.begin(), sets.end(),
                   [](const types::Set* a, const types::Set* b) { return a->size() < b->size(); });
  sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
  sets.front()->ForEach([&](Bytes member) {
    const bool everywhere =
        std::all_of(sets.begin() + 1, sets.end(), [member](const types::Set* set) { return set->Has(member); });
    return !everywhere || visit(member);
  });
}

template <typename Visit>
void VisitUnion(const Sources& sets, const Visit& visit) {
  bool more = true;
  for (size_t i = 0; i < sets.size() && more; ++i) {
    if (sets[i] == nullptr) continue;
    sets[i]->ForEach([&](Bytes member) {
      const bool seen = std::any_of(sets.begin(), sets.begin() + static_cast<std::ptrdiff_t>(i),
                                    [member](const types::Set* set) { return set != nullptr && set->Has(member); });
      more = seen || visit(member);
      return more;
    });
  }
}

template <typename Visit>
void VisitDifference(const Sources& sets, const Visit& visit) {
  if (sets.front() == nullptr) return;
  sets.front()->ForEach([&](Bytes member) {
    const bool elsewhere = std::any_of(sets.begin() + 1, sets.end(),
                                       [member](const types::Set* set) { return set != nullptr && set->Has(member); });
    return elsewhere || visit(member);
  });
}

enum class Operation_commands_sets : uint8_t { kIntersection, kUnion, kDifference };

template <typename Visit>
void VisitResult(Operation_commands_sets operation, const Sources& sets, const Visit& visit) {
  switch (operation) {
    case Operation_commands_sets::kIntersection:
      return VisitIntersection_commands_sets(sets, visit);
    case Operation_commands_sets::kUnion:
      return VisitUnion(sets, visit);
    case Operation_commands_sets::kDifference:
      return VisitDifference(sets, visit);
  }
}

void ReplyResult(Context& c, Operation_commands_sets operation) {
  const std::optional<Sources> sets = ReadSets(c, c.args().subspan(1));
  if (!sets) return;
  const size_t mark = c.reply().BeginArray();
  size_t count = 0;
  VisitResult(operation, *sets, [&](Bytes member) {
    c.reply().Bulk(member);
    ++count;
    return true;
  });
  c.reply().EndSet(mark, count);
}

void StoreResult(Context& c, Operation_commands_sets operation) {
  const Bytes destination = c.arg(1);
  const std::optional<Sources> sets = ReadSets(c, c.args().subspan(2));
  if (!sets) return;
  bool empty = true;
  VisitResult(operation, *sets, [&](Bytes) { return empty = false; });
  if (empty) {
    if (c.Exists(destination) && c.BeginWrite()) c.Remove(destination);
    return c.reply().Integer(0);
  }
  uint64_t bytes = 0;
  for (const types::Set* set : *sets) bytes += set == nullptr ? 0 : set->memory_bytes();
  if (!c.BeginWrite(bytes)) return;
  types::Value value(c.memory(), c.New<types::Set>());
  types::Set& result = *value.As<types::Set>();
  VisitResult(operation, *sets, [&](Bytes member) {
    result.Add(member);
    return true;
  });
  c.Put(destination, std::move(value));
  c.reply().Integer(static_cast<int64_t>(result.size()));
}

}  // namespace

void SAdd(Context& c) {
  const std::optional<Typed<const types::Set>> set = ReadSet(c, c.arg(1));
  if (!set) return;
  const Args members = c.args().subspan(2);
  if (std::all_of(members.begin(), members.end(), [&](Bytes member) { return Has_commands_sets(*set, member); })) {
    return c.reply().Integer(0);
  }
  if (!c.BeginWrite()) return;
  types::Set& target = c.ChangeOrCreate<types::Set>(c.arg(1));
  target.Foresee(members.size(), members.front());
  int64_t added = 0;
  for (const Bytes member : members) added += target.Add(member) ? 1 : 0;
  c.reply().Integer(added);
}

void SRem(Context& c) {
  const std::optional<Typed<const types::Set>> set = ReadSet(c, c.arg(1));
  if (!set) return;
  const Args members = c.args().subspan(2);
  if (std::none_of(members.begin(), members.end(), [&](Bytes member) { return Has_commands_sets(*set, member); })) {
    return c.reply().Integer(0);
  }
  if (!c.BeginWrite()) return;
  types::Set& target = *c.Change<types::Set>(c.arg(1));
  int64_t erased = 0;
  for (const Bytes member : members) erased += target.Erase(member) ? 1 : 0;
  if (target.size() == 0) c.Remove(c.arg(1));
  c.reply().Integer(erased);
}

void SMove(Context& c) {
  const Bytes from = c.arg(1);
  const Bytes to = c.arg(2);
  const Bytes member = c.arg(3);
  const std::optional<Typed<const types::Set>> source = ReadSet(c, from);
  if (!source) return;
  if (source->missing()) return c.reply().Integer(0);
  const std::optional<Typed<const types::Set>> target = ReadSet(c, to);
  if (!target) return;
  if (!(*source)->Has(member)) return c.reply().Integer(0);
  if (from == to) return c.reply().Integer(1);
  if (!c.BeginWrite()) return;
  if (!Has_commands_sets(*target, member)) c.ChangeOrCreate<types::Set>(to).Add(member);
  types::Set& rest = *c.Change<types::Set>(from);
  rest.Erase(member);
  if (rest.size() == 0) c.Remove(from);
  c.reply().Integer(1);
}

void SIsMember(Context& c) {
  const std::optional<Typed<const types::Set>> set = ReadSet(c, c.arg(1));
  if (set) c.reply().Integer(Has_commands_sets(*set, c.arg(2)) ? 1 : 0);
}

void SMIsMember(Context& c) {
  const std::optional<Typed<const types::Set>> set = ReadSet(c, c.arg(1));
  if (!set) return;
  c.reply().Array(c.args().size() - 2);
  for (const Bytes member : c.args().subspan(2)) c.reply().Integer(Has_commands_sets(*set, member) ? 1 : 0);
}

void SCard(Context& c) {
  const std::optional<Typed<const types::Set>> set = ReadSet(c, c.arg(1));
  if (set) c.reply().Integer(*set ? static_cast<int64_t>((*set)->size()) : 0);
}

void SMembers(Context& c) {
  const std::optional<Typed<const types::Set>> set = ReadSet(c, c.arg(1));
  if (!set) return;
  if (set->missing()) return c.reply().Set(0);
  c.reply().Set((*set)->size());
  (*set)->ForEach([&](Bytes member) {
    c.reply().Bulk(member);
    return true;
  });
}

void SPop(Context& c) {
  if (c.args().size() > 3) return c.SyntaxError();
  const Bytes key = c.arg(1);
  std::optional<int64_t> count;
  if (c.args().size() == 3) {
    count = AtLeastArgument(c.arg(2), 0, "ERR value is out of range, must be positive", c.reply());
    if (!count) return;
  }
  const std::optional<Typed<const types::Set>> found = ReadSet(c, key);
  if (!found) return;
  if (found->missing()) return count ? c.reply().Set(0) : c.reply().Null();
  if (count == 0) return c.reply().Set(0);

  const types::Set& set = **found;
  const size_t drawn = count ? static_cast<size_t>(std::min<uint64_t>(static_cast<uint64_t>(*count), set.size())) : 1;
  std::vector<std::string> removal = {"SREM", std::string(key)};
  const bool all = drawn == set.size();
  if (all) removal.front() = "DEL";
  if (count) c.reply().Set(drawn);
  const auto take = [&](Bytes member) {
    c.reply().Bulk(member);
    if (!all) removal.emplace_back(member);
    return true;
  };
  if (count) {
    SampleDistinct(set, drawn, ReaderRandom(c), take);
  } else {
    set.Sample(ReaderRandom(c), take);
  }
  c.ReplaceWith(std::move(removal));
}

void SRandMember(Context& c) {
  if (c.args().size() > 3) return c.SyntaxError();
  const bool one = c.args().size() == 2;
  const std::optional<int64_t> parsed = one ? -1 : NegatableArgument(c.arg(2), c.reply());
  if (!parsed) return;
  const DrawCount count(*parsed);
  const std::optional<Typed<const types::Set>> found = ReadSet(c, c.arg(1));
  if (!found) return;
  if (found->missing() || count.number == 0) return one ? c.reply().Null() : c.reply().Array(0);
  const types::Set& set = **found;
  if (count.repeats && !DrawsFit(set, count.number)) {
    return c.reply().Error(Code::kValue, "ERR value is out of range");
  }
  if (!one) c.reply().Array(DrawSize(set, count));
  Draw(set, count, ReaderRandom(c), [&](Bytes member) { c.reply().Bulk(member); });
}

void SInter(Context& c) { ReplyResult(c, Operation_commands_sets::kIntersection); }
void SUnion(Context& c) { ReplyResult(c, Operation_commands_sets::kUnion); }
void SDiff(Context& c) { ReplyResult(c, Operation_commands_sets::kDifference); }
void SInterStore(Context& c) { StoreResult(c, Operation_commands_sets::kIntersection); }
void SUnionStore(Context& c) { StoreResult(c, Operation_commands_sets::kUnion); }
void SDiffStore(Context& c) { StoreResult(c, Operation_commands_sets::kDifference); }

void SInterCard(Context& c) {
  const std::optional<CardArguments> card = ParseInterCard(c.args(), c.reply());
  if (!card) return;
  const std::optional<Sources> sets = ReadSets(c, c.args().subspan(2, card->keys));
  if (!sets) return;
  int64_t count = 0;
  VisitIntersection_commands_sets(*sets, [&](Bytes) { return ++count != card->limit; });
  c.reply().Integer(count);
}

void SScan(Context& c) {
  if (!ParseCursor(c.arg(2), c.reply())) return;
  const std::optional<Typed<const types::Set>> set = ReadSet(c, c.arg(1));
  if (!set) return;
  if (set->missing()) return WriteScanEnd(c.reply());  // before the options are read, as in Redis
  const std::optional<ScanArguments> scan = ParseScan(c.args().subspan(2), ScanOf::kElements, c.reply());
  if (!scan) return;
  std::vector<std::string> found;  // the cursor is replied first and known last
  const uint64_t next = (*set)->Scan(scan->cursor, scan->count, [&](Bytes member) {
    if (!scan->pattern || GlobMatch(*scan->pattern, member)) found.emplace_back(member);
    return true;
  });
  c.reply().Array(2);
  c.reply().Bulk(std::to_string(next));
  c.reply().Array(found.size());
  for (const std::string& member : found) c.reply().Bulk(member);
}

}  // namespace redislite::commands

// ==== src/commands/slowlog.cc =====================================================================================
namespace redislite::commands {

using engine::Context;
using engine::SlowLog;

void SlowLogGet(Context& c) {
  constexpr size_t kCountDefault = 10;
  if (c.args().size() > 3) return c.WrongArity();
  size_t count = kCountDefault;
  if (c.args().size() == 3) {
    const std::optional<int64_t> asked =
        AtLeastArgument(c.arg(2), -1, "ERR count should be greater than or equal to -1", c.reply());
    if (!asked) return;
    count = *asked < 0 ? std::numeric_limits<size_t>::max() : static_cast<size_t>(*asked);
  }
  const std::vector<SlowLog::Entry> entries = c.engine().command_statistics().slow_log().Newest(count);
  c.reply().Array(entries.size());
  for (const SlowLog::Entry& entry : entries) {
    c.reply().Array(6);
    c.reply().Integer(static_cast<int64_t>(entry.id));
    c.reply().Integer(entry.at_s);
    c.reply().Integer(entry.took_us);
    c.reply().Array(entry.args.size());
    for (const std::string& arg : entry.args) c.reply().Bulk(arg);
    c.reply().Bulk(entry.address);
    c.reply().Bulk(entry.name);
  }
}

void SlowLogLen(Context& c) {
  c.reply().Integer(static_cast<int64_t>(c.engine().command_statistics().slow_log().size()));
}

void SlowLogReset(Context& c) {
  c.engine().command_statistics().slow_log().Clear();
  c.reply().Ok();
}

void SlowLogHelp(Context& c) {
  WriteHelp("SLOWLOG",
            {
                "GET [<count>]",
                "    Return top <count> entries from the slowlog (default: 10, -1 mean all).",
                "    Entries are made of:",
                "    id, timestamp, time in microseconds, arguments array, client IP and port,",
                "    client name",
                "LEN",
                "    Return the length of the slowlog.",
                "RESET",
                "    Reset the slowlog.",
            },
            c.reply());
}

}  // namespace redislite::commands

// ==== src/commands/sort.cc ========================================================================================
namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using engine::Rewrite;

struct SortOptions {
  bool descending = false;
  bool alphabetic = false;
  int64_t limit_start = 0;
  int64_t limit_count = -1;  // negative: all
  std::optional<Bytes> by;
  std::vector<Bytes> get;
  std::optional<Bytes> store;

  bool sorts() const { return !by || by->find('*') != Bytes::npos; }
};

std::optional<SortOptions> ParseSortOptions(Args args, bool may_store, resp::Writer& reply) {
  SortOptions options;
  for (size_t i = 0; i < args.size(); ++i) {
    const size_t behind = args.size() - i - 1;
    if (EqualsIgnoreCase(args[i], "asc")) {
      options.descending = false;
    } else if (EqualsIgnoreCase(args[i], "desc")) {
      options.descending = true;
    } else if (EqualsIgnoreCase(args[i], "alpha")) {
      options.alphabetic = true;
    } else if (EqualsIgnoreCase(args[i], "limit") && behind >= 2) {
      const std::optional<int64_t> start = IntegerArgument(args[++i], reply);
      if (!start) return {};
      const std::optional<int64_t> count = IntegerArgument(args[++i], reply);
      if (!count) return {};
      options.limit_start = *start;
      options.limit_count = *count;
    } else if (may_store && EqualsIgnoreCase(args[i], "store") && behind >= 1) {
      options.store = args[++i];
    } else if (EqualsIgnoreCase(args[i], "by") && behind >= 1) {
      options.by = args[++i];
    } else if (EqualsIgnoreCase(args[i], "get") && behind >= 1) {
      options.get.push_back(args[++i]);
    } else {
      WriteSyntaxError(reply);
      return {};
    }
  }
  return options;
}

std::optional<std::string> LookUp(const Context& c, Bytes pattern, const std::string& element) {
  if (pattern == "#") return element;
  const size_t star = pattern.find('*');
  if (star == Bytes::npos) return {};
  const size_t arrow = pattern.find("->", star + 1);
  const bool has_field = arrow != Bytes::npos && arrow + 2 < pattern.size();
  std::string key(pattern.substr(0, star));
  key.append(element);
  key.append(pattern.substr(star + 1, has_field ? arrow - star - 1 : Bytes::npos));
  if (has_field) {
    const auto hash = c.Read<types::Hash>(key);
    const std::optional<Bytes> value = hash ? hash->Get(pattern.substr(arrow + 2)) : std::nullopt;
    return value ? std::optional<std::string>(*value) : std::nullopt;
  }
  const auto string = c.Read<types::String>(key);
  return string ? std::optional(string->ToString()) : std::nullopt;
}

struct Item_commands_sort {
  std::string element;
  double score = 0;               // what it is sorted by, or
  std::optional<std::string> by;  // with BY and ALPHA
};

std::optional<double> ReadScore(Bytes text) {
  text = text.substr(0, text.find('\0'));
  if (text.empty()) return 0;
  const std::optional<double> score = ParseDouble(WithoutLeadingSpace(text));
  return score && std::isnan(*score) ? std::nullopt : score;
}

struct SortWindow {
  size_t start;
  size_t count;
};

SortWindow LimitOf(const SortOptions& options, size_t size) {
  const auto all = static_cast<int64_t>(size);
  const int64_t start = std::clamp<int64_t>(options.limit_start, 0, all);
  const int64_t count = options.limit_count < 0 ? all : std::min(options.limit_count, all);
  return {static_cast<size_t>(start), static_cast<size_t>(std::min(count, all - start))};
}

bool ReadElements(const types::Value& value, std::vector<Item_commands_sort>& items) {
  if (const auto* list = value.As<types::List>()) {
    items.reserve(list->size());
    list->ForEach(0, [&](Bytes element) {
      items.push_back({std::string(element), 0, {}});
      return true;
    });
    return true;
  }
  if (const auto* set = value.As<types::Set>()) {
    items.reserve(set->size());
    set->ForEach([&](Bytes member) {
      items.push_back({std::string(member), 0, {}});
      return true;
    });
    std::sort(items.begin(), items.end(), [](const Item_commands_sort& a, const Item_commands_sort& b) { return a.element < b.element; });
    return true;
  }
  if (const auto* set = value.As<types::SortedSet>()) {
    items.reserve(set->size());
    set->ForEach([&](Bytes member, double) {
      items.push_back({std::string(member), 0, {}});
      return true;
    });
    return true;
  }
  return false;
}

bool ReadKeys(Context& c, const SortOptions& options, std::vector<Item_commands_sort>& items) {
  for (Item_commands_sort& item : items) {
    std::optional<std::string> by = options.by ? LookUp(c, *options.by, item.element) : std::nullopt;
    if (options.alphabetic) {
      item.by = std::move(by);
      continue;
    }
    if (options.by && !by) continue;
    const std::optional<double> score = ReadScore(by ? *by : item.element);
    if (!score) {
      c.reply().Error(Code::kValue, "ERR One or more scores can't be converted into double");
      return false;
    }
    item.score = *score;
  }
  return true;
}

void SortItems(const SortOptions& options, std::vector<Item_commands_sort>& items) {
  const auto text = [&](const std::string& bytes) {
    return options.store ? Bytes(bytes) : Bytes(bytes).substr(0, bytes.find('\0'));
  };
  const auto text_of_by = [&](const Item_commands_sort& item) { return item.by ? std::optional(text(*item.by)) : std::nullopt; };
  const auto before = [&](const Item_commands_sort& a, const Item_commands_sort& b) {
    if (!options.alphabetic) return a.score != b.score ? a.score < b.score : a.element < b.element;
    return options.by ? text_of_by(a) < text_of_by(b) : text(a.element) < text(b.element);
  };
  std::stable_sort(items.begin(), items.end(),
                   [&](const Item_commands_sort& a, const Item_commands_sort& b) { return options.descending ? before(b, a) : before(a, b); });
}

}  // namespace

void Sort(Context& c) {
  const std::optional<SortOptions> options =
      ParseSortOptions(c.args().subspan(2), !IsNamed(c.command(), "sort_ro"), c.reply());
  if (!options) return;
  const types::Value* value = c.Find(c.arg(1));
  std::vector<Item_commands_sort> items;
  if (value != nullptr && !ReadElements(*value, items)) return c.WrongType();
  if (options->sorts()) {
    if (!ReadKeys(c, *options, items)) return;
    SortItems(*options, items);
  } else if (options->descending) {
    std::reverse(items.begin(), items.end());
  }

  const SortWindow window = LimitOf(*options, items.size());
  std::vector<std::optional<std::string>> results;
  uint64_t bytes = 0;
  for (size_t i = window.start; i < window.start + window.count; ++i) {
    if (options->get.empty()) results.emplace_back(std::move(items[i].element));
    for (const Bytes pattern : options->get) results.push_back(LookUp(c, pattern, items[i].element));
  }
  for (const std::optional<std::string>& result : results) bytes += result ? result->size() : 0;

  if (!options->store) {
    c.reply().Array(results.size());
    for (const std::optional<std::string>& result : results) result ? c.reply().Bulk(*result) : c.reply().Null();
    return;
  }
  const bool changes = !results.empty() || c.Exists(*options->store);
  if (changes && !c.BeginWrite(2 * bytes + 32 * results.size())) return;
  c.reply().Integer(static_cast<int64_t>(results.size()));
  if (!changes) return;
  if (results.empty()) {
    c.Remove(*options->store);
    return;
  }
  std::vector<Bytes> elements;
  elements.reserve(results.size());
  for (const std::optional<std::string>& result : results) elements.push_back(result ? Bytes(*result) : Bytes());
  types::List* list = c.memory().New<types::List>(c.memory());
  types::Value stored(c.memory(), list);
  list->PushAllBack(elements);
  c.Put(*options->store, std::move(stored));
}

bool RewriteSort(Rewrite& rewrite) {
  const std::optional<SortOptions> options = ParseSortOptions(rewrite.args().subspan(2), true, rewrite.reply());
  if (!options) return false;
  if (options->store) return true;
  std::vector<std::string> canonical(rewrite.args().begin(), rewrite.args().end());
  canonical[0] = "SORT_RO";
  rewrite.ReplaceBy(std::move(canonical));
  return true;
}

bool SortKeys(Args args, std::vector<size_t>& positions) {
  resp::Writer dropped;
  const std::optional<SortOptions> options = ParseSortOptions(args.subspan(2), true, dropped);
  if (!options) return false;
  positions.push_back(1);
  for (size_t i = args.size() - 1; options->store && i > 1; --i) {
    if (args[i].data() != options->store->data()) continue;
    positions.push_back(i);
    break;
  }
  return true;
}

}  // namespace redislite::commands

// ==== src/commands/sorted_set_operations.cc =======================================================================
namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using types::SortedSet;

enum class SortedOperation : uint8_t { kUnion, kIntersection, kDifference };
enum class Aggregate : uint8_t { kSum, kMin, kMax };

struct Source {
  const SortedSet* sorted = nullptr;
  const types::Set* plain = nullptr;
  double weight = 1;

  size_t size() const { return sorted != nullptr ? sorted->size() : plain != nullptr ? plain->size() : 0; }
  size_t memory_bytes() const {
    return sorted != nullptr ? sorted->memory_bytes() : plain != nullptr ? plain->memory_bytes() : 0;
  }
  std::optional<double> Score(Bytes member) const {
    if (sorted != nullptr) return sorted->Score(member);
    return plain != nullptr && plain->Has(member) ? std::optional(1.0) : std::nullopt;
  }
  template <typename Visit>
  void ForEach(const Visit& visit) const {
    if (sorted != nullptr) sorted->ForEach(visit);
    if (plain != nullptr) plain->ForEach([&](Bytes member) { return visit(member, 1.0); });
  }
};

struct Query {
  SortedOperation operation = SortedOperation::kUnion;
  std::vector<Source> sources;
  Aggregate aggregate = Aggregate::kSum;
  bool with_scores = false;
  int64_t limit = 0;  // ZINTERCARD's; 0: none
};

struct Form_commands_sorted_set_operations {
  SortedOperation operation;
  size_t numkeys = 1;  // the position of the number of keys
  bool store = false;
  bool card = false;
};

std::optional<std::vector<Source>> ReadSources(Context& c, Args keys) {
  std::vector<Source> sources;
  for (const Bytes key : keys) {
    const types::Value* value = c.Find(key);
    Source& source = sources.emplace_back();
    if (value == nullptr) continue;
    source.sorted = value->As<SortedSet>();
    source.plain = value->As<types::Set>();
    if (source.sorted != nullptr || source.plain != nullptr) continue;
    c.WrongType();
    return {};
  }
  return sources;
}

std::optional<Aggregate> ParseAggregate(Bytes word) {
  if (EqualsIgnoreCase(word, "sum")) return Aggregate::kSum;
  if (EqualsIgnoreCase(word, "min")) return Aggregate::kMin;
  if (EqualsIgnoreCase(word, "max")) return Aggregate::kMax;
  return {};
}

bool ParseOperationOptions(Context& c, const Form_commands_sorted_set_operations& form, size_t at, Query& query) {
  const Args args = c.args();
  const bool weighs = form.operation != SortedOperation::kDifference && !form.card;
  while (at < args.size()) {
    const Bytes word = args[at++];
    const size_t left = args.size() - at;
    if (weighs && left >= query.sources.size() && EqualsIgnoreCase(word, "weights")) {
      for (Source& source : query.sources) {
        const std::optional<double> weight = ParseDouble(args[at++]);
        if (!weight) {
          c.reply().Error(Code::kValue, "ERR weight value is not a float");
          return false;
        }
        source.weight = *weight;
      }
    } else if (weighs && left >= 1 && EqualsIgnoreCase(word, "aggregate")) {
      const std::optional<Aggregate> aggregate = ParseAggregate(args[at++]);
      if (!aggregate) {
        c.SyntaxError();
        return false;
      }
      query.aggregate = *aggregate;
    } else if (!form.store && !form.card && EqualsIgnoreCase(word, "withscores")) {
      query.with_scores = true;
    } else if (form.card && left >= 1 && EqualsIgnoreCase(word, "limit")) {
      const std::optional<int64_t> limit = AtLeastArgument(args[at++], 0, "ERR LIMIT can't be negative", c.reply());
      if (!limit) return false;
      query.limit = *limit;
    } else {
      c.SyntaxError();
      return false;
    }
  }
  return true;
}

std::optional<Query> ParseQuery(Context& c, const Form_commands_sorted_set_operations& form) {
  const std::optional<int64_t> keys = IntegerArgument(c.arg(form.numkeys), c.reply());
  if (!keys) return {};
  if (*keys < 1) {
    c.reply().Error(
        Code::kCommand,
        std::string("ERR at least 1 input key is needed for '").append(c.command().name).append("' command"));
    return {};
  }
  const size_t first = form.numkeys + 1;
  if (static_cast<uint64_t>(*keys) > c.args().size() - first) {
    c.SyntaxError();
    return {};
  }
  const auto count = static_cast<size_t>(*keys);
  std::optional<std::vector<Source>> sources = ReadSources(c, c.args().subspan(first, count));
  if (!sources) return {};
  Query query;
  query.operation = form.operation;
  query.sources = std::move(*sources);
  if (!ParseOperationOptions(c, form, first + count, query)) return {};
  if (query.operation != SortedOperation::kDifference) {
    std::stable_sort(query.sources.begin(), query.sources.end(),
                     [](const Source& a, const Source& b) { return a.size() < b.size(); });
  }
  return query;
}

double OrZero(double score) { return std::isnan(score) ? 0 : score; }

double Combine(Aggregate aggregate, double before, double score) {
  switch (aggregate) {
    case Aggregate::kSum:
      return OrZero(before + score);
    case Aggregate::kMin:
      return std::min(before, score);
    case Aggregate::kMax:
      break;
  }
  return std::max(before, score);
}

template <typename Visit>
void VisitIntersection_commands_sorted_set_operations(const Query& query, const Visit& visit) {
  const Source& smallest = query.sources.front();
  smallest.ForEach([&](Bytes member, double score) {
    double combined = OrZero(smallest.weight * score);
    for (size_t i = 1; i < query.sources.size(); ++i) {
      const std::optional<double> other = query.sources[i].Score(member);
      if (!other) return true;
      combined = Combine(query.aggregate, combined, query.sources[i].weight * *other);
    }
    return visit(member, combined);
  });
}

void BuildUnion(const Query& query, SortedSet& result) {
  for (const Source& source : query.sources) {
    source.ForEach([&](Bytes member, double score) {
      const double weighed = OrZero(source.weight * score);
      const std::optional<double> before = result.Score(member);
      result.Set(member, before ? Combine(query.aggregate, *before, weighed) : weighed);
      return true;
    });
  }
}

void BuildDifference(const Query& query, SortedSet& result) {
  query.sources.front().ForEach([&](Bytes member, double score) {
    const bool elsewhere = std::any_of(query.sources.begin() + 1, query.sources.end(),
                                       [member](const Source& source) { return source.Score(member).has_value(); });
    if (!elsewhere) result.Set(member, score);
    return true;
  });
}

types::Value Build_commands_sorted_set_operations(Context& c, const Query& query) {
  types::Value value(c.memory(), c.New<SortedSet>());
  SortedSet& result = *value.As<SortedSet>();
  switch (query.operation) {
    case SortedOperation::kUnion:
      BuildUnion(query, result);
      break;
    case SortedOperation::kIntersection:
      VisitIntersection_commands_sorted_set_operations(query, [&](Bytes member, double score) {
        result.Set(member, score);
        return true;
      });
      break;
    case SortedOperation::kDifference:
      BuildDifference(query, result);
      break;
  }
  return value;
}

void ReplySortedResult(Context& c, SortedOperation operation) {
  const std::optional<Query> query = ParseQuery(c, {operation});
  if (!query) return;
  const types::Value value = Build_commands_sorted_set_operations(c, *query);
  const SortedSet& result = *value.As<SortedSet>();
  MembersReply reply(c.reply(), result.size(), query->with_scores);
  result.ForEach([&](Bytes member, double score) {
    reply.Add(member, score);
    return true;
  });
}

bool IsEmpty(Context& c, const Query& query) {
  bool empty = true;
  switch (query.operation) {
    case SortedOperation::kUnion:
      return std::all_of(query.sources.begin(), query.sources.end(), [](const Source& s) { return s.size() == 0; });
    case SortedOperation::kIntersection:
      VisitIntersection_commands_sorted_set_operations(query, [&](Bytes, double) { return empty = false; });
      return empty;
    case SortedOperation::kDifference:
      break;
  }
  const types::Value result = Build_commands_sorted_set_operations(c, query);
  return result.As<SortedSet>()->size() == 0;
}

void StoreSortedResult(Context& c, SortedOperation operation) {
  const std::optional<Query> query = ParseQuery(c, {operation, 2, true});
  if (!query) return;
  if (!c.Exists(c.arg(1)) && IsEmpty(c, *query)) return c.reply().Integer(0);
  uint64_t bytes = 0;
  for (const Source& source : query->sources) bytes += source.memory_bytes();
  if (!c.BeginWrite(bytes)) return;
  StoreSortedSet(c, c.arg(1), Build_commands_sorted_set_operations(c, *query));
}

}  // namespace

void ZUnion(Context& c) { ReplySortedResult(c, SortedOperation::kUnion); }
void ZInter(Context& c) { ReplySortedResult(c, SortedOperation::kIntersection); }
void ZDiff(Context& c) { ReplySortedResult(c, SortedOperation::kDifference); }
void ZUnionStore(Context& c) { StoreSortedResult(c, SortedOperation::kUnion); }
void ZInterStore(Context& c) { StoreSortedResult(c, SortedOperation::kIntersection); }
void ZDiffStore(Context& c) { StoreSortedResult(c, SortedOperation::kDifference); }

void ZInterCard(Context& c) {
  const std::optional<Query> query = ParseQuery(c, {SortedOperation::kIntersection, 1, false, true});
  if (!query) return;
  int64_t count = 0;
  VisitIntersection_commands_sorted_set_operations(*query, [&](Bytes, double) { return ++count != query->limit; });
  c.reply().Integer(count);
}

}  // namespace redislite::commands

// ==== src/commands/sorted_set_ranges.cc ===========================================================================
namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using types::SortedSet;

enum class By_commands_sorted_set_ranges : uint8_t { kRank, kScore, kLex };
enum class Order_commands_sorted_set_ranges : uint8_t { kAscending, kDescending };

using Ranks = IndexRange;

Ranks RanksBetween(size_t begin, size_t end) { return {begin, end > begin ? end - begin : 0}; }

struct ScoreBound {
  double score = 0;
  bool exclusive = false;
};

std::optional<ScoreBound> ParseScoreBound(Bytes text) {
  ScoreBound bound;
  bound.exclusive = text.starts_with('(');
  if (bound.exclusive) text.remove_prefix(1);
  if (text.empty()) return bound;
  text = WithoutLeadingSpace(text);
  const std::optional<long double> score = ParseLongDouble(text);
  if (!score) return {};
  bound.score = ParseDouble(text).value_or(static_cast<double>(*score));
  return bound;
}

struct LexBound {
  enum class Kind : uint8_t { kBeforeAll, kMember, kBehindAll };
  Kind kind = Kind::kMember;
  Bytes member = {};
  bool exclusive = false;
};

std::optional<LexBound> ParseLexBound(Bytes text) {
  if (text == "-") return LexBound{LexBound::Kind::kBeforeAll};
  if (text == "+") return LexBound{LexBound::Kind::kBehindAll};
  if (!text.starts_with('[') && !text.starts_with('(')) return {};
  return LexBound{LexBound::Kind::kMember, text.substr(1), text.front() == '('};
}

size_t CountBefore_commands_sorted_set_ranges(const SortedSet& set, const ScoreBound& bound, bool with_equal) {
  return set.CountBefore(
      [&](double score, Bytes) { return score < bound.score || (with_equal && score == bound.score); });
}
size_t CountBefore_commands_sorted_set_ranges(const SortedSet& set, const LexBound& bound, bool with_equal) {
  if (bound.kind == LexBound::Kind::kBeforeAll) return 0;
  if (bound.kind == LexBound::Kind::kBehindAll) return set.size();
  return set.CountBefore(
      [&](double, Bytes member) { return member < bound.member || (with_equal && member == bound.member); });
}

struct RangeQuery {
  By_commands_sorted_set_ranges by = By_commands_sorted_set_ranges::kRank;
  Order_commands_sorted_set_ranges order = Order_commands_sorted_set_ranges::kAscending;
  int64_t start = 0, stop = 0;  // kRank
  ScoreBound min_score, max_score;
  LexBound min_member, max_member;
  int64_t offset = 0, limit = -1;  // LIMIT; a negative limit is none
  bool with_scores = false;
};

bool ParseEnds(Bytes min, Bytes max, RangeQuery& query, resp::Writer& reply) {
  switch (query.by) {
    case By_commands_sorted_set_ranges::kRank: {
      const std::optional<int64_t> start = IntegerArgument(min, reply);
      if (!start) return false;
      const std::optional<int64_t> stop = IntegerArgument(max, reply);
      if (!stop) return false;
      query.start = *start;
      query.stop = *stop;
      return true;
    }
    case By_commands_sorted_set_ranges::kScore: {
      const std::optional<ScoreBound> first = ParseScoreBound(min);
      const std::optional<ScoreBound> last = ParseScoreBound(max);
      if (!first || !last) {
        reply.Error(Code::kValue, "ERR min or max is not a float");
        return false;
      }
      query.min_score = *first;
      query.max_score = *last;
      return true;
    }
    case By_commands_sorted_set_ranges::kLex:
      break;
  }
  const std::optional<LexBound> first = ParseLexBound(min);
  const std::optional<LexBound> last = ParseLexBound(max);
  if (!first || !last) {
    reply.Error(Code::kValue, "ERR min or max not valid string range item");
    return false;
  }
  query.min_member = *first;
  query.max_member = *last;
  return true;
}

Ranks RanksOf(const SortedSet& set, const RangeQuery& query) {
  Ranks ranks;
  switch (query.by) {
    case By_commands_sorted_set_ranges::kRank: {
      ranks = ClampRange(query.start, query.stop, set.size());
      if (query.order == Order_commands_sorted_set_ranges::kDescending) ranks.first = set.size() - ranks.first - ranks.count;
      return ranks;
    }
    case By_commands_sorted_set_ranges::kScore:
      ranks = RanksBetween(CountBefore_commands_sorted_set_ranges(set, query.min_score, query.min_score.exclusive),
                           CountBefore_commands_sorted_set_ranges(set, query.max_score, !query.max_score.exclusive));
      break;
    case By_commands_sorted_set_ranges::kLex:
      ranks = RanksBetween(CountBefore_commands_sorted_set_ranges(set, query.min_member, query.min_member.exclusive),
                           CountBefore_commands_sorted_set_ranges(set, query.max_member, !query.max_member.exclusive));
      break;
  }
  if (query.offset < 0 || static_cast<uint64_t>(query.offset) >= ranks.count) return {};
  const size_t kept = std::min<uint64_t>(ranks.count - static_cast<size_t>(query.offset),
                                         query.limit < 0 ? ranks.count : static_cast<uint64_t>(query.limit));
  if (query.order == Order_commands_sorted_set_ranges::kAscending) return {ranks.first + static_cast<size_t>(query.offset), kept};
  return {ranks.first + ranks.count - static_cast<size_t>(query.offset) - kept, kept};
}

template <typename Visit>
void VisitRanks(const SortedSet& set, const Ranks& ranks, Order_commands_sorted_set_ranges order, const Visit& visit) {
  if (ranks.count == 0) return;
  size_t left = ranks.count;
  const auto step = [&](Bytes member, double score) {
    visit(member, score);
    return --left > 0;
  };
  if (order == Order_commands_sorted_set_ranges::kAscending) {
    set.ForEachFrom(ranks.first, step);
  } else {
    set.ForEachBackwardFrom(ranks.first + ranks.count - 1, step);
  }
}

struct RangeForm {
  std::optional<By_commands_sorted_set_ranges> by;
  std::optional<Order_commands_sorted_set_ranges> order;
  size_t key = 1;  // the position of the key that is read
  bool store = false;
};

std::optional<RangeQuery> ParseRange(Context& c, const RangeForm& form) {
  const Args args = c.args();
  RangeQuery query;
  std::optional<By_commands_sorted_set_ranges> by = form.by;
  std::optional<Order_commands_sorted_set_ranges> order = form.order;
  for (size_t i = form.key + 3; i < args.size(); ++i) {
    if (!form.store && EqualsIgnoreCase(args[i], "withscores")) {
      query.with_scores = true;
    } else if (i + 2 < args.size() && EqualsIgnoreCase(args[i], "limit")) {
      const std::optional<int64_t> offset = IntegerArgument(args[i + 1], c.reply());
      if (!offset) return {};
      const std::optional<int64_t> limit = IntegerArgument(args[i + 2], c.reply());
      if (!limit) return {};
      query.offset = *offset;
      query.limit = *limit;
      i += 2;
    } else if (!form.order && EqualsIgnoreCase(args[i], "rev")) {
      order = Order_commands_sorted_set_ranges::kDescending;
    } else if (!by && EqualsIgnoreCase(args[i], "bylex")) {
      by = By_commands_sorted_set_ranges::kLex;
    } else if (!by && EqualsIgnoreCase(args[i], "byscore")) {
      by = By_commands_sorted_set_ranges::kScore;
    } else {
      c.SyntaxError();
      return {};
    }
  }
  query.by = by.value_or(By_commands_sorted_set_ranges::kRank);
  query.order = order.value_or(Order_commands_sorted_set_ranges::kAscending);
  if (query.by == By_commands_sorted_set_ranges::kRank && query.limit != -1) {
    c.reply().Error(Code::kCommand,
                    "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
    return {};
  }
  if (query.by == By_commands_sorted_set_ranges::kLex && query.with_scores) {
    c.reply().Error(Code::kCommand, "ERR syntax error, WITHSCORES not supported in combination with BYLEX");
    return {};
  }
  Bytes min = args[form.key + 1];
  Bytes max = args[form.key + 2];
  if (query.by != By_commands_sorted_set_ranges::kRank && query.order == Order_commands_sorted_set_ranges::kDescending) std::swap(min, max);
  if (!ParseEnds(min, max, query, c.reply())) return {};
  return query;
}

void ReplyRange(Context& c, const RangeForm& form) {
  const std::optional<RangeQuery> query = ParseRange(c, form);
  if (!query) return;
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(1));
  if (!set) return;
  if (set->missing()) return c.reply().Array(0);
  const Ranks ranks = RanksOf(**set, *query);
  MembersReply reply(c.reply(), ranks.count, query->with_scores);
  VisitRanks(**set, ranks, query->order, [&](Bytes member, double score) { reply.Add(member, score); });
}

void ReplyCount(Context& c, By_commands_sorted_set_ranges by) {
  RangeQuery query;
  query.by = by;
  if (!ParseEnds(c.arg(2), c.arg(3), query, c.reply())) return;
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(1));
  if (set) c.reply().Integer(*set ? static_cast<int64_t>(RanksOf(**set, query).count) : 0);
}

void RemoveRange(Context& c, By_commands_sorted_set_ranges by) {
  RangeQuery query;
  query.by = by;
  if (!ParseEnds(c.arg(2), c.arg(3), query, c.reply())) return;
  const Bytes key = c.arg(1);
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, key);
  if (!set) return;
  const Ranks ranks = *set ? RanksOf(**set, query) : Ranks();
  if (ranks.count == 0) return c.reply().Integer(0);
  if (!c.BeginWrite()) return;
  if (ranks.count == (*set)->size()) {
    c.Remove(key);
  } else {
    c.Change<SortedSet>(key)->EraseRange(ranks.first, ranks.count);
  }
  c.reply().Integer(static_cast<int64_t>(ranks.count));
}

}  // namespace

void ZRange(Context& c) { ReplyRange(c, {}); }
void ZRevRange(Context& c) { ReplyRange(c, {By_commands_sorted_set_ranges::kRank, Order_commands_sorted_set_ranges::kDescending}); }
void ZRangeByScore(Context& c) { ReplyRange(c, {By_commands_sorted_set_ranges::kScore, Order_commands_sorted_set_ranges::kAscending}); }
void ZRevRangeByScore(Context& c) { ReplyRange(c, {By_commands_sorted_set_ranges::kScore, Order_commands_sorted_set_ranges::kDescending}); }
void ZRangeByLex(Context& c) { ReplyRange(c, {By_commands_sorted_set_ranges::kLex, Order_commands_sorted_set_ranges::kAscending}); }
void ZRevRangeByLex(Context& c) { ReplyRange(c, {By_commands_sorted_set_ranges::kLex, Order_commands_sorted_set_ranges::kDescending}); }

void ZRangeStore(Context& c) {
  const std::optional<RangeQuery> query = ParseRange(c, {{}, {}, 2, true});
  if (!query) return;
  const Bytes destination = c.arg(1);
  const std::optional<ReadableSortedSet> source = ReadSortedSet(c, c.arg(2));
  if (!source) return;
  const Ranks ranks = *source ? RanksOf(**source, *query) : Ranks();
  if (ranks.count == 0 && !c.Exists(destination)) return c.reply().Integer(0);
  if (!c.BeginWrite(ranks.count == 0 ? 0 : (*source)->memory_bytes())) return;
  types::Value result(c.memory(), c.New<SortedSet>());
  if (ranks.count > 0) {
    VisitRanks(**source, ranks, Order_commands_sorted_set_ranges::kAscending,
               [&](Bytes member, double score) { result.As<SortedSet>()->Set(member, score); });
  }
  StoreSortedSet(c, destination, std::move(result));
}

void ZCount(Context& c) { ReplyCount(c, By_commands_sorted_set_ranges::kScore); }
void ZLexCount(Context& c) { ReplyCount(c, By_commands_sorted_set_ranges::kLex); }

void ZRemRangeByRank(Context& c) { RemoveRange(c, By_commands_sorted_set_ranges::kRank); }
void ZRemRangeByScore(Context& c) { RemoveRange(c, By_commands_sorted_set_ranges::kScore); }
void ZRemRangeByLex(Context& c) { RemoveRange(c, By_commands_sorted_set_ranges::kLex); }

}  // namespace redislite::commands

// ==== src/commands/sorted_sets.cc =================================================================================
namespace redislite::commands {
namespace {

using engine::Args;
using engine::Context;
using types::SortedSet;

std::optional<double> ScoreOf(const ReadableSortedSet& set, Bytes member) {
  return set ? set->Score(member) : std::nullopt;
}


struct AddOptions {
  bool only_new = false;       // NX
  bool only_existing = false;  // XX
  bool only_greater = false;   // GT
  bool only_less = false;      // LT
  bool count_changes = false;  // CH
  bool increment = false;      // INCR
};

struct Addition {
  double score;
  Bytes member;
};

struct Effect {
  enum class Kind : uint8_t { kNothing, kKept, kAdded, kUpdated, kNotANumber };
  Kind kind;
  double score = 0;  // afterwards, but for kNothing
};

Effect EffectOf(const AddOptions& options, const Addition& addition, std::optional<double> before) {
  using enum Effect::Kind;
  if (!before) return options.only_existing ? Effect{kNothing} : Effect{kAdded, addition.score};
  if (options.only_new) return {kNothing};
  const double score = options.increment ? *before + addition.score : addition.score;
  if (std::isnan(score)) return {kNotANumber};
  if (options.only_greater && score <= *before) return {kNothing};
  if (options.only_less && score >= *before) return {kNothing};
  return {score == *before ? kKept : kUpdated, score};
}

AddOptions ParseAddOptions(Args args, size_t& next) {
  AddOptions options;
  for (next = 2; next < args.size(); ++next) {
    if (EqualsIgnoreCase(args[next], "nx")) {
      options.only_new = true;
    } else if (EqualsIgnoreCase(args[next], "xx")) {
      options.only_existing = true;
    } else if (EqualsIgnoreCase(args[next], "gt")) {
      options.only_greater = true;
    } else if (EqualsIgnoreCase(args[next], "lt")) {
      options.only_less = true;
    } else if (EqualsIgnoreCase(args[next], "ch")) {
      options.count_changes = true;
    } else if (EqualsIgnoreCase(args[next], "incr")) {
      options.increment = true;
    } else {
      break;
    }
  }
  return options;
}

bool CheckAddOptions(const AddOptions& options, size_t additions, resp::Writer& reply) {
  Bytes error;
  if (options.only_new && options.only_existing) {
    error = "ERR XX and NX options at the same time are not compatible";
  } else if (options.only_new + options.only_greater + options.only_less > 1) {
    error = "ERR GT, LT, and/or NX options at the same time are not compatible";
  } else if (options.increment && additions > 1) {
    error = "ERR INCR option supports a single increment-element pair";
  }
  if (error.empty()) return true;
  reply.Error(Code::kCommand, error);
  return false;
}

void Add_commands_sorted_sets(Context& c, const AddOptions& options, const std::vector<Addition>& additions) {
  using enum Effect::Kind;
  const Bytes key = c.arg(1);
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, key);
  if (!set) return;
  bool changes = false;
  Effect last{kNothing};
  for (const Addition& addition : additions) {
    last = EffectOf(options, addition, ScoreOf(*set, addition.member));
    if (last.kind == kNotANumber) {
      return c.reply().Error(Code::kValue, "ERR resulting score is not a number (NaN)");
    }
    changes = changes || last.kind == kAdded || last.kind == kUpdated;
  }
  int64_t added = 0;
  int64_t updated = 0;
  if (changes) {
    if (!c.BeginWrite()) return;
    SortedSet& target = c.ChangeOrCreate<SortedSet>(key);
    target.Foresee(additions.size());
    for (const Addition& addition : additions) {
      const Effect effect = EffectOf(options, addition, target.Score(addition.member));
      if (effect.kind != kAdded && effect.kind != kUpdated) continue;
      target.Set(addition.member, effect.score);
      ++(effect.kind == kAdded ? added : updated);
    }
  }
  if (!options.increment) return c.reply().Integer(options.count_changes ? added + updated : added);
  last.kind == kNothing ? c.reply().Null() : c.reply().Double(last.score);
}


enum class ScoreEnd : uint8_t { kMin, kMax };

enum class Scores : uint8_t { kFlat, kPairs };

void WriteMembers(const SortedSet& set, ScoreEnd end, size_t count, Scores scores, resp::Writer& reply) {
  size_t left = count;
  const auto visit = [&](Bytes member, double score) {
    if (scores == Scores::kPairs) reply.Array(2);
    reply.Bulk(member);
    reply.Double(score);
    return --left > 0;
  };
  if (end == ScoreEnd::kMin) {
    set.ForEachFrom(0, visit);
  } else {
    set.ForEachBackwardFrom(set.size() - 1, visit);
  }
}

void TakeMembers(Context& c, Bytes key, const SortedSet& set, ScoreEnd end, size_t count, Scores scores) {
  c.reply().Array(scores == Scores::kPairs ? count : count * 2);
  WriteMembers(set, end, count, scores, c.reply());
  const size_t size = set.size();
  if (count == size) {
    c.Remove(key);
  } else {
    c.Change<SortedSet>(key)->EraseRange(end == ScoreEnd::kMin ? 0 : size - count, count);
  }
}

void PopScored(Context& c, ScoreEnd end) {
  if (c.args().size() > 3) return c.SyntaxError();
  const Bytes key = c.arg(1);
  std::optional<int64_t> count;
  if (c.args().size() == 3) {
    count = AtLeastArgument(c.arg(2), 0, "ERR value is out of range, must be positive", c.reply());
    if (!count) return;
  }
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, key);
  if (!set) return;
  if (set->missing() || count == 0) return c.reply().Array(0);
  if (!c.BeginWrite()) return;
  const size_t taken = std::min(static_cast<size_t>(count.value_or(1)), (*set)->size());
  TakeMembers(c, key, **set, end, taken, count && c.reply().protocol() > 2 ? Scores::kPairs : Scores::kFlat);
}

const char* PopFrom(ScoreEnd end) { return end == ScoreEnd::kMin ? "ZPOPMIN" : "ZPOPMAX"; }

ScoreEnd EndNamed(Bytes text) { return EqualsIgnoreCase(text, "min") ? ScoreEnd::kMin : ScoreEnd::kMax; }

void WaitingPopScored(Context& c, ScoreEnd end) {
  const std::optional<int64_t> timeout = TimeoutArgument(c.args().back(), c.reply());
  if (!timeout) return;
  for (const Bytes key : c.args().subspan(1, c.args().size() - 2)) {
    const std::optional<ReadableSortedSet> set = ReadSortedSet(c, key);
    if (!set) return;
    if (set->missing()) continue;
    c.reply().Array(3);
    c.reply().Bulk(key);
    WriteMembers(**set, end, 1, Scores::kFlat, c.reply());
    return c.ReplaceWith({PopFrom(end), std::string(key)});
  }
  c.reply().NullArray();
  c.WaitForKeys(types::Type::kSortedSet, *timeout);
}

enum class RankOrder : uint8_t { kAscending, kDescending };

void ReplyRank(Context& c, RankOrder order) {
  if (c.args().size() > 4) return c.WrongArity();
  const bool with_score = c.args().size() == 4;
  if (with_score && !EqualsIgnoreCase(c.arg(3), "withscore")) return c.SyntaxError();
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(1));
  if (!set) return;
  const std::optional<size_t> rank = *set ? (*set)->Rank(c.arg(2)) : std::nullopt;
  if (!rank) return with_score ? c.reply().NullArray() : c.reply().Null();
  if (with_score) c.reply().Array(2);
  c.reply().Integer(static_cast<int64_t>(order == RankOrder::kAscending ? *rank : (*set)->size() - 1 - *rank));
  if (with_score) c.reply().Double(*(*set)->Score(c.arg(2)));
}

void WriteScore(std::optional<double> score, resp::Writer& reply) { score ? reply.Double(*score) : reply.Null(); }

}  // namespace

void ZAdd(Context& c) {
  size_t first = 0;
  const AddOptions options = ParseAddOptions(c.args(), first);
  const Args pairs = c.args().subspan(first);
  if (pairs.empty() || pairs.size() % 2 != 0) return c.SyntaxError();
  if (!CheckAddOptions(options, pairs.size() / 2, c.reply())) return;
  std::vector<Addition> additions;
  additions.reserve(pairs.size() / 2);
  for (size_t i = 0; i < pairs.size(); i += 2) {
    const std::optional<double> score = ParseDouble(pairs[i]);
    if (!score) return c.NotFloat();
    additions.push_back({*score, pairs[i + 1]});
  }
  Add_commands_sorted_sets(c, options, additions);
}

void ZIncrBy(Context& c) {
  const std::optional<double> increment = ParseDouble(c.arg(2));
  if (!increment) return c.NotFloat();
  AddOptions options;
  options.increment = true;
  Add_commands_sorted_sets(c, options, {{*increment, c.arg(3)}});
}

void ZRem(Context& c) {
  const Bytes key = c.arg(1);
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, key);
  if (!set) return;
  const Args members = c.args().subspan(2);
  if (std::none_of(members.begin(), members.end(), [&](Bytes member) { return ScoreOf(*set, member).has_value(); })) {
    return c.reply().Integer(0);
  }
  if (!c.BeginWrite()) return;
  SortedSet& target = *c.Change<SortedSet>(key);
  int64_t erased = 0;
  for (const Bytes member : members) erased += target.Erase(member) ? 1 : 0;
  if (target.size() == 0) c.Remove(key);
  c.reply().Integer(erased);
}

void ZCard(Context& c) {
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(1));
  if (set) c.reply().Integer(*set ? static_cast<int64_t>((*set)->size()) : 0);
}

void ZScore(Context& c) {
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(1));
  if (set) WriteScore(ScoreOf(*set, c.arg(2)), c.reply());
}

void ZMScore(Context& c) {
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(1));
  if (!set) return;
  c.reply().Array(c.args().size() - 2);
  for (const Bytes member : c.args().subspan(2)) WriteScore(ScoreOf(*set, member), c.reply());
}

void ZRank(Context& c) { ReplyRank(c, RankOrder::kAscending); }
void ZRevRank(Context& c) { ReplyRank(c, RankOrder::kDescending); }

void ZPopMin(Context& c) { PopScored(c, ScoreEnd::kMin); }
void ZPopMax(Context& c) { PopScored(c, ScoreEnd::kMax); }

void ZMPop(Context& c) {
  const std::optional<MultiPop> pop = ParseMultiPop(c.args(), 1, "min", "max", c.reply());
  if (!pop) return;
  for (const Bytes key : c.args().subspan(2, pop->keys)) {
    const std::optional<ReadableSortedSet> set = ReadSortedSet(c, key);
    if (!set) return;
    if (set->missing()) continue;
    if (!c.BeginWrite()) return;
    c.reply().Array(2);
    c.reply().Bulk(key);
    return TakeMembers(c, key, **set, EndNamed(pop->end), std::min(pop->count, (*set)->size()), Scores::kPairs);
  }
  c.reply().NullArray();
}


void BZPopMin(Context& c) { WaitingPopScored(c, ScoreEnd::kMin); }
void BZPopMax(Context& c) { WaitingPopScored(c, ScoreEnd::kMax); }

void BZMPop(Context& c) {
  const std::optional<int64_t> timeout = TimeoutArgument(c.arg(1), c.reply());
  if (!timeout) return;
  const std::optional<MultiPop> pop = ParseMultiPop(c.args(), 2, "min", "max", c.reply());
  if (!pop) return;
  for (const Bytes key : c.args().subspan(3, pop->keys)) {
    const std::optional<ReadableSortedSet> set = ReadSortedSet(c, key);
    if (!set) return;
    if (set->missing()) continue;
    const size_t count = std::min(pop->count, (*set)->size());
    const ScoreEnd end = EndNamed(pop->end);
    c.reply().Array(2);
    c.reply().Bulk(key);
    c.reply().Array(count);
    WriteMembers(**set, end, count, Scores::kPairs, c.reply());
    return c.ReplaceWith({PopFrom(end), std::string(key), std::to_string(count)});
  }
  c.reply().NullArray();
  c.WaitForKeys(types::Type::kSortedSet, *timeout);
}

void ZRandMember(Context& c) {
  ReplyRandomMembers<SortedSet>(c, "withscores", [&c](double score) { c.reply().Double(score); });
}

void ZScan(Context& c) {
  if (!ParseCursor(c.arg(2), c.reply())) return;
  const std::optional<ReadableSortedSet> set = ReadSortedSet(c, c.arg(1));
  if (!set) return;
  if (set->missing()) return WriteScanEnd(c.reply());  // before the options are read, as in Redis
  const std::optional<ScanArguments> scan = ParseScan(c.args().subspan(2), ScanOf::kElements, c.reply());
  if (!scan) return;
  std::vector<std::pair<Bytes, double>> found;  // the cursor is replied first and known last
  const uint64_t next = (*set)->Scan(scan->cursor, scan->count, [&](Bytes member, double score) {
    if (!scan->pattern || GlobMatch(*scan->pattern, member)) found.emplace_back(member, score);
    return true;
  });
  c.reply().Array(2);
  c.reply().Bulk(std::to_string(next));
  c.reply().Array(found.size() * 2);
  for (const auto& [member, score] : found) {
    c.reply().Bulk(member);
    c.reply().Bulk(FormatDouble(score));  // text in RESP3 too, as in Redis
  }
}

}  // namespace redislite::commands

// ==== src/commands/strings.cc =====================================================================================
namespace redislite::commands {

using engine::Context;

void Get(Context& c) {
  const auto string = c.Read<types::String>(c.arg(1));
  if (string.wrong_type) return c.WrongType();
  WriteStringOrNull(string.object, c.reply());
}

void GetDel(Context& c) {
  const auto string = c.Read<types::String>(c.arg(1));
  if (string.wrong_type) return c.WrongType();
  if (!string) return c.reply().Null();
  if (!c.BeginWrite()) return;
  WriteString(*string, c.reply());
  c.Remove(c.arg(1));
}

void MGet(Context& c) {
  c.reply().Array(c.args().size() - 1);
  for (size_t i = 1; i < c.args().size(); ++i) WriteStringOrNull(c.Read<types::String>(c.arg(i)).object, c.reply());
}

void StrLen(Context& c) {
  const auto string = c.Read<types::String>(c.arg(1));
  if (string.wrong_type) return c.WrongType();
  c.reply().Integer(string ? static_cast<int64_t>(string->size()) : 0);
}

void GetRange(Context& c) {
  const std::optional<int64_t> first = IntegerArgument(c.arg(2), c.reply());
  if (!first) return;
  const std::optional<int64_t> last = IntegerArgument(c.arg(3), c.reply());
  if (!last) return;
  const auto string = c.Read<types::String>(c.arg(1));
  if (string.wrong_type) return c.WrongType();
  const int64_t size = string ? static_cast<int64_t>(string->size()) : 0;

  const bool backwards = *first < 0 && *last < 0 && *first > *last;
  const int64_t start = std::max<int64_t>(*first < 0 ? *first + size : *first, 0);
  const int64_t end = std::min(std::max<int64_t>(*last < 0 ? *last + size : *last, 0), size - 1);
  if (backwards || start > end) return c.reply().Bulk({});
  char scratch[kInt64TextMax];
  c.reply().Bulk(string->View(scratch).substr(static_cast<size_t>(start), static_cast<size_t>(end - start + 1)));
}

void SetRange(Context& c) {
  const Bytes key = c.arg(1);
  const Bytes value = c.arg(3);
  const std::optional<int64_t> offset = IntegerArgument(c.arg(2), c.reply());
  if (!offset) return;
  if (*offset < 0) return c.reply().Error(Code::kValue, "ERR offset is out of range");
  const auto string = c.Read<types::String>(key);
  if (string.wrong_type) return c.WrongType();
  const uint64_t size = string ? string->size() : 0;
  const auto start = static_cast<uint64_t>(*offset);
  if (value.empty()) return c.reply().Integer(static_cast<int64_t>(size));
  if (!StringFits(start, value.size(), c.reply())) return;
  if (!c.BeginWrite(2 * std::max(size, start + value.size()))) return;
  c.ChangeOrCreate<types::String>(key).Overwrite(c.memory(), start, value);
  c.reply().Integer(static_cast<int64_t>(std::max(size, start + value.size())));
}

void Append(Context& c) {
  const Bytes key = c.arg(1);
  const Bytes tail = c.arg(2);
  const auto string = c.Read<types::String>(key);
  if (string.wrong_type) return c.WrongType();
  const uint64_t size = string ? string->size() : 0;
  if (string && tail.empty()) return c.reply().Integer(static_cast<int64_t>(size));
  if (!StringFits(size, tail.size(), c.reply())) return;
  if (!c.BeginWrite(2 * (size + tail.size()))) return;
  if (string) {
    c.Change<types::String>(key)->Append(c.memory(), tail);
  } else {
    c.Put(key, types::Value(types::String::Borrow(tail)));
  }
  c.reply().Integer(static_cast<int64_t>(size + tail.size()));
}

}  // namespace redislite::commands

// ==== src/commands/table.cc =======================================================================================
namespace redislite::commands {
namespace {

using engine::Args;
using engine::Command;
using enum engine::Flag;

#define None nullptr
#define COMMAND(name, handler, arity, flags, first, last, step, since, group, syntax, summary, canonical, keys) \
  {name, handler, arity, flags, first, last, step, since, group, syntax, summary, canonical, keys},
constexpr Command kRows_commands_table[] = {
// The command table: one row a command, sections by group. Everything that depends on which commands there are is
// derived from here: dispatch and arity errors, the handlers' declarations (handlers.h), COMMAND, docs/COMMANDS.md and
// the CLI's hints.
//
//   COMMAND(name, Handler, arity, flags, first key, last key, key step, since, group, syntax, summary, Canonical, Keys)
//
// The columns are those of engine::Command; None stands where there is no function. A container has a row of its own
// (kContainer, before its subcommands) and each subcommand one named "container|subcommand", whose arity and key
// positions count both names.
//
// clang-format off

// ---- generic --------------------------------------------------------------------------------------------------------

COMMAND("copy", Copy, -3, kWrite | kDenyOom, 1, 2, 1, "6.2.0", "generic",
        "source destination [DB destination-db] [REPLACE]",
        "Copies the value of a key, with its expiry, to another key.", None, None)
COMMAND("del", Del, -2, kWrite, 1, -1, 1, "1.0.0", "generic",
        "key [key ...]",
        "Removes keys of any type; replies how many there were.", None, None)
COMMAND("dump", DumpCommand, 2, kReadOnly, 1, 1, 1, "2.6.0", "generic",
        "key",
        "Replies the value at a key as bytes that RESTORE, here and in Redis, makes it of again.", None, None)
COMMAND("exists", Exists, -2, kReadOnly | kFast, 1, -1, 1, "1.0.0", "generic",
        "key [key ...]",
        "Counts how many of the keys exist; a key given twice counts twice.", None, None)
COMMAND("expire", Expire, -3, kWrite | kFast, 1, 1, 1, "1.0.0", "generic",
        "key seconds [NX | XX | GT | LT]",
        "Makes a key expire after some seconds.", RewriteExpire, None)
COMMAND("expireat", Expire, -3, kWrite | kFast, 1, 1, 1, "1.2.0", "generic",
        "key unix-time-seconds [NX | XX | GT | LT]",
        "Makes a key expire at a Unix time in seconds.", RewriteExpire, None)
COMMAND("expiretime", ExpireTime, 2, kReadOnly | kFast, 1, 1, 1, "7.0.0", "generic",
        "key",
        "Replies the Unix time in seconds at which a key expires; -1 when never, -2 when there is no key.", None, None)
COMMAND("keys", Keys, 2, kReadOnly | kAllKeys, 0, 0, 0, "1.0.0", "generic",
        "pattern",
        "Replies all keys whose names match a glob pattern.", None, None)
COMMAND("move", Move, 3, kWrite | kFast, 1, 1, 1, "1.0.0", "generic",
        "key db",
        "Moves a key, with its expiry, to another database that does not have it.", None, None)
COMMAND("object", None, -2, kReadOnly | kContainer, 0, 0, 0, "2.2.3", "generic",
        "subcommand [argument ...]",
        "Looks into how a value is kept.", None, None)
COMMAND("object|encoding", ObjectEncoding, 3, kReadOnly, 2, 2, 1, "2.2.3", "generic",
        "key",
        "Replies the name of the encoding that a value is kept in.", None, None)
COMMAND("object|freq", ObjectFreq, 3, kReadOnly, 2, 2, 1, "4.0.0", "generic",
        "key",
        "Replies a key's logarithmic access frequency, under an LFU maxmemory-policy.", None, None)
COMMAND("object|help", ObjectHelp, 2, kNone, 0, 0, 0, "6.2.0", "generic",
        "",
        "Describes the subcommands of OBJECT.", None, None)
COMMAND("object|idletime", ObjectIdleTime, 3, kReadOnly, 2, 2, 1, "2.2.3", "generic",
        "key",
        "Replies the seconds since a key was last used, under a maxmemory-policy that is not LFU.", None, None)
COMMAND("object|refcount", ObjectRefCount, 3, kReadOnly, 2, 2, 1, "2.2.3", "generic",
        "key",
        "Replies the number of references to a value.", None, None)
COMMAND("persist", Persist, 2, kWrite | kFast, 1, 1, 1, "2.2.0", "generic",
        "key",
        "Removes a key's expiry.", None, None)
COMMAND("pexpire", Expire, -3, kWrite | kFast, 1, 1, 1, "2.6.0", "generic",
        "key milliseconds [NX | XX | GT | LT]",
        "Makes a key expire after some milliseconds.", RewriteExpire, None)
COMMAND("pexpireat", Expire, -3, kWrite | kFast, 1, 1, 1, "2.6.0", "generic",
        "key unix-time-milliseconds [NX | XX | GT | LT]",
        "Makes a key expire at a Unix time in milliseconds.", RewriteExpire, None)
COMMAND("pexpiretime", ExpireTime, 2, kReadOnly | kFast, 1, 1, 1, "7.0.0", "generic",
        "key",
        "Replies the Unix time in milliseconds at which a key expires; -1 when never, -2 when there is no key.",
        None, None)
COMMAND("pttl", Ttl, 2, kReadOnly | kFast, 1, 1, 1, "2.6.0", "generic",
        "key",
        "Replies the milliseconds until a key expires; -1 when never, -2 when there is no key.", None, None)
COMMAND("randomkey", RandomKey, 1, kReadOnly | kAllKeys, 0, 0, 0, "1.0.0", "generic",
        "",
        "Replies the name of a key chosen at random.", None, None)
COMMAND("rename", Rename, 3, kWrite, 1, 2, 1, "1.0.0", "generic",
        "key newkey",
        "Renames a key, replacing the key of the new name.", None, None)
COMMAND("renamenx", Rename, 3, kWrite | kFast, 1, 2, 1, "1.0.0", "generic",
        "key newkey",
        "Renames a key when there is none of the new name.", None, None)
COMMAND("restore", RestoreCommand, -4, kWrite | kDenyOom, 1, 1, 1, "2.6.0", "generic",
        "key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]",
        "Makes a key of what DUMP, here or in Redis, has replied.", RewriteRestore, None)
COMMAND("scan", Scan, -2, kReadOnly | kAllKeys, 0, 0, 0, "2.8.0", "generic",
        "cursor [MATCH pattern] [COUNT count] [TYPE type]",
        "Replies some of the keys and the cursor to go on with, 0 at the end.", None, None)
COMMAND("sort", Sort, -2, kWrite | kDenyOom | kMovableKeys | kAllKeys, 1, 1, 1, "1.0.0", "generic",
        "key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA] "
        "[STORE destination]",
        "Replies or stores the elements of a list in order, or what other keys hold of them.", RewriteSort, SortKeys)
COMMAND("sort_ro", Sort, -2, kReadOnly | kMovableKeys | kAllKeys, 1, 1, 1, "7.0.0", "generic",
        "key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA]",
        "Replies the elements of a list in order, or what other keys hold of them.", None, SortKeys)
COMMAND("touch", Touch, -2, kReadOnly | kFast, 1, -1, 1, "3.2.1", "generic",
        "key [key ...]",
        "Marks keys as just used; replies how many exist.", None, None)
COMMAND("ttl", Ttl, 2, kReadOnly | kFast, 1, 1, 1, "1.0.0", "generic",
        "key",
        "Replies the seconds until a key expires; -1 when never, -2 when there is no key.", None, None)
COMMAND("type", Type, 2, kReadOnly | kFast, 1, 1, 1, "1.0.0", "generic",
        "key",
        "Replies the type of the value at a key: string, list, hash, set, zset or none.", None, None)
COMMAND("unlink", Del, -2, kWrite | kFast, 1, -1, 1, "4.0.0", "generic",
        "key [key ...]",
        "Removes keys of any type, as DEL does.", None, None)
COMMAND("wait", Wait, 3, kAdmin, 0, 0, 0, "3.0.0", "generic",
        "numreplicas timeout",
        "Replies how many replicas have the writes: none.", None, None)
COMMAND("waitaof", WaitAof, 4, kAdmin, 0, 0, 0, "7.2.0", "generic",
        "numlocal numreplicas timeout",
        "Makes what was written before durable; replies 1 for this store, and no replicas.", None, None)

// ---- string ---------------------------------------------------------------------------------------------------------

COMMAND("append", Append, 3, kWrite | kDenyOom | kFast, 1, 1, 1, "2.0.0", "string",
        "key value",
        "Adds bytes at the end of a string, which is made when missing; replies its length.", None, None)
COMMAND("decr", Incr, 2, kWrite | kDenyOom | kFast, 1, 1, 1, "1.0.0", "string",
        "key",
        "Takes 1 from the integer at a key, 0 when missing; replies the result.", None, None)
COMMAND("decrby", Incr, 3, kWrite | kDenyOom | kFast, 1, 1, 1, "1.0.0", "string",
        "key decrement",
        "Takes a number from the integer at a key, 0 when missing; replies the result.", None, None)
COMMAND("get", Get, 2, kReadOnly | kFast, 1, 1, 1, "1.0.0", "string",
        "key",
        "Replies the string at a key.", None, None)
COMMAND("getdel", GetDel, 2, kWrite | kFast, 1, 1, 1, "6.2.0", "string",
        "key",
        "Replies the string at a key and removes the key.", None, None)
COMMAND("getex", GetEx, -2, kWrite | kFast, 1, 1, 1, "6.2.0", "string",
        "key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]",
        "Replies the string at a key and sets or removes its expiry.", RewriteGetEx, None)
COMMAND("getrange", GetRange, 4, kReadOnly, 1, 1, 1, "2.4.0", "string",
        "key start end",
        "Replies the bytes from start to end, both included; negative ones count from the end.", None, None)
COMMAND("getset", GetSet, 3, kWrite | kDenyOom | kFast, 1, 1, 1, "1.0.0", "string",
        "key value",
        "Sets a key to a string and replies the one before.", None, None)
COMMAND("incr", Incr, 2, kWrite | kDenyOom | kFast, 1, 1, 1, "1.0.0", "string",
        "key",
        "Adds 1 to the integer at a key, 0 when missing; replies the result.", None, None)
COMMAND("incrby", Incr, 3, kWrite | kDenyOom | kFast, 1, 1, 1, "1.0.0", "string",
        "key increment",
        "Adds a number to the integer at a key, 0 when missing; replies the result.", None, None)
COMMAND("incrbyfloat", IncrByFloat, 3, kWrite | kDenyOom | kFast | kResolve, 1, 1, 1, "2.6.0", "string",
        "key increment",
        "Adds a number to the floating-point number at a key, 0 when missing; replies the result.", None, None)
COMMAND("lcs", Lcs, -3, kReadOnly, 1, 2, 1, "7.0.0", "string",
        "key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]",
        "Replies the longest common subsequence of two strings, its length or its places.", None, None)
COMMAND("mget", MGet, -2, kReadOnly | kFast, 1, -1, 1, "1.0.0", "string",
        "key [key ...]",
        "Replies the strings at several keys at once; null where there is none.", None, None)
COMMAND("mset", MSet, -3, kWrite | kDenyOom, 1, -1, 2, "1.0.1", "string",
        "key value [key value ...]",
        "Sets several keys to strings at once.", None, None)
COMMAND("msetnx", MSetNx, -3, kWrite | kDenyOom, 1, -1, 2, "1.0.1", "string",
        "key value [key value ...]",
        "Sets several keys to strings at once when none of them exists.", None, None)
COMMAND("psetex", SetEx, 4, kWrite | kDenyOom, 1, 1, 1, "2.6.0", "string",
        "key milliseconds value",
        "Sets a key to a string that expires after some milliseconds.", RewriteSetEx, None)
COMMAND("set", Set, -3, kWrite | kDenyOom, 1, 1, 1, "1.0.0", "string",
        "key value [NX | XX] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | "
        "PXAT unix-time-milliseconds | KEEPTTL]",
        "Sets a key to a string, whatever it held.", RewriteSet, None)
COMMAND("setex", SetEx, 4, kWrite | kDenyOom, 1, 1, 1, "2.0.0", "string",
        "key seconds value",
        "Sets a key to a string that expires after some seconds.", RewriteSetEx, None)
COMMAND("setnx", SetNx, 3, kWrite | kDenyOom | kFast, 1, 1, 1, "1.0.0", "string",
        "key value",
        "Sets a key to a string when the key does not exist.", None, None)
COMMAND("setrange", SetRange, 4, kWrite | kDenyOom, 1, 1, 1, "2.2.0", "string",
        "key offset value",
        "Overwrites part of a string from an offset on, padding with zero bytes; replies its length.", None, None)
COMMAND("strlen", StrLen, 2, kReadOnly | kFast, 1, 1, 1, "2.2.0", "string",
        "key",
        "Replies the length of the string at a key.", None, None)
COMMAND("substr", GetRange, 4, kReadOnly, 1, 1, 1, "1.0.0", "string",
        "key start end",
        "Replies the bytes from start to end: the old name of GETRANGE.", None, None)

// ---- bitmap ---------------------------------------------------------------------------------------------------------

COMMAND("bitcount", BitCount, -2, kReadOnly, 1, 1, 1, "2.6.0", "bitmap",
        "key [start end [BYTE | BIT]]",
        "Counts the bits of a string that are set, in all of it or from start to end.", None, None)
COMMAND("bitfield", BitFieldCommand, -2, kWrite | kDenyOom, 1, 1, 1, "3.2.0", "bitmap",
        "key [GET type offset | [OVERFLOW <WRAP | SAT | FAIL>] <SET type offset value | INCRBY type offset increment> "
        "...]",
        "Reads and changes integers of a few bits anywhere in a string.", RewriteBitField, None)
COMMAND("bitfield_ro", BitFieldCommand, -2, kReadOnly | kFast, 1, 1, 1, "6.0.0", "bitmap",
        "key [GET type offset [GET type offset ...]]",
        "Reads integers of a few bits anywhere in a string.", None, None)
COMMAND("bitop", BitOp, -4, kWrite | kDenyOom, 2, -1, 1, "2.6.0", "bitmap",
        "<AND | OR | XOR | NOT> destkey key [key ...]",
        "Combines strings bit by bit and stores the result; replies its length.", None, None)
COMMAND("bitpos", BitPos, -3, kReadOnly, 1, 1, 1, "2.8.7", "bitmap",
        "key bit [start [end [BYTE | BIT]]]",
        "Finds the first bit of a string that is set, or clear.", None, None)
COMMAND("getbit", GetBit, 3, kReadOnly | kFast, 1, 1, 1, "2.2.0", "bitmap",
        "key offset",
        "Replies the bit at an offset, 0 behind the end.", None, None)
COMMAND("setbit", SetBit, 4, kWrite | kDenyOom, 1, 1, 1, "2.2.0", "bitmap",
        "key offset value",
        "Sets or clears the bit at an offset of a string, which grows as it needs; replies the bit before.", None, None)

// ---- hyperloglog ----------------------------------------------------------------------------------------------------

COMMAND("pfadd", PfAdd, -2, kWrite | kDenyOom | kFast, 1, 1, 1, "2.8.9", "hyperloglog",
        "key [element [element ...]]",
        "Adds elements to a HyperLogLog, which is made when missing; replies whether its estimate may have changed.",
        None, None)
COMMAND("pfcount", PfCount, -2, kReadOnly, 1, -1, 1, "2.8.9", "hyperloglog",
        "key [key ...]",
        "Estimates how many different elements were added to a HyperLogLog, or to several together.", None, None)
COMMAND("pfmerge", PfMerge, -2, kWrite | kDenyOom, 1, -1, 1, "2.8.9", "hyperloglog",
        "destkey [sourcekey [sourcekey ...]]",
        "Merges HyperLogLogs into another, which is made when missing.", None, None)

// ---- list -----------------------------------------------------------------------------------------------------------

COMMAND("blmove", BLMove, 6, kWrite | kDenyOom | kResolve | kMayWait, 1, 2, 1, "6.2.0", "list",
        "source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout",
        "LMOVE that waits for an element, at most so many seconds (0: for ever).", None, None)
COMMAND("blmpop", BLMPop, -5, kWrite | kResolve | kMayWait | kMovableKeys, 0, 0, 0, "7.0.0", "list",
        "timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]",
        "LMPOP that waits for an element.", None, TimeoutAndNumberedKeys)
COMMAND("blpop", BLPop, -3, kWrite | kResolve | kMayWait, 1, -2, 1, "2.0.0", "list",
        "key [key ...] timeout",
        "Takes the first element of the first list that has one, or waits for one.", None, None)
COMMAND("brpop", BRPop, -3, kWrite | kResolve | kMayWait, 1, -2, 1, "2.0.0", "list",
        "key [key ...] timeout",
        "Takes the last element of the first list that has one, or waits for one.", None, None)
COMMAND("brpoplpush", BRPopLPush, 4, kWrite | kDenyOom | kResolve | kMayWait, 1, 2, 1, "2.2.0", "list",
        "source destination timeout",
        "RPOPLPUSH that waits for an element: the old name of BLMOVE RIGHT LEFT.", None, None)
COMMAND("lindex", LIndex, 3, kReadOnly, 1, 1, 1, "1.0.0", "list",
        "key index",
        "Replies the element at an index; negative ones count from the end.", None, None)
COMMAND("linsert", LInsert, 5, kWrite | kDenyOom, 1, 1, 1, "2.2.0", "list",
        "key <BEFORE | AFTER> pivot element",
        "Inserts an element before or after the first one that equals the pivot; replies the length.", None, None)
COMMAND("llen", LLen, 2, kReadOnly | kFast, 1, 1, 1, "1.0.0", "list",
        "key",
        "Replies the length of a list.", None, None)
COMMAND("lmove", LMove, 5, kWrite | kDenyOom, 1, 2, 1, "6.2.0", "list",
        "source destination <LEFT | RIGHT> <LEFT | RIGHT>",
        "Moves an element from one end of a list to one end of another; replies it.", None, None)
COMMAND("lmpop", LMPop, -4, kWrite | kMovableKeys, 0, 0, 0, "7.0.0", "list",
        "numkeys key [key ...] <LEFT | RIGHT> [COUNT count]",
        "Takes elements from one end of the first of several lists that exists.", None, NumberedKeys)
COMMAND("lpop", LPop, -2, kWrite | kFast, 1, 1, 1, "1.0.0", "list",
        "key [count]",
        "Takes elements from the head of a list; replies them.", None, None)
COMMAND("lpos", LPos, -3, kReadOnly, 1, 1, 1, "6.0.6", "list",
        "key element [RANK rank] [COUNT num-matches] [MAXLEN len]",
        "Replies the index of an element that equals the one given, or of several.", None, None)
COMMAND("lpush", LPush, -3, kWrite | kDenyOom | kFast, 1, 1, 1, "1.0.0", "list",
        "key element [element ...]",
        "Adds elements at the head of a list, which is made when missing; replies its length.", None, None)
COMMAND("lpushx", LPushX, -3, kWrite | kDenyOom | kFast, 1, 1, 1, "2.2.0", "list",
        "key element [element ...]",
        "Adds elements at the head of a list that exists; replies its length.", None, None)
COMMAND("lrange", LRange, 4, kReadOnly, 1, 1, 1, "1.0.0", "list",
        "key start stop",
        "Replies the elements from start to stop, both included; negative ones count from the end.", None, None)
COMMAND("lrem", LRem, 4, kWrite, 1, 1, 1, "1.0.0", "list",
        "key count element",
        "Removes elements that equal the one given: all for 0, else so many from the head, or from the tail when "
        "negative.", None, None)
COMMAND("lset", LSet, 4, kWrite | kDenyOom, 1, 1, 1, "1.0.0", "list",
        "key index element",
        "Replaces the element at an index.", None, None)
COMMAND("ltrim", LTrim, 4, kWrite, 1, 1, 1, "1.0.0", "list",
        "key start stop",
        "Removes the elements outside start to stop.", None, None)
COMMAND("rpop", RPop, -2, kWrite | kFast, 1, 1, 1, "1.0.0", "list",
        "key [count]",
        "Takes elements from the tail of a list; replies them.", None, None)
COMMAND("rpoplpush", RPopLPush, 3, kWrite | kDenyOom, 1, 2, 1, "1.2.0", "list",
        "source destination",
        "Moves an element from the tail of a list to the head of another: the old name of LMOVE RIGHT LEFT.",
        None, None)
COMMAND("rpush", RPush, -3, kWrite | kDenyOom | kFast, 1, 1, 1, "1.0.0", "list",
        "key element [element ...]",
        "Adds elements at the tail of a list, which is made when missing; replies its length.", None, None)
COMMAND("rpushx", RPushX, -3, kWrite | kDenyOom | kFast, 1, 1, 1, "2.2.0", "list",
        "key element [element ...]",
        "Adds elements at the tail of a list that exists; replies its length.", None, None)

// ---- hash -----------------------------------------------------------------------------------------------------------

COMMAND("hdel", HDel, -3, kWrite | kFast, 1, 1, 1, "2.0.0", "hash",
        "key field [field ...]",
        "Removes fields of a hash; replies how many there were.", None, None)
COMMAND("hexists", HExists, 3, kReadOnly | kFast, 1, 1, 1, "2.0.0", "hash",
        "key field",
        "Replies whether a hash has a field.", None, None)
COMMAND("hget", HGet, 3, kReadOnly | kFast, 1, 1, 1, "2.0.0", "hash",
        "key field",
        "Replies the value of a field of a hash.", None, None)
COMMAND("hgetall", HGetAll, 2, kReadOnly, 1, 1, 1, "2.0.0", "hash",
        "key",
        "Replies all fields of a hash with their values.", None, None)
COMMAND("hincrby", HIncrBy, 4, kWrite | kDenyOom | kFast, 1, 1, 1, "2.0.0", "hash",
        "key field increment",
        "Adds a number to the integer in a field, 0 when missing; replies the result.", None, None)
COMMAND("hincrbyfloat", HIncrByFloat, 4, kWrite | kDenyOom | kFast | kResolve, 1, 1, 1, "2.6.0", "hash",
        "key field increment",
        "Adds a number to the floating-point number in a field, 0 when missing; replies the result.", None, None)
COMMAND("hkeys", HKeys, 2, kReadOnly, 1, 1, 1, "2.0.0", "hash",
        "key",
        "Replies all fields of a hash.", None, None)
COMMAND("hlen", HLen, 2, kReadOnly | kFast, 1, 1, 1, "2.0.0", "hash",
        "key",
        "Replies how many fields a hash has.", None, None)
COMMAND("hmget", HMGet, -3, kReadOnly | kFast, 1, 1, 1, "2.0.0", "hash",
        "key field [field ...]",
        "Replies the values of several fields; null where there is none.", None, None)
COMMAND("hmset", HMSet, -4, kWrite | kDenyOom | kFast, 1, 1, 1, "2.0.0", "hash",
        "key field value [field value ...]",
        "Sets fields of a hash, as HSET does; replies OK.", None, None)
COMMAND("hrandfield", HRandField, -2, kReadOnly, 1, 1, 1, "6.2.0", "hash",
        "key [count [WITHVALUES]]",
        "Replies fields of a hash chosen at random: distinct ones, or with repeats when the count is negative.",
        None, None)
COMMAND("hscan", HScan, -3, kReadOnly, 1, 1, 1, "2.8.0", "hash",
        "key cursor [MATCH pattern] [COUNT count]",
        "Replies some of the fields with their values and the cursor to go on with, 0 at the end.", None, None)
COMMAND("hset", HSet, -4, kWrite | kDenyOom | kFast, 1, 1, 1, "2.0.0", "hash",
        "key field value [field value ...]",
        "Sets fields of a hash, which is made when missing; replies how many are new.", None, None)
COMMAND("hsetnx", HSetNx, 4, kWrite | kDenyOom | kFast, 1, 1, 1, "2.0.0", "hash",
        "key field value",
        "Sets a field of a hash when it does not exist.", None, None)
COMMAND("hstrlen", HStrLen, 3, kReadOnly | kFast, 1, 1, 1, "3.2.0", "hash",
        "key field",
        "Replies the length of the value of a field.", None, None)
COMMAND("hvals", HVals, 2, kReadOnly, 1, 1, 1, "2.0.0", "hash",
        "key",
        "Replies the values of all fields of a hash.", None, None)

// ---- set ------------------------------------------------------------------------------------------------------------

COMMAND("sadd", SAdd, -3, kWrite | kDenyOom | kFast, 1, 1, 1, "1.0.0", "set",
        "key member [member ...]",
        "Adds members to a set, which is made when missing; replies how many are new.", None, None)
COMMAND("scard", SCard, 2, kReadOnly | kFast, 1, 1, 1, "1.0.0", "set",
        "key",
        "Replies how many members a set has.", None, None)
COMMAND("sdiff", SDiff, -2, kReadOnly, 1, -1, 1, "1.0.0", "set",
        "key [key ...]",
        "Replies the members of the first set that none of the others has.", None, None)
COMMAND("sdiffstore", SDiffStore, -3, kWrite | kDenyOom, 1, -1, 1, "1.0.0", "set",
        "destination key [key ...]",
        "Keeps what SDIFF replies at a key; replies how many members it has.", None, None)
COMMAND("sinter", SInter, -2, kReadOnly, 1, -1, 1, "1.0.0", "set",
        "key [key ...]",
        "Replies the members that all of the sets have.", None, None)
COMMAND("sintercard", SInterCard, -3, kReadOnly | kMovableKeys, 0, 0, 0, "7.0.0", "set",
        "numkeys key [key ...] [LIMIT limit]",
        "Counts the members that all of the sets have, up to a limit.", None, NumberedKeys)
COMMAND("sinterstore", SInterStore, -3, kWrite | kDenyOom, 1, -1, 1, "1.0.0", "set",
        "destination key [key ...]",
        "Keeps what SINTER replies at a key; replies how many members it has.", None, None)
COMMAND("sismember", SIsMember, 3, kReadOnly | kFast, 1, 1, 1, "1.0.0", "set",
        "key member",
        "Replies whether a set has a member.", None, None)
COMMAND("smembers", SMembers, 2, kReadOnly, 1, 1, 1, "1.0.0", "set",
        "key",
        "Replies all members of a set.", None, None)
COMMAND("smismember", SMIsMember, -3, kReadOnly | kFast, 1, 1, 1, "6.2.0", "set",
        "key member [member ...]",
        "Replies which of several members a set has.", None, None)
COMMAND("smove", SMove, 4, kWrite | kFast, 1, 2, 1, "1.0.0", "set",
        "source destination member",
        "Moves a member from one set to another.", None, None)
COMMAND("spop", SPop, -2, kWrite | kFast | kResolve, 1, 1, 1, "1.0.0", "set",
        "key [count]",
        "Takes members chosen at random out of a set; replies them.", None, None)
COMMAND("srandmember", SRandMember, -2, kReadOnly, 1, 1, 1, "1.0.0", "set",
        "key [count]",
        "Replies members of a set chosen at random: distinct ones, or with repeats when the count is negative.",
        None, None)
COMMAND("srem", SRem, -3, kWrite | kFast, 1, 1, 1, "1.0.0", "set",
        "key member [member ...]",
        "Removes members of a set; replies how many there were.", None, None)
COMMAND("sscan", SScan, -3, kReadOnly, 1, 1, 1, "2.8.0", "set",
        "key cursor [MATCH pattern] [COUNT count]",
        "Replies some of the members and the cursor to go on with, 0 at the end.", None, None)
COMMAND("sunion", SUnion, -2, kReadOnly, 1, -1, 1, "1.0.0", "set",
        "key [key ...]",
        "Replies the members that any of the sets has.", None, None)
COMMAND("sunionstore", SUnionStore, -3, kWrite | kDenyOom, 1, -1, 1, "1.0.0", "set",
        "destination key [key ...]",
        "Keeps what SUNION replies at a key; replies how many members it has.", None, None)

// ---- sorted set -----------------------------------------------------------------------------------------------------

COMMAND("bzmpop", BZMPop, -5, kWrite | kResolve | kMayWait | kMovableKeys, 0, 0, 0, "7.0.0", "sorted-set",
        "timeout numkeys key [key ...] <MIN | MAX> [COUNT count]",
        "ZMPOP that waits for a member.", None, TimeoutAndNumberedKeys)
COMMAND("bzpopmax", BZPopMax, -3, kWrite | kResolve | kMayWait | kFast, 1, -2, 1, "5.0.0", "sorted-set",
        "key [key ...] timeout",
        "Takes the member with the highest score of the first sorted set that has one, or waits for one.", None, None)
COMMAND("bzpopmin", BZPopMin, -3, kWrite | kResolve | kMayWait | kFast, 1, -2, 1, "5.0.0", "sorted-set",
        "key [key ...] timeout",
        "Takes the member with the lowest score of the first sorted set that has one, or waits for one.", None, None)
COMMAND("zadd", ZAdd, -4, kWrite | kDenyOom | kFast, 1, 1, 1, "1.2.0", "sorted-set",
        "key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]",
        "Gives members of a sorted set scores; replies how many are new, or with CH how many changed.", None, None)
COMMAND("zcard", ZCard, 2, kReadOnly | kFast, 1, 1, 1, "1.2.0", "sorted-set",
        "key",
        "Replies how many members a sorted set has.", None, None)
COMMAND("zcount", ZCount, 4, kReadOnly | kFast, 1, 1, 1, "2.0.0", "sorted-set",
        "key min max",
        "Counts the members with a score from min to max.", None, None)
COMMAND("zdiff", ZDiff, -3, kReadOnly | kMovableKeys, 0, 0, 0, "6.2.0", "sorted-set",
        "numkeys key [key ...] [WITHSCORES]",
        "Replies the members of the first sorted set that none of the others has.", None, NumberedKeys)
COMMAND("zdiffstore", ZDiffStore, -4, kWrite | kDenyOom | kMovableKeys, 1, 1, 1, "6.2.0", "sorted-set",
        "destination numkeys key [key ...]",
        "Keeps what ZDIFF replies at a key; replies how many members it has.", None, DestinationAndNumberedKeys)
COMMAND("zincrby", ZIncrBy, 4, kWrite | kDenyOom | kFast, 1, 1, 1, "1.2.0", "sorted-set",
        "key increment member",
        "Adds a number to the score of a member, 0 when missing; replies the result.", None, None)
COMMAND("zinter", ZInter, -3, kReadOnly | kMovableKeys, 0, 0, 0, "6.2.0", "sorted-set",
        "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]",
        "Replies the members that all of the sorted sets have, with their scores combined.", None, NumberedKeys)
COMMAND("zintercard", ZInterCard, -3, kReadOnly | kMovableKeys, 0, 0, 0, "7.0.0", "sorted-set",
        "numkeys key [key ...] [LIMIT limit]",
        "Counts the members that all of the sorted sets have, up to a limit.", None, NumberedKeys)
COMMAND("zinterstore", ZInterStore, -4, kWrite | kDenyOom | kMovableKeys, 1, 1, 1, "2.0.0", "sorted-set",
        "destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>]",
        "Keeps what ZINTER replies at a key; replies how many members it has.", None, DestinationAndNumberedKeys)
COMMAND("zlexcount", ZLexCount, 4, kReadOnly | kFast, 1, 1, 1, "2.8.9", "sorted-set",
        "key min max",
        "Counts the members from min to max, which are members themselves.", None, None)
COMMAND("zmpop", ZMPop, -4, kWrite | kMovableKeys, 0, 0, 0, "7.0.0", "sorted-set",
        "numkeys key [key ...] <MIN | MAX> [COUNT count]",
        "Takes members from one end of the first of several sorted sets that exists.", None, NumberedKeys)
COMMAND("zmscore", ZMScore, -3, kReadOnly | kFast, 1, 1, 1, "6.2.0", "sorted-set",
        "key member [member ...]",
        "Replies the scores of several members; null where there is none.", None, None)
COMMAND("zpopmax", ZPopMax, -2, kWrite | kFast, 1, 1, 1, "5.0.0", "sorted-set",
        "key [count]",
        "Takes the members with the highest scores; replies them with their scores.", None, None)
COMMAND("zpopmin", ZPopMin, -2, kWrite | kFast, 1, 1, 1, "5.0.0", "sorted-set",
        "key [count]",
        "Takes the members with the lowest scores; replies them with their scores.", None, None)
COMMAND("zrandmember", ZRandMember, -2, kReadOnly, 1, 1, 1, "6.2.0", "sorted-set",
        "key [count [WITHSCORES]]",
        "Replies members of a sorted set chosen at random: distinct ones, or with repeats when the count is negative.",
        None, None)
COMMAND("zrange", ZRange, -4, kReadOnly, 1, 1, 1, "1.2.0", "sorted-set",
        "key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]",
        "Replies the members of a range of ranks, scores or members.", None, None)
COMMAND("zrangebylex", ZRangeByLex, -4, kReadOnly, 1, 1, 1, "2.8.9", "sorted-set",
        "key min max [LIMIT offset count]",
        "Replies the members from min to max, which are members themselves.", None, None)
COMMAND("zrangebyscore", ZRangeByScore, -4, kReadOnly, 1, 1, 1, "1.0.5", "sorted-set",
        "key min max [WITHSCORES] [LIMIT offset count]",
        "Replies the members with a score from min to max.", None, None)
COMMAND("zrangestore", ZRangeStore, -5, kWrite | kDenyOom, 1, 2, 1, "6.2.0", "sorted-set",
        "destination source min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]",
        "Keeps what ZRANGE replies at a key; replies how many members it has.", None, None)
COMMAND("zrank", ZRank, -3, kReadOnly | kFast, 1, 1, 1, "2.0.0", "sorted-set",
        "key member [WITHSCORE]",
        "Replies the rank of a member by ascending score, from 0.", None, None)
COMMAND("zrem", ZRem, -3, kWrite | kFast, 1, 1, 1, "1.2.0", "sorted-set",
        "key member [member ...]",
        "Removes members of a sorted set; replies how many there were.", None, None)
COMMAND("zremrangebylex", ZRemRangeByLex, 4, kWrite, 1, 1, 1, "2.8.9", "sorted-set",
        "key min max",
        "Removes the members from min to max, which are members themselves; replies how many there were.", None, None)
COMMAND("zremrangebyrank", ZRemRangeByRank, 4, kWrite, 1, 1, 1, "2.0.0", "sorted-set",
        "key start stop",
        "Removes the members of a range of ranks; replies how many there were.", None, None)
COMMAND("zremrangebyscore", ZRemRangeByScore, 4, kWrite, 1, 1, 1, "1.2.0", "sorted-set",
        "key min max",
        "Removes the members with a score from min to max; replies how many there were.", None, None)
COMMAND("zrevrange", ZRevRange, -4, kReadOnly, 1, 1, 1, "1.2.0", "sorted-set",
        "key start stop [WITHSCORES]",
        "Replies the members of a range of ranks by descending score.", None, None)
COMMAND("zrevrangebylex", ZRevRangeByLex, -4, kReadOnly, 1, 1, 1, "2.8.9", "sorted-set",
        "key max min [LIMIT offset count]",
        "Replies the members from max down to min, which are members themselves.", None, None)
COMMAND("zrevrangebyscore", ZRevRangeByScore, -4, kReadOnly, 1, 1, 1, "2.2.0", "sorted-set",
        "key max min [WITHSCORES] [LIMIT offset count]",
        "Replies the members with a score from max down to min.", None, None)
COMMAND("zrevrank", ZRevRank, -3, kReadOnly | kFast, 1, 1, 1, "2.0.0", "sorted-set",
        "key member [WITHSCORE]",
        "Replies the rank of a member by descending score, from 0.", None, None)
COMMAND("zscan", ZScan, -3, kReadOnly, 1, 1, 1, "2.8.0", "sorted-set",
        "key cursor [MATCH pattern] [COUNT count]",
        "Replies some of the members with their scores and the cursor to go on with, 0 at the end.", None, None)
COMMAND("zscore", ZScore, 3, kReadOnly | kFast, 1, 1, 1, "1.2.0", "sorted-set",
        "key member",
        "Replies the score of a member.", None, None)
COMMAND("zunion", ZUnion, -3, kReadOnly | kMovableKeys, 0, 0, 0, "6.2.0", "sorted-set",
        "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]",
        "Replies the members that any of the sorted sets has, with their scores combined.", None, NumberedKeys)
COMMAND("zunionstore", ZUnionStore, -4, kWrite | kDenyOom | kMovableKeys, 1, 1, 1, "2.0.0", "sorted-set",
        "destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>]",
        "Keeps what ZUNION replies at a key; replies how many members it has.", None, DestinationAndNumberedKeys)

// ---- geo ------------------------------------------------------------------------------------------------------------

COMMAND("geoadd", ZAdd, -5, kWrite | kDenyOom, 1, 1, 1, "3.2.0", "geo",
        "key [NX | XX] [CH] longitude latitude member [longitude latitude member ...]",
        "Adds members with their places to a sorted set; replies how many are new, or with CH changed.",
        RewriteGeoAdd, None)
COMMAND("geodist", GeoDist, -4, kReadOnly, 1, 1, 1, "3.2.0", "geo",
        "key member1 member2 [M | KM | FT | MI]",
        "Replies the distance between the places of two members.", None, None)
COMMAND("geohash", GeoHash, -2, kReadOnly, 1, 1, 1, "3.2.0", "geo",
        "key [member [member ...]]",
        "Replies the places of members as geohashes of eleven letters.", None, None)
COMMAND("geopos", GeoPos, -2, kReadOnly, 1, 1, 1, "3.2.0", "geo",
        "key [member [member ...]]",
        "Replies the longitudes and latitudes of members.", None, None)
COMMAND("georadius", GeoRadius, -6, kWrite | kDenyOom | kResolve | kMovableKeys, 1, 1, 1, "3.2.0", "geo",
        "key longitude latitude radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] "
        "[ASC | DESC] [STORE key | STOREDIST key]",
        "Replies or stores the members within a radius around a place.", RewriteGeoRadius, GeoRadiusKeys)
COMMAND("georadius_ro", GeoRadiusRo, -6, kReadOnly, 1, 1, 1, "3.2.10", "geo",
        "key longitude latitude radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] "
        "[ASC | DESC]",
        "Replies the members within a radius around a place.", None, None)
COMMAND("georadiusbymember", GeoRadiusByMember, -5, kWrite | kDenyOom | kResolve | kMovableKeys, 1, 1, 1,
        "3.2.0", "geo",
        "key member radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] "
        "[ASC | DESC] [STORE key | STOREDIST key]",
        "Replies or stores the members within a radius around one of them.", RewriteGeoRadius, GeoRadiusKeys)
COMMAND("georadiusbymember_ro", GeoRadiusByMemberRo, -5, kReadOnly, 1, 1, 1, "3.2.10", "geo",
        "key member radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC | DESC]",
        "Replies the members within a radius around one of them.", None, None)
COMMAND("geosearch", GeoSearch, -7, kReadOnly, 1, 1, 1, "6.2.0", "geo",
        "key <FROMMEMBER member | FROMLONLAT longitude latitude> "
        "<BYRADIUS radius <M | KM | FT | MI> | BYBOX width height <M | KM | FT | MI>> [ASC | DESC] "
        "[COUNT count [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]",
        "Replies the members within a circle or a box.", None, None)
COMMAND("geosearchstore", GeoSearchStore, -8, kWrite | kDenyOom | kResolve, 1, 2, 1, "6.2.0", "geo",
        "destination source <FROMMEMBER member | FROMLONLAT longitude latitude> "
        "<BYRADIUS radius <M | KM | FT | MI> | BYBOX width height <M | KM | FT | MI>> [ASC | DESC] "
        "[COUNT count [ANY]] [STOREDIST]",
        "Stores the members within a circle or a box as a sorted set, with their places or distances.", None, None)

// ---- connection -----------------------------------------------------------------------------------------------------

COMMAND("auth", None, -2, kSession | kNeedsSession | kNoAuth | kFast, 0, 0, 0, "1.0.0", "connection",
        "[username] password",
        "Gives the password that the store asks for.", None, None)
COMMAND("client", None, -2, kContainer, 0, 0, 0, "2.4.0", "connection",
        "subcommand [argument ...]",
        "What connections say of themselves and do to each other.", None, None)
COMMAND("client|caching", None, 3, kSession | kNeedsSession, 0, 0, 0, "6.0.0", "connection",
        "<YES | NO>",
        "Is an error: there is no client side caching.", None, None)
COMMAND("client|getname", None, 2, kSession | kNeedsSession, 0, 0, 0, "2.6.9", "connection",
        "",
        "Replies the connection's name.", None, None)
COMMAND("client|getredir", None, 2, kSession | kNeedsSession, 0, 0, 0, "6.0.0", "connection",
        "",
        "Replies -1: there is no client side caching.", None, None)
COMMAND("client|help", None, 2, kSession, 0, 0, 0, "5.0.0", "connection",
        "",
        "Describes the subcommands of CLIENT.", None, None)
COMMAND("client|id", None, 2, kSession | kNeedsSession, 0, 0, 0, "5.0.0", "connection",
        "",
        "Replies the connection's number, which no other one of this store ever had.", None, None)
COMMAND("client|info", None, 2, kSession | kNeedsSession, 0, 0, 0, "6.2.0", "connection",
        "",
        "Replies what CLIENT LIST says of this connection.", None, None)
COMMAND("client|kill", None, -3, kSession, 0, 0, 0, "2.4.0", "connection",
        "<ip:port | <option value> ...>",
        "Ends connections.", None, None)
COMMAND("client|list", None, -2, kSession, 0, 0, 0, "2.4.0", "connection",
        "[TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] [ID client-id [client-id ...]]",
        "Replies a line for each connection.", None, None)
COMMAND("client|no-evict", None, 3, kSession | kNeedsSession, 0, 0, 0, "7.0.0", "connection",
        "<ON | OFF>",
        "Keeps the connection when clients are dropped for want of memory.", None, None)
COMMAND("client|no-touch", None, 3, kSession | kNeedsSession, 0, 0, 0, "7.2.0", "connection",
        "<ON | OFF>",
        "Reads of this connection do not count as uses of the keys.", None, None)
COMMAND("client|pause", None, -3, kSession, 0, 0, 0, "3.0.0", "connection",
        "timeout [WRITE | ALL]",
        "Holds the commands of all connections for some milliseconds.", None, None)
COMMAND("client|reply", None, 3, kSession | kNeedsSession | kNoBatch, 0, 0, 0, "3.2.0", "connection",
        "<ON | OFF | SKIP>",
        "Turns the replies to this connection off and on.", None, None)
COMMAND("client|setinfo", None, 4, kSession | kNeedsSession, 0, 0, 0, "7.2.0", "connection",
        "<LIB-NAME libname | LIB-VER libver>",
        "Says which library the client uses.", None, None)
COMMAND("client|setname", None, 3, kSession | kNeedsSession, 0, 0, 0, "2.6.9", "connection",
        "connection-name",
        "Gives the connection a name.", None, None)
COMMAND("client|tracking", None, -3, kSession | kNeedsSession, 0, 0, 0, "6.0.0", "connection",
        "<ON | OFF> [argument ...]",
        "Answers OFF: there is no client side caching.", None, None)
COMMAND("client|trackinginfo", None, 2, kSession | kNeedsSession, 0, 0, 0, "6.2.0", "connection",
        "",
        "Replies that there is no client side caching.", None, None)
COMMAND("client|unblock", None, -3, kSession, 0, 0, 0, "5.0.0", "connection",
        "client-id [TIMEOUT | ERROR]",
        "Ends the waiting of a connection in a blocking command.", None, None)
COMMAND("client|unpause", None, 2, kSession, 0, 0, 0, "6.2.0", "connection",
        "",
        "Ends CLIENT PAUSE.", None, None)
COMMAND("echo", Echo, 2, kFast, 0, 0, 0, "1.0.0", "connection",
        "message",
        "Replies the message.", None, None)
COMMAND("hello", None, -1, kSession | kNeedsSession | kNoAuth | kFast, 0, 0, 0, "6.0.0", "connection",
        "[protover [AUTH username password] [SETNAME clientname]]",
        "Greets the store: chooses RESP2 or RESP3, gives the password and a name.", None, None)
COMMAND("ping", Ping, -1, kFast | kWhileSubscribed, 0, 0, 0, "1.0.0", "connection",
        "[message]",
        "Replies PONG, or the message.", None, None)
COMMAND("quit", None, -1, kSession | kNeedsSession | kNoAuth | kWhileSubscribed | kEndsTransaction | kFast,
        0, 0, 0, "1.0.0", "connection",
        "",
        "Ends the connection.", None, None)
COMMAND("reset", None, 1, kSession | kNeedsSession | kNoAuth | kWhileSubscribed | kEndsTransaction | kFast,
        0, 0, 0, "6.2.0", "connection",
        "",
        "Makes the connection as it was when it was opened.", None, None)
COMMAND("select", None, 2, kSession | kNeedsSession | kFast, 0, 0, 0, "1.0.0", "connection",
        "index",
        "Chooses the database that the connection's commands run on.", None, None)

// ---- transactions ---------------------------------------------------------------------------------------------------

COMMAND("discard", None, 1, kSession | kNeedsSession | kEndsTransaction | kFast, 0, 0, 0, "2.0.0", "transactions",
        "",
        "Forgets the commands queued since MULTI.", None, None)
COMMAND("exec", None, 1, kSession | kNeedsSession | kEndsTransaction, 0, 0, 0, "1.2.0", "transactions",
        "",
        "Runs the commands queued since MULTI as one: all or nothing, also across a crash.", None, None)
COMMAND("multi", None, 1, kSession | kNeedsSession | kEndsTransaction | kFast, 0, 0, 0, "1.2.0", "transactions",
        "",
        "Begins a transaction: the commands that follow are queued.", None, None)
COMMAND("unwatch", None, 1, kSession | kNeedsSession | kFast, 0, 0, 0, "2.2.0", "transactions",
        "",
        "Forgets the watched keys.", None, None)
COMMAND("watch", None, -2, kSession | kNeedsSession | kEndsTransaction | kFast, 1, -1, 1, "2.2.0", "transactions",
        "key [key ...]",
        "EXEC does nothing when one of these keys has changed until then.", None, None)

// ---- pubsub ---------------------------------------------------------------------------------------------------------

COMMAND("psubscribe", None, -2, kSession | kNeedsSession | kWhileSubscribed, 0, 0, 0, "2.0.0", "pubsub",
        "pattern [pattern ...]",
        "Listens to the channels that match glob patterns.", None, None)
COMMAND("publish", None, 3, kSession | kMayPublish | kFast, 0, 0, 0, "2.0.0", "pubsub",
        "channel message",
        "Sends a message to whoever listens to the channel; replies how many those are.", None, None)
COMMAND("pubsub", None, -2, kContainer, 0, 0, 0, "2.8.0", "pubsub",
        "subcommand [argument ...]",
        "Looks into who listens to what.", None, None)
COMMAND("pubsub|channels", None, -2, kSession, 0, 0, 0, "2.8.0", "pubsub",
        "[pattern]",
        "Replies the channels that somebody listens to.", None, None)
COMMAND("pubsub|help", None, 2, kSession, 0, 0, 0, "6.2.0", "pubsub",
        "",
        "Describes the subcommands of PUBSUB.", None, None)
COMMAND("pubsub|numpat", None, 2, kSession, 0, 0, 0, "2.8.0", "pubsub",
        "",
        "Counts the patterns that somebody listens to.", None, None)
COMMAND("pubsub|numsub", None, -2, kSession, 0, 0, 0, "2.8.0", "pubsub",
        "[channel [channel ...]]",
        "Counts who listens to each channel.", None, None)
COMMAND("pubsub|shardchannels", None, -2, kSession, 0, 0, 0, "7.0.0", "pubsub",
        "[pattern]",
        "Replies the shard channels that somebody listens to.", None, None)
COMMAND("pubsub|shardnumsub", None, -2, kSession, 0, 0, 0, "7.0.0", "pubsub",
        "[shardchannel [shardchannel ...]]",
        "Counts who listens to each shard channel.", None, None)
COMMAND("punsubscribe", None, -1, kSession | kNeedsSession | kWhileSubscribed, 0, 0, 0, "2.0.0", "pubsub",
        "[pattern [pattern ...]]",
        "Ends listening to patterns; to all without one.", None, None)
COMMAND("spublish", None, 3, kSession | kMayPublish | kFast, 0, 0, 0, "7.0.0", "pubsub",
        "shardchannel message",
        "Sends a message to whoever listens to the shard channel.", None, None)
COMMAND("ssubscribe", None, -2, kSession | kNeedsSession | kWhileSubscribed, 0, 0, 0, "7.0.0", "pubsub",
        "shardchannel [shardchannel ...]",
        "Listens to shard channels.", None, None)
COMMAND("subscribe", None, -2, kSession | kNeedsSession | kWhileSubscribed, 0, 0, 0, "2.0.0", "pubsub",
        "channel [channel ...]",
        "Listens to channels.", None, None)
COMMAND("sunsubscribe", None, -1, kSession | kNeedsSession | kWhileSubscribed, 0, 0, 0, "7.0.0", "pubsub",
        "[shardchannel [shardchannel ...]]",
        "Ends listening to shard channels; to all without one.", None, None)
COMMAND("unsubscribe", None, -1, kSession | kNeedsSession | kWhileSubscribed, 0, 0, 0, "2.0.0", "pubsub",
        "[channel [channel ...]]",
        "Ends listening to channels; to all without one.", None, None)

// ---- server ---------------------------------------------------------------------------------------------------------
COMMAND("acl", None, -2, kContainer, 0, 0, 0, "6.0.0", "server",
        "subcommand [argument ...]",
        "Tells of users: there is one.", None, None)
COMMAND("acl|help", AclHelp, 2, kNone, 0, 0, 0, "6.0.0", "server",
        "",
        "Describes the subcommands of ACL.", None, None)
COMMAND("acl|list", AclList, 2, kAdmin | kOperator, 0, 0, 0, "6.0.0", "server",
        "",
        "Replies the rules of the users.", None, None)
COMMAND("acl|users", AclUsers, 2, kAdmin | kOperator, 0, 0, 0, "6.0.0", "server",
        "",
        "Replies the names of the users.", None, None)
COMMAND("acl|whoami", AclWhoAmI, 2, kNone, 0, 0, 0, "6.0.0", "server",
        "",
        "Replies the name of the connection's user.", None, None)
COMMAND("bgrewriteaof", BgRewriteAof, 1, kAdmin | kOperator, 0, 0, 0, "1.0.0", "server",
        "",
        "Begins to take a snapshot, which takes the place of the log before it.", None, None)
COMMAND("bgsave", BgSave, -1, kAdmin | kOperator, 0, 0, 0, "1.0.0", "server",
        "[SCHEDULE]",
        "Starts a snapshot in the background.", None, None)
COMMAND("command", CommandAll, -1, kContainer, 0, 0, 0, "2.8.13", "server",
        "[subcommand [argument ...]]",
        "Describes every command.", None, None)
COMMAND("command|count", CommandCount, 2, kNone, 0, 0, 0, "2.8.13", "server",
        "",
        "Counts the commands.", None, None)
COMMAND("command|docs", CommandDocs, -2, kNone, 0, 0, 0, "7.0.0", "server",
        "[command-name ...]",
        "Replies what commands are for.", None, None)
COMMAND("command|getkeys", CommandGetKeys, -3, kNone, 0, 0, 0, "2.8.13", "server",
        "command [argument ...]",
        "Finds the keys among the arguments of a command.", None, None)
COMMAND("command|getkeysandflags", CommandGetKeys, -3, kNone, 0, 0, 0, "7.0.0", "server",
        "command [argument ...]",
        "Finds the keys among the arguments of a command, and how it uses them.", None, None)
COMMAND("command|help", CommandHelp, 2, kNone, 0, 0, 0, "5.0.0", "server",
        "",
        "Describes the subcommands of COMMAND.", None, None)
COMMAND("command|info", CommandInfo, -2, kNone, 0, 0, 0, "2.8.13", "server",
        "[command-name ...]",
        "Describes commands by name.", None, None)
COMMAND("command|list", CommandList, -2, kNone, 0, 0, 0, "7.0.0", "server",
        "[FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]",
        "Replies the names of commands.", None, None)
COMMAND("config", None, -2, kContainer, 0, 0, 0, "2.0.0", "server",
        "subcommand [argument ...]",
        "Reads and changes options.", None, None)
COMMAND("config|get", ConfigGet, -3, kAdmin | kOperator, 0, 0, 0, "2.0.0", "server",
        "parameter [parameter ...]",
        "Replies the options whose names match glob patterns.", None, None)
COMMAND("config|help", ConfigHelp, 2, kNone, 0, 0, 0, "5.0.0", "server",
        "",
        "Describes the subcommands of CONFIG.", None, None)
COMMAND("config|resetstat", ConfigResetStat, 2, kAdmin | kOperator, 0, 0, 0, "2.0.0", "server",
        "",
        "Sets the counters that INFO shows back to 0.", None, None)
COMMAND("config|rewrite", ConfigRewrite, 2, kAdmin | kOperator, 0, 0, 0, "2.8.0", "server",
        "",
        "Writes what CONFIG SET has changed into the file that the server was started with.", None, None)
COMMAND("config|set", ConfigSet, -4, kAdmin | kOperator, 0, 0, 0, "2.0.0", "server",
        "parameter value [parameter value ...]",
        "Changes options, all or none.", None, None)
COMMAND("dbsize", DbSize, 1, kReadOnly | kFast | kAllKeys, 0, 0, 0, "1.0.0", "server",
        "",
        "Counts the keys of the database.", None, None)
COMMAND("debug", None, -2, kContainer, 0, 0, 0, "1.0.0", "server",
        "subcommand [argument ...]",
        "Helps to test the store.", None, None)
COMMAND("debug|digest", DebugDigest, 2, kAdmin | kOperator, 0, 0, 0, "1.0.0", "server",
        "",
        "Replies a digest of all data: the same for the same keys, values and expiries.", None, None)
COMMAND("debug|error", DebugError, 3, kAdmin | kOperator, 0, 0, 0, "1.0.0", "server",
        "string",
        "Replies an error with this text.", None, None)
COMMAND("debug|help", DebugHelp, 2, kNone, 0, 0, 0, "1.0.0", "server",
        "",
        "Describes the subcommands of DEBUG.", None, None)
COMMAND("debug|object", DebugObject, 3, kReadOnly | kOperator, 2, 2, 1, "1.0.0", "server",
        "key",
        "Replies how the value at a key is kept.", None, None)
COMMAND("debug|protocol", DebugProtocol, 3, kAdmin | kOperator, 0, 0, 0, "1.0.0", "server",
        "type",
        "Replies a value of a type of RESP3.", None, None)
COMMAND("debug|reload", DebugReload, -2, kAdmin | kOperator, 0, 0, 0, "1.0.0", "server",
        "[option ...]",
        "Takes a snapshot.", None, None)
COMMAND("debug|set-active-expire", DebugSetActiveExpire, 3, kAdmin | kOperator, 0, 0, 0, "1.0.0", "server",
        "<0 | 1>",
        "Turns the background removal of expired keys off or on.", None, None)
COMMAND("debug|sleep", DebugSleep, 3, kAdmin | kOperator, 0, 0, 0, "1.0.0", "server",
        "seconds",
        "Makes the caller wait.", None, None)
COMMAND("flushall", FlushAll, -1, kWrite | kAllKeys, 0, 0, 0, "1.0.0", "server",
        "[ASYNC | SYNC]",
        "Removes all keys of all databases.", None, None)
COMMAND("flushdb", FlushDb, -1, kWrite | kAllKeys, 0, 0, 0, "1.0.0", "server",
        "[ASYNC | SYNC]",
        "Removes all keys of the database.", None, None)
COMMAND("info", Info, -1, kAdmin, 0, 0, 0, "1.0.0", "server",
        "[section ...]",
        "Replies facts and counters about the store.", None, None)
COMMAND("lastsave", LastSave, 1, kAdmin | kFast, 0, 0, 0, "1.0.0", "server",
        "",
        "Replies the Unix time of the last durable snapshot.", None, None)
COMMAND("latency", None, -2, kContainer, 0, 0, 0, "2.8.13", "server",
        "subcommand [argument ...]",
        "Tells what took long.", None, None)
COMMAND("latency|doctor", LatencyDoctor, 2, kAdmin | kOperator, 0, 0, 0, "2.8.13", "server",
        "",
        "Replies a report on what took long.", None, None)
COMMAND("latency|graph", LatencyGraph, 3, kAdmin | kOperator, 0, 0, 0, "2.8.13", "server",
        "event",
        "Draws how long an event took.", None, None)
COMMAND("latency|help", LatencyHelp, 2, kNone, 0, 0, 0, "2.8.13", "server",
        "",
        "Describes the subcommands of LATENCY.", None, None)
COMMAND("latency|histogram", LatencyHistogram, -2, kAdmin | kOperator, 0, 0, 0, "7.0.0", "server",
        "[command [command ...]]",
        "Replies how many calls of commands took up to 1, 2, 4, 8, ... microseconds.", None, None)
COMMAND("latency|history", LatencyHistory, 3, kAdmin | kOperator, 0, 0, 0, "2.8.13", "server",
        "event",
        "Replies when an event took long, and how long.", None, None)
COMMAND("latency|latest", LatencyLatest, 2, kAdmin | kOperator, 0, 0, 0, "2.8.13", "server",
        "",
        "Replies the last time that each event took long.", None, None)
COMMAND("latency|reset", LatencyReset, -2, kAdmin | kOperator, 0, 0, 0, "2.8.13", "server",
        "[event [event ...]]",
        "Forgets what took long; replies of how many events.", None, None)
COMMAND("lolwut", Lolwut, -1, kFast, 0, 0, 0, "5.0.0", "server",
        "[VERSION version]",
        "Replies the version.", None, None)
COMMAND("memory", None, -2, kContainer, 0, 0, 0, "4.0.0", "server",
        "subcommand [argument ...]",
        "Tells what keys and the store take.", None, None)
COMMAND("memory|doctor", MemoryDoctor, 2, kAdmin, 0, 0, 0, "4.0.0", "server",
        "",
        "Replies a report on the memory in use.", None, None)
COMMAND("memory|help", MemoryHelp, 2, kNone, 0, 0, 0, "4.0.0", "server",
        "",
        "Describes the subcommands of MEMORY.", None, None)
COMMAND("memory|malloc-stats", MemoryMallocStats, 2, kAdmin, 0, 0, 0, "4.0.0", "server",
        "",
        "Replies a line on the memory in use.", None, None)
COMMAND("memory|purge", MemoryPurge, 2, kAdmin, 0, 0, 0, "4.0.0", "server",
        "",
        "Does nothing: free memory is given back as it becomes free.", None, None)
COMMAND("memory|stats", MemoryStats, 2, kAdmin, 0, 0, 0, "4.0.0", "server",
        "",
        "Replies numbers on the memory in use.", None, None)
COMMAND("memory|usage", MemoryUsage, -3, kReadOnly, 2, 2, 1, "4.0.0", "server",
        "key [SAMPLES count]",
        "Replies the bytes that a key and its value take.", None, None)
COMMAND("monitor", None, 1, kSession | kNeedsSession | kOperator | kNoBatch, 0, 0, 0, "1.0.0", "server",
        "",
        "Shows every command that any connection runs from now on.", None, None)
COMMAND("replicaof", ReplicaOf, 3, kAdmin | kOperator | kNoBatch, 0, 0, 0, "5.0.0", "server",
        "host port",
        "Answers NO ONE: a store is nobody's replica.", None, None)
COMMAND("role", Role, 1, kAdmin | kFast, 0, 0, 0, "2.8.12", "server",
        "",
        "Replies that the store is a master without replicas.", None, None)
COMMAND("save", Save, 1, kAdmin | kOperator | kNoBatch, 0, 0, 0, "1.0.0", "server",
        "",
        "Takes a snapshot; replies when it is durable.", None, None)
COMMAND("shutdown", None, -1, kSession | kOperator | kNoBatch, 0, 0, 0, "1.0.0", "server",
        "[NOSAVE | SAVE] [NOW] [FORCE] [ABORT]",
        "Asks the program that the store is in to end.", None, None)
COMMAND("slaveof", ReplicaOf, 3, kAdmin | kOperator | kNoBatch, 0, 0, 0, "1.0.0", "server",
        "host port",
        "As REPLICAOF.", None, None)
COMMAND("slowlog", None, -2, kContainer, 0, 0, 0, "2.2.12", "server",
        "subcommand [argument ...]",
        "Tells which commands ran long.", None, None)
COMMAND("slowlog|get", SlowLogGet, -2, kAdmin | kOperator, 0, 0, 0, "2.2.12", "server",
        "[count]",
        "Replies the last commands that ran long.", None, None)
COMMAND("slowlog|help", SlowLogHelp, 2, kNone, 0, 0, 0, "6.2.0", "server",
        "",
        "Describes the subcommands of SLOWLOG.", None, None)
COMMAND("slowlog|len", SlowLogLen, 2, kAdmin | kOperator, 0, 0, 0, "2.2.12", "server",
        "",
        "Counts the commands that ran long.", None, None)
COMMAND("slowlog|reset", SlowLogReset, 2, kAdmin | kOperator, 0, 0, 0, "2.2.12", "server",
        "",
        "Forgets the commands that ran long.", None, None)
COMMAND("swapdb", SwapDb, 3, kWrite | kFast | kAllKeys, 0, 0, 0, "4.0.0", "server",
        "index1 index2",
        "Swaps two databases.", None, None)
COMMAND("time", Time, 1, kFast, 0, 0, 0, "2.6.0", "server",
        "",
        "Replies the store's clock: Unix seconds, and microseconds within the second.", None, None)

// clang-format on
};
#undef COMMAND
#undef None

constexpr size_t kSlots = 2048;
static_assert(std::size(kRows_commands_table) * 4 <= kSlots);
constexpr uint32_t kHashSeed_commands_table = 2166136261;

constexpr char LowerOf(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte; }

constexpr uint32_t HashName(Bytes name, uint32_t hash) {
  for (const char byte : name) hash = (hash ^ static_cast<uint8_t>(LowerOf(byte))) * 16777619;
  return hash;
}

constexpr std::array<uint16_t, kSlots> BuildIndex() {
  std::array<uint16_t, kSlots> slots{};  // row number + 1; 0 is free
  for (size_t row = 0; row < std::size(kRows_commands_table); ++row) {
    size_t slot = HashName(kRows_commands_table[row].name, kHashSeed_commands_table) % kSlots;
    while (slots[slot] != 0) slot = (slot + 1) % kSlots;
    slots[slot] = static_cast<uint16_t>(row + 1);
  }
  return slots;
}
constexpr std::array<uint16_t, kSlots> kIndex = BuildIndex();

bool BeginsWith(Bytes text, Bytes name) {
  if (text.size() < name.size()) return false;
  for (size_t i = 0; i < name.size(); ++i) {
    if (text[i] != LowerOf(name[i])) return false;
  }
  return true;
}

const Command* Lookup(Bytes name, const Bytes* subcommand) {
  uint32_t hash = HashName(name, kHashSeed_commands_table);
  if (subcommand != nullptr) hash = HashName(*subcommand, HashName("|", hash));
  for (size_t slot = hash % kSlots; kIndex[slot] != 0; slot = (slot + 1) % kSlots) {
    const Command& row = kRows_commands_table[kIndex[slot] - 1];
    Bytes rest = row.name;
    if (!BeginsWith(rest, name)) continue;
    rest.remove_prefix(name.size());
    if (subcommand != nullptr) {
      if (!BeginsWith(rest, "|")) continue;
      rest.remove_prefix(1);
      if (!BeginsWith(rest, *subcommand)) continue;
      rest.remove_prefix(subcommand->size());
    }
    if (rest.empty()) return &row;
  }
  return nullptr;
}

Bytes Printed(Bytes text, size_t size_max) { return text.substr(0, text.find('\0')).substr(0, size_max); }

class Table_commands_table final : public engine::CommandTable {
 public:
  const Command* Find(Args args) const override {
    if (args.empty() || args[0].find('|') != Bytes::npos) return nullptr;
    const Command* row = Lookup(args[0], nullptr);
    if (row == nullptr || (row->flags & kContainer) == 0 || args.size() == 1) return row;
    return Lookup(args[0], &args[1]);
  }

  std::span<const Command> Rows() const override { return kRows_commands_table; }

  void WriteUnknown(Args args, resp::Writer& reply) const override {
    constexpr size_t kPrintedMax = 128;
    const Bytes name = args.empty() ? Bytes() : args[0];
    std::string text;
    const Command* row = Lookup(name, nullptr);
    if (row != nullptr && (row->flags & kContainer) != 0 && args.size() > 1) {
      const bool is_debug = Bytes(row->name) == "debug";
      text.append(is_debug ? "ERR unknown subcommand or wrong number of arguments for '" : "ERR unknown subcommand '");
      text.append(Printed(args[1], kPrintedMax)).append("'. Try ");
      for (const char byte : Bytes(row->name))
        text.push_back(byte >= 'a' && byte <= 'z' ? static_cast<char>(byte - 'a' + 'A') : byte);
      text.append(" HELP.");
    } else {
      std::string list;
      for (size_t i = 1; i < args.size() && list.size() < kPrintedMax; ++i) {
        const size_t room = kPrintedMax - list.size();
        list.append("'").append(Printed(args[i], room)).append("' ");
      }
      text.append("ERR unknown command '")
          .append(Printed(name, kPrintedMax))
          .append("', with args beginning with: ")
          .append(list);
    }
    reply.Error(Code::kCommand, text);
  }
};

}  // namespace

const engine::CommandTable& Commands() {
  alignas(Table_commands_table) static char place[sizeof(Table_commands_table)];
  static const Table_commands_table* const table = new (place) Table_commands_table;
  return *table;
}

std::span<const Command> AllCommands() { return kRows_commands_table; }

const Command* FindCommand(Bytes name) { return Lookup(name, nullptr); }

}  // namespace redislite::commands

// ==== src/session/hub.h ===========================================================================================
namespace redislite::session {

class Session;

enum class Topic : uint8_t { kChannel, kPattern, kShard };

class Hub {
 public:
  explicit Hub(engine::Engine& engine);
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  engine::Engine& engine() { return engine_; }

  void Close() EXCLUDES(mu_);
  bool closed() const { return is_closed_.load(std::memory_order_acquire); }

  uint64_t Add(Session& session) EXCLUDES(mu_);
  void Remove(Session& session) EXCLUDES(mu_);
  size_t session_count() const { return count_.load(std::memory_order_relaxed); }
  void ForEach(const std::function<void(Session&)>& visit) EXCLUDES(mu_);

  engine::Engine::ClientFacts Facts() EXCLUDES(mu_);
  void Describe(uint64_t id, engine::SlowLog::Entry& entry) EXCLUDES(mu_);
  void CountBytesIn(size_t bytes) { bytes_in_.Add(bytes); }
  void CountBytesOut(size_t bytes) { bytes_out_.Add(bytes); }


  bool Subscribe(Session& session, Topic topic, Bytes name) EXCLUDES(mu_);
  bool Unsubscribe(Session& session, Topic topic, Bytes name) EXCLUDES(mu_);
  void Forget(Session& session) EXCLUDES(mu_);
  int64_t Publish(Bytes channel, Bytes message, bool sharded) EXCLUDES(mu_);
  void ForEachTopic(Topic topic, const std::function<void(const std::string&, size_t listeners)>& visit) EXCLUDES(mu_);
  size_t CountListeners(Topic topic, Bytes name) EXCLUDES(mu_);


  void AddMonitor(Session& session) EXCLUDES(mu_);
  void RemoveMonitor(Session& session) EXCLUDES(mu_);
  bool has_monitors() const { return monitor_count_.load(std::memory_order_relaxed) != 0; }
  void ShowToMonitors(Bytes line, const Session* but) EXCLUDES(mu_);


  struct Pause {
    int64_t until_us = 0;  // monotonic
    bool writes_only = false;
  };
  void SetPause(const Pause& pause) EXCLUDES(mu_);
  Pause pause() const EXCLUDES(mu_);
  bool may_be_paused() const { return paused_.load(std::memory_order_relaxed); }

 private:
  using Listeners = std::map<std::string, std::vector<Session*>, std::less<>>;

  Listeners& Of(Topic topic) REQUIRES(mu_) { return listeners_[static_cast<size_t>(topic)]; }

  engine::Engine& engine_;
  mutable Mutex mu_;
  bool closed_ GUARDED_BY(mu_) = false;
  uint64_t last_id_ GUARDED_BY(mu_) = 0;
  std::map<uint64_t, Session*> sessions_ GUARDED_BY(mu_);
  Listeners listeners_[3] GUARDED_BY(mu_);
  std::vector<Session*> monitors_ GUARDED_BY(mu_);
  Pause pause_ GUARDED_BY(mu_);
  StripedCounter bytes_in_;
  StripedCounter bytes_out_;
  std::atomic<bool> paused_{false};
  std::atomic<bool> is_closed_{false};
  std::atomic<size_t> count_{0};
  std::atomic<size_t> monitor_count_{0};
};

}  // namespace redislite::session

// ==== src/session/session.h =======================================================================================
namespace redislite::session {

struct Watches {
  explicit Watches(std::shared_ptr<Hub> the_hub) : hub(std::move(the_hub)) {}
  ~Watches();
  Watches(const Watches&) = delete;
  Watches& operator=(const Watches&) = delete;

  const std::shared_ptr<Hub> hub;
  engine::WatchList list;
};

enum class Ending : uint8_t { kNot, kQuit, kProtocol, kKilled, kStoreClosed, kOutputLimit };

class Session : public std::enable_shared_from_this<Session> {
 public:
  static Result<std::shared_ptr<Session>> Open(std::shared_ptr<Hub> hub);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;


  Status Feed(Bytes bytes);
  Status Peek(Bytes* ready);
  Status Consume(size_t size);
  bool Pending() const;
  bool Busy() const;
  Status Wait(int timeout_ms);
  Result<int> Fd();
  void SetNotify(void (*notify)(void*), void* context);
  void SetPeer(Bytes address, Bytes local_address);
  void Close();


  void Interrupt();
  void Deliver(Bytes bytes) noexcept;
  void End(Ending why) noexcept;
  void Kill();
  void Resume() noexcept;
  bool Unblock(bool with_error);

  uint64_t id() const { return id_; }
  int protocol() const { return protocol_.load(std::memory_order_relaxed); }

  struct Facts {
    uint64_t id = 0;
    std::string address, local_address, name, library, library_version;
    int64_t age_s = 0, idle_s = 0;
    int db = 0, protocol = 2;
    size_t channels = 0, patterns = 0, shards = 0;
    int64_t queued = -1;  // commands of a transaction; -1: in none
    size_t watched = 0;
    size_t query_bytes = 0, output_bytes = 0, memory = 0;
    bool blocked = false, monitor = false, no_evict = false, no_touch = false, ended = false;
    const engine::Command* command = nullptr;
  };
  Facts GetFacts() const;

  static bool RunOnce(const std::shared_ptr<Hub>& hub, engine::Args args, resp::Writer& reply);

  static bool IsOwn(const engine::Command& command);

 private:
  explicit Session(std::shared_ptr<Hub> hub);

  struct Flight {
    engine::Task task;
    std::shared_ptr<Session> session;
    std::shared_ptr<Watches> watches;
    bool silent = false;  // no reply is wanted
    bool kept = false;    // the reply is for the session itself: the end of EXEC
  };
  enum class Step : uint8_t {
    kDone,
    kWait,  // not now: it stays in the query buffer
  };

  size_t Run(Bytes input);
  void Progress();
  bool MayRun() const;
  bool HasUnparsed() const { return query_at_ < query_.size(); }
  Step Dispatch(engine::Args args);
  Step DispatchData(const engine::Command& command, engine::Args args);
  bool IsIdle() const { return group_.empty() && in_flight_.load(std::memory_order_acquire) == 0; }
  bool MayWrite(const engine::Command& command) const;
  bool PausedFor(const engine::Command& command);
  void ShowToMonitors(const engine::Command& command, engine::Args args);

  Flight* NewFlight();
  void Recycle(Flight* flight);
  void Flush();
  static void FlightFinished(engine::Op& op);
  void FlightDone(Flight& flight) noexcept;
  void Sleep(int64_t until_us);
  enum class Waiting : uint8_t { kForKeys, kForTime, kForEither };
  bool StopWaiting(Waiting kind, Status status);

  resp::Writer& Reply();  // a scratch writer; SendReply puts it out
  void SendReply();
  bool TakeReplyWish();
  void Send(Bytes bytes);
  void TakeOutbox();
  void Ring() REQUIRES(mu_);
  void CheckOutputLimit() REQUIRES(mu_);
  void SetLevel();
  size_t UnreadBytes() const;

  bool Ready() const { return ready_at_ < ready_.size() || has_outbox_ || exec_finished_ || ending_ != Ending::kNot; }

  using Run1 = void (Session::*)(const engine::Command&, engine::Args, resp::Writer&);
  static Run1 FindOwn(const engine::Command& command);
  void RunAloud(const engine::Command& command, engine::Args args, resp::Writer& reply);
  Step RunOwn(const engine::Command& command, engine::Args args);
  void Ping(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Hello(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Auth(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Select(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Quit(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ResetCommand(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Monitor(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Multi(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Discard(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Watch(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Unwatch(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void SubscribeCommand(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void UnsubscribeCommand(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Publish(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void PubSubChannels(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void PubSubNumSub(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void PubSubNumPat(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void PubSubHelp(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientId(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientInfo(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientList(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientKill(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientSetName(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientGetName(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientSetInfo(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientReply(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientNoEvict(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientPause(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientUnpause(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientUnblock(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientGetRedir(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientHelp(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientTracking(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientCaching(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void ClientTrackingInfo(const engine::Command& command, engine::Args args, resp::Writer& reply);
  void Shutdown(const engine::Command& command, engine::Args args, resp::Writer& reply);
  bool Authenticate(Bytes user, Bytes password, resp::Writer& reply);
  bool SetName(Bytes name, resp::Writer& reply);

  void Queue(const engine::Command& command, engine::Args args);
  void Exec();
  void FinishExec(Bytes batch_reply);
  void LeaveTransaction();
  void DropWatches();

  void TellSubscription(Topic topic, Bytes kind, const std::string* name, resp::Writer& reply);
  void CountSubscriptions();
  void UnsubscribeAll(Topic topic);
  std::set<std::string, std::less<>>& NamesOf(Topic topic) { return topics_[static_cast<size_t>(topic)]; }
  bool IsSubscribed() const { return !topics_[0].empty() || !topics_[1].empty() || !topics_[2].empty(); }

  void Reset();
  void Leave(Ending why);
  bool NeedsPassword() const;
  void RefreshLimits();

  const std::shared_ptr<Hub> hub_;
  engine::Engine& engine_;
  uint64_t id_ = 0;
  const int64_t opened_us_;

  resp::CommandParser parser_;
  resp::CommandParser::Limits limits_;  // and query_bytes_max_: the options of that version
  uint64_t query_bytes_max_ = 0;
  uint64_t options_version_ = 0;
  std::string query_;  // what could not be run yet
  size_t query_at_ = 0;
  std::vector<Bytes> argv_;
  bool argv_is_a_line_ = false;
  bool waiting_ = false;  // the next command waits for those under way
  bool stalled_ = false;  // query_ may have a whole command that could not be run yet
  uint64_t flight_count_ = 0;
  std::vector<Flight*> group_;
  std::vector<engine::Op*> group_ops_;  // Flush's
  bool group_async_ = false;
  std::vector<std::unique_ptr<Flight>> flights_;  // all of them
  resp::Writer reply_{2};
  std::string ready_;
  size_t ready_at_ = 0;
  bool authenticated_ = true;
  enum class Replies : uint8_t { kOn, kOff, kSkipNext, kSkip } replies_ = Replies::kOn;

  struct Queued {
    const engine::Command* command;
    std::vector<std::string> args;
    int db;
  };
  bool in_transaction_ = false;
  bool transaction_is_bad_ = false;
  int transaction_db_ = 0;
  std::vector<Queued> queued_;
  std::vector<std::string> exec_texts_;  // of each queued command: an error known already; empty: see the batch
  bool exec_unfinished_ = false;         // FinishExec is still to come; nothing may be answered before it
  bool exec_wanted_ = false;             // its reply is
  std::shared_ptr<Watches> watches_;
  std::set<std::string, std::less<>> topics_[3];

  std::atomic<int> protocol_{2};
  std::atomic<int> db_{0};
  std::atomic<int> in_flight_{0};
  std::atomic<bool> has_outbox_{false};
  std::atomic<bool> exec_finished_{false};  // exec_reply_ waits for the owner
  std::atomic<Ending> ending_{Ending::kNot};
  std::atomic<int64_t> used_us_;
  std::atomic<const engine::Command*> last_command_{nullptr};
  std::atomic<int64_t> queued_count_{-1};
  std::atomic<size_t> watched_count_{0};
  std::atomic<size_t> topic_counts_[3] = {};
  std::atomic<size_t> query_bytes_{0};
  std::atomic<size_t> ready_bytes_{0};
  std::atomic<bool> monitor_{false};
  std::atomic<bool> no_evict_{false};
  std::atomic<bool> no_touch_{false};

  mutable Mutex mu_;
  CondVar cv_;
  std::string outbox_ GUARDED_BY(mu_);
  std::string exec_reply_ GUARDED_BY(mu_);
  std::vector<Flight*> spare_ GUARDED_BY(mu_);
  std::unique_ptr<os::WakeUp> wake_up_ GUARDED_BY(mu_);
  void (*notify_)(void*) GUARDED_BY(mu_) = nullptr;
  void* notify_context_ GUARDED_BY(mu_) = nullptr;
  bool interrupted_ GUARDED_BY(mu_) = false;
  Flight* parked_ GUARDED_BY(mu_) = nullptr;  // a blocking command under way
  bool parked_is_sleep_ GUARDED_BY(mu_) = false;
  int64_t over_soft_since_us_ GUARDED_BY(mu_) = 0;
  std::string name_ GUARDED_BY(mu_);
  std::string library_ GUARDED_BY(mu_);
  std::string library_version_ GUARDED_BY(mu_);
  std::string address_ GUARDED_BY(mu_);
  std::string local_address_ GUARDED_BY(mu_);
};

}  // namespace redislite::session

// ==== src/session/client_commands.cc ==============================================================================
namespace redislite::session {

using commands::EqualsIgnoreCase;
using commands::IsNamed;
using engine::Args;
using engine::Command;

namespace {

std::string Line_session_client_commands(const Session::Facts& facts) {
  std::string flags;
  if (facts.monitor) flags += 'O';
  if (facts.channels + facts.patterns + facts.shards != 0) flags += 'P';
  if (facts.queued >= 0) flags += 'x';
  if (facts.blocked) flags += 'b';
  if (facts.no_evict) flags += 'e';
  if (facts.no_touch) flags += 'T';
  if (facts.ended) flags += 'c';
  if (flags.empty()) flags = "N";
  std::string line;
  const auto field = [&](const char* name, const std::string& value) {
    line += (line.empty() ? "" : " ") + std::string(name) + "=" + value;
  };
  const auto number = [&](const char* name, auto value) { field(name, std::to_string(value)); };
  number("id", facts.id);
  field("addr", facts.address);
  field("laddr", facts.local_address);
  field("fd", "-1");
  field("name", facts.name);
  number("age", facts.age_s);
  number("idle", facts.idle_s);
  field("flags", flags);
  number("db", facts.db);
  number("sub", facts.channels);
  number("psub", facts.patterns);
  number("ssub", facts.shards);
  number("multi", facts.queued);
  number("qbuf", facts.query_bytes);
  field("qbuf-free", "0");
  field("argv-mem", "0");
  field("multi-mem", "0");
  field("rbs", "0");
  field("rbp", "0");
  field("obl", "0");
  field("oll", "0");
  number("omem", facts.output_bytes);
  number("tot-mem", facts.memory);
  field("events", "r");
  field("cmd", facts.command == nullptr ? "NULL" : facts.command->name);
  field("user", "default");
  field("redir", "-1");
  number("resp", facts.protocol);
  field("lib-name", facts.library);
  field("lib-ver", facts.library_version);
  return line + "\n";
}

bool IsKind(Bytes kind) {
  return EqualsIgnoreCase(kind, "normal") || EqualsIgnoreCase(kind, "master") || EqualsIgnoreCase(kind, "replica") ||
         EqualsIgnoreCase(kind, "slave") || EqualsIgnoreCase(kind, "pubsub");
}

bool IsOfKind(const Session::Facts& facts, Bytes kind) {
  const bool listens = facts.channels + facts.patterns + facts.shards != 0;
  if (EqualsIgnoreCase(kind, "normal")) return !listens;
  return EqualsIgnoreCase(kind, "pubsub") && listens;
}

}  // namespace

void Session::ClientId(const Command&, Args, resp::Writer& reply) { reply.Integer(static_cast<int64_t>(id_)); }
void Session::ClientInfo(const Command&, Args, resp::Writer& reply) { reply.Verbatim(Line_session_client_commands(GetFacts())); }
void Session::ClientGetRedir(const Command&, Args, resp::Writer& reply) { reply.Integer(-1); }

void Session::ClientList(const Command&, Args args, resp::Writer& reply) {
  std::optional<Bytes> kind;
  std::vector<uint64_t> ids;
  if (args.size() == 4 && EqualsIgnoreCase(args[2], "type")) {
    if (!IsKind(args[3])) {
      return reply.Error(Code::kValue, "ERR Unknown client type '" + std::string(args[3]) + "'");
    }
    kind = args[3];
  } else if (args.size() > 3 && EqualsIgnoreCase(args[2], "id")) {
    for (const Bytes text : args.subspan(3)) {
      const std::optional<uint64_t> id = ParseUint64(text);
      if (!id) return reply.Error(Code::kValue, "ERR Invalid client ID");
      ids.push_back(*id);
    }
  } else if (args.size() != 2) {
    return commands::WriteSyntaxError(reply);
  }
  std::string text;
  hub_->ForEach([&](Session& session) {
    const Facts facts = session.GetFacts();
    if (kind && !IsOfKind(facts, *kind)) return;
    if (!ids.empty() && std::find(ids.begin(), ids.end(), facts.id) == ids.end()) return;
    text += Line_session_client_commands(facts);
  });
  reply.Verbatim(text);
}

void Session::ClientKill(const Command&, Args args, resp::Writer& reply) {
  struct {
    std::optional<uint64_t> id;
    std::optional<Bytes> address, local_address, user, kind;
    std::optional<int64_t> age_s;
    bool skip_me = true;
  } wanted;
  const bool old_form = args.size() == 3;
  if (old_form) {
    wanted.address = args[2];
    wanted.skip_me = false;
  } else {
    for (size_t i = 2; i < args.size(); i += 2) {
      if (i + 1 == args.size()) return commands::WriteSyntaxError(reply);
      const Bytes value = args[i + 1];
      if (EqualsIgnoreCase(args[i], "id")) {
        wanted.id = ParseUint64(value);
        if (!wanted.id || *wanted.id == 0) {
          return reply.Error(Code::kValue, "ERR client-id should be greater than 0");
        }
      } else if (EqualsIgnoreCase(args[i], "type")) {
        if (!IsKind(value)) return reply.Error(Code::kValue, "ERR Unknown client type '" + std::string(value) + "'");
        wanted.kind = value;
      } else if (EqualsIgnoreCase(args[i], "addr")) {
        wanted.address = value;
      } else if (EqualsIgnoreCase(args[i], "laddr")) {
        wanted.local_address = value;
      } else if (EqualsIgnoreCase(args[i], "user")) {
        if (value != "default") return reply.Error(Code::kValue, "ERR No such user '" + std::string(value) + "'");
        wanted.user = value;
      } else if (EqualsIgnoreCase(args[i], "maxage")) {
        wanted.age_s = ParseInt64(value);
        if (!wanted.age_s) return commands::WriteNotInteger(reply);
      } else if (EqualsIgnoreCase(args[i], "skipme")) {
        wanted.skip_me = EqualsIgnoreCase(value, "yes");
        if (!wanted.skip_me && !EqualsIgnoreCase(value, "no")) return commands::WriteSyntaxError(reply);
      } else {
        return commands::WriteSyntaxError(reply);
      }
    }
  }
  int64_t killed = 0;
  bool me = false;
  std::vector<std::shared_ptr<Session>> others;
  hub_->ForEach([&](Session& session) {
    const Facts facts = session.GetFacts();
    if (wanted.id && *wanted.id != facts.id) return;
    if (wanted.address && *wanted.address != facts.address) return;
    if (wanted.local_address && *wanted.local_address != facts.local_address) return;
    if (wanted.kind && !IsOfKind(facts, *wanted.kind)) return;
    if (wanted.age_s && facts.age_s < *wanted.age_s) return;
    if (facts.ended || (&session == this && wanted.skip_me)) return;
    ++killed;
    if (&session == this) {
      me = true;
    } else if (std::shared_ptr<Session> other = session.weak_from_this().lock(); other != nullptr) {
      others.push_back(std::move(other));
    }
  });
  for (const std::shared_ptr<Session>& other : others) other->Kill();  // which needs the hub
  if (me) End(Ending::kKilled);                                        // after its reply, as a person would expect
  if (!old_form) return reply.Integer(killed);
  if (killed == 0) return reply.Error(Code::kValue, "ERR No such client");
  reply.Ok();
}

void Session::ClientSetName(const Command&, Args args, resp::Writer& reply) {
  if (SetName(args[2], reply)) reply.Ok();
}

void Session::ClientGetName(const Command&, Args, resp::Writer& reply) {
  MutexLock lock(mu_);
  if (name_.empty()) return reply.Null();
  reply.Bulk(name_);
}

void Session::ClientSetInfo(const Command&, Args args, resp::Writer& reply) {
  const bool is_name = EqualsIgnoreCase(args[2], "lib-name");
  if (!is_name && !EqualsIgnoreCase(args[2], "lib-ver")) {
    return reply.Error(Code::kCommand, "ERR Unrecognized option '" + std::string(args[2]) + "'");
  }
  const auto is_odd = [](char byte) { return byte < '!' || byte > '~'; };
  if (std::any_of(args[3].begin(), args[3].end(), is_odd)) {
    return reply.Error(Code::kValue, std::string("ERR ") + (is_name ? "lib-name" : "lib-ver") +
                                         " cannot contain spaces, newlines or special characters.");
  }
  MutexLock lock(mu_);
  (is_name ? library_ : library_version_) = args[3];
  reply.Ok();
}

void Session::ClientReply(const Command&, Args args, resp::Writer& reply) {
  if (EqualsIgnoreCase(args[2], "on")) {
    replies_ = Replies::kOn;
    return reply.Ok();
  }
  if (EqualsIgnoreCase(args[2], "off")) {
    replies_ = Replies::kOff;
  } else if (EqualsIgnoreCase(args[2], "skip")) {
    if (replies_ != Replies::kOff) replies_ = Replies::kSkipNext;
  } else {
    commands::WriteSyntaxError(reply);
  }
}

void Session::ClientNoEvict(const Command& command, Args args, resp::Writer& reply) {
  std::atomic<bool>& flag = IsNamed(command, "client|no-evict") ? no_evict_ : no_touch_;
  const bool on = EqualsIgnoreCase(args[2], "on");
  if (!on && !EqualsIgnoreCase(args[2], "off")) return commands::WriteSyntaxError(reply);
  flag.store(on, std::memory_order_relaxed);
  reply.Ok();
}

void Session::ClientPause(const Command&, Args args, resp::Writer& reply) {
  bool writes_only = false;
  if (args.size() == 4) {
    writes_only = EqualsIgnoreCase(args[3], "write");
    if (!writes_only && !EqualsIgnoreCase(args[3], "all")) {
      return reply.Error(Code::kCommand, "ERR CLIENT PAUSE mode must be WRITE or ALL");
    }
  } else if (args.size() != 3) {
    return commands::WriteSyntaxError(reply);
  }
  const std::optional<int64_t> ms = ParseInt64(args[2]);
  if (!ms) return reply.Error(Code::kValue, "ERR timeout is not an integer or out of range");
  if (*ms < 0) return reply.Error(Code::kValue, "ERR timeout is negative");
  constexpr int64_t kMsMax = int64_t{100} * 365 * 24 * 3600 * 1000;
  hub_->SetPause({.until_us = os::MonotonicUs() + std::min(*ms, kMsMax) * 1000, .writes_only = writes_only});
  reply.Ok();
}

void Session::ClientUnpause(const Command&, Args, resp::Writer& reply) {
  hub_->SetPause({});
  reply.Ok();
}

void Session::ClientUnblock(const Command&, Args args, resp::Writer& reply) {
  bool with_error = false;
  if (args.size() == 4) {
    with_error = EqualsIgnoreCase(args[3], "error");
    if (!with_error && !EqualsIgnoreCase(args[3], "timeout")) {
      return reply.Error(Code::kCommand, "ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
    }
  } else if (args.size() != 3) {
    return commands::WriteSyntaxError(reply);
  }
  const std::optional<int64_t> id = commands::IntegerArgument(args[2], reply);
  if (!id) return;
  bool unblocked = false;
  hub_->ForEach([&](Session& session) {
    if (session.id() == static_cast<uint64_t>(*id)) unblocked = session.Unblock(with_error);
  });
  reply.Integer(unblocked ? 1 : 0);
}

void Session::ClientHelp(const Command&, Args, resp::Writer& reply) {
  commands::WriteHelp("CLIENT",
                      {
                          "GETNAME",
                          "    Return the name of the current connection.",
                          "GETREDIR",
                          "    Return the client ID we are redirecting to when tracking is enabled.",
                          "ID",
                          "    Return the ID of the current connection.",
                          "INFO",
                          "    Return information about the current client connection.",
                          "KILL <ip:port>",
                          "    Kill connection made from <ip:port>.",
                          "KILL <option> <value> [<option> <value> [...]]",
                          "    Kill connections. Options are: ADDR, LADDR, TYPE, USER, SKIPME, ID, MAXAGE.",
                          "LIST [options ...]",
                          "    Return information about client connections. Options: TYPE <type>, ID <id> ...",
                          "NO-EVICT (ON|OFF)",
                          "    Protect current client connection from eviction.",
                          "NO-TOUCH (ON|OFF)",
                          "    Will not touch LRU/LFU stats when this mode is on.",
                          "PAUSE <timeout> [WRITE|ALL]",
                          "    Suspend all, or just write, clients for <timeout> milliseconds.",
                          "REPLY (ON|OFF|SKIP)",
                          "    Control the replies sent to the current connection.",
                          "SETINFO <option> <value>",
                          "    Set client meta attr. Options are: LIB-NAME, LIB-VER.",
                          "SETNAME <name>",
                          "    Assign the name <name> to the current connection.",
                          "UNBLOCK <clientid> [TIMEOUT|ERROR]",
                          "    Unblock the specified blocked client.",
                          "UNPAUSE",
                          "    Stop the current client pause, resuming traffic.",
                      },
                      reply);
}

}  // namespace redislite::session

// ==== src/session/hub.cc ==========================================================================================
namespace redislite::session {

Hub::Hub(engine::Engine& engine) : engine_(engine) {
  engine.SetClientFacts([this] { return Facts(); });
  engine.SetPublish(commands::ForEachEvent,
                    [this](Bytes channel, Bytes message) { (void)Publish(channel, message, false); });
  engine.command_statistics().SetDescribeClient(
      [this](uint64_t id, engine::SlowLog::Entry& entry) { Describe(id, entry); });
}

void Hub::Describe(uint64_t id, engine::SlowLog::Entry& entry) {
  MutexLock lock(mu_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  Session::Facts facts = found->second->GetFacts();
  entry.address = std::move(facts.address);
  entry.name = std::move(facts.name);
}

engine::Engine::ClientFacts Hub::Facts() {
  engine::Engine::ClientFacts facts;
  MutexLock lock(mu_);
  facts.connected = sessions_.size();
  facts.total = last_id_;
  facts.bytes_in = bytes_in_.Sum();
  facts.bytes_out = bytes_out_.Sum();
  facts.channels = Of(Topic::kChannel).size();
  facts.patterns = Of(Topic::kPattern).size();
  facts.shard_channels = Of(Topic::kShard).size();
  for (const auto& [id, session] : sessions_) {
    const Session::Facts of_one = session->GetFacts();
    facts.pubsub += of_one.channels + of_one.patterns + of_one.shards != 0 ? 1 : 0;
    facts.buffered += of_one.query_bytes + of_one.output_bytes;
    facts.watching += of_one.watched != 0 ? 1 : 0;
    facts.largest_query = std::max<uint64_t>(facts.largest_query, of_one.query_bytes);
    facts.largest_output = std::max<uint64_t>(facts.largest_output, of_one.output_bytes);
  }
  return facts;
}

void Hub::Close() {
  MutexLock lock(mu_);
  closed_ = true;
  is_closed_.store(true, std::memory_order_release);
  for (const auto& [id, session] : sessions_) session->End(Ending::kStoreClosed);
}

uint64_t Hub::Add(Session& session) {
  MutexLock lock(mu_);
  sessions_.emplace(++last_id_, &session);
  count_.store(sessions_.size(), std::memory_order_relaxed);
  if (closed_) session.End(Ending::kStoreClosed);
  return last_id_;
}

void Hub::Remove(Session& session) {
  if (session.id() == 0) return;  // it was never added
  MutexLock lock(mu_);
  sessions_.erase(session.id());
  count_.store(sessions_.size(), std::memory_order_relaxed);
}

void Hub::ForEach(const std::function<void(Session&)>& visit) {
  MutexLock lock(mu_);
  for (const auto& [id, session] : sessions_) visit(*session);
}

bool Hub::Subscribe(Session& session, Topic topic, Bytes name) {
  MutexLock lock(mu_);
  Listeners& listeners = Of(topic);
  auto found = listeners.find(name);
  if (found == listeners.end()) found = listeners.emplace(std::string(name), std::vector<Session*>()).first;
  if (std::find(found->second.begin(), found->second.end(), &session) != found->second.end()) return false;
  found->second.push_back(&session);
  return true;
}

bool Hub::Unsubscribe(Session& session, Topic topic, Bytes name) {
  MutexLock lock(mu_);
  Listeners& listeners = Of(topic);
  const auto found = listeners.find(name);
  if (found == listeners.end() || std::erase(found->second, &session) == 0) return false;
  if (found->second.empty()) listeners.erase(found);
  return true;
}

void Hub::Forget(Session& session) {
  RemoveMonitor(session);
  MutexLock lock(mu_);
  for (Listeners& listeners : listeners_) {
    for (auto& [name, sessions] : listeners) std::erase(sessions, &session);
    std::erase_if(listeners, [](const auto& topic) { return topic.second.empty(); });
  }
}

int64_t Hub::Publish(Bytes channel, Bytes message, bool sharded) {
  std::string encoded[2];
  const auto send = [&](Session& session, Bytes kind, const std::string* pattern) {
    resp::Writer push(session.protocol());
    push.Push(pattern == nullptr ? 3 : 4);
    push.Bulk(kind);
    if (pattern != nullptr) push.Bulk(*pattern);
    push.Bulk(channel);
    push.Bulk(message);
    session.Deliver(push.bytes());
  };
  const auto send_plain = [&](Session& session) {
    std::string& bytes = encoded[session.protocol() == 3 ? 1 : 0];
    if (bytes.empty()) {
      resp::Writer push(session.protocol());
      push.Push(3);
      push.Bulk(sharded ? "smessage" : "message");
      push.Bulk(channel);
      push.Bulk(message);
      bytes = push.Take();
    }
    session.Deliver(bytes);
  };
  MutexLock lock(mu_);
  int64_t receivers = 0;
  Listeners& listeners = Of(sharded ? Topic::kShard : Topic::kChannel);
  if (const auto found = listeners.find(channel); found != listeners.end()) {
    for (Session* session : found->second) send_plain(*session);
    receivers += static_cast<int64_t>(found->second.size());
  }
  if (sharded) return receivers;
  for (const auto& [pattern, sessions] : Of(Topic::kPattern)) {
    if (!GlobMatch(pattern, channel, false)) continue;
    for (Session* session : sessions) send(*session, "pmessage", &pattern);
    receivers += static_cast<int64_t>(sessions.size());
  }
  return receivers;
}

void Hub::ForEachTopic(Topic topic, const std::function<void(const std::string&, size_t)>& visit) {
  MutexLock lock(mu_);
  for (const auto& [name, sessions] : Of(topic)) visit(name, sessions.size());
}

size_t Hub::CountListeners(Topic topic, Bytes name) {
  MutexLock lock(mu_);
  const auto found = Of(topic).find(name);
  return found == Of(topic).end() ? 0 : found->second.size();
}

void Hub::AddMonitor(Session& session) {
  MutexLock lock(mu_);
  if (std::find(monitors_.begin(), monitors_.end(), &session) == monitors_.end()) monitors_.push_back(&session);
  monitor_count_.store(monitors_.size(), std::memory_order_relaxed);
}

void Hub::RemoveMonitor(Session& session) {
  MutexLock lock(mu_);
  std::erase(monitors_, &session);
  monitor_count_.store(monitors_.size(), std::memory_order_relaxed);
}

void Hub::ShowToMonitors(Bytes line, const Session* but) {
  MutexLock lock(mu_);
  for (Session* session : monitors_) {
    if (session != but) session->Deliver(line);
  }
}

void Hub::SetPause(const Pause& pause) {
  MutexLock lock(mu_);
  pause_ = pause;
  paused_.store(pause.until_us != 0, std::memory_order_relaxed);
  if (pause.until_us != 0) return;
  for (const auto& [id, session] : sessions_) session->Resume();
}

Hub::Pause Hub::pause() const {
  MutexLock lock(mu_);
  return os::MonotonicUs() < pause_.until_us ? pause_ : Pause{};
}

}  // namespace redislite::session

// ==== src/session/own_commands.cc =================================================================================
namespace redislite::session {

namespace {

bool SameSecret(Bytes wanted, Bytes given) {
  unsigned difference = wanted.size() == given.size() ? 0 : 1;
  for (size_t i = 0; i < given.size(); ++i) {
    difference |= static_cast<unsigned>(given[i] ^ wanted[i % wanted.size()]);
  }
  return difference == 0;
}

}  // namespace

using commands::EqualsIgnoreCase;
using commands::IsNamed;
using engine::Args;
using engine::Command;
using enum engine::Flag;

Session::Run1 Session::FindOwn(const Command& command) {
  static const std::unordered_map<Bytes, Run1> table = {
      {"auth", &Session::Auth},
      {"client|caching", &Session::ClientCaching},
      {"client|getname", &Session::ClientGetName},
      {"client|getredir", &Session::ClientGetRedir},
      {"client|help", &Session::ClientHelp},
      {"client|id", &Session::ClientId},
      {"client|info", &Session::ClientInfo},
      {"client|kill", &Session::ClientKill},
      {"client|list", &Session::ClientList},
      {"client|no-evict", &Session::ClientNoEvict},
      {"client|no-touch", &Session::ClientNoEvict},
      {"client|pause", &Session::ClientPause},
      {"client|reply", &Session::ClientReply},
      {"client|setinfo", &Session::ClientSetInfo},
      {"client|setname", &Session::ClientSetName},
      {"client|tracking", &Session::ClientTracking},
      {"client|trackinginfo", &Session::ClientTrackingInfo},
      {"client|unblock", &Session::ClientUnblock},
      {"client|unpause", &Session::ClientUnpause},
      {"discard", &Session::Discard},
      {"hello", &Session::Hello},
      {"monitor", &Session::Monitor},
      {"multi", &Session::Multi},
      {"ping", &Session::Ping},
      {"psubscribe", &Session::SubscribeCommand},
      {"publish", &Session::Publish},
      {"pubsub|channels", &Session::PubSubChannels},
      {"pubsub|help", &Session::PubSubHelp},
      {"pubsub|numpat", &Session::PubSubNumPat},
      {"pubsub|numsub", &Session::PubSubNumSub},
      {"pubsub|shardchannels", &Session::PubSubChannels},
      {"pubsub|shardnumsub", &Session::PubSubNumSub},
      {"punsubscribe", &Session::UnsubscribeCommand},
      {"quit", &Session::Quit},
      {"reset", &Session::ResetCommand},
      {"select", &Session::Select},
      {"shutdown", &Session::Shutdown},
      {"spublish", &Session::Publish},
      {"ssubscribe", &Session::SubscribeCommand},
      {"subscribe", &Session::SubscribeCommand},
      {"sunsubscribe", &Session::UnsubscribeCommand},
      {"unsubscribe", &Session::UnsubscribeCommand},
      {"unwatch", &Session::Unwatch},
      {"watch", &Session::Watch},
  };
  const auto found = table.find(command.name);
  return found == table.end() ? nullptr : found->second;
}

bool Session::IsOwn(const Command& command) { return IsNamed(command, "exec") || FindOwn(command) != nullptr; }

void Session::RunAloud(const Command& command, Args args, resp::Writer& reply) {
  if (const Run1 run = FindOwn(command); run != nullptr) {
    (this->*run)(command, args, reply);
    return engine_.command_statistics().Count(command, reply);
  }
  const Status status = engine_.Execute(args, db_.load(std::memory_order_relaxed), reply, id_);
  if (!status.ok()) reply.Error(status.code(), "ERR " + status.message());
}

bool Session::RunOnce(const std::shared_ptr<Hub>& hub, Args args, resp::Writer& reply) {
  const Command* command = commands::Commands().Find(args);
  if (command == nullptr || (command->flags & kSession) == 0 || (command->flags & kNeedsSession) != 0) return false;
  if (command = hub->engine().Look(args, reply); command == nullptr) return true;
  const std::shared_ptr<Session> session(new Session(hub));
  session->protocol_.store(reply.protocol(), std::memory_order_relaxed);
  (session.get()->*FindOwn(*command))(*command, args, reply);
  hub->engine().command_statistics().Count(*command, reply);
  return true;
}

Session::Step Session::RunOwn(const Command& command, Args args) {
  if (IsNamed(command, "exec")) {
    engine_.command_statistics().Count(command, resp::Writer());
    Exec();
  } else {
    resp::Writer reply(protocol());
    RunAloud(command, args, reply);
    reply_.Reset(protocol());
    reply_.Raw(reply.bytes());
    SendReply();
  }
  return Step::kDone;
}

void Session::Ping(const Command&, Args args, resp::Writer& reply) {
  if (args.size() > 2) {
    return reply.Error(Code::kCommand, "ERR wrong number of arguments for 'ping' command");
  }
  if (!IsSubscribed() || protocol() == 3) {
    return args.size() == 2 ? reply.Bulk(args[1]) : reply.Status("PONG");
  }
  reply.Array(2);
  reply.Bulk("pong");
  reply.Bulk(args.size() == 2 ? args[1] : Bytes());
}

bool Session::Authenticate(Bytes user, Bytes password, resp::Writer& reply) {
  const std::string wanted = engine_.options().requirepass;
  if (user == "default" && (wanted.empty() || SameSecret(wanted, password))) {
    authenticated_ = true;
    return true;
  }
  reply.Error(Code::kCommand, "WRONGPASS invalid username-password pair or user is disabled.");
  return false;
}

void Session::Auth(const Command&, Args args, resp::Writer& reply) {
  if (args.size() > 3) return commands::WriteSyntaxError(reply);
  if (args.size() == 2 && !NeedsPassword()) {
    return reply.Error(Code::kCommand,
                       "ERR AUTH <password> called without any password configured for the default user. Are you "
                       "sure your configuration is correct?");
  }
  const Bytes user = args.size() == 3 ? args[1] : Bytes("default");
  if (Authenticate(user, args.back(), reply)) reply.Ok();
}

bool Session::SetName(Bytes name, resp::Writer& reply) {
  for (const char byte : name) {
    if (byte >= '!' && byte <= '~') continue;
    reply.Error(Code::kValue, "ERR Client names cannot contain spaces, newlines or special characters.");
    return false;
  }
  MutexLock lock(mu_);
  name_ = name;
  return true;
}

void Session::Hello(const Command&, Args args, resp::Writer& reply) {
  int wanted = protocol();
  if (args.size() > 1) {
    const std::optional<int64_t> version = ParseInt64(args[1]);
    if (!version) return reply.Error(Code::kCommand, "ERR Protocol version is not an integer or out of range");
    if (*version < 2 || *version > 3) return reply.Error(Code::kCommand, "NOPROTO unsupported protocol version");
    wanted = static_cast<int>(*version);
  }
  std::optional<Bytes> name;
  for (size_t i = 2; i < args.size(); ++i) {
    const size_t more = args.size() - 1 - i;
    if (EqualsIgnoreCase(args[i], "auth") && more >= 2) {
      if (!Authenticate(args[i + 1], args[i + 2], reply)) return;
      i += 2;
    } else if (EqualsIgnoreCase(args[i], "setname") && more >= 1) {
      name = args[++i];
    } else {
      return reply.Error(Code::kCommand, "ERR Syntax error in HELLO option '" + std::string(args[i]) + "'");
    }
  }
  if (!authenticated_) {
    return reply.Error(Code::kCommand,
                       "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO "
                       "<proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP "
                       "protocol version at the same time");
  }
  if (name && !SetName(*name, reply)) return;
  protocol_.store(wanted, std::memory_order_relaxed);
  reply.Reset(wanted);
  reply.Map(7);
  reply.Bulk("server");
  reply.Bulk("redis");
  reply.Bulk("version");
  reply.Bulk(engine::kRedisVersion);
  reply.Bulk("proto");
  reply.Integer(wanted);
  reply.Bulk("id");
  reply.Integer(static_cast<int64_t>(id_));
  reply.Bulk("mode");
  reply.Bulk("standalone");
  reply.Bulk("role");
  reply.Bulk("master");
  reply.Bulk("modules");
  reply.Array(0);
}

void Session::Select(const Command&, Args args, resp::Writer& reply) {
  const std::optional<int> db = commands::IntArgument(args[1], reply);
  if (!db) return;
  if (*db < 0 || *db >= engine::kDatabases) return reply.Error(Code::kValue, "ERR DB index is out of range");
  db_.store(*db, std::memory_order_relaxed);
  reply.Ok();
}

void Session::Quit(const Command&, Args, resp::Writer& reply) {
  reply.Ok();
  Leave(Ending::kQuit);
}

void Session::Reset() {
  LeaveTransaction();
  for (const Topic topic : {Topic::kChannel, Topic::kPattern, Topic::kShard}) UnsubscribeAll(topic);
  if (monitor_.exchange(false)) hub_->RemoveMonitor(*this);
}

void Session::Leave(Ending why) {
  Reset();
  End(why);
}

void Session::ResetCommand(const Command&, Args, resp::Writer& reply) {
  Reset();
  db_.store(0, std::memory_order_relaxed);
  protocol_.store(2, std::memory_order_relaxed);
  no_evict_.store(false, std::memory_order_relaxed);
  no_touch_.store(false, std::memory_order_relaxed);
  replies_ = Replies::kOn;
  authenticated_ = !NeedsPassword();
  {
    MutexLock lock(mu_);
    name_.clear();
  }
  reply.Reset(2);
  reply.Status("RESET");
}

void Session::Monitor(const Command&, Args, resp::Writer& reply) {
  reply.Ok();
  if (monitor_.exchange(true)) return;
  hub_->AddMonitor(*this);
}

}  // namespace redislite::session

// ==== src/session/quoted.h ========================================================================================
namespace redislite::session {

std::string Quoted(Bytes bytes);

}  // namespace redislite::session

// ==== src/session/quoted.cc =======================================================================================
namespace redislite::session {

std::string Quoted(Bytes bytes) {
  std::string text = "\"";
  for (const char byte : bytes) {
    switch (byte) {
      case '\\':
        text += "\\\\";
        break;
      case '"':
        text += "\\\"";
        break;
      case '\n':
        text += "\\n";
        break;
      case '\r':
        text += "\\r";
        break;
      case '\t':
        text += "\\t";
        break;
      case '\a':
        text += "\\a";
        break;
      case '\b':
        text += "\\b";
        break;
      default:
        if (byte >= ' ' && byte <= '~') {
          text += byte;
        } else {
          constexpr char kDigits[] = "0123456789abcdef";
          const auto value = static_cast<unsigned char>(byte);
          text.append("\\x").append(1, kDigits[value >> 4]).append(1, kDigits[value & 15]);
        }
    }
  }
  return text += '"';
}

}  // namespace redislite::session

// ==== src/session/session.cc ======================================================================================
namespace redislite::session {

namespace {

using engine::Args;
using engine::Command;
using engine::Engine;
using engine::Op;
using enum engine::Flag;

constexpr size_t kGroupMax = 512;
constexpr int kInFlightMax = 4096;
constexpr size_t kUnreadMax = 1 << 20;
constexpr size_t kKeptBytes = 64 << 10;
constexpr size_t kKeptFlights = 64;

void Empty(std::string& buffer) {
  if (buffer.capacity() > kKeptBytes) {
    std::string().swap(buffer);
  } else {
    buffer.clear();
  }
}

}  // namespace

Session::Session(std::shared_ptr<Hub> hub)
    : hub_(std::move(hub)), engine_(hub_->engine()), opened_us_(os::MonotonicUs()), used_us_(opened_us_) {}

Result<std::shared_ptr<Session>> Session::Open(std::shared_ptr<Hub> hub) {
  RL_RETURN_IF_ERROR(hub->engine().StartLeader());
  std::shared_ptr<Session> session(new Session(std::move(hub)));
  session->id_ = session->hub_->Add(*session);
  session->authenticated_ = !session->NeedsPassword();
  return session;
}

Session::~Session() { hub_->Remove(*this); }

void Session::Close() {
  Leave(Ending::kQuit);
  {
    MutexLock lock(mu_);
    notify_ = nullptr;
  }
  StopWaiting(Waiting::kForEither, {Code::kClosed, "the session was closed"});
}

void Session::Kill() {
  End(Ending::kKilled);
  hub_->Forget(*this);
  StopWaiting(Waiting::kForEither, {Code::kClosed, "the session was closed"});
}

bool Session::NeedsPassword() const { return !engine_.options().requirepass.empty(); }

void Session::RefreshLimits() {
  const uint64_t version = engine_.options_version();
  if (version == options_version_) return;
  const engine::Options in_force = engine_.options();
  options_version_ = version;
  limits_.argument_bytes_max = in_force.argument_bytes_max;
  query_bytes_max_ = in_force.query_bytes_max;
}


Status Session::Feed(Bytes bytes) {
  if (ending_.load(std::memory_order_acquire) != Ending::kNot) return {Code::kClosed, "the session is over"};
  used_us_.store(os::MonotonicUs(), std::memory_order_relaxed);
  hub_->CountBytesIn(bytes.size());
  RefreshLimits();
  Progress();
  if (!HasUnparsed() && MayRun()) {
    const size_t used = Run(bytes);
    bytes.remove_prefix(used);
    if (ending_.load(std::memory_order_acquire) == Ending::kNot && !bytes.empty()) query_.append(bytes);
  } else if (ending_.load(std::memory_order_acquire) == Ending::kNot) {
    query_.append(bytes);
    stalled_ = true;  // unless it runs now, or turns out to be no whole command: who waits must look again
    Progress();
  }
  query_bytes_.store(query_.size() - query_at_, std::memory_order_relaxed);
  if (query_.size() - query_at_ > query_bytes_max_) End(Ending::kProtocol);
  SetLevel();
  return Status::Ok();
}

bool Session::MayRun() const {
  if (ending_.load(std::memory_order_acquire) != Ending::kNot || exec_unfinished_) return false;
  if (waiting_ && in_flight_.load(std::memory_order_acquire) != 0) return false;
  return in_flight_.load(std::memory_order_relaxed) < kInFlightMax && UnreadBytes() < kUnreadMax;
}

void Session::Progress() {
  if (exec_finished_.load(std::memory_order_acquire)) {
    std::string reply;
    {
      MutexLock lock(mu_);
      reply.swap(exec_reply_);
      exec_finished_.store(false, std::memory_order_relaxed);
    }
    FinishExec(reply);
  }
  if (!HasUnparsed() || !MayRun()) return;
  query_at_ += Run(Bytes(query_).substr(query_at_));
  if (!HasUnparsed() || ending_.load(std::memory_order_relaxed) != Ending::kNot) {
    Empty(query_);
    query_at_ = 0;
  } else if (query_at_ > kKeptBytes && query_at_ > query_.size() / 2) {
    query_.erase(0, query_at_);
    query_at_ = 0;
  }
  query_bytes_.store(query_.size() - query_at_, std::memory_order_relaxed);
}

size_t Session::Run(Bytes input) {
  waiting_ = false;
  stalled_ = false;
  RefreshLimits();
  group_async_ = engine_.SyncsWrites();
  size_t at = 0;
  while (at < input.size() && MayRun()) {
    size_t used = 0;
    limits_.authenticated = authenticated_;
    const resp::CommandParser::Outcome outcome = parser_.Next(input.substr(at), limits_, argv_, &used);
    if (outcome == resp::CommandParser::Outcome::kIncomplete) {
      Flush();
      return at;
    }
    if (outcome == resp::CommandParser::Outcome::kError) {
      if (!IsIdle()) {  // its place is behind the replies that are still to come
        Flush();
        parser_.Reset();
        if (IsIdle()) continue;
        waiting_ = true;
        stalled_ = true;
        return at;
      }
      Reply().Error(Code::kCommand, "ERR " + parser_.error());
      SendReply();
      Leave(Ending::kProtocol);
      return input.size();
    }
    argv_is_a_line_ = input[at] != '*';
    if (!argv_.empty() && Dispatch(argv_) == Step::kWait) {
      parser_.Reset();
      waiting_ = true;
      break;
    }
    at += used;
    if (group_.size() >= kGroupMax) Flush();
  }
  Flush();
  stalled_ = at < input.size();
  if (flights_.size() > kKeptFlights && IsIdle()) {
    MutexLock lock(mu_);
    spare_.clear();
    flights_.clear();
  }
  return ending_.load(std::memory_order_relaxed) == Ending::kNot ? at : input.size();
}

bool Session::MayWrite(const Command& command) const {
  const auto writes = [](const Command& one) { return (one.flags & (kWrite | kMayPublish)) != 0; };
  if (!commands::IsNamed(command, "exec")) return writes(command);
  return std::any_of(queued_.begin(), queued_.end(), [&](const Queued& queued) { return writes(*queued.command); });
}

bool Session::PausedFor(const Command& command) {
  if (!hub_->may_be_paused()) return false;
  const Hub::Pause pause = hub_->pause();
  if (pause.until_us == 0) return false;
  if (pause.writes_only && !MayWrite(command)) return false;
  Flush();
  if (in_flight_.load(std::memory_order_acquire) == 0) Sleep(pause.until_us);
  return true;
}

Session::Step Session::Dispatch(Args args) {
  reply_.Reset(protocol());
  const Command* command = engine_.Look(args, reply_);
  last_command_.store(command, std::memory_order_relaxed);
  if (command == nullptr) {
    if (!IsIdle()) {
      Flush();
      if (!IsIdle()) return Step::kWait;
    }
    if (commands::EqualsIgnoreCase(args[0], "host:") || commands::EqualsIgnoreCase(args[0], "post")) {
      Leave(Ending::kProtocol);  // a browser that was talked into speaking to a database
      return Step::kDone;
    }
    transaction_is_bad_ |= in_transaction_;
    if (commands::EqualsIgnoreCase(args[0], "exec")) {
      LeaveTransaction();
      Reply().Error(Code::kCommand,
                    "EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command");
    }
    SendReply();
    return Step::kDone;
  }
  const bool own = (command->flags & kSession) != 0;
  if (!authenticated_ && (command->flags & kNoAuth) == 0) {
    Reply().Error(Code::kCommand, "NOAUTH Authentication required.");
    SendReply();
    return Step::kDone;
  }
  if (hub_->has_monitors() && (command->flags & kOperator) == 0) ShowToMonitors(*command, args);
  if (!own && !in_transaction_ && (command->flags & kAdmin) == 0 && !(IsSubscribed() && protocol() == 2)) {
    if (PausedFor(*command)) return Step::kWait;
    return DispatchData(*command, args);
  }
  Flush();
  if (!IsIdle()) return Step::kWait;
  if (IsSubscribed() && protocol() == 2 && (command->flags & kWhileSubscribed) == 0) {
    Reply().Error(Code::kCommand,
                  "ERR Can't execute '" + std::string(command->name) +
                      "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context");
    SendReply();
    return Step::kDone;
  }
  if (PausedFor(*command)) return Step::kWait;
  if (in_transaction_ && (command->flags & kEndsTransaction) == 0) {
    Queue(*command, args);
    return Step::kDone;
  }
  return RunOwn(*command, args);
}

Session::Step Session::DispatchData(const Command& command, Args args) {
  const bool writes = (command.flags & kWrite) != 0;
  const bool may_wait = (command.flags & kMayWait) != 0;
  if (may_wait) {
    Flush();
    if (!IsIdle()) return Step::kWait;
  }
  const bool now = !writes && IsIdle();
  Flight* flight = NewFlight();
  flight->silent = !TakeReplyWish();
  args = group_async_ || may_wait || argv_is_a_line_ ? flight->task.Own(args) : flight->task.Borrow(args);
  const bool ready = engine_.Prepare(args, db_.load(std::memory_order_relaxed), flight->task);
  if (now || (!ready && IsIdle())) {
    if (ready) engine_.Read(flight->task);
    if (!flight->silent) Send(flight->task.reply.bytes());
    Recycle(flight);
    return Step::kDone;
  }
  group_.push_back(flight);
  if (!may_wait) return Step::kDone;
  flight->task.op.may_park = ready;
  group_async_ = true;
  {
    MutexLock lock(mu_);
    parked_ = flight;
    parked_is_sleep_ = false;
  }
  Flush();
  waiting_ = true;
  return Step::kDone;
}

void Session::ShowToMonitors(const Command& command, Args args) {
  const bool is_auth = commands::IsNamed(command, "auth");
  const bool is_hello = commands::IsNamed(command, "hello");
  const bool leaves = commands::IsNamed(command, "quit") || commands::IsNamed(command, "reset");
  const int64_t now_ms = engine_.NowMs();
  const std::string millis = std::to_string(now_ms % 1000);
  std::string line = "+" + std::to_string(now_ms / 1000) + "." + std::string(3 - millis.size(), '0') + millis +
                     "000 [" + std::to_string(db_.load(std::memory_order_relaxed)) + " ";
  {
    MutexLock lock(mu_);
    line += address_.empty() ? "in-process:" + std::to_string(id_) : address_;
  }
  line += "]";
  size_t secrets = is_auth ? args.size() : 0;  // that are still to come
  for (size_t i = 0; i < args.size(); ++i) {
    const bool is_secret = i > 0 && secrets > 0;
    line.append(" ").append(Quoted(is_secret ? Bytes("(redacted)") : args[i]));
    if (is_secret) --secrets;
    if (is_hello && secrets == 0 && commands::EqualsIgnoreCase(args[i], "auth")) secrets = 2;
  }
  hub_->ShowToMonitors(line + "\r\n", leaves ? this : nullptr);
}


Session::Flight* Session::NewFlight() {
  Flight* flight = nullptr;
  {
    MutexLock lock(mu_);
    if (!spare_.empty()) {
      flight = spare_.back();
      spare_.pop_back();
    }
  }
  if (flight == nullptr) {
    flights_.push_back(std::make_unique<Flight>());
    flight = flights_.back().get();
    MutexLock lock(mu_);
    spare_.reserve(flights_.size());  // so that giving one back cannot fail
  }
  flight->task.Reset(protocol());
  flight->task.op.serial = ++flight_count_;
  flight->task.request.client = id_;
  flight->silent = false;
  flight->kept = false;
  return flight;
}

void Session::Recycle(Flight* flight) {
  MutexLock lock(mu_);
  spare_.push_back(flight);
}

void Session::Flush() {
  if (group_.empty()) return;
  group_ops_.clear();
  for (Flight* flight : group_) group_ops_.push_back(&flight->task.op);
  if (!group_async_) {
    engine_.Submit(group_ops_);
    for (Flight* flight : group_) {
      Engine::WriteOutcome(flight->task);
      if (flight->kept) {
        FinishExec(flight->task.reply.bytes());
      } else if (!flight->silent) {
        Send(flight->task.reply.bytes());
      }
      flight->watches = nullptr;
      Recycle(flight);
    }
    group_.clear();
    return;
  }
  const std::shared_ptr<Session> self = shared_from_this();
  for (Flight* flight : group_) {
    flight->session = self;
    flight->task.op.finished = &Session::FlightFinished;
    flight->task.op.owner = flight;
  }
  in_flight_.fetch_add(static_cast<int>(group_.size()), std::memory_order_relaxed);
  group_.clear();
  engine_.SubmitAsync(group_ops_);
}

void Session::FlightFinished(Op& op) {
  auto* flight = static_cast<Flight*>(op.owner);
  const std::shared_ptr<Session> session = std::move(flight->session);
  session->FlightDone(*flight);
}

void Session::FlightDone(Flight& flight) noexcept {
  flight.watches = nullptr;
  try {
    Engine::WriteOutcome(flight.task);
    MutexLock lock(mu_);
    const Ending ending = ending_.load(std::memory_order_acquire);
    if (ending == Ending::kStoreClosed || ending == Ending::kKilled) {
    } else if (flight.kept) {
      exec_reply_ = flight.task.reply.bytes();
      exec_finished_.store(true, std::memory_order_release);
    } else if (!flight.silent) {
      outbox_.append(flight.task.reply.bytes());
      has_outbox_.store(true, std::memory_order_release);
    }
  } catch (const std::exception&) {
    End(Ending::kOutputLimit);  // a reply that cannot be given: nobody may believe that there was none
  }
  MutexLock lock(mu_);
  if (parked_ == &flight) parked_ = nullptr;
  spare_.push_back(&flight);
  in_flight_.fetch_sub(1, std::memory_order_release);
  CheckOutputLimit();
  Ring();
}

void Session::Sleep(int64_t until_us) {
  Flight* flight = NewFlight();
  flight->silent = true;
  flight->task.op.may_park = true;
  flight->task.op.park_until_us = until_us;
  group_.push_back(flight);
  group_async_ = true;
  {
    MutexLock lock(mu_);
    parked_ = flight;
    parked_is_sleep_ = true;
  }
  Flush();
}

bool Session::StopWaiting(Waiting kind, Status status) {
  Flight* parked = nullptr;
  uint64_t serial = 0;
  {
    MutexLock lock(mu_);
    const Waiting what = parked_is_sleep_ ? Waiting::kForTime : Waiting::kForKeys;
    if (parked_ != nullptr && (kind == Waiting::kForEither || kind == what)) {
      parked = parked_;
      serial = parked->task.op.serial;
    }
  }
  const std::shared_ptr<Session> self = weak_from_this().lock();
  if (parked == nullptr || self == nullptr) return false;
  engine_.Unpark(self, parked->task, serial, std::move(status));
  return true;
}

void Session::Resume() noexcept {
  try {
    StopWaiting(Waiting::kForTime, Status::Ok());
  } catch (const std::bad_alloc&) {
  }
}

bool Session::Unblock(bool with_error) {
  return StopWaiting(Waiting::kForKeys, with_error
                                            ? Status(Code::kCommand, "UNBLOCKED client unblocked via CLIENT UNBLOCK")
                                            : Status::Ok());
}


resp::Writer& Session::Reply() {
  reply_.Reset(protocol());
  return reply_;
}

bool Session::TakeReplyWish() {
  const bool wanted = replies_ == Replies::kOn;
  if (replies_ == Replies::kSkip) replies_ = Replies::kOn;
  if (replies_ == Replies::kSkipNext) replies_ = Replies::kSkip;
  return wanted;
}

void Session::SendReply() {
  if (TakeReplyWish()) Send(reply_.bytes());
}

void Session::Send(Bytes bytes) {
  TakeOutbox();
  ready_.append(bytes);
  ready_bytes_.store(ready_.size() - ready_at_, std::memory_order_relaxed);
}

void Session::TakeOutbox() {
  if (ready_at_ == ready_.size() && ready_at_ != 0) {
    Empty(ready_);
    ready_at_ = 0;
  }
  if (!has_outbox_.load(std::memory_order_acquire)) return;
  MutexLock lock(mu_);
  if (ready_.empty()) {
    ready_.swap(outbox_);
  } else {
    ready_.append(outbox_);
    Empty(outbox_);
  }
  has_outbox_.store(false, std::memory_order_relaxed);
  over_soft_since_us_ = 0;
  ready_bytes_.store(ready_.size() - ready_at_, std::memory_order_relaxed);
}

size_t Session::UnreadBytes() const {
  size_t bytes = ready_.size() - ready_at_;
  if (has_outbox_.load(std::memory_order_acquire)) {
    MutexLock lock(mu_);
    bytes += outbox_.size();
  }
  return bytes;
}

Status Session::Peek(Bytes* ready) {
  TakeOutbox();
  Progress();
  TakeOutbox();
  *ready = Bytes(ready_).substr(ready_at_);
  SetLevel();
  if (ready->empty() && ending_.load(std::memory_order_acquire) != Ending::kNot) {
    return {Code::kClosed, "the session is over"};
  }
  return Status::Ok();
}

Status Session::Consume(size_t size) {
  if (size > ready_.size() - ready_at_) {
    return {Code::kInvalid, "consume " + std::to_string(size) + ": only " + std::to_string(ready_.size() - ready_at_) +
                                " bytes are ready"};
  }
  ready_at_ += size;
  hub_->CountBytesOut(size);
  ready_bytes_.store(ready_.size() - ready_at_, std::memory_order_relaxed);
  TakeOutbox();
  SetLevel();
  return Status::Ok();
}

bool Session::Pending() const {
  if (ready_at_ < ready_.size() || has_outbox_.load(std::memory_order_acquire)) return true;
  if (exec_finished_.load(std::memory_order_acquire)) return true;
  return stalled_ && MayRun();
}

bool Session::Busy() const {
  MutexLock lock(mu_);
  const int waiting = parked_ != nullptr ? 1 : 0;
  return in_flight_.load(std::memory_order_acquire) > waiting || (stalled_ && waiting == 0);
}

Status Session::Wait(int timeout_ms) {
  const int64_t until_us = timeout_ms < 0 ? 0 : os::MonotonicUs() + int64_t{timeout_ms} * 1000;
  while (true) {
    Progress();
    TakeOutbox();
    if (ready_at_ < ready_.size()) return Status::Ok();
    MutexLock lock(mu_);
    if (interrupted_) {
      interrupted_ = false;
      return {Code::kNotFound, std::string()};
    }
    if (ending_.load(std::memory_order_acquire) != Ending::kNot) return {Code::kClosed, "the session is over"};
    if (has_outbox_.load(std::memory_order_acquire) || exec_finished_.load(std::memory_order_acquire)) continue;
    if (stalled_ && in_flight_.load(std::memory_order_acquire) == 0) continue;
    if (timeout_ms < 0) {
      cv_.Wait(mu_);
      continue;
    }
    const int64_t left_us = until_us - os::MonotonicUs();
    if (left_us <= 0) return {Code::kNotFound, std::string()};
    cv_.WaitFor(mu_, std::chrono::milliseconds((left_us + 999) / 1000));
  }
}

Result<int> Session::Fd() {
  {
    MutexLock lock(mu_);
    if (wake_up_ == nullptr) {
      Result<std::unique_ptr<os::WakeUp>> made = os::WakeUp::Make();
      if (!made.ok()) return made.status();
      wake_up_ = std::move(*made);
    }
  }
  SetLevel();
  MutexLock lock(mu_);
  return wake_up_->fd();
}

void Session::SetNotify(void (*notify)(void*), void* context) {
  MutexLock lock(mu_);
  notify_ = notify;
  notify_context_ = context;
}

void Session::SetPeer(Bytes address, Bytes local_address) {
  MutexLock lock(mu_);
  address_ = address;
  local_address_ = local_address;
}

void Session::SetLevel() {
  MutexLock lock(mu_);
  if (wake_up_ == nullptr) return;
  if (Ready()) {
    wake_up_->Set();
  } else {
    wake_up_->Clear();
  }
}

void Session::Ring() {
  cv_.NotifyAll();
  if (wake_up_ != nullptr) wake_up_->Set();
  if (notify_ != nullptr) notify_(notify_context_);
}

void Session::CheckOutputLimit() {
  const size_t bytes = outbox_.size() + ready_bytes_.load(std::memory_order_relaxed);
  if (bytes < kUnreadMax) {
    over_soft_since_us_ = 0;
    return;
  }
  const bool listens = topic_counts_[0] + topic_counts_[1] + topic_counts_[2] != 0;
  const engine::Options::OutputLimit limit = engine_.options().output_limit[listens ? 2 : 0];
  bool over = limit.hard != 0 && bytes > limit.hard;
  if (limit.soft != 0 && bytes > limit.soft) {
    const int64_t now_us = os::MonotonicUs();
    if (over_soft_since_us_ == 0) over_soft_since_us_ = now_us;
    over |= now_us - over_soft_since_us_ > static_cast<int64_t>(limit.soft_seconds) * 1'000'000;
  } else {
    over_soft_since_us_ = 0;
  }
  if (!over) return;
  ending_.store(Ending::kOutputLimit, std::memory_order_release);
  Empty(outbox_);
  has_outbox_.store(false, std::memory_order_relaxed);
}

void Session::Deliver(Bytes bytes) noexcept {
  MutexLock lock(mu_);
  if (ending_.load(std::memory_order_acquire) != Ending::kNot) return;
  try {
    outbox_.append(bytes);
    has_outbox_.store(true, std::memory_order_release);
    CheckOutputLimit();
  } catch (const std::exception&) {
    ending_.store(Ending::kOutputLimit, std::memory_order_release);
  }
  Ring();
}

void Session::End(Ending why) noexcept {
  Ending not_yet = Ending::kNot;
  ending_.compare_exchange_strong(not_yet, why);
  MutexLock lock(mu_);
  Ring();
}

void Session::Interrupt() {
  MutexLock lock(mu_);
  interrupted_ = true;
  cv_.NotifyAll();
}

Session::Facts Session::GetFacts() const {
  const int64_t now_us = os::MonotonicUs();
  Facts facts;
  facts.id = id_;
  facts.age_s = (now_us - opened_us_) / 1'000'000;
  facts.idle_s = (now_us - used_us_.load(std::memory_order_relaxed)) / 1'000'000;
  facts.db = db_.load(std::memory_order_relaxed);
  facts.protocol = protocol();
  facts.channels = topic_counts_[0];
  facts.patterns = topic_counts_[1];
  facts.shards = topic_counts_[2];
  facts.queued = queued_count_.load(std::memory_order_relaxed);
  facts.watched = watched_count_.load(std::memory_order_relaxed);
  facts.query_bytes = query_bytes_.load(std::memory_order_relaxed);
  facts.monitor = monitor_.load(std::memory_order_relaxed);
  facts.no_evict = no_evict_.load(std::memory_order_relaxed);
  facts.no_touch = no_touch_.load(std::memory_order_relaxed);
  facts.ended = ending_.load(std::memory_order_relaxed) != Ending::kNot;
  facts.command = last_command_.load(std::memory_order_relaxed);
  MutexLock lock(mu_);
  facts.output_bytes = outbox_.size() + ready_bytes_.load(std::memory_order_relaxed);
  facts.blocked = parked_ != nullptr && !parked_is_sleep_;
  facts.name = name_;
  facts.library = library_;
  facts.library_version = library_version_;
  facts.address = address_.empty() ? "in-process:" + std::to_string(id_) : address_;
  facts.local_address = local_address_.empty() ? "in-process:0" : local_address_;
  facts.memory = sizeof *this + facts.query_bytes + facts.output_bytes;
  return facts;
}

}  // namespace redislite::session

// ==== src/session/shutdown.cc =====================================================================================
namespace redislite::session {

using commands::EqualsIgnoreCase;
using engine::Args;
using engine::Command;

void Session::Shutdown(const Command&, Args args, resp::Writer& reply) {
  struct {
    bool save = false, no_save = false, now = false, force = false, abort = false;
  } asked;
  for (const Bytes word : args.subspan(1)) {
    if (EqualsIgnoreCase(word, "save")) {
      asked.save = true;
    } else if (EqualsIgnoreCase(word, "nosave")) {
      asked.no_save = true;
    } else if (EqualsIgnoreCase(word, "now")) {
      asked.now = true;
    } else if (EqualsIgnoreCase(word, "force")) {
      asked.force = true;
    } else if (EqualsIgnoreCase(word, "abort")) {
      asked.abort = true;
    } else {
      return commands::WriteSyntaxError(reply);
    }
  }
  if ((asked.abort && args.size() > 2) || (asked.save && asked.no_save)) return commands::WriteSyntaxError(reply);
  if (asked.abort) return reply.Error(Code::kCommand, "ERR No shutdown in progress.");
  const bool saved = !asked.save || engine_.in_memory() || engine_.Snapshot().ok();
  if ((!saved && !asked.force) || !engine_.host().Ask(engine::HostRequest::kShutdown, "", "")) {
    return reply.Error(Code::kInvalid, "ERR Errors trying to SHUTDOWN. Check logs.");
  }
  if (id_ == 0) return reply.Ok();  // rl_command: there is no connection to close
  Leave(Ending::kQuit);
}

}  // namespace redislite::session

// ==== src/session/subscriptions.cc ================================================================================
namespace redislite::session {

using commands::IsNamed;
using engine::Args;
using engine::Command;

namespace {

Topic TopicOf(const Command& command) {
  if (command.name[0] == 'p') return Topic::kPattern;
  const Bytes name = command.name;
  return name.starts_with("ss") || name.starts_with("sun") ? Topic::kShard : Topic::kChannel;
}

}  // namespace

void Session::CountSubscriptions() {
  for (size_t i = 0; i < 3; ++i) topic_counts_[i].store(topics_[i].size(), std::memory_order_relaxed);
}

void Session::TellSubscription(Topic topic, Bytes kind, const std::string* name, resp::Writer& reply) {
  CountSubscriptions();
  reply.Push(3);
  reply.Bulk(kind);
  if (name != nullptr) {
    reply.Bulk(*name);
  } else {
    reply.Null();
  }
  const size_t count = topic == Topic::kShard ? topics_[2].size() : topics_[0].size() + topics_[1].size();
  reply.Integer(static_cast<int64_t>(count));
}

void Session::SubscribeCommand(const Command& command, Args args, resp::Writer& reply) {
  const Topic topic = TopicOf(command);
  for (const Bytes name : args.subspan(1)) {
    const auto [at, is_new] = NamesOf(topic).emplace(name);
    if (is_new) hub_->Subscribe(*this, topic, name);
    TellSubscription(topic, command.name, &*at, reply);
  }
}

void Session::UnsubscribeCommand(const Command& command, Args args, resp::Writer& reply) {
  const Topic topic = TopicOf(command);
  std::set<std::string, std::less<>>& names = NamesOf(topic);
  std::vector<std::string> leave(args.begin() + 1, args.end());
  if (leave.empty()) leave.assign(names.begin(), names.end());
  if (leave.empty()) return TellSubscription(topic, command.name, nullptr, reply);
  for (const std::string& name : leave) {
    if (names.erase(name) != 0) hub_->Unsubscribe(*this, topic, name);
    TellSubscription(topic, command.name, &name, reply);
  }
}

void Session::UnsubscribeAll(Topic topic) {
  for (const std::string& name : NamesOf(topic)) hub_->Unsubscribe(*this, topic, name);
  NamesOf(topic).clear();
  CountSubscriptions();
}

void Session::Publish(const Command& command, Args args, resp::Writer& reply) {
  reply.Integer(hub_->Publish(args[1], args[2], IsNamed(command, "spublish")));
}

void Session::PubSubChannels(const Command& command, Args args, resp::Writer& reply) {
  const Topic topic = IsNamed(command, "pubsub|channels") ? Topic::kChannel : Topic::kShard;
  if (args.size() > 3) {
    return reply.Error(Code::kCommand, "ERR unknown subcommand or wrong number of arguments for '" +
                                           std::string(args[1].substr(0, 128)) + "'. Try PUBSUB HELP.");
  }
  std::vector<std::string> names;
  hub_->ForEachTopic(topic, [&](const std::string& name, size_t) {
    if (args.size() == 2 || GlobMatch(args[2], name, false)) names.push_back(name);
  });
  reply.Array(names.size());
  for (const std::string& name : names) reply.Bulk(name);
}

void Session::PubSubNumSub(const Command& command, Args args, resp::Writer& reply) {
  const Topic topic = IsNamed(command, "pubsub|numsub") ? Topic::kChannel : Topic::kShard;
  reply.Array((args.size() - 2) * 2);
  for (const Bytes name : args.subspan(2)) {
    reply.Bulk(name);
    reply.Integer(static_cast<int64_t>(hub_->CountListeners(topic, name)));
  }
}

void Session::PubSubNumPat(const Command&, Args, resp::Writer& reply) {
  int64_t patterns = 0;
  hub_->ForEachTopic(Topic::kPattern, [&](const std::string&, size_t) { ++patterns; });
  reply.Integer(patterns);
}

void Session::PubSubHelp(const Command&, Args, resp::Writer& reply) {
  commands::WriteHelp("PUBSUB",
                      {
                          "CHANNELS [<pattern>]",
                          "    Return the currently active channels matching a <pattern> (default: '*').",
                          "NUMPAT",
                          "    Return number of subscriptions to patterns.",
                          "NUMSUB [<channel> ...]",
                          "    Return the number of subscribers for the specified channels, excluding",
                          "    pattern subscriptions(default: no channels).",
                          "SHARDCHANNELS [<pattern>]",
                          "    Return the currently active shard level channels matching a <pattern> (default: '*').",
                          "SHARDNUMSUB [<shardchannel> ...]",
                          "    Return the number of subscribers for the specified shard level channel(s)",
                      },
                      reply);
}

}  // namespace redislite::session

// ==== src/session/tracking.cc =====================================================================================
namespace redislite::session {

using commands::EqualsIgnoreCase;
using engine::Args;
using engine::Command;

void Session::ClientTracking(const Command&, Args args, resp::Writer& reply) {
  if (EqualsIgnoreCase(args[2], "off")) return reply.Ok();
  if (!EqualsIgnoreCase(args[2], "on")) return commands::WriteSyntaxError(reply);
  reply.Error(Code::kCommand, "ERR there is no client side caching");
}

void Session::ClientCaching(const Command&, Args, resp::Writer& reply) {
  reply.Error(Code::kCommand,
              "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode "
              "enabled");
}

void Session::ClientTrackingInfo(const Command&, Args, resp::Writer& reply) {
  reply.Map(3);
  reply.Bulk("flags");
  reply.Set(1);
  reply.Bulk("off");
  reply.Bulk("redirect");
  reply.Integer(-1);
  reply.Bulk("prefixes");
  reply.Array(0);
}

}  // namespace redislite::session

// ==== src/session/transaction.cc ==================================================================================
namespace redislite::session {

using engine::Args;
using engine::Command;
using enum engine::Flag;

namespace {

bool IsForBatch(const Command& command) { return (command.flags & (kSession | kAdmin)) == 0; }

}  // namespace

Watches::~Watches() {
  if (!hub->closed()) hub->engine().Unwatch(list);
}

void Session::Multi(const Command&, Args, resp::Writer& reply) {
  if (in_transaction_) return reply.Error(Code::kCommand, "ERR MULTI calls can not be nested");
  in_transaction_ = true;
  transaction_is_bad_ = false;
  transaction_db_ = db_.load(std::memory_order_relaxed);
  queued_count_.store(0, std::memory_order_relaxed);
  reply.Ok();
}

void Session::Queue(const Command& command, Args args) {
  if ((command.flags & kNoBatch) != 0) {
    transaction_is_bad_ = true;
    Reply().Error(Code::kCommand, "ERR Command not allowed inside a transaction");
    return SendReply();
  }
  queued_.push_back({&command, {args.begin(), args.end()}, transaction_db_});
  queued_count_.store(static_cast<int64_t>(queued_.size()), std::memory_order_relaxed);
  if (commands::IsNamed(command, "select")) {
    const std::optional<int64_t> db = ParseInt64(args[1]);
    if (db && *db >= 0 && *db < engine::kDatabases) transaction_db_ = static_cast<int>(*db);
  }
  Reply().Status("QUEUED");
  SendReply();
}

void Session::LeaveTransaction() {
  in_transaction_ = false;
  transaction_is_bad_ = false;
  queued_.clear();
  exec_texts_.clear();
  queued_count_.store(-1, std::memory_order_relaxed);
  DropWatches();
}

void Session::DropWatches() {
  watches_ = nullptr;
  watched_count_.store(0, std::memory_order_relaxed);
}

void Session::Discard(const Command&, Args, resp::Writer& reply) {
  if (!in_transaction_) return reply.Error(Code::kCommand, "ERR DISCARD without MULTI");
  LeaveTransaction();
  reply.Ok();
}

void Session::Watch(const Command&, Args args, resp::Writer& reply) {
  if (in_transaction_) return reply.Error(Code::kCommand, "ERR WATCH inside MULTI is not allowed");
  if (watches_ == nullptr) watches_ = std::make_shared<Watches>(hub_);
  for (const Bytes key : args.subspan(1)) {
    engine_.Watch(watches_->list, db_.load(std::memory_order_relaxed), key);
  }
  watched_count_.store(watches_->list.keys.size(), std::memory_order_relaxed);
  reply.Ok();
}

void Session::Unwatch(const Command&, Args, resp::Writer& reply) {
  DropWatches();
  reply.Ok();
}

void Session::Exec() {
  const auto fail = [&](Bytes text) {
    LeaveTransaction();
    Reply().Error(Code::kCommand, text);
    SendReply();
  };
  if (!in_transaction_) return fail("ERR EXEC without MULTI");
  if (transaction_is_bad_) return fail("EXECABORT Transaction discarded because of previous errors.");

  std::vector<std::vector<std::string>> commands;
  std::vector<int> dbs;
  std::vector<size_t> places;  // in the queue
  exec_texts_.assign(queued_.size(), {});
  bool plain = true;  // the batch's reply is EXEC's
  for (size_t i = 0; i < queued_.size(); ++i) {
    Queued& queued = queued_[i];
    if (!IsForBatch(*queued.command)) {
      plain = false;
      continue;
    }
    commands.push_back(std::move(queued.args));
    dbs.push_back(queued.db);
    places.push_back(i);
  }
  Flight* flight = NewFlight();
  flight->silent = !TakeReplyWish();
  engine_.PrepareBatch(commands, dbs, flight->task, [&](size_t i, Bytes error) {
    exec_texts_[places[i]] = error;
    plain = false;
    return true;
  });
  flight->kept = !plain;
  if (watches_ != nullptr) flight->task.op.watched = &watches_->list;
  flight->watches = watches_;
  if (plain) {
    LeaveTransaction();
  } else {
    in_transaction_ = false;  // the rest is FinishExec's
    exec_unfinished_ = true;
    exec_wanted_ = !flight->silent;
    queued_count_.store(-1, std::memory_order_relaxed);
    DropWatches();
  }
  group_.push_back(flight);
  Flush();
}

void Session::FinishExec(Bytes batch_reply) {
  const auto send = [&](Bytes reply) {
    if (exec_wanted_) Send(reply);
  };
  const auto take = [&] {
    const resp::ReplyExtent extent = resp::ScanReply(batch_reply);
    const Bytes first = batch_reply.substr(0, extent.bytes);
    batch_reply.remove_prefix(extent.bytes);
    return first;
  };
  if (batch_reply.empty() || batch_reply.front() != '*' || batch_reply.starts_with("*-1")) {
    send(batch_reply);  // a watched key has changed, or nothing could be done
  } else {
    batch_reply.remove_prefix(batch_reply.find('\n') + 1);
    resp::Writer all(protocol());
    all.Array(queued_.size());
    for (size_t i = 0; i < queued_.size(); ++i) {
      const Queued& queued = queued_[i];
      if (!exec_texts_[i].empty()) {
        all.Raw(exec_texts_[i]);
      } else if (IsForBatch(*queued.command)) {
        all.Raw(take());
      } else {
        const std::vector<Bytes> args(queued.args.begin(), queued.args.end());
        RunAloud(*queued.command, args, all);
      }
    }
    send(all.bytes());
  }
  queued_.clear();
  exec_texts_.clear();
  exec_unfinished_ = false;
}

}  // namespace redislite::session

// ==== src/capi/arguments.h ========================================================================================
namespace redislite::capi {

Status CheckKey(const void* key, size_t size);
Status CheckValue(const void* value, size_t size);
inline Bytes ToBytes(const void* bytes, size_t size) { return {static_cast<const char*>(bytes), size}; }

class Arguments {
 public:
  Arguments() = default;
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;

  Status Read(size_t argc, const char* const* argv, const size_t* sizes);

  engine::Args args() const { return {many_.empty() ? few_.data() : many_.data(), count_}; }

 private:
  std::array<Bytes, 16> few_;
  std::vector<Bytes> many_;
  size_t count_ = 0;
};

}  // namespace redislite::capi

// ==== src/capi/arguments.cc =======================================================================================
namespace redislite::capi {

namespace {

Status CheckBytes(const char* what, const void* bytes, size_t size, uint64_t size_max) {
  if (bytes == nullptr && size > 0) return {Code::kInvalid, std::string(what) + " is NULL and its length is not 0"};
  if (size > size_max) {
    return {Code::kLimit, std::string(what) + " of " + std::to_string(size) + " bytes is above the limit of " +
                              std::to_string(size_max)};
  }
  return Status::Ok();
}

}  // namespace

Status CheckKey(const void* key, size_t size) { return CheckBytes("key", key, size, kKeyBytesMax); }
Status CheckValue(const void* value, size_t size) { return CheckBytes("value", value, size, kValueBytesMax); }

Status Arguments::Read(size_t argc, const char* const* argv, const size_t* sizes) {
  if (argc == 0) return {Code::kInvalid, "argc is 0: a command has a name at least"};
  if (argv == nullptr) return {Code::kInvalid, "argv is NULL"};
  if (argc > few_.size()) many_.resize(argc);
  Bytes* out = argc > few_.size() ? many_.data() : few_.data();
  for (size_t i = 0; i < argc; ++i) {
    if (argv[i] == nullptr) {
      if (sizes == nullptr || sizes[i] > 0) {
        return {Code::kInvalid, "argv[" + std::to_string(i) + "] is NULL and its length is not 0"};
      }
      out[i] = "";
    } else {
      out[i] = sizes == nullptr ? Bytes(argv[i]) : Bytes(argv[i], sizes[i]);
    }
  }
  count_ = argc;
  return Status::Ok();
}

}  // namespace redislite::capi

// ==== src/capi/errors.h ===========================================================================================
namespace redislite::capi {

inline int ToInt(Code code) { return static_cast<int>(code); }

Status MakeStatus(Code code, const char* message) noexcept;

Status StatusOfException() noexcept;

size_t CopyMessage(Bytes message, char* buffer, size_t capacity) noexcept;

int AnswerWithoutHandle(const Status& status) noexcept;
const std::string& ThreadMessage() noexcept;

template <typename Body>
int RunWithoutHandle(Body&& body) noexcept {
  try {
    return AnswerWithoutHandle(body());
  } catch (...) {
    return AnswerWithoutHandle(StatusOfException());
  }
}

}  // namespace redislite::capi

// ==== src/capi/handle.h ===========================================================================================
#include "redislite.h"

struct rl_db {
 public:
  class Call;

  rl_db(std::unique_ptr<redislite::engine::Engine> engine, uint64_t process_token)
      : process_token_(process_token),
        engine_(std::move(engine)),
        hub_(std::make_shared<redislite::session::Hub>(*engine_)) {}
  rl_db(const rl_db&) = delete;
  rl_db& operator=(const rl_db&) = delete;

  int Close() noexcept;

  const std::shared_ptr<redislite::session::Hub>& hub() const { return hub_; }

  void Ref() noexcept { references_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() noexcept;

  int Answer(const redislite::Status& status) noexcept;
  size_t CopyMessage(char* buffer, size_t capacity) noexcept;

 private:
  enum class State : uint8_t { kOpen, kClosed };

  static constexpr size_t kStripes = 16;
  struct alignas(64) Stripe {
    std::atomic<int64_t> calls{0};
  };

  ~rl_db() = default;
  void WaitForCalls() noexcept;

  std::atomic<State> state_{State::kOpen};
  std::atomic<uint32_t> references_{1};
  const uint64_t process_token_;
  std::unique_ptr<redislite::engine::Engine> engine_;
  const std::shared_ptr<redislite::session::Hub> hub_;
  std::array<Stripe, kStripes> stripes_;

  redislite::Mutex message_mutex_;
  std::string message_ GUARDED_BY(message_mutex_);
};

class rl_db::Call {
 public:
  explicit Call(rl_db& db) noexcept;
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  redislite::Code refusal() const { return refusal_; }
  redislite::engine::Engine& engine() { return *db_.engine_; }

  static bool InProgressHere(const rl_db& db) noexcept;

 private:
  rl_db& db_;
  redislite::Code refusal_ = redislite::Code::kOk;
  Stripe* stripe_ = nullptr;  // where this call is counted
  Call* outer_ = nullptr;     // the call of this thread that this one is inside of
};

namespace redislite::capi {

template <typename Body>
int Run(rl_db* db, Body&& body) noexcept {
  if (db == nullptr) return RL_ERR_INVALID;
  rl_db::Call call(*db);
  if (call.refusal() == Code::kForked) return RL_ERR_FORKED;
  if (call.refusal() == Code::kClosed) return db->Answer(MakeStatus(Code::kClosed, rl_strerror(RL_ERR_CLOSED)));
  try {
    return db->Answer(body(call.engine()));
  } catch (...) {
    return db->Answer(StatusOfException());
  }
}

}  // namespace redislite::capi

// ==== src/capi/reply.h ============================================================================================
namespace redislite::capi {

class ReplyBuilder {
 public:
  ReplyBuilder() : tree_(std::make_unique<resp::ReplyTree>()) {}  // throws std::bad_alloc

  Status Build(resp::Writer& writer, rl_reply** out);

 private:
  std::unique_ptr<resp::ReplyTree> tree_;
};

Bytes ErrorText(const resp::Writer& writer);

}  // namespace redislite::capi

// ==== src/capi/batch.cc ===========================================================================================
using redislite::Code;
using redislite::Status;
using redislite::capi::Arguments;
using redislite::capi::Run;
using redislite::engine::Engine;

struct rl_batch {
  explicit rl_batch(rl_db* store) noexcept : db(store) { db->Ref(); }
  ~rl_batch() { db->Unref(); }
  rl_batch(const rl_batch&) = delete;
  rl_batch& operator=(const rl_batch&) = delete;

  rl_db* const db;
  std::vector<std::vector<std::string>> commands;
};

namespace {

void TakeReply(redislite::resp::Writer& writer, rl_reply** out) noexcept {
  try {
    (void)redislite::capi::ReplyBuilder().Build(writer, out);
  } catch (const std::bad_alloc&) {
    *out = nullptr;
  }
}

}  // namespace

extern "C" {

int rl_batch_new(rl_db* db, rl_batch** out) {
  if (out != nullptr) *out = nullptr;
  return Run(db, [&](Engine&) -> Status {
    if (out == nullptr) return {Code::kInvalid, "rl_batch_new: out is NULL"};
    *out = new rl_batch(db);
    return Status::Ok();
  });
}

int rl_batch_add(rl_batch* batch, size_t argc, const char* const* argv, const size_t* argv_len) {
  if (batch == nullptr) return RL_ERR_INVALID;
  return Run(batch->db, [&](Engine& engine) -> Status {
    Arguments arguments;
    RL_RETURN_IF_ERROR(arguments.Read(argc, argv, argv_len));
    RL_RETURN_IF_ERROR(engine.CheckForBatch(arguments.args()));
    std::vector<std::string> command(arguments.args().begin(), arguments.args().end());
    batch->commands.push_back(std::move(command));
    return Status::Ok();
  });
}

int rl_batch_commit(rl_batch* batch, rl_reply** out) {
  if (out != nullptr) *out = nullptr;
  if (batch == nullptr) return RL_ERR_INVALID;
  return Run(batch->db, [&](Engine& engine) -> Status {
    redislite::resp::Writer writer(3);
    if (batch->commands.empty()) {
      writer.Array(0);
    } else {
      RL_RETURN_IF_ERROR(engine.ExecuteBatch(batch->commands, 0, writer));
    }
    batch->commands.clear();
    if (out != nullptr) TakeReply(writer, out);
    return Status::Ok();
  });
}

void rl_batch_free(rl_batch* batch) { delete batch; }

}  // extern "C"

// ==== src/capi/buffer.h ===========================================================================================
namespace redislite::capi {

char* NewBuffer(Bytes bytes);

}  // namespace redislite::capi

// ==== src/capi/buffer.cc ==========================================================================================
namespace redislite::capi {

char* NewBuffer(Bytes bytes) {
  char* buffer = static_cast<char*>(std::malloc(bytes.size() + 1));
  if (buffer == nullptr) throw std::bad_alloc();
  if (!bytes.empty()) std::memcpy(buffer, bytes.data(), bytes.size());
  buffer[bytes.size()] = '\0';
  return buffer;
}

}  // namespace redislite::capi

extern "C" {

void rl_buffer_free(void* buffer) { std::free(buffer); }

}  // extern "C"

// ==== src/capi/check.cc ===========================================================================================
using redislite::Code;
using redislite::Status;
using redislite::capi::NewBuffer;
using redislite::capi::RunWithoutHandle;

extern "C" {

int rl_check(const char* path, char** report, size_t* report_len) {
  if (report != nullptr) *report = nullptr;
  if (report_len != nullptr) *report_len = 0;
  return RunWithoutHandle([&]() -> Status {
    if (path == nullptr) return {Code::kInvalid, "rl_check: path is NULL"};
    if (*path == '\0') return {Code::kInvalid, "rl_check: the path is empty"};
    if (report == nullptr) return {Code::kInvalid, "rl_check: report is NULL"};
    const auto found = redislite::storage::Check(redislite::os::PosixFileSystem(), path);
    if (!found.ok()) return found.status();
    if (found->status.ok() || found->status.code() == Code::kCorrupt) {
      const std::string json = found->ToJson();
      *report = NewBuffer(json);
      if (report_len != nullptr) *report_len = json.size();
    }
    return found->status;
  });
}

}  // extern "C"

// ==== src/capi/command.cc =========================================================================================
using redislite::Code;
using redislite::Status;
using redislite::capi::Arguments;
using redislite::capi::ReplyBuilder;
using redislite::capi::Run;
using redislite::engine::Engine;

extern "C" {

int rl_command(rl_db* db, size_t argc, const char* const* argv, const size_t* argv_len, rl_reply** out) {
  if (out != nullptr) *out = nullptr;
  return Run(db, [&](Engine& engine) -> Status {
    if (out == nullptr) return {Code::kInvalid, "rl_command: out is NULL"};
    Arguments arguments;
    RL_RETURN_IF_ERROR(arguments.Read(argc, argv, argv_len));
    ReplyBuilder builder;
    redislite::resp::Writer writer(3);
    if (!redislite::session::Session::RunOnce(db->hub(), arguments.args(), writer)) {
      RL_RETURN_IF_ERROR(engine.Execute(arguments.args(), 0, writer));
    }
    if (const redislite::Bytes error = redislite::capi::ErrorText(writer); !error.empty()) {
      db->Answer({writer.error_codes().front(), std::string(error)});
    }
    return builder.Build(writer, out);
  });
}

}  // extern "C"

// ==== src/capi/errors.cc ==========================================================================================
#include <exception>


namespace redislite::capi {

static_assert(static_cast<int>(Code::kOk) == RL_OK);
static_assert(static_cast<int>(Code::kNotFound) == RL_NOT_FOUND);
static_assert(static_cast<int>(Code::kCondition) == RL_CONDITION);
static_assert(static_cast<int>(Code::kInvalid) == RL_ERR_INVALID);
static_assert(static_cast<int>(Code::kType) == RL_ERR_TYPE);
static_assert(static_cast<int>(Code::kValue) == RL_ERR_VALUE);
static_assert(static_cast<int>(Code::kCommand) == RL_ERR_COMMAND);
static_assert(static_cast<int>(Code::kIo) == RL_ERR_IO);
static_assert(static_cast<int>(Code::kFull) == RL_ERR_FULL);
static_assert(static_cast<int>(Code::kNoMemory) == RL_ERR_NOMEM);
static_assert(static_cast<int>(Code::kMaxMemory) == RL_ERR_MAXMEMORY);
static_assert(static_cast<int>(Code::kBusy) == RL_ERR_BUSY);
static_assert(static_cast<int>(Code::kCorrupt) == RL_ERR_CORRUPT);
static_assert(static_cast<int>(Code::kVersion) == RL_ERR_VERSION);
static_assert(static_cast<int>(Code::kClosed) == RL_ERR_CLOSED);
static_assert(static_cast<int>(Code::kForked) == RL_ERR_FORKED);
static_assert(static_cast<int>(Code::kReadOnly) == RL_ERR_READONLY);
static_assert(static_cast<int>(Code::kLimit) == RL_ERR_LIMIT);
static_assert(static_cast<int>(Code::kPathNotFound) == RL_ERR_NOT_FOUND);

namespace {

thread_local std::string thread_message;

}  // namespace

Status MakeStatus(Code code, const char* message) noexcept {
  try {
    return {code, message};
  } catch (const std::bad_alloc&) {
    return {code, std::string()};
  }
}

Status StatusOfException() noexcept {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return MakeStatus(Code::kNoMemory, "out of memory");
  } catch (const std::exception& error) {
    return MakeStatus(Code::kInvalid, error.what());
  } catch (...) {
    return MakeStatus(Code::kInvalid, "unknown exception");
  }
}

size_t CopyMessage(Bytes message, char* buffer, size_t capacity) noexcept {
  if (buffer != nullptr && capacity > 0) {
    const size_t copied = std::min(message.size(), capacity - 1);
    std::memcpy(buffer, message.data(), copied);
    buffer[copied] = '\0';
  }
  return message.size();
}

int AnswerWithoutHandle(const Status& status) noexcept {
  if (ToInt(status.code()) < 0) {
    try {
      thread_message = status.message();
    } catch (const std::bad_alloc&) {
      thread_message.clear();
    }
  }
  return ToInt(status.code());
}

const std::string& ThreadMessage() noexcept { return thread_message; }

}  // namespace redislite::capi

extern "C" {

const char* rl_strerror(int code) {
  switch (code) {
    case RL_OK:
      return "done";
    case RL_NOT_FOUND:
      return "the key or field does not exist";
    case RL_CONDITION:
      return "the condition was not met; nothing was written";
    case RL_ERR_INVALID:
      return "invalid use: a NULL pointer, an unknown option or flag, or a bad value of one";
    case RL_ERR_TYPE:
      return "the key holds another type";
    case RL_ERR_VALUE:
      return "not a number, or out of range";
    case RL_ERR_COMMAND:
      return "unknown command, wrong arguments, or not allowed here";
    case RL_ERR_IO:
      return "input or output failed; a store whose log failed must be opened again to write";
    case RL_ERR_FULL:
      return "no space left on the device; nothing was written";
    case RL_ERR_NOMEM:
      return "out of memory";
    case RL_ERR_MAXMEMORY:
      return "over maxmemory with nothing to evict";
    case RL_ERR_BUSY:
      return "the store is open elsewhere";
    case RL_ERR_CORRUPT:
      return "the store's files are damaged";
    case RL_ERR_VERSION:
      return "the store's files were written by a newer format";
    case RL_ERR_CLOSED:
      return "the store was closed";
    case RL_ERR_FORKED:
      return "the store belongs to another process: used in a forked child";
    case RL_ERR_READONLY:
      return "the store was opened read-only";
    case RL_ERR_LIMIT:
      return "a key, value or record is above its limit";
    case RL_ERR_NOT_FOUND:
      return "there is no store at the path";
    default:
      return "unknown code";
  }
}

}  // extern "C"

// ==== src/capi/handle.cc ==========================================================================================
using redislite::Code;
using redislite::MutexLock;
using redislite::Status;
using redislite::capi::MakeStatus;
using redislite::capi::StatusOfException;
using redislite::capi::ToInt;

namespace {

struct ThreadState {
  size_t number = 0;                 // 0: has none yet
  rl_db::Call* innermost = nullptr;  // the call that it is in
};
thread_local ThreadState this_thread_capi_handle;
std::atomic<size_t> thread_numbers{0};

constexpr size_t kQuarantineSize = 1024;
std::array<std::atomic<rl_db*>, kQuarantineSize> quarantine{};
std::atomic<size_t> quarantined{0};

void Quarantine(rl_db* closed) noexcept {
  const size_t slot = quarantined.fetch_add(1) % kQuarantineSize;
  if (rl_db* oldest = quarantine[slot].exchange(closed); oldest != nullptr) oldest->Unref();
}

}  // namespace


rl_db::Call::Call(rl_db& db) noexcept : db_(db) {
  if (!redislite::os::InProcess(db.process_token_)) {
    refusal_ = Code::kForked;
    return;
  }
  if (this_thread_capi_handle.number == 0) this_thread_capi_handle.number = ++thread_numbers;
  stripe_ = &db.stripes_[this_thread_capi_handle.number % kStripes];
  stripe_->calls.fetch_add(1);
  if (db.state_.load() != State::kOpen) refusal_ = Code::kClosed;
  outer_ = std::exchange(this_thread_capi_handle.innermost, this);
}

rl_db::Call::~Call() {
  if (stripe_ == nullptr) return;
  this_thread_capi_handle.innermost = outer_;
  stripe_->calls.fetch_sub(1);  // the last touch: Close() may be waiting to free what this call used
}

bool rl_db::Call::InProgressHere(const rl_db& db) noexcept {
  for (const Call* call = this_thread_capi_handle.innermost; call != nullptr; call = call->outer_) {
    if (&call->db_ == &db) return true;
  }
  return false;
}


void rl_db::Unref() noexcept {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

void rl_db::WaitForCalls() noexcept {
  int64_t pause_us = 50;
  for (Stripe& stripe : stripes_) {
    while (stripe.calls.load() != 0) {
      redislite::os::SleepUs(pause_us);
      pause_us = std::min<int64_t>(pause_us * 2, 2000);
    }
  }
}

int rl_db::Close() noexcept {
  if (!redislite::os::InProcess(process_token_)) return RL_ERR_FORKED;
  if (Call::InProgressHere(*this)) {
    return Answer(MakeStatus(Code::kInvalid, "rl_close was called from inside a call on the same store"));
  }
  if (State open = State::kOpen; !state_.compare_exchange_strong(open, State::kClosed)) {
    return Answer(MakeStatus(Code::kClosed, "the store was closed already"));
  }
  hub_->Close();
  engine_->RefuseParking();
  WaitForCalls();
  Status status;
  try {
    status = engine_->Close();
  } catch (...) {
    status = StatusOfException();
  }
  engine_.reset();
  const int code = Answer(status);
  Quarantine(this);
  return code;
}

int rl_db::Answer(const Status& status) noexcept {
  if (ToInt(status.code()) < 0) {
    MutexLock lock(message_mutex_);
    try {
      message_ = status.message();
    } catch (const std::bad_alloc&) {
      message_.clear();
    }
  }
  return ToInt(status.code());
}

size_t rl_db::CopyMessage(char* buffer, size_t capacity) noexcept {
  if (!redislite::os::InProcess(process_token_)) {
    return redislite::capi::CopyMessage(rl_strerror(RL_ERR_FORKED), buffer, capacity);
  }
  MutexLock lock(message_mutex_);
  return redislite::capi::CopyMessage(message_, buffer, capacity);
}

// ==== src/capi/host.cc ============================================================================================
using redislite::Code;
using redislite::Status;
using redislite::capi::Run;
using redislite::engine::Engine;
using redislite::engine::HostRequest;

static_assert(RL_HOST_CONFIG_SET == static_cast<int>(HostRequest::kConfigSet));
static_assert(RL_HOST_CONFIG_REWRITE == static_cast<int>(HostRequest::kConfigRewrite));
static_assert(RL_HOST_SHUTDOWN == static_cast<int>(HostRequest::kShutdown));

extern "C" {

int rl_host_setting(rl_db* db, const char* name, const char* value) {
  return Run(db, [&](Engine& engine) -> Status {
    if (name == nullptr) return {Code::kInvalid, "rl_host_setting: name is NULL"};
    if (value == nullptr) return {Code::kInvalid, "rl_host_setting: value is NULL"};
    engine.host().Tell(name, value);
    return Status::Ok();
  });
}

int rl_host_answer(rl_db* db, int (*answer)(void* ctx, int request, const char* name, const char* value), void* ctx) {
  return Run(db, [&](Engine& engine) {
    engine.host().Attach(answer, ctx);
    return Status::Ok();
  });
}

}  // extern "C"

// ==== src/capi/options.h ==========================================================================================
struct rl_options {
  redislite::engine::Options options;
  redislite::os::FileSystem* files = nullptr;  // null: the process' own (see testing.h)
};

// ==== src/capi/testing.h ==========================================================================================
namespace redislite::capi {

void SetFileSystem(rl_options* options, os::FileSystem* files);

void SetNoServiceThread(rl_options* options);

}  // namespace redislite::capi

// ==== src/capi/options.cc =========================================================================================
using redislite::Code;
using redislite::Status;
using redislite::capi::RunWithoutHandle;
using redislite::engine::LogLevel;

namespace redislite::capi {

void SetFileSystem(rl_options* options, os::FileSystem* files) { options->files = files; }
void SetNoServiceThread(rl_options* options) { options->options.service_thread = false; }

}  // namespace redislite::capi

extern "C" {

int rl_options_new(rl_options** out) {
  if (out != nullptr) *out = nullptr;
  return RunWithoutHandle([&]() -> Status {
    if (out == nullptr) return {Code::kInvalid, "rl_options_new: out is NULL"};
    *out = new rl_options();
    return Status::Ok();
  });
}

int rl_options_set(rl_options* options, const char* name, const char* value) {
  return RunWithoutHandle([&]() -> Status {
    if (options == nullptr) return {Code::kInvalid, "rl_options_set: options is NULL"};
    if (name == nullptr) return {Code::kInvalid, "rl_options_set: name is NULL"};
    if (value == nullptr) return {Code::kInvalid, "rl_options_set: value is NULL"};
    return redislite::engine::SetOption(options->options, name, value);
  });
}

void rl_options_free(rl_options* options) { delete options; }

int rl_options_set_log(rl_options* options, void (*log)(void* ctx, int level, const char* message), void* ctx) {
  return RunWithoutHandle([&]() -> Status {
    if (options == nullptr) return {Code::kInvalid, "rl_options_set_log: options is NULL"};
    options->options.log = nullptr;
    if (log != nullptr) {
      options->options.log = [log, ctx](LogLevel level, const char* message) {
        log(ctx, static_cast<int>(level), message);
      };
    }
    return Status::Ok();
  });
}

int rl_options_set_clock(rl_options* options, int64_t (*now_ms)(void* ctx), void* ctx) {
  return RunWithoutHandle([&]() -> Status {
    if (options == nullptr) return {Code::kInvalid, "rl_options_set_clock: options is NULL"};
    options->options.now_ms = nullptr;
    if (now_ms != nullptr) options->options.now_ms = [now_ms, ctx] { return now_ms(ctx); };
    return Status::Ok();
  });
}

}  // extern "C"

// ==== src/capi/reply.cc ===========================================================================================
using redislite::resp::ReplyNode;
using redislite::resp::ReplyTree;
using redislite::resp::ReplyType;

namespace redislite::capi {

static_assert(static_cast<int>(ReplyType::kNil) == RL_REPLY_NIL);
static_assert(static_cast<int>(ReplyType::kStatus) == RL_REPLY_STATUS);
static_assert(static_cast<int>(ReplyType::kError) == RL_REPLY_ERROR);
static_assert(static_cast<int>(ReplyType::kInteger) == RL_REPLY_INTEGER);
static_assert(static_cast<int>(ReplyType::kString) == RL_REPLY_STRING);
static_assert(static_cast<int>(ReplyType::kArray) == RL_REPLY_ARRAY);
static_assert(static_cast<int>(ReplyType::kDouble) == RL_REPLY_DOUBLE);
static_assert(static_cast<int>(ReplyType::kBoolean) == RL_REPLY_BOOLEAN);
static_assert(static_cast<int>(ReplyType::kMap) == RL_REPLY_MAP);
static_assert(static_cast<int>(ReplyType::kSet) == RL_REPLY_SET);
static_assert(static_cast<int>(ReplyType::kBigNumber) == RL_REPLY_BIGNUMBER);
static_assert(static_cast<int>(ReplyType::kVerbatim) == RL_REPLY_VERBATIM);
static_assert(static_cast<int>(ReplyType::kPush) == RL_REPLY_PUSH);

static_assert(std::is_standard_layout_v<ReplyTree>);

namespace {

const ReplyNode* NodeOf(const rl_reply* reply) { return reinterpret_cast<const ReplyNode*>(reply); }
const rl_reply* ReplyOf(const ReplyNode* node) { return reinterpret_cast<const rl_reply*>(node); }

}  // namespace

Status ReplyBuilder::Build(resp::Writer& writer, rl_reply** out) {
  if (writer.out_of_memory()) return {Code::kNoMemory, "out of memory for the reply"};
  if (!tree_->Decode(writer.Take(), writer.error_codes()))
    return {Code::kInvalid, "the command wrote a malformed reply"};
  *out = reinterpret_cast<rl_reply*>(tree_.release());
  return Status::Ok();
}

Bytes ErrorText(const resp::Writer& writer) {
  Bytes bytes = writer.bytes();
  if (bytes.size() < 3 || bytes.front() != '-') return {};
  bytes.remove_prefix(1);
  bytes.remove_suffix(2);
  return bytes;
}

}  // namespace redislite::capi

using redislite::capi::NodeOf;
using redislite::capi::ReplyOf;

extern "C" {

int rl_reply_type(const rl_reply* reply) {
  return reply == nullptr ? RL_REPLY_NIL : static_cast<int>(NodeOf(reply)->type);
}

int64_t rl_reply_integer(const rl_reply* reply) {
  if (reply == nullptr) return 0;
  const ReplyNode* node = NodeOf(reply);
  return node->type == ReplyType::kInteger || node->type == ReplyType::kBoolean ? node->integer : 0;
}

double rl_reply_double(const rl_reply* reply) {
  if (reply == nullptr) return 0;
  const ReplyNode* node = NodeOf(reply);
  return node->type == ReplyType::kDouble ? node->number : 0;
}

const char* rl_reply_string(const rl_reply* reply, size_t* len) {
  const ReplyNode* node = reply != nullptr && NodeOf(reply)->has_text() ? NodeOf(reply) : nullptr;
  if (len != nullptr) *len = node == nullptr ? 0 : node->size;
  return node == nullptr ? nullptr : node->text;
}

size_t rl_reply_count(const rl_reply* reply) {
  return reply != nullptr && NodeOf(reply)->has_children() ? NodeOf(reply)->size : 0;
}

const rl_reply* rl_reply_at(const rl_reply* reply, size_t index) {
  return index < rl_reply_count(reply) ? ReplyOf(NodeOf(reply)->children + index) : nullptr;
}

int rl_reply_code(const rl_reply* reply) {
  return reply != nullptr && NodeOf(reply)->type == ReplyType::kError ? static_cast<int>(NodeOf(reply)->code) : RL_OK;
}

void rl_reply_free(rl_reply* reply) { delete reinterpret_cast<ReplyTree*>(reply); }

}  // extern "C"

// ==== src/capi/session.cc =========================================================================================
using redislite::Bytes;
using redislite::Code;
using redislite::Result;
using redislite::Status;
using redislite::capi::Run;
using redislite::engine::Engine;
using redislite::session::Session;

struct rl_session {
  rl_session(rl_db* store, std::shared_ptr<Session> the_session) noexcept : db(store), session(std::move(the_session)) {
    db->Ref();
  }
  ~rl_session() { db->Unref(); }
  rl_session(const rl_session&) = delete;
  rl_session& operator=(const rl_session&) = delete;

  rl_db* const db;
  const std::shared_ptr<Session> session;
};

namespace {

template <typename Body>
int RunOn(rl_session* s, Body&& body) noexcept {
  if (s == nullptr) return RL_ERR_INVALID;
  return Run(s->db, [&](Engine&) -> Status { return body(*s->session); });
}

}  // namespace

extern "C" {

int rl_session_open(rl_db* db, rl_session** out) {
  if (out != nullptr) *out = nullptr;
  return Run(db, [&](Engine&) -> Status {
    if (out == nullptr) return {Code::kInvalid, "rl_session_open: out is NULL"};
    Result<std::shared_ptr<Session>> session = Session::Open(db->hub());
    if (!session.ok()) return session.status();
    *out = new rl_session(db, std::move(*session));
    return Status::Ok();
  });
}

int rl_session_feed(rl_session* s, const void* bytes, size_t len) {
  return RunOn(s, [&](Session& session) -> Status {
    if (bytes == nullptr && len != 0) return {Code::kInvalid, "rl_session_feed: bytes is NULL"};
    return session.Feed({static_cast<const char*>(bytes), len});
  });
}

int rl_session_peek(rl_session* s, const void** bytes, size_t* len) {
  if (bytes != nullptr) *bytes = nullptr;
  if (len != nullptr) *len = 0;
  return RunOn(s, [&](Session& session) -> Status {
    if (bytes == nullptr || len == nullptr) return {Code::kInvalid, "rl_session_peek: bytes or len is NULL"};
    Bytes ready;
    Status status = session.Peek(&ready);
    *bytes = ready.data();
    *len = ready.size();
    return status;
  });
}

int rl_session_consume(rl_session* s, size_t len) {
  return RunOn(s, [&](Session& session) { return session.Consume(len); });
}

int rl_session_pending(rl_session* s) {
  bool pending = false;
  const int code = RunOn(s, [&](Session& session) {
    pending = session.Pending();
    return Status::Ok();
  });
  return code == RL_OK ? static_cast<int>(pending) : code;
}

int rl_session_busy(rl_session* s) {
  bool busy = false;
  const int code = RunOn(s, [&](Session& session) {
    busy = session.Busy();
    return Status::Ok();
  });
  return code == RL_OK ? static_cast<int>(busy) : code;
}

int rl_session_wait(rl_session* s, int timeout_ms) {
  return RunOn(s, [&](Session& session) { return session.Wait(timeout_ms); });
}

int rl_session_fd(rl_session* s) {
  int fd = -1;
  const int code = RunOn(s, [&](Session& session) -> Status {
    Result<int> made = session.Fd();
    if (!made.ok()) return made.status();
    fd = *made;
    return Status::Ok();
  });
  return code == RL_OK ? fd : code;
}

int rl_session_interrupt(rl_session* s) {
  return RunOn(s, [](Session& session) {
    session.Interrupt();
    return Status::Ok();
  });
}

int rl_session_notify(rl_session* s, void (*notify)(void* ctx), void* ctx) {
  return RunOn(s, [&](Session& session) {
    session.SetNotify(notify, ctx);
    return Status::Ok();
  });
}

int rl_session_set_peer(rl_session* s, const char* address, const char* local_address) {
  return RunOn(s, [&](Session& session) {
    session.SetPeer(address == nullptr ? "" : address, local_address == nullptr ? "" : local_address);
    return Status::Ok();
  });
}

void rl_session_close(rl_session* s) {
  if (s == nullptr) return;
  (void)RunOn(s, [](Session& session) {
    session.Close();
    return Status::Ok();
  });
  delete s;
}

}  // extern "C"

// ==== src/capi/store.cc ===========================================================================================
using redislite::Bytes;
using redislite::Code;
using redislite::Status;
using redislite::capi::NewBuffer;
using redislite::capi::Run;
using redislite::capi::RunWithoutHandle;
using redislite::engine::Engine;

extern "C" {

int rl_open(const char* path, const rl_options* options, rl_db** out) {
  if (out != nullptr) *out = nullptr;
  return RunWithoutHandle([&]() -> Status {
    if (out == nullptr) return {Code::kInvalid, "rl_open: out is NULL"};
    if (path != nullptr && *path == '\0') return {Code::kInvalid, "rl_open: the path is empty"};
    const bool in_memory = path == nullptr || std::strcmp(path, ":memory:") == 0;
    const rl_options defaults;
    const rl_options& chosen = options == nullptr ? defaults : *options;
    redislite::os::FileSystem& files = chosen.files == nullptr ? redislite::os::PosixFileSystem() : *chosen.files;
    const uint64_t process_token = redislite::os::EnterProcess();
    auto engine = Engine::Open(in_memory ? "" : path, chosen.options, redislite::commands::Commands(), files);
    if (!engine.ok()) return engine.status();
    *out = new rl_db(std::move(*engine), process_token);
    return Status::Ok();
  });
}

int rl_close(rl_db* db) { return db == nullptr ? static_cast<int>(RL_OK) : db->Close(); }

size_t rl_errmsg(rl_db* db, char* buffer, size_t capacity) {
  if (db == nullptr) return redislite::capi::CopyMessage(redislite::capi::ThreadMessage(), buffer, capacity);
  return db->CopyMessage(buffer, capacity);
}

int rl_sync(rl_db* db) {
  return Run(db, [](Engine& engine) { return engine.Sync(); });
}

int rl_snapshot(rl_db* db) {
  return Run(db, [](Engine& engine) { return engine.Snapshot(); });
}

int rl_backup(rl_db* db, const char* path, int (*progress)(void* ctx, uint64_t done, uint64_t total), void* ctx) {
  return Run(db, [&](Engine& engine) -> Status {
    if (path == nullptr) return {Code::kInvalid, "rl_backup: path is NULL"};
    if (*path == '\0') return {Code::kInvalid, "rl_backup: the path is empty"};
    return engine.Backup(
        path, [&](uint64_t done, uint64_t total) { return progress == nullptr || progress(ctx, done, total) == 0; });
  });
}

int rl_info(rl_db* db, const char* section, char** text, size_t* text_len) {
  if (text != nullptr) *text = nullptr;
  if (text_len != nullptr) *text_len = 0;
  return Run(db, [&](Engine& engine) -> Status {
    if (text == nullptr) return {Code::kInvalid, "rl_info: text is NULL"};
    const redislite::Bytes sections[] = {section == nullptr ? "all" : section};
    const std::string info = engine.Info(sections);
    *text = NewBuffer(info);
    if (text_len != nullptr) *text_len = info.size();
    return Status::Ok();
  });
}

}  // extern "C"

// ==== src/capi/strings.cc =========================================================================================
using redislite::Bytes;
using redislite::Code;
using redislite::Status;
using redislite::capi::CheckKey;
using redislite::capi::CheckValue;
using redislite::capi::NewBuffer;
using redislite::capi::Run;
using redislite::capi::ToBytes;
using redislite::engine::Engine;

namespace {

struct Outcome_capi_strings {
  bool nil = false;
  int64_t integer = 0;
};

Status Execute_capi_strings(Engine& engine, std::span<const Bytes> args, Outcome_capi_strings& outcome) {
  redislite::resp::Writer writer(3);
  RL_RETURN_IF_ERROR(engine.Execute(args, 0, writer));
  if (writer.out_of_memory()) return {Code::kNoMemory, "out of memory for the reply"};
  if (writer.has_error()) return {writer.error_codes().front(), std::string(redislite::capi::ErrorText(writer))};
  const Bytes reply = writer.bytes();
  outcome.nil = reply.starts_with('_');
  if (reply.starts_with(':')) {
    outcome.integer = redislite::ParseInt64(reply.substr(1, reply.size() - 3)).value_or(0);
  }
  return Status::Ok();
}

Status ExecuteOnKey(Engine& engine, std::span<const Bytes> args) {
  Outcome_capi_strings outcome;
  RL_RETURN_IF_ERROR(Execute_capi_strings(engine, args, outcome));
  return outcome.integer == 0 ? Status(Code::kNotFound, {}) : Status::Ok();
}

Status CheckSetFlags(int64_t ttl_ms, unsigned flags) {
  constexpr unsigned kAll = RL_SET_NX | RL_SET_XX | RL_SET_KEEPTTL;
  if ((flags & ~kAll) != 0)
    return {Code::kInvalid, "flags has unknown bits: RL_SET_NX, RL_SET_XX and RL_SET_KEEPTTL exist"};
  if ((flags & RL_SET_NX) != 0 && (flags & RL_SET_XX) != 0) {
    return {Code::kInvalid, "RL_SET_NX and RL_SET_XX contradict each other"};
  }
  if (ttl_ms < 0) return {Code::kInvalid, "ttl_ms is negative: 0 is for no expiry"};
  if (ttl_ms > 0 && (flags & RL_SET_KEEPTTL) != 0)
    return {Code::kInvalid, "RL_SET_KEEPTTL and a ttl_ms contradict each other"};
  return Status::Ok();
}

}  // namespace

extern "C" {

int rl_set(rl_db* db, const void* key, size_t key_len, const void* value, size_t value_len) {
  return Run(db, [&](Engine& engine) -> Status {
    RL_RETURN_IF_ERROR(CheckKey(key, key_len));
    RL_RETURN_IF_ERROR(CheckValue(value, value_len));
    const Bytes args[] = {"SET", ToBytes(key, key_len), ToBytes(value, value_len)};
    Outcome_capi_strings outcome;
    return Execute_capi_strings(engine, args, outcome);
  });
}

int rl_set_with(rl_db* db, const void* key, size_t key_len, const void* value, size_t value_len, int64_t ttl_ms,
                unsigned flags) {
  return Run(db, [&](Engine& engine) -> Status {
    RL_RETURN_IF_ERROR(CheckSetFlags(ttl_ms, flags));
    RL_RETURN_IF_ERROR(CheckKey(key, key_len));
    RL_RETURN_IF_ERROR(CheckValue(value, value_len));
    char ttl_text[redislite::kInt64TextMax];
    Bytes args[7] = {"SET", ToBytes(key, key_len), ToBytes(value, value_len)};
    size_t count = 3;
    if (ttl_ms > 0) {
      args[count++] = "PX";
      args[count++] = redislite::FormatInt64(ttl_ms, ttl_text);
    }
    if ((flags & RL_SET_NX) != 0) args[count++] = "NX";
    if ((flags & RL_SET_XX) != 0) args[count++] = "XX";
    if ((flags & RL_SET_KEEPTTL) != 0) args[count++] = "KEEPTTL";
    Outcome_capi_strings outcome;
    RL_RETURN_IF_ERROR(Execute_capi_strings(engine, std::span(args, count), outcome));
    return outcome.nil ? Status(Code::kCondition, {}) : Status::Ok();
  });
}

int rl_get(rl_db* db, const void* key, size_t key_len, void** value, size_t* value_len) {
  if (value != nullptr) *value = nullptr;
  if (value_len != nullptr) *value_len = 0;
  return Run(db, [&](Engine& engine) -> Status {
    if (value == nullptr) return {Code::kInvalid, "rl_get: value is NULL"};
    if (value_len == nullptr) return {Code::kInvalid, "rl_get: value_len is NULL"};
    RL_RETURN_IF_ERROR(CheckKey(key, key_len));
    Engine::StringView view;
    RL_RETURN_IF_ERROR(engine.GetString(ToBytes(key, key_len), view));
    *value = NewBuffer(view.bytes);
    *value_len = view.bytes.size();
    return Status::Ok();
  });
}

int rl_get_into(rl_db* db, const void* key, size_t key_len, void* buffer, size_t capacity, size_t* value_len) {
  if (value_len != nullptr) *value_len = 0;
  return Run(db, [&](Engine& engine) -> Status {
    if (value_len == nullptr) return {Code::kInvalid, "rl_get_into: value_len is NULL"};
    if (buffer == nullptr && capacity > 0)
      return {Code::kInvalid, "rl_get_into: buffer is NULL and its capacity is not 0"};
    RL_RETURN_IF_ERROR(CheckKey(key, key_len));
    Engine::StringView view;
    RL_RETURN_IF_ERROR(engine.GetString(ToBytes(key, key_len), view));
    *value_len = view.bytes.size();
    if (const size_t copied = std::min(capacity, view.bytes.size()); copied > 0) {
      std::memcpy(buffer, view.bytes.data(), copied);
    }
    return Status::Ok();
  });
}

int rl_del(rl_db* db, const void* key, size_t key_len) {
  return Run(db, [&](Engine& engine) -> Status {
    RL_RETURN_IF_ERROR(CheckKey(key, key_len));
    const Bytes args[] = {"DEL", ToBytes(key, key_len)};
    return ExecuteOnKey(engine, args);
  });
}

int rl_exists(rl_db* db, const void* key, size_t key_len) {
  return Run(db, [&](Engine& engine) -> Status {
    RL_RETURN_IF_ERROR(CheckKey(key, key_len));
    return engine.Exists(ToBytes(key, key_len));
  });
}

int rl_incr_by(rl_db* db, const void* key, size_t key_len, int64_t delta, int64_t* result) {
  return Run(db, [&](Engine& engine) -> Status {
    RL_RETURN_IF_ERROR(CheckKey(key, key_len));
    char delta_text[redislite::kInt64TextMax];
    const Bytes args[] = {"INCRBY", ToBytes(key, key_len), redislite::FormatInt64(delta, delta_text)};
    Outcome_capi_strings outcome;
    RL_RETURN_IF_ERROR(Execute_capi_strings(engine, args, outcome));
    if (result != nullptr) *result = outcome.integer;
    return Status::Ok();
  });
}

int rl_expire(rl_db* db, const void* key, size_t key_len, int64_t ttl_ms) {
  return Run(db, [&](Engine& engine) -> Status {
    RL_RETURN_IF_ERROR(CheckKey(key, key_len));
    char ttl_text[redislite::kInt64TextMax];
    const Bytes args[] = {"PEXPIRE", ToBytes(key, key_len), redislite::FormatInt64(ttl_ms, ttl_text)};
    return ExecuteOnKey(engine, args);
  });
}

int rl_persist(rl_db* db, const void* key, size_t key_len) {
  return Run(db, [&](Engine& engine) -> Status {
    RL_RETURN_IF_ERROR(CheckKey(key, key_len));
    const Bytes args[] = {"PERSIST", ToBytes(key, key_len)};
    Status status = ExecuteOnKey(engine, args);
    return status.code() == Code::kNotFound ? engine.Exists(args[1]) : status;
  });
}

int rl_ttl(rl_db* db, const void* key, size_t key_len, int64_t* ttl_ms) {
  return Run(db, [&](Engine& engine) -> Status {
    if (ttl_ms == nullptr) return {Code::kInvalid, "rl_ttl: ttl_ms is NULL"};
    RL_RETURN_IF_ERROR(CheckKey(key, key_len));
    Status status = engine.Ttl(ToBytes(key, key_len), ttl_ms);
    if (status.code() == Code::kNotFound) *ttl_ms = -2;
    return status;
  });
}

int rl_count(rl_db* db, uint64_t* keys) {
  return Run(db, [&](Engine& engine) -> Status {
    if (keys == nullptr) return {Code::kInvalid, "rl_count: keys is NULL"};
    return engine.CountKeys(keys);
  });
}

}  // extern "C"

// ==== src/capi/version.cc =========================================================================================
#define RL_TEXT_OF(number) #number
#define RL_VERSION_TEXT(major, minor, patch) RL_TEXT_OF(major) "." RL_TEXT_OF(minor) "." RL_TEXT_OF(patch)

extern "C" {

const char* rl_version(void) { return RL_VERSION_TEXT(RL_VERSION_MAJOR, RL_VERSION_MINOR, RL_VERSION_PATCH); }

}  // extern "C"
