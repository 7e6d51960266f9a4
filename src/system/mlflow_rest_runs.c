/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Runs of an MLflow server: those that versions were made by, one request
 * each. What was read is kept, so that another choice of columns asks for
 * nothing. */
#include "config.h"

#include "mlflow_rest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define MAX_RUNS         500 /* of the newest versions */
#define RUNS_A_POLL      20
#define HISTORY_PAGE     "25000"
#define RUNNING_AGAIN_MS 5000
#define HOT_AGAIN_MS     30000
#define ABSENT_AGAIN_MS  300000

static struct mlflow_rest_run *known_run(struct mlflow_rest *s, const char *id)
{
	uint32_t number = intern_put(s->run_ids, id);
	size_t had = s->cap_runs;

	if (number >= had) {
		s->runs = xgrow(s->runs, &s->cap_runs, number + 1,
				sizeof(*s->runs));
		memset(s->runs + had, 0,
		       (s->cap_runs - had) * sizeof(*s->runs));
	}
	return &s->runs[number];
}

void mlflow_rest_forget_runs(struct mlflow_rest *s)
{
	for (size_t i = 0; i < s->cap_runs; i++)
		arena_release(&s->runs[i].arena);
	if (s->runs)
		memset(s->runs, 0, s->cap_runs * sizeof(*s->runs));
	intern_free(s->run_ids);
	intern_free(s->experiments);
	s->run_ids = intern_new();
	s->experiments = intern_new();
	s->next_run = 1;
}

/* The newest versions of all models first. */
static void find_runs(struct mlflow_rest *s)
{
	size_t n_left = MAX_RUNS, k = 0, i;
	bool has_more = true;

	for (; has_more && n_left; k++) {
		has_more = false;
		for (i = 0; i < s->cap_models && n_left; i++) {
			const struct mlflow_rest_model *m = &s->models[i];

			if (m->round != s->round || k >= m->n_versions)
				continue;
			has_more = true;
			n_left--;
			if (*m->versions[k].run_id)
				known_run(s, m->versions[k].run_id);
		}
	}
}

/* ---- handing over -------------------------------------------------------- */

static uint64_t stamp_of(const struct run_detail *d)
{
	uint64_t h = MLFLOW_HASH_START;
	size_t i;

	h = mlflow_hash_text(h, d->run.name);
	h = mlflow_hash_text(h, d->run.user);
	h = mlflow_hash_int(h, d->run.status);
	h = mlflow_hash_int(h, d->run.is_deleted);
	h = mlflow_hash_int(h, d->run.end_ms);
	for (i = 0; i < d->n_metrics; i++) {
		h = mlflow_hash_text(h, d->metrics[i].name);
		h = mlflow_hash(h, &d->metrics[i].value, sizeof(double));
	}
	for (i = 0; i < d->n_params; i++) {
		h = mlflow_hash_text(h, d->params[i].name);
		h = mlflow_hash_text(h, d->params[i].value);
	}
	for (i = 0; i < d->n_tags; i++) {
		h = mlflow_hash_text(h, d->tags[i].name);
		h = mlflow_hash_text(h, d->tags[i].value);
	}
	return h;
}

/* Name NULL: all of them. */
static void give_metrics(struct batch *b, uint32_t run,
			 const struct run_detail *d, const char *name)
{
	for (size_t i = 0; i < d->n_metrics; i++)
		if (!name || !strcmp(name, d->metrics[i].name))
			batch_add_number(
				b, run,
				batch_key(b, VALUE_METRIC, d->metrics[i].name),
				d->metrics[i].value);
}

static void give_texts(struct batch *b, uint32_t run, enum value_kind kind,
		       const struct name_value *all, size_t n, const char *name)
{
	bool has = false;

	for (size_t i = 0; i < n; i++) {
		if (name && strcmp(name, all[i].name) != 0)
			continue;
		has = true;
		batch_add_text(b, run, batch_key(b, kind, all[i].name),
			       all[i].value);
	}
	/* It may have had one. */
	if (name && !has)
		batch_add_text(b, run, batch_key(b, kind, name), NULL);
}

static void give_kind(struct batch *b, uint32_t run, const struct run_detail *d,
		      enum value_kind kind, const char *name)
{
	if (kind == VALUE_METRIC)
		give_metrics(b, run, d, name);
	else if (kind == VALUE_PARAM)
		give_texts(b, run, kind, d->params, d->n_params, name);
	else if (kind == VALUE_TAG)
		give_texts(b, run, kind, d->tags, d->n_tags, name);
}

static void add_part(struct buf *out, const char *text)
{
	if (!*text)
		return;
	if (out->len)
		buf_addc(out, BATCH_FACT_SEPARATOR);
	buf_adds(out, text);
}

static bool is_made_by(const struct mlflow_rest_model *m, const char *version,
		       const char *run_id)
{
	for (size_t i = 0; i < m->n_versions; i++)
		if (!strcmp(m->versions[i].version, version))
			return !strcmp(m->versions[i].run_id, run_id);
	return false;
}

static void dataset_fact(const struct run_detail *d, const char *part,
			 struct buf *out)
{
	for (size_t i = 0; i < d->n_datasets; i++) {
		const struct dataset_facts *f = &d->datasets[i];

		add_part(out, !strcmp(part, "name")      ? f->name
			      : !strcmp(part, "digest")  ? f->digest
			      : !strcmp(part, "context") ? f->context
							 : "");
	}
}

/* Models whose versions the run made, or the aliases those hold. */
static void version_fact(const struct mlflow_rest *s, const char *run_id,
			 bool is_alias, struct buf *out)
{
	for (size_t i = 0; i < s->cap_models; i++) {
		const struct mlflow_rest_model *m = &s->models[i];
		size_t k, n = 0;

		if (m->round != s->round)
			continue;
		for (k = 0; k < m->n_versions; k++)
			n += !strcmp(m->versions[k].run_id, run_id);
		if (n && !is_alias)
			add_part(out, intern_str(s->names, (uint32_t)i));
		for (k = 0; n && is_alias && k < m->n_aliases; k++)
			if (is_made_by(m, m->aliases[k].version, run_id))
				add_part(out, m->aliases[k].alias);
	}
}

static void give_fact(const struct mlflow_rest *s, struct batch *b,
		      uint32_t run, const struct run_detail *d,
		      const char *name)
{
	struct buf text = BUF_INIT(0);

	if (!strcmp(name, "model.name") || !strcmp(name, "alias"))
		version_fact(s, d->run.id, *name == 'a', &text);
	if (!strncmp(name, "dataset.", 8))
		dataset_fact(d, name + 8, &text);
	else if (!strcmp(name, "artifact_uri"))
		buf_adds(&text, d->artifact_uri);
	batch_add_text(b, run, batch_key(b, VALUE_FACT, name),
		       text.len ? buf_str(&text) : NULL);
	buf_release(&text);
}

static void give_run(struct mlflow_rest *s, const struct mlflow_rest_run *r,
		     struct batch *b)
{
	uint32_t run = batch_add_run(b, &r->detail.run);
	int kind;

	for (kind = 0; kind < N_NAMED_KINDS; kind++)
		if (s->wants_all[kind])
			give_kind(b, run, &r->detail, (enum value_kind)kind,
				  NULL);
	for (size_t i = 0; i < s->n_wanted; i++) {
		const struct value_key *key = &s->wanted[i];

		if (key->kind == VALUE_FACT)
			give_fact(s, b, run, &r->detail, key->name);
		else if (!s->wants_all[key->kind])
			give_kind(b, run, &r->detail, key->kind, key->name);
	}
}

void mlflow_rest_give_values(const struct mlflow_rest *s, const char *id,
			     struct batch *b)
{
	uint32_t number = intern_find(s->run_ids, id), run;
	int kind;

	if (!number || number >= s->cap_runs || !s->runs[number].stamp)
		return;
	run = batch_add_known_run(b, id);
	for (kind = 0; kind < N_NAMED_KINDS; kind++)
		give_kind(b, run, &s->runs[number].detail,
			  (enum value_kind)kind, NULL);
}

/* ---- what is wanted ------------------------------------------------------ */

static bool is_wanted(const struct mlflow_rest *s, const struct value_key *key)
{
	for (size_t i = 0; i < s->n_wanted; i++)
		if (s->wanted[i].kind == key->kind &&
		    !strcmp(s->wanted[i].name, key->name))
			return true;
	return false;
}

/* Facts are of the registry too. */
static bool wants_facts(const struct mlflow_rest *s)
{
	for (size_t i = 0; i < s->n_wanted; i++)
		if (s->wanted[i].kind == VALUE_FACT)
			return true;
	return false;
}

static bool wants_more(const struct mlflow_rest *s,
		       const struct source_ask *ask)
{
	for (int kind = 0; kind < N_NAMED_KINDS; kind++)
		if (ask->all[kind] && !s->wants_all[kind])
			return true;
	for (size_t i = 0; i < ask->n_columns; i++)
		if (!is_wanted(s, &ask->columns[i]))
			return true;
	return false;
}

static void take_wishes(struct mlflow_rest *s, const struct source_ask *ask)
{
	arena_clear(&s->wanted_arena);
	memcpy(s->wants_all, ask->all, sizeof(s->wants_all));
	s->n_wanted = ask->n_columns;
	s->wanted = arena_alloc(&s->wanted_arena,
				(ask->n_columns + 1) * sizeof(*s->wanted));
	for (size_t i = 0; i < ask->n_columns; i++) {
		s->wanted[i].kind = ask->columns[i].kind;
		s->wanted[i].name =
			arena_strdup(&s->wanted_arena, ask->columns[i].name);
	}
}

static void give_what_is_wanted(struct mlflow_rest *s,
				const struct source_ask *ask, struct batch *b)
{
	if (wants_more(s, ask))
		take_wishes(s, ask);
	else if (!b->has_registry || !wants_facts(s))
		return;
	for (size_t i = 0; i < s->cap_runs; i++)
		if (s->runs[i].stamp)
			give_run(s, &s->runs[i], b);
}

static void tell_names_of(struct batch *b, struct intern *told,
			  enum value_kind kind, const char *name)
{
	size_t had = intern_count(told);

	intern_put(told, name);
	if (intern_count(told) > had)
		batch_add_name(b, kind, name);
}

/* For completion: all that the runs have. */
static void tell_names(struct mlflow_rest *s, struct batch *b)
{
	struct intern *told[N_NAMED_KINDS];
	size_t i, k;

	for (k = 0; k < N_NAMED_KINDS; k++) {
		told[k] = intern_new();
		b->names[k].is_told = true;
	}
	for (i = 0; i < s->cap_runs; i++) {
		const struct run_detail *d = &s->runs[i].detail;

		for (k = 0; k < d->n_metrics; k++)
			tell_names_of(b, told[VALUE_METRIC], VALUE_METRIC,
				      d->metrics[k].name);
		for (k = 0; k < d->n_params; k++)
			tell_names_of(b, told[VALUE_PARAM], VALUE_PARAM,
				      d->params[k].name);
		for (k = 0; k < d->n_tags; k++)
			tell_names_of(b, told[VALUE_TAG], VALUE_TAG,
				      d->tags[k].name);
	}
	for (k = 0; k < N_NAMED_KINDS; k++)
		intern_free(told[k]);
}

/* Of all runs that are known: they are few. */
static void count_metrics(const struct mlflow_rest *s, struct batch *b)
{
	for (uint32_t e = 1; e < intern_count(s->experiments); e++) {
		const char *id = intern_str(s->experiments, e);
		struct mlflow_counts counts;
		uint64_t told = 0;

		mlflow_counts_init(&counts);
		for (size_t i = 0; i < s->cap_runs; i++) {
			const struct run_detail *d = &s->runs[i].detail;

			if (!s->runs[i].stamp ||
			    strcmp(d->run.experiment_id, id) != 0)
				continue;
			for (size_t k = 0; k < d->n_metrics; k++)
				mlflow_counts_add(&counts, d->metrics[k].name);
		}
		mlflow_counts_give(&counts, id, &told, b);
		mlflow_counts_release(&counts);
	}
}

/* ---- asking -------------------------------------------------------------- */

/* Its name and goals, once. One that is gone has none. */
static enum err_code read_experiment(struct mlflow_rest *s, const char *id,
				     const struct cancel *stop, struct batch *b,
				     struct err *err)
{
	struct experiment_facts e;
	struct json *answer;
	char path[128];

	if (!*id || intern_find(s->experiments, id))
		return ERR_OK;
	snprintf(path, sizeof(path), "experiments/get?experiment_id=%.60s", id);
	if (!mlflow_rest_get(s->http, path, stop, &answer, err)) {
		if (mlflow_json_experiment(json_get(answer, "experiment"),
					   &b->arena, &e))
			batch_add_experiment(b, &e);
		json_free(answer);
	} else if (err->code == ERR_ABSENT) {
		err_clear(err);
	}
	if (!err->code)
		intern_put(s->experiments, id);
	return err->code;
}

enum err_code mlflow_rest_get_run(struct http *h, const char *id,
				  const struct cancel *stop, struct arena *a,
				  struct run_detail *out, struct err *err)
{
	struct buf path = BUF_INIT(0);
	struct json *answer = NULL;

	buf_adds(&path, "runs/get");
	http_add_query(&path, "run_id", id);
	if (!mlflow_rest_get(h, buf_str(&path), stop, &answer, err) &&
	    !mlflow_json_run(json_get(answer, "run"), a, out))
		err_set(err, ERR_SCHEMA, "runs/get gives no run");
	json_free(answer);
	buf_release(&path);
	return err->code;
}

static enum err_code take_points(const struct json *page, void *of,
				 struct err *err)
{
	mlflow_json_points(page, of);
	return err->code;
}

enum err_code mlflow_rest_read_series(struct mlflow_rest *s,
				      const struct series_ask *ask,
				      const struct cancel *stop,
				      struct batch *out, struct err *err)
{
	struct mlflow_points pts = { 0 };
	struct buf path = BUF_INIT(0);

	/* Without max_results some servers give nothing, others all at once. */
	buf_adds(&path, "metrics/get-history?max_results=" HISTORY_PAGE);
	http_add_query(&path, "run_id", ask->run_id);
	http_add_query(&path, "metric_key", ask->metric);
	if (!mlflow_rest_pages(s->http, buf_str(&path), take_points, &pts, stop,
			       err))
		mlflow_points_give(&pts, ask, out);
	free(pts.p);
	buf_release(&path);
	return err->code;
}

/* Points of a run that changed, where they are on the screen. */
static enum err_code read_live(struct mlflow_rest *s, const char *id,
			       const struct source_ask *ask,
			       const struct cancel *stop, struct batch *b,
			       struct err *err)
{
	for (size_t i = 0; i < ask->n_live && !err->code; i++) {
		struct series_ask one = { .run_id = id,
					  .metric = ask->live_metrics[i].name };

		if (!strcmp(ask->live_runs[i], id) &&
		    mlflow_rest_read_series(s, &one, stop, b, err))
			break;
	}
	return err->code;
}

static void run_is_absent(struct mlflow_rest_run *r, const char *id,
			  struct batch *b, struct err *err)
{
	err_clear(err);
	if (r->stamp)
		batch_add_gone(b, id);
	r->is_absent = true;
	r->stamp = 0;
}

static enum err_code read_run(struct mlflow_rest *s, uint32_t number,
			      const struct source_ask *ask,
			      const struct cancel *stop, struct batch *b,
			      struct err *err)
{
	struct mlflow_rest_run *r = &s->runs[number];
	const char *id = intern_str(s->run_ids, number);
	uint64_t stamp;

	r->detail = (struct run_detail){ 0 };
	arena_clear(&r->arena);
	if (mlflow_rest_get_run(s->http, id, stop, &r->arena, &r->detail,
				err)) {
		if (err->code == ERR_ABSENT)
			run_is_absent(r, id, b, err);
	} else if (!read_experiment(s, r->detail.run.experiment_id, stop, b,
				    err)) {
		stamp = stamp_of(&r->detail);
		r->is_absent = false;
		if (stamp != r->stamp) {
			give_run(s, r, b);
			if (r->stamp && read_live(s, id, ask, stop, b, err))
				return err->code;
		}
		r->stamp = stamp;
	}
	if (!err->code)
		r->read_mono_ms = clock_mono_ms();
	return err->code;
}

static bool is_hot(const struct source_ask *ask, const char *id)
{
	for (size_t i = 0; i < ask->n_hot_runs; i++)
		if (!strcmp(ask->hot_runs[i], id))
			return true;
	return false;
}

static bool is_due(const struct mlflow_rest *s, uint32_t number,
		   const struct source_ask *ask, int64_t now_ms)
{
	const struct mlflow_rest_run *r = &s->runs[number];
	int64_t since_ms = now_ms - r->read_mono_ms;

	if (!r->read_mono_ms)
		return true;
	if (r->is_absent)
		return since_ms >= ABSENT_AGAIN_MS;
	if (r->detail.run.status == RUN_RUNNING)
		return since_ms >= RUNNING_AGAIN_MS;
	return since_ms >= HOT_AGAIN_MS &&
	       is_hot(ask, intern_str(s->run_ids, number));
}

/* Round and round, some at a time. */
static enum err_code read_due(struct mlflow_rest *s,
			      const struct source_ask *ask,
			      const struct cancel *stop, struct batch *b,
			      struct err *err)
{
	uint32_t n = (uint32_t)intern_count(s->run_ids), i;
	int64_t now_ms = clock_mono_ms();
	int n_left = RUNS_A_POLL;

	for (i = 1; i < n && n_left && !err->code; i++) {
		if (s->next_run >= n)
			s->next_run = 1;
		if (is_due(s, s->next_run, ask, now_ms)) {
			n_left--;
			if (read_run(s, s->next_run, ask, stop, b, err))
				break;
		}
		s->next_run++;
	}
	return err->code;
}

static bool has_unread(const struct mlflow_rest *s)
{
	for (uint32_t i = 1; i < intern_count(s->run_ids); i++)
		if (!s->runs[i].read_mono_ms)
			return true;
	return false;
}

enum err_code mlflow_rest_read_runs(struct mlflow_rest *s,
				    const struct source_ask *ask,
				    const struct cancel *stop, struct batch *b,
				    struct err *err)
{
	give_what_is_wanted(s, ask, b);
	if (b->has_registry)
		find_runs(s);
	if (read_due(s, ask, stop, b, err))
		return err->code;
	b->has_more |= has_unread(s);
	b->is_complete = !b->has_more;
	if (b->n_runs || b->n_gone) {
		b->n_runs_total = 0;
		for (size_t i = 0; i < s->cap_runs; i++)
			b->n_runs_total += s->runs[i].stamp != 0;
		tell_names(s, b);
		count_metrics(s, b);
	}
	return ERR_OK;
}
