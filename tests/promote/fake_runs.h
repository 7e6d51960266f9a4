/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_TESTS_PROMOTE_FAKE_RUNS_H
#define MLTOWER_TESTS_PROMOTE_FAKE_RUNS_H

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cancel.h"
#include "base/mem.h"
#include "system/ops.h"

/* Runs "r0" to "r2", each with one value whatever is asked for, in memory that
 * children share. What it should do wrong is set in its fields. */
#define N_FAKE_RUNS 3

struct fake_runs {
	char values[N_FAKE_RUNS][9000]; /* "" none */
	bool is_deleted[N_FAKE_RUNS];
	bool is_gone[N_FAKE_RUNS];
	char fingerprint[FINGERPRINT_MAX];
	int n_looks, n_writes;
	int move_at_look; /* before this one (1 the first) r1 is "theirs" */
	enum err_code look_fails, write_fails;
	bool writes_anyway; /* the failed one did take place */
	bool dies_before, dies_after;
};

static struct fake_runs *fake;

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

static inline enum err_code fake_look(const struct source_conf *conf,
				      struct run_change *c, struct arena *a,
				      const struct cancel *stop,
				      struct err *err)
{
	(void)conf;
	(void)stop;
	if (++fake->n_looks == fake->move_at_look)
		strcpy(fake->values[1], "theirs");
	if (fake->look_fails)
		return err_set(err, fake->look_fails, "no answer");
	c->fingerprint = arena_strdup(a, fake->fingerprint);
	for (size_t i = 0; i < c->n; i++) {
		struct run_edit *e = &c->edits[i];
		int at = e->run_id[1] - '0';

		if (at < 0 || at >= N_FAKE_RUNS || fake->is_gone[at])
			return err_set(err, ERR_ABSENT, "no run %s", e->run_id);
		e->is_deleted = fake->is_deleted[at];
		e->was = *fake->values[at] ? arena_strdup(a, fake->values[at])
					   : NULL;
		if (e->field == RUN_FIELD_LIFECYCLE)
			e->was = e->is_deleted ? "deleted" : "active";
	}
	return ERR_OK;
}

static inline void fake_describe(const struct source_conf *conf,
				 const struct run_change *c, struct buf *out)
{
	(void)conf;
	buf_addf(out, "%zu values\n", c->n);
}

static inline void fake_apply(const struct run_change *c)
{
	for (size_t i = 0; i < c->n; i++) {
		int at = c->edits[i].run_id[1] - '0';

		if (c->edits[i].field == RUN_FIELD_LIFECYCLE)
			fake->is_deleted[at] =
				!strcmp(c->edits[i].then, "deleted");
		else
			strcpy(fake->values[at],
			       c->edits[i].then ? c->edits[i].then : "");
	}
}

static inline enum err_code fake_write(const struct source_conf *conf,
				       const struct permit *permit,
				       const struct run_change *c,
				       const struct cancel *stop,
				       struct err *err)
{
	(void)conf;
	(void)stop;
	BUG_ON(!permit);
	fake->n_writes++;
	if (fake->dies_before)
		raise(SIGKILL);
	if (!fake->write_fails || fake->writes_anyway)
		fake_apply(c);
	if (fake->dies_after)
		raise(SIGKILL);
	return fake->write_fails
		       ? err_set(err, fake->write_fails, "as the test wants it")
		       : ERR_OK;
}

static const struct run_ops fake_ops = { fake_look, fake_describe, fake_write };
static const struct system_ops fake_system = { .runs = &fake_ops };

#endif
