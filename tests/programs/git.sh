#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/common.sh"

export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a
export GIT_COMMITTER_EMAIL=a@b GIT_PAGER=cat

awk -v commits=$((50 * rounds)) 'BEGIN {
    seed = 7
    for (commit = 1; commit <= commits; commit++) {
        printf "commit refs/heads/main\nmark :%d\n", commit
        printf "committer A <a@b> %d +0000\n", 1000000000 + commit * 60
        printf "data 8\ncommit %c\n", 97 + commit % 26
        for (file = 0; file < 8; file++) {
            text = ""
            for (line = 0; line < 60; line++) {
                seed = (seed * 1103515245 + 12345) % 2147483648
                text = text "line " line " " (seed % 10 ? "same" : seed) "\n"
            }
            printf "M 100644 inline d%d/f%d.txt\ndata %d\n%s\n", file % 3, (commit + file) % 40, \
                length(text), text
        }
        print ""
    }
}' >history

# history_of FOLDER: everything that can be asked of a repository.
history_of() {
    git -C "$1" rev-parse HEAD
    git -C "$1" rev-list --objects --all | sort | cksum
    git -C "$1" log --stat --oneline | cksum
    git -C "$1" count-objects -v | grep -E '^(count|in-pack|packs|garbage)'
}

git init -q -b main plain
git -C plain fast-import --quiet <history
git -C plain gc -q --aggressive
history_of plain >without

{
    ours git init -q -b main own
    ours git -C own fast-import --quiet <history
    ours git -C own -c pack.threads=4 gc -q --aggressive
    ours git -C own fsck --full --strict
    ours git clone -q --no-local own copy
    ours git -C copy checkout -q -b side HEAD~40
    ours git -C copy merge -q main
    ours git -C copy diff HEAD~20 HEAD >diff.own
} 2>with.err
quiet with.err
history_of own >with
cmp without with || fail "another repository" with with.err
git -C own fsck --full --strict --no-progress || fail "fsck finds faults"
git -C plain diff HEAD~20 HEAD >diff.plain
cmp diff.own diff.plain || fail "another diff"
