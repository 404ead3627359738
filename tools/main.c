// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "message.h"
#include "output.h"

const char *argp_program_version = "axe " AXE_VERSION;

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "compress", cmd_compress, "compress files, for gunzip, lz4 or zstd" },
	{ "decompress", cmd_decompress, "decompress what gzip, lz4, zstd or axe wrote" },
	{ "checksum", cmd_checksum, "print or check CRCs and other checksums" },
	{ "hash", cmd_hash, "print or check SHA-2, SHA-3 and other digests" },
	{ "copy", cmd_copy, "copy a file" },
	{ "info", cmd_info, "show devices, what they can do, and their limits" },
	{ "stat", cmd_stat, "show a device's counters, once or again and again" },
	{ "ping", cmd_ping, "measure messages to a server that puts an accelerator to them" },
};

#define NUM_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < NUM_COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static char *help_filter(int key, const char *text, void *input)
{
	char *list;
	size_t size;
	FILE *f;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	f = open_memstream(&list, &size);
	if (!f)
		return (char *)text;
	fputs("Commands:\n", f);
	for (size_t i = 0; i < NUM_COMMANDS; i++)
		fprintf(f, "  %-12s %s\n", commands[i].name, commands[i].help);
	fputs("\n'axe COMMAND --help' tells more about each.", f);
	fclose(f);
	return list;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case ARGP_KEY_ARG:
		argp_error(state, "there is no command '%s'", arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_usage(state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.parser = parse,
	.args_doc = "COMMAND [OPTION...] [ARGUMENT...]",
	.doc = "Put an accelerator to work that is an RDMA device.\v",
	.help_filter = help_filter,
};

/* A command's argp names it in its messages as it was called: "axe compress". */
static int run(const struct command *command, int argc, char **argv)
{
	static char name[64];

	snprintf(name, sizeof(name), "axe %s", command->name);
	argv[0] = name;
	program_invocation_name = name;
	output_handle_signals();
	return command->run(argc, argv);
}

/* A full disk behind standard output is an error as any other. */
static int flush_stdout(int status)
{
	if (fflush(stdout) || ferror(stdout))
		return error_errno("cannot write standard output");
	return status;
}

int main(int argc, char **argv)
{
	const struct command *command = argc > 1 ? find(argv[1]) : NULL;

	if (command)
		return flush_stdout(run(command, argc - 1, argv + 1));
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, NULL);
	return STATUS_OK;
}
