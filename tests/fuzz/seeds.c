// SPDX-License-Identifier: GPL-2.0
/* What fuzz_cuts starts from: seeds DIRECTORY writes the vectors of all operations there. */
#include <stdio.h>
#include <stdlib.h>

#include "vectors.h"

static const char *directory;
static unsigned int number;

static void put(FILE *f, const void *p, size_t n)
{
	if (n && fwrite(p, 1, n, f) != n)
		abort();
}

static void put_u8(FILE *f, u8 v)
{
	put(f, &v, sizeof(v));
}

static void put_u16(FILE *f, u16 v)
{
	put(f, &v, sizeof(v));
}

/* As fuzz_cuts.c takes it apart. */
static void put_vector(FILE *f, const struct unit_vector *v)
{
	put_u8(f, v->opcode);
	put_u8(f, number);
	put_u8(f, v->num_src);
	put_u8(f, v->num_dst);
	put_u8(f, v->key.algorithm);
	put_u8(f, v->key.len);
	put(f, v->key.bytes, v->key.len);
	put_u16(f, v->dst_len);
	put_u16(f, v->aux_len);
	put(f, v->op.op.raw, sizeof(v->op.op.raw));
	put(f, v->ext.op.raw, sizeof(v->ext.op.raw));
	put(f, v->aux, v->aux_len);
	put(f, v->src, v->src_len);
}

static void write_seed(const struct unit_vector *v)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%03u", directory, number++);
	f = fopen(path, "w");
	if (!f) {
		perror(path);
		exit(1);
	}
	put_vector(f, v);
	if (fclose(f))
		abort();
}

int main(int argc, char *argv[])
{
	if (argc != 2)
		return 2;
	directory = argv[1];
	unit_each_vector(write_seed);
	return 0;
}
