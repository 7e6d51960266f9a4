/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What stands in a store is what a poll hands over. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mlflow_store.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "model/run_set.h"

static const struct source_ask everything = { .all = { true, true, true } };

static void add_runs(const char *path)
{
	write_sql(
		path,
		EXPERIMENT_SQL RUN_SQL("r1", "first",
				       "FINISHED") RUN_SQL("r2", "", "RUNNING")
			RUN_SQL("r3", "third",
				"KILLED") "UPDATE runs SET "
					  "lifecycle_stage='deleted' WHERE "
					  "run_uuid='r3';"
					  "UPDATE runs SET "
					  "end_time=1700000009000 WHERE "
					  "run_uuid='r1';"
					  "INSERT INTO tags(key, value, "
					  "run_uuid) VALUES "
					  "('mlflow.runName', 'by tag', 'r2'), "
					  "('mlflow.user', 'grace', 'r2'), "
					  "('mlflow.parentRunId', 'r1', 'r2'), "
					  "('team', 'risk', 'r1');"
					  "INSERT INTO params(key, value, "
					  "run_uuid) VALUES "
					  "('depth', '7', 'r1');");
}

static void test_runs_as_they_stand(void **state)
{
	const struct run_facts *r;
	struct fixture f;

	(void)state;
	fixture_init(&f, SCHEMA_3);
	add_runs(f.path);
	assert_int_equal(poll_ask(&f, &everything), ERR_OK);
	assert_int_equal(f.b->n_runs, 3);
	assert_true(f.b->is_complete);
	assert_false(f.b->has_more);
	assert_false(f.b->is_afresh);
	assert_int_equal(f.b->n_runs_total, 3);
	assert_string_equal(f.b->runs[0].id, "r3"); /* newest first */
	r = get_run(f.b, "r1");
	assert_string_equal(r->name, "first");
	assert_string_equal(r->user, "ada");
	assert_string_equal(r->experiment_id, "1");
	assert_string_equal(r->parent_id, "");
	assert_int_equal(r->status, RUN_FINISHED);
	assert_int_equal(r->end_ms, 1700000009000);
	r = get_run(f.b, "r2");
	assert_string_equal(r->name, "by tag");
	assert_string_equal(r->user, "grace");
	assert_string_equal(r->parent_id, "r1");
	assert_int_equal(r->status, RUN_RUNNING);
	assert_true(r->end_ms == TIME_NONE);
	assert_true(get_run(f.b, "r3")->is_deleted);
	assert_string_equal(get_value(f.b, "r1", VALUE_PARAM, "depth")->text,
			    "7");
	assert_string_equal(get_value(f.b, "r1", VALUE_TAG, "team")->text,
			    "risk");
	fixture_release(&f);
}

/* Times are taken from each other: what no calendar has is none. */
static void test_times_beyond_the_calendar(void **state)
{
	const struct run_facts *r;
	struct fixture f;

	(void)state;
	fixture_init(&f, SCHEMA_3);
	add_runs(f.path);
	write_sql(f.path, "UPDATE runs SET start_time=-9223372036854775807, "
			  "end_time=9223372036854775807 WHERE run_uuid='r1'");
	assert_int_equal(poll_once(&f), ERR_OK);
	r = get_run(f.b, "r1");
	assert_true(r->start_ms == TIME_NONE);
	assert_true(r->end_ms == TIME_NONE);
	fixture_release(&f);
}

static void test_numbers_are_themselves(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f, SCHEMA_3);
	add_runs(f.path);
	write_sql(
		f.path,
		LATEST_SQL("r1", "auc", "0.1", "3") LATEST_SQL(
			"r1", "up", "1.7976931348623157e308", "0")
			LATEST_SQL("r1", "down", "-1.7976931348623157e308", "0")
				LATEST_SQL("r1", "none", "0",
					   "0") "UPDATE latest_metrics SET "
						"is_nan=1 WHERE key='none'");
	assert_int_equal(poll_ask(&f, &everything), ERR_OK);
	assert_true(get_number(f.b, "r1", "auc") == 0.1);
	assert_true(get_number(f.b, "r1", "up") == INFINITY);
	assert_true(get_number(f.b, "r1", "down") == -INFINITY);
	assert_true(isnan(get_number(f.b, "r1", "none")));
	assert_true(f.b->names[VALUE_METRIC].is_told);
	assert_int_equal(f.b->names[VALUE_METRIC].n, 4);
	assert_string_equal(f.b->names[VALUE_METRIC].all[0], "auc");
	assert_int_equal(f.b->names[VALUE_PARAM].n, 1);
	assert_string_equal(f.b->names[VALUE_PARAM].all[0], "depth");
	assert_int_equal(f.b->names[VALUE_TAG].n, 4);
	fixture_release(&f);
}

static void test_only_wanted_columns_travel(void **state)
{
	const struct value_key columns[] = { { VALUE_METRIC, "auc" },
					     { VALUE_PARAM, "depth" } };
	const struct source_ask ask = { .columns = columns, .n_columns = 2 };
	struct fixture f;

	(void)state;
	fixture_init(&f, SCHEMA_3);
	add_runs(f.path);
	write_sql(f.path, LATEST_SQL("r1", "auc", "0.5", "0")
				  LATEST_SQL("r1", "loss", "0.7", "0"));
	assert_int_equal(poll_ask(&f, &(struct source_ask){ 0 }), ERR_OK);
	assert_int_equal(f.b->n_values, 0);
	/* Newly wanted: only they travel, of runs that are known. */
	assert_int_equal(poll_ask(&f, &ask), ERR_OK);
	assert_false(f.b->is_afresh);
	assert_true(f.b->is_complete);
	for (size_t i = 0; i < f.b->n_runs; i++)
		assert_true(f.b->runs[i].is_known);
	assert_int_equal(f.b->n_values, 2);
	assert_true(get_number(f.b, "r1", "auc") == 0.5);
	fixture_release(&f);
}

static uint32_t n_runs_with(const struct fixture *f, const char *metric)
{
	size_t i;

	for (i = 0; i < f->b->n_counts; i++)
		if (!strcmp(f->b->counts[i].metric, metric))
			return f->b->counts[i].n_runs;
	return 0;
}

/* Whatever values are wanted; and told again where it is different. */
static void test_the_metrics_of_an_experiment_are_counted(void **state)
{
	struct fixture f;
	int i;

	(void)state;
	fixture_init(&f, SCHEMA_3);
	add_runs(f.path);
	write_sql(f.path, "DELETE FROM runs WHERE run_uuid<>'r1';" LATEST_SQL(
				  "r1", "rare", "0.5", "0"));
	for (i = 0; i < 30; i++)
		write_sqlf(f.path,
			   "INSERT INTO runs(run_uuid, status, experiment_id, "
			   "lifecycle_stage) VALUES ('n%d', 'RUNNING', 1, "
			   "'active');" LATEST_SQL("n%d", "auc", "0.5", "0"),
			   i, i);
	assert_int_equal(poll_ask(&f, &(struct source_ask){ 0 }), ERR_OK);
	assert_int_equal(n_runs_with(&f, "auc"), 20);
	assert_int_equal(n_runs_with(&f, "rare"), 0);
	assert_string_equal(f.b->counts[0].experiment_id, "1");
	write_sql(f.path, "UPDATE runs SET name='other' WHERE run_uuid='n29'");
	assert_int_equal(poll_ask(&f, &(struct source_ask){ 0 }), ERR_OK);
	assert_int_equal(f.b->n_counts, 0);
	write_sql(f.path, LATEST_SQL("n29", "val/auc", "0.5", "0"));
	assert_int_equal(poll_ask(&f, &(struct source_ask){ 0 }), ERR_OK);
	assert_int_equal(n_runs_with(&f, "val/auc"), 1);
	fixture_release(&f);
}

#define INPUT_SQL(n, name, digest, context, run)                               \
	"INSERT INTO datasets(dataset_uuid, experiment_id, name, digest, "     \
	"dataset_source_type, dataset_source) VALUES ('d" n "', 1, '" name     \
	"', '" digest "', 'local', '{}');"                                     \
	"INSERT INTO inputs(input_uuid, source_type, source_id, "              \
	"destination_type, destination_id) VALUES ('i" n "', 'DATASET', 'd" n  \
	"', 'RUN', '" run "');"                                                \
	"INSERT INTO input_tags VALUES ('i" n                                  \
	"', 'mlflow.data.context', '" context "');"
#define VERSION_SQL(version, run, stage)                                       \
	"INSERT INTO model_versions(name, version, run_id, current_stage) "    \
	"VALUES ('fraud', " version ", '" run "', '" stage "');"

static const char *fact(const struct fixture *f, const char *run,
			const char *name)
{
	const struct run_value *v = get_value(f->b, run, VALUE_FACT, name);

	return v ? v->text : NULL;
}

/* Twice: with everything else read by whole tables, and without. */
static void add_facts(const char *path)
{
	add_runs(path);
	write_sql(
		path,
		INPUT_SQL("1", "tx", "8c1f", "train",
			  "r1") INPUT_SQL("2", "eval", "e09b", "eval",
					  "r1") VERSION_SQL("1", "r1", "None")
			VERSION_SQL("2", "r1", "Archived") VERSION_SQL(
				"3", "r2",
				"Deleted_Internal") "INSERT INTO "
						    "registered_model_aliases("
						    "alias, version, name) "
						    "VALUES ('champion', 2, "
						    "'fraud');");
}

static void test_facts_of_other_tables(void **state)
{
	static const struct value_key columns[] = {
		{ VALUE_FACT, "dataset.name" },
		{ VALUE_FACT, "dataset.digest" },
		{ VALUE_FACT, "dataset.context" },
		{ VALUE_FACT, "model.name" },
		{ VALUE_FACT, "alias" },
		{ VALUE_FACT, "artifact_uri" },
	};
	struct source_ask ask = { .columns = columns,
				  .n_columns = ARRAY_LEN(columns) };
	struct fixture f;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		if (i)
			fixture_release(&f);
		fixture_init(&f, SCHEMA_3);
		add_facts(f.path);
		ask.all[VALUE_METRIC] = ask.all[VALUE_PARAM] =
			ask.all[VALUE_TAG] = i;
		assert_int_equal(poll_ask(&f, &ask), ERR_OK);
		assert_string_equal(fact(&f, "r1", "dataset.name"), "tx\x1f"
								    "eval");
		assert_string_equal(fact(&f, "r1", "dataset.digest"), "8c1f\x1f"
								      "e09b");
		assert_string_equal(fact(&f, "r1", "dataset.context"),
				    "train\x1f"
				    "eval");
		assert_string_equal(fact(&f, "r1", "model.name"), "fraud");
		assert_string_equal(fact(&f, "r1", "alias"), "champion");
		assert_string_equal(fact(&f, "r3", "artifact_uri"), "/a/r3");
		assert_null(fact(&f, "r2", "model.name"));
		assert_null(fact(&f, "r2", "dataset.name"));
	}
	/* An alias that moves away is taken from the run. */
	write_sql(f.path, "DELETE FROM registered_model_aliases");
	assert_int_equal(poll_ask(&f, &ask), ERR_OK);
	assert_non_null(get_value(f.b, "r1", VALUE_FACT, "alias"));
	assert_null(fact(&f, "r1", "alias"));
	fixture_release(&f);
}

static double statistic(const struct fixture *f, const char *name)
{
	const struct run_value *v =
		get_value(f->b, "r1", VALUE_STATISTIC, name);

	return v ? v->number : NAN;
}

static void test_statistics_of_a_history(void **state)
{
	static const struct value_key columns[] = {
		{ VALUE_METRIC, "auc.max" },  { VALUE_METRIC, "auc.min" },
		{ VALUE_METRIC, "auc.last" }, { VALUE_METRIC, "auc.step" },
		{ VALUE_METRIC, "own.max" },  { VALUE_METRIC, "it's.max" },
	};
	const struct source_ask ask = { .columns = columns,
					.n_columns = ARRAY_LEN(columns) };
	struct fixture f;

	(void)state;
	fixture_init(&f, SCHEMA_3);
	add_runs(f.path);
	write_sql(f.path,
		  POINT_SQL("r1", "auc", "0.5", "1") POINT_SQL("r1", "auc",
							       "0.9", "2")
			  POINT_SQL("r1", "auc", "0.7",
				    "3") LATEST_SQL("r1", "auc", "0.7", "3")
				  LATEST_SQL("r1", "own.max", "4", "0"));
	assert_int_equal(poll_ask(&f, &ask), ERR_OK);
	assert_true(statistic(&f, "auc.max") == .9);
	assert_true(statistic(&f, "auc.min") == .5);
	assert_true(statistic(&f, "auc.last") == .7);
	assert_true(statistic(&f, "auc.step") == 3);
	assert_true(isnan(statistic(&f, "it's.max")));
	/* A metric of the whole name is that metric. */
	assert_true(get_number(f.b, "r1", "own.max") == 4);
	assert_null(get_value(f.b, "r1", VALUE_STATISTIC, "own.max"));
	assert_null(get_value(f.b, "r2", VALUE_STATISTIC, "auc.max"));
	/* A new point counts. */
	write_sql(f.path, POINT_SQL("r1", "auc", "0.95", "4"));
	assert_int_equal(poll_ask(&f, &ask), ERR_OK);
	assert_true(statistic(&f, "auc.max") == .95);
	fixture_release(&f);
}

/* A filter may name what no store would hold. */
static void test_a_name_may_be_long(void **state)
{
	char name[4000] = "";
	const struct value_key column = { VALUE_METRIC, name };
	const struct source_ask ask = { .columns = &column, .n_columns = 1 };
	struct fixture f;

	(void)state;
	memset(name, 'a', sizeof(name) - 5);
	strcat(name, ".max");
	fixture_init(&f, SCHEMA_3);
	add_runs(f.path);
	assert_int_equal(poll_ask(&f, &ask), ERR_OK);
	assert_int_equal(f.b->n_runs, 3);
	assert_int_equal(poll_ask(&f, &everything), ERR_OK);
	fixture_release(&f);
}

static void test_nul_bytes_are_shown_and_kept_apart(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f, SCHEMA_3);
	add_runs(f.path);
	write_sql(f.path, "UPDATE runs SET name='safe' || char(0) || 'evil' "
			  "WHERE run_uuid='r1'");
	assert_int_equal(poll_once(&f), ERR_OK);
	assert_string_equal(get_run(f.b, "r1")->name, "safe\\x00evil");
	fixture_release(&f);
}

static void test_experiments(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f, SCHEMA_3);
	add_runs(f.path);
	write_sql(f.path,
		  "UPDATE experiments SET creation_time=5, last_update_time=6;"
		  "INSERT INTO experiments VALUES (2, 'fraud', NULL, "
		  "'deleted', 7, 8, 'other');"
		  "INSERT INTO experiment_tags VALUES "
		  "('mlflow.experiment.primaryMetric.name', 'val/auc', 1), "
		  "('mlflow.experiment.primaryMetric.greaterIsBetter', 'True', "
		  "1)");
	assert_int_equal(poll_once(&f), ERR_OK);
	assert_int_equal(f.b->n_experiments, 2);
	assert_string_equal(f.b->experiments[0].name, "fraud");
	assert_string_equal(f.b->experiments[0].primary_metric, "val/auc");
	assert_int_equal(f.b->experiments[0].primary_goal, 1);
	assert_int_equal(f.b->experiments[0].created_ms, 5);
	assert_string_equal(f.b->experiments[1].name, "other/fraud");
	assert_true(f.b->experiments[1].is_deleted);
	assert_null(f.b->experiments[1].primary_metric);
	fixture_release(&f);
}

static void test_schema_2(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f, SCHEMA_2);
	add_runs(f.path);
	write_sql(f.path,
		  LATEST_SQL("r1", "auc", "0.5", "0") POINT_SQL("r1", "auc",
								"0.4", "0")
			  POINT_SQL("r1", "auc", "0.5", "1") POINT_SQL(
				  "r1", "loss", "9",
				  "0") "INSERT INTO registered_models VALUES "
				       "('m', 1, 2, 'd');"
				       "INSERT INTO model_versions(name, "
				       "version, current_stage, "
				       "status, run_id) VALUES ('m', 1, "
				       "'Production', 'READY', "
				       "'r1');"
				       "INSERT INTO registered_model_aliases "
				       "VALUES ('champion', 1, "
				       "'m');");
	assert_int_equal(poll_ask(&f, &everything), ERR_OK);
	assert_true(get_number(f.b, "r1", "auc") == 0.5);
	assert_int_equal(f.b->n_models, 1);
	assert_string_equal(f.b->models[0].versions[0].stage, "Production");
	assert_string_equal(f.b->models[0].aliases[0].alias, "champion");
	fixture_release(&f);
}

static void test_before_latest_metrics(void **state)
{
	const struct value_key auc = { VALUE_METRIC, "auc" };
	const struct source_ask ask = { .columns = &auc, .n_columns = 1 };
	struct fixture f;

	(void)state;
	fixture_init(&f, SCHEMA_1);
	add_runs(f.path);
	/* By step, then time, then value: not the last that came. */
	write_sql(f.path, POINT_SQL("r1", "auc", "0.9",
				    "7") POINT_SQL("r1", "auc", "0.1", "2")
				  POINT_SQL("r2", "auc", "0.3", "0")
					  POINT_SQL("r1", "loss", "4", "0"));
	assert_int_equal(poll_ask(&f, &everything), ERR_OK);
	assert_true(get_number(f.b, "r1", "auc") == 0.9);
	assert_true(get_number(f.b, "r1", "loss") == 4);
	assert_true(get_number(f.b, "r2", "auc") == 0.3);
	assert_int_equal(f.b->n_models, 0);
	fixture_release(&f);
	fixture_init(&f, SCHEMA_1);
	add_runs(f.path);
	write_sql(f.path, POINT_SQL("r1", "auc", "0.9", "7")
				  POINT_SQL("r1", "loss", "4", "0"));
	assert_int_equal(poll_ask(&f, &ask), ERR_OK);
	assert_int_equal(f.b->n_values, 1);
	assert_true(get_number(f.b, "r1", "auc") == 0.9);
	fixture_release(&f);
}

static size_t count_told(const struct batch *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n_runs; i++)
		n += !b->runs[i].is_known;
	return n;
}

/* More runs than a slice: newest first, then the rest, each once; and so are
 * their values, which may come by themselves. */
static void test_slices(void **state)
{
	const struct value_key n = { VALUE_METRIC, "n" };
	const struct source_ask ask = { .columns = &n, .n_columns = 1 };
	static bool is_there[5001];
	const struct run_value *v;
	size_t total = 0, i;
	const char *id;
	struct fixture f;
	int polls = 0;

	(void)state;
	fixture_init(&f, SCHEMA_3);
	write_sql(f.path, EXPERIMENT_SQL
		  "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM "
		  "c WHERE x<5000) INSERT INTO runs(run_uuid, name, status, "
		  "start_time, lifecycle_stage, experiment_id) SELECT "
		  "printf('run%05d', x), 'n', 'FINISHED', x, 'active', 1 FROM "
		  "c;"
		  "INSERT INTO latest_metrics SELECT 'n', start_time, 0, 0, 0, "
		  "run_uuid FROM runs;");
	do {
		assert_int_equal(poll_ask(&f, &ask), ERR_OK);
		if (!polls++)
			assert_string_equal(f.b->runs[0].id, "run05000");
		total += count_told(f.b);
		for (i = 0; i < f.b->n_values; i++) {
			v = &f.b->values[i];
			id = f.b->runs[v->run].id;
			assert_true(v->number == atoi(id + 3));
			is_there[atoi(id + 3)] = true;
		}
	} while (f.b->has_more);
	assert_true(f.b->is_complete);
	assert_int_equal(total, 5000);
	for (i = 1; i <= 5000; i++)
		assert_true(is_there[i]);
	assert_true(polls > 1);
	fixture_release(&f);
}

/* 1,000 runs, every tenth a child of the first; users by tag, by field, and
 * one who is nobody. */
static void add_many(const char *path)
{
	write_sql(path, EXPERIMENT_SQL
		  "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM "
		  "c WHERE x<1000) INSERT INTO runs(run_uuid, name, user_id, "
		  "status, start_time, lifecycle_stage, experiment_id) SELECT "
		  "printf('run%05d', x), 'n', 'field', 'FINISHED', x, "
		  "'active', 1 FROM c;"
		  "INSERT INTO tags SELECT 'mlflow.user', CASE start_time WHEN "
		  "1 THEN NULL WHEN 2 THEN '' ELSE 'tag' END, run_uuid FROM "
		  "runs WHERE start_time<10;"
		  "INSERT INTO tags SELECT 'mlflow.parentRunId', 'run00001', "
		  "run_uuid FROM runs WHERE start_time%10=0;"
		  "INSERT INTO params SELECT 'depth', start_time, run_uuid "
		  "FROM runs;"
		  "INSERT INTO latest_metrics SELECT 'auc', start_time, 0, 0, "
		  "0, run_uuid FROM runs;");
}

/* All that a source has to give. */
static void poll_all(struct fixture *f, const struct source_ask *ask,
		     struct run_set *set)
{
	do {
		assert_int_equal(poll_ask(f, ask), ERR_OK);
		run_set_apply(set, f->b);
	} while (f->b->has_more);
}

static void check_many(const struct run_set *set)
{
	static const char *const users[] = { "field", "", "tag" };
	const struct intern *strings = run_set_strings(set);
	char id[16], room[40];
	uint32_t i, row;

	assert_int_equal(run_set_count(set), 1000);
	for (i = 1; i <= 1000; i++) {
		snprintf(id, sizeof(id), "run%05u", i);
		row = run_set_find(set, 0, id);
		assert_string_equal(
			intern_str(strings, run_set_head(set, row)->user),
			i < 10 ? users[MIN(i, 3u) - 1] : "field");
		assert_string_equal(run_set_parent_id(set, row, room),
				    i % 10 ? "" : "run00001");
	}
}

static void check_values(const struct run_set *set, enum value_kind kind,
			 const char *name)
{
	uint32_t col = run_set_find_column(set, kind, name), row;
	double v;

	assert_int_not_equal(col, RUN_NO_COLUMN);
	for (row = 0; row < 1000; row++) {
		v = (double)run_set_head(set, row)->start_ms;
		if (kind == VALUE_METRIC)
			assert_true(run_set_number(set, col, row, &v));
		else
			v = atof(run_set_text(set, col, row));
		assert_true(v == (double)run_set_head(set, row)->start_ms);
	}
}

/* Whole tables are read where that is less than to look up run by run; either
 * way gives the same, and so does what is wanted later. */
static void test_whole_tables(void **state)
{
	const struct value_key columns[] = { { VALUE_METRIC, "auc" },
					     { VALUE_PARAM, "depth" } };
	struct source_ask ask = { .columns = columns, .n_columns = 1 };
	bool is_large;

	(void)state;
	for (is_large = false;; is_large = true) {
		struct intern *strings = intern_new();
		struct run_set *set = run_set_new(strings);
		struct fixture f;

		fixture_init(&f, SCHEMA_3);
		add_many(f.path);
		if (is_large) /* rowids far apart */
			write_sql(f.path,
				  "UPDATE latest_metrics SET rowid=-rowid*10000;"
				  "UPDATE params SET rowid=-rowid*10000;"
				  "UPDATE tags SET rowid=-rowid*10000");
		ask.n_columns = 1;
		poll_all(&f, &ask, set);
		check_many(set);
		check_values(set, VALUE_METRIC, "auc");
		ask.n_columns = 2;
		poll_all(&f, &ask, set);
		check_values(set, VALUE_PARAM, "depth");
		/* What one looks up is what the other gave. */
		write_sql(f.path,
			  "UPDATE runs SET name='m' WHERE start_time=5");
		poll_all(&f, &ask, set);
		check_many(set);
		run_set_free(set);
		intern_free(strings);
		fixture_release(&f);
		if (is_large)
			break;
	}
}

/* Of a few runs, what else is there. */
static void test_values_of_runs(void **state)
{
	const char *const ids[] = { "r1", "none" };
	struct fixture f;

	(void)state;
	fixture_init(&f, SCHEMA_3);
	add_runs(f.path);
	assert_int_equal(poll_ask(&f, &(struct source_ask){ 0 }), ERR_OK);
	batch_free(f.b);
	f.b = batch_new();
	assert_int_equal(
		f.ops->source->values(f.ctx, ids, 2, NULL, f.b, &f.err),
		ERR_OK);
	assert_int_equal(f.b->n_values, 2);
	assert_string_equal(get_value(f.b, "r1", VALUE_PARAM, "depth")->text,
			    "7");
	assert_string_equal(get_value(f.b, "r1", VALUE_TAG, "team")->text,
			    "risk");
	fixture_release(&f);
}

static void test_registry(void **state)
{
	const struct model_facts *m;
	struct fixture f;

	(void)state;
	fixture_init(&f, SCHEMA_3);
	write_sql(f.path,
		  "INSERT INTO registered_models(name, creation_time, "
		  "last_updated_time, description) VALUES ('b-model', 1, 2, "
		  "'what it does'), ('a-prompt', 1, 2, NULL), ('a-model', 1, "
		  "2, NULL);"
		  "INSERT INTO registered_models(name, workspace) VALUES "
		  "('b-model', 'elsewhere');"
		  "INSERT INTO registered_model_tags(key, value, name) VALUES "
		  "('mlflow.prompt.is_prompt', 'true', 'a-prompt'), ('team', "
		  "'risk', 'b-model');"
		  "INSERT INTO model_versions(name, version, creation_time, "
		  "description, current_stage, source, run_id, status) VALUES "
		  "('b-model', 2, 20, 'second', 'Staging', 's3://b/2', 'r1', "
		  "'READY'), ('b-model', 10, 30, NULL, 'None', NULL, NULL, "
		  "'READY'), ('b-model', 9, 25, NULL, 'Deleted_Internal', "
		  "NULL, NULL, 'READY'), ('a-prompt', 1, 1, NULL, 'None', "
		  "NULL, NULL, 'READY');"
		  "INSERT INTO model_version_tags(key, value, name, version) "
		  "VALUES ('checked', 'yes', 'b-model', 2), ('old', 'x', "
		  "'b-model', 9), ('a', '1', 'b-model', 10);"
		  "INSERT INTO registered_model_aliases(alias, version, name) "
		  "VALUES ('champion', 2, 'b-model'), ('best', 10, "
		  "'b-model');");
	assert_int_equal(poll_once(&f), ERR_OK);
	assert_true(f.b->has_registry);
	assert_int_equal(f.b->n_models, 2);
	assert_int_equal(f.b->n_models_total, 2);
	assert_string_equal(f.b->models[0].name, "a-model");
	assert_int_equal(f.b->models[0].n_versions, 0);
	m = &f.b->models[1];
	assert_string_equal(m->description, "what it does");
	assert_int_equal(m->n_tags, 1);
	assert_string_equal(m->tags[0].value, "risk");
	assert_int_equal(m->n_aliases, 2);
	assert_string_equal(m->aliases[0].alias, "best");
	assert_string_equal(m->aliases[1].version, "2");
	assert_int_equal(m->n_versions, 2);
	assert_string_equal(m->versions[0].version, "10");
	assert_int_equal(m->versions[0].n_tags, 1);
	assert_string_equal(m->versions[0].tags[0].name, "a");
	assert_string_equal(m->versions[1].version, "2");
	assert_string_equal(m->versions[1].stage, "Staging");
	assert_string_equal(m->versions[1].run_id, "r1");
	assert_string_equal(m->versions[1].description, "second");
	assert_string_equal(m->versions[1].source_uri, "s3://b/2");
	assert_string_equal(m->versions[1].tags[0].value, "yes");
	assert_true(m->versions[1].created_ms == 20);
	assert_true(m->versions[1].updated_ms == TIME_NONE);
	fixture_release(&f);
}

static void ask_detail(struct fixture *f, const char *id, enum err_code want)
{
	batch_free(f->b);
	f->b = batch_new();
	f->err = (struct err){ 0 };
	assert_int_equal(
		f->ops->source->detail(f->ctx, id, NULL, f->b, &f->err), want);
}

static void test_detail(void **state)
{
	const struct run_detail *d;
	struct fixture f;

	(void)state;
	fixture_init(&f, SCHEMA_3);
	add_runs(f.path);
	write_sql(
		f.path,
		LATEST_SQL("r1", "zeta", "1", "4") LATEST_SQL(
			"r1", "auc", "0.5",
			"3") "INSERT INTO datasets VALUES ('d1', 1, 'train', "
			     "'abc', "
			     "'local', '{}', '{\"cols\":1}', NULL);"
			     "INSERT INTO inputs VALUES ('i1', 'DATASET', "
			     "'d1', 'RUN', "
			     "'r1', 0), ('i2', 'RUN_OUTPUT', 'r1', "
			     "'MODEL_OUTPUT', 'm-1', "
			     "0), ('i3', 'RUN_INPUT', 'r1', 'MODEL_INPUT', "
			     "'m-2', 0);"
			     "INSERT INTO input_tags VALUES ('i1', "
			     "'mlflow.data.context', "
			     "'training');"
			     "INSERT INTO logged_models VALUES ('m-1', 1, "
			     "'made', '/m1', "
			     "1, 1, 2, 'active', 'xgb', 'r1', NULL), ('m-2', "
			     "1, 'used', "
			     "'/m2', 1, 1, 1, 'active', NULL, 'r9', NULL), "
			     "('m-3', 1, "
			     "'dropped', '/m3', 1, 1, 2, 'deleted', NULL, "
			     "'r1', NULL);"
			     "INSERT INTO model_versions(name, version, "
			     "current_stage, "
			     "run_id) VALUES ('m', 3, 'None', 'r1'), ('m', 4, "
			     "'Deleted_Internal', 'r1');");
	ask_detail(&f, "r1", ERR_OK);
	d = f.b->detail;
	assert_string_equal(d->run.name, "first");
	assert_string_equal(d->experiment_name, "fraud");
	assert_string_equal(d->artifact_uri, "/a/r1");
	assert_int_equal(d->n_params, 1);
	assert_int_equal(d->n_tags, 1);
	assert_int_equal(d->n_metrics, 2);
	assert_string_equal(d->metrics[0].name, "auc");
	assert_int_equal(d->metrics[0].step, 3);
	assert_int_equal(d->n_datasets, 1);
	assert_string_equal(d->datasets[0].context, "training");
	assert_string_equal(d->datasets[0].schema, "{\"cols\":1}");
	assert_int_equal(d->n_models, 2);
	assert_string_equal(d->models[0].id, "m-1");
	assert_string_equal(d->models[0].status, "READY");
	assert_false(d->models[0].is_input);
	assert_string_equal(d->models[1].name, "used");
	assert_true(d->models[1].is_input);
	assert_int_equal(d->n_versions, 1);
	assert_string_equal(d->versions[0].version, "3");
	assert_int_equal(d->n_children, 1);
	assert_string_equal(d->children[0].id, "r2");
	ask_detail(&f, "nobody", ERR_ABSENT);
	fixture_release(&f);
}

static const struct series_facts *ask_series(struct fixture *f,
					     const char *metric, uint32_t max)
{
	const struct series_ask ask = { "r1", metric, max };

	batch_free(f->b);
	f->b = batch_new();
	f->err = (struct err){ 0 };
	assert_int_equal(
		f->ops->source->series(f->ctx, &ask, 1, NULL, f->b, &f->err),
		ERR_OK);
	assert_int_equal(f->b->n_series, 1);
	return &f->b->series[0];
}

static void series_in_order(const char *schema)
{
	const struct series_facts *s;
	struct fixture f;
	size_t i;

	fixture_init(&f, schema);
	add_runs(f.path);
	write_sql(f.path,
		  POINT_SQL("r1", "auc", "0.9", "7") POINT_SQL("r2", "auc", "8",
							       "1")
			  POINT_SQL("r1", "loss", "8",
				    "1") POINT_SQL("r1", "auc", "0.2", "-3")
				  POINT_SQL("r1", "auc", "0.3", "2")
					  POINT_SQL("r1", "auc", "0.1", "2"));
	s = ask_series(&f, "auc", 0);
	assert_true(s->is_all);
	assert_int_equal(s->n_total, 4);
	assert_int_equal(s->n_points, 4);
	assert_int_equal(s->points[0].step, -3);
	assert_true(s->points[1].value == 0.1);
	assert_true(s->points[2].value == 0.3);
	assert_true(s->points[3].value == 0.9);
	s = ask_series(&f, "auc", 2);
	assert_false(s->is_all);
	assert_int_equal(s->n_points, 2);
	assert_true(s->n_total > 2);
	s = ask_series(&f, "auc", 100);
	assert_true(s->is_all);
	assert_int_equal(s->n_points, 4);
	for (i = 1; i < s->n_points; i++)
		assert_true(s->points[i - 1].step <= s->points[i].step);
	s = ask_series(&f, "nothing", 0);
	assert_int_equal(s->n_points, 0);
	fixture_release(&f);
}

static void test_series_with_the_index(void **state)
{
	(void)state;
	series_in_order(SCHEMA_3);
}

static void test_series_without_it(void **state)
{
	(void)state;
	series_in_order(SCHEMA_2);
	series_in_order(SCHEMA_1);
}

/* The nearest one: silence is how long ago the last was. */
static void test_points_beyond_the_calendar(void **state)
{
	const struct series_facts *s;
	struct fixture f;

	(void)state;
	fixture_init(&f, SCHEMA_3);
	add_runs(f.path);
	write_sql(f.path,
		  "INSERT INTO metrics(key, value, timestamp, run_uuid, "
		  "step) VALUES ('auc', 1, -9223372036854775807, 'r1', "
		  "0), ('auc', 2, 9223372036854775807, 'r1', 1), "
		  "('auc', 3, 5, 'r1', 2)");
	s = ask_series(&f, "auc", 0);
	assert_int_equal(s->n_points, 3);
	assert_true(clock_has_date(s->points[0].time_ms));
	assert_true(clock_has_date(s->points[1].time_ms));
	assert_int_equal(s->points[2].time_ms, 5);
	fixture_release(&f);
}

/* 600,000 points come as fewer; the one spike and the one NaN are there. */
static void test_long_series_keep_spikes(void **state)
{
	const struct series_facts *s;
	bool has_spike = false, has_nan = false;
	struct fixture f;
	size_t i;

	(void)state;
	fixture_init(&f, SCHEMA_3);
	add_runs(f.path);
	write_sql(f.path,
		  "WITH RECURSIVE c(x) AS (SELECT 0 UNION ALL SELECT x+1 FROM "
		  "c WHERE x<599999) INSERT INTO metrics SELECT 'auc', "
		  "CASE x WHEN 123457 THEN 99.0 ELSE x%10 END, x, 'r1', x, "
		  "x=77777 FROM c;");
	s = ask_series(&f, "auc", 0);
	assert_int_equal(s->n_total, 600000);
	assert_true(s->is_all);
	assert_in_range(s->n_points, 50000, 250000);
	assert_int_equal(s->points[0].step, 0);
	assert_int_equal(s->points[s->n_points - 1].step, 599999);
	for (i = 0; i < s->n_points; i++) {
		has_spike |= s->points[i].value == 99.0;
		has_nan |= isnan(s->points[i].value);
	}
	assert_true(has_spike);
	assert_true(has_nan);
	fixture_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs_as_they_stand),
		cmocka_unit_test(test_times_beyond_the_calendar),
		cmocka_unit_test(test_numbers_are_themselves),
		cmocka_unit_test(test_only_wanted_columns_travel),
		cmocka_unit_test(test_the_metrics_of_an_experiment_are_counted),
		cmocka_unit_test(test_facts_of_other_tables),
		cmocka_unit_test(test_statistics_of_a_history),
		cmocka_unit_test(test_a_name_may_be_long),
		cmocka_unit_test(test_nul_bytes_are_shown_and_kept_apart),
		cmocka_unit_test(test_experiments),
		cmocka_unit_test(test_schema_2),
		cmocka_unit_test(test_before_latest_metrics),
		cmocka_unit_test(test_slices),
		cmocka_unit_test(test_whole_tables),
		cmocka_unit_test(test_values_of_runs),
		cmocka_unit_test(test_registry),
		cmocka_unit_test(test_detail),
		cmocka_unit_test(test_series_with_the_index),
		cmocka_unit_test(test_series_without_it),
		cmocka_unit_test(test_points_beyond_the_calendar),
		cmocka_unit_test(test_long_series_keep_spikes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
