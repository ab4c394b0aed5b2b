#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the conformance suite on stacks that together cover pairs of words and parameters.

usage: run.py MORTISE ROOT WORK [--full] [--facts] [--seed N] [--stacks N]
              [--skip N] [--jobs N] [--model MODEL]

The stacks come from the registry, so a new word is among them the day it appears. Without --full
they are a sample: every word and policy member once, and pairs by chance, `--stacks` in all. With
--full, stacks until each pair of items was in one or would not come about in a number of tries.
What does not compile must be refused by a message of the layers' facts; --facts looks at no more
than that, and runs nothing. --model runs one stack, with and without what runs out of memory.
--jobs run at once, or one on each processor. --skip leaves out the first, which an interrupted run
of the same seed and words has seen to.
Each stack runs the whole suite, threads with a shadow model among it, in its shortest form, however
long other tests are to be; one in eight, or with --full in two, with what runs out of memory.
The seed is 1, or what MORTISE_TEST_SEED says.

Exit status: 1 if a stack failed, or was refused in the compiler's words.
"""
import argparse
import concurrent.futures
import os
import random
import re
import subprocess
import sys
import time

import registry
import stacks

FLAGS = ["-std=gnu11", "-O1", "-g1", "-Wall", "-Wextra", "-Werror", "-pthread"]
LONGEST = 900  # seconds: a lost wake-up shows as a hang


def source(mortise, model, failing):
    """The unit of a model: what `mortise show` prints, and the suite."""
    shown = subprocess.run([mortise, "show", model], check=True, capture_output=True, text=True)
    text = shown.stdout.replace("#define COMPOSITION model", "#define COMPOSITION pairs")
    text = text.replace("LAYER_COMPOSE(model,", "LAYER_COMPOSE(pairs,")
    # As if it stood in for malloc: what brk_heap reserves instead, no limit set later would bind.
    text = "#define MALLOC_SOCKET_BREAK 1\n" + text
    if failing:  # behind the system layer
        text = re.sub(r"(#include <mortise/heap/\w+\.h>\n)",
                      r"\1\n#define LAYER failing\n#include <layer/failing.h>\n", text, count=1)
        text = re.sub(r"(LAYER_COMPOSE\(pairs, \w+)", r"\1, failing", text)
    return (f"{text}\n#define UNIT pairs\n#define UNIT_THREADS {int('threads=many' in model)}\n"
            f"#define UNIT_FAILING {int(failing)}\n#define UNIT_REST 1\n"
            "#define UNIT_BRIEF 1\n#define UNIT_ALONE 1\n"
            "#define UNIT_MADE 0\n#define UNIT_TUNED 0\n#include \"suite_unit.h\"\n")


class Runner:
    def __init__(self, options):
        self.options = options
        self.failed = 0
        self.suite = os.path.join(options.work, "suite.o")
        self.pool, self.jobs, self.count = None, [], 0

    def compile(self, *arguments):
        root = self.options.root
        return subprocess.run(
            [os.environ.get("CC", "gcc"), *FLAGS, f"-I{root}/include", f"-I{root}/tests/words",
             f"-I{root}/tests/conformance", *arguments],
            check=False, capture_output=True, text=True)

    def one(self, number, model, failing):
        """Compiles and runs one stack; what went wrong, or None."""
        base = os.path.join(self.options.work, str(number))
        with open(base + ".c", "w", encoding="utf-8") as file:
            file.write(source(self.options.mortise, model, failing))
        compiled = self.compile(base + ".c", self.suite, "-lcmocka", "-o", base)
        if compiled.returncode != 0:
            return "it does not compile:\n" + compiled.stderr[:3000]
        environment = {**os.environ, "MORTISE_TEST_PART": "20"}
        environment.pop("MORTISE_TEST_ROUNDS", None)
        try:
            ran = subprocess.run([base], check=False, capture_output=True, text=True,
                                 errors="replace", timeout=LONGEST, env=environment)
        except subprocess.TimeoutExpired:
            return f"it hangs: {base}"
        if ran.returncode != 0:
            said = [line for line in (ran.stdout + ran.stderr).splitlines()
                    if re.search(r"FAILED  \]|ERROR|^fault|^reported|^mortise|:\d+: err", line)]
            return f"status {ran.returncode}\n" + "\n".join(dict.fromkeys(said[:20]))
        os.unlink(base)
        os.unlink(base + ".c")
        return None

    def begin(self):
        compiled = self.compile("-c", f"{self.options.root}/tests/conformance/suite.c",
                                "-o", self.suite)
        if compiled.returncode != 0:
            sys.exit("the suite does not compile:\n" + compiled.stderr[:3000])
        self.pool = concurrent.futures.ThreadPoolExecutor(self.options.jobs)

    def add(self, model, failing):
        """Has a stack compiled and run, while others are still looked for."""
        self.jobs.append((model, failing, self.pool.submit(self.one, self.count, model, failing)))
        self.count += 1

    def tell(self, wait):
        """What has come of the stacks so far, or of all."""
        while self.jobs and (wait or self.jobs[0][2].done()):
            model, failing, done = self.jobs.pop(0)
            wrong = done.result()
            print("FAILED" if wrong else "ok    ", model, "(failing)" if failing else "",
                  flush=True)
            if wrong:
                self.failed += 1
                print("    " + wrong.replace("\n", "\n    "), flush=True)


def sample(maker, count, add):
    """Every word and member, then pairs by chance."""
    found, covered, missing = 0, set(), []
    items = maker.all_items()
    needed = [item for item in items if len(item) == 1]
    for slot, members in maker.members.items():
        for member in members:
            users = [item for item in items if len(item) == 3 and item[2] == member
                     and maker.words[item[0]].values[item[1]] is maker.members[slot]]
            if users:
                needed.append(maker.rng.choice(users))
    maker.rng.shuffle(needed)

    def gain(stack):
        return len(stack.items().intersection(needed))

    while needed:
        # Several at a time, or as many as go together.
        stack = next(filter(None, (maker.find(needed[:n], 4, gain) for n in range(7, 1, -1))),
                     None) or maker.find(needed[:1], 60)
        if stack is None:
            missing.append(needed.pop(0))
            continue
        covered |= stack.items()
        found += 1
        add(stack)
        needed = [item for item in needed if item not in covered]
    while found < count:
        pair = maker.rng.sample(items, 2)
        stack = maker.find(pair, 8) if maker.thinkable(*pair) else None
        if stack is not None:
            found += 1
            add(stack)
    return missing


def everything(maker, add):
    """Stacks until each pair of items is covered, or would not come about: ten stacks with the pair
    did not compile, or thirty with its two words and whatever values."""
    cover = stacks.Cover(maker)
    pairs = sorted(cover.open, key=sorted)  # the same for a seed, which sets are not
    maker.rng.shuffle(pairs)
    found, never, began = 0, 0, time.monotonic()
    for pair in pairs:
        if pair not in cover.open:
            continue
        stack = cover.find(pair)
        if stack is None:
            never += 1
            cover.open.discard(pair)
        else:
            cover.open -= stack.pairs()
            found += 1
            add(stack)
        if time.monotonic() - began > 60:
            began = time.monotonic()
            print(f"{found} stacks found; {len(cover.open)} of {len(pairs)} pairs left, "
                  f"{never} in no stack that compiles", flush=True)
    print(f"{len(pairs)} pairs, {never} in no stack that compiles", flush=True)
    return []


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mortise")
    parser.add_argument("root")
    parser.add_argument("work")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--facts", action="store_true")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--stacks", type=int, default=8)
    parser.add_argument("--skip", type=int, default=0, metavar="N")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N")
    parser.add_argument("--model")
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    runner = Runner(options)
    if not options.facts:
        runner.begin()
    if options.model:
        runner.add(options.model, failing=False)
        runner.add(options.model, failing=True)
        runner.tell(wait=True)
        return int(runner.failed != 0)
    seed = options.seed
    if seed is None:
        seed = int(os.environ.get("MORTISE_TEST_SEED", "1"))
    print(f"seed {seed}", flush=True)
    words, members = registry.read(options.mortise)
    maker = stacks.Maker(options.mortise, words, members, random.Random(seed))
    count, covered = 0, set()

    def add(stack):
        nonlocal count, covered
        count += 1
        covered |= stack.pairs()
        if not options.facts and count > options.skip:
            runner.add(stack.model(), failing=count % (2 if options.full else 8) == 1)
            runner.tell(wait=False)

    missing = everything(maker, add) if options.full else sample(maker, options.stacks, add)
    print(f"{count} stacks, {len(covered)} pairs; {maker.checks} looked at, "
          f"{len(maker.refused)} reasons to refuse", flush=True)
    for item in missing:
        print("in no stack:", "=".join(item))
    for model, said in maker.raw:
        print(f"refused in the compiler's words: {model}\n{said}")
    runner.tell(wait=True)
    return int(runner.failed != 0 or bool(maker.raw) or bool(missing))


sys.exit(main())
