package frame_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/carrel-dev/carrel/harness/agent/frame"
	harnessv1 "github.com/carrel-dev/carrel/proto/gen/carrel/harness/v1"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var stream bytes.Buffer
		w := frame.NewWriter(&stream)
		sizes := rapid.SliceOfN(rapid.IntRange(0, 200_000), 1, 5).Draw(t, "sizes")
		var sent []*harnessv1.Event
		for i, n := range sizes {
			e := &harnessv1.Event{Id: uint64(i), Kind: &harnessv1.Event_Output{Output: &harnessv1.Output{Stream: 1, Data: bytes.Repeat([]byte{byte(i)}, n)}}}
			if err := w.Send(e); err != nil {
				t.Fatal(err)
			}
			sent = append(sent, e)
		}
		r := frame.NewReader(iotest.HalfReader(&stream))
		for _, want := range sent {
			var got harnessv1.Event
			if err := r.Next(&got); err != nil {
				t.Fatal(err)
			}
			if !proto.Equal(want, &got) {
				t.Fatalf("event %d with %d bytes came back different", want.Id, len(want.GetOutput().Data))
			}
		}
		if err := r.Next(&harnessv1.Event{}); !errors.Is(err, io.EOF) {
			t.Fatalf("after the last frame: %v, want io.EOF", err)
		}
	})
}

func TestReader_Next(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		stream []byte
		want   error
	}{
		{"nothing", nil, io.EOF},
		{"half a length", []byte{0, 0}, io.ErrUnexpectedEOF},
		{"half a body", []byte{0, 0, 0, 4, 8}, io.ErrUnexpectedEOF},
		{"no body", []byte{0, 0, 0, 4}, io.ErrUnexpectedEOF},
		{"four gigabytes announced", []byte{255, 255, 255, 255}, frame.ErrTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := frame.NewReader(bytes.NewReader(tt.stream)).Next(&harnessv1.Command{})
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestWriter_Send(t *testing.T) {
	t.Parallel()
	t.Run("a too large message writes nothing", func(t *testing.T) {
		t.Parallel()
		var stream bytes.Buffer
		err := frame.NewWriter(&stream).Send(&harnessv1.Put{Tar: make([]byte, frame.MaxBytes)})
		if !errors.Is(err, frame.ErrTooLarge) || stream.Len() != 0 {
			t.Errorf("got %v and %d bytes", err, stream.Len())
		}
	})
}

func FuzzReader(f *testing.F) {
	var ok bytes.Buffer
	_ = frame.NewWriter(&ok).Send(&harnessv1.Command{Id: 7, Verb: &harnessv1.Command_Ping{Ping: &harnessv1.Ping{}}})
	f.Add(ok.Bytes())
	f.Add([]byte{0, 0, 0, 1, 255})
	f.Add([]byte{1, 0, 0, 0})
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := frame.NewReader(bytes.NewReader(stream))
		for range len(stream) + 1 {
			var c harnessv1.Command
			if err := r.Next(&c); err != nil {
				return
			}
		}
		t.Fatal("more frames than bytes")
	})
}
