/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "run_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "columns.h"
#include "page_list.h"
#include "run_name.h"

#define TEXT_FROM   3
#define GAP         2
#define MAX_CONTENT 28
#define MIN_NAME    12
#define TREND_WIDTH 8
#define NAME        "name"

const char *const run_table_attributes[] = {
	"name",
	"experiment",
	"status",
	"age",
	"metric",
	"value",
	RUN_TABLE_TREND,
	"duration",
	"user",
	"start",
	"end",
	"source",
	"run_id",
	"parent",
	"dataset.name",
	"dataset.digest",
	"dataset.context",
	"model.name",
	"alias",
	"artifact_uri",
	NULL,
};

static void clear(struct run_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->columns[i].id);
	free(t->columns);
	t->columns = NULL;
	t->n = 0;
	t->first = 1;
}

void run_table_release(struct run_table *t)
{
	clear(t);
	if (t->is_made)
		view_list_release(&t->view);
	t->is_made = false;
}

size_t run_table_find(const struct run_table *t, const char *id)
{
	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->columns[i].id, id))
			return i;
	return SIZE_MAX;
}

/* False: there is no room for it. */
static bool append(struct run_table *t, const char *id, int width)
{
	if (run_table_find(t, id) != SIZE_MAX)
		return true;
	if (t->n == RUN_TABLE_MAX)
		return false;
	t->columns = xreallocarray(t->columns, t->n + 1, sizeof(*t->columns));
	t->columns[t->n++] = (struct run_table_column){ .id = xstrdup(id),
							.width = width,
							.best = SIZE_MAX };
	t->first = MAX(t->first, (size_t)1);
	return true;
}

bool run_table_add(struct run_table *t, const char *id)
{
	return append(t, NAME, 0) && append(t, id, 0);
}

void run_table_remove(struct run_table *t, size_t i)
{
	if (!i && t->n > 1)
		return; /* the name stays */
	free(t->columns[i].id);
	memmove(&t->columns[i], &t->columns[i + 1],
		(t->n - i - 1) * sizeof(*t->columns));
	t->n--;
	if (t->n <= 1)
		clear(t);
	t->first = MAX((size_t)1, MIN(t->first, t->n ? t->n - 1 : 1));
}

size_t run_table_move(struct run_table *t, size_t i, int by)
{
	size_t to = (size_t)MAX(1, MIN((int)i + by, (int)t->n - 1));
	struct run_table_column c;

	if (!i || i >= t->n || to == i)
		return i;
	c = t->columns[i];
	if (to < i)
		memmove(&t->columns[to + 1], &t->columns[to],
			(i - to) * sizeof(c));
	else
		memmove(&t->columns[i], &t->columns[i + 1],
			(to - i) * sizeof(c));
	t->columns[to] = c;
	return to;
}

void run_table_widen(struct run_table *t, size_t i, int by)
{
	struct run_table_column *c = &t->columns[i];

	if (!c->width)
		c->width = MAX(c->seen, (int)strlen(c->id));
	c->width = MAX(1, MIN(c->width + by, RUN_TABLE_MAX_WIDTH));
}

void run_table_scroll(struct run_table *t, int by)
{
	if (by > 0 && !t->has_more)
		return;
	t->first = (size_t)MAX(1, MIN((int)t->first + by, (int)t->n - 1));
}

/* Cuts "=12" off the end. */
static int cut_width(char *name)
{
	char *at = strrchr(name, '='), *end;
	long width;

	if (!at || !at[1])
		return 0;
	width = strtol(at + 1, &end, 10);
	if (*end || width < 1 || width > RUN_TABLE_MAX_WIDTH)
		return 0;
	*at = '\0';
	return (int)width;
}

bool run_table_parse(struct run_table *t, const char *text)
{
	struct arena a = { 0 };
	char *at = arena_strdup(&a, text), *name;
	const char *id;
	size_t n = 1;
	int width;

	for (const char *p = text; *p; p++)
		n += *p == ',';
	if (n >= RUN_TABLE_MAX) {
		arena_release(&a);
		return false;
	}
	clear(t);
	while ((name = order_next_name(&at))) {
		width = cut_width(name);
		if (!*name)
			continue;
		id = order_column_id(name, &a);
		if (!t->n && strcmp(id, NAME) != 0)
			append(t, NAME, 0);
		append(t, id, width);
	}
	arena_release(&a);
	return true;
}

/* In quotes where it would be read as something else. */
static void print_id(const char *id, struct buf *out, bool is_next)
{
	char *copy = xstrdup(id);
	const char *quote = "";

	if (strpbrk(id, ",\"`'") || cut_width(copy))
		quote = strchr(id, '`') ? "\"" : "`";
	buf_addf(out, "%s%s%s%s", is_next ? "," : "", quote, id, quote);
	free(copy);
}

void run_table_print(const struct run_table *t, struct buf *out)
{
	for (size_t i = 0; i < t->n; i++) {
		print_id(t->columns[i].id, out, i > 0);
		if (t->columns[i].width)
			buf_addf(out, "=%d", t->columns[i].width);
	}
}

static bool is_trend(const struct run_table_column *c)
{
	return !strcmp(c->id, RUN_TABLE_TREND);
}

const char **run_table_picks(const struct run_table *t, size_t *n)
{
	const char **picks = xcalloc(t->n, sizeof(*picks));

	*n = 0;
	for (size_t i = 0; i < t->n; i++)
		if (!is_trend(&t->columns[i]))
			picks[(*n)++] = t->columns[i].id;
	return picks;
}

struct value_key *run_table_keys(const struct run_table *t, size_t *n)
{
	size_t n_picks;
	const char **picks = run_table_picks(t, &n_picks);
	struct value_key *keys = view_runs_keys(picks, n_picks, n);

	free(picks);
	return keys;
}

void run_table_want_values(const struct run_table *t, struct ui *ui)
{
	size_t n;
	struct value_key *keys = run_table_keys(t, &n);

	app_want_columns(ui->app, APP_WHO_COLUMNS, keys, n);
	free(keys);
}

void run_table_want_bests(struct run_table *t, struct ui *ui,
			  struct run_list *runs)
{
	struct view_ctx ctx = ui_view_ctx(ui);
	struct run_list_best *bests = xcalloc(t->n, sizeof(*bests));
	struct value_key *key;
	size_t n_bests = 0, n;

	for (size_t i = 0; i < t->n; i++) {
		const char *id = t->columns[i].id;
		int goal;

		t->columns[i].best = SIZE_MAX;
		key = view_runs_keys(&id, 1, &n);
		if (n && value_is_number(key->kind) &&
		    !is_trend(&t->columns[i])) {
			goal = view_goal(&ctx, key->name, -1);
			if (goal) {
				t->columns[i].best = n_bests;
				bests[n_bests++] =
					(struct run_list_best){ *key, goal };
			}
		}
		free(key);
	}
	run_list_set_bests(runs, bests, n_bests);
	free(bests);
}

static struct cell_look look_of(const struct ui *ui)
{
	return (struct cell_look){ .now_ms = ui->now_utc_ms,
				   .is_ascii = ui->glyphs->is_ascii };
}

static void make_view(struct run_table *t, struct ui *ui,
		      const struct run_list *runs)
{
	struct view_ctx ctx = ui_view_ctx(ui);
	size_t n_picks, col = 0;
	const char **picks = run_table_picks(t, &n_picks);
	struct view_runs_ask ask = { .set = app_model(ui->app)->runs,
				     .rows = run_list_rows(runs),
				     .n_rows = run_list_count(runs),
				     .picks = picks,
				     .n_picks = n_picks };
	struct err err = { 0 };

	if (t->is_made)
		view_list_release(&t->view);
	t->is_made = !view_runs(&t->view, &ctx, &ask, &err);
	BUG_ON(!t->is_made); /* no more columns than a view may have */
	for (size_t i = 0; i < t->n; i++)
		t->columns[i].view_col =
			is_trend(&t->columns[i]) ? SIZE_MAX : col++;
	free(picks);
}

static const char *title_of(const struct run_table *t,
			    const struct run_table_column *c)
{
	return c->view_col == SIZE_MAX ? "TREND"
				       : t->view.columns[c->view_col].title;
}

/* Params and tags that are numbers stand as numbers do. */
static bool is_number(const struct cell *c)
{
	double v;

	return c->kind == CELL_NONE ||
	       (c->kind != CELL_TEXT ? c->kind != CELL_STATUS
				     : num_parse(c->text, strlen(c->text), &v));
}

static int name_extra(const struct run_table *t, const struct run_list *runs)
{
	int most = 0;

	for (size_t i = 0; i < t->n_lines; i++)
		most = MAX(most, run_name_extra(runs, t->top + i));
	return most;
}

static void measure(struct run_table *t, struct ui *ui, struct arena *a,
		    struct run_table_column *c)
{
	struct cell_look look = look_of(ui);
	struct shown title = shown_text(a, title_of(t, c));
	int width = (int)title.width;

	if (c->view_col == SIZE_MAX)
		width = TREND_WIDTH;
	c->is_right = c->view_col != SIZE_MAX;
	for (size_t i = 0; c->view_col != SIZE_MAX && i < t->n_lines; i++) {
		const struct cell *cell =
			&t->cells[i * t->view.n_columns + c->view_col];

		width = MAX(width, (int)cell_shown(a, cell, &look).width);
		c->is_right &= is_number(cell);
	}
	c->seen = MAX(c->seen, MIN(width, MAX_CONTENT));
	c->w = c->width ? c->width : c->seen;
}

/* The name takes what it needs, up to a third of the pane; the others stand
 * beside it from the first in view on, as far as they fit whole. */
static void lay_out(struct run_table *t, int width)
{
	int room = width - TEXT_FROM - 1, x;
	struct run_table_column *c = &t->columns[0];

	c->x = TEXT_FROM;
	if (!c->width)
		c->w = MIN(c->w, MAX(MIN_NAME, room / 3));
	c->w = MAX(1, MIN(c->w, room));
	x = c->x + c->w;
	t->has_more = false;
	for (size_t i = 1; i < t->n; i++) {
		c = &t->columns[i];
		if (i < t->first || t->has_more) {
			c->w = 0;
			continue;
		}
		/* One that fills the pane alone is cut. */
		if (i == t->first)
			c->w = MIN(c->w, MAX(1, TEXT_FROM + room - x - GAP));
		if (x + GAP + c->w > TEXT_FROM + room) {
			t->has_more = true;
			c->w = 0;
			continue;
		}
		c->x = x + GAP;
		x = c->x + c->w;
	}
}

void run_table_update(struct run_table *t, struct ui *ui,
		      const struct run_list *runs, size_t top, size_t n_lines,
		      int width, struct arena *a)
{
	make_view(t, ui, runs);
	t->top = top;
	t->n_lines = n_lines;
	t->cells = arena_alloc(a, (n_lines * t->view.n_columns + 1) *
					  sizeof(*t->cells));
	for (size_t i = 0; i < n_lines; i++)
		view_list_row(&t->view, top + i, a,
			      &t->cells[i * t->view.n_columns]);
	for (size_t i = 0; i < t->n; i++)
		measure(t, ui, a, &t->columns[i]);
	if (!t->columns[0].width)
		t->columns[0].w += name_extra(t, runs);
	lay_out(t, width);
}

static void put(struct ui *ui, struct surface *s, struct rect row,
		const struct run_table_column *c, struct shown text,
		enum role role)
{
	int x = row.x + c->x;

	text = shown_cut(&ui->frame, text, (unsigned)c->w,
			 ui->glyphs->is_ascii);
	if (c->is_right)
		x += c->w - (int)text.width;
	surface_put(s, x, row.y, text, c->w, role);
}

/* Names of runs and metrics begin alike more often than they end alike. */
static struct shown fit_name(struct ui *ui, const struct run_table_column *c,
			     struct shown name)
{
	return shown_cut_middle(&ui->frame, name, (unsigned)c->w,
				ui->glyphs->is_ascii);
}

void run_table_heads(const struct run_table *t, struct ui *ui,
		     struct surface *s, struct rect row)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->columns[i].w)
			put(ui, s, row, &t->columns[i],
			    fit_name(ui, &t->columns[i],
				     shown_text(&ui->frame,
						title_of(t, &t->columns[i]))),
			    ROLE_DIM);
	columns_more(ui, s, row,
		     t->first > 1 ? TEXT_FROM + t->columns[0].w : -1,
		     t->has_more);
}

static bool is_best(const struct run_table_column *c, const struct cell *cell,
		    const struct run_list *runs)
{
	return c->best != SIZE_MAX && cell->kind == CELL_NUMBER &&
	       cell->number == run_list_best(runs, c->best);
}

void run_table_line(const struct run_table *t, struct ui *ui, struct surface *s,
		    struct rect row, const struct run_list *runs, size_t line,
		    struct shown name, bool with_status, enum role role)
{
	struct cell_look look = look_of(ui);

	run_name_draw(ui, s,
		      (struct rect){ row.x + t->columns[0].x, row.y,
				     t->columns[0].w, 1 },
		      runs, t->top + line, name, role);
	for (size_t i = 1; i < t->n; i++) {
		const struct run_table_column *c = &t->columns[i];
		const struct cell *cell;
		bool has_won;

		if (!c->w || c->view_col == SIZE_MAX ||
		    (!with_status && !strcmp(c->id, RUN_TABLE_STATUS)))
			continue;
		cell = &t->cells[line * t->view.n_columns + c->view_col];
		has_won = is_best(c, cell, runs);
		put(ui, s, row, c, cell_shown(&ui->frame, cell, &look),
		    role != ROLE_TEXT ? role
		    : has_won         ? ROLE_OK
				      : cell->role);
		if (has_won) /* never colour alone */
			surface_put(s, row.x + c->x + c->w, row.y, SHOWN("*"),
				    1, ROLE_OK);
	}
}

struct rect run_table_place(const struct run_table *t, const char *id,
			    struct rect row)
{
	size_t i = run_table_find(t, id);

	if (i == SIZE_MAX || !t->columns[i].w)
		return (struct rect){ row.x, row.y, 0, 1 };
	return (struct rect){ row.x + t->columns[i].x, row.y, t->columns[i].w,
			      1 };
}
