package importer_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/carrel-dev/carrel/lesson"
	"github.com/carrel-dev/carrel/lesson/importer"
)

func TestCleanMarkdown(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, source, want string }{
		{"plain text stays", "# A\n\n`<b>` and a < b.\n", "# A\n\n`<b>` and a < b.\n"},
		{"tags go, their text stays", "H<sub>2</sub>O<br>and\n", "H2O and\n"},
		{"placeholders are shown", "Say hello to <name>.\n", "Say hello to \\<name\\>.\n"},
		{"comments go", "A\n\n<!-- secret -->\n\nB\n", "A\n\n\n\nB\n"},
		{"blocks become text", "<details>\n<summary>More</summary>\nText\n</details>\n", "More\nText\n"},
		{"code blocks stay", "```html\n<b>\n```\n", "```html\n<b>\n```\n"},
		{"relative links are resolved", "[a](/tracks/x) [b][b] [c](https://c.example) [d](#d)\n\n[b]: ../y\n",
			"[a](https://base.example/tracks/x) [b][b] [c](https://c.example) [d](#d)\n\n[b]: https://base.example/y\n"},
		{"images get a description", "![](https://a.example/x.png)\n", "![Figure](https://a.example/x.png)\n"},
		{"Windows line ends go", "a\r\nb\r\n", "a\nb\n"},
	}
	base, err := url.Parse("https://base.example/course/")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, _ := importer.CleanMarkdown(tt.source, base)
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzCleanMarkdown(f *testing.F) {
	f.Add("<b>\n\n[a](b)\n\n[c]: d\n<!--")
	f.Add("a<br/>b ![](x) <?php ?> <![CDATA[ ]]>")
	base := &url.URL{Scheme: "https", Host: "base.example", Path: "/"}
	f.Fuzz(func(_ *testing.T, s string) { importer.CleanMarkdown(s, base) })
}

func TestReport(t *testing.T) {
	t.Parallel()
	report := importer.Report{Format: "exercism", Course: "c"}
	report.Add(importer.Exercise{Slug: "a", Import: importer.Imported})
	report.Add(importer.Exercise{Slug: "b", Import: importer.Broken, Reason: "No tests."})
	report.Problems = []lesson.Problem{{File: "x", Line: 3, Message: "no."}}
	report.Prove("a", importer.Failed, importer.Failed, "One test failed.")
	want := "Imported 1 of 2 exercises into the course c.\na: reference failed, starter failed. One test failed.\nb: broken. No tests.\nx:3: no.\n"
	if diff := cmp.Diff(want, report.String()); diff != "" {
		t.Error(diff)
	}
	files, err := report.Files()
	if err != nil {
		t.Fatal(err)
	}
	var again importer.Report
	if err := json.Unmarshal(files["import-report.json"].Data, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(report, again); diff != "" {
		t.Error(diff)
	}
	if !strings.HasSuffix(string(files["import-report.txt"].Data), "x:3: no.\n") {
		t.Error("the text misses the problems")
	}
}
