package catalog

import (
	"context"
	"slices"
	"sync"

	"github.com/carrel-dev/carrel/lesson"
)

// maxShelf bounds how many courses are kept loaded; a course is at most a few MB of text.
const maxShelf = 16

// shelf keeps the courses that were used last. It is safe for concurrent use.
type shelf struct {
	mu     sync.Mutex
	places []*place // the last used one at the end
}

type place struct {
	digest lesson.Digest
	mu     sync.Mutex // held while loading, so that a course is loaded once
	course *lesson.Course
}

func newShelf() *shelf { return &shelf{} }

// course returns the course in a bundle, which load loads when it is not on the shelf.
func (s *shelf) course(ctx context.Context, digest lesson.Digest, load func(context.Context) (*lesson.Course, error)) (*lesson.Course, error) {
	p := s.place(digest)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.course != nil {
		return p.course, nil
	}
	course, err := load(ctx)
	if err != nil {
		return nil, err // the place stays empty for the next one to try
	}
	p.course = course
	return course, nil
}

func (s *shelf) place(digest lesson.Digest) *place {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.places, func(p *place) bool { return p.digest == digest })
	if i < 0 {
		s.places = append(s.places, &place{digest: digest})
		if len(s.places) > maxShelf {
			s.places = slices.Delete(s.places, 0, 1)
		}
		return s.places[len(s.places)-1]
	}
	found := s.places[i]
	s.places = append(slices.Delete(s.places, i, i+1), found)
	return found
}
