/* The ABI that other programs are compiled against: the exact type of every function and every number of the public
 * header.
 *
 * Written down a second time on purpose: a change of include/redislite.h that is not also made here is a change of the
 * ABI that nobody decided. Functions and numbers may be added, with a line here; a line here is never changed or
 * removed. tests/abi/headers_test.py compiles this file and sees to it that no declared function is missing. */
#include <redislite.h>

#define IS_FUNCTION(name, ...) \
  _Static_assert(__builtin_types_compatible_p(__typeof__(name), __VA_ARGS__), "the type of " #name " has changed")
#define IS_NUMBER(name, value) _Static_assert((name) == (value), "the value of " #name " has changed")

IS_FUNCTION(rl_version, const char *(void));
IS_FUNCTION(rl_strerror, const char *(int code));
IS_FUNCTION(rl_buffer_free, void(void *buffer));
IS_FUNCTION(rl_options_new, int(rl_options **out));
IS_FUNCTION(rl_options_set, int(rl_options *options, const char *name, const char *value));
IS_FUNCTION(rl_options_free, void(rl_options *options));
IS_FUNCTION(rl_options_set_log,
            int(rl_options *options, void (*)(void *ctx, int level, const char *message), void *ctx));
IS_FUNCTION(rl_options_set_clock, int(rl_options *options, int64_t (*now_ms)(void *ctx), void *ctx));
IS_FUNCTION(rl_open, int(const char *path, const rl_options *options, rl_db **out));
IS_FUNCTION(rl_close, int(rl_db *db));
IS_FUNCTION(rl_errmsg, size_t(rl_db *db, char *buffer, size_t capacity));
IS_FUNCTION(rl_set, int(rl_db *db, const void *key, size_t key_len, const void *value, size_t value_len));
IS_FUNCTION(rl_set_with, int(rl_db *db, const void *key, size_t key_len, const void *value, size_t value_len,
                             int64_t ttl_ms, unsigned flags));
IS_FUNCTION(rl_get, int(rl_db *db, const void *key, size_t key_len, void **value, size_t *value_len));
IS_FUNCTION(rl_get_into,
            int(rl_db *db, const void *key, size_t key_len, void *buffer, size_t capacity, size_t *value_len));
IS_FUNCTION(rl_del, int(rl_db *db, const void *key, size_t key_len));
IS_FUNCTION(rl_exists, int(rl_db *db, const void *key, size_t key_len));
IS_FUNCTION(rl_incr_by, int(rl_db *db, const void *key, size_t key_len, int64_t delta, int64_t *result));
IS_FUNCTION(rl_expire, int(rl_db *db, const void *key, size_t key_len, int64_t ttl_ms));
IS_FUNCTION(rl_persist, int(rl_db *db, const void *key, size_t key_len));
IS_FUNCTION(rl_ttl, int(rl_db *db, const void *key, size_t key_len, int64_t *ttl_ms));
IS_FUNCTION(rl_count, int(rl_db *db, uint64_t *keys));
IS_FUNCTION(rl_command, int(rl_db *db, size_t argc, const char *const *argv, const size_t *argv_len, rl_reply **out));
IS_FUNCTION(rl_reply_type, int(const rl_reply *reply));
IS_FUNCTION(rl_reply_integer, int64_t(const rl_reply *reply));
IS_FUNCTION(rl_reply_double, double(const rl_reply *reply));
IS_FUNCTION(rl_reply_string, const char *(const rl_reply *reply, size_t *len));
IS_FUNCTION(rl_reply_count, size_t(const rl_reply *reply));
IS_FUNCTION(rl_reply_at, const rl_reply *(const rl_reply *reply, size_t index));
IS_FUNCTION(rl_reply_code, int(const rl_reply *reply));
IS_FUNCTION(rl_reply_free, void(rl_reply *reply));
IS_FUNCTION(rl_batch_new, int(rl_db *db, rl_batch **out));
IS_FUNCTION(rl_batch_add, int(rl_batch *batch, size_t argc, const char *const *argv, const size_t *argv_len));
IS_FUNCTION(rl_batch_commit, int(rl_batch *batch, rl_reply **out));
IS_FUNCTION(rl_batch_free, void(rl_batch *batch));
IS_FUNCTION(rl_session_open, int(rl_db *db, rl_session **out));
IS_FUNCTION(rl_session_feed, int(rl_session *s, const void *bytes, size_t len));
IS_FUNCTION(rl_sessions_feed, int(rl_session *const *sessions, const void *const *bytes, const size_t *lens,
                                  size_t count, int *codes));
IS_FUNCTION(rl_session_peek, int(rl_session *s, const void **bytes, size_t *len));
IS_FUNCTION(rl_session_consume, int(rl_session *s, size_t len));
IS_FUNCTION(rl_session_pending, int(rl_session *s));
IS_FUNCTION(rl_session_busy, int(rl_session *s));
IS_FUNCTION(rl_session_notify, int(rl_session *s, void (*notify)(void *ctx), void *ctx));
IS_FUNCTION(rl_session_set_peer, int(rl_session *s, const char *address, const char *local_address));
IS_FUNCTION(rl_session_wait, int(rl_session *s, int timeout_ms));
IS_FUNCTION(rl_session_fd, int(rl_session *s));
IS_FUNCTION(rl_session_interrupt, int(rl_session *s));
IS_FUNCTION(rl_session_close, void(rl_session *s));
IS_FUNCTION(rl_host_setting, int(rl_db *db, const char *name, const char *value));
IS_FUNCTION(rl_host_answer,
            int(rl_db *db, int (*answer)(void *ctx, int request, const char *name, const char *value), void *ctx));
IS_FUNCTION(rl_sync, int(rl_db *db));
IS_FUNCTION(rl_snapshot, int(rl_db *db));
IS_FUNCTION(rl_backup,
            int(rl_db *db, const char *path, int (*progress)(void *ctx, uint64_t done, uint64_t total), void *ctx));
IS_FUNCTION(rl_check, int(const char *path, char **report, size_t *report_len));
IS_FUNCTION(rl_info, int(rl_db *db, const char *section, char **text, size_t *text_len));

IS_NUMBER(RL_OK, 0);
IS_NUMBER(RL_NOT_FOUND, 1);
IS_NUMBER(RL_CONDITION, 2);
IS_NUMBER(RL_ERR_INVALID, -1);
IS_NUMBER(RL_ERR_TYPE, -2);
IS_NUMBER(RL_ERR_VALUE, -3);
IS_NUMBER(RL_ERR_COMMAND, -4);
IS_NUMBER(RL_ERR_IO, -5);
IS_NUMBER(RL_ERR_FULL, -6);
IS_NUMBER(RL_ERR_NOMEM, -7);
IS_NUMBER(RL_ERR_MAXMEMORY, -8);
IS_NUMBER(RL_ERR_BUSY, -9);
IS_NUMBER(RL_ERR_CORRUPT, -10);
IS_NUMBER(RL_ERR_VERSION, -11);
IS_NUMBER(RL_ERR_CLOSED, -12);
IS_NUMBER(RL_ERR_FORKED, -13);
IS_NUMBER(RL_ERR_READONLY, -14);
IS_NUMBER(RL_ERR_LIMIT, -15);
IS_NUMBER(RL_ERR_NOT_FOUND, -16);
IS_NUMBER(RL_SET_NX, 1);
IS_NUMBER(RL_SET_XX, 2);
IS_NUMBER(RL_SET_KEEPTTL, 4);
IS_NUMBER(RL_REPLY_NIL, 0);
IS_NUMBER(RL_REPLY_STATUS, 1);
IS_NUMBER(RL_REPLY_ERROR, 2);
IS_NUMBER(RL_REPLY_INTEGER, 3);
IS_NUMBER(RL_REPLY_STRING, 4);
IS_NUMBER(RL_REPLY_ARRAY, 5);
IS_NUMBER(RL_REPLY_DOUBLE, 6);
IS_NUMBER(RL_REPLY_BOOLEAN, 7);
IS_NUMBER(RL_REPLY_MAP, 8);
IS_NUMBER(RL_REPLY_SET, 9);
IS_NUMBER(RL_REPLY_BIGNUMBER, 10);
IS_NUMBER(RL_REPLY_VERBATIM, 11);
IS_NUMBER(RL_REPLY_PUSH, 12);
IS_NUMBER(RL_LOG_DEBUG, 0);
IS_NUMBER(RL_LOG_INFO, 1);
IS_NUMBER(RL_LOG_WARNING, 2);
IS_NUMBER(RL_LOG_ERROR, 3);
IS_NUMBER(RL_HOST_CONFIG_SET, 1);
IS_NUMBER(RL_HOST_CONFIG_REWRITE, 2);
IS_NUMBER(RL_HOST_SHUTDOWN, 3);
