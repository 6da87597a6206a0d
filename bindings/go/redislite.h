/* redislite.h - the C interface of RedisLite, and its reference manual.
 *
 * RedisLite is a store of Redis' data types in the memory of your own process, opened on a directory as a SQLite
 * database is opened on a file. The one promise: a write that was acknowledged survives a crash, a power cut and a
 * full disk; a write that was not is either there whole or absent.
 *
 * A first program:
 *
 *     rl_db *db;
 *     if (rl_open("data", NULL, &db) != RL_OK) return 1;
 *     rl_set(db, "name", 4, "Harshad", 7);      // durable when it returns
 *     rl_close(db);
 *
 * CONVENTIONS
 *   - Handles are opaque. A function that makes one writes it through its last argument, and only when it returns
 *     RL_OK; on an error it writes NULL there.
 *   - A buffer is a pointer and a size_t. Keys and values are bytes: NUL bytes and empty ones are legal. A pointer may
 *     be NULL when its length is 0.
 *   - Functions return int: 0 is RL_OK, a positive value an ordinary outcome, a negative value an error. The code alone
 *     is enough to act on; rl_errmsg has the details for a person.
 *   - Bytes that the library hands out in a void** or char** belong to the caller, who releases them with
 *     rl_buffer_free.
 *   - Times are int64_t milliseconds: `ttl_ms` is a span, `*_at_ms` a point in Unix time.
 *   - The functions that release something accept NULL.
 *
 * THREADS
 *   An rl_db may be used by any number of threads at once. An rl_options, rl_batch, rl_reply or rl_session is used by
 *   one thread at a time. rl_close may be called while other threads are inside calls on the same handle: it waits for
 *   them, and calls that come later return RL_ERR_CLOSED. A closed handle must not be used for ever: the library keeps
 *   the shell of the last 1,024 closed handles so that a late call is answered, and no more.
 *
 * DURABILITY
 *   With `appendfsync=always` (the default) a writing function returns RL_OK only after its record is on the device.
 *   With `everysec` the record has been handed to the operating system (it survives the death of the process) and is
 *   put on the device within about a second; with `no` the operating system decides, or rl_sync. A reader never sees a
 *   write that is not in the log, and never waits for a device.
 *
 * FORK
 *   A handle belongs to the process that opened it. In a forked child every function on it returns RL_ERR_FORKED, reads
 *   included, and no file is touched. The child may open other directories.
 *
 * CODES THAT EVERY FUNCTION ON A HANDLE CAN RETURN, and which are not repeated below:
 *   RL_ERR_INVALID   a required pointer is NULL
 *   RL_ERR_CLOSED    rl_close was called on the store
 *   RL_ERR_FORKED    called in a forked child
 *   RL_ERR_NOMEM     out of memory; nothing was written
 * "A write's codes" below means: RL_ERR_IO (the log could not be written: the handle is poisoned, reads go on, every
 * later write returns this until the store is opened again), RL_ERR_FULL (no space on the device: nothing was
 * written, later writes may succeed), RL_ERR_READONLY, RL_ERR_MAXMEMORY and RL_ERR_LIMIT.
 */
#ifndef REDISLITE_H
#define REDISLITE_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define RL_API __attribute__((visibility("default")))
#else
#define RL_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header; rl_version() has that of the library. The build reads it from here. */
#define RL_VERSION_MAJOR 0
#define RL_VERSION_MINOR 1
#define RL_VERSION_PATCH 0

/* Result codes. Numbers are never changed or used again. */
enum {
  RL_OK = 0,                /* done; for a write under appendfsync=always: durable */
  RL_NOT_FOUND = 1,         /* the key or field does not exist or has expired; for a wait: nothing came in time */
  RL_CONDITION = 2,         /* NX, XX or a watched key said no; nothing was written */
  RL_ERR_INVALID = -1,      /* misuse: NULL handle, unknown option or flag, bad value of an option */
  RL_ERR_TYPE = -2,         /* the key holds another type (Redis' WRONGTYPE) */
  RL_ERR_VALUE = -3,        /* not an integer or float, out of range, overflow */
  RL_ERR_COMMAND = -4,      /* unknown command, wrong number of arguments, syntax error, not allowed here */
  RL_ERR_IO = -5,           /* a write or sync failed: the handle is poisoned, reads go on */
  RL_ERR_FULL = -6,         /* no space left on the device: nothing was written, memory is unchanged */
  RL_ERR_NOMEM = -7,        /* out of memory: nothing was written */
  RL_ERR_MAXMEMORY = -8,    /* over `maxmemory` with nothing to evict */
  RL_ERR_BUSY = -9,         /* the store is open elsewhere; the message names the holder's process id */
  RL_ERR_CORRUPT = -10,     /* damage beyond a torn tail; the message names file, offset, expected and found */
  RL_ERR_VERSION = -11,     /* the files were written by a newer format; nothing was touched */
  RL_ERR_CLOSED = -12,      /* the store was closed under this handle */
  RL_ERR_FORKED = -13,      /* used in a forked child of the process that opened it */
  RL_ERR_READONLY = -14,    /* a write on a read-only handle */
  RL_ERR_LIMIT = -15,       /* key or value above 512 MiB, a record above 1 GiB, or a session too many */
  RL_ERR_NOT_FOUND = -16    /* the path does not exist and `create` is `no` */
};

/* Flags of rl_set_with. */
enum {
  RL_SET_NX = 1,      /* only when the key does not exist */
  RL_SET_XX = 2,      /* only when the key exists */
  RL_SET_KEEPTTL = 4  /* keep the key's expiry */
};

/* What an rl_reply holds: the types of RESP3. */
enum {
  RL_REPLY_NIL = 0,
  RL_REPLY_STATUS = 1,     /* rl_reply_string: "OK" */
  RL_REPLY_ERROR = 2,      /* rl_reply_string: the text; rl_reply_code: the RL_ERR_* */
  RL_REPLY_INTEGER = 3,    /* rl_reply_integer */
  RL_REPLY_STRING = 4,     /* rl_reply_string: bytes */
  RL_REPLY_ARRAY = 5,      /* rl_reply_count, rl_reply_at */
  RL_REPLY_DOUBLE = 6,     /* rl_reply_double; rl_reply_string has its text */
  RL_REPLY_BOOLEAN = 7,    /* rl_reply_integer: 0 or 1 */
  RL_REPLY_MAP = 8,        /* key, value, key, value, ...: rl_reply_count counts both */
  RL_REPLY_SET = 9,
  RL_REPLY_BIGNUMBER = 10, /* rl_reply_string */
  RL_REPLY_VERBATIM = 11,  /* rl_reply_string: the text without its three-letter format */
  RL_REPLY_PUSH = 12
};

/* Levels of the log callback. */
enum { RL_LOG_DEBUG = 0, RL_LOG_INFO = 1, RL_LOG_WARNING = 2, RL_LOG_ERROR = 3 };

typedef struct rl_db rl_db;           /* an open store */
typedef struct rl_options rl_options; /* how to open one */
typedef struct rl_reply rl_reply;     /* what a command answered */
typedef struct rl_batch rl_batch;     /* commands that happen together or not at all */
typedef struct rl_session rl_session; /* a Redis client connection without a socket */

/* ---- The library --------------------------------------------------------------------------------------------- */

/* The library's version, "MAJOR.MINOR.PATCH". Static text; any thread. */
RL_API const char *rl_version(void);

/* One line on what a code means, for a person. Static text, never NULL, an unknown code included; any thread. */
RL_API const char *rl_strerror(int code);

/* Releases a buffer that rl_get, rl_check or rl_info returned. NULL is accepted; any thread. */
RL_API void rl_buffer_free(void *buffer);

/* ---- Options --------------------------------------------------------------------------------------------------
 * name                  values              default    meaning
 * appendfsync           always everysec no  always     when an acknowledged write is durable
 * create                yes no              yes        make the directory when it is missing
 * read-only             yes no              no         open without the write lock and without changing a byte
 * recovery              strict salvage      strict     on damage: refuse, or keep what is valid and report
 * snapshot-wal-bytes    bytes, 0 never      256mb      take a snapshot when the log since the last one is larger
 * snapshot-interval     seconds, 0 never    0          take one periodically when something changed
 * maxmemory             bytes, 0 none       0          limit of the data set
 * maxmemory-policy      Redis' eight names  noeviction what to do at the limit
 * maxmemory-samples     1 to 64             5          keys that are drawn to find the one that goes
 * reaper-interval-ms    0 off               100        background removal of expired keys and sparse pages
 * notify-keyspace-events  Redis' letters    none       what is published of what happens to keys
 * wal-segment-bytes     4kb to 1gb          64mb       a larger segment of the log is closed and a new one begun
 * requirepass           a password          none       what a session must say with AUTH before anything else
 * client-query-buffer-limit  from 1mb       1gb        an unfinished command that is larger ends its session
 * client-output-buffer-limit as in redis.conf          unread replies that end a session, by class of client:
 *                                                      "normal 0 0 0 slave 256mb 64mb 60 pubsub 32mb 8mb 60"
 * slowlog-log-slower-than  microseconds, -1    10000      a command that runs longer is in SLOWLOG; -1: none
 * slowlog-max-len       a number            128        how many commands SLOWLOG keeps
 * latency-monitor-threshold  milliseconds, 0  0          what takes longer is in LATENCY; 0: nothing
 * proto-max-bulk-len    1mb to 512mb        512mb      an argument that is larger ends its session
 * Bytes may carry kb, mb or gb (1024-based, as in redis.conf). CONFIG GET and CONFIG SET use the same names. */

/* Makes a set of options, all at their defaults. The caller releases it with rl_options_free; rl_open copies what it
 * needs, so it may be released right after. Codes: RL_ERR_NOMEM. */
RL_API int rl_options_new(rl_options **out);

/* Sets one option from text. Both strings are NUL-terminated and copied. On RL_ERR_INVALID the options are unchanged
 * and rl_errmsg(NULL, ...) on the same thread names the option and says what is allowed. */
RL_API int rl_options_set(rl_options *options, const char *name, const char *value);

/* Releases the options; NULL is accepted. */
RL_API void rl_options_free(rl_options *options);

/* Sets where the store's messages go (recovery reports, background failures). `log` gets one of RL_LOG_*, and a
 * NUL-terminated line without newline that is valid during the call. It is called from the caller's threads and from
 * the store's own, never under a lock that a reader needs, and must not call into the same store. NULL: messages are
 * dropped. `ctx` must live until rl_close returns. Without a callback the library writes nowhere. */
RL_API int rl_options_set_log(rl_options *options, void (*log)(void *ctx, int level, const char *message), void *ctx);

/* Sets the clock that TTLs are measured by: Unix time in milliseconds. It is called from many threads, often under a
 * lock, and must be fast and thread-safe. The store's time never goes back: when the clock does, expiry stands still
 * until it has caught up. NULL: the system's clock. `ctx` must live until rl_close returns. */
RL_API int rl_options_set_clock(rl_options *options, int64_t (*now_ms)(void *ctx), void *ctx);

/* ---- Open and close ------------------------------------------------------------------------------------------- */

/* Opens the store in the directory `path` (NUL-terminated), which is made when it is missing, with those above it,
 * unless `create` is `no`. NULL or ":memory:" keeps nothing on disk. `options` may be NULL. Recovers what a crash left:
 * when it returns RL_OK, all that the store shows is durable. One process at a time may hold a directory for writing.
 * Codes: RL_ERR_INVALID, RL_ERR_NOT_FOUND, RL_ERR_BUSY (the message names the process), RL_ERR_CORRUPT (names file,
 * offset, expected and found; no file was changed), RL_ERR_VERSION, RL_ERR_IO (names the path and the system's reason;
 * a path that is not a directory, or one that may not be read or written, is this too), RL_ERR_FULL, RL_ERR_NOMEM. */
RL_API int rl_open(const char *path, const rl_options *options, rl_db **out);

/* Waits for calls in progress, makes everything durable, seals the log, releases the lock and frees the store.
 * Batches and sessions made from it stay valid to be freed and answer RL_ERR_CLOSED. NULL is accepted. Codes:
 * RL_ERR_IO and RL_ERR_FULL when the last sync or the seal failed (the store is closed all the same, and opening it
 * recovers), RL_ERR_CLOSED when it was closed already, RL_ERR_FORKED (nothing is done). */
RL_API int rl_close(rl_db *db);

/* Copies the message of the handle's last failed call into `buffer`, cut to `capacity` - 1 bytes and NUL-terminated
 * when capacity is not 0. Returns the whole message's length. With `db` NULL: the message of this thread's last
 * failed rl_open, rl_options_set or rl_check. The handle's message is that of whichever thread failed last. */
RL_API size_t rl_errmsg(rl_db *db, char *buffer, size_t capacity);

/* ---- Strings and keys: the fast lanes ---------------------------------------------------------------------------
 * They act on database 0, as rl_command does. Keys and values may be up to 512 MiB: RL_ERR_LIMIT above. */

/* Sets the key to the value, whatever it held, and removes its expiry (SET key value). Durable on return under
 * appendfsync=always. Codes: a write's. */
RL_API int rl_set(rl_db *db, const void *key, size_t key_len, const void *value, size_t value_len);

/* As rl_set, with an expiry `ttl_ms` from now (0: none; RL_ERR_INVALID when negative) and RL_SET_* flags or-ed together
 * (RL_ERR_INVALID for unknown or contradictory ones). Returns RL_CONDITION when NX or XX said no: nothing was written.
 * Codes: a write's, RL_ERR_VALUE when the expiry overflows. */
RL_API int rl_set_with(rl_db *db, const void *key, size_t key_len, const void *value, size_t value_len, int64_t ttl_ms,
                       unsigned flags);

/* Gets the string at the key into a new buffer, which the caller releases with rl_buffer_free; it is followed by a
 * NUL that `value_len` does not count. RL_NOT_FOUND: `*value` is NULL. Codes: RL_ERR_TYPE. */
RL_API int rl_get(rl_db *db, const void *key, size_t key_len, void **value, size_t *value_len);

/* Copies at most `capacity` bytes of the string at the key into `buffer`; `*value_len` is always its true length (0
 * when not found). Codes: RL_NOT_FOUND, RL_ERR_TYPE. */
RL_API int rl_get_into(rl_db *db, const void *key, size_t key_len, void *buffer, size_t capacity, size_t *value_len);

/* Removes the key, of any type. RL_OK or RL_NOT_FOUND (then nothing was written or synced). Codes: a write's. */
RL_API int rl_del(rl_db *db, const void *key, size_t key_len);

/* RL_OK when the key exists, RL_NOT_FOUND when not. */
RL_API int rl_exists(rl_db *db, const void *key, size_t key_len);

/* Adds `delta` to the integer at the key (0 when missing) and, when `result` is not NULL, gives the sum. Keeps the
 * expiry. Codes: RL_ERR_TYPE, RL_ERR_VALUE (no integer, or the sum overflows; nothing was written), a write's. */
RL_API int rl_incr_by(rl_db *db, const void *key, size_t key_len, int64_t delta, int64_t *result);

/* Makes the key expire `ttl_ms` from now; 0 or less removes it at once, as in Redis. RL_OK or RL_NOT_FOUND.
 * Codes: a write's, RL_ERR_VALUE when the time overflows. */
RL_API int rl_expire(rl_db *db, const void *key, size_t key_len, int64_t ttl_ms);

/* Removes the key's expiry. RL_OK, also when it had none (nothing is written then); RL_NOT_FOUND when there is no
 * key. Codes: a write's. */
RL_API int rl_persist(rl_db *db, const void *key, size_t key_len);

/* Gives the milliseconds until the key expires, -1 when it never does. RL_OK or RL_NOT_FOUND (`*ttl_ms` is -2 then). */
RL_API int rl_ttl(rl_db *db, const void *key, size_t key_len, int64_t *ttl_ms);

/* Gives the number of keys in database 0 that have not expired. */
RL_API int rl_count(rl_db *db, uint64_t *keys);

/* ---- Every command ---------------------------------------------------------------------------------------------- */

/* Runs one command of docs/COMMANDS.md on database 0: argv[0] is its name, any case. `argv_len` may be NULL when
 * every argument is NUL-terminated text. RL_OK whenever `*out` holds a reply, an error reply included: look at
 * rl_reply_type and rl_reply_code. The caller releases the reply with rl_reply_free. A write is durable as
 * `appendfsync` asks when it returns. Commands that need a connection's state (SELECT, MULTI, WATCH, SUBSCRIBE,
 * HELLO ...) answer an error that names sessions. A blocking command (BLPOP) waits in the calling thread, at most its
 * timeout; rl_close ends the waiting with RL_ERR_CLOSED. Replies have RESP3's shapes (maps, sets, doubles). Codes:
 * RL_ERR_INVALID when argc is 0. */
RL_API int rl_command(rl_db *db, size_t argc, const char *const *argv, const size_t *argv_len, rl_reply **out);

/* The reply's RL_REPLY_* type. Replies do not change; elements are borrowed from their root and live as long as it
 * does. Every accessor accepts any reply, and NULL, and answers 0, NULL or RL_REPLY_NIL where it does not apply. */
RL_API int rl_reply_type(const rl_reply *reply);
RL_API int64_t rl_reply_integer(const rl_reply *reply);
RL_API double rl_reply_double(const rl_reply *reply);
/* Status, error, string, verbatim, big number and double: the bytes, NUL-terminated as well. `len` may be NULL. */
RL_API const char *rl_reply_string(const rl_reply *reply, size_t *len);
/* The number of elements; a map counts its keys and its values. */
RL_API size_t rl_reply_count(const rl_reply *reply);
/* Element `index` of an array, map, set or push; NULL when there is none. */
RL_API const rl_reply *rl_reply_at(const rl_reply *reply, size_t index);
/* RL_OK, or the RL_ERR_* that an error reply stands for. */
RL_API int rl_reply_code(const rl_reply *reply);
/* Releases a root reply with all its elements; NULL is accepted. Never call it on an element. */
RL_API void rl_reply_free(rl_reply *reply);

/* ---- Atomic batches: MULTI and EXEC in one call ------------------------------------------------------------------ */

/* Makes an empty batch, which the caller releases with rl_batch_free, before or after rl_close. */
RL_API int rl_batch_new(rl_db *db, rl_batch **out);

/* Adds a command; the arguments are copied. What can be seen wrong now (unknown command, number of arguments, syntax
 * of an expiry, a command not allowed in a transaction) is RL_ERR_COMMAND or RL_ERR_VALUE and leaves the batch as it
 * was. */
RL_API int rl_batch_add(rl_batch *batch, size_t argc, const char *const *argv, const size_t *argv_len);

/* Executes the batch: one record, one sync, visible to others at once, whole or absent after a crash. `*out` (when
 * `out` is not NULL) becomes an array with one element a command; a command that fails on the data gives an error
 * element while the others stand, as in Redis. The batch is empty afterwards and can be used again; when the code is
 * not RL_OK nothing of it was done and it still holds its commands. Codes: a write's. */
RL_API int rl_batch_commit(rl_batch *batch, rl_reply **out);

/* Releases the batch and what it holds; NULL is accepted. */
RL_API void rl_batch_free(rl_batch *batch);

/* ---- Sessions: RESP2 and RESP3 bytes in, reply bytes out ---------------------------------------------------------
 * A session is everything that a connection to a Redis server is, without a socket: databases, transactions, pub/sub,
 * blocking commands, RESP2 and RESP3. What a client library would write to its socket is fed, what it would read is
 * peeked and consumed. Commands of one session are done and answered in their order.
 *
 * A session is used by one thread at a time, but for rl_session_interrupt, which any thread may call. It may be used
 * inside no callback of its own. After rl_close of its store every function answers RL_ERR_CLOSED; the session must
 * still be released. */

/* Opens a session, which the caller releases with rl_session_close, before or after rl_close. Codes: RL_ERR_NOMEM,
 * RL_ERR_LIMIT (as many are open as the setting "maxclients" of rl_host_setting says; INFO counts who is refused). */
RL_API int rl_session_open(rl_db *db, rl_session **out);

/* Gives bytes to the session, any number, cut anywhere; they are copied as far as they are needed later. Runs the whole
 * commands among them, but never waits for a sync or a blocking command: what must wait is answered later, and what
 * stands behind it is kept. A protocol error is answered with Redis' text and ends the session. Codes: RL_ERR_CLOSED
 * when the session is over (QUIT, a protocol error, CLIENT KILL, more unread output than client-output-buffer-limit
 * allows): the bytes were dropped, what is ready can still be peeked. RL_ERR_NOMEM: the session is over, because how
 * much of the bytes was done cannot be said; every reply that it still gives is true. */
RL_API int rl_session_feed(rl_session *s, const void *bytes, size_t len);

/* rl_session_feed for `count` sessions of one store, each once, for who serves many: sessions[i] is given the lens[i]
 * bytes at bytes[i], and what rl_session_feed would have returned is stored in codes[i]; `codes` may be NULL. What the
 * sessions write is appended to the log in one piece, so that it costs less than calls one by one; otherwise nothing
 * differs. Returns the first of the codes that is not RL_OK; or RL_ERR_INVALID (a NULL, or sessions of two stores):
 * nothing was fed and no code stored. */
RL_API int rl_sessions_feed(rl_session *const *sessions, const void *const *bytes, const size_t *lens, size_t count,
                            int *codes);

/* Gives the reply bytes that are ready, without a copy: they stay valid until the next call on the session. `*len` is 0
 * when there are none now. RL_ERR_CLOSED when there are none and the session is over. */
RL_API int rl_session_peek(rl_session *s, const void **bytes, size_t *len);

/* Drops the first `len` of the bytes that are ready. RL_ERR_INVALID when there are not so many. */
RL_API int rl_session_consume(rl_session *s, size_t len);

/* 1 when rl_session_peek would give bytes, else 0. Makes no system call. */
RL_API int rl_session_pending(rl_session *s);

/* 1 while a command that was fed is not answered yet, other than a blocking one that waits for a key; else 0. For who
 * wants to end a connection with everything answered. */
RL_API int rl_session_busy(rl_session *s);

/* Waits until bytes are ready: RL_OK. RL_NOT_FOUND when `timeout_ms` milliseconds have passed, or after
 * rl_session_interrupt; RL_ERR_CLOSED when the session is over and nothing is ready. A negative timeout is none. */
RL_API int rl_session_wait(rl_session *s, int timeout_ms);

/* A file descriptor that is readable while bytes are ready or the session is over, for poll and the like; the session
 * owns it. Made on first use. Negative: an RL_ERR_* code (RL_ERR_NOMEM when there is no descriptor left). */
RL_API int rl_session_fd(rl_session *s);

/* Wakes rl_session_wait: the one under way, or the next. From any thread. */
RL_API int rl_session_interrupt(rl_session *s);

/* Has `notify(ctx)` called, by any thread, whenever bytes may have become ready or the session has ended, in place of a
 * descriptor; NULL for no longer. It must be quick and must call no function of this library. */
RL_API int rl_session_notify(rl_session *s, void (*notify)(void *ctx), void *ctx);

/* What CLIENT LIST shows as the two ends of the connection ("127.0.0.1:49152"), for who puts a socket around it. */
RL_API int rl_session_set_peer(rl_session *s, const char *address, const char *local_address);

/* Releases the session; NULL is accepted. Commands that were fed and are not done yet are done without it, but for a
 * blocking one, which is given up. */
RL_API void rl_session_close(rl_session *s);

/* ---- The program around a store -------------------------------------------------------------------------------- */

/* What sessions' commands can ask of the program that the store is in. */
enum rl_host_request {
  RL_HOST_CONFIG_SET = 1,     /* CONFIG SET of a setting that rl_host_setting has told: `name`, `value` */
  RL_HOST_CONFIG_REWRITE = 2, /* CONFIG REWRITE; not asked unless there is a setting "config" that is not empty */
  RL_HOST_SHUTDOWN = 3        /* SHUTDOWN: close the sessions and the store soon */
};

/* Says what CONFIG GET answers for a setting of the program's own ("port", "maxclients"); copied. A setting that is an
 * option of the store, too, is shown as told here. "maxclients" is kept to by rl_session_open. Codes: RL_ERR_INVALID,
 * RL_ERR_NOMEM. */
RL_API int rl_host_setting(rl_db *db, const char *name, const char *value);

/* Has `answer` asked, one of rl_host_request, on the thread that runs the command. It returns RL_OK when it did, or is
 * about to do, what it was asked for; anything else refuses, and the command answers an error. It may use the store,
 * but not close it. `name` and `value` are valid during the call and never NULL. `ctx` must live until rl_close
 * returns. NULL: nobody answers any more, as before the first call: SHUTDOWN is an error then. */
RL_API int rl_host_answer(rl_db *db, int (*answer)(void *ctx, int request, const char *name, const char *value),
                          void *ctx);

/* ---- Durability and care --------------------------------------------------------------------------------------- */

/* Returns RL_OK when everything acknowledged before the call is on the device, whatever `appendfsync` says. On a
 * store in memory there is nothing to do. Codes: RL_ERR_IO (poisoned), RL_ERR_READONLY. */
RL_API int rl_sync(rl_db *db);

/* Takes a snapshot of the data as it stands at one point during the call, makes it durable and removes the log
 * before it. Readers and writers go on meanwhile. A snapshot that is under way is waited for, and another taken.
 * Codes: RL_ERR_IO, RL_ERR_FULL (the log still has everything), RL_ERR_READONLY, RL_ERR_INVALID on a store in
 * memory. */
RL_API int rl_snapshot(rl_db *db);

/* Writes a consistent copy of the store into the directory `path`, which must not exist or be empty, while readers
 * and writers go on; the copy is a store of its own and durable on return. `progress` (may be NULL) is called on
 * this thread with the keys done and the total expected; a value other than 0 cancels: the function returns
 * RL_CONDITION and removes what it wrote. Codes: RL_ERR_INVALID (the path is in use), RL_ERR_IO, RL_ERR_FULL. Works
 * on a store in memory and on a read-only one. */
RL_API int rl_backup(rl_db *db, const char *path, int (*progress)(void *ctx, uint64_t done, uint64_t total), void *ctx);

/* Verifies every checksum and every link of the store at `path`, which no process may have open for writing, and
 * changes nothing. `*report` (released with rl_buffer_free) is a JSON object: {"path", "ok", "clean",
 * "snapshot_lsn", "last_lsn", "files": [...], "errors": [{"file", "offset", "what"}]}; it is given with RL_OK and
 * with RL_ERR_CORRUPT. `report_len` may be NULL. Codes: RL_ERR_NOT_FOUND, RL_ERR_BUSY, RL_ERR_CORRUPT,
 * RL_ERR_VERSION, RL_ERR_IO. */
RL_API int rl_check(const char *path, char **report, size_t *report_len);

/* Gives INFO's text: `section` is one of INFO's section names ("server", "memory", "persistence", "stats", "keyspace",
 * "recovery", ...), NULL means all. "recovery" is the report of how the store was opened. The text is NUL-terminated
 * and released with rl_buffer_free; `text_len` may be NULL. An unknown section gives empty text, as in Redis. */
RL_API int rl_info(rl_db *db, const char *section, char **text, size_t *text_len);

#ifdef __cplusplus
}
#endif

#endif /* REDISLITE_H */
