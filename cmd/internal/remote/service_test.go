package remote

import (
	"errors"
	"testing"
)

func TestAServiceIsWhereTheEndpointAndTheRegionSay(t *testing.T) {
	keys := map[string]string{"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
	with := func(variables map[string]string, name, value string) map[string]string {
		all := map[string]string{name: value}
		for key, value := range variables {
			all[key] = value
		}
		return all
	}
	for _, c := range []struct {
		config                       Config
		variables                    map[string]string
		endpoint, messaging, admin   string
		region, account, accessKeyID string
	}{
		{
			config:   Config{Endpoint: "http://127.0.0.1:4700/"},
			endpoint: "http://127.0.0.1:4700", messaging: "http://127.0.0.1:4700", admin: "http://127.0.0.1:4700",
		}, {
			config:    Config{Endpoint: "http://127.0.0.1:4700", Admin: "http://127.0.0.1:4701", Account: "111111111111"},
			variables: with(keys, "AWS_REGION", "eu-west-1"),
			endpoint:  "http://127.0.0.1:4700", messaging: "http://127.0.0.1:4700", admin: "http://127.0.0.1:4701",
			region: "eu-west-1", account: "111111111111",
		}, {
			config:    Config{Endpoint: "http://localhost:4700"},
			variables: keys,
			endpoint:  "http://localhost:4700", messaging: "http://localhost:4700", admin: "http://localhost:4700",
			accessKeyID: "AKIDEXAMPLE",
		}, {
			config:    Config{Endpoint: "AWS", Region: "us-west-2"},
			variables: with(keys, "AWS_REGION", "eu-west-1"),
			endpoint:  "https://ivschat.us-west-2.amazonaws.com", messaging: "wss://edge.ivschat.us-west-2.amazonaws.com",
			admin: "https://ivschat.us-west-2.amazonaws.com", region: "us-west-2", accessKeyID: "AKIDEXAMPLE",
		}, {
			config:    Config{Endpoint: "https://ivschat.us-east-1.amazonaws.com"},
			variables: with(keys, "AWS_REGION", "eu-west-1"),
			endpoint:  "https://ivschat.us-east-1.amazonaws.com", messaging: "wss://edge.ivschat.us-east-1.amazonaws.com",
			admin: "https://ivschat.us-east-1.amazonaws.com", region: "us-east-1", accessKeyID: "AKIDEXAMPLE",
		}, {
			config:    Config{Endpoint: "https://ivschat.eu-west-1.api.aws:8443"},
			variables: keys,
			endpoint:  "https://ivschat.eu-west-1.api.aws:8443", messaging: "wss://edge.ivschat.eu-west-1.amazonaws.com:8443",
			admin: "https://ivschat.eu-west-1.api.aws:8443", region: "eu-west-1", accessKeyID: "AKIDEXAMPLE",
		}, {
			config:   Config{Endpoint: "http://ivschat.eu-west-1.amazonaws.com:4700"},
			endpoint: "http://ivschat.eu-west-1.amazonaws.com:4700", messaging: "ws://edge.ivschat.eu-west-1.amazonaws.com:4700",
			admin: "http://ivschat.eu-west-1.amazonaws.com:4700", region: "eu-west-1",
		}, {
			config:    Config{Endpoint: "https://chat.example.com/prefix/"},
			variables: with(keys, "IVSCHAT_ACCOUNT", "222222222222"),
			endpoint:  "https://chat.example.com/prefix", messaging: "https://chat.example.com/prefix",
			admin: "https://chat.example.com/prefix", account: "222222222222", accessKeyID: "AKIDEXAMPLE",
		},
	} {
		c.config.Getenv = func(name string) string { return c.variables[name] }
		s, err := New(c.config)
		if err != nil {
			t.Errorf("%+v: %v", c.config, err)
			continue
		}
		if s.endpoint != c.endpoint || s.messaging != c.messaging || s.admin != c.admin || s.region != c.region ||
			s.account != c.account || s.credentials.id != c.accessKeyID {
			t.Errorf("%s: got %+v", c.config.Endpoint, s)
		}
	}
}

func TestAWSNeedsARegionAndCredentials(t *testing.T) {
	none := func(string) string { return "" }
	if _, err := New(Config{Endpoint: AWS, Getenv: none}); err == nil {
		t.Error("aws without a region is accepted")
	}
	_, err := New(Config{Endpoint: AWS, Region: "us-east-1", Getenv: none})
	if _, ok := errors.AsType[*CredentialsError](err); !ok {
		t.Errorf("without credentials: %v", err)
	}
	all := func(name string) string {
		return map[string]string{"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}[name]
	}
	_, err = New(Config{Endpoint: AWS, Region: "us-east-1", Account: "111111111111", Getenv: all})
	if _, ok := errors.AsType[*CredentialsError](err); !ok {
		t.Errorf("with an account: %v", err)
	}
}
