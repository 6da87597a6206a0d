/* hiredis on redislite-server: PORT. Blocking and pipelined commands, binary values, every kind of reply, errors,
 * transactions, messages, blocking pops, its timeout. Says what is wrong and ends with 1. */
#include <hiredis/hiredis.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

enum { kPipelined = 10000 };

static redisContext *Connect(int port) {
  redisContext *const context = redisConnect("127.0.0.1", port);
  if (context == NULL || context->err != 0) {
    fprintf(stderr, "no connection: %s\n", context == NULL ? "out of memory" : context->errstr);
    exit(1);
  }
  return context;
}

static void Fail(const char *what, const redisReply *reply) {
  fprintf(stderr, "%s: type %d integer %lld text %s\n", what, reply->type, reply->integer,
          reply->str == NULL ? "(none)" : reply->str);
  exit(1);
}

static redisReply *Ask(redisContext *context, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  redisReply *const reply = redisvCommand(context, format, arguments);
  va_end(arguments);
  if (reply == NULL) {
    fprintf(stderr, "%s: %s\n", format, context->errstr);
    exit(1);
  }
  return reply;
}

static void ExpectText(redisReply *reply, int type, const char *text, size_t size) {
  if (reply->type != type || reply->len != size || memcmp(reply->str, text, size) != 0) Fail(text, reply);
  freeReplyObject(reply);
}

static void ExpectStatus(redisReply *reply, const char *text) {
  ExpectText(reply, REDIS_REPLY_STATUS, text, strlen(text));
}

static void ExpectInteger(redisReply *reply, long long number) {
  if (reply->type != REDIS_REPLY_INTEGER || reply->integer != number) Fail("an integer", reply);
  freeReplyObject(reply);
}

static void ExpectElements(redisReply *reply, size_t count) {
  if (reply->type != REDIS_REPLY_ARRAY || reply->elements != count) Fail("an array", reply);
  freeReplyObject(reply);
}

static void Commands(redisContext *context) {
  ExpectStatus(Ask(context, "PING"), "PONG");
  ExpectStatus(Ask(context, "SET %s %s", "foo", "hello world"), "OK");
  ExpectText(Ask(context, "GET foo"), REDIS_REPLY_STRING, "hello world", 11);
  ExpectStatus(Ask(context, "SET %b %b", "b\0r", (size_t)3, "h\r\n\0o", (size_t)5), "OK");
  ExpectText(Ask(context, "GET %b", "b\0r", (size_t)3), REDIS_REPLY_STRING, "h\r\n\0o", 5);
  redisReply *const missing = Ask(context, "GET nobody");
  if (missing->type != REDIS_REPLY_NIL) Fail("nil", missing);
  freeReplyObject(missing);
  ExpectInteger(Ask(context, "INCR counter"), 1);
  ExpectInteger(Ask(context, "INCR counter"), 2);
  ExpectInteger(Ask(context, "DEL mylist"), 0);
  for (int i = 0; i < 10; ++i) ExpectInteger(Ask(context, "LPUSH mylist element-%d", i), i + 1);
  ExpectElements(Ask(context, "LRANGE mylist 0 -1"), 10);
  redisReply *const wrong = Ask(context, "GET mylist");
  if (wrong->type != REDIS_REPLY_ERROR || strncmp(wrong->str, "WRONGTYPE ", 10) != 0) Fail("WRONGTYPE", wrong);
  freeReplyObject(wrong);
  ExpectStatus(Ask(context, "MULTI"), "OK");
  ExpectStatus(Ask(context, "INCRBY counter 40"), "QUEUED");
  ExpectStatus(Ask(context, "GET counter"), "QUEUED");
  ExpectElements(Ask(context, "EXEC"), 2);
  ExpectText(Ask(context, "GET counter"), REDIS_REPLY_STRING, "42", 2);
}

static void Pipeline(redisContext *context) {
  for (int i = 0; i < kPipelined; ++i) redisAppendCommand(context, "INCRBY piped %d", i);
  long long sum = 0;
  for (int i = 0; i < kPipelined; ++i) {
    void *reply = NULL;
    if (redisGetReply(context, &reply) != REDIS_OK) {
      fprintf(stderr, "reply %d of the pipeline: %s\n", i, context->errstr);
      exit(1);
    }
    ExpectInteger(reply, sum += i);
  }
}

static void Messages(redisContext *context, int port) {
  redisContext *const listener = Connect(port);
  ExpectElements(Ask(listener, "SUBSCRIBE news"), 3);
  ExpectInteger(Ask(context, "PUBLISH news %s", "hello"), 1);
  void *message = NULL;
  if (redisGetReply(listener, &message) != REDIS_OK) exit(1);
  ExpectElements(message, 3);
  redisFree(listener);
}

static void BlockingPops(redisContext *context, int port) {
  redisContext *const waiter = Connect(port);
  redisAppendCommand(waiter, "BLPOP queue 0");
  int done = 0;
  while (done == 0) {
    if (redisBufferWrite(waiter, &done) != REDIS_OK) exit(1);
  }
  ExpectInteger(Ask(context, "RPUSH queue job"), 1);
  void *popped = NULL;
  if (redisGetReply(waiter, &popped) != REDIS_OK) exit(1);
  ExpectElements(popped, 2);

  const struct timeval patience = {0, 50000};
  if (redisSetTimeout(waiter, patience) != REDIS_OK) exit(1);
  redisReply *const none = redisCommand(waiter, "BLPOP queue 0");
  if (none != NULL || waiter->err == 0) {
    fprintf(stderr, "a wait without an end had one\n");
    exit(1);
  }
  redisFree(waiter);
  ExpectInteger(Ask(context, "EXISTS queue"), 0);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  const int port = atoi(argv[1]);
  redisContext *const context = Connect(port);
  Commands(context);
  Pipeline(context);
  Messages(context, port);
  BlockingPops(context, port);
  ExpectStatus(Ask(context, "PING"), "PONG");
  redisFree(context);
  puts("hiredis: as with Redis");
  return 0;
}
