/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli_parts.h"

static void add(struct cli_values *values, const char *v)
{
	values->v = xreallocarray(values->v, values->n + 1, sizeof(char *));
	values->v[values->n++] = v;
}

void cli_add_opt(struct cli *cli, enum cli_opt opt, const char *v)
{
	add(&cli->opts[opt], v);
}

/* The option of this name that the verb takes, else any of the name. OPT_END:
 * there is none. */
static enum cli_opt find_long(const struct cli_verb *verb, const char *name,
			      size_t len)
{
	enum cli_opt found = OPT_END;
	int i;

	for (i = OPT_END + 1; i < N_OPTS; i++) {
		if (strlen(cli_options[i].name) != len ||
		    strncmp(cli_options[i].name, name, len))
			continue;
		if (cli_verb_takes(verb, (enum cli_opt)i))
			return (enum cli_opt)i;
		found = (enum cli_opt)i;
	}
	return found;
}

static enum cli_opt find_letter(char letter)
{
	int i;

	for (i = OPT_END + 1; i < N_OPTS; i++)
		if (cli_options[i].letter == letter)
			return (enum cli_opt)i;
	return OPT_END;
}

/* The option at this argument, and what is glued to it: "--name=VALUE",
 * "-oVALUE". */
static enum cli_opt look_up(const struct cli_verb *verb, const char *arg,
			    const char **glued)
{
	const char *eq;

	*glued = NULL;
	if (arg[1] != '-') {
		if (arg[2])
			*glued = arg + 2;
		return find_letter(arg[1]);
	}
	eq = strchr(arg, '=');
	if (eq)
		*glued = eq + 1;
	return find_long(verb, arg + 2,
			 eq ? (size_t)(eq - arg - 2) : strlen(arg + 2));
}

static bool is_option(const char *arg)
{
	return arg[0] == '-' && arg[1];
}

/* The first operand decides: options before it are looked over only. */
static const struct cli_verb *find_verb(char **argv, int argc, int *at)
{
	const struct cli_verb *verb;
	const char *glued;
	enum cli_opt opt;
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (!is_option(argv[i])) {
			verb = cli_verb_find(argv[i]);
			*at = verb ? i : 0;
			return verb ? verb : &cli_verbs[0];
		}
		opt = look_up(&cli_verbs[0], argv[i], &glued);
		i += opt != OPT_END && cli_options[opt].arg && !glued;
	}
	*at = 0;
	return &cli_verbs[0];
}

/* One option with its value; *i moves over what it takes. */
static bool take_option(struct cli *cli, int argc, char **argv, int *i)
{
	const char *arg = argv[*i], *glued;
	enum cli_opt opt = look_up(cli->verb, arg, &glued);

	if (opt == OPT_END || !cli_verb_takes(cli->verb, opt)) {
		cli_usage(cli, "%s '%s'",
			  opt == OPT_END ? "no such option"
					 : "does not take the option",
			  arg);
		return false;
	}
	if (!cli_options[opt].arg) {
		if (glued) {
			cli_usage(cli, "'%s' takes no value", arg);
			return false;
		}
		add(&cli->opts[opt], "");
		return true;
	}
	if (!glued && *i + 1 >= argc) {
		cli_usage(cli, "'%s' needs %s", arg, cli_options[opt].arg);
		return false;
	}
	add(&cli->opts[opt], glued ? glued : argv[++*i]);
	return true;
}

/* A word that is neither a verb nor lies there was meant as a verb. */
static bool is_misspelt_verb(const struct cli *cli)
{
	const char *word = cli->args.n ? cli->args.v[0] : "/";

	return cli->verb == &cli_verbs[0] && !strpbrk(word, "/.:=") &&
	       access(word, F_OK);
}

static bool check_operands(struct cli *cli)
{
	const struct cli_verb *v = cli->verb;

	if (cli_has(cli, OPT_HELP) || cli_has(cli, OPT_VERSION))
		return true;
	if (cli->args.n >= v->min_args && cli->args.n <= v->max_args)
		return true;
	cli_usage(cli, "expected %s",
		  *v->operands ? v->operands : "no operand");
	return false;
}

bool cli_parse(struct cli *cli, int argc, char **argv)
{
	bool is_over = false;
	int i, at;

	cli->verb = find_verb(argv, argc, &at);
	for (i = 1; i < argc; i++) {
		if (i == at)
			continue;
		if (!is_over && !strcmp(argv[i], "--"))
			is_over = true;
		else if (is_over || !is_option(argv[i]))
			add(&cli->args, argv[i]);
		else if (!take_option(cli, argc, argv, &i))
			return false;
	}
	if (!is_over && is_misspelt_verb(cli)) {
		cli_usage(cli, "'%s' is no verb, and no source lies there",
			  cli->args.v[0]);
		return false;
	}
	return check_operands(cli);
}
