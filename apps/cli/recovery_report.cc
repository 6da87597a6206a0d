#include "recovery_report.h"

#include <cstdlib>
#include <map>
#include <sstream>

namespace redislite::cli {
namespace {

// INFO's lines "name:value".
std::map<std::string, std::string> Fields(const std::string& info) {
  std::map<std::string, std::string> fields;
  std::istringstream lines(info);
  for (std::string line; std::getline(lines, line);) {
    while (!line.empty() && line.back() == '\r') line.pop_back();
    const size_t colon = line.find(':');
    if (colon != std::string::npos) fields[line.substr(0, colon)] = line.substr(colon + 1);
  }
  return fields;
}

}  // namespace

std::string RecoveryLine(const std::string& info) {
  std::map<std::string, std::string> fields = Fields(info);
  const bool salvaged = fields["recovery_salvaged"] == "1";
  if (fields["recovery_created"] != "0" || (fields["recovery_clean"] != "0" && !salvaged)) return "";
  std::string line = salvaged ? "salvaged" : "recovered after an unclean end";
  line += ": " + fields["recovery_records_replayed"] + " records replayed";
  if (fields["recovery_snapshot_lsn"] != "0") {
    line += " on a snapshot of " + fields["recovery_snapshot_keys"] + " keys at LSN " + fields["recovery_snapshot_lsn"];
  }
  line += ", last LSN " + fields["recovery_last_lsn"];
  line += ", " + fields["recovery_bytes_cut"] + " bytes of a torn tail cut";
  line += ", " + fields["recovery_ms"] + " ms";
  const int losses = std::atoi(fields["recovery_losses"].c_str());
  for (int i = 1; i <= losses; ++i) line += "\n  lost: " + fields["recovery_loss_" + std::to_string(i)];
  return line;
}

}  // namespace redislite::cli
