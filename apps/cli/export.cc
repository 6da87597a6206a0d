#include "export.h"

#include "base64.h"
#include "format.h"
#include "output_file.h"
#include "progress.h"
#include "split.h"
#include "stop.h"
#include "utf8.h"

namespace redislite::cli {
namespace {

constexpr const char* kScanCount = "1000";

void AppendBytes(std::string& out, std::string_view bytes) {
  if (IsUtf8(bytes)) {
    AppendJsonString(out, bytes);
  } else {
    ((out += "{\"base64\":\"") += EncodeBase64(bytes)) += "\"}";
  }
}

void AppendList(std::string& out, const Reply& reply) {
  out += '[';
  for (size_t i = 0; i < reply.elements.size(); ++i) {
    if (i > 0) out += ',';
    AppendBytes(out, reply.elements[i].text);
  }
  out += ']';
}

void AppendPairs(std::string& out, const Reply& reply) {
  out += '[';
  for (size_t i = 0; i + 2 <= reply.elements.size(); i += 2) {
    out += i > 0 ? ",[" : "[";
    AppendBytes(out, reply.elements[i].text);
    out += ',';
    AppendBytes(out, reply.elements[i + 1].text);
    out += ']';
  }
  out += ']';
}

void AppendScored(std::string& out, const Reply& reply) {
  out += '[';
  for (size_t i = 0; i < reply.elements.size(); ++i) {
    const Reply& pair = reply.elements[i];
    out += i > 0 ? ",[" : "[";
    AppendBytes(out, pair.elements[0].text);
    ((out += ",\"") += pair.elements[1].text) += "\"]";
  }
  out += ']';
}

class Exporter {
 public:
  Exporter(const Store& store, OutputFile& file, std::string& error) : store_(store), file_(file), error_(error) {}

  bool Run() {
    const Answer size = store_.Run({"DBSIZE"});
    const auto total = static_cast<uint64_t>(size.reply.integer);
    Progress progress("export", Unit::kKeys);
    std::string cursor = "0";
    do {
      const Answer page = store_.Run({"SCAN", cursor, "COUNT", kScanCount});
      if (page.reply.elements.size() != 2) return Fail("SCAN", page);
      for (const Reply& key : page.reply.elements[1].elements) {
        if (StopSignal() != 0) {
          error_ = "cancelled: no file was written";
          return false;
        }
        if (!WriteKey(std::string(key.text))) return false;
        progress.Update(keys_, total);
      }
      cursor.assign(page.reply.elements[0].text);
    } while (cursor != "0");
    return true;
  }

  uint64_t keys() const { return keys_; }

 private:
  bool Fail(const std::string& what, const Answer& answer) {
    error_ = what + ": " + std::string(answer.reply.is_error() ? answer.reply.text : "unexpected answer");
    return false;
  }

  // A key that expires meanwhile is left out.
  bool WriteKey(const std::string& key) {
    const Answer type = store_.Run({"TYPE", key});
    const Answer expiry = store_.Run({"PEXPIRETIME", key});
    const std::string_view name = type.reply.text;
    std::string line = "{\"key\":";
    AppendBytes(line, key);
    ((line += ",\"type\":\"") += name) += "\",\"value\":";
    if (name == "string") {
      const Answer value = store_.Run({"GET", key});
      if (value.reply.type == RL_REPLY_NIL) return true;
      if (value.reply.type != RL_REPLY_STRING) return Fail(Quote(key), value);
      AppendBytes(line, value.reply.text);
    } else if (name == "list") {
      const Answer value = store_.Run({"LRANGE", key, "0", "-1"});
      if (value.reply.is_error()) return Fail(Quote(key), value);
      if (value.reply.elements.empty()) return true;
      AppendList(line, value.reply);
    } else if (name == "hash") {
      const Answer value = store_.Run({"HGETALL", key});
      if (value.reply.is_error()) return Fail(Quote(key), value);
      if (value.reply.elements.empty()) return true;
      AppendPairs(line, value.reply);
    } else if (name == "set") {
      const Answer value = store_.Run({"SMEMBERS", key});
      if (value.reply.is_error()) return Fail(Quote(key), value);
      if (value.reply.elements.empty()) return true;
      AppendList(line, value.reply);
    } else if (name == "zset") {
      const Answer value = store_.Run({"ZRANGE", key, "0", "-1", "WITHSCORES"});
      if (value.reply.is_error()) return Fail(Quote(key), value);
      if (value.reply.elements.empty()) return true;
      AppendScored(line, value.reply);
    } else if (name == "none") {
      return true;
    } else {
      return Fail(Quote(key) + " has a type that this program cannot export, " + std::string(name), type);
    }
    if (expiry.reply.integer >= 0) (line += ",\"expire_at_ms\":") += std::to_string(expiry.reply.integer);
    line += ",\"db\":0}\n";
    ++keys_;
    return file_.Write(line, error_);
  }

  const Store& store_;
  OutputFile& file_;
  std::string& error_;
  uint64_t keys_ = 0;
};

}  // namespace

bool ExportKeys(const Store& store, const std::string& path, uint64_t& keys, std::string& error) {
  keys = 0;
  OutputFile file(path);
  if (!file.Open(error)) return false;
  Exporter exporter(store, file, error);
  if (!exporter.Run() || !file.Finish(error)) return false;
  keys = exporter.keys();
  return true;
}

}  // namespace redislite::cli
