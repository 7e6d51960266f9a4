/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/num.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define MAX_DIGITS 17

/* strtod() and printf() follow the locale's decimal point; this one is "C". */
static locale_t c_locale;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_locale(void)
{
	c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	BUG_ON(!c_locale);
}

static double parse_c(const char *s, char **end)
{
	pthread_once(&once, make_locale);
	return strtod_l(s, end, c_locale);
}

/* A positive finite number as 0.DIGITS x 10^point. */
struct decimal {
	char digits[MAX_DIGITS + 1]; /* not a string */
	int n_digits;
	int point;
};

static void set_digits(struct decimal *d, uint64_t coef, int n, int exp10)
{
	d->n_digits = n;
	d->point = n + exp10;
	for (int i = n - 1; i >= 0; i--, coef /= 10)
		d->digits[i] = (char)('0' + coef % 10);
	while (d->n_digits > 1 && d->digits[d->n_digits - 1] == '0')
		d->n_digits--;
}

#if LDBL_MANT_DIG >= 64 && LDBL_MAX_EXP == 16384
#define MAX_EXACT_POW10 27 /* 5^27 < 2^64 */

static const long double pow10_table[] = {
	1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,
	1e10L, 1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L,
	1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L
};

static long double scale(long double x, int exp10)
{
	return exp10 < 0 ? x / pow10_table[-exp10] : x * pow10_table[exp10];
}

enum verdict { READS_BACK, TOO_SHORT, CANNOT_TELL };

/* Would coef x 10^exp10 be read as v? coef and the power are exact, so `read`
 * is rounded once to 64 bits; the second rounding, to 53, cannot go wrong
 * unless `read` is just the middle between two doubles. */
static enum verdict read_back(uint64_t coef, int exp10, double v)
{
	long double read = scale((long double)coef, exp10);
	long double up = ((long double)v + nextafter(v, INFINITY)) / 2;
	long double down = ((long double)v + nextafter(v, 0)) / 2;

	if (read == up || read == down)
		return CANNOT_TELL;
	return (double)read == v ? READS_BACK : TOO_SHORT;
}

/* The nearest decimal of n digits, 0.DIGITS x 10^exp10. */
static enum verdict try_digits(double v, int n, int exp10, struct decimal *d)
{
	static const uint64_t limits[] = { UINT64_C(1000000000000000),
					   UINT64_C(10000000000000000),
					   UINT64_C(100000000000000000) };
	uint64_t limit = limits[n - DBL_DIG], coef;
	int shift = n - exp10;
	long double want, part;
	enum verdict verdict;

	if (shift > MAX_EXACT_POW10 || shift < -MAX_EXACT_POW10)
		return CANNOT_TELL;
	want = scale(v, shift);
	coef = (uint64_t)want;
	part = want - (long double)coef;
	/* One rounding of at most 2^-8 of a unit stands behind want. */
	if (fabsl(part - 0.5L) < 0x1p-6L)
		return CANNOT_TELL;
	coef += part > 0.5L;
	verdict = read_back(coef, -shift, v);
	/* 9.99.. may have become 10: one digit more, all zeros. */
	if (verdict == READS_BACK)
		set_digits(d, coef, coef < limit ? n : n + 1, -shift);
	return verdict;
}

/* The shortest digits by arithmetic in 64 bits, several times faster than
 * printf and strtod; false where the last bits could not tell. */
static bool shortest_fast(double v, struct decimal *d)
{
	enum verdict verdict = TOO_SHORT;
	int exp2, exp10;

	frexp(v, &exp2);
	/* log10(2): right or one too low, for 2^(exp2-1) <= v < 2^exp2. */
	exp10 = (int)floor((exp2 - 1) * 0.30102999566398120) + 1;
	if (exp10 < -MAX_EXACT_POW10 || exp10 > MAX_EXACT_POW10)
		return false;
	if (scale(v, -exp10) >= 1)
		exp10++;
	for (int n = DBL_DIG; n <= MAX_DIGITS && verdict == TOO_SHORT; n++)
		verdict = try_digits(v, n, exp10, d);
	return verdict == READS_BACK;
}
#else
static bool shortest_fast(double v, struct decimal *d)
{
	(void)v;
	(void)d;
	return false;
}
#endif

/* By trying, with libc's exact conversions. A normal double of at most 15
 * digits shows them in %.15g; only subnormals are shorter than they look. */
static void shortest_slow(double v, struct decimal *d)
{
	char text[40];

	for (int n = v < DBL_MIN ? 1 : DBL_DIG; n <= MAX_DIGITS; n++) {
		num_format_exp(text, sizeof(text), v, n - 1);
		d->n_digits = n;
		if (parse_c(text, NULL) == v)
			break;
	}
	d->digits[0] = text[0];
	memcpy(d->digits + 1, text + 2, (size_t)d->n_digits - 1);
	d->point = atoi(strchr(text, 'e') + 1) + 1;
	while (d->n_digits > 1 && d->digits[d->n_digits - 1] == '0')
		d->n_digits--;
}

/* ECMA-262, Number::toString: k digits, the point after the n-th. */
static size_t lay_out(char *out, const struct decimal *d)
{
	int k = d->n_digits, n = d->point;
	char *p = out;

	if (n > 21 || n < -5) {
		*p++ = d->digits[0];
		if (k > 1) {
			*p++ = '.';
			memcpy(p, d->digits + 1, (size_t)k - 1);
			p += k - 1;
		}
		*p++ = 'e';
		*p++ = n > 0 ? '+' : '-';
		p += num_format_int(p, abs(n - 1));
	} else if (n <= 0) {
		*p++ = '0';
		*p++ = '.';
		memset(p, '0', (size_t)-n);
		p += -n;
		memcpy(p, d->digits, (size_t)k);
		p += k;
	} else if (k <= n) {
		memcpy(p, d->digits, (size_t)k);
		memset(p + k, '0', (size_t)(n - k));
		p += n;
	} else {
		memcpy(p, d->digits, (size_t)n);
		p[n] = '.';
		memcpy(p + n + 1, d->digits + n, (size_t)(k - n));
		p += k + 1;
	}
	*p = '\0';
	return (size_t)(p - out);
}

size_t num_format(char *out, double v)
{
	struct decimal d;
	size_t sign = signbit(v) && !isnan(v);

	if (isnan(v))
		return (size_t)snprintf(out, NUM_MAX, "NaN");
	if (sign)
		out[0] = '-';
	if (isinf(v))
		return sign +
		       (size_t)snprintf(out + sign, NUM_MAX - sign, "Infinity");
	if (fabs(v) < 0x1p53 && v == (double)(int64_t)v)
		return sign + num_format_int(out + sign, (int64_t)fabs(v));
	if (!shortest_fast(fabs(v), &d))
		shortest_slow(fabs(v), &d);
	return sign + lay_out(out + sign, &d);
}

size_t num_format_int(char *out, int64_t v)
{
	uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	char text[24];
	size_t n = 0, len;

	do {
		text[n++] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (v < 0)
		text[n++] = '-';
	len = n;
	for (size_t i = 0; i < len; i++)
		out[i] = text[--n];
	out[len] = '\0';
	return len;
}

static locale_t enter_c(void)
{
	pthread_once(&once, make_locale);
	return uselocale(c_locale);
}

void num_format_fixed(char *out, size_t size, double v, int decimals)
{
	locale_t before = enter_c();

	snprintf(out, size, "%.*f", decimals, v);
	uselocale(before);
}

void num_format_exp(char *out, size_t size, double v, int decimals)
{
	locale_t before = enter_c();

	snprintf(out, size, "%.*e", decimals, v);
	uselocale(before);
}

static size_t span_digits(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= '0' && s[n] <= '9')
		n++;
	return n;
}

/* [+-] digits [. digits] [e [+-] digits], digits on one side of the point. */
static bool is_decimal(const char *s, size_t len)
{
	size_t i = len && (s[0] == '-' || s[0] == '+');
	size_t n = span_digits(s + i, len - i);

	i += n;
	if (i < len && s[i] == '.') {
		size_t after = span_digits(s + i + 1, len - i - 1);

		i += 1 + after;
		n += after;
	}
	if (!n)
		return false;
	if (i < len && (s[i] == 'e' || s[i] == 'E')) {
		i++;
		i += i < len && (s[i] == '-' || s[i] == '+');
		n = span_digits(s + i, len - i);
		if (!n)
			return false;
		i += n;
	}
	return i == len;
}

bool num_parse(const char *s, size_t len, double *out)
{
	char small[64], *text = small;
	double v;

	if (!is_decimal(s, len))
		return false;
	if (len >= sizeof(small))
		text = xmalloc(len + 1);
	memcpy(text, s, len);
	text[len] = '\0';
	v = parse_c(text, NULL);
	if (text != small)
		free(text);
	if (isinf(v))
		return false;
	*out = v;
	return true;
}

bool num_parse_int(const char *s, size_t len, int64_t *out)
{
	bool is_negative = len && s[0] == '-';
	size_t i = is_negative;
	int64_t v = 0;

	if (i == len)
		return false;
	/* Downwards: the negative side is longer by one. */
	for (; i < len; i++) {
		if (s[i] < '0' || s[i] > '9' ||
		    __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_sub_overflow(v, s[i] - '0', &v))
			return false;
	}
	if (!is_negative && __builtin_sub_overflow(0, v, &v))
		return false;
	*out = v;
	return true;
}
