"""Runs one file of Python's unittest and prints TAP."""

import importlib
import os
import sys
import unittest


class Noise:
    """What tests print themselves: it may not be taken for TAP."""

    def __init__(self, out):
        self.out = out
        self.fresh = True

    def write(self, text):
        for line in text.splitlines(keepends=True):
            self.out.write("| " + line if self.fresh else line)
            self.fresh = line.endswith("\n")
        return len(text)

    def flush(self):
        self.out.flush()


class TapResult(unittest.TestResult):
    """Each test, and each failing subtest, is a test point."""

    def __init__(self, out):
        super().__init__()
        self.out = out
        self.points = 0
        self.bad = False
        self.failed_subtests = set()

    def point(self, ok, test, comment="", text=""):
        self.points += 1
        self.bad = self.bad or not ok
        # "module.Class.test" is a long way to say "Class.test".
        name = ".".join(test.id().split(".")[-2:])
        if " " in test.id():
            name = test.id().split(".", 1)[-1]
        print(f"{'ok' if ok else 'not ok'} {self.points} - {name}{comment}", file=self.out)
        for line in text.splitlines():
            print("# " + line, file=self.out)
        self.out.flush()

    def addSuccess(self, test):
        if test not in self.failed_subtests:
            self.point(True, test)

    def addFailure(self, test, err):
        self.point(False, test, text=self._exc_info_to_string(err, test))

    addError = addFailure

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.failed_subtests.add(test)
            self.point(False, subtest, text=self._exc_info_to_string(err, test))

    def addSkip(self, test, reason):
        self.point(True, test, comment=f" # SKIP {reason}")

    def addExpectedFailure(self, test, err):
        self.point(True, test)

    def addUnexpectedSuccess(self, test):
        self.point(False, test, text="it was expected to fail")


def load_module(file):
    sys.path.insert(0, os.path.dirname(file))
    return importlib.import_module(os.path.splitext(os.path.basename(file))[0])


def main(file, load=load_module):
    out = sys.stdout
    sys.stdout = sys.stderr = Noise(out)
    try:
        loaded = load(file)
    except unittest.SkipTest as e:
        print(f"1..0 # SKIP {e}", file=out, flush=True)
        return 0
    suite = unittest.defaultTestLoader.loadTestsFromModule(loaded)
    result = TapResult(out)
    suite.run(result)
    if not result.points:
        print("not ok 1 - there is no test in it", file=out)
        return 1
    print(f"1..{result.points}", file=out, flush=True)
    return 1 if result.bad else 0
