/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "stats/kolmogorov.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define MAX_SUMMED 1000000 /* values; beyond, the limit is as good */

/* ---- the exact one-sided tail ---- */

/* ln n! less Stirling's n ln n - n + ln(2 pi n) / 2; n >= 1. */
static double stirling_error(double n)
{
	double r = 1 / (n * n);

	if (n < 16)
		return lgamma(n + 1) -
		       ((n + .5) * log(n) - n + .5 * log(2 * M_PI));
	return (1. / 12 - r * (1. / 360 - r * (1. / 1260 - r * (1. / 1680)))) /
	       n;
}

/* x ln(x / m) + m - x, also where x is close to m. */
static double deviance(double x, double m)
{
	double v = (x - m) / (x + m), v2 = v * v;
	double term = 2 * x * v, sum = (x - m) * v;

	if (fabs(x - m) >= .1 * (x + m))
		return x * log(x / m) + m - x;
	for (int j = 3; j < 100; j += 2) {
		double next;

		term *= v2;
		next = sum + term / j;
		if (next == sum)
			break;
		sum = next;
	}
	return sum;
}

/* Binomial probability of j out of n at a, by Loader's saddle point: no
 * differences of large logarithms. 0 < j < n. */
static double binomial(double j, double n, double a)
{
	double ln = stirling_error(n) - stirling_error(j) -
		    stirling_error(n - j) - deviance(j, n * a) -
		    deviance(n - j, n * (1 - a));

	return exp(ln) * sqrt(n / (2 * M_PI * j * (n - j)));
}

/* Smirnov's P(D+ >= x) = x sum_j C(n, j) (x + j/n)^(j-1) (1 - x - j/n)^(n-j),
 * j from 0 to n (1 - x). */
static double one_sided(double n, double x)
{
	double sum = pow(1 - x, n);

	for (double j = 1; j < n * (1 - x); j++) {
		double a = x + j / n;

		if (a < 1)
			sum += x / a * binomial(j, n, a);
	}
	return sum;
}

/* The same for large n, by Smirnov's expansion. */
static double limit(double n, double x)
{
	return exp(-2 * n * x * x - 2 * x / 3 - 1 / (18 * n));
}

/* ---- the matrix of Durbin, Marsaglia, Tsang and Wang ---- */

/* m x m matrices, with a power of ten beside. */
static void multiply(const double *a, const double *b, double *out, size_t m)
{
	memset(out, 0, m * m * sizeof(*out));
	for (size_t i = 0; i < m; i++)
		for (size_t k = 0; k < m; k++)
			for (size_t j = 0; a[i * m + k] != 0 && j < m; j++)
				out[i * m + j] += a[i * m + k] * b[k * m + j];
}

static void rescale(double *a, size_t m, int *exp10)
{
	if (a[(m / 2) * m + m / 2] <= 1e140)
		return;
	for (size_t i = 0; i < m * m; i++)
		a[i] *= 1e-140;
	*exp10 += 140;
}

/* The matrix H of n d = k - h, m = 2 k - 1. */
static void fill(double *a, size_t m, double h)
{
	for (size_t i = 0; i < m; i++)
		for (size_t j = 0; j < m; j++)
			a[i * m + j] = i + 1 >= j;
	for (size_t i = 0; i < m; i++) {
		a[i * m] -= pow(h, (double)(i + 1));
		a[(m - 1) * m + i] -= pow(h, (double)(m - i));
	}
	if (2 * h > 1)
		a[(m - 1) * m] += pow(2 * h - 1, (double)m);
	for (size_t i = 0; i < m; i++)
		for (size_t j = 0; j <= i; j++)
			a[i * m + j] /= tgamma((double)(i - j + 2));
}

/* P(D_n < d) = n! / n^n times the middle of H^n. */
static double matrix_cdf(int64_t n, double d)
{
	size_t k = (size_t)((double)n * d) + 1, m = 2 * k - 1;
	double *a = xcalloc(m * m, sizeof(*a)), *t = xcalloc(m * m, sizeof(*t));
	double *q = xcalloc(m * m, sizeof(*q)), *swap, result;
	int exp_a = 0, exp_q = 0;

	fill(a, m, (double)k - (double)n * d);
	for (size_t i = 0; i < m; i++)
		q[i * m + i] = 1;
	for (int64_t left = n; left; left /= 2) {
		if (left % 2) {
			multiply(a, q, t, m);
			swap = q, q = t, t = swap;
			exp_q += exp_a;
			rescale(q, m, &exp_q);
		}
		multiply(a, a, t, m);
		swap = a, a = t, t = swap;
		exp_a *= 2;
		rescale(a, m, &exp_a);
	}
	result = q[(k - 1) * m + k - 1];
	for (int64_t i = 1; i <= n; i++) {
		result *= (double)i / (double)n;
		if (result < 1e-140) {
			result *= 1e140;
			exp_q -= 140;
		}
	}
	free(a);
	free(q);
	free(t);
	return result * pow(10, exp_q);
}

/* ---- the series of Pelz and Good ---- */

static double half_terms(int order, double z, double e)
{
	double z2 = z * z, z4 = z2 * z2, z6 = z4 * z2;

	switch (order) {
	case 1:
		return e - z2;
	case 2:
		return 6 * z6 + 2 * z4 + e * (2 * z4 - 5 * z2) +
		       e * e * (1 - 2 * z2);
	default:
		return e * e * e * (5 - 30 * z2) +
		       e * e * (-60 * z2 + 212 * z4) +
		       e * (135 * z4 - 96 * z6) - (30 * z6 + 90 * z4 * z4);
	}
}

/* P(D_n < d) to the third power of 1 / sqrt(n); z = d sqrt(n). */
static double pelz_good_cdf(double n, double z)
{
	double z2 = z * z, k[4] = { 0 }, whole2 = 0, whole3 = 0;
	double root = sqrt(M_PI / 2);

	for (int i = 40; i >= 0; i--) {
		double half = (i + .5) * (i + .5) * M_PI * M_PI;
		double whole = (double)i * i * M_PI * M_PI;
		double eh = exp(-half / (2 * z2)), ew = exp(-whole / (2 * z2));

		k[0] += 2 * eh; /* i and -i-1 */
		for (int order = 1; order < 4; order++)
			k[order] += 2 * half_terms(order, z, half) * eh;
		whole2 += 2 * whole * ew;
		whole3 += 2 * (3 * whole * z2 - whole * whole) * ew;
	}
	k[0] *= root / z;
	k[1] *= root / (6 * z2 * z2);
	k[2] = root * (k[2] / (72 * pow(z, 7)) - whole2 / (36 * pow(z, 3)));
	k[3] = root * (k[3] / (6480 * pow(z, 10)) + whole3 / (216 * pow(z, 6)));
	return k[0] + k[1] / sqrt(n) + k[2] / n + k[3] / (n * sqrt(n));
}

/* ---- */

/* n d is at most 1: (2 n d - 1)^n n! / n^n. */
static double few_cdf(double n, double t)
{
	double p = 1;

	for (double i = 1; i <= n; i++)
		p *= (2 * t - 1) * i / n;
	return p;
}

double kolmogorov_q(int64_t count, double d)
{
	double n = (double)count, t = n * d, z2 = n * d * d, q;

	if (count < 1 || isnan(d))
		return NAN;
	if (t <= .5)
		return 1;
	if (d >= 1)
		return 0;
	if (t <= 1)
		return 1 - few_cdf(n, t);
	if (t >= n - 1)
		return 2 * pow(1 - d, n);
	/* Below .036 it is 1 to twelve digits; from 370 on 0 to 300. */
	if (z2 < .036)
		return 1;
	if (z2 > 370)
		return 0;
	if (d >= .5 || z2 >= (count <= 140 ? 4 : 2.2))
		q = 2 * (count > MAX_SUMMED ? limit(n, d) : one_sided(n, d));
	else if (count <= 140 || (count <= 100000 && n * pow(d, 1.5) <= 1.4))
		q = 1 - matrix_cdf(count, d);
	else
		q = 1 - pelz_good_cdf(n, d * sqrt(n));
	return fmin(1, fmax(0, q));
}
