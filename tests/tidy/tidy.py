# SPDX-License-Identifier: MIT
"""The rules of style that a machine can check: tidy.py ROOT. One line for each fault, FILE:LINE."""
import os
import re
import subprocess
import sys

COLUMNS, FUNCTION_LINES, FILE_LINES = 100, 70, 400
CODE = (".c", ".h", ".cc", ".sh", ".py", ".cmake", ".mortise", ".in", "CMakeLists.txt")
ORDER = ["core", "arch", "os", "data", "policy", "run", "heap", "layer", "socket"]
FOREIGN_PATH = re.compile(r"(?<![\w.})$\"'*-])/(work|root|home|Users)/\w")
UNITS = {"": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}

faults = []


def fault(path, line, text):
    faults.append(f"{path}:{line}: {text}")


def files_of(root):
    """What git tracks or would track; without git, everything outside build/."""
    asked = subprocess.run(
        ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if asked.returncode == 0:
        names = asked.stdout.decode().split("\0")
    else:
        names = [os.path.relpath(os.path.join(folder, name), root)
                 for folder, _, found in os.walk(root) for name in found]
    return sorted({n for n in names if n and not n.startswith(("build/", ".git/"))
                   and os.path.isfile(os.path.join(root, n))})


def check_lines(path, lines):
    if path.endswith(CODE) or path == ".ci/run":
        if not any("SPDX-License-Identifier: MIT" in line for line in lines[:2]):
            fault(path, 1, "no line 'SPDX-License-Identifier: MIT' at the beginning")
        for number, line in enumerate(lines, 1):
            if len(line) > COLUMNS:
                fault(path, number, f"{len(line)} columns; {COLUMNS} are allowed")
        if len(lines) > FILE_LINES and path.endswith((".c", ".h", ".cc", ".py", ".sh")):
            fault(path, len(lines), f"{len(lines)} lines; {FILE_LINES} are allowed: split by idea")
    for number, line in enumerate(lines, 1):
        if FOREIGN_PATH.search(line):
            fault(path, number, "names a folder of one machine")


def check_functions(path, lines):
    """A body is what stands between braces in the first column."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line.startswith("}") and start is not None:
            if number - start + 1 > FUNCTION_LINES:
                fault(path, start, f"a function of {number - start + 1} lines; "
                                   f"{FUNCTION_LINES} are allowed")
            start = None


def check_includes(path, lines):
    """Folders include downwards only, except where a header shows itself opened alone."""
    own = path.split("/")[2]
    if own not in ORDER:
        fault(path, 1, f"'{own}' is no folder of the order {' '.join(ORDER)}")
        return
    alone = []
    for number, line in enumerate(lines, 1):
        directive = re.match(r"\s*#\s*(if|ifdef|ifndef|elif|else|endif)\b(.*)", line)
        if directive:
            word, rest = directive.groups()
            if word.startswith("if"):
                alone.append("__INCLUDE_LEVEL__ == 0" in rest)
            elif word in ("elif", "else") and alone:
                alone[-1] = "__INCLUDE_LEVEL__ == 0" in rest
            elif word == "endif" and alone:
                alone.pop()
        include = re.match(r'\s*#\s*include\s+["<](?:mortise/)?([^">]+)', line)
        if not include or any(alone):
            continue
        base = "include/mortise" if "<" in line else os.path.dirname(path)
        target = os.path.normpath(os.path.join(base, include.group(1))).split("/")
        if target[:2] != ["include", "mortise"]:
            continue
        if target[2] in ORDER and ORDER.index(target[2]) > ORDER.index(own):
            fault(path, number, f"{own}/ includes {target[2]}/, above it in the order "
                                f"{' '.join(ORDER)}")


def head_table(lines):
    """Rows of the head comment's parameter table: name, type, default, and the row's line."""
    rows, inside = [], False
    for number, line in enumerate(lines, 1):
        if line.strip() == "*/" and number > 1 and lines[number - 2].startswith(" *"):
            break
        if re.match(r" \* Parameters:\s*$", line):
            inside = True
        elif inside and re.match(r" \* \S", line):
            break
        elif inside:
            cells = re.split(r"\s{2,}", line.lstrip(" *").rstrip())
            indent = len(line) - len(line.lstrip(" *"))
            if len(cells) >= 4 and indent <= 7 and cells[0] != "name":
                rows.append((cells[0], cells[1], cells[2], number))
    return rows


def number_of(text):
    sized = re.fullmatch(r"(\d+)(KB|MB|GB|TB|)", text)
    if sized:
        return int(sized.group(1)) * UNITS[sized.group(2)]
    plain = re.sub(r"\((?:size_t|ptrdiff_t|int|unsigned)\)|\b(\d+)[uUlL]+\b", r"\1", text)
    if re.fullmatch(r"[\d\s()<*+-]+", plain):
        return eval(plain)  # pylint: disable=eval-used
    return text


def same_default(kind, said, defined):
    if kind == "range":
        ends = [number_of(end.strip()) for end in said.strip("[]").split(",")]
        return ends == [number_of(end.strip()) for end in defined.split(",")]
    if kind in ("int", "size", "bool"):
        return number_of(said) == number_of(defined)
    return said == defined


def check_parameters(path, lines):
    """The table, the defaults and the #undefs say the same."""
    word = os.path.splitext(os.path.basename(path))[0]
    text = "\n".join(lines)
    for name, kind, said, number in head_table(lines):
        macro = f"{word}_{name}".upper()
        block = re.search(rf"^#ifndef {macro}\n(.*?)^#endif\n(?!#endif)", text + "\n", re.M | re.S)
        inside = block.group(1) if block else ""
        defined = re.findall(rf"^\s*#\s*define {macro} (.+)$", inside, re.M)
        if not defined:
            fault(path, number, f"parameter '{name}' has no default: #ifndef {macro}")
        elif not any(same_default(kind, said, value.strip()) for value in defined):
            fault(path, number, f"parameter '{name}': the table says {said}, "
                                f"{macro} is {' or '.join(defined)}")
        if not re.search(rf"^#undef {macro}$", text, re.M):
            fault(path, number, f"{macro} is not undefined at the end")
    known = {f"{word}_{row[0]}".upper() for row in head_table(lines)}
    # What stands for a parameter of the policy in a slot is in that policy's own table.
    slots = tuple(f"{word}_{row[0]}_".upper() for row in head_table(lines)
                  if row[1] not in ("int", "size", "bool", "range", "name"))
    for number, line in enumerate(lines, 1):
        guard = re.match(rf"#ifndef ({word.upper()}_\w+)$", line)
        if guard and guard.group(1) not in known and not guard.group(1).startswith(slots):
            fault(path, number, f"{guard.group(1)} is not in the table of the head comment")


def check(root):
    for path in files_of(root):
        if "/fixture/" in path or path == "LICENSE":
            continue
        try:
            with open(os.path.join(root, path), encoding="utf-8") as file:
                lines = file.read().splitlines()
        except UnicodeDecodeError:
            continue
        check_lines(path, lines)
        if path.endswith((".c", ".h", ".cc")):
            check_functions(path, lines)
        if re.match(r"include/mortise/\w+/", path):
            check_includes(path, lines)
        if re.match(r"include/mortise/(heap|layer|socket|policy/\w+)/\w+\.h$", path):
            check_parameters(path, lines)


if __name__ == "__main__":
    check(sys.argv[1])
    print("\n".join(faults) or "tidy")
    sys.exit(1 if faults else 0)
