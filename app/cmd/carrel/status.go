package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/carrel-dev/carrel/app"
	"github.com/carrel-dev/carrel/app/exchange"
	"github.com/carrel-dev/carrel/app/library"
	"github.com/carrel-dev/carrel/journal"
)

// locale is the person's language as far as the courses and the CLI know it.
func locale() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := os.Getenv(name); value != "" {
			if strings.HasPrefix(value, "ru") {
				return "ru"
			}
			return "en"
		}
	}
	return "en"
}

// statusReport is the JSON form of carrel status.
type statusReport struct {
	Sync    string         `json:"sync"`    // word of the sync chip
	Waiting int            `json:"waiting"` // attempts that have not reached the cloud
	Account string         `json:"account,omitempty"`
	Lessons []lessonStatus `json:"lessons"`
}

// lessonStatus is the learner's progress in one lesson.
type lessonStatus struct {
	Course   string `json:"course"`
	Lesson   string `json:"lesson"`
	Title    string `json:"title"`
	Status   string `json:"status"`
	Attempts int    `json:"attempts"`
}

func statusCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "status",
		Short: "Show what is passed and what waits to sync",
		Args:  noMoreThan(0),
		RunE: func(c *cobra.Command, _ []string) error {
			return withApp(c.Context(), func(a *app.App) error {
				list, err := a.Library.Courses(c.Context())
				if err != nil {
					return err
				}
				status := a.Exchange.Status()
				if asJSON {
					encoder := json.NewEncoder(c.OutOrStdout())
					encoder.SetIndent("", "  ")
					return encoder.Encode(newStatusReport(list, status))
				}
				writeStatus(c.OutOrStdout(), newStatusReport(list, status))
				fmt.Fprintln(c.OutOrStdout(), syncLine(status))
				return nil
			})
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return command
}

// newStatusReport lists the lessons that were begun.
func newStatusReport(list library.List, status exchange.Status) statusReport {
	report := statusReport{Sync: string(status.Word), Waiting: status.Waiting, Account: status.Account.Email, Lessons: []lessonStatus{}}
	for _, card := range list.Courses {
		for i, p := range card.Progress {
			if p.Status == journal.NotStarted || i >= len(card.Course.Lessons) {
				continue
			}
			l := card.Course.Lessons[i]
			report.Lessons = append(report.Lessons, lessonStatus{Course: string(card.Course.ID), Lesson: l.Slug,
				Title: l.Title.In(locale()), Status: p.Status.String(), Attempts: p.Attempts})
		}
	}
	return report
}

func writeStatus(w io.Writer, r statusReport) {
	course := ""
	for _, l := range r.Lessons {
		if l.Course != course {
			course = l.Course
			fmt.Fprintf(w, "%s\n", course)
		}
		fmt.Fprintf(w, "  %-12s %3d attempts  %s\n", l.Status, l.Attempts, l.Title)
	}
	if len(r.Lessons) == 0 {
		fmt.Fprintln(w, "No lesson has been begun. Try: carrel start first-steps/LESSON --into DIR, or open the window.")
	}
}
