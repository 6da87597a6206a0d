#include "generator.h"

#include <algorithm>
#include <cstdlib>
#include <map>

namespace vectors {
namespace {

constexpr int kKeys = 7, kFields = 6;

// Whether a key may end by this command while a program runs. The two stores are asked one after the other, and it
// might still be there for one of them.
bool EndsSoon(const Words& words) {
  static const std::map<std::string, int64_t> kUnitsMs = {{"EX", 1000},   {"PX", 1},       {"EXPIRE", 1000},
                                                          {"PEXPIRE", 1}, {"SETEX", 1000}, {"PSETEX", 1}};
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    const auto unit = kUnitsMs.find(words[i]);
    if (unit == kUnitsMs.end()) continue;
    const size_t at = unit->first.size() == 2 ? i + 1 : i + 2;  // behind an option, or behind the key
    const int64_t time = at < words.size() ? std::strtoll(words[at].c_str(), nullptr, 10) : 0;
    if (time > 0 && time < 3'600'000 / unit->second) return true;
  }
  return false;
}

}  // namespace

std::string Generator::Key() { return OneIn(12) ? "" : "k" + std::to_string(Below(kKeys)); }

std::string Generator::Field() {
  if (OneIn(15)) return "";
  if (OneIn(60)) return std::string(65, 'f');
  return "f" + std::to_string(Below(kFields));
}

std::string Generator::Integer() {
  static const std::vector<std::string> kEdges = {"0",
                                                  "-1",
                                                  "9223372036854775807",
                                                  "-9223372036854775808",
                                                  "9223372036854775806",
                                                  "9223372036854775808",
                                                  "-9223372036854775809",
                                                  "4611686018427387904",
                                                  "127",
                                                  "-129",
                                                  "32768",
                                                  "8388608",
                                                  "2147483648",
                                                  "-2147483649"};
  static const std::vector<std::string> kBad = {"", "abc", "1.5", " 1", "1 ", "+1", "01", "-0", "0x10", "1e3", "--1"};
  if (OneIn(4)) return Pick(kEdges);
  if (OneIn(12)) return Pick(kBad);
  return std::to_string(static_cast<int64_t>(Below(200)) - 100);
}

std::string Generator::Index() {
  if (OneIn(8)) return Integer();
  return std::to_string(static_cast<int64_t>(Below(14)) - 7);
}

std::string Generator::Float() {
  static const std::vector<std::string> kFloats = {"0",
                                                   "1.5",
                                                   "-1.5",
                                                   "0.1",
                                                   "3.0e3",
                                                   "1e-5",
                                                   "0.333333333333333333",
                                                   "-0",
                                                   "5",
                                                   "1e17",
                                                   "10.50",
                                                   "1e18",
                                                   "-3.14159265358979",
                                                   "",
                                                   "abc",
                                                   "nan",
                                                   "inf",
                                                   "-inf",
                                                   " 1",
                                                   "1 ",
                                                   "1.5x"};
  return OneIn(3) ? Integer() : Pick(kFloats);
}

std::string Generator::BitOffset() {
  if (OneIn(12)) return Pick({"-1", "abc", "", "4294967296", "1.5", "#1", "9223372036854775807"});
  return std::to_string(Below(OneIn(4) ? 3000 : 70));
}

std::string Generator::Value() {
  switch (Below(12)) {
    case 0:
      return "";
    case 1:
    case 2:
      return Integer();
    case 3:
      return Float();
    case 4:
      return std::string(1 + Below(3), '\0') + "\xff\r\n";
    case 5:
      return std::string(43 + Below(4), 'e');
    case 6:
      return std::string(63 + Below(4), 'h');
    case 7:
      return OneIn(5) ? std::string(8180 + Below(40), 'l') : "short";
    case 8:
      return std::string(Below(400), static_cast<char>('a' + Below(26)));
    default:
      return "v" + std::to_string(Below(8));
  }
}

std::string Generator::Seconds() { return std::to_string(100'000 + (++drawn_times_ * 7919) % 100'003); }

std::string Generator::UnixTime() { return std::to_string(4'102'444'800 + (++drawn_times_ * 7919) % 100'003); }

void Generator::Maybe(Words* words, const std::vector<std::string>& options) {
  if (!OneIn(3)) words->push_back(Pick(options));
}

void Generator::MaybeExpiry(Words* words) {
  switch (Below(12)) {
    case 0:
      words->insert(words->end(), {"EX", Seconds()});
      break;
    case 1:
      words->insert(words->end(), {"PX", Seconds() + "000"});
      break;
    case 2:
      words->insert(words->end(), {"EXAT", UnixTime()});
      break;
    case 3:
      words->insert(words->end(), {"PXAT", UnixTime() + "123"});
      break;
    case 4:
      words->insert(words->end(),
                    {Pick({"EX", "PX", "EXAT", "PXAT"}), Pick({"0", "-1", "abc", "", "9223372036854775807"})});
      break;
    case 5:
      words->insert(words->end(), {Pick({"EXAT", "PXAT"}), "1"});
      break;
    case 6:
      words->push_back(Pick({"KEEPTTL", "PERSIST", "EX", "nosuch"}));
      break;
    default:
      break;
  }
}

Drawn Generator::Keys() {
  switch (Below(18)) {
    case 0:
      return {{"DEL", Key()}};
    case 1:
      return {{"UNLINK", Key(), Key(), Key()}};
    case 2:
      return {{"EXISTS", Key(), Key(), Key()}};
    case 3:
      return {{"TYPE", Key()}};
    case 4:
      return {{"KEYS", Pick({"*", "k?", "k[1-3]", "k[^2]", "nothing", "k*", "\\k1", "k[12", "*1", "?*"})},
              Compare::kUnordered};
    case 5: {
      Drawn out = {{"SCAN", "0", "COUNT", "100000"}, Compare::kTwoUnordered};
      if (OneIn(3)) out.words.insert(out.words.end(), {"MATCH", Pick({"*", "k[1-3]", "x"})});
      if (OneIn(3))
        out.words.insert(out.words.end(), {"TYPE", Pick({"string", "list", "hash", "set", "zset", "nosuch"})});
      return out;
    }
    case 6:
      return {{"RANDOMKEY"}, Compare::kShape};
    case 7:
    case 8:
      return {{"RENAME", Key(), Key()}};
    case 9:
      return {{"RENAMENX", Key(), Key()}};
    case 10:
    case 11: {
      Drawn out = {{"COPY", Key(), Key()}};
      if (OneIn(3)) out.words.insert(out.words.end(), {"DB", Pick({"0", "1", "15", "16", "-1", "x"})});
      if (OneIn(2)) out.words.push_back("REPLACE");
      return out;
    }
    case 12:
      return {{"MOVE", Key(), Pick({"0", "1", "1", "1", "15", "16", "abc"})}};
    case 13:
      return {{"TOUCH", Key(), Key()}};
    case 14:
      // Redis counts keys that have expired and that it has not removed yet.
      return {{"DBSIZE"}, Compare::kShape};
    case 15:
      return OneIn(3) ? Drawn{{"SWAPDB", "0", Pick({"1", "0", "15", "16"})}}
                      : Drawn{{"OBJECT", "ENCODING", Key()}, Compare::kEncoding};
    case 16:
      return OneIn(40) ? Drawn{{Pick({"FLUSHDB", "FLUSHALL"})}} : Drawn{{"OBJECT", "REFCOUNT", Key()}, Compare::kShape};
    default:
      return {{"OBJECT", "ENCODING", Key()}, Compare::kEncoding};
  }
}

Drawn Generator::Strings() {
  switch (Below(24)) {
    case 0:
    case 1:
    case 2: {
      Drawn out = {{"SET", Key(), Value()}};
      if (OneIn(4)) out.words.push_back(Pick({"NX", "XX", "GET", "nx"}));
      MaybeExpiry(&out.words);
      if (OneIn(6)) out.words.push_back(Pick({"NX", "XX", "GET", "KEEPTTL"}));
      return out;
    }
    case 3:
      return {{"GET", Key()}};
    case 4:
      return {{"GETDEL", Key()}};
    case 5: {
      Drawn out = {{"GETEX", Key()}};
      MaybeExpiry(&out.words);
      return out;
    }
    case 6:
      return {{"GETSET", Key(), Value()}};
    case 7:
      return {{"SETNX", Key(), Value()}};
    case 8:
      return {{"SETEX", Key(), OneIn(5) ? Integer().substr(0, 1) + "x" : Seconds(), Value()}};
    case 9:
      return {{"PSETEX", Key(), OneIn(5) ? "0" : Seconds() + "000", Value()}};
    case 10:
      return {{"MGET", Key(), Key(), Key()}};
    case 11:
      return {{"MSET", Key(), Value(), Key(), Value()}};
    case 12:
      return {{"MSETNX", Key(), Value(), Key(), Value()}};
    case 13:
      // Appending nothing changes nothing here; Redis makes the string raw by it.
      return {{"APPEND", Key(), Value() + "."}};
    case 14:
      return {{"STRLEN", Key()}};
    case 15:
      return {{Pick({"GETRANGE", "SUBSTR"}), Key(), Index(), Index()}};
    case 16:
      return {{"SETRANGE", Key(),
               OneIn(8) ? Pick({"-1", "abc", "536870912", "9223372036854775807"}) : std::to_string(Below(60)),
               Value()}};
    case 17:
      return {{Pick({"INCR", "DECR"}), Key()}};
    case 18:
    case 19:
      return {{Pick({"INCRBY", "DECRBY"}), Key(), Integer()}};
    case 20:
    case 21:
      return {{"INCRBYFLOAT", Key(), Float()}};
    case 22:
      return {{"SET", Key(), Integer()}};
    default: {
      Drawn out = {{"LCS", Key(), Key()}};
      if (OneIn(2)) out.words.push_back(Pick({"LEN", "IDX"}));
      if (OneIn(3)) out.words.insert(out.words.end(), {"MINMATCHLEN", Pick({"0", "2", "5", "x"})});
      if (OneIn(3)) out.words.push_back("WITHMATCHLEN");
      return out;
    }
  }
}

Drawn Generator::Bits() {
  const std::vector<std::string> units = {"BIT", "BYTE", "bit", "nosuch"};
  switch (Below(10)) {
    case 0:
    case 1:
      return {{"SETBIT", Key(), BitOffset(), OneIn(12) ? Integer() : Pick({"0", "1", "1"})}};
    case 2:
      return {{"GETBIT", Key(), BitOffset()}};
    case 3: {
      Drawn out = {{"BITCOUNT", Key()}};
      if (!OneIn(4)) out.words.insert(out.words.end(), {Index(), Index()});
      if (OneIn(2)) Maybe(&out.words, units);
      return out;
    }
    case 4:
    case 5: {
      Drawn out = {{"BITPOS", Key(), OneIn(12) ? Integer() : Pick({"0", "1"})}};
      if (!OneIn(4)) out.words.push_back(Index());
      if (!OneIn(3)) out.words.push_back(Index());
      if (OneIn(2)) Maybe(&out.words, units);
      return out;
    }
    case 6: {
      Drawn out = {{"BITOP", Pick({"AND", "OR", "XOR", "NOT", "and", "nosuch"}), Key(), Key()}};
      if (!OneIn(3)) out.words.push_back(Key());
      if (OneIn(3)) out.words.push_back(Key());
      return out;
    }
    default: {
      Drawn out = {{OneIn(6) ? "BITFIELD_RO" : "BITFIELD", Key()}};
      for (uint64_t i = Below(4); i > 0; --i) {
        if (OneIn(3)) out.words.insert(out.words.end(), {"OVERFLOW", Pick({"WRAP", "SAT", "FAIL", "sat", "nosuch"})});
        const std::string what = Pick({"GET", "SET", "INCRBY", "incrby"});
        const std::string type =
            OneIn(20) ? Pick({"u64", "i65", "u0", "x1", "8", "u"}) : Pick({"u", "i"}) + std::to_string(1 + Below(63));
        out.words.insert(out.words.end(),
                         {what, OneIn(9) ? "i64" : type, OneIn(3) ? "#" + std::to_string(Below(9)) : BitOffset()});
        if (what != "GET") out.words.push_back(Integer());
      }
      return out;
    }
  }
}

Drawn Generator::Sorting() {
  Drawn out = {{OneIn(4) ? "SORT_RO" : "SORT", Key()}};
  // What is sorted by the same bytes of other keys, and a set that is not sorted, Redis leaves in any order.
  const std::string by = Pick({"nosort", "k1", "#", "k*", "*"});
  if (OneIn(3)) {
    out.words.push_back("ALPHA");
  } else if (OneIn(2)) {
    out.words.insert(out.words.end(), {"BY", by});
  }
  const bool sorted = out.words.size() < 4 || by.back() == '*';
  const bool limited = OneIn(3);
  if (limited) out.words.insert(out.words.end(), {"LIMIT", Index(), Index()});
  if (OneIn(3)) out.words.push_back(Pick({"ASC", "DESC", "desc", "nosuch"}));
  while (OneIn(3)) out.words.insert(out.words.end(), {"GET", Pick({"#", "k*", "*", "k1", "k*->f1"})});
  if (OneIn(3)) {
    out.words.insert(out.words.end(), {"STORE", Key()});
  } else if (!sorted) {
    out.compare = limited ? Compare::kShape : Compare::kUnordered;
  }
  return out;
}

// On keys of their own: of damaged ones, which other commands would make, Redis notices less.
Drawn Generator::HyperLogLogs() {
  const auto key = [&] { return OneIn(20) ? Key() : "p" + std::to_string(Below(4)); };
  const std::string written = "p" + std::to_string(Below(4));
  switch (Below(8)) {
    case 0:
    case 1:
    case 2:
    case 3: {
      // Often enough elements to fill a sparse one, sometimes to make it dense.
      Drawn out = {{"PFADD", written}};
      for (uint64_t i = Below(OneIn(3) ? 400 : 6); i > 0; --i)
        out.words.push_back(OneIn(9) ? Value() : std::to_string(Below(100'000)));
      return out;
    }
    case 4:
    case 5: {
      // Of a single key Redis writes the count into the string, which a reader does not do here.
      Drawn out = {{"PFCOUNT", key(), key()}};
      if (OneIn(3)) out.words.push_back(key());
      return out;
    }
    default: {
      Drawn out = {{"PFMERGE", written}};
      for (uint64_t i = Below(4); i > 0; --i) out.words.push_back(key());
      return out;
    }
  }
}

// Never the same twice: what is equally far away Redis leaves in any order.
std::string Generator::Coordinate(int64_t center) {
  if (OneIn(40)) return Pick({"180", "-180", "85.05112878", "-85.06", "0", "x", "inf", "1e300", "nan", ""});
  const int64_t degrees = center + static_cast<int64_t>(Below(OneIn(5) ? 80 : 4));
  return std::to_string(degrees) + "." + std::to_string(10'000 + (++drawn_times_ * 7919) % 80'021);
}

// On keys of their own, whose scores are places.
Drawn Generator::Geo() {
  const auto key = [&] { return OneIn(20) ? Key() : "g" + std::to_string(Below(3)); };
  const auto unit = [&] { return OneIn(30) ? Value() : Pick({"m", "km", "KM", "ft", "mi"}); };
  const auto size = [&] { return OneIn(20) ? Float() : std::to_string(Below(OneIn(3) ? 9'000'000 : 600)); };
  const std::string written = "g" + std::to_string(Below(3));
  const int64_t east = std::stoll(Pick({"-181", "-160", "-20", "-1", "13", "178"}));
  const int64_t north = std::stoll(Pick({"-84", "-66", "-20", "-1", "40", "80"}));
  const auto place = [&] { return Words{Coordinate(east), Coordinate(north)}; };
  const auto add = [&](Words* words, const Words& more) { words->insert(words->end(), more.begin(), more.end()); };
  const auto options = [&](Words* words, bool may_write) {
    if (!may_write && OneIn(3)) words->push_back("WITHDIST");
    if (!may_write && OneIn(3)) words->push_back("WITHCOORD");
    if (!may_write && OneIn(3)) words->push_back("withhash");
    if (OneIn(2)) words->push_back(Pick({"ASC", "DESC", "asc", "ASC", "nosuch"}));
    if (OneIn(3)) add(words, {"COUNT", Pick({"1", "2", "5", "0", "x"})});
    if (OneIn(8)) words->push_back("ANY");
  };
  switch (Below(12)) {
    case 0:
    case 1:
    case 2:
    case 3: {
      Drawn out = {{"GEOADD", written}};
      if (OneIn(4)) out.words.push_back(Pick({"NX", "XX", "CH", "ch"}));
      for (uint64_t i = 1 + Below(OneIn(8) ? 150 : 5); i > 0; --i) {
        add(&out.words, place());
        add(&out.words, {OneIn(2) ? Field() : "m" + std::to_string(Below(300))});
      }
      return out;
    }
    case 4:
      return {{Pick({"GEOPOS", "GEOHASH"}), key(), Field(), Field(), "m" + std::to_string(Below(300))}};
    case 5: {
      Drawn out = {{"GEODIST", key(), Field(), Field()}};
      if (OneIn(2)) out.words.push_back(unit());
      return out;
    }
    case 6:
    case 7: {
      Drawn out = {{Pick({"GEORADIUS", "GEORADIUS_RO"}), key()}};
      add(&out.words, place());
      add(&out.words, {size(), unit()});
      if (OneIn(2)) out.words = {Pick({"GEORADIUSBYMEMBER", "GEORADIUSBYMEMBER_RO"}), key(), Field(), size(), unit()};
      const bool stores = OneIn(3);
      options(&out.words, stores);
      if (stores) add(&out.words, {"STORE", written});
      if (OneIn(9)) add(&out.words, {"STOREDIST", "d0"});
      return out;
    }
    default: {
      const bool stores = OneIn(3);
      Drawn out = {{"GEOSEARCH", key()}};
      if (stores) out.words = {"GEOSEARCHSTORE", written, key()};
      if (OneIn(2)) add(&out.words, {"FROMMEMBER", Field()});
      if (out.words.size() < 4 || OneIn(20)) {
        out.words.push_back("FROMLONLAT");
        add(&out.words, place());
      }
      if (OneIn(2)) add(&out.words, {"BYRADIUS", size(), unit()});
      if (out.words.back() != "km" || OneIn(20)) add(&out.words, {"BYBOX", size(), size(), unit()});
      options(&out.words, stores);
      if (stores && OneIn(5)) {
        out.words[1] = "d1";
        out.words.push_back("STOREDIST");
      }
      return out;
    }
  }
}

Drawn Generator::Lists() {
  const std::string side = Pick({"LEFT", "RIGHT", "left", "Right"}), other = Pick({"LEFT", "RIGHT"});
  switch (Below(22)) {
    case 0:
    case 1:
    case 2:
    case 3: {
      Drawn out = {{Pick({"LPUSH", "RPUSH"}), Key()}};
      for (uint64_t i = 1 + Below(OneIn(10) ? 40 : 4); i > 0; --i) out.words.push_back(Value());
      return out;
    }
    case 4:
      return {{Pick({"LPUSHX", "RPUSHX"}), Key(), Value(), Value()}};
    case 5:
      return {{Pick({"LPOP", "RPOP"}), Key()}};
    case 6:
      return {{Pick({"LPOP", "RPOP"}), Key(), OneIn(6) ? Integer() : std::to_string(Below(6))}};
    case 7:
      return {{"LLEN", Key()}};
    case 8:
    case 9:
      return {{"LRANGE", Key(), Index(), Index()}};
    case 10:
      return {{"LINDEX", Key(), Index()}};
    case 11:
      return {{"LSET", Key(), Index(), Value()}};
    case 12:
    case 13:
      return {{"LINSERT", Key(), Pick({"BEFORE", "AFTER", "after", "beside"}), Value(), Value()}};
    case 14:
    case 15:
      return {{"LREM", Key(), Index(), Value()}};
    case 16:
      return {{"LTRIM", Key(), Index(), Index()}};
    case 17: {
      Drawn out = {{"LPOS", Key(), Value()}};
      if (OneIn(2))
        out.words.insert(out.words.end(), {"RANK", Pick({"1", "2", "-1", "-2", "0", "x", "9223372036854775807"})});
      if (OneIn(2)) out.words.insert(out.words.end(), {"COUNT", Pick({"0", "1", "2", "-1", "x"})});
      if (OneIn(3)) out.words.insert(out.words.end(), {"MAXLEN", Pick({"0", "1", "5", "-1"})});
      return out;
    }
    case 18:
    case 19:
      return {{"LMOVE", Key(), Key(), side, other}};
    case 20:
      return {{"RPOPLPUSH", Key(), Key()}};
    default: {
      Drawn out = {{"LMPOP", Pick({"1", "2", "2", "0", "3", "x"}), Key(), Key(), side}};
      if (OneIn(2)) out.words.insert(out.words.end(), {"COUNT", Pick({"1", "3", "0", "-1", "x"})});
      return out;
    }
  }
}

Drawn Generator::Hashes() {
  switch (Below(18)) {
    case 0:
    case 1:
    case 2: {
      Drawn out = {{Pick({"HSET", "HSET", "HMSET"}), Key()}};
      for (uint64_t i = 1 + Below(4); i > 0; --i) out.words.insert(out.words.end(), {Field(), Value()});
      if (OneIn(20)) out.words.pop_back();
      return out;
    }
    case 3: {
      // Enough fields, now and then, to leave the packed form.
      Drawn out = {{"HSET", Key()}};
      const uint64_t count = OneIn(4) ? 514 : 3;
      for (uint64_t i = 0; i < count; ++i)
        out.words.insert(out.words.end(), {"n" + std::to_string(i), std::to_string(i)});
      return out;
    }
    case 4:
      return {{"HSETNX", Key(), Field(), Value()}};
    case 5:
      return {{"HGET", Key(), Field()}};
    case 6:
      return {{"HMGET", Key(), Field(), Field(), Field()}};
    case 7:
      return {{"HGETALL", Key()}};
    case 8:
      return {{Pick({"HKEYS", "HVALS"}), Key()}, Compare::kUnordered};
    case 9:
      return {{"HLEN", Key()}};
    case 10:
      return {{"HSTRLEN", Key(), Field()}};
    case 11:
      return {{"HEXISTS", Key(), Field()}};
    case 12:
      return {{"HDEL", Key(), Field(), Field()}};
    case 13:
    case 14:
      return {{"HINCRBY", Key(), Field(), Integer()}};
    case 15:
      return {{"HINCRBYFLOAT", Key(), Field(), Float()}};
    case 16: {
      Drawn out = {{"HRANDFIELD", Key()}, Compare::kShape};
      if (OneIn(2)) out.words.push_back(Pick({"1", "3", "100", "-3", "0", "x", "-9223372036854775808"}));
      if (OneIn(2)) out.words.push_back("WITHVALUES");
      return out;
    }
    default:
      return {{"HSCAN", Key(), "0", "COUNT", "100000", "MATCH", Pick({"*", "f[1-3]", "n1*", ""})},
              Compare::kTwoUnordered};
  }
}

Drawn Generator::Sets() {
  const auto member = [this] { return OneIn(3) ? Integer() : OneIn(4) ? Value() : Field(); };
  switch (Below(20)) {
    case 0:
    case 1:
    case 2: {
      Drawn out = {{"SADD", Key()}};
      for (uint64_t i = 1 + Below(4); i > 0; --i) out.words.push_back(member());
      return out;
    }
    case 3: {
      // Enough members, now and then, to leave the small forms.
      Drawn out = {{"SADD", Key()}};
      const uint64_t count = OneIn(3) ? 514 : 127;
      const std::string prefix = Pick({"", "", "m"});
      for (uint64_t i = 0; i < count; ++i) out.words.push_back(prefix + std::to_string(i));
      return out;
    }
    case 4:
    case 5:
      return {{"SREM", Key(), member(), member()}};
    case 6:
    case 7:
      return {{"SMOVE", Key(), Key(), member()}};
    case 8:
      return {{"SISMEMBER", Key(), member()}};
    case 9:
      return {{"SMISMEMBER", Key(), member(), member(), member()}};
    case 10:
      return {{"SCARD", Key()}};
    case 11:
      return {{"SMEMBERS", Key()}, Compare::kUnordered};
    case 12:
    case 13:
      return {{Pick({"SINTER", "SUNION", "SDIFF"}), Key(), Key(), Key()}, Compare::kUnordered};
    case 14:
    case 15:
    case 16:
      return {{Pick({"SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE"}), Key(), Key(), Key()}};
    case 17: {
      Drawn out = {{"SINTERCARD", Pick({"1", "2", "2", "2", "3", "0", "x"}), Key(), Key()}};
      if (OneIn(2)) out.words.insert(out.words.end(), {"LIMIT", Pick({"0", "1", "2", "-1", "x"})});
      return out;
    }
    case 18: {
      Drawn out = {{"SRANDMEMBER", Key()}, Compare::kShape};
      if (OneIn(2)) out.words.push_back(Pick({"1", "3", "100", "-3", "0", "x", "-9223372036854775808"}));
      return out;
    }
    default:
      // Two stores do not draw the same members: only pops whose outcome is one.
      if (OneIn(4)) return {{"SPOP", Key(), Pick({"0", "-1", "x", "9223372036854775807"})}, Compare::kUnordered};
      return {{"SSCAN", Key(), "0", "COUNT", "100000", "MATCH", Pick({"*", "f[1-3]", "1*", ""})},
              Compare::kTwoUnordered};
  }
}

// Few different ones, so that ranges meet and ties are broken; halves, which every sum has exactly.
std::string Generator::Score() {
  if (OneIn(10)) return Pick({"inf", "-inf", "nan", "abc", "", "-0", "1e5", "0x10", " 1", "1 ", "+inf", "1e400"});
  const auto half = static_cast<int64_t>(Below(40)) - 20;
  return std::to_string(half / 2) + (half % 2 == 0 ? "" : ".5");
}

Drawn Generator::SortedSets() {
  const auto member = [this] { return OneIn(5) ? Value() : Field(); };
  const auto bound = [this] { return OneIn(3) ? "(" + Score() : Score(); };
  const auto lex = [this] { return OneIn(4) ? Pick({"-", "+", "", "x", "[", "(", "-x"}) : Pick({"[", "("}) + Field(); };
  // Ranges of members are for members of one score; what they make of others is nobody's business.
  const auto lex_key = [this] { return "lex" + std::to_string(Below(2)); };
  const auto limit = [this](Words* words) {
    if (OneIn(3)) {
      words->insert(words->end(), {"LIMIT", Pick({"0", "1", "2", "-1", "x", "100"}), Pick({"-1", "1", "3", "0", "x"})});
    }
  };
  const auto sources = [this](Words* words, bool may_weigh) {
    const uint64_t count = 1 + Below(3);
    words->push_back(OneIn(15) ? Pick({"0", "-1", "x", "5"}) : std::to_string(count));
    for (uint64_t i = 0; i < count; ++i) words->push_back(Key());
    if (may_weigh && OneIn(3)) {
      words->push_back("WEIGHTS");
      for (uint64_t i = 0; i < count; ++i) words->push_back(OneIn(10) ? Score() : Pick({"1", "2", "-1", "0.5", "0"}));
    }
    if (may_weigh && OneIn(3)) words->insert(words->end(), {"AGGREGATE", Pick({"SUM", "MIN", "max", "avg"})});
  };
  switch (Below(30)) {
    case 0:
    case 1:
    case 2:
    case 3: {
      Drawn out = {{"ZADD", Key()}};
      while (OneIn(3)) out.words.push_back(Pick({"NX", "XX", "GT", "LT", "CH", "INCR", "ch"}));
      for (uint64_t i = OneIn(2) ? 1 : 1 + Below(4); i > 0; --i) {
        out.words.insert(out.words.end(), {Score(), member()});
      }
      return out;
    }
    case 4: {
      // Enough members, now and then, to leave the packed form.
      Drawn out = {{"ZADD", Key()}};
      const uint64_t count = OneIn(3) ? 150 : 127;
      for (uint64_t i = 0; i < count; ++i) {
        out.words.insert(out.words.end(), {std::to_string(i % 20), "n" + std::to_string(i)});
      }
      return out;
    }
    case 5:
      if (OneIn(2)) return {{"ZADD", lex_key(), "0", member(), "0", member(), "0", member()}};
      return {{"ZINCRBY", Key(), Score(), member()}};
    case 6:
    case 7:
      return {{"ZREM", Key(), member(), member()}};
    case 8:
      return {{"ZSCORE", Key(), member()}};
    case 9:
      return {{"ZMSCORE", Key(), member(), member()}};
    case 10:
      return {{"ZCARD", Key()}};
    case 11:
      return {{"ZCOUNT", Key(), bound(), bound()}};
    case 12:
      return {{"ZLEXCOUNT", lex_key(), lex(), lex()}};
    case 13:
      return {{Pick({"ZRANK", "ZREVRANK"}), Key(), member()}};
    case 14:
    case 15: {
      Drawn out = {{Pick({"ZRANGE", "ZREVRANGE"}), Key(), Index(), Index()}};
      if (OneIn(2)) out.words.push_back(Pick({"WITHSCORES", "REV", "BYLEX", "nosuch"}));
      return out;
    }
    case 16:
    case 17: {
      Drawn out = {{Pick({"ZRANGEBYSCORE", "ZREVRANGEBYSCORE"}), Key(), bound(), bound()}};
      limit(&out.words);
      if (OneIn(2)) out.words.push_back("WITHSCORES");
      return out;
    }
    case 18: {
      Drawn out = {{Pick({"ZRANGEBYLEX", "ZREVRANGEBYLEX"}), lex_key(), lex(), lex()}};
      limit(&out.words);
      return out;
    }
    case 19: {
      const bool by_lex = OneIn(2);
      Drawn out = {{"ZRANGE", by_lex ? lex_key() : Key(), by_lex ? lex() : bound(), by_lex ? lex() : bound(),
                    by_lex ? "BYLEX" : "BYSCORE"}};
      if (OneIn(2)) out.words.push_back("REV");
      limit(&out.words);
      return out;
    }
    case 20: {
      Drawn out = {{"ZRANGESTORE", Key(), Key(), Index(), Index()}};
      if (OneIn(2)) {
        out.words = {"ZRANGESTORE", Key(), Key(), bound(), bound(), "BYSCORE"};
        limit(&out.words);
      }
      if (OneIn(3)) out.words.push_back("REV");
      return out;
    }
    case 21:
      return {{"ZREMRANGEBYRANK", Key(), Index(), Index()}};
    case 22:
      return {{"ZREMRANGEBYSCORE", Key(), bound(), bound()}};
    case 23:
      return {{"ZREMRANGEBYLEX", lex_key(), lex(), lex()}};
    case 24: {
      Drawn out = {{Pick({"ZPOPMIN", "ZPOPMAX"}), Key()}};
      if (OneIn(2)) out.words.push_back(Pick({"1", "3", "0", "-1", "x"}));
      return out;
    }
    case 25: {
      Drawn out = {{"ZMPOP", Pick({"1", "2", "2", "0", "3", "x"}), Key(), Key(), Pick({"MIN", "MAX", "min", "x"})}};
      if (OneIn(2)) out.words.insert(out.words.end(), {"COUNT", Pick({"1", "3", "0", "-1", "x"})});
      return out;
    }
    case 26: {
      Drawn out = {{Pick({"ZUNION", "ZINTER", "ZDIFF"})}};
      sources(&out.words, out.words[0] != "ZDIFF" || OneIn(8));
      if (OneIn(2)) out.words.push_back("WITHSCORES");
      return out;
    }
    case 27: {
      Drawn out = {{Pick({"ZUNIONSTORE", "ZINTERSTORE", "ZDIFFSTORE"}), Key()}};
      sources(&out.words, out.words[0] != "ZDIFFSTORE" || OneIn(8));
      return out;
    }
    case 28: {
      Drawn out = {{"ZINTERCARD"}};
      sources(&out.words, false);
      if (OneIn(2)) out.words.insert(out.words.end(), {"LIMIT", Pick({"0", "1", "2", "-1", "x"})});
      return out;
    }
    default: {
      if (OneIn(2)) {
        return {{"ZSCAN", Key(), "0", "COUNT", "100000", "MATCH", Pick({"*", "f[1-3]", "n1*", ""})},
                Compare::kTwoUnordered};
      }
      Drawn out = {{"ZRANDMEMBER", Key()}, Compare::kShape};
      if (OneIn(2)) out.words.push_back(Pick({"1", "3", "100", "-3", "0", "x", "-9223372036854775808"}));
      if (OneIn(2)) out.words.push_back("WITHSCORES");
      return out;
    }
  }
}

Drawn Generator::Expiry() {
  const std::vector<std::string> conditions = {"NX", "XX", "GT", "LT", "gt", "nosuch"};
  switch (Below(12)) {
    case 0:
    case 1: {
      Drawn out = {{"EXPIRE", Key(), OneIn(6) ? Integer() : Seconds()}};
      if (OneIn(2)) Maybe(&out.words, conditions);
      return out;
    }
    case 2: {
      Drawn out = {{"PEXPIRE", Key(), Seconds() + "000"}};
      Maybe(&out.words, conditions);
      return out;
    }
    case 3: {
      Drawn out = {{"EXPIREAT", Key(),
                    OneIn(8) ? Pick({"0", "1", "-1", "abc", "9223372036854775807", "9223372036854775"}) : UnixTime()}};
      Maybe(&out.words, conditions);
      if (OneIn(3)) Maybe(&out.words, conditions);
      return out;
    }
    case 4: {
      Drawn out = {{"PEXPIREAT", Key(), OneIn(8) ? Pick({"0", "1", "-1", "9223372036854775807"}) : UnixTime() + "500"}};
      Maybe(&out.words, conditions);
      return out;
    }
    case 5:
    case 6:
      return {{"TTL", Key()}, Compare::kTime};
    case 7:
      return {{"PTTL", Key()}, Compare::kTime};
    case 8:
      return {{"EXPIRETIME", Key()}, Compare::kTime};
    case 9:
      return {{"PEXPIRETIME", Key()}, Compare::kTime};
    default:
      return {{"PERSIST", Key()}};
  }
}

// A good command with a word too many, too few, or another in its place.
Drawn Generator::Nonsense() {
  Drawn out = OneIn(2)   ? Strings()
              : OneIn(5) ? Bits()
              : OneIn(4) ? Lists()
              : OneIn(3) ? Hashes()
              : OneIn(2) ? Sets()
                         : SortedSets();
  switch (Below(3)) {
    case 0:
      out.words.push_back(Value());
      break;
    case 1:
      if (out.words.size() > 1) out.words.pop_back();
      break;
    default:
      out.words[Below(out.words.size())] = OneIn(2) ? Integer() : Value();
  }
  // It may have become any command that takes these words; what is random stays so.
  return out;
}

Drawn Generator::Draw() {
  Drawn drawn = DrawAny();
  while (EndsSoon(drawn.words)) drawn = DrawAny();
  return drawn;
}

Drawn Generator::DrawAny() {
  const uint64_t kind = Below(100);
  if (kind < 15) return Keys();
  if (kind < 28) return Strings();
  if (kind < 33) return Bits();
  if (kind < 35) return Sorting();
  if (kind < 38) return HyperLogLogs();
  if (kind < 43) return Geo();
  if (kind < 53) return Lists();
  if (kind < 62) return Hashes();
  if (kind < 71) return Sets();
  if (kind < 85) return SortedSets();
  if (kind < 96) return Expiry();
  return Nonsense();
}

}  // namespace vectors
