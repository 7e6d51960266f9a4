/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_DIALOG_H
#define MLTOWER_UI_DIALOG_H

#include "app/promote_work.h"
#include "ui_internal.h"

/* What dialogs that change a system are drawn and typed with. */
struct dialog {
	struct ui *ui;
	struct surface *s;
	struct rect r; /* inside the frame */
	int y;         /* the row that comes next */
};

#define DIALOG_FIELD 300 /* bytes of a field, with its NUL */

/* Cut to the room. */
void dialog_put(struct dialog *d, int x, struct shown text, int room,
		enum role role);
struct shown dialog_text(struct dialog *d, const char *s); /* NULL is "" */
/* A line with a title; goes on to the next row. */
void dialog_section(struct dialog *d, struct shown title, struct shown right);
/* Rows that text takes, broken at blanks; drawn from y on where it is asked
 * for, y stays. */
int dialog_wrap(struct dialog *d, const char *line, size_t len, enum role role,
		bool is_drawn);
/* The lines of what will be sent: their rows; y goes on where it is drawn. */
int dialog_sends(struct dialog *d, const char *lines, bool is_drawn);
/* A field to type into, after what is shown beside it. */
void dialog_field(struct dialog *d, struct shown label, struct shown beside,
		  const char *value, int width, bool has_cursor);
/* True where nothing can be written to the source: the row says so, and why.
 * what: "promoted". */
bool dialog_closed(struct dialog *d, const char *source, const char *what);
/* The row of keys that lead on. does: "promotes". */
void dialog_way_on(struct dialog *d, bool is_wrong, bool is_complete,
		   const char *does);
/* Nothing but that there is no room for all that is sent, and what has room:
 * a window of this size, or the command line. */
void dialog_too_small(struct dialog *d, int w, int h, const char *verb);
/* What came of it, and the steps until then. */
void dialog_outcome(struct dialog *d, const struct protocol *act,
		    struct shown what);
/* A key into a field. */
void dialog_type(char field[DIALOG_FIELD], int key);

#endif
