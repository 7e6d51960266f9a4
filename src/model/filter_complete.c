/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/filter_complete.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "filter_ast.h"

/* Values are counted in no more rows than can be looked at between two keys. */
#define MAX_ROWS  50000u
#define FEW       1000 /* values that are put in order by their text too */
#define MAX_VALUE 80   /* bytes; longer ones are not typed */

struct offering {
	const struct model *m;
	struct arena *arena;
	struct filter_offers *out;
	const char *prefix; /* what stands there already */
	const char *blank;  /* " ", or "" where one stands behind the cursor */
};

static void add(struct offering *o, const char *word, const char *behind)
{
	struct filter_offers *out = o->out;
	const char *whole = arena_printf(o->arena, "%s%s", word, behind);

	for (size_t i = 0; i < out->n; i++)
		if (!strcmp(out->words[i], whole))
			return;
	if (out->n < FILTER_MAX_OFFERS)
		out->words[out->n++] = whole;
}

static bool begins_with(const char *word, const char *prefix)
{
	return !strncasecmp(word, prefix, strlen(prefix));
}

static void offer(struct offering *o, const char *word)
{
	if (begins_with(word, o->prefix))
		add(o, word, o->blank);
}

/* ---- columns ------------------------------------------------------------- */

/* The name as it stands behind the dot; NULL: no quotes can hold it. */
static const char *column_name(const char *name, struct arena *a)
{
	if (filter_is_word(name))
		return name;
	if (!strchr(name, '`'))
		return arena_printf(a, "`%s`", name);
	return strchr(name, '"') ? NULL : arena_printf(a, "\"%s\"", name);
}

static void add_name(struct offering *o, const char *head, const char *name)
{
	const char *quoted = column_name(name, o->arena);

	if (quoted)
		add(o, arena_printf(o->arena, "%s.%s", head, quoted), o->blank);
}

/* auc.max and its like, where the metric stands there whole. */
static void offer_statistics(struct offering *o, const char *head,
			     const char *metric, const char *typed)
{
	static const char *const all[] = { "max", "min", "last", "step" };
	size_t len = strlen(metric);

	if (strncmp(typed, metric, len) || typed[len] != '.')
		return;
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (begins_with(all[i], typed + len + 1))
			add_name(o, head,
				 arena_printf(o->arena, "%s.%s", metric,
					      all[i]));
}

/* Names of the kind that begin with what was typed of one. */
static void offer_names(struct offering *o, const char *head,
			enum value_kind kind, const char *typed)
{
	const struct model *m = o->m;

	for (size_t s = 0; s < m->n_sources; s++) {
		const struct model_names *names = &m->sources[s].names[kind];

		for (size_t i = 0; i < names->n; i++) {
			const char *name =
				intern_str(m->strings, names->all[i]);

			if (begins_with(name, typed))
				add_name(o, head, name);
			else if (kind == VALUE_METRIC)
				offer_statistics(o, head, name, typed);
		}
	}
}

/* Behind a dot: names of a kind, or what else has this word before it. */
static void offer_dotted(struct offering *o, const char *dot)
{
	const char *head =
		arena_strndup(o->arena, o->prefix, (size_t)(dot - o->prefix));
	const char *typed = dot + 1 + (dot[1] == '`' || dot[1] == '"');
	enum filter_field f =
		filter_split_column(arena_printf(o->arena, "%s.x", head),
				    o->arena)
			.field;

	if (f <= FIELD_LAST_KEYED) {
		offer_names(o, head, filter_fields[f].kind, typed);
		return;
	}
	for (f = FIELD_LAST_KEYED + 1; f < N_FIELDS; f++) {
		const char *dotted = strchr(filter_fields[f].name, '.');
		const char *raw = arena_printf(o->arena, "%s.%s", head,
					       dotted ? dotted + 1
						      : filter_fields[f].name);

		if (filter_split_column(raw, o->arena).field == f)
			offer(o, raw);
	}
}

static void offer_plain_columns(struct offering *o)
{
	enum filter_field f;

	for (f = FIELD_NAME; f < N_FIELDS; f++)
		offer(o, filter_fields[f].name);
	for (f = 0; f <= FIELD_LAST_KEYED; f++)
		if (begins_with(filter_fields[f].name, o->prefix))
			add(o, filter_fields[f].name, ".");
	for (; f < FIELD_NAME; f++)
		offer(o, filter_fields[f].name);
}

static void offer_columns(struct offering *o)
{
	const char *dot = strchr(o->prefix, '.');
	enum filter_field f;

	if (dot) {
		offer_dotted(o, dot);
		return;
	}
	offer_plain_columns(o);
	/* A name without the word before it. */
	for (f = 0; f <= FIELD_PARAM && *o->prefix; f++)
		offer_names(o, filter_fields[f].name, filter_fields[f].kind,
			    o->prefix);
}

static void offer_condition_words(struct offering *o)
{
	offer(o, "has");
	offer(o, "not");
}

/* ---- operators ----------------------------------------------------------- */

#define OF(type)  (1u << (type))
#define OF_TEXTS  (OF(TYPE_TEXT) | OF(TYPE_MIXED))
#define OF_ORDERS (OF(TYPE_NUMBER) | OF(TYPE_TIME) | OF(TYPE_DURATION))

/* Those that people mean; the language takes each on every column. */
static const struct {
	enum filter_op op;
	bool is_not;
	unsigned types;
} operators[] = {
	{ OP_EQ, false, ~0u & ~(OF(TYPE_TIME) | OF(TYPE_DURATION)) },
	{ OP_EQ, true, ~0u & ~(OF(TYPE_TIME) | OF(TYPE_DURATION)) },
	{ OP_LT, false, OF_ORDERS | OF(TYPE_MIXED) },
	{ OP_LE, false, OF_ORDERS | OF(TYPE_MIXED) },
	{ OP_GT, false, OF_ORDERS | OF(TYPE_MIXED) },
	{ OP_GE, false, OF_ORDERS | OF(TYPE_MIXED) },
	{ OP_LIKE, false, OF_TEXTS },
	{ OP_ILIKE, false, OF_TEXTS },
	{ OP_MATCH, false, OF_TEXTS },
	{ OP_MATCH, true, OF_TEXTS },
	{ OP_IN, false, OF_TEXTS | OF(TYPE_STATUS) },
	{ OP_LIKE, true, OF_TEXTS },
	{ OP_ILIKE, true, OF_TEXTS },
	{ OP_IN, true, OF_TEXTS | OF(TYPE_STATUS) },
};

static void offer_operators(struct offering *o, enum filter_field field)
{
	unsigned type = OF(filter_fields[field].type);

	for (size_t i = 0; i < ARRAY_LEN(operators); i++)
		if (operators[i].types & type)
			offer(o, filter_op_text(operators[i].op,
						operators[i].is_not));
	offer(o, "IS NULL");
	offer(o, "IS NOT NULL");
}

static void offer_not_operators(struct offering *o)
{
	static const enum filter_op all[] = { OP_LIKE, OP_ILIKE, OP_IN };

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		offer(o, filter_op_text(all[i], false));
}

/* ---- values -------------------------------------------------------------- */

static bool is_typed(const char *value)
{
	size_t len = strlen(value);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)value[i] < ' ')
			return false;
	return len && len <= MAX_VALUE && value[len - 1] != '\\';
}

/* In the quotes that were begun, else in such as hold it; a number in a param
 * stands bare, so that it is compared as one. */
static void offer_value(struct offering *o, const char *value,
			const struct filter_expect *e)
{
	char typed = *o->prefix == '\'' || *o->prefix == '"' ? *o->prefix : 0;
	char quote = typed ? typed : strchr(value, '\'') ? '"' : '\'';
	const char *behind = e->op == OP_IN ? "" : o->blank;
	double number;

	if (!is_typed(value) || !begins_with(value, o->prefix + !!typed))
		return;
	if (!typed && filter_fields[e->field].type == TYPE_MIXED &&
	    filter_number(value, &number))
		add(o, value, behind);
	else if (!strchr(value, quote))
		add(o, arena_printf(o->arena, "%c%s%c", quote, value, quote),
		    behind);
}

struct counted {
	uint32_t id, n;
	const char *text;
};

static int by_count(const void *pa, const void *pb)
{
	const struct counted *a = pa, *b = pb;

	if (a->n != b->n)
		return a->n < b->n ? 1 : -1;
	return a->id < b->id ? -1 : 1;
}

static int by_count_and_text(const void *pa, const void *pb)
{
	const struct counted *a = pa, *b = pb;

	return a->n != b->n ? by_count(pa, pb) : strcmp(a->text, b->text);
}

/* What stands in the row, interned; 0: nothing. */
static uint32_t value_in(const struct run_set *set, enum filter_field field,
			 uint32_t column, uint32_t row)
{
	const struct run_head *head = run_set_head(set, row);
	uint32_t id;

	if (head->flags & (RUN_IS_GONE | RUN_IS_DELETED))
		return 0;
	if (field == FIELD_NAME)
		return head->name;
	if (field == FIELD_USER)
		return head->user;
	id = run_set_text_id(set, column, row);
	return id ? id - 1 : 0;
}

/* The distinct values of rows spread over the set, those of most runs first. */
static size_t count_values(const struct offering *o, enum filter_field field,
			   uint32_t column, struct counted **out)
{
	const struct run_set *set = o->m->runs;
	size_t n_rows = run_set_count(set), n = 0, cap = 0;
	size_t step = n_rows / MAX_ROWS + 1;
	uint32_t *seen = xcalloc(intern_count(o->m->strings) + 1,
				 sizeof(*seen)); /* index + 1, by id */

	*out = NULL;
	for (size_t row = 0; row < n_rows; row += step) {
		uint32_t id = value_in(set, field, column, (uint32_t)row);

		if (!id)
			continue;
		if (!seen[id]) {
			*out = xgrow(*out, &cap, n + 1, sizeof(**out));
			(*out)[n++] = (struct counted){
				id, 0, intern_str(o->m->strings, id)
			};
			seen[id] = (uint32_t)n;
		}
		(*out)[seen[id] - 1].n++;
	}
	free(seen);
	if (n)
		qsort(*out, n, sizeof(**out),
		      n <= FEW ? by_count_and_text : by_count);
	return n;
}

/* Facts may be several in one text. */
static void offer_parts(struct offering *o, const char *text,
			const struct filter_expect *e)
{
	const char separator[] = { BATCH_FACT_SEPARATOR, 0 };
	size_t len;

	for (; *text; text += len + !!text[len]) {
		len = strcspn(text, separator);
		offer_value(o, arena_strndup(o->arena, text, len), e);
	}
}

static void offer_counted(struct offering *o, const struct filter_expect *e,
			  uint32_t column)
{
	struct counted *all;
	size_t n = count_values(o, e->field, column, &all);

	for (size_t i = 0; i < n && o->out->n < FILTER_MAX_OFFERS; i++)
		offer_parts(o, all[i].text, e);
	free(all);
}

static void offer_column_values(struct offering *o,
				const struct filter_expect *e)
{
	const struct filter_field_info *info = &filter_fields[e->field];
	uint32_t column;

	o->out->has_column = true;
	o->out->column.kind = info->kind;
	o->out->column.name =
		e->field <= FIELD_LAST_KEYED ? e->name : info->name;
	column = run_set_find_column(o->m->runs, info->kind,
				     o->out->column.name);
	if (column != RUN_NO_COLUMN)
		offer_counted(o, e, column);
}

static void offer_experiments(struct offering *o, const struct filter_expect *e)
{
	for (uint32_t i = 0; i < run_set_experiments(o->m->runs); i++) {
		const struct run_experiment *x =
			run_set_experiment(o->m->runs, i);

		offer_value(o,
			    intern_str(o->m->strings,
				       e->field == FIELD_EXPERIMENT ? x->name
								    : x->id),
			    e);
	}
}

static void offer_statuses(struct offering *o, const struct filter_expect *e)
{
	static const enum run_status all[] = { RUN_RUNNING, RUN_FINISHED,
					       RUN_FAILED, RUN_KILLED,
					       RUN_SCHEDULED };

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		offer_value(o, run_status_name(all[i]), e);
}

static void offer_registry(struct offering *o, const struct filter_expect *e)
{
	const struct registry *reg = o->m->registry;

	for (size_t i = 0; i < registry_count(reg); i++) {
		const struct model_facts *m = registry_at(reg, i)->model;

		if (e->field == FIELD_MODEL_NAME)
			offer_value(o, m->name, e);
		for (size_t k = 0; e->field == FIELD_ALIAS && k < m->n_aliases;
		     k++)
			offer_value(o, m->aliases[k].alias, e);
	}
}

static void offer_sources(struct offering *o, const struct filter_expect *e)
{
	for (size_t i = 0; i < o->m->n_sources; i++)
		offer_value(o, o->m->sources[i].name, e);
}

/* Not all there are: what they look like. */
static void offer_examples(struct offering *o, bool is_time)
{
	static const char *const times[] = { "-1h", "-1d", "-7d", "-30d" };
	static const char *const durations[] = { "10m", "1h", "1d", "7d" };

	for (size_t i = 0; i < ARRAY_LEN(times); i++)
		offer(o, is_time ? times[i] : durations[i]);
}

static void offer_values(struct offering *o, const struct filter_expect *e)
{
	switch (e->field) {
	case FIELD_STATUS:
		offer_statuses(o, e);
		break;
	case FIELD_EXPERIMENT:
	case FIELD_EXPERIMENT_ID:
		offer_experiments(o, e);
		break;
	case FIELD_SOURCE:
		offer_sources(o, e);
		break;
	case FIELD_NAME:
	case FIELD_USER:
		offer_counted(o, e, RUN_NO_COLUMN);
		break;
	case FIELD_START:
	case FIELD_END:
	case FIELD_DURATION:
	case FIELD_AGE:
		offer_examples(o, filter_fields[e->field].type == TYPE_TIME);
		break;
	case FIELD_METRIC:
	case FIELD_ID:
	case FIELD_PARENT:
		break;
	default:
		offer_registry(o, e);
		offer_column_values(o, e);
	}
}

/* ---- all ----------------------------------------------------------------- */

static void offer_rest(struct offering *o, unsigned may)
{
	if (may & FILTER_MAY_NULL)
		offer(o, "NULL");
	if (may & FILTER_MAY_NOT)
		offer(o, "NOT NULL");
	if (may & FILTER_MAY_LEFT && !*o->prefix)
		add(o, "(", "");
	if (may & FILTER_MAY_COMMA)
		offer(o, ",");
	if (may & FILTER_MAY_RIGHT)
		offer(o, ")");
	if (may & FILTER_MAY_JOIN) {
		offer(o, "and");
		offer(o, "or");
	}
}

static void offer_all(struct offering *o, const struct filter_expect *e)
{
	if (e->may & FILTER_MAY_VALUE)
		offer_values(o, e);
	if (e->may & FILTER_MAY_OPERATOR)
		offer_operators(o, e->field);
	if (e->may & FILTER_MAY_NOT_OPERATOR)
		offer_not_operators(o);
	if (e->may & (FILTER_MAY_CONDITION | FILTER_MAY_COLUMN))
		offer_columns(o);
	if (e->may & FILTER_MAY_CONDITION)
		offer_condition_words(o);
	offer_rest(o, e->may);
}

/* Where the word begins that ends with the text; its length if none does.
 * Words and quotes without a blank between them are one. */
static size_t word_start(const char *text, struct arena *a)
{
	size_t at = 0, start = 0, end = SIZE_MAX;
	struct filter_token t;

	while ((t = filter_lex(text, &at, a)).kind != TOKEN_END) {
		if (t.kind != TOKEN_WORD && t.kind != TOKEN_STRING &&
		    t.kind != TOKEN_BACKTICK && t.kind != TOKEN_OPEN) {
			end = SIZE_MAX;
			continue;
		}
		if (t.at != end)
			start = t.at;
		end = t.end;
	}
	return end == strlen(text) ? start : strlen(text);
}

struct filter_offers filter_complete(const struct model *m, const char *text,
				     size_t cursor, struct arena *a)
{
	struct filter_offers out = { 0 };
	struct offering o = { .m = m, .arena = a, .out = &out };
	const char *typed = arena_strndup(a, text, cursor);
	struct filter_expect e;

	out.words = arena_alloc(a, FILTER_MAX_OFFERS * sizeof(*out.words));
	out.start = word_start(typed, a);
	o.prefix = typed + out.start;
	o.blank = text[cursor] == ' ' ? "" : " ";
	e = filter_expect(arena_strndup(a, text, out.start), a);
	offer_all(&o, &e);
	return out;
}

/* The last word is the beginning of more than a value: of a column, of what
 * stands behind one, of and, or and not. */
static bool is_begun(struct offering *o, const struct filter_expect *e)
{
	if (!*o->prefix)
		return false;
	if (e->may & FILTER_MAY_CONDITION) {
		offer_plain_columns(o);
		offer_condition_words(o);
	} else {
		offer_rest(o, e->may & FILTER_MAY_JOIN);
	}
	if (e->may & FILTER_MAY_OPERATOR)
		offer_operators(o, e->field);
	if (e->may & FILTER_MAY_NOT_OPERATOR)
		offer_not_operators(o);
	offer_rest(o, e->may & (FILTER_MAY_NULL | FILTER_MAY_NOT));
	return o->out->n;
}

/* What cannot be read as a value could be, if it went on. */
static bool is_begun_value(struct offering *o, const struct filter_expect *e)
{
	const char *s = o->prefix;

	if (!(e->may & FILTER_MAY_VALUE) || filter_op_is_text(e->op))
		return false;
	switch (filter_fields[e->field].type) {
	case TYPE_NUMBER:
		s += *s == '+' || *s == '-';
		return begins_with("infinity", s) || begins_with("nan", s) ||
		       !s[strspn(s, "0123456789.eE+-")];
	case TYPE_STATUS:
		offer_statuses(o, e);
		return o->out->n;
	case TYPE_TIME:
	case TYPE_DURATION:
		return !s[strspn(s, "0123456789.:+-TZsmhdw")];
	default:
		return false;
	}
}

static bool ends_in_quotes(const char *text, struct arena *a)
{
	size_t at = 0;
	struct filter_token t;

	do
		t = filter_lex(text, &at, a);
	while (t.kind != TOKEN_END && t.kind != TOKEN_OPEN);
	return t.kind == TOKEN_OPEN;
}

enum filter_typing filter_typing(const char *text)
{
	struct filter_offers out = { 0 };
	struct arena a = ARENA_INIT;
	struct offering o = { .arena = &a, .out = &out, .blank = "" };
	struct filter_expect whole = filter_expect(text, &a), e;
	size_t start = word_start(text, &a);
	enum filter_typing typing = FILTER_WRONG;
	const unsigned go_on = FILTER_MAY_OPERATOR | FILTER_MAY_CONDITION;

	out.words = arena_alloc(&a, FILTER_MAX_OFFERS * sizeof(*out.words));
	o.prefix = text + start;
	e = filter_expect(arena_strndup(&a, text, start), &a);
	if (!whole.is_wrong)
		typing = *text && ((whole.may & go_on) || is_begun(&o, &e))
				 ? FILTER_UNFINISHED
				 : FILTER_WHOLE;
	else if (whole.wrong_at == strlen(text) ||
		 (whole.wrong_at >= start &&
		  (ends_in_quotes(text, &a) || is_begun(&o, &e) ||
		   is_begun_value(&o, &e))))
		typing = FILTER_UNFINISHED;
	arena_release(&a);
	return typing;
}
