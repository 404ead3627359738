// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Programs that are like others, but not quite. */

#include "ioctl_fuzz.h"

static bool chance(uint64_t *rnd, unsigned int of)
{
	return !torture_below(rnd, of);
}

/* Small ones, powers of two and their neighbours, anything. */
static uint64_t some_number(uint64_t *rnd, uint64_t old)
{
	switch (torture_below(rnd, 8)) {
	case 0:
		return old + 1;
	case 1:
		return old - 1;
	case 2:
		return old ^ 1ULL << torture_below(rnd, 32);
	case 3:
		return (1ULL << torture_below(rnd, 64)) - torture_below(rnd, 3) + 1;
	case 4:
		return torture_rnd(rnd) >> torture_below(rnd, 64);
	case 5:
		return -1ULL >> torture_below(rnd, 64);
	default:
		return torture_below(rnd, 17);
	}
}

static uint64_t some_address(uint64_t *rnd)
{
	uint64_t base = torture_below(rnd, 64) * PAGE;

	switch (torture_below(rnd, 6)) {
	case 0:		/* in a mapping */
		base = ZONE_SLOTS + torture_below(rnd, NUM_SLOTS) * SLOT_SIZE;
		break;
	case 1:		/* none of ours */
		return 0xffULL << 56 | torture_below(rnd, 8) |
			(chance(rnd, 2) ? torture_below(rnd, 4096) << 8 : 0);
	}
	return base + (chance(rnd, 3) ? torture_below(rnd, 4096) : 0);
}

static uint64_t some_handle(uint64_t *rnd)
{
	if (chance(rnd, 12))
		return 0x10000 + some_number(rnd, 0);
	return torture_below(rnd, 3) | (chance(rnd, 10) ? 0x100 : 0) |
		(chance(rnd, 10) ? 0x200 : 0) | (chance(rnd, 10) ? 0x400 : 0) |
		(chance(rnd, 10) ? 0x800 : 0);
}

static void change_argument(struct call *c, uint64_t *rnd)
{
	const struct row *row = &rows[c->row];
	unsigned int i = torture_below(rnd, row->num_fields), tries = 8;
	uint64_t old;

	while (tries-- && field_is_out(&row->fields[i]))
		i = torture_below(rnd, row->num_fields);
	old = c->arg[i];
	switch (row->fields[i].type) {
	case ADDR:
		c->arg[i] = some_address(rnd);
		break;
	case HANDLE:
	case KEY:
		c->arg[i] = some_handle(rnd);
		break;
	case GID:
		c->arg[i] = chance(rnd, 4) ? torture_rnd(rnd) : torture_below(rnd, 80);
		break;
	default:
		c->arg[i] = some_number(rnd, old);
	}
}

static void make_call(struct call *c, uint64_t *rnd)
{
	unsigned int i;

	*c = (struct call){ .row = torture_below(rnd, num_rows), .file = chance(rnd, 8) };
	for (i = 0; i < rows[c->row].num_fields; i++)
		c->arg[i] = rows[c->row].fields[i].usual;
	while (chance(rnd, 2))
		change_argument(c, rnd);
}

static void insert(struct program *p, unsigned int at, const struct call *c)
{
	if (p->num == MAX_CALLS)
		return;
	memmove(&p->call[at + 1], &p->call[at], (p->num - at) * sizeof(*c));
	p->call[at] = *c;
	p->num++;
}

static void delete(struct program *p, unsigned int at)
{
	if (p->num < 2)
		return;
	p->num--;
	memmove(&p->call[at], &p->call[at + 1], (p->num - at) * sizeof(p->call[0]));
}

/* The first calls of one, the last of the other. */
static void splice(struct program *p, const struct program *with, uint64_t *rnd)
{
	unsigned int from = torture_below(rnd, with->num), i;

	p->num = 1 + torture_below(rnd, p->num);
	for (i = from; i < with->num && p->num < MAX_CALLS; i++)
		p->call[p->num++] = with->call[i];
}

static void spoil_call(struct call *c, uint64_t *rnd)
{
	c->flaw = torture_below(rnd, NUM_FLAWS);
	/* These wake another thread, which costs more than the call. */
	if (c->flaw >= CHANGING && chance(rnd, 2))
		c->flaw = NO_FLAW;
	c->where = torture_rnd(rnd);
	c->value = some_number(rnd, 0);
	if (chance(rnd, 4))
		c->value |= 1U << (16 + torture_below(rnd, 4));
}

static void mutate_once(struct program *p, const struct program *other, uint64_t *rnd)
{
	unsigned int at = torture_below(rnd, p->num), to = torture_below(rnd, p->num);
	struct call c = p->call[at];

	switch (torture_below(rnd, 16)) {
	case 0:
	case 1:
		make_call(&c, rnd);
		insert(p, torture_below(rnd, p->num + 1), &c);
		break;
	case 2:
		delete(p, at);
		break;
	case 3:
		insert(p, to, &c);
		break;
	case 4:
		p->call[at] = p->call[to];
		p->call[to] = c;
		break;
	case 5:
		splice(p, other, rnd);
		break;
	case 6:
	case 7:
		spoil_call(&p->call[at], rnd);
		break;
	case 8:
		p->call[at].file ^= 1;
		break;
	case 9:
		p->call[at].other_way ^= 1;
		break;
	default:
		change_argument(&p->call[at], rnd);
	}
}

/**
 * mutate - change a program a little
 * @other:	some of it may be put in
 * @rnd:	what is random about it
 */
void mutate(struct program *p, const struct program *other, uint64_t *rnd)
{
	do {
		mutate_once(p, other, rnd);
	} while (chance(rnd, 2));
}
