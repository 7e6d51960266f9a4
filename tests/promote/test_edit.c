/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "promote/edit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../store/state_dir.h"
#include "fake_runs.h"
#include "promote/rollback.h"
#include "store/journal.h"

/* A change of runs: what is planned, what each step does to the world, and
 * what the next start makes of one that was killed in between. */

struct fixture {
	char *dir;
	struct state *state;
	struct protocol_env env;
	struct arena arena;
};

static const struct source_conf source = { .name = "prod", .where = "nowhere" };
static const struct edit_run runs[] = { { "r0", "zero" },
					{ "r1", "one" },
					{ "r2", "two" } };
static const struct name_value stage = { "stage", "prod" };

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct err err = { 0 };

	gate_reset_for_tests();
	gate_allow_source("prod");
	fake_make();
	f->dir = scratch_make();
	BUG_ON(state_open(f->dir, &f->state, &err));
	f->env = (struct protocol_env){ .state = f->state,
					.ops = &fake_system,
					.conf = &source,
					.permit = gate_permit("prod", &err) };
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	state_close(f->state);
	arena_release(&f->arena);
	scratch_remove(f->dir);
	fake_remove();
	free(f);
	return 0;
}

static struct edit_ask tag_them(size_t n_runs)
{
	return (struct edit_ask){ .source = "prod",
				  .kind = EDIT_TAG,
				  .tags = &stage,
				  .n_tags = 1,
				  .runs = runs,
				  .n_runs = n_runs };
}

static enum err_code plan(struct edit *e, const char *if_current,
			  struct err *err)
{
	*err = (struct err){ 0 };
	return edit_plan(e, &fake_ops, &source, if_current, NULL, err);
}

static struct edit *planned(const struct edit_ask *ask)
{
	struct edit *e = edit_new(ask);
	struct err err;

	if (plan(e, NULL, &err))
		fail_msg("%s", err.msg);
	return e;
}

static size_t read_trail(struct fixture *f, struct audit_entry **all)
{
	struct audit_check check;
	struct err err = { 0 };
	size_t n;

	assert_int_equal(audit_verify(f->state, &check, &err), 0);
	assert_true(check.is_whole);
	assert_int_equal(
		audit_list(f->state, NULL, 0, &f->arena, all, &n, &err), 0);
	return n;
}

/* Runs it, and expects this outcome in the trail ("" nothing there). */
static void expect(struct fixture *f, struct edit *e, enum outcome outcome,
		   const char *recorded)
{
	struct audit_entry *all;
	size_t n;

	while (protocol_step(&e->act, &f->env))
		;
	if (e->act.outcome != outcome)
		fail_msg("%s: %s", protocol_outcome_name(&e->act),
			 e->act.err.msg);
	n = read_trail(f, &all);
	assert_int_equal(n, *recorded ? 2 : 0);
	if (*recorded) {
		assert_string_equal(all[0].outcome, recorded);
		assert_null(all[1].outcome);
		assert_string_equal(all[1].id, e->act.id);
	}
}

static void test_the_plan(void **state)
{
	const struct edit_ask ask = tag_them(3);
	struct edit *e;

	(void)state;
	strcpy(fake->values[2], "prod");
	e = planned(&ask);
	assert_int_equal(e->n_rows, 3);
	assert_true(e->rows[2].is_already);
	assert_int_equal(e->change.n, 2);
	assert_string_equal(e->confirm, "tag 2 runs");
	edit_free(e);
	strcpy(fake->values[1], "prod");
	e = planned(&ask);
	assert_string_equal(e->confirm, "zero");
	edit_free(e);
}

static void test_the_guard(void **state)
{
	const struct edit_ask ask = tag_them(2);
	struct edit *e = edit_new(&ask);
	struct err err;

	(void)state;
	assert_int_equal(plan(e, "none", &err), ERR_OK);
	assert_int_equal(plan(e, "dev", &err), ERR_CONFLICT);
	strcpy(fake->values[0], "dev");
	assert_int_equal(plan(e, "dev", &err), ERR_CONFLICT);
	strcpy(fake->values[1], "dev");
	assert_int_equal(plan(e, "dev", &err), ERR_OK);
	assert_int_equal(plan(e, "none", &err), ERR_CONFLICT);
	edit_free(e);
}

static void test_a_deleted_run_takes_no_tag(void **state)
{
	struct edit_ask ask = tag_them(2);
	struct edit *e = edit_new(&ask);
	struct err err;

	(void)state;
	fake->is_deleted[1] = true;
	assert_int_equal(plan(e, NULL, &err), ERR_USAGE);
	edit_free(e);
	ask.kind = EDIT_RESTORE;
	ask.n_tags = 0;
	e = planned(&ask);
	assert_int_equal(e->n_runs, 1);
	edit_free(e);
}

static void test_written(void **state)
{
	struct fixture *f = *state;
	const struct edit_ask ask = tag_them(3);
	struct edit *e = planned(&ask);
	struct event_log *log = event_log_new(10);
	struct audit_entry *all;
	struct run_change was;
	struct err err = { 0 };
	int64_t seq = 0;

	e->reason = "because";
	expect(f, e, OUTCOME_WRITTEN, "changed");
	assert_string_equal(fake->values[2], "prod");
	read_trail(f, &all);
	assert_string_equal(all[0].verb, "tag");
	assert_string_equal(all[0].reason, "because");
	assert_string_equal(all[0].fingerprint, "here");
	assert_true(edit_of_record(&all[1], &f->arena, &was));
	assert_int_equal(was.n, 3);
	assert_string_equal(was.edits[2].run_id, "r2");
	assert_string_equal(was.edits[2].key, "stage");
	assert_string_equal(was.edits[2].then, "prod");
	assert_null(was.edits[2].was);
	assert_int_equal(journal_read(f->state, &seq, 0, log, &err), 0);
	assert_string_equal(event_log_at(log, 0)->subject, "3 runs");
	assert_string_equal(event_log_at(log, 0)->text,
			    "tag stage=prod: changed");
	event_log_free(log);
	edit_free(e);
}

static void test_already(void **state)
{
	const struct edit_ask ask = tag_them(1);
	struct edit *e;

	strcpy(fake->values[0], "prod");
	e = planned(&ask);
	expect(*state, e, OUTCOME_ALREADY, "");
	assert_int_equal(fake->n_writes, 0);
	edit_free(e);
}

static void test_moved_in_between(void **state)
{
	const struct edit_ask ask = tag_them(3);
	struct edit *e = planned(&ask);

	fake->move_at_look = 2;
	expect(*state, e, OUTCOME_CONFLICT, "conflict");
	assert_int_equal(fake->n_writes, 0);
	assert_string_equal(fake->values[1], "theirs");
	edit_free(e);
}

static void test_moved_on_at_once(void **state)
{
	const struct edit_ask ask = tag_them(3);
	struct edit *e = planned(&ask);

	fake->move_at_look = 3;
	expect(*state, e, OUTCOME_WRITTEN, "changed");
	assert_non_null(strstr(e->act.err.msg, "changed again at once"));
	edit_free(e);
}

static void test_another_store(void **state)
{
	const struct edit_ask ask = tag_them(3);
	struct edit *e = planned(&ask);

	strcpy(fake->fingerprint, "elsewhere");
	expect(*state, e, OUTCOME_CONFLICT, "conflict");
	edit_free(e);
}

static void test_read_only(void **state)
{
	struct fixture *f = *state;
	const struct edit_ask ask = tag_them(3);
	struct edit *e = planned(&ask);

	f->env.permit = NULL;
	expect(f, e, OUTCOME_REFUSED, "");
	assert_int_equal(protocol_exit_status(&e->act), 4);
	edit_free(e);
}

/* No answer: it is found out by looking, and never written again. */
static void test_no_answer(void **state)
{
	const struct edit_ask ask = tag_them(2);
	struct edit *e = planned(&ask);

	fake->write_fails = ERR_UNKNOWN;
	fake->writes_anyway = true;
	expect(*state, e, OUTCOME_WRITTEN, "changed");
	assert_int_equal(fake->n_writes, 1);
	edit_free(e);
}

static void test_no_answer_and_not_written(void **state)
{
	const struct edit_ask ask = tag_them(2);
	struct edit *e = planned(&ask);

	fake->write_fails = ERR_UNKNOWN;
	expect(*state, e, OUTCOME_FAILED, "failed");
	edit_free(e);
}

/* Thousands of long texts that stood before are on record by their digests. */
static void test_a_large_record(void **state)
{
	struct fixture *f = *state;
	static struct edit_run many[EDIT_MAX + 1];
	struct edit_ask ask = tag_them(0);
	struct audit_entry *all;
	struct run_change was;
	struct edit *e;
	struct err err;

	for (size_t i = 0; i <= EDIT_MAX; i++)
		many[i] = runs[0];
	memset(fake->values[0], 'x', 8000);
	ask.runs = many;
	ask.n_runs = EDIT_MAX;
	e = planned(&ask);
	while (protocol_step(&e->act, &f->env))
		;
	assert_int_equal(e->act.outcome, OUTCOME_WRITTEN);
	read_trail(f, &all);
	assert_non_null(strstr(all[0].evidence, "previous_sha256"));
	assert_true(edit_of_record(&all[0], &f->arena, &was));
	assert_int_equal(was.n, EDIT_MAX);
	edit_free(e);
	ask.n_runs++;
	e = edit_new(&ask);
	assert_int_equal(plan(e, NULL, &err), ERR_USAGE);
	edit_free(e);
}

/* ---- killed in between ---- */

static void edit_and_die(const char *dir, int n_steps)
{
	const struct edit_ask ask = tag_them(3);
	struct edit *e = edit_new(&ask);
	struct protocol_env env = { .ops = &fake_system, .conf = &source };
	struct err err = { 0 };

	env.permit = gate_permit("prod", &err);
	if (state_open(dir, &env.state, &err) || plan(e, NULL, &err))
		_exit(1);
	while (n_steps-- > 0)
		protocol_step(&e->act, &env);
	raise(SIGKILL);
}

static void crash(struct fixture *f, int n_steps)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid)
		edit_and_die(f->dir, n_steps);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static const struct system_ops *find(void *ctx, const char *name,
				     struct source_conf *conf)
{
	(void)ctx;
	(void)name;
	*conf = source;
	return &fake_system;
}

static const char *settle_by(struct fixture *f, settle_find *by)
{
	struct err err = { 0 };
	const char *line;

	if (settle_all(f->state, by, NULL, NULL, &f->arena, &line, &err))
		fail_msg("%s", err.msg);
	return line;
}

static const char *settle(struct fixture *f)
{
	return settle_by(f, find);
}

static const struct {
	int n_steps;
	bool dies_before, dies_after;
	const char *outcome, *told; /* NULL: nothing to settle */
} crashes[] = {
	{ 0, false, false, NULL, NULL },
	{ 1, false, false, "failed", "3 runs tag was interrupted: nothing" },
	{ 2, false, false, "failed", "nothing was written" },
	{ 3, true, false, "failed", "nothing was written" },
	{ 3, false, true, "changed", "it was changed, now on record" },
	{ 4, false, false, "changed", "it was changed, now on record" },
	{ 5, false, false, "changed", NULL },
};

static void test_killed_after_any_step(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(crashes); i++) {
		struct audit_entry *all;
		const char *line;
		struct fixture *f;
		void *own;

		set_up(&own);
		f = own;
		fake->dies_before = crashes[i].dies_before;
		fake->dies_after = crashes[i].dies_after;
		crash(f, crashes[i].n_steps);
		line = settle(f);
		assert_int_equal(read_trail(f, &all),
				 crashes[i].outcome ? 2 : 0);
		if (crashes[i].outcome)
			assert_string_equal(all[0].outcome, crashes[i].outcome);
		assert_int_equal(!line, !crashes[i].told);
		if (line)
			assert_non_null(strstr(line, crashes[i].told));
		tear_down(&own);
	}
}

static void test_settled_though_others_went_on(void **state)
{
	struct fixture *f = *state;
	struct audit_entry *all;

	crash(f, 3);
	strcpy(fake->values[1], "theirs");
	settle(f);
	read_trail(f, &all);
	assert_string_equal(all[0].outcome, "changed");
	for (size_t i = 0; i < N_FAKE_RUNS; i++)
		strcpy(fake->values[i], "");
	crash(f, 3);
	for (size_t i = 0; i < N_FAKE_RUNS; i++)
		strcpy(fake->values[i], "theirs");
	settle(f);
	read_trail(f, &all);
	assert_string_equal(all[0].outcome, "unknown");
}

static void test_left_open(void **state)
{
	struct fixture *f = *state;
	struct audit_entry *all;

	crash(f, 3);
	fake->look_fails = ERR_BUSY;
	assert_non_null(strstr(settle(f), "still open: prod cannot be read"));
	fake->look_fails = ERR_OK;
	strcpy(fake->fingerprint, "elsewhere");
	assert_non_null(strstr(settle(f), "is another store now"));
	assert_int_equal(read_trail(f, &all), 1);
}

/* That a run is gone is told by the store it was in, and by no other. */
static void test_left_open_where_no_run_is(void **state)
{
	struct fixture *f = *state;
	struct audit_entry *all;

	crash(f, 3);
	fake->look_fails = ERR_ABSENT; /* no store stands there */
	assert_non_null(strstr(settle(f), "still open: prod cannot be read"));
	fake->look_fails = ERR_OK;
	fake->is_gone[1] = true;
	strcpy(fake->fingerprint, "elsewhere");
	assert_non_null(strstr(settle(f), "is another store now"));
	strcpy(fake->fingerprint, "here");
	assert_non_null(strstr(settle(f), "what came of it is not known"));
	assert_int_equal(read_trail(f, &all), 2);
	assert_string_equal(all[0].outcome, "unknown");
}

/* A tag that is gone now is not the long one that stood there. */
static void test_what_stood_there_was_too_long(void **state)
{
	struct audit_entry e = {
		.id = "0123456789abcdef",
		.kind = "intent",
		.verb = "tag",
		.source = "prod",
		.fingerprint = "here",
		.verified_ms = TIME_NONE,
		.evidence = "{\"edits\":[{\"run_id\":\"r0\",\"change\":0,"
			    "\"previous_sha256\":\"77af\"}],"
			    "\"changes\":[{\"key\":\"k\",\"value\":\"v\"}]}"
	};
	struct fixture *f = *state;
	struct err err = { 0 };
	struct audit_entry *all;

	assert_int_equal(audit_append(f->state, &f->arena, &e, &err), ERR_OK);
	assert_non_null(strstr(settle(f), "what came of it is not known"));
	assert_int_equal(read_trail(f, &all), 2);
	assert_string_equal(all[0].outcome, "unknown");
}

static enum err_code no_model(const struct source_conf *conf, const char *model,
			      const char *version, const char *alias,
			      const char *wanted, const struct cancel *stop,
			      struct registry_state *out, struct err *err)
{
	(void)conf;
	(void)alias;
	(void)wanted;
	(void)stop;
	(void)out;
	assert_non_null(model);
	assert_non_null(version);
	return err_set(err, ERR_ABSENT, "no model");
}

static const struct system_ops *find_with_registry(void *ctx, const char *name,
						   struct source_conf *conf)
{
	static const struct registry_ops registry = { .look = no_model };
	static const struct system_ops both = { .registry = &registry,
						.runs = &fake_ops };

	(void)ctx;
	(void)name;
	*conf = source;
	return &both;
}

/* Of a record that cannot be read nothing is settled. */
static void test_an_intent_nobody_can_read(void **state)
{
	struct audit_entry e = { .id = "0123456789abcdef",
				 .kind = "intent",
				 .verb = "tag",
				 .source = "prod",
				 .fingerprint = "here",
				 .verified_ms = TIME_NONE,
				 .evidence = "{\"edits\":[{\"run_id\"" };
	static const char *const verbs[] = { "tag", "rename", "of later" };
	struct fixture *f = *state;
	struct err err = { 0 };
	struct audit_entry *all;
	const char *line;

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		e.verb = verbs[i];
		assert_int_equal(audit_append(f->state, &f->arena, &e, &err),
				 0);
		line = settle_by(f, find_with_registry);
		assert_non_null(strstr(line, "still open"));
	}
	e.id = "fedcba9876543210";
	e.verb = "rename";
	e.evidence = "{\"edits\":[{\"run_id\":\"r0\"}]}";
	assert_int_equal(audit_append(f->state, &f->arena, &e, &err), 0);
	assert_non_null(strstr(settle(f), "still open"));
	assert_int_equal(read_trail(f, &all), 4);
}

int main(void)
{
#define WITH_STATE(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WITH_STATE(test_the_plan),
		WITH_STATE(test_the_guard),
		WITH_STATE(test_a_deleted_run_takes_no_tag),
		WITH_STATE(test_written),
		WITH_STATE(test_already),
		WITH_STATE(test_moved_in_between),
		WITH_STATE(test_moved_on_at_once),
		WITH_STATE(test_another_store),
		WITH_STATE(test_read_only),
		WITH_STATE(test_no_answer),
		WITH_STATE(test_no_answer_and_not_written),
		WITH_STATE(test_a_large_record),
		cmocka_unit_test(test_killed_after_any_step),
		WITH_STATE(test_settled_though_others_went_on),
		WITH_STATE(test_left_open),
		WITH_STATE(test_left_open_where_no_run_is),
		WITH_STATE(test_what_stood_there_was_too_long),
		WITH_STATE(test_an_intent_nobody_can_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
