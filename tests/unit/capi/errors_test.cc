// Codes, their texts, and rl_errmsg.
#include "capi/errors.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/unit/capi/store.h"

namespace redislite::capi {
namespace {

const int kCodes[] = {RL_OK,           RL_NOT_FOUND,   RL_CONDITION,  RL_ERR_INVALID, RL_ERR_TYPE,      RL_ERR_VALUE,
                      RL_ERR_COMMAND,  RL_ERR_IO,      RL_ERR_FULL,   RL_ERR_NOMEM,   RL_ERR_MAXMEMORY, RL_ERR_BUSY,
                      RL_ERR_CORRUPT,  RL_ERR_VERSION, RL_ERR_CLOSED, RL_ERR_FORKED,  RL_ERR_READONLY,  RL_ERR_LIMIT,
                      RL_ERR_NOT_FOUND};

TEST(Errors, EveryCodeHasATextOfItsOwn) {
  std::set<std::string> texts;
  for (const int code : kCodes) {
    ASSERT_NE(rl_strerror(code), nullptr);
    EXPECT_NE(rl_strerror(code), std::string());
    texts.insert(rl_strerror(code));
  }
  EXPECT_EQ(texts.size(), std::size(kCodes));
}

TEST(Errors, AnUnknownCodeHasATextToo) {
  for (const int code : {3, -17, 1000, -1000, INT32_MAX, INT32_MIN}) {
    ASSERT_NE(rl_strerror(code), nullptr);
    EXPECT_STREQ(rl_strerror(code), "unknown code");
  }
}

TEST(Errors, TheVersionIsTheHeaders) {
  const std::string header = std::to_string(RL_VERSION_MAJOR) + "." + std::to_string(RL_VERSION_MINOR) + "." +
                             std::to_string(RL_VERSION_PATCH);
  EXPECT_EQ(rl_version(), header);
}

TEST(Errors, ExceptionsBecomeCodes) {
  const auto status_of = [](auto thrower) {
    try {
      thrower();
    } catch (...) {
      return StatusOfException();
    }
    return Status::Ok();
  };
  EXPECT_EQ(status_of([] { throw std::bad_alloc(); }).code(), Code::kNoMemory);
  const Status standard = status_of([] { throw std::runtime_error("why"); });
  EXPECT_EQ(standard.code(), Code::kInvalid);
  EXPECT_EQ(standard.message(), "why");
  EXPECT_EQ(status_of([] { throw 7; }).code(), Code::kInvalid);
}

TEST(ErrMsg, OfAThreadIsThatOfItsLastFailure) {
  rl_db* db = nullptr;
  Options options;
  ASSERT_EQ(rl_options_set(options.get(), "nonsense", "1"), RL_ERR_INVALID);
  const std::string mine = Message(nullptr);
  EXPECT_NE(mine.find("nonsense"), std::string::npos) << mine;
  std::thread([&] {
    EXPECT_EQ(Message(nullptr), "");
    EXPECT_EQ(rl_open("", nullptr, &db), RL_ERR_INVALID);
    EXPECT_NE(Message(nullptr), "");
  }).join();
  EXPECT_EQ(Message(nullptr), mine);
  // A success leaves it: it is the last failure's.
  ASSERT_EQ(rl_options_set(options.get(), "create", "yes"), RL_OK);
  EXPECT_EQ(Message(nullptr), mine);
}

TEST(ErrMsg, OfAHandleIsThatOfItsLastFailureWhicheverThread) {
  const Store a;
  const Store b;
  EXPECT_EQ(Message(a), "");
  EXPECT_EQ(rl_set(a, nullptr, 3, "v", 1), RL_ERR_INVALID);
  const std::string message = Message(a);
  EXPECT_NE(message.find("key"), std::string::npos) << message;
  EXPECT_EQ(Message(b), "");
  EXPECT_EQ(Set(a, "k", "v"), RL_OK);
  EXPECT_EQ(Get(a, "missing"), "code 1");
  EXPECT_EQ(Message(a), message) << "an ordinary outcome is no failure";
  std::thread([&] { EXPECT_EQ(rl_backup(a, nullptr, nullptr, nullptr), RL_ERR_INVALID); }).join();
  EXPECT_NE(Message(a), message);
}

TEST(ErrMsg, IsCutToTheBufferAndAlwaysEndsInNul) {
  const Store store;
  EXPECT_EQ(rl_set(store, nullptr, 3, "v", 1), RL_ERR_INVALID);
  const std::string whole = Message(store);
  ASSERT_GT(whole.size(), 5u);
  for (size_t capacity = 0; capacity <= whole.size() + 3; ++capacity) {
    std::string buffer(whole.size() + 8, '?');
    EXPECT_EQ(rl_errmsg(store, buffer.data(), capacity), whole.size());
    const size_t kept = capacity == 0 ? 0 : std::min(capacity - 1, whole.size());
    EXPECT_EQ(buffer.substr(0, kept), whole.substr(0, kept));
    EXPECT_EQ(buffer[kept], capacity == 0 ? '?' : '\0');
    EXPECT_EQ(buffer[kept + 1], '?') << "wrote more than " << capacity;
  }
  EXPECT_EQ(rl_errmsg(store, nullptr, 100), whole.size());
}

TEST(ErrMsg, IsStillThereAfterClose) {
  Store store;
  EXPECT_EQ(rl_set(store, nullptr, 3, "v", 1), RL_ERR_INVALID);
  const std::string message = Message(store);
  const auto [code, closed] = store.Close();
  EXPECT_EQ(code, RL_OK);
  EXPECT_EQ(Message(closed), message);
  EXPECT_EQ(rl_sync(closed), RL_ERR_CLOSED);
  EXPECT_EQ(Message(closed), rl_strerror(RL_ERR_CLOSED));
}

}  // namespace
}  // namespace redislite::capi
