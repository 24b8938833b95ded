package conformance

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
)

// A Probe is the test kit of one check: an account of the target, a client of the SDK, and
// methods that create resources, send requests and compare results.
//
// Every method may end the check as failed. It does so with a panic of type failure, which
// runCheck recovers. A Probe is used by one goroutine; Fork and Concurrently are for others.
type Probe struct {
	Target
	SDK     *ivschat.Client
	Account string // "" when it is not known
	Last    Reply  // the latest reply to the SDK, Post, Send or Do

	ctx       context.Context
	cleanups  []func()
	leftovers *[]string // ARNs of resources that could not be removed
}

// A failure is why a claim does not hold.
type failure string

func newProbe(ctx context.Context, target Target) *Probe {
	p := &Probe{Target: target, ctx: ctx, leftovers: new([]string)}
	p.Timeout = cmp.Or(p.Timeout, defaultTimeout)
	if p.Credentials == nil {
		newAccount := p.NewAccount
		if newAccount == nil {
			newAccount = madeUpAccount
		}
		account, key := newAccount()
		p.Account = account
		p.Credentials = always(key)
	}
	p.SDK = p.newSDK()
	return p
}

// always provides the same credentials.
func always(key aws.Credentials) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return key, nil })
}

// madeUpAccount returns an account for a target that does not verify signatures.
func madeUpAccount() (account string, key aws.Credentials) {
	account = fmt.Sprintf("%012d", 1+rand.Int64N(999_999_999_998))
	return account, aws.Credentials{AccessKeyID: account, SecretAccessKey: "any"}
}

// Context returns the context of the check. It ends when the check has to stop.
func (p *Probe) Context() context.Context { return p.ctx }

// Fork returns a probe of the same target and account, for use in another goroutine. What it
// creates is removed together with what p created.
func (p *Probe) Fork() *Probe {
	child := p.fork(p.Target)
	child.Account = p.Account
	return child
}

// InRegion is Fork with another region.
func (p *Probe) InRegion(region string) *Probe {
	target := p.Target
	target.Region = region
	child := p.fork(target)
	child.Account = p.Account
	return child
}

// InOtherAccount is Fork with another account. It is for claims that need Accounts.
func (p *Probe) InOtherAccount() *Probe {
	target := p.Target
	target.Credentials = nil
	return p.fork(target)
}

// WithCallers returns a Fork for each of the callers of another account: one who may do everything, one who may do
// nothing, and one with SomePermissions. It is for claims that need Denied.
func (p *Probe) WithCallers() (all, none, some *Probe) {
	callers := p.NewCallers()
	as := func(key aws.Credentials) *Probe {
		target := p.Target
		target.Credentials = always(key)
		child := p.fork(target)
		child.Account = callers.Account
		return child
	}
	return as(callers.All), as(callers.None), as(callers.Some)
}

func (p *Probe) fork(target Target) *Probe {
	child := newProbe(p.ctx, target)
	child.leftovers = p.leftovers
	p.cleanups = append(p.cleanups, child.cleanUp)
	return child
}

// Concurrently calls f in n goroutines, each with a Fork of p, and waits for all of them. It
// ends the check when one of the calls has ended it.
func (p *Probe) Concurrently(n int, f func(*Probe)) {
	var group sync.WaitGroup
	panics := make(chan any, n)
	for range n {
		child := p.Fork()
		group.Go(func() {
			defer func() { panics <- recover() }()
			f(child)
		})
	}
	group.Wait()
	for range n {
		if cause := <-panics; cause != nil {
			panic(cause)
		}
	}
}

// cleanUp removes what the check created, the latest first.
func (p *Probe) cleanUp() {
	for i := len(p.cleanups) - 1; i >= 0; i-- {
		p.cleanups[i]()
	}
}

// Fatalf ends the check as failed.
func (p *Probe) Fatalf(format string, args ...any) {
	panic(failure(fmt.Sprintf(format, args...)))
}

// Require ends the check as failed unless ok.
func (p *Probe) Require(ok bool, format string, args ...any) {
	if !ok {
		p.Fatalf(format, args...)
	}
}

// RequireEqual ends the check as failed unless got and want are deeply equal.
func (p *Probe) RequireEqual(what string, got, want any) {
	if !reflect.DeepEqual(got, want) {
		p.Fatalf("%s is %s, want %s", what, JSON(got), JSON(want))
	}
}

// RequireMatch ends the check as failed unless the text matches the regular expression.
func (p *Probe) RequireMatch(what, text, pattern string) {
	if !regexp.MustCompile(pattern).MatchString(text) {
		p.Fatalf("%s is %q, which does not match %s", what, text, pattern)
	}
}

// JSON returns the value in JSON, or in Go's default format if JSON has no form for it.
func JSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}
