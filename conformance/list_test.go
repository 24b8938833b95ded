package conformance_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"

	"github.com/ivschat-local/ivschat-local/emulator"
)

// names lists the rooms page by page, calling between before each further one.
func names(t *testing.T, c *ivschat.Client, input ivschat.ListRoomsInput, between func()) (all []string, pages int) {
	t.Helper()
	input.NextToken = aws.String("") // as the AWS CLI is documented to begin
	for {
		list := must[*ivschat.ListRoomsOutput](t)(c.ListRooms(t.Context(), &input))
		pages++
		for _, room := range list.Rooms {
			all = append(all, aws.ToString(room.Name))
		}
		if list.NextToken == nil {
			return all, pages
		}
		input.NextToken = list.NextToken
		between()
	}
}

func nothing() {}

func TestRoomsAreListedLastUpdatedFirst(t *testing.T) {
	e := start(t, emulator.Config{})
	c := client(e, account, "us-east-1")
	var rooms []*ivschat.CreateRoomOutput
	for _, name := range []string{"a", "b", "c"} {
		rooms = append(rooms, createRoom(t, c, &ivschat.CreateRoomInput{Name: &name}))
		e.Clock().Advance(time.Second)
	}
	must[*ivschat.UpdateRoomOutput](t)(c.UpdateRoom(t.Context(), &ivschat.UpdateRoomInput{Identifier: rooms[0].Arn, Name: aws.String("a2")}))
	if got, _ := names(t, c, ivschat.ListRoomsInput{}, nothing); !slices.Equal(got, []string{"a2", "c", "b"}) {
		t.Errorf("got %v", got)
	}
}

func TestAPageHasFiftyRoomsUnlessFewerAreAskedFor(t *testing.T) {
	c := begin(t)
	var want []string
	for i := range 101 {
		name := fmt.Sprint(i)
		createRoom(t, c, &ivschat.CreateRoomInput{Name: &name})
		want = append([]string{name}, want...)
	}
	for size, wantPages := range map[int32]int{0: 3, 50: 3, 7: 15, 1: 101} {
		input := ivschat.ListRoomsInput{}
		if size > 0 {
			input.MaxResults = &size
		}
		got, pages := names(t, c, input, nothing)
		if !slices.Equal(got, want) || pages != wantPages {
			t.Errorf("page size %d: %d rooms on %d pages", size, len(got), pages)
		}
	}
	exact, pages := names(t, c, ivschat.ListRoomsInput{Name: aws.String("100"), MaxResults: aws.Int32(1)}, nothing)
	if len(exact) != 1 || pages != 1 {
		t.Errorf("the last page gave a token for nothing: %v on %d pages", exact, pages)
	}
}

func TestPagingSurvivesConcurrentChanges(t *testing.T) {
	c := begin(t)
	arns := map[string]*string{}
	for i := range 20 {
		name := fmt.Sprintf("room-%02d", i)
		arns[name] = createRoom(t, c, &ivschat.CreateRoomInput{Name: &name}).Arn
	}
	turn := 0
	got, _ := names(t, c, ivschat.ListRoomsInput{MaxResults: aws.Int32(4)}, func() {
		turn++
		if turn > 2 {
			return
		}
		createRoom(t, c, &ivschat.CreateRoomInput{Name: aws.String("new")})
		lastSeen, unseen := fmt.Sprintf("room-%02d", 20-4*turn), fmt.Sprintf("room-%02d", turn)
		for _, name := range []string{lastSeen, unseen} { // the token points at the first
			if _, err := c.DeleteRoom(t.Context(), &ivschat.DeleteRoomInput{Identifier: arns[name]}); err != nil {
				t.Fatal(err)
			}
		}
	})
	var want []string
	for i := 19; i >= 0; i-- {
		if i != 1 && i != 2 {
			want = append(want, fmt.Sprintf("room-%02d", i))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestFiltersMustAllHold(t *testing.T) {
	c := begin(t)
	logging := createLoggingConfiguration(t, c)
	unused := createLoggingConfiguration(t, c)
	handler := &types.MessageReviewHandler{Uri: aws.String(lambda)}
	createRoom(t, c, &ivschat.CreateRoomInput{Name: aws.String("plain")})
	createRoom(t, c, &ivschat.CreateRoomInput{Name: aws.String("reviewed"), MessageReviewHandler: handler})
	createRoom(t, c, &ivschat.CreateRoomInput{Name: aws.String("logged"), LoggingConfigurationIdentifiers: []string{*logging.Arn}})
	createRoom(t, c, &ivschat.CreateRoomInput{Name: aws.String("both"), MessageReviewHandler: handler, LoggingConfigurationIdentifiers: []string{*logging.Arn}})
	for _, test := range []struct {
		filter ivschat.ListRoomsInput
		want   []string
	}{
		{ivschat.ListRoomsInput{Name: aws.String("plain")}, []string{"plain"}},
		{ivschat.ListRoomsInput{Name: aws.String("pla")}, nil},
		{ivschat.ListRoomsInput{Name: aws.String("")}, []string{"both", "logged", "reviewed", "plain"}},
		{ivschat.ListRoomsInput{MessageReviewHandlerUri: aws.String(lambda)}, []string{"both", "reviewed"}},
		{ivschat.ListRoomsInput{MessageReviewHandlerUri: aws.String("")}, []string{"both", "logged", "reviewed", "plain"}},
		{ivschat.ListRoomsInput{LoggingConfigurationIdentifier: logging.Arn}, []string{"both", "logged"}},
		{ivschat.ListRoomsInput{LoggingConfigurationIdentifier: unused.Arn}, nil},
		{ivschat.ListRoomsInput{LoggingConfigurationIdentifier: logging.Arn, MessageReviewHandlerUri: aws.String(lambda)}, []string{"both"}},
		{ivschat.ListRoomsInput{LoggingConfigurationIdentifier: logging.Arn, Name: aws.String("plain")}, nil},
	} {
		test.filter.MaxResults = aws.Int32(1)
		if got, _ := names(t, c, test.filter, nothing); !slices.Equal(got, test.want) {
			t.Errorf("got %v, want %v", got, test.want)
		}
	}
}

func TestAPageTokenServesOneListOnly(t *testing.T) {
	e := start(t, emulator.Config{})
	c := client(e, account, "us-east-1")
	for range 2 {
		createRoom(t, c, &ivschat.CreateRoomInput{Name: aws.String("x")})
		createLoggingConfiguration(t, c)
	}
	token := must[*ivschat.ListRoomsOutput](t)(c.ListRooms(t.Context(), &ivschat.ListRoomsInput{MaxResults: aws.Int32(1)})).NextToken

	tampered := []byte(*token)
	tampered[len(tampered)/2] ^= 1
	for name, call := range map[string]func() error{
		"tampered with": func() error {
			_, err := c.ListRooms(t.Context(), &ivschat.ListRoomsInput{NextToken: aws.String(string(tampered))})
			return err
		},
		"made up": func() error {
			_, err := c.ListRooms(t.Context(), &ivschat.ListRoomsInput{NextToken: aws.String("page3")})
			return err
		},
		"with another filter": func() error {
			_, err := c.ListRooms(t.Context(), &ivschat.ListRoomsInput{NextToken: token, Name: aws.String("x")})
			return err
		},
		"in another list": func() error {
			_, err := c.ListLoggingConfigurations(t.Context(), &ivschat.ListLoggingConfigurationsInput{NextToken: token})
			return err
		},
		"by another account": func() error {
			_, err := client(e, "999999999999", "us-east-1").ListRooms(t.Context(), &ivschat.ListRoomsInput{NextToken: token})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			if invalid := refused[*types.ValidationException](t, call()); len(invalid.FieldList) != 1 || *invalid.FieldList[0].Name != "nextToken" {
				t.Errorf("got %+v", invalid)
			}
		})
	}
	if rest := must[*ivschat.ListRoomsOutput](t)(c.ListRooms(t.Context(), &ivschat.ListRoomsInput{NextToken: token, MaxResults: aws.Int32(50)})); len(rest.Rooms) != 1 {
		t.Errorf("the token itself gave %d rooms", len(rest.Rooms))
	}
}

func TestLoggingConfigurationsAreListedInPagesToo(t *testing.T) {
	c := begin(t)
	var want, got []string
	for range 5 {
		want = append([]string{*createLoggingConfiguration(t, c).Arn}, want...)
	}
	input := ivschat.ListLoggingConfigurationsInput{MaxResults: aws.Int32(2)}
	for {
		list := must[*ivschat.ListLoggingConfigurationsOutput](t)(c.ListLoggingConfigurations(t.Context(), &input))
		for _, configuration := range list.LoggingConfigurations {
			got = append(got, *configuration.Arn)
		}
		if input.NextToken = list.NextToken; input.NextToken == nil {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
