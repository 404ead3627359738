/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Memory as the device and the process see it.
 *
 * Each test runs with commands in the doorbell's system call and with commands
 * on a kernel worker, which is of no process.
 */
#ifndef AXE_LIVE_MEMORIES_H
#define AXE_LIVE_MEMORIES_H

#include "common.h"

/* Opened before each test. */
extern struct rig rig;

#define SIZE (64 * KIB)

/* Is the text of @seed (fill_text()) there? The device writes it there. */
void device_sees_text(const uint8_t *p, size_t size, uint32_t seed);
void process_sees_text(const uint8_t *p, size_t size, uint32_t seed);
void device_writes_text(uint8_t *p, size_t size, uint32_t seed);

/**
 * struct memory - a kind of memory
 * @make:	maps some. At least SIZE bytes from the result on are to be used;
 *		@map and @length say what is to be unmapped
 * @shared:	with children
 */
struct memory {
	const char *name;
	uint8_t *(*make)(uint8_t **map, size_t *length);
	bool shared;
};

extern const struct memory memories[];
extern const unsigned int num_memories;

uint8_t *make_huge(uint8_t **map, size_t *length);
uint8_t *make_hugetlb(uint8_t **map, size_t *length);
uint8_t *make_shared_memfd(uint8_t **map, size_t *length);

int open_queue(void **state);
int close_queue(void **state);
extern enum axe_queue_mode inline_mode, worker_mode;

#define BOTH(f)								\
	{ #f "__inline", f, open_queue, close_queue, &inline_mode },	\
	{ #f "__worker", f, open_queue, close_queue, &worker_mode }

#endif
