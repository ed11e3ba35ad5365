package agent

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestCgroup(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		files map[string]string
	}{
		{"version 1", map[string]string{
			"memory/memory.oom_control":        "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
			"memory/memory.usage_in_bytes":     "1000\n",
			"memory/memory.max_usage_in_bytes": "2000\n",
			"cpuacct/cpuacct.usage":            "5000000\n",
			"pids/pids.current":                "7\n",
			"pids/pids.events":                 "max 2\n",
		}},
		{"version 2", map[string]string{
			"cgroup.controllers": "cpu memory pids\n",
			"memory.events":      "low 0\nhigh 0\nmax 9\noom 4\noom_kill 3\noom_group_kill 0\n",
			"memory.current":     "1000\n",
			"memory.peak":        "2000\n",
			"cpu.stat":           "usage_usec 5000\nuser_usec 4000\nsystem_usec 1000\n",
			"pids.current":       "7\n",
			"pids.events":        "max 2\n",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for name, text := range tt.files {
				p := filepath.Join(root, name)
				if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			c, err := openCgroup(root)
			if err != nil {
				t.Fatal(err)
			}
			got := []int64{c.outOfMemoryKills(), c.memory(), c.peakMemory(), int64(c.cpuTime()), c.tasks(), c.refusedProcesses()}
			want := []int64{3, 1000, 2000, int64(5 * time.Millisecond), 7, 2}
			for i := range want {
				if got[i] != want[i] {
					t.Errorf("counters are %v, want %v", got, want)
					break
				}
			}
		})
	}
	t.Run("unreadable counters are an error, not zeros", func(t *testing.T) {
		t.Parallel()
		if _, err := openCgroup(t.TempDir()); err == nil {
			t.Error("no error")
		}
	})
}
