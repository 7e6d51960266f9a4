/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A monitor at work on a log and a baseline that the test writes, with a clock
 * that the test tells: quiet, pending, firing, acknowledged, resolved; and what
 * of it stands in the state folder. */
#include "config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../store/state_dir.h"
#include "app/watcher.h"
#include "base/mem.h"
#include "io/file.h"
#include "io/gate.h"
#include "store/alerts.h"
#include "store/journal.h"
#include "store/lease.h"
#include "store/reports.h"

#define START_MS 1800000000000
#define N_ROWS   400

static const char yaml[] =
	"sources:\n"
	"  prod: {path: %s/mlflow.db}\n"
	"monitors:\n"
	"  live:\n"
	"    model: prod:m@champion\n"
	"    rows: \"%s/log*.csv*\"\n"
	"    baseline: {rows: \"%s/base-{version}.csv\"}\n"
	"    never_show: [card]\n"
	"    window: {rows: 400, every: 5s}\n"
	"    drift: {columns: [amount], alpha: .01, min_rows: 200, for: 10s, "
	"keep_firing_for: 10s}\n"
	"    rules: {quiet: {no_rows: 1h}}\n";

struct fixture {
	char *dir;
	struct config *config;
	struct state *state;
	struct watcher *watcher;
	int64_t now_ms;
};

/* The file's clock is the test's. */
static void written_at(const char *path, int64_t ms)
{
	const struct timespec t = { .tv_sec = ms / 1000 }, both[2] = { t, t };

	BUG_ON(utimensat(AT_FDCWD, path, both, 0));
}

/* Amounts 0 to 99, and `more` on top; cards that nobody may see. */
static void write_rows(struct fixture *f, const char *name, const char *mode,
		       const char *version, int more)
{
	char *path = xasprintf("%s/%s", f->dir, name);
	FILE *out = fopen(path, mode);

	BUG_ON(!out);
	if (*mode == 'w')
		fputs("ts,version,amount,card\n", out);
	for (int i = 0; i < N_ROWS; i++)
		fprintf(out, "%lld,%s,%d.5,c%d\n",
			(long long)(START_MS + i * 1000LL), version,
			i * 37 % 100 + more, i % 3);
	fclose(out);
	written_at(path, f->now_ms);
	free(path);
}

static void open_watcher(struct fixture *f)
{
	f->watcher = watcher_new(f->config, f->state, NULL, 0);
}

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct config_opts opts = { 0 };
	struct err err = { 0 };
	char *path, *text;

	gate_reset_for_tests();
	f->dir = scratch_make();
	f->now_ms = START_MS;
	path = xasprintf("%s/conf.yaml", f->dir);
	text = xasprintf(yaml, f->dir, f->dir, f->dir);
	opts.file = path;
	opts.state_dir = f->dir;
	if (file_write_whole(path, text, strlen(text), &err) ||
	    config_load(&opts, &f->config, &err) ||
	    state_open(f->dir, &f->state, &err))
		fail_msg("%s", err.msg);
	free(text);
	free(path);
	write_rows(f, "base-1.csv", "w", "1", 0);
	write_rows(f, "log.csv", "w", "1", 0);
	open_watcher(f);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	watcher_free(f->watcher, f->now_ms);
	state_close(f->state);
	config_free(f->config);
	scratch_remove(f->dir);
	free(f);
	return 0;
}

/* The next evaluation, so many seconds later. */
static void turn(struct fixture *f, int seconds)
{
	struct err err = { 0 };

	f->now_ms += seconds * 1000LL;
	watcher_turn(f->watcher, f->now_ms, NULL, &err);
	if (err.code)
		fail_msg("%s", err.msg);
}

/* The one alert there is, or an empty set. */
static struct alert_set alerts(struct fixture *f)
{
	struct alert_set set = { 0 };
	struct err err = { 0 };

	assert_int_equal(alerts_load(f->state, 0, f->now_ms, &set, &err), 0);
	return set;
}

static void assert_state(struct fixture *f, enum alert_state state)
{
	struct alert_set set = alerts(f);

	assert_int_equal(set.n, 1);
	assert_int_equal(set.alerts[0].state, state);
	alert_set_clear(&set);
}

static void assert_quiet(struct fixture *f)
{
	struct alert_set set = alerts(f);

	assert_int_equal(set.n, 0);
	alert_set_clear(&set);
}

static void test_from_quiet_to_resolved(void **state)
{
	struct fixture *f = *state;

	turn(f, 0);
	assert_string_equal(watcher_error(f->watcher, 0), "");
	assert_quiet(f);
	write_rows(f, "log.csv", "a", "1", 60);
	turn(f, 5);
	assert_state(f, ALERT_PENDING);
	turn(f, 5);
	assert_state(f, ALERT_PENDING);
	turn(f, 5);
	assert_state(f, ALERT_FIRING);
	write_rows(f, "log.csv", "a", "1", 0);
	turn(f, 5);
	assert_state(f, ALERT_FIRING);
	turn(f, 5);
	assert_state(f, ALERT_FIRING);
	turn(f, 5);
	assert_state(f, ALERT_RESOLVED);
}

/* What is kept firing goes on from where it was when another one evaluates. */
static void test_a_restart_keeps_no_alert_longer(void **state)
{
	struct fixture *f = *state;

	write_rows(f, "log.csv", "a", "1", 60);
	turn(f, 0);
	turn(f, 10);
	write_rows(f, "log.csv", "a", "1", 0);
	turn(f, 5);
	turn(f, 5);
	assert_state(f, ALERT_FIRING);
	watcher_free(f->watcher, f->now_ms);
	open_watcher(f);
	turn(f, 5);
	assert_state(f, ALERT_RESOLVED);
}

static void test_what_it_says(void **state)
{
	struct fixture *f = *state;
	struct alert_set set;

	turn(f, 0);
	write_rows(f, "log.csv", "a", "1", 60);
	turn(f, 5);
	turn(f, 10);
	set = alerts(f);
	assert_int_equal(set.n, 1);
	assert_string_equal(set.alerts[0].model, "m");
	assert_string_equal(set.alerts[0].version, "1");
	assert_string_equal(set.alerts[0].column, "amount");
	assert_string_equal(set.alerts[0].statistic, "PSI");
	assert_true(set.alerts[0].value > set.alerts[0].threshold);
	assert_int_equal(set.alerts[0].since_ms, START_MS + 5000);
	assert_int_equal(set.alerts[0].fired_ms, START_MS + 15000);
	assert_non_null(strstr(set.alerts[0].text, "median"));
	alert_set_clear(&set);
}

static void test_acknowledged_by_another(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };
	struct alert_set set;
	int64_t id;

	write_rows(f, "log.csv", "a", "1", 60);
	turn(f, 0);
	turn(f, 10);
	set = alerts(f);
	id = set.alerts[0].id;
	assert_true(alert_needs_person(&set.alerts[0], f->now_ms));
	alert_set_clear(&set);
	assert_int_equal(alerts_acknowledge(f->state, id, "ada", "known",
					    f->now_ms, &err),
			 0);
	turn(f, 5); /* the evaluator does not take it back */
	set = alerts(f);
	assert_string_equal(set.alerts[0].acked_by, "ada");
	assert_string_equal(set.alerts[0].note, "known");
	assert_false(alert_needs_person(&set.alerts[0], f->now_ms));
	alert_set_clear(&set);
	assert_int_equal(alerts_acknowledge(f->state, id + 1, "ada", "",
					    f->now_ms, &err),
			 ERR_ABSENT);
}

static void test_a_new_version_supersedes(void **state)
{
	struct fixture *f = *state;

	write_rows(f, "log.csv", "a", "1", 60);
	turn(f, 0);
	turn(f, 10);
	assert_state(f, ALERT_FIRING);
	write_rows(f, "base-2.csv", "w", "2", 60);
	write_rows(f, "log.csv", "a", "2", 60);
	turn(f, 5);
	assert_state(f, ALERT_SUPERSEDED);
	turn(f, 5);
	assert_state(f, ALERT_SUPERSEDED);
}

/* All the log shows after a restart is the version that took over before. */
static void test_a_new_version_while_nobody_watched(void **state)
{
	struct fixture *f = *state;

	write_rows(f, "log.csv", "a", "1", 60);
	turn(f, 0);
	turn(f, 10);
	assert_state(f, ALERT_FIRING);
	watcher_free(f->watcher, f->now_ms);
	write_rows(f, "base-2.csv", "w", "2", 60);
	write_rows(f, "log.csv", "w", "2", 60);
	open_watcher(f);
	turn(f, 5);
	assert_state(f, ALERT_SUPERSEDED);
}

static void test_the_report_is_kept(void **state)
{
	struct fixture *f = *state;
	struct drift_report **all;
	struct point *points;
	struct err err = { 0 };
	double limit;
	size_t n;

	turn(f, 0);
	turn(f, 5);
	assert_int_equal(reports_load(f->state, &all, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_string_equal(all[0]->monitor, "live");
	assert_string_equal(all[0]->version, "1");
	assert_int_equal(all[0]->n_rows, N_ROWS);
	assert_int_equal(all[0]->window_from_ms, START_MS);
	/* amount, and the hidden column without its values. */
	assert_int_equal(all[0]->n_columns, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct drift_column *c = &all[0]->columns[i];
		bool is_card = !strcmp(c->name, "card");

		assert_int_equal(c->is_hidden, is_card);
		assert_int_equal(c->hist.n_bins > 0, !is_card);
	}
	drift_report_free(all[0]);
	free(all);
	assert_int_equal(reports_history(f->state, "live", "amount", 100,
					 &points, &n, &limit, &err),
			 0);
	assert_int_equal(n, 2);
	assert_int_equal(points[0].time_ms, START_MS);
	assert_true(limit >= DRIFT_PSI_FLOOR);
	free(points);
}

static void test_one_evaluates(void **state)
{
	struct fixture *f = *state;
	struct watcher *other = watcher_new(f->config, f->state, NULL, 0);
	struct lease_state lease;
	struct err err = { 0 };

	turn(f, 0);
	watcher_turn(other, f->now_ms, NULL, &err);
	assert_true(watcher_holds_lease(f->watcher));
	assert_false(watcher_holds_lease(other));
	assert_int_equal(lease_read(f->state, f->now_ms, &lease, &err), 0);
	assert_true(lease.is_held);
	assert_int_equal(lease.since_ms, START_MS);
	/* When it leaves, that is on record, and the other takes over. */
	watcher_free(f->watcher, f->now_ms + 1000);
	assert_int_equal(lease_read(f->state, f->now_ms + 1000, &lease, &err),
			 0);
	assert_false(lease.is_held);
	assert_int_equal(lease.left_ms, f->now_ms + 1000);
	watcher_turn(other, f->now_ms + 2000, NULL, &err);
	assert_true(watcher_holds_lease(other));
	f->watcher = other;
}

static void test_silence_fires(void **state)
{
	struct fixture *f = *state;
	struct alert_set set;

	turn(f, 0);
	turn(f, 3599);
	assert_quiet(f);
	turn(f, 5);
	set = alerts(f);
	assert_int_equal(set.n, 1);
	assert_string_equal(set.alerts[0].rule, "no_rows");
	assert_int_equal(set.alerts[0].state, ALERT_FIRING);
	alert_set_clear(&set);
}

static int n_open(struct fixture *f)
{
	struct alert_set set = alerts(f);
	int n = 0;

	for (size_t i = 0; i < set.n; i++)
		n += set.alerts[i].state <= ALERT_FIRING;
	alert_set_clear(&set);
	return n;
}

/* Those of a monitor that is not in the config; one that is only pending leaves
 * no trace. */
static void test_alerts_of_no_monitor_end(void **state)
{
	struct fixture *f = *state;
	struct alert_set set;
	struct err err = { 0 };

	write_rows(f, "log.csv", "a", "1", 60);
	turn(f, 0);
	turn(f, 10);
	watcher_free(f->watcher, f->now_ms);
	assert_int_equal(
		db_exec(state_db(f->state),
			"INSERT INTO alerts(fingerprint, source, model, "
			"version, monitor, col, rule, statistic, severity, "
			"state, n_baseline, n_window) SELECT fingerprint, "
			"source, model, version, 'old', col, rule, statistic, "
			"severity, state - n, 0, 0 FROM alerts, "
			"(SELECT 0 AS n UNION SELECT 1)",
			&err),
		0);
	assert_int_equal(n_open(f), 3);
	open_watcher(f);
	turn(f, 5);
	assert_int_equal(n_open(f), 1);
	set = alerts(f);
	assert_int_equal(set.n, 2);
	assert_string_equal(set.alerts[0].monitor, "live");
	assert_int_equal(set.alerts[1].state, ALERT_SUPERSEDED);
	assert_string_equal(set.alerts[1].text,
			    "its monitor is no longer in the config");
	alert_set_clear(&set);
}

/* A config that has no monitors any more ends theirs, and holds the lease no
 * longer than that. */
static void test_alerts_of_the_last_monitor_end(void **state)
{
	struct fixture *f = *state;
	char *path = xasprintf("%s/none.yaml", f->dir);
	struct config_opts opts = { .file = path, .state_dir = f->dir };
	struct err err = { 0 };
	struct config *none;

	write_rows(f, "log.csv", "a", "1", 60);
	turn(f, 0);
	turn(f, 10);
	watcher_free(f->watcher, f->now_ms);
	assert_state(f, ALERT_FIRING);
	assert_int_equal(file_write_whole(path, "theme: dark\n", 12, &err), 0);
	assert_int_equal(config_load(&opts, &none, &err), 0);
	free(path);
	f->watcher = watcher_new(none, f->state, NULL, 0);
	turn(f, 5);
	assert_state(f, ALERT_SUPERSEDED);
	assert_false(watcher_holds_lease(f->watcher));
	watcher_free(f->watcher, f->now_ms);
	config_free(none);
	open_watcher(f);
}

/* A log that fell silent before we came is as silent. */
static void test_silence_from_before(void **state)
{
	struct fixture *f = *state;
	struct alert_set set;

	f->now_ms += 3601 * 1000;
	turn(f, 0);
	set = alerts(f);
	assert_int_equal(set.n, 1);
	assert_string_equal(set.alerts[0].rule, "no_rows");
	alert_set_clear(&set);
}

/* So is one that never was, from when we came. */
static void test_silence_without_a_log(void **state)
{
	struct fixture *f = *state;
	char *path = xasprintf("%s/log.csv", f->dir);
	struct alert_set set;

	remove(path);
	free(path);
	turn(f, 0);
	turn(f, 3599);
	assert_quiet(f);
	turn(f, 5);
	set = alerts(f);
	assert_int_equal(set.n, 1);
	assert_string_equal(set.alerts[0].rule, "no_rows");
	alert_set_clear(&set);
}

static int64_t rows_in_report(struct fixture *f)
{
	struct drift_report **all;
	struct err err = { 0 };
	int64_t n_rows = 0;
	size_t n;

	assert_int_equal(reports_load(f->state, &all, &n, &err), 0);
	for (size_t i = 0; i < n; i++) {
		n_rows = all[i]->n_rows;
		drift_report_free(all[i]);
	}
	free(all);
	return n_rows;
}

/* The header alone: it was begun a moment ago. */
static void begin_log(struct fixture *f, const char *name)
{
	char *path = xasprintf("%s/%s", f->dir, name);
	FILE *out = fopen(path, "w");

	BUG_ON(!out);
	fputs("ts,version,amount,card\n", out);
	fclose(out);
	written_at(path, f->now_ms);
	free(path);
}

static void test_a_young_file_is_filled_from_the_older(void **state)
{
	struct fixture *f = *state;

	write_rows(f, "log-1.csv", "w", "1", 0);
	begin_log(f, "log.csv");
	turn(f, 0);
	assert_string_equal(watcher_error(f->watcher, 0), "");
	assert_int_equal(rows_in_report(f), N_ROWS);
}

#define HEADER "ts,version,amount,card\n"

/* Ten rows, a second from now. */
static void add_rows(struct fixture *f, const char *name, const char *mode,
		     const char *header)
{
	char *path = xasprintf("%s/%s", f->dir, name);
	FILE *out = fopen(path, mode);

	BUG_ON(!out);
	fputs(header, out);
	for (int i = 0; i < 10; i++)
		fprintf(out, "%lld,1,%d.5,c0\n", (long long)(f->now_ms + i),
			i * 9);
	fclose(out);
	written_at(path, f->now_ms + 1000);
	free(path);
}

/* By another name and a new file, or cut under its writer, who writes on; a
 * file with other columns is another log. */
static void test_the_window_goes_on_across_rotation(void **state)
{
	struct fixture *f = *state;
	char *path = xasprintf("%s/log.csv", f->dir);
	char *old = xasprintf("%s/old.csv", f->dir);

	turn(f, 0);
	BUG_ON(rename(path, old));
	turn(f, 5);
	assert_int_equal(rows_in_report(f), N_ROWS);
	add_rows(f, "log.csv", "w", HEADER);
	turn(f, 5);
	assert_string_equal(watcher_error(f->watcher, 0), "");
	assert_int_equal(rows_in_report(f), N_ROWS);
	BUG_ON(truncate(path, 0));
	add_rows(f, "log.csv", "a", "");
	turn(f, 5);
	assert_string_equal(watcher_error(f->watcher, 0), "");
	assert_int_equal(rows_in_report(f), N_ROWS);
	add_rows(f, "log.csv", "w", "ts,version,more,amount\n");
	turn(f, 5);
	assert_int_equal(rows_in_report(f), 10);
	free(path);
	free(old);
}

/* Two were begun between two looks, and the one before was written on. */
static void test_no_file_of_a_log_is_left_out(void **state)
{
	struct fixture *f = *state;

	begin_log(f, "log.csv");
	turn(f, 0);
	f->now_ms += 1000;
	write_rows(f, "log.csv.1", "w", "1", 60);
	begin_log(f, "log.csv.2");
	turn(f, 5);
	assert_int_equal(rows_in_report(f), N_ROWS);
	write_rows(f, "log.csv.2", "a", "1", 0);
	begin_log(f, "log.csv.3");
	turn(f, 5);
	assert_quiet(f);
}

static void rename_log(struct fixture *f, const char *from, const char *to)
{
	char *old = xasprintf("%s/%s", f->dir, from);
	char *new = xasprintf("%s/%s", f->dir, to);

	BUG_ON(rename(old, new));
	free(old);
	free(new);
}

/* So many bytes of it at most, a second from now. */
static void copy_log(struct fixture *f, const char *from, const char *to,
		     size_t max)
{
	char *old = xasprintf("%s/%s", f->dir, from);
	char *new = xasprintf("%s/%s", f->dir, to);
	struct buf text = BUF_INIT(1 << 20);
	struct err err = { 0 };

	if (file_read(old, 1 << 20, &text, &err) ||
	    file_write_whole(new, buf_str(&text), MIN(text.len, max), &err))
		fail_msg("%s", err.msg);
	written_at(new, f->now_ms + 1000);
	buf_release(&text);
	free(old);
	free(new);
}

/* After the next look. */
static void assert_rows(struct fixture *f, int64_t n)
{
	turn(f, 5);
	assert_string_equal(watcher_error(f->watcher, 0), "");
	assert_int_equal(rows_in_report(f), n);
}

/* The older ones are in the pattern as well, and sort behind it. */
static void test_a_log_that_gets_numbers_is_followed(void **state)
{
	struct fixture *f = *state;

	add_rows(f, "log.csv", "w", HEADER);
	assert_rows(f, 10);
	rename_log(f, "log.csv", "log.csv.1");
	turn(f, 5);
	assert_int_equal(rows_in_report(f), 10);
	add_rows(f, "log.csv", "w", HEADER);
	assert_rows(f, 20);
	rename_log(f, "log.csv.1", "log.csv.2");
	rename_log(f, "log.csv", "log.csv.1");
	add_rows(f, "log.csv", "w", HEADER);
	assert_rows(f, 30);
	/* It is being packed: not yet the time of what is in it. */
	copy_log(f, "log.csv.2", "log.csv.2.gz", 20);
	assert_rows(f, 30);
	add_rows(f, "log.csv", "a", "");
	assert_rows(f, 40);
}

/* A look may come at any moment of it. */
static void test_a_log_that_is_copied_and_cut_is_followed(void **state)
{
	struct fixture *f = *state;
	char *path = xasprintf("%s/log.csv", f->dir);

	add_rows(f, "log.csv", "w", HEADER);
	assert_rows(f, 10);
	copy_log(f, "log.csv", "log.csv.1", 100);
	assert_rows(f, 10);
	copy_log(f, "log.csv", "log.csv.1", 1 << 20);
	assert_rows(f, 10);
	BUG_ON(truncate(path, 0));
	written_at(path, f->now_ms + 1000);
	assert_rows(f, 10);
	add_rows(f, "log.csv", "a", HEADER);
	assert_rows(f, 20);
	free(path);
}

static void test_a_log_with_dates_is_followed(void **state)
{
	struct fixture *f = *state;

	rename_log(f, "log.csv", "away.csv");
	add_rows(f, "log-2026-11-23.csv", "w", HEADER);
	turn(f, 5);
	add_rows(f, "log-2026-11-24.csv", "w", HEADER);
	assert_rows(f, 20);
	/* The next one is there before the last rows of this one. */
	begin_log(f, "log-2026-11-25.csv");
	add_rows(f, "log-2026-11-24.csv", "a", "");
	assert_rows(f, 30);
	add_rows(f, "log-2026-11-25.csv", "a", "");
	assert_rows(f, 40);
	/* What comes back of the past is no news. */
	f->now_ms -= 60000;
	add_rows(f, "log-2026-11-22.csv", "w", HEADER);
	f->now_ms += 60000;
	assert_rows(f, 40);
}

/* It seemed to be the past, and is what is written. */
static void test_an_old_file_that_is_written_is_followed(void **state)
{
	struct fixture *f = *state;

	add_rows(f, "log.csv", "w", HEADER);
	f->now_ms += 5000;
	add_rows(f, "log.csv.1", "w", HEADER);
	assert_rows(f, 20);
	f->now_ms += 60000;
	add_rows(f, "log.csv", "a", "");
	turn(f, 5);
	add_rows(f, "log.csv", "a", "");
	assert_rows(f, 50); /* what was read of it before is read again */
}

/* A log that begins with an old version is read, and read again for the types
 * of the new one's baseline; then it is quiet. */
static void test_two_versions_in_a_log(void **state)
{
	struct fixture *f = *state;
	char *path = xasprintf("%s/base-2.csv", f->dir);

	write_rows(f, "base-2.csv", "w", "2", 0);
	write_rows(f, "log.csv", "a", "2", 0);
	turn(f, 0);
	assert_string_equal(watcher_error(f->watcher, 0), "");
	assert_int_equal(rows_in_report(f), N_ROWS);
	/* Asked for no more: its absence would be told. */
	remove(path);
	free(path);
	turn(f, 5);
	turn(f, 5);
	assert_string_equal(watcher_error(f->watcher, 0), "");
	assert_int_equal(rows_in_report(f), N_ROWS);
}

/* One evaluation with the newest rows of a log of some 9 MB. */
static void test_a_long_log_is_read_to_its_end(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 700; i++)
		write_rows(f, "log.csv", "a", "1", 0);
	write_rows(f, "log.csv", "a", "1", 60);
	turn(f, 0);
	assert_state(f, ALERT_PENDING);
}

/* The baseline of a version is written a moment after its first rows. */
static void test_a_baseline_that_comes_late(void **state)
{
	struct fixture *f = *state;
	char *path = xasprintf("%s/base-1.csv", f->dir);

	remove(path);
	free(path);
	turn(f, 0);
	assert_string_not_equal(watcher_error(f->watcher, 0), "");
	assert_int_equal(rows_in_report(f), 0);
	write_rows(f, "base-1.csv", "w", "1", 0);
	turn(f, 5);
	assert_string_equal(watcher_error(f->watcher, 0), "");
	assert_int_equal(rows_in_report(f), N_ROWS);
}

/* What the log calls a version names no file elsewhere. */
static void test_a_version_is_no_path(void **state)
{
	struct fixture *f = *state;
	char *path = xasprintf("%s/base-", f->dir);

	BUG_ON(mkdir(path, 0700));
	free(path);
	write_rows(f, "log.csv", "w", "/../base-1", 0);
	turn(f, 0);
	assert_int_equal(rows_in_report(f), 0);
	assert_non_null(
		strstr(watcher_error(f->watcher, 0), "base-_.._base-1.csv"));
}

static void test_what_is_missing_is_told(void **state)
{
	struct fixture *f = *state;
	char *path = xasprintf("%s/base-1.csv", f->dir);

	remove(path);
	free(path);
	turn(f, 0);
	assert_non_null(strstr(watcher_error(f->watcher, 0), "base-1.csv"));
	path = xasprintf("%s/log.csv", f->dir);
	remove(path);
	free(path);
	turn(f, 5);
	assert_non_null(strstr(watcher_error(f->watcher, 0), "no such file"));
}

/* Whoever reads the state folder sees it too. */
static void test_a_blind_one_is_on_record(void **state)
{
	struct fixture *f = *state;
	char *path = xasprintf("%s/log.csv", f->dir);
	struct drift_report *r;
	struct err err = { 0 };

	remove(path);
	free(path);
	turn(f, 0);
	assert_int_equal(
		reports_find(f->state, f->config->monitors[0].name, &r, &err),
		0);
	assert_non_null(r);
	assert_non_null(strstr(r->blind, "no such file"));
	assert_int_equal(r->n_columns, 0);
	drift_report_free(r);
}

static void test_the_journal_tells_the_life(void **state)
{
	struct fixture *f = *state;
	struct event_log *log = event_log_new(100);
	struct err err = { 0 };
	int64_t seq = 0;
	size_t n_alerts = 0;

	turn(f, 0);
	write_rows(f, "log.csv", "a", "1", 60);
	turn(f, 5);
	turn(f, 10);
	assert_int_equal(journal_read(f->state, &seq, 0, log, &err), 0);
	for (size_t i = 0; i < event_log_count(log); i++)
		n_alerts += event_log_at(log, i)->kind == EVENT_ALERT;
	assert_int_equal(n_alerts, 2); /* pending, firing */
	event_log_free(log);
}

static void test_the_journal_tells_what_superseded(void **state)
{
	struct fixture *f = *state;
	struct event_log *log = event_log_new(100);
	struct err err = { 0 };
	int64_t seq = 0;
	const char *text;

	write_rows(f, "log.csv", "a", "1", 60);
	turn(f, 0);
	turn(f, 10);
	write_rows(f, "base-2.csv", "w", "2", 60);
	write_rows(f, "log.csv", "a", "2", 60);
	turn(f, 5);
	assert_int_equal(journal_read(f->state, &seq, 0, log, &err), 0);
	text = event_log_at(log, 0)->text;
	assert_non_null(strstr(text, "superseded: was amount PSI"));
	assert_non_null(strstr(text, "; v2 serves now"));
	event_log_free(log);
}

static void test_the_journal_tells_the_gap(void **state)
{
	struct fixture *f = *state;
	struct event_log *log = event_log_new(100);
	struct err err = { 0 };
	int64_t seq = 0;

	turn(f, 0);
	watcher_free(f->watcher, f->now_ms);
	open_watcher(f);
	turn(f, 30); /* soon enough */
	watcher_free(f->watcher, f->now_ms);
	open_watcher(f);
	turn(f, 7200);
	assert_int_equal(journal_read(f->state, &seq, 0, log, &err), 0);
	assert_int_equal(event_log_count(log), 4); /* and the silence */
	assert_string_equal(event_log_at(log, 3)->text,
			    "this process evaluates now");
	assert_string_equal(event_log_at(log, 2)->text,
			    "this process evaluates now");
	assert_string_equal(event_log_at(log, 1)->text,
			    "this process evaluates now; nobody did for 2h");
	event_log_free(log);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_from_quiet_to_resolved),
		TEST(test_a_restart_keeps_no_alert_longer),
		TEST(test_what_it_says),
		TEST(test_acknowledged_by_another),
		TEST(test_a_new_version_supersedes),
		TEST(test_a_new_version_while_nobody_watched),
		TEST(test_the_report_is_kept),
		TEST(test_one_evaluates),
		TEST(test_silence_fires),
		TEST(test_alerts_of_no_monitor_end),
		TEST(test_alerts_of_the_last_monitor_end),
		TEST(test_silence_from_before),
		TEST(test_silence_without_a_log),
		TEST(test_a_young_file_is_filled_from_the_older),
		TEST(test_the_window_goes_on_across_rotation),
		TEST(test_no_file_of_a_log_is_left_out),
		TEST(test_a_log_that_gets_numbers_is_followed),
		TEST(test_a_log_that_is_copied_and_cut_is_followed),
		TEST(test_a_log_with_dates_is_followed),
		TEST(test_an_old_file_that_is_written_is_followed),
		TEST(test_two_versions_in_a_log),
		TEST(test_a_long_log_is_read_to_its_end),
		TEST(test_a_baseline_that_comes_late),
		TEST(test_a_version_is_no_path),
		TEST(test_what_is_missing_is_told),
		TEST(test_a_blind_one_is_on_record),
		TEST(test_the_journal_tells_the_life),
		TEST(test_the_journal_tells_what_superseded),
		TEST(test_the_journal_tells_the_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
