// Options: what the command line, the environment and a file in the grammar of redis.conf say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "store_options.h"
#include "words.h"

namespace redislite::server {

enum class Task { kServe, kHelp, kVersion };

constexpr int kNoPort = -1;
constexpr int kAnyPort = 0;  // the system chooses

struct Options {
  Task task = Task::kServe;
  std::string config_file;  // empty: none
  std::string directory = "./data";

  std::vector<std::string> bind = {"127.0.0.1", "-::1"};  // a leading '-': no error where there is no such address
  int port = 6379;
  std::string unix_socket;   // empty: none
  int unix_socket_mode = 0;  // 0: as the umask says
  int framed_port = kNoPort;
  size_t framed_bytes_max = 4096;
  std::string port_file;  // empty: none
  std::string pid_file;   // empty: none

  bool protected_mode = true;
  int clients_max = 10'000;
  int timeout_s = 0;  // 0: an idle client may stay
  int keepalive_s = 300;
  int backlog = 511;
  int threads = 1;

  bool log_is_json = false;
  std::string log_level = "notice";

  // Redis' default; the library's own is `always`.
  StoreOptions store_options = {{"appendfsync", "everysec"}};  // a later one wins
};

// Reads the command line (without the program's name), the file of --config and REDISLITE_*. False with a message.
bool ParseOptions(const Words& arguments, Options& options, std::string& error);

// Changes one of the server's own settings. False: there is none of that name, or the value is not one.
bool TakeSetting(const std::string& name, const std::string& value, Options& options);
// The server's own, as CONFIG GET shows them.
std::vector<std::pair<std::string, std::string>> Settings(const Options& options);
// Whether a setting, of the server or of the store, has several words.
bool IsList(const std::string& name);

// What --help prints.
std::string HelpText();

}  // namespace redislite::server
