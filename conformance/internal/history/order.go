package history

import (
	"fmt"
	"slices"
	"strings"
)

// An order says which messages were received before which others. It has a number for each message that was received.
type order struct {
	texts   []string
	numbers map[string]int // by text
	// previous has the messages that some connection received just before a message.
	previous [][]edge
}

// An edge is the earlier one of two messages, and a client that received it just before the other one.
type edge struct {
	earlier int
	client  string
}

func newOrder(connections []*Connection) *order {
	o := &order{numbers: map[string]int{}}
	for _, connection := range connections {
		for i, frame := range connection.Frames {
			number, known := o.numbers[frame.Text]
			if !known {
				number = len(o.texts)
				o.numbers[frame.Text] = number
				o.texts, o.previous = append(o.texts, frame.Text), append(o.previous, nil)
			}
			if i == 0 {
				continue
			}
			earlier := o.numbers[connection.Frames[i-1].Text]
			if !slices.ContainsFunc(o.previous[number], func(e edge) bool { return e.earlier == earlier }) {
				o.previous[number] = append(o.previous[number], edge{earlier, connection.Client})
			}
		}
	}
	return o
}

// before returns whether each message was received before a message, or is the message.
func (o *order) before(message int) []bool {
	found, queue := make([]bool, len(o.texts)), []int{message}
	found[message] = true
	for len(queue) > 0 {
		last := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, e := range o.previous[last] {
			if !found[e.earlier] {
				found[e.earlier] = true
				queue = append(queue, e.earlier)
			}
		}
	}
	return found
}

// checkCycle reports messages that have no common order, and whether there are any.
func (o *order) checkCycle(c *checker) (found bool) {
	// What has no message before it is taken away, until nothing is left, or only messages with a cycle before them.
	waiting, later := make([]int, len(o.texts)), make([][]int, len(o.texts))
	var free []int
	for number, edges := range o.previous {
		waiting[number] = len(edges)
		if len(edges) == 0 {
			free = append(free, number)
		}
		for _, e := range edges {
			later[e.earlier] = append(later[e.earlier], number)
		}
	}
	for len(free) > 0 {
		number := free[len(free)-1]
		free = free[:len(free)-1]
		for _, next := range later[number] {
			if waiting[next]--; waiting[next] == 0 {
				free = append(free, next)
			}
		}
	}
	first := slices.IndexFunc(waiting, func(n int) bool { return n > 0 })
	if first < 0 {
		return false
	}
	o.reportCycle(c, first, waiting)
	return true
}

// reportCycle reports a cycle before a message. Those with waiting > 0 are in one, or after one.
func (o *order) reportCycle(c *checker, number int, waiting []int) {
	var path []int
	for !slices.Contains(path, number) {
		path = append(path, number)
		number = o.previous[number][o.waitingEdge(number, waiting)].earlier
	}
	var lines []string
	for _, later := range path[slices.Index(path, number):] {
		e := o.previous[later][o.waitingEdge(later, waiting)]
		lines = append(lines, fmt.Sprintf("%s received %q before %q", e.client, o.texts[e.earlier], o.texts[later]))
	}
	c.report("clients received messages in different orders: %s", strings.Join(lines, ", "))
}

func (o *order) waitingEdge(number int, waiting []int) int {
	return slices.IndexFunc(o.previous[number], func(e edge) bool { return waiting[e.earlier] > 0 })
}

// checkGaps reports what a connection did not receive, although it received something later.
func (o *order) checkGaps(c *checker, connection *Connection) {
	if len(connection.Frames) == 0 {
		return
	}
	received, newest := map[string]bool{}, connection.Opened
	for _, frame := range connection.Frames {
		received[frame.Text] = true
		if m := c.sent[frame.Text]; m != nil && m.Sent.After(newest) {
			newest = m.Sent
		}
	}
	last := connection.Frames[len(connection.Frames)-1].Text
	before := o.before(o.numbers[last])
	for _, message := range c.Messages {
		number, seen := o.numbers[message.Text]
		missed := seen && before[number] || message.answeredBefore(newest)
		if missed && !received[message.Text] && connection.Opened.Before(message.Sent) {
			c.report("%s did not receive %q, but received something later", connection.Client, message.Text)
		}
	}
}
