package ivschat_test

import (
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

const example = "arn:aws:ivschat:us-west-2:123456789012:room/g1H2I3j4k5L6"

func TestAnARNIsParsedAsItIsPrinted(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]ivschat.ARN{
		example: {
			Owner:        ivschat.Owner{AccountID: "123456789012", Region: "us-west-2"},
			ResourceType: ivschat.RoomResource,
			ID:           "g1H2I3j4k5L6",
		},
		"arn:aws:ivschat:local:0:logging-configuration/a-b": {
			Owner:        ivschat.Owner{AccountID: "0", Region: "local"},
			ResourceType: ivschat.LoggingConfigurationResource,
			ID:           "a-b",
		},
		"arn:aws:ivschat:eu-west-1:000000000000:channel/X": {
			Owner:        ivschat.Owner{AccountID: "000000000000", Region: "eu-west-1"},
			ResourceType: "channel",
			ID:           "X",
		},
	} {
		if arn, err := ivschat.ParseARN(text); err != nil || arn != want {
			t.Errorf("%s is parsed as %+v (%v)", text, arn, err)
		}
		if want.String() != text {
			t.Errorf("%+v is printed as %s", want, want)
		}
	}
}

func TestATextThatIsNotAnARNIsRefusedAndQuoted(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "arn", example + "\n", "\n" + example, " " + example,
		example + "/", example + "/x", example + ":x", example + "é", example + "\x00",
		strings.Replace(example, "arn", "ARN", 1),
		strings.Replace(example, ":aws:", ":aws-cn:", 1),
		strings.Replace(example, "ivschat", "ivs", 1),
		strings.Replace(example, "us-west-2", "", 1),
		strings.Replace(example, "us-west-2", "US-WEST-2", 1),
		strings.Replace(example, "us-west-2", "us/west", 1),
		strings.Replace(example, "123456789012", "", 1),
		strings.Replace(example, "123456789012", "12345678901x", 1),
		strings.Replace(example, "123456789012", "123456x89012", 1),
		strings.Replace(example, "room", "", 1),
		strings.Replace(example, "room", "Room", 1),
		strings.Replace(example, "room/", "room:", 1),
		strings.Replace(example, "g1H2I3j4k5L6", "", 1),
		strings.Replace(example, "g1H2I3j4k5L6", "g1H2I3é4k5L6", 1),
	} {
		arn, err := ivschat.ParseARN(text)
		if err == nil || arn != (ivschat.ARN{}) {
			t.Errorf("%q is parsed as %+v", text, arn)
		} else if strings.ContainsAny(err.Error(), "\n\x00") {
			t.Errorf("%q is not quoted: %v", text, err)
		}
	}
}

// FuzzARN checks that ParseARN and String are inverse functions.
func FuzzARN(f *testing.F) {
	f.Add(example)
	f.Add(example + "\n")
	f.Add("arn:aws:ivschat:-:0:-/-")
	f.Add("arn:aws:ivschat::0:room/:room/x")
	f.Fuzz(func(t *testing.T, text string) {
		arn, err := ivschat.ParseARN(text)
		if err != nil {
			return
		}
		if arn.String() != text {
			t.Errorf("%q is parsed as %+v and printed as %s", text, arn, arn)
		}
		if again, err := ivschat.ParseARN(arn.String()); err != nil || again != arn {
			t.Errorf("%+v is printed as %s and parsed as %+v (%v)", arn, arn, again, err)
		}
		// The store uses both as keys, whose parts must stay distinct.
		if strings.Count(arn.Owner.String(), "/") != 1 || strings.Contains(arn.ID, "/") {
			t.Errorf("the owner is %s, the ID %s", arn.Owner, arn.ID)
		}
	})
}

func TestAccountsAndRegionsAreRecognizedByTheirForm(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct{ account, region bool }{
		"123456789012":          {true, true},
		"12345678901":           {false, true},
		"1234567890123":         {false, true},
		"12345678901a":          {false, true},
		"us-east-1":             {false, true},
		strings.Repeat("a", 32): {false, true},
		strings.Repeat("a", 33): {},
		"US East":               {},
		"us-east-1\n":           {},
		"123456789012\n":        {},
		"":                      {},
		"１２３４":                  {}, // twelve bytes, and digits in Unicode
	} {
		account, region := ivschat.IsAccountID(text), ivschat.IsRegion(text)
		if account != want.account || region != want.region {
			t.Errorf("%q: account %v, region %v", text, account, region)
		}
	}
}
