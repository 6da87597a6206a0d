// redislite-server: a store for clients of Redis. A customer of redislite.h like any other.
#include <redislite.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <string>

#include "exit_status.h"
#include "log.h"
#include "options.h"
#include "server.h"
#include "store_options.h"

namespace redislite::server {
namespace {

int CannotStart(const std::string& why) {
  spdlog::critical("{}", why);
  return kExitCannotStart;
}

bool WriteProcessId(const std::string& path) {
  std::ofstream file(path);
  file << getpid() << '\n';
  file.close();
  return !file.fail();
}

int Serve(rl_db* db, const Options& options) {
  Server server(db, options);
  std::string error;
  if (!server.Listen(error)) return CannotStart(error);
  if (!options.pid_file.empty() && !WriteProcessId(options.pid_file)) {
    return CannotStart(options.pid_file + ": cannot be written");
  }
  server.Run();
  if (!options.pid_file.empty()) unlink(options.pid_file.c_str());
  return kExitOk;
}

int OpenAndServe(const Options& options) {
  SetUpLog(options.log_level, options.log_is_json);
  std::string error;
  const OptionsHandle store_options = MakeOptions(options.store_options, &LogOfStore, error);
  if (store_options == nullptr) return CannotStart(error);
  spdlog::info("redislite-server {} opens {}", rl_version(), options.directory);
  rl_db* db = nullptr;
  if (const int code = rl_open(options.directory.c_str(), store_options.get(), &db); code != RL_OK) {
    return CannotStart(ErrorMessage(nullptr, code));
  }
  int status = kExitCannotStart;
  try {
    status = Serve(db, options);
  } catch (const std::exception& exception) {
    spdlog::critical("{}", exception.what());
  }
  if (const int code = rl_close(db); code != RL_OK) {
    spdlog::error("closing {}: {}", options.directory, rl_strerror(code));
    return status == kExitOk ? kExitNotClosed : status;
  }
  spdlog::info("closed");
  return status;
}

int Main(const Words& arguments) {
  Options options;
  std::string error;
  if (!ParseOptions(arguments, options, error)) {
    std::fprintf(stderr, "redislite-server: %s (see redislite-server --help)\n", error.c_str());
    return kExitCannotStart;
  }
  switch (options.task) {
    case Task::kHelp:
      std::fputs(HelpText().c_str(), stdout);
      return kExitOk;
    case Task::kVersion:
      std::printf("redislite-server %s\n", rl_version());
      return kExitOk;
    case Task::kServe:
      break;
  }
  return OpenAndServe(options);
}

}  // namespace
}  // namespace redislite::server

int main(int argc, char** argv) { return redislite::server::Main(redislite::Words(argv + 1, argv + argc)); }
