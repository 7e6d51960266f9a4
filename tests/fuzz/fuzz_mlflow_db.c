/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A store of an earlier look with bytes changed: read to the end, one run
 * whole, one series. The input is a list of changes {place, byte} of three
 * bytes each, over a store that is made once. */
#include "config.h"

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "system/ops.h"

#define MAX_POLLS 20

static const char schema[] =
	"PRAGMA page_size=512;"
	"CREATE TABLE experiments (experiment_id INTEGER NOT NULL PRIMARY KEY, "
	"name, lifecycle_stage, creation_time, last_update_time);"
	"CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL PRIMARY KEY, name, "
	"user_id, status, start_time, end_time, lifecycle_stage, "
	"artifact_uri, experiment_id);"
	"CREATE TABLE metrics (key, value FLOAT, timestamp, run_uuid, step, "
	"is_nan);"
	"CREATE INDEX i ON metrics(run_uuid, key, step);"
	"CREATE TABLE latest_metrics (key, value, timestamp, step, is_nan, "
	"run_uuid, PRIMARY KEY (key, run_uuid));"
	"CREATE TABLE params (key, value, run_uuid, PRIMARY KEY (key, "
	"run_uuid));"
	"CREATE TABLE tags (key, value, run_uuid, PRIMARY KEY (key, "
	"run_uuid));"
	"CREATE TABLE registered_models (name PRIMARY KEY, creation_time, "
	"last_updated_time, description);"
	"CREATE TABLE model_versions (name, version INTEGER, creation_time, "
	"last_updated_time, description, current_stage, source, run_id, "
	"status, PRIMARY KEY (name, version));"
	"CREATE TABLE registered_model_aliases (alias, version INTEGER, name);"
	"INSERT INTO experiments VALUES (1, 'e', 'active', 1, 2);"
	"INSERT INTO runs VALUES ('r1', 'one', 'u', 'RUNNING', 1, 2, 'active', "
	"'/a', 1), ('r2', 'two', 'u', 'FINISHED', 1, 2, 'active', '/a', 1);"
	"INSERT INTO metrics VALUES ('auc', 0.5, 1, 'r1', 1, 0), ('auc', 0.6, "
	"2, 'r1', 2, 0);"
	"INSERT INTO latest_metrics VALUES ('auc', 0.6, 2, 2, 0, 'r1');"
	"INSERT INTO params VALUES ('depth', '7', 'r1');"
	"INSERT INTO tags VALUES ('mlflow.parentRunId', 'r1', 'r2');"
	"INSERT INTO registered_models VALUES ('m', 1, 2, 'd');"
	"INSERT INTO model_versions VALUES ('m', 1, 1, 2, '', 'None', 's', "
	"'r1', 'READY');"
	"INSERT INTO registered_model_aliases VALUES ('a', 1, 'm');";

static uint8_t *store;
static size_t store_size;
static char path[64];

static void drop_file(void)
{
	unlink(path);
}

static void make_store(void)
{
	sqlite3_int64 size;
	sqlite3 *h;

	snprintf(path, sizeof(path), "/tmp/mltower-fuzz-%ld.db",
		 (long)getpid());
	atexit(drop_file);
	BUG_ON(sqlite3_open(":memory:", &h) ||
	       sqlite3_exec(h, schema, NULL, NULL, NULL));
	store = sqlite3_serialize(h, "main", &size, 0);
	store_size = (size_t)size;
	sqlite3_close(h);
}

static void write_changed(const uint8_t *data, size_t size)
{
	uint8_t *bytes = xmalloc(store_size);
	FILE *out = fopen(path, "w");
	size_t i;

	BUG_ON(!out);
	memcpy(bytes, store, store_size);
	for (i = 0; i + 2 < size; i += 3)
		bytes[(data[i] << 8 | data[i + 1]) % store_size] = data[i + 2];
	BUG_ON(fwrite(bytes, 1, store_size, out) != store_size);
	fclose(out);
	free(bytes);
}

static void read_all(const struct system_ops *ops, void *ctx)
{
	const struct source_ask ask = { .all = { true, true, true } };
	const struct series_ask series = { "r1", "auc", 0 };
	struct err err = { 0 };
	struct batch *b;
	bool has_more = true;
	int i;

	for (i = 0; i < MAX_POLLS && has_more; i++) {
		b = batch_new();
		has_more = !ops->source->poll(ctx, &ask, NULL, b, &err) &&
			   b->has_more;
		batch_free(b);
	}
	b = batch_new();
	err = (struct err){ 0 };
	(void)!ops->source->detail(ctx, "r1", NULL, b, &err);
	err = (struct err){ 0 };
	(void)!ops->source->series(ctx, &series, 1, NULL, b, &err);
	batch_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct source_conf conf = { .name = "f", .where = path };
	const struct system_ops *ops = &system_kinds[0];
	struct err err = { 0 };
	void *ctx;

	if (!store)
		make_store();
	write_changed(data, size);
	BUG_ON(ops->source->open(&conf, &ctx, &err));
	read_all(ops, ctx);
	ops->source->close(ctx);
	return 0;
}
