/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/num.h"
#include "filter_ast.h"
#include "model/filter.h"

/* Params and tags repeat: what a text gave is remembered by its number. */
#define MEMO_SIZE 256u

struct bound_compare {
	uint32_t col; /* RUN_NO_COLUMN: no run has it, or it is no column */
	void *regex;  /* this thread's, of OP_MATCH */
	struct {
		uint32_t text_id;
		bool is_match;
	} memo[MEMO_SIZE];
};

struct filter_bound {
	const struct filter *filter;
	const struct run_set *set;
	bool gave_up;
	struct bound_compare compares[];
};

static void bind_compare(struct filter_bound *b, const struct filter_compare *c)
{
	const struct filter_field_info *info = &filter_fields[c->field];
	struct bound_compare *bc = &b->compares[c->index];

	bc->col = RUN_NO_COLUMN;
	if (c->field <= FIELD_LAST_VALUE)
		bc->col = run_set_find_column(
			b->set, info->kind,
			c->field <= FIELD_LAST_KEYED ? c->name : info->name);
	if (c->regex)
		bc->regex = filter_regex_begin(c->regex);
}

static void bind_node(struct filter_bound *b, const struct filter_node *n)
{
	size_t i;

	if (n->kind == NODE_COMPARE || n->kind == NODE_HAS)
		bind_compare(b, &n->compare);
	else if (n->kind != NODE_TEXT)
		for (i = 0; i < n->n_kids; i++)
			bind_node(b, n->kids[i]);
}

struct filter_bound *filter_bind(const struct filter *f,
				 const struct run_set *set)
{
	struct filter_bound *b;

	b = xcalloc(1, sizeof(*b) + f->n_compares * sizeof(b->compares[0]));
	b->filter = f;
	b->set = set;
	if (f->root)
		bind_node(b, f->root);
	return b;
}

void filter_unbind(struct filter_bound *b)
{
	uint32_t i;

	if (!b)
		return;
	for (i = 0; i < b->filter->n_compares; i++)
		if (b->compares[i].regex)
			filter_regex_done(b->compares[i].regex);
	free(b);
}

/* ---- comparing ----------------------------------------------------------- */

static bool holds(enum filter_op op, int order)
{
	switch (op) {
	case OP_LT:
		return order < 0;
	case OP_LE:
		return order <= 0;
	case OP_GT:
		return order > 0;
	case OP_GE:
		return order >= 0;
	default: /* IN is equal to one of several */
		return !order;
	}
}

/* NaN equals NaN, and is neither above nor below anything. */
static bool number_holds(enum filter_op op, double a, double b)
{
	if (isnan(a) || isnan(b))
		return op != OP_LT && op != OP_GT && isnan(a) && isnan(b);
	return holds(op, (a > b) - (a < b));
}

/* What is asked of a number by a literal beyond all of them: what every one is,
 * infinities too, or none. */
static enum filter_op op_against(enum filter_op op,
				 const struct filter_value *v)
{
	if (!v->is_beyond)
		return op;
	if (v->number > 0)
		return op == OP_LT || op == OP_LE ? OP_LE : OP_GT;
	return op == OP_GT || op == OP_GE ? OP_GE : OP_LT;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* One UTF-8 character on, at least a byte. */
static const char *next_char(const char *s)
{
	s++;
	while (((unsigned char)*s & 0xc0) == 0x80)
		s++;
	return s;
}

/* SQL's LIKE: % for anything, _ for one character. Goes back to the last %
 * only, so it costs no more than pattern times text. */
static bool is_like(const char *s, const char *pattern, bool any_case)
{
	const char *star = NULL, *from = NULL;

	while (*s) {
		if (*pattern == '%') {
			star = ++pattern;
			from = s;
		} else if (*pattern == '_') {
			pattern++;
			s = next_char(s);
		} else if (*pattern && (any_case ? lower(*s) == lower(*pattern)
						 : *s == *pattern)) {
			pattern++;
			s++;
		} else if (star) {
			pattern = star;
			s = from = next_char(from);
		} else {
			return false;
		}
	}
	while (*pattern == '%')
		pattern++;
	return !*pattern;
}

/* What a compare is held against: one value of one run. */
struct probe {
	const struct filter_compare *compare;
	void *regex;
	bool *gave_up;
};

static bool text_holds(const struct probe *p, const struct filter_value *v,
		       const char *s)
{
	enum filter_op op = p->compare->op;

	if (op == OP_MATCH)
		return !*p->gave_up &&
		       filter_regex_holds(p->compare->regex, p->regex, s,
					  p->gave_up);
	if (op == OP_LIKE || op == OP_ILIKE)
		return is_like(s, v->text, op == OP_ILIKE);
	return holds(op, strcmp(s, v->text));
}

/* Both sides numbers: compared as numbers. A number against a text is only
 * ever equal or not; more and less have no meaning there. */
static bool mixed_holds(const struct probe *p, const struct filter_value *v,
			const char *s)
{
	enum filter_op op = p->compare->op;
	double number;

	if (!v->has_number || filter_op_is_text(op))
		return text_holds(p, v, s);
	if (filter_number(s, &number))
		return number_holds(op_against(op, v), number, v->number);
	return (op == OP_EQ || op == OP_IN) && text_holds(p, v, s);
}

/* A bare status may be written in any case. */
static bool status_holds(const struct probe *p, const struct filter_value *v,
			 const char *s)
{
	if (!v->quote && !filter_op_is_text(p->compare->op))
		return holds(p->compare->op, strcasecmp(s, v->text));
	return text_holds(p, v, s);
}

static bool text_matches(const struct probe *p, const char *s)
{
	const struct filter_compare *c = p->compare;
	enum filter_type type = filter_fields[c->field].type;
	bool is_match = false;
	size_t i;

	for (i = 0; i < c->n_values && !is_match; i++)
		is_match = type == TYPE_MIXED ? mixed_holds(p, &c->values[i], s)
			   : type == TYPE_STATUS
				   ? status_holds(p, &c->values[i], s)
				   : text_holds(p, &c->values[i], s);
	return is_match != c->is_not;
}

static bool number_matches(const struct probe *p, double v)
{
	const struct filter_compare *c = p->compare;
	bool is_match = false;
	char text[NUM_MAX]; /* the shortest digits */
	size_t i;

	if (filter_op_is_text(c->op)) {
		num_format(text, v);
		return text_matches(p, text);
	}
	for (i = 0; i < c->n_values && !is_match; i++)
		is_match = number_holds(op_against(c->op, &c->values[i]), v,
					c->values[i].number);
	return is_match != c->is_not;
}

/* A run has several of a fact: any of them may match. */
static bool any_matches(const struct probe *p, const char *s)
{
	char part[512], *copy;
	const char *end;
	bool is_match = false;
	size_t len;

	while (!is_match && s) {
		end = strchr(s, BATCH_FACT_SEPARATOR);
		len = end ? (size_t)(end - s) : strlen(s);
		copy = len < sizeof(part) ? part : xmalloc(len + 1);
		memcpy(copy, s, len);
		copy[len] = '\0';
		is_match = text_matches(p, copy);
		if (copy != part)
			free(copy);
		s = end ? end + 1 : NULL;
	}
	return is_match;
}

static bool number_value_matches(struct filter_bound *b, const struct probe *p,
				 uint32_t row)
{
	uint32_t col = b->compares[p->compare->index].col;
	double v;

	return run_set_number(b->set, col, row, &v) && number_matches(p, v);
}

static bool text_value_matches(struct filter_bound *b, const struct probe *p,
			       uint32_t row)
{
	struct bound_compare *bc = &b->compares[p->compare->index];
	uint32_t id = run_set_text_id(b->set, bc->col, row), slot;
	const char *s;

	if (!id)
		return false;
	slot = id % MEMO_SIZE;
	if (bc->memo[slot].text_id != id) {
		s = run_set_text(b->set, bc->col, row);
		bc->memo[slot].text_id = id;
		bc->memo[slot].is_match = p->compare->field > FIELD_LAST_KEYED
						  ? any_matches(p, s)
						  : text_matches(p, s);
	}
	return bc->memo[slot].is_match;
}

/* TIME_NONE: it has none. */
static int64_t time_of(const struct filter_bound *b, enum filter_field field,
		       const struct run_head *h)
{
	int64_t now_ms = b->filter->now_ms, ms;

	switch (field) {
	case FIELD_END:
		return h->end_ms;
	case FIELD_DURATION:
		return run_duration_ms(h, now_ms);
	case FIELD_AGE:
		return h->start_ms == TIME_NONE ||
				       __builtin_sub_overflow(now_ms,
							      h->start_ms, &ms)
			       ? TIME_NONE
			       : ms;
	default:
		return h->start_ms;
	}
}

static bool time_matches(const struct filter_bound *b, const struct probe *p,
			 const struct run_head *h)
{
	enum filter_field field = p->compare->field;
	int64_t v = time_of(b, field, h);
	char text[32];

	if (v == TIME_NONE)
		return false;
	/* As text: ISO 8601 in UTC. */
	if (!filter_op_is_text(p->compare->op) ||
	    filter_fields[field].type != TYPE_TIME)
		return number_matches(p, (double)v);
	clock_format_utc(v, text);
	return text_matches(p, text);
}

/* An experiment answers to its name and to its id. */
static bool experiment_matches(const struct filter_bound *b,
			       const struct probe *p, const struct run_head *h)
{
	const struct filter_compare *c = p->compare;
	const struct intern *strings = run_set_strings(b->set);
	const struct run_experiment *e =
		run_set_experiment(b->set, h->experiment);
	const char *id = intern_str(strings, e->id);
	const char *name = intern_str(strings, e->name);

	if (c->field == FIELD_EXPERIMENT_ID)
		return text_matches(p, id);
	if (c->op != OP_EQ && c->op != OP_IN)
		return text_matches(p, name);
	if (c->is_not)
		return text_matches(p, name) && text_matches(p, id);
	return text_matches(p, name) || text_matches(p, id);
}

/* The text of a field that is neither value nor time; "" it has none. */
static const char *head_text(const struct filter_bound *b,
			     enum filter_field field, uint32_t row,
			     char room[40])
{
	const struct run_head *h = run_set_head(b->set, row);

	switch (field) {
	case FIELD_NAME:
		return run_set_name(b->set, row);
	case FIELD_STATUS:
		return run_status_name((enum run_status)h->status);
	case FIELD_USER:
		return intern_str(run_set_strings(b->set), h->user);
	case FIELD_ID:
		return run_set_id(b->set, row, room);
	case FIELD_PARENT:
		return run_set_parent_id(b->set, row, room);
	default:
		return run_set_source_name(b->set, h->source);
	}
}

static bool head_matches(struct filter_bound *b, const struct probe *p,
			 uint32_t row)
{
	enum filter_field field = p->compare->field;
	const char *s;
	char room[40];

	switch (field) {
	case FIELD_START:
	case FIELD_END:
	case FIELD_DURATION:
	case FIELD_AGE:
		return time_matches(b, p, run_set_head(b->set, row));
	case FIELD_EXPERIMENT:
	case FIELD_EXPERIMENT_ID:
		return experiment_matches(b, p, run_set_head(b->set, row));
	default:
		s = head_text(b, field, row, room);
		/* A run at the top has no parent. */
		return (*s || field != FIELD_PARENT) && text_matches(p, s);
	}
}

static bool has_value(struct filter_bound *b, const struct filter_compare *c,
		      uint32_t row)
{
	uint32_t col = b->compares[c->index].col;
	char room[40];
	double v;

	if (c->field == FIELD_METRIC)
		return col != RUN_NO_COLUMN &&
		       run_set_number(b->set, col, row, &v);
	if (c->field <= FIELD_LAST_VALUE)
		return col != RUN_NO_COLUMN &&
		       run_set_text_id(b->set, col, row);
	switch (c->field) {
	case FIELD_START:
	case FIELD_END:
	case FIELD_DURATION:
	case FIELD_AGE:
		return time_of(b, c->field, run_set_head(b->set, row)) !=
		       TIME_NONE;
	case FIELD_EXPERIMENT:
	case FIELD_EXPERIMENT_ID:
		return true;
	default:
		return *head_text(b, c->field, row, room);
	}
}

/* needle is lower case already. */
static bool has_text(const char *s, const char *needle)
{
	size_t i;

	for (;; s++) {
		for (i = 0; needle[i] && lower(s[i]) == needle[i]; i++)
			;
		if (!needle[i])
			return true;
		if (!*s)
			return false;
	}
}

/* ---- blocks of rows ------------------------------------------------------ */

/* The usual comparison of numbers, without a branch: what is missing is a NaN,
 * so it holds for nothing but `!=`, where it is masked. */
#define FOR_WORD(condition)                                                    \
	do {                                                                   \
		for (i = 0; i < 64; i++)                                       \
			word |= (uint64_t)(condition) << i;                    \
	} while (0)

static uint64_t compare_word(enum filter_op op, const double *v, double x)
{
	uint64_t word = 0;
	int i;

	switch (op) {
	case OP_LT:
		FOR_WORD(v[i] < x);
		break;
	case OP_LE:
		FOR_WORD(v[i] <= x);
		break;
	case OP_GT:
		FOR_WORD(v[i] > x);
		break;
	case OP_GE:
		FOR_WORD(v[i] >= x);
		break;
	default:
		FOR_WORD(v[i] == x);
		break;
	}
	return word;
}

static uint64_t missing_word(const double *v)
{
	uint64_t word = 0;
	int i;

	FOR_WORD(run_number_is_missing(v[i]));
	return word;
}

static void keep_numbers(const struct filter_compare *c, const double *v,
			 struct run_bits *bits)
{
	enum filter_op op = op_against(c->op, c->values);
	uint64_t word;
	size_t i;

	for (i = 0; i < ARRAY_LEN(bits->words); i++, v += 64) {
		if (!bits->words[i])
			continue;
		word = compare_word(op, v, c->values[0].number);
		if (c->is_not)
			word = ~word & ~missing_word(v);
		bits->words[i] &= word;
	}
}

static bool is_plain_number(const struct filter_compare *c)
{
	return c->field == FIELD_METRIC && !filter_op_is_text(c->op) &&
	       c->op != OP_IN && !isnan(c->values[0].number);
}

typedef bool row_test(struct filter_bound *b, const void *of, uint32_t row);

/* Row by row, those whose bit still stands. */
static void keep_rows(struct filter_bound *b, uint32_t block,
		      struct run_bits *bits, row_test *test, const void *of)
{
	uint64_t left;
	size_t i;
	int bit;

	for (i = 0; i < ARRAY_LEN(bits->words); i++) {
		for (left = bits->words[i]; left; left &= left - 1) {
			bit = __builtin_ctzll(left);
			if (!test(b, of,
				  (uint32_t)(block * RUN_BLOCK_ROWS + i * 64) +
					  (uint32_t)bit))
				bits->words[i] &= ~(1ull << bit);
		}
	}
}

static bool is_compared(struct filter_bound *b, const void *of, uint32_t row)
{
	const struct probe *p = of;

	if (p->compare->field == FIELD_METRIC)
		return number_value_matches(b, p, row);
	if (p->compare->field <= FIELD_LAST_VALUE)
		return text_value_matches(b, p, row);
	return head_matches(b, p, row);
}

static bool is_had(struct filter_bound *b, const void *of, uint32_t row)
{
	return has_value(b, of, row);
}

static bool is_named(struct filter_bound *b, const void *of, uint32_t row)
{
	return has_text(run_set_name(b->set, row), of);
}

static void keep_compared(struct filter_bound *b,
			  const struct filter_compare *c, uint32_t block,
			  struct run_bits *bits)
{
	struct bound_compare *bc = &b->compares[c->index];
	struct probe p = { c, bc->regex, &b->gave_up };
	const double *v;

	if (c->field <= FIELD_LAST_VALUE && bc->col == RUN_NO_COLUMN) {
		memset(bits, 0, sizeof(*bits));
	} else if (is_plain_number(c)) {
		v = run_set_numbers(b->set, bc->col, block);
		if (v)
			keep_numbers(c, v, bits);
		else
			memset(bits, 0, sizeof(*bits));
	} else {
		keep_rows(b, block, bits, is_compared, &p);
	}
}

static void keep_node(struct filter_bound *b, const struct filter_node *n,
		      uint32_t block, struct run_bits *bits);

static void bits_drop(struct run_bits *bits, const struct run_bits *those)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(bits->words); i++)
		bits->words[i] &= ~those->words[i];
}

/* What none of the conditions keeps is dropped. */
static void keep_any(struct filter_bound *b, const struct filter_node *n,
		     uint32_t block, struct run_bits *bits)
{
	struct run_bits left = *bits, kept;
	size_t i;

	for (i = 0; i < n->n_kids; i++) {
		kept = left;
		keep_node(b, n->kids[i], block, &kept);
		bits_drop(&left, &kept);
	}
	bits_drop(bits, &left);
}

static void keep_node(struct filter_bound *b, const struct filter_node *n,
		      uint32_t block, struct run_bits *bits)
{
	struct run_bits kept;
	size_t i;

	switch (n->kind) {
	case NODE_TEXT:
		keep_rows(b, block, bits, is_named, n->needle);
		break;
	case NODE_COMPARE:
		keep_compared(b, &n->compare, block, bits);
		break;
	case NODE_HAS:
		keep_rows(b, block, bits, is_had, &n->compare);
		break;
	case NODE_NOT:
		kept = *bits;
		keep_node(b, n->kids[0], block, &kept);
		bits_drop(bits, &kept);
		break;
	case NODE_AND:
		for (i = 0; i < n->n_kids; i++)
			keep_node(b, n->kids[i], block, bits);
		break;
	case NODE_OR:
		keep_any(b, n, block, bits);
		break;
	}
}

void filter_keep(struct filter_bound *b, uint32_t block, struct run_bits *bits)
{
	if (b->filter->root)
		keep_node(b, b->filter->root, block, bits);
}

bool filter_gave_up(const struct filter_bound *b)
{
	return b->gave_up;
}
