package admin

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/model"
	"github.com/ivschat-local/ivschat-local/emulator/plainjson"
)

// getCalls answers with calls of the control plane, for instance with those of one operation that had
// certain members.
func (a *api) getCalls(w http.ResponseWriter, r *http.Request) error {
	filter := journal.Filter{Kind: journal.Call, Account: accountOf(r)}
	var err error
	if filter.Operation, err = oneOf(r, "operation", model.Names()); err != nil {
		return err
	}
	if filter.Status, err = statusOf(r.URL.Query()); err != nil {
		return err
	}
	if filter.Request, err = membersWith(r.URL.Query(), filter.Operation); err != nil {
		return err
	}
	return a.sendEntries(w, r, filter)
}

// statusOf returns the HTTP status in the query, or 0 if it has none.
func statusOf(query url.Values) (int, error) {
	status, err := number(query, "status", 0)
	if err == nil && query.Has("status") && (status < 100 || status > 599) {
		err = badRequest("status must be an HTTP status from 100 to 599, but is %d", status)
	}
	return int(status), err
}

// membersWith returns the members that a request must have had, or nil if the query does not say so. If
// the operation is known, it must have these members: otherwise, a test that nothing was called with a
// misspelled member would always pass.
func membersWith(query url.Values, operation string) (members map[string]any, err error) {
	if !query.Has("with") {
		return nil, nil
	}
	text := query.Get("with")
	if plainjson.TooDeep([]byte(text)) {
		return nil, badRequest("with must be nested at most %d levels deep", plainjson.MaximumDepth)
	}
	if len(text) > journal.MaximumBody {
		return nil, badRequest("with must have at most %d bytes, because the journal does not keep a longer "+
			"request, but has %d", journal.MaximumBody, len(text))
	}
	if json.Unmarshal([]byte(text), &members) != nil || members == nil {
		return nil, badRequest("with must be a JSON object, for instance {\"userId\":\"anna\"}, but is %.80q: "+
			"curl needs -G and --data-urlencode to send one", text)
	}
	if err := checkMembers(json.NewDecoder(strings.NewReader(text)), nil, "with"); err != nil {
		return nil, err
	}
	if operation == "" {
		return members, nil
	}
	names := model.Input(operation).Names()
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(names, name) {
			return nil, badRequest("%s", unknownName("member", name, operation, names))
		}
	}
	return members, nil
}
