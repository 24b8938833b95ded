package policy

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// conditions parses a Condition: an object of operators, which are objects of keys with their values.
func (p *parser) conditions(s *Statement, at place, concerned bool) {
	if !p.expect(at.node.Kind == yaml.MappingNode, at, "must be an object of operators, but is %s", describe(at.node)) {
		return
	}
	for _, member := range membersOf(at) {
		c, err := parseOperator(member.name)
		p.expect(err == nil, place{path: at.path, line: member.line}, "%v", err)
		if !p.expect(member.node.Kind == yaml.MappingNode, member, "must be an object of condition keys, but is %s",
			describe(member.node)) || err != nil {
			continue
		}
		keys := map[string]bool{} // in lower case
		for _, key := range membersOf(member) {
			p.expect(!keys[strings.ToLower(key.name)], place{path: member.path, line: key.line},
				"the key %.64q is there twice, because letter case does not matter: remove one", key.name)
			keys[strings.ToLower(key.name)] = true
			c.line, c.key = key.line, p.key(&c, member, key, concerned)
			c.values = p.values(&c, key, concerned)
			s.conditions = append(s.conditions, c)
		}
	}
}

// key checks a condition key, and returns its name in AWS's letter case.
func (p *parser) key(c *condition, member, at place, concerned bool) string {
	here := place{path: member.path, line: at.line}
	key, canonical, known := FindConditionKey(at.name)
	if !concerned {
		p.expect(strings.Contains(at.name, ":"), here, "the condition key %.64q has no prefix, such as aws:", at.name)
		return canonical
	}
	p.expect(known, here, "the condition key %.64q is unknown or not supported%s", at.name, suggestKey(at.name))
	p.expect(!key.Multivalued || c.set != noSet || c.isNull, here,
		"%s can have several values: write ForAllValues:%s or ForAnyValue:%[2]s", canonical, c.name)
	return canonical
}

// values parses the values of a condition.
func (p *parser) values(c *condition, at place, concerned bool) (values []value) {
	for _, item := range p.items(at) {
		tag := item.node.ShortTag()
		if !p.expect(item.node.Kind == yaml.ScalarNode && tag != "!!null", item,
			"must be a string, a number, true or false, but is %s", describe(item.node)) {
			continue
		}
		p.short(item)
		v := value{text: template{text: item.node.Value}}
		var err error
		if c.operator.parse != nil {
			v.matches, err = c.operator.parse(item.node.Value)
		} else {
			g := grammar{wildcards: c.operator.wildcards, variables: p.variables, knownOnly: concerned}
			v.text, err = g.compile(item.node.Value)
			isARN := v.text.parts != nil || item.node.Value == "*" || strings.Count(item.node.Value, ":") >= arnColons
			p.expect(!c.operator.arn || isARN, item,
				"must be * or an ARN, which has six parts with colons between them, but is %.64q", item.node.Value)
		}
		p.expect(err == nil, item, "%v", err)
		values = append(values, v)
	}
	return values
}
