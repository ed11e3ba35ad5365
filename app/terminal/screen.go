// Package terminal keeps the shells a learner has open in a lesson's environment: typed keys arrive
// once and in order, and what was printed can be shown again after a reload.
package terminal

import "github.com/carrel-dev/carrel/fault"

// keptBytes is how much of a terminal's output can be shown again.
const keptBytes = 512 << 10

// tape is the end of everything a terminal printed, addressed by the position of each byte since the
// start. The zero value is empty.
type tape struct {
	data []byte // at most 2*keptBytes, so that cutting the front is rare
	end  uint64 // position after the last byte
}

// write appends and returns the position of p's first byte.
func (t *tape) write(p []byte) uint64 {
	offset := t.end
	t.data = append(t.data, p...)
	t.end += uint64(len(p))
	if len(t.data) > 2*keptBytes {
		t.data = append(t.data[:0], t.data[len(t.data)-keptBytes:]...)
	}
	return offset
}

// from returns a copy of what is kept from offset on, keptBytes at most, and its position.
func (t *tape) from(offset uint64) ([]byte, uint64) {
	kept := t.data[max(0, len(t.data)-keptBytes):]
	start := t.end - uint64(len(kept))
	offset = min(max(offset, start), t.end)
	return append([]byte(nil), kept[offset-start:]...), offset
}

func notFound() error {
	return fault.New(fault.NotFound, "This terminal is closed.", "Open a new one.")
}
