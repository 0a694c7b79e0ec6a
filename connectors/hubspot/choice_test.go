package hubspot

import (
	"slices"
	"strings"
	"testing"

	"merit/connectors"
)

func TestOnlyTheCatalogueOfWhatWillBeReadIsAskedFor(t *testing.T) {
	for name, c := range map[string]struct {
		only, without []string
		want          string // the catalogues; "*": of every object
	}{
		"everything":            {nil, nil, "*"},
		"one stream":            {[]string{"quotes"}, nil, "quotes"},
		"one that is left out":  {[]string{"quotes"}, []string{"quotes"}, ""},
		"a stream of no object": {[]string{"owners"}, nil, ""},
		"what tells about all":  {[]string{countsName}, nil, "*"},
		"all but one":           {nil, []string{"companies"}, "*"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{}
			source := f.open(t, nil)
			source.(connectors.Chooser).Choose(c.only, c.without)
			streams, err := source.Streams(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var asked []string
			for _, call := range f.calls {
				if object, isCatalogue := strings.CutPrefix(call, "GET /crm/properties/"); isCatalogue {
					asked = append(asked, object)
				}
			}
			slices.Sort(asked)
			if c.want != "*" && strings.Join(asked, " ") != c.want || c.want == "*" && len(asked) != len(objects())-len(c.without) {
				t.Errorf("asked for %v", asked)
			}
			for _, s := range streams {
				if len(s.Tables) == 0 || s.Unreadable != nil {
					t.Errorf("%s has no tables, or %v", s.Name, s.Unreadable)
				}
			}
		})
	}
}
