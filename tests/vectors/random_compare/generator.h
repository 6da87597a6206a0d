// Generator: random commands on few keys, with arguments chosen to be awkward.
//
// Everything follows from the seed. Times to live never come near their end and are never drawn twice, so that the
// milliseconds between two stores cannot change an outcome.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace vectors {

using Words = std::vector<std::string>;

// How the replies of two stores are compared.
enum class Compare {
  kExactly,
  kUnordered,     // an array or set whose order is a store's own business
  kTwoUnordered,  // [cursor, array]
  kTime,          // an integer that runs with the clock
  kShape,         // a random choice: the type and the number of elements
  kEncoding,      // the encodings of small lists and sets are others since Redis 7.2
};

struct Drawn {
  Words words;
  Compare compare = Compare::kExactly;
};

class Generator {
 public:
  explicit Generator(uint64_t seed) : engine_(seed) {}

  Drawn Draw();
  uint64_t Below(uint64_t bound) { return engine_() % bound; }

 private:
  bool OneIn(uint64_t count) { return Below(count) == 0; }
  std::string Pick(const std::vector<std::string>& words) { return words[Below(words.size())]; }
  std::string Key();
  std::string Field();
  std::string Value();
  std::string Integer();  // for values and increments
  std::string Index();
  std::string Float();
  std::string BitOffset();
  std::string Score();
  std::string Seconds();  // a far and new time to live
  std::string UnixTime();
  void Maybe(Words* words, const std::vector<std::string>& options);
  void MaybeExpiry(Words* words);

  Drawn DrawAny();
  Drawn Keys();
  Drawn Strings();
  Drawn Bits();
  Drawn Sorting();
  Drawn HyperLogLogs();
  std::string Coordinate(int64_t center);
  Drawn Geo();
  Drawn Lists();
  Drawn Hashes();
  Drawn Sets();
  Drawn SortedSets();
  Drawn Expiry();
  Drawn Nonsense();

  std::mt19937_64 engine_;
  int64_t drawn_times_ = 0;
};

}  // namespace vectors
