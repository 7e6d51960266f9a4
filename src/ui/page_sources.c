/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "page_list.h"

/* What is read, how old it is, what is wrong; and more of the one under the
 * cursor. */
struct page_sources {
	struct page page;
	struct list_pane pane;
};

static unsigned sources_scope(const struct page *p)
{
	(void)p;
	return SCOPE_LIST;
}

static void sources_update(struct page *p, struct ui *ui)
{
	struct page_sources *g = (struct page_sources *)p;
	struct view_ctx ctx = ui_view_ctx(ui);
	struct rect body = ui_body(ui);
	size_t n = ctx.model->n_sources;
	int64_t *read_ms = arena_alloc(&ui->frame, (n + 1) * sizeof(*read_ms));
	struct view_list view;

	for (size_t i = 0; i < n; i++)
		read_ms[i] = app_source_read_ms(ui->app, (uint16_t)i);
	view_sources(&view, &ctx, read_ms);
	list_pane_set(&g->pane, &view);
	list_pane_update(&g->pane, ui, body.w, body.h / 2);
	p->update_at_ms = ui->now_mono_ms + 10000;
}

static int by_size(const void *a, const void *b)
{
	return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

/* The p-quantile of the last polls' latencies. */
static unsigned latency(const struct model_source *src, double p)
{
	uint16_t sorted[ARRAY_LEN(src->latency_ms)];
	size_t n = MIN(src->n_polls, ARRAY_LEN(sorted));

	if (!n)
		return 0;
	memcpy(sorted, src->latency_ms, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), by_size);
	return sorted[(size_t)(p * (double)(n - 1) + .5)];
}

struct facts {
	struct ui *ui;
	struct surface *s;
	struct rect r;
	int y;
};

static void fact(struct facts *f, struct shown name, struct shown value,
		 enum role role)
{
	int x = f->r.x + 18;
	int room = f->r.x + f->r.w - 1 - x;

	if (f->y >= f->r.y + f->r.h || room < 1)
		return;
	surface_put(f->s, f->r.x + 3, f->y, name, 14, ROLE_DIM);
	surface_put(f->s, x, f->y,
		    shown_cut(&f->ui->frame, value, (unsigned)room,
			      f->ui->glyphs->is_ascii),
		    room, role);
	f->y++;
}

/* "live"; of one that is not when it was, and how long ago. */
static struct shown read_text(struct ui *ui, const struct model_source *src,
			      int64_t read_ms)
{
	int64_t age_ms = MAX(0, ui->now_utc_ms - read_ms);
	char out[HUMAN_MAX], when[32];

	if (src->state == SOURCE_LIVE) {
		human_fresh(out, age_ms);
		return shown_fmt(&ui->frame, "%s%s", out,
				 strcmp(out, "live") ? " ago" : "");
	}
	clock_format_local(read_ms, when);
	return shown_fmt(&ui->frame, "%s, %s ago", when,
			 human_duration(out, age_ms));
}

static bool is_lost(const struct model_source *src)
{
	return src->lost_since_ms != TIME_NONE;
}

/* some_runs: of which alone this kind of source has runs; NULL: all. */
static struct shown complete_text(struct ui *ui, const struct model_source *src,
				  const char *some_runs)
{
	if (!src->is_complete)
		return is_lost(src)
			       ? SHOWN("no: it was lost before every run was "
				       "here")
			       : SHOWN("not yet: older runs still stream in");
	if (some_runs)
		return shown_fmt(&ui->frame, "%sthe %s are here",
				 is_lost(src) ? "as of the last read: "
					      : "yes: ",
				 some_runs);
	return is_lost(src) ? SHOWN("every run it had at the last read is here")
			    : SHOWN("yes: every run it has is here");
}

static struct shown written_text(const struct model_source *src)
{
	if (!src->is_writable)
		return SHOWN("no: write: yes in the config or --write opens "
			     "it");
	return !is_lost(src) ? SHOWN("yes, after confirmation")
			     : SHOWN("not before it is back; then after "
				     "confirmation");
}

static void draw_facts(struct ui *ui, struct surface *s, struct rect r,
		       const struct model_source *src, uint16_t number)
{
	struct facts f = { ui, s, r, r.y };
	const struct system_ops *ops = app_source_ops(ui->app, number);
	struct arena *a = &ui->frame;
	int64_t read_ms = app_source_read_ms(ui->app, number);
	char n[HUMAN_MAX], when[32];

	fact(&f, SHOWN("where"), shown_text(a, src->where), ROLE_TEXT);
	if (src->err.code)
		fact(&f, SHOWN("it said"), shown_text(a, src->err.msg),
		     ROLE_WARN);
	if (src->lost_since_ms != TIME_NONE) {
		clock_format_local(src->lost_since_ms, when);
		fact(&f, SHOWN("since"), shown_text(a, when), ROLE_TEXT);
	}
	if (read_ms != TIME_NONE)
		fact(&f, SHOWN("last read"), read_text(ui, src, read_ms),
		     ROLE_TEXT);
	if (src->n_polls)
		fact(&f, SHOWN("a read takes"),
		     shown_fmt(
			     a,
			     "%u ms p50, %u ms p95, over the last %u with news",
			     latency(src, .5), latency(src, .95),
			     MIN(src->n_polls,
				 (uint32_t)ARRAY_LEN(src->latency_ms))),
		     ROLE_TEXT);
	fact(&f, SHOWN("complete"),
	     complete_text(ui, src, ops ? ops->source->some_runs : NULL),
	     ROLE_TEXT);
	fact(&f, SHOWN("written"), written_text(src), ROLE_TEXT);
	if (src->n_bad)
		fact(&f, SHOWN("skipped"),
		     shown_fmt(a, "%s records, the last: %s",
			       human_count(n, (int64_t)src->n_bad),
			       src->bad_example ? src->bad_example : ""),
		     ROLE_WARN);
}

static void sources_draw(struct page *p, struct ui *ui, struct surface *s,
			 struct rect body)
{
	struct page_sources *g = (struct page_sources *)p;
	const struct model *m = app_model(ui->app);
	int rows = MIN((int)g->pane.list.n_rows + 2, body.h / 2);
	size_t at = g->pane.list.cursor;

	surface_title(s, (struct rect){ body.x, body.y, body.w, 1 }, SHOWN(""),
		      SHOWN("Sources"), SHOWN(""),
		      shown_fmt(&ui->frame, "%zu", m->n_sources), true,
		      ui->glyphs);
	list_pane_draw(&g->pane, ui, s,
		       (struct rect){ body.x, body.y + 1, body.w, rows }, true,
		       SHOWN("No sources."));
	if (at >= m->n_sources)
		return;
	surface_title(s, (struct rect){ body.x, body.y + rows + 2, body.w, 1 },
		      SHOWN(""), shown_text(&ui->frame, m->sources[at].name),
		      shown_text(&ui->frame, m->sources[at].kind), SHOWN(""),
		      false, ui->glyphs);
	draw_facts(ui, s,
		   (struct rect){ body.x, body.y + rows + 3, body.w,
				  body.h - rows - 3 },
		   &m->sources[at], (uint16_t)at);
}

static bool sources_command(struct page *p, struct ui *ui, enum command_id cmd,
			    const char *arg)
{
	struct page_sources *g = (struct page_sources *)p;

	(void)ui;
	(void)arg;
	return list_command(&g->pane.list, cmd);
}

static void sources_free(struct page *p)
{
	list_pane_release(&((struct page_sources *)p)->pane);
	free(p);
}

struct page *page_sources_new(struct ui *ui)
{
	static const enum command_id footer[] = { CMD_REFRESH, CMD_EVENTS,
						  CMD_PROMPT,  CMD_HELP,
						  CMD_BACK,    CMD_NONE };
	static const struct page_ops ops = {
		.title = "Sources",
		.scope = sources_scope,
		.update = sources_update,
		.draw = sources_draw,
		.command = sources_command,
		.footer = footer,
		.free = sources_free,
	};
	struct page_sources *g = xcalloc(1, sizeof(*g));

	(void)ui;
	g->page.ops = &ops;
	g->page.update_at_ms = -1;
	return &g->page;
}
