/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_BASE_NUM_H
#define MLTOWER_BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers as bytes, the same in every locale. */

#define NUM_MAX 32 /* room for any, with the NUL */

/* The shortest digits that read back as the same double, the nearest to it
 * where several are as short, laid out as ECMAScript's Number::toString does
 * (RFC 8785, 3.2.2.3): "0.1", "3", "1e+21", "1e-7"; but "-0" for minus zero,
 * and "NaN", "Infinity", "-Infinity". Returns the length. */
size_t num_format(char *out, double v);
/* The same for integers, without printf. */
size_t num_format_int(char *out, int64_t v);

/* printf's %.*f and %.*e with the point of the "C" locale, cut at `size`. */
void num_format_fixed(char *out, size_t size, double v, int decimals);
void num_format_exp(char *out, size_t size, double v, int decimals);

/* The whole of s[0..len) as a decimal number ("-1.5e3"; not hex, no blanks,
 * not "nan"). Correctly rounded; what overflows is false. */
bool num_parse(const char *s, size_t len, double *out);
/* The whole of s[0..len) as an integer: an optional '-', then digits. */
bool num_parse_int(const char *s, size_t len, int64_t *out);

#endif
