package lesson

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// schemaAddress is where editors find the schemas that each file names in its first line.
const schemaAddress = "https://raw.githubusercontent.com/carrel-dev/carrel/main/lesson/schema/"

// Encode returns the course as a folder in the native format. Loading it gives the course again,
// except that starter files cut from marked references become files of their own.
func Encode(c *Course) (Files, error) {
	out := Files{}
	root := courseYAML{
		ID: c.ID, Title: c.Title, Summary: c.Summary, Authors: c.Authors, Licence: c.Licence,
		Attribution: c.Attribution, Tags: c.Tags, Locales: c.Locales, Visibility: c.Visibility, Unlock: c.Unlock,
	}
	for _, environment := range c.Environments {
		if root.Environments == nil {
			root.Environments = map[string]environmentYAML{}
		}
		root.Environments[environment.Name] = environmentYAML{Image: environment.Image}
		put(out, "environments/"+environment.Name+"/", environment.Build)
	}
	put(out, "", c.Assets)
	for _, lesson := range c.Lessons {
		root.Lessons = append(root.Lessons, lesson.Slug)
		if err := encodeLesson(out, lesson); err != nil {
			return nil, fmt.Errorf("encoding lesson %s: %w", lesson.Slug, err)
		}
	}
	if err := putYAML(out, "course.yaml", "course", root); err != nil {
		return nil, fmt.Errorf("encoding course %s: %w", c.ID, err)
	}
	return out, CheckPaths(out.Paths())
}

func put(out Files, prefix string, files Files) {
	for p, file := range files {
		out[prefix+p] = NewFile(file.Data)
	}
}

func putYAML(out Files, p, schema string, value any) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# yaml-language-server: $schema=%s%s.schema.json\n", schemaAddress, schema)
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	if err := encoder.Close(); err != nil {
		return err
	}
	out[p] = NewFile(b.Bytes())
	return nil
}

func encodeLesson(out Files, lesson *Lesson) error {
	dir := "lessons/" + lesson.Slug + "/"
	root := lessonYAML{
		ID: lesson.ID.String(), Title: lesson.Title, Minutes: lesson.Minutes, Points: lesson.Points,
		Prerequisites: lesson.Prerequisites, Authors: lesson.Authors, Source: lesson.Source, TestTitles: lesson.TestTitles,
	}
	for _, c := range lesson.Criteria {
		hint := 0
		if c.Hint != "" {
			var err error
			if hint, err = strconv.Atoi(c.Hint); err != nil {
				return fmt.Errorf("reading the number of a hint: %w", err)
			}
		}
		root.Criteria = append(root.Criteria, criterionYAML{c.Title, c.Tests, hint})
	}
	if e := lesson.Exercise; e != nil {
		root.exercise(e)
		starter := Files{}
		for p, file := range e.Starter {
			if test, shared := e.Tests[p]; !shared || !test.Equal(file) {
				starter[p] = file // tests the learner may read come from tests/ on loading
			}
		}
		put(out, dir+"starter/", starter)
		put(out, dir+"solution/", e.Solution)
		put(out, dir+"tests/", e.Tests)
		for _, w := range e.Wrong {
			put(out, dir+"wrong/"+w.Name+"/", w.Files)
		}
		for _, s := range e.Services {
			for _, seed := range s.Seed {
				out[dir+"seed/"+seed.Path] = NewFile(seed.Data)
			}
		}
	}
	put(out, dir, lesson.Assets)
	putText(out, dir+"theory", lesson.Theory)
	putText(out, dir+"task", lesson.Task)
	hints := map[string]*strings.Builder{}
	for _, hint := range lesson.Hints {
		for locale, text := range hint {
			if hints[locale] == nil {
				hints[locale] = &strings.Builder{}
			} else {
				hints[locale].WriteString("\n")
			}
			hints[locale].WriteString(text)
		}
	}
	for locale, b := range hints {
		out[dir+"hints."+locale+".md"] = NewFile([]byte(b.String()))
	}
	if len(lesson.Quiz) > 0 {
		if err := putYAML(out, dir+"quiz.yaml", "quiz", quizOf(lesson.Quiz)); err != nil {
			return err
		}
	}
	return putYAML(out, dir+"lesson.yaml", "lesson", root)
}

func putText(out Files, prefix string, text Text) {
	for locale, s := range text {
		out[prefix+"."+locale+".md"] = NewFile([]byte(s))
	}
}

type courseYAML struct {
	ID           CourseID
	Title        Text
	Summary      Text
	Authors      []string `yaml:",omitempty"`
	Licence      string   `yaml:",omitempty"`
	Attribution  string   `yaml:",omitempty"`
	Tags         []string `yaml:",flow,omitempty"`
	Locales      []string `yaml:",flow"`
	Visibility   Visibility
	Unlock       Unlock
	Environments map[string]environmentYAML `yaml:",omitempty"`
	Lessons      []string
}

type environmentYAML struct {
	Image string `yaml:",omitempty"`
}

type lessonYAML struct {
	ID            string
	Title         Text
	Minutes       int
	Points        int             `yaml:",omitempty"`
	Prerequisites []string        `yaml:",flow,omitempty"`
	Authors       []string        `yaml:",flow,omitempty"`
	Source        string          `yaml:",omitempty"`
	Environment   string          `yaml:",omitempty"`
	Main          string          `yaml:",omitempty"`
	Run           []string        `yaml:",flow,omitempty"`
	Preview       uint16          `yaml:",omitempty"`
	Network       Network         `yaml:",omitempty"`
	Services      []serviceYAML   `yaml:",omitempty"`
	Files         *filesYAML      `yaml:",omitempty"`
	Check         *checkYAML      `yaml:",omitempty"`
	StarterPasses bool            `yaml:"starter_passes,omitempty"`
	SkippedTests  []string        `yaml:"skipped_tests,omitempty"`
	Criteria      []criterionYAML `yaml:",omitempty"`
	TestTitles    map[string]Text `yaml:"test_titles,omitempty"`
	Wrong         []wrongYAML     `yaml:",omitempty"`
}

type serviceYAML struct {
	Name        string
	Environment string
	Port        uint16            `yaml:",omitempty"`
	Env         map[string]string `yaml:",omitempty"`
	Seed        []string          `yaml:",flow,omitempty"`
}

type filesYAML struct {
	Learner  []string `yaml:",flow"`
	ReadOnly []string `yaml:"readonly,flow,omitempty"`
	Hidden   []string `yaml:",flow,omitempty"`
}

type checkYAML struct {
	Integrity string            `yaml:",omitempty"`
	Command   []string          `yaml:",flow,omitempty"`
	Env       map[string]string `yaml:",omitempty"`
	Format    string            `yaml:",omitempty"`
	Report    string            `yaml:",omitempty"`
	Limits    *limitsYAML       `yaml:",omitempty"`
}

type limitsYAML struct {
	CPUSeconds  int `yaml:"cpu_seconds,omitempty"`
	WallSeconds int `yaml:"wall_seconds,omitempty"`
	MemoryMB    int `yaml:"memory_mb,omitempty"`
	Processes   int `yaml:"processes,omitempty"`
	OutputKB    int `yaml:"output_kb,omitempty"`
	DiskMB      int `yaml:"disk_mb,omitempty"`
}

type criterionYAML struct {
	Title Text
	Tests []string
	Hint  int `yaml:",omitempty"`
}

type wrongYAML struct {
	Name  string
	Tests []string
}

func (y *lessonYAML) exercise(e *Exercise) {
	y.Environment, y.Main, y.Run, y.Preview = e.Environment.Name, e.Main, e.RunCommand, e.Preview
	y.StarterPasses, y.SkippedTests = e.StarterPasses, e.Skipped
	if e.Network != NetworkNone {
		y.Network = e.Network
	}
	for _, s := range e.Services {
		service := serviceYAML{Name: s.Name, Environment: s.Environment.Name, Port: s.Port, Env: envOf(s.Env)}
		for _, seed := range s.Seed {
			service.Seed = append(service.Seed, seed.Path)
		}
		y.Services = append(y.Services, service)
	}
	y.Files = &filesYAML{e.Learner, e.ReadOnly, e.Hidden}
	check := checkYAML{Integrity: e.Check.Integrity, Command: e.Check.Command, Format: e.Check.Format, Report: e.Check.Report}
	check.Env = envOf(e.Check.Env)
	if e.Check.Limits != (Limits{}) {
		limits := limitsYAML(e.Check.Limits)
		check.Limits = &limits
	}
	y.Check = &check
	for _, w := range e.Wrong {
		y.Wrong = append(y.Wrong, wrongYAML{w.Name, w.Tests})
	}
}

func envOf(pairs []string) map[string]string {
	var out map[string]string
	for _, pair := range pairs {
		if out == nil {
			out = map[string]string{}
		}
		name, value, _ := strings.Cut(pair, "=")
		out[name] = value
	}
	return out
}

type quizYAML struct {
	Questions []questionYAML
}

type questionYAML struct {
	ID          string
	Kind        QuestionKind
	Text        Text
	Options     []optionYAML `yaml:",omitempty"`
	Answer      []string     `yaml:",flow"`
	Explanation Text
}

type optionYAML struct {
	ID   string
	Text Text
}

func quizOf(questions []Question) quizYAML {
	var out quizYAML
	for _, q := range questions {
		y := questionYAML{ID: q.ID, Kind: q.Kind, Text: q.Text, Answer: slices.Clone(q.Answer), Explanation: q.Explanation}
		for _, o := range q.Options {
			y.Options = append(y.Options, optionYAML(o))
		}
		out.Questions = append(out.Questions, y)
	}
	return out
}
