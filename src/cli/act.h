/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_CLI_ACT_H
#define MLTOWER_CLI_ACT_H

#include "base/buf.h"
#include "cli/cli.h"
#include "store/state.h"

/* What verbs that change a system share. */

/* Is there a person to ask? */
bool cli_is_asking(void);
/* Asks to type the text. False, after a message: it was not typed. */
bool cli_confirm(const char *text);
/* The state folder, after what an earlier crash left there was settled. Where
 * nothing will be written nothing is settled, and *out may be NULL: a missing
 * folder is no obstacle then. 0, or an exit status after the message. */
int cli_open_record(struct cli *cli, bool is_dry_run, struct arena *a,
		    struct state **out);

/* A plan as text: columns, without blanks at the end of a line. */
struct lines {
	struct buf text;
	unsigned pad; /* before what comes next in this line */
};

/* Made fit for the eye. */
void lines_cell(struct lines *l, const char *text, unsigned width);
void lines_end(struct lines *l);
/* "Will send", and the lines of it. */
void lines_sent(struct lines *l, const char *text);

#endif
