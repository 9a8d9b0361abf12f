#include "channel.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>

namespace {

constexpr size_t block = 64 << 10;

std::string answers;
size_t sent = 0;
/* Whether the two above are being changed. */
volatile sig_atomic_t is_changing = 0;

/* Sets `is_changing` while it lives. */
struct Change {
  Change() {
    is_changing = 1;
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  ~Change() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    is_changing = 0;
  }
};

bool send_rest() {
  while (sent < answers.size()) {
    ssize_t put = write(0, answers.data() + sent, answers.size() - sent);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    sent += static_cast<size_t>(put);
  }
  return true;
}

/* Fills `to` with exactly `count` bytes; false at the end of input. */
bool read_exactly(char *to, size_t count) {
  while (count > 0) {
    ssize_t got = read(0, to, count);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    count -= static_cast<size_t>(got);
  }
  return true;
}

}  // namespace

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

bool answer(const std::string &line) {
  Change change;
  if (sent == answers.size()) {
    if (answers.capacity() > 4 * block) std::string().swap(answers);
    answers.clear();
    sent = 0;
  }
  answers += line;
  answers += '\n';
  return answers.size() - sent < block || send_rest();
}

bool send_answers() {
  Change change;
  return send_rest();
}

void send_answers_meanwhile() {
  if (!is_changing) send_rest();
}
