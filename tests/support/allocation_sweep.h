// Fails every allocation of a change in turn: the first, then the second, and so on until it succeeds.
//
// `change` must throw std::bad_alloc whenever memory ran out, and `unchanged` then checks that all is as it was. How
// many allocations were failed is returned, so that a test can tell that it tested something.
#pragma once

#include <gtest/gtest.h>

#include <new>

#include "base/memory.h"

namespace redislite::test {

template <typename Change, typename Unchanged>
uint64_t SweepAllocations(Memory& memory, const Change& change, const Unchanged& unchanged) {
  for (uint64_t allowed = 0;; ++allowed) {
    SCOPED_TRACE(testing::Message() << "with " << allowed << " allocations allowed");
    const uint64_t used = memory.used();
    memory.FailAfter(allowed);
    bool done = true;
    try {
      change();
    } catch (const std::bad_alloc&) {
      done = false;
    }
    memory.FailAfter(Memory::kNeverFail);
    if (done) return allowed;
    // Making room in advance is no change, so it may use more than before, but within reason.
    EXPECT_LE(memory.used(), used + (size_t{1} << 20));
    unchanged();
    if (testing::Test::HasFailure()) return allowed;
  }
}

}  // namespace redislite::test
