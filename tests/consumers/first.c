/* The smallest program that uses the library for what it is for: write, close, open, read. */
#include <redislite.h>
#include <stdio.h>
#include <string.h>

static int fail(rl_db *db, const char *what) {
  char message[256];
  rl_errmsg(db, message, sizeof message);
  fprintf(stderr, "%s: %s\n", what, message);
  return 1;
}

int main(int argc, char **argv) {
  rl_db *db;
  void *value;
  size_t value_len;
  if (argc != 2) return 2;
  if (rl_open(argv[1], NULL, &db) != RL_OK) return fail(NULL, "open");
  if (rl_set(db, "greeting", 8, "hello", 5) != RL_OK) return fail(db, "set");
  if (rl_close(db) != RL_OK) return fail(NULL, "close");
  if (rl_open(argv[1], NULL, &db) != RL_OK) return fail(NULL, "open again");
  if (rl_get(db, "greeting", 8, &value, &value_len) != RL_OK) return fail(db, "get");
  if (value_len != 5 || memcmp(value, "hello", 5) != 0) return fail(db, "compare");
  rl_buffer_free(value);
  if (rl_close(db) != RL_OK) return fail(NULL, "close again");
  printf("%s\n", rl_version());
  return 0;
}
