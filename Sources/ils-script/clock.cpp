#include "clock.h"

#include <errno.h>
#include <js/Interrupt.h>
#include <jsapi.h>
#include <signal.h>
#include <sys/time.h>

#include <atomic>

#include "channel.h"

namespace {

constexpr suseconds_t tick_microseconds = 50000;
constexpr int ticks_per_call = 5;

JSContext *context = nullptr;
volatile sig_atomic_t in_call = 0;
volatile sig_atomic_t ticks = 0;
volatile sig_atomic_t is_over = 0;

void tick(int) {
  int saved = errno;
  send_answers_meanwhile();
  if (in_call) ticks = ticks + 1;
  if (in_call && ticks >= ticks_per_call) {
    is_over = 1;
    JS_RequestInterruptCallbackCanWait(context);
  }
  errno = saved;
}

bool interrupted(JSContext *) { return !is_over; }

}  // namespace

namespace call_clock {

bool start(JSContext *cx) {
  context = cx;
  if (!JS_AddInterruptCallback(cx, interrupted)) return false;
  struct sigaction action = {};
  action.sa_handler = tick;
  action.sa_flags = SA_RESTART;
  itimerval interval = {{0, tick_microseconds}, {0, tick_microseconds}};
  return sigaction(SIGPROF, &action, nullptr) == 0 && setitimer(ITIMER_PROF, &interval, nullptr) == 0;
}

void begin() {
  ticks = 0;
  is_over = 0;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  in_call = 1;
}

bool end() {
  in_call = 0;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  return is_over;
}

}  // namespace call_clock
