/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "demo/prng.h"

#include <math.h>

#include "base/mem.h"

static uint64_t mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

void prng_init(struct prng *p, uint64_t seed, uint64_t stream)
{
	p->state = mix(mix(seed) + stream * 0x9e3779b97f4a7c15ull);
}

uint64_t prng_u64(struct prng *p)
{
	p->state += 0x9e3779b97f4a7c15ull;
	return mix(p->state);
}

double prng_unit(struct prng *p)
{
	return (double)(prng_u64(p) >> 11) * 0x1p-53;
}

size_t prng_below(struct prng *p, size_t n)
{
	return (size_t)(prng_unit(p) * (double)n);
}

/* Box and Muller; the second number is dropped, so that each call costs two
 * draws and a stream can be counted. */
double prng_normal(struct prng *p)
{
	double u = 1 - prng_unit(p);
	double v = prng_unit(p);

	return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

double prng_exp(struct prng *p, double mean)
{
	return -mean * log(1 - prng_unit(p));
}

double prng_gamma(struct prng *p, double shape, double scale)
{
	double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);

	BUG_ON(shape < 1);
	for (;;) {
		double x = prng_normal(p);
		double v = 1 + c * x;
		double u = 1 - prng_unit(p);

		if (v <= 0)
			continue;
		v = v * v * v;
		if (log(u) < x * x / 2 + d - d * v + d * log(v))
			return d * v * scale;
	}
}

double prng_beta(struct prng *p, double a, double b)
{
	double x = prng_gamma(p, a, 1);
	double y = prng_gamma(p, b, 1);

	return x / (x + y);
}

unsigned prng_poisson(struct prng *p, double mean)
{
	double limit = exp(-mean), product = 1;
	unsigned n = 0;

	BUG_ON(mean >= 100);
	for (;;) {
		product *= prng_unit(p);
		if (product <= limit)
			return n;
		n++;
	}
}

double prng_weibull(struct prng *p, double shape, double scale)
{
	return scale * pow(-log(1 - prng_unit(p)), 1 / shape);
}

size_t prng_zipf(struct prng *p, size_t n, double power)
{
	double weight[32], sum = 0, at;

	BUG_ON(n > ARRAY_LEN(weight));
	for (size_t i = 0; i < n; i++) {
		weight[i] = pow((double)i + 1, -power);
		sum += weight[i];
	}
	at = prng_unit(p) * sum;
	for (size_t i = 0; i + 1 < n; i++) {
		at -= weight[i];
		if (at < 0)
			return i;
	}
	return n - 1;
}

void prng_hex32(struct prng *p, char out[33])
{
	static const char digits[] = "0123456789abcdef";

	for (int half = 0; half < 2; half++) {
		uint64_t v = prng_u64(p);

		for (int i = 0; i < 16; i++)
			out[half * 16 + i] = digits[(v >> (60 - 4 * i)) & 15];
	}
	out[32] = '\0';
}
