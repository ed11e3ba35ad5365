package agent

import (
	"testing"
	"time"
)

func TestParseSchedstat(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want time.Duration
		ok   bool
	}{
		{"915161 12000000 6\n", 12 * time.Millisecond, true},
		{"0 0 0\n", 0, true},
		{"", 0, false},
		{"1 -5 2", 0, false},
		{"1 x 2", 0, false},
	}
	for _, tt := range tests {
		got, ok := parseSchedstat(tt.text)
		if ok != tt.ok || ok && got != tt.want {
			t.Errorf("%q gives %v, %v", tt.text, got, ok)
		}
	}
}
