bats_load_library bats-support
bats_load_library bats-assert
@test "assert_output" { run echo hi; assert_output "hello"; }
@test "assert_output multi" { run printf 'a\nb\n'; assert_output "$(printf 'a\nc')"; }
@test "assert_output partial" { run echo hi; assert_output --partial "ell"; }
@test "assert_output regexp" { run echo hi; assert_output --regexp "^x"; }
@test "assert_equal" { assert_equal "$(echo 3)" 4; }
@test "assert_success" { run bash -c 'echo no; exit 2'; assert_success; }
@test "assert_failure" { run echo fine; assert_failure; }
@test "assert_failure code" { run bash -c 'exit 2'; assert_failure 3; }
@test "assert_line" { run printf 'a\nb\n'; assert_line "c"; }
@test "assert_line index" { run printf 'a\nb\n'; assert_line --index 1 "c"; }
@test "refute_output" { run echo hi; refute_output; }
@test "assert" { assert [ 1 -eq 2 ]; }
@test "fail" { fail "my own words"; }
@test "assert_not_equal" { assert_not_equal 1 1; }
