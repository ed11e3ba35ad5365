package harness

import (
	_ "embed"
	"slices"
)

//go:embed schema/report.schema.json
var reportSchema []byte

// ReportSchema returns the JSON Schema (2020-12) of a Report's JSON form. The caller owns the bytes.
func ReportSchema() []byte { return slices.Clone(reportSchema) }
