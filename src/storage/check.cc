#include "storage/check.h"

#include <algorithm>

#include "base/number.h"
#include "storage/manifest.h"
#include "storage/recovery.h"
#include "storage/snapshot_file.h"

namespace redislite::storage {

namespace {

void AppendJsonString(std::string& out, Bytes text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      out += "\\u00" + Hex({&c, 1});
    } else {
      out += c;
    }
  }
  out += '"';
}

// A message of this room's is "path: offset N: what" where there is an offset, else "path: what".
CheckReport::Error ErrorFrom(const std::string& name, const std::string& message) {
  CheckReport::Error error;
  error.file = name;
  const size_t name_at = message.find(name + ": ");
  std::string rest = name_at == std::string::npos ? message : message.substr(name_at + name.size() + 2);
  constexpr Bytes kOffset = "offset ";
  if (const size_t colon = rest.find(": "); rest.starts_with(kOffset) && colon != std::string::npos) {
    if (const auto offset = ParseUint64(Bytes(rest).substr(kOffset.size(), colon - kOffset.size()))) {
      error.offset = *offset;
      rest = rest.substr(colon + 2);
    }
  }
  error.what = rest;
  return error;
}

}  // namespace

std::string CheckReport::ToJson() const {
  std::string out = "{\"path\": ";
  AppendJsonString(out, path);
  out += ", \"ok\": " + std::string(status.ok() ? "true" : "false");
  out += ", \"clean\": " + std::string(clean ? "true" : "false");
  out += ", \"snapshot_lsn\": " + std::to_string(snapshot_lsn) + ", \"last_lsn\": " + std::to_string(last_lsn);
  out += ", \"files\": [";
  for (size_t i = 0; i < files.size(); ++i) {
    out += i == 0 ? "{\"name\": " : ", {\"name\": ";
    AppendJsonString(out, files[i].name);
    out += ", \"state\": \"" + files[i].state + "\", \"frames\": " + std::to_string(files[i].frames) + "}";
  }
  out += "], \"errors\": [";
  for (size_t i = 0; i < errors.size(); ++i) {
    out += i == 0 ? "{\"file\": " : ", {\"file\": ";
    AppendJsonString(out, errors[i].file);
    out += ", \"offset\": " + std::to_string(errors[i].offset) + ", \"what\": ";
    AppendJsonString(out, errors[i].what);
    out += "}";
  }
  return out + "]}";
}

Result<CheckReport> Check(os::FileSystem& files, const std::string& path) {
  CheckReport report;
  report.path = path;
  Result<std::vector<std::string>> names = files.List(path);
  if (!names.ok()) return names.status();
  Result<std::unique_ptr<os::Lock>> lock = files.LockFileShared(path + "/" + kLockName);
  if (!lock.ok()) return lock.status();

  const auto note = [&](const std::string& name, const Status& status) {
    report.errors.push_back(ErrorFrom(name, status.message()));
    if (report.status.ok()) report.status = status;
  };
  const auto is_damage = [](const Status& status) {
    return status.code() == Code::kCorrupt || status.code() == Code::kVersion;
  };

  Result<Manifest> manifest = Manifest::Read(files, path);
  if (manifest.status().code() == Code::kPathNotFound) {
    const bool any = std::any_of(names->begin(), names->end(), [](const std::string& name) {
      return ParseSegmentName(name) || ParseSnapshotName(name);
    });
    if (!any) return Status(Code::kPathNotFound, path + ": there is no store in this directory");
    note(kManifestName,
         {Code::kCorrupt, path + "/" + kManifestName + ": offset 0: expected a manifest, found no file"});
    report.files.push_back({kManifestName, "damaged", 0});
    return report;
  }
  if (!manifest.ok()) {
    if (!is_damage(manifest.status())) return manifest.status();
    note(kManifestName, manifest.status());
    report.files.push_back({kManifestName, "damaged", 0});
    return report;
  }
  report.files.push_back({kManifestName, "good", 0});
  report.clean = manifest->clean();

  if (manifest->snapshot) {
    const std::string name = SnapshotName(*manifest->snapshot);
    report.snapshot_lsn = *manifest->snapshot;
    Result<SnapshotSummary> snapshot = ReadSnapshot(files, path + "/" + name, manifest->store, *manifest->snapshot,
                                                    [](const FrameHeader&, Bytes) { return Status::Ok(); });
    if (snapshot.status().code() == Code::kPathNotFound) {
      snapshot = Status(Code::kCorrupt, path + "/" + name + ": offset 0: expected a snapshot, found no file");
    }
    if (!snapshot.ok() && !is_damage(snapshot.status())) return snapshot.status();
    if (!snapshot.ok()) note(name, snapshot.status());
    report.files.push_back({name, snapshot.ok() ? "good" : "damaged", snapshot.ok() ? snapshot->blocks : 0});
  }
  report.last_lsn = report.snapshot_lsn;
  for (const SegmentEntry& entry : manifest->segments) {
    const std::string name = SegmentName(entry.first);
    Result<SegmentScan> scan = ScanSegment(files, path, manifest->store, entry, manifest->durable,
                                           [](const FrameHeader&, Bytes) { return Status::Ok(); });
    if (!scan.ok() && !is_damage(scan.status())) return scan.status();
    if (!scan.ok()) {
      note(name, scan.status());
      report.files.push_back({name, "damaged", 0});
      continue;
    }
    report.last_lsn = std::max(report.last_lsn, scan->last);
    report.files.push_back({name, scan->outcome == TailOutcome::kTorn ? "torn" : "good", scan->frames});
  }
  // Where a file is damaged its end is not known.
  if (report.status.ok() && report.last_lsn < manifest->durable) {
    note(kManifestName, EndsBeforeDurable(path, manifest->durable, report.last_lsn));
  }
  return report;
}

}  // namespace redislite::storage
