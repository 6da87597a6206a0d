#include "storage/directory.h"

namespace redislite::storage {

std::string ParentOf(const std::string& path) {
  const size_t end = path.find_last_not_of('/');
  const size_t slash = end == std::string::npos ? std::string::npos : path.rfind('/', end);
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

Status MakeDirectories(os::FileSystem& files, const std::string& path, bool* created) {
  const std::string parent = ParentOf(path);
  bool made_now = false;
  Status made = files.CreateDirectory(path, &made_now);
  if (made.code() == Code::kPathNotFound && parent != path && parent != "." && parent != "/") {
    RL_RETURN_IF_ERROR(MakeDirectories(files, parent, nullptr));
    made = files.CreateDirectory(path, &made_now);
  }
  RL_RETURN_IF_ERROR(made);
  if (created != nullptr) *created = made_now;
  return made_now ? files.SyncDirectory(parent) : Status::Ok();
}

void SyncDirectoriesAbove(os::FileSystem& files, const std::string& path) {
  std::string above = path;
  do {
    above = ParentOf(above);
    (void)files.SyncDirectory(above).ok();
  } while (above != "/" && above != ".");
}

}  // namespace redislite::storage
