// Failpoints: named places where a test ends the process. See tests/kills.
//
//   RL_FAILPOINT(segment_synced);
//
// Costs nothing: it is empty unless RL_FAILPOINTS is defined, which only the tests' own build of the rooms does
// (cmake/switches.cmake). There a name that is not in failpoint.inc does not compile, and a test fails when one that is
// in it is never reached.
#pragma once

#ifdef RL_FAILPOINTS

#include <atomic>

namespace redislite {

enum class Failpoint : int {
#define FAILPOINT(name) name,
#include "base/failpoint.inc"
#undef FAILPOINT
  kCount
};

inline constexpr const char* kFailpointNames[] = {
#define FAILPOINT(name) #name,
#include "base/failpoint.inc"
#undef FAILPOINT
};

// What a test wants to happen at every failpoint, on whichever thread gets there.
inline std::atomic<void (*)(Failpoint)> failpoint_hook{nullptr};

inline void ReachFailpoint(Failpoint failpoint) {
  if (auto* hook = failpoint_hook.load(std::memory_order_acquire); hook != nullptr) hook(failpoint);
}

}  // namespace redislite

#define RL_FAILPOINT(name) ::redislite::ReachFailpoint(::redislite::Failpoint::name)

#else

#define RL_FAILPOINT(name) static_cast<void>(0)

#endif
