package admin

import (
	"net/http"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
)

func (a *api) getChatLogs(w http.ResponseWriter, r *http.Request) error {
	room, configuration, err := a.chatLogOf(r)
	if err != nil {
		return err
	}
	all, err := a.ChatLogs.Status(r.Context(), accountOf(r), room, configuration)
	if err != nil {
		return err
	}
	return sendItems(w, http.StatusOK, all)
}

// getChatLogRecords answers with records as they were accepted, whether or not they are delivered.
func (a *api) getChatLogRecords(w http.ResponseWriter, r *http.Request) error {
	room, configuration, err := a.chatLogOf(r)
	if err != nil {
		return err
	}
	filter := journal.Filter{Account: accountOf(r)}
	if configuration != (ivschat.ARN{}) {
		filter.Account, filter.LoggingConfiguration = configuration.Owner.AccountID, configuration.String()
	}
	if room != (ivschat.ARN{}) {
		filter.Account, filter.Room = room.Owner.AccountID, room.String()
	}
	hint := ""
	if room != (ivschat.ARN{}) && len(a.ChatLogs.Configurations.ActiveLoggingConfigurations(room)) == 0 {
		hint = "the room has no logging configuration that is ACTIVE, so nothing is logged"
	}
	return a.sendEntriesOf(a.ChatLogs.Records(), w, r, filter, hint)
}

// chatLogOf returns the room and the logging configuration of the query. Each is the zero value if it has none. The
// room must be known. A logging configuration need not exist any more: what it has logged is still there.
func (a *api) chatLogOf(r *http.Request) (room, configuration ivschat.ARN, err error) {
	query := r.URL.Query()
	if query.Has("room") {
		if room, err = parseRoom(r, query.Get("room")); err == nil {
			err = a.checkKnown(r.Context(), room)
		}
	}
	if err == nil && query.Has("loggingConfiguration") {
		configuration, err = parseLoggingConfiguration(r, query.Get("loggingConfiguration"))
	}
	return room, configuration, err
}

// parseLoggingConfiguration parses the ARN of a logging configuration, which must belong to the account of the
// request.
func parseLoggingConfiguration(r *http.Request, text string) (ivschat.ARN, error) {
	arn, err := ivschat.ParseARN(text)
	if err != nil || arn.ResourceType != ivschat.LoggingConfigurationResource {
		return arn, badRequest("loggingConfiguration must be the ARN of a logging configuration, but is %.200q", text)
	}
	return arn, checkOwner(r, arn, "logging configuration")
}

// flushChatLogs delivers everything that is spooled, and answers with what became of it.
func (a *api) flushChatLogs(w http.ResponseWriter, r *http.Request) error {
	if err := a.ChatLogs.Flush(r.Context(), accountOf(r)); err != nil {
		return err
	}
	return a.getChatLogs(w, r)
}
