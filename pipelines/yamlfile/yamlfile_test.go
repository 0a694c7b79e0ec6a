package yamlfile

import (
	"slices"
	"testing"
)

type settings struct {
	Name    string            `yaml:"name"`
	Weights map[string]weight `yaml:"weights"`
}

type weight struct {
	Weight int `yaml:"weight"`
	Floor  int `yaml:"floor"`
}

func TestEveryMistakeNamesItsLineAndWhatWouldBeRight(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"a misspelt field", "name: a\nweights:\n  x:\n    weigth: 3\n", `plan.yml:4:5: unknown field "weigth"; did you mean "weight"?`},
		{"a field that is like none", "nonsense: a\n", `plan.yml:1:1: unknown field "nonsense"`},
		{"a text for a number", "weights:\n  x:\n    weight: many\n", `plan.yml:3:13: "many" stands where a whole number is meant`},
		{"a list for a text", "name: [a, b]\n", `plan.yml:1:7: a list stands where one text is meant`},
		{"a text for a mapping", "weights: 3\n", `plan.yml:1:10: a mapping, lines of key: value, is meant here`},
		{"a doubled key", "name: a\nname: b\n", `plan.yml:2:1: mapping key "name" already defined at [1:1]`},
		{"no YAML", "name: [a\n", `plan.yml:1:7: `},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse("plan.yml", []byte(test.text), &settings{})
			if err == nil || len(err.Error()) < len(test.want) || err.Error()[:len(test.want)] != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestALaterCheckNamesTheLineToo(t *testing.T) {
	f, err := Parse("plan.yml", []byte("name: a\nweights:\n  x:\n    weight: 3\n  y:\n    weight: 4\n"), &settings{})
	if err != nil {
		t.Fatal(err)
	}
	for place, line := range map[string]int{"$.weights.y.weight": 6, "$.weights.y": 6, "$.weights.y.floor": 6, "$.weights.z": 3, "$.missing": 1, "$.name": 1} {
		if got := f.Line(place); got != line {
			t.Errorf("%s is said to be in line %d, not %d", place, got, line)
		}
	}
}

func TestKeysStandInTheFilesOrder(t *testing.T) {
	for _, text := range []string{"weights:\n  z:\n    weight: 3\n  a:\n    weight: 4\n  m: {weight: 1}\n", "weights: {z: {weight: 3}, a: {weight: 4}, m: {}}\n"} {
		f, err := Parse("plan.yml", []byte(text), &settings{})
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Keys("$.weights"); !slices.Equal(got, []string{"z", "a", "m"}) {
			t.Errorf("%q has the keys %v", text, got)
		}
		if got := f.Keys("$.nothing"); got != nil {
			t.Errorf("nothing has the keys %v", got)
		}
	}
}
