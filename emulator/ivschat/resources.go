package ivschat

import (
	"reflect"
	"time"
)

// Resources are rooms and logging configurations, each in the order in which they are listed for
// their account and region: the one that was updated last comes first.
type Resources struct {
	Rooms                 []Room
	LoggingConfigurations []LoggingConfiguration
}

// Seed returns the resources together with those of a seed, and whether that changes anything. A resource
// of the seed whose ARN exists replaces the existing one, but keeps its create time. If the two differ in
// no more than their times, the existing one stays as it is.
func (r Resources) Seed(seed Resources) (seeded Resources, changed bool) {
	rooms, changed := merge(r.Rooms, seed.Rooms, roomFields)
	configurations, alsoChanged := merge(
		r.LoggingConfigurations, seed.LoggingConfigurations, loggingConfigurationFields)
	return Resources{Rooms: rooms, LoggingConfigurations: configurations}, changed || alsoChanged
}

func roomFields(r *Room) (arn ARN, created, updated *time.Time) {
	return r.ARN, &r.CreateTime, &r.UpdateTime
}

func loggingConfigurationFields(
	c *LoggingConfiguration,
) (arn ARN, created, updated *time.Time) {
	return c.ARN, &c.CreateTime, &c.UpdateTime
}

// merge returns the seeds that are new or changed, followed by the existing resources that they do
// not replace.
func merge[Resource any](
	existing, seeds []Resource, fields func(*Resource) (arn ARN, created, updated *time.Time),
) (merged []Resource, changed bool) {
	indexes := make(map[ARN]int, len(existing))
	for i := range existing {
		arn, _, _ := fields(&existing[i])
		indexes[arn] = i
	}
	replaced := map[int]bool{}
	for _, seed := range seeds {
		arn, created, updated := fields(&seed)
		if i, exists := indexes[arn]; exists {
			_, oldCreated, oldUpdated := fields(&existing[i])
			newUpdated := *updated
			*created, *updated = *oldCreated, *oldUpdated
			if reflect.DeepEqual(seed, existing[i]) {
				continue
			}
			*updated = newUpdated
			replaced[i] = true
		}
		merged = append(merged, seed)
	}
	changed = len(merged) > 0
	for i, resource := range existing {
		if !replaced[i] {
			merged = append(merged, resource)
		}
	}
	return merged, changed
}
