package emulator

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ivschat-local/ivschat-local/emulator/chatlog"
	"github.com/ivschat-local/ivschat-local/emulator/destination"
	"github.com/ivschat-local/ivschat-local/emulator/hub"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/replica"
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
	logs, err := e.newChatLogs(config)
	if err != nil {
		destinations.Close()
		return nil, fmt.Errorf("the spool of chat logs: %w", err)
	}
	return logs, nil
}

// newChatLogs returns the chat logs with a config, those of all nodes in a cluster.
func (e *Emulator) newChatLogs(config chatlog.Config) (*chatlog.Logs, error) {
	if e.node == nil {
		logs, err := chatlog.New(config)
		e.recorder = logs
		return logs, err
	}
	shared, err := replica.ShareChatLogs(e.node.Cluster, config)
	if err != nil {
		return nil, err
	}
	e.recorder = shared
	return shared.Logs, nil
}

// A recorder writes chat logs.
type recorder interface {
	// Observe adds a frame to the chat logs of its room. It is a hub.Observer.
	Observe(room ivschat.ARN, p hub.Publication, recipients int)
	// Close delivers what it can until the context ends.
	Close(ctx context.Context) error
}

// ChatLogs returns the chat logs: what became of their records, and the records as they were accepted.
func (e *Emulator) ChatLogs() *chatlog.Logs { return e.logs }
