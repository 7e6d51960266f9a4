/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_SCREEN_H
#define MLTOWER_UI_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "draw/surface.h"
#include "ui/term.h"
#include "ui/theme.h"

/* curses over a term: shows surfaces, reads keys. */
struct screen;

struct screen_conf {
	int in_fd, out_fd;
	int wake_fd;      /* gets a byte for signals and drained frames */
	const char *term; /* NULL: $TERM */
	const struct theme *theme; /* copied */
	bool no_colour;            /* NO_COLOR, or --color never */
};

/* ERR_IO with the reason when TERM is unknown or cannot address the cursor. */
ATTR_NODISCARD enum err_code screen_open(const struct screen_conf *conf,
					 struct screen **out, struct err *err);
void screen_close(struct screen *s);

struct term *screen_term(struct screen *s);
enum colour_depth screen_depth(const struct screen *s);
void screen_set_theme(struct screen *s, const struct theme *theme);
/* The size now; after TERM_RESIZED the next paint is a whole one. */
void screen_size(const struct screen *s, int *columns, int *rows);

/* Shows the surface if the last frame has left; else false, and the caller
 * tries again when the wake fd says so. Only what changed is sent. */
bool screen_paint(struct screen *s, const struct surface *surface);
/* The next paint sends everything (ctrl-l, resumed). */
void screen_forget(struct screen *s);

/* The next key (ui/keys.h); KEY_NOTHING when none is waiting. Never waits. */
uint32_t screen_read_key(struct screen *s);
/* An escape that may be the start of a sequence is held back 150 ms: how long
 * until it is a key of its own; -1 if there is none. For poll()'s timeout. */
int screen_key_timeout_ms(const struct screen *s);

/* Puts text on the clipboard of the terminal (OSC 52), with the next frame.
 * At most 64 KB; false if it is longer. */
bool screen_copy(struct screen *s, const char *bytes, size_t len);

/* Suspends the program (ctrl-z); when it comes back the next paint is whole. */
void screen_suspend(struct screen *s);

#endif
