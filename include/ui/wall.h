/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_WALL_H
#define MLTOWER_UI_WALL_H

struct ui;
struct page;

/* The wall display: big letters, pages that rotate, no selection, no key but
 * quit. */
struct page *page_wall_new(struct ui *ui);

#endif
