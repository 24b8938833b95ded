package cli

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// variable implements kong.ResolverFunc. It returns the value of a flag's environment variable, nil if
// none is set. kong asks only for flags that the command line does not have.
func (r *reader) variable(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range r.envs[flag] {
		if value, ok := os.LookupEnv(name); ok {
			r.variables[flag.Name] = name
			return value, nil
		}
	}
	return nil, nil
}

// serviceVariable matches variables that Kubernetes and Docker set for a service with the program's name.
var serviceVariable = regexp.MustCompile(
	`_SERVICE_(HOST|PORT)|_PORT(_\d+_(TCP|UDP).*)?=(tcp|udp)://|_PORT_\d+_(TCP|UDP)_`)

// warnAboutVariables warns about variables with the program's prefix that it does not know.
func (r *reader) warnAboutVariables(environment []string) {
	prefix := r.Variables + "_"
	var known, names []string // names are without the prefix
	r.eachFlag(func(flag *kong.Flag) { known = append(known, r.envs[flag]...) })
	for _, name := range slices.Concat(known, r.OtherVariables) {
		if rest, ok := strings.CutPrefix(name, prefix); ok && !strings.Contains(rest, "*") {
			names = append(names, rest)
		}
	}
	for _, variable := range environment {
		name, value, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, prefix) || slices.Contains(known, name) ||
			slices.ContainsFunc(r.OtherVariables, func(pattern string) bool {
				matches, _ := path.Match(pattern, name)
				return matches
			}) ||
			serviceVariable.MatchString(variable) {
			continue
		}
		warning := name + " is not a variable of " + r.Name + " and has no effect"
		meant := strings.ReplaceAll(r.Hints[name], "VALUE", value)
		if near := nearest(name[len(prefix):], names); meant == "" && near != "" {
			meant = prefix + near
		}
		if meant != "" {
			warning += ": did you mean " + meant + "?"
		}
		r.warnings = append(r.warnings, warning)
	}
	slices.Sort(r.warnings)
}
