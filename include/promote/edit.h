/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_PROMOTE_EDIT_H
#define MLTOWER_PROMOTE_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "promote/protocol.h"

/* One change of some runs of a source, all of them or none, by the same
 * protocol as a promotion:
 *
 *	edit_new -> edit_plan (worker) -> the operator confirms
 *	  -> protocol_step ... until it is done */

enum edit_kind {
	EDIT_RENAME,
	EDIT_TAG,
	EDIT_UNTAG,
	EDIT_NOTE,
	EDIT_DELETE,
	EDIT_RESTORE,
	N_EDIT_KINDS
};

#define EDIT_MAX 5000 /* runs times tags in one change */

struct edit_run {
	const char *id, *name;
};

struct edit_ask {
	const char *source;
	enum edit_kind kind;
	const char *text;              /* EDIT_RENAME, EDIT_NOTE: the new one */
	const struct name_value *tags; /* EDIT_TAG, EDIT_UNTAG (no values) */
	size_t n_tags;
	const struct edit_run *runs;
	size_t n_runs;
};

/* One field of one run: as it was shown, and whether it is so already. */
struct edit_row {
	struct run_edit edit;
	const char *name; /* of the run */
	bool is_already;
};

struct edit {
	struct protocol act;
	struct arena arena;
	const char *source;
	enum edit_kind kind;
	struct edit_row *rows; /* run by run */
	size_t n_rows;
	size_t n_runs;            /* that change */
	struct run_change change; /* of the rows that are not so already */
	const char *title;        /* "delete 38 runs" */
	const char *confirm;      /* what must be typed */
	const char *reason;       /* NULL: none */
};

/* Copies what is asked for. */
struct edit *edit_new(const struct edit_ask *ask);
void edit_free(struct edit *e);
const char *edit_kind_name(enum edit_kind kind); /* "rename" */

/* Looks at the runs. ERR_ABSENT: one is gone. ERR_USAGE: the system would not
 * take it, or they are too many. ERR_CONFLICT where `if_current` is given and
 * is not what stands there now in every one of them ("none": no such tag). */
ATTR_NODISCARD enum err_code
edit_plan(struct edit *e, const struct run_ops *ops,
	  const struct source_conf *conf, const char *if_current,
	  const struct cancel *stop, struct err *err);
/* All of them are so already. */
bool edit_is_already(const struct edit *e);
/* Lines of what will be sent, for the eye. */
void edit_describe(const struct edit *e, const struct run_ops *ops,
		   const struct source_conf *conf, struct buf *out);

/* The changes that an intent on record was about, with the digest of what stood
 * there before where it was too long to be kept; in the arena. False: it is
 * none. */
bool edit_of_record(const struct audit_entry *intent, struct arena *a,
		    struct run_change *out);
/* "run 78afc48a72f9", "508 runs"; in the arena. */
const char *edit_whose(const struct run_change *c, struct arena *a);

#endif
