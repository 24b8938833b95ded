package main

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// swaps says which operators take the place of one.
var swaps = map[token.Token][]token.Token{
	token.EQL: {token.NEQ}, token.NEQ: {token.EQL},
	token.LSS: {token.LEQ, token.GEQ}, token.GEQ: {token.GTR, token.LSS},
	token.GTR: {token.GEQ, token.LEQ}, token.LEQ: {token.LSS, token.GTR},
	token.LAND: {token.LOR}, token.LOR: {token.LAND},
	token.ADD: {token.SUB}, token.SUB: {token.ADD},
	token.MUL: {token.QUO}, token.QUO: {token.MUL}, token.REM: {token.MUL},
	token.SHL: {token.SHR}, token.SHR: {token.SHL},
	token.AND: {token.OR}, token.OR: {token.AND}, token.AND_NOT: {token.AND},
	token.ADD_ASSIGN: {token.SUB_ASSIGN}, token.SUB_ASSIGN: {token.ADD_ASSIGN},
	token.OR_ASSIGN: {token.AND_ASSIGN}, token.AND_ASSIGN: {token.OR_ASSIGN},
	token.INC: {token.DEC}, token.DEC: {token.INC},
}

// swap adds the mutants in which an operator is another one.
func (f *finder) swap(position token.Pos, operator token.Token) {
	for _, other := range swaps[operator] {
		f.replace(position, position+token.Pos(len(operator.String())), other.String())
	}
}

// visit adds the mutants of one node of the syntax tree. It returns whether the nodes below have mutants.
func (f *finder) visit(node ast.Node, parents []ast.Node) bool {
	switch n := node.(type) {
	case *ast.ArrayType:
		return false
	case *ast.BinaryExpr:
		f.swap(n.OpPos, n.Op)
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			f.replace(n.OpPos, n.X.Pos(), "")
		}
	case *ast.IfStmt:
		f.replace(n.Cond.Pos(), n.Cond.End(), "("+f.text(n.Cond)+") && false")
		f.replace(n.Cond.Pos(), n.Cond.End(), "("+f.text(n.Cond)+") || true")
	case *ast.ForStmt:
		if n.Cond != nil {
			f.replace(n.Cond.Pos(), n.Cond.End(), "("+f.text(n.Cond)+") && false")
		}
	case *ast.BasicLit:
		f.literal(n)
	case *ast.Ident:
		if other := map[string]string{"true": "false", "false": "true"}[n.Name]; other != "" {
			f.replace(n.Pos(), n.End(), other)
		}
	case *ast.CompositeLit:
		f.elements(n)
	case *ast.CaseClause:
		f.replace(n.Pos(), n.End(), "")
		f.cases(n)
	case *ast.ReturnStmt:
		f.results(n, parents)
	case ast.Stmt:
		f.statement(n)
	}
	return true
}

// literal adds the mutant in which a number, a character or a text is another one.
func (f *finder) literal(literal *ast.BasicLit) {
	replacement := ""
	switch literal.Kind {
	case token.INT, token.FLOAT:
		replacement = "(" + literal.Value + " + 1)"
		if other := map[string]string{"0": "1", "1": "0"}[literal.Value]; other != "" {
			replacement = other
		}
	case token.CHAR:
		if character, _, _, err := strconv.UnquoteChar(literal.Value[1:], '\''); err == nil {
			replacement = strconv.QuoteRune(character + 1)
		}
	case token.STRING:
		replacement = `""`
		if text, err := strconv.Unquote(literal.Value); err == nil && text == "" {
			replacement = `"mutant"`
		}
	}
	if replacement != "" {
		f.replace(literal.Pos(), literal.End(), replacement)
	}
}

// elements adds the mutants in which a field of a struct or an entry of a map is missing.
func (f *finder) elements(literal *ast.CompositeLit) {
	for _, element := range literal.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			f.remove(pair)
		}
	}
}

// cases adds the mutants in which one of several values of a case is missing.
func (f *finder) cases(clause *ast.CaseClause) {
	if len(clause.List) < 2 {
		return
	}
	for i, value := range clause.List {
		if i == len(clause.List)-1 {
			f.replace(clause.List[i-1].End(), value.End(), "")
		} else {
			f.remove(value)
		}
	}
}

// remove adds the mutant without a part of a list, and without the comma after it.
func (f *finder) remove(node ast.Node) {
	end := f.file.Offset(node.End())
	rest := strings.TrimLeft(string(f.source[end:]), " \t\n")
	if strings.HasPrefix(rest, ",") {
		end = len(f.source) - len(rest) + 1
	}
	f.replace(node.Pos(), f.file.Pos(end), "")
}

// zeros are the results in place of others, by type. A boolean becomes its opposite.
var zeros = map[string]string{"error": "nil", "any": "nil", "string": `""`, "int": "0", "int32": "0", "int64": "0",
	"uint64": "0", "float64": "0", "bool": "!"}

// results adds the mutants in which one result of a function is zero, for instance an error nil.
func (f *finder) results(statement *ast.ReturnStmt, parents []ast.Node) {
	types := resultTypes(parents)
	if len(types) != len(statement.Results) {
		return
	}
	for i, result := range statement.Results {
		zero := zeros[f.text(types[i])]
		switch types[i].(type) {
		case *ast.StarExpr, *ast.ArrayType, *ast.MapType, *ast.FuncType, *ast.ChanType:
			zero = "nil"
		}
		switch result.(type) {
		case *ast.BasicLit, *ast.BinaryExpr, *ast.UnaryExpr: // they have mutants of their own
			if zero != "nil" {
				zero = ""
			}
		}
		text := f.text(result)
		switch {
		case zero == "" || zero == text || text == "true" || text == "false":
		case zero == "!":
			f.replace(result.Pos(), result.End(), "!"+text)
		default:
			f.replace(result.Pos(), result.End(), zero)
		}
	}
}

// resultTypes returns the types of the results of the innermost function.
func resultTypes(parents []ast.Node) (types []ast.Expr) {
	var results *ast.FieldList
	for _, parent := range slices.Backward(parents) {
		if function, ok := parent.(*ast.FuncLit); ok {
			results = function.Type.Results
			break
		}
		if function, ok := parent.(*ast.FuncDecl); ok {
			results = function.Type.Results
			break
		}
	}
	if results == nil {
		return nil
	}
	for _, field := range results.List {
		for range max(1, len(field.Names)) {
			types = append(types, field.Type)
		}
	}
	return types
}

// statement adds the mutants in which a statement is missing.
func (f *finder) statement(statement ast.Stmt) {
	switch s := statement.(type) {
	case *ast.IncDecStmt:
		f.swap(s.TokPos, s.Tok)
	case *ast.AssignStmt:
		f.assignment(s)
	case *ast.ExprStmt, *ast.SendStmt, *ast.DeferStmt, *ast.GoStmt, *ast.BranchStmt:
		f.replace(s.Pos(), s.End(), "")
	}
}

// assignment adds the mutants in which a value is computed and not kept, or another one is kept.
func (f *finder) assignment(s *ast.AssignStmt) {
	f.swap(s.TokPos, s.Tok)
	if s.Tok == token.DEFINE || len(s.Lhs) != 1 || f.text(s.Lhs[0]) == "_" {
		return
	}
	f.replace(s.Pos(), s.Rhs[0].Pos(), "_ = ")
}
