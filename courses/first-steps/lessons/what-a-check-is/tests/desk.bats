#!/usr/bin/env bats
# The check of the first lesson. It reads desk.txt and compares it with what should be on the desk.

setup() {
    cd "$BATS_TEST_DIRNAME" || return 1
}

# explain says why a test fails, in words, and fails it.
explain() {
    echo "$1"
    return 1
}

@test "the list has a notebook, a pencil and a lamp" {
    for thing in notebook pencil lamp; do
        grep -qx "$thing" desk.txt || explain "There is no line that says \"$thing\" and nothing else."
    done
}

@test "every line is different" {
    [ -s desk.txt ] || explain "desk.txt is empty."
    repeated=$(sort desk.txt | uniq -d | head -n 1)
    [ -z "$repeated" ] || explain "The line \"$repeated\" is there more than once."
}

@test "nothing else is on the list" {
    [ -s desk.txt ] || explain "desk.txt is empty."
    strange=$(grep -vx -e notebook -e pencil -e lamp desk.txt | head -n 1) || true
    [ -z "$strange" ] || explain "The line \"$strange\" does not belong on this desk."
}
