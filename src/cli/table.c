/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "cli/cli.h"

/* clang-format off */
const struct cli_option cli_options[N_OPTS] = {
	[OPT_HELP] = { "help", 'h', NULL, "what it does and what it takes", NULL },
	[OPT_CONFIG] = { "config", 0, "FILE", "the config to read, in place of the usual one", NULL },
	[OPT_STATE_DIR] = { "state-dir", 0, "DIR", "folder of the audit trail, alerts and baselines", NULL },
	[OPT_STATE] = { "state", 0, "DIR", "the same as --state-dir", NULL },
	[OPT_READONLY] = { "readonly", 0, NULL, "change nothing, whatever the config says", NULL },
	[OPT_OUTPUT] = { "output", 'o', "FORM", "table, wide, json, jsonl, csv, md or name", "table wide json jsonl csv md name" },
	[OPT_JSON] = { "json", 0, NULL, "short for -o json", NULL },
	[OPT_CSV] = { "csv", 0, NULL, "short for -o csv", NULL },
	[OPT_COLOR] = { "color", 0, "WHEN", "auto, always or never", "auto always never" },
	[OPT_SOURCE] = { "source", 0, "WHAT", "[NAME=]PATH, URL or one of the config; repeatable", NULL },
	[OPT_PARTIAL_OK] = { "partial-ok", 0, NULL, "end with 0 although a source could not be read", NULL },

	[OPT_FILTER] = { "filter", 0, "EXPR", "only such runs: \"metrics.auc > 0.9 and age < 1d\"", NULL },
	[OPT_SORT] = { "sort", 0, "COLUMN[:desc],..", "the order; newest first where none is asked", NULL },
	[OPT_COLUMNS] = { "columns", 0, "COLUMN,..", "only these: name, metrics.auc, params.lr ...", NULL },
	[OPT_EXPERIMENT] = { "experiment", 0, "NAME", "only this one, by name or id; repeatable", NULL },
	[OPT_LIMIT] = { "limit", 0, "N", "at most N of them", NULL },
	[OPT_DELETED] = { "deleted", 0, NULL, "what lies in the store's bin", NULL },
	[OPT_GROUP] = { "group", 0, "COLUMN,..", "groups: params.depth, experiment ..; or repeats", NULL },
	[OPT_VIEW] = { "view", 0, "NAME", "what this view shows; other options over its own", NULL },
	[OPT_TREE] = { "tree", 0, NULL, "runs below their parents", NULL },
	[OPT_POINTS] = { "points", 0, "N", "at most N points, spikes kept", NULL },
	[OPT_BASELINE] = { "baseline", 0, "BASE", "what the others are held against", NULL },
	[OPT_DIFF_ONLY] = { "diff-only", 0, NULL, "only rows that differ", NULL },
	[OPT_SINCE] = { "since", 0, "AGE", "only what is newer: 12h, 7d", NULL },
	[OPT_FOLLOW] = { "follow", 0, NULL, "go on, and tell what comes", NULL },
	[OPT_ALIAS] = { "alias", 0, "ALIAS", "the alias to move", NULL },
	[OPT_STAGE] = { "stage", 0, "STAGE", "the stage to move to", "None Staging Production Archived" },
	[OPT_IF_CURRENT] = { "if-current", 0, "VALUE", "only if this stands there now; none for nothing", NULL },
	[OPT_REASON] = { "reason", 0, "TEXT", "why, for the record", NULL },
	[OPT_TICKET] = { "ticket", 0, "ID", "the ticket, for the record", NULL },
	[OPT_WAIVE] = { "waive", 0, "GATE=REASON", "let a gate pass, the reason on record; repeatable", NULL },
	[OPT_DRY_RUN] = { "dry-run", 0, NULL, "say what would be done", NULL },
	[OPT_TO_VERSION] = { "to-version", 0, "VERSION", "this one; needed to take a rollback back", NULL },
	[OPT_VERIFY] = { "verify", 0, NULL, "check the chain", NULL },
	[OPT_ONCE] = { "once", 0, NULL, "one look, then end", NULL },
	[OPT_ALERT_STATE] = { "state", 0, "STATE", "pending, firing, resolved or superseded", "pending firing resolved superseded" },
	[OPT_EXIT_CODE] = { "exit-code", 0, NULL, "end with 1 if anything is firing", NULL },
	[OPT_NOTE] = { "note", 0, "TEXT", "a note, for the others", NULL },
	[OPT_CURRENT] = { "current", 0, "FILE", "the sample held against the baseline", NULL },
	[OPT_TEST] = { "test", 0, "TEST,..", "psi, ks, chi2, or all", "psi ks chi2 all" },
	[OPT_ALPHA] = { "alpha", 0, "A", "level of significance", NULL },
	[OPT_BINS] = { "bins", 0, "B", "a count, sturges, decile, or edges", "sturges decile" },
	[OPT_CATEGORICAL] = { "categorical", 0, "COLUMN,..", "read these as categories", NULL },
	[OPT_NUMERICAL] = { "numerical", 0, "COLUMN,..", "read these as numbers", NULL },
	[OPT_NAME] = { "name", 0, "NAME", "the new name", NULL },
	[OPT_TAG] = { "tag", 0, "KEY=VALUE", "the tag to set; repeatable", NULL },
	[OPT_UNTAG] = { "untag", 0, "KEY", "the tag to take off; repeatable", NULL },
	[OPT_DELETE] = { "delete", 0, NULL, "into the store's bin", NULL },
	[OPT_RESTORE] = { "restore", 0, NULL, "out of the store's bin", NULL },
	[OPT_EXPECT] = { "expect", 0, "N", "only if the filter matches N runs", NULL },
	[OPT_CHECK] = { "check", 0, NULL, "only say what is wrong", NULL },
	[OPT_INIT] = { "init", 0, NULL, "print a commented config of what is found here", NULL },
	[OPT_WRITE] = { "write", 0, NULL, "sources may be written to", NULL },
	[OPT_THEME] = { "theme", 0, "NAME", "dark, light or mono", "dark light mono" },
	[OPT_GLYPHS] = { "glyphs", 0, "SET", "auto, braille, block or ascii", "auto braille block ascii" },
	[OPT_EVERY] = { "every", 0, "TIME", "how long a page stays", NULL },
	[OPT_DIR] = { "dir", 0, "DIR", "where the demo keeps its files", NULL },
	[OPT_VERSION] = { "version", 0, NULL, "the version of mltower", NULL },
};

/* In the order of help. The first entry is what runs without a verb. */
const struct cli_verb cli_verbs[] = {
	{ "", "[SOURCE ..]", "the Tower", 0, UINT8_MAX,
	  VERB_SOURCES, cmd_tower, { OPT_SOURCE, OPT_WRITE, OPT_THEME, OPT_GLYPHS, OPT_VERSION } },
	{ "wall", "[SOURCE ..]", "the wall display: read-only, no keys but quit", 0, UINT8_MAX,
	  VERB_SOURCES, cmd_wall, { OPT_SOURCE, OPT_VIEW, OPT_FILTER, OPT_THEME, OPT_GLYPHS, OPT_EVERY } },
	{ "demo", "", "the Tower on an embedded, living demo", 0, 0,
	  VERB_ALONE, cmd_demo, { OPT_DIR, OPT_THEME, OPT_GLYPHS } },

	{ "runs", "[SOURCE ..]", "the runs, newest first", 0, UINT8_MAX,
	  VERB_SOURCES | VERB_READS | VERB_HAS_FORMS, cmd_runs,
	  { OPT_FILTER, OPT_SORT, OPT_COLUMNS, OPT_EXPERIMENT, OPT_LIMIT, OPT_DELETED,
	    OPT_GROUP, OPT_TREE, OPT_VIEW } },
	{ "show", "RUN", "one run, whole", 1, 1,
	  VERB_READS | VERB_HAS_FORMS, cmd_show, { 0 } },
	{ "history", "RUN METRIC ..", "the points of a metric", 2, UINT8_MAX,
	  VERB_READS | VERB_HAS_FORMS, cmd_history, { OPT_POINTS } },
	{ "compare", "RUN RUN ..", "runs side by side", 2, UINT8_MAX,
	  VERB_READS | VERB_HAS_FORMS, cmd_compare, { OPT_BASELINE, OPT_DIFF_ONLY } },
	{ "models", "[SOURCE ..]", "the registered models", 0, UINT8_MAX,
	  VERB_SOURCES | VERB_READS | VERB_HAS_FORMS, cmd_models, { 0 } },
	{ "versions", "MODEL", "the versions of a model", 1, 1,
	  VERB_READS | VERB_HAS_FORMS, cmd_versions, { 0 } },
	{ "promote", "MODEL VERSION", "moves an alias or a stage, guarded", 2, 2,
	  VERB_READS | VERB_HAS_FORMS, cmd_promote,
	  { OPT_ALIAS, OPT_STAGE, OPT_IF_CURRENT, OPT_REASON, OPT_TICKET, OPT_WAIVE, OPT_DRY_RUN } },
	{ "rollback", "MODEL", "puts back the version that stood before", 1, 1,
	  VERB_READS | VERB_HAS_FORMS, cmd_rollback,
	  { OPT_ALIAS, OPT_TO_VERSION, OPT_IF_CURRENT, OPT_REASON } },
	{ "edit", "[RUN ..]", "renames, tags, notes, deletes, restores runs", 0, UINT8_MAX,
	  VERB_READS | VERB_HAS_FORMS, cmd_edit,
	  { OPT_NAME, OPT_TAG, OPT_UNTAG, OPT_NOTE, OPT_DELETE, OPT_RESTORE, OPT_FILTER, OPT_EXPERIMENT, OPT_EXPECT, OPT_IF_CURRENT, OPT_REASON, OPT_DRY_RUN } },
	{ "audit", "[MODEL]", "the trail of all changes, newest first", 0, 1,
	  VERB_HAS_FORMS, cmd_audit, { OPT_VERIFY } },
	{ "watch", "[MONITOR ..]", "evaluates the monitors without a screen", 0, UINT8_MAX,
	  VERB_HAS_FORMS, cmd_watch, { OPT_ONCE } },
	{ "alerts", "", "what fires, and what did", 0, 0,
	  VERB_HAS_FORMS, cmd_alerts, { OPT_ALERT_STATE, OPT_EXIT_CODE } },
	{ "ack", "ALERT", "acknowledges an alert", 1, 1,
	  0, cmd_ack, { OPT_NOTE } },
	{ "drift", "[MONITOR [COLUMN]]", "a window or a sample against its baseline", 0, 2,
	  VERB_HAS_FORMS, cmd_drift, { OPT_BASELINE, OPT_CURRENT, OPT_TEST, OPT_ALPHA, OPT_BINS, OPT_CATEGORICAL, OPT_NUMERICAL } },
	{ "events", "", "what happened, newest first", 0, 0,
	  VERB_READS | VERB_HAS_FORMS, cmd_events, { OPT_SINCE, OPT_FOLLOW } },
	{ "sources", "[SOURCE ..]", "what is read, how old it is, what is wrong", 0, UINT8_MAX,
	  VERB_SOURCES | VERB_READS | VERB_HAS_FORMS, cmd_sources, { 0 } },
	{ "keys", "", "what is bound to which key", 0, 0,
	  VERB_HAS_FORMS, cmd_keys, { 0 } },
	{ "config", "", "what is set, and by which file and line", 0, 0,
	  VERB_HAS_FORMS | VERB_ON_CONFIG, cmd_config, { OPT_CHECK, OPT_INIT } },
	{ "help", "[VERB or filters]", "what a verb does and what it takes", 0, 1,
	  0, cmd_help, { 0 } },
	{ "completion", "SHELL", "completion for bash, zsh or fish", 1, 1,
	  0, cmd_completion, { 0 } },
	{ "demo-factory", "DIR", "keeps a demo alive", 1, 1,
	  VERB_HIDDEN, cmd_factory, { 0 } },
	{ "manual", "", "the manual page, as troff", 0, 0,
	  VERB_HIDDEN, cmd_manual, { 0 } },
	{ NULL, NULL, NULL, 0, 0, 0, NULL, { 0 } },
};
/* clang-format on */

const struct cli_verb *cli_verb_find(const char *name)
{
	const struct cli_verb *v;

	for (v = cli_verbs; v->name; v++)
		if (*v->name && !strcmp(v->name, name))
			return v;
	return NULL;
}

/* Those that flags of the verb bring along; of every verb where it is 0. */
static const struct {
	enum cli_opt opt;
	unsigned flag;
} shared[] = {
	{ OPT_OUTPUT, VERB_HAS_FORMS },
	{ OPT_JSON, VERB_HAS_FORMS },
	{ OPT_CSV, VERB_HAS_FORMS },
	{ OPT_COLOR, VERB_HAS_FORMS },
	{ OPT_SOURCE, 0 },
	{ OPT_PARTIAL_OK, VERB_READS },
	{ OPT_CONFIG, 0 },
	{ OPT_STATE_DIR, 0 },
	{ OPT_STATE, 0 },
	{ OPT_READONLY, 0 },
	{ OPT_HELP, 0 },
};

static bool has_own(const struct cli_verb *verb, enum cli_opt opt)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(verb->opts) && verb->opts[i]; i++)
		if (verb->opts[i] == opt)
			return true;
	return false;
}

bool cli_verb_takes(const struct cli_verb *verb, enum cli_opt opt)
{
	size_t i;

	if (has_own(verb, opt))
		return true;
	/* --state is a state for `alerts`, the folder for all others. */
	if (opt == OPT_STATE && has_own(verb, OPT_ALERT_STATE))
		return false;
	for (i = 0; i < ARRAY_LEN(shared); i++)
		if (shared[i].opt == opt)
			return !shared[i].flag ||
			       (shared[i].flag & verb->flags);
	return false;
}
