// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* From a call of a program to what the kernel is given, flaws included. */

#include "ioctl_zone.h"

#define DATA_AT		(4 * KIB)
#define ANSWER_AT	(8 * KIB)
/* What no object has. */
#define NO_HANDLE	0x7ffffff0

static bool is_key(const struct field *f)
{
	return f->type == KEY;
}

/*
 * A number for what is asked. Handles and keys above 0xffff are as they are. 0x800: the
 * number behind the object's, which may be that of one whose making has failed.
 */
static uint64_t number_of(struct shot *s, const struct field *f, uint64_t arg)
{
	unsigned int class = f->class;
	struct object *o;

	if (f->type == ADDR)
		return zone_address(arg);
	if (f->type == SIZE)
		return arg > 8192 && arg < 16 * MIB ? arg & 8191 : arg;
	if (f->type != HANDLE && f->type != KEY)
		return arg;
	if (f->optional && !arg--)
		return -1;
	if (arg > 0xffff)
		return arg - 0x10000;
	o = zone_pick(class, s->call->file, arg, is_key(f));
	if (!o)
		return NO_HANDLE;
	if (!s->object.class && !is_key(f))
		s->object = *o;
	return (is_key(f) ? o->key : o->handle) + !!(arg & 0x800);
}

static void put_field(struct shot *s, const struct field *f, uint64_t arg, uint8_t *to)
{
	uint64_t number;

	if (f->type == GID) {
		zone_gid(to, arg);
		return;
	}
	number = number_of(s, f, arg);
	memcpy(to, &number, f->size < 8 ? f->size : 8);
}

/* PSEUDO fields with these names, in the order in which rows have them. */
static uint64_t known(const struct shot *s, const char *name)
{
	unsigned int i;

	for (i = 0; i < s->row->num_fields; i++) {
		if (s->row->fields[i].part == PSEUDO && !strcmp(s->row->fields[i].name, name))
			return s->call->arg[i];
	}
	return 0;
}

/*---- commands ----*/

/* Request, then the driver's part of it; the same for the answers. */
static void build_parts(struct shot *s, uint8_t *core, uint8_t *uhw)
{
	unsigned int i;

	for (i = 0; i < s->row->num_fields; i++) {
		const struct field *f = &s->row->fields[i];

		if (field_is_out(f))
			s->word[i] = s->answer + f->offset + (f->part == UHW ? s->row->out : 0);
		else if (f->part != PSEUDO)
			put_field(s, f, s->call->arg[i], (f->part == UHW ? uhw : core) + f->offset);
	}
}

static void build_write(struct shot *s)
{
	const struct row *row = s->row;
	struct ib_uverbs_cmd_hdr *hdr = (void *)s->message;
	uint8_t *core = s->message + sizeof(*hdr);
	uint64_t response = (uintptr_t)s->answer;

	s->length = sizeof(*hdr) + row->in + row->uhw_in;
	*hdr = (struct ib_uverbs_cmd_hdr){ row->id, s->length / 4, (row->out + row->uhw_out) / 4 };
	if (row->out)	/* then it begins with this */
		memcpy(core, &response, sizeof(response));
	build_parts(s, core, core + row->in);
}

static void build_write_ex(struct shot *s)
{
	const struct row *row = s->row;
	struct ib_uverbs_cmd_hdr *hdr = (void *)s->message;
	struct ib_uverbs_ex_cmd_hdr *ex = (void *)(hdr + 1);
	uint8_t *core = (void *)(ex + 1);

	s->length = sizeof(*hdr) + sizeof(*ex) + row->in + row->uhw_in;
	*hdr = (struct ib_uverbs_cmd_hdr){
		row->id | IB_USER_VERBS_CMD_FLAG_EXTENDED, row->in / 8, row->out / 8
	};
	*ex = (struct ib_uverbs_ex_cmd_hdr){
		.response = row->out ? (uintptr_t)s->answer : 0,
		.provider_in_words = row->uhw_in / 8,
		.provider_out_words = row->uhw_out / 8,
	};
	build_parts(s, core, core + row->in);
}

/*---- methods ----*/

static struct ib_uverbs_attr *add_attr(struct shot *s, unsigned int id, size_t length,
				       const void *data)
{
	struct ib_uverbs_ioctl_hdr *hdr = (void *)s->message;
	struct ib_uverbs_attr *attr = &hdr->attrs[s->num++];

	*attr = (struct ib_uverbs_attr){
		.attr_id = id, .len = length, .flags = UVERBS_ATTR_F_MANDATORY,
	};
	if (data && length > sizeof(attr->data))
		attr->data = (uintptr_t)data;
	else if (data)
		memcpy(&attr->data, data, length);
	s->length = sizeof(*hdr) + s->num * sizeof(*attr);
	return attr;
}

static void add_answer(struct shot *s, unsigned int id, size_t length)
{
	add_attr(s, id, length, NULL)->data = (uintptr_t)s->answer + s->answer_length;
	s->answer_length += (length + 7) & ~7;
}

/* An attribute of fields @from to before @to. */
static void build_attr(struct shot *s, unsigned int from, unsigned int to)
{
	const struct field *f = &s->row->fields[from];
	uint8_t *data = s->data + s->data_length, *answer = s->answer + s->answer_length;
	size_t length = 0;
	unsigned int i;

	if (f->optional && !s->call->arg[from])
		return;
	if (f->type == OUT_HANDLE) {
		s->word[from] = &add_attr(s, f->part, 0, NULL)->data;
		return;
	}
	if (f->type == HANDLE) {
		put_field(s, f, s->call->arg[from], (void *)&add_attr(s, f->part, 0, NULL)->data);
		return;
	}
	for (i = from; i < to; i++) {
		const struct field *g = &s->row->fields[i];

		if (length < g->offset + (size_t)g->size)
			length = g->offset + (size_t)g->size;
		if (field_is_out(g))
			s->word[i] = answer + g->offset;
		else
			put_field(s, g, s->call->arg[i], data + g->offset);
	}
	if (field_is_out(f)) {
		add_answer(s, f->part, length);
	} else {
		add_attr(s, f->part, length, data);
		s->data_length += (length + 7) & ~7;
	}
}

static void start_method(struct shot *s, unsigned int object, unsigned int method)
{
	struct ib_uverbs_ioctl_hdr *hdr = (void *)s->message;

	*hdr = (struct ib_uverbs_ioctl_hdr){
		.object_id = object, .method_id = method, .driver_id = AXE_DRIVER_ID,
	};
	s->length = sizeof(*hdr);
}

static void build_method(struct shot *s)
{
	const struct row *row = s->row;
	unsigned int i, next;

	start_method(s, row->id >> 16, row->id & 0xffff);
	for (i = 0; i < row->num_fields; i = next) {
		for (next = i + 1; next < row->num_fields &&
		     row->fields[next].part == row->fields[i].part; next++)
			;
		build_attr(s, i, next);
	}
}

/* A command as the method that takes commands. */
static void build_invoke(struct shot *s)
{
	const struct row *row = s->row;
	uint64_t cmd = row->id;

	if (row->how == BY_WRITE_EX)
		cmd |= IB_USER_VERBS_CMD_FLAG_EXTENDED;
	build_parts(s, s->data, s->data + row->in);
	start_method(s, UVERBS_OBJECT_DEVICE, UVERBS_METHOD_INVOKE_WRITE);
	add_attr(s, UVERBS_ATTR_WRITE_CMD, sizeof(cmd), &cmd);
	add_attr(s, UVERBS_ATTR_CORE_IN, row->in, s->data);
	if (row->out)
		add_answer(s, UVERBS_ATTR_CORE_OUT, row->out);
	/* Where build_parts() expects it. */
	s->answer_length = row->out;
	if (row->uhw_in)
		add_attr(s, UVERBS_ATTR_UHW_IN, row->uhw_in, s->data + row->in);
	if (row->uhw_out)
		add_answer(s, UVERBS_ATTR_UHW_OUT, row->uhw_out);
	s->data_length = row->in + row->uhw_in;
}

/*---- what is no message ----*/

/* Its object may be of another class than usual: a ring of a CQ, of an SRQ. */
static void build_object(struct shot *s)
{
	unsigned int i;
	struct object *o;

	for (i = 0; i < s->row->num_fields && s->row->fields[i].type != HANDLE; i++)
		;
	if (i == s->row->num_fields)
		return;
	o = zone_pick(known(s, "class") % NUM_CLASSES, s->call->file, s->call->arg[i], false);
	s->object = o ? *o : (struct object){ };
}

static void build_bell(struct shot *s)
{
	struct object *o = zone_pick(DOORBELL, s->call->file, s->call->arg[0], false);

	build_parts(s, s->message, NULL);
	s->object = o ? *o : (struct object){ };
	s->length = known(s, "length") & 0xff;
}

/* At the tail of its ring. */
static void build_post(struct shot *s)
{
	unsigned int ring = known(s, "ring") & 1, stride = AXE_SLOT_SIZE;
	struct object *o;

	build_object(s);
	o = zone_find(&s->object);
	s->object = (struct object){ };
	build_parts(s, s->message + 8, NULL);
	s->length = 2 * AXE_SLOT_SIZE;
	if (!o || !o->at[ring] || !o->slots[ring])
		return;
	if ((ring || o->class == SRQ) && o->stride && o->stride <= 1024)
		stride = o->stride;
	s->to = o->at[ring] + AXE_RING_ENTRIES +
		(uint64_t)(o->tail[ring] & (o->slots[ring] - 1)) * stride;
	o->tail[ring] += known(s, "by");
	s->object = *o;
}

static void build_other(struct shot *s)
{
	switch (s->row->how) {
	case BY_BELL:
		build_bell(s);
		break;
	case BY_POST:
		build_post(s);
		break;
	case BY_MUNMAP:
	case BY_MPROTECT:
	case BY_MADVISE:
		s->to = zone_address(known(s, "addr") % (ZONE_SLOTS + NUM_SLOTS * SLOT_SIZE)) &
			-PAGE;
		/* The messages stay. */
		if (s->to < ZONE + ZONE_SLOTS)
			s->to = ZONE + (s->to - ZONE) % ZONE_DATA;
		s->length = known(s, "length") % (64 * KIB);
		if (s->to < ZONE + ZONE_SLOTS && s->to + s->length > ZONE + ZONE_DATA)
			s->length = PAGE;
		break;
	default:
		build_object(s);
		break;
	}
}

/*---- flaws ----*/

/* Which of @n things the flaw is in. */
static unsigned int flaw_in(const struct call *c, unsigned int n)
{
	return n ? c->where % n : 0;
}

static void spoil_method(struct shot *s)
{
	struct ib_uverbs_ioctl_hdr *hdr = (void *)s->message;
	unsigned int i = flaw_in(s->call, s->num);
	struct ib_uverbs_attr *attr = &hdr->attrs[i];
	uint32_t value = s->call->value;

	switch (s->call->flaw) {
	case MISSING:
		memmove(attr, attr + 1, (s->num - i) * sizeof(*attr));
		s->num -= s->num > 0;
		break;
	case DOUBLED:
		hdr->attrs[s->num++] = *attr;
		break;
	case WRONG_LENGTH:
		if (value & 0x10000)
			hdr->length = value;
		else
			attr->len = value;
		break;
	case NOWHERE:
		attr->data = zone_nowhere(value);
		break;
	case RENAMED:
		if (value & 0x10000)
			hdr->object_id = value;
		else if (value & 0x20000)
			hdr->method_id = value;
		else if (value & 0x40000)
			attr->flags = value;
		else if (value & 0x80000)
			attr->attr_data.reserved = value;
		else
			attr->attr_id = value;
		break;
	}
	s->length = sizeof(*hdr) + s->num * sizeof(*attr);
}

static void spoil_write(struct shot *s)
{
	struct ib_uverbs_cmd_hdr *hdr = (void *)s->message;
	struct ib_uverbs_ex_cmd_hdr *ex = (void *)(hdr + 1);
	unsigned int words = 1 + flaw_in(s->call, 8);
	uint32_t value = s->call->value;
	uint64_t nowhere = zone_nowhere(value);

	switch (s->call->flaw) {
	case MISSING:
		s->length -= 4 * words < s->length ? 4 * words : s->length;
		if (value & 1)
			hdr->in_words -= words;
		break;
	case DOUBLED:
		s->length += 4 * words;
		if (value & 1)
			hdr->in_words += words;
		break;
	case WRONG_LENGTH:
		*(words & 1 ? &hdr->in_words : &hdr->out_words) = value;
		if (s->row->how == BY_WRITE_EX && words & 4)
			*(words & 1 ? &ex->provider_in_words : &ex->provider_out_words) = value;
		break;
	case NOWHERE:	/* the answer's address is first in either */
		memcpy(hdr + 1, &nowhere, sizeof(nowhere));
		break;
	case RENAMED:
		hdr->command = value;
		break;
	}
}

static void spoil(struct shot *s, bool method)
{
	struct ib_uverbs_ioctl_hdr *hdr = (void *)s->message;

	if (method) {
		hdr->length = s->length;
		spoil_method(s);
		hdr->num_attrs = s->num;
		if (s->call->flaw != WRONG_LENGTH)
			hdr->length = s->length;
	} else {
		spoil_write(s);
	}
}

/**
 * shot_build - make a call ready
 * @index:	0 or 1: two can be made at once
 */
void shot_build(struct shot *s, const struct call *call, unsigned int index)
{
	const struct row *row = &rows[call->row];
	uint8_t *area = zone_message(index);
	bool method = row->how == BY_METHOD ||
		      (call->other_way && (row->how == BY_WRITE || row->how == BY_WRITE_EX));

	memset(area, 0, ANSWER_AT + 2 * KIB);
	*s = (struct shot){
		.call = call, .row = row, .message = area,
		.data = area + DATA_AT, .answer = area + ANSWER_AT,
	};
	if (row->how > BY_WRITE_EX) {
		build_other(s);
		return;
	}
	s->fd = zone_file(call->file);
	if (row->how == BY_METHOD)
		build_method(s);
	else if (method)
		build_invoke(s);
	else if (row->how == BY_WRITE)
		build_write(s);
	else
		build_write_ex(s);
	spoil(s, method);
	if (call->flaw == FLIPPED && s->length)
		s->message[flaw_in(call, s->length)] ^= 1 << (call->value & 7);
	s->method = method;
}
