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

/*	filter    = {"and"} [or]
 *	or        = and { "or" and }
 *	and       = condition { "and" condition } {"and"}
 *	condition = "not" condition | "(" or ")" | "has" column
 *	          | column "is" ["not"] "null" | column operator value
 *	          | column ["not"] "in" "(" value { "," value } ")" | word
 *
 * Words need no "and" between them; and as in MLflow one too many is none: in
 * front, twice, or at the end. */

#define MAX_TEXT  (64u << 10)
#define MAX_DEPTH 100
#define OPERATORS "= != < <= > >= ~ !~ LIKE ILIKE IN or IS NULL"
#define CONDITION "a word or a column"
#define COLUMNS                                                                \
	"metrics.NAME, params.NAME, tags.NAME, name, status, start, end, "     \
	"duration, age, user, experiment, id, parent, source, alias, "         \
	"model.name or dataset.name"

struct parser {
	const char *text;
	size_t next; /* of the text, not lexed yet */
	struct filter_token token;
	struct filter *filter;
	int depth;
	size_t error_at;
	struct err *err;
	struct filter_expect *expect; /* NULL: nobody asks */
	struct arena *expect_arena;
};

static void advance(struct parser *p)
{
	p->token = filter_lex(p->text, &p->next, &p->filter->arena);
}

static void skip_to(struct parser *p, size_t at)
{
	p->next = at;
	advance(p);
}

/* What comes next may be this, if it is to be typed yet. `c`: the column it
 * belongs to, or NULL. */
static void expect(struct parser *p, unsigned may,
		   const struct filter_compare *c)
{
	struct filter_expect *e = p->expect;

	if (!e || p->token.kind != TOKEN_END)
		return;
	e->may |= may;
	if (!c)
		return;
	e->field = c->field;
	e->name = arena_strdup(p->expect_arena, c->name);
	e->op = c->op;
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

static bool take_word(struct parser *p, const char *word)
{
	if (!is_word(&p->token, word))
		return false;
	advance(p);
	return true;
}

/* ---- columns ------------------------------------------------------------- */

/* The column that begins at the token, if one does; *end is where it ends. */
static struct filter_column look_at_column(struct parser *p, size_t *end,
					   const char **raw)
{
	struct filter_column c = { .field = N_FIELDS };
	const struct filter_token *t = &p->token;

	if (t->kind != TOKEN_WORD && t->kind != TOKEN_BACKTICK &&
	    (t->kind != TOKEN_STRING || t->quote != '"'))
		return c;
	*end = filter_column_end(p->text, t->at);
	*raw = arena_strndup(&p->filter->arena, p->text + t->at, *end - t->at);
	return filter_split_column(*raw, &p->filter->arena);
}

static void want_column(struct filter *f, const struct filter_compare *c)
{
	const struct filter_field_info *info = &filter_fields[c->field];
	struct value_key key = { info->kind, c->name };
	size_t i;

	if (c->field > FIELD_LAST_VALUE)
		return;
	if (c->field > FIELD_LAST_KEYED)
		key.name = info->name;
	for (i = 0; i < f->n_columns; i++)
		if (f->columns[i].kind == key.kind &&
		    !strcmp(f->columns[i].name, key.name))
			return;
	f->columns = xreallocarray(f->columns, f->n_columns + 1, sizeof(key));
	f->columns[f->n_columns++] = key;
}

static bool parse_column(struct parser *p, struct filter_compare *c)
{
	size_t end = 0;
	struct filter_column col = look_at_column(p, &end, &c->raw);

	if (col.field == N_FIELDS)
		return fail(p, COLUMNS);
	c->field = col.field;
	c->name = col.name;
	skip_to(p, end);
	if (c->field <= FIELD_LAST_KEYED && !*c->name)
		return fail(p, "a name behind the dot");
	c->index = p->filter->n_compares++;
	want_column(p->filter, c);
	return true;
}

/* ---- operators ----------------------------------------------------------- */

static bool find_word_op(const struct filter_token *t, enum filter_op *op)
{
	static const enum filter_op words[] = { OP_LIKE, OP_ILIKE, OP_IN };
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++) {
		if (is_word(t, filter_op_text(words[i], false))) {
			*op = words[i];
			return true;
		}
	}
	return false;
}

/* What stands at `at` begins the part behind a column. */
static bool is_operator(struct parser *p, size_t at)
{
	struct filter_token t = filter_lex(p->text, &at, &p->filter->arena);
	enum filter_op op;

	if (t.kind == TOKEN_OP || is_word(&t, "is"))
		return true;
	if (!is_word(&t, "not"))
		return find_word_op(&t, &op);
	t = filter_lex(p->text, &at, &p->filter->arena);
	return t.kind == TOKEN_END || find_word_op(&t, &op);
}

static bool parse_op(struct parser *p, struct filter_compare *c)
{
	if (p->token.kind == TOKEN_OP) {
		c->op = p->token.op;
		c->is_not = p->token.is_not;
		advance(p);
		return true;
	}
	c->is_not = take_word(p, "not");
	expect(p, c->is_not ? FILTER_MAY_NOT_OPERATOR : FILTER_MAY_OPERATOR, c);
	if (!find_word_op(&p->token, &c->op))
		return fail(p, c->is_not ? "LIKE, ILIKE or IN" : OPERATORS);
	advance(p);
	return true;
}

/* ---- values -------------------------------------------------------------- */

static bool parse_time(const struct parser *p, const char *s, double *ms)
{
	int64_t v;

	if (*s == '-' && clock_parse_duration(s + 1, &v)) {
		*ms = (double)(p->filter->now_ms - v);
		return true;
	}
	if (!clock_parse(s, &v))
		return false;
	*ms = (double)v;
	return true;
}

static bool is_status(const char *s)
{
	int i;

	for (i = RUN_UNKNOWN; i <= RUN_KILLED; i++)
		if (!strcasecmp(run_status_name((enum run_status)i), s))
			return true;
	return false;
}

/* A bare number is milliseconds since 1970, as in MLflow. */
static bool set_number(const struct parser *p, enum filter_type type,
		       struct filter_value *v)
{
	int64_t ms;

	v->has_number = !v->quote && filter_number(v->text, &v->number);
	v->is_beyond = v->has_number && isinf(v->number) &&
		       strpbrk(v->text, "0123456789");
	switch (type) {
	case TYPE_NUMBER:
		return v->has_number;
	case TYPE_TIME:
		if (!v->has_number)
			v->has_number = parse_time(p, v->text, &v->number);
		return v->has_number;
	case TYPE_DURATION:
		if (!clock_parse_duration(v->text, &ms))
			return false;
		v->has_number = true;
		v->number = (double)ms;
		return true;
	case TYPE_STATUS:
		return v->quote || is_status(v->text);
	default:
		return true;
	}
}

static bool parse_value(struct parser *p, const struct filter_compare *c,
			struct filter_value *v)
{
	static const char *const expected[] = {
		[TYPE_TEXT] = "a text",
		[TYPE_MIXED] = "a number or a text",
		[TYPE_NUMBER] = "a number",
		[TYPE_STATUS] = ("RUNNING, FINISHED, FAILED, "
				 "KILLED or SCHEDULED"),
		[TYPE_TIME] = "a time such as -2h or 2026-11-01",
		[TYPE_DURATION] = "a duration such as 90s, 10m, 2h or 1d",
	};
	enum filter_type type = filter_fields[c->field].type;

	if (filter_op_is_text(c->op))
		type = TYPE_TEXT;
	expect(p, FILTER_MAY_VALUE, c);
	if (p->token.kind != TOKEN_WORD && p->token.kind != TOKEN_STRING)
		return fail(p, expected[type]);
	v->text = p->token.text;
	v->quote = p->token.kind == TOKEN_STRING ? p->token.quote : '\0';
	if (!set_number(p, type, v))
		return fail(p, expected[type]);
	return true;
}

static bool parse_regex(struct parser *p, struct filter_compare *c)
{
	struct filter *f = p->filter;
	size_t at = 0;

	if (filter_regex_new(c->values[0].text, &c->regex, &at, p->err)) {
		p->error_at = p->token.at + !!c->values[0].quote + at;
		return false;
	}
	f->regexes = xreallocarray(f->regexes, f->n_regexes + 1,
				   sizeof(*f->regexes));
	f->regexes[f->n_regexes++] = c->regex;
	return true;
}

static bool parse_list(struct parser *p, struct filter_compare *c)
{
	struct filter_value *old;
	size_t cap = 0;

	expect(p, FILTER_MAY_LEFT, NULL);
	if (p->token.kind != TOKEN_LEFT)
		return fail(p, "'(' and values between commas");
	do {
		advance(p);
		if (c->n_values == cap) {
			old = c->values;
			cap = cap ? cap * 2 : 4;
			c->values = arena_alloc(&p->filter->arena,
						cap * sizeof(*c->values));
			if (old)
				memcpy(c->values, old,
				       c->n_values * sizeof(*old));
		}
		if (!parse_value(p, c, &c->values[c->n_values]))
			return false;
		c->n_values++;
		advance(p);
	} while (p->token.kind == TOKEN_COMMA);
	expect(p, FILTER_MAY_COMMA | FILTER_MAY_RIGHT, NULL);
	if (p->token.kind != TOKEN_RIGHT)
		return fail(p, "',' or ')'");
	advance(p);
	return true;
}

static bool parse_values(struct parser *p, struct filter_compare *c)
{
	if (c->op == OP_IN)
		return parse_list(p, c);
	c->values = arena_alloc(&p->filter->arena, sizeof(*c->values));
	c->n_values = 1;
	if (!parse_value(p, c, c->values) ||
	    (c->op == OP_MATCH && !parse_regex(p, c)))
		return false;
	advance(p);
	return true;
}

/* ---- the tree ------------------------------------------------------------ */

static struct filter_node *parse_or(struct parser *p);

static struct filter_node *node_new(struct parser *p, enum filter_node_kind k)
{
	struct filter_node *n = arena_alloc(&p->filter->arena, sizeof(*n));

	n->kind = k;
	return n;
}

static void add_kid(struct parser *p, struct filter_node *all,
		    struct filter_node *kid)
{
	struct filter_node **kids;

	if (all->n_kids == all->cap_kids) {
		all->cap_kids = all->cap_kids ? all->cap_kids * 2 : 2;
		kids = arena_alloc(&p->filter->arena,
				   all->cap_kids * sizeof(*kids));
		if (all->n_kids)
			memcpy(kids, all->kids, all->n_kids * sizeof(*kids));
		all->kids = kids;
	}
	all->kids[all->n_kids++] = kid;
}

static struct filter_node *not_of(struct parser *p, struct filter_node *kid)
{
	struct filter_node *n = node_new(p, NODE_NOT);

	add_kid(p, n, kid);
	return n;
}

/* Behind "is"; the column is known. */
static struct filter_node *parse_null(struct parser *p, struct filter_node *n)
{
	bool is_not = take_word(p, "not");

	expect(p, is_not ? FILTER_MAY_NULL : FILTER_MAY_NULL | FILTER_MAY_NOT,
	       NULL);
	if (!take_word(p, "null"))
		return fail(p, is_not ? "NULL" : "NULL or NOT NULL"), NULL;
	n->kind = NODE_HAS;
	return is_not ? n : not_of(p, n);
}

static struct filter_node *parse_compare(struct parser *p)
{
	struct filter_node *n = node_new(p, NODE_COMPARE);

	if (!parse_column(p, &n->compare))
		return NULL;
	if (take_word(p, "is"))
		return parse_null(p, n);
	if (!parse_op(p, &n->compare) || !parse_values(p, &n->compare))
		return NULL;
	return n;
}

static struct filter_node *parse_has(struct parser *p)
{
	struct filter_node *n = node_new(p, NODE_HAS);

	advance(p);
	return parse_column(p, &n->compare) ? n : NULL;
}

/* A word at the end could be the column of a comparison that goes on. */
static void expect_behind_word(struct parser *p, struct filter_token word)
{
	struct filter_compare c = { 0 };
	struct filter_column column;

	if (is_word(&word, "has")) {
		expect(p, FILTER_MAY_COLUMN, NULL);
	} else if (word.kind == TOKEN_WORD) {
		column = filter_split_column(word.text, &p->filter->arena);
		c.field = column.field;
		c.name = column.name;
		if (c.field != N_FIELDS)
			expect(p, FILTER_MAY_OPERATOR, &c);
	}
}

static struct filter_node *parse_text(struct parser *p)
{
	struct filter_token word = p->token;
	struct filter_node *n = node_new(p, NODE_TEXT);
	char *s = arena_strdup(&p->filter->arena, p->token.text);

	/* depth"a b" is neither a word nor a column. */
	if (p->token.kind == TOKEN_WORD && strchr("'\"`", p->text[p->next]) &&
	    p->text[p->next]) {
		advance(p);
		return fail(p, "a blank before the quote"), NULL;
	}

	n->text = p->token.text;
	n->quote = p->token.kind == TOKEN_STRING ? p->token.quote : '\0';
	n->needle = s;
	for (; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s - 'A' + 'a');
	advance(p);
	expect_behind_word(p, word);
	return n;
}

/* Joins conditions, so that it is neither a word nor a column. */
static bool is_joint(const struct filter_token *t)
{
	return is_word(t, "and") || is_word(t, "or") || is_word(t, "not");
}

/* An operator follows, or it can be nothing but a column. */
static bool begins_compare(struct parser *p)
{
	const char *raw;
	size_t end = 0;
	struct filter_column c;

	if ((p->token.kind == TOKEN_STRING && p->token.quote == '\'') ||
	    is_joint(&p->token))
		return false;
	c = look_at_column(p, &end, &raw);
	return end && (c.is_dotted || is_operator(p, end));
}

/* `has` before a column; else it is a word like another. */
static bool begins_has(struct parser *p)
{
	struct parser ahead = *p;
	const char *raw;
	size_t end = 0;

	if (!is_word(&p->token, "has") || is_operator(p, p->token.end))
		return false;
	advance(&ahead);
	return look_at_column(&ahead, &end, &raw).field != N_FIELDS;
}

static struct filter_node *parse_group(struct parser *p)
{
	struct filter_node *n;

	advance(p);
	n = parse_or(p);
	if (!n)
		return NULL;
	expect(p, FILTER_MAY_RIGHT, NULL);
	if (p->token.kind != TOKEN_RIGHT)
		return fail(p, "'and', 'or' or ')'"), NULL;
	advance(p);
	return n;
}

static struct filter_node *parse_condition(struct parser *p);

static struct filter_node *parse_not(struct parser *p)
{
	struct filter_node *kid;

	advance(p);
	kid = parse_condition(p);
	return kid ? not_of(p, kid) : NULL;
}

static struct filter_node *parse_simple(struct parser *p)
{
	const struct filter_token *t = &p->token;

	expect(p, FILTER_MAY_CONDITION, NULL);
	if (t->kind == TOKEN_LEFT)
		return parse_group(p);
	if (begins_has(p))
		return parse_has(p);
	if (begins_compare(p))
		return parse_compare(p);
	if (is_word(t, "not"))
		return parse_not(p);
	if (!is_joint(t) && (t->kind == TOKEN_WORD || t->kind == TOKEN_STRING))
		return parse_text(p);
	return fail(p, CONDITION), NULL;
}

static struct filter_node *parse_condition(struct parser *p)
{
	struct filter_node *n;

	if (p->depth == MAX_DEPTH)
		return fail(p, "no more than 100 within each other"), NULL;
	p->depth++;
	n = parse_simple(p);
	p->depth--;
	return n;
}

static bool can_follow_word(struct parser *p)
{
	return (p->token.kind == TOKEN_WORD || p->token.kind == TOKEN_STRING) &&
	       !is_joint(&p->token) && !begins_compare(p) && !begins_has(p);
}

/* False: there is no `and`. */
static bool take_ands(struct parser *p)
{
	bool has_any = false;

	while (take_word(p, "and"))
		has_any = true;
	if (has_any)
		expect(p, FILTER_MAY_CONDITION, NULL);
	return has_any;
}

/* Words one after another are looked for one by one; all else needs an `and`
 * between. */
static struct filter_node *parse_and(struct parser *p)
{
	struct filter_node *all = node_new(p, NODE_AND), *kid;

	do {
		kid = parse_condition(p);
		if (!kid)
			return NULL;
		add_kid(p, all, kid);
		expect(p, FILTER_MAY_JOIN, NULL);
	} while ((take_ands(p) && p->token.kind != TOKEN_END) ||
		 (kid->kind == NODE_TEXT && can_follow_word(p)));
	return all->n_kids == 1 ? all->kids[0] : all;
}

static struct filter_node *parse_or(struct parser *p)
{
	struct filter_node *any = node_new(p, NODE_OR), *kid;

	do {
		kid = parse_and(p);
		if (!kid)
			return NULL;
		add_kid(p, any, kid);
	} while (take_word(p, "or"));
	return any->n_kids == 1 ? any->kids[0] : any;
}

/* Characters before the byte, from 1: where the cursor would stand. */
static size_t column_of(const char *text, size_t at)
{
	size_t i, column = 1;

	for (i = 0; i < at; i++)
		column += ((unsigned char)text[i] & 0xc0) != 0x80;
	return column;
}

static void parse_all(struct parser *p)
{
	advance(p);
	expect(p, FILTER_MAY_CONDITION, NULL);
	take_ands(p);
	if (p->token.kind == TOKEN_END)
		return;
	p->filter->root = parse_or(p);
	if (p->filter->root && p->token.kind != TOKEN_END)
		fail(p, p->token.at && strchr("'\"", p->text[p->token.at - 1])
				? "'and' or 'or' behind the quote that closes"
				: "'and' or 'or'");
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
	parse_all(&p);
	if (err->code) {
		*column = column_of(text, p.error_at);
		filter_free(p.filter);
		return err->code;
	}
	*out = p.filter;
	return ERR_OK;
}

struct filter_expect filter_expect(const char *text, struct arena *a)
{
	struct filter_expect e = { .field = N_FIELDS, .name = "" };
	struct err err = { 0 };
	struct parser p = {
		.text = text, .err = &err, .expect = &e, .expect_arena = a
	};

	p.filter = xcalloc(1, sizeof(*p.filter));
	parse_all(&p);
	e.is_wrong = err.code;
	e.wrong_at = p.error_at;
	filter_free(p.filter);
	return e;
}

void filter_free(struct filter *f)
{
	size_t i;

	if (!f)
		return;
	for (i = 0; i < f->n_regexes; i++)
		filter_regex_free(f->regexes[i]);
	free(f->regexes);
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
