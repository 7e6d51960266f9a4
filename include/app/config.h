/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_APP_CONFIG_H
#define MLTOWER_APP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/run_view.h"
#include "promote/gate_conf.h"
#include "watch/monitor_conf.h"

/* The YAML file, checked and typed. All memory is the config's arena; it never
 * changes after it was read. */
struct config_source {
	const char *name, *where, *kind; /* kind NULL: found by looking */
	bool may_write;
	int64_t poll_ms;                  /* 0: the kind's own */
	const char *const *token_command; /* ended by NULL; NULL: none */
	const char *token_file;
};

struct config_metric {
	const char *pattern; /* shell pattern over the name */
	int8_t goal;         /* +1 max, -1 min, 0 not told */
	const char *unit;    /* "" none */
};

struct config_model {
	const char *pattern; /* SOURCE:MODEL, shell pattern */
	const char *metric;  /* "" : the main one of its run's experiment */
	const char *serving, *next; /* aliases; "champion", "challenger" */
	const char *serves_log;     /* monitor whose log tells; "" none */
	int64_t serves_within_ms;   /* a promotion should serve within */
	const char *gates;          /* name of a set; "" none */
};

struct config_gates {
	const char *name;
	const struct gate_conf *gates;
	size_t n;
};

struct config_key {
	const char *pane; /* "all", "runs", "registry", "alerts", ... */
	const char *key, *command;
};

struct config_value { /* for `config`: what is in force and from where */
	const char *path, *value; /* "sources.prod.write", "yes" */
	const char *from;         /* "FILE:LINE" or "default" */
};

enum config_severity {
	CONFIG_WARNING, /* known, but not used by this version */
	CONFIG_FLAW,    /* one thing will not work, the rest does */
	CONFIG_ERROR,   /* not what the file's language knows */
};

struct config_problem {
	const char *text; /* "FILE:LINE:COL: PATH: what is expected" */
	const char *file;
	unsigned line, column;
	enum config_severity severity;
};

struct config {
	struct arena arena;
	const char *file; /* ours, else the team's; "" none was found */
	const char *own_file, *team_file; /* where it was looked for */
	const char *state_dir;
	size_t n_sources, n_metrics, n_models, n_gates, n_monitors, n_views,
		n_keys, n_values, n_problems;
	const struct config_source *sources;
	const struct config_metric *metrics;
	const struct config_model *models;
	const struct config_gates *gates;
	const struct monitor_conf *monitors;
	const struct run_view *views;
	const struct config_key *keys;
	const struct config_value *values;
	const struct config_problem *problems; /* in the order of the files */
	const char *const *wall_pages;
	size_t n_wall_pages;
	int64_t wall_every_ms; /* 20,000 */
	bool wall_hold;        /* a firing alert holds the page */
	const char *theme;     /* "dark" */
	const char *glyphs;    /* "auto", "braille", "block", "ascii" */
};

/* The wall's own pages, all of them where the config names none. A view of the
 * config that has one's name is shown in its place. */
#define CONFIG_WALL_PAGES 3
extern const char *const config_wall_pages[CONFIG_WALL_PAGES];

struct config_opts {
	const char *file;      /* --config; NULL: $MLTOWER_CONFIG, then XDG */
	const char *state_dir; /* --state; NULL: $MLTOWER_STATE, config, XDG */
	const char *team_file; /* under it; NULL: /etc/mltower/config.yaml */
	bool is_alone;         /* without the team's */
	bool ignore_files;     /* tests: defaults only */
	bool keeps_errors;     /* they are in `problems` and fail nothing */
};

/* Never NULL on ERR_OK; a missing default file is no error, a missing named
 * one is. The error is the first of the problems, "FILE:LINE:COL: what" with
 * the nearest known key, and how many there are. */
ATTR_NODISCARD enum err_code config_load(const struct config_opts *opts,
					 struct config **out, struct err *err);
void config_free(struct config *c);
/* Sources of the command line take the place of the config's: "[NAME=]WHAT".
 * A WHAT that is the name of a configured source means that one. */
ATTR_NODISCARD enum err_code config_set_sources(struct config *c,
						const char *const *operands,
						size_t n, struct err *err);
/* None configured: $MLFLOW_TRACKING_URI, ./mlflow.db, ./mlruns. ERR_ABSENT
 * with what to do where there is nothing. */
ATTR_NODISCARD enum err_code config_find_sources(struct config *c,
						 struct err *err);
/* None configured: $MLFLOW_TRACKING_URI, and all files here that look like
 * SQLite's and are a store that can be read; maybe none. */
ATTR_NODISCARD enum err_code config_find_stores(struct config *c,
						struct err *err);
/* Looks at what the sources name; tells of each that is not there or is of no
 * kind that is read, and returns how many. */
size_t config_check_sources(const struct config *c,
			    void (*told)(const char *text));
/* Marks what --write opens, and tells the gate of all writable sources. */
void config_open_gate(const struct config *c, bool write_all);

/* The first entry that matches, or the defaults (never NULL). */
const struct config_model *config_model(const struct config *c,
					const char *source, const char *model);
const struct monitor_conf *config_monitor(const struct config *c,
					  const char *name); /* NULL none */
const struct config_gates *config_gate_set(const struct config *c,
					   const char *name); /* NULL none */
/* +1 max, -1 min: declared, else guessed from the name; 0 unknown. */
int config_metric_goal(const struct config *c, const char *metric);
const char *config_metric_unit(const struct config *c, const char *metric);
/* Where the setting of this path was made: "FILE:LINE", or "default". */
const char *config_from(const struct config *c, const char *path);
/* A commented file from what was found here. */
void config_init_text(const struct config *c, struct buf *out);

#endif
