package lesson

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"
)

var (
	envName    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	formatForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)
)

// exercise reads the exercise of a lesson, nil when it has none.
func (l *loader) exercise(d *document, root *yaml.Node, f map[string]*yaml.Node, lesson *Lesson) *Exercise {
	dir := "lessons/" + lesson.Slug + "/"
	if f["environment"] == nil {
		l.checkNoExercise(d, root, f, dir)
		return nil
	}
	name := d.str(f["environment"], `"environment"`)
	environment, known := l.environment(name)
	if name != "" && !known {
		d.errorf(f["environment"], "there is no environment %q. %s", name, suggest(name, l.environmentNames()))
	}
	files := d.fields(d.required(root, f, "files", "files: {learner: [main.py]}"), `"files"`, "learner", "readonly", "hidden")
	e := &Exercise{
		Environment:   environment,
		Learner:       d.globs(files["learner"], `"learner"`),
		ReadOnly:      d.globs(files["readonly"], `"readonly"`),
		Hidden:        d.globs(files["hidden"], `"hidden"`),
		Check:         d.check(f["check"]),
		RunCommand:    d.strs(f["run"], `"run"`),
		Preview:       uint16(d.number(f["preview"], `"preview"`, 1024, 65535)),
		Network:       Network(d.choice(f["network"], `"network"`, string(NetworkNone), string(NetworkServices), string(NetworkInternet))),
		Main:          d.str(f["main"], `"main"`),
		Starter:       l.tree.folder(dir + "starter"),
		Solution:      l.tree.folder(dir + "solution"),
		Tests:         l.tree.folder(dir + "tests"),
		StarterPasses: d.flag(f["starter_passes"], `"starter_passes"`),
		Skipped:       d.strs(f["skipped_tests"], `"skipped_tests"`),
	}
	e.Services = l.services(d, f, lesson, e.Network)
	l.checkPreview(d, f, e)
	e.Wrong = l.wrongSolutions(d, f["wrong"], lesson)
	l.cutMarked(dir, e)
	l.checkExercise(d, root, f, files, e)
	l.checkCases(d, f["check"], dir, e)
	e.shareTests()
	l.checkLearner(d, files["learner"], dir, e)
	if e.Main == "" {
		e.Main = firstMatch(e.Learner, e.Starter, e.Solution)
	} else if _, ok := e.Starter.Overlay(e.Solution)[e.Main]; !ok {
		d.errorf(f["main"], "the file %q is not in starter/. Write the path of a file that is.", e.Main)
	}
	return e
}

// checkNoExercise reports parts of an exercise in a lesson without an environment.
func (l *loader) checkNoExercise(d *document, root *yaml.Node, f map[string]*yaml.Node, dir string) {
	for _, name := range lessonFields[slices.Index(lessonFields, "environment"):] {
		if f[name] != nil {
			d.errorf(f[name], "%q needs an exercise. Add a line like \"environment: shell\" or remove it.", name)
		}
	}
	for _, folder := range []string{"starter", "solution", "tests", "wrong", "seed"} {
		if len(l.tree.below(dir+folder)) > 0 {
			d.errorf(root, "the folder %s/ needs an exercise. Add a line like \"environment: shell\" or remove it.", folder)
		}
	}
}

func (l *loader) checkExercise(d *document, root *yaml.Node, f, files map[string]*yaml.Node, e *Exercise) {
	if f["files"] != nil && len(e.Learner) == 0 {
		d.errorf(f["files"], "\"learner\" names no file. Write which files the learner edits, such as \"learner: [main.py]\".")
	}
	if len(e.Solution) == 0 {
		d.errorf(root, "the folder solution/ has no files. Put the reference solution there: it proves that the task can be done.")
	}
	if len(e.Tests) == 0 {
		d.errorf(root, "the folder tests/ has no files. Put the tests there.")
	}
	for _, glob := range e.Learner {
		if len(matching([]string{glob}, e.Starter)) == 0 && len(matching([]string{glob}, e.Solution)) == 0 {
			d.errorf(files["learner"], "%q matches no file of starter/ or solution/. Correct the pattern.", glob)
		}
	}
}

// checkLearner reports files the learner could not hand in, and tests the learner could replace.
func (l *loader) checkLearner(d *document, place *yaml.Node, dir string, e *Exercise) {
	if place == nil {
		return
	}
	for _, p := range matching(e.Learner, e.Tests) {
		d.errorf(place, "the learner's files include the test tests/%s. Make the patterns narrower.", p)
	}
	foreign := func(folder string, files Files) {
		for _, p := range files.Paths() {
			if !MatchAny(e.Learner, p) {
				l.problems.add(Problem{File: dir + folder + "/" + p, Lesson: lessonOf(dir),
					Message: "this file is not among the learner's files, so no learner could hand it in. Add it to \"learner\" or move it to starter/."})
			}
		}
	}
	foreign("solution", e.Solution)
	for _, w := range e.Wrong {
		foreign("wrong/"+w.Name, w.Files)
	}
}

// shareTests lets the learner read the tests that are not hidden, and takes hidden starter files
// out of what the learner gets.
func (e *Exercise) shareTests() {
	starter, tests := Files{}, e.Tests.Overlay()
	for p, file := range e.Starter.Overlay(e.Tests) {
		switch {
		case !MatchAny(e.Hidden, p):
			starter[p] = file
		default:
			tests[p] = file
		}
	}
	e.Starter, e.Tests = starter, tests
}

func (l *loader) wrongSolutions(d *document, n *yaml.Node, lesson *Lesson) []WrongSolution {
	dir := "lessons/" + lesson.Slug + "/wrong"
	var out []WrongSolution
	named := map[string]bool{}
	for _, item := range d.items(n, `"wrong"`) {
		f := d.fields(item, "each wrong solution", "name", "tests")
		w := WrongSolution{
			Name:  d.str(d.required(item, f, "name", "name: off-by-one"), `"name"`),
			Tests: d.testIDs(d.required(item, f, "tests", "tests: [...]"), lesson),
		}
		if w.Name == "" {
			continue
		}
		if named[w.Name] {
			d.errorf(item, "the wrong solution %q is listed twice. Keep one of them.", w.Name)
			continue
		}
		named[w.Name] = true
		if w.Files = l.tree.folder(dir + "/" + w.Name); w.Files == nil {
			d.errorf(item, "the folder wrong/%s has no files. Put the wrong solution there.", w.Name)
		}
		out = append(out, w)
	}
	for _, child := range l.tree.children(dir) {
		if name := strings.TrimSuffix(child, "/"); !named[name] {
			l.problems.add(Problem{File: dir + "/" + name, Lesson: lesson.Slug,
				Message: "lesson.yaml does not list this wrong solution. Add it under \"wrong\" with the tests that catch it."})
		}
	}
	return out
}

func (d *document) check(n *yaml.Node) Check {
	f := d.fields(n, `"check"`, "integrity", "command", "env", "format", "report", "limits")
	c := Check{
		Integrity: d.choice(f["integrity"], `"integrity"`, "in_process", "canary", "split"),
		Command:   d.strs(f["command"], `"command"`),
		Format:    d.str(f["format"], `"format"`),
		Report:    d.str(f["report"], `"report"`),
	}
	c.Env = d.env(f["env"])
	if c.Format != "" && !formatForm.MatchString(c.Format) {
		d.errorf(f["format"], "%q is not the name of a report format. Write one such as \"junit\" or \"tap\".", c.Format)
	}
	if c.Integrity == "canary" && c.Format == "exit" {
		d.errorf(f["integrity"], "an exit code says too little for the integrity level \"canary\". Remove \"format: exit\", or write \"integrity: in_process\".")
	}
	if c.Report != "" {
		if err := CheckPath(c.Report); err != nil {
			d.errorf(f["report"], "\"report\" cannot be %q: %v.", c.Report, err)
		}
	}
	lf := d.fields(f["limits"], `"limits"`, "cpu_seconds", "wall_seconds", "memory_mb", "processes", "output_kb", "disk_mb")
	c.Limits = Limits{
		CPUSeconds:  d.number(lf["cpu_seconds"], `"cpu_seconds"`, 1, 600),
		WallSeconds: d.number(lf["wall_seconds"], `"wall_seconds"`, 1, 900),
		MemoryMB:    d.number(lf["memory_mb"], `"memory_mb"`, 16, 16384),
		Processes:   d.number(lf["processes"], `"processes"`, 4, 4096),
		OutputKB:    d.number(lf["output_kb"], `"output_kb"`, 1, 65536),
		DiskMB:      d.number(lf["disk_mb"], `"disk_mb"`, 1, 8192),
	}
	return c
}

// env reads environment variables as KEY=value, in order.
func (d *document) env(n *yaml.Node) []string {
	var out []string
	for _, pair := range d.pairs(n, `"env"`) {
		if !envName.MatchString(pair[0].Value) {
			d.errorf(pair[0], "%q is not the name of an environment variable. Write letters, digits and underscores.", pair[0].Value)
		}
		out = append(out, pair[0].Value+"="+pair[1].Value)
	}
	slices.Sort(out)
	return out
}

// globs reads a list of patterns over workspace paths.
func (d *document) globs(n *yaml.Node, what string) []string {
	list := d.strs(n, what)
	for _, glob := range list {
		if !doublestar.ValidatePattern(glob) || path.IsAbs(glob) || slices.Contains(strings.Split(glob, "/"), "..") {
			d.errorf(n, "%q is not a pattern over the exercise's files. Write one such as \"main.py\", \"src/**\" or \"*.sh\".", glob)
		}
	}
	return list
}

// MatchAny reports whether one of the patterns matches the path.
func MatchAny(globs []string, p string) bool {
	return slices.ContainsFunc(globs, func(glob string) bool { return doublestar.MatchUnvalidated(glob, p) })
}

func matching(globs []string, files Files) []string {
	return slices.DeleteFunc(files.Paths(), func(p string) bool { return !MatchAny(globs, p) })
}

// firstMatch returns the first file the first pattern matches, in the first folder that has one.
func firstMatch(globs []string, folders ...Files) string {
	for _, folder := range folders {
		for _, glob := range globs {
			if found := matching([]string{glob}, folder); len(found) > 0 {
				return found[0]
			}
		}
	}
	return ""
}
