/* Operations to count the instructions of: OPERATION PATH COUNT.
 *
 *   get     COUNT rl_get of keys that are there, of a store in memory
 *   set     COUNT rl_set of such keys
 *   write   makes a store at PATH whose log has COUNT records
 *   replay  opens that store, which replays them
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redislite.h"

enum { kKeys = 2000, kValueBytes = 100 };

static void Check(int code) {
  if (code == RL_OK) return;
  fprintf(stderr, "operations: the library answered %d\n", code);
  exit(1);
}

static void Set(rl_db *db, int number) {
  char key[32];
  char value[kValueBytes];
  memset(value, 'v', sizeof value);
  const int size = snprintf(key, sizeof key, "key:%012d", number);
  Check(rl_set(db, key, (size_t)size, value, sizeof value));
}

static void Get(rl_db *db, int number) {
  char key[32];
  void *value = NULL;
  size_t value_size = 0;
  const int size = snprintf(key, sizeof key, "key:%012d", number);
  Check(rl_get(db, key, (size_t)size, &value, &value_size));
  rl_buffer_free(value);
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  const char *operation = argv[1];
  const int count = atoi(argv[3]);
  const int on_disk = strcmp(operation, "write") == 0 || strcmp(operation, "replay") == 0;
  rl_options *options = NULL;
  rl_db *db = NULL;
  Check(rl_options_new(&options));
  Check(rl_options_set(options, "appendfsync", "no"));
  Check(rl_options_set(options, "reaper-interval-ms", "0"));
  Check(rl_options_set(options, "snapshot-wal-bytes", "0"));
  Check(rl_open(on_disk ? argv[2] : NULL, options, &db));
  rl_options_free(options);
  if (!on_disk) {
    for (int i = 0; i < kKeys; ++i) Set(db, i);
  }
  for (int i = 0; i < count && strcmp(operation, "replay") != 0; ++i) {
    strcmp(operation, "get") == 0 ? Get(db, i % kKeys) : Set(db, i % kKeys);
  }
  Check(rl_close(db));
  return 0;
}
