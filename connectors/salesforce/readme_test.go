package salesforce

import (
	"os"
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
