/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "draw/glyphs.h"

#include <string.h>

#define G(text)                                                                \
	{                                                                      \
		text, sizeof(text) - 1, 1                                      \
	}

#define MARKS                                                                  \
	.cursor = G("▸"), .running = G("●"), .silent = G("◌"),                 \
	.finished = G("✓"), .failed = G("✗"), .killed = G("■"),                \
	.firing = G("▲"), .pending = G("△"), .differs = G("≠"),                \
	.unknown = G("?"), .late = G("!"), .set = G("◆"), .underway = G("→")

#define LINES                                                                  \
	.rule = G("─"), .rule_heavy = G("━"), .vline = G("│"),                 \
	.cross = G("┼"), .tee_down = G("┬"), .tee_up = G("┴"),                 \
	.tee_left = G("┤"), .tee_right = G("├"), .corner_nw = G("┌"),          \
	.corner_ne = G("┐"), .corner_sw = G("└"), .corner_se = G("┘"),         \
	.dash = G("╌"), .guide = G("┈"), .tick_y = G("┤"), .tick_x = G("┬"),   \
	.axis_corner = G("└"), .branch = G("├"), .branch_end = G("└"),         \
	.threshold = G("╌"), .beyond_up = G("↑"), .beyond_down = G("↓"),       \
	.bars = { G("▁"), G("▂"), G("▃"), G("▄"),         \
				       G("▅"), G("▆"), G("▇"), G("█") }

static const struct glyphs sets[] = {
	[LINES_BRAILLE] = { .lines = LINES_BRAILLE, MARKS, LINES },
	[LINES_BLOCK] = { .lines = LINES_BLOCK, MARKS, LINES },
	[LINES_ASCII] = {
		.lines = LINES_ASCII,
		.is_ascii = true,
		.cursor = G(">"), .running = G("*"), .silent = G("o"),
		.finished = G("+"), .failed = G("x"), .killed = G("#"),
		.firing = G("!"), .pending = G("^"), .differs = G("!"),
		.unknown = G("?"), .late = G("!"), .set = G("*"),
		.underway = G(">"),
		.rule = G("-"), .rule_heavy = G("="), .vline = G("|"),
		.cross = G("+"), .tee_down = G("+"), .tee_up = G("+"),
		.tee_left = G("+"), .tee_right = G("+"), .corner_nw = G("+"),
		.corner_ne = G("+"), .corner_sw = G("+"), .corner_se = G("+"),
		.dash = G("-"), .guide = G("."), .tick_y = G("+"),
		.tick_x = G("+"), .axis_corner = G("+"), .threshold = G("-"),
		.beyond_up = G("^"), .beyond_down = G("v"),
		.branch = G("|"), .branch_end = G("`"),
		.bars = { G("#"), G("#"), G("#"), G("#"), G("#"), G("#"),
			  G("#"), G("#") },
	},
};

const struct glyphs *glyphs_get(enum line_set set)
{
	return &sets[set];
}

bool glyphs_parse(const char *name, const struct glyphs **out)
{
	if (!strcmp(name, "auto"))
		*out = &sets[text_locale_is_utf8() ? LINES_BRAILLE
						   : LINES_ASCII];
	else if (!strcmp(name, "braille"))
		*out = &sets[LINES_BRAILLE];
	else if (!strcmp(name, "block"))
		*out = &sets[LINES_BLOCK];
	else if (!strcmp(name, "ascii"))
		*out = &sets[LINES_ASCII];
	else
		return false;
	return true;
}
