package canary

import (
	"errors"
	"go/ast"
	"go/parser"
	goscanner "go/scanner"
	gotoken "go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The dialect "go" exchanges the expected value of one of a test's checks:
//
//	if got := Total(1, 2); got != LITERAL { t.Errorf(…) }     a condition may join several with ||
//	want := LITERAL … if got != want { … }
//	if !reflect.DeepEqual(got, LITERAL) { … }                 slices.Equal, maps.Equal, bytes.Equal
//	if math.Abs(got-LITERAL) > 1e-9 { … }
//	if !IsLeap(2000) { … }   if IsLeap(1900) { … }
//
// where the check is a statement of the test, of a function given to t.Run in it, or of a loop over a
// table that the test itself holds; there LITERAL is a field of the table's rows.

func goReader() reader {
	return reader{
		isTest: func(p string) bool { return strings.HasSuffix(p, "_test.go") },
		blocks: goBlocks,
		most:   7,
		advice: `Write one check that compares with a value, such as "if got := Total(1, 2); got != 3 { t.Errorf(...) }", or a table inside the test.`,
		rename: func(_, token string) string { return "Test" + upperFirst(token) },
	}
}

// goFile reads one file.
type goFile struct {
	src  string
	fset *gotoken.FileSet
}

func (g *goFile) at(p gotoken.Pos) int { return g.fset.Position(p).Offset }

func goBlocks(src string) (blocks []block, skips []int, err error) {
	g := &goFile{src: src, fset: gotoken.NewFileSet()}
	file, err := parser.ParseFile(g.fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		if list := (goscanner.ErrorList)(nil); errors.As(err, &list) && len(list) > 0 {
			return nil, nil, &syntaxError{list[0].Pos.Line, list[0].Msg}
		}
		return nil, nil, err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, s.Sel.Name) {
			skips = append(skips, g.at(s.Pos()))
		}
		return true
	})
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv != nil || f.Body == nil || !isGoTest(f) {
			continue
		}
		start := f.Pos()
		if f.Doc != nil {
			start = f.Doc.Pos()
		}
		name := f.Name.Name
		b := block{
			name: name, title: strings.TrimSpace(strings.ReplaceAll(strings.TrimPrefix(name, "Test"), "_", " ")), apart: "\n\n",
			line: g.fset.Position(f.Name.Pos()).Line, start: g.at(start), end: g.at(f.End()),
			nameStart: g.at(f.Name.Pos()), nameEnd: g.at(f.Name.End()),
		}
		w := &goWalk{goFile: g, whole: f.Body, named: map[string]ast.Expr{}}
		w.statements(f.Body.List)
		b.spots = w.spots
		blocks = append(blocks, b)
	}
	return blocks, skips, nil
}

func isGoTest(f *ast.FuncDecl) bool {
	rest, ok := strings.CutPrefix(f.Name.Name, "Test")
	if !ok || rest == "Main" && isMain(f) || len(f.Type.Params.List) != 1 {
		return false
	}
	return rest == "" || rest[0] < 'a' || rest[0] > 'z'
}

func isMain(f *ast.FuncDecl) bool {
	star, ok := f.Type.Params.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	s, ok := star.X.(*ast.SelectorExpr)
	return ok && s.Sel.Name == "M"
}

// goWalk collects the values of one test.
type goWalk struct {
	*goFile
	whole ast.Node            // in which names are counted
	named map[string]ast.Expr // what names of the test stand for
	row   string              // the loop's variable
	rows  []ast.Expr          // of the table it goes over
	table *ast.StructType
	spots []spot
}

// statements reads statements as far as they are reached whenever the test passes.
func (w *goWalk) statements(list []ast.Stmt) {
	for _, stmt := range list {
		switch s := stmt.(type) {
		case *ast.AssignStmt:
			if name, ok := s.Lhs[0].(*ast.Ident); ok && len(s.Lhs) == 1 && len(s.Rhs) == 1 && s.Tok == gotoken.DEFINE {
				w.named[name.Name] = s.Rhs[0]
			}
		case *ast.DeclStmt:
			if d, ok := s.Decl.(*ast.GenDecl); ok {
				for _, spec := range d.Specs {
					if v, ok := spec.(*ast.ValueSpec); ok && len(v.Names) == 1 && len(v.Values) == 1 {
						w.named[v.Names[0].Name] = v.Values[0]
					}
				}
			}
		case *ast.IfStmt:
			if fails(s.Body) {
				w.condition(s.Cond, s)
				if s.Else != nil && leaves(s.Else) {
					return
				}
			} else if leaves(s) {
				return
			}
		case *ast.ExprStmt:
			if body := subtest(s.X); body != nil {
				inner := *w
				inner.spots = nil
				inner.named = maps.Clone(w.named)
				inner.statements(body.List)
				w.spots = append(w.spots, inner.spots...)
			}
		case *ast.RangeStmt:
			w.loop(s)
			if returns(s.Body) {
				return
			}
		default:
			if leaves(stmt) {
				return
			}
		}
	}
}

// loop reads a loop over a table of the test's own.
func (w *goWalk) loop(s *ast.RangeStmt) {
	value, ok := s.Value.(*ast.Ident)
	if !ok {
		return
	}
	over := s.X
	if name, ok := over.(*ast.Ident); ok {
		over = w.named[name.Name]
	}
	table, ok := over.(*ast.CompositeLit)
	if !ok {
		return
	}
	inner := *w
	inner.spots, inner.named, inner.row, inner.rows, inner.table = nil, maps.Clone(w.named), value.Name, table.Elts, structOf(table.Type)
	inner.whole = s.Body
	if inner.table == nil {
		return
	}
	inner.statements(s.Body.List)
	w.spots = append(w.spots, inner.spots...)
}

func structOf(t ast.Expr) *ast.StructType {
	switch t := t.(type) {
	case *ast.ArrayType:
		s, _ := t.Elt.(*ast.StructType)
		return s
	case *ast.MapType:
		s, _ := t.Value.(*ast.StructType)
		return s
	default:
		return nil
	}
}

// condition reads what a failing check compares.
func (w *goWalk) condition(cond ast.Expr, check *ast.IfStmt) {
	switch c := cond.(type) {
	case *ast.ParenExpr:
		w.condition(c.X, check)
	case *ast.BinaryExpr:
		switch c.Op {
		case gotoken.LOR:
			w.condition(c.X, check)
			w.condition(c.Y, check)
		case gotoken.NEQ:
			w.sides(c.X, c.Y, check)
		case gotoken.GTR:
			w.tolerance(c, check)
		default: // not certain what another value does
		}
	case *ast.UnaryExpr:
		if c.Op != gotoken.NOT {
			return
		}
		if call, ok := c.X.(*ast.CallExpr); ok && len(call.Args) == 2 && equalFunction(call.Fun) {
			w.sides(call.Args[0], call.Args[1], check)
			return
		}
		if operand(c.X) {
			w.add(fixed(w.at(c.Pos()), w.at(c.End()), false, w.src[w.at(c.X.Pos()):w.at(c.X.End())]))
		}
	default:
		if operand(cond) {
			w.add(fixed(w.at(cond.Pos()), w.at(cond.End()), false, "!"+w.src[w.at(cond.Pos()):w.at(cond.End())]))
		}
	}
}

func (w *goWalk) add(spots ...spot) { w.spots = append(w.spots, spots...) }

func (w *goWalk) sides(x, y ast.Expr, check *ast.IfStmt) {
	if found := w.value(y, check); len(found) > 0 {
		w.add(found...)
		return
	}
	w.add(w.value(x, check)...)
}

// tolerance reads math.Abs(got-LITERAL) > 1e-9.
func (w *goWalk) tolerance(c *ast.BinaryExpr, check *ast.IfStmt) {
	call, ok := c.X.(*ast.CallExpr)
	limit, isLit := c.Y.(*ast.BasicLit)
	if !ok || !isLit || len(call.Args) != 1 {
		return
	}
	if s, ok := call.Fun.(*ast.SelectorExpr); !ok || s.Sel.Name != "Abs" {
		return
	}
	most, err := strconv.ParseFloat(limit.Value, 64)
	minus, ok := call.Args[0].(*ast.BinaryExpr)
	if err != nil || most > 1e-5 || !ok || minus.Op != gotoken.SUB {
		return
	}
	found := w.value(minus.Y, check)
	if len(found) == 0 {
		found = w.value(minus.X, check)
	}
	w.add(tolerant(w.src, found)...)
}

// value returns the leaves of a literal, of a name that stands for one, or of a field of the table's rows.
func (w *goWalk) value(e ast.Expr, check *ast.IfStmt) []spot {
	switch e := e.(type) {
	case *ast.Ident:
		lit, ok := w.named[e.Name]
		if !ok {
			if e.Name == "true" || e.Name == "false" {
				break
			}
			return nil
		}
		// Beside its own line and the condition, only the words about a failure may use it.
		if w.uses(w.whole, e.Name, "")-w.uses(check.Body, e.Name, "") != 2 {
			return nil
		}
		found, _ := w.leaves(lit)
		return found
	case *ast.SelectorExpr:
		x, ok := e.X.(*ast.Ident)
		if !ok || x.Name != w.row || w.row == "" || w.uses(w.whole, x.Name, e.Sel.Name)-w.uses(check.Body, x.Name, e.Sel.Name) != 1 {
			return nil
		}
		return w.column(e.Sel.Name)
	}
	found, _ := w.leaves(e)
	return found
}

// uses counts a name, or a field of it.
func (w *goWalk) uses(in ast.Node, name, field string) int {
	n := 0
	ast.Inspect(in, func(node ast.Node) bool {
		switch x := node.(type) {
		case *ast.SelectorExpr:
			if id, ok := x.X.(*ast.Ident); ok && id.Name == name && (x.Sel.Name == field || field == "") {
				n++
			}
			_, isName := x.X.(*ast.Ident)
			return !isName
		case *ast.Ident:
			if x.Name == name && field == "" {
				n++
			}
		}
		return true
	})
	return n
}

// column returns the leaves of a field in all rows.
func (w *goWalk) column(field string) []spot {
	index, i := -1, 0
	for _, f := range w.table.Fields.List {
		for _, name := range f.Names {
			if name.Name == field {
				index = i
			}
			i++
		}
	}
	var found []spot
	for _, row := range w.rows {
		if kv, ok := row.(*ast.KeyValueExpr); ok {
			row = kv.Value
		}
		lit, ok := row.(*ast.CompositeLit)
		if !ok {
			return nil
		}
		for i, elt := range lit.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok {
				if name, ok := kv.Key.(*ast.Ident); !ok || name.Name != field {
					continue
				}
				elt = kv.Value
			} else if i != index {
				continue
			}
			leaves, _ := w.leaves(elt)
			found = append(found, leaves...)
		}
	}
	return found
}

// leaves returns the values of a literal that can be exchanged.
func (w *goWalk) leaves(e ast.Expr) ([]spot, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		start := w.at(e.Pos())
		switch e.Kind {
		case gotoken.INT, gotoken.FLOAT:
			if s, ok := number(start, e.Value, ""); ok {
				return []spot{s}, true
			}
		case gotoken.STRING, gotoken.CHAR:
			_, plain := quoted(e.Value, e.Value[:1], e.Value[0] == '`', e.Value[0] == '`')
			for i := range plain {
				plain[i] += start
			}
			if s, ok := characters(w.src, plain); ok {
				return []spot{s}, true
			}
			if e.Value == `""` {
				return []spot{fixed(start, start+2, true, `"a"`, `"e"`, `"x"`, `"0"`, `"1"`, `"n"`, `"s"`)}, true
			}
		default: // an imaginary number
		}
		return nil, true
	case *ast.Ident:
		switch e.Name {
		case "true":
			return []spot{fixed(w.at(e.Pos()), w.at(e.End()), false, "false")}, true
		case "false":
			return []spot{fixed(w.at(e.Pos()), w.at(e.End()), false, "true")}, true
		}
		return nil, false
	case *ast.UnaryExpr:
		if _, ok := e.X.(*ast.BasicLit); ok && (e.Op == gotoken.SUB || e.Op == gotoken.ADD) {
			return w.leaves(e.X)
		}
		if e.Op == gotoken.AND {
			return nil, false // compared by address
		}
		return nil, false
	case *ast.CallExpr: // int64(3)
		if name, ok := e.Fun.(*ast.Ident); ok && len(e.Args) == 1 && slices.Contains(goNumbers, name.Name) {
			return w.leaves(e.Args[0])
		}
		return nil, false
	case *ast.CompositeLit:
		var found []spot
		for _, elt := range e.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok {
				elt = kv.Value
			}
			leaves, ok := w.leaves(elt)
			if !ok {
				return nil, false
			}
			found = append(found, leaves...)
		}
		return found, true
	default:
		return nil, false
	}
}

var goNumbers = []string{"int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64", "float32", "float64", "byte", "rune", "string"}

// operand tells an expression that "!" before it negates as a whole.
func operand(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CallExpr, *ast.SelectorExpr, *ast.IndexExpr:
		return true
	case *ast.Ident:
		return e.Name != "true" && e.Name != "false"
	default:
		return false
	}
}

// equalFunction tells functions that compare two values whole.
func equalFunction(fun ast.Expr) bool {
	s, ok := fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := s.X.(*ast.Ident)
	return ok && slices.Contains([]string{"reflect.DeepEqual", "slices.Equal", "maps.Equal", "bytes.Equal"}, pkg.Name+"."+s.Sel.Name)
}

// fails tells that a block makes its test fail.
func fails(b *ast.BlockStmt) bool {
	return slices.ContainsFunc(b.List, func(s ast.Stmt) bool {
		e, ok := s.(*ast.ExprStmt)
		if !ok {
			return false
		}
		call, ok := e.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		return ok && slices.Contains([]string{"Error", "Errorf", "Fatal", "Fatalf", "Fail", "FailNow"}, sel.Sel.Name)
	})
}

// leaves tells that a statement may leave the statements around it.
func leaves(s ast.Stmt) bool {
	found := false
	ast.Inspect(s, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt, *ast.BranchStmt:
			found = true
		}
		return !found
	})
	return found
}

// returns tells that a loop's body may leave the function.
func returns(s ast.Stmt) bool {
	found := false
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			found = true
		case *ast.BranchStmt:
			found = found || n.Tok == gotoken.GOTO
		}
		return !found
	})
	return found
}

// subtest returns the body of the function given to t.Run.
func subtest(e ast.Expr) *ast.BlockStmt {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) != 2 {
		return nil
	}
	if s, ok := call.Fun.(*ast.SelectorExpr); !ok || s.Sel.Name != "Run" {
		return nil
	}
	if f, ok := call.Args[1].(*ast.FuncLit); ok {
		return f.Body
	}
	return nil
}
