#include "types/hyperloglog.h"

#include <bit>
#include <cmath>
#include <limits>

#include "base/little_endian.h"

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

// ---- Hashing: MurmurHash2's 64-bit form A, with Redis' seed. Changing it would tear apart what was counted before.

constexpr uint64_t kHashSeed = 0xadc83b19;

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

// ---- Dense.

// A register of 6 bits lies in one byte or across two.
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

// ---- Sparse.

constexpr size_t kShortZerosMax = 64;
constexpr size_t kValuesMax = 4;
constexpr uint8_t kSparseValueMax = 32;

struct SparseRun {
  uint8_t value = 0;
  size_t count = 0;
  size_t bytes = 1;  // that it takes

  // REQUIRES: at < bytes.size(). A long run of zeros that is cut off has no registers.
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

// Calls visit(first register, run) for each run; false when they are not exactly all registers.
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

// Joins runs of the same value from `at` on, as far as Redis looks: five steps, a joined run counting as one.
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

// ---- The estimator of Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (arXiv:1702.01284).

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
  const uint64_t hash = Murmur64A(element, kHashSeed);
  // A bit above the others ends the count of zeros.
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
