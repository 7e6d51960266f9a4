/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_BASE_CLOCK_H
#define MLTOWER_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A time nobody told us: shown as a dash, null in JSON. */
#define TIME_NONE INT64_MIN

int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);
int64_t clock_utc_ms(void); /* MLTOWER_NOW_MS in the environment fixes it */

/* Is it of the years 0 to 9999? Others are formatted as "-". */
bool clock_has_date(int64_t utc_ms);
int64_t clock_nearest_date(int64_t utc_ms);
/* RFC 3339 in UTC with milliseconds, "2026-11-24T08:25:34.000Z". */
void clock_format_utc(int64_t utc_ms, char out[32]);
/* "08:25", "11-24 08:25" and "2026-11-24 08:25:34" in the local zone. */
void clock_format_hhmm(int64_t utc_ms, char out[8]);
void clock_format_short(int64_t utc_ms, char out[16]);
void clock_format_local(int64_t utc_ms, char out[32]);
/* RFC 3339, or "YYYY-MM-DD[ HH:MM[:SS]]" (UTC), or plain digits: seconds when
 * below 1e11, else milliseconds. */
bool clock_parse(const char *s, int64_t *utc_ms);
/* "90s", "10m", "2h", "1d", "1w", "250ms", "1h30m", up to eight thousand
 * years; false on anything else. */
bool clock_parse_duration(const char *s, int64_t *ms);

#endif
