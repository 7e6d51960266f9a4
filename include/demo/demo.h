/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DEMO_DEMO_H
#define MLTOWER_DEMO_DEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* A folder with a small living world of synthetic data, and the process that
 * keeps it alive:
 *
 *	mlflow.db		MLflow's store, as MLflow 3 makes it
 *	config.yaml		what mltower is to read, watch and gate
 *	fraud.csv ...		prediction logs, and fraud-labels.csv ...
 *	baselines/MODEL-V.csv	training data of each version
 *	models/ID/		weights of each version
 *	state/			mltower's own state folder for it
 *	lock, factory.lock	Towers share the first; the factory holds the
 *				second and ends when it gets the first alone
 */
struct demo;

/* Makes the folder or joins it, and sees that its factory runs: it is started
 * as `THIS-PROGRAM demo-factory DIR`. NULL: the user's own folder,
 * $XDG_DATA_HOME/mltower/demo. The folder stays when all is closed, and the
 * next open carries on. ERR_USAGE where the folder holds somebody else's
 * mlflow.db, ERR_SCHEMA where another version of mltower made it, ERR_IO where
 * it cannot be made. Yours: demo_close. */
ATTR_NODISCARD enum err_code demo_open(const char *dir, struct demo **out,
				       struct err *err);
/* Gives the lock back: the factory ends with the last one. NULL is fine. */
void demo_close(struct demo *d);

/* Absolute paths, the demo's. */
const char *demo_dir(const struct demo *d);
const char *demo_config_path(const struct demo *d);
const char *demo_state_dir(const struct demo *d);
/* True where the folder was there already. */
bool demo_has_joined(const struct demo *d);

/* Makes the folder, or leaves one that is whole as it is, and starts nothing.
 * now_utc_ms: when the history ends. *made may be NULL. */
ATTR_NODISCARD enum err_code demo_make(const char *dir, int64_t now_utc_ms,
				       bool *made, struct err *err);

/* The factory: returns an exit status when no Tower is left, when it is told
 * to end by SIGTERM, SIGINT or SIGHUP, or (0) when there is one already. */
int demo_factory_main(const char *dir);

#endif
