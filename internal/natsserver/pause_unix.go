//go:build unix

package natsserver

import "github.com/ivschat-local/ivschat-local/internal/pause"

// Pause stops the server until Continue, Kill or Restart: its connections stay open, and nothing answers.
func (s *Server) Pause() {
	s.t.Helper()
	if err := pause.Begin(s.command.Process); err != nil {
		s.t.Fatal(err)
	}
}

// Continue ends a Pause.
func (s *Server) Continue() {
	s.t.Helper()
	if err := pause.End(s.command.Process); err != nil {
		s.t.Fatal(err)
	}
}
