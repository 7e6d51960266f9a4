/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/text.h"

#include <langinfo.h>
#include <locale.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include <wchar.h>

#include "base/buf.h"

/* A cell of curses holds a letter and four marks on it. */
#define MAX_MARKS      4
#define BRAILLE_BLANK  0x2800
#define NULL_NOTEHEAD  0x1d159
#define ELLIPSIS       "\xe2\x80\xa6"
#define MAX_GROWTH     4 /* "\xff" for one byte */
#define ALL_HIGH_BITS  UINT64_C(0x8080808080808080)
#define MAX_SHOWN_SIZE (SIZE_MAX / (2 * MAX_GROWTH))

/* wcwidth() answers for the locale of the thread; the question is what a UTF-8
 * terminal does, whatever the locale. NULL where the system has none. */
static locale_t utf8_locale;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void find_utf8_locale(void)
{
	static const char *const names[] = { "C.UTF-8", "C.utf8",
					     "en_US.UTF-8" };

	for (size_t i = 0; i < ARRAY_LEN(names) && !utf8_locale; i++)
		utf8_locale = newlocale(LC_CTYPE_MASK, names[i], (locale_t)0);
}

/* Do libc and utf8proc say the same of its width? */
static bool width_is_agreed(utf8proc_int32_t c, int width)
{
	locale_t before;
	int libc_width;

	pthread_once(&once, find_utf8_locale);
	if (!utf8_locale)
		return true;
	before = uselocale(utf8_locale);
	libc_width = wcwidth((wchar_t)c);
	uselocale(before);
	return libc_width == width;
}

static bool is_ascii_printable(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] < 0x20 || s[i] == 0x7f)
			return false;
	}
	return true;
}

/* Nothing to see, or something to obey. */
static bool is_unfit(utf8proc_int32_t c, const utf8proc_property_t *prop)
{
	switch (prop->category) {
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CO:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
		return true;
	case UTF8PROC_CATEGORY_ZS:
		return c != ' ';
	default:
		return prop->ignorable || c == BRAILLE_BLANK ||
		       c == NULL_NOTEHEAD;
	}
}

/* Decides one character. *marks counts those on the letter before, or is -1
 * where there is no letter they could stand on. */
static bool stands_as_it_is(utf8proc_int32_t c, int *marks)
{
	const utf8proc_property_t *prop = utf8proc_get_property(c);
	int width, on_letter = *marks;

	*marks = -1;
	if (is_unfit(c, prop))
		return false;
	width = utf8proc_charwidth(c);
	if (!width_is_agreed(c, width))
		return false;
	switch (prop->boundclass) {
	case UTF8PROC_BOUNDCLASS_EXTEND:
	case UTF8PROC_BOUNDCLASS_SPACINGMARK:
		if (width)
			break;
		if (on_letter < 0 || on_letter == MAX_MARKS)
			return false;
		*marks = on_letter + 1;
		return true;
	case UTF8PROC_BOUNDCLASS_V: /* some terminals join these, and some */
	case UTF8PROC_BOUNDCLASS_T: /* do not */
		return false;
	default:
		break;
	}
	/* A skin tone is joined by some and not by others too. */
	if (!width || prop->boundclass == UTF8PROC_BOUNDCLASS_EXTEND)
		return false;
	*marks = 0;
	return true;
}

static void add_escape(struct buf *out, utf8proc_int32_t c)
{
	if (c == '\n')
		buf_adds(out, "\\n");
	else if (c == '\t')
		buf_adds(out, "\\t");
	else if (c == '\r')
		buf_adds(out, "\\r");
	else if (c < 0x80)
		buf_addf(out, "\\x%02x", (unsigned)c);
	else
		buf_addf(out, "\\u{%x}", (unsigned)c);
}

void text_add_shown(struct buf *out, const char *bytes, size_t len)
{
	size_t start = 0, i = 0, n;
	int marks = -1;

	for (; i < len; i += n) {
		int32_t c = (unsigned char)bytes[i];

		n = 1;
		if (c >= 0x20 && c < 0x7f) {
			marks = 0;
			continue;
		}
		if (c >= 0x80)
			n = text_decode(bytes + i, len - i, &c);
		if (n && stands_as_it_is(c, &marks))
			continue;
		buf_add(out, bytes + start, i - start);
		if (n)
			add_escape(out, c);
		else
			buf_addf(out, "\\x%02x", (unsigned)c);
		marks = -1;
		n = MAX(n, 1);
		start = i + n;
	}
	buf_add(out, bytes + start, len - start);
}

static struct shown as_shown(const char *s, size_t len)
{
	return (struct shown){ s, (uint32_t)len, text_width(s, len) };
}

struct shown shown_literal(const char *lit, size_t len)
{
	return as_shown(lit, len);
}

struct shown shown_text(struct arena *a, const char *bytes)
{
	return shown_textn(a, bytes, bytes ? strlen(bytes) : 0);
}

struct shown shown_textn(struct arena *a, const char *bytes, size_t len)
{
	struct buf out;
	struct shown t;

	if (!bytes || !len)
		return (struct shown){ "", 0, 0 };
	BUG_ON(len > UINT32_MAX / MAX_GROWTH || len > MAX_SHOWN_SIZE);
	if (is_ascii_printable(bytes, len))
		return (struct shown){ arena_strndup(a, bytes, len),
				       (uint32_t)len, (uint32_t)len };
	out = (struct buf)BUF_INIT(len * MAX_GROWTH);
	text_add_shown(&out, bytes, len);
	t = as_shown(arena_strndup(a, out.data, out.len), out.len);
	buf_release(&out);
	return t;
}

struct shown shown_fmt(struct arena *a, const char *fmt, ...)
{
	struct buf text = BUF_INIT(0);
	struct shown t;
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	t = shown_textn(a, text.data, text.len);
	buf_release(&text);
	return t;
}

size_t text_next(const char *s, size_t len, unsigned *width)
{
	size_t n, used;
	int32_t c;

	if (!len)
		return 0;
	n = text_decode(s, len, &c);
	*width = n ? (unsigned)utf8proc_charwidth(c) : 1;
	used = n ? n : 1;
	/* Marks are all that has no width in text made for the eye. */
	while (used < len && (unsigned char)s[used] >= 0x80) {
		n = text_decode(s + used, len - used, &c);
		if (!n || utf8proc_charwidth(c))
			break;
		used += n;
	}
	return used;
}

unsigned text_width(const char *s, size_t len)
{
	unsigned sum = 0;

	for (size_t i = 0; i < len;) {
		unsigned width = 1;

		i += text_next(s + i, len - i, &width);
		sum += width;
	}
	return sum;
}

/* Bytes of the longest start that fits in `cells`. */
static size_t fit_head(struct shown t, unsigned cells, unsigned *used)
{
	size_t i = 0;

	*used = 0;
	while (i < t.len) {
		unsigned width = 1;
		size_t n = text_next(t.s + i, t.len - i, &width);

		if (*used + width > cells)
			break;
		*used += width;
		i += n;
	}
	return i;
}

/* Where the longest end begins that fits in `cells`. */
static size_t fit_tail(struct shown t, unsigned cells, unsigned *used)
{
	size_t i = 0;

	*used = t.width;
	while (i<t.len && * used> cells) {
		unsigned width = 1;

		i += text_next(t.s + i, t.len - i, &width);
		*used -= width;
	}
	return i;
}

static struct shown join(struct arena *a, struct shown t, size_t head,
			 size_t tail, unsigned width, bool ascii)
{
	const char *mark = ascii ? "~" : ELLIPSIS;
	size_t n_mark = strlen(mark), n_tail = t.len - tail;
	char *s = arena_alloc(a, head + n_mark + n_tail + 1);

	memcpy(s, t.s, head);
	memcpy(s + head, mark, n_mark);
	memcpy(s + head + n_mark, t.s + tail, n_tail);
	return (struct shown){ s, (uint32_t)(head + n_mark + n_tail),
			       width + 1 };
}

struct shown shown_cut(struct arena *a, struct shown t, unsigned cells,
		       bool ascii)
{
	unsigned width;
	size_t head;

	if (t.width <= cells)
		return t;
	if (!cells)
		return (struct shown){ "", 0, 0 };
	head = fit_head(t, cells - 1, &width);
	return join(a, t, head, t.len, width, ascii);
}

struct shown shown_cut_middle(struct arena *a, struct shown t, unsigned cells,
			      bool ascii)
{
	unsigned head_width, tail_width;
	size_t head, tail;

	if (t.width <= cells)
		return t;
	if (!cells)
		return (struct shown){ "", 0, 0 };
	head = fit_head(t, cells / 2, &head_width);
	tail = fit_tail(t, cells - 1 - head_width, &tail_width);
	return join(a, t, head, tail, head_width + tail_width, ascii);
}

size_t shown_line(struct shown t, unsigned cells)
{
	size_t at = 0, words = 0, len;
	unsigned used = 0, width;

	for (; at < t.len; at += len, used += width) {
		len = text_next(t.s + at, t.len - at, &width);
		if (!len)
			return at;
		if (t.s[at] == ' ')
			words = at;
		if (at && used + width > cells)
			return words ? words : at;
	}
	return t.len;
}

size_t text_decode(const char *s, size_t len, int32_t *c)
{
	utf8proc_int32_t got;
	utf8proc_ssize_t n;

	if (!len)
		return 0;
	n = utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)len,
			     &got);
	if (n <= 0)
		return 0;
	*c = got;
	return (size_t)n;
}

bool text_is_utf8(const char *s, size_t len)
{
	for (size_t i = 0; i < len;) {
		uint64_t word;
		int32_t c;
		size_t n;

		while (len - i >= sizeof(word)) {
			memcpy(&word, s + i, sizeof(word));
			if (word & ALL_HIGH_BITS)
				break;
			i += sizeof(word);
		}
		if (i == len)
			break;
		n = text_decode(s + i, len - i, &c);
		if (!n)
			return false;
		i += n;
	}
	return true;
}

bool text_locale_is_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}
