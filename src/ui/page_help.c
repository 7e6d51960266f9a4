/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/keys.h"
#include "ui_internal.h"

/* The keys of a view, from the table of commands: first those of the pane one
 * came from, then those that work everywhere. */
struct page_help {
	struct page page;
	unsigned scope;
	struct arena arena;
	struct help_line *lines;
	size_t top, n_lines, height;
	int keys_width;
};

/* A heading, or a command, or more of the text above. */
struct help_line {
	const char *heading;
	struct shown keys, name, text;
};

#define MAX_LINES (2 * N_COMMANDS * 4)
#define KEYS_FROM 3
#define GAP       2
#define NAME_ROOM 16 /* with what is free after it */
#define MIN_ROOM  16 /* narrower, texts are cut */
#define WIDE      60 /* from here names have a column of their own */

static unsigned help_scope(const struct page *p)
{
	(void)p;
	return SCOPE_LIST;
}

/* "j down"; what has no key is typed: ":sources". */
static struct shown keys_of(struct page_help *h, struct ui *ui,
			    enum command_id cmd)
{
	struct buf keys = BUF_INIT(100);
	struct shown text;

	for (size_t i = 0; i < keymap_count(ui->keymap); i++) {
		const struct binding *b = keymap_at(ui->keymap, i);

		if (b->cmd != cmd || !(b->scopes & (h->scope | SCOPE_ALL)) ||
		    keymap_find(ui->keymap, h->scope, b->key) != b)
			continue;
		buf_addf(&keys, "%s%s", keys.len ? " " : "",
			 ui_key_name(b->key));
	}
	if (!keys.len)
		buf_addf(&keys, ":%s", ui_commands[cmd].name);
	text = shown_text(&h->arena, buf_str(&keys));
	buf_release(&keys);
	return text;
}

static struct help_line *add(struct page_help *h)
{
	BUG_ON(h->n_lines >= MAX_LINES);
	h->lines[h->n_lines] = (struct help_line){ .keys = SHOWN("") };
	return &h->lines[h->n_lines++];
}

static void add_commands(struct page_help *h, struct ui *ui,
			 const char *heading, unsigned scope)
{
	add(h)->heading = heading;
	for (size_t i = 1; i < N_COMMANDS; i++) {
		struct help_line *l;

		if (!(ui_commands[i].scopes & scope))
			continue;
		l = add(h);
		l->keys = keys_of(h, ui, (enum command_id)i);
		l->name = shown_text(&h->arena, ui_commands[i].name);
		l->text = shown_text(&h->arena, ui_commands[i].help);
		h->keys_width = MAX(h->keys_width, (int)l->keys.width);
	}
}

static int text_from(const struct page_help *h, int width)
{
	return KEYS_FROM + h->keys_width + GAP +
	       (width >= WIDE ? NAME_ROOM : 0);
}

/* How much of the text fits, by whole words; they are one byte a cell. */
static uint32_t fitting(struct shown text, int room)
{
	uint32_t n = (uint32_t)MAX(1, room);

	if (text.len <= n)
		return text.len;
	while (n && text.s[n] != ' ')
		n--;
	return n ? n : (uint32_t)MAX(1, room);
}

/* Texts that are too long go on in lines of their own. */
static void wrap(struct page_help *h, int room)
{
	struct help_line *lines = h->lines;
	size_t n = h->n_lines;

	h->lines = arena_alloc(&h->arena, MAX_LINES * sizeof(*h->lines));
	h->n_lines = 0;
	for (size_t i = 0; i < n; i++) {
		struct shown rest = lines[i].text;

		*add(h) = lines[i];
		while (rest.width == rest.len && rest.len > 0) {
			uint32_t len = fitting(rest, room);
			struct shown part = { rest.s, len, len };

			h->lines[h->n_lines - 1].text = part;
			len += len < rest.len && rest.s[len] == ' ';
			rest = (struct shown){ rest.s + len, rest.len - len,
					       rest.len - len };
			if (rest.len)
				add(h);
		}
	}
}

static void help_update(struct page *p, struct ui *ui)
{
	struct page_help *h = (struct page_help *)p;
	struct rect body = ui_body(ui);

	arena_clear(&h->arena);
	h->lines = arena_alloc(&h->arena, MAX_LINES * sizeof(*h->lines));
	h->n_lines = 0;
	h->keys_width = 0;
	h->height = (size_t)MAX(1, body.h - 1);
	add_commands(h, ui, "This pane", h->scope);
	add(h);
	add_commands(h, ui, "Everywhere", SCOPE_ALL);
	wrap(h, MAX(MIN_ROOM, body.w - 1 - text_from(h, body.w)));
	if (h->top + h->height > h->n_lines)
		h->top = h->n_lines > h->height ? h->n_lines - h->height : 0;
}

static void draw_line(struct page_help *h, struct ui *ui, struct surface *s,
		      struct rect row, const struct help_line *line)
{
	int end = row.x + row.w - 1, keys_x = row.x + KEYS_FROM;
	int text_x = row.x + text_from(h, row.w);

	if (line->heading) {
		surface_put(s, row.x + 1, row.y,
			    shown_text(&ui->frame, line->heading), row.w - 2,
			    ROLE_STRONG);
		return;
	}
	surface_put(s, keys_x, row.y, line->keys, end - keys_x, ROLE_ACCENT);
	if (row.w >= WIDE)
		surface_put(s, keys_x + h->keys_width + GAP, row.y, line->name,
			    NAME_ROOM - 1, ROLE_TEXT);
	surface_put(s, text_x, row.y, line->text, end - text_x, ROLE_DIM);
}

static void help_draw(struct page *p, struct ui *ui, struct surface *s,
		      struct rect body)
{
	struct page_help *h = (struct page_help *)p;

	surface_title(s, (struct rect){ body.x, body.y, body.w, 1 }, SHOWN(""),
		      SHOWN("Help"),
		      body.w < WIDE
			      ? SHOWN("")
			      : SHOWN("lower case looks, capitals change a "
				      "system"),
		      h->top + h->height < h->n_lines ? SHOWN("j for more")
						      : SHOWN(""),
		      true, ui->glyphs);
	for (size_t i = 0; i < h->height && h->top + i < h->n_lines; i++)
		draw_line(
			h, ui, s,
			(struct rect){ body.x, body.y + 1 + (int)i, body.w, 1 },
			&h->lines[h->top + i]);
}

static bool help_command(struct page *p, struct ui *ui, enum command_id cmd,
			 const char *arg)
{
	struct page_help *h = (struct page_help *)p;
	size_t last = h->n_lines > h->height ? h->n_lines - h->height : 0;

	(void)ui;
	(void)arg;
	switch (cmd) {
	case CMD_DOWN:
		h->top = MIN(h->top + 1, last);
		return true;
	case CMD_UP:
		h->top -= h->top > 0;
		return true;
	case CMD_HALF_DOWN:
	case CMD_PAGE_DOWN:
		h->top = MIN(h->top + h->height / 2, last);
		return true;
	case CMD_HALF_UP:
	case CMD_PAGE_UP:
		h->top -= MIN(h->top, h->height / 2);
		return true;
	case CMD_TOP:
		h->top = 0;
		return true;
	case CMD_BOTTOM:
		h->top = last;
		return true;
	default:
		return false;
	}
}

static void help_free(struct page *p)
{
	arena_release(&((struct page_help *)p)->arena);
	free(p);
}

struct page *page_help_new(struct ui *ui, unsigned scope)
{
	static const enum command_id footer[] = { CMD_DOWN, CMD_UP, CMD_BACK,
						  CMD_NONE };
	static const struct page_ops ops = {
		.title = "Help",
		.scope = help_scope,
		.update = help_update,
		.draw = help_draw,
		.command = help_command,
		.footer = footer,
		.free = help_free,
	};
	struct page_help *h = xcalloc(1, sizeof(*h));

	(void)ui;
	h->page.ops = &ops;
	h->page.update_at_ms = -1;
	h->scope = scope;
	return &h->page;
}
