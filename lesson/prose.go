package lesson

import (
	"bytes"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// prose reads <kind>.<locale>.md for every locale: all of them or none.
func (l *loader) prose(slug, kind string) Text {
	out := Text{}
	for _, locale := range l.locales {
		file := fmt.Sprintf("lessons/%s/%s.%s.md", slug, kind, locale)
		if _, ok := l.tree.files[file]; !ok {
			continue
		}
		data, ok := l.tree.read(file, maxTextBytes)
		switch {
		case !ok:
		case !utf8.Valid(data):
			l.problems.add(Problem{File: file, Lesson: slug, Message: "the file is not UTF-8. Save it in that encoding."})
		case len(bytes.TrimSpace(data)) == 0:
			l.problems.add(Problem{File: file, Lesson: slug, Message: "the file is empty. Write the text or remove the file in every locale."})
		default:
			out[locale] = normaliseText(string(data))
		}
	}
	if len(out) == 0 {
		return nil
	}
	for _, locale := range l.locales {
		file := fmt.Sprintf("lessons/%s/%s.%s.md", slug, kind, locale)
		if _, ok := l.tree.files[file]; !ok {
			l.problems.add(Problem{File: file, Lesson: slug, Message: fmt.Sprintf(
				"the file is missing: the course has the locale %q. Translate the text or remove the locale from course.yaml.", locale)})
		}
	}
	return out
}

// normaliseText makes a text the same whichever system it was saved on.
func normaliseText(s string) string {
	s = strings.TrimPrefix(s, "\ufeff")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.TrimRight(s, " \t\n") + "\n"
}

// hints reads hints.<locale>.md, one hint from each "## " heading to the next, and returns the whole
// texts too.
func (l *loader) hints(slug string) (out []Text, texts Text) {
	texts = l.prose(slug, "hints")
	for i, locale := range l.locales {
		if texts[locale] == "" {
			continue
		}
		file := fmt.Sprintf("lessons/%s/hints.%s.md", slug, locale)
		list, stray := SplitHints(texts[locale])
		if stray {
			l.problems.add(Problem{File: file, Line: 1, Lesson: slug, Message: "the text before the first heading belongs to no hint. Start each hint with a line \"## ...\"."})
		}
		if i > 0 && len(list) != len(out) && len(out) > 0 {
			l.problems.add(Problem{File: file, Lesson: slug, Message: fmt.Sprintf(
				"there are %d hints here but %d in %q. Write the same hints in every locale.", len(list), len(out), l.locales[0])})
		}
		for n, hint := range list {
			if n == len(out) {
				out = append(out, Text{})
			}
			out[n][locale] = hint
		}
	}
	return out, texts
}

// markdown is safe for concurrent use.
var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()

// checkLinks reports links and images that lead nowhere, images without a description, and raw HTML,
// which the lesson view does not show.
func (l *loader) checkLinks(lesson *Lesson, hints Text) {
	for _, locale := range l.locales {
		for _, part := range []struct {
			name string
			text Text
		}{{"theory", lesson.Theory}, {"task", lesson.Task}, {"hints", hints}} {
			if s := part.text[locale]; s != "" {
				l.checkMarkdown(lesson, fmt.Sprintf("lessons/%s/%s.%s.md", lesson.Slug, part.name, locale), s)
			}
		}
	}
}

func (l *loader) checkMarkdown(lesson *Lesson, file, source string) {
	data := []byte(source)
	report := func(n ast.Node, message string) {
		l.problems.add(Problem{File: file, Line: lineOf(n, data), Lesson: lesson.Slug, Message: message})
	}
	_ = ast.Walk(markdown.Parse(text.NewReader(data)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link:
			if message := l.checkTarget(lesson, string(n.Destination), "link"); message != "" {
				report(n, message)
			}
		case *ast.Image:
			if message := l.checkTarget(lesson, string(n.Destination), "image"); message != "" {
				report(n, message)
			}
			if n.ChildCount() == 0 {
				report(n, "the image has no description. Say in its brackets what it shows, for those who cannot see it.")
			}
		case *ast.RawHTML, *ast.HTMLBlock:
			report(n, "raw HTML is not shown. Write Markdown instead, or put code in backticks.")
		}
		return ast.WalkContinue, nil
	})
}

// checkTarget returns what is wrong with the target of a link or image, or "".
func (l *loader) checkTarget(lesson *Lesson, target, what string) string {
	u, err := url.Parse(target)
	switch {
	case err != nil:
		return fmt.Sprintf("the %s %q is not an address. Correct it.", what, target)
	case u.Scheme == "lesson" && what == "link":
		if slug := u.Opaque; !slices.Contains(l.declared, slug) {
			return fmt.Sprintf("the link leads to the lesson %q, which the course does not have. %s", slug, suggest(slug, l.declared))
		}
		return ""
	case u.Scheme == "https" || u.Scheme == "http" || u.Scheme == "mailto" && what == "link":
		return ""
	case u.Scheme != "":
		return fmt.Sprintf("the %s %q cannot be opened. Use an https address or a file of assets/.", what, target)
	case u.Host != "":
		return fmt.Sprintf("the %s %q has no scheme. Write \"https:\" before it.", what, target)
	case u.Path == "" && what == "link":
		return "" // a heading of the same text
	}
	p := path.Clean(u.Path)
	if _, ok := lesson.Assets[p]; ok {
		return ""
	}
	if strings.HasPrefix(p, "assets/") {
		return fmt.Sprintf("the %s leads to %q, which is not there. Put the file into the lesson's folder assets/.", what, target)
	}
	return fmt.Sprintf("the %s %q leads out of the lesson. Use \"assets/...\" for a file, \"lesson:slug\" for another lesson, or an https address.", what, target)
}

// lineOf returns the line of a node or of the block around it.
func lineOf(n ast.Node, source []byte) int {
	for ; n != nil; n = n.Parent() {
		if n.Type() == ast.TypeInline {
			if t, ok := n.FirstChild().(*ast.Text); ok {
				return 1 + bytes.Count(source[:t.Segment.Start], []byte("\n"))
			}
			if raw, ok := n.(*ast.RawHTML); ok && raw.Segments.Len() > 0 {
				return 1 + bytes.Count(source[:raw.Segments.At(0).Start], []byte("\n"))
			}
			continue
		}
		if n.Lines() != nil && n.Lines().Len() > 0 {
			return 1 + bytes.Count(source[:n.Lines().At(0).Start], []byte("\n"))
		}
	}
	return 0
}
