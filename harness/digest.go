package harness

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/carrel-dev/carrel/lesson"
)

// Digest names everything in the suite that can change a verdict, except limits, which the report
// tells in full.
func (s Suite) Digest() string {
	return DigestOf(struct {
		Tests                         lesson.Digest
		Command, Env                  []string
		Format, ReportPath, Integrity string
	}{s.Tests.Digest(), s.Command, s.Env, s.Format, s.ReportPath, s.Integrity})
}

// DigestOf returns the digest of a value's JSON form: the same value, the same digest.
func DigestOf(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("harness: digest of %T: %v", value, err)) // only channels and the like get here
	}
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}
