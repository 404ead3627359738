// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "options.h"

#define OPT_RM (OPT_OWN + 0x80)

static bool is_stdin(const char *name)
{
	return !strcmp(name, "-");
}

static enum status one_output(const struct file_settings *s, struct input *in, struct output *out)
{
	enum status status;
	char *name;

	if (s->test) {
		output_open_none(out);
		return STATUS_OK;
	}
	if (s->output)
		return output_open(out, s->output, s->force);
	if (s->to_stdout || in->fd == STDIN_FILENO)
		return output_open(out, NULL, s->force);

	if (!S_ISREG(in->st.st_mode) && !s->force)
		return warning("%s is no regular file; left as it is (-c or -o tell where to)",
			       in->name);
	status = s->output_name(s->arg, in->name, &name);
	if (status == STATUS_OK)
		status = output_open(out, name, s->force);
	/* messages name the file as long as it is open: it has a copy */
	if (status == STATUS_OK)
		out->name = out->path ? out->path : in->name;
	free(name);
	return status;
}

static enum status refuse_terminal(const struct file_settings *s, const struct input *in,
				   const struct output *out)
{
	if (s->writes_compressed && !s->force && out->fd >= 0 && isatty(out->fd))
		return error("compressed data is not written to a terminal\n"
			     "Name an output with -o, or use -f");
	if (s->reads_compressed && !s->force && isatty(in->fd))
		return error("compressed data is not read from a terminal: name a file");
	return STATUS_OK;
}

static enum status do_file(const struct file_settings *s, struct queue *queue, const char *name)
{
	enum status status, changed = STATUS_OK;
	struct output out;
	struct input in;

	status = input_open(&in, name);
	if (status != STATUS_OK)
		return status;
	status = one_output(s, &in, &out);
	if (status != STATUS_OK)
		goto close_input;

	status = refuse_terminal(s, &in, &out);
	if (status == STATUS_OK)
		status = s->work(s->arg, queue, &in, &out);
	if (status != STATUS_ERROR)
		changed = input_check_size(&in);
	status = status_merge(status, changed);
	if (status == STATUS_ERROR)
		output_abort(&out);
	else
		status = status_merge(status, output_commit(&out, input_stat(&in)));

	if (status == STATUS_OK && s->remove && in.fd != STDIN_FILENO && !s->test && unlink(name))
		status = error_errno("cannot remove %s", name);
close_input:
	input_close(&in);
	return status;
}

enum status files_run(const struct file_settings *s)
{
	char dash[] = "-", *standard_input[] = { dash };
	char **names = s->count ? s->names : standard_input;
	unsigned int count = s->count ? s->count : 1;
	enum status status = STATUS_OK;
	struct device *dev;
	struct queue *queue;

	dev = device_open();
	if (!dev)
		return STATUS_ERROR;
	queue = queue_create(dev, s->depth);
	if (!queue)
		status = STATUS_ERROR;
	for (unsigned int i = 0; queue && i < count && !queue->broken; i++)
		status = status_merge(status, do_file(s, queue, names[i]));
	queue_destroy(queue);
	device_close(dev);
	return status;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct file_settings *s = state->input;

	switch (key) {
	case 'o':
		s->output = arg;
		return 0;
	case 'c':
		s->to_stdout = true;
		return 0;
	case 'f':
		s->force = true;
		return 0;
	case 'k':
		s->remove = false;
		return 0;
	case OPT_RM:
		s->remove = true;
		return 0;
	case ARGP_KEY_ARGS:
		s->names = state->argv + state->next;
		s->count = state->argc - state->next;
		return 0;
	case ARGP_KEY_END:
		if (s->output && s->to_stdout)
			argp_error(state, "-o and -c cannot go together");
		if (s->output && s->count > 1)
			argp_error(state, "-o names one file, for one FILE");
		for (unsigned int i = 0; s->remove && i < s->count; i++)
			if (is_stdin(s->names[i]))
				argp_error(state, "--rm cannot remove standard input");
		if (s->remove && s->to_stdout)
			argp_error(state, "--rm and -c cannot go together");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option argp_options[] = {
	{ "output", 'o', "OUT", 0, "Write to this file ('-': standard output)", 0 },
	{ "stdout", 'c', NULL, 0, "Write to standard output", 0 },
	{ "force", 'f', NULL, 0, "Replace existing files, use terminals", 0 },
	{ "keep", 'k', NULL, 0, "Keep the input files (that is the default)", 0 },
	{ "rm", OPT_RM, NULL, 0, "Remove each FILE when its output is complete", 0 },
	{ 0 }
};

const struct argp files_argp = { .options = argp_options, .parser = parse };
