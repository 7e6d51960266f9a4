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

static enum err_code count_run(struct mlflow_store *s, const char *run,
			       struct batch *b, struct mlflow_counts *c,
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
		mlflow_counts_add(c, mlflow_text(&b->arena, st, 0));
out:
	buf_release(&sql);
	return err->code;
}

static enum err_code count_sample(struct mlflow_store *s, uint32_t number,
				  struct batch *b, struct err *err)
{
	struct mlflow_sample *sample = &s->samples[number];
	struct mlflow_counts c;
	size_t i;

	mlflow_counts_init(&c);
	for (i = 0; i < sample->n && !err->code; i++)
		if (count_run(s, intern_str(s->ids, sample->runs[i]), b, &c,
			      err))
			break;
	if (!err->code) {
		mlflow_counts_give(&c, intern_str(s->sampled_ids, number),
				   &sample->told, b);
		sample->is_owed = false;
		s->n_samples_owed--;
	}
	mlflow_counts_release(&c);
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
