// SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
/*
 * Commands on an engine that a module has brought: what runs there, by the queue's policy,
 * and what becomes of it when the engine fails, is full, or goes.
 *
 * The engine is axe_scripted, which does as it is told, well or badly.
 */
#include <signal.h>

#include "ciphers.h"

#define PARAMETERS	"/sys/module/axe_scripted/parameters/"
#define SLICE		(64 * KIB)
#define INSERT		"insmod $(modinfo -n axe_scripted)"

static struct rig automatic, never, only;
static unsigned int scripted;		/* its index */

static void load(const char *parameters)
{
	must(INSERT " timeout_ms=%d %s", 300 * slowness(), parameters);
	scripted = engine_index(&rig, "scripted");
	assert_int_not_equal(scripted, 0);
}

static void reload(const char *parameters)
{
	must("rmmod axe_scripted");
	load(parameters);
}

static void set(const char *parameter, unsigned int value)
{
	char path[128], text[16];

	snprintf(path, sizeof(path), PARAMETERS "%s", parameter);
	snprintf(text, sizeof(text), "%u", value);
	write_file(path, text);
}

static void open_with(struct rig *r, enum axe_offload offload, unsigned int engine)
{
	struct rig_options options = { .offload = offload, .engine = engine };

	rig_share(r, &rig);
	rig_open_queue(r, &options);
}

static void assert_ran(const struct cipher_job *j, struct wc wc, unsigned int engine,
		       bool fallback)
{
	assert_done(wc);
	assert_int_equal(wc.byte_len, j->length);
	demand(cipher_is_right(j), "algorithm %d, %zu bytes: not as OpenSSL has it", j->algorithm,
	       j->length);
	assert_int_equal(wc.engine, engine);
	assert_int_equal(wc.fallback, fallback);
}

/* The engine runs the next command. */
static void assert_engine_works(void)
{
	struct cipher_job j;

	cipher_make(&j, &rig, AXE_KEY_AES_CBC, true, SLICE, 3);
	assert_ran(&j, cipher_run(&only, &j), scripted, false);
	cipher_free(&j);
}

static void query__lists_it(void **state)
{
	struct axe_engine_info engines[32];
	struct axe_engine_status status;
	struct axe_op_info ops[128];
	int n = axedv_query_engines(rig.ctx, engines, 32), i;

	demand(n >= 2, "%d engines", n);
	assert_int_equal(axedv_query_engine_status(rig.ctx, NULL, 0), n);
	for (i = 0; i < n && engines[i].index != scripted; i++)
		;
	assert_int_equal(engines[i].num_ops, 2);
	assert_int_equal(engines[i].priority, 300);
	assert_true(engines[i].flags & AXE_ENGINE_ASYNC);
	status = engine_status(&rig, scripted);
	assert_int_equal(status.state, AXE_ENGINE_READY);
	assert_int_equal(status.max_bytes, SLICE);
	assert_int_equal(status.min_bytes, 1024);
	assert_int_equal(status.ops[0], 1ULL << AXE_OP_ENCRYPT | 1ULL << AXE_OP_DECRYPT);
	assert_true(status.algorithms & 1 << AXE_KEY_AES_CBC);
	assert_int_equal(status.in_flight, 0);

	n = axedv_query_ops(rig.ctx, ops, 128);
	for (i = 0; i < n; i++)
		assert_int_equal(ops[i].engines >> scripted & 1,
				 ops[i].opcode == AXE_OP_ENCRYPT || ops[i].opcode == AXE_OP_DECRYPT);
}

static void policy__says_who_runs_it(void **state)
{
	struct ibv_sge buf;
	struct rig named;
	struct cipher_job j;

	cipher_make(&j, &rig, AXE_KEY_AES_CBC, true, SLICE, 1);
	assert_ran(&j, cipher_run(&automatic, &j), scripted, false);
	cipher_fill(&j, 2);
	assert_ran(&j, cipher_run(&never, &j), 0, false);
	cipher_fill(&j, 3);
	assert_ran(&j, cipher_run(&only, &j), scripted, false);

	/* What it does not have. */
	buf = here(&rig, j.data, 100);
	assert_code(run(&only, crc32, &buf, 0), AXE_ERR_ENGINE);
	assert_code(run(&only, nop), AXE_ERR_ENGINE);
	assert_done(run(&automatic, crc32, &buf, 0));
	/* What is refused anyhow is refused as ever. */
	buf = here(&rig, j.data, 15);
	assert_code(run(&only, encrypt, &buf, &buf, j.key, j.iv, 0), AXE_ERR_LENGTH);

	open_with(&named, AXE_OFFLOAD_AUTO, 1 + 0);
	cipher_fill(&j, 4);
	assert_ran(&j, cipher_run(&named, &j), 0, false);
	rig_close_queue(&named);
	cipher_free(&j);

	/* Too short to be worth it, unless somebody says so. */
	cipher_make(&j, &rig, AXE_KEY_AES_CBC, true, 512, 1);
	assert_ran(&j, cipher_run(&automatic, &j), 0, false);
	cipher_fill(&j, 2);
	assert_ran(&j, cipher_run(&only, &j), scripted, false);
	open_with(&named, AXE_OFFLOAD_AUTO, 1 + scripted);
	cipher_fill(&j, 3);
	assert_ran(&j, cipher_run(&named, &j), scripted, false);
	rig_close_queue(&named);
	cipher_free(&j);
}

static void bytes__of_all_algorithms(void **state)
{
	static const size_t lengths[] = { 4096, SLICE, SLICE + 4096, 5 * SLICE + 8192, MIB };
	enum axe_key_algorithm a;
	struct cipher_job j;
	unsigned int i;

	for (a = AXE_KEY_AES_CBC; a <= AXE_KEY_AES_XTS; a++) {
		for (i = 0; i < 2 * ARRAY_SIZE(lengths); i++) {
			/* A data unit is 4096 bytes, and so is a request. */
			if (a == AXE_KEY_AES_XTS && lengths[i / 2] > 2 * SLICE)
				continue;
			cipher_make(&j, &rig, a, i % 2, lengths[i / 2], i);
			assert_ran(&j, cipher_run(&only, &j), scripted, false);
			cipher_free(&j);
		}
	}
	/* Not a whole number of blocks. */
	cipher_make(&j, &rig, AXE_KEY_AES_CTR, true, 2 * SLICE + 5, 1);
	assert_ran(&j, cipher_run(&only, &j), scripted, false);
	cipher_free(&j);
	set("inline_done", 1);
	cipher_make(&j, &rig, AXE_KEY_AES_CBC, false, 2 * SLICE, 1);
	assert_ran(&j, cipher_run(&only, &j), scripted, false);
	cipher_free(&j);
	set("inline_done", 0);
}

/* In place: what was done must not be done again. */
static void failure__midway(void **state)
{
	struct axe_engine_status before = engine_status(&rig, scripted), after;
	uint64_t fallbacks = counter(rig.device, "engine_fallbacks");
	uint64_t errors = counter(rig.device, "engine_errors");
	enum axe_key_algorithm a;
	struct cipher_job j;
	uint8_t *original;
	struct wc wc;

	for (a = AXE_KEY_AES_CBC; a <= AXE_KEY_AES_CTR; a++) {
		cipher_make(&j, &rig, a, true, 6 * SLICE, a);
		set("fail_at", 4);
		assert_ran(&j, cipher_run(&automatic, &j), 0, true);
		cipher_free(&j);
	}
	cipher_make(&j, &rig, AXE_KEY_AES_CBC, false, 6 * SLICE, 9);
	original = malloc(j.length);
	memcpy(original, j.data, j.length);
	set("fail_at", 4);
	wc = cipher_run(&only, &j);
	assert_code(wc, AXE_ERR_ENGINE);
	assert_int_equal(wc.engine, scripted);
	assert_int_equal(wc.byte_len, 3 * SLICE);
	assert_memory_equal(j.data, j.expected, 3 * SLICE);
	assert_memory_equal(j.data + 3 * SLICE, original + 3 * SLICE, 3 * SLICE);
	free(original);
	cipher_free(&j);

	after = engine_status(&rig, scripted);
	assert_int_equal(after.errors - before.errors, 3);
	assert_int_equal(after.fallbacks - before.fallbacks, 2);
	assert_int_equal(after.cmds, before.cmds);
	assert_int_equal(after.bytes_out - before.bytes_out, 9 * SLICE);
	assert_int_equal(counter(rig.device, "engine_fallbacks") - fallbacks, 2);
	assert_int_equal(counter(rig.device, "engine_errors") - errors, 1);
	assert_engine_works();
}

static void full__waits(void **state)
{
	struct axe_engine_status before = engine_status(&rig, scripted), after;
	struct cipher_job j;

	cipher_make(&j, &rig, AXE_KEY_AES_CBC, true, SLICE, 1);
	set("refuse", 5);
	assert_ran(&j, cipher_run(&only, &j), scripted, false);
	after = engine_status(&rig, scripted);
	assert_int_equal(after.backlogged - before.backlogged, 1);
	assert_int_equal(after.cmds - before.cmds, 1);
	assert_int_equal(after.bytes_in - before.bytes_in, SLICE);
	assert_int_equal(after.errors, before.errors);
	/* For longer than anybody waits. */
	set("refuse", 1000000000);
	cipher_fill(&j, 2);
	assert_ran(&j, cipher_run(&automatic, &j), 0, true);
	set("refuse", 0);
	cipher_fill(&j, 3);
	assert_ran(&j, cipher_run(&automatic, &j), scripted, false);
	cipher_free(&j);
}

static void full__one_at_a_time(void **state)
{
	struct cipher_job jobs[8];
	unsigned int i;

	reload("depth=1");
	set("delay_us", 5000);
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		cipher_make(&jobs[i], &rig, AXE_KEY_AES_CBC, true, 2 * SLICE, i);
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		cipher_post(&only, &jobs[i], i);
	for (i = 0; i < ARRAY_SIZE(jobs); i++) {
		assert_ran(&jobs[i], rig_wait_for(&only, i), scripted, false);
		cipher_free(&jobs[i]);
	}
	reload("");
}

static void key__is_not_taken(void **state)
{
	struct cipher_job j;

	set("bad_key", 1);
	cipher_make(&j, &rig, AXE_KEY_AES_CBC, true, SLICE, 1);
	assert_ran(&j, cipher_run(&automatic, &j), 0, true);
	assert_code(cipher_run(&only, &j), AXE_ERR_ENGINE);
	cipher_free(&j);
	set("bad_key", 0);
	assert_engine_works();
}

static void keys__take_turns(void **state)
{
	struct cipher_job jobs[10];
	unsigned int i, round;

	reload("max_keys=4");
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		cipher_make(&jobs[i], &rig, AXE_KEY_AES_CTR, true, 4096, i);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < ARRAY_SIZE(jobs); i++) {
			cipher_fill(&jobs[i], round + i);
			assert_ran(&jobs[i], cipher_run(&only, &jobs[i]), scripted, false);
			assert_between(read_number(PARAMETERS "keys"), 1, 4);
		}
	}
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		cipher_free(&jobs[i]);
	assert_int_equal(read_number(PARAMETERS "keys"), 0);
	reload("");
}

static void sick__is_left_out(void **state)
{
	struct cipher_job j;

	set("sick", 1);
	assert_int_equal(engine_status(&rig, scripted).state, AXE_ENGINE_FAILED);
	cipher_make(&j, &rig, AXE_KEY_AES_CBC, true, SLICE, 1);
	assert_code(cipher_run(&only, &j), AXE_ERR_ENGINE);
	assert_ran(&j, cipher_run(&automatic, &j), 0, true);
	set("sick", 0);
	cipher_free(&j);
	assert_engine_works();
}

/* The command ends, and what the engine has of it stays until that ends, too. */
static void lost__is_not_waited_for(void **state)
{
	struct cipher_job j;

	set("lose", 1);
	cipher_make(&j, &rig, AXE_KEY_AES_CBC, true, 2 * SLICE, 1);
	assert_ran(&j, cipher_run(&automatic, &j), 0, true);
	assert_int_equal(engine_status(&rig, scripted).state, AXE_ENGINE_FAILED);
	assert_int_equal(engine_status(&rig, scripted).in_flight, 1);
	cipher_fill(&j, 2);
	assert_code(cipher_run(&only, &j), AXE_ERR_ENGINE);
	cipher_free(&j);
	reload("");
	assert_engine_works();
}

static void gone__by_policy(void **state)
{
	struct rig named, named_only;
	struct cipher_job j;

	open_with(&named, AXE_OFFLOAD_AUTO, 1 + scripted);
	open_with(&named_only, AXE_OFFLOAD_ONLY, 1 + scripted);
	cipher_make(&j, &rig, AXE_KEY_AES_CBC, true, SLICE, 1);
	assert_ran(&j, cipher_run(&only, &j), scripted, false);
	must("rmmod axe_scripted");
	cipher_fill(&j, 2);
	assert_ran(&j, cipher_run(&named, &j), 0, true);
	assert_code(cipher_run(&named_only, &j), AXE_ERR_ENGINE);
	load("");
	cipher_fill(&j, 3);
	assert_ran(&j, cipher_run(&named_only, &j), scripted, false);
	rig_close_queue(&named);
	rig_close_queue(&named_only);
	cipher_free(&j);
}

static void come_and_go(void *arg)
{
	unsigned int i;

	for (i = 0; i < 10; i++)
		must("rmmod axe_scripted && " INSERT);
	demand(write(*(int *)arg, "", 1) == 1, "write");
}

/* Each command completes: with the right bytes, or in a queue that wants an engine, cleanly. */
static void gone__under_load(void **state)
{
	struct rig *queues[] = { &automatic, &only };
	struct cipher_job jobs[2][4];
	unsigned int i, q, round;
	int ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	for (q = 0; q < 2; q++)
		for (i = 0; i < 4; i++)
			cipher_make(&jobs[q][i], &rig, AXE_KEY_AES_CBC, i % 2, 2 * SLICE, i);
	pid = start_child(come_and_go, &ends[1]);
	for (round = 0; !await_readable(ends[0], 0); round++) {
		for (q = 0; q < 2; q++)
			for (i = 0; i < 4; i++)
				cipher_fill(&jobs[q][i], round + i);
		for (i = 0; i < 8; i++)
			cipher_post(queues[i % 2], &jobs[i % 2][i / 2], i);
		for (i = 0; i < 8; i++) {
			struct wc wc = rig_wait_for(queues[i % 2], i);

			if (i % 2 && wc.code == AXE_ERR_ENGINE)
				continue;
			assert_done(wc);
			assert_true(cipher_is_right(&jobs[i % 2][i / 2]));
			demand(wc.engine == scripted || !(i % 2), "it ran on the CPU");
		}
	}
	end_child(pid);
	print_message("# %u rounds\n", round);
	for (q = 0; q < 2; q++)
		for (i = 0; i < 4; i++)
			cipher_free(&jobs[q][i]);
	close(ends[0]);
	close(ends[1]);
	scripted = engine_index(&rig, "scripted");
	assert_engine_works();
}

static void die_with_commands(void *arg)
{
	struct cipher_job jobs[8];
	struct rig own;
	unsigned int i;

	rig_open(&own, &(struct rig_options) { .offload = AXE_OFFLOAD_ONLY });
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		cipher_make(&jobs[i], &own, AXE_KEY_AES_CBC, true, 4 * SLICE, i);
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		cipher_post(&own, &jobs[i], i);
	baton_to_parent(arg);
	pause();
}

static void kill__with_commands_in_flight(void **state)
{
	struct baton baton;
	unsigned int i;
	pid_t pid;

	set("delay_us", 20000);
	for (i = 0; i < 5; i++) {
		baton_make(&baton);
		pid = start_child(die_with_commands, &baton);
		baton_await_child(&baton);
		kill(pid, SIGKILL);
		reap_killed(pid, SIGKILL);
		baton_free(&baton);
	}
	set("delay_us", 0);
	assert_engine_works();
	assert_int_equal(engine_status(&rig, scripted).state, AXE_ENGINE_READY);
	await_number(PARAMETERS "keys", 0);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(query__lists_it),
	cmocka_unit_test(policy__says_who_runs_it),
	cmocka_unit_test(bytes__of_all_algorithms),
	cmocka_unit_test(failure__midway),
	cmocka_unit_test(full__waits),
	cmocka_unit_test(full__one_at_a_time),
	cmocka_unit_test(key__is_not_taken),
	cmocka_unit_test(keys__take_turns),
	cmocka_unit_test(sick__is_left_out),
	cmocka_unit_test(lost__is_not_waited_for),
	cmocka_unit_test(gone__by_policy),
	cmocka_unit_test(gone__under_load),
	cmocka_unit_test(kill__with_commands_in_flight),
};

static int engine_setup(void **state)
{
	if (ops_setup(state))
		return -1;
	/* The hardware's, if there is any. */
	must("rmmod axe_crypto 2>/dev/null || :");
	load("");
	open_with(&automatic, AXE_OFFLOAD_AUTO, 0);
	open_with(&never, AXE_OFFLOAD_NEVER, 0);
	open_with(&only, AXE_OFFLOAD_ONLY, 0);
	return 0;
}

static int engine_teardown(void **state)
{
	rig_close_queue(&automatic);
	rig_close_queue(&never);
	rig_close_queue(&only);
	must("rmmod axe_scripted");
	return ops_teardown(state);
}

LIVE_MAIN("engine", tests, engine_setup, engine_teardown)
