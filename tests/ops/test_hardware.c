// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Commands on hardware: the accelerator that the virtual machine has, virtio-crypto, and
 * what becomes of them when it is taken away.
 */
#include <dirent.h>
#include <poll.h>

#include "ciphers.h"

#define DRIVER	"/sys/bus/virtio/drivers/virtio_crypto/"
#define TIMES	100

static struct rig automatic, only;
static unsigned int engine;		/* its index; 0: there is no hardware */
static char device[64];			/* on the bus */

static bool find_device(void)
{
	DIR *dir = opendir(DRIVER);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		if (!strncmp(entry->d_name, "virtio", 6))
			snprintf(device, sizeof(device), "%.60s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return device[0];
}

static void open_with(struct rig *r, enum axe_offload offload)
{
	struct rig_options options = { .offload = offload, .engine = 1 + engine };

	rig_share(r, &rig);
	rig_open_queue(r, &options);
}

static void need_hardware(void)
{
	if (!engine)
		skip_because("this machine has no virtio-crypto, or no driver for it");
}

static void assert_on_hardware(const struct cipher_job *j, struct wc wc)
{
	assert_done(wc);
	assert_int_equal(wc.engine, engine);
	assert_false(wc.fallback);
	assert_int_equal(wc.byte_len, j->length);
	demand(cipher_is_right(j), "%zu bytes: not as OpenSSL has it", j->length);
}

static void bytes__as_openssl_has_them(void **state)
{
	static const size_t lengths[] = {
		16, 4080, 16 * KIB, 64 * KIB, 64 * KIB + 16, MIB - 16, MIB,
	};
	struct axe_engine_status before, after;
	struct cipher_job j;
	uint64_t bytes = 0;
	unsigned int i;

	need_hardware();
	before = engine_status(&rig, engine);
	for (i = 0; i < 2 * ARRAY_SIZE(lengths); i++) {
		cipher_make(&j, &rig, AXE_KEY_AES_CBC, i % 2, lengths[i / 2], i);
		assert_on_hardware(&j, cipher_run(&only, &j));
		bytes += j.length;
		cipher_free(&j);
	}
	after = engine_status(&rig, engine);
	assert_int_equal(after.cmds - before.cmds, i);
	assert_int_equal(after.bytes_in - before.bytes_in, bytes);
	assert_int_equal(after.bytes_out - before.bytes_out, bytes);
	assert_int_equal(after.errors, before.errors);
}

/* More than the device has room for sessions. */
static void keys__more_than_it_has_room_for(void **state)
{
	enum { KEYS = 150 };
	static struct cipher_job jobs[KEYS];
	unsigned int i, round;

	need_hardware();
	for (i = 0; i < KEYS; i++)
		cipher_make(&jobs[i], &rig, AXE_KEY_AES_CBC, true, 4096, i);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < KEYS; i++) {
			cipher_fill(&jobs[i], i + round);
			assert_on_hardware(&jobs[i], cipher_run(&only, &jobs[i]));
		}
	}
	for (i = 0; i < KEYS; i++)
		cipher_free(&jobs[i]);
}

static void bind_or_unbind(const char *what)
{
	char path[128];

	snprintf(path, sizeof(path), DRIVER "%s", what);
	write_file(path, device);
}

static void await_state(struct rig *r, enum axe_engine_state state)
{
	uint64_t end = now_ms() + DEADLINE_MS;

	while (engine_status(r, engine).state != state) {
		demand(now_ms() < end, "the engine is not in state %d", state);
		poll(NULL, 0, 1);
	}
}

static void gone__by_policy(void **state)
{
	struct cipher_job j;
	struct wc wc;

	need_hardware();
	cipher_make(&j, &rig, AXE_KEY_AES_CBC, true, 64 * KIB, 1);
	assert_on_hardware(&j, cipher_run(&only, &j));
	bind_or_unbind("unbind");
	assert_int_equal(engine_status(&rig, engine).state, AXE_ENGINE_DOWN);
	cipher_fill(&j, 2);
	wc = cipher_run(&automatic, &j);
	assert_done(wc);
	assert_true(cipher_is_right(&j) && wc.fallback && !wc.engine);
	assert_code(cipher_run(&only, &j), AXE_ERR_ENGINE);
	bind_or_unbind("bind");
	await_state(&rig, AXE_ENGINE_READY);
	/* The key is given to it again. */
	cipher_fill(&j, 3);
	assert_on_hardware(&j, cipher_run(&only, &j));
	cipher_free(&j);
}

static void come_and_go(void *arg)
{
	struct rig own;
	unsigned int i;
	uint64_t cmds;

	rig_open(&own, NULL);
	for (i = 0; i < TIMES; i++) {
		uint64_t end = now_ms() + DEADLINE_MS;

		bind_or_unbind("unbind");
		bind_or_unbind("bind");
		await_state(&own, AXE_ENGINE_READY);
		/* Under load: until it has run some. */
		cmds = engine_status(&own, engine).cmds;
		while (engine_status(&own, engine).cmds < cmds + 3) {
			demand(now_ms() < end, "it runs no commands");
			poll(NULL, 0, 1);
		}
	}
	demand(write(*(int *)arg, "", 1) == 1, "write");
	rig_close(&own);
}

static void gone__under_load(void **state)
{
	unsigned int i, done = 0, fallbacks = 0, errors = 0;
	struct rig *queues[] = { &automatic, &only };
	struct cipher_job jobs[8];
	uint8_t *original[8];
	int ends[2];
	pid_t pid;

	need_hardware();
	assert_int_equal(pipe(ends), 0);
	for (i = 0; i < 8; i++) {
		cipher_make(&jobs[i], &rig, AXE_KEY_AES_CBC, i & 2, 64 * KIB, i);
		original[i] = malloc(jobs[i].length);
		memcpy(original[i], jobs[i].data, jobs[i].length);
	}
	pid = start_child(come_and_go, &ends[1]);
	while (!await_readable(ends[0], 0)) {
		for (i = 0; i < 8; i++) {
			memcpy(jobs[i].data, original[i], jobs[i].length);
			cipher_post(queues[i % 2], &jobs[i], i);
		}
		for (i = 0; i < 8; i++) {
			struct wc wc = rig_wait_for(queues[i % 2], i);

			done++;
			if (i % 2 && wc.code == AXE_ERR_ENGINE) {
				errors++;
				continue;
			}
			assert_done(wc);
			assert_true(cipher_is_right(&jobs[i]));
			demand(wc.engine == engine || wc.fallback, "a silent fallback");
			demand(wc.engine == engine || !(i % 2), "it ran on the CPU");
			fallbacks += wc.fallback;
		}
	}
	end_child(pid);
	print_message("# %u times; %u commands: %u ended by the CPU, %u failed as asked for\n",
		      TIMES, done, fallbacks, errors);
	for (i = 0; i < 8; i++) {
		cipher_free(&jobs[i]);
		free(original[i]);
	}
	close(ends[0]);
	close(ends[1]);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(bytes__as_openssl_has_them),
	cmocka_unit_test(keys__more_than_it_has_room_for),
	cmocka_unit_test(gone__by_policy),
	cmocka_unit_test(gone__under_load),
};

static int hardware_setup(void **state)
{
	if (ops_setup(state))
		return -1;
	if (!find_device())
		return 0;
	must("modprobe axe_crypto");
	engine = engine_index(&rig, "crypto");
	demand(engine, "there is hardware, but axe_crypto has not found it");
	open_with(&automatic, AXE_OFFLOAD_AUTO);
	open_with(&only, AXE_OFFLOAD_ONLY);
	return 0;
}

static int hardware_teardown(void **state)
{
	if (engine) {
		rig_close_queue(&automatic);
		rig_close_queue(&only);
		/* Others want to unload axe. */
		must("rmmod axe_crypto");
	}
	return ops_teardown(state);
}

LIVE_MAIN("hardware", tests, hardware_setup, hardware_teardown)
