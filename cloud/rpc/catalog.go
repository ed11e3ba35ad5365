package rpc

import (
	"context"

	"github.com/carrel-dev/carrel/cloud/blob"
	"github.com/carrel-dev/carrel/cloud/catalog"
	"github.com/carrel-dev/carrel/lesson"
	cloudv1 "github.com/carrel-dev/carrel/proto/gen/carrel/cloud/v1"
	lessonv1 "github.com/carrel-dev/carrel/proto/gen/carrel/lesson/v1"
	"github.com/carrel-dev/carrel/proto/wire"
)

type catalogHandler struct{ catalog *catalog.Service }

// ListCourses implements CatalogService.
func (h *catalogHandler) ListCourses(ctx context.Context, req *cloudv1.ListCoursesRequest) (*cloudv1.ListCoursesResponse, error) {
	page, next, err := h.catalog.List(ctx, int(req.GetPageSize()), req.GetPageToken())
	if err != nil {
		return nil, err
	}
	response := &cloudv1.ListCoursesResponse{NextPageToken: next}
	for _, summary := range page {
		response.Courses = append(response.Courses, summaryToProto(summary))
	}
	return response, nil
}

// PublishCourse implements CatalogService.
func (h *catalogHandler) PublishCourse(ctx context.Context, req *cloudv1.PublishCourseRequest) (*cloudv1.PublishCourseResponse, error) {
	summary, err := h.catalog.Publish(ctx, callerOf(ctx).ID, lesson.Digest(req.GetDigest()))
	if err != nil {
		return nil, err
	}
	return &cloudv1.PublishCourseResponse{Course: summaryToProto(summary)}, nil
}

func summaryToProto(s catalog.Summary) *lessonv1.CourseSummary {
	out := wire.CourseSummary{
		ID: s.ID, Title: s.Title, Summary: s.Summary, Tags: s.Tags, Locales: s.Locales, Digest: s.Digest, SizeBytes: s.SizeBytes,
	}
	for _, l := range s.Lessons {
		out.Lessons = append(out.Lessons, wire.LessonSummary(l))
	}
	return wire.CourseSummaryToProto(out)
}

type bundleHandler struct{ blobs *blob.Store }

// ReadBlob implements BundleService.
func (h *bundleHandler) ReadBlob(ctx context.Context, req *cloudv1.ReadBlobRequest) (*cloudv1.ReadBlobResponse, error) {
	data, total, err := h.blobs.Read(ctx, lesson.Digest(req.GetDigest()), req.GetOffset(), blob.MaxPartBytes)
	if err != nil {
		return nil, err
	}
	return &cloudv1.ReadBlobResponse{Data: data, TotalBytes: total}, nil
}

// WriteBlob implements BundleService.
func (h *bundleHandler) WriteBlob(ctx context.Context, req *cloudv1.WriteBlobRequest) (*cloudv1.WriteBlobResponse, error) {
	received, err := h.blobs.WritePart(ctx, callerOf(ctx).ID.String(), blob.Part{
		Digest: lesson.Digest(req.GetDigest()), Offset: req.GetOffset(), TotalBytes: req.GetTotalBytes(), Data: req.GetData(),
	})
	if err != nil {
		return nil, err
	}
	return &cloudv1.WriteBlobResponse{ReceivedBytes: received}, nil
}
