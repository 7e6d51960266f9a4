/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "filter_ast.h"
#include "model/filter.h"

#define MAX_TEXT  (64u << 10)
#define OPERATORS "= != < <= > >= LIKE or ILIKE"

const struct filter_field_info filter_fields[N_FIELDS] = {
	[FIELD_METRIC] = { "metrics", TYPE_NUMBER, "metric" },
	[FIELD_PARAM] = { "params", TYPE_MIXED, "param" },
	[FIELD_TAG] = { "tags", TYPE_MIXED, "tag" },
	[FIELD_NAME] = { "name", TYPE_TEXT, "run_name" },
	[FIELD_STATUS] = { "status", TYPE_STATUS, NULL },
	[FIELD_START] = { "start", TYPE_TIME, "start_time" },
	[FIELD_END] = { "end", TYPE_TIME, "end_time" },
	[FIELD_DURATION] = { "duration", TYPE_DURATION, NULL },
	[FIELD_AGE] = { "age", TYPE_DURATION, NULL },
	[FIELD_USER] = { "user", TYPE_TEXT, "user_id" },
	[FIELD_EXPERIMENT] = { "experiment", TYPE_TEXT, NULL },
	[FIELD_EXPERIMENT_ID] = { "experiment_id", TYPE_TEXT, NULL },
	[FIELD_ID] = { "id", TYPE_TEXT, "run_id" },
	[FIELD_SOURCE] = { "source", TYPE_TEXT, NULL },
};

struct parser {
	const char *text;
	size_t next; /* of the text, not lexed yet */
	struct filter_token token;
	struct filter *filter;
	size_t error_at;
	struct err *err;
};

static void advance(struct parser *p)
{
	p->token = filter_lex(p->text, &p->next, &p->filter->arena);
}

static bool fail(struct parser *p, const char *expected)
{
	const struct filter_token *t = &p->token;

	p->error_at = t->at;
	if (t->kind == TOKEN_OPEN)
		err_set(p->err, ERR_PARSE, "a quote is not closed: expected %c",
			t->quote);
	else if (t->kind == TOKEN_END)
		err_set(p->err, ERR_PARSE, "expected %s", expected);
	else
		err_set(p->err, ERR_PARSE, "expected %s, not '%.*s'", expected,
			(int)MIN(t->end - t->at, (size_t)40), p->text + t->at);
	return false;
}

static bool is_word(const struct filter_token *t, const char *word)
{
	return t->kind == TOKEN_WORD && !strcasecmp(t->text, word);
}

/* ---- columns ------------------------------------------------------------- */

static bool is_field_name(enum filter_field f, const char *s, size_t len)
{
	const struct filter_field_info *i = &filter_fields[f];

	return (strlen(i->name) == len && !strncmp(i->name, s, len)) ||
	       (i->other && strlen(i->other) == len &&
		!strncmp(i->other, s, len));
}

static bool is_one_of(const char *const *names, const char *s, size_t len)
{
	for (; *names; names++)
		if (strlen(*names) == len && !strncmp(*names, s, len))
			return true;
	return false;
}

/* The field of a column's first part; MLflow's other spellings too. */
static enum filter_field find_field(const char *s, size_t len, bool is_prefix)
{
	static const char *const params[] = { "parameter", "parameters", NULL };
	enum filter_field f = is_prefix ? FIELD_METRIC : FIELD_NAME;
	enum filter_field last = is_prefix ? FIELD_TAG : N_FIELDS - 1;

	if (is_prefix && is_one_of(params, s, len))
		return FIELD_PARAM;
	for (; f <= last; f++)
		if (is_field_name(f, s, len))
			return f;
	return N_FIELDS;
}

/* A word that could be a column, split at its first dot. */
struct column {
	enum filter_field field; /* N_FIELDS: no such one */
	bool is_dotted;
	const char *name; /* "" where it is quoted, behind the word */
};

static struct column split_column(const char *word)
{
	static const char *const attributes[] = { "attribute", "attributes",
						  "attr", "run", NULL };
	const char *dot = strchr(word, '.');
	struct column c = { .field = N_FIELDS, .name = "" };

	if (dot && is_one_of(attributes, word, (size_t)(dot - word))) {
		c.is_dotted = true;
		c.field = find_field(dot + 1, strlen(dot + 1), false);
	} else if (dot) {
		c.is_dotted = true;
		c.field = find_field(word, (size_t)(dot - word), true);
		c.name = dot + 1;
	} else {
		c.field = find_field(word, strlen(word), false);
	}
	return c;
}

static bool has_key(enum filter_field f)
{
	return f <= FIELD_TAG;
}

/* The column at the token, and its quoted name behind the dot. */
static bool parse_column(struct parser *p, struct filter_compare *c)
{
	struct column col = split_column(p->token.text);
	size_t end = p->token.end;

	if (col.field == N_FIELDS)
		return fail(p, "metrics.NAME, params.NAME, tags.NAME, name, "
			       "status, start, end, duration, age, user, "
			       "experiment, id or source");
	advance(p);
	c->field = col.field;
	c->name = col.name;
	if (!has_key(col.field) || *col.name)
		return true;
	if (p->token.at != end || !*p->token.text ||
	    (p->token.kind != TOKEN_BACKTICK &&
	     (p->token.kind != TOKEN_STRING || p->token.quote != '"')))
		return fail(p, "a name behind the dot");
	c->name = p->token.text;
	advance(p);
	return true;
}

static bool parse_op(struct parser *p, struct filter_compare *c)
{
	enum filter_type type = filter_fields[c->field].type;

	if (p->token.kind == TOKEN_OP)
		c->op = p->token.op;
	else if (is_word(&p->token, "like"))
		c->op = OP_LIKE;
	else if (is_word(&p->token, "ilike"))
		c->op = OP_ILIKE;
	else
		return fail(p, OPERATORS);
	if (c->op >= OP_LIKE && type != TYPE_TEXT && type != TYPE_MIXED &&
	    type != TYPE_STATUS)
		return fail(p, "= != < <= > or >=, since it is no text");
	if (type == TYPE_STATUS && c->op >= OP_LT && c->op <= OP_GE)
		return fail(p, "= != LIKE or ILIKE");
	advance(p);
	return true;
}

/* ---- values -------------------------------------------------------------- */

static bool parse_time(const struct parser *p, const char *s, int64_t *ms)
{
	int64_t ago;

	if (*s == '-' && clock_parse_duration(s + 1, &ago)) {
		*ms = p->filter->now_ms - ago;
		return true;
	}
	return clock_parse(s, ms);
}

static bool parse_value(struct parser *p, struct filter_compare *c)
{
	static const char statuses[] = "RUNNING, FINISHED, FAILED, KILLED or "
				       "SCHEDULED";
	static const char *const expected[] = {
		[TYPE_TEXT] = "a text",
		[TYPE_MIXED] = "a number or a text",
		[TYPE_NUMBER] = "a number",
		[TYPE_STATUS] = statuses,
		[TYPE_TIME] = "a time such as -2h or 2026-11-01",
		[TYPE_DURATION] = "a duration such as 90s, 10m, 2h or 1d",
	};
	enum filter_type type = filter_fields[c->field].type;

	if (p->token.kind != TOKEN_WORD && p->token.kind != TOKEN_STRING)
		return fail(p, expected[type]);
	c->value = p->token.text;
	c->is_quoted = p->token.kind == TOKEN_STRING;
	c->has_number = !c->is_quoted && filter_number(c->value, &c->number);
	if ((type == TYPE_NUMBER && !c->has_number) ||
	    (type == TYPE_TIME && !parse_time(p, c->value, &c->ms)) ||
	    (type == TYPE_DURATION && !clock_parse_duration(c->value, &c->ms)))
		return fail(p, expected[type]);
	advance(p);
	return true;
}

static void want_column(struct filter *f, const struct filter_compare *c)
{
	static const enum value_kind kinds[] = { [FIELD_METRIC] = VALUE_METRIC,
						 [FIELD_PARAM] = VALUE_PARAM,
						 [FIELD_TAG] = VALUE_TAG };
	struct value_key key = { .name = c->name };
	size_t i;

	if (!has_key(c->field))
		return;
	key.kind = kinds[c->field];
	for (i = 0; i < f->n_columns; i++)
		if (f->columns[i].kind == key.kind &&
		    !strcmp(f->columns[i].name, key.name))
			return;
	f->columns = xreallocarray(f->columns, f->n_columns + 1, sizeof(key));
	f->columns[f->n_columns++] = key;
}

/* ---- the tree ------------------------------------------------------------ */

static struct filter_node *node_new(struct parser *p, enum filter_node_kind k)
{
	struct filter_node *n = arena_alloc(&p->filter->arena, sizeof(*n));

	n->kind = k;
	return n;
}

static struct filter_node *parse_compare(struct parser *p)
{
	struct filter_node *n = node_new(p, NODE_COMPARE);
	struct filter_compare *c = &n->compare;

	if (!parse_column(p, c) || !parse_op(p, c) || !parse_value(p, c))
		return NULL;
	c->index = p->filter->n_compares++;
	want_column(p->filter, c);
	return n;
}

static struct filter_node *parse_text(struct parser *p)
{
	struct filter_node *n = node_new(p, NODE_TEXT);
	char *s = arena_strdup(&p->filter->arena, p->token.text);

	n->text = s;
	for (; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
	advance(p);
	return n;
}

/* Does the word begin a comparison: an operator follows, or it can be nothing
 * but a column. */
static bool begins_compare(struct parser *p)
{
	size_t at = p->token.end;
	struct filter_token next;
	struct column c;

	if (p->token.kind != TOKEN_WORD)
		return false;
	next = filter_lex(p->text, &at, &p->filter->arena);
	if (next.kind == TOKEN_OP || is_word(&next, "like") ||
	    is_word(&next, "ilike"))
		return true;
	c = split_column(p->token.text);
	return c.is_dotted && c.field != N_FIELDS;
}

/* One condition. `is_joined`: an `and` stands before it, or nothing. Words one
 * after another are looked for one by one; all else needs its `and`. */
static struct filter_node *parse_item(struct parser *p, bool is_joined)
{
	static const char *const reserved[] = { "and", "or", "not" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(reserved); i++) {
		if (is_word(&p->token, reserved[i])) {
			fail(p, is_joined ? "a word or a column" : "and");
			return NULL;
		}
	}
	if (begins_compare(p)) {
		if (is_joined)
			return parse_compare(p);
		fail(p, "and");
		return NULL;
	}
	if (p->token.kind == TOKEN_WORD || p->token.kind == TOKEN_STRING)
		return parse_text(p);
	fail(p, is_joined ? "a word or a column" : "and");
	return NULL;
}

static void add_kid(struct filter *f, struct filter_node *all,
		    struct filter_node *kid)
{
	struct filter_node **kids;

	if (all->n_kids == all->cap_kids) {
		all->cap_kids = all->cap_kids ? all->cap_kids * 2 : 4;
		kids = arena_alloc(&f->arena, all->cap_kids * sizeof(*kids));
		if (all->n_kids)
			memcpy(kids, all->kids, all->n_kids * sizeof(*kids));
		all->kids = kids;
	}
	all->kids[all->n_kids++] = kid;
}

static struct filter_node *parse_and(struct parser *p)
{
	struct filter_node *all = node_new(p, NODE_AND), *kid;
	bool is_joined = true;

	do {
		kid = parse_item(p, is_joined);
		if (!kid)
			return NULL;
		add_kid(p->filter, all, kid);
		is_joined = is_word(&p->token, "and");
		if (is_joined)
			advance(p);
		else if (kid->kind == NODE_COMPARE &&
			 p->token.kind != TOKEN_END)
			return fail(p, "and"), NULL;
	} while (is_joined || p->token.kind != TOKEN_END);
	return all->n_kids == 1 ? all->kids[0] : all;
}

/* Characters before the byte, from 1: where the cursor would stand. */
static size_t column_of(const char *text, size_t at)
{
	size_t i, column = 1;

	for (i = 0; i < at; i++)
		column += ((unsigned char)text[i] & 0xc0) != 0x80;
	return column;
}

enum err_code filter_parse(const char *text, int64_t now_ms,
			   struct filter **out, size_t *column, struct err *err)
{
	struct parser p = { .text = text, .err = err };

	*column = 1;
	if (strlen(text) > MAX_TEXT)
		return err_set(err, ERR_LIMIT, "a filter longer than %u bytes",
			       MAX_TEXT);
	p.filter = xcalloc(1, sizeof(*p.filter));
	p.filter->now_ms = now_ms;
	advance(&p);
	if (p.token.kind != TOKEN_END)
		p.filter->root = parse_and(&p);
	if (err->code) {
		*column = column_of(text, p.error_at);
		filter_free(p.filter);
		return err->code;
	}
	*out = p.filter;
	return ERR_OK;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	free(f->columns);
	arena_release(&f->arena);
	free(f);
}

size_t filter_n_columns(const struct filter *f)
{
	return f->n_columns;
}

struct value_key filter_column(const struct filter *f, size_t i)
{
	BUG_ON(i >= f->n_columns);
	return f->columns[i];
}

/* ---- printing ------------------------------------------------------------ */

static void print_quoted(struct buf *out, const char *s, char quote)
{
	buf_addc(out, quote);
	for (; *s; s++) {
		if (*s == quote)
			buf_addc(out, quote);
		buf_addc(out, *s);
	}
	buf_addc(out, quote);
}

/* A text stands bare where it cannot be taken for anything else. */
static bool can_stand_bare(const char *s)
{
	static const char *const words[] = { "and", "or", "not", "like",
					     "ilike" };
	struct column c = split_column(s);
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		if (!strcasecmp(words[i], s))
			return false;
	return filter_is_word(s) && !(c.is_dotted && c.field != N_FIELDS);
}

static void print_node(const struct filter_node *n, struct buf *out)
{
	const struct filter_compare *c = &n->compare;
	size_t i;

	switch (n->kind) {
	case NODE_TEXT:
		if (can_stand_bare(n->text))
			buf_adds(out, n->text);
		else
			print_quoted(out, n->text, '"');
		break;
	case NODE_COMPARE:
		buf_adds(out, filter_fields[c->field].name);
		if (has_key(c->field)) {
			buf_addc(out, '.');
			if (filter_is_word(c->name))
				buf_adds(out, c->name);
			else
				print_quoted(out, c->name, '"');
		}
		buf_addf(out, " %s ", filter_op_text(c->op));
		if (c->is_quoted)
			print_quoted(out, c->value, '\'');
		else
			buf_adds(out, c->value);
		break;
	case NODE_AND:
		for (i = 0; i < n->n_kids; i++) {
			if (i)
				buf_adds(out, " and ");
			print_node(n->kids[i], out);
		}
		break;
	}
}

void filter_print(const struct filter *f, struct buf *out)
{
	if (f->root)
		print_node(f->root, out);
}
