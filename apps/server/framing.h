// The length-prefixed protocol: a frame is its length in 4 bytes, little-endian, and so many bytes.
//
// A request's frame holds one command: a line of words, as one types it, or one RESP array. Each reply (a push of
// RESP3, or a message of a subscription, is one too) goes out in a frame of its own.
#pragma once

#include <redislite.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace redislite::server {

// The two directions of one connection, on top of a session.
class Framing {
 public:
  explicit Framing(size_t bytes_max) : bytes_max_(bytes_max) {}

  // Feeds the requests of the frames that these bytes end. A frame that is too long, or that holds no whole request,
  // ends the session: its error is the last reply, behind those to what came before. rl_session_feed's codes.
  int Feed(rl_session* session, std::string_view bytes);

  // Moves the whole replies that are ready behind `out`, in frames, until it is `enough` bytes long. rl_session_peek's
  // codes.
  int Collect(rl_session* session, size_t enough, std::string& out);

 private:
  // Takes one frame off the front; false when it is not whole.
  bool TakeFrame(std::string_view& bytes, std::string& requests);
  void Refuse(const std::string& why, std::string& requests);

  const size_t bytes_max_;
  std::string partial_;     // the beginning of a frame
  std::string last_reply_;  // not empty: what the session's own last reply is replaced by
};

// The size of the RESP reply at the front, 0 when it is not whole. For what a session gives, which is well-formed.
size_t ReplySize(std::string_view bytes);

// Whether this is one whole RESP array of bulk strings, not empty, and nothing else.
bool IsOneRequest(std::string_view bytes);

}  // namespace redislite::server
