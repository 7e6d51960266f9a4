/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "base/mem.h"
#include "format/csv.h"
#include "print_forms.h"

/* ---- JSON ---------------------------------------------------------------- */

static void points_json(struct json_out *o, const struct cell *c)
{
	size_t i;

	jo_array(o);
	for (i = 0; i < c->n_points; i++) {
		jo_object(o);
		jo_kint(o, "step", c->points[i].step);
		jo_ktime(o, "time_ms", c->points[i].time_ms);
		jo_kdouble(o, "value", c->points[i].value);
		jo_end_object(o);
	}
	jo_end_array(o);
}

static void items_json(struct json_out *o, const struct cell *c)
{
	bool is_map = c->kind == CELL_MAP;
	size_t i;

	if (is_map)
		jo_object(o);
	else
		jo_array(o);
	for (i = 0; i < c->n_items; i++) {
		if (is_map)
			jo_name(o, c->items[i].name);
		cell_json(o, &c->items[i].value);
	}
	if (is_map)
		jo_end_object(o);
	else
		jo_end_array(o);
}

void cell_json(struct json_out *o, const struct cell *c)
{
	switch (c->kind) {
	case CELL_NONE:
		jo_null(o);
		break;
	case CELL_TEXT:
		jo_str(o, c->text);
		break;
	case CELL_INT:
	case CELL_DURATION:
	case CELL_FRESH:
		jo_int(o, c->n);
		break;
	case CELL_TIME:
	case CELL_AGE:
		jo_time(o, c->n);
		break;
	case CELL_NUMBER:
	case CELL_DELTA:
		jo_double(o, c->number);
		break;
	case CELL_BOOL:
		jo_bool(o, c->is_true);
		break;
	case CELL_STATUS:
		jo_str(o, run_status_name((enum run_status)c->n));
		break;
	case CELL_MAP:
	case CELL_LIST:
		items_json(o, c);
		break;
	case CELL_POINTS:
		points_json(o, c);
		break;
	}
}

static void row_json(struct printer *p, size_t i)
{
	struct json_out o = JSON_OUT(&p->text);
	const struct view_list *list = p->list;
	size_t c;

	print_row(p, i);
	jo_object(&o);
	for (c = 0; c < list->n_columns; c++) {
		if (!(list->columns[c].flags & VIEW_DATA))
			continue;
		jo_name(&o, list->columns[c].id);
		cell_json(&o, &p->cells[c]);
	}
	jo_end_object(&o);
}

/* One row a line, so that line tools can be held against it. */
bool print_json(struct printer *p)
{
	bool is_single = p->list->is_single;
	size_t i;

	if (!is_single)
		buf_addc(&p->text, '[');
	for (i = 0; i < p->list->n_rows; i++) {
		if (i)
			buf_adds(&p->text, ",\n");
		row_json(p, i);
		if (!print_flush(p, PRINT_SLICE))
			return false;
	}
	buf_adds(&p->text, is_single ? "\n" : "]\n");
	return print_flush(p, 0);
}

bool print_jsonl(struct printer *p)
{
	size_t i;

	for (i = 0; i < p->list->n_rows; i++) {
		row_json(p, i);
		buf_addc(&p->text, '\n');
		if (!print_flush(p, PRINT_SLICE))
			return false;
	}
	return print_flush(p, 0);
}

/* ---- plain values -------------------------------------------------------- */

static bool has_maps(const struct cell *c)
{
	return c->kind == CELL_LIST && c->n_items &&
	       c->items[0].value.kind == CELL_MAP;
}

/* "a;b". A list of objects has no such form: it is JSON. */
static void items_plain(struct buf *out, const struct cell *c)
{
	struct json_out o = JSON_OUT(out);
	size_t i;

	if (has_maps(c)) {
		cell_json(&o, c);
		return;
	}
	for (i = 0; i < c->n_items; i++) {
		if (i)
			buf_addc(out, ';');
		if (c->kind == CELL_MAP)
			buf_addf(out, "%s=", c->items[i].name);
		cell_plain(out, &c->items[i].value);
	}
}

static void number_plain(struct buf *out, double v)
{
	char text[HUMAN_MAX];

	if (isnan(v))
		buf_adds(out, "NaN");
	else if (isinf(v))
		buf_adds(out, v > 0 ? "Infinity" : "-Infinity");
	else
		buf_adds(out, human_exact(text, v));
}

void cell_plain(struct buf *out, const struct cell *c)
{
	switch (c->kind) {
	case CELL_NONE:
		break;
	case CELL_TEXT:
		buf_adds(out, c->text);
		break;
	case CELL_INT:
	case CELL_DURATION:
	case CELL_FRESH:
	case CELL_TIME:
	case CELL_AGE:
		buf_addf(out, "%lld", (long long)c->n);
		break;
	case CELL_NUMBER:
	case CELL_DELTA:
		number_plain(out, c->number);
		break;
	case CELL_BOOL:
		buf_adds(out, c->is_true ? "true" : "false");
		break;
	case CELL_STATUS:
		buf_adds(out, run_status_name((enum run_status)c->n));
		break;
	case CELL_MAP:
	case CELL_LIST:
		items_plain(out, c);
		break;
	case CELL_POINTS:
		buf_addf(out, "%zu", c->n_points);
		break;
	}
}

/* ---- CSV ----------------------------------------------------------------- */

/* Names that occur in a column of maps, sorted: they are columns of the file.
 * Borrowed from the model, which stands still while it is printed. */
struct map_names {
	char **v;
	size_t n, cap;
};

struct csv {
	struct printer *p;
	struct map_names *maps; /* one a column of the list */
	struct buf field;
	bool is_first;
};

static size_t place_of(const struct map_names *m, const char *name, bool *found)
{
	size_t lo = 0, hi = m->n, mid;
	int order;

	*found = false;
	while (lo < hi && !*found) {
		mid = lo + (hi - lo) / 2;
		order = strcmp(m->v[mid], name);
		*found = !order;
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return hi;
}

static void add_name(void *of, const char *name, const struct cell *value)
{
	struct map_names *m = of;
	bool found;
	size_t at = place_of(m, name, &found);

	(void)value;
	if (found)
		return;
	m->v = xgrow(m->v, &m->cap, m->n + 1, sizeof(char *));
	memmove(&m->v[at + 1], &m->v[at], (m->n - at) * sizeof(char *));
	m->v[at] = xstrdup(name);
	m->n++;
}

/* Calls back for each value, those of maps in the map as "outer.inner". */
static void each_value(const struct cell *map, struct buf *path,
		       void (*leaf)(void *of, const char *name,
				    const struct cell *value),
		       void *of)
{
	size_t i, len = path->len;

	for (i = 0; i < map->n_items; i++) {
		const struct cell *value = &map->items[i].value;

		buf_addf(path, "%s%s", len ? "." : "", map->items[i].name);
		if (value->kind == CELL_MAP)
			each_value(value, path, leaf, of);
		else
			leaf(of, buf_str(path), value);
		path->len = len;
	}
}

static bool is_data(const struct view_list *list, size_t c)
{
	return list->columns[c].flags & VIEW_DATA;
}

static void find_names(struct csv *csv)
{
	struct printer *p = csv->p;
	struct buf path = BUF_INIT(0);
	size_t i, c;

	for (i = 0; i < p->list->n_rows; i++) {
		print_row(p, i);
		for (c = 0; c < p->list->n_columns; c++)
			if (is_data(p->list, c) && p->cells[c].kind == CELL_MAP)
				each_value(&p->cells[c], &path, add_name,
					   &csv->maps[c]);
	}
	buf_release(&path);
}

static void add_field(struct csv *csv)
{
	csv_add_field(&csv->p->text, buf_str(&csv->field), csv->field.len,
		      csv->is_first);
	csv->is_first = false;
	buf_clear(&csv->field);
}

static void csv_heads(struct csv *csv)
{
	const struct view_list *list = csv->p->list;
	const struct map_names *m;
	size_t c, k;

	csv->is_first = true;
	for (c = 0; c < list->n_columns; c++) {
		if (!is_data(list, c))
			continue;
		m = &csv->maps[c];
		for (k = 0; k < m->n; k++) {
			buf_addf(&csv->field, "%s.%s", list->columns[c].id,
				 m->v[k]);
			add_field(csv);
		}
		if (m->n)
			continue;
		buf_adds(&csv->field, list->columns[c].id);
		add_field(csv);
	}
	csv_end_record(&csv->p->text);
}

struct map_values {
	const struct map_names *names;
	const struct cell **v; /* one a name */
};

static void put_value(void *of, const char *name, const struct cell *value)
{
	struct map_values *values = of;
	bool found;

	values->v[place_of(values->names, name, &found)] = value;
}

static void csv_map(struct csv *csv, const struct map_names *m,
		    const struct cell *map)
{
	struct map_values values = { m, xcalloc(m->n, sizeof(*values.v)) };
	struct buf path = BUF_INIT(0);
	size_t i;

	if (map->kind == CELL_MAP)
		each_value(map, &path, put_value, &values);
	for (i = 0; i < m->n; i++) {
		if (values.v[i])
			cell_plain(&csv->field, values.v[i]);
		add_field(csv);
	}
	buf_release(&path);
	free(values.v);
}

static void csv_row(struct csv *csv, size_t i)
{
	struct printer *p = csv->p;
	size_t c;

	print_row(p, i);
	csv->is_first = true;
	for (c = 0; c < p->list->n_columns; c++) {
		if (!is_data(p->list, c))
			continue;
		if (csv->maps[c].n) {
			csv_map(csv, &csv->maps[c], &p->cells[c]);
			continue;
		}
		cell_plain(&csv->field, &p->cells[c]);
		add_field(csv);
	}
	csv_end_record(&p->text);
}

bool print_csv(struct printer *p)
{
	struct csv csv = { .p = p, .field = BUF_INIT(0) };
	size_t i, c, k;

	csv.maps = xcalloc(p->list->n_columns + 1, sizeof(*csv.maps));
	find_names(&csv);
	csv_heads(&csv);
	for (i = 0; i < p->list->n_rows && print_flush(p, PRINT_SLICE); i++) {
		size_t from = p->text.len;

		csv_row(&csv, i);
		print_harmless(p, from);
	}
	for (c = 0; c < p->list->n_columns; c++) {
		for (k = 0; k < csv.maps[c].n; k++)
			free(csv.maps[c].v[k]);
		free(csv.maps[c].v);
	}
	free(csv.maps);
	buf_release(&csv.field);
	return print_flush(p, 0);
}

/* ---- compare ------------------------------------------------------------- */

static void run_json(struct json_out *o, const struct view_ctx *ctx,
		     uint16_t source, const struct run_detail *d)
{
	struct arena a = ARENA_INIT;
	struct view_list list;
	struct cell *cells;
	size_t c;

	view_run(&list, ctx, source, d);
	cells = arena_alloc(&a, list.n_columns * sizeof(*cells));
	view_list_row(&list, 0, &a, cells);
	jo_object(o);
	for (c = 0; c < list.n_columns; c++) {
		if (!is_data(&list, c))
			continue;
		jo_name(o, list.columns[c].id);
		cell_json(o, &cells[c]);
	}
	jo_end_object(o);
	arena_release(&a);
	view_list_release(&list);
}

void view_compare_json(const struct view_ctx *ctx, const struct compare *c,
		       const struct run_detail *const *details,
		       const uint16_t *sources, bool diff_only,
		       struct json_out *out)
{
	size_t i, k;

	jo_object(out);
	jo_name(out, "runs");
	jo_array(out);
	for (i = 0; i < c->n_runs; i++)
		run_json(out, ctx, sources[i], details[i]);
	jo_end_array(out);
	jo_name(out, "rows");
	jo_array(out);
	for (i = 0; i < c->n_rows; i++) {
		if (diff_only && !c->rows[i].differs)
			continue;
		jo_object(out);
		jo_kstr(out, "kind", compare_kind_name(c->rows[i].kind));
		jo_kstr(out, "name", c->rows[i].name);
		jo_kbool(out, "differs", c->rows[i].differs);
		jo_name(out, "values");
		jo_array(out);
		for (k = 0; k < c->n_runs; k++)
			cell_json(out, &c->rows[i].values[k].value);
		jo_end_array(out);
		jo_end_object(out);
	}
	jo_end_array(out);
	jo_end_object(out);
}
