/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"

#include "model/model.h"

#define ID_A "00112233445566778899aabbccddeeff"

static int setup(void **state)
{
	struct model *m = xcalloc(1, sizeof(*m));

	model_init(m);
	assert_int_equal(
		model_add_source(m, "lab", "mlflow", "mlflow.db", false), 0);
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	model_release(*state);
	free(*state);
	return 0;
}

static struct batch *new_batch(enum source_state st)
{
	struct batch *b = batch_new();

	b->state = st;
	b->read_utc_ms = 5000;
	b->n_runs_total = b->n_models_total = -1;
	return b;
}

static void apply(struct model *m, struct batch *b, int64_t now_ms)
{
	model_apply(m, b, now_ms, 3);
	batch_free(b);
}

static uint32_t add_run(struct batch *b, enum run_status st, int64_t end_ms)
{
	return batch_add_run(b, &(struct run_facts){ .id = ID_A,
						     .name = "rf",
						     .experiment_id = "1",
						     .user = "",
						     .parent_id = "",
						     .status = st,
						     .start_ms = 1000,
						     .end_ms = end_ms });
}

static const struct event *find_event(const struct model *m,
				      enum event_kind kind)
{
	size_t i;

	for (i = 0; i < event_log_count(m->events); i++)
		if (event_log_at(m->events, i)->kind == kind)
			return event_log_at(m->events, i);
	return NULL;
}

static void test_a_run_tells_its_story_once(void **state)
{
	struct model *m = *state;
	struct batch *b = new_batch(SOURCE_LIVE);
	int i;

	add_run(b, RUN_RUNNING, TIME_NONE);
	apply(m, b, 2000);
	assert_int_equal(find_event(m, EVENT_RUN_STARTED)->time_ms, 1000);
	assert_null(find_event(m, EVENT_RUN_FAILED));
	for (i = 0; i < 2; i++) {
		b = new_batch(SOURCE_LIVE);
		add_run(b, RUN_FAILED, 4000);
		apply(m, b, 4500);
	}
	assert_int_equal(event_log_count(m->events), 2);
	assert_int_equal(find_event(m, EVENT_RUN_FAILED)->time_ms, 4000);
	assert_string_equal(find_event(m, EVENT_RUN_FAILED)->ref, ID_A);
	assert_string_equal(find_event(m, EVENT_RUN_FAILED)->source, "lab");
}

static void test_an_end_without_a_time_is_now(void **state)
{
	struct model *m = *state;
	struct batch *b = new_batch(SOURCE_LIVE);

	add_run(b, RUN_RUNNING, TIME_NONE);
	apply(m, b, 2000);
	b = new_batch(SOURCE_LIVE);
	add_run(b, RUN_KILLED, TIME_NONE);
	apply(m, b, 7000);
	assert_int_equal(find_event(m, EVENT_RUN_KILLED)->time_ms, 7000);
}

static void test_a_source_is_lost_and_comes_back(void **state)
{
	struct model *m = *state;
	struct batch *b;

	apply(m, new_batch(SOURCE_LIVE), 5000);
	assert_int_equal(m->sources[0].read_utc_ms, 5000);
	b = new_batch(SOURCE_ABSENT);
	err_set(&b->err, ERR_ABSENT, "no file");
	apply(m, b, 60000);
	assert_int_equal(m->sources[0].lost_since_ms, 60000);
	assert_int_equal(m->sources[0].read_utc_ms, 5000);
	assert_string_equal(event_log_at(m->events, 0)->text, "no file");
	b = new_batch(SOURCE_ABSENT);
	apply(m, b, 70000);
	assert_int_equal(m->sources[0].lost_since_ms, 60000);
	apply(m, new_batch(SOURCE_LIVE), 90000);
	assert_int_equal(m->sources[0].lost_since_ms, TIME_NONE);
	assert_non_null(strstr(event_log_at(m->events, 0)->text, "30s"));
	assert_int_equal(event_log_count(m->events), 2);
}

static void test_a_replaced_store_is_forgotten(void **state)
{
	struct model *m = *state;
	struct batch *b = new_batch(SOURCE_LIVE);

	add_run(b, RUN_FINISHED, 4000);
	b->is_complete = true;
	apply(m, b, 5000);
	b = new_batch(SOURCE_LIVE);
	b->is_afresh = true;
	apply(m, b, 6000);
	assert_true(run_set_head(m->runs, 0)->flags & RUN_IS_GONE);
	assert_false(m->sources[0].is_complete);
}

/* ---- registry ------------------------------------------------------------ */

static void send_registry(struct model *m, const char *holder, const char *tag,
			  int64_t now_ms)
{
	struct name_value tags[] = { { "mltower.promotion", tag } };
	struct version_facts versions[] = {
		{ .version = "2",
		  .status = "READY",
		  .stage = "None",
		  .run_id = "",
		  .description = "",
		  .source_uri = "",
		  .created_ms = 200,
		  .updated_ms = 200,
		  .tags = tags,
		  .n_tags = tag ? 1 : 0 },
		{ .version = "1",
		  .status = "READY",
		  .stage = "None",
		  .run_id = "",
		  .description = "",
		  .source_uri = "",
		  .created_ms = 100,
		  .updated_ms = 100 },
	};
	struct alias_facts alias = { "champion", holder };
	struct model_facts model = { .name = "fraud",
				     .description = "",
				     .created_ms = 100,
				     .updated_ms = 100,
				     .aliases = &alias,
				     .n_aliases = holder ? 1 : 0,
				     .versions = versions,
				     .n_versions = 2 };
	struct batch *b = new_batch(SOURCE_LIVE);

	b->has_registry = true;
	batch_add_model(b, &model);
	apply(m, b, now_ms);
}

static void test_versions_are_events_at_their_time(void **state)
{
	struct model *m = *state;

	send_registry(m, "1", NULL, 5000);
	assert_int_equal(event_log_count(m->events), 2);
	assert_int_equal(event_log_at(m->events, 0)->time_ms, 200);
	assert_string_equal(event_log_at(m->events, 0)->text, "v2 registered");
	assert_int_equal(m->registry_gen, 1);
	send_registry(m, "1", NULL, 6000);
	assert_int_equal(event_log_count(m->events), 2);
	assert_int_equal(m->registry_gen, 1);
}

static void test_an_alias_that_moves_is_ours_or_not(void **state)
{
	struct model *m = *state;
	const struct event *e;

	send_registry(m, "1", NULL, 5000);
	send_registry(m, "2", NULL, 6000);
	e = find_event(m, EVENT_ALIAS_OTHER);
	assert_string_equal(e->text, "@champion v1 -> v2, not ours");
	assert_int_equal(e->time_ms, 6000);
	send_registry(m, "1", NULL, 7000);
	send_registry(m, "2", "{\"id\":1}", 8000);
	e = find_event(m, EVENT_ALIAS);
	assert_string_equal(e->text, "@champion v1 -> v2");
	send_registry(m, NULL, "{\"id\":1}", 9000);
	e = event_log_at(m->events, 0);
	assert_string_equal(e->text, "@champion v2 -> nobody, not ours");
	send_registry(m, "1", "{\"id\":1}", 10000);
	assert_string_equal(event_log_at(m->events, 0)->text,
			    "@champion nobody -> v1, not ours");
}

static void test_versions_are_found(void **state)
{
	struct model *m = *state;
	const struct reg_entry *e;
	const struct version_facts *v;
	struct err err = { 0 };

	send_registry(m, "1", NULL, 5000);
	assert_int_equal(registry_find(m->registry, -1, "fraud", &e, &err), 0);
	assert_int_equal(registry_version(e->model, "2", &v, &err), 0);
	assert_string_equal(v->version, "2");
	assert_int_equal(registry_version(e->model, "v1", &v, &err), 0);
	assert_string_equal(v->version, "1");
	assert_int_equal(registry_version(e->model, "@champion", &v, &err), 0);
	assert_string_equal(v->version, "1");
	assert_int_equal(
		registry_version(e->model, "models:/fraud/2", &v, &err), 0);
	assert_string_equal(v->version, "2");
	assert_int_equal(
		registry_version(e->model, "models:/fraud@champion", &v, &err),
		0);
	assert_string_equal(v->version, "1");
	assert_int_equal(
		registry_version(e->model, "models:/other/2", &v, &err),
		ERR_USAGE);
	err_clear(&err);
	assert_int_equal(registry_version(e->model, "3", &v, &err), ERR_ABSENT);
	err_clear(&err);
	assert_int_equal(registry_version(e->model, "@next", &v, &err),
			 ERR_ABSENT);
	assert_string_equal(
		registry_challenger(e->model, "champion", "challenger")
			->version,
		"2");
	assert_string_equal(
		registry_challenger(e->model, "nobody", "champion")->version,
		"1");
}

static void test_one_name_in_two_sources(void **state)
{
	struct model *m = *state;
	const struct reg_entry *e;
	struct err err = { 0 };
	struct batch *b;
	struct model_facts model = { .name = "fraud", .description = "" };

	model_add_source(m, "prod", "mlflow", "other.db", true);
	send_registry(m, "1", NULL, 5000);
	b = new_batch(SOURCE_LIVE);
	b->source = 1;
	b->has_registry = true;
	batch_add_model(b, &model);
	apply(m, b, 6000);
	assert_int_equal(registry_count(m->registry), 2);
	assert_int_equal(registry_find(m->registry, -1, "fraud", &e, &err),
			 ERR_MANY);
	err_clear(&err);
	assert_int_equal(registry_find(m->registry, 1, "fraud", &e, &err), 0);
	assert_int_equal(e->source, 1);
	registry_forget_source(m->registry, 0);
	assert_int_equal(registry_find(m->registry, -1, "fraud", &e, &err), 0);
}

/* ---- the main metric ----------------------------------------------------- */

static const char *main_metric(struct model *m)
{
	return intern_str(m->strings, model_main_metric(m, 0));
}

static void add_counts(struct batch *b, const char *const *metrics, size_t n,
		       uint32_t n_runs)
{
	size_t i;

	for (i = 0; i < n; i++)
		batch_add_count(
			b, &(struct metric_count){ "1", metrics[i], n_runs });
}

static void test_the_main_metric_is_measured_on_other_data(void **state)
{
	static const char *const common[] = { "auc", "lr", "system/val_cpu" };
	static const char *const rare[] = { "val/loss", "val/auc" };
	struct model *m = *state;
	struct batch *b = new_batch(SOURCE_LIVE);

	add_run(b, RUN_RUNNING, TIME_NONE);
	add_counts(b, common, 3, 20);
	add_counts(b, rare, 2, 2);
	apply(m, b, 2000);
	assert_string_equal(main_metric(m), "val/auc");
	b = new_batch(SOURCE_LIVE);
	batch_add_experiment(
		b, &(struct experiment_facts){
			   .id = "1", .name = "e", .primary_metric = "lr" });
	apply(m, b, 3000);
	assert_string_equal(main_metric(m), "lr");
}

/* Neither the values that happen to be here nor the names of others. */
static void test_counts_alone_tell_a_main_metric(void **state)
{
	static const char *const counted[] = { "system/disk", "m" };
	struct model *m = *state;
	struct batch *b = new_batch(SOURCE_LIVE);
	uint32_t run = add_run(b, RUN_RUNNING, TIME_NONE);

	batch_add_number(b, run, batch_key(b, VALUE_METRIC, "val/acc"), 1);
	batch_add_name(b, VALUE_METRIC, "val/acc");
	b->names[VALUE_METRIC].is_told = true;
	apply(m, b, 2000);
	assert_string_equal(main_metric(m), "");
	b = new_batch(SOURCE_LIVE);
	add_counts(b, counted, 2, 1);
	apply(m, b, 3000);
	assert_string_equal(main_metric(m), "m");
}

static void test_points_tell_when_a_run_was_heard_of(void **state)
{
	static const struct point p[] = { { 1, 1500, 1 }, { 2, 1700, 2 } };
	struct model *m = *state;
	struct batch *b = new_batch(SOURCE_LIVE);

	add_run(b, RUN_RUNNING, TIME_NONE);
	batch_add_series(b, &(struct series_facts){ .run_id = ID_A,
						    .metric = "auc",
						    .points = p,
						    .n_points = 2 });
	apply(m, b, 2000);
	assert_int_equal(run_set_head(m->runs, 0)->last_point_ms, 1700);
	assert_int_equal(m->series_gen, 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_a_run_tells_its_story_once),
		T(test_an_end_without_a_time_is_now),
		T(test_a_source_is_lost_and_comes_back),
		T(test_a_replaced_store_is_forgotten),
		T(test_versions_are_events_at_their_time),
		T(test_an_alias_that_moves_is_ours_or_not),
		T(test_versions_are_found),
		T(test_one_name_in_two_sources),
		T(test_the_main_metric_is_measured_on_other_data),
		T(test_counts_alone_tell_a_main_metric),
		T(test_points_tell_when_a_run_was_heard_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
