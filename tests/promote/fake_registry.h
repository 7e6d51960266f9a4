/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_TESTS_PROMOTE_FAKE_REGISTRY_H
#define MLTOWER_TESTS_PROMOTE_FAKE_REGISTRY_H

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "system/ops.h"

/* One model "m" with versions 1 to 9 and one alias, in memory that children
 * share. What it should do wrong is set in its fields. */
struct fake_registry {
	char holder[24], stages[10][24], tags[10][512], fingerprint[72];
	int n_looks, n_writes;
	/* Before this look (1 the first) somebody moves the alias here. */
	int move_at_look;
	char move_to[24];
	enum err_code look_fails; /* from look fail_from on */
	int fail_from;
	enum err_code write_fails;
	bool writes_anyway;        /* the failed one did take place */
	struct cancel *interrupts; /* somebody does, during the write */
};

static struct fake_registry *fake;

static inline void fake_make(void)
{
	fake = mmap(NULL, sizeof(*fake), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	BUG_ON(fake == MAP_FAILED);
	strcpy(fake->fingerprint, "here");
}

static inline void fake_remove(void)
{
	munmap(fake, sizeof(*fake));
}

static inline int fake_number(const char *version)
{
	return version[0] >= '1' && version[0] <= '9' && !version[1]
		       ? version[0] - '0'
		       : 0;
}

static inline void fake_stage_holder(const char *version, const char *stage,
				     char out[24])
{
	for (int i = 1; i <= 9; i++)
		if (i != fake_number(version) && *stage &&
		    !strcmp(fake->stages[i], stage))
			snprintf(out, 24, "%d", i);
}

static inline enum err_code fake_look(const struct source_conf *conf,
				      const char *model, const char *version,
				      const char *alias, const char *stage,
				      const struct cancel *stop,
				      struct registry_state *out,
				      struct err *err)
{
	int n = fake_number(version);

	(void)conf;
	(void)alias;
	memset(out, 0, sizeof(*out));
	if (++fake->n_looks == fake->move_at_look)
		strcpy(fake->holder, fake->move_to);
	if (cancel_is_due(stop))
		return err_set(err, ERR_STOP, "interrupted");
	if (fake->look_fails && fake->n_looks >= fake->fail_from)
		return err_set(err, fake->look_fails, "no answer");
	out->has_model = !strcmp(model, "m");
	out->has_version = n > 0;
	strcpy(out->holder, fake->holder);
	strcpy(out->stage, fake->stages[n]);
	fake_stage_holder(version, stage ? stage : "", out->stage_holder);
	strcpy(out->status, n == 9 ? "PENDING_REGISTRATION" : "READY");
	strcpy(out->promotion_tag, fake->tags[n]);
	strcpy(out->fingerprint, fake->fingerprint);
	return ERR_OK;
}

static inline void fake_describe(const struct source_conf *conf,
				 const struct registry_change *change,
				 struct buf *out)
{
	(void)conf;
	buf_addf(out, "%s -> v%s\n",
		 change->alias ? change->alias : change->stage,
		 change->version);
}

static inline void fake_apply(const struct registry_change *c)
{
	int n = fake_number(c->version);

	if (c->kind == CHANGE_STAGE) {
		for (int i = 1; i <= 9; i++)
			if (!strcmp(fake->stages[i], c->stage))
				strcpy(fake->stages[i], "Archived");
		strcpy(fake->stages[n], c->stage);
	} else {
		strcpy(fake->holder, c->version);
	}
	for (size_t i = 0; i < c->n_tags; i++)
		snprintf(fake->tags[n], sizeof(fake->tags[n]), "%s",
			 c->tags[i].value);
}

static inline enum err_code fake_write(const struct source_conf *conf,
				       const struct permit *permit,
				       const struct registry_change *c,
				       const struct cancel *stop,
				       struct err *err)
{
	(void)conf;
	(void)stop;
	BUG_ON(!permit);
	fake->n_writes++;
	if (fake->interrupts)
		atomic_store(&fake->interrupts->stop, true);
	if (!fake->write_fails || fake->writes_anyway)
		fake_apply(c);
	return fake->write_fails
		       ? err_set(err, fake->write_fails, "as the test wants it")
		       : ERR_OK;
}

static const struct registry_ops fake_ops = { .look = fake_look,
					      .describe = fake_describe,
					      .write = fake_write };
static const struct system_ops fake_system = { .registry = &fake_ops };

#endif
