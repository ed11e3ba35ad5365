package main

import (
	"errors"
	"testing"
)

func TestParseModule(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       module
		unusual    bool
	}{
		{"plain", "module greet\n\ngo 1.22\n", module{path: "greet", version: "1.22"}, false},
		{"comments, quotes and a patch version", "// ours\nmodule \"a/b\" // here\ngo 1.26.8\n", module{path: "a/b", version: "1.26"}, false},
		{"requirements are left to go test", "module a\ngo 1.26\nrequire b v1.0.0\n", module{}, true},
		{"settings are left to go test", "module a\ngo 1.26\ngodebug default=go1.21\n", module{}, true},
		{"without a version", "module a\n", module{}, true},
		{"a version that is none", "module a\ngo 2\n", module{}, true},
		{"empty", "", module{}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := parseModule(tt.text)
			if errors.Is(err, errUnusual) != tt.unusual || !tt.unusual && got != tt.want {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}
