// ThreadsCase: several threads write to one store at once, while others read, take snapshots and sync, and the
// store's own thread runs.
//
// Each thread writes keys of its own, so that what a recovery finds of them must be one state of that thread; every
// write counts the thread's sequence key up, which tells which state. Across threads:
//   - a write that had returned before another began is there when the other one is (the recovered writes are a
//     prefix of one order);
//   - a counter and a list that all threads write to agree exactly with the states found;
//   - a value that a reader saw is there for ever after (a write is visible only when it is durable).
//
// The scheduler takes part: the same seed gives another run each time. A finding is kept as a disk.
#pragma once

#include <memory>
#include <mutex>

#include "base/random.h"
#include "tests/crash/explorer.h"
#include "tests/crash/model.h"
#include "tests/crash/store.h"
#include "tests/crash/verify_store.h"

namespace redislite::crash {

class ThreadsCase final : public Case {
 public:
  explicit ThreadsCase(uint64_t seed, size_t writers = 4, size_t writes = 12);

  std::string name() const override { return "--case=threads --seed=" + std::to_string(seed_); }
  const std::vector<sim::Moment>& moments() const override { return moments_; }
  uint64_t Expectation(size_t moment) const override;
  std::string Verify(const sim::SimDisk& disk, const Request& request, uint64_t* nested_disks) const override;
  const std::string& trouble() const override { return trouble_; }

 private:
  struct Write {
    Model state;          // of the thread's keys after it
    bool counts = false;  // has counted the common counter up
    bool pushes = false;  // has pushed its name onto the common list
    uint64_t begun_moment = 0;
    uint64_t done_moment = UINT64_MAX;
    // Numbers of one common order of all beginnings and endings.
    uint64_t begun = 0;
    uint64_t done = UINT64_MAX;
  };
  struct Writer {
    std::vector<Write> writes = std::vector<Write>(1);  // [0]: before the first
    // (moment, write): from then on at least this write is there, because a reader saw it.
    std::vector<std::pair<uint64_t, size_t>> seen;
  };
  struct Range {
    size_t low = 0;
    size_t high = 0;
  };

  void RunWriter(size_t writer, Random random, size_t writes);
  void RunReader(Random random);
  void RunKeeper(Random random);
  void Trouble(const std::string& wrong);
  static std::string Prefix(size_t writer) { return "t" + std::to_string(writer) + ":"; }
  std::vector<Range> RangesAt(size_t moment) const;
  std::string Judge(const std::string& content, const std::vector<Range>& ranges) const;
  std::string JudgeOrder(const std::vector<size_t>& found) const;
  std::string JudgeShared(const std::string& counter, const std::string& list, const std::vector<size_t>& found) const;

  const uint64_t seed_;
  StoreSettings settings_;
  mutable Clock clock_{1'700'000'000'000};
  sim::SimFileSystem files_;
  Store store_;
  std::atomic<uint64_t> order_{0};
  std::atomic<size_t> writers_left_;
  std::vector<Writer> writers_;
  std::vector<sim::Moment> moments_;
  std::mutex trouble_mutex_;
  std::string trouble_;
};

}  // namespace redislite::crash
