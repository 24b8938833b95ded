package control

import (
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/model"
	"github.com/ivschat-local/ivschat-local/emulator/throttle"
)

// applyRate counts a call of an operation, or refuses it if the account makes too many of them per second
// (decision D22). The members need not be valid.
func (a *API) applyRate(r request, op model.Operation, members map[string]any) error {
	if !a.RequestRates {
		return nil
	}
	owner := r.call.owner()
	// Rooms limit some operations, too, together with what chat clients ask for. Their keys have no prefix.
	key := throttle.Key{Action: "ivschat:" + op.Name, Owner: owner}
	if allowed, err := a.Limiter.Allow(throttle.Limit{Key: key, PerSecond: op.Rate}); allowed || err != nil {
		return err
	}
	id := resourceID(fault.OperationPoint(op.Name, owner.AccountID, members))
	return ivschat.Throttled(owner, id, op.Name, op.Rate)
}
