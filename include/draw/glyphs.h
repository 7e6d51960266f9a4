/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DRAW_GLYPHS_H
#define MLTOWER_DRAW_GLYPHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* What a terminal can show: chosen once, by locale and by option. */
enum glyph_set {
	GLYPHS_BRAILLE, /* lines of 2x4 dots a cell */
	GLYPHS_BLOCK,   /* lines of eighths of a cell, one value a column */
	GLYPHS_ASCII,   /* lines of _ - ' " : |, one value a column */
};

/* "auto", "braille", "block", "ascii"; auto is braille where the locale's
 * charset is UTF-8, else ASCII. False for any other name. */
bool glyphs_from_name(const char *name, enum glyph_set *set);

/* The marks of the look: never colour alone. Written as they are, also for
 * ASCII: the surface maps them (● to *, ✓ to +, and so on). */
#define MARK_RUNNING  SHOWN("●")
#define MARK_SILENT   SHOWN("◌")
#define MARK_OK       SHOWN("✓")
#define MARK_FAILED   SHOWN("✗")
#define MARK_STOPPED  SHOWN("■") /* killed; acknowledged */
#define MARK_FIRING   SHOWN("▲")
#define MARK_PENDING  SHOWN("△")
#define MARK_DISAGREE SHOWN("≠")
#define MARK_UNKNOWN  SHOWN("?")
#define MARK_LATE     SHOWN("!")
#define MARK_KNOWN    SHOWN("◆") /* registered, configured */
#define MARK_UNDERWAY SHOWN("→")
#define MARK_CURSOR   SHOWN("▸")
#define MARK_NONE     SHOWN("–") /* no value */

/* The one ASCII character that stands for a grapheme; '?' where there is none.
 * ASCII stays itself. */
char glyph_ascii(const char *grapheme, size_t len);

/* "▁" to "█" for 1 to 8 eighths, " " for 0. */
struct shown glyph_eighths(unsigned eighths);

#endif
