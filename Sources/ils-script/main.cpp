/*
 * ils-script: runs the custom functions of one ils-map.
 *
 * A private part of ils-map, which starts it with a socket on both standard input and output and speaks in frames: the
 * number of bytes in decimal, a line feed, and that many bytes of lines. The first frame holds scripts, the others
 * calls; every line is answered by one line, every frame by one frame. It ends with its input.
 */
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "sandbox.h"
#include "scripts.h"

namespace {

constexpr unsigned long data_limit = 1ul << 30;

/* Fills `text` with exactly `count` bytes; false at the end of input. */
bool read_exactly(char *to, size_t count) {
  while (count > 0) {
    ssize_t got = read(0, to, count);
    if (got <= 0) return false;
    to += got;
    count -= static_cast<size_t>(got);
  }
  return true;
}

bool read_frame(std::string &frame) {
  size_t count = 0;
  for (char digit;;) {
    if (!read_exactly(&digit, 1)) return false;
    if (digit == '\n') break;
    if (digit < '0' || digit > '9') return false;
    count = count * 10 + static_cast<size_t>(digit - '0');
  }
  frame.resize(count);
  return read_exactly(&frame[0], count);
}

bool write_frame(const std::string &frame) {
  std::string all = std::to_string(frame.size()) + "\n" + frame;
  for (size_t at = 0; at < all.size();) {
    ssize_t put = write(1, all.data() + at, all.size() - at);
    if (put <= 0) return false;
    at += static_cast<size_t>(put);
  }
  return true;
}

}  // namespace

/* What every executable of the toolkit answers. */
int answer_options(const char *option) {
  if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0) {
    puts(
        "OVERVIEW: Run the custom functions of a mapping file, for ils-map.\n\n"
        "USAGE: ils-script\n\n"
        "ils-map starts it where a mapping has a custom transform; see ils-mapping(5).");
    return fflush(stdout) == 0 ? 0 : 74;
  }
  if (strcmp(option, "--version") == 0) {
    puts("0.1.0");
    return fflush(stdout) == 0 ? 0 : 74;
  }
  fprintf(stderr, "ils-script: it takes no arguments, and got %s\n", option);
  return 64;
}

int main(int count, char **arguments) {
  if (count > 1) return answer_options(arguments[1]);
  if (isatty(0)) {
    fputs("ils-script: it is started by ils-map; see ils-mapping(5)\n", stderr);
    return 64;
  }
  Scripts *scripts = Scripts::start();
  if (!scripts) return 70;
  if (!enter_sandbox(data_limit)) {
    fputs("ils-script: the kernel refuses the sandbox\n", stderr);
    return 71;
  }
  std::string frame, reply;
  for (bool is_first = true; read_frame(frame); is_first = false) {
    reply.clear();
    std::string_view rest(frame);
    while (!rest.empty()) {
      size_t end = rest.find('\n');
      std::string_view line = rest.substr(0, end);
      is_first ? scripts->compile(line, reply) : scripts->call(line, reply);
      reply += '\n';
      rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    }
    if (!write_frame(reply)) break;
  }
  /* The engine's own shutdown has nothing to save. */
  _exit(0);
}
