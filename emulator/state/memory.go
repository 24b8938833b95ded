package state

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// minimumGrowth is how many bytes more than after the last time the process must have before a reset gives
// memory back to the system. Less is not worth the time that this takes.
const minimumGrowth = 16 << 20

// memoryLeft is how many bytes the process had when memory was given back the last time.
var memoryLeft atomic.Uint64

// giveMemoryBack gives memory that is free, or no longer used, back to the system. Otherwise, Go keeps it
// for several minutes, and without new requests it does not even find out what is no longer used.
func giveMemoryBack() {
	if memory() < memoryLeft.Load()+minimumGrowth {
		return
	}
	runtime.GC() // what pools keep, such as long answers, is unused only after a second collection
	debug.FreeOSMemory()
	memoryLeft.Store(memory())
}

// memory returns how many bytes the process has from the system.
func memory() uint64 {
	samples := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}
