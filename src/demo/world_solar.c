/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "demo/world.h"

/* Eight solar plants by daylight: power from a weather forecast. Rows are
 * drawn over the whole day, so that a window of any length has the same mix of
 * hours as the training data: what moves is the world, not the sun. */

enum {
	SITE,
	HOUR,
	IRRADIANCE,
	TEMP,
	WIND,
	CLOUD,
	N_COLUMNS,
	/* streams beyond the columns */
	FORECAST = N_COLUMNS,
	NOISE,
};

static const char *const sites[] = { "s1", "s2", "s3", "s4",
				     "s5", "s6", "s7", "s8" };

static const double site_factor[] = { 1.04, .97, 1.0, .93, 1.08, .99, .9, 1.1 };

static const struct world_column columns[N_COLUMNS] = {
	[SITE] = { "site", sites, 0 },
	[HOUR] = { "hour", NULL, 2 },
	[IRRADIANCE] = { "irradiance", NULL, 1 },
	[TEMP] = { "temp_c", NULL, 1 },
	[WIND] = { "wind_ms", NULL, 1 },
	[CLOUD] = { "cloud", NULL, 3 },
};

/* Sites 3, 4 and 5 hang on one gateway: they go wrong first. */
static bool is_hit(double site, double share)
{
	int order = ((int)site + 6) % 8;

	return order < (int)(share * 8 + .5);
}

static void draw(struct world_streams *s, const struct drift *drift,
		 struct world_row *row)
{
	double site = (double)prng_below(&s->of[SITE], 8);
	double hour = 5 + 14 * prng_unit(&s->of[HOUR]);
	double clear = 1000 * pow(sin(M_PI * (hour - 4.5) / 15), 1.2);
	double overcast = drift->size[DRIFT_CLOUD];
	double cloud = prng_beta(&s->of[CLOUD], 5 - 2 * overcast, 2 + overcast);
	double irradiance = clear * cloud;
	double temp = 16 + 8 * sin(M_PI * (hour - 8) / 12) +
		      2 * prng_normal(&s->of[TEMP]);
	double wind = prng_weibull(&s->of[WIND], 2, 4);
	double power = .19 * irradiance * (1 - .004 * (temp - 25)) *
		       site_factor[(int)site];

	row->y = power * (1 + .03 * prng_normal(&s->of[NOISE])) + .15 * wind;
	row->y = fmax(row->y, 0);
	irradiance *= 1 + .04 * prng_normal(&s->of[FORECAST]);
	if (is_hit(site, drift->size[DRIFT_STUCK]))
		irradiance = 412.5;
	if (is_hit(site, drift->size[DRIFT_KILOWATT]))
		irradiance /= 1000;
	row->shown[SITE] = site;
	row->shown[HOUR] = hour;
	row->shown[IRRADIANCE] = irradiance;
	row->shown[TEMP] = temp;
	row->shown[WIND] = wind;
	row->shown[CLOUD] = cloud;
	row->group = site < 4 ? "north" : "south";
	for (size_t i = 0; i < N_COLUMNS; i++)
		row->x[i] = (float)row->shown[i];
}

const struct world world_solar = {
	.id = WORLD_SOLAR,
	.name = "solar",
	.model = "solar-forecast",
	.what = "Power of eight synthetic solar plants: gradient-boosted "
		"trees.",
	.metric = "val/nrmse",
	.data_name = "plants",
	.is_regression = true,
	.n_columns = N_COLUMNS,
	.n_x = N_COLUMNS,
	.columns = columns,
	.draw = draw,
};
