package remote

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A RoomSummary is a room in the answer of ListRooms.
type RoomSummary struct {
	ARN  string            `json:"arn"`
	Name string            `json:"name"`
	Tags map[string]string `json:"tags"`
}

// A Room is what GetRoom and CreateRoom answer.
type Room struct {
	ARN                             string                `json:"arn"`
	ID                              string                `json:"id"`
	Name                            string                `json:"name,omitempty"`
	CreateTime                      string                `json:"createTime,omitempty"`
	UpdateTime                      string                `json:"updateTime,omitempty"`
	MaximumMessageLength            int                   `json:"maximumMessageLength"`
	MaximumMessageRatePerSecond     int                   `json:"maximumMessageRatePerSecond"`
	MessageReviewHandler            *MessageReviewHandler `json:"messageReviewHandler,omitempty"`
	LoggingConfigurationIdentifiers []string              `json:"loggingConfigurationIdentifiers,omitempty"`
	Tags                            map[string]string     `json:"tags"`
}

// A MessageReviewHandler is the member of a room.
type MessageReviewHandler struct {
	URI            string `json:"uri,omitempty"`
	FallbackResult string `json:"fallbackResult,omitempty"`
}

// pageSize is how many rooms one answer of ListRooms has at most (model: MaxRoomResults).
const pageSize = 50

// ListRooms calls visit with each room of the caller, page by page, until it returns false. With a name, it visits
// only the rooms that are called so.
func (s *Service) ListRooms(ctx context.Context, name string, visit func(RoomSummary) bool) error {
	input := map[string]any{"maxResults": pageSize}
	if name != "" {
		input["name"] = name
	}
	for {
		var page struct {
			Rooms     []RoomSummary
			NextToken string
		}
		if err := s.Call(ctx, "ListRooms", input, &page); err != nil {
			return err
		}
		for _, room := range page.Rooms {
			if !visit(room) {
				return nil
			}
		}
		if page.NextToken == "" {
			return nil
		}
		if page.NextToken == input["nextToken"] {
			return fmt.Errorf("%s answers ListRooms with the same nextToken again and again", s.endpoint)
		}
		input["nextToken"] = page.NextToken
	}
}

// The forms of names and IDs (model: RoomName, RoomID).
var (
	roomName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,128}$`)
	roomID   = regexp.MustCompile(`^[a-zA-Z0-9]{12}$`)
)

// CheckRoom checks that a text can name a room. The error continues a sentence.
func CheckRoom(text string) error {
	if _, err := roomARN(text); err == nil || roomName.MatchString(text) {
		return nil
	}
	return fmt.Errorf("must be a name, an ID or an ARN of a room, but is %q", text)
}

// roomARN parses the ARN of a room.
func roomARN(text string) (ivschat.ARN, error) {
	arn, err := ivschat.ParseARN(text)
	if err == nil && arn.ResourceType != ivschat.RoomResource {
		err = errors.New("not the ARN of a room")
	}
	return arn, err
}

// FindRoom returns the ARN of the room that has a name, an ID or an ARN. An ARN need not exist. The error is a
// *NotFoundError if there is no such room, and an *AmbiguousError if there are several.
func (s *Service) FindRoom(ctx context.Context, text string) (ivschat.ARN, error) {
	if arn, err := roomARN(text); err == nil {
		return arn, nil
	}
	var arns []string
	err := s.ListRooms(ctx, text, func(room RoomSummary) bool {
		arns = append(arns, room.ARN)
		return true
	})
	if err == nil && roomID.MatchString(text) {
		var byID string
		if byID, err = s.findID(ctx, text); byID != "" {
			arns = append(arns, byID)
		}
	}
	switch {
	case isDenied(err):
		return ivschat.ARN{}, fmt.Errorf("%w: give the ARN of the room, which needs no permission to list rooms", err)
	case err != nil:
		return ivschat.ARN{}, err
	case len(arns) == 0:
		return ivschat.ARN{}, &NotFoundError{fmt.Sprintf("the room %s does not exist: ivschat-local room list shows those "+
			"of the account and the region; --account and --region choose others", text)}
	case len(arns) > 1:
		return ivschat.ARN{}, &AmbiguousError{text, arns}
	}
	return roomARN(arns[0])
}

// isDenied reports whether a permission is missing.
func isDenied(err error) bool {
	refused, ok := errors.AsType[*chatclient.RefusedError](err)
	return ok && refused.ErrorType == ivschat.AccessDeniedException.Name
}

// findID returns the ARN of the room with an ID, "" if there is none. The ARN of any room has the account and the
// region, which AWS does not tell otherwise.
func (s *Service) findID(ctx context.Context, id string) (arn string, err error) {
	var found ivschat.ARN
	err = s.ListRooms(ctx, "", func(room RoomSummary) bool {
		found, _ = roomARN(room.ARN)
		return false
	})
	if err != nil || found.ID == "" {
		return "", err
	}
	found.ID = id
	err = s.CallFor(ctx, found, "GetRoom", map[string]string{"identifier": found.String()}, nil)
	if refused, ok := errors.AsType[*chatclient.RefusedError](err); ok && refused.Status == http.StatusNotFound {
		return "", nil
	}
	return found.String(), err
}

// FindAnyRoom is FindRoom through the admin API: it also finds rooms of other accounts and regions, unless the account
// is not "".
func (s *Service) FindAnyRoom(ctx context.Context, text, account string) (ivschat.ARN, error) {
	if arn, err := roomARN(text); err == nil {
		return arn, nil
	}
	rooms, err := s.SearchRooms(ctx, text, account)
	if err != nil {
		return ivschat.ARN{}, err
	}
	var found []string
	for _, room := range rooms {
		if room.Name == text || strings.HasSuffix(room.ARN, ":room/"+text) {
			found = append(found, room.ARN)
		}
	}
	switch len(found) {
	case 0:
		return ivschat.ARN{}, &NotFoundError{fmt.Sprintf("the room %s does not exist", text)}
	case 1:
		return roomARN(found[0])
	default:
		return ivschat.ARN{}, &AmbiguousError{text, found}
	}
}

// maximumFound is how many rooms SearchRooms returns at most.
const maximumFound = 1000

// SearchRooms returns rooms with a text in their name, ARN or tags, of the account, unless it is "". It needs the admin
// API.
func (s *Service) SearchRooms(ctx context.Context, text, account string) ([]RoomSummary, error) {
	query := url.Values{"search": {text}, "sessions": {"0"}, "count": {strconv.Itoa(maximumFound)}}
	if account != "" {
		query.Set("account", account)
	}
	var list struct{ Items []RoomSummary }
	err := s.Admin(ctx, http.MethodGet, "rooms?"+query.Encode(), nil, &list)
	return list.Items, err
}
