/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_TERM_H
#define MLTOWER_UI_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The terminal itself: its modes, its size, its signals, and the thread that
 * copies frames to it. curses never writes to a terminal (which may be stuck)
 * but into a pipe; the copier alone can hang, and then only frames are lost. */
struct term;

/* What happened, from signals; term_take_events() hands it over. */
#define TERM_RESIZED 0x01u
#define TERM_HANGUP  0x02u /* SIGHUP, or the input is gone */
#define TERM_QUIT    0x04u /* SIGTERM, SIGINT */
#define TERM_RESUMED 0x08u /* came back from being suspended: paint all */

/* Can a full screen be shown: both are terminals and TERM can address the
 * cursor? Else the caller prints one plain frame (surface_text()). */
bool term_is_usable(int in_fd, int out_fd);

/* Takes over: raw mode, signal handlers (they write a byte to wake_fd), the
 * copier. in_fd and out_fd stay the caller's; neither has to be a terminal
 * (tests). NULL with errno set when there is no pipe or thread to be had. One
 * at a time in a process. */
struct term *term_open(int in_fd, int out_fd, int wake_fd);
/* Gives the copier 200 ms, puts the modes back, frees. Safe with a terminal
 * nobody reads. */
void term_close(struct term *t);
/* As close but for the last act of a dying program: async-signal-safe enough
 * to be called from out-of-memory and BUG_ON. */
void term_restore_now(void);

int term_in_fd(const struct term *t);
/* The pipe's end that curses writes to; owned by term. */
int term_pipe_fd(const struct term *t);
/* Has the copier handed all of it to the terminal? Only then is it time for
 * the next frame; the wake fd gets a byte when it becomes so. */
bool term_is_drained(struct term *t);
/* The terminal refused a write: it is gone. */
bool term_is_gone(struct term *t);
/* Bytes handed over so far: budgets are measured in them. */
uint64_t term_bytes_written(struct term *t);
void term_size(const struct term *t, int *columns, int *rows);
unsigned term_take_events(struct term *t);
/* Puts the modes back and stops the process (ctrl-z); returns when it goes on
 * again, in raw mode. */
void term_suspend(struct term *t);

#endif
