// A DUMP of any bytes: it is refused, or it is a value that can be dumped and restored again; and all memory comes
// back.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/crc64.h"
#include "base/little_endian.h"
#include "base/memory.h"
#include "tests/fuzz/fuzz.h"
#include "types/dump.h"

namespace redislite::fuzz {
namespace {

constexpr size_t kVersionBytes = 2;
constexpr size_t kFooterBytes = 10;
// A string that stands for more than this many bytes costs time, not courage.
constexpr size_t kInputBytesMax = 64 << 10;

// A hash's pairs in any one order: that of a large one is its own business.
std::vector<std::string> Elements(const types::Value& value) {
  std::vector<std::string> elements;
  if (const auto* string = value.As<types::String>()) elements.push_back(string->ToString());
  if (const auto* list = value.As<types::List>()) {
    list->ForEach(0, [&](Bytes element) {
      elements.emplace_back(element);
      return true;
    });
  }
  if (const auto* hash = value.As<types::Hash>()) {
    hash->ForEach([&](Bytes field, Bytes bytes) {
      elements.push_back(std::to_string(field.size()).append(" ").append(field).append(bytes));
      return true;
    });
    std::sort(elements.begin(), elements.end());
  }
  return elements;
}

void TestOneInput(Bytes input) {
  if (input.size() > kInputBytesMax || !types::IsDump(input)) return;
  const HashSeed seed{};
  Memory memory;
  {
    const std::optional<types::Value> value = types::Restore(memory, seed, input);
    if (value) {
      const std::string dump = types::Dump(*value);
      Require(types::IsDump(dump), "what is dumped here is a dump");
      const std::optional<types::Value> again = types::Restore(memory, seed, dump);
      Require(again.has_value(), "what is dumped here is restored");
      Require(again->type() == value->type(), "a restored value is of the type that was dumped");
      Require(Elements(*again) == Elements(*value), "a restored value has the elements that were dumped");
    }
  }
  Require(memory.used() == 0, "all memory comes back");
}

// The checksum made good, and the version one that is read.
void Seal(std::string& dump) {
  if (dump.size() < kFooterBytes) dump.resize(kFooterBytes);
  char* const footer = dump.data() + dump.size() - kFooterBytes;
  StoreLittle(footer, uint16_t{10});
  StoreLittle(footer + kVersionBytes, Crc64(0, Bytes(dump).substr(0, dump.size() - 8)));
}

}  // namespace
}  // namespace redislite::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  redislite::fuzz::TestOneInput(redislite::fuzz::Input(data, size));
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t capacity, unsigned seed) {
  using redislite::fuzz::kFooterBytes;
  redislite::Random random(uint64_t{seed} + 1);
  const redislite::Bytes input = redislite::fuzz::Input(data, size);
  if (capacity <= kFooterBytes) return std::min(size, capacity);
  // The footer stays out of it: what is inside has no business with it.
  const redislite::Bytes object = input.substr(0, size - std::min(size, kFooterBytes));
  std::string mutated = redislite::fuzz::MutateBytes(object, capacity - kFooterBytes);
  mutated.append(kFooterBytes, '\0');
  if (random.Below(16) != 0) redislite::fuzz::Seal(mutated);
  return redislite::fuzz::GiveBack(mutated, data, capacity);
}
