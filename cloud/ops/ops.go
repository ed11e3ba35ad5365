// Package ops is what whoever operates a carreld asks it: whether it lives, and whether it can work.
package ops

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

// probeTimeout is shorter than the patience of the usual load balancers.
const probeTimeout = 3 * time.Second

// Health answers probes. It is safe for concurrent use.
type Health struct {
	probes   map[string]Probe
	logger   *slog.Logger
	draining atomic.Bool
}

// Probe tells whether a part that requests need can be used.
type Probe func(ctx context.Context) error

// NewHealth returns the answers for parts with these names.
func NewHealth(probes map[string]Probe, logger *slog.Logger) *Health {
	return &Health{probes: probes, logger: logger}
}

// Drain makes the node unready: load balancers send new requests elsewhere while it finishes the old.
func (h *Health) Drain() { h.draining.Store(true) }

// Register adds /healthz and /readyz. The first says that the process answers: restarting it would not
// help. The second says that requests will find what they need.
func (h *Health) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "alive\n") })
	mux.HandleFunc("GET /readyz", h.ready)
}

func (h *Health) ready(w http.ResponseWriter, r *http.Request) {
	if h.draining.Load() {
		answer(w, http.StatusServiceUnavailable, "shutting down\n")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), probeTimeout)
	defer cancel()
	for name, probe := range h.probes {
		if err := probe(ctx); err != nil {
			h.logger.WarnContext(ctx, "not ready", "part", name, "error", err)
			answer(w, http.StatusServiceUnavailable, name+" is not ready\n")
			return
		}
	}
	answer(w, http.StatusOK, "ready\n")
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // whoever asked has gone
}
