# shellcheck shell=bash
# One guest: from a command to its exit status.
#
# Everything of a run is in a directory of its own that goes when the run ends,
# so any number of them go on side by side.

RUN_DIR=''

# A boot that takes longer than this has hung, even without KVM and debugging.
readonly BOOT_TIMEOUT=120

make_run_dir()
{
	mkdir -p "$CACHE/run"
	RUN_DIR=$(mktemp -d "$CACHE/run/XXXXXXXX")
}

end_run()
{
	kill_children
	[[ -z $RUN_DIR ]] || rm -rf "$RUN_DIR"
}

# pack_job WORD: the guest's third disk; its command and options are files.
pack_job()
{
	local job=$RUN_DIR/job
	mkdir "$job"
	printf '%s\n' "$1" >"$job/word"
	if ((${#COMMAND[@]} == 1)); then
		# One word is a line for the shell, as with ssh.
		printf 'exec bash -c %s\n' "$(quoted "${COMMAND[0]}")" >"$job/command"
	else
		printf 'exec %s\n' "$(quoted "${COMMAND[@]}")" >"$job/command"
	fi
	[[ -z $SHARE ]] || : >"$job/share"
	tar -C "$job" --owner=0 --group=0 --numeric-owner -cf "$RUN_DIR/job.tar" .
}

# qemu_arguments: into QEMU.
qemu_arguments()
{
	local rootfs image payload
	rootfs=$(rootfs_of "$TARGET")
	payload=$(build_of "$TARGET")/payload.tar
	image=$rootfs/base.img
	[[ -z $WITH ]] || image=$(with_image "$TARGET" "$WITH")
	QEMU=(
		qemu-system-x86_64 -name axe -nodefaults -no-user-config -display none -no-reboot
		-machine q35 -m "$MEM"
		-kernel "$rootfs/vmlinuz" -initrd "$(initrd_of "$TARGET")"
		-append "console=ttyS0 quiet panic=-1 random.trust_cpu=on cryptomgr.notests"
		-drive "if=none,id=root,format=raw,snapshot=on,file=$image"
		-device virtio-blk-pci,drive=root
		-drive "if=none,id=payload,format=raw,readonly=on,file=$payload"
		-device virtio-blk-pci,drive=payload
		-drive "if=none,id=job,format=raw,readonly=on,file=$RUN_DIR/job.tar"
		-device virtio-blk-pci,drive=job
		-chardev "file,id=console,path=$RUN_DIR/console"
		-serial chardev:console
		-device virtio-rng-pci
		-device virtio-serial-pci
		# Input ends when QEMU's own input ends; its own output is not used.
		-chardev stdio,id=stdin,signal=off
		-device virtserialport,chardev=stdin,name=stdin
		-chardev "file,id=stdout,path=$RUN_DIR/stdout"
		-device virtserialport,chardev=stdout,name=stdout
		-chardev "file,id=stderr,path=$RUN_DIR/stderr"
		-device virtserialport,chardev=stderr,name=stderr
	)
	if ((ICOUNT)); then
		# A clock of instructions: the same run gives the same figures.
		QEMU+=(-accel 'tcg,thread=single' -icount 'shift=0,sleep=off' -smp 1 -cpu 'max,-erms')
	else
		# TCG does ERMS's 'rep movsb' a byte at a time; without it the
		# kernel copies four times as fast.
		QEMU+=(-accel 'tcg,thread=multi' -smp "$SMP" -cpu 'max,-erms')
	fi
	if [[ -n $SHARE ]]; then
		QEMU+=(-fsdev "local,id=share,security_model=none,multidevs=remap,path=${SHARE//,/,,}"
			-device virtio-9p-pci,fsdev=share,mount_tag=share)
	fi
	# Last, so that it can change what is above. Words, not a shell's line.
	local more=()
	read -ra more <<<"$QEMU_MORE"
	QEMU+=(${more[@]+"${more[@]}"})
}

# run_guest: boot, run COMMAND, and exit as it did.
run_guest()
{
	local word
	make_run_dir
	word=$(head -c 16 /dev/urandom | sha256sum | cut -c1-32)
	pack_job "$word"
	qemu_arguments
	mkfifo "$RUN_DIR/stdout" "$RUN_DIR/stderr"
	: >"$RUN_DIR/console"
	start_guest "$word"
	await_guest
}

# mortal COMMAND...: dies with this shell, even if that is killed with -9.
mortal()
{
	exec setpriv --pdeathsig KILL -- "$@"
}

start_guest()
{
	local word=$1
	# Only a file or a pipe is handed on: a terminal's user would wonder
	# where the typing goes, and has './vm shell'.
	exec {input}</dev/null
	if [[ -f /dev/stdin || -p /dev/stdin ]]; then
		mkfifo "$RUN_DIR/stdin"
		exec {user}<&0
		spawn copy_input
		exec {input}<"$RUN_DIR/stdin" {user}<&-
	fi
	exec {out}>&1 {err}>&2
	spawn relay_stream "$word" stdout "$out"
	OUT_PID=$CHILD
	spawn relay_stream "$word" stderr "$err"
	ERR_PID=$CHILD
	spawn run_qemu
	QEMU_PID=$CHILD
	spawn mortal sleep "$BOOT_TIMEOUT"
	TIMER_PID=$CHILD
	exec {input}<&- {out}>&- {err}>&-
}

# QEMU makes its input non-blocking, which all that share it would feel: a copy.
copy_input()
{
	mortal cat <&"$user" >"$RUN_DIR/stdin"
}

relay_stream()
{
	mortal perl "$VM_DIR/relay.pl" "$1" "$RUN_DIR/status.$2" <"$RUN_DIR/$2" >&"$3" 2>&2
}

run_qemu()
{
	mortal "${QEMU[@]}" <&"$input" >/dev/null 2>"$RUN_DIR/qemu.log"
}

# await_guest: until both streams have ended, or something else has.
await_guest()
{
	local ended status booted=0 out=1 err=1
	while ((out || err)); do
		status=0
		wait -n -p ended "$QEMU_PID" "$TIMER_PID" \
			$( ((!out)) || echo "$OUT_PID") $( ((!err)) || echo "$ERR_PID") || status=$?
		case $ended in
		"$OUT_PID") out=0 ;;
		"$ERR_PID") err=0 ;;
		"$QEMU_PID") guest_died "$status" ;;
		"$TIMER_PID")
			((booted == 0)) && [[ -e $RUN_DIR/status.stdout.booted ]] ||
				guest_hung
			booted=1
			rest_of_time
			continue
			;;
		esac
		# The reader of our output went away, as in './vm run ... | head'.
		((status != 141)) || exit 141
	done
	exit "$(<"$RUN_DIR/status.stderr")"
}

# rest_of_time: the guest has booted in time; now the command's own limit.
rest_of_time()
{
	if ((TIMEOUT > BOOT_TIMEOUT)); then
		spawn mortal sleep "$((TIMEOUT - BOOT_TIMEOUT))"
	else
		spawn mortal sleep infinity
	fi
	TIMER_PID=$CHILD
}

console_end()
{
	say "the end of the guest's console:"
	tail -n "${1:-30}" "$RUN_DIR/console" | tr -d '\r' | sed 's/^/  | /' >&2
}

guest_died()
{
	if [[ -s $RUN_DIR/qemu.log ]]; then
		cat "$RUN_DIR/qemu.log" >&2
	fi
	[[ ! -s $RUN_DIR/console ]] || console_end
	if grep -q 'Kernel panic' "$RUN_DIR/console"; then
		die "the guest's kernel panicked"
	fi
	die "the guest stopped before the command ended (QEMU's exit status: $1)"
}

guest_hung()
{
	console_end
	say "no end within the time"
	exit "$EXIT_TIMEOUT"
}
