package shapes

import "testing"

func TestArea(t *testing.T) {
	if got, err := Area(2, 3); err != nil || got != "int 6" {
		t.Fatal(got, err)
	}
}
