/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/* The options that sub-commands share. */
#ifndef AXE_TOOL_OPTIONS_H
#define AXE_TOOL_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include <rdma/axe-abi.h>

struct options {
	const char *device;	/* NULL: the first */
	const char *engine;	/* NULL: the best for each operation */
	enum axe_offload offload;
	unsigned int lanes;	/* 0: as the device likes */
	bool quiet;
	bool verbose;
	bool no_progress;
};

extern struct options options;

/* For the children of a sub-command's argp: of all of them, and of those that use a device. */
extern const struct argp common_argp;
extern const struct argp device_argp;

/* Keys of long options, above all characters; each sub-command goes on from OPT_OWN. */
enum {
	OPT_NO_PROGRESS = 0x100,
	OPT_ENGINE,
	OPT_LANES,
	OPT_OFFLOAD,
	OPT_OWN,
};

/*
 * A number between two bounds, or a usage error. A size takes a suffix K, M or G
 * (powers of 1024).
 */
unsigned long parse_number(struct argp_state *state, const char *what, const char *arg,
			   unsigned long min, unsigned long max);
unsigned long parse_size(struct argp_state *state, const char *what, const char *arg,
			 unsigned long min, unsigned long max);

#endif
