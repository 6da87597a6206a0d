// Worker: a process of its own for one engine in one row. It is loaded once and then measured in short slices, in turn
// with its rivals', so that what disturbs the machine disturbs all of them; memory and CPU time are its own.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>

namespace bench {

// What a slice measured, by name.
using Figures = std::map<std::string, double>;

// Runs in the worker: prepares, and gives the function that measures one slice.
using Job = std::function<std::function<Figures()>()>;

class Worker {
 public:
  // Forks. REQUIRES: this process has no other threads.
  explicit Worker(const Job& job);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Waits until it is prepared. Throws what went wrong there, as every call.
  void WaitUntilReady();
  Figures Measure();

 private:
  [[noreturn]] static void Serve(const Job& job, int in, int out);
  std::string ReadLine();

  pid_t process_ = -1;
  int to_ = -1;
  int from_ = -1;
};

}  // namespace bench
