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

#include "model/alert.h"
#include "model/event.h"
#include "model/metric.h"

static struct alert *add(struct alert_set *set, const char *monitor,
			 enum alert_state state, double value)
{
	struct alert a, *out;

	alert_init(&a);
	free(a.monitor);
	a.monitor = xstrdup(monitor);
	a.state = state;
	a.value = value;
	a.threshold = 1;
	a.since_ms = 1000;
	out = alert_set_add(set, &a);
	alert_release(&a);
	return out;
}

static void set_text(char **field, const char *text)
{
	free(*field);
	*field = xstrdup(text);
}

static void test_the_order_is_for_people(void **state)
{
	static const char *const order[] = { "page",  "worse",  "bad",
					     "acked", "silent", "pending",
					     "over" };
	struct alert_set set = { 0 };
	size_t i;

	(void)state;
	add(&set, "over", ALERT_RESOLVED, 99);
	add(&set, "pending", ALERT_PENDING, 99);
	add(&set, "silent", ALERT_FIRING, 50)->silenced_until_ms = 9000;
	set_text(&add(&set, "acked", ALERT_FIRING, 99)->acked_by, "ann");
	add(&set, "bad", ALERT_FIRING, 2);
	add(&set, "worse", ALERT_FIRING, 3);
	add(&set, "page", ALERT_FIRING, 1)->severity = SEVERITY_PAGE;
	alert_set_sort(&set, 5000);
	for (i = 0; i < ARRAY_LEN(order); i++)
		assert_string_equal(set.alerts[i].monitor, order[i]);
	assert_true(alert_needs_person(&set.alerts[0], 5000));
	assert_false(alert_needs_person(&set.alerts[3], 5000));
	assert_false(alert_needs_person(&set.alerts[4], 5000));
	assert_true(alert_needs_person(&set.alerts[4], 9000));
	assert_false(alert_needs_person(&set.alerts[5], 5000));
	alert_set_clear(&set);
	assert_int_equal(set.n, 0);
}

static void test_a_fingerprint_is_of_what_it_is_about(void **state)
{
	struct alert a, *b;
	uint64_t print;

	(void)state;
	alert_init(&a);
	set_text(&a.monitor, "live");
	set_text(&a.column, "amount");
	print = alert_fingerprint(&a);
	b = alert_copy(&a);
	b->value = 7;
	b->state = ALERT_FIRING;
	set_text(&b->text, "other words");
	assert_true(alert_fingerprint(b) == print);
	set_text(&b->column, "country");
	assert_false(alert_fingerprint(b) == print);
	/* A name's end is not the next one's start. */
	set_text(&a.monitor, "liveX");
	set_text(&a.rule, "");
	set_text(&b->column, "amount");
	set_text(&b->rule, "X");
	assert_false(alert_fingerprint(b) == alert_fingerprint(&a));
	alert_release(b);
	free(b);
	alert_release(&a);
}

static void test_states_have_names(void **state)
{
	enum alert_state s;
	int i;

	(void)state;
	for (i = ALERT_PENDING; i <= ALERT_SUPERSEDED; i++) {
		assert_true(alert_state_parse(
			alert_state_name((enum alert_state)i), &s));
		assert_int_equal(s, i);
	}
	assert_false(alert_state_parse("loud", &s));
	assert_string_equal(alert_severity_name(SEVERITY_PAGE), "page");
}

static void test_the_log_keeps_the_newest_once(void **state)
{
	struct event_log *log = event_log_new(3);

	(void)state;
	event_log_add(log, 10, EVENT_SOURCE, "s", "a", "", "1");
	event_log_add(log, 30, EVENT_SOURCE, "s", "b", "", "2");
	event_log_add(log, 20, EVENT_SOURCE, "s", "c", "", "3");
	event_log_add(log, 20, EVENT_SOURCE, "s", "c", "", "3");
	assert_int_equal(event_log_count(log), 3);
	assert_int_equal(event_log_last(log), 3);
	event_log_add(log, 5, EVENT_SOURCE, "s", "too old", "", "");
	event_log_add(log, 40, EVENT_SOURCE, "s", "d", "", "4");
	assert_int_equal(event_log_count(log), 3);
	assert_string_equal(event_log_at(log, 0)->subject, "d");
	assert_string_equal(event_log_at(log, 1)->subject, "b");
	assert_string_equal(event_log_at(log, 2)->subject, "c");
	event_log_free(log);
}

static void test_goals_are_guessed(void **state)
{
	static const struct {
		const char *name;
		int goal;
	} table[] = {
		{ "val/auc", 1 },     { "ROC-AUC", 1 },
		{ "f1", 1 },          { "train_loss", -1 },
		{ "latency_ms", -1 }, { "rmse", -1 },
		{ "auc_loss", -1 },   { "error_rate", -1 },
		{ "lr", 0 },          { "", 0 },
		{ "aucx", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(table); i++)
		if (metric_goal_guess(table[i].name) != table[i].goal)
			fail_msg("%s", table[i].name);
	assert_true(metric_is_validation("val/auc"));
	assert_true(metric_is_validation("auc_eval"));
	assert_false(metric_is_validation("value"));
	assert_true(metric_is_system("system/gpu"));
	assert_int_equal(metric_decimals("val/auc"), 4);
	assert_int_equal(metric_decimals("latency_ms"), 1);
	assert_int_equal(metric_decimals("epoch"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_order_is_for_people),
		cmocka_unit_test(test_a_fingerprint_is_of_what_it_is_about),
		cmocka_unit_test(test_states_have_names),
		cmocka_unit_test(test_the_log_keeps_the_newest_once),
		cmocka_unit_test(test_goals_are_guessed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
