/* SPDX-License-Identifier: GPL-2.0 */
/* Engines: who implements an operation. So far the built-in software one. */
#ifndef AXE_ENGINE_H
#define AXE_ENGINE_H

#include <linux/types.h>

struct axe_dev;
struct axe_exec;
struct axe_engine_info;

#define AXE_ENGINE_BUILTIN	0
#define AXE_NUM_ENGINES		1

void axe_engine_describe(unsigned int index, struct axe_engine_info *info);

/* Private memory of operations, kept for reuse. */
void *axe_priv_get(struct axe_dev *dev, struct axe_exec *x, unsigned int opcode);
void axe_priv_put(struct axe_dev *dev, unsigned int opcode, void *priv, size_t len);
void axe_priv_pools_drain(struct axe_dev *dev);

#endif
