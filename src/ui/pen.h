/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_PEN_H
#define MLTOWER_UI_PEN_H

#include "base/mem.h"
#include "draw/surface.h"

/* Writes a row from left to right, up to `end`. */
struct pen {
	struct surface *s;
	int x, end, y;
};

static inline void pen_put(struct pen *p, struct shown text, enum role role)
{
	int room = p->end - p->x;

	if (room <= 0)
		return;
	surface_put(p->s, p->x, p->y, text, room, role);
	p->x += MIN((int)text.width, room);
}

static inline void pen_skip(struct pen *p, int cells)
{
	p->x += cells;
}

#endif
