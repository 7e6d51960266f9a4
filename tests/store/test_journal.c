/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/journal.h"

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

#define DAY_MS (24 * 3600 * (int64_t)1000)

static void add(struct fixture *f, int64_t time_ms, const char *text)
{
	assert_int_equal(journal_add(f->state, time_ms, EVENT_ALERT, "prod",
				     "m", "7", text, &f->err),
			 0);
}

static size_t read_more(struct fixture *f, int64_t *seq, int64_t since_ms,
			struct event_log *log)
{
	assert_int_equal(journal_read(f->state, seq, since_ms, log, &f->err),
			 0);
	return event_log_count(log);
}

static void test_comes_back_as_it_was(void **state)
{
	struct fixture *f = *state;
	struct event_log *log = event_log_new(10);
	const struct event *e;
	int64_t seq = 0;

	add(f, 5000, "firing");
	assert_int_equal(read_more(f, &seq, 0, log), 1);
	e = event_log_at(log, 0);
	assert_int_equal(e->time_ms, 5000);
	assert_int_equal(e->kind, EVENT_ALERT);
	assert_string_equal(e->source, "prod");
	assert_string_equal(e->subject, "m");
	assert_string_equal(e->ref, "7");
	assert_string_equal(e->text, "firing");
	event_log_free(log);
}

/* Only what came after is read, or every refresh would read all. */
static void test_goes_on_where_it_was(void **state)
{
	struct fixture *f = *state;
	struct event_log *first = event_log_new(10);
	struct event_log *then = event_log_new(10);
	int64_t seq = 0, before;

	assert_int_equal(read_more(f, &seq, 0, first), 0);
	assert_int_equal(seq, 0);
	add(f, 5000, "pending");
	add(f, 6000, "firing");
	assert_int_equal(read_more(f, &seq, 0, first), 2);
	before = seq;
	assert_int_equal(read_more(f, &seq, 0, then), 0);
	assert_int_equal(seq, before);
	add(f, 4000, "late");
	assert_int_equal(read_more(f, &seq, 0, then), 1);
	assert_string_equal(event_log_at(then, 0)->text, "late");
	assert_true(seq > before);
	event_log_free(first);
	event_log_free(then);
}

static void test_not_those_before_a_time(void **state)
{
	struct fixture *f = *state;
	struct event_log *log = event_log_new(10);
	int64_t seq = 0;

	add(f, 4999, "old");
	add(f, 5000, "new");
	assert_int_equal(read_more(f, &seq, 5000, log), 1);
	assert_string_equal(event_log_at(log, 0)->text, "new");
	event_log_free(log);
}

static void test_kept_for_ninety_days(void **state)
{
	struct fixture *f = *state;
	struct event_log *log = event_log_new(10);
	int64_t seq = 0;

	add(f, 1000, "too old");
	add(f, 2000, "just kept");
	add(f, 2000 + 90 * DAY_MS, "now");
	assert_int_equal(read_more(f, &seq, 0, log), 2);
	assert_string_equal(event_log_at(log, 0)->text, "now");
	assert_string_equal(event_log_at(log, 1)->text, "just kept");
	event_log_free(log);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_comes_back_as_it_was),
		T(test_goes_on_where_it_was),
		T(test_not_those_before_a_time),
		T(test_kept_for_ninety_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
