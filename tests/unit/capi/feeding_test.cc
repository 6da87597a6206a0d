// Sessions that are fed together: nothing differs from feeding them one by one, but what it costs.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "capi/testing.h"
#include "tests/unit/capi/client.h"
#include "tests/unit/capi/failing_files.h"
#include "tests/unit/capi/store.h"

namespace redislite::capi {
namespace {

using Clients = std::vector<std::unique_ptr<Client>>;

Clients Connect(rl_db* db, size_t count) {
  Clients clients;
  for (size_t i = 0; i < count; ++i) clients.push_back(std::make_unique<Client>(db));
  return clients;
}

// inputs[i] is for clients[i]; the bytes are gone when this returns.
std::vector<int> FeedTogether(const Clients& clients, std::vector<std::string> inputs, int* outcome = nullptr) {
  std::vector<rl_session*> sessions;
  std::vector<const void*> bytes;
  std::vector<size_t> lens;
  for (size_t i = 0; i < clients.size(); ++i) {
    sessions.push_back(clients[i]->get());
    bytes.push_back(inputs[i].data());
    lens.push_back(inputs[i].size());
  }
  std::vector<int> codes(clients.size(), 77);
  const int code = rl_sessions_feed(sessions.data(), bytes.data(), lens.data(), sessions.size(), codes.data());
  if (outcome != nullptr) *outcome = code;
  return codes;
}

// A pipeline whose replies depend on nobody else: its keys are its own.
std::string Pipeline(Random& random, const std::string& own) {
  const auto key = [&] { return own + std::to_string(random.Below(3)); };
  std::string pipeline;
  for (uint64_t i = random.Below(6); i > 0; --i) {
    switch (random.Below(9)) {
      case 0:
      case 1:
        pipeline += Request({"SET", key(), std::string(random.Below(50), 'v')});
        break;
      case 2:
      case 3:
        pipeline += Request({"GET", key()});
        break;
      case 4:
        pipeline += "INCR " + key() + "\r\n";
        break;
      case 5:
        pipeline += Request({"MULTI"}) + Request({"APPEND", key(), "x"}) + Request({"GET", key()}) + Request({"EXEC"});
        break;
      case 6:
        pipeline += Request({"NOPE"});
        break;
      case 7:
        pipeline += Request({"WATCH", key()}) + Request({"PING"});
        break;
      default:
        pipeline += Request({"MGET", key(), key()}) + Request({"DEL", key()});
    }
  }
  return pipeline;
}

class Feeding : public testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<Store> Open(const std::string& name) {
    const std::string mode = GetParam();
    if (mode == "memory") return std::make_unique<Store>(nullptr);
    return std::make_unique<Store>((directory_ / name).c_str(), OptionList{{"appendfsync", mode}});
  }

 private:
  Directory directory_;
};
INSTANTIATE_TEST_SUITE_P(Stores, Feeding, testing::Values("memory", "always", "no"),
                         [](const auto& store) { return std::string(store.param); });

TEST_P(Feeding, ManySessionsAnswerAsEachWouldAlone) {
  constexpr size_t kClients = 9;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const auto together = Open("together" + std::to_string(seed));
    const auto alone = Open("alone" + std::to_string(seed));
    const Clients clients = Connect(*together, kClients);
    const Clients models = Connect(*alone, kClients);
    std::vector<std::string> left(kClients);  // of a pipeline that was cut
    for (int round = 0; round < 20; ++round) {
      std::vector<std::string> inputs;
      for (size_t i = 0; i < kClients; ++i) {
        std::string input = left[i] + Pipeline(random, std::to_string(i) + ":");
        const size_t cut = round == 19 || random.Below(3) != 0 ? input.size() : random.Below(input.size() + 1);
        left[i] = input.substr(cut);
        input.resize(cut);
        ASSERT_EQ(models[i]->Feed(input), RL_OK);
        inputs.push_back(input);
      }
      EXPECT_EQ(FeedTogether(clients, inputs), std::vector<int>(kClients, RL_OK));
    }
    for (size_t i = 0; i < kClients; ++i) {
      const std::string last = Request({"ECHO", "the end"});
      ASSERT_EQ(models[i]->Feed(last), RL_OK);
      ASSERT_EQ(clients[i]->Feed(last), RL_OK);
      std::string wanted;
      while (!wanted.ends_with("the end\r\n")) wanted += models[i]->Read(1);
      EXPECT_EQ(clients[i]->Read(wanted.size()), wanted) << "client " << i;
    }
  }
}

// More than one call takes at once.
TEST_P(Feeding, HundredsOfSessionsAreFed) {
  const auto store = Open("many");
  const Clients clients = Connect(*store, 300);
  std::vector<std::string> inputs;
  for (size_t i = 0; i < clients.size(); ++i) inputs.push_back(Request({i % 2 == 0 ? "INCR" : "GET", "n"}));
  int code = 77;
  EXPECT_EQ(FeedTogether(clients, inputs, &code), std::vector<int>(clients.size(), RL_OK));
  EXPECT_EQ(code, RL_OK);
  for (size_t i = 0; i < clients.size(); i += 2) {
    const std::string wanted = ":" + std::to_string(i / 2 + 1) + "\r\n";
    EXPECT_EQ(clients[i]->Read(wanted.size()), wanted);
  }
}

TEST_P(Feeding, WhoIsOverIsNamedAndTheOthersAreFed) {
  const auto store = Open("over");
  const Clients clients = Connect(*store, 4);
  clients[1]->Expect({"QUIT"}, "+OK\r\n");
  int code = 77;
  const std::string ping = Request({"PING"});
  // The third says nonsense: it is fed, answered, and over.
  EXPECT_EQ(FeedTogether(clients, {ping, ping, "*x\r\n", ping}, &code),
            (std::vector<int>{RL_OK, RL_ERR_CLOSED, RL_OK, RL_OK}));
  EXPECT_EQ(code, RL_ERR_CLOSED);
  EXPECT_EQ(clients[0]->Read(7), "+PONG\r\n");
  EXPECT_EQ(clients[3]->Read(7), "+PONG\r\n");
  EXPECT_EQ(FeedTogether(clients, {"", "", ping, ""}), (std::vector<int>{RL_OK, RL_ERR_CLOSED, RL_ERR_CLOSED, RL_OK}));
}

// One that waits for another of the same call has its element by the end of it.
TEST_P(Feeding, OneSessionsPushServesAnotherThatWaits) {
  const auto store = Open("waits");
  const Clients clients = Connect(*store, 3);
  FeedTogether(clients, {Request({"BLPOP", "l", "0"}), Request({"RPUSH", "l", "a", "b"}), Request({"SUBSCRIBE", "c"})});
  EXPECT_EQ(clients[1]->Read(4), ":2\r\n");
  EXPECT_EQ(clients[0]->Read(18), "*2\r\n$1\r\nl\r\n$1\r\na\r\n");
  EXPECT_EQ(clients[2]->Read(30), "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n");
  FeedTogether(clients, {Request({"PUBLISH", "c", "m"}), Request({"LPOP", "l"}), ""});
  EXPECT_EQ(clients[0]->Read(4), ":1\r\n");
  EXPECT_EQ(clients[1]->Read(7), "$1\r\nb\r\n");
  EXPECT_EQ(clients[2]->Read(31), "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nm\r\n");
}

TEST(SessionsFedTogether, WriteOnce) {
  const Directory directory;
  FailingFiles files;
  const Options options({{"appendfsync", "no"}, {"reaper-interval-ms", "0"}});
  SetFileSystem(options.get(), &files);
  const Store store((directory / "store").c_str(), options.get());
  const Clients clients = Connect(store, 100);
  const std::vector<std::string> inputs(clients.size(), Request({"INCR", "n"}));
  int before = files.writes;
  for (size_t i = 0; i < clients.size(); ++i) ASSERT_EQ(clients[i]->Feed(inputs[i]), RL_OK);
  EXPECT_GE(files.writes - before, 100);
  before = files.writes;
  FeedTogether(clients, inputs);
  EXPECT_LT(files.writes - before, 10);  // one, and what a pause has the log write beside it
  for (size_t i = 0; i < clients.size(); ++i) {
    const std::string wanted = ":" + std::to_string(i + 1) + "\r\n:" + std::to_string(i + 101) + "\r\n";
    EXPECT_EQ(clients[i]->Read(wanted.size()), wanted);
  }
}

TEST(SessionsFedTogether, RefuseBadCallsAndFeedNobody) {
  const Store store;
  const Store other;
  const Client client(store);
  const Client stranger(other);
  rl_session* sessions[] = {client.get(), client.get()};
  const void* bytes[] = {"PING\r\n", "PING\r\n"};
  size_t lens[] = {6, 6};
  int codes[] = {77, 77};
  EXPECT_EQ(rl_sessions_feed(nullptr, nullptr, nullptr, 0, nullptr), RL_OK);
  EXPECT_EQ(rl_sessions_feed(nullptr, bytes, lens, 2, codes), RL_ERR_INVALID);
  EXPECT_EQ(rl_sessions_feed(sessions, nullptr, lens, 2, codes), RL_ERR_INVALID);
  EXPECT_EQ(rl_sessions_feed(sessions, bytes, nullptr, 2, codes), RL_ERR_INVALID);
  EXPECT_NE(Message(store).find("lens is NULL"), std::string::npos);
  bytes[1] = nullptr;
  EXPECT_EQ(rl_sessions_feed(sessions, bytes, lens, 2, codes), RL_ERR_INVALID);
  EXPECT_NE(Message(store).find("bytes is NULL at 1"), std::string::npos);
  bytes[1] = bytes[0];
  sessions[1] = nullptr;
  EXPECT_EQ(rl_sessions_feed(sessions, bytes, lens, 2, codes), RL_ERR_INVALID);
  sessions[1] = stranger.get();
  EXPECT_EQ(rl_sessions_feed(sessions, bytes, lens, 2, codes), RL_ERR_INVALID);
  EXPECT_NE(Message(store).find("another store at 1"), std::string::npos);
  EXPECT_EQ(codes[0], 77);
  EXPECT_EQ(rl_session_pending(client.get()), 0);
  EXPECT_EQ(rl_sessions_feed(sessions, bytes, lens, 1, nullptr), RL_OK);
  EXPECT_EQ(rl_session_pending(client.get()), 1);
}

}  // namespace
}  // namespace redislite::capi
