// The file of --config, as CONFIG REWRITE writes it.
#pragma once

#include <map>
#include <string>

namespace redislite::server {

// Gives the settings these values in the file: in the last of the lines that name them, or below all others. Nothing
// else in it changes. The file is replaced as a whole, and durably. False with a message.
bool RewriteConfigFile(const std::string& path, const std::map<std::string, std::string>& settings, std::string& error);

}  // namespace redislite::server
