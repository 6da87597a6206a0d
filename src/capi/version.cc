#include "redislite.h"

#define RL_TEXT_OF(number) #number
#define RL_VERSION_TEXT(major, minor, patch) RL_TEXT_OF(major) "." RL_TEXT_OF(minor) "." RL_TEXT_OF(patch)

extern "C" {

const char* rl_version(void) { return RL_VERSION_TEXT(RL_VERSION_MAJOR, RL_VERSION_MINOR, RL_VERSION_PATCH); }

}  // extern "C"
