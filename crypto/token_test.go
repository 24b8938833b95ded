package crypto_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ivschat-local/ivschat-local/crypto"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestAChatTokenOpensToTheSealedToken(t *testing.T) {
	t.Parallel()
	k := newKeyring(t)
	for name, token := range map[string]ivschat.ChatToken{
		"with required members only": small(""),
		"with all members":           full(),
		"with a Windows account":     small(`DOMAIN\anna`),
		"with many backslashes":      small(`\\\u0041\n\"\`),
	} {
		t.Run(name, func(t *testing.T) {
			opened, err := k.OpenChatToken(ctx, seal(t, k, token))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(opened, token) {
				t.Errorf("opened to\n%+v, want\n%+v", opened, token)
			}
		})
	}
}

func TestAChatTokenHasWholeSecondsInUTC(t *testing.T) {
	t.Parallel()
	k, token := newKeyring(t), small("u")
	want := token
	east := time.FixedZone("east", 3600)
	for _, at := range []*time.Time{&token.IssueTime, &token.TokenExpirationTime, &token.SessionExpirationTime} {
		*at = at.Add(999_999_999).In(east)
	}
	if opened, err := k.OpenChatToken(ctx, seal(t, k, token)); err != nil || !reflect.DeepEqual(opened, want) {
		t.Errorf("opened to %+v (%v), want %+v", opened, err, want)
	}
}

// The form of a chat token. Clients send it as a WebSocket subprotocol, which must be an HTTP token
// (RFC 7230, 3.2.6).
var (
	chatTokenForm = regexp.MustCompile("^AQICAH[A-Za-z0-9_-]+!{0,2}#[0-9]$")
	httpToken     = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
)

func TestAChatTokenHasTheFormOfTheRealService(t *testing.T) {
	t.Parallel()
	k, paddings := newKeyring(t), map[int]bool{}
	for length := range 130 {
		text := seal(t, k, small(strings.Repeat("u", length)))
		if !chatTokenForm.MatchString(text) || !httpToken.MatchString(text) {
			t.Fatalf("with a user ID of %d bytes it is %s", length, text)
		}
		if !opens(k, text) {
			t.Fatalf("with a user ID of %d bytes it does not open", length)
		}
		paddings[strings.Count(text, "!")] = true
	}
	if len(paddings) != 3 {
		t.Errorf("only the paddings %v occurred", paddings)
	}
}

func TestTwoTokensWithTheSameContentDiffer(t *testing.T) {
	t.Parallel()
	k := newKeyring(t)
	if first, second := seal(t, k, small("u")), seal(t, k, small("u")); first == second {
		t.Error("two chat tokens are equal")
	}
	if first, second := sealPage(t, k, "l", "p"), sealPage(t, k, "l", "p"); first == second {
		t.Error("two page tokens are equal")
	}
}

// threePaddings returns a chat token for each possible length of the base64 padding.
func threePaddings(t testing.TB, k *crypto.Keyring) (texts []string) {
	for _, userID := range []string{"u", "uu", "uuu"} {
		texts = append(texts, seal(t, k, small(userID)))
	}
	return texts
}

// eachFlip calls try for each bit of the text, with that bit flipped.
func eachFlip(text string, try func(flipped string)) {
	for i := range len(text) {
		for bit := range 8 {
			flipped := []byte(text)
			flipped[i] ^= 1 << bit
			try(string(flipped))
		}
	}
}

func TestATokenWithAFlippedBitIsRefused(t *testing.T) {
	t.Parallel()
	k := newKeyring(t)
	for _, text := range threePaddings(t, k) {
		eachFlip(text, func(flipped string) {
			if opens(k, flipped) {
				t.Errorf("%q opens, made from %q", flipped, text)
			}
		})
	}
	for _, position := range []string{"p", "pp", "ppp"} {
		text := sealPage(t, k, "list", position)
		eachFlip(text, func(flipped string) {
			if opensPage(k, "list", flipped) {
				t.Errorf("the page token %q opens, made from %q", flipped, text)
			}
		})
	}
}

func TestATokenInAnotherFormIsRefused(t *testing.T) {
	t.Parallel()
	k := newKeyring(t)
	for _, text := range threePaddings(t, k) {
		body := strings.TrimSuffix(text, "#0")
		bare := strings.TrimRight(body, "!")
		blob, err := chatText.DecodeString(body)
		if err != nil {
			t.Fatal(err)
		}
		others := map[string]string{
			"another digit":  body + "#1",
			"no suffix":      body,
			"no header":      chatText.EncodeToString(blob[5:]) + "#0",
			"two suffixes":   text + "#0",
			"more padding":   body + "!#0",
			"a space before": " " + text,
			"a space after":  text + " ",
			"an empty text":  "",
			"only a suffix":  "#0",
			"only a header":  "AQICAHg!#0",
		}
		if bare != body {
			others["no padding"] = bare + "#0"
			others["equals signs"] = strings.ReplaceAll(text, "!", "=")
		}
		for name, other := range others {
			if opens(k, other) {
				t.Errorf("%s: %q opens, made from %q", name, other, text)
			}
		}
	}
}

func TestATokenWithMissingOrAddedCharactersIsRefused(t *testing.T) {
	t.Parallel()
	k := newKeyring(t)
	for _, text := range threePaddings(t, k) {
		for i := range text {
			others := []string{text[:i], text[i+1:], text[:i] + "#0", text[:i] + text[i+1:]}
			for _, inserted := range []string{"\n", "\r", "\r\n", " ", "\x00", "A", "!"} {
				others = append(others, text[:i]+inserted+text[i:])
			}
			for _, other := range others {
				if other != text && opens(k, other) {
					t.Errorf("%q opens, made from %q", other, text)
				}
			}
		}
	}
}

func TestATokenOfAnotherKeyringIsRefused(t *testing.T) {
	t.Parallel()
	mine, other := newKeyring(t), newKeyring(t)
	if _, err := mine.OpenChatToken(ctx, seal(t, other, full())); err != ivschat.ErrInvalidToken {
		t.Errorf("a chat token of another keyring: the error is %v", err)
	}
	if opensPage(mine, "list", sealPage(t, other, "list", "p")) {
		t.Error("a page token of another keyring opens")
	}
}

func TestAPageTokenOpensForItsListOnly(t *testing.T) {
	t.Parallel()
	k := newKeyring(t)
	for _, position := range []string{"", "p", "\x00\xff", strings.Repeat("long", 99)} {
		text := sealPage(t, k, "ListRooms me", position)
		opened, err := k.OpenPageToken(ctx, "ListRooms me", text)
		if err != nil || string(opened) != position {
			t.Errorf("%q opened to %q (%v)", position, opened, err)
		}
		for _, list := range []string{"", "ListRooms", "ListRooms you", "ListRooms me ", "listrooms me"} {
			if opensPage(k, list, text) {
				t.Errorf("it opens for the list %q", list)
			}
		}
		for i := range text {
			if opensPage(k, "ListRooms me", text[:i]) ||
				opensPage(k, "ListRooms me", text[:i]+"\n"+text[i:]) {
				t.Errorf("it opens when it is cut, or has a line break, at %d", i)
			}
		}
	}
}

func TestAPageTokenWithPaddingIsRefused(t *testing.T) {
	t.Parallel()
	k := newKeyring(t)
	for _, position := range []string{"p", "pp", "ppp"} {
		text := sealPage(t, k, "list", position)
		for _, end := range []string{"=", "==", "!", "!!", " ", "\x00", "\n"} {
			if opensPage(k, "list", text+end) {
				t.Errorf("%q opens, made from %q", text+end, text)
			}
		}
	}
}

func TestAPageTokenIsNotAChatToken(t *testing.T) {
	t.Parallel()
	k := newKeyring(t)
	record := `{"id":"x","room":"` + room.String() + `","user":"intruder"}`
	for _, list := range []string{"", "list"} {
		page := sealPage(t, k, list, record)
		blob, err := pageText.DecodeString(page)
		if err != nil {
			t.Fatal(err)
		}
		disguised := chatText.EncodeToString(append([]byte{1, 2, 2, 0, 0x78}, blob...)) + "#0"
		if opens(k, disguised) || opens(k, page) {
			t.Errorf("a page token for the list %q opens as a chat token", list)
		}
	}
}

func TestAChatTokenIsNotAPageToken(t *testing.T) {
	t.Parallel()
	k := newKeyring(t)
	text := seal(t, k, full())
	blob, err := chatText.DecodeString(strings.TrimSuffix(text, "#0"))
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{"", "list", "ivschat-local chat token v1"} {
		if opensPage(k, list, pageText.EncodeToString(blob[5:])) || opensPage(k, list, text) {
			t.Errorf("a chat token opens as a page token for the list %q", list)
		}
	}
}
