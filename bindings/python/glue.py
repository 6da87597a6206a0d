"""Writes cffi's glue between Python and the library. Usage: glue.py REDISLITE_H OUTPUT_C

What cffi is told of the library is the public header itself, without its comments and directives, so that there is no
second list of functions; the C compiler compares it with the header once more.
"""

import pathlib
import re
import sys

import cffi

# A clock and callbacks. Python is called for what is rare; a clock is read too often for that.
OWN_DECLARATIONS = """
int rlpy_set_clock(rl_options *options, int64_t *now_ms);
int rlpy_set_log(rl_options *options, void *ctx);
int rlpy_backup(rl_db *db, const char *path, void *ctx);
extern "Python" void rlpy_log(void *ctx, int level, const char *message);
extern "Python" int rlpy_progress(void *ctx, uint64_t done, uint64_t total);
"""
OWN_CODE = """
#include "redislite.h"
static void rlpy_log(void *ctx, int level, const char *message);
static int rlpy_progress(void *ctx, uint64_t done, uint64_t total);
static int64_t rlpy_read_clock(void *cell) { return __atomic_load_n((int64_t *)cell, __ATOMIC_RELAXED); }
static int rlpy_set_clock(rl_options *options, int64_t *now_ms) {
  return rl_options_set_clock(options, rlpy_read_clock, now_ms);
}
static int rlpy_set_log(rl_options *options, void *ctx) { return rl_options_set_log(options, rlpy_log, ctx); }
static int rlpy_backup(rl_db *db, const char *path, void *ctx) {
  return rl_backup(db, path, ctx == NULL ? NULL : rlpy_progress, ctx);
}
"""


def declarations(header):
    text = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    text = re.sub(r"^#.*?(?<!\\)$", "", text, flags=re.M)
    text = text.replace('extern "C" {', "").replace("RL_API ", "")
    # The closing brace of extern "C" is the last of the header.
    return text[: text.rindex("}")] + text[text.rindex("}") + 1 :]


def main():
    header, output = map(pathlib.Path, sys.argv[1:])
    builder = cffi.FFI()
    builder.cdef(declarations(header.read_text()) + OWN_DECLARATIONS)
    builder.set_source("redislite._redislite", OWN_CODE, py_limited_api=True)
    builder.emit_c_code(str(output))


main()
