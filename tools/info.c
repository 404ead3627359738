// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* axe info: what devices there are and what they can do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "device.h"
#include "json.h"
#include "message.h"
#include "options.h"

#define MAX_OPS		128
#define MAX_ENGINES	32

/* Everything that is shown of one device. */
struct info {
	const char *name;
	struct ibv_device_attr_ex attr;
	struct ibv_port_attr port;
	char netdev[64];
	struct axe_op_info ops[MAX_OPS];
	int num_ops;
	struct axe_engine_info engines[MAX_ENGINES];
	int num_engines;
	struct axe_engine_status status[MAX_ENGINES];	/* of the same engines */
};

static const struct {
	uint32_t flag;
	const char *name;
} op_flags[] = {
	{ AXE_OP_CAN_OVERLAP, "overlap" },
	{ AXE_OP_CAN_STREAM, "stream" },
	{ AXE_OP_IN_PLACE, "in_place" },
	{ AXE_OP_CAN_CHAIN, "chain" },
}, engine_flags[] = {
	{ AXE_ENGINE_SOFTWARE, "software" },
	{ AXE_ENGINE_ASYNC, "async" },
};

static void read_netdev(struct info *info)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/infiniband/%.64s/ports/1/gid_attrs/ndevs/0",
		 info->name);
	f = fopen(path, "re");
	if (f && fgets(info->netdev, sizeof(info->netdev), f))
		info->netdev[strcspn(info->netdev, "\n")] = '\0';
	if (f)
		fclose(f);
}

static int clamp(int n, int max)
{
	return n < max ? n : max;
}

static enum status collect(struct info *info, struct ibv_device *dev)
{
	struct ibv_context *context = device_context(dev);
	enum status status = STATUS_OK;

	if (!context)
		return STATUS_ERROR;
	memset(info, 0, sizeof(*info));
	info->name = ibv_get_device_name(dev);
	if (ibv_query_device_ex(context, NULL, &info->attr) ||
	    ibv_query_port(context, 1, &info->port))
		status = error_errno("cannot query %s", info->name);

	info->num_ops = axedv_query_ops(context, info->ops, MAX_OPS);
	info->num_engines = axedv_query_engines(context, info->engines, MAX_ENGINES);
	if (info->num_engines > 0 &&
	    axedv_query_engine_status(context, info->status, MAX_ENGINES) != info->num_engines)
		memset(info->status, 0, sizeof(info->status));
	if (info->num_ops < 0 || info->num_engines < 0)
		status = error("cannot query what %s can do", info->name);
	info->num_ops = clamp(info->num_ops, MAX_OPS);
	info->num_engines = clamp(info->num_engines, MAX_ENGINES);
	read_netdev(info);
	ibv_close_device(context);
	return status;
}

static bool has_odp(const struct info *info)
{
	return info->attr.odp_caps.general_caps & IBV_ODP_SUPPORT;
}

static bool has_implicit_odp(const struct info *info)
{
	return info->attr.odp_caps.general_caps & IBV_ODP_SUPPORT_IMPLICIT;
}

static uint64_t node_guid(const struct info *info)
{
	return be64toh(info->attr.orig_attr.node_guid);
}

/* Only round numbers are shown as such: a limit that is rounded up is none. */
static const char *limit(char buf[HUMAN_SIZE], uint32_t bytes)
{
	if (!bytes)
		return "-";
	if (bytes % 1024 == 0)
		return human_bytes(buf, bytes);
	snprintf(buf, HUMAN_SIZE, "%u B", bytes);
	return buf;
}

static const char *format_list(char *buf, size_t size, const struct axe_op_info *op)
{
	size_t len = 0;

	buf[0] = '\0';
	for (unsigned int i = 0; i < 32; i++) {
		const char *name = axedv_format_str(op->opcode, i);

		if (name && op->formats & 1U << i && len < size)
			len += snprintf(buf + len, size - len, "%s%s", len ? " " : "", name);
	}
	return len ? buf : "-";
}

static bool has_engine(uint32_t mask, const struct axe_engine_info *engine)
{
	return engine->index < 32 && mask & 1U << engine->index;
}

static const char *engine_list(char *buf, size_t size, const struct info *info, uint32_t mask)
{
	size_t len = 0;

	buf[0] = '\0';
	for (int i = 0; i < info->num_engines; i++)
		if (has_engine(mask, &info->engines[i]) && len < size)
			len += snprintf(buf + len, size - len, "%s%.16s", len ? " " : "",
					info->engines[i].name);
	return len ? buf : "-";
}

static void print_op(const struct info *info, const struct axe_op_info *op)
{
	char src[HUMAN_SIZE], dst[HUMAN_SIZE], in_line[HUMAN_SIZE];
	char format[256], levels[16] = "-", engines[128];

	if (op->flags & AXE_OP_HAS_LEVELS)
		snprintf(levels, sizeof(levels), "%u-%u", op->min_level, op->max_level);
	printf("  %-12.16s %-12s %-12s %-10s %-14s %-7s %s%s\n", op->name,
	       limit(src, op->max_src), limit(dst, op->max_dst), limit(in_line, op->inline_max),
	       format_list(format, sizeof(format), op), levels,
	       engine_list(engines, sizeof(engines), info, op->engines),
	       op->flags & AXE_OP_CAN_STREAM ? " (streams)" : "");
}

static void print_engine(const struct axe_engine_info *engine)
{
	printf("  %-16.16s %8d %11u  %s%s\n", engine->name, engine->priority, engine->num_ops,
	       engine->flags & AXE_ENGINE_SOFTWARE ? "on the CPU" : "hardware",
	       engine->flags & AXE_ENGINE_ASYNC ? ", asynchronous" : "");
}

static void print_text(const struct info *info)
{
	const struct ibv_device_attr *attr = &info->attr.orig_attr;
	uint64_t guid = node_guid(info);

	printf("%s\n", info->name);
	printf("  port         %s%s%s\n", ibv_port_state_str(info->port.state),
	       info->netdev[0] ? ", on " : "", info->netdev);
	printf("  node GUID    %04x:%04x:%04x:%04x\n", (unsigned int)(guid >> 48),
	       (unsigned int)(guid >> 32 & 0xffff), (unsigned int)(guid >> 16 & 0xffff),
	       (unsigned int)(guid & 0xffff));
	printf("  memory       %s\n",
	       has_implicit_odp(info) ? "paged on demand; one region reaches all of a process" :
	       has_odp(info) ? "paged on demand" : "must be registered and pinned");
	printf("  limits       %d queues of %d commands; %d CQs of %d entries; %d memory regions\n",
	       attr->max_qp, attr->max_qp_wr, attr->max_cq, attr->max_cqe, attr->max_mr);

	printf("\n  %-12s %-12s %-12s %-10s %-14s %-7s %s\n", "OPERATION", "SOURCE", "DESTINATION",
	       "INLINE", "FORMATS", "LEVELS", "ENGINES");
	for (int i = 0; i < info->num_ops; i++)
		print_op(info, &info->ops[i]);

	printf("\n  %-16s %8s %11s  %s\n", "ENGINE", "PRIORITY", "OPERATIONS", "WHERE");
	for (int i = 0; i < info->num_engines; i++)
		print_engine(&info->engines[i]);
}

static const char *state_name(uint32_t state)
{
	switch (state) {
	case AXE_ENGINE_READY:
		return "ready";
	case AXE_ENGINE_DOWN:
		return "down";
	default:
		return "failed";
	}
}

static bool engine_has(const struct axe_engine_status *status, unsigned int opcode)
{
	return opcode < 128 && status->ops[opcode / 64] >> opcode % 64 & 1;
}

/* What it is, can, and has done: a paragraph each. The CPU's is in axe info's table. */
static void print_engine_status(const struct info *info, int i)
{
	const struct axe_engine_status *s = &info->status[i];
	const struct axe_engine_info *engine = &info->engines[i];
	char min[HUMAN_SIZE], max[HUMAN_SIZE];

	printf("%.16s\n", engine->name);
	printf("  where        %s%s\n",
	       engine->flags & AXE_ENGINE_SOFTWARE ? "on the CPU" : "hardware",
	       engine->flags & AXE_ENGINE_ASYNC ? ", asynchronous" : "");
	printf("  priority     %d\n", engine->priority);
	printf("  state        %s\n", state_name(s->state));
	printf("  operations  ");
	for (int op = 0; op < info->num_ops; op++)
		if (engine_has(s, info->ops[op].opcode))
			printf(" %.16s", info->ops[op].name);
	printf("\n");
	if (engine->index == 0)
		return;
	printf("  algorithms  ");
	for (unsigned int a = 0; a < 32; a++)
		if (s->algorithms >> a & 1)
			printf(" %s", axedv_format_str(AXE_OP_ENCRYPT, a) ?: "?");
	printf("\n  requests     up to %s, of commands of %s or more; %u now\n",
	       limit(max, s->max_bytes), limit(min, s->min_bytes), s->in_flight);
	printf("  commands     %" PRIu64 ", %" PRIu64 " failed, %" PRIu64 " ended by the CPU, %"
	       PRIu64 " waited\n", (uint64_t)s->cmds, (uint64_t)s->errors, (uint64_t)s->fallbacks,
	       (uint64_t)s->backlogged);
	printf("  bytes        %" PRIu64 " read, %" PRIu64 " written\n", (uint64_t)s->bytes_in,
	       (uint64_t)s->bytes_out);
}

static void print_engines(const struct info *info)
{
	for (int i = 0; i < info->num_engines; i++) {
		if (i)
			putchar('\n');
		print_engine_status(info, i);
	}
}

static void json_op(const struct info *info, const struct axe_op_info *op)
{
	char name[sizeof(op->name) + 1];

	snprintf(name, sizeof(name), "%.*s", (int)sizeof(op->name), op->name);
	json_open(NULL, '{');
	json_number("opcode", op->opcode);
	json_string("name", name);
	json_number("max_src", op->max_src);
	json_number("max_dst", op->max_dst);
	json_number("max_aux", op->max_aux);
	json_number("max_src_list", op->max_src_list);
	json_number("max_dst_list", op->max_dst_list);
	json_number("inline_max", op->inline_max);
	if (op->flags & AXE_OP_HAS_FORMATS) {
		json_open("formats", '[');
		for (unsigned int i = 0; i < 32; i++)
			if (op->formats & 1U << i && axedv_format_str(op->opcode, i))
				json_string(NULL, axedv_format_str(op->opcode, i));
		json_close();
	}
	if (op->flags & AXE_OP_HAS_LEVELS) {
		json_number("min_level", op->min_level);
		json_number("max_level", op->max_level);
	}
	for (size_t i = 0; i < sizeof(op_flags) / sizeof(op_flags[0]); i++)
		json_bool(op_flags[i].name, op->flags & op_flags[i].flag);
	json_open("engines", '[');
	for (int i = 0; i < info->num_engines; i++)
		if (has_engine(op->engines, &info->engines[i]))
			json_number(NULL, info->engines[i].index);
	json_close();
	json_close();
}

static void json_engine(const struct axe_engine_info *engine,
			const struct axe_engine_status *status)
{
	char name[sizeof(engine->name) + 1];

	snprintf(name, sizeof(name), "%.*s", (int)sizeof(engine->name), engine->name);
	json_open(NULL, '{');
	json_number("index", engine->index);
	json_string("name", name);
	json_signed("priority", engine->priority);
	json_number("num_ops", engine->num_ops);
	for (size_t i = 0; i < sizeof(engine_flags) / sizeof(engine_flags[0]); i++)
		json_bool(engine_flags[i].name, engine->flags & engine_flags[i].flag);
	json_string("state", state_name(status->state));
	json_number("min_bytes", status->min_bytes);
	json_number("max_bytes", status->max_bytes);
	json_number("in_flight", status->in_flight);
	json_number("cmds", status->cmds);
	json_number("bytes_in", status->bytes_in);
	json_number("bytes_out", status->bytes_out);
	json_number("errors", status->errors);
	json_number("fallbacks", status->fallbacks);
	json_number("backlogged", status->backlogged);
	json_close();
}

static void print_json(const struct info *info)
{
	const struct ibv_device_attr *attr = &info->attr.orig_attr;
	char guid[20];

	snprintf(guid, sizeof(guid), "%016" PRIx64, node_guid(info));
	json_open(NULL, '{');
	json_string("name", info->name);
	json_string("port_state", ibv_port_state_str(info->port.state));
	json_string("netdev", info->netdev);
	json_string("node_guid", guid);
	json_bool("odp", has_odp(info));
	json_bool("odp_implicit", has_implicit_odp(info));
	json_open("limits", '{');
	json_number("max_qp", attr->max_qp);
	json_number("max_qp_wr", attr->max_qp_wr);
	json_number("max_cq", attr->max_cq);
	json_number("max_cqe", attr->max_cqe);
	json_number("max_mr", attr->max_mr);
	json_close();
	json_open("ops", '[');
	for (int i = 0; i < info->num_ops; i++)
		json_op(info, &info->ops[i]);
	json_close();
	json_open("engines", '[');
	for (int i = 0; i < info->num_engines; i++)
		json_engine(&info->engines[i], &info->status[i]);
	json_close();
	json_close();
}

struct settings {
	const char *device;
	bool json;
	bool engines;
};

static enum status show_all(const struct settings *s, const struct device_list *list)
{
	enum status status = STATUS_OK, one;
	static struct info info;
	unsigned int n = s->engines && list->count && !s->device ? 1 : list->count;

	if (s->json)
		json_open(NULL, '[');
	/* All devices have the same engines. */
	for (unsigned int i = 0; i < n; i++) {
		one = collect(&info, list->axe[i]);
		status = status_merge(status, one);
		if (one != STATUS_OK)
			continue;
		if (s->json) {
			print_json(&info);
		} else if (s->engines) {
			print_engines(&info);
		} else {
			if (i)
				putchar('\n');
			print_text(&info);
		}
	}
	if (s->json)
		json_close();
	return status;
}

enum {
	OPT_JSON = OPT_OWN,
	OPT_ENGINES,
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case 'd':
	case ARGP_KEY_ARG:
		if (s->device)
			argp_error(state, "shows one device, or all");
		s->device = arg;
		return 0;
	case OPT_JSON:
		s->json = true;
		return 0;
	case OPT_ENGINES:
		s->engines = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option argp_options[] = {
	{ "device", 'd', "NAME", 0, "The same as DEVICE", 1 },
	{ "engines", OPT_ENGINES, NULL, 0, "Show the engines, and what each has done", 1 },
	{ "json", OPT_JSON, NULL, 0, "Print JSON", 1 },
	{ 0 }
};

static const struct argp_child children[] = {
	{ .argp = &common_argp, .group = 4 },
	{ 0 }
};

static const struct argp argp = {
	.options = argp_options,
	.parser = parse,
	.args_doc = "[DEVICE]",
	.doc = "Show each axe device, or DEVICE: its operations, engines and limits.\n"
	       "\vINLINE is the size up to which a queue of mode auto runs a command within the\n"
	       "system call that submits it.",
	.children = children,
};

int cmd_info(int argc, char **argv)
{
	struct settings s = {};
	struct device_list list;
	enum status status;

	argp_parse(&argp, argc, argv, 0, NULL, &s);
	if (device_list_get(&list, s.device))
		return STATUS_ERROR;
	status = show_all(&s, &list);
	device_list_free(&list);
	return status;
}
