package journal

import (
	"errors"
	"fmt"

	"github.com/carrel-dev/carrel/fault"
)

// Payload is what an entry records: one of the payload structs of this package.
type Payload interface {
	// Kind is the kind of the entries that carry this payload.
	Kind() Kind
}

// Kind returns KindDraftRevision.
func (DraftRevision) Kind() Kind { return KindDraftRevision }

// Kind returns KindAttemptStarted.
func (AttemptStarted) Kind() Kind { return KindAttemptStarted }

// Kind returns KindAttemptFinished.
func (AttemptFinished) Kind() Kind { return KindAttemptFinished }

// Kind returns KindAttemptVerified.
func (AttemptVerified) Kind() Kind { return KindAttemptVerified }

// Kind returns KindLessonViewed.
func (LessonViewed) Kind() Kind { return KindLessonViewed }

// Kind returns KindQuizAnswered.
func (QuizAnswered) Kind() Kind { return KindQuizAnswered }

// Kind returns KindHintUsed.
func (HintUsed) Kind() Kind { return KindHintUsed }

// payloadVersion is the kind version this program writes. Fields are only ever added to a payload;
// a change that older programs would misread needs a new kind.
const payloadVersion = 1

// Why Decode has nothing to return. Both are normal: such entries are kept, relayed and skipped.
var (
	ErrUnknownKind = errors.New("entry is of a kind this program does not know")
	ErrErased      = errors.New("entry's payload was erased")
)

// Decode returns the payload of an entry as one of the payload structs (a value, not a pointer). It
// returns ErrUnknownKind or ErrErased for an entry to skip, and a fault of kind Invalid for bytes that
// are not a payload of the entry's kind.
func Decode(e Entry) (Payload, error) {
	if e.Erased() {
		return nil, ErrErased
	}
	switch e.Kind {
	case KindDraftRevision:
		return decodePayload[DraftRevision](e)
	case KindAttemptStarted:
		return decodePayload[AttemptStarted](e)
	case KindAttemptFinished:
		return decodePayload[AttemptFinished](e)
	case KindAttemptVerified:
		return decodePayload[AttemptVerified](e)
	case KindLessonViewed:
		return decodePayload[LessonViewed](e)
	case KindQuizAnswered:
		return decodePayload[QuizAnswered](e)
	case KindHintUsed:
		return decodePayload[HintUsed](e)
	default:
		return nil, ErrUnknownKind
	}
}

func decodePayload[P Payload](e Entry) (Payload, error) {
	var p P
	if err := codec.decode.Unmarshal(e.Payload, &p); err != nil {
		return nil, fault.Wrap(fmt.Errorf("decoding payload of %s: %w", e.Kind, err), fault.Invalid,
			"A journal entry cannot be read.", "The program that wrote it may be damaged; update Carrel there.")
	}
	return p, nil
}
