// RESP as the vectors need it: requests from words, replies from bytes. Written apart from the library's own reader and
// writer, which it is there to judge.
#pragma once

#include <string>
#include <vector>

#include "reply.h"

namespace vectors {

std::string EncodeRequest(const std::vector<std::string>& words);

enum class Decoded { kReply, kIncomplete, kMalformed };

// Reads the reply that begins at `*at`, and moves `*at` behind it.
Decoded DecodeReply(const std::string& bytes, size_t* at, Reply* out);

}  // namespace vectors
