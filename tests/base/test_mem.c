/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/mem.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/cancel.h"
#include "base/clock.h"

static void last_act(void)
{
	if (write(STDERR_FILENO, "act,", 4) != 4)
		_exit(99);
}

static void fail_by_bug(void)
{
	volatile int zero = 0;

	BUG_ON(zero == 0);
}

static void fail_by_size(void)
{
	volatile size_t n = SIZE_MAX / 2;

	free(xreallocarray(NULL, n, 3));
}

/* Runs it in a child: its status, and what it said. */
static int run_child(void (*end_badly)(void), char *said, size_t size)
{
	int fds[2], status;
	ssize_t n, used = 0;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		signal(SIGABRT, SIG_DFL);
		dup2(fds[1], STDERR_FILENO);
		mem_set_last_act(last_act);
		end_badly();
		_exit(0);
	}
	close(fds[1]);
	while ((n = read(fds[0], said + used, size - 1 - (size_t)used)) > 0)
		used += n;
	said[used] = '\0';
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void test_bug_restores_says_where_and_aborts(void **state)
{
	char said[1000];
	int status = run_child(fail_by_bug, said, sizeof(said));

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	assert_ptr_equal(strstr(said, "act,mltower: bug at "), said);
	assert_non_null(strstr(said, "zero == 0"));
}

static void test_no_memory_restores_says_so_and_exits(void **state)
{
	char said[1000];
	int status = run_child(fail_by_size, said, sizeof(said));

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), 0);
	assert_string_equal(said, "act,mltower: out of memory\n");
}

static void test_grow_doubles(void **state)
{
	size_t cap = 0, moves = 0;
	int *items = NULL;

	(void)state;
	for (size_t i = 0; i < 10000; i++) {
		size_t before = cap;

		items = xgrow(items, &cap, i + 1, sizeof(*items));
		moves += cap != before;
		items[i] = (int)i;
	}
	assert_true(cap >= 10000);
	assert_true(moves < 15);
	assert_int_equal(items[9999], 9999);
	free(items);
}

static void test_strings_are_copied(void **state)
{
	char *s = xstrndup("abcdef", 3);

	(void)state;
	assert_string_equal(s, "abc");
	free(s);
	s = xstrndup("ab", 100);
	assert_string_equal(s, "ab");
	free(s);
	s = xasprintf("%d%s", 1, "x");
	assert_string_equal(s, "1x");
	free(s);
	free(xmalloc(0));
	free(xcalloc(0, 0));
}

static void test_arena_never_moves_and_is_zeroed(void **state)
{
	struct arena a = ARENA_INIT;
	char *first = arena_strdup(&a, "first");

	(void)state;
	for (size_t i = 0; i < 5000; i++) {
		unsigned char *p = arena_alloc(&a, i % 300);

		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t k = 0; k < i % 300; k++)
			assert_int_equal(p[k], 0);
		memset(p, 0xff, i % 300);
	}
	assert_string_equal(first, "first");
	assert_non_null(arena_alloc(&a, 5 << 20));
	arena_clear(&a);
	assert_int_equal(a.used_bytes, 0);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(*(char *)arena_alloc(&a, 1000), 0);
	arena_release(&a);
	arena_release(&a);
	arena_clear(&a);
}

static void test_arena_strings(void **state)
{
	struct arena a = ARENA_INIT;

	(void)state;
	assert_null(arena_strdup(&a, NULL));
	assert_string_equal(arena_strndup(&a, "abc", 2), "ab");
	assert_string_equal(arena_strndup(&a, NULL, 0), "");
	assert_string_equal(arena_printf(&a, "%s %d", "x", 7), "x 7");
	assert_int_equal(strlen(arena_printf(&a, "%5000d", 1)), 5000);
	arena_release(&a);
}

static void test_cancel_by_flag_and_by_time(void **state)
{
	struct cancel c = { 0 };

	(void)state;
	assert_false(cancel_is_due(NULL));
	assert_false(cancel_is_due(&c));
	c.deadline_mono_ms = clock_mono_ms() + 1000000;
	assert_false(cancel_is_due(&c));
	c.deadline_mono_ms = clock_mono_ms();
	assert_true(cancel_is_due(&c));
	c.deadline_mono_ms = 0;
	c.stop = true;
	assert_true(cancel_is_due(&c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bug_restores_says_where_and_aborts),
		cmocka_unit_test(test_no_memory_restores_says_so_and_exits),
		cmocka_unit_test(test_grow_doubles),
		cmocka_unit_test(test_strings_are_copied),
		cmocka_unit_test(test_arena_never_moves_and_is_zeroed),
		cmocka_unit_test(test_arena_strings),
		cmocka_unit_test(test_cancel_by_flag_and_by_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
