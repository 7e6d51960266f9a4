/* SPDX-License-Identifier: GPL-3.0-or-later */

/* That nobody watches is told by whoever reads, from the lease alone. */
#include "config.h"

#include "app/unwatched.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../store/state_dir.h"
#include "base/clock.h"
#include "io/gate.h"

#define NOW_MS 1800000000000

static const struct monitor_conf monitors[] = {
	{ .name = "live", .source = "prod", .model = "m", .every_ms = 60000 },
	{ .name = "slow", .source = "", .model = "n", .every_ms = 600000 },
};
static const struct config config = { .monitors = monitors, .n_monitors = 2 };

struct fixture {
	char *dir;
	struct state *state;
	struct arena arena;
	struct alert_set set;
	size_t n_columns; /* of the report */
	struct lease_state lease;
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

	alert_set_clear(&f->set);
	arena_release(&f->arena);
	state_close(f->state);
	scratch_remove(f->dir);
	free(f);
	return 0;
}

static void load(struct fixture *f, const struct config *c, int64_t now_ms)
{
	alert_set_clear(&f->set);
	assert_int_equal(unwatched_load(c, f->state, 0, now_ms, &f->set,
					&f->lease, &f->err),
			 ERR_OK);
}

static void test_two_evaluations_and_a_moment_are_waited(void **state)
{
	struct fixture *f = *state;
	struct lease lease = LEASE_INIT;
	const int64_t most_ms = 2 * 60000 + 30000; /* of the quicker one */
	char hhmm[8], text[64];

	assert_true(lease_take(&lease, f->state, NOW_MS - 5000, &f->err));
	load(f, &config, NOW_MS);
	assert_int_equal(f->set.n, 0);
	lease_leave(&lease, f->state, NOW_MS);
	load(f, &config, NOW_MS + most_ms);
	assert_int_equal(f->set.n, 0);
	load(f, &config, NOW_MS + most_ms + 1);
	assert_int_equal(f->set.n, 1);
	assert_int_equal(f->set.alerts[0].state, ALERT_FIRING);
	assert_int_equal(f->set.alerts[0].since_ms, NOW_MS);
	assert_int_equal(f->set.alerts[0].id, 0);
	clock_format_hhmm(NOW_MS, hhmm);
	snprintf(text, sizeof(text), "nobody watches since %s", hhmm);
	assert_string_equal(f->set.alerts[0].text, text);
	/* It ends by itself. */
	assert_true(lease_take(&lease, f->state, NOW_MS + 999999, &f->err));
	load(f, &config, NOW_MS + 999999);
	assert_int_equal(f->set.n, 0);
	lease_leave(&lease, f->state, NOW_MS + 999999);
}

static void test_evaluations_far_apart_had_none_between(void **state)
{
	(void)state;
	for (size_t i = 0; i < config.n_monitors; i++)
		assert_int_equal(
			unwatched_gap_ms(&config, config.monitors[i].name),
			2 * config.monitors[i].every_ms + 30000);
	assert_int_equal(unwatched_gap_ms(&config, "gone"), 2 * 60000 + 30000);
}

static void test_a_killed_one_is_counted_from_its_last_sign(void **state)
{
	struct fixture *f = *state;
	struct lease lease = LEASE_INIT;

	assert_true(lease_take(&lease, f->state, NOW_MS, &f->err));
	load(f, &config, NOW_MS + 200000);
	assert_int_equal(f->set.n, 1);
	assert_int_equal(f->set.alerts[0].since_ms, NOW_MS);
	lease_leave(&lease, f->state, NOW_MS);
}

static void test_never_is_too_long(void **state)
{
	struct fixture *f = *state;

	load(f, &config, NOW_MS);
	assert_int_equal(f->set.n, 1);
	assert_string_equal(f->set.alerts[0].text, "nobody watches yet");
}

static void test_without_monitors_there_is_nothing_to_watch(void **state)
{
	static const struct config none;

	load(*state, &none, NOW_MS);
	assert_int_equal(((struct fixture *)*state)->set.n, 0);
}

static const char *why(struct fixture *f, const char *source, const char *model,
		       int64_t made_ms)
{
	struct drift_report *r = drift_report_new();
	const char *text;

	r->monitor = "live";
	r->made_ms = made_ms;
	r->n_columns = f->n_columns;
	text = unwatched_why(&config, &f->set, &r, made_ms != 0, source, model,
			     NOW_MS, &f->arena);
	drift_report_free(r);
	return text;
}

static void test_alerts_count_where_the_model_was_evaluated_lately(void **state)
{
	struct fixture *f = *state;
	char hhmm[8], text[64];

	assert_string_equal(why(f, "prod", "m", NOW_MS), "live: no rows yet");
	f->n_columns = 1;
	assert_null(why(f, "prod", "m", NOW_MS - 3 * 60000 - 30000));
	clock_format_hhmm(NOW_MS - 3 * 60000 - 30001, hhmm);
	snprintf(text, sizeof(text), "live not evaluated since %s", hhmm);
	assert_string_equal(why(f, "prod", "m", NOW_MS - 3 * 60000 - 30001),
			    text);
	assert_string_equal(why(f, "prod", "m", 0), "live was never evaluated");
	assert_string_equal(why(f, "lab", "m", NOW_MS), "no monitor watches m");
	load(f, &config, NOW_MS);
	assert_string_equal(why(f, "prod", "m", NOW_MS), "nobody watches yet");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_two_evaluations_and_a_moment_are_waited, set_up,
			tear_down),
		cmocka_unit_test(test_evaluations_far_apart_had_none_between),
		cmocka_unit_test_setup_teardown(
			test_a_killed_one_is_counted_from_its_last_sign, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(test_never_is_too_long, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			test_without_monitors_there_is_nothing_to_watch, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			test_alerts_count_where_the_model_was_evaluated_lately,
			set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
