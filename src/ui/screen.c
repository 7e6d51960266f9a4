/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/screen.h"

#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <wchar.h>

#include "base/mem.h"

struct screen {
	struct term *term;
	SCREEN *curses;
	enum theme_depth depth;
	bool has_direct;
	int n_colors;
	/* Of every role, plain and selected. */
	attr_t attrs[N_ROLES][2];
	struct theme_look looks[N_ROLES][2];
	bool must_redraw;
	bool must_fit_region; /* the scroll region, to the size */
	bool has_paste;       /* pastes can come between marks */
	bool is_marking;      /* and do */
};

#define PASTE_ON  "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

/* The usual 256 colours as RGB, for terminals that take those only. */
static int direct_color(short index)
{
	static const int ansi[16] = { 0x000000, 0xcd0000, 0x00cd00, 0xcdcd00,
				      0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
				      0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00,
				      0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff };
	static const int levels[6] = { 0, 95, 135, 175, 215, 255 };
	int n = index - 16;

	if (index < 0)
		return -1;
	if (index < 16)
		return ansi[index];
	if (index >= 232) {
		int grey = 8 + (index - 232) * 10;

		return grey << 16 | grey << 8 | grey;
	}
	return levels[n / 36] << 16 | levels[n / 6 % 6] << 8 | levels[n % 6];
}

static int color_of(const struct screen *s, short index)
{
	return s->has_direct ? direct_color(index) : index;
}

static attr_t attrs_of(unsigned look)
{
	attr_t a = A_NORMAL;

	if (look & THEME_BOLD)
		a |= A_BOLD;
	if (look & THEME_DIM)
		a |= A_DIM;
	if (look & THEME_REVERSE)
		a |= A_REVERSE;
	if (look & THEME_UNDERLINE)
		a |= A_UNDERLINE;
	return a;
}

/* On the cursor's row dim becomes text; alarm and warn stay readable. */
static struct theme_look selected(const struct screen *s, const struct theme *t,
				  enum role role)
{
	struct theme_look look = t->looks[role][s->depth];
	const struct theme_look *sel = &t->selection[s->depth];

	if (role == ROLE_DIM || role == ROLE_AXIS)
		look = t->looks[ROLE_TEXT][s->depth];
	if (s->depth == THEME_256 && role == ROLE_ALARM)
		look.fg = t->selected_alarm;
	if (s->depth == THEME_256 && role == ROLE_WARN)
		look.fg = t->selected_warn;
	if (look.bg >= 0)
		return look; /* a badge stays one */
	if (sel->bg >= 0)
		look.bg = sel->bg;
	look.attrs |= sel->attrs;
	return look;
}

/* The pair of the first role with these colours: two pairs of the same ones
 * would be told to the terminal at every change from one to the other. */
static int pair_of(struct screen *s, int role, int sel)
{
	const struct theme_look *look = &s->looks[role][sel];
	int pair = 1 + role * 2 + sel;

	for (int p = 1; p < pair; p++) {
		const struct theme_look *other =
			&s->looks[(p - 1) / 2][(p - 1) % 2];

		if (other->fg == look->fg && other->bg == look->bg)
			return p;
	}
	init_extended_pair(pair, color_of(s, look->fg), color_of(s, look->bg));
	return pair;
}

static void make_attrs(struct screen *s, const struct theme *t)
{
	for (int i = 0; i < N_ROLES; i++) {
		for (int sel = 0; sel < 2; sel++) {
			s->looks[i][sel] = sel ? selected(s, t, (enum role)i)
					       : t->looks[i][s->depth];
			s->attrs[i][sel] = attrs_of(s->looks[i][sel].attrs);
			if (s->depth != THEME_MONO)
				s->attrs[i][sel] |=
					COLOR_PAIR(pair_of(s, i, sel));
		}
	}
}

static void find_depth(struct screen *s, const struct theme *t)
{
	const char *none = getenv("NO_COLOR");

	s->depth = THEME_MONO;
	if ((none && *none) || !strcmp(t->name, "mono") || !has_colors())
		return;
	start_color();
	use_default_colors();
	s->n_colors = COLORS;
	s->has_direct = COLORS > 256;
	if (COLORS >= 256)
		s->depth = THEME_256;
	else if (COLORS >= 16)
		s->depth = THEME_16;
	else
		s->depth = THEME_8;
	if (COLOR_PAIRS < 1 + 2 * N_ROLES && COLOR_PAIRS < 64)
		s->depth = THEME_MONO;
}

/* Terminals that have colours ignore what they do not know; older ones might
 * print it. */
static bool can_mark_pastes(void)
{
	return has_colors();
}

static void mark_pastes(struct screen *s, bool is_on)
{
	const char *bytes = is_on ? PASTE_ON : PASTE_OFF;

	if (s->has_paste && s->is_marking != is_on &&
	    term_write(s->term, bytes, strlen(bytes)))
		s->is_marking = is_on;
}

static void add_string(char *out, size_t size, const char *bytes)
{
	if (bytes && bytes != (const char *)-1)
		strncat(out, bytes, size - strlen(out) - 1);
}

static void set_farewell(struct screen *s)
{
	char bytes[64] = "";

	add_string(bytes, sizeof(bytes), s->has_paste ? PASTE_OFF : "");
	add_string(bytes, sizeof(bytes), cursor_normal);
	add_string(bytes, sizeof(bytes), exit_ca_mode);
	term_set_farewell(s->term, bytes);
}

static void set_size(struct screen *s, int w, int h)
{
	resizeterm(h, w);
	s->must_fit_region = true;
}

/* Curses writes into a pipe and begins with the size it guesses. In rows that
 * this leaves out of the scroll region some terminals delete nothing. */
static void fit_scroll_region(struct screen *s)
{
	char bytes[64] = "";

	s->must_fit_region = false;
	if (!change_scroll_region || !save_cursor || !restore_cursor)
		return;
	add_string(bytes, sizeof(bytes), save_cursor);
	add_string(bytes, sizeof(bytes),
		   tiparm(change_scroll_region, 0, LINES - 1));
	add_string(bytes, sizeof(bytes), restore_cursor);
	s->must_fit_region = !term_write(s->term, bytes, strlen(bytes));
}

enum err_code screen_open(struct term *term, const struct theme *theme,
			  struct screen **out, struct err *err)
{
	struct screen *s = xcalloc(1, sizeof(*s));
	int w, h;

	s->term = term;
	term_size(term, &w, &h);
	s->curses = newterm(NULL, term_output(term), stdin);
	if (!s->curses || !cursor_address || !*cursor_address) {
		if (s->curses) {
			endwin();
			delscreen(s->curses);
		}
		free(s);
		return err_set(err, ERR_USAGE,
			       "the terminal \"%s\" cannot place its cursor",
			       getenv("TERM") ? getenv("TERM") : "");
	}
	set_size(s, w, h);
	noecho();
	nonl();
	leaveok(stdscr, FALSE);
	curs_set(0);
	find_depth(s, theme);
	make_attrs(s, theme);
	s->has_paste = can_mark_pastes();
	set_farewell(s);
	*out = s;
	return ERR_OK;
}

void screen_close(struct screen *s)
{
	if (!s)
		return;
	mark_pastes(s, false);
	curs_set(1);
	endwin();
	fflush(term_output(s->term));
	delscreen(s->curses);
	free(s);
}

/* The cell's text as wide characters; '?' for what the locale cannot say, and
 * for what its library takes for another width than we do: the rest of the row
 * would move. */
static void wide_text(const struct surface_cell *c, int width,
		      wchar_t out[CCHARW_MAX + 1])
{
	char bytes[CELL_BYTES + 1];
	size_t n;

	memcpy(bytes, c->utf8, c->len);
	bytes[c->len] = 0;
	n = mbstowcs(out, bytes, CCHARW_MAX);
	if (n == (size_t)-1 || !n)
		n = 0;
	out[n] = 0;
	if (wcswidth(out, n) != width)
		wcscpy(out, L"?");
}

static const struct theme_look *look_of(const struct screen *s,
					const struct surface_cell *c)
{
	return &s->looks[c->role][!!(c->flags & CELL_IS_SELECTED)];
}

/* A blank looks the same in every colour that has its ground: it takes those
 * of the cell before it, and the terminal need not be told of a change. Bytes
 * of a key fall by a third. */
static const struct surface_cell *dressed_as(const struct screen *s,
					     const struct surface_cell *c,
					     const struct surface_cell *before)
{
	unsigned shows = THEME_REVERSE | THEME_UNDERLINE;
	const struct theme_look *a, *b;

	if (!before || c->len != 1 || c->utf8[0] != ' ')
		return c;
	a = look_of(s, c);
	b = look_of(s, before);
	if (a->bg != b->bg || (a->attrs | b->attrs) & shows)
		return c;
	return before;
}

static void put_cell(const struct screen *s, int x, int y, int width,
		     const struct surface_cell *c,
		     const struct surface_cell *dress)
{
	wchar_t wide[CCHARW_MAX + 1];
	attr_t attrs =
		s->attrs[dress->role][!!(dress->flags & CELL_IS_SELECTED)];
	cchar_t cc;

	wide_text(c, width, wide);
	setcchar(&cc, wide, attrs & ~A_COLOR, PAIR_NUMBER(attrs), NULL);
	mvadd_wch(y, x, &cc);
	if (width < 2 || wide[0] != L'?')
		return;
	setcchar(&cc, L" ", attrs & ~A_COLOR, PAIR_NUMBER(attrs), NULL);
	mvadd_wch(y, x + 1, &cc);
}

static int width_at(const struct surface *s, int x, int y)
{
	const struct surface_cell *right = surface_at(s, x + 1, y);

	return right && !right->len ? 2 : 1;
}

void screen_paint(struct screen *s, const struct surface *surface)
{
	for (int y = 0; y < surface->h && y < LINES; y++) {
		const struct surface_cell *dress = NULL;

		for (int x = 0; x < surface->w && x < COLS; x++) {
			const struct surface_cell *c =
				surface_at(surface, x, y);

			if (!c->len)
				continue;
			dress = dressed_as(s, c, dress);
			put_cell(s, x, y, width_at(surface, x, y), c, dress);
		}
	}
	if (surface->cursor_x >= 0) {
		curs_set(1);
		move(surface->cursor_y, surface->cursor_x);
	} else {
		curs_set(0);
	}
	if (s->must_redraw)
		clearok(stdscr, TRUE);
	s->must_redraw = false;
	refresh();
	fflush(term_output(s->term));
	if (s->must_fit_region)
		fit_scroll_region(s);
	mark_pastes(s, true);
}

void screen_redraw(struct screen *s)
{
	s->must_redraw = true;
}

void screen_resize(struct screen *s, int w, int h)
{
	set_size(s, w, h);
	erase();
	s->must_redraw = true;
}

void screen_set_theme(struct screen *s, const struct theme *theme)
{
	find_depth(s, theme);
	make_attrs(s, theme);
	s->must_redraw = true;
}

void screen_leave(struct screen *s)
{
	mark_pastes(s, false);
	curs_set(1);
	endwin();
	fflush(term_output(s->term));
}

void screen_enter(struct screen *s)
{
	s->must_redraw = true;
}

int screen_colors(const struct screen *s)
{
	return s->depth == THEME_MONO ? 0 : s->n_colors;
}
