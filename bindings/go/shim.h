/* What Go cannot do with redislite.h in one call without pointers to pointers: cgo lets no pointer to Go memory stand
 * in Go memory, and each call into C costs some 30 ns. */
#pragma once

#include "redislite.h"

/* Options and the opening in one call, so that the message is that of the same thread. `names_values` is name, NUL,
 * value, NUL, ..., empty for none. `log_fd` below 0 and `now_ms` NULL: none. `*message` is for free(). */
int rl_go_open(const char *path, const char *names_values, size_t count, int log_fd, const int64_t *now_ms, rl_db **db,
               char **message);

/* The arguments stand one behind the other in `bytes`. The reply comes as the bytes that decodeReply reads, to be
 * released with free(). */
int rl_go_command(rl_db *db, const char *bytes, const size_t *lengths, size_t count, void **reply, size_t *reply_len);
int rl_go_batch_add(rl_batch *batch, const char *bytes, const size_t *lengths, size_t count);
int rl_go_batch_commit(rl_batch *batch, void **reply, size_t *reply_len);

/* Takes what is ready, as much as fits: a peek and a consume. */
int rl_go_session_take(rl_session *session, void *buffer, size_t capacity, size_t *len);

/* `handle` is a cgo.Handle, 0 for no progress. */
int rl_go_backup(rl_db *db, const char *path, uintptr_t handle);
