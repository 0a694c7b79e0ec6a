package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
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
	return writeStoriesProject(dir, []*company.Company{story}, sources)
}

// writeStoriesProject is writeStoryProject for a company with several CRMs: the first
// story has what no CRM knows, and the quotas of all of them add up.
func writeStoriesProject(dir string, stories []*company.Company, sources []storySource) error {
	story := stories[0]
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
	// The plan holds from the first quarter of the company's data on.
	plan = bytes.Replace(plan, []byte("effective_from: 2020-01-01"), []byte("effective_from: "+min("2020-01-01", story.Begin.Format(time.DateOnly))), 1)
	quarters := calendar.Calendar{Zone: zone, StartMonth: time.January}.Quarters(story.Begin, story.Now)
	files := []projectFile{
		{"merit.yml", storySettings(story, sources, quarters[0].Name())},
		{"plan.yml", plan},
		{"roster.csv", storyRoster(story)},
		{"quotas.csv", storyQuotas(stories, quarters)},
		{"reviews.csv", reviews},
		{"secrets/client_secret", []byte(sandbox.ClientSecret + "\n")},
		{"secrets/token", []byte(sandbox.Token + "\n")},
	}
	for _, table := range slices.Sorted(maps.Keys(story.Files)) {
		files = append(files, projectFile{"office/" + table + ".csv", plainCSV(story.Files[table])})
	}
	for _, f := range files {
		if err := writeNew(filepath.Join(dir, f.name), f.text); err != nil {
			return err
		}
	}
	return nil
}

// A projectFile is one file of a project that is written.
type projectFile struct {
	name string
	text []byte
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
	if len(story.Files) > 0 {
		b.WriteString("  office: # what no CRM knows: calendars, coaching, learning, the personnel office\n    connector: files\n    folder: office\n")
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

// sellers are the users that a plan's roles know, by the id they have on the roster.
func sellers(story *company.Company) map[string]int {
	byID := map[string]int{}
	for i, u := range story.Users {
		if slices.Contains([]string{"ae", "sdr", "csm", "partner"}, u.Role) {
			id, _, _ := strings.Cut(u.Email, "@")
			byID[id] = i
		}
	}
	return byID
}

func storyRoster(story *company.Company) []byte {
	columns := []string{"rep_id", "name", "email", "role", "team", "region", "valid_from", "valid_to", "bonus_target", "currency"}
	if story.Roster != nil {
		columns = append(columns, "territory", "shift", "time_zone", "leave")
	}
	rows := [][]string{columns}
	for id, i := range sellers(story) {
		u, left := story.Users[i], ""
		if u.LeftAt != 0 {
			left = u.LeftAt.Time().Format(time.DateOnly)
		}
		row := []string{id, u.Name, u.Email, u.Role, u.Team, u.Region, u.CreatedAt.Time().Format(time.DateOnly), left, bonusTarget(u.Role), story.Currency}
		if person, known := story.Roster[i]; known {
			row = append(row, person.Territory, person.Shift, person.TimeZone, strings.Join(person.Leave, ";"))
		}
		rows = append(rows, row)
	}
	return sortedCSV(rows)
}

func storyQuotas(stories []*company.Company, quarters []calendar.Quarter) []byte {
	story := stories[0]
	rows := [][]string{{"rep_id", "period", "quota", "potential"}}
	for id, i := range sellers(story) {
		if role := story.Users[i].Role; role != "ae" && role != "partner" {
			continue
		}
		for _, q := range quarters {
			row := []string{id, q.Name(), "1000000.00", ""}
			if story.Roster != nil {
				quota := quotaOf(stories, i, q)
				if quota == 0 {
					continue
				}
				// What the territory could give: a middling quarter is worth half a million.
				row[2], row[3] = fmt.Sprintf("%d.00", quota), fmt.Sprintf("%d.00", 500*story.Roster[i].Potential)
			}
			rows = append(rows, row)
		}
	}
	return sortedCSV(rows)
}

// quotaOf is what somebody is to sell in a quarter through all CRMs, in whole units.
func quotaOf(stories []*company.Company, user int, q calendar.Quarter) int64 {
	var sum int64
	for _, story := range stories {
		for _, quota := range story.Quotas {
			if quota.User == user && quota.StartsOn == q.StartsOn.Format(time.DateOnly) {
				whole, _, _ := strings.Cut(quota.AmountAt(company.At(story.Now)), ".")
				n, err := strconv.ParseInt(whole, 10, 64)
				if err != nil {
					panic(err) // the story writes plain decimals
				}
				sum += n
			}
		}
	}
	return sum
}

func sortedCSV(rows [][]string) []byte {
	slices.SortFunc(rows[1:], slices.Compare)
	return plainCSV(rows)
}

func plainCSV(rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := errors.Join(w.WriteAll(rows), w.Error()); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}
