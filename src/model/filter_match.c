/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"
#include "filter_ast.h"
#include "model/filter.h"

/* Params and tags repeat: what a text gave is remembered by its number. */
#define MEMO_SIZE 256u

struct bound_compare {
	uint32_t col; /* RUN_NO_COLUMN: no run has it, or it is no column */
	struct {
		uint32_t text_id;
		bool is_match;
	} memo[MEMO_SIZE];
};

struct filter_bound {
	const struct filter *filter;
	const struct run_set *set;
	struct bound_compare compares[];
};

static void bind_node(struct filter_bound *b, const struct filter_node *n)
{
	static const enum value_kind kinds[] = { [FIELD_METRIC] = VALUE_METRIC,
						 [FIELD_PARAM] = VALUE_PARAM,
						 [FIELD_TAG] = VALUE_TAG };
	const struct filter_compare *c = &n->compare;
	size_t i;

	if (n->kind == NODE_AND)
		for (i = 0; i < n->n_kids; i++)
			bind_node(b, n->kids[i]);
	if (n->kind != NODE_COMPARE)
		return;
	b->compares[c->index].col =
		c->field <= FIELD_TAG
			? run_set_find_column(b->set, kinds[c->field], c->name)
			: RUN_NO_COLUMN;
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
	free(b);
}

/* ---- comparing ----------------------------------------------------------- */

static bool holds(enum filter_op op, int order)
{
	switch (op) {
	case OP_EQ:
		return !order;
	case OP_NE:
		return order;
	case OP_LT:
		return order < 0;
	case OP_LE:
		return order <= 0;
	case OP_GT:
		return order > 0;
	case OP_GE:
		return order >= 0;
	default:
		return false;
	}
}

/* NaN equals NaN, and is neither above nor below anything. */
static bool number_holds(enum filter_op op, double a, double b)
{
	if (isnan(a) || isnan(b)) {
		if (op == OP_NE)
			return isnan(a) != isnan(b);
		return (op == OP_EQ || op == OP_LE || op == OP_GE) &&
		       isnan(a) && isnan(b);
	}
	return holds(op, (a > b) - (a < b));
}

static bool int_holds(enum filter_op op, int64_t a, int64_t b)
{
	return holds(op, (a > b) - (a < b));
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

static bool text_holds(const struct filter_compare *c, const char *s)
{
	if (c->op >= OP_LIKE)
		return is_like(s, c->value, c->op == OP_ILIKE);
	return holds(c->op, strcmp(s, c->value));
}

/* Both sides numbers: compared as numbers. A number against a text is only
 * ever equal or not; more and less have no meaning there. */
static bool mixed_holds(const struct filter_compare *c, const char *s)
{
	double v;

	if (!c->has_number || c->op >= OP_LIKE)
		return text_holds(c, s);
	if (filter_number(s, &v))
		return number_holds(c->op, v, c->number);
	return (c->op == OP_EQ || c->op == OP_NE) && text_holds(c, s);
}

static bool status_holds(const struct filter_compare *c, int status)
{
	const char *s = run_status_name((enum run_status)status);

	if (c->op < OP_LIKE && !c->is_quoted)
		return holds(c->op, strcasecmp(s, c->value));
	return text_holds(c, s);
}

static bool value_matches(struct filter_bound *b,
			  const struct filter_compare *c, uint32_t row)
{
	struct bound_compare *bc = &b->compares[c->index];
	uint32_t id, slot;
	double v;

	if (bc->col == RUN_NO_COLUMN)
		return false;
	if (c->field == FIELD_METRIC)
		return run_set_number(b->set, bc->col, row, &v) &&
		       number_holds(c->op, v, c->number);
	id = run_set_text_id(b->set, bc->col, row);
	if (!id)
		return false;
	slot = id % MEMO_SIZE;
	if (bc->memo[slot].text_id != id) {
		bc->memo[slot].text_id = id;
		bc->memo[slot].is_match =
			mixed_holds(c, run_set_text(b->set, bc->col, row));
	}
	return bc->memo[slot].is_match;
}

static bool time_matches(const struct filter_bound *b,
			 const struct filter_compare *c,
			 const struct run_head *h)
{
	int64_t now_ms = b->filter->now_ms, end_ms = h->end_ms, v;

	if (end_ms == TIME_NONE && h->status == RUN_RUNNING)
		end_ms = now_ms;
	switch (c->field) {
	case FIELD_END:
		v = h->end_ms;
		break;
	case FIELD_DURATION:
		v = h->start_ms == TIME_NONE || end_ms == TIME_NONE
			    ? TIME_NONE
			    : end_ms - h->start_ms;
		break;
	case FIELD_AGE:
		v = h->start_ms == TIME_NONE ? TIME_NONE : now_ms - h->start_ms;
		break;
	default:
		v = h->start_ms;
		break;
	}
	return v != TIME_NONE && int_holds(c->op, v, c->ms);
}

/* An experiment answers to its name and to its id. */
static bool experiment_matches(const struct filter_bound *b,
			       const struct filter_compare *c,
			       const struct run_head *h)
{
	const struct intern *strings = run_set_strings(b->set);
	const struct run_experiment *e =
		run_set_experiment(b->set, h->experiment);
	const char *id = intern_str(strings, e->id);
	const char *name = intern_str(strings, e->name);

	if (c->field == FIELD_EXPERIMENT_ID)
		return text_holds(c, id);
	if (c->op == OP_NE)
		return text_holds(c, name) && text_holds(c, id);
	if (c->op == OP_EQ)
		return text_holds(c, name) || text_holds(c, id);
	return text_holds(c, name);
}

static bool compare_matches(struct filter_bound *b,
			    const struct filter_compare *c, uint32_t row)
{
	const struct run_head *h;
	char id[40];

	if (c->field <= FIELD_TAG)
		return value_matches(b, c, row);
	h = run_set_head(b->set, row);
	switch (c->field) {
	case FIELD_NAME:
		return text_holds(c, run_set_name(b->set, row));
	case FIELD_STATUS:
		return status_holds(c, h->status);
	case FIELD_USER:
		return text_holds(c,
				  intern_str(run_set_strings(b->set), h->user));
	case FIELD_EXPERIMENT:
	case FIELD_EXPERIMENT_ID:
		return experiment_matches(b, c, h);
	case FIELD_ID:
		return text_holds(c, run_set_id(b->set, row, id));
	case FIELD_SOURCE:
		return text_holds(c, run_set_source_name(b->set, h->source));
	default:
		return time_matches(b, c, h);
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

static bool node_matches(struct filter_bound *b, const struct filter_node *n,
			 uint32_t row)
{
	size_t i;

	switch (n->kind) {
	case NODE_TEXT:
		return has_text(run_set_name(b->set, row), n->text);
	case NODE_COMPARE:
		return compare_matches(b, &n->compare, row);
	case NODE_AND:
		for (i = 0; i < n->n_kids; i++)
			if (!node_matches(b, n->kids[i], row))
				return false;
		return true;
	}
	return false;
}

bool filter_match(struct filter_bound *b, uint32_t row)
{
	return !b->filter->root || node_matches(b, b->filter->root, row);
}
