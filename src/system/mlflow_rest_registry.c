/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The registry behind an MLflow server, looked at and written. The server
 * compares nothing: what stands there is read just before, and again when the
 * write is a moment old. No request that changes something is sent twice. */
#include "config.h"

#include "mlflow_rest.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* In which somebody else's write may come upon ours. */
#define MOMENT_MS 100
/* In which a server may still come to what it did not answer. */
#define PATIENCE_MS 500

/* A client for one look or one change. */
struct at {
	struct http *http;
	const struct source_conf *conf;
	const struct permit *permit;
	const struct cancel *stop;
};

/* ---- looking ------------------------------------------------------------- */

/* *has false where there is no such thing; *answer is then NULL. */
static enum err_code get(const struct at *at, const struct buf *path,
			 struct json **answer, bool *has, struct err *err)
{
	*has = !mlflow_rest_get(at->http, buf_str(path), at->stop, answer, err);
	if (err->code == ERR_ABSENT)
		err_clear(err);
	return err->code;
}

static void take_holder(const struct model_facts *m, const char *alias,
			struct registry_state *out)
{
	for (size_t i = 0; i < m->n_aliases; i++)
		if (!strcmp(m->aliases[i].alias, alias))
			snprintf(out->holder, sizeof(out->holder), "%s",
				 m->aliases[i].version);
}

static bool is_higher(const char *version, const char *than)
{
	size_t a = strlen(version), b = strlen(than);

	return a != b ? a > b : strcmp(version, than) > 0;
}

/* The newest version of each stage is named; the highest of them is the newest
 * of all. */
static void take_latest(const struct json *model, const char *version,
			const char *stage, struct arena *a,
			struct registry_state *out)
{
	const struct json *v = json_child(json_get(model, "latest_versions"));
	struct version_facts facts;
	const char *name;

	for (; v; v = json_next(v)) {
		if (!mlflow_json_version(v, a, &name, &facts))
			continue;
		if (is_higher(facts.version, out->newest))
			snprintf(out->newest, sizeof(out->newest), "%s",
				 facts.version);
		if (stage && !strcmp(facts.stage, stage) &&
		    strcmp(facts.version, version) != 0)
			snprintf(out->stage_holder, sizeof(out->stage_holder),
				 "%s", facts.version);
	}
}

static enum err_code look_at_model(const struct at *at, const char *model,
				   const char *version, const char *alias,
				   const char *stage, struct arena *a,
				   struct registry_state *out, struct err *err)
{
	struct buf path = BUF_INIT(0);
	const struct json *found;
	struct model_facts facts;
	struct json *answer;

	buf_adds(&path, "registered-models/get");
	http_add_query(&path, "name", model);
	if (!get(at, &path, &answer, &out->has_model, err) && out->has_model) {
		found = json_get(answer, "registered_model");
		if (mlflow_json_model(found, a, &facts) && alias)
			take_holder(&facts, alias, out);
		take_latest(found, version, stage, a, out);
	}
	json_free(answer);
	buf_release(&path);
	return err->code;
}

static void take_version(const struct version_facts *v,
			 struct registry_state *out)
{
	snprintf(out->stage, sizeof(out->stage), "%s", v->stage);
	snprintf(out->run_id, sizeof(out->run_id), "%s", v->run_id);
	snprintf(out->status, sizeof(out->status), "%s", v->status);
	for (size_t i = 0; i < v->n_tags; i++)
		if (!strcmp(v->tags[i].name, MLFLOW_PROMOTION_TAG))
			snprintf(out->promotion_tag, sizeof(out->promotion_tag),
				 "%s", v->tags[i].value);
}

static enum err_code look_at_version(const struct at *at, const char *model,
				     const char *version, struct arena *a,
				     struct registry_state *out,
				     struct err *err)
{
	struct buf path = BUF_INIT(0);
	struct version_facts facts;
	struct json *answer = NULL;
	const char *name;

	buf_adds(&path, "model-versions/get");
	http_add_query(&path, "name", model);
	http_add_query(&path, "version", version);
	if (!get(at, &path, &answer, &out->has_version, err) &&
	    out->has_version) {
		out->has_version = mlflow_json_version(
			json_get(answer, "model_version"), a, &name, &facts);
		if (out->has_version)
			take_version(&facts, out);
	}
	json_free(answer);
	buf_release(&path);
	return err->code;
}

static enum err_code look_at(const struct at *at, const char *model,
			     const char *version, const char *alias,
			     const char *stage, struct registry_state *out,
			     struct err *err)
{
	const char *canonical = stage ? mlflow_stage(stage) : NULL;
	struct arena arena = ARENA_INIT;

	*out = (struct registry_state){ 0 };
	if (stage && !canonical)
		return mlflow_no_stage(stage, err);
	if (!mlflow_rest_fingerprint(at->http, at->conf, at->stop,
				     out->fingerprint, err) &&
	    !look_at_model(at, model, version, alias, canonical, &arena, out,
			   err) &&
	    *version && out->has_model)
		look_at_version(at, model, version, &arena, out, err);
	arena_release(&arena);
	return err->code;
}

static enum err_code rest_look(const struct source_conf *conf,
			       const char *model, const char *version,
			       const char *alias, const char *stage,
			       const struct cancel *stop,
			       struct registry_state *out, struct err *err)
{
	struct at at = { .conf = conf, .stop = stop };

	*out = (struct registry_state){ 0 };
	if ((alias && mlflow_check_alias(alias, err)) ||
	    mlflow_rest_connect(conf, &at.http, err))
		return err->code;
	look_at(&at, model, version, alias, stage, out, err);
	http_free(at.http);
	return err->code;
}

/* ---- what would be sent -------------------------------------------------- */

static void rest_describe(const struct source_conf *conf,
			  const struct registry_change *c, struct buf *out)
{
	struct arena arena = ARENA_INIT;

	buf_addf(out, "%s to %s\n",
		 c->n_tags ? "requests, one after another," : "a request",
		 mlflow_rest_url(conf, &arena));
	mlflow_describe_change(c, out);
	arena_release(&arena);
}

/* ---- writing ------------------------------------------------------------- */

static enum err_code send(const struct at *at, const char *method,
			  const char *path, struct json_out *o, struct err *err)
{
	jo_end_object(o);
	return mlflow_rest_change(at->http, at->permit, method, path,
				  buf_str(o->buf), at->stop, err);
}

static enum err_code send_holder(const struct at *at,
				 const struct registry_change *c,
				 struct err *err)
{
	bool is_removal = c->kind == CHANGE_ALIAS_REMOVE;
	struct buf body = BUF_INIT(0);
	struct json_out o = JSON_OUT(&body);

	jo_object(&o);
	jo_kstr(&o, "name", c->model);
	if (!is_removal)
		jo_kstr(&o, "version", c->version);
	if (c->kind == CHANGE_STAGE) {
		jo_kstr(&o, "stage", mlflow_stage(c->stage));
		jo_kbool(&o, "archive_existing_versions",
			 mlflow_stage_is_held(mlflow_stage(c->stage)));
		send(at, "POST", "model-versions/transition-stage", &o, err);
	} else {
		jo_kstr(&o, "alias", c->alias);
		send(at, is_removal ? "DELETE" : "POST",
		     "registered-models/alias", &o, err);
	}
	buf_release(&body);
	return err->code;
}

static enum err_code send_tag(const struct at *at,
			      const struct registry_change *c,
			      const struct name_value *tag, struct err *err)
{
	struct buf body = BUF_INIT(0);
	struct json_out o = JSON_OUT(&body);

	jo_object(&o);
	jo_kstr(&o, "name", c->model);
	jo_kstr(&o, "version", c->version);
	jo_kstr(&o, "key", tag->name);
	jo_kstr(&o, "value", tag->value);
	send(at, "POST", "model-versions/set-tag", &o, err);
	buf_release(&body);
	return err->code;
}

/* What was written in part is told by looking. */
static enum err_code change(const struct at *at,
			    const struct registry_change *c, struct err *err)
{
	if (send_holder(at, c, err))
		return err->code;
	for (size_t i = 0; i < c->n_tags; i++) {
		if (!send_tag(at, c, &c->tags[i], err))
			continue;
		err_prefix(err, "the tag %.40s", c->tags[i].name);
		return err->code = ERR_UNKNOWN;
	}
	return ERR_OK;
}

static enum err_code rest_write(const struct source_conf *conf,
				const struct permit *permit,
				const struct registry_change *c,
				const struct cancel *stop, struct err *err)
{
	struct at at = { .conf = conf, .permit = permit, .stop = stop };
	struct registry_state now;

	if (mlflow_check_change(c, err) ||
	    mlflow_rest_connect(conf, &at.http, err))
		return err->code;
	if (!look_at(&at, c->model, c->version, c->alias, c->stage, &now,
		     err) &&
	    !mlflow_compare(c, &now, err)) {
		change(&at, c, err);
		if (!err->code || err->code == ERR_UNKNOWN)
			poll(NULL, 0, err->code ? PATIENCE_MS : MOMENT_MS);
	}
	http_free(at.http);
	return err->code;
}

const struct registry_ops mlflow_rest_registry = {
	.look = rest_look,
	.describe = rest_describe,
	.write = rest_write,
	.is_stepwise = true,
};
