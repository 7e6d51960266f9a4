/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "base/mem.h"
#include "model/metric.h"

#define MAX_EVENTS       2000u
#define MAX_SERIES_BYTES (96u << 20)
#define PROMOTION_TAG    "mltower.promotion"

void model_init(struct model *m)
{
	*m = (struct model){ 0 };
	m->strings = intern_new();
	m->runs = run_set_new(m->strings);
	m->registry = registry_new();
	m->series = series_cache_new(MAX_SERIES_BYTES);
	m->events = event_log_new(MAX_EVENTS);
}

void model_release(struct model *m)
{
	size_t i;
	int kind;

	for (i = 0; i < m->n_sources; i++) {
		free(m->sources[i].name);
		free(m->sources[i].kind);
		free(m->sources[i].where);
		free(m->sources[i].bad_example);
		for (kind = 0; kind < N_NAMED_KINDS; kind++)
			free(m->sources[i].names[kind].all);
	}
	free(m->sources);
	for (i = 0; i < m->n_reports; i++)
		drift_report_free(m->reports[i]);
	free(m->reports);
	alert_set_clear(&m->alerts);
	event_log_free(m->events);
	series_cache_free(m->series);
	registry_free(m->registry);
	run_set_free(m->runs);
	intern_free(m->strings);
	*m = (struct model){ 0 };
}

uint16_t model_add_source(struct model *m, const char *name, const char *kind,
			  const char *where, bool is_writable)
{
	BUG_ON(m->n_sources >= UINT16_MAX);
	m->sources = xreallocarray(m->sources, m->n_sources + 1,
				   sizeof(*m->sources));
	m->sources[m->n_sources] =
		(struct model_source){ .name = xstrdup(name),
				       .kind = xstrdup(kind),
				       .where = xstrdup(where),
				       .is_writable = is_writable,
				       .read_utc_ms = TIME_NONE,
				       .lost_since_ms = TIME_NONE,
				       .n_runs = -1,
				       .n_models = -1 };
	m->sources_gen++;
	run_set_name_source(m->runs, (uint16_t)m->n_sources, name);
	return (uint16_t)m->n_sources++;
}

int model_find_source(const struct model *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->n_sources; i++)
		if (!strcmp(m->sources[i].name, name))
			return (int)i;
	return -1;
}

/* ---- the source itself --------------------------------------------------- */

static void lost(struct model *m, struct model_source *src, int64_t now_ms)
{
	if (src->lost_since_ms != TIME_NONE)
		return;
	src->lost_since_ms = now_ms;
	event_log_add(m->events, now_ms, EVENT_SOURCE, src->name, src->name, "",
		      *src->err.msg ? src->err.msg : "lost");
	m->events_gen++;
}

static void back(struct model *m, struct model_source *src, int64_t now_ms)
{
	char age[HUMAN_MAX], text[HUMAN_MAX + 20];

	if (src->lost_since_ms == TIME_NONE)
		return;
	snprintf(text, sizeof(text), "back after %s",
		 human_duration(age, now_ms - src->lost_since_ms));
	src->lost_since_ms = TIME_NONE;
	event_log_add(m->events, now_ms, EVENT_SOURCE, src->name, src->name, "",
		      text);
	m->events_gen++;
}

static void take_names(struct model *m, struct model_names *names,
		       const struct batch_names *told)
{
	size_t i;

	if (!told->is_told)
		return;
	names->all =
		xreallocarray(names->all, told->n + 1, sizeof(*names->all));
	names->n = told->n;
	for (i = 0; i < told->n; i++)
		names->all[i] = intern_put(m->strings, told->all[i]);
	m->runs_gen++;
}

static void take_bad(struct model_source *src, const struct batch *b)
{
	src->n_bad += b->n_bad;
	if (!b->bad_example)
		return;
	free(src->bad_example);
	src->bad_example = xstrdup(b->bad_example);
}

static void take_state(struct model *m, struct model_source *src,
		       const struct batch *b, int64_t now_ms)
{
	int kind;

	src->state = b->state;
	src->err = b->err;
	if (b->state == SOURCE_LIVE) {
		src->read_utc_ms = b->read_utc_ms;
		back(m, src, now_ms);
	} else if (b->state == SOURCE_ABSENT || b->state == SOURCE_FAILED) {
		lost(m, src, now_ms);
	}
	src->is_complete |= b->is_complete;
	if (b->n_runs_total >= 0)
		src->n_runs = b->n_runs_total;
	if (b->n_models_total >= 0)
		src->n_models = b->n_models_total;
	take_bad(src, b);
	for (kind = 0; kind < N_NAMED_KINDS; kind++)
		take_names(m, &src->names[kind], &b->names[kind]);
	m->sources_gen++;
}

static void forget(struct model *m, struct model_source *src, uint16_t number)
{
	run_set_forget_source(m->runs, number);
	series_cache_forget_source(m->series, number);
	src->is_complete = false;
	src->n_bad = 0;
	m->runs_gen++;
	m->series_gen++;
}

/* ---- what becomes an event ----------------------------------------------- */

/* How a run stood before a batch: what it says of itself, at the times it says
 * itself, goes into the log once; the log drops what it has. */
static void run_events(struct model *m, const struct batch *b,
		       const struct run_facts *f, enum run_status was,
		       int64_t now_ms)
{
	static const struct {
		enum run_status status;
		enum event_kind kind;
		const char *text;
	} ends[] = { { RUN_FINISHED, EVENT_RUN_FINISHED, "finished" },
		     { RUN_FAILED, EVENT_RUN_FAILED, "failed" },
		     { RUN_KILLED, EVENT_RUN_KILLED, "killed" } };
	const char *source = m->sources[b->source].name;
	const char *name = f->name && *f->name ? f->name : f->id;
	int64_t end_ms = f->end_ms;
	size_t i;

	if (f->is_deleted)
		return;
	if (f->start_ms != TIME_NONE && was == RUN_UNKNOWN)
		event_log_add(m->events, f->start_ms, EVENT_RUN_STARTED, source,
			      name, f->id, "started");
	if (end_ms == TIME_NONE && was == RUN_RUNNING)
		end_ms = now_ms;
	for (i = 0; i < ARRAY_LEN(ends); i++)
		if (ends[i].status == f->status && was != f->status &&
		    end_ms != TIME_NONE)
			event_log_add(m->events, end_ms, ends[i].kind, source,
				      name, f->id, ends[i].text);
}

static void runs_events(struct model *m, const struct batch *b, int64_t now_ms)
{
	enum run_status was;
	uint32_t row;
	size_t i;

	for (i = 0; i < b->n_runs; i++) {
		if (b->runs[i].is_known)
			continue;
		row = run_set_find(m->runs, b->source, b->runs[i].id);
		was = row == RUN_NO_ROW ? RUN_UNKNOWN
					: run_set_head(m->runs, row)->status;
		run_events(m, b, &b->runs[i], was, now_ms);
	}
	if (b->n_runs)
		m->events_gen++;
}

static const char *tag_of(const struct version_facts *v, const char *name)
{
	size_t i;

	for (i = 0; v && i < v->n_tags; i++)
		if (!strcmp(v->tags[i].name, name))
			return v->tags[i].value;
	return "";
}

/* A promotion of ours marks the new holder in the same step. */
static void alias_event(struct model *m, const struct batch *b,
			const struct model_facts *was,
			const struct model_facts *is, const char *alias,
			int64_t now_ms)
{
	const struct version_facts *from = registry_holder(was, alias),
				   *to = registry_holder(is, alias),
				   *to_before = NULL;
	struct err err = { 0 };
	bool is_ours;
	char text[200];

	if (!strcmp(from ? from->version : "", to ? to->version : ""))
		return;
	if (to && registry_version(was, to->version, &to_before, &err))
		to_before = NULL;
	is_ours = to && strcmp(tag_of(to_before, PROMOTION_TAG),
			       tag_of(to, PROMOTION_TAG));
	snprintf(text, sizeof(text), "@%.80s %s%.24s -> %s%.24s%s", alias,
		 from ? "v" : "", from ? from->version : "nobody",
		 to ? "v" : "", to ? to->version : "nobody",
		 is_ours ? "" : ", not ours");
	event_log_add(m->events, now_ms,
		      is_ours ? EVENT_ALIAS : EVENT_ALIAS_OTHER,
		      m->sources[b->source].name, is->name,
		      to ? to->version : "", text);
}

static void version_events(struct model *m, const struct batch *b,
			   const struct model_facts *is)
{
	const struct version_facts *v;
	char text[80];
	size_t i;

	for (i = 0; i < is->n_versions; i++) {
		v = &is->versions[i];
		if (v->created_ms == TIME_NONE)
			continue;
		snprintf(text, sizeof(text), "v%.24s registered", v->version);
		event_log_add(m->events, v->created_ms, EVENT_VERSION,
			      m->sources[b->source].name, is->name, v->version,
			      text);
	}
}

static void registry_events(struct model *m, const struct batch *b,
			    int64_t now_ms)
{
	const struct reg_entry *e;
	struct err err;
	size_t i, k;

	for (i = 0; i < b->n_models; i++) {
		version_events(m, b, &b->models[i]);
		err = (struct err){ 0 };
		if (registry_find(m->registry, b->source, b->models[i].name, &e,
				  &err))
			continue;
		for (k = 0; k < e->model->n_aliases; k++)
			alias_event(m, b, e->model, &b->models[i],
				    e->model->aliases[k].alias, now_ms);
		/* Aliases that nobody held before. */
		for (k = 0; k < b->models[i].n_aliases; k++)
			if (!registry_holder(e->model,
					     b->models[i].aliases[k].alias))
				alias_event(m, b, e->model, &b->models[i],
					    b->models[i].aliases[k].alias,
					    now_ms);
	}
	m->events_gen++;
}

/* ---- the main metric ----------------------------------------------------- */

/* On data the model did not train on, of the most runs; and a score says more
 * than a loss, a loss than a number. Names settle what is left. */
static bool is_better(const struct metric_count *a,
		      const struct metric_count *b)
{
	static const int merits[] = { 1, 0, 2 }; /* by goal: -1, 0, 1 */
	bool is_val = metric_is_validation(a->metric);
	int merit = merits[metric_goal_guess(a->metric) + 1];
	int other = merits[metric_goal_guess(b->metric) + 1];

	if (is_val != metric_is_validation(b->metric))
		return is_val;
	if (a->n_runs != b->n_runs)
		return a->n_runs > b->n_runs;
	if (merit != other)
		return merit > other;
	return strcmp(a->metric, b->metric) < 0;
}

/* Those of one experiment stand together. */
static void take_counts(struct model *m, const struct batch *b)
{
	const struct metric_count *c = b->counts, *end = c + b->n_counts;
	const struct metric_count *best;
	const char *id;

	while (c < end) {
		id = c->experiment_id;
		best = NULL;
		for (; c < end && !strcmp(c->experiment_id, id); c++)
			if (!metric_is_system(c->metric) &&
			    (!best || is_better(c, best)))
				best = c;
		if (run_set_choose_metric(
			    m->runs, b->source, id,
			    best ? intern_put(m->strings, best->metric) : 0))
			m->runs_gen++;
	}
}

uint32_t model_main_metric(const struct model *m, uint32_t experiment)
{
	const struct run_experiment *e =
		run_set_experiment(m->runs, experiment);

	return e->primary_metric ? e->primary_metric : e->common_metric;
}

/* ---- applying ------------------------------------------------------------ */

static void take_series(struct model *m, const struct batch *b)
{
	const struct series_facts *s;
	uint32_t row;
	size_t i;

	series_cache_apply(m->series, b);
	for (i = 0; i < b->n_series; i++) {
		s = &b->series[i];
		row = run_set_find(m->runs, b->source, s->run_id);
		if (row != RUN_NO_ROW && s->n_points)
			run_set_saw_point(m->runs, row,
					  s->points[s->n_points - 1].time_ms);
	}
	m->series_gen++;
}

void model_apply(struct model *m, const struct batch *b, int64_t now_ms,
		 uint32_t latency_ms)
{
	struct model_source *src;

	BUG_ON(b->source >= m->n_sources);
	src = &m->sources[b->source];
	if (b->is_afresh)
		forget(m, src, b->source);
	if (!b->request) {
		src->latency_ms[src->n_polls++ % ARRAY_LEN(src->latency_ms)] =
			(uint16_t)MIN(latency_ms, UINT16_MAX);
		take_state(m, src, b, now_ms);
	}
	runs_events(m, b, now_ms);
	if (run_set_apply(m->runs, b) || b->n_experiments)
		m->runs_gen++;
	take_counts(m, b);
	if (b->n_series)
		take_series(m, b);
	if (b->has_registry) {
		registry_events(m, b, now_ms);
		if (registry_apply(m->registry, b))
			m->registry_gen++;
	}
}
