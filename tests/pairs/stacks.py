# SPDX-License-Identifier: MIT
"""Stacks at random, and what they cover.

An item is a word, or a value of a parameter of a word. A stack covers each pair of items in it.
"""
import itertools
import subprocess

import registry

# What `mortise check` says of a stack that is wrong: a fact of layers, never the compiler's words.
# compile_error.c calls everything else "cannot compile the model".
RAW = "cannot compile the model"

DRAWN = 40  # stacks at random to choose from

SOCKET = "malloc_socket(interpose=0, err_handle=callback, threads={})"


class Stack:
    """A list of (word, {parameter: value})."""

    def __init__(self, parts):
        self.parts = parts
        self.one_thread = any(value == "none" for _, values in parts for value in values.values())

    def items(self):
        found = set()
        for word, values in self.parts:
            found.add((word.name,))
            found.update((word.name, name, value) for name, value in values.items()
                         if name != word.needs_name)
        return found

    def pairs(self):
        return {frozenset(pair) for pair in itertools.combinations(sorted(self.items()), 2)}

    def model(self):
        words = []
        for word, values in self.parts:
            text = ", ".join(f"{name}={value}" for name, value in values.items())
            words.append(f"{word.name}({text})" if text else word.name)
        return "::".join(words + [SOCKET.format("one" if self.one_thread else "many")])


class Maker:
    def __init__(self, mortise, words, members, rng):
        self.mortise, self.words, self.members, self.rng = mortise, words, members, rng
        self.systems = [w for w in words.values() if w.kind == "system"]
        self.layers = [w for w in words.values() if w.kind == "layer"]
        self.placing = [layer for layer in self.layers if layer.places]
        self.with_classes = [layer for layer in self.layers if layer.has_classes]
        self.refused, self.raw, self.checks = {}, [], 0

    def check(self, stack):
        self.checks += 1
        done = subprocess.run([self.mortise, "check", "--quiet", stack.model()], check=False,
                              capture_output=True, text=True)
        if done.returncode == 0:
            return True
        if done.returncode != 2 or RAW in done.stderr or not done.stderr.startswith("mortise: "):
            self.raw.append((stack.model(), done.stderr))
        first = done.stderr.splitlines()[0] if done.stderr else ""
        self.refused[first] = stack.model()
        return False

    def values(self, word, wanted, sizeclass, threads):
        chosen = {}
        for name, choices in word.values.items():
            value = wanted.get((word.name, name))
            if value is None and choices is self.members.get("sizeclass"):
                value = sizeclass if self.rng.random() < 0.9 else self.rng.choice(choices)
            if value is None:
                value = self.rng.choice(choices)
                while value == "none" and threads:
                    value = self.rng.choice(choices)
            chosen[name] = value
        return chosen

    def rank(self, word):
        """From the system side; what neither places nor caches stands anywhere."""
        if word.places:
            return 1 if word.has_classes else 0
        return 2 if word.needs_classes else self.rng.random() * 4

    def draw(self, items):
        """A stack with these items, which may be none that compiles."""
        rng = self.rng
        wanted = {item[:2]: item[2] for item in items if len(item) == 3}
        named = [self.words[name] for name in sorted({item[0] for item in items})]
        layers = [word for word in named if word.kind == "layer"]
        systems = [word for word in named if word.kind == "system"]
        if not any(layer in self.placing for layer in layers) or rng.random() < 0.3:
            layers.append(rng.choice(self.placing))
        while len(layers) < 5 and rng.random() < 0.75:
            layers.append(rng.choice(self.layers))
        if any(word.needs_classes for word in layers) and rng.random() < 0.95:
            layers.append(rng.choice(self.with_classes))
        layers = list(dict.fromkeys(layers))
        rng.shuffle(layers)
        if rng.random() < 0.8:
            layers.sort(key=self.rank)
        given = [value for (_, name), value in wanted.items() if name == "sizeclass"]
        sizeclass = given[0] if given else rng.choice(self.members["sizeclass"])
        threads = "none" not in wanted.values() and rng.random() < 0.97
        parts = []
        for word in (systems[:1] or [rng.choice(self.systems)]) + layers:
            values = self.values(word, wanted, sizeclass, threads)
            if word.needs_name:
                values[word.needs_name] = rng.choice(parts)[0].name if parts else word.name
            parts.append((word, values))
        self.serve_small(parts, wanted)
        return Stack(parts)

    def serve_small(self, parts, wanted):
        """Sees to it that no small request is a mapping of its own: the suite makes more of them
        than the kernel has mappings for."""
        placing = [(word, values) for word, values in parts if word.places_small]
        if any(values["size_handle"].startswith("[0,") for _, values in placing):
            return
        free = [values for word, values in placing if (word.name, "size_handle") not in wanted]
        if free:
            self.rng.choice(free)["size_handle"] = registry.ALL
        else:
            there = [word for word, _ in parts]
            word = self.rng.choice([word for word in self.placing
                                    if word.places_small and word not in there])
            values = self.values(word, wanted, self.rng.choice(self.members["sizeclass"]), True)
            values["size_handle"] = registry.ALL
            parts.insert(1, (word, values))

    def draw_best(self, items, gain, drawn=DRAWN):
        """The one with the most gain, of as many as are drawn."""
        return max((self.draw(items) for _ in range(drawn)), key=gain)

    def find(self, items, tries, gain=None):
        """A stack with these items that compiles, or None; each try is the best of many, if gain
        says which is."""
        for _ in range(tries):
            stack = self.draw_best(items, gain) if gain else self.draw(items)
            if self.check(stack):
                return stack
        return None

    def all_items(self):
        found = []
        for word in self.words.values():
            found.append((word.name,))
            found.extend((word.name, name, value) for name, values in word.values.items()
                         for value in values)
        return found

    def thinkable(self, a, b):
        """Not two system layers, nor two values of one parameter."""
        words = self.words[a[0]], self.words[b[0]]
        if words[0] is not words[1] and all(word.kind == "system" for word in words):
            return False
        return not (len(a) == 3 and len(b) == 3 and a[:2] == b[:2])


class Cover:
    """Which pairs of items no stack has yet, and stacks that have many of them at once."""

    def __init__(self, maker):
        self.maker = maker
        self.open = {frozenset(pair) for pair in itertools.combinations(maker.all_items(), 2)
                     if maker.thinkable(*pair)}
        self.tried, self.together = {}, set()  # of pairs of words

    def new(self, item, items):
        return sum(frozenset((item, other)) in self.open for other in items if other != item)

    def gain(self, stack):
        return len(stack.pairs() & self.open)

    def improve(self, stack, kept):
        """Other values for its parameters, but for the items kept, which have more pairs that are
        new. What says which sizes a layer serves stays: another value may leave none for some."""
        items = stack.items()
        for word, values in stack.parts:
            for name in values:
                now = (word.name, name, values[name])
                if now in kept or name in ("size_handle", word.needs_name):
                    continue
                items.discard(now)
                among = [value for value in word.values[name]
                         if value != "none" or values[name] == "none"]
                self.maker.rng.shuffle(among)
                values[name] = max(among, key=lambda value, word=word, name=name:
                                   self.new((word.name, name, value), items))
                items.add((word.name, name, values[name]))

    def find(self, pair):
        """A stack with this pair that compiles, or None."""
        words = frozenset(item[0] for item in pair)
        for attempt in range(10):
            if words not in self.together and self.tried.get(words, 0) >= 30:
                return None
            stack = self.maker.draw_best(sorted(pair), self.gain, DRAWN if attempt < 5 else 1)
            if attempt < 5:
                self.improve(stack, pair)
            self.tried[words] = self.tried.get(words, 0) + 1
            if self.maker.check(stack):
                self.together.add(words)
                return stack
        return None
