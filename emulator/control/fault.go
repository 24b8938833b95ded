package control

import (
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A faultResponse is the error for a request that a fault answers with something other than an
// exception: with a status, or with a reset of the connection.
type faultResponse struct{ effect fault.Effect }

// Error describes the fault.
func (*faultResponse) Error() string { return "a fault replaced the answer" }

// answer returns the answer to send. It is empty if the connection is reset.
func (f *faultResponse) answer() fault.ReturnStatus {
	answer, _ := f.effect.(fault.ReturnStatus)
	return answer
}

// applyFault applies the fault that fires for a request, if one does. The members need not be
// valid, because they are checked later. fails reports whether the request begins a change that fails at its end.
func (a *API) applyFault(r request, operation string, members map[string]any) (fails bool, err error) {
	if !a.Faults.Armed() {
		return false, nil
	}
	point := fault.OperationPoint(operation, r.call.owner().AccountID, members)
	firing := a.Faults.Fire(point)
	if firing == nil {
		return false, nil
	}
	firing.Wait(r.Context(), nil)
	switch effect := firing.Effect.(type) {
	case fault.ReturnException:
		return false, effect.Exception(operation, resourceID(point))
	case fault.FailChange:
		return true, nil
	case nil: // only a delay
		return false, nil
	default:
		return false, &faultResponse{effect}
	}
}

// resourceID returns the resourceId of an exception about a request, which may have no valid ARN: then it is the
// account (decision D5).
func resourceID(at fault.Point) string {
	if arn, err := ivschat.ParseARN(at.Room); err == nil {
		return arn.ID
	}
	return at.Account
}
