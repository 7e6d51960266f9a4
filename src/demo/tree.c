/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "demo/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NODES 65536

static int by_float(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

/* Edges stand between two values that differ, so a column of few values gets
 * a bin a value. */
static void find_edges(struct tree_bins *b, size_t column, float *values,
		       size_t n)
{
	uint8_t n_edges = 0;

	qsort(values, n, sizeof(*values), by_float);
	for (size_t k = 1; k < TREE_BINS; k++) {
		size_t i = k * n / TREE_BINS;

		while (i < n && i > 0 && values[i] == values[i - 1])
			i++;
		if (!i || i >= n)
			continue;
		if (n_edges && values[i] <= b->edge[column][n_edges - 1])
			continue;
		b->edge[column][n_edges++] = values[i];
	}
	b->n_edges[column] = n_edges;
}

static uint8_t bin_of(const struct tree_bins *b, size_t column, float x)
{
	uint8_t bin = 0;

	while (bin < b->n_edges[column] && x >= b->edge[column][bin])
		bin++;
	return bin;
}

void tree_bins_init(struct tree_bins *b, const struct frame *f)
{
	float *values = xcalloc(f->n, sizeof(*values));

	BUG_ON(f->n_x > TREE_MAX_X || !f->n);
	memset(b, 0, sizeof(*b));
	b->n = f->n;
	b->n_x = f->n_x;
	b->bin = xcalloc(f->n * f->n_x, 1);
	for (size_t c = 0; c < f->n_x; c++) {
		for (size_t i = 0; i < f->n; i++)
			values[i] = f->x[i * f->n_x + c];
		find_edges(b, c, values, f->n);
		for (size_t i = 0; i < f->n; i++)
			b->bin[c * f->n + i] =
				bin_of(b, c, f->x[i * f->n_x + c]);
	}
	free(values);
}

void tree_bins_release(struct tree_bins *b)
{
	free(b->bin);
	memset(b, 0, sizeof(*b));
}

struct split {
	int feature;
	uint8_t bin; /* goes left where its bin is below */
	double gain;
};

struct growth {
	struct tree *tree;
	const struct tree_bins *bins;
	const float *target;
	const struct tree_opts *opts;
	struct prng *prng;
};

static void try_column(const struct growth *g, size_t column,
		       const uint32_t *rows, size_t n, double total,
		       struct split *best)
{
	const uint8_t *bin = &g->bins->bin[column * g->bins->n];
	double sum[TREE_BINS] = { 0 }, left = 0;
	uint32_t count[TREE_BINS] = { 0 };
	size_t n_left = 0, min = (size_t)g->opts->min_leaf;

	for (size_t i = 0; i < n; i++) {
		uint8_t k = bin[rows[i]];

		sum[k] += g->target[rows[i]];
		count[k]++;
	}
	for (uint8_t k = 0; k < g->bins->n_edges[column]; k++) {
		double right, gain;

		left += sum[k];
		n_left += count[k];
		if (n_left < min || n - n_left < min)
			continue;
		right = total - left;
		gain = left * left / (double)n_left +
		       right * right / (double)(n - n_left) -
		       total * total / (double)n;
		if (gain > best->gain + 1e-9)
			*best = (struct split){ (int)column, (uint8_t)(k + 1),
						gain };
	}
}

static struct split find_split(const struct growth *g, const uint32_t *rows,
			       size_t n, double total)
{
	struct split best = { .feature = -1 };
	size_t order[TREE_MAX_X], n_x = g->bins->n_x;

	for (size_t i = 0; i < n_x; i++)
		order[i] = i;
	for (size_t i = 0; i < g->opts->n_try && i < n_x; i++) {
		size_t j = i;

		if (g->opts->n_try < n_x)
			j += prng_below(g->prng, n_x - i);
		try_column(g, order[j], rows, n, total, &best);
		order[j] = order[i];
	}
	return best;
}

static size_t part(const struct growth *g, uint32_t *rows, size_t n,
		   const struct split *split)
{
	const uint8_t *bin = &g->bins->bin[(size_t)split->feature * g->bins->n];
	size_t n_left = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t row = rows[i];

		if (bin[row] >= split->bin)
			continue;
		rows[i] = rows[n_left];
		rows[n_left++] = row;
	}
	return n_left;
}

static int add_nodes(struct tree *t, size_t n)
{
	int first = (int)t->n;

	t->nodes = xgrow(t->nodes, &t->cap, t->n + n, sizeof(*t->nodes));
	memset(&t->nodes[t->n], 0, n * sizeof(*t->nodes));
	t->n += n;
	return first;
}

static void grow(const struct growth *g, int node, uint32_t *rows, size_t n,
		 int depth)
{
	double total = 0;
	struct split split = { .feature = -1 };
	size_t n_left;
	int left;

	for (size_t i = 0; i < n; i++)
		total += g->target[rows[i]];
	if (depth < g->opts->max_depth && n >= 2 * (size_t)g->opts->min_leaf)
		split = find_split(g, rows, n, total);
	g->tree->nodes[node].feature = split.feature;
	g->tree->nodes[node].value = (float)(total / (double)n);
	if (split.feature < 0)
		return;
	g->tree->nodes[node].at = g->bins->edge[split.feature][split.bin - 1];
	n_left = part(g, rows, n, &split);
	left = add_nodes(g->tree, 2);
	g->tree->nodes[node].left = left;
	grow(g, left, rows, n_left, depth + 1);
	grow(g, left + 1, rows + n_left, n - n_left, depth + 1);
}

void tree_grow(struct tree *t, const struct tree_bins *b, const float *target,
	       uint32_t *rows, size_t n, const struct tree_opts *opts,
	       struct prng *p)
{
	struct growth g = { t, b, target, opts, p };

	BUG_ON(!n);
	t->n = 0;
	grow(&g, add_nodes(t, 1), rows, n, 0);
}

void tree_release(struct tree *t)
{
	free(t->nodes);
	memset(t, 0, sizeof(*t));
}

float tree_eval(const struct tree *t, const float *x)
{
	const struct tree_node *node = &t->nodes[0];

	while (node->feature >= 0)
		node = &t->nodes[node->left + !(x[node->feature] < node->at)];
	return node->value;
}

void tree_save(const struct tree *t, struct buf *out)
{
	buf_addf(out, "tree %zu\n", t->n);
	for (size_t i = 0; i < t->n; i++)
		buf_addf(out, "%d %d %.9g %.9g\n", t->nodes[i].feature,
			 t->nodes[i].left, (double)t->nodes[i].at,
			 (double)t->nodes[i].value);
}

static bool load_node(struct tree *t, size_t i, const char **at, size_t n_x)
{
	struct tree_node *node = &t->nodes[i];
	int used = 0;

	if (sscanf(*at, "%d %d %f %f %n", &node->feature, &node->left,
		   &node->at, &node->value, &used) != 4 ||
	    !used)
		return false;
	*at += used;
	if (node->feature < 0)
		return true;
	/* Children stand behind their parent: no walk can loop. */
	return (size_t)node->feature < n_x && node->left > (int)i &&
	       (size_t)node->left + 1 < t->n;
}

bool tree_load(struct tree *t, const char **at, size_t n_x)
{
	unsigned n = 0;
	int used = 0;

	if (sscanf(*at, "tree %u %n", &n, &used) != 1 || !used || !n ||
	    n > MAX_NODES)
		return false;
	*at += used;
	t->n = 0;
	add_nodes(t, n);
	for (size_t i = 0; i < n; i++)
		if (!load_node(t, i, at, n_x))
			return false;
	return true;
}
