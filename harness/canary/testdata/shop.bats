#!/usr/bin/env bats

setup() {
  export LC_ALL=C.UTF-8
}

helper() {
  [ "$1" = "never" ]
}

@test "says hello" {
  run bash shop.sh greet Ada
  [ "$status" -eq 0 ]
  [ "$output" = "Hello, Ada!" ]
}

explain() {
  printf '%s\n' "$@"
  return 1
}

@test "explains itself" {
  run bash shop.sh greet Eva
  [ "${#lines[@]}" -eq 1 ] || explain "There should be 1 line, but there are ${#lines[@]}."
  [ "${lines[0]}" = "Hello, Eva!" ] || return 1
}

@test "says nothing" {
  complaint=$(bash shop.sh total 1 2 2>&1 >/dev/null)
  [ -z "$complaint" ] || explain "It says \"$complaint\"."
}

@test "adds 'two' numbers" {
  [ "$(bash shop.sh total 1 2)" -eq 3 ]
  for n in 1 2; do
    [ "$n" = "5" ] || true
  done
}

@test "sorts lines" {
  run bash shop.sh names <<END
tea
}
cake
END
  [[ "${lines[1]}" == "tea"* ]] || [[ "${lines[2]}" == "tea" ]]
  [[ "${lines[0]}" == "cake" ]]
}

@test "refuses nonsense" {
  run bash shop.sh nonsense
  [ "$status" -eq 2 ]
}
