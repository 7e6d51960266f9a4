/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_BASE_HUMAN_H
#define MLTOWER_BASE_HUMAN_H

#include <stddef.h>
#include <stdint.h>

/* Numbers as people read them. All write at most HUMAN_MAX bytes with the NUL
 * and return out. */
#define HUMAN_MAX 40

/* "45s" "12m" "2h 10m" "9d": two units at most. Negative gives "-" before. */
char *human_duration(char out[HUMAN_MAX], int64_t ms);
/* Rounded down so that what goes on can be shown without ticking: to 10 s below
 * a minute, to whole minutes below an hour. */
int64_t human_steady_ms(int64_t ms);
/* One unit, for columns: "45s" "12m" "3h" "41d". */
char *human_age(char out[HUMAN_MAX], int64_t ms);
/* A source's freshness: "live", then 10 s steps, then minutes, hours, days. */
char *human_fresh(char out[HUMAN_MAX], int64_t ms);
/* "1,284". */
char *human_count(char out[HUMAN_MAX], int64_t n);
/* "12.4 k", "3.1 M" in about five characters. */
char *human_si(char out[HUMAN_MAX], double v);
/* "214 MB", "1.9 s", "38 ms". */
char *human_bytes(char out[HUMAN_MAX], double bytes);
char *human_latency(char out[HUMAN_MAX], double ms);
/* A metric value with `decimals`; "NaN", "inf", "-inf"; very large or small
 * ones as "1.2e+09". */
char *human_number(char out[HUMAN_MAX], double v, int decimals);
/* p: 4 decimals, "<0.0001". */
char *human_p(char out[HUMAN_MAX], double p);
/* The shortest digits that read back as the same double. */
char *human_exact(char out[HUMAN_MAX], double v);

#endif
