/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_FILTER_AST_H
#define MLTOWER_MODEL_FILTER_AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/batch.h"

/* The filter between its parts: filter_lex.c makes tokens of text,
 * filter_column.c knows the columns, filter_parse.c makes a tree,
 * filter_print.c writes it back, filter_regex.c is PCRE2, filter_match.c holds
 * rows against the tree, filter_complete.c knows what could be typed next. */

enum filter_token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_STRING, /* in single or double quotes */
	TOKEN_BACKTICK,
	TOKEN_OP,
	TOKEN_LEFT, /* ( */
	TOKEN_RIGHT,
	TOKEN_COMMA,
	TOKEN_OTHER, /* a sign that has no meaning here */
	TOKEN_OPEN,  /* a quote that is never closed */
};

/* `!=` and its like are the negation of the others: filter_compare.is_not. */
enum filter_op {
	OP_EQ,
	OP_LT,
	OP_LE,
	OP_GT,
	OP_GE,
	OP_MATCH, /* ~, a regular expression */
	OP_LIKE,
	OP_ILIKE,
	OP_IN,
};

struct filter_token {
	enum filter_token_kind kind;
	size_t at, end;    /* bytes of the text: [at, end) */
	const char *text;  /* in the arena, unquoted */
	enum filter_op op; /* of TOKEN_OP */
	bool is_not;       /* of TOKEN_OP: != or !~ */
	char quote;        /* of TOKEN_STRING */
};

/* The token at *at, which moves behind it. LIKE, IN and their like are words:
 * only the parser knows where they are operators. Within quotes everything
 * stands for itself, as in MLflow: a doubled quote, or one behind a backslash,
 * does not end them and stays as it is. */
struct filter_token filter_lex(const char *text, size_t *at, struct arena *a);
/* Would it be one TOKEN_WORD? */
bool filter_is_word(const char *s);
/* Takes off the quotes, one of these, that stand around all of it; in place:
 * what is left. */
char *filter_unquote(char *s, const char *quotes);
/* Takes off a name's quotes, and backticks within them; a metric's ".max" and
 * its like may stand behind the quotes and stay. No longer than `s`. */
char *filter_unquote_name(const char *s, struct arena *a);
/* Where a column's name that begins at `at` ends: words and quoted parts
 * without a blank between them; in single quotes only behind a dot. */
size_t filter_column_end(const char *text, size_t at);

enum filter_field {
	FIELD_METRIC,
	FIELD_PARAM,
	FIELD_TAG,
	FIELD_DATASET_NAME,
	FIELD_DATASET_DIGEST,
	FIELD_DATASET_CONTEXT,
	FIELD_MODEL_NAME,
	FIELD_ALIAS,
	FIELD_ARTIFACT_URI,
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
	FIELD_PARENT,
	FIELD_SOURCE,
	N_FIELDS
};

#define FIELD_LAST_KEYED FIELD_TAG          /* has a name behind the dot */
#define FIELD_LAST_VALUE FIELD_ARTIFACT_URI /* is a column of values */

/* What a field is compared with. */
enum filter_type {
	TYPE_TEXT,
	TYPE_MIXED, /* text that is a number where both sides are */
	TYPE_NUMBER,
	TYPE_STATUS,
	TYPE_TIME,     /* milliseconds UTC */
	TYPE_DURATION, /* milliseconds */
};

struct filter_field_info {
	const char *name; /* as it is printed */
	enum filter_type type;
	enum value_kind kind; /* of the fields up to FIELD_LAST_VALUE */
};

extern const struct filter_field_info filter_fields[N_FIELDS];

/* A word that could be a column. */
struct filter_column {
	enum filter_field field; /* N_FIELDS: no such one */
	bool is_dotted;          /* it can be nothing but a column */
	const char *name;        /* behind the dot, unquoted; "" none */
};

/* Splits what filter_column_end() cut out, in MLflow's way: at its first dot;
 * MLflow's other spellings too. */
struct filter_column filter_split_column(const char *raw, struct arena *a);

enum filter_node_kind {
	NODE_TEXT,
	NODE_COMPARE,
	NODE_HAS,
	NODE_NOT, /* of kids[0] */
	NODE_AND,
	NODE_OR,
};

struct filter_value {
	const char *text; /* unquoted */
	char quote;       /* 0: none */
	bool has_number;
	double number; /* also of times and durations: milliseconds */
	/* Digits that no double holds, 1e400: infinite, and beyond that, as in
	 * MLflow. */
	bool is_beyond;
};

struct filter_regex;

struct filter_compare {
	enum filter_field field;
	const char *name; /* of a metric, param or tag; else "" */
	const char *raw;  /* the column as it was typed */
	enum filter_op op;
	bool is_not;
	struct filter_value *values; /* one; IN: one or more */
	size_t n_values;
	struct filter_regex *regex; /* of OP_MATCH */
	uint32_t index;             /* of the compares of this filter */
};

struct filter_node {
	enum filter_node_kind kind;
	union {
		struct {
			const char *text;   /* as it was typed, unquoted */
			const char *needle; /* the same in lower case */
			char quote;
		};
		struct filter_compare compare; /* NODE_HAS: its column only */
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
	struct filter_regex **regexes; /* to be freed with it */
	size_t n_regexes;
};

/* What may stand at the end of a text that is typed. */
#define FILTER_MAY_CONDITION    (1u << 0) /* a column, has, not, ( */
#define FILTER_MAY_COLUMN       (1u << 1)
#define FILTER_MAY_OPERATOR     (1u << 2) /* behind the column */
#define FILTER_MAY_NOT_OPERATOR (1u << 3) /* LIKE, ILIKE or IN behind `not` */
#define FILTER_MAY_VALUE        (1u << 4) /* of the column */
#define FILTER_MAY_LEFT         (1u << 5) /* ( and so on */
#define FILTER_MAY_RIGHT        (1u << 6)
#define FILTER_MAY_COMMA        (1u << 7)
#define FILTER_MAY_JOIN         (1u << 8) /* and, or */
#define FILTER_MAY_NULL         (1u << 9)
#define FILTER_MAY_NOT          (1u << 10) /* before NULL */

struct filter_expect {
	unsigned may;            /* 0: the text is wrong before its end */
	enum filter_field field; /* the column; N_FIELDS: none */
	const char *name;        /* of it; in the arena */
	enum filter_op op;       /* before the value */
	bool is_wrong;           /* as it stands; */
	size_t wrong_at;         /* from this byte on */
};

/* filter_parse.c: what would go on from the end of the text. */
struct filter_expect filter_expect(const char *text, struct arena *a);

/* "!=", "NOT LIKE" ...: what stands between column and value. */
const char *filter_op_text(enum filter_op op, bool is_not);
/* Does it look at a value as text, whatever it is? */
bool filter_op_is_text(enum filter_op op);
/* A word that means something where a condition could begin or end. */
bool filter_is_reserved(const char *word);
/* A whole number or decimal as people write it, "nan" and "inf"; nothing may
 * follow. */
bool filter_number(const char *s, double *out);

/* ERR_PARSE with the byte of the pattern where it fails in *at. */
ATTR_NODISCARD enum err_code filter_regex_new(const char *pattern,
					      struct filter_regex **out,
					      size_t *at, struct err *err);
void filter_regex_free(struct filter_regex *r);
/* What one thread matches with; free()-like end by filter_regex_done(). */
void *filter_regex_begin(const struct filter_regex *r);
/* Sets *gave_up where it takes more steps than a pattern over names may. */
bool filter_regex_holds(const struct filter_regex *r, void *begun,
			const char *s, bool *gave_up);
void filter_regex_done(void *begun);

#endif
