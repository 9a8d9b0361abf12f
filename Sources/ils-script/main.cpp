/*
 * ils-script: runs the custom functions of one ils-map.
 *
 * A private part of ils-map, which starts it with a socket as its standard input. The first frame holds scripts, the
 * others calls (`channel.h`). It ends with its input.
 */
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "channel.h"
#include "clock.h"
#include "realm.h"
#include "sandbox.h"
#include "scripts.h"

namespace {

constexpr unsigned long data_limit = 1ul << 30;
/* A reply that was longer gives its memory back. */
constexpr size_t usual_reply = 1 << 16;

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

/* Answers every line of `frame`; false where nobody reads the answers. */
bool answer_frame(Scripts &scripts, std::string_view frame, bool is_first) {
  std::string reply;
  while (!frame.empty()) {
    size_t end = frame.find('\n');
    std::string_view line = frame.substr(0, end);
    is_first ? scripts.compile(line, reply) : scripts.call(line, reply);
    if (!answer(reply)) return false;
    if (reply.capacity() > usual_reply) std::string().swap(reply);
    frame.remove_prefix(end == frame.npos ? frame.size() : end + 1);
  }
  return send_answers();
}

}  // namespace

int main(int count, char **arguments) {
  if (count > 1) return answer_options(arguments[1]);
  if (isatty(0)) {
    fputs("ils-script: it is started by ils-map; see ils-mapping(5)\n", stderr);
    return 64;
  }
  JSContext *cx = start_realm();
  if (!cx || !call_clock::start(cx)) _exit(70);
  if (!enter_sandbox(data_limit)) _exit(71);
  auto *scripts = new Scripts(cx);
  std::string frame;
  for (bool is_first = true; read_frame(frame); is_first = false)
    if (!answer_frame(*scripts, frame, is_first)) break;
  /* The engine's own shutdown has nothing to save. */
  _exit(0);
}
