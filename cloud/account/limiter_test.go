package account

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/carrel-dev/carrel/fault"
)

func TestLimiter(t *testing.T) {
	t.Parallel()
	two := []allowance{{"a", 2, time.Minute}}

	t.Run("opens again after its window", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			l := newLimiter()
			for range 2 {
				if _, err := l.spend(two); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := l.spend(two); fault.KindOf(err) != fault.Exhausted {
				t.Fatalf("the third try: %v", err)
			}
			time.Sleep(time.Minute)
			if _, err := l.spend(two); err != nil {
				t.Errorf("after the window: %v", err)
			}
		})
	})
	t.Run("a refund is a try more", func(t *testing.T) {
		t.Parallel()
		l := newLimiter()
		for range 20 {
			refund, err := l.spend(two)
			if err != nil {
				t.Fatal(err)
			}
			refund()
		}
	})
	t.Run("stays small", func(t *testing.T) {
		t.Parallel()
		l := newLimiter()
		for i := range maxCounters + 500 {
			if _, err := l.spend([]allowance{{fmt.Sprint(i), 2, time.Hour}}); err != nil {
				t.Fatal(err)
			}
		}
		if len(l.counters) > maxCounters {
			t.Errorf("%d counters, want at most %d", len(l.counters), maxCounters)
		}
	})
}
