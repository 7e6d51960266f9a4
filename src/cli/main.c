/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

static int print_help(void)
{
	fputs("usage: mltower [--version] [--help]\n"
	      "\n"
	      "A control tower for machine-learning models, in a terminal.\n",
	      stdout);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--version")) {
		puts(PACKAGE_STRING);
		return 0;
	}
	if (argc == 2 && !strcmp(argv[1], "--help"))
		return print_help();
	fputs("mltower: wrong usage: see mltower --help\n", stderr);
	return 2;
}
