// Runs a command and tells what it took: one line "LABEL wall user system peak", in seconds and MB, tab-separated.
//
// The figures are wait4's, so that they hold for this command alone in a pipe of many. With --repeat, wall, user and system
// are the median of the runs, and peak is the highest.
#include <fcntl.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

struct run { double wall, user, system, peak; };

static double seconds(struct timeval t) { return (double)t.tv_sec + (double)t.tv_usec / 1e6; }

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct run run(char **command, int *status) {
  struct rusage usage;
  double begun = now();
  pid_t child;
  int error = posix_spawnp(&child, command[0], NULL, NULL, command, environ);
  if (error) {
    fprintf(stderr, "measure: %s: %s\n", command[0], strerror(error));
    exit(127);
  }
  while (wait4(child, status, 0, &usage) < 0) {}
  // Linux counts ru_maxrss in KiB.
  return (struct run){now() - begun, seconds(usage.ru_utime), seconds(usage.ru_stime), (double)usage.ru_maxrss / 1024};
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(const struct run *runs, int count, size_t offset) {
  double values[1000];
  for (int i = 0; i < count; i++) values[i] = *(const double *)((const char *)&runs[i] + offset);
  qsort(values, (size_t)count, sizeof values[0], compare);
  return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

int main(int count, char **arguments) {
  const char *label = NULL, *file = NULL;
  int repeat = 1, i = 1;
  for (; i + 1 < count && !strncmp(arguments[i], "--", 2) && arguments[i][2]; i += 2) {
    if (!strcmp(arguments[i], "--label")) label = arguments[i + 1];
    else if (!strcmp(arguments[i], "--to")) file = arguments[i + 1];
    else if (!strcmp(arguments[i], "--repeat")) repeat = atoi(arguments[i + 1]);
    else break;
  }
  if (i < count && !strcmp(arguments[i], "--")) i++;
  if (i >= count || arguments[i][0] == '-' || repeat < 1 || repeat > 1000) {
    fputs("usage: measure [--label TEXT] [--to FILE] [--repeat N] [--] COMMAND [ARG ...]\n"
          "appends a line to FILE (stderr): LABEL, wall, user and system seconds, peak MB; ends as COMMAND did\n", stderr);
    return 64;
  }
  static struct run runs[1000];
  int status = 0;
  double peak = 0;
  for (int n = 0; n < repeat; n++) {
    runs[n] = run(arguments + i, &status);
    if (runs[n].peak > peak) peak = runs[n].peak;
  }
  char line[4096];
#define MEDIAN(part) median(runs, repeat, offsetof(struct run, part))
  int length = snprintf(line, sizeof line, "%s\t%.4f\t%.4f\t%.4f\t%.1f\n", label ? label : arguments[i], MEDIAN(wall),
                        MEDIAN(user), MEDIAN(system), peak);
  int out = file ? open(file, O_WRONLY | O_CREAT | O_APPEND, 0666) : 2;
  if (out < 0 || write(out, line, (size_t)length) != length) perror("measure");
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
