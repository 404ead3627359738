// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Coverage of axe.ko, as KCOV tells it: the address behind each call of
 * __sanitizer_cov_trace_pc() that this thread came by. The compiler puts one into
 * each basic block, and the module's file has a relocation for each: so they can be
 * counted, and found again. What is thrown away once the module is loaded does not
 * count.
 */

#include <elf.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "ioctl_fuzz.h"

#define KCOV_INIT_TRACE	_IOR('c', 1, unsigned long)
#define KCOV_ENABLE	_IO('c', 100)
#define KCOV_TRACE_PC	0
/* Words; what does not fit is not seen. */
#define KCOV_WORDS	(256 * KIB)
#define CALL_LENGTH	4	/* of the call's operand, to which a relocation points */

static struct {
	uint8_t *file;			/* axe.ko */
	const Elf64_Ehdr *elf;
	const Elf64_Shdr *sections;
	uint32_t *block;		/* of each byte of the code, 1 and up */
	uint64_t base, span;
	uint64_t *words;
	int fd;
} kcov = { .fd = -1 };

/*---- the module's file ----*/

static bool read_module(void)
{
	struct utsname uts;
	struct stat st;
	char path[512];
	int fd;

	uname(&uts);
	snprintf(path, sizeof(path), "/lib/modules/%s/updates/axe.ko", uts.release);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st)) {
		torture_say("no coverage: %s: %s", path, strerror(errno));
		return false;
	}
	kcov.file = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	demand(kcov.file != MAP_FAILED, "mmap of %s", path);
	kcov.elf = (void *)kcov.file;
	kcov.sections = (void *)(kcov.file + kcov.elf->e_shoff);
	return true;
}

static const char *section_name(const Elf64_Shdr *section)
{
	return (char *)kcov.file + kcov.sections[kcov.elf->e_shstrndx].sh_offset + section->sh_name;
}

/* Where a section of the module was loaded; 0: nowhere. */
static uint64_t address_of(const Elf64_Shdr *section)
{
	unsigned long long address = 0;
	char path[256];
	FILE *f;

	if (!strncmp(section_name(section), ".init", 5))
		return 0;
	snprintf(path, sizeof(path), "/sys/module/axe/sections/%s", section_name(section));
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (fscanf(f, "%llx", &address) != 1)
		address = 0;
	fclose(f);
	return address;
}

static const char *symbol_name(const Elf64_Shdr *symtab, const Elf64_Sym *sym)
{
	return (char *)kcov.file + kcov.sections[symtab->sh_link].sh_offset + sym->st_name;
}

/* The blocks of the section that these relocations are for. */
static void add_blocks(struct cover *c, const Elf64_Shdr *rela)
{
	const Elf64_Shdr *code = &kcov.sections[rela->sh_info];
	const Elf64_Shdr *symtab = &kcov.sections[rela->sh_link];
	const Elf64_Sym *syms = (void *)(kcov.file + symtab->sh_offset);
	const Elf64_Rela *r = (void *)(kcov.file + rela->sh_offset);
	size_t n = rela->sh_size / sizeof(*r);
	uint64_t base;

	if (!(code->sh_flags & SHF_EXECINSTR))
		return;
	base = address_of(code);
	for (; base && n--; r++) {
		const char *name = symbol_name(symtab, &syms[ELF64_R_SYM(r->r_info)]);

		if (strcmp(name, "__sanitizer_cov_trace_pc"))
			continue;
		c->address = realloc(c->address, (c->num + 1) * sizeof(*c->address));
		demand(c->address, "out of memory");
		c->address[c->num++] = base + r->r_offset + CALL_LENGTH;
	}
}

static int compare_addresses(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void index_blocks(const struct cover *c)
{
	unsigned int i;

	kcov.base = c->address[0];
	kcov.span = c->address[c->num - 1] - kcov.base + 1;
	kcov.block = calloc(kcov.span, sizeof(*kcov.block));
	demand(kcov.block, "out of memory");
	for (i = 0; i < c->num; i++)
		kcov.block[c->address[i] - kcov.base] = i + 1;
}

void cover_open(struct cover *c)
{
	unsigned int i;

	*c = (struct cover){ };
	if (access("/sys/kernel/debug/kcov", R_OK | W_OK)) {
		torture_say("no coverage: this kernel has no KCOV");
		return;
	}
	if (!read_module())
		return;
	for (i = 0; i < kcov.elf->e_shnum; i++) {
		if (kcov.sections[i].sh_type == SHT_RELA)
			add_blocks(c, &kcov.sections[i]);
	}
	if (!c->num) {
		torture_say("no coverage: axe.ko was built without it");
		return;
	}
	qsort(c->address, c->num, sizeof(*c->address), compare_addresses);
	index_blocks(c);
	c->seen = torture_shared(c->num);
}

/*---- a process ----*/

void cover_start(struct cover *c)
{
	if (!c->num)
		return;
	kcov.fd = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);
	demand(kcov.fd >= 0, "kcov: %s", strerror(errno));
	demand(!ioctl(kcov.fd, KCOV_INIT_TRACE, KCOV_WORDS), "KCOV_INIT_TRACE");
	kcov.words = mmap(NULL, KCOV_WORDS * sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED,
			  kcov.fd, 0);
	demand(kcov.words != MAP_FAILED, "mmap of kcov");
	demand(!ioctl(kcov.fd, KCOV_ENABLE, KCOV_TRACE_PC), "KCOV_ENABLE");
}

void cover_begin(void)
{
	if (kcov.words)
		__atomic_store_n(&kcov.words[0], 0, __ATOMIC_RELAXED);
}

unsigned int cover_end(struct cover *c, uint8_t *mark)
{
	unsigned int new = 0;
	uint64_t i, n;

	if (!kcov.words)
		return 0;
	n = __atomic_load_n(&kcov.words[0], __ATOMIC_RELAXED);
	for (i = 1; i <= n; i++) {
		uint64_t at = kcov.words[i] - kcov.base;
		unsigned int block = at < kcov.span ? kcov.block[at] : 0;
		bool first = false;

		if (!block--)
			continue;
		if (!c->seen[block])
			first = !__atomic_exchange_n(&c->seen[block], 1, __ATOMIC_RELAXED);
		new += first;
		if (mark && (first || !mark[block]))
			mark[block] = 1 + first;
	}
	return new;
}

unsigned int cover_count(const struct cover *c)
{
	unsigned int i, n = 0;

	for (i = 0; i < c->num; i++)
		n += c->seen[i];
	return n;
}

/*---- what was not reached ----*/

static void report_function(const struct cover *c, FILE *to, const char *name, uint64_t start,
			    uint64_t size)
{
	unsigned int i, all = 0, seen = 0;

	for (i = 0; i < c->num; i++) {
		if (c->address[i] > start && c->address[i] <= start + size) {
			all++;
			seen += c->seen[i];
		}
	}
	if (all)
		fprintf(to, "%u of %u %s\n", seen, all, name);
}

void cover_report(const struct cover *c, const char *path)
{
	FILE *to = c->num ? fopen(path, "w") : NULL;
	unsigned int i;
	size_t k;

	for (i = 0; to && i < kcov.elf->e_shnum; i++) {
		const Elf64_Shdr *symtab = &kcov.sections[i];
		const Elf64_Sym *syms = (void *)(kcov.file + symtab->sh_offset);

		if (symtab->sh_type != SHT_SYMTAB)
			continue;
		for (k = 0; k < symtab->sh_size / sizeof(*syms); k++) {
			const Elf64_Sym *sym = &syms[k];

			if (ELF64_ST_TYPE(sym->st_info) != STT_FUNC ||
			    sym->st_shndx >= kcov.elf->e_shnum)
				continue;
			report_function(c, to, symbol_name(symtab, sym),
					address_of(&kcov.sections[sym->st_shndx]) + sym->st_value,
					sym->st_size);
		}
	}
	if (to)
		fclose(to);
}
