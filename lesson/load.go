package lesson

import (
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
	"go.yaml.in/yaml/v3"
)

// Load reads a whole course folder. When anything is wrong with it, the error is an *InvalidError
// with every problem; a folder that cannot be read at all is a fault of kind NotFound.
func Load(fsys fs.FS) (*Course, error) {
	course, found, err := LoadLenient(fsys)
	if err != nil {
		return nil, err
	}
	if len(found) > 0 {
		return nil, &InvalidError{Problems: found}
	}
	return course, nil
}

// LoadLenient reads what can be read of a course folder: the course with its sound lessons, and
// every problem. The course is nil when course.yaml itself has no usable id. Problem.Lesson says
// which lesson was left out.
func LoadLenient(fsys fs.FS) (*Course, []Problem, error) {
	l := &loader{problems: &problems{}}
	var err error
	if l.tree, err = scan(fsys, l.problems); err != nil {
		return nil, nil, unreadable(err)
	}
	course := l.course()
	return course, l.problems.sorted(), nil
}

// loader reads one course folder.
type loader struct {
	tree     *tree
	problems *problems
	locales  []string
	// declared are the lessons course.yaml names, in order.
	declared []string
	// environments are the course's own, by name.
	environments map[string]Environment
}

var (
	slugForm   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	localeForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	imageForm  = regexp.MustCompile(`^[a-z0-9]+([._/:-]+[a-z0-9]+)*@sha256:[0-9a-f]{64}$`)
)

const maxSlug = 64

func (l *loader) course() *Course {
	const file = "course.yaml"
	if _, ok := l.tree.files[file]; !ok {
		l.problems.add(Problem{File: file, Message: "the file is missing. A course folder starts with it; the lessons are named there."})
		return nil
	}
	data, ok := l.tree.read(file, maxTextBytes)
	if !ok {
		return nil
	}
	d := &document{file: file, problems: l.problems}
	root := d.root(data)
	if root == nil {
		return nil
	}
	f := d.fields(root, "course.yaml", "id", "title", "summary", "authors", "licence", "attribution",
		"tags", "locales", "visibility", "unlock", "environments", "lessons")
	c := &Course{
		ID:          CourseID(d.str(d.required(root, f, "id", "id: my-course"), `"id"`)),
		Authors:     d.strs(f["authors"], `"authors"`),
		Licence:     d.str(f["licence"], `"licence"`),
		Attribution: d.str(f["attribution"], `"attribution"`),
		Tags:        d.strs(f["tags"], `"tags"`),
		Visibility:  Visibility(d.choice(f["visibility"], `"visibility"`, string(VisibilityPublic), string(VisibilityOrganisation), string(VisibilityUnlisted))),
		Unlock:      Unlock(d.choice(f["unlock"], `"unlock"`, string(UnlockLinear), string(UnlockPrerequisites), string(UnlockFree))),
	}
	if c.ID != "" && !validSlug(string(c.ID)) {
		d.errorf(f["id"], "%q is not a course id. Write lower-case letters, digits and hyphens, such as \"first-steps\".", c.ID)
		c.ID = ""
	}
	c.Locales = d.localeList(root, f)
	l.locales, d.locales = c.Locales, c.Locales
	c.Title = d.text(d.required(root, f, "title", "title: {en: My course}"), `"title"`)
	c.Summary = d.text(d.required(root, f, "summary", "summary: {en: What one learns here.}"), `"summary"`)
	c.Environments = l.environmentList(d, f["environments"])
	l.declareLessons(d, root, f)
	c.Assets = l.assets("")
	c.Lessons = l.lessons()
	if c.ID == "" {
		return nil
	}
	return c
}

func validSlug(s string) bool { return len(s) <= maxSlug && slugForm.MatchString(s) }

func (d *document) localeList(root *yaml.Node, f map[string]*yaml.Node) []string {
	n := d.required(root, f, "locales", "locales: [en]")
	var out []string
	for _, locale := range d.strs(n, `"locales"`) {
		switch {
		case !localeForm.MatchString(locale):
			d.errorf(n, "%q is not a locale. Write codes such as \"en\", \"ru\" or \"pt-BR\".", locale)
		case slices.Contains(out, locale):
			d.errorf(n, "the locale %q is listed twice. Keep one of them.", locale)
		default:
			out = append(out, locale)
		}
	}
	if n != nil && len(out) == 0 {
		d.errorf(n, "\"locales\" has no locale. Write at least one, such as \"locales: [en]\".")
	}
	return out
}

// environmentList reads the course's own environments: a pinned image, or a folder with a Dockerfile.
func (l *loader) environmentList(d *document, n *yaml.Node) []EnvironmentSource {
	l.environments = map[string]Environment{}
	var out []EnvironmentSource
	for _, pair := range d.pairs(n, `"environments"`) {
		name := pair[0].Value
		f := d.fields(pair[1], "the environment "+name, "image")
		source := EnvironmentSource{Name: name, Image: d.str(f["image"], `"image"`)}
		source.Build = l.tree.folder("environments/" + name)
		_, hasDockerfile := source.Build["Dockerfile"]
		switch {
		case !validSlug(name):
			d.errorf(pair[0], "%q is not an environment name. Write lower-case letters, digits and hyphens.", name)
		case source.Image != "" && source.Build != nil:
			d.errorf(pair[0], "the environment %q has an image and a folder environments/%s. Keep one of them.", name, name)
		case source.Image != "" && !imageForm.MatchString(source.Image):
			d.errorf(f["image"], "the image %q is not pinned. Write it as \"name@sha256:...\", so that it never changes under a lesson.", source.Image)
		case source.Image == "" && !hasDockerfile:
			d.errorf(pair[0], "the environment %q has nothing to run. Add \"image: name@sha256:...\" here or a file environments/%s/Dockerfile.", name, name)
		}
		environment := Environment{Name: name, Image: source.Image}
		if source.Build != nil {
			environment.Build = source.Build.Digest()
		}
		l.environments[name] = environment
		out = append(out, source)
	}
	for _, child := range l.tree.children("environments") {
		if name := strings.TrimSuffix(child, "/"); l.environments[name].Name == "" {
			l.problems.add(Problem{File: "environments/" + name, Message: "course.yaml does not name this environment. Add it under \"environments\" or remove it."})
		}
	}
	return out
}

// declareLessons reads the order of the lessons and compares it with the folders that are there.
func (l *loader) declareLessons(d *document, root *yaml.Node, f map[string]*yaml.Node) {
	n := d.required(root, f, "lessons", "lessons: [hello]")
	for _, item := range d.items(n, `"lessons"`) {
		slug := d.str(item, "each lesson")
		switch {
		case slug == "":
		case !validSlug(slug):
			d.errorf(item, "%q is not a lesson's folder name. Write lower-case letters, digits and hyphens.", slug)
		case slices.Contains(l.declared, slug):
			d.errorf(item, "the lesson %q is listed twice. Keep one of them.", slug)
		case !l.tree.dirs["lessons/"+slug] && len(l.tree.below("lessons/"+slug)) == 0:
			d.errorf(item, "there is no folder lessons/%s. %s", slug, suggest(slug, l.folders()))
		default:
			l.declared = append(l.declared, slug)
		}
	}
	if n != nil && len(n.Content) == 0 {
		d.errorf(n, "the course has no lessons. List at least one folder of lessons/.")
	}
	for _, slug := range l.folders() {
		if !slices.Contains(l.declared, slug) {
			l.problems.add(Problem{File: "lessons/" + slug, Lesson: slug,
				Message: "course.yaml does not list this lesson. Add it under \"lessons\" where it belongs, or remove the folder."})
		}
	}
}

// folders returns the names of the folders below lessons/.
func (l *loader) folders() []string {
	var out []string
	for _, child := range l.tree.children("lessons") {
		if slug, ok := strings.CutSuffix(child, "/"); ok {
			out = append(out, slug)
		}
	}
	return out
}

// assets returns the assets folder below dir, by paths such as "assets/pipe.png".
func (l *loader) assets(dir string) Files {
	var out Files
	for p, file := range l.tree.folder(dir + "assets") {
		if out == nil {
			out = Files{}
		}
		out["assets/"+p] = file
	}
	return out
}

// lessons returns the lessons without problems, in order.
func (l *loader) lessons() []*Lesson {
	var read []*Lesson
	for _, slug := range l.declared {
		if lesson := l.lesson(slug); lesson != nil {
			read = append(read, lesson)
		}
	}
	l.checkIDs(read)
	l.checkPrerequisites(read)
	return slices.DeleteFunc(read, func(lesson *Lesson) bool { return l.problems.breaks(lesson.Slug) })
}

// checkIDs reports ids that two lessons share: progress is kept by id.
func (l *loader) checkIDs(lessons []*Lesson) {
	first := map[ID]string{}
	for _, lesson := range lessons {
		if lesson.ID == uuid.Nil {
			continue
		}
		if other, ok := first[lesson.ID]; ok {
			file := "lessons/" + lesson.Slug + "/lesson.yaml"
			l.problems.add(Problem{File: file, Lesson: lesson.Slug, Message: "the id is also that of the lesson " + other +
				". Give this lesson a new UUID, because progress is kept by id."})
			continue
		}
		first[lesson.ID] = lesson.Slug
	}
}

// checkPrerequisites reports prerequisites that do not exist or that wait for each other.
func (l *loader) checkPrerequisites(lessons []*Lesson) {
	needs := map[string][]string{}
	for _, lesson := range lessons {
		needs[lesson.Slug] = lesson.Prerequisites
	}
	for _, lesson := range lessons {
		file := "lessons/" + lesson.Slug + "/lesson.yaml"
		for _, slug := range lesson.Prerequisites {
			if !slices.Contains(l.declared, slug) {
				l.problems.add(Problem{File: file, Lesson: lesson.Slug,
					Message: "the prerequisite \"" + slug + "\" is no lesson of the course. " + suggest(slug, l.declared)})
			}
		}
		if reaches(needs, lesson.Slug, lesson.Slug, map[string]bool{}) {
			l.problems.add(Problem{File: file, Lesson: lesson.Slug,
				Message: "the lesson needs itself through its prerequisites, so it could never open. Remove one of them."})
		}
	}
}

func reaches(needs map[string][]string, from, to string, seen map[string]bool) bool {
	for _, next := range needs[from] {
		if next == to {
			return true
		}
		if !seen[next] {
			seen[next] = true
			if reaches(needs, next, to, seen) {
				return true
			}
		}
	}
	return false
}

// environment returns the environment with this name.
func (l *loader) environment(name string) (Environment, bool) {
	if own, ok := l.environments[name]; ok {
		return own, true
	}
	return Environment{Name: name}, slices.Contains(ShippedEnvironments(), name)
}

// environmentNames returns every name a lesson may use.
func (l *loader) environmentNames() []string {
	return append(ShippedEnvironments(), l.ownEnvironments()...)
}

// ownEnvironments returns the names of the course's own.
func (l *loader) ownEnvironments() []string { return slices.Sorted(maps.Keys(l.environments)) }
