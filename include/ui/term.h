/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_TERM_H
#define MLTOWER_UI_TERM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

/* The terminal: its modes, its size, its signals, its keys, and the thread
 * that copies to it what curses writes, so that a terminal nobody reads never
 * stops the program. */
struct term;

/* `wake` is called from signal handlers. ERR_USAGE: no terminal there. */
ATTR_NODISCARD enum err_code term_open(void (*wake)(void), struct term **out,
				       struct err *err);
/* Gives the copier 200 ms, restores the modes. */
void term_close(struct term *t);
/* At once, from the last act before an abort: the farewell, if the terminal
 * takes it without waiting, and the modes. */
void term_restore(struct term *t);
/* Bytes that leave the full screen; at most 63 are kept. */
void term_set_farewell(struct term *t, const char *bytes);

void term_size(const struct term *t, int *w, int *h);
/* Did its size change since the last call? */
bool term_take_resize(struct term *t);
/* SIGTERM, SIGHUP or SIGINT came: it is time to leave. */
bool term_wants_quit(const struct term *t);
/* Back from a stop: paint everything again. */
bool term_take_continued(struct term *t);
/* A stop was asked for from outside (SIGTSTP). */
bool term_take_stop(struct term *t);

/* Reads what was typed. False: the terminal is gone. */
bool term_read(struct term *t);
/* The next key, or -1. Half an escape sequence is waited for until now_ms is
 * 150 ms past its beginning. */
int term_next_key(struct term *t, int64_t now_ms);
/* When a half sequence is due; -1: none. */
int64_t term_key_due_ms(const struct term *t);

/* Where curses writes, and whether the last frame has left. */
FILE *term_output(struct term *t);
bool term_is_drained(struct term *t);
/* Bytes that bypass curses (clipboard), after what was written. False, and
 * nothing is written, where the terminal has not taken what came before. */
bool term_write(struct term *t, const char *bytes, size_t len);
uint64_t term_bytes(const struct term *t); /* copied so far */
/* Before and after the program is stopped (job control). */
void term_leave(struct term *t);
void term_enter(struct term *t);

#endif
