package emulatortest_test

import (
	"crypto/tls"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

func TestStartTLSWorksInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulatortest.StartTLS(t)
		room := e.Room()
		anna := e.Connect(room, "anna", "SEND_MESSAGE")
		ben := e.Connect(room, "ben")
		anna.SendMessage("hi")
		if got := ben.Receive().Content; got != "hi" {
			t.Errorf("ben received %q", got)
		}
		time.Sleep(24 * time.Hour) // the clock of the machine
		e.Advance(24 * time.Hour)  // that of the service
		ben.ReceiveMatching(func(f chatclient.Frame) bool { return f.ErrorCode == 401 })
		ben.WaitClosed()
	})
}

// The certificate is for the name that a client asks for, and the emulator keeps it.
func TestAClientOfStartTLSVerifiesTheCertificate(t *testing.T) {
	e := emulatortest.StartTLS(t)
	response, err := e.HTTPClient().Get(e.URL() + "/health")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if names := response.TLS.PeerCertificates[0].DNSNames; len(names) != 1 || names[0] != "ivschat.localhost" {
		t.Errorf("the certificate is for %v", names)
	}
	for name, transport := range map[string]*http.Transport{
		"without the authority": {DialContext: e.DialContext},
		"with that of another": {
			DialContext: e.DialContext, TLSClientConfig: emulatortest.StartTLS(t).ClientTLS(),
		},
	} {
		client := http.Client{Transport: transport}
		if _, err := client.Get(e.URL() + "/health"); err == nil {
			t.Errorf("%s, a client is connected", name)
		}
	}
}

func TestAClientWithoutTLSDoesNotReachStartTLS(t *testing.T) {
	e := emulatortest.StartTLS(t)
	response, err := e.HTTPClient().Get(emulatortest.URL + "/health")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("the answer is %s", response.Status)
	}
}

func TestOtherProcessesReachStartTLSAfterStart(t *testing.T) {
	e := emulatortest.StartTLS(t, emulator.Config{TLS: emulator.TLSOff}) // which StartTLS replaces
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	config := e.Config()
	config.HTTPClient = &http.Client{Transport: &http.Transport{TLSClientConfig: e.ClientTLS()}}
	url := e.URL()
	config.BaseEndpoint = &url
	if _, err := ivschat.NewFromConfig(config).CreateRoom(t.Context(), &ivschat.CreateRoomInput{}); err != nil {
		t.Error(err)
	}
	conn, err := tls.Dial("tcp", e.Addr().String(), e.ClientTLS())
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
}
