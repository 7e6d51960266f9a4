/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Columns differ between MLflow's versions and are probed, all in one
 * statement, so that a migration cannot come in between. */
#include "config.h"

#include "mlflow_db.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* Revisions with a registry, up to MLflow 3.17. */
static const char *const known_heads[] = {
	"2b4d017a5e9b", "cfd24bdc0731", "0a8213491aaa",  "728d730b5ebd",
	"27a6a02d2cf1", "84291f40a231", "a8c4a736bde6",  "39d1c3be5f05",
	"c48cb773bb87", "bd07f7e963c5", "0c779009ac13",  "cc1f77228345",
	"97727af70f4d", "3500859a5d39", "7f2a7d5fae7d",  "2d6e25af4d3e",
	"acf3f17fdcc7", "867495a8f9d4", "5b0e9adcef9c",  "4465047574b1",
	"f5a4f2784254", "0584bdc529eb", "400f98739977",  "6953534de441",
	"bda7b8c39065", "cbc13b556ace", "770bee3ae1dd",  "a1b2c3d4e5f6",
	"de4033877273", "1a0cddfcaa16", "534353b11cbc",  "71994744cf8e",
	"3da73c924c2f", "bf29a5ff90ea", "1bd49d398cd23", "b7c8d9e0f1a2",
	"5d2d30f0abce", "c9d4e5f6a7b8", "2c33131f4dae",  "d3e4f5a6b7c8",
	"d0e1f2a3b4c5", "c8d9e0f1a2b3", "1b5f0d9ad7c1",  "e1f2a3b4c5d6",
	"76601a5f987d", "c3d6457b6d8a", "a5b4c3d2e1f0",  "ae8bbe7743c9",
	"7d34483879f0", "da6fb0208061", "89d3d66ed43f",  "b7e4c1a90f23",
	"a8b9c0d1e2f3", "c1d2e3f4a5b6", "c3d9e7f1a2b4",  "6f8d9c3b2a1e",
	"1971f2d9a75b", "17e22815139b", "b7e2c1a4d9f3",  "75868b020152",
	"dc11669786a5",
};

/* Columns of the tables we write; another one may want a value. */
static const struct {
	const char *table, *column;
} written_columns[] = {
	{ "registered_models", "name" },
	{ "registered_models", "creation_time" },
	{ "registered_models", "last_updated_time" },
	{ "registered_models", "description" },
	{ "registered_models", "workspace" },
	{ "model_versions", "name" },
	{ "model_versions", "version" },
	{ "model_versions", "creation_time" },
	{ "model_versions", "last_updated_time" },
	{ "model_versions", "description" },
	{ "model_versions", "user_id" },
	{ "model_versions", "current_stage" },
	{ "model_versions", "source" },
	{ "model_versions", "run_id" },
	{ "model_versions", "status" },
	{ "model_versions", "status_message" },
	{ "model_versions", "run_link" },
	{ "model_versions", "storage_location" },
	{ "model_versions", "workspace" },
	{ "registered_model_aliases", "alias" },
	{ "registered_model_aliases", "version" },
	{ "registered_model_aliases", "name" },
	{ "registered_model_aliases", "workspace" },
	{ "model_version_tags", "key" },
	{ "model_version_tags", "value" },
	{ "model_version_tags", "name" },
	{ "model_version_tags", "version" },
	{ "model_version_tags", "workspace" },
	{ "runs", "run_uuid" },
	{ "runs", "name" },
	{ "runs", "source_type" },
	{ "runs", "source_name" },
	{ "runs", "entry_point_name" },
	{ "runs", "user_id" },
	{ "runs", "status" },
	{ "runs", "start_time" },
	{ "runs", "end_time" },
	{ "runs", "source_version" },
	{ "runs", "lifecycle_stage" },
	{ "runs", "artifact_uri" },
	{ "runs", "experiment_id" },
	{ "runs", "deleted_time" },
	{ "tags", "key" },
	{ "tags", "value" },
	{ "tags", "run_uuid" },
};

static bool is_strange(const char *table, const char *column)
{
	bool is_written = false;
	size_t i;

	for (i = 0; i < ARRAY_LEN(written_columns); i++) {
		if (strcmp(written_columns[i].table, table) != 0)
			continue;
		is_written = true;
		if (!strcmp(written_columns[i].column, column))
			return false;
	}
	return is_written;
}

/* What a column (or, with a NULL column, a table) means for us. */
static void note_column(struct mlflow_schema *s, const char *table,
			const char *column)
{
	const struct {
		const char *table, *column;
		bool *has;
	} marks[] = {
		{ "runs", "run_uuid", &s->has_runs },
		{ "runs", "name", &s->has_run_name },
		{ "runs", "lifecycle_stage", &s->has_run_stage },
		{ "runs", "deleted_time", &s->has_deleted_time },
		{ "assessments", "assessment_metadata", &s->has_assessments },
		{ "params", "key", &s->has_params },
		{ "tags", "key", &s->has_tags },
		{ "metrics", "key", &s->has_metrics },
		{ "metrics", "step", &s->has_step },
		{ "metrics", "is_nan", &s->has_is_nan },
		{ "latest_metrics", "key", &s->has_latest },
		{ "experiments", "lifecycle_stage", &s->has_exp_stage },
		{ "experiments", "last_update_time", &s->has_exp_times },
		{ "experiments", "workspace", &s->has_exp_space },
		{ "experiment_tags", "key", &s->has_exp_tags },
		{ "input_tags", "name", &s->has_datasets },
		{ "logged_models", "model_id", &s->has_logged },
		{ "model_versions", "version", &s->has_models },
		{ "registered_models", "workspace", &s->has_model_space },
		{ "registered_model_tags", "key", &s->has_model_tags },
		{ "model_version_tags", "key", &s->has_version_tags },
		{ "registered_model_aliases", "alias", &s->has_aliases },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(marks); i++)
		if (!strcmp(marks[i].table, table) &&
		    !strcmp(marks[i].column, column))
			*marks[i].has = true;
	if (!strncmp(table, "_alembic_tmp_", 13))
		s->is_migrating = true;
	if (is_strange(table, column))
		s->has_strange_columns = true;
}

static enum err_code probe_columns(struct db *db, struct mlflow_schema *out,
				   struct err *err)
{
	struct db_stmt *st;
	bool has_row;

	if (db_prepare(db,
		       "SELECT m.name, c.name FROM sqlite_master m, "
		       "pragma_table_info(m.name) c WHERE m.type='table'",
		       &st, err))
		return err->code;
	for (;;) {
		if (db_step(st, &has_row, err))
			return err->code;
		if (!has_row)
			return ERR_OK;
		note_column(out, db_text(st, 0), db_text(st, 1));
	}
}

/* The index that leads straight to the points of one metric of one run. */
static enum err_code probe_index(struct db *db, struct mlflow_schema *out,
				 struct err *err)
{
	struct db_stmt *st;
	bool has_row;

	if (db_prepare(
		    db,
		    "SELECT l.name FROM pragma_index_list('metrics') l WHERE "
		    "(SELECT group_concat(name) FROM (SELECT name FROM "
		    "pragma_index_info(l.name) ORDER BY seqno)) = "
		    "'run_uuid,key,step'",
		    &st, err) ||
	    db_step(st, &has_row, err))
		return err->code;
	if (has_row && db_bytes(st, 0) < sizeof(out->series_index) &&
	    !strchr(db_text(st, 0), '"'))
		snprintf(out->series_index, sizeof(out->series_index), "%s",
			 db_text(st, 0));
	db_reset(st);
	return ERR_OK;
}

static enum err_code probe_head(struct db *db, struct mlflow_schema *out,
				struct err *err)
{
	struct db_stmt *st;
	bool has_row;

	if (!db_has_table(db, "alembic_version"))
		return ERR_OK;
	if (db_prepare(db, "SELECT version_num FROM alembic_version", &st,
		       err) ||
	    db_step(st, &has_row, err))
		return err->code;
	if (has_row && db_text(st, 0))
		snprintf(out->head, sizeof(out->head), "%s", db_text(st, 0));
	db_reset(st);
	return ERR_OK;
}

enum err_code mlflow_schema_probe(struct db *db, struct mlflow_schema *out,
				  struct err *err)
{
	struct mlflow_schema s = { 0 };

	if (db_schema_version(db, &s.version, err) ||
	    probe_columns(db, &s, err))
		return err->code;
	if (s.has_metrics && probe_index(db, &s, err))
		return err->code;
	if (probe_head(db, &s, err))
		return err->code;
	*out = s;
	if (s.has_runs && s.has_metrics && s.has_tags && s.has_params)
		return ERR_OK;
	if (s.is_migrating)
		return err_set(err, ERR_BUSY, "a migration is under way");
	return err_set(err, ERR_SCHEMA, "a database without MLflow's tables");
}

bool mlflow_schema_is_writable(const struct mlflow_schema *schema)
{
	size_t i;

	if (schema->is_migrating || !schema->has_models)
		return false;
	for (i = 0; i < ARRAY_LEN(known_heads); i++)
		if (!strcmp(known_heads[i], schema->head))
			return true;
	return schema->has_version_tags && schema->has_aliases &&
	       !schema->has_strange_columns;
}

const char *mlflow_path(const char *where)
{
	static const char scheme[] = "sqlite:///";

	return !strncmp(where, scheme, sizeof(scheme) - 1)
		       ? where + sizeof(scheme) - 1
		       : where;
}
