/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "draw/bigfont.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "golden.h"

static void test_every_letter_has_dots_of_its_own(void **state)
{
	const struct glyphs *g = glyphs_get(LINES_BRAILLE);
	struct buf seen['~' - ' ' + 1];

	(void)state;
	for (char c = ' '; c <= '~'; c++) {
		struct surface *s = surface_new(8, 4);
		struct buf *text = &seen[c - ' '];

		*text = (struct buf)BUF_INIT(1000);
		big_put(s, 0, 0, (struct shown){ &c, 1, 1 }, 8, BIG_S,
			ROLE_TEXT, g);
		surface_text(s, text);
		for (char d = ' '; d < c; d++)
			if (!strcmp(buf_str(&seen[d - ' ']), buf_str(text)) &&
			    !(d == '0' && c == 'O'))
				fail_msg("%c looks as %c does", c, d);
		surface_free(s);
	}
	for (size_t i = 0; i < ARRAY_LEN(seen); i++)
		buf_release(&seen[i]);
}

static void test_both_sizes(void **state)
{
	struct surface *s = surface_new(60, 14);
	const struct glyphs *g = glyphs_get(LINES_BRAILLE);
	int n;

	(void)state;
	n = big_put(s, 0, 0, SHOWN("gy 0.98"), 60, BIG_S, ROLE_TEXT, g);
	assert_int_equal(n, big_width(SHOWN("gy 0.98"), BIG_S));
	n = big_put(s, 0, 5, SHOWN("v1"), 60, BIG_L, ROLE_TEXT, g);
	assert_int_equal(n, big_width(SHOWN("v1"), BIG_L));
	assert_golden(s, "draw", "bigfont");
	surface_free(s);
}

static void test_letters_are_whole_or_absent(void **state)
{
	struct surface *s = surface_new(60, 4);
	const struct glyphs *g = glyphs_get(LINES_BRAILLE);
	int two = big_width(SHOWN("ab"), BIG_S);

	(void)state;
	assert_int_equal(
		big_put(s, 0, 0, SHOWN("abc"), two + 5, BIG_S, ROLE_TEXT, g),
		two);
	assert_int_equal(big_put(s, 0, 0, SHOWN("a"), 3, BIG_S, ROLE_TEXT, g),
			 0);
	assert_int_equal(big_width(SHOWN(""), BIG_L), 0);
	surface_free(s);
}

static void test_in_ascii(void **state)
{
	struct surface *s = surface_new(40, 4);

	(void)state;
	big_put(s, 0, 0, SHOWN("4 runs"), 40, BIG_S, ROLE_TEXT,
		glyphs_get(LINES_ASCII));
	assert_golden(s, "draw", "bigfont-ascii");
	surface_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_letter_has_dots_of_its_own),
		cmocka_unit_test(test_both_sizes),
		cmocka_unit_test(test_letters_are_whole_or_absent),
		cmocka_unit_test(test_in_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
