/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Failing the first, the second, the third ... allocation or user copy of a call,
 * until none is left to fail (Documentation/fault-injection, "fail-nth").
 */
#ifndef AXE_TORTURE_FAULTS_H
#define AXE_TORTURE_FAULTS_H

#include "left.h"
#include "peer.h"
#include "torture.h"

/* The library looks for its device's files again and again, and tells how that ended. */
#define ANY_ERROR	-1

/**
 * struct thing - something that verbs make and destroy
 * @make:	returns an errno; on failure nothing is left
 * @drop:	returns an errno; on failure it is still there
 * @answers:	uverbs writes an answer after it was destroyed: where that fails
 *		(EFAULT), it is gone all the same
 * @also:	another errno that may come of it, or ANY_ERROR
 */
struct thing {
	const char *name;
	int (*make)(void);
	int (*drop)(void);
	bool answers;
	int also;
};

/**
 * struct step - something that verbs do
 * @ready:	before each try, nothing fails; or NULL
 * @call:	returns an errno, and may have done it or not
 * @undo:	after each try, nothing fails; or NULL
 * @workers:	the device's workers have a part in it
 * @also:	another errno that may come of it, or ANY_ERROR
 */
struct step {
	const char *name;
	void (*ready)(void);
	int (*call)(void);
	void (*undo)(void);
	bool workers;
	int also;
};

/*
 * For each case: opens @node, or skips if the kernel injects no faults; and closes it,
 * unless the case has done so.
 */
void faults_open(struct torture_run *run);
void faults_close(void);
/* What there is now is what there has to be after each thing, and when it is checked. */
void faults_note(void);
void faults_check(void);

/* Fails each of the allocations of making it, and of dropping it. */
void fail_thing(const struct thing *thing);
void fail_step(const struct step *step);
/* ... as long as there is time. */
void fail_step_in_time(const struct step *step, struct torture_run *run);

/*---- for the above: of this thread ----*/

/* What of CONFIG_* the kernel lacks; NULL: nothing. */
const char *faults_lacks(void);
/* Let the @nth fail; none any more, and whether it came to that. */
void faults_arm(unsigned int nth);
bool faults_disarm(void);
/* Nothing that this function of the kernel asks for; or only what nobody should fail. */
void faults_spare(const char *function);
/* Nothing but what this function asks for, and whatever it calls. */
void faults_only(const char *function);
/* Nothing but what axe's functions ask for. */
void faults_axe_only(void);
void faults_spare_default(void);
/* As faults_arm(), but also in the kernel's workers, and only what axe's functions ask for. */
void faults_arm_workers(unsigned int nth);
bool faults_disarm_workers(void);

/*---- what is made and used in more than one file ----*/

/* Of small pages, that do not belong to anybody else. */
#define FAULTS_SIZE	(64 * KIB)
extern uint8_t *faults_area;
extern struct ibv_cq *faults_cq;
extern struct ibv_xrcd *faults_xrcd;
extern struct ibv_srq *faults_srq;
extern struct ibv_dm *faults_dm;

int make_cq(void);
int drop_cq(void);
int make_xrcd(void);
int drop_xrcd(void);
int make_dm(void);
int drop_dm(void);
int make_srq(void);
int drop_srq(void);
/* The errno of what returns NULL. */
#define MADE(p)	((p) ? 0 : errno)

/* Cases. */
void faults_objects(struct torture_run *run);
void faults_regions(struct torture_run *run);
void faults_queues(struct torture_run *run);
void faults_verbs(struct torture_run *run);
void faults_transitions(struct torture_run *run);
void faults_commands(struct torture_run *run);
void faults_messages(struct torture_run *run);
void faults_links(struct torture_run *run);
void faults_module(struct torture_run *run);

#endif
