package cases

import "encoding/json"

// # The driver protocol
//
// A driver lets a trusted process call functions of the learner's code, which runs in another process as
// another user. There is one driver per language; its command is "driver" in the "check" of the language
// pack. It is started by the launcher, so it runs as the learner in the learner's folder, and it must
// not be trusted: whatever it answers came from the learner's code.
//
// File descriptor 3 of the driver is a connected stream socket. On it come requests, one JSON object per
// line, and on it go the answers in the order of the requests:
//
//	-> {"id": "5f0c…", "call": "shop.total", "args": [[1, 2], {"vat": 20}]}
//	<- {"id": "5f0c…", "result": 3.6}
//	<- {"id": "5f0c…", "error": "ValueError", "message": "vat must not be negative"}
//
// "call" is a file of the learner's folder and a function in it, joined by a dot: the last dot parts
// them, a file in a folder is written with slashes and always without its ending ("shop.total" is total
// in shop.py, shop.mjs or shop.rb; "src/cart.total" is total in src/cart.py). The file is loaded at the
// first call and kept; a file that cannot be loaded is an answer with "error" and "message" like a
// function that raises. "error" is the name of the exception's class ("ValueError", "TypeError",
// "ArgumentError"), or what comes closest in the language.
//
// Arguments and results are plain JSON values. A result that is none (an object of the learner's, a
// function, NaN) is answered with the error "NotPlainValue" and a message that says what it is. Whole
// numbers stay whole; tuples become lists.
//
// What the learner's code prints goes to file descriptors 1 and 2 as usual, unbuffered or flushed after
// each call. Standard input is empty. The driver ends with status 0 when descriptor 3 ends. A call that
// ends the process is noticed by the other side.
//
// The bounds: a line has at most MaxLine bytes; a longer result is answered with the error
// "TooLargeResult". Times are the caller's to keep: it ends a driver that does not answer.

// MaxLine bounds one line of the driver protocol.
const MaxLine = 1 << 20

// Request asks a driver to call a function.
type Request struct {
	// ID is random: an answer without it was not made for this request.
	ID   string            `json:"id"`
	Call string            `json:"call"`
	Args []json.RawMessage `json:"args"`
}

// Answer is what a driver says of a call: Result, or Error and Message.
type Answer struct {
	ID      string          `json:"id"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   string          `json:"error,omitempty"`
	Message string          `json:"message,omitempty"`
}
