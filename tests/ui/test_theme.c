/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/theme.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct theme *load(const char *name)
{
	struct theme *theme = NULL;
	struct err err = { 0 };

	if (theme_load(name, &theme, &err))
		fail_msg("%s: %s", name, err.msg);
	return theme;
}

static bool is_plain(const struct theme_look *look)
{
	return look->fg < 0 && look->bg < 0;
}

static void test_mono_has_no_colour_anywhere(void **state)
{
	static const char *const names[] = { "dark", "light", "mono" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct theme *theme = load(names[i]);

		for (int role = 0; role < N_ROLES; role++)
			assert_true(is_plain(&theme->looks[role][THEME_MONO]));
		assert_true(is_plain(&theme->selection[THEME_MONO]));
		theme_free(theme);
	}
}

static void test_8_colours_stay_below_8(void **state)
{
	struct theme *theme = load("dark"), *light = load("light");

	(void)state;
	for (int role = 0; role < N_ROLES; role++) {
		assert_true(theme->looks[role][THEME_8].fg < 8);
		assert_true(theme->looks[role][THEME_8].bg < 8);
		assert_true(light->looks[role][THEME_16].fg < 16);
		assert_true(light->looks[role][THEME_16].bg < 16);
	}
	theme_free(theme);
	theme_free(light);
}

/* Never colour alone: what needs a person stands out without any. */
static void test_trouble_stands_out_without_colour(void **state)
{
	static const enum role roles[] = { ROLE_ALARM, ROLE_WARN,
					   ROLE_BADGE_ALARM, ROLE_BADGE_WARN };
	struct theme *theme = load("dark");

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_true(theme->looks[roles[i]][THEME_MONO].attrs &
			    THEME_BOLD);
	assert_int_equal(theme->looks[ROLE_TEXT][THEME_MONO].attrs, 0);
	theme_free(theme);
}

static void test_every_role_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int a = 0; a < N_ROLES; a++) {
		assert_non_null(role_name((enum role)a));
		for (int b = 0; b < a; b++)
			assert_string_not_equal(role_name((enum role)a),
						role_name((enum role)b));
	}
}

static void test_unknown_name_says_which_there_are(void **state)
{
	struct theme *theme = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(theme_load("pink", &theme, &err), ERR_USAGE);
	assert_non_null(strstr(err.msg, "pink"));
	assert_non_null(strstr(err.msg, "light"));
	assert_null(theme);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mono_has_no_colour_anywhere),
		cmocka_unit_test(test_8_colours_stay_below_8),
		cmocka_unit_test(test_trouble_stands_out_without_colour),
		cmocka_unit_test(test_every_role_has_a_name_of_its_own),
		cmocka_unit_test(test_unknown_name_says_which_there_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
