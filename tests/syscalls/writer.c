/* Does one kind of thing a number of times, for syscalls_test.py to count what it costs.
 *
 *     writer DIR KIND COUNT THREADS
 *
 * KIND is set (durable rl_set of new keys), del (rl_del of keys that are missing), noop (commands that change nothing
 * or fail) or get. Every thread does COUNT. Exit 0 when every call answered as it must. */
#include <pthread.h>
#include <redislite.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS_MAX = 64 };

typedef struct {
  rl_db *db;
  const char *kind;
  long count;
  int number;
  int failures;
} worker;

static int one_noop(rl_db *db, const char *key, size_t key_len, long i) {
  /* The key "list" holds a list, "here" a string without an expiry, and `key` is missing. */
  static const char *const commands[][4] = {{"SETNX", "here", "x", NULL},    {"INCR", "list", NULL, NULL},
                                            {"HDEL", "missing", "f", NULL},  {"LPUSHX", "missing", "x", NULL},
                                            {"PERSIST", "here", NULL, NULL}, {"EXPIRE", "missing", "9", NULL},
                                            {"SET", "here", "x", "NX"},      {"RENAME", "missing", "m", NULL}};
  const char *const *command = commands[i % (long)(sizeof commands / sizeof commands[0])];
  size_t argc = 0;
  rl_reply *reply;
  int code;
  while (argc < 4 && command[argc] != NULL) argc++;
  code = rl_command(db, argc, command, NULL, &reply);
  rl_reply_free(reply);
  if (code != RL_OK) return 1;
  return rl_set_with(db, key, key_len, "v", 1, 0, RL_SET_XX) != RL_CONDITION;
}

static void *work(void *argument) {
  worker *self = argument;
  long i;
  for (i = 0; i < self->count; i++) {
    char key[64], value[32];
    const size_t key_len = (size_t)snprintf(key, sizeof key, "key:%d:%ld", self->number, i);
    size_t value_len;
    if (strcmp(self->kind, "set") == 0) {
      self->failures += rl_set(self->db, key, key_len, "value", 5) != RL_OK;
    } else if (strcmp(self->kind, "del") == 0) {
      self->failures += rl_del(self->db, key, key_len) != RL_NOT_FOUND;
    } else if (strcmp(self->kind, "noop") == 0) {
      self->failures += one_noop(self->db, key, key_len, i);
    } else {
      self->failures += rl_get_into(self->db, "here", 4, value, sizeof value, &value_len) != RL_OK;
    }
  }
  return NULL;
}

int main(int argc, char **argv) {
  static const char *const push[] = {"RPUSH", "list", "a"};
  worker workers[THREADS_MAX];
  pthread_t threads[THREADS_MAX];
  rl_db *db;
  rl_reply *reply;
  int i, failures = 0;
  const int count = argc == 5 ? atoi(argv[4]) : 0;
  if (count < 1 || count > THREADS_MAX) return 2;
  if (rl_open(argv[1], NULL, &db) != RL_OK) return 3;
  if (rl_set(db, "here", 4, "v", 1) != RL_OK) return 3;
  if (rl_command(db, 3, push, NULL, &reply) != RL_OK) return 3;
  rl_reply_free(reply);
  for (i = 0; i < count; i++) {
    const worker fresh = {db, argv[2], atol(argv[3]), i, 0};
    workers[i] = fresh;
  }
  if (count == 1) { /* in the thread that opened the store, as most programs do */
    work(&workers[0]);
    failures = workers[0].failures;
  } else {
    for (i = 0; i < count; i++) {
      if (pthread_create(&threads[i], NULL, work, &workers[i]) != 0) return 3;
    }
    for (i = 0; i < count; i++) {
      pthread_join(threads[i], NULL);
      failures += workers[i].failures;
    }
  }
  if (rl_close(db) != RL_OK) return 3;
  if (failures != 0) fprintf(stderr, "%d calls answered wrongly\n", failures);
  return failures != 0;
}
