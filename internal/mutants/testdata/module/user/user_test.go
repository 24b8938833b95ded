package user

import "testing"

func TestTotal(t *testing.T) {
	if Total(4, 4, 4) != 10 {
		t.Error("wrong")
	}
}
