#!/usr/bin/python3
"""Runs test programs and keeps the score.

Started by ./vm test, in the guest for what needs the device, in a chroot of the
root file system for what does not. People read its standard output; the verdict
leaves on a channel of its own, as lines of JSON ("events"), which the host adds up.

A test program prints TAP, as cmocka does with CMOCKA_MESSAGE_OUTPUT=TAP; one that
prints none counts as one test, by its exit status. A Python file of unittest is run
in a process of its own, in TAP, too. A program has 120 seconds, or what the text
"axe-test-timeout: SECONDS" in it (a comment, or a string of a binary) says;
AXE_TEST_SLOW times that, which a guest sets whose kernel is a slow one.

After each program that ran in the guest the kernel's log is read: a warning, an
oops or a report of a sanitizer there fails the program, whatever it said itself.
"""

import argparse
import collections
import errno
import fnmatch
import glob
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time

import upstream

TESTS = "/usr/libexec/axe-tests"
LAYERS = ("style", "unit", "abi", "live", "ops", "pyverbs", "upstream", "peers", "torture")
PYTHON = ("pyverbs", "peers")   # their programs are test_*.py, beside modules they share
SLOW = int(os.environ.get("AXE_TEST_SLOW", "1"))
DEFAULT_TIMEOUT = 120
UPSTREAM_TIMEOUT = 300
TORTURE_GRACE = 240
SKIPPED_STATUS = 77     # as automake has it

# What the kernel says when something is wrong.
TROUBLE = re.compile(
    r"WARNING:|BUG:|BUG |Oops|KASAN|KCSAN|UBSAN|DEADLOCK"
    r"|kmemleak: (?!Kernel memory leak detector initialized)"
    r"|possible (?:circular locking|recursive locking|irq lock|deadlock)"
    r"|inconsistent lock state|suspicious RCU usage|INFO: task .* blocked"
    r"|rcu: INFO|soft lockup|hard LOCKUP|general protection|Call Trace"
    r"|refcount_t:|list_(?:add|del) corruption|bad page|Unable to handle"
    r"|usercopy:|stack-protector|scheduling while atomic|sleeping function called")
# ... of these, what leaves a kernel behind that no further verdict can trust.
FATAL = re.compile(r"BUG:|Oops|general protection|Unable to handle|soft lockup|DEADLOCK")


class Program:
    """A test program as it lies in its layer's directory."""

    def __init__(self, root, layer, path):
        self.path = path
        self.file = root + path
        self.layer = layer
        self.name = layer + "/" + re.sub(r"^test_|\.(py|sh)$", "", os.path.basename(path))

    def is_wanted(self, patterns):
        if self.only_by_name():
            return self.name in patterns
        return not patterns or any(self.matches(pattern) for pattern in patterns)

    def matches(self, pattern):
        base = os.path.basename(self.path)
        names = (self.layer, self.name, self.name.split("/", 1)[1],
                 base, self.layer + "/" + base)
        return any(fnmatch.fnmatchcase(name, pattern) for name in names)

    def text(self):
        try:
            with open(self.file, "rb") as f:
                return f.read()
        except OSError:
            return b""      # running it will tell

    def timeout(self):
        if self.layer == "upstream":
            return UPSTREAM_TIMEOUT * SLOW
        if self.layer == "torture":
            # Its cases look at the clock themselves; this is for when that fails, too.
            return int(os.environ.get("AXE_TORTURE_SECONDS", 0)) + TORTURE_GRACE * SLOW
        match = re.search(rb"axe-test-timeout: *(\d+)", self.text())
        return (int(match.group(1)) if match else DEFAULT_TIMEOUT) * SLOW

    def only_by_name(self):
        """Does it run only when it is asked for, and not with its layer?"""
        return b"axe-test-only-by-name" in self.text()

    def command(self):
        if self.path.endswith(".py"):
            return [sys.executable, os.path.abspath(__file__), "unittest", self.file]
        return [self.file]


def layer_of(path):
    directory = os.path.dirname(path)
    return "upstream" if directory == upstream.TESTS else os.path.basename(directory)


def files_of(root, layer):
    if layer == "upstream":
        # Nothing installs them: they lie in the root file system itself.
        return [root + file for file in upstream.files()]
    files = sorted(glob.glob(f"{root}{TESTS}/{layer}/*"))
    if layer in PYTHON:
        return [file for file in files if fnmatch.fnmatch(file, "*/test_*.py")]
    return [file for file in files if os.access(file, os.X_OK) and not os.path.isdir(file)]


def find_programs(root, patterns):
    programs = [Program(root, layer, file[len(root):])
                for layer in LAYERS for file in files_of(root, layer)]
    return [p for p in programs if p.is_wanted(patterns)]


class KernelLog:
    """The kernel's log since the last look; in a chroot, where it is the host's, nothing."""

    def __init__(self, guest):
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK) if guest else None

    def read(self):
        lines = []
        while self.fd is not None:
            try:
                record = os.read(self.fd, 8192).decode(errors="replace")
            except BlockingIOError:
                break
            except OSError as e:
                if e.errno == errno.EPIPE:      # overwritten before it was read
                    continue
                raise
            head, text = record.split(";", 1)
            facility = int(head.split(",", 1)[0]) >> 3
            if facility == 0:           # the kernel's own; not what a test wrote there
                lines.append(text.split("\n", 1)[0])
        return lines


# Reports that are not axe's, from the first line of each to its last:
FOREIGN = (
    # Data races between other functions than axe's: the kernel has its own, and means
    # many of them.
    (re.compile(r"BUG: KCSAN(?!.*\[axe\])"), re.compile("=====")),
    # With CONFIG_DEBUG_VM, handle_userfault() tells of every fault that cannot wait.
    # Those of hmm_range_fault() never can, and axe says so (docs/paging.md).
    (re.compile("FAULT_FLAG_ALLOW_RETRY missing"), re.compile("</TASK>")),
    # vmalloc() tells of memory that it does not get; torture/faults sees to that.
    (re.compile("vmalloc error: size"), re.compile("</TASK>")),
)


def without_foreign(lines):
    """The log without FOREIGN reports."""
    kept, end = [], None
    for line in lines:
        if not end:
            end = next((last for first, last in FOREIGN if first.search(line)), None)
            if not end:
                kept.append(line)
        elif end.search(line):
            end = None
    return kept


def trouble_in(lines):
    """The part of the log around what is wrong in it; empty if nothing is."""
    lines = without_foreign(lines)
    bad = [i for i, line in enumerate(lines) if TROUBLE.search(line)]
    if not bad:
        return []
    return lines[max(0, bad[0] - 3):max(bad[0] + 60, bad[-1] + 10)]


class Tap:
    """Reads TAP, from cmocka, Python or shell, line by line."""

    POINT = re.compile(r"(not )?ok\b\s*\d*\s*(?:-\s*)?(.*)")
    PLAN = re.compile(r"1\.\.(\d+)(?:\s*#\s*skip\S*\s*(.*))?", re.I)
    SKIP = re.compile(r"(.*?)\s*#\s*skip\S*\s*(.*)", re.I)

    def __init__(self):
        self.cases = []         # (result, name, lines of text)
        self.planned = 0
        self.skip_all = None
        self.text = []          # since the last test point, as it has to do with the next
        self.failed = None      # the text of the last test point, if it failed

    def feed(self, line):
        point = self.POINT.match(line)
        plan = self.PLAN.match(line)
        if line.startswith("Bail out!"):
            self.cases.append(["failed", line, self.text])
        elif point:
            self.add_point(bool(point.group(1)), point.group(2))
        elif plan:
            self.planned += int(plan.group(1))
            if plan.group(1) == "0":
                self.skip_all = plan.group(2) or "no reason given"
        elif line.startswith("#"):
            # A comment explains what has failed just now.
            (self.text if self.failed is None else self.failed).append(re.sub("^# ?", "", line))
        elif not line.startswith("TAP version"):
            self.text.append(line)

    def add_point(self, failed, rest):
        skip = self.SKIP.match(rest)
        text = self.text
        self.text = []
        self.failed = text if failed else None
        if failed:
            self.cases.append(["failed", rest, text])
        elif skip:
            # cmocka has the name where a reason should be; the reason, if there
            # is one, has been printed before.
            name, reason = skip.group(1), skip.group(2)
            if not name:
                name, reason = reason, ""
            self.cases.append(["skipped", name,
                               [reason or " ".join(text[-1:]) or "no reason given"]])
        else:
            self.cases.append(["passed", rest, []])


class Run:
    """One program's run: starts it, reads it, judges it."""

    def __init__(self, program, expected=None):
        self.program = program
        self.expected = expected    # the list for upstream's tests
        self.tap = Tap()
        self.output = collections.deque(maxlen=200)
        self.cases = []
        self.fatal = False      # nothing after this can be trusted

    def go(self, log):
        log.read()
        start = time.monotonic()
        timeout = self.program.timeout()
        environment = dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP",
                           PYTHONUNBUFFERED="1", PYTHONDONTWRITEBYTECODE="1")
        try:
            process = subprocess.Popen(self.program.command(), stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                       env=environment, cwd="/tmp", start_new_session=True)
        except OSError as e:
            self.fail("start", [str(e)])
            return
        reader = threading.Thread(target=self.read, args=(process.stdout,), daemon=True)
        reader.start()
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired:
            status = None
            self.late(process, timeout)
        # Nothing that it started may disturb the next one.
        kill_session(process.pid)
        reader.join(5)
        self.judge(status)
        if self.program.layer == "upstream" and self.expected is not None:
            name = os.path.basename(self.program.path)[:-len(".py")]
            self.cases = upstream.compare(name, self.cases, self.expected)
        self.read_log(log)
        self.seconds = time.monotonic() - start

    def read(self, stream):
        for raw in stream:
            line = raw.decode(errors="replace").rstrip("\r\n")
            self.output.append(line)
            self.tap.feed(line)
            # What the long form did, and from which seed, is of interest anyway.
            if "AXE_TORTURE_SECONDS" in os.environ and line.startswith("# "):
                print("    " + line[2:], flush=True)

    def late(self, process, timeout):
        where = stacks(process.pid)
        kill_session(process.pid)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            self.fatal = True
            where.append("it cannot even be killed")
        self.fail("timeout", [f"no end after {timeout} s"] + where + list(self.output)[-30:])

    def fail(self, name, text):
        self.cases.append(["failed", name, text])

    def judge(self, status):
        tap = self.tap
        tail = list(self.output)[-30:]
        self.cases = tap.cases + self.cases
        if status is None:
            pass                # too late: said already
        elif status < 0:
            name = signal.Signals(-status).name
            self.fail("exit", [f"killed by {name}"] + tail)
        elif status == SKIPPED_STATUS or tap.skip_all and not tap.cases:
            reason = tap.skip_all or " ".join(tail[-1:]) or "no reason given"
            self.cases.append(["skipped", "", [reason]])
        elif not tap.cases and not tap.planned:
            # No TAP: the program is the test.
            if status == 0:
                self.cases.append(["passed", "", []])
            else:
                self.fail("exit", [f"exit status {status}"] + tail)
        elif len(tap.cases) < tap.planned:
            self.fail("plan", [f"{tap.planned} tests planned, {len(tap.cases)} run,"
                               f" exit status {status}"] + tail)
        elif status != 0 and not any(c[0] == "failed" for c in self.cases):
            self.fail("exit", [f"exit status {status}, though no test failed"] + tail)

    def read_log(self, log):
        lines = log.read()
        part = trouble_in(lines)
        if part:
            self.fail("dmesg", part)
            self.fatal = (self.fatal or any(FATAL.search(line) for line in part)
                          or lockdep_is_off())


def lockdep_is_off():
    """Has lockdep found something, and so looks at nothing any more?"""
    try:
        with open("/proc/lockdep_stats") as f:
            return bool(re.search(r"debug_locks: *0", f.read()))
    except OSError:
        return False    # this kernel has none


def kill_session(sid):
    for stat in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(stat) as f:
                fields = f.read().rpartition(")")[2].split()
            if int(fields[3]) == sid:
                os.kill(int(stat.split("/")[2]), signal.SIGKILL)
        except (OSError, ValueError):
            pass


def stacks(pid, states=None):
    """Where the threads of a process hang; only those in one of some states."""
    lines = []
    for task in glob.glob(f"/proc/{pid}/task/*"):
        try:
            with open(task + "/stat") as f:
                if states and f.read().rpartition(")")[2].split()[0] not in states:
                    continue
            with open(task + "/comm") as f:
                lines.append(f"thread {os.path.basename(task)} ({f.read().strip()}):")
            with open(task + "/stack") as f:
                lines += ["    " + line.rstrip() for line in f]
        except OSError:
            pass
    return lines[:60]


def sleepers():
    """Where whatever waits in the kernel, and hears no signal, waits."""
    return stacks("[0-9]*", "D")


def show(name, cases, seconds, file=sys.stdout):
    count = collections.Counter(case[0] for case in cases)
    words = ", ".join(f"{count[r]} {r}" for r in ("passed", "failed", "skipped") if count[r])
    print(f"{name:<32} {words:<36} {seconds:6.1f} s", file=file)
    reasons = collections.Counter()
    for result, case, text in cases:
        if result == "failed":
            print(f"    FAILED {case}", file=file)
            for line in text:
                print(f"        {line}", file=file)
        elif result == "skipped":
            reasons[text[0]] += 1
    for reason, number in reasons.items():
        print(f"    skipped {number}: {reason}", file=file)
    file.flush()


class Events:
    """The verdicts' way out."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def say(self, **event):
        line = json.dumps(event).encode() + b"\n"
        while line:     # a virtio port takes 32 KiB at a time
            line = line[os.write(self.fd, line):]


def command_list(args):
    for name in args.names:
        if not find_programs(args.root, [name]):
            sys.exit(f"vm: error: there is no test '{name}'\n"
                     "vm:        './vm test --help' tells what a name may be.")
    for program in find_programs(args.root, args.names):
        print(program.path)


def command_run(args):
    events = Events(args.results)
    log = KernelLog(args.guest)
    if args.guest:
        report(events, "guest/boot", [["failed", "dmesg", trouble_in(log.read())]], 0, only_bad=True)
    devices = Devices()
    # The list is about axe.
    expected = upstream.read_expected(args.target) if args.guest and axe_is_tested() else None
    for path in args.programs:
        devices.restore()
        program = Program(args.root, layer_of(path), path)
        events.say(event="start", program=program.name, path=path, timeout=program.timeout())
        run = Run(program, expected)
        run.seconds = 0
        run.go(log)
        report(events, program.name, run.cases, run.seconds, path=path)
        if run.fatal and args.guest:
            events.say(event="stop")
            return
    if args.guest:
        unload(events, log)
    events.say(event="stop")


def axe_is_tested():
    return os.environ.get("AXE_TEST_DEVICES", "axe0").startswith("axe")


class Devices:
    """axe0 and axe1, in the guest: a program that fails may have deleted them."""

    NETDEVS = {"axe0": "eth0", "axe1": "eth1"}

    def __init__(self):
        self.names = [name for name in self.NETDEVS if self.is_there(name)]

    @staticmethod
    def is_there(name):
        return os.path.exists("/sys/class/infiniband/" + name)

    def restore(self):
        for name in self.names:
            if not self.is_there(name):
                print(f"{name} is gone: making it again", flush=True)
                subprocess.run(["rdma", "link", "add", name, "type", "axe",
                                "netdev", self.NETDEVS[name]], check=False)


def report(events, name, cases, seconds, path=None, only_bad=False):
    if only_bad and not any(case[2] for case in cases):
        return
    show(name, cases, seconds)
    events.say(event="end", program=name, path=path, cases=cases)


def unload(events, log):
    """The module must go when nobody uses it, and leave nothing behind."""
    if not os.path.isdir("/sys/module/axe"):
        return
    start = time.monotonic()
    events.say(event="start", program="guest/unload", path=None, timeout=60 * SLOW)
    cases = []
    for command in (["rdma", "link", "delete", "axe0"], ["rdma", "link", "delete", "axe1"],
                    ["modprobe", "-r", "axe"]):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        try:
            text = process.communicate(timeout=30 * SLOW)[0].splitlines()
            failed = process.returncode != 0
        except subprocess.TimeoutExpired:
            # It may be beyond killing: nobody waits for it.
            failed, text = True, [f"no end after {30 * SLOW} s"] + sleepers()
            cases.append(["failed", " ".join(command), text])
            break
        cases.append(["failed" if failed else "passed", " ".join(command), text if failed else []])
    part = trouble_in(log.read())
    if part:
        cases.append(["failed", "dmesg", part])
    part = leaks()
    if part:
        cases.append(["failed", "kmemleak", part])
    report(events, "guest/unload", cases, time.monotonic() - start)


def leaks():
    """What kmemleak finds, if this kernel has it."""
    file = "/sys/kernel/debug/kmemleak"
    if not os.path.exists(file):
        return []
    # It tells of nothing that is younger than five seconds, nor has changed between
    # two looks: what is just being linked to.
    time.sleep(5)
    for _ in range(2):
        with open(file, "w") as f:
            f.write("scan")
    with open(file) as f:
        return f.read().splitlines()[:80]


def command_after(args):
    """A guest is gone: blame what ran in it, or not (--again); print the programs that are left."""
    left = list(args.programs)
    running, stopped, progress = None, False, False
    for event in read_events([args.results]):
        stopped = event["event"] == "stop"
        running = event if event["event"] == "start" else None
        if event.get("path") in left:
            left.remove(event["path"])
            progress = True
    if args.again:
        if running and running["path"]:
            left.insert(0, running["path"])
        progress = True
    elif not stopped:
        name = running["program"] if running else "guest/boot"
        cases = [["failed", "guest", [args.reason]]]
        Events(args.results).say(event="end", program=name, path=None, cases=cases)
        show(name, cases, 0, file=sys.stderr)
    # Without progress, the next guest would do no better.
    if progress:
        for path in left:
            print(path)


def read_events(files):
    for file in files:
        with open(file, errors="replace") as f:
            for line in f:
                try:
                    yield json.loads(line)
                except ValueError:
                    pass        # the last words of a guest that died


def command_sum(args):
    count = collections.Counter()
    failures = []
    for event in read_events(sorted(glob.glob(args.results + "/*.json"))):
        if event["event"] == "end":
            for result, case, _ in event["cases"]:
                count[result] += 1
                if result == "failed":
                    failures.append(f"{event['program']} {case}")
    if failures:
        print("\nfailed:")
        for failure in failures:
            print("    " + failure)
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    sys.exit(0 if count["passed"] and not count["failed"] else 1)


def command_unittest(args):
    import tap_unittest
    if layer_of(args.file) == "upstream":
        device = os.environ.get("AXE_TEST_DEVICES", "axe0").split()[0]
        sys.exit(tap_unittest.main(args.file, lambda file: upstream.load(file, device)))
    sys.exit(tap_unittest.main(args.file))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    sub = parser.add_subparsers(required=True)

    p = sub.add_parser("list")
    p.add_argument("--root", default="")
    p.add_argument("names", nargs="*")
    p.set_defaults(go=command_list)

    p = sub.add_parser("run")
    p.add_argument("--root", default="")
    p.add_argument("--guest", action="store_true")
    p.add_argument("--target", default="stable")
    p.add_argument("--results", required=True)
    p.add_argument("programs", nargs="*")
    p.set_defaults(go=command_run)

    p = sub.add_parser("after")
    p.add_argument("--results", required=True)
    p.add_argument("--reason", required=True)
    p.add_argument("--again", action="store_true")
    p.add_argument("programs", nargs="*")
    p.set_defaults(go=command_after)

    p = sub.add_parser("sum")
    p.add_argument("results")
    p.set_defaults(go=command_sum)

    p = sub.add_parser("unittest")
    p.add_argument("file")
    p.set_defaults(go=command_unittest)

    args = parser.parse_args()
    args.go(args)


if __name__ == "__main__":
    main()
