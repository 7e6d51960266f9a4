/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

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

#include "app/watcher.h"
#include "base/clock.h"
#include "base/mem.h"
#include "demo/demo.h"
#include "demo/history.h"
#include "demo/script.h"
#include "demo/traffic.h"
#include "io/file.h"
#include "io/proc.h"

#define HOUR_MS 3600000

/* One demo, made three hours ago, for all tests: it takes a second. */
static char dir[256];
static int64_t born_ms;

static char *in_dir(const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

static void open_store(struct store *s)
{
	struct err err = { 0 };

	assert_int_equal(store_open(s, dir, "mlflow.db", 1, &err), ERR_OK);
}

static int64_t number(struct store *s, const char *sql)
{
	struct err err = { 0 };
	struct db_stmt *st;
	bool has_row;
	int64_t v;

	assert_int_equal(db_prepare(s->db, sql, &st, &err), ERR_OK);
	assert_int_equal(db_step(st, &has_row, &err), ERR_OK);
	assert_true(has_row);
	v = db_int(st, 0);
	db_reset(st);
	return v;
}

static int make(void **state)
{
	const char *tmp = getenv("TMPDIR");
	struct err err = { 0 };
	bool made = false;

	(void)state;
	snprintf(dir, sizeof(dir), "%s/mltower-demo-XXXXXX",
		 tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return -1;
	born_ms = clock_utc_ms() - 3 * HOUR_MS;
	if (demo_make(dir, born_ms, &made, &err))
		fprintf(stderr, "%s\n", err.msg);
	return made ? 0 : -1;
}

static int sweep(void **state)
{
	const char *const argv[] = { "rm", "-rf", "--", dir, NULL };
	struct proc_result res = { 0 };
	struct err err = { 0 };
	int rc = proc_run(argv, NULL, &res, &err);

	(void)state;
	proc_result_release(&res);
	return rc ? -1 : 0;
}

static void test_made_once(void **state)
{
	struct err err = { 0 };
	struct stat before, after;
	char *db = in_dir("mlflow.db");
	bool made = true;

	(void)state;
	assert_int_equal(stat(db, &before), 0);
	assert_int_equal(demo_make(dir, born_ms + 5, &made, &err), ERR_OK);
	assert_false(made);
	assert_int_equal(stat(db, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_int_equal(before.st_size, after.st_size);
	free(db);
}

static void test_store_has_what_the_tower_shows(void **state)
{
	struct store s;

	(void)state;
	open_store(&s);
	assert_int_equal(number(&s, "SELECT count(*) FROM sqlite_master WHERE "
				    "type = 'table'"),
			 65);
	assert_int_equal(number(&s, "SELECT count(*) FROM experiments WHERE "
				    "experiment_id > 0"),
			 3);
	assert_int_equal(number(&s, "SELECT count(*) FROM runs WHERE status = "
				    "'FAILED'"),
			 2);
	assert_int_equal(number(&s, "SELECT count(*) FROM runs WHERE status = "
				    "'KILLED'"),
			 1);
	/* Three under way and the silent one. */
	assert_int_equal(number(&s, "SELECT count(*) FROM runs WHERE status = "
				    "'RUNNING'"),
			 4);
	assert_int_equal(number(&s, "SELECT count(*) FROM tags WHERE key = "
				    "'mlflow.parentRunId'"),
			 3);
	assert_int_equal(number(&s, "SELECT count(*) FROM runs WHERE name "
				    "GLOB 'rf-depth12-seed?'"),
			 5);
	assert_int_equal(number(&s, "SELECT count(DISTINCT value) FROM tags "
				    "JOIN runs USING (run_uuid) WHERE key = "
				    "'mlflow.source.git.commit' AND name GLOB "
				    "'*-seed?'"),
			 3);
	assert_int_equal(number(&s, "SELECT count(*) FROM "
				    "registered_model_aliases WHERE alias = "
				    "'champion'"),
			 3);
	/* Two data sets a run, all scored on the same one. */
	assert_int_equal(number(&s, "SELECT count(*) FROM runs"),
			 number(&s, "SELECT count(*) FROM input_tags WHERE "
				    "value = 'training'"));
	assert_int_equal(number(&s, "SELECT count(DISTINCT d.digest) FROM "
				    "datasets d WHERE d.name = 'tx-holdout'"),
			 1);
	store_close(&s);
}

static void test_everything_says_synthetic(void **state)
{
	struct store s;

	(void)state;
	open_store(&s);
	assert_int_equal(number(&s, "SELECT count(*) FROM runs r WHERE NOT "
				    "EXISTS (SELECT 1 FROM tags t WHERE "
				    "t.run_uuid = r.run_uuid AND t.key = "
				    "'mlflow.note.content' AND t.value LIKE "
				    "'%synthetic%')"),
			 0);
	assert_int_equal(number(&s, "SELECT count(*) FROM datasets WHERE "
				    "dataset_source NOT LIKE '%synthetic%'"),
			 0);
	assert_int_equal(number(&s, "SELECT count(*) FROM registered_models "
				    "WHERE description NOT LIKE "
				    "'%synthetic%'"),
			 0);
	assert_int_equal(number(&s, "SELECT count(*) FROM model_versions "
				    "WHERE description NOT LIKE "
				    "'%Synthetic%'"),
			 0);
	store_close(&s);
}

static void test_latest_is_the_last_of_the_history(void **state)
{
	struct store s;

	(void)state;
	open_store(&s);
	assert_true(number(&s, "SELECT count(*) FROM latest_metrics") > 100);
	assert_int_equal(number(&s, "SELECT count(*) FROM latest_metrics l "
				    "WHERE NOT EXISTS (SELECT 1 FROM metrics "
				    "m WHERE m.run_uuid = l.run_uuid AND m.key "
				    "= l.key AND m.step = l.step AND m.value = "
				    "l.value AND m.timestamp = l.timestamp) OR "
				    "l.step < (SELECT max(step) FROM metrics m "
				    "WHERE m.run_uuid = l.run_uuid AND m.key = "
				    "l.key)"),
			 0);
	store_close(&s);
}

/* The metric in the store is what the weights in the folder really score. */
static void check_champion(struct store *s, struct lab *lab,
			   const struct world *w)
{
	struct err err = { 0 };
	double scores[LEARNER_MAX_SCORES];
	struct store_served served;
	struct predictor *p;
	struct db_stmt *st;
	bool has_row;

	assert_true(store_served(s, w, "champion", &served));
	p = history_load(dir, served.model_id, &err);
	assert_non_null(p);
	predictor_scores(p, lab_frame(lab, w->id, LAB_HOLDOUT), scores);
	assert_int_equal(
		db_prepare(s->db,
			   "SELECT l.value FROM latest_metrics l JOIN "
			   "model_versions v ON v.run_id = l.run_uuid WHERE "
			   "v.name = ?1 AND v.version = ?2 AND l.key = ?3",
			   &st, &err),
		ERR_OK);
	db_bind_text(st, 1, w->model);
	db_bind_int(st, 2, served.version);
	db_bind_text(st, 3, w->metric);
	assert_int_equal(db_step(st, &has_row, &err), ERR_OK);
	assert_true(has_row);
	assert_true(db_double(st, 0) == scores[0]);
	db_reset(st);
	predictor_free(p);
}

static void test_metrics_are_what_the_weights_score(void **state)
{
	struct lab lab = LAB_INIT;
	struct store s;

	(void)state;
	open_store(&s);
	for (int w = 0; w < WORLD_N; w++)
		check_champion(&s, &lab, world_get((enum world_id)w));
	lab_release(&lab);
	store_close(&s);
}

static void test_logs_are_served_by_the_champion(void **state)
{
	struct buf log = BUF_INIT(1 << 22);
	struct err err = { 0 };
	char *path = in_dir("fraud.csv");
	size_t n_lines = 0;

	(void)state;
	assert_int_equal(file_read(path, log.max, &log, &err), ERR_OK);
	assert_int_equal(strncmp(buf_str(&log),
				 "ts,request_id,model,version,"
				 "amount,",
				 35),
			 0);
	for (const char *s = buf_str(&log); *s; s++)
		n_lines += *s == '\n';
	assert_int_equal(n_lines, 1201);
	assert_non_null(strstr(buf_str(&log), ",fraud-detector,4,"));
	assert_null(strstr(buf_str(&log), ",fraud-detector,5,"));
	buf_release(&log);
	free(path);
}

static void test_each_version_has_a_baseline(void **state)
{
	struct store s;
	char *pattern = in_dir("baselines/*.csv"), **files;
	size_t n = file_glob(pattern, &files);

	(void)state;
	open_store(&s);
	assert_int_equal(n, number(&s, "SELECT count(*) FROM model_versions"));
	for (size_t i = 0; i < n; i++)
		free(files[i]);
	free(files);
	free(pattern);
	store_close(&s);
}

static void write_at(const char *folder, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", folder, name);
	struct err err = { 0 };

	assert_int_equal(file_write_whole(path, text, strlen(text), &err),
			 ERR_OK);
	free(path);
}

static void test_others_folders_are_left_alone(void **state)
{
	char *mine = in_dir("theirs"), *old = in_dir("old");
	struct err err = { 0 };

	(void)state;
	assert_int_equal(file_make_dirs(mine, &err), ERR_OK);
	assert_int_equal(file_make_dirs(old, &err), ERR_OK);
	write_at(mine, "mlflow.db", "somebody's runs");
	assert_int_equal(demo_make(mine, born_ms, NULL, &err), ERR_USAGE);
	err_clear(&err);
	write_at(old, "demo", "mltower demo 0\n");
	write_at(old, "mlflow.db", "runs");
	assert_int_equal(demo_make(old, born_ms, NULL, &err), ERR_SCHEMA);
	free(mine);
	free(old);
}

static void test_model_ids_stay_in_the_folder(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_null(history_load(dir, "../../etc", &err));
	assert_int_equal(err.code, ERR_PARSE);
}

/* Without a Tower the factory ends at once, with its lock given back; it
 * settled what was left running for too long. */
static void test_factory_without_a_tower_ends(void **state)
{
	char *path = in_dir("factory.lock");
	struct err err = { 0 };
	struct store s;
	int fd;

	(void)state;
	assert_int_equal(demo_factory_main(dir), 0);
	fd = file_lock(path, false, &err);
	assert_true(fd >= 0);
	close(fd);
	open_store(&s);
	/* The silent run is nobody's business. */
	assert_int_equal(number(&s, "SELECT count(*) FROM runs WHERE status = "
				    "'RUNNING'"),
			 1);
	assert_int_equal(number(&s, "SELECT count(*) FROM runs WHERE status = "
				    "'KILLED'"),
			 4);
	store_close(&s);
	free(path);
}

static void test_one_factory_only(void **state)
{
	char *path = in_dir("factory.lock"), *towers = in_dir("lock");
	struct err err = { 0 };
	int other = file_lock(path, false, &err);
	int tower = file_lock(towers, true, &err);

	(void)state;
	assert_true(other >= 0 && tower >= 0);
	/* Would go on for ever with the lock: a Tower is there. */
	assert_int_equal(demo_factory_main(dir), 0);
	close(other);
	close(tower);
	free(path);
	free(towers);
}

/* ---- the script is what alerts ---- */

/* All three worlds at work and watched, a second at a time; one after the
 * other on the same logs. */
struct watching {
	struct config *config;
	struct state *state;
	struct watcher *watcher;
	struct traffic *traffic[WORLD_N];
	bool has_moved[WORLD_N];
	int64_t start_ms, now_ms;
	unsigned seen; /* a bit a line of the script that fired */
};

static int64_t watched_until_ms;

/* By the challenger, which becomes the champion, or by the champion. */
static void serve_world(struct watching *t, struct store *s,
			const struct world *w, bool is_promoted)
{
	struct store_served served;
	struct err err = { 0 };

	if (is_promoted && store_served(s, w, "challenger", &served))
		store_alias(s, w, "champion", served.version);
	assert_true(store_served(s, w, "champion", &served));
	t->traffic[w->id] = traffic_new(dir, w, 7);
	traffic_serve(t->traffic[w->id],
		      history_load(dir, served.model_id, &err), served.version);
	t->has_moved[w->id] = served.data == LAB_NOVEMBER;
}

static void begin_watching(struct watching *t, bool is_promoted,
			   watcher_told *told)
{
	char *path = in_dir("config.yaml");
	struct config_opts opts = { .file = path };
	struct err err = { 0 };
	struct store s;

	memset(t, 0, sizeof(*t));
	t->start_ms = t->now_ms = watched_until_ms ? watched_until_ms : born_ms;
	assert_int_equal(config_load(&opts, &t->config, &err), ERR_OK);
	assert_int_equal(state_open(t->config->state_dir, &t->state, &err),
			 ERR_OK);
	open_store(&s);
	for (int w = 0; w < WORLD_N; w++)
		serve_world(t, &s, world_get((enum world_id)w), is_promoted);
	store_close(&s);
	t->watcher = watcher_new(t->config, t->state, NULL, 0);
	watcher_on_alert(t->watcher, told, t);
	free(path);
}

static void end_watching(struct watching *t)
{
	watched_until_ms = t->now_ms;
	watcher_free(t->watcher, t->now_ms);
	for (int i = 0; i < WORLD_N; i++)
		traffic_free(t->traffic[i]);
	state_close(t->state);
	config_free(t->config);
}

/* The line of the script that an alert of this column, at this time, is of. */
static size_t script_line_of(const char *monitor, const char *column,
			     int64_t at_s)
{
	for (size_t i = 0; i < script_n_lines; i++) {
		const struct script_line *l = &script_lines[i];
		const char *world = world_get(l->world)->name;

		if (!strncmp(monitor, world, strlen(world)) &&
		    !strcmp(column, l->column) && at_s > l->from_s &&
		    at_s <= l->from_s + 120)
			return i;
	}
	fail_msg("%s: %s fires after %lld s, and nobody wrote it", monitor,
		 column, (long long)at_s);
	return 0;
}

static void take_alert(void *ctx, const struct alert *a, const char *what)
{
	struct watching *t = ctx;

	if (!strcmp(what, "firing"))
		t->seen |= 1u
			   << script_line_of(a->monitor, a->column,
					     (t->now_ms - t->start_ms) / 1000);
}

static void watch_second(struct watching *t, int s, bool is_kept)
{
	struct err err = { 0 };

	t->now_ms += 1000;
	for (int w = 0; w < WORLD_N; w++) {
		const struct world *world = world_get((enum world_id)w);
		struct drift drift;

		script_at(world->id, s, &drift);
		if (is_kept)
			script_keep(world->id, &t->has_moved[w], &drift);
		traffic_draw(t->traffic[w], traffic_rate(world), &drift,
			     t->now_ms, 1000);
		assert_int_equal(traffic_write(t->traffic[w], &err), ERR_OK);
	}
	watcher_turn(t->watcher, t->now_ms, NULL, &err);
	assert_int_equal(err.code, ERR_OK);
}

/* Twenty minutes of rows, as fast as they are drawn. */
static void test_only_the_script_alerts(void **state)
{
	struct watching t;

	(void)state;
	begin_watching(&t, false, take_alert);
	for (int s = 0; s < SCRIPT_PERIOD_S; s++)
		watch_second(&t, s, false);
	for (size_t i = 0; i < script_n_lines; i++)
		if (*script_lines[i].column && !(t.seen & 1u << i))
			fail_msg("%s: nothing fired", script_lines[i].column);
	end_watching(&t);
}

static void refuse_alert(void *ctx, const struct alert *a, const char *what)
{
	struct watching *t = ctx;

	if (!strcmp(what, "firing"))
		fail_msg("%s: %s fires %lld s after the promotion", a->monitor,
			 a->column,
			 (long long)(t->now_ms - t->start_ms) / 1000);
}

/* Whenever it is promoted: here before the script has moved anything. */
static void test_a_model_of_newer_data_knows_its_world(void **state)
{
	struct watching t;

	(void)state;
	begin_watching(&t, true, refuse_alert);
	for (int s = 0; s < 200; s++)
		watch_second(&t, s, true);
	assert_true(t.has_moved[WORLD_FRAUD] && t.has_moved[WORLD_ICU]);
	end_watching(&t);
}

/* The mix of patients stays what it became; the probes are repaired. */
static void test_what_moved_stays(void **state)
{
	const double *size = lab_moved(WORLD_ICU)->size;
	struct drift now;
	bool has_moved = false;

	(void)state;
	script_at(WORLD_ICU, 500, &now);
	script_keep(WORLD_ICU, &has_moved, &now);
	assert_false(has_moved);
	assert_true(now.size[DRIFT_FAHRENHEIT] > 0);
	script_at(WORLD_ICU, 1000, &now);
	script_keep(WORLD_ICU, &has_moved, &now);
	assert_true(has_moved);
	script_at(WORLD_ICU, 1150, &now);
	script_keep(WORLD_ICU, &has_moved, &now);
	assert_true(now.size[DRIFT_MIX] == size[DRIFT_MIX]);
	assert_true(now.size[DRIFT_FAHRENHEIT] == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made_once),
		cmocka_unit_test(test_store_has_what_the_tower_shows),
		cmocka_unit_test(test_everything_says_synthetic),
		cmocka_unit_test(test_latest_is_the_last_of_the_history),
		cmocka_unit_test(test_metrics_are_what_the_weights_score),
		cmocka_unit_test(test_logs_are_served_by_the_champion),
		cmocka_unit_test(test_each_version_has_a_baseline),
		cmocka_unit_test(test_others_folders_are_left_alone),
		cmocka_unit_test(test_model_ids_stay_in_the_folder),
		cmocka_unit_test(test_factory_without_a_tower_ends),
		cmocka_unit_test(test_one_factory_only),
		cmocka_unit_test(test_only_the_script_alerts),
		cmocka_unit_test(test_a_model_of_newer_data_knows_its_world),
		cmocka_unit_test(test_what_moved_stays),
	};

	return cmocka_run_group_tests(tests, make, sweep);
}
