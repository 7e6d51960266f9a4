/* SPDX-License-Identifier: GPL-3.0-or-later */

/* bench_model [RUNS ..]: what it costs to take runs into the model, to share
 * it, to filter, order and group it. 20 metrics and 4 params a run; without
 * operands 1,000 to 1,000,000 runs. Best of five, in milliseconds. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/filter.h"
#include "model/group.h"
#include "model/order.h"
#include "model/run_tree.h"

#define N_METRICS 20
#define SLICE     2000u
#define TRIES     5
#define NOW_MS    1790000000000

struct bench {
	struct intern *strings;
	struct run_set *set;
	size_t n;
	uint64_t seed;
	size_t n_kept; /* by the last filter */
};

static double next(struct bench *b)
{
	b->seed = b->seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(b->seed >> 11) / 9007199254740992.;
}

static void put_id(char out[33], size_t i)
{
	snprintf(out, 33, "%016zx%016zx", i * 0x9e3779b97f4a7c15u, i);
}

static void add_run(struct bench *b, struct batch *batch, size_t i)
{
	static const char *const words[] = { "rf", "gbt", "cnn", "mlp" };
	char id[33], parent[33] = "", name[48], text[32];
	uint32_t run, k;

	put_id(id, i);
	if (i % 10)
		put_id(parent, i - i % 10);
	snprintf(name, sizeof(name), "%s-depth%d-%zu", words[i % 4],
		 (int)(next(b) * 20), i);
	run = batch_add_run(batch,
			    &(struct run_facts){
				    .id = id,
				    .name = name,
				    .experiment_id = i % 2 ? "1" : "2",
				    .user = "ann",
				    .parent_id = parent,
				    .status = i % 9 ? RUN_FINISHED : RUN_FAILED,
				    .start_ms = NOW_MS - (int64_t)i,
				    .end_ms = NOW_MS });
	for (k = 0; k < N_METRICS; k++) {
		snprintf(text, sizeof(text), "metric-%u", k);
		batch_add_number(batch, run,
				 batch_key(batch, VALUE_METRIC, text), next(b));
	}
	for (k = 0; k < 4; k++) {
		snprintf(name, sizeof(name), "param-%u", k);
		snprintf(text, sizeof(text), "%d", (int)(next(b) * 100));
		batch_add_text(batch, run, batch_key(batch, VALUE_PARAM, name),
			       text);
	}
}

static double ms_since(int64_t began_us)
{
	return (double)(clock_mono_us() - began_us) / 1000;
}

/* The time of applying alone. */
static double fill(struct bench *b)
{
	struct batch *batch;
	int64_t began_us;
	double ms = 0;
	size_t i, k;

	for (i = 0; i < b->n; i += SLICE) {
		batch = batch_new();
		for (k = i; k < MIN(i + SLICE, b->n); k++)
			add_run(b, batch, k);
		began_us = clock_mono_us();
		run_set_apply(b->set, batch);
		ms += ms_since(began_us);
		batch_free(batch);
	}
	return ms;
}

static double snapshot_ms(struct bench *b, const char *text)
{
	int64_t began_us = clock_mono_us();

	(void)text;
	run_set_free(run_set_snapshot(b->set));
	return ms_since(began_us);
}

/* One run changes while a snapshot is held. */
static double change_ms(struct bench *b, const char *text)
{
	struct run_set *snapshot = run_set_snapshot(b->set);
	struct batch *batch = batch_new();
	int64_t began_us;
	double ms;

	(void)text;
	add_run(b, batch, b->n / 2);
	began_us = clock_mono_us();
	run_set_apply(b->set, batch);
	ms = ms_since(began_us);
	batch_free(batch);
	run_set_free(snapshot);
	return ms;
}

static struct run_bits first_rows(size_t n)
{
	struct run_bits bits = { { 0 } };
	size_t i;

	for (i = 0; i < n; i++)
		bits.words[i / 64] |= 1ull << i % 64;
	return bits;
}

static double filter_ms(struct bench *b, const char *text)
{
	struct filter *f = NULL;
	struct filter_bound *bound;
	struct err err = { 0 };
	struct run_bits bits;
	size_t column, i;
	int64_t began_us;
	uint32_t row;
	double ms;

	if (filter_parse(text, NOW_MS, &f, &column, &err)) {
		fprintf(stderr, "%s: %s\n", text, err.msg);
		exit(1);
	}
	began_us = clock_mono_us();
	bound = filter_bind(f, b->set);
	b->n_kept = 0;
	for (row = 0; row < b->n; row += RUN_BLOCK_ROWS) {
		bits = first_rows(MIN(b->n - row, RUN_BLOCK_ROWS));
		filter_keep(bound, row / RUN_BLOCK_ROWS, &bits);
		for (i = 0; i < ARRAY_LEN(bits.words); i++)
			b->n_kept +=
				(size_t)__builtin_popcountll(bits.words[i]);
	}
	filter_unbind(bound);
	ms = ms_since(began_us);
	filter_free(f);
	return ms;
}

static double order_ms(struct bench *b, const char *text)
{
	struct order_ask ask = { 0 };
	struct order_key *keys = NULL;
	struct err err = { 0 };
	int64_t began_us;
	size_t n;
	double ms;

	if (text && order_parse(text, &keys, &ask.n_keys, &err))
		exit(1);
	ask.keys = keys;
	began_us = clock_mono_us();
	free(order_make(b->set, &ask, NULL, &n, &err));
	ms = ms_since(began_us);
	free(keys);
	return ms;
}

/* The rows newest first, as groups and trees are made from; not timed. */
static uint32_t *all_rows(struct bench *b, size_t *n)
{
	struct order_ask all = { 0 };
	struct err err = { 0 };

	return order_make(b->set, &all, NULL, n, &err);
}

static double group_ms(struct bench *b, const char *text)
{
	static const struct group_metric metric = {
		{ VALUE_METRIC, "metric-7" }, 1
	};
	struct group_by by;
	struct group_ask ask = { .by = &by,
				 .metrics = &metric,
				 .n_metrics = 1 };
	struct groups *groups;
	struct err err = { 0 };
	uint32_t *rows;
	int64_t began_us;
	size_t n;
	double ms;

	if (group_by_parse(text, &by, &err))
		exit(1);
	rows = all_rows(b, &n);
	began_us = clock_mono_us();
	groups = groups_make(b->set, rows, n, &ask, NULL, &err);
	ms = ms_since(began_us);
	b->n_kept = groups->n;
	groups_free(groups);
	group_by_release(&by);
	free(rows);
	return ms;
}

static double tree_ms(struct bench *b, const char *text)
{
	size_t n;
	uint32_t *rows = all_rows(b, &n);
	struct run_tree tree;
	int64_t began_us = clock_mono_us();
	double ms;

	(void)text;
	run_tree_make(b->set,
		      &(struct run_tree_ask){
			      .rows = rows, .n = n, .with_parents = true },
		      &tree);
	ms = ms_since(began_us);
	run_tree_release(&tree);
	free(rows);
	return ms;
}

static void say(const char *what, double ms)
{
	printf("  %-52s %9.3f\n", what, ms);
}

static double best(struct bench *b, double (*run)(struct bench *, const char *),
		   const char *text)
{
	double least = 0, ms;
	int i;

	for (i = 0; i < TRIES; i++) {
		ms = run(b, text);
		least = i ? MIN(least, ms) : ms;
	}
	return least;
}

static void bench(size_t n_runs)
{
	static const char *const filters[] = {
		"metrics.metric-7 > 0.5",
		"metrics.metric-7 > 0.5 and metrics.metric-3 < 0.1",
		"params.param-2 = 42",
		"depth14",
		"name ~ 'depth1[24]-.*7$'",
		"not (metrics.metric-7 > 0.5 or depth14)",
		"status = FAILED and age < 10s",
	};
	static const char *const orders[] = {
		"metrics.metric-7:desc", "name",
		"params.param-2,metrics.metric-1"
	};
	struct bench b = { .n = n_runs, .seed = 20261123 };
	static const char *const groups[] = {
		"params.param-2", "experiment,status,params.param-2", "repeats",
		"name"
	};
	char text[80];
	size_t i;
	double ms;

	b.strings = intern_new();
	b.set = run_set_new(b.strings);
	ms = fill(&b);
	printf("%zu runs, %.0f bytes a run beside %.0f of strings\n", n_runs,
	       (double)run_set_bytes(b.set) / (double)n_runs,
	       (double)intern_bytes(b.strings) / (double)n_runs);
	say("apply, all of them", ms);
	say("snapshot", best(&b, snapshot_ms, NULL));
	say("apply one under a snapshot", best(&b, change_ms, NULL));
	for (i = 0; i < ARRAY_LEN(filters); i++) {
		ms = best(&b, filter_ms, filters[i]);
		snprintf(text, sizeof(text), "%s (%zu)", filters[i], b.n_kept);
		say(text, ms);
	}
	say("newest first", best(&b, order_ms, NULL));
	for (i = 0; i < ARRAY_LEN(orders); i++)
		say(orders[i], best(&b, order_ms, orders[i]));
	for (i = 0; i < ARRAY_LEN(groups); i++) {
		ms = best(&b, group_ms, groups[i]);
		snprintf(text, sizeof(text), "group by %s (%zu)", groups[i],
			 b.n_kept);
		say(text, ms);
	}
	say("tree", best(&b, tree_ms, NULL));
	run_set_free(b.set);
	intern_free(b.strings);
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = { 1000, 10000, 100000, 1000000 };
	size_t i;

	for (i = 1; i < (size_t)argc; i++)
		bench(strtoull(argv[i], NULL, 10));
	for (i = 0; argc < 2 && i < ARRAY_LEN(sizes); i++)
		bench(sizes[i]);
	return 0;
}
