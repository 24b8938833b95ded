package iam

import (
	"fmt"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/policy"
)

// An Attempt is a request that a caller makes.
type Attempt struct {
	Operation string
	Owner     ivschat.Owner
	Members   map[string]any // valid
	Now       time.Time      // of the service's clock
}

// Authorize checks that the policies of the caller allow a request. The error is an AccessDeniedException.
func (c *Caller) Authorize(a Attempt) error {
	resource := ivschat.ARN{Owner: a.Owner, ResourceType: ivschat.RoomResource, ID: "*"}.String()
	action := "ivschat:" + a.Operation
	if policy.Evaluate(c.Policies, policy.Request{Action: action, Resource: resource}).Effect == policy.Allowed {
		return nil
	}
	return &ivschat.Exception{
		Type: ivschat.AccessDeniedException,
		Message: fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s because no identity-based policy "+
			"allows the %[2]s action", c.PrincipalARN, action, resource),
	}
}
