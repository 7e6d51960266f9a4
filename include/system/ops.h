/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_SYSTEM_OPS_H
#define MLTOWER_SYSTEM_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cancel.h"
#include "base/err.h"
#include "io/gate.h"
#include "model/batch.h"

struct source_conf {
	const char *name;  /* "prod": what screens and commands call it */
	const char *where; /* path or URL */
	int64_t poll_ms;   /* 0: the kind's own interval */
	/* Who we are to a server; NULL: not said. */
	const char *const *token_command; /* ended by NULL */
	const char *token_file;
};

/* What a poll brings beside what changed. */
struct source_ask {
	const struct value_key *columns; /* values wanted for every run */
	size_t n_columns;
	bool all[N_NAMED_KINDS];     /* every metric, param, tag of every run */
	const char *const *hot_runs; /* on screen: read again on any change */
	size_t n_hot_runs;
	/* Series shown now: new points of them are told as they come. */
	const struct value_key *live_metrics; /* name only */
	const char *const *live_runs;         /* same index */
	size_t n_live;
	/* Which wish for columns it is: a batch without has_more answers it. */
	uint32_t serial;
};

struct series_ask {
	const char *run_id, *metric;
	uint32_t max_points; /* 0: all; else the last ones (a sparkline) */
};

/* All run on the source's worker thread and may block until the cancel's
 * deadline. Parsing stands apart from fetching. */
struct source_ops {
	const char *kind;         /* "mlflow", as in config and sources */
	uint32_t min_interval_ms; /* never polled more often */
	/* Which runs the polls bring, for the eye; NULL: all there are. Any
	 * other is still read by its id. */
	const char *some_runs;
	/* Is what lies at this path of this kind? Never opens SQLite files
	 * but through io/db.h. NULL: only by URL scheme. */
	bool (*probe)(const char *where);
	enum err_code (*open)(const struct source_conf *conf, void **ctx,
			      struct err *err);
	/* Fills the batch with what changed since the last poll. The first
	 * call brings the newest runs, then older ones slice by slice
	 * (has_more). Failures are a state in the batch, and the error. */
	enum err_code (*poll)(void *ctx, const struct source_ask *ask,
			      const struct cancel *stop, struct batch *out,
			      struct err *err);
	enum err_code (*series)(void *ctx, const struct series_ask *asks,
				size_t n, const struct cancel *stop,
				struct batch *out, struct err *err);
	/* Every metric, param and tag of runs that the polls handed over. */
	enum err_code (*values)(void *ctx, const char *const *run_ids, size_t n,
				const struct cancel *stop, struct batch *out,
				struct err *err);
	/* ERR_ABSENT where there is no such run. */
	enum err_code (*detail)(void *ctx, const char *run_id,
				const struct cancel *stop, struct batch *out,
				struct err *err);
	void (*close)(void *ctx);
};

/* A store is known by a fingerprint: its place, and its first experiment's id
 * and time. Room for one, with its NUL. */
#define FINGERPRINT_MAX 72

/* What stands in the registry at one moment, read afresh. */
struct registry_state {
	bool has_model, has_version;
	char holder[24];         /* version the alias points at; "" nobody */
	char newest[24];         /* the highest version there is; "" none */
	char stage[24];          /* of the version looked at */
	char stage_holder[24];   /* highest other version in the asked stage */
	char run_id[72];         /* of the version looked at */
	char status[32];         /* READY ... */
	char promotion_tag[512]; /* mltower.promotion of the version, or "" */
	char fingerprint[FINGERPRINT_MAX]; /* of the registry */
};

enum registry_change_kind {
	CHANGE_ALIAS,        /* alias -> version */
	CHANGE_ALIAS_REMOVE, /* alias -> nobody */
	CHANGE_STAGE,        /* version -> stage, the others there archived */
};

struct registry_change {
	enum registry_change_kind kind;
	const char *model, *version;
	const char *alias, *stage;   /* one of them NULL */
	const char *expected_holder; /* "" nobody: else ERR_CONFLICT */
	const char *fingerprint;     /* as it was shown: else ERR_CONFLICT */
	size_t n_tags;               /* set on the version in the same step */
	const struct name_value *tags;
};

/* Stateless: each call opens and closes what it needs, on the caller's
 * (worker) thread, until the cancel's deadline. */
struct registry_ops {
	/* What stands there now. The alias or the stage may be NULL. */
	enum err_code (*look)(const struct source_conf *conf, const char *model,
			      const char *version, const char *alias,
			      const char *stage, const struct cancel *stop,
			      struct registry_state *out, struct err *err);
	/* What write() would send, one line each, for the eye: "Will send". */
	void (*describe)(const struct source_conf *conf,
			 const struct registry_change *change, struct buf *out);
	/* Compare, write and verify in one step where the system can.
	 * ERR_CONFLICT: moved, nothing written. ERR_UNKNOWN: sent, no answer,
	 * or written in part. Any other failure: nothing written. */
	enum err_code (*write)(const struct source_conf *conf,
			       const struct permit *permit,
			       const struct registry_change *change,
			       const struct cancel *stop, struct err *err);
	/* Nothing compares and writes at once there: the alias or stage is
	 * written first, the tags after it, and somebody else may write in
	 * between. A tag that is there proves the write; one that is not
	 * proves nothing. write() waits a moment before it returns, so that
	 * the look that follows finds who wrote at the same time. */
	bool is_stepwise;
};

/* What can be changed of a run. */
enum run_field {
	RUN_FIELD_NAME,
	RUN_FIELD_TAG,
	RUN_FIELD_LIFECYCLE, /* "active" or "deleted" */
};

/* One field of one run, as it was shown and as it shall be. */
struct run_edit {
	const char *run_id;
	enum run_field field;
	const char *key;  /* of the tag */
	const char *was;  /* NULL: no such tag */
	const char *then; /* NULL: without the tag */
	bool is_deleted;  /* the run was, when it was shown */
};

/* ERR_CONFLICT in words where the run is not as it was shown. */
enum err_code run_edit_compare(const struct run_edit *shown,
			       const struct run_edit *now, struct err *err);

struct run_change {
	const char *fingerprint; /* as it was shown: else ERR_CONFLICT */
	size_t n;
	struct run_edit *edits;
};

/* Stateless, like registry_ops. */
struct run_ops {
	/* Reads `was` and `is_deleted` of each (texts in the arena), and the
	 * fingerprint of the store (in the arena as well), before any run.
	 * ERR_ABSENT: no such run, or no store, of which no fingerprint is
	 * read. ERR_USAGE: the system would not take it. */
	enum err_code (*look)(const struct source_conf *conf,
			      struct run_change *change, struct arena *a,
			      const struct cancel *stop, struct err *err);
	/* What write() would send, one line each, for the eye. */
	void (*describe)(const struct source_conf *conf,
			 const struct run_change *change, struct buf *out);
	/* Compare, write and verify all of them in one step: see
	 * registry_ops. */
	enum err_code (*write)(const struct source_conf *conf,
			       const struct permit *permit,
			       const struct run_change *change,
			       const struct cancel *stop, struct err *err);
};

struct system_ops {
	const struct source_ops *source;
	const struct registry_ops *registry; /* NULL: has none */
	const struct run_ops *runs;          /* NULL: cannot be changed */
};

/* The table of kinds, ended by a NULL source. */
extern const struct system_ops system_kinds[];
/* The kind of what lies there: by URL scheme, else by probing. NULL with
 * ERR_ABSENT (nothing there), ERR_USAGE (not a kind we know, with the list) or
 * ERR_SCHEMA (known but not supported yet, which says so). */
const struct system_ops *system_find(const char *where, const char *kind,
				     struct err *err);

#endif
