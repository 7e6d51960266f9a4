/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "draw/surface.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

static void assert_row(const struct surface *s, int y, const char *wanted)
{
	struct buf text = BUF_INIT(100000);
	const char *at;

	surface_text(s, &text);
	at = buf_str(&text);
	while (y-- > 0)
		at = strchr(at, '\n') + 1;
	if (strncmp(at, wanted, strlen(wanted)) || at[strlen(wanted)] != '\n')
		fail_msg("the row is not '%s':\n%s", wanted, buf_str(&text));
	buf_release(&text);
}

static void test_text_is_clipped_on_all_sides(void **state)
{
	struct surface *s = surface_new(6, 2);

	(void)state;
	assert_int_equal(surface_put(s, 1, 0, SHOWN("abcdefgh"), 3, ROLE_TEXT),
			 3);
	assert_row(s, 0, " abc");
	surface_put(s, -2, 1, SHOWN("abcdefgh"), 100, ROLE_TEXT);
	assert_row(s, 1, "cdefgh");
	surface_put(s, 0, 2, SHOWN("below"), 5, ROLE_TEXT);
	surface_put(s, 0, -1, SHOWN("above"), 5, ROLE_TEXT);
	assert_row(s, 0, " abc");
	assert_row(s, 1, "cdefgh");
	surface_free(s);
}

static void test_wide_cell_never_in_the_last_column(void **state)
{
	struct arena a = ARENA_INIT;
	struct surface *s = surface_new(4, 1);

	(void)state;
	surface_put(s, 0, 0, shown_text(&a, "a日本"), 10, ROLE_TEXT);
	assert_row(s, 0, "a日");
	assert_int_equal(surface_at(s, 1, 0)->len, 3);
	assert_int_equal(surface_at(s, 2, 0)->len, 0);
	assert_int_equal(surface_at(s, 3, 0)->len, 1);
	surface_free(s);
	arena_release(&a);
}

static void test_half_of_a_wide_cell_is_blank(void **state)
{
	struct arena a = ARENA_INIT;
	struct surface *s = surface_new(4, 2);
	struct shown wide = shown_text(&a, "日本");

	(void)state;
	surface_put(s, 0, 0, wide, 4, ROLE_TEXT);
	surface_put(s, 1, 0, SHOWN("x"), 1, ROLE_TEXT);
	assert_row(s, 0, " x本");
	surface_put(s, 0, 1, wide, 4, ROLE_TEXT);
	surface_put(s, 2, 1, SHOWN("x"), 1, ROLE_TEXT);
	assert_row(s, 1, "日x");
	surface_free(s);
	arena_release(&a);
}

static void test_combining_marks_stay_with_their_letter(void **state)
{
	struct arena a = ARENA_INIT;
	struct surface *s = surface_new(4, 1);

	(void)state;
	assert_int_equal(surface_put(s, 0, 0, shown_text(&a, "e\xcc\x81x"), 4,
				     ROLE_TEXT),
			 2);
	assert_int_equal(surface_at(s, 0, 0)->len, 3);
	assert_int_equal(surface_at(s, 1, 0)->utf8[0], 'x');
	surface_free(s);
	arena_release(&a);
}

static void test_selection_stays_under_new_text(void **state)
{
	struct surface *s = surface_new(4, 1);

	(void)state;
	surface_select(s, (struct rect){ 0, 0, 2, 1 });
	surface_put(s, 0, 0, SHOWN("abc"), 3, ROLE_DIM);
	assert_true(surface_at(s, 1, 0)->flags & CELL_IS_SELECTED);
	assert_false(surface_at(s, 2, 0)->flags & CELL_IS_SELECTED);
	assert_int_equal(surface_at(s, 1, 0)->role, ROLE_DIM);
	surface_scrim(s, (struct rect){ 0, 0, 4, 1 });
	assert_false(surface_at(s, 1, 0)->flags & CELL_IS_SELECTED);
	assert_int_equal(surface_at(s, 0, 0)->role, ROLE_SCRIM);
	surface_free(s);
}

static void test_title_says_who_has_the_focus(void **state)
{
	const struct glyphs *g = glyphs_get(LINES_BRAILLE);
	struct surface *s = surface_new(30, 2);

	(void)state;
	surface_title(s, (struct rect){ 0, 0, 30, 1 }, SHOWN("1"),
		      SHOWN("Runs"), SHOWN("all"), SHOWN("3 of 9"), true, g);
	assert_row(s, 0, "━ 1 Runs  all ━━━━━━━ 3 of 9 ━");
	assert_int_equal(surface_at(s, 0, 0)->role, ROLE_ACCENT);
	surface_title(s, (struct rect){ 0, 1, 30, 1 }, SHOWN("2"),
		      SHOWN("Metrics"), SHOWN(""), SHOWN(""), false, g);
	assert_row(s, 1, "─ 2 Metrics ──────────────────");
	assert_int_equal(surface_at(s, 4, 1)->role, ROLE_STRONG);
	surface_free(s);
}

static void test_title_in_ascii_and_in_no_room(void **state)
{
	const struct glyphs *g = glyphs_get(LINES_ASCII);
	struct surface *s = surface_new(12, 2);

	(void)state;
	surface_title(s, (struct rect){ 0, 0, 12, 1 }, SHOWN("1"),
		      SHOWN("Runs"), SHOWN("all"), SHOWN("1,000 of 9,999"),
		      true, g);
	assert_row(s, 0, "= 1 Runs ===");
	surface_title(s, (struct rect){ 0, 1, 4, 1 }, SHOWN("1"), SHOWN("Runs"),
		      SHOWN("all"), SHOWN("9"), false, g);
	assert_int_equal(surface_at(s, 4, 1)->utf8[0], ' ');
	surface_free(s);
}

static void test_shared_line_joins_the_rules_it_meets(void **state)
{
	const struct glyphs *g = glyphs_get(LINES_BRAILLE);
	struct surface *s = surface_new(5, 5);
	struct shown none = SHOWN("");

	(void)state;
	for (int y = 0; y < 5; y += 2) {
		surface_title(s, (struct rect){ 0, y, 2, 1 }, none, none, none,
			      none, false, g);
		surface_title(s, (struct rect){ 3, y, 2, 1 }, none, none, none,
			      none, false, g);
	}
	surface_vline(s, 2, 0, 5, g);
	assert_row(s, 0, "──┬──");
	assert_row(s, 1, "  │");
	assert_row(s, 2, "──┼──");
	assert_row(s, 4, "──┴──");
	surface_free(s);
}

static void test_dialog_clears_what_it_covers(void **state)
{
	const struct glyphs *g = glyphs_get(LINES_BRAILLE);
	struct surface *s = surface_new(20, 4);

	(void)state;
	for (int y = 0; y < 4; y++)
		surface_put(s, 0, y, SHOWN("xxxxxxxxxxxxxxxxxxxx"), 20,
			    ROLE_TEXT);
	surface_frame(s, (struct rect){ 1, 0, 18, 3 }, SHOWN("Title"),
		      SHOWN("note"), g);
	assert_row(s, 0, "x┌ Title ── note ─┐x");
	assert_row(s, 1, "x│                │x");
	assert_row(s, 2, "x└────────────────┘x");
	assert_row(s, 3, "xxxxxxxxxxxxxxxxxxxx");
	surface_free(s);
}

static void test_ascii_has_one_character_for_each_cell(void **state)
{
	struct arena a = ARENA_INIT;
	struct surface *s = surface_new(12, 1);

	(void)state;
	surface_put(s, 0, 0, shown_text(&a, "● ✗ é 日…"), 12, ROLE_TEXT);
	surface_to_ascii(s);
	assert_row(s, 0, "* x ? ? ~");
	surface_free(s);
	arena_release(&a);
}

static void test_words_are_wrapped_whole(void **state)
{
	struct surface *s = surface_new(12, 5);

	(void)state;
	assert_int_equal(surface_wrap(s, 1, 0, 10, 2,
				      SHOWN("scored all on tx-holdout-long"),
				      ROLE_TEXT),
			 4);
	assert_row(s, 0, " scored all");
	assert_row(s, 1, "   on");
	assert_row(s, 2, "   tx-holdo");
	assert_row(s, 3, "   ut-long");
	assert_int_equal(surface_wrap(s, 0, 4, 10, 2, SHOWN(""), ROLE_TEXT), 0);
	surface_free(s);
}

static void test_nothing_is_drawn_outside_the_clip(void **state)
{
	struct surface *s = surface_new(6, 3);

	(void)state;
	surface_put(s, 0, 0, SHOWN("aaaaaa"), 6, ROLE_TEXT);
	surface_clip(s, (struct rect){ 2, -1, 9, 3 });
	for (int y = 0; y < 3; y++)
		surface_put(s, 0, y, SHOWN("bbbbbb"), 6, ROLE_DIM);
	assert_row(s, 0, "aabbbb");
	assert_row(s, 1, "  bbbb");
	assert_row(s, 2, "");
	surface_clip(s, (struct rect){ 0, 0, 0, 0 });
	surface_fill(s, (struct rect){ 0, 0, 6, 3 }, ROLE_DIM);
	assert_row(s, 0, "aabbbb");
	surface_unclip(s);
	surface_put(s, 0, 2, SHOWN("c"), 1, ROLE_TEXT);
	assert_row(s, 2, "c");
	surface_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_is_clipped_on_all_sides),
		cmocka_unit_test(test_wide_cell_never_in_the_last_column),
		cmocka_unit_test(test_half_of_a_wide_cell_is_blank),
		cmocka_unit_test(test_combining_marks_stay_with_their_letter),
		cmocka_unit_test(test_selection_stays_under_new_text),
		cmocka_unit_test(test_title_says_who_has_the_focus),
		cmocka_unit_test(test_title_in_ascii_and_in_no_room),
		cmocka_unit_test(test_shared_line_joins_the_rules_it_meets),
		cmocka_unit_test(test_dialog_clears_what_it_covers),
		cmocka_unit_test(test_words_are_wrapped_whole),
		cmocka_unit_test(test_nothing_is_drawn_outside_the_clip),
		cmocka_unit_test(test_ascii_has_one_character_for_each_cell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
