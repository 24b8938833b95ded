package admin

import (
	"bytes"
	"errors"
	"net/http"

	"github.com/ivschat-local/ivschat-local/emulator/state"
)

// reset answers when the state is reset and the connections are closed.
func (a *api) reset(w http.ResponseWriter, r *http.Request) error {
	toSeed, err := isToSeed(w, r)
	if err != nil {
		return err
	}
	if toSeed {
		err = a.State.ResetToSeed(r.Context(), accountOf(r))
	} else {
		err = a.State.Reset(r.Context(), accountOf(r))
	}
	if mistake, ok := errors.AsType[*state.SeedError](err); ok {
		return badRequest("%v", mistake)
	}
	if err != nil {
		return err
	}
	return sendNothing(w)
}

// isToSeed reports whether the body, which may be empty, says that the reset goes back to the seed.
func isToSeed(w http.ResponseWriter, r *http.Request) (bool, error) {
	change := struct {
		To string `json:"to"`
	}{"empty"}
	text, err := readBody(w, r)
	if err == nil && len(bytes.TrimSpace(text)) > 0 {
		err = decode(text, &change)
	}
	if err == nil && change.To != "empty" && change.To != "seed" {
		err = notOneOf("to", change.To, []string{"empty", "seed"})
	}
	return change.To == "seed", err
}
