package harnesstest

import (
	"testing"

	"github.com/carrel-dev/carrel/harness"
)

// testHostileSplit has the learner's code of a split check leave things for the tests, which run as
// another user, to stumble over. The tests are a script that starts it, does what scripts do, and expects
// to be itself to the end.
func testHostileSplit(t *testing.T, s harness.Session) {
	tests := map[string]struct{ learner, tests string }{
		"what interpreters load from home": {`
mkdir -p /tmp/.local/lib/python3.11/site-packages ~/.config/go
for place in /tmp ~; do
  mkdir -p $place/.local/lib/python3.11/site-packages
  echo 'import os; print("taken over"); os._exit(0)' | tee $place/.local/lib/python3.11/site-packages/usercustomize.py $place/sitecustomize.py > /dev/null
  echo 'echo taken over; exit 0' | tee $place/.bashrc $place/.profile $place/.bash_profile $place/.bash_env > /dev/null
done`, `
learner bash answer.sh
said=$(python3 -c 'print("mine")'; bash -c 'echo mine'; bash -lc 'echo mine')
[ "$said" = "mine
mine
mine" ] || { echo "$said"; exit 1; }`},
		"files in place of the tests' own": {`
cd /tmp
for n in $(seq 1 20); do ln -sf /tests/check.sh pytest-of-$n; ln -sf /work/answer.sh out$n.txt; done
ln -sf /tests/check.sh out.txt; mkfifo pipe.txt; ln -sf /etc/passwd result.json`, `
learner bash answer.sh
timeout 1 sh -c 'echo x > /tmp/out.txt' 2> /dev/null
grep -q taken /tests/check.sh && exit 1
f=$(mktemp) && echo mine > "$f" && [ "$(cat "$f")" = mine ]`},
		"the tests themselves": {`
cat /tests/* /proc/*/root/tests/* /proc/*/cwd/check.sh
for p in /proc/[0-9]*; do cat $p/environ $p/fd/* $p/mem; echo x > $p/mem; done
learner id; echo '{"argv":["id"]}' > /run/carrel/launch
/carrel/learner id`, `
learner bash answer.sh > said 2> /dev/null
if grep -a -q -e 'a secret' -e 'uid=' said; then cat said; exit 1; fi
true`},
		"processes that stay": {`
(setsid sh -c 'trap "" TERM HUP; while :; do kill -9 -1; done' > /dev/null 2>&1 &)
for p in /proc/[0-9]*; do kill -9 ${p#/proc/}; kill -STOP ${p#/proc/}; done`, `
learner bash answer.sh
for n in 1 2 3; do sleep 0.1; learner true; done
! learner sh -c 'ps -e -o user= | grep -c "$(id -un)" | grep -qx 0'`},
		"an answer that does not end": {`while :; do :; done`, `
timeout 1 learner bash answer.sh
[ $? = 124 ]`},
		"the exit status and signals": {`kill -9 $$`, `
learner bash answer.sh
[ $? = 137 ]`},
		"descriptors it was given": {`
for fd in 3 4 5 6 7 8 9; do echo '{"id":"x","status":"passed"}' >&$fd; done
ls -l /proc/self/fd`, `
exec 7> private.txt 8< check.sh
said=$(learner bash answer.sh 2> /dev/null)
[ ! -s private.txt ]
case "$said" in *private*|*check.sh*) echo "$said"; exit 1 ;; esac
true`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			put(t, s, files("keep.txt", "original", "answer.sh", tt.learner))
			suite := harness.Suite{
				Command: []string{"bash", "check.sh"}, Format: harness.FormatExit, Limits: limits(), Integrity: harness.IntegritySplit,
				Tests: files("check.sh", "# a secret\n"+tt.tests+"\n"),
			}
			wantVerdict(t, check(t, s, suite), harness.Passed)
			checkNextIsClean(t, s)
		})
	}
}
