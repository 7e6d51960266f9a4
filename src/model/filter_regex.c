/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "filter_ast.h"

/* A pattern that backtracks for ever costs a match this many steps. */
#define MAX_STEPS 200000u

struct filter_regex {
	pcre2_code *code;
	pcre2_match_context *limits;
};

enum err_code filter_regex_new(const char *pattern, struct filter_regex **out,
			       size_t *at, struct err *err)
{
	struct filter_regex *r;
	PCRE2_UCHAR why[120];
	PCRE2_SIZE offset;
	pcre2_code *code;
	int number;

	code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
			     PCRE2_UTF | PCRE2_MATCH_INVALID_UTF |
				     PCRE2_NEVER_BACKSLASH_C,
			     &number, &offset, NULL);
	if (!code) {
		pcre2_get_error_message(number, why, ARRAY_LEN(why));
		*at = offset;
		return err_set(err, ERR_PARSE,
			       "expected a regular expression: %s",
			       (const char *)why);
	}
	r = xcalloc(1, sizeof(*r));
	r->code = code;
	r->limits = pcre2_match_context_create(NULL);
	BUG_ON(!r->limits); /* out of memory */
	pcre2_set_match_limit(r->limits, MAX_STEPS);
	/* Where there is no JIT the interpreter does the same, slower. */
	(void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
	*out = r;
	return ERR_OK;
}

void filter_regex_free(struct filter_regex *r)
{
	if (!r)
		return;
	pcre2_match_context_free(r->limits);
	pcre2_code_free(r->code);
	free(r);
}

void *filter_regex_begin(const struct filter_regex *r)
{
	void *begun = pcre2_match_data_create_from_pattern(r->code, NULL);

	BUG_ON(!begun);
	return begun;
}

bool filter_regex_holds(const struct filter_regex *r, void *begun,
			const char *s, bool *gave_up)
{
	int n = pcre2_match(r->code, (PCRE2_SPTR)s, strlen(s), 0, 0, begun,
			    r->limits);

	/* A text that is long enough needs more than the stack JIT has. */
	if (n == PCRE2_ERROR_JIT_STACKLIMIT)
		n = pcre2_match(r->code, (PCRE2_SPTR)s, strlen(s), 0,
				PCRE2_NO_JIT, begun, r->limits);
	*gave_up |= n < 0 && n != PCRE2_ERROR_NOMATCH;
	return n >= 0;
}

void filter_regex_done(void *begun)
{
	pcre2_match_data_free(begun);
}
