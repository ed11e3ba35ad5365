package embedded

import "testing"

func TestParsePIDFile(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		content string
		want    pidFile
		wantErr bool
	}{
		"a ready server":      {"42\n/data\n1700000000\n5432\n/tmp\n\n 1 2\nready   \n", pidFile{42, "/tmp", true}, false},
		"a starting server":   {"42\n/data\n1700000000\n5432\n/tmp\n\n 1 2\nstarting\n", pidFile{42, "/tmp", false}, false},
		"a half-written file": {"42\n/da", pidFile{42, "", false}, false},
		"an empty file":       {"", pidFile{}, true},
		"a negative pid":      {"-1\n", pidFile{}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parsePIDFile(test.content)
			if got != test.want || (err != nil) != test.wantErr {
				t.Errorf("parsePIDFile() = %v, %v; want %v, error %v", got, err, test.want, test.wantErr)
			}
		})
	}
}
