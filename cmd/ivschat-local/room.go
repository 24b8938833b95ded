package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/cmd/internal/remote"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

type roomCommand struct {
	callerTarget

	Create roomCreateCommand `cmd:"" help:"Create a room, and print its ARN."`
	List   roomListCommand   `cmd:"" help:"List rooms."`
	Show   roomShowCommand   `cmd:"" help:"Show a room, and who is in it."`
	Delete roomDeleteCommand `cmd:"" help:"Delete a room."`
}

type roomCreateCommand struct {
	Name                 string            `arg:"" optional:"" help:"Name of the room, which need not be unique."`
	MaxLength            int               `env:"-" help:"Longest message, in characters. By default, 500." placeholder:"CHARACTERS"`
	MaxRate              int               `env:"-" help:"Messages per second for all clients together. By default, 10." placeholder:"MESSAGES"`
	ReviewHandler        string            `env:"-" help:"ARN of the Lambda function that reviews messages." placeholder:"ARN"`
	Fallback             string            `env:"-" enum:",ALLOW,DENY" default:"" help:"ALLOW or DENY messages that the function does not answer for. By default, ALLOW." placeholder:"RESULT"`
	LoggingConfiguration []string          `env:"-" help:"ARN of a logging configuration. Can be given several times." placeholder:"ARN"`
	Tag                  map[string]string `env:"-" mapsep:"none" help:"Tag of the room. Can be given several times." placeholder:"KEY=VALUE"`
}

// check checks what the service does not: it takes a fallback result without a function for nothing.
func (c roomCreateCommand) check() error {
	if c.Fallback != "" && c.ReviewHandler == "" {
		return errors.New("--fallback has no effect without --review-handler: give the ARN of a function, or leave it out")
	}
	return nil
}

// Run creates a room.
func (c roomCreateCommand) Run(ctx context.Context, terminal terminal, of *roomCommand) error {
	service, err := of.connect()
	if err != nil {
		return err
	}
	input := map[string]any{}
	set(input, "name", c.Name)
	set(input, "maximumMessageLength", c.MaxLength)
	set(input, "maximumMessageRatePerSecond", c.MaxRate)
	handler := map[string]any{}
	set(handler, "uri", c.ReviewHandler)
	set(handler, "fallbackResult", c.Fallback)
	if len(handler) > 0 {
		input["messageReviewHandler"] = handler
	}
	if len(c.LoggingConfiguration) > 0 {
		input["loggingConfigurationIdentifiers"] = c.LoggingConfiguration
	}
	if len(c.Tag) > 0 {
		input["tags"] = c.Tag
	}
	var room remote.Room
	if err := service.Call(ctx, "CreateRoom", input, &room); err != nil {
		return exitFor(err)
	}
	return report(terminal, of.JSON, room, "%s", cli.Printable(room.ARN))
}

// set sets a member unless its value is the zero value.
func set[T comparable](members map[string]any, name string, value T) {
	var zero T
	if value != zero {
		members[name] = value
	}
}

type roomListCommand struct {
	Search string `env:"-" help:"List only rooms whose name, ARN or tags contain this text, in any letter case." placeholder:"TEXT"`
}

// Run lists the rooms of the account in the region.
func (c roomListCommand) Run(ctx context.Context, terminal terminal, of *roomCommand) error {
	service, err := of.connect()
	if err != nil {
		return err
	}
	rooms := []remote.RoomSummary{}
	err = service.ListRooms(ctx, "", func(room remote.RoomSummary) bool {
		if c.matches(room) {
			rooms = append(rooms, room)
		}
		return true
	})
	switch {
	case err != nil:
		return exitFor(err)
	case of.JSON:
		return printJSON(terminal.out, map[string]any{"rooms": rooms})
	case len(rooms) == 0:
		fmt.Fprintln(terminal.err, "No rooms. --account and --region choose others.")
		return nil
	}
	table := tabwriter.NewWriter(terminal.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tARN\tTAGS")
	for _, room := range rooms {
		fmt.Fprintf(table, "%s\t%s\t%s\n", cli.Printable(room.Name), cli.Printable(room.ARN), pairs(room.Tags))
	}
	return table.Flush()
}

// matches reports whether a room has the text that was searched for.
func (c roomListCommand) matches(room remote.RoomSummary) bool {
	texts := []string{room.Name, room.ARN}
	for key, value := range room.Tags {
		texts = append(texts, key, value)
	}
	return slices.ContainsFunc(texts, func(text string) bool {
		return strings.Contains(strings.ToLower(text), strings.ToLower(c.Search))
	})
}

// pairs returns the keys and values of a map as one printable text, in the order of the keys.
func pairs(of map[string]string) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(of)) {
		all = append(all, cli.Printable(key+"="+of[key]))
	}
	return strings.Join(all, " ")
}

// A roomArgument is the argument ROOM of a verb.
type roomArgument struct {
	Room string `arg:"" help:"Name, ID or ARN of a room." complete:"room"`
}

func (a roomArgument) check() error { return checkRoom(a.Room) }

type roomShowCommand struct{ roomArgument }

// A session is an open connection to a room, as the admin API shows it.
type session struct {
	UserID                string    `json:"userId"`
	Capabilities          []string  `json:"capabilities"`
	SessionExpirationTime time.Time `json:"sessionExpirationTime"`
	FramesIn              int64     `json:"framesIn"`
	FramesOut             int64     `json:"framesOut"`
}

// sessionsOf returns the open sessions of a room. An IVS Chat without the admin API does not tell them, which is no
// error.
func sessionsOf(
	ctx context.Context, service *remote.Service, room ivschat.ARN,
) (sessions []session, known bool, err error) {
	var view struct{ Sessions []session }
	err = service.Admin(ctx, http.MethodGet, "rooms/"+url.PathEscape(room.String()), nil, &view)
	if remote.HasNoAdmin(err) {
		return nil, false, nil
	}
	return view.Sessions, err == nil, err
}

// Run shows a room with its sessions.
func (c roomShowCommand) Run(ctx context.Context, terminal terminal, of *roomCommand) error {
	service, arn, err := of.findRoom(ctx, c.Room)
	if err != nil {
		return err
	}
	var shown struct {
		remote.Room
		Sessions []session `json:"sessions,omitzero"`
	}
	err = service.CallFor(ctx, arn, "GetRoom", map[string]string{"identifier": arn.String()}, &shown.Room)
	if err != nil {
		return exitFor(err)
	}
	sessions, known, err := sessionsOf(ctx, service, arn)
	if err != nil {
		return exitFor(err)
	}
	shown.Sessions = sessions
	if of.JSON {
		return printJSON(terminal.out, shown)
	}
	table := tabwriter.NewWriter(terminal.out, 0, 0, 2, ' ', 0)
	for _, line := range roomLines(shown.Room) {
		fmt.Fprintf(table, "%s\t%s\n", line[0], cli.Printable(line[1]))
	}
	if !known {
		fmt.Fprintln(table, "Sessions\tnot known, because this IVS Chat has no admin API")
		return table.Flush()
	}
	fmt.Fprintf(table, "Sessions\t%d\n", len(sessions))
	if err := table.Flush(); err != nil || len(sessions) == 0 {
		return err
	}
	return printSessions(terminal, sessions)
}

// roomLines returns the lines that show a room.
func roomLines(room remote.Room) [][2]string {
	lines := [][2]string{
		{"Name", room.Name}, {"ARN", room.ARN}, {"Created", room.CreateTime}, {"Updated", room.UpdateTime},
		{"Longest message", fmt.Sprintf("%d characters", room.MaximumMessageLength)},
		{"Limit", fmt.Sprintf("%d messages per second", room.MaximumMessageRatePerSecond)},
	}
	if handler := room.MessageReviewHandler; handler != nil {
		lines = append(lines, [2]string{"Review handler", handler.URI}, [2]string{"Fallback", handler.FallbackResult})
	}
	for _, arn := range room.LoggingConfigurationIdentifiers {
		lines = append(lines, [2]string{"Logging", arn})
	}
	if len(room.Tags) > 0 {
		lines = append(lines, [2]string{"Tags", pairs(room.Tags)})
	}
	return lines
}

// printSessions prints a table of sessions.
func printSessions(terminal terminal, sessions []session) error {
	table := tabwriter.NewWriter(terminal.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nUSER\tMAY\tUNTIL\tFRAMES IN\tFRAMES OUT")
	for _, s := range sessions {
		may := "only receive"
		if len(s.Capabilities) > 0 {
			may = strings.Join(s.Capabilities, ",")
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\n", cli.Printable(s.UserID), cli.Printable(may),
			s.SessionExpirationTime.Format(time.RFC3339), s.FramesIn, s.FramesOut)
	}
	return table.Flush()
}

type roomDeleteCommand struct{ roomArgument }

// Run deletes a room.
func (c roomDeleteCommand) Run(ctx context.Context, terminal terminal, of *roomCommand) error {
	service, arn, err := of.findRoom(ctx, c.Room)
	if err != nil {
		return err
	}
	err = service.CallFor(ctx, arn, "DeleteRoom", map[string]string{"identifier": arn.String()}, nil)
	if err != nil {
		return exitFor(err)
	}
	return report(terminal, of.JSON, map[string]string{"arn": arn.String()}, "Deleted %s.", arn)
}
