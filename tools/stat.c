// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * axe stat: the counters that the kernel keeps for a device, as 'rdma statistic'
 * shows them too, by operation and per second.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "device.h"
#include "json.h"
#include "message.h"
#include "options.h"

#define MAX_COUNTERS	256
#define NAME_SIZE	64

struct counter {
	char name[NAME_SIZE];
	uint64_t value;
};

struct sample {
	struct counter counters[MAX_COUNTERS];
	unsigned int count;
	double time;
};

struct settings {
	const char *device;
	double interval;	/* seconds; 0: once, since the device was made */
	unsigned long count;	/* 0: for ever */
	bool json;
	bool all;
};

/* The columns of an operation's row, by the ends of the counters' names. */
enum column { CMDS, BYTES_IN, BYTES_OUT, ERRORS, NUM_COLUMNS };

static const char *const column_suffix[NUM_COLUMNS] = {
	[CMDS]		= "_cmds",
	[BYTES_IN]	= "_bytes_in",
	[BYTES_OUT]	= "_bytes_out",
	[ERRORS]	= "_errors",
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct counter *)a)->name, ((const struct counter *)b)->name);
}

static int read_value(int dir, const char *name, uint64_t *value)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	char text[32];
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	*value = strtoull(text, NULL, 10);
	return 0;
}

static enum status take_sample(const char *device, struct sample *sample)
{
	struct timespec now;
	char path[256];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/infiniband/%.64s/ports/1/hw_counters", device);
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? error("%s has no counters, or was removed", device) :
					 error_errno("cannot read %s", path);
	sample->count = 0;
	while ((entry = readdir(dir)) && sample->count < MAX_COUNTERS) {
		struct counter *counter = &sample->counters[sample->count];

		/* not a counter, but how long the kernel may show old values */
		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "lifespan"))
			continue;
		if (strlen(entry->d_name) >= NAME_SIZE ||
		    read_value(dirfd(dir), entry->d_name, &counter->value))
			continue;
		strcpy(counter->name, entry->d_name);
		sample->count++;
	}
	closedir(dir);
	clock_gettime(CLOCK_MONOTONIC, &now);
	sample->time = now.tv_sec + now.tv_nsec / 1e9;
	qsort(sample->counters, sample->count, sizeof(sample->counters[0]), by_name);
	return STATUS_OK;
}

static const struct counter *find(const struct sample *sample, const char *name)
{
	struct counter key;

	if (strlen(name) >= NAME_SIZE)
		return NULL;
	strcpy(key.name, name);
	return bsearch(&key, sample->counters, sample->count, sizeof(key), by_name);
}

/* What happened between two samples; @before may be empty. */
static uint64_t change(const struct sample *before, const struct counter *counter)
{
	const struct counter *old = find(before, counter->name);

	return old && old->value <= counter->value ? counter->value - old->value : counter->value;
}

/* Is this the counter by which an operation is known? Its name, then. */
static bool is_op(const struct counter *counter, char op[NAME_SIZE])
{
	size_t len = strlen(counter->name), suffix = strlen(column_suffix[CMDS]);

	if (len <= suffix || strcmp(counter->name + len - suffix, column_suffix[CMDS]))
		return false;
	snprintf(op, NAME_SIZE, "%.*s", (int)(len - suffix), counter->name);
	return true;
}

static const struct counter *op_counter(const struct sample *sample, const char *op,
					enum column column)
{
	char name[2 * NAME_SIZE];

	snprintf(name, sizeof(name), "%s%s", op, column_suffix[column]);
	return find(sample, name);
}

static bool belongs_to_op(const struct sample *sample, const struct counter *counter)
{
	char op[NAME_SIZE];

	for (int column = 0; column < NUM_COLUMNS; column++) {
		size_t len = strlen(counter->name), suffix = strlen(column_suffix[column]);

		if (len <= suffix || strcmp(counter->name + len - suffix, column_suffix[column]))
			continue;
		snprintf(op, sizeof(op), "%.*s", (int)(len - suffix), counter->name);
		if (op_counter(sample, op, CMDS))
			return true;
	}
	return false;
}

static const char *count_text(char buf[HUMAN_SIZE], double value)
{
	snprintf(buf, HUMAN_SIZE, value < 10 && value != (uint64_t)value ? "%.1f" : "%.0f", value);
	return buf;
}

static void print_op(const struct sample *before, const struct sample *now, const char *op,
		     double seconds, bool all)
{
	char buf[HUMAN_SIZE];
	bool any = all;

	for (int column = 0; column < NUM_COLUMNS && !any; column++) {
		const struct counter *counter = op_counter(now, op, column);

		any = counter && change(before, counter);
	}
	if (!any)
		return;
	printf("%-16s", op);
	for (int column = 0; column < NUM_COLUMNS; column++) {
		const struct counter *counter = op_counter(now, op, column);
		double value = counter ? change(before, counter) / seconds : 0;
		bool bytes = column == BYTES_IN || column == BYTES_OUT;

		printf(" %12s", !counter ? "-" : bytes ? human_bytes(buf, value) :
							count_text(buf, value));
	}
	putchar('\n');
}

static void print_text(const struct settings *s, const struct sample *before,
		       const struct sample *now)
{
	const char *per = s->interval ? "/s" : "";
	double seconds = s->interval ? now->time - before->time : 1;
	char op[NAME_SIZE], a[HUMAN_SIZE], b[HUMAN_SIZE];
	char heads[NUM_COLUMNS][16];

	snprintf(heads[CMDS], 16, "COMMANDS%s", per);
	snprintf(heads[BYTES_IN], 16, "IN%s", per);
	snprintf(heads[BYTES_OUT], 16, "OUT%s", per);
	snprintf(heads[ERRORS], 16, "ERRORS%s", per);
	printf("%-16s %12s %12s %12s %12s\n", s->device, heads[CMDS], heads[BYTES_IN],
	       heads[BYTES_OUT], heads[ERRORS]);
	for (unsigned int i = 0; i < now->count; i++)
		if (is_op(&now->counters[i], op))
			print_op(before, now, op, seconds, s->all);

	printf("%-16s %12s", "", "TOTAL");
	printf(s->interval ? " %12s\n" : "\n", "PER SECOND");
	for (unsigned int i = 0; i < now->count; i++) {
		const struct counter *counter = &now->counters[i];

		if (belongs_to_op(now, counter) || (!s->all && !counter->value))
			continue;
		printf("%-16s %12s", counter->name, count_text(a, counter->value));
		printf(s->interval ? " %12s\n" : "\n",
		       count_text(b, change(before, counter) / seconds));
	}
}

static void print_json(const struct settings *s, const struct sample *before,
		       const struct sample *now)
{
	json_open(NULL, '{');
	json_string("device", s->device);
	if (s->interval)
		json_real("seconds", now->time - before->time);
	json_open("counters", '{');
	for (unsigned int i = 0; i < now->count; i++)
		json_number(now->counters[i].name, now->counters[i].value);
	json_close();
	if (s->interval) {
		json_open("changes", '{');
		for (unsigned int i = 0; i < now->count; i++)
			json_number(now->counters[i].name, change(before, &now->counters[i]));
		json_close();
	}
	json_close();
}

static void print(const struct settings *s, const struct sample *before, const struct sample *now)
{
	if (s->json)
		print_json(s, before, now);
	else
		print_text(s, before, now);
	fflush(stdout);
}

static enum status watch(const struct settings *s)
{
	static struct sample samples[2];
	struct sample *before = &samples[0], *now = &samples[1], *swap;
	bool redraw = s->interval && !s->json && isatty(STDOUT_FILENO);
	enum status status;

	if (!s->interval) {
		status = take_sample(s->device, now);
		if (status == STATUS_OK)
			print(s, before, now);
		return status;
	}
	status = take_sample(s->device, before);
	for (unsigned long n = 0; status == STATUS_OK && (!s->count || n < s->count); n++) {
		poll(NULL, 0, s->interval * 1000);
		status = take_sample(s->device, now);
		if (status != STATUS_OK)
			break;
		if (redraw)
			fputs("\033[H\033[J", stdout);
		else if (n && !s->json)
			putchar('\n');
		print(s, before, now);
		swap = before;
		before = now;
		now = swap;
	}
	return status;
}

enum {
	OPT_JSON = OPT_OWN,
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;
	char *end;

	switch (key) {
	case 'd':
	case ARGP_KEY_ARG:
		if (s->device)
			argp_error(state, "shows one device");
		s->device = arg;
		return 0;
	case 'i':
		s->interval = strtod(arg, &end);
		if (*end || !(s->interval >= 0.05 && s->interval <= 86400))
			argp_error(state, "the interval is a number of seconds, 0.05 at least");
		return 0;
	case 'n':
		s->count = parse_number(state, "the count", arg, 1, ULONG_MAX);
		return 0;
	case 'a':
		s->all = true;
		return 0;
	case OPT_JSON:
		s->json = true;
		return 0;
	case ARGP_KEY_END:
		if (s->count && !s->interval)
			s->interval = 1;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option argp_options[] = {
	{ "interval", 'i', "SECS", 0, "Show what happens per second, every SECS seconds", 1 },
	{ "count", 'n', "COUNT", 0, "Do so COUNT times (every second, without -i)", 1 },
	{ "all", 'a', NULL, 0, "Also what is zero", 1 },
	{ "device", 'd', "NAME", 0, "The same as DEVICE", 1 },
	{ "json", OPT_JSON, NULL, 0, "Print JSON, an object each time", 1 },
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
	.doc = "Show the counters of DEVICE, or of the first axe device.\n"
	       "\vWithout -i or -n, once, counted from when the device was made.",
	.children = children,
};

int cmd_stat(int argc, char **argv)
{
	struct settings s = {};
	struct device_list list;
	enum status status;

	argp_parse(&argp, argc, argv, 0, NULL, &s);
	if (device_list_get(&list, s.device))
		return STATUS_ERROR;
	s.device = ibv_get_device_name(list.axe[0]);
	status = watch(&s);
	device_list_free(&list);
	return status;
}
