// Package exercism imports tracks of exercism.org, as they are kept in git, into Carrel's own course
// format. The imported course stands alone: the track is not needed afterwards.
package exercism

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
	"github.com/carrel-dev/carrel/lesson/folder"
	"github.com/carrel-dev/carrel/lesson/importer"
)

// Options of an import. The zero value imports everything in silence.
type Options struct {
	// Only are the slugs to import; empty for all.
	Only []string
	// Progress is called after each exercise, on the calling goroutine.
	Progress func(done, total int, slug string)
}

// Import reads the track in src and writes a course folder to out, with its report beside it. An
// exercise that cannot be imported is told in the report and left out; nothing is written when no
// exercise can be. Importing again gives the same lesson ids, so progress is kept.
func Import(ctx context.Context, src fs.FS, out string, opts Options) (importer.Report, error) {
	course, report, licence, err := convert(ctx, src, opts)
	if err != nil {
		return report, err
	}
	files, err := settle(course, &report)
	if err != nil {
		return report, err
	}
	reportFiles, err := report.Files()
	if err != nil {
		return report, err
	}
	files = files.Overlay(reportFiles)
	if licence != nil {
		files["LICENSE"] = lesson.NewFile(licence)
	}
	return report, folder.Write(ctx, out, files)
}

// convert makes a course of the track.
func convert(ctx context.Context, src fs.FS, opts Options) (*lesson.Course, importer.Report, []byte, error) {
	report := importer.Report{Format: "exercism"}
	t, err := openTree(src)
	if err != nil {
		return nil, report, nil, fault.Wrap(err, fault.NotFound, "The folder of the track cannot be read.",
			"Give the folder of a track's git repository, such as exercism/python.")
	}
	var config trackConfig
	if line, err := t.decode("config.json", &config); err != nil {
		report.Problems = append(report.Problems, lesson.Problem{File: "config.json", Line: line, Message: err.Error() + "."})
		return nil, report, nil, &lesson.InvalidError{Problems: report.Problems}
	}
	known, ok := languages()[config.Slug]
	if !ok {
		return nil, report, nil, fault.New(fault.Invalid, fmt.Sprintf("The track %q cannot be imported yet.", config.Slug),
			"Tracks that can are "+strings.Join(slices.Sorted(maps.Keys(languages())), " and ")+".")
	}
	licence, _ := t.read("LICENSE")
	course := newCourse(config, string(licence))
	report.Course = course.ID
	c := converter{tree: t, config: config, language: known, report: &report, teaches: map[string]string{}}
	entries := c.wanted(config.entries(), opts.Only)
	for i, e := range entries {
		if err := ctx.Err(); err != nil {
			return nil, report, nil, fmt.Errorf("importing: %w", err)
		}
		if l := c.exercise(e); l != nil {
			course.Lessons = append(course.Lessons, l)
		}
		if opts.Progress != nil {
			opts.Progress(i+1, len(entries), e.Slug)
		}
	}
	c.linkPrerequisites(course)
	return course, report, licence, nil
}

func newCourse(config trackConfig, licence string) *lesson.Course {
	address := "https://github.com/exercism/" + config.Slug
	course := &lesson.Course{
		ID:          lesson.CourseID("exercism-" + config.Slug),
		Title:       lesson.Text{"en": "Exercism: " + config.Language},
		Summary:     lesson.Text{"en": firstParagraph(config.Blurb)},
		Authors:     []string{"Exercism and its contributors"},
		Attribution: "Imported from the Exercism " + config.Language + " track, " + address + ".",
		Tags:        []string{config.Slug, "exercism"},
		Locales:     []string{"en"},
		Visibility:  lesson.VisibilityUnlisted,
		Unlock:      lesson.UnlockFree,
	}
	if course.Summary["en"] == "" {
		course.Summary["en"] = "The exercises of the Exercism " + config.Language + " track."
	}
	if strings.Contains(licence, "MIT License") {
		course.Licence = "MIT"
	}
	return course
}

func firstParagraph(s string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(s), "\n\n")
	return strings.Join(strings.Fields(first), " ")
}

// wanted returns the entries to import and reports the others.
func (c *converter) wanted(entries []entry, only []string) []entry {
	var out []entry
	for _, e := range entries {
		if len(only) > 0 && !slices.Contains(only, e.Slug) {
			continue
		}
		switch e.Status {
		case "", "active", "beta":
			out = append(out, e)
		default:
			c.report.Add(importer.Exercise{Slug: e.Slug, Title: e.Name, Import: importer.Skipped,
				Reason: fmt.Sprintf("The track marks it as %q.", e.Status)})
		}
	}
	for _, slug := range only {
		if !slices.ContainsFunc(entries, func(e entry) bool { return e.Slug == slug }) {
			c.report.Add(importer.Exercise{Slug: slug, Import: importer.Broken, Reason: "The track has no such exercise."})
		}
	}
	return out
}

// settle leaves out the lessons that would not be sound in our format, each with its problems, and
// returns the folder of the others.
func settle(course *lesson.Course, report *importer.Report) (lesson.Files, error) {
	for {
		if len(course.Lessons) == 0 {
			return nil, fault.Wrap(&lesson.InvalidError{Problems: append([]lesson.Problem{{File: "config.json",
				Message: "no exercise could be imported."}}, report.Problems...)},
				fault.Invalid, "No exercise of the track could be imported.", "The report says why for each of them.")
		}
		files, err := lesson.Encode(course)
		if err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "The imported course cannot be written.", "Import fewer exercises at once.")
		}
		_, problems, err := lesson.LoadLenient(files.FS())
		if err != nil {
			return nil, err
		}
		if len(problems) == 0 {
			return files, nil
		}
		if !leaveOut(course, report, problems) {
			return nil, &lesson.InvalidError{Problems: problems}
		}
	}
}

// leaveOut removes the lessons with problems and reports whether there were any.
func leaveOut(course *lesson.Course, report *importer.Report, problems []lesson.Problem) bool {
	broken := map[string]bool{}
	for _, p := range problems {
		if p.Lesson != "" {
			broken[p.Lesson] = true
			report.Problems = append(report.Problems, p)
		}
	}
	for slug := range broken {
		report.Break(slug, "Its content is not sound in our format, see the problems below.")
	}
	course.Lessons = slices.DeleteFunc(course.Lessons, func(l *lesson.Lesson) bool { return broken[l.Slug] })
	for _, l := range course.Lessons {
		l.Prerequisites = slices.DeleteFunc(l.Prerequisites, func(slug string) bool { return broken[slug] })
	}
	return len(broken) > 0
}
