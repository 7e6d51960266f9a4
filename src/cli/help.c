/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli_parts.h"
#include "model/filter.h"

/* Help, completion and the manual, all from the tables of cli/table.c. */

static void add_option(struct buf *out, enum cli_opt opt)
{
	const struct cli_option *o = &cli_options[opt];
	char text[64];

	if (o->letter)
		snprintf(text, sizeof(text), "-%c, --%s%s%s", o->letter,
			 o->name, o->arg ? " " : "", o->arg ? o->arg : "");
	else
		snprintf(text, sizeof(text), "    --%s%s%s", o->name,
			 o->arg ? " " : "", o->arg ? o->arg : "");
	buf_addf(out, "  %-27s %s\n", text, o->help);
}

static void add_options(struct buf *out, const struct cli_verb *verb)
{
	int i;

	for (i = OPT_END + 1; i < N_OPTS; i++)
		if (cli_verb_takes(verb, (enum cli_opt)i))
			add_option(out, (enum cli_opt)i);
}

static void add_usage(struct buf *out, const struct cli_verb *v)
{
	char text[64];

	snprintf(text, sizeof(text), "mltower%s%s%s%s", *v->name ? " " : "",
		 v->name, *v->operands ? " " : "", v->operands);
	buf_addf(out, "  %-32s %s\n", text, v->help);
}

static void add_verbs(struct buf *out)
{
	const struct cli_verb *v;

	for (v = cli_verbs; v->name; v++)
		if (!(v->flags & VERB_HIDDEN))
			add_usage(out, v);
}

static const char about[] =
	"A control tower for machine-learning models, in a terminal.\n";

static const char sources_text[] =
	"SOURCE is [NAME=]WHAT: a path whose kind is found by looking, the URL "
	"of an\nMLflow server, or the name of a source in the config. Without "
	"one: the sources\nof the config, else $MLFLOW_TRACKING_URI, "
	"./mlflow.db, ./mlruns. A source is\nread-only until the config or "
	"--write says otherwise. A server is told who you\nare by the config's "
	"token_command or token_file, else as by MLflow's own client\n"
	"($MLFLOW_TRACKING_TOKEN, _USERNAME, _PASSWORD), else by netrc.\n";

int cli_help(const struct cli *cli)
{
	const struct cli_verb *v = cli->verb;
	struct buf out = BUF_INIT(0);

	if (v == &cli_verbs[0]) {
		buf_adds(&out, about);
		buf_addc(&out, '\n');
		add_verbs(&out);
		buf_addf(&out, "\n%s\nOptions without a verb:\n", sources_text);
	} else {
		buf_addf(&out, "usage: mltower %s %s\n\n%s\n\n", v->name,
			 v->operands, v->help);
	}
	add_options(&out, v);
	if (v == &cli_verbs[0])
		buf_adds(&out, "\nmltower VERB --help tells what a verb "
			       "takes; mltower help filters,\nwhat --filter "
			       "and / understand.\n");
	cli_write(buf_str(&out), out.len);
	buf_release(&out);
	return EXIT_YES;
}

static int help_filters(void)
{
	struct buf out = BUF_INIT(0);

	filter_help(&out);
	cli_write(buf_str(&out), out.len);
	buf_release(&out);
	return EXIT_YES;
}

/* `help VERB` is `VERB --help`. */
int cmd_help(struct cli *cli)
{
	const char *name = cli->args.n ? cli->args.v[0] : "";
	const struct cli_verb *verb = *name ? cli_verb_find(name) : cli_verbs;

	if (!strcmp(name, "filters"))
		return help_filters();
	if (!verb)
		return cli_usage(cli, "'%s' is no verb, nor filters", name);
	cli->verb = verb;
	return cli_help(cli);
}

/* ---- completion ---------------------------------------------------------- */

static void add_verb_names(struct buf *out, const char *between)
{
	const struct cli_verb *v;
	bool is_first = true;

	for (v = cli_verbs; v->name; v++) {
		if (!*v->name || (v->flags & VERB_HIDDEN))
			continue;
		buf_addf(out, "%s%s", is_first ? "" : between, v->name);
		is_first = false;
	}
}

static void add_option_names(struct buf *out, const struct cli_verb *verb)
{
	bool is_first = true;
	int i;

	for (i = OPT_END + 1; i < N_OPTS; i++) {
		if (!cli_verb_takes(verb, (enum cli_opt)i))
			continue;
		buf_addf(out, "%s--%s", is_first ? "" : " ",
			 cli_options[i].name);
		is_first = false;
	}
}

/* What may stand after a word: the choices of an option, a verb, a shell. */
static void add_choices(struct buf *out)
{
	int i;

	for (i = OPT_END + 1; i < N_OPTS; i++) {
		const struct cli_option *o = &cli_options[i];

		if (!o->choices)
			continue;
		buf_adds(out, "\t");
		if (o->letter)
			buf_addf(out, "-%c|", o->letter);
		/* --state has choices where it is no folder. */
		buf_addf(out, "%s--%s) w='%s' ;;\n",
			 i == OPT_ALERT_STATE ? "alerts" : "", o->name,
			 o->choices);
	}
	buf_adds(out, "\thelp) w='");
	add_verb_names(out, " ");
	buf_adds(out, "' ;;\n\tcompletion) w='bash zsh fish' ;;\n");
}

static void add_bash(struct buf *out)
{
	const struct cli_verb *v;

	buf_adds(out, "_mltower()\n{\n"
		      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} verb= w\n"
		      "\tlocal prev=${COMP_WORDS[COMP_CWORD-1]}\n"
		      "\tfor w in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
		      "\t\tcase $w in\n\t\t-*) ;;\n\t\t");
	add_verb_names(out, "|");
	buf_adds(out, ") verb=$w; break ;;\n\t\tesac\n\tdone\n"
		      "\t[ \"$verb$prev\" = alerts--state ] && "
		      "prev=alerts--state\n"
		      "\tw=\n\tcase $prev in\n");
	add_choices(out);
	buf_adds(out, "\tesac\n\tif [ -n \"$w\" ]; then\n"
		      "\t\tCOMPREPLY=($(compgen -W \"$w\" -- \"$cur\"))\n"
		      "\t\treturn\n\tfi\n"
		      "\tcase $cur in\n\t-*)\n\t\tcase $verb in\n");
	for (v = cli_verbs; v->name; v++) {
		if (v->flags & VERB_HIDDEN)
			continue;
		buf_addf(out, "\t\t%s) w='", *v->name ? v->name : "''");
		add_option_names(out, v);
		buf_adds(out, "' ;;\n");
	}
	buf_adds(out, "\t\tesac\n\t\tCOMPREPLY=($(compgen -W \"$w\" -- "
		      "\"$cur\")) ;;\n"
		      "\t*)\n\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
		      "\t\t[ -n \"$verb\" ] || COMPREPLY+=($(compgen -W '");
	add_verb_names(out, " ");
	buf_adds(out, "' -- \"$cur\")) ;;\n\tesac\n}\n"
		      "complete -o filenames -F _mltower mltower\n");
}

static void add_fish_option(struct buf *out, const struct cli_verb *v,
			    const struct cli_option *o)
{
	buf_addf(out,
		 "complete -c mltower -n '__fish_seen_subcommand_from %s' -l "
		 "%s%s -d '%s'",
		 v->name, o->name, o->arg ? " -r" : "", o->help);
	if (o->letter)
		buf_addf(out, " -s %c", o->letter);
	if (o->choices)
		buf_addf(out, " -a '%s'", o->choices);
	buf_addc(out, '\n');
}

static void add_fish(struct buf *out)
{
	const struct cli_verb *v;
	int i;

	for (v = cli_verbs; v->name; v++) {
		if (!*v->name || (v->flags & VERB_HIDDEN))
			continue;
		buf_addf(out,
			 "complete -c mltower -n __fish_use_subcommand -a %s "
			 "-d '%s'\n",
			 v->name, v->help);
		for (i = OPT_END + 1; i < N_OPTS; i++)
			if (cli_verb_takes(v, (enum cli_opt)i))
				add_fish_option(out, v, &cli_options[i]);
	}
}

int cmd_completion(struct cli *cli)
{
	const char *shell = cli->args.v[0];
	struct buf out = BUF_INIT(0);

	if (!strcmp(shell, "bash")) {
		add_bash(&out);
	} else if (!strcmp(shell, "zsh")) {
		buf_adds(&out, "autoload -Uz bashcompinit && bashcompinit\n");
		add_bash(&out);
	} else if (!strcmp(shell, "fish")) {
		add_fish(&out);
	} else {
		return cli_usage(cli, "'%s': expected bash, zsh or fish",
				 shell);
	}
	cli_write(buf_str(&out), out.len);
	buf_release(&out);
	return EXIT_YES;
}

/* ---- the manual ---------------------------------------------------------- */

/* troff: a dash that can be copied, and no line that begins a request. */
static void add_troff(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '-')
			buf_addc(out, '\\');
		if (*s == '\\')
			buf_adds(out, "\\e");
		else
			buf_addc(out, *s);
	}
}

static void add_troff_options(struct buf *out, const struct cli_verb *verb)
{
	const struct cli_option *o;
	int i;

	for (i = OPT_END + 1; i < N_OPTS; i++) {
		o = &cli_options[i];
		if (!cli_verb_takes(verb, (enum cli_opt)i))
			continue;
		buf_adds(out, ".TP\n");
		if (o->letter)
			buf_addf(out, "\\fB\\-%c\\fR, ", o->letter);
		buf_adds(out, "\\fB\\-\\-");
		add_troff(out, o->name);
		buf_addf(out, "\\fR%s\\fI%s\\fR\n", o->arg ? " " : "",
			 o->arg ? o->arg : "");
		add_troff(out, o->help);
		buf_addc(out, '\n');
	}
}

static const char exits[] =
	".SH EXIT STATUS\n"
	".TP\n.B 0\ndone; the answer is yes\n"
	".TP\n.B 1\ndone; the answer is no\n"
	".TP\n.B 2\nwrong usage, filter or config\n"
	".TP\n.B 3\na source could not be read; what could be is printed\n"
	".TP\n.B 4\nrefused: read-only\n"
	".TP\n.B 5\nconflict: it moved since it was looked at; nothing was "
	"written\n"
	".TP\n.B 6\noutcome unknown: the write was sent and no answer came\n"
	".TP\n.B 7\nnot found, or more than one match\n"
	".TP\n.B 130\ninterrupted\n";

int cmd_manual(struct cli *cli)
{
	struct buf out = BUF_INIT(0), filters = BUF_INIT(0);
	const struct cli_verb *v;

	(void)cli;
	buf_addf(&out,
		 ".TH MLTOWER 1 \"\" \"%s\"\n.SH NAME\nmltower \\- a control "
		 "tower for machine\\-learning models\n.SH SYNOPSIS\n",
		 PACKAGE_STRING);
	for (v = cli_verbs; v->name; v++) {
		if (v->flags & VERB_HIDDEN)
			continue;
		buf_addf(&out, ".B mltower %s\n[\\fIoptions\\fR] ", v->name);
		add_troff(&out, v->operands);
		buf_adds(&out, "\n.br\n");
	}
	buf_adds(&out, ".SH DESCRIPTION\n");
	add_troff(&out, about);
	buf_adds(&out, ".PP\n");
	add_troff(&out, sources_text);
	for (v = cli_verbs; v->name; v++) {
		if (v->flags & VERB_HIDDEN)
			continue;
		buf_addf(&out, ".SH mltower %s\n", v->name);
		add_troff(&out, v->help);
		buf_addc(&out, '\n');
		add_troff_options(&out, v);
	}
	buf_adds(&out, ".SH FILTERS\n.nf\n");
	filter_help(&filters);
	add_troff(&out, buf_str(&filters));
	buf_release(&filters);
	buf_adds(&out, ".fi\n");
	buf_adds(&out, exits);
	cli_write(buf_str(&out), out.len);
	buf_release(&out);
	return EXIT_YES;
}
