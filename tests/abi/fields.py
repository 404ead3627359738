#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""fields.py HEADER...

Lists every structure of the ABI headers and every field of them, as lines
ROW(struct, field), so that none can be forgotten. See view.h."""
import re
import sys


def strip_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)


def fields(body):
    """Names of the outermost fields, also of those with a body of their own.

    Those of a union without a name are its structure's. An array without a length
    has no size to compare."""
    depth, statement, inner = 0, "", ""
    for char in body:
        if char == "{" and not depth:
            inner = ""
        depth += (char == "{") - (char == "}")
        if depth:
            inner += char
            continue
        if char != ";":
            statement += char
            continue
        if re.fullmatch(r"\s*union\s*}\s*", statement):
            yield from fields(inner[1:])
        elif not re.search(r"\[\]\s*$", statement):
            yield re.search(r"(\w+)\s*(\[[^]]*\])?\s*$", statement.replace("}", " ")).group(1)
        statement = ""


def structures(text):
    for match in re.finditer(r"^struct (\w+) {\n(.*?)^}", text, flags=re.S | re.M):
        yield match.group(1), match.group(2)


print("/* Made by fields.py. */")
for name in sys.argv[1:]:
    with open(name) as header:
        for struct, body in structures(strip_comments(header.read())):
            for field in fields(body):
                print(f"ROW({struct}, {field})")
