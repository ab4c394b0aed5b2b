#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ruby: objects, strings and hashes; strings beyond a few bytes are blocks.
commands=(ruby) package=ruby

inputs() {
    make_text "$(scaled 3000 20000 200000)" >text
    cat >program.rb <<'EOF'
Line = Struct.new(:number, :words, :text)
lines = File.foreach('text').with_index.map { |text, i| Line.new(i, text.split, text.chomp) }
places = Hash.new { |hash, word| hash[word] = [] }
lines.each { |line| line.words.each { |word| places[word] << line.number } }
most = places.sort_by { |word, at| [-at.size, word] }.first(500)
most.each { |word, at| puts "#{word} #{at.size} #{at.sum}" }
pairs = lines.flat_map { |line| line.words.each_cons(2).map { |pair| pair.join(' and then ') } }
puts pairs.tally.values.max, pairs.uniq.size
changed = lines.map { |line| line.text.gsub(/[aeiou](\w)/) { $1.upcase + '*' }.center(120, '.') }
puts changed.sort.join("\n").sum(32)
EOF
}

work() {
    preloaded ruby program.rb >out
}

. "$(dirname "$0")/shared/program.sh"
