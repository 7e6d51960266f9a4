/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/alerts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "io/gate.h"
#include "state_dir.h"
#include "store/journal.h"

struct fixture {
	char *dir;
	struct state *state;
	struct err err;
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	gate_reset_for_tests();
	f->dir = scratch_make();
	BUG_ON(state_open(f->dir, &f->state, &f->err));
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	state_close(f->state);
	scratch_remove(f->dir);
	free(f);
	return 0;
}

static struct alert make(const char *version)
{
	static char src[] = "prod", word[] = "m", col[] = "amount";
	static char rule[] = "drift", psi[] = "PSI", none[] = "";
	static char text[] = "median 1 -> 2", v1[] = "1", v2[] = "2";

	return (struct alert){
		.source = src,
		.model = word,
		.version = strcmp(version, "2") ? v1 : v2,
		.monitor = word,
		.column = col,
		.rule = rule,
		.statistic = psi,
		.severity = SEVERITY_PAGE,
		.state = ALERT_FIRING,
		.value = 0.5,
		.threshold = 0.25,
		.n_baseline = 900,
		.n_window = 400,
		.since_ms = 1000,
		.fired_ms = 2000,
		.resolved_ms = TIME_NONE,
		.acked_by = none,
		.note = none,
		.calm_ms = 4000,
		.acked_ms = TIME_NONE,
		.silenced_until_ms = TIME_NONE,
		.text = text,
	};
}

static void save(struct fixture *f, struct alert *a)
{
	assert_int_equal(alerts_save(f->state, a, &f->err), 0);
	assert_true(a->id > 0);
}

static struct alert_set load(struct fixture *f, int64_t since_ms)
{
	struct alert_set set = { 0 };

	assert_int_equal(alerts_load(f->state, since_ms, 9000, &set, &f->err),
			 0);
	return set;
}

static void test_comes_back_as_it_was(void **state)
{
	struct fixture *f = *state;
	struct alert a = make("1");
	struct alert_set set;
	const struct alert *b;

	save(f, &a);
	set = load(f, 0);
	assert_int_equal(set.n, 1);
	b = set.alerts;
	assert_int_equal(b->id, a.id);
	assert_string_equal(b->source, "prod");
	assert_string_equal(b->version, "1");
	assert_string_equal(b->column, "amount");
	assert_string_equal(b->rule, "drift");
	assert_string_equal(b->statistic, "PSI");
	assert_string_equal(b->text, "median 1 -> 2");
	assert_string_equal(b->acked_by, "");
	assert_int_equal(b->severity, SEVERITY_PAGE);
	assert_int_equal(b->state, ALERT_FIRING);
	assert_true(b->value == 0.5 && b->threshold == 0.25);
	assert_int_equal(b->n_baseline, 900);
	assert_int_equal(b->n_window, 400);
	assert_int_equal(b->since_ms, 1000);
	assert_int_equal(b->fired_ms, 2000);
	assert_true(b->resolved_ms == TIME_NONE);
	assert_int_equal(b->calm_ms, 4000);
	assert_true(b->acked_ms == TIME_NONE);
	alert_set_clear(&set);
}

/* The evaluating process knows nothing of an acknowledgement made elsewhere,
 * and must not write over it. */
static void test_saving_keeps_the_acknowledgement(void **state)
{
	struct fixture *f = *state;
	struct alert a = make("1");
	struct alert_set set;

	save(f, &a);
	assert_int_equal(alerts_acknowledge(f->state, a.id, "ada", "known",
					    3000, &f->err),
			 0);
	a.value = 0.75;
	save(f, &a);
	set = load(f, 0);
	assert_int_equal(set.n, 1);
	assert_true(set.alerts[0].value == 0.75);
	assert_string_equal(set.alerts[0].acked_by, "ada");
	assert_string_equal(set.alerts[0].note, "known");
	assert_int_equal(set.alerts[0].acked_ms, 3000);
	assert_false(alert_needs_person(&set.alerts[0], 4000));
	alert_set_clear(&set);
}

/* Who reads the events learns which alert, by whom, and why. */
static void test_an_acknowledgement_is_an_event(void **state)
{
	struct fixture *f = *state;
	struct alert a = make("1");
	struct event_log *log = event_log_new(10);
	int64_t seq = 0;

	save(f, &a);
	assert_int_equal(alerts_acknowledge(f->state, a.id, "ada", "salary day",
					    3000, &f->err),
			 0);
	assert_int_equal(
		alerts_acknowledge(f->state, 77, "ada", "", 1, &f->err),
		ERR_ABSENT);
	err_clear(&f->err);
	assert_int_equal(journal_read(f->state, &seq, 0, log, &f->err), 0);
	assert_int_equal(event_log_count(log), 1);
	assert_string_equal(event_log_at(log, 0)->source, "prod");
	assert_string_equal(event_log_at(log, 0)->subject, "m");
	assert_string_equal(event_log_at(log, 0)->ref, "1");
	assert_string_equal(event_log_at(log, 0)->text,
			    "acknowledged by ada: amount PSI; salary day");
	event_log_free(log);
}

static void test_what_cannot_be_acknowledged(void **state)
{
	struct fixture *f = *state;
	struct alert a = make("1");

	assert_int_equal(
		alerts_acknowledge(f->state, 77, "ada", "", 1, &f->err),
		ERR_ABSENT);
	err_clear(&f->err);
	a.state = ALERT_RESOLVED;
	a.resolved_ms = 5000;
	save(f, &a);
	assert_int_equal(
		alerts_acknowledge(f->state, a.id, "ada", "", 1, &f->err),
		ERR_USAGE);
}

static void test_those_over_are_shown_since(void **state)
{
	struct fixture *f = *state;
	struct alert a = make("1");
	struct alert_set set;

	a.state = ALERT_RESOLVED;
	a.resolved_ms = 5000;
	save(f, &a);
	set = load(f, 5000);
	assert_int_equal(set.n, 1);
	alert_set_clear(&set);
	set = load(f, 5001);
	assert_int_equal(set.n, 0);
	alert_set_clear(&set);
}

static void test_one_that_did_not_last_leaves_no_trace(void **state)
{
	struct fixture *f = *state;
	struct alert a = make("1"), b = make("1");
	struct alert_set set;

	save(f, &a);
	save(f, &b);
	assert_int_equal(alerts_remove(f->state, a.id, &f->err), 0);
	set = load(f, 0);
	assert_int_equal(set.n, 1);
	assert_int_equal(set.alerts[0].id, b.id);
	alert_set_clear(&set);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_comes_back_as_it_was),
		T(test_saving_keeps_the_acknowledgement),
		T(test_an_acknowledgement_is_an_event),
		T(test_what_cannot_be_acknowledged),
		T(test_those_over_are_shown_since),
		T(test_one_that_did_not_last_leaves_no_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
