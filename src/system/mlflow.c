/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mlflow.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "format/digest.h"

#define MAX_ALIAS_BYTES 255

double mlflow_number(double value, bool is_nan)
{
	if (is_nan)
		return NAN;
	if (value >= DBL_MAX)
		return INFINITY;
	return value <= -DBL_MAX ? -INFINITY : value;
}

int8_t mlflow_goal(const char *s)
{
	if (!s || !*s)
		return 0;
	return strchr("tTyY1", *s) ? 1 : -1;
}

uint64_t mlflow_hash(uint64_t h, const void *bytes, size_t len)
{
	return digest_fnv1a(h, bytes, len);
}

uint64_t mlflow_hash_text(uint64_t h, const char *s)
{
	/* The NUL too: "a", "bc" is not "ab", "c". */
	return mlflow_hash(h, s, strlen(s) + 1);
}

uint64_t mlflow_hash_int(uint64_t h, int64_t v)
{
	return (h ^ (uint64_t)v) * 0x9e3779b97f4a7c15u ^ (h >> 29);
}

/* ---- which metrics an experiment has --------------------------------------
 */

void mlflow_counts_init(struct mlflow_counts *c)
{
	*c = (struct mlflow_counts){ .names = intern_new() };
}

void mlflow_counts_release(struct mlflow_counts *c)
{
	intern_free(c->names);
	free(c->n);
}

void mlflow_counts_add(struct mlflow_counts *c, const char *metric)
{
	size_t had = c->cap;
	uint32_t number = intern_put(c->names, metric);

	if (number >= had) {
		c->n = xgrow(c->n, &c->cap, (size_t)number + 1, sizeof(*c->n));
		memset(c->n + had, 0, (c->cap - had) * sizeof(*c->n));
	}
	c->n[number]++;
}

void mlflow_counts_give(const struct mlflow_counts *c,
			const char *experiment_id, uint64_t *told,
			struct batch *b)
{
	uint32_t i, n = (uint32_t)intern_count(c->names);
	uint64_t h = MLFLOW_HASH_START;

	for (i = 1; i < n; i++)
		h = mlflow_hash_int(
			mlflow_hash_text(h, intern_str(c->names, i)), c->n[i]);
	for (i = 1; i < n && h != *told; i++)
		batch_add_count(b, &(struct metric_count){
					   experiment_id,
					   intern_str(c->names, i), c->n[i] });
	*told = h;
}

/* ---- changes of the registry --------------------------------------------- */

static const char *const stages[] = { "None", "Staging", "Production",
				      "Archived" };

const char *mlflow_stage(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(stages); i++)
		if (!strcasecmp(stages[i], name))
			return stages[i];
	return NULL;
}

enum err_code mlflow_no_stage(const char *name, struct err *err)
{
	return err_set(err, ERR_USAGE,
		       "no stage %.40s: None, Staging, Production or Archived",
		       name);
}

bool mlflow_stage_is_held(const char *stage)
{
	return !strcmp(stage, "Staging") || !strcmp(stage, "Production");
}

/* Letters, digits, "_" and "-"; letters of other scripts too. "latest" and
 * "v12" mean versions. */
enum err_code mlflow_check_alias(const char *alias, struct err *err)
{
	const char *p;
	size_t n_digits;

	for (p = alias; *p; p++)
		if (!((unsigned char)*p >= 0x80 || *p == '_' || *p == '-' ||
		      (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') ||
		      (*p >= 'A' && *p <= 'Z')))
			break;
	if (!*alias || *p || p - alias > MAX_ALIAS_BYTES)
		return err_set(err, ERR_USAGE,
			       "alias '%.40s': expected letters, digits, _ "
			       "and - alone",
			       alias);
	n_digits = (*alias == 'v' || *alias == 'V')
			   ? strspn(alias + 1, "0123456789")
			   : 0;
	if (!strcasecmp(alias, "latest") || (n_digits && !alias[n_digits + 1]))
		return err_set(err, ERR_USAGE,
			       "the alias %.40s is reserved by MLflow", alias);
	return ERR_OK;
}

enum err_code mlflow_check_change(const struct registry_change *c,
				  struct err *err)
{
	size_t i;

	if (c->kind == CHANGE_STAGE) {
		if (!c->stage || !mlflow_stage(c->stage))
			return mlflow_no_stage(c->stage ? c->stage : "", err);
	} else if (mlflow_check_alias(c->alias, err)) {
		return err->code;
	}
	for (i = 0; i < c->n_tags; i++)
		if (strlen(c->tags[i].value) > MLFLOW_TAG_BYTES)
			return err_set(err, ERR_LIMIT,
				       "the tag %.60s is longer than %d bytes",
				       c->tags[i].name, MLFLOW_TAG_BYTES);
	return ERR_OK;
}

enum err_code mlflow_compare(const struct registry_change *c,
			     const struct registry_state *now, struct err *err)
{
	const char *holder =
		c->kind == CHANGE_STAGE ? now->stage_holder : now->holder;

	if (strcmp(now->fingerprint, c->fingerprint) != 0)
		return err_set(err, ERR_CONFLICT,
			       "another store stands at this place now");
	if (!now->has_model)
		return err_set(err, ERR_ABSENT, "no model %.100s", c->model);
	if (c->kind != CHANGE_ALIAS_REMOVE && !now->has_version)
		return err_set(err, ERR_ABSENT, "%.100s has no version %.20s",
			       c->model, c->version);
	if (strcmp(holder, c->expected_holder) != 0)
		return err_set(err, ERR_CONFLICT,
			       "%.60s is held by %.20s now, not by %.20s",
			       c->kind == CHANGE_STAGE ? c->stage : c->alias,
			       *holder ? holder : "nobody",
			       *c->expected_holder ? c->expected_holder
						   : "nobody");
	return ERR_OK;
}

void mlflow_describe_change(const struct registry_change *c, struct buf *out)
{
	const char *was = *c->expected_holder ? c->expected_holder : "nobody";
	size_t i;

	switch (c->kind) {
	case CHANGE_ALIAS:
		buf_addf(out, "alias %s of %s: %s -> %s\n", c->alias, c->model,
			 was, c->version);
		break;
	case CHANGE_ALIAS_REMOVE:
		buf_addf(out, "alias %s of %s: %s -> nobody\n", c->alias,
			 c->model, was);
		break;
	case CHANGE_STAGE:
		buf_addf(out, "stage of %s version %s -> %s\n", c->model,
			 c->version, c->stage);
		if (*c->expected_holder)
			buf_addf(out,
				 "stage of %s version %s and any other "
				 "there -> Archived\n",
				 c->model, c->expected_holder);
		break;
	}
	for (i = 0; i < c->n_tags; i++)
		buf_addf(out, "tag of %s version %s: %s = %s\n", c->model,
			 c->version, c->tags[i].name, c->tags[i].value);
}
