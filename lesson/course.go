// Package lesson holds the words and laws of courses: what a course, a lesson and an exercise are,
// how their files are read, and what makes them valid. It does no I/O beyond fs.FS and imports
// nothing but fault.
package lesson

import (
	"io/fs"
	"slices"

	"github.com/google/uuid"
)

// CourseID names a course, such as "first-steps": lower-case letters, digits and hyphens.
type CourseID string

// ID identifies a lesson for ever, whatever happens to its title, slug or place.
type ID = uuid.UUID

// Digest is "sha256:" and 64 hex digits over some content.
type Digest string

// Text is prose by locale, such as "en" and "ru".
type Text map[string]string

// In returns the text in locale, else in English, else in any locale, else "".
func (t Text) In(locale string) string {
	if s, ok := t[locale]; ok {
		return s
	}
	if s, ok := t["en"]; ok {
		return s
	}
	best := ""
	for l := range t {
		if best == "" || l < best {
			best = l
		}
	}
	return t[best]
}

// Course is an ordered list of lessons. It is immutable once loaded.
type Course struct {
	ID      CourseID
	Title   Text
	Summary Text
	Authors []string
	Licence string
	Tags    []string
	Locales []string
	Lessons []*Lesson

	Visibility Visibility
	Unlock     Unlock
	// Environments are those the course brings itself, beside the ones that ship with Carrel.
	Environments []EnvironmentSource
	// Assets are the images and attachments of the course, by path such as "assets/cover.png".
	Assets Files
	// Attribution says where the course comes from, when it was written elsewhere.
	Attribution string
}

// Visibility says who may see a published course.
type Visibility string

// The visibilities.
const (
	VisibilityPublic       Visibility = "public"
	VisibilityOrganisation Visibility = "organisation"
	VisibilityUnlisted     Visibility = "unlisted"
)

// Unlock says when a lesson opens.
type Unlock string

// The unlock rules.
const (
	UnlockLinear        Unlock = "linear"        // after the lesson before it
	UnlockPrerequisites Unlock = "prerequisites" // after the lessons it names
	UnlockFree          Unlock = "free"          // always
)

// EnvironmentSource is an environment a course brings itself: either a pinned image, or a folder to
// build with a Dockerfile in it.
type EnvironmentSource struct {
	Name  string
	Image string
	Build Files
}

// Lesson returns the lesson with this slug, or nil.
func (c *Course) Lesson(slug string) *Lesson {
	for _, l := range c.Lessons {
		if l.Slug == slug {
			return l
		}
	}
	return nil
}

// LessonByID returns the lesson with this id, or nil.
func (c *Course) LessonByID(id ID) *Lesson {
	for _, l := range c.Lessons {
		if l.ID == id {
			return l
		}
	}
	return nil
}

// Lesson has theory, an optional quiz and an optional exercise.
type Lesson struct {
	ID       ID
	Slug     string // folder name below lessons/, unique in the course
	Title    Text
	Minutes  int
	Points   int
	Theory   Text // Markdown
	Task     Text // Markdown
	Hints    []Text
	Criteria []Criterion
	// TestTitles names tests for people, by test id.
	TestTitles map[string]Text
	Quiz       []Question
	Exercise   *Exercise // nil when the lesson has none
	// Prerequisites are slugs of lessons to pass first, under UnlockPrerequisites.
	Prerequisites []string
	// Assets are the images and attachments of the lesson, by path such as "assets/pipe.png".
	Assets Files
	// Authors and Source give credit for a lesson that was written elsewhere.
	Authors []string
	Source  string
	// Version is the digest of everything that shapes a text or a verdict.
	Version Digest
}

// Criterion is one line of "What counts as done", proven by tests.
type Criterion struct {
	Title Text
	Tests []string
	Hint  string // number of the hint that helps, from "1"; empty when none does
}

// Exercise has starter files, tests, an environment and limits.
type Exercise struct {
	Environment Environment
	// Learner, ReadOnly and Hidden are globs (doublestar) over workspace paths. What no glob names is
	// read-only. Hidden files are there at check time only.
	Learner  []string
	ReadOnly []string
	Hidden   []string
	Check    Check
	// RunCommand starts the learner's program; empty when there is none.
	RunCommand []string
	Network    Network
	// Preview is the port on which the learner's program answers browsers; 0 when it does not.
	Preview uint16
	// Services run beside the environment, on NetworkServices.
	Services []Service
	// Main is the file shown first.
	Main string

	// Starter is what the learner gets, with the tests they may read: those no Hidden glob names.
	Starter  Files
	Solution Files // overlay on Starter: the reference
	Tests    Files // laid over the workspace at check time; wins over the learner's files
	Wrong    []WrongSolution
	// StarterPasses declares a refactoring exercise, whose starter passes its tests.
	StarterPasses bool
	// Skipped are ids of tests that ask to be skipped, on purpose.
	Skipped []string
}

// WrongSolution must fail, by the tests it names.
type WrongSolution struct {
	Name  string
	Files Files // overlay on Starter
	Tests []string
}

// Environment is what an exercise runs in. Name refers to an environment that ships with Carrel
// ("shell", "python") unless Image is set.
type Environment struct {
	Name  string
	Image string // name@digest of a foreign image
	// Build is the digest of the course's own build folder, see Course.Environments; empty for others.
	Build Digest
}

// ShippedEnvironments are the names of the environments that come with Carrel.
func ShippedEnvironments() []string {
	return []string{"shell", "python", "sql", "node", "c", "go", "ruby", "php"}
}

// ShippedServices are the names of the environments that come with Carrel to run beside an exercise.
func ShippedServices() []string { return []string{"postgres", "redis"} }

// Environments returns what has to be present for the exercise: its own environment and its services'.
func (e *Exercise) Environments() []Environment {
	all := []Environment{e.Environment}
	for _, s := range e.Services {
		if !slices.Contains(all, s.Environment) {
			all = append(all, s.Environment)
		}
	}
	return all
}

// Network is what the exercise may reach.
type Network string

// The network policies.
const (
	NetworkNone     Network = "none"
	NetworkServices Network = "services"
	NetworkInternet Network = "internet"
)

// Service is a program that runs beside an exercise in a container of its own, such as a database. The
// exercise reaches it on its own loopback and by the service's name.
type Service struct {
	Name        string      // host name, such as "postgres"
	Environment Environment // where it runs: one that ships with Carrel or the course's own
	Env         []string    // KEY=value
	Port        uint16      // 0: the one its language pack names
	// Seed are the files that bring it into its first state, in their order, by path below the lesson's
	// folder seed/; each check begins in that state.
	Seed []SeedFile
}

// SeedFile is one file a service starts with.
type SeedFile struct {
	Path string
	Data []byte
}

// Check tells how the exercise is checked. Empty fields take the environment's defaults.
type Check struct {
	Integrity string // "split", "canary" or "in_process"
	Command   []string
	Env       []string // KEY=value
	Format    string   // report format, see harness/testreport
	Report    string   // path of the report file the command writes, relative to the workspace
	Limits    Limits
}

// Limits bounds a check. Zero fields take the harness's defaults.
type Limits struct {
	CPUSeconds  int
	WallSeconds int
	MemoryMB    int
	Processes   int
	OutputKB    int
	DiskMB      int
}

// QuestionKind is how a quiz question is answered.
type QuestionKind string

// The kinds of questions.
const (
	QuestionSingle   QuestionKind = "single"
	QuestionMultiple QuestionKind = "multiple"
	QuestionText     QuestionKind = "text"
	QuestionOrder    QuestionKind = "order"
)

// Question is one quiz question with its answer.
type Question struct {
	ID          string
	Kind        QuestionKind
	Text        Text
	Options     []Option
	Answer      []string // option ids (in order for order), or accepted texts
	Explanation Text
}

// Option is one choice.
type Option struct {
	ID   string
	Text Text
}

// File is one file of a folder, by content.
type File struct {
	Data       []byte
	Executable bool
}

// Files is a folder by content: slash-separated relative paths to files.
type Files map[string]File

// Source is a course folder: on disk, embedded, or inside a bundle.
type Source = fs.FS
