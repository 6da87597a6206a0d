#include "tests/crash/store.h"

#include <algorithm>
#include <memory>

#include "capi/testing.h"

namespace redislite::crash {
namespace {

// argv and argv_len of a command.
class Pointers {
 public:
  explicit Pointers(const Argv& argv) {
    for (const std::string& argument : argv) {
      pointers_.push_back(argument.data());
      sizes_.push_back(argument.size());
    }
  }
  const char* const* pointers() const { return pointers_.data(); }
  const size_t* sizes() const { return sizes_.data(); }

 private:
  std::vector<const char*> pointers_;
  std::vector<size_t> sizes_;
};

// A reply that is released.
class Reply {
 public:
  Reply() = default;
  ~Reply() { rl_reply_free(reply_); }
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
  rl_reply** out() { return &reply_; }
  const rl_reply* get() const { return reply_; }

 private:
  rl_reply* reply_ = nullptr;
};

std::string Text(const rl_reply* reply) {
  size_t size = 0;
  const char* bytes = rl_reply_string(reply, &size);
  return bytes == nullptr ? std::string() : std::string(bytes, size);
}

std::vector<std::string> Elements(const rl_reply* reply) {
  std::vector<std::string> elements;
  for (size_t i = 0; i < rl_reply_count(reply); ++i) elements.push_back(Text(rl_reply_at(reply, i)));
  return elements;
}

// A session of an open store, for as long as it lives.
class Session {
 public:
  explicit Session(rl_db* db) { code_ = rl_session_open(db, &session_); }
  ~Session() { rl_session_close(session_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Feed(const Argv& argv) {
    std::string bytes = "*" + std::to_string(argv.size()) + "\r\n";
    for (const std::string& word : argv) bytes += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    if (code_ == RL_OK) code_ = rl_session_feed(session_, bytes.data(), bytes.size());
  }
  // Waits for a reply of these bytes at its end, or an error; empty, or what is wrong.
  std::string Expect(const std::string& end) {
    std::string replies;
    while (code_ == RL_OK && !replies.ends_with(end)) {
      code_ = rl_session_wait(session_, 60'000);
      const void* bytes = nullptr;
      size_t size = 0;
      if (code_ == RL_OK) code_ = rl_session_peek(session_, &bytes, &size);
      replies.append(static_cast<const char*>(bytes), size);
      if (code_ == RL_OK) code_ = rl_session_consume(session_, size);
    }
    if (code_ != RL_OK) return "a session: " + std::to_string(code_) + " after " + replies;
    const size_t error = replies.starts_with('-') ? 0 : replies.find("\n-");
    return error == std::string::npos ? std::string() : "a session: " + replies.substr(error);
  }

 private:
  rl_session* session_ = nullptr;
  int code_ = RL_OK;
};

int64_t ReadClock(void* clock) { return static_cast<Clock*>(clock)->load(); }

}  // namespace

std::string Store::Failure(const char* call, int code) {
  code_ = code;
  char message[500];
  rl_errmsg(db_, message, sizeof message);
  return std::string(call) + " returned " + std::to_string(code) + ": " + message;
}

rl_options* Store::NewOptions(os::FileSystem& files, const StoreSettings& settings, Clock& clock) {
  rl_options* options = nullptr;
  if (rl_options_new(&options) != RL_OK) return nullptr;
  const std::string reaper = std::to_string(settings.reaper_interval_ms);
  for (const auto& [name, value] : {std::pair<const char*, const char*>{"appendfsync", settings.appendfsync.c_str()},
                                    {"wal-segment-bytes", settings.segment_bytes.c_str()},
                                    {"reaper-interval-ms", reaper.c_str()},
                                    {"read-only", settings.read_only ? "yes" : "no"},
                                    {"recovery", settings.recovery.c_str()}}) {
    if (rl_options_set(options, name, value) == RL_OK) continue;
    rl_options_free(options);
    return nullptr;
  }
  rl_options_set_clock(options, ReadClock, &clock);
  capi::SetFileSystem(options, &files);
  if (settings.reaper_interval_ms == 0) capi::SetNoServiceThread(options);
  return options;
}

std::string Store::Open(os::FileSystem& files, const std::string& path, const StoreSettings& settings, Clock& clock) {
  rl_options* options = NewOptions(files, settings, clock);
  if (options == nullptr) return Failure("rl_options", RL_ERR_INVALID);
  code_ = rl_open(path.c_str(), options, &db_);
  rl_options_free(options);
  return code_ == RL_OK ? std::string() : Failure("rl_open", code_);
}

std::string Store::Close() {
  if (db_ == nullptr) return {};
  rl_db* const db = db_;
  db_ = nullptr;
  code_ = rl_close(db);
  return code_ == RL_OK ? std::string() : "rl_close returned " + std::to_string(code_);
}

std::string Store::Run(const Argv& argv) {
  code_ = RL_OK;
  const Pointers pointers(argv);
  Reply reply;
  if (const int code = rl_command(db_, argv.size(), pointers.pointers(), pointers.sizes(), reply.out());
      code != RL_OK) {
    return Failure("rl_command", code);
  }
  code_ = rl_reply_code(reply.get());
  return rl_reply_type(reply.get()) == RL_REPLY_ERROR ? argv[0] + ": " + Text(reply.get()) : std::string();
}

std::string Store::RunBatch(const std::vector<Argv>& commands) {
  code_ = RL_OK;
  rl_batch* batch = nullptr;
  if (const int code = rl_batch_new(db_, &batch); code != RL_OK) return Failure("rl_batch_new", code);
  std::string wrong;
  for (const Argv& argv : commands) {
    const Pointers pointers(argv);
    const int code = rl_batch_add(batch, argv.size(), pointers.pointers(), pointers.sizes());
    if (code != RL_OK) wrong = Failure("rl_batch_add", code);
  }
  Reply reply;
  if (wrong.empty()) {
    if (const int code = rl_batch_commit(batch, reply.out()); code != RL_OK) wrong = Failure("rl_batch_commit", code);
  }
  for (size_t i = 0; i < rl_reply_count(reply.get()) && wrong.empty(); ++i) {
    const rl_reply* element = rl_reply_at(reply.get(), i);
    if (rl_reply_type(element) == RL_REPLY_ERROR) wrong = commands[i][0] + " in a batch: " + Text(element);
  }
  rl_batch_free(batch);
  return wrong;
}

std::string Store::RunTransaction(const std::vector<Argv>& commands) {
  Session session(db_);
  session.Feed({"MULTI"});
  for (const Argv& argv : commands) session.Feed(argv);
  session.Feed({"EXEC"});
  session.Feed({"ECHO", "done"});
  return session.Expect("$4\r\ndone\r\n");
}

std::string Store::RunWithWaiters(const std::vector<Argv>& waiting, const Argv& push) {
  std::vector<std::unique_ptr<Session>> sessions;
  for (const Argv& argv : waiting) {
    sessions.push_back(std::make_unique<Session>(db_));
    sessions.back()->Feed(argv);
    sessions.back()->Feed({"ECHO", "done"});
  }
  std::string wrong = Run(push);
  for (const auto& session : sessions) {
    if (wrong.empty()) wrong = session->Expect("$4\r\ndone\r\n");
  }
  return wrong;
}

std::string Store::Dump(std::string* error) {
  const auto ask = [&](const Argv& argv, Reply& reply) {
    const Pointers pointers(argv);
    const int code = rl_command(db_, argv.size(), pointers.pointers(), pointers.sizes(), reply.out());
    if (code != RL_OK) *error = Failure("rl_command", code);
    if (rl_reply_type(reply.get()) == RL_REPLY_ERROR) *error = argv[0] + ": " + Text(reply.get());
    return error->empty();
  };
  std::string dump;
  Reply keys_reply;
  if (!ask({"KEYS", "*"}, keys_reply)) return dump;
  std::vector<std::string> keys = Elements(keys_reply.get());
  std::sort(keys.begin(), keys.end());
  for (const std::string& key : keys) {
    Reply type_reply;
    Reply value;
    Reply expiry;
    if (!ask({"TYPE", key}, type_reply) || !ask({"PEXPIRETIME", key}, expiry)) return dump;
    const std::string type = Text(type_reply.get());
    dump += key;
    if (type == "string") {
      if (!ask({"GET", key}, value)) return dump;
      dump += " S " + Text(value.get());
    } else if (type == "list") {
      if (!ask({"LRANGE", key, "0", "-1"}, value)) return dump;
      dump += " L";
      for (const std::string& element : Elements(value.get())) dump += " " + element;
    } else if (type == "hash") {
      if (!ask({"HGETALL", key}, value)) return dump;
      const std::vector<std::string> flat = Elements(value.get());
      std::vector<std::pair<std::string, std::string>> fields;
      for (size_t i = 0; i + 1 < flat.size(); i += 2) fields.emplace_back(flat[i], flat[i + 1]);
      std::sort(fields.begin(), fields.end());
      dump += " H";
      for (const auto& [field, content] : fields) dump += " " + field + " " + content;
    } else if (type == "set") {
      if (!ask({"SMEMBERS", key}, value)) return dump;
      std::vector<std::string> members = Elements(value.get());
      std::sort(members.begin(), members.end());
      dump += " T";
      for (const std::string& member : members) dump += " " + member;
    } else if (type == "zset") {
      if (!ask({"ZRANGE", key, "0", "-1", "WITHSCORES"}, value)) return dump;
      dump += " Z";
      for (size_t i = 0; i < rl_reply_count(value.get()); ++i) {
        for (const std::string& word : Elements(rl_reply_at(value.get(), i))) dump += " " + word;
      }
    } else {
      *error = key + " has the type " + type;
    }
    if (rl_reply_integer(expiry.get()) > 0) dump += " @" + std::to_string(rl_reply_integer(expiry.get()));
    dump += "\n";
  }
  return dump;
}

}  // namespace redislite::crash
