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

static void read_on(struct config_reader *r, const struct yaml *map,
		    const char *at, struct gate_conf *g)
{
	const char *const *words = NULL;
	size_t n = 0;

	config_strings(r, map, at, "on", &words, &n);
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(words[i], "promote"))
			g->on |= GATE_ON_PROMOTE;
		else if (!strcmp(words[i], "rollback"))
			g->on |= GATE_ON_ROLLBACK;
		else
			config_fail(r, yaml_get(map, "on"), at,
				    "on is promote or rollback, not \"%s\"",
				    words[i]);
	}
	if (!g->on)
		g->on = GATE_ON_PROMOTE;
}

static void read_metric(struct config_reader *r, const struct yaml *map,
			const char *at, struct gate_conf *g)
{
	const char *vs = NULL;

	config_str(r, map, at, "metric", &g->metric);
	config_double(r, map, at, "min", &g->min);
	config_double(r, map, at, "max", &g->max);
	config_double(r, map, at, "by", &g->by);
	config_bool(r, map, at, "same_data", &g->same_data);
	config_str(r, map, at, "vs", &vs);
	g->has_min = yaml_get(map, "min") != NULL;
	g->has_max = yaml_get(map, "max") != NULL;
	if (vs && strcmp(vs, "champion"))
		config_fail(r, yaml_get(map, "vs"), at,
			    "vs is champion, not \"%s\"", vs);
	g->is_vs_holder = vs != NULL;
	g->goal = config_metric_goal(r->c, g->metric);
	/* A bound on one side alone says where better is. A guess beyond that
	 * would let a worse version pass: the gate fails, and says why. */
	if (!g->goal && g->has_min != g->has_max)
		g->goal = g->has_min ? 1 : -1;
	if (!g->has_min && !g->has_max && !g->is_vs_holder)
		config_fail(r, map, at,
			    "a metric gate asks for min, max or vs: champion");
}

static void read_gate(struct config_reader *r, const struct yaml *map,
		      const char *at, struct gate_conf *g)
{
	size_t k = 0;

	config_check_keys(r, map, at, gate_keys, ARRAY_LEN(gate_keys));
	while (k < ARRAY_LEN(kinds) && !yaml_get(map, kinds[k].key))
		k++;
	if (k == ARRAY_LEN(kinds)) {
		config_fail(r, map, at, "this gate asks for nothing");
		return;
	}
	g->kind = kinds[k].kind;
	g->what = kinds[k].key;
	read_on(r, map, at, g);
	if (g->kind == GATE_METRIC)
		read_metric(r, map, at, g);
}

static void read_set(struct config_reader *r, const struct yaml *map,
		     struct config_gates *out)
{
	const char *at = config_path(r, "gates", out->name);
	size_t n = config_entries(r, map, at, "GATE: {...}");
	struct gate_conf *all = arena_alloc(&r->c->arena, n * sizeof(*all));

	for (size_t i = 0; i < n; i++) {
		all[i].name = arena_strdup(&r->c->arena, yaml_key_at(map, i));
		all[i].metric = "";
		read_gate(r, yaml_at(map, i), config_path(r, at, all[i].name),
			  &all[i]);
	}
	out->gates = all;
	out->n = n;
}

void config_read_gates(struct config_reader *r, const struct yaml *map)
{
	struct config *c = r->c;
	size_t n = config_entries(r, map, "gates", "NAME: {GATE: {...}}");
	struct config_gates *all = arena_alloc(&c->arena, n * sizeof(*all));

	for (size_t i = 0; i < n; i++) {
		all[i].name = arena_strdup(&c->arena, yaml_key_at(map, i));
		read_set(r, yaml_at(map, i), &all[i]);
	}
	c->gates = all;
	c->n_gates = n;
}
