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
	m->gen++;
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
	m->gen++;
}

void marks_drop(struct marks *m, const uint32_t *rows, size_t n)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++)
		if (marks_have(m, rows[i]))
			m->bits[rows[i] >> 6] &= ~bit_of(rows[i]);
	for (size_t i = 0; i < m->n; i++)
		if (marks_have(m, m->rows[i]))
			m->rows[left++] = m->rows[i];
	m->n = left;
	m->gen++;
}

void marks_toggle(struct marks *m, uint32_t row)
{
	if (marks_have(m, row))
		marks_drop(m, &row, 1);
	else
		marks_add(m, row);
}
