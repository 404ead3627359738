/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a kernel module needs to be an engine of axe: see docs/engines.md.
 *
 * An engine runs requests: a piece of a command, in memory of the device's own. The
 * memory of processes it never sees. What it has said that it will complete it has to
 * complete, for it may be writing to that memory; a command waits for it only so long.
 */
#ifndef AXE_ENGINE_PUBLIC_H
#define AXE_ENGINE_PUBLIC_H

#include <linux/scatterlist.h>
#include <linux/types.h>
#include <rdma/axe-ring.h>
#include <rdma/axe_user_ioctl_cmds.h>

struct axe_engine;

/* Bytes of a request at most. */
#define AXE_ENGINE_MAX_BYTES	(64 * 1024)
#define AXE_ENGINE_IV		16

/**
 * struct axe_engine_request - a piece of a command
 * @opcode:	enum axe_opcode
 * @algorithm:	enum axe_key_algorithm, of an operation with AXE_OP_HAS_KEY
 * @cmd:	the command; its operands mean nothing here
 * @key:	what key_prepare() has made
 * @iv:		initialisation vector, counter or tweak of this request
 * @src:	what it reads
 * @dst:	where its result goes; the same memory as @src
 * @len:	bytes of either
 * @backlogged:	set by submit() if the request was taken, but has to wait
 * @priv:	req_size bytes of the engine's own, not initialised, aligned as by kmalloc()
 */
struct axe_engine_request {
	u16 opcode;
	u32 algorithm;
	const struct axe_cmd *cmd;
	void *key;
	u8 iv[AXE_ENGINE_IV];
	struct scatterlist *src;
	struct scatterlist *dst;
	u32 len;
	bool backlogged;
	void *priv;
};

/**
 * struct axe_engine_ops - an engine
 * @name:	at most 15 characters, no other's
 * @flags:	AXE_ENGINE_SOFTWARE, AXE_ENGINE_ASYNC
 * @priority:	of each operation the engine of the highest priority runs it; that of the
 *		CPU is 100
 * @min_bytes:	commands with a shorter source stay on the CPU, if the queue leaves it open
 * @max_bytes:	of a request, a multiple of 4096; 0: AXE_ENGINE_MAX_BYTES
 * @depth:	requests at a time at most; 0: as many as come
 * @max_keys:	keys that are prepared at a time at most, 0: as many as come. The one that
 *		was not used for longest goes for another
 * @timeout_ms:	what takes longer will never end: the engine has failed. 0: 10 seconds
 * @ops:	bit opcode % 64 of element opcode / 64. Only operations that can be done in
 *		requests: those with axe_op.offload
 * @algorithms:	mask of 1 << enum axe_key_algorithm, for those with AXE_OP_HAS_KEY
 * @req_size:	bytes of axe_engine_request.priv
 * @key_prepare: make of a key what requests need of it; it is called when the key is first
 *		used here, and again after axe_engine_up(). May sleep. Returns 0 or an error:
 *		commands do without the engine then, and it is asked again after a second
 * @key_release: no request uses it any more. May sleep
 * @submit:	run a request. May sleep. Returns 0: done; -EINPROGRESS:
 *		axe_engine_complete() will be called, or was; -EBUSY: full, to be tried again
 *		when another request has ended, or in a moment; or an error
 * @health:	is it well? NULL: always. May not sleep
 */
struct axe_engine_ops {
	const char *name;
	u32 flags;
	s32 priority;
	u32 min_bytes;
	u32 max_bytes;
	u32 depth;
	u32 max_keys;
	u32 timeout_ms;
	u64 ops[2];
	u32 algorithms;
	size_t req_size;
	int (*key_prepare)(void *priv, u32 algorithm, const u8 *bytes, size_t len, void **key);
	void (*key_release)(void *priv, void *key);
	int (*submit)(void *priv, struct axe_engine_request *req);
	bool (*health)(void *priv);
};

struct axe_engine *axe_register_engine(const struct axe_engine_ops *ops, void *priv);
void axe_unregister_engine(struct axe_engine *engine);
void axe_engine_complete(struct axe_engine_request *req, int err);
bool axe_engine_down(struct axe_engine *engine);
void axe_engine_up(struct axe_engine *engine);

#endif
