#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# node: buffers, compression and JSON. The engine's own heap takes whole pages from the system; what
# lies outside of it is asked for by malloc.
commands=(node) package=nodejs

inputs() {
    make_text "$(scaled 1500 8000 80000)" >text
    cat >program.js <<'EOF'
const fs = require('fs'), zlib = require('zlib'), crypto = require('crypto');
const lines = fs.readFileSync('text', 'latin1').split('\n');
const hash = crypto.createHash('sha256');
const kept = [];
lines.forEach((line, i) => {
    const text = Buffer.from(line.repeat(i % 5 + 1));
    const packed = zlib.deflateRawSync(text, { level: 1, memLevel: 1 });
    kept[i * 7919 % 512] = Buffer.concat([Buffer.alloc(4096 + i % 60000, i), packed]);
    hash.update(packed);
});
kept.forEach((buffer) => hash.update(buffer.subarray(0, 64)));
const words = new Map();
for (const line of lines)
    for (const word of line.split(' ')) words.set(word, (words.get(word) || 0) + 1);
hash.update(JSON.stringify([...words].sort()));
console.log(lines.length, words.size, hash.digest('hex'));
EOF
}

work() {
    preloaded node program.js >out
}

. "$(dirname "$0")/shared/program.sh"
