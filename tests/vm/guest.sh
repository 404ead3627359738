# shellcheck shell=bash
# One guest: from a command to how it ended.
#
# Everything of a guest is in a directory of its own that goes when ./vm ends, so
# that any number of them go on side by side:
#
#   job.tar		the command and options, for the guest's init
#   console		what the kernel and init say
#   stdout stderr	FIFOs from QEMU to relay.pl
#   stdin		a FIFO to QEMU, if there is input
#   results		from the test runner
#   status.*		written by relay.pl: the guest has booted, the command's status

# A boot that takes longer has hung, even without KVM on a busy machine.
readonly BOOT_TIMEOUT=120

# For a guest's console and what it may write to its disk before anybody asks how
# much there is, in MB.
readonly RUN_MB=100

RUN_DIR='' GUEST_DIR=''

# The directory is locked as long as this process lives: those of the killed ones
# are found by that.
make_run_dir()
{
	local old
	need_dir "$CACHE/run"
	while read -r old; do
		flock -n "$old" rm -rf "$old" || :
	done < <(find "$CACHE/run" -mindepth 1 -maxdepth 1 -mmin +1)
	RUN_DIR=$(mktemp -d "$CACHE/run/XXXXXXXX")
	exec {RUN_LOCK}<"$RUN_DIR"
	flock "$RUN_LOCK"
	GUEST_DIR=$RUN_DIR/guest
	need_space "$RUN_DIR" "$RUN_MB" "a guest"
}

end_run()
{
	local status=$?
	kill_children
	[[ -z $RUN_DIR ]] || rm -rf "$RUN_DIR"
	if [[ -z $FINISHED ]] && ((status > 0 && status < EXIT_VM)); then
		exit "$EXIT_VM"
	fi
}

# fresh_guest WORD: its directory, with its third disk.
fresh_guest()
{
	rm -rf "$GUEST_DIR"
	mkdir "$GUEST_DIR"
	: >"$GUEST_DIR/console"
	pack_job "$1"
	qemu_arguments
}

# run_guest: boot and run COMMAND. How that ended is in GUEST_END - 'done', 'died',
# 'hung' or 'late' (past TIMEOUT), 'unread' (nobody reads our output any more) -
# and the command's exit status, when done, in GUEST_STATUS. WATCH is a function that
# ends, with status 3, when it finds the guest 'stuck'.
run_guest()
{
	local word
	word=$(head -c 16 /dev/urandom | sha256sum | cut -c1-32)
	fresh_guest "$word"
	mkfifo "$GUEST_DIR/stdout" "$GUEST_DIR/stderr"
	: >"$GUEST_DIR/results"
	start_guest "$word"
	await_guest
	kill_children "$IN_CHROOT"
}

# pack_job WORD: the command and its options.
pack_job()
{
	local job=$GUEST_DIR/job
	mkdir "$job"
	printf '%s\n' "$1" >"$job/word"
	if ((${#COMMAND[@]} == 1)); then
		# One word is a line for the shell, as with ssh.
		printf 'exec bash -c %s\n' "$(quoted "${COMMAND[0]}")" >"$job/command"
	else
		printf 'exec %s\n' "$(quoted "${COMMAND[@]}")" >"$job/command"
	fi
	[[ -z $SHARE ]] || : >"$job/share"
	slowness >"$job/slow"
	((!INTERACTIVE)) || stty size <&2 >"$job/terminal"
	tar -C "$job" --owner=0 --group=0 --numeric-owner -cf "$GUEST_DIR/job.tar" .
}

# slowness: how many times longer than on stable things may take in this guest. Whoever
# keeps this machine busy says so with AXE_TEST_SLOW.
slowness()
{
	local slow=1
	case $TARGET in
	debug) slow=10 ;;
	kcsan) slow=6 ;;
	esac
	echo "$((slow * ${AXE_TEST_SLOW:-1}))"
}

# kernel_parameters: those of TARGET. The first report of the debug kernel ends the
# guest, with all of it on the console: what comes after is of a broken kernel. The
# reports of lockdep, kmemleak and KCSAN are not of that kind: the test runner reads them.
kernel_parameters()
{
	case $TARGET in
	debug) echo loglevel=5 log_buf_len=16M panic_on_warn=1 kasan.fault=panic ;;
	kcsan) echo loglevel=3 log_buf_len=16M kcsan.skip_watch=50 ;;
	*) echo quiet ;;
	esac
}

# quoted_path PATH: within a list of options of QEMU's.
quoted_path()
{
	printf '%s\n' "${1//,/,,}"
}

# qemu_arguments: into QEMU.
qemu_arguments()
{
	local dir more=() parameters=(
		console=ttyS0 panic=-1 random.trust_cpu=on
		# 'init' starts the others, and says why.
		maxcpus=1
		# They take longer than the rest of the boot.
		cryptomgr.notests
		# On a busy host a processor may stand still for long.
		watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=120
	)
	dir=$(quoted_path "$GUEST_DIR")
	QEMU=(
		qemu-system-x86_64 -name axe -nodefaults -no-user-config -display none -no-reboot
		-machine q35 -m "$MEM"
		-kernel "$RUN_DIR/kernel/vmlinuz" -initrd "$RUN_DIR/initrd"
		-append "${parameters[*]} $(kernel_parameters)"
		-chardev "file,id=console,path=$dir/console" -serial chardev:console
		# When this machine's disk is full, the guest has to hear of it:
		# by default it would stand still without a word.
		-drive "if=none,id=root,format=raw,snapshot=on,werror=report,file=$(quoted_path "$IMAGE")"
		-device "virtio-blk-pci,drive=root"
		-drive "if=none,id=payload,format=raw,readonly=on,file=$(quoted_path "$RUN_DIR")/payload.tar"
		-device "virtio-blk-pci,drive=payload"
		-drive "if=none,id=job,format=raw,readonly=on,file=$dir/job.tar"
		-device "virtio-blk-pci,drive=job"
		-device "virtio-rng-pci"
		-device "virtio-serial-pci"
	)
	if ((INTERACTIVE)); then
		# The terminal as it is, but for a way out of a dead guest: ^] x.
		QEMU+=(-chardev "stdio,id=terminal,signal=off,mux=on" -echr 0x1d
			-device "virtconsole,chardev=terminal")
	else
		# Input ends when QEMU's own does, which no other way of
		# passing it achieves. QEMU's own output is not used.
		QEMU+=(-chardev "stdio,id=stdin,signal=off"
			-device "virtserialport,chardev=stdin,name=stdin"
			-chardev "file,id=stdout,path=$dir/stdout"
			-device "virtserialport,chardev=stdout,name=stdout"
			-chardev "file,id=stderr,path=$dir/stderr"
			-device "virtserialport,chardev=stderr,name=stderr"
			-chardev "file,id=results,path=$dir/results"
			-device "virtserialport,chardev=results,name=results")
	fi
	# An accelerator. Its backend works as fast as the host can, whatever the clock.
	((ICOUNT)) || QEMU+=(-object "cryptodev-backend-builtin,id=crypto"
		-device "virtio-crypto-pci,cryptodev=crypto")
	if ((ICOUNT)); then
		# A clock of instructions: the same run gives the same figures.
		QEMU+=(-accel "tcg,thread=single" -icount "shift=0,sleep=off" -smp 1 -cpu "max,-erms")
	elif kvm_works; then
		QEMU+=(-accel kvm -smp "$SMP" -cpu host)
	else
		# TCG does ERMS's 'rep movsb' a byte at a time; without it the
		# kernel copies four times as fast.
		QEMU+=(-accel "tcg,thread=multi" -smp "$SMP" -cpu "max,-erms")
	fi
	if [[ -n $SHARE ]]; then
		QEMU+=(-fsdev "local,id=share,security_model=none,multidevs=remap,path=$(quoted_path "$SHARE")"
			-device "virtio-9p-pci,fsdev=share,mount_tag=share")
	fi
	# Last, so that it can change what is above. Words, not a shell's line.
	read -ra more <<<"$QEMU_MORE"
	QEMU+=(${more[@]+"${more[@]}"})
}

# kvm_works: found out by starting a guest, since a /dev/kvm that opens may still
# not run a kernel; the answer holds for this kernel and this QEMU. A stock kernel,
# which is a fast one, for every target.
kvm_works()
{
	local answer
	[[ -z ${AXE_NO_KVM:-} && -r /dev/kvm && -w /dev/kvm ]] || return 1
	answer=$CACHE/kvm-$({
		uname -a
		stat -L -c '%n %s %Y' "$(command -v qemu-system-x86_64)"
	} | hash_of)
	if [[ ! -e $answer ]]; then
		say "trying whether KVM works here"
		if timeout -k 1 10 qemu-system-x86_64 -nodefaults -no-user-config -display none \
			-no-reboot -machine q35 -m 512M -accel kvm -cpu host -smp 2 -serial stdio \
			-kernel "$ROOTFS/vmlinuz" -initrd "$RUN_DIR/initrd" \
			-append "console=ttyS0 quiet panic=-1 axe.probe" </dev/null 2>/dev/null |
			grep -q 'axe-vm: it boots'; then
			echo yes >"$answer.$$"
		else
			echo no >"$answer.$$"
		fi
		mv "$answer.$$" "$answer"
	fi
	[[ $(<"$answer") == yes ]]
}

# mortal COMMAND...: dies with this shell, even if that is killed with -9.
mortal()
{
	exec setpriv --pdeathsig KILL -- "$@"
}

start_guest()
{
	local word=$1
	# Only a file or a pipe is handed on: at a terminal, ./vm would swallow
	# what is typed for the next command.
	exec {input}</dev/null
	if [[ -f /dev/stdin || -p /dev/stdin ]]; then
		mkfifo "$GUEST_DIR/stdin"
		exec {user}<&0
		spawn copy_input
		exec {input}<"$GUEST_DIR/stdin" {user}<&-
	fi
	exec {out}>&1 {err}>&2
	spawn relay_stream "$word" stdout "$out"
	OUT_PID=$CHILD
	spawn relay_stream "$word" stderr "$err"
	ERR_PID=$CHILD
	spawn run_qemu
	QEMU_PID=$CHILD
	spawn watch_time
	WATCH_PID=$CHILD
	exec {input}<&- {out}>&- {err}>&-
}

# QEMU makes its input non-blocking, which all that share it would feel: a copy.
copy_input()
{
	mortal cat <&"$user" >"$GUEST_DIR/stdin"
}

relay_stream()
{
	mortal perl "$VM_DIR/relay.pl" "$1" "$GUEST_DIR/status.$2" <"$GUEST_DIR/$2" >&"$3"
}

run_qemu()
{
	# What the guest writes to its disk goes where we are told to keep things.
	TMPDIR=$GUEST_DIR mortal "${QEMU[@]}" <&"$input" >"$GUEST_DIR/qemu.log" 2>&1
}

# watch_time: ends when the guest is late; says with what in its exit status.
watch_time()
{
	SECONDS=0
	while [[ ! -e $GUEST_DIR/status.stdout.booted ]]; do
		((SECONDS < BOOT_TIMEOUT)) || exit 1
		sleep 0.2
		kill -0 $$ || exit
	done
	if ((TIMEOUT)); then
		sleep "$TIMEOUT"
		exit 2
	fi
	# By default a command has all the time it wants; tests have not.
	[[ -z $WATCH ]] || "$WATCH"
	mortal sleep infinity
}

# await_guest: until both streams have ended, or something else has.
await_guest()
{
	local ended status streams=2
	GUEST_END='' GUEST_STATUS=$EXIT_VM
	while ((streams)); do
		status=0
		wait -n -p ended || status=$?
		case $ended:$status in
		"$OUT_PID:0" | "$ERR_PID:0") streams=$((streams - 1)) ;;
		# By SIGPIPE: as in './vm run ... | head'.
		"$OUT_PID:141" | "$ERR_PID:141") GUEST_END=unread ;;
		"$OUT_PID:"* | "$ERR_PID:"* | "$QEMU_PID:"*) GUEST_END=died ;;
		"$WATCH_PID:1") GUEST_END=hung ;;
		"$WATCH_PID:2") GUEST_END=late ;;
		"$WATCH_PID:"*) GUEST_END=stuck ;;
		esac
		[[ -z $GUEST_END ]] || return 0
	done
	GUEST_END=done
	GUEST_STATUS=$(<"$GUEST_DIR/status.stderr")
}

# died_of_qemu: of an int3 in the kernel's code that the kernel knows nothing of. 'init'
# says how QEMU comes to that.
died_of_qemu()
{
	grep -q 'Oops: int3:' "$GUEST_DIR/console"
}

# why_guest_ended: the end of the console and a word on what happened, for the
# user; not for 'done'.
why_guest_ended()
{
	if [[ $GUEST_END == died && -s $GUEST_DIR/qemu.log ]]; then
		cat "$GUEST_DIR/qemu.log" >&2
	fi
	if [[ -s $GUEST_DIR/console ]]; then
		say "the end of the guest's console:"
		tail -n "$(own_kernel && echo 200 || echo 40)" "$GUEST_DIR/console" | tr -d '\r' | sed 's/^/    /' >&2
		cp "$GUEST_DIR/console" "$CACHE/last-console"
		say "all of it is in $CACHE/last-console"
	fi
	case $GUEST_END in
	died)
		if died_of_qemu; then
			echo "the guest's kernel panicked of QEMU's doing, which another try will not see (docs/testing.md)"
		elif grep -q 'Kernel panic' "$GUEST_DIR/console"; then
			echo "the guest's kernel panicked"
		elif [[ ! -e $GUEST_DIR/status.stdout.booted ]]; then
			echo "the guest stopped before it had booted (memory: $MEM; QEMU's arguments: ${QEMU_MORE:-ours})"
		else
			echo "the guest stopped before the command ended"
		fi
		;;
	hung) echo "the guest did not boot within $BOOT_TIMEOUT s" ;;
	late) echo "the command took longer than $TIMEOUT s" ;;
	stuck) echo "the guest does not answer any more" ;;
	esac
}

# tell_of_full_disk: the guest has seen no more of it than an error.
tell_of_full_disk()
{
	! grep -qE 'I/O error, dev vda|vda.*error -?(5|28)' "$GUEST_DIR/console" ||
		warn "the guest could not write to its disk: is the one of $CACHE full?"
}

# exit_as_guest: end ./vm the way the guest's command ended.
exit_as_guest()
{
	tell_of_full_disk
	case $GUEST_END in
	done) finish "$GUEST_STATUS" ;;
	unread) finish 141 ;;
	esac
	printf 'vm: error: %s\n' "$(why_guest_ended)" >&2
	[[ $GUEST_END != late ]] || finish "$EXIT_TIMEOUT"
	exit "$EXIT_VM"
}

# run_shell: a prompt in the guest. In the foreground, as a terminal demands.
run_shell()
{
	[[ -t 0 && -t 2 ]] ||
		die "a shell needs a terminal" "For a script there is: ./vm run -- bash <script"
	INTERACTIVE=1
	COMMAND=(bash -il)
	fresh_guest none
	say "booting; 'exit' leaves, and from a dead guest: ^] x"
	if ! TMPDIR=$GUEST_DIR "${QEMU[@]}"; then
		stty sane
		die "QEMU failed"
	fi
	! grep -q 'Kernel panic' "$GUEST_DIR/console" || {
		GUEST_END=died
		exit_as_guest
	}
}
