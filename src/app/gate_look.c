/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/gate_look.h"

#include <string.h>

#include "app/promote_work.h"
#include "app/unwatched.h"
#include "base/clock.h"

/* A run that is not there is evidence that is missing; one that is on its way
 * is waited for. */
static bool run_of(struct app *app, uint16_t source,
		   const struct version_facts *v, const struct run_detail **out)
{
	struct err err = { 0 };

	*out = NULL;
	if (!v || !v->run_id || !*v->run_id)
		return true;
	*out = app_detail(app, source, v->run_id, &err);
	return *out || err.code;
}

bool gate_look_at(struct app *app, const struct reg_entry *entry,
		  const struct version_facts *candidate,
		  const struct version_facts *holder, const char *alias,
		  struct arena *a, struct gate_look *out)
{
	const struct model *m = app_model(app);
	const char *source = m->sources[entry->source].name;
	struct promotion_ask ask =
		promote_ask(app_config(app), source, entry->model->name,
			    candidate->version, alias, NULL, false, NULL);
	struct gate_evidence e = {
		.source = source,
		.model = entry->model->name,
		.version = candidate->version,
		.holder_version = holder ? holder->version : "",
		.alerts = &m->alerts,
		.unwatched = unwatched_why(
			app_config(app), &m->alerts, m->reports, m->n_reports,
			source, entry->model->name, clock_utc_ms(), a),
	};

	memset(out, 0, sizeof(*out));
	if (!run_of(app, entry->source, candidate, &e.candidate) ||
	    !run_of(app, entry->source, holder, &e.holder))
		return false;
	for (size_t i = 0; i < ask.n_gates; i++) {
		struct gate_result r;

		if (!(ask.gates[i].on & GATE_ON_PROMOTE))
			continue;
		gate_evaluate(&ask.gates[i], &e, a, &r);
		out->n++;
		out->n_passed += r.is_passed;
		if (r.is_passed || out->blocker)
			continue;
		out->blocker = r.name;
		out->evidence = r.evidence;
	}
	return true;
}
