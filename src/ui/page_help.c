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
	size_t top, n_lines, height;
};

static unsigned help_scope(const struct page *p)
{
	(void)p;
	return SCOPE_LIST;
}

struct help_line {
	enum command_id cmd; /* CMD_NONE: a heading or a gap */
	const char *heading;
};

static size_t collect(const struct page_help *h, struct help_line *out)
{
	size_t n = 0;

	out[n++].heading = "This pane";
	for (size_t i = 1; i < N_COMMANDS; i++)
		if (ui_commands[i].scopes & h->scope)
			out[n++] =
				(struct help_line){ (enum command_id)i, NULL };
	out[n++] = (struct help_line){ CMD_NONE, "" };
	out[n++] = (struct help_line){ CMD_NONE, "Everywhere" };
	for (size_t i = 1; i < N_COMMANDS; i++)
		if (ui_commands[i].scopes & SCOPE_ALL)
			out[n++] =
				(struct help_line){ (enum command_id)i, NULL };
	return n;
}

static void help_update(struct page *p, struct ui *ui)
{
	struct page_help *h = (struct page_help *)p;
	struct help_line lines[2 * N_COMMANDS + 4] = { { CMD_NONE, NULL } };

	h->height = (size_t)MAX(1, ui_body(ui).h - 1);
	h->n_lines = collect(h, lines);
	if (h->top + h->height > h->n_lines)
		h->top = h->n_lines > h->height ? h->n_lines - h->height : 0;
}

static void all_keys(struct ui *ui, enum command_id cmd, unsigned scope,
		     struct buf *out)
{
	for (size_t i = 0; i < keymap_count(ui->keymap); i++) {
		const struct binding *b = keymap_at(ui->keymap, i);

		if (b->cmd != cmd || !(b->scopes & (scope | SCOPE_ALL)) ||
		    keymap_find(ui->keymap, scope, b->key) != b)
			continue;
		buf_addf(out, "%s%s", out->len ? " " : "", ui_key_name(b->key));
	}
}

static void draw_line(struct page_help *h, struct ui *ui, struct surface *s,
		      struct rect row, const struct help_line *line)
{
	const struct ui_command *c = &ui_commands[line->cmd];
	struct buf keys = BUF_INIT(100);
	int name_x = row.x + 18, help_x = row.x + 34;

	if (line->heading) {
		surface_put(s, row.x + 1, row.y,
			    shown_text(&ui->frame, line->heading), row.w - 2,
			    ROLE_STRONG);
		return;
	}
	all_keys(ui, line->cmd, h->scope, &keys);
	surface_put(s, row.x + 3, row.y, shown_text(&ui->frame, buf_str(&keys)),
		    14, ROLE_ACCENT);
	buf_release(&keys);
	if (row.w < 60)
		name_x = -1, help_x = row.x + 18;
	if (name_x >= 0)
		surface_put(s, name_x, row.y, shown_text(&ui->frame, c->name),
			    15, ROLE_TEXT);
	surface_put(s, help_x, row.y,
		    shown_cut(&ui->frame, shown_text(&ui->frame, c->help),
			      (unsigned)MAX(1, row.x + row.w - 1 - help_x),
			      ui->glyphs->is_ascii),
		    row.x + row.w - 1 - help_x, ROLE_DIM);
}

static void help_draw(struct page *p, struct ui *ui, struct surface *s,
		      struct rect body)
{
	struct page_help *h = (struct page_help *)p;
	struct help_line lines[2 * N_COMMANDS + 4] = { { CMD_NONE, NULL } };
	size_t n = collect(h, lines);

	surface_title(s, (struct rect){ body.x, body.y, body.w, 1 }, SHOWN(""),
		      SHOWN("Help"),
		      SHOWN("lower case looks, capitals change a system"),
		      h->top + h->height < n ? SHOWN("j for more") : SHOWN(""),
		      true, ui->glyphs);
	for (size_t i = 0; i < h->height && h->top + i < n; i++)
		draw_line(
			h, ui, s,
			(struct rect){ body.x, body.y + 1 + (int)i, body.w, 1 },
			&lines[h->top + i]);
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
