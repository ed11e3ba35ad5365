package rpc

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	idev1 "github.com/carrel-dev/carrel/proto/gen/carrel/ide/v1"
)

// lane sorts events by what may happen to them under a flood.
type lane int

const (
	stateLane    lane = iota // never dropped before everything else; a lost one is a gap
	outputLane               // output of programs: the oldest gives way to a marker
	terminalLane             // output of terminals: the oldest goes, clients see the hole by its offset and replay it
	lanes
)

// The room of each lane in bytes. Their sum is what a client that was away for long has to fetch, and
// the lanes are apart so that a flood in one never delays or evicts what the others carry: all program
// output together is less than one response.
var laneRoom = [lanes]int{stateLane: 2 << 20, outputLane: 512 << 10, terminalLane: 512 << 10}

// mergedBytes is how large an output event grows by taking in the ones after it.
const mergedBytes = 32 << 10

// eventOverhead is about what an event costs beside its encoded form.
const eventOverhead = 128

type slot struct {
	event *idev1.Event
	lane  lane
	size  int
	// leftOut counts bytes of the same program that were dropped before this event.
	leftOut int64
}

// rendered returns the event as clients see it.
func (s slot) rendered() *idev1.Event {
	if s.leftOut == 0 {
		return s.event
	}
	marked := proto.CloneOf(s.event)
	run := marked.GetRun()
	run.Text = fmt.Sprintf("\n… %d bytes left out …\n", s.leftOut) + run.Text
	return marked
}

// ring is the recent events in the order of their numbers. It is not safe for concurrent use.
type ring struct {
	slots []slot
	used  [lanes]int
	last  uint64 // number of the newest event
	lost  uint64 // number of the newest event of the state lane that is gone
	seen  uint64 // newest number any client was given; events up to it never change
}

func newRing(base uint64) *ring { return &ring{last: base, lost: base, seen: base} }

// add numbers an event and makes room for it.
func (r *ring) add(event *idev1.Event) {
	l := laneOf(event)
	if r.merge(event, l) {
		return
	}
	r.last++
	event.Number = r.last
	size := proto.Size(event) + eventOverhead
	r.slots = append(r.slots, slot{event: event, lane: l, size: size})
	r.used[l] += size
	for r.used[l] > laneRoom[l] {
		r.dropOldest(l)
	}
}

// merge appends output to the newest event when nobody has seen that yet, so that a flood becomes few
// large events instead of many small ones.
func (r *ring) merge(event *idev1.Event, l lane) bool {
	if l == stateLane || len(r.slots) == 0 || r.last == r.seen {
		return false
	}
	tail := &r.slots[len(r.slots)-1]
	if tail.size >= mergedBytes {
		return false
	}
	grown := 0
	switch next := event.Kind.(type) {
	case *idev1.Event_Terminal:
		was, same := tail.event.Kind.(*idev1.Event_Terminal)
		if !same || was.Terminal.TerminalId != next.Terminal.TerminalId || was.Terminal.Ended || next.Terminal.Ended {
			return false
		}
		was.Terminal.Data = append(was.Terminal.Data, next.Terminal.Data...)
		grown = len(next.Terminal.Data)
	case *idev1.Event_Run:
		was, same := tail.event.Kind.(*idev1.Event_Run)
		if !same || was.Run.RunId != next.Run.RunId || was.Run.Stream != next.Run.Stream || was.Run.Ended || next.Run.Ended {
			return false
		}
		was.Run.Text += next.Run.Text
		grown = len(next.Run.Text)
	}
	tail.size += grown
	r.used[l] += grown
	return true
}

// dropOldest makes room in a lane. Dropped program output leaves a marker in the next event of the same
// program.
func (r *ring) dropOldest(l lane) {
	for i, s := range r.slots {
		if s.lane != l {
			continue
		}
		r.slots = append(r.slots[:i], r.slots[i+1:]...)
		r.used[l] -= s.size
		switch l {
		case stateLane:
			r.lost = s.event.Number
		case outputLane:
			r.mark(s, i)
		default: // the hole in a terminal's output shows by its offset
		}
		return
	}
}

// mark counts a dropped event in the next one of the same program.
func (r *ring) mark(dropped slot, from int) {
	was := dropped.event.GetRun()
	for i := from; i < len(r.slots); i++ {
		if run := r.slots[i].event.GetRun(); run.GetRunId() == was.RunId && run != nil {
			r.slots[i].leftOut += int64(len(was.Text)) + dropped.leftOut
			return
		}
	}
}

// after returns the events after cursor, at most maxBytes but at least one when there is one, and the
// cursor for the next call. gap tells that events of the state lane are missing in between.
func (r *ring) after(cursor uint64, maxBytes int) (events []*idev1.Event, next uint64, gap bool) {
	switch {
	case cursor == 0: // a new client has missed nothing
	case cursor > r.last: // a cursor of an earlier run of this program, by a clock that went back
		cursor, gap = 0, true
	case cursor < r.lost:
		gap = true
	}
	next = max(cursor, r.lost)
	size := 0
	for _, s := range r.slots {
		if s.event.Number <= cursor {
			continue
		}
		if size += s.size; size > maxBytes && len(events) > 0 {
			r.seen = max(r.seen, next)
			return events, next, gap
		}
		events, next = append(events, s.rendered()), s.event.Number
	}
	next = r.last
	r.seen = max(r.seen, next)
	return events, next, gap
}

func laneOf(event *idev1.Event) lane {
	switch kind := event.Kind.(type) {
	case *idev1.Event_Terminal:
		if !kind.Terminal.Ended {
			return terminalLane
		}
	case *idev1.Event_Run:
		if !kind.Run.Ended {
			return outputLane
		}
	}
	return stateLane
}
