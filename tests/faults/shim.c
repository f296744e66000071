/* Stands between the program and the C library: counts every call that writes, fails or kills at the one that is
 * asked for, and keeps a log of all of them, so that a power cut can be played through afterwards.
 *
 *   DSR_SHIM_UNDER  calls on files below this directory count, and no others
 *   DSR_SHIM_LOG    where to keep the log
 *   DSR_SHIM_AT     which call, from 1         DSR_SHIM_DO  kill, torn, eio or enospc
 *   DSR_SHIM_ALWAYS that call and every one after it
 *   DSR_SHIM_SEED   randomness that can be had again
 *
 * A record of the log: kind, length of the path, path, offset, length of the data, data. Numbers have eight bytes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { KILL = 1, TORN, FAIL_EIO, FAIL_ENOSPC };

static const char *under;
static long at, now, seed;
static int what, always, log_fd = -1, ready;

static void begin(void) {
  if (ready) return;
  ready = 1;
  const char *text = getenv("DSR_SHIM_AT"), *act = getenv("DSR_SHIM_DO"), *log = getenv("DSR_SHIM_LOG");
  under = getenv("DSR_SHIM_UNDER");
  at = text ? atol(text) : 0;
  always = getenv("DSR_SHIM_ALWAYS") != NULL;
  text = getenv("DSR_SHIM_SEED");
  seed = text ? atol(text) : 0;
  if (act)
    what = !strcmp(act, "kill") ? KILL : !strcmp(act, "torn") ? TORN : !strcmp(act, "eio") ? FAIL_EIO : FAIL_ENOSPC;
  if (log) log_fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int ours(const char *path) {
  begin();
  return under && path && !strncmp(path, under, strlen(under));
}

/* The path behind a descriptor; for the standard output its name. */
static int named(int fd, char *path, size_t room) {
  begin();
  if (fd == 1) { strcpy(path, "stdout"); return under != NULL; }
  char link[64] = "/proc/self/fd/";
  char digits[24]; int n = 0, rest = fd;
  do { digits[n++] = '0' + rest % 10; rest /= 10; } while (rest);
  size_t end = strlen(link);
  while (n) link[end++] = digits[--n];
  link[end] = 0;
  ssize_t length = syscall(SYS_readlink, link, path, room - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return ours(path);
}

static void put(const void *bytes, size_t length) {
  const char *from = bytes;
  while (length) {
    ssize_t done = syscall(SYS_write, log_fd, from, length);
    if (done <= 0) return;
    from += done, length -= done;
  }
}

static void note(char kind, const char *path, int64_t offset, const void *data, size_t length) {
  if (log_fd < 0) return;
  char record[4200];
  int64_t path_length = strlen(path), data_length = length;
  size_t size = 0;
  record[size++] = kind;
  memcpy(record + size, &path_length, 8), size += 8;
  memcpy(record + size, path, path_length), size += path_length;
  memcpy(record + size, &offset, 8), size += 8;
  memcpy(record + size, &data_length, 8), size += 8;
  put(record, size);
  put(data, length);
}

/* Counts the call. 0: let it pass; TORN: do half of it and end; else the errno is set. A full disk still takes files
 * away, and lets them be cut. */
static int strikes(char kind) {
  begin();
  now++;
  if (!at || (always ? now < at : now != at)) return 0;
  if (what == FAIL_ENOSPC && strchr("utp", kind)) return 0;
  if (what == KILL) raise(SIGKILL);
  if (what == TORN) return TORN;
  errno = what == FAIL_EIO ? EIO : ENOSPC;
  return what;
}

static int64_t place(int fd) {
  struct stat found;
  int flags = syscall(SYS_fcntl, fd, F_GETFL);
  if (flags >= 0 && (flags & O_APPEND) && !fstat(fd, &found)) return found.st_size;
  return syscall(SYS_lseek, fd, 0, SEEK_CUR);
}

static ssize_t written(int fd, const void *data, size_t length, int64_t offset) {
  return offset < 0 ? syscall(SYS_write, fd, data, length) : syscall(SYS_pwrite64, fd, data, length, offset);
}

static ssize_t put_out(int fd, const void *data, size_t length, int64_t offset) {
  char path[4096];
  if (!named(fd, path, sizeof path)) return written(fd, data, length, offset);
  int strike = strikes('w');
  if (strike == TORN) {
    /* What fits into a sector is written whole or not at all. */
    if (length > 512) written(fd, data, length / 2, offset);
    raise(SIGKILL);
  }
  if (strike) return -1;
  note(fd == 1 ? 'o' : 'w', path, offset < 0 ? place(fd) : offset, data, length);
  return written(fd, data, length, offset);
}

ssize_t write(int fd, const void *data, size_t length) { return put_out(fd, data, length, -1); }
ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) { return put_out(fd, data, length, offset); }
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
  return put_out(fd, data, length, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  ssize_t all = 0;
  for (int n = 0; n < count; n++) {
    if (!parts[n].iov_len) continue;
    ssize_t done = write(fd, parts[n].iov_base, parts[n].iov_len);
    if (done < 0) return all ? all : -1;
    all += done;
    if ((size_t)done < parts[n].iov_len) break;
  }
  return all;
}

/* One call on a path or descriptor that is not a write of bytes. */
static int struck(char kind, const char *path, int64_t number, const char *other) {
  int strike = strikes(kind);
  if (strike == TORN) raise(SIGKILL);
  if (strike) return 1;
  note(kind, path, number, other, other ? strlen(other) : 0);
  return 0;
}

static int synced(int fd, long call) {
  char path[4096];
  if (named(fd, path, sizeof path) && struck('s', path, 0, NULL)) return -1;
  return syscall(call, fd);
}

int fsync(int fd) { return synced(fd, SYS_fsync); }
int fdatasync(int fd) { return synced(fd, SYS_fdatasync); }

static int cut(int fd, int64_t length) {
  char path[4096];
  if (named(fd, path, sizeof path) && struck('t', path, length, NULL)) return -1;
  return syscall(SYS_ftruncate, fd, length);
}

int ftruncate(int fd, off_t length) { return cut(fd, length); }
int ftruncate64(int fd, off64_t length) { return cut(fd, length); }

static int opened(int directory, const char *path, int flags, mode_t mode) {
  int made = (flags & O_CREAT) && ours(path) && syscall(SYS_faccessat, AT_FDCWD, path, F_OK);
  if (made && struck('c', path, 0, NULL)) return -1;
  if ((flags & O_TRUNC) && ours(path) && !made && struck('t', path, 0, NULL)) return -1;
  return syscall(SYS_openat, directory, path, flags, mode);
}

#define MODE(flags) ({ mode_t m = 0; if ((flags) & (O_CREAT | __O_TMPFILE)) { va_list l; va_start(l, flags); m = va_arg(l, int); va_end(l); } m; })
int open(const char *path, int flags, ...) { return opened(AT_FDCWD, path, flags, MODE(flags)); }
int open64(const char *path, int flags, ...) { return opened(AT_FDCWD, path, flags | O_LARGEFILE, MODE(flags)); }
int openat(int d, const char *path, int flags, ...) { return opened(d, path, flags, MODE(flags)); }
int openat64(int d, const char *path, int flags, ...) { return opened(d, path, flags, MODE(flags)); }

int rename(const char *from, const char *to) {
  if (ours(from) && struck('r', from, 0, to)) return -1;
  return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int linkat(int a, const char *from, int b, const char *to, int flags) {
  if (ours(from) && struck('l', from, 0, to)) return -1;
  return syscall(SYS_linkat, a, from, b, to, flags);
}

int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlink(const char *path) {
  if (ours(path) && struck('u', path, 0, NULL)) return -1;
  return syscall(SYS_unlink, path);
}

int mkdir(const char *path, mode_t mode) {
  if (ours(path) && struck('m', path, 0, NULL)) return -1;
  return syscall(SYS_mkdir, path, mode);
}

int fchmod(int fd, mode_t mode) {
  char path[4096];
  if (named(fd, path, sizeof path) && struck('p', path, 0, NULL)) return -1;
  return syscall(SYS_fchmod, fd, mode);
}

/* Copies go byte by byte, so that they are seen. */
ssize_t copy_file_range(int a, off64_t *b, int c, off64_t *d, size_t e, unsigned f) {
  (void)a, (void)b, (void)c, (void)d, (void)e, (void)f;
  errno = ENOSYS;
  return -1;
}

ssize_t sendfile64(int a, int b, off64_t *c, size_t d) {
  (void)a, (void)b, (void)c, (void)d;
  errno = ENOSYS;
  return -1;
}

int fallocate64(int a, int b, off64_t c, off64_t d) {
  (void)a, (void)b, (void)c, (void)d;
  errno = EOPNOTSUPP;
  return -1;
}

/* Randomness: the same every time, another for each seed. */
ssize_t getrandom(void *to, size_t length, unsigned flags) {
  begin();
  if (!seed) return syscall(SYS_getrandom, to, length, flags);
  static uint64_t state;
  if (!state) state = 0x9e3779b97f4a7c15u * (uint64_t)seed;
  for (size_t n = 0; n < length; n++) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    ((unsigned char *)to)[n] = state >> 32;
  }
  return length;
}
