#ifndef ILS_SCRIPT_CHANNEL_H
#define ILS_SCRIPT_CHANNEL_H

#include <string>

/*
 * The socket to ils-map, descriptor 0, both ways.
 *
 * ils-map sends frames: the number of bytes in decimal, a line feed, and that many bytes of lines. Every line is
 * answered by one line. Answers are a stream: they leave in blocks, and those of calls that have ended leave with the
 * next tick, whatever then runs, so that ils-map knows which call it is that does not end.
 */

/* Reads the next frame; false at the end of input. */
bool read_frame(std::string &frame);

/* Adds a line to the answers, and sends them where they have become a block. False where nobody reads them. */
bool answer(const std::string &line);

/* Sends all answers. */
bool send_answers();

/* The same in a signal handler. */
void send_answers_meanwhile();

#endif
