/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/ui/key_input.h"

static void feed(struct key_input *in, const char *bytes, int64_t now_ms)
{
	key_input_add(in, bytes, strlen(bytes), now_ms);
}

static void test_every_name_is_read_back(void **state)
{
	(void)state;
	for (int key = 1; key < 127; key++) {
		if (key == '\n' || key == 8)
			continue; /* come as enter and backspace */
		if (*ui_key_name(key) && key > 26 && key < ' ' &&
		    key != UI_KEY_ESC)
			continue; /* ctrl-\ and its like have no name */
		assert_int_equal(ui_key_parse(ui_key_name(key)), key);
	}
	for (int key = UI_KEY_UP; key <= UI_KEY_F12; key++)
		assert_int_equal(ui_key_parse(ui_key_name(key)), key);
	assert_int_equal(ui_key_parse("ctrl-l"), 12);
	assert_int_equal(ui_key_parse("é"), 0xe9);
	assert_string_equal(ui_key_name(0xe9), "é");
}

static void test_what_is_no_key_has_no_number(void **state)
{
	static const char *const names[] = { "",        "ctrl-", "ctrl-ab",
					     "nothing", "f13",   "f0",
					     "ab",      "\xff",  "f1x" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_int_equal(ui_key_parse(names[i]), -1);
}

static void test_keys_of_all_terminals(void **state)
{
	static const struct {
		const char *bytes;
		int key;
	} cases[] = { { "a", 'a' },
		      { "\r", UI_KEY_ENTER },
		      { "\n", UI_KEY_ENTER },
		      { "\b", UI_KEY_BACKSPACE },
		      { "\x7f", UI_KEY_BACKSPACE },
		      { "\033[A", UI_KEY_UP },
		      { "\033OA", UI_KEY_UP },
		      { "\033[1~", UI_KEY_HOME },
		      { "\033[5~", UI_KEY_PGUP },
		      { "\033[Z", UI_KEY_BACKTAB },
		      { "\033[[E", UI_KEY_F1 + 4 },
		      { "\033[24~", UI_KEY_F12 },
		      { "日", 0x65e5 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct key_input in = { 0 };

		feed(&in, cases[i].bytes, 0);
		assert_int_equal(key_input_next(&in, 0), cases[i].key);
		assert_int_equal(key_input_next(&in, 0), -1);
	}
}

static void test_arrow_in_two_pieces_is_no_escape(void **state)
{
	struct key_input in = { 0 };

	(void)state;
	feed(&in, "\033", 1000);
	assert_int_equal(key_input_next(&in, 1149), -1);
	assert_int_equal(key_input_due_ms(&in), 1150);
	feed(&in, "[", 1149);
	assert_int_equal(key_input_next(&in, 1150), -1);
	feed(&in, "B", 1200);
	assert_int_equal(key_input_next(&in, 1200), UI_KEY_DOWN);
	assert_int_equal(key_input_due_ms(&in), -1);
}

static void test_lone_escape_after_its_time(void **state)
{
	struct key_input in = { 0 };

	(void)state;
	feed(&in, "\033", 1000);
	assert_int_equal(key_input_next(&in, 1150), UI_KEY_ESC);
	assert_int_equal(key_input_next(&in, 1150), -1);
}

/* It would cancel a dialog. */
static void test_half_a_sequence_never_becomes_an_escape(void **state)
{
	struct key_input in = { 0 };

	(void)state;
	feed(&in, "\033[", 1000);
	assert_int_equal(key_input_next(&in, 5000), -1);
	feed(&in, "x", 5000);
	assert_int_equal(key_input_next(&in, 5000), 'x');
}

static void test_unknown_sequences_type_nothing(void **state)
{
	struct key_input in = { 0 };

	(void)state;
	feed(&in, "\033[1;5A\033[<0;1;1Mq", 0);
	assert_int_equal(key_input_next(&in, 0), 'q');
	assert_int_equal(key_input_next(&in, 0), -1);
}

static void test_bytes_that_are_no_text_are_no_keys(void **state)
{
	struct key_input in = { 0 };

	(void)state;
	feed(&in, "\xff\xc0\xe6\x97q", 0);
	assert_int_equal(key_input_next(&in, 0), 'q');
	assert_int_equal(key_input_next(&in, 0), -1);
}

static void test_paste_types_nothing(void **state)
{
	struct key_input in = { 0 };

	(void)state;
	feed(&in, "\033[200~prod/fraud/14\rQ", 0);
	assert_int_equal(key_input_next(&in, 0), -1);
	feed(&in, "more\033[20", 10);
	assert_int_equal(key_input_next(&in, 10), -1);
	feed(&in, "1~x", 20);
	assert_int_equal(key_input_next(&in, 20), UI_KEY_PASTE);
	assert_int_equal(key_input_next(&in, 20), 'x');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_name_is_read_back),
		cmocka_unit_test(test_what_is_no_key_has_no_number),
		cmocka_unit_test(test_keys_of_all_terminals),
		cmocka_unit_test(test_arrow_in_two_pieces_is_no_escape),
		cmocka_unit_test(test_lone_escape_after_its_time),
		cmocka_unit_test(test_half_a_sequence_never_becomes_an_escape),
		cmocka_unit_test(test_unknown_sequences_type_nothing),
		cmocka_unit_test(test_bytes_that_are_no_text_are_no_keys),
		cmocka_unit_test(test_paste_types_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
