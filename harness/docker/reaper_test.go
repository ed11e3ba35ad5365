package docker

import (
	"testing"
	"time"
)

func TestRunner_orphaned(t *testing.T) {
	t.Parallel()
	r := &Runner{ledger: newLedger()}
	mine := r.ledger.name()
	forgotten := r.ledger.name()
	r.ledger.forget(forgotten)
	own := map[string]string{labelRunner: r.ledger.runner, labelProcess: thisProcess()}
	of := func(process string) map[string]string {
		return map[string]string{labelRunner: "other", labelProcess: process}
	}
	ended := hostName() + "/4194999/12/" + place()
	before := hostName() + "/12/34/another-boot/pid:[1]"
	tests := []struct {
		name    string
		labels  map[string]string
		called  string
		running bool
		age     time.Duration
		want    bool
	}{
		{"ours", own, mine, true, time.Hour, false},
		{"ours, being made", own, mine, false, 0, false},
		{"ours, and forgotten", own, forgotten, true, 0, true},
		{"ours, and never known", own, "carrel-x-9", false, 0, true},
		{"another Runner's of this process", of(thisProcess()), "carrel-x-9", true, time.Hour, false},
		{"another Runner's of this process, that does not run", of(thisProcess()), "carrel-x-9", false, 100 * time.Hour, false},
		{"a dead process's that runs", of(ended), "carrel-x-9", true, 0, true},
		{"a dead process's, half made", of(ended), "carrel-x-9", false, 0, true},
		{"of before a restart of this computer, running", of(before), "carrel-x-9", true, 100 * time.Hour, false},
		{"of before a restart of this computer, half made long ago", of(before), "carrel-x-9", false, halfMade + 1, true},
		{"of before a restart of this computer, half made just now", of(before), "carrel-x-9", false, openTimeout, false},
		{"another computer's that runs", of("elsewhere/1/2/x/y"), "carrel-x-9", true, 100 * time.Hour, false},
		{"another computer's, half made", of("elsewhere/1/2/x/y"), "carrel-x-9", false, halfMade + 1, false},
		{"another computer's, half made and abandoned", of("elsewhere/1/2/x/y"), "carrel-x-9", false, abandoned + 1, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			now := time.Now()
			if got := r.orphaned(remains{tt.called, tt.labels, tt.running, now.Add(-tt.age)}, now); got != tt.want {
				t.Errorf("orphaned is %v, want %v", got, tt.want)
			}
		})
	}
}
