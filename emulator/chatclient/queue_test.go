package chatclient

import "testing"

// Two receivers may both have found the queue empty before two frames arrive.
func TestEveryFrameInTheQueueWakesAReceiver(t *testing.T) {
	q := queue{limit: 1000, arrived: make(chan struct{}, 1)}
	for range 2 {
		q.put(received{raw: "x"})
	}
	for n := range 2 {
		select {
		case <-q.arrived:
		default:
			t.Errorf("frame %d wakes no receiver", n)
		}
		if _, ok := q.take(); !ok {
			t.Errorf("frame %d is missing", n)
		}
	}
}
