package lesson

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// quiz reads quiz.yaml, nil when the lesson has none.
func (l *loader) quiz(slug string) []Question {
	file := "lessons/" + slug + "/quiz.yaml"
	if _, ok := l.tree.files[file]; !ok {
		return nil
	}
	data, ok := l.tree.read(file, maxTextBytes)
	if !ok {
		return nil
	}
	d := &document{file: file, locales: l.locales, problems: l.problems}
	root := d.root(data)
	if root == nil {
		return nil
	}
	f := d.fields(root, "quiz.yaml", "questions")
	list := d.items(d.required(root, f, "questions", "questions:"), `"questions"`)
	if f["questions"] != nil && len(list) == 0 {
		d.errorf(f["questions"], "the quiz has no questions. Add one or remove the file.")
	}
	var out []Question
	for _, item := range list {
		q := d.question(item)
		if slices.ContainsFunc(out, func(other Question) bool { return q.ID != "" && other.ID == q.ID }) {
			d.errorf(item, "the question id %q is used twice. Give this question another one.", q.ID)
		}
		out = append(out, q)
	}
	return out
}

func (d *document) question(n *yaml.Node) Question {
	f := d.fields(n, "each question", "id", "kind", "text", "options", "answer", "explanation")
	q := Question{
		ID: d.identifier(d.required(n, f, "id", "id: exit-status"), "a question id"),
		Kind: QuestionKind(d.choice(d.required(n, f, "kind", "kind: single"), `"kind"`, string(QuestionSingle),
			string(QuestionMultiple), string(QuestionText), string(QuestionOrder))),
		Text:        d.text(d.required(n, f, "text", "text: {en: What is it?}"), `"text"`),
		Explanation: d.text(d.required(n, f, "explanation", "explanation: {en: Because ...}"), `"explanation"`),
	}
	for _, item := range d.items(f["options"], `"options"`) {
		o := d.fields(item, "each option", "id", "text")
		option := Option{
			ID:   d.identifier(d.required(item, o, "id", "id: a"), "an option id"),
			Text: d.text(d.required(item, o, "text", "text: {en: Yes}"), `"text"`),
		}
		if slices.ContainsFunc(q.Options, func(other Option) bool { return option.ID != "" && other.ID == option.ID }) {
			d.errorf(item, "the option id %q is used twice. Give this option another one.", option.ID)
		}
		q.Options = append(q.Options, option)
	}
	q.Answer = d.answer(d.required(n, f, "answer", "answer: a"))
	d.checkAnswer(n, f, q)
	return q
}

func (d *document) identifier(n *yaml.Node, what string) string {
	s := d.str(n, what)
	if s != "" && !validSlug(s) {
		d.errorf(n, "%q is not %s. Write lower-case letters, digits and hyphens.", s, what)
	}
	return s
}

// answer accepts one value or a list.
func (d *document) answer(n *yaml.Node) []string {
	if n != nil && n.Kind == yaml.ScalarNode {
		if s := d.str(n, `"answer"`); s != "" {
			return []string{s}
		}
		return nil
	}
	return d.strs(n, `"answer"`)
}

func (d *document) checkAnswer(n *yaml.Node, f map[string]*yaml.Node, q Question) {
	place := f["answer"]
	if place == nil {
		return
	}
	if len(q.Answer) == 0 && q.Kind != QuestionMultiple {
		d.errorf(place, "the question has no answer. Write the right one under \"answer\".")
	}
	if q.Kind == QuestionText {
		if len(q.Options) > 0 {
			d.errorf(f["options"], "a question of kind \"text\" has no options. Remove them or choose another kind.")
		}
		return
	}
	if len(q.Options) < 2 {
		d.errorf(n, "a question of kind %q needs at least two options.", q.Kind)
		return
	}
	ids := make([]string, len(q.Options))
	for i, o := range q.Options {
		ids[i] = o.ID
	}
	seen := map[string]bool{}
	for _, id := range q.Answer {
		if !slices.Contains(ids, id) {
			d.errorf(place, "the answer %q is no option of the question. %s", id, suggest(id, ids))
		}
		if seen[id] {
			d.errorf(place, "the answer names the option %q twice. Keep one of them.", id)
		}
		seen[id] = true
	}
	switch {
	case q.Kind == QuestionSingle && len(q.Answer) > 1:
		d.errorf(place, "a question of kind \"single\" has one answer. Keep one or write \"kind: multiple\".")
	case q.Kind == QuestionOrder && len(seen) != len(ids):
		d.errorf(place, "the answer must name all %d options in the right order.", len(ids))
	}
}
