package project

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"merit/connectors"
	"merit/connectors/fault"
)

var toy = connectors.Connector{Name: "toy", Title: "Toy CRM", Settings: []connectors.Setting{
	{Name: "endpoint", Help: "the host, https://crm.example", Required: true},
	{Name: "token", Secret: true},
	{Name: "fields", List: true},
	{Name: "size", Default: "10"},
}}

func write(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func open(dir string) error {
	p, err := Open(dir)
	if err != nil {
		return err
	}
	sources, err := p.Sources([]connectors.Connector{toy})
	if err != nil {
		return err
	}
	_, err = sources[0].Values()
	return err
}

func TestEveryMistakeInTheSettingsIsTheUsersAndSaysWhatWouldBeRight(t *testing.T) {
	const source = "sources:\n  crm:\n    connector: toy\n    endpoint: http://x\n"
	for name, test := range map[string]struct{ text, want string }{
		"unknown connector":    {"sources:\n  crm:\n    connector: tory\n", `merit.yml:3: connector "tory" is not known, did you mean "toy"?; there are toy`},
		"unknown setting":      {source + "    tokn: x\n", `merit.yml:5: Toy CRM has no setting "tokn", did you mean "token"?; there are endpoint, fields, size, token, connector, streams`},
		"missing setting":      {"sources:\n  crm:\n    connector: toy\n", `merit.yml:3: endpoint is missing: the host, https://crm.example`},
		"a secret in the file": {source + "    token: abc\n", `merit.yml:5: token is a secret and must not stand in this file; write ${NAME_OF_A_VARIABLE} or file:PATH`},
		"a variable not set":   {source + "    token: ${NO_SUCH_VARIABLE_HERE}\n", `merit.yml:5: token: the environment variable NO_SUCH_VARIABLE_HERE is not set`},
		"a file not there":     {source + "    token: file:nowhere\n", `merit.yml:5: token: its file can't be read: `},
		"a list for a text":    {source + "    size: [1, 2]\n", `merit.yml:5: size is one text, not a list`},
		"a zone that is none":  {source + "calendar:\n  time_zone: Mars/Base\n", `merit.yml:6: time_zone "Mars/Base" is not a zone of the IANA list; write it as America/New_York`},
		"a month that is none": {source + "calendar:\n  fiscal_year_starts: 13\n", `merit.yml:6: fiscal_year_starts is the number of a month, 1 to 12, not 13`},
		"no source":            {"company: Acme\n", `merit.yml:1: no source is named under sources:`},
		"a name of no schema":  {"sources:\n  My-CRM:\n    connector: toy\n", `merit.yml:3: "My-CRM" can't be a source's name`},
		"a misspelt section":   {source + "publsh: x\n", `merit.yml:5:1: unknown field "publsh"; did you mean "publish"?`},
	} {
		t.Run(name, func(t *testing.T) {
			err := open(write(t, test.text))
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Fatalf("got  %v\nwant %s", err, test.want)
			}
			if fault.WhoMends(err) != fault.You {
				t.Errorf("the fault is not the user's")
			}
		})
	}
}

func TestSettingsComeFromTheFileTheEnvironmentAndDefaults(t *testing.T) {
	dir := write(t, "sources:\n  crm:\n    connector: toy\n    endpoint: ${TOY_ENDPOINT}\n    token: file:secret.txt\n    fields: [A.x, B.y]\n")
	if err := os.WriteFile(filepath.Join(dir, "secret.txt"), []byte("hush\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TOY_ENDPOINT", "http://127.0.0.1:1")
	p, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	sources, err := p.Sources([]connectors.Connector{toy})
	if err != nil {
		t.Fatal(err)
	}
	values, err := sources[0].Values()
	if err != nil {
		t.Fatal(err)
	}
	if values.Text("endpoint") != "http://127.0.0.1:1" || values.Secret("token").Reveal() != "hush" ||
		strings.Join(values.List("fields"), " ") != "A.x B.y" || values.Text("size") != "10" {
		t.Errorf("%v", values)
	}
}

func TestNoProjectIsExplained(t *testing.T) {
	_, err := Open(t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "is not there; `merit init") {
		t.Errorf("%v", err)
	}
}

func TestDealClassesNameASourceAndEachTypeOnce(t *testing.T) {
	const crm = "sources:\n  crm:\n    connector: toy\n"
	p, err := Open(write(t, crm+"deal_classes:\n  crm:\n    renewal: [Contract Extension]\n    new: [\"\"]\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(p.DealClasses()); got != "[{crm  new} {crm Contract Extension renewal}]" {
		t.Error(got)
	}
	for name, test := range map[string]struct{ text, want string }{
		"a source that there is not": {"deal_classes:\n  cmr:\n    new: [A]\n", "deal_classes: there is no source cmr; there are crm"},
		"a type of two classes":      {"deal_classes:\n  crm:\n    new: [Add On]\n    expansion: [add-on]\n", `the type "Add On" of crm stands under expansion and under new`},
		"a class that there is not":  {"deal_classes:\n  crm:\n    upsell: [A]\n", "upsell"},
	} {
		if _, err := Open(write(t, crm+test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
