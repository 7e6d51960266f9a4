/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_BASE_ROLE_H
#define MLTOWER_BASE_ROLE_H

/* What a piece of text stands for on a screen; the theme says how that looks.
 * In the order of ui/theme's table. */
enum role {
	ROLE_TEXT,
	ROLE_STRONG, /* titles, the one number */
	ROLE_DIM,    /* labels, heads, units, old */
	ROLE_ACCENT, /* focus, keys, the champion */
	ROLE_OK,     /* a passed gate, "better" */
	ROLE_WARN,   /* needs a look */
	ROLE_ALARM,  /* needs a person now */
	ROLE_RULE,
	ROLE_GUIDE,
	ROLE_AXIS,
	ROLE_BADGE_ALARM,
	ROLE_BADGE_WARN,
	ROLE_BADGE, /* accent, reversed: the page that is shown */
	ROLE_FIELD,
	ROLE_SCRIM, /* what lies under a dialog */
	ROLE_BASELINE,
	ROLE_WINDOW,
	ROLE_FILL, /* the filled histogram */
	ROLE_BASELINE_OVER, /* the baseline's outline where it crosses that */
	ROLE_SERIES_A,
	ROLE_SERIES_B,
	ROLE_SERIES_C,
	ROLE_SERIES_D,
	ROLE_SERIES_E,
	ROLE_SERIES_F,
	ROLE_SERIES_G,
	ROLE_SERIES_H,
	N_ROLES
};

#endif
