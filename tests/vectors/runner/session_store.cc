#include "session_store.h"

#include <algorithm>
#include <memory>

namespace vectors {
namespace {

class SessionLink : public Link {
 public:
  explicit SessionLink(rl_session* session) : session_(session) {}
  ~SessionLink() override { rl_session_close(session_); }
  SessionLink(const SessionLink&) = delete;
  SessionLink& operator=(const SessionLink&) = delete;

  // In pieces of many sizes: a command may be cut anywhere.
  bool Send(const std::string& bytes) override {
    for (size_t at = 0; at < bytes.size();) {
      piece_ = piece_ % 61 + 3;
      const size_t size = bytes.size() > 4096 ? bytes.size() : std::min(piece_, bytes.size() - at);
      if (rl_session_feed(session_, bytes.data() + at, std::min(size, bytes.size() - at)) != RL_OK) return false;
      at += size;
    }
    return true;
  }
  Heard Hear(int timeout_ms, std::string* buffer) override {
    const int code = rl_session_wait(session_, timeout_ms);
    const void* bytes = nullptr;
    size_t size = 0;
    (void)rl_session_peek(session_, &bytes, &size);
    buffer->append(static_cast<const char*>(bytes), size);
    (void)rl_session_consume(session_, size);
    if (size != 0) return Heard::kBytes;
    return code == RL_ERR_CLOSED ? Heard::kClosed : Heard::kNothing;
  }

 private:
  rl_session* const session_;
  size_t piece_ = 0;
};

}  // namespace

SessionStore::SessionStore(std::string directory, std::vector<std::pair<std::string, std::string>> options,
                           int protocol)
    : LocalStore(std::move(directory), std::move(options)),
      connections_(
          [this]() -> std::unique_ptr<Link> {
            rl_session* session = nullptr;
            if (rl_session_open(db(), &session) != RL_OK) return nullptr;
            return std::make_unique<SessionLink>(session);
          },
          protocol) {}

bool SessionStore::Begin(std::string* error) {
  connections_.CloseAll();
  return LocalStore::Begin(error) && connections_.Use("", 0, error);
}

// The clients come back when the store does.
Target::Outcome SessionStore::Reopen(std::string* error) {
  connections_.CloseAll();
  return LocalStore::Reopen(error);
}

Target::Outcome SessionStore::Crash(std::string* error) {
  connections_.CloseAll();
  return LocalStore::Crash(error);
}

}  // namespace vectors
