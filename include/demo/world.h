/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DEMO_WORLD_H
#define MLTOWER_DEMO_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "demo/prng.h"

/* Three synthetic worlds. Each draws rows with their truth; none knows a
 * model. What a row shows is what is logged; what a model gets is x. */

#define WORLD_MAX_COLUMNS 12
#define WORLD_MAX_X       80
#define WORLD_STREAMS     20

enum world_id { WORLD_FRAUD, WORLD_SOLAR, WORLD_ICU, WORLD_N };

/* What a script can do to a world. The size is 0 on a quiet day. */
enum drift_kind {
	DRIFT_AMOUNT,     /* fraud: added to ln(amount); the rule follows */
	DRIFT_FOREIGN,    /* fraud: added to the weight of is_foreign */
	DRIFT_CRYPTO,     /* fraud: share of a merchant code never seen */
	DRIFT_NULLS,      /* fraud: share of n_tx_24h that is missing */
	DRIFT_KILOWATT,   /* solar: share of sites that tell kW for W */
	DRIFT_STUCK,      /* solar: share of sites whose sensor is stuck */
	DRIFT_CLOUD,      /* solar: 0 clear .. 1 overcast */
	DRIFT_FAHRENHEIT, /* icu: share of beds */
	DRIFT_EVEN_SPO2,  /* icu: share of probes that tell even numbers */
	DRIFT_MIX,        /* icu: added to the share of unit ICU */
	DRIFT_N,
};

struct drift {
	double size[DRIFT_N];
};

struct world_column {
	const char *name;
	const char *const *words; /* NULL: a number */
	int decimals;
};

struct world_row {
	double shown[WORLD_MAX_COLUMNS]; /* NaN: null; words: their index */
	float x[WORLD_MAX_X];
	double y;          /* 0 or 1, or kW */
	const char *group; /* bias segment, never a feature */
};

/* One stream a column, and some for what is not shown. */
struct world_streams {
	struct prng of[WORLD_STREAMS];
};

struct world {
	enum world_id id;
	const char *name;      /* experiment, and the log's: "fraud" */
	const char *model;     /* "fraud-detector" */
	const char *what;      /* one sentence; says synthetic */
	const char *metric;    /* the main one: "val/auc" */
	const char *data_name; /* "tx": data sets are tx-2026-10 ... */
	bool is_regression;
	size_t n_columns, n_x;
	const struct world_column *columns;
	void (*draw)(struct world_streams *s, const struct drift *drift,
		     struct world_row *row);
};

const struct world *world_get(enum world_id id);
/* NULL: none of that name. */
const struct world *world_find(const char *name);

void world_seed(struct world_streams *s, enum world_id id, uint64_t seed);

/* The fields of a row, as the logs and baselines have them: each with a comma
 * before it; a null is empty. */
void world_add_fields(const struct world *w, const struct world_row *row,
		      struct buf *out);
void world_add_header(const struct world *w, struct buf *out);

/* Rows kept: the data set of a run. */
struct frame {
	size_t n, n_x;
	float *x; /* n rows of n_x */
	float *y;
	struct world_row *rows; /* NULL unless asked for */
	char digest[9];         /* first of SHA-256 over x and y */
};

/* `share_moved` of the rows come from the moved world, the rest from a quiet
 * one. Release with frame_release. */
void frame_draw(struct frame *f, const struct world *w, uint64_t seed, size_t n,
		const struct drift *moved, double share_moved, bool keep_rows);
void frame_release(struct frame *f);

extern const struct world world_fraud, world_solar, world_icu;

#endif
