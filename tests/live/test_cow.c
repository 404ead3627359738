// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Fork and copy-on-write: who writes what, and who sees it. */

#include <pthread.h>

#include <zlib.h>

#include "memories.h"
#include "vectors.h"

/*---- fork ----*/

struct scene {
	uint8_t *p;
	size_t size;
	struct baton baton;
	bool child_writes;
	uint32_t child_sees;		/* at first */
	uint32_t child_sees_last;	/* if it writes */
};

/* Looks when told, and writes if it is to; then looks again. */
static void child_looks(void *arg)
{
	struct scene *s = arg;

	baton_await_parent(&s->baton);
	process_sees_text(s->p, s->size, s->child_sees);
	if (s->child_writes) {
		fill_text(s->p, s->size, 77);
		baton_to_parent(&s->baton);
		baton_await_parent(&s->baton);
		process_sees_text(s->p, s->size, s->child_sees_last);
	}
}

enum act { PARENT_WRITES, DEVICE_WRITES, DEVICE_READS, CHILD_WRITES };

/*
 * Text 1 in memory, known to the device if @warm; a child is forked; then @acts,
 * each by a new text. After each the device and the parent see the newest, and
 * at the end the child what was there at the fork (of shared memory: the newest).
 */
static void play(const struct memory *m, bool warm, const enum act *acts, unsigned int n)
{
	struct scene s = { .size = SIZE };
	uint32_t texts[8], newest = 1;
	uint8_t *map;
	size_t length;
	unsigned int i;
	pid_t pid;

	s.p = m->make(&map, &length);
	baton_make(&s.baton);
	fill_text(s.p, s.size, 1);
	if (warm) {
		device_sees_text(s.p, s.size, 1);
		device_writes_text(s.p, s.size, 1);
	}

	/* What is there after each act, and what the child is going to see. */
	s.child_sees = 1;
	s.child_sees_last = 1;
	for (i = 0; i < n; i++) {
		if (acts[i] == CHILD_WRITES) {
			s.child_writes = true;
			s.child_sees_last = 77;
			newest = m->shared ? 77 : newest;
		} else if (acts[i] != DEVICE_READS) {
			newest++;
			s.child_sees_last = m->shared ? newest : s.child_sees_last;
		}
		if (!s.child_writes)
			s.child_sees = s.child_sees_last;
		texts[i] = newest;
	}
	pid = start_child(child_looks, &s);

	for (i = 0; i < n; i++) {
		switch (acts[i]) {
		case PARENT_WRITES:
			fill_text(s.p, s.size, texts[i]);
			break;
		case DEVICE_WRITES:
			device_writes_text(s.p, s.size, texts[i]);
			break;
		case CHILD_WRITES:
			baton_to_child(&s.baton);
			baton_await_child(&s.baton);
			break;
		case DEVICE_READS:
			break;
		}
		device_sees_text(s.p, s.size, texts[i]);
		process_sees_text(s.p, s.size, texts[i]);
	}
	baton_to_child(&s.baton);
	end_child(pid);
	/* The child's end changes nothing. */
	device_sees_text(s.p, s.size, newest);
	device_writes_text(s.p, s.size, 50);
	process_sees_text(s.p, s.size, 50);
	baton_free(&s.baton);
	munmap(map, length);
	if (m->make == make_hugetlb)
		write_file("/proc/sys/vm/nr_hugepages", "0");
}

#define PLAY(...)							\
	do {								\
		static const enum act acts_[] = { __VA_ARGS__ };	\
		unsigned int i_;					\
									\
		for (i_ = 0; i_ < num_memories; i_++) {		\
			play(&memories[i_], true, acts_, ARRAY_SIZE(acts_));	\
			play(&memories[i_], false, acts_, ARRAY_SIZE(acts_));	\
		}							\
	} while (0)

static void fork__parent_writes(void **state)
{
	PLAY(PARENT_WRITES);
}

static void fork__device_writes(void **state)
{
	PLAY(DEVICE_WRITES);
}

static void fork__device_then_parent_writes(void **state)
{
	PLAY(DEVICE_WRITES, PARENT_WRITES, DEVICE_READS);
}

static void fork__parent_then_device_writes(void **state)
{
	PLAY(PARENT_WRITES, DEVICE_WRITES);
}

static void fork__device_reads_then_writes(void **state)
{
	PLAY(DEVICE_READS, DEVICE_WRITES, PARENT_WRITES);
}

static void fork__child_writes(void **state)
{
	PLAY(DEVICE_READS, CHILD_WRITES, DEVICE_WRITES);
}

/* Part of a page, a page of many: the rest of them is shared still. */
static void fork__one_page_of_many(void **state)
{
	struct scene s = { .size = SIZE, .child_sees = 1 };
	uint8_t *expected = malloc(SIZE);
	struct ibv_sge src, dst;
	struct wc wc;
	pid_t pid;

	s.p = small_pages(SIZE);
	baton_make(&s.baton);
	fill_text(s.p, SIZE, 1);
	device_sees_text(s.p, SIZE, 1);
	pid = start_child(child_looks, &s);

	memcpy(expected, s.p, SIZE);
	memset(expected + 5 * PAGE + 100, 0x11, 7);
	s.p[9 * PAGE] = 0x22;
	expected[9 * PAGE] = 0x22;
	dst = here(&rig, s.p + 5 * PAGE + 100, 7);
	assert_done(run(&rig, fill, &dst, "\x11", 1));
	src = here(&rig, s.p, SIZE);
	wc = run(&rig, crc32, &src, 0);
	assert_done(wc);
	assert_int_equal(wc.result[0], crc32_z(0, expected, SIZE));
	assert_memory_equal(s.p, expected, SIZE);

	baton_to_child(&s.baton);
	end_child(pid);
	baton_free(&s.baton);
	munmap(s.p, SIZE);
	free(expected);
}

static void on_the_stack(uint8_t *p, size_t size)
{
	struct scene s = { .p = p, .size = size, .child_sees = 1 };
	pid_t pid;

	baton_make(&s.baton);
	fill_text(p, size, 1);
	device_sees_text(p, size, 1);
	pid = start_child(child_looks, &s);
	fill_text(p, size, 2);
	device_sees_text(p, size, 2);
	device_writes_text(p, size, 3);
	process_sees_text(p, size, 3);
	baton_to_child(&s.baton);
	end_child(pid);
	baton_free(&s.baton);
}

static void fork__stack(void **state)
{
	uint8_t buffer[SIZE];

	on_the_stack(buffer, sizeof(buffer));
}

static void child_uses_queue(void *arg)
{
	struct scene *s = arg;

	/* Its own copy says something else than the parent's memory. */
	fill_text(s->p, s->size, 2);
	device_sees_text(s->p, s->size, 1);
	process_sees_text(s->p, s->size, 2);
}

static void fork__child_uses_inherited_queue(void **state)
{
	struct scene s = { .size = SIZE };

	s.p = small_pages(s.size);
	fill_text(s.p, s.size, 1);
	in_child(child_uses_queue, &s);
	process_sees_text(s.p, s.size, 1);
	/* And the parent goes on with it. */
	fill_text(s.p, s.size, 3);
	device_sees_text(s.p, s.size, 3);
	munmap(s.p, s.size);
}

static void child_writes_through_queue(void *arg)
{
	struct scene *s = arg;
	struct ibv_sge dst = here(&rig, s->p, s->size);
	struct wc wc;

	process_sees_text(s->p, s->size, 1);
	wc = run(&rig, fill, &dst, "\x5a", 1);
	demand(wc.code == AXE_OK, "%s", axedv_code_str(wc.code));
	process_sees_text(s->p, s->size, 1);
}

static void fork__child_makes_device_write(void **state)
{
	struct scene s = { .size = SIZE };
	unsigned int i;

	s.p = small_pages(s.size);
	fill_text(s.p, s.size, 1);
	in_child(child_writes_through_queue, &s);
	for (i = 0; i < s.size; i++)
		demand(s.p[i] == 0x5a, "byte %u of the parent is %#x", i, s.p[i]);
	munmap(s.p, s.size);
}

/*---- fork, while the device is at work ----*/

static void child_leaves(void *arg)
{
	volatile uint8_t *p = arg;

	*p = 1;
}

static volatile bool stop;

static void *forker(void *arg)
{
	unsigned int i;

	for (i = 0; !stop && i < 400; i++)
		in_child(child_leaves, arg);
	return NULL;
}

/* The device writes while pages become shared and are unshared all the time. */
static void fork__while_the_device_writes(void **state)
{
	size_t size = 256 * KIB;
	uint8_t *p = small_pages(size);
	pthread_t thread;
	unsigned int i;

	stop = false;
	assert_int_equal(pthread_create(&thread, NULL, forker, p + size - 1), 0);
	for (i = 0; i < 25; i++) {
		device_writes_text(p, size - PAGE, i);
		process_sees_text(p, size - PAGE, i);
		fill_text(p, size - PAGE, i + 1000);
		device_sees_text(p, size - PAGE, i + 1000);
	}
	stop = true;
	pthread_join(thread, NULL);
	munmap(p, size);
}

static const struct CMUnitTest tests[] = {
	BOTH(fork__parent_writes),
	BOTH(fork__device_writes),
	BOTH(fork__device_then_parent_writes),
	BOTH(fork__parent_then_device_writes),
	BOTH(fork__device_reads_then_writes),
	BOTH(fork__child_writes),
	BOTH(fork__one_page_of_many),
	BOTH(fork__stack),
	BOTH(fork__child_uses_inherited_queue),
	BOTH(fork__child_makes_device_write),
	BOTH(fork__while_the_device_writes),
};

LIVE_MAIN("cow", tests, NULL, NULL)
