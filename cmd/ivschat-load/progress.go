package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// A progress is where it is shown how far the load is: on a terminal, and
// nowhere else.
type progress struct {
	out     io.Writer
	visible bool
}

func newProgress(out io.Writer) *progress {
	file, ok := out.(*os.File)
	return &progress{out: out, visible: ok && term.IsTerminal(int(file.Fd()))}
}

// A line shows one part of it.
type line struct {
	bar   *progressbar.ProgressBar
	title string
}

func (p *progress) begin(title string, most int) *line {
	return &line{title: title, bar: progressbar.NewOptions(most,
		progressbar.OptionSetWriter(p.out),
		progressbar.OptionSetVisibility(p.visible),
		progressbar.OptionSetDescription(title),
		progressbar.OptionSetWidth(20),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetPredictTime(false),
		progressbar.OptionClearOnFinish(),
	)}
}

// set shows how far it is, with a remark.
func (l *line) set(done int, remark string) {
	if remark != "" {
		l.bar.Describe(l.title + "  " + remark)
	}
	_ = l.bar.Set(min(done, l.bar.GetMax())) // if nobody sees it, so be it
}

// end takes the line away.
func (l *line) end() { _ = l.bar.Clear() }
