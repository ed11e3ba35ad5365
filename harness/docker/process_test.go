package docker

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestFateOf(t *testing.T) {
	t.Parallel()
	host, pid := hostName(), os.Getpid()
	tests := []struct {
		name, label string
		want        fate
	}{
		{"this process", thisProcess(), fateAlive},
		{"a process id that is used again", fmt.Sprintf("%s/%d/1/%s", host, pid, place()), fateDead},
		{"a process that is no more", host + "/4194999/12/" + place(), fateDead},
		{"a process before the computer was restarted", fmt.Sprintf("%s/%d/1/%s", host, pid, "another-boot/pid:[1]"), fateUnknown},
		{"a process of another computer", strings.Replace(thisProcess(), host, "elsewhere", 1), fateForeign},
		{"a label of somebody else", "nonsense", fateForeign},
		{"a label without a number", host + "/x/1/" + place(), fateUnknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := fateOf(tt.label); got != tt.want {
				t.Errorf("fateOf(%q) = %d, want %d", tt.label, got, tt.want)
			}
		})
	}
}
