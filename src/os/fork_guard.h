// Tells a process from a fork of it, without a system call on the way.
//
// One page of the process, made on first use and kept for ever, is marked MADV_WIPEONFORK: it holds the process' token,
// and in a forked child it reads 0. A token is a place in the line of forks, not a process id, so that an id that the
// system hands out again cannot pass for its former owner. Where the system knows no such page, the token is the
// process id and each look is a getpid().
//
// Any thread; nothing here locks, since a lock that another thread holds during fork stays locked in the child for
// ever.
#pragma once

#include <cstdint>

namespace redislite::os {

// The token of this process, which is never 0.
uint64_t EnterProcess() noexcept;

// Whether this is the process that EnterProcess gave the token to.
bool InProcess(uint64_t token) noexcept;

}  // namespace redislite::os
