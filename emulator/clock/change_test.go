package clock

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestTwoChangesAtTheSameTimeBothTakeEffect(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, first := New(), true
		c.change(&c.shared, func(p *pace) {
			if first { // another change comes while this one is computed
				first = false
				c.Advance(time.Minute)
			}
			p.service = p.service.Add(time.Hour)
		})
		if ahead := c.Ahead(); ahead != 61*time.Minute {
			t.Errorf("the clock is %v ahead, want 61 minutes", ahead)
		}
	})
}
