package salesforce

import (
	"slices"
	"strings"
	"testing"
)

func TestOnlyWhatWillBeReadIsDescribed(t *testing.T) {
	describes := func(o *org) []string {
		var names []string
		for _, c := range o.calls {
			if _, rest, isDescribe := strings.Cut(c.place, "/sobjects/"); isDescribe {
				names = append(names, strings.TrimSuffix(rest, "/describe"))
			}
		}
		slices.Sort(names)
		return names
	}
	all := len(objects())
	for name, c := range map[string]struct {
		only, without []string
		count         int
		first         string
	}{
		"everything":                           {nil, nil, all, "Account"},
		"one stream":                           {[]string{"Opportunity"}, nil, 1, "Opportunity"},
		"all but two":                          {nil, []string{"Account", "Asset"}, all - 2, "Contact"},
		"one that is left out":                 {[]string{"Account"}, []string{"Account"}, 0, ""},
		"what tells about all of them":         {[]string{orgName}, nil, all, "Account"},
		"what tells about all of them but one": {[]string{orgName}, []string{"Account"}, all - 1, "Asset"},
		"an object of merit.yml whose columns are its own": {[]string{"User"}, nil, 1, "User"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOrg(t)
			a := o.open("objects", "Renewal__c")
			o.describes("Renewal__c", "Id id", "SystemModstamp datetime")
			a.Choose(c.only, c.without)
			streams, err := a.Streams(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got := slices.DeleteFunc(describes(o), func(name string) bool { return name == "Renewal__c" })
			if len(got) != c.count || c.count > 0 && got[0] != c.first {
				t.Errorf("described are %v", got)
			}
			// The others are listed all the same, with tables that a lake can hold.
			if len(streams) != all+2 {
				t.Errorf("%d streams", len(streams))
			}
			for _, s := range streams {
				if len(s.Tables) == 0 || s.Tables[0].Schema.NumFields() == 0 || s.Unreadable != nil {
					t.Errorf("%s has no tables, or %v", s.Name, s.Unreadable)
				}
			}
		})
	}
}
