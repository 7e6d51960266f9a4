/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "key_input.h"

#include <string.h>

#include "base/mem.h"
#include "ui/keys.h"

/* What terminals send in either cursor mode. All of xterm, screen, tmux, rxvt,
 * the Linux console and vt100 that mltower has a name for. */
static const struct {
	const char *bytes; /* after ESC */
	int key;
} sequences[] = {
	{ "[A", UI_KEY_UP },        { "[B", UI_KEY_DOWN },
	{ "[C", UI_KEY_RIGHT },     { "[D", UI_KEY_LEFT },
	{ "OA", UI_KEY_UP },        { "OB", UI_KEY_DOWN },
	{ "OC", UI_KEY_RIGHT },     { "OD", UI_KEY_LEFT },
	{ "[H", UI_KEY_HOME },      { "[F", UI_KEY_END },
	{ "OH", UI_KEY_HOME },      { "OF", UI_KEY_END },
	{ "[1~", UI_KEY_HOME },     { "[4~", UI_KEY_END },
	{ "[7~", UI_KEY_HOME },     { "[8~", UI_KEY_END },
	{ "[2~", UI_KEY_INSERT },   { "[3~", UI_KEY_DELETE },
	{ "[5~", UI_KEY_PGUP },     { "[6~", UI_KEY_PGDN },
	{ "[Z", UI_KEY_BACKTAB },   { "OM", UI_KEY_ENTER },
	{ "OP", UI_KEY_F1 },        { "OQ", UI_KEY_F1 + 1 },
	{ "OR", UI_KEY_F1 + 2 },    { "OS", UI_KEY_F1 + 3 },
	{ "[[A", UI_KEY_F1 },       { "[[B", UI_KEY_F1 + 1 },
	{ "[[C", UI_KEY_F1 + 2 },   { "[[D", UI_KEY_F1 + 3 },
	{ "[[E", UI_KEY_F1 + 4 },   { "[11~", UI_KEY_F1 },
	{ "[12~", UI_KEY_F1 + 1 },  { "[13~", UI_KEY_F1 + 2 },
	{ "[14~", UI_KEY_F1 + 3 },  { "[15~", UI_KEY_F1 + 4 },
	{ "[17~", UI_KEY_F1 + 5 },  { "[18~", UI_KEY_F1 + 6 },
	{ "[19~", UI_KEY_F1 + 7 },  { "[20~", UI_KEY_F1 + 8 },
	{ "[21~", UI_KEY_F1 + 9 },  { "[23~", UI_KEY_F1 + 10 },
	{ "[24~", UI_KEY_F1 + 11 },
};

/* A paste that stops without its end mark is over after this long. */
#define PASTE_MS 1000

#define PASTE_BEGIN "\033[200~"
#define PASTE_END   "\033[201~"

void key_input_add(struct key_input *in, const void *bytes, size_t len,
		   int64_t now_ms)
{
	len = MIN(len, sizeof(in->bytes) - in->n);
	memcpy(in->bytes + in->n, bytes, len);
	in->n += len;
	in->last_ms = now_ms;
}

static void drop(struct key_input *in, size_t n)
{
	memmove(in->bytes, in->bytes + n, in->n - n);
	in->n -= n;
}

static bool starts_with(const struct key_input *in, const char *s)
{
	size_t len = strlen(s);

	return in->n >= len && !memcmp(in->bytes, s, len);
}

/* Length of the control sequence at the start (ESC [ or ESC O), 0 while it is
 * not whole. */
static size_t sequence_len(const struct key_input *in)
{
	if (in->n < 3)
		return 0;
	if (in->bytes[1] == 'O')
		return 3;
	if (in->bytes[2] == '[') /* Linux console: ESC [ [ A */
		return in->n >= 4 ? 4 : 0;
	for (size_t i = 2; i < in->n; i++)
		if (in->bytes[i] >= 0x40 && in->bytes[i] <= 0x7e)
			return i + 1;
	return 0;
}

static int known_sequence(const struct key_input *in, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(sequences); i++)
		if (strlen(sequences[i].bytes) == len - 1 &&
		    !memcmp(sequences[i].bytes, in->bytes + 1, len - 1))
			return sequences[i].key;
	return -1;
}

/* Text between the marks is thrown away: a paste never types into a dialog. */
static int skip_paste(struct key_input *in)
{
	while (in->n && !starts_with(in, PASTE_END)) {
		if (in->bytes[0] == 27 && in->n < sizeof(PASTE_END) - 1)
			return -1; /* perhaps the mark's beginning */
		drop(in, 1);
	}
	if (!in->n)
		return -1;
	drop(in, sizeof(PASTE_END) - 1);
	in->in_paste = false;
	return UI_KEY_PASTE;
}

static int escape(struct key_input *in, int64_t now_ms)
{
	bool is_due = now_ms - in->last_ms >= KEY_ESCAPE_MS;
	size_t len;
	int key;

	if (in->n == 1 || (in->bytes[1] != '[' && in->bytes[1] != 'O')) {
		if (in->n == 1 && !is_due)
			return -1;
		drop(in, 1);
		return UI_KEY_ESC;
	}
	if (starts_with(in, PASTE_BEGIN)) {
		drop(in, sizeof(PASTE_BEGIN) - 1);
		in->in_paste = true;
		return key_input_next(in, now_ms);
	}
	len = sequence_len(in);
	if (!len) {
		if (!is_due && in->n < 32)
			return -1;
		/* Half a sequence is no Escape, which would cancel what
		 * somebody is at. */
		drop(in, in->n);
		return -1;
	}
	key = known_sequence(in, len);
	drop(in, len);
	/* An unknown sequence is no key, and no text either. */
	return key >= 0 ? key : key_input_next(in, now_ms);
}

/* What is no UTF-8 is no key. */
static int character(struct key_input *in, int64_t now_ms)
{
	unsigned char c = in->bytes[0];
	size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	int key = c < 0x80 ? c : c & (0xff >> (len + 1));

	if (c >= 0x80 && (c < 0xc2 || c > 0xf4)) {
		drop(in, 1);
		return key_input_next(in, now_ms);
	}
	if (in->n < len)
		return -1;
	for (size_t i = 1; i < len; i++) {
		if ((in->bytes[i] & 0xc0) != 0x80) {
			drop(in, i);
			return key_input_next(in, now_ms);
		}
		key = key << 6 | (in->bytes[i] & 0x3f);
	}
	drop(in, len);
	if (key == '\n')
		return UI_KEY_ENTER;
	return key == 8 ? UI_KEY_BACKSPACE : key;
}

int key_input_next(struct key_input *in, int64_t now_ms)
{
	if (!in->n)
		return -1;
	if (in->in_paste && now_ms - in->last_ms < PASTE_MS)
		return skip_paste(in);
	in->in_paste = false; /* its end never came */
	if (in->bytes[0] == 27)
		return escape(in, now_ms);
	return character(in, now_ms);
}

int64_t key_input_due_ms(const struct key_input *in)
{
	return in->n && in->bytes[0] == 27 && !in->in_paste
		       ? in->last_ms + KEY_ESCAPE_MS
		       : -1;
}
