/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/intern.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define N_NAMES 50000u

static void test_same_string_same_number(void **state)
{
	struct intern *in = intern_new();
	uint32_t a = intern_put(in, "a"), b = intern_put(in, "b");

	(void)state;
	assert_int_not_equal(a, 0);
	assert_int_not_equal(a, b);
	assert_int_equal(intern_put(in, "a"), a);
	assert_int_equal(intern_find(in, "b"), b);
	assert_int_equal(intern_find(in, "c"), 0);
	assert_int_equal(intern_count(in), 3); /* with the empty one */
	assert_string_equal(intern_str(in, b), "b");
	intern_free(in);
	intern_free(NULL);
}

static void test_nothing_is_zero(void **state)
{
	struct intern *in = intern_new();

	(void)state;
	assert_int_equal(intern_put(in, NULL), 0);
	assert_int_equal(intern_put(in, ""), 0);
	assert_int_equal(intern_putn(in, "x", 0), 0);
	assert_int_equal(intern_find(in, NULL), 0);
	assert_string_equal(intern_str(in, 0), "");
	assert_int_equal(intern_len(in, 0), 0);
	intern_free(in);
}

static void test_nul_bytes_are_part_of_it(void **state)
{
	struct intern *in = intern_new();
	uint32_t a = intern_putn(in, "a\0b", 3);
	uint32_t b = intern_putn(in, "a\0c", 3);
	uint32_t c = intern_put(in, "a");

	(void)state;
	assert_true(a != b && a != c && b != c);
	assert_int_equal(intern_len(in, a), 3);
	assert_memory_equal(intern_str(in, a), "a\0b", 4);
	intern_free(in);
}

static void test_many_stay_where_they_are(void **state)
{
	struct intern *in = intern_new();
	static const char *at[N_NAMES];
	static uint32_t ids[N_NAMES];
	char name[32];

	(void)state;
	for (uint32_t i = 0; i < N_NAMES; i++) {
		snprintf(name, sizeof(name), "name-%u", i);
		ids[i] = intern_put(in, name);
		at[i] = intern_str(in, ids[i]);
	}
	for (uint32_t i = 0; i < N_NAMES; i++) {
		snprintf(name, sizeof(name), "name-%u", i);
		assert_int_equal(intern_find(in, name), ids[i]);
		assert_ptr_equal(intern_str(in, ids[i]), at[i]);
		assert_string_equal(at[i], name);
	}
	assert_int_equal(intern_count(in), N_NAMES + 1);
	assert_true(intern_bytes(in) > N_NAMES * strlen("name-1"));
	intern_free(in);
}

struct shared {
	struct intern *in;
	_Atomic uint32_t handed;
	_Atomic uint32_t n_wrong;
};

static void *read_names(void *arg)
{
	struct shared *s = arg;
	char name[32];
	uint32_t id;

	do {
		id = atomic_load(&s->handed);
		if (!id)
			continue;
		snprintf(name, sizeof(name), "%u", id);
		if (strcmp(intern_str(s->in, id), name) ||
		    intern_len(s->in, id) != strlen(name))
			atomic_fetch_add(&s->n_wrong, 1);
	} while (id < N_NAMES);
	return NULL;
}

static void test_readers_may_read_while_names_are_added(void **state)
{
	struct shared s = { .in = intern_new() };
	pthread_t reader;
	char name[32];

	(void)state;
	assert_int_equal(pthread_create(&reader, NULL, read_names, &s), 0);
	for (uint32_t i = 1; i <= N_NAMES; i++) {
		snprintf(name, sizeof(name), "%u", i);
		atomic_store(&s.handed, intern_put(s.in, name));
	}
	pthread_join(reader, NULL);
	assert_int_equal(s.n_wrong, 0);
	intern_free(s.in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_string_same_number),
		cmocka_unit_test(test_nothing_is_zero),
		cmocka_unit_test(test_nul_bytes_are_part_of_it),
		cmocka_unit_test(test_many_stay_where_they_are),
		cmocka_unit_test(test_readers_may_read_while_names_are_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
