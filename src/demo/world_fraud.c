/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "base/mem.h"
#include "demo/world.h"

/* Card transactions that a first rule let through for scoring: about 1 in 20
 * is fraud. Values are plausible choices, fitted to nothing real. */

enum {
	AMOUNT,
	MERCHANT,
	DISTANCE,
	AGE_DAYS,
	N_TX,
	FOREIGN,
	HOUR,
	N_COLUMNS,
	/* streams beyond the columns */
	LABEL = N_COLUMNS,
	SEGMENT,
	CRYPTO,
	NULLS,
};

static const char *const merchants[] = {
	"grocery",    "fuel",    "restaurant", "fashion",   "pharmacy",
	"travel",     "digital", "sports",     "furniture", "hotel",
	"electronic", "jewelry", "crypto",
};

#define N_MERCHANTS 12 /* the last is never seen in training */

/* What a merchant adds to the logit of fraud. */
static const double merchant_risk[] = {
	-1.0, -.5, -.5, 0, -.5, .5, 1.2, 0, 0, .5, 1.5, 2.2, 2.5,
};

static const struct world_column columns[N_COLUMNS] = {
	[AMOUNT] = { "amount", NULL, 2 },
	[MERCHANT] = { "merchant", merchants, 0 },
	[DISTANCE] = { "distance_km", NULL, 1 },
	[AGE_DAYS] = { "age_days", NULL, 0 },
	[N_TX] = { "n_tx_24h", NULL, 0 },
	[FOREIGN] = { "is_foreign", NULL, 0 },
	[HOUR] = { "hour_utc", NULL, 0 },
};

static double logit(const struct world_row *row, const struct drift *drift,
		    double ln_amount, double n_tx, double distance)
{
	double z = -6.0;

	/* Where everybody spends more, spending more is no sign. */
	z += 2.0 * (ln_amount - 3.2 - drift->size[DRIFT_AMOUNT]);
	z += (2.0 + drift->size[DRIFT_FOREIGN]) * row->shown[FOREIGN];
	z += .9 * (n_tx - 3);
	z += .08 * (distance - 12);
	z += merchant_risk[(int)row->shown[MERCHANT]];
	z -= 1.0 * (row->shown[AGE_DAYS] / 800 - 1);
	return z;
}

static void draw(struct world_streams *s, const struct drift *drift,
		 struct world_row *row)
{
	static const char *const ages[] = { "18-29", "30-44", "45-64", "65+" };
	double ln_amount, n_tx, distance, p;

	ln_amount = 3.2 + 1.1 * prng_normal(&s->of[AMOUNT]) +
		    drift->size[DRIFT_AMOUNT];
	n_tx = prng_poisson(&s->of[N_TX], 3);
	distance = prng_exp(&s->of[DISTANCE], 12);
	row->shown[AMOUNT] = round(exp(ln_amount) * 100) / 100;
	row->shown[MERCHANT] =
		(double)prng_zipf(&s->of[MERCHANT], N_MERCHANTS, 1.1);
	if (prng_unit(&s->of[CRYPTO]) < drift->size[DRIFT_CRYPTO])
		row->shown[MERCHANT] = N_MERCHANTS;
	row->shown[AGE_DAYS] = floor(prng_gamma(&s->of[AGE_DAYS], 2, 400));
	row->shown[FOREIGN] = prng_unit(&s->of[FOREIGN]) < .06;
	row->shown[HOUR] = fmod(13 + 4.5 * prng_normal(&s->of[HOUR]) + 48, 24);
	row->shown[HOUR] = floor(row->shown[HOUR]);
	p = 1 / (1 + exp(-logit(row, drift, ln_amount, n_tx, distance)));
	row->y = prng_unit(&s->of[LABEL]) < p;
	row->shown[N_TX] = n_tx;
	if (prng_unit(&s->of[NULLS]) < .02 + drift->size[DRIFT_NULLS])
		row->shown[N_TX] = NAN;
	row->shown[DISTANCE] = distance;
	if (prng_unit(&s->of[NULLS]) < .03)
		row->shown[DISTANCE] = NAN;
	row->group = ages[prng_below(&s->of[SEGMENT], ARRAY_LEN(ages))];
	for (size_t i = 0; i < N_COLUMNS; i++)
		row->x[i] = isnan(row->shown[i]) ? -1 : (float)row->shown[i];
}

const struct world world_fraud = {
	.id = WORLD_FRAUD,
	.name = "fraud",
	.model = "fraud-detector",
	.what = "Card fraud on synthetic transactions: a random forest.",
	.metric = "val/auc",
	.data_name = "tx",
	.n_columns = N_COLUMNS,
	.n_x = N_COLUMNS,
	.columns = columns,
	.draw = draw,
};
