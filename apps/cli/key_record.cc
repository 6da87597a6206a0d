#include "key_record.h"

#include <nlohmann/json.hpp>

#include "base64.h"
#include "split.h"

namespace redislite::cli {
namespace {

using Json = nlohmann::json;

// Reads the members of one line. The first trouble is kept as the message, and what follows does not matter.
class Reader {
 public:
  Reader(KeyRecord& record, std::string& error) : record_(record), error_(error) {}

  bool Read(const Json& line) {
    if (!line.is_object()) return Fail("expected a JSON object");
    for (const auto& [name, value] : line.items()) {
      (void)value;
      constexpr std::string_view kKnown[] = {"key", "type", "value", "expire_at_ms", "db"};
      if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown)) {
        return Fail("unknown member " + Quote(name));
      }
    }
    for (const char* name : {"key", "type", "value"}) {
      if (!line.contains(name)) return Fail("the member " + Quote(name) + " is missing");
    }
    return ReadBytes(line["key"], "key", record_.key) && ReadDatabase(line) && ReadExpiry(line) &&
           ReadValue(line["type"], line["value"]);
  }

 private:
  bool Fail(std::string message) {
    error_ = std::move(message);
    return false;
  }

  bool ReadDatabase(const Json& line) {
    const auto db = line.find("db");
    if (db == line.end() || *db == 0) return true;
    return Fail("\"db\" is " + db->dump(-1, ' ', true, Json::error_handler_t::replace) +
                ": only database 0 can be imported");
  }

  bool ReadExpiry(const Json& line) {
    const auto expiry = line.find("expire_at_ms");
    if (expiry == line.end() || expiry->is_null()) return true;
    const bool fits = expiry->is_number_integer() &&
                      (!expiry->is_number_unsigned() || expiry->get<uint64_t>() <= uint64_t{INT64_MAX});
    if (!fits || expiry->get<int64_t>() <= 0) return Fail("\"expire_at_ms\" must be a positive 64-bit integer");
    record_.expire_at_ms = expiry->get<int64_t>();
    return true;
  }

  bool ReadValue(const Json& type, const Json& value) {
    if (type == "string") {
      record_.type = KeyRecord::Type::kString;
      return ReadBytes(value, "value", record_.values.emplace_back());
    }
    if (type == "list") {
      record_.type = KeyRecord::Type::kList;
      if (!value.is_array() || value.empty()) return Fail("the value of a list must be an array that is not empty");
      return std::all_of(value.begin(), value.end(), [this](const Json& element) {
        return ReadBytes(element, "element", record_.values.emplace_back());
      });
    }
    if (type == "set") {
      record_.type = KeyRecord::Type::kSet;
      if (!value.is_array() || value.empty()) return Fail("the value of a set must be an array that is not empty");
      return std::all_of(value.begin(), value.end(), [this](const Json& member) {
        return ReadBytes(member, "member", record_.values.emplace_back());
      });
    }
    if (type == "zset") {
      record_.type = KeyRecord::Type::kSortedSet;
      if (!value.is_array() || value.empty())
        return Fail("the value of a sorted set must be an array of [member, score] that is not empty");
      return std::all_of(value.begin(), value.end(), [this](const Json& pair) { return ReadScored(pair); });
    }
    if (type == "hash") {
      record_.type = KeyRecord::Type::kHash;
      if (!value.is_array() || value.empty())
        return Fail("the value of a hash must be an array of [field, value] that is not empty");
      return std::all_of(value.begin(), value.end(), [this](const Json& pair) { return ReadPair(pair); });
    }
    return Fail("\"type\" must be \"string\", \"list\", \"hash\", \"set\" or \"zset\"");
  }

  bool ReadPair(const Json& pair) {
    if (!pair.is_array() || pair.size() != 2) return Fail("the value of a hash must be an array of [field, value]");
    return ReadBytes(pair[0], "field", record_.values.emplace_back()) &&
           ReadBytes(pair[1], "value", record_.values.emplace_back());
  }

  // The score comes first in ZADD. It is text, since JSON knows no infinity, and the shortest that reads back the same.
  bool ReadScored(const Json& pair) {
    if (!pair.is_array() || pair.size() != 2 || !pair[1].is_string()) {
      return Fail("the value of a sorted set must be an array of [member, score], the score in quotes");
    }
    record_.values.push_back(pair[1].get<std::string>());
    return ReadBytes(pair[0], "member", record_.values.emplace_back());
  }

  bool ReadBytes(const Json& json, const char* what, std::string& bytes) {
    if (json.is_string()) {
      bytes = json.get_ref<const std::string&>();
      return true;
    }
    if (json.is_object() && json.size() == 1 && json.contains("base64") && json["base64"].is_string()) {
      std::optional<std::string> decoded = DecodeBase64(json["base64"].get_ref<const std::string&>());
      if (!decoded) return Fail(std::string("the base64 of the ") + what + " is malformed");
      bytes = std::move(*decoded);
      return true;
    }
    return Fail(std::string("the ") + what + " must be a string or {\"base64\": \"...\"}");
  }

  KeyRecord& record_;
  std::string& error_;
};

const char* FillCommand(KeyRecord::Type type) {
  switch (type) {
    case KeyRecord::Type::kString:
      break;
    case KeyRecord::Type::kList:
      return "RPUSH";
    case KeyRecord::Type::kHash:
      return "HSET";
    case KeyRecord::Type::kSet:
      return "SADD";
    case KeyRecord::Type::kSortedSet:
      return "ZADD";
  }
  return "SET";
}

}  // namespace

size_t KeyRecord::bytes() const {
  size_t sum = key.size();
  for (const std::string& value : values) sum += value.size() + 16;  // a word's framing in the log, about
  return sum;
}

std::vector<Words> KeyRecord::Commands(int64_t now_ms) const {
  if (expire_at_ms && *expire_at_ms <= now_ms) return {{"DEL", key}};
  if (type == Type::kString) {
    Words set = {"SET", key, values[0]};
    if (expire_at_ms) set.insert(set.end(), {"PXAT", std::to_string(*expire_at_ms)});
    return {std::move(set)};
  }
  Words fill = {FillCommand(type), key};
  fill.insert(fill.end(), values.begin(), values.end());
  std::vector<Words> commands = {{"DEL", key}, std::move(fill)};
  if (expire_at_ms) commands.push_back({"PEXPIREAT", key, std::to_string(*expire_at_ms)});
  return commands;
}

bool ParseKeyRecord(std::string_view line, KeyRecord& record, std::string& error) {
  record = {};
  Json json;
  try {
    json = Json::parse(line);
  } catch (const Json::parse_error& exception) {
    error = "no JSON at byte " + std::to_string(exception.byte);
    return false;
  } catch (const Json::exception&) {
    error = "a number is too large";
    return false;
  }
  return Reader(record, error).Read(json);
}

}  // namespace redislite::cli
