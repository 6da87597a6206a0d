// The prompt: a person types commands.
//
// Line editing is libedit's: history, Tab for completion, and, behind the cursor in grey, what the command still takes.
#pragma once

#include "interpreter.h"

namespace redislite::cli {

// Returns the exit status when the person leaves. Errors that were shown are no failure of the session.
int RunPrompt(Store& store, const Style& style);

}  // namespace redislite::cli
