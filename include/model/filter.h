/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_FILTER_H
#define MLTOWER_MODEL_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/err.h"
#include "model/run_set.h"

/* A filter of runs, parsed. MLflow's search syntax with its meaning (a run that
 * lacks the column matches neither `=` nor `!=`; NaN is unequal to every
 * number), and beyond it `or`, `not`, parentheses, regular expressions (~),
 * relative times, `has COLUMN`, every comparison on every column, and bare
 * words that are looked for in names. Immutable; any thread may match by it. */
struct filter;

/* An empty text keeps everything. On failure *column (from 1) is where it
 * stands, and the message says what was expected there. Yours. */
ATTR_NODISCARD enum err_code filter_parse(const char *text, int64_t now_ms,
					  struct filter **out, size_t *column,
					  struct err *err);
void filter_free(struct filter *f);
/* As it would be typed; parsing it again gives the same filter. */
void filter_print(const struct filter *f, struct buf *out);
/* What the language is, for people, of 80 columns. */
void filter_help(struct buf *out);
/* The value columns it needs, for the sources to bring. */
size_t filter_n_columns(const struct filter *f);
struct value_key filter_column(const struct filter *f, size_t i);

/* Binds names to columns of this set; cheap, once a pass. */
struct filter_bound;
struct filter_bound *filter_bind(const struct filter *f,
				 const struct run_set *set);
/* Clears the bits of the block's rows that the filter drops. Only rows of the
 * set may have their bit set. */
void filter_keep(struct filter_bound *b, uint32_t block, struct run_bits *bits);
/* A regular expression took too many steps: what was kept is no answer. */
bool filter_gave_up(const struct filter_bound *b);
void filter_unbind(struct filter_bound *b);

#endif
