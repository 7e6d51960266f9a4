/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_WATCH_MONITOR_CONF_H
#define MLTOWER_WATCH_MONITOR_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The least PSI worth an alert, where a config says no other. Measured with
 * normal columns, ten at a time, three of them moved, alpha .05, a baseline of
 * 5,000 rows. Shares flagged at a floor of .10, and of .25 in brackets:
 *
 *	rows    none moved:     of the moved columns, by
 *	        any of ten      0.3 sd      0.5 sd      1 sd
 *	  200   .024 (0)        .70 (.03)   1 (.74)     1 (1)
 *	1,000   0    (0)        .41 (0)     1 (.50)     1 (1)
 *	5,000   0    (0)        .17 (0)     1 (.32)     1 (1)
 *
 * The PSI of a normal that moved by d sd is about d^2, so that .25 made 0.5 sd
 * a coin tossed. */
#define DRIFT_PSI_FLOOR .1

/* A monitor as it was configured. Plain values, owned by the config. */
struct monitor_role {     /* column of a role, where it is not found by name */
	const char *role; /* "id", "event_time", "version", "score", ... */
	const char *column;
};

struct monitor_conf {
	const char *name;
	const char *source, *model, *alias; /* of SOURCE:MODEL@ALIAS; "" none */
	const char *rows;                   /* path or glob of a CSV log */
	const char *baseline_rows; /* path; {version} stands for the version */
	size_t n_roles, n_never_show, n_columns;
	const struct monitor_role *roles;
	const char *const *never_show;
	const char *const *columns; /* patterns; none: all features */
	int64_t window_rows;        /* 2,000 */
	int64_t every_ms;           /* 60,000 */
	double alpha;               /* .05 */
	int64_t min_rows;           /* 200 */
	int64_t for_ms;             /* 0: fires at once */
	int64_t keep_ms;            /* fires on for this long; 0: not */
	double psi_floor;           /* DRIFT_PSI_FLOOR */
	int64_t no_rows_ms;         /* a rule: silent for this long; 0 none */
};

#endif
