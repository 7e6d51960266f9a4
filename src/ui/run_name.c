/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "run_name.h"

#include <string.h>

#include "base/human.h"
#include "base/mem.h"

#define STEP  2 /* cells a level above the run's own */
#define OWN   3 /* "├─ " */
#define LEAST 2 /* levels that are drawn in the narrowest list, */
#define MOST  8 /* and in the widest */

/* As many levels as two fifths of the place hold. */
static int levels_in(int width)
{
	return MAX(LEAST, MIN(MOST, (width * 2 / 5 - OWN) / STEP + 1));
}

static bool has_more(const struct run_tree_place *p, int up)
{
	return p->more >> up & 1;
}

/* "│ ├─ ", "4 │ ├─ ": its own line and those of the levels above, of which the
 * ones that have no room are told by the depth. */
static struct shown branch_text(struct ui *ui, const struct run_tree_place *p,
				int levels)
{
	const struct glyphs *g = ui->glyphs;
	bool is_far = p->depth > (uint32_t)levels;
	struct buf out = BUF_INIT(200);
	struct shown text;

	if (is_far)
		buf_addf(&out, "%-*u", STEP, MIN(p->depth, 99u));
	for (int up = is_far ? levels - 2 : (int)p->depth - 1; up; up--)
		buf_addf(&out, "%s ", has_more(p, up) ? g->vline.s : " ");
	buf_addf(&out, "%s%s ", has_more(p, 0) ? g->branch.s : g->branch_end.s,
		 g->rule.s);
	text = shown_text(&ui->frame, buf_str(&out));
	buf_release(&out);
	return text;
}

static struct shown folded_text(struct ui *ui, const struct run_tree_place *p)
{
	char n[HUMAN_MAX];

	if (!p->n_folded)
		return SHOWN("");
	return shown_fmt(&ui->frame, " +%s", human_count(n, p->n_folded));
}

int run_name_extra(const struct run_list *runs, size_t i)
{
	const struct run_tree_place *p = run_list_place(runs, i);
	char n[HUMAN_MAX];
	int width = 0;

	if (!p)
		return 0;
	if (p->depth)
		width = OWN + STEP * (MIN((int)p->depth, MOST) - 1);
	if (p->n_folded)
		width += 2 + (int)strlen(human_count(n, p->n_folded));
	return width;
}

/* Names of runs begin alike more often than they end alike. */
void run_name_draw(struct ui *ui, struct surface *s, struct rect at,
		   const struct run_list *runs, size_t i, struct shown name,
		   enum role role)
{
	const struct run_tree_place *p = run_list_place(runs, i);
	struct shown branch = SHOWN(""), folded = SHOWN("");
	int room = at.w;

	if (p && p->depth)
		branch = branch_text(ui, p, levels_in(at.w));
	if (p)
		folded = folded_text(ui, p);
	room = MAX(1, at.w - (int)branch.width - (int)folded.width);
	name = shown_cut_middle(&ui->frame, name, (unsigned)room,
				ui->glyphs->is_ascii);
	surface_put(s, at.x, at.y, branch, at.w, ROLE_AXIS);
	at.x += (int)branch.width;
	at.w -= (int)branch.width;
	surface_put(s, at.x, at.y, name, at.w, role);
	surface_put(s, at.x + (int)name.width, at.y, folded,
		    at.w - (int)name.width, ROLE_DIM);
}
