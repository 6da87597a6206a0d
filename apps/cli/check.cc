#include "check.h"

#include <nlohmann/json.hpp>

#include "store.h"

namespace redislite::cli {
namespace {

using Json = nlohmann::json;

// The report's number, or 0.
uint64_t Number(const Json& report, const char* name) {
  const auto found = report.find(name);
  return found != report.end() && found->is_number_unsigned() ? found->get<uint64_t>() : 0;
}

std::string Text(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string ForPerson(const Json& report) {
  std::string text;
  const Json errors = report.value("errors", Json::array());
  for (const Json& error : errors) {
    text += "damaged: " + Text(error, "file") + ", offset " + Text(error, "offset") + ": " + Text(error, "what") + '\n';
  }
  text += report.value("ok", false) ? "ok: " : "not ok: ";
  text += std::to_string(report.value("files", Json::array()).size()) + " files, ";
  if (Number(report, "snapshot_lsn") > 0)
    text += "snapshot at LSN " + std::to_string(Number(report, "snapshot_lsn")) + ", ";
  text += "last LSN " + std::to_string(Number(report, "last_lsn")) + ", ";
  text += report.value("clean", false) ? "closed cleanly\n" : "not closed cleanly (the next open recovers)\n";
  return text;
}

}  // namespace

CheckResult CheckStore(const std::string& directory, Format format, Outcome& outcome) {
  std::string report, error;
  const int code = CheckFiles(directory, report, error);
  const Json parsed = Json::parse(report, nullptr, false);
  if (parsed.is_object()) outcome.out += format == Format::kJson ? report + '\n' : ForPerson(parsed);
  if (code == RL_OK) return CheckResult::kSound;
  outcome.Fail(error);
  return code == RL_ERR_CORRUPT ? CheckResult::kDamaged : CheckResult::kImpossible;
}

}  // namespace redislite::cli
