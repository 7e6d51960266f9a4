/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_KEYS_H
#define MLTOWER_UI_KEYS_H

#include <stddef.h>

/* A key is a Unicode character, a control character, or one of these. */
enum {
	UI_KEY_TAB = '\t',
	UI_KEY_ENTER = '\r',
	UI_KEY_ESC = 27,
	UI_KEY_SPACE = ' ',
	UI_KEY_BACKSPACE = 127,
	UI_KEY_UP = 0x200000,
	UI_KEY_DOWN,
	UI_KEY_LEFT,
	UI_KEY_RIGHT,
	UI_KEY_HOME,
	UI_KEY_END,
	UI_KEY_PGUP,
	UI_KEY_PGDN,
	UI_KEY_DELETE,
	UI_KEY_INSERT,
	UI_KEY_BACKTAB,
	UI_KEY_F1, /* to F12 */
	UI_KEY_F12 = UI_KEY_F1 + 11,
	UI_KEY_PASTE, /* a bracketed paste began: it was thrown away */
};

#define KEY_CTRL(c) ((c)&0x1f)

/* The code of "P", "esc", "ctrl-l", "pgdn"; -1: no such key. */
int ui_key_parse(const char *name);
/* Its name; of a static buffer for characters. */
const char *ui_key_name(int key);
/* The character typed, NUL-terminated; 0 where the key types nothing. */
size_t key_utf8(int key, char out[8]);

#endif
