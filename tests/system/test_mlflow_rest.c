/* SPDX-License-Identifier: GPL-3.0-or-later */

/* An MLflow server as a source: what is read of it, and how seldom. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/mem.h"
#include "fake_mlflow.h"
#include "system/ops.h"

struct fixture {
	struct fake_mlflow fake;
	struct source_conf conf;
	const struct system_ops *ops;
	void *ctx;
	struct batch *b;
	struct source_ask ask;
	struct err err;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	fake_start(&f->fake);
	f->conf = (struct source_conf){ .name = "s",
					.where = f->fake.server.url };
	f->ops = system_find(f->conf.where, NULL, &f->err);
	assert_non_null(f->ops);
	assert_int_equal(f->ops->source->open(&f->conf, &f->ctx, &f->err),
			 ERR_OK);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	batch_free(f->b);
	f->ops->source->close(f->ctx);
	fault_stop(&f->fake.server);
	free(f);
	return 0;
}

static struct batch *fresh(struct fixture *f)
{
	batch_free(f->b);
	f->b = batch_new();
	f->b->n_runs_total = f->b->n_models_total = -1;
	f->err = (struct err){ 0 };
	return f->b;
}

static enum err_code poll_once(struct fixture *f)
{
	return f->ops->source->poll(f->ctx, &f->ask, NULL, fresh(f), &f->err);
}

static void test_registry_is_read(void **state)
{
	struct fixture *f = *state;
	const struct model_facts *m;

	assert_int_equal(poll_once(f), ERR_OK);
	assert_true(f->b->has_registry);
	assert_int_equal(f->b->n_models, 1);
	assert_int_equal(f->b->n_models_total, 1);
	m = &f->b->models[0];
	assert_string_equal(m->name, "m");
	assert_int_equal(m->updated_ms, 2);
	assert_int_equal(m->n_aliases, 1);
	assert_string_equal(m->aliases[0].alias, "champion");
	assert_string_equal(m->aliases[0].version, "1");
	/* Of two pages, highest first. */
	assert_int_equal(m->n_versions, 3);
	assert_string_equal(m->versions[0].version, "3");
	assert_string_equal(m->versions[2].version, "1");
	assert_string_equal(m->versions[2].stage, "Production");
	assert_string_equal(m->versions[0].run_id, "run3");
	assert_int_equal(m->versions[0].created_ms, 1003);
}

static void test_runs_of_versions_are_read(void **state)
{
	static const struct value_key wanted[] = { { VALUE_METRIC, "auc" },
						   { VALUE_FACT, "alias" } };
	struct fixture *f = *state;

	assert_int_equal(poll_once(f), ERR_OK);
	assert_int_equal(f->b->n_runs, 3);
	assert_true(f->b->is_complete);
	assert_int_equal(f->b->n_runs_total, 3);
	assert_string_equal(f->b->runs[0].id, "run3");
	assert_int_equal(f->b->runs[0].status, RUN_FINISHED);
	assert_int_equal(f->b->n_experiments, 1);
	assert_string_equal(f->b->experiments[0].name, "seven");
	assert_int_equal(f->b->n_values, 0);
	assert_int_equal(f->b->names[VALUE_METRIC].n, 1);
	assert_int_equal(f->b->n_counts, 1);
	assert_string_equal(f->b->counts[0].metric, "auc");
	assert_string_equal(f->b->counts[0].experiment_id, "7");
	assert_int_equal(f->b->counts[0].n_runs, 3);
	assert_int_equal(f->fake.n_runs_asked, 3);

	/* Columns come of what is known: nobody is asked again. */
	f->ask.columns = wanted;
	f->ask.n_columns = ARRAY_LEN(wanted);
	assert_int_equal(poll_once(f), ERR_OK);
	assert_int_equal(f->fake.n_runs_asked, 3);
	assert_int_equal(f->b->n_runs, 3);
	assert_int_equal(f->b->n_values, 6);
	assert_true(f->b->values[0].number == .9);
	assert_null(f->b->values[1].text);
	assert_string_equal(f->b->values[5].text, "champion");
}

/* Until the server is asked again: what it costs says how soon. */
static void poll_models(struct fixture *f)
{
	unsigned n = f->fake.server.n_requests;

	while (f->fake.server.n_requests == n) {
		assert_int_equal(poll_once(f), ERR_OK);
		usleep(1000);
	}
}

static void test_a_quiet_server_is_asked_for_one_page(void **state)
{
	struct fixture *f = *state;
	unsigned n;

	assert_int_equal(poll_once(f), ERR_OK);
	n = f->fake.server.n_requests;
	poll_models(f);
	assert_false(f->b->has_registry);
	assert_int_equal(f->b->n_runs, 0);
	assert_int_equal(f->fake.server.n_requests, n + 1);
	assert_int_equal(f->fake.server.n_connections, 1);
}

static void test_a_move_is_seen(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(poll_once(f), ERR_OK);
	strcpy(f->fake.holder, "3");
	f->fake.n_versions_asked = 0;
	poll_models(f);
	assert_true(f->b->has_registry);
	assert_string_equal(f->b->models[0].aliases[0].version, "3");
	assert_int_equal(f->b->models[0].n_versions, 3);
	/* The versions of this model alone, in two pages. */
	assert_int_equal(f->fake.n_versions_asked, 2);
	assert_string_equal(f->fake.last_filter, "name='m'");
}

static void test_another_server_is_told(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(poll_once(f), ERR_OK);
	assert_false(f->b->is_afresh);
	f->fake.created_ms = 78;
	f->fake.fault = FAKE_DOWN;
	while (!poll_once(f))
		usleep(1000);
	assert_int_equal(f->err.code, ERR_BUSY);
	f->fake.fault = FAKE_FINE;
	assert_int_equal(poll_once(f), ERR_OK);
	assert_true(f->b->is_afresh);
	assert_int_equal(f->b->n_models, 1);
	assert_int_equal(f->b->n_runs, 3);
}

static void test_one_series(void **state)
{
	static const struct series_ask whole = { "run1", "auc", 0 };
	static const struct series_ask last = { "run1", "auc", 2 };
	struct fixture *f = *state;
	const struct series_facts *s;

	assert_int_equal(f->ops->source->series(f->ctx, &whole, 1, NULL,
						fresh(f), &f->err),
			 ERR_OK);
	s = &f->b->series[0];
	assert_int_equal(s->n_points, 6);
	assert_true(s->is_all);
	for (int i = 0; i < 6; i++)
		assert_int_equal(s->points[i].step, i);
	assert_true(isnan(s->points[4].value));
	assert_true(isinf(s->points[3].value));
	assert_true(s->points[5].value == 0);

	assert_int_equal(f->ops->source->series(f->ctx, &last, 1, NULL,
						fresh(f), &f->err),
			 ERR_OK);
	s = &f->b->series[0];
	assert_int_equal(s->n_points, 2);
	assert_int_equal(s->n_total, 6);
	assert_int_equal(s->points[0].step, 4);
}

static void test_one_run(void **state)
{
	struct fixture *f = *state;
	const struct run_detail *d;

	assert_int_equal(
		f->ops->source->detail(f->ctx, "run2", NULL, fresh(f), &f->err),
		ERR_OK);
	d = f->b->detail;
	assert_string_equal(d->run.name, "run2");
	assert_string_equal(d->experiment_name, "seven");
	assert_int_equal(d->n_metrics, 1);
	assert_int_equal(d->metrics[0].step, 4);
	assert_string_equal(f->fake.last_filter, "run_id='run2'");
	assert_int_equal(
		f->ops->source->detail(f->ctx, "none", NULL, fresh(f), &f->err),
		ERR_ABSENT);
	assert_non_null(strstr(f->err.msg, "none of that"));
}

static enum fault_then other_site(void *ctx, int fd,
				  const struct fault_request *req)
{
	(void)ctx;
	(void)req;
	fault_reply(fd, 200, "text/html", "", "<h1>Welcome!</h1>");
	return FAULT_KEEP;
}

static void test_what_is_no_mlflow_says_so(void **state)
{
	struct fixture *f = *state;

	fault_stop(&f->fake.server);
	fault_start(&f->fake.server, other_site, NULL);
	f->conf.where = f->fake.server.url;
	f->ops->source->close(f->ctx);
	assert_int_equal(f->ops->source->open(&f->conf, &f->ctx, &f->err),
			 ERR_OK);
	assert_int_equal(poll_once(f), ERR_SCHEMA);
	assert_non_null(strstr(f->err.msg, "not as MLflow does: text/html"));
}

static void test_a_server_that_is_down_is_left_alone(void **state)
{
	struct fixture *f = *state;
	unsigned n;

	f->fake.fault = FAKE_DOWN;
	assert_int_equal(poll_once(f), ERR_BUSY);
	assert_non_null(strstr(f->err.msg, "503: database is locked"));
	assert_int_equal(poll_once(f), ERR_BUSY);
	n = f->fake.server.n_requests;
	assert_int_equal(poll_once(f), ERR_BUSY);
	assert_int_equal(f->fake.server.n_requests, n);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_registry_is_read),
		WITH(test_runs_of_versions_are_read),
		WITH(test_a_quiet_server_is_asked_for_one_page),
		WITH(test_a_move_is_seen),
		WITH(test_another_server_is_told),
		WITH(test_a_server_that_is_down_is_left_alone),
		WITH(test_one_series),
		WITH(test_one_run),
		WITH(test_what_is_no_mlflow_says_so),
	};

	unsetenv("MLFLOW_TRACKING_URI");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
