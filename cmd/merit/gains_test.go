package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
	"merit/pipelines"
	"merit/pipelines/results"
)

var (
	gainsSize = flag.Int("gains-size", 150, "deals of the company whose next actions are followed")
	gainsWant = flag.Int("gains", 5, "next actions that are followed, one of a person at a time")
)

// What a next action says that the score gains is what it gains: the record is changed
// at the sandbox as advised, and the whole job runs again. A score is of one person's
// records, so each person follows one piece of advice in each round.
func TestAScoreGainsWhatTheNextActionSays(t *testing.T) {
	const seed, days = 5, 45
	at := company.Acme(seed, *gainsSize).Now.Add(days * 24 * time.Hour)
	told, before := ranWith(t, company.Acme(seed, *gainsSize), days, at)
	followed, worst := 0, 0.0
	for round := 0; followed < *gainsWant; round++ {
		story := company.Acme(seed, *gainsSize)
		chosen := map[string]advice{}
		for _, a := range told {
			if _, taken := chosen[a.rep]; taken || len(chosen) == *gainsWant-followed {
				continue
			}
			if a.turn == round && follow(t, story, a, at) {
				chosen[a.rep] = a
			}
		}
		if len(chosen) == 0 {
			break
		}
		_, after := ranWith(t, story, days, at)
		for rep, a := range chosen {
			followed++
			off := math.Abs(after[rep] - before[rep] - a.gain)
			worst = max(worst, off)
			if off > .01 {
				t.Errorf("%s %s of %s (%s): the score went from %.2f to %.2f, the action said +%.2f", a.kind, a.record, rep, a.why, before[rep], after[rep], a.gain)
			}
		}
	}
	if followed < *gainsWant {
		t.Errorf("only %d next actions could be followed, not %d", followed, *gainsWant)
	}
	t.Logf("%d next actions followed, the largest difference is %.4f points", followed, worst)
}

type advice struct {
	rep, kind, record, why string
	gain                   float64
	turn                   int // of the person, from 0 on
}

// ranWith serves the story, reads and builds it as of an instant, and gives the
// next actions with a gain and everybody's score.
func ranWith(t *testing.T, story *company.Company, days int, at time.Time) ([]advice, map[string]float64) {
	t.Helper()
	server := httptest.NewServer(sandbox.New(story))
	defer server.Close()
	reply, err := http.Post(fmt.Sprintf("%s/sandbox/advance?days=%d", server.URL, days), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = reply.Body.Close()
	dir := filepath.Join(t.TempDir(), "acme")
	if err := writeStoryProject(dir, story, []storySource{{"salesforce", server.URL}}); err != nil {
		t.Fatal(err)
	}
	for _, step := range [][]string{{"read"}, {"build", "--as-of", at.Format(time.RFC3339)}} {
		var out, errs bytes.Buffer
		if code := run(append(step, "--quiet", "--project", dir), &out, &errs); code != 0 {
			t.Fatalf("%v: %s", step, errs.String())
		}
	}
	job, closeAll, err := (&app{ctx: t.Context(), project: dir}).open(func(pipelines.Event) {}, false)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = closeAll() }()
	built, err := job.Results()
	if err != nil {
		t.Fatal(err)
	}
	return advices(t, built), scoresNow(t, built)
}

func advices(t *testing.T, built results.Tables) []advice {
	t.Helper()
	rows, err := built.Rows(context.Background(), `select rep_id, kind, record_name, why, cast(gain_points as double) as gain,
			row_number() over (partition by rep_id order by action_id) - 1 as turn
		from marts.next_actions where state = 'open' and gain_points is not null order by rep_id, action_id`)
	if err != nil {
		t.Fatal(err)
	}
	var all []advice
	for _, row := range rows {
		all = append(all, advice{row.Text("rep_id"), row.Text("kind"), row.Text("record_name"), row.Text("why"), row.Float("gain"), int(row.Int("turn"))})
	}
	return all
}

func scoresNow(t *testing.T, built results.Tables) map[string]float64 {
	t.Helper()
	rows, err := built.Rows(context.Background(), `select rep_scores.rep_id, cast(rep_scores.score as double) as score from scores.rep_scores
		join recognition.rep_days on rep_days.rep_id = rep_scores.rep_id and rep_days.role = rep_scores.role and rep_days.period = rep_scores.period
		join plan.as_of on rep_days.day_on = as_of.today_on`)
	if err != nil {
		t.Fatal(err)
	}
	scores := map[string]float64{}
	for _, row := range rows {
		scores[row.Text("rep_id")] = row.Float("score")
	}
	return scores
}

// follow changes the record in the story as the action advises; false where the story
// has no way to.
func follow(t *testing.T, story *company.Company, a advice, at time.Time) bool {
	t.Helper()
	i := slices.IndexFunc(story.Deals, func(d company.Deal) bool { return d.Name == a.record })
	if i < 0 {
		return false
	}
	d := &story.Deals[i]
	// A little before the end, since a CRM's last minutes are read the next time.
	now := company.At(at.Add(-2 * time.Hour))
	set := func(field company.Field, value string) {
		d.Changes = append(d.Changes, company.Change{At: now, By: d.Changes[len(d.Changes)-1].By, Field: field, Value: value})
		slices.SortStableFunc(d.Changes, func(a, b company.Change) int { return int(a.At - b.At) })
	}
	if a.kind == "move_deal" {
		next := nextStage(story, d, now)
		if next == "" {
			return false
		}
		set(company.StageName, next)
		return true
	}
	later := at.AddDate(0, 0, 20).Format(time.DateOnly)
	for item := range strings.SplitSeq(strings.TrimPrefix(a.why, "put in order: "), "; ") {
		switch {
		case item == "amount is empty":
			set(company.Amount, "50000")
		case item == "next step is empty":
			set(company.NextStep, "Call them")
		case item == "close date in the past" || item == "no close date" || item == "close on is empty":
			set(company.CloseOn, later)
		case item == "no contact with a role":
			if !nameRole(story, d, now) {
				return false
			}
		case strings.HasPrefix(item, "pushed"):
		default:
			t.Errorf("the test knows no way to mend %q", item)
		}
	}
	return true
}

// nameRole gives a contact of the deal a role, or the deal a contact that has one.
func nameRole(story *company.Company, d *company.Deal, now company.Instant) bool {
	isThere := func(c company.Contact) bool { return c.DeletedAt == 0 && c.CreatedAt < now }
	for i, role := range d.Contacts {
		if isThere(story.Contacts[role.Contact]) {
			d.Contacts[i].Name = "Decision Maker"
			return true
		}
	}
	c := slices.IndexFunc(story.Contacts, func(c company.Contact) bool { return c.Account == d.Account && isThere(c) })
	if c < 0 {
		return false
	}
	d.Contacts = append(d.Contacts, company.Role{Contact: c, Name: "Decision Maker", Primary: len(d.Contacts) == 0})
	return true
}

// nextStage is the open stage after the one in which the deal stands.
func nextStage(story *company.Company, d *company.Deal, now company.Instant) string {
	stands := ""
	for _, c := range d.Changes {
		if c.Field == company.StageName && c.At <= now {
			stands = c.Value
		}
	}
	stages, _ := story.StagesAt(now)
	at := slices.IndexFunc(stages, func(s company.Stage) bool { return s.Name == stands })
	if at < 0 || at+1 == len(stages) || stages[at+1].IsClosed {
		return ""
	}
	return stages[at+1].Name
}
