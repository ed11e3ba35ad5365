package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/carrel-dev/carrel/app"
	"github.com/carrel-dev/carrel/app/cloudclient"
	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson/bundle"
)

func coursePublishCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "publish DIR",
		Short: "Publish a course to the cloud you are signed in to (authors only)",
		Long: `Packs the course and uploads what the cloud does not have. The new version is there for learners when
the command ends, all of it or nothing. Run "carrel course check" first.`,
		Args: exactly("DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			dir, err := existingFolder(args[0])
			if err != nil {
				return err
			}
			packed, err := bundle.Pack(os.DirFS(dir))
			if err != nil {
				return err
			}
			return withApp(c.Context(), func(a *app.App) error {
				session := a.Exchange.Session()
				if session.Token == "" {
					return fault.New(fault.Denied, "Nobody is signed in on this computer.", "Run: carrel login --email YOU@EXAMPLE.ORG")
				}
				cloud, err := cloudclient.New(session.ServerURL, func() string { return session.Token }, cloudclient.Options{})
				if err != nil {
					return err
				}
				if err := upload(c.Context(), cloud, packed, newProgress(c.ErrOrStderr(), "Uploading")); err != nil {
					return err
				}
				course, err := cloud.PublishCourse(c.Context(), packed.Digest)
				if err != nil {
					return err
				}
				fmt.Fprintf(c.OutOrStdout(), "%s is published as %s.\n", course.ID, packed.Digest)
				return nil
			})
		},
	}
}

// upload sends every part of a bundle; parts that the cloud has cost one small call each.
func upload(ctx context.Context, cloud *cloudclient.Client, packed *bundle.Bundle, bar *progress) error {
	defer bar.Close()
	parts := maps.Clone(packed.Blobs)
	parts[packed.Digest] = packed.Manifest
	for i, digest := range slices.Sorted(maps.Keys(parts)) {
		data := parts[digest]
		if err := cloud.WriteBlob(ctx, digest, bytes.NewReader(data), int64(len(data)), nil); err != nil {
			return err
		}
		bar.To(i+1, len(parts), string(digest)[:19])
	}
	return nil
}
