"""rdma-core's own tests of pyverbs: which there are, how a file of them is run, and
what is expected of it.

The tests are those of the source that the root file system has, as they are. A file
is run in a process of its own, by its test cases alone: upstream's own runner loads
the files of all vendors each time.
"""

import collections
import fnmatch
import glob
import importlib
import multiprocessing
import os
import re
import sys
import types

TESTS = "/usr/src/axe-rdma-core/tests"
EXPECTED = "/usr/libexec/axe-tests/upstream/expected.md"
# Tests of one vendor's devices: they ask for its provider, or for its GPU.
VENDORS = re.compile(r"test_(mlx5|efa|irdma|cuda)")

Entry = collections.namedtuple("Entry", "test target outcome reason")


def files(root=""):
    return [file for file in sorted(glob.glob(f"{root}{TESTS}/test_*.py"))
            if not VENDORS.match(os.path.basename(file))]


def load(file, device):
    """The file as a module, as if run_tests.py had been told the device."""
    reserve_huge_pages()
    # Some hand a device to a child. Python 3.14 would not start one by fork any more.
    multiprocessing.set_start_method("fork")
    # The package's own __init__ would load every file.
    package = types.ModuleType("tests")
    package.__path__ = [TESTS]
    sys.modules["tests"] = package
    sys.path.insert(0, TESTS)
    sys.argv = ["run_tests.py", "--dev", device, "--port", "1"]
    importlib.import_module("args_parser").parser.parse_args()
    return importlib.import_module("tests." + os.path.basename(file)[:-len(".py")])


def reserve_huge_pages():
    """Some tests want a few, and skip without."""
    with open("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "w") as f:
        f.write("32")


def read_expected(target, root=""):
    """What is expected on a target: the rows of the page's tables."""
    entries = []
    with open(root + EXPECTED) as f:
        for line in f:
            cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
            if len(cells) == 4 and cells[0].startswith("test_"):
                entry = Entry(*cells)
                if entry.outcome not in ("skipped", "failed") or not entry.reason or \
                   entry.target not in ("all", "stable", "latest"):
                    raise ValueError(f"{EXPECTED}: this row makes no sense: {line.strip()}")
                if entry.target in ("all", target):
                    entries.append(entry)
    return entries


def compare(name, cases, entries):
    """The cases of the file NAME, judged by what is expected of them.

    What is on the list and ends as it says is skipped, with the list's reason. What is
    on the list and ends otherwise has failed, and so has what is skipped and not on it.
    """
    entries = [entry for entry in entries if entry.test.split(".")[0] == name]
    used = set()
    judged = []
    for result, case, text in cases:
        test = f"{name}.{case}"
        entry = next((e for e in entries if fnmatch.fnmatchcase(test, e.test)), None)
        used.add(entry)
        judged.append(judge(result, case, text, entry))
    # A file that did not come to its end says nothing about those it did not run.
    if all(case not in ("timeout", "exit", "plan") for _, case, _ in cases):
        judged += [["failed", entry.test, ["there is no such test: take it off the list"]]
                   for entry in entries if entry not in used]
    return judged


def judge(result, case, text, entry):
    if entry is None:
        if result == "skipped":
            return ["failed", case, ["skipped, and not on the list: " + " ".join(text)]]
        return [result, case, text]
    if result == entry.outcome:
        return ["skipped", case, [entry.reason]]
    if result == "passed":
        return ["failed", case, [f"it passes, and is to be {entry.outcome}: take it off the list"]]
    return ["failed", case, [f"{result}, and is to be {entry.outcome}:"] + text]
