// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "lanes.h"

void lanes_add_src(struct lanes *l, const struct area *a, size_t at)
{
	demand(l->num_src < MAX_SRC, "too many sources");
	l->src_p[l->num_src] = a->p + at;
	l->src[l->num_src++] = part(a, at, l->length);
}

void lanes_add_dst(struct lanes *l, const struct area *a, size_t at)
{
	demand(l->num_dst < MAX_DST, "too many destinations");
	l->dst_p[l->num_dst] = a->p + at;
	l->dst[l->num_dst++] = part(a, at, l->length);
}

uint8_t gf_product(uint8_t a, uint8_t b)
{
	unsigned int p = 0;
	int i;

	for (i = 0; i < 8; i++)
		p ^= a * (b & 1u << i);
	for (i = 15; i >= 8; i--)
		if (p >> i & 1)
			p ^= 0x11du << (i - 8);
	return p;
}

uint8_t gf_inverse(uint8_t a)
{
	uint8_t b = 1;

	while (gf_product(a, b) != 1)
		b++;
	return b;
}

uint8_t gf_power(unsigned int n)
{
	uint8_t power = 1;

	while (n--)
		power = gf_product(power, 2);
	return power;
}

void lanes_sum(uint8_t *to, uint8_t *const *from, const uint8_t *coef, unsigned int num,
	       size_t length)
{
	uint8_t times[256];
	unsigned int i, k;
	size_t n;

	memset(to, 0, length);
	for (i = 0; i < num; i++) {
		for (k = 0; k < 256; k++)
			times[k] = gf_product(coef[i], k);
		for (n = 0; n < length; n++)
			to[n] ^= times[from[i][n]];
	}
}
