// Package catalog publishes courses and finds them again. Bundles are in an object store, what lists
// show in a database; both are given to it. It is a domain package and knows no transport.
package catalog

import (
	"context"
	"encoding/base64"
	"encoding/json"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

// Summary is a published course in a list. Its JSON form is what the store keeps.
type Summary struct {
	ID         lesson.CourseID   `json:"id"`
	Title      lesson.Text       `json:"title"`
	Summary    lesson.Text       `json:"summary"`
	Tags       []string          `json:"tags"`
	Locales    []string          `json:"locales"`
	Visibility lesson.Visibility `json:"visibility"`
	Lessons    []LessonSummary   `json:"lessons"`
	Digest     lesson.Digest     `json:"digest"` // of the bundle's manifest
	SizeBytes  int64             `json:"size_bytes"`
}

// LessonSummary is a lesson in a list.
type LessonSummary struct {
	ID          lesson.ID     `json:"id"`
	Slug        string        `json:"slug"`
	Title       lesson.Text   `json:"title"`
	Minutes     int           `json:"minutes"`
	HasExercise bool          `json:"has_exercise"`
	HasQuiz     bool          `json:"has_quiz"`
	Version     lesson.Digest `json:"version"`
}

func summarise(course *lesson.Course, digest lesson.Digest, size int64) Summary {
	out := Summary{
		ID: course.ID, Title: course.Title, Summary: course.Summary, Tags: course.Tags, Locales: course.Locales,
		Visibility: course.Visibility, Digest: digest, SizeBytes: size,
	}
	for _, l := range course.Lessons {
		out.Lessons = append(out.Lessons, LessonSummary{
			ID: l.ID, Slug: l.Slug, Title: l.Title, Minutes: l.Minutes,
			HasExercise: l.Exercise != nil, HasQuiz: len(l.Quiz) > 0, Version: l.Version,
		})
	}
	return out
}

// Place is where a page of a list starts: after the course with this title and id.
type Place struct {
	Title string          `json:"title"`
	ID    lesson.CourseID `json:"id"`
}

// titleLocale is the locale whose titles order the list: one order for everybody makes pages cheap.
const titleLocale = "en"

// PlaceOf returns the place of a course in the list.
func PlaceOf(s Summary) Place { return Place{Title: s.Title.In(titleLocale), ID: s.ID} }

// Store keeps what was published. Errors are faults.
type Store interface {
	// Publish makes a version the newest of its course, atomically. Publishing the digest that is the
	// newest already changes nothing; an older digest becomes the newest again. The zero publisher is the
	// server itself, which does not replace what a person published.
	Publish(ctx context.Context, publisher uuid.UUID, summary Summary) error
	// List returns the newest version of each public course after a place, at most limit.
	List(ctx context.Context, after Place, limit int) ([]Summary, error)
	// BundleOf returns the digest of a bundle that holds a version of a lesson, or a NotFound fault.
	BundleOf(ctx context.Context, id lesson.ID, version lesson.Digest) (lesson.Digest, error)
}

const (
	defaultPage = 50
	largestPage = 200
)

// List returns a page of the public courses by title, and the token of the next page, empty on the last
// one.
func (s *Service) List(ctx context.Context, pageSize int, pageToken string) (page []Summary, next string, err error) {
	after, err := parsePageToken(pageToken)
	if err != nil {
		return nil, "", err
	}
	if pageSize <= 0 {
		pageSize = defaultPage
	}
	pageSize = min(pageSize, largestPage)
	// One more than asked for tells whether there is a next page.
	page, err = s.store.List(ctx, after, pageSize+1)
	if err != nil {
		return nil, "", err
	}
	if len(page) > pageSize {
		page = page[:pageSize]
		next = pageTokenOf(PlaceOf(page[pageSize-1]))
	}
	return page, next, nil
}

func pageTokenOf(place Place) string {
	text, err := json.Marshal(place)
	if err != nil {
		return "" // strings always encode
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func parsePageToken(token string) (Place, error) {
	var place Place
	if token == "" {
		return place, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		err = json.Unmarshal(text, &place)
	}
	if err != nil {
		return Place{}, fault.Wrap(err, fault.Invalid, "This page of the list does not exist.", "Start from the first page.")
	}
	return place, nil
}
