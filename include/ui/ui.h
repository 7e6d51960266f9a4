/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_UI_H
#define MLTOWER_UI_UI_H

#include <stdbool.h>

#include "app/config.h"
#include "base/buf.h"
#include "base/err.h"

/* The interactive Tower and the wall. */
struct ui_opts {
	const struct config *config;
	bool is_wall;
	const struct run_view *wall_view; /* its first page, or NULL */
	bool is_demo;                     /* everything shown is synthetic */
	const char *theme, *glyphs;       /* NULL: as configured */
	const char
		*say; /* one line at the start (settled promotions), or NULL */
};

/* Runs until it is left; on a terminal interactively, else prints one frame as
 * plain text when the sources have answered, after 2 s at most. The exit
 * status. */
int ui_main(const struct ui_opts *opts);
/* Tells, line by line, what it cannot use of the config: theme, glyphs, keys.
 * How many lines. */
size_t ui_check(const struct config *c, void (*told)(const char *text));
/* The bindings in force, for `mltower keys`: pane, key, command, help, from. */
typedef void ui_key_line(void *to, const char *pane, const char *key,
			 const char *command, const char *help,
			 const char *from);
ATTR_NODISCARD enum err_code ui_list_keys(const struct config *config,
					  ui_key_line *line, void *to,
					  struct err *err);

#endif
