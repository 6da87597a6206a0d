// Being asked to stop: Ctrl-C and SIGTERM as something to look at, not something that happens.
//
// The handlers only take a note and make WakeDescriptor readable, so that whoever waits for input wakes, and whoever
// works asks StopSignal now and then. The store is always closed by ordinary control flow. A third Ctrl-C that nobody
// has answered ends the process at once: no acknowledged write is lost by that, the next open recovers.
#pragma once

namespace redislite::cli {

// Ctrl-C (SIGINT), SIGTERM and SIGHUP are noted; SIGPIPE is ignored, so that a closed output is a failed write.
void InstallStopHandlers();

// The signal that asked to stop, 0 when none has.
int StopSignal();

// A descriptor that is readable from the moment a signal came until ForgetInterrupt.
int WakeDescriptor();

// The prompt has answered the Ctrl-C: it is as if it had not been pressed. SIGTERM and SIGHUP cannot be forgotten.
void ForgetInterrupt();

// Waits until `fd` is readable (true; its end counts) or a signal asks to stop (false).
bool WaitReadable(int fd);

}  // namespace redislite::cli
