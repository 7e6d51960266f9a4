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
} ops[] = { { "!=", OP_NE }, { "<=", OP_LE }, { ">=", OP_GE },
	    { "=", OP_EQ },  { "<", OP_LT },  { ">", OP_GT } };

const char *filter_op_text(enum filter_op op)
{
	size_t i;

	if (op == OP_LIKE)
		return "LIKE";
	if (op == OP_ILIKE)
		return "ILIKE";
	for (i = 0; ops[i].op != op; i++)
		;
	return ops[i].sign;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A `!` belongs to a word unless it begins an operator. */
static bool is_word_char(const char *s)
{
	if (!*s || is_space(*s) || strchr("'\"`()=<>,~", *s))
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

/* Quoted text; a doubled quote inside stands for one. */
static void lex_quoted(const char *text, struct filter_token *t,
		       struct arena *a)
{
	char quote = text[t->at];
	const char *p = text + t->at + 1;
	char *out = arena_alloc(a, strlen(p) + 1);
	size_t n = 0;

	t->text = out;
	t->quote = quote;
	for (; *p; p++) {
		if (*p == quote && *++p != quote) {
			t->kind = quote == '`' ? TOKEN_BACKTICK : TOKEN_STRING;
			t->end = (size_t)(p - text);
			return;
		}
		out[n++] = *p;
	}
	t->kind = TOKEN_OPEN;
	t->end = (size_t)(p - text);
}

static bool lex_op(const char *text, struct filter_token *t)
{
	size_t i, len;

	for (i = 0; i < ARRAY_LEN(ops); i++) {
		len = strlen(ops[i].sign);
		if (strncmp(text + t->at, ops[i].sign, len))
			continue;
		t->kind = TOKEN_OP;
		t->op = ops[i].op;
		t->text = ops[i].sign;
		t->end = t->at + len;
		return true;
	}
	return false;
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
	if (strchr("'\"`", text[i])) {
		lex_quoted(text, &t, a);
	} else if (is_word_char(text + i)) {
		while (is_word_char(text + i))
			i++;
		t.kind = TOKEN_WORD;
		t.end = i;
		t.text = arena_strndup(a, text + t.at, t.end - t.at);
	} else if (!lex_op(text, &t)) {
		t.kind = TOKEN_OTHER;
		t.end = i + 1;
		t.text = arena_strndup(a, text + i, 1);
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
