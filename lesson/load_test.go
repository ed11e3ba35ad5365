package lesson_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

// sound is a small course without problems that uses every part of the format.
func sound() map[string]string {
	return map[string]string{
		"course.yaml": `id: tiny
title: {en: Tiny, ru: Малый}
summary: {en: Small., ru: Малый.}
authors: [Ann]
licence: CC-BY-4.0
tags: [shell]
locales: [en, ru]
visibility: unlisted
unlock: prerequisites
environments:
  db: {image: "example.org/db@sha256:` + strings.Repeat("ab", 32) + `"}
  own: {}
lessons: [hello, quiz]
`,
		"environments/own/Dockerfile":     "FROM scratch\n",
		"assets/cover.png":                "png",
		".git/HEAD":                       "ref",
		"README.md":                       "# Tiny",
		"lessons/hello/assets/pipe.png":   "png",
		"lessons/hello/theory.en.md":      "# Hello\n\n![A pipe](assets/pipe.png) and [the quiz](lesson:quiz).\n",
		"lessons/hello/theory.ru.md":      "\ufeff# Привет\r\n",
		"lessons/hello/task.en.md":        "Do it.\n",
		"lessons/hello/task.ru.md":        "Сделайте.\n",
		"lessons/hello/hints.en.md":       "## One\n\n```sh\n## not a hint\n```\n\n## Two\n\nText.\n",
		"lessons/hello/hints.ru.md":       "## Раз\n\nТекст.\n\n## Два\n\nТекст.\n",
		"lessons/hello/starter/data.txt":  "1\n",
		"lessons/hello/starter/key.txt":   "secret\n",
		"lessons/hello/solution/main.sh":  "#!/bin/sh\n# BEGIN\necho hello\n# END\n",
		"lessons/hello/tests/main.bats":   "@test \"greets\" { true; }\n",
		"lessons/hello/tests/hidden.bats": "@test \"hidden\" { true; }\n",
		"lessons/hello/wrong/bye/main.sh": "#!/bin/sh\necho bye\n",
		"lessons/hello/lesson.yaml": `id: 6f1c2c52-6f0c-4a39-9d5e-0d3c6b1a7f10
title: {en: Hello, ru: Привет}
minutes: 5
points: 10
environment: shell
run: [bash, main.sh]
files:
  learner: [main.sh]
  hidden: [hidden.bats, key.txt]
check:
  integrity: canary
  command: [bats, .]
  env: {B: "2", A: "1"}
  format: tap
  report: .carrel/report.tap
  limits: {wall_seconds: 20}
criteria:
  - title: {en: It greets, ru: Здоровается}
    tests: [greets]
    hint: 2
test_titles:
  greets: {en: It greets, ru: Здоровается}
wrong:
  - {name: bye, tests: [greets]}
skipped_tests: [slow]
preview: 8000
network: services
services:
  - {name: postgres, env: {LANG: "C"}, seed: [schema.sql, data/rows.sql]}
  - {name: store, environment: db, port: 7000}
`,
		"lessons/hello/seed/schema.sql":    "CREATE TABLE t (n int);\n",
		"lessons/hello/seed/data/rows.sql": "INSERT INTO t VALUES (1);\n",
		"lessons/quiz/lesson.yaml":         "id: 7c1c2c52-6f0c-4a39-9d5e-0d3c6b1a7f10\ntitle: Quiz\nminutes: 2\nprerequisites: [hello]\n",
		"lessons/quiz/quiz.yaml": `questions:
  - id: first
    kind: single
    text: "Yes?"
    options: [{id: a, text: "Yes."}, {id: b, text: "No."}]
    answer: a
    explanation: {en: Because., ru: Потому.}
  - {id: second, kind: text, text: "What?", answer: [that, "42"], explanation: So.}
`,
	}
}

func filesOf(content map[string]string) lesson.Files {
	out := lesson.Files{}
	for p, s := range content {
		out[p] = lesson.NewFile([]byte(s))
	}
	return out
}

func TestLoad_SoundCourse(t *testing.T) {
	t.Parallel()
	course, err := lesson.Load(filesOf(sound()).FS())
	if err != nil {
		t.Fatal(err)
	}
	hello := course.Lesson("hello")
	script := lesson.NewFile([]byte("#!/bin/sh\n# BEGIN\n\n# END\n"))
	want := &lesson.Exercise{
		Environment: lesson.Environment{Name: "shell"},
		Learner:     []string{"main.sh"},
		Hidden:      []string{"hidden.bats", "key.txt"},
		Check: lesson.Check{Integrity: "canary", Command: []string{"bats", "."}, Env: []string{"A=1", "B=2"},
			Format: "tap", Report: ".carrel/report.tap", Limits: lesson.Limits{WallSeconds: 20}},
		RunCommand: []string{"bash", "main.sh"},
		Preview:    8000,
		Network:    lesson.NetworkServices,
		Services: []lesson.Service{
			{Name: "postgres", Environment: lesson.Environment{Name: "postgres"}, Env: []string{"LANG=C"}, Seed: []lesson.SeedFile{
				{Path: "schema.sql", Data: []byte("CREATE TABLE t (n int);\n")},
				{Path: "data/rows.sql", Data: []byte("INSERT INTO t VALUES (1);\n")},
			}},
			{Name: "store", Environment: lesson.Environment{Name: "db", Image: "example.org/db@sha256:" + strings.Repeat("ab", 32)}, Port: 7000},
		},
		Main: "main.sh",
		Starter: lesson.Files{
			"data.txt":  lesson.NewFile([]byte("1\n")),
			"main.bats": lesson.NewFile([]byte("@test \"greets\" { true; }\n")),
			"main.sh":   script,
		},
		Solution: lesson.Files{"main.sh": lesson.NewFile([]byte("#!/bin/sh\n# BEGIN\necho hello\n# END\n"))},
		Tests: lesson.Files{
			"main.bats":   lesson.NewFile([]byte("@test \"greets\" { true; }\n")),
			"hidden.bats": lesson.NewFile([]byte("@test \"hidden\" { true; }\n")),
			"key.txt":     lesson.NewFile([]byte("secret\n")),
		},
		Wrong: []lesson.WrongSolution{{Name: "bye", Tests: []string{"greets"},
			Files: lesson.Files{"main.sh": lesson.NewFile([]byte("#!/bin/sh\necho bye\n"))}}},
		Skipped: []string{"slow"},
	}
	if diff := cmp.Diff(want, hello.Exercise); diff != "" {
		t.Errorf("exercise (-want +got):\n%s", diff)
	}
	if !script.Executable {
		t.Error("a script is not executable")
	}
	hints := []lesson.Text{
		{"en": "## One\n\n```sh\n## not a hint\n```\n", "ru": "## Раз\n\nТекст.\n"},
		{"en": "## Two\n\nText.\n", "ru": "## Два\n\nТекст.\n"},
	}
	if diff := cmp.Diff(hints, hello.Hints); diff != "" {
		t.Errorf("hints (-want +got):\n%s", diff)
	}
	if got := hello.Theory["ru"]; got != "# Привет\n" {
		t.Errorf("a Windows text was read as %q", got)
	}
	quiz := course.Lesson("quiz").Quiz
	if diff := cmp.Diff([]string{"that", "42"}, quiz[1].Answer); diff != "" {
		t.Error(diff)
	}
	if got := quiz[0].Options[0].Text["ru"]; got != "Yes." {
		t.Errorf("one text for all locales is %q in Russian", got)
	}
}

// change is a file to replace, or to remove when the content is "-".
type change struct{ file, old, new string }

func (c change) apply(t *testing.T, files map[string]string) {
	t.Helper()
	switch {
	case c.new == "-" && c.old == "":
		delete(files, c.file)
	case c.old == "":
		files[c.file] = c.new
	case !strings.Contains(files[c.file], c.old):
		t.Fatalf("%s does not contain %q", c.file, c.old)
	default:
		files[c.file] = strings.Replace(files[c.file], c.old, c.new, 1)
	}
}

func TestLoad_Problems(t *testing.T) {
	t.Parallel()
	const course, hello, quiz = "course.yaml", "lessons/hello/lesson.yaml", "lessons/quiz/quiz.yaml"
	tests := []struct {
		name   string
		change change
		want   string
	}{
		{"misspelt field", change{hello, "minutes: 5", "minutse: 5\nminutes: 5"},
			`lessons/hello/lesson.yaml:3: unknown field "minutse". Did you mean "minutes"?`},
		{"field written twice", change{hello, "points: 10", "points: 10\npoints: 11"},
			`lessons/hello/lesson.yaml:5: the field "points" is written twice. Keep one of them.`},
		{"not YAML", change{hello, "title: {en: Hello", "title: {en: [Hello"},
			`lessons/hello/lesson.yaml:1: this is not YAML`},
		{"no id", change{hello, "id: 6f1c2c52-6f0c-4a39-9d5e-0d3c6b1a7f10\n", ""},
			`lessons/hello/lesson.yaml:1: the field "id" is missing. Add a line like "id: `},
		{"id that is no UUID", change{hello, "id: 6f1c2c52-6f0c-4a39-9d5e-0d3c6b1a7f10", "id: hello"},
			`lessons/hello/lesson.yaml:1: "hello" is not a UUID.`},
		{"id of another lesson", change{hello, "6f1c2c52", "7c1c2c52"},
			`lessons/quiz/lesson.yaml: the id is also that of the lesson hello.`},
		{"minutes out of bounds", change{hello, "minutes: 5", "minutes: 5000"},
			`lessons/hello/lesson.yaml:3: "minutes" must be a whole number from 1 to 600, not "5000".`},
		{"title not translated", change{hello, "title: {en: Hello, ru: Привет}", "title: {en: Hello}"},
			`lessons/hello/lesson.yaml:2: "title" is missing in "ru". Add a line "ru: ...".`},
		{"title in a foreign locale", change{hello, "ru: Привет}", "ru: Привет, de: Hallo}"},
			`"title" is written in "de", which the course does not have.`},
		{"theory not translated", change{"lessons/hello/theory.ru.md", "", "-"},
			`lessons/hello/theory.ru.md: the file is missing: the course has the locale "ru".`},
		{"misspelt file name", change{"lessons/hello/theroy.en.md", "", "x"},
			`lessons/hello/theroy.en.md: "theroy.en.md" does not belong in a lesson folder. Did you mean "theory.en.md"?`},
		{"fewer hints in one locale", change{"lessons/hello/hints.ru.md", "## Два", "Два"},
			`lessons/hello/hints.ru.md: there are 1 hints here but 2 in "en".`},
		{"text before the first hint", change{"lessons/hello/hints.en.md", "## One", "One"},
			`lessons/hello/hints.en.md:1: the text before the first heading belongs to no hint.`},
		{"unknown environment", change{hello, "environment: shell", "environment: shel"},
			`lessons/hello/lesson.yaml:5: there is no environment "shel". Did you mean "shell"?`},
		{"pattern that matches nothing", change{hello, "learner: [main.sh]", "learner: [main.sh, mian.sh]"},
			`"mian.sh" matches no file of starter/ or solution/.`},
		{"pattern that includes a test", change{hello, "learner: [main.sh]", "learner: [main.*]"},
			`the learner's files include the test tests/main.bats.`},
		{"pattern out of the folder", change{hello, "learner: [main.sh]", "learner: [main.sh, ../x]"},
			`"../x" is not a pattern over the exercise's files.`},
		{"solution the learner could not write", change{hello, "learner: [main.sh]", "learner: [data.txt]"},
			`lessons/hello/solution/main.sh: this file is not among the learner's files`},
		{"no solution", change{"lessons/hello/solution/main.sh", "", "-"},
			`the folder solution/ has no files.`},
		{"marker without an end", change{"lessons/hello/solution/main.sh", "# END\n", ""},
			`lessons/hello/solution/main.sh:2: this BEGIN marker has no END after it.`},
		{"criterion with an unknown test", change{hello, "tests: [greets]\n    hint", "tests: [greet]\n    hint"},
			`no test with a title is called "greet". Did you mean "greets"?`},
		{"criterion with an unknown hint", change{hello, "hint: 2", "hint: 3"},
			`"hint" must be a whole number from 1 to 2, not "3".`},
		{"wrong solution without a folder", change{"lessons/hello/wrong/bye/main.sh", "", "-"},
			`the folder wrong/bye has no files.`},
		{"wrong solution without an entry", change{"lessons/hello/wrong/hi/main.sh", "", "x"},
			`lessons/hello/wrong/hi: lesson.yaml does not list this wrong solution.`},
		{"exercise parts without an environment", change{hello, "environment: shell\n", ""},
			`"run" needs an exercise. Add a line like "environment: shell" or remove it.`},
		{"limit out of bounds", change{hello, "wall_seconds: 20", "wall_seconds: 0"},
			`"wall_seconds" must be a whole number from 1 to 900, not "0".`},
		{"report out of the workspace", change{hello, ".carrel/report.tap", "../report.tap"},
			`"report" cannot be "../report.tap": the path leaves the folder with "..".`},
		{"canaries of an exit code", change{hello, "format: tap", "format: exit"},
			`an exit code says too little for the integrity level "canary".`},
		{"cases at another level", change{"lessons/hello/tests/cases.yaml", "", "cases: [{name: a, run: [a], want: {exit: 0}}]"},
			`tests in cases.yaml are checked at the integrity level "split" only. Write "integrity: split".`},
		{"variable that cannot be set", change{hello, `B: "2"`, `"B-C": "2"`},
			`"B-C" is not the name of an environment variable.`},
		{"preview of no program", change{hello, "run: [bash, main.sh]\n", ""},
			`"preview" needs a program.`},
		{"preview on a service's port", change{hello, "preview: 8000", "preview: 7000"},
			`lessons/hello/lesson.yaml:26: the service "store" uses port 7000 already.`},
		{"services without their network", change{hello, "network: services", "network: none"},
			`lessons/hello/lesson.yaml:29: services need the line "network: services". Add it.`},
		{"network of services without any", change{hello, "services:\n  - {name: postgres, env: {LANG: \"C\"}, seed: [schema.sql, data/rows.sql]}\n  - {name: store, environment: db, port: 7000}\n", ""},
			`lessons/hello/lesson.yaml:27: "network: services" needs services. Add a line like "services: [{name: postgres}]" or remove it.`},
		{"unknown service", change{hello, "name: postgres", "name: postgre"},
			`lessons/hello/lesson.yaml:29: there is no service environment "postgre". Did you mean "postgres"?`},
		{"service in an environment for exercises", change{hello, "environment: db", "environment: shell"},
			`there is no service environment "shell". Known are "postgres", "redis", "db" and "own".`},
		{"service with an impossible name", change{hello, "name: store", "name: localhost"},
			`"localhost" is not a name for a service.`},
		{"two services with one name", change{hello, "name: store", "name: postgres"},
			`lessons/hello/lesson.yaml:30: two services are called "postgres". Give one of them another name.`},
		{"two services on one port", change{hello, "name: postgres,", "name: postgres, port: 7000,"},
			`lessons/hello/lesson.yaml:30: the services "postgres" and "store" both use port 7000.`},
		{"two services on the usual port", change{hello, "environment: db, port: 7000", "environment: postgres"},
			`the services "postgres" and "store" both use the usual port of postgres. Give one of them another, such as "port: 15432".`},
		{"port that is none", change{hello, "port: 7000", "port: 70000"},
			`"port" must be a whole number from 1 to 65535, not "70000".`},
		{"seed that is not there", change{hello, "[schema.sql,", "[shema.sql,"},
			`lessons/hello/lesson.yaml:29: there is no file seed/shema.sql in the lesson's folder. Did you mean "schema.sql"?`},
		{"seed listed twice", change{hello, "data/rows.sql]", "schema.sql]"},
			`the seed "schema.sql" is listed twice. Keep one of them.`},
		{"seed no service takes", change{"lessons/hello/seed/more.sql", "", "x"},
			`lessons/hello/seed/more.sql: no service is seeded with this file.`},
		{"answer that is no option", change{quiz, "answer: a", "answer: c"},
			`lessons/quiz/quiz.yaml:6: the answer "c" is no option of the question.`},
		{"two answers to a single question", change{quiz, "answer: a", "answer: [a, b]"},
			`a question of kind "single" has one answer.`},
		{"unknown kind of question", change{quiz, "kind: single", "kind: singel"},
			`"kind" cannot be "singel". Write "single", "multiple", "text" or "order".`},
		{"question id used twice", change{quiz, "id: second", "id: first"},
			`the question id "first" is used twice.`},
		{"order that leaves one out", change{quiz, "kind: single", "kind: order"},
			`the answer must name all 2 options in the right order.`},
		{"image that is not there", change{"lessons/hello/assets/pipe.png", "", "-"},
			`lessons/hello/theory.en.md:3: the image leads to "assets/pipe.png", which is not there.`},
		{"image without a description", change{"lessons/hello/theory.en.md", "A pipe", ""},
			`lessons/hello/theory.en.md:3: the image has no description.`},
		{"link to no lesson", change{"lessons/hello/theory.en.md", "lesson:quiz", "lesson:quizz"},
			`the link leads to the lesson "quizz", which the course does not have. Did you mean "quiz"?`},
		{"link out of the lesson", change{"lessons/hello/theory.en.md", "lesson:quiz", "../quiz/x.md"},
			`the link "../quiz/x.md" leads out of the lesson.`},
		{"link that runs code", change{"lessons/hello/theory.en.md", "lesson:quiz", "javascript:alert(1)"},
			`the link "javascript:alert(1)" cannot be opened.`},
		{"raw HTML", change{"lessons/hello/task.en.md", "Do it.", "Do <b>it</b>."},
			`lessons/hello/task.en.md:1: raw HTML is not shown.`},
		{"lesson that is not there", change{course, "[hello, quiz]", "[hello, quiz, end]"},
			`course.yaml:13: there is no folder lessons/end.`},
		{"lesson that is not listed", change{"lessons/extra/lesson.yaml", "", "id: 1"},
			`lessons/extra: course.yaml does not list this lesson.`},
		{"lesson.yaml missing", change{"lessons/hello/lesson.yaml", "", "-"},
			`lessons/hello/lesson.yaml: the file is missing.`},
		{"prerequisite that is no lesson", change{"lessons/quiz/lesson.yaml", "[hello]", "[hallo]"},
			`the prerequisite "hallo" is no lesson of the course. Did you mean "hello"?`},
		{"lessons that wait for each other", change{hello, "points: 10", "prerequisites: [quiz]"},
			`the lesson needs itself through its prerequisites`},
		{"environment that is not pinned", change{course, "example.org/db@sha256:" + strings.Repeat("ab", 32), "postgres:17"},
			`the image "postgres:17" is not pinned.`},
		{"environment without a Dockerfile", change{"environments/own/Dockerfile", "", "-"},
			`the environment "own" has nothing to run.`},
		{"locale that is none", change{course, "locales: [en, ru]", "locales: [en, ru, klingon!]"},
			`"klingon!" is not a locale.`},
		{"name Windows reserves", change{"lessons/hello/starter/nul.txt", "", "x"},
			`lessons/hello/starter/nul.txt: the name "nul.txt" is reserved by Windows. Rename it.`},
		{"names that differ in case only", change{"lessons/hello/starter/Data.txt", "", "x"},
			`lessons/hello/starter/data.txt: some systems take this for the same file as "lessons/hello/starter/Data.txt".`},
		{"file that is too large", change{"lessons/hello/starter/big", "", strings.Repeat("x", lesson.MaxFileBytes+1)},
			`lessons/hello/starter/big: the file is larger than 16 MiB.`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			files := sound()
			tt.change.apply(t, files)
			_, err := lesson.Load(filesOf(files).FS())
			if err == nil {
				t.Fatal("the course was accepted")
			}
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("kind %q", fault.KindOf(err))
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("want a problem\n%s\ngot\n%v", tt.want, err)
			}
		})
	}
}

func TestLoad_TellsEveryProblem(t *testing.T) {
	t.Parallel()
	files := sound()
	for _, c := range []change{
		{"course.yaml", "licence", "license"},
		{"lessons/hello/lesson.yaml", "minutes: 5", "minutes: many"},
	} {
		c.apply(t, files)
	}
	_, err := lesson.Load(filesOf(files).FS())
	want := `course.yaml:5: unknown field "license". Did you mean "licence"?
lessons/hello/lesson.yaml:3: "minutes" must be a whole number from 1 to 600, not "many".`
	if err == nil || err.Error() != want {
		t.Errorf("want\n%s\ngot\n%v", want, err)
	}
	var invalid *lesson.InvalidError
	if !errors.As(err, &invalid) || len(invalid.Problems) != 2 || invalid.Problems[1].Lesson != "hello" {
		t.Errorf("got %#v", invalid)
	}
	if message, hint := fault.Sentence(err); message != "The course has 2 problems." || hint == "" {
		t.Errorf("a person is told %q, %q", message, hint)
	}
}

func TestLoadLenient_KeepsTheSoundLessons(t *testing.T) {
	t.Parallel()
	files := sound()
	change{"lessons/hello/lesson.yaml", "minutes: 5", "minutes: many"}.apply(t, files)
	course, problems, err := lesson.LoadLenient(filesOf(files).FS())
	if err != nil {
		t.Fatal(err)
	}
	if len(course.Lessons) != 1 || course.Lessons[0].Slug != "quiz" {
		t.Errorf("got the lessons %v", course.Lessons)
	}
	if len(problems) != 1 || problems[0].Lesson != "hello" {
		t.Errorf("got the problems %v", problems)
	}
}

func TestLoad_NoFolder(t *testing.T) {
	t.Parallel()
	_, err := lesson.Load(os.DirFS(filepath.Join(t.TempDir(), "absent")))
	if fault.KindOf(err) != fault.NotFound {
		t.Errorf("got %v", err)
	}
}

func TestLoad_Links(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for p, content := range sound() {
		name := filepath.Join(dir, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fromDisk, err := lesson.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	fromMemory, err := lesson.Load(filesOf(sound()).FS())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fromMemory, fromDisk); diff != "" {
		t.Errorf("the same course on disk (-memory +disk):\n%s", diff)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "lessons", "hello", "starter", "passwd")); err != nil {
		t.Fatal(err)
	}
	_, err = lesson.Load(os.DirFS(dir))
	want := "lessons/hello/starter/passwd: this is not a plain file. Put a copy of the file here instead of a link."
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}
