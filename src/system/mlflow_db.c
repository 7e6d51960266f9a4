/* SPDX-License-Identifier: GPL-3.0-or-later */

/* MLflow's SQLite store as a source. A poll asks data_version first: with
 * nothing new it ends there, after microseconds. */
#include "config.h"

#include "mlflow_db.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define MIN_INTERVAL_MS     250
#define NETWORK_INTERVAL_MS 5000
#define PATIENCE_MS         20000

static bool mlflow_db_probe(const char *where)
{
	struct mlflow_schema schema;
	struct err err = { 0 };
	struct db *db;
	bool is_ours;

	if (db_open_foreign(mlflow_path(where), &db, &err))
		return false;
	/* What is locked for now is looked into by the polls. */
	is_ours = mlflow_schema_probe(db, &schema, &err) != ERR_SCHEMA;
	db_close(db);
	return is_ours;
}

static enum err_code mlflow_db_open(const struct source_conf *conf, void **ctx,
				    struct err *err)
{
	struct mlflow_store *s = xcalloc(1, sizeof(*s));

	(void)err;
	s->path = xstrdup(mlflow_path(conf->where));
	mlflow_forget(s);
	*ctx = s;
	return ERR_OK;
}

static void mlflow_db_close(void *ctx)
{
	struct mlflow_store *s = ctx;
	int kind;

	db_close(s->db);
	intern_free(s->ids);
	intern_free(s->sampled_ids);
	free(s->samples);
	for (kind = 0; kind < N_NAMED_KINDS; kind++)
		intern_free(s->names[kind].known);
	arena_release(&s->wanted_arena);
	mlflow_bulk_release(s);
	free(s->known);
	free(s->running);
	free(s->path);
	free(s);
}

/* ---- the file and its schema --------------------------------------------- */

static void start_afresh(struct mlflow_store *s)
{
	s->owes_afresh |= s->has_given;
	mlflow_forget(s);
}

static enum err_code ensure_open(struct mlflow_store *s, struct err *err)
{
	enum db_file_state state = s->db ? db_file_state(s->db) : DB_FILE_SAME;

	if (state == DB_FILE_ABSENT)
		return err_set(err, ERR_ABSENT, "the file is gone or empty: %s",
			       s->path);
	if (state == DB_FILE_REPLACED) {
		db_close(s->db);
		s->db = NULL;
	}
	if (s->db)
		return ERR_OK;
	if (db_open_foreign(s->path, &s->db, err)) {
		err_prefix(err, "%s", s->path);
		return err->code;
	}
	s->is_probed = false;
	start_afresh(s);
	return ERR_OK;
}

/* VACUUM and migrations renumber rows, and both move the schema's version. */
static enum err_code ensure_schema(struct mlflow_store *s, struct err *err)
{
	int64_t version;

	if (s->is_probed) {
		if (db_schema_version(s->db, &version, err))
			return err->code;
		if (version == s->schema.version && version == s->given_schema)
			return ERR_OK;
	}
	s->is_probed = false;
	if (mlflow_schema_probe(s->db, &s->schema, err))
		return err->code;
	s->is_probed = true;
	start_afresh(s);
	s->given_schema = s->schema.version;
	return ERR_OK;
}

/* Puts a failure in the words of what is going on, and counts patience. */
static enum err_code explain(struct mlflow_store *s, struct err *err)
{
	int64_t now = clock_mono_ms();

	if (err->code == ERR_SCHEMA && s->is_probed) {
		s->is_probed = false;
		err_clear(err);
		err_set(err, ERR_BUSY, "its tables are being changed");
	}
	if (err->code != ERR_BUSY && err->code != ERR_TIMEOUT) {
		s->busy_since_mono_ms = 0;
		return err->code;
	}
	if (!s->busy_since_mono_ms)
		s->busy_since_mono_ms = now;
	if (now - s->busy_since_mono_ms > PATIENCE_MS) {
		err->code = ERR_IO;
		err_prefix(err, "for %" PRId64 " s",
			   (now - s->busy_since_mono_ms) / 1000);
	}
	return err->code;
}

/* ---- the poll ------------------------------------------------------------ */

static enum err_code count_runs(struct mlflow_store *s, struct batch *b,
				struct err *err)
{
	struct db_stmt *st;
	bool has_row;

	if (db_prepare(s->db, "SELECT count(*) FROM runs", &st, err) ||
	    db_step(st, &has_row, err))
		return err->code;
	b->n_runs_total = s->n_runs = db_int(st, 0);
	db_reset(st);
	return ERR_OK;
}

static enum err_code look_at_changes(struct mlflow_store *s,
				     const struct source_ask *ask,
				     struct batch *b, struct err *err)
{
	size_t i;

	if (mlflow_experiments(s, b, err) || mlflow_models(s, b, err))
		return err->code;
	/* The first filling brings all that the rest would. */
	if (s->top_run == INT64_MIN)
		return s->has_tail ? ERR_OK : mlflow_tail_start(s, err);
	if (mlflow_new_runs(s, b, err) || mlflow_tail(s, ask, b, err))
		return err->code;
	for (i = 0; i < ask->n_hot_runs; i++)
		if (mlflow_reread(s, ask->hot_runs[i], b, err))
			return err->code;
	return mlflow_reread_running(s, b, err);
}

static enum err_code check_tail(struct mlflow_store *s, struct err *err)
{
	bool holds = true;

	if (s->has_tail && mlflow_tail_check(s, &holds, err))
		return err->code;
	if (!holds)
		start_afresh(s);
	return ERR_OK;
}

static enum err_code poll_changed(struct mlflow_store *s, int64_t version,
				  const struct source_ask *ask, struct batch *b,
				  struct err *err)
{
	if (ensure_schema(s, err) || check_tail(s, err) ||
	    count_runs(s, b, err) || look_at_changes(s, ask, b, err))
		return err->code;
	s->names[VALUE_PARAM].is_told = s->names[VALUE_TAG].is_told = false;
	/* A long tail is followed at once: the version is not done with. */
	if (!b->has_more)
		s->data_version = version;
	s->is_sweep_owed = s->top_run != INT64_MIN;
	return ERR_OK;
}

static enum err_code poll_open(struct mlflow_store *s,
			       const struct source_ask *ask, struct batch *b,
			       struct err *err)
{
	int64_t version;

	if (db_data_version(s->db, &version, err))
		return err->code;
	if (version != s->data_version && poll_changed(s, version, ask, b, err))
		return err->code;
	mlflow_want(s, ask);
	if (s->fill != FILL_DONE) {
		if (b->n_runs_total < 0 && s->fill_below == INT64_MAX &&
		    count_runs(s, b, err))
			return err->code;
		if (mlflow_fill(s, b, err))
			return err->code;
		b->has_more |= s->fill != FILL_DONE;
		b->is_complete = s->fill == FILL_DONE;
	} else if (mlflow_sweep(s, b, err)) {
		return err->code;
	}
	if (mlflow_count_metrics(s, b, err))
		return err->code;
	return mlflow_names(s, b, err);
}

static enum err_code mlflow_db_poll(void *ctx, const struct source_ask *ask,
				    const struct cancel *stop,
				    struct batch *out, struct err *err)
{
	struct mlflow_store *s = ctx;
	int64_t now = clock_mono_ms();

	if (s->db && db_is_on_network(s->db) && s->fill == FILL_DONE &&
	    now - s->looked_mono_ms < NETWORK_INTERVAL_MS)
		return ERR_OK;
	s->looked_mono_ms = now;
	out->state = SOURCE_LIVE;
	/* A first part that failed goes with what it was to replace. */
	if (s->owes_afresh)
		mlflow_forget(s);
	if (ensure_open(s, err))
		return explain(s, err);
	db_set_cancel(s->db, stop);
	if (poll_open(s, ask, out, err)) {
		explain(s, err);
	} else {
		s->busy_since_mono_ms = 0;
		out->is_afresh = s->owes_afresh;
		s->owes_afresh = false;
	}
	db_set_cancel(s->db, NULL);
	s->has_given |= out->n_runs || out->n_experiments || out->has_registry;
	return err->code;
}

/* ---- answers ------------------------------------------------------------- */

static enum err_code ready(struct mlflow_store *s, const struct cancel *stop,
			   struct err *err)
{
	int64_t version;

	/* A store that was replaced is told of by the next poll. */
	if (!s->db && ensure_open(s, err))
		return err->code;
	db_set_cancel(s->db, stop);
	if (db_data_version(s->db, &version, err))
		return err->code;
	if (!s->is_probed) {
		if (mlflow_schema_probe(s->db, &s->schema, err))
			return err->code;
		s->is_probed = true;
	}
	return ERR_OK;
}

static enum err_code mlflow_db_series(void *ctx, const struct series_ask *asks,
				      size_t n, const struct cancel *stop,
				      struct batch *out, struct err *err)
{
	struct mlflow_store *s = ctx;
	size_t i;

	if (!ready(s, stop, err))
		for (i = 0; i < n && !mlflow_series(s, &asks[i], out, err); i++)
			;
	if (s->db)
		db_set_cancel(s->db, NULL);
	return err->code;
}

static enum err_code mlflow_db_values(void *ctx, const char *const *run_ids,
				      size_t n, const struct cancel *stop,
				      struct batch *out, struct err *err)
{
	struct mlflow_store *s = ctx;
	size_t i;

	if (!ready(s, stop, err))
		for (i = 0;
		     i < n && !mlflow_all_values(s, run_ids[i], out, err); i++)
			;
	if (s->db)
		db_set_cancel(s->db, NULL);
	return err->code;
}

static enum err_code mlflow_db_detail(void *ctx, const char *run_id,
				      const struct cancel *stop,
				      struct batch *out, struct err *err)
{
	struct mlflow_store *s = ctx;

	enum err_code code = ready(s, stop, err);

	if (!code)
		code = mlflow_detail(s, run_id, out, err);
	if (s->db)
		db_set_cancel(s->db, NULL);
	return code;
}

const struct source_ops mlflow_db_source = {
	.kind = "mlflow",
	.min_interval_ms = MIN_INTERVAL_MS,
	.probe = mlflow_db_probe,
	.open = mlflow_db_open,
	.poll = mlflow_db_poll,
	.series = mlflow_db_series,
	.values = mlflow_db_values,
	.detail = mlflow_db_detail,
	.close = mlflow_db_close,
};
