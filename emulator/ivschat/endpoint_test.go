package ivschat

import "testing"

func TestTheHostsOfTheServiceAreRecognized(t *testing.T) {
	for host, want := range map[string]struct {
		endpoint Endpoint
		region   string
	}{
		"ivschat.us-east-1.amazonaws.com":           {ControlEndpoint, "us-east-1"},
		"ivschat.eu-west-1.api.aws":                 {ControlEndpoint, "eu-west-1"},
		"edge.ivschat.us-west-2.amazonaws.com":      {MessagingEndpoint, "us-west-2"},
		"edge.ivschat.us-west-2.amazonaws.com:4700": {MessagingEndpoint, "us-west-2"},
		"IVSChat.US-East-1.AmazonAWS.com:443":       {ControlEndpoint, "us-east-1"},
		"ivschat.us-east-1.amazonaws.com.":          {ControlEndpoint, "us-east-1"},

		"":                                       {},
		"localhost:4700":                         {},
		"ivschat.localhost":                      {},
		"ivschat.amazonaws.com":                  {},
		"ivschat..amazonaws.com":                 {},
		"ivschat.a.b.amazonaws.com":              {},
		"edge.ivschat.us-east-1.api.aws":         {},
		"x.ivschat.us-east-1.amazonaws.com":      {},
		"ivs.us-east-1.amazonaws.com":            {},
		"ivschat.us-east-1.amazonaws.com.evil.x": {},
		"ivschat.us-east-1.amazonaws.com:x:y":    {},
	} {
		if endpoint, region := ParseHost(host); endpoint != want.endpoint || region != want.region {
			t.Errorf("%s: got %d, %q", host, endpoint, region)
		}
	}
}
