package shop

import (
	"math"
	"reflect"
	"testing"
)

// TestTotal is about sums.
func TestTotal(t *testing.T) {
	if got := Total(1, 2); got != 3 {
		t.Errorf("Total(1, 2) = %d, want %d", got, 3)
	}
}

func TestNames(t *testing.T) {
	want := []string{"cake", "tea"}
	got := Names(map[string]int{"tea": 3, "cake": 4})
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func TestTable(t *testing.T) {
	tests := []struct {
		name string
		in   []int
		want int
	}{
		{"none", nil, 0},
		{"one", []int{200}, 200},
		{name: "two", in: []int{1, 2}, want: 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Total(tt.in...); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestOpen(t *testing.T) {
	if Open("sunday") {
		t.Error("open on Sunday")
	}
	if !Open("monday") {
		t.Error("closed on Monday")
	}
}

func TestAverage(t *testing.T) {
	if got := Average(1, 2); math.Abs(got-1.5) > 1e-9 {
		t.Errorf("got %v", got)
	}
	ok := t.Run("whole", func(t *testing.T) {
		if got := Average(2, 2); got != 2 {
			t.Errorf("got %v", got)
		}
	})
	_ = ok
}

func ExampleTotal() {
	println(Total())
	// Output:
}
