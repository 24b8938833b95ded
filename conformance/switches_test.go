package conformance_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/ivschat-local/ivschat-local/conformance"
	"github.com/ivschat-local/ivschat-local/conformance/claims"
	"github.com/ivschat-local/ivschat-local/emulator"
)

// numberOfAccounts is more than all checks need. Most use one, and some two.
const numberOfAccounts = 2000

// numberOfCallers is how many accounts have callers who may not do everything. Each check of their permissions needs
// one.
const numberOfCallers = 50

// credentialsFiles is how many credentials files there are.
var credentialsFiles atomic.Int64

// newCredentials returns a credentials file with an access key for each of many accounts, and with the callers of some
// more. The accounts are in no other file, because all emulators deliver chat logs to the same destinations.
func newCredentials(t *testing.T) string {
	t.Helper()
	file := credentialsFiles.Add(1)
	callers := make([]object, numberOfAccounts)
	for i := range callers {
		callers[i] = object{
			"accessKeyId":     fmt.Sprintf("CONFORMANCE%05d", i),
			"secretAccessKey": fmt.Sprintf("secret/%033d", i),
			"account":         fmt.Sprintf("5%05d%06d", file, i),
			"policies":        []string{"IVSFullAccess"},
		}
	}
	for i := range numberOfCallers {
		for kind, policies := range map[string][]any{
			"ALL": {"IVSFullAccess"}, "NONE": {}, "SOME": {json.RawMessage(conformance.SomePermissions)},
		} {
			callers = append(callers, object{
				"accessKeyId":     fmt.Sprintf("%s%05d", kind, i),
				"secretAccessKey": fmt.Sprintf("secret/%s%05d", kind, i),
				"account":         fmt.Sprintf("6%011d", i),
				"policies":        policies,
			})
		}
	}
	text, err := json.Marshal(callers)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// accountsOf returns a function that returns another account of a credentials file each time, with its access key.
func accountsOf(t *testing.T, credentials string) func() (account string, key aws.Credentials) {
	t.Helper()
	var callers []struct{ AccessKeyID, SecretAccessKey, Account string }
	if err := json.Unmarshal([]byte(credentials), &callers); err != nil {
		t.Fatal(err)
	}
	var used atomic.Int64
	return func() (string, aws.Credentials) {
		n := int(used.Add(1))
		if n > numberOfAccounts {
			panic(fmt.Sprintf("each check needs an account of its own, but there are only %d", numberOfAccounts))
		}
		caller := callers[n-1]
		return caller.Account, aws.Credentials{AccessKeyID: caller.AccessKeyID, SecretAccessKey: caller.SecretAccessKey}
	}
}

// newCallersOf returns a function that returns the callers of another account of a credentials file each time.
func newCallersOf() func() conformance.Callers {
	var used atomic.Int64
	return func() conformance.Callers {
		i := used.Add(1) - 1
		if i >= numberOfCallers {
			panic(fmt.Sprintf("each check needs callers of its own, but there are only those of %d accounts", numberOfCallers))
		}
		key := func(kind string) aws.Credentials {
			return aws.Credentials{
				AccessKeyID: fmt.Sprintf("%s%05d", kind, i), SecretAccessKey: fmt.Sprintf("secret/%s%05d", kind, i),
			}
		}
		return conformance.Callers{
			Account: fmt.Sprintf("6%011d", i), All: key("ALL"), None: key("NONE"), Some: key("SOME"),
		}
	}
}

// readAccounts returns the function of accountsOf for a file that TestCredentials has written.
func readAccounts(t *testing.T, file string) func() (account string, key aws.Credentials) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return accountsOf(t, string(text))
}

func TestCredentials(t *testing.T) {
	if *credentials == "" || *endpoint != "" {
		t.Skip("it only writes a file, if -credentials names one")
	}
	if err := os.WriteFile(*credentials, []byte(newCredentials(t)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// switchesOf has the switches that a value of --auth turns on.
var switchesOf = map[string]conformance.Switch{
	emulator.AuthSignatures: conformance.Signatures,
	emulator.AuthIAM:        conformance.Signatures | conformance.Permissions,
}

// remoteAuth returns the value of --auth of an ivschat-local in another process.
func remoteAuth(t *testing.T, endpoint string) string {
	t.Helper()
	var info struct{ Auth string }
	api := adminAPI(strings.TrimSuffix(endpoint, "/"))
	if err := api.call(t.Context(), http.MethodGet, "/info", "", &info); err != nil {
		t.Fatal(err)
	}
	return info.Auth
}

// withAuth returns an emulator that verifies signatures, as a target. Each check has an account of its own, with an
// access key.
func withAuth(t *testing.T, auth string, config emulator.Config) (*emulator.Emulator, conformance.Target) {
	t.Helper()
	if *endpoint != "" {
		t.Skip("the target is not an emulator of this process")
	}
	config.Auth, config.Credentials = auth, newCredentials(t)
	e := start(t, config)
	target := inProcess(e)
	target.NewAccount, target.Switches = accountsOf(t, config.Credentials), switchesOf[auth]
	if auth == emulator.AuthIAM {
		target.NewCallers = newCallersOf()
	}
	return e, target
}

func TestConformanceWithAuth(t *testing.T) {
	for auth := range switchesOf {
		t.Run(auth, func(t *testing.T) {
			_, target := withAuth(t, auth, config())
			conformance.Run(t, target, claims.All())
		})
	}
}

// Claims that are deviations because a switch is off by default hold when it is on.
func TestConformanceWithSwitchesOn(t *testing.T) {
	config := config()
	config.APIRates = emulator.APIRatesAWS
	config.SendMessageRate, config.DeleteMessageRate = 1000, 100
	config.DisconnectUserRate, config.SendEventRate = 100, 100
	e, target := withAuth(t, emulator.AuthIAM, config)
	target.Switches |= conformance.Rates
	e.Clock().SetScale(0.1) // or a busy machine may be too slow to exceed a rate
	var withSwitch []conformance.Claim
	for _, claim := range claims.All() {
		if claim.Switch != 0 {
			withSwitch = append(withSwitch, claim)
		}
	}
	report := conformance.Run(t, target, withSwitch)
	if held := report.Count(conformance.Held); held < 19 || held != len(withSwitch) {
		t.Errorf("%d of %d claims held", held, len(withSwitch))
	}
}
