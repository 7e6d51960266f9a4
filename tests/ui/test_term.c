/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/term.h"

#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>
#include <vterm.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ui/keys.h"
#include "ui/screen.h"

#define W 40
#define H 10

/* A pseudo-terminal in the place of standard input and output, and libvterm
 * where a person would look. What is asserted is asserted after the real ones
 * are back. */
struct fixture {
	int master, old_in, old_out;
	VTerm *vt;
	VTermScreen *vs;
	struct term *term;
	struct screen *screen;
	struct surface *surface;
	struct buf bytes; /* all that came out */
};

static void no_wake(void)
{
}

static int open_pty(char *name, size_t size)
{
	struct winsize ws = { .ws_row = H, .ws_col = W };
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	assert_int_equal(ptsname_r(master, name, size), 0);
	ioctl(master, TIOCSWINSZ, &ws);
	return master;
}

static void take_standard_fds(struct fixture *x)
{
	char name[64];
	int slave;

	x->master = open_pty(name, sizeof(name));
	slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0);
	fflush(stdout);
	x->old_in = dup(0);
	x->old_out = dup(1);
	dup2(slave, 0);
	dup2(slave, 1);
	close(slave);
}

static void give_back_standard_fds(struct fixture *x)
{
	dup2(x->old_in, 0);
	dup2(x->old_out, 1);
	close(x->old_in);
	close(x->old_out);
}

static enum err_code open_screen(struct fixture *x, const char *theme_name)
{
	struct theme *theme = NULL;
	struct err err = { 0 };

	if (term_open(no_wake, &x->term, &err) ||
	    theme_load(theme_name, &theme, &err))
		return err.code;
	(void)!screen_open(x->term, theme, &x->screen, &err);
	theme_free(theme);
	return err.code;
}

static struct fixture *fixture_new(const char *terminal)
{
	struct fixture *x = xcalloc(1, sizeof(*x));

	x->bytes.max = 10 << 20;
	x->vt = vterm_new(H, W);
	vterm_set_utf8(x->vt, 1);
	x->vs = vterm_obtain_screen(x->vt);
	vterm_screen_reset(x->vs, 1);
	x->surface = surface_new(W, H);
	setenv("TERM", terminal, 1);
	take_standard_fds(x);
	return x;
}

/* Reads as a terminal does, until the program has no more to say. */
static void read_all(struct fixture *x)
{
	struct pollfd p = { .fd = x->master, .events = POLLIN };
	char bytes[4096];
	int wait_ms;

	do {
		ssize_t n;

		/* Bytes are under way from the copier, or all are here. */
		wait_ms = x->term && !term_is_drained(x->term) ? 1000 : 0;
		if (poll(&p, 1, MIN(wait_ms, 20)) != 1)
			continue;
		n = read(x->master, bytes, sizeof(bytes));
		if (n <= 0)
			break;
		buf_add(&x->bytes, bytes, (size_t)n);
		vterm_input_write(x->vt, bytes, (size_t)n);
		wait_ms = 1;
	} while (wait_ms);
}

static void paint(struct fixture *x)
{
	screen_paint(x->screen, x->surface);
	read_all(x);
}

/* Reading goes on while it closes: endwin() has its last words. */
static void fixture_close(struct fixture *x)
{
	screen_close(x->screen);
	x->screen = NULL;
	read_all(x);
	term_close(x->term);
	x->term = NULL;
	read_all(x);
	give_back_standard_fds(x);
}

static void fixture_free(struct fixture *x)
{
	close(x->master);
	vterm_free(x->vt);
	surface_free(x->surface);
	buf_release(&x->bytes);
	free(x);
}

static VTermScreenCell cell_at(const struct fixture *x, int col, int row)
{
	VTermScreenCell cell;

	memset(&cell, 0, sizeof(cell));
	vterm_screen_get_cell(x->vs, (VTermPos){ .row = row, .col = col },
			      &cell);
	return cell;
}

static void test_surface_arrives_on_the_screen(void **state)
{
	struct fixture *x = fixture_new("xterm-256color");
	struct arena a = ARENA_INIT;
	enum err_code code = open_screen(x, "dark");
	uint32_t wide, after, corner;

	(void)state;
	if (!code) {
		surface_put(x->surface, 0, 0, SHOWN("hello"), 9, ROLE_TEXT);
		surface_put(x->surface, 2, 3, shown_text(&a, "日本x"), 9,
			    ROLE_TEXT);
		surface_put(x->surface, W - 1, H - 1, SHOWN("!"), 1, ROLE_TEXT);
		paint(x);
	}
	wide = cell_at(x, 2, 3).chars[0];
	after = cell_at(x, 6, 3).chars[0];
	corner = cell_at(x, W - 1, H - 1).chars[0];
	assert_int_equal(code, ERR_OK);
	fixture_close(x);
	assert_non_null(strstr(buf_str(&x->bytes), "hello"));
	assert_int_equal(wide, 0x65e5);
	assert_int_equal(after, 'x');
	assert_int_equal(corner, '!');
	assert_non_null(strstr(buf_str(&x->bytes), "\033[?2004h"));
	assert_non_null(strstr(buf_str(&x->bytes), "\033[?2004l"));
	arena_release(&a);
	fixture_free(x);
}

static void test_only_what_changed_is_sent(void **state)
{
	struct fixture *x = fixture_new("xterm-256color");
	uint64_t before, same, one;

	(void)state;
	assert_int_equal(open_screen(x, "dark"), ERR_OK);
	for (int y = 0; y < H; y++)
		surface_put(x->surface, 0, y, SHOWN("0123456789abcdefghij"), 20,
			    ROLE_DIM);
	paint(x);
	before = term_bytes(x->term);
	paint(x);
	same = term_bytes(x->term) - before;
	surface_put(x->surface, 3, 5, SHOWN("X"), 1, ROLE_DIM);
	paint(x);
	one = term_bytes(x->term) - before - same;
	fixture_close(x);
	assert_in_range(same, 0, 10);
	assert_in_range(one, 1, 60);
	fixture_free(x);
}

struct seen {
	VTermScreenCell alarm, text, selected;
};

static struct seen look_in(const char *terminal, const char *no_color)
{
	struct fixture *x;
	struct seen seen;

	if (no_color)
		setenv("NO_COLOR", no_color, 1);
	x = fixture_new(terminal);
	assert_int_equal(open_screen(x, "dark"), ERR_OK);
	surface_put(x->surface, 0, 0, SHOWN("a"), 1, ROLE_ALARM);
	surface_put(x->surface, 0, 1, SHOWN("t"), 1, ROLE_TEXT);
	surface_select(x->surface, (struct rect){ 0, 2, W, 1 });
	surface_put(x->surface, 0, 2, SHOWN("s"), 1, ROLE_ALARM);
	paint(x);
	seen.alarm = cell_at(x, 0, 0);
	seen.text = cell_at(x, 0, 1);
	seen.selected = cell_at(x, 0, 2);
	fixture_close(x);
	fixture_free(x);
	unsetenv("NO_COLOR");
	return seen;
}

static void assert_index(const VTermColor *c, int index)
{
	assert_true(VTERM_COLOR_IS_INDEXED(c));
	assert_int_equal(c->indexed.idx, index);
}

static void test_colours_are_what_the_terminal_can(void **state)
{
	struct seen many = look_in("xterm-256color", NULL);
	struct seen few = look_in("xterm", NULL);
	struct seen none = look_in("vt100", NULL);
	struct seen refused = look_in("xterm-256color", "1");

	(void)state;
	assert_index(&many.alarm.fg, 203);
	assert_index(&many.text.fg, 252);
	assert_index(&many.selected.bg, 236);
	assert_index(&many.selected.fg, 210);
	assert_index(&few.alarm.fg, 1);
	assert_true(few.alarm.attrs.bold);
	assert_true(VTERM_COLOR_IS_DEFAULT_FG(&few.text.fg));
	assert_true(few.selected.attrs.reverse);
	assert_true(VTERM_COLOR_IS_DEFAULT_FG(&none.alarm.fg));
	assert_true(none.alarm.attrs.bold);
	assert_true(none.selected.attrs.reverse);
	assert_true(VTERM_COLOR_IS_DEFAULT_FG(&refused.alarm.fg));
	assert_true(refused.alarm.attrs.bold);
}

static void test_dumb_terminal_is_refused(void **state)
{
	struct fixture *x = fixture_new("dumb");
	enum err_code code = open_screen(x, "dark");

	(void)state;
	term_close(x->term);
	x->term = NULL;
	give_back_standard_fds(x);
	assert_int_equal(code, ERR_USAGE);
	fixture_free(x);
}

static int64_t timed_paint(struct fixture *x, size_t n)
{
	int64_t start_us = clock_mono_us();

	surface_put(x->surface, (int)n % W, (int)n % H, SHOWN("x"), 1,
		    ROLE_TEXT);
	screen_redraw(x->screen);
	screen_paint(x->screen, x->surface);
	return clock_mono_us() - start_us;
}

/* Nobody reads this terminal. Frames go out as the loop sends them until it
 * takes no more; no call may wait, and closing has its 200 ms and no more. */
static void test_stuck_terminal_never_blocks(void **state)
{
	struct fixture *x = fixture_new("xterm-256color");
	static char text[60000];
	int64_t drained_ms = clock_mono_ms(), start_ms, longest_us = 0;
	size_t n_frames = 0, n_clips = 0;

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(open_screen(x, "dark"), ERR_OK);
	while (clock_mono_ms() - drained_ms < 200 && n_frames < 100000) {
		if (!term_is_drained(x->term)) {
			poll(NULL, 0, 1); /* the copier's turn */
			continue;
		}
		longest_us = MAX(longest_us, timed_paint(x, n_frames++));
		drained_ms = clock_mono_ms();
	}
	start_ms = clock_mono_ms();
	for (int i = 0; i < 100; i++)
		n_clips += term_write(x->term, text, sizeof(text));
	screen_close(x->screen);
	term_close(x->term);
	start_ms = clock_mono_ms() - start_ms;
	give_back_standard_fds(x);
	assert_in_range(n_frames, 1, 99999);
	assert_in_range(n_clips, 0, 3);
	assert_in_range(longest_us, 0, 200000);
	assert_in_range(start_ms, 0, 2000);
	fixture_free(x);
}

static void test_keys_are_read_without_waiting(void **state)
{
	struct fixture *x = fixture_new("xterm-256color");
	int none, up, q, esc;
	int64_t now_ms;

	(void)state;
	assert_int_equal(open_screen(x, "dark"), ERR_OK);
	none = term_read(x->term) ? term_next_key(x->term, 0) : 0;
	(void)!write(x->master, "\033[Aq\033", 5);
	while (term_next_key(x->term, 0) == -1 && term_read(x->term))
		if (term_key_due_ms(x->term) >= 0)
			break;
	up = term_next_key(x->term, 0);
	q = term_next_key(x->term, 0);
	now_ms = term_key_due_ms(x->term);
	esc = term_next_key(x->term, now_ms);
	fixture_close(x);
	assert_int_equal(none, -1);
	assert_int_equal(up, UI_KEY_UP);
	assert_int_equal(q, 'q');
	assert_int_equal(esc, UI_KEY_ESC);
	fixture_free(x);
}

static void test_modes_come_back(void **state)
{
	struct fixture *x = fixture_new("xterm-256color");
	struct termios before, during, after;

	(void)state;
	tcgetattr(0, &before);
	assert_int_equal(open_screen(x, "dark"), ERR_OK);
	tcgetattr(0, &during);
	screen_close(x->screen);
	read_all(x);
	term_close(x->term);
	x->term = NULL;
	tcgetattr(0, &after);
	read_all(x);
	give_back_standard_fds(x);
	assert_false(during.c_lflag & (ECHO | ICANON | ISIG));
	assert_int_equal(before.c_lflag, after.c_lflag);
	assert_int_equal(before.c_iflag, after.c_iflag);
	assert_int_equal(before.c_oflag, after.c_oflag);
	fixture_free(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_surface_arrives_on_the_screen),
		cmocka_unit_test(test_only_what_changed_is_sent),
		cmocka_unit_test(test_colours_are_what_the_terminal_can),
		cmocka_unit_test(test_dumb_terminal_is_refused),
		cmocka_unit_test(test_keys_are_read_without_waiting),
		cmocka_unit_test(test_modes_come_back),
		cmocka_unit_test(test_stuck_terminal_never_blocks),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		setlocale(LC_ALL, "en_US.UTF-8");
	unsetenv("NO_COLOR");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
