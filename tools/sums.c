// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "options.h"
#include "progress.h"
#include "sums.h"

static enum status sum_file(const struct sums *s, const struct sum_kind *kind, const char *name,
			    char *digits)
{
	char rate[HUMAN_SIZE];
	enum status status;
	struct input in;
	double seconds;
	uint64_t bytes;

	status = input_open(&in, name);
	if (status != STATUS_OK)
		return status;
	progress_begin(in.name, input_total(&in));
	status = s->compute(s->queue, kind, &in, digits);
	seconds = progress_end();
	if (status == STATUS_OK)
		status = input_check_size(&in);
	bytes = in.pos - in.start;
	if (status != STATUS_ERROR)
		verbose("%s: %" PRIu64 " bytes, %s/s", in.name, bytes,
			human_bytes(rate, bytes / (seconds > 0 ? seconds : 1)));
	input_close(&in);
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

static enum status print_one(const struct sums *s, const char *name)
{
	char digits[SUM_DIGITS_MAX + 1];
	enum status status;

	status = sum_file(s, s->kind, name, digits);
	if (status == STATUS_ERROR)
		return status;
	if (needs_escape(name))
		putchar('\\');
	if (s->tag)
		printf("%s (", s->kind->tag);
	else
		printf("%s  ", digits);
	print_name(name);
	if (s->tag)
		printf(") = %s", digits);
	putchar('\n');
	return status;
}

/* A line of a list; @name and @digits point into it. */
struct line {
	const struct sum_kind *kind;
	char *name;
	char *digits;
};

static bool are_digits(const char *text, unsigned int num)
{
	for (unsigned int i = 0; i < num; i++)
		if (!isxdigit((unsigned char)text[i]))
			return false;
	return true;
}

/* "TAG (NAME) = <hex>", of this algorithm */
static int parse_tagged(char *text, const struct sum_kind *kind, struct line *line)
{
	size_t len = strlen(kind->tag);
	char *end;

	if (strncmp(text, kind->tag, len) || strncmp(text + len, " (", 2))
		return -1;
	line->kind = kind;
	line->name = text + len + 2;
	end = strrchr(line->name, ')');
	if (!end || strncmp(end, ") = ", 4) || !are_digits(end + 4, kind->digits) ||
	    end[4 + kind->digits])
		return -1;
	*end = '\0';
	line->digits = end + 4;
	return 0;
}

/* "<hex>  NAME", "<hex> *NAME" or the above */
static int parse_line(const struct sums *s, char *text, struct line *line)
{
	bool escaped = *text == '\\';
	unsigned int digits = s->kind->digits;

	text += escaped;
	if (are_digits(text, digits) && text[digits] == ' ' &&
	    (text[digits + 1] == ' ' || text[digits + 1] == '*')) {
		line->kind = s->kind;
		line->digits = text;
		line->name = text + digits + 2;
		return escaped ? unescape(line->name) : 0;
	}
	for (unsigned int i = 0; i < s->num_kinds; i++)
		if (!parse_tagged(text, &s->kinds[i], line))
			return escaped ? unescape(line->name) : 0;
	return -1;
}

struct tally {
	unsigned int good, bad, unreadable, malformed;
};

static bool is_missing(const char *name)
{
	FILE *f = strcmp(name, "-") ? fopen(name, "re") : NULL;

	if (f)
		fclose(f);
	return strcmp(name, "-") && !f && errno == ENOENT;
}

static void say_result(const struct sums *s, const char *name, const char *result)
{
	if (!s->no_output)
		printf("%s: %s\n", name, result);
}

static void check_line(const struct sums *s, char *text, struct tally *tally)
{
	char digits[SUM_DIGITS_MAX + 1];
	struct line line;

	if (parse_line(s, text, &line) || !*line.name) {
		tally->malformed++;
		return;
	}
	if (s->ignore_missing && is_missing(line.name))
		return;
	if (sum_file(s, line.kind, line.name, digits) == STATUS_ERROR) {
		tally->unreadable++;
		say_result(s, line.name, "FAILED open or read");
	} else if (strncasecmp(digits, line.digits, line.kind->digits)) {
		tally->bad++;
		say_result(s, line.name, "FAILED");
	} else {
		tally->good++;
		if (!options.quiet)
			say_result(s, line.name, "OK");
	}
}

static const char *s_of(unsigned int n)
{
	return n == 1 ? "" : "s";
}

static enum status judge(const struct sums *s, const char *list, const struct tally *t)
{
	if (!t->good && !t->bad && !t->unreadable)
		return error("%s: %s", list, t->malformed ? "no checksum lines found" :
							    "no file was verified");
	if (t->malformed && !s->no_output)
		warning("%s: %u line%s not understood", list, t->malformed, s_of(t->malformed));
	if (t->unreadable && !s->no_output)
		error("%u file%s could not be read", t->unreadable, s_of(t->unreadable));
	if (t->bad && !s->no_output)
		error("%u checksum%s did NOT match", t->bad, s_of(t->bad));
	return t->unreadable || t->bad ? STATUS_ERROR : t->malformed ? STATUS_WARNING : STATUS_OK;
}

static enum status check_one(const struct sums *s, const char *list)
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
	return judge(s, list, &t);
}

enum status sums_run(struct sums *s)
{
	char dash[] = "-", *standard_input[] = { dash };
	enum status status = STATUS_OK;
	struct device *dev;

	if (!s->count) {
		s->names = standard_input;
		s->count = 1;
	}
	dev = device_open();
	if (!dev)
		return STATUS_ERROR;
	s->queue = queue_create(dev, s->depth);
	if (!s->queue)
		status = STATUS_ERROR;
	for (unsigned int i = 0; s->queue && i < s->count && !s->queue->broken; i++)
		status = status_merge(status, s->check ? check_one(s, s->names[i]) :
							 print_one(s, s->names[i]));
	queue_destroy(s->queue);
	device_close(dev);
	return status;
}

enum {
	OPT_TAG = OPT_OWN + 0x80,
	OPT_IGNORE_MISSING,
	OPT_STATUS,
};

static void choose(struct sums *s, const char *name, struct argp_state *state)
{
	char *list;
	size_t size;
	FILE *f;

	for (unsigned int i = 0; i < s->num_kinds; i++) {
		if (!strcasecmp(name, s->kinds[i].name)) {
			s->kind = &s->kinds[i];
			return;
		}
	}
	f = open_memstream(&list, &size);
	if (!f)
		argp_failure(state, 1, errno, "no memory");
	for (unsigned int i = 0; i < s->num_kinds; i++)
		fprintf(f, "%s%s", i ? ", " : "", s->kinds[i].name);
	fclose(f);
	argp_error(state, "there is no algorithm '%s'; there are %s", name, list);
}

error_t sums_parse(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = state->input;
		return 0;
	case 'a':
		choose(state->input, arg, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct sums *s = state->input;

	(void)arg;
	switch (key) {
	case 'c':
		s->check = true;
		return 0;
	case OPT_TAG:
		s->tag = true;
		return 0;
	case OPT_IGNORE_MISSING:
		s->ignore_missing = true;
		return 0;
	case OPT_STATUS:
		s->no_output = true;
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
		if (s->no_output && !s->check)
			argp_error(state, "--status goes with --check");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option argp_options[] = {
	{ "check", 'c', NULL, 0,
	  "Read sums from each FILE and check them; -q: say only what failed", 0 },
	{ "tag", OPT_TAG, NULL, 0, "Name the algorithm in the output, in BSD's style", 0 },
	{ "ignore-missing", OPT_IGNORE_MISSING, NULL, 0,
	  "With --check: skip files that do not exist", 0 },
	{ "status", OPT_STATUS, NULL, 0, "With --check: print nothing, the exit status tells", 0 },
	{ 0 }
};

const struct argp sums_argp = { .options = argp_options, .parser = parse };
