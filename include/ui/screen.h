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

/* curses on a term: shows surfaces, reads keys. One at a time in a process. */
struct screen;

/* Takes the term's pipe; the term stays the caller's and is closed after the
 * screen. term_name NULL: $TERM. The theme is copied. no_colour: NO_COLOR.
 * ERR_IO where terminfo does not know the terminal or it has no `cup`. */
ATTR_NODISCARD enum err_code
screen_open(struct term *term, const char *term_name, const struct theme *theme,
	    bool no_colour, struct screen **out, struct err *err);
/* Leaves the full screen. NULL is fine. */
void screen_close(struct screen *s);

void screen_set_theme(struct screen *s, const struct theme *theme);
enum depth screen_depth(const struct screen *s);

/* Shows the surface, if the last frame has left: only what changed is sent. A
 * surface of another size than before makes it a whole frame. False: not now;
 * the term's wake fd says when. */
bool screen_paint(struct screen *s, const struct surface *surface);
/* The next paint sends everything (ctrl-l, resumed). */
void screen_forget(struct screen *s);

/* The next key (ui/keys.h), UI_KEY_NONE when none is waiting. now_mono_ms
 * decides whether an escape is a key of its own: after 150 ms. */
int screen_read_key(struct screen *s, int64_t now_mono_ms);
/* How long until that is decided; -1: nothing is held back. */
int screen_key_wait_ms(const struct screen *s, int64_t now_mono_ms);

/* Puts text on the terminal's clipboard (OSC 52) with the next frame. False
 * if it is longer than 64 KB. */
bool screen_copy(struct screen *s, const char *bytes, size_t len);

/* ctrl-z: leaves the full screen, stops, comes back with a whole frame. */
void screen_suspend(struct screen *s);

#endif
