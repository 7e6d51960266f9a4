/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>

#include "app_internal.h"
#include "base/mem.h"
#include "io/gate.h"
#include "state_worker.h"
#include "store/typed.h"
#include "store/views.h"

/* What somebody at the screen wants to have again: written on the state
 * folder's thread, told by the next read of it. */
struct kept {
	struct arena arena;
	struct run_view view;
	const char *kind, *text;
};

static void kept_free(void *p)
{
	struct kept *k = p;

	arena_release(&k->arena);
	free(k);
}

static enum err_code save_view(struct state *s, void *p, struct err *err)
{
	return views_save(s, &((struct kept *)p)->view, err);
}

static enum err_code forget_view(struct state *s, void *p, struct err *err)
{
	return views_forget(s, ((struct kept *)p)->text, err);
}

static enum err_code add_typed(struct state *s, void *p, struct err *err)
{
	struct kept *k = p;

	return typed_add(s, k->kind, k->text, err);
}

void app_save_view(struct app *app, const struct run_view *v)
{
	struct kept *k = xcalloc(1, sizeof(*k));

	k->view = run_view_copy(v, &k->arena);
	state_worker_write(app->state, save_view, k, kept_free);
}

void app_forget_view(struct app *app, const char *name)
{
	struct kept *k = xcalloc(1, sizeof(*k));

	k->text = arena_strdup(&k->arena, name);
	state_worker_write(app->state, forget_view, k, kept_free);
}

void app_keep_typed(struct app *app, const char *kind, const char *text)
{
	struct kept *k;

	if (gate_is_closed(GATE_STATE))
		return;
	k = xcalloc(1, sizeof(*k));
	k->kind = arena_strdup(&k->arena, kind);
	k->text = arena_strdup(&k->arena, text);
	state_worker_write(app->state, add_typed, k, kept_free);
}
