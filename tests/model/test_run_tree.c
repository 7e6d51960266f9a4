/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "model/order.h"
#include "model/run_tree.h"

struct fixture {
	struct intern *strings;
	struct run_set *set;
	struct batch *batch;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	f->strings = intern_new();
	f->set = run_set_new(f->strings);
	f->batch = batch_new();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	batch_free(f->batch);
	run_set_free(f->set);
	intern_free(f->strings);
	free(f);
	return 0;
}

/* An id as text: packed where the number is even, else a name. */
static const char *id_of(char out[40], unsigned i)
{
	snprintf(out, 40, i % 2 ? "run number %u" : "%032x", i);
	return out;
}

static void add(struct fixture *f, unsigned i, int parent)
{
	char id[40], parent_id[40] = "";

	if (parent >= 0)
		id_of(parent_id, (unsigned)parent);
	batch_add_run(f->batch, &(struct run_facts){ .id = id_of(id, i),
						     .name = "",
						     .experiment_id = "1",
						     .user = "",
						     .parent_id = parent_id,
						     .start_ms = 0,
						     .end_ms = 0 });
}

/* "0 .1 ..4 (.2)": the runs in the order of the tree, a dot for each step down,
 * in parentheses those nobody asked for, "+2" behind them what is folded away.
 */
static const char *print(const struct run_tree *tree)
{
	static char text[4096];
	struct buf out = BUF_INIT(sizeof(text));

	for (size_t i = 0; i < tree->n; i++) {
		const struct run_tree_place *p = &tree->places[i];

		buf_addf(&out, "%s%s", i ? " " : "", p->is_asked ? "" : "(");
		for (uint32_t k = 0; k < p->depth; k++)
			buf_addc(&out, '.');
		buf_addf(&out, "%u%s", tree->rows[i], p->is_asked ? "" : ")");
		if (p->n_folded)
			buf_addf(&out, "+%u", p->n_folded);
	}
	strcpy(text, buf_str(&out));
	buf_release(&out);
	return text;
}

static const char *made_of(struct fixture *f, const struct run_tree_ask *ask)
{
	struct run_tree tree;
	const char *text;

	run_set_apply(f->set, f->batch);
	run_tree_make(f->set, ask, &tree);
	text = print(&tree);
	run_tree_release(&tree);
	return text;
}

static const char *tree_of(struct fixture *f, const uint32_t *rows, size_t n)
{
	return made_of(f, &(struct run_tree_ask){ .rows = rows, .n = n });
}

static void test_children_stand_below_their_parents(void **state)
{
	struct fixture *f = *state;
	uint32_t rows[] = { 4, 3, 2, 1, 0 };

	add(f, 0, -1);
	add(f, 1, 0);
	add(f, 2, -1);
	add(f, 3, 0);
	add(f, 4, 1);
	assert_string_equal(tree_of(f, rows, 5), "2 0 .3 .1 ..4");
}

static void test_without_its_parent_a_run_stands_at_the_top(void **state)
{
	struct fixture *f = *state;
	uint32_t rows[] = { 2, 1, 3 };

	add(f, 0, -1);
	add(f, 1, 0);
	add(f, 2, 1);
	add(f, 3, 99);
	assert_string_equal(tree_of(f, rows, 3), "1 .2 3");
}

/* 0 above 1 above 2 and 3; 4 above 5. */
static void add_family(struct fixture *f)
{
	add(f, 0, -1);
	add(f, 1, 0);
	add(f, 2, 1);
	add(f, 3, 1);
	add(f, 4, -1);
	add(f, 5, 4);
}

static void test_parents_are_there_though_nobody_asked(void **state)
{
	struct fixture *f = *state;
	uint32_t rows[] = { 5, 3 }, with_one[] = { 3, 5, 0 };
	struct run_tree_ask ask = { .rows = rows,
				    .n = 2,
				    .with_parents = true };

	add_family(f);
	assert_string_equal(made_of(f, &ask), "(4) .5 (0) (.1) ..3");
	ask.rows = with_one;
	ask.n = 3;
	assert_string_equal(made_of(f, &ask), "(4) .5 0 (.1) ..3");
}

static void test_a_parent_in_the_bin_is_not_there(void **state)
{
	struct fixture *f = *state;
	uint32_t rows[] = { 2 };
	struct run_tree_ask ask = { .rows = rows,
				    .n = 1,
				    .with_parents = true };
	char id[40], top[40];

	add_family(f);
	batch_add_run(f->batch, &(struct run_facts){ .id = id_of(id, 1),
						     .name = "",
						     .experiment_id = "1",
						     .user = "",
						     .parent_id = id_of(top, 0),
						     .is_deleted = true });
	assert_string_equal(made_of(f, &ask), "2");
}

static void test_what_is_folded_is_counted(void **state)
{
	struct fixture *f = *state;
	uint32_t rows[] = { 0, 1, 2, 3, 4, 5 }, folded[] = { 0, 4, 5 };
	struct run_tree_ask ask = {
		.rows = rows, .n = 6, .folded = folded, .n_folded = 3
	};

	add_family(f);
	assert_string_equal(made_of(f, &ask), "0+3 4+1");
	ask.n_folded = 1;
	assert_string_equal(made_of(f, &ask), "0+3 4 .5");
	folded[0] = 1;
	assert_string_equal(made_of(f, &ask), "0 .1+2 4 .5");
	/* Of the rows asked for alone. */
	ask.rows = rows + 3;
	ask.n = 1;
	ask.with_parents = true;
	assert_string_equal(made_of(f, &ask), "(0) (.1)+1");
}

static void test_lines_know_whether_siblings_follow(void **state)
{
	struct fixture *f = *state;
	uint32_t rows[] = { 0, 1, 2, 3, 4, 5, 6 };
	struct run_tree_ask ask = { .rows = rows, .n = 7 };
	uint8_t more[7];
	struct run_tree tree;

	add_family(f);
	add(f, 6, 0);
	run_set_apply(f->set, f->batch);
	run_tree_make(f->set, &ask, &tree);
	assert_string_equal(print(&tree), "0 .1 ..2 ..3 .6 4 .5");
	for (size_t i = 0; i < 7; i++)
		more[i] = tree.places[i].more;
	assert_memory_equal(more, ((uint8_t[]){ 0, 1, 3, 2, 0, 0, 0 }), 7);
	run_tree_release(&tree);
}

static void test_no_circle_loses_a_run(void **state)
{
	struct fixture *f = *state;
	uint32_t rows[] = { 0, 1, 2, 3, 4 };

	add(f, 0, 1);
	add(f, 1, 2);
	add(f, 2, 0);
	add(f, 3, 3);
	add(f, 4, -1);
	assert_string_equal(tree_of(f, rows, 5), "4 0 .2 ..1 3");
}

static void test_another_source_has_other_parents(void **state)
{
	struct fixture *f = *state;
	uint32_t rows[] = { 1, 0 };

	add(f, 0, -1);
	run_set_apply(f->set, f->batch);
	batch_free(f->batch);
	f->batch = batch_new();
	f->batch->source = 1;
	add(f, 1, 0);
	assert_string_equal(tree_of(f, rows, 2), "1 0");
}

static void check_random(struct fixture *f, uint32_t *seed, uint32_t n)
{
	uint32_t *rows = xcalloc(n, sizeof(*rows));
	struct run_tree tree;
	uint32_t i;
	bool *is_seen = xcalloc(n, sizeof(*is_seen));
	char parent[40], above[40];

	for (i = 0; i < n; i++) {
		*seed = *seed * 1664525 + 1013904223;
		add(f, i, (int)(*seed >> 16) % (int)(n + n / 4) - 1);
		rows[i] = n - 1 - i;
	}
	run_set_apply(f->set, f->batch);
	run_tree_make(f->set, &(struct run_tree_ask){ .rows = rows, .n = n },
		      &tree);
	assert_int_equal(tree.n, n);
	for (i = 0; i < n; i++) {
		uint32_t depth = tree.places[i].depth;

		assert_true(tree.rows[i] < n && !is_seen[tree.rows[i]]);
		is_seen[tree.rows[i]] = true;
		assert_true(i ? depth <= tree.places[i - 1].depth + 1 : !depth);
		if (!depth)
			continue;
		/* The nearest above it with less depth is its parent. */
		for (uint32_t k = i; k--;) {
			if (tree.places[k].depth >= depth)
				continue;
			assert_int_equal(tree.places[k].depth + 1, depth);
			assert_string_equal(
				run_set_parent_id(f->set, tree.rows[i], parent),
				run_set_id(f->set, tree.rows[k], above));
			break;
		}
	}
	run_tree_release(&tree);
	free(rows);
	free(is_seen);
}

static void test_any_parents_make_a_tree(void **state)
{
	uint32_t seed = 1, n;

	for (n = 1; n < 300; n += 7) {
		void *own = NULL;

		setup(&own);
		check_random(own, &seed, n);
		teardown(&own);
	}
	(void)state;
}

/* However deep, nothing recurses. */
static void test_a_chain_is_followed_to_its_end(void **state)
{
	struct fixture *f = *state;
	uint32_t n = 100000, i;
	uint32_t *rows = xcalloc(n, sizeof(*rows));
	struct run_tree tree;

	for (i = 0; i < n; i++) {
		add(f, i, (int)i - 1);
		rows[i] = n - 1 - i;
	}
	run_set_apply(f->set, f->batch);
	run_tree_make(f->set, &(struct run_tree_ask){ .rows = rows, .n = n },
		      &tree);
	for (i = 0; i < n; i++)
		assert_true(tree.rows[i] == i && tree.places[i].depth == i);
	run_tree_release(&tree);
	free(rows);
}

static void test_no_runs_are_no_tree(void **state)
{
	uint32_t rows[1];

	assert_string_equal(tree_of(*state, rows, 0), "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_children_stand_below_their_parents),
		TEST(test_without_its_parent_a_run_stands_at_the_top),
		TEST(test_parents_are_there_though_nobody_asked),
		TEST(test_a_parent_in_the_bin_is_not_there),
		TEST(test_what_is_folded_is_counted),
		TEST(test_lines_know_whether_siblings_follow),
		TEST(test_no_circle_loses_a_run),
		TEST(test_another_source_has_other_parents),
		TEST(test_any_parents_make_a_tree),
		TEST(test_a_chain_is_followed_to_its_end),
		TEST(test_no_runs_are_no_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
