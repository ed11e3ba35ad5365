package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/uuid"

	"github.com/carrel-dev/carrel/fault"
)

// codec holds the two modes of canonical CBOR. Building them fails only on contradictory options, a
// mistake every test would meet.
var codec = newCodec()

type cborCodec struct {
	encode cbor.EncMode
	decode cbor.DecMode
}

func newCodec() cborCodec {
	encode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err)
	}
	decode, err := cbor.DecOptions{
		DupMapKey:   cbor.DupMapKeyEnforcedAPF,
		IndefLength: cbor.IndefLengthForbidden,
		TagsMd:      cbor.TagsForbidden,
		// Learners' programs print what they like; a report with a broken byte must stay readable.
		UTF8: cbor.UTF8DecodeInvalid,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return cborCodec{encode: encode, decode: decode}
}

// logHeaderForm is the canonical form of a LogHeader: a CBOR array of its three fields.
type logHeaderForm struct {
	_         struct{} `cbor:",toarray"`
	DeviceKey []byte
	LearnerID uuid.UUID
	Epoch     uint64
}

// entryHeaderForm is the canonical form of an entry's header. It is a map so that older programs can
// skip fields they do not know.
type entryHeaderForm struct {
	Seq         uint64 `cbor:"1,keyasint"`
	Kind        Kind   `cbor:"2,keyasint"`
	KindVersion uint32 `cbor:"3,keyasint"`
	WallMS      int64  `cbor:"4,keyasint"`
	MonoMS      int64  `cbor:"5,keyasint"`
}

// ID returns the log's id.
func (h LogHeader) ID() LogID {
	form, err := codec.encode.Marshal(logHeaderForm{DeviceKey: h.DeviceKey, LearnerID: h.LearnerID, Epoch: h.Epoch})
	if err != nil {
		panic(fmt.Sprintf("journal: encoding a log header: %v", err)) // bytes and numbers always encode
	}
	sum := sha256.Sum256(form)
	return LogID(sum[:16])
}

// String returns the id as 32 hex digits.
func (id LogID) String() string { return hex.EncodeToString(id[:]) }

// String returns the hash as 64 hex digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// EncodeEntry makes the entry with this seq that carries payload.
func EncodeEntry(seq uint64, wallMS, monoMS int64, payload Payload) (Entry, error) {
	body, err := codec.encode.Marshal(payload)
	if err != nil {
		return Entry{}, fmt.Errorf("encoding %s: %w", payload.Kind(), err)
	}
	e := Entry{
		Seq: seq, Kind: payload.Kind(), KindVersion: payloadVersion, WallMS: wallMS, MonoMS: monoMS,
		Payload: body, PayloadHash: sha256.Sum256(body),
	}
	e.Header, err = e.encodeHeader()
	return e, err
}

func (e Entry) encodeHeader() ([]byte, error) {
	header, err := codec.encode.Marshal(entryHeaderForm{
		Seq: e.Seq, Kind: e.Kind, KindVersion: e.KindVersion, WallMS: e.WallMS, MonoMS: e.MonoMS,
	})
	if err != nil {
		return nil, fmt.Errorf("encoding entry header: %w", err)
	}
	return header, nil
}

// DecodeEntry makes an entry from its author's bytes. An empty payload is an erased one: payloadHash
// tells what it was. Otherwise payloadHash is not looked at. The entry keeps the slices. Errors are
// faults of kind Invalid.
func DecodeEntry(header, payload []byte, payloadHash Hash) (Entry, error) {
	var form entryHeaderForm
	if err := codec.decode.Unmarshal(header, &form); err != nil {
		return Entry{}, invalidSegment(fmt.Errorf("decoding entry header: %w", err))
	}
	if form.Seq == 0 || form.Kind == "" || len(form.Kind) > maxKindBytes || !utf8.ValidString(string(form.Kind)) {
		return Entry{}, invalidSegment(fmt.Errorf("entry header has seq %d and kind %q", form.Seq, form.Kind))
	}
	e := Entry{
		Seq: form.Seq, Kind: form.Kind, KindVersion: form.KindVersion, WallMS: form.WallMS, MonoMS: form.MonoMS,
		Header: header, PayloadHash: payloadHash,
	}
	if len(payload) > 0 {
		e.Payload, e.PayloadHash = payload, sha256.Sum256(payload)
	}
	return e, nil
}

// maxKindBytes bounds names of kinds, which stores index.
const maxKindBytes = 64

// Erased tells whether the entry's payload is gone.
func (e Entry) Erased() bool { return len(e.Payload) == 0 }

// Erase returns the entry without its payload. The chain still verifies.
func (e Entry) Erase() Entry {
	e.Payload = nil
	return e
}

func invalidSegment(err error) error {
	return fault.Wrap(err, fault.Invalid, "A part of the journal is damaged.",
		"It was not stored. Update Carrel on the device that wrote it.")
}
