// Out of memory: for every function, the first, second, third ... allocation that this thread asks C++ for fails, until
// a call gets through without. Whatever fails, the code is RL_ERR_NOMEM or the call succeeds, nothing is half done,
// nothing leaks (the sanitizer watches) and the store goes on.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "capi/testing.h"
#include "tests/unit/capi/client.h"
#include "tests/unit/capi/failing_files.h"
#include "tests/unit/capi/store.h"

namespace {

constexpr int64_t kNever = -1;
// Allocations of this thread until one is refused; all after it are good again.
thread_local int64_t allocations_left = kNever;
thread_local bool refused = false;
int64_t refusals = 0;

bool Refuse() {
  if (allocations_left == kNever || allocations_left-- > 0) return false;
  refused = true;
  ++refusals;
  return true;  // and the countdown stands at kNever
}

void* Allocate(size_t size, size_t alignment) {
  if (Refuse()) return nullptr;
  if (alignment == 0) return std::malloc(size == 0 ? 1 : size);
  return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}

void* AllocateOrThrow(size_t size, size_t alignment) {
  void* block = Allocate(size, alignment);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

}  // namespace

// Not inline: the compiler would see malloc and free behind new and delete and take them for a mistake.
[[gnu::noinline]] void* operator new(size_t size) { return AllocateOrThrow(size, 0); }
[[gnu::noinline]] void* operator new[](size_t size) { return AllocateOrThrow(size, 0); }
[[gnu::noinline]] void* operator new(size_t size, std::align_val_t alignment) {
  return AllocateOrThrow(size, static_cast<size_t>(alignment));
}
[[gnu::noinline]] void* operator new[](size_t size, std::align_val_t alignment) {
  return AllocateOrThrow(size, static_cast<size_t>(alignment));
}
[[gnu::noinline]] void* operator new(size_t size, const std::nothrow_t&) noexcept { return Allocate(size, 0); }
[[gnu::noinline]] void* operator new[](size_t size, const std::nothrow_t&) noexcept { return Allocate(size, 0); }
[[gnu::noinline]] void operator delete(void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete[](void* block) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, size_t) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete[](void* block, size_t) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete[](void* block, std::align_val_t) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, size_t, std::align_val_t) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete[](void* block, size_t, std::align_val_t) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete(void* block, const std::nothrow_t&) noexcept { std::free(block); }
[[gnu::noinline]] void operator delete[](void* block, const std::nothrow_t&) noexcept { std::free(block); }

namespace redislite::capi {
namespace {

// Calls with the n-th allocation refused, for n = 0, 1, 2 ... until none is. `after` sees each call's code.
void Sweep(const std::function<int()>& call, const std::function<void(int code)>& after) {
  for (int64_t n = 0;; ++n) {
    SCOPED_TRACE("allocation " + std::to_string(n));
    ASSERT_LT(n, 100000);
    refused = false;
    allocations_left = n;
    const int code = call();
    allocations_left = kNever;
    if (!refused) {
      EXPECT_EQ(code, RL_OK);
      after(code);
      return;
    }
    EXPECT_TRUE(code == RL_OK || code == RL_ERR_NOMEM) << code;
    after(code);
    if (testing::Test::HasFailure()) return;
  }
}

class OutOfMemory : public testing::TestWithParam<bool> {
 protected:
  OutOfMemory() {
    files_.skip_syncs = true;
    SetFileSystem(options_.get(), &files_);
    refusals = 0;
  }
  ~OutOfMemory() override { EXPECT_TRUE(refusals > 0 || needs_no_memory_) << "nothing was tested"; }

  const char* path() const { return GetParam() ? path_.c_str() : nullptr; }
  const rl_options* options() const { return options_.get(); }

  bool needs_no_memory_ = false;  // what the test does, so that nothing can be refused

 private:
  FailingFiles files_;
  Options options_;
  Directory directory_;
  std::string path_ = directory_ / "s";
};

INSTANTIATE_TEST_SUITE_P(Stores, OutOfMemory, testing::Bool(),
                         [](const auto& test) { return test.param ? "OnDisk" : "InMemory"; });

TEST_P(OutOfMemory, OpenFailsWholeOrSucceeds) {
  if (path() != nullptr) {
    const Store store(path(), options());
    EXPECT_EQ(Set(store, "k", "v"), RL_OK);
  }
  rl_db* db = nullptr;
  Sweep([&] { return rl_open(path(), options(), &db); },
        [&](int code) {
          EXPECT_EQ(db != nullptr, code == RL_OK);
          if (code == RL_OK && path() != nullptr) {
            EXPECT_EQ(Get(db, "k"), "v");
          }
          EXPECT_EQ(rl_close(db), RL_OK);
          db = nullptr;
        });
}

TEST_P(OutOfMemory, CloseFreesTheStoreWhateverItAnswers) {
  needs_no_memory_ = path() == nullptr;
  for (int64_t n = 0; n < 40; ++n) {
    rl_db* db = nullptr;
    ASSERT_EQ(rl_open(path(), options(), &db), RL_OK) << Message(nullptr);
    EXPECT_EQ(Set(db, "k", "v"), RL_OK);
    allocations_left = n;
    const int code = rl_close(db);
    allocations_left = kNever;
    EXPECT_TRUE(code == RL_OK || code == RL_ERR_NOMEM) << code;
    EXPECT_EQ(rl_close(db), RL_ERR_CLOSED);
  }
}

TEST_P(OutOfMemory, AWriteIsWholeOrAbsent) {
  const Store store(path(), options());
  const std::string value(5000, 'v');
  Sweep([&] { return rl_set(store, "k", 1, value.data(), value.size()); },
        [&](int code) {
          EXPECT_EQ(Get(store, "k"), code == RL_OK ? value : "code 1");
          EXPECT_LE(rl_del(store, "k", 1), RL_NOT_FOUND);
        });
  Sweep([&] { return rl_set_with(store, "k", 1, "v", 1, 100000, RL_SET_NX); },
        [&](int code) {
          EXPECT_EQ(Get(store, "k"), code == RL_OK ? "v" : "code 1");
          EXPECT_EQ(Ttl(store, "k") > 0, code == RL_OK);
          EXPECT_LE(rl_del(store, "k", 1), RL_NOT_FOUND);
        });
  int64_t expected = 0;
  Sweep([&] { return rl_incr_by(store, "n", 1, 1, nullptr); },
        [&](int code) {
          expected += code == RL_OK ? 1 : 0;
          EXPECT_EQ(Get(store, "n"), expected == 0 ? "code 1" : std::to_string(expected));
        });
  Sweep([&] { return rl_expire(store, "n", 1, 100000); },
        [&](int code) {
          EXPECT_EQ(Ttl(store, "n") > 0, code == RL_OK);
          EXPECT_EQ(rl_persist(store, "n", 1), RL_OK);
        });
  EXPECT_EQ(rl_expire(store, "n", 1, 100000), RL_OK);
  Sweep([&] { return rl_persist(store, "n", 1); },
        [&](int code) {
          EXPECT_EQ(Ttl(store, "n") == -1, code == RL_OK);
          EXPECT_EQ(rl_expire(store, "n", 1, 100000), RL_OK);
        });
  Sweep([&] { return rl_del(store, "n", 1); },
        [&](int code) {
          EXPECT_EQ(rl_exists(store, "n", 1), code == RL_OK ? RL_NOT_FOUND : RL_OK);
          EXPECT_EQ(Set(store, "n", "1"), RL_OK);
        });
}

TEST_P(OutOfMemory, AReadIsRightOrFails) {
  const Store store(path(), options());
  for (const std::string& value : {std::string("small"), std::string(100000, 'v')}) {
    EXPECT_EQ(Set(store, "k", value), RL_OK);
    void* got = nullptr;
    size_t size = 0;
    Sweep([&] { return rl_get(store, "k", 1, &got, &size); },
          [&](int code) {
            EXPECT_EQ(got != nullptr, code == RL_OK);
            EXPECT_EQ(size, code == RL_OK ? value.size() : 0);
            rl_buffer_free(got);
          });
    Sweep([&] { return rl_get_into(store, "k", 1, nullptr, 0, &size); }, [](int) {});
  }
  Sweep([&] { return rl_exists(store, "k", 1); }, [](int) {});
  int64_t ttl_ms = 0;
  Sweep([&] { return rl_ttl(store, "k", 1, &ttl_ms); }, [](int) {});
  uint64_t keys = 0;
  Sweep([&] { return rl_count(store, &keys); }, [](int) {});
  char* text = nullptr;
  Sweep([&] { return rl_info(store, nullptr, &text, nullptr); },
        [&](int code) {
          EXPECT_EQ(text != nullptr, code == RL_OK);
          rl_buffer_free(text);
        });
}

// Writes whose replies are of one element: when the code is RL_ERR_NOMEM, nothing was written.
TEST_P(OutOfMemory, ACommandIsWholeOrAbsent) {
  const Store store(path(), options());
  struct Case {
    std::vector<std::string> words;
    std::string look;  // a command's name for the key
    const char* absent;
  };
  const Case cases[] = {
      {{"SET", "k", std::string(3000, 'x')}, "EXISTS", "0"},
      {{"SET", "k", "v", "EX", "100"}, "EXISTS", "0"},
      {{"MSET", "k", "1", "k2", "2", "k3", "3"}, "EXISTS", "0"},
      {{"APPEND", "k", "tail"}, "STRLEN", "0"},
      {{"INCRBYFLOAT", "k", "1.5"}, "EXISTS", "0"},
      {{"RPUSH", "k", "a", "b", "c", std::string(9000, 'd')}, "LLEN", "0"},
      {{"HSET", "k", "f", "v", "g", std::string(9000, 'w')}, "HLEN", "0"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.words[0]);
    std::vector<const char*> argv;
    for (const std::string& word : c.words) argv.push_back(word.c_str());
    rl_reply* reply = nullptr;
    Sweep([&] { return rl_command(store, argv.size(), argv.data(), nullptr, &reply); },
          [&](int code) {
            EXPECT_EQ(reply != nullptr, code == RL_OK);
            EXPECT_NE(rl_reply_type(reply), RL_REPLY_ERROR) << Print(reply);
            EXPECT_EQ(Command(store, {c.look, "k"}) == c.absent, code != RL_OK);
            EXPECT_NE(Command(store, {"DEL", "k", "k2", "k3"}), "code -7");
            rl_reply_free(reply);
          });
  }
}

TEST_P(OutOfMemory, ACommandWithALargeReplyFailsOrGivesAllOfIt) {
  const Store store(path(), options());
  for (int i = 0; i < 300; ++i) EXPECT_EQ(Command(store, {"RPUSH", "l", std::string(30, 'x')}), std::to_string(i + 1));
  const char* range[] = {"LRANGE", "l", "0", "-1"};
  rl_reply* reply = nullptr;
  Sweep([&] { return rl_command(store, 4, range, nullptr, &reply); },
        [&](int code) {
          EXPECT_EQ(rl_reply_count(reply), code == RL_OK ? 300u : 0u);
          rl_reply_free(reply);
        });
}

TEST_P(OutOfMemory, ABatchIsWholeOrAbsentAndAnswersOkWhenItIsDone) {
  const Store store(path(), options());
  rl_batch* batch = nullptr;
  Sweep([&] { return rl_batch_new(store, &batch); },
        [&](int code) {
          EXPECT_EQ(batch != nullptr, code == RL_OK);
          rl_batch_free(batch);
        });
  ASSERT_EQ(rl_batch_new(store, &batch), RL_OK);
  const char* incr[] = {"INCR", "n"};
  int64_t added = 0;
  Sweep([&] { return rl_batch_add(batch, 2, incr, nullptr); }, [&](int code) { added += code == RL_OK ? 1 : 0; });
  rl_reply* reply = nullptr;
  int64_t expected = 0;
  Sweep([&] { return rl_batch_commit(batch, &reply); },
        [&](int code) {
          // Refused: it still holds its commands. Done: it is empty, with or without a reply.
          if (code == RL_OK) {
            expected += added;
            EXPECT_TRUE(reply == nullptr || rl_reply_count(reply) == static_cast<size_t>(added));
            added = 3;
            for (int i = 0; i < 3; ++i) EXPECT_EQ(rl_batch_add(batch, 2, incr, nullptr), RL_OK);
          }
          EXPECT_EQ(Get(store, "n"), expected == 0 ? "code 1" : std::to_string(expected));
          rl_reply_free(reply);
        });
  rl_batch_free(batch);
}

// Bytes that are gone when a call has returned.
class PassingCopy {
 public:
  explicit PassingCopy(const std::string& bytes) : data_(static_cast<char*>(std::malloc(bytes.size()))) {
    std::memcpy(data_, bytes.data(), bytes.size());
  }
  ~PassingCopy() { std::free(data_); }
  PassingCopy(const PassingCopy&) = delete;
  PassingCopy& operator=(const PassingCopy&) = delete;
  const char* data() const { return data_; }

 private:
  char* const data_;
};

// Everything that has come is answered, or nothing can be fed any more. The input is gone when the call returns.
TEST_P(OutOfMemory, ASessionAnswersEverythingOrIsOver) {
  const Store store(path(), options());
  const std::string get = "*2\r\n$3\r\nGET\r\n$40\r\n" + std::string(40, 'k') + "\r\n";
  const std::string set =
      "*3\r\n$3\r\nSET\r\n$40\r\n" + std::string(40, 'k') + "\r\n$40\r\n" + std::string(40, 'v') + "\r\n";
  const std::string pipeline = get + get + get + set + set + get + get + "GET none\r\n" + get + "PING\r\n";
  ASSERT_EQ(Set(store, std::string(40, 'k'), std::string(40, 'v')), RL_OK);
  const std::string value = "$40\r\n" + std::string(40, 'v') + "\r\n";
  const std::string wanted = value + value + value + "+OK\r\n+OK\r\n" + value + value + "$-1\r\n" + value + "+PONG\r\n";
  rl_session* session = nullptr;
  Sweep(
      [&] {
        const int opened = rl_session_open(store, &session);
        if (opened != RL_OK) return opened;
        return rl_session_feed(session, PassingCopy(pipeline).data(), pipeline.size());
      },
      [&](int code) {
        if (session == nullptr) return;
        EXPECT_EQ(rl_session_feed(session, "GET none\r\n", 10), code == RL_OK ? RL_OK : RL_ERR_CLOSED);
        std::string got;
        while (code == RL_OK && got.size() < wanted.size() + 5 && rl_session_wait(session, 10'000) == RL_OK) {
          got += TakeReady(session);
        }
        constexpr std::string_view kRefused = "-OOM out of memory\r\n";  // an answer, too
        if (const size_t at = got.find(kRefused); at != std::string::npos) got.replace(at, kRefused.size(), "+OK\r\n");
        if (code == RL_OK) {
          EXPECT_EQ(got, wanted + "$-1\r\n");
        }
        rl_session_close(session);
        session = nullptr;
      });
}

TEST_P(OutOfMemory, OfSessionsFedTogetherEachAnswersOrIsOver) {
  const Store store(path(), options());
  ASSERT_EQ(Set(store, std::string(40, 'k'), "v"), RL_OK);
  const std::string get = "GET " + std::string(40, 'k') + "\r\n";
  const std::string incr = "INCR " + std::string(40, 'n') + "\r\n";
  constexpr size_t kCount = 4;
  const std::string inputs[kCount] = {get, incr, get + incr, incr + "MULTI\r\n" + incr + "EXEC\r\n" + get};
  const std::string all = inputs[0] + inputs[1] + inputs[2] + inputs[3];
  rl_session* sessions[kCount] = {};
  int codes[kCount] = {};
  Sweep(
      [&] {
        for (rl_session*& session : sessions) {
          const int opened = rl_session_open(store, &session);
          if (opened != RL_OK) return opened;
        }
        const PassingCopy copy(all);
        const void* bytes[kCount];
        size_t lens[kCount];
        size_t at = 0;
        for (size_t i = 0; i < kCount; ++i) {
          bytes[i] = copy.data() + at;
          at += lens[i] = inputs[i].size();
        }
        return rl_sessions_feed(sessions, bytes, lens, kCount, codes);
      },
      [&](int code) {
        const bool fed = sessions[kCount - 1] != nullptr;
        constexpr size_t kLines[kCount] = {2, 1, 3, 7};
        for (size_t i = 0; i < kCount; ++i) {
          if (fed) {
            EXPECT_EQ(rl_session_feed(sessions[i], "PING\r\n", 6), codes[i] == RL_OK ? RL_OK : RL_ERR_CLOSED);
            EXPECT_TRUE(codes[i] == RL_OK || code == RL_ERR_NOMEM) << code;
          }
          std::string got;
          const auto lines = [&] { return static_cast<size_t>(std::count(got.begin(), got.end(), '\n')); };
          while (fed && codes[i] == RL_OK && lines() <= kLines[i] && rl_session_wait(sessions[i], 10'000) == RL_OK) {
            got += TakeReady(sessions[i]);
          }
          if (fed && codes[i] == RL_OK) {
            EXPECT_TRUE(got.ends_with("+PONG\r\n")) << i << ": " << got;
          }
          rl_session_close(sessions[i]);
          sessions[i] = nullptr;
        }
      });
}

TEST_P(OutOfMemory, OptionsAreWholeOrUnchanged) {
  rl_options* options = nullptr;
  Sweep([&] { return rl_options_new(&options); },
        [&](int code) {
          EXPECT_EQ(options != nullptr, code == RL_OK);
          rl_options_free(options);
        });
  const Options good;
  Clock clock;
  Sweep([&] { return rl_options_set(good.get(), "maxmemory", "100mb"); }, [](int) {});
  Sweep([&] { return rl_options_set_clock(good.get(), &Clock::Read, &clock); }, [](int) {});
}

TEST_P(OutOfMemory, MisuseStaysMisuseOrBecomesOutOfMemory) {
  const Store store(path(), options());
  for (int64_t n = 0; n < 10; ++n) {
    allocations_left = n;
    const int code = rl_set(store, nullptr, 1, "v", 1);
    allocations_left = kNever;
    EXPECT_TRUE(code == RL_ERR_INVALID || code == RL_ERR_NOMEM) << code;
    allocations_left = n;
    const int open_code = rl_open("", nullptr, nullptr);
    allocations_left = kNever;
    EXPECT_TRUE(open_code == RL_ERR_INVALID || open_code == RL_ERR_NOMEM) << open_code;
  }
  EXPECT_EQ(Set(store, "k", "v"), RL_OK);
}

}  // namespace
}  // namespace redislite::capi
