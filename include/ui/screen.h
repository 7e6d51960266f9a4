/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_SCREEN_H
#define MLTOWER_UI_SCREEN_H

#include <stdbool.h>

#include "base/err.h"
#include "draw/surface.h"
#include "ui/term.h"
#include "ui/theme.h"

/* curses, and only here: a surface becomes a frame. */
struct screen;

/* ERR_USAGE: a terminal that cannot place the cursor ("dumb"): the caller
 * prints a plain frame instead. */
ATTR_NODISCARD enum err_code screen_open(struct term *term,
					 const struct theme *theme,
					 struct screen **out, struct err *err);
void screen_close(struct screen *s);
/* Curses diffs against what is shown; at most one frame is under way. */
void screen_paint(struct screen *s, const struct surface *surface);
void screen_redraw(struct screen *s); /* the next paint is a whole one */
void screen_resize(struct screen *s, int w, int h);
void screen_set_theme(struct screen *s, const struct theme *theme);
/* Around a stop of the program. */
void screen_leave(struct screen *s);
void screen_enter(struct screen *s);
/* 0 none, 8, 16, 256, or 1 << 24. */
int screen_colors(const struct screen *s);

#endif
