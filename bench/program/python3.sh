#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# python3: dictionaries, lists, strings and JSON, with its own small allocator turned off.
commands=(python3) package=python3

inputs() {
    make_text "$(scaled 2000 12000 120000)" >text
    cat >program.py <<'EOF'
import collections
import hashlib
import json
import re

with open("text", encoding="ascii") as file:
    lines = [line.split() for line in file]
places = collections.defaultdict(list)
for number, words in enumerate(lines):
    for word in words:
        places[word].append((number, len(word)))
for word, at in sorted(places.items(), key=lambda item: (-len(item[1]), item[0]))[:500]:
    print(word, len(at), sum(number for number, _ in at))
document = json.dumps([{"number": i, "words": words, "first": words[0].upper()}
                       for i, words in enumerate(lines)])
again = json.loads(document)
print(len(again), hashlib.sha256(json.dumps(again, sort_keys=True).encode()).hexdigest())
changed = [re.sub(r"[aeiou](\w)", lambda m: m.group(1).upper(), " ".join(words)) for words in lines]
print(hashlib.sha256("\n".join(sorted(changed)).encode()).hexdigest())
EOF
}

# A manager of versions may have put a script in the place of the program.
work() {
    local python
    python=$(python3 -c 'import sys; print(sys.executable)')
    PYTHONHASHSEED=0 PYTHONMALLOC=malloc preloaded "$python" program.py >out
}

. "$(dirname "$0")/shared/program.sh"
