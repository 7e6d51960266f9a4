/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_CLI_CLI_PARTS_H
#define MLTOWER_CLI_CLI_PARTS_H

#include "cli/cli.h"

/* Between the files of the command line's frame. */

/* Fills in verb, operands and options. False after a message. */
bool cli_parse(struct cli *cli, int argc, char **argv);
/* As if it were on the command line; v outlives the verb. */
void cli_add_opt(struct cli *cli, enum cli_opt opt, const char *v);
/* --view: its parts become options where those are not given. 0, or an exit
 * status after a message. */
int cli_take_view(struct cli *cli);
/* `--help`, of the verb or of all. */
int cli_help(const struct cli *cli);
/* A print_sink to standard output. */
bool cli_sink(void *to, const char *bytes, size_t len);

#endif
