/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_SYSTEM_MLFLOW_DB_H
#define MLTOWER_SYSTEM_MLFLOW_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/intern.h"
#include "io/db.h"
#include "mlflow.h"
#include "system/ops.h"

/* MLflow's SQLite store, as the files of this folder share it. */

/* ---- the schema, probed: mlflow_schema.c --------------------------------- */

struct mlflow_schema {
	int64_t version; /* PRAGMA schema_version it was probed at */
	char head[40];   /* alembic's version_num, "" none */
	bool has_runs, has_params, has_tags, has_metrics;
	bool has_latest;       /* latest_metrics */
	bool has_step;         /* metrics.step */
	bool has_is_nan;       /* metrics.is_nan */
	bool has_run_name;     /* runs.name */
	bool has_run_stage;    /* runs.lifecycle_stage */
	bool has_deleted_time; /* runs.deleted_time */
	bool has_assessments;  /* assessments, some of them of runs */
	bool has_exp_stage;    /* experiments.lifecycle_stage */
	bool has_exp_times;    /* experiments.creation_time and last_update */
	bool has_exp_tags;     /* experiment_tags */
	bool has_datasets;     /* datasets, inputs, input_tags */
	bool has_logged;       /* logged_models */
	bool has_models;       /* registered_models, model_versions */
	bool has_model_tags;   /* registered_model_tags */
	bool has_version_tags; /* model_version_tags */
	bool has_aliases;      /* registered_model_aliases */
	bool has_exp_space;    /* experiments.workspace */
	bool has_model_space;  /* registered_models.workspace */
	bool is_migrating;     /* tables of a migration under way */
	/* Tables that are written have a column we do not know. */
	bool has_strange_columns;
	char series_index[64]; /* on metrics(run_uuid, key, step ..), or "" */
};

/* ERR_SCHEMA where it is no MLflow store; ERR_BUSY in the midst of one being
 * changed. */
ATTR_NODISCARD enum err_code
mlflow_schema_probe(struct db *db, struct mlflow_schema *out, struct err *err);
/* Is the store of a version whose tables we know how to write? */
bool mlflow_schema_is_writable(const struct mlflow_schema *schema);
/* The path of "PATH" or "sqlite:///PATH". */
const char *mlflow_path(const char *where);

/* ---- the store ----------------------------------------------------------- */

/* What was handed over of a run; its number is that of its id in `ids`. */
struct mlflow_known {
	uint64_t stamp; /* of all that was handed over */
	uint32_t sweep; /* when it was last seen */
	bool is_running;
	bool is_listed; /* stands in running[] */
};

/* The newest runs of an experiment, of which its metrics are counted. */
#define MLFLOW_SAMPLED 20
struct mlflow_sample {
	size_t n;
	int64_t rowids[MLFLOW_SAMPLED]; /* falling */
	uint32_t runs[MLFLOW_SAMPLED];  /* numbers in `ids` */
	bool is_owed;                   /* to be counted (again) */
	uint64_t told;                  /* of what was handed over */
};

struct mlflow_store {
	char *path;
	struct db *db; /* NULL: not open */
	bool is_probed;
	struct mlflow_schema schema;
	int64_t data_version;       /* all up to it was handed over; 0: none */
	int64_t busy_since_mono_ms; /* 0: not busy */
	int64_t looked_mono_ms;

	/* What was handed over. */
	bool has_given;
	bool owes_afresh;     /* what it gave before is to be forgotten */
	int64_t given_schema; /* schema version of what was given */
	struct intern *ids;
	uint32_t last_number; /* the one met last */
	struct mlflow_known *known;
	size_t cap_known;
	uint64_t experiments_stamp, registry_stamp;
	struct mlflow_names {
		struct intern *known;
		bool is_told;          /* the list was handed over */
		int64_t again_mono_ms; /* not looked at again before */
	} names[N_NAMED_KINDS];

	/* Columns wanted; a change of them reads all runs again. */
	struct arena wanted_arena;
	struct value_key *wanted;
	size_t n_wanted;
	bool wants_all[N_NAMED_KINDS]; /* all values of the kind */

	/* Filling: newest first, down to the oldest. */
	enum mlflow_fill {
		FILL_FIRST,  /* the newest runs, with their values */
		FILL_OWNERS, /* users and parents of all runs, by a scan */
		FILL_RUNS,   /* the other runs */
		FILL_VALUES, /* their values, by scans */
		FILL_MORE,   /* all but the values newly wanted is there */
		FILL_DONE
	} fill;
	int64_t n_runs;     /* in the store, when it was last counted */
	int64_t fill_below; /* rowids from here on are done */
	int64_t top_run;    /* the greatest rowid handed over */
	size_t values_at_once;
	struct mlflow_bulk {
		bool scans[N_NAMED_KINDS];    /* tables read end to end */
		bool is_whole[N_NAMED_KINDS]; /* all keys of the table */
		size_t first;         /* of wanted[]: those before are told */
		unsigned at;          /* the table in hand */
		bool is_begun;        /* it is */
		int64_t lowest;       /* its first rowid */
		int64_t below;        /* its rowids from here on are done */
		struct intern *texts; /* users and ids of parents */
		struct mlflow_owner {
			uint32_t user, parent; /* in texts, + 1 */
		} * owners;                    /* by numbers of ids */
		size_t cap_owners;
	} bulk;

	/* The tail of metrics. */
	bool has_tail;
	int64_t tail_rowid;
	uint64_t tail_stamp;

	/* The sweep, by rowid, for what no index tells of. */
	bool is_sweep_owed;
	int64_t sweep_version; /* data_version when it began */
	int64_t sweep_after;
	uint32_t sweep;

	/* By the number of the experiment's id. */
	struct intern *sampled_ids;
	struct mlflow_sample *samples;
	size_t cap_samples, next_sample, n_samples_owed;

	/* Runs that go on: read again at every change. */
	uint32_t *running;
	size_t n_running, cap_running, next_running;

	int64_t registry_cost_us, registry_read_mono_ms;
	uint64_t registry_hint;
};

/* Text of a column in the arena or SQLite's memory (until the next step); ""
 * for null; a NUL byte inside stands as "\x00". */
const char *mlflow_text(struct arena *a, struct db_stmt *st, int col);
/* A time, TIME_NONE for null and for what is beyond the calendar: times may be
 * taken from each other. */
int64_t mlflow_time(struct db_stmt *st, int col);
/* Rows came in another order than asked for, which would be read for ever:
 * resets the statement and fails. */
enum err_code mlflow_damaged(struct db_stmt *st, struct err *err);

/* ---- values: mlflow_values.c --------------------------------------------- */

/* Runs of a batch, in the order of falling rowids. */
struct mlflow_slice {
	size_t n, cap;
	int64_t *rowids;
	uint64_t *stamps; /* of what is handed over of each */
	uint32_t first;   /* index in the batch */
};

/* Is the key no row of its own: a fact, or computed of a history? */
bool mlflow_is_made(const struct value_key *key);
/* Where the newest value of each metric stands, for a FROM. */
const char *mlflow_latest(const struct mlflow_schema *schema);
/* The value in hand, of the run and key of the batch: row of a statement whose
 * columns from col on are value [, is_nan]. What it adds to the run's stamp. */
uint64_t mlflow_put_value(struct batch *b, uint32_t run, uint32_t key,
			  struct db_stmt *st, int col);
/* The index of the key in the batch, where runs mostly have the same keys in
 * the same order: `key` is the one before. */
uint32_t mlflow_next_key(struct batch *b, uint32_t key, enum value_kind kind,
			 const char *name);
/* Wanted values of the slice, but those that are to be scanned. */
ATTR_NODISCARD enum err_code mlflow_read_values(struct mlflow_store *s,
						struct batch *b,
						struct mlflow_slice *sl,
						struct err *err);
/* Every metric, param and tag of one run. */
ATTR_NODISCARD enum err_code mlflow_all_values(struct mlflow_store *s,
					       const char *id, struct batch *b,
					       struct err *err);
/* Wanted values of one run of the batch; adds to its stamp. */
ATTR_NODISCARD enum err_code mlflow_run_values(struct mlflow_store *s,
					       const char *id, uint32_t run,
					       struct batch *b, uint64_t *stamp,
					       struct err *err);

/* ---- whole tables: mlflow_bulk.c ------------------------------------------
 */

/* Which tables are read from end to end, for wanted[] from bulk.first on and
 * the kinds of bulk.is_whole; and whether that gives all of these. */
ATTR_NODISCARD enum err_code mlflow_bulk_plan(struct mlflow_store *s,
					      bool *gives_all, struct err *err);
/* Forgets the plan and what was read by it. */
void mlflow_bulk_release(struct mlflow_store *s);
/* Is the key among those that a scan brings? */
bool mlflow_bulk_scans(const struct mlflow_store *s,
		       const struct value_key *key);
/* A part of a scan for users and parents of all runs, where it is worth one. */
ATTR_NODISCARD enum err_code mlflow_bulk_owners(struct mlflow_store *s,
						struct batch *b, bool *is_done,
						struct err *err);
/* The run as the tags say, of those that were scanned. */
void mlflow_bulk_own(struct mlflow_store *s, struct run_facts *run);
/* A part of the values, of runs that were handed over. */
ATTR_NODISCARD enum err_code mlflow_bulk_values(struct mlflow_store *s,
						struct batch *b, bool *is_done,
						struct err *err);

/* ---- runs: mlflow_runs.c -------------------------------- */

/* The number of a run's id, 0 where it has none; or the one it gets. */
uint32_t mlflow_find_id(struct mlflow_store *s, const char *id);
uint32_t mlflow_put_id(struct mlflow_store *s, const char *id);
/* Forgets everything that was handed over. */
void mlflow_forget(struct mlflow_store *s);
/* Takes over what is asked for; what is newly wanted starts the filling anew.
 */
void mlflow_want(struct mlflow_store *s, const struct source_ask *ask);
/* The next step of the filling, down to FILL_DONE. */
ATTR_NODISCARD enum err_code mlflow_fill(struct mlflow_store *s,
					 struct batch *b, struct err *err);
/* Runs whose rowid is beyond the greatest so far. */
ATTR_NODISCARD enum err_code mlflow_new_runs(struct mlflow_store *s,
					     struct batch *b, struct err *err);
/* The run again, if anything about it is different. */
ATTR_NODISCARD enum err_code mlflow_reread(struct mlflow_store *s,
					   const char *id, struct batch *b,
					   struct err *err);
/* Running runs, some of them at a time. */
ATTR_NODISCARD enum err_code
mlflow_reread_running(struct mlflow_store *s, struct batch *b, struct err *err);
/* A part of the sweep; runs not met by a whole one are gone. */
ATTR_NODISCARD enum err_code mlflow_sweep(struct mlflow_store *s,
					  struct batch *b, struct err *err);
/* Column list of a run for mlflow_run_row(), then FROM runs r. Users and
 * parents stand in tags, which are looked for run by run where with_owners. */
void mlflow_run_select(const struct mlflow_schema *schema, bool with_owners,
		       struct buf *sql);
/* Strings live in the arena or until the next step. */
struct run_facts mlflow_run_row(struct arena *a, struct db_stmt *st);

/* ---- which metrics an experiment has: mlflow_sample.c -------------------- */

/* A run that was met, if it is among the newest of its experiment. */
void mlflow_sample_run(struct mlflow_store *s, const struct run_facts *run,
		       int64_t rowid);
/* Something of the run is new: its experiment is counted again. */
void mlflow_sample_again(struct mlflow_store *s, const struct run_facts *run);
/* Counts what is owed, for a while; b->has_more where some is left. */
ATTR_NODISCARD enum err_code
mlflow_count_metrics(struct mlflow_store *s, struct batch *b, struct err *err);
void mlflow_sample_forget(struct mlflow_store *s);

/* ---- experiments, names, points: mlflow_points.c ------------------------- */

ATTR_NODISCARD enum err_code
mlflow_experiments(struct mlflow_store *s, struct batch *b, struct err *err);
/* The names of metrics, params and tags, where there may be others than were
 * told. */
ATTR_NODISCARD enum err_code mlflow_names(struct mlflow_store *s,
					  struct batch *b, struct err *err);
/* Remembers where the metrics end now. */
ATTR_NODISCARD enum err_code mlflow_tail_start(struct mlflow_store *s,
					       struct err *err);
/* False in *holds where the last row is no longer what it was: renumbered. */
ATTR_NODISCARD enum err_code mlflow_tail_check(struct mlflow_store *s,
					       bool *holds, struct err *err);
/* New points: series of those asked for live, and the runs they are of read
 * again. */
ATTR_NODISCARD enum err_code mlflow_tail(struct mlflow_store *s,
					 const struct source_ask *ask,
					 struct batch *b, struct err *err);
ATTR_NODISCARD enum err_code mlflow_series(struct mlflow_store *s,
					   const struct series_ask *ask,
					   struct batch *b, struct err *err);

/* ---- one run, the registry ------------------------------------------------
 */

/* mlflow_detail.c */
ATTR_NODISCARD enum err_code mlflow_detail(struct mlflow_store *s,
					   const char *run_id, struct batch *b,
					   struct err *err);
/* mlflow_models.c: the whole registry, if it is different. */
ATTR_NODISCARD enum err_code mlflow_models(struct mlflow_store *s,
					   struct batch *b, struct err *err);

/* ---- looks and writes apart from the polls: mlflow_write.c --------------- */

/* An open store in the midst of one transaction. */
struct mlflow_at {
	struct db *db;
	struct mlflow_schema schema;
	const char *path;
};

typedef enum err_code mlflow_step(struct mlflow_at *at, void *of,
				  struct err *err);
/* Opens the store to read and takes the step at one moment of it. */
ATTR_NODISCARD enum err_code mlflow_look(const struct source_conf *conf,
					 const struct cancel *stop,
					 mlflow_step *step, void *of,
					 struct err *err);
/* One BEGIN IMMEDIATE transaction, of a schema we know and of a store that no
 * server holds: compare() fails where the store is not as it was shown, and
 * change() writes and reads back. ERR_UNKNOWN: the commit failed, and it is no
 * longer as it was shown. Any other failure: nothing was written. */
ATTR_NODISCARD enum err_code
mlflow_write(const struct source_conf *conf, const struct permit *permit,
	     const struct cancel *stop, mlflow_step *compare,
	     mlflow_step *change, void *of, struct err *err);
/* Of the place and the first experiment: another store behind the same name
 * is another registry. */
ATTR_NODISCARD enum err_code mlflow_fingerprint(struct mlflow_at *at,
						char out[FINGERPRINT_MAX],
						struct err *err);
ATTR_NODISCARD enum err_code mlflow_prepare(struct mlflow_at *at,
					    struct db_stmt **st,
					    struct err *err, const char *fmt,
					    ...) ATTR_PRINTF(4, 5);

extern const struct source_ops mlflow_db_source;
extern const struct registry_ops mlflow_db_registry;
extern const struct run_ops mlflow_db_runs;

#endif
