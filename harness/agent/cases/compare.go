package cases

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
)

// sameText compares texts without white space at the ends of lines and empty lines at the end.
func sameText(a, b string) bool { return trimmed(a) == trimmed(b) }

func trimmed(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\r")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// sameValue compares JSON values. Numbers are equal when they differ by less than one part in a billion.
func sameValue(a, b json.RawMessage) bool {
	x, errX := decode(a)
	y, errY := decode(b)
	return errX == nil && errY == nil && equal(x, y)
}

func decode(data []byte) (any, error) {
	var v any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	err := d.Decode(&v)
	return v, err
}

func equal(a, b any) bool {
	switch a := a.(type) {
	case json.Number:
		b, ok := b.(json.Number)
		return ok && sameNumber(a, b)
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !equal(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k, v := range a {
			if other, ok := b[k]; !ok || !equal(v, other) {
				return false
			}
		}
		return true
	default: // nil, bool, string
		return a == b
	}
}

func sameNumber(a, b json.Number) bool {
	if a == b {
		return true
	}
	whole := func(n json.Number) bool { return !strings.ContainsAny(n.String(), ".eE") }
	if whole(a) && whole(b) {
		return false
	}
	x, errX := a.Float64()
	y, errY := b.Float64()
	return errX == nil && errY == nil && math.Abs(x-y) <= 1e-9*max(math.Abs(x), math.Abs(y))
}

// readable writes a value for people: one line while it is short.
func readable(data json.RawMessage) string {
	v, err := decode(data)
	if err != nil {
		return string(data)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return string(data)
	}
	short := strings.TrimSuffix(out.String(), "\n")
	if len(short) <= 80 {
		return short
	}
	out.Reset()
	e.SetIndent("", "  ")
	_ = e.Encode(v) // it could before
	return strings.TrimSuffix(out.String(), "\n")
}
