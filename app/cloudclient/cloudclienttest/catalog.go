package cloudclienttest

import (
	"context"
	"strconv"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
	cloudv1 "github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1"
	"github.com/carrel-dev/carrel/proto/wire"
)

// maxPart is the most one part of a blob carries.
const maxPart = 1 << 20

// pageSize is small, so that tests with a few courses meet several pages.
const pageSize = 2

type catalogService struct{ *Cloud }

func (s catalogService) ListCourses(_ context.Context, req *cloudv1.ListCoursesRequest) (*cloudv1.ListCoursesResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := 0
	if token := req.GetPageToken(); token != "" {
		var err error
		if from, err = strconv.Atoi(token); err != nil || from < 0 || from > len(s.Courses) {
			return nil, fault.New(fault.Invalid, "The page does not exist.", "Start from the first one.")
		}
	}
	to := min(from+pageSize, len(s.Courses))
	resp := &cloudv1.ListCoursesResponse{}
	for _, course := range s.Courses[from:to] {
		resp.Courses = append(resp.Courses, wire.CourseSummaryToProto(course))
	}
	if to < len(s.Courses) {
		resp.NextPageToken = strconv.Itoa(to)
	}
	return resp, nil
}

func (s catalogService) PublishCourse(ctx context.Context, req *cloudv1.PublishCourseRequest) (*cloudv1.PublishCourseResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.caller(ctx); err != nil {
		return nil, err
	}
	digest := lesson.Digest(req.GetDigest())
	manifest, ok := s.blobs[digest]
	if !ok {
		return nil, fault.New(fault.NotFound, "The bundle has not been uploaded.", "Upload it first.")
	}
	course := wire.CourseSummary{ID: lesson.CourseID("course-" + digest[7:15]), Title: lesson.Text{"en": "A course"}}
	if s.Describe != nil {
		var err error
		if course, err = s.Describe(manifest); err != nil {
			return nil, err
		}
	}
	course.Digest = digest
	kept := s.Courses[:0:0]
	for _, old := range s.Courses {
		if old.ID != course.ID {
			kept = append(kept, old)
		}
	}
	s.Courses = append(kept, course)
	return &cloudv1.PublishCourseResponse{Course: wire.CourseSummaryToProto(course)}, nil
}

type bundleService struct{ *Cloud }

func (s bundleService) ReadBlob(_ context.Context, req *cloudv1.ReadBlobRequest) (*cloudv1.ReadBlobResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, ok := s.blobs[lesson.Digest(req.GetDigest())]
	if !ok {
		return nil, fault.New(fault.NotFound, "This content is not here.", "Look at the list of courses again.")
	}
	size := int64(len(data))
	from := req.GetOffset()
	if from < 0 || from > size {
		return nil, fault.New(fault.Invalid, "This content ends before that.", "Download it from the start.")
	}
	return &cloudv1.ReadBlobResponse{Data: data[from:min(from+maxPart, size)], TotalBytes: size}, nil
}

func (s bundleService) WriteBlob(ctx context.Context, req *cloudv1.WriteBlobRequest) (*cloudv1.WriteBlobResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.caller(ctx); err != nil {
		return nil, err
	}
	digest := lesson.Digest(req.GetDigest())
	if _, ok := s.blobs[digest]; ok {
		return &cloudv1.WriteBlobResponse{ReceivedBytes: req.GetTotalBytes()}, nil
	}
	part := s.uploads[digest]
	if len(req.GetData()) > maxPart || req.GetOffset() > int64(len(part)) {
		return nil, fault.New(fault.Invalid, "This part does not belong here.", "Upload from the start.")
	}
	if req.GetOffset() == int64(len(part)) {
		part = append(part, req.GetData()...)
		put(&s.uploads, digest, part)
	}
	if int64(len(part)) >= req.GetTotalBytes() {
		delete(s.uploads, digest)
		if lesson.DigestOf(part) != digest {
			return nil, fault.New(fault.Invalid, "The upload was damaged on the way.", "Upload it again.")
		}
		put(&s.blobs, digest, part)
	}
	return &cloudv1.WriteBlobResponse{ReceivedBytes: int64(len(part))}, nil
}
