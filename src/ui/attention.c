/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "attention.h"
#include "base/human.h"
#include "pen.h"
#include "view/tower.h"

#define WATCH_LATE_MS 30000
/* Silence grows without any news. */
#define RUNS_EVERY_MS 10000

const struct alert *ui_worst_alert(const struct ui *ui)
{
	const struct alert_set *set = &app_model(ui->app)->alerts;

	for (size_t i = 0; i < set->n; i++)
		if (alert_needs_person(&set->alerts[i], ui->now_utc_ms))
			return &set->alerts[i];
	return NULL;
}

bool ui_is_watched(const struct ui *ui)
{
	const struct app_watch_state *w = app_watch(ui->app);

	return *w->holder && ui->now_utc_ms - w->beat_ms < WATCH_LATE_MS;
}

int64_t ui_news_since(const struct ui *ui)
{
	return ui->absence.since_utc_ms == TIME_NONE ? ui->opened_utc_ms
						     : ui->absence.since_utc_ms;
}

/* ---- what is worst ---- */

static bool find_alert(struct ui *ui, struct attention *out)
{
	const struct alert_set *set = &app_model(ui->app)->alerts;

	out->alert = ui_worst_alert(ui);
	for (size_t i = 0; i < set->n; i++)
		out->n += alert_needs_person(&set->alerts[i], ui->now_utc_ms);
	return out->alert;
}

static bool find_source(struct ui *ui, struct attention *out)
{
	const struct model *m = app_model(ui->app);

	for (uint16_t i = 0; i < m->n_sources; i++) {
		enum role role;

		ui_source_state(ui, i, &role);
		if (role != ROLE_WARN)
			continue;
		out->source = i;
		return true;
	}
	return false;
}

static bool find_state(struct ui *ui, struct attention *out)
{
	(void)out;
	return *app_state_error(ui->app);
}

static bool find_watch(struct ui *ui, struct attention *out)
{
	(void)out;
	return app_watch(ui->app)->is_known &&
	       app_config(ui->app)->n_monitors && !ui_is_watched(ui);
}

static bool find_blind(struct ui *ui, struct attention *out)
{
	out->n = tower_blind(ui->app, &out->blind);
	return out->n;
}

static bool find_model(struct ui *ui, struct attention *out)
{
	return tower_disagreement(ui->app, ui->now_utc_ms, &ui->frame,
				  &out->model, &out->why);
}

static bool find_pending(struct ui *ui, struct attention *out)
{
	const struct alert_set *set = &app_model(ui->app)->alerts;

	for (size_t i = 0; i < set->n; i++) {
		if (set->alerts[i].state != ALERT_PENDING)
			continue;
		if (!out->n++)
			out->alert = &set->alerts[i];
	}
	return out->n;
}

/* All runs are looked through: not at each key, where there are many. */
static const struct tower_runs *runs_of(struct ui *ui)
{
	const struct model *m = app_model(ui->app);
	struct attention_runs *r = &ui->attention_runs;
	uint32_t gen = m->runs_gen + m->series_gen;
	int64_t since_ms = ui_news_since(ui);

	if (!r->is_known || r->gen != gen || r->since_ms != since_ms ||
	    ui->now_mono_ms - r->made_mono_ms >= RUNS_EVERY_MS)
		*r = (struct attention_runs){
			.is_known = true,
			.gen = gen,
			.since_ms = since_ms,
			.made_mono_ms = ui->now_mono_ms,
			.runs = tower_troubled_runs(ui->app, since_ms,
						    ui->now_utc_ms),
		};
	return &r->runs;
}

static bool find_failed(struct ui *ui, struct attention *out)
{
	const struct tower_runs *r = runs_of(ui);

	out->n = r->n_failed;
	out->row = r->failed;
	return out->n;
}

static bool find_silent(struct ui *ui, struct attention *out)
{
	const struct tower_runs *r = runs_of(ui);

	out->n = r->n_silent;
	out->row = r->silent;
	return out->n;
}

struct attention ui_attention(struct ui *ui)
{
	static bool (*const find[N_ATTENTIONS])(struct ui * ui,
						struct attention * out) = {
		[ATTENTION_ALERT] = find_alert,
		[ATTENTION_SOURCE] = find_source,
		[ATTENTION_STATE] = find_state,
		[ATTENTION_WATCH] = find_watch,
		[ATTENTION_BLIND] = find_blind,
		[ATTENTION_MODEL] = find_model,
		[ATTENTION_PENDING] = find_pending,
		[ATTENTION_FAILED] = find_failed,
		[ATTENTION_SILENT] = find_silent,
	};

	for (size_t i = 1; i < N_ATTENTIONS; i++) {
		struct attention a = { .kind = (enum attention_kind)i };

		if (find[i](ui, &a))
			return a;
	}
	return (struct attention){ .kind = ATTENTION_NONE };
}

/* ---- in one row ---- */

static struct shown key_text(struct ui *ui, enum command_id cmd)
{
	unsigned scope = ui->top->ops->scope(ui->top);

	return shown_text(&ui->frame, keymap_key_of(ui->keymap, cmd, scope));
}

static struct shown ago(struct ui *ui, int64_t then_ms)
{
	char out[HUMAN_MAX];

	return shown_text(
		&ui->frame,
		human_duration(out, human_steady_ms(
					    MAX(0, ui->now_utc_ms - then_ms))));
}

/* "n go  a acknowledge", where they fit beside what is said. */
static void put_keys(struct ui *ui, const struct pen *left, bool has_ack)
{
	struct shown go = key_text(ui, CMD_NEEDS_NEXT);
	struct shown ack = key_text(ui, CMD_ACK);
	int end = left->end - 1;
	struct shown word = end >= 100 ? SHOWN("acknowledge") : SHOWN("ack");
	int ack_width = has_ack ? (int)(2 + ack.width + 1 + word.width) : 0;
	struct pen p = *left;

	p.end = end;
	p.x = end - ((int)go.width + 3 + ack_width);
	if (end < 60 || p.x < left->x + 1)
		return;
	pen_put(&p, go, ROLE_ACCENT);
	pen_put(&p, SHOWN(" go"), ROLE_DIM);
	if (!has_ack)
		return;
	pen_skip(&p, 2);
	pen_put(&p, ack, ROLE_ACCENT);
	pen_skip(&p, 1);
	pen_put(&p, word, ROLE_DIM);
}

static void put_badge(struct ui *ui, struct pen *p, struct shown glyph,
		      const char *what, enum role role)
{
	pen_put(p, shown_fmt(&ui->frame, " %s %s ", glyph.s, what), role);
	pen_skip(p, 1);
}

/* Whose trouble it is: cut where there is no room for more. */
static void put_name(struct ui *ui, struct pen *p, const char *name)
{
	pen_put(p,
		shown_cut(&ui->frame, shown_text(&ui->frame, name),
			  (unsigned)MAX(1, p->end - p->x),
			  ui->glyphs->is_ascii),
		ROLE_STRONG);
	pen_skip(p, 2);
}

/* A part is there as a whole or not at all. */
static void put_whole(struct pen *p, struct shown text, enum role role)
{
	if ((int)text.width < p->end - p->x)
		pen_put(p, text, role);
}

static void put_alert(struct ui *ui, struct pen *p, const struct alert *al)
{
	struct arena *a = &ui->frame;
	char value[HUMAN_MAX], limit[HUMAN_MAX];
	bool is_wide = p->end >= 100;
	struct shown what;

	put_name(ui, p, *al->model ? al->model : al->monitor);
	human_number(value, al->value, 2);
	human_number(limit, al->threshold, 2);
	if (!*al->column)
		what = shown_text(a, *al->text ? al->text : al->rule);
	else if (is_wide)
		what = shown_fmt(a, "%s %s %s, limit %s", al->column,
				 al->statistic, value, limit);
	else
		what = shown_fmt(a, "%s %s %s", al->column, al->statistic,
				 value);
	if (*al->column && (int)what.width >= p->end - p->x)
		what = shown_text(a, al->column);
	pen_put(p,
		shown_cut(a, what, (unsigned)MAX(1, p->end - p->x - 1),
			  ui->glyphs->is_ascii),
		ROLE_TEXT);
	pen_skip(p, 3);
	put_whole(p,
		  shown_fmt(a,
			    is_wide && al->state == ALERT_FIRING &&
					    alert_is_on_record(al)
				    ? "%s, not acknowledged"
				    : "%s",
			    ago(ui, al->since_ms).s),
		  ROLE_DIM);
}

static void put_source(struct ui *ui, struct pen *p, uint16_t source)
{
	const struct model_source *src = &app_model(ui->app)->sources[source];

	put_name(ui, p, src->name);
	if (src->err.code)
		pen_put(p, shown_text(&ui->frame, src->err.msg), ROLE_TEXT);
	else
		pen_put(p,
			shown_fmt(
				&ui->frame, "not read for %s",
				ago(ui, app_source_read_ms(ui->app, source)).s),
			ROLE_TEXT);
}

static void put_run(struct ui *ui, struct pen *p, const struct attention *at)
{
	const struct run_set *runs = app_model(ui->app)->runs;
	bool is_failed = at->kind == ATTENTION_FAILED;
	int64_t when_ms = is_failed ? run_set_head(runs, at->row)->end_ms
				    : runs_of(ui)->silent_since_ms;
	struct shown what = shown_fmt(
		&ui->frame, is_failed ? "failed %s ago" : "no point for %s",
		ago(ui, when_ms).s);

	put_name(ui, p, run_set_name(runs, at->row));
	if ((int)what.width >= p->end - p->x)
		what = ago(ui, when_ms);
	put_whole(p, what, ROLE_TEXT);
}

static struct shown count(struct ui *ui, size_t n, const char *what)
{
	char number[HUMAN_MAX];

	return shown_fmt(&ui->frame, "%s %s", human_count(number, (int64_t)n),
			 what);
}

static void put_attention(struct ui *ui, struct pen *p,
			  const struct attention *at)
{
	const struct glyphs *g = ui->glyphs;

	switch (at->kind) {
	case ATTENTION_ALERT:
		put_badge(ui, p, g->firing, count(ui, at->n, "firing").s,
			  ROLE_BADGE_ALARM);
		put_alert(ui, p, at->alert);
		break;
	case ATTENTION_SOURCE:
		put_badge(ui, p, g->late, "source", ROLE_BADGE_WARN);
		put_source(ui, p, at->source);
		break;
	case ATTENTION_STATE:
		put_badge(ui, p, g->late, "state", ROLE_BADGE_WARN);
		pen_put(p, shown_text(&ui->frame, app_state_error(ui->app)),
			ROLE_TEXT);
		break;
	case ATTENTION_WATCH:
		put_badge(ui, p, g->late, "watch", ROLE_BADGE_WARN);
		pen_put(p,
			SHOWN("nobody evaluates the monitors: start a Tower "
			      "or mltower watch"),
			ROLE_TEXT);
		break;
	case ATTENTION_BLIND:
		put_badge(ui, p, g->late, count(ui, at->n, "blind").s,
			  ROLE_BADGE_WARN);
		put_name(ui, p, at->blind->monitor);
		pen_put(p, shown_text(&ui->frame, at->blind->blind), ROLE_TEXT);
		break;
	case ATTENTION_MODEL:
		put_badge(ui, p, g->differs, "serves", ROLE_BADGE_WARN);
		put_name(ui, p, at->model->name);
		pen_put(p, at->why, ROLE_TEXT);
		break;
	case ATTENTION_PENDING:
		put_badge(ui, p, g->pending, count(ui, at->n, "pending").s,
			  ROLE_BADGE_WARN);
		put_alert(ui, p, at->alert);
		break;
	case ATTENTION_FAILED:
		put_badge(ui, p, g->failed, count(ui, at->n, "failed").s,
			  ROLE_BADGE_ALARM);
		put_run(ui, p, at);
		break;
	case ATTENTION_SILENT:
		put_badge(ui, p, g->silent, count(ui, at->n, "silent").s,
			  ROLE_BADGE_WARN);
		put_run(ui, p, at);
		break;
	default:
		pen_skip(p, 1);
		pen_put(p, SHOWN("Nothing needs you."), ROLE_DIM);
	}
}

void ui_draw_attention(struct ui *ui, struct surface *s, struct rect row)
{
	struct pen p = { .s = s, .x = row.x, .end = row.x + row.w, .y = row.y };
	struct attention at = ui_attention(ui);

	put_attention(ui, &p, &at);
	if (at.kind != ATTENTION_NONE && at.kind != ATTENTION_STATE &&
	    at.kind != ATTENTION_WATCH)
		put_keys(ui, &p,
			 at.kind == ATTENTION_ALERT &&
				 alert_is_on_record(at.alert));
}
