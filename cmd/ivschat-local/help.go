package main

// helpExamples are commands that --help shows, for an emulator at its default address. The guides have
// each of them, too.
var helpExamples = []string{
	`ivschat-local --seed seed.yaml`,
	`ivschat-local exec -- npm test`,
	`ivschat-local --review-handler '*=deny:darn,heck'`,
	`ivschat-local --aws-endpoint http://localhost:4566`,
	`ivschat-local --tls auto`,
	`eval "$(ivschat-local env)"`,
	`ivschat-local room create lobby --max-rate 5 --tag team=chat`,
	`ivschat-local chat lobby --as anna`,
	`ivschat-local tail`,
	`ivschat-local clock advance 61m`,
	`ivschat-local fault add --operation CreateRoom --times 2 --exception ThrottlingException`,
	`ivschat-local fault clear`,
	`ivschat-local snapshot save snapshot.json`,
	`ivschat-local reset`,
	`curl http://127.0.0.1:4700/_ivschat/v1/rooms`,
	`curl -N http://127.0.0.1:4700/_ivschat/v1/events`,
	`curl -X POST http://127.0.0.1:4700/_ivschat/v1/chat-logs/flush`,
	`curl http://127.0.0.1:4700/_ivschat/v1/metrics`,
}

// Help implements kong.HelpProvider.
func (commandLine) Help() string {
	text := "A running emulator describes its admin API at /_ivschat/v1/openapi.json. Examples:\n\n"
	for _, example := range helpExamples {
		text += "  " + example + "\n" // kong does not wrap indented lines
	}
	return text + "\nThe exit code is 0 after success, 2 if the command line or a variable is wrong, 3 if something " +
		"does not exist, such as the room, 4 if policy explain finds that a request is denied, and otherwise 1. " +
		"exec has that of its command."
}

// hints says what to write in place of flags and words that other programs have.
var hints = map[string]string{
	"-p":           "--listen localhost:VALUE",
	"--port":       "--listen localhost:VALUE",
	"IVSCHAT_PORT": "IVSCHAT_LISTEN=localhost:VALUE",
	"--host":       "--listen VALUE:4700",
	"--bind":       "--listen VALUE",
	"--address":    "--listen VALUE",
	"-d":           "--data VALUE",
	"--dir":        "--data VALUE",
	"--in-memory":  "--data :memory:",
	"--memory":     "--data :memory:",
	"-v":           "--log-level debug, or --version",
	"--verbose":    "--log-level debug",
	"--debug":      "--log-level debug",
	"-q":           "--log-level error",
	"--quiet":      "--log-level error",
	"-V":           "--version",
	"start":        "serve",
	"run":          "exec",
}
