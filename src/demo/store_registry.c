/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "demo/store.h"
#include "store_sql.h"

static void add_colspec(const struct world *w, struct buf *out)
{
	buf_adds(out, "{\"mlflow_colspec\": [");
	for (size_t i = 0; i < w->n_columns; i++)
		buf_addf(out,
			 "{\"type\": \"%s\", \"name\": \"%s\", "
			 "\"required\": true}, ",
			 w->columns[i].words ? "string" : "double",
			 w->columns[i].name);
	buf_addf(out,
		 "{\"type\": \"%s\", \"name\": \"label\", \"required\": "
		 "true}]}",
		 w->is_regression ? "double" : "long");
}

/* A data set is one by its experiment, name and digest; its uuid comes from
 * the digest, so that nobody has to look it up. */
static void put_dataset(struct store *s, const struct world *w,
			const struct frame *f, const char *name,
			const char *uuid)
{
	struct buf spec = BUF_INIT(1 << 16);
	char *source = xasprintf(
		"{\"uri\": \"synthetic://%s/%s\", \"what\": \"synthetic, drawn "
		"by mltower demo\"}",
		w->name, name);
	char *profile = xasprintf("{\"num_rows\": %zu, \"num_elements\": %zu}",
				  f->n, f->n * (w->n_columns + 1));

	add_colspec(w, &spec);
	store_sql(s,
		  "INSERT OR IGNORE INTO datasets (dataset_uuid, "
		  "experiment_id, name, digest, dataset_source_type, "
		  "dataset_source, dataset_schema, dataset_profile) VALUES "
		  "(?1, ?2, ?3, ?4, 'local', ?5, ?6, ?7)",
		  "titttt"
		  "t",
		  uuid, (int64_t)store_experiment_id(w), name, f->digest,
		  source, buf_str(&spec), profile);
	buf_release(&spec);
	free(source);
	free(profile);
}

void store_input(struct store *s, const char *run, struct lab *lab,
		 enum world_id world, enum lab_data data, const char *context)
{
	const struct world *w = world_get(world);
	const struct frame *f = lab_frame(lab, world, data);
	const char *name = lab_data_name(world, data);
	char uuid[40], input[33];

	snprintf(uuid, sizeof(uuid), "%08x%s%016x", (unsigned)world, f->digest,
		 (unsigned)data);
	prng_hex32(&s->ids, input);
	put_dataset(s, w, f, name, uuid);
	store_sql(s,
		  "INSERT INTO inputs (input_uuid, source_type, source_id, "
		  "destination_type, destination_id, step) VALUES (?1, "
		  "'DATASET', ?2, 'RUN', ?3, 0)",
		  "ttt", input, uuid, run);
	store_sql(s,
		  "INSERT INTO input_tags (input_uuid, name, value) VALUES "
		  "(?1, 'mlflow.data.context', ?2)",
		  "tt", input, context);
}

static void model_scores(struct store *s, const struct store_model *m,
			 const double *scores, int64_t step, struct lab *lab)
{
	const struct frame *f = lab_frame(lab, m->world, LAB_HOLDOUT);
	const struct world *w = world_get(m->world);
	const char *const *names;
	size_t n;

	names = learner_metrics(w, &n);
	for (size_t i = 0; i + 1 < n; i++)
		store_sql(s,
			  "INSERT INTO logged_model_metrics (model_id, "
			  "metric_name, metric_timestamp_ms, metric_step, "
			  "metric_value, experiment_id, run_id, "
			  "dataset_name, dataset_digest) VALUES (?1, ?2, "
			  "?3, ?4, ?5, ?6, ?7, ?8, ?9)",
			  "ttiiditt"
			  "t",
			  m->id, names[i], m->time_ms, step, scores[i],
			  (int64_t)store_experiment_id(w), m->run,
			  lab_data_name(m->world, LAB_HOLDOUT), f->digest);
}

void store_model(struct store *s, struct store_model *m, const double *scores,
		 int64_t step, struct lab *lab)
{
	int64_t experiment = store_experiment_id(world_get(m->world));
	char output[33], *place;

	memcpy(m->id, "m-", 2);
	prng_hex32(&s->ids, m->id + 2);
	prng_hex32(&s->ids, output);
	place = xasprintf("%s/models/%s", s->dir, m->id);
	store_sql(s,
		  "INSERT INTO logged_models (model_id, experiment_id, "
		  "name, artifact_location, creation_timestamp_ms, "
		  "last_updated_timestamp_ms, status, lifecycle_stage, "
		  "model_type, source_run_id) VALUES (?1, ?2, ?3, ?4, ?5, "
		  "?5, 2, 'active', '', ?6)",
		  "tittit", m->id, experiment, m->name, place, m->time_ms,
		  m->run);
	store_sql(s,
		  "INSERT INTO inputs (input_uuid, source_type, source_id, "
		  "destination_type, destination_id, step) VALUES (?1, "
		  "'RUN_OUTPUT', ?2, 'MODEL_OUTPUT', ?3, ?4)",
		  "ttti", output, m->run, m->id, step);
	model_scores(s, m, scores, step, lab);
	free(place);
}

void store_registered(struct store *s, const struct world *w, int64_t now_ms)
{
	store_sql(s,
		  "INSERT INTO registered_models (name, creation_time, "
		  "last_updated_time, description, workspace) VALUES "
		  "(?1, ?2, ?2, ?3, 'default')",
		  "tit", w->model, now_ms, w->what);
	store_sql(s,
		  "INSERT INTO registered_model_tags (key, value, name, "
		  "workspace) VALUES ('data', 'synthetic', ?1, 'default')",
		  "t", w->model);
}

void store_version(struct store *s, const struct world *w, int version,
		   const struct store_model *m, const char *description,
		   const char *data)
{
	const char *tags[][2] = { { "trained_on", data },
				  { "data", "synthetic" },
				  { "validation_status", "passed" } };
	char *source = xasprintf("models:/%s", m->id);
	char *place = xasprintf("%s/models/%s", s->dir, m->id);

	store_sql(s,
		  "INSERT INTO model_versions (name, version, "
		  "creation_time, last_updated_time, description, user_id, "
		  "current_stage, source, run_id, status, run_link, "
		  "storage_location, workspace) VALUES (?1, ?2, ?3, ?3, ?4, "
		  "NULL, 'None', ?5, ?6, 'READY', '', ?7, 'default')",
		  "tiitttt", w->model, (int64_t)version, m->time_ms,
		  description, source, m->run, place);
	store_sql(s,
		  "UPDATE registered_models SET last_updated_time = max("
		  "last_updated_time, ?2) WHERE name = ?1",
		  "ti", w->model, m->time_ms);
	for (size_t i = 0; i < ARRAY_LEN(tags); i++)
		store_sql(s,
			  "INSERT INTO model_version_tags (key, value, "
			  "name, version, workspace) VALUES (?1, ?2, ?3, "
			  "?4, 'default')",
			  "ttti", tags[i][0], tags[i][1], w->model,
			  (int64_t)version);
	free(source);
	free(place);
}

void store_alias(struct store *s, const struct world *w, const char *alias,
		 int version)
{
	store_sql(s,
		  "INSERT OR REPLACE INTO registered_model_aliases (alias, "
		  "version, name, workspace) VALUES (?1, ?2, ?3, 'default')",
		  "tit", alias, (int64_t)version, w->model);
}
