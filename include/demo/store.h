/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DEMO_STORE_H
#define MLTOWER_DEMO_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "demo/lab.h"
#include "demo/prng.h"
#include "io/db.h"

/* The demo's mlflow.db, written as MLflow 3 itself writes one. The first
 * failure is kept in err, and all calls after it do nothing: a caller looks
 * once, before it commits. */
struct store {
	struct db *db;
	const char *dir; /* of the demo; borrowed */
	struct prng ids;
	struct err err;
};

/* Makes the tables where there are none. seed: of the ids. */
ATTR_NODISCARD enum err_code store_open(struct store *s, const char *dir,
					const char *file, uint64_t seed,
					struct err *err);
void store_close(struct store *s);
void store_begin(struct store *s);
/* Rolls back and tells why, where anything failed since store_begin; the
 * store is usable again then. */
ATTR_NODISCARD enum err_code store_commit(struct store *s, struct err *err);

void store_experiment(struct store *s, const struct world *w, int64_t now_ms);
/* The experiment of a world. */
int store_experiment_id(const struct world *w);

struct store_run {
	char id[33];
	enum world_id world;
	const char *name, *parent; /* parent: NULL or a run id */
	const char *note;
	int64_t start_ms;
	char commit[33]; /* filled in, too */
};
/* Fills r->id; the run is RUNNING. */
void store_run_begin(struct store *s, struct store_run *r);
/* The code it ran was that of another. */
void store_commit_tag(struct store *s, const char *run, const char *commit);
void store_run_end(struct store *s, const char *run, const char *status,
		   int64_t end_ms);
void store_run_delete(struct store *s, const char *run); /* all of it */
void store_param(struct store *s, const char *run, const char *key,
		 const char *value);
void store_recipe(struct store *s, const char *run, const struct recipe *r);
void store_tag(struct store *s, const char *run, const char *key,
	       const char *value);
/* Also kept as the latest, by MLflow's order; NaN and infinities as MLflow
 * stores them. */
void store_metric(struct store *s, const char *run, const char *key, double v,
		  int64_t time_ms, int64_t step);
/* Names the data set among the run's inputs; context "training", "eval". */
void store_input(struct store *s, const char *run, struct lab *lab,
		 enum world_id world, enum lab_data data, const char *context);

/* A logged model, made by the run: DIR/models/ID/ is its artifact. */
struct store_model {
	char id[35]; /* m- and 32 digits; filled in */
	const char *run, *name;
	enum world_id world;
	int64_t time_ms;
};
void store_model(struct store *s, struct store_model *m, const double *scores,
		 int64_t step, struct lab *lab);
void store_registered(struct store *s, const struct world *w, int64_t now_ms);
void store_version(struct store *s, const struct world *w, int version,
		   const struct store_model *m, const char *description,
		   const char *data);
void store_alias(struct store *s, const struct world *w, const char *alias,
		 int version);

/* What the alias points at, for serving. False: nothing, or a failure. */
struct store_served {
	int version;
	char model_id[40];
	enum lab_data data; /* trained on */
};
bool store_served(struct store *s, const struct world *w, const char *alias,
		  struct store_served *out);

/* The factory's own run that is RUNNING, newest first. False: none. */
struct store_live {
	char run[33];
	struct recipe recipe;
	enum lab_data data;
	int64_t last_ms;   /* of its last point */
	int64_t last_step; /* -1: none */
};
bool store_live(struct store *s, const struct world *w, struct store_live *out);
/* The oldest run the factory made beyond the newest `keep` of those that
 * ended. False: none. */
bool store_surplus(struct store *s, const struct world *w, int keep,
		   char run[33]);
/* How many runs the factory has made: the next one's number. */
int64_t store_count_live(struct store *s, const struct world *w);

/* Marks runs that the factory makes. */
#define STORE_LIVE_TAG "mltower.demo"

#endif
