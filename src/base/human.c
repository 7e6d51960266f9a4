/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/human.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/num.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

#define MAX_DECIMALS 17
/* From here on a metric is written with an exponent. */
#define LARGE_NUMBER 1e9

/* TIME_NONE comes of subtracting from a time nobody told us. */
static bool start(char out[HUMAN_MAX], int64_t *ms, char **p)
{
	if (*ms == TIME_NONE) {
		strcpy(out, "-");
		return false;
	}
	*p = out;
	if (*ms < 0) {
		*(*p)++ = '-';
		*ms = -*ms;
	}
	return true;
}

static void two_units(char *out, size_t size, int64_t ms, int64_t big,
		      char big_name, int64_t small, char small_name)
{
	int64_t n_big = ms / big, n_small = ms % big / small;

	if (n_small)
		snprintf(out, size, "%" PRId64 "%c %" PRId64 "%c", n_big,
			 big_name, n_small, small_name);
	else
		snprintf(out, size, "%" PRId64 "%c", n_big, big_name);
}

char *human_duration(char out[HUMAN_MAX], int64_t ms)
{
	size_t size = HUMAN_MAX - 1;
	char *p;

	if (!start(out, &ms, &p))
		return out;
	if (ms > 0 && ms < SECOND)
		snprintf(p, size, "%" PRId64 "ms", ms);
	else if (ms < MINUTE)
		snprintf(p, size, "%" PRId64 "s", ms / SECOND);
	else if (ms < 10 * MINUTE)
		two_units(p, size, ms, MINUTE, 'm', SECOND, 's');
	else if (ms < HOUR)
		snprintf(p, size, "%" PRId64 "m", ms / MINUTE);
	else if (ms < DAY)
		two_units(p, size, ms, HOUR, 'h', MINUTE, 'm');
	else if (ms < 7 * DAY)
		two_units(p, size, ms, DAY, 'd', HOUR, 'h');
	else
		snprintf(p, size, "%" PRId64 "d", ms / DAY);
	return out;
}

int64_t human_steady_ms(int64_t ms)
{
	if (ms < 0 || ms >= HOUR)
		return ms;
	return ms - ms % (ms < MINUTE ? 10 * SECOND : MINUTE);
}

static void one_unit(char *out, size_t size, int64_t ms)
{
	if (ms < MINUTE)
		snprintf(out, size, "%" PRId64 "s", ms / SECOND);
	else if (ms < HOUR)
		snprintf(out, size, "%" PRId64 "m", ms / MINUTE);
	else if (ms < DAY)
		snprintf(out, size, "%" PRId64 "h", ms / HOUR);
	else
		snprintf(out, size, "%" PRId64 "d", ms / DAY);
}

char *human_age(char out[HUMAN_MAX], int64_t ms)
{
	char *p;

	if (start(out, &ms, &p))
		one_unit(p, HUMAN_MAX - 1, ms);
	return out;
}

char *human_fresh(char out[HUMAN_MAX], int64_t ms)
{
	if (ms == TIME_NONE)
		strcpy(out, "-");
	else if (ms < 10 * SECOND)
		strcpy(out, "live");
	else if (ms < MINUTE)
		one_unit(out, HUMAN_MAX, ms / (10 * SECOND) * (10 * SECOND));
	else
		one_unit(out, HUMAN_MAX, ms);
	return out;
}

char *human_count(char out[HUMAN_MAX], int64_t n)
{
	char digits[NUM_MAX];
	size_t len = num_format_int(digits, n), used = 0;

	for (size_t i = 0; i < len; i++) {
		if (i > (n < 0) && (len - i) % 3 == 0)
			out[used++] = ',';
		out[used++] = digits[i];
	}
	out[used] = '\0';
	return out;
}

static char *not_finite(char out[HUMAN_MAX], double v)
{
	strcpy(out, isnan(v) ? "NaN" : v > 0 ? "inf" : "-inf");
	return out;
}

/* Three digits that count: "950", "12.4", "3.1", "0.52". */
static void short_number(char *out, size_t size, double v)
{
	double a = fabs(v);

	num_format_fixed(out, size, v, a >= 99.95 ? 0 : a >= 0.995 ? 1 : 2);
	if (strchr(out, '.')) {
		char *end = out + strlen(out);

		while (end[-1] == '0')
			*--end = '\0';
		if (end[-1] == '.')
			end[-1] = '\0';
	}
	if (!strcmp(out, "-0"))
		strcpy(out, "0");
}

static char *with_unit(char out[HUMAN_MAX], double v, const char *const *units,
		       size_t n)
{
	char number[HUMAN_MAX - 8];
	size_t i = 0;

	if (!isfinite(v))
		return not_finite(out, v);
	for (; fabs(v) >= 999.5 && i + 1 < n; i++)
		v /= 1000;
	if (fabs(v) >= 1e6)
		num_format_exp(number, sizeof(number), v, 1);
	else
		short_number(number, sizeof(number), v);
	snprintf(out, HUMAN_MAX, "%s%s%s", number, *units[i] ? " " : "",
		 units[i]);
	return out;
}

char *human_si(char out[HUMAN_MAX], double v)
{
	static const char *const units[] = { "", "k", "M", "G", "T" };

	return with_unit(out, v, units, ARRAY_LEN(units));
}

char *human_bytes(char out[HUMAN_MAX], double bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };

	return with_unit(out, bytes, units, ARRAY_LEN(units));
}

char *human_latency(char out[HUMAN_MAX], double ms)
{
	static const char *const units[] = { "ms", "s" };

	return with_unit(out, ms, units, ARRAY_LEN(units));
}

char *human_number(char out[HUMAN_MAX], double v, int decimals)
{
	double a = fabs(v);

	decimals = MIN(MAX(decimals, 0), MAX_DECIMALS);
	if (!isfinite(v))
		return not_finite(out, v);
	/* What would be shown as zero and is none. */
	if (a >= LARGE_NUMBER || (a > 0 && a < 0.5 * pow(10, -decimals)))
		num_format_exp(out, HUMAN_MAX, v, 1);
	else
		num_format_fixed(out, HUMAN_MAX, v == 0 ? 0 : v, decimals);
	return out;
}

char *human_p(char out[HUMAN_MAX], double p)
{
	if (isnan(p))
		strcpy(out, "-");
	else if (p < 0.0001)
		strcpy(out, "<0.0001");
	else
		num_format_fixed(out, HUMAN_MAX, MIN(p, 1), 4);
	return out;
}

char *human_exact(char out[HUMAN_MAX], double v)
{
	num_format(out, v);
	return out;
}
