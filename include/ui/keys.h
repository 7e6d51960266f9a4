/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_KEYS_H
#define MLTOWER_UI_KEYS_H

#include <stdbool.h>
#include <stdint.h>

/* A key is a Unicode character, a control character (ctrl-a is 1), or one of
 * these; alt is a flag. */
enum key {
	KEY_NOTHING = 0,
	KEYS_NAMED = 0x110000,
	KEYS_UP,
	KEYS_DOWN,
	KEYS_LEFT,
	KEYS_RIGHT,
	KEYS_HOME,
	KEYS_END,
	KEYS_PGUP,
	KEYS_PGDN,
	KEYS_INSERT,
	KEYS_DELETE,
	KEYS_BACKTAB,     /* shift-tab */
	KEYS_PASTE_START, /* bracketed paste: what lies between is text */
	KEYS_PASTE_END,
	KEYS_F1, /* F2 .. F12 follow */
	KEYS_F12 = KEYS_F1 + 11,
	KEYS_UNKNOWN, /* a sequence nobody knows: reported once, as one key */
};

#define KEYS_TAB       9
#define KEYS_ENTER     13
#define KEYS_ESC       27
#define KEYS_BACKSPACE 127
#define KEYS_ALT       0x1000000u

#define KEY_NAME_MAX 24

/* "a" "P" "[" "ctrl-l" "alt-x" "enter" "esc" "tab" "shift-tab" "space"
 * "backspace" "up" "pgdn" "f5": the name, written to out, which is returned. */
char *key_name(uint32_t key, char out[KEY_NAME_MAX]);
/* The other way, in any case but for single letters; also "return", "escape",
 * "pageup", "pagedown", "del", "ins". False if it is no key's name. */
bool key_from_name(const char *name, uint32_t *key);

#endif
