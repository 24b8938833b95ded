package state

import "testing"

// kept keeps memory alive, so that the compiler cannot leave it out.
var kept []byte

func TestAResetGivesBackMemoryThatNothingUses(t *testing.T) {
	const size = 64 << 20
	giveMemoryBack()
	before := memory()
	kept = make([]byte, size)
	for i := range kept {
		kept[i] = 1
	}
	kept = nil
	giveMemoryBack()
	if after := memory(); after > before+size/2 {
		t.Errorf("the process has %d bytes, and had %d before it needed %d more", after, before, size)
	}
}
