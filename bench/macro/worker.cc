#include "macro/worker.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <sstream>

#include "macro/store.h"

namespace bench {
namespace {

constexpr char kReady[] = "ready";
constexpr char kFailed[] = "failed: ";

void WriteLine(int file, std::string line) {
  line += '\n';
  for (size_t done = 0; done < line.size();) {
    const ssize_t written = write(file, line.data() + done, line.size() - done);
    if (written <= 0) _exit(1);
    done += static_cast<size_t>(written);
  }
}

}  // namespace

Worker::Worker(const Job& job) {
  int to[2];
  int from[2];
  Require(pipe(to) == 0 && pipe(from) == 0, "pipe");
  process_ = fork();
  Require(process_ >= 0, "fork");
  if (process_ == 0) {
    (void)setpgid(0, 0);
    close(to[1]);
    close(from[0]);
    Serve(job, to[0], from[1]);
  }
  (void)setpgid(process_, process_);  // whichever of the two comes first
  close(to[0]);
  close(from[1]);
  to_ = to[1];
  from_ = from[0];
}

Worker::~Worker() {
  close(to_);
  close(from_);
  // Its data are thrown away: no orderly end is needed, and some engines take long over theirs. All of its group: a
  // server that it has started would live on, and hold the pipe that the results go to.
  kill(-process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

void Worker::Serve(const Job& job, int in, int out) {
  try {
    const std::function<Figures()> measure = job();
    WriteLine(out, kReady);
    char go = 0;
    while (read(in, &go, 1) == 1) {
      std::ostringstream line;
      line.precision(12);
      for (const auto& [name, value] : measure()) line << name << ' ' << value << ' ';
      WriteLine(out, line.str());
    }
    kill(0, SIGKILL);  // whoever asked is gone, and so is all that was started for him
    _exit(0);
  } catch (const std::exception& error) {
    WriteLine(out, kFailed + std::string(error.what()));
    _exit(1);
  }
}

std::string Worker::ReadLine() {
  std::string line;
  char c = 0;
  while (read(from_, &c, 1) == 1 && c != '\n') line += c;
  Require(!line.empty(), "the worker is gone");
  Require(line.rfind(kFailed, 0) != 0, line);
  return line;
}

void Worker::WaitUntilReady() { Require(ReadLine() == kReady, "the worker did not get ready"); }

Figures Worker::Measure() {
  Require(write(to_, "g", 1) == 1, "the worker is gone");
  std::istringstream line(ReadLine());
  Figures figures;
  std::string name;
  double value = 0;
  while (line >> name >> value) figures[name] = value;
  return figures;
}

}  // namespace bench
