/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "marks.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static uint64_t bit_of(uint32_t row)
{
	return (uint64_t)1 << (row & 63);
}

void marks_release(struct marks *m)
{
	free(m->rows);
	free(m->bits);
	*m = (struct marks){ 0 };
}

void marks_clear(struct marks *m)
{
	if (m->n)
		memset(m->bits, 0, m->n_words * sizeof(*m->bits));
	m->n = 0;
}

bool marks_have(const struct marks *m, uint32_t row)
{
	size_t word = row >> 6;

	return word < m->n_words && (m->bits[word] & bit_of(row));
}

void marks_add(struct marks *m, uint32_t row)
{
	size_t word = row >> 6, had = m->n_words;

	if (marks_have(m, row))
		return;
	if (word >= had) {
		m->bits =
			xgrow(m->bits, &m->n_words, word + 1, sizeof(*m->bits));
		memset(m->bits + had, 0, (m->n_words - had) * sizeof(*m->bits));
	}
	m->bits[word] |= bit_of(row);
	m->rows = xgrow(m->rows, &m->cap, m->n + 1, sizeof(*m->rows));
	m->rows[m->n++] = row;
}

void marks_toggle(struct marks *m, uint32_t row)
{
	size_t i = 0;

	if (!marks_have(m, row)) {
		marks_add(m, row);
		return;
	}
	m->bits[row >> 6] &= ~bit_of(row);
	while (m->rows[i] != row)
		i++;
	memmove(&m->rows[i], &m->rows[i + 1],
		(m->n - i - 1) * sizeof(*m->rows));
	m->n--;
}
