/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DEMO_SCRIPT_H
#define MLTOWER_DEMO_SCRIPT_H

#include "demo/world.h"

/* What happens to the worlds, and when: the answer key of the monitors. The
 * script begins anew every SCRIPT_PERIOD_S. */
#define SCRIPT_PERIOD_S 1200

struct script_line {
	enum world_id world;
	enum drift_kind what;
	double size;
	int from_s, ramp_s, to_s;
	const char *column; /* where it shows first */
};

extern const struct script_line script_lines[];
extern const size_t script_n_lines;

/* The drift of a world so many seconds after the factory started. */
void script_at(enum world_id world, double at_s, struct drift *out);
/* A world that became what the newer data show (lab_moved) does not become what
 * it was: only a model that has learnt it repairs the drift. So it is too where
 * such a model serves: *has_moved is set. */
void script_keep(enum world_id world, bool *has_moved, struct drift *now);

#endif
