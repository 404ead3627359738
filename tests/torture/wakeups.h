/* SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB */
/*
 * Programs and the device put each other to sleep and wake each other. A cycle is
 * from the post of something to its completion in hand; whoever waits in it for
 * longer than the limit was forgotten.
 */
#ifndef AXE_TORTURE_WAKEUPS_H
#define AXE_TORTURE_WAKEUPS_H

#include "peer.h"
#include "torture.h"

/* Of one wait of a cycle. */
#define WAKEUPS_LIMIT_MS	(100 * slowness())

/*---- time, as the processors have it ----*/

#define CLOCK_CPUS	64

/* A moment: how often each processor had beaten then. */
struct moment {
	uint64_t ns;
	uint32_t beats[CLOCK_CPUS];
};

/*
 * Time that counts is such in which every processor was at work: on a busy host one
 * of them may stand still for longer than the limit, with all that runs on it.
 */
void clock_start(void);
void moment_take(struct moment *m);
unsigned int moment_age_ms(const struct moment *m);

/*---- waiting ----*/

/* Some of the time not at all, else up to about 100 us, mostly little; rarely a sleep. */
void pause_a_while(uint64_t *state);

/* Who may have been forgotten: a doorbell that may help. */
struct bell {
	const char *what;
	uint32_t number;
	enum axe_doorbell_ring ring;
};

/**
 * struct wait - for the completions of something that was posted
 * @cq:		where the next one comes
 * @far:	where it would be if it came only half of the way, or NULL
 * @bells:	what may not have been rung
 * @state:	where there is more to say about it, or NULL
 * @extra_ms:	that it may take beside the limit
 * @since:	when it began
 */
struct wait {
	struct ibv_cq *cq;
	struct ibv_cq *far;
	struct bell bells[4];
	unsigned int num_bells;
	const struct rig *rig;
	unsigned int extra_ms;
	struct moment since;
};

/* Ends the case if this takes too long by now, and says what was forgotten. */
void wait_check(const struct wait *w);
/* The file has something to read, within the limit. */
void wait_readable(const struct wait *w, int fd);

/**
 * struct tally - what a thread has done
 * @events:	that woke it
 * @found:	completions that were there when it looked
 * @longest_ms:	of its waits
 */
struct tally {
	uint64_t cycles;
	uint64_t events;
	uint64_t found;
	unsigned int longest_ms;
};

/* A wait is over, and was not too long. */
void tally_wait(struct tally *t, const struct wait *w);
void tally_add(struct tally *to, const struct tally *t);
void tally_say(const struct torture_run *run, const struct tally *t);

/**
 * struct hand - a thread of a case
 * @index:	its number, and what it draws from
 */
struct hand {
	struct torture_run *run;
	unsigned int index;
	uint64_t state;
	struct tally tally;
	void (*fn)(struct hand *hand);
};

/* Several of the same side by side: processors that never rest are faster woken. */
void hands_run(struct torture_run *run, unsigned int n, void (*fn)(struct hand *hand));

/*---- cases ----*/

void wakeups_alone(struct torture_run *run);
void wakeups_together(struct torture_run *run);
void wakeups_fed(struct torture_run *run);
void wakeups_messages(struct torture_run *run);
void wakeups_timers(struct torture_run *run);
void wakeups_limit(struct torture_run *run);
void wakeups_mads(struct torture_run *run);

#endif
