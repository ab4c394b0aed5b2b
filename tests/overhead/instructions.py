#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Counts the instructions that a program executes, inside its allocator and in all.

usage: instructions.py ALLOCATOR.so PROGRAM ARGUMENT...

Runs the program on the allocator under callgrind and adds up what was executed in the allocator
itself, without what it calls in libc, and everything. Prints the two sums.

Exit status: 0, or 2 when the program failed or nothing was counted.
"""
import os
import re
import subprocess
import sys
import tempfile


def sums(path, name):
    """Over the lines of a callgrind file: those that belong to the object of that name, and all."""
    inside, total, objects, here, skip = 0, 0, {}, False, False
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            named = re.match(r"ob=\((\d+)\)(?: (.*))?$", line.rstrip("\n"))
            if named:
                if named.group(2):
                    objects[named.group(1)] = named.group(2)
                here = objects.get(named.group(1), "").endswith(name)
                continue
            known = re.match(r"cob=\((\d+)\) (.*)$", line.rstrip("\n"))
            if known:
                objects[known.group(1)] = known.group(2)
            elif line.startswith("calls="):
                skip = True  # the next line has the cost of what is called
            elif re.match(r"[+\-*\d]", line):
                if not skip:
                    total += int(line.split()[1])
                    inside += int(line.split()[1]) if here else 0
                skip = False
    return inside, total


def main():
    if len(sys.argv) < 3:
        print(__doc__.split("\n\n")[1], file=sys.stderr)
        return 2
    allocator = os.path.realpath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        done = subprocess.run(
            ["valgrind", "-q", "--tool=callgrind", "--callgrind-out-file=" + out, "--"]
            + sys.argv[2:], env={**os.environ, "LD_PRELOAD": allocator}, check=False)
        inside, total = sums(out, allocator) if done.returncode == 0 else (0, 0)
    if inside == 0:
        print(f"instructions: {' '.join(sys.argv[2:])} on {allocator}: exit status "
              f"{done.returncode}, nothing counted", file=sys.stderr)
        return 2
    print(inside, total)
    return 0


sys.exit(main())
