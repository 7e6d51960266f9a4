/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What every verb that changes a system does: it asks on a terminal, opens the
 * record, and shows a plan before. */
#include "config.h"

#include "act.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "app/promote_work.h"
#include "base/text.h"
#include "io/gate.h"

bool cli_is_asking(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

bool cli_confirm(const char *text)
{
	char line[128];
	bool is_typed = false;

	/* What was typed before the plan was shown is no answer to it. */
	tcflush(STDIN_FILENO, TCIFLUSH);
	fprintf(stderr, "\nType %s to go on, anything else cancels: ", text);
	fflush(stderr);
	if (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = 0;
		is_typed = !strcmp(line, text);
	} else {
		fputc('\n', stderr);
	}
	if (!is_typed)
		cli_say("not confirmed: nothing was written");
	return is_typed;
}

int cli_open_record(struct cli *cli, bool is_dry_run, struct arena *a,
		    struct state **out)
{
	bool is_only_looking = is_dry_run || gate_is_closed(GATE_SYSTEMS);
	struct err err = { 0 };
	const char *line = NULL;

	*out = NULL;
	if (state_open(cli->config->state_dir, out, &err)) {
		if (is_only_looking)
			return 0;
		err_prefix(&err, "no record, no change");
		return cli_fail(&err);
	}
	if (is_only_looking)
		return 0;
	if (promote_settle(cli->config, *out, &cli->stop, a, &line, &err))
		return cli_fail(&err);
	if (line)
		cli_say("%s", line);
	return 0;
}

void lines_cell(struct lines *l, const char *text, unsigned width)
{
	struct buf shown = BUF_INIT(0);
	unsigned used;

	text_add_shown(&shown, text, strlen(text));
	used = text_width(buf_str(&shown), shown.len);
	if (used) {
		buf_addf(&l->text, "%*s%s", (int)l->pad, "", buf_str(&shown));
		l->pad = 0;
	}
	l->pad += MAX(used, width) - used + 2;
	buf_release(&shown);
}

void lines_end(struct lines *l)
{
	buf_addc(&l->text, '\n');
	l->pad = 0;
}

void lines_sent(struct lines *out, const char *text)
{
	size_t len;

	buf_adds(&out->text, gate_is_closed(GATE_SYSTEMS)
				     ? "\nWould send, but is read-only\n"
				     : "\nWill send\n");
	for (; *text; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		text_add_shown(&out->text, text, len);
		buf_addc(&out->text, '\n');
	}
}
