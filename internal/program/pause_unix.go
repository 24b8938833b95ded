//go:build unix

package program

import "github.com/ivschat-local/ivschat-local/internal/pause"

// Pause stops the node until Continue, Kill or Restart: its connections stay open, and nothing answers.
func (n *Node) Pause() {
	n.t.Helper()
	n.t.Cleanup(n.Continue) // or it could not be stopped
	if err := pause.Begin(n.running().Process); err != nil {
		n.t.Fatal(err)
	}
}

// Continue ends a Pause. It does nothing if there is none.
func (n *Node) Continue() { _ = pause.End(n.running().Process) }
