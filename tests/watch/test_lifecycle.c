/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "watch/lifecycle.h"

static const struct lifecycle_patience at_once, patient = { 10000, 0 };

static struct lifecycle_fact fact(bool is_true, double value)
{
	static char text[] = "median 1 -> 2", word[] = "amount", none[] = "";
	struct lifecycle_fact f = { .rule = "drift", .is_true = is_true };

	f.now.source = f.now.model = f.now.monitor = f.now.column = word;
	f.now.rule = f.now.statistic = word;
	f.now.version = f.now.acked_by = f.now.note = none;
	f.now.text = text;
	f.now.value = value;
	return f;
}

/* What happens to an alert over time, one evaluation a row. */
static void test_a_life(void **state)
{
	static const struct {
		int64_t now_ms;
		bool is_true;
		enum lifecycle_change change;
		enum alert_state state;
	} rows[] = {
		{ 0, false, LIFE_NOTHING, ALERT_PENDING },
		{ 1000, true, LIFE_PENDING, ALERT_PENDING },
		{ 2000, false, LIFE_GONE, ALERT_PENDING },
		{ 5000, true, LIFE_PENDING, ALERT_PENDING },
		{ 14999, true, LIFE_UPDATED, ALERT_PENDING },
		{ 15000, true, LIFE_FIRING, ALERT_FIRING },
		{ 20000, true, LIFE_UPDATED, ALERT_FIRING },
		{ 25000, false, LIFE_RESOLVED, ALERT_RESOLVED },
		{ 26000, true, LIFE_PENDING, ALERT_PENDING },
	};
	struct alert open;
	bool has_open = false;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct lifecycle_fact f = fact(rows[i].is_true, (double)i);
		struct alert next;
		enum lifecycle_change change =
			lifecycle_step(has_open ? &open : NULL, &f, patient,
				       rows[i].now_ms, &next);

		assert_int_equal(change, rows[i].change);
		if (has_open)
			alert_release(&open);
		has_open = false;
		if (change == LIFE_NOTHING)
			continue;
		assert_int_equal(next.state, rows[i].state);
		if (change == LIFE_GONE || change == LIFE_RESOLVED) {
			alert_release(&next);
			continue;
		}
		assert_true(next.value == (double)i);
		open = next;
		has_open = true;
	}
	assert_true(has_open);
	assert_int_equal(open.since_ms, 26000);
	alert_release(&open);
}

/* A window of too few rows resolves nothing, and begins nothing. */
static void test_too_few_rows_change_nothing(void **state)
{
	static const struct monitor_conf conf = { .name = "m",
						  .source = "s",
						  .model = "fraud" };
	struct drift_column c = { .name = "amount",
				  .statistic = "PSI",
				  .reason = "because",
				  .verdict = DRIFT_TOO_FEW };
	struct drift_report r = { .version = "1",
				  .n_columns = 1,
				  .columns = &c };
	struct lifecycle_fact f;
	struct alert open, next;
	char room[240];

	(void)state;
	f = lifecycle_drift(&conf, &r, room);
	assert_int_equal(lifecycle_step(NULL, &f, at_once, 1000, &next),
			 LIFE_NOTHING);
	c.verdict = DRIFT_YES;
	r.n_drifted = 1;
	f = lifecycle_drift(&conf, &r, room);
	assert_int_equal(lifecycle_step(NULL, &f, at_once, 2000, &open),
			 LIFE_FIRING);
	c.verdict = DRIFT_TOO_FEW;
	r.n_drifted = 0;
	f = lifecycle_drift(&conf, &r, room);
	assert_int_equal(lifecycle_step(&open, &f, at_once, 3000, &next),
			 LIFE_NOTHING);
	c.verdict = DRIFT_NO;
	f = lifecycle_drift(&conf, &r, room);
	assert_int_equal(lifecycle_step(&open, &f, at_once, 4000, &next),
			 LIFE_RESOLVED);
	alert_release(&open);
	alert_release(&next);
}

static void test_missing_values_are_named(void **state)
{
	static const struct monitor_conf conf = { .name = "m",
						  .source = "s",
						  .model = "fraud" };
	struct drift_column c = { .name = "n_tx",
				  .statistic = "PSI",
				  .change = "missing 3% → 28%",
				  .missing = { .is_cause = true },
				  .verdict = DRIFT_YES };
	struct drift_report r = {
		.version = "1", .n_columns = 1, .n_drifted = 1, .columns = &c
	};
	struct lifecycle_fact f;
	char room[240];

	(void)state;
	f = lifecycle_drift(&conf, &r, room);
	assert_string_equal(f.now.statistic, "missing PSI");
	assert_string_equal(f.now.text, "missing 3% → 28%");
}

/* Two columns that drift one after the other, one of which stops. */
static void test_each_column_has_its_own_time(void **state)
{
	static const struct {
		enum drift_verdict a, b;
		int64_t since_a, fired_a, since_b, fired_b;
	} rows[] = {
		{ DRIFT_NO, DRIFT_NO, TIME_NONE, TIME_NONE, TIME_NONE,
		  TIME_NONE },
		{ DRIFT_YES, DRIFT_NO, 1000, TIME_NONE, TIME_NONE, TIME_NONE },
		{ DRIFT_YES, DRIFT_YES, 1000, 2000, 2000, TIME_NONE },
		{ DRIFT_YES, DRIFT_TOO_FEW, 1000, 2000, 2000, TIME_NONE },
		{ DRIFT_NO, DRIFT_YES, TIME_NONE, TIME_NONE, 2000, 4000 },
		{ DRIFT_YES, DRIFT_YES, 5000, TIME_NONE, 2000, 4000 },
	};
	struct drift_column columns[2][2];
	struct drift_report r[2];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct drift_column *c = columns[i % 2];

		c[0] = (struct drift_column){ .name = "a",
					      .verdict = rows[i].a };
		c[1] = (struct drift_column){ .name = "b",
					      .verdict = rows[i].b };
		r[i % 2] = (struct drift_report){ .version = "1",
						  .made_ms = (int64_t)i * 1000,
						  .n_columns = 2,
						  .columns = c };
		lifecycle_columns(&r[i % 2], i ? &r[(i + 1) % 2] : NULL, 1000);
		assert_true(c[0].since_ms == rows[i].since_a);
		assert_true(c[0].fired_ms == rows[i].fired_a);
		assert_true(c[1].since_ms == rows[i].since_b);
		assert_true(c[1].fired_ms == rows[i].fired_b);
	}
	r[0].version = "2"; /* another one begins anew */
	lifecycle_columns(&r[0], &r[1], 1000);
	assert_true(columns[0][1].since_ms == r[0].made_ms);
}

/* Steps the alert on, in its place. */
static enum lifecycle_change step(struct alert *a, bool is_true, int64_t now_ms)
{
	const struct lifecycle_patience keeps = { 0, 50 };
	struct lifecycle_fact f = fact(is_true, 1);
	struct alert next;
	enum lifecycle_change change =
		lifecycle_step(a, &f, keeps, now_ms, &next);

	alert_release(a);
	*a = next;
	return change;
}

static void test_a_firing_one_is_kept_for_a_while(void **state)
{
	struct lifecycle_fact yes = fact(true, 1);
	struct alert a;

	(void)state;
	lifecycle_step(NULL, &yes, at_once, 7, &a);
	assert_int_equal(step(&a, false, 100), LIFE_UPDATED);
	assert_int_equal(step(&a, false, 149), LIFE_UPDATED);
	assert_int_equal(a.state, ALERT_FIRING);
	assert_int_equal(a.calm_ms, 100);
	/* True again: the time begins anew. */
	assert_int_equal(step(&a, true, 149), LIFE_UPDATED);
	assert_true(a.calm_ms == TIME_NONE);
	assert_int_equal(step(&a, false, 150), LIFE_UPDATED);
	assert_int_equal(step(&a, false, 199), LIFE_UPDATED);
	assert_int_equal(step(&a, false, 200), LIFE_RESOLVED);
	assert_int_equal(a.resolved_ms, 200);
	alert_release(&a);
}

static void test_no_patience_fires_at_once(void **state)
{
	struct lifecycle_fact f = fact(true, 1);
	struct alert a;

	(void)state;
	assert_int_equal(lifecycle_step(NULL, &f, at_once, 7, &a), LIFE_FIRING);
	assert_int_equal(a.fired_ms, 7);
	assert_int_equal(a.since_ms, 7);
	alert_release(&a);
}

static void test_acknowledgement_stays(void **state)
{
	struct lifecycle_fact f = fact(true, 1);
	struct alert a, b;

	(void)state;
	lifecycle_step(NULL, &f, at_once, 7, &a);
	a.id = 42;
	free(a.acked_by);
	a.acked_by = xstrdup("ada");
	f.now.value = 2;
	assert_int_equal(lifecycle_step(&a, &f, at_once, 8, &b), LIFE_UPDATED);
	assert_int_equal(b.id, 42);
	assert_string_equal(b.acked_by, "ada");
	assert_true(b.value == 2);
	alert_release(&a);
	alert_release(&b);
}

static void test_silence_is_a_rule_of_its_own(void **state)
{
	struct monitor_conf conf = { .name = "live",
				     .source = "prod",
				     .model = "m",
				     .no_rows_ms = 60000 };
	struct lifecycle_fact f;
	char room[240];

	(void)state;
	f = lifecycle_no_rows(&conf, 1000, 60999, room);
	assert_false(f.is_true);
	f = lifecycle_no_rows(&conf, 1000, 61000, room);
	assert_true(f.is_true);
	assert_string_equal(room, "no prediction for 1m");
	/* Before the first row nobody knows. */
	f = lifecycle_no_rows(&conf, TIME_NONE, 61000, room);
	assert_false(f.is_true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_life),
		cmocka_unit_test(test_too_few_rows_change_nothing),
		cmocka_unit_test(test_missing_values_are_named),
		cmocka_unit_test(test_each_column_has_its_own_time),
		cmocka_unit_test(test_a_firing_one_is_kept_for_a_while),
		cmocka_unit_test(test_no_patience_fires_at_once),
		cmocka_unit_test(test_acknowledgement_stays),
		cmocka_unit_test(test_silence_is_a_rule_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
