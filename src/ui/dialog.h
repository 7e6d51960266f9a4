/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_DIALOG_H
#define MLTOWER_UI_DIALOG_H

#include "app/promote_work.h"
#include "ui_internal.h"

/* What dialogs that change a system are drawn with. Text in them is never cut:
 * it is broken at blanks. */
struct dialog {
	struct ui *ui;
	struct surface *s;
	struct rect r; /* inside the frame */
	int y;         /* the row that comes next */
	int y0;        /* where what scrolls begins: above r while scrolled */
};

/* Opens the frame in the middle of the body, for so many rows where there is
 * room; the source is named at its right. Returns what is inside. */
struct dialog dialog_open(struct ui *ui, struct surface *s, struct rect body,
			  int width, int rows, const char *title,
			  const struct source_conf *conf);
/* The columns inside a frame that may be so wide. */
int dialog_width(struct rect body, int width);
/* One thing below the other, where columns would have no room. */
bool dialog_is_narrow(const struct dialog *d);
/* Text from the row on, in w columns; returns its rows, y stays. */
int dialog_cell(struct dialog *d, int x, int w, const char *text,
		enum role role);
/* The same in the whole width, what follows the first row set in; y goes on. */
void dialog_wrap(struct dialog *d, const char *text, enum role role);
/* The rows that dialog_wrap() would take. */
int dialog_rows(struct dialog *d, const char *text);
/* The title as the first row, where the frame has no room for all of it. */
void dialog_title(struct dialog *d, const char *title);
/* A line with a title; goes on to the next row. */
void dialog_section(struct dialog *d, const char *title, struct shown right);
/* What will be sent, line by line, under a title of its own. */
void dialog_sends(struct dialog *d, const char *lines, const char *source);
/* What came of it, and the steps until then. */
void dialog_outcome(struct dialog *d, const struct protocol *act,
		    const char *what);
/* Why there is no plan, or that it is awaited. */
void dialog_waiting(struct dialog *d, bool is_writing, const struct err *err);
/* The last rows: the keys that lead on. */
void dialog_last(struct dialog *d, const char *text, enum role role);

#endif
