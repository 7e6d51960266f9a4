/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Text made for the eye holds nothing that moves, colours or hides; shown
 * again it is the same; libc finds it as wide as we say; cuts fit. */
#include "config.h"

#include <locale.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "base/buf.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* -1 where the system has no UTF-8 locale to ask. */
static long libc_width(const char *s, size_t len)
{
	long sum = 0;

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return -1;
	for (size_t i = 0, n; i < len; i += n) {
		int32_t c = 0;
		int width;

		n = text_decode(s + i, len - i, &c);
		BUG_ON(!n);
		width = wcwidth((wchar_t)c);
		BUG_ON(width < 0);
		sum += width;
	}
	return sum;
}

static void check_fit(struct shown t)
{
	long width = libc_width(t.s, t.len);

	BUG_ON(t.s[t.len] != '\0' || strlen(t.s) != t.len);
	BUG_ON(!text_is_utf8(t.s, t.len));
	for (size_t i = 0; i < t.len; i++)
		BUG_ON((unsigned char)t.s[i] < 0x20 || t.s[i] == 0x7f);
	BUG_ON(width >= 0 && (unsigned long)width != t.width);
	BUG_ON(text_width(t.s, t.len) != t.width);
}

static void check_cuts(struct arena *a, struct shown t, unsigned cells)
{
	struct shown end = shown_cut(a, t, cells, false);
	struct shown middle = shown_cut_middle(a, t, cells, true);

	check_fit(end);
	check_fit(middle);
	BUG_ON(end.width > cells || middle.width > cells);
	BUG_ON(t.width <= cells && (end.s != t.s || middle.s != t.s));
	BUG_ON(end.width + 1 < MIN(cells, t.width));
}

static void check_skeleton(struct arena *a, const char *bytes, size_t len)
{
	const char *s = text_skeleton(a, arena_strndup(a, bytes, len));

	BUG_ON(!text_is_utf8(s, strlen(s)));
	for (; *s; s++)
		BUG_ON((*s >= 'A' && *s <= 'Z') || *s == '0' || *s == '1');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	struct arena a = ARENA_INIT;
	struct shown t = shown_textn(&a, bytes, size);
	struct shown again = shown_textn(&a, t.s, t.len);
	struct buf out = BUF_INIT(0);

	check_fit(t);
	BUG_ON(again.len != t.len || memcmp(again.s, t.s, t.len));
	BUG_ON(again.width != t.width);
	text_add_shown(&out, bytes, size);
	BUG_ON(strcmp(buf_str(&out), t.s));
	buf_release(&out);
	for (unsigned cells = 0; cells < 12; cells++)
		check_cuts(&a, t, cells);
	check_cuts(&a, t, t.width - !!t.width);
	check_skeleton(&a, bytes, size);
	arena_release(&a);
	return 0;
}
