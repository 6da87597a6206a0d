// What the process ends with.
#pragma once

namespace redislite::server {

enum ExitStatus : int {
  kExitOk = 0,           // stopped by SIGTERM or SIGINT, and everything is on the device
  kExitNotClosed = 1,    // stopped, but the last sync failed: the next open recovers
  kExitCannotStart = 2,  // wrong usage or settings, the store cannot be opened, an address cannot be listened on
};

}  // namespace redislite::server
