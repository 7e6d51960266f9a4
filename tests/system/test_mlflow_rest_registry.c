/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Promotions on an MLflow server, by the protocol: whatever the server does,
 * nothing is sent twice, and what is put on record is what stands there. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../store/state_dir.h"
#include "base/mem.h"
#include "fake_mlflow.h"
#include "io/gate.h"
#include "promote/promotion.h"
#include "promote/rollback.h"
#include "store/audit.h"

struct fixture {
	struct fake_mlflow fake;
	char *dir;
	struct source_conf conf;
	struct protocol_env env;
	struct arena arena;
	struct registry_state now;
	struct err err;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	fake_start(&f->fake);
	gate_reset_for_tests();
	gate_allow_source("s");
	f->dir = scratch_make();
	f->conf = (struct source_conf){ .name = "s",
					.where = f->fake.server.url };
	f->env.ops = system_find(f->conf.where, NULL, &f->err);
	f->env.conf = &f->conf;
	f->env.permit = gate_permit("s", &f->err);
	assert_int_equal(state_open(f->dir, &f->env.state, &f->err), ERR_OK);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fault_stop(&f->fake.server);
	state_close(f->env.state);
	arena_release(&f->arena);
	scratch_remove(f->dir);
	gate_reset_for_tests();
	free(f);
	return 0;
}

static void look(struct fixture *f, const char *version, const char *alias,
		 const char *stage)
{
	f->err = (struct err){ 0 };
	if (f->env.ops->registry->look(&f->conf, "m", version, alias, stage,
				       NULL, &f->now, &f->err))
		fail_msg("%s", f->err.msg);
}

static struct promotion *planned(struct fixture *f, const char *version,
				 const char *alias, const char *stage)
{
	const struct promotion_ask ask = { .source = "s",
					   .model = "m",
					   .version = version,
					   .alias = alias,
					   .stage = stage };
	struct promotion_facts facts = { .state = &f->now };
	struct promotion *p = promotion_new(&ask);

	look(f, version, alias, stage);
	if (promotion_plan(p, &facts, NULL, &f->err))
		fail_msg("%s", f->err.msg);
	f->fake.server.n_changes = 0;
	return p;
}

static void run(struct fixture *f, struct promotion *p)
{
	while (protocol_step(&p->act, &f->env))
		;
}

/* The newest entry's outcome. */
static const char *on_record(struct fixture *f)
{
	struct audit_entry *all;
	size_t n;

	assert_int_equal(
		audit_list(f->env.state, NULL, 0, &f->arena, &all, &n, &f->err),
		ERR_OK);
	return n ? all[0].outcome : NULL;
}

static void test_look(void **state)
{
	struct fixture *f = *state;

	look(f, "2", "champion", "staging");
	assert_true(f->now.has_model && f->now.has_version);
	assert_string_equal(f->now.holder, "1");
	assert_string_equal(f->now.newest, "3");
	assert_string_equal(f->now.run_id, "run2");
	assert_string_equal(f->now.stage, "None");
	assert_string_equal(f->now.stage_holder, "");
	assert_string_equal(f->now.status, "READY");
	assert_true(*f->now.fingerprint);
	look(f, "2", "other", "Production");
	assert_string_equal(f->now.holder, "");
	assert_string_equal(f->now.stage_holder, "1");
	look(f, "8", NULL, NULL);
	assert_false(f->now.has_version);
	assert_int_equal(f->env.ops->registry->look(&f->conf, "none", "1",
						    "champion", NULL, NULL,
						    &f->now, &f->err),
			 ERR_OK);
	assert_false(f->now.has_model);
	assert_int_equal(f->env.ops->registry->look(&f->conf, "m", "1", "v7",
						    NULL, NULL, &f->now,
						    &f->err),
			 ERR_USAGE);
}

static const struct {
	enum fake_fault fault;
	enum outcome outcome;
	const char *recorded, *holder;
	unsigned n_changes;
	const char *told; /* NULL: nothing */
} faults[] = {
	{ FAKE_FINE, OUTCOME_WRITTEN, "promoted", "2", 2, NULL },
	{ FAKE_LOST_BEFORE, OUTCOME_UNKNOWN, "unknown", "1", 1,
	  "a moment later v1 holds champion" },
	{ FAKE_LOST_AFTER, OUTCOME_WRITTEN, "promoted", "2", 1,
	  "it stands there, without its tag" },
	{ FAKE_500_AFTER, OUTCOME_WRITTEN, "promoted", "2", 1, "answers 500" },
	{ FAKE_HTML_AFTER, OUTCOME_WRITTEN, "promoted", "2", 1, "text/html" },
	{ FAKE_REFUSED, OUTCOME_FAILED, "failed", "1", 1, "403: not you" },
	{ FAKE_REDIRECT, OUTCOME_FAILED, "failed", "1", 1,
	  "127.0.0.1 sends us on to login.example" },
	{ FAKE_TAG_LOST, OUTCOME_WRITTEN, "promoted", "2", 2,
	  "the tag mltower.promotion" },
	{ FAKE_MOVED_AFTER, OUTCOME_WRITTEN, "promoted", "3", 2,
	  "moved on to v3 at once by somebody else" },
};

static void test_whatever_the_server_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		struct promotion *p;
		struct fixture *f;
		void *own;

		setup(&own);
		f = own;
		p = planned(f, "2", "champion", NULL);
		f->fake.fault = faults[i].fault;
		run(f, p);
		assert_int_equal(p->act.outcome, faults[i].outcome);
		assert_string_equal(on_record(f), faults[i].recorded);
		assert_string_equal(f->fake.holder, faults[i].holder);
		assert_int_equal(f->fake.server.n_changes, faults[i].n_changes);
		if (!faults[i].told)
			assert_string_equal(p->act.err.msg, "");
		else if (!strstr(p->act.err.msg, faults[i].told))
			fail_msg("\"%s\" does not say \"%s\"", p->act.err.msg,
				 faults[i].told);
		promotion_free(p);
		teardown(&own);
	}
}

static void test_the_tag_names_the_promotion(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned(f, "2", "champion", NULL);

	run(f, p);
	look(f, "2", "champion", NULL);
	assert_string_equal(f->now.promotion_tag, f->fake.tags[2]);
	assert_non_null(strstr(f->now.promotion_tag, p->act.id));
	promotion_free(p);
}

static void test_a_move_in_between_is_a_conflict(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned(f, "2", "champion", NULL);

	strcpy(f->fake.holder, "3");
	run(f, p);
	assert_int_equal(p->act.outcome, OUTCOME_CONFLICT);
	assert_int_equal(f->fake.server.n_changes, 0);
	promotion_free(p);

	/* Another server behind the name, too. */
	p = planned(f, "2", "champion", NULL);
	f->fake.created_ms++;
	run(f, p);
	assert_int_equal(p->act.outcome, OUTCOME_CONFLICT);
	assert_int_equal(f->fake.server.n_changes, 0);
	promotion_free(p);
}

static void test_between_comparison_and_write(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned(f, "2", "champion", NULL);

	protocol_step(&p->act, &f->env); /* intent */
	protocol_step(&p->act, &f->env); /* compared */
	strcpy(f->fake.holder, "3");
	run(f, p);
	assert_int_equal(p->act.outcome, OUTCOME_CONFLICT);
	assert_int_equal(f->fake.server.n_changes, 0);
	promotion_free(p);
}

static void test_stage(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned(f, "2", NULL, "Production");

	run(f, p);
	assert_int_equal(p->act.outcome, OUTCOME_WRITTEN);
	assert_string_equal(f->fake.stages[2], "Production");
	assert_string_equal(f->fake.stages[1], "Archived");
	promotion_free(p);
}

static void test_the_closed_gate(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned(f, "2", "champion", NULL);

	gate_close(GATE_SYSTEMS, "test");
	run(f, p);
	assert_int_equal(p->act.outcome, OUTCOME_REFUSED);
	assert_int_equal(f->fake.server.n_changes, 0);
	promotion_free(p);
}

static void test_an_alias_is_removed(void **state)
{
	struct fixture *f = *state;
	struct registry_change c = { .kind = CHANGE_ALIAS_REMOVE,
				     .model = "m",
				     .version = "1",
				     .alias = "champion",
				     .expected_holder = "1",
				     .fingerprint = f->now.fingerprint };

	look(f, "1", "champion", NULL);
	assert_int_equal(f->env.ops->registry->write(&f->conf, f->env.permit,
						     &c, NULL, &f->err),
			 ERR_OK);
	assert_string_equal(f->fake.holder, "");
}

static void test_will_send(void **state)
{
	struct fixture *f = *state;
	struct promotion *p = planned(f, "2", "champion", NULL);
	struct buf out = BUF_INIT(0);

	promotion_describe(p, f->env.ops->registry, &f->conf, &out);
	assert_non_null(strstr(buf_str(&out), f->conf.where));
	assert_non_null(strstr(buf_str(&out), "champion of m: 1 -> 2"));
	buf_release(&out);
	promotion_free(p);
}

static const struct system_ops *find(void *ctx, const char *source,
				     struct source_conf *conf)
{
	struct fixture *f = ctx;

	(void)source;
	*conf = f->conf;
	return f->env.ops;
}

/* What the next start says of a promotion that ended before its outcome: the
 * alias may stand anywhere, with the tag or without. */
static void test_what_a_crash_left(void **state)
{
	static const struct {
		const char *holder;
		bool has_tag;
		const char *outcome, *told;
	} left[] = {
		{ "1", false, "failed", "nothing was written" },
		{ "2", true, "promoted", "it was promoted" },
		{ "2", false, "unknown", "by whom is not known" },
		{ "3", true, "promoted", "it was promoted" },
		{ "3", false, "unknown", "it was moved since" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(left); i++) {
		struct promotion *p;
		struct fixture *f;
		const char *line;
		void *own;

		setup(&own);
		f = own;
		p = planned(f, "2", "champion", NULL);
		protocol_step(&p->act, &f->env); /* intent */
		strcpy(f->fake.holder, left[i].holder);
		if (left[i].has_tag)
			snprintf(f->fake.tags[2], sizeof(f->fake.tags[2]),
				 "{\"id\":\"%s\"}", p->act.id);
		assert_int_equal(settle_all(f->env.state, find, f, NULL,
					    &f->arena, &line, &f->err),
				 ERR_OK);
		assert_string_equal(on_record(f), left[i].outcome);
		assert_non_null(strstr(line, left[i].told));
		assert_int_equal(f->fake.server.n_changes, 0);
		promotion_free(p);
		teardown(&own);
	}
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		WITH(test_look),
		cmocka_unit_test(test_whatever_the_server_does),
		WITH(test_the_tag_names_the_promotion),
		WITH(test_a_move_in_between_is_a_conflict),
		WITH(test_between_comparison_and_write),
		WITH(test_stage),
		WITH(test_the_closed_gate),
		WITH(test_an_alias_is_removed),
		WITH(test_will_send),
		cmocka_unit_test(test_what_a_crash_left),
	};

	unsetenv("MLFLOW_TRACKING_URI");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
