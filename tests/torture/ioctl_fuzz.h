/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * A fuzzer of what a process may ask of a device file: methods of uverbs, commands
 * written to it, its mappings, and the rings and doorbells of the driver.
 *
 * A program is a list of calls. A call is a row of the table (ioctl_rows.c: what can
 * be asked, and how an answer is understood) with an argument for each of the row's
 * fields, and perhaps a flaw: an attribute that is missing, or changed by another
 * thread. Handles are arguments of a kind: "the newest CQ but one". So programs can
 * be changed at random and still make some sense.
 *
 * Nothing that the kernel is given points anywhere but into the zone: a range of
 * addresses with memory, messages and mappings in it, and 8 GiB of nothing behind it.
 */
#ifndef AXE_TORTURE_IOCTL_FUZZ_H
#define AXE_TORTURE_IOCTL_FUZZ_H

#include <rdma/rdma_user_ioctl_cmds.h>
#include <rdma/ib_user_verbs.h>
#include <rdma/ib_user_ioctl_cmds.h>
#include <rdma/ib_user_ioctl_verbs.h>
#include <rdma/axe-abi.h>
#include <rdma/axe_user_ioctl_cmds.h>

#include "torture.h"

#define MAX_ARGS	40
#define MAX_CALLS	32
#define MAX_OBJECTS	64
#define NUM_FILES	2

/* The zone: data, messages, mappings, nothing. */
#define ZONE		0x1000000000UL
#define ZONE_DATA	(128 * KIB)
#define ZONE_MESSAGES	ZONE_DATA
#define MESSAGE_SIZE	(16 * KIB)
#define ZONE_SLOTS	MIB
#define SLOT_SIZE	(256 * KIB)
#define NUM_SLOTS	16U
#define ZONE_SIZE	(8 * GIB)

/* What handles stand for. */
enum class {
	NOTHING, PD, CQ, QP, SRQ, XRCD, MR, MW, AH, DM, CHANNEL, EVENTS, DOORBELL, NUM_CLASSES
};

/* How a call is made. */
enum how {
	BY_METHOD,	/* ioctl */
	BY_WRITE,	/* write() of a command, or the method that does the same */
	BY_WRITE_EX,	/* likewise, an extended one */
	BY_MMAP, BY_MUNMAP, BY_MPROTECT, BY_MADVISE,	/* of the zone's mappings */
	BY_BELL,	/* write() to a doorbell's file */
	BY_READ, BY_POLL, BY_CLOSE,	/* of a file that a call made */
	BY_POST,	/* a slot and the tail of a ring that is mapped */
	BY_POKE,	/* a word of a ring's header */
};

/* What an argument means, and where an answer goes. */
enum type {
	VALUE,		/* a number */
	SIZE,		/* a number that costs memory: small, or so large that it is refused */
	ADDR,		/* into the zone, or nowhere */
	HANDLE,		/* of an object of the field's class */
	KEY,		/* its key or number */
	GID,		/* 16 bytes: one of a device's, a multicast group, or none */
	OUT,		/* room for an answer that nobody looks at */
	OUT_HANDLE, OUT_KEY, OUT_OFFSET, OUT_LENGTH,	/* of the object that the row makes */
	OUT_OFFSET2, OUT_LENGTH2,			/* of its second ring */
	OUT_STRIDE,
};

/* Where a field is: in the command, or in what is the driver's; or an attribute's number. */
#define CORE		0x0fff
#define UHW		0x0ffe
#define PSEUDO		0x0ffd	/* in no message: something for us to know */

/**
 * struct field - a part of a request or an answer
 * @part:	CORE, UHW, PSEUDO, or the attribute's number
 * @usual:	the argument of a new call
 */
struct field {
	const char *name;
	uint16_t part;
	uint16_t offset;
	uint8_t size;
	uint8_t type;
	uint8_t class;
	bool optional;
	uint64_t usual;
};

/**
 * struct row - something that can be asked
 * @id:		command, or object << 16 | method
 * @in, @out:	bytes of request and answer of a command
 * @uhw_in, @uhw_out: likewise of the driver's
 * @makes:	class of the object that success makes
 * @ends:	success is the end of the object that the first handle names
 */
struct row {
	const char *name;
	const struct field *fields;
	uint32_t id;
	uint16_t num_fields;
	uint16_t in, out, uhw_in, uhw_out;
	uint8_t how;
	uint8_t makes;
	bool ends;
};

extern const struct row rows[];
extern const unsigned int num_rows;
bool field_is_out(const struct field *f);

/* What may be wrong with a call. @where and @value: with which part, and how. */
enum flaw {
	NO_FLAW,
	MISSING,	/* an attribute, or the last words of a command */
	DOUBLED,	/* an attribute */
	WRONG_LENGTH,	/* of an attribute, or what the header says */
	NOWHERE,	/* it points to where nothing is */
	FLIPPED,	/* a bit of the message */
	RENAMED,	/* an attribute has another number, or flags */
	CHANGING,	/* another thread flips the bit all the while */
	TOGETHER,	/* with the next call, which another thread makes */
	NUM_FLAWS
};

struct call {
	uint8_t row;
	uint8_t file;
	uint8_t flaw;
	uint8_t other_way;	/* a command as a method */
	uint16_t where;
	uint32_t value;
	uint64_t arg[MAX_ARGS];
};

struct program {
	uint32_t num;
	struct call call[MAX_CALLS];
};

/* ioctl_exec.c */

/**
 * struct exec_stats - what was done, of one process
 * @made:	calls by row
 * @good:	... that succeeded
 */
struct exec_stats {
	uint64_t made[128];
	uint64_t good[128];
};

/* Before the first program of a process. */
void exec_init(const char *device);
/*
 * Runs it from beginning to end, or until @goes_on says no; afterwards nothing of
 * it is left. @stats: counts the calls. @errors: of each call, as a bit map by row of
 * errors that were seen; returns whether one is new.
 */
bool exec_program(const struct program *p, struct torture_run *run, struct exec_stats *stats,
		  uint8_t (*errors)[136]);

/* ioctl_mutate.c */
void mutate(struct program *p, const struct program *other, uint64_t *rnd);

/* ioctl_text.c: programs as text, a call a line, a blank line between two. */
void program_print(FILE *to, const struct program *p);
/* Returns false at the end of the file. */
bool program_read(FILE *from, const char *name, unsigned int *line, struct program *p);

/* ioctl_cover.c: which basic blocks of the module were reached. */

/**
 * struct cover - the module's basic blocks
 * @num:	of them; 0: the kernel cannot tell
 * @seen:	those that were reached, by all processes; shared
 */
struct cover {
	unsigned int num;
	uint8_t *seen;
	uint64_t *address;
};

/* Once, before the processes are started: learns the module's blocks. */
void cover_open(struct cover *c);
/* Once in each process. */
void cover_start(struct cover *c);
/*
 * Before a program; after it: how many blocks are new. @mark, if given: becomes 1 for
 * each that was reached, 2 if it is new.
 */
void cover_begin(void);
unsigned int cover_end(struct cover *c, uint8_t *mark);
unsigned int cover_count(const struct cover *c);
/* A line a function: "3 of 17 axe_destroy_cq". */
void cover_report(const struct cover *c, const char *path);

#endif
