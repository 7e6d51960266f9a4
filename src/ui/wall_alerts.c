/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The worst alert with its curve, the next ones, and what serves below. */
#include "config.h"

#include "base/mem.h"
#include "draw/bigfont.h"
#include "draw/chart.h"
#include "wall_parts.h"

#define BAND_ROWS      6
#define CHART_ROWS     8
#define CHART_MIN_ROWS 5

/* Blank rows are for those who have rows. */
static bool is_roomy(const struct wall *w)
{
	return w->r.h >= 40;
}

/* The band: how many, and for how long. */
static void draw_band(struct wall *w)
{
	const struct wall_facts *f = w->f;
	bool is_big = w->end - w->y >= 14 &&
		      big_width(f->firing, BIG_S) +
				      big_width(f->longest, BIG_S) + 8 <=
			      w->right - w->left;
	enum role role = f->is_firing ? ROLE_BADGE_ALARM : ROLE_TEXT;
	int rows = is_big ? BAND_ROWS : 1;

	surface_fill(w->s,
		     (struct rect){ w->left - 1, w->y, w->right - w->left + 2,
				    rows },
		     role);
	if (is_big) {
		wall_big(w, w->left + 1, w->y + 1, f->firing, BIG_S, role);
		wall_big_right(w, w->right - 2, w->y + 1, f->longest, BIG_S,
			       role);
	} else {
		wall_put(w, w->left, w->y, f->firing, role);
		wall_put_right(w, w->right, w->y, f->longest, role);
	}
	w->y += rows + (is_roomy(w) ? 2 : w->r.h >= 16 ? 1 : 0);
}

/* The next one has its place first, in dot letters if that leaves a chart
 * worth the name; many share what there is with the chart. */
static int chart_rows(const struct wall *w)
{
	int room = w->end - w->y;

	if (w->f->n_alerts > 1)
		room -= room >= CHART_ROWS + LINE_ROWS + 2 ? LINE_ROWS + 2
			: is_roomy(w)                      ? 2
							   : 1;
	return w->f->n_alerts > 2 ? MIN(room, MAX(CHART_ROWS + 3, room * 2 / 3))
				  : room;
}

static void draw_chart(struct wall *w, const struct wall_alert *al)
{
	struct chart_series series = {
		.curve = { .points = al->history,
			   .n = al->n_history,
			   .x = CURVE_TIME },
		.role = ROLE_SERIES_A,
		.label = SHOWN(""),
	};
	struct chart_spec spec = { .series = &series,
				   .n_series = 1,
				   .has_x_labels = true,
				   .gap = (double)al->gap_ms,
				   .gap_label = SHOWN("not evaluated"),
				   .has_threshold = al->has_limit,
				   .threshold = al->threshold,
				   .threshold_label = SHOWN("") };
	int rows = chart_rows(w);

	if (!al->n_history || rows < CHART_MIN_ROWS)
		return;
	spec.x_to = (double)al->history[al->n_history - 1].time_ms;
	chart_draw(w->s,
		   (struct rect){ w->left, w->y, w->right - w->left, rows },
		   &spec, w->g);
	w->y += rows;
}

static int pair_width(struct shown a, struct shown b)
{
	return big_width(a, BIG_S) + 4 + big_width(b, BIG_S);
}

/* As many of its parts, "a, b, c", as fit as a whole. */
static struct shown parts_of(struct shown text, int room)
{
	while (room > 0 && (int)text.width > room) {
		uint32_t len = text.len;

		while (len > 0 && text.s[len - 1] != ',')
			len--;
		if (!len)
			return SHOWN("");
		text.len = len - 1;
		text.width = (uint32_t)text_width(text.s, text.len);
	}
	return text;
}

/* A text at the left, as much as fits before the one at the right. */
static void put_pair(struct wall *w, struct shown left, enum role left_role,
		     struct shown right, enum role right_role)
{
	int end = wall_put_right(w, w->right, w->y, right, right_role);
	int room = end - w->left - (right.len ? 2 : 0);

	wall_put(w, w->left, w->y, parts_of(left, room), left_role);
	w->y++;
}

static void put_named(struct wall *w, const struct wall_alert *al,
		      enum role role)
{
	int end = wall_put_right(w, w->right, w->y, al->age, ROLE_DIM) - 1;

	surface_put(w->s, w->left, w->y, al->model, MAX(0, end - w->left),
		    role);
	if ((int)al->model.width > end - w->left && end > w->left)
		surface_put(w->s, end - 1, w->y,
			    w->g->is_ascii ? SHOWN("~") : SHOWN("…"), 1, role);
}

static void draw_worst_plain(struct wall *w, const struct wall_alert *al)
{
	int room = w->right - w->left;

	put_named(w, al, ROLE_STRONG);
	w->y++;
	wall_put(w, w->left, w->y, al->what, al->role);
	if ((int)(al->what.width + 2 + al->limit.width) <= room)
		wall_put(w, w->left + (int)al->what.width + 2, w->y, al->limit,
			 ROLE_DIM);
	w->y++;
	if (w->end - w->y >= 4)
		put_pair(w, al->note, ROLE_DIM, SHOWN(""), ROLE_DIM);
	if (w->end - w->y >= 4)
		w->y++;
}

/* The worst: who, what and how far over, in dot letters where they fit. */
static void draw_worst(struct wall *w, const struct wall_alert *al)
{
	int room = w->right - w->left;
	bool has_big_limit = pair_width(al->what, al->limit) <= room;

	if (w->end - w->y < 2 * S_ROWS + 3 ||
	    pair_width(al->model, al->version) > room ||
	    big_width(al->what, BIG_S) > room) {
		draw_worst_plain(w, al);
		return;
	}
	wall_big(w, w->left, w->y, al->model, BIG_S, ROLE_STRONG);
	wall_big_right(w, w->right, w->y, al->version, BIG_S, ROLE_STRONG);
	w->y += S_ROWS + 1;
	wall_big(w, w->left, w->y, al->what, BIG_S, al->role);
	if (has_big_limit)
		wall_big_right(w, w->right, w->y, al->limit, BIG_S, ROLE_DIM);
	w->y += S_ROWS + is_roomy(w);
	put_pair(w, al->note, ROLE_DIM, has_big_limit ? SHOWN("") : al->limit,
		 ROLE_DIM);
	w->y += is_roomy(w);
}

static void draw_next(struct wall *w, const struct wall_alert *al)
{
	int room = w->right - w->left, x;

	if (w->end - w->y >= LINE_ROWS && al->value.len &&
	    pair_width(al->model, al->value) <= room) {
		wall_big(w, w->left, w->y, al->model, BIG_S, ROLE_TEXT);
		wall_big_right(w, w->right, w->y, al->value, BIG_S, al->role);
		w->y += S_ROWS;
		x = wall_put_right(w, w->right, w->y, al->limit, ROLE_DIM);
		x = wall_put_right(w, x - 2, w->y, al->what, ROLE_DIM);
		wall_put(w, w->left, w->y, parts_of(al->note, x - 2 - w->left),
			 ROLE_DIM);
		w->y += 2;
		return;
	}
	put_named(w, al, ROLE_TEXT);
	if ((int)(al->model.width + al->what.width + al->age.width) + 6 < room)
		wall_put(w, w->left + (int)al->model.width + 3, w->y, al->what,
			 al->role);
	w->y++;
}

/* Below the alerts, where they leave room: what serves now. */
static size_t draw_serving(struct wall *w)
{
	int title = is_roomy(w) ? 2 : 1;

	w->y++;
	if (!w->f->n_lines || w->end - w->y <= title)
		return 0;
	wall_rule(w, w->y, w->f->lines_title);
	w->y += title;
	return wall_draw_lines(w);
}

size_t wall_draw_alerts(struct wall *w)
{
	const struct wall_facts *f = w->f;

	draw_band(w);
	if (!f->n_alerts) {
		wall_put(w, w->left, w->y++,
			 SHOWN("No alert fires or is pending."), ROLE_DIM);
		return draw_serving(w);
	}
	if (w->end - w->y < 3) {
		put_named(w, &f->alerts[0], ROLE_STRONG);
		return 0;
	}
	draw_worst(w, &f->alerts[0]);
	draw_chart(w, &f->alerts[0]);
	for (size_t i = 1; i < f->n_alerts && w->y < w->end; i++) {
		if (i == 1 && w->end - w->y > LINE_ROWS)
			wall_rule(w, w->y++, SHOWN(""));
		draw_next(w, &f->alerts[i]);
	}
	return draw_serving(w);
}
