/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_CLI_CLI_H
#define MLTOWER_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/config.h"
#include "app/load.h"
#include "base/arena.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/mem.h"
#include "model/model.h"
#include "view/list.h"
#include "view/print.h"

/* The command line. One table of verbs and one of options (cli/table.c): the
 * parser, --help, completion and the manual are made from these two.
 *
 * A new verb: a function int cmd_NAME(struct cli *) in src/cli/cmd_FAMILY.c,
 * its line in the table of verbs, and a line for each option that is new. */

/* Exit status, as docs say. */
#define EXIT_YES         0
#define EXIT_NO          1
#define EXIT_USAGE       2
#define EXIT_SOURCE      3
#define EXIT_READONLY    4
#define EXIT_CONFLICT    5
#define EXIT_UNKNOWN     6
#define EXIT_ABSENT      7
#define EXIT_INTERRUPTED 130

enum cli_opt {
	OPT_END, /* ends a verb's list */
	/* every verb */
	OPT_HELP,
	OPT_CONFIG,
	OPT_STATE_DIR,
	OPT_STATE, /* the short name, where the verb has no state of its own */
	OPT_READONLY,
	OPT_OUTPUT,
	OPT_JSON,
	OPT_CSV,
	OPT_COLOR,
	/* verbs that read sources */
	OPT_SOURCE,
	OPT_PARTIAL_OK,
	/* of some */
	OPT_FILTER,
	OPT_SORT,
	OPT_COLUMNS,
	OPT_EXPERIMENT,
	OPT_LIMIT,
	OPT_DELETED,
	OPT_GROUP,
	OPT_TREE,
	OPT_VIEW,
	OPT_POINTS,
	OPT_BASELINE,
	OPT_DIFF_ONLY,
	OPT_SINCE,
	OPT_FOLLOW,
	OPT_ALIAS,
	OPT_STAGE,
	OPT_IF_CURRENT,
	OPT_REASON,
	OPT_TICKET,
	OPT_WAIVE,
	OPT_DRY_RUN,
	OPT_TO_VERSION,
	OPT_VERIFY,
	OPT_ONCE,
	OPT_ALERT_STATE, /* alerts --state firing */
	OPT_EXIT_CODE,
	OPT_NOTE,
	OPT_CURRENT,
	OPT_TEST,
	OPT_ALPHA,
	OPT_BINS,
	OPT_CATEGORICAL,
	OPT_NUMERICAL,
	OPT_NAME, /* edit: the new one */
	OPT_TAG,
	OPT_UNTAG,
	OPT_DELETE,
	OPT_RESTORE,
	OPT_EXPECT,
	OPT_CHECK,
	OPT_INIT,
	/* of the Tower */
	OPT_WRITE,
	OPT_THEME,
	OPT_GLYPHS,
	OPT_EVERY,
	OPT_DIR,
	OPT_VERSION,
	N_OPTS
};

struct cli_option {
	const char *name; /* without the dashes */
	char letter;      /* 0: none */
	const char *arg;  /* "EXPR"; NULL: takes none */
	const char *help;
	const char *choices; /* "auto always never": for completion; NULL */
};

struct cli;
struct cli_screens;

#define VERB_SOURCES   1u  /* operands are sources */
#define VERB_READS     2u  /* reads sources: --source, --partial-ok */
#define VERB_HAS_FORMS 4u  /* -o, --json, --csv */
#define VERB_HIDDEN    8u  /* for ourselves: not listed */
#define VERB_ON_CONFIG 16u /* errors of the config are its answer */
#define VERB_ALONE     32u /* has a config of its own, without the team's */

struct cli_verb {
	const char *name;
	const char *operands;       /* "RUN METRIC.." */
	const char *help;           /* one line */
	uint8_t min_args, max_args; /* UINT8_MAX: any number */
	unsigned flags;
	int (*run)(struct cli *cli);
	/* Beside those of every verb and those the flags bring. */
	uint8_t opts[16];
};

/* Ended by a NULL name; the first, "", is what runs without a verb. */
extern const struct cli_verb cli_verbs[];
extern const struct cli_option cli_options[N_OPTS];
const struct cli_verb *cli_verb_find(const char *name); /* or NULL */
bool cli_verb_takes(const struct cli_verb *verb, enum cli_opt opt);

struct cli_values {
	const char **v;
	size_t n;
};

struct cli {
	const struct cli_screens *screens;
	const struct cli_verb *verb;
	struct cli_values args; /* operands */
	struct cli_values opts[N_OPTS];
	struct print_style style;
	int64_t now_ms;
	struct cancel stop; /* set by SIGINT */
	struct arena arena; /* as long as the verb runs */

	/* From cli_config() and cli_load(). */
	struct config *config;
	struct model model;
	bool has_model;
	struct load *load;
	size_t n_unread; /* sources that could not be read */
};

/* The last value given, or NULL. */
const char *cli_opt(const struct cli *cli, enum cli_opt opt);
bool cli_has(const struct cli *cli, enum cli_opt opt);
/* A whole number of at least `min`; `otherwise` where it was not given. False
 * after a message. */
bool cli_opt_int(struct cli *cli, enum cli_opt opt, int64_t min,
		 int64_t otherwise, int64_t *out);

/* Reads the config; sources of the command line replace its own, or they are
 * looked for. 0, or an exit status after the message. cli_load() does it, and
 * verbs that need no source call it alone (needs_source false). */
int cli_config(struct cli *cli, bool needs_source);
/* The same, and reads all sources into cli->model. A source that cannot be read
 * is said on standard error; the verb goes on with the rest, and ends with
 * cli_end(). */
int cli_load(struct cli *cli, const struct load_ask *ask);
/* EXIT_SOURCE where a source could not be read and --partial-ok was not given,
 * else `status`. */
int cli_end(const struct cli *cli, int status);
/* Is it one of those that --source named, or was none named? For verbs whose
 * answer lies in the state folder; after cli_config(). */
bool cli_wants_source(const struct cli *cli, const char *name);

/* What --view and --filter ask the wall to show; *out NULL: nothing. 0, or an
 * exit status after a message. */
int cli_wall_view(struct cli *cli, const struct run_view **out);

/* A message on standard error, made fit for the eye: "mltower: WHAT". */
void cli_say(const char *fmt, ...) ATTR_PRINTF(1, 2);
/* The message of the failure, and the exit status for it. */
int cli_fail(const struct err *err);
int cli_usage(const struct cli *cli, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* "RUN" or "SOURCE:RUN" in the loaded model; 0 or an exit status after the
 * message. */
int cli_find_run(struct cli *cli, const char *text, uint32_t *row);
/* Those of --experiment, by name or id, in the arena. */
int cli_find_experiments(struct cli *cli, struct arena *a, const uint32_t **out,
			 size_t *n);
/* "MODEL" or "SOURCE:MODEL". */
int cli_find_model(struct cli *cli, const char *text,
		   const struct reg_entry **entry);

/* The state folder of the config; yours (state_close). 0 or an exit status
 * after the message. */
struct state;
int cli_open_state(struct cli *cli, struct state **out);
/* The same for verbs that only read: on a full disk too. */
int cli_open_state_to_read(struct cli *cli, struct state **out);

struct view_ctx cli_ctx(const struct cli *cli);
/* Prints the list in the form asked for, and the exit status with
 * cli_end(). Releases the list. */
int cli_print(struct cli *cli, struct view_list *list);
/* Writes bytes to standard output. False: it was closed, end quietly. */
bool cli_write(const char *bytes, size_t len);

/* What needs a screen or is a process of its own: main() brings it, the rest of
 * the command line knows nothing of it. Each but the last returns an exit
 * status. */
struct cli_screens {
	int (*tower)(struct cli *cli);
	int (*wall)(struct cli *cli);
	int (*demo)(struct cli *cli);
	int (*factory)(struct cli *cli); /* operand: the demo's folder */
	/* Tells what the screen cannot use of the config; how much that is. */
	size_t (*check)(const struct config *config,
			void (*told)(const char *text));
};

/* All of it: parses, runs, frees. What main() returns. */
int cli_main(int argc, char **argv, const struct cli_screens *screens);

/* The verbs. */
int cmd_runs(struct cli *cli);
int cmd_show(struct cli *cli);
int cmd_history(struct cli *cli);
int cmd_compare(struct cli *cli);
int cmd_models(struct cli *cli);
int cmd_versions(struct cli *cli);
int cmd_events(struct cli *cli);
int cmd_alerts(struct cli *cli);
int cmd_sources(struct cli *cli);
int cmd_keys(struct cli *cli);
int cmd_config(struct cli *cli);
int cmd_help(struct cli *cli);
int cmd_completion(struct cli *cli);
int cmd_manual(struct cli *cli);
int cmd_promote(struct cli *cli);
int cmd_rollback(struct cli *cli);
int cmd_edit(struct cli *cli);
int cmd_audit(struct cli *cli);
int cmd_watch(struct cli *cli);
int cmd_ack(struct cli *cli);
int cmd_drift(struct cli *cli);
int cmd_tower(struct cli *cli);
int cmd_wall(struct cli *cli);
int cmd_demo(struct cli *cli);
int cmd_factory(struct cli *cli);

#endif
