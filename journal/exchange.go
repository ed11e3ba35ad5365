package journal

import "context"

// Request is the client's half of an exchange.
type Request struct {
	Level int
	// Have is how far the client knows each log: every log when Cursor is empty, else those that differ
	// from the vector the cursor stands for. A hash of zero means that the client does not know it.
	Have map[LogID]Head
	Push []Segment
	// Cursor and Incarnation are those of the last response, or empty.
	Cursor, Incarnation string
	// MaxBytes is the most bytes of segments the client takes; 0 leaves it to the server.
	MaxBytes int
}

// Response is the server's half of an exchange.
type Response struct {
	Level int
	// Durable is what the server holds of every log that the request named or the response changes; the
	// zero Head says that it holds nothing.
	Durable map[LogID]Head
	// DurableUpstream is what has reached the cloud; equal to Durable on the cloud itself.
	DurableUpstream map[LogID]Head
	// Pull is what the client lacks, each log in order.
	Pull []Segment
	// More asks the client to come again at once.
	More bool
	// Cursor stands for the server's vector when the client now knows all of it; else it is empty and
	// the next request has to carry the full vector.
	Cursor string
	// Incarnation identifies the server's store; it changes when the store was restored.
	Incarnation string
	// Forks are logs of which the two sides hold contradicting entries. Nothing was overwritten.
	Forks []Fork
	// Refusals are pushed segments that were not stored and will not be when sent again.
	Refusals     []Refusal
	ServerTimeMS int64
}

// Fork says that a log contradicts what is stored at Seq, or before when Seq was not pushed.
type Fork struct {
	LogID LogID
	Seq   uint64
}

// Refusal says why a pushed segment was not stored. Message is a sentence for the person.
type Refusal struct {
	LogID    LogID
	FirstSeq uint64
	Message  string
}

// Remote is the other side of an exchange. Errors are faults; Unavailable is the normal state of a
// device without a network.
type Remote interface {
	Exchange(ctx context.Context, req Request) (Response, error)
}
