// Redis' packed blobs as they stand in a DUMP: the listpack, written and read, and the ziplist before Redis 7, read.
// Here nothing is kept in one; see packed.h.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/bytes.h"
#include "types/listpack_size.h"

namespace redislite::types {

// Builds a listpack:
//
//     bytes in all (4) | elements (2, 65535: more than that) | element ... | 0xff
//     element          | kind and length (1 to 9) | bytes | length of both, to walk back (1 to 5)
class ListpackBuilder {
 public:
  ListpackBuilder();
  void Add(Bytes element);
  size_t count() const { return count_; }
  size_t size() const { return bytes_.size() + 1; }  // when finished
  // The whole; the builder begins again.
  std::string Finish();

 private:
  std::string bytes_;
  size_t count_;
};

// Gives each element to `visit`, which is valid for the call. False when the bytes are not exactly one listpack (or
// ziplist), or `visit` says so. Elements may have been visited before.
using VisitElement = std::function<bool(Bytes element)>;
bool ReadListpack(Bytes bytes, const VisitElement& visit);
bool ReadZiplist(Bytes bytes, const VisitElement& visit);

}  // namespace redislite::types
