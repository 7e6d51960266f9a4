/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_THEME_H
#define MLTOWER_UI_THEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/role.h"

/* The looks of the roles. A theme says them for terminals of 256 colours (and
 * more), of 16, of 8 and of none; the terminal's own palette is never touched.
 * Which of the four is used follows from terminfo, and NO_COLOR means none. */
enum depth { DEPTH_MONO, DEPTH_8, DEPTH_16, DEPTH_256, N_DEPTHS };

#define COLOUR_DEFAULT (-1) /* the terminal's own */

#define PAINT_BOLD      0x01u
#define PAINT_DIM       0x02u
#define PAINT_UNDERLINE 0x04u
#define PAINT_REVERSE   0x08u

struct paint {
	int16_t fg, bg; /* 0 to 255, or COLOUR_DEFAULT */
	uint8_t attrs;  /* PAINT_ */
};

struct theme {
	char name[32];
	struct paint plain[N_DEPTHS][N_ROLES];
	struct paint selected[N_DEPTHS][N_ROLES]; /* in the cursor's row */
};

/* "dark", "light" and "mono" are built in. NULL for any other name. */
const struct theme *theme_builtin(const char *name);
/* The names of those, NULL at the end. */
extern const char *const theme_names[];

/* Reads a theme file; themes/dark.yaml says what the built-in dark says, and
 * shows the form. A role that it does not name stays as in its `base:`
 * ("dark" when not said). Unknown roles and colours are errors with the line.
 */
ATTR_NODISCARD enum err_code theme_parse(const char *yaml, size_t len,
					 const char *file, struct theme *out,
					 struct err *err);
/* By name: NAME.yaml in the first of the folders that has one (NULL ends the
 * list), else the built-in one; or by path, if there is a slash in it. */
ATTR_NODISCARD enum err_code theme_load(const char *name,
					const char *const *dirs,
					struct theme *out, struct err *err);

/* "badge-alarm", "series-a": as theme files spell them. */
const char *role_name(enum role role);

#endif
