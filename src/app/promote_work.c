/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/promote_work.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "app/registry_of.h"
#include "app/unwatched.h"
#include "base/clock.h"
#include "base/mem.h"
#include "io/gate.h"
#include "store/reports.h"

#define GUARD_WAIT_MS 5000

static int goal_of(const void *ctx, const char *metric)
{
	return config_metric_goal(ctx, metric);
}

struct promotion_ask promote_ask(const struct config *config,
				 const char *source, const char *model,
				 const char *version, const char *alias,
				 const char *stage, bool is_rollback,
				 const char *metric)
{
	const struct config_model *conf = config_model(config, source, model);
	const struct config_gates *gates = config_gate_set(config, conf->gates);

	if (!metric || !*metric)
		metric = conf->metric;
	return (struct promotion_ask){
		.source = source,
		.model = model,
		.version = version,
		.alias = alias,
		.stage = stage,
		.is_rollback = is_rollback,
		.gates = gates ? gates->gates : NULL,
		.n_gates = gates ? gates->n : 0,
		.is_guarded = alias ? !strcmp(alias, conf->serving)
				    : stage && !strcasecmp(stage, "Production"),
		.metric = metric,
		.goal_of = goal_of,
		.goal_ctx = config,
		.goal = *metric ? config_metric_goal(config, metric) : 0,
	};
}

static bool has_registry(const struct promote_world *w, struct err *err)
{
	if (w->ops && w->ops->registry)
		return true;
	err_set(err, ERR_USAGE,
		"%s: this kind of source has no registry that "
		"can be written",
		w->conf->name);
	return false;
}

enum err_code promote_previous(const struct promote_world *w, const char *model,
			       const char *alias, struct arena *a,
			       struct rollback *out, struct err *err)
{
	struct registry_state now;

	if (!has_registry(w, err) ||
	    w->ops->registry->look(w->conf, model, "", alias, NULL, w->stop,
				   &now, err))
		return err->code;
	if (!now.has_model)
		return err_set(err, ERR_ABSENT, "%s: no such model", model);
	return rollback_find(w->state, a, now.fingerprint, model, alias,
			     now.holder, out, err);
}

/* A run that is gone is no evidence; it is not a failure of the look. */
static struct batch *read_run(const struct promote_world *w, void *ctx,
			      const char *run_id)
{
	struct batch *b = batch_new();
	struct err err = { 0 };

	if (*run_id && !w->ops->source->detail(ctx, run_id, w->stop, b, &err))
		return b;
	batch_free(b);
	return NULL;
}

struct two_runs {
	struct batch *candidate, *holder;
};

static enum err_code read_runs(const struct promote_world *w,
			       const char *candidate, const char *holder,
			       struct two_runs *out, struct err *err)
{
	void *ctx;

	if (w->ops->source->open(w->conf, &ctx, err))
		return err->code;
	out->candidate = read_run(w, ctx, candidate);
	out->holder = read_run(w, ctx, holder);
	w->ops->source->close(ctx);
	return ERR_OK;
}

static enum err_code look_both(const struct promotion *p,
			       const struct promote_world *w,
			       struct registry_state *now,
			       struct registry_state *holder, struct err *err)
{
	const struct registry_ops *ops = w->ops->registry;
	const char *version;

	memset(holder, 0, sizeof(*holder));
	if (ops->look(w->conf, p->ask.model, p->ask.version, p->ask.alias,
		      p->ask.stage, w->stop, now, err))
		return err->code;
	version = p->ask.alias ? now->holder : now->stage_holder;
	if (!*version)
		return ERR_OK;
	return ops->look(w->conf, p->ask.model, version, p->ask.alias,
			 p->ask.stage, w->stop, holder, err);
}

/* Alerts that cannot be read are evidence that is missing. */
static void read_alerts(const struct promotion *p,
			const struct promote_world *w, struct alert_set *set,
			struct arena *a, struct promotion_facts *facts)
{
	struct drift_report **reports = NULL;
	struct lease_state lease;
	struct err err = { 0 };
	size_t n = 0;

	if (!w->state ||
	    unwatched_load(w->config, w->state, INT64_MAX, facts->now_ms, set,
			   &lease, &err) ||
	    reports_load(w->state, &reports, &n, &err))
		return;
	facts->alerts = set;
	facts->unwatched =
		unwatched_why(w->config, set, reports, n, p->ask.source,
			      p->ask.model, facts->now_ms, a);
	for (size_t i = 0; i < n; i++)
		drift_report_free(reports[i]);
	free(reports);
}

enum err_code promote_prepare(struct promotion *p,
			      const struct promote_world *w,
			      const char *if_current, struct err *err)
{
	struct registry_state now, holder;
	struct two_runs runs = { 0 };
	struct alert_set alerts = { 0 };
	struct promotion_facts facts = { .state = &now,
					 .now_ms = clock_utc_ms() };

	if (!has_registry(w, err) || look_both(p, w, &now, &holder, err) ||
	    read_runs(w, now.run_id, holder.run_id, &runs, err))
		return err->code;
	read_alerts(p, w, &alerts, &p->arena, &facts);
	if (runs.candidate)
		facts.candidate = runs.candidate->detail;
	if (runs.holder)
		facts.holder = runs.holder->detail;
	if (promotion_plan(p, &facts, if_current, err))
		err_prefix(err, "%s", w->conf->name);
	alert_set_clear(&alerts);
	batch_free(runs.candidate);
	batch_free(runs.holder);
	return err->code;
}

/* Settling takes a moment: it is waited for, since it would take our intent for
 * one that a crash left. */
static int hold_guard(const struct promote_world *w, struct err *err)
{
	int64_t until_ms = clock_mono_ms() + GUARD_WAIT_MS;
	int fd;

	for (;;) {
		err_clear(err);
		fd = state_guard(w->state, true, err);
		if (fd >= 0 || err->code != ERR_BUSY ||
		    cancel_is_due(w->stop) || clock_mono_ms() > until_ms)
			return fd;
		poll(NULL, 0, 10);
	}
}

void promote_run(struct protocol *act, const struct promote_world *w)
{
	struct err err = { 0 };
	struct protocol_env env = {
		.state = w->state,
		.ops = w->ops,
		.conf = w->conf,
		.permit = gate_permit(w->conf->name, &err),
		.stop = w->stop,
	};
	int fd = hold_guard(w, &err);

	if (fd < 0) {
		act->step = STEP_DONE;
		act->outcome = OUTCOME_FAILED;
		act->err = err;
		return;
	}
	while (protocol_step(act, &env))
		;
	close(fd);
}

/* ---- what a crash left ---- */

struct finding {
	const struct config *config;
};

static const struct system_ops *find_system(void *ctx, const char *source,
					    struct source_conf *conf)
{
	return source && *source ? system_of(((struct finding *)ctx)->config,
					     source, conf)
				 : NULL;
}

enum err_code promote_settle(const struct config *config, struct state *state,
			     const struct cancel *stop, struct arena *a,
			     const char **line, struct err *err)
{
	struct finding finding = { config };
	struct err busy = { 0 };
	int fd;

	*line = NULL;
	if (gate_is_closed(GATE_STATE))
		return ERR_OK;
	fd = state_guard(state, false, &busy);
	if (fd < 0)
		return ERR_OK; /* somebody is promoting this moment */
	if (settle_all(state, find_system, &finding, stop, a, line, err))
		err_prefix(err, "settling");
	close(fd);
	return err->code;
}
