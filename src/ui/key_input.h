/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_KEY_INPUT_H
#define MLTOWER_UI_KEY_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes from a terminal become keys. A sequence that arrives in pieces (a slow
 * link) is put together; a lone Escape is one after 150 ms. */
#define KEY_ESCAPE_MS 150

struct key_input {
	unsigned char bytes[512];
	size_t n;
	int64_t last_ms; /* when the last bytes came */
	bool in_paste;   /* between the marks of a bracketed paste */
};

void key_input_add(struct key_input *in, const void *bytes, size_t len,
		   int64_t now_ms);
/* -1: nothing whole. */
int key_input_next(struct key_input *in, int64_t now_ms);
/* When the lone escape is due; -1: there is none. */
int64_t key_input_due_ms(const struct key_input *in);

#endif
