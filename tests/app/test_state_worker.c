/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the screen knows of the state folder, while the folder goes wrong and
 * comes right again. */
#include "config.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../store/state_dir.h"
#include "app/app.h"
#include "base/clock.h"
#include "io/gate.h"
#include "store/journal.h"

#define WAIT_MS 15000

struct fixture {
	char *dir;
	struct config *config;
	struct state *state;
	struct app *app;
};

static const struct run_view config_views[] = {
	{ .name = "night",
	  .key = 1,
	  .parts = { "", "age < 1d", "", "", "", "", "", "" } },
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct config_opts opts = { .ignore_files = true };
	struct app_opts app = { .is_wall = true };
	struct err err = { 0 };

	gate_reset_for_tests();
	f->dir = scratch_make();
	opts.state_dir = f->dir;
	if (config_load(&opts, &f->config, &err) ||
	    state_open(f->dir, &f->state, &err))
		fail_msg("%s", err.msg);
	f->config->views = config_views;
	f->config->n_views = ARRAY_LEN(config_views);
	app.config = f->config;
	f->app = app_new(&app);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	assert_true(app_free(f->app, WAIT_MS));
	state_close(f->state);
	config_free(f->config);
	scratch_remove(f->dir);
	free(f);
	return 0;
}

static void sql(struct fixture *f, const char *text)
{
	struct err err = { 0 };

	if (db_exec(state_db(f->state), text, &err))
		fail_msg("%s", err.msg);
}

static void add_event(struct fixture *f, const char *text)
{
	struct err err = { 0 };

	if (journal_add(f->state, clock_utc_ms(), EVENT_WATCH, "", "watch", "",
			text, &err))
		fail_msg("%s", err.msg);
}

static void turn(struct fixture *f)
{
	struct pollfd fd = { .fd = app_wake_fd(f->app), .events = POLLIN };

	poll(&fd, 1, 100);
	app_apply_messages(f->app, 100);
}

/* Waits until so many events are there and the error is (not). */
static void wait_for(struct fixture *f, size_t n_events, bool has_error)
{
	int64_t until_ms = clock_mono_ms() + WAIT_MS;

	while (event_log_count(app_model(f->app)->events) != n_events ||
	       has_error != (*app_state_error(f->app) != 0)) {
		if (clock_mono_ms() > until_ms)
			fail_msg("%zu events, error \"%s\"",
				 event_log_count(app_model(f->app)->events),
				 app_state_error(f->app));
		turn(f);
	}
}

static const struct run_view *wait_for_views(struct fixture *f, size_t wanted)
{
	int64_t until_ms = clock_mono_ms() + WAIT_MS;
	const struct run_view *all;
	size_t n;

	while ((all = app_views(f->app, &n)), n != wanted) {
		if (clock_mono_ms() > until_ms)
			fail_msg("%zu views", n);
		turn(f);
	}
	return all;
}

/* The config's stand first, and over what was saved under their names. */
static void test_what_is_kept_is_told(void **state)
{
	struct fixture *f = *state;
	struct run_view own = { .name = "own" }, night = { .name = "night" };
	const struct run_view *all;
	const char *const *lines;
	size_t n;

	wait_for_views(f, 1);
	app_keep_typed(f->app, "filter", "age < 1d");
	app_save_view(f->app, &night);
	app_save_view(f->app, &own);
	all = wait_for_views(f, 2);
	assert_string_equal(all[0].parts[VIEW_FILTER], "age < 1d");
	assert_string_equal(all[1].name, "own");
	assert_true(app_typed(f->app, "filter", &lines, &n));
	assert_int_equal(n, 1);
	assert_string_equal(lines[0], "age < 1d");
	app_forget_view(f->app, "own");
	wait_for_views(f, 1);
}

/* The journal is read before the trail: its events must not be lost with the
 * look that failed. */
static void test_a_failed_look_is_told_and_taken_again(void **state)
{
	struct fixture *f = *state;

	add_event(f, "one");
	wait_for(f, 1, false);
	sql(f, "BEGIN; ALTER TABLE audit RENAME TO elsewhere;"
	       "INSERT INTO journal(time_ms, kind, source, subject, ref, text)"
	       " SELECT time_ms, kind, source, subject, ref, 'two'"
	       " FROM journal; COMMIT;");
	wait_for(f, 1, true);
	sql(f, "ALTER TABLE elsewhere RENAME TO audit");
	wait_for(f, 2, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_a_failed_look_is_told_and_taken_again, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(test_what_is_kept_is_told,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
