/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What lies at a place, and what is said of what we cannot read. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mlflow_store.h"

#include <sys/stat.h>

static void assert_not_found(const char *where, const char *kind,
			     enum err_code want, const char *says)
{
	struct err err = { 0 };

	assert_null(system_find(where, kind, &err));
	assert_int_equal(err.code, want);
	if (!strstr(err.msg, says))
		fail_msg("\"%s\" does not say \"%s\"", err.msg, says);
}

static void test_mlflow_is_found(void **state)
{
	struct err err = { 0 };
	struct fixture f;
	char uri[128];

	(void)state;
	fixture_init(&f, SCHEMA_3);
	assert_ptr_equal(system_find(f.path, NULL, &err), &system_kinds[0]);
	snprintf(uri, sizeof(uri), "sqlite:///%s", f.path);
	assert_ptr_equal(system_find(uri, NULL, &err), &system_kinds[0]);
	/* Named, it may come later. */
	assert_non_null(system_find("/nowhere/at/all", "mlflow", &err));
	assert_int_equal(err.code, ERR_OK);
	fixture_release(&f);
}

static void test_a_locked_store_is_one_too(void **state)
{
	struct err err = { 0 };
	struct fixture f;
	sqlite3 *h;

	(void)state;
	fixture_init(&f, SCHEMA_3);
	assert_int_equal(sqlite3_open(f.path, &h), SQLITE_OK);
	sqlite3_exec(h, "BEGIN EXCLUSIVE", NULL, NULL, NULL);
	assert_non_null(system_find(f.path, NULL, &err));
	sqlite3_close(h);
	fixture_release(&f);
}

static void test_other_files(void **state)
{
	struct fixture f;

	(void)state;
	assert_not_found("/nowhere/at/all", NULL, ERR_ABSENT, "no such file");
	fixture_init(&f, "CREATE TABLE study(x)");
	assert_not_found(f.path, NULL, ERR_USAGE, "kinds now: mlflow");
	assert_not_found(f.folder, NULL, ERR_USAGE, "kinds now: mlflow");
	fixture_release(&f);
}

static void make(const struct fixture *f, const char *name, bool is_folder)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	if (is_folder) {
		assert_int_equal(mkdir(path, 0700), 0);
	} else {
		FILE *out = fopen(path, "w");

		assert_non_null(out);
		fclose(out);
	}
}

static void drop(const struct fixture *f, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	assert_int_equal(remove(path), 0);
}

static void test_folders_of_later_kinds(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f, NULL);
	make(&f, "0", true);
	make(&f, "0/meta.yaml", false);
	assert_not_found(f.folder, NULL, ERR_SCHEMA,
			 "an mlruns folder is not supported yet");
	drop(&f, "0/meta.yaml");
	drop(&f, "0");
	make(&f, ".dvc", true);
	assert_not_found(f.folder, NULL, ERR_SCHEMA, "DVC");
	drop(&f, ".dvc");
	make(&f, ".metaflow", true);
	assert_not_found(f.folder, NULL, ERR_SCHEMA, "Metaflow");
	drop(&f, ".metaflow");
	make(&f, "events.out.tfevents.1", false);
	assert_not_found(f.folder, NULL, ERR_SCHEMA, "TensorBoard");
	drop(&f, "events.out.tfevents.1");
	fixture_release(&f);
}

static void assert_server(const char *where, const char *kind)
{
	struct err err = { 0 };
	const struct system_ops *ops = system_find(where, kind, &err);

	assert_non_null(ops);
	assert_string_equal(ops->source->kind, "mlflow-server");
}

static void test_urls(void **state)
{
	(void)state;
	assert_server("http://localhost:5000", NULL);
	assert_server("https://host/ml/", NULL);
	assert_server("mlflow+http://host", NULL);
	assert_server("http://host", "mlflow");
	assert_server("http://host", "mlflow-server");
	assert_not_found("http://me:secret@host", NULL, ERR_USAGE,
			 "seen by everybody");
	assert_not_found("tensorboard+http://x", NULL, ERR_SCHEMA,
			 "tensorboard is not supported yet");
	assert_not_found("sagemaker://eu-west-1", NULL, ERR_SCHEMA,
			 "sagemaker is not supported yet");
	assert_not_found("gopher://x", NULL, ERR_USAGE, "no kind gopher");
	assert_not_found("x", "dvc", ERR_SCHEMA, "dvc is not supported yet");
	assert_not_found("x", "excel", ERR_USAGE, "no kind excel");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mlflow_is_found),
		cmocka_unit_test(test_a_locked_store_is_one_too),
		cmocka_unit_test(test_other_files),
		cmocka_unit_test(test_folders_of_later_kinds),
		cmocka_unit_test(test_urls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
