/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* Two processes with a QP each, that tell each other where they are. */
#ifndef AXE_LIVE_WIRE_H
#define AXE_LIVE_WIRE_H

#include "peer.h"

/* A socket to the other process: @fd[0] is the parent's end. Made before the fork. */
struct wire {
	int fd[2];
};

void wire_make(struct wire *w);
void wire_free(struct wire *w);
/* All of it, or the other process has gone. */
void wire_tell(int fd, const void *data, size_t size);
void wire_hear(int fd, void *data, size_t size);

/* What an end has to offer: itself, and memory of @size bytes. */
struct offer {
	struct address at;
	uint64_t addr;
	uint64_t size;
	uint32_t rkey;
};

/* Tells ours, hears theirs, connects, and waits until they are connected, too. */
struct offer wire_connect(int fd, struct end *e, const struct mem *m);

#endif
