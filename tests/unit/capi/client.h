// Client: a session, fed and read as a test's client does it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "redislite.h"
#include "tests/unit/capi/store.h"

namespace redislite::capi {

// RESP2 requests from words.
inline std::string Request(const std::vector<std::string>& words) {
  std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) bytes += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return bytes;
}

// What is ready now.
inline std::string TakeReady(rl_session* session) {
  std::string all;
  while (true) {
    const void* bytes = nullptr;
    size_t size = 0;
    const int code = rl_session_peek(session, &bytes, &size);
    if (size == 0) return all;
    EXPECT_EQ(code, RL_OK);
    all.append(static_cast<const char*>(bytes), size);
    EXPECT_EQ(rl_session_consume(session, size), RL_OK);
  }
}

class Client {
 public:
  explicit Client(rl_db* db) { EXPECT_EQ(rl_session_open(db, &session_), RL_OK) << Message(db); }
  ~Client() { rl_session_close(session_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  rl_session* get() const { return session_; }

  int Feed(const std::string& bytes) { return rl_session_feed(session_, bytes.data(), bytes.size()); }
  // What is ready now.
  std::string Take() { return TakeReady(session_); }
  // Waits until so many bytes have come, at most ten seconds.
  std::string Read(size_t size) {
    std::string all;
    while (all.size() < size && rl_session_wait(session_, 10'000) == RL_OK) all += Take();
    return all;
  }
  // Expects these bytes, and no others.
  void ExpectRead(const std::string& wanted) { EXPECT_EQ(Read(wanted.size()), wanted); }
  // Feeds the words, and expects the reply and nothing else.
  void Expect(const std::vector<std::string>& words, const std::string& reply) {
    EXPECT_EQ(Feed(Request(words)), RL_OK);
    EXPECT_EQ(Read(reply.size()), reply) << words[0];
  }

 private:
  rl_session* session_ = nullptr;
};

}  // namespace redislite::capi
