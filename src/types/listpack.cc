#include "types/listpack.h"

#include <optional>
#include <utility>

#include "base/little_endian.h"
#include "base/number.h"
#include "types/byte_reader.h"

namespace redislite::types {

namespace {

constexpr size_t kListpackHeaderBytes = 6;
constexpr char kEnd = '\xff';
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

// Seven bits a byte, the highest first; all but the first are marked.
void AppendBack(std::string& to, uint64_t size) {
  const size_t bytes = ListpackBackBytes(size);
  for (size_t i = 0; i < bytes; ++i) {
    const auto bits = static_cast<uint8_t>(size >> (7 * (bytes - 1 - i)) & 0x7f);
    to.push_back(static_cast<char>(i == 0 ? bits : bits | 0x80));
  }
}

bool Visit(int64_t integer, const VisitElement& visit) {
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
  return integer ? Visit(*integer, visit) : visit(bytes);
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
  return integer ? Visit(*integer, visit) : visit(bytes);
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
  bytes_.push_back(kEnd);
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
  if (!reader.ok() || size != bytes.size() || bytes.back() != kEnd) return false;
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
  if (!reader.ok() || size != bytes.size() || bytes.back() != kEnd) return false;
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
