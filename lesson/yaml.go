package lesson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document reads one YAML file node by node, so that every problem in it is told, with its place.
type document struct {
	file     string
	locales  []string // those that each text must have; empty accepts any
	problems *problems
}

func (d *document) errorf(n *yaml.Node, format string, args ...any) {
	p := Problem{File: d.file, Message: fmt.Sprintf(format, args...), Lesson: lessonOf(d.file)}
	if n != nil {
		p.Line, p.Column = n.Line, n.Column
	}
	d.problems.add(p)
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// root parses the file and returns its top mapping, or nil when there is none.
func (d *document) root(data []byte) *yaml.Node {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := decoder.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			d.errorf(nil, "the file is empty.")
			return nil
		}
		place := &yaml.Node{}
		match := yamlLine.FindStringSubmatch(err.Error())
		if len(match) == 2 && match[1] != "" {
			place.Line, _ = strconv.Atoi(match[1])
		}
		d.errorf(place, "this is not YAML: %s.", yamlLine.ReplaceAllString(err.Error(), ""))
		return nil
	}
	var second yaml.Node
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		d.errorf(&second, "the file has a second document. Remove the line \"---\" and what follows it.")
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		d.errorf(&doc, "the file must be a list of \"name: value\" lines.")
		return nil
	}
	return doc.Content[0]
}

// fields returns the values of a mapping by name. Unknown and repeated names are reported.
func (d *document) fields(n *yaml.Node, what string, known ...string) map[string]*yaml.Node {
	out := map[string]*yaml.Node{}
	if n == nil {
		return out
	}
	if n.Kind != yaml.MappingNode {
		d.errorf(n, "%s must have the fields %s.", what, enumerate(known, "and"))
		return out
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case !slices.Contains(known, key.Value):
			d.errorf(key, "unknown field %q. %s", key.Value, suggest(key.Value, known))
		case out[key.Value] != nil:
			d.errorf(key, "the field %q is written twice. Keep one of them.", key.Value)
		default:
			out[key.Value] = value
		}
	}
	return out
}

// pairs returns a mapping's entries in order, for mappings whose names the author chooses.
func (d *document) pairs(n *yaml.Node, what string) [][2]*yaml.Node {
	if n == nil {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		d.errorf(n, "%s must be written as \"name: value\" lines.", what)
		return nil
	}
	var out [][2]*yaml.Node
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if name := n.Content[i].Value; seen[name] {
			d.errorf(n.Content[i], "%q is written twice. Keep one of them.", name)
			continue
		}
		seen[n.Content[i].Value] = true
		out = append(out, [2]*yaml.Node{n.Content[i], n.Content[i+1]})
	}
	return out
}

// items returns the items of a list.
func (d *document) items(n *yaml.Node, what string) []*yaml.Node {
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		d.errorf(n, "%s must be a list, one \"- item\" a line.", what)
		return nil
	}
	return n.Content
}

// str returns a plain value, trimmed; "" when it is missing, not plain or empty, the latter two reported.
func (d *document) str(n *yaml.Node, what string) string {
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode {
		d.errorf(n, "%s must be a single value.", what)
		return ""
	}
	s := strings.TrimSpace(n.Value)
	if s == "" || n.Tag == "!!null" {
		d.errorf(n, "%s is empty. Write a value or remove the line.", what)
		return ""
	}
	return s
}

// strs returns a list of plain values.
func (d *document) strs(n *yaml.Node, what string) []string {
	var out []string
	for _, item := range d.items(n, what) {
		if s := d.str(item, "each item of "+what); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// number returns a whole number within its bounds, 0 when it is missing.
func (d *document) number(n *yaml.Node, what string, low, high int) int {
	if n == nil {
		return 0
	}
	v, err := strconv.Atoi(d.str(n, what))
	if err != nil || v < low || v > high {
		d.errorf(n, "%s must be a whole number from %d to %d, not %q.", what, low, high, n.Value)
		return 0
	}
	return v
}

// flag returns true or false, false when it is missing.
func (d *document) flag(n *yaml.Node, what string) bool {
	if n == nil {
		return false
	}
	switch n.Value {
	case "true":
		return true
	case "false":
	default:
		d.errorf(n, "%s must be true or false, not %q.", what, n.Value)
	}
	return false
}

// choice returns one of the allowed values, the first of them when it is missing.
func (d *document) choice(n *yaml.Node, what string, allowed ...string) string {
	if n == nil {
		return allowed[0]
	}
	v := d.str(n, what)
	if v != "" && !slices.Contains(allowed, v) {
		d.errorf(n, "%s cannot be %q. Write %s.", what, v, enumerate(allowed, "or"))
		return allowed[0]
	}
	return v
}

// text returns prose by locale. A plain value is the same text in every locale.
func (d *document) text(n *yaml.Node, what string) Text {
	if n == nil {
		return nil
	}
	if n.Kind == yaml.ScalarNode {
		s := d.str(n, what)
		if s == "" {
			return nil
		}
		out := Text{}
		for _, locale := range d.locales {
			out[locale] = s
		}
		return out
	}
	out := Text{}
	for _, pair := range d.pairs(n, what) {
		locale := pair[0].Value
		if len(d.locales) > 0 && !slices.Contains(d.locales, locale) {
			d.errorf(pair[0], "%s is written in %q, which the course does not have. Add it to \"locales\" in course.yaml or remove it.", what, locale)
			continue
		}
		if s := d.str(pair[1], what+" in "+locale); s != "" {
			out[locale] = s
		}
	}
	for _, locale := range d.locales {
		if _, ok := out[locale]; !ok {
			d.errorf(n, "%s is missing in %q. Add a line \"%s: ...\".", what, locale, locale)
		}
	}
	return out
}

// required reports a missing field.
func (d *document) required(parent *yaml.Node, fields map[string]*yaml.Node, name, example string) *yaml.Node {
	if fields[name] == nil && parent != nil {
		d.errorf(parent, "the field %q is missing. Add a line like \"%s\".", name, example)
	}
	return fields[name]
}

// enumerate returns "a, b and c".
func enumerate(words []string, conjunction string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = strconv.Quote(w)
	}
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " " + conjunction + " " + quoted[len(quoted)-1]
}

// suggest says which of the known words was probably meant.
func suggest(word string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if n := editDistance(strings.ToLower(word), k); n < distance && n < len(k) {
			best, distance = k, n
		}
	}
	if best != "" {
		return fmt.Sprintf("Did you mean %q?", best)
	}
	if len(known) == 0 {
		return "Remove it."
	}
	return fmt.Sprintf("Known are %s.", enumerate(known, "and"))
}

// editDistance is the number of letters to insert, remove, replace or swap with a neighbour.
func editDistance(a, b string) int {
	if len(a) > 64 {
		a = a[:64] // a name this long is no misspelling of ours
	}
	before := make([]int, len(b)+1)
	last := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
