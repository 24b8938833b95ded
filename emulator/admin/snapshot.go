package admin

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/ivschat-local/ivschat-local/emulator/snapshot"
	"github.com/ivschat-local/ivschat-local/emulator/state"
)

func (a *api) getSnapshot(w http.ResponseWriter, r *http.Request) error {
	text, err := a.readAll(r, a.State.Snapshot)
	if err != nil {
		return err
	}
	return sendDocument(text)(w, r)
}

// readAll calls read, which reads everything of an account, when it is the request's turn: it needs several
// times the memory of its result meanwhile.
func (a *api) readAll(
	r *http.Request, read func(ctx context.Context, account string) ([]byte, error),
) ([]byte, error) {
	if err := a.reading.wait(r.Context()); err != nil {
		return nil, err
	}
	defer a.reading.end()
	return read(r.Context(), accountOf(r))
}

// putSnapshot restores a snapshot, which is decoded while it arrives.
func (a *api) putSnapshot(w http.ResponseWriter, r *http.Request) error {
	body := http.MaxBytesReader(w, r.Body, snapshot.MaximumBytes)
	err := a.restore(r, body)
	if mistake, ok := errors.AsType[*state.DocumentError](err); ok {
		_, _ = io.Copy(io.Discard, body) // or a client that still sends may not see the answer
		err = bodyError(mistake, r, "%v", mistake)
	}
	if err != nil {
		return err
	}
	return sendNothing(w)
}

// restore restores small snapshots one at a time, and large ones one at a time, because each needs many
// times the memory of its document. A small one never waits for a client that sends a large one slowly.
func (a *api) restore(r *http.Request, body io.Reader) error {
	begin, err := io.ReadAll(io.LimitReader(body, maximumBody))
	if err != nil {
		return bodyError(err, r, "the body cannot be read: %v", err)
	}
	turn := a.smallRestore
	if len(begin) == maximumBody {
		turn = a.largeRestore
	}
	if err := turn.wait(r.Context()); err != nil {
		return err
	}
	defer turn.end()
	return a.State.RestoreFrom(r.Context(), accountOf(r), io.MultiReader(bytes.NewReader(begin), body))
}
