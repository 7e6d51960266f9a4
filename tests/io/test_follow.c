/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "io/follow.h"
#include "scratch.h"

static struct buf out = BUF_INIT(1 << 20);

static enum follow_what look(struct follow *f)
{
	struct err err = { 0 };
	enum follow_what what = follow_read(f, &out, 1 << 20, &err);

	assert_int_equal(err.code, ERR_OK);
	return what;
}

/* Two writes within one tick of the clock have one time. */
static void write_later(const char *path, const char *mode, const char *text)
{
	static time_t later = 2000000000;
	struct timespec times[2] = { { .tv_sec = later }, { .tv_sec = later } };

	later++;
	write_file(path, mode, text);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void test_grows(void **state)
{
	struct scratch *s = *state;
	struct follow *f = follow_new(s->path);
	struct err err = { 0 };

	assert_string_equal(follow_path(f), s->path);
	assert_int_equal(look(f), FOLLOW_ABSENT);
	write_later(s->path, "w", "one\n");
	assert_int_equal(look(f), FOLLOW_MORE);
	assert_int_equal(look(f), FOLLOW_NOTHING);
	write_later(s->path, "a", "two\nthr");
	assert_int_equal(look(f), FOLLOW_MORE);
	assert_string_equal(buf_str(&out), "one\ntwo\nthr");
	assert_int_equal(follow_offset(f), 11);
	/* A little at a time. */
	write_later(s->path, "a", "ee\nfour");
	assert_int_equal(follow_read(f, &out, 3, &err), FOLLOW_MORE);
	assert_int_equal(follow_read(f, &out, 3, &err), FOLLOW_MORE);
	assert_int_equal(follow_read(f, &out, 3, &err), FOLLOW_MORE);
	assert_int_equal(follow_read(f, &out, 3, &err), FOLLOW_NOTHING);
	assert_string_equal(buf_str(&out), "one\ntwo\nthree\nfour");
	follow_free(f);
}

static void test_cut(void **state)
{
	struct scratch *s = *state;
	struct follow *f = follow_new(s->path);

	write_later(s->path, "w", "a long first text\n");
	assert_int_equal(look(f), FOLLOW_MORE);
	write_later(s->path, "w", "short\n");
	assert_int_equal(look(f), FOLLOW_ROTATED);
	assert_string_equal(buf_str(&out), "short\n");
	write_later(s->path, "w", "");
	assert_int_equal(look(f), FOLLOW_ROTATED);
	assert_int_equal(out.len, 0);
	write_later(s->path, "a", "again");
	assert_int_equal(look(f), FOLLOW_MORE);
	/* Cut, and written anew to more than its old length. */
	write_later(s->path, "w", "other text, longer than that");
	assert_int_equal(look(f), FOLLOW_AFRESH);
	assert_string_equal(buf_str(&out), "other text, longer than that");
	/* Of the same length. */
	write_later(s->path, "w", "OTHER TEXT, longer than THAT");
	assert_int_equal(look(f), FOLLOW_AFRESH);
	assert_string_equal(buf_str(&out), "OTHER TEXT, longer than THAT");
	follow_free(f);
}

static void test_replaced_and_brought_back(void **state)
{
	struct scratch *s = *state;
	struct follow *f = follow_new(s->path);
	char other[160];

	snprintf(other, sizeof(other), "%s.other", s->path);
	write_later(s->path, "w", "first\n");
	assert_int_equal(look(f), FOLLOW_MORE);
	write_later(other, "w", "first\nsecond\n");
	assert_int_equal(rename(other, s->path), 0);
	assert_int_equal(look(f), FOLLOW_AFRESH);
	assert_string_equal(buf_str(&out), "first\nsecond\n");
	assert_int_equal(rename(s->path, other), 0);
	assert_int_equal(look(f), FOLLOW_ABSENT);
	assert_int_equal(look(f), FOLLOW_ABSENT);
	assert_int_equal(rename(other, s->path), 0);
	assert_int_equal(look(f), FOLLOW_NOTHING); /* it is the one we read */
	assert_int_equal(remove(s->path), 0);
	assert_int_equal(look(f), FOLLOW_ABSENT);
	write_later(s->path, "w", "third\n");
	assert_int_equal(look(f), FOLLOW_AFRESH);
	assert_string_equal(buf_str(&out), "third\n");
	follow_free(f);
}

/* What is written until the new file is begun is not lost. */
static void test_renamed_and_begun_anew(void **state)
{
	struct scratch *s = *state;
	struct follow *f = follow_new(s->path);
	char old[160];

	snprintf(old, sizeof(old), "%s.1", s->path);
	write_later(s->path, "w", "first\n");
	assert_int_equal(look(f), FOLLOW_MORE);
	assert_int_equal(rename(s->path, old), 0);
	write_later(old, "a", "second\n");
	assert_int_equal(look(f), FOLLOW_MORE);
	assert_string_equal(buf_str(&out), "first\nsecond\n");
	assert_int_equal(look(f), FOLLOW_ABSENT);
	write_later(old, "a", "third\n");
	write_later(s->path, "w", "fourth\n");
	assert_int_equal(look(f), FOLLOW_MORE);
	assert_string_equal(buf_str(&out), "first\nsecond\nthird\n");
	assert_int_equal(look(f), FOLLOW_ROTATED);
	assert_string_equal(buf_str(&out), "fourth\n");
	assert_int_equal(look(f), FOLLOW_NOTHING);
	follow_free(f);
	remove(old);
}

static void test_newer_than_what_is_followed(void **state)
{
	struct scratch *s = *state;
	struct follow *f = follow_new(s->path);
	char other[160];

	snprintf(other, sizeof(other), "%s.1", s->path);
	write_later(s->path, "w", "first\nsecond\n");
	assert_false(follow_is_newer(f, other, 0)); /* not there */
	write_later(other, "w", "first\nsecond\n");
	assert_true(follow_is_newer(f, other, 0)); /* nothing is followed yet */
	assert_int_equal(look(f), FOLLOW_MORE);
	assert_false(follow_is_newer(f, s->path, 0));
	assert_false(follow_is_newer(f, other, 0)); /* a copy, */
	write_later(other, "w", "first\n");
	assert_false(follow_is_newer(f, other, 0)); /* half of one */
	write_later(other, "w", "first\nthird\n");
	assert_true(follow_is_newer(f, other, 0));
	assert_true(follow_is_newer(f, other, 2000));
	assert_false(follow_is_newer(f, other, 60000));
	write_later(s->path, "a", "fourth\n");
	assert_false(follow_is_newer(f, other, 0));
	follow_free(f);
	remove(other);
}

static void test_a_saved_place(void **state)
{
	struct scratch *s = *state;
	struct follow *f = follow_new(s->path);

	write_later(s->path, "w", "one\ntwo\n");
	follow_seek(f, 4);
	assert_int_equal(look(f), FOLLOW_MORE);
	assert_string_equal(buf_str(&out), "two\n");
	follow_free(f);
	/* The file is shorter than the place: it was cut since. */
	f = follow_new(s->path);
	follow_seek(f, 400);
	assert_int_equal(look(f), FOLLOW_ROTATED);
	assert_string_equal(buf_str(&out), "one\ntwo\n");
	follow_free(f);
}

static void test_what_cannot_be_read(void **state)
{
	struct scratch *s = *state;
	struct follow *f = follow_new(s->folder);
	struct err err = { 0 };

	assert_int_equal(follow_read(f, &out, 10, &err), FOLLOW_NOTHING);
	assert_int_equal(err.code, ERR_IO);
	follow_free(f);
	/* A pipe does not hang it. */
	assert_int_equal(mkfifo(s->path, 0600), 0);
	f = follow_new(s->path);
	err = (struct err){ 0 };
	assert_int_equal(follow_read(f, &out, 10, &err), FOLLOW_NOTHING);
	assert_int_equal(err.code, ERR_IO);
	follow_free(f);
}

/* Whatever is done to the file: what was followed equals a whole read. */
static void test_equals_a_whole_read(void **state)
{
	struct scratch *s = *state;
	struct follow *f = follow_new(s->path);
	uint32_t random = 1;
	char text[40], whole[8192];
	size_t n;
	FILE *in;
	int i;

	for (i = 0; i < 2000; i++) {
		random = random * 1664525 + 1013904223;
		snprintf(text, sizeof(text), "line %d %u\n", i, random);
		write_later(s->path, (random >> 24) % 8 ? "a" : "w", text);
		if ((random >> 16) % 3)
			continue;
		look(f);
		in = fopen(s->path, "r");
		assert_non_null(in);
		n = fread(whole, 1, sizeof(whole), in);
		fclose(in);
		assert_int_equal(out.len, n);
		assert_memory_equal(buf_str(&out), whole, n);
	}
	follow_free(f);
}

static int init(void **state)
{
	buf_clear(&out);
	return scratch_init(state);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, init, scratch_release)
	const struct CMUnitTest tests[] = {
		TEST(test_grows),
		TEST(test_cut),
		TEST(test_replaced_and_brought_back),
		TEST(test_renamed_and_begun_anew),
		TEST(test_newer_than_what_is_followed),
		TEST(test_a_saved_place),
		TEST(test_what_cannot_be_read),
		TEST(test_equals_a_whole_read),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	buf_release(&out);
	return failed;
}
