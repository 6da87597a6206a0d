// Row: one line of the results' tables: a workload, who runs it, and how it is measured.
#pragma once

#include <string>
#include <vector>

#include "macro/worker.h"

namespace bench {

struct Scale {
  uint64_t keys = 1'000'000;        // of the rows that look keys up
  uint64_t many_keys = 10'000'000;  // of those on memory, growth, snapshots and recovery
  uint64_t cache_keys = 100'000;    // of the rows on eviction and chosen keys
  double slice_s = 1.0;
  int repeats = 5;
  std::string directory;  // where the stores' files go; of one device for all
};

struct Entrant {
  std::string name;
  Job job;
};

struct Row {
  std::string name;
  std::vector<Entrant> entrants;
  bool once = false;  // what is measured cannot be measured twice in one process
};

std::vector<Row> MakeRows(const Scale& scale);

}  // namespace bench
