// Package wire translates between the domain's types and those generated from the protos, and between
// faults and Connect errors. Only the programs' outermost packages import it: app/rpc, app/cloudclient
// and cloud/rpc.
package wire

import (
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
)

// ParseUUID reads an id that came over the wire; field names it for the log. Errors are faults of kind
// Invalid.
func ParseUUID(field, text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return uuid.UUID{}, malformed(field, err)
	}
	return id, nil
}

// malformed is the fault of a message that no program of ours sends.
func malformed(field string, err error) error {
	return fault.Wrap(&fieldError{field: field, err: err}, fault.Invalid,
		"The other side sent something Carrel cannot read.", "Update Carrel on both sides.")
}

type fieldError struct {
	field string
	err   error
}

func (e *fieldError) Error() string { return "reading " + e.field + ": " + e.err.Error() }
func (e *fieldError) Unwrap() error { return e.err }
