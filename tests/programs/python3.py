# SPDX-License-Identifier: MIT
"""Threads, json, child processes by spawn and by fork; prints the same whoever allocates.

usage: python3.py ROUNDS
"""
import hashlib
import json
import multiprocessing
import os
import random
import re
import subprocess
import sys
import threading
import zlib

ROUNDS = int(sys.argv[1])


def document(seed):
    rng = random.Random(seed)
    return {
        "words": ["".join(rng.choices("abcdefgh", k=rng.randrange(1, 40))) for _ in range(800)],
        "rows": [{"id": i, "value": rng.random(), "tags": list(range(i % 9))} for i in range(400)],
        "deep": nested(rng, 40),
    }


def nested(rng, depth):
    return [rng.randrange(10**12), nested(rng, depth - 1) if depth else None]


def digest(seed):
    text = json.dumps(document(seed), sort_keys=True)
    assert json.loads(text) == document(seed)
    packed = zlib.compress(text.encode())
    assert zlib.decompress(packed).decode() == text
    words = re.findall(r"[a-c]+d", text)
    return hashlib.sha256((text + "".join(words)).encode()).hexdigest()


def worker(results, lock, seed):
    for i in range(ROUNDS):
        value = digest(seed * 100 + i)
        with lock:
            results[seed, i] = value


def threads():
    results, lock = {}, threading.Lock()
    crowd = [threading.Thread(target=worker, args=(results, lock, n)) for n in range(8)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    for key in sorted(results):
        print(key, results[key])


def short_threads():
    total = []
    for _ in range(100 * ROUNDS):
        one = threading.Thread(target=lambda: total.append(bytes(5000)))
        one.start()
        one.join()
    print("threads", len(total))


def subprocesses():
    code = "import json,sys; print(json.dumps({'got': sys.stdin.read().upper()}))"
    for text in ("one", "two" * 1000):
        done = subprocess.run([sys.executable, "-c", code], input=text, text=True,
                              stdout=subprocess.PIPE, check=True)
        print(len(done.stdout), hashlib.md5(done.stdout.encode()).hexdigest())
    print(subprocess.run(["sh", "-c", "exit 7"]).returncode)


def forks():
    """Forks while threads allocate, so that the child finds every lock free or not at all."""
    stop = threading.Event()

    def churn():
        while not stop.is_set():
            [bytearray(n * 37) for n in range(200)]

    crowd = [threading.Thread(target=churn) for _ in range(3)]
    for one in crowd:
        one.start()
    for n in range(7 * ROUNDS):
        child = os.fork()
        if child == 0:
            ok = len([bytearray(n * 53) for n in range(500)]) == 500
            os._exit(40 + ok)
        print("fork", os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    stop.set()
    for one in crowd:
        one.join()


def pools():
    with multiprocessing.get_context("fork").Pool(3) as pool:
        print(pool.map(digest, range(2 * ROUNDS)))


threads()
short_threads()
subprocesses()
forks()
pools()
