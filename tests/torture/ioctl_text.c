// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Programs as text: REG_MR length=0x1000 file=1. What is not named is as usual.
 * Names that a table does not have any more are passed over, so a corpus outlives it.
 */

#include "ioctl_fuzz.h"

static const char *const flaw_names[NUM_FLAWS] = {
	[MISSING] = "missing", [DOUBLED] = "doubled", [WRONG_LENGTH] = "length",
	[NOWHERE] = "nowhere", [FLIPPED] = "flipped", [RENAMED] = "renamed",
	[CHANGING] = "changing", [TOGETHER] = "together",
};

void program_print(FILE *to, const struct program *p)
{
	unsigned int i, k;

	for (i = 0; i < p->num; i++) {
		const struct call *c = &p->call[i];
		const struct row *row = &rows[c->row];

		fputs(row->name, to);
		for (k = 0; k < row->num_fields; k++) {
			if (!field_is_out(&row->fields[k]) && c->arg[k] != row->fields[k].usual)
				fprintf(to, " %s=%#llx", row->fields[k].name,
					(unsigned long long)c->arg[k]);
		}
		if (c->file)
			fprintf(to, " file=%u", c->file);
		if (c->other_way)
			fputs(" ioctl=1", to);
		if (c->flaw)
			fprintf(to, " %s=%u:%#x", flaw_names[c->flaw], c->where, c->value);
		fputc('\n', to);
	}
	fputc('\n', to);
}

static void read_value(struct call *c, const char *name, const char *value)
{
	const struct row *row = &rows[c->row];
	unsigned int i;

	for (i = 0; i < row->num_fields; i++) {
		if (!strcmp(row->fields[i].name, name))
			c->arg[i] = strtoull(value, NULL, 0);
	}
	if (!strcmp(name, "file"))
		c->file = strtoul(value, NULL, 0) % NUM_FILES;
	if (!strcmp(name, "ioctl"))
		c->other_way = 1;
	for (i = 1; i < NUM_FLAWS; i++) {
		unsigned int where;

		if (!strcmp(flaw_names[i], name) && sscanf(value, "%u:%i", &where, &c->value) == 2) {
			c->flaw = i;
			c->where = where;
		}
	}
}

static bool read_call(char *line, struct call *c)
{
	char *word = strtok(line, "\n "), *value;
	unsigned int i;

	for (i = 0; i < num_rows && strcmp(rows[i].name, word); i++)
		;
	if (i == num_rows)
		return false;
	*c = (struct call){ .row = i };
	for (i = 0; i < rows[c->row].num_fields; i++)
		c->arg[i] = rows[c->row].fields[i].usual;
	while ((word = strtok(NULL, "\n "))) {
		value = strchr(word, '=');
		if (!value)
			continue;
		*value++ = 0;
		read_value(c, word, value);
	}
	return true;
}

bool program_read(FILE *from, const char *name, unsigned int *number, struct program *p)
{
	char line[4096];

	p->num = 0;
	while (fgets(line, sizeof(line), from)) {
		++*number;
		if (line[0] == '#')
			continue;
		if (line[0] == '\n' && p->num)
			return true;
		if (line[0] == '\n' || p->num == MAX_CALLS)
			continue;
		if (read_call(line, &p->call[p->num]))
			p->num++;
		else
			torture_say("%s:%u: no such call", name, *number);
	}
	return p->num;
}
