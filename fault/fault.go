// Package fault is the one error type that people see: what kind of thing went wrong, one sentence
// about it, and a hint what to do. It may be imported by every package.
package fault

import (
	"errors"
	"fmt"
)

// Kind sorts errors by what the caller can do about them.
type Kind string

// The kinds. The zero value counts as Internal.
const (
	Invalid     Kind = "invalid"     // The input is wrong; repeating it does not help.
	NotFound    Kind = "not_found"   // The thing does not exist, or not for this person.
	Conflict    Kind = "conflict"    // The thing changed meanwhile; look again.
	Denied      Kind = "denied"      // The person may not do this, or is not signed in.
	Unavailable Kind = "unavailable" // A part cannot be reached; a normal state, repeat later.
	Exhausted   Kind = "exhausted"   // A limit or quota is used up.
	Internal    Kind = "internal"    // Our own mistake.
)

// Kinds lists every kind, for tables that must be complete.
func Kinds() []Kind {
	return []Kind{Invalid, NotFound, Conflict, Denied, Unavailable, Exhausted, Internal}
}

// Error is an error for a person. Message and Hint are whole sentences; Err is for us and is never
// shown. Message doubles as the key of its translation.
type Error struct {
	Kind    Kind
	Message string
	Hint    string
	Err     error
}

// Error returns the message and the cause: the form for logs.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Message
	}
	return fmt.Sprintf("%s: %v", e.Message, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// New returns an error without a cause.
func New(kind Kind, message, hint string) *Error {
	return &Error{Kind: kind, Message: message, Hint: hint}
}

// Wrap returns an error for a person around a cause.
func Wrap(err error, kind Kind, message, hint string) *Error {
	return &Error{Kind: kind, Message: message, Hint: hint, Err: err}
}

// KindOf returns the kind of the outermost Error in err's chain, Internal for any other error, and
// the empty kind for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Kind != "" {
		return e.Kind
	}
	return Internal
}

// Sentence returns what to tell a person about err: the outermost Error's message and hint. Any other
// error is our mistake and is told as such, without its text, which may hold paths or tokens.
func Sentence(err error) (message, hint string) {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Message, e.Hint
	}
	return "Something inside Carrel went wrong.", "Try again. If it happens again, send us the log."
}
