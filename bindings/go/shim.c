#include "shim.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "_cgo_export.h"

/* A line is written whole or not at all: a pipe takes up to 4,096 bytes at once. What does not fit any more is
 * dropped, as the store must not wait for its reader. */
static void write_log(void *ctx, int level, const char *message) {
  char line[2048];
  size_t length = strlen(message);
  if (length > sizeof line - 2) length = sizeof line - 2;
  line[0] = (char)('0' + level);
  memcpy(line + 1, message, length);
  line[length + 1] = '\n';
  if (write((int)(intptr_t)ctx, line, length + 2) < 0) return;
}

static int64_t read_clock(void *ctx) { return __atomic_load_n((const int64_t *)ctx, __ATOMIC_SEQ_CST); }

static char *last_message(void) {
  const size_t length = rl_errmsg(NULL, NULL, 0);
  char *const message = malloc(length + 1);
  if (message != NULL) rl_errmsg(NULL, message, length + 1);
  return message;
}

int rl_go_open(const char *path, const char *names_values, size_t count, int log_fd, const int64_t *now_ms, rl_db **db,
               char **message) {
  rl_options *options = NULL;
  int code = rl_options_new(&options);
  for (size_t i = 0; i < count && code == RL_OK; ++i) {
    const char *const name = names_values;
    const char *const value = name + strlen(name) + 1;
    code = rl_options_set(options, name, value);
    names_values = value + strlen(value) + 1;
  }
  if (code == RL_OK && log_fd >= 0) code = rl_options_set_log(options, write_log, (void *)(intptr_t)log_fd);
  if (code == RL_OK && now_ms != NULL) code = rl_options_set_clock(options, read_clock, (void *)now_ms);
  if (code == RL_OK) code = rl_open(path, options, db);
  if (code != RL_OK) *message = last_message();
  rl_options_free(options);
  return code;
}

/* ---- Replies: for each its type (1 byte), integer or code (8), double (8), length or count (8), and then the bytes,
 * or the elements. The machine's own byte order. */

enum { kHead = 25 };

static int has_text(int type) {
  return type == RL_REPLY_STATUS || type == RL_REPLY_ERROR || type == RL_REPLY_STRING || type == RL_REPLY_BIGNUMBER ||
         type == RL_REPLY_VERBATIM;
}

static size_t flat_size(const rl_reply *reply) {
  size_t size = kHead, length = 0;
  if (has_text(rl_reply_type(reply))) {
    rl_reply_string(reply, &length);
    return size + length;
  }
  for (size_t i = 0; i < rl_reply_count(reply); ++i) size += flat_size(rl_reply_at(reply, i));
  return size;
}

static char *flatten(const rl_reply *reply, char *out) {
  const int type = rl_reply_type(reply);
  const int64_t integer = type == RL_REPLY_ERROR ? rl_reply_code(reply) : rl_reply_integer(reply);
  const double number = rl_reply_double(reply);
  size_t length = rl_reply_count(reply);
  const char *text = NULL;
  if (has_text(type)) text = rl_reply_string(reply, &length);
  const uint64_t count = length;
  out[0] = (char)type;
  memcpy(out + 1, &integer, 8);
  memcpy(out + 9, &number, 8);
  memcpy(out + 17, &count, 8);
  out += kHead;
  if (text != NULL) {
    memcpy(out, text, length);
    return out + length;
  }
  for (size_t i = 0; i < length; ++i) out = flatten(rl_reply_at(reply, i), out);
  return out;
}

static int give(rl_reply *reply, void **out, size_t *len) {
  *len = flat_size(reply);
  *out = malloc(*len);
  if (*out != NULL) flatten(reply, *out);
  rl_reply_free(reply);
  return *out != NULL ? RL_OK : RL_ERR_NOMEM;
}

/* argv in one allocation, or where the caller has room for a few. */
enum { kFew = 16 };

static const char **pointers(const char *bytes, const size_t *lengths, size_t count, const char **few) {
  const char **const argv = count <= kFew ? few : malloc(count * sizeof *argv);
  for (size_t i = 0; argv != NULL && i < count; ++i) {
    argv[i] = bytes;
    bytes += lengths[i];
  }
  return argv;
}

int rl_go_command(rl_db *db, const char *bytes, const size_t *lengths, size_t count, void **reply, size_t *reply_len) {
  const char *few[kFew];
  const char **const argv = pointers(bytes, lengths, count, few);
  if (argv == NULL) return RL_ERR_NOMEM;
  rl_reply *root = NULL;
  const int code = rl_command(db, count, argv, lengths, &root);
  if (argv != few) free(argv);
  return code == RL_OK ? give(root, reply, reply_len) : code;
}

int rl_go_batch_add(rl_batch *batch, const char *bytes, const size_t *lengths, size_t count) {
  const char *few[kFew];
  const char **const argv = pointers(bytes, lengths, count, few);
  if (argv == NULL) return RL_ERR_NOMEM;
  const int code = rl_batch_add(batch, count, argv, lengths);
  if (argv != few) free(argv);
  return code;
}

int rl_go_batch_commit(rl_batch *batch, void **reply, size_t *reply_len) {
  rl_reply *root = NULL;
  const int code = rl_batch_commit(batch, &root);
  return code == RL_OK ? give(root, reply, reply_len) : code;
}

int rl_go_session_take(rl_session *session, void *buffer, size_t capacity, size_t *len) {
  const void *bytes = NULL;
  size_t ready = 0;
  const int code = rl_session_peek(session, &bytes, &ready);
  *len = 0;
  if (code != RL_OK) return code;
  if (ready > capacity) ready = capacity;
  if (ready == 0) return RL_OK;
  memcpy(buffer, bytes, ready);
  *len = ready;
  return rl_session_consume(session, ready);
}

static int report_progress(void *ctx, uint64_t done, uint64_t total) {
  return rlGoProgress((uintptr_t)ctx, done, total);
}

int rl_go_backup(rl_db *db, const char *path, uintptr_t handle) {
  return rl_backup(db, path, handle != 0 ? report_progress : NULL, (void *)handle);
}
