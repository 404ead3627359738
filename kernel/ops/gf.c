// SPDX-License-Identifier: GPL-2.0
/*
 * Arithmetic of GF(2^8), for the few coefficients of a code. Without tables: those of
 * the data are worked on by bits, see parity.c.
 */
#include <linux/minmax.h>
#include <linux/string.h>

#include "gf.h"

/**
 * axe_gf_mul - a product
 * @a: any
 * @b: any
 */
u8 axe_gf_mul(u8 a, u8 b)
{
	u8 product = 0;

	for (; b; b >>= 1) {
		if (b & 1)
			product ^= a;
		a = a << 1 ^ (a & 0x80 ? AXE_GF_POLY : 0);
	}
	return product;
}

/**
 * axe_gf_inv - what gives 1 if multiplied with @a
 * @a: any; 0 has none, and 0 is returned
 */
u8 axe_gf_inv(u8 a)
{
	u8 inv = 1;
	int i;

	/* a^254, for a^255 is 1. */
	for (i = 0; i < 7; i++) {
		a = axe_gf_mul(a, a);
		inv = axe_gf_mul(inv, a);
	}
	return inv;
}

static void axe_gf_row_swap(u8 *a, u8 *b, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		u8 t = a[i];

		a[i] = b[i];
		b[i] = t;
	}
}

static void axe_gf_row_scale(u8 *row, u8 by, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		row[i] = axe_gf_mul(row[i], by);
}

/* @row += @from * @by; most matrices are nearly empty. */
static void axe_gf_row_add(u8 *row, const u8 *from, u8 by, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (from[i])
			row[i] ^= axe_gf_mul(from[i], by);
}

/* Have a row with something in column @c at @c. */
static bool axe_gf_pivot(struct axe_gf_work *w, unsigned int c, unsigned int n)
{
	unsigned int r = c;

	while (r < n && !w->a[r][c])
		r++;
	if (r == n)
		return false;
	if (r != c) {
		axe_gf_row_swap(w->a[r], w->a[c], n);
		axe_gf_row_swap(w->b[r], w->b[c], n);
	}
	return true;
}

/**
 * axe_gf_invert - invert a matrix (Gauss, Jordan)
 * @w: @a is used up, @b becomes its inverse
 * @n: rows and columns, at most AXE_GF_MAX
 *
 * Return: false if it has none.
 */
bool axe_gf_invert(struct axe_gf_work *w, unsigned int n)
{
	unsigned int c, r;

	memset(w->b, 0, sizeof(w->b));
	for (r = 0; r < n; r++)
		w->b[r][r] = 1;
	for (c = 0; c < n; c++) {
		if (!axe_gf_pivot(w, c, n))
			return false;
		if (w->a[c][c] != 1) {
			u8 inv = axe_gf_inv(w->a[c][c]);

			axe_gf_row_scale(w->a[c], inv, n);
			axe_gf_row_scale(w->b[c], inv, n);
		}
		for (r = 0; r < n; r++) {
			u8 by = w->a[r][c];

			if (r == c || !by)
				continue;
			axe_gf_row_add(w->a[r], w->a[c], by, n);
			axe_gf_row_add(w->b[r], w->b[c], by, n);
		}
	}
	return true;
}
