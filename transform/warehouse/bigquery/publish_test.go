package bigquery

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"merit/connectors/fault"
	"merit/transform/warehouse"
)

var shown = []warehouse.Relation{
	{Schema: "marts", Name: "scores", Comment: "who reached what", Key: []string{"rep_id"}, Columns: []warehouse.Column{{Name: "rep_id", Comment: "who"}, {Name: "score"}}},
	{Schema: "marts", Name: "reps", Key: []string{"rep_id"}, Columns: []warehouse.Column{{Name: "rep_id", Comment: "who"}}},
}

// about is a table's metadata in the API's words; a column is NAME TYPE COMMENT.
func about(comment string, columns ...string) string {
	var fields []string
	for _, column := range columns {
		var name, kind, said string
		fmt.Sscan(column, &name, &kind, &said)
		fields = append(fields, fmt.Sprintf(`{"name": %q, "type": %q, "description": %q}`, name, kind, said))
	}
	return fmt.Sprintf(`{"description": %q, "tableReference": {}, "schema": {"fields": [%s]}}`, comment, strings.Join(fields, ", "))
}

// built is a service whose models are built; what readers have is added to it.
func built(readers map[string]string) *service {
	s := &service{tables: map[string]string{
		"merit_marts.scores": about("", "rep_id STRING", "score NUMERIC"),
		"merit_marts.reps":   about("", "rep_id STRING"),
	}}
	for name, text := range readers {
		s.tables["merit."+name] = text
	}
	return s
}

// statements are what the jobs ran, with what stood in front of it left out.
func (s *service) statements() []string {
	var all []string
	for _, body := range s.bodies {
		_, sql, _ := strings.Cut(body, `"query":"`)
		sql, _, _ = strings.Cut(sql, `","`)
		sql, _, _ = strings.Cut(sql, `"}`)
		all = append(all, strings.NewReplacer(`\n`, "\n", `\u0026`, "&").Replace(sql))
	}
	return all
}

var asBefore = map[string]string{
	"scores": about("who reached what", "rep_id STRING who", "score NUMERIC"),
	"reps":   about("", "rep_id STRING who"),
}

func TestAllTablesThatReadersHaveChangeInOneTransaction(t *testing.T) {
	s := built(asBefore)
	if err := against(t, s).Publish(context.Background(), shown, ""); err != nil {
		t.Fatal(err)
	}
	want := "begin transaction;\n" +
		"truncate table `merit`.`scores`;\ninsert into `merit`.`scores` (`rep_id`, `score`)\nselect `rep_id`, `score`\nfrom `merit_marts`.`scores`;\n" +
		"truncate table `merit`.`reps`;\ninsert into `merit`.`reps` (`rep_id`)\nselect `rep_id`\nfrom `merit_marts`.`reps`;\n" +
		"commit transaction"
	if got := s.statements(); len(got) != 1 || got[0] != want {
		t.Errorf("it ran\n%s", strings.Join(got, "\n---\n"))
	}
	if len(s.changes) > 0 {
		t.Errorf("beside it, it did %q", s.changes)
	}
}

func TestATransactionThatFailsIsAllThatWasDone(t *testing.T) {
	s := built(asBefore)
	s.end = func(int) string { return "invalidQuery" }
	err := against(t, s).Publish(context.Background(), shown, "")
	if err == nil || len(s.bodies) != 1 || len(s.changes) > 0 {
		t.Errorf("%v after %q and %q", err, s.statements(), s.changes)
	}
}

func TestNewTablesAreFilledWithTheOthersAndGoWhenThatFails(t *testing.T) {
	for _, fails := range []bool{false, true} {
		s := built(map[string]string{"reps": asBefore["reps"]})
		s.end = func(n int) string {
			if fails && n == 1 {
				return "invalidQuery"
			}
			return ""
		}
		err := against(t, s).Publish(context.Background(), shown, "")
		if (err != nil) != fails {
			t.Fatal(err)
		}
		got := s.statements()
		if len(got) != 2 || !strings.HasPrefix(got[0], "create or replace table `merit`.`scores` (") || strings.Contains(got[0], "select") || !strings.Contains(got[1], "insert into `merit`.`scores`") {
			t.Errorf("it ran\n%s", strings.Join(got, "\n---\n"))
		}
		if dropped := slices.Contains(s.changes, "DELETE merit.scores "); dropped != fails || len(s.changes) > 1 {
			t.Errorf("failing %t, it did %q", fails, s.changes)
		}
	}
}

// A readers' table is altered and never replaced: policies and grants hang on it.
func TestATableOfOtherColumnsIsAltered(t *testing.T) {
	for name, c := range map[string]struct {
		columns       []string
		before, after []string
	}{
		"a new column":      {[]string{"rep_id STRING who"}, []string{"alter table `merit`.`scores` add column `score` numeric"}, nil},
		"one that is gone":  {[]string{"rep_id STRING who", "score NUMERIC", "rank INTEGER"}, nil, []string{"alter table `merit`.`scores` drop column `rank`"}},
		"one that is wider": {[]string{"rep_id STRING who", "score INTEGER"}, []string{"alter table `merit`.`scores` alter column `score` set data type numeric"}, nil},
		"one of another kind": {[]string{"rep_id STRING who", "score STRING"},
			[]string{"alter table `merit`.`scores` drop column `score`", "alter table `merit`.`scores` add column `score` numeric"}, nil},
		"another order": {[]string{"score NUMERIC", "rep_id STRING who"}, nil, nil},
	} {
		s := built(map[string]string{"scores": about("who reached what", c.columns...), "reps": asBefore["reps"]})
		if err := against(t, s).Publish(context.Background(), shown, ""); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := s.statements()
		at := slices.IndexFunc(got, func(one string) bool { return strings.HasPrefix(one, "begin transaction") })
		if at < 0 || !slices.Equal(got[:at], c.before) || !slices.Equal(got[at+1:], c.after) || strings.Contains(strings.Join(got, ""), "replace") {
			t.Errorf("%s: it ran\n%s", name, strings.Join(got, "\n---\n"))
		}
	}
}

func TestCommentsFollowWithoutTouchingRows(t *testing.T) {
	s := built(map[string]string{"scores": about("long ago", "rep_id STRING someone", "score NUMERIC"), "reps": asBefore["reps"]})
	if err := against(t, s).Publish(context.Background(), shown, ""); err != nil {
		t.Fatal(err)
	}
	if len(s.bodies) != 1 || len(s.changes) != 1 || !strings.HasPrefix(s.changes[0], "PATCH merit.scores ") ||
		!strings.Contains(s.changes[0], `"description":"who"`) || !strings.Contains(s.changes[0], `"description":"who reached what"`) {
		t.Errorf("%q", s.changes)
	}
}

func TestWhatNotEveryReaderUnderstandsIsNotPublished(t *testing.T) {
	s := built(asBefore)
	s.tables["merit_marts.reps"] = about("", "rep_id BYTES")
	err := against(t, s).Publish(context.Background(), shown, "")
	if err == nil || fault.WhoMends(err) != fault.Us || !strings.Contains(err.Error(), "column rep_id is BYTES") || len(s.bodies)+len(s.changes) > 0 {
		t.Errorf("%v after %q", err, s.statements())
	}
	twice := []warehouse.Relation{shown[0], {Schema: "core", Name: "scores"}}
	if err := against(t, built(nil)).Publish(context.Background(), twice, ""); err == nil || !strings.Contains(err.Error(), "two relations are called scores") {
		t.Errorf("%v", err)
	}
}
