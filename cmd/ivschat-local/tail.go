package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/cmd/internal/remote"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

type tailCommand struct {
	adminTarget
	Room  string   `arg:"" optional:"" complete:"room" help:"Name, ID or ARN of a room. By default, all rooms, and calls and handshakes."`
	Kind  []string `env:"-" complete:"kind" help:"Only these kinds: call, frame, handshake, connect, disconnect, fault, review, delivery." placeholder:"KIND"`
	Since string   `env:"-" enum:"all,now" default:"now" help:"all: begin with what the journal has. now: with what happens next."`
}

func (c tailCommand) check() error {
	wrong := []error{c.adminTarget.check()}
	if c.Room != "" {
		wrong = append(wrong, checkRoom(c.Room))
	}
	for _, kind := range c.Kind {
		if !slices.Contains(journal.Kinds(), journal.Kind(kind)) {
			wrong = append(wrong, cli.Wrongf("kind", "must be of %s, but is %q", kindList(), kind))
		}
	}
	return errors.Join(wrong...)
}

// kindList lists the kinds of entries.
func kindList() string {
	var names []string
	for _, kind := range journal.Kinds() {
		names = append(names, string(kind))
	}
	return strings.Join(names, ", ")
}

// Run prints what happens, until the user ends it.
func (c tailCommand) Run(ctx context.Context, terminal terminal) error {
	service, err := c.connect("", "")
	if err != nil {
		return err
	}
	query := url.Values{}
	if len(c.Kind) > 0 {
		query.Set("kind", strings.Join(c.Kind, ","))
	}
	if c.Since == "all" {
		query.Set("after", "0")
	}
	if c.Room != "" {
		room, err := service.FindAnyRoom(ctx, c.Room, c.Account)
		if err != nil {
			return exitFor(err)
		}
		query.Set("room", room.String())
	}
	if c.Account != "" {
		query.Set("account", c.Account)
	}
	t := tailing{terminal: terminal, json: c.JSON, style: styleOf(terminal.out), oneRoom: c.Room != ""}
	return exitFor(t.follow(ctx, service, query))
}

// A tailing prints events, and connects again when the stream has ended.
type tailing struct {
	terminal terminal
	json     bool
	style    style
	oneRoom  bool

	connected bool      // whether there was a stream
	began     time.Time // when the stream was opened; zero if there is none
	lost      bool      // whether there is none, and the user knows
	last      string    // ID of the last event
	retry     backoff
}

// follow prints events until the context ends, or the server refuses the stream.
func (t *tailing) follow(ctx context.Context, service *remote.Service, query url.Values) error {
	for {
		err := service.Events(ctx, query, t.last, t.opened, t.print)
		if ctx.Err() != nil {
			return nil
		}
		answer, refused := errors.AsType[*remote.AdminError](err)
		if refused && t.connected && answer.Status == http.StatusServiceUnavailable {
			refused, err = false, remote.ErrStreamEnded // a node of a cluster cannot reach the other nodes
		}
		_, unreachable := errors.AsType[*remote.UnreachableError](err)
		if refused || !t.connected || !unreachable && !errors.Is(err, remote.ErrStreamEnded) {
			return err
		}
		if !t.lost {
			t.lost = true
			t.terminal.messages.Warn("the connection is lost: connecting again")
		}
		if !t.began.IsZero() && time.Since(t.began) >= stable {
			t.retry = backoff{}
		}
		t.began = time.Time{}
		if t.retry.wait(ctx) != nil {
			return nil
		}
	}
}

// opened notes that there is a stream.
func (t *tailing) opened() {
	if t.lost {
		t.terminal.messages.Warn("connected again")
	}
	t.connected, t.lost, t.began = true, false, time.Now()
}

// print prints an event in one line.
func (t *tailing) print(event remote.Event) error {
	if event.ID != "" {
		t.last = event.ID
	}
	if event.Data == "" {
		return nil
	}
	text := jsonLine(event.Data)
	if !t.json {
		var entry journal.Entry
		var missed struct{ Missed int }
		switch {
		case event.Kind == "missed" && json.Unmarshal([]byte(event.Data), &missed) == nil:
			text = fmt.Sprintf("at most %d entries are missing here, because the journal was full", missed.Missed)
		case json.Unmarshal([]byte(event.Data), &entry) == nil:
			text = t.line(&entry)
		}
	}
	_, err := fmt.Fprintln(t.terminal.out, text)
	return err
}
