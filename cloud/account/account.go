// Package account holds people, their passwords and the tokens of the computers they are signed in on.
// It is a domain package: stores are given to it, and it knows no transport.
package account

import (
	"crypto/ed25519"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
)

// Role is what an account may do.
type Role string

// The roles. An author may do everything a learner may.
const (
	RoleLearner Role = "learner"
	RoleAuthor  Role = "author"
)

// Roles lists every role, for tables that must be complete.
func Roles() []Role { return []Role{RoleLearner, RoleAuthor} }

// ParseRole reads a role from outside.
func ParseRole(s string) (Role, error) {
	for _, role := range Roles() {
		if s == string(role) {
			return role, nil
		}
	}
	return "", fault.New(fault.Invalid, "There is no role "+s+".", `Roles are "learner" and "author".`)
}

// Account is a person.
type Account struct {
	ID    uuid.UUID
	Email string // lower case
	Name  string
	Role  Role
}

// Device is the computer that signs in.
type Device struct {
	Name      string
	PublicKey ed25519.PublicKey // empty when it has none
}

// Session is a signed-in device. Token is shown once and never stored.
type Session struct {
	Token   string
	Account Account
}

// Token is what a store keeps of one.
type Token struct {
	Hash       TokenHash
	Account    Account
	Device     Device
	LastSeenAt time.Time
	RevokedAt  time.Time // zero while it is good
}

const (
	shortestPassword = 8    // characters
	longestPassword  = 1024 // bytes; hashing is work
	longestEmail     = 254  // the longest address SMTP can carry
	longestName      = 100  // characters
)

// normaliseEmail returns the address in the form in which it is unique.
func normaliseEmail(email string) (string, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > longestEmail {
		return "", fault.Wrap(err, fault.Invalid, "This is not an e-mail address.", "It looks like name@example.org.")
	}
	return email, nil
}

func checkPassword(password string) error {
	switch {
	case utf8.RuneCountInString(password) < shortestPassword:
		return fault.New(fault.Invalid, "The password is too short.", "Use at least 8 characters.")
	case len(password) > longestPassword:
		return fault.New(fault.Invalid, "The password is too long.", "Use at most 1,000 characters.")
	}
	return nil
}

// normaliseName trims a name; one that is missing is taken from the e-mail address.
func normaliseName(name, email string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		name, _, _ = strings.Cut(email, "@")
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return "", fault.New(fault.Invalid, "The name contains characters that cannot be shown.", "Use letters, digits and spaces.")
	}
	if utf8.RuneCountInString(name) > longestName {
		return "", fault.New(fault.Invalid, "The name is too long.", "Use at most 100 characters.")
	}
	return name, nil
}

func normaliseDevice(device Device) (Device, error) {
	if n := len(device.PublicKey); n != 0 && n != ed25519.PublicKeySize {
		return Device{}, fault.New(fault.Invalid, "The key of this computer is damaged.", "Update Carrel on it and sign in again.")
	}
	name := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(device.Name, ""))
	if runes := []rune(name); len(runes) > longestName {
		name = string(runes[:longestName])
	}
	device.Name = name
	return device, nil
}
