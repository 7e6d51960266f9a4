/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_DIALOG_LIST_H
#define MLTOWER_UI_DIALOG_LIST_H

#include "dialog.h"

/* Many rows in a dialog, each as high as its text needs. They are drawn to be
 * counted once for a width; then only those in sight are drawn. */
struct dialog_list {
	int *starts; /* n + 1: where each row begins */
	size_t n;
	int width; /* of the dialog they were counted in; 0: not yet */
};

/* Draws row i where d->y is, and moves d->y below it. */
typedef void dialog_list_row(void *ctx, struct dialog *d, size_t i);

/* For n rows that have not been drawn yet. */
void dialog_list_init(struct dialog_list *l, size_t n);
void dialog_list_release(struct dialog_list *l);
/* Those in [from, to), from d->y on; d->y stands below them then. */
void dialog_list_draw(struct dialog_list *l, struct dialog *d, size_t from,
		      size_t to, dialog_list_row *row, void *ctx);

#endif
