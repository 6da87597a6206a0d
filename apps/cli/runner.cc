#include "runner.h"

#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "console.h"
#include "dot_commands.h"
#include "split.h"

namespace redislite::cli {
namespace {

// Writes outcomes and adds them up. Not thread-safe.
class Sink {
 public:
  void Take(const Outcome& outcome) {
    totals_.replies += outcome.replies;
    totals_.errors += outcome.errors;
    totals_.quit |= outcome.quit;
    if (!outcome.err.empty()) Console::Get().Say(std::string_view(outcome.err).substr(0, outcome.err.size() - 1));
    if (totals_.broken || outcome.out.empty() || WriteAll(STDOUT_FILENO, outcome.out)) return;
    totals_.broken = true;
    if (errno != EPIPE) Console::Get().Say(std::string("error: cannot write the output: ") + std::strerror(errno));
  }
  void InputFailed() {
    totals_.broken = true;
    Console::Get().Say(std::string("error: cannot read the input: ") + std::strerror(errno));
  }
  bool ended() const { return totals_.quit || totals_.broken; }
  const Totals& totals() const { return totals_; }

 private:
  Totals totals_;
};

Totals RunInOrder(CommandSource& source, Store& store, const Style& style) {
  Sink sink;
  Interpreter interpreter(store, style);
  Got got = Got::kData;
  for (Command command; !sink.ended() && (got = source.Next(command)) == Got::kData;) {
    Outcome outcome;
    interpreter.Run(command, outcome);
    sink.Take(outcome);
  }
  if (got == Got::kFailed) sink.InputFailed();
  if (got == Got::kEnd) {
    Outcome rest;
    interpreter.Finish(rest);
    sink.Take(rest);
  }
  return sink.totals();
}

// What runs as a whole: one command, or a MULTI with all up to its EXEC.
using Group = std::vector<Command>;

bool Is(const Command& command, const char* name) {
  return !command.words.empty() && EqualIgnoringCase(command.words[0], name);
}

Got NextGroup(CommandSource& source, Group& group) {
  group.clear();
  Got got;
  for (Command command; (got = source.Next(command)) == Got::kData;) {
    group.push_back(std::move(command));
    const Command& last = group.back();
    const bool open = Is(group.front(), "MULTI") && !Is(last, "EXEC") && !Is(last, "DISCARD");
    if (!open) return Got::kData;
  }
  // Cut off by the end of the input, a group is run all the same, for its error. Cut off by a signal, it is nobody's
  // mistake.
  return got == Got::kEnd && !group.empty() ? Got::kData : got;
}

// Threads that take groups from a queue. The window holds every group that is not yet written, in the order of the
// input.
class Pool {
 public:
  Pool(Store& store, const Style& style, int jobs)
      : store_(store), style_(style), window_max_(static_cast<size_t>(jobs) * 8) {
    for (int i = 0; i < jobs; ++i) threads_.emplace_back([this] { Work(); });
  }

  ~Pool() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    work_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  // False when the output is broken: no more is wanted.
  bool Add(Group group) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return window_.size() < window_max_; });
    if (sink_.ended()) return false;
    window_.push_back(std::make_unique<Slot>());
    window_.back()->group = std::move(group);
    queue_.push_back(window_.back().get());
    lock.unlock();
    work_.notify_one();
    return true;
  }

  // Waits until all that was added is written.
  void Drain() {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return window_.empty(); });
  }

  // REQUIRES: drained.
  Sink& sink() { return sink_; }

 private:
  struct Slot {
    Group group;
    Outcome outcome;
    bool done = false;
  };

  void Work() {
    Interpreter interpreter(store_, style_);
    std::unique_lock lock(mutex_);
    while (true) {
      work_.wait(lock, [this] { return closed_ || !queue_.empty(); });
      if (queue_.empty()) return;
      Slot* const slot = queue_.front();
      queue_.pop_front();
      lock.unlock();
      for (const Command& command : slot->group) interpreter.Run(command, slot->outcome);
      interpreter.Finish(slot->outcome);
      lock.lock();
      slot->done = true;
      WriteFinished();
    }
  }

  // Under the lock, so that the order is the input's.
  void WriteFinished() {
    while (!window_.empty() && window_.front()->done) {
      sink_.Take(window_.front()->outcome);
      window_.pop_front();
    }
    room_.notify_one();
  }

  Store& store_;
  const Style style_;
  const size_t window_max_;
  std::mutex mutex_;
  std::condition_variable work_, room_;
  std::deque<std::unique_ptr<Slot>> window_;
  std::deque<Slot*> queue_;
  Sink sink_;
  bool closed_ = false;
  std::vector<std::thread> threads_;
};

Totals RunAtOnce(CommandSource& source, Store& store, const Style& style, int jobs) {
  Pool pool(store, style, jobs);
  Interpreter alone(store, style);
  Got got = Got::kData;
  bool wanted = true;
  for (Group group; wanted && (got = NextGroup(source, group)) == Got::kData;) {
    if (!group.front().words.empty() && IsDotCommand(group.front().words)) {
      pool.Drain();
      Outcome outcome;
      alone.Run(group.front(), outcome);
      pool.sink().Take(outcome);
      wanted = !pool.sink().ended();
    } else {
      wanted = pool.Add(std::move(group));
    }
  }
  pool.Drain();
  if (got == Got::kFailed) pool.sink().InputFailed();
  return pool.sink().totals();
}

}  // namespace

Totals RunCommands(CommandSource& source, Store& store, const Style& style, int jobs) {
  return jobs > 1 ? RunAtOnce(source, store, style, jobs) : RunInOrder(source, store, style);
}

}  // namespace redislite::cli
