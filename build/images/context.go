package images

import (
	"archive/tar"
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

const (
	dockerfile = "Dockerfile"
	packFile   = "pack.json"

	// LabelPack is the image label that holds the language pack as JSON.
	LabelPack = "dev.carrel.pack"
	// LabelRecipe is the image label that holds the recipe's full digest.
	LabelRecipe = "dev.carrel.recipe"
	// LabelOrigin is the image label that holds the repository digest of the pulled origin, or how the
	// root file system was made.
	LabelOrigin = "dev.carrel.origin"

	// ArgParent is the build argument that names the image a recipe builds on. Its default is right
	// unless the origin was bootstrapped.
	ArgParent = "PARENT"
	// ArgOrigin is the build argument of the root recipe whose value becomes LabelOrigin.
	ArgOrigin = "ORIGIN"

	// AuthoritiesFile is in every build context and not part of the recipe: the certificate authorities
	// that the building computer trusts, in PEM, or nothing. A stage that fetches over HTTPS takes it,
	// because networks that inspect TLS have an authority of their own; it never gets into an image.
	AuthoritiesFile = "authorities.pem"
	// LabelStage is the label of a recipe's earlier build stages, its value the recipe's name. What has
	// it and no tag is of no more use after the build.
	LabelStage = "dev.carrel.stage"

	parentLine = "ARG " + ArgParent + "\n"
)

// Origin tells where the root recipe's file system comes from.
type Origin struct {
	// Image is pulled where a registry answers. A tag, not a digest: the digest moves with every
	// security update and a wrong one would refuse every build. The builder records the digest it got
	// in LabelOrigin (by ArgOrigin).
	Image string
	// Bootstrap is the command that writes the same file system as a tar to its standard output, from
	// a Debian mirror, where no registry answers; to be imported and passed as ArgParent.
	Bootstrap []string
}

// RootOrigin returns the origin of the recipe without a parent.
func RootOrigin() Origin {
	return Origin{
		Image: "docker.io/library/debian:bookworm-slim",
		Bootstrap: []string{
			"mmdebstrap", "--variant=minbase", "--format=tar", "--quiet",
			// What the slim image leaves out too; the licences stay.
			"--dpkgopt=path-exclude=/usr/share/doc/*",
			"--dpkgopt=path-include=/usr/share/doc/*/copyright",
			"--dpkgopt=path-exclude=/usr/share/man/*",
			"--dpkgopt=path-exclude=/usr/share/info/*",
			"--dpkgopt=path-exclude=/usr/share/locale/*",
			"bookworm", "-",
		},
	}
}

// Context returns the build context as an uncompressed tar: the recipe's files, with the parent's Ref
// and the labels written into the Dockerfile, and the AuthoritiesFile. The same recipe and authorities
// give the same bytes.
func (r Recipe) Context(authorities []byte) ([]byte, error) {
	recipe, err := r.dockerfile()
	if err != nil {
		return nil, err
	}
	files := maps.Clone(r.files)
	files[dockerfile], files[AuthoritiesFile] = recipe, authorities
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		// embed keeps no file modes; a Dockerfile that needs an executable sets the mode itself.
		header := &tar.Header{Name: name, Mode: 0o644, Size: int64(len(files[name])), ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR}
		if err := w.WriteHeader(header); err != nil {
			return nil, fmt.Errorf("writing build context of %s: %w", r.Name, err)
		}
		if _, err := w.Write(files[name]); err != nil {
			return nil, fmt.Errorf("writing build context of %s: %w", r.Name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("writing build context of %s: %w", r.Name, err)
	}
	return buf.Bytes(), nil
}

func (r Recipe) dockerfile() ([]byte, error) {
	text := string(r.files[dockerfile])
	if strings.Count(text, parentLine) != 1 {
		return nil, fmt.Errorf("the Dockerfile of %s must have exactly one line %q", r.Name, strings.TrimSpace(parentLine))
	}
	from := RootOrigin().Image
	if parent, ok := Lookup(r.Parent); ok {
		from = parent.Ref()
	}
	text = strings.Replace(text, parentLine, fmt.Sprintf("ARG %s=%s\n", ArgParent, from), 1)
	pack, err := r.Pack().label()
	if err != nil {
		return nil, err
	}
	// In single quotes a Dockerfile takes every character as it is; label refuses those quotes.
	text += fmt.Sprintf("LABEL %s='%s' %s=%s\n", LabelPack, pack, LabelRecipe, r.Digest())
	return []byte(text), nil
}
