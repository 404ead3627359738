// SPDX-License-Identifier: GPL-2.0
/*
 * A fuzzer for where there is no libFuzzer: mutates the files of a corpus and
 * keeps, in memory, what reaches code that nothing before has reached.
 *
 *	NAME [-seconds=N | -runs=N] [-seed=N] [-save=DIR] [FILE | DIRECTORY]...
 *
 * Without files it takes the corpus that lies beside the program. -runs=0 only
 * runs the files themselves. Whatever ends the program, the input that did is
 * printed, in hexadecimal, and left in the file crash-NAME.
 */
#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sanitizer/common_interface_defs.h>

#include "fuzz.h"

#define INPUT_MAX	8192
#define CORPUS_MAX	8192
#define MAP_SIZE	65536

struct input {
	u8 *data;
	size_t size;
};

static struct input corpus[CORPUS_MAX];
static size_t num_inputs;
static u8 seen[MAP_SIZE];
static u32 num_seen;
static bool is_new;
static u64 rnd_state;

/* The input at hand, for who looks at what it did. */
static u8 now_data[INPUT_MAX];
static size_t now_size;
static const char *name;

static const char *save_dir;
static u64 seed, max_runs = ULLONG_MAX, seconds = 2;

/* What the compiler calls in every basic block (-fsanitize-coverage=trace-pc). */
void __sanitizer_cov_trace_pc(void);
__attribute__((no_sanitize("all")))
void __sanitizer_cov_trace_pc(void)
{
	uintptr_t pc = (uintptr_t)__builtin_return_address(0);
	u32 slot = (pc ^ pc >> 16) % MAP_SIZE;

	if (seen[slot])
		return;
	seen[slot] = 1;
	num_seen++;
	is_new = true;
}

static u64 rnd(void)
{
	u64 z = rnd_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static void save_to(const char *path)
{
	FILE *f = fopen(path, "w");

	if (f && fwrite(now_data, 1, now_size, f) == now_size)
		fprintf(stderr, "# saved as %s\n", path);
	if (f)
		fclose(f);
}

static void tell(void)
{
	char path[PATH_MAX];
	size_t i;

	fprintf(stderr, "# %s: -seed=%llu; the input, %zu bytes:\n", name,
		(unsigned long long)seed, now_size);
	for (i = 0; i < now_size; i++)
		fprintf(stderr, "%02x%s", now_data[i], i % 32 == 31 ? "\n" : "");
	fputc('\n', stderr);
	snprintf(path, sizeof(path), "crash-%s", name);
	save_to(path);
}

static void on_signal(int sig)
{
	tell();
	signal(sig, SIG_DFL);
	raise(sig);
}

/*---- the corpus ----*/

static void keep(const u8 *data, size_t size)
{
	char path[PATH_MAX];
	struct input *in;

	if (num_inputs == CORPUS_MAX)
		return;
	in = &corpus[num_inputs++];
	in->data = fuzz_alloc(size);
	in->size = size;
	if (size)
		memcpy(in->data, data, size);
	if (!save_dir)
		return;
	snprintf(path, sizeof(path), "%s/%016llx", save_dir,
		 (unsigned long long)fuzz_hash(data, size));
	save_to(path);
}

static void run_now(void)
{
	is_new = false;
	LLVMFuzzerTestOneInput(now_data, now_size);
}

static void run_file(const char *path)
{
	FILE *f = fopen(path, "r");

	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(2);
	}
	now_size = fread(now_data, 1, INPUT_MAX, f);
	fclose(f);
	run_now();
	keep(now_data, now_size);
}

static void run_files(const char *path)
{
	struct dirent *e;
	struct stat st;
	DIR *dir;

	if (stat(path, &st) || !S_ISDIR(st.st_mode)) {
		run_file(path);
		return;
	}
	dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		char file[PATH_MAX];

		snprintf(file, sizeof(file), "%s/%s", path, e->d_name);
		if (e->d_name[0] != '.')
			run_file(file);
	}
	if (dir)
		closedir(dir);
}

static void run_own_corpus(const char *self)
{
	char path[PATH_MAX], own[PATH_MAX];
	struct stat st;

	if (!realpath(self, own)) {
		perror(self);
		exit(2);
	}
	snprintf(path, sizeof(path), "%s/corpus/%s", dirname(own), name);
	if (stat(path, &st)) {
		fprintf(stderr, "%s: no such corpus; name its files\n", path);
		exit(2);
	}
	run_files(path);
}

/*---- mutations ----*/

static void insert_bytes(size_t at, size_t n)
{
	if (n > INPUT_MAX - now_size)
		n = INPUT_MAX - now_size;
	memmove(now_data + at + n, now_data + at, now_size - at);
	now_size += n;
}

static void delete_bytes(size_t at, size_t n)
{
	if (n > now_size - at)
		n = now_size - at;
	memmove(now_data + at, now_data + at + n, now_size - at - n);
	now_size -= n;
}

static void set_interesting(size_t at)
{
	static const u64 values[] = {
		0, 1, 2, 7, 8, 16, 32, 63, 64, 127, 128, 255, 256, 4095, 4096, 65535, 65536,
		0x7fffffff, 0x80000000, 0xffffffff, 1ULL << 32, 1ULL << 63, ~0ULL, ~0ULL - 4095,
	};
	u64 v = values[rnd() % (sizeof(values) / sizeof(values[0]))];
	size_t n = 1U << rnd() % 4;

	memcpy(now_data + at, &v, n < now_size - at ? n : now_size - at);
}

static void splice(size_t at)
{
	const struct input *other = &corpus[rnd() % num_inputs];
	size_t from, n;

	if (!other->size)
		return;
	from = rnd() % other->size;
	n = 1 + rnd() % (other->size - from);
	if (rnd() % 2)
		insert_bytes(at, n);
	if (n > now_size - at)
		n = now_size - at;
	memcpy(now_data + at, other->data + from, n);
}

static void mutate_once(void)
{
	size_t at = now_size ? rnd() % now_size : 0;

	if (!now_size) {
		insert_bytes(0, 1 + rnd() % 64);
		return;
	}
	switch (rnd() % 8) {
	case 0:
		now_data[at] ^= 1 << rnd() % 8;
		break;
	case 1:
		now_data[at] = rnd();
		break;
	case 2:
		set_interesting(at);
		break;
	case 3:
		now_data[at] += rnd() % 33 - 16;
		break;
	case 4:
		insert_bytes(at, 1 + rnd() % 16);
		break;
	case 5:
		delete_bytes(at, 1 + rnd() % 16);
		break;
	case 6:
		splice(at);
		break;
	default:
		if (rnd() % 4 == 0)
			now_size = at;
		else
			now_data[at] = now_data[rnd() % now_size];
	}
}

static void mutate(void)
{
	const struct input *in = &corpus[rnd() % num_inputs];
	unsigned int n = 1 + rnd() % 6;

	now_size = in->size;
	if (in->size)
		memcpy(now_data, in->data, in->size);
	while (n--)
		mutate_once();
}

/*---- all of it ----*/

static bool option(const char *arg, const char *key, u64 *value)
{
	size_t n = strlen(key);

	if (strncmp(arg, key, n))
		return false;
	*value = strtoull(arg + n, NULL, 0);
	return true;
}

static void options(int argc, char *argv[], int *first)
{
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (option(argv[i], "-seconds=", &seconds) || option(argv[i], "-seed=", &seed))
			continue;
		if (option(argv[i], "-runs=", &max_runs)) {
			seconds = ULLONG_MAX;
		} else if (!strncmp(argv[i], "-save=", 6)) {
			save_dir = argv[i] + 6;
		} else {
			fprintf(stderr, "usage: %s [-seconds=N | -runs=N] [-seed=N] [-save=DIR] [FILE | DIRECTORY]...\n",
				name);
			exit(2);
		}
	}
	*first = i;
}

static u64 now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

int main(int argc, char *argv[])
{
	u64 start, runs;
	int i;

	name = basename(strdup(argv[0]));
	seed = time(NULL);
	options(argc, argv, &i);
	/* cmocka's assertions, where unit_run() has some, end the program, too. */
	setenv("CMOCKA_TEST_ABORT", "1", 1);
	signal(SIGABRT, on_signal);
	__sanitizer_set_death_callback(tell);
	printf("# %s: -seed=%llu\n", name, (unsigned long long)seed);
	fflush(stdout);
	rnd_state = seed;

	if (i == argc)
		run_own_corpus(argv[0]);
	for (; i < argc; i++)
		run_files(argv[i]);
	if (!num_inputs) {
		fprintf(stderr, "no input\n");
		return 2;
	}
	start = now();
	for (runs = 0; runs < max_runs && now() - start < seconds; runs++) {
		mutate();
		run_now();
		if (is_new)
			keep(now_data, now_size);
	}
	printf("# %llu runs, %u places reached, %zu inputs kept\n", (unsigned long long)runs,
	       num_seen, num_inputs);
	return 0;
}
