package state

import (
	"bytes"
	"runtime"
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

// collections returns how many garbage collections the program itself has asked for.
func collections() uint32 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.NumForcedGC
}

func TestAResetCollectsNoGarbageWhenTheProcessHasNotGrown(t *testing.T) {
	used := make([]byte, 64<<20) // more than a process may grow
	for i := range used {
		used[i] = 1
	}
	giveMemoryBack()
	before := collections()
	giveMemoryBack()
	if after := collections(); after != before {
		t.Errorf("there were %d collections", after-before)
	}
	runtime.KeepAlive(used)
}
