/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which metrics the runs of an experiment have, told of its newest runs: to
 * count all would be to read the largest table from end to end. */
#include "config.h"

#include "mlflow_db.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define COUNT_US 10000 /* a poll */

void mlflow_sample_forget(struct mlflow_store *s)
{
	intern_free(s->sampled_ids);
	s->sampled_ids = intern_new();
	if (s->samples)
		memset(s->samples, 0, s->cap_samples * sizeof(*s->samples));
	s->next_sample = s->n_samples_owed = 0;
}

static struct mlflow_sample *sample_of(struct mlflow_store *s, const char *id)
{
	uint32_t number = intern_put(s->sampled_ids, id);
	size_t had = s->cap_samples;

	if (number >= had) {
		s->samples = xgrow(s->samples, &s->cap_samples,
				   (size_t)number + 1, sizeof(*s->samples));
		memset(s->samples + had, 0,
		       (s->cap_samples - had) * sizeof(*s->samples));
	}
	return &s->samples[number];
}

static void owe(struct mlflow_store *s, struct mlflow_sample *sample)
{
	s->n_samples_owed += !sample->is_owed;
	sample->is_owed = true;
}

void mlflow_sample_again(struct mlflow_store *s, const struct run_facts *run)
{
	struct mlflow_sample *sample = sample_of(s, run->experiment_id);

	if (sample->n)
		owe(s, sample);
}

void mlflow_sample_run(struct mlflow_store *s, const struct run_facts *run,
		       int64_t rowid)
{
	struct mlflow_sample *sample = sample_of(s, run->experiment_id);
	size_t at = sample->n;

	if (run->is_deleted)
		return;
	while (at && sample->rowids[at - 1] < rowid)
		at--;
	if (at == MLFLOW_SAMPLED || (at && sample->rowids[at - 1] == rowid))
		return;
	sample->n = MIN(sample->n + 1, (size_t)MLFLOW_SAMPLED);
	memmove(&sample->rowids[at + 1], &sample->rowids[at],
		(sample->n - at - 1) * sizeof(*sample->rowids));
	memmove(&sample->runs[at + 1], &sample->runs[at],
		(sample->n - at - 1) * sizeof(*sample->runs));
	sample->rowids[at] = rowid;
	sample->runs[at] = intern_put(s->ids, run->id);
	owe(s, sample);
}

/* Metrics by number, and of how many runs each is. */
struct counts {
	struct intern *names;
	uint32_t *n;
	size_t cap;
};

static void count(struct counts *c, const char *metric)
{
	size_t had = c->cap;
	uint32_t number = intern_put(c->names, metric);

	if (number >= had) {
		c->n = xgrow(c->n, &c->cap, (size_t)number + 1, sizeof(*c->n));
		memset(c->n + had, 0, (c->cap - had) * sizeof(*c->n));
	}
	c->n[number]++;
}

static enum err_code count_run(struct mlflow_store *s, const char *run,
			       struct batch *b, struct counts *c,
			       struct err *err)
{
	struct buf sql = BUF_INIT(1024);
	struct db_stmt *st;
	bool has_row;

	buf_addf(&sql, "SELECT key FROM %s WHERE run_uuid=?",
		 mlflow_latest(&s->schema));
	if (db_prepare(s->db, buf_str(&sql), &st, err))
		goto out;
	db_bind_text(st, 1, run);
	while (!db_step(st, &has_row, err) && has_row)
		count(c, mlflow_text(&b->arena, st, 0));
out:
	buf_release(&sql);
	return err->code;
}

/* Nothing is said of what was said before. */
static void tell(struct mlflow_sample *sample, const char *id,
		 const struct counts *c, struct batch *b)
{
	size_t i, n = intern_count(c->names);
	uint64_t h = MLFLOW_HASH_START;

	for (i = 1; i < n; i++)
		h = mlflow_hash_int(
			mlflow_hash_text(h, intern_str(c->names, (uint32_t)i)),
			c->n[i]);
	for (i = 1; i < n && h != sample->told; i++)
		batch_add_count(b,
				&(struct metric_count){
					id, intern_str(c->names, (uint32_t)i),
					c->n[i] });
	sample->told = h;
}

static enum err_code count_sample(struct mlflow_store *s, uint32_t number,
				  struct batch *b, struct err *err)
{
	struct mlflow_sample *sample = &s->samples[number];
	struct counts c = { .names = intern_new() };
	size_t i;

	for (i = 0; i < sample->n && !err->code; i++)
		if (count_run(s, intern_str(s->ids, sample->runs[i]), b, &c,
			      err))
			break;
	if (!err->code) {
		tell(sample, intern_str(s->sampled_ids, number), &c, b);
		sample->is_owed = false;
		s->n_samples_owed--;
	}
	intern_free(c.names);
	free(c.n);
	return err->code;
}

enum err_code mlflow_count_metrics(struct mlflow_store *s, struct batch *b,
				   struct err *err)
{
	int64_t began_us = clock_mono_us();
	size_t n = MIN(intern_count(s->sampled_ids), s->cap_samples), at;

	while (s->n_samples_owed && clock_mono_us() - began_us < COUNT_US) {
		at = s->next_sample++ % n;
		if (s->samples[at].is_owed &&
		    count_sample(s, (uint32_t)at, b, err))
			return err->code;
	}
	b->has_more |= s->n_samples_owed > 0;
	return ERR_OK;
}
