// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/* axe checksum: CRCs of files, piece by piece side by side. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "crc.h"
#include "options.h"
#include "pipeline.h"
#include "progress.h"

#define PIECE (1U << 20)

struct algorithm {
	const char *name;
	const char *tag;
	uint32_t poly;
	void (*build)(struct ibv_qp_ex *qp, const struct ibv_sge *src, uint32_t seed);
};

static const struct algorithm algorithms[] = {
	{ "crc32", "CRC32", CRC32_POLY, axedv_wr_crc32 },
	{ "crc32c", "CRC32C", CRC32C_POLY, axedv_wr_crc32c },
};

#define NUM_ALGORITHMS (sizeof(algorithms) / sizeof(algorithms[0]))

struct settings {
	const struct algorithm *algorithm;
	bool check;
	bool tag;
	bool ignore_missing;
	char **names;
	unsigned int count;
	struct queue *queue;
};

struct job {
	const struct algorithm *algorithm;
	struct queue *queue;
	struct input *in;
	bool ended;
	uint32_t crc;
	uint64_t length;
};

static enum status next(void *arg, struct piece *piece, bool *more)
{
	struct job *job = arg;
	enum status status;

	*more = false;
	if (job->ended)
		return STATUS_OK;
	input_prefetch(job->in, job->queue->dev, 4 * PIECE);
	piece->off = job->in->pos;
	status = input_read_piece(job->in, piece->src_buf, PIECE, &piece->src, &piece->len,
				  &job->ended);
	*more = piece->len;	/* of nothing the CRC is 0 */
	return status;
}

static void build(void *arg, struct ibv_qp_ex *wr, const struct piece *piece)
{
	const struct job *job = arg;
	struct ibv_sge src = device_sge(job->queue->dev, piece->src, piece->len);

	job->algorithm->build(wr, &src, 0);
}

static enum status retire(void *arg, const struct piece *piece)
{
	struct job *job = arg;

	if (piece->c.code != AXE_OK)
		return input_command_failed(job->in, job->queue, piece->off, &piece->c);
	job->crc = crc_combine(job->algorithm->poly, job->crc, completion_crc(&piece->c),
			       piece->len);
	job->length += piece->len;
	input_release(job->in, job->length);
	progress_update(job->length);
	return STATUS_OK;
}

static enum status checksum_file(const struct settings *s, const struct algorithm *algorithm,
				 const char *name, uint32_t *crc)
{
	struct input in;
	struct job job = { .algorithm = algorithm, .queue = s->queue, .in = &in };
	struct pipeline pipeline = {
		.queue = s->queue,
		.depth = pipeline_depth(PIECE),
		.next = next,
		.build = build,
		.retire = retire,
		.arg = &job,
	};
	enum status status;
	char rate[HUMAN_SIZE];
	double seconds;

	status = input_open(&in, name);
	if (status != STATUS_OK)
		return status;
	pipeline.src_size = in.map ? 0 : PIECE;

	progress_begin(in.name, input_total(&in));
	status = pipeline_run(&pipeline);
	seconds = progress_end();
	if (status == STATUS_OK)
		status = input_check_size(&in);
	if (status != STATUS_ERROR)
		verbose("%s: %" PRIu64 " bytes, %s/s", in.name, job.length,
			human_bytes(rate, job.length / (seconds > 0 ? seconds : 1)));
	input_close(&in);
	*crc = job.crc;
	return status;
}

/* As sha256sum does: a name with a newline or backslash is marked by a backslash in front. */
static bool needs_escape(const char *name)
{
	return strpbrk(name, "\\\n\r");
}

static void print_name(const char *name)
{
	for (; *name; name++) {
		if (*name == '\\')
			fputs("\\\\", stdout);
		else if (*name == '\n')
			fputs("\\n", stdout);
		else if (*name == '\r')
			fputs("\\r", stdout);
		else
			putchar(*name);
	}
}

static int unescape(char *name)
{
	char *to = name;

	for (; *name; name++) {
		if (*name != '\\') {
			*to++ = *name;
			continue;
		}
		name++;
		if (*name == 'n')
			*to++ = '\n';
		else if (*name == 'r')
			*to++ = '\r';
		else if (*name == '\\')
			*to++ = '\\';
		else
			return -1;
	}
	*to = '\0';
	return 0;
}

static enum status print_one(const struct settings *s, const char *name)
{
	enum status status;
	uint32_t crc;

	status = checksum_file(s, s->algorithm, name, &crc);
	if (status == STATUS_ERROR)
		return status;
	if (needs_escape(name))
		putchar('\\');
	if (s->tag)
		printf("%s (", s->algorithm->tag);
	else
		printf("%08x  ", crc);
	print_name(name);
	if (s->tag)
		printf(") = %08x", crc);
	putchar('\n');
	return status;
}

static int parse_hex(const char *text, uint32_t *crc)
{
	for (int i = 0; i < 8; i++)
		if (!isxdigit((unsigned char)text[i]))
			return -1;
	*crc = strtoul(text, NULL, 16);
	return 0;
}

/* "<hex>  NAME", "<hex> *NAME" or "TAG (NAME) = <hex>"; @name points into the line. */
static int parse_line(const struct settings *s, char *line, const struct algorithm **algorithm,
		      char **name, uint32_t *crc)
{
	bool escaped = *line == '\\';
	char *end;

	line += escaped;
	*algorithm = s->algorithm;
	if (!parse_hex(line, crc) && line[8] == ' ' && (line[9] == ' ' || line[9] == '*')) {
		*name = line + 10;
		return escaped ? unescape(*name) : 0;
	}
	for (size_t i = 0; i < NUM_ALGORITHMS; i++) {
		size_t len = strlen(algorithms[i].tag);

		if (strncmp(line, algorithms[i].tag, len) || strncmp(line + len, " (", 2))
			continue;
		*name = line + len + 2;
		end = strrchr(*name, ')');
		if (!end || strncmp(end, ") = ", 4) || parse_hex(end + 4, crc) || end[12])
			return -1;
		*end = '\0';
		*algorithm = &algorithms[i];
		return escaped ? unescape(*name) : 0;
	}
	return -1;
}

struct tally {
	unsigned int good, bad, unreadable, malformed;
};

static void check_line(const struct settings *s, char *line, struct tally *tally)
{
	const struct algorithm *algorithm;
	uint32_t expected, crc;
	char *name;

	if (parse_line(s, line, &algorithm, &name, &expected) || !*name) {
		tally->malformed++;
		return;
	}
	if (s->ignore_missing && strcmp(name, "-")) {
		FILE *f = fopen(name, "re");

		if (!f && errno == ENOENT)
			return;
		if (f)
			fclose(f);
	}
	if (checksum_file(s, algorithm, name, &crc) == STATUS_ERROR) {
		tally->unreadable++;
		printf("%s: FAILED open or read\n", name);
	} else if (crc != expected) {
		tally->bad++;
		printf("%s: FAILED\n", name);
	} else {
		tally->good++;
		if (!options.quiet)
			printf("%s: OK\n", name);
	}
}

static const char *s_of(unsigned int n)
{
	return n == 1 ? "" : "s";
}

static enum status check_one(const struct settings *s, const char *list)
{
	bool is_stdin = !strcmp(list, "-");
	FILE *f = is_stdin ? stdin : fopen(list, "re");
	struct tally t = {};
	size_t size = 0;
	char *line = NULL;
	ssize_t len;

	if (!f)
		return error_errno("cannot open %s", list);
	while (!s->queue->broken && (len = getline(&line, &size, f)) >= 0) {
		line[strcspn(line, "\r\n")] = '\0';
		if (*line && *line != '#')
			check_line(s, line, &t);
	}
	free(line);
	if (ferror(f))
		t.unreadable += !!error_errno("cannot read %s", list);
	if (!is_stdin)
		fclose(f);

	fflush(stdout);
	if (!t.good && !t.bad && !t.unreadable)
		return error("%s: %s", list, t.malformed ? "no checksum lines found" :
							   "no file was verified");
	if (t.malformed)
		warning("%s: %u line%s not understood", list, t.malformed, s_of(t.malformed));
	if (t.unreadable)
		error("%u file%s could not be read", t.unreadable, s_of(t.unreadable));
	if (t.bad)
		error("%u checksum%s did NOT match", t.bad, s_of(t.bad));
	return t.unreadable || t.bad ? STATUS_ERROR : t.malformed ? STATUS_WARNING : STATUS_OK;
}

enum {
	OPT_TAG = OPT_OWN,
	OPT_IGNORE_MISSING,
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case 'a':
		for (size_t i = 0; i < NUM_ALGORITHMS; i++) {
			if (!strcmp(arg, algorithms[i].name)) {
				s->algorithm = &algorithms[i];
				return 0;
			}
		}
		argp_error(state, "the algorithm must be crc32 or crc32c, not '%s'", arg);
		return 0;
	case 'c':
		s->check = true;
		return 0;
	case OPT_TAG:
		s->tag = true;
		return 0;
	case OPT_IGNORE_MISSING:
		s->ignore_missing = true;
		return 0;
	case ARGP_KEY_ARGS:
		s->names = state->argv + state->next;
		s->count = state->argc - state->next;
		return 0;
	case ARGP_KEY_END:
		if (s->check && s->tag)
			argp_error(state, "--tag and --check cannot go together");
		if (s->ignore_missing && !s->check)
			argp_error(state, "--ignore-missing goes with --check");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option argp_options[] = {
	{ "algorithm", 'a', "NAME", 0,
	  "crc32 (as gzip, PNG, Ethernet; default) or crc32c (as iSCSI, ext4)", 1 },
	{ "check", 'c', NULL, 0,
	  "Read checksums from each FILE and check them; -q: say only what failed", 1 },
	{ "tag", OPT_TAG, NULL, 0, "Name the algorithm in the output, in BSD's style", 1 },
	{ "ignore-missing", OPT_IGNORE_MISSING, NULL, 0,
	  "With --check: skip files that do not exist", 1 },
	{ 0 }
};

static const struct argp_child children[] = {
	{ .argp = &device_argp, .group = 3 },
	{ .argp = &common_argp, .group = 4 },
	{ 0 }
};

static const struct argp argp = {
	.options = argp_options,
	.parser = parse,
	.args_doc = "[FILE...]",
	.doc = "Print the checksum of each FILE, or check a list of such lines.\n"
	       "\vWithout FILE, or with FILE -, standard input is read.\n"
	       "\n"
	       "Exit status: 0 if all went well, 1 if something failed or did not match, 2 on\n"
	       "a warning, 64 on wrong usage.",
	.children = children,
};

int cmd_checksum(int argc, char **argv)
{
	char dash[] = "-", *standard_input[] = { dash };
	struct settings s = { .algorithm = &algorithms[0] };
	enum status status = STATUS_OK;
	struct device *dev;

	argp_parse(&argp, argc, argv, 0, NULL, &s);
	if (!s.count) {
		s.names = standard_input;
		s.count = 1;
	}

	dev = device_open();
	if (!dev)
		return STATUS_ERROR;
	s.queue = queue_create(dev, pipeline_depth(PIECE));
	if (!s.queue)
		status = STATUS_ERROR;
	for (unsigned int i = 0; s.queue && i < s.count && !s.queue->broken; i++)
		status = status_merge(status, s.check ? check_one(&s, s.names[i]) :
						       print_one(&s, s.names[i]));
	queue_destroy(s.queue);
	device_close(dev);
	return status;
}
