/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_PROMPT_H
#define MLTOWER_UI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"

/* One line that is typed, with a history for each kind and completion. */
enum prompt_kind {
	PROMPT_COMMAND,
	PROMPT_FILTER, /* of runs */
	PROMPT_SEARCH, /* in any other list */
	PROMPT_ARG,
	N_PROMPTS
};

enum prompt_result {
	PROMPT_SAME,    /* nothing that matters */
	PROMPT_CHANGED, /* the text changed: preview it */
	PROMPT_DONE,    /* Enter */
	PROMPT_CANCEL,  /* Escape, or backspace over nothing */
};

/* What may stand in place of the word that begins at *start of the text; the
 * words in the arena. */
typedef size_t prompt_complete(void *ctx, const char *text, size_t cursor,
			       size_t *start, struct arena *a,
			       const char ***words);

#define PROMPT_MAX         4000
#define PROMPT_MAX_HISTORY 50

struct prompt {
	bool is_open;
	enum prompt_kind kind;
	const char *label; /* outlives the prompt: "/", ":", "metric" */
	struct buf text;
	size_t cursor; /* bytes */
	char *history[N_PROMPTS][PROMPT_MAX_HISTORY];
	size_t n_history[N_PROMPTS], at_history;
	bool has_earlier[N_PROMPTS]; /* prompt_put_earlier() was called */
	char *typed; /* what was there before the history was entered */
	prompt_complete *complete;
	void *complete_ctx;
	struct arena words_arena;
	const char **words; /* candidates now shown */
	size_t n_words, word_start;
	size_t word; /* the one taken; n_words: none yet */
	bool is_cycling;
};

void prompt_init(struct prompt *p);
void prompt_release(struct prompt *p);
void prompt_open(struct prompt *p, enum prompt_kind kind, const char *label,
		 const char *text, prompt_complete *complete, void *ctx);
/* Puts the line into the history, where the prompt stays open. */
void prompt_remember(struct prompt *p);
void prompt_close(struct prompt *p);
/* Lines of earlier sessions, oldest first, before those of this one. Once for
 * each kind, while the prompt is closed. */
void prompt_put_earlier(struct prompt *p, enum prompt_kind kind,
			const char *const *lines, size_t n);
/* Shows what Tab would offer, and takes nothing of it yet. */
void prompt_offer(struct prompt *p);
/* A key by its ui/keys.h code. */
enum prompt_result prompt_key(struct prompt *p, int key);
const char *prompt_text(const struct prompt *p);

#endif
