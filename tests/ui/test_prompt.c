/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "../../src/ui/prompt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "ui/keys.h"

static size_t offer(void *ctx, const char *text, size_t cursor, size_t *start,
		    struct arena *a, const char ***words)
{
	static const char *const all[] = { "pane-next", "pane-prev", "page-up",
					   "promote" };
	size_t n = 0;

	(void)ctx;
	*start = 0;
	*words = arena_alloc(a, sizeof(all));
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (!strncmp(all[i], text, cursor))
			(*words)[n++] = all[i];
	return n;
}

static void open_with(struct prompt *p, const char *text)
{
	prompt_init(p);
	prompt_open(p, PROMPT_COMMAND, ":", text, offer, NULL);
}

static void tab(struct prompt *p, const char *text, size_t n_shown)
{
	prompt_key(p, UI_KEY_TAB);
	assert_string_equal(prompt_text(p), text);
	assert_int_equal(p->n_words, n_shown);
}

static void test_the_only_word_is_taken_and_none_shown(void **state)
{
	struct prompt p;

	(void)state;
	open_with(&p, "pr");
	tab(&p, "promote", 0);
	tab(&p, "promote", 0);
	prompt_release(&p);
}

static void test_what_is_sure_then_all_then_each(void **state)
{
	struct prompt p;

	(void)state;
	open_with(&p, "pan");
	tab(&p, "pane-", 2);
	tab(&p, "pane-next", 2);
	tab(&p, "pane-prev", 2);
	tab(&p, "pane-next", 2);
	prompt_release(&p);
}

static void test_where_nothing_is_sure_none_is_taken(void **state)
{
	struct prompt p;

	(void)state;
	open_with(&p, "pa");
	tab(&p, "pa", 3);
	prompt_key(&p, UI_KEY_BACKTAB);
	assert_string_equal(prompt_text(&p), "page-up");
	prompt_release(&p);
}

static void test_typing_begins_anew(void **state)
{
	struct prompt p;

	(void)state;
	open_with(&p, "pa");
	tab(&p, "pa", 3);
	prompt_key(&p, 'g');
	assert_int_equal(p.n_words, 0);
	tab(&p, "page-up", 0);
	prompt_release(&p);
}

static void enter(struct prompt *p, const char *line)
{
	prompt_open(p, PROMPT_FILTER, "/", line, offer, NULL);
	prompt_remember(p);
	prompt_close(p);
}

static void key_gives(struct prompt *p, int key, const char *text)
{
	prompt_key(p, key);
	assert_string_equal(prompt_text(p), text);
}

static void test_lines_of_earlier_stand_before_those_of_now(void **state)
{
	static const char *const earlier[] = { "a", "b" };
	struct prompt p;

	(void)state;
	prompt_init(&p);
	enter(&p, "c");
	prompt_put_earlier(&p, PROMPT_FILTER, earlier, 2);
	prompt_open(&p, PROMPT_FILTER, "/", "typed", offer, NULL);
	key_gives(&p, UI_KEY_UP, "c");
	key_gives(&p, UI_KEY_UP, "b");
	key_gives(&p, UI_KEY_UP, "a");
	key_gives(&p, UI_KEY_UP, "a");
	key_gives(&p, UI_KEY_DOWN, "b");
	key_gives(&p, UI_KEY_DOWN, "c");
	key_gives(&p, UI_KEY_DOWN, "typed");
	prompt_release(&p);
}

/* What an error leaves open is in the history as it was typed. */
static void test_what_stays_open_is_remembered_too(void **state)
{
	struct prompt p;

	(void)state;
	prompt_init(&p);
	enter(&p, "first");
	prompt_open(&p, PROMPT_FILTER, "/", "slip", offer, NULL);
	prompt_remember(&p);
	prompt_key(&p, 's');
	key_gives(&p, UI_KEY_UP, "slip");
	key_gives(&p, UI_KEY_UP, "first");
	prompt_close(&p);
	prompt_open(&p, PROMPT_SEARCH, "/", "", offer, NULL);
	key_gives(&p, UI_KEY_UP, "");
	prompt_release(&p);
}

static void test_history_is_searched(void **state)
{
	struct prompt p;

	(void)state;
	prompt_init(&p);
	enter(&p, "status = 'FAILED'");
	enter(&p, "age < 1d");
	enter(&p, "not status");
	prompt_open(&p, PROMPT_FILTER, "/", "stat", offer, NULL);
	key_gives(&p, KEY_CTRL('r'), "not status");
	key_gives(&p, KEY_CTRL('r'), "status = 'FAILED'");
	key_gives(&p, KEY_CTRL('r'), "status = 'FAILED'");
	prompt_release(&p);
}

static void test_what_is_offered_is_not_taken(void **state)
{
	struct prompt p;

	(void)state;
	open_with(&p, "pro");
	prompt_offer(&p);
	assert_int_equal(p.n_words, 1);
	assert_string_equal(prompt_text(&p), "pro");
	tab(&p, "promote", 1);
	prompt_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_only_word_is_taken_and_none_shown),
		cmocka_unit_test(test_what_is_sure_then_all_then_each),
		cmocka_unit_test(test_where_nothing_is_sure_none_is_taken),
		cmocka_unit_test(test_typing_begins_anew),
		cmocka_unit_test(
			test_lines_of_earlier_stand_before_those_of_now),
		cmocka_unit_test(test_what_stays_open_is_remembered_too),
		cmocka_unit_test(test_history_is_searched),
		cmocka_unit_test(test_what_is_offered_is_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
