// Package user uses package sum.
package user

import "example.com/module/sum"

// Total returns the total.
func Total(parts ...int) (total int) {
	for _, part := range parts {
		total = sum.Capped(total, part)
	}
	return total
}
