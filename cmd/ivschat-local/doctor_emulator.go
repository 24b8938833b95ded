package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
	"github.com/ivschat-local/ivschat-local/emulator/cors"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

const (
	// signatureSkew is by how much the time of a signature may differ (IAM User Guide: Elements of an AWS API request
	// signature).
	signatureSkew = 5 * time.Minute
	// noticedSkew is from which difference on times of the emulator look strange here.
	noticedSkew = 30 * time.Second
	// shownFaults is how many faults are listed.
	shownFaults = 3
)

// An emulatorInfo is what doctor reads of an emulator's settings.
type emulatorInfo struct {
	Auth, Account, Region string
	Owners                []struct {
		Account, Region string
		Rooms           int
	}
}

// ask gets a document of the admin API.
func (x *examination) ask(ctx context.Context, path string, output any) error {
	client, err := x.client("")
	if err != nil {
		return err
	}
	reply, err := send(ctx, client, http.MethodGet, x.admin+"/_ivschat/v1/"+path, nil)
	switch {
	case err != nil:
		return err
	case !reply.OK():
		_, message := reply.Exception()
		return fmt.Errorf("%d %s", reply.Status, message)
	}
	return json.Unmarshal(reply.Body, output)
}

// emulatorRegion returns the region of the emulator, or the default if it is not known.
func (x *examination) emulatorRegion(ctx context.Context) string {
	var info emulatorInfo
	if x.endpoint == nil || x.ask(ctx, "info", &info) != nil || !ivschat.IsRegion(info.Region) {
		return emulator.DefaultRegion
	}
	return info.Region
}

// checkEmulator checks what the admin API says. It reports whether the emulator knows the access key.
func (x *examination) checkEmulator(ctx context.Context) (known bool) {
	if !x.health.OK() {
		var health struct{ Reason string }
		_ = json.Unmarshal(x.health.Body, &health) // a reason is not needed
		x.problem("health", "the log of the emulator says more", "the emulator does not work: %s",
			awsapi.Short(health.Reason))
	}
	var info emulatorInfo
	if err := x.ask(ctx, "info", &info); err != nil {
		x.note("admin-api", "if it is served at another address, set IVSCHAT_ADMIN_LISTEN to that of --admin-listen",
			"the admin API is not at %s (%s), so the clock, faults and access keys are not checked", x.admin,
			awsapi.Short(reasonOf(err)))
		return false
	}
	id := cmp.Or(x.getenv("AWS_ACCESS_KEY_ID"), x.shared.settings["aws_access_key_id"])
	x.checkClock(ctx, info, id)
	faults := x.checkFaults(ctx)
	known = x.checkSignatures(ctx, info, id)
	x.checkRooms(info, id)
	if x.command.Try {
		x.tryChat(ctx, info, faults)
	}
	return known
}

// An emulatorClock is what doctor reads of a clock.
type emulatorClock struct {
	Account        string // "" for all that have no clock of their own
	Now            time.Time
	Ahead, Warning string
	Scale          float64
	Frozen         bool
}

// checkClock checks the clock of the emulator, and that of the machine.
func (x *examination) checkClock(ctx context.Context, info emulatorInfo, id string) {
	const check = "clock"
	var clocks struct {
		emulatorClock
		Accounts []emulatorClock
	}
	if err := x.ask(ctx, "clock", &clocks); err != nil {
		x.note(check, "", "the clock is not known: %s", awsapi.Short(reasonOf(err)))
		return
	}
	clock, only, others := clocks.emulatorClock, "", "" // of all accounts
	account := accountOf(info, id)
	for _, own := range clocks.Accounts {
		if own.Account == account && account != "" {
			clock, only, others = own, " --account "+account, " of this account"
		}
	}
	ahead, err := time.ParseDuration(clock.Ahead)
	if err == nil {
		x.checkSkew(time.Since(clock.Now.Add(-ahead)).Round(time.Second), info)
	}
	advice := "ivschat-local reset" + only + ", which also removes the rooms" + others + ", or restart the emulator"
	at := clock.Now.UTC().Format(time.RFC3339)
	switch {
	case clock.Frozen:
		x.note(check, "ivschat-local clock resume"+only, "the clock of the emulator stands still at %s: no chat "+
			"token and no session expires, and every message has the same time", at)
	case clock.Scale != 1:
		x.note(check, "ivschat-local clock scale 1"+only, "the clock of the emulator runs %g times as fast: chat "+
			"tokens and sessions expire accordingly", clock.Scale)
	case ahead.Abs() >= time.Second:
		x.note(check, advice, "the clock of the emulator was moved, and is %s ahead: chat tokens and sessions "+
			"that were created before have expired as if that time had passed", ahead.Round(time.Second))
	default:
		x.ok(check, "the clock of the emulator was not moved")
	}
	if clock.Warning != "" {
		x.note(check, advice, "%s", awsapi.Short(clock.Warning))
	}
}

// accountOf returns the account whose rooms an access key sees at an emulator that verifies nothing, "" if it is not
// known.
func accountOf(info emulatorInfo, id string) string {
	switch {
	case info.Auth != "off":
		return ""
	case ivschat.IsAccountID(id):
		return id
	case ivschat.IsAccountID(info.Account):
		return info.Account
	default:
		return ""
	}
}

// checkSkew checks by how much the clock of this machine is ahead of that of the emulator's.
func (x *examination) checkSkew(skew time.Duration, info emulatorInfo) {
	const check, advice = "machine-time", "set the clocks of both machines; that of a virtual machine stops while " +
		"it sleeps"
	switch {
	case skew.Abs() > signatureSkew && info.Auth != "off":
		x.problem(check, advice, "this machine's time is %s ahead of that of the emulator's machine: signatures "+
			"are refused", skew)
	case skew.Abs() > noticedSkew:
		x.note(check, advice, "this machine's time is %s ahead of that of the emulator's machine: clients refresh "+
			"tokens at the wrong time", skew)
	default:
		x.ok(check, "this machine and the emulator have the same time")
	}
}

// checkFaults lists the faults that can fire, and returns how many there are.
func (x *examination) checkFaults(ctx context.Context) int {
	const check = "faults"
	var list faultList
	if err := x.ask(ctx, "faults", &list); err != nil {
		x.note(check, "", "the faults are not known: %s", awsapi.Short(reasonOf(err)))
		return 0
	}
	if len(list.Items) == 0 {
		x.ok(check, "there are none")
		return 0
	}
	var texts []string
	for i, one := range list.Items {
		if i == shownFaults {
			texts = append(texts, "…")
			break
		}
		texts = append(texts, awsapi.Short(faultWhere(one)+": "+faultWhat(one)+", "+faultOften(one)))
	}
	x.note(check, "ivschat-local fault clear", "%s can fire: %s", counted(len(list.Items), "fault"),
		strings.Join(texts, "; "))
	return len(list.Items)
}

// checkSignatures checks whether the emulator accepts the access key, and reports whether it knows it.
func (x *examination) checkSignatures(ctx context.Context, info emulatorInfo, id string) (known bool) {
	const check = "signatures"
	if info.Auth == "off" {
		x.ok(check, "the emulator does not verify them")
		return false
	}
	const advice = `eval "$(ivschat-local env --auth signatures)" with the emulator's --data or --credentials`
	var callers struct {
		Items []struct {
			AccessKeyID string
			Expiration  time.Time
		}
	}
	if err := x.ask(ctx, "callers", &callers); err != nil {
		x.note(check, "", "the access keys of the emulator are not known: %s", awsapi.Short(reasonOf(err)))
		return false
	}
	for _, caller := range callers.Items {
		if caller.AccessKeyID != id || id == "" {
			continue
		}
		if !caller.Expiration.IsZero() && time.Now().After(caller.Expiration) {
			x.problem(check, advice, "the emulator verifies signatures (--auth %s), and the access key has expired",
				awsapi.Short(info.Auth))
			return true
		}
		x.ok(check, "the emulator verifies them (--auth %s), and knows the access key", awsapi.Short(info.Auth))
		return true
	}
	x.problem(check, advice, "the emulator verifies signatures (--auth %s), and does not know the access key: "+
		"requests get UnrecognizedClientException", awsapi.Short(info.Auth))
	return false
}

// checkRooms checks whether the rooms are in the account and region in which clients look for them.
func (x *examination) checkRooms(info emulatorInfo, id string) {
	const check = "rooms"
	account, region := accountOf(info, id), cmp.Or(x.region(), info.Region)
	if account == "" || len(info.Owners) == 0 {
		return
	}
	for _, owner := range info.Owners {
		if owner.Account == account && owner.Region == region {
			x.ok(check, "account %s has %s in %s", account, counted(owner.Rooms, "room"), region)
			return
		}
	}
	first := info.Owners[0]
	x.note(check, fmt.Sprintf("export AWS_ACCESS_KEY_ID=%[1]s AWS_REGION=%[2]s AWS_DEFAULT_REGION=%[2]s",
		awsapi.Short(first.Account), awsapi.Short(first.Region)),
		"these credentials are for account %s in %s, which has no rooms; account %s has %s in %s", account, region,
		awsapi.Short(first.Account), counted(first.Rooms, "room"), awsapi.Short(first.Region))
}

// checkOrigin checks whether a page may call the control plane.
func (x *examination) checkOrigin(ctx context.Context) {
	const check = "cors"
	origin := strings.ToLower(x.command.Origin)
	client, err := x.client("")
	if err != nil {
		return
	}
	reply, err := send(ctx, client, http.MethodOptions, x.base()+"/CreateChatToken", http.Header{
		"Origin":                         {origin},
		"Access-Control-Request-Method":  {http.MethodPost},
		"Access-Control-Request-Headers": {"content-type"},
	})
	if err != nil {
		x.problem(check, "", "the preflight request of a page was not answered: %s", awsapi.Short(reasonOf(err)))
		return
	}
	if allowed := reply.Header.Get("Access-Control-Allow-Origin"); reply.OK() && (allowed == "*" || allowed == origin) {
		x.ok(check, "pages of %s can call the API of the emulator; chat connections need only a chat token", origin)
		return
	}
	x.problem(check, "start the emulator with --cors-origin "+origin+", or serve the page from localhost",
		"pages of %s cannot call the API of the emulator: the preflight request gets status %d", origin, reply.Status)
}

// checkMixedContent checks whether a browser lets a page with TLS connect to an emulator without.
func (x *examination) checkMixedContent() {
	const check = "mixed-content"
	if !strings.HasPrefix(strings.ToLower(x.command.Origin), "https://") || x.endpoint.Scheme != "http" {
		return
	}
	const advice = "start the emulator with --tls auto, and use https:// and wss://"
	if cors.IsLoopback(strings.ToLower(x.endpoint.Hostname())) {
		x.note(check, advice, "Chrome, Edge and Firefox let a page with https:// connect to http:// and ws:// at "+
			"localhost and 127.0.0.1, but Safari does not")
		return
	}
	x.problem(check, advice, "browsers do not let a page with https:// connect to http:// and ws:// at %s",
		x.endpoint.Hostname())
}

// checkLocalNetwork checks whether Chromium asks the user before it lets the page connect
// (https://wicg.github.io/local-network-access).
func (x *examination) checkLocalNetwork() {
	const check = "local-network"
	_, host, _ := strings.Cut(strings.ToLower(x.command.Origin), "://")
	if host == "" || cors.IsLocal(cors.Hostname(host)) || !cors.IsLoopback(strings.ToLower(x.endpoint.Hostname())) {
		return
	}
	x.note(check, "allow it in the browser; in Playwright, give the context the permission local-network-access",
		"Chrome and Edge ask the user before a page of %s may connect to this machine", x.command.Origin)
}
