package binary_test

import (
	"testing"

	"github.com/carrel-dev/carrel/fault"
	"github.com/carrel-dev/carrel/harness/agent/binary"
)

func TestFor(t *testing.T) {
	t.Parallel()
	if _, err := binary.For("vax"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("got %v", err)
	}
}
