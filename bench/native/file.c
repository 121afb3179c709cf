/* Files of a tmpfs, fcntl(2) locks, and poll(2) of one descriptor that is ready. */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"

#define BLOCK 4096

static char folder[64], path[80], other[80], block[BLOCK];

static int begin(void) {
  snprintf(folder, sizeof folder, "/dev/shm/wasm-ipc-bench-c-%d", getpid());
  snprintf(path, sizeof path, "%s/file", folder);
  snprintf(other, sizeof other, "%s/file2", folder);
  MUST(mkdir(folder, 0700));
  int fd = open(path, O_CREAT | O_RDWR, 0600);
  MUST(fd);
  memset(block, 'x', BLOCK);
  MUST(write(fd, block, BLOCK));
  return fd;
}

static double finish(int fd, double start) {
  double ns = now_ns() - start;
  MUST(close(fd));
  MUST(unlink(path));
  MUST(rmdir(folder));
  return ns;
}

double file_stat(long n) {
  int fd = begin();
  struct stat st;
  long size = 0;
  double start = now_ns();
  for (long i = 0; i < n; i++) {
    MUST(stat(path, &st));
    size += st.st_size;
  }
  if (size != n * BLOCK) exit(1);
  return finish(fd, start);
}

double file_open(long n) {
  int fd = begin();
  double start = now_ns();
  for (long i = 0; i < n; i++) MUST(close(open(path, O_RDONLY)));
  return finish(fd, start);
}

double file_create(long n) {
  int fd = begin();
  double start = now_ns();
  for (long i = 0; i < n; i++) {
    MUST(close(open(other, O_CREAT | O_RDWR, 0600)));
    MUST(unlink(other));
  }
  return finish(fd, start);
}

double file_read(long n) {
  int fd = begin();
  memset(block, 0, BLOCK);
  double start = now_ns();
  for (long i = 0; i < n; i++) MUST(pread(fd, block, BLOCK, 0));
  double ns = finish(fd, start);
  if (block[BLOCK - 1] != 'x') exit(1);
  return ns;
}

double file_write(long n) {
  int fd = begin();
  double start = now_ns();
  for (long i = 0; i < n; i++) MUST(pwrite(fd, block, BLOCK, 0));
  return finish(fd, start);
}

double file_lock(long n) {
  int fd = begin();
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
  struct flock unlock = {.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
  double start = now_ns();
  for (long i = 0; i < n; i++) {
    MUST(fcntl(fd, F_SETLK, &lock));
    MUST(fcntl(fd, F_SETLK, &unlock));
  }
  return finish(fd, start);
}

double poll_one(long n) {
  int ends[2];
  MUST(pipe(ends));
  MUST(write(ends[1], block, 1));
  struct pollfd fds = {.fd = ends[0], .events = POLLIN};
  long ready = 0;
  double start = now_ns();
  for (long i = 0; i < n; i++) ready += poll(&fds, 1, 0);
  double ns = now_ns() - start;
  MUST(close(ends[0]));
  MUST(close(ends[1]));
  if (ready != n) exit(1);
  return ns;
}
