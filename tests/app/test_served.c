/* SPDX-License-Identifier: GPL-3.0-or-later */

/* When the prediction log first shows the version that was promoted, the trail
 * is told: once, for the promotion of the alias that the monitor watches. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../store/state_dir.h"
#include "app/watcher.h"
#include "base/mem.h"
#include "io/file.h"
#include "io/gate.h"
#include "store/audit.h"

#define NOW_MS    1800000000000
#define SERVED_MS 1795500060000
#define N_ROWS    300

static const char yaml[] = "sources:\n"
			   "  prod: {path: %s/mlflow.db}\n"
			   "monitors:\n"
			   "  live:\n"
			   "    model: prod:m@champion\n"
			   "    rows: %s/log.csv\n"
			   "    roles: {predicted: at, version: mv}\n";

struct fixture {
	char *dir;
	struct config *config;
	struct state *state;
	struct watcher *watcher;
	struct arena arena;
};

/* The log, with rows of v1 and then n2 of v2, the first of them at
 * SERVED_MS. */
static void write_log(struct fixture *f, int n2)
{
	char *path = xasprintf("%s/log.csv", f->dir);
	FILE *out = fopen(path, "w");

	BUG_ON(!out);
	fputs("at,mv,amount\n", out);
	for (int i = 0; i < N_ROWS + n2; i++)
		fprintf(out, "%lld,%d,%d\n",
			(long long)(SERVED_MS + (i - N_ROWS) * 1000LL),
			i < N_ROWS ? 1 : 2, i % 7);
	fclose(out);
	free(path);
}

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct config_opts opts = { 0 };
	struct err err = { 0 };
	char *path, *text;

	gate_reset_for_tests();
	f->dir = scratch_make();
	path = xasprintf("%s/conf.yaml", f->dir);
	text = xasprintf(yaml, f->dir, f->dir);
	opts.file = path;
	opts.state_dir = f->dir;
	if (file_write_whole(path, text, strlen(text), &err) ||
	    config_load(&opts, &f->config, &err) ||
	    state_open(f->dir, &f->state, &err))
		fail_msg("%s", err.msg);
	f->watcher = watcher_new(f->config, f->state, NULL, 0);
	free(text);
	free(path);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	watcher_free(f->watcher, NOW_MS);
	state_close(f->state);
	config_free(f->config);
	arena_release(&f->arena);
	scratch_remove(f->dir);
	free(f);
	return 0;
}

static void promoted(struct fixture *f, const char *id, const char *version,
		     const char *alias)
{
	struct audit_entry e = { .id = id,
				 .kind = "outcome",
				 .time_ms = SERVED_MS - 9000,
				 .actor = "ada",
				 .verb = "promote",
				 .source = "prod",
				 .model = "m",
				 .version = version,
				 .alias = alias,
				 .outcome = "promoted" };
	struct err err = { 0 };

	assert_int_equal(audit_append(f->state, &f->arena, &e, &err), 0);
}

static void turn(struct fixture *f)
{
	struct err err = { 0 };

	watcher_force(f->watcher);
	watcher_turn(f->watcher, NOW_MS, NULL, &err);
	if (err.code)
		fail_msg("%s", err.msg);
	assert_true(watcher_holds_lease(f->watcher));
}

/* The entries of kind "served"; the newest in *out. */
static int served(struct fixture *f, const struct audit_entry **out)
{
	struct audit_entry *all;
	struct err err = { 0 };
	size_t n;
	int found = 0;

	assert_int_equal(
		audit_list(f->state, NULL, 0, &f->arena, &all, &n, &err), 0);
	for (size_t i = n; i-- > 0;) {
		if (strcmp(all[i].kind, "served"))
			continue;
		*out = &all[i];
		found++;
	}
	return found;
}

static void test_told_once_with_its_time(void **state)
{
	struct fixture *f = *state;
	const struct audit_entry *e;
	struct audit_check check;
	struct err err = { 0 };

	write_log(f, 0);
	turn(f);
	promoted(f, "p2", "2", "champion");
	turn(f);
	assert_int_equal(served(f, &e), 0);
	write_log(f, N_ROWS);
	turn(f);
	turn(f);
	assert_int_equal(served(f, &e), 1);
	assert_string_equal(e->id, "p2");
	assert_string_equal(e->version, "2");
	assert_null(e->outcome);
	assert_in_range(e->time_ms, SERVED_MS, SERVED_MS + N_ROWS * 1000LL);
	assert_int_equal(audit_verify(f->state, &check, &err), 0);
	assert_true(check.is_whole);
}

/* Moves of other aliases come in between. */
static void test_other_aliases_do_not_hide_it(void **state)
{
	struct fixture *f = *state;
	const struct audit_entry *e;

	write_log(f, 0);
	turn(f);
	promoted(f, "p2", "2", "champion");
	promoted(f, "p3", "3", "shadow");
	write_log(f, N_ROWS);
	turn(f);
	assert_int_equal(served(f, &e), 1);
	assert_string_equal(e->id, "p2");
}

/* The log shows a version that nobody promoted, or not to this alias. */
static void test_not_ours(void **state)
{
	struct fixture *f = *state;
	const struct audit_entry *e;

	write_log(f, 0);
	turn(f);
	promoted(f, "p9", "9", "champion");
	promoted(f, "p2", "2", "shadow");
	write_log(f, N_ROWS);
	turn(f);
	assert_int_equal(served(f, &e), 0);
}

#define T(t) cmocka_unit_test_setup_teardown(t, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_told_once_with_its_time),
		T(test_other_aliases_do_not_hide_it),
		T(test_not_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
