package sum

import "testing"

func TestSum(t *testing.T) {
	if Capped(1, 2) != 3 || Capped(20, 0) != 10 || Title("a") != "sum of a" {
		t.Error("wrong")
	}
}
