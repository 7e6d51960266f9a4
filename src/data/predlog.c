/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "data/predlog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "format/gunzip.h"
#include "io/follow.h"

#define MAX_VERSION 64

struct predlog {
	struct follow *follow;
	predlog_namer *namer;
	void *namer_ctx;
	struct buf bytes;      /* read and not parsed yet */
	struct gunzip *gunzip; /* NULL: the file is plain */
	struct buf packed;     /* read and not unpacked yet */
	struct err damage;     /* of the gzip file: no row comes after it */
	struct csv_record record;
	struct predlog_column *columns;
	size_t n_columns;
	int64_t n_bad;
	size_t tail_bytes;         /* 0: as much as is read at once */
	bool has_read, skips_line; /* began in the middle of a line */
	bool is_next;    /* of a file that goes on; it may have a header */
	bool *is_afresh; /* of the read under way */
	char version[MAX_VERSION];
};

static const struct {
	const char *name;
	enum predlog_role role;
} usual[] = {
	{ "id", PREDLOG_ID },
	{ "request_id", PREDLOG_ID },
	{ "tx", PREDLOG_ID },
	{ "ts", PREDLOG_EVENT_TIME },
	{ "event_time", PREDLOG_EVENT_TIME },
	{ "timestamp", PREDLOG_EVENT_TIME },
	{ "time", PREDLOG_EVENT_TIME },
	{ "ingested", PREDLOG_INGESTED },
	{ "predicted", PREDLOG_PREDICTED },
	{ "predicted_at", PREDLOG_PREDICTED },
	{ "version", PREDLOG_VERSION },
	{ "mv", PREDLOG_VERSION },
	{ "model_version", PREDLOG_VERSION },
	{ "prediction", PREDLOG_PREDICTION },
	{ "yhat", PREDLOG_PREDICTION },
	{ "score", PREDLOG_SCORE },
	{ "proba", PREDLOG_SCORE },
	{ "p", PREDLOG_SCORE },
	{ "interval", PREDLOG_INTERVAL },
	{ "lo", PREDLOG_INTERVAL },
	{ "hi", PREDLOG_INTERVAL },
	{ "label", PREDLOG_LABEL },
	{ "label_ts", PREDLOG_LABEL_TIME },
	{ "label_time", PREDLOG_LABEL_TIME },
	{ "latency", PREDLOG_LATENCY },
	{ "latency_ms", PREDLOG_LATENCY },
	{ "segment", PREDLOG_SEGMENT },
	{ "group", PREDLOG_SEGMENT },
	{ "model", PREDLOG_OTHER },
	{ "status", PREDLOG_OTHER },
};

static const char *const role_names[] = {
	[PREDLOG_ID] = "id",
	[PREDLOG_EVENT_TIME] = "event_time",
	[PREDLOG_INGESTED] = "ingested",
	[PREDLOG_PREDICTED] = "predicted",
	[PREDLOG_VERSION] = "version",
	[PREDLOG_PREDICTION] = "prediction",
	[PREDLOG_SCORE] = "score",
	[PREDLOG_INTERVAL] = "interval",
	[PREDLOG_LABEL] = "label",
	[PREDLOG_LABEL_TIME] = "label_time",
	[PREDLOG_LATENCY] = "latency",
	[PREDLOG_SEGMENT] = "segment",
};

enum predlog_role predlog_role_of(const char *column)
{
	for (size_t i = 0; i < ARRAY_LEN(usual); i++)
		if (!strcmp(usual[i].name, column))
			return usual[i].role;
	return PREDLOG_FEATURE;
}

bool predlog_role_parse(const char *name, enum predlog_role *out)
{
	for (size_t i = 0; i < ARRAY_LEN(role_names); i++) {
		if (!role_names[i] || strcmp(role_names[i], name))
			continue;
		*out = (enum predlog_role)i;
		return true;
	}
	return false;
}

static bool is_gzip(const char *path)
{
	size_t len = strlen(path);

	return len > 3 && !strcmp(path + len - 3, ".gz");
}

struct predlog *predlog_new(const char *path, predlog_namer *namer, void *ctx)
{
	struct predlog *p = xcalloc(1, sizeof(*p));

	p->follow = follow_new(path);
	if (is_gzip(path))
		p->gunzip = gunzip_new();
	p->namer = namer;
	p->namer_ctx = ctx;
	csv_record_init(&p->record);
	return p;
}

static void free_columns(struct predlog *p)
{
	for (size_t i = 0; i < p->n_columns; i++)
		free(p->columns[i].name);
	free(p->columns);
	p->columns = NULL;
	p->n_columns = 0;
}

void predlog_free(struct predlog *p)
{
	if (!p)
		return;
	follow_free(p->follow);
	gunzip_free(p->gunzip);
	buf_release(&p->bytes);
	buf_release(&p->packed);
	csv_record_release(&p->record);
	free_columns(p);
	free(p);
}

size_t predlog_n_columns(const struct predlog *p)
{
	return p->n_columns;
}

const struct predlog_column *predlog_column(const struct predlog *p, size_t i)
{
	return &p->columns[i];
}

int64_t predlog_bad_rows(const struct predlog *p)
{
	return p->n_bad;
}

void predlog_set_tail(struct predlog *p, size_t tail_bytes)
{
	p->tail_bytes = tail_bytes;
}

bool predlog_has_more(const struct predlog *p)
{
	struct stat st;

	return stat(follow_path(p->follow), &st) == 0 &&
	       st.st_size > (off_t)follow_offset(p->follow);
}

bool predlog_goes_on_in(const struct predlog *p, const char *other,
			int64_t by_ms)
{
	return (p->gunzip || !is_gzip(other)) &&
	       follow_is_newer(p->follow, other, by_ms);
}

static void take_header(struct predlog *p)
{
	const struct csv_record *r = &p->record;

	free_columns(p);
	p->columns = xcalloc(r->n_fields + 1, sizeof(*p->columns));
	p->n_columns = r->n_fields;
	for (size_t i = 0; i < r->n_fields; i++) {
		struct predlog_column *c = &p->columns[i];

		c->name = xstrndup(r->fields[i].s, r->fields[i].len);
		if (p->namer)
			c->role = p->namer(p->namer_ctx, c->name);
		if (c->role == PREDLOG_FEATURE)
			c->role = predlog_role_of(c->name);
	}
}

static int64_t time_of(const struct csv_field *cell)
{
	char text[64];
	int64_t ms;

	if (!cell->len || cell->len >= sizeof(text))
		return TIME_NONE;
	memcpy(text, cell->s, cell->len);
	text[cell->len] = 0;
	return clock_parse(text, &ms) ? ms : TIME_NONE;
}

static void take_row(struct predlog *p, predlog_take *take, void *ctx)
{
	struct predlog_row row = { .cells = p->record.fields,
				   .version = p->version,
				   .event_ms = TIME_NONE,
				   .predicted_ms = TIME_NONE };

	*p->version = 0;
	for (size_t i = 0; i < p->n_columns; i++) {
		const struct csv_field *cell = &p->record.fields[i];

		if (p->columns[i].role == PREDLOG_VERSION)
			snprintf(p->version, sizeof(p->version), "%.*s",
				 (int)MIN(cell->len, MAX_VERSION - 1), cell->s);
		else if (p->columns[i].role == PREDLOG_EVENT_TIME)
			row.event_ms = time_of(cell);
		else if (p->columns[i].role == PREDLOG_PREDICTED)
			row.predicted_ms = time_of(cell);
	}
	if (row.predicted_ms == TIME_NONE)
		row.predicted_ms = row.event_ms;
	take(ctx, &row);
}

/* Drops what is left of a line that was begun in its middle: a quote in it may
 * be a closing one, so it is not read as a record. */
static void skip_line(struct predlog *p)
{
	const char *from = buf_str(&p->bytes);
	const char *end = memchr(from, '\n', p->bytes.len);

	p->skips_line = !end;
	buf_drop(&p->bytes, end ? (size_t)(end - from) + 1 : p->bytes.len);
}

static bool is_column(const struct predlog *p, size_t i,
		      const struct csv_field *cell)
{
	const char *name = p->columns[i].name;

	return strlen(name) == cell->len && !memcmp(name, cell->s, cell->len);
}

/* The first record of a file that goes on: the header that is known, another
 * one (then rows begin anew), or a row, where a log was cut under its writer.
 * True: it is dealt with. */
static bool take_next_header(struct predlog *p)
{
	const struct csv_record *r = &p->record;
	size_t n_named = 0, n_same = 0;

	for (size_t i = 0; i < r->n_fields; i++)
		for (size_t k = 0; k < p->n_columns; k++)
			if (is_column(p, k, &r->fields[i])) {
				n_named++;
				n_same += i == k;
			}
	if (!n_named)
		return false;
	if (n_same == p->n_columns && n_same == r->n_fields)
		return true;
	free_columns(p);
	*p->is_afresh = true;
	return false;
}

static void take_record(struct predlog *p, bool is_bad, predlog_take *take,
			void *ctx)
{
	bool is_first = p->is_next && !is_bad;

	p->is_next = p->is_next && is_bad;
	if (is_first && take_next_header(p))
		return;
	if (!p->n_columns && !is_bad)
		take_header(p);
	else if (is_bad || p->record.n_fields != p->n_columns)
		p->n_bad++;
	else
		take_row(p, take, ctx);
}

/* All whole records there are, or no more than the header. */
static void parse(struct predlog *p, bool only_header, predlog_take *take,
		  void *ctx)
{
	size_t at = 0, used;
	bool is_bad;

	if (p->skips_line)
		skip_line(p);
	while (!(only_header && p->n_columns) &&
	       (used = csv_read(buf_str(&p->bytes) + at, p->bytes.len - at,
				false, &p->record, &is_bad))) {
		at += used;
		take_record(p, is_bad, take, ctx);
	}
	buf_drop(&p->bytes, at);
}

/* The header is at the start, the newest rows at the end: those between are
 * left out, and the next read begins there. */
static void skip_ahead(struct predlog *p, size_t max_bytes)
{
	struct stat st;

	if (p->tail_bytes)
		max_bytes = p->tail_bytes;
	if (p->gunzip || stat(follow_path(p->follow), &st) != 0 ||
	    st.st_size <= (off_t)(2 * max_bytes))
		return;
	buf_clear(&p->bytes);
	follow_seek(p->follow, (int64_t)st.st_size - (int64_t)max_bytes);
	p->skips_line = true;
}

/* goes_on: what was read was no other log. */
static void begin_file(struct predlog *p, bool goes_on)
{
	p->is_next = goes_on && p->n_columns;
	*p->is_afresh = p->has_read && !p->is_next;
	if (!p->is_next)
		free_columns(p);
	/* It may have a byte order mark of its own. */
	csv_record_release(&p->record);
	p->skips_line = false;
	if (!p->gunzip)
		return;
	gunzip_restart(p->gunzip);
	buf_clear(&p->bytes);
	err_clear(&p->damage);
}

/* All that was read, piece by piece, so that little makes no much. */
static enum err_code parse_packed(struct predlog *p, predlog_take *take,
				  void *ctx, struct err *err)
{
	for (size_t at = 0, n; at < p->packed.len && !p->damage.code; at += n) {
		n = MIN(p->packed.len - at, (size_t)GUNZIP_PIECE);
		if (gunzip_add(p->gunzip, buf_str(&p->packed) + at, n,
			       &p->bytes, &p->damage))
			err_prefix(&p->damage, "%s", follow_path(p->follow));
		parse(p, false, take, ctx);
	}
	buf_clear(&p->packed);
	if (p->damage.code)
		*err = p->damage;
	return err->code;
}

enum err_code predlog_read(struct predlog *p, size_t max_bytes,
			   predlog_take *take, void *ctx, bool *is_afresh,
			   struct err *err)
{
	enum follow_what what;

	*is_afresh = false;
	p->is_afresh = is_afresh;
	what = follow_read(p->follow, p->gunzip ? &p->packed : &p->bytes,
			   p->has_read ? max_bytes : 65536, err);
	if (what == FOLLOW_ABSENT)
		return err_set(err, ERR_ABSENT, "%s: no such file",
			       follow_path(p->follow));
	if (what == FOLLOW_AFRESH || what == FOLLOW_ROTATED)
		begin_file(p, what == FOLLOW_ROTATED && !p->gunzip);
	if (p->gunzip && !err->code) {
		p->has_read = true;
		return parse_packed(p, take, ctx, err);
	}
	if (what == FOLLOW_NOTHING)
		return err->code;
	if (!p->has_read) {
		p->has_read = true;
		parse(p, true, take, ctx);
		if (p->n_columns)
			skip_ahead(p, max_bytes);
	}
	parse(p, false, take, ctx);
	return ERR_OK;
}
