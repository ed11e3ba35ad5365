package wire

import (
	"errors"
	"io"

	"connectrpc.com/connect"
	"github.com/klauspost/compress/zstd"
)

// Sizes of messages.
const (
	// MaxMessageBytes bounds a message after decompression.
	MaxMessageBytes = 16 << 20
	// Below this size compression costs more than it saves.
	minCompressBytes = 256

	zstdName   = "zstd"
	zstdWindow = 4 << 20
)

// HandlerOptions lets handlers speak zstd beside gzip and bounds what they read. Every service that
// package cloudclient talks to needs it.
func HandlerOptions() connect.HandlerOption {
	return connect.WithHandlerOptions(
		connect.WithCompression(zstdName, newZstdReader, newZstdWriter),
		connect.WithCompressMinBytes(minCompressBytes),
		connect.WithReadMaxBytes(MaxMessageBytes),
	)
}

// ClientOptions lets clients send zstd, and take zstd or gzip, and bounds what they read.
func ClientOptions() connect.ClientOption {
	return connect.WithClientOptions(
		connect.WithAcceptCompression(zstdName, newZstdReader, newZstdWriter),
		connect.WithSendCompression(zstdName),
		connect.WithCompressMinBytes(minCompressBytes),
		connect.WithReadMaxBytes(MaxMessageBytes),
	)
}

// zstdReader is a decoder that can be used again after Close: Connect keeps them in a pool.
type zstdReader struct{ decoder *zstd.Decoder }

func newZstdReader() connect.Decompressor {
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(zstdWindow), zstd.WithDecoderMaxMemory(2*MaxMessageBytes))
	if err != nil {
		panic(err) // contradictory options, a mistake every test would meet
	}
	return &zstdReader{decoder: decoder}
}

func (r *zstdReader) Read(p []byte) (int, error)   { return r.decoder.Read(p) }
func (r *zstdReader) Reset(source io.Reader) error { return r.decoder.Reset(source) }

// Close lets go of the source; closing the decoder would end it for good.
func (r *zstdReader) Close() error {
	if err := r.decoder.Reset(nil); err != nil && !errors.Is(err, zstd.ErrDecoderNilInput) {
		return err
	}
	return nil
}

func newZstdWriter() connect.Compressor {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true),
		zstd.WithWindowSize(1<<20), zstd.WithEncoderCRC(false)) // TLS and the journal's hashes find errors
	if err != nil {
		panic(err) // as above
	}
	return encoder
}
