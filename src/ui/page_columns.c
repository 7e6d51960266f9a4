/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "base/mem.h"
#include "columns.h"
#include "list.h"
#include "run_table.h"

/* Chooses the columns of the runs: the chosen ones first, in their order, then
 * all others that the sources have. Each key takes effect at once: beside the
 * list stands what the table will look like. */
struct entry {
	const char *id; /* as in --columns */
	size_t chosen;  /* index in the table; SIZE_MAX: not chosen */
	int score;      /* of the search: the higher the better */
};

struct page_columns {
	struct page page;
	struct run_table *table; /* the Tower's, as is: */
	struct run_list *runs;
	struct rect beside; /* the preview; w 0: no room */
	struct list list;
	struct arena arena;
	struct entry *entries;
	size_t n, cap;
	char search[PROMPT_MAX + 1];
	char *at_id;
};

enum { COL_ID, COL_PLACE, N_COLS };

#define LIST_WIDTH  44
#define PREVIEW_MIN 40

static unsigned columns_scope(const struct page *p)
{
	(void)p;
	return SCOPE_COLUMNS;
}

static struct shown columns_crumbs(const struct page *p, struct ui *ui,
				   struct arena *a)
{
	const struct page_columns *c = (const struct page_columns *)p;

	(void)ui;
	return *c->search ? shown_fmt(a, "/ %s", c->search) : SHOWN("");
}

/* ---- fuzzy search -------------------------------------------------------- */

static int fold(char c)
{
	return tolower((unsigned char)c);
}

static bool begins_word(const char *text, size_t i)
{
	return !i || strchr("._/- :", text[i - 1]);
}

/* All letters of the search in their order, some apart: 0 where they are not
 * there. Letters side by side, and at the beginning of a word, count more; a
 * short name more than a long one. */
static int fuzzy(const char *text, const char *search)
{
	int score = 1000 - (int)MIN(strlen(text), (size_t)500);
	size_t i = 0, last = SIZE_MAX;

	for (; *search; search++) {
		if (*search == ' ')
			continue;
		while (text[i] && fold(text[i]) != fold(*search))
			i++;
		if (!text[i])
			return 0;
		if (last != SIZE_MAX && i == last + 1)
			score += 20;
		if (begins_word(text, i))
			score += 15;
		last = i++;
	}
	return score;
}

/* ---- entries ------------------------------------------------------------- */

static void add(struct page_columns *c, const char *id)
{
	size_t chosen = run_table_find(c->table, id);
	int score = fuzzy(id, c->search);

	if (!score)
		return;
	c->entries = xgrow(c->entries, &c->cap, c->n + 1, sizeof(*c->entries));
	c->entries[c->n++] = (struct entry){ id, chosen, score };
}

static void add_attributes(struct page_columns *c)
{
	for (size_t i = 0; run_table_attributes[i]; i++)
		add(c, run_table_attributes[i]);
}

static void add_names(struct page_columns *c, struct ui *ui,
		      enum value_kind kind)
{
	static const char *const kinds[] = { "metrics", "params", "tags" };
	const struct model *m = app_model(ui->app);
	struct intern *seen = intern_new();

	for (size_t s = 0; s < m->n_sources; s++) {
		const struct model_names *names = &m->sources[s].names[kind];

		for (size_t i = 0; i < names->n; i++) {
			const char *name =
				intern_str(m->strings, names->all[i]);

			if (intern_find(seen, name))
				continue;
			intern_put(seen, name);
			add(c, arena_printf(&c->arena, "%s.%s", kinds[kind],
					    name));
		}
	}
	intern_free(seen);
}

static bool is_chosen(const struct entry *e)
{
	return e->chosen != SIZE_MAX;
}

static int by_use(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;

	if (is_chosen(a) != is_chosen(b))
		return is_chosen(a) ? -1 : 1;
	if (is_chosen(a))
		return a->chosen < b->chosen ? -1 : 1;
	return 0;
}

static int by_score(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;

	return a->score != b->score ? b->score - a->score
				    : strcmp(a->id, b->id);
}

/* qsort() is not stable: entries that are alike keep their place by it. */
static void sort(struct page_columns *c)
{
	struct entry *copy;
	size_t n = 0;

	if (*c->search) {
		qsort(c->entries, c->n, sizeof(*c->entries), by_score);
		return;
	}
	copy = arena_alloc(&c->arena, (c->n + 1) * sizeof(*copy));
	for (size_t i = 0; i < c->n; i++)
		if (is_chosen(&c->entries[i]))
			copy[n++] = c->entries[i];
	qsort(copy, n, sizeof(*copy), by_use);
	for (size_t i = 0; i < c->n; i++)
		if (!is_chosen(&c->entries[i]))
			copy[n++] = c->entries[i];
	if (n)
		memcpy(c->entries, copy, n * sizeof(*copy));
}

static void add_strangers(struct page_columns *c)
{
	for (size_t i = 0; i < c->table->n; i++) {
		const char *id = c->table->columns[i].id;
		bool is_there = false;

		for (size_t k = 0; k < c->n && !is_there; k++)
			is_there = !strcmp(c->entries[k].id, id);
		if (!is_there)
			add(c, arena_strdup(&c->arena, id));
	}
}

static size_t n_previewed(const struct page_columns *c)
{
	return MIN(run_list_count(c->runs), (size_t)MAX(0, c->beside.h - 2));
}

static void update_preview(struct page_columns *c, struct ui *ui)
{
	struct rect body = ui_body(ui);

	c->beside = (struct rect){ body.x + LIST_WIDTH + 1, body.y,
				   body.w - LIST_WIDTH - 1, body.h };
	if (c->beside.w < PREVIEW_MIN)
		c->beside.w = 0;
	else if (c->table->n)
		run_table_update(c->table, ui, c->runs, 0, n_previewed(c),
				 c->beside.w, &c->arena);
}

static void columns_update(struct page *p, struct ui *ui)
{
	struct page_columns *c = (struct page_columns *)p;
	size_t at = MIN(c->list.cursor, c->n ? c->n - 1 : 0);

	arena_clear(&c->arena);
	c->n = 0;
	add_attributes(c);
	for (int kind = 0; kind < N_NAMED_KINDS; kind++)
		add_names(c, ui, (enum value_kind)kind);
	add_strangers(c);
	sort(c);
	for (size_t i = 0; c->at_id && i < c->n; i++)
		if (!strcmp(c->entries[i].id, c->at_id))
			at = i;
	free(c->at_id);
	c->at_id = NULL;
	list_set(&c->list, c->n, at);
	list_fit(&c->list, (size_t)MAX(1, ui_body(ui).h - 2));
	run_table_want_values(c->table, ui);
	update_preview(c, ui);
}

/* ---- drawing ------------------------------------------------------------- */

static void draw_entry(const struct page_columns *c, struct ui *ui,
		       struct surface *s, struct rect row,
		       const struct column *cols, size_t i)
{
	const struct entry *e = &c->entries[i];
	enum role role = is_chosen(e) ? ROLE_TEXT : ROLE_DIM;

	columns_cursor(ui, s, row, i == c->list.cursor, true);
	if (is_chosen(e))
		surface_put(s, row.x, row.y, SHOWN("+"), 1, ROLE_ACCENT);
	columns_put(&cols[COL_ID], ui, s, row, shown_text(&ui->frame, e->id),
		    role);
	if (is_chosen(e))
		columns_put(&cols[COL_PLACE], ui, s, row,
			    shown_fmt(&ui->frame, "%zu", e->chosen + 1), role);
}

/* The first rows, as they will stand. */
static void draw_preview(const struct page_columns *c, struct ui *ui,
			 struct surface *s)
{
	struct rect r = c->beside, row = { r.x, r.y, r.w, 1 };
	const struct run_set *set = app_model(ui->app)->runs;

	surface_title(s, row, SHOWN(""), SHOWN("Runs"),
		      c->table->has_more
			      ? SHOWN("more by Left and Right in the pane")
			      : SHOWN(""),
		      SHOWN(""), false, ui->glyphs);
	row.y++;
	if (!c->table->n) {
		surface_put(s, row.x + 3, row.y,
			    SHOWN("as the pane has them; Space chooses others"),
			    row.w - 4, ROLE_DIM);
		return;
	}
	run_table_heads(c->table, ui, s, row);
	for (size_t i = 0; i < c->table->n_lines; i++) {
		row.y++;
		run_table_line(
			c->table, ui, s, row, c->runs, i,
			shown_text(&ui->frame,
				   run_set_name(set, run_list_row(c->runs, i))),
			true, ROLE_TEXT);
	}
	surface_vline(s, r.x - 1, r.y, r.h, ui->glyphs);
}

static void columns_draw(struct page *p, struct ui *ui, struct surface *s,
			 struct rect body)
{
	struct page_columns *c = (struct page_columns *)p;
	struct column cols[N_COLS] = {
		[COL_ID] = { .title = "COLUMN" },
		[COL_PLACE] = { .title = "PLACE",
				.width = 5,
				.is_right = true,
				.rank = 1 },
	};
	struct rect row = { body.x, body.y, body.w, 1 };
	char n[HUMAN_MAX];

	if (c->beside.w) {
		row.w = LIST_WIDTH;
		draw_preview(c, ui, s);
	}
	surface_title(s, row, SHOWN(""), SHOWN("Columns"),
		      c->table->n
			      ? shown_fmt(&ui->frame, "%zu chosen", c->table->n)
			      : SHOWN(""),
		      shown_text(&ui->frame, human_count(n, (int64_t)c->n)),
		      true, ui->glyphs);
	columns_fit(cols, N_COLS, row.w, 12);
	row.y++;
	columns_heads(cols, N_COLS, s, row);
	row.y++;
	if (!c->n)
		surface_put(s, row.x + 3, row.y,
			    SHOWN("None is called so.  / empty shows all"),
			    row.w - 4, ROLE_DIM);
	for (size_t i = c->list.top; i < c->n && row.y < body.y + body.h; i++) {
		draw_entry(c, ui, s, row, cols, i);
		row.y++;
	}
}

/* ---- commands ------------------------------------------------------------ */

/* The cursor goes with the entry, wherever it is sorted to. */
static void stay_on(struct page_columns *c, const char *id)
{
	free(c->at_id);
	c->at_id = xstrdup(id);
}

/* What is chosen goes up to the chosen ones; the cursor goes on to the next. */
static void toggle(struct page_columns *c, struct ui *ui, struct entry *e)
{
	if (!is_chosen(e) && !run_table_add(c->table, e->id)) {
		ui_say(ui, "at most %d columns: Space on one takes it away",
		       RUN_TABLE_MAX);
		return;
	}
	if (c->list.cursor + 1 < c->n)
		stay_on(c, e[1].id);
	if (is_chosen(e))
		run_table_remove(c->table, e->chosen);
}

static bool change(struct page_columns *c, struct ui *ui, enum command_id cmd)
{
	struct entry *e = c->n ? &c->entries[c->list.cursor] : NULL;
	int by = cmd == CMD_COLUMN_UP || cmd == CMD_NARROWER ? -1 : 1;

	if (!e || !is_chosen(e)) {
		ui_say(ui, "Space chooses the column first");
		return true;
	}
	if (cmd == CMD_NARROWER || cmd == CMD_WIDER)
		run_table_widen(c->table, e->chosen, by);
	else
		run_table_move(c->table, e->chosen, by);
	stay_on(c, e->id);
	return true;
}

static bool columns_command(struct page *p, struct ui *ui, enum command_id cmd,
			    const char *arg)
{
	struct page_columns *c = (struct page_columns *)p;

	if (list_command(&c->list, cmd))
		return true;
	switch (cmd) {
	case CMD_MARK:
		if (c->n)
			toggle(c, ui, &c->entries[c->list.cursor]);
		return true;
	case CMD_UNMARK_ALL:
		run_table_parse(c->table, "");
		return true;
	case CMD_COLUMN_UP:
	case CMD_COLUMN_DOWN:
	case CMD_NARROWER:
	case CMD_WIDER:
		return change(c, ui, cmd);
	case CMD_FILTER:
		snprintf(c->search, sizeof(c->search), "%s", arg ? arg : "");
		c->list.cursor = 0;
		return true;
	case CMD_OPEN:
	case CMD_COLUMNS:
		ui_pop(ui);
		return true;
	default:
		return false;
	}
}

static void columns_free(struct page *p)
{
	struct page_columns *c = (struct page_columns *)p;

	arena_release(&c->arena);
	free(c->entries);
	free(c->at_id);
	free(c);
}

struct page *page_columns_new(struct ui *ui, struct run_table *table,
			      struct run_list *runs)
{
	static const enum command_id footer[] = {
		CMD_MARK,        CMD_FILTER, CMD_COLUMN_UP,
		CMD_COLUMN_DOWN, CMD_WIDER,  CMD_UNMARK_ALL,
		CMD_BACK,        CMD_HELP,   CMD_NONE
	};
	static const struct page_ops ops = {
		.title = "Columns",
		.scope = columns_scope,
		.crumbs = columns_crumbs,
		.update = columns_update,
		.draw = columns_draw,
		.command = columns_command,
		.footer = footer,
		.free = columns_free,
	};
	struct page_columns *c = xcalloc(1, sizeof(*c));

	(void)ui;
	c->page.ops = &ops;
	c->page.update_at_ms = -1;
	c->table = table;
	c->runs = runs;
	return &c->page;
}
