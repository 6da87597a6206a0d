// Writer: encodes replies as RESP2 or RESP3 bytes.
//
// A reply has one representation everywhere: its bytes. A session hands them to its client as they are; rl_command
// decodes them into an rl_reply. Owner: the caller of the engine, one an operation. Not thread-safe.
//
// A write never fails and never throws: when memory runs out the writer drops the reply and says so in
// out_of_memory(), because a command that has been applied must not fail for want of room for its answer.
#pragma once

#include <cstdint>
#include <new>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace redislite::resp {

class Writer {
 public:
  // `protocol` is 2 or 3.
  explicit Writer(int protocol = 3) : protocol_(protocol) {}

  int protocol() const { return protocol_; }
  // As new, for another reply.
  void Reset(int protocol) noexcept {
    protocol_ = protocol;
    Clear();
  }

  void Status(Bytes text) noexcept;  // +OK
  void Ok() noexcept { Status("OK"); }
  // `text` begins with Redis' word for the kind: "ERR ...", "WRONGTYPE ...". Line breaks in it become spaces.
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
  // Headers: what follows are the elements. A map's `pairs` are a key and a value each; in RESP2 it is an array of
  // twice as many.
  void Array(size_t count) noexcept;
  void Map(size_t pairs) noexcept;
  void Set(size_t count) noexcept;
  void Push(size_t count) noexcept;

  // For an array or set whose length is known only at the end: BeginArray marks the place, EndArray or EndSet fills it
  // in.
  size_t BeginArray() noexcept;
  void EndArray(size_t mark, size_t count) noexcept { EndAggregate('*', mark, count); }
  void EndSet(size_t mark, size_t count) noexcept { EndAggregate(protocol_ == 2 ? '*' : '~', mark, count); }

  // Bytes that are RESP already.
  void Raw(Bytes bytes) noexcept;

  Bytes bytes() const { return buffer_; }
  // The same, for who would take a dropped reply for none. Throws std::bad_alloc when memory ran out.
  Bytes WholeBytes() const {
    if (out_of_memory_) throw std::bad_alloc();
    return buffer_;
  }
  // The codes of the errors written, in order.
  const std::vector<Code>& error_codes() const { return error_codes_; }
  bool has_error() const { return !error_codes_.empty(); }
  bool out_of_memory() const { return out_of_memory_; }

  void Clear() noexcept;
  // Goes back to fewer bytes, behind which no error stands: a half-written reply is dropped.
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
