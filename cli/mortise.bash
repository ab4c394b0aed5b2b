# SPDX-License-Identifier: MIT
# Completion of mortise for bash: verbs and options, kinds, words, models by name, and within a model
# its words, their parameters, and the members of a slot.

# All of a kind, as `mortise list` has it: system, layer, socket, policy, model, or a slot.
_mortise_list() {
    "$_mortise" list "${_mortise_folders[@]}" "$1" 2>/dev/null | sed -n 's/^  \([^ ]*\).*/\1/p'
}

# The slots and, as SLOT=MEMBER, what may be in them.
_mortise_slots() {
    "$_mortise" list "${_mortise_folders[@]}" policy 2>/dev/null |
        sed -n 's/^Policies of \([^ :]*\).*/@\1/p; s/^  \([^ ]*\).*/\1/p' |
        awk '/^@/ { slot = substr($0, 2); print slot; next } { print slot "=" $0 }'
}

# The table of parameters of a word: its names, or with a name the type of that one.
_mortise_parameters() {
    "$_mortise" doc "${_mortise_folders[@]}" "$1" 2>/dev/null | awk -v name="$2" '
        /^Parameters$/ { inside = 1; next }
        /^[^ ]/ { inside = 0 }
        inside && /^    [a-z]/ && $2 != "type" {
            if (name == "") print $1 "="; else if ($1 == name) print $2
        }'
}

# What may follow the text of a model. Whatever is complete of it stays in front.
_mortise_model() {
    local text=$1 front part name word words
    compopt -o nospace 2>/dev/null # a model goes on
    case $text in
    *::*) front=${text%::*}:: part=${text##*::} ;;
    *) front='' part=$text ;;
    esac
    case $part in
    *\(*=*) # the value of a parameter, if it is the member of a slot
        word=${part%%\(*} name=${part##*[(, ]}
        case $name in
        *=*) words=$(_mortise_list "$(_mortise_parameters "$word" "${name%%=*}")") ;;
        *) words=$(_mortise_parameters "$word" '') ;;
        esac
        case $name in
        *=*) front=$front${part%=*}= part=${part##*=} ;;
        *) front=$front${part%"$name"} part=$name ;;
        esac
        ;;
    *\(*)
        word=${part%%\(*} name=${part##*[(, ]}
        words=$(_mortise_parameters "$word" '')
        front=$front${part%"$name"} part=$name
        ;;
    *)
        if [ -z "$front" ]; then
            words="$(_mortise_list system) $(_mortise_list model)"
        else
            words="$(_mortise_list layer) $(_mortise_list socket)"
        fi
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -P "$front" -W "$words" -- "$part")
}

# Files, folders or commands.
_mortise_others() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
}

_mortise() {
    local _mortise=$1 _mortise_folders=() line word before i verb=''
    COMPREPLY=()
    # The word at the cursor as it was typed: bash has cut it at each colon and equals sign.
    line=${COMP_LINE:0:COMP_POINT}
    word=${line##*[[:space:]]}
    case $line in # a quoted model may have blanks
    *\'*) [ $(($(tr -dc "'" <<<"$line" | wc -c) % 2)) -eq 0 ] || word=\'${line##*\'} ;;
    esac
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        -I) _mortise_folders+=(-I "${COMP_WORDS[i + 1]}") ;;
        --) # what follows is the program's
            if [ "$verb" = run ] || [ "$verb" = inspect ]; then
                _mortise_others -c "$word"
                return
            fi
            ;;
        -*) ;;
        *) [ -n "$verb" ] || verb=${COMP_WORDS[i]} ;;
        esac
    done
    before=${COMP_WORDS[COMP_CWORD - 1]}
    if [ -z "$verb" ]; then
        mapfile -t COMPREPLY < <(compgen -W "$("$_mortise" --help |
            sed -n 's/^  \([a-z]*\)  .*/\1/p') --help --version" -- "$word")
        return
    fi
    case $before in
    -I) _mortise_others -d "$word" && return ;;
    -o) _mortise_others -f "$word" && return ;;
    --format) mapfile -t COMPREPLY < <(compgen -W "text json svg html" -- "$word") && return ;;
    --pid) # those that can be asked
        mapfile -t COMPREPLY < <(compgen -W "$(sed -n 's/.*@mortise-inspect-//p' \
            /proc/net/unix 2>/dev/null)" -- "$word") && return ;;
    esac
    case $verb:$word in
    *:-*)
        mapfile -t COMPREPLY < <(compgen -W "$("$_mortise" "$verb" --help 2>/dev/null |
            sed -n 's/^ *\(-[^-],\)\{0,1\} *\(--[a-z-]*\).*/\2/p')" -- "$word") ;;
    list:*)
        mapfile -t COMPREPLY < <(compgen -W "system layer socket policy model" -- "$word") ;;
    doc:*)
        mapfile -t COMPREPLY < <(compgen -W "$(_mortise_list system) $(_mortise_list layer) \
            $(_mortise_list socket) $(_mortise_list policy) $(_mortise_slots)" -- "$word")
        case $COMP_WORDBREAKS:$word in # bash keeps what stands before the equals sign
        *=*:*=*) COMPREPLY=("${COMPREPLY[@]#*=}") ;;
        esac
        ;;
    bench:*)
        case $before in
        -a) _mortise_model "$word" && return ;;
        esac
        mapfile -t COMPREPLY < <(compgen -W "list report $("$_mortise" bench list 2>/dev/null |
            sed -n 's/^  \([a-z0-9_]\{1,\}\).*/\1/p')" -- "$word") ;;
    new:*)
        [ "$before" != new ] || mapfile -t COMPREPLY < <(compgen -W "layer policy" -- "$word") ;;
    *:\'*) _mortise_model "${word#\'}" ;;
    *:\"*) _mortise_model "${word#\"}" ;;
    *)
        _mortise_model "$word"
        case $COMP_WORDBREAKS in # bash keeps what stands before the last colon
        *:*) COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*:}"}"}") ;;
        esac
        if [ "$verb" = inspect ] && [ ${#COMPREPLY[@]} -eq 0 ]; then
            _mortise_others -f "$word"
        fi
        ;;
    esac
}

complete -F _mortise mortise
