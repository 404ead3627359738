/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * What the programs of the torture lab share: cases that run for a time or a count,
 * from a seed that can be given again.
 *
 * Each case runs in a process of its own, so demand() may be used in any thread of it
 * and in its children, and a case that crashes or hangs does not take the next along.
 * cmocka's assertions, and skip(), are not for here.
 */
#ifndef AXE_TORTURE_H
#define AXE_TORTURE_H

#include "common.h"

/**
 * struct torture_run - one case at work; shared by all processes of the case
 * @name:	of the case
 * @seed:	what all that is random comes from
 * @rounds:	that were begun, counted by torture_goes_on()
 * @count:	how many to do; 0: until @end
 * @end:	when to stop, by now_ns()
 */
struct torture_run {
	const char *name;
	uint64_t seed;
	uint64_t rounds;
	uint64_t count;
	uint64_t end;
	char skipped[256];
};

/**
 * struct torture - a case
 * @name:	as TAP shows it
 * @run:	does it, until torture_goes_on() says no
 * @seconds:	its share: a program's short form takes the sum of them, but 5 s at most
 */
struct torture {
	const char *name;
	void (*run)(struct torture_run *run);
	unsigned int seconds;
};

/* Runs the cases that the command line names, or all. */
int torture_main(int argc, char *argv[], const char *name, const struct torture *cases, size_t n);
#define TORTURE_MAIN(name, cases)					\
	int main(int argc, char *argv[])				\
	{								\
		return torture_main(argc, argv, name, cases, ARRAY_SIZE(cases)); \
	}

/* Until time or count is used up; counts a round. For any thread or child of the case. */
bool torture_goes_on(struct torture_run *run);
/* The same question, without counting. */
bool torture_is_over(const struct torture_run *run);

/* What a thread or child of this number draws from: the same with the same seed. */
uint64_t torture_state(const struct torture_run *run, unsigned int index);
/* The next 64 bits; one below @n. */
uint64_t torture_rnd(uint64_t *state);
unsigned int torture_below(uint64_t *state, unsigned int n);

/* A line of the report: "12345 commands, 67 faults, 8 errors". */
void torture_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Ends the case here: something is missing that it needs. Not in a child of it. */
void torture_skip(struct torture_run *run, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));

/* Zeros that children share with us: for what they count. */
void *torture_shared(size_t size);
/* As start_child(), but it may live as long as the case. */
pid_t torture_child(void (*fn)(void *), void *arg);

#endif
