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

/* "0 .1 ..4 .2": the runs in the order of the tree, a dot for each step down.
 */
static const char *tree_of(struct fixture *f, uint32_t *rows, size_t n)
{
	static char out[4096];
	uint32_t *depths = xcalloc(n + 1, sizeof(*depths)), k;
	size_t at = 0, i;

	run_set_apply(f->set, f->batch);
	run_tree_make(f->set, rows, depths, n);
	*out = '\0';
	for (i = 0; i < n; i++) {
		at += (size_t)snprintf(out + at, sizeof(out) - at, "%s",
				       i ? " " : "");
		for (k = 0; k < depths[i]; k++)
			out[at++] = '.';
		at += (size_t)snprintf(out + at, sizeof(out) - at, "%u",
				       rows[i]);
	}
	free(depths);
	return out;
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
	uint32_t *depths = xcalloc(n, sizeof(*depths));
	uint32_t i;
	bool *is_seen = xcalloc(n, sizeof(*is_seen));
	char parent[40], above[40];

	for (i = 0; i < n; i++) {
		*seed = *seed * 1664525 + 1013904223;
		add(f, i, (int)(*seed >> 16) % (int)(n + n / 4) - 1);
		rows[i] = n - 1 - i;
	}
	run_set_apply(f->set, f->batch);
	run_tree_make(f->set, rows, depths, n);
	for (i = 0; i < n; i++) {
		assert_true(rows[i] < n && !is_seen[rows[i]]);
		is_seen[rows[i]] = true;
		assert_true(i ? depths[i] <= depths[i - 1] + 1 : !depths[0]);
		if (!depths[i])
			continue;
		/* The nearest above it with less depth is its parent. */
		for (uint32_t k = i; k--;) {
			if (depths[k] >= depths[i])
				continue;
			assert_int_equal(depths[k] + 1, depths[i]);
			assert_string_equal(
				run_set_parent_id(f->set, rows[i], parent),
				run_set_id(f->set, rows[k], above));
			break;
		}
	}
	free(rows);
	free(depths);
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
	uint32_t *depths = xcalloc(n, sizeof(*depths));

	for (i = 0; i < n; i++) {
		add(f, i, (int)i - 1);
		rows[i] = n - 1 - i;
	}
	run_set_apply(f->set, f->batch);
	run_tree_make(f->set, rows, depths, n);
	for (i = 0; i < n; i++)
		assert_true(rows[i] == i && depths[i] == i);
	free(rows);
	free(depths);
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
		TEST(test_no_circle_loses_a_run),
		TEST(test_another_source_has_other_parents),
		TEST(test_any_parents_make_a_tree),
		TEST(test_a_chain_is_followed_to_its_end),
		TEST(test_no_runs_are_no_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
