/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "model/group.h"

#define FAR   10   /* times the median distance: set aside */
#define SLACK 1e-9 /* of the tolerance */

/* Fewer say nothing about which of them is the odd one. */
#define MIN_FOR_FAR 4u

static int compare(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

/* Of sorted values. */
static double median(const double *v, size_t n)
{
	return n % 2 ? v[n / 2] : v[n / 2 - 1] / 2 + v[n / 2] / 2;
}

static bool is_within(double d, double tolerance)
{
	return d <= tolerance * (1 + SLACK);
}

/* The smallest of 0, and 1, 2 and 5 times a power of ten, that holds d. */
static double round_up(double d)
{
	static const double steps[] = { 1, 2, 5, 10 };
	int power;
	size_t i;

	if (d == 0)
		return 0;
	power = (int)floor(log10(d));
	for (i = 0; i < ARRAY_LEN(steps); i++) {
		/* Powers below 1 are divided by: 1 / 1000 is .001. */
		double step = power < 0 ? steps[i] / pow(10, -power)
					: steps[i] * pow(10, power);

		if (is_within(d, step))
			return step;
	}
	return d;
}

struct group_spread group_spread_of(double *values, size_t n)
{
	struct group_spread s = { .n_values = (uint32_t)n };
	double middle, limit;
	size_t i, n_near;

	if (n < 2)
		return s;
	qsort(values, n, sizeof(*values), compare);
	middle = median(values, n);
	for (i = 0; i < n; i++)
		values[i] = fabs(values[i] - middle);
	qsort(values, n, sizeof(*values), compare);
	limit = n < MIN_FOR_FAR ? INFINITY : FAR * median(values, n);
	/* The least is near, though half of a tiny median may be 0. */
	for (n_near = n; n_near > 1 && !(values[n_near - 1] <= limit); n_near--)
		;
	s.tolerance = round_up(values[n_near - 1]);
	while (s.n_within < n && is_within(values[s.n_within], s.tolerance))
		s.n_within++;
	return s;
}

/* ".001" as people say it, without the zero before the point. */
static void tolerance_text(char out[NUM_MAX], double v)
{
	num_format(out, v);
	if (!strncmp(out, "0.", 2))
		memmove(out, out + 1, strlen(out));
}

char *group_spread_text(char out[GROUP_SPREAD_MAX],
			const struct group_spread *s, size_t n_runs,
			bool is_short)
{
	char tolerance[NUM_MAX];
	size_t n;

	*out = '\0';
	if (s->n_values < 2)
		return out;
	n = (size_t)snprintf(out, GROUP_SPREAD_MAX,
			     is_short ? "%u/%zu " : "%u of %zu ", s->n_within,
			     n_runs);
	tolerance_text(tolerance, s->tolerance);
	snprintf(out + n, GROUP_SPREAD_MAX - n, "%s%s",
		 s->tolerance == 0 ? "equal"
		 : is_short        ? "±"
				   : "within ",
		 s->tolerance == 0 ? "" : tolerance);
	return out;
}
