/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "draw/surface.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct surface *surface_new(int w, int h)
{
	struct surface *s = xcalloc(1, sizeof(*s));

	surface_resize(s, w, h);
	return s;
}

void surface_free(struct surface *s)
{
	if (!s)
		return;
	free(s->cells);
	free(s);
}

void surface_resize(struct surface *s, int w, int h)
{
	s->w = MAX(1, w);
	s->h = MAX(1, h);
	free(s->cells);
	s->cells = xcalloc((size_t)s->w * (size_t)s->h, sizeof(*s->cells));
	surface_clear(s);
}

static void blank(struct surface_cell *c, enum role role)
{
	c->utf8[0] = ' ';
	c->len = 1;
	c->role = (uint8_t)role;
}

void surface_clear(struct surface *s)
{
	for (int i = 0; i < s->w * s->h; i++) {
		blank(&s->cells[i], ROLE_TEXT);
		s->cells[i].flags = 0;
	}
	s->cursor_x = s->cursor_y = -1;
	surface_unclip(s);
}

void surface_clip(struct surface *s, struct rect r)
{
	int x = MAX(0, r.x), y = MAX(0, r.y);

	s->clip = (struct rect){ x, y, MIN(s->w, r.x + r.w) - x,
				 MIN(s->h, r.y + r.h) - y };
}

void surface_unclip(struct surface *s)
{
	s->clip = (struct rect){ 0, 0, s->w, s->h };
}

static bool is_in(struct rect r, int x, int y)
{
	return x >= r.x && y >= r.y && x < r.x + r.w && y < r.y + r.h;
}

/* The cell, where it may be changed. */
static struct surface_cell *cell(struct surface *s, int x, int y)
{
	return is_in(s->clip, x, y) ? &s->cells[y * s->w + x] : NULL;
}

const struct surface_cell *surface_at(const struct surface *s, int x, int y)
{
	return is_in((struct rect){ 0, 0, s->w, s->h }, x, y)
		       ? &s->cells[y * s->w + x]
		       : NULL;
}

/* Half a wide cell that something else is put over is blank. */
static void break_wide(struct surface *s, int x, int y)
{
	struct surface_cell *c = cell(s, x, y), *left = cell(s, x - 1, y),
			    *right = cell(s, x + 1, y);

	if (c && !c->len && left)
		blank(left, (enum role)left->role);
	if (c && c->len && right && !right->len)
		blank(right, (enum role)right->role);
}

static void set_cell(struct surface *s, int x, int y, const char *bytes,
		     size_t len, enum role role)
{
	struct surface_cell *c = cell(s, x, y);

	if (!c)
		return;
	break_wide(s, x, y);
	memcpy(c->utf8, bytes, len);
	c->len = (uint8_t)len;
	c->role = (uint8_t)role;
}

int surface_put(struct surface *s, int x, int y, struct shown text, int max,
		enum role role)
{
	size_t at = 0;
	int used = 0;

	while (at < text.len) {
		unsigned width;
		size_t len = text_next(text.s + at, text.len - at, &width);

		if (!len || used + (int)width > max)
			break;
		if (!width || len > CELL_BYTES) {
			at += len;
			continue;
		}
		/* A wide cell in the last column would wrap. */
		if (x + used + (int)width > s->w) {
			if (width > 1)
				set_cell(s, x + used, y, " ", 1, role);
			break;
		}
		set_cell(s, x + used, y, text.s + at, len, role);
		if (width > 1)
			set_cell(s, x + used + 1, y, "", 0, role);
		used += (int)width;
		at += len;
	}
	return used;
}

int surface_wrap(struct surface *s, int x, int y, int w, int hang,
		 struct shown text, enum role role)
{
	int rows = 0;

	while (text.len) {
		int in = rows ? hang : 0;
		size_t len = shown_line(text, (unsigned)MAX(1, w - in));

		surface_put(s, x + in, y + rows++,
			    (struct shown){ text.s, (uint32_t)len, 0 }, w - in,
			    role);
		len += strspn(text.s + len, " ");
		text.s += len;
		text.len -= (uint32_t)len;
	}
	return rows;
}

void surface_fill(struct surface *s, struct rect r, enum role role)
{
	for (int y = r.y; y < r.y + r.h; y++)
		for (int x = r.x; x < r.x + r.w; x++)
			set_cell(s, x, y, " ", 1, role);
}

void surface_select(struct surface *s, struct rect r)
{
	for (int y = r.y; y < r.y + r.h; y++) {
		for (int x = r.x; x < r.x + r.w; x++) {
			struct surface_cell *c = cell(s, x, y);

			if (c)
				c->flags |= CELL_IS_SELECTED;
		}
	}
}

void surface_scrim(struct surface *s, struct rect r)
{
	for (int y = r.y; y < r.y + r.h; y++) {
		for (int x = r.x; x < r.x + r.w; x++) {
			struct surface_cell *c = cell(s, x, y);

			if (!c)
				continue;
			c->role = ROLE_SCRIM;
			c->flags = 0;
		}
	}
}

void surface_set_cursor(struct surface *s, int x, int y)
{
	s->cursor_x = x;
	s->cursor_y = y;
}

static void rule(struct surface *s, int x, int end, int y, struct shown glyph,
		 enum role role)
{
	for (; x < end; x++)
		surface_put(s, x, y, glyph, 1, role);
}

/* A blank, the text, a blank; returns the cells used. */
static int part(struct surface *s, int x, int end, int y, struct shown text,
		enum role role)
{
	int n;

	if (!text.len || end - x < 3)
		return 0;
	surface_put(s, x, y, SHOWN(" "), 1, role);
	n = surface_put(s, x + 1, y, text, end - x - 2, role);
	if ((int)text.width > n && n > 1)
		surface_put(s, x + n, y, SHOWN("…"), 1, role);
	surface_put(s, x + 1 + n, y, SHOWN(" "), 1, role);
	return n + 1;
}

void surface_title(struct surface *s, struct rect row, struct shown number,
		   struct shown name, struct shown context, struct shown count,
		   bool has_focus, const struct glyphs *g)
{
	enum role line = has_focus ? ROLE_ACCENT : ROLE_RULE;
	int end = row.x + row.w, x = row.x + 1, right = end;

	rule(s, row.x, end, row.y, has_focus ? g->rule_heavy : g->rule, line);
	x += part(s, x, end, row.y, number, has_focus ? line : ROLE_DIM);
	x += part(s, x, end, row.y, name, has_focus ? line : ROLE_STRONG);
	if (count.len && x + (int)count.width + 4 < end) {
		right = end - 3 - (int)count.width;
		part(s, right, end, row.y, count, ROLE_DIM);
	}
	if (context.len && right - x > 4) {
		surface_put(s, x, row.y, SHOWN("  "), 2, ROLE_DIM);
		x += part(s, x + 1, right - 1, row.y, context, ROLE_DIM);
	}
}

void surface_divider(struct surface *s, struct rect row, struct shown text,
		     const struct glyphs *g)
{
	rule(s, row.x + 1, row.x + row.w - 1, row.y, g->dash, ROLE_RULE);
	part(s, row.x + 3, row.x + row.w - 1, row.y, text, ROLE_ACCENT);
}

static bool is_rule(const struct surface *s, int x, int y,
		    const struct glyphs *g)
{
	const struct surface_cell *c = surface_at(s, x, y);
	const struct shown *kinds[] = { &g->rule, &g->rule_heavy };

	for (size_t i = 0; c && i < ARRAY_LEN(kinds); i++)
		if (c->len == kinds[i]->len &&
		    !memcmp(c->utf8, kinds[i]->s, c->len))
			return true;
	return false;
}

void surface_vline(struct surface *s, int x, int y, int h,
		   const struct glyphs *g)
{
	for (int i = y; i < y + h; i++) {
		bool left = is_rule(s, x - 1, i, g);
		bool right = is_rule(s, x + 1, i, g);
		struct shown glyph = g->vline;

		if (left && right)
			glyph = i == y           ? g->tee_down
				: i == y + h - 1 ? g->tee_up
						 : g->cross;
		else if (left)
			glyph = g->tee_left;
		else if (right)
			glyph = g->tee_right;
		surface_put(s, x, i, glyph, 1, ROLE_RULE);
	}
}

void surface_frame(struct surface *s, struct rect r, struct shown title,
		   struct shown note, const struct glyphs *g)
{
	int end = r.x + r.w - 1, low = r.y + r.h - 1;
	int right;

	surface_fill(s, r, ROLE_TEXT);
	rule(s, r.x + 1, end, r.y, g->rule, ROLE_ACCENT);
	rule(s, r.x + 1, end, low, g->rule, ROLE_ACCENT);
	for (int y = r.y + 1; y < low; y++) {
		surface_put(s, r.x, y, g->vline, 1, ROLE_ACCENT);
		surface_put(s, end, y, g->vline, 1, ROLE_ACCENT);
	}
	surface_put(s, r.x, r.y, g->corner_nw, 1, ROLE_ACCENT);
	surface_put(s, end, r.y, g->corner_ne, 1, ROLE_ACCENT);
	surface_put(s, r.x, low, g->corner_sw, 1, ROLE_ACCENT);
	surface_put(s, end, low, g->corner_se, 1, ROLE_ACCENT);
	part(s, r.x + 1, end, r.y, title, ROLE_ACCENT);
	right = end - 3 - (int)note.width;
	if (right > r.x + 4 + (int)title.width)
		part(s, right, end, r.y, note, ROLE_DIM);
}

void surface_section(struct surface *s, struct rect row, struct shown name,
		     struct shown note, const struct glyphs *g)
{
	int end = row.x + row.w, right = end - 3 - (int)note.width;

	rule(s, row.x, end, row.y, g->rule, ROLE_RULE);
	part(s, row.x + 1, end, row.y, name, ROLE_STRONG);
	if (right > row.x + 4 + (int)name.width)
		part(s, right, end, row.y, note, ROLE_DIM);
}

/* What our own literals use, and '?' for anything else. */
static char ascii_for(const char *utf8, size_t len)
{
	static const struct {
		const char *utf8;
		char ascii;
	} table[] = { { "–", '-' }, { "…", '~' }, { "✓", '+' }, { "✗", 'x' },
		      { "≠", '!' }, { "→", '>' }, { "Δ", 'd' }, { "·", '.' },
		      { "≥", '>' }, { "≤", '<' }, { "●", '*' }, { "▲", '!' },
		      { "△", '^' }, { "■", '#' }, { "◌", 'o' }, { "◆", '*' },
		      { "─", '-' }, { "━", '=' }, { "│", '|' }, { "█", '#' },
		      { "▀", '#' }, { "▄", '#' }, { "±", '~' } };

	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (strlen(table[i].utf8) == len &&
		    !memcmp(table[i].utf8, utf8, len))
			return table[i].ascii;
	return '?';
}

void surface_to_ascii(struct surface *s)
{
	for (int i = 0; i < s->w * s->h; i++) {
		struct surface_cell *c = &s->cells[i];

		if (c->len == 1)
			continue;
		c->utf8[0] = c->len ? ascii_for(c->utf8, c->len) : ' ';
		c->len = 1;
	}
}

void surface_text(const struct surface *s, struct buf *out)
{
	for (int y = 0; y < s->h; y++) {
		size_t end = out->len;

		for (int x = 0; x < s->w; x++) {
			const struct surface_cell *c = surface_at(s, x, y);

			buf_add(out, c->utf8, c->len);
			if (c->len && c->utf8[0] != ' ')
				end = out->len;
		}
		out->len = MIN(out->len, end);
		buf_addc(out, '\n');
	}
}
