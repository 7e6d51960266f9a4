/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_BASE_TEXT_H
#define MLTOWER_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/mem.h"

/* Text made fit for the eye: valid UTF-8, one line, in which ESC, C0, C1, DEL,
 * bidi controls, zero-width and other invisible characters stand as visible
 * escapes ("\x1b", "\u{202e}", "\r", "\n", "\t"). It cannot move, colour or spoof anything. A type of its own, and the only one a
 * surface accepts; bytes from outside stay what they are elsewhere. */
struct shown {
	const char *s;  /* NUL-terminated, never NULL */
	uint32_t len;   /* bytes */
	uint32_t width; /* terminal cells */
};

/* From our own literals only (plain ASCII or the glyphs of draw/glyphs). */
#define SHOWN(lit) shown_literal(lit, sizeof(lit) - 1)
struct shown shown_literal(const char *lit, size_t len);

/* Lives in the arena. NULL gives "". */
struct shown shown_text(struct arena *a, const char *bytes);
struct shown shown_textn(struct arena *a, const char *bytes, size_t len);
/* Formats, then makes the whole fit for the eye. */
struct shown shown_fmt(struct arena *a, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* The same onto a buffer, for messages and tables on standard output. */
struct buf;
void text_add_shown(struct buf *out, const char *bytes, size_t len);

/* At most `cells` wide, cut at a grapheme with "…" (or "~" when ascii). */
struct shown shown_cut(struct arena *a, struct shown t, unsigned cells,
		       bool ascii);
/* Cut in the middle, where ends tell names apart. */
struct shown shown_cut_middle(struct arena *a, struct shown t, unsigned cells,
			      bool ascii);

/* The bytes of it that make a line of so many cells: whole words, or what fits
 * of a word that is longer than the line; 0 for "" only. */
size_t shown_line(struct shown t, unsigned cells);

/* The grapheme cluster at s: its bytes, and its cells (0 to 2) in *width.
 * 0 at the end. s is text made for the eye. */
size_t text_next(const char *s, size_t len, unsigned *width);
/* Cells of text made for the eye. */
unsigned text_width(const char *s, size_t len);

bool text_is_utf8(const char *s, size_t len);
/* The character at s[0..len): its bytes, 0 where there is no UTF-8 (*c is then
 * left alone) or nothing at all. Surrogates and overlong forms are none. */
size_t text_decode(const char *s, size_t len, int32_t *c);
/* Two names that would look alike (case, width, look-alike letters folded)
 * have the same skeleton; written to the arena. */
const char *text_skeleton(struct arena *a, const char *s);

/* Does any cell of the locale's charset allow more than ASCII? */
bool text_locale_is_utf8(void);

#endif
