// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* Running a program: call by call, or two at once. */

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/ioctl.h>

#include "ioctl_zone.h"

/* The other thread, which makes a call beside ours, or changes ours while it is made. */
static struct {
	sem_t go, done;
	struct shot *shot;
	uint64_t *word;
	uint64_t bit;
	bool started;
	bool stop;
} other;

/*---- making a call ----*/

static int error_of(long ret)
{
	return ret < 0 ? errno : 0;
}

static int shoot_mmap(struct shot *s)
{
	const uint64_t *arg = s->call->arg;
	unsigned int ring = arg[2] & 1;
	size_t length = arg[3] ? (arg[3] & 0xff) * PAGE : s->object.length[ring];
	uint64_t offset = s->object.offset[ring] + (arg[4] << 12);
	int flags = arg[6] & 1 ? MAP_PRIVATE : MAP_SHARED;
	void *p;

	s->to = ZONE + ZONE_SLOTS + arg[7] % NUM_SLOTS * SLOT_SIZE;
	/* What is longer goes on into the next slots, but not out of them. */
	if (length > NUM_SLOTS * SLOT_SIZE - arg[7] % NUM_SLOTS * SLOT_SIZE)
		length = SLOT_SIZE;
	p = mmap((void *)s->to, length, arg[5] & 7, flags | MAP_FIXED,
		 zone_file(s->call->file), offset);
	return p == MAP_FAILED ? errno : 0;
}

static int shoot_area(struct shot *s)
{
	static const int advice[] = {
		MADV_DONTNEED, MADV_DONTFORK, MADV_PAGEOUT, MADV_COLD, MADV_POPULATE_READ,
		MADV_POPULATE_WRITE, MADV_MERGEABLE, MADV_HUGEPAGE,
	};
	void *p = (void *)s->to;
	uint64_t how = s->call->arg[2];

	zone_tear();
	switch (s->row->how) {
	case BY_MUNMAP:
		/* Not a hole, where something else might be mapped. */
		p = mmap(p, s->length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
			 MAP_FIXED, -1, 0);
		return p == MAP_FAILED ? errno : 0;
	case BY_MPROTECT:
		return error_of(mprotect(p, s->length, how & 3));
	default:
		return error_of(madvise(p, s->length, advice[how % ARRAY_SIZE(advice)]));
	}
}

static int shoot_file(struct shot *s)
{
	struct pollfd pfd = { .fd = s->object.handle, .events = POLLIN | POLLOUT };
	bool file = s->object.class == CHANNEL || s->object.class == EVENTS ||
		    s->object.class == DOORBELL;

	if (!file || pfd.fd < FIRST_FD)
		return EBADF;
	switch (s->row->how) {
	case BY_BELL:
		return error_of(write(pfd.fd, s->message, s->length));
	case BY_READ:
		return error_of(read(pfd.fd, s->answer, s->call->arg[2] & 0x1ff));
	case BY_POLL:
		return error_of(poll(&pfd, 1, 0));
	default:
		zone_drop(&s->object);
		return error_of(close(pfd.fd));
	}
}

static int shoot_post(struct shot *s)
{
	unsigned int ring = s->call->arg[2] & 1;
	const struct object *o = &s->object;
	int error;

	if (!o->class)
		return ENOENT;
	error = zone_put(s->to, s->message + 8, s->length);
	if (error)
		return error;
	return zone_put(o->at[ring], &o->tail[ring], sizeof(o->tail[ring]));
}

static int shoot_poke(struct shot *s)
{
	const uint64_t *arg = s->call->arg;
	uint32_t value = arg[4];

	if (!s->object.class || !s->object.at[arg[2] & 1])
		return ENOENT;
	return zone_put(s->object.at[arg[2] & 1] + (arg[3] & 0xfc), &value, sizeof(value));
}

static bool asks_for_context(const struct shot *s)
{
	const struct ib_uverbs_ioctl_hdr *hdr = (const void *)s->message;
	uint32_t command;

	if (s->method)
		return hdr->object_id == UVERBS_OBJECT_DEVICE &&
		       hdr->method_id == UVERBS_METHOD_GET_CONTEXT;
	memcpy(&command, s->message, sizeof(command));
	return command == IB_USER_VERBS_CMD_GET_CONTEXT;
}

static int shoot_call(struct shot *s)
{
	bool context = asks_for_context(s);
	int error;

	/* The second time, the kernel loses a reference to the process: docs/testing.md. */
	if (context && !zone_ask_context(s->call->file))
		return EINVAL;
	if (s->method)
		error = error_of(ioctl(s->fd, RDMA_VERBS_IOCTL, s->message));
	else
		error = error_of(write(s->fd, s->message, s->length));
	if (context && error)
		zone_no_context(s->call->file);
	return error;
}

static void shoot(struct shot *s)
{
	switch (s->row->how) {
	case BY_METHOD:
	case BY_WRITE:
	case BY_WRITE_EX:
		s->error = shoot_call(s);
		break;
	case BY_MMAP:
		s->error = shoot_mmap(s);
		break;
	case BY_MUNMAP:
	case BY_MPROTECT:
	case BY_MADVISE:
		s->error = shoot_area(s);
		break;
	case BY_POST:
		s->error = shoot_post(s);
		break;
	case BY_POKE:
		s->error = shoot_poke(s);
		break;
	default:
		s->error = shoot_file(s);
	}
}

/*---- what came of it ----*/

static void take_answer(struct object *o, const struct field *f, const void *answer)
{
	uint64_t value = 0;

	memcpy(&value, answer, f->size < 8 ? f->size : 8);
	switch (f->type) {
	case OUT_HANDLE:
		o->handle = value;
		break;
	case OUT_KEY:
		o->key = value;
		break;
	case OUT_OFFSET:
	case OUT_OFFSET2:
		o->offset[f->type == OUT_OFFSET2] = value;
		break;
	case OUT_LENGTH:
	case OUT_LENGTH2:
		o->length[f->type == OUT_LENGTH2] = value;
		break;
	case OUT_STRIDE:
		o->stride = value;
		break;
	}
}

/* What it has made, or of what there are new rings. */
static void take_answers(struct shot *s, struct object *o)
{
	unsigned int i;

	for (i = 0; i < s->row->num_fields; i++) {
		if (field_is_out(&s->row->fields[i]) && s->word[i])
			take_answer(o, &s->row->fields[i], s->word[i]);
	}
	if (o->class == SRQ && !o->key)
		o->key = o->handle;
	if (o->class == CHANNEL || o->class == EVENTS)
		fcntl(o->handle, F_SETFL, fcntl(o->handle, F_GETFL) | O_NONBLOCK);
}

static void take_mapping(struct shot *s)
{
	unsigned int ring = s->call->arg[2] & 1;
	struct object *o = zone_find(&s->object);

	if (!o)
		return;
	o->at[ring] = s->to;
	if (zone_get(&o->slots[ring], s->to + offsetof(struct axe_sq_hdr, slots), 4))
		o->slots[ring] = 0;
	zone_get(&o->tail[ring], s->to + offsetof(struct axe_sq_hdr, tail), 4);
}

static void finish(struct shot *s)
{
	struct object *o;

	if (s->error)
		return;
	if (s->row->makes) {
		take_answers(s, zone_add(s->row->makes, s->call->file));
	} else if (s->row->ends) {
		zone_drop(&s->object);
	} else if (s->row->how == BY_MMAP) {
		take_mapping(s);
	} else if (s->row->id == IB_USER_VERBS_CMD_RESIZE_CQ) {
		o = zone_find(&s->object);
		if (o)
			take_answers(s, o);
	}
}

/*---- two at once ----*/

static void flip(void)
{
	uint64_t *word = other.word, bit = other.bit;

	__atomic_store_n(&other.started, true, __ATOMIC_RELEASE);
	do {
		__atomic_fetch_xor(word, bit, __ATOMIC_RELAXED);
	} while (!__atomic_load_n(&other.stop, __ATOMIC_ACQUIRE));
}

static void *other_thread(void *arg)
{
	while (1) {
		sem_wait(&other.go);
		if (other.word) {
			flip();
		} else {
			__atomic_store_n(&other.started, true, __ATOMIC_RELEASE);
			shoot(other.shot);
		}
		sem_post(&other.done);
	}
	return NULL;
}

static void start_other(struct shot *shot, uint64_t *word, uint64_t bit)
{
	other.shot = shot;
	other.word = word;
	other.bit = bit;
	other.stop = false;
	other.started = false;
	sem_post(&other.go);
	while (!__atomic_load_n(&other.started, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void stop_other(void)
{
	__atomic_store_n(&other.stop, true, __ATOMIC_RELEASE);
	while (sem_wait(&other.done))
		;
}

/* A word of the message or of what it points to flips while the call is made. */
static void shoot_changing(struct shot *s)
{
	unsigned int words = (s->length + 7) / 8, more = (s->data_length + 7) / 8;
	unsigned int i = s->call->where % (words + more + 1);
	uint64_t *word = (void *)(i < words ? s->message + 8 * i : s->data + 8 * (i - words));

	start_other(NULL, word, 1ULL << (s->call->value & 63));
	shoot(s);
	stop_other();
}

/*---- a program ----*/

void exec_init(const char *device)
{
	pthread_t thread;

	zone_init(device);
	demand(!sem_init(&other.go, 0, 0) && !sem_init(&other.done, 0, 0), "sem_init");
	demand(!pthread_create(&thread, NULL, other_thread, NULL), "pthread_create");
}

/* Counts it; returns whether the row had this error, or success, for the first time. */
static bool note(const struct shot *s, struct exec_stats *stats, uint8_t (*errors)[136])
{
	unsigned int row = s->call->row;

	stats->made[row]++;
	stats->good[row] += !s->error;
	return s->error < 136 && !__atomic_exchange_n(&errors[row][s->error], 1, __ATOMIC_RELAXED);
}

/* One call, or two; returns how many, and whether an error is new. */
static unsigned int exec_at(const struct program *p, unsigned int i, struct exec_stats *stats,
			    uint8_t (*errors)[136], bool *new)
{
	bool two = p->call[i].flaw == TOGETHER && i + 1 < p->num;
	struct shot s[2];

	shot_build(&s[0], &p->call[i], 0);
	if (two)
		shot_build(&s[1], &p->call[i + 1], 1);
	if (two)
		start_other(&s[1], NULL, 0);
	if (p->call[i].flaw == CHANGING)
		shoot_changing(&s[0]);
	else
		shoot(&s[0]);
	if (two)
		stop_other();
	finish(&s[0]);
	*new |= note(&s[0], stats, errors);
	if (two) {
		finish(&s[1]);
		*new |= note(&s[1], stats, errors);
	}
	return 1 + two;
}

bool exec_program(const struct program *p, struct torture_run *run, struct exec_stats *stats,
		  uint8_t (*errors)[136])
{
	unsigned int i = 0;
	bool new = false;

	while (i < p->num && torture_goes_on(run)) {
		unsigned int n = exec_at(p, i, stats, errors, &new);

		if (n == 2)
			torture_goes_on(run);
		i += n;
	}
	zone_reset();
	return new;
}
