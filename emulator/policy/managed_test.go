package policy_test

import (
	"slices"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/model"
	"github.com/ivschat-local/ivschat-local/emulator/policy"
)

func TestManagedPoliciesAreFoundByNameAndByARN(t *testing.T) {
	for _, name := range policy.ManagedNames() {
		byName, found := policy.Managed(name)
		if !found || byName.Name != name {
			t.Errorf("%s: %v, %v", name, byName, found)
		}
		if byARN, found := policy.Managed("arn:aws:iam::aws:policy/" + name); !found || byARN != byName {
			t.Errorf("%s is not found by its ARN", name)
		}
		for _, statement := range byName.Statements {
			if statement.Line != 0 {
				t.Errorf("%s says that a statement is in line %d of the user's document", name, statement.Line)
			}
		}
	}
	for _, name := range []string{"", "ivsfullaccess", "arn:aws:iam::123456789012:policy/IVSFullAccess", "IVSFullAccess "} {
		if p, found := policy.Managed(name); found {
			t.Errorf("%q is %v", name, p)
		}
	}
}

func TestManagedPoliciesAllowWhatAWSSays(t *testing.T) {
	for name, want := range map[string]policy.Effect{
		"AdministratorAccess": policy.Allowed,
		"IVSFullAccess":       policy.Allowed,
		"IVSReadOnlyAccess":   policy.ImplicitDeny,
		"PowerUserAccess":     policy.Allowed,
	} {
		p, _ := policy.Managed(name)
		for _, action := range policy.Actions() {
			decision := policy.Evaluate([]*policy.Policy{p}, policy.Request{Action: action, Resource: room})
			if decision.Effect != want || (decision.Policy == name) != (want == policy.Allowed) {
				t.Errorf("%s: %s is %+v, want %s", name, action, decision, want)
			}
		}
	}
	if names := policy.ManagedNames(); len(names) != 4 || !slices.IsSorted(names) {
		t.Errorf("there are the managed policies %v", names)
	}
}

func TestTheActionsAreTheOperationsOfTheService(t *testing.T) {
	var want []string
	for _, operation := range model.Operations() {
		want = append(want, "ivschat:"+operation.Name)
	}
	slices.Sort(want)
	if got := policy.Actions(); !slices.Equal(got, want) {
		t.Errorf("the actions are %v, want %v", got, want)
	}
}
