/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_STATS_KOLMOGOROV_H
#define MLTOWER_STATS_KOLMOGOROV_H

#include <stdint.h>

/* P(D_n >= d): how likely n values of a continuous distribution are at least d
 * away from it, two-sided, to about ten digits. By the methods of Simard and
 * L'Ecuyer, "Computing the two-sided Kolmogorov-Smirnov distribution", Journal
 * of Statistical Software 39(11), 2011; what scipy's kstwo.sf gives. */
double kolmogorov_q(int64_t n, double d);

#endif
