#include "tests/crash/verify_store.h"

#include <unordered_set>

namespace redislite::crash {
namespace {

using sim::SimDisk;
using sim::SimFileSystem;

// A second cut, at every operation of a recovery and of what was done after it. From `opened_at` on, `shown` had been
// shown.
std::string VerifyNested(const std::vector<sim::Moment>& moments, uint64_t opened_at, const std::string& shown,
                         const std::string& written, const Verification& verification, const Case::Request& request,
                         uint64_t* nested_disks) {
  std::string wrong;
  std::unordered_set<uint64_t> seen;
  for (size_t i = 0; i < moments.size() && wrong.empty(); ++i) {
    if (i == opened_at) seen.clear();  // from here on more is expected of the same disks
    const auto visit = [&](const SimDisk& after, const std::string& label) {
      ++*nested_disks;
      SimFileSystem machine(after, kSecondRecoverySeed);
      const std::string content = ShowStore(machine, kStorePath, verification.settings, verification.now_ms, &wrong);
      if (!wrong.empty()) {
        wrong = "refused: " + wrong;
      } else if (i < opened_at) {
        wrong = verification.judge(content);
      } else if (content != shown && content != written) {
        wrong = "not what the recovery had shown: expected\n" + shown + "found\n" + content;
      }
      if (!wrong.empty()) {
        wrong = "a second cut, at operation " + std::to_string(i) + " of the recovery (" +
                sim::Describe(moments[i].call) + "), " + label + ": " + wrong;
      }
      return wrong.empty();
    };
    sim::PowerCut(moments[i].disk).Enumerate({.torn_max = 8, .random_count = 4, .seed = request.choice}, visit, &seen);
  }
  return wrong;
}

}  // namespace

std::string ShowStore(SimFileSystem& files, const std::string& path, const StoreSettings& settings, int64_t now_ms,
                      std::string* error) {
  Clock clock{now_ms};
  Store store;
  *error = store.Open(files, path, settings, clock);
  if (!error->empty()) return {};
  std::string content = store.Dump(error);
  const std::string closed = store.Close();
  if (error->empty()) *error = closed;
  return content;
}

std::string VerifyStore(const SimDisk& disk, const Verification& verification, const Case::Request& request,
                        uint64_t* nested_disks) {
  SimFileSystem files(disk, kRecoverySeed);
  files.SetLie(verification.lie);
  if (request.nested) files.Record(SimFileSystem::Recording::kMoments);
  Clock clock{verification.now_ms};
  Store store;
  if (std::string wrong = store.Open(files, kStorePath, verification.settings, clock); !wrong.empty())
    return "refused: " + wrong;
  const uint64_t opened_at = files.changes();
  std::string error;
  const std::string shown = store.Dump(&error);
  if (!error.empty()) return error;
  if (std::string wrong = verification.judge(shown); !wrong.empty()) return wrong;
  if (request.nested) {
    SimFileSystem again(disk, kRecoverySeed);
    again.SetLie(verification.lie);
    Store second;
    if (std::string wrong = second.Open(again, kStorePath, verification.settings, clock); !wrong.empty())
      return "refused the second time: " + wrong;
    if (second.Dump(&error) != shown) return "recovered twice, the same disk gives different contents";
    if (again.Snapshot().Hash() != files.Snapshot().Hash())
      return "recovered twice, the same disk gives different bytes";
  } else if (!request.is_new(sim::MixHash(sim::HashBytes(files.Snapshot().Hash(), shown),
                                          static_cast<uint64_t>(verification.now_ms)))) {
    return {};
  }
  // The first name in the order of names, so that it stands at the head of the dump.
  if (std::string wrong = store.Run({"SET", "!probe", "x"}); !wrong.empty()) return "write after recovery: " + wrong;
  if (std::string wrong = store.Close(); !wrong.empty()) return "close after recovery: " + wrong;
  const std::string written = "!probe S x\n" + shown;
  const std::string reopened = ShowStore(files, kStorePath, verification.settings, verification.now_ms, &error);
  if (!error.empty()) return "after a recovery, a write and a clean close: " + error;
  if (reopened != written)
    return "after a recovery, a write and a clean close: expected\n" + written + "found\n" + reopened;
  if (!request.nested) return {};
  return VerifyNested(files.TakeMoments(), opened_at, shown, written, verification, request, nested_disks);
}

}  // namespace redislite::crash
