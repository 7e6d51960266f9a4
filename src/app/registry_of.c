/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/registry_of.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

static const struct config_source *find(const struct config *c,
					const char *source)
{
	if (!*source)
		return c->n_sources == 1 ? &c->sources[0] : NULL;
	for (size_t i = 0; i < c->n_sources; i++)
		if (!strcmp(c->sources[i].name, source))
			return &c->sources[i];
	return NULL;
}

struct source_conf source_conf_of(const struct config_source *s)
{
	return (struct source_conf){ .name = s->name,
				     .where = s->where,
				     .poll_ms = s->poll_ms,
				     .token_command = s->token_command,
				     .token_file = s->token_file };
}

const struct system_ops *system_of(const struct config *c, const char *source,
				   struct source_conf *conf)
{
	const struct config_source *s = find(c, source);
	struct err err = { 0 };

	if (!s)
		return NULL;
	*conf = source_conf_of(s);
	return system_find(s->where, s->kind, &err);
}

/* A server that hangs is not waited for by what watches all the others. */
#define LOOK_MS 3000

/* The alias may be NULL. */
static bool look(const struct config *c, const char *source, const char *model,
		 const char *alias, const struct cancel *stop,
		 struct registry_state *now)
{
	const struct cancel soon = {
		.deadline_mono_ms = clock_mono_ms() + LOOK_MS,
		.whole = stop,
	};
	struct source_conf conf;
	struct err err = { 0 };
	const struct system_ops *ops = system_of(c, source, &conf);

	return ops && ops->registry &&
	       !ops->registry->look(&conf, model, "", alias, NULL, &soon, now,
				    &err);
}

bool registry_of_holder(const struct config *c, const char *source,
			const char *model, const char *alias,
			const struct cancel *stop, char out[24])
{
	struct registry_state now;

	if (!look(c, source, model, alias, stop, &now))
		return false;
	snprintf(out, 24, "%s", now.holder);
	return true;
}

bool registry_of_newest(const struct config *c, const char *source,
			const char *model, const struct cancel *stop,
			char out[24])
{
	struct registry_state now;

	if (!look(c, source, model, NULL, stop, &now))
		return false;
	snprintf(out, 24, "%s", now.newest);
	return true;
}
