/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_CLI_PROMOTE_PRINT_H
#define MLTOWER_CLI_PROMOTE_PRINT_H

#include "cli/cli.h"
#include "promote/promotion.h"

/* The plan for the eye, on standard error: who holds it now, both sides, the
 * gates, what will be sent. */
void promote_print_plan(const struct promotion *p,
			const struct registry_ops *ops,
			const struct source_conf *conf);
struct cell promote_outcome_cell(const struct protocol *act);
/* What became of it, on standard output in the form asked for. */
void promote_print_outcome(struct cli *cli, const struct promotion *p);

#endif
