# shellcheck shell=bash
# Building the checkout in a target's tree. What a checkout and a target have in
# the cache, so that only what changed is built again:
#
#   build/KEY/build/	cmake's directory
#             inst/	what it installs
#             payload.tar	the same for the guest, with modules.dep
#             stamp	the state of the sources it was built from

build_of()
{
	printf '%s/build/%s\n' "$CACHE" "$(printf '%s\n' "$TOP" "$(rootfs_of "$1")" | hash_of)"
}

# sources_state: changes when a source file does. Names, sizes and times: reading
# every file takes longer than a build that finds nothing to do.
sources_state()
{
	find "$TOP" -name .git -prune -o -type f -printf '%P %s %T@ %m\n' | sort | hash_of
}

# need_build TARGET: built, and what was built is in RUN_DIR: other runs of this
# checkout build and install while this one is using it.
need_build()
{
	local dir
	dir=$(build_of "$1")
	with_lock "$dir/lock" build_and_take "$1" "$dir"
	touch "$dir"
}

build_and_take()
{
	local dir=$2
	if ((BUILD)); then
		build "$1" "$dir"
	elif [[ ! -e $dir/payload.tar ]]; then
		pack_nothing "$1" "$dir"
	fi
	# Links: files in the cache are replaced, never written to.
	ln "$dir/payload.tar" "$RUN_DIR/payload.tar"
	cp -al "$dir/inst" "$RUN_DIR/inst"
}

pack_nothing()
{
	fresh_inst "$2"
	pack_payload "$1" "$2"
}

build()
{
	local target=$1 dir=$2 state
	state=$(sources_state)
	[[ ! -e $dir/stamp || ! -e $dir/payload.tar || $(<"$dir/stamp") != "$state" ]] || return 0
	rm -f "$dir/stamp"
	printf '%s\n' "$TOP" >"$dir/checkout"
	if [[ -e $TOP/CMakeLists.txt ]]; then
		build_with_cmake "$target" "$dir"
	else
		warn "there is no CMakeLists.txt: nothing is built"
		fresh_inst "$dir"
	fi
	pack_payload "$target" "$dir"
	printf '%s\n' "$state" >"$dir/stamp"
}

# fresh_inst DIR: an empty place to install to, laid out as Debian is: /lib is a
# link, or a tar of it would replace the guest's /lib.
fresh_inst()
{
	rm -rf "$1/inst"
	mkdir -p "$1/inst/usr/lib"
	ln -s usr/lib "$1/inst/lib"
}

build_with_cmake()
{
	local target=$1 dir=$2 rootfs status=0
	rootfs=$(rootfs_of "$target")
	need_space "$dir" 300 "a build"
	say "building for $target"
	SECONDS=0
	mkdir -p "$dir/build"
	fresh_inst "$dir"
	in_rootfs "$rootfs/root" "ro:$TOP:/src" "rw:$dir/build:/build" "rw:$dir/inst:/inst" -- \
		/tmp/inside/build "$(<"$rootfs/version")" </dev/null >"$dir/log" 2>&1 || status=$?
	if ((status != 0)); then
		# ninja's own FAILED lines and the compiler's words; not what went well.
		grep -vE '^(\[[0-9]+/[0-9]+\] |-- )' "$dir/log" >&2 || :
		die "the build for $target failed" "The whole output is in $dir/log"
	fi
	# Warnings are for the one who has just changed something.
	grep -A 6 -E '(warning|error): ' "$dir/log" | grep -vE '^  [A-Z]+ |^\[[0-9]+/|^--$' >&2 || :
	say "built ($SECONDS s)"
}

# pack_payload TARGET DIR: what the guest unpacks onto its root file system.
pack_payload()
{
	local dir=$2
	install -D -m 755 -t "$dir/inst/usr/libexec/axe-vm" "$VM_DIR"/{init,bench,runner.py,tap_unittest.py}
	install -m 644 -t "$dir/inst/usr/libexec/axe-vm" "$VM_DIR/fstab"
	install -D -m 755 -t "$dir/inst/usr/libexec/axe-tests/style" "$VM_DIR"/style/*
	# Padded to whole sectors, as a disk must be.
	tar -C "$dir/inst" --exclude=./lib --owner=0 --group=0 --numeric-owner \
		--record-size=64K -cf "$dir/payload.new" .
	mv "$dir/payload.new" "$dir/payload.tar"
}
