/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_PROMOTE_GATE_CONF_H
#define MLTOWER_PROMOTE_GATE_CONF_H

#include <stdbool.h>

/* A gate as it was configured. Plain values, owned by the config. */
enum gate_kind {
	GATE_METRIC,      /* thresholds, and against the holder */
	GATE_ALERTS,      /* no firing alert of the candidate */
	GATE_UNSUPPORTED, /* of the contract, not of this version: it fails,
			   * because missing evidence fails */
};

#define GATE_ON_PROMOTE  1u
#define GATE_ON_ROLLBACK 2u

struct gate_conf {
	const char *name; /* "auc" */
	enum gate_kind kind;
	const char
		*what; /* GATE_UNSUPPORTED: the key that was not known here */
	unsigned on;   /* GATE_ON_ bits; GATE_ON_PROMOTE where not told */
	const char *metric;
	bool has_min, has_max;
	double min, max;
	bool is_vs_holder; /* `vs: champion` */
	double by;         /* better than the holder by this much, in the
			    * direction of `goal`; negative: may be worse */
	bool same_data;    /* on the same evaluation data */
	int goal;          /* +1 max, -1 min; 0 not known: against the holder
			    * it fails */
};

#endif
