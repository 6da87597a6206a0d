// rl_batch: what is refused when, what a commit answers, and that a batch can be used again.
#include <gtest/gtest.h>

#include <string>

#include "base/bytes.h"
#include "capi/testing.h"
#include "tests/unit/capi/failing_files.h"
#include "tests/unit/capi/store.h"

namespace redislite::capi {
namespace {

// A batch that is freed.
class Batch {
 public:
  explicit Batch(rl_db* db) { EXPECT_EQ(rl_batch_new(db, &batch_), RL_OK); }
  ~Batch() { rl_batch_free(batch_); }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;
  operator rl_batch*() const { return batch_; }  // NOLINT(google-explicit-constructor)

  int Add(std::initializer_list<std::string> words) {
    const Argv argv(words);
    return rl_batch_add(batch_, argv.count(), argv.pointers(), argv.sizes());
  }
  // The reply on one line, or "code N".
  std::string Commit() {
    rl_reply* reply = nullptr;
    const int code = rl_batch_commit(batch_, &reply);
    EXPECT_EQ(reply != nullptr, code == RL_OK);
    const std::string text = code == RL_OK ? Print(reply) : "code " + std::to_string(code);
    rl_reply_free(reply);
    return text;
  }

 private:
  rl_batch* batch_ = nullptr;
};

TEST(Batch, RepliesAreOneAnArrayElementEach) {
  const Store store;
  Batch batch(store);
  EXPECT_EQ(batch.Add({"SET", "k", "v"}), RL_OK);
  EXPECT_EQ(batch.Add({"RPUSH", "l", "a", "b"}), RL_OK);
  EXPECT_EQ(batch.Add({"LRANGE", "l", "0", "-1"}), RL_OK);
  EXPECT_EQ(batch.Add({"GET", "k"}), RL_OK);
  EXPECT_EQ(batch.Add({"GET", "missing"}), RL_OK);
  EXPECT_EQ(Get(store, "k"), "code 1") << "nothing before the commit";
  EXPECT_EQ(batch.Commit(), "[+OK 2 [\"a\" \"b\"] \"v\" nil]");
  EXPECT_EQ(Get(store, "k"), "v");
}

TEST(Batch, AnEmptyOneAnswersAnEmptyArray) {
  const Store store;
  Batch batch(store);
  EXPECT_EQ(batch.Commit(), "[]");
  EXPECT_EQ(rl_batch_commit(batch, nullptr), RL_OK);
}

TEST(Batch, TheReplyIsOptional) {
  const Store store;
  Batch batch(store);
  EXPECT_EQ(batch.Add({"SET", "k", "v"}), RL_OK);
  EXPECT_EQ(rl_batch_commit(batch, nullptr), RL_OK);
  EXPECT_EQ(Get(store, "k"), "v");
}

TEST(Batch, IsEmptyAfterACommitAndCanBeUsedAgain) {
  const Store store;
  Batch batch(store);
  for (int round = 1; round <= 3; ++round) {
    EXPECT_EQ(batch.Add({"INCR", "n"}), RL_OK);
    EXPECT_EQ(batch.Commit(), "[" + std::to_string(round) + "]");
  }
  EXPECT_EQ(batch.Commit(), "[]");
  EXPECT_EQ(Get(store, "n"), "3");
}

TEST(Batch, ACommandThatFailsOnTheDataIsAnElementAndTheOthersStand) {
  const Store store;
  EXPECT_EQ(Set(store, "text", "x"), RL_OK);
  Batch batch(store);
  EXPECT_EQ(batch.Add({"SET", "a", "1"}), RL_OK);
  EXPECT_EQ(batch.Add({"RPUSH", "text", "y"}), RL_OK);
  EXPECT_EQ(batch.Add({"INCR", "text"}), RL_OK);
  EXPECT_EQ(batch.Add({"SET", "b", "2"}), RL_OK);
  EXPECT_EQ(batch.Commit(),
            "[+OK -WRONGTYPE Operation against a key holding the wrong kind of value (-2) "
            "-ERR value is not an integer or out of range (-3) +OK]");
  EXPECT_EQ(Get(store, "a"), "1");
  EXPECT_EQ(Get(store, "b"), "2");
  EXPECT_EQ(Get(store, "text"), "x");
}

TEST(Batch, WhatCanBeSeenWrongIsRefusedAndLeavesItAsItWas) {
  const Store store;
  Batch batch(store);
  EXPECT_EQ(batch.Add({"SET", "k", "v"}), RL_OK);
  EXPECT_EQ(batch.Add({"NONSENSE"}), RL_ERR_COMMAND);
  EXPECT_NE(Message(store).find("NONSENSE"), std::string::npos) << Message(store);
  EXPECT_EQ(batch.Add({"GET"}), RL_ERR_COMMAND);
  EXPECT_EQ(batch.Add({"GET", "a", "b"}), RL_ERR_COMMAND);
  EXPECT_EQ(batch.Add({"OBJECT", "NONSENSE", "k"}), RL_ERR_COMMAND);
  EXPECT_EQ(batch.Add({"SET", "k", "v", "EX", "x"}), RL_ERR_VALUE);
  EXPECT_EQ(batch.Add({"SET", "k", "v", "EX", "0"}), RL_ERR_VALUE);
  EXPECT_EQ(batch.Add({"SET", "k", "v", "EX"}), RL_ERR_COMMAND);
  EXPECT_EQ(batch.Add({"EXPIRE", "k", "9223372036854775807"}), RL_ERR_VALUE);
  EXPECT_EQ(batch.Add({"MULTI"}), RL_ERR_COMMAND);
  EXPECT_EQ(batch.Add({"SELECT", "1"}), RL_ERR_COMMAND);
  EXPECT_EQ(batch.Add({"SUBSCRIBE", "c"}), RL_ERR_COMMAND);
  EXPECT_EQ(batch.Add({"SAVE"}), RL_ERR_COMMAND) << "not allowed in a transaction";
  EXPECT_EQ(batch.Commit(), "[+OK]");
}

TEST(Batch, MisuseIsRefused) {
  const Store store;
  Batch batch(store);
  const char* words[] = {"GET", nullptr};
  const size_t sizes[] = {3, 1};
  const size_t too_long[] = {3, kValueBytesMax + 1};
  const char* get[] = {"GET", "k"};
  EXPECT_EQ(rl_batch_new(nullptr, nullptr), RL_ERR_INVALID);
  EXPECT_EQ(rl_batch_new(store, nullptr), RL_ERR_INVALID);
  EXPECT_EQ(rl_batch_add(nullptr, 1, words, sizes), RL_ERR_INVALID);
  EXPECT_EQ(rl_batch_add(batch, 0, words, sizes), RL_ERR_INVALID);
  EXPECT_EQ(rl_batch_add(batch, 1, nullptr, sizes), RL_ERR_INVALID);
  EXPECT_EQ(rl_batch_add(batch, 2, words, sizes), RL_ERR_INVALID);
  EXPECT_EQ(rl_batch_add(batch, 2, words, nullptr), RL_ERR_INVALID);
  EXPECT_EQ(rl_batch_add(batch, 2, get, too_long), RL_ERR_LIMIT);
  rl_reply* reply = reinterpret_cast<rl_reply*>(&reply);
  EXPECT_EQ(rl_batch_commit(nullptr, &reply), RL_ERR_INVALID);
  EXPECT_EQ(reply, nullptr);
  EXPECT_EQ(batch.Commit(), "[]");
  rl_batch_free(nullptr);
}

TEST(Batch, ArgumentsAreCopied) {
  const Store store;
  Batch batch(store);
  {
    std::string key(100, 'k');
    EXPECT_EQ(batch.Add({"SET", key, "v"}), RL_OK);
    key.assign(100, 'x');
  }
  EXPECT_EQ(batch.Commit(), "[+OK]");
  EXPECT_EQ(Get(store, std::string(100, 'k')), "v");
}

TEST(Batch, WhatWasNotDoneStaysToBeTriedAgain) {
  const Directory directory;
  FailingFiles files;
  Options options;
  SetFileSystem(options.get(), &files);
  const Store store((directory / "s").c_str(), options.get());
  Batch batch(store);
  EXPECT_EQ(batch.Add({"SET", "a", "1"}), RL_OK);
  EXPECT_EQ(batch.Add({"SET", "b", "2"}), RL_OK);
  files.write_code = Code::kFull;
  EXPECT_EQ(batch.Commit(), "code -6");
  EXPECT_EQ(Get(store, "a"), "code 1");
  files.write_code = Code::kOk;
  EXPECT_EQ(batch.Commit(), "[+OK +OK]");
  EXPECT_EQ(Get(store, "a"), "1");
  EXPECT_EQ(Get(store, "b"), "2");
}

TEST(Batch, IsOneRecordAndOneSync) {
  const Directory directory;
  FailingFiles files;
  Options options;
  SetFileSystem(options.get(), &files);
  const Store store((directory / "s").c_str(), options.get());
  EXPECT_EQ(Set(store, "k", "v"), RL_OK);
  Batch batch(store);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(batch.Add({"RPUSH", "l", std::to_string(i)}), RL_OK);
  const int writes = files.writes;
  const int syncs = files.syncs;
  EXPECT_NE(batch.Commit(), "code -5");
  EXPECT_EQ(files.writes - writes, 1);
  EXPECT_EQ(files.syncs - syncs, 1);
}

// The shell that a batch holds on to must not be reused, however many others are closed after it.
TEST(Batch, OutlivesItsStoreAndAThousandOthers) {
  Store store;
  Batch batch(store);
  EXPECT_EQ(batch.Add({"SET", "k", "v"}), RL_OK);
  const auto [code, closed] = store.Close();
  EXPECT_EQ(code, RL_OK);
  for (int i = 0; i < 1100; ++i) {
    const Store other(nullptr, OptionList{{"reaper-interval-ms", "0"}});
  }
  EXPECT_EQ(batch.Add({"SET", "k", "v"}), RL_ERR_CLOSED);
  EXPECT_EQ(batch.Commit(), "code -12");
  EXPECT_EQ(batch.Commit(), "code -12");
}

}  // namespace
}  // namespace redislite::capi
