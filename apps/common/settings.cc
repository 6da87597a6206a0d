#include "settings.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "split.h"

namespace redislite::inline apps {

std::optional<std::string> FromEnvironment(std::string_view name, bool secret, std::string& error) {
  std::string variable = "REDISLITE_" + ToUpper(name);
  std::replace(variable.begin(), variable.end(), '-', '_');
  if (const char* value = std::getenv(variable.c_str())) return value;
  if (!secret) return std::nullopt;
  const char* path = std::getenv((variable + "_FILE").c_str());
  if (path == nullptr) return std::nullopt;
  std::ifstream file(path);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) {
    error = variable + "_FILE: " + path + " cannot be read";
    return std::nullopt;
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

bool ReadSettings(const std::string& path, const TakeSetting& take, std::string& error) {
  std::ifstream file(path);
  if (!file) return error = path + ": cannot be read", false;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const size_t begin = line.find_first_not_of(" \t\r");
    if (begin == std::string::npos || line[begin] == '#') continue;
    Words words;
    const std::string place = path + ":" + std::to_string(number) + ": ";
    if (!SplitLine(line, words, error)) return error = place + error, false;
    const std::string name = words[0];
    words.erase(words.begin());
    if (!take(name, words, error)) return error = place + error, false;
  }
  if (file.bad()) return error = path + ": cannot be read", false;
  return true;
}

}  // namespace redislite::inline apps
