/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "filter_ast.h"

static const struct {
	const char *sign;
	enum filter_op op;
	bool is_not;
} ops[] = { /* the longer first */
	    { "!=", OP_EQ, true },        { "!~", OP_MATCH, true },
	    { "<=", OP_LE, false },       { ">=", OP_GE, false },
	    { "=", OP_EQ, false },        { "<", OP_LT, false },
	    { ">", OP_GT, false },        { "~", OP_MATCH, false },
	    { "LIKE", OP_LIKE, false },   { "NOT LIKE", OP_LIKE, true },
	    { "ILIKE", OP_ILIKE, false }, { "NOT ILIKE", OP_ILIKE, true },
	    { "IN", OP_IN, false },       { "NOT IN", OP_IN, true }
};

#define N_SIGNS 8 /* of the table: those that are no words */

const char *filter_op_text(enum filter_op op, bool is_not)
{
	size_t i;

	for (i = 0; ops[i].op != op || ops[i].is_not != is_not; i++)
		;
	return ops[i].sign;
}

bool filter_op_is_text(enum filter_op op)
{
	return op == OP_MATCH || op == OP_LIKE || op == OP_ILIKE;
}

bool filter_is_reserved(const char *word)
{
	static const char *const words[] = { "and",  "or",    "not",
					     "has",  "in",    "is",
					     "like", "ilike", "null" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(words); i++)
		if (!strcasecmp(words[i], word))
			return true;
	return false;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_quote(char c)
{
	return c == '\'' || c == '"' || c == '`';
}

/* A `!` belongs to a word unless it begins an operator. */
static bool is_word_char(const char *s)
{
	if (!*s || is_space(*s) || is_quote(*s) || strchr("()=<>,~", *s))
		return false;
	return *s != '!' || (s[1] != '=' && s[1] != '~');
}

bool filter_is_word(const char *s)
{
	if (!*s)
		return false;
	while (*s && is_word_char(s))
		s++;
	return !*s;
}

/* Behind the quote that closes the one at `at`; 0 where none does. A quote
 * behind a backslash closes only if nothing later does. */
static size_t quoted_end(const char *text, size_t at)
{
	char quote = text[at];
	size_t i, last = 0;

	for (i = at + 1; text[i]; i++) {
		if (text[i] == '\\' && text[i + 1] == quote && quote != '`') {
			last = ++i + 1;
		} else if (text[i] == quote) {
			if (text[i + 1] != quote)
				return i + 1;
			i++;
		}
	}
	return last;
}

char *filter_unquote(char *s, const char *quotes)
{
	size_t len = strlen(s);

	if (len < 2 || !strchr(quotes, *s) || s[len - 1] != *s)
		return s;
	s[len - 1] = '\0';
	return s + 1;
}

size_t filter_column_end(const char *text, size_t at)
{
	size_t end;

	for (;;) {
		if (is_word_char(text + at)) {
			at++;
		} else if (is_quote(text[at])) {
			end = quoted_end(text, at);
			if (!end ||
			    (text[at] == '\'' && (!at || text[at - 1] != '.')))
				return at;
			at = end;
		} else {
			return at;
		}
	}
}

static void lex_quoted(const char *text, struct filter_token *t,
		       struct arena *a)
{
	t->quote = text[t->at];
	t->end = quoted_end(text, t->at);
	if (!t->end) {
		t->kind = TOKEN_OPEN;
		t->end = t->at + strlen(text + t->at);
		return;
	}
	t->kind = t->quote == '`' ? TOKEN_BACKTICK : TOKEN_STRING;
	t->text = arena_strndup(a, text + t->at + 1, t->end - t->at - 2);
}

static bool lex_op(const char *text, struct filter_token *t)
{
	size_t i, len;

	for (i = 0; i < N_SIGNS; i++) {
		len = strlen(ops[i].sign);
		if (strncmp(text + t->at, ops[i].sign, len))
			continue;
		t->kind = TOKEN_OP;
		t->op = ops[i].op;
		t->is_not = ops[i].is_not;
		t->text = ops[i].sign;
		t->end = t->at + len;
		return true;
	}
	return false;
}

static void lex_other(const char *text, struct filter_token *t, struct arena *a)
{
	char c = text[t->at];

	t->kind = c == '('   ? TOKEN_LEFT
		  : c == ')' ? TOKEN_RIGHT
		  : c == ',' ? TOKEN_COMMA
			     : TOKEN_OTHER;
	t->end = t->at + 1;
	t->text = arena_strndup(a, text + t->at, 1);
}

struct filter_token filter_lex(const char *text, size_t *at, struct arena *a)
{
	struct filter_token t = { .kind = TOKEN_END, .text = "" };
	size_t i = *at;

	while (is_space(text[i]))
		i++;
	t.at = t.end = i;
	if (!text[i])
		return *at = i, t;
	if (is_quote(text[i])) {
		lex_quoted(text, &t, a);
	} else if (is_word_char(text + i)) {
		while (is_word_char(text + i))
			i++;
		t.kind = TOKEN_WORD;
		t.end = i;
		t.text = arena_strndup(a, text + t.at, t.end - t.at);
	} else if (!lex_op(text, &t)) {
		lex_other(text, &t, a);
	}
	*at = t.end;
	return t;
}

bool filter_number(const char *s, double *out)
{
	const char *p = s + (*s == '+' || *s == '-');
	char *end;

	if (!isdigit((unsigned char)*p) &&
	    !(*p == '.' && isdigit((unsigned char)p[1])) &&
	    strcasecmp(p, "nan") && strcasecmp(p, "inf") &&
	    strcasecmp(p, "infinity"))
		return false;
	if (*p == '0' && (p[1] == 'x' || p[1] == 'X'))
		return false;
	*out = strtod(s, &end);
	return !*end;
}
