package lesson

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// CasesFile is the file of a tests folder that holds tests as data. It is checked at the integrity level
// "split", in every environment:
//
//	server: {command: [python3, app.py], port: 8000}    # only for http cases: started once
//	cases:
//	  - name: greets by name             # the test's id, unique
//	    run: [python3, greet.py, --loud]  # a program in the learner's folder
//	    stdin: "Ada\n"
//	    want: {stdout: "HELLO, ADA!\n", exit: 0}
//	  - name: adds the prices
//	    call: shop.total                  # function total of shop.py, shop.mjs, shop.rb …
//	    args: [[1, 2], {vat: 20}]
//	    want: {result: 3.6}
//	  - name: refuses a negative price
//	    call: shop.total
//	    args: [[-1]]
//	    want: {error: ValueError}
//	  - name: says hello over HTTP
//	    http: {method: POST, path: /hello, headers: {Accept: text/plain}, body: "name=Ada"}
//	    want: {status: 200, body: "Hello, Ada!"}
//	    timeout_ms: 2000                  # 5000 when left out
//
// What "want" does not name may be anything, but for the exit status, which is then 0 unless the case
// wants an error. White space at the ends of lines, and empty lines at the end, are not compared in
// stdout and body. Numbers are equal when they differ by less than one part in a billion. "contains" in
// want is a list of texts that stdout or body must hold instead of being equal.
const CasesFile = "cases.yaml"

// Cases are tests as data. Its JSON form is what the runner of cases reads.
type Cases struct {
	Server *CaseServer `json:"server,omitempty"`
	Cases  []Case      `json:"cases"`
}

// CaseServer is the learner's program that answers HTTP cases.
type CaseServer struct {
	Command []string `json:"command"`
	Port    int      `json:"port"`
}

// Case is one test. Exactly one of Run, Call and HTTP is set.
type Case struct {
	Name string `json:"name"`
	Line int    `json:"line"` // in CasesFile

	Run   []string          `json:"run,omitempty"`
	Stdin string            `json:"stdin,omitempty"`
	Call  string            `json:"call,omitempty"`
	Args  []json.RawMessage `json:"args,omitempty"`
	HTTP  *CaseRequest      `json:"http,omitempty"`

	Want      CaseWant `json:"want"`
	TimeoutMS int      `json:"timeout_ms"`
}

// CaseRequest is an HTTP request.
type CaseRequest struct {
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
}

// CaseWant is what must come out. Fields that are nil or empty are not compared.
type CaseWant struct {
	Stdout   *string         `json:"stdout,omitempty"`
	Body     *string         `json:"body,omitempty"`
	Contains []string        `json:"contains,omitempty"`
	Exit     *int            `json:"exit,omitempty"`
	Result   json.RawMessage `json:"result,omitempty"`
	Error    string          `json:"error,omitempty"`
	Status   int             `json:"status,omitempty"`
}

// The bounds of cases.
const (
	maxCases       = 500
	maxCaseTimeout = 60_000
	caseTimeout    = 5_000
)

// ParseCases reads CasesFile. The problems name their lines; the cases are whole when there are none.
func ParseCases(file string, data []byte) (Cases, []Problem) {
	found := &problems{}
	d := &document{file: file, problems: found}
	var out Cases
	root := d.root(data)
	if root == nil {
		return out, found.list
	}
	f := d.fields(root, "the file", "server", "cases")
	if f["server"] != nil {
		s := d.fields(f["server"], `"server"`, "command", "port")
		out.Server = &CaseServer{
			Command: d.strs(d.required(f["server"], s, "command", "command: [python3, app.py]"), `"command"`),
			Port:    d.number(d.required(f["server"], s, "port", "port: 8000"), `"port"`, 1024, 65535),
		}
	}
	named := map[string]bool{}
	items := d.items(d.required(root, f, "cases", "cases: [...]"), `"cases"`)
	if f["cases"] != nil && len(items) == 0 {
		d.errorf(f["cases"], "there is no case. Add one, such as \"- {name: adds, call: shop.total, args: [[1, 2]], want: {result: 3}}\".")
	}
	if len(items) > maxCases {
		d.errorf(f["cases"], "there are more than %d cases. Leave some out.", maxCases)
	}
	for _, item := range items {
		c := d.readCase(item)
		if c.HTTP != nil && out.Server == nil {
			d.errorf(item, "an \"http\" case needs the program that answers. Add a line like \"server: {command: [python3, app.py], port: 8000}\" above \"cases\".")
		}
		if c.Name != "" && named[c.Name] {
			d.errorf(item, "two cases are called %q. Give them different names.", c.Name)
		}
		named[c.Name] = true
		out.Cases = append(out.Cases, c)
	}
	return out, found.list
}

func (d *document) readCase(n *yaml.Node) Case {
	f := d.fields(n, "each case", "name", "run", "stdin", "call", "args", "http", "want", "timeout_ms")
	c := Case{
		Name:      d.str(d.required(n, f, "name", "name: adds two numbers"), `"name"`),
		Line:      n.Line,
		Run:       d.strs(f["run"], `"run"`),
		Stdin:     d.exact(f["stdin"], `"stdin"`),
		Call:      d.str(f["call"], `"call"`),
		HTTP:      d.request(f["http"]),
		TimeoutMS: d.number(f["timeout_ms"], `"timeout_ms"`, 1, maxCaseTimeout),
	}
	if c.TimeoutMS == 0 {
		c.TimeoutMS = caseTimeout
	}
	for _, arg := range d.items(f["args"], `"args"`) {
		c.Args = append(c.Args, d.value(arg))
	}
	kinds := 0
	for _, name := range []string{"run", "call", "http"} {
		if f[name] != nil {
			kinds++
		}
	}
	if kinds != 1 && f != nil {
		d.errorf(n, "a case has exactly one of \"run\", \"call\" and \"http\". Write what is to be done, such as \"run: [bash, hello.sh]\".")
	}
	if f["call"] != nil && !strings.Contains(strings.Trim(c.Call, "."), ".") && c.Call != "" {
		d.errorf(f["call"], "%q names no file. Write file and function, such as \"shop.total\".", c.Call)
	}
	if f["stdin"] != nil && f["run"] == nil {
		d.errorf(f["stdin"], "\"stdin\" is for cases with \"run\". Remove it.")
	}
	if f["args"] != nil && f["call"] == nil {
		d.errorf(f["args"], "\"args\" is for cases with \"call\". Remove it, or add the arguments to \"run\".")
	}
	c.Want = d.want(d.required(n, f, "want", "want: {stdout: ...}"), c)
	return c
}

func (d *document) request(n *yaml.Node) *CaseRequest {
	if n == nil {
		return nil
	}
	f := d.fields(n, `"http"`, "method", "path", "headers", "body")
	r := &CaseRequest{Method: "GET", Path: d.str(d.required(n, f, "path", "path: /"), `"path"`), Body: d.exact(f["body"], `"body"`)}
	if f["method"] != nil {
		r.Method = strings.ToUpper(d.str(f["method"], `"method"`))
	}
	if methods := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}; !slices.Contains(methods, r.Method) && r.Method != "" {
		d.errorf(f["method"], "\"method\" cannot be %q. Write %s.", r.Method, enumerate(methods, "or"))
	}
	if r.Path != "" && (!strings.HasPrefix(r.Path, "/") || strings.ContainsAny(r.Path, " \r\n")) {
		d.errorf(f["path"], "\"path\" cannot be %q. Write one that starts with \"/\" and has no spaces.", r.Path)
	}
	for _, pair := range d.pairs(f["headers"], `"headers"`) {
		if strings.ContainsAny(pair[0].Value+pair[1].Value, "\r\n:") && strings.ContainsAny(pair[0].Value, "\r\n: ") || strings.ContainsAny(pair[1].Value, "\r\n") {
			d.errorf(pair[0], "%q is no header. Write a name and a text on one line.", pair[0].Value)
			continue
		}
		if r.Headers == nil {
			r.Headers = map[string]string{}
		}
		r.Headers[pair[0].Value] = pair[1].Value
	}
	return r
}

// want reads what must come out of a case.
func (d *document) want(n *yaml.Node, c Case) CaseWant {
	var known []string
	switch {
	case len(c.Run) > 0:
		known = []string{"stdout", "contains", "exit"}
	case c.Call != "":
		known = []string{"result", "error"}
	case c.HTTP != nil:
		known = []string{"status", "body", "contains"}
	default:
		return CaseWant{}
	}
	f := d.fields(n, `"want"`, known...)
	var w CaseWant
	if n != nil && len(f) == 0 {
		d.errorf(n, "\"want\" wants nothing, so the case cannot fail. Write at least one of %s.", enumerate(known, "and"))
	}
	if f["stdout"] != nil {
		text := d.exact(f["stdout"], `"stdout"`)
		w.Stdout = &text
	}
	if f["body"] != nil {
		text := d.exact(f["body"], `"body"`)
		w.Body = &text
	}
	for _, item := range d.items(f["contains"], `"contains"`) {
		if text := d.exact(item, "each item of \"contains\""); text != "" {
			w.Contains = append(w.Contains, text)
		}
	}
	if len(c.Run) > 0 {
		exit := d.number(f["exit"], `"exit"`, 0, 255)
		w.Exit = &exit
	}
	if f["result"] != nil {
		w.Result = d.value(f["result"])
	}
	w.Error = d.str(f["error"], `"error"`)
	if f["result"] != nil && f["error"] != nil {
		d.errorf(f["error"], "a call gives a result or an error. Keep one of them.")
	}
	w.Status = d.number(f["status"], `"status"`, 100, 599)
	return w
}

// exact returns a plain value with its white space; "" when it is missing.
func (d *document) exact(n *yaml.Node, what string) string {
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		d.errorf(n, "%s must be a text. Put it in quotes.", what)
		return ""
	}
	return n.Value
}

// value returns a YAML value as JSON.
func (d *document) value(n *yaml.Node) json.RawMessage {
	data, err := jsonOf(n)
	if err != nil {
		d.errorf(n, "this value cannot be handed to a program: %v.", err)
		return json.RawMessage("null")
	}
	return data
}

func jsonOf(n *yaml.Node) (json.RawMessage, error) {
	switch n.Kind {
	case yaml.SequenceNode:
		list := []json.RawMessage{}
		for _, item := range n.Content {
			data, err := jsonOf(item)
			if err != nil {
				return nil, err
			}
			list = append(list, data)
		}
		return json.Marshal(list)
	case yaml.MappingNode:
		entries := map[string]json.RawMessage{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if key.Kind != yaml.ScalarNode {
				return nil, fmt.Errorf("a key is no text")
			}
			data, err := jsonOf(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			entries[key.Value] = data
		}
		return json.Marshal(entries)
	case yaml.ScalarNode:
		return scalar(n)
	default:
		return nil, fmt.Errorf("aliases are not read here; write the value out")
	}
}

func scalar(n *yaml.Node) (json.RawMessage, error) {
	switch n.ShortTag() {
	case "!!null":
		return json.RawMessage("null"), nil
	case "!!bool":
		var b bool
		if err := n.Decode(&b); err != nil {
			return nil, err
		}
		return json.Marshal(b)
	case "!!int":
		var i int64
		if err := n.Decode(&i); err != nil {
			return nil, fmt.Errorf("%q is no number", n.Value)
		}
		return json.Marshal(i)
	case "!!float":
		var x float64
		if err := n.Decode(&x); err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("%q is no number that JSON knows", n.Value)
		}
		return json.Marshal(x)
	default:
		return json.Marshal(n.Value)
	}
}

// checkCases reports problems of CasesFile, and of what does not go with it.
func (l *loader) checkCases(d *document, check *yaml.Node, dir string, e *Exercise) {
	file, ok := e.Tests[CasesFile]
	if !ok {
		return
	}
	if said := d.said(check, "integrity"); said == nil {
		e.Check.Integrity = "split"
	} else if e.Check.Integrity != "split" {
		d.errorf(said, "tests in %s are checked at the integrity level \"split\" only. Write \"integrity: split\".", CasesFile)
	}
	_, found := ParseCases(dir+"tests/"+CasesFile, file.Data)
	for _, p := range found {
		p.Lesson = lessonOf(dir)
		l.problems.add(p)
	}
}

// said returns the value of a field of a mapping that has been read already, nil when it is not there.
func (*document) said(n *yaml.Node, field string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == field {
			return n.Content[i+1]
		}
	}
	return nil
}
