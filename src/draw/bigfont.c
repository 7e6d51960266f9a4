/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "draw/bigfont.h"

#include "base/mem.h"

#define N_ROWS 8

/* A letter's rows from the top, each with its width of dots, the leftmost in
 * the highest bit. The eighth row is for what hangs below the line. */
struct letter {
	int width;
	unsigned char rows[N_ROWS];
};

/* clang-format off */
static const struct letter letters['~' - ' ' + 1] = {
	[0] = { 3, { 0, 0, 0, 0, 0, 0, 0, 0 } },
	['!' - ' '] = { 1, { 1, 1, 1, 1, 1, 0, 1, 0 } },
	['"' - ' '] = { 3, { 5, 5, 0, 0, 0, 0, 0, 0 } },
	['#' - ' '] = { 5, { 10, 10, 31, 10, 31, 10, 10, 0 } },
	['$' - ' '] = { 5, { 4, 15, 20, 14, 5, 30, 4, 0 } },
	['%' - ' '] = { 5, { 25, 25, 2, 4, 8, 19, 19, 0 } },
	['&' - ' '] = { 5, { 12, 18, 18, 12, 21, 18, 13, 0 } },
	['\'' - ' '] = { 1, { 1, 1, 0, 0, 0, 0, 0, 0 } },
	['(' - ' '] = { 3, { 1, 2, 4, 4, 4, 2, 1, 0 } },
	[')' - ' '] = { 3, { 4, 2, 1, 1, 1, 2, 4, 0 } },
	['*' - ' '] = { 5, { 0, 4, 21, 14, 21, 4, 0, 0 } },
	['+' - ' '] = { 5, { 0, 4, 4, 31, 4, 4, 0, 0 } },
	[',' - ' '] = { 2, { 0, 0, 0, 0, 0, 1, 1, 2 } },
	['-' - ' '] = { 4, { 0, 0, 0, 15, 0, 0, 0, 0 } },
	['.' - ' '] = { 2, { 0, 0, 0, 0, 0, 3, 3, 0 } },
	['/' - ' '] = { 5, { 1, 1, 2, 4, 8, 16, 16, 0 } },
	['0' - ' '] = { 5, { 14, 17, 17, 17, 17, 17, 14, 0 } },
	['1' - ' '] = { 3, { 2, 6, 2, 2, 2, 2, 7, 0 } },
	['2' - ' '] = { 5, { 14, 17, 1, 6, 8, 16, 31, 0 } },
	['3' - ' '] = { 5, { 14, 17, 1, 6, 1, 17, 14, 0 } },
	['4' - ' '] = { 5, { 2, 6, 10, 18, 31, 2, 2, 0 } },
	['5' - ' '] = { 5, { 31, 16, 30, 1, 1, 17, 14, 0 } },
	['6' - ' '] = { 5, { 6, 8, 16, 30, 17, 17, 14, 0 } },
	['7' - ' '] = { 5, { 31, 1, 2, 2, 4, 4, 4, 0 } },
	['8' - ' '] = { 5, { 14, 17, 17, 14, 17, 17, 14, 0 } },
	['9' - ' '] = { 5, { 14, 17, 17, 15, 1, 2, 12, 0 } },
	[':' - ' '] = { 1, { 0, 0, 1, 0, 1, 0, 0, 0 } },
	[';' - ' '] = { 2, { 0, 0, 1, 0, 1, 1, 2, 0 } },
	['<' - ' '] = { 4, { 1, 2, 4, 8, 4, 2, 1, 0 } },
	['=' - ' '] = { 5, { 0, 0, 31, 0, 31, 0, 0, 0 } },
	['>' - ' '] = { 4, { 8, 4, 2, 1, 2, 4, 8, 0 } },
	['?' - ' '] = { 5, { 14, 17, 1, 6, 4, 0, 4, 0 } },
	['@' - ' '] = { 5, { 14, 17, 23, 21, 23, 16, 14, 0 } },
	['A' - ' '] = { 5, { 14, 17, 17, 31, 17, 17, 17, 0 } },
	['B' - ' '] = { 5, { 30, 17, 17, 30, 17, 17, 30, 0 } },
	['C' - ' '] = { 5, { 14, 17, 16, 16, 16, 17, 14, 0 } },
	['D' - ' '] = { 5, { 30, 17, 17, 17, 17, 17, 30, 0 } },
	['E' - ' '] = { 5, { 31, 16, 16, 30, 16, 16, 31, 0 } },
	['F' - ' '] = { 5, { 31, 16, 16, 30, 16, 16, 16, 0 } },
	['G' - ' '] = { 5, { 14, 17, 16, 23, 17, 17, 14, 0 } },
	['H' - ' '] = { 5, { 17, 17, 17, 31, 17, 17, 17, 0 } },
	['I' - ' '] = { 3, { 7, 2, 2, 2, 2, 2, 7, 0 } },
	['J' - ' '] = { 5, { 7, 2, 2, 2, 2, 18, 12, 0 } },
	['K' - ' '] = { 5, { 17, 18, 20, 24, 20, 18, 17, 0 } },
	['L' - ' '] = { 5, { 16, 16, 16, 16, 16, 16, 31, 0 } },
	['M' - ' '] = { 5, { 17, 27, 21, 21, 17, 17, 17, 0 } },
	['N' - ' '] = { 5, { 17, 25, 21, 21, 19, 17, 17, 0 } },
	['O' - ' '] = { 5, { 14, 17, 17, 17, 17, 17, 14, 0 } },
	['P' - ' '] = { 5, { 30, 17, 17, 30, 16, 16, 16, 0 } },
	['Q' - ' '] = { 5, { 14, 17, 17, 17, 21, 18, 13, 0 } },
	['R' - ' '] = { 5, { 30, 17, 17, 30, 20, 18, 17, 0 } },
	['S' - ' '] = { 5, { 15, 16, 16, 14, 1, 1, 30, 0 } },
	['T' - ' '] = { 5, { 31, 4, 4, 4, 4, 4, 4, 0 } },
	['U' - ' '] = { 5, { 17, 17, 17, 17, 17, 17, 14, 0 } },
	['V' - ' '] = { 5, { 17, 17, 17, 17, 17, 10, 4, 0 } },
	['W' - ' '] = { 5, { 17, 17, 17, 21, 21, 27, 17, 0 } },
	['X' - ' '] = { 5, { 17, 17, 10, 4, 10, 17, 17, 0 } },
	['Y' - ' '] = { 5, { 17, 17, 10, 4, 4, 4, 4, 0 } },
	['Z' - ' '] = { 5, { 31, 1, 2, 4, 8, 16, 31, 0 } },
	['[' - ' '] = { 3, { 7, 4, 4, 4, 4, 4, 7, 0 } },
	['\\' - ' '] = { 5, { 16, 16, 8, 4, 2, 1, 1, 0 } },
	[']' - ' '] = { 3, { 7, 1, 1, 1, 1, 1, 7, 0 } },
	['^' - ' '] = { 5, { 4, 10, 17, 0, 0, 0, 0, 0 } },
	['_' - ' '] = { 5, { 0, 0, 0, 0, 0, 0, 0, 31 } },
	['`' - ' '] = { 2, { 2, 1, 0, 0, 0, 0, 0, 0 } },
	['a' - ' '] = { 5, { 0, 0, 14, 1, 15, 17, 15, 0 } },
	['b' - ' '] = { 5, { 16, 16, 30, 17, 17, 17, 30, 0 } },
	['c' - ' '] = { 5, { 0, 0, 14, 17, 16, 17, 14, 0 } },
	['d' - ' '] = { 5, { 1, 1, 15, 17, 17, 17, 15, 0 } },
	['e' - ' '] = { 5, { 0, 0, 14, 17, 31, 16, 14, 0 } },
	['f' - ' '] = { 4, { 3, 4, 15, 4, 4, 4, 4, 0 } },
	['g' - ' '] = { 5, { 0, 0, 15, 17, 17, 15, 1, 14 } },
	['h' - ' '] = { 5, { 16, 16, 30, 17, 17, 17, 17, 0 } },
	['i' - ' '] = { 3, { 2, 0, 6, 2, 2, 2, 7, 0 } },
	['j' - ' '] = { 4, { 1, 0, 3, 1, 1, 1, 9, 6 } },
	['k' - ' '] = { 4, { 8, 8, 9, 10, 12, 10, 9, 0 } },
	['l' - ' '] = { 3, { 6, 2, 2, 2, 2, 2, 7, 0 } },
	['m' - ' '] = { 5, { 0, 0, 26, 21, 21, 21, 21, 0 } },
	['n' - ' '] = { 5, { 0, 0, 30, 17, 17, 17, 17, 0 } },
	['o' - ' '] = { 5, { 0, 0, 14, 17, 17, 17, 14, 0 } },
	['p' - ' '] = { 5, { 0, 0, 30, 17, 17, 30, 16, 16 } },
	['q' - ' '] = { 5, { 0, 0, 15, 17, 17, 15, 1, 1 } },
	['r' - ' '] = { 4, { 0, 0, 11, 12, 8, 8, 8, 0 } },
	['s' - ' '] = { 5, { 0, 0, 15, 16, 14, 1, 30, 0 } },
	['t' - ' '] = { 4, { 4, 4, 15, 4, 4, 4, 3, 0 } },
	['u' - ' '] = { 5, { 0, 0, 17, 17, 17, 17, 15, 0 } },
	['v' - ' '] = { 5, { 0, 0, 17, 17, 17, 10, 4, 0 } },
	['w' - ' '] = { 5, { 0, 0, 17, 17, 21, 21, 10, 0 } },
	['x' - ' '] = { 5, { 0, 0, 17, 10, 4, 10, 17, 0 } },
	['y' - ' '] = { 5, { 0, 0, 17, 17, 17, 15, 1, 14 } },
	['z' - ' '] = { 5, { 0, 0, 31, 2, 4, 8, 31, 0 } },
	['{' - ' '] = { 4, { 3, 4, 4, 8, 4, 4, 3, 0 } },
	['|' - ' '] = { 1, { 1, 1, 1, 1, 1, 1, 1, 0 } },
	['}' - ' '] = { 4, { 12, 2, 2, 1, 2, 2, 12, 0 } },
	['~' - ' '] = { 5, { 0, 0, 8, 21, 2, 0, 0, 0 } },
};
/* clang-format on */

static const struct letter box = { 5, { 31, 17, 17, 17, 17, 17, 31, 0 } };

static const struct letter *letter_at(const char *s, size_t len)
{
	return len == 1 && *s >= ' ' && *s <= '~' ? &letters[*s - ' '] : &box;
}

static bool has_dot(const struct letter *l, int x, int y)
{
	return l->rows[y] >> (l->width - 1 - x) & 1;
}

int big_rows(enum big_size size)
{
	return size == BIG_L ? N_ROWS : N_ROWS / 2;
}

static int scale(enum big_size size)
{
	return size == BIG_L ? 2 : 1;
}

int big_width(struct shown text, enum big_size size)
{
	int dots = 0;
	unsigned width;
	size_t at = 0;

	while (at < text.len) {
		size_t len = text_next(text.s + at, text.len - at, &width);

		if (!len)
			break;
		dots += letter_at(text.s + at, len)->width + 1;
		at += len;
	}
	return dots ? (dots - 1) * scale(size) : 0;
}

/* Two dots, one above the other, as one cell. */
static struct shown half_dots(bool upper, bool lower, const struct glyphs *g)
{
	if (g->is_ascii)
		return upper && lower ? SHOWN("#")
		       : upper        ? SHOWN("\"")
				      : SHOWN("_");
	return upper && lower ? SHOWN("█") : upper ? SHOWN("▀") : SHOWN("▄");
}

static void put_small(struct surface *s, int x, int y, const struct letter *l,
		      enum role role, const struct glyphs *g)
{
	for (int row = 0; row < N_ROWS / 2; row++) {
		for (int col = 0; col < l->width; col++) {
			bool upper = has_dot(l, col, 2 * row);
			bool lower = has_dot(l, col, 2 * row + 1);

			if (upper || lower)
				surface_put(s, x + col, y + row,
					    half_dots(upper, lower, g), 1,
					    role);
		}
	}
}

static void put_large(struct surface *s, int x, int y, const struct letter *l,
		      enum role role, const struct glyphs *g)
{
	for (int row = 0; row < N_ROWS; row++)
		for (int col = 0; col < l->width; col++)
			if (has_dot(l, col, row))
				surface_put(s, x + 2 * col, y + row,
					    g->is_ascii ? SHOWN("##")
							: SHOWN("██"),
					    2, role);
}

int big_put(struct surface *s, int x, int y, struct shown text, int max,
	    enum big_size size, enum role role, const struct glyphs *g)
{
	int used = 0;
	unsigned width;
	size_t at = 0;

	while (at < text.len) {
		size_t len = text_next(text.s + at, text.len - at, &width);
		const struct letter *l = letter_at(text.s + at, len);
		int from = used ? used + scale(size) : 0;

		if (!len || from + l->width * scale(size) > max)
			break;
		if (size == BIG_L)
			put_large(s, x + from, y, l, role, g);
		else
			put_small(s, x + from, y, l, role, g);
		used = from + l->width * scale(size);
		at += len;
	}
	return used;
}
