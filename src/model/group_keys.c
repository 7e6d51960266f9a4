/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/group.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/num.h"
#include "filter_ast.h"
#include "order_sort.h"

/* ---- as text ------------------------------------------------------------- */

static const struct {
	enum order_by by;
	const char *name;
} heads[] = {
	{ ORDER_EXPERIMENT, "experiment" },
	{ ORDER_STATUS, "status" },
	{ ORDER_USER, "user" },
	{ ORDER_SOURCE, "source" },
	{ ORDER_NAME, "name" },
};

static const char *head_name(enum order_by by)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(heads); i++)
		if (heads[i].by == by)
			return heads[i].name;
	return NULL;
}

const char *group_key_name(const struct order_key *key, struct buf *out)
{
	static const char *const kinds[N_VALUE_KINDS] = {
		[VALUE_METRIC] = "metrics",
		[VALUE_PARAM] = "params",
		[VALUE_TAG] = "tags",
		[VALUE_STATISTIC] = "metrics",
	};

	if (key->by != ORDER_VALUE)
		return head_name(key->by);
	if (!kinds[key->column.kind])
		return key->column.name;
	buf_clear(out);
	buf_addf(out, "%s.%s", kinds[key->column.kind], key->column.name);
	return buf_str(out);
}

static bool is_repeats(const struct order_key *k)
{
	return k->by == ORDER_VALUE && k->column.kind == VALUE_METRIC &&
	       !strcmp(k->column.name, "repeats");
}

enum err_code group_by_parse(const char *text, struct group_by *out,
			     struct err *err)
{
	struct order_key *keys;
	size_t n, i;

	if (order_parse(text, &keys, &n, err))
		return err->code;
	*out = (struct group_by){ .keys = keys };
	for (i = 0; i < n; i++) {
		if (is_repeats(&keys[i])) {
			out->is_repeats = true;
			continue;
		}
		if (keys[i].by != ORDER_VALUE && !head_name(keys[i].by)) {
			group_by_release(out);
			return err_set(err, ERR_USAGE,
				       "group '%.60s': every run has its own "
				       "time and id; expected params.NAME, "
				       "tags.NAME, experiment, repeats ...",
				       text);
		}
		keys[out->n_keys++] = keys[i];
	}
	return ERR_OK;
}

void group_by_release(struct group_by *by)
{
	free(by->keys);
	*by = (struct group_by){ 0 };
}

/* ---- seeds --------------------------------------------------------------- */

#define MAX_WORDS 16u

struct words {
	const char *at[MAX_WORDS];
	size_t len[MAX_WORDS];
	size_t n;
};

/* Letters and digits, a capital behind a small letter begins another word; of
 * longer names the last words count. */
static void split(const char *s, struct words *w)
{
	size_t len;

	w->n = 0;
	for (; *s; s += len) {
		len = 1;
		if (!isalnum((unsigned char)*s))
			continue;
		while (isalnum((unsigned char)s[len]) &&
		       !(islower((unsigned char)s[len - 1]) &&
			 isupper((unsigned char)s[len])))
			len++;
		if (w->n == MAX_WORDS) {
			w->n--;
			memmove(w->at, w->at + 1, w->n * sizeof(*w->at));
			memmove(w->len, w->len + 1, w->n * sizeof(*w->len));
		}
		w->at[w->n] = s;
		w->len[w->n++] = len;
	}
}

static bool is_word(const struct words *w, size_t i, const char *word)
{
	return strlen(word) == w->len[i] &&
	       !strncasecmp(w->at[i], word, w->len[i]);
}

/* "seed_2" and "seed2" are "seed". */
static void drop_number(struct words *w)
{
	size_t *len;

	if (!w->n)
		return;
	len = &w->len[w->n - 1];
	while (*len && isdigit((unsigned char)w->at[w->n - 1][*len - 1]))
		--*len;
	w->n -= !*len;
}

bool group_is_seed(const char *param)
{
	static const char *const seeded[] = {
		"everything", "all",  "torch", "numpy", "np",
		"python",     "cuda", "tf",    "jax",   "random",
	};
	struct words w;
	size_t i;

	split(param, &w);
	drop_number(&w);
	if (!w.n)
		return false;
	if (is_word(&w, w.n - 1, "seed") ||
	    (w.n > 1 && is_word(&w, w.n - 2, "random") &&
	     is_word(&w, w.n - 1, "state")))
		return true;
	for (i = 0; w.n > 1 && i < ARRAY_LEN(seeded); i++)
		if (is_word(&w, 0, "seed") && is_word(&w, 1, seeded[i]))
			return true;
	return false;
}

/* ---- bound to a set ------------------------------------------------------ */

static struct group_key bind(const struct run_set *set, struct order_key key)
{
	struct group_key k = { .key = key, .col = RUN_NO_COLUMN };

	if (key.by != ORDER_VALUE)
		return k;
	k.col = run_set_find_column(set, key.column.kind, key.column.name);
	k.is_number = value_is_number(key.column.kind);
	return k;
}

static void add_repeats(const struct run_set *set, struct group_key *keys,
			size_t *n)
{
	uint32_t col;
	const char *name;

	keys[(*n)++].key.by = ORDER_SOURCE;
	keys[(*n)++].key.by = ORDER_EXPERIMENT;
	for (col = 0; col < run_set_columns(set); col++) {
		name = run_set_column_name(set, col);
		if (run_set_column_kind(set, col) != VALUE_PARAM ||
		    group_is_seed(name))
			continue;
		keys[*n].key.by = ORDER_VALUE;
		keys[*n].key.column = (struct value_key){ VALUE_PARAM, name };
		keys[(*n)++].col = col;
	}
	keys[(*n)++] = bind(
		set,
		(struct order_key){ .by = ORDER_VALUE,
				    .column = { VALUE_FACT, GROUP_DIGEST } });
	keys[(*n)++] = bind(
		set,
		(struct order_key){ .by = ORDER_VALUE,
				    .column = { VALUE_TAG, GROUP_COMMIT } });
}

struct group_key *group_keys_bind(const struct run_set *set,
				  const struct group_by *by, size_t *n)
{
	size_t room = by->n_keys + 1;
	struct group_key *keys;

	if (by->is_repeats)
		room += run_set_columns(set) + 4;
	keys = xcalloc(room, sizeof(*keys));
	for (*n = 0; *n < by->n_keys; ++*n)
		keys[*n] = bind(set, by->keys[*n]);
	if (by->is_repeats)
		add_repeats(set, keys, n);
	return keys;
}

uint64_t group_key_of(const struct run_set *set, const struct group_key *k,
		      uint32_t row)
{
	const struct run_head *h;
	double v;

	if (k->key.by == ORDER_VALUE) {
		if (k->col == RUN_NO_COLUMN)
			return 0;
		if (!k->is_number)
			return run_set_text_id(set, k->col, row);
		return run_set_number(set, k->col, row, &v)
			       ? order_number_key(v, false)
			       : 0;
	}
	h = run_set_head(set, row);
	switch (k->key.by) {
	case ORDER_EXPERIMENT:
		return run_set_experiment(set, h->experiment)->name;
	case ORDER_STATUS:
		return h->status + 1u;
	case ORDER_SOURCE:
		return h->source + 1u;
	case ORDER_USER:
		return h->user;
	default:
		return h->name;
	}
}

/* "" where it has none. */
static const char *head_text(const struct run_set *set, enum order_by by,
			     uint32_t row)
{
	const struct intern *strings = run_set_strings(set);
	const struct run_head *h = run_set_head(set, row);

	switch (by) {
	case ORDER_EXPERIMENT:
		return intern_str(strings,
				  run_set_experiment(set, h->experiment)->name);
	case ORDER_STATUS:
		return run_status_name((enum run_status)h->status);
	case ORDER_SOURCE:
		return run_set_source_name(set, h->source);
	case ORDER_USER:
		return intern_str(strings, h->user);
	default:
		return intern_str(strings, h->name);
	}
}

const char *group_key_text(const struct run_set *set, const struct group_key *k,
			   uint32_t row)
{
	const char *s;

	if (k->key.by == ORDER_VALUE)
		return k->is_number || k->col == RUN_NO_COLUMN
			       ? NULL
			       : run_set_text(set, k->col, row);
	s = head_text(set, k->key.by, row);
	return *s ? s : NULL;
}

/* ---- as a filter --------------------------------------------------------- */

/* A regular expression that only this text matches, where no quotes hold it. */
static void put_pattern(struct buf *out, const char *s)
{
	buf_adds(out, " ~ '\\A");
	for (; *s; s++) {
		if (isalnum((unsigned char)*s) || (unsigned char)*s >= 0x80)
			buf_addc(out, *s);
		else
			buf_addf(out, "\\x%02x", (unsigned char)*s);
	}
	buf_adds(out, "\\z'");
}

static void put_equal(struct buf *out, const char *s)
{
	bool has_single = strchr(s, '\''), has_double = strchr(s, '"');

	/* A backslash before the closing quote would keep it open. */
	if ((has_single && has_double) || (*s && s[strlen(s) - 1] == '\\'))
		put_pattern(out, s);
	else
		buf_addf(out, has_single ? " = \"%s\"" : " = '%s'", s);
}

static void put_column(struct buf *out, const struct group_key *k)
{
	struct buf name = BUF_INIT(0);
	const char *text = group_key_name(&k->key, &name), *dot;

	dot = strchr(text, '.');
	if (k->key.by != ORDER_VALUE || k->key.column.kind == VALUE_FACT ||
	    filter_is_word(dot + 1))
		buf_adds(out, text);
	else
		buf_addf(out, strchr(dot, '`') ? "%.*s\"%s\"" : "%.*s`%s`",
			 (int)(dot + 1 - text), text, dot + 1);
	buf_release(&name);
}

/* NaN is unequal to every number: it is the one that is not below infinity. */
static void put_number(struct buf *out, const struct group_key *k, double v)
{
	char digits[NUM_MAX];

	if (isnan(v)) {
		buf_adds(out, "(has ");
		put_column(out, k);
		buf_adds(out, " and not ");
		put_column(out, k);
		buf_adds(out, " <= inf)");
		return;
	}
	num_format(digits, v);
	put_column(out, k);
	buf_addf(out, " = %s", digits);
}

/* Of several each. */
static void put_fact(struct buf *out, const struct group_key *k, const char *s)
{
	const char *end;
	char *part;

	for (; s; s = end ? end + 1 : NULL) {
		end = strchr(s, BATCH_FACT_SEPARATOR);
		part = xstrndup(s, end ? (size_t)(end - s) : strlen(s));
		put_column(out, k);
		put_equal(out, part);
		if (end)
			buf_adds(out, " and ");
		free(part);
	}
}

static void put_key(const struct run_set *set, const struct group_key *k,
		    uint32_t row, struct buf *out)
{
	double v;

	if (k->key.by != ORDER_VALUE) {
		put_column(out, k);
		put_equal(out, head_text(set, k->key.by, row));
	} else if (!group_key_of(set, k, row)) {
		buf_adds(out, "not has ");
		put_column(out, k);
	} else if (k->is_number) {
		if (run_set_number(set, k->col, row, &v))
			put_number(out, k, v);
	} else if (k->key.column.kind == VALUE_FACT) {
		put_fact(out, k, run_set_text(set, k->col, row));
	} else {
		put_column(out, k);
		put_equal(out, run_set_text(set, k->col, row));
	}
}

void group_filter(const struct run_set *set, const struct group_by *by,
		  uint32_t row, struct buf *out)
{
	size_t n, i;
	struct group_key *keys = group_keys_bind(set, by, &n);

	buf_clear(out);
	for (i = 0; i < n; i++) {
		if (i)
			buf_adds(out, " and ");
		put_key(set, &keys[i], row, out);
	}
	free(keys);
}
