/* SPDX-License-Identifier: GPL-3.0-or-later */

/* bench_drift [COLUMNS ..]: what it costs to read a prediction log and to
 * evaluate its window, for 10 and 200 columns unless told. A window of 5,000
 * rows, a baseline of 10,000; a fifth of the columns are categories. The log is
 * made in TMPDIR and removed. Best of three. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "watch/monitor.h"

#define N_WINDOW    5000
#define N_BASELINE  10000
#define N_ROWS      20000
#define TRIES       3
#define READ_BYTES  (4u << 20)
#define MAX_COLUMNS 1000

static uint64_t seed = 20261123;

static double next(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(seed >> 11) / 9007199254740992.;
}

static void write_head(FILE *out, int n_columns)
{
	fputs("request_id,ts,version", out);
	for (int c = 0; c < n_columns; c++)
		fprintf(out, ",c%d", c);
	fputs(",score\n", out);
}

static void write_rows(FILE *out, int n_columns, int n)
{
	for (int i = 0; i < n; i++) {
		fprintf(out, "tx-%d,%lld,1", i, 1790000000000LL + i * 10LL);
		for (int c = 0; c < n_columns; c++) {
			if (c % 5 == 4)
				fprintf(out, ",word%d", (int)(next() * 12));
			else
				fprintf(out, ",%.6f", next() + next());
		}
		fprintf(out, ",%.4f\n", next());
	}
}

/* A log in a file of its own; yours: unlink() and free(). */
static char *make_log(int n_columns, int n_rows)
{
	const char *tmp = getenv("TMPDIR");
	char *path = xasprintf("%s/mltower-bench-XXXXXX", tmp ? tmp : "/tmp");
	int fd = mkstemp(path);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	BUG_ON(!out);
	write_head(out, n_columns);
	write_rows(out, n_columns, n_rows);
	BUG_ON(fclose(out));
	return path;
}

struct reading {
	struct monitor *monitor;
	struct predlog *log;
	bool has_columns;
	int64_t n;
};

static void take(void *ctx, const struct predlog_row *row)
{
	struct reading *r = ctx;

	if (!r->has_columns)
		monitor_set_columns(r->monitor, predlog_column(r->log, 0),
				    predlog_n_columns(r->log));
	r->has_columns = true;
	monitor_add(r->monitor, row, 0);
	r->n++;
}

static int64_t read_all(struct reading *r, const char *path)
{
	struct err err = { 0 };
	bool is_afresh;

	r->log = predlog_new(path, NULL, NULL);
	predlog_set_tail(r->log, 1u << 30);
	r->n = 0;
	r->has_columns = false;
	do {
		BUG_ON(predlog_read(r->log, READ_BYTES, take, r, &is_afresh,
				    &err));
	} while (predlog_has_more(r->log));
	predlog_free(r->log);
	return r->n;
}

static double ms_since(int64_t began_us)
{
	return (double)(clock_mono_us() - began_us) / 1000;
}

static void measure(int n_columns)
{
	struct monitor_conf conf = { .name = "bench",
				     .source = "",
				     .model = "m",
				     .alias = "",
				     .window_rows = N_WINDOW,
				     .alpha = .05,
				     .min_rows = 500,
				     .psi_floor = .25 };
	char *log = make_log(n_columns, N_ROWS);
	char *base = make_log(n_columns, N_BASELINE);
	double read_ms = INFINITY, first_ms = INFINITY, eval_ms = INFINITY;
	size_t n_drifted = 0;

	for (int i = 0; i < TRIES; i++) {
		struct reading r = { .monitor = monitor_new(&conf) };
		struct frame *frame = NULL;
		struct err err = { 0 };
		int64_t began_us;

		BUG_ON(frame_load_csv(base, N_BASELINE, &frame, &err));
		monitor_set_baseline(r.monitor, frame, "");
		began_us = clock_mono_us();
		BUG_ON(read_all(&r, log) != N_ROWS);
		read_ms = fmin(read_ms, ms_since(began_us));
		for (int k = 0; k < 2; k++) {
			double *best = k ? &eval_ms : &first_ms;
			struct drift_report *report;

			began_us = clock_mono_us();
			report = monitor_evaluate(r.monitor, 0, 0, "");
			*best = fmin(*best, ms_since(began_us));
			n_drifted = report->n_drifted;
			drift_report_free(report);
			/* Another row: what was sorted of the window is not. */
			BUG_ON(read_all(&r, log) != N_ROWS);
		}
		monitor_free(r.monitor);
	}
	printf("%4d columns  read %8.0f rows/s  evaluate %7.1f ms, first %7.1f "
	       "ms  drifted %zu\n",
	       n_columns, N_ROWS / read_ms * 1000, eval_ms, first_ms,
	       n_drifted);
	unlink(log);
	unlink(base);
	free(log);
	free(base);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		measure(10);
		measure(200);
	}
	for (int i = 1; i < argc; i++) {
		int n = atoi(argv[i]);

		if (n < 1 || n > MAX_COLUMNS) {
			fprintf(stderr, "usage: bench_drift [COLUMNS ..]\n");
			return 2;
		}
		measure(n);
	}
	return 0;
}
