#ifndef ILS_SCRIPT_CLOCK_H
#define ILS_SCRIPT_CLOCK_H

struct JSContext;

/*
 * Ends calls that run too long.
 *
 * It counts the time that this process computes, not the time on the wall: what a call may do does not depend on what
 * else the machine does. It is a signal and no thread. A call inside one long step of the engine does not hear it:
 * such a one ils-map ends, with this process.
 */
namespace call_clock {

/* Lets the clock tick for `cx`. False where the kernel gives no timer. */
bool start(JSContext *cx);

/* A call begins. */
void begin();

/* The call has ended; true where it ran longer than it may. */
bool end();

}  // namespace call_clock

#endif
