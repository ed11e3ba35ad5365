#!/usr/bin/env bats

setup() {
    cd "$BATS_TEST_DIRNAME" || return 1
    other=$(mktemp)
    printf '%s\n' '10:00 /b' '10:01 /a' '10:02 /c' '10:03 /a' '10:04 /c' '10:05 /a' \
        '10:06 /d' '10:07 /c' '10:08 /a' '10:09 /b' > "$other"
}

teardown() {
    rm -f "$other"
}

explain() {
    printf '%s\n' "$@"
    return 1
}

# busiest runs the script and puts its lines into the array "lines", without the spaces before counts.
busiest() {
    run bash busiest.sh "$1"
    [ "$status" -eq 0 ] || explain "busiest.sh ended with status $status:" "$output"
    mapfile -t lines < <(sed -E 's/^ +//; s/ +/ /g' <<< "$output")
}

@test "the busiest page comes first" {
    busiest visits.log
    [ "${lines[0]}" = "5 /home" ] || explain "The first line should be:" "  5 /home" "but it is:" "  ${lines[0]}"
}

@test "exactly three pages are shown" {
    busiest visits.log
    [ "${#lines[@]}" -eq 3 ] || explain "There should be 3 lines, but there are ${#lines[@]}."
}

@test "pages go from most to fewest visits" {
    busiest visits.log
    [ "${lines[1]}" = "4 /library" ] || explain "The second line should be:" "  4 /library" "but it is:" "  ${lines[1]}"
    [ "${lines[2]}" = "3 /lesson/pipes" ] || explain "The third line should be:" "  3 /lesson/pipes" "but it is:" "  ${lines[2]}"
}

@test "another log works too" {
    busiest "$other"
    [ "${lines[0]}" = "4 /a" ] || explain "For another log the first line should be:" "  4 /a" "but it is:" "  ${lines[0]}"
}
