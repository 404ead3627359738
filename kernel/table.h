/* SPDX-License-Identifier: GPL-2.0 */
/* Looking up a number that a command names. */
#ifndef AXE_TABLE_H
#define AXE_TABLE_H

#include <linux/xarray.h>

/**
 * axe_table_load - xa_load() for who is under rcu_read_lock() anyway
 * @xa:		the table
 * @index:	any number
 *
 * A command does it three times, and xa_load()'s own lock is a third of its cost.
 *
 * Return: the entry, or NULL.
 */
static inline void *axe_table_load(struct xarray *xa, unsigned long index)
{
	XA_STATE(xas, xa, index);
	void *entry;

	do {
		entry = xas_load(&xas);
		if (xa_is_zero(entry))
			entry = NULL;
	} while (xas_retry(&xas, entry));
	return entry;
}

#endif
