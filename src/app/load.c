/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/load.h"

#include <stdlib.h>
#include <string.h>

#include "app/registry_of.h"
#include "base/clock.h"
#include "base/mem.h"

struct open_source {
	struct source_conf conf;
	const char *kind;             /* as configured, or NULL */
	const struct system_ops *ops; /* NULL: no kind was found */
	void *ctx;                    /* of the source, while it is open */
	bool is_open;
	bool is_done; /* it gave all it has, or failed */
	bool has_failed;
};

struct load {
	struct model *model;
	size_t n;
	struct open_source *sources; /* index: the model's source */
	struct batch **details;      /* lent to the caller */
	size_t n_details, cap_details;
};

static enum source_state state_of(enum err_code code)
{
	if (code == ERR_BUSY || code == ERR_STOP || code == ERR_TIMEOUT)
		return SOURCE_BUSY;
	return code == ERR_ABSENT ? SOURCE_ABSENT : SOURCE_FAILED;
}

static struct batch *batch_for(uint16_t source)
{
	struct batch *b = batch_new();

	b->source = source;
	b->read_utc_ms = clock_utc_ms();
	b->n_runs_total = b->n_models_total = -1;
	return b;
}

static void tell_failure(struct load *l, uint16_t source, const struct err *err)
{
	struct batch *b = batch_for(source);

	b->state = state_of(err->code);
	b->err = *err;
	model_apply(l->model, b, clock_utc_ms(), 0);
	batch_free(b);
	l->sources[source].is_done = true;
	l->sources[source].has_failed = true;
}

static enum err_code try_to_open(struct open_source *s, struct err *err)
{
	s->ops = system_find(s->conf.where, s->kind, err);
	if (s->ops && !s->ops->source->open(&s->conf, &s->ctx, err))
		s->is_open = true;
	return err->code;
}

static void open_source(struct load *l, const struct config_source *conf)
{
	struct open_source *s = &l->sources[l->n++];
	struct err err = { 0 };
	uint16_t number;

	s->conf = source_conf_of(conf);
	s->kind = conf->kind;
	try_to_open(s, &err);
	number = model_add_source(l->model, conf->name,
				  s->ops       ? s->ops->source->kind
				  : conf->kind ? conf->kind
					       : "unknown",
				  conf->where, conf->may_write);
	BUG_ON(number != l->n - 1);
	if (err.code)
		tell_failure(l, number, &err);
}

struct load *load_new(const struct config *config, struct model *m)
{
	struct load *l = xcalloc(1, sizeof(*l));
	size_t i;

	BUG_ON(m->n_sources);
	l->model = m;
	l->sources = xcalloc(config->n_sources + 1, sizeof(*l->sources));
	for (i = 0; i < config->n_sources; i++)
		open_source(l, &config->sources[i]);
	return l;
}

void load_free(struct load *l)
{
	size_t i;

	if (!l)
		return;
	for (i = 0; i < l->n; i++)
		if (l->sources[i].is_open)
			l->sources[i].ops->source->close(l->sources[i].ctx);
	for (i = 0; i < l->n_details; i++)
		batch_free(l->details[i]);
	free(l->details);
	free(l->sources);
	free(l);
}

/* One slice of one source. */
static void poll_once(struct load *l, uint16_t number,
		      const struct source_ask *ask, const struct cancel *stop)
{
	struct open_source *s = &l->sources[number];
	struct batch *b = batch_for(number);
	int64_t began_ms = clock_mono_ms();
	struct err err = { 0 };

	if (s->ops->source->poll(s->ctx, ask, stop, b, &err)) {
		tell_failure(l, number, &err);
	} else {
		b->state = SOURCE_LIVE;
		s->is_done = !b->has_more;
		model_apply(l->model, b, clock_utc_ms(),
			    (uint32_t)(clock_mono_ms() - began_ms));
	}
	batch_free(b);
}

size_t load_poll(struct load *l, const struct load_ask *ask,
		 const struct cancel *stop)
{
	struct source_ask want = { .columns = ask->columns,
				   .n_columns = ask->n_columns };
	size_t i, n_failed = 0;

	memcpy(want.all, ask->all, sizeof(want.all));
	for (i = 0; i < l->n; i++) {
		while (!l->sources[i].is_done && !cancel_is_due(stop)) {
			poll_once(l, (uint16_t)i, &want, stop);
			if (ask->n_runs)
				*ask->n_runs = run_set_count(l->model->runs);
		}
		n_failed += l->sources[i].has_failed || !l->sources[i].is_done;
	}
	return n_failed;
}

/* Of the runs those that are of the source. */
static size_t ids_of(const struct run_set *runs, uint16_t source,
		     const uint32_t *rows, size_t n, struct arena *a,
		     const char ***out)
{
	const char **ids = arena_alloc(a, (n + 1) * sizeof(*ids));
	size_t i, n_ids = 0;
	char room[40];

	for (i = 0; i < n; i++)
		if (run_set_head(runs, rows[i])->source == source)
			ids[n_ids++] = arena_strdup(
				a, run_set_id(runs, rows[i], room));
	*out = ids;
	return n_ids;
}

size_t load_values(struct load *l, const uint32_t *rows, size_t n,
		   const struct cancel *stop)
{
	size_t n_ids, n_failed = 0;
	const char **ids;
	uint16_t i;

	for (i = 0; i < l->n; i++) {
		struct open_source *s = &l->sources[i];
		struct batch *b = batch_for(i);
		struct err err = { 0 };

		b->request = 1; /* an answer, not a poll */
		n_ids = ids_of(l->model->runs, i, rows, n, &b->arena, &ids);
		if (n_ids && !s->has_failed) {
			if (s->ops->source->values(s->ctx, ids, n_ids, stop, b,
						   &err))
				tell_failure(l, i, &err);
			else
				model_apply(l->model, b, clock_utc_ms(), 0);
		}
		n_failed += s->has_failed;
		batch_free(b);
	}
	return n_failed;
}

void load_again(struct load *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		struct open_source *s = &l->sources[i];
		struct err err = { 0 };

		if (s->is_open || !try_to_open(s, &err))
			s->is_done = s->has_failed = false;
	}
}

static enum err_code need_open(const struct load *l, uint16_t source,
			       struct err *err)
{
	if (l->sources[source].is_open)
		return ERR_OK;
	return err_set(err, ERR_IO, "%s could not be opened",
		       l->sources[source].conf.name);
}

const struct run_detail *load_detail(struct load *l, uint16_t source,
				     const char *run_id,
				     const struct cancel *stop, struct err *err)
{
	struct open_source *s = &l->sources[source];
	struct batch *b;

	if (need_open(l, source, err))
		return NULL;
	b = batch_for(source);
	if (s->ops->source->detail(s->ctx, run_id, stop, b, err)) {
		batch_free(b);
		return NULL;
	}
	l->details = xgrow(l->details, &l->cap_details, l->n_details + 1,
			   sizeof(*l->details));
	l->details[l->n_details++] = b;
	return b->detail;
}

static bool load_run_of(struct load *l, uint16_t source, const char *run_id,
			const struct cancel *stop)
{
	const struct open_source *s = &l->sources[source];
	const struct run_detail *d;
	struct err err = { 0 };
	struct batch *b;

	if (!s->is_open || !s->ops->source->some_runs)
		return false;
	d = load_detail(l, source, run_id, stop, &err);
	if (!d)
		return false;
	b = batch_for(source);
	b->state = SOURCE_LIVE;
	batch_add_run(b, &d->run);
	model_apply(l->model, b, clock_utc_ms(), 0);
	batch_free(b);
	return true;
}

bool load_run(struct load *l, int source, const char *run_id,
	      const struct cancel *stop)
{
	bool is_there = false;
	size_t i;

	for (i = 0; i < l->n; i++)
		if (source < 0 || (size_t)source == i)
			is_there |= load_run_of(l, (uint16_t)i, run_id, stop);
	return is_there;
}

enum err_code load_series(struct load *l, uint16_t source,
			  const struct series_ask *asks, size_t n,
			  const struct cancel *stop, struct err *err)
{
	struct open_source *s = &l->sources[source];
	struct batch *b;

	if (need_open(l, source, err))
		return err->code;
	b = batch_for(source);
	b->request = 1; /* an answer, not a poll */
	if (!s->ops->source->series(s->ctx, asks, n, stop, b, err))
		model_apply(l->model, b, clock_utc_ms(), 0);
	batch_free(b);
	return err->code;
}

const struct source_conf *load_source_conf(const struct load *l,
					   uint16_t source)
{
	return &l->sources[source].conf;
}

const struct system_ops *load_source_ops(const struct load *l, uint16_t source)
{
	return l->sources[source].ops;
}
