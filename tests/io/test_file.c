/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <sys/wait.h>

#include "io/file.h"
#include "scratch.h"

static void test_whole_files(void **state)
{
	struct scratch *s = *state;
	struct buf b = BUF_INIT(1000);
	struct err err = { 0 };
	struct stat sb;

	assert_int_equal(file_read(s->path, 100, &b, &err), ERR_ABSENT);
	err = (struct err){ 0 };
	assert_int_equal(file_write_whole(s->path, "a\0b", 3, &err), ERR_OK);
	assert_int_equal(file_write_whole(s->path, "c\0de", 4, &err), ERR_OK);
	assert_int_equal(file_read(s->path, 100, &b, &err), ERR_OK);
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.data, "c\0de", 4);
	assert_int_equal(stat(s->path, &sb), 0);
	assert_int_equal(sb.st_mode & 0777, 0600);
	buf_clear(&b);
	assert_int_equal(file_read(s->path, 3, &b, &err), ERR_LIMIT);
	buf_release(&b);
}

/* What could not be written leaves the old file, and nothing beside it. */
static void test_a_write_that_fails(void **state)
{
	struct scratch *s = *state;
	struct err err = { 0 };
	char pattern[128], **found;

	assert_int_equal(mkdir(s->path, 0700), 0);
	assert_int_equal(file_write_whole(s->path, "x", 1, &err), ERR_IO);
	snprintf(pattern, sizeof(pattern), "%s/*", s->folder);
	assert_int_equal(file_glob(pattern, &found), 1);
	assert_string_equal(found[0], s->path);
	free(found[0]);
	free(found);
}

static void test_folders(void **state)
{
	struct scratch *s = *state;
	struct err err = { 0 };
	char deep[128], inside[160];

	snprintf(deep, sizeof(deep), "%s//a/b/", s->folder);
	assert_int_equal(file_make_dirs(deep, &err), ERR_OK);
	assert_int_equal(file_make_dirs(deep, &err), ERR_OK);
	assert_true(file_is_dir(deep));
	write_file(s->path, "w", "x");
	assert_true(file_exists(s->path));
	assert_false(file_is_dir(s->path));
	snprintf(inside, sizeof(inside), "%s/c", s->path);
	assert_int_equal(file_make_dirs(inside, &err), ERR_IO);
	assert_false(file_exists(inside));
}

static void test_glob_is_sorted(void **state)
{
	struct scratch *s = *state;
	char path[128], **found = NULL;
	size_t i;

	for (i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%c.csv", s->folder, "bac"[i]);
		write_file(path, "w", "");
	}
	snprintf(path, sizeof(path), "%s/*.csv", s->folder);
	assert_int_equal(file_glob(path, &found), 3);
	for (i = 0; i < 3; i++) {
		assert_int_equal(found[i][strlen(s->folder) + 1], "abc"[i]);
		free(found[i]);
	}
	free(found);
	snprintf(path, sizeof(path), "%s/*.tsv", s->folder);
	assert_int_equal(file_glob(path, &found), 0);
	assert_null(found);
}

static int lock_in_child(const char *path, bool is_shared)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		struct err err = { 0 };

		_exit(file_lock(path, is_shared, &err) >= 0 ? 0 : err.code);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void test_locks(void **state)
{
	struct scratch *s = *state;
	struct err err = { 0 };
	int fd = file_lock(s->path, true, &err);

	assert_true(fd >= 0);
	assert_int_equal(lock_in_child(s->path, true), 0);
	assert_int_equal(lock_in_child(s->path, false), ERR_BUSY);
	close(fd);
	assert_int_equal(lock_in_child(s->path, false), 0);
	assert_int_equal(file_lock("/nowhere/at/all", false, &err), -1);
	assert_int_equal(err.code, ERR_ABSENT);
}

int main(void)
{
#define TEST(t)                                                                \
	cmocka_unit_test_setup_teardown(t, scratch_init, scratch_release)
	const struct CMUnitTest tests[] = {
		TEST(test_whole_files), TEST(test_a_write_that_fails),
		TEST(test_folders),     TEST(test_glob_is_sorted),
		TEST(test_locks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
