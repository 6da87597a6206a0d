// Telling systemd how it goes: one datagram to the socket that $NOTIFY_SOCKET names (sd_notify(3)).
#pragma once

#include <string_view>

namespace redislite::server {

// "READY=1", "STOPPING=1". Nothing happens when nobody asked.
void TellServiceManager(std::string_view state);

}  // namespace redislite::server
