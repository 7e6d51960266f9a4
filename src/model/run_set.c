/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/run_set.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "run_columns.h"

/* A column is a directory of chunks; both have a count of references. A
 * snapshot refers to the columns, not to their chunks, so that it costs what
 * there are columns. Whoever writes first makes the column its own, then the
 * chunk (run_columns.c). The index from ids to rows belongs to the writer:
 * a snapshot looks for an id by going through its rows. */
struct run_set {
	struct intern *strings;
	size_t n_rows;
	uint32_t generation;
	bool is_snapshot;

	struct run_column *heads;
	struct run_column *parents; /* run_id; most runs have none */
	struct run_column **columns;
	size_t n_columns, cap_columns;

	struct run_experiment *experiments;
	size_t n_experiments, cap_experiments;
	size_t last_experiment; /* a store's runs come experiment by experiment
				 */

	uint32_t *sources; /* names, interned */
	size_t n_sources;

	uint32_t *notable; /* rows; writer only */
	size_t n_notable, cap_notable;

	uint32_t *index; /* rows + 1 by hash of source and id; 0 empty */
	size_t index_size, index_used;
};

struct run_set *run_set_new(struct intern *strings)
{
	struct run_set *set = xcalloc(1, sizeof(*set));

	set->strings = strings;
	set->heads = run_column_new(sizeof(struct run_head), VALUE_TAG, 0);
	set->parents = run_column_new(sizeof(struct run_id), VALUE_TAG, 0);
	return set;
}

struct run_set *run_set_snapshot(const struct run_set *set)
{
	struct run_set *s = xcalloc(1, sizeof(*s));
	size_t i;

	s->strings = set->strings;
	s->n_rows = set->n_rows;
	s->generation = set->generation;
	s->is_snapshot = true;
	s->heads = run_column_ref(set->heads);
	s->parents = run_column_ref(set->parents);
	s->n_columns = set->n_columns;
	s->columns = xcalloc(set->n_columns + 1, sizeof(*s->columns));
	for (i = 0; i < set->n_columns; i++)
		s->columns[i] = run_column_ref(set->columns[i]);
	s->n_experiments = set->n_experiments;
	s->experiments =
		xcalloc(set->n_experiments + 1, sizeof(*s->experiments));
	if (set->n_experiments)
		memcpy(s->experiments, set->experiments,
		       set->n_experiments * sizeof(*s->experiments));
	s->n_sources = set->n_sources;
	s->sources = xcalloc(set->n_sources + 1, sizeof(*s->sources));
	if (set->n_sources)
		memcpy(s->sources, set->sources,
		       set->n_sources * sizeof(*s->sources));
	return s;
}

void run_set_free(struct run_set *set)
{
	size_t i;

	if (!set)
		return;
	run_column_unref(set->heads);
	run_column_unref(set->parents);
	for (i = 0; i < set->n_columns; i++)
		run_column_unref(set->columns[i]);
	free(set->columns);
	free(set->experiments);
	free(set->sources);
	free(set->notable);
	free(set->index);
	free(set);
}

const struct intern *run_set_strings(const struct run_set *set)
{
	return set->strings;
}

size_t run_set_count(const struct run_set *set)
{
	return set->n_rows;
}

uint32_t run_set_generation(const struct run_set *set)
{
	return set->generation;
}

const struct run_head *run_set_head(const struct run_set *set, uint32_t row)
{
	return run_column_at(set->heads, row);
}

int64_t run_duration_ms(const struct run_head *h, int64_t now_ms)
{
	int64_t end_ms = h->end_ms, ms;

	if (end_ms == TIME_NONE && h->status == RUN_RUNNING)
		end_ms = now_ms;
	if (h->start_ms == TIME_NONE || end_ms == TIME_NONE ||
	    __builtin_sub_overflow(end_ms, h->start_ms, &ms))
		return TIME_NONE;
	return ms;
}

/* ---- ids ----------------------------------------------------------------- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* True if the text is exactly 32 lower-case hex digits. */
static bool pack_hex(const char *text, struct run_id *out)
{
	int i, hi, lo;

	for (i = 0; i < 16; i++) {
		hi = hex_digit(text[2 * i]);
		lo = hi < 0 ? -1 : hex_digit(text[2 * i + 1]);
		if (lo < 0)
			return false;
		out->bytes[i] = (uint8_t)(hi << 4 | lo);
	}
	return !text[32];
}

static void pack_interned(uint32_t number, struct run_id *out)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->bytes, &number, sizeof(number));
}

static uint32_t interned_of(const struct run_id *id)
{
	uint32_t number;

	memcpy(&number, id->bytes, sizeof(number));
	return number;
}

/* Returns the flag that says how it is packed: 0 or `interned_flag`. */
static uint8_t pack(struct run_set *set, const char *text,
		    uint8_t interned_flag, struct run_id *out)
{
	if (pack_hex(text, out))
		return 0;
	pack_interned(intern_put(set->strings, text), out);
	return interned_flag;
}

static const char *unpack(const struct run_set *set, const struct run_id *id,
			  bool is_interned, char out[40])
{
	static const char digits[] = "0123456789abcdef";
	int i;

	if (is_interned)
		return intern_str(set->strings, interned_of(id));
	for (i = 0; i < 16; i++) {
		out[2 * i] = digits[id->bytes[i] >> 4];
		out[2 * i + 1] = digits[id->bytes[i] & 15];
	}
	out[32] = '\0';
	return out;
}

const char *run_set_id(const struct run_set *set, uint32_t row, char out[40])
{
	const struct run_head *h = run_set_head(set, row);

	return unpack(set, &h->id, h->flags & RUN_ID_INTERNED, out);
}

const char *run_set_parent_id(const struct run_set *set, uint32_t row,
			      char out[40])
{
	const struct run_head *h = run_set_head(set, row);

	if (!(h->flags & RUN_HAS_PARENT))
		return "";
	return unpack(set, run_column_at(set->parents, row),
		      h->flags & RUN_PARENT_INTERNED, out);
}

const struct run_id *run_set_parent(const struct run_set *set, uint32_t row)
{
	if (!(run_set_head(set, row)->flags & RUN_HAS_PARENT))
		return NULL;
	return run_column_at(set->parents, row);
}

const char *run_set_name(const struct run_set *set, uint32_t row)
{
	return intern_str(set->strings, run_set_head(set, row)->name);
}

/* ---- index --------------------------------------------------------------- */

static size_t id_hash(uint16_t source, const struct run_id *id)
{
	uint64_t a, b;

	memcpy(&a, id->bytes, 8);
	memcpy(&b, id->bytes + 8, 8);
	a = (a ^ (b * 0x9e3779b97f4a7c15u)) + source;
	a ^= a >> 32;
	a *= 0xd6e8feb86659fd93u;
	return (size_t)(a ^ a >> 29);
}

static bool is_same_run(const struct run_head *h, uint16_t source,
			const struct run_id *id, uint8_t id_flag)
{
	return h->source == source && (h->flags & RUN_ID_INTERNED) == id_flag &&
	       !memcmp(&h->id, id, sizeof(*id));
}

/* The slot that holds the run, or the empty one where it would stand. */
static uint32_t *index_slot(const struct run_set *set, uint16_t source,
			    const struct run_id *id, uint8_t id_flag)
{
	size_t mask = set->index_size - 1, i = id_hash(source, id) & mask;

	while (set->index[i] &&
	       !is_same_run(run_set_head(set, set->index[i] - 1), source, id,
			    id_flag))
		i = (i + 1) & mask;
	return &set->index[i];
}

static void index_make_room(struct run_set *set)
{
	const struct run_head *h;
	uint32_t row;

	if ((set->n_rows + 1) * 3 < set->index_size * 2)
		return;
	set->index_size = MAX(set->index_size * 2, (size_t)1024);
	free(set->index);
	set->index = xcalloc(set->index_size, sizeof(*set->index));
	for (row = 0; row < set->n_rows; row++) {
		h = run_set_head(set, row);
		*index_slot(set, h->source, &h->id,
			    h->flags & RUN_ID_INTERNED) = row + 1;
	}
}

static uint32_t scan_for(const struct run_set *set, uint16_t source,
			 const char *id)
{
	const struct run_head *h;
	struct run_id packed;
	bool is_hex = pack_hex(id, &packed);
	uint32_t row;

	for (row = 0; row < set->n_rows; row++) {
		h = run_set_head(set, row);
		if (h->source != source)
			continue;
		if (is_hex ? is_same_run(h, source, &packed, 0)
			   : (h->flags & RUN_ID_INTERNED) &&
				     !strcmp(intern_str(set->strings,
							interned_of(&h->id)),
					     id))
			return row;
	}
	return RUN_NO_ROW;
}

uint32_t run_set_find(const struct run_set *set, uint16_t source,
		      const char *id)
{
	struct run_id packed;
	uint8_t flag = 0;
	uint32_t number, *slot;

	if (set->is_snapshot)
		return scan_for(set, source, id);
	if (!set->index_size || !*id)
		return RUN_NO_ROW;
	if (!pack_hex(id, &packed)) {
		number = intern_find(set->strings, id);
		if (!number)
			return RUN_NO_ROW;
		pack_interned(number, &packed);
		flag = RUN_ID_INTERNED;
	}
	slot = index_slot(set, source, &packed, flag);
	return *slot ? *slot - 1 : RUN_NO_ROW;
}

/* ---- sources ------------------------------------------------------------- */

void run_set_name_source(struct run_set *set, uint16_t source, const char *name)
{
	size_t was = set->n_sources;

	if (source >= was) {
		set->n_sources = (size_t)source + 1;
		set->sources = xreallocarray(set->sources, set->n_sources,
					     sizeof(*set->sources));
		memset(set->sources + was, 0,
		       (set->n_sources - was) * sizeof(*set->sources));
	}
	set->sources[source] = intern_put(set->strings, name);
}

const char *run_set_source_name(const struct run_set *set, uint16_t source)
{
	return source < set->n_sources
		       ? intern_str(set->strings, set->sources[source])
		       : "";
}

/* ---- experiments --------------------------------------------------------- */

size_t run_set_experiments(const struct run_set *set)
{
	return set->n_experiments;
}

const struct run_experiment *run_set_experiment(const struct run_set *set,
						uint32_t index)
{
	BUG_ON(index >= set->n_experiments);
	return &set->experiments[index];
}

static uint32_t experiment_put(struct run_set *set, uint16_t source,
			       const char *id)
{
	uint32_t number = intern_put(set->strings, id);
	struct run_experiment *e;
	size_t i, at, n = set->n_experiments;

	for (i = 0; i < n; i++) {
		at = (set->last_experiment + i) % n;
		if (set->experiments[at].id == number &&
		    set->experiments[at].source == source)
			return (uint32_t)(set->last_experiment = at);
	}
	set->experiments = xgrow(set->experiments, &set->cap_experiments,
				 set->n_experiments + 1, sizeof(*e));
	e = &set->experiments[set->n_experiments];
	/* Until the store says its name it is called by its id. */
	*e = (struct run_experiment){ .id = number,
				      .name = number,
				      .source = source };
	set->last_experiment = set->n_experiments++;
	return (uint32_t)set->last_experiment;
}

/* True if anything about it is new. */
static bool experiment_apply(struct run_set *set, uint16_t source,
			     const struct experiment_facts *f)
{
	size_t n_before = set->n_experiments;
	uint32_t index = experiment_put(set, source, f->id);
	struct run_experiment *e = &set->experiments[index], was = *e;

	e->name = intern_put(set->strings, f->name);
	e->is_deleted = f->is_deleted;
	e->primary_metric = intern_put(set->strings, f->primary_metric);
	e->primary_goal = f->primary_goal;
	return set->n_experiments != n_before || was.name != e->name ||
	       was.is_deleted != e->is_deleted ||
	       was.primary_metric != e->primary_metric ||
	       was.primary_goal != e->primary_goal;
}

bool run_set_choose_metric(struct run_set *set, uint16_t source,
			   const char *experiment_id, uint32_t metric)
{
	struct run_experiment *e =
		&set->experiments[experiment_put(set, source, experiment_id)];
	bool is_new = e->common_metric != metric;

	e->common_metric = metric;
	set->generation += is_new;
	return is_new;
}

/* ---- columns ------------------------------------------------------------- */

uint32_t run_set_columns(const struct run_set *set)
{
	return (uint32_t)set->n_columns;
}

/* By text, since a snapshot's thread may not search the interned strings. */
static uint32_t find_column(const struct run_set *set, enum value_kind kind,
			    const char *name)
{
	size_t i;

	for (i = 0; i < set->n_columns; i++)
		if (set->columns[i]->kind == kind &&
		    !strcmp(intern_str(set->strings, set->columns[i]->name),
			    name))
			return (uint32_t)i;
	return RUN_NO_COLUMN;
}

uint32_t run_set_find_column(const struct run_set *set, enum value_kind kind,
			     const char *name)
{
	uint32_t col = find_column(set, kind, name);

	if (col == RUN_NO_COLUMN && kind == VALUE_METRIC)
		col = find_column(set, VALUE_STATISTIC, name);
	return col;
}

static uint32_t column_put(struct run_set *set, const struct value_key *key)
{
	uint32_t name = intern_put(set->strings, key->name);
	size_t i, size = value_is_number(key->kind) ? sizeof(double)
						    : sizeof(uint32_t);

	for (i = 0; i < set->n_columns; i++)
		if (set->columns[i]->name == name &&
		    set->columns[i]->kind == key->kind)
			return (uint32_t)i;
	set->columns = xgrow(set->columns, &set->cap_columns,
			     set->n_columns + 1, sizeof(*set->columns));
	set->columns[set->n_columns] = run_column_new(size, key->kind, name);
	return (uint32_t)set->n_columns++;
}

enum value_kind run_set_column_kind(const struct run_set *set, uint32_t col)
{
	BUG_ON(col >= set->n_columns);
	return set->columns[col]->kind;
}

const char *run_set_column_name(const struct run_set *set, uint32_t col)
{
	BUG_ON(col >= set->n_columns);
	return intern_str(set->strings, set->columns[col]->name);
}

uint32_t run_set_column_id(const struct run_set *set, uint32_t col)
{
	BUG_ON(col >= set->n_columns);
	return set->columns[col]->name;
}

bool run_set_number(const struct run_set *set, uint32_t col, uint32_t row,
		    double *out)
{
	const double *v = run_column_at(set->columns[col], row);

	if (!v || run_number_is_missing(*v))
		return false;
	*out = *v;
	return true;
}

const double *run_set_numbers(const struct run_set *set, uint32_t col,
			      uint32_t block)
{
	return run_column_at(set->columns[col], block * RUN_CHUNK_ROWS);
}

const char *run_set_text(const struct run_set *set, uint32_t col, uint32_t row)
{
	const uint32_t *v = run_column_at(set->columns[col], row);

	return v && *v ? intern_str(set->strings, *v - 1) : NULL;
}

uint32_t run_set_text_id(const struct run_set *set, uint32_t col, uint32_t row)
{
	const uint32_t *v = run_column_at(set->columns[col], row);

	return v ? *v : 0;
}

/* ---- writing ------------------------------------------------------------- */

/* A run that was gone and is back has what the store says now, no more. */
static void values_clear(struct run_set *set, uint32_t row)
{
	static const uint64_t missing = RUN_NUMBER_MISSING;
	double v;
	size_t i;

	for (i = 0; i < set->n_columns; i++) {
		if (!value_is_number(set->columns[i]->kind)) {
			if (run_set_text(set, (uint32_t)i, row))
				memset(run_column_own(&set->columns[i], row), 0,
				       sizeof(uint32_t));
		} else if (run_set_number(set, (uint32_t)i, row, &v)) {
			memcpy(run_column_own(&set->columns[i], row), &missing,
			       sizeof(missing));
		}
	}
}

/* ---- notable rows -------------------------------------------------------- */

#define NOTABLE_MS (2 * 24 * 3600 * 1000LL)

static bool is_notable(const struct run_head *h, int64_t now_ms)
{
	if (h->status == RUN_RUNNING)
		return true;
	/* A store may say any time; of one to come nobody knows better. */
	return h->status == RUN_FAILED && h->end_ms != TIME_NONE &&
	       (now_ms == TIME_NONE || h->end_ms >= now_ms - NOTABLE_MS);
}

/* Before the list grows those go that have ended since. */
static void forget_ended(struct run_set *set, int64_t now_ms)
{
	size_t i, n = 0;
	struct run_head *h;
	uint32_t row;

	for (i = 0; i < set->n_notable; i++) {
		row = set->notable[i];
		if (is_notable(run_set_head(set, row), now_ms)) {
			set->notable[n++] = row;
			continue;
		}
		h = run_column_own(&set->heads, row);
		h->flags &= (uint8_t)~RUN_IS_NOTABLE;
	}
	set->n_notable = n;
}

static void list_notable(struct run_set *set, uint32_t row, int64_t now_ms)
{
	if (set->n_notable == set->cap_notable) {
		forget_ended(set, now_ms);
		set->notable =
			xgrow(set->notable, &set->cap_notable,
			      set->n_notable * 2 + 64, sizeof(*set->notable));
	}
	set->notable[set->n_notable++] = row;
}

size_t run_set_notable(const struct run_set *set, const uint32_t **rows)
{
	*rows = set->notable;
	return set->n_notable;
}

/* All zero for none: what was never written is none too. */
static bool is_parent(const struct run_set *set, uint32_t row,
		      const struct run_id *parent)
{
	static const struct run_id none;
	const struct run_id *now = run_column_at(set->parents, row);

	return !memcmp(now ? now : &none, parent, sizeof(*parent));
}

/* The row is new or differs in what its head says: written. */
static bool head_apply(struct run_set *set, const struct batch *b,
		       const struct run_facts *f, uint32_t *row)
{
	struct run_head h;
	const struct run_head *old;
	struct run_id parent = { { 0 } };
	uint32_t *slot;

	index_make_room(set);
	memset(&h, 0, sizeof(h)); /* compared with its padding */
	h.status = (uint8_t)f->status;
	h.source = b->source;
	h.start_ms = f->start_ms;
	h.end_ms = f->end_ms;
	h.last_point_ms = TIME_NONE;
	h.flags = pack(set, f->id, RUN_ID_INTERNED, &h.id);
	h.flags |= f->is_deleted ? RUN_IS_DELETED : 0;
	if (f->parent_id && *f->parent_id)
		h.flags |= RUN_HAS_PARENT | pack(set, f->parent_id,
						 RUN_PARENT_INTERNED, &parent);
	h.name = intern_put(set->strings, f->name);
	h.user = intern_put(set->strings, f->user);
	h.experiment = experiment_put(set, b->source,
				      f->experiment_id ? f->experiment_id : "");
	slot = index_slot(set, b->source, &h.id, h.flags & RUN_ID_INTERNED);
	if (*slot) {
		*row = *slot - 1;
		old = run_set_head(set, *row);
		h.changed = old->changed;
		h.last_point_ms = old->last_point_ms;
		h.flags |= old->flags & RUN_IS_NOTABLE;
		if (!memcmp(old, &h, sizeof(h)) &&
		    is_parent(set, *row, &parent))
			return false;
		if (old->flags & RUN_IS_GONE)
			values_clear(set, *row);
	} else {
		*row = (uint32_t)set->n_rows++;
		*slot = *row + 1;
	}
	h.changed = set->generation + 1;
	if (!(h.flags & RUN_IS_NOTABLE) && is_notable(&h, b->read_utc_ms)) {
		h.flags |= RUN_IS_NOTABLE;
		list_notable(set, *row, b->read_utc_ms);
	}
	memcpy(run_column_own(&set->heads, *row), &h, sizeof(h));
	if (!is_parent(set, *row, &parent))
		memcpy(run_column_own(&set->parents, *row), &parent,
		       sizeof(parent));
	return true;
}

static bool number_apply(struct run_set *set, uint32_t col, uint32_t row,
			 double v)
{
	const double *old = run_column_at(set->columns[col], row);

	if (run_number_is_missing(v)) /* the pattern kept for "none" */
		v = NAN;
	if (old && !memcmp(old, &v, sizeof(v)))
		return false;
	*(double *)run_column_own(&set->columns[col], row) = v;
	return true;
}

/* Text is kept as its number + 1; 0 is "none", for there is empty text. */
static bool text_apply(struct run_set *set, uint32_t col, uint32_t row,
		       const char *text)
{
	const uint32_t *old = run_column_at(set->columns[col], row);
	uint32_t v = text ? intern_put(set->strings, text) + 1 : 0;

	if (old ? *old == v : !v)
		return false;
	*(uint32_t *)run_column_own(&set->columns[col], row) = v;
	return true;
}

/* Runs come mostly in the order in which they came first. */
static uint32_t find_near(const struct run_set *set, uint16_t source,
			  uint32_t guess, const char *id)
{
	struct run_id packed;

	if (guess < set->n_rows && pack_hex(id, &packed) &&
	    is_same_run(run_set_head(set, guess), source, &packed, 0))
		return guess;
	return run_set_find(set, source, id);
}

static void touch(struct run_set *set, uint32_t row, size_t *n_changed)
{
	struct run_head *h;

	if (run_set_head(set, row)->changed == set->generation + 1)
		return;
	h = run_column_own(&set->heads, row);
	h->changed = set->generation + 1;
	++*n_changed;
}

static void values_apply(struct run_set *set, const struct batch *b,
			 const uint32_t *rows, size_t *n_changed)
{
	uint32_t *cols = xcalloc(b->n_keys + 1, sizeof(*cols));
	const struct run_value *v;
	bool is_new;
	size_t i;

	for (i = 0; i < b->n_keys; i++)
		cols[i] = column_put(set, &b->keys[i]);
	for (i = 0; i < b->n_values; i++) {
		v = &b->values[i];
		if (rows[v->run] == RUN_NO_ROW)
			continue;
		is_new = value_is_number(b->keys[v->key].kind)
				 ? number_apply(set, cols[v->key], rows[v->run],
						v->number)
				 : text_apply(set, cols[v->key], rows[v->run],
					      v->text);
		if (is_new)
			touch(set, rows[v->run], n_changed);
	}
	free(cols);
}

static void mark_gone(struct run_set *set, uint32_t row, size_t *n_changed)
{
	struct run_head *h;

	if (run_set_head(set, row)->flags & RUN_IS_GONE)
		return;
	touch(set, row, n_changed);
	h = run_column_own(&set->heads, row);
	h->flags |= RUN_IS_GONE;
}

size_t run_set_apply(struct run_set *set, const struct batch *b)
{
	uint32_t *rows = xcalloc(b->n_runs + 1, sizeof(*rows)), row;
	bool is_new = false;
	size_t i, n = 0;

	BUG_ON(set->is_snapshot);
	for (i = 0; i < b->n_experiments; i++)
		is_new |= experiment_apply(set, b->source, &b->experiments[i]);
	for (i = 0; i < b->n_runs; i++) {
		if (b->runs[i].is_known)
			rows[i] = find_near(set, b->source,
					    i ? rows[i - 1] + 1 : 0,
					    b->runs[i].id);
		else
			n += head_apply(set, b, &b->runs[i], &rows[i]);
	}
	values_apply(set, b, rows, &n);
	for (i = 0; i < b->n_gone; i++) {
		row = run_set_find(set, b->source, b->gone[i]);
		if (row != RUN_NO_ROW)
			mark_gone(set, row, &n);
	}
	free(rows);
	if (n || is_new)
		set->generation++;
	return n;
}

void run_set_forget_source(struct run_set *set, uint16_t source)
{
	size_t n = 0;
	uint32_t row;

	for (row = 0; row < set->n_rows; row++)
		if (run_set_head(set, row)->source == source)
			mark_gone(set, row, &n);
	if (n)
		set->generation++;
}

void run_set_saw_point(struct run_set *set, uint32_t row, int64_t time_ms)
{
	struct run_head *h;

	if (run_set_head(set, row)->last_point_ms >= time_ms)
		return;
	h = run_column_own(&set->heads, row);
	h->last_point_ms = time_ms;
}

/* Chunks that are shared count fully for each that shares them. */
size_t run_set_bytes(const struct run_set *set)
{
	size_t i, n = sizeof(*set) + run_column_bytes(set->heads) +
		      run_column_bytes(set->parents);

	for (i = 0; i < set->n_columns; i++)
		n += run_column_bytes(set->columns[i]);
	return n + set->index_size * sizeof(*set->index) +
	       set->cap_experiments * sizeof(*set->experiments);
}
