package leap

import (
	"fmt"
	"testing"
)

func TestIsLeap(t *testing.T) {
	for _, tc := range []struct {
		name string
		year int
		want bool
	}{{"divisible by 4", 1996, true}, {"divisible by 100, not by 400", 1900, false}} {
		t.Run(tc.name, func(t *testing.T) {
			fmt.Println("checking", tc.year)
			if got := IsLeap(tc.year); got != tc.want {
				t.Errorf("IsLeap(%d) = %t, want %t", tc.year, got, tc.want)
			}
		})
	}
}
func TestGot(t *testing.T)     { t.Fatalf("got %d; want %d", 1, 2) }
func TestLines(t *testing.T)   { t.Errorf("wrong:\n got: %q\nwant: %q", "a", "b") }
func TestSkip(t *testing.T)    { t.Skip("not now") }
func TestPass(t *testing.T)    { t.Log("fine") }
func TestZBoom(t *testing.T)   { Boom(nil) }
func TestZZNever(t *testing.T) {}
