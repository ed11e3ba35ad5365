package agent_test

import (
	"testing"

	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

func TestSplit(t *testing.T) { //nolint:tparallel // one agent, one step after another
	t.Parallel()
	r := start(t)
	r.put(t, false, "main.sh", "read x; echo got $x as $(id -u) in $PWD; echo complaint >&2; exit 3", "daemon.sh", "sleep 1000 & setsid -f sleep 1000; exit 0")
	r.put(t, true, "test.sh", "secret", "answer", "42")
	tests := []struct{ name, script string }{
		{"tests are the tester's", `[ "$(id -u)" = 3000002 ] && [ "$PWD" = ` + tests + ` ] && [ "$(cat answer)" = 42 ]`},
		{"learner's code is the learner's", `out=$(echo 1 | learner bash main.sh 2>err); [ $? = 3 ] && [ "$out" = "got 1 as 3000000 in ` + work + `" ] && [ "$(cat err)" = complaint ]`},
		{"learner's code cannot see the tests", `! learner cat ` + tests + `/answer && ! learner ls ` + tests},
		{"a signal is 128 and its number", `learner bash -c 'kill -9 $$'; [ $? = 137 ]`},
		{"a command that is not there is 127", `learner nothing-such 2>err; [ $? = 127 ] && grep -q "executable file not found" err`},
		{"a variable is given", `[ "$(learner A=1 B='2 =' bash -c 'echo $A$B')" = "12 =" ]`},
		{"no command is misuse", `learner 2>/dev/null; [ $? = 2 ]`},
		{"a further descriptor is the third", `CARREL_LEARNER_FD=5 learner bash -c 'echo to three >&3' 5>three && [ "$(cat three)" = "to three" ]`},
		{"nothing else is passed on", `exec 7<answer 9>x; learner bash -c 'for fd in 3 4 5 6 7 8 9 10 11 100 101 102 103; do [ ! -e /proc/$$/fd/$fd ] || exit 1; done'; code=$?; rm x; exit $code`},
		{"there is no report channel for the learner", `[ -n "$CARREL_REPORT" ] && learner bash -c '[ -z "$CARREL_REPORT" ] && ! echo >&3' 2>/dev/null`},
		{"the learner cannot use the launcher", `learner bash -c '` + bin + `/learner true' 2>err; [ $? = 125 ] && grep -q denied err`},
		{"a process left behind is gone before the next command", `learner bash daemon.sh; learner bash -c '` + aloneQuoted + `'`},
		{"several run at once", `for i in 1 2 3 4 5; do echo $i | learner bash main.sh 2>/dev/null & done | sort | head -n 1; wait; learner bash -c '` + aloneQuoted + `'`},
		{"a launcher that is killed ends its command", `learner sleep 1000 & sleep 0.3; kill -9 $!; wait; for i in 1 2 3 4 5 6 7 8 9; do learner bash -c '` + aloneQuoted + `' && exit 0; sleep 0.2; done; exit 1`},
		{"what the learner leaves in its folder stays for the check", `learner bash -c 'echo kept > kept; mkdir -m 0700 own' && [ "$(cat ` + work + `/kept)" = kept ] && echo input > ` + work + `/input && [ "$(learner cat input)" = input ]`},
		{"tests leave processes and files", `setsid -f sleep 1000; mkdir -p a/b; chmod 0 a; learner sleep 1000 & disown; sleep 0.2; mkdir -p -m 0777 ` + work + `/x/y; learner mkdir -m 0700 x/y/z`},
		{"and the next finds nothing of it", alone + `; [ "$(ls | tr "\n" " ")" = "answer test.sh " ] && [ "$(ls ` + work + ` | tr "\n" " ")" = "daemon.sh main.sh " ]`},
		{"output of the learner counts", `learner bash -c 'echo from the learner'`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			run := script(tt.script)
			run.Integrity, run.ReportBytes = harnessv1.Integrity_INTEGRITY_SPLIT, 100
			r.passes(t, run)
		})
	}
	t.Run("a flood of the learner's is the check's", func(t *testing.T) {
		run := script("learner yes")
		run.Integrity, run.Limits = harnessv1.Integrity_INTEGRITY_SPLIT, &harnessv1.Limits{OutputBytes: 1000, WallMs: 10_000}
		if got := r.run(t, run); got.LimitHit != "output" || len(got.out) != 1000 {
			t.Errorf("got %v", got.Exit)
		}
	})
	t.Run("time is up for the learner, too", func(t *testing.T) {
		run := script("learner bash -c 'setsid -f sleep 1000; sleep 1000'")
		run.Integrity, run.Limits = harnessv1.Integrity_INTEGRITY_SPLIT, &harnessv1.Limits{WallMs: 300}
		if got := r.run(t, run); got.LimitHit != "wall" {
			t.Errorf("got %v", got.Exit)
		}
		r.passes(t, script(alone))
	})
	t.Run("a learner that stops everything of its own stops nothing else", func(t *testing.T) {
		run := script("learner bash -c 'trap \"\" TERM; while :; do kill -STOP -1 2>/dev/null; done' & sleep 0.3; for i in 1 2 3; do learner true & done; sleep 1000")
		run.Integrity, run.Limits = harnessv1.Integrity_INTEGRITY_SPLIT, &harnessv1.Limits{WallMs: 1000, Processes: 30}
		if got := r.run(t, run); got.LimitHit != "wall" || got.Usage.WallMs > 15_000 {
			t.Errorf("got %v", got.Exit)
		}
		r.passes(t, script(alone))
	})
	t.Run("there is no launcher in other checks", func(t *testing.T) {
		r.passes(t, script(bin+"/learner true 2>err; [ $? = 125 ] && grep -q 'no split check' err"))
	})
}

// aloneQuoted is alone for use between single quotes.
const aloneQuoted = `for p in /proc/[0-9]*; do
  read -r _ uid _ < <(grep ^Uid: "$p/status" 2>/dev/null) || continue
  read -r _ parent < <(grep ^PPid: "$p/status" 2>/dev/null) || continue
  [ "$uid" != "$(id -u)" ] || [ "${p#/proc/}" = $$ ] || [ "$parent" = $$ ] || exit 1
done`
