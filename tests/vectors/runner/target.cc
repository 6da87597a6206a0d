#include "target.h"

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <system_error>

namespace vectors {

std::string ScratchDirectory(const std::string& purpose, bool in_memory) {
  namespace fs = std::filesystem;
  constexpr uintmax_t kRoom = uintmax_t{1} << 30;
  fs::path parent = fs::temp_directory_path();
  std::error_code failed;
  const fs::space_info space = fs::space("/dev/shm", failed);
  if (in_memory && !failed && space.available >= kRoom) parent = "/dev/shm";
  return (parent / ("rl-" + purpose + "-" + std::to_string(getpid()))).string();
}

}  // namespace vectors
