/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_WALL_H
#define MLTOWER_UI_WALL_H

struct ui;
struct page;
struct run_view;

/* The wall display: big letters, pages that rotate, no selection, no key but
 * quit. The view, borrowed, is the first page; NULL: none is. */
struct page *page_wall_new(struct ui *ui, const struct run_view *view);

#endif
