/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/registry.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"

/* A source's registry lies in one arena of its own, and is made anew as a
 * whole when anything in it is different. */
struct part {
	uint16_t source;
	struct arena arena;
	size_t n;
	struct model_facts *models; /* by name */
};

struct registry {
	struct part **parts; /* by source */
	size_t n_parts, cap_parts;
	struct reg_entry *entries;
	size_t n_entries, cap_entries;
};

struct registry *registry_new(void)
{
	return xcalloc(1, sizeof(struct registry));
}

static void part_free(struct part *p)
{
	arena_release(&p->arena);
	free(p);
}

void registry_free(struct registry *reg)
{
	size_t i;

	if (!reg)
		return;
	for (i = 0; i < reg->n_parts; i++)
		part_free(reg->parts[i]);
	free(reg->parts);
	free(reg->entries);
	free(reg);
}

/* ---- copying ------------------------------------------------------------- */

static const char *copy(struct arena *a, const char *s)
{
	return arena_strdup(a, s ? s : "");
}

static const struct name_value *
copy_tags(struct arena *a, const struct name_value *tags, size_t n)
{
	struct name_value *out = arena_alloc(a, (n + 1) * sizeof(*out));
	size_t i;

	for (i = 0; i < n; i++) {
		out[i].name = copy(a, tags[i].name);
		out[i].value = copy(a, tags[i].value);
	}
	return out;
}

static const struct version_facts *copy_versions(struct arena *a,
						 const struct model_facts *m)
{
	struct version_facts *out =
		arena_alloc(a, (m->n_versions + 1) * sizeof(*out));
	const struct version_facts *v;
	size_t i;

	for (i = 0; i < m->n_versions; i++) {
		v = &m->versions[i];
		out[i] = *v;
		out[i].version = copy(a, v->version);
		out[i].status = copy(a, v->status);
		out[i].stage = copy(a, v->stage);
		out[i].run_id = copy(a, v->run_id);
		out[i].description = copy(a, v->description);
		out[i].source_uri = copy(a, v->source_uri);
		out[i].tags = copy_tags(a, v->tags, v->n_tags);
	}
	return out;
}

static void copy_model(struct arena *a, const struct model_facts *m,
		       struct model_facts *out)
{
	struct alias_facts *aliases =
		arena_alloc(a, (m->n_aliases + 1) * sizeof(*aliases));
	size_t i;

	*out = *m;
	out->name = copy(a, m->name);
	out->description = copy(a, m->description);
	out->tags = copy_tags(a, m->tags, m->n_tags);
	for (i = 0; i < m->n_aliases; i++) {
		aliases[i].alias = copy(a, m->aliases[i].alias);
		aliases[i].version = copy(a, m->aliases[i].version);
	}
	out->aliases = aliases;
	out->versions = copy_versions(a, m);
}

static int by_name(const void *a, const void *b)
{
	const struct model_facts *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static struct part *part_new(const struct batch *b)
{
	struct part *p = xcalloc(1, sizeof(*p));
	size_t i;

	p->source = b->source;
	p->n = b->n_models;
	p->models = arena_alloc(&p->arena, (p->n + 1) * sizeof(*p->models));
	for (i = 0; i < p->n; i++)
		copy_model(&p->arena, &b->models[i], &p->models[i]);
	qsort(p->models, p->n, sizeof(*p->models), by_name);
	return p;
}

/* ---- comparing ----------------------------------------------------------- */

static bool same_tags(const struct name_value *a, size_t na,
		      const struct name_value *b, size_t nb)
{
	size_t i;

	if (na != nb)
		return false;
	for (i = 0; i < na; i++)
		if (strcmp(a[i].name, b[i].name) ||
		    strcmp(a[i].value, b[i].value))
			return false;
	return true;
}

static bool same_version(const struct version_facts *a,
			 const struct version_facts *b)
{
	return a->created_ms == b->created_ms &&
	       a->updated_ms == b->updated_ms &&
	       !strcmp(a->version, b->version) &&
	       !strcmp(a->status, b->status) && !strcmp(a->stage, b->stage) &&
	       !strcmp(a->run_id, b->run_id) &&
	       !strcmp(a->description, b->description) &&
	       !strcmp(a->source_uri, b->source_uri) &&
	       same_tags(a->tags, a->n_tags, b->tags, b->n_tags);
}

static bool same_model(const struct model_facts *a, const struct model_facts *b)
{
	size_t i;

	if (strcmp(a->name, b->name) || strcmp(a->description, b->description))
		return false;
	if (a->n_aliases != b->n_aliases || a->n_versions != b->n_versions ||
	    a->created_ms != b->created_ms || a->updated_ms != b->updated_ms)
		return false;
	for (i = 0; i < a->n_aliases; i++)
		if (strcmp(a->aliases[i].alias, b->aliases[i].alias) ||
		    strcmp(a->aliases[i].version, b->aliases[i].version))
			return false;
	for (i = 0; i < a->n_versions; i++)
		if (!same_version(&a->versions[i], &b->versions[i]))
			return false;
	return same_tags(a->tags, a->n_tags, b->tags, b->n_tags);
}

static bool same_part(const struct part *a, const struct part *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (!same_model(&a->models[i], &b->models[i]))
			return false;
	return true;
}

/* ---- the whole ----------------------------------------------------------- */

static void list_anew(struct registry *reg)
{
	size_t i, k;

	reg->n_entries = 0;
	for (i = 0; i < reg->n_parts; i++) {
		reg->entries = xgrow(reg->entries, &reg->cap_entries,
				     reg->n_entries + reg->parts[i]->n + 1,
				     sizeof(*reg->entries));
		for (k = 0; k < reg->parts[i]->n; k++)
			reg->entries[reg->n_entries++] =
				(struct reg_entry){ reg->parts[i]->source,
						    &reg->parts[i]->models[k] };
	}
}

/* The place of the source's part: where it stands, or would. */
static size_t place_of(const struct registry *reg, uint16_t source)
{
	size_t i = 0;

	while (i < reg->n_parts && reg->parts[i]->source < source)
		i++;
	return i;
}

static bool has_part(const struct registry *reg, size_t at, uint16_t source)
{
	return at < reg->n_parts && reg->parts[at]->source == source;
}

bool registry_apply(struct registry *reg, const struct batch *b)
{
	size_t at = place_of(reg, b->source);
	struct part *p;

	if (!b->has_registry)
		return false;
	p = part_new(b);
	if (has_part(reg, at, b->source)) {
		if (same_part(reg->parts[at], p)) {
			part_free(p);
			return false;
		}
		part_free(reg->parts[at]);
	} else {
		reg->parts = xgrow(reg->parts, &reg->cap_parts,
				   reg->n_parts + 1, sizeof(struct part *));
		memmove(&reg->parts[at + 1], &reg->parts[at],
			(reg->n_parts - at) * sizeof(struct part *));
		reg->n_parts++;
	}
	reg->parts[at] = p;
	list_anew(reg);
	return true;
}

void registry_forget_source(struct registry *reg, uint16_t source)
{
	size_t at = place_of(reg, source);

	if (!has_part(reg, at, source))
		return;
	part_free(reg->parts[at]);
	reg->n_parts--;
	memmove(&reg->parts[at], &reg->parts[at + 1],
		(reg->n_parts - at) * sizeof(struct part *));
	list_anew(reg);
}

bool registry_has_source(const struct registry *reg, uint16_t source)
{
	return has_part(reg, place_of(reg, source), source);
}

size_t registry_count(const struct registry *reg)
{
	return reg->n_entries;
}

const struct reg_entry *registry_at(const struct registry *reg, size_t i)
{
	BUG_ON(i >= reg->n_entries);
	return &reg->entries[i];
}

enum err_code registry_find(const struct registry *reg, int source,
			    const char *name, const struct reg_entry **out,
			    struct err *err)
{
	const struct reg_entry *e, *hit = NULL;
	size_t i;

	for (i = 0; i < reg->n_entries; i++) {
		e = &reg->entries[i];
		if ((source >= 0 && e->source != source) ||
		    strcmp(e->model->name, name))
			continue;
		if (hit)
			return err_set(err, ERR_MANY,
				       "more than one source has a model "
				       "'%.80s': say SOURCE:MODEL",
				       name);
		hit = e;
	}
	if (!hit)
		return err_set(err, ERR_ABSENT, "no model '%.80s'", name);
	*out = hit;
	return ERR_OK;
}

/* ---- versions ------------------------------------------------------------ */

static const struct version_facts *find_version(const struct model_facts *m,
						const char *version)
{
	size_t i;

	for (i = 0; i < m->n_versions; i++)
		if (!strcmp(m->versions[i].version, version))
			return &m->versions[i];
	return NULL;
}

const struct version_facts *registry_holder(const struct model_facts *m,
					    const char *alias)
{
	size_t i;

	for (i = 0; i < m->n_aliases; i++)
		if (!strcmp(m->aliases[i].alias, alias))
			return find_version(m, m->aliases[i].version);
	return NULL;
}

static enum err_code by_alias(const struct model_facts *m, const char *alias,
			      const struct version_facts **out, struct err *err)
{
	*out = registry_holder(m, alias);
	if (!*out)
		return err_set(err, ERR_ABSENT, "%.60s: no version is @%.60s",
			       m->name, alias);
	return ERR_OK;
}

enum err_code registry_version(const struct model_facts *m, const char *text,
			       const struct version_facts **out,
			       struct err *err)
{
	static const char scheme[] = "models:/";
	size_t len = strlen(m->name);
	const char *rest = text;

	if (!strncmp(text, scheme, sizeof(scheme) - 1)) {
		rest += sizeof(scheme) - 1;
		if (strncmp(rest, m->name, len) ||
		    (rest[len] != '/' && rest[len] != '@'))
			return err_set(err, ERR_USAGE,
				       "'%.80s' is not a version of %.60s",
				       text, m->name);
		rest += len + (rest[len] == '/');
	}
	if (*rest == '@')
		return by_alias(m, rest + 1, out, err);
	if (*rest == 'v' && rest == text)
		rest++;
	*out = find_version(m, rest);
	if (!*out)
		return err_set(err, ERR_ABSENT, "%.60s has no version '%.60s'",
			       m->name, text);
	return ERR_OK;
}

const struct version_facts *registry_challenger(const struct model_facts *m,
						const char *serving,
						const char *next)
{
	const struct version_facts *champion = registry_holder(m, serving),
				   *v = registry_holder(m, next);
	size_t i;

	if (v && v != champion)
		return v;
	for (i = 0; i < m->n_versions; i++)
		if (&m->versions[i] != champion)
			return &m->versions[i];
	return NULL;
}
