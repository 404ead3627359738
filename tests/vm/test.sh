# shellcheck shell=bash
# ./vm test: every layer, added up.
#
# ./vm torture: one of them, for longer.
#
# What needs no device (style, unit, abi) runs in a chroot of the root file system,
# at the host's speed; the rest in a guest, at the same time. A guest that dies takes
# one program with it, not the run: the others go on in a fresh one.

# test_command [NAME...]
test_command()
{
	RESULTS=$RUN_DIR/results
	mkdir "$RESULTS"
	attend prepare
	if ((ATTENDED)); then
		# What cannot be built is a test that failed.
		echo "0 passed, 1 failed, 0 skipped"
		finish 1
	fi
	list_programs "$@"
	begin_in_chroot
	test_in_guest
	end_in_chroot
	attend in_chroot sum "/tmp/results/"
	finish "$ATTENDED"
}

# torture_command [KIND...]: for $MINUTES in all, shared by the programs.
torture_command()
{
	local kinds=("${@/#/torture/}") seconds
	((${#kinds[@]})) || kinds=(torture)
	RESULTS=$RUN_DIR/results
	mkdir "$RESULTS"
	attended prepare
	list_programs "${kinds[@]}"
	((${#GUEST_PROGRAMS[@]})) || die "nothing installs a torture program"
	seconds=$((MINUTES * 60 / ${#GUEST_PROGRAMS[@]}))
	say "${#GUEST_PROGRAMS[@]} programs, $seconds s each"
	GUEST_ENV=("AXE_TORTURE_SECONDS=$((seconds > 0 ? seconds : 1))")
	test_in_guest
	attend in_chroot sum "/tmp/results/"
	finish "$ATTENDED"
}

# in_chroot ARGUMENT...: the runner with these arguments, beside the sources, what
# was installed, and the results.
in_chroot()
{
	local more=("rw:$CACHE/ccache:/tmp/ccache" "rw:$CACHE/checked:/tmp/checked")
	mkdir -p "$CACHE/ccache" "$CACHE/checked"
	[[ ! -e $CACHE/checkpatch ]] || more+=("ro:$CACHE/checkpatch:/tmp/checkpatch")
	in_rootfs "$ROOTFS/root" "ro:$TOP:/src" "ro:$RUN_DIR/inst:/inst" "rw:$RESULTS:/tmp/results" \
		"${more[@]}" -- \
		env AXE_KERNEL_VERSION="$(<"$ROOTFS/version")" AXE_TEST_SLOW=4 \
		LD_LIBRARY_PATH=/inst/usr/lib/x86_64-linux-gnu \
		python3 -B /src/tests/vm/runner.py "$@" </dev/null
}

# list_programs [NAME...]: into CHROOT_PROGRAMS and GUEST_PROGRAMS. What needs no guest
# is the same for a kernel of our own as for stable: it runs there if it is named.
list_programs()
{
	local program
	CHROOT_PROGRAMS=() GUEST_PROGRAMS=()
	attend in_chroot_to programs list --root /inst "$@"
	((ATTENDED == 0)) || exit "$EXIT_VM"
	while read -r program; do
		case $program in
		*/live/* | */ops/* | */pyverbs/* | */peers/* | */torture/* | /usr/src/*) GUEST_PROGRAMS+=("$program") ;;
		*) CHROOT_PROGRAMS+=("$program") ;;
		esac
	done <"$RESULTS/programs"
	(($#)) || ! own_kernel || CHROOT_PROGRAMS=()
}

# in_chroot_to FILE ARGUMENT...: the runner's output into a file of RESULTS.
in_chroot_to()
{
	local file=$RESULTS/$1
	shift
	in_chroot "$@" >"$file"
}

# begin_in_chroot: what needs no guest; end_in_chroot: until it has ended, if it was begun.
begin_in_chroot()
{
	((${#CHROOT_PROGRAMS[@]})) || return 0
	if [[ " ${CHROOT_PROGRAMS[*]} " == *checkpatch* ]]; then
		attend need_checkpatch
	fi
	spawn run_in_chroot
	IN_CHROOT=$CHILD
}

# The guest goes first: its deadlines are tighter.
run_in_chroot()
{
	local status=0
	renice -n 10 -p "$BASHPID" >/dev/null
	in_chroot run --root /inst --results /tmp/results/chroot.json "${CHROOT_PROGRAMS[@]}" || status=$?
	((status == 0)) || note_failure chroot "the test runner failed: $status"
}

end_in_chroot()
{
	[[ -n $IN_CHROOT ]] || return 0
	# Whoever waited for the guest may have seen it end: there is no status to be had then.
	wait "$IN_CHROOT" || :
	forget "$IN_CHROOT"
	IN_CHROOT=''
}

test_in_guest()
{
	local boot reason again retries=2 left=(${GUEST_PROGRAMS[@]+"${GUEST_PROGRAMS[@]}"})
	WATCH=watch_tests
	for ((boot = 1; ${#left[@]}; boot++)); do
		COMMAND=(env "AXE_TEST_DEVICES=${AXE_TEST_DEVICES:-axe0 axe1}"
			${GUEST_ENV[@]+"${GUEST_ENV[@]}"}
			python3 -B /usr/libexec/axe-vm/runner.py run --guest --target "$(system)"
			--results /dev/virtio-ports/results "${left[@]}")
		run_guest </dev/null
		cp "$GUEST_DIR/results" "$RESULTS/guest-$boot.json"
		case $GUEST_END in
		done) reason="the test runner failed: $GUEST_STATUS" ;;
		*) reason=$(why_guest_ended) ;;
		esac
		again=''
		if ((retries)) && is_blameless; then
			retries=$((retries - 1))
			again=--again
			warn "$reason; that was not axe, so it goes on in another one"
		fi
		# Who was it, and who is left?
		attend in_chroot_to left after --results "/tmp/results/guest-$boot.json" \
			--reason "$reason" ${again:+"$again"} "${left[@]}"
		((ATTENDED == 0)) || die "the results of the guest could not be read"
		mapfile -t left <"$RESULTS/left"
	done
}

# is_blameless: a guest died by QEMU's doing, or before axe was loaded.
is_blameless()
{
	[[ $GUEST_END == died ]] || return 1
	died_of_qemu || ! grep -q '^axe-vm: loading axe' "$GUEST_DIR/console"
}

# note_failure PROGRAM REASON: of what has no runner to report it.
note_failure()
{
	printf '{"event": "end", "program": "%s", "path": null, "cases": [["failed", "%s", []]]}\n' \
		"$1" "$2" >>"$RESULTS/host.json"
}

# watch_tests: ends when a program in the guest is far beyond its time: then the
# runner there, which should have ended it, is dead itself.
watch_tests()
{
	local last limit
	while sleep 5; do
		last=$(tail -n 1 "$GUEST_DIR/results" 2>/dev/null) || continue
		limit=$(sed -n 's/.*"event": "start".*"timeout": \([0-9]*\).*/\1/p' <<<"$last")
		if (($(date +%s) - $(stat -c %Y "$GUEST_DIR/results") > ${limit:-60} + 60)); then
			exit 3
		fi
	done
}

# need_checkpatch: it is in no package but the kernel's whole source.
need_checkpatch()
{
	[[ -e $CACHE/checkpatch ]] || with_lock "$CACHE/checkpatch.lock" fetch_checkpatch
}

fetch_checkpatch()
{
	local new=$CACHE/checkpatch.new
	[[ ! -e $CACHE/checkpatch ]] || return 0
	rm -rf "$new"
	mkdir -p "$new"
	apt_proxy >"$new/apt.conf"
	say "fetching checkpatch.pl (150 MB: it comes with the kernel's source)"
	in_rootfs "$ROOTFS/root" net "rw:$new:/tmp/checkpatch" -- \
		/tmp/inside/fetch-checkpatch "$(<"$ROOTFS/version")" </dev/null >"$CACHE/checkpatch.log" 2>&1 || {
		warn "checkpatch.pl could not be fetched; see $CACHE/checkpatch.log"
		return 0
	}
	mv "$new" "$CACHE/checkpatch"
}
