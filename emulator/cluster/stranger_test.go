package cluster

import (
	"slices"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/internal/natsserver"
)

func TestWhatOtherProgramsPublishOnTheSubjectsOfAClusterDoesNotEndIt(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	nodes := []storingNode{joinWithData(t, server.URL, "a"), joinWithData(t, server.URL, "b")}
	nodes[0].mustStore(t, "before")
	other, _ := Dial(t.Context(), nodes[0].config)
	defer other.Close()
	for _, subject := range []string{
		"log", "genesis", "beat", "applied", "offer", "turn", "ask." + nodes[0].Self().ID + ".what",
		"data.change", "data.content", "data.piece.x",
	} {
		for _, text := range []string{"", "{}", genesisBegins, genesisEnds, "\x01", strings.Repeat("\x01", 100)} {
			if err := other.nc.Publish(other.subject(subject), []byte(text)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := other.nc.Flush(); err != nil {
		t.Fatal(err)
	}
	nodes[1].mustStore(t, "after")
	nodes[0].mustStore(t, "later")
	checkSame(t, 3, nodes...)
	nodes[0].do(t, "x")
	for _, n := range nodes {
		n.record.await(t, "the entry", func(all []string) bool { return slices.Contains(all, "x") })
		select {
		case <-n.lost:
			t.Error("a node had to join again")
		default:
		}
	}
	if n := nodes[0].stored(t, "data.change"); n != 3 {
		t.Errorf("there are %d changes", n)
	}
	checkSame(t, 3, nodes[0], joinWithData(t, server.URL, "c"))
}

func TestANodeSaysThatChangesWereDeletedAndReadsThemOnceTheyAreThereAgain(t *testing.T) {
	t.Parallel()
	server := natsserver.Start(t)
	first := joinWithData(t, server.URL, "first")
	for _, change := range []string{"one", "two", "three"} {
		first.mustStore(t, change)
	}
	stream, err := first.js.Stream(t.Context(), first.dataStream())
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.DeleteMsg(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	first.mustStore(t, "four") // who has the deleted change already goes on
	c, err := Connect(t.Context(), first.config)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var late changes
	err = c.Data().Follow(t.Context(), late.load, late.apply, late.save)
	if err == nil || !strings.Contains(err.Error(), "revision 3") || !strings.Contains(err.Error(), "deleted") {
		t.Fatalf("the error is %v", err)
	}
	// A node that has all changes writes them as the content, and the others can begin with that.
	if err := first.Data().writeContent(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkSame(t, 4, first, joinWithData(t, server.URL, "second"))
}
