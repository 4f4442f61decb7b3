/*
 * A disk that forgets what was not synced, for one process (LD_PRELOAD).
 *
 * Below the folder DISK_ROOT all writes go to the real files, so that the process reads what it has written. Beside
 * them DISK_IMAGE holds what would be there after a power cut:
 *
 *   inode/<device>-<inode>-<serial>   content of a file as of its last fsync or fdatasync, page by page
 *   tree/                             names as of the last fsync of their folder; hard links to inode/…
 *
 * fsync and fdatasync of a file copy the pages written since into its image; fsync of a folder makes its names those of
 * tree/. Nothing else makes anything durable; sync_file_range does not. Whoever kills the process finds the survivors in
 * tree/, and, by comparing them with the real files, what was on its way.
 *
 * DISK_CONTROL is a file of 32-bit numbers, shared with the test; see enum below and lossy-disk.ts.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
  FAIL_SYNC,      /* errno of every fsync and fdatasync below the root; 0: none */
  FAIL_WRITE,     /* errno of every write */
  WRITES_LEFT,    /* writes that still succeed before FAIL_WRITE holds */
  LIE,            /* 1: syncs say they are done and do nothing */
  HOLD,           /* 1: syncs wait until it is 0 */
  SYNCS,          /* syncs that were asked for */
  HELD,           /* syncs that wait now */
  DELAY_US,       /* each sync takes so much longer */
  FAIL_CREATE,    /* errno of every open that would make a file */
  CONTROLS
};

#define PAGE 4096
#define BUCKETS 1024

struct file {
  dev_t device;
  ino_t inode;
  unsigned serial;
  int image;              /* descriptor of inode/… */
  unsigned char *dirty;   /* a byte a page */
  size_t pages;           /* length of dirty */
  int all_dirty;
  off_t shortest;         /* smallest size since the last sync */
  struct file *next;
};

static struct file *files[BUCKETS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static char root[PATH_MAX], image[PATH_MAX];
static size_t root_length;
static volatile int32_t *control;
static unsigned serials;
static dev_t root_device;

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);

static void set_up(void) {
  real_open = dlsym(RTLD_NEXT, "open64");
  real_openat = dlsym(RTLD_NEXT, "openat64");
  real_write = dlsym(RTLD_NEXT, "write");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_writev = dlsym(RTLD_NEXT, "writev");
  real_pwritev = dlsym(RTLD_NEXT, "pwritev64");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  const char *r = getenv("DISK_ROOT"), *i = getenv("DISK_IMAGE"), *c = getenv("DISK_CONTROL");
  if (!r || !i || !c || !realpath(r, root) || !realpath(i, image)) return;
  int fd = real_open(c, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  control = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  struct stat status;
  if (stat(root, &status) == 0) root_device = status.st_dev;
  root_length = strlen(root);
}

static void ready(void) { pthread_once(&once, set_up); }

/* The path relative to the root, or NULL when the file is none of ours. The -shm of SQLite is no data. */
static const char *relative(const char *path, char *resolved) {
  if (!root_length || !control) return NULL;
  if (!realpath(path, resolved)) return NULL;
  if (strncmp(resolved, root, root_length) != 0 || resolved[root_length] != '/') return NULL;
  size_t length = strlen(resolved);
  if (length > 4 && strcmp(resolved + length - 4, "-shm") == 0) return NULL;
  return resolved + root_length + 1;
}

static struct file *find(dev_t device, ino_t inode) {
  struct file *newest = NULL;
  for (struct file *each = files[inode % BUCKETS]; each; each = each->next)
    if (each->device == device && each->inode == inode && (!newest || each->serial > newest->serial)) newest = each;
  return newest;
}

static struct file *of(int fd) {
  struct stat status;
  if (!control || !root_length || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return NULL;
  if (status.st_dev != root_device) return NULL;
  return find(status.st_dev, status.st_ino);
}

static void image_path(char *to, const struct file *file) {
  snprintf(to, PATH_MAX, "%s/inode/%lu-%lu-%u", image, (unsigned long)file->device, (unsigned long)file->inode,
           file->serial);
}

/* With the lock. A file that was there before is durable as it is in tree/. */
static void follow(int fd, const char *name, int is_new) {
  struct stat status;
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return;
  if (!is_new && find(status.st_dev, status.st_ino)) return;
  struct file *file = calloc(1, sizeof *file);
  file->device = status.st_dev;
  file->inode = status.st_ino;
  file->serial = ++serials;
  file->shortest = status.st_size;
  char own[PATH_MAX], durable[PATH_MAX + 8];
  image_path(own, file);
  snprintf(durable, sizeof durable, "%s/tree/%s", image, name);
  if (is_new || link(durable, own) != 0) {
    close(real_open(own, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    file->all_dirty = !is_new;
  }
  file->image = real_open(own, O_RDWR | O_CLOEXEC);
  file->next = files[file->inode % BUCKETS];
  files[file->inode % BUCKETS] = file;
}

static void touched(struct file *file, off_t from, size_t length) {
  size_t first = from / PAGE, last = (from + length + PAGE - 1) / PAGE;
  if (last > file->pages) {
    size_t pages = last * 2;
    file->dirty = realloc(file->dirty, pages);
    memset(file->dirty + file->pages, 0, pages - file->pages);
    file->pages = pages;
  }
  memset(file->dirty + first, 1, last - first);
}

static void copy_page(int from, int to, size_t page, off_t size) {
  char bytes[PAGE];
  off_t at = (off_t)page * PAGE;
  if (at >= size) return;
  ssize_t got = pread(from, bytes, PAGE, at);
  if (got > 0) real_pwrite(to, bytes, got, at);
}

/* With the lock: what was written since becomes durable. */
static void persist(int fd, struct file *file) {
  struct stat status;
  if (fstat(fd, &status) != 0) return;
  char self[64];
  snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
  int mode = fcntl(fd, F_GETFL) & O_ACCMODE;
  /* Never for a file of SQLite, which opens for reading and writing: closing it again would drop its locks. */
  int from = mode == O_WRONLY ? real_open(self, O_RDONLY | O_CLOEXEC) : fd;
  struct stat there;
  if (fstat(file->image, &there) == 0 && file->shortest < there.st_size) real_ftruncate(file->image, file->shortest);
  real_ftruncate(file->image, status.st_size);
  size_t pages = (status.st_size + PAGE - 1) / PAGE;
  for (size_t page = 0; page < pages; page++)
    if (file->all_dirty || (page < file->pages && file->dirty[page])) copy_page(from, file->image, page, status.st_size);
  if (file->pages) memset(file->dirty, 0, file->pages);
  file->all_dirty = 0;
  file->shortest = status.st_size;
  if (from != fd) close(from);
}

/* A folder that was synced before the one it is in keeps its names, as its inode does; its own name is not lost here. */
static void make_folders(char *path, size_t from) {
  for (char *slash = path + from; (slash = strchr(slash + 1, '/')) != NULL; *slash = '/') {
    *slash = 0;
    mkdir(path, 0700);
  }
  mkdir(path, 0700);
}

/* With the lock: tree/ gets the names that the folder has now. Each name changes at once or not at all. */
static void persist_names(int fd) {
  char self[64], folder[PATH_MAX], own[PATH_MAX], name[2 * PATH_MAX], spare[2 * PATH_MAX];
  snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(self, folder, sizeof folder - 1);
  if (length <= 0) return;
  folder[length] = 0;
  if (strncmp(folder, root, root_length) != 0) return;
  const char *below = folder + root_length;
  snprintf(name, sizeof name, "%s/tree%s", image, below);
  make_folders(name, strlen(image));
  snprintf(spare, sizeof spare, "%s/spare", image);
  DIR *entries = opendir(folder);
  if (!entries) return;
  struct dirent *entry;
  struct stat status, durable, tree;
  while ((entry = readdir(entries))) {
    char path[2 * PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (lstat(path, &status) != 0 || !S_ISREG(status.st_mode)) continue;
    struct file *file = find(status.st_dev, status.st_ino);
    if (!file) continue;
    image_path(own, file);
    if (stat(own, &durable) != 0) continue;
    snprintf(name, sizeof name, "%s/tree%s/%s", image, below, entry->d_name);
    if (lstat(name, &tree) == 0 && tree.st_ino == durable.st_ino) continue;
    unlink(spare);
    if (link(own, spare) == 0) rename(spare, name);
  }
  closedir(entries);
  snprintf(name, sizeof name, "%s/tree%s", image, below);
  entries = opendir(name);
  while (entries && (entry = readdir(entries))) {
    char path[2 * PATH_MAX], gone[2 * PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    snprintf(gone, sizeof gone, "%s/tree%s/%s", image, below, entry->d_name);
    if (lstat(gone, &tree) == 0 && S_ISREG(tree.st_mode) && lstat(path, &status) != 0) unlink(gone);
  }
  if (entries) closedir(entries);
}

static int sync_fd(int fd, int (*real)(int)) {
  ready();
  struct stat status;
  if (!control || fstat(fd, &status) != 0 || status.st_dev != root_device) return real(fd);
  struct file *file = S_ISREG(status.st_mode) ? of(fd) : NULL;
  if (S_ISREG(status.st_mode) && !file) return real(fd);
  __sync_fetch_and_add(&control[SYNCS], 1);
  __sync_fetch_and_add(&control[HELD], 1);
  while (control[HOLD]) usleep(1000);
  __sync_fetch_and_sub(&control[HELD], 1);
  if (control[DELAY_US]) usleep(control[DELAY_US]);
  if (control[FAIL_SYNC]) {
    errno = control[FAIL_SYNC];
    return -1;
  }
  if (control[LIE]) return 0;
  pthread_mutex_lock(&lock);
  if (file) persist(fd, file);
  else if (S_ISDIR(status.st_mode)) persist_names(fd);
  pthread_mutex_unlock(&lock);
  return 0;
}

int fsync(int fd) { ready(); return sync_fd(fd, real_fsync); }
int fdatasync(int fd) { ready(); return sync_fd(fd, real_fdatasync); }
int sync_file_range(int fd, off64_t from, off64_t length, unsigned flags) {
  (void)fd; (void)from; (void)length; (void)flags;
  return 0;
}

/* -1 with errno when this write is to fail. */
static int refused(const struct file *file) {
  if (!file || !control[FAIL_WRITE]) return 0;
  if (__sync_fetch_and_sub(&control[WRITES_LEFT], 1) > 0) return 0;
  errno = control[FAIL_WRITE];
  return 1;
}

#define WRITTEN(file, at, call)                       \
  do {                                                \
    if (refused(file)) return -1;                     \
    ssize_t done = (call);                            \
    if (file && done > 0) {                           \
      pthread_mutex_lock(&lock);                      \
      touched(file, at, done);                        \
      pthread_mutex_unlock(&lock);                    \
    }                                                 \
    return done;                                      \
  } while (0)

/* Where write() will write. */
static off_t place(int fd, const struct file *file) {
  if (!file) return 0;
  if (fcntl(fd, F_GETFL) & O_APPEND) {
    struct stat status;
    return fstat(fd, &status) == 0 ? status.st_size : 0;
  }
  return lseek(fd, 0, SEEK_CUR);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  ready();
  struct file *file = of(fd);
  off_t at = place(fd, file);
  WRITTEN(file, at, real_write(fd, bytes, length));
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
  ready();
  struct file *file = of(fd);
  WRITTEN(file, at, real_pwrite(fd, bytes, length, at));
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return pwrite64(fd, bytes, length, at); }
ssize_t writev(int fd, const struct iovec *parts, int count) {
  ready();
  struct file *file = of(fd);
  off_t at = place(fd, file);
  WRITTEN(file, at, real_writev(fd, parts, count));
}
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) {
  ready();
  struct file *file = of(fd);
  WRITTEN(file, at, real_pwritev(fd, parts, count, at));
}
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { return pwritev64(fd, parts, count, at); }

int ftruncate64(int fd, off64_t size) {
  ready();
  struct file *file = of(fd);
  if (refused(file)) return -1;
  int result = real_ftruncate(fd, size);
  if (result == 0 && file) {
    pthread_mutex_lock(&lock);
    if (size < file->shortest) file->shortest = size;
    pthread_mutex_unlock(&lock);
  }
  return result;
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int opened(int fd, const char *path, int flags, int was_there) {
  char resolved[PATH_MAX];
  if (fd < 0) return fd;
  int error = errno;
  const char *name = relative(path, resolved);
  if (name) {
    pthread_mutex_lock(&lock);
    follow(fd, name, !was_there);
    struct file *file = of(fd);
    if (file && (flags & O_TRUNC)) file->shortest = 0;
    pthread_mutex_unlock(&lock);
  }
  errno = error;
  return fd;
}

static int may_create(const char *path, int flags, int was_there) {
  if (!control || !(flags & O_CREAT) || was_there || !control[FAIL_CREATE]) return 1;
  if (strncmp(path, root, root_length) != 0) return 1;
  errno = control[FAIL_CREATE];
  return 0;
}

#define MODE(flags) ({ va_list rest; va_start(rest, flags); int m = (flags) & (O_CREAT | O_TMPFILE) ? va_arg(rest, int) : 0; va_end(rest); m; })

int open64(const char *path, int flags, ...) {
  ready();
  int mode = MODE(flags), was_there = access(path, F_OK) == 0;
  if (!may_create(path, flags, was_there)) return -1;
  return opened(real_open(path, flags, mode), path, flags, was_there);
}
int open(const char *path, int flags, ...) {
  ready();
  int mode = MODE(flags), was_there = access(path, F_OK) == 0;
  if (!may_create(path, flags, was_there)) return -1;
  return opened(real_open(path, flags, mode), path, flags, was_there);
}
int openat64(int at, const char *path, int flags, ...) {
  ready();
  int mode = MODE(flags), was_there = faccessat(at, path, F_OK, 0) == 0;
  int fd = real_openat(at, path, flags, mode);
  return at == AT_FDCWD || path[0] == '/' ? opened(fd, path, flags, was_there) : fd;
}
int openat(int at, const char *path, int flags, ...) {
  ready();
  int mode = MODE(flags), was_there = faccessat(at, path, F_OK, 0) == 0;
  int fd = real_openat(at, path, flags, mode);
  return at == AT_FDCWD || path[0] == '/' ? opened(fd, path, flags, was_there) : fd;
}
