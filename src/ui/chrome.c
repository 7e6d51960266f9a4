/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/human.h"
#include "io/gate.h"
#include "ui_internal.h"

/* A source that was read this lately is live. */
#define LIVE_MS       10000
#define WATCH_LATE_MS 30000

struct pen {
	struct surface *s;
	int x, end, y;
};

static void put(struct pen *p, struct shown text, enum role role)
{
	int room = p->end - p->x;

	if (room <= 0)
		return;
	surface_put(p->s, p->x, p->y, text, room, role);
	p->x += MIN((int)text.width, room);
}

static void skip(struct pen *p, int cells)
{
	p->x += cells;
}

/* ---- row 0 ---- */

struct shown ui_source_state(struct ui *ui, uint16_t number, enum role *role)
{
	const struct model_source *src = &app_model(ui->app)->sources[number];
	int64_t read_ms = app_source_read_ms(ui->app, number);
	char out[HUMAN_MAX], hhmm[8];
	int64_t age_ms;

	*role = ROLE_WARN;
	if (src->state == SOURCE_STARTING && read_ms == TIME_NONE) {
		*role = ROLE_DIM;
		return SHOWN("reading");
	}
	if (read_ms == TIME_NONE || src->state == SOURCE_ABSENT ||
	    src->state == SOURCE_FAILED) {
		if (src->lost_since_ms == TIME_NONE)
			return SHOWN("! failed");
		clock_format_hhmm(src->lost_since_ms, hhmm);
		return shown_fmt(&ui->frame, "! lost %s", hhmm);
	}
	age_ms = ui->now_utc_ms - read_ms;
	if (age_ms < LIVE_MS) {
		*role = ROLE_TEXT;
		return SHOWN("live");
	}
	return shown_fmt(&ui->frame, "! %s", human_fresh(out, age_ms));
}

static void draw_source(struct ui *ui, struct pen *p, uint16_t i)
{
	const struct model_source *src = &app_model(ui->app)->sources[i];
	enum role role;
	struct shown state = ui_source_state(ui, i, &role);

	put(p, shown_text(&ui->frame, src->name), ROLE_DIM);
	skip(p, 1);
	put(p, state, role);
	skip(p, 3);
}

static int source_width(struct ui *ui, uint16_t i)
{
	enum role role;
	struct shown state = ui_source_state(ui, i, &role);

	return (int)(shown_text(&ui->frame, app_model(ui->app)->sources[i].name)
			     .width +
		     1 + state.width + 3);
}

/* All with their ages, or their number and the worst. */
static void draw_sources(struct ui *ui, struct pen *p)
{
	const struct model *m = app_model(ui->app);
	int width = 0;
	size_t n_bad = 0;
	uint16_t bad = 0;

	for (uint16_t i = 0; i < m->n_sources; i++) {
		enum role role;

		ui_source_state(ui, i, &role);
		width += source_width(ui, i);
		if (role == ROLE_WARN && !n_bad++)
			bad = i;
	}
	if (width <= p->end - p->x) {
		for (uint16_t i = 0; i < m->n_sources; i++)
			draw_source(ui, p, i);
		return;
	}
	if (n_bad > 1 || (n_bad && p->end - p->x < 24)) {
		put(p,
		    shown_fmt(&ui->frame, "! %zu source%s lost", n_bad,
			      n_bad == 1 ? "" : "s"),
		    ROLE_WARN);
		return;
	}
	if (m->n_sources > 1)
		put(p, shown_fmt(&ui->frame, "%zu sources ", m->n_sources),
		    ROLE_DIM);
	if (n_bad)
		put(p, shown_fmt(&ui->frame, "! %s lost", m->sources[bad].name),
		    ROLE_WARN);
}

static struct shown write_text(struct ui *ui, enum role *role)
{
	const struct model *m = app_model(ui->app);

	*role = ROLE_DIM;
	if (gate_is_closed(GATE_SYSTEMS))
		return SHOWN("read-only");
	*role = ROLE_TEXT;
	for (size_t i = 0; i < m->n_sources; i++)
		if (gate_source_is_writable(m->sources[i].name))
			return shown_text(&ui->frame, m->sources[i].name);
	*role = ROLE_DIM;
	return SHOWN("read-only");
}

struct shown ui_watch_state(struct ui *ui, enum role *role)
{
	const struct app_watch_state *w = app_watch(ui->app);
	char hhmm[8];

	*role = ROLE_TEXT;
	if (!w->is_known || !app_config(ui->app)->n_monitors) {
		*role = ROLE_DIM;
		return SHOWN("–");
	}
	if (*w->holder && ui->now_utc_ms - w->beat_ms < WATCH_LATE_MS)
		return ui->glyphs->running;
	*role = ROLE_WARN;
	if (w->since_ms == TIME_NONE)
		return SHOWN("! nobody");
	clock_format_hhmm(w->since_ms, hhmm);
	return shown_fmt(&ui->frame, "! nobody since %s", hhmm);
}

/* Right: who watches, what may be written, the time. Returns where it begins.
 */
static int draw_right(struct ui *ui, struct surface *s, struct rect row)
{
	enum role watch_role, write_role;
	struct shown watch = ui_watch_state(ui, &watch_role);
	struct shown write = write_text(ui, &write_role);
	bool is_named = write_role == ROLE_TEXT;
	char hhmm[8];
	struct pen p = { .s = s, .y = row.y, .end = row.x + row.w };
	int width = 6;

	clock_format_hhmm(ui->now_utc_ms, hhmm);
	if (row.w >= 60)
		width += (int)write.width + (is_named ? 6 : 0) + 2;
	if (row.w >= 76)
		width += 6 + (int)watch.width + 3;
	p.x = row.x + MAX(0, row.w - width);
	if (row.w >= 76) {
		put(&p, SHOWN("watch "), ROLE_DIM);
		put(&p, watch, watch_role);
		skip(&p, 3);
	}
	if (row.w >= 60) {
		if (is_named)
			put(&p, SHOWN("write "), ROLE_DIM);
		put(&p, write, write_role);
		skip(&p, 2);
	}
	put(&p, shown_text(&ui->frame, hhmm), ROLE_TEXT);
	return row.x + MAX(0, row.w - width);
}

void ui_draw_head(struct ui *ui, struct surface *s, struct rect row)
{
	const struct page *page = ui->top;
	struct pen p = { .s = s, .x = row.x + 1, .y = row.y };
	struct shown crumbs;

	while (page->ops->is_dialog && page->below)
		page = page->below;
	p.end = draw_right(ui, s, row) - 2;
	put(&p, SHOWN("mltower"), ROLE_ACCENT);
	if (row.w < 30)
		return;
	skip(&p, 2);
	put(&p, shown_literal(page->ops->title, strlen(page->ops->title)),
	    ROLE_STRONG);
	skip(&p, 3);
	crumbs = page->ops->crumbs ? page->ops->crumbs(page, ui, &ui->frame)
				   : SHOWN("");
	/* Little room is for the sources. */
	if (row.w < 60 && !page->below)
		crumbs = SHOWN("");
	if (crumbs.len) {
		crumbs = shown_cut(&ui->frame, crumbs,
				   (unsigned)MAX(1, p.end - p.x),
				   ui->glyphs->is_ascii);
		put(&p, crumbs, ROLE_DIM);
		skip(&p, 3);
	}
	if (!page->below || crumbs.len == 0)
		draw_sources(ui, &p);
}

/* ---- row 1 ---- */

static struct shown key_text(struct ui *ui, enum command_id cmd)
{
	unsigned scope = ui->top->ops->scope(ui->top);

	return shown_text(&ui->frame, keymap_key_of(ui->keymap, cmd, scope));
}

static void draw_attention_keys(struct ui *ui, struct pen *left, int right)
{
	struct shown go = key_text(ui, CMD_NEEDS_NEXT);
	struct shown ack = key_text(ui, CMD_ACK);
	struct shown word = right >= 100 ? SHOWN("acknowledge") : SHOWN("ack");
	int width = (int)(go.width + 4 + ack.width + 1 + word.width + 3);
	struct pen p = *left;

	if (right < 60 || right - width < left->x + 1)
		return;
	p.end = right;
	p.x = right - width;
	put(&p, go, ROLE_ACCENT);
	put(&p, SHOWN(" go  "), ROLE_DIM);
	put(&p, ack, ROLE_ACCENT);
	skip(&p, 1);
	put(&p, word, ROLE_DIM);
}

static size_t count_firing(const struct model *m, int64_t now_ms)
{
	size_t n = 0;

	for (size_t i = 0; i < m->alerts.n; i++)
		n += alert_needs_person(&m->alerts.alerts[i], now_ms);
	return n;
}

static void draw_alert(struct ui *ui, struct pen *p, const struct alert *al,
		       int width)
{
	struct arena *a = &ui->frame;
	size_t n = count_firing(app_model(ui->app), ui->now_utc_ms);
	char value[HUMAN_MAX], limit[HUMAN_MAX], age[HUMAN_MAX];
	struct shown model =
		shown_text(a, *al->model ? al->model : al->monitor);

	put(p, shown_fmt(a, " %s %zu firing ", ui->glyphs->firing.s, n),
	    ROLE_BADGE_ALARM);
	skip(p, 1);
	put(p, model, ROLE_STRONG);
	skip(p, 2);
	human_number(value, al->value, 2);
	human_number(limit, al->threshold, 2);
	human_duration(age, MAX(0, ui->now_utc_ms - al->since_ms));
	if (!*al->column)
		put(p, shown_text(a, *al->text ? al->text : al->rule),
		    ROLE_TEXT);
	else if (width >= 100)
		put(p,
		    shown_fmt(a, "%s %s %s, limit %s", al->column,
			      al->statistic, value, limit),
		    ROLE_TEXT);
	else
		put(p,
		    shown_fmt(a, "%s %s %s", al->column, al->statistic, value),
		    ROLE_TEXT);
	skip(p, 3);
	put(p, shown_fmt(a, width >= 100 ? "%s, not acknowledged" : "%s", age),
	    ROLE_DIM);
}

/* Without an alert: a lost source, nobody watching, open promotions. */
static bool draw_other_trouble(struct ui *ui, struct pen *p)
{
	const struct model *m = app_model(ui->app);
	const struct app_watch_state *w = app_watch(ui->app);

	for (uint16_t i = 0; i < m->n_sources; i++) {
		const struct model_source *src = &m->sources[i];
		enum role role;

		ui_source_state(ui, i, &role);
		if (role != ROLE_WARN || !src->err.code)
			continue;
		put(p, SHOWN(" ! source "), ROLE_BADGE_WARN);
		skip(p, 1);
		put(p, shown_text(&ui->frame, src->name), ROLE_STRONG);
		skip(p, 2);
		put(p, shown_text(&ui->frame, src->err.msg), ROLE_TEXT);
		return true;
	}
	if (*app_state_error(ui->app)) {
		put(p, SHOWN(" ! state "), ROLE_BADGE_WARN);
		skip(p, 1);
		put(p, shown_text(&ui->frame, app_state_error(ui->app)),
		    ROLE_TEXT);
		return true;
	}
	if (w->is_known && app_config(ui->app)->n_monitors &&
	    (!*w->holder || ui->now_utc_ms - w->beat_ms > WATCH_LATE_MS)) {
		put(p, SHOWN(" ! watch "), ROLE_BADGE_WARN);
		skip(p, 1);
		put(p,
		    SHOWN("nobody evaluates the monitors: start a Tower or "
			  "mltower watch"),
		    ROLE_TEXT);
		return true;
	}
	return false;
}

void ui_draw_attention(struct ui *ui, struct surface *s, struct rect row)
{
	const struct alert *al = ui_worst_alert(ui);
	struct pen p = { .s = s, .x = row.x, .end = row.x + row.w, .y = row.y };

	if (al) {
		draw_alert(ui, &p, al, row.w);
		draw_attention_keys(ui, &p, row.x + row.w - 1);
		return;
	}
	if (draw_other_trouble(ui, &p))
		return;
	skip(&p, 1);
	put(&p, SHOWN("Nothing needs you."), ROLE_DIM);
}

/* ---- the last row ---- */

/* What is wrong with what is typed: a line of its own over the prompt. */
static void draw_complaint(struct ui *ui, struct surface *s, struct rect row)
{
	struct rect above = { row.x, row.y - 1, row.w, 1 };

	surface_fill(s, above, ROLE_TEXT);
	surface_put(s, row.x + 1, above.y,
		    shown_cut(&ui->frame, shown_text(&ui->frame, ui->message),
			      (unsigned)MAX(1, row.w - 2),
			      ui->glyphs->is_ascii),
		    row.w - 2, ROLE_WARN);
}

static void draw_prompt(struct ui *ui, struct surface *s, struct rect row)
{
	struct prompt *pr = &ui->prompt;
	struct pen p = {
		.s = s, .x = row.x + 1, .end = row.x + row.w, .y = row.y
	};
	struct shown text = shown_text(&ui->frame, prompt_text(pr));
	struct shown before =
		shown_textn(&ui->frame, prompt_text(pr), pr->cursor);
	int start;

	put(&p, shown_text(&ui->frame, pr->label), ROLE_ACCENT);
	skip(&p, 1);
	start = p.x;
	surface_fill(s, (struct rect){ start, row.y, row.w - start, 1 },
		     ROLE_FIELD);
	put(&p, text, ROLE_FIELD);
	if (ui->prompt_error_at)
		surface_put(s,
			    MIN(start + (int)ui->prompt_error_at - 1,
				row.x + row.w - 1),
			    row.y, SHOWN("^"), 1, ROLE_ALARM);
	surface_set_cursor(s, MIN(start + (int)before.width, row.x + row.w - 1),
			   row.y);
	skip(&p, 3);
	if (ui->message_is_error && *ui->message)
		draw_complaint(ui, s, row);
	for (size_t i = 0; i < pr->n_words && i < 12; i++) {
		if (p.x + (int)text_width(pr->words[i], strlen(pr->words[i])) >
		    p.end)
			break; /* whole words only */
		put(&p, shown_text(&ui->frame, pr->words[i]),
		    pr->is_cycling && i == pr->word ? ROLE_ACCENT : ROLE_DIM);
		skip(&p, 2);
	}
}

static struct shown pretty_key(struct ui *ui, enum command_id cmd,
			       unsigned scope)
{
	const char *key = keymap_key_of(ui->keymap, cmd, scope);
	static const struct {
		const char *key, *pretty;
	} names[] = {
		{ "tab", "Tab" },       { "enter", "Enter" },
		{ "esc", "Esc" },       { "space", "Space" },
		{ "pgup", "PgUp" },     { "pgdn", "PgDn" },
		{ "backtab", "S-Tab" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(names[i].key, key))
			return shown_literal(names[i].pretty,
					     strlen(names[i].pretty));
	return shown_text(&ui->frame, key);
}

/* What goes first where not all keys fit; the ways on and out stay. */
static bool is_spare(enum command_id cmd, int round)
{
	static const enum command_id spare[] = { CMD_MARK, CMD_METRIC,
						 CMD_COPY, CMD_EVENTS,
						 CMD_UP,   CMD_PROMPT };

	for (int i = 0; i < round && i < (int)ARRAY_LEN(spare); i++)
		if (spare[i] == cmd)
			return true;
	return false;
}

static bool is_way_out(enum command_id cmd)
{
	return cmd == CMD_HELP || cmd == CMD_BACK || cmd == CMD_LEAVE;
}

static int key_width(struct ui *ui, enum command_id cmd, unsigned scope)
{
	struct shown key = pretty_key(ui, cmd, scope);

	return key.len ? (int)key.width + 3 + (int)strlen(ui_commands[cmd].hint)
		       : 0;
}

/* Cells of all keys, or of the ways out alone. */
static int keys_width(struct ui *ui, const enum command_id *cmd, unsigned scope,
		      int round, bool only_out)
{
	int width = 0;

	for (; cmd && *cmd; cmd++)
		if (!is_spare(*cmd, round) && (!only_out || is_way_out(*cmd)))
			width += key_width(ui, *cmd, scope);
	return width;
}

static void draw_key(struct ui *ui, struct pen *p, enum command_id cmd,
		     unsigned scope)
{
	const char *hint = ui_commands[cmd].hint;
	bool is_shut = (ui_commands[cmd].flags & CMD_CHANGES) &&
		       gate_is_closed(GATE_SYSTEMS);

	put(p, pretty_key(ui, cmd, scope), is_shut ? ROLE_DIM : ROLE_ACCENT);
	skip(p, 1);
	put(p, shown_literal(hint, strlen(hint)), ROLE_DIM);
	skip(p, 2);
}

/* Whole words only, as many as fit, and the ways out in any case. */
static void draw_keys(struct ui *ui, struct surface *s, struct rect row)
{
	const struct page *page = ui->top;
	const enum command_id *cmd =
		page->footer ? page->footer : page->ops->footer;
	unsigned scope = page->ops->scope(page);
	struct pen p = {
		.s = s, .x = row.x + 1, .end = row.x + row.w + 1, .y = row.y
	};
	int round = 0, out;

	while (round < 6 && keys_width(ui, cmd, scope, round, false) > row.w)
		round++;
	out = keys_width(ui, cmd, scope, round, true);
	for (; cmd && *cmd; cmd++) {
		int width = key_width(ui, *cmd, scope);

		if (!width || is_spare(*cmd, round))
			continue;
		if (is_way_out(*cmd))
			out -= width;
		if (p.x + width + out > p.end)
			continue;
		draw_key(ui, &p, *cmd, scope);
	}
}

void ui_draw_foot(struct ui *ui, struct surface *s, struct rect row)
{
	if (ui->prompt.is_open) {
		draw_prompt(ui, s, row);
		return;
	}
	if (*ui->message) {
		surface_put(s, row.x + 1, row.y,
			    shown_cut(&ui->frame,
				      shown_text(&ui->frame, ui->message),
				      (unsigned)MAX(1, row.w - 2),
				      ui->glyphs->is_ascii),
			    row.w - 2,
			    ui->message_is_error ? ROLE_WARN : ROLE_TEXT);
		return;
	}
	draw_keys(ui, s, row);
}
