/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/mem.h"
#include "config_read.h"

/* Keys that say what a gate is; the first one found decides. */
static const struct {
	const char *key;
	enum gate_kind kind;
} kinds[] = {
	{ "approvals", GATE_UNSUPPORTED }, { "runs", GATE_UNSUPPORTED },
	{ "monitor", GATE_UNSUPPORTED },   { "open", GATE_UNSUPPORTED },
	{ "freeze", GATE_UNSUPPORTED },    { "command", GATE_UNSUPPORTED },
	{ "metric", GATE_METRIC },         { "alerts", GATE_ALERTS },
};

static const struct config_known gate_keys[] = {
	{ "metric", false },   { "min", false },    { "max", false },
	{ "vs", false },       { "by", false },     { "same_data", false },
	{ "alerts", false },   { "on", false },     { "runs", true },
	{ "within", true },    { "monitor", true }, { "of", true },
	{ "approvals", true }, { "not", true },     { "signers", true },
	{ "expires", true },   { "open", true },    { "tz", true },
	{ "freeze", true },    { "command", true }, { "deadline", true },
};

static bool read_on(struct config_reader *r, const struct yaml *map,
		    const char *at, struct gate_conf *g)
{
	const char *const *words = NULL;
	size_t n = 0;

	if (!config_strings(r, map, at, "on", &words, &n))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(words[i], "promote"))
			g->on |= GATE_ON_PROMOTE;
		else if (!strcmp(words[i], "rollback"))
			g->on |= GATE_ON_ROLLBACK;
		else
			return config_fail(r, yaml_get(map, "on"), at,
					   "on is promote or rollback, not "
					   "\"%s\"",
					   words[i]);
	}
	if (!g->on)
		g->on = GATE_ON_PROMOTE;
	return true;
}

static bool read_metric(struct config_reader *r, const struct yaml *map,
			const char *at, struct gate_conf *g)
{
	const char *vs = NULL;

	if (!config_str(r, map, at, "metric", &g->metric) ||
	    !config_double(r, map, at, "min", &g->min) ||
	    !config_double(r, map, at, "max", &g->max) ||
	    !config_double(r, map, at, "by", &g->by) ||
	    !config_bool(r, map, at, "same_data", &g->same_data) ||
	    !config_str(r, map, at, "vs", &vs))
		return false;
	g->has_min = yaml_get(map, "min") != NULL;
	g->has_max = yaml_get(map, "max") != NULL;
	if (vs && strcmp(vs, "champion"))
		return config_fail(r, yaml_get(map, "vs"), at,
				   "vs is champion, not \"%s\"", vs);
	g->is_vs_holder = vs != NULL;
	g->goal = config_metric_goal(r->c, g->metric);
	/* A bound on one side alone says where better is. A guess beyond that
	 * would let a worse version pass: the gate fails, and says why. */
	if (!g->goal && g->has_min != g->has_max)
		g->goal = g->has_min ? 1 : -1;
	if (!g->has_min && !g->has_max && !g->is_vs_holder)
		return config_fail(r, map, at,
				   "a metric gate asks for min, max or vs: "
				   "champion");
	return true;
}

static bool read_gate(struct config_reader *r, const struct yaml *map,
		      const char *at, struct gate_conf *g)
{
	size_t k = 0;

	if (!config_check_keys(r, map, at, gate_keys, ARRAY_LEN(gate_keys)))
		return false;
	while (k < ARRAY_LEN(kinds) && !yaml_get(map, kinds[k].key))
		k++;
	if (k == ARRAY_LEN(kinds))
		return config_fail(r, map, at, "this gate asks for nothing");
	g->kind = kinds[k].kind;
	g->what = kinds[k].key;
	if (!read_on(r, map, at, g))
		return false;
	return g->kind != GATE_METRIC || read_metric(r, map, at, g);
}

static bool read_set(struct config_reader *r, const struct yaml *map,
		     struct config_gates *out)
{
	const char *at = config_path(r, "gates", out->name);
	struct gate_conf *all;
	size_t n = yaml_count(map);

	if (yaml_kind(map) != YAML_MAP)
		return config_fail(r, map, at, "expected GATE: {...}");
	all = arena_alloc(&r->c->arena, n * sizeof(*all));
	for (size_t i = 0; i < n; i++) {
		all[i].name = arena_strdup(&r->c->arena, yaml_key_at(map, i));
		all[i].metric = "";
		if (!read_gate(r, yaml_at(map, i),
			       config_path(r, at, all[i].name), &all[i]))
			return false;
	}
	out->gates = all;
	out->n = n;
	return true;
}

bool config_read_gates(struct config_reader *r, const struct yaml *map)
{
	struct config *c = r->c;
	struct config_gates *all;
	size_t n = yaml_count(map);

	if (!map)
		return true;
	if (yaml_kind(map) != YAML_MAP)
		return config_fail(r, map, "gates",
				   "expected NAME: {GATE: "
				   "{...}}");
	all = arena_alloc(&c->arena, n * sizeof(*all));
	for (size_t i = 0; i < n; i++) {
		all[i].name = arena_strdup(&c->arena, yaml_key_at(map, i));
		if (!read_set(r, yaml_at(map, i), &all[i]))
			return false;
	}
	c->gates = all;
	c->n_gates = n;
	return true;
}
