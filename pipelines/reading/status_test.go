package reading

import (
	"strings"
	"testing"
	"time"

	"merit/connectors"
)

func TestWhatStandsStillIsSaid(t *testing.T) {
	at := func(text string) time.Time {
		when, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	stream := func(source, name, until, newest string) StreamStatus {
		return StreamStatus{Source: source, Stream: name, Standing: connectors.Standing{Until: at(until), Newest: at(newest)}}
	}
	for _, c := range []struct {
		name    string
		streams []StreamStatus
		said    []string
	}{
		{"nothing while records change", []StreamStatus{
			stream("crm", "Opportunity", "2026-03-31", "2026-03-30"), stream("crm", "OpportunityStage", "2026-03-31", "2020-01-01"),
		}, nil},
		{"nothing of a source that says nothing", []StreamStatus{{Source: "files", Stream: "roster"}}, nil},
		{"a CRM of which no record has changed for a week", []StreamStatus{
			stream("crm", "Opportunity", "2026-03-31", "2026-03-20"), stream("other", "Opportunity", "2026-03-31", "2026-03-31"),
		}, []string{"crm: everything up to 2026-03-31T00:00:00Z is read, and the newest of all records is of 2026-03-20T00:00:00Z, 11 days before"}},
		{"a stream that the others left behind", []StreamStatus{
			stream("crm", "Opportunity", "2026-03-31", "2026-03-31"), stream("crm", "Task", "2026-03-29", "2026-03-28"),
		}, []string{"crm.Task is read up to 2026-03-29T00:00:00Z only"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			said := Stale(c.streams)
			if len(said) != len(c.said) {
				t.Fatalf("said was %q", said)
			}
			for i, words := range c.said {
				if !strings.HasPrefix(said[i], words) {
					t.Errorf("said was %q, not %q", said[i], words)
				}
			}
		})
	}
}
