/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../store/state_dir.h"
#include "fake_registry.h"
#include "promote/promotion.h"
#include "promote/rollback.h"
#include "store/audit.h"
#include "store/journal.h"

/* A promotion killed after any number of its steps: what the next start puts
 * on record is what stands in the registry. */

struct fixture {
	char *dir;
	struct state *state;
	struct arena arena;
};

static const struct source_conf source = { .name = "prod", .where = "nowhere" };

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	gate_reset_for_tests();
	gate_allow_source("prod");
	fake_make();
	strcpy(fake->holder, "1");
	f->dir = scratch_make();
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

static enum err_code killed_before_applying(const struct source_conf *conf,
					    const struct permit *permit,
					    const struct registry_change *c,
					    const struct cancel *stop,
					    struct err *err)
{
	(void)conf;
	(void)permit;
	(void)c;
	(void)stop;
	(void)err;
	raise(SIGKILL);
	return ERR_OK;
}

static enum err_code killed_after_applying(const struct source_conf *conf,
					   const struct permit *permit,
					   const struct registry_change *c,
					   const struct cancel *stop,
					   struct err *err)
{
	(void)fake_write(conf, permit, c, stop, err);
	raise(SIGKILL);
	return ERR_OK;
}

static const struct registry_ops die_before = {
	.look = fake_look,
	.describe = fake_describe,
	.write = killed_before_applying
};
static const struct registry_ops die_after = { .look = fake_look,
					       .describe = fake_describe,
					       .write = killed_after_applying };

/* The child: n_steps of a promotion to version 2, then SIGKILL. */
static void promote_and_die(const char *dir, const struct registry_ops *ops,
			    int n_steps)
{
	const struct promotion_ask ask = { .source = "prod",
					   .model = "m",
					   .version = "2",
					   .alias = "champion" };
	const struct system_ops system = { .registry = ops };
	struct promotion *p = promotion_new(&ask);
	struct registry_state now;
	struct promotion_facts facts = { .state = &now };
	struct protocol_env env = { .ops = &system, .conf = &source };
	struct err err = { 0 };

	env.permit = gate_permit("prod", &err);
	if (state_open(dir, &env.state, &err) ||
	    fake_look(NULL, "m", "2", "champion", NULL, NULL, &now, &err) ||
	    promotion_plan(p, &facts, NULL, &err))
		_exit(1);
	while (n_steps-- > 0)
		protocol_step(&p->act, &env);
	raise(SIGKILL);
}

static void crash(struct fixture *f, const struct registry_ops *ops,
		  int n_steps)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid)
		promote_and_die(f->dir, ops, n_steps);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static const struct system_ops *find_fake(void *ctx, const char *name,
					  struct source_conf *conf)
{
	(void)ctx;
	assert_string_equal(name, "prod");
	*conf = source;
	return &fake_system;
}

static const struct system_ops *find_none(void *ctx, const char *name,
					  struct source_conf *conf)
{
	(void)ctx;
	(void)name;
	(void)conf;
	return NULL;
}

static const char *settle(struct fixture *f, settle_find *find)
{
	struct err err = { 0 };
	const char *line;

	if (!f->state && state_open(f->dir, &f->state, &err))
		fail_msg("%s", err.msg);
	if (settle_all(f->state, find, NULL, NULL, &f->arena, &line, &err))
		fail_msg("%s", err.msg);
	return line;
}

/* The newest entry's outcome; NULL: an intent. *n: entries. */
static const char *last_outcome(struct fixture *f, size_t *n)
{
	struct audit_entry *all;
	struct audit_check check;
	struct err err = { 0 };

	assert_int_equal(audit_verify(f->state, &check, &err), 0);
	assert_true(check.is_whole);
	assert_int_equal(
		audit_list(f->state, NULL, 0, &f->arena, &all, n, &err), 0);
	return *n ? all[0].outcome : NULL;
}

static const struct {
	const struct registry_ops *ops;
	int n_steps;
	size_t n_entries; /* after settling */
	const char *outcome, *holder;
	const char *told; /* in the line; NULL: none */
} crashes[] = {
	{ &fake_ops, 0, 0, NULL, "1", NULL },
	{ &fake_ops, 1, 2, "failed", "1", "nothing was written" },
	{ &fake_ops, 2, 2, "failed", "1", "nothing was written" },
	{ &die_before, 3, 2, "failed", "1", "nothing was written" },
	{ &die_after, 3, 2, "promoted", "2", "it was promoted" },
	{ &fake_ops, 3, 2, "promoted", "2", "it was promoted" },
	{ &fake_ops, 4, 2, "promoted", "2", "it was promoted" },
	{ &fake_ops, 5, 2, "promoted", "2", NULL },
};

static void test_killed_after_any_step(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(crashes); i++) {
		struct fixture *f;
		const char *line, *outcome;
		void *own;
		size_t n;

		set_up(&own);
		f = own;
		crash(f, crashes[i].ops, crashes[i].n_steps);
		line = settle(f, find_fake);
		outcome = last_outcome(f, &n);
		if (n != crashes[i].n_entries ||
		    strcmp(fake->holder, crashes[i].holder))
			fail_msg("case %zu: %zu entries, v%s", i, n,
				 fake->holder);
		if (crashes[i].outcome)
			assert_string_equal(outcome, crashes[i].outcome);
		if (!line != !crashes[i].told ||
		    (line && !strstr(line, crashes[i].told)))
			fail_msg("case %zu: %s", i, line ? line : "no line");
		/* Once settled, nothing is left to settle. */
		assert_null(settle(f, find_fake));
		last_outcome(f, &n);
		assert_int_equal(n, crashes[i].n_entries);
		tear_down(&own);
	}
}

/* Version 2 stands there, and not by our write. */
static void test_somebody_else_did_it(void **state)
{
	struct fixture *f = *state;
	const char *line;
	size_t n;

	crash(f, &fake_ops, 1);
	strcpy(fake->holder, "2");
	line = settle(f, find_fake);
	assert_non_null(line);
	assert_non_null(strstr(line, "not known"));
	assert_string_equal(last_outcome(f, &n), "unknown");
}

/* Written, and moved on by somebody else since: it was promoted all the same.
 */
static void test_moved_on_since(void **state)
{
	struct fixture *f = *state;
	size_t n;

	crash(f, &fake_ops, 3);
	strcpy(fake->holder, "5");
	settle(f, find_fake);
	assert_string_equal(last_outcome(f, &n), "promoted");
	assert_string_equal(fake->holder, "5");
	assert_int_equal(fake->n_writes, 1);
}

static void test_a_source_that_cannot_be_read_stays_open(void **state)
{
	struct fixture *f = *state;
	size_t n;

	crash(f, &fake_ops, 3);
	assert_non_null(strstr(settle(f, find_none), "still open"));
	assert_null(last_outcome(f, &n));
	assert_int_equal(n, 1);
	fake->look_fails = ERR_IO;
	assert_non_null(strstr(settle(f, find_fake), "still open"));
	fake->look_fails = ERR_OK;
	settle(f, find_fake);
	assert_string_equal(last_outcome(f, &n), "promoted");
}

/* The same name, and not the registry that was written. */
static void test_another_registry_stays_open(void **state)
{
	struct fixture *f = *state;
	size_t n;

	crash(f, &fake_ops, 3);
	strcpy(fake->fingerprint, "there");
	assert_non_null(strstr(settle(f, find_fake), "another registry"));
	assert_null(last_outcome(f, &n));
	assert_int_equal(n, 1);
}

static void test_the_journal_tells_it(void **state)
{
	struct fixture *f = *state;
	struct event_log *log = event_log_new(10);
	struct err err = { 0 };
	int64_t seq = 0;

	crash(f, &fake_ops, 3);
	settle(f, find_fake);
	assert_int_equal(journal_read(f->state, &seq, 0, log, &err), 0);
	assert_int_equal(event_log_count(log), 1);
	assert_int_equal(event_log_at(log, 0)->kind, EVENT_PROMOTION);
	assert_string_equal(event_log_at(log, 0)->subject, "m");
	assert_string_equal(event_log_at(log, 0)->text,
			    "v2 to champion was interrupted: it was promoted, "
			    "now on record");
	event_log_free(log);
}

static void test_two_crashes(void **state)
{
	struct fixture *f = *state;
	size_t n;

	crash(f, &fake_ops, 1);
	crash(f, &fake_ops, 2);
	settle(f, find_fake);
	assert_string_equal(last_outcome(f, &n), "failed");
	assert_int_equal(n, 4);
}

/* The second promotion wrote its tag over that of the first. */
static void test_promoted_again_since(void **state)
{
	struct fixture *f = *state;
	struct audit_entry *all;
	struct err err = { 0 };
	size_t n;

	crash(f, &fake_ops, 3);
	strcpy(fake->holder, "1");
	crash(f, &fake_ops, 3);
	strcpy(fake->holder, "5");
	settle(f, find_fake);
	assert_int_equal(
		audit_list(f->state, NULL, 0, &f->arena, &all, &n, &err), 0);
	assert_int_equal(n, 4);
	assert_string_equal(all[0].outcome, "promoted");
	assert_string_equal(all[1].outcome, "unknown");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_killed_after_any_step),
		T(test_somebody_else_did_it),
		T(test_moved_on_since),
		T(test_a_source_that_cannot_be_read_stays_open),
		T(test_another_registry_stays_open),
		T(test_the_journal_tells_it),
		T(test_two_crashes),
		T(test_promoted_again_since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
