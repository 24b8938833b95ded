package emulator

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/ivschat-local/ivschat-local/emulator/chatlog"
	"github.com/ivschat-local/ivschat-local/emulator/destination"
)

// spoolDir is the name of the directory with the records of chat logs that are not delivered yet, in the data
// directory.
const spoolDir = "chat-log-spool"

// openChatLogs returns the chat logs, with what an earlier run has not delivered. A folder that was given is made now,
// because a mistake in its name would otherwise be noticed at the first delivery. The default one is made then.
func (e *Emulator) openChatLogs(given string) (*chatlog.Logs, error) {
	folder := e.config.ChatLogs
	var err error
	if folder != "" {
		folder, err = filepath.Abs(folder) // so that the admin API says where a file is
	}
	if err == nil && given != "" {
		err = os.MkdirAll(folder, 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("the folder of --chat-logs: %w: give a folder that can be written", err)
	}
	destinations, err := destination.New(destination.Config{
		S3Endpoint:             e.config.S3Endpoint,
		CloudWatchLogsEndpoint: e.config.CloudWatchLogsEndpoint,
		FirehoseEndpoint:       e.config.FirehoseEndpoint,
		AWSEndpoint:            e.config.AWSEndpoint,
		Folder:                 folder,
		Logger:                 e.config.Logger,
	})
	if err != nil {
		return nil, err
	}
	config := chatlog.Config{
		Configurations: e.store,
		Destinations:   destinations,
		SpoolBytes:     int64(e.config.ChatLogSpool),
		Window:         e.config.ChatLogWindow,
		Clock:          e.clock,
		Journal:        e.journal,
		Logger:         e.config.Logger,
	}
	if e.config.DataDir != "" {
		config.SpoolDir = filepath.Join(e.config.DataDir, spoolDir)
	}
	logs, err := chatlog.New(config)
	if err != nil {
		destinations.Close()
		return nil, fmt.Errorf("the spool of chat logs: %w", err)
	}
	return logs, nil
}

// ChatLogs returns the chat logs: what became of their records, and the records as they were accepted.
func (e *Emulator) ChatLogs() *chatlog.Logs { return e.logs }
