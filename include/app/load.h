/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_APP_LOAD_H
#define MLTOWER_APP_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/config.h"
#include "base/cancel.h"
#include "base/err.h"
#include "model/model.h"
#include "system/ops.h"

/* Reading all sources once, on the calling thread, without app and workers:
 * how a verb of the command line gets its model. */
struct load;

/* Opens the config's sources and adds them to the model, in their order. One
 * that cannot be opened stands in the model as failed or absent. */
struct load *load_new(const struct config *config, struct model *m);
void load_free(struct load *l);

struct load_ask {
	const struct value_key *columns; /* values wanted for every run */
	size_t n_columns;
	bool all[N_NAMED_KINDS]; /* every metric, param, tag */
	_Atomic size_t *n_runs;  /* so many are here, for who waits; or NULL */
};

/* Polls every source until it has handed over all it has, or the cancel is
 * due. Returns how many could not be read, each with why in the model. */
size_t load_poll(struct load *l, const struct load_ask *ask,
		 const struct cancel *stop);
/* Brings every metric, param and tag of the runs into the model. How many
 * sources could not be read, as load_poll. */
size_t load_values(struct load *l, const uint32_t *rows, size_t n,
		   const struct cancel *stop);
/* The next load_poll asks every source again; one that could not be opened is
 * tried anew. */
void load_again(struct load *l);
/* The answer stays the load's, until it is freed. NULL with ERR_ABSENT or why
 * it could not be read. */
const struct run_detail *load_detail(struct load *l, uint16_t source,
				     const char *run_id,
				     const struct cancel *stop,
				     struct err *err);
/* A run that the polls do not bring is asked for by its id, and joins the
 * model. source -1: in all that may have it. False: it is in none of them. */
bool load_run(struct load *l, int source, const char *run_id,
	      const struct cancel *stop);
/* Brings the histories into the model's series cache. */
ATTR_NODISCARD enum err_code load_series(struct load *l, uint16_t source,
					 const struct series_ask *asks,
					 size_t n, const struct cancel *stop,
					 struct err *err);
const struct source_conf *load_source_conf(const struct load *l,
					   uint16_t source);
/* NULL where the source could not be opened. */
const struct system_ops *load_source_ops(const struct load *l, uint16_t source);

#endif
