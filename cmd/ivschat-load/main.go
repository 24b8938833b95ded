// Command ivschat-load loads one room of an Amazon IVS Chat: it connects viewers
// and senders, sends messages and events at a given rate, and reports throughput,
// latency, errors and losses. It uses the public protocol only.
//
// main.go and options.go are the command line, load.go is the course of one run,
// connect.go, sender.go and events.go are its parts, client.go receives,
// report.go is the result.
package main

import (
	"context"
	"errors"
	"io"

	"github.com/alecthomas/kong"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/internal/build"
)

func main() { cli.Main(run) }

// run is the program without its process. It returns the exit code. When the
// context ends, it reports what has happened until then.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	var options Options
	return cli.Program{
		Name: "ivschat-load",
		Description: "Puts load on one room of Amazon IVS Chat: connects viewers and senders, " +
			"sends messages and events at a given rate, " +
			"and reports connections and deliveries per second, latency, and errors by code. " +
			"The exit code is 1 if a connection failed or ended early, or if a message or event was lost, " +
			"was never accepted, or arrived in a different order. Messages that the room's message review handler " +
			"denies are counted, and are no failure, unless all messages are denied.",
		Version:    build.Text("ivschat-load"),
		Variables:  "IVSCHAT_LOAD",
		FormatFlag: "format",
		Grammar:    &options,
		Check: func(*kong.Context) error {
			options = options.withDefaults()
			return options.check()
		},
		Do: func(*kong.Context, cli.Messages) error {
			load, err := newLoad(options, newProgress(stderr))
			if err != nil {
				return err
			}
			report, err := load.run(ctx)
			if report != nil { // there may be a report and an error
				err = errors.Join(err, report.write(stdout, options.Format))
			}
			if err != nil {
				return err
			}
			if !report.ok() {
				return cli.Exit(cli.Failed) // the report contains the reason
			}
			return nil
		},
	}.Run(args, stdout, stderr)
}
