package main

// pastes are lines that are shown by --help, for an emulator at its usual address.
var pastes = []string{
	`ivschat-local --seed seed.json`,
	`ivschat-local exec -- npm test`,
	`eval "$(ivschat-local env)"`,
	`curl -X POST http://127.0.0.1:4700/_ivschat/v1/clock -d '{"advance": "61m"}'`,
	`curl -X POST http://127.0.0.1:4700/_ivschat/v1/faults -d '{"operation": "CreateChatToken", "times": 1, "exception": "PendingVerification"}'`,
	`curl -X DELETE http://127.0.0.1:4700/_ivschat/v1/faults`,
	`curl http://127.0.0.1:4700/_ivschat/v1/rooms`,
	`curl -N http://127.0.0.1:4700/_ivschat/v1/events`,
	`curl http://127.0.0.1:4700/_ivschat/v1/metrics`,
	`curl http://127.0.0.1:4700/_ivschat/v1/snapshot > world.json`,
	`curl -X PUT --data-binary @world.json http://127.0.0.1:4700/_ivschat/v1/snapshot`,
	`curl -X POST http://127.0.0.1:4700/_ivschat/v1/reset`,
}

// Help is kong.HelpProvider's.
func (commandLine) Help() string {
	text := "For instance, and the rest is at /_ivschat/v1/openapi.json of a running emulator:\n\n"
	for _, example := range pastes {
		text += "  " + example + "\n" // indented, so that it is not wrapped
	}
	return text
}
