// Package schema holds the JSON Schemas of the course format, one per YAML file, by which editors
// complete and explain fields. Package lesson checks more than they can say.
package schema

import _ "embed"

//go:embed course.schema.json
var course []byte

//go:embed lesson.schema.json
var lesson []byte

//go:embed quiz.schema.json
var quiz []byte

//go:embed cases.schema.json
var cases []byte

// Course returns the schema of course.yaml.
func Course() []byte { return course }

// Lesson returns the schema of lesson.yaml.
func Lesson() []byte { return lesson }

// Quiz returns the schema of quiz.yaml.
func Quiz() []byte { return quiz }

// Cases returns the schema of cases.yaml in a tests folder.
func Cases() []byte { return cases }
