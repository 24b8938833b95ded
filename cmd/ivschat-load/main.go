// Command ivschat-load fills a room of an Amazon IVS Chat with viewers, lets
// senders talk, and says how the room bore it. It speaks the public protocol
// only.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // the room could not be filled, or something was lost
	exitUsage  = 2 // the command line or the environment was wrong
)

// exit carries an exit code out of kong, which knows no other way to stop
// after --help.
type exit int

// run is the program without its process. It gives the exit code. When the
// context ends it reports what there is until then.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (code int) {
	defer func() {
		if p := recover(); p != nil {
			asked, ok := p.(exit)
			if !ok {
				panic(p)
			}
			code = int(asked)
		}
	}()
	var options Options
	parser, err := kong.New(&options,
		kong.Name("ivschat-load"),
		kong.Description("Fills a room of an Amazon IVS Chat with viewers, lets senders talk, and says how the room bore it: "+
			"deliveries a second, latency, connects a second, errors by code. It exits with 1 when a connection failed or a message was lost."),
		kong.DefaultEnvars("IVSCHAT_LOAD"),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { panic(exit(code)) }),
	)
	if err != nil {
		panic(err) // the table of options is malformed
	}
	if _, err = parser.Parse(args); err == nil {
		options = options.withDefaults()
		err = options.check()
	}
	if err != nil {
		fmt.Fprintf(stderr, "ivschat-load: %s\nTry ivschat-load --help.\n", oneLine(err))
		return exitUsage
	}
	report, err := newLoad(options, newProgress(stderr)).run(ctx)
	if err != nil {
		fmt.Fprintf(stderr, "ivschat-load: %s\n", oneLine(err))
		return exitFailed
	}
	if err := report.write(stdout, options.Format); err != nil {
		fmt.Fprintf(stderr, "ivschat-load: %s\n", err)
		return exitFailed
	}
	if !report.held() {
		return exitFailed
	}
	return exitOK
}

// oneLine puts errors that were joined beside one another.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
