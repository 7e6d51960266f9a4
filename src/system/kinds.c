/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "io/file.h"
#include "io/http.h"
#include "mlflow_db.h"
#include "mlflow_rest.h"
#include "system/ops.h"

const struct system_ops system_kinds[] = {
	{ .source = &mlflow_db_source,
	  .registry = &mlflow_db_registry,
	  .runs = &mlflow_db_runs },
	{ .source = &mlflow_rest_source, .registry = &mlflow_rest_registry },
	{ 0 },
};

/* Systems it is meant to speak to; those not in the table come later. */
static const char *const later[] = {
	"mlruns",    "tensorboard", "dvc",     "metaflow", "kubeflow",
	"sagemaker", "prometheus",  "jenkins", "gitlab",   "github",
};

#define SERVER "mlflow-server"

static const struct system_ops *find_kind(const char *kind, size_t len)
{
	const struct system_ops *k;

	for (k = system_kinds; k->source; k++)
		if (strlen(k->source->kind) == len &&
		    !strncmp(k->source->kind, kind, len))
			return k;
	return NULL;
}

/* "mlflow (others ..)", for messages. */
static const char *list_kinds(char *out, size_t size)
{
	struct buf b = BUF_INIT(400);
	const struct system_ops *k;

	for (k = system_kinds; k->source; k++)
		buf_addf(&b, "%s%s", b.len ? ", " : "", k->source->kind);
	snprintf(out, size, "%s", buf_str(&b));
	buf_release(&b);
	return out;
}

static const struct system_ops *not_yet(const char *kind, struct err *err)
{
	char list[80];

	err_set(err, ERR_SCHEMA, "%s is not supported yet (kinds now: %s)",
		kind, list_kinds(list, sizeof(list)));
	return NULL;
}

static const struct system_ops *not_known(const char *where, struct err *err)
{
	char list[80];

	err_set(err, ERR_USAGE,
		"%.100s: not a store of a kind we know (kinds now: %s)", where,
		list_kinds(list, sizeof(list)));
	return NULL;
}

static const struct system_ops *by_kind(const char *kind, size_t len,
					struct err *err)
{
	const struct system_ops *k = find_kind(kind, len);
	char list[80];
	size_t i;

	if (k)
		return k;
	for (i = 0; i < ARRAY_LEN(later); i++)
		if (strlen(later[i]) == len && !strncmp(later[i], kind, len))
			return not_yet(later[i], err);
	err_set(err, ERR_USAGE, "no kind %.*s (kinds now: %s)",
		(int)MIN(len, (size_t)40), kind,
		list_kinds(list, sizeof(list)));
	return NULL;
}

/* "http", "https", or either behind "mlflow+". */
static bool is_mlflow_url(const char *where, const char *colon)
{
	static const char *const schemes[] = {
		"http",         "https",        "mlflow+http",
		"mlflow+https", SERVER "+http", SERVER "+https"
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(schemes); i++)
		if (strlen(schemes[i]) == (size_t)(colon - where) &&
		    !strncmp(schemes[i], where, strlen(schemes[i])))
			return true;
	return false;
}

/* KIND+http://.., http://.. (an MLflow server), sagemaker://.. */
static const struct system_ops *by_scheme(const char *where, const char *colon,
					  struct err *err)
{
	size_t len = (size_t)(colon - where);
	const char *plus = memchr(where, '+', len);

	if (is_mlflow_url(where, colon))
		return http_check_url(plus ? plus + 1 : where, err)
			       ? NULL
			       : by_kind(SERVER, strlen(SERVER), err);
	if (plus)
		return by_kind(where, (size_t)(plus - where), err);
	if (len == 6 && !strncmp(where, "sqlite", 6))
		return by_kind("mlflow", 6, err);
	return by_kind(where, len, err);
}

static bool has_entry(const char *folder, const char *name)
{
	char *path = xasprintf("%s/%s", folder, name);
	bool has = file_exists(path);

	free(path);
	return has;
}

/* An mlruns folder holds one folder an experiment, each with its meta.yaml. */
static bool is_mlruns(const char *folder)
{
	DIR *dir = opendir(folder);
	bool is_it = has_entry(folder, "meta.yaml");
	struct dirent *e;

	while (dir && !is_it && (e = readdir(dir))) {
		char *sub = xasprintf("%s/%s", folder, e->d_name);

		is_it = e->d_name[0] != '.' && has_entry(sub, "meta.yaml");
		free(sub);
	}
	if (dir)
		closedir(dir);
	return is_it;
}

static bool has_event_files(const char *folder)
{
	DIR *dir = opendir(folder);
	bool has = false;
	struct dirent *e;

	while (dir && !has && (e = readdir(dir)))
		has = strstr(e->d_name, "tfevents.") != NULL;
	if (dir)
		closedir(dir);
	return has;
}

static const struct system_ops *by_folder(const char *where, struct err *err)
{
	if (has_entry(where, ".dvc"))
		return not_yet("a DVC repository", err);
	if (has_entry(where, ".metaflow"))
		return not_yet("a Metaflow folder", err);
	if (is_mlruns(where))
		return not_yet("an mlruns folder", err);
	if (has_event_files(where))
		return not_yet("a folder of TensorBoard event files", err);
	return not_known(where, err);
}

const struct system_ops *system_find(const char *where, const char *kind,
				     struct err *err)
{
	const char *colon = strstr(where, "://");
	const struct system_ops *k;

	/* A store that is named may come later. */
	if (kind && *kind && !(colon && !strcmp(kind, "mlflow")))
		return by_kind(kind, strlen(kind), err);
	if (colon)
		return by_scheme(where, colon, err);
	if (!file_exists(where)) {
		err_set(err, ERR_ABSENT, "%.200s: no such file", where);
		return NULL;
	}
	if (file_is_dir(where))
		return by_folder(where, err);
	for (k = system_kinds; k->source; k++)
		if (k->source->probe && k->source->probe(where))
			return k;
	return not_known(where, err);
}
