package emulator

import (
	"net/http"

	"github.com/ivschat-local/ivschat-local/emulator/iam"
)

// openCallers returns who may call the control plane, or nil if that is not verified.
func (e *Emulator) openCallers() (*iam.Callers, error) {
	switch {
	case e.config.Auth == AuthOff:
		return nil, nil
	case e.config.Credentials == "":
		return iam.Open(e.config.DataDir, e.config.Account, e.config.Logger)
	}
	callers, err := iam.Parse([]byte(e.config.Credentials), e.config.Account)
	if err != nil {
		return nil, &ConfigError{"Credentials", "cannot be used: " + err.Error()}
	}
	return callers, nil
}

// Callers returns who may call the control plane, or nil if signatures are not verified. The first is that for tools
// that need only one.
func (e *Emulator) Callers() *iam.Callers { return e.callers }

// Unchecked returns the control plane without checks of signatures and permissions, for tests that prepare rooms and
// chat tokens. An access key of 12 digits is the account. It is not reached from outside.
func (e *Emulator) Unchecked() http.Handler { return e.unchecked() }
