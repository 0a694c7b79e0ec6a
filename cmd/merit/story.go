package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
	"merit/pipelines/calendar"
)

// A storySource is one CRM account of a sandbox as merit.yml names it.
type storySource struct {
	connector string
	endpoint  string
}

// writeStoryProject writes a project for a company that a sandbox serves: its
// settings, the starter's plan, everybody who sells on the roster.
func writeStoryProject(dir string, story *company.Company, sources []storySource) error {
	plan, err := starter.ReadFile("starter/plan.yml")
	if err != nil {
		return err
	}
	reviews, err := starter.ReadFile("starter/reviews.csv")
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(story.TimeZone)
	if err != nil {
		return err
	}
	quarters := calendar.Calendar{Zone: zone, StartMonth: time.January}.Quarters(story.Begin, story.Now)
	files := []struct {
		name string
		text []byte
	}{
		{"merit.yml", storySettings(story, sources, quarters[0].Name())},
		{"plan.yml", plan},
		{"roster.csv", storyRoster(story)},
		{"quotas.csv", storyQuotas(story, quarters)},
		{"reviews.csv", reviews},
		{"secrets/client_secret", []byte(sandbox.ClientSecret + "\n")},
		{"secrets/token", []byte(sandbox.Token + "\n")},
	}
	for _, f := range files {
		if err := writeNew(filepath.Join(dir, f.name), f.text); err != nil {
			return err
		}
	}
	return nil
}

func storySettings(story *company.Company, sources []storySource, first string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s, told by a sandbox CRM.\ncompany: %s\ncalendar:\n  time_zone: %s\n  currency: %s\n  fiscal_year_starts: 1\n  first_period: %s\nsources:\n",
		story.Name, story.Name, story.TimeZone, story.Currency, first)
	for _, s := range sources {
		fmt.Fprintf(&b, "  %s:\n    connector: %s\n    endpoint: %s\n", s.connector, s.connector, s.endpoint)
		if s.connector == "salesforce" {
			fmt.Fprintf(&b, "    client_id: %s\n    client_secret: file:secrets/client_secret\n", sandbox.ClientID)
		} else {
			fmt.Fprintf(&b, "    token: file:secrets/token\n    tier: unlimited\n")
		}
	}
	return b.Bytes()
}

// bonusTargets are for a whole quarter, by role.
func bonusTarget(role string) string {
	switch role {
	case "ae":
		return "10000.00"
	case "csm":
		return "6000.00"
	case "partner":
		return "5000.00"
	}
	return "4000.00"
}

// sellers are the users that a plan's roles know, with the id they have on the
// roster.
func sellers(story *company.Company) map[string]company.User {
	byID := map[string]company.User{}
	for _, u := range story.Users {
		if slices.Contains([]string{"ae", "sdr", "csm", "partner"}, u.Role) {
			id, _, _ := strings.Cut(u.Email, "@")
			byID[id] = u
		}
	}
	return byID
}

func storyRoster(story *company.Company) []byte {
	rows := [][]string{{"rep_id", "name", "email", "role", "team", "region", "valid_from", "valid_to", "bonus_target", "currency"}}
	for id, u := range sellers(story) {
		left := ""
		if u.LeftAt != 0 {
			left = u.LeftAt.Time().Format(time.DateOnly)
		}
		rows = append(rows, []string{id, u.Name, u.Email, u.Role, u.Team, u.Region, u.CreatedAt.Time().Format(time.DateOnly), left, bonusTarget(u.Role), story.Currency})
	}
	return sortedCSV(rows)
}

func storyQuotas(story *company.Company, quarters []calendar.Quarter) []byte {
	rows := [][]string{{"rep_id", "period", "quota", "potential"}}
	for id, u := range sellers(story) {
		if u.Role != "ae" && u.Role != "partner" {
			continue
		}
		for _, q := range quarters {
			rows = append(rows, []string{id, q.Name(), "1000000.00", ""})
		}
	}
	return sortedCSV(rows)
}

func sortedCSV(rows [][]string) []byte {
	slices.SortFunc(rows[1:], slices.Compare)
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := errors.Join(w.WriteAll(rows), w.Error()); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}
