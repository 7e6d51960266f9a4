/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The registry of an MLflow server. A search of the models names aliases,
 * stages and the newest versions, so it is made at every poll; versions are
 * read where it shows a change, and all of them now and then: their tags and
 * descriptions change without a trace in it. What it costs says how often. */
#include "config.h"

#include "mlflow_rest.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define VERSIONS_AGAIN_MS 60000
#define COST_FACTOR       20 /* times what it costs */
#define MAX_ONE_BY_ONE    16

#define MODELS_PATH   "registered-models/search?max_results=1000"
#define VERSIONS_PATH "model-versions/search?max_results=1000"

/* One reading: the models as the search gives them. */
struct reading {
	struct mlflow_rest *s;
	struct arena arena;
	struct model_facts *heads;
	uint64_t *stamps;
	size_t n, cap, cap_stamps;
};

static struct mlflow_rest_model *known_model(struct mlflow_rest *s,
					     const char *name)
{
	uint32_t number = intern_put(s->names, name);
	size_t had = s->cap_models;

	if (number >= had) {
		s->models = xgrow(s->models, &s->cap_models, number + 1,
				  sizeof(*s->models));
		memset(s->models + had, 0,
		       (s->cap_models - had) * sizeof(*s->models));
	}
	return &s->models[number];
}

/* ---- stamps -------------------------------------------------------------- */

static uint64_t add_tags(uint64_t h, const struct name_value *tags, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		h = mlflow_hash_text(h, tags[i].name);
		h = mlflow_hash_text(h, tags[i].value);
	}
	return h;
}

static uint64_t version_stamp(uint64_t h, const struct version_facts *v)
{
	h = mlflow_hash_text(h, v->version);
	h = mlflow_hash_text(h, v->status);
	h = mlflow_hash_text(h, v->stage);
	h = mlflow_hash_text(h, v->run_id);
	h = mlflow_hash_text(h, v->description);
	h = mlflow_hash_text(h, v->source_uri);
	h = mlflow_hash_int(h, v->updated_ms);
	return add_tags(h, v->tags, v->n_tags);
}

/* The newest version of each stage is in it too. */
static uint64_t head_stamp(const struct json *v, const struct model_facts *m,
			   struct arena *a)
{
	uint64_t h = mlflow_hash_text(MLFLOW_HASH_START, m->name);
	const struct json *latest = json_child(json_get(v, "latest_versions"));
	struct version_facts facts;
	const char *name;
	size_t i;

	h = mlflow_hash_text(h, m->description);
	h = mlflow_hash_int(h, m->updated_ms);
	h = add_tags(h, m->tags, m->n_tags);
	for (i = 0; i < m->n_aliases; i++) {
		h = mlflow_hash_text(h, m->aliases[i].alias);
		h = mlflow_hash_text(h, m->aliases[i].version);
	}
	for (; latest; latest = json_next(latest))
		if (mlflow_json_version(latest, a, &name, &facts))
			h = version_stamp(h, &facts);
	return h;
}

/* ---- reading ------------------------------------------------------------- */

static enum err_code take_models(const struct json *page, void *of,
				 struct err *err)
{
	const struct json *v = json_child(json_get(page, "registered_models"));
	struct reading *r = of;
	struct model_facts m;

	for (; v; v = json_next(v)) {
		if (!mlflow_json_model(v, &r->arena, &m))
			continue;
		known_model(r->s, m.name)->round = r->s->round;
		r->heads = xgrow(r->heads, &r->cap, r->n + 1, sizeof(m));
		r->stamps = xgrow(r->stamps, &r->cap_stamps, r->n + 1,
				  sizeof(*r->stamps));
		r->stamps[r->n] = head_stamp(v, &m, &r->arena);
		r->heads[r->n++] = m;
	}
	return err->code;
}

static void add_version(struct mlflow_rest_model *m,
			const struct version_facts *v)
{
	struct version_facts *bigger;

	/* Room doubles at each power of two. */
	if (!(m->n_versions & (m->n_versions - 1))) {
		bigger = arena_alloc(&m->arena, MAX(1, 2 * m->n_versions) *
							sizeof(*bigger));
		if (m->n_versions)
			memcpy(bigger, m->versions,
			       m->n_versions * sizeof(*bigger));
		m->versions = bigger;
	}
	m->versions[m->n_versions++] = *v;
}

/* Versions of models that are hidden have none to go to. */
static enum err_code take_versions(const struct json *page, void *of,
				   struct err *err)
{
	const struct json *v = json_child(json_get(page, "model_versions"));
	struct mlflow_rest *s = of;

	for (; v; v = json_next(v)) {
		const char *name = json_str(json_get(v, "name"), "");
		uint32_t number = intern_find(s->names, name);
		struct mlflow_rest_model *m;
		struct version_facts facts;

		if (!number)
			continue;
		m = &s->models[number];
		if (mlflow_json_version(v, &m->arena, &name, &facts))
			add_version(m, &facts);
	}
	return err->code;
}

static int highest_first(const void *x, const void *y)
{
	const struct version_facts *a = x, *b = y;
	int64_t m = strtoll(a->version, NULL, 10);
	int64_t n = strtoll(b->version, NULL, 10);

	return (m < n) - (m > n);
}

static void forget_versions(struct mlflow_rest_model *m)
{
	arena_clear(&m->arena);
	m->versions = NULL;
	m->aliases = NULL;
	m->n_versions = m->n_aliases = 0;
	m->head = 0;
}

/* What hands out runs asks for aliases later on. */
static void keep_aliases(struct mlflow_rest_model *m,
			 const struct model_facts *head)
{
	m->n_aliases = head->n_aliases;
	m->aliases = arena_alloc(&m->arena,
				 (m->n_aliases + 1) * sizeof(*m->aliases));
	for (size_t i = 0; i < m->n_aliases; i++) {
		m->aliases[i].alias =
			arena_strdup(&m->arena, head->aliases[i].alias);
		m->aliases[i].version =
			arena_strdup(&m->arena, head->aliases[i].version);
	}
}

static void versions_are_read(struct reading *r, size_t at)
{
	struct mlflow_rest_model *m = known_model(r->s, r->heads[at].name);

	keep_aliases(m, &r->heads[at]);
	if (m->n_versions)
		qsort(m->versions, m->n_versions, sizeof(*m->versions),
		      highest_first);
	m->stamp = MLFLOW_HASH_START;
	for (size_t i = 0; i < m->n_versions; i++)
		m->stamp = version_stamp(m->stamp, &m->versions[i]);
	m->head = r->stamps[at];
}

static enum err_code
read_all_versions(struct reading *r, const struct cancel *stop, struct err *err)
{
	struct mlflow_rest *s = r->s;
	int64_t began_ms = clock_mono_ms();
	size_t i;

	for (i = 0; i < s->cap_models; i++)
		forget_versions(&s->models[i]);
	if (mlflow_rest_pages(s->http, VERSIONS_PATH, take_versions, s, stop,
			      err))
		return err->code;
	for (i = 0; i < r->n; i++)
		versions_are_read(r, i);
	s->versions_mono_ms = clock_mono_ms();
	s->versions_cost_ms = s->versions_mono_ms - began_ms;
	return ERR_OK;
}

/* A name with both kinds of quotes has no way into MLflow's filters. */
static bool can_be_asked(const char *name)
{
	return !strchr(name, '\'') || !strchr(name, '"');
}

static enum err_code read_versions_of(struct reading *r, size_t i,
				      const struct cancel *stop,
				      struct err *err)
{
	const char *name = r->heads[i].name;
	struct buf path = BUF_INIT(0), filter = BUF_INIT(0);
	char quote = strchr(name, '\'') ? '"' : '\'';

	forget_versions(known_model(r->s, name));
	buf_adds(&path, VERSIONS_PATH);
	buf_addf(&filter, "name=%c%s%c", quote, name, quote);
	http_add_query(&path, "filter", buf_str(&filter));
	if (!mlflow_rest_pages(r->s->http, buf_str(&path), take_versions, r->s,
			       stop, err))
		versions_are_read(r, i);
	buf_release(&path);
	buf_release(&filter);
	return err->code;
}

static enum err_code read_changed(struct reading *r, const struct cancel *stop,
				  struct err *err)
{
	int64_t since_ms = clock_mono_ms() - r->s->versions_mono_ms;
	bool is_due = !r->s->versions_mono_ms ||
		      since_ms > MAX(VERSIONS_AGAIN_MS,
				     r->s->versions_cost_ms * COST_FACTOR);
	size_t n = 0, i;

	for (i = 0; i < r->n; i++) {
		if (known_model(r->s, r->heads[i].name)->head == r->stamps[i])
			continue;
		n++;
		is_due |= !can_be_asked(r->heads[i].name);
	}
	if (is_due || n > MAX_ONE_BY_ONE)
		return read_all_versions(r, stop, err);
	for (i = 0; i < r->n && !err->code; i++)
		if (known_model(r->s, r->heads[i].name)->head != r->stamps[i])
			if (read_versions_of(r, i, stop, err))
				break;
	return err->code;
}

static void hand_over(struct reading *r, struct batch *b)
{
	uint64_t stamp = MLFLOW_HASH_START;
	size_t i;

	for (i = 0; i < r->n; i++) {
		const struct mlflow_rest_model *m =
			known_model(r->s, r->heads[i].name);

		stamp = mlflow_hash_int(stamp, (int64_t)m->head);
		stamp = mlflow_hash_int(stamp, (int64_t)m->stamp);
		r->heads[i].versions = m->versions;
		r->heads[i].n_versions = m->n_versions;
	}
	if (stamp == r->s->registry_stamp)
		return;
	r->s->registry_stamp = stamp;
	b->has_registry = true;
	b->n_models_total = (int64_t)r->n;
	for (i = 0; i < r->n; i++)
		batch_add_model(b, &r->heads[i]);
}

static bool is_due(const struct mlflow_rest *s)
{
	int64_t since_ms = clock_mono_ms() - s->models_mono_ms;

	return !s->models_mono_ms ||
	       since_ms >= s->models_cost_ms * COST_FACTOR;
}

enum err_code mlflow_rest_read_models(struct mlflow_rest *s,
				      const struct cancel *stop,
				      struct batch *b, struct err *err)
{
	struct reading r = { .s = s };
	int64_t began_ms = clock_mono_ms();

	if (!is_due(s))
		return ERR_OK;
	s->round++;
	if (!mlflow_rest_pages(s->http, MODELS_PATH, take_models, &r, stop,
			       err)) {
		s->models_cost_ms = clock_mono_ms() - began_ms;
		if (!read_changed(&r, stop, err)) {
			hand_over(&r, b);
			s->models_mono_ms = clock_mono_ms();
		}
	}
	free(r.heads);
	free(r.stamps);
	arena_release(&r.arena);
	return err->code;
}
