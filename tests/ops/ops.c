// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include "ops.h"

struct rig rig;
uint8_t *scratch;

extern const struct op_checks checks_basic;
extern const struct op_checks checks_dif;
extern const struct op_checks checks_pack;
extern const struct op_checks checks_scan;
extern const struct op_checks checks_matrix;
extern const struct op_checks checks_parity;
extern const struct op_checks checks_sum;
extern const struct op_checks checks_chain;
extern const struct op_checks checks_move;
extern const struct op_checks checks_aead;
extern const struct op_checks checks_cipher;
extern const struct op_checks checks_hash;
extern const struct op_checks checks_mac;
extern const struct op_checks checks_esp;
extern const struct op_checks checks_pubkey;

/* Each family's. */
static const struct op_checks *const families[] = {
	&checks_basic,
	&checks_dif,
	&checks_pack,
	&checks_scan,
	&checks_matrix,
	&checks_parity,
	&checks_sum,
	&checks_chain,
	&checks_move,
	&checks_aead,
	&checks_cipher,
	&checks_hash,
	&checks_mac,
	&checks_esp,
	&checks_pubkey,
};

const struct op_check *check_of(unsigned int opcode)
{
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(families); i++)
		for (j = 0; j < families[i]->num; j++)
			if (families[i]->checks[j].opcode == opcode)
				return &families[i]->checks[j];
	return NULL;
}

/* With AXE_OPS_TIMES in the environment, how long each check took. */
static void check_timed(const struct op_check *c, const struct operands *o)
{
	uint64_t start = now_ns();

	c->check(o);
	if (getenv("AXE_OPS_TIMES"))
		print_message("# operation %d, %zu bytes: %.1f ms\n", c->opcode, o->length,
			      (now_ns() - start) / 1e6);
}

void check_all(const struct operands *o)
{
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		for (j = 0; j < families[i]->num; j++) {
			const struct op_check *c = &families[i]->checks[j];

			if (!c->longest || o->length <= c->longest)
				check_timed(c, o);
		}
	}
}

int ops_setup(void **state)
{
	rig_open(&rig, NULL);
	scratch = pages(SCRATCH);
	return 0;
}

int ops_teardown(void **state)
{
	munmap(scratch, SCRATCH);
	rig_close(&rig);
	return 0;
}
