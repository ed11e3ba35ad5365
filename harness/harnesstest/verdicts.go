package harnesstest

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/harness"
)

// testVerdicts runs hostile scripts one after another in one session: each must get its verdict in
// time, and each must leave a clean place for the next.
func testVerdicts(t *testing.T, r harness.Runner) {
	tests := []struct {
		name   string
		script string
		want   harness.Verdict
		limit  string // "time" stands for either clock
	}{
		{"right", "exit 0", harness.Passed, ""},
		{"wrong", "exit 1", harness.Failed, ""},
		{"ended by a signal", "kill -SEGV $$", harness.Failed, ""},
		{"waits for ever", "sleep 1000", harness.TimedOut, "wall"},
		{"reads input that never comes", "cat; read x < /dev/tty; sleep 1000", harness.TimedOut, "wall"},
		{"busy loop", "while :; do :; done", harness.TimedOut, "time"},
		{"busy loop in many processes", "for i in 1 2 3 4; do (while :; do :; done) & done; wait", harness.TimedOut, "time"},
		{"busy loop with output", `while :; do echo still here; done`, harness.OutputLimit, "output"},
		{"ignores every signal it can", `trap "" TERM INT HUP QUIT USR1 ALRM; while :; do sleep 0.2; done`, harness.TimedOut, "time"},
		{"yes", "yes", harness.OutputLimit, "output"},
		{"one line without end", `head -c 300000 /dev/zero | tr '\0' x`, harness.OutputLimit, "output"},
		{"output after its end", "(sleep 0.1; yes) & exit 0", harness.Passed, ""},
		{"takes all memory", "head -c 400M /dev/zero | tail -c 400M", harness.OutOfMemory, "memory"},
		{"takes all memory in a file", "head -c 15M /dev/zero > /tmp/a; x=$(head -c 300M /dev/zero | tr '\\0' x); echo ${#x}", harness.OutOfMemory, "memory"},
		{"fork bomb", `f() { f | f & }; f; sleep 1000`, harness.ProcessLimit, "processes"},
		{"a thousand sleepers", "for i in $(seq 1000); do sleep 1000 & done 2>/dev/null; wait", harness.ProcessLimit, "processes"},
		{"fills the disk", "cat /dev/zero > big", harness.DiskLimit, "disk"},
		{"fills the disk quietly", "cat /dev/zero > /tmp/big 2>/dev/null; exit 0", harness.DiskLimit, "disk"},
		{"fills the disk with empty files", "mkdir d; cd d; seq 20000 | xargs touch", harness.DiskLimit, "disk"},
		{"leaves a daemon", "setsid -f sleep 1000; setsid -f bash -c 'trap \"\" TERM; while :; do sleep 1; done' ; exit 0", harness.Passed, ""},
		{"leaves files everywhere", "echo x > /tmp/x; mkdir -p /tmp/a/b; chmod 0 /tmp/a; echo x > /dev/shm/x; echo x > left; mkdir -m 0 locked", harness.Passed, ""},
		{"leaves a deep chain of folders", `cd /tmp; perl -e 'for (1..5000) { mkdir "d" and chdir "d" or die }'`, harness.Passed, ""},
		{"leaves shared memory", "ipcmk -M 4096 >/dev/null; ipcmk -S 1 >/dev/null; ipcmk -Q >/dev/null", harness.Passed, ""},
		{"changes the files it was given", "echo changed > keep.txt; rm -rf ./*", harness.Passed, ""},
		{"replaces files by links", "rm keep.txt; ln -s /etc/passwd keep.txt; ln -s / root; mkfifo pipe; ln -s /proc/1/mem mem", harness.Passed, ""},
		{"kills the agent", "kill -9 1; kill -STOP 1; kill -9 -1; exit 0", harness.Passed, ""},
		{"looks into the agent", "! cat /proc/1/environ && ! cat /proc/1/mem && ! ls /proc/1/fd/ && ! ls -l /proc/1/exe", harness.Passed, ""},
		{"writes where it may not", "! touch /x && ! touch /usr/bin/x && ! touch /carrel/x && ! touch /etc/x", harness.Passed, ""},
		{"becomes somebody else", "! su -c id 2>&1; ! unshare -r id && ! chown 0 keep.txt && ! mount -t tmpfs x /tmp", harness.Passed, ""},
		{"looks for a network", "[ \"$(ls /sys/class/net)\" = lo ] && ! (exec 3<>/dev/tcp/169.254.169.254/80) && ! (exec 3<>/dev/tcp/1.1.1.1/53)", harness.Passed, ""},
		{"looks for a command that is not there", "exec no-such-command", harness.Failed, ""},
	}
	s := session(t, r, shell())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			put(t, s, files("keep.txt", "original"))
			report := check(t, s, script(tt.script))
			wantVerdict(t, report, tt.want)
			limit := report.LimitHit
			if tt.limit == "time" && limit == harness.LimitCPU || tt.limit == "time" && limit == harness.LimitWall {
				limit = "time"
			}
			if limit != tt.limit {
				t.Errorf("limit is %q, want %q", report.LimitHit, tt.limit)
			}
			if most := limits().Wall + late; tt.limit == "wall" && time.Duration(report.Usage.WallMS)*time.Millisecond > most {
				t.Errorf("who only waits was stopped after %d ms, want at most %v", report.Usage.WallMS, most)
			}
			checkNextIsClean(t, s)
		})
	}
	t.Run("a command that is not there", func(t *testing.T) {
		suite := script("")
		suite.Command = []string{"no-such-command"}
		report := check(t, s, suite)
		if report.ExitCode != 127 || report.Verdict == harness.Passed {
			t.Errorf("got %+v", report)
		}
	})
	t.Run("a report claims the integrity the check had, and no other is run", func(t *testing.T) {
		for asked, want := range map[string]string{"": harness.IntegrityInProcess, harness.IntegrityInProcess: harness.IntegrityInProcess, harness.IntegritySplit: harness.IntegritySplit} {
			suite := script("exit 0")
			suite.Integrity = asked
			report := check(t, s, suite)
			wantVerdict(t, report, harness.Passed)
			if report.Integrity != want {
				t.Errorf("asked for %q, the report says %q", asked, report.Integrity)
			}
		}
		for _, asked := range []string{harness.IntegrityCanary, "unheard of"} { // an exit code has no canaries
			suite := script("exit 0")
			suite.Integrity = asked
			if report, err := s.Check(t.Context(), suite, nil); err == nil {
				t.Errorf("asked for %q, the report says %q", asked, report.Integrity)
			}
		}
	})
	t.Run("output is made harmless and short", func(t *testing.T) {
		report := check(t, s, script(`printf 'a\xffb\0c\033[31mred\033[0m\r\n'; head -c 20000 /dev/zero | tr '\0' x; echo; echo end; echo complaint >&2`))
		wantVerdict(t, report, harness.Passed)
		text := report.Log.Head + report.Log.Tail
		if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\x1b\r") || !strings.Contains(text, "a\uFFFDb␀cred\n") {
			t.Errorf("log is %.80q", text)
		}
		if !strings.Contains(text, "\nend\n") || !strings.Contains(text, "complaint\n") || len(text) > 8000 {
			t.Errorf("log has %d bytes and ends %q", len(text), text[max(0, len(text)-80):])
		}
	})
	t.Run("the same twice is the same report", func(t *testing.T) {
		put(t, s, files("keep.txt", "original"))
		first, second := check(t, s, script("echo $RANDOM; ls -la")), check(t, s, script("echo $RANDOM; ls -la"))
		if diff := cmp.Diff(first.Comparable(), second.Comparable()); diff != "" {
			t.Error(diff)
		}
	})
}
