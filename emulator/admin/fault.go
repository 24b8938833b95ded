package admin

import (
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
	documents, err := decodeOneOrMore(text, decodeFault, "rule")
	if err != nil {
		return err
	}
	rules, err := fault.Rules(documents, accountOf(r))
	if err != nil {
		return badRequest("%v", err)
	}
	added, err := a.Faults.Add(rules...)
	if err != nil {
		return refused(err)
	}
	return sendFaults(w, http.StatusCreated, added)
}

// decodeFault decodes a rule. Where it fires must not be empty.
func decodeFault(text []byte, document *fault.Document) error {
	if err := decode(text, document); err != nil {
		return err
	}
	return checkPlaces(text, "a rule", "account", "room", "userId", "capability")
}

func sendFaults(w http.ResponseWriter, status int, rules []fault.Rule) error {
	documents := make([]fault.Document, len(rules))
	for i, rule := range rules {
		documents[i] = fault.NewDocument(rule)
	}
	return sendItems(w, status, documents)
}

func (a *api) deleteFaults(w http.ResponseWriter, r *http.Request) error {
	if err := a.Faults.Clear(accountOf(r)); err != nil {
		return err
	}
	return sendNothing(w)
}

func (a *api) deleteFault(w http.ResponseWriter, r *http.Request) error {
	text := mux.Vars(r)["id"]
	existed := false
	if id, err := strconv.Atoi(text); err == nil {
		if existed, err = a.Faults.Remove(accountOf(r), id); err != nil {
			return err
		}
	}
	if !existed {
		return newStatusError(http.StatusNotFound,
			"the fault %.40s does not exist: it was never added, was removed, or has fired for the last time", text)
	}
	return sendNothing(w)
}
