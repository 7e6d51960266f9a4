/* SPDX-License-Identifier: GPL-3.0-or-later */

/* An MLflow server as a source. Its registry is polled whole; of its runs come
 * those that versions name, and any by its id. */
#include "config.h"

#include "mlflow_rest.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define MIN_INTERVAL_MS 2000
#define MAX_WAIT_MS     30000
#define MAX_LOGGED      10

static enum err_code rest_open(const struct source_conf *conf, void **ctx,
			       struct err *err)
{
	struct mlflow_rest *s = xcalloc(1, sizeof(*s));

	if (mlflow_rest_connect(conf, &s->http, err)) {
		free(s);
		return err->code;
	}
	s->conf = *conf;
	s->names = intern_new();
	mlflow_rest_forget_runs(s);
	*ctx = s;
	return ERR_OK;
}

static void forget_models(struct mlflow_rest *s)
{
	for (size_t i = 0; i < s->cap_models; i++)
		arena_release(&s->models[i].arena);
	free(s->models);
	intern_free(s->names);
	s->models = NULL;
	s->cap_models = 0;
	s->names = intern_new();
	s->registry_stamp = 0;
	s->models_mono_ms = s->versions_mono_ms = 0;
}

static void rest_close(void *ctx)
{
	struct mlflow_rest *s = ctx;

	forget_models(s);
	mlflow_rest_forget_runs(s);
	intern_free(s->names);
	intern_free(s->run_ids);
	intern_free(s->experiments);
	arena_release(&s->wanted_arena);
	free(s->runs);
	http_free(s->http);
	free(s);
}

/* ---- the poll ------------------------------------------------------------ */

/* At first and after each failure: is it MLflow, and the one it was? */
static enum err_code probe(struct mlflow_rest *s, const struct cancel *stop,
			   struct batch *b, struct err *err)
{
	char now[FINGERPRINT_MAX];

	if (s->is_probed)
		return ERR_OK;
	if (mlflow_rest_probe(s->http, stop, err) ||
	    mlflow_rest_fingerprint(s->http, &s->conf, stop, now, err))
		return err->code;
	if (*s->fingerprint && strcmp(s->fingerprint, now) != 0) {
		forget_models(s);
		mlflow_rest_forget_runs(s);
		b->is_afresh = true;
	}
	memcpy(s->fingerprint, now, sizeof(now));
	s->is_probed = true;
	return ERR_OK;
}

static void note_failure(struct mlflow_rest *s, const struct err *err)
{
	/* The first time the next poll tries again. */
	s->wait_ms = s->failed.code ? MIN(2 * s->wait_ms + MIN_INTERVAL_MS,
					  MAX_WAIT_MS)
				    : 0;
	s->retry_mono_ms = clock_mono_ms() + s->wait_ms;
	s->failed = *err;
	s->is_probed = false;
}

static enum err_code rest_poll(void *ctx, const struct source_ask *ask,
			       const struct cancel *stop, struct batch *out,
			       struct err *err)
{
	struct mlflow_rest *s = ctx;

	if (s->failed.code && clock_mono_ms() < s->retry_mono_ms) {
		*err = s->failed;
		return err->code;
	}
	out->state = SOURCE_LIVE;
	if (probe(s, stop, out, err) ||
	    mlflow_rest_read_models(s, stop, out, err) ||
	    mlflow_rest_read_runs(s, ask, stop, out, err)) {
		if (err->code != ERR_STOP)
			note_failure(s, err);
		return err->code;
	}
	err_clear(&s->failed);
	return ERR_OK;
}

/* ---- answers ------------------------------------------------------------- */

static enum err_code rest_series(void *ctx, const struct series_ask *asks,
				 size_t n, const struct cancel *stop,
				 struct batch *out, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (mlflow_rest_read_series(ctx, &asks[i], stop, out, err))
			break;
	return err->code;
}

struct version_refs {
	struct arena *arena;
	struct model_version_ref *all;
	size_t n, cap;
};

static enum err_code take_refs(const struct json *page, void *of,
			       struct err *err)
{
	const struct json *v = json_child(json_get(page, "model_versions"));
	struct version_refs *refs = of;
	struct version_facts facts;
	const char *model;

	for (; v; v = json_next(v)) {
		if (!mlflow_json_version(v, refs->arena, &model, &facts))
			continue;
		refs->all = xgrow(refs->all, &refs->cap, refs->n + 1,
				  sizeof(*refs->all));
		refs->all[refs->n++] =
			(struct model_version_ref){ model, facts.version };
	}
	return err->code;
}

static enum err_code read_refs(struct mlflow_rest *s, const char *run_id,
			       const struct cancel *stop, struct arena *a,
			       struct run_detail *d, struct err *err)
{
	struct version_refs refs = { .arena = a };
	struct buf path = BUF_INIT(0), filter = BUF_INIT(0);
	struct model_version_ref *copy;

	buf_adds(&path, "model-versions/search?max_results=1000");
	buf_addf(&filter, "run_id='%s'", run_id);
	http_add_query(&path, "filter", buf_str(&filter));
	if (!mlflow_rest_pages(s->http, buf_str(&path), take_refs, &refs, stop,
			       err)) {
		copy = arena_alloc(a, (refs.n + 1) * sizeof(*copy));
		if (refs.n)
			memcpy(copy, refs.all, refs.n * sizeof(*copy));
		d->versions = copy;
		d->n_versions = refs.n;
	}
	free(refs.all);
	buf_release(&path);
	buf_release(&filter);
	return err->code;
}

static enum err_code read_place(struct mlflow_rest *s, struct arena *a,
				struct run_detail *d, const struct cancel *stop,
				struct err *err)
{
	struct buf path = BUF_INIT(0);
	struct experiment_facts e;
	struct json *answer;

	buf_adds(&path, "experiments/get");
	http_add_query(&path, "experiment_id", d->run.experiment_id);
	if (!mlflow_rest_get(s->http, buf_str(&path), stop, &answer, err)) {
		if (mlflow_json_experiment(json_get(answer, "experiment"), a,
					   &e))
			d->experiment_name = e.name;
		json_free(answer);
	} else if (err->code == ERR_ABSENT) {
		err_clear(err);
	}
	buf_release(&path);
	return err->code;
}

/* What the run's logged models are; those that are gone have an id alone. */
static enum err_code read_logged(struct mlflow_rest *s, struct arena *a,
				 struct run_detail *d,
				 const struct cancel *stop, struct err *err)
{
	struct logged_model_facts *all = (struct logged_model_facts *)d->models;
	struct json *answer;

	for (size_t i = 0; i < MIN(d->n_models, (size_t)MAX_LOGGED); i++) {
		struct buf path = BUF_INIT(0);

		buf_addf(&path, "logged-models/%s", all[i].id);
		if (!mlflow_rest_get(s->http, buf_str(&path), stop, &answer,
				     err))
			mlflow_json_logged_model(answer, a, &all[i]);
		else if (err->code == ERR_ABSENT)
			err_clear(err);
		json_free(answer);
		buf_release(&path);
		if (err->code)
			break;
	}
	return err->code;
}

static enum err_code rest_detail(void *ctx, const char *run_id,
				 const struct cancel *stop, struct batch *out,
				 struct err *err)
{
	struct arena *a = &out->arena;
	struct run_detail *d = arena_alloc(a, sizeof(*d));
	struct mlflow_rest *s = ctx;

	if (mlflow_rest_get_run(s->http, run_id, stop, a, d, err) ||
	    read_place(s, a, d, stop, err) || read_logged(s, a, d, stop, err) ||
	    read_refs(s, d->run.id, stop, a, d, err))
		return err->code;
	out->detail = d;
	return ERR_OK;
}

/* They were read with the runs. */
static enum err_code rest_values(void *ctx, const char *const *run_ids,
				 size_t n, const struct cancel *stop,
				 struct batch *out, struct err *err)
{
	(void)stop;
	for (size_t i = 0; i < n; i++)
		mlflow_rest_give_values(ctx, run_ids[i], out);
	return err->code;
}

const struct source_ops mlflow_rest_source = {
	.kind = "mlflow-server",
	.min_interval_ms = MIN_INTERVAL_MS,
	.some_runs = "runs of its newest versions",
	.open = rest_open,
	.poll = rest_poll,
	.series = rest_series,
	.values = rest_values,
	.detail = rest_detail,
	.close = rest_close,
};
