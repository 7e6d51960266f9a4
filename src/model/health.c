/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/health.h"

#include <stdlib.h>

#include "base/mem.h"

#define N_GAPS          (HEALTH_POINTS - 1)
#define N_USUAL_GAPS    10
#define MIN_PATIENCE_MS 60000

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int64_t health_patience_ms(const struct series *s)
{
	int64_t gaps[N_GAPS];
	size_t n = 0;

	for (size_t i = s->n; i-- > 1 && n < N_GAPS;) {
		int64_t gap = s->points[i].time_ms - s->points[i - 1].time_ms;

		if (gap > 0)
			gaps[n++] = gap;
	}
	if (n < 2)
		return INT64_MAX;
	qsort(gaps, n, sizeof(*gaps), by_size);
	if (gaps[n / 2] > INT64_MAX / N_USUAL_GAPS)
		return INT64_MAX;
	return MAX(MIN_PATIENCE_MS, gaps[n / 2] * N_USUAL_GAPS);
}

bool health_is_silent(const struct series *s, int64_t now_ms)
{
	int64_t patience_ms;

	if (!s || !s->n)
		return false;
	patience_ms = health_patience_ms(s);
	return patience_ms != INT64_MAX &&
	       now_ms - s->points[s->n - 1].time_ms > patience_ms;
}

const struct series *health_series(const struct model *m, uint32_t row)
{
	const struct run_head *h = run_set_head(m->runs, row);
	uint32_t metric = model_main_metric(m, h->experiment);
	char id[40];

	if (!metric)
		return NULL;
	return series_cache_get(m->series, h->source,
				run_set_id(m->runs, row, id),
				intern_str(m->strings, metric));
}

bool health_run_is_silent(const struct model *m, uint32_t row, int64_t now_ms)
{
	return run_set_head(m->runs, row)->status == RUN_RUNNING &&
	       health_is_silent(health_series(m, row), now_ms);
}
