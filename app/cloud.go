package app

import (
	"context"
	"crypto/ed25519"
	"io"
	"os"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/app/checks"
	"github.com/carrel-dev/carrel/app/cloudclient"
	"github.com/carrel-dev/carrel/app/exchange"
	"github.com/carrel-dev/carrel/app/library"
	"github.com/carrel-dev/carrel/app/settings"
	"github.com/carrel-dev/carrel/harness"
	"github.com/carrel-dev/carrel/lesson"
	"github.com/carrel-dev/carrel/proto/wire"
)

// dialer returns the client of the service at an address.
type dialer func(address string, token func() string) (*cloudclient.Client, error)

func (a *App) dial(address string, token func() string) (*cloudclient.Client, error) {
	return cloudclient.New(address, token, cloudclient.Options{UserAgent: "carrel/" + a.options.Version})
}

func (a *App) dialFor(id settings.Identity, address string, token func() string) (exchange.Cloud, error) {
	client, err := a.dial(address, token)
	if err != nil {
		return nil, err
	}
	return cloud{client, id.Key.Public().(ed25519.PublicKey)}, nil
}

// cloud is a cloud service as exchange sees it.
type cloud struct {
	*cloudclient.Client
	device ed25519.PublicKey
}

// SignIn implements exchange.Cloud.
func (c cloud) SignIn(ctx context.Context, in exchange.Credentials) (settings.Session, error) {
	device := cloudclient.Device{Name: deviceName(), PublicKey: c.device}
	var session cloudclient.Session
	var err error
	if in.Register {
		session, err = c.Register(ctx, in.Email, in.Password, in.Name, device)
	} else {
		session, err = c.Login(ctx, in.Email, in.Password, device)
	}
	return settings.Session{Token: session.Token, AccountID: session.Account.ID.String(), Name: session.Account.Name,
		Email: session.Account.Email, ServerURL: c.Address()}, err
}

// SignOut implements exchange.Cloud.
func (c cloud) SignOut(ctx context.Context) error { return c.Logout(ctx) }

// deviceName is how a person tells this computer from their others.
func deviceName() string {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return "Carrel"
	}
	return name
}

// cloudChecks runs checks in the cloud for whoever is signed in.
type cloudChecks struct {
	exchange *exchange.Service
	dial     dialer
}

// Ready implements checks.Cloud.
func (c cloudChecks) Ready() error { return c.exchange.Ready() }

// Check implements checks.Cloud.
func (c cloudChecks) Check(ctx context.Context, id uuid.UUID, ex checks.Exercise, events func(harness.Event)) (harness.Report, error) {
	session := c.exchange.Session()
	if session.Token == "" {
		return harness.Report{}, c.Ready()
	}
	client, err := c.dial(session.ServerURL, func() string { return session.Token })
	if err != nil {
		return harness.Report{}, err
	}
	checker := cloudclient.Checker{Client: client}
	return checker.Check(ctx, cloudclient.CheckRequest{CheckID: id, CourseID: ex.CourseID, LessonID: ex.Lesson.ID,
		LessonVersion: ex.Lesson.Version, Files: ex.Files}, events)
}

// catalog is the courses of the present cloud service, for whoever is signed in there or nobody.
type catalog struct {
	home *settings.Home
	dial dialer
}

func (c catalog) client() (*cloudclient.Client, error) {
	session, err := c.home.Session()
	if err != nil {
		return nil, err
	}
	if session.Token != "" {
		return c.dial(session.ServerURL, func() string { return session.Token })
	}
	address, err := c.home.ServerURL()
	if err != nil {
		return nil, err
	}
	return c.dial(address, nil)
}

// Courses implements library.Catalog.
func (c catalog) Courses(ctx context.Context) ([]library.Remote, error) {
	client, err := c.client()
	if err != nil {
		return nil, err
	}
	summaries, err := client.ListCourses(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]library.Remote, 0, len(summaries))
	for _, s := range summaries {
		out = append(out, library.Remote{Course: courseOf(s), Digest: s.Digest, SizeBytes: s.SizeBytes})
	}
	return out, nil
}

// ReadBlob implements library.Catalog.
func (c catalog) ReadBlob(ctx context.Context, digest lesson.Digest, w io.Writer, progress func(done, total int64)) error {
	client, err := c.client()
	if err != nil {
		return err
	}
	return client.ReadBlob(ctx, digest, w, progress)
}

// courseOf is a course as far as its summary tells.
func courseOf(s wire.CourseSummary) *lesson.Course {
	out := &lesson.Course{ID: s.ID, Title: s.Title, Summary: s.Summary, Tags: s.Tags, Locales: s.Locales}
	for _, l := range s.Lessons {
		at := &lesson.Lesson{ID: l.ID, Slug: l.Slug, Title: l.Title, Minutes: l.Minutes, Version: l.Version}
		if l.HasExercise {
			at.Exercise = &lesson.Exercise{}
		}
		if l.HasQuiz {
			at.Quiz = make([]lesson.Question, 1)
		}
		out.Lessons = append(out.Lessons, at)
	}
	return out
}
