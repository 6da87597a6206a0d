#include "macro/load.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <thread>

namespace bench {
namespace {

double Seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Looking at the clock after each call would cost more than some calls do.
constexpr uint64_t kCallsPerLook = 64;

struct Caller {
  uint64_t calls = 0;
  bool failed = false;
  std::vector<float> latencies_us;

  void Run(Random random, Latency latency, const Operation& operation, const std::function<bool()>& more) {
    if (latency == Latency::kYes) {
      double before = WallSeconds();
      while (more() && !failed) {
        failed = !operation(random, calls++);
        const double after = WallSeconds();
        latencies_us.push_back(static_cast<float>((after - before) * 1e6));
        before = after;
      }
      return;
    }
    while (more() && !failed) {
      for (uint64_t i = 0; i < kCallsPerLook && !failed; ++i) failed = !operation(random, calls++);
    }
  }
};

void Summarize(std::vector<Caller>& callers, Cost& cost) {
  std::vector<float> all;
  for (Caller& caller : callers) {
    Require(!caller.failed, "a call failed");
    cost.operations += caller.calls;
    all.insert(all.end(), caller.latencies_us.begin(), caller.latencies_us.end());
  }
  if (all.empty()) return;
  std::sort(all.begin(), all.end());
  const auto at = [&](double share) {
    return static_cast<double>(
        all[std::min(all.size() - 1, static_cast<size_t>(share * static_cast<double>(all.size())))]);
  };
  cost.p50_us = at(0.5);
  cost.p99_us = at(0.99);
  cost.p999_us = at(0.999);
  cost.max_us = static_cast<double>(all.back());
}

}  // namespace

std::string MakeValue(size_t size) {
  Random random(size);
  std::string value(size, '\0');
  for (char& c : value) c = static_cast<char>('!' + random.Below(90));
  return value;
}

Cost RunFor(double seconds, int threads, Latency latency, const Operation& operation) {
  std::vector<Caller> callers(static_cast<size_t>(threads));
  std::atomic<bool> go{false};
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> sequence{0};
  std::vector<std::thread> running;
  const uint64_t seed = static_cast<uint64_t>(WallSeconds() * 1e9);
  for (Caller& caller : callers) {
    running.emplace_back([&] {
      go.wait(false);
      caller.Run(Random(Random::Mix(seed + ++sequence)), latency, operation,
                 [&] { return !stop.load(std::memory_order_relaxed); });
    });
  }
  Cost cost;
  const double cpu = ProcessCpuSeconds();
  const double start = WallSeconds();
  go = true;
  go.notify_all();
  timespec rest{static_cast<time_t>(seconds),
                static_cast<long>((seconds - static_cast<double>(static_cast<time_t>(seconds))) * 1e9)};
  nanosleep(&rest, nullptr);
  stop = true;
  for (std::thread& thread : running) thread.join();
  cost.wall_s = WallSeconds() - start;
  cost.cpu_s = ProcessCpuSeconds() - cpu;
  Summarize(callers, cost);
  return cost;
}

Cost RunCount(uint64_t count, Latency latency, const Operation& operation) {
  std::vector<Caller> callers(1);
  Cost cost;
  const double cpu = ProcessCpuSeconds();
  const double start = WallSeconds();
  Random random(count);
  Caller& caller = callers.front();
  double before = start;
  while (caller.calls < count && !caller.failed) {
    caller.failed = !operation(random, caller.calls++);
    if (latency == Latency::kYes) {
      const double after = WallSeconds();
      caller.latencies_us.push_back(static_cast<float>((after - before) * 1e6));
      before = after;
    }
  }
  cost.wall_s = WallSeconds() - start;
  cost.cpu_s = ProcessCpuSeconds() - cpu;
  Summarize(callers, cost);
  return cost;
}

void Fill(Store& store, uint64_t count, std::string_view value) {
  store.BeginLoad();
  for (uint64_t i = 0; i < count; ++i) Require(store.Set(Key(i).view(), value), "a Set failed while loading");
  store.EndLoad();
}

double WallSeconds() { return Seconds(CLOCK_MONOTONIC); }
double ThreadCpuSeconds() { return Seconds(CLOCK_THREAD_CPUTIME_ID); }

double ProcessCpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

uint64_t ResidentBytes() {
  unsigned long total = 0;
  unsigned long resident = 0;
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen("/proc/self/statm", "r"), std::fclose);
  Require(file != nullptr && std::fscanf(file.get(), "%lu %lu", &total, &resident) == 2, "/proc/self/statm");
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace bench
