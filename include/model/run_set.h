/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_RUN_SET_H
#define MLTOWER_MODEL_RUN_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/intern.h"
#include "model/batch.h"

/* Every run we know, from all sources, in columns: chunks of 4,096 rows that
 * are copied when written while a snapshot shares them. Rows never move; a run
 * that is gone leaves its row marked. One thread writes. */
struct run_set;

/* 32 lower-case hex digits packed, or else an interned string. */
struct run_id {
	uint8_t bytes[16];
};

#define RUN_IS_DELETED      1u /* in the store's own bin */
#define RUN_IS_GONE         2u /* no longer in the store */
#define RUN_ID_INTERNED     4u
#define RUN_HAS_PARENT      8u
#define RUN_PARENT_INTERNED 16u
#define RUN_IS_NOTABLE      32u /* stands among run_set_notable() */

struct run_head {
	struct run_id id;
	int64_t start_ms, end_ms; /* TIME_NONE */
	uint32_t name, user;      /* interned */
	uint32_t experiment;      /* index: run_set_experiment */
	uint32_t changed;         /* generation of the last change */
	uint16_t source;
	uint8_t status; /* enum run_status */
	uint8_t flags;
	int64_t last_point_ms; /* time of its newest metric point we saw */
};

struct run_experiment {
	uint32_t id, name; /* interned */
	uint16_t source;
	bool is_deleted;
	uint32_t primary_metric; /* interned; 0 none declared */
	uint32_t common_metric;  /* run_set_choose_metric() */
	int8_t primary_goal;
};

/* Rows are looked at in blocks: row r is bit r % RUN_BLOCK_ROWS of block
 * r / RUN_BLOCK_ROWS. */
#define RUN_BLOCK_ROWS 4096u
struct run_bits {
	uint64_t words[RUN_BLOCK_ROWS / 64];
};

#define RUN_NO_COLUMN UINT32_MAX
#define RUN_NO_ROW    UINT32_MAX

struct run_set *run_set_new(struct intern *strings); /* borrows strings */
/* A set that shares all chunks and that nobody writes: for other threads, and
 * for a view that must not change under it. Costs microseconds. Free it with
 * run_set_free, from any thread. */
struct run_set *run_set_snapshot(const struct run_set *set);
void run_set_free(struct run_set *set);

const struct intern *run_set_strings(const struct run_set *set);
size_t run_set_count(const struct run_set *set); /* rows, gone ones too */
uint32_t run_set_generation(const struct run_set *set);

/* Applies the runs, values and gone ids of a batch as one generation. Returns
 * how many rows changed or were added. */
size_t run_set_apply(struct run_set *set, const struct batch *b);
/* Marks all runs of a source gone (its store was replaced). */
void run_set_forget_source(struct run_set *set, uint16_t source);
/* Newest metric time, from points that came by. */
void run_set_saw_point(struct run_set *set, uint32_t row, int64_t time_ms);

const struct run_head *run_set_head(const struct run_set *set, uint32_t row);
/* From start to end, of a running one to now; TIME_NONE where it is not known,
 * or is no time that there is. */
int64_t run_duration_ms(const struct run_head *h, int64_t now_ms);
/* The id as text; out of at least 33 bytes or the interned string's. */
const char *run_set_id(const struct run_set *set, uint32_t row, char out[40]);
const char *run_set_parent_id(const struct run_set *set, uint32_t row,
			      char out[40]); /* "" at the top */
/* The same packed, RUN_PARENT_INTERNED says how; NULL at the top. */
const struct run_id *run_set_parent(const struct run_set *set, uint32_t row);
const char *run_set_name(const struct run_set *set, uint32_t row);
/* Rows that may want somebody, so that not all are gone through: that run, or
 * failed within the two days before they were read; some are so no longer. Of
 * the set itself: a snapshot has none. Until the next apply. */
size_t run_set_notable(const struct run_set *set, const uint32_t **rows);
/* RUN_NO_ROW if unknown. */
uint32_t run_set_find(const struct run_set *set, uint16_t source,
		      const char *id);
/* Whole id, prefix of 4 or more, or unique name; source < 0: any. ERR_ABSENT,
 * ERR_MANY with the candidates in the message, as SOURCE:ID. */
enum err_code run_set_resolve(const struct run_set *set, int source,
			      const char *text, uint32_t *row, struct err *err);

/* What `source = NAME` in a filter means; "" until it was told. */
void run_set_name_source(struct run_set *set, uint16_t source,
			 const char *name);
const char *run_set_source_name(const struct run_set *set, uint16_t source);

size_t run_set_experiments(const struct run_set *set);
const struct run_experiment *run_set_experiment(const struct run_set *set,
						uint32_t index);
/* The metric (interned) that stands for an experiment which declares none.
 * False: it does already. */
bool run_set_choose_metric(struct run_set *set, uint16_t source,
			   const char *experiment_id, uint32_t metric);

/* Columns of values. */
uint32_t run_set_columns(const struct run_set *set);
/* RUN_NO_COLUMN where there is none. VALUE_METRIC: else the statistic. */
uint32_t run_set_find_column(const struct run_set *set, enum value_kind kind,
			     const char *name);
enum value_kind run_set_column_kind(const struct run_set *set, uint32_t col);
const char *run_set_column_name(const struct run_set *set, uint32_t col);
uint32_t run_set_column_id(const struct run_set *set, uint32_t col); /* name */
/* False where the run has no such value (NaN is a value). */
bool run_set_number(const struct run_set *set, uint32_t col, uint32_t row,
		    double *out);
/* A NaN that no computation makes stands for "the run has no such metric". */
#define RUN_NUMBER_MISSING 0xfff8a5a5a5a5a5a5u

static inline bool run_number_is_missing(double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	return bits == RUN_NUMBER_MISSING;
}

/* All RUN_BLOCK_ROWS numbers of a block, run_number_is_missing() where a run
 * has none; NULL: no run of it has one. */
const double *run_set_numbers(const struct run_set *set, uint32_t col,
			      uint32_t block);
/* Of params, tags and facts; NULL where it has none. */
const char *run_set_text(const struct run_set *set, uint32_t col, uint32_t row);
/* The same as a number: equal texts have equal numbers; 0 where it has none,
 * else intern_str(strings, number - 1). */
uint32_t run_set_text_id(const struct run_set *set, uint32_t col, uint32_t row);
size_t run_set_bytes(const struct run_set *set);

#endif
