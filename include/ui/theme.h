/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_THEME_H
#define MLTOWER_UI_THEME_H

#include <stdbool.h>

#include "base/err.h"
#include "base/role.h"

/* How roles look, by what the terminal can: direct and 256 colours, 16, 8, and
 * none. Colours are palette indices; -1 is the terminal's own. */
#define THEME_BOLD      1u
#define THEME_DIM       2u
#define THEME_REVERSE   4u
#define THEME_UNDERLINE 8u

enum theme_depth { THEME_256, THEME_16, THEME_8, THEME_MONO, N_DEPTHS };

struct theme_look {
	short fg, bg;
	unsigned attrs;
};

struct theme {
	const char *name;
	struct theme_look looks[N_ROLES][N_DEPTHS];
	/* What the cursor row changes: its background, and instead of dim,
	 * alarm and warn. */
	struct theme_look selection[N_DEPTHS];
	short selected_alarm, selected_warn; /* of 256 colours */
};

/* Built in: dark, light, mono. Yours. */
ATTR_NODISCARD enum err_code theme_load(const char *name, struct theme **out,
					struct err *err);
void theme_free(struct theme *t);
const char *theme_names(void); /* "dark, light, mono" */
const char *role_name(enum role role);

#endif
