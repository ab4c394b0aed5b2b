#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# git: the history of a repository with the size of all changes, looking for files that were
# renamed or copied.
commands=(git) package=git

inputs() {
    rm -rf repository
    git init -q --bare repository
    make_text "$(scaled 2000 9000 60000)" | awk '
        {
            line[NR] = $0
            if (NR % 25 != 0)
                next
            n++
            print "commit refs/heads/main"
            printf "committer A U Thor <author@example.org> %d +0000\n", 1000000000 + n * 3600
            message = "Change " n
            printf "data %d\n%s\n", length(message), message
            for (f = 0; f < 4; f++) {
                body = ""
                for (i = 1; i <= 300; i++)
                    body = body line[(i * (f + 3) + int(n / (i % 5 + 1))) % NR + 1] "\n"
                name = "file" (n * 5 + f * 3) % 30
                printf "M 644 inline %s\ndata %d\n%s\n", name, length(body), body
            }
            if (n % 6 == 0)
                printf "R file%d name%d\n", n * 5 % 30, n
        }
        END { print "done" }' | git -C repository fast-import --quiet --done
}

work() {
    export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
    preloaded git --no-pager -C repository log --stat --numstat -M -C --find-copies-harder main >out
}

. "$(dirname "$0")/shared/program.sh"
