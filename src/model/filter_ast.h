/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_FILTER_AST_H
#define MLTOWER_MODEL_FILTER_AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/batch.h"

/* The filter between its three parts: filter_lex.c makes tokens of text,
 * filter_parse.c a tree of tokens, filter_match.c holds rows against it. */

enum filter_token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_STRING, /* in single or double quotes */
	TOKEN_BACKTICK,
	TOKEN_OP,
	TOKEN_OTHER, /* a sign that has no meaning here */
	TOKEN_OPEN,  /* a quote that is never closed */
};

enum filter_op {
	OP_EQ,
	OP_NE,
	OP_LT,
	OP_LE,
	OP_GT,
	OP_GE,
	OP_LIKE,
	OP_ILIKE,
};

struct filter_token {
	enum filter_token_kind kind;
	size_t at, end;    /* bytes of the text: [at, end) */
	const char *text;  /* in the arena, unquoted */
	enum filter_op op; /* of TOKEN_OP */
	char quote;        /* of TOKEN_STRING */
};

/* The token at *at, which moves behind it. LIKE and ILIKE are words: only the
 * parser knows where they are operators. */
struct filter_token filter_lex(const char *text, size_t *at, struct arena *a);
/* Would it be one TOKEN_WORD? */
bool filter_is_word(const char *s);

enum filter_field {
	FIELD_METRIC,
	FIELD_PARAM,
	FIELD_TAG,
	FIELD_NAME,
	FIELD_STATUS,
	FIELD_START,
	FIELD_END,
	FIELD_DURATION,
	FIELD_AGE,
	FIELD_USER,
	FIELD_EXPERIMENT,
	FIELD_EXPERIMENT_ID,
	FIELD_ID,
	FIELD_SOURCE,
	N_FIELDS
};

/* What a field is compared with. */
enum filter_type {
	TYPE_TEXT,
	TYPE_MIXED, /* text that is a number where both sides are */
	TYPE_NUMBER,
	TYPE_STATUS,
	TYPE_TIME,
	TYPE_DURATION,
};

struct filter_field_info {
	const char *name; /* as it is printed */
	enum filter_type type;
	const char *other; /* a second name, MLflow's; or NULL */
};

extern const struct filter_field_info filter_fields[N_FIELDS];

enum filter_node_kind { NODE_TEXT, NODE_COMPARE, NODE_AND };

struct filter_compare {
	enum filter_field field;
	const char *name; /* of a metric, param or tag; else "" */
	enum filter_op op;
	const char *value; /* as it was typed, unquoted */
	bool is_quoted;
	bool has_number;
	double number;
	int64_t ms;     /* times: UTC; durations */
	uint32_t index; /* of the compares of this filter */
};

struct filter_node {
	enum filter_node_kind kind;
	union {
		const char *text; /* lower case, looked for in names */
		struct filter_compare compare;
		struct {
			struct filter_node **kids;
			size_t n_kids, cap_kids;
		};
	};
};

struct filter {
	struct arena arena;
	int64_t now_ms;
	struct filter_node *root; /* NULL: keeps everything */
	uint32_t n_compares;
	struct value_key *columns;
	size_t n_columns;
};

const char *filter_op_text(enum filter_op op);
/* A whole number or decimal as people write it, "nan" and "inf"; nothing may
 * follow. */
bool filter_number(const char *s, double *out);

#endif
