/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_KEYS_H
#define MLTOWER_UI_KEYS_H

#include <stddef.h>

/* A key is a Unicode character, a control character (KEY_CTRL('a') is 1), or
 * one of the named ones; alt is a flag beside either. */
enum {
	UI_KEY_NONE = 0, /* no key is waiting */
	UI_KEY_TAB = 9,
	UI_KEY_ENTER = 13,
	UI_KEY_ESC = 27,
	UI_KEY_BACKSPACE = 127,
	UI_KEY_UP = 0x110000, /* after the last Unicode character */
	UI_KEY_DOWN,
	UI_KEY_LEFT,
	UI_KEY_RIGHT,
	UI_KEY_HOME,
	UI_KEY_END,
	UI_KEY_PGUP,
	UI_KEY_PGDN,
	UI_KEY_INSERT,
	UI_KEY_DELETE,
	UI_KEY_BACKTAB,
	/* Around text that is pasted; between them Enter is a character. */
	UI_KEY_PASTE_START,
	UI_KEY_PASTE_END,
	UI_KEY_F1, /* F2 to F12 follow */
	UI_KEY_F12 = UI_KEY_F1 + 11,
	UI_KEY_UNKNOWN, /* a sequence nobody knows, as one key */
	UI_KEY_ALT = 0x1000000,
};

#define KEY_CTRL(c) ((c)&0x1f)

/* "a" "P" "[" "ctrl-l" "alt-x" "enter" "esc" "tab" "backtab" "space"
 * "backspace" "up" "pgdn" "f5". A static string; of alt keys and characters
 * outside ASCII the last 8 stay valid. "" for UI_KEY_NONE. */
const char *key_name(int key);
/* The key of this name, -1 if there is none. Names of more than a letter in
 * any case; also "return", "escape", "pageup", "pagedown", "del", "ins",
 * "shift-tab". */
int key_parse(const char *name);
/* The character of a key as UTF-8 with a NUL; its bytes, 0 where it is none (a
 * control character, a named key, alt). */
size_t key_utf8(int key, char out[8]);

#endif
