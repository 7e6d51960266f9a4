/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "draw/chart.h"

static const double mantissas[] = { 1, 2, 2.5, 5, 10 };

static int decimals_of(double step)
{
	for (int d = 0; d < 12; d++) {
		double scaled = step * pow(10, d);

		if (fabs(scaled - round(scaled)) < 1e-6 * fmax(1, scaled))
			return d;
	}
	return 12;
}

/* The smallest nice step with which k intervals hold [lo, hi]. */
static struct chart_axis fit(double lo, double hi, int k)
{
	double raw = (hi - lo) / k;
	double power = pow(10, floor(log10(raw)));
	struct chart_axis axis = { .n_intervals = k };

	for (int round_up = 0; round_up < 3; round_up++, power *= 10) {
		for (size_t i = 0; i < sizeof(mantissas) / sizeof(*mantissas);
		     i++) {
			double step = mantissas[i] * power;
			double from = floor(lo / step + 1e-9) * step;

			if (step < raw * (1 - 1e-9) ||
			    from + k * step < hi - 1e-9 * step)
				continue;
			axis.step = step;
			axis.from = from;
			axis.to = from + k * step;
			axis.decimals = decimals_of(step);
			return axis;
		}
	}
	axis.step = raw;
	axis.from = lo;
	axis.to = hi;
	axis.decimals = 4;
	return axis;
}

/* A constant, or a range too small for doubles to count in. */
static void widen(double *lo, double *hi)
{
	double size = fmax(fabs(*lo), fabs(*hi));

	if (*hi - *lo > size * 1e-12 && *hi - *lo > 1e-300)
		return;
	if (size < 1e-290) {
		*lo = 0;
		*hi = 1;
		return;
	}
	*lo -= size * .05;
	*hi += size * .05;
}

struct chart_axis chart_axis_for(double lo, double hi, int *rows)
{
	struct chart_axis best = { 0 };
	int best_rows = *rows;

	/* Room for any double: a range of 1e308 - -1e308 has no size. */
	lo = fmax(lo, -1e300);
	hi = fmin(hi, 1e300);
	widen(&lo, &hi);
	for (int r = *rows; r >= 2 && r >= *rows - 2; r--) {
		for (int k = 5; k >= 1; k--) {
			struct chart_axis axis;
			double waste, best_waste;

			if ((r - 1) % k || (k == 1 && r > 4) ||
			    (k > 3 && r < 9))
				continue;
			axis = fit(lo, hi, k);
			waste = (axis.to - axis.from) * (1 + .15 * (*rows - r));
			best_waste = (best.to - best.from) *
				     (1 + .15 * (*rows - best_rows));
			if (best.n_intervals && waste >= best_waste * .999)
				continue;
			best = axis;
			best_rows = r;
		}
	}
	if (!best.n_intervals)
		best = fit(lo, hi, 1);
	*rows = best_rows;
	return best;
}
