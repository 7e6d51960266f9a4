/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/group_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Up to here groups are made between two frames (a millisecond). */
#define INLINE_ROWS 5000

/* What was asked for: shared with the job that answers it. */
struct spec {
	unsigned n_refs; /* main thread only */
	char *text, *sort_text;
	struct group_by by;
	struct order_key *sort;
	size_t n_sort;
};

/* Groups with what they were, or will be, made by. */
struct made {
	struct spec *spec;
	struct group_metric *metrics;
	size_t n_metrics;
	struct groups *groups;
};

struct group_list {
	struct app *app;
	struct spec *spec;
	struct made made;
	struct group_job *job; /* under way */
	bool is_stale, has_news;
};

struct group_job {
	struct job job;
	struct group_list *list; /* NULL: the list is gone */
	struct run_set *snapshot;
	uint32_t *rows;
	size_t n_rows;
	struct made made;
};

static void spec_unref(struct spec *s)
{
	if (!s || --s->n_refs)
		return;
	group_by_release(&s->by);
	free(s->text);
	free(s->sort_text);
	free(s->sort);
	free(s);
}

static enum err_code spec_make(const char *text, const char *sort_text,
			       struct spec **out, struct err *err)
{
	struct spec *s = xcalloc(1, sizeof(*s));

	s->n_refs = 1;
	s->text = xstrdup(text);
	s->sort_text = xstrdup(sort_text);
	if ((*text && group_by_parse(text, &s->by, err)) ||
	    (*sort_text && order_parse(sort_text, &s->sort, &s->n_sort, err))) {
		spec_unref(s);
		return err->code;
	}
	*out = s;
	return ERR_OK;
}

static struct made made_start(struct spec *spec,
			      const struct group_metric *metrics, size_t n)
{
	struct made m = { .spec = spec, .n_metrics = n };

	spec->n_refs++;
	m.metrics = xcalloc(n + 1, sizeof(*m.metrics));
	if (n)
		memcpy(m.metrics, metrics, n * sizeof(*metrics));
	return m;
}

static void made_release(struct made *m)
{
	groups_free(m->groups);
	free(m->metrics);
	spec_unref(m->spec);
	*m = (struct made){ 0 };
}

/* Any thread. An order that these groups do not have is the usual one. */
static void make(struct made *m, const struct run_set *set,
		 const uint32_t *rows, size_t n, const struct cancel *stop)
{
	struct group_ask ask = { .by = &m->spec->by,
				 .metrics = m->metrics,
				 .n_metrics = m->n_metrics };
	struct group_sort *sorts = NULL;
	struct err err = { 0 };

	if (m->spec->n_sort &&
	    !group_sorts(m->spec->sort, m->spec->n_sort, &ask, &sorts, &err)) {
		ask.sorts = sorts;
		ask.n_sorts = m->spec->n_sort;
	}
	m->groups = groups_make(set, rows, n, &ask, stop, &err);
	free(sorts);
}

struct group_list *group_list_new(struct app *app)
{
	struct group_list *l = xcalloc(1, sizeof(*l));
	struct err err = { 0 };

	l->app = app;
	BUG_ON(spec_make("", "", &l->spec, &err));
	return l;
}

static void cancel_job(struct group_list *l)
{
	if (l->job)
		l->job->job.cancel.stop = true;
}

void group_list_free(struct group_list *l)
{
	if (!l)
		return;
	cancel_job(l);
	if (l->job)
		l->job->list = NULL;
	made_release(&l->made);
	spec_unref(l->spec);
	free(l);
}

static void add_params(const struct model *m, struct value_key *keys, size_t *n)
{
	for (size_t s = 0; s < m->n_sources; s++) {
		const struct model_names *names =
			&m->sources[s].names[VALUE_PARAM];

		for (size_t i = 0; i < names->n; i++)
			keys[(*n)++] =
				(struct value_key){ VALUE_PARAM,
						    intern_str(m->strings,
							       names->all[i]) };
	}
}

/* What the groups are made by is brought by the sources. */
static void want_keys(const struct group_list *l)
{
	const struct model *m = app_model(l->app);
	const struct group_by *by = &l->spec->by;
	size_t most = by->n_keys + 2, n = 0;
	struct value_key *keys;

	for (size_t s = 0; s < m->n_sources; s++)
		most += m->sources[s].names[VALUE_PARAM].n;
	keys = xcalloc(most, sizeof(*keys));
	for (size_t i = 0; i < by->n_keys; i++)
		if (by->keys[i].by == ORDER_VALUE)
			keys[n++] = by->keys[i].column;
	if (by->is_repeats) {
		add_params(m, keys, &n);
		keys[n++] = (struct value_key){ VALUE_FACT, GROUP_DIGEST };
		keys[n++] = (struct value_key){ VALUE_TAG, GROUP_COMMIT };
	}
	app_want_columns(l->app, APP_WHO_GROUP, keys, n);
	free(keys);
}

static void use_spec(struct group_list *l, struct spec *s)
{
	spec_unref(l->spec);
	l->spec = s;
	l->is_stale = true;
	cancel_job(l);
	want_keys(l);
}

enum err_code group_list_set(struct group_list *l, const char *text,
			     const char *sort, struct err *err)
{
	struct spec *s;

	if (spec_make(text, sort, &s, err))
		return err->code;
	use_spec(l, s);
	made_release(&l->made);
	return ERR_OK;
}

enum err_code group_list_set_sort(struct group_list *l, const char *text,
				  struct err *err)
{
	struct group_ask ask = { .by = &l->spec->by,
				 .metrics = l->made.metrics,
				 .n_metrics = l->made.n_metrics };
	struct group_sort *sorts;
	struct spec *s;

	if (spec_make(l->spec->text, text, &s, err))
		return err->code;
	if (group_sorts(s->sort, s->n_sort, &ask, &sorts, err)) {
		spec_unref(s);
		return err->code;
	}
	free(sorts);
	use_spec(l, s);
	return ERR_OK;
}

const char *group_list_sort_text(const struct group_list *l)
{
	return l->spec->sort_text;
}

const char *group_list_text(const struct group_list *l)
{
	return l->spec->text;
}

static void job_run(struct job *job)
{
	struct group_job *j = (struct group_job *)job;

	make(&j->made, j->snapshot, j->rows, j->n_rows, &job->cancel);
}

static void take(struct group_list *l, struct made *m)
{
	made_release(&l->made);
	l->made = *m;
	*m = (struct made){ 0 };
	l->has_news = true;
}

static void job_done(struct job *job, struct app *app)
{
	struct group_job *j = (struct group_job *)job;

	if (!j->list)
		return;
	app_model(app)->orders_gen++;
	j->list->job = NULL;
	if (!job->cancel.stop && j->made.groups)
		take(j->list, &j->made);
}

static void job_free(struct job *job)
{
	struct group_job *j = (struct group_job *)job;

	run_set_free(j->snapshot);
	made_release(&j->made);
	free(j->rows);
	free(j);
}

static void start_job(struct group_list *l, struct made *m,
		      const uint32_t *rows, size_t n)
{
	struct group_job *j = xcalloc(1, sizeof(*j));

	j->job.run = job_run;
	j->job.done = job_done;
	j->job.free = job_free;
	j->list = l;
	j->snapshot = run_set_snapshot(app_model(l->app)->runs);
	j->rows = xmalloc((n + 1) * sizeof(*rows));
	memcpy(j->rows, rows, n * sizeof(*rows));
	j->n_rows = n;
	j->made = *m;
	l->job = j;
	app_compute(l->app, &j->job);
}

static bool has_metrics(const struct made *m,
			const struct group_metric *metrics, size_t n)
{
	if (n != m->n_metrics)
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(metrics[i].key.name, m->metrics[i].key.name) != 0 ||
		    metrics[i].key.kind != m->metrics[i].key.kind ||
		    metrics[i].goal != m->metrics[i].goal)
			return false;
	return true;
}

bool group_list_update(struct group_list *l, const uint32_t *rows,
		       size_t n_rows, bool is_new,
		       const struct group_metric *metrics, size_t n_metrics)
{
	struct made next;
	bool had_news;

	l->is_stale |= is_new || (l->made.groups && !l->job &&
				  !has_metrics(&l->made, metrics, n_metrics));
	if (*l->spec->text && l->is_stale && !l->job) {
		l->is_stale = false;
		next = made_start(l->spec, metrics, n_metrics);
		if (n_rows > INLINE_ROWS) {
			start_job(l, &next, rows, n_rows);
		} else {
			make(&next, app_model(l->app)->runs, rows, n_rows,
			     NULL);
			take(l, &next);
		}
	}
	/* Again, for names of params may have come that make a difference. */
	if (*l->spec->text)
		want_keys(l);
	had_news = l->has_news;
	l->has_news = false;
	return had_news;
}

bool group_list_is_pending(const struct group_list *l)
{
	return *l->spec->text && (l->job || l->is_stale);
}

struct grouping group_list_made(const struct group_list *l)
{
	return (struct grouping){
		.by = l->made.spec ? &l->made.spec->by : &l->spec->by,
		.metrics = l->made.metrics,
		.n_metrics = l->made.n_metrics,
		.groups = l->made.groups,
	};
}
