// The server's own questions to its store.
#pragma once

#include <redislite.h>

#include <map>
#include <string>

#include "words.h"

namespace redislite::server {

// Whether clients must say a password: it can be changed while they come.
bool HasPassword(rl_db* db);

// Everything that CONFIG GET shows.
std::map<std::string, std::string> AllSettings(rl_db* db);

// Ends the sessions that have said nothing for longer than `seconds`, but for those that wait or listen.
void EndIdleSessions(rl_db* db, int seconds);

}  // namespace redislite::server
