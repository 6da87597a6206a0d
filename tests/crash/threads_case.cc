#include "tests/crash/threads_case.h"

#include <algorithm>
#include <sstream>
#include <thread>

namespace redislite::crash {

using sim::SimDisk;

ThreadsCase::ThreadsCase(uint64_t seed, size_t writers, size_t writes)
    : seed_(seed), files_(SimDisk(), seed), writers_left_(writers), writers_(writers) {
  settings_.reaper_interval_ms = 1;
  Random random(seed);
  files_.Record(sim::SimFileSystem::Recording::kMoments);
  Trouble(store_.Open(files_, kStorePath, settings_, clock_));
  // A sync takes a while, so that the writers gather behind it and what they write meanwhile is not covered.
  files_.SetSyncDelay(std::chrono::microseconds(random.Below(400)));
  if (trouble_.empty()) {
    std::vector<std::thread> threads;
    for (size_t i = 0; i < writers; ++i)
      threads.emplace_back([this, i, writes, r = Random(random.Next())] { RunWriter(i, r, writes); });
    threads.emplace_back([this, r = Random(random.Next())] { RunReader(r); });
    threads.emplace_back([this, r = Random(random.Next())] { RunKeeper(r); });
    for (std::thread& thread : threads) thread.join();
  }
  files_.SetSyncDelay(std::chrono::microseconds(0));
  if (random.Below(2) == 0) Trouble(store_.Close());
  moments_ = files_.TakeMoments();
  store_.Close();
}

void ThreadsCase::Trouble(const std::string& wrong) {
  const std::lock_guard lock(trouble_mutex_);
  if (trouble_.empty()) trouble_ = wrong;
}

void ThreadsCase::RunWriter(size_t index, Random random, size_t writes) {
  Writer& writer = writers_[index];
  for (size_t i = 1; i <= writes; ++i) {
    Write write;
    write.state = writer.writes.back().state;
    std::vector<Argv> commands;
    if (random.Below(4) != 0) commands.push_back(RandomCommand(random, Prefix(index), false));
    commands.push_back({"SET", Prefix(index) + "seq", std::to_string(i)});
    for (const Argv& argv : commands) write.state.Apply(argv, clock_);
    write.counts = random.Below(3) == 0;
    write.pushes = random.Below(3) == 0;
    if (write.counts) commands.push_back({"INCRBY", "counter", "1"});
    if (write.pushes) commands.push_back({"RPUSH", "names", std::to_string(index) + "." + std::to_string(i)});
    write.begun_moment = files_.changes() + 1;
    write.begun = ++order_;
    Trouble(commands.size() == 1 ? store_.Run(commands[0]) : store_.RunBatch(commands));
    write.done = ++order_;
    write.done_moment = files_.changes();
    writer.writes.push_back(std::move(write));
  }
  --writers_left_;
}

void ThreadsCase::RunReader(Random random) {
  while (writers_left_ != 0) {
    const size_t index = random.Below(writers_.size());
    const std::string key = Prefix(index) + "seq";
    char text[32];
    size_t size = 0;
    const int code = rl_get_into(store_.db(), key.data(), key.size(), text, sizeof text, &size);
    if (code == RL_OK) {
      writers_[index].seen.emplace_back(files_.changes(), std::stoull(std::string(text, size)));
    } else if (code != RL_NOT_FOUND) {
      Trouble("rl_get_into returned " + std::to_string(code));
    }
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
}

void ThreadsCase::RunKeeper(Random random) {
  while (writers_left_ != 0) {
    std::this_thread::sleep_for(std::chrono::microseconds(random.Below(1500)));
    const int code = random.Below(3) == 0 ? rl_sync(store_.db()) : rl_snapshot(store_.db());
    if (code != RL_OK) Trouble("the keeper got " + std::to_string(code));
  }
}

// ---- The verification.

std::vector<ThreadsCase::Range> ThreadsCase::RangesAt(size_t moment) const {
  std::vector<Range> ranges;
  for (const Writer& writer : writers_) {
    Range range;
    for (size_t i = 1; i < writer.writes.size(); ++i) {
      if (writer.writes[i].begun_moment <= moment) range.high = i;
      if (writer.writes[i].done_moment <= moment) range.low = i;
    }
    for (const auto& [from, write] : writer.seen) {
      if (from <= moment) range.low = std::max(range.low, write);
    }
    ranges.push_back(range);
  }
  return ranges;
}

uint64_t ThreadsCase::Expectation(size_t moment) const {
  uint64_t hash = 0;
  for (const Range& range : RangesAt(moment)) hash = sim::MixHash(sim::MixHash(hash, range.low), range.high);
  return hash;
}

std::string ThreadsCase::Verify(const SimDisk& disk, const Request& request, uint64_t* nested_disks) const {
  const std::vector<Range> ranges = RangesAt(request.moment);
  StoreSettings settings = settings_;
  settings.reaper_interval_ms = 0;
  const Verification verification{
      settings, clock_.load(), {}, [&](const std::string& content) { return Judge(content, ranges); }};
  return VerifyStore(disk, verification, request, nested_disks);
}

std::string ThreadsCase::Judge(const std::string& content, const std::vector<Range>& ranges) const {
  std::vector<std::string> parts(writers_.size());
  std::vector<size_t> found(writers_.size());
  std::string counter = "0";
  std::string names;
  std::istringstream lines(content);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("counter S ", 0) == 0) {
      counter = line.substr(10);
    } else if (line.rfind("names L ", 0) == 0) {
      names = line.substr(8);
    } else if (const size_t colon = line.find(':'); line[0] == 't' && colon != std::string::npos) {
      const size_t index = std::stoull(line.substr(1, colon - 1));
      const std::string sequence = Prefix(index) + "seq S ";
      if (line.rfind(sequence, 0) == 0) found[index] = std::stoull(line.substr(sequence.size()));
      parts[index] += line + "\n";
    } else {
      return "a key that was never written: " + line;
    }
  }
  for (size_t i = 0; i < writers_.size(); ++i) {
    const std::string which = "write " + std::to_string(found[i]) + " of thread " + std::to_string(i) +
                              " is the last one found, expected " + std::to_string(ranges[i].low) + " to " +
                              std::to_string(ranges[i].high);
    if (found[i] < ranges[i].low) return "a write that was acknowledged or seen is missing: " + which;
    if (found[i] > ranges[i].high) return "a write that was not begun: " + which;
    const std::string expected = writers_[i].writes[found[i]].state.Dump(clock_);
    if (parts[i] != expected)
      return which + ", but its keys are another state; expected\n" + expected + "found\n" + parts[i];
  }
  std::string wrong = JudgeOrder(found);
  return wrong.empty() ? JudgeShared(counter, names, found) : wrong;
}

std::string ThreadsCase::JudgeOrder(const std::vector<size_t>& found) const {
  for (size_t a = 0; a < writers_.size(); ++a) {
    if (found[a] + 1 >= writers_[a].writes.size()) continue;
    const Write& missing = writers_[a].writes[found[a] + 1];
    for (size_t b = 0; b < writers_.size(); ++b) {
      if (writers_[b].writes[found[b]].begun > missing.done) {
        return "write " + std::to_string(found[b]) + " of thread " + std::to_string(b) + " is there, but not write " +
               std::to_string(found[a] + 1) + " of thread " + std::to_string(a) +
               ", which had returned before it began";
      }
    }
  }
  return {};
}

std::string ThreadsCase::JudgeShared(const std::string& counter, const std::string& list,
                                     const std::vector<size_t>& found) const {
  size_t counted = 0;
  std::vector<std::vector<std::string>> pushed(writers_.size());
  for (size_t i = 0; i < writers_.size(); ++i) {
    for (size_t k = 1; k <= found[i]; ++k) {
      if (writers_[i].writes[k].counts) ++counted;
      if (writers_[i].writes[k].pushes) pushed[i].push_back(std::to_string(i) + "." + std::to_string(k));
    }
  }
  if (counter != std::to_string(counted))
    return "the counter is " + counter + ", the writes that are there make " + std::to_string(counted);
  std::vector<size_t> taken(writers_.size());
  std::istringstream elements(list);
  for (std::string element; elements >> element;) {
    const size_t i = std::stoull(element);
    if (i >= writers_.size() || taken[i] >= pushed[i].size() || pushed[i][taken[i]] != element)
      return "the list has " + element + " too early";
    ++taken[i];
  }
  for (size_t i = 0; i < writers_.size(); ++i) {
    if (taken[i] != pushed[i].size()) return "the list lacks " + pushed[i][taken[i]];
  }
  return {};
}

}  // namespace redislite::crash
