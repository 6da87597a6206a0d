#include "key_record.h"

#include <gtest/gtest.h>

namespace redislite::cli {
namespace {

KeyRecord Parse(std::string_view line) {
  KeyRecord record;
  std::string error;
  EXPECT_TRUE(ParseKeyRecord(line, record, error)) << line << ": " << error;
  return record;
}

std::string ErrorOf(std::string_view line) {
  KeyRecord record;
  std::string error;
  EXPECT_FALSE(ParseKeyRecord(line, record, error)) << line;
  return error;
}

TEST(KeyRecord, ReadsEveryTypeAndSaysWhichCommandsMakeIt) {
  const KeyRecord text = Parse(R"({"key":"k","type":"string","value":"v","db":0})");
  EXPECT_EQ(text.Commands(0), (std::vector<Words>{{"SET", "k", "v"}}));
  const KeyRecord list = Parse(R"({"key":"l","type":"list","value":["a",{"base64":"AP8="}]})");
  EXPECT_EQ(list.Commands(0), (std::vector<Words>{{"DEL", "l"}, {"RPUSH", "l", "a", std::string("\0\xff", 2)}}));
  const KeyRecord set = Parse(R"({"key":"s","type":"set","value":["a",""]})");
  EXPECT_EQ(set.Commands(0), (std::vector<Words>{{"DEL", "s"}, {"SADD", "s", "a", ""}}));
  const KeyRecord sorted_set = Parse(R"({"key":"z","type":"zset","value":[["a","1.5"],["","inf"]]})");
  EXPECT_EQ(sorted_set.Commands(0), (std::vector<Words>{{"DEL", "z"}, {"ZADD", "z", "1.5", "a", "inf", ""}}));
  const KeyRecord hash =
      Parse(R"({"key":{"base64":"/w=="},"type":"hash","value":[["f","v"],["","w"]],"expire_at_ms":2000})");
  EXPECT_EQ(hash.Commands(1000),
            (std::vector<Words>{{"DEL", "\xff"}, {"HSET", "\xff", "f", "v", "", "w"}, {"PEXPIREAT", "\xff", "2000"}}));
}

TEST(KeyRecord, AKeyWhoseTimeHasComeIsRemoved) {
  const KeyRecord record = Parse(R"({"key":"k","type":"string","value":"v","expire_at_ms":2000})");
  EXPECT_EQ(record.Commands(1999), (std::vector<Words>{{"SET", "k", "v", "PXAT", "2000"}}));
  EXPECT_EQ(record.Commands(2000), (std::vector<Words>{{"DEL", "k"}}));
}

TEST(KeyRecord, EmptyKeysAndValuesAreLegal) {
  EXPECT_EQ(Parse(R"({"key":"","type":"string","value":""})").Commands(0), (std::vector<Words>{{"SET", "", ""}}));
}

TEST(KeyRecord, RefusesWhatIsNotTheFormatAndSaysWhy) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "no JSON at byte 1"},
      {"{\"key\":", "no JSON at byte 8"},
      {"\"\xff\"", "no JSON at byte 2"},
      {"[]", "expected a JSON object"},
      {R"({"type":"string","value":""})", "the member \"key\" is missing"},
      {R"({"key":"k","value":""})", "the member \"type\" is missing"},
      {R"({"key":"k","type":"string"})", "the member \"value\" is missing"},
      {R"({"key":"k","type":"string","value":"","ttl":1})", "unknown member \"ttl\""},
      {R"({"key":1,"type":"string","value":""})", "the key must be a string or {\"base64\": \"...\"}"},
      {R"({"key":{"base64":"A"},"type":"string","value":""})", "the base64 of the key is malformed"},
      {R"({"key":"k","type":"string","value":["a"]})", "the value must be a string or {\"base64\": \"...\"}"},
      {R"({"key":"k","type":"stream","value":""})",
       "\"type\" must be \"string\", \"list\", \"hash\", \"set\" or \"zset\""},
      {R"({"key":"k","type":"list","value":[]})", "the value of a list must be an array that is not empty"},
      {R"({"key":"k","type":"list","value":["a",1]})", "the element must be a string or {\"base64\": \"...\"}"},
      {R"({"key":"k","type":"set","value":[]})", "the value of a set must be an array that is not empty"},
      {R"({"key":"k","type":"set","value":[1]})", "the member must be a string or {\"base64\": \"...\"}"},
      {R"({"key":"k","type":"zset","value":[]})",
       "the value of a sorted set must be an array of [member, score] that is not empty"},
      {R"({"key":"k","type":"zset","value":[["a",1]]})",
       "the value of a sorted set must be an array of [member, score], the score in quotes"},
      {R"({"key":"k","type":"hash","value":{}})",
       "the value of a hash must be an array of [field, value] that is not empty"},
      {R"({"key":"k","type":"hash","value":[["f"]]})", "the value of a hash must be an array of [field, value]"},
      {R"({"key":"k","type":"string","value":"","expire_at_ms":0})",
       "\"expire_at_ms\" must be a positive 64-bit integer"},
      {R"({"key":"k","type":"string","value":"","expire_at_ms":1.5})",
       "\"expire_at_ms\" must be a positive 64-bit integer"},
      {R"({"key":"k","type":"string","value":"","expire_at_ms":9223372036854775808})",
       "\"expire_at_ms\" must be a positive 64-bit integer"},
      {R"({"key":"k","type":"string","value":"","db":3})", "\"db\" is 3: only database 0 can be imported"},
  };
  for (const auto& [line, error] : cases) EXPECT_EQ(ErrorOf(line), error) << line;
}

}  // namespace
}  // namespace redislite::cli
