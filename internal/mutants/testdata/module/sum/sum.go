// Package sum adds numbers.
package sum

// Capped returns the sum, or 10 if it is more.
func Capped(a, b int) int {
	if a+b > 10 {
		return 10
	}
	return a + b
}

// Title returns the title of a sum.
func Title(name string) string { return "sum of " + name }

// Label returns the label of a sum.
func Label() string {
	return "sum"
}
