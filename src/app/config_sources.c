/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "app/config.h"
#include "base/mem.h"
#include "io/file.h"
#include "io/gate.h"
#include "io/http.h"
#include "model/metric.h"
#include "system/ops.h"

static bool is_name(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.",
			    s[i]))
			return false;
	return len > 0;
}

/* How files of SQLite are called. */
static const char *const store_ends[] = { ".db", ".sqlite", ".sqlite3" };

/* "mlflow.db" -> "mlflow"; "http://h:5000/x" -> "h". */
static const char *name_from(struct arena *a, const char *where)
{
	const char *scheme = strstr(where, "://");
	const char *start, *slash;
	size_t len;

	if (scheme) {
		start = scheme + 3;
		return arena_strndup(a, start, strcspn(start, ":/"));
	}
	len = strlen(where);
	while (len > 1 && where[len - 1] == '/')
		len--;
	start = arena_strndup(a, where, len);
	slash = strrchr(start, '/');
	if (slash && slash[1])
		start = slash + 1;
	len = strlen(start);
	for (size_t i = 0; i < ARRAY_LEN(store_ends); i++) {
		size_t end = strlen(store_ends[i]);

		if (len > end && !strcmp(start + len - end, store_ends[i]))
			return arena_strndup(a, start, len - end);
	}
	return start;
}

static const struct config_source *configured(const struct config_source *all,
					      size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(all[i].name, name))
			return &all[i];
	return NULL;
}

static const char *unused_name(struct arena *a, const struct config_source *all,
			       size_t n, const char *name)
{
	const char *try = name;

	for (int k = 2; configured(all, n, try); k++)
		try = arena_printf(a, "%s-%d", name, k);
	return try;
}

/* "sqlite:///path" is how MLflow spells a path. */
static const char *plain_path(const char *where)
{
	return strncmp(where, "sqlite:///", 10) ? where : where + 10;
}

static void from_operand(struct config *c, const char *operand,
			 struct config_source *out)
{
	const char *eq = strchr(operand, '=');

	memset(out, 0, sizeof(*out));
	if (eq && is_name(operand, (size_t)(eq - operand))) {
		out->name = arena_strndup(&c->arena, operand,
					  (size_t)(eq - operand));
		operand = eq + 1;
	}
	out->where = arena_strdup(&c->arena, plain_path(operand));
}

enum err_code config_set_sources(struct config *c, const char *const *operands,
				 size_t n, struct err *err)
{
	const struct config_source *old = c->sources;
	size_t n_old = c->n_sources;
	struct config_source *all = arena_alloc(&c->arena, n * sizeof(*all));

	for (size_t i = 0; i < n; i++) {
		const struct config_source *known =
			configured(old, n_old, operands[i]);

		if (known) {
			all[i] = *known;
			continue;
		}
		from_operand(c, operands[i], &all[i]);
		if (!strncmp(all[i].where, "http", 4) &&
		    strstr(all[i].where, "://") &&
		    http_check_url(all[i].where, err))
			return err->code;
		if (!*all[i].where)
			return err_set(err, ERR_USAGE,
				       "%s: expected [NAME=]PATH or URL",
				       operands[i]);
		if (all[i].name && configured(all, i, all[i].name))
			return err_set(err, ERR_USAGE,
				       "%s: two sources of this name",
				       all[i].name);
		if (!all[i].name)
			all[i].name =
				unused_name(&c->arena, all, i,
					    name_from(&c->arena, all[i].where));
	}
	c->sources = all;
	c->n_sources = n;
	return ERR_OK;
}

enum err_code config_find_sources(struct config *c, struct err *err)
{
	const char *uri = getenv("MLFLOW_TRACKING_URI");
	const char *found = NULL;

	if (c->n_sources)
		return ERR_OK;
	if (uri && *uri)
		found = uri;
	else if (file_exists("mlflow.db"))
		found = "mlflow.db";
	else if (file_is_dir("mlruns"))
		found = "mlruns";
	if (!found)
		return err_set(err, ERR_ABSENT,
			       "no source: name one (mltower mlflow.db), set "
			       "MLFLOW_TRACKING_URI, start where mlflow.db or "
			       "mlruns lies, write a config (mltower config "
			       "--init), or look at the demo (mltower demo)");
	return config_set_sources(c, &found, 1, err);
}

/* The stores that are here, as operands. */
struct stores {
	struct arena *arena;
	const char **all;
	size_t n, cap;
};

static void add_store(struct stores *stores, const char *where)
{
	struct err err = { 0 };

	if (!system_find(where, NULL, &err))
		return;
	stores->all = xgrow(stores->all, &stores->cap, stores->n + 1,
			    sizeof(*stores->all));
	stores->all[stores->n++] = arena_strdup(stores->arena, where);
}

static void add_files(struct stores *stores, const char *end)
{
	char **files;
	size_t n = file_glob(arena_printf(stores->arena, "*%s", end), &files);

	for (size_t i = 0; i < n; i++) {
		add_store(stores, files[i]);
		free(files[i]);
	}
	free(files);
}

enum err_code config_find_stores(struct config *c, struct err *err)
{
	const char *uri = getenv("MLFLOW_TRACKING_URI");
	struct stores stores = { .arena = &c->arena };
	enum err_code code;

	if (c->n_sources)
		return ERR_OK;
	if (uri && *uri)
		add_store(&stores, plain_path(uri));
	for (size_t i = 0; i < ARRAY_LEN(store_ends); i++)
		add_files(&stores, store_ends[i]);
	code = config_set_sources(c, stores.all, stores.n, err);
	free(stores.all);
	return code;
}

size_t config_check_sources(const struct config *c,
			    void (*told)(const char *text))
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_sources; i++) {
		const struct config_source *s = &c->sources[i];
		struct err err = { 0 };
		bool is_url = strstr(s->where, "://") != NULL;
		/* Else it stands among the problems already. */
		bool is_known = (!s->kind && !is_url) ||
				system_find(s->where, s->kind, &err);

		/* A file of a kind that was named is looked at all the same. */
		if (is_known && (is_url || system_find(s->where, NULL, &err)))
			continue;
		n++;
		if (!is_known)
			continue;
		err_prefix(&err, "%s", s->name);
		told(err.msg);
	}
	return n;
}

void config_open_gate(const struct config *c, bool write_all)
{
	for (size_t i = 0; i < c->n_sources; i++)
		if (write_all || c->sources[i].may_write)
			gate_allow_source(c->sources[i].name);
}

int config_metric_goal(const struct config *c, const char *metric)
{
	for (size_t i = 0; i < c->n_metrics; i++)
		if (c->metrics[i].goal &&
		    !fnmatch(c->metrics[i].pattern, metric, 0))
			return c->metrics[i].goal;
	return metric_goal_guess(metric);
}

void config_init_text(const struct config *c, struct buf *out)
{
	buf_adds(out, "# mltower: what it reads, and what it may do there.\n"
		      "# Every key is optional; `mltower config --check` "
		      "reads this file back.\n\nsources:\n");
	if (!c->n_sources)
		buf_adds(out, "  # lab: {path: mlflow.db}    # read-only "
			      "unless write: yes\n  {}\n");
	for (size_t i = 0; i < c->n_sources; i++) {
		const struct config_source *s = &c->sources[i];

		buf_addf(out,
			 "  \"%s\":\n    %s: \"%s\"\n    write: no    "
			 "# yes: promotions may be written here\n",
			 s->name, strstr(s->where, "://") ? "url" : "path",
			 s->where);
	}
	buf_adds(out,
		 "\n# Goals by pattern, where the name does not tell.\n"
		 "metrics:\n"
		 "  \"*loss*\": {goal: min}\n"
		 "  latency_ms: {goal: min, unit: ms}\n"
		 "\n# By SOURCE:MODEL pattern.\n"
		 "# models:\n"
		 "#   \"lab:*\":\n"
		 "#     metric: val/auc\n"
		 "#     aliases: {serving: champion, next: challenger}\n"
		 "#     gates: strict\n"
		 "# gates:\n"
		 "#   strict:\n"
		 "#     auc: {metric: val/auc, min: .9, vs: champion, "
		 "by: .002, same_data: yes}\n"
		 "\n# Prediction logs, watched for drift.\n"
		 "# monitors:\n"
		 "#   live:\n"
		 "#     model: lab:my-model@champion\n"
		 "#     rows: predictions.csv\n"
		 "#     baseline: {rows: baseline.csv}\n"
		 "#     window: {rows: 2000, every: 1m}\n"
		 "#     drift: {columns: \"*\", alpha: .05, min_rows: 200, "
		 "for: 10m}\n"
		 "\ntheme: dark\n");
}
