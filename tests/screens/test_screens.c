/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glob.h>
#include <math.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <vterm.h>

#include "base/buf.h"
#include "base/clock.h"
#include "demo/demo.h"
#include "system/mlflow_store.h"
#include "ui/command.h"

/* The whole program in a pseudo-terminal, looked at through libvterm, on the
 * demo's history at a fixed time (MLTOWER_NOW_MS). Keys are typed when a text
 * is on the screen, never after a time. MLTOWER_GOLDEN=write makes the files,
 * to be looked at before they are committed. */
#define NOW_MS      1795500000000
#define PATIENCE_MS 20000

struct terminal {
	int w, h, fd;
	pid_t pid;
	VTerm *vt;
	VTermScreen *screen;
	struct buf *all; /* every byte that came; NULL: nobody asks */
};

static char *demo_folder;

static void exec_program(char *const argv[])
{
	char now[32];

	snprintf(now, sizeof(now), "%lld", (long long)NOW_MS);
	setenv("MLTOWER_NOW_MS", now, 1);
	setenv("TZ", "UTC", 1);
	setenv("TERM", "xterm-256color", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	unsetenv("NO_COLOR");
	execv(argv[0], argv);
	_exit(127);
}

static void start(struct terminal *t, int w, int h, char *const argv[])
{
	struct winsize ws = { .ws_col = (unsigned short)w,
			      .ws_row = (unsigned short)h };

	t->w = w;
	t->h = h;
	t->pid = forkpty(&t->fd, NULL, NULL, &ws);
	assert_true(t->pid >= 0);
	if (!t->pid)
		exec_program(argv);
	t->vt = vterm_new(h, w);
	vterm_set_utf8(t->vt, 1);
	t->screen = vterm_obtain_screen(t->vt);
	vterm_screen_reset(t->screen, 1);
}

static void add_cell(struct buf *out, const VTermScreenCell *cell)
{
	if (!cell->chars[0]) {
		buf_addc(out, ' ');
		return;
	}
	for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell->chars[i]; i++) {
		uint32_t c = cell->chars[i];

		if (c < 0x80)
			buf_addc(out, (char)c);
		else if (c < 0x800)
			buf_addf(out, "%c%c", 0xc0 | c >> 6, 0x80 | (c & 63));
		else
			buf_addf(out, "%c%c%c", 0xe0 | c >> 12,
				 0x80 | (c >> 6 & 63), 0x80 | (c & 63));
	}
}

/* The screen as text, trailing blanks cut. */
static void look(struct terminal *t, struct buf *out)
{
	buf_clear(out);
	for (int y = 0; y < t->h; y++) {
		size_t end = out->len;

		for (int x = 0; x < t->w; x++) {
			VTermPos at = { .row = y, .col = x };
			VTermScreenCell cell;

			vterm_screen_get_cell(t->screen, at, &cell);
			if (cell.chars[0] == (uint32_t)-1)
				continue; /* right half of a wide one */
			add_cell(out, &cell);
			if (cell.chars[0] && cell.chars[0] != ' ')
				end = out->len;
		}
		out->len = end;
		buf_addc(out, '\n');
	}
}

/* Reads for at most wait_ms; false: nothing came. */
static bool read_some(struct terminal *t, int wait_ms)
{
	struct pollfd p = { .fd = t->fd, .events = POLLIN };
	char bytes[8192];
	ssize_t n;

	if (poll(&p, 1, wait_ms) != 1)
		return false;
	n = read(t->fd, bytes, sizeof(bytes));
	if (n <= 0)
		return false;
	vterm_input_write(t->vt, bytes, (size_t)n);
	if (t->all)
		buf_add(t->all, bytes, (size_t)n);
	return true;
}

/* Does every thread of the program wait, or is it gone? One that is only kept
 * from running by a busy machine does not. */
static bool is_asleep(const struct terminal *t)
{
	bool is = true;
	char *pattern = xasprintf("/proc/%d/task/*/stat", (int)t->pid);
	glob_t found = { 0 };

	glob(pattern, 0, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc && is; i++) {
		FILE *f = fopen(found.gl_pathv[i], "r");
		char state = 'S';

		if (f && fscanf(f, "%*d (%*[^)]) %c", &state) == 1)
			is = state != 'R' && state != 'D';
		if (f)
			fclose(f);
	}
	globfree(&found);
	free(pattern);
	return is;
}

/* Until nothing more comes from a program that has nothing to do. */
static void wait_for_quiet(struct terminal *t)
{
	int64_t end = clock_mono_ms() + PATIENCE_MS;

	while (clock_mono_ms() < end && (read_some(t, 400) || !is_asleep(t)))
		;
}

/* Until the text is there and nothing more comes. */
static void wait_for(struct terminal *t, const char *text)
{
	int64_t end = clock_mono_ms() + PATIENCE_MS;
	struct buf now = BUF_INIT(1 << 20);
	bool is_there = false;

	while (!is_there && clock_mono_ms() < end) {
		read_some(t, 50);
		look(t, &now);
		is_there = strstr(buf_str(&now), text) != NULL;
	}
	if (!is_there)
		fail_msg("\"%s\" never came; the screen is\n%s", text,
			 buf_str(&now));
	wait_for_quiet(t);
	buf_release(&now);
}

static void type(struct terminal *t, const char *keys)
{
	assert_int_equal(write(t->fd, keys, strlen(keys)), strlen(keys));
}

/* What a dialog has no room for is shown before anything is confirmed. */
static void see_the_rest(struct terminal *t)
{
	struct buf now = BUF_INIT(1 << 20);

	for (size_t i = 0; i < 20; i++) {
		look(t, &now);
		if (!strstr(buf_str(&now), "Enter shows the rest"))
			break;
		type(t, "\r");
		wait_for_quiet(t);
	}
	buf_release(&now);
}

static void stop(struct terminal *t)
{
	int64_t end = clock_mono_ms() + PATIENCE_MS;
	int status = 0;

	kill(t->pid, SIGTERM);
	while (waitpid(t->pid, &status, WNOHANG) == 0) {
		assert_true(clock_mono_ms() < end);
		read_some(t, 20);
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	close(t->fd);
	vterm_free(t->vt);
}

static void read_file(const char *path, struct buf *out)
{
	char bytes[4096];
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f)
		fail_msg("no golden file %s", path);
	while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		buf_add(out, bytes, n);
	fclose(f);
}

/* The folder differs from run to run, and so do digests over its path. */
static void hide_folder(struct buf *text)
{
	char *at;

	while ((at = strstr(text->data, demo_folder)))
		memset(at, '~', strlen(demo_folder));
}

static void assert_screen(struct terminal *t, const char *name)
{
	const char *srcdir = getenv("srcdir"), *mode = getenv("MLTOWER_GOLDEN");
	struct buf is = BUF_INIT(1 << 20), wanted = BUF_INIT(1 << 20);
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/screens/golden/%s-%dx%d.txt",
		 srcdir ? srcdir : ".", name, t->w, t->h);
	look(t, &is);
	hide_folder(&is);
	if (mode && !strcmp(mode, "write")) {
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		fwrite(buf_str(&is), 1, is.len, f);
		fclose(f);
	}
	read_file(path, &wanted);
	if (strcmp(buf_str(&is), buf_str(&wanted)))
		fail_msg("%s: the screen is\n%s\nand not\n%s", path,
			 buf_str(&is), buf_str(&wanted));
	buf_release(&is);
	buf_release(&wanted);
}

static int make_demo(void **state)
{
	char path[] = "/tmp/mltower-screens-XXXXXX";
	struct err err = { 0 };

	(void)state;
	if (!getenv("MLTOWER") || !mkdtemp(path))
		return -1;
	demo_folder = xstrdup(path);
	return demo_make(path, NOW_MS, NULL, &err);
}

static int remove_demo(void **state)
{
	char *command = xasprintf("rm -rf '%s'", demo_folder);
	int status = system(command);

	(void)state;
	free(command);
	free(demo_folder);
	return status;
}

/* ---- the pages, each at the three sizes ---- */

static const struct {
	int w, h;
} sizes[] = { { 120, 36 }, { 80, 24 }, { 40, 12 } };

static void open_tower(struct terminal *t, int w, int h)
{
	char config[4096], state[4096];
	char *program = getenv("MLTOWER");
	char *argv[] = { program, (char *)"--config",
			 config,  (char *)"--state",
			 state,   NULL };

	snprintf(config, sizeof(config), "%s/config.yaml", demo_folder);
	snprintf(state, sizeof(state), "%s/state-%d", demo_folder, w);
	start(t, w, h, argv);
	wait_for(t, "cnn-vitals");
}

static void at_all_sizes(const char *name, const char *const *keys,
			 const char *const *texts, size_t n)
{
	for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
		struct terminal t = { 0 };

		open_tower(&t, sizes[s].w, sizes[s].h);
		for (size_t i = 0; i < n; i++) {
			type(&t, keys[i]);
			wait_for(&t, texts[i]);
		}
		assert_screen(&t, name);
		stop(&t);
	}
}

#define SCREEN(name, ...)                                                      \
	do {                                                                   \
		static const char *const steps[] = { __VA_ARGS__ };            \
		const char *keys[8], *texts[8];                                \
		size_t n = ARRAY_LEN(steps) / 2;                               \
		for (size_t i = 0; i < n; i++) {                               \
			keys[i] = steps[2 * i];                                \
			texts[i] = steps[2 * i + 1];                           \
		}                                                              \
		at_all_sizes(name, keys, texts, n);                            \
	} while (0)

static void test_tower(void **state)
{
	(void)state;
	SCREEN("tower", "j", "Runs");
}

static void test_what_needs_somebody_is_gone_to(void **state)
{
	(void)state;
	SCREEN("needs", "n", "silent");
}

/* Between the sizes: no pane is left with names alone. */
static void test_each_width_tells_how_runs_are(void **state)
{
	(void)state;
	for (int w = 56; w <= 84; w += 7) {
		struct terminal t = { 0 };

		open_tower(&t, w, 24);
		wait_for(&t, "✓ finished");
		stop(&t);
	}
}

/* From one run to the next the curves are never gone in between. */
static void test_cursor_goes_from_curve_to_curve(void **state)
{
	static const char *const runs[] = { "gbt-solar-r1", "rf-depth14-r1",
					    "rf-depth12-b" };
	struct buf all = BUF_INIT(1 << 20);
	struct terminal t = { 0 };

	(void)state;
	open_tower(&t, 120, 36);
	wait_for(&t, "2 Metrics  cnn-vitals-r1");
	t.all = &all;
	for (size_t i = 0; i < ARRAY_LEN(runs); i++) {
		char title[80];

		snprintf(title, sizeof(title), "2 Metrics  %s", runs[i]);
		type(&t, "j");
		wait_for(&t, title);
	}
	assert_null(strstr(buf_str(&all), "reading"));
	stop(&t);
	buf_release(&all);
}

/* Where hardly anything has room, it is for the rows. */
static void test_a_few_rows_are_a_list(void **state)
{
	struct terminal t = { 0 };

	(void)state;
	open_tower(&t, 20, 5);
	assert_screen(&t, "tower");
	type(&t, "3");
	wait_for(&t, "3 Registry");
	assert_screen(&t, "registry");
	stop(&t);
}

static void test_registry(void **state)
{
	(void)state;
	SCREEN("registry", "3", "fraud-detector");
}

static void test_chosen_columns(void **state)
{
	(void)state;
	SCREEN("columns",
	       ":columns name,status,metrics.val/auc,params.max_depth,"
	       "dataset.name,trend,age\r",
	       "NAME", ":sort metrics.val/auc:desc\r", "NAME");
	SCREEN("choose-columns", ":columns name,age,metrics.val/auc=9\r",
	       "NAME", "o", "COLUMN", "/auc\r", "COLUMN");
}

/* The sources bring what is chosen while the page still lies over the Tower. */
static void test_values_of_a_new_column_are_previewed(void **state)
{
	struct terminal t = { 0 };

	(void)state;
	open_tower(&t, 120, 36);
	type(&t, "o");
	wait_for(&t, "COLUMN");
	type(&t, "/params.learning_rate\r ");
	wait_for(&t, "0.05");
	stop(&t);
}

/* A store whose runs have a hundred metrics more. */
static void add_hundred_metrics(void)
{
	static const char sql[] =
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n "
		"WHERE i<100) INSERT INTO latest_metrics(key, value, "
		"timestamp, "
		"step, is_nan, run_uuid) SELECT printf('extra/m%03d', i), "
		"(r.rowid * 37 + i * 11) % 100 / 100.0, 0, 0, 0, r.run_uuid "
		"FROM runs r, n";
	char path[4200];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/mlflow.db", demo_folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void test_a_hundred_metric_columns(void **state)
{
	struct buf names = BUF_INIT(1 << 16);
	char *folder = demo_folder;
	const char *keys[4] = { NULL, "z", "llllllllll", "G" };
	const char *texts[4] = { "NAME", "NAME", "NAME", "NAME" };

	assert_int_equal(make_demo(state), 0);
	add_hundred_metrics();
	buf_adds(&names, ":columns name,status");
	for (int i = 1; i <= 100; i++)
		buf_addf(&names, ",metrics.extra/m%03d=6", i);
	buf_addc(&names, '\r');
	keys[0] = buf_str(&names);
	at_all_sizes("hundred-columns", keys, texts, 4);
	buf_release(&names);
	remove_demo(state);
	demo_folder = folder;
}

static void test_filter_keeps_what_matches(void **state)
{
	(void)state;
	SCREEN("filter", "/status = 'FAILED'\r", "rf-depth20");
}

static void test_runs_are_put_into_groups(void **state)
{
	(void)state;
	SCREEN("groups", ":group experiment,status\r", "Esc back");
}

static void test_repeats_are_told_and_opened(void **state)
{
	(void)state;
	SCREEN("repeats", "brepeats\r", "REPEATED");
	SCREEN("repeat-open", "brepeats\r", "REPEATED", "\r",
	       "cnn-vitals-seed1");
}

/* As the command line tells them: each metric that is a column, by scrolling
 * where there is no room. */
static void test_groups_tell_the_chosen_columns(void **state)
{
	SCREEN("groups-columns",
	       ":columns name,metrics.val/auc,metrics.val/nrmse,age\r", "NAME",
	       "bexperiment\r", "RUNS");
	SCREEN("groups-scrolled",
	       ":columns name,metrics.val/auc,metrics.val/nrmse,age\r", "NAME",
	       "bexperiment\r", "RUNS", "ll", "\u2039");
	(void)state;
}

static void test_no_groups_are_no_rows(void **state)
{
	(void)state;
	SCREEN("groups-none", "bparams.data\r", "Esc back",
	       "/name = 'nobody'\r", "Nothing matches");
}

static void test_tab_offers_columns_and_forms(void **state)
{
	struct terminal t = { 0 };

	(void)state;
	open_tower(&t, 120, 36);
	type(&t, ":columns name, metrics.val/au\t");
	wait_for(&t, ": columns name, metrics.val/auc");
	type(&t, ",params.max_d\t");
	wait_for(&t, "val/auc,params.max_depth");
	type(&t, "\025export runs\t");
	wait_for(&t, "runs.csv  runs.json  runs.jsonl  runs.md");
	type(&t, "m\t");
	wait_for(&t, ": export runs.md");
	stop(&t);
}

static void test_tab_offers_columns_and_values(void **state)
{
	(void)state;
	SCREEN("complete", "/\t", "name ");
	SCREEN("complete-values",
	       "/status = 'FAILED' and params.max_depth = ", "=  …", "\t",
	       "14");
}

/* The word that is typed is no condition yet, and what it is behind stays. */
static void test_beginning_of_a_column_keeps_the_list(void **state)
{
	struct terminal t = { 0 };

	(void)state;
	open_tower(&t, 80, 24);
	type(&t, "/status = 'FAILED' and");
	wait_for(&t, "2/35");
	type(&t, " sta");
	wait_for(&t, "2/35");
	type(&t, "ble");
	wait_for(&t, "0/35");
	stop(&t);
}

/* Saved, left, listed, opened by its key; Escape goes back. */
static void test_a_view_is_saved_and_shown(void **state)
{
	(void)state;
	SCREEN("views", "/status = 'FAILED'\r", "rf-depth20",
	       ":save failed 3\r", "v 3 shows it", "v", "failed 3", "0",
	       "gbt-solar-night", "v", "failed 3");
	SCREEN("view", "v3", "rf-depth20", "sname:desc\r", "rf-depth20");
}

static void test_a_view_keeps_tree_and_order_of_groups(void **state)
{
	struct terminal t = { 0 };

	(void)state;
	open_tower(&t, 120, 36);
	type(&t, "t");
	wait_for(&t, "all experiments  tree");
	type(&t, ":save leaves 4\r");
	wait_for(&t, "v 4 shows it");
	type(&t, "t");
	wait_for(&t, "Runs  leaves* ");
	type(&t, "v4");
	wait_for(&t, "Runs  leaves  tree");
	type(&t, "v0");
	wait_for(&t, "Runs  all experiments ━");
	type(&t, "bstatus\rscount:desc\r:save states 5\r");
	wait_for(&t, "v 5 shows it");
	type(&t, "s");
	wait_for(&t, "sort count:desc");
	type(&t, "\025count\r");
	wait_for(&t, "Runs  states*: by status");
	type(&t, "v5");
	wait_for(&t, "Runs  states: by status");
	type(&t, ":save states 4\r");
	wait_for(&t, "v 4 shows it, and no longer leaves");
	type(&t, ":forget leaves\r");
	wait_for(&t, "forgetting leaves");
	type(&t, ":forget states\r");
	wait_for(&t, "forgetting states");
	stop(&t);
}

/* What was typed is there in the next session too. */
static void test_what_is_left_comes_back(void **state)
{
	struct terminal t = { 0 };

	(void)state;
	open_tower(&t, 120, 36);
	type(&t, "v3");
	wait_for(&t, "Runs  failed  / status");
	type(&t, "\033");
	wait_for(&t, "Runs  all experiments ━");
	type(&t, "/\033[A");
	wait_for(&t, "/ status = 'FAILED'");
	type(&t, "\033");
	wait_for(&t, "gbt-solar-night");
	type(&t, ":forget failed\r");
	wait_for(&t, "forgetting failed");
	type(&t, ":view failed\r");
	wait_for(&t, "no view is called failed");
	stop(&t);
}

/* Until the text is there, be the screen at rest or not. */
static void see(struct terminal *t, const char *text)
{
	int64_t end = clock_mono_ms() + PATIENCE_MS;
	struct buf now = BUF_INIT(1 << 20);

	do {
		look(t, &now);
		if (strstr(buf_str(&now), text))
			break;
		read_some(t, 50);
	} while (clock_mono_ms() < end);
	if (!strstr(buf_str(&now), text))
		fail_msg("\"%s\" never came; the screen is\n%s", text,
			 buf_str(&now));
	buf_release(&now);
}

/* What was found stays while what is typed goes on; what none has is told. */
static void test_half_a_filter_finds_what_was_found(void **state)
{
	static const char *const steps[] = {
		"/status = FAILED",
		" 2 of 35 ━",
		" and status ",
		"and status  …",
		"!",
		" 2 of 35 ━",
		"= KILLED",
		" 2 of 35 ━",
		"\025x and metrics.auc_typo > 1",
		"no run here has metric auc_typo",
		"\025age < x",
		"duration such as 90s, 10m, 2h or 1d, not 'x'; ",
		"\033",
		"? help",
		":columns name,params.typo\r",
		"no run here has param typo",
	};
	struct terminal t = { 0 };

	(void)state;
	open_tower(&t, 120, 36);
	for (size_t i = 0; i < ARRAY_LEN(steps); i += 2) {
		type(&t, steps[i]);
		see(&t, steps[i + 1]);
	}
	stop(&t);
}

static void test_filter_that_fails_points(void **state)
{
	(void)state;
	SCREEN("filter-error", "/metrics.auc >\r", "expected");
	SCREEN("filter-error-wide",
	       "/name = '\u65e5\u672c\u8a9e' and metrics.auc > \u65e5\u672c",
	       "expected a number, not");
}

static void test_long_prompt_shows_its_end(void **state)
{
	struct terminal t = { 0 };

	(void)state;
	open_tower(&t, 40, 12);
	type(&t, "/name LIKE '%rf%' and age < 300d and status = 'FIN");
	wait_for(&t, "300d and status = 'FIN");
	type(&t, "\033[H"); /* home */
	wait_for(&t, "/ name LIKE '%rf%' and");
	type(&t, "\033[F\025rf and age < x");
	wait_for(&t, "/ rf and age < x");
	stop(&t);
}

static void test_run(void **state)
{
	(void)state;
	SCREEN("run", "/rf-depth16\r", "rf-depth16", "\r", "took");
}

/* A part of the curves, smoothed, on a log axis, with the crosshair in all. */
static void test_run_charts(void **state)
{
	(void)state;
	SCREEN("run-charts", "/rf-depth16\r", "rf-depth16", "\r", "took",
	       "llllll++~i", "took");
}

/* One chart alone, by age, following the last points. */
static void test_run_chart_alone(void **state)
{
	(void)state;
	SCREEN("run-chart-alone", "/rf-depth16\r", "rf-depth16", "\r", "took",
	       "zxxf", "val/auc");
}

static void test_compare(void **state)
{
	(void)state;
	SCREEN("compare", "/cnn-vitals-seed\r", "seed5", " ", "seed5", " ",
	       "seed4", "c", "base");
}

static void test_compare_charts(void **state)
{
	(void)state;
	SCREEN("compare-charts", "/cnn-vitals-seed\r", "seed5", " ", "seed5",
	       " ", "seed4", "c", "base", "hh~~-+|", "base");
}

static void test_model(void **state)
{
	(void)state;
	SCREEN("model", "3", "fraud-detector", "\r", "champion");
}

static void test_promotion_dialog(void **state)
{
	(void)state;
	SCREEN("promote", "3", "fraud-detector", "P", "Type  ");
}

/* At 40x12 the plan scrolls under the confirmation, which stays. */
static void test_a_dialog_shows_all_before_it_is_confirmed(void **state)
{
	struct terminal t = { 0 };

	(void)state;
	open_tower(&t, 40, 12);
	type(&t, "3");
	wait_for(&t, "fraud-detector");
	type(&t, "P");
	wait_for(&t, "more below, PgDn");
	type(&t, "\rdemo/fraud-detector/5");
	wait_for(&t, "Enter shows the rest");
	/* However often and fast: no line is passed over unseen. */
	type(&t, "\r\r\r\r\033[6~\033[6~");
	wait_for(&t, "Enter shows the rest");
	type(&t, "\033[5~\033[5~\033[5~\033[5~\033[5~\033[5~\033[5~");
	wait_for(&t, "now v4");
	wait_for(&t, "Type    demo/fraud-detector/5");
	see_the_rest(&t);
	wait_for(&t, "mltower.promotion");
	wait_for(&t, "Enter promotes");
	type(&t, "\033");
	wait_for(&t, "Registry");
	stop(&t);
}

static void test_edit_dialog(void **state)
{
	(void)state;
	SCREEN("edit", "/cnn-vitals\r", "cnn-vitals", "+", " marked",
	       ":tag team=icu ward\r", "Type  ");
	SCREEN("rename", "/rf-depth16\r", "rf-depth16", "R", "rf-depth16",
	       "-again\r", "Type  ");
}

static void test_prompts_for_a_change_say_what_they_ask(void **state)
{
	static const char *const steps[] = {
		"R",         "rename cnn-vitals-r1",
		"\007",      "1 Runs",
		"T",         "\n tag KEY=VALUE:",
		"\007",      "1 Runs",
		":note\r",   "\n note\n",
		"\007",      "1 Runs",
		" j T",      "tag 2 marked",
		"\007",      "1 Runs",
		":export\r", "\n export\n",
	};
	struct terminal t = { 0 };

	(void)state;
	open_tower(&t, 80, 24);
	for (size_t i = 0; i < ARRAY_LEN(steps); i += 2) {
		type(&t, steps[i]);
		wait_for(&t, steps[i + 1]);
	}
	stop(&t);
}

/* Into the bin and out of it, so that the store is as it was. */
static void test_runs_are_deleted_and_restored(void **state)
{
	static const char *const steps[] = {
		"/cnn-vitals-seed\r",
		"seed5",
		" ",
		" 1 marked ",
		"jj,",
		" 4 marked ",
		"/\025seed5\r",
		" 4 marked, 3 not in this list ",
		"y",
		"copied the ids of 4 marked, 3 not in this list",
		"T",
		"tag 4 marked, 3 not in this list",
		"\033",
		"? help",
		"D",
		"Delete 4 runs, 3 not in this list",
		"\033",
		"? help",
		"/\025cnn-vitals-seed\r",
		" 4 marked ",
		"D",
		"Type  ",
		"\r",
		"Type  ",
		"delete 3 runs\r",
		"not what is shown",
		"\025delete 4 runs",
		"Enter deletes",
		"\r",
		"delete 4 runs: changed, on record",
		"U",
		"Restore 4 runs",
		"why\r",
		"Type  ",
		"restore 4 runs",
		"Enter restores",
		"\r",
		"restore 4 runs: changed, on record",
		"U",
		"no run was deleted from here",
	};
	struct terminal t = { 0 };

	(void)state;
	open_tower(&t, 120, 36);
	for (size_t i = 0; i < ARRAY_LEN(steps); i += 2) {
		type(&t, steps[i]);
		wait_for(&t, steps[i + 1]);
	}
	stop(&t);
}

static void test_ids_rows_and_tables_are_copied(void **state)
{
	static const char *const steps[] = {
		":copy nope\r",   "copy: expected id, row or table",
		":copy\r",        "copied ",
		":copy table\r",  "copied 35 rows",
		":copy row\r",    "copied 1 row\n",
		"  :copy row\r",  "copied 2 rows",
		"3:copy table\r", "is copied from the Runs pane",
	};
	struct terminal t = { 0 };

	(void)state;
	open_tower(&t, 120, 36);
	for (size_t i = 0; i < ARRAY_LEN(steps); i += 2) {
		type(&t, steps[i]);
		wait_for(&t, steps[i + 1]);
	}
	stop(&t);
}

/* What is written from the screen is what the command line prints. */
static void assert_same_as_printed(const char *options, const char *form)
{
	char line[16384];

	snprintf(line, sizeof(line),
		 "MLTOWER_NOW_MS=%lld TZ=UTC LC_ALL=C.UTF-8 $MLTOWER runs "
		 "--config %s/config.yaml %s -o %s | diff - %s/out.%s",
		 (long long)NOW_MS, demo_folder, options, form, demo_folder,
		 form);
	if (system(line))
		fail_msg("%s: other than what the command line prints", form);
}

static void export_to(struct terminal *t, const char *command, const char *form,
		      const char *answer)
{
	char line[4200];

	snprintf(line, sizeof(line), ":%s %s/out.%s\r", command, demo_folder,
		 form);
	type(t, line);
	see(t, answer);
}

static void test_runs_are_exported(void **state)
{
	static const char *const forms[] = { "csv", "json", "jsonl", "md" };
	struct terminal t = { 0 };
	char answer[4200];

	(void)state;
	open_tower(&t, 120, 36);
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		snprintf(answer, sizeof(answer), "35 runs written to %s/out.%s",
			 demo_folder, forms[i]);
		export_to(&t, "export", forms[i], answer);
		assert_same_as_printed("", forms[i]);
	}
	type(&t, " ");
	see(&t, " 1 marked ");
	export_to(&t, "export", "csv", " is there: export! ");
	export_to(&t, "export!", "csv", " 1 run written to");
	export_to(&t, "export", "txt", "expected a file that ends in");
	type(&t, "\033");
	see(&t, "2 Metrics");
	type(&t, ":group params.max_depth\r");
	see(&t, " groups of ");
	type(&t, "u ");
	see(&t, " marked  ");
	export_to(&t, "export!", "csv", " 1 group written to");
	stop(&t);
}

/* Columns, order and filter too, the tree, and groups. */
static void test_what_is_shown_is_exported(void **state)
{
	static const char *const steps[][4] = {
		{ ":columns name,trend,metrics.val/auc=9,params.max_depth\r"
		  ":sort metrics.val/auc:desc\r"
		  "/params.max_depth = 12\r",
		  " 7 of 35 ━", "7 runs",
		  "--columns name,metrics.val/auc,params.max_depth "
		  "--sort metrics.val/auc:desc "
		  "--filter 'params.max_depth = 12'" },
		{ "v0", "Runs  all experiments ━", "", "" },
		{ "t", "tree ━", "", "" },
		{ "", " 35 ━", "35 runs", "--tree" },
		{ "t:group params.max_depth\r", " of 35 runs ━", "groups",
		  "--group params.max_depth" },
		{ ":columns name,metrics.val/auc,params.lr\r", "MEAN val/auc",
		  "groups",
		  "--group params.max_depth --columns metrics.val/auc" },
	};
	static const char *const forms[] = { "csv", "md" };
	struct terminal t = { 0 };
	char answer[4200];

	(void)state;
	open_tower(&t, 120, 36);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		type(&t, steps[i][0]);
		wait_for(&t, steps[i][1]);
		for (size_t k = 0; *steps[i][2] && k < ARRAY_LEN(forms); k++) {
			snprintf(answer, sizeof(answer),
				 "%s written to %s/out.%s", steps[i][2],
				 demo_folder, forms[k]);
			export_to(&t, "export!", forms[k], answer);
			assert_same_as_printed(steps[i][3], forms[k]);
		}
	}
	stop(&t);
}

/* The run under the cursor is not on the screen then. */
static void test_groups_are_not_changed(void **state)
{
	static const char *const keys[] = { "R", "T", "D", "U" };
	struct terminal t = { 0 };

	(void)state;
	open_tower(&t, 120, 36);
	type(&t, ":group params.max_depth\r");
	wait_for(&t, "max_depth");
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		type(&t, keys[i]);
		wait_for(&t, "Space marks the runs of a group");
		type(&t, "j");
		wait_for(&t, "max_depth");
	}
	stop(&t);
}

/* Behind a closed gate the dialog shows what would be sent, and nothing is. */
static void test_runs_behind_a_closed_gate(void **state)
{
	struct terminal t = { 0 };

	(void)state;
	setenv("MLTOWER_READONLY", "1", 1);
	open_tower(&t, 120, 36);
	type(&t, "R");
	wait_for(&t, "read-only: MLTOWER_READONLY closes the gate");
	type(&t, "T");
	wait_for(&t, "read-only: MLTOWER_READONLY closes the gate");
	type(&t, "D");
	wait_for(&t, "Read-only by MLTOWER_READONLY");
	type(&t, "\r");
	type(&t, "cnn-vitals-r1\r");
	wait_for(&t, "nothing can be changed here");
	stop(&t);
	unsetenv("MLTOWER_READONLY");
}

static void test_rollback_without_a_record(void **state)
{
	(void)state;
	SCREEN("rollback", "3", "fraud-detector", "B", "Enter the versions",
	       "\r", "Versions", "jjB", "Type  ");
}

/* A promotion and its way back, followed in the Tower. The last test: the
 * registry is another one after it, and then the same again. */
static void test_promotion_is_followed(void **state)
{
	static const char *const steps[] = {
		"3",
		"fraud-detector",
		"P",
		"Type  ",
		"\r", /* no reason: on to what is to be typed */
		"Type  ",
		"demo/fraud-detector/4\r",
		"not what is shown",
		"\025demo/fraud-detector/5",
		"Enter ",
		"",
		"Enter promotes",
		"\r",
		"outcome on record",
		"B",
		"Roll back ",
		"bad\r",
		"Type  ",
		"demo/fraud-detector/4",
		"Enter ",
		"",
		"Enter rolls back",
		"\r",
		"outcome on record",
	};

	(void)state;
	for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
		struct terminal t = { 0 };

		open_tower(&t, sizes[s].w, sizes[s].h);
		for (size_t i = 0; i < ARRAY_LEN(steps); i += 2) {
			if (*steps[i])
				type(&t, steps[i]);
			else
				see_the_rest(&t);
			wait_for(&t, steps[i + 1]);
		}
		stop(&t);
	}
}

/* ---- commands and prompts ---- */

static void type_command(struct terminal *t, const char *name)
{
	type(t, ":");
	type(t, name);
	type(t, "\r");
}

/* Each command that is none of the pane's says where it works. */
static void assert_strangers_answer(struct terminal *t, unsigned scopes)
{
	for (size_t i = 1; i < N_COMMANDS; i++) {
		char answer[80];

		if (ui_commands[i].scopes & (scopes | SCOPE_ALL))
			continue;
		snprintf(answer, sizeof(answer),
			 " %s does nothing here; it works in: ",
			 ui_commands[i].name);
		type_command(t, ui_commands[i].name);
		see(t, answer);
	}
}

static void test_no_command_is_silent(void **state)
{
	static const struct {
		const char *keys, *text;
		unsigned scopes;
	} places[] = {
		{ "1", "1 Runs", SCOPE_RUNS },
		{ "2", "2 Metrics", SCOPE_CHARTS | SCOPE_RUNS },
		{ "3", "3 Registry", SCOPE_REGISTRY | SCOPE_RUNS },
		{ "4", "4 Alerts", SCOPE_ALERTS | SCOPE_RUNS },
		{ "1\r", "started", SCOPE_CHARTS },
		{ "\033", "2 Metrics", SCOPE_ALERTS | SCOPE_RUNS },
		{ "3\r", "champion", SCOPE_REGISTRY },
		{ "e", "newest first", SCOPE_EVENTS },
		{ ":sources\r", "Sources", SCOPE_LIST },
		{ "?", "Help", SCOPE_LIST },
	};
	struct terminal t = { 0 };

	(void)state;
	open_tower(&t, 120, 36);
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		type(&t, places[i].keys);
		see(&t, places[i].text);
		assert_strangers_answer(&t, places[i].scopes);
	}
	stop(&t);
}

static void test_prompts_refuse_what_nobody_knows(void **state)
{
	static const char *const steps[] = {
		"mval/acu\r",
		"no metric is called val/acu",
		"\025val/auc\r",
		"val/auc  ",
		"snope\r",
		"no column or metric is called nope",
		"\025name:desc\r",
		"solar",
		"xnope\r",
		"no experiment is called nope",
		"\025Default\r",
		"No run is in this experiment.",
		"x\r",
		"rf-depth8",
		"e",
		"newest first",
		"xnope\r",
		"no kind is called nope",
		"\025version\r",
		"version",
	};
	struct terminal t = { 0 };

	(void)state;
	open_tower(&t, 120, 36);
	for (size_t i = 0; i < ARRAY_LEN(steps); i += 2) {
		type(&t, steps[i]);
		see(&t, steps[i + 1]);
	}
	stop(&t);
}

/* Out of a group to the groups, to the runs, with the filter that was. */
static void test_escape_leads_out_of_groups(void **state)
{
	static const char *const steps[] = {
		"/rf\r",
		"/ rf",
		":group status,experiment\r",
		"by status,experiment  / rf",
		"j\r",
		"by status,experiment \u203a FINISHED, fraud  / rf",
		"/\025seed4\r",
		"by status,experiment \u203a FINISHED, fraud  / seed4",
		"/\025rf\r",
		"by status,experiment \u203a FINISHED, fraud  / rf",
		"\033",
		"by status,experiment  / rf",
		"\033",
		"all experiments  / rf",
		"bdepth\r",
		"no metric is called depth",
		"\025start\r",
		"every run has its own time",
		"\025user\r",
		"by user  / rf",
		"snope\r",
		"groups have no column",
		"\025count:desc\r",
		"by user  / rf",
		"t",
		"these are groups",
		"b\025repeats\r",
		"5 of 5 within",
		" ",
		"5 of this group, 5 in all marked",
		" ",
		"1 of this group, 6 in all marked",
		"k ",
		"0 of this group, 5 in all marked",
		"T",
		"tag",
		"\033",
		"5 marked  8 groups",
		"scount:desc\r",
		"by repeats  / rf  sort count ↓ ",
		":sort cou\t\r",
		"by repeats  / rf  sort count ↑ ",
		"c",
		"1 Params, data and metrics",
	};
	struct terminal t = { 0 };

	(void)state;
	open_tower(&t, 120, 36);
	for (size_t i = 0; i < ARRAY_LEN(steps); i += 2) {
		type(&t, steps[i]);
		see(&t, steps[i + 1]);
	}
	stop(&t);
}

static void open_store(struct terminal *t, char *path, int w, int h)
{
	char *argv[] = { getenv("MLTOWER"),
			 (char *)"--config",
			 (char *)"/dev/null",
			 (char *)"--state",
			 demo_folder,
			 path,
			 NULL };

	start(t, w, h, argv);
}

/* Long keys, many of them, values that are missing or none, and runs of which
 * nothing is known. */
#define HARD_GROUPS                                                            \
	"INSERT INTO experiments (experiment_id, name) VALUES (1, 'sweep');"   \
	"WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n "    \
	"WHERE i < 29) INSERT INTO runs (run_uuid, name, user_id, status, "    \
	"start_time, end_time, lifecycle_stage, experiment_id) SELECT "        \
	"printf('%032x', i), printf('run-%d', i), 'ann', 'FINISHED', "         \
	"1795490000000 - i, 1795490060000, 'active', 1 FROM n;"                \
	"CREATE TEMP VIEW r AS SELECT run_uuid, substr(name, 5) + 0 AS i, "    \
	"(substr(name, 5) + 0) / 5 AS g FROM runs;"                            \
	"INSERT INTO params (run_uuid, key, value) SELECT run_uuid, "          \
	"'optimizer_learning_rate_schedule', printf('cosine_with_restarts_"    \
	"and_warmup_%d', g % 2) FROM r WHERE g < 5 UNION ALL SELECT "          \
	"run_uuid, 'model.encoder.hidden_size', 64 << g FROM r WHERE g < 5 "   \
	"UNION ALL SELECT run_uuid, 'augmentation_policy', printf("            \
	"'randaugment-%d-magnitude-%d', g, g) FROM r WHERE g < 5;"             \
	"INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, "    \
	"run_uuid) SELECT 'val/auc', iif(g = 4, 12345, .8) + i % 5 / 1000.0, " \
	"1, 1, i % 5 = 3 OR g = 3, run_uuid FROM r WHERE g <> 1;"

static void test_hard_groups_are_readable(void **state)
{
	static const char keys[] =
		"bparams.optimizer_learning_rate_schedule,params."
		"model.encoder.hidden_size,params.augmentation_policy\r";
	char path[4096];

	(void)state;
	snprintf(path, sizeof(path), "%s/hard.db", demo_folder);
	write_sql(path, SCHEMA_3 HARD_GROUPS);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct terminal t = { 0 };

		open_store(&t, path, sizes[i].w, sizes[i].h);
		wait_for(&t, "run-5");
		type(&t, keys);
		wait_for(&t, "64");
		assert_screen(&t, "groups-hard");
		type(&t, "b\025repeats\r");
		wait_for(&t, "REPEATED");
		assert_screen(&t, "repeats-hard");
		type(&t, "/run-29\r");
		wait_for(&t, "nothing tells");
		stop(&t);
	}
}

#define MANY_RUNS                                                              \
	"INSERT INTO experiments (experiment_id, name) VALUES (1, 'many');"    \
	"WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n "    \
	"WHERE i < 5999) INSERT INTO runs (run_uuid, name, user_id, status, "  \
	"start_time, end_time, lifecycle_stage, experiment_id) SELECT "        \
	"printf('%032x', i), printf('run-%d', i), 'ann', iif(i % 3, "          \
	"'FINISHED', 'FAILED'), 1795490000000 - i, 1795490060000, 'active', "  \
	"1 FROM n;"                                                            \
	"INSERT INTO params (run_uuid, key, value) SELECT run_uuid, 'depth', " \
	"substr(run_uuid, -2) FROM runs;"

/* What the compute worker groups while the screen goes on. */
static void test_many_runs_are_put_into_groups(void **state)
{
	static const char *const steps[] = {
		":group status\r",
		"2 groups of 6,000 runs ",
		":group params.depth\r",
		"256 groups of 6,000 runs ",
		"j\r",
		"params.depth \u203a 01",
		"\033",
		"256 groups of 6,000 runs ",
		"/status = 'FAILED'\r",
		"256 groups of 2,000 runs ",
	};
	struct terminal t = { 0 };
	char path[4096];

	(void)state;
	snprintf(path, sizeof(path), "%s/many.db", demo_folder);
	write_sql(path, SCHEMA_3 MANY_RUNS);
	open_store(&t, path, 120, 36);
	wait_for(&t, " 6,000 ");
	for (size_t i = 0; i < ARRAY_LEN(steps); i += 2) {
		type(&t, steps[i]);
		see(&t, steps[i + 1]);
	}
	stop(&t);
}

/* The run under the cursor stays where it is though the filter drops it, on the
 * first row too, until the cursor moves. */
static void
test_a_run_that_leaves_the_filter_stays_under_the_cursor(void **state)
{
	struct terminal t = { 0 };
	char path[4096];

	(void)state;
	snprintf(path, sizeof(path), "%s/leaves.db", demo_folder);
	write_sql(path, SCHEMA_3 MANY_RUNS
		  "DELETE FROM runs WHERE rowid > 6;"
		  "UPDATE runs SET status = 'RUNNING' WHERE rowid < 3;");
	open_store(&t, path, 120, 36);
	type(&t, "/status = 'RUNNING'\r");
	see(&t, " 2 of 6 ");
	write_sql(path, "UPDATE runs SET status = 'KILLED' WHERE rowid = 1;");
	see(&t, " 1 of 6 ");
	see(&t, "\u25b8 run-0 ");
	type(&t, "j");
	see(&t, "\u25b8 run-1 ");
	stop(&t);
}

/* Each list has a history of what was looked for in it; what was no filter is
 * kept too. */
static void test_histories_are_apart(void **state)
{
	static const char *const steps[] = {
		"/status =\r", "filter: ",  "\033",    "2 Metrics",
		"o",           "COLUMN",    "/gain\r", "/ gain",
		"\033",        "2 Metrics", "/\033[A", "/ status =",
	};
	struct terminal t = { 0 };

	(void)state;
	open_tower(&t, 120, 36);
	for (size_t i = 0; i < ARRAY_LEN(steps); i += 2) {
		type(&t, steps[i]);
		wait_for(&t, steps[i + 1]);
	}
	stop(&t);
}

/* What is too long for a filter, and a name that no quotes hold. */
#define ODD_RUNS                                                               \
	"INSERT INTO experiments (experiment_id, name) VALUES (1, 'odd');"     \
	"INSERT INTO runs (run_uuid, name, user_id, status, start_time, "      \
	"end_time, lifecycle_stage, experiment_id) VALUES ('r1', 'one', "      \
	"'ann', 'FINISHED', 1795490000000, 1795490060000, 'active', 1);"       \
	"INSERT INTO tags (run_uuid, key, value) VALUES ('r1', 'history', "    \
	"hex(zeroblob(40000)));"                                               \
	"INSERT INTO params (run_uuid, key, value) VALUES ('r1', 'a`\"', "     \
	"'unquoted');"

static void test_a_group_that_is_no_filter(void **state)
{
	static const char *const steps[] = {
		":group tags.history\r",
		"0000000000",
		"j\r",
		"group: a filter longer than",
		":group params.a`\"\r",
		"unquoted",
		"j\r",
		"group: a quote is not closed",
		"\033",
		"all experiments",
	};
	struct terminal t = { 0 };
	char path[4096];

	(void)state;
	snprintf(path, sizeof(path), "%s/odd.db", demo_folder);
	write_sql(path, SCHEMA_3 ODD_RUNS);
	open_store(&t, path, 120, 36);
	wait_for(&t, "one");
	for (size_t i = 0; i < ARRAY_LEN(steps); i += 2) {
		type(&t, steps[i]);
		see(&t, steps[i + 1]);
	}
	stop(&t);
}

/* Values come after the runs: a group that is opened before them is kept. */
static void test_an_open_group_waits_for_its_values(void **state)
{
	struct terminal t = { 0 };
	char path[4096];
	sqlite3 *writer;

	(void)state;
	snprintf(path, sizeof(path), "%s/late.db", demo_folder);
	write_sql(path, SCHEMA_3 ODD_RUNS);
	open_store(&t, path, 120, 36);
	wait_for(&t, "one");
	assert_int_equal(sqlite3_open(path, &writer), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(writer, "BEGIN EXCLUSIVE", NULL, NULL, NULL),
		SQLITE_OK);
	type(&t, ":group tags.team\r");
	wait_for(&t, "1 group of 1");
	type(&t, "\r");
	wait_for(&t, "by tags.team › none");
	assert_int_equal(sqlite3_exec(writer,
				      "INSERT INTO tags VALUES ('team', "
				      "'risk', 'r1'); COMMIT",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(writer);
	see(&t, "by tags.team › risk");
	wait_for(&t, "one");
	stop(&t);
}

/* Forty runs, each the parent of the next, and beside each a leaf. */
#define DEEP_RUNS                                                              \
	"INSERT INTO experiments (experiment_id, name) VALUES (1, 'sweep');"   \
	"WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n "    \
	"WHERE i < 39) INSERT INTO runs (run_uuid, name, user_id, status, "    \
	"start_time, end_time, lifecycle_stage, experiment_id) SELECT "        \
	"printf('%032x', i), printf('level-%d', i), 'ann', 'FINISHED', "       \
	"1795490000000 - i, 1795490060000, 'active', 1 FROM n UNION ALL "      \
	"SELECT printf('%032x', 100 + i), printf('leaf-%d', i), 'ann', "       \
	"'FINISHED', 1795480000000 - i, 1795480060000, 'active', 1 FROM n;"    \
	"INSERT INTO tags (run_uuid, key, value) SELECT run_uuid, "            \
	"'mlflow.parentRunId', printf('%032x', substr(name, instr(name, '-') " \
	"+ 1) - (name LIKE 'level%')) FROM runs WHERE name <> 'level-0';"

static void make_deep_store(char path[4096])
{
	snprintf(path, 4096, "%s/deep.db", demo_folder);
	unlink(path);
	write_sql(path, SCHEMA_3 DEEP_RUNS);
}

static void test_a_deep_tree(void **state)
{
	char path[4096];

	(void)state;
	make_deep_store(path);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct terminal t = { 0 };

		open_store(&t, path, sizes[i].w, sizes[i].h);
		wait_for(&t, "level-5");
		type(&t, "t");
		wait_for(&t, "├─ level-2");
		assert_screen(&t, "tree");
		stop(&t);
	}
}

/* What is above it is there too, but does not count. */
static void test_a_match_is_seen_in_its_tree(void **state)
{
	char path[4096];

	(void)state;
	make_deep_store(path);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct terminal t = { 0 };

		open_store(&t, path, sizes[i].w, sizes[i].h);
		wait_for(&t, "level-5");
		type(&t, "t");
		wait_for(&t, "├─ level-2");
		type(&t, "/leaf-2 and not leaf-20\r");
		wait_for(&t, "level-0");
		assert_screen(&t, "tree-filter");
		type(&t, "+");
		wait_for(&t, "10 marked");
		stop(&t);
	}
}

#define ONE_RUN_MORE                                                           \
	"INSERT INTO runs (run_uuid, name, user_id, status, start_time, "      \
	"end_time, lifecycle_stage, experiment_id) VALUES "                    \
	"(printf('%032x', 999), 'late', 'ann', 'FINISHED', 1795490000001, "    \
	"1795490060000, 'active', 1);"                                         \
	"INSERT INTO tags (run_uuid, key, value) VALUES (printf('%032x', "     \
	"999), 'mlflow.parentRunId', printf('%032x', 7));"

static void test_a_tree_stays_folded(void **state)
{
	char path[4096];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct terminal t = { 0 };

		make_deep_store(path);
		open_store(&t, path, sizes[i].w, sizes[i].h);
		wait_for(&t, "level-5");
		type(&t, "-");
		wait_for(&t, "t shows the runs as a tree");
		type(&t, "tjj-");
		wait_for(&t, "level-2 +75");
		assert_screen(&t, "tree-folded");
		write_sql(path, ONE_RUN_MORE);
		wait_for(&t, "level-2 +76");
		type(&t, "/late\r");
		wait_for(&t, "└─ late");
		type(&t, "\033");
		wait_for(&t, "level-2 +76");
		type(&t, "_");
		wait_for(&t, "├─ level-3");
		type(&t, "_");
		wait_for(&t, "level-0 +80");
		type(&t, "\033[C"); /* right */
		wait_for(&t, "└─ leaf-0");
		type(&t, "\033[C\033[D\033[D");
		wait_for(&t, "▸ level-0");
		stop(&t);
	}
}

/* The window alone: libvterm does not survive all sizes itself. */
static void resize(struct terminal *t, int w, int h)
{
	struct winsize ws = { .ws_col = (unsigned short)w,
			      .ws_row = (unsigned short)h };

	assert_int_equal(ioctl(t->fd, TIOCSWINSZ, &ws), 0);
}

/* Each page in windows that are drawn out of nothing and back. */
static void test_every_size_is_survived(void **state)
{
	static const struct {
		const char *keys, *text;
	} places[] = {
		{ "1", "2 Metrics" },    { "/rf-depth16\r\r", "took" },
		{ "\033", "2 Metrics" }, { "3\r", "champion" },
		{ "e", "newest first" }, { ":sources\r", "Sources" },
		{ "?", "ctrl-z" },
	};
	static const struct {
		int w, h;
	} windows[] = { { 1, 1 },   { 7, 60 }, { 12, 10 }, { 20, 5 },
			{ 220, 2 }, { 59, 6 }, { 120, 36 } };
	struct terminal t = { 0 };

	(void)state;
	open_tower(&t, 120, 36);
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		type(&t, places[i].keys);
		see(&t, places[i].text);
		for (size_t k = 0; k < ARRAY_LEN(windows); k++) {
			resize(&t, windows[k].w, windows[k].h);
			read_some(&t, 30);
		}
		see(&t, places[i].text);
	}
	stop(&t);
}

static void test_help(void **state)
{
	(void)state;
	SCREEN("help", "?", "Help");
}

static void test_events(void **state)
{
	(void)state;
	SCREEN("events", "e", "SUBJECT");
}

/* When and what, where nothing else has room. */
static void test_events_in_few_cells(void **state)
{
	struct terminal t = { 0 };

	(void)state;
	open_tower(&t, 20, 5);
	type(&t, "e");
	wait_for(&t, "started");
	assert_screen(&t, "events");
	stop(&t);
}

static void test_a_registry_that_cannot_be_read(void **state)
{
	struct terminal t = { 0 };
	char path[4096];

	(void)state;
	snprintf(path, sizeof(path), "%s/none.db", demo_folder);
	write_sql(path, "CREATE TABLE other (x)");
	open_store(&t, path, 120, 36);
	type(&t, "3");
	see(&t, "none cannot be read: ");
	stop(&t);
}

/* ---- drift: a monitor of its own, on rows that are written here ---- */

static FILE *open_file(const char *name)
{
	char path[4200];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", demo_folder, name);
	out = fopen(path, "w");
	assert_non_null(out);
	return out;
}

/* Amounts over two decades and a half, moved by `shift`; of n_tx a share is
 * missing; three kinds. */
static void write_rows(const char *name, int n, double shift, int missing_pct)
{
	static const char *const kinds[] = { "web", "pos", "app" };
	FILE *out = open_file(name);

	fputs("ts,version,amount,n_tx,kind,hours\n", out);
	for (int i = 0; i < n; i++) {
		int a = i * 7919 % 1009, b = i * 104729 % 1013;

		fprintf(out, "%lld,1,%.2f,", NOW_MS - 1000LL * (n - i),
			exp(1.5 + shift + 4.0 * (a + b) / 2022));
		if (i * 31 % 100 >= missing_pct)
			fprintf(out, "%c", 'a' + (a % 9) * (b % 9) / 9);
		fprintf(out, ",%s,%.1f\n", kinds[a % 3], b * 24 / 1013.0);
	}
	fclose(out);
}

static void write_drift_config(void)
{
	FILE *out = open_file("drift.yaml");

	fprintf(out,
		"sources:\n  demo: {path: %s/mlflow.db}\n"
		"monitors:\n  live:\n    model: demo:fraud-detector@champion\n"
		"    rows: %s/now.csv\n    baseline: {rows: %s/then.csv}\n"
		"    drift: {alpha: .01, psi: .25, min_rows: 200}\n",
		demo_folder, demo_folder, demo_folder);
	fclose(out);
}

static void start_drift(struct terminal *t, int w, int h, char *verb, char *how)
{
	char config[4200], state[4200];
	char *argv[] = {
		getenv("MLTOWER"),     verb,  how, (char *)"--config", config,
		(char *)"--state-dir", state, NULL
	};

	snprintf(config, sizeof(config), "%s/drift.yaml", demo_folder);
	snprintf(state, sizeof(state), "%s/drift-state", demo_folder);
	start(t, w, h, argv);
}

/* Three hours of evaluations before the one there is, one of them missed. */
static void write_drift_history(void)
{
	static const char sql[] =
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n "
		"WHERE i<180) INSERT INTO stats(monitor, col, time_ms, value, "
		"lim) SELECT s.monitor, s.col, s.time_ms - i * 60000, s.value "
		"* (200 - i) / 200, s.lim FROM stats s, n WHERE i < 60 OR i > "
		"120";
	char path[4200];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/drift-state/mltower.db", demo_folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void evaluate_once(void)
{
	struct terminal t = { 0 };
	int status;

	start_drift(&t, 80, 24, (char *)"watch", (char *)"--once");
	wait_for(&t, "firing");
	assert_int_equal(waitpid(t.pid, &status, 0), t.pid);
	close(t.fd);
	vterm_free(t.vt);
}

/* What a small screen has no room for is on further pages; Escape leads to the
 * list. */
static void turn_drift_pages(struct terminal *t)
{
	type(t, "\t");
	wait_for(t, "page 2 of 4");
	assert_screen(t, "drift-alone-shares");
	type(t, "j");
	wait_for(t, "page 3 of 4");
	assert_screen(t, "drift-alone-time");
	type(t, "[");
	wait_for(t, "amount");
	type(t, "\t");
	wait_for(t, "page 4 of 4");
	assert_screen(t, "drift-alone-others");
	type(t, "\033");
	wait_for(t, "worst first");
}

static void test_drift(void **state)
{
	(void)state;
	write_rows("then.csv", 2000, 0, 3);
	write_rows("now.csv", 800, .9, 28);
	write_drift_config();
	evaluate_once();
	write_drift_history();
	for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
		struct terminal t = { 0 };

		start_drift(&t, sizes[s].w, sizes[s].h, (char *)"--theme",
			    (char *)"dark");
		wait_for(&t, "cnn-vitals");
		type(&t, "4");
		wait_for(&t, "amount");
		type(&t, "\r");
		wait_for(&t, "worst first");
		assert_screen(&t, "drift");
		type(&t, "]");
		wait_for(&t, "n_tx");
		assert_screen(&t, "drift-missing");
		type(&t, "\r");
		wait_for(&t, "] feature");
		assert_screen(&t, "drift-alone");
		if (sizes[s].w < 60)
			turn_drift_pages(&t);
		stop(&t);
	}
}

/* ---- all of them --------------------------------------------------------- */

/* They mostly wait for a screen to stand still: so many run at a time, each
 * with neighbours and a demo of its own. */
#define N_PARTS 5

struct part {
	pid_t pid;
	FILE *out;
};

static void part_start(struct part *p, const struct CMUnitTest *tests, size_t n)
{
	p->out = tmpfile();
	assert_non_null(p->out);
	fflush(stdout);
	p->pid = fork();
	if (p->pid)
		return;
	dup2(fileno(p->out), STDOUT_FILENO);
	dup2(fileno(p->out), STDERR_FILENO);
	exit(_cmocka_run_group_tests("screens", tests, n, make_demo,
				     remove_demo) != 0);
}

/* True if all of it passed; what it wrote is told either way. */
static bool part_end(struct part *p)
{
	char bytes[4096];
	int status;
	size_t n;

	waitpid(p->pid, &status, 0);
	rewind(p->out);
	while ((n = fread(bytes, 1, sizeof(bytes), p->out)) > 0)
		fwrite(bytes, 1, n, stdout);
	fclose(p->out);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tower),
		cmocka_unit_test(test_what_needs_somebody_is_gone_to),
		cmocka_unit_test(test_each_width_tells_how_runs_are),
		cmocka_unit_test(test_cursor_goes_from_curve_to_curve),
		cmocka_unit_test(test_a_few_rows_are_a_list),
		cmocka_unit_test(test_registry),
		cmocka_unit_test(test_chosen_columns),
		cmocka_unit_test(test_values_of_a_new_column_are_previewed),
		cmocka_unit_test(test_a_hundred_metric_columns),
		cmocka_unit_test(test_filter_keeps_what_matches),
		cmocka_unit_test(test_runs_are_put_into_groups),
		cmocka_unit_test(test_repeats_are_told_and_opened),
		cmocka_unit_test(test_hard_groups_are_readable),
		cmocka_unit_test(test_groups_tell_the_chosen_columns),
		cmocka_unit_test(test_no_groups_are_no_rows),
		cmocka_unit_test(test_escape_leads_out_of_groups),
		cmocka_unit_test(test_many_runs_are_put_into_groups),
		cmocka_unit_test(test_a_group_that_is_no_filter),
		cmocka_unit_test(test_an_open_group_waits_for_its_values),
		cmocka_unit_test(
			test_a_run_that_leaves_the_filter_stays_under_the_cursor),
		cmocka_unit_test(test_histories_are_apart),
		cmocka_unit_test(test_a_deep_tree),
		cmocka_unit_test(test_a_match_is_seen_in_its_tree),
		cmocka_unit_test(test_a_tree_stays_folded),
		cmocka_unit_test(test_tab_offers_columns_and_values),
		cmocka_unit_test(test_tab_offers_columns_and_forms),
		cmocka_unit_test(test_beginning_of_a_column_keeps_the_list),
		cmocka_unit_test(test_a_view_is_saved_and_shown),
		cmocka_unit_test(test_a_view_keeps_tree_and_order_of_groups),
		cmocka_unit_test(test_what_is_left_comes_back),
		cmocka_unit_test(test_filter_that_fails_points),
		cmocka_unit_test(test_half_a_filter_finds_what_was_found),
		cmocka_unit_test(test_long_prompt_shows_its_end),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_run_charts),
		cmocka_unit_test(test_run_chart_alone),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_compare_charts),
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_promotion_dialog),
		cmocka_unit_test(
			test_a_dialog_shows_all_before_it_is_confirmed),
		cmocka_unit_test(test_edit_dialog),
		cmocka_unit_test(test_prompts_for_a_change_say_what_they_ask),
		cmocka_unit_test(test_rollback_without_a_record),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_every_size_is_survived),
		cmocka_unit_test(test_no_command_is_silent),
		cmocka_unit_test(test_prompts_refuse_what_nobody_knows),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_events_in_few_cells),
		cmocka_unit_test(test_a_registry_that_cannot_be_read),
		cmocka_unit_test(test_ids_rows_and_tables_are_copied),
		cmocka_unit_test(test_runs_are_exported),
		cmocka_unit_test(test_what_is_shown_is_exported),
		cmocka_unit_test(test_groups_are_not_changed),
		cmocka_unit_test(test_runs_behind_a_closed_gate),
		cmocka_unit_test(test_runs_are_deleted_and_restored),
		cmocka_unit_test(test_promotion_is_followed),
		cmocka_unit_test(test_drift),
	};

	const size_t n = ARRAY_LEN(tests);
	struct part parts[N_PARTS];
	bool is_good = true;
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < N_PARTS; i++)
		part_start(&parts[i], &tests[i * n / N_PARTS],
			   (i + 1) * n / N_PARTS - i * n / N_PARTS);
	for (i = 0; i < N_PARTS; i++)
		is_good &= part_end(&parts[i]);
	return is_good ? 0 : 1;
}
