/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_DIALOG_FORM_H
#define MLTOWER_UI_DIALOG_FORM_H

#include "dialog.h"

/* A plan and, always in sight below it, its confirmation: a reason, and what is
 * shown typed. The plan scrolls where it has no room, and is confirmed only
 * when all of it has been on the screen. */

#define DIALOG_FIELD 300 /* bytes of a field, with its NUL */

enum dialog_field { DIALOG_LIST, DIALOG_REASON, DIALOG_TYPE, N_DIALOG_FIELDS };

struct dialog_form {
	bool has_list; /* something in the plan can have the cursor */
	enum dialog_field field;
	char reason[DIALOG_FIELD], typed[DIALOG_FIELD];
	bool is_wrong;    /* Enter on what is not what is shown */
	bool is_painted;  /* what is typed before that is dropped */
	bool is_followed; /* the list's cursor is kept in sight */
	/* Lines of the plan. The page says, while it draws, which ones its
	 * cursor is on, and how many have to be seen (all, if it does not). */
	int cursor, n_cursor, n_must;
	int n_lines, n_seen; /* from the first on */
	int top, rows;       /* on the screen */
};

/* What stops it, or which keys lead on. */
struct dialog_way {
	enum role role;
	const char *text;
};

struct dialog_plan {
	struct page *page;
	int width; /* at most */
	const char *title;
	const struct source_conf *conf;
	const char *confirm; /* what must be typed */
	const char *verb;    /* "mltower promote", where there is no room */
	void (*draw)(struct page *page, struct dialog *d);
	struct dialog_way (*way)(struct page *page, const struct dialog *d);
};

/* For another plan: nothing is typed, nothing was seen; the reason stays. */
void dialog_form_clear(struct dialog_form *f, bool has_list,
		       enum dialog_field field);
void dialog_form_draw(struct dialog_form *f, const struct dialog_plan *plan,
		      struct ui *ui, struct surface *s, struct rect body);
/* A key that is not the list's. True: it is confirmed. */
bool dialog_form_key(struct dialog_form *f, int key, const char *confirm);

/* True, and why, where nothing can be written to the source. what:
 * "promoted". */
bool dialog_is_closed(const struct dialog *d, const char *source,
		      const char *what, struct dialog_way *way);
/* To type it, to see the rest, to confirm. does: "promotes". */
struct dialog_way dialog_form_way(const struct dialog_form *f,
				  const struct dialog *d, const char *confirm,
				  const char *does);

#endif
