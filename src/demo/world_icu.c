/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "demo/icu.h"
#include "demo/world.h"

/* Vital signs of synthetic patients in 24 beds: will this one get worse within
 * six hours? A row is one look at one patient: the last minutes as a series
 * for the model, the last values in the log. */

enum {
	HR,
	SBP,
	SPO2,
	RESP,
	TEMP,
	LACTATE,
	AGE,
	SEX,
	UNIT,
	N_COLUMNS,
	/* streams beyond the columns */
	BED = N_COLUMNS,
	LABEL,
	MEASURED,
};

static const char *const sexes[] = { "F", "M" };
static const char *const units[] = { "ICU", "MED", "SURG" };

static const struct world_column columns[N_COLUMNS] = {
	[HR] = { "hr", NULL, 0 },       [SBP] = { "sbp", NULL, 0 },
	[SPO2] = { "spo2", NULL, 1 },   [RESP] = { "resp", NULL, 0 },
	[TEMP] = { "temp_c", NULL, 1 }, [LACTATE] = { "lactate", NULL, 1 },
	[AGE] = { "age", NULL, 0 },     [SEX] = { "sex", sexes, 0 },
	[UNIT] = { "unit", units, 0 },
};

/* Mean and standard deviation of what is an AR(1) by the minute. */
static const double vital[ICU_CHANNELS][2] = {
	[ICU_HR] = { 84, 14 },      [ICU_SBP] = { 122, 18 },
	[ICU_SPO2] = { 97.6, 1.4 }, [ICU_RESP] = { 17, 4 },
	[ICU_TEMP] = { 37, .5 },
};

#define AR .98

static double lactate_of(struct world_streams *s, double worse)
{
	return .6 + prng_gamma(&s->of[LACTATE], 2, .45) + .4 * fmax(worse, 0);
}

/* AR(1) by the minute; the last one is logged. */
static void draw_series(struct world_streams *s, const struct drift *drift,
			struct world_row *row)
{
	double step = sqrt(1 - AR * AR), bed = prng_unit(&s->of[BED]);

	for (int c = 0; c < ICU_CHANNELS; c++) {
		double z = prng_normal(&s->of[c]);

		for (int t = 0; t < ICU_MINUTES; t++) {
			double v = vital[c][0] + vital[c][1] * z;

			if (c == ICU_SPO2)
				v = fmin(v, 100);
			if (c == ICU_SPO2 && bed < drift->size[DRIFT_EVEN_SPO2])
				v = 2 * round(v / 2);
			if (c == ICU_TEMP &&
			    bed < drift->size[DRIFT_FAHRENHEIT])
				v = 32 + 1.8 * v;
			row->x[c * ICU_MINUTES + t] = (float)v;
			row->shown[c] = v;
			z = AR * z + step * prng_normal(&s->of[c]);
		}
	}
}

static double risk(const struct world_row *row, const struct drift *drift,
		   double lactate)
{
	double z = -4.2, temp = row->shown[TEMP];

	/* The patient is what the patient is, whatever the probe says. */
	if (drift->size[DRIFT_FAHRENHEIT] > 0 && temp > 60)
		temp = (temp - 32) / 1.8;
	z += .065 * (row->shown[HR] - 84);
	z -= .055 * (row->shown[SBP] - 122);
	z -= .5 * (row->shown[SPO2] - 97);
	z += .12 * (row->shown[RESP] - 17);
	z += .8 * (temp - 37);
	z += .9 * lactate;
	z += .02 * (row->shown[AGE] - 64);
	return z;
}

static void draw(struct world_streams *s, const struct drift *drift,
		 struct world_row *row)
{
	double share = .3 + drift->size[DRIFT_MIX];
	double lactate, u, p;
	float *x = &row->x[ICU_CHANNELS * ICU_MINUTES];

	draw_series(s, drift, row);
	row->shown[AGE] =
		fmin(fmax(64 + 15 * prng_normal(&s->of[AGE]), 18), 99);
	row->shown[AGE] = floor(row->shown[AGE]);
	row->shown[SEX] = prng_unit(&s->of[SEX]) < .55;
	u = prng_unit(&s->of[UNIT]);
	row->shown[UNIT] = u < share ? 0 : u < share + (1 - share) * .6 ? 1 : 2;
	lactate = lactate_of(s, (row->shown[HR] - 84) / 14);
	p = 1 / (1 + exp(-risk(row, drift, lactate)));
	row->y = prng_unit(&s->of[LABEL]) < p;
	row->shown[LACTATE] = lactate;
	if (prng_unit(&s->of[MEASURED]) < .85)
		row->shown[LACTATE] = NAN; /* drawn every four hours */
	row->group = sexes[(int)row->shown[SEX]];
	x[0] = isnan(row->shown[LACTATE]) ? 1.5f : (float)lactate;
	x[1] = (float)row->shown[AGE];
}

const struct world world_icu = {
	.id = WORLD_ICU,
	.name = "icu",
	.model = "icu-deterioration",
	.what = "Deterioration of synthetic ICU patients: a 1-D convolutional "
		"network.",
	.metric = "val/auc",
	.data_name = "vitals",
	.n_columns = N_COLUMNS,
	.n_x = ICU_CHANNELS * ICU_MINUTES + ICU_STATICS,
	.columns = columns,
	.draw = draw,
};
