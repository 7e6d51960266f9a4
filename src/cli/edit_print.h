/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_CLI_EDIT_PRINT_H
#define MLTOWER_CLI_EDIT_PRINT_H

#include "cli/cli.h"
#include "promote/edit.h"

/* The plan for the eye, on standard error: the first runs, old and new, and
 * what will be sent. */
void edit_print_plan(const struct edit *e, const struct run_ops *ops,
		     const struct source_conf *conf);
/* What became of each run, on standard output in the form asked for. */
void edit_print_outcome(struct cli *cli, const struct edit *e);

#endif
