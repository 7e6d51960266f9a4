/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/human.h"
#include "export.h"
#include "io/gate.h"
#include "pen.h"
#include "ui_internal.h"

/* A source that was read this lately is live. */
#define LIVE_MS 10000

/* ---- row 0 ---- */

/* As `mltower sources` calls it. */
static struct shown never_read(enum source_state state)
{
	switch (state) {
	case SOURCE_ABSENT:
		return SHOWN("! absent");
	case SOURCE_BUSY:
		return SHOWN("! busy");
	default:
		return SHOWN("! failed");
	}
}

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
		if (read_ms == TIME_NONE || src->lost_since_ms == TIME_NONE)
			return never_read(src->state);
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

struct shown ui_no_models(struct ui *ui)
{
	const struct model *m = app_model(ui->app);

	for (size_t i = 0; i < m->n_sources; i++)
		if (m->sources[i].err.code)
			return shown_fmt(&ui->frame, "%s cannot be read: %s",
					 m->sources[i].name,
					 m->sources[i].err.msg);
	for (size_t i = 0; i < m->n_sources; i++)
		if (m->sources[i].state == SOURCE_STARTING)
			return SHOWN("reading ...");
	return SHOWN("No registered models in these sources.");
}

static void draw_source(struct ui *ui, struct pen *p, uint16_t i)
{
	const struct model_source *src = &app_model(ui->app)->sources[i];
	enum role role;
	struct shown state = ui_source_state(ui, i, &role);

	pen_put(p, shown_text(&ui->frame, src->name), ROLE_DIM);
	pen_skip(p, 1);
	pen_put(p, state, role);
	pen_skip(p, 3);
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
		pen_put(p,
			shown_fmt(&ui->frame, "! %zu source%s lost", n_bad,
				  n_bad == 1 ? "" : "s"),
			ROLE_WARN);
		return;
	}
	if (m->n_sources > 1)
		pen_put(p, shown_fmt(&ui->frame, "%zu sources ", m->n_sources),
			ROLE_DIM);
	if (n_bad)
		pen_put(p,
			shown_fmt(&ui->frame, "! %s lost",
				  m->sources[bad].name),
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
	if (ui_is_watched(ui))
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
		pen_put(&p, SHOWN("watch "), ROLE_DIM);
		pen_put(&p, watch, watch_role);
		pen_skip(&p, 3);
	}
	if (row.w >= 60) {
		if (is_named)
			pen_put(&p, SHOWN("write "), ROLE_DIM);
		pen_put(&p, write, write_role);
		pen_skip(&p, 2);
	}
	pen_put(&p, shown_text(&ui->frame, hhmm), ROLE_TEXT);
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
	pen_put(&p, SHOWN("mltower"), ROLE_ACCENT);
	if (row.w < 30)
		return;
	pen_skip(&p, 2);
	pen_put(&p, shown_literal(page->ops->title, strlen(page->ops->title)),
		ROLE_STRONG);
	pen_skip(&p, 3);
	crumbs = page->ops->crumbs ? page->ops->crumbs(page, ui, &ui->frame)
				   : SHOWN("");
	/* Little room is for the sources. */
	if (row.w < 60 && !page->below)
		crumbs = SHOWN("");
	if (crumbs.len) {
		crumbs = shown_cut(&ui->frame, crumbs,
				   (unsigned)MAX(1, p.end - p.x),
				   ui->glyphs->is_ascii);
		pen_put(&p, crumbs, ROLE_DIM);
		pen_skip(&p, 3);
	}
	if (!page->below || crumbs.len == 0)
		draw_sources(ui, &p);
}

/* ---- the last row ---- */

/* What is wrong, or odd, with what is typed: a line of its own over the
 * prompt. */
/* Whole, its last line in this row and the others above it. */
static void draw_message(struct ui *ui, struct surface *s, struct rect row)
{
	struct shown text = shown_text(&ui->frame, ui->message);
	enum role role = ui->message_is_error ? ROLE_WARN : ROLE_TEXT;
	int w = MAX(1, row.w - 2), n;

	surface_clip(s, (struct rect){ 0, 0, 0, 0 });
	n = surface_wrap(s, row.x + 1, row.y, w, 2, text, role);
	surface_unclip(s);
	row.y -= n - 1;
	surface_fill(s, (struct rect){ row.x, row.y, row.w, n }, ROLE_TEXT);
	surface_wrap(s, row.x + 1, row.y, w, 2, text, role);
}

/* The end of those from `from` that fit, whole words only. */
static size_t words_end(struct ui *ui, size_t from, int room)
{
	const struct prompt *pr = &ui->prompt;
	size_t i = from;

	for (; i < pr->n_words; i++) {
		room -= (int)shown_text(&ui->frame, pr->words[i]).width;
		if (room < 0)
			break;
		room -= 2;
	}
	return i;
}

/* How many more there are than fit. */
static void draw_more(struct ui *ui, struct surface *s, struct rect row,
		      size_t n)
{
	struct shown text = shown_fmt(&ui->frame, " +%zu", n);

	surface_put(s, row.x + row.w - (int)text.width - 1, row.y, text,
		    (int)text.width, ROLE_DIM);
}

/* What could be typed: a line of its own over the prompt, from the first or on
 * to the one that is taken. */
static void draw_words(struct ui *ui, struct surface *s, struct rect row)
{
	const struct prompt *pr = &ui->prompt;
	struct rect above = { row.x, row.y - 1, row.w, 1 };
	struct pen p = { .s = s, .x = row.x + 1, .y = above.y };
	size_t from = 0, end;

	p.end = row.x + row.w - 1;
	end = words_end(ui, from, p.end - p.x);
	if (end < pr->n_words)
		p.end -= 4;
	while ((end = words_end(ui, from, p.end - p.x)) <= pr->word &&
	       pr->word < pr->n_words && end > from)
		from = end;
	surface_fill(s, above, ROLE_TEXT);
	for (size_t i = from; i < MAX(end, from + 1); i++) {
		pen_put(&p, shown_text(&ui->frame, pr->words[i]),
			i == pr->word ? ROLE_ACCENT : ROLE_DIM);
		pen_skip(&p, 2);
	}
	if (end < pr->n_words)
		draw_more(ui, s, above, pr->n_words - MAX(end, from + 1));
}

static size_t next_char(const char *text, size_t at)
{
	while (((unsigned char)text[++at] & 0xc0) == 0x80)
		;
	return at;
}

static int width_of(struct ui *ui, size_t from, size_t to)
{
	const char *text = prompt_text(&ui->prompt);

	return (int)shown_textn(&ui->frame, text + from, to - from).width;
}

/* Where what is shown of the text begins: half a row at a time goes out at the
 * left, so that the cursor is in sight. */
static size_t prompt_from(struct ui *ui, int room)
{
	const struct prompt *pr = &ui->prompt;
	size_t from = 0;

	while (from < pr->cursor && width_of(ui, from, pr->cursor) >= room) {
		size_t block = from;

		do
			from = next_char(prompt_text(pr), from);
		while (from < pr->cursor &&
		       width_of(ui, block, from) < room / 2);
	}
	return from;
}

/* The byte that a character stands at, or the end. */
static size_t byte_of(const struct prompt *pr, size_t n)
{
	size_t at = 0;

	while (n-- && at < pr->text.len)
		at = next_char(prompt_text(pr), at);
	return at;
}

/* The character that cannot be there, or the end where one is missing. */
static void draw_error_place(struct ui *ui, struct surface *s, int start, int y,
			     size_t from)
{
	const struct prompt *pr = &ui->prompt;
	const char *text = prompt_text(pr);
	size_t at = byte_of(pr, ui->prompt_error_at - 1);
	struct shown bad = SHOWN("^");

	if (at < from)
		return;
	if (at < pr->text.len)
		bad = shown_textn(&ui->frame, text + at,
				  next_char(text, at) - at);
	surface_put(s, start + width_of(ui, from, at), y, bad, (int)bad.width,
		    ROLE_BADGE_ALARM);
}

static void draw_prompt(struct ui *ui, struct surface *s, struct rect row)
{
	struct prompt *pr = &ui->prompt;
	struct pen p = {
		.s = s, .x = row.x + 1, .end = row.x + row.w, .y = row.y
	};
	size_t from;
	int start;

	pen_put(&p, shown_text(&ui->frame, pr->label), ROLE_ACCENT);
	pen_skip(&p, 1);
	surface_fill(s, (struct rect){ p.x, row.y, row.w - p.x, 1 },
		     ROLE_FIELD);
	from = prompt_from(ui, p.end - p.x - 1);
	if (from)
		pen_put(&p, ui->glyphs->is_ascii ? SHOWN("~") : SHOWN("…"),
			ROLE_DIM);
	start = p.x;
	pen_put(&p, shown_text(&ui->frame, prompt_text(pr) + from), ROLE_FIELD);
	pen_skip(&p, 1);
	if (ui->prompt_is_unfinished)
		pen_put(&p, SHOWN("…"), ROLE_DIM);
	if (ui->prompt_error_at)
		draw_error_place(ui, s, start, row.y, from);
	surface_set_cursor(
		s,
		MIN(start + width_of(ui, from, pr->cursor), row.x + row.w - 1),
		row.y);
	if (pr->n_words)
		draw_words(ui, s, row);
	else if (*ui->message)
		draw_message(ui, s,
			     (struct rect){ row.x, row.y - 1, row.w, 1 });
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
static const enum command_id spare[] = {
	CMD_MARK_RANGE, CMD_MARK_ALL, CMD_METRIC,  CMD_COPY,
	CMD_EVENTS,     CMD_UP,       CMD_PROMPT,  CMD_TREE,
	CMD_MARK,       CMD_GROUP,    CMD_COLUMNS, CMD_VIEW,
};

static bool is_spare(enum command_id cmd, int round)
{
	for (int i = 0; i < round; i++)
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

	pen_put(p, pretty_key(ui, cmd, scope),
		is_shut ? ROLE_DIM : ROLE_ACCENT);
	pen_skip(p, 1);
	pen_put(p, shown_literal(hint, strlen(hint)), ROLE_DIM);
	pen_skip(p, 2);
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

	while (round < (int)ARRAY_LEN(spare) &&
	       keys_width(ui, cmd, scope, round, false) > row.w)
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

/* What is being written, and the way out of it. */
static void draw_progress(struct ui *ui, struct surface *s, struct rect row)
{
	unsigned scope = ui->top->ops->scope(ui->top);
	int keys = key_width(ui, CMD_EXPORT_STOP, scope);
	struct pen p = {
		.s = s, .x = row.x + 1, .end = row.x + row.w + 1, .y = row.y
	};

	pen_put(&p,
		shown_cut_middle(&ui->frame, export_progress(ui),
				 (unsigned)MAX(8, row.w - keys - 2),
				 ui->glyphs->is_ascii),
		ROLE_TEXT);
	pen_skip(&p, 2);
	draw_key(ui, &p, CMD_EXPORT_STOP, scope);
}

void ui_draw_foot(struct ui *ui, struct surface *s, struct rect row)
{
	if (ui->prompt.is_open) {
		draw_prompt(ui, s, row);
		return;
	}
	if (*ui->message) {
		draw_message(ui, s, row);
		return;
	}
	if (ui->export)
		draw_progress(ui, s, row);
	else if (!ui_is_tiny(ui))
		draw_keys(ui, s, row);
}
