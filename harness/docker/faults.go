package docker

import (
	"errors"
	"fmt"

	"github.com/docker/docker/client"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/lesson"
)

func errClosed() error {
	return fault.New(fault.Unavailable, "Carrel is closing.", "Open Carrel again.")
}

// infrastructure wraps what is never the learner's fault.
func infrastructure(err error) error {
	if refused, ok := errors.AsType[*unfitError](err); ok {
		return fault.Wrap(err, refused.fault.Kind, refused.fault.Message, refused.fault.Hint)
	}
	if client.IsErrConnectionFailed(err) {
		return errNotRunning(err)
	}
	return fault.Wrap(err, fault.Unavailable, "The check could not be carried out, and your code is not the reason.",
		"Try again. If it happens again, restart Docker.")
}

func errMissing(env lesson.Environment) error {
	name := env.Name
	if env.Image != "" {
		name = env.Image
	}
	return fault.New(fault.NotFound, fmt.Sprintf("The environment %q is not on this computer yet.", name),
		"Prepare it once while there is a connection; then it works offline.")
}
