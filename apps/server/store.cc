#include "store.h"

#include <charconv>
#include <memory>
#include <sstream>
#include <string_view>
#include <vector>

namespace redislite::server {
namespace {

using Reply = std::unique_ptr<rl_reply, void (*)(rl_reply*)>;

Reply Run(rl_db* db, const std::vector<const char*>& words) {
  rl_reply* reply = nullptr;
  (void)rl_command(db, words.size(), words.data(), nullptr, &reply);
  return {reply, &rl_reply_free};
}

// Of a line of CLIENT LIST: the value behind "<name>=".
std::string_view Field(std::string_view line, std::string_view name) {
  for (size_t at = 0; at < line.size();) {
    const size_t end = std::min(line.find(' ', at), line.size());
    const std::string_view field = line.substr(at, end - at);
    if (field.size() > name.size() && field.starts_with(name) && field[name.size()] == '=') {
      return field.substr(name.size() + 1);
    }
    at = end + 1;
  }
  return {};
}

bool WaitsOrListens(std::string_view line) {
  for (const char* listens : {"sub", "psub", "ssub"}) {
    if (Field(line, listens) != "0") return true;
  }
  return Field(line, "flags").find_first_of("bO") != std::string_view::npos;
}

}  // namespace

bool HasPassword(rl_db* db) {
  const Reply reply = Run(db, {"CONFIG", "GET", "requirepass"});
  size_t length = 0;
  (void)rl_reply_string(rl_reply_at(reply.get(), 1), &length);
  return length > 0;
}

std::map<std::string, std::string> AllSettings(rl_db* db) {
  const Reply reply = Run(db, {"CONFIG", "GET", "*"});
  const auto text = [&reply](size_t index) {
    size_t length = 0;
    const char* bytes = rl_reply_string(rl_reply_at(reply.get(), index), &length);
    return bytes == nullptr ? std::string() : std::string(bytes, length);
  };
  std::map<std::string, std::string> settings;
  for (size_t i = 0; i + 1 < rl_reply_count(reply.get()); i += 2) settings[text(i)] = text(i + 1);
  return settings;
}

void EndIdleSessions(rl_db* db, int seconds) {
  const Reply clients = Run(db, {"CLIENT", "LIST"});
  size_t length = 0;
  const char* text = rl_reply_string(clients.get(), &length);
  if (text == nullptr) return;
  std::istringstream lines(std::string(text, length));
  for (std::string line; std::getline(lines, line);) {
    const std::string_view idle_text = Field(line, "idle");
    int64_t idle = 0;
    (void)std::from_chars(idle_text.data(), idle_text.data() + idle_text.size(), idle);
    if (idle <= seconds || WaitsOrListens(line)) continue;
    const std::string id(Field(line, "id"));
    (void)Run(db, {"CLIENT", "KILL", "ID", id.c_str()});
  }
}

}  // namespace redislite::server
