/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_DRIFT_H
#define MLTOWER_MODEL_DRIFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* What a monitor found in one window, column by column. Plain values. */
enum column_type { COLUMN_NUMBER, COLUMN_CATEGORY };

enum drift_verdict {
	DRIFT_NO,
	DRIFT_YES,     /* significant and large enough */
	DRIFT_TOO_FEW, /* too few rows to say */
	DRIFT_EMPTY,   /* no values in the window */
	DRIFT_HIDDEN,  /* never_show: tested, not displayed */
};

/* Shares (of its own n) over common bins: numbers have n_bins + 1 edges,
 * categories n_bins labels. */
struct drift_hist {
	size_t n_bins;
	const double *edges;
	const char *const *labels;
	const double *baseline, *window;
};

/* Missing values are a test of their own: chi-square of missing and present. */
struct drift_missing {
	bool is_cause; /* they are what moved, more than the values */
	double chi2, p_value, effect; /* Cramer's V; all 0 where none is */
};

struct drift_column {
	const char *name;
	enum column_type type;
	enum drift_verdict verdict;
	bool is_hidden;        /* never_show: no values, edges or labels here */
	const char *statistic; /* "PSI": the one that is judged */
	double value, limit;   /* of that statistic; the limit is for this n */
	const char *test;      /* "KS" or "chi2": the second opinion */
	double test_value, p_value; /* p as tested, of the values there are */
	double q_value;             /* of both tests, corrected over columns by
				     * Benjamini-Hochberg */
	double effect; /* effect size of the test (KS: D, chi2: Cramer's V) */
	int64_t n_baseline, n_window, n_null_baseline, n_null_window;
	struct drift_missing missing;
	const char *change; /* in the data's own unit: "median 34.2 -> 71.8" */
	const char *reason; /* why this verdict, for the CLI */
	/* Drifts since then, and for long enough to fire; TIME_NONE. */
	int64_t since_ms, fired_ms;
	struct drift_hist hist;
};

/* A newer version whose baseline the same window fits better: the way out. */
struct drift_newer {
	const char *version; /* "" none */
	const char *column;  /* the worst against that baseline, */
	const char *statistic;
	double value, limit; /* and how bad */
	size_t n_drifted;
};

struct drift_report {
	struct arena arena;
	const char *monitor, *model, *version, *source;
	int64_t made_ms;                      /* when it was evaluated */
	int64_t window_from_ms, window_to_ms; /* event times of its rows */
	int64_t newest_predicted_ms; /* when the last row was predicted */
	int64_t newest_ingested_ms;  /* when we read it */
	const char *blind; /* why no log or baseline can be read; "" they can */
	int64_t n_rows, n_bad_rows;
	int64_t min_rows;     /* fewer say nothing */
	int64_t n_left_out;   /* rows in between of versions not watched */
	const char *left_out; /* their version; "" several, or none named */
	size_t n_columns, n_drifted;
	struct drift_column *columns; /* worst first */
	struct drift_newer newer;
};

/* The test that tells most: of missing values where they are the cause, else
 * of the values. */
struct drift_test {
	const char *name; /* "missing", "KS", "chi2"; "" not tested */
	double value, p_value, effect;
};
struct drift_test drift_told_test(const struct drift_column *c);
/* Of 0 to 1, of all rows of a side. */
double drift_missing_share(int64_t n_null, int64_t n);

/* Does it say neither drift nor none? Then why: "20 rows of 200". */
#define DRIFT_WHY_MAX 240
bool drift_says_nothing(const struct drift_report *r, char why[DRIFT_WHY_MAX]);

struct drift_report *drift_report_new(void);
void drift_report_free(struct drift_report *r);
/* The statistic over its limit: how bad; 0 where there is no verdict. */
double drift_badness(const struct drift_column *c);
/* Columns with a verdict: without one, the report says neither drift nor none.
 */
size_t drift_count_judged(const struct drift_report *r);
/* Of two comparisons of one window: does it drift less in a, where no fewer
 * columns could be judged? */
bool drift_fits_better(const struct drift_report *a,
		       const struct drift_report *b);

#endif
