/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_PROMOTE_GATES_H
#define MLTOWER_PROMOTE_GATES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "format/digest.h"
#include "model/alert.h"
#include "model/batch.h"
#include "promote/gate_conf.h"

/* What a gate may look at. Missing evidence fails a gate. */
struct gate_evidence {
	const char *source, *model, *version; /* the candidate */
	const char *holder_version;           /* "" nobody holds the alias */
	const struct run_detail *candidate;   /* its run; NULL: not known */
	const struct run_detail *holder;
	const struct alert_set *alerts; /* NULL: cannot be read */
	const char *unwatched; /* why they say nothing; NULL: they do */
};

struct gate_result {
	const char *name;
	const char *asks;     /* "0.0020 above champion, same data" */
	const char *evidence; /* "0.9812 >= 0.9810" */
	const char *from;     /* "run rf-depth12-b": where that came from */
	bool is_passed;
	bool is_waived;
	const char *waiver; /* the reason; NULL */
};

/* Asks one gate; texts in the arena. */
void gate_evaluate(const struct gate_conf *conf,
		   const struct gate_evidence *evidence, struct arena *a,
		   struct gate_result *out);
/* SHA-256 over all that the gates ask: changes when the policy does. */
void gates_digest(const struct gate_conf *gates, size_t n,
		  char out[SHA256_HEX]);
/* The last value of a metric. False: the run has none. */
bool run_detail_metric(const struct run_detail *d, const char *name,
		       double *out);
/* Were both measured on the same data: the datasets whose context
 * is one of evaluation (metric_is_validation), by name and digest. False where
 * one has none: training data is no evidence. *what names the data, or says why
 * not; in the arena. */
bool run_detail_same_data(const struct run_detail *x,
			  const struct run_detail *y, struct arena *a,
			  const char **what);

#endif
