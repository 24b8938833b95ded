package admin

import (
	"encoding/json"
	"net/http"

	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/review"
)

func (a *api) getReviews(w http.ResponseWriter, r *http.Request) error {
	return a.sendEntries(w, r, journal.Filter{Kind: journal.Review, Account: accountOf(r)})
}

func (a *api) getRoomReviews(w http.ResponseWriter, r *http.Request) error {
	arn, err := roomOf(r)
	if err == nil {
		err = a.checkKnown(r.Context(), arn)
	}
	if err != nil {
		return err
	}
	return a.sendEntries(w, r, journal.Filter{
		Kind: journal.Review, Account: arn.Owner.AccountID, Room: arn.String(),
	})
}

// putReviews replaces the scripted answers by one or by those of an array. If one is invalid, nothing changes.
func (a *api) putReviews(w http.ResponseWriter, r *http.Request) error {
	text, err := readBody(w, r)
	if err != nil {
		return err
	}
	answers, err := decodeOneOrMore(text, decodeAnswer, "answer")
	if err != nil {
		return err
	}
	if err := a.Script.Set(accountOf(r), answers); err != nil {
		return refused(err)
	}
	return a.getAnswers(w, r)
}

// decodeAnswer decodes a scripted answer. What would be lost, or would mean that it answers everywhere, is
// refused.
func decodeAnswer(text []byte, answer *review.ScriptedAnswer) error {
	if err := decode(text, answer); err != nil {
		return err
	}
	if err := checkPlaces(text, "a scripted answer", "account", "room", "userId", "content"); err != nil {
		return err
	}
	if err := refuseEmpty(text, "leave it out if it is not needed", "allow", "deny", "error", "delay"); err != nil {
		return err
	}
	var given struct {
		Allow struct {
			Content    *string
			Attributes map[string]*string
		}
	}
	_ = json.Unmarshal(text, &given) // it was decoded before
	if content := given.Allow.Content; content != nil && *content == "" {
		return badRequest(`content of allow must not be "": leave it out to keep the content of the message, ` +
			"or use answer for an answer that is not valid")
	}
	for name, value := range given.Allow.Attributes {
		if value == nil {
			return badRequest("attributes of allow must have strings, but %.40q is null", name)
		}
	}
	return nil
}

func (a *api) getAnswers(w http.ResponseWriter, r *http.Request) error {
	return sendItems(w, http.StatusOK, a.Script.Answers(accountOf(r)))
}

func (a *api) deleteAnswers(w http.ResponseWriter, r *http.Request) error {
	if err := a.Script.Clear(accountOf(r)); err != nil {
		return err
	}
	return sendNothing(w)
}
