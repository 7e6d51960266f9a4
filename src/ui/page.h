/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_PAGE_H
#define MLTOWER_UI_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/promote_work.h"
#include "base/arena.h"
#include "base/text.h"
#include "draw/surface.h"
#include "model/alert.h"
#include "ui/command.h"

/* A page fills the screen between the attention row and the keys. Pages stand
 * on a stack: Enter opens one over another, Escape goes back. update() digests
 * what changed in the model into what is drawn; draw() only places cells. */
struct ui;
struct page;

struct page_ops {
	const char *title; /* "Tower": a literal */
	/* Whose keys work: the scope of the focused pane. */
	unsigned (*scope)(const struct page *p);
	/* What stands after the title in the first row. */
	struct shown (*crumbs)(const struct page *p, struct ui *ui,
			       struct arena *a);
	/* Called when something changed (and before the first draw); after
	 * the cursor rested; and when update_at_ms has come. */
	void (*update)(struct page *p, struct ui *ui);
	void (*draw)(struct page *p, struct ui *ui, struct surface *s,
		     struct rect body);
	/* False: not mine, the ui's own answer follows. arg: NULL or what was
	 * typed. */
	bool (*command)(struct page *p, struct ui *ui, enum command_id cmd,
			const char *arg);
	/* The alert under the cursor; NULL: none, or the page has no alerts.
	 * The op may be absent. */
	const struct alert *(*alert)(const struct page *p, const struct ui *ui);
	/* Raw keys before they become commands (a dialog's fields); NULL: no
	 * such need. False: not taken. */
	bool (*key)(struct page *p, struct ui *ui, int key);
	/* The commands of the last row, most useful first. */
	const enum command_id *footer; /* ended by CMD_NONE */
	void (*free)(struct page *p);
	bool is_dialog; /* drawn over the page below, under a scrim */
};

/* The first member of a page's own struct. */
struct page {
	const struct page_ops *ops;
	struct page *below;
	int64_t update_at_ms;          /* monotonic; -1: only on changes */
	const enum command_id *footer; /* NULL: the ops' */
};

/* Pages. */
struct page *page_tower_new(struct ui *ui);
/* Leaves all pages above the Tower, which follows the promotion: the Registry
 * has the focus, at its model. Takes it. */
struct uptake;
void page_tower_follow(struct ui *ui, struct uptake *f);
/* What the command has now, to be changed: the filter, the order, the columns
 * of the groups. */
const char *page_tower_arg(const struct page *tower, enum command_id cmd);
/* By what the Tower's runs are shown as groups; "" they are not. */
const char *page_tower_groups(const struct ui *ui);
struct page *page_run_new(struct ui *ui, uint16_t source, const char *run_id);
struct page *page_compare_new(struct ui *ui, const uint32_t *rows, size_t n);
struct page *page_model_new(struct ui *ui, uint16_t source, const char *model);
struct page *page_drift_new(struct ui *ui, int64_t alert_id,
			    const char *monitor);
/* Chooses the columns of the table; borrows both. */
struct run_table;
struct run_list;
struct page *page_columns_new(struct ui *ui, struct run_table *table,
			      struct run_list *runs);
struct page *page_events_new(struct ui *ui);
struct page *page_sources_new(struct ui *ui);
struct page *page_help_new(struct ui *ui, unsigned scope);
/* A change of runs, all of one source: a tag (without a value: off), or the
 * text of a name or note. So many of them are not in the list that is shown. */
struct page *page_edit_new(struct ui *ui, enum edit_kind kind,
			   const struct name_value *tag, const char *text,
			   const uint32_t *rows, size_t n, size_t n_away);
/* It was written: the Tower takes their marks off. */
void page_tower_edited(struct ui *ui, enum edit_kind kind, const uint32_t *rows,
		       size_t n);
/* A promotion (or a rollback) of a version to the model's serving alias:
 * gates, diff, confirmation. version "" with is_rollback: from the record. */
struct page *page_promote_new(struct ui *ui, uint16_t source, const char *model,
			      const char *version, const char *alias,
			      bool is_rollback);

#endif
