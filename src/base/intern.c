/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/intern.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/mem.h"

/* The directory is a row of chunks that double, so that it never moves: chunk
 * k holds FIRST_CHUNK << k entries. A reader touches only the chunk of the
 * number it was handed, and that was written before it was handed over. */
#define FIRST_BITS 8
#define N_CHUNKS   (32 - FIRST_BITS)

struct entry {
	const char *s;
	uint32_t len;
	uint32_t hash;
};

struct intern {
	struct entry *chunks[N_CHUNKS];
	uint32_t count;
	uint32_t *slots; /* numbers, 0 where empty; a power of two of them */
	size_t n_slots;
	uint64_t seed; /* names come from outside: nobody may aim at it */
	size_t directory_bytes;
	struct arena text;
};

static struct entry *entry_at(const struct intern *in, uint32_t id)
{
	uint32_t n = (id >> FIRST_BITS) + 1;
	unsigned k = 31u - (unsigned)__builtin_clz(n);
	uint32_t first = ((1u << k) - 1) << FIRST_BITS;

	return &in->chunks[k][id - first];
}

static struct entry *entry_add(struct intern *in, uint32_t id)
{
	uint32_t n = (id >> FIRST_BITS) + 1;
	unsigned k = 31u - (unsigned)__builtin_clz(n);

	if (!in->chunks[k]) {
		size_t entries = (size_t)1 << (FIRST_BITS + k);

		in->chunks[k] = xcalloc(entries, sizeof(struct entry));
		in->directory_bytes += entries * sizeof(struct entry);
	}
	return entry_at(in, id);
}

static uint64_t mix(uint64_t h)
{
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93ull;
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93ull;
	return h ^ (h >> 32);
}

static uint32_t hash_of(const struct intern *in, const char *s, size_t len)
{
	uint64_t h = in->seed ^ len;
	uint64_t word;

	for (; len >= sizeof(word); s += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, s, sizeof(word));
		h = mix(h + word);
	}
	word = 0;
	memcpy(&word, s, len);
	return (uint32_t)mix(h + word);
}

/* The slot that holds the string, or the empty one where it would go. */
static size_t slot_of(const struct intern *in, const char *s, size_t len,
		      uint32_t hash)
{
	size_t i = hash & (in->n_slots - 1);

	for (; in->slots[i]; i = (i + 1) & (in->n_slots - 1)) {
		const struct entry *e = entry_at(in, in->slots[i]);

		if (e->hash == hash && e->len == len && !memcmp(e->s, s, len))
			break;
	}
	return i;
}

static void rehash(struct intern *in)
{
	size_t n = in->n_slots * 2;
	uint32_t *slots = xcalloc(n, sizeof(*slots));

	for (uint32_t id = 1; id < in->count; id++) {
		size_t i = entry_at(in, id)->hash & (n - 1);

		while (slots[i])
			i = (i + 1) & (n - 1);
		slots[i] = id;
	}
	free(in->slots);
	in->slots = slots;
	in->n_slots = n;
}

struct intern *intern_new(void)
{
	struct intern *in = xcalloc(1, sizeof(*in));

	in->n_slots = 256;
	in->slots = xcalloc(in->n_slots, sizeof(*in->slots));
	if (getrandom(&in->seed, sizeof(in->seed), GRND_NONBLOCK) < 0)
		in->seed = (uintptr_t)in;
	entry_add(in, 0)->s = "";
	in->count = 1;
	return in;
}

void intern_free(struct intern *in)
{
	if (!in)
		return;
	for (size_t k = 0; k < N_CHUNKS; k++)
		free(in->chunks[k]);
	free(in->slots);
	arena_release(&in->text);
	free(in);
}

uint32_t intern_put(struct intern *in, const char *s)
{
	return s ? intern_putn(in, s, strlen(s)) : 0;
}

/* arena_strndup() would stop at a NUL. */
static const char *keep(struct intern *in, const char *s, size_t len)
{
	char *copy = arena_alloc(&in->text, len + 1);

	memcpy(copy, s, len);
	return copy;
}

uint32_t intern_putn(struct intern *in, const char *s, size_t len)
{
	uint32_t hash, id = in->count;
	struct entry *e;
	size_t slot;

	if (!len)
		return 0;
	BUG_ON(len >= UINT32_MAX);
	hash = hash_of(in, s, len);
	slot = slot_of(in, s, len, hash);
	if (in->slots[slot])
		return in->slots[slot];
	BUG_ON(id == UINT32_MAX);
	e = entry_add(in, id);
	*e = (struct entry){ keep(in, s, len), (uint32_t)len, hash };
	in->slots[slot] = id;
	in->count++;
	if (in->count > in->n_slots / 4 * 3)
		rehash(in);
	return id;
}

uint32_t intern_find(const struct intern *in, const char *s)
{
	size_t len = s ? strlen(s) : 0;

	if (!len)
		return 0;
	return in->slots[slot_of(in, s, len, hash_of(in, s, len))];
}

const char *intern_str(const struct intern *in, uint32_t id)
{
	return entry_at(in, id)->s;
}

size_t intern_len(const struct intern *in, uint32_t id)
{
	return entry_at(in, id)->len;
}

size_t intern_count(const struct intern *in)
{
	return in->count;
}

size_t intern_bytes(const struct intern *in)
{
	return sizeof(*in) + in->directory_bytes +
	       in->n_slots * sizeof(*in->slots) + in->text.used_bytes;
}
