#include "os/thread.h"

#include <csignal>
#include <new>
#include <system_error>

namespace redislite::os {

Status StartThread(const std::function<void()>& body, std::thread* thread) {
  // A new thread inherits the mask of the one that makes it.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  Status status;
  try {
    *thread = std::thread(body);
  } catch (const std::system_error& error) {
    status = {Code::kNoMemory, std::string("a thread could not be started: ") + error.what()};
  } catch (const std::bad_alloc&) {
    status = OutOfMemory();
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return status;
}

}  // namespace redislite::os
