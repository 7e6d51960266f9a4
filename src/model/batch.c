/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const char *const status_names[] = {
	[RUN_UNKNOWN] = "UNKNOWN", [RUN_SCHEDULED] = "SCHEDULED",
	[RUN_RUNNING] = "RUNNING", [RUN_FINISHED] = "FINISHED",
	[RUN_FAILED] = "FAILED",   [RUN_KILLED] = "KILLED",
};

const char *run_status_name(enum run_status s)
{
	return (size_t)s < ARRAY_LEN(status_names) ? status_names[s]
						   : status_names[0];
}

enum run_status run_status_parse(const char *name)
{
	size_t i;

	for (i = 0; name && i < ARRAY_LEN(status_names); i++)
		if (!strcmp(name, status_names[i]))
			return (enum run_status)i;
	return RUN_UNKNOWN;
}

struct batch *batch_new(void)
{
	struct batch *b = xcalloc(1, sizeof(*b));

	b->read_utc_ms = TIME_NONE;
	b->n_runs_total = b->n_models_total = -1;
	return b;
}

void batch_free(struct batch *b)
{
	if (!b)
		return;
	arena_release(&b->arena);
	free(b);
}

/* Room for one more; what is outgrown stays in the arena, less in all than
 * what replaced it. */
static void *grow(struct batch *b, void *items, size_t n, size_t *cap,
		  size_t size)
{
	void *bigger;

	if (n < *cap)
		return items;
	*cap = *cap ? *cap * 2 : 16;
	bigger = arena_alloc(&b->arena, *cap * size);
	if (n)
		memcpy(bigger, items, n * size);
	return bigger;
}

#define GROW(b, what)                                                          \
	((b)->what = grow(b, (b)->what, (b)->n_##what, &(b)->cap_##what,       \
			  sizeof(*(b)->what)))

static const char *keep(struct batch *b, const char *s)
{
	return arena_strdup(&b->arena, s);
}

static void *keep_array(struct batch *b, const void *items, size_t n,
			size_t size)
{
	void *copy;

	if (!n)
		return NULL;
	copy = arena_alloc(&b->arena, n * size);
	memcpy(copy, items, n * size);
	return copy;
}

uint32_t batch_add_experiment(struct batch *b,
			      const struct experiment_facts *facts)
{
	struct experiment_facts *e;

	GROW(b, experiments);
	e = &b->experiments[b->n_experiments];
	*e = *facts;
	e->id = keep(b, facts->id);
	e->name = keep(b, facts->name);
	e->primary_metric = keep(b, facts->primary_metric);
	return (uint32_t)b->n_experiments++;
}

uint32_t batch_add_run(struct batch *b, const struct run_facts *run)
{
	struct run_facts *r;

	GROW(b, runs);
	r = &b->runs[b->n_runs];
	*r = *run;
	r->id = keep(b, run->id);
	r->name = keep(b, run->name);
	r->experiment_id = keep(b, run->experiment_id);
	r->user = keep(b, run->user);
	r->parent_id = keep(b, run->parent_id);
	return (uint32_t)b->n_runs++;
}

uint32_t batch_add_known_run(struct batch *b, const char *run_id)
{
	GROW(b, runs);
	b->runs[b->n_runs] = (struct run_facts){
		.id = keep(b, run_id),
		.is_known = true,
		.start_ms = TIME_NONE,
		.end_ms = TIME_NONE,
	};
	return (uint32_t)b->n_runs++;
}

void batch_add_gone(struct batch *b, const char *run_id)
{
	GROW(b, gone);
	b->gone[b->n_gone++] = keep(b, run_id);
}

static uint32_t key_hash(enum value_kind kind, const char *name)
{
	uint32_t h = 2166136261u + (uint32_t)kind;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return h;
}

/* The slot that holds the key, or the free one where it belongs. */
static uint32_t *key_slot(struct batch *b, enum value_kind kind,
			  const char *name)
{
	size_t mask = b->n_key_slots - 1;
	size_t i = key_hash(kind, name) & mask;

	while (b->key_slots[i]) {
		const struct value_key *k = &b->keys[b->key_slots[i] - 1];

		if (k->kind == kind && !strcmp(k->name, name))
			break;
		i = (i + 1) & mask;
	}
	return &b->key_slots[i];
}

static void grow_key_slots(struct batch *b)
{
	size_t i;

	b->n_key_slots = b->n_key_slots ? b->n_key_slots * 4 : 64;
	b->key_slots =
		arena_alloc(&b->arena, b->n_key_slots * sizeof(*b->key_slots));
	for (i = 0; i < b->n_keys; i++)
		*key_slot(b, b->keys[i].kind, b->keys[i].name) =
			(uint32_t)i + 1;
}

uint32_t batch_key(struct batch *b, enum value_kind kind, const char *name)
{
	uint32_t *slot;

	if (b->n_keys * 2 >= b->n_key_slots)
		grow_key_slots(b);
	slot = key_slot(b, kind, name);
	if (*slot)
		return *slot - 1;
	GROW(b, keys);
	b->keys[b->n_keys] = (struct value_key){ kind, keep(b, name) };
	*slot = (uint32_t)++b->n_keys;
	return *slot - 1;
}

static struct run_value *add_value(struct batch *b, uint32_t run, uint32_t key)
{
	struct run_value *v;

	BUG_ON(run >= b->n_runs || key >= b->n_keys);
	GROW(b, values);
	v = &b->values[b->n_values++];
	v->run = run;
	v->key = key;
	return v;
}

void batch_add_number(struct batch *b, uint32_t run, uint32_t key, double v)
{
	add_value(b, run, key)->number = v;
}

void batch_add_text(struct batch *b, uint32_t run, uint32_t key,
		    const char *text)
{
	add_value(b, run, key)->text = keep(b, text);
}

void batch_add_series(struct batch *b, const struct series_facts *series)
{
	struct series_facts *s;

	GROW(b, series);
	s = &b->series[b->n_series++];
	*s = *series;
	s->run_id = keep(b, series->run_id);
	s->metric = keep(b, series->metric);
	s->points = keep_array(b, series->points, series->n_points,
			       sizeof(*series->points));
}

void batch_add_count(struct batch *b, const struct metric_count *count)
{
	struct metric_count *c;

	GROW(b, counts);
	c = &b->counts[b->n_counts++];
	*c = *count;
	c->experiment_id = keep(b, count->experiment_id);
	c->metric = keep(b, count->metric);
}

void batch_add_name(struct batch *b, enum value_kind kind, const char *name)
{
	struct batch_names *list = &b->names[kind];

	list->all = grow(b, list->all, list->n, &list->cap, sizeof(*list->all));
	list->all[list->n++] = keep(b, name);
}

static const struct name_value *
keep_pairs(struct batch *b, const struct name_value *pairs, size_t n)
{
	struct name_value *copy = keep_array(b, pairs, n, sizeof(*pairs));
	size_t i;

	for (i = 0; i < n; i++) {
		copy[i].name = keep(b, pairs[i].name);
		copy[i].value = keep(b, pairs[i].value);
	}
	return copy;
}

static const struct alias_facts *keep_aliases(struct batch *b,
					      const struct model_facts *m)
{
	struct alias_facts *copy =
		keep_array(b, m->aliases, m->n_aliases, sizeof(*m->aliases));
	size_t i;

	for (i = 0; i < m->n_aliases; i++) {
		copy[i].alias = keep(b, m->aliases[i].alias);
		copy[i].version = keep(b, m->aliases[i].version);
	}
	return copy;
}

static const struct version_facts *keep_versions(struct batch *b,
						 const struct model_facts *m)
{
	struct version_facts *copy =
		keep_array(b, m->versions, m->n_versions, sizeof(*m->versions));
	size_t i;

	for (i = 0; i < m->n_versions; i++) {
		struct version_facts *v = &copy[i];

		v->version = keep(b, v->version);
		v->status = keep(b, v->status);
		v->stage = keep(b, v->stage);
		v->run_id = keep(b, v->run_id);
		v->description = keep(b, v->description);
		v->source_uri = keep(b, v->source_uri);
		v->tags = keep_pairs(b, v->tags, v->n_tags);
	}
	return copy;
}

void batch_add_model(struct batch *b, const struct model_facts *model)
{
	struct model_facts *m;

	GROW(b, models);
	m = &b->models[b->n_models++];
	*m = *model;
	m->name = keep(b, model->name);
	m->description = keep(b, model->description);
	m->tags = keep_pairs(b, model->tags, model->n_tags);
	m->aliases = keep_aliases(b, model);
	m->versions = keep_versions(b, model);
}

const char *value_kind_name(enum value_kind kind)
{
	static const char *const names[N_NAMED_KINDS] = {
		[VALUE_METRIC] = "metric",
		[VALUE_PARAM] = "param",
		[VALUE_TAG] = "tag",
	};

	BUG_ON(kind >= N_NAMED_KINDS);
	return names[kind];
}
