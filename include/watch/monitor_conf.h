/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_WATCH_MONITOR_CONF_H
#define MLTOWER_WATCH_MONITOR_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
	double psi_floor;           /* .25: smaller is not worth an alert */
	int64_t no_rows_ms;         /* a rule: silent for this long; 0 none */
};

#endif
