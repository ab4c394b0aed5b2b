# SPDX-License-Identifier: MIT
"""What there is to compose: the words of the registry, and values for each of their parameters."""
import json
import re
import subprocess

UNITS = {"": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}

# Sockets have faces of their own, and only malloc_socket's is the suite's; malloc_heap has no heaps
# beside the default one, and one of sheap_glk is its whole pool, while half of the suite is about
# heaps that are many and small; vmalloc_heap is for mymalloc_socket. Each has tests of its own.
LEFT_OUT = {"malloc_heap", "sheap_glk", "vmalloc_heap"}

# The suite counts what is reported, and that is what callback is for; the others have
# tests/policy/err_handle.
FIXED = {"err_handle": ["callback"]}

# Where the least value makes a heap in which the suite has no room, the default stands alone.
ROOM = {"reserve"}

# The suite asks for 100 bytes most often, which some layers would give a granule of 64 KB each.
RANGES = ["[0,1024]", "[0,SIZE_MAX]", "[300,32768]"]
ALL = "[0,SIZE_MAX]"


def number(text):
    match = re.fullmatch(r"(\d+)(KB|MB|GB|TB|)", text)
    return int(match.group(1)) * UNITS[match.group(2)] if match else None


class Word:
    def __init__(self, doc, members):
        self.name = doc["name"]
        self.kind = doc["kind"]
        needs, offers = (doc["sections"].get(name, "") for name in ("Needs", "Offers"))
        self.places = "regions" in needs
        self.places_small = self.places and any(
            parameter["name"] == "size_handle" and parameter["default"].startswith("[0,")
            for parameter in doc["parameters"])
        self.has_classes = self.places and "size classes" in offers
        self.needs_classes = "size classes" in needs
        self.needs_name = None  # the parameter that names a layer of the stack
        self.values = {}
        for parameter in doc["parameters"]:
            if parameter["range"] == "layer":
                self.needs_name = parameter["name"]
            else:
                self.values[parameter["name"]] = self.choose(parameter, members)

    def choose(self, parameter, members):
        name, kind = parameter["name"], parameter["type"]
        if kind in FIXED:
            return FIXED[kind]
        if kind == "bool":
            return ["0", "1"]
        if name in ROOM:
            return [parameter["default"]]
        if kind in members:
            return members[kind]
        if kind == "range" and not parameter["default"].startswith("[0,"):
            return [parameter["default"]]  # small blocks would cost it a granule each
        if kind == "range":
            return [parameter["default"]] + [r for r in RANGES if r != parameter["default"]]
        if kind == "name":
            return parameter["range"].split("|")
        low, high = parameter["range"].split("..")
        values = [parameter["default"], low]
        least, usual = number(low), number(parameter["default"])
        if least is not None and usual is not None:
            middle = max(least * 2, usual // 4)
            if number(high) is None or middle <= number(high):
                values.append(str(middle))
        return list(dict.fromkeys(values))


def ask(mortise, *arguments):
    done = subprocess.run([mortise, *arguments], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def read(mortise):
    """The words that can stand in a stack, and all policy members by slot."""
    words = ask(mortise, "list", "--json")["words"]
    members = {}
    for word in words:
        if word["kind"] == "policy":
            members.setdefault(word["slot"], []).append(word["name"])
    found = {}
    for word in words:
        if word["kind"] in ("system", "layer") and word["name"] not in LEFT_OUT:
            found[word["name"]] = Word(ask(mortise, "doc", "--json", word["name"])[0], members)
    return found, members
