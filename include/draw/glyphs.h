/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DRAW_GLYPHS_H
#define MLTOWER_DRAW_GLYPHS_H

#include <stdbool.h>

#include "base/text.h"

/* The signs a screen is drawn with: braille lines where the locale can, then
 * blocks, then ASCII. */
enum line_set { LINES_BRAILLE, LINES_BLOCK, LINES_ASCII };

struct glyphs {
	enum line_set lines;
	bool is_ascii;
	struct shown cursor; /* ▸ */
	struct shown running, silent, finished, failed, killed, firing, pending,
		differs, unknown, late, set, underway;
	/* Rules and axes. */
	struct shown rule, rule_heavy, vline, cross, tee_down, tee_up, tee_left,
		tee_right, corner_nw, corner_ne, corner_sw, corner_se, dash,
		guide, tick_y, tick_x, axis_corner, threshold;
	/* Where a line leaves the chart for infinity. */
	struct shown beyond_up, beyond_down;
	/* What hangs below something, and the last that does. */
	struct shown branch, branch_end;
	/* Bars, from an eighth to a whole; ASCII has '#' for all. */
	struct shown bars[8];
};

const struct glyphs *glyphs_get(enum line_set set);
/* "auto", "braille", "block", "ascii"; auto looks at the locale. False: no such
 * set. */
bool glyphs_parse(const char *name, const struct glyphs **out);

#endif
