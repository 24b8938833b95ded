package admin

import (
	"errors"
	"net/http"

	"github.com/ivschat-local/ivschat-local/emulator/state"
)

// postSeed adds the resources of a document, in JSON or YAML, to those that exist. Decoding needs many times the
// memory of the document, so there is one request at a time.
func (a *api) postSeed(w http.ResponseWriter, r *http.Request) error {
	document, err := readBody(w, r)
	if err != nil {
		return err
	}
	if err := a.smallRestore.wait(r.Context()); err != nil {
		return err
	}
	defer a.smallRestore.end()
	err = a.State.SeedAccount(r.Context(), accountOf(r), document)
	if mistake, ok := errors.AsType[*state.DocumentError](err); ok {
		return badRequest("%v", mistake)
	}
	if err != nil {
		return err
	}
	return sendNothing(w)
}
