/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "json_scan.h"

#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "format/json.h"

/* A double holds any 15 digits, and cJSON reads at most 63 characters. */
#define MAX_PLAIN_NUMBER 15

struct scan {
	const char *s;
	size_t len, at;
	size_t copied; /* what stands before is in `clean` */
	unsigned depth;
	struct buf *clean;
	struct err *err;
};

static enum err_code bad(struct scan *sc, const char *what)
{
	return err_set(sc->err, ERR_PARSE, "bad JSON at byte %zu: %s", sc->at,
		       what);
}

static bool is_digit(const struct scan *sc, size_t i)
{
	return i < sc->len && sc->s[i] >= '0' && sc->s[i] <= '9';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_at(const struct scan *sc, size_t i, char c)
{
	return i < sc->len && sc->s[i] == c;
}

/* sc->at stands on the opening quote. */
static enum err_code scan_string(struct scan *sc)
{
	for (sc->at++; sc->at < sc->len; sc->at++) {
		unsigned char c = (unsigned char)sc->s[sc->at];

		if (c == '"') {
			sc->at++;
			return ERR_OK;
		}
		if (c < 0x20)
			return bad(sc, "a control character in a string");
		if (c != '\\')
			continue;
		if (sc->len - sc->at >= 6 &&
		    !memcmp(sc->s + sc->at, "\\u0000", 6))
			return bad(sc, "a NUL in a string");
		sc->at++;
	}
	return bad(sc, "a string without an end");
}

/* Replaces the n bytes at sc->at by themselves in quotes. As a string they
 * could name a member; as what they were they could not. */
static enum err_code quote(struct scan *sc, size_t n, const char *mark)
{
	size_t next = sc->at + n;

	while (next < sc->len && is_blank(sc->s[next]))
		next++;
	if (is_at(sc, next, ':'))
		return bad(sc, "a name that is no string");
	buf_add(sc->clean, sc->s + sc->copied, sc->at - sc->copied);
	buf_addc(sc->clean, '"');
	buf_adds(sc->clean, mark);
	buf_add(sc->clean, sc->s + sc->at, n);
	buf_addc(sc->clean, '"');
	sc->at += n;
	sc->copied = sc->at;
	return ERR_OK;
}

static enum err_code scan_word(struct scan *sc, const char *word)
{
	size_t n = strlen(word);

	if (sc->len - sc->at < n || memcmp(sc->s + sc->at, word, n))
		return bad(sc, "unknown word");
	return quote(sc, n, "");
}

/* RFC 8259: [-] int [frac] [exp]; returns its end, 0 where it is none. */
static size_t number_end(const struct scan *sc)
{
	size_t i = sc->at + is_at(sc, sc->at, '-');

	if (!is_digit(sc, i) || (sc->s[i] == '0' && is_digit(sc, i + 1)))
		return 0;
	while (is_digit(sc, i))
		i++;
	if (is_at(sc, i, '.')) {
		if (!is_digit(sc, ++i))
			return 0;
		while (is_digit(sc, i))
			i++;
	}
	if (is_at(sc, i, 'e') || is_at(sc, i, 'E')) {
		i++;
		i += is_at(sc, i, '-') || is_at(sc, i, '+');
		if (!is_digit(sc, i))
			return 0;
		while (is_digit(sc, i))
			i++;
	}
	return i;
}

static enum err_code scan_number(struct scan *sc)
{
	static const char mark[] = { JSON_RAW_MARK, '\0' };
	size_t end;

	if (is_at(sc, sc->at + 1, 'I'))
		return scan_word(sc, "-Infinity");
	end = number_end(sc);
	if (!end)
		return bad(sc, "a number that is none");
	if (end - sc->at > MAX_PLAIN_NUMBER)
		return quote(sc, end - sc->at, mark);
	sc->at = end;
	return ERR_OK;
}

static enum err_code scan_token(struct scan *sc)
{
	unsigned char c = (unsigned char)sc->s[sc->at];

	switch (c) {
	case '"':
		return scan_string(sc);
	case '{':
	case '[':
		if (++sc->depth > JSON_MAX_DEPTH)
			return bad(sc, "nested too deeply");
		break;
	case '}':
	case ']':
		if (sc->depth)
			sc->depth--;
		break;
	case 'N':
		return scan_word(sc, "NaN");
	case 'I':
		return scan_word(sc, "Infinity");
	case '\t':
	case '\n':
	case '\r':
		break;
	default:
		if (c == '-' || (c >= '0' && c <= '9'))
			return scan_number(sc);
		if (c < 0x20 || c > 0x7e)
			return bad(sc, "a character that cannot stand here");
	}
	sc->at++;
	return ERR_OK;
}

enum err_code json_scan(const char *text, size_t len, struct buf *clean,
			struct err *err)
{
	struct scan sc = { .s = text, .len = len, .clean = clean, .err = err };
	size_t end = len;

	if (len > JSON_MAX_BYTES)
		return err_set(err, ERR_LIMIT, "JSON of %zu MB; at most %u",
			       len >> 20, JSON_MAX_BYTES >> 20);
	if (!text_is_utf8(text, len))
		return err_set(err, ERR_PARSE, "bad JSON: not UTF-8");
	/* Blanks at the end are not part of what cJSON takes. */
	while (end && is_blank(text[end - 1]))
		end--;
	sc.len = end;
	if (!end)
		return err_set(err, ERR_PARSE, "bad JSON: empty");
	while (sc.at < sc.len) {
		if (scan_token(&sc))
			return err->code;
	}
	buf_add(clean, text + sc.copied, sc.len - sc.copied);
	return ERR_OK;
}
