package state

import (
	"bytes"
	"sync"
	"testing"
)

// pool is like those of packages that encode answers.
var pool = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func TestAResetGivesBackMemoryThatNothingUsesAndThatPoolsKeep(t *testing.T) {
	const size = 64 << 20
	giveMemoryBack()
	before := memory()
	buffer := pool.Get().(*bytes.Buffer)
	buffer.Write(make([]byte, size))
	pool.Put(buffer)
	giveMemoryBack()
	if after := memory(); after > before+size/2 {
		t.Errorf("the process has %d bytes, and had %d before it needed %d more", after, before, size)
	}
}
