/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "view/compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/str.h"
#include "model/metric.h"
#include "view_list.h"

#define COMMIT_TAG   "mlflow.source.git.commit"
#define SHORT_DIGEST 8

/* What the making needs at hand. */
struct making {
	struct compare *c;
	const struct view_ctx *ctx;
	const struct run_detail *const *details;
	size_t cap_rows;
	/* repeat[i]: first run with the same params but for seeds. */
	size_t *repeat;
};

const char *compare_kind_name(enum compare_kind k)
{
	static const char *const names[] = { [COMPARE_PARAM] = "param",
					     [COMPARE_DATASET] = "dataset",
					     [COMPARE_TAG] = "tag",
					     [COMPARE_METRIC] = "metric" };

	return names[k];
}

const char *compare_word_text(enum compare_word w)
{
	static const char *const texts[] = {
		[WORD_NONE] = "",
		[WORD_SAME] = "same",
		[WORD_BETTER] = "better",
		[WORD_WORSE] = "worse",
		[WORD_NOISE] = "noise",
		[WORD_NOT_COMPARABLE] = "not comparable",
	};

	return texts[w];
}

enum role compare_word_role(enum compare_word w)
{
	static const enum role roles[] = {
		[WORD_NONE] = ROLE_DIM,  [WORD_SAME] = ROLE_DIM,
		[WORD_BETTER] = ROLE_OK, [WORD_WORSE] = ROLE_STRONG,
		[WORD_NOISE] = ROLE_DIM, [WORD_NOT_COMPARABLE] = ROLE_WARN,
	};

	return roles[w];
}

/* ---- what a run says ----------------------------------------------------- */

static const char *find_text(const struct name_value *all, size_t n,
			     const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(all[i].name, name))
			return all[i].value;
	return NULL;
}

static const struct last_metric *find_metric(const struct run_detail *d,
					     const char *name)
{
	size_t i;

	for (i = 0; i < d->n_metrics; i++)
		if (!strcmp(d->metrics[i].name, name))
			return &d->metrics[i];
	return NULL;
}

static const char *context_of(const struct dataset_facts *d)
{
	return *d->context ? d->context : "data";
}

/* All datasets of a context in one text: "tx-2026-10 #8c1f". */
static const char *datasets_text(struct arena *a, const struct run_detail *d,
				 const char *context)
{
	const char *text = NULL;
	size_t i;

	for (i = 0; i < d->n_datasets; i++) {
		if (strcmp(context_of(&d->datasets[i]), context))
			continue;
		text = arena_printf(a, "%s%s%s #%s", text ? text : "",
				    text ? ", " : "", d->datasets[i].name,
				    d->datasets[i].digest);
	}
	return text;
}

static bool is_evaluation(const char *context)
{
	return metric_is_validation(context);
}

static bool evaluates(const struct run_detail *d)
{
	size_t i;

	for (i = 0; i < d->n_datasets; i++)
		if (is_evaluation(d->datasets[i].context))
			return true;
	return false;
}

static bool has_digest(const struct run_detail *d, const char *digest,
		       bool evaluation_only)
{
	size_t i;

	for (i = 0; i < d->n_datasets; i++)
		if ((!evaluation_only ||
		     is_evaluation(d->datasets[i].context)) &&
		    !strcmp(d->datasets[i].digest, digest))
			return true;
	return false;
}

static bool has_all_of(const struct run_detail *a, const struct run_detail *b,
		       bool evaluation_only)
{
	size_t i;

	for (i = 0; i < b->n_datasets; i++)
		if ((!evaluation_only ||
		     is_evaluation(b->datasets[i].context)) &&
		    !has_digest(a, b->datasets[i].digest, evaluation_only))
			return false;
	return true;
}

/* The same digests where the metrics were measured. Runs that log no data at
 * all say nothing against it. */
static bool same_data(const struct run_detail *a, const struct run_detail *b)
{
	bool evaluation_only = evaluates(a) && evaluates(b);

	return has_all_of(a, b, evaluation_only) &&
	       has_all_of(b, a, evaluation_only);
}

static bool is_seed(const char *param)
{
	return strcasestr(param, "seed") || strcasestr(param, "random_state");
}

static bool params_within(const struct run_detail *a,
			  const struct run_detail *b)
{
	const char *v;
	size_t i;

	for (i = 0; i < a->n_params; i++) {
		if (is_seed(a->params[i].name))
			continue;
		v = find_text(b->params, b->n_params, a->params[i].name);
		if (!v || strcmp(v, a->params[i].value))
			return false;
	}
	return true;
}

/* A repetition: nothing but the seed is different. */
static bool is_repeat(const struct run_detail *a, const struct run_detail *b)
{
	return a->n_params && params_within(a, b) && params_within(b, a) &&
	       same_data(a, b);
}

static void find_repeats(struct making *m)
{
	size_t i, k;

	m->repeat =
		arena_alloc(&m->c->arena, m->c->n_runs * sizeof(*m->repeat));
	for (i = 0; i < m->c->n_runs; i++) {
		for (k = 0; k < i; k++)
			if (is_repeat(m->details[k], m->details[i]))
				break;
		m->repeat[i] = k < i ? m->repeat[k] : i;
	}
}

/* How far apart the metric lies among the repetitions of run i. */
static double spread_of(const struct making *m, const char *metric, size_t i)
{
	double min = INFINITY, max = -INFINITY;
	const struct last_metric *v;
	size_t k;

	for (k = 0; k < m->c->n_runs; k++) {
		v = find_metric(m->details[k], metric);
		if (m->repeat[k] != m->repeat[i] || !v || !isfinite(v->value))
			continue;
		min = fmin(min, v->value);
		max = fmax(max, v->value);
	}
	return max > min ? max - min : 0;
}

/* ---- rows ---------------------------------------------------------------- */

static struct compare_row *add_row(struct making *m, enum compare_kind kind,
				   const char *name)
{
	struct compare *c = m->c;
	struct compare_row *r, *rows;

	if (c->n_rows == m->cap_rows) {
		m->cap_rows = m->cap_rows ? m->cap_rows * 2 : 64;
		rows = arena_alloc(&c->arena, m->cap_rows * sizeof(*rows));
		if (c->n_rows)
			memcpy(rows, c->rows, c->n_rows * sizeof(*rows));
		c->rows = rows;
	}
	r = &c->rows[c->n_rows++];
	*r = (struct compare_row){ .kind = kind,
				   .name = arena_strdup(&c->arena, name) };
	r->values = arena_alloc(&c->arena, c->n_runs * sizeof(*r->values));
	return r;
}

static void text_row(struct making *m, enum compare_kind kind, const char *name)
{
	struct compare_row *r = add_row(m, kind, name);
	struct compare *c = m->c;
	const struct run_detail *d;
	const char *text;
	size_t i;

	for (i = 0; i < c->n_runs; i++) {
		d = m->details[i];
		if (kind == COMPARE_DATASET)
			text = datasets_text(&c->arena, d, name);
		else if (kind == COMPARE_PARAM)
			text = find_text(d->params, d->n_params, name);
		else
			text = find_text(d->tags, d->n_tags, name);
		r->values[i].value = cell_text(arena_strdup(&c->arena, text));
	}
	for (i = 0; i < c->n_runs; i++) {
		r->values[i].differs =
			!str_same(r->values[i].value.text,
				  r->values[c->baseline].value.text);
		r->differs |= r->values[i].differs;
		if (kind == COMPARE_DATASET && r->values[i].differs &&
		    r->values[i].value.kind != CELL_NONE)
			r->values[i].value = cell_marked(
				cell_as(r->values[i].value, ROLE_WARN),
				MARK_DIFFERS);
	}
}

static enum compare_word word_for(const struct making *m,
				  const struct compare_row *r, size_t i,
				  double delta)
{
	double spread;

	if (!m->c->same_data[i])
		return WORD_NOT_COMPARABLE;
	if (!r->values[i].differs)
		return WORD_SAME;
	spread = fmax(spread_of(m, r->name, i),
		      spread_of(m, r->name, m->c->baseline));
	if (fabs(delta) <= spread)
		return WORD_NOISE;
	if (!r->goal || isnan(delta))
		return WORD_NONE;
	return delta * r->goal > 0 ? WORD_BETTER : WORD_WORSE;
}

static void metric_row(struct making *m, const char *name)
{
	struct compare_row *r = add_row(m, COMPARE_METRIC, name);
	const struct last_metric *v,
		*base = find_metric(m->details[m->c->baseline], name);
	int decimals = view_decimals(m->ctx, name);
	struct compare_value *out;
	size_t i;

	r->goal = view_goal(m->ctx, name, -1);
	for (i = 0; i < m->c->n_runs; i++) {
		v = find_metric(m->details[i], name);
		out = &r->values[i];
		if (v)
			out->value = cell_number(v->value, decimals);
		out->differs = !v != !base ||
			       (v && base && v->value != base->value &&
				!(isnan(v->value) && isnan(base->value)));
		r->differs |= out->differs;
		if (!v || !base || i == m->c->baseline)
			continue;
		out->word = word_for(m, r, i, v->value - base->value);
		if (out->word != WORD_NOT_COMPARABLE)
			out->delta = cell_as(
				cell_delta(v->value - base->value, decimals),
				ROLE_TEXT);
	}
}

/* ---- the names of all runs ----------------------------------------------- */

struct names {
	const char **v;
	size_t n, cap;
};

static void add_name(struct names *names, const char *name)
{
	names->v = xgrow(names->v, &names->cap, names->n + 1, sizeof(char *));
	names->v[names->n++] = name;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_shown_tag(const char *name)
{
	return strncmp(name, "mlflow.", 7) || !strcmp(name, COMMIT_TAG);
}

static void collect(const struct run_detail *d, enum compare_kind kind,
		    struct names *names)
{
	size_t i;

	switch (kind) {
	case COMPARE_PARAM:
		for (i = 0; i < d->n_params; i++)
			add_name(names, d->params[i].name);
		break;
	case COMPARE_DATASET:
		for (i = 0; i < d->n_datasets; i++)
			add_name(names, context_of(&d->datasets[i]));
		break;
	case COMPARE_TAG:
		for (i = 0; i < d->n_tags; i++)
			if (is_shown_tag(d->tags[i].name))
				add_name(names, d->tags[i].name);
		break;
	case COMPARE_METRIC:
		for (i = 0; i < d->n_metrics; i++)
			add_name(names, d->metrics[i].name);
		break;
	}
}

static void add_rows(struct making *m, enum compare_kind kind)
{
	struct names names = { 0 };
	size_t i;

	for (i = 0; i < m->c->n_runs; i++)
		collect(m->details[i], kind, &names);
	if (names.n)
		qsort(names.v, names.n, sizeof(char *), compare_names);
	for (i = 0; i < names.n; i++) {
		if (i && !strcmp(names.v[i], names.v[i - 1]))
			continue;
		if (kind == COMPARE_METRIC)
			metric_row(m, names.v[i]);
		else
			text_row(m, kind, names.v[i]);
	}
	free(names.v);
}

void compare_make(struct compare *c, const struct view_ctx *ctx,
		  const struct run_detail *const *details, size_t n,
		  size_t baseline)
{
	struct making m = { .c = c, .ctx = ctx, .details = details };
	size_t i;

	BUG_ON(baseline >= n);
	*c = (struct compare){ .n_runs = n, .baseline = baseline };
	c->same_data = arena_alloc(&c->arena, n * sizeof(*c->same_data));
	for (i = 0; i < n; i++)
		c->same_data[i] = same_data(details[baseline], details[i]);
	find_repeats(&m);
	add_rows(&m, COMPARE_PARAM);
	add_rows(&m, COMPARE_DATASET);
	add_rows(&m, COMPARE_TAG);
	add_rows(&m, COMPARE_METRIC);
	for (i = 0; i < c->n_rows; i++)
		c->n_equal += !c->rows[i].differs;
}

void compare_release(struct compare *c)
{
	arena_release(&c->arena);
	*c = (struct compare){ 0 };
}

/* ---- as a list ----------------------------------------------------------- */

struct compare_of {
	const struct compare *c;
	const struct compare_row **rows;
};

enum { C_KIND, C_NAME, C_DIFFERS, N_FIXED };

static const struct view_column fixed_columns[N_FIXED] = {
	[C_KIND] = { "kind", "KIND", false, 6, VIEW_WIDE | VIEW_DATA },
	[C_NAME] = { "name", "ROW", false, 8,
		     VIEW_TABLE | VIEW_DATA | VIEW_NAME },
	[C_DIFFERS] = { "differs", "DIFFERS", false, 3, VIEW_DATA },
};

static struct cell word_cell(const struct compare_value *v, struct arena *a)
{
	const char *word = compare_word_text(v->word);
	struct cell_look look = { 0 };

	if (v->delta.kind == CELL_NONE)
		return cell_as(cell_text(word), compare_word_role(v->word));
	return cell_as(cell_text(arena_printf(a, "%s %s",
					      cell_shown(a, &v->delta, &look).s,
					      word)),
		       compare_word_role(v->word));
}

static void compare_list_row(const struct view_list *list, size_t i,
			     struct arena *a, struct cell *cells)
{
	const struct compare_of *of = list->of;
	const struct compare_row *r = of->rows[i];
	size_t k, col = N_FIXED;

	cells[C_KIND] =
		cell_as(cell_text(compare_kind_name(r->kind)), ROLE_DIM);
	cells[C_NAME] = cell_text(r->name);
	cells[C_DIFFERS] = cell_bool(r->differs);
	for (k = 0; k < of->c->n_runs; k++) {
		cells[col++] = r->values[k].value;
		if (k != of->c->baseline)
			cells[col++] = word_cell(&r->values[k], a);
	}
}

/* "A rf-depth12-a"; the baseline says so. */
static void run_columns(struct view_list *list, struct view_column *columns,
			const struct compare *c,
			const struct run_detail *const *details)
{
	size_t i, col = N_FIXED;
	const char *id, *name;
	char letter[2] = "A";

	memcpy(columns, fixed_columns, sizeof(fixed_columns));
	for (i = 0; i < c->n_runs; i++, letter[0]++) {
		id = arena_strdup(&list->arena, details[i]->run.id);
		name = *details[i]->run.name ? details[i]->run.name : id;
		columns[col++] = (struct view_column){
			id,
			arena_printf(&list->arena, "%s%s%s%s",
				     i < 26 ? letter : "", i < 26 ? " " : "",
				     name, i == c->baseline ? " base" : ""),
			false, 6, VIEW_TABLE | VIEW_DATA
		};
		if (i != c->baseline)
			columns[col++] = (struct view_column){ "", "", false, 6,
							       VIEW_TABLE };
	}
	list->columns = columns;
	list->n_columns = col;
}

void view_compare(struct view_list *list, const struct view_ctx *ctx,
		  const struct compare *c,
		  const struct run_detail *const *details, bool diff_only)
{
	struct compare_of *of;
	size_t i;

	view_list_start(list, ctx, fixed_columns, N_FIXED);
	of = arena_alloc(&list->arena, sizeof(*of));
	of->c = c;
	of->rows =
		arena_alloc(&list->arena, (c->n_rows + 1) * sizeof(*of->rows));
	for (i = 0; i < c->n_rows; i++)
		if (c->rows[i].differs || !diff_only)
			of->rows[list->n_rows++] = &c->rows[i];
	run_columns(
		list,
		arena_alloc(&list->arena, (N_FIXED + 2 * c->n_runs) *
						  sizeof(struct view_column)),
		c, details);
	list->of = of;
	list->row = compare_list_row;
}
