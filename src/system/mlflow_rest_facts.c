/* SPDX-License-Identifier: GPL-3.0-or-later */

/* JSON of an MLflow server as plain values. Nothing is asked for here. */
#include "config.h"

#include "mlflow_rest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

static const char *text(const struct json *obj, const char *name,
			struct arena *a)
{
	return arena_strdup(a, json_str(json_get(obj, name), ""));
}

static int64_t time_of(const struct json *obj, const char *name)
{
	int64_t ms;

	return json_int64(json_get(obj, name), &ms) && clock_has_date(ms)
		       ? ms
		       : TIME_NONE;
}

static double number(const struct json *v)
{
	double value = NAN;

	json_double(v, &value);
	return mlflow_number(value, isnan(value));
}

/* All structs of facts below begin with their name. */
static int by_name(const void *x, const void *y)
{
	const char *const *a = x, *const *b = y;

	return strcmp(*a, *b);
}

static void *array_for(const struct json *list, size_t size, struct arena *a)
{
	return arena_alloc(a, (json_count(list) + 1) * size);
}

/* [{key, value}], sorted by key. */
static const struct name_value *pairs(const struct json *list, struct arena *a,
				      size_t *n)
{
	struct name_value *out = array_for(list, sizeof(*out), a);
	const struct json *v;

	*n = 0;
	for (v = json_child(list); v; v = json_next(v))
		out[(*n)++] = (struct name_value){ text(v, "key", a),
						   text(v, "value", a) };
	qsort(out, *n, sizeof(*out), by_name);
	return out;
}

static const char *value_of(const struct name_value *tags, size_t n,
			    const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(tags[i].name, name))
			return tags[i].value;
	return NULL;
}

/* ---- the registry -------------------------------------------------------- */

/* Digits alone, as everybody compares them. */
static const char *version_of(const struct json *obj, struct arena *a)
{
	int64_t number;

	if (!json_int64(json_get(obj, "version"), &number) || number < 0)
		return NULL;
	return arena_printf(a, "%lld", (long long)number);
}

static const struct alias_facts *aliases(const struct json *list,
					 struct arena *a, size_t *n)
{
	struct alias_facts *out = array_for(list, sizeof(*out), a);
	const struct json *v;

	*n = 0;
	for (v = json_child(list); v; v = json_next(v)) {
		out[*n].alias = text(v, "alias", a);
		out[*n].version = version_of(v, a);
		*n += out[*n].version && *out[*n].alias;
	}
	qsort(out, *n, sizeof(*out), by_name);
	return out;
}

bool mlflow_json_model(const struct json *v, struct arena *a,
		       struct model_facts *out)
{
	*out = (struct model_facts){
		.name = text(v, "name", a),
		.description = text(v, "description", a),
		.created_ms = time_of(v, "creation_timestamp"),
		.updated_ms = time_of(v, "last_updated_timestamp"),
	};
	out->tags = pairs(json_get(v, "tags"), a, &out->n_tags);
	out->aliases = aliases(json_get(v, "aliases"), a, &out->n_aliases);
	return *out->name &&
	       !value_of(out->tags, out->n_tags, MLFLOW_PROMPT_TAG);
}

bool mlflow_json_version(const struct json *v, struct arena *a,
			 const char **model, struct version_facts *out)
{
	*model = text(v, "name", a);
	*out = (struct version_facts){
		.version = version_of(v, a),
		.status = text(v, "status", a),
		.stage = text(v, "current_stage", a),
		.run_id = text(v, "run_id", a),
		.description = text(v, "description", a),
		.source_uri = text(v, "source", a),
		.created_ms = time_of(v, "creation_timestamp"),
		.updated_ms = time_of(v, "last_updated_timestamp"),
	};
	out->tags = pairs(json_get(v, "tags"), a, &out->n_tags);
	return out->version && strcmp(out->stage, "Deleted_Internal") != 0;
}

/* ---- runs ---------------------------------------------------------------- */

static void take_head(const struct json *info, struct arena *a,
		      struct run_detail *d)
{
	const char *name = value_of(d->tags, d->n_tags, MLFLOW_NAME_TAG);
	const char *user = value_of(d->tags, d->n_tags, MLFLOW_USER_TAG);
	const char *parent = value_of(d->tags, d->n_tags, MLFLOW_PARENT_TAG);

	d->run = (struct run_facts){
		.id = text(info, "run_id", a),
		.name = text(info, "run_name", a),
		.experiment_id = text(info, "experiment_id", a),
		.user = user ? user : text(info, "user_id", a),
		.parent_id = parent ? parent : "",
		.status = run_status_parse(
			json_str(json_get(info, "status"), "")),
		.is_deleted =
			!strcmp(json_str(json_get(info, "lifecycle_stage"), ""),
				"deleted"),
		.start_ms = time_of(info, "start_time"),
		.end_ms = time_of(info, "end_time"),
	};
	if (!*d->run.id)
		d->run.id = text(info, "run_uuid", a);
	if (!*d->run.name && name)
		d->run.name = name;
	d->artifact_uri = text(info, "artifact_uri", a);
	d->experiment_name = "";
}

static void take_metrics(const struct json *list, struct arena *a,
			 struct run_detail *d)
{
	struct last_metric *out = array_for(list, sizeof(*out), a);
	const struct json *v;

	for (v = json_child(list); v; v = json_next(v)) {
		struct last_metric *m = &out[d->n_metrics++];

		m->name = text(v, "key", a);
		m->value = number(json_get(v, "value"));
		m->time_ms = time_of(v, "timestamp");
		json_int64(json_get(v, "step"), &m->step);
	}
	qsort(out, d->n_metrics, sizeof(*out), by_name);
	d->metrics = out;
}

static void take_datasets(const struct json *list, struct arena *a,
			  struct run_detail *d)
{
	struct dataset_facts *out = array_for(list, sizeof(*out), a);
	const struct json *v;

	for (v = json_child(list); v; v = json_next(v)) {
		const struct json *set = json_get(v, "dataset");
		size_t n;
		const struct name_value *tags =
			pairs(json_get(v, "tags"), a, &n);
		const char *context = value_of(tags, n, MLFLOW_CONTEXT_TAG);

		out[d->n_datasets++] = (struct dataset_facts){
			.name = text(set, "name", a),
			.digest = text(set, "digest", a),
			.context = context ? context : "",
			.source_type = text(set, "source_type", a),
			.source = text(set, "source", a),
			.schema = text(set, "schema", a),
			.profile = text(set, "profile", a),
		};
	}
	qsort(out, d->n_datasets, sizeof(*out), by_name);
	d->datasets = out;
}

static void take_models(const struct json *list, bool is_input, struct arena *a,
			struct logged_model_facts *out, size_t *n)
{
	const struct json *v;

	for (v = json_child(list); v; v = json_next(v))
		out[(*n)++] = (struct logged_model_facts){
			.id = text(v, "model_id", a),
			.name = "",
			.status = "",
			.model_type = "",
			.location = "",
			.is_input = is_input,
		};
}

static void take_logged(const struct json *v, struct arena *a,
			struct run_detail *d)
{
	const struct json *made =
		json_get(json_get(v, "outputs"), "model_outputs");
	const struct json *used =
		json_get(json_get(v, "inputs"), "model_inputs");
	struct logged_model_facts *all = arena_alloc(
		a, (json_count(made) + json_count(used) + 1) * sizeof(*all));

	take_models(made, false, a, all, &d->n_models);
	take_models(used, true, a, all, &d->n_models);
	d->models = all;
}

void mlflow_json_logged_model(const struct json *v, struct arena *a,
			      struct logged_model_facts *out)
{
	static const char prefix[] = "LOGGED_MODEL_";
	const struct json *info = json_get(json_get(v, "model"), "info");
	const char *status = json_str(json_get(info, "status"), "");

	if (!strncmp(status, prefix, sizeof(prefix) - 1))
		status += sizeof(prefix) - 1;
	out->name = text(info, "name", a);
	out->status = arena_strdup(a, status);
	out->model_type = text(info, "model_type", a);
	out->location = text(info, "artifact_uri", a);
}

bool mlflow_json_run(const struct json *v, struct arena *a,
		     struct run_detail *out)
{
	const struct json *data = json_get(v, "data");

	*out = (struct run_detail){ 0 };
	out->params = pairs(json_get(data, "params"), a, &out->n_params);
	out->tags = pairs(json_get(data, "tags"), a, &out->n_tags);
	take_metrics(json_get(data, "metrics"), a, out);
	take_datasets(json_get(json_get(v, "inputs"), "dataset_inputs"), a,
		      out);
	take_logged(v, a, out);
	take_head(json_get(v, "info"), a, out);
	return *out->run.id;
}

bool mlflow_json_experiment(const struct json *v, struct arena *a,
			    struct experiment_facts *out)
{
	size_t n;
	const struct name_value *tags = pairs(json_get(v, "tags"), a, &n);

	*out = (struct experiment_facts){
		.id = text(v, "experiment_id", a),
		.name = text(v, "name", a),
		.is_deleted =
			!strcmp(json_str(json_get(v, "lifecycle_stage"), ""),
				"deleted"),
		.created_ms = time_of(v, "creation_time"),
		.updated_ms = time_of(v, "last_update_time"),
		.primary_metric = value_of(tags, n, MLFLOW_GOAL_NAME_TAG),
		.primary_goal =
			mlflow_goal(value_of(tags, n, MLFLOW_GOAL_WORD_TAG)),
	};
	return *out->id;
}

void mlflow_json_points(const struct json *page, struct mlflow_points *out)
{
	const struct json *v = json_child(json_get(page, "metrics"));

	for (; v; v = json_next(v)) {
		struct point p = { .time_ms = time_of(v, "timestamp"),
				   .value = number(json_get(v, "value")) };

		json_int64(json_get(v, "step"), &p.step);
		mlflow_points_add(out, p);
	}
}
