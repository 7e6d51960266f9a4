/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Answers of an MLflow server, each read as every kind of thing: what comes of
 * them has no text that is missing, and stands in its order. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/system/mlflow_rest.h"
#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_pairs(const struct name_value *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		BUG_ON(!all[i].name || !all[i].value);
		BUG_ON(i && strcmp(all[i - 1].name, all[i].name) > 0);
	}
}

static void read_model(const struct json *v, struct arena *a)
{
	struct model_facts m;

	if (!mlflow_json_model(v, a, &m))
		return;
	BUG_ON(!*m.name || !m.description);
	check_pairs(m.tags, m.n_tags);
	for (size_t i = 0; i < m.n_aliases; i++)
		BUG_ON(!*m.aliases[i].alias || !m.aliases[i].version);
}

static void read_version(const struct json *v, struct arena *a)
{
	struct version_facts facts;
	const char *model;

	if (!mlflow_json_version(v, a, &model, &facts))
		return;
	BUG_ON(!model || !facts.stage || !facts.status || !facts.run_id);
	BUG_ON(strspn(facts.version, "0123456789") != strlen(facts.version));
	check_pairs(facts.tags, facts.n_tags);
}

static void read_run(const struct json *v, struct arena *a)
{
	struct run_detail d;

	if (!mlflow_json_run(v, a, &d))
		return;
	BUG_ON(!*d.run.id || !d.run.name || !d.run.user || !d.run.parent_id);
	check_pairs(d.params, d.n_params);
	check_pairs(d.tags, d.n_tags);
	for (size_t i = 1; i < d.n_metrics; i++)
		BUG_ON(strcmp(d.metrics[i - 1].name, d.metrics[i].name) > 0);
	for (size_t i = 0; i < d.n_models; i++)
		mlflow_json_logged_model(
			v, a, (struct logged_model_facts *)&d.models[i]);
}

/* The value, and all that stands in it. */
static void read_all(const struct json *v, struct arena *a)
{
	struct mlflow_points points = { 0 };
	struct experiment_facts e;
	const struct json *item;

	read_model(v, a);
	read_version(v, a);
	read_run(v, a);
	if (mlflow_json_experiment(v, a, &e))
		BUG_ON(!*e.id || !e.name);
	mlflow_json_points(v, &points);
	free(points.p);
	for (item = json_child(v); item; item = json_next(item))
		read_all(item, a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT;
	struct err err = { 0 };
	struct json *doc;

	if (!json_parse((const char *)data, size, &doc, &err)) {
		read_all(doc, &arena);
		json_free(doc);
	}
	arena_release(&arena);
	return 0;
}
