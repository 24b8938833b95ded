package admin

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/gorilla/mux"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
)

func (a *api) getFaults(w http.ResponseWriter, r *http.Request) error {
	return sendFaults(w, http.StatusOK, a.Faults.Rules(accountOf(r)))
}

// postFaults adds one rule, or an array of rules. If one is invalid, none is added.
func (a *api) postFaults(w http.ResponseWriter, r *http.Request) error {
	text, err := readBody(w, r)
	if err != nil {
		return err
	}
	documents, err := decodeFaults(text)
	if err != nil {
		return err
	}
	rules, err := fault.Rules(documents, accountOf(r))
	if err != nil {
		return badRequest("%v", err)
	}
	added, err := a.Faults.Add(rules...)
	if err != nil {
		return badRequest("%v", err)
	}
	return sendFaults(w, http.StatusCreated, added)
}

// decodeFaults decodes a rule or an array of rules. The error says which rule is wrong.
func decodeFaults(text []byte) ([]fault.Document, error) {
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
		var texts []json.RawMessage
		if err := decode(text, &texts); err != nil {
			return nil, err
		}
		documents := make([]fault.Document, len(texts))
		for i, text := range texts {
			if err := decodeFault(text, &documents[i]); err != nil {
				return nil, badRequest("%v", fault.Numbered(i, len(texts), err))
			}
		}
		return documents, nil
	}
	documents := make([]fault.Document, 1)
	err := decodeFault(text, &documents[0])
	return documents, err
}

// decodeFault decodes a rule. Where a rule fires must not be empty: without an account, it fires for every
// one, which the client did not ask for.
func decodeFault(text []byte, document *fault.Document) error {
	if err := decode(text, document); err != nil {
		return err
	}
	var members map[string]json.RawMessage
	_ = json.Unmarshal(text, &members) // it was decoded before
	for _, name := range []string{"account", "room", "userId", "capability"} {
		if value := string(members[name]); value == `""` || value == "null" {
			return badRequest("%s must not be %s: leave it out for a rule that does not depend on it",
				name, value)
		}
	}
	return nil
}

func sendFaults(w http.ResponseWriter, status int, rules []fault.Rule) error {
	documents := make([]fault.Document, len(rules))
	for i, rule := range rules {
		documents[i] = fault.NewDocument(rule)
	}
	return sendItems(w, status, documents)
}

func (a *api) deleteFaults(w http.ResponseWriter, r *http.Request) error {
	a.Faults.Clear(accountOf(r))
	return sendNothing(w)
}

func (a *api) deleteFault(w http.ResponseWriter, r *http.Request) error {
	text := mux.Vars(r)["id"]
	id, err := strconv.Atoi(text)
	if err != nil || !a.Faults.Remove(accountOf(r), id) {
		return newStatusError(http.StatusNotFound,
			"the fault %.40s does not exist: it was never added, was removed, or has fired for the last time", text)
	}
	return sendNothing(w)
}
