/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/mem.h"
#include "filter_ast.h"

const struct filter_field_info filter_fields[N_FIELDS] = {
	[FIELD_METRIC] = { "metrics", TYPE_NUMBER, VALUE_METRIC },
	[FIELD_PARAM] = { "params", TYPE_MIXED, VALUE_PARAM },
	[FIELD_TAG] = { "tags", TYPE_MIXED, VALUE_TAG },
	[FIELD_DATASET_NAME] = { "dataset.name", TYPE_TEXT, VALUE_FACT },
	[FIELD_DATASET_DIGEST] = { "dataset.digest", TYPE_TEXT, VALUE_FACT },
	[FIELD_DATASET_CONTEXT] = { "dataset.context", TYPE_TEXT, VALUE_FACT },
	[FIELD_MODEL_NAME] = { "model.name", TYPE_TEXT, VALUE_FACT },
	[FIELD_ALIAS] = { "alias", TYPE_TEXT, VALUE_FACT },
	[FIELD_ARTIFACT_URI] = { "artifact_uri", TYPE_TEXT, VALUE_FACT },
	[FIELD_NAME] = { "name", TYPE_TEXT, 0 },
	[FIELD_STATUS] = { "status", TYPE_STATUS, 0 },
	[FIELD_START] = { "start", TYPE_TIME, 0 },
	[FIELD_END] = { "end", TYPE_TIME, 0 },
	[FIELD_DURATION] = { "duration", TYPE_DURATION, 0 },
	[FIELD_AGE] = { "age", TYPE_DURATION, 0 },
	[FIELD_USER] = { "user", TYPE_TEXT, 0 },
	[FIELD_EXPERIMENT] = { "experiment", TYPE_TEXT, 0 },
	[FIELD_EXPERIMENT_ID] = { "experiment_id", TYPE_TEXT, 0 },
	[FIELD_ID] = { "id", TYPE_TEXT, 0 },
	[FIELD_PARENT] = { "parent", TYPE_TEXT, 0 },
	[FIELD_SOURCE] = { "source", TYPE_TEXT, 0 },
};

/* Other names of the fields that have no name behind the dot: MLflow's. */
static const struct {
	const char *name;
	enum filter_field field;
} others[] = {
	{ "run_name", FIELD_NAME },        { "run name", FIELD_NAME },
	{ "Run name", FIELD_NAME },        { "Run Name", FIELD_NAME },
	{ "start_time", FIELD_START },     { "created", FIELD_START },
	{ "Created", FIELD_START },        { "end_time", FIELD_END },
	{ "start_time_ms", FIELD_START },  { "end_time_ms", FIELD_END },
	{ "user_id", FIELD_USER },         { "run_id", FIELD_ID },
	{ "parent_run_id", FIELD_PARENT },
};

static const struct {
	const char *prefix;
	enum filter_field field; /* N_FIELDS: one of those without a name */
} prefixes[] = {
	{ "metrics", FIELD_METRIC },   { "metric", FIELD_METRIC },
	{ "params", FIELD_PARAM },     { "param", FIELD_PARAM },
	{ "parameters", FIELD_PARAM }, { "parameter", FIELD_PARAM },
	{ "tags", FIELD_TAG },         { "tag", FIELD_TAG },
	{ "attributes", N_FIELDS },    { "attribute", N_FIELDS },
	{ "attr", N_FIELDS },          { "run", N_FIELDS },
};

static enum filter_field find_plain(const char *name)
{
	enum filter_field f;
	size_t i;

	for (f = FIELD_LAST_KEYED + 1; f < N_FIELDS; f++)
		if (!strcmp(filter_fields[f].name, name))
			return f;
	for (i = 0; i < ARRAY_LEN(others); i++)
		if (!strcmp(others[i].name, name))
			return others[i].field;
	return N_FIELDS;
}

/* What behind a metric's name asks for its history. */
static bool is_suffix(const char *s)
{
	static const char *const all[] = { ".max", ".min", ".last", ".step" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(all); i++)
		if (!strcmp(all[i], s))
			return true;
	return false;
}

char *filter_unquote_name(const char *s, struct arena *a)
{
	const char *dot = strrchr(s, '.');
	char *name = arena_strdup(a, s);

	if (dot > s && dot[-1] == *s && is_suffix(dot)) {
		name[dot - s] = '\0';
		return arena_printf(a, "%s%s", filter_unquote_name(name, a),
				    dot);
	}
	return filter_unquote(filter_unquote(name, "\"'"), "`");
}

/* dataset.name, datasets."name", model.name: the word before the dot may be
 * in the plural. */
static enum filter_field find_dotted(const char *prefix, const char *name)
{
	static const char *const words[] = { "dataset", "model" };
	enum filter_field f;
	size_t i, len;

	for (i = 0; i < ARRAY_LEN(words); i++) {
		len = strlen(words[i]);
		if (strncmp(prefix, words[i], len) != 0 ||
		    strcmp(prefix + len + (prefix[len] == 's'), "") != 0)
			continue;
		for (f = FIELD_DATASET_NAME; f <= FIELD_MODEL_NAME; f++)
			if (!strncmp(filter_fields[f].name, words[i], len) &&
			    !strcmp(filter_fields[f].name + len + 1, name))
				return f;
	}
	return N_FIELDS;
}

struct filter_column filter_split_column(const char *raw, struct arena *a)
{
	struct filter_column c = { .field = N_FIELDS, .name = "" };
	const char *dot = strchr(raw, '.'), *prefix, *name;
	size_t i;

	if (!dot) {
		name = filter_unquote_name(raw, a);
		c.field = find_plain(name);
		return c;
	}
	prefix =
		filter_unquote(arena_strndup(a, raw, (size_t)(dot - raw)), "`");
	name = filter_unquote_name(dot + 1, a);
	c.field = find_dotted(prefix, name);
	for (i = 0; i < ARRAY_LEN(prefixes) && c.field == N_FIELDS; i++) {
		if (strcmp(prefixes[i].prefix, prefix) != 0)
			continue;
		c.field = prefixes[i].field;
		if (c.field == N_FIELDS)
			c.field = find_plain(name);
		else
			c.name = name;
	}
	c.is_dotted = c.field != N_FIELDS;
	return c;
}
