/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/wall.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/unwatched.h"
#include "base/human.h"
#include "base/mem.h"
#include "ui/keys.h"
#include "ui_internal.h"
#include "view/lists.h"
#include "view/tower.h"
#include "wall_draw.h"
#include "wall_runs.h"

#define DAY_MS       ((int64_t)86400000)
#define NIGHT_MS     (DAY_MS / 2)
#define SHIFT_MS     ((int64_t)600000)
#define MAX_WATCHED  64 /* running runs whose silence is told */
#define MAX_EVENTS   30
#define TREND_POINTS 200
#define PAGES_MAX    8

struct page_wall {
	struct page page;
	struct arena arena; /* of the facts */
	struct arena kept;  /* of the names */
	struct wall_facts facts;
	struct shown names[PAGES_MAX];
	enum wall_page kinds[PAGES_MAX];
	const struct run_view *views[PAGES_MAX]; /* of WALL_RUNS */
	size_t n_shown[PAGES_MAX]; /* lines that fitted the last time */
	size_t n_pages;
	struct wall_runs *runs;
	int64_t began_mono_ms;
};

/* ---- what is asked of the sources ---- */

static void want_columns(struct ui *ui)
{
	const struct model *m = app_model(ui->app);
	size_t n_models = registry_count(m->registry), n = 0;
	struct value_key *keys = xcalloc(n_models + 1, sizeof(*keys));

	for (size_t i = 0; i < n_models; i++) {
		uint32_t metric = tower_model_metric(
			ui->app, registry_at(m->registry, i));

		if (metric)
			keys[n++] = (struct value_key){
				VALUE_METRIC, intern_str(m->strings, metric)
			};
	}
	app_want_columns(ui->app, APP_WHO_REGISTRY, keys, n);
	free(keys);
}

/* Silence is told from the gaps between a run's points. */
static void want_series(struct page_wall *w, struct ui *ui)
{
	const struct model *m = app_model(ui->app);
	struct app_series_wish wishes[MAX_WATCHED];
	size_t n = 0;

	for (uint32_t row = (uint32_t)run_set_count(m->runs);
	     row-- > 0 && n < MAX_WATCHED;) {
		const struct run_head *head = run_set_head(m->runs, row);
		uint32_t metric = model_main_metric(m, head->experiment);
		char id[40];

		if (head->status != RUN_RUNNING || !metric ||
		    head->flags & (RUN_IS_GONE | RUN_IS_DELETED))
			continue;
		wishes[n++] = (struct app_series_wish){
			head->source,
			arena_strdup(&w->arena, run_set_id(m->runs, row, id)),
			intern_str(m->strings, metric), TREND_POINTS
		};
	}
	app_want_series(ui->app, APP_WHO_RUNS, wishes, n);
}

/* ---- counts ---- */

/* The newest of the runs that run, are silent, have failed; RUN_NO_ROW. */
struct newest {
	uint32_t running, silent, failed;
	int64_t running_ms, silent_ms, failed_ms;
};

static void take_newer(uint32_t *row, int64_t *at_ms, uint32_t other,
		       int64_t other_ms)
{
	if (*row != RUN_NO_ROW && other_ms <= *at_ms)
		return;
	*row = other;
	*at_ms = other_ms;
}

static struct newest find_newest(struct page_wall *w, struct ui *ui)
{
	const struct model *m = app_model(ui->app);
	struct newest n = { RUN_NO_ROW, RUN_NO_ROW, RUN_NO_ROW, 0, 0, 0 };

	for (uint32_t row = 0; row < run_set_count(m->runs); row++) {
		const struct run_head *head = run_set_head(m->runs, row);
		struct run_line line;

		if (head->flags & (RUN_IS_GONE | RUN_IS_DELETED))
			continue;
		if (head->status == RUN_FAILED && head->end_ms != TIME_NONE)
			take_newer(&n.failed, &n.failed_ms, row, head->end_ms);
		if (head->status != RUN_RUNNING)
			continue;
		run_line_make(ui->app, row, 0, ui->now_utc_ms, &w->arena,
			      &line);
		if (line.look == LOOK_SILENT)
			take_newer(&n.silent, &n.silent_ms, row,
				   head->start_ms);
		else
			take_newer(&n.running, &n.running_ms, row,
				   head->start_ms);
	}
	return n;
}

static struct shown run_note(struct page_wall *w, struct ui *ui,
			     const char *before, uint32_t row, bool has_age)
{
	struct run_line line;

	if (row == RUN_NO_ROW)
		return SHOWN("");
	run_line_make(ui->app, row, 0, ui->now_utc_ms, &w->arena, &line);
	return shown_fmt(&w->arena, "%s%s%s%s", before, line.name.s,
			 has_age ? ", " : "", has_age ? line.age.s : "");
}

/* How long nothing has fired. */
static struct shown quiet_note(struct page_wall *w, struct ui *ui)
{
	const struct alert_set *set = &app_model(ui->app)->alerts;
	int64_t last_ms = TIME_NONE;
	char out[HUMAN_MAX];

	for (size_t i = 0; i < set->n; i++)
		if (set->alerts[i].resolved_ms > last_ms)
			last_ms = set->alerts[i].resolved_ms;
	if (last_ms == TIME_NONE)
		return SHOWN("");
	return shown_fmt(
		&w->arena, "quiet for %s",
		human_duration(out, human_steady_ms(ui->now_utc_ms - last_ms)));
}

static void make_counts(struct page_wall *w, struct ui *ui)
{
	struct tower_counts c = tower_count(ui->app, ui->now_utc_ms);
	struct newest n = find_newest(w, ui);
	struct wall_facts *f = &w->facts;
	const struct alert *worst = ui_worst_alert(ui);
	const struct drift_report *first;
	size_t n_blind = tower_blind(ui->app, &first);

	f->counts[0] =
		(struct wall_count){ c.running, SHOWN("running"),
				     run_note(w, ui, "newest ", n.running,
					      true),
				     c.running ? ROLE_STRONG : ROLE_DIM };
	f->counts[1] =
		(struct wall_count){ c.firing, SHOWN("firing"),
				     worst ? shown_text(&w->arena, worst->model)
				     : n_blind ? shown_fmt(&w->arena,
							   "%zu blind", n_blind)
					       : quiet_note(w, ui),
				     c.firing  ? ROLE_ALARM
				     : n_blind ? ROLE_WARN
					       : ROLE_DIM };
	f->counts[2] = (struct wall_count){
		c.silent, SHOWN("silent"),
		c.silent ? run_note(w, ui, "", n.silent, true) : SHOWN(""),
		c.silent ? ROLE_WARN : ROLE_DIM
	};
	f->counts[3] =
		(struct wall_count){ c.failed_day, SHOWN("failed"),
				     c.failed_day ? run_note(w, ui, "in 24h, ",
							     n.failed, false)
						  : SHOWN("in 24h"),
				     c.failed_day ? ROLE_TEXT : ROLE_DIM };
}

/* ---- models ---- */

/* The worst column's statistic over the last day. */
static void add_drift(struct page_wall *w, struct ui *ui,
		      const struct model_line *l, struct wall_line *out)
{
	const struct drift_report *r = tower_model_report(
		ui->app, app_model(ui->app)->sources[l->source].name,
		l->model->name);
	const struct point *points;
	char value[HUMAN_MAX];
	double *values, limit;
	size_t n = 0;

	if (!r || !r->n_columns || r->columns[0].is_hidden ||
	    !r->columns[0].statistic || !*r->columns[0].statistic ||
	    !isfinite(r->columns[0].value))
		return;
	points = app_stat_history(ui->app, r->monitor, r->columns[0].name, &n,
				  &limit);
	out->spark_label = SHOWN("drift 24h");
	out->spark_text =
		shown_fmt(&w->arena, "%s %s", r->columns[0].statistic,
			  human_number(value, r->columns[0].value, 2));
	out->spark_role = r->n_drifted ? ROLE_ALARM : ROLE_SERIES_A;
	if (!points)
		return;
	values = arena_alloc(&w->arena, (n + 1) * sizeof(*values));
	for (size_t i = 0; i < n; i++)
		if (points[i].time_ms > ui->now_utc_ms - DAY_MS)
			values[out->n_spark++] = points[i].value;
	out->spark = values;
}

static int64_t holder_since(struct ui *ui, const struct model_line *l)
{
	const char *source = app_model(ui->app)->sources[l->source].name;
	const struct config_model *conf =
		config_model(app_config(ui->app), source, l->model->name);

	if (!l->champion)
		return TIME_NONE;
	return tower_holder_since(ui->app, l->source, l->model->name,
				  conf->serving, l->champion);
}

static struct shown champion_value(struct page_wall *w, struct ui *ui,
				   const struct model_line *l)
{
	const struct model *m = app_model(ui->app);
	char out[HUMAN_MAX];
	uint32_t metric;
	double v;

	for (size_t i = 0; i < registry_count(m->registry); i++) {
		const struct reg_entry *e = registry_at(m->registry, i);

		if (e->model != l->model)
			continue;
		metric = tower_model_metric(ui->app, e);
		if (!tower_version_value(ui->app, l->source, l->champion,
					 metric, &v))
			break;
		return shown_text(
			&w->arena,
			human_number(out, v,
				     tower_decimals(app_config(ui->app),
						    l->metric_name.s)));
	}
	return SHOWN("");
}

static void make_model(struct page_wall *w, struct ui *ui,
		       const struct model_line *l, struct wall_line *out)
{
	int64_t since_ms = holder_since(ui, l);
	char age[HUMAN_MAX];

	*out = (struct wall_line){ .name = l->name,
				   .mid = SHOWN(""),
				   .value = SHOWN(""),
				   .name_role = ROLE_TEXT,
				   .mid_role = ROLE_STRONG,
				   .value_role = ROLE_TEXT,
				   .note = l->why,
				   .value_note = SHOWN(""),
				   .spark_label = SHOWN(""),
				   .spark_text = SHOWN("") };
	if (!l->champion)
		return;
	out->mid = shown_fmt(&w->arena, "v%s", l->champion->version);
	out->value = champion_value(w, ui, l);
	if (out->value.len)
		out->value_note = l->metric_name;
	out->note = SHOWN("");
	if (since_ms != TIME_NONE)
		out->note = shown_fmt(
			&w->arena, "champion since %s",
			human_duration(age,
				       human_steady_ms(MAX(
					       0, ui->now_utc_ms - since_ms))));
	if (l->serves_look == SERVES_OTHER) {
		out->note = l->why;
		out->mid_role = ROLE_WARN;
	}
	add_drift(w, ui, l, out);
}

/* The newest champion is in accent. */
static void make_models(struct page_wall *w, struct ui *ui)
{
	struct model_line *models;
	size_t n =
		model_lines_make(ui->app, ui->now_utc_ms, &w->arena, &models);
	struct wall_line *lines =
		arena_alloc(&w->arena, (n + 1) * sizeof(*lines));
	int64_t newest_ms = TIME_NONE;
	size_t newest = n;

	for (size_t i = 0; i < n; i++) {
		int64_t since_ms = holder_since(ui, &models[i]);

		make_model(w, ui, &models[i], &lines[i]);
		if (since_ms == TIME_NONE || since_ms <= newest_ms)
			continue;
		newest_ms = since_ms;
		newest = i;
	}
	if (newest < n && lines[newest].mid_role == ROLE_STRONG)
		lines[newest].mid_role = ROLE_ACCENT;
	w->facts.lines = lines;
	w->facts.n_lines = n;
	w->facts.lines_title = SHOWN("serving now");
	w->facts.lines_none = ui_no_models(ui);
}

/* ---- what happened ---- */

static void make_events(struct page_wall *w, struct ui *ui)
{
	const struct event_log *log = app_model(ui->app)->events;
	struct wall_line *lines =
		arena_alloc(&w->arena, MAX_EVENTS * sizeof(*lines));
	size_t n = 0;

	for (size_t i = 0; i < event_log_count(log) && n < MAX_EVENTS; i++) {
		const struct event *e = event_log_at(log, i);
		char hhmm[8];

		if (e->time_ms < ui->now_utc_ms - NIGHT_MS)
			break;
		clock_format_hhmm(e->time_ms, hhmm);
		lines[n++] = (struct wall_line){
			.name = shown_text(&w->arena, *e->subject ? e->subject
								  : e->source),
			.name_role = ROLE_TEXT,
			.mid = SHOWN(""),
			.value = shown_text(&w->arena, hhmm),
			.value_role = ROLE_DIM,
			.note = shown_text(&w->arena, e->text),
			.value_note =
				shown_text(&w->arena, event_kind_name(e->kind)),
			.spark_label = SHOWN(""),
			.spark_text = SHOWN(""),
		};
	}
	w->facts.lines = lines;
	w->facts.n_lines = n;
	w->facts.lines_title = SHOWN("the last 12 hours");
	w->facts.lines_none = SHOWN("Nothing happened.");
}

/* ---- alerts ---- */

static enum role alert_role(const struct alert_line *l)
{
	if (l->is_acked)
		return ROLE_DIM;
	return l->alert->state == ALERT_FIRING ? ROLE_ALARM : ROLE_WARN;
}

static void make_alert(struct page_wall *w, struct ui *ui,
		       const struct alert_line *l, struct wall_alert *out)
{
	char hhmm[8], value[HUMAN_MAX];

	clock_format_hhmm(l->alert->since_ms, hhmm);
	*out = (struct wall_alert){
		.model = l->model,
		.version = SHOWN(""),
		.what = l->what,
		.limit = l->limit,
		.age = l->age,
		.value = SHOWN(""),
		.history = l->history,
		.n_history = l->history ? l->n_history : 0,
		.gap_ms = unwatched_gap_ms(app_config(ui->app),
					   l->alert->monitor),
		.has_limit = *l->alert->column,
		.threshold = l->alert->threshold,
		.role = alert_role(l),
	};
	if (*l->alert->version)
		out->version = shown_fmt(&w->arena, "v%s", l->alert->version);
	if (*l->alert->column)
		out->value = shown_text(
			&w->arena, human_number(value, l->alert->value, 2));
	/* The times are the alert's, not of the worst feature named next. */
	out->note = shown_fmt(&w->arena, "%s for %s since %s%s%s%s",
			      alert_state_name(l->alert->state), l->age.s, hhmm,
			      l->more.len ? ", " : "", l->more.s,
			      l->is_acked ? ", acknowledged"
			      : l->alert->state == ALERT_FIRING &&
					      alert_is_on_record(l->alert)
				      ? ", not acknowledged"
				      : "");
}

static void make_alerts(struct page_wall *w, struct ui *ui)
{
	struct wall_facts *f = &w->facts;
	struct tower_counts c = tower_count(ui->app, ui->now_utc_ms);
	struct alert_line *lines;
	size_t n = alert_lines_make(ui->app, ui->now_utc_ms, &w->arena, &lines);
	struct wall_alert *alerts =
		arena_alloc(&w->arena, (n + 1) * sizeof(*alerts));
	int64_t since_ms = ui->now_utc_ms;
	char out[HUMAN_MAX];

	for (size_t i = 0; i < n; i++) {
		const struct alert *al = lines[i].alert;

		if (al->state != ALERT_FIRING && al->state != ALERT_PENDING)
			continue;
		make_alert(w, ui, &lines[i], &alerts[f->n_alerts++]);
		if (al->state == ALERT_FIRING && !lines[i].is_acked)
			since_ms = MIN(since_ms, al->since_ms);
	}
	f->alerts = alerts;
	f->is_firing = c.firing > 0;
	f->firing = shown_fmt(&w->arena, "%zu firing", c.firing);
	f->longest =
		c.firing ? shown_text(
				   &w->arena,
				   human_duration(
					   out, human_steady_ms(ui->now_utc_ms -
								since_ms)))
			 : SHOWN("");
}

/* ---- the page ---- */

static void make_sources(struct page_wall *w, struct ui *ui)
{
	const struct model *m = app_model(ui->app);
	struct wall_source *sources =
		arena_alloc(&w->arena, (m->n_sources + 1) * sizeof(*sources));

	for (uint16_t i = 0; i < m->n_sources; i++) {
		struct wall_source *src = &sources[i];
		struct shown state = ui_source_state(ui, i, &src->role);

		src->name = shown_text(&w->arena, m->sources[i].name);
		src->state = shown_text(&w->arena, state.s);
	}
	w->facts.sources = sources;
	w->facts.n_sources = m->n_sources;
	w->facts.watch = shown_text(&w->arena,
				    ui_watch_state(ui, &w->facts.watch_role).s);
}

static size_t page_of(const struct page_wall *w, enum wall_page kind)
{
	for (size_t i = 0; i < w->n_pages; i++)
		if (w->kinds[i] == kind)
			return i;
	return w->n_pages;
}

/* Whose turn it is; a firing alert holds its page. */
static void turn(struct page_wall *w, struct ui *ui)
{
	const struct config *conf = app_config(ui->app);
	int64_t every_ms = MAX(1000, conf->wall_every_ms);
	int64_t n = (ui->now_mono_ms - w->began_mono_ms) / every_ms;
	struct wall_facts *f = &w->facts;
	size_t alerts = page_of(w, WALL_ALERTS);
	char out[HUMAN_MAX];

	f->is_held = conf->wall_hold && f->is_firing && alerts < w->n_pages;
	f->page = f->is_held ? alerts : (size_t)n % w->n_pages;
	f->kind = w->kinds[f->page];
	f->turn = f->is_held       ? SHOWN("held while firing")
		  : w->n_pages > 1 ? shown_fmt(&w->arena, "every %s",
					       human_duration(out, every_ms))
				   : SHOWN("");
	/* Each time round, the lines that did not fit the last time. */
	f->first = w->n_shown[f->page] * ((size_t)n / w->n_pages);
	w->page.update_at_ms = w->began_mono_ms + (n + 1) * every_ms;
}

static void make_runs(struct page_wall *w, struct ui *ui)
{
	int64_t again_ms = wall_runs_make(w->runs, ui, w->views[w->facts.page],
					  w->facts.first, &w->arena, &w->facts);

	if (again_ms >= 0)
		w->page.update_at_ms = MIN(w->page.update_at_ms, again_ms);
}

static void wall_update(struct page *p, struct ui *ui)
{
	struct page_wall *w = (struct page_wall *)p;
	char hhmm[8];

	arena_clear(&w->arena);
	memset(&w->facts, 0, sizeof(w->facts));
	want_columns(ui);
	want_series(w, ui);
	w->facts.pages = w->names;
	w->facts.n_pages = w->n_pages;
	clock_format_hhmm(ui->now_utc_ms, hhmm);
	w->facts.clock = shown_text(&w->arena, hhmm);
	w->facts.is_demo = app_is_demo(ui->app);
	w->facts.shift = (unsigned)(ui->now_utc_ms / SHIFT_MS % 4);
	make_counts(w, ui);
	make_alerts(w, ui);
	make_sources(w, ui);
	turn(w, ui);
	if (w->facts.kind == WALL_RUNS)
		make_runs(w, ui);
	else if (w->facts.kind == WALL_NIGHT)
		make_events(w, ui);
	else
		make_models(w, ui);
}

static void wall_page_draw(struct page *p, struct ui *ui, struct surface *s,
			   struct rect body)
{
	struct page_wall *w = (struct page_wall *)p;

	(void)body; /* all of it */
	w->n_shown[w->facts.page] = wall_draw(s, &w->facts, ui->glyphs);
}

static unsigned wall_scope(const struct page *p)
{
	(void)p;
	return SCOPE_ALL;
}

static bool wall_command(struct page *p, struct ui *ui, enum command_id cmd,
			 const char *arg)
{
	(void)p;
	(void)ui;
	(void)cmd;
	(void)arg;
	return false;
}

/* Nobody types at a wall: keys that leave are taken, and no others. */
static bool wall_key(struct page *p, struct ui *ui, int key)
{
	const struct binding *b = keymap_find(ui->keymap, SCOPE_ALL, key);

	(void)p;
	if (key == KEY_CTRL('c'))
		ui->is_quitting = true;
	return !b || (b->cmd != CMD_QUIT && b->cmd != CMD_LEAVE &&
		      b->cmd != CMD_REDRAW && b->cmd != CMD_SUSPEND);
}

static void wall_free(struct page *p)
{
	struct page_wall *w = (struct page_wall *)p;

	wall_runs_free(w->runs);
	arena_release(&w->arena);
	arena_release(&w->kept);
	free(w);
}

static void add_page(struct page_wall *w, const char *name, enum wall_page kind,
		     const struct run_view *view)
{
	for (size_t i = 0; i < w->n_pages; i++)
		if (!strcmp(w->names[i].s, name))
			return;
	if (w->n_pages == PAGES_MAX)
		return;
	w->names[w->n_pages] = shown_text(&w->kept, name);
	w->views[w->n_pages] = view;
	w->kinds[w->n_pages++] = kind;
}

/* A view of this name stands before the page of our own. */
static void add_named(struct page_wall *w, const struct config *conf,
		      const char *name)
{
	const struct run_view *view =
		run_view_find(conf->views, conf->n_views, name);

	if (view) {
		add_page(w, view->name, WALL_RUNS, view);
		return;
	}
	for (size_t i = 0; i < CONFIG_WALL_PAGES; i++)
		if (!strcmp(config_wall_pages[i], name))
			add_page(w, name, (enum wall_page)i, NULL);
}

/* Those of the config, or all of our own. */
static void add_pages(struct page_wall *w, const struct config *conf)
{
	for (size_t i = 0; i < conf->n_wall_pages; i++)
		add_named(w, conf, conf->wall_pages[i]);
	for (size_t i = 0; i < CONFIG_WALL_PAGES && !conf->n_wall_pages; i++)
		add_page(w, config_wall_pages[i], (enum wall_page)i, NULL);
}

struct page *page_wall_new(struct ui *ui, const struct run_view *view)
{
	static const struct page_ops ops = {
		.title = "Wall",
		.scope = wall_scope,
		.update = wall_update,
		.draw = wall_page_draw,
		.command = wall_command,
		.key = wall_key,
		.free = wall_free,
	};
	struct page_wall *w = xcalloc(1, sizeof(*w));

	w->page.ops = &ops;
	w->page.update_at_ms = -1;
	w->began_mono_ms = ui->now_mono_ms;
	w->runs = wall_runs_new(ui->app);
	if (view)
		add_page(w, view->name, WALL_RUNS, view);
	add_pages(w, app_config(ui->app));
	return &w->page;
}
