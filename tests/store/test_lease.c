/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/lease.h"

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

static struct lease_state read_at(struct fixture *f, int64_t now_ms)
{
	struct lease_state l;

	assert_int_equal(lease_read(f->state, now_ms, &l, &f->err), 0);
	return l;
}

static void test_nobody_ever_watched(void **state)
{
	struct lease_state l = read_at(*state, 1000);

	assert_false(l.is_held);
	assert_string_equal(l.who, "");
	assert_true(l.since_ms == TIME_NONE && l.beat_ms == TIME_NONE);
	assert_true(l.left_ms == TIME_NONE);
}

/* It said so a moment ago, but its machine started again since. */
static void test_one_of_an_earlier_boot_is_dead(void **state)
{
	struct fixture *f = *state;
	struct lease l = LEASE_INIT;

	assert_true(lease_take(&l, f->state, 1000, &f->err));
	assert_true(read_at(f, 2000).is_held);
	assert_int_equal(db_exec(state_db(f->state),
				 "UPDATE lease SET boot = 'earlier'", &f->err),
			 0);
	assert_false(read_at(f, 2000).is_held);
	assert_int_equal(db_exec(state_db(f->state),
				 "UPDATE lease SET host = 'elsewhere'",
				 &f->err),
			 0);
	assert_true(read_at(f, 2000).is_held); /* we cannot know */
	lease_leave(&l, f->state, 3000);
}

static void test_one_of_two_gets_it(void **state)
{
	struct fixture *f = *state;
	struct lease one = LEASE_INIT, two = LEASE_INIT;
	char *who = xasprintf("pid %d on ", (int)getpid());
	struct lease_state l;

	assert_true(lease_take(&one, f->state, 1000, &f->err));
	assert_true(lease_take(&one, f->state, 1500, &f->err));
	assert_false(lease_take(&two, f->state, 2000, &f->err));
	assert_int_equal(f->err.code, ERR_OK);
	l = read_at(f, 2000);
	assert_true(l.is_held);
	assert_int_equal(l.since_ms, 1000);
	assert_int_equal(strncmp(l.who, who, strlen(who)), 0);
	lease_leave(&one, f->state, 3000);
	assert_true(lease_take(&two, f->state, 4000, &f->err));
	assert_int_equal(read_at(f, 4000).since_ms, 4000);
	lease_leave(&two, f->state, 5000);
	free(who);
}

static void test_leaving_is_told(void **state)
{
	struct fixture *f = *state;
	struct lease one = LEASE_INIT;
	struct lease_state l;

	lease_leave(&one, f->state, 500);
	assert_true(read_at(f, 500).left_ms == TIME_NONE);
	assert_true(lease_take(&one, f->state, 1000, &f->err));
	lease_leave(&one, f->state, 3000);
	l = read_at(f, 3000);
	assert_false(l.is_held);
	assert_int_equal(l.left_ms, 3000);
	assert_int_equal(l.since_ms, 1000);
}

static void test_silence_is_taken_for_gone(void **state)
{
	struct fixture *f = *state;
	struct lease one = LEASE_INIT;

	assert_true(lease_take(&one, f->state, 1000, &f->err));
	assert_true(read_at(f, 30999).is_held);
	assert_false(read_at(f, 31000).is_held);
	assert_int_equal(lease_beat(&one, f->state, 31000, &f->err), 0);
	assert_true(read_at(f, 31000).is_held);
	assert_int_equal(read_at(f, 31000).beat_ms, 31000);
	assert_int_equal(read_at(f, 31000).since_ms, 1000);
	lease_leave(&one, f->state, 32000);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_nobody_ever_watched),
		T(test_one_of_two_gets_it),
		T(test_one_of_an_earlier_boot_is_dead),
		T(test_leaving_is_told),
		T(test_silence_is_taken_for_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
