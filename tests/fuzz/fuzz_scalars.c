/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Numbers, times and durations: what is taken is what libc takes, and what is
 * printed of it reads back. */
#include "config.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/num.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_double(double v)
{
	char out[NUM_MAX];
	size_t n = num_format(out, v);
	double back;

	BUG_ON(n >= NUM_MAX || n != strlen(out));
	if (!isfinite(v))
		return;
	BUG_ON(!num_parse(out, n, &back) || memcmp(&back, &v, sizeof(v)));
}

static void check_numbers(const char *s, size_t len)
{
	char out[NUM_MAX], *end;
	int64_t i;
	double d;

	if (num_parse(s, len, &d)) {
		BUG_ON(strtod(s, &end) != d || end != s + len);
		check_double(d);
	}
	if (num_parse_int(s, len, &i)) {
		BUG_ON(strtoll(s, &end, 10) != i || end != s + len);
		num_format_int(out, i);
		BUG_ON(strtoll(out, NULL, 10) != i);
	}
	if (len >= sizeof(d)) {
		memcpy(&d, s, sizeof(d));
		check_double(d);
	}
}

static void check_times(const char *s)
{
	char out[64];
	int64_t ms, back;

	if (clock_parse(s, &ms)) {
		clock_format_utc(ms, out);
		BUG_ON(strcmp(out, "-") &&
		       (!clock_parse(out, &back) || back != ms));
	}
	if (clock_parse_duration(s, &ms)) {
		BUG_ON(ms < 0);
		snprintf(out, sizeof(out), "%" PRId64 "ms", ms);
		BUG_ON(!clock_parse_duration(out, &back) || back != ms);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = xmalloc(size + 1);

	if (size)
		memcpy(s, data, size);
	s[size] = '\0';
	check_numbers(s, size);
	check_times(s);
	free(s);
	return 0;
}
