package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ivschat-local/ivschat-local/cmd/internal/cli"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/internal/shortfile"
)

type faultCommand struct {
	adminTarget

	Add    faultAddCommand    `cmd:"" help:"Add a fault, and print its ID. It says where something goes wrong (--operation and so on), how often (--times and so on), and what (--exception and so on)."`
	List   faultListCommand   `cmd:"" help:"List the faults that can still fire, and how often each has fired."`
	Remove faultRemoveCommand `cmd:"" help:"Remove a fault."`
	Clear  faultClearCommand  `cmd:"" help:"Remove all faults."`
}

// faultAddCommand has a flag for each member of a fault in the admin API but fieldList.
type faultAddCommand struct {
	File string `env:"-" complete:"file" help:"File with a fault as JSON, or an array of them, instead of the flags below. - means standard input." placeholder:"FILE"`

	Operation  string `env:"-" group:"where" help:"Operation such as CreateRoom, action such as SEND_MESSAGE, frame such as MESSAGE, or CONNECT or REVIEW." placeholder:"NAME"`
	Room       string `env:"-" group:"where" complete:"room" help:"Only in this room: its name, ID or ARN." placeholder:"ROOM"`
	User       string `env:"-" group:"where" help:"Only for this user ID." placeholder:"USER"`
	Capability string `env:"-" group:"where" help:"Only for chat tokens with this capability." placeholder:"NAME"`

	Times       int    `env:"-" group:"often" help:"Fire so many times, and no more." placeholder:"N"`
	Every       int    `env:"-" group:"often" help:"Fire only every Nth time." placeholder:"N"`
	Probability string `env:"-" group:"often" help:"Fire with this probability, such as 0.1." placeholder:"P"`
	Seed        string `env:"-" group:"often" help:"Seed of the random choice." placeholder:"N"`

	Exception string        `env:"-" group:"what" help:"Answer with this exception." placeholder:"NAME"`
	Status    int           `env:"-" group:"what" help:"Answer with this HTTP status." placeholder:"STATUS"`
	Error     int           `env:"-" group:"what" help:"Send an ERROR frame with this code." placeholder:"CODE"`
	Close     int           `env:"-" group:"what" help:"Close the connection with this close code." placeholder:"CODE"`
	Reset     bool          `env:"-" group:"what" help:"Reset the TCP connection."`
	Silence   bool          `env:"-" group:"what" help:"Keep the connection open, but read and write nothing any more."`
	Frame     string        `env:"-" group:"what" enum:",drop,duplicate,reorder,corrupt" default:"" help:"drop, duplicate, reorder or corrupt the frame." placeholder:"EFFECT"`
	Fail      bool          `env:"-" group:"what" help:"Let the change of a logging configuration end in a failed state."`
	Delay     time.Duration `env:"-" group:"what" default:"0s" help:"Wait for so long, at most 10m, alone or before another effect." placeholder:"DURATION"`

	Message     string `env:"-" group:"detail" help:"Message of the exception or of the ERROR frame." placeholder:"TEXT"`
	ResourceID  string `name:"resource-id" env:"-" group:"detail" help:"resourceId of the exception." placeholder:"ID"`
	Limit       int    `env:"-" group:"detail" help:"limit of the exception." placeholder:"N"`
	Reason      string `env:"-" group:"detail" help:"reason of a ValidationException." placeholder:"REASON"`
	Body        string `env:"-" group:"detail" help:"Body of the answer with --status." placeholder:"TEXT"`
	ContentType string `env:"-" group:"detail" help:"Content type of that body." placeholder:"TYPE"`
	Bare        bool   `env:"-" group:"detail" help:"Leave out the request ID and other headers of IVS Chat, as a gateway does."`
}

// members returns the members of the fault.
func (c faultAddCommand) members() map[string]any {
	members := map[string]any{}
	for name, text := range map[string]string{
		"operation": c.Operation, "room": c.Room, "userId": c.User, "capability": c.Capability,
		"exception": c.Exception, "frame": c.Frame, "message": c.Message, "resourceId": c.ResourceID,
		"reason": c.Reason, "body": c.Body, "contentType": c.ContentType,
	} {
		set(members, name, text)
	}
	for name, number := range map[string]int{
		"times": c.Times, "every": c.Every, "status": c.Status, "error": c.Error, "close": c.Close, "limit": c.Limit,
	} {
		set(members, name, number)
	}
	for name, is := range map[string]bool{"reset": c.Reset, "silence": c.Silence, "fail": c.Fail, "bare": c.Bare} {
		set(members, name, is)
	}
	set(members, "probability", json.Number(c.Probability))
	set(members, "seed", json.Number(c.Seed))
	if c.Delay != 0 {
		members["delay"] = c.Delay.String()
	}
	return members
}

func (c faultAddCommand) check() error {
	var wrong []error
	if c.Probability != "" && !isNumber(c.Probability) {
		wrong = append(wrong, cli.Wrongf("probability", "must be a number such as 0.1, but is %q", c.Probability))
	}
	if _, err := strconv.ParseUint(c.Seed, 10, 64); c.Seed != "" && (err != nil || !isNumber(c.Seed)) {
		wrong = append(wrong, cli.Wrongf("seed", "must be a whole number that is 0 or more, but is %q", c.Seed))
	}
	switch {
	case c.File != "" && len(c.members()) > 0:
		wrong = append(wrong, errors.New("fault add takes a file, or flags that describe a fault, but not both"))
	case c.File == "" && c.Operation == "":
		wrong = append(wrong, errors.New("fault add needs --operation, such as --operation CreateRoom, or --file"))
	}
	if c.Room != "" {
		wrong = append(wrong, checkRoom(c.Room))
	}
	return errors.Join(wrong...)
}

// isNumber reports whether a text is a number in JSON, which for instance 0x1 and NaN are not.
func isNumber(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil && json.Valid([]byte(text))
}

// A faultList is a list of faults, as the admin API has it.
type faultList struct {
	Items []fault.Document `json:"items"`
}

// Run adds a fault.
func (c faultAddCommand) Run(ctx context.Context, terminal terminal, of *faultCommand) error {
	body, err := c.document(ctx, terminal, of)
	if err != nil {
		return err
	}
	var added faultList
	if err := of.call(ctx, http.MethodPost, "faults", nil, body, &added); err != nil {
		return err
	}
	if of.JSON {
		return printJSON(terminal.out, added)
	}
	for _, one := range added.Items {
		if _, err := fmt.Fprintln(terminal.out, one.ID); err != nil {
			return err
		}
	}
	return nil
}

// document returns the fault, or the faults of the file, for the admin API.
func (c faultAddCommand) document(ctx context.Context, terminal terminal, of *faultCommand) (any, error) {
	if c.File != "" {
		return readDocument(terminal.in, c.File)
	}
	members := c.members()
	if c.Room != "" {
		service, err := of.connect("", "")
		if err != nil {
			return nil, err
		}
		room, err := service.FindAnyRoom(ctx, c.Room, of.Account)
		if err != nil {
			return nil, exitFor(err)
		}
		members["room"] = room.String()
	}
	return members, nil
}

// maximumDocument is how long a document with faults may be in bytes.
const maximumDocument = 1 << 20

// readDocument reads a file with JSON, or the input if the name is standard.
func readDocument(input io.Reader, name string) (io.Reader, error) {
	if name == standard {
		return io.LimitReader(input, maximumDocument), nil
	}
	text, err := shortfile.Read(name, maximumDocument)
	return strings.NewReader(string(text)), err
}

type faultListCommand struct{}

// Run lists the faults.
func (faultListCommand) Run(ctx context.Context, terminal terminal, of *faultCommand) error {
	var list faultList
	if err := of.call(ctx, http.MethodGet, "faults", nil, nil, &list); err != nil {
		return err
	}
	if of.JSON {
		return printJSON(terminal.out, list)
	}
	if len(list.Items) == 0 {
		_, err := fmt.Fprintln(terminal.err, "No faults.")
		return err
	}
	table := tabwriter.NewWriter(terminal.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tWHERE\tHOW OFTEN\tWHAT\tFIRED")
	for _, one := range list.Items {
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%d\n", one.ID, faultWhere(one), faultOften(one), faultWhat(one), one.Fired)
	}
	return table.Flush()
}

// faultWhere says where a fault fires.
func faultWhere(f fault.Document) string {
	text := f.Operation
	for _, limit := range [][2]string{
		{"user", f.UserID}, {"capability", string(f.Capability)}, {"room", f.Room}, {"account", f.Account},
	} {
		if limit[1] != "" {
			text += ", " + limit[0] + " " + limit[1]
		}
	}
	return cli.Printable(text)
}

// faultOften says how often a fault fires.
func faultOften(f fault.Document) string {
	var parts []string
	if f.Every != 0 {
		parts = append(parts, fmt.Sprintf("every %d", f.Every))
	}
	if f.Probability != nil {
		parts = append(parts, strconv.FormatFloat(*f.Probability*100, 'g', 4, 64)+"%")
	}
	if f.Times != 0 {
		parts = append(parts, fmt.Sprintf("%d times", f.Times))
	}
	if len(parts) == 0 {
		return "always"
	}
	return strings.Join(parts, ", ")
}

// faultWhat says what happens when a fault fires.
func faultWhat(f fault.Document) string {
	var parts []string
	add := func(is bool, format string, args ...any) {
		if is {
			parts = append(parts, fmt.Sprintf(format, args...))
		}
	}
	add(f.Delay != "", "delay %s", f.Delay)
	add(f.Exception != "", "%s", f.Exception)
	add(f.Status != 0, "status %d", f.Status)
	add(f.Error != 0, "ERROR %d", f.Error)
	add(f.Close != 0, "close %d", f.Close)
	add(f.Reset, "reset")
	add(f.Silence, "silence")
	add(f.Frame != "", "%s", f.Frame)
	add(f.Fail, "fail")
	return cli.Printable(strings.Join(parts, ", "))
}

type faultRemoveCommand struct {
	ID string `arg:"" name:"id" help:"ID of the fault, as fault add and fault list print it."`
}

func (c faultRemoveCommand) check() error {
	if _, err := strconv.ParseUint(c.ID, 10, 63); err != nil || !isNumber(c.ID) {
		return fmt.Errorf("ID must be a number, but is %q", c.ID)
	}
	return nil
}

// Run removes a fault.
func (c faultRemoveCommand) Run(ctx context.Context, terminal terminal, of *faultCommand) error {
	if err := of.call(ctx, http.MethodDelete, "faults/"+c.ID, nil, nil, nil); err != nil {
		return err
	}
	return report(terminal, of.JSON, map[string]any{"id": json.Number(c.ID)}, "Removed fault %s.", c.ID)
}

type faultClearCommand struct{}

// Run removes all faults.
func (faultClearCommand) Run(ctx context.Context, terminal terminal, of *faultCommand) error {
	if err := of.call(ctx, http.MethodDelete, "faults", nil, nil, nil); err != nil {
		return err
	}
	return report(terminal, of.JSON, map[string]any{"account": of.Account}, "Removed all faults.")
}
