package bundle

import (
	"bytes"
	"encoding/json"

	"github.com/carrel-dev/carrel/lesson"
)

// Metadata is what a library shows of a course without fetching its lessons: the config blob.
type Metadata struct {
	Format      int               `json:"format"` // 1
	ID          lesson.CourseID   `json:"id"`
	Title       lesson.Text       `json:"title"`
	Summary     lesson.Text       `json:"summary"`
	Authors     []string          `json:"authors,omitempty"`
	Licence     string            `json:"licence,omitempty"`
	Attribution string            `json:"attribution,omitempty"`
	Tags        []string          `json:"tags,omitempty"`
	Locales     []string          `json:"locales"`
	Visibility  lesson.Visibility `json:"visibility"`
	Unlock      lesson.Unlock     `json:"unlock"`
	Lessons     []Lesson          `json:"lessons"`
}

// Lesson is a lesson in Metadata, in course order.
type Lesson struct {
	ID            lesson.ID          `json:"id"`
	Slug          string             `json:"slug"`
	Title         lesson.Text        `json:"title"`
	Minutes       int                `json:"minutes"`
	Points        int                `json:"points,omitempty"`
	Prerequisites []string           `json:"prerequisites,omitempty"`
	HasExercise   bool               `json:"has_exercise"`
	HasQuiz       bool               `json:"has_quiz"`
	Environment   lesson.Environment `json:"environment"`
	Version       lesson.Digest      `json:"version"`
	SizeBytes     int64              `json:"size_bytes"` // of the lesson's layer, compressed
}

func metadataOf(c *lesson.Course) Metadata {
	m := Metadata{
		Format: 1, ID: c.ID, Title: c.Title, Summary: c.Summary, Authors: c.Authors, Licence: c.Licence,
		Attribution: c.Attribution, Tags: c.Tags, Locales: c.Locales, Visibility: c.Visibility, Unlock: c.Unlock,
	}
	for _, l := range c.Lessons {
		entry := Lesson{ID: l.ID, Slug: l.Slug, Title: l.Title, Minutes: l.Minutes, Points: l.Points,
			Prerequisites: l.Prerequisites, HasExercise: l.Exercise != nil, HasQuiz: len(l.Quiz) > 0, Version: l.Version}
		if l.Exercise != nil {
			entry.Environment = l.Exercise.Environment
		}
		m.Lessons = append(m.Lessons, entry)
	}
	return m
}

// ReadMetadata returns the metadata of a bundle from its manifest and config blob, after proving that
// they belong together.
func ReadMetadata(manifest, config []byte) (*Metadata, error) {
	m, err := readManifest(manifest)
	if err != nil {
		return nil, err
	}
	if err := verify(m.Config, config); err != nil {
		return nil, err
	}
	return decodeMetadata(config)
}

func decodeMetadata(config []byte) (*Metadata, error) {
	var metadata Metadata
	if err := json.NewDecoder(bytes.NewReader(config)).Decode(&metadata); err != nil {
		return nil, damaged(err)
	}
	if metadata.Format != 1 {
		return nil, tooNew()
	}
	return &metadata, nil
}
