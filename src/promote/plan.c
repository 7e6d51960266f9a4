/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "base/mem.h"
#include "base/text.h"
#include "promote/promotion.h"

#define MAX_ROWS 16

/* ---- the diff ---- */

struct rows {
	struct promotion *p;
	const struct promotion_facts *f;
};

static struct promotion_row *row(struct rows *r, const char *name,
				 const char *now, const char *then)
{
	struct promotion_row *out = &r->p->rows[r->p->n_rows];

	if (r->p->n_rows < MAX_ROWS - 1)
		r->p->n_rows++;
	*out = (struct promotion_row){ .name = name,
				       .now = now ? now : "–",
				       .then = then ? then : "–",
				       .change = "" };
	return out;
}

static const char *number(struct arena *a, double v)
{
	char out[HUMAN_MAX];

	return arena_strdup(a, human_number(out, v, 4));
}

/* A difference means something between values of the same data only. */
static void metric_row(struct rows *r, const char *metric, int goal)
{
	struct arena *a = &r->p->arena;
	double now, then;
	bool has_now = run_detail_metric(r->f->holder, metric, &now);
	bool has_then = run_detail_metric(r->f->candidate, metric, &then);
	struct promotion_row *out;
	const char *word = "", *data;
	double delta;

	if (!has_now && !has_then)
		return;
	out = row(r, arena_strdup(a, metric), has_now ? number(a, now) : NULL,
		  has_then ? number(a, then) : NULL);
	if (!has_now || !has_then || !isfinite(then - now))
		return;
	delta = then - now;
	if (!run_detail_same_data(r->f->candidate, r->f->holder, a, &data)) {
		word = " not comparable";
		out->word = CHANGE_WARNS;
	} else if (goal && delta != 0) {
		word = delta * goal > 0 ? " better" : " worse";
		out->word = delta * goal > 0 ? CHANGE_BETTER : CHANGE_WORSE;
	}
	out->change = arena_printf(a, "%s%s%s", delta < 0 ? "-" : "+",
				   number(a, fabs(delta)), word);
}

static const char *data_of(struct arena *a, const struct run_detail *d)
{
	return d && d->n_datasets
		       ? arena_printf(a, "%s #%.4s", d->datasets[0].name,
				      d->datasets[0].digest)
		       : NULL;
}

static const char *tag_of(struct arena *a, const struct run_detail *d,
			  const char *name, int max)
{
	for (size_t i = 0; d && i < d->n_tags; i++)
		if (!strcmp(d->tags[i].name, name))
			return arena_printf(a, "%.*s", max, d->tags[i].value);
	return NULL;
}

static const char *age_of(struct arena *a, const struct run_detail *d,
			  int64_t now_ms)
{
	char out[HUMAN_MAX];

	if (!d || d->run.start_ms == TIME_NONE)
		return NULL;
	return arena_strdup(
		a, human_duration(out, MAX(0, now_ms - d->run.start_ms)));
}

/* Those of the version replaced are shown and never counted. */
static const char *alerts_of(struct rows *r, const char *version)
{
	const struct alert_set *set = r->f->alerts;
	struct arena *a = &r->p->arena;
	const struct alert *first = NULL;
	size_t n = 0;

	for (size_t i = 0; set && i < set->n; i++) {
		const struct alert *al = &set->alerts[i];

		if (al->state != ALERT_FIRING ||
		    strcmp(al->model, r->p->ask.model) ||
		    strcmp(al->version, version))
			continue;
		first = first ? first : al;
		n++;
	}
	return n ? arena_printf(a, "▲ %zu firing, %s", n,
				*first->column ? first->column : first->rule)
		 : NULL;
}

static void make_rows(struct promotion *p, const struct promotion_facts *f)
{
	struct rows r = { p, f };
	struct arena *a = &p->arena;
	const struct run_detail *now = f->holder, *then = f->candidate;
	struct promotion_row *out;
	const char *data;
	size_t n_more = 0;

	p->rows = arena_alloc(a, MAX_ROWS * sizeof(*p->rows));
	p->n_rows = 0;
	row(&r, "run", now ? arena_strdup(a, now->run.name) : NULL,
	    then ? arena_strdup(a, then->run.name) : NULL);
	if (*p->ask.metric)
		metric_row(&r, p->ask.metric, p->ask.goal);
	for (size_t i = 0; then && i < then->n_metrics && n_more < 3; i++) {
		const char *name = then->metrics[i].name;
		double v;

		/* More of the same family: val/f1 beside val/auc. */
		if (!strcmp(name, p->ask.metric) ||
		    strncmp(name, p->ask.metric,
			    strcspn(p->ask.metric, "/") + 1) ||
		    !run_detail_metric(now, name, &v))
			continue;
		metric_row(&r, name,
			   p->ask.goal_of
				   ? p->ask.goal_of(p->ask.goal_ctx, name)
				   : 0);
		n_more++;
	}
	out = row(&r, "data", data_of(a, now), data_of(a, then));
	if (now && then) {
		bool is_same = run_detail_same_data(then, now, a, &data);

		out->change =
			is_same ? arena_printf(a, "both scored on %s", data)
				: data;
		out->word = is_same ? CHANGE_PLAIN : CHANGE_WARNS;
	}
	row(&r, "code", tag_of(a, now, "mlflow.source.git.commit", 7),
	    tag_of(a, then, "mlflow.source.git.commit", 7));
	out = row(&r, "age", age_of(a, now, f->now_ms),
		  age_of(a, then, f->now_ms));
	if (then && *then->run.user)
		out->change = arena_printf(a, "trained by %s", then->run.user);
	out = row(&r, "alerts", alerts_of(&r, promotion_holder(p)),
		  alerts_of(&r, p->ask.version));
	if (strcmp(out->now, "–"))
		out->change = "of the version replaced: not counted";
}

/* ---- the plan ---- */

static bool guards(const struct promotion *p, const struct gate_conf *g)
{
	return p->ask.is_guarded &&
	       (g->on &
		(p->ask.is_rollback ? GATE_ON_ROLLBACK : GATE_ON_PROMOTE));
}

static const char *waiver_of(const struct gate_result *old, size_t n,
			     const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(old[i].name, name))
			return old[i].waiver;
	return NULL;
}

static void ask_gates(struct promotion *p, const struct promotion_facts *f)
{
	struct gate_evidence e = {
		.source = p->ask.source,
		.model = p->ask.model,
		.version = p->ask.version,
		.holder_version = promotion_holder(p),
		.candidate = f->candidate,
		.holder = f->holder,
		.alerts = f->alerts,
		.unwatched = f->unwatched,
	};
	const struct gate_result *old = p->results;
	size_t n_old = p->n_results;

	p->results = arena_alloc(&p->arena,
				 (p->ask.n_gates + 1) * sizeof(*p->results));
	p->n_results = 0;
	for (size_t i = 0; i < p->ask.n_gates; i++) {
		struct gate_result *out = &p->results[p->n_results];

		if (!guards(p, &p->ask.gates[i]))
			continue;
		gate_evaluate(&p->ask.gates[i], &e, &p->arena, out);
		out->waiver = waiver_of(old, n_old, out->name);
		out->is_waived = out->waiver != NULL;
		p->n_results++;
	}
}

/* A version that is in the stage already stands there itself. */
static const char *stands_there(const struct promotion *p)
{
	return promotion_is_already(p) ? p->ask.version : promotion_holder(p);
}

static enum err_code check_current(const struct promotion *p,
				   const char *if_current, struct err *err)
{
	const char *want = if_current, *now = stands_there(p);

	if (!want)
		return ERR_OK;
	if (!strcmp(want, "none"))
		want = "";
	if (*want == 'v')
		want++;
	if (!strcmp(want, now))
		return ERR_OK;
	return err_set(err, ERR_CONFLICT,
		       "%s: expected %s%s to hold %s, found %s%s: nothing was "
		       "written",
		       p->ask.model, *want ? "v" : "nobody", want,
		       p->ask.alias ? p->ask.alias : p->ask.stage,
		       *now ? "v" : "nobody", now);
}

enum err_code promotion_plan(struct promotion *p,
			     const struct promotion_facts *facts,
			     const char *if_current, struct err *err)
{
	p->shown = *facts->state;
	p->is_planned = false;
	if (!p->shown.has_model)
		return err_set(err, ERR_ABSENT, "%s: no such model",
			       p->ask.model);
	if (!p->shown.has_version)
		return err_set(err, ERR_ABSENT, "%s: no version %s",
			       p->ask.model, p->ask.version);
	if (strcmp(p->shown.status, "READY"))
		return err_set(err, ERR_USAGE, "%s v%s is %s, not READY",
			       p->ask.model, p->ask.version, p->shown.status);
	make_rows(p, facts);
	ask_gates(p, facts);
	p->confirm = protocol_confirm(
		&p->arena, arena_printf(&p->arena, "%s/%s/%s", p->ask.source,
					p->ask.model, p->ask.version));
	if (check_current(p, if_current, err))
		return err->code;
	p->is_planned = true;
	return ERR_OK;
}

enum err_code promotion_waive(struct promotion *p, const char *gate,
			      const char *reason, struct err *err)
{
	if (!reason || !*reason)
		return err_set(err, ERR_USAGE, "a waiver needs a reason");
	for (size_t i = 0; i < p->n_results; i++) {
		if (strcmp(p->results[i].name, gate))
			continue;
		p->results[i].is_waived = true;
		p->results[i].waiver = arena_strdup(&p->arena, reason);
		return ERR_OK;
	}
	return err_set(err, ERR_ABSENT, "no gate is called %s here", gate);
}

const struct gate_result *promotion_blocker(const struct promotion *p)
{
	for (size_t i = 0; i < p->n_results; i++)
		if (!p->results[i].is_passed && !p->results[i].is_waived)
			return &p->results[i];
	return NULL;
}

const char *promotion_holder(const struct promotion *p)
{
	return p->ask.alias ? p->shown.holder : p->shown.stage_holder;
}

bool promotion_is_already(const struct promotion *p)
{
	if (p->ask.alias)
		return !strcmp(p->shown.holder, p->ask.version);
	return !strcmp(p->shown.stage, p->ask.stage);
}
