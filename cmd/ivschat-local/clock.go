package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/cmd/internal/remote"
)

type clockCommand struct {
	adminTarget

	Show      clockShowCommand      `cmd:"" default:"1" help:"Show the emulator's clock, and how far it is ahead of the machine's (the default)."`
	Advance   clockAdvanceCommand   `cmd:"" help:"Move the clock forward, such as by 61m. What falls due happens before the verb ends."`
	AdvanceTo clockAdvanceToCommand `cmd:"" help:"Move the clock forward to a time, or to what falls due next."`
	Freeze    clockFreezeCommand    `cmd:"" help:"Stop the clock."`
	Resume    clockResumeCommand    `cmd:"" help:"Let the clock run at the speed of the machine's."`
	Scale     clockScaleCommand     `cmd:"" help:"Let the clock run faster: with 60, a minute passes in a second."`
	Due       clockDueCommand       `cmd:"" help:"List what will fall due: chat tokens and sessions that expire, chat logs that are delivered."`
}

// A clockView is a clock, as the admin API shows it.
type clockView struct {
	Account  string      `json:"account,omitempty"`
	Now      time.Time   `json:"now"`
	Machine  time.Time   `json:"machine"` // which the admin API leaves out: the time of its machine
	Ahead    string      `json:"ahead"`
	Scale    float64     `json:"scale"`
	Frozen   bool        `json:"frozen"`
	Warning  string      `json:"warning,omitempty"`
	Accounts []clockView `json:"accounts,omitempty"`
}

// addMachine adds the machine's time to the clock.
func (c *clockView) addMachine() {
	ahead, _ := time.ParseDuration(c.Ahead)
	c.Machine = c.Now.Add(-ahead)
	for i := range c.Accounts {
		c.Accounts[i].addMachine()
	}
}

// ahead returns how far the clock is ahead, without the last digits.
func (c *clockView) ahead() string {
	ahead, _ := time.ParseDuration(c.Ahead)
	return ahead.Round(time.Millisecond).String()
}

// speed says in words how fast the clock runs.
func (c *clockView) speed() string {
	switch {
	case c.Frozen:
		return "frozen"
	case c.Scale == 1:
		return "as fast as the machine's"
	default:
		return strconv.FormatFloat(c.Scale, 'g', -1, 64) + " times as fast as the machine's"
	}
}

// change changes the clock, or only shows it if there is no change, and prints it.
func (c *clockCommand) change(ctx context.Context, terminal terminal, change any) error {
	method, view := http.MethodPost, clockView{}
	if change == nil {
		method = http.MethodGet
	}
	if err := c.call(ctx, method, "clock", nil, change, &view); err != nil {
		return err
	}
	view.addMachine()
	if c.JSON {
		return printJSON(terminal.out, view)
	}
	table := tabwriter.NewWriter(terminal.out, 0, 0, 2, ' ', 0)
	for i, one := range append([]clockView{view}, view.Accounts...) {
		if i > 0 {
			fmt.Fprintln(table)
		}
		if one.Account != "" {
			fmt.Fprintf(table, "Account\t%s\n", cli.Printable(one.Account))
		}
		fmt.Fprintf(table, "Service\t%s\nMachine\t%s\nAhead\t%s\nRuns\t%s\n", one.Now.Format(time.RFC3339),
			one.Machine.Format(time.RFC3339), one.ahead(), one.speed())
	}
	if view.Warning != "" {
		terminal.messages.Warn(view.Warning)
	}
	return table.Flush()
}

type clockShowCommand struct{}

// Run shows the clock.
func (clockShowCommand) Run(ctx context.Context, terminal terminal, of *clockCommand) error {
	return of.change(ctx, terminal, nil)
}

type clockAdvanceCommand struct {
	By string `arg:"" name:"duration" help:"How far, such as 90s, 61m or 1h30m."`
}

func (c clockAdvanceCommand) check() error {
	if by, err := time.ParseDuration(c.By); err != nil || by < 0 {
		return fmt.Errorf("DURATION must be such as 90s, 61m or 1h30m, and not negative, but is %q", c.By)
	}
	return nil
}

// Run moves the clock forward.
func (c clockAdvanceCommand) Run(ctx context.Context, terminal terminal, of *clockCommand) error {
	return of.change(ctx, terminal, map[string]any{"advance": c.By})
}

// dueWords are the words for what falls due next, with the kind in the admin API.
var dueWords = map[string]string{
	"next":                       "",
	"next-token-expiry":          "tokenExpiration",
	"next-session-end":           "sessionExpiration",
	"next-chat-log-delivery":     "chatLogDelivery",
	"next-logging-configuration": "loggingConfiguration",
}

type clockAdvanceToCommand struct {
	To string `arg:"" name:"when" complete:"due" help:"A time such as 2026-01-31T12:00:00Z, or next for what falls due next, or next-token-expiry, next-session-end, next-chat-log-delivery or next-logging-configuration."`
}

func (c clockAdvanceToCommand) check() error {
	_, isWord := dueWords[c.To]
	if _, err := time.Parse(time.RFC3339Nano, c.To); err != nil && !isWord {
		return fmt.Errorf("WHEN must be a time such as 2026-01-31T12:00:00Z, or one of %s, but is %q",
			strings.Join(slices.Sorted(maps.Keys(dueWords)), ", "), c.To)
	}
	return nil
}

// Run moves the clock forward to a time.
func (c clockAdvanceToCommand) Run(ctx context.Context, terminal terminal, of *clockCommand) error {
	kind, isWord := dueWords[c.To]
	if !isWord {
		return of.change(ctx, terminal, map[string]any{"to": c.To})
	}
	list, err := of.due(ctx, kind, 1)
	if err != nil {
		return err
	}
	if len(list.Items) == 0 {
		if kind == "" {
			return exitFor(&remote.NotFoundError{Message: "nothing will fall due: there is no chat token, session, " +
				"chat log or logging configuration to wait for"})
		}
		return exitFor(&remote.NotFoundError{Message: "nothing of that kind will fall due: ivschat-local clock due " +
			"lists what will"})
	}
	return of.change(ctx, terminal, map[string]any{"to": list.Items[0].Time})
}

type clockFreezeCommand struct{}

// Run stops the clock.
func (clockFreezeCommand) Run(ctx context.Context, terminal terminal, of *clockCommand) error {
	return of.change(ctx, terminal, map[string]any{"freeze": true})
}

type clockResumeCommand struct{}

// Run lets the clock run.
func (clockResumeCommand) Run(ctx context.Context, terminal terminal, of *clockCommand) error {
	return of.change(ctx, terminal, map[string]any{"freeze": false})
}

type clockScaleCommand struct {
	Factor string `arg:"" help:"How many times as fast as the machine's clock. 0 stops it."`
}

func (c clockScaleCommand) check() error {
	if factor, err := strconv.ParseFloat(c.Factor, 64); err != nil || !(factor >= 0 && factor <= math.MaxFloat64) {
		return fmt.Errorf("FACTOR must be a number that is 0 or more, but is %q", c.Factor)
	}
	return nil
}

// Run changes the speed of the clock.
func (c clockScaleCommand) Run(ctx context.Context, terminal terminal, of *clockCommand) error {
	factor, _ := strconv.ParseFloat(c.Factor, 64) // checked
	return of.change(ctx, terminal, map[string]any{"scale": factor})
}

type clockDueCommand struct {
	Kind  string `env:"-" enum:",tokenExpiration,sessionExpiration,chatLogDelivery,loggingConfiguration" default:"" help:"List only tokenExpiration, sessionExpiration, chatLogDelivery or loggingConfiguration." placeholder:"KIND"`
	Count int    `env:"-" default:"100" help:"List at most so many."`
}

func (c clockDueCommand) check() error {
	if c.Count < 1 {
		return cli.Wrongf("count", "must be 1 or more, but is %d", c.Count)
	}
	return nil
}

// A dueList is what will fall due, as the admin API lists it.
type dueList struct {
	Items []dueItem `json:"items"`
	Total int       `json:"total"`
}

// A dueItem is one of it.
type dueItem struct {
	Time                 time.Time `json:"time"`
	Kind                 string    `json:"kind"`
	Account              string    `json:"account"`
	Room                 string    `json:"room,omitempty"`
	UserID               string    `json:"userId,omitempty"`
	Session              uint64    `json:"session,omitempty"`
	LoggingConfiguration string    `json:"loggingConfiguration,omitempty"`
}

// due returns what falls due first.
func (c *clockCommand) due(ctx context.Context, kind string, count int) (list dueList, err error) {
	query := url.Values{"count": {strconv.Itoa(count)}}
	if kind != "" {
		query.Set("kind", kind)
	}
	err = c.call(ctx, http.MethodGet, "clock/due", query, nil, &list)
	return list, err
}

// Run lists what will fall due.
func (c clockDueCommand) Run(ctx context.Context, terminal terminal, of *clockCommand) error {
	list, err := of.due(ctx, c.Kind, c.Count)
	if err != nil {
		return err
	}
	if of.JSON {
		return printJSON(terminal.out, list)
	}
	if list.Total == 0 {
		_, err := fmt.Fprintln(terminal.err, "Nothing will fall due.")
		return err
	}
	table := tabwriter.NewWriter(terminal.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TIME\tWHAT\tUSER\tOF")
	for _, item := range list.Items {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s%s\n", item.Time.Format(time.RFC3339), cli.Printable(item.Kind),
			cli.Printable(item.UserID), cli.Printable(item.Room), cli.Printable(item.LoggingConfiguration))
	}
	err = table.Flush()
	if more := list.Total - len(list.Items); more > 0 {
		_, more := fmt.Fprintf(terminal.err, "%d more are not listed: --count lists more.\n", more)
		err = errors.Join(err, more)
	}
	return err
}
