/* framed_client.c - speaks the length-prefixed protocol of redislite-server (--framed-port).
 *
 * Usage: framed_client PORT COMMAND...     each COMMAND is one word of the shell: "SET greeting hello"
 *
 * A frame is its length in 4 bytes, little-endian, and so many bytes. All commands are sent at once, the replies are
 * read behind them, in the same order, each in a frame of its own, and printed as they came: in RESP. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what) {
  perror(what);
  exit(1);
}

static void send_all(int fd, const void *bytes, size_t size) {
  const char *at = bytes;
  while (size > 0) {
    const ssize_t sent = write(fd, at, size);
    if (sent < 0) die("write");
    at += sent;
    size -= (size_t)sent;
  }
}

/* 0 when the server has closed the connection. */
static int receive_all(int fd, void *bytes, size_t size) {
  char *at = bytes;
  while (size > 0) {
    const ssize_t got = read(fd, at, size);
    if (got < 0) die("read");
    if (got == 0) return 0;
    at += got;
    size -= (size_t)got;
  }
  return 1;
}

static void send_frame(int fd, const char *payload) {
  const size_t size = strlen(payload);
  const unsigned char header[4] = {(unsigned char)size, (unsigned char)(size >> 8), (unsigned char)(size >> 16),
                                   (unsigned char)(size >> 24)};
  send_all(fd, header, sizeof header);
  send_all(fd, payload, size);
}

static int print_frame(int fd) {
  unsigned char header[4];
  if (!receive_all(fd, header, sizeof header)) return 0;
  const size_t size = header[0] | (size_t)header[1] << 8 | (size_t)header[2] << 16 | (size_t)header[3] << 24;
  char *payload = malloc(size + 1);
  if (payload == NULL) die("malloc");
  if (!receive_all(fd, payload, size)) return 0;
  fwrite(payload, 1, size, stdout);
  free(payload);
  return 1;
}

int main(int argc, char **argv) {
  if (argc < 3) return fprintf(stderr, "usage: %s PORT COMMAND...\n", argv[0]), 2;
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) die("socket");
  struct sockaddr_in server;
  memset(&server, 0, sizeof server);
  server.sin_family = AF_INET;
  server.sin_port = htons((uint16_t)atoi(argv[1]));
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (struct sockaddr *)&server, sizeof server) != 0) die("connect");

  for (int i = 2; i < argc; ++i) send_frame(fd, argv[i]);
  for (int i = 2; i < argc; ++i) {
    if (!print_frame(fd)) return fprintf(stderr, "the server closed the connection\n"), 1;
  }
  close(fd);
  return 0;
}
