/*
 * Writes down what a program writes to one file (LD_PRELOAD): IMAGE is the file, TRACE where it is written down, a
 * record a write: offset and length (8 bytes each, of this machine's order), then the bytes. After FAIL_AFTER writes,
 * where that is set, the medium is gone: EIO. Before write KILL_BEFORE, renames and syncs counted as well, the whole
 * process group is killed. IMAGE may be a folder, for all that is in it; TRACE may be absent.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_rename)(const char *, const char *);
static int (*real_unlink)(const char *);

static void set_up(void) {
  if (real_write) return;
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_writev = dlsym(RTLD_NEXT, "writev");
  real_pwritev = dlsym(RTLD_NEXT, "pwritev64");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_rename = dlsym(RTLD_NEXT, "rename");
  real_unlink = dlsym(RTLD_NEXT, "unlink");
  real_write = dlsym(RTLD_NEXT, "write");
}

static int is_below(const char *path) {
  const char *image = getenv("IMAGE");
  size_t length = image ? strlen(image) : 0;
  return length > 0 && strncmp(path, image, length) == 0 && (path[length] == 0 || path[length] == '/');
}

static int is_image(int fd) {
  char link[32], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_below(path);
}

static void count(void) {
  static int steps;
  const char *last = getenv("KILL_BEFORE");
  if (last && __sync_fetch_and_add(&steps, 1) >= atoi(last)) kill(0, SIGKILL);
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
  if (!getenv("TRACE")) return;
  int trace = open(getenv("TRACE"), O_WRONLY | O_APPEND | O_CREAT, 0600);
  if (trace < 0 || real_write(trace, head, sizeof head) < 0 || real_write(trace, bytes, length) < 0) abort();
  close(trace);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  set_up();
  if (is_image(fd)) {
    count();
    if (is_gone()) return -1;
    note(bytes, length, lseek(fd, 0, SEEK_CUR));
  }
  return real_write(fd, bytes, length);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
  set_up();
  if (is_image(fd)) {
    count();
    if (is_gone()) return -1;
    note(bytes, length, offset);
  }
  return real_pwrite(fd, bytes, length, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  return pwrite64(fd, bytes, length, offset);
}

ssize_t writev(int fd, const struct iovec *pieces, int number) {
  set_up();
  if (is_image(fd)) count();
  return real_writev(fd, pieces, number);
}

ssize_t pwritev64(int fd, const struct iovec *pieces, int number, off_t offset) {
  set_up();
  if (is_image(fd)) count();
  return real_pwritev(fd, pieces, number, offset);
}

ssize_t pwritev(int fd, const struct iovec *pieces, int number, off_t offset) {
  return pwritev64(fd, pieces, number, offset);
}

int fsync(int fd) {
  set_up();
  if (is_image(fd)) count();
  return real_fsync(fd);
}

int fdatasync(int fd) {
  set_up();
  if (is_image(fd)) count();
  return real_fdatasync(fd);
}

int rename(const char *from, const char *to) {
  set_up();
  if (is_below(to)) count();
  return real_rename(from, to);
}

int unlink(const char *path) {
  set_up();
  if (is_below(path)) count();
  return real_unlink(path);
}
