#include "base/crc64.h"

#include <gtest/gtest.h>

#include <string>

namespace redislite {
namespace {

TEST(Crc64, IsJones) { EXPECT_EQ(Crc64(0, "123456789"), 0xe9c6d914c4b8d9ca); }

TEST(Crc64, GoesOnWhereItStopped) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes.push_back(static_cast<char>(i * 37));
  for (size_t i = 0; i <= bytes.size(); ++i) {
    EXPECT_EQ(Crc64(Crc64(0, bytes.substr(0, i)), bytes.substr(i)), Crc64(0, bytes)) << i;
  }
}

}  // namespace
}  // namespace redislite
