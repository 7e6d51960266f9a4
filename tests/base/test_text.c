/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/text.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static struct arena arena;

struct sample {
	const char *bytes;
	size_t len;
	const char *shown;
	unsigned width;
};

#define SAMPLE(bytes, shown, width)                                            \
	{                                                                      \
		bytes, sizeof(bytes) - 1, shown, width                         \
	}

/* clang-format off */
static const struct sample samples[] = {
	SAMPLE("plain text ~", "plain text ~", 12),
	/* what moves or colours */
	SAMPLE("\x1b[31mred", "\\x1b[31mred", 11),
	SAMPLE("a\x9b" "31m", "a\\x9b31m", 8),
	SAMPLE("a\xc2\x9b" "31m", "a\\u{9b}31m", 10),
	SAMPLE("a\nb\tc\rd\be", "a\\nb\\tc\\rd\\x08e", 15),
	SAMPLE("\x7f\x01", "\\x7f\\x01", 8),
	SAMPLE("a\0b", "a\\x00b", 6),
	/* what spoofs: bidi, zero width, blanks that are none */
	SAMPLE("ab\xe2\x80\xae" "cd", "ab\\u{202e}cd", 12),
	SAMPLE("\xe2\x81\xa6x\xe2\x81\xa9", "\\u{2066}x\\u{2069}", 17),
	SAMPLE("a\xe2\x80\x8b" "b", "a\\u{200b}b", 10),
	SAMPLE("a\xef\xbb\xbf" "b", "a\\u{feff}b", 10),
	SAMPLE("a\xc2\xad" "b", "a\\u{ad}b", 8),
	SAMPLE("a\xc2\xa0" "b", "a\\u{a0}b", 8),
	SAMPLE("\xe2\xa0\x80", "\\u{2800}", 8),
	SAMPLE("\xe3\x85\xa4", "\\u{3164}", 8),
	SAMPLE("\xe2\x80\xa8", "\\u{2028}", 8),
	SAMPLE("\xe2\x9d\xa4\xef\xb8\x8f", "\xe2\x9d\xa4\\u{fe0f}", 9),
	SAMPLE("\xf3\xa0\x81\x81", "\\u{e0041}", 9),
	/* what nobody can draw */
	SAMPLE("\xee\x80\x80", "\\u{e000}", 8),
	SAMPLE("\xcd\xb8", "\\u{378}", 7),
	/* what is not UTF-8: stray, overlong, surrogate, cut, too large */
	SAMPLE("\x80", "\\x80", 4),
	SAMPLE("\xc0\xaf", "\\xc0\\xaf", 8),
	SAMPLE("\xed\xa0\x80", "\\xed\\xa0\\x80", 12),
	SAMPLE("x\xe2\x80", "x\\xe2\\x80", 9),
	SAMPLE("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", 16),
	SAMPLE("\xc3(", "\\xc3(", 5),
	/* what is fine */
	SAMPLE("caf\xc3\xa9", "caf\xc3\xa9", 4),
	SAMPLE("cafe\xcc\x81", "cafe\xcc\x81", 4),
	SAMPLE("\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac", 4),
	SAMPLE("\xed\x95\x9c", "\xed\x95\x9c", 2),
	SAMPLE("\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", 2),
	SAMPLE("\xd0\xb9\xce\xb1", "\xd0\xb9\xce\xb1", 2),
	/* a mark needs a letter, and an escape is none */
	SAMPLE("\xcc\x81" "a", "\\u{301}a", 8),
	SAMPLE("\n\xcc\x81", "\\n\\u{301}", 9),
	/* terminals differ over these */
	SAMPLE("\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd",
	       "\xf0\x9f\x91\x8d\\u{1f3fd}", 11),
	SAMPLE("\xe0\xa4\xb9\xe0\xa4\xbf", "\xe0\xa4\xb9\\u{93f}", 8),
};
/* clang-format on */

static void test_samples(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		struct shown t =
			shown_textn(&arena, samples[i].bytes, samples[i].len);

		assert_string_equal(t.s, samples[i].shown);
		assert_int_equal(t.len, strlen(t.s));
		assert_int_equal(t.width, samples[i].width);
	}
}

static void test_nothing_is_an_empty_string(void **state)
{
	struct shown t = shown_text(&arena, NULL);

	(void)state;
	assert_string_equal(t.s, "");
	assert_int_equal(t.width, 0);
	t = shown_textn(&arena, "x", 0);
	assert_string_equal(t.s, "");
}

static void test_marks_are_counted(void **state)
{
	char text[64] = "a", want[200] = "a";
	struct shown t;

	(void)state;
	for (int i = 0; i < 6; i++)
		strcat(text, "\xcc\x81");
	for (int i = 0; i < 4; i++)
		strcat(want, "\xcc\x81");
	strcat(want, "\\u{301}\\u{301}");
	t = shown_text(&arena, text);
	assert_string_equal(t.s, want);
	assert_int_equal(t.width, 15);
}

/* Every character there is: one line, no controls, shown again the same, and
 * as wide as its parts say. */
static void test_every_character(void **state)
{
	(void)state;
	for (int32_t c = 0; c < 0x110000; c++) {
		char in[6] = "x", wide[4];
		struct shown t, again;
		size_t n = 1;
		unsigned width;

		if (c >= 0xd800 && c < 0xe000)
			continue;
		if (c < 0x80) {
			wide[0] = (char)c;
		} else if (c < 0x800) {
			wide[0] = (char)(0xc0 | c >> 6);
			wide[1] = (char)(0x80 | (c & 63));
			n = 2;
		} else if (c < 0x10000) {
			wide[0] = (char)(0xe0 | c >> 12);
			wide[1] = (char)(0x80 | (c >> 6 & 63));
			wide[2] = (char)(0x80 | (c & 63));
			n = 3;
		} else {
			wide[0] = (char)(0xf0 | c >> 18);
			wide[1] = (char)(0x80 | (c >> 12 & 63));
			wide[2] = (char)(0x80 | (c >> 6 & 63));
			wide[3] = (char)(0x80 | (c & 63));
			n = 4;
		}
		memcpy(in + 1, wide, n);
		t = shown_textn(&arena, in, n + 1);
		again = shown_textn(&arena, t.s, t.len);
		assert_true(t.len == again.len && !memcmp(t.s, again.s, t.len));
		assert_true(t.width == again.width && t.width >= 1);
		assert_true(text_is_utf8(t.s, t.len));
		for (size_t i = 0; i < t.len; i++)
			assert_true((unsigned char)t.s[i] >= 0x20 &&
				    t.s[i] != 0x7f);
		assert_true(text_next(t.s, t.len, &width) > 0 && width == 1);
		if (c % 4096 == 0)
			arena_clear(&arena);
	}
}

static void test_format_is_made_fit_as_a_whole(void **state)
{
	struct shown t = shown_fmt(&arena, "%s=%d", "a\x1b", 5);

	(void)state;
	assert_string_equal(t.s, "a\\x1b=5");
	t = SHOWN("\xe2\x94\x80\xe2\x94\x80x");
	assert_int_equal(t.width, 3);
	assert_int_equal(t.len, 7);
}

static void test_clusters(void **state)
{
	static const char s[] = "e\xcc\x81\xe6\x97\xa5x";
	unsigned width;

	(void)state;
	assert_int_equal(text_next(s, 7, &width), 3);
	assert_int_equal(width, 1);
	assert_int_equal(text_next(s + 3, 4, &width), 3);
	assert_int_equal(width, 2);
	assert_int_equal(text_next(s + 6, 1, &width), 1);
	assert_int_equal(text_next(s + 7, 0, &width), 0);
	assert_int_equal(text_width(s, 7), 4);
}

static void test_cut_at_the_end(void **state)
{
	struct shown t = shown_text(&arena, "ab\xe6\x97\xa5\xe6\x9c\xac"
					    "e\xcc\x81"
					    "f");
	struct shown cut;

	(void)state;
	assert_int_equal(t.width, 8);
	assert_ptr_equal(shown_cut(&arena, t, 8, false).s, t.s);
	cut = shown_cut(&arena, t, 7, true);
	assert_string_equal(cut.s, "ab\xe6\x97\xa5\xe6\x9c\xac~");
	assert_int_equal(cut.width, 7);
	cut = shown_cut(&arena, t, 6, true); /* half a letter is none */
	assert_string_equal(cut.s, "ab\xe6\x97\xa5~");
	assert_int_equal(cut.width, 5);
	cut = shown_cut(&arena, t, 3, false);
	assert_string_equal(cut.s, "ab\xe2\x80\xa6");
	assert_int_equal(cut.len, 5);
	assert_string_equal(shown_cut(&arena, t, 1, true).s, "~");
	assert_string_equal(shown_cut(&arena, t, 0, true).s, "");
}

static void test_cut_in_the_middle(void **state)
{
	struct shown t = shown_text(&arena, "fraud-detector-v12");

	(void)state;
	assert_string_equal(shown_cut_middle(&arena, t, 18, true).s,
			    "fraud-detector-v12");
	assert_string_equal(shown_cut_middle(&arena, t, 10, true).s,
			    "fraud~-v12");
	assert_string_equal(shown_cut_middle(&arena, t, 3, true).s, "f~2");
	assert_string_equal(shown_cut_middle(&arena, t, 2, true).s, "f~");
	assert_string_equal(shown_cut_middle(&arena, t, 1, true).s, "~");
	assert_string_equal(shown_cut_middle(&arena, t, 0, true).s, "");
}

/* Wide letters leave a cell over, never take one too many. */
static void test_cuts_never_exceed_their_cells(void **state)
{
	struct shown t = shown_text(&arena, "\xe6\x97\xa5x\xe6\x9c\xac\x1b"
					    "e\xcc\x81\xe6\x97\xa5y");

	(void)state;
	for (unsigned cells = 0; cells <= t.width + 1; cells++) {
		struct shown one = shown_cut(&arena, t, cells, false);
		struct shown two = shown_cut_middle(&arena, t, cells, false);

		assert_true(one.width <= cells && two.width <= cells);
		assert_int_equal(one.width, text_width(one.s, one.len));
		assert_int_equal(two.width, text_width(two.s, two.len));
		assert_int_equal(one.len, strlen(one.s));
		assert_int_equal(two.len, strlen(two.s));
		assert_true(one.width + 2 >= MIN(cells, t.width));
	}
}

static void test_buffers_are_cut_between_pieces(void **state)
{
	struct buf out = BUF_INIT(6);

	(void)state;
	text_add_shown(&out, "abc\x1b\x1b", 5);
	assert_string_equal(buf_str(&out), "abc");
	assert_true(out.is_cut);
	buf_release(&out);
}

static void test_utf8(void **state)
{
	int32_t c = 7;

	(void)state;
	assert_true(text_is_utf8("", 0));
	assert_true(text_is_utf8("plain and long enough for words", 31));
	assert_true(text_is_utf8("12345678\xf0\x9f\x98\x80"
				 "12345678",
				 20));
	assert_false(text_is_utf8("12345678\xf0\x9f\x98", 11));
	assert_false(text_is_utf8("1234567\x80", 8));
	assert_false(text_is_utf8("\xed\xbf\xbf", 3));
	assert_int_equal(text_decode("\xe6\x97\xa5", 3, &c), 3);
	assert_int_equal(c, 0x65e5);
	assert_int_equal(text_decode("\xe6\x97\xa5", 2, &c), 0);
	assert_int_equal(text_decode("", 0, &c), 0);
	assert_int_equal(c, 0x65e5);
}

static void test_names_that_look_alike(void **state)
{
	static const char *const pairs[][2] = {
		{ "fraud", "FRAUD" },
		{ "fraud", "fr\xd0\xb0ud" },             /* Cyrillic a */
		{ "Hope", "\xd0\x9d\xce\xbfp\xd0\xb5" }, /* three alphabets */
		{ "H", "\xce\x97" },                     /* capital eta */
		{ "model-1", "model-l" },
		{ "model-1", "model-I" },
		{ "model-1", "m\xd0\xbe"
			     "del-i" },
		{ "v0", "vO" },
		{ "v0", "v\xce\xbf" },
		{ "churn", "chum" },
		{ "ab", "a\xe2\x80\x8b"
			"b" }, /* zero width */
		{ "abc", "ab\xe2\x80\xae"
			 "c" },
		{ "a b", "a\xc2\xa0"
			 "b" },
		{ "a-b", "a\xe2\x80\x93"
			 "b" },
		{ "abc", "\xef\xbd\x81\xef\xbd\x82\xef\xbd\x83" },
		{ "caf\xc3\xa9", "cafe\xcc\x81" },
	};
	static const char *const apart[][2] = {
		{ "fraud", "frauds" },     { "a-b", "a_b" }, { "v1", "v2" },
		{ "caf\xc3\xa9", "cafe" }, { "", "a" },      { "ab", "a b" },
		{ "\xff", "\xfe" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		assert_string_equal(text_skeleton(&arena, pairs[i][0]),
				    text_skeleton(&arena, pairs[i][1]));
	for (size_t i = 0; i < ARRAY_LEN(apart); i++)
		assert_string_not_equal(text_skeleton(&arena, apart[i][0]),
					text_skeleton(&arena, apart[i][1]));
}

/* The answer is of the terminals there are, not of the locale. */
static void test_widths_do_not_hang_on_the_locale(void **state)
{
	(void)state;
	assert_non_null(setlocale(LC_ALL, "C"));
	assert_false(text_locale_is_utf8());
	test_samples(state);
	if (setlocale(LC_ALL, "C.UTF-8")) {
		assert_true(text_locale_is_utf8());
		test_samples(state);
	}
	setlocale(LC_ALL, "C");
}

static int release(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_nothing_is_an_empty_string),
		cmocka_unit_test(test_marks_are_counted),
		cmocka_unit_test(test_every_character),
		cmocka_unit_test(test_format_is_made_fit_as_a_whole),
		cmocka_unit_test(test_clusters),
		cmocka_unit_test(test_cut_at_the_end),
		cmocka_unit_test(test_cut_in_the_middle),
		cmocka_unit_test(test_cuts_never_exceed_their_cells),
		cmocka_unit_test(test_buffers_are_cut_between_pieces),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_names_that_look_alike),
		cmocka_unit_test(test_widths_do_not_hang_on_the_locale),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
