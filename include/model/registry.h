/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_REGISTRY_H
#define MLTOWER_MODEL_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/batch.h"

/* The registries as they stand, one whole per source. */
struct registry;

struct reg_entry {
	uint16_t source;
	const struct model_facts *model;
};

struct registry *registry_new(void);
void registry_free(struct registry *reg);
/* Takes a copy of the batch's models where it has them. True if anything is
 * different from before. */
bool registry_apply(struct registry *reg, const struct batch *b);
void registry_forget_source(struct registry *reg, uint16_t source);
/* Was the source's registry read at least once? */
bool registry_has_source(const struct registry *reg, uint16_t source);
/* All models, by source, then name. Valid until the next apply. */
size_t registry_count(const struct registry *reg);
const struct reg_entry *registry_at(const struct registry *reg, size_t i);
/* source < 0: any. ERR_ABSENT, ERR_MANY. */
enum err_code registry_find(const struct registry *reg, int source,
			    const char *name, const struct reg_entry **out,
			    struct err *err);
/* "14", "v14", "@alias" or "models:/NAME/14" (NAME must be the model's). */
enum err_code registry_version(const struct model_facts *m, const char *text,
			       const struct version_facts **out,
			       struct err *err);
/* NULL where nobody holds it. */
const struct version_facts *registry_holder(const struct model_facts *m,
					    const char *alias);
/* The challenger: holder of `next` if the alias exists, else the newest
 * version that is not the champion's; NULL if none. */
const struct version_facts *registry_challenger(const struct model_facts *m,
						const char *serving,
						const char *next);

#endif
