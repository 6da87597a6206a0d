// random_compare: random commands against RedisLite in process and a private redis-server, reply by reply.
//
//   random_compare [SEED [COMMANDS]]
//
// The run is cut into programs, each on empty stores. After some commands, and at a program's end, all keys are
// compared with their types, values and times to live; in every other program their encodings too. In the programs
// between, RedisLite is closed and opened, or crashed, again and again while Redis goes on: it must not show.
//
// Prints the seed, which repeats the run. Exit status: 0 all the same, 1 a difference, 77 no redis-server on this
// machine.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "generator.h"
#include "local_store.h"
#include "redis_server.h"

namespace vectors {
namespace {

constexpr int kProgram = 300;                // commands
const char* const kExchanged = "exchanged";  // no key of the generator's
constexpr int64_t kTimeSlackMs = 20'000;

std::string PrintWords(const Words& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + Quote(word);
  return out.size() <= 500 ? out : out.substr(0, 500) + "...";
}

void SortElements(Reply* reply) {
  std::sort(reply->elements.begin(), reply->elements.end(),
            [](const Reply& a, const Reply& b) { return Print(a) < Print(b); });
}

// HSCAN's flat list of fields and values, as pairs: the pairs may come in any order.
void Pair(Reply* flat) {
  Reply pairs;
  pairs.type = Reply::Type::kArray;
  for (size_t i = 0; i + 1 < flat->elements.size(); i += 2) {
    Reply pair;
    pair.type = Reply::Type::kArray;
    pair.elements = {flat->elements[i], flat->elements[i + 1]};
    pairs.elements.push_back(pair);
  }
  *flat = pairs;
}

bool Agree(const Drawn& drawn, Reply ours, Reply theirs) {
  // Redis reads a cursor more generously: a negative or empty one is some cursor to it.
  if (ours.is_error() && ours.text == "ERR invalid cursor") return true;
  // Before Redis 7.2 a missing key, or one of another type, hides bad arguments of these.
  if (ours.is_error() && (drawn.words[0] == "BITCOUNT" || drawn.words[0] == "BITPOS")) return true;
  // WITHSCORE came with Redis 7.2.
  if (ours.is_error() && (drawn.words[0] == "ZRANK" || drawn.words[0] == "ZREVRANK") && drawn.words.size() > 3) {
    return theirs.is_error();
  }
  if (ours.is_error() || theirs.is_error()) return Same(ours, theirs);
  switch (drawn.compare) {
    case Compare::kExactly:
      return Same(ours, theirs);
    case Compare::kUnordered:
      SortElements(&ours);
      SortElements(&theirs);
      return Same(ours, theirs);
    case Compare::kTwoUnordered:
      for (Reply* reply : {&ours, &theirs}) {
        if (reply->elements.size() != 2) return Same(ours, theirs);
        if (drawn.words[0] == "HSCAN" || drawn.words[0] == "ZSCAN") Pair(&reply->elements[1]);
        SortElements(&reply->elements[1]);
      }
      return Same(ours, theirs);
    case Compare::kTime:
      return ours.type == theirs.type && std::llabs(ours.integer - theirs.integer) <= kTimeSlackMs &&
             (ours.integer < 0) == (theirs.integer < 0);
    case Compare::kShape:
      return ours.type == theirs.type && ours.elements.size() == theirs.elements.size();
    case Compare::kEncoding:
      // Small lists and sets of strings are listpacks since Redis 7.2. An integer that INCRBYFLOAT made is kept as one
      // here; in Redis only after a restart. Setting bits to what they are changes nothing here, and makes a string raw
      // in Redis.
      return Same(ours, theirs) || (theirs.text == "raw" && (ours.text == "embstr" || ours.text == "int")) ||
             (theirs.text == "quicklist" && ours.text == "listpack") ||
             (theirs.text == "hashtable" && ours.text == "listpack") ||
             // SORT makes Redis' sorted set a skiplist, and a ZADD may that adds nothing; here both leave it alone.
             (theirs.text == "skiplist" && ours.text == "listpack") || (theirs.text == "embstr" && ours.text == "int");
  }
  return false;
}

class Comparison {
 public:
  Comparison(LocalStore& ours, RedisServer& theirs, uint64_t seed) : ours_(ours), theirs_(theirs), seed_(seed) {}

  // False: they differ, and it has been printed.
  bool RunProgram(uint64_t number, int commands) {
    std::string error;
    history_.clear();
    if (!ours_.Begin(&error) || !theirs_.Begin(&error)) return Fail(error);
    Generator generator(seed_ + number * 1'000'003);
    const bool reopening = number % 2 == 1;
    for (int i = 0; i < commands; ++i) {
      if (!Both(generator.Draw(), !reopening)) return false;
      if (reopening && generator.Below(40) == 0) {
        history_.push_back({"(reopened or crashed)"});
        const Target::Outcome outcome = generator.Below(2) == 0 ? ours_.Reopen(&error) : ours_.Crash(&error);
        if (outcome == Target::Outcome::kFailed) return Fail(error);
      }
      if ((generator.Below(60) == 0 || i + 1 == commands) && !SameKeys(!reopening)) return false;
    }
    return true;
  }

 private:
  bool Fail(const std::string& what) {
    std::printf("%s\nthe commands before, newest last:\n", what.c_str());
    const size_t begin = history_.size() > 25 ? history_.size() - 25 : 0;
    for (size_t i = begin; i < history_.size(); ++i) std::printf("    %s\n", PrintWords(history_[i]).c_str());
    return false;
  }

  bool Both(const Drawn& drawn, bool encodings) {
    if (drawn.compare == Compare::kEncoding && !encodings) return true;
    const Reply ours = ours_.Run(drawn.words), theirs = theirs_.Run(drawn.words);
    history_.push_back(drawn.words);
    if (Agree(drawn, ours, theirs)) return true;
    return Fail("> " + PrintWords(drawn.words) + "\n    redis-server " + Print(theirs).substr(0, 500) +
                "\n    RedisLite    " + Print(ours).substr(0, 500));
  }

  // The same for a look that changes nothing, and is not part of the history.
  bool Quietly(const Drawn& look, bool encodings) {
    const size_t before = history_.size();
    if (!Both(look, encodings)) return false;
    history_.resize(before);
    return true;
  }

  bool SameKeys(bool encodings) {
    const Drawn keys = {{"KEYS", "*"}, Compare::kUnordered};
    if (!Both(keys, encodings)) return false;
    for (const Reply& key : ours_.Run({"KEYS", "*"}).elements) {
      const std::string type = ours_.Run({"TYPE", key.text}).text;
      std::vector<Drawn> looks = {{{"TYPE", key.text}},
                                  {{"PEXPIRETIME", key.text}, Compare::kTime},
                                  {{"OBJECT", "ENCODING", key.text}, Compare::kEncoding}};
      if (type == "string") looks.push_back({{"GET", key.text}});
      if (type == "list") looks.push_back({{"LRANGE", key.text, "0", "-1"}});
      if (type == "hash") looks.push_back({{"HGETALL", key.text}});
      if (type == "zset") looks.push_back({{"ZRANGE", key.text, "0", "-1", "WITHSCORES"}});
      if (type == "set") looks.push_back({{"SMEMBERS", key.text}, Compare::kUnordered});
      for (const Drawn& look : looks) {
        if (!Quietly(look, encodings)) return false;
      }
      if (!SameWhenExchanged(key.text, looks, encodings)) return false;
    }
    return true;
  }

  // Each store restores what the other has dumped of the key; what they have then is the same again.
  bool SameWhenExchanged(const std::string& key, const std::vector<Drawn>& looks, bool encodings) {
    const Reply ours = ours_.Run({"DUMP", key}), theirs = theirs_.Run({"DUMP", key});
    const Reply here = ours_.Run({"RESTORE", kExchanged, "0", theirs.text});
    const Reply there = theirs_.Run({"RESTORE", kExchanged, "0", ours.text});
    history_.push_back({"(dumped and restored crosswise)", key});
    if (here.text != "OK") return Fail("RedisLite does not restore: " + Print(here) + " " + Print(theirs));
    if (there.text != "OK") return Fail("redis-server does not restore: " + Print(there) + " " + Print(ours));
    for (Drawn look : looks) {
      if (look.compare == Compare::kTime) continue;
      *std::find(look.words.begin(), look.words.end(), key) = kExchanged;
      if (!Quietly(look, encodings)) return false;
    }
    history_.pop_back();
    ours_.Run({"DEL", kExchanged});
    theirs_.Run({"DEL", kExchanged});
    return true;
  }

  LocalStore& ours_;
  RedisServer& theirs_;
  const uint64_t seed_;
  std::vector<Words> history_;
};

int Main(int argc, char** argv) {
  const uint64_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : std::random_device()();
  const int commands = argc > 2 ? std::atoi(argv[2]) : 6000;
  std::printf("to repeat: random_compare %llu %d\n", static_cast<unsigned long long>(seed), commands);
  if (!RedisServer::IsInstalled()) {
    std::printf("skipped: no redis-server on this machine\n");
    return 77;
  }
  const std::string directory = ScratchDirectory("random", true);
  RedisServer theirs(directory + "-redis");
  std::string error;
  if (!theirs.Start(&error)) {
    std::printf("%s\n", error.c_str());
    return 1;
  }
  LocalStore ours(directory, {{"appendfsync", "no"}}, LocalStore::Clock::kReal);
  Comparison comparison(ours, theirs, seed);
  int failures = 0;
  const int programs = (commands + kProgram - 1) / kProgram;
  for (int number = 0; number < programs && failures < 10; ++number) {
    if (comparison.RunProgram(static_cast<uint64_t>(number), kProgram)) continue;
    ++failures;
    std::printf("in program %d of seed %llu\n\n", number, static_cast<unsigned long long>(seed));
  }
  std::printf("redis-server %s: %d programs of %d commands, %d differ\n", theirs.Version().c_str(), programs, kProgram,
              failures);
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace vectors

int main(int argc, char** argv) { return vectors::Main(argc, argv); }
