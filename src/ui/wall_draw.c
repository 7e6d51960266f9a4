/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "wall_draw.h"

#include "base/mem.h"
#include "draw/bigfont.h"
#include "wall_parts.h"

int wall_put(struct wall *w, int x, int y, struct shown text, enum role role)
{
	return surface_put(w->s, x, y, text, MAX(0, w->right - x), role);
}

int wall_put_right(struct wall *w, int end, int y, struct shown text,
		   enum role role)
{
	int x = end - (int)text.width;

	if (x < w->left)
		return end;
	surface_put(w->s, x, y, text, (int)text.width, role);
	return x;
}

void wall_big(struct wall *w, int x, int y, struct shown text,
	      enum big_size size, enum role role)
{
	big_put(w->s, x, y, text, w->right - x, size, role, w->g);
}

int wall_big_right(struct wall *w, int end, int y, struct shown text,
		   enum big_size size, enum role role)
{
	int x = end - big_width(text, size);

	big_put(w->s, x, y, text, end - x, size, role, w->g);
	return x;
}

void wall_rule(struct wall *w, int y, struct shown name)
{
	for (int x = w->left - 1; x < w->right + 1; x++)
		surface_put(w->s, x, y, w->g->rule, 1, ROLE_RULE);
	if (!name.len)
		return;
	surface_put(w->s, w->left, y, SHOWN(" "), 1, ROLE_RULE);
	wall_put(w, w->left + 1, y, name, ROLE_STRONG);
	wall_put(w, w->left + 1 + (int)name.width, y, SHOWN(" "), ROLE_RULE);
	if (w->left + 1 + (int)name.width > w->right)
		wall_put(w, w->right - 1, y,
			 w->g->is_ascii ? SHOWN("~") : SHOWN("…"), ROLE_STRONG);
}

/* ---- head and foot ---- */

/* Their names, the one shown as a badge; it alone where room is short. */
static int draw_pages(struct wall *w, int x, int end, int y)
{
	const struct wall_facts *f = w->f;
	enum role role = f->is_held ? ROLE_BADGE_ALARM : ROLE_BADGE;
	int width = 0;
	bool has_room;

	for (size_t i = 0; i < f->n_pages; i++)
		width += (int)f->pages[i].width + 3;
	has_room = width <= end - x;
	for (size_t i = 0; i < f->n_pages; i++) {
		int n = (int)f->pages[i].width + 2;

		if (i != f->page && !has_room)
			continue;
		if (x + n > end)
			break;
		if (i == f->page) {
			surface_fill(w->s, (struct rect){ x, y, n, 1 }, role);
			surface_put(w->s, x + 1, y, f->pages[i], n, role);
		} else {
			wall_put(w, x + 1, y, f->pages[i], ROLE_DIM);
		}
		x += n + 1;
	}
	return x + 1;
}

static void draw_head(struct wall *w)
{
	const struct wall_facts *f = w->f;
	bool is_tall = w->r.h >= 30 && w->right - w->left >= 90;
	int y = w->y + (is_tall ? 2 : 0), x = w->left;
	int clock = w->right - (int)f->clock.width;

	wall_put(w, x, w->y, SHOWN("mltower"), ROLE_ACCENT);
	if (is_tall) {
		clock = wall_big_right(w, w->right, w->y, f->clock, BIG_S,
				       ROLE_TEXT);
		x = draw_pages(w, x - 1, clock - 1, y);
	} else {
		wall_put_right(w, w->right, w->y, f->clock, ROLE_TEXT);
		x = draw_pages(w, x + 9, clock - 1, y);
	}
	if (x + (int)f->turn.width < clock)
		wall_put(w, x, y, f->turn, f->is_held ? ROLE_ALARM : ROLE_DIM);
	w->y += is_tall ? 5 : w->r.h >= 16 ? 2 : 1;
}

static int draw_sources(struct wall *w, int x, int end, int y)
{
	const struct wall_facts *f = w->f;

	for (size_t i = 0; i < f->n_sources; i++) {
		const struct wall_source *src = &f->sources[i];

		if (x + (int)(src->name.width + 1 + src->state.width) > end)
			return x;
		x += wall_put(w, x, y, src->name, ROLE_DIM) + 1;
		x += wall_put(w, x, y, src->state, src->role) + 4;
	}
	return x;
}

static void draw_foot(struct wall *w)
{
	const struct wall_facts *f = w->f;
	int y = w->r.y + w->r.h - 1, end = w->right;

	if (w->right - w->left >= 60) {
		if (f->is_demo)
			end = wall_put_right(w, end, y, SHOWN("synthetic"),
					     ROLE_DIM) -
			      4;
		end = wall_put_right(w, end, y, SHOWN("read-only"), ROLE_DIM) -
		      4;
		end = wall_put_right(w, end, y, f->watch, f->watch_role) - 1;
		end = wall_put_right(w, end, y, SHOWN("watch"), ROLE_DIM) - 4;
	}
	draw_sources(w, w->left, end, y);
	w->end = y;
	if (w->r.h < 10)
		return;
	w->end--;
	wall_rule(w, w->end, SHOWN(""));
}

/* Everything moves by a cell now and then: right, down, left, up. */
static struct rect shifted(const struct surface *s, unsigned shift)
{
	int dx = shift % 4 == 1 || shift % 4 == 2, dy = shift % 4 >= 2;

	if (s->w < 30 || s->h < 10)
		return (struct rect){ 0, 0, s->w, s->h };
	return (struct rect){ dx, dy, s->w - 1, s->h - 1 };
}

size_t wall_draw(struct surface *s, const struct wall_facts *f,
		 const struct glyphs *g)
{
	struct wall w = { .s = s, .f = f, .g = g, .r = shifted(s, f->shift) };
	int margin = w.r.w >= 100 ? 4 : 1;

	surface_clear(s);
	w.left = w.r.x + margin;
	w.right = w.r.x + w.r.w - margin;
	w.y = w.r.y + (w.r.h >= 30 ? 1 : 0);
	draw_foot(&w);
	draw_head(&w);
	switch (f->kind) {
	case WALL_ALERTS:
		return wall_draw_alerts(&w);
	case WALL_NIGHT:
		return wall_draw_night(&w);
	case WALL_RUNS:
		return wall_draw_runs(&w);
	default:
		return wall_draw_tower(&w);
	}
}
