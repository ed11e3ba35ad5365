@test "plain compare" {
  x=1
  echo "some output"
  [ "$x" = "2" ]
}
@test "skipped one" { skip "later"; }
@test "multi # line / odd" {
  run bash -c 'printf "a\nb\n"'
  [ "${lines[1]}" = "c" ]
}
@test "output compare" {
  run echo hi
  [ "$output" = "hello" ]
}
@test "status compare" {
  run bash -c 'echo oops >&2; exit 3'
  [ "$status" -eq 0 ]
}
@test "double brackets" { run echo abc; [[ $output == "abd" ]]; }
@test "false" { false; }
@test "passes" { true; }
@test "missing command" { nosuchcommand; }
setup_helper() { [ "$1" = "$2" ]; }
@test "helper function" { setup_helper a b; }
