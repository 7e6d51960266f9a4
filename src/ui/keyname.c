/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/keys.h"

static const struct {
	const char *name;
	int key;
} names[] = {
	{ "tab", UI_KEY_TAB },         { "enter", UI_KEY_ENTER },
	{ "esc", UI_KEY_ESC },         { "space", UI_KEY_SPACE },
	{ "up", UI_KEY_UP },           { "down", UI_KEY_DOWN },
	{ "left", UI_KEY_LEFT },       { "right", UI_KEY_RIGHT },
	{ "home", UI_KEY_HOME },       { "end", UI_KEY_END },
	{ "pgup", UI_KEY_PGUP },       { "pgdn", UI_KEY_PGDN },
	{ "delete", UI_KEY_DELETE },   { "insert", UI_KEY_INSERT },
	{ "backtab", UI_KEY_BACKTAB }, { "backspace", UI_KEY_BACKSPACE },
};

/* The character of a UTF-8 string that holds just one; -1 else. */
static int one_character(const char *s)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t len = strlen(s);

	if (!text_is_utf8(s, len))
		return -1;
	if (len == 1)
		return u[0];
	if (len == 2 && u[0] >= 0xc0)
		return (u[0] & 0x1f) << 6 | (u[1] & 0x3f);
	if (len == 3 && u[0] >= 0xe0)
		return (u[0] & 0x0f) << 12 | (u[1] & 0x3f) << 6 | (u[2] & 0x3f);
	if (len == 4 && u[0] >= 0xf0)
		return (u[0] & 0x07) << 18 | (u[1] & 0x3f) << 12 |
		       (u[2] & 0x3f) << 6 | (u[3] & 0x3f);
	return -1;
}

int ui_key_parse(const char *name)
{
	char rest;
	int n;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!strcmp(names[i].name, name))
			return names[i].key;
	if (!strncmp(name, "ctrl-", 5) && name[5] >= 'a' && name[5] <= 'z' &&
	    !name[6])
		return KEY_CTRL(name[5]);
	if (sscanf(name, "f%d%c", &n, &rest) == 1 && n >= 1 && n <= 12)
		return UI_KEY_F1 + n - 1;
	return one_character(name);
}

size_t key_utf8(int key, char out[8])
{
	unsigned c = (unsigned)key;
	size_t n = 0;

	if (key < ' ' || key == UI_KEY_BACKSPACE || key >= 0x110000 ||
	    (key >= 0x80 && key < 0xa0))
		return 0;
	if (c < 0x80) {
		out[n++] = (char)c;
	} else if (c < 0x800) {
		out[n++] = (char)(0xc0 | c >> 6);
	} else if (c < 0x10000) {
		out[n++] = (char)(0xe0 | c >> 12);
		out[n++] = (char)(0x80 | (c >> 6 & 0x3f));
	} else {
		out[n++] = (char)(0xf0 | c >> 18);
		out[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		out[n++] = (char)(0x80 | (c >> 6 & 0x3f));
	}
	if (c >= 0x80)
		out[n++] = (char)(0x80 | (c & 0x3f));
	out[n] = 0;
	return n;
}

const char *ui_key_name(int key)
{
	static char room[16];

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].key == key)
			return names[i].name;
	if (key > 0 && key < ' ')
		snprintf(room, sizeof(room), "ctrl-%c", key + 'a' - 1);
	else if (key >= UI_KEY_F1 && key <= UI_KEY_F12)
		snprintf(room, sizeof(room), "f%d", key - UI_KEY_F1 + 1);
	else if (!key_utf8(key, room))
		return "";
	return room;
}
