// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

struct options options;

static unsigned long parse(struct argp_state *state, const char *what, const char *arg,
			   unsigned long min, unsigned long max, const char *suffixes)
{
	unsigned long value, unit = 1;
	char *end;

	errno = 0;
	value = strtoul(arg, &end, 10);
	if (*end && strchr(suffixes, *end)) {
		unit = 1UL << 10 * (1 + (strchr(suffixes, *end) - suffixes) / 2);
		end++;
	}
	if (errno || end == arg || *end || *arg == '-' || value > max / unit ||
	    value * unit < min)
		argp_error(state, "%s must be between %lu and %lu, not '%s'", what, min, max, arg);
	return value * unit;
}

unsigned long parse_number(struct argp_state *state, const char *what, const char *arg,
			   unsigned long min, unsigned long max)
{
	return parse(state, what, arg, min, max, "");
}

unsigned long parse_size(struct argp_state *state, const char *what, const char *arg,
			 unsigned long min, unsigned long max)
{
	return parse(state, what, arg, min, max, "kKmMgG");
}

static error_t parse_common(int key, char *arg, struct argp_state *state)
{
	(void)arg;
	(void)state;
	switch (key) {
	case 'q':
		options.quiet = true;
		return 0;
	case 'v':
		options.verbose = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static enum axe_offload parse_offload(struct argp_state *state, const char *arg)
{
	if (!strcmp(arg, "never"))
		return AXE_OFFLOAD_NEVER;
	if (!strcmp(arg, "only"))
		return AXE_OFFLOAD_ONLY;
	if (strcmp(arg, "auto"))
		argp_error(state, "--offload is never, auto or only, not '%s'", arg);
	return AXE_OFFLOAD_AUTO;
}

static error_t parse_device(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'd':
		options.device = arg;
		return 0;
	case OPT_ENGINE:
		options.engine = arg;
		return 0;
	case OPT_OFFLOAD:
		options.offload = parse_offload(state, arg);
		return 0;
	case OPT_LANES:
		options.lanes = parse_number(state, "the number of lanes", arg, 1, UINT16_MAX);
		return 0;
	case OPT_NO_PROGRESS:
		options.no_progress = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option common_options[] = {
	{ "quiet", 'q', NULL, 0, "No warnings, no progress", 0 },
	{ "verbose", 'v', NULL, 0, "Say what was done", 0 },
	{ 0 }
};

static const struct argp_option device_options[] = {
	{ "device", 'd', "NAME", 0, "Use this device (default: the first axe device)", 0 },
	{ "engine", OPT_ENGINE, "NAME", 0, "Use this engine (see axe info)", 0 },
	{ "offload", OPT_OFFLOAD, "WHEN", 0, "To an accelerator: never, auto (default), or only", 0 },
	{ "lanes", OPT_LANES, "N", 0, "Run at most N commands side by side", 0 },
	{ "no-progress", OPT_NO_PROGRESS, NULL, 0, "No progress bar", 0 },
	{ 0 }
};

const struct argp common_argp = { .options = common_options, .parser = parse_common };
const struct argp device_argp = { .options = device_options, .parser = parse_device };
