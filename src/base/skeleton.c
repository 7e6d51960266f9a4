/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/buf.h"

/* After Unicode's UTS #39, with the letters that look alike in most terminal
 * fonts instead of the whole of confusables.txt. */

struct look {
	utf8proc_int32_t c;
	const char *as;
};

/* clang-format off */
static const struct look looks[] = { /* sorted */
	{ 0x00df, "ss" }, { 0x0131, "i" }, { 0x0184, "b" }, { 0x0192, "f" },
	{ 0x01c0, "l" }, { 0x0251, "a" }, { 0x0261, "g" }, { 0x0269, "i" },
	{ 0x026a, "i" }, { 0x028b, "u" }, { 0x028f, "y" }, { 0x02b9, "'" },
	{ 0x02bc, "'" },
	/* Greek */
	{ 0x0391, "A" }, { 0x0392, "B" }, { 0x0395, "E" }, { 0x0396, "Z" },
	{ 0x0397, "H" }, { 0x0399, "I" }, { 0x039a, "K" }, { 0x039c, "M" },
	{ 0x039d, "N" }, { 0x039f, "O" }, { 0x03a1, "P" }, { 0x03a4, "T" },
	{ 0x03a5, "Y" }, { 0x03a7, "X" }, { 0x03b1, "a" }, { 0x03b3, "y" },
	{ 0x03b9, "i" }, { 0x03ba, "k" }, { 0x03bd, "v" }, { 0x03bf, "o" },
	{ 0x03c1, "p" }, { 0x03c3, "o" }, { 0x03c4, "t" }, { 0x03c5, "u" },
	{ 0x03c7, "x" }, { 0x03f2, "c" }, { 0x03f3, "j" }, { 0x03f9, "C" },
	/* Cyrillic */
	{ 0x0405, "S" }, { 0x0406, "I" }, { 0x0408, "J" }, { 0x0410, "A" },
	{ 0x0412, "B" }, { 0x0415, "E" }, { 0x0417, "3" }, { 0x041a, "K" },
	{ 0x041c, "M" }, { 0x041d, "H" }, { 0x041e, "O" }, { 0x0420, "P" },
	{ 0x0421, "C" }, { 0x0422, "T" }, { 0x0423, "Y" }, { 0x0425, "X" },
	{ 0x0430, "a" }, { 0x0432, "b" }, { 0x0433, "r" }, { 0x0435, "e" },
	{ 0x0437, "3" }, { 0x043a, "k" }, { 0x043c, "m" }, { 0x043d, "h" },
	{ 0x043e, "o" }, { 0x0440, "p" }, { 0x0441, "c" }, { 0x0442, "t" },
	{ 0x0443, "y" }, { 0x0445, "x" }, { 0x0455, "s" }, { 0x0456, "i" },
	{ 0x0458, "j" }, { 0x0475, "v" }, { 0x04ae, "Y" }, { 0x04af, "y" },
	{ 0x04ba, "H" }, { 0x04bb, "h" }, { 0x04c0, "I" }, { 0x04cf, "l" },
	{ 0x0500, "D" }, { 0x0501, "d" }, { 0x050c, "G" }, { 0x050d, "g" },
	{ 0x051a, "Q" }, { 0x051b, "q" }, { 0x051c, "W" }, { 0x051d, "w" },
	/* Armenian */
	{ 0x054d, "U" }, { 0x0555, "O" }, { 0x0570, "h" }, { 0x0578, "n" },
	{ 0x057d, "u" }, { 0x0581, "g" }, { 0x0584, "f" }, { 0x0585, "o" },
	/* dashes, quotes, bars and dots */
	{ 0x05c0, "l" }, { 0x06d4, "-" }, { 0x2010, "-" }, { 0x2011, "-" },
	{ 0x2012, "-" }, { 0x2013, "-" }, { 0x2014, "-" }, { 0x2015, "-" },
	{ 0x2018, "'" }, { 0x2019, "'" }, { 0x201a, "," }, { 0x201c, "\"" },
	{ 0x201d, "\"" }, { 0x2024, "." }, { 0x2039, "<" }, { 0x203a, ">" },
	{ 0x2043, "-" }, { 0x2044, "/" }, { 0x2212, "-" }, { 0x2215, "/" },
	{ 0x2216, "\\" }, { 0x2217, "*" }, { 0x2223, "l" }, { 0x2236, ":" },
	{ 0x29f5, "\\" }, { 0x29f8, "/" }, { 0xa4f2, "I" }, { 0xa4f3, "O" },
	{ 0xa789, ":" }, { 0xa78c, "'" },
};
/* clang-format on */

static int compare_look(const void *key, const void *look)
{
	utf8proc_int32_t c = *(const utf8proc_int32_t *)key;
	utf8proc_int32_t at = ((const struct look *)look)->c;

	return (c > at) - (c < at);
}

static void add_look_alikes(struct buf *out, const utf8proc_uint8_t *s)
{
	utf8proc_int32_t c;

	while (*s) {
		utf8proc_ssize_t n = utf8proc_iterate(s, -1, &c);
		const struct look *look;

		look = bsearch(&c, looks, ARRAY_LEN(looks), sizeof(*looks),
			       compare_look);
		if (look)
			buf_adds(out, look->as);
		else
			buf_add(out, s, (size_t)n);
		s += n;
	}
}

/* What is confused within ASCII, once all is lower case. */
static void add_ascii_alikes(struct buf *out, const utf8proc_uint8_t *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '0':
			buf_addc(out, 'o');
			break;
		case '1':
		case 'i':
		case '|':
			buf_addc(out, 'l');
			break;
		case 'm':
			buf_adds(out, "rn");
			break;
		case 'w':
			buf_adds(out, "vv");
			break;
		default:
			buf_addc(out, (char)*s);
		}
	}
}

/* The string is yours (free()); NULL only where s is not UTF-8. */
static utf8proc_uint8_t *map(const char *s, int options)
{
	utf8proc_uint8_t *out;
	utf8proc_ssize_t n;

	n = utf8proc_map((const utf8proc_uint8_t *)s, 0, &out,
			 (utf8proc_option_t)(UTF8PROC_NULLTERM |
					     UTF8PROC_STABLE | UTF8PROC_COMPAT |
					     UTF8PROC_COMPOSE |
					     UTF8PROC_IGNORE | options));
	return n < 0 ? NULL : out;
}

/* Letters are compared as they look, so before the case is folded (capital eta
 * is an H, small eta is none), and again after. */
const char *text_skeleton(struct arena *a, const char *s)
{
	struct buf text = BUF_INIT(0);
	utf8proc_uint8_t *mapped = map(s, 0);
	const char *skeleton;

	if (!mapped) {
		text_add_shown(&text, s, strlen(s));
		mapped = map(buf_str(&text), 0);
		BUG_ON(!mapped);
		buf_clear(&text);
	}
	add_look_alikes(&text, mapped);
	free(mapped);
	mapped = map(buf_str(&text), UTF8PROC_CASEFOLD);
	BUG_ON(!mapped);
	buf_clear(&text);
	add_look_alikes(&text, mapped);
	free(mapped);
	mapped = (utf8proc_uint8_t *)buf_take(&text);
	add_ascii_alikes(&text, mapped);
	free(mapped);
	skeleton = arena_strdup(a, buf_str(&text));
	buf_release(&text);
	return skeleton;
}
