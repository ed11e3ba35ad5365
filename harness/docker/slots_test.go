package docker

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

func TestSlots(t *testing.T) {
	t.Parallel()
	t.Run("waiting ones are told their place and served in order", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var s slots
			s.size(1, 8)
			if err := s.take(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			places := make([][]int, 3)
			served := make(chan int, 3)
			for i := range places {
				go func() {
					if err := s.take(t.Context(), func(place int) { places[i] = append(places[i], place) }); err != nil {
						t.Error(err)
					}
					served <- i
				}()
				synctest.Wait()
			}
			for i := range places {
				s.free()
				if got := <-served; got != i {
					t.Errorf("number %d was served, want %d", got, i)
				}
				synctest.Wait()
			}
			if diff := cmp.Diff([][]int{{1}, {2, 1}, {3, 2, 1}}, places); diff != "" {
				t.Error(diff)
			}
			s.free()
			if s.used != 0 {
				t.Errorf("%d slots are taken at the end", s.used)
			}
		})
	})
	t.Run("who gives up does not keep a slot", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var s slots
			s.size(0, 1)
			if err := s.take(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			result := make(chan error)
			go func() { result <- s.take(ctx, func(int) {}) }()
			synctest.Wait()
			cancel()
			if err := <-result; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			s.free()
			if err := s.take(t.Context(), nil); err != nil || s.used != 1 {
				t.Errorf("got %v with %d slots taken", err, s.used)
			}
		})
	})
}
