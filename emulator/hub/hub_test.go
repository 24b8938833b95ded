package hub_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A recorder is a Transport that records what it gets. If blocked is not nil, a write waits until it is
// closed.
type recorder struct {
	blocked chan struct{}
	err     error // what Write returns

	mu      sync.Mutex
	got     []string
	aborted int // how often AbortSlowWrite was called
}

// TryWrite leaves everything to Write.
func (r *recorder) TryWrite([]*hub.Frame) (bool, error) { return false, nil }

func (r *recorder) Write(frames []*hub.Frame) error {
	if r.blocked != nil {
		<-r.blocked
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(frames) == 0 {
		r.got = append(r.got, "a write of nothing")
	}
	for _, frame := range frames {
		r.got = append(r.got, string(frame.Payload))
	}
	return r.err
}

func (r *recorder) AbortSlowWrite() { r.aborted++ }

func (r *recorder) Close(reason hub.Reason) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, closed(reason))
}

// expect waits until no goroutine runs, and fails the test unless the recorder has exactly this.
func (r *recorder) expect(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(r.got, want) {
		t.Errorf("got %s, want %s", strings.Join(r.got, ", "), strings.Join(want, ", "))
	}
}

// join adds a member with room for three frames.
func join(h *hub.Hub, room, name string) (*hub.Member, *recorder) {
	m, r := h.Join(arn(room), name, 3), new(recorder)
	m.Start(r)
	return m, r
}

func frame(text string) *hub.Frame { return &hub.Frame{Payload: []byte(text)} }

func arn(room string) ivschat.ARN { return ivschat.ARN{ID: room} }

func publish(h *hub.Hub, room, text string) {
	h.Publish(arn(room), hub.Publication{Frame: frame(text)})
}

// publishAndClose publishes a frame and disconnects the members of that name.
func publishAndClose(h *hub.Hub, room, text, name string) {
	h.Publish(arn(room), hub.Publication{Frame: frame(text), CloseName: name, CloseReason: hub.Disconnected})
}

func ignore() {}

func closed(reason hub.Reason) string { return fmt.Sprint("closed: ", reason) }

func TestEveryMemberOfARoomReceivesItsFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		_, a := join(&h, "room", "a")
		_, b := join(&h, "room", "b")
		_, other := join(&h, "other room", "a")
		publish(&h, "room", "1")
		publish(&h, "a room without members", "2")
		publish(&h, "room", "3")
		a.expect(t, "1", "3")
		b.expect(t, "1", "3")
		other.expect(t)
	})
}

func TestAMemberThatHasLeftReceivesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		m, a := join(&h, "room", "a")
		publish(&h, "room", "1")
		synctest.Wait()
		m.Leave()
		publish(&h, "room", "2")
		m.Send(frame("3"), ignore, "")
		m.Close(hub.Expired)
		a.expect(t, "1")
		_, again := join(&h, "room", "a")
		publish(&h, "room", "4")
		again.expect(t, "4")
	})
}

func TestWhatIsPublishedBeforeStartIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		m := h.Join(arn("room"), "a", 3)
		publish(&h, "room", "1")
		publishAndClose(&h, "room", "2", "a")
		a := new(recorder)
		m.Start(a)
		a.expect(t, "1", "2", closed(hub.Disconnected))

		late := h.Join(arn("room"), "b", 1)
		publish(&h, "room", "3")
		publish(&h, "room", "4")
		b := new(recorder)
		late.Start(b)
		b.expect(t, closed(hub.TooSlow))
	})
}

func TestNothingIsPublishedForASenderThatIsBeingClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		sender, a := join(&h, "room", "a")
		_, b := join(&h, "room", "b")
		send := func(text string) { h.Publish(arn("room"), hub.Publication{Frame: frame(text), Sender: sender}) }
		send("1")
		publishAndClose(&h, "room", "2", "a")
		send("3")
		a.expect(t, "1", "2", closed(hub.Disconnected))
		b.expect(t, "1", "2")
		sender.Leave()
		send("4")
		publish(&h, "room", "5")
		b.expect(t, "1", "2", "5")
	})
}

func TestNothingIsPublishedForASenderThatIsBeingClosedAlsoIfItsConnectionIsBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		sender := h.Join(arn("room"), "a", 3)
		sender.Start(&brokenWorker{recorder{err: errors.New("broken")}})
		_, b := join(&h, "room", "b")
		send := func(text string) { h.Publish(arn("room"), hub.Publication{Frame: frame(text), Sender: sender}) }
		send("1") // which breaks it
		send("2")
		publishAndClose(&h, "room", "3", "a")
		send("4")
		b.expect(t, "1", "2", "3")
		sender.Leave()
	})
}

func TestAMemberCanLeaveBeforeItStarts(t *testing.T) {
	var h hub.Hub
	m := h.Join(arn("room"), "a", 3)
	publish(&h, "room", "1")
	m.Leave()
}

func TestTheConnectionIsClosedAfterWhatIsQueuedAndNothingFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		m, a := join(&h, "room", "a")
		_, other := join(&h, "room", "b")
		a.blocked = make(chan struct{})
		publish(&h, "room", "1")
		publishAndClose(&h, "room", "2", "a")
		if m.Reason() != hub.Disconnected {
			t.Error("it is not being closed")
		}
		m.Close(hub.Shutdown)
		publish(&h, "room", "3")
		a.expect(t)
		close(a.blocked)
		a.expect(t, "1", "2", closed(hub.Disconnected))
		other.expect(t, "1", "2", "3")
	})
}

func TestASlowMemberIsClosedAndTheOthersAreNotAffected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		_, slow := join(&h, "room", "slow")
		_, other := join(&h, "room", "other")
		slow.blocked = make(chan struct{})
		var all []string
		for _, text := range []string{"1", "2", "3", "4", "5", "6"} {
			publish(&h, "room", text)
			all = append(all, text)
			other.expect(t, all...)
		}
		slow.expect(t) // one is being written, three wait, the fifth is too many
		if slow.aborted != 1 || other.aborted != 0 {
			t.Errorf("the write was aborted %d times, and that of the other %d times", slow.aborted, other.aborted)
		}
		close(slow.blocked)
		slow.expect(t, "1", closed(hub.TooSlow))
	})
}

func TestAfterAFailedWriteNothingIsWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		m := h.Join(arn("room"), "a", 3)
		a := &recorder{err: errors.New("broken")}
		m.Start(a)
		publish(&h, "room", "1")
		synctest.Wait()
		publish(&h, "room", "2")
		a.expect(t, "1")
		m.Leave()
	})
}

func TestWhatArrivesDuringAWriteThatFailsIsNotWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		m, a := join(&h, "room", "a")
		a.err, a.blocked = errors.New("broken"), make(chan struct{})
		for _, text := range []string{"1", "2", "3"} {
			publish(&h, "room", text)
			synctest.Wait()
		}
		close(a.blocked)
		a.expect(t, "1")
		m.Leave()
	})
}

// A brokenWorker is a Transport whose TryWrite fails.
type brokenWorker struct{ recorder }

func (b *brokenWorker) TryWrite(frames []*hub.Frame) (bool, error) { return false, b.Write(frames) }

func TestAfterAFailedWriteAtOnceNothingIsWrittenAndTheMemberCanLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		m, b := h.Join(arn("room"), "a", 3), &brokenWorker{recorder{err: errors.New("broken")}}
		m.Start(b)
		publish(&h, "room", "1")
		b.expect(t, "1")
		publish(&h, "room", "2")
		b.expect(t, "1")
		m.Leave()
	})
}

func TestAMemberIsClosedAlthoughItsClientAcceptsEverythingAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		m, r := h.Join(arn("room"), "a", 3), new(slowWorker)
		m.Start(r)
		publish(&h, "room", "1")
		r.expect(t, "1")
		publishAndClose(&h, "room", "2", "a")
		r.expect(t, "1", "2", closed(hub.Disconnected))
		m.Leave()
	})
}

func TestAnIdleMemberCanBeClosedForEachReasonAndLeave(t *testing.T) {
	for _, reason := range []hub.Reason{
		hub.TooSlow, hub.Disconnected, hub.Expired, hub.Shutdown, hub.Reset, hub.Restored,
	} {
		synctest.Test(t, func(t *testing.T) {
			var h hub.Hub
			m, r := join(&h, "room", "a")
			m.Close(reason)
			r.expect(t, closed(reason))
			<-m.Closed()
			m.Leave()
			<-m.Closed()
		})
	}
}

func TestAFrameForOneMemberIsObservedAndSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		m, r := join(&h, "room", "a")
		_, other := join(&h, "room", "a")
		observed := 0
		if !m.Send(frame("1"), func() { observed++ }, "") || observed != 1 {
			t.Errorf("it was not queued, or observed %d times", observed)
		}
		r.expect(t, "1")
		other.expect(t)
	})
}

func TestWhatIsQueuedForAMemberThatLeavesIsNotWritten(t *testing.T) {
	for name, start := range map[string]func(*hub.Member, *slowWorker){
		"a publisher":                    func(m *hub.Member, s *slowWorker) { m.Start(s) },
		"the goroutine of a slow client": func(m *hub.Member, s *slowWorker) { m.Start(&s.recorder) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var h hub.Hub
				m := h.Join(arn("room"), "a", 3)
				s := &slowWorker{recorder{blocked: make(chan struct{})}}
				start(m, s)
				go publish(&h, "room", "1") // perhaps the publisher writes it
				synctest.Wait()             // it is being written
				publish(&h, "room", "2")
				go m.Leave()
				synctest.Wait()
				close(s.blocked)
				s.expect(t, "1")
			})
		})
	}
}

// A slowWorker is a Transport whose TryWrite waits until blocked is closed.
type slowWorker struct{ recorder }

func (s *slowWorker) TryWrite(frames []*hub.Frame) (bool, error) { return true, s.Write(frames) }

func TestLeaveWaitsForTheWriterAndEndsTheWaitForClosed(t *testing.T) {
	for name, transport := range map[string]func(blocked chan struct{}) hub.Transport{
		"a publisher": func(blocked chan struct{}) hub.Transport {
			return &slowWorker{recorder{blocked: blocked}}
		},
		"the goroutine of a slow client": func(blocked chan struct{}) hub.Transport {
			return &recorder{blocked: blocked}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var h hub.Hub
				m, blocked := h.Join(arn("room"), "a", 3), make(chan struct{})
				m.Start(transport(blocked))
				go publish(&h, "room", "1") // perhaps the publisher writes it
				synctest.Wait()             // it is being written
				left := false
				go func() {
					m.Leave()
					left = true
				}()
				synctest.Wait()
				if left {
					t.Error("Leave returned while a frame was being written")
				}
				close(blocked)
				<-m.Closed()
				synctest.Wait()
				if !left {
					t.Error("Leave waits although the frame was written")
				}
			})
		})
	}
}

func TestAMemberThatLeavesBeforeItStartsIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		m := h.Join(arn("room"), "a", 3)
		closed := m.Closed()
		m.Leave()
		<-closed
		<-m.Closed()
	})
}

func TestAMemberThatIsGoneIsNotClosedForAReason(t *testing.T) {
	for name, end := range map[string]func(*hub.Hub, *hub.Member){
		"it has left": func(_ *hub.Hub, m *hub.Member) { m.Leave() },
		"its connection is broken": func(h *hub.Hub, _ *hub.Member) {
			publish(h, "room", "1")
			synctest.Wait()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var h hub.Hub
				m := h.Join(arn("room"), "a", 3)
				r := &recorder{err: errors.New("broken")}
				m.Start(r)
				end(&h, m)
				written := len(r.got)
				m.Close(hub.Expired)
				publishAndClose(&h, "room", "2", "a")
				if m.Send(frame("3"), func() { t.Error("it was observed") }, hub.Expired) {
					t.Error("it was queued")
				}
				if reason := m.Reason(); reason != "" {
					t.Errorf("the reason is %q", reason)
				}
				synctest.Wait()
				if len(r.got) != written {
					t.Errorf("got %q", r.got)
				}
			})
		})
	}
}

func TestARoomThatEveryoneHasLeftHasNoRecipients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		var counts []int
		h.Observe(func(_ ivschat.ARN, _ hub.Publication, recipients int) { counts = append(counts, recipients) })
		first, _ := join(&h, "room", "a")
		second, _ := join(&h, "room", "b")
		publish(&h, "room", "1")
		synctest.Wait()
		first.Leave()
		publish(&h, "room", "2")
		synctest.Wait()
		second.Leave()
		publish(&h, "room", "3")
		if want := []int{2, 1, 0}; !slices.Equal(counts, want) {
			t.Errorf("the numbers of recipients are %v, want %v", counts, want)
		}
	})
}

// A sink is a Transport that accepts everything at once and counts it.
type sink struct{ written *sync.WaitGroup }

func (s sink) TryWrite(frames []*hub.Frame) (bool, error) {
	s.written.Add(-len(frames))
	return true, nil
}
func (sink) Write([]*hub.Frame) error { return nil }
func (sink) AbortSlowWrite()          {}
func (sink) Close(hub.Reason)         {}

func TestADeliveryAllocatesNothing(t *testing.T) {
	var h hub.Hub
	var written sync.WaitGroup
	const members, frames = 1000, 10
	for range members {
		h.Join(arn("room"), "a", 2*frames).Start(sink{&written})
	}
	published := hub.Publication{Frame: frame("frame")}
	allocations := testing.AllocsPerRun(20, func() {
		written.Add(members * frames)
		for range frames {
			h.Publish(arn("room"), published)
		}
		written.Wait()
	})
	if allocations > members*frames/10 { // workers start, and queues grow to the size that they need
		t.Errorf("%v allocations for %d deliveries", allocations, members*frames)
	}
}

func TestADeliveryInASmallRoomAllocatesNothing(t *testing.T) {
	var h hub.Hub
	var written sync.WaitGroup
	const members = 16
	for range members {
		h.Join(arn("room"), "a", 1).Start(sink{&written})
	}
	published := hub.Publication{Frame: frame("frame")}
	allocations := testing.AllocsPerRun(100, func() {
		written.Add(members)
		h.Publish(arn("room"), published)
	})
	if allocations > 0 {
		t.Errorf("%v allocations for %d deliveries", allocations, members)
	}
}

func TestAFrameForAMemberThatIsTooSlowIsNeitherQueuedNorObserved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		m, slow := join(&h, "room", "slow")
		slow.blocked = make(chan struct{})
		for _, text := range []string{"1", "2", "3", "4"} {
			publish(&h, "room", text)
			synctest.Wait()
		}
		if m.Send(frame("5"), func() { t.Error("it was observed") }, hub.Expired) {
			t.Error("it was queued")
		}
		if reason := m.Reason(); reason != hub.TooSlow {
			t.Errorf("the member is closed with %q", reason)
		}
		close(slow.blocked)
		slow.expect(t, "1", closed(hub.TooSlow))
	})
}

func TestOnlyMembersThatGetAFrameAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		var counts []int
		h.Observe(func(_ ivschat.ARN, _ hub.Publication, recipients int) { counts = append(counts, recipients) })
		_, disconnected := join(&h, "room", "a")
		join(&h, "room", "b")
		publish(&h, "room", "1")
		publishAndClose(&h, "room", "2", "a")
		publish(&h, "room", "3")
		disconnected.expect(t, "1", "2", closed(hub.Disconnected))
		if want := []int{2, 2, 1}; !slices.Equal(counts, want) {
			t.Errorf("the numbers of recipients are %v, want %v", counts, want)
		}
	})
}

func TestObserversSeeTheOrderThatMembersReceive(t *testing.T) {
	for _, members := range []int{0, 1} {
		t.Run(fmt.Sprint(members, " members"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var h hub.Hub
				r := new(recorder)
				if members > 0 {
					h.Join(arn("room"), "a", 1000).Start(r)
				}
				var observed []string // guarded by the group's lock
				h.Observe(func(_ ivschat.ARN, p hub.Publication, recipients int) {
					observed = append(observed, string(p.Frame.Payload))
					if recipients != members {
						t.Errorf("%d recipients, want %d", recipients, members)
					}
				})
				var publishers sync.WaitGroup
				for i := range 8 {
					publishers.Go(func() {
						for j := range 50 {
							publish(&h, "room", fmt.Sprint(i, "/", j))
						}
					})
				}
				publishers.Wait()
				if len(observed) != 400 {
					t.Errorf("%d frames were observed, want 400", len(observed))
				}
				if members > 0 {
					r.expect(t, observed...)
				}
				if n := h.Count(arn("room")); n != members {
					t.Errorf("%d members, want %d", n, members)
				}
			})
		})
	}
}

func TestOfManyCallersThatCloseAMemberOnlyOneSendsItsFrame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h hub.Hub
		m, r := join(&h, "room", "a")
		var callers sync.WaitGroup
		observed := 0 // guarded by the group's lock
		for range 20 {
			callers.Go(func() { m.Send(frame("last"), func() { observed++ }, hub.Expired) })
		}
		callers.Wait()
		r.expect(t, "last", closed(hub.Expired))
		if observed != 1 {
			t.Errorf("observed %d times", observed)
		}
	})
}
