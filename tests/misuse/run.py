#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every misuse on every composition, compared with docs/misuse.md.

A cell of the page tells the error, the layer that found it, and how the program ended.
"""

import argparse
import difflib
import functools
import pathlib
import re
import resource
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PAGE = ROOT / "docs/misuse.md"

COMPOSITIONS = {
    "tlsf": "brk_heap::tlsf_glk::malloc_socket",
    "cached": "mmap_heap::slab_lk::thread_cache::malloc_socket",
    "tail": "mmap_heap::slab_lk::thread_cache::tail_chksum::malloc_socket",
    "tailtlsf": "brk_heap::tlsf_glk::tail_chksum(chksum=crc32)::malloc_socket",
    "delayed": "mmap_heap::slab_lk::thread_cache::delayed_free::malloc_socket",
    "wfslabs": "wfslabs",
    "tlsfccsd": "tlsfccsd",
    "hslabd": "hslabd",
}

MISUSES = """overflow_1 overflow_zero overflow_8 overflow_40 overflow_aligned
    overflow_then_realloc overflow_shrunk underflow_1 double_free_near double_free_far
    double_free_large write_after_free write_after_free_large underflow_after_free
    realloc_after_free usable_size_after_free stack data foreign wild misaligned interior
    interior_aligned sized_more sized_less sized_aligned""".split()

HEAD = """# Misuse, and who notices

Every program in tests/misuse/programs on every composition below. A cell says what was reported
and by which layer. The program went on to its end, with exit status 0, unless it says `ends`: then
it was aborted, as `err_handle=fatal` asks. `-` means that nothing was reported; what such a program
does is not promised. `of another block`: what was overwritten belongs to the neighbour. Plain
allocators are here for comparison.

The page is made by `tests/misuse/run.py MORTISE CC --write`, and the same script is the test that
it is true.
"""

WORDS = """
The messages, word by word; BLOCK is the address that the program misused, CALL
the place where it frees, resizes or measures one:
"""

# In the source, at a place that may stand in a message as a call.
CALLS = re.compile("free|realloc|usable_size|function")
SAID = re.compile(r"mortise: ([^:]*): (BLOCK|ANOTHER) in ([^:,]*)")


def built(mortise, cc, model):
    """The allocator of a model; the cache has it where another test uses it as well."""
    command = [mortise, "run", "-q", "--cc", cc, model, "--", "sh", "-c", 'echo "$LD_PRELOAD"']
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def compiled(cc, misuse, work):
    program = work / misuse
    source = HERE / "programs" / f"{misuse}.c"
    command = [cc, "-gdwarf-4", "-O0", "-w", "-fno-builtin", str(source), "-o", str(program)]
    subprocess.run(command, check=True)
    return program


@functools.lru_cache(maxsize=None)
def line_at(program, place):
    """The line of the source that a place in a program was made of."""
    command = ["addr2line", "-e", str(program), place]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    file, line = out.split(" (discriminator")[0].strip().rsplit(":", 1)
    return pathlib.Path(file).read_text().splitlines()[int(line) - 1] if line.isdigit() else ""


def messages_of(program, block, told):
    """What was reported, without what differs from one run to the next."""

    def call(match):
        calls = CALLS.search(line_at(program, match[1]))
        return " in a call at CALL:" if calls else match[0]

    messages = []
    for message in told.splitlines():
        if not message.startswith("mortise: "):
            continue
        if block:
            message = message.replace(f": {block} in ", ": BLOCK in ")
        message = re.sub(": 0x[0-9a-f]* in ", ": ANOTHER in ", message)
        place = rf" in a call at {re.escape(program.name)}\+(0x[0-9a-f]+):"
        messages.append(re.sub(place, call, message))
    return messages


def run(program, allocator):
    """What a misuse comes to on an allocator: the cell, and the messages in it."""
    done = subprocess.run(
        [str(program)],
        env={"LD_PRELOAD": allocator},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
    )
    block = done.stdout.split("\n", 1)[0]
    messages = messages_of(program, block, done.stderr)
    code = done.returncode if done.returncode >= 0 else 128 - done.returncode  # as a shell says it
    end = {0: "", 134: ", ends"}.get(code, f", exit status {code}")
    said = []
    for message in messages:
        found = SAID.match(message)
        other = " of another block" if found and found[2] == "ANOTHER" else ""
        said.append(f"{found[1]}{other} by {found[3]}" if found else message)
    return "+".join(said) + end if said else "-", messages


def page(programs, allocators):
    lines = [HEAD]
    for name, model in COMPOSITIONS.items():
        file = ROOT / "models" / f"{model}.mortise"
        if file.exists():
            text = file.read_text().splitlines()
            model = re.sub(r"\s", "", "".join(t for t in text if not t.startswith("#")))
        lines.append(f"- **{name}**: `{model}`")
    lines += ["", "| misuse | " + " | ".join(COMPOSITIONS) + " |"]
    lines.append("|" + "---|" * (1 + len(COMPOSITIONS)))
    messages = set()
    for misuse in MISUSES:
        title = (HERE / "programs" / f"{misuse}.c").read_text().splitlines()[1]
        cells = []
        for name in COMPOSITIONS:
            cell, said = run(programs[misuse], allocators[name])
            cells.append(cell)
            messages.update(said)
        lines.append("| " + " | ".join([title[3:-3]] + cells) + " |")
    lines += [WORDS] + ["    " + message for message in sorted(messages)]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mortise", metavar="MORTISE", help="the command")
    parser.add_argument("cc", metavar="CC", help="a C compiler")
    parser.add_argument("--write", action="store_true", help="make the page anew")
    options = parser.parse_args()
    # A program that the list does not know would never run.
    there = {file.stem for file in (HERE / "programs").glob("*.c")}
    if there != set(MISUSES):
        return f"not listed, or not there: {' '.join(there ^ set(MISUSES))}"
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        allocators = {
            name: built(options.mortise, options.cc, model)
            for name, model in COMPOSITIONS.items()
        }
        programs = {misuse: compiled(options.cc, misuse, work) for misuse in MISUSES}
        text = page(programs, allocators)
    if options.write:
        PAGE.write_text(text)
        return 0
    old = PAGE.read_text()
    sys.stdout.writelines(
        difflib.unified_diff(
            old.splitlines(True), text.splitlines(True), str(PAGE.relative_to(ROOT)), "seen now"
        )
    )
    return text != old


if __name__ == "__main__":
    sys.exit(main())
