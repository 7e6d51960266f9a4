/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_SYSTEM_MLFLOW_REST_H
#define MLTOWER_SYSTEM_MLFLOW_REST_H

#include "base/arena.h"
#include "base/intern.h"
#include "format/json.h"
#include "io/http.h"
#include "mlflow.h"

/* MLflow behind its server, as the files of this folder share it. */

#define MLFLOW_API "/api/2.0/mlflow"

/* ---- asking: mlflow_rest.c ----------------------------------------------- */

/* The server's URL without a slash at its end, in the arena. */
const char *mlflow_rest_url(const struct source_conf *conf, struct arena *a);
/* A client, with what the config and MLflow's own variables of the environment
 * say of who we are. */
ATTR_NODISCARD enum err_code mlflow_rest_connect(const struct source_conf *conf,
						 struct http **out,
						 struct err *err);
/* What the server answered to a GET below MLFLOW_API; yours (json_free).
 * ERR_ABSENT: there is no such thing there. ERR_SCHEMA: that is no answer of
 * MLflow's. Others in the server's words. */
ATTR_NODISCARD enum err_code mlflow_rest_get(struct http *h, const char *path,
					     const struct cancel *stop,
					     struct json **out,
					     struct err *err);
typedef enum err_code mlflow_rest_page(const struct json *page, void *of,
				       struct err *err);
/* The same, page after page until the last. */
ATTR_NODISCARD enum err_code mlflow_rest_pages(struct http *h, const char *path,
					       mlflow_rest_page *take, void *of,
					       const struct cancel *stop,
					       struct err *err);
/* Sends JSON and reads what came of it. ERR_UNKNOWN: no answer came, or none
 * that says whether it was done. Any other failure: it was not. */
ATTR_NODISCARD enum err_code
mlflow_rest_change(struct http *h, const struct permit *permit,
		   const char *method, const char *path, const char *json,
		   const struct cancel *stop, struct err *err);
/* Of the URL and the first experiment: another server behind the name is
 * another registry. */
ATTR_NODISCARD enum err_code
mlflow_rest_fingerprint(struct http *h, const struct source_conf *conf,
			const struct cancel *stop, char out[FINGERPRINT_MAX],
			struct err *err);
/* Is it MLflow at all? ERR_SCHEMA with what it is instead. */
ATTR_NODISCARD enum err_code
mlflow_rest_probe(struct http *h, const struct cancel *stop, struct err *err);

/* ---- what answers mean: mlflow_rest_facts.c ------------------------------ */

/* All take whatever stands there and give what can be used of it; texts are in
 * the arena, and never NULL where the facts do not say so. */

/* A registered model without its versions. False: it has no name, or is a
 * prompt. */
bool mlflow_json_model(const struct json *v, struct arena *a,
		       struct model_facts *out);
/* False: it has no number. *model is whose version it is. */
bool mlflow_json_version(const struct json *v, struct arena *a,
			 const char **model, struct version_facts *out);
/* A run with its params, metrics, tags, datasets, and the ids of its logged
 * models. False: it has no id. */
bool mlflow_json_run(const struct json *v, struct arena *a,
		     struct run_detail *out);
/* The answer to logged-models/ID; leaves the id alone where it says none. */
void mlflow_json_logged_model(const struct json *v, struct arena *a,
			      struct logged_model_facts *out);
bool mlflow_json_experiment(const struct json *v, struct arena *a,
			    struct experiment_facts *out);
/* Appends the points of a page of metrics/get-history. */
void mlflow_json_points(const struct json *page, struct mlflow_points *out);

/* ---- the source ---------------------------------------------------------- */

/* A registered model, as it was last read; its number is that of its name in
 * `names`. */
struct mlflow_rest_model {
	uint64_t head;  /* stamp of what a search of models says of it */
	uint64_t stamp; /* of its versions */
	uint32_t round; /* in which a search last named it */
	struct arena arena;
	struct version_facts *versions; /* highest first */
	struct alias_facts *aliases;
	size_t n_versions, n_aliases;
};

/* A run that a version names; its number is that of its id in `run_ids`. */
struct mlflow_rest_run {
	struct arena arena;
	struct run_detail detail;
	int64_t read_mono_ms; /* 0: not asked for yet */
	uint64_t stamp;       /* of what was handed over; 0: nothing */
	bool is_absent;
};

struct mlflow_rest {
	struct source_conf conf;
	struct http *http;
	bool is_probed; /* it is MLflow, and the one it was */
	char fingerprint[FINGERPRINT_MAX];

	/* After a failure it is left alone for a while. */
	struct err failed;
	int64_t retry_mono_ms, wait_ms;

	/* The registry: a search of the models shows at little cost which of
	 * them changed; tags and descriptions of versions are found by reading
	 * all versions now and then. */
	struct intern *names;
	struct mlflow_rest_model *models;
	size_t cap_models;
	uint32_t round;
	uint64_t registry_stamp; /* of what was handed over; 0: nothing */
	int64_t models_mono_ms, versions_mono_ms; /* last read; 0: never */
	int64_t models_cost_ms, versions_cost_ms;

	struct intern *run_ids;
	struct mlflow_rest_run *runs;
	size_t cap_runs;
	uint32_t next_run; /* where the next look at known ones begins */
	struct intern *experiments; /* ids of those that were handed over */
	struct arena wanted_arena;
	struct value_key *wanted;
	size_t n_wanted;
	bool wants_all[N_NAMED_KINDS];
};

/* mlflow_rest_models.c: the whole registry, if it is different. */
ATTR_NODISCARD enum err_code mlflow_rest_read_models(struct mlflow_rest *s,
						     const struct cancel *stop,
						     struct batch *b,
						     struct err *err);
/* mlflow_rest_runs.c: some of the runs that versions name, those first that
 * are not known; then such as go on or are on the screen. */
ATTR_NODISCARD enum err_code mlflow_rest_read_runs(struct mlflow_rest *s,
						   const struct source_ask *ask,
						   const struct cancel *stop,
						   struct batch *b,
						   struct err *err);
/* One run with what it holds. ERR_ABSENT: there is none. */
ATTR_NODISCARD enum err_code
mlflow_rest_get_run(struct http *h, const char *id, const struct cancel *stop,
		    struct arena *a, struct run_detail *out, struct err *err);
ATTR_NODISCARD enum err_code
mlflow_rest_read_series(struct mlflow_rest *s, const struct series_ask *ask,
			const struct cancel *stop, struct batch *out,
			struct err *err);
void mlflow_rest_forget_runs(struct mlflow_rest *s);
/* Every metric, param and tag of a run that was handed over. */
void mlflow_rest_give_values(const struct mlflow_rest *s, const char *id,
			     struct batch *b);

extern const struct source_ops mlflow_rest_source;
/* mlflow_rest_registry.c */
extern const struct registry_ops mlflow_rest_registry;

#endif
