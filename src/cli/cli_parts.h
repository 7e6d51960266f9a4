/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_CLI_CLI_PARTS_H
#define MLTOWER_CLI_CLI_PARTS_H

#include "cli/cli.h"

/* Between the files of the command line's frame. */

/* Fills in verb, operands and options. False after a message. */
bool cli_parse(struct cli *cli, int argc, char **argv);
/* `--help`, of the verb or of all. */
int cli_help(const struct cli *cli);
/* A print_sink to standard output. */
bool cli_sink(void *to, const char *bytes, size_t len);

#endif
