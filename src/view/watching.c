/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/mem.h"
#include "view/lists.h"
#include "view_list.h"

/* ---- alerts -------------------------------------------------------------- */

enum {
	A_ID,
	A_STATE,
	A_SOURCE,
	A_MODEL,
	A_VERSION,
	A_MONITOR,
	A_COLUMN,
	A_RULE,
	A_SEVERITY,
	A_STATISTIC,
	A_VALUE,
	A_THRESHOLD,
	A_N_BASELINE,
	A_N_WINDOW,
	A_AGE,
	A_SINCE,
	A_FIRED,
	A_RESOLVED,
	A_ACKED_BY,
	A_NOTE,
	A_SILENCED,
	N_A
};

/* clang-format off */
static const struct view_column alert_columns[N_A] = {
	[A_ID] = { "id", "ID", true, 2, VIEW_TABLE | VIEW_DATA | VIEW_NAME },
	[A_STATE] = { "state", "STATE", false, 8, VIEW_TABLE | VIEW_DATA },
	[A_SOURCE] = { "source", "SOURCE", false, 4, VIEW_WIDE | VIEW_DATA },
	[A_MODEL] = { "model", "MODEL", false, 8, VIEW_TABLE | VIEW_DATA },
	[A_VERSION] = { "version", "VERSION", true, 3, VIEW_WIDE | VIEW_DATA },
	[A_MONITOR] = { "monitor", "MONITOR", false, 6, VIEW_TABLE | VIEW_DATA },
	[A_COLUMN] = { "column", "COLUMN", false, 6, VIEW_TABLE | VIEW_DATA },
	[A_RULE] = { "rule", "RULE", false, 4, VIEW_TABLE | VIEW_DATA },
	[A_SEVERITY] = { "severity", "SEVERITY", false, 4, VIEW_WIDE | VIEW_DATA },
	[A_STATISTIC] = { "statistic", "STAT", false, 4, VIEW_TABLE | VIEW_DATA },
	[A_VALUE] = { "value", "VALUE", true, 4, VIEW_TABLE | VIEW_DATA },
	[A_THRESHOLD] = { "threshold", "LIMIT", true, 4, VIEW_TABLE | VIEW_DATA },
	[A_N_BASELINE] = { "n_baseline", "N BASE", true, 4, VIEW_WIDE | VIEW_DATA },
	[A_N_WINDOW] = { "n_window", "N", true, 4, VIEW_WIDE | VIEW_DATA },
	[A_AGE] = { "age", "FOR", true, 3, VIEW_TABLE },
	[A_SINCE] = { "since_ms", "SINCE", false, 19, VIEW_DATA },
	[A_FIRED] = { "fired_ms", "FIRED", false, 19, VIEW_DATA },
	[A_RESOLVED] = { "resolved_ms", "RESOLVED", false, 19, VIEW_DATA },
	[A_ACKED_BY] = { "acked_by", "ACKED BY", false, 4, VIEW_TABLE | VIEW_DATA },
	[A_NOTE] = { "note", "NOTE", false, 8, VIEW_WIDE | VIEW_DATA },
	[A_SILENCED] = { "silenced_until_ms", "SILENCED UNTIL", false, 19, VIEW_DATA },
};
/* clang-format on */

struct cell view_alert_state(const struct alert *a, int64_t now_ms)
{
	struct cell c = cell_text(alert_state_name(a->state));

	switch (a->state) {
	case ALERT_FIRING:
		if (alert_needs_person(a, now_ms))
			return cell_marked(cell_as(c, ROLE_ALARM), MARK_FIRING);
		return cell_marked(cell_as(c, ROLE_DIM), MARK_KILLED);
	case ALERT_PENDING:
		return cell_marked(cell_as(c, ROLE_WARN), MARK_PENDING);
	case ALERT_RESOLVED:
		return cell_marked(cell_as(c, ROLE_DIM), MARK_FINISHED);
	case ALERT_SUPERSEDED:
		break;
	}
	return cell_marked(cell_as(c, ROLE_DIM), MARK_SUPERSEDED);
}

static void alert_row(const struct view_list *list, size_t i, struct arena *ar,
		      struct cell *cells)
{
	const struct alert *const *alerts = list->of;
	const struct alert *a = alerts[i];

	(void)ar;
	if (alert_is_on_record(a))
		cells[A_ID] = cell_int(a->id);
	cells[A_STATE] = view_alert_state(a, list->ctx.now_ms);
	cells[A_SOURCE] = cell_text_or_none(a->source);
	cells[A_MODEL] = cell_text_or_none(a->model);
	cells[A_VERSION] = cell_text_or_none(a->version);
	cells[A_MONITOR] = cell_text_or_none(a->monitor);
	cells[A_COLUMN] = cell_text_or_none(a->column);
	cells[A_RULE] = cell_text_or_none(a->rule);
	cells[A_SEVERITY] = cell_text(alert_severity_name(a->severity));
	cells[A_STATISTIC] = cell_text_or_none(a->statistic);
	cells[A_VALUE] = cell_number(a->value, 2);
	cells[A_THRESHOLD] = cell_number(a->threshold, 2);
	cells[A_N_BASELINE] = cell_int(a->n_baseline);
	cells[A_N_WINDOW] = cell_int(a->n_window);
	cells[A_AGE] = a->state >= ALERT_RESOLVED && a->resolved_ms != TIME_NONE
			       ? cell_duration(alert_lasted_ms(a, 0))
			       : cell_age(a->since_ms);
	cells[A_SINCE] = cell_time(a->since_ms);
	cells[A_FIRED] = cell_time(a->fired_ms);
	cells[A_RESOLVED] = cell_time(a->resolved_ms);
	cells[A_ACKED_BY] = cell_text_or_none(a->acked_by);
	cells[A_NOTE] = cell_text_or_none(a->note);
	cells[A_SILENCED] = cell_time(a->silenced_until_ms);
}

void view_alerts(struct view_list *list, const struct view_ctx *ctx,
		 unsigned states)
{
	const struct alert_set *set = &ctx->model->alerts;
	const struct alert **alerts;
	size_t i;

	view_list_start(list, ctx, alert_columns, N_A);
	alerts = arena_alloc(&list->arena, (set->n + 1) * sizeof(*alerts));
	for (i = 0; i < set->n; i++)
		if (!states || (states & 1u << set->alerts[i].state))
			alerts[list->n_rows++] = &set->alerts[i];
	list->row = alert_row;
	list->of = alerts;
}

/* ---- events -------------------------------------------------------------- */

enum { E_TIME, E_SOURCE, E_KIND, E_SUBJECT, E_TEXT, E_REF, N_E };

/* clang-format off */
static const struct view_column event_columns[N_E] = {
	[E_TIME] = { "time_ms", "TIME", false, 19, VIEW_TABLE | VIEW_DATA },
	[E_SOURCE] = { "source", "SOURCE", false, 4, VIEW_WIDE | VIEW_DATA },
	[E_KIND] = { "kind", "KIND", false, 8, VIEW_TABLE | VIEW_DATA },
	[E_SUBJECT] = { "subject", "SUBJECT", false, 8, VIEW_TABLE | VIEW_DATA | VIEW_NAME },
	[E_TEXT] = { "text", "WHAT", false, 10, VIEW_TABLE | VIEW_DATA },
	[E_REF] = { "ref", "REF", false, 8, VIEW_DATA },
};
/* clang-format on */

static void event_row(const struct view_list *list, size_t i, struct arena *a,
		      struct cell *cells)
{
	const struct event *const *events = list->of;
	const struct event *e = events[i];

	(void)a;
	cells[E_TIME] = cell_as(cell_time(e->time_ms), ROLE_DIM);
	cells[E_SOURCE] = cell_text_or_none(e->source);
	cells[E_KIND] = cell_as(cell_text(event_kind_name(e->kind)), ROLE_DIM);
	cells[E_SUBJECT] = cell_text(e->subject);
	cells[E_TEXT] = cell_text(e->text);
	cells[E_REF] = cell_text_or_none(e->ref);
	if (e->kind == EVENT_ALIAS_OTHER)
		cells[E_TEXT] = cell_marked(cell_as(cells[E_TEXT], ROLE_WARN),
					    MARK_DIFFERS);
}

static const struct event **start_events(struct view_list *list,
					 const struct view_ctx *ctx)
{
	const struct event **events;

	view_list_start(list, ctx, event_columns, N_E);
	events = arena_alloc(&list->arena,
			     (event_log_count(ctx->model->events) + 1) *
				     sizeof(*events));
	list->row = event_row;
	list->of = events;
	return events;
}

void view_events(struct view_list *list, const struct view_ctx *ctx,
		 int64_t since_ms)
{
	const struct event **events = start_events(list, ctx);
	const struct event_log *log = ctx->model->events;
	size_t i;

	for (i = 0; i < event_log_count(log); i++)
		if (event_log_at(log, i)->time_ms >= since_ms)
			events[list->n_rows++] = event_log_at(log, i);
}

static bool is_asked_for(const struct event *e,
			 const struct view_events_ask *ask)
{
	if (*ask->kind && strcmp(event_kind_name(e->kind), ask->kind) != 0)
		return false;
	return !*ask->text || strcasestr(e->subject, ask->text) ||
	       strcasestr(e->text, ask->text) ||
	       strcasestr(e->source, ask->text);
}

void view_events_of(struct view_list *list, const struct view_ctx *ctx,
		    const struct view_events_ask *ask)
{
	const struct event **events = start_events(list, ctx);
	const struct event_log *log = ctx->model->events;
	size_t i;

	for (i = 0; i < event_log_count(log); i++)
		if (is_asked_for(event_log_at(log, i), ask))
			events[list->n_rows++] = event_log_at(log, i);
}

void view_events_after(struct view_list *list, const struct view_ctx *ctx,
		       uint64_t seq, int64_t since_ms)
{
	const struct event **events = start_events(list, ctx);
	const struct event_log *log = ctx->model->events;
	size_t i;

	for (i = event_log_count(log); i--;)
		if (event_log_at(log, i)->seq > seq &&
		    event_log_at(log, i)->time_ms >= since_ms)
			events[list->n_rows++] = event_log_at(log, i);
}

/* ---- sources ------------------------------------------------------------- */

enum {
	S_NAME,
	S_KIND,
	S_STATE,
	S_AGE,
	S_N_RUNS,
	S_N_MODELS,
	S_WRITABLE,
	S_WHERE,
	S_ERROR,
	S_BAD,
	N_S
};

/* clang-format off */
static const struct view_column source_columns[N_S] = {
	[S_NAME] = { "name", "NAME", false, 4, VIEW_TABLE | VIEW_DATA | VIEW_NAME },
	[S_KIND] = { "kind", "KIND", false, 4, VIEW_TABLE | VIEW_DATA },
	[S_STATE] = { "state", "STATE", false, 6, VIEW_TABLE | VIEW_DATA },
	[S_AGE] = { "age_ms", "AGE", true, 3, VIEW_TABLE | VIEW_DATA },
	[S_N_RUNS] = { "n_runs", "RUNS", true, 4, VIEW_TABLE | VIEW_DATA },
	[S_N_MODELS] = { "n_models", "MODELS", true, 3, VIEW_TABLE | VIEW_DATA },
	[S_WRITABLE] = { "writable", "WRITE", false, 3, VIEW_TABLE | VIEW_DATA },
	[S_WHERE] = { "where", "WHERE", false, 10, VIEW_TABLE | VIEW_DATA },
	[S_ERROR] = { "error", "ERROR", false, 8, VIEW_TABLE | VIEW_DATA },
	[S_BAD] = { "bad_records", "BAD", true, 3, VIEW_WIDE | VIEW_DATA },
};
/* clang-format on */

static struct cell source_state_cell(const struct model_source *s)
{
	static const struct {
		const char *name;
		enum cell_mark mark;
		enum role role;
	} states[] = {
		[SOURCE_STARTING] = { "starting", MARK_UNDERWAY, ROLE_DIM },
		[SOURCE_LIVE] = { "live", MARK_NONE, ROLE_TEXT },
		[SOURCE_BUSY] = { "busy", MARK_LATE, ROLE_WARN },
		[SOURCE_ABSENT] = { "absent", MARK_LATE, ROLE_WARN },
		[SOURCE_FAILED] = { "failed", MARK_LATE, ROLE_WARN },
	};

	return cell_marked(cell_as(cell_text(states[s->state].name),
				   states[s->state].role),
			   states[s->state].mark);
}

struct source_facts {
	int64_t read_ms, n_runs;
};

/* "live" is one that is; how long ago any other was read. */
static struct cell read_cell(const struct model_source *s, int64_t ms)
{
	return s->state == SOURCE_LIVE ? cell_fresh(ms) : cell_duration(ms);
}

static struct cell count_or_none(int64_t n)
{
	return n < 0 ? (struct cell){ 0 } : cell_int(n);
}

static void source_row(const struct view_list *list, size_t i, struct arena *a,
		       struct cell *cells)
{
	const struct model_source *s = &list->ctx.model->sources[i];
	const struct source_facts *f =
		(const struct source_facts *)list->of + i;

	(void)a;
	cells[S_NAME] = cell_text(s->name);
	cells[S_KIND] = cell_text(s->kind);
	cells[S_STATE] = source_state_cell(s);
	if (f->read_ms != TIME_NONE)
		cells[S_AGE] = read_cell(
			s, MAX(list->ctx.now_ms - f->read_ms, (int64_t)0));
	cells[S_N_RUNS] = count_or_none(f->n_runs);
	cells[S_N_MODELS] = count_or_none(s->n_models);
	cells[S_WRITABLE] = cell_bool(s->is_writable);
	cells[S_WHERE] = cell_as(cell_text(s->where), ROLE_DIM);
	cells[S_ERROR] = cell_as(
		cell_text_or_none(s->err.code ? s->err.msg : ""), ROLE_WARN);
	cells[S_BAD] = cell_int((int64_t)s->n_bad);
}

/* As everywhere else: without deleted ones. What a source says that it has, of
 * one whose runs are not all here, is with them. */
static void count_runs(const struct model *m, struct source_facts *all)
{
	for (uint32_t row = 0; row < run_set_count(m->runs); row++) {
		const struct run_head *h = run_set_head(m->runs, row);

		if (!(h->flags & (RUN_IS_GONE | RUN_IS_DELETED)))
			all[h->source].n_runs +=
				m->sources[h->source].is_complete;
	}
}

void view_sources(struct view_list *list, const struct view_ctx *ctx,
		  const int64_t *read_ms)
{
	const struct model_source *sources = ctx->model->sources;
	size_t n = ctx->model->n_sources;
	struct source_facts *all;

	view_list_start(list, ctx, source_columns, N_S);
	all = arena_alloc(&list->arena, (n + 1) * sizeof(*all));
	for (size_t i = 0; i < n; i++) {
		all[i].read_ms = read_ms ? read_ms[i] : sources[i].read_utc_ms;
		all[i].n_runs = sources[i].is_complete ? 0 : sources[i].n_runs;
	}
	count_runs(ctx->model, all);
	list->n_rows = n;
	list->row = source_row;
	list->of = all;
}
