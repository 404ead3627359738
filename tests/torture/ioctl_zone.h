/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The fuzzer's process: the zone, its objects, and a call that is ready to be made. */
#ifndef AXE_TORTURE_IOCTL_ZONE_H
#define AXE_TORTURE_IOCTL_ZONE_H

#include "ioctl_fuzz.h"

/* File descriptors below are ours: 62 is a dma-buf if there are any, 63 a file. */
#define FIRST_FD	64
#define DMABUF_FD	62
#define INODE_FD	63

/**
 * struct object - something that a call made
 * @handle:	or file descriptor
 * @key:	lkey, QP number, SRQ number, number of an address handle
 * @offset:	at which its rings, or its memory, can be mapped; and how long they are
 * @at:		where they are mapped; 0: nowhere
 * @slots:	of the rings, as their headers said when they were mapped
 * @tail:	what was posted
 */
struct object {
	uint8_t class;
	uint8_t file;
	uint32_t handle;
	uint32_t key;
	uint32_t stride;
	uint64_t offset[2];
	uint32_t length[2];
	uint64_t at[2];
	uint32_t slots[2];
	uint32_t tail[2];
};

/**
 * struct shot - a call that can be made
 * @object:	a copy of what its first handle names; of no class if there is no such
 * @message:	in the zone, of @length bytes; or what is stored into a ring
 * @data:	in the zone, what attributes point to
 * @answer:	in the zone, where answers go
 * @word:	where the answer to field i will be
 * @num:	attributes, of a method
 * @to:		address in a ring; or of a mapping
 * @error:	what came of it
 */
struct shot {
	const struct call *call;
	const struct row *row;
	struct object object;
	int fd;
	bool method;
	uint8_t *message;
	uint8_t *data;
	uint8_t *answer;
	size_t length;
	size_t data_length;
	size_t answer_length;
	unsigned int num;
	uint64_t to;
	void *word[MAX_ARGS];
	int error;
};

/* ioctl_zone.c */
void zone_init(const char *device);
/* As before the first program, but for what files still hold. */
void zone_reset(void);
/* Mappings of its data have changed. */
void zone_tear(void);
void *zone_message(unsigned int index);
/* What an argument stands for. */
uint64_t zone_address(uint64_t arg);
uint64_t zone_nowhere(uint32_t value);
void zone_gid(uint8_t *gid, uint64_t arg);
struct object *zone_pick(unsigned int class, unsigned int file, uint64_t arg, bool any_file);
struct object *zone_add(unsigned int class, unsigned int file);
/* The object that this is a copy of; NULL: it is gone. */
struct object *zone_find(const struct object *copy);
void zone_drop(const struct object *copy);
/* The device's file: opened when it is first needed. */
int zone_file(unsigned int number);
/* It is asked for a context; false if it has been before. */
bool zone_ask_context(unsigned int number);
/* It has none after all. */
void zone_no_context(unsigned int number);
/* To and from our own memory, which may not be there. Returns an errno. */
int zone_put(uint64_t to, const void *from, size_t length);
int zone_get(void *to, uint64_t from, size_t length);

/* ioctl_build.c */
void shot_build(struct shot *s, const struct call *call, unsigned int index);

#endif
