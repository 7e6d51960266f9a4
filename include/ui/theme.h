/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_THEME_H
#define MLTOWER_UI_THEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "draw/surface.h"

/* Colours of roles. A theme says them for terminals of 256 colours and more,
 * of 16, of 8 and of none; which of the four is used is what terminfo says
 * (and NO_COLOR, which means none). */
enum colour_depth { DEPTH_MONO, DEPTH_8, DEPTH_16, DEPTH_256 };

#define COLOUR_DEFAULT (-1) /* the terminal's own */

#define PAINT_BOLD      0x01u
#define PAINT_DIM       0x02u
#define PAINT_UNDERLINE 0x04u
#define PAINT_REVERSE   0x08u

struct paint {
	int16_t fg, bg; /* index of the 256, or COLOUR_DEFAULT */
	uint8_t attrs;  /* PAINT_ */
};

struct theme {
	char name[32];
	struct paint roles[4][N_ROLES];    /* by depth */
	struct paint selected[4][N_ROLES]; /* the same in the cursor's row */
};

/* "dark", "light", "mono" are built in. NULL for any other name. */
const struct theme *theme_builtin(const char *name);
/* Reads a theme file (YAML; see themes/dark.yaml, which says the same as the
 * built-in one). `base:` names the built-in theme that it starts from. */
ATTR_NODISCARD enum err_code theme_parse(const char *yaml, size_t len,
					 const char *name, struct theme *out,
					 struct err *err);
/* A name of the built-in ones, or else NAME.yaml in one of the folders (NULL
 * at the end of the list), or a path with a slash. */
ATTR_NODISCARD enum err_code theme_load(const char *name,
					const char *const *dirs,
					struct theme *out, struct err *err);
/* "badge-alarm", "series-a": as theme files spell them. */
const char *role_name(enum role role);

/* What a cell of this look gets. */
struct paint theme_paint(const struct theme *t, enum colour_depth depth,
			 unsigned look);

#endif
