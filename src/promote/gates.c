/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "promote/gates.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/human.h"
#include "model/metric.h"

bool run_detail_metric(const struct run_detail *d, const char *name,
		       double *out)
{
	for (size_t i = 0; d && i < d->n_metrics; i++) {
		if (strcmp(d->metrics[i].name, name))
			continue;
		*out = d->metrics[i].value;
		return true;
	}
	return false;
}

/* Only data of evaluation tells where a metric was measured: training data,
 * and data nobody said the use of, do not. */
static bool counts(const struct dataset_facts *d)
{
	return metric_is_validation(d->context);
}

static bool has_dataset(const struct run_detail *d,
			const struct dataset_facts *set)
{
	for (size_t i = 0; i < d->n_datasets; i++)
		if (counts(&d->datasets[i]) &&
		    !strcmp(d->datasets[i].name, set->name) &&
		    !strcmp(d->datasets[i].digest, set->digest))
			return true;
	return false;
}

static bool all_in(const struct run_detail *x, const struct run_detail *y,
		   const struct dataset_facts **one)
{
	for (size_t i = 0; i < x->n_datasets; i++) {
		if (!counts(&x->datasets[i]))
			continue;
		*one = &x->datasets[i];
		if (!has_dataset(y, &x->datasets[i]))
			return false;
	}
	return *one != NULL;
}

bool run_detail_same_data(const struct run_detail *x,
			  const struct run_detail *y, struct arena *a,
			  const char **what)
{
	const struct dataset_facts *one = NULL;

	*what = "no common evaluation data";
	if (!x || !y || !all_in(x, y, &one) || !all_in(y, x, &one))
		return false;
	*what = arena_printf(a, "%s #%.4s", one->name, one->digest);
	return true;
}

static const char *number(struct arena *a, double v)
{
	char out[HUMAN_MAX];

	return arena_strdup(a, human_number(out, v, 4));
}

/* ---- metric ---- */

static const char *metric_asks(const struct gate_conf *g, struct arena *a)
{
	struct buf out = BUF_INIT(300);
	const char *text;

	if (g->has_min)
		buf_addf(&out, "at least %s", number(a, g->min));
	if (g->has_max)
		buf_addf(&out, "%sat most %s", out.len ? ", " : "",
			 number(a, g->max));
	if (g->is_vs_holder && g->by > 0)
		buf_addf(&out, "%s%s %s champion", out.len ? ", " : "",
			 number(a, g->by),
			 !g->goal      ? "better than"
			 : g->goal > 0 ? "above"
				       : "below");
	else if (g->is_vs_holder && g->by < 0)
		buf_addf(&out, "%sat most %s worse than champion",
			 out.len ? ", " : "", number(a, -g->by));
	else if (g->is_vs_holder)
		buf_addf(&out, "%snot worse than champion",
			 out.len ? ", " : "");
	if (g->same_data)
		buf_adds(&out, ", same data");
	text = arena_printf(a, "%s %s", g->metric, buf_str(&out));
	buf_release(&out);
	return text;
}

static void fail(struct gate_result *out, const char *evidence)
{
	out->is_passed = false;
	out->evidence = evidence;
}

/* Against the version that holds the alias now. */
static void against_holder(const struct gate_conf *g,
			   const struct gate_evidence *e, double value,
			   struct arena *a, struct gate_result *out)
{
	const char *data = "";
	double old, bound;

	if (!*e->holder_version) {
		out->evidence = arena_printf(a, "%s, nobody holds the alias",
					     number(a, value));
		return;
	}
	if (!run_detail_metric(e->holder, g->metric, &old)) {
		fail(out, arena_printf(a, "v%s has no %s", e->holder_version,
				       g->metric));
		return;
	}
	if (!g->goal) {
		fail(out, arena_printf(a,
				       "whether more or less of %s is better "
				       "is not known: say its goal under "
				       "metrics in the config",
				       g->metric));
		return;
	}
	if (g->same_data &&
	    !run_detail_same_data(e->candidate, e->holder, a, &data)) {
		fail(out, data);
		return;
	}
	bound = old + g->by * g->goal;
	/* Twelve digits: 0.979 + 0.002 is not above 0.981. */
	out->is_passed = out->is_passed &&
			 (value - bound) * g->goal >= -1e-12 * fabs(bound);
	out->evidence =
		arena_printf(a, "%s %s %s%s%s", number(a, value),
			     g->goal > 0 ? (out->is_passed ? "≥" : "<")
					 : (out->is_passed ? "≤" : ">"),
			     number(a, bound), *data ? "  on " : "", data);
}

static void ask_metric(const struct gate_conf *g, const struct gate_evidence *e,
		       struct arena *a, struct gate_result *out)
{
	double value;

	out->asks = metric_asks(g, a);
	out->from = e->candidate
			    ? arena_printf(a, "run %s", e->candidate->run.name)
			    : "";
	if (!run_detail_metric(e->candidate, g->metric, &value)) {
		fail(out, e->candidate ? arena_printf(a, "its run has no %s",
						      g->metric)
				       : "its run is not known");
		return;
	}
	if (!isfinite(value)) {
		fail(out, number(a, value));
		return;
	}
	out->is_passed = (!g->has_min || value >= g->min) &&
			 (!g->has_max || value <= g->max);
	if (!out->is_passed)
		out->evidence = arena_printf(
			a, "%s %s %s", number(a, value),
			g->has_min && value < g->min ? "<" : ">",
			number(a,
			       g->has_min && value < g->min ? g->min : g->max));
	else
		out->evidence = number(a, value);
	if (out->is_passed && g->is_vs_holder)
		against_holder(g, e, value, a, out);
}

/* ---- alerts ---- */

static void ask_alerts(const struct gate_conf *g, const struct gate_evidence *e,
		       struct arena *a, struct gate_result *out)
{
	(void)g;
	out->asks = "no firing alert of this version";
	out->from = "alerts";
	out->evidence = "none fires";
	out->is_passed = true;
	if (!e->alerts) {
		fail(out, "alerts are not known: the state folder cannot be "
			  "read");
		return;
	}
	if (e->unwatched) {
		fail(out, e->unwatched);
		return;
	}
	for (size_t i = 0; i < e->alerts->n; i++) {
		const struct alert *al = &e->alerts->alerts[i];

		if (al->state != ALERT_FIRING || strcmp(al->model, e->model) ||
		    strcmp(al->version, e->version) ||
		    (*al->source && strcmp(al->source, e->source)))
			continue;
		fail(out,
		     arena_printf(a, "%s %s %.2f > %.2f", al->column,
				  al->statistic, al->value, al->threshold));
		return;
	}
}

/* ---- of the contract, not of this version ---- */

static void ask_unsupported(const struct gate_conf *g,
			    const struct gate_evidence *e, struct arena *a,
			    struct gate_result *out)
{
	(void)e;
	out->asks = g->what;
	out->from = "";
	fail(out, arena_printf(a, "this version cannot test %s", g->what));
}

static void (*const kinds[])(const struct gate_conf *,
			     const struct gate_evidence *, struct arena *,
			     struct gate_result *) = {
	[GATE_METRIC] = ask_metric,
	[GATE_ALERTS] = ask_alerts,
	[GATE_UNSUPPORTED] = ask_unsupported,
};

void gate_evaluate(const struct gate_conf *conf,
		   const struct gate_evidence *evidence, struct arena *a,
		   struct gate_result *out)
{
	memset(out, 0, sizeof(*out));
	out->name = arena_strdup(a, conf->name);
	kinds[conf->kind](conf, evidence, a, out);
}

void gates_digest(const struct gate_conf *gates, size_t n, char out[SHA256_HEX])
{
	struct buf text = BUF_INIT(1 << 20);

	for (size_t i = 0; i < n; i++) {
		const struct gate_conf *g = &gates[i];

		buf_addf(&text,
			 "%s|%d|%s|%u|%s|%d %.17g|%d %.17g|%d %.17g|%d|"
			 "%d\n",
			 g->name, (int)g->kind, g->what ? g->what : "", g->on,
			 g->metric ? g->metric : "", g->has_min, g->min,
			 g->has_max, g->max, g->is_vs_holder, g->by,
			 g->same_data, g->goal);
	}
	digest_sha256(buf_str(&text), text.len, out);
	buf_release(&text);
}
