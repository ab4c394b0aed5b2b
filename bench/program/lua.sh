#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lua: tables and strings; every string, and every part of a table, is a block.
commands=(lua5.4) package=lua5.4

inputs() {
    make_text "$(scaled 6000 30000 300000)" >text
    cat >program.lua <<'EOF'
local count, lines, trees = {}, {}, {}
for line in io.lines("text") do
    for word in line:gmatch("%S+") do count[word] = (count[word] or 0) + 1 end
    lines[#lines + 1] = line:upper():reverse()
end
local words = {}
for word in pairs(count) do words[#words + 1] = word end
table.sort(words, function(a, b)
    if count[a] ~= count[b] then return count[a] > count[b] end
    return a < b
end)
for i = 1, math.min(200, #words) do print(words[i], count[words[i]]) end

local function tree(depth)
    if depth == 0 then return {} end
    return {tree(depth - 1), tree(depth - 1)}
end
local function size(node) return node[1] and 1 + size(node[1]) + size(node[2]) or 1 end
local nodes = 0
for i = 1, #lines // 400 do nodes = nodes + size(tree(i % 8 + 6)) end
print(nodes)
table.sort(lines)
print(lines[1], lines[#lines], #table.concat(lines, "\n"))
EOF
}

work() {
    preloaded lua5.4 program.lua >out
}

. "$(dirname "$0")/shared/program.sh"
