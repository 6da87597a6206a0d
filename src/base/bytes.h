// Bytes: a borrowed run of binary bytes. Whoever passes one keeps the memory alive for the call.
#pragma once

#include <cstdint>
#include <string_view>

namespace redislite {

using Bytes = std::string_view;

// The documented limits (API.md, "RL_ERR_LIMIT").
inline constexpr uint64_t kKeyBytesMax = 512ull << 20;
inline constexpr uint64_t kValueBytesMax = 512ull << 20;
inline constexpr uint64_t kRecordBytesMax = 1ull << 30;

}  // namespace redislite
