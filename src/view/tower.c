/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "view/tower.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/gate_look.h"
#include "base/human.h"
#include "base/mem.h"
#include "model/health.h"
#include "view/lists.h"
#include "view_list.h"

/* Beyond these, whose runs are kept whole, gates are asked for on demand
 * only.*/
#define MAX_GATED 15
#define DAY_MS    (24 * 3600 * (int64_t)1000)

static const char *const look_names[] = {
	[LOOK_RUNNING] = "running",   [LOOK_SILENT] = "silent",
	[LOOK_FINISHED] = "finished", [LOOK_FAILED] = "failed",
	[LOOK_KILLED] = "killed",     [LOOK_SCHEDULED] = "scheduled",
	[LOOK_UNKNOWN] = "unknown",
};

const char *run_look_name(enum run_look look)
{
	return look_names[look];
}

int tower_decimals(const struct config *c, const char *metric)
{
	struct view_ctx ctx = { .config = c };

	return view_decimals(&ctx, metric);
}

static struct shown number_text(struct app *app, const char *metric, double v,
				struct arena *a)
{
	char out[HUMAN_MAX];

	return shown_text(
		a,
		human_number(out, v, tower_decimals(app_config(app), metric)));
}

static const struct series *series_of(const struct model *m, uint32_t row,
				      const char *metric)
{
	char id[40];

	if (!*metric)
		return NULL;
	return series_cache_get(m->series, run_set_head(m->runs, row)->source,
				run_set_id(m->runs, row, id), metric);
}

static enum run_look look_of(const struct model *m, uint32_t row,
			     int64_t now_ms)
{
	static const enum run_look looks[] = {
		[RUN_UNKNOWN] = LOOK_UNKNOWN, [RUN_SCHEDULED] = LOOK_SCHEDULED,
		[RUN_RUNNING] = LOOK_RUNNING, [RUN_FINISHED] = LOOK_FINISHED,
		[RUN_FAILED] = LOOK_FAILED,   [RUN_KILLED] = LOOK_KILLED,
	};

	return health_run_is_silent(m, row, now_ms)
		       ? LOOK_SILENT
		       : looks[run_set_head(m->runs, row)->status];
}

static struct shown age_text(int64_t now_ms, int64_t then_ms, struct arena *a)
{
	char out[HUMAN_MAX];

	if (then_ms == TIME_NONE)
		return SHOWN("–");
	return shown_text(
		a, human_age(out, human_steady_ms(MAX(0, now_ms - then_ms))));
}

static bool is_stale(const struct model *m, uint16_t source)
{
	return m->sources[source].state != SOURCE_LIVE;
}

void run_line_make(struct app *app, uint32_t row, uint32_t metric,
		   int64_t now_ms, struct arena *a, struct run_line *out)
{
	const struct model *m = app_model(app);
	const struct run_head *head = run_set_head(m->runs, row);
	const struct run_experiment *exp =
		run_set_experiment(m->runs, head->experiment);
	char id[40];
	uint32_t col;
	double v;

	memset(out, 0, sizeof(*out));
	if (!metric)
		metric = model_main_metric(m, head->experiment);
	out->row = row;
	out->start_ms = head->start_ms;
	out->end_ms = head->end_ms;
	out->metric = intern_str(m->strings, metric);
	out->trend = series_of(m, row, out->metric);
	out->look = look_of(m, row, now_ms);
	out->is_stale = is_stale(m, head->source);
	out->name = shown_textn(a, intern_str(m->strings, head->name),
				intern_len(m->strings, head->name));
	if (!out->name.len)
		out->name = shown_text(a, run_set_id(m->runs, row, id));
	out->experiment =
		shown_text(a, exp ? intern_str(m->strings, exp->name) : "");
	out->status = shown_literal(look_names[out->look],
				    strlen(look_names[out->look]));
	out->age = age_text(now_ms, head->start_ms, a);
	out->metric_name = shown_text(a, out->metric);
	out->value = SHOWN("–");
	col = run_set_find_column(m->runs, VALUE_METRIC, out->metric);
	if (!*out->metric || col == RUN_NO_COLUMN ||
	    !run_set_number(m->runs, col, row, &v))
		return;
	out->is_nan = isnan(v);
	out->value = number_text(app, out->metric, v, a);
}

/* ---- models ---- */

static struct view_ctx ctx_of(struct app *app)
{
	return (struct view_ctx){ .model = app_model(app),
				  .config = app_config(app) };
}

uint32_t tower_model_metric(struct app *app, const struct reg_entry *e)
{
	struct view_ctx ctx = ctx_of(app);

	return intern_put(app_model(app)->strings, view_model_metric(&ctx, e));
}

bool tower_version_value(struct app *app, uint16_t source,
			 const struct version_facts *v, uint32_t metric,
			 double *out)
{
	struct view_ctx ctx = ctx_of(app);

	return view_version_value(&ctx, source, v,
				  intern_str(app_model(app)->strings, metric),
				  out);
}

const struct drift_report *
tower_model_report(struct app *app, const char *source, const char *model)
{
	const struct model *m = app_model(app);

	for (size_t i = 0; i < m->n_reports; i++) {
		const struct drift_report *r = m->reports[i];

		if (r->n_columns && !strcmp(r->model, model) &&
		    (!*r->source || !strcmp(r->source, source)))
			return r;
	}
	return NULL;
}

static bool is_of(const struct audit_entry *e, const char *source,
		  const char *model, const char *alias)
{
	return e->outcome && !strcmp(e->outcome, "promoted") && e->source &&
	       !strcmp(e->source, source) && e->model &&
	       !strcmp(e->model, model) && e->alias && !strcmp(e->alias, alias);
}

/* When the record says that the holder was made one; TIME_NONE: it does not. */
static int64_t promoted_ms(struct app *app, uint16_t source, const char *model,
			   const char *alias, const struct version_facts *v)
{
	const char *name = app_model(app)->sources[source].name;

	for (size_t i = 0; i < app_audit_count(app); i++) {
		const struct audit_entry *e = app_audit_at(app, i);

		if (!is_of(e, name, model, alias))
			continue;
		if (!strcmp(e->version, v->version))
			return e->time_ms;
		break; /* moved since, and not by us */
	}
	return TIME_NONE;
}

int64_t tower_holder_since(struct app *app, uint16_t source, const char *model,
			   const char *alias, const struct version_facts *v)
{
	int64_t at_ms = promoted_ms(app, source, model, alias, v);

	return at_ms == TIME_NONE ? v->created_ms : at_ms;
}

static struct shown version_text(struct arena *a, const char *sign,
				 const struct version_facts *v)
{
	return v ? shown_fmt(a, "%sv%s", sign, v->version) : SHOWN("–");
}

/* Promoted, and still within the time it may take to be served. */
static bool is_under_way(struct app *app, struct model_line *l, int64_t now_ms,
			 const struct config_model *conf, struct arena *a)
{
	char waited[HUMAN_MAX], within[HUMAN_MAX];
	int64_t since_ms;

	if (!l->champion)
		return false;
	since_ms = promoted_ms(app, l->source, l->model->name, conf->serving,
			       l->champion);
	if (since_ms == TIME_NONE ||
	    now_ms - since_ms >= conf->serves_within_ms)
		return false;
	l->why = shown_fmt(
		a, "endpoint takes v%s up: %s of %s", l->champion->version,
		human_duration(waited,
			       human_steady_ms(MAX(0, now_ms - since_ms))),
		human_duration(within, conf->serves_within_ms));
	return true;
}

static void add_serves(struct app *app, struct model_line *l, int64_t now_ms,
		       const struct config_model *conf, struct arena *a)
{
	const struct model *m = app_model(app);
	const struct drift_report *r = tower_model_report(
		app, m->sources[l->source].name, l->model->name);

	l->serves = SHOWN("–");
	if (!r || !r->version || !*r->version)
		return;
	if (r->newest_ingested_ms != TIME_NONE &&
	    now_ms - r->newest_ingested_ms > conf->serves_within_ms) {
		l->serves_look = SERVES_OLD;
		l->serves = shown_fmt(a, "v%s ?", r->version);
	} else if (l->champion && !strcmp(l->champion->version, r->version)) {
		l->serves_look = SERVES_AGREES;
		l->serves = shown_fmt(a, "v%s ✓", r->version);
	} else if (is_under_way(app, l, now_ms, conf, a)) {
		l->serves_look = SERVES_UNDER_WAY;
		l->serves = shown_fmt(a, "v%s →", r->version);
	} else {
		l->serves_look = SERVES_OTHER;
		l->serves = shown_fmt(a, "v%s ≠", r->version);
		l->why_warns = true;
		l->why =
			shown_fmt(a, "endpoint answers v%s, registry says %s%s",
				  r->version, l->champion ? "v" : "nobody",
				  l->champion ? l->champion->version : "");
	}
}

static void add_values(struct app *app, struct model_line *l,
		       const struct view_model *m, struct arena *a)
{
	struct view_ctx ctx = ctx_of(app);
	int decimals = view_decimals(&ctx, m->metric);
	struct cell_look look = { 0 };
	struct cell delta;

	l->metric_name = shown_text(a, m->metric);
	l->value = l->delta = SHOWN("–");
	if (m->has_value)
		l->value = number_text(app, m->metric, m->value, a);
	if (!m->has_delta)
		return;
	delta = cell_delta(m->delta, decimals);
	l->delta = cell_shown(a, &delta, &look);
	l->delta_goal = m->goal * ((m->delta > 0) - (m->delta < 0));
}

/* Of the version that waits: "v14 6 of 7 gates, drift: country PSI 0.31". */
static void add_gates(struct app *app, struct model_line *l,
		      const struct reg_entry *e,
		      const struct config_model *conf, struct arena *a)
{
	const char *version = l->challenger->version;
	struct gate_look g;

	if (!*conf->gates)
		l->why = shown_fmt(a, "v%s waits, no gates are set", version);
	else if (registry_count(app_model(app)->registry) > MAX_GATED ||
		 !gate_look_at(app, e, l->challenger, l->champion,
			       conf->serving, a, &g))
		l->why = shown_fmt(a, "v%s waits", version);
	else if (g.blocker)
		l->why =
			shown_fmt(a, "v%s %zu of %zu gates · ✗ %s  %s", version,
				  g.n_passed, g.n, g.blocker, g.evidence);
	else
		l->why = shown_fmt(a, "v%s %zu of %zu gates · ready for @%s",
				   version, g.n_passed, g.n, conf->serving);
}

static const struct config_model *conf_of(struct app *app,
					  const struct reg_entry *e)
{
	return config_model(app_config(app),
			    app_model(app)->sources[e->source].name,
			    e->model->name);
}

/* Who holds the alias, and who answers. */
static void start_model_line(struct app *app, const struct reg_entry *e,
			     int64_t now_ms, struct arena *a,
			     struct model_line *l)
{
	const struct config_model *conf = conf_of(app, e);

	memset(l, 0, sizeof(*l));
	l->source = e->source;
	l->model = e->model;
	l->why = SHOWN("");
	l->champion = registry_holder(e->model, conf->serving);
	add_serves(app, l, now_ms, conf, a);
}

static void make_model_line(struct app *app, const struct reg_entry *e,
			    int64_t now_ms, struct arena *a,
			    struct model_line *l)
{
	const struct config_model *conf = conf_of(app, e);
	struct view_ctx ctx = ctx_of(app);
	struct view_model m;

	view_model_look(&ctx, e, &m);
	start_model_line(app, e, now_ms, a, l);
	l->is_stale = is_stale(app_model(app), e->source);
	l->name = shown_text(a, e->model->name);
	l->challenger = m.challenger;
	l->newest = m.newest;
	l->champion_text = version_text(a, "@", l->champion);
	l->newest_text = version_text(a, "", l->newest);
	l->champion_age = l->newest_age = SHOWN("");
	if (l->champion)
		l->champion_age = age_text(
			now_ms,
			tower_holder_since(app, e->source, e->model->name,
					   conf->serving, l->champion),
			a);
	if (l->newest)
		l->newest_age = age_text(now_ms, l->newest->created_ms, a);
	add_values(app, l, &m, a);
	if (!l->why.len && !l->champion && l->newest)
		l->why = shown_fmt(a, "nobody holds @%s", conf->serving);
	else if (!l->why.len && l->challenger)
		add_gates(app, l, e, conf, a);
}

static void mark_look_alikes(struct model_line *lines, size_t n,
			     struct arena *a)
{
	const char **skeletons = arena_alloc(a, n * sizeof(*skeletons));

	if (n > 500)
		return; /* quadratic; spoofs hide in short lists */
	for (size_t i = 0; i < n; i++)
		skeletons[i] = text_skeleton(a, lines[i].model->name);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(skeletons[i], skeletons[k]) &&
			    strcmp(lines[i].model->name, lines[k].model->name))
				lines[i].looks_alike = lines[k].looks_alike =
					true;
}

size_t model_lines_make(struct app *app, int64_t now_ms, struct arena *a,
			struct model_line **out)
{
	const struct registry *reg = app_model(app)->registry;
	size_t n = registry_count(reg);
	struct model_line *lines = arena_alloc(a, n * sizeof(*lines));

	for (size_t i = 0; i < n; i++)
		make_model_line(app, registry_at(reg, i), now_ms, a, &lines[i]);
	mark_look_alikes(lines, n, a);
	*out = lines;
	return n;
}

bool tower_disagreement(struct app *app, int64_t now_ms, struct arena *a,
			const struct model_facts **model, struct shown *why)
{
	const struct registry *reg = app_model(app)->registry;

	for (size_t i = 0; i < registry_count(reg); i++) {
		struct model_line l;

		start_model_line(app, registry_at(reg, i), now_ms, a, &l);
		if (!l.why_warns)
			continue;
		*model = l.model;
		*why = l.why;
		return true;
	}
	return false;
}

/* ---- alerts ---- */

static bool is_listed(const struct alert *al, int64_t now_ms)
{
	if (al->state == ALERT_FIRING || al->state == ALERT_PENDING)
		return true;
	return al->resolved_ms != TIME_NONE &&
	       now_ms - al->resolved_ms < DAY_MS;
}

static struct shown what_text(const struct alert *al, struct arena *a)
{
	if (!*al->column)
		return shown_text(a, *al->text ? al->text : al->rule);
	return shown_fmt(a, "%s%s %s %.2f",
			 al->state >= ALERT_RESOLVED ? "was " : "", al->column,
			 al->statistic, al->value);
}

void alert_line_make(struct app *app, const struct alert *al, int64_t now_ms,
		     struct arena *a, struct alert_line *l)
{
	struct cell state = view_alert_state(al, now_ms);
	char out[HUMAN_MAX];
	double limit;

	memset(l, 0, sizeof(*l));
	l->alert = al;
	l->monitor = al->monitor;
	l->mark = state.mark;
	l->role = state.role;
	l->is_acked = *al->acked_by && al->state == ALERT_FIRING;
	l->word = shown_text(a, l->is_acked ? "acked"
					    : alert_state_name(al->state));
	l->model = shown_text(a, *al->model ? al->model : al->monitor);
	l->what = what_text(al, a);
	l->limit = *al->column ? shown_fmt(a, "limit %s",
					   human_number(out, al->threshold, 2))
			       : SHOWN("");
	l->age = shown_text(
		a, human_duration(
			   out, human_steady_ms(alert_lasted_ms(al, now_ms))));
	l->more = shown_text(a, *al->column ? al->text : "");
	if (*al->column)
		l->history = app_stat_history(app, al->monitor, al->column,
					      &l->n_history, &limit);
}

size_t alert_lines_make(struct app *app, int64_t now_ms, struct arena *a,
			struct alert_line **out)
{
	const struct alert_set *set = &app_model(app)->alerts;
	struct alert_line *lines = arena_alloc(a, set->n * sizeof(*lines));
	size_t n = 0;

	for (size_t i = 0; i < set->n; i++)
		if (is_listed(&set->alerts[i], now_ms))
			alert_line_make(app, &set->alerts[i], now_ms, a,
					&lines[n++]);
	*out = lines;
	return n;
}

/* ---- monitors ---- */

const struct drift_report *tower_monitor_report(struct app *app,
						const char *monitor)
{
	const struct model *m = app_model(app);

	for (size_t i = 0; i < m->n_reports; i++)
		if (!strcmp(m->reports[i]->monitor, monitor))
			return m->reports[i];
	return NULL;
}

size_t tower_blind(struct app *app, const struct drift_report **first)
{
	const struct config *c = app_config(app);
	size_t n = 0;

	*first = NULL;
	for (size_t i = 0; i < c->n_monitors; i++) {
		const struct drift_report *r =
			tower_monitor_report(app, c->monitors[i].name);

		if (r && *r->blind && !n++)
			*first = r;
	}
	return n;
}

static void add_worst(struct app *app, const struct drift_report *r,
		      struct arena *a, struct alert_line *l)
{
	const struct drift_column *c = r->columns;
	char limit[HUMAN_MAX];
	double newest;

	if (!(drift_badness(c) > 0) || c->is_hidden)
		return;
	l->what = shown_fmt(a, "%s %s %.2f", c->name, c->statistic, c->value);
	l->limit = shown_fmt(a, "limit %s", human_number(limit, c->limit, 2));
	l->history = app_stat_history(app, r->monitor, c->name, &l->n_history,
				      &newest);
}

void monitor_line_make(struct app *app, const char *monitor, struct arena *a,
		       struct alert_line *l)
{
	const struct drift_report *r = tower_monitor_report(app, monitor);
	char why[DRIFT_WHY_MAX];

	*l = (struct alert_line){ .monitor = monitor,
				  .word = SHOWN("unknown"),
				  .mark = MARK_UNKNOWN,
				  .role = ROLE_DIM,
				  .model = shown_text(a, monitor),
				  .what = SHOWN("not evaluated yet"),
				  .limit = SHOWN(""),
				  .age = SHOWN(""),
				  .more = SHOWN("") };
	if (!r)
		return;
	if (r->n_bad_rows)
		l->more = shown_fmt(a, "%lld lines skipped",
				    (long long)r->n_bad_rows);
	if (drift_says_nothing(r, why)) {
		l->what = shown_text(a, why);
		if (!*r->blind)
			return;
		l->word = SHOWN("blind");
		l->mark = MARK_LATE;
		l->role = ROLE_WARN;
		return;
	}
	l->word = r->n_drifted ? SHOWN("drifts") : SHOWN("quiet");
	l->mark = MARK_FINISHED;
	l->what = SHOWN("");
	add_worst(app, r, a, l);
}

static bool is_open(const struct alert_line *l)
{
	return l->alert && l->alert->state <= ALERT_FIRING;
}

/* Of lines for people; one that is over gives way to what its monitor sees. */
static int rank(const struct alert_line *l)
{
	if (is_open(l))
		return 0;
	if (l->alert)
		return 3;
	return l->mark == MARK_LATE ? 1 : l->mark == MARK_UNKNOWN ? 2 : 4;
}

static bool has_open(const struct alert_line *lines, size_t n,
		     const char *monitor)
{
	for (size_t i = 0; i < n; i++)
		if (is_open(&lines[i]) && !strcmp(lines[i].monitor, monitor))
			return true;
	return false;
}

size_t watch_lines_make(struct app *app, int64_t now_ms, struct arena *a,
			struct alert_line **out)
{
	const struct config *c = app_config(app);
	struct alert_line *alerts, *all, *sorted;
	size_t n_alerts = alert_lines_make(app, now_ms, a, &alerts);
	size_t n = n_alerts, n_sorted = 0;

	*out = alerts;
	if (!app_watch(app)->is_known)
		return n;
	all = arena_alloc(a, (n + c->n_monitors + 1) * sizeof(*all));
	sorted = arena_alloc(a, (n + c->n_monitors + 1) * sizeof(*sorted));
	for (size_t i = 0; i < n; i++)
		all[i] = alerts[i];
	for (size_t i = 0; i < c->n_monitors; i++)
		if (!has_open(alerts, n_alerts, c->monitors[i].name))
			monitor_line_make(app, c->monitors[i].name, a,
					  &all[n++]);
	for (int k = 0; k <= 4; k++)
		for (size_t i = 0; i < n; i++)
			if (rank(&all[i]) == k)
				sorted[n_sorted++] = all[i];
	*out = sorted;
	return n;
}

/* ---- counts ---- */

/* The newest failure. */
static void note_failed(const struct model *m, uint32_t row,
			struct tower_runs *r)
{
	int64_t end_ms = run_set_head(m->runs, row)->end_ms;

	if (!r->n_failed++ || end_ms > run_set_head(m->runs, r->failed)->end_ms)
		r->failed = row;
}

/* The longest silence. */
static void note_silent(const struct series *s, uint32_t row,
			struct tower_runs *r)
{
	int64_t said_ms = s->points[s->n - 1].time_ms;

	if (!r->n_silent++ || said_ms < r->silent_since_ms) {
		r->silent = row;
		r->silent_since_ms = said_ms;
	}
}

struct tower_runs tower_troubled_runs(struct app *app, int64_t since_ms,
				      int64_t now_ms)
{
	const struct model *m = app_model(app);
	struct tower_runs r = { .failed = RUN_NO_ROW, .silent = RUN_NO_ROW };
	const uint32_t *rows;
	size_t n = run_set_notable(m->runs, &rows);

	for (size_t i = 0; i < n; i++) {
		uint32_t row = rows[i];
		const struct run_head *head = run_set_head(m->runs, row);
		const struct series *said;

		if (head->flags & (RUN_IS_GONE | RUN_IS_DELETED) ||
		    is_stale(m, head->source))
			continue;
		if (head->status == RUN_FAILED && head->end_ms >= since_ms)
			note_failed(m, row, &r);
		if (head->status != RUN_RUNNING)
			continue;
		said = health_series(m, row);
		if (health_is_silent(said, now_ms))
			note_silent(said, row, &r);
	}
	return r;
}

static void count_run(struct app *app, uint32_t row, int64_t now_ms,
		      struct tower_counts *c)
{
	const struct model *m = app_model(app);
	const struct run_head *head = run_set_head(m->runs, row);

	if (head->flags & (RUN_IS_GONE | RUN_IS_DELETED))
		return;
	if (head->status == RUN_FAILED && head->end_ms != TIME_NONE &&
	    now_ms - head->end_ms < DAY_MS)
		c->failed_day++;
	if (head->status != RUN_RUNNING)
		return;
	if (health_run_is_silent(m, row, now_ms))
		c->silent++;
	else
		c->running++;
}

struct tower_counts tower_count(struct app *app, int64_t now_ms)
{
	const struct model *m = app_model(app);
	struct tower_counts c = { 0 };
	const uint32_t *rows;
	size_t n = run_set_notable(m->runs, &rows);

	for (size_t i = 0; i < n; i++)
		count_run(app, rows[i], now_ms, &c);
	for (size_t i = 0; i < m->alerts.n; i++) {
		const struct alert *al = &m->alerts.alerts[i];

		c.firing += al->state == ALERT_FIRING && !*al->acked_by;
		c.acked += al->state == ALERT_FIRING && *al->acked_by;
		c.pending += al->state == ALERT_PENDING;
	}
	return c;
}
