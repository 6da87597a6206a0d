// A thread of the library's own in a process that is not: it blocks every signal, so that the host's handlers never
// run on it.
#pragma once

#include <functional>
#include <thread>

#include "base/status.h"

namespace redislite::os {

// kNoMemory when the system has no thread to give.
Status StartThread(const std::function<void()>& body, std::thread* thread);

}  // namespace redislite::os
