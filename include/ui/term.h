/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_TERM_H
#define MLTOWER_UI_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* The terminal itself: its modes, its size, its signals, and the thread that
 * copies frames to it. curses writes into a pipe and never to a terminal, which
 * may be stuck for ever; the copier alone can hang there, and then only frames
 * are lost. */
struct term;

/* What happened, told by signals. */
#define TERM_RESIZED 0x01u
#define TERM_HANGUP  0x02u /* SIGHUP */
#define TERM_QUIT    0x04u /* SIGTERM, SIGINT */
#define TERM_RESUMED 0x08u /* back from being stopped: paint all */

/* Can it show a full screen: input and output are terminals, and $TERM can
 * address the cursor? Else one plain frame is printed (surface_text()). */
bool term_is_usable(int in_fd, int out_fd);

/* Takes the terminal over: raw mode, our signal handlers, the copier. The fds
 * stay the caller's; those that are no terminal (in tests) are used as they
 * are. wake_fd gets a byte for each signal, and when a frame has left. One at
 * a time in a process. */
ATTR_NODISCARD enum err_code term_open(int in_fd, int out_fd, int wake_fd,
				       struct term **out, struct err *err);
/* Gives the copier 200 ms, puts modes and handlers back, frees. Never hangs,
 * also where nobody reads the terminal. NULL is fine. */
void term_close(struct term *t);
/* For the last act of a dying program: modes back, the screen left. */
void term_restore_now(void);

int term_in_fd(const struct term *t);
/* Where curses writes: the pipe's end, term's own. */
int term_pipe_fd(const struct term *t);
/* Has all of the last frame been handed to the terminal? */
bool term_is_drained(struct term *t);
/* Writing to the terminal failed: there is none any more. */
bool term_is_gone(struct term *t);
/* Bytes handed over so far: what budgets count. */
uint64_t term_bytes(struct term *t);
void term_size(const struct term *t, int *columns, int *rows);
/* TERM_ flags since the last call. */
unsigned term_take_events(struct term *t);
/* Modes back, the process stopped as by ctrl-z; returns when it goes on, in
 * raw mode again. */
void term_suspend(struct term *t);

#endif
