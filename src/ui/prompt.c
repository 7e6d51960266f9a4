/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "prompt.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ui/keys.h"

void prompt_init(struct prompt *p)
{
	memset(p, 0, sizeof(*p));
	p->text.max = PROMPT_MAX;
}

static void forget_words(struct prompt *p)
{
	p->words = NULL;
	p->n_words = 0;
	p->is_cycling = false;
	arena_clear(&p->words_arena);
}

void prompt_release(struct prompt *p)
{
	for (size_t k = 0; k < N_PROMPTS; k++)
		for (size_t i = 0; i < p->n_history[k]; i++)
			free(p->history[k][i]);
	buf_release(&p->text);
	free(p->typed);
	arena_release(&p->words_arena);
}

const char *prompt_text(const struct prompt *p)
{
	return buf_str(&p->text);
}

static void set_text(struct prompt *p, const char *text)
{
	buf_clear(&p->text);
	buf_adds(&p->text, text);
	p->cursor = p->text.len;
}

void prompt_open(struct prompt *p, enum prompt_kind kind, const char *label,
		 const char *text, prompt_complete *complete, void *ctx)
{
	p->is_open = true;
	p->kind = kind;
	p->label = label;
	p->complete = complete;
	p->complete_ctx = ctx;
	p->at_history = p->n_history[kind];
	forget_words(p);
	set_text(p, text);
}

static void remember(struct prompt *p, enum prompt_kind kind, const char *line)
{
	char **all = p->history[kind];
	size_t *n = &p->n_history[kind];

	if (!*line || (*n && !strcmp(all[*n - 1], line)))
		return;
	if (*n == PROMPT_MAX_HISTORY) {
		free(all[0]);
		memmove(all, all + 1, (*n - 1) * sizeof(*all));
		(*n)--;
	}
	all[(*n)++] = xstrdup(line);
}

void prompt_put_earlier(struct prompt *p, enum prompt_kind kind,
			const char *const *lines, size_t n)
{
	char *own[PROMPT_MAX_HISTORY];
	size_t n_own = p->n_history[kind];

	p->has_earlier[kind] = true;
	memcpy(own, p->history[kind], n_own * sizeof(*own));
	p->n_history[kind] = 0;
	for (size_t i = 0; i < n; i++)
		remember(p, kind, lines[i]);
	for (size_t i = 0; i < n_own; i++) {
		remember(p, kind, own[i]);
		free(own[i]);
	}
}

void prompt_remember(struct prompt *p)
{
	remember(p, p->kind, prompt_text(p));
	p->at_history = p->n_history[p->kind];
}

void prompt_close(struct prompt *p)
{
	p->is_open = false;
	forget_words(p);
}

static void replace(struct prompt *p, size_t from, size_t to, const char *with)
{
	char *tail = xstrdup(prompt_text(p) + to);

	p->text.len = from;
	buf_adds(&p->text, with);
	p->cursor = p->text.len;
	buf_adds(&p->text, tail);
	if (!p->text.len)
		buf_clear(&p->text);
	free(tail);
}

static size_t before(const struct prompt *p)
{
	const char *s = prompt_text(p);
	size_t at = p->cursor;

	while (at > 0 && ((unsigned char)s[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t after(const struct prompt *p)
{
	const char *s = prompt_text(p);
	size_t at = p->cursor;

	if (at < p->text.len)
		at++;
	while (at < p->text.len && ((unsigned char)s[at] & 0xc0) == 0x80)
		at++;
	return at;
}

static size_t word_before(const struct prompt *p)
{
	const char *s = prompt_text(p);
	size_t at = p->cursor;

	while (at > 0 && s[at - 1] == ' ')
		at--;
	while (at > 0 && s[at - 1] != ' ')
		at--;
	return at;
}

static enum prompt_result erase(struct prompt *p, size_t from, size_t to)
{
	if (from == to)
		return PROMPT_SAME;
	replace(p, from, to, "");
	p->cursor = from;
	forget_words(p);
	return PROMPT_CHANGED;
}

static enum prompt_result type(struct prompt *p, int key)
{
	char utf8[8];
	size_t len = key_utf8(key, utf8);

	if (!len || p->text.len + len > PROMPT_MAX)
		return PROMPT_SAME;
	replace(p, p->cursor, p->cursor, utf8);
	forget_words(p);
	return PROMPT_CHANGED;
}

/* What was typed before the history was entered. */
static const char *typed(struct prompt *p)
{
	if (p->at_history == p->n_history[p->kind]) {
		free(p->typed);
		p->typed = xstrdup(prompt_text(p));
	}
	return p->typed;
}

static enum prompt_result go_to(struct prompt *p, size_t at)
{
	p->at_history = at;
	set_text(p, at == p->n_history[p->kind] ? p->typed
						: p->history[p->kind][at]);
	forget_words(p);
	return PROMPT_CHANGED;
}

static enum prompt_result history(struct prompt *p, int by)
{
	size_t n = p->n_history[p->kind];

	if ((by < 0 && !p->at_history) || (by > 0 && p->at_history >= n))
		return PROMPT_SAME;
	typed(p);
	return go_to(p, p->at_history + (size_t)by);
}

/* The next older line that has in it what was typed. */
static enum prompt_result search(struct prompt *p)
{
	const char *wanted = typed(p);

	for (size_t i = p->at_history; i-- > 0;)
		if (strstr(p->history[p->kind][i], wanted))
			return go_to(p, i);
	return PROMPT_SAME;
}

/* The longest beginning that all candidates share. */
static size_t shared(const struct prompt *p)
{
	size_t len = strlen(p->words[0]);

	for (size_t i = 1; i < p->n_words; i++) {
		size_t k = 0;

		while (k < len && p->words[i][k] == p->words[0][k])
			k++;
		len = k;
	}
	return len;
}

static enum prompt_result cycle(struct prompt *p, int by)
{
	size_t n = p->n_words;

	if (p->word == n)
		p->word = by > 0 ? 0 : n - 1;
	else
		p->word = (p->word + n + (size_t)by) % n;
	replace(p, p->word_start, p->cursor, p->words[p->word]);
	return PROMPT_CHANGED;
}

static void look_up(struct prompt *p)
{
	forget_words(p);
	p->n_words = p->complete(p->complete_ctx, prompt_text(p), p->cursor,
				 &p->word_start, &p->words_arena, &p->words);
	p->word = p->n_words;
}

void prompt_offer(struct prompt *p)
{
	look_up(p);
	p->is_cycling = p->n_words;
}

/* As a shell does: the first Tab completes what is sure and shows what is
 * not, further ones go round. */
static enum prompt_result complete(struct prompt *p, int by)
{
	size_t typed, len;

	if (!p->complete)
		return PROMPT_SAME;
	if (p->is_cycling)
		return cycle(p, by);
	look_up(p);
	if (!p->n_words)
		return PROMPT_SAME;
	typed = p->cursor - p->word_start;
	len = shared(p);
	if (len > typed)
		replace(p, p->word_start, p->cursor,
			arena_strndup(&p->words_arena, p->words[0], len));
	p->is_cycling = p->n_words > 1;
	if (!p->is_cycling)
		forget_words(p);
	return len > typed ? PROMPT_CHANGED : PROMPT_SAME;
}

enum prompt_result prompt_key(struct prompt *p, int key)
{
	switch (key) {
	case UI_KEY_ENTER:
		return PROMPT_DONE;
	case UI_KEY_ESC:
	case KEY_CTRL('c'):
	case KEY_CTRL('g'):
		return PROMPT_CANCEL;
	case UI_KEY_BACKSPACE:
		if (!p->text.len)
			return PROMPT_CANCEL;
		return erase(p, before(p), p->cursor);
	case UI_KEY_DELETE:
		return erase(p, p->cursor, after(p));
	case KEY_CTRL('u'):
		return erase(p, 0, p->cursor);
	case KEY_CTRL('k'):
		return erase(p, p->cursor, p->text.len);
	case KEY_CTRL('w'):
		return erase(p, word_before(p), p->cursor);
	case UI_KEY_LEFT:
		p->cursor = before(p);
		return PROMPT_SAME;
	case UI_KEY_RIGHT:
		p->cursor = after(p);
		return PROMPT_SAME;
	case UI_KEY_HOME:
		p->cursor = 0;
		return PROMPT_SAME;
	case UI_KEY_END:
	case KEY_CTRL('e'):
		p->cursor = p->text.len;
		return PROMPT_SAME;
	case UI_KEY_UP:
	case KEY_CTRL('p'):
		return history(p, -1);
	case UI_KEY_DOWN:
	case KEY_CTRL('n'):
		return history(p, 1);
	case KEY_CTRL('r'):
		return search(p);
	case UI_KEY_TAB:
		return complete(p, 1);
	case UI_KEY_BACKTAB:
		return complete(p, -1);
	default:
		return type(p, key);
	}
}
