/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every fuzzing program needs: its input taken apart, and checks that end it.
 *
 * A program defines LLVMFuzzerTestOneInput(), as libFuzzer wants it. Without
 * libFuzzer, driver.c calls it.
 */
#ifndef AXE_FUZZ_H
#define AXE_FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/types.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

/**
 * struct fuzz_in - what is left of an input
 * @p:		its bytes
 * @left:	how many
 *
 * What is taken beyond the end is 0.
 */
struct fuzz_in {
	const u8 *p;
	size_t left;
};

static inline void fuzz_take(struct fuzz_in *in, void *to, size_t n)
{
	size_t k = n < in->left ? n : in->left;

	memset(to, 0, n);
	if (k)
		memcpy(to, in->p, k);
	in->p += k;
	in->left -= k;
}

static inline u8 fuzz_u8(struct fuzz_in *in)
{
	u8 v;

	fuzz_take(in, &v, sizeof(v));
	return v;
}

static inline u16 fuzz_u16(struct fuzz_in *in)
{
	u16 v;

	fuzz_take(in, &v, sizeof(v));
	return v;
}

static inline u32 fuzz_u32(struct fuzz_in *in)
{
	u32 v;

	fuzz_take(in, &v, sizeof(v));
	return v;
}

/* A number of the input's own, for what need not be steered: FNV-1a. */
static inline u64 fuzz_hash(const u8 *data, size_t size)
{
	u64 h = 0xcbf29ce484222325ULL;

	while (size--)
		h = (h ^ *data++) * 0x100000001b3ULL;
	return h | 1;
}

/* Memory of exactly this size, also of none, so that AddressSanitizer sees its ends. */
static inline void *fuzz_alloc(size_t n)
{
	void *p = malloc(n);

	if (!p && n)
		abort();
	return p;
}

/* Must hold whatever the input is. */
#define fuzz_check(cond, ...)						\
	do {								\
		if (!(cond)) {						\
			fprintf(stderr, "%s:%d: not so: %s: ", __FILE__, __LINE__, #cond); \
			fprintf(stderr, __VA_ARGS__);			\
			fputc('\n', stderr);				\
			abort();					\
		}							\
	} while (0)

#endif
