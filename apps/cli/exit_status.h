// What the process ends with.
#pragma once

namespace redislite::cli {

enum ExitStatus : int {
  kExitOk = 0,
  kExitError = 1,       // a command answered an error, or a check found damage
  kExitCannotOpen = 2,  // wrong usage, or the store cannot be opened, closed or read
  // 128 + the signal's number when one ended it
};

}  // namespace redislite::cli
