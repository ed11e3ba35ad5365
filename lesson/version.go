package lesson

// version digests everything of a lesson that shapes a text or a verdict. Its place, slug, points
// and prerequisites do not, nor do the solutions, which no learner sees and no check reads.
func (l *Lesson) version() Digest {
	type exercise struct {
		Environment               Environment
		Learner, ReadOnly, Hidden []string
		Check                     Check
		RunCommand                []string
		Network                   Network
		Main                      string
		Starter, Tests            Digest
		// Left out when there are none, so that older lessons keep their versions.
		Services []Service `json:",omitempty"`
		Preview  uint16    `json:",omitempty"`
	}
	content := struct {
		ID            ID
		Title         Text
		Theory, Task  Text
		Hints         []Text
		Criteria      []Criterion
		TestTitles    map[string]Text
		Quiz          []Question
		Assets        Digest
		Exercise      *exercise
		FormatVersion int
	}{l.ID, l.Title, l.Theory, l.Task, l.Hints, l.Criteria, l.TestTitles, l.Quiz, l.Assets.Digest(), nil, 1}
	if e := l.Exercise; e != nil {
		content.Exercise = &exercise{e.Environment, e.Learner, e.ReadOnly, e.Hidden, e.Check, e.RunCommand,
			e.Network, e.Main, e.Starter.Digest(), e.Tests.Digest(), e.Services, e.Preview}
	}
	return digestJSON(content)
}
