package agent_test

import (
	"slices"
	"strings"
	"testing"

	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

// alone is a script that ends with 0 when no other process of its user runs.
const alone = `
for p in /proc/[0-9]*; do
  read -r _ uid _ < <(grep ^Uid: "$p/status" 2>/dev/null) || continue
  read -r _ parent < <(grep ^PPid: "$p/status" 2>/dev/null) || continue
  [ "$uid" != "$(id -u)" ] || [ "${p#/proc/}" = $$ ] || [ "$parent" = $$ ] || { echo "left: $(tr '\0' ' ' < "$p/cmdline")"; exit 1; }
done`

func TestCheck(t *testing.T) { //nolint:tparallel // one agent, one step after another
	t.Parallel()
	r := start(t)
	r.put(t, false, "solution.sh", "echo right", "sub/data", "1")
	r.put(t, true, "test.sh", "bash solution.sh", "tool", "#!/bin/sh\necho tool\n")
	t.Run("in process, everything is the learner's", func(t *testing.T) {
		got := r.passes(t, script("id -u; id -g; pwd; bash test.sh; ./tool; echo x > solution.sh; rm -r sub test.sh"))
		if want := "3000000\n3000000\n" + work + "\nright\ntool\n"; got.out != want {
			t.Errorf("it said %q, want %q", got.out, want)
		}
	})
	t.Run("programs are another user's, with files of their own", func(t *testing.T) {
		got := r.passes(t, &harnessv1.Run{Argv: []string{"bash", "-c", "id -u; pwd; ls; ! ls " + work + " 2>/dev/null; echo mine > mine"}})
		if want := "3000001\n" + house + "\nsolution.sh\nsub\n"; got.out != want {
			t.Errorf("it said %q, want %q", got.out, want)
		}
		r.passes(t, script("! cat "+house+"/mine"))
	})
	t.Run("canary freezes what it was given", func(t *testing.T) {
		run := script(`id -u; bash test.sh; ./tool
			for change in 'echo x > solution.sh' 'rm -f solution.sh' 'mv solution.sh y' 'rm -rf sub' 'mv sub y' 'chmod u+w test.sh' 'rm -f sub/data' 'chmod 0777 .' 'ln -f /bin/true tool' 'mount -t tmpfs x .'; do
				(eval "$change") 2>/dev/null && echo "possible: $change"
			done
			echo new > new && mkdir -p sub/own && echo new > sub/own/new && chmod 0 sub/own && exit 0`)
		run.Integrity = harnessv1.Integrity_INTEGRITY_CANARY
		for range 2 {
			if got, want := r.passes(t, run).out, "3000000\nright\ntool\n"; got != want {
				t.Errorf("it said %q, want %q", got, want)
			}
		}
		r.passes(t, script("[ ! -e new ] && rm solution.sh"))
	})
	t.Run("nothing of a check is left, and programs live on", func(t *testing.T) {
		call, err := r.Start(&harnessv1.Command{Verb: &harnessv1.Command_Run{Run: &harnessv1.Run{
			Argv: []string{"bash", "-c", "echo up; read x; echo down $x"}, Env: []string{"PATH=/usr/bin:/bin"}, Stdin: true, Limits: &harnessv1.Limits{},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		defer call.Close()
		if _, err := call.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.passes(t, script("setsid -f sleep 1000; (trap '' TERM; while :; do sleep 1; done) & disown; mkdir -m 0 /tmp/x; chmod 0 ."))
		r.passes(t, script(alone+"; [ -z \"$(ls /tmp)\" ]"))
		r.do(t, &harnessv1.Command{Verb: &harnessv1.Command_Stdin{Stdin: &harnessv1.Stdin{Target: call.ID(), Data: []byte("slowly\n")}}})
		e, err := call.Next(t.Context())
		if err != nil || string(e.GetOutput().GetData()) != "down slowly\n" {
			t.Errorf("got %v, %v", e, err)
		}
	})
	t.Run("everybody's files go, in whosever folders they are", func(t *testing.T) {
		r.passes(t, &harnessv1.Run{Argv: []string{"bash", "-c", "mkdir -p -m 0777 /tmp/a/b; chmod 0777 /tmp/a /tmp/a/b; touch /tmp/a/b/home"}})
		run := script("[ -z \"$(ls /tmp)\" ] && mkdir -p /tmp/c/d && chmod 0700 /tmp/c/d")
		r.passes(t, run)
		r.passes(t, script("[ -z \"$(ls -A /tmp)\" ]"))
	})
	t.Run("reset ends and empties all", func(t *testing.T) {
		r.passes(t, &harnessv1.Run{Argv: []string{"bash", "-c", "touch left /tmp/left; mkdir -m 0 locked"}})
		r.do(t, &harnessv1.Command{Verb: &harnessv1.Command_Reset_{Reset_: &harnessv1.Reset{}}})
		got := r.passes(t, &harnessv1.Run{Argv: []string{"bash", "-c", "ls -A . /tmp;" + alone}})
		if want := ".:\nsolution.sh\nsub\n\n/tmp:\n"; got.out != want {
			t.Errorf("it said %q, want %q", got.out, want)
		}
	})
}

func TestReport(t *testing.T) { //nolint:tparallel // one agent, one step after another
	t.Parallel()
	r := start(t)
	tests := []struct {
		name, script string
		bytes        int64
		want         string
		cut          int64
	}{
		{"none", "[ ! -e /dev/fd/3 ] && [ -z \"$CARREL_REPORT\" ]", 0, "", 0},
		{"by descriptor", "echo one >&3; echo two >&3; echo out", 100, "one\ntwo\n", 0},
		{"by name", "echo one > $CARREL_REPORT; bash -c 'echo two >> $CARREL_REPORT'", 100, "one\ntwo\n", 0},
		{"too long", "printf 0123456789 >&3", 4, "0123", 6},
		{"not counted as output", "head -c 3000 /dev/zero | tr '\\0' x >&3; echo out", 5000, strings.Repeat("x", 3000), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			run := script(tt.script)
			run.ReportBytes = tt.bytes
			run.Limits = &harnessv1.Limits{OutputBytes: 1000, WallMs: 10_000}
			got := r.passes(t, run)
			if got.report != tt.want || got.DroppedReportBytes != tt.cut || got.DroppedBytes != 0 {
				t.Errorf("got %q, %d cut, want %q, %d", got.report, got.DroppedReportBytes, tt.want, tt.cut)
			}
		})
	}
}

func TestWelcome(t *testing.T) { //nolint:tparallel // one agent, one step after another
	t.Parallel()
	r := start(t)
	// The rig is no container: nothing filters system calls, and root has every right.
	for _, word := range []string{"seccomp", "capabilities", "memory", "processes", "root", "sysctl", "namespaces"} {
		if !slices.Contains(r.welcome.Weaknesses, word) {
			t.Errorf("%q was not found in %v", word, r.welcome.Weaknesses)
		}
	}
	for _, word := range []string{"privileges", "agent", "network", "mount", "packet"} {
		if slices.Contains(r.welcome.Weaknesses, word) {
			t.Errorf("%q was found", word)
		}
	}
	t.Run("root itself cannot write elsewhere", func(t *testing.T) {
		if !slices.Contains(r.welcome.Protections, "landlock") {
			return // not every kernel has it
		}
		// The zygote's kind of process: root's. Without Landlock it could write to the rig's folder.
		err := r.Do(t.Context(), &harnessv1.Command{Verb: &harnessv1.Command_Preload{Preload: &harnessv1.Preload{
			Argv: []string{"/bin/bash", "-c", "echo x > " + bin + "/x || printf '{\"ready\":true}' >&3; sleep 1000"},
		}}})
		if err != nil {
			t.Error(err)
		}
	})
	if err := r.Do(t.Context(), &harnessv1.Command{Verb: &harnessv1.Command_Hello{Hello: r.hello}}); err == nil {
		t.Error("a second hello was accepted")
	}
}

func TestServe_endOfInput(t *testing.T) {
	t.Parallel()
	r := start(t) // whose end waits for the agent's
	for _, run := range []*harnessv1.Run{
		script("setsid -f sleep 1000; sleep 1000"), script("exit 0"), // the second waits for the first
		{Argv: []string{"sleep", "1000"}}, {Argv: []string{"cat"}, Stdin: true}, {Argv: []string{"bash"}, Terminal: &harnessv1.Size{Rows: 5, Columns: 5}},
	} {
		run.Env, run.Limits = []string{"PATH=/usr/bin:/bin"}, &harnessv1.Limits{}
		call, err := r.Start(&harnessv1.Command{Verb: &harnessv1.Command_Run{Run: run}})
		if err != nil {
			t.Fatal(err)
		}
		defer call.Close()
	}
}
