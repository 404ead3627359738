/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What processes, objects and devices leave behind, which is nothing; and a probe
 * that says whether a device is still as good as before.
 */
#ifndef AXE_TORTURE_LEFT_H
#define AXE_TORTURE_LEFT_H

#include "peer.h"

/* Caches of the kernel that are looked at. */
#define LEFT_CACHES	64

struct left_cache {
	char name[32];
	long long objects;
};

/**
 * struct left - what there is at a time
 * @references:	to the module
 * @pins:	pages that are pinned, of the whole machine
 * @rings:	mappings in the kernel that the module made
 * @resources:	what `rdma resource` says of all devices; to be freed
 * @caches:	objects of the slab caches
 */
struct left {
	long long references;
	long long pins;
	long long rings;
	char *resources;
	struct left_cache caches[LEFT_CACHES];
	unsigned int num_caches;
};

/* What there is now, when nothing is on its way out any more. */
void left_note(struct left *l);
/* ... and in the slab caches, which takes a while. */
void left_note_memory(struct left *l);
void left_free(struct left *l);
/* Mappings in the kernel that the module has made: its rings, and device memory. */
long long left_rings(void);
/*
 * What can be counted exactly, and cheaply, is (soon) as it was. With @resources
 * also what `rdma resource` shows, which takes a process.
 */
void left_check(const struct left *before, bool resources);
/*
 * ... and so are the slab caches, but for some noise: after @rounds of them, what
 * was left behind by each would show.
 */
void left_check_memory(const struct left *before, uint64_t rounds);

/**
 * struct probe - a queue, and a connection, that have to go on working
 */
struct probe {
	struct rig rig;
	struct node node;
	struct pair pair;
};

void probe_open(struct probe *p, const char *device);
/* A command, and a message there and back. */
void probe_run(struct probe *p);
void probe_close(struct probe *p);

#endif
