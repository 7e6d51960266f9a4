/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_UI_INTERNAL_H
#define MLTOWER_UI_UI_INTERNAL_H

#include "absence.h"
#include "app/app.h"
#include "keymap.h"
#include "model/order.h"
#include "page.h"
#include "prompt.h"
#include "ui/screen.h"
#include "ui/term.h"
#include "view/tower.h"

/* Runs that want somebody, kept because it takes a look at all of them. */
struct attention_runs {
	bool is_known;
	uint32_t gen;
	int64_t since_ms, made_mono_ms;
	struct tower_runs runs;
};

/* What the pages share. Read freely; changed through the functions below. */
struct ui {
	struct app *app;
	struct term *term;     /* NULL: one frame of plain text */
	struct screen *screen; /* NULL as well then */
	struct surface *surface;
	const struct glyphs *glyphs;
	struct keymap *keymap;
	struct page *top;
	struct prompt prompt;
	enum command_id prompt_command;     /* what Enter in the prompt does */
	char prompt_before[PROMPT_MAX + 1]; /* the filter before the preview */
	int64_t ack_id;                     /* the alert the note is for */
	char prompt_label[100];
	size_t prompt_error_at;    /* column from 1; 0: none */
	bool prompt_is_unfinished; /* what is typed is not looked for yet */
	char message[240];         /* in the last row until the next key */
	bool message_is_error;
	int64_t now_utc_ms, now_mono_ms;
	int64_t opened_utc_ms;
	struct absence absence; /* "since your last key" */
	struct arena frame;     /* cleared before each draw */
	bool is_dirty;          /* a frame is due */
	bool needs_update;      /* so are the page's rows */
	bool must_measure;      /* and the terminal's size */
	bool is_quitting, is_wall;
	uint32_t seen_gen; /* sum of the model's counters at the last update */
	int64_t painted_minute, painted_steps;
	struct attention_runs attention_runs;
	struct export_job *export; /* a file that is being written; or NULL */
	int64_t progress_at_ms;    /* when that is told of again */
};

void ui_push(struct ui *ui, struct page *page);
void ui_pop(struct ui *ui);
/* A line in the last row, for the eye. */
void ui_say(struct ui *ui, const char *fmt, ...) ATTR_PRINTF(2, 3);
void ui_complain(struct ui *ui, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* A few rows: they are for lists, without heads, keys, or a row that says that
 * nothing needs anybody. */
bool ui_is_tiny(const struct ui *ui);
/* What is between the attention row and the keys. */
struct rect ui_body(struct ui *ui);
void ui_dirty(struct ui *ui);
/* Runs a command as a key would. */
void ui_run(struct ui *ui, enum command_id cmd, const char *arg);
/* Opens the prompt for the command's argument, with this text in it. */
void ui_ask_arg(struct ui *ui, enum command_id cmd, const char *text);
/* The same under a label that says what it is about; copied. */
void ui_ask_about(struct ui *ui, enum command_id cmd, const char *label,
		  const char *text);
/* Copies to the terminal's clipboard (OSC 52), and says what was copied: the
 * text, or this. */
void ui_copy(struct ui *ui, const char *text, const char *what);
/* The alert that the attention row names; NULL: nothing needs anybody. */
const struct alert *ui_worst_alert(const struct ui *ui);
/* Some process evaluates the monitors. */
bool ui_is_watched(const struct ui *ui);
/* Since when what happened is news: the last key before a pause, else the
 * start. A failure before it is dim. */
int64_t ui_news_since(const struct ui *ui);

/* attention.c: the second row. */
void ui_draw_attention(struct ui *ui, struct surface *s, struct rect row);
/* chrome.c: the first row and the last. */
void ui_draw_head(struct ui *ui, struct surface *s, struct rect row);
void ui_draw_foot(struct ui *ui, struct surface *s, struct rect row);
/* "live", "! 40s", "! lost 02:58"; in the frame's arena. */
struct shown ui_source_state(struct ui *ui, uint16_t number, enum role *role);
/* What is said where no model is: that none is registered, where every source
 * could be read. */
struct shown ui_no_models(struct ui *ui);
/* Who evaluates the monitors: a mark, or "! nobody since 02:58". */
struct shown ui_watch_state(struct ui *ui, enum role *role);
/* Does any source know a metric of this name? */
bool ui_has_metric(const struct ui *ui, const char *name);
/* False: every source told its names, and none has this metric, param or tag.
 */
bool ui_may_have(const struct ui *ui, struct value_key key);
/* The first metric among the keys that none knows; NULL: all are known. */
const char *ui_unknown_metric(const struct ui *ui, const struct order_key *keys,
			      size_t n);
/* "0", or a digit that is the key of a view of the runs. */
bool ui_has_view_key(struct ui *ui, const char *text);
/* Asks for the values that Tab would offer in the filter. */
void ui_complete_ahead(struct ui *ui);
/* What the command line `:` and the prompts complete. */
size_t ui_complete(void *ctx, const char *text, size_t cursor, size_t *start,
		   struct arena *a, const char ***words);

#endif
