/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DATA_PREDLOG_H
#define MLTOWER_DATA_PREDLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "format/csv.h"

/* A prediction log as it is written: a CSV file with a header, plain or ".gz",
 * followed while it grows. Roles of columns are found by name, or named in the
 * config; every other column is a feature. */
enum predlog_role {
	PREDLOG_FEATURE,
	PREDLOG_ID,
	PREDLOG_EVENT_TIME,
	PREDLOG_INGESTED,
	PREDLOG_PREDICTED,
	PREDLOG_VERSION,
	PREDLOG_PREDICTION,
	PREDLOG_SCORE,
	PREDLOG_INTERVAL,
	PREDLOG_LABEL,
	PREDLOG_LABEL_TIME,
	PREDLOG_LATENCY,
	PREDLOG_SEGMENT,
	PREDLOG_OTHER, /* known, and no feature: model, status */
};

/* PREDLOG_FEATURE for a name that is none of the usual ones. */
enum predlog_role predlog_role_of(const char *column);
/* "event_time" ...; false: no such role. */
bool predlog_role_parse(const char *name, enum predlog_role *out);

struct predlog_column {
	char *name;
	enum predlog_role role;
};

struct predlog;

/* name_role gives the configured role of a column, or PREDLOG_FEATURE where it
 * was not named (then the usual names count). May be NULL. */
typedef enum predlog_role predlog_namer(void *ctx, const char *column);
struct predlog *predlog_new(const char *path, predlog_namer *namer, void *ctx);
void predlog_free(struct predlog *p);

struct predlog_row {
	const struct csv_field *cells; /* n_columns of them */
	const char *version;           /* "" unknown; valid until the next */
	int64_t event_ms;              /* TIME_NONE if it has none */
	int64_t predicted_ms;          /* else the event time */
};

/* Reads what came, at most max_bytes, and calls row() for each whole record.
 * *is_afresh: the file was replaced or has other columns, rows begin anew; in
 * one that was rotated, by another name or by being cut, they go on. The first
 * read of a long plain file starts near its end (predlog_set_tail). Absent:
 * ERR_ABSENT. */
typedef void predlog_take(void *ctx, const struct predlog_row *row);
ATTR_NODISCARD enum err_code predlog_read(struct predlog *p, size_t max_bytes,
					  predlog_take *take, void *ctx,
					  bool *is_afresh, struct err *err);
/* Where a first read of a long file starts, in bytes before its end; max_bytes
 * unless it is told. Before the first read. */
void predlog_set_tail(struct predlog *p, size_t tail_bytes);
/* Was there more to read than the last read took? */
bool predlog_has_more(const struct predlog *p);
/* Does the log go on in the other file? It was written later, by more than
 * this, and is neither a copy of this one nor, packed where this one is plain,
 * its past. */
bool predlog_goes_on_in(const struct predlog *p, const char *other,
			int64_t by_ms);
/* Once the header was read. */
size_t predlog_n_columns(const struct predlog *p);
const struct predlog_column *predlog_column(const struct predlog *p, size_t i);
int64_t predlog_bad_rows(const struct predlog *p);

#endif
