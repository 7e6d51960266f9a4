/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "demo/script.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "demo/lab.h"

/* clang-format off */
const struct script_line script_lines[] = {
	/* world, what, size, from, ramp, to, column */
	{ WORLD_FRAUD, DRIFT_AMOUNT, 1.0, 40, 10, 600, "amount" },
	{ WORLD_FRAUD, DRIFT_FOREIGN, 3, 40, 10, 600, "" },
	{ WORLD_SOLAR, DRIFT_KILOWATT, .375, 240, 0, 480, "irradiance" },
	{ WORLD_ICU, DRIFT_FAHRENHEIT, .25, 420, 0, 660, "temp_c" },
	{ WORLD_SOLAR, DRIFT_STUCK, .375, 720, 0, 900, "irradiance" },
	{ WORLD_FRAUD, DRIFT_NULLS, .25, 800, 20, 1000, "n_tx_24h" },
	{ WORLD_ICU, DRIFT_MIX, .4, 900, 30, 1100, "unit" },
	{ WORLD_FRAUD, DRIFT_CRYPTO, .08, 1020, 60, 1180, "merchant" },
};
/* clang-format on */

const size_t script_n_lines = ARRAY_LEN(script_lines);

void script_at(enum world_id world, double at_s, struct drift *out)
{
	double t = fmod(at_s, SCRIPT_PERIOD_S);

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < script_n_lines; i++) {
		const struct script_line *l = &script_lines[i];
		double share = 1;

		if (l->world != world || t < l->from_s || t >= l->to_s)
			continue;
		if (l->ramp_s)
			share = fmin((t - l->from_s) / l->ramp_s, 1);
		out->size[l->what] += share * l->size;
	}
}

static bool has_reached(const struct drift *now, const struct drift *moved)
{
	for (int k = 0; k < DRIFT_N; k++)
		if (now->size[k] < moved->size[k])
			return false;
	return true;
}

void script_keep(enum world_id world, bool *has_moved, struct drift *now)
{
	const struct drift *moved = lab_moved(world);

	*has_moved = *has_moved || has_reached(now, moved);
	for (int k = 0; k < DRIFT_N && *has_moved; k++)
		if (moved->size[k] > 0)
			now->size[k] = moved->size[k];
}
