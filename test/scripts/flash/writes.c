/*
 * Writes down what a program writes to one file (LD_PRELOAD): IMAGE is the file, TRACE where it is written down, a
 * record a write: offset and length (8 bytes each, of this machine's order), then the bytes. After FAIL_AFTER writes,
 * where that is set, the medium is gone: EIO.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);

static void set_up(void) {
  if (real_write) return;
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_write = dlsym(RTLD_NEXT, "write");
}

static int is_image(int fd) {
  char link[32], path[PATH_MAX];
  const char *image = getenv("IMAGE");
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0 || !image) return 0;
  path[length] = 0;
  return strcmp(path, image) == 0;
}

static int is_gone(void) {
  static int writes;
  const char *most = getenv("FAIL_AFTER");
  if (!most || writes++ < atoi(most)) return 0;
  errno = EIO;
  return 1;
}

static void note(const void *bytes, size_t length, off_t offset) {
  int64_t head[2] = {offset, length};
  int trace = open(getenv("TRACE"), O_WRONLY | O_APPEND | O_CREAT, 0600);
  if (trace < 0 || real_write(trace, head, sizeof head) < 0 || real_write(trace, bytes, length) < 0) abort();
  close(trace);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  set_up();
  if (is_image(fd)) {
    if (is_gone()) return -1;
    note(bytes, length, lseek(fd, 0, SEEK_CUR));
  }
  return real_write(fd, bytes, length);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
  set_up();
  if (is_image(fd)) {
    if (is_gone()) return -1;
    note(bytes, length, offset);
  }
  return real_pwrite(fd, bytes, length, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  return pwrite64(fd, bytes, length, offset);
}
