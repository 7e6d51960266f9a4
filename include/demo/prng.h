/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DEMO_PRNG_H
#define MLTOWER_DEMO_PRNG_H

#include <stddef.h>
#include <stdint.h>

#define DEMO_SEED 20261123u

/* Splitmix64 (Steele, Lea, Flood 2014): the same numbers everywhere. A stream
 * of its own for each thing drawn, so that what changes one column leaves the
 * others as they were. */
struct prng {
	uint64_t state;
};

void prng_init(struct prng *p, uint64_t seed, uint64_t stream);
uint64_t prng_u64(struct prng *p);
double prng_unit(struct prng *p);            /* [0, 1) */
size_t prng_below(struct prng *p, size_t n); /* 0 .. n-1; n > 0 */
double prng_normal(struct prng *p);          /* mean 0, sd 1 */
double prng_exp(struct prng *p, double mean);
/* Marsaglia and Tsang (2000); shape at least 1. */
double prng_gamma(struct prng *p, double shape, double scale);
double prng_beta(struct prng *p, double a, double b); /* both at least 1 */
unsigned prng_poisson(struct prng *p, double mean);   /* mean below 100 */
double prng_weibull(struct prng *p, double shape, double scale);
/* 0 .. n-1, the k-th with a weight of (k+1)^-power; n at most 32. */
size_t prng_zipf(struct prng *p, size_t n, double power);

/* 32 lower-case hex digits and a NUL: ids as MLflow makes them. */
void prng_hex32(struct prng *p, char out[33]);

#endif
