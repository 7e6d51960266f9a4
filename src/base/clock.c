/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/num.h"

#define SECOND_MS 1000
#define DAY_MS    (INT64_C(86400) * SECOND_MS)
/* Years 0000 to 9999, what RFC 3339 can say. */
#define MIN_UTC_MS INT64_C(-62167219200000)
#define MAX_UTC_MS INT64_C(253402300799999)
/* Plain digits from here on are milliseconds (the year 5138 in seconds). */
#define FIRST_MS_NUMBER 1e11

int64_t clock_mono_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_mono_ms(void)
{
	return clock_mono_us() / 1000;
}

int64_t clock_utc_ms(void)
{
	const char *fixed = getenv("MLTOWER_NOW_MS");
	struct timespec ts;
	int64_t ms;

	if (fixed && num_parse_int(fixed, strlen(fixed), &ms))
		return ms;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * SECOND_MS + ts.tv_nsec / 1000000;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* False for times that have no four-digit year. */
bool clock_has_date(int64_t utc_ms)
{
	return utc_ms >= MIN_UTC_MS && utc_ms <= MAX_UTC_MS;
}

int64_t clock_nearest_date(int64_t utc_ms)
{
	return MAX(MIN_UTC_MS, MIN(utc_ms, MAX_UTC_MS));
}

static bool split(int64_t utc_ms, bool is_local, struct tm *tm, int *ms)
{
	time_t sec = (time_t)floor_div(utc_ms, SECOND_MS);

	if (!clock_has_date(utc_ms))
		return false;
	*ms = (int)(utc_ms - (int64_t)sec * SECOND_MS);
	return is_local ? localtime_r(&sec, tm) : gmtime_r(&sec, tm);
}

void clock_format_utc(int64_t utc_ms, char out[32])
{
	struct tm tm;
	size_t n;
	int ms;

	if (!split(utc_ms, false, &tm, &ms)) {
		strcpy(out, "-");
		return;
	}
	n = strftime(out, 26, "%4Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + n, 32 - n, ".%03dZ", ms);
}

void clock_format_hhmm(int64_t utc_ms, char out[8])
{
	struct tm tm;
	int ms;

	if (!split(utc_ms, true, &tm, &ms) || !strftime(out, 8, "%H:%M", &tm))
		strcpy(out, "-");
}

void clock_format_short(int64_t utc_ms, char out[16])
{
	struct tm tm;
	int ms;

	if (!split(utc_ms, true, &tm, &ms) ||
	    !strftime(out, 16, "%m-%d %H:%M", &tm))
		strcpy(out, "-");
}

void clock_format_local(int64_t utc_ms, char out[32])
{
	struct tm tm;
	int ms;

	if (!split(utc_ms, true, &tm, &ms) ||
	    !strftime(out, 32, "%4Y-%m-%d %H:%M:%S", &tm))
		strcpy(out, "-");
}

/* Exactly n digits at *s, which moves past them. */
static bool take_digits(const char **s, int n, int *out)
{
	*out = 0;
	for (; n > 0; n--, (*s)++) {
		if (!isdigit((unsigned char)**s))
			return false;
		*out = *out * 10 + (**s - '0');
	}
	return true;
}

static bool take_char(const char **s, const char *any)
{
	if (!**s || !strchr(any, **s))
		return false;
	(*s)++;
	return true;
}

/* Days from 1970-01-01 in the proleptic Gregorian calendar: years are taken
 * to begin in March, so that the leap day is the last. */
static int64_t days_from_civil(int y, int m, int d)
{
	int64_t year = y - (m <= 2);
	int64_t era = floor_div(year, 400);
	int64_t yoe = year - era * 400;
	int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

static int month_days(int y, int m)
{
	static const char days[] = { 31, 28, 31, 30, 31, 30,
				     31, 31, 30, 31, 30, 31 };
	bool is_leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

	return m == 2 && is_leap ? 29 : days[m - 1];
}

static bool take_date(const char **s, int64_t *days)
{
	int y, m, d;

	if (!take_digits(s, 4, &y) || !take_char(s, "-") ||
	    !take_digits(s, 2, &m) || !take_char(s, "-") ||
	    !take_digits(s, 2, &d))
		return false;
	if (m < 1 || m > 12 || d < 1 || d > month_days(y, m))
		return false;
	*days = days_from_civil(y, m, d);
	return true;
}

/* Digits after the point: the first three count, the rest are dropped. */
static bool take_fraction(const char **s, int *ms)
{
	int unit = 100;

	if (!isdigit((unsigned char)**s))
		return false;
	for (; isdigit((unsigned char)**s); (*s)++, unit /= 10)
		*ms += (**s - '0') * unit;
	return true;
}

/* HH:MM[:SS[.fff]]; a leap second counts as the one before. */
static bool take_time(const char **s, int64_t *ms_of_day)
{
	int h, m, sec = 0, ms = 0;

	if (!take_digits(s, 2, &h) || !take_char(s, ":") ||
	    !take_digits(s, 2, &m))
		return false;
	if (take_char(s, ":")) {
		if (!take_digits(s, 2, &sec))
			return false;
		if (take_char(s, ".,") && !take_fraction(s, &ms))
			return false;
	}
	if (h > 23 || m > 59 || sec > 60)
		return false;
	*ms_of_day = ((h * 60 + m) * 60 + MIN(sec, 59)) * SECOND_MS + ms;
	return true;
}

/* "Z", "+02:00", "-0530", or nothing (UTC). */
static bool take_zone(const char **s, int64_t *offset_ms)
{
	bool is_west = **s == '-';
	int h, m;

	*offset_ms = 0;
	if (!**s || take_char(s, "Zz"))
		return true;
	if (!take_char(s, "+-") || !take_digits(s, 2, &h))
		return false;
	take_char(s, ":");
	if (!take_digits(s, 2, &m) || h > 23 || m > 59)
		return false;
	*offset_ms = (h * 60 + m) * 60 * SECOND_MS * (is_west ? -1 : 1);
	return true;
}

static bool parse_number(const char *s, int64_t *utc_ms)
{
	size_t len = strspn(s, "0123456789");
	int64_t n;

	if (s[len] || !num_parse_int(s, len, &n))
		return false;
	*utc_ms = (double)n < FIRST_MS_NUMBER ? n * SECOND_MS : n;
	return true;
}

bool clock_parse(const char *s, int64_t *utc_ms)
{
	int64_t days, ms = 0, offset = 0;

	if (!s || !*s)
		return false;
	if (strspn(s, "0123456789") == strlen(s))
		return parse_number(s, utc_ms);
	if (!take_date(&s, &days))
		return false;
	if (take_char(&s, "Tt ")) {
		if (!take_time(&s, &ms) || !take_zone(&s, &offset))
			return false;
	}
	if (*s)
		return false;
	*utc_ms = days * DAY_MS + ms - offset;
	return true;
}

static bool take_unit(const char **s, int64_t *unit_ms)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = { /* "ms" before "m" */
		      { "ms", 1 },
		      { "s", SECOND_MS },
		      { "m", 60 * SECOND_MS },
		      { "h", 3600 * SECOND_MS },
		      { "d", DAY_MS },
		      { "w", 7 * DAY_MS }
	};

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		size_t len = strlen(units[i].name);

		if (strncmp(*s, units[i].name, len))
			continue;
		*s += len;
		*unit_ms = units[i].ms;
		return true;
	}
	return false;
}

bool clock_parse_duration(const char *s, int64_t *ms)
{
	int64_t sum = 0, last = INT64_MAX;

	if (!s || !*s)
		return false;
	while (*s) {
		size_t len = strspn(s, "0123456789");
		int64_t n, unit;

		if (!num_parse_int(s, len, &n))
			return false;
		s += len;
		/* Units must fall: "1h30m", not "30m1h" nor "1h2h". */
		if (!take_unit(&s, &unit) || unit >= last)
			return false;
		last = unit;
		if (__builtin_mul_overflow(n, unit, &n) ||
		    __builtin_add_overflow(sum, n, &sum))
			return false;
	}
	/* What is added to a time, or taken from it, stays one. */
	if (sum > MAX_UTC_MS)
		return false;
	*ms = sum;
	return true;
}
