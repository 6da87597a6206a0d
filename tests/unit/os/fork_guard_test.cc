// The fork guard: tokens are the process' own, in children and in children of children.
#include "os/fork_guard.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <thread>
#include <vector>

namespace redislite::os {
namespace {

// Whether `claim` holds in a forked child.
bool HoldsInChild(const std::function<bool()>& claim) {
  const pid_t child = fork();
  if (child == 0) _exit(claim() ? 0 : 1);
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(ForkGuard, TheTokenIsTheProcessOwnAndStays) {
  const uint64_t token = EnterProcess();
  EXPECT_NE(token, 0u);
  EXPECT_EQ(EnterProcess(), token);
  EXPECT_TRUE(InProcess(token));
  EXPECT_FALSE(InProcess(0));
  EXPECT_FALSE(InProcess(token + 1));
}

TEST(ForkGuard, AllThreadsGetTheSameToken) {
  const uint64_t token = EnterProcess();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { EXPECT_EQ(EnterProcess(), token); });
  for (std::thread& thread : threads) thread.join();
}

TEST(ForkGuard, AChildIsNotItsParentBeforeAndAfterItEnters) {
  const uint64_t parent = EnterProcess();
  EXPECT_TRUE(HoldsInChild([&] {
    if (InProcess(parent)) return false;
    const uint64_t child = EnterProcess();
    return child != parent && child != 0 && InProcess(child) && !InProcess(parent);
  }));
  EXPECT_TRUE(InProcess(parent));
}

TEST(ForkGuard, AGrandchildIsNeitherOfTheTwo) {
  const uint64_t parent = EnterProcess();
  for (const bool child_enters : {false, true}) {
    EXPECT_TRUE(HoldsInChild([&] {
      const uint64_t child = child_enters ? EnterProcess() : parent;
      return HoldsInChild([&] {
        const uint64_t own = EnterProcess();
        return own != parent && own != child && InProcess(own) && !InProcess(child) && !InProcess(parent);
      });
    }));
  }
}

}  // namespace
}  // namespace redislite::os
