/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "filter_ast.h"
#include "model/order.h"

static const struct {
	enum filter_field field;
	enum order_by by;
	bool is_turned; /* the youngest are those that started last */
} orders[] = {
	{ FIELD_START, ORDER_START, false },
	{ FIELD_AGE, ORDER_START, true },
	{ FIELD_END, ORDER_END, false },
	{ FIELD_DURATION, ORDER_DURATION, false },
	{ FIELD_NAME, ORDER_NAME, false },
	{ FIELD_STATUS, ORDER_STATUS, false },
	{ FIELD_EXPERIMENT, ORDER_EXPERIMENT, false },
	{ FIELD_USER, ORDER_USER, false },
	{ FIELD_ID, ORDER_ID, false },
	{ FIELD_SOURCE, ORDER_SOURCE, false },
};

static const struct {
	const char *prefix;
	enum value_kind kind;
} kinds[] = {
	{ "metrics.", VALUE_METRIC }, { "metric.", VALUE_METRIC },
	{ "params.", VALUE_PARAM },   { "param.", VALUE_PARAM },
	{ "tags.", VALUE_TAG },       { "tag.", VALUE_TAG },
};

struct value_key order_value_key(const char *name)
{
	struct value_key key = { VALUE_METRIC, name };
	enum filter_field f;
	size_t i;

	for (f = FIELD_LAST_KEYED + 1; f <= FIELD_LAST_VALUE; f++)
		if (!strcmp(filter_fields[f].name, name))
			return (struct value_key){ VALUE_FACT, name };
	for (i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strncmp(name, kinds[i].prefix, strlen(kinds[i].prefix)))
			continue;
		key.kind = kinds[i].kind;
		key.name = name + strlen(kinds[i].prefix);
		return key;
	}
	return key;
}

/* Cuts a direction off the end: ":desc", " DESC", ":asc". */
static bool cut_direction(char *s)
{
	static const struct {
		const char *word;
		bool is_desc;
	} ends[] = { { "desc", true }, { "asc", false } };
	size_t len = strlen(s), i, n;

	for (i = 0; i < ARRAY_LEN(ends); i++) {
		n = strlen(ends[i].word);
		if (len > n + 1 && !strcasecmp(s + len - n, ends[i].word) &&
		    (s[len - n - 1] == ':' || s[len - n - 1] == ' ')) {
			s[len - n - 1] = '\0';
			return ends[i].is_desc;
		}
	}
	return false;
}

/* The next such sign outside quotes, or the end; single quotes are some only
 * behind a dot. */
static char *find_outside(char *s, char sign)
{
	char quote = 0, before = 0;

	for (; *s; before = *s++) {
		if (quote)
			quote = *s == quote ? 0 : quote;
		else if (*s == '"' || *s == '`' ||
			 (*s == '\'' && before == '.'))
			quote = *s;
		else if (*s == sign)
			break;
	}
	return s;
}

char *order_next_name(char **at)
{
	char *name = *at, *end;

	if (!name)
		return NULL;
	end = find_outside(name, ',');
	*at = *end ? end + 1 : NULL;
	*end = '\0';
	name += strspn(name, " ");
	while (end > name && end[-1] == ' ')
		*--end = '\0';
	return name;
}

/* The column by any name a filter knows it by; a name it does not know is a
 * metric's. Names are borrowed from the arena. */
static void find_column(const char *raw, struct order_key *key, struct arena *a)
{
	const char *name = filter_unquote_name(raw, a);
	struct filter_column c = filter_split_column(name, a);
	size_t i;

	key->by = ORDER_VALUE;
	key->column = (struct value_key){ VALUE_METRIC, name };
	if (c.field <= FIELD_LAST_VALUE)
		key->column = (struct value_key){
			filter_fields[c.field].kind,
			c.field <= FIELD_LAST_KEYED
				? c.name
				: filter_fields[c.field].name
		};
	for (i = 0; i < ARRAY_LEN(orders); i++) {
		if (orders[i].field != c.field)
			continue;
		key->by = orders[i].by;
		key->is_desc ^= orders[i].is_turned;
	}
}

/* The name it keeps lies where `s` was. */
static bool parse_key(char *s, struct order_key *key)
{
	struct arena a = { 0 };

	key->is_desc = cut_direction(s);
	if (*find_outside(s, ':')) /* no direction took it */
		return false;
	find_column(s, key, &a);
	if (key->column.kind != VALUE_FACT) {
		memcpy(s, key->column.name, strlen(key->column.name) + 1);
		key->column.name = s;
	}
	arena_release(&a);
	return key->by != ORDER_VALUE || *key->column.name;
}

const char *order_column_id(const char *raw, struct arena *a)
{
	const char *name = filter_unquote_name(raw, a);
	struct filter_column c = filter_split_column(name, a);

	if (c.field <= FIELD_LAST_KEYED)
		return arena_printf(a, "%s.%s", filter_fields[c.field].name,
				    c.name);
	if (c.field == FIELD_ID)
		return "run_id";
	return c.field == N_FIELDS ? name : filter_fields[c.field].name;
}

enum err_code order_parse(const char *text, struct order_key **out, size_t *n,
			  struct err *err)
{
	size_t len = strlen(text), max = 1, i;
	struct order_key *keys;
	char *at, *name;

	for (i = 0; i < len; i++)
		max += text[i] == ',';
	/* The names lie behind the keys, in the same memory. */
	keys = xcalloc(1, max * sizeof(*keys) + len + 1);
	at = memcpy(keys + max, text, len + 1);
	*n = 0;
	while ((name = order_next_name(&at))) {
		if (!parse_key(name, &keys[(*n)++])) {
			free(keys);
			return err_set(err, ERR_USAGE,
				       "order '%.80s': expected COLUMN, "
				       "COLUMN:asc or COLUMN:desc, joined by "
				       "commas; a name with a colon in quotes",
				       text);
		}
	}
	*out = keys;
	return ERR_OK;
}
