package salesforce

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The README is what an administrator sets the org up by.
func TestREADMENamesEverySettingAndField(t *testing.T) {
	content, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	for _, s := range Connector().Settings {
		if !strings.Contains(text, "| `"+s.Name+"`") && !strings.Contains(text, "`"+s.Name+"` |") {
			t.Errorf("setting %s is not in its table", s.Name)
		}
	}
	audit := " Id CreatedById CreatedDate LastModifiedDate SystemModstamp IsDeleted "
	for _, o := range objects() {
		line := regexp.MustCompile(`(?m)^\| ` + o.name + ` \|(.*)\|(.*)\|$`).FindStringSubmatch(text)
		if line == nil {
			t.Errorf("%s is not in its table", o.name)
			continue
		}
		for i, want := range []string{o.keeps, o.optional} {
			var asked []string
			for _, name := range strings.Fields(want) {
				if !strings.Contains(audit, " "+name+" ") {
					asked = append(asked, name)
				}
			}
			if got := strings.Join(strings.Fields(line[1+i]), " "); got != strings.Join(asked, " ") {
				t.Errorf("%s needs %s, and the table says %s", o.name, strings.Join(asked, " "), got)
			}
		}
	}
}

func TestSurprisesAreNumbered(t *testing.T) {
	content, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range regexp.MustCompile(`(?m)^(\d+)\. \*\*`).FindAllStringSubmatch(string(content), -1) {
		if m[1] != strconv.Itoa(i+1) {
			t.Errorf("surprise %d is numbered %s", i+1, m[1])
		}
	}
}

// Each pain of the table names tests that exist, and TestPains plays those it says.
func TestEveryPainIsHeldByATest(t *testing.T) {
	content, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var tests strings.Builder
	for _, folder := range []string{".", "../rest", "../../pipelines", "../../pipelines/reading"} {
		files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tests.Write(text)
		}
	}
	played := map[int]bool{}
	for _, m := range regexp.MustCompile(`t\.Run\("(\d+)(?: (and|to) (\d+))?\.`).FindAllStringSubmatch(tests.String(), -1) {
		first, _ := strconv.Atoi(m[1])
		last := first
		if m[3] != "" {
			last, _ = strconv.Atoi(m[3])
		}
		for n := first; n <= last; n++ {
			played[n] = true
		}
	}
	rows := regexp.MustCompile(`(?m)^\| (\d+) \|.*\|([^|]*)\|$`).FindAllStringSubmatch(string(content), -1)
	if len(rows) != 27 {
		t.Errorf("%d pains are in the table", len(rows))
	}
	for i, row := range rows {
		if row[1] != strconv.Itoa(i+1) {
			t.Errorf("row %d is numbered %s", i+1, row[1])
		}
		for _, name := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(row[2], -1) {
			if !strings.Contains(tests.String(), "\nfunc "+name[1]+"(") {
				t.Errorf("pain %s names %s, and there is no such test", row[1], name[1])
			}
			if name[1] == "TestPains" && !played[i+1] {
				t.Errorf("no part of TestPains plays pain %s", row[1])
			}
		}
	}
}
