#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Proves that two builds of an allocator are the same code.

usage: same_code.py A.so B.so

Follows both from every exported function into all that it reaches, side by side, and compares
opcode by opcode. Registers count by their width only, since allocation may rename them; memory
operands by displacement and symbol (unnamed constants by being such, for the names of layers are
among them); branches by their distance in instructions. Functions are
paired by where they are called from, so their own names do not matter.

Exit status: 0 the same, 1 different (the first difference on stdout), 2 usage.
"""
import re
import subprocess
import sys

REGISTER = re.compile(
    r"%(r[a-d]x|r[sd]i|r[sb]p|rip|r\d+[dwb]?|e[a-d]x|e[sd]i|e[sb]p|[sd]il|[sb]pl|[sd]i|[sb]p|"
    r"[a-d][xlh]|[xy]mm\d+)")
LINE = re.compile(r"^\s*([0-9a-f]+):\s+(\S+)\s*(.*)$")
HEAD = re.compile(r"^([0-9a-f]+) <(.+)>:$")
TARGET = re.compile(r"^([0-9a-f]+) <([^>]+)>$")


def width(match):
    name = match.group(1)
    if name[1:3] == "mm":
        return "%" + name[:3]
    if re.fullmatch(r"r\d+[dwb]", name):
        return {"d": "%32", "w": "%16", "b": "%8"}[name[-1]]
    if name[0] == "r":
        return "%64"
    if name[0] == "e":
        return "%32"
    return "%8" if name[-1] in "lh" else "%16"


def read(path):
    """{function: [(opcode, operands, address)]} and the exported names."""
    text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", "-M", "suffix", path],
                          check=True, capture_output=True, text=True).stdout
    sections = subprocess.run(["readelf", "-SW", path], check=True, capture_output=True,
                              text=True).stdout
    constants = [(int(lo, 16), int(lo, 16) + int(size, 16)) for lo, size in
                 re.findall(r"\.rodata\S*\s+PROGBITS\s+(\w+)\s+\w+\s+(\w+)", sections)]
    functions, body = {}, None
    for line in text.splitlines():
        head = HEAD.match(line)
        if head:
            body = functions.setdefault(head.group(2), [])
            continue
        match = LINE.match(line)
        if match and body is not None:
            opcode = re.sub(r"^(jmp|call|ret)q$", r"\1", match.group(2))  # near and short alike
            operands = match.group(3).strip()
            at = re.search(r"#\s*([0-9a-f]+) <", operands)
            if at and any(lo <= int(at.group(1), 16) < hi for lo, hi in constants):
                operands = operands.split("#")[0] + "# 0 <constant>"
            body.append((opcode, operands, int(match.group(1), 16)))
    for name, body in functions.items():  # padding, which depends on where code lands
        functions[name] = [line for line in body
                           if "nop" not in line[0] + line[1].split(" ")[0] and
                           line[:2] != ("xchgw", "%ax,%ax")]
    names = subprocess.run(["nm", "-D", "--defined-only", path], check=True, capture_output=True,
                           text=True).stdout
    return functions, sorted(l.split()[2] for l in names.splitlines() if " T " in l and
                             l.split()[2] not in ("_init", "_fini"))


def base(symbol):
    return re.sub(r"[+-]0x[0-9a-f]+$", "", symbol)


def normal(operands):
    """Operands without register names and code addresses; data symbols keep their offset."""
    comment = re.search(r"#\s*[0-9a-f]+ <([^>]+)>", operands)
    operands = REGISTER.sub(width, operands.split("#")[0].strip())
    if comment:
        symbol = comment.group(1)
        operands = re.sub(r"-?0x[0-9a-f]+\(%64\)", "<" + symbol + ">", operands)
    return operands


def compare(a, b):
    (code_a, exports_a), (code_b, exports_b) = a, b
    if exports_a != exports_b:
        return "different exports"
    queue, seen, instructions = [(name, name) for name in exports_a], set(), 0
    while queue:
        pair = queue.pop()
        if pair in seen:
            continue
        seen.add(pair)
        name_a, name_b = pair
        foreign = name_a.endswith("@plt") and name_b.endswith("@plt")
        if foreign or name_a not in code_a or name_b not in code_b:
            if name_a != name_b:
                return f"{name_a} against {name_b}: one lies outside"
            continue
        body_a, body_b = code_a[name_a], code_b[name_b]
        at_a = {line[2]: i for i, line in enumerate(body_a)}
        at_b = {line[2]: i for i, line in enumerate(body_b)}
        for i in range(max(len(body_a), len(body_b))):
            where = f"{name_a} against {name_b}, instruction {i}"
            if i >= len(body_a) or i >= len(body_b):
                return f"{where}: {len(body_a)} against {len(body_b)} instructions"
            op_a, args_a, _ = body_a[i]
            op_b, args_b, _ = body_b[i]
            shown = f"{where}:\n  {op_a} {args_a}\n  {op_b} {args_b}"
            if op_a != op_b:
                return shown
            target_a, target_b = TARGET.match(args_a), TARGET.match(args_b)
            if target_a and target_b:
                to_a, to_b = int(target_a.group(1), 16), int(target_b.group(1), 16)
                if to_a in at_a or to_b in at_b:
                    if at_a.get(to_a, -1) != at_b.get(to_b, -1):
                        return shown
                else:
                    queue.append((base(target_a.group(2)), base(target_b.group(2))))
                continue
            pointer_a = re.search(r"#\s*[0-9a-f]+ <([^>+-]+)>", args_a)
            pointer_b = re.search(r"#\s*[0-9a-f]+ <([^>+-]+)>", args_b)
            if (pointer_a and pointer_b and pointer_a.group(1) in code_a and
                    pointer_b.group(1) in code_b):  # the address of a function
                queue.append((pointer_a.group(1), pointer_b.group(1)))
                continue
            if normal(args_a) != normal(args_b):
                return shown
        instructions += len(body_a)
    print(f"the same: {len(exports_a)} exports, {len(seen)} functions, {instructions} instructions")
    return None


def main():
    if len(sys.argv) != 3 or sys.argv[1].startswith("-"):
        print(__doc__.split("\n\n")[1], file=sys.stderr)
        return 2
    difference = compare(read(sys.argv[1]), read(sys.argv[2]))
    if difference:
        print("different:", difference)
    return 1 if difference else 0


sys.exit(main())
