// Command ivschat-load fills a room of an Amazon IVS Chat with viewers, lets
// senders talk, and says how the room bore it. It speaks the public protocol
// only.
package main

import (
	"context"
	"errors"
	"io"

	"github.com/alecthomas/kong"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
)

func main() { cli.Main(run) }

// run is the program without its process. It gives the exit code. When the
// context ends it reports what there is until then.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	var options Options
	return cli.Program{
		Name: "ivschat-load",
		Description: "Fills a room of an Amazon IVS Chat with viewers, lets senders talk, and says how the room bore it: " +
			"deliveries a second, latency, connects a second, errors by code. It exits with 1 when a connection failed or a message was lost.",
		Variables: "IVSCHAT_LOAD",
		Grammar:   &options,
		Check: func() error {
			options = options.withDefaults()
			return options.check()
		},
		Do: func(*kong.Context) error {
			report, err := newLoad(options, newProgress(stderr)).run(ctx)
			if report != nil { // which there may be beside an error
				err = errors.Join(err, report.write(stdout, options.Format))
			}
			if err != nil {
				return err
			}
			if !report.held() {
				return cli.Exit(cli.Failed) // the report has said why
			}
			return nil
		},
	}.Run(args, stdout, stderr)
}
