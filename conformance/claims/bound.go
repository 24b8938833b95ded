package claims

import (
	"cmp"
	"fmt"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// A bound is a constraint of a member in the service's model: a length, a number or a size.
// Each end of it is a claim: the end itself and the value next to it are valid, and the value
// beyond it is refused with ValidationException.
type bound struct {
	operation string
	member    string // a path in the request, such as destinationConfiguration.s3.bucketName
	min, max  int    // min is 0 if the model has no minimum or no value can be below it
	size      size
	needs     conformance.Need
	source    string // "" is the service's model
}

// boundClaims returns a claim for each end of each bound.
func boundClaims() (claims []conformance.Claim) {
	add := func(b bound, limit, inside, outside int) {
		claims = append(claims, conformance.Claim{
			ID:       fmt.Sprintf("C8%02d", len(claims)+1),
			Sentence: b.sentence(limit, outside),
			Source:   cmp.Or(b.source, serviceModel),
			Needs:    b.needs,
			Check:    b.check(limit, inside, outside),
		})
	}
	for _, b := range bounds {
		if b.min > 0 {
			add(b, b.min, b.min+1, b.min-1)
		}
		add(b, b.max, b.max-1, b.max+1)
	}
	return claims
}

func (b bound) sentence(limit, outside int) string {
	return fmt.Sprintf("The %s of %s may %s, but not %d.",
		b.member, b.operation, b.size.describe(limit), outside)
}

// check returns a check that requires two values to be valid and one to be refused. If min and
// max are equal, there is no value inside.
func (b bound) check(limit, inside, outside int) func(*conformance.Probe) {
	return func(p *conformance.Probe) {
		refused := sendWith(p, b.operation, b.member, b.size.value(p, outside))
		requireInvalid(p, refused, b.member)
		for _, n := range []int{limit, inside} {
			if n < b.min || n > b.max {
				continue
			}
			requireValid(p, sendWith(p, b.operation, b.member, b.size.value(p, n)))
		}
	}
}
