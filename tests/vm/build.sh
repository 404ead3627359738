# shellcheck shell=bash
# Building the checkout in the root file system of TARGET. What the two have in the
# cache, so that only what changed is built again:
#
#   build/KEY/build/	cmake's directory
#             inst/	what it installs
#             payload.tar	the same for the guest, with modules.dep
#             stamp	the state of the sources it was built from
#             checkout	where they are, for people

# locate_build: BUILD_DIR, once the kernel is known.
locate_build()
{
	BUILD_DIR=$CACHE/build/$({
		printf '%s\n' "$TOP" "$ROOTFS"
		! own_kernel || printf '%s\n' "$KERNEL"
	} | hash_of)
}

# sources_state: changes when a source file does. Names, sizes and times: reading
# every file takes longer than a build that finds nothing to do.
sources_state()
{
	find "$TOP" -name .git -prune -o -type f -printf '%P %s %T@ %m\n' | sort | hash_of
}

need_build()
{
	locate_build
	with_lock "$BUILD_DIR/lock" build_and_take
	touch "$BUILD_DIR"	# for remove_unused
}

# build_and_take: build, if need be, and have the result in RUN_DIR: other runs of
# this checkout build and install while this one is using it.
build_and_take()
{
	local state
	if ((BUILD)); then
		state=$(sources_state)
		if [[ ! -e $BUILD_DIR/stamp || $(<"$BUILD_DIR/stamp") != "$state" ]]; then
			rm -f "$BUILD_DIR/stamp"
			printf '%s\n' "$TOP" >"$BUILD_DIR/checkout"
			build
			printf '%s\n' "$state" >"$BUILD_DIR/stamp"
		fi
	elif [[ ! -e $BUILD_DIR/payload.tar ]]; then
		fresh_inst
		pack_payload
	fi
	# Links: files in the cache are replaced, never written to.
	ln "$BUILD_DIR/payload.tar" "$RUN_DIR/payload.tar"
	cp -al "$BUILD_DIR/inst" "$RUN_DIR/inst"
}

# build: what there was stays if it fails, for --no-build.
build()
{
	fresh_inst
	if [[ -e $TOP/CMakeLists.txt ]]; then
		build_with_cmake
	else
		warn "there is no CMakeLists.txt: nothing is built"
	fi
	pack_payload
}

# fresh_inst: an empty place to install to, laid out as Debian is: /lib is a link,
# or a tar of it would replace the guest's /lib.
fresh_inst()
{
	rm -rf "$BUILD_DIR/inst.new"
	mkdir -p "$BUILD_DIR/inst.new/usr/lib"
	ln -s usr/lib "$BUILD_DIR/inst.new/lib"
}

build_with_cmake()
{
	local log=$BUILD_DIR/log status=0 kernel=()
	! own_kernel || kernel=("ro:$KERNEL:/tmp/kernel")
	need_space "$BUILD_DIR" "$BUILD_MB" "a build"
	say "building for $TARGET"
	SECONDS=0
	mkdir -p "$BUILD_DIR/build" "$CACHE/ccache"
	in_rootfs "$ROOTFS/root" "ro:$TOP:/src" "rw:$BUILD_DIR/build:/build" \
		"rw:$BUILD_DIR/inst.new:/inst" "rw:$CACHE/ccache:/tmp/ccache" ${kernel[@]+"${kernel[@]}"} -- \
		/tmp/inside/build "$(<"$KERNEL/version")" </dev/null >"$log" 2>&1 || status=$?
	if ((status != 0)); then
		# ninja's own FAILED lines and the compiler's words; not what went well.
		grep -vE '^(\[[0-9]+/[0-9]+\] |-- )' "$log" >&2 || :
		die "the build for $TARGET failed" "The whole output is in $log"
	fi
	# Warnings are for the one who has just changed something.
	grep -A 6 -E '(warning|error): ' "$log" | grep -vE '^  [A-Z]+ |^\[[0-9]+/|^--$' >&2 || :
	say "built ($SECONDS s)"
}

# pack_payload: what the guest unpacks onto its root file system.
pack_payload()
{
	local inst=$BUILD_DIR/inst.new
	install -D -m 755 -t "$inst/usr/libexec/axe-vm" "$VM_DIR/init"
	install -m 755 -t "$inst/usr/libexec/axe-vm" "$VM_DIR"/{runner,tap_unittest,upstream}.py
	install -D -m 644 "$TOP/pyverbs-tests/upstream-expected.md" \
		"$inst/usr/libexec/axe-tests/upstream/expected.md"
	install -m 644 -t "$inst/usr/libexec/axe-vm" "$VM_DIR/fstab"
	install -D -m 755 -t "$inst/usr/libexec/axe-tests/style" "$VM_DIR"/style/*
	# Padded to whole sectors, as a disk must be.
	tar -C "$inst" --exclude=./lib --owner=0 --group=0 --numeric-owner \
		--record-size=64K -cf "$BUILD_DIR/payload.new" .
	mv "$BUILD_DIR/payload.new" "$BUILD_DIR/payload.tar"
	rm -rf "$BUILD_DIR/inst"
	mv "$inst" "$BUILD_DIR/inst"
}
