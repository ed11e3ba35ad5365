package importer

import (
	"bytes"
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// markdown is safe for concurrent use.
var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()

// patch replaces source[from:to].
type patch struct {
	from, to int
	with     string
}

// CleanMarkdown returns Markdown without raw HTML, whose text is kept, with every image described and
// with the links that lead nowhere here resolved against base. Converted tells that HTML was replaced.
func CleanMarkdown(source string, base *url.URL) (cleaned string, converted bool) {
	source = strings.ReplaceAll(strings.TrimPrefix(source, "\ufeff"), "\r\n", "\n")
	data := []byte(source)
	var patches []patch
	destinations := map[string]bool{}
	var undescribed []string
	_ = ast.Walk(markdown.Parse(text.NewReader(data)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.RawHTML:
			for i := range n.Segments.Len() {
				s := n.Segments.At(i)
				patches = append(patches, patch{s.Start, s.Stop, plainHTML(string(s.Value(data)))})
			}
		case *ast.HTMLBlock:
			patches = append(patches, blockPatches(n, data)...)
		case *ast.Link:
			destinations[string(n.Destination)] = true
		case *ast.Image:
			destinations[string(n.Destination)] = true
			if n.ChildCount() == 0 {
				undescribed = append(undescribed, string(n.Destination))
			}
		}
		return ast.WalkContinue, nil
	})
	out := apply(data, patches)
	for destination := range destinations {
		if resolved, ok := resolve(destination, base); ok {
			out = replaceDestination(out, destination, resolved)
		}
	}
	for _, destination := range undescribed {
		out = strings.ReplaceAll(out, "![]("+destination, "![Figure]("+destination)
	}
	return out, len(patches) > 0
}

// blockPatches makes text of an HTML block. A block's end condition may stand on a closing line that
// is not among its lines.
func blockPatches(n *ast.HTMLBlock, data []byte) []patch {
	if n.Lines().Len() == 0 {
		return nil
	}
	from := n.Lines().At(0).Start
	to := n.Lines().At(n.Lines().Len() - 1).Stop
	if n.HasClosure() && n.ClosureLine.Stop > to {
		to = n.ClosureLine.Stop
	}
	with := strings.TrimSpace(plainHTML(string(data[from:to])))
	return []patch{{from, to, with + "\n"}}
}

func apply(data []byte, patches []patch) string {
	slices.SortFunc(patches, func(a, b patch) int { return cmp.Compare(a.from, b.from) })
	var out bytes.Buffer
	at := 0
	for _, p := range patches {
		if p.from < at {
			continue // inside one before
		}
		out.Write(data[at:p.from])
		out.WriteString(p.with)
		at = p.to
	}
	out.Write(data[at:])
	return out.String()
}

var (
	htmlComment = regexp.MustCompile(`(?s)<!--.*?-->`)
	htmlTag     = regexp.MustCompile(`(?is)</?([a-z][a-z0-9]*)(?:\s[^>]*)?/?>`)
)

// htmlNames are the elements that authors of Markdown use. Any other name in angle brackets was meant
// to be read, such as <name> for "your name here".
var htmlNames = strings.Fields("a b i u s p br hr em strong code pre kbd sub sup span div img details summary table thead tbody " +
	"tr td th ul ol li dl dt dd h1 h2 h3 h4 h5 h6 blockquote small del ins center font figure figcaption picture source video iframe")

// plainHTML returns what a reader should see of a piece of HTML.
func plainHTML(s string) string {
	s = htmlComment.ReplaceAllString(s, "")
	return htmlTag.ReplaceAllStringFunc(s, func(tag string) string {
		name := strings.ToLower(htmlTag.FindStringSubmatch(tag)[1])
		switch {
		case name == "br", name == "td", name == "th":
			return " "
		case slices.Contains(htmlNames, name):
			return ""
		default:
			return `\<` + strings.TrimSuffix(strings.TrimPrefix(tag, "<"), ">") + `\>`
		}
	})
}

// resolve returns the address a relative link has at base; ok is false when it needs none.
func resolve(destination string, base *url.URL) (string, bool) {
	u, err := url.Parse(destination)
	if err != nil || u.Scheme != "" || u.Host == "" && u.Path == "" {
		return "", false
	}
	return base.ResolveReference(u).String(), true
}

// replaceDestination replaces the address of inline links and of link definitions.
func replaceDestination(s, from, to string) string {
	q := regexp.QuoteMeta(from)
	s = regexp.MustCompile(`(\]\(\s*<?)`+q+`(>?[\s)])`).ReplaceAllString(s, "${1}"+strings.ReplaceAll(to, "$", "$$")+"${2}")
	return regexp.MustCompile(`(?m)(^ {0,3}\[[^\]]+\]:\s*<?)`+q+`(>?\s*$|>?\s)`).ReplaceAllString(s, "${1}"+strings.ReplaceAll(to, "$", "$$")+"${2}")
}
