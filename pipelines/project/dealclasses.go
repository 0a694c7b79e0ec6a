package project

import (
	"maps"
	"slices"
	"strings"

	"merit/connectors/fault"
)

// A DealClass says what kind of sale a type of a source's deals is.
type DealClass struct {
	Source string `json:"source"`
	Type   string `json:"type"`
	Class  string `json:"class"`
}

// DealClassSettings say which types of a source's deals are new business, which
// expansions, which renewals and which none of these. A type stands there as the
// CRM's value or its label, in any spelling; "" is a deal without a type.
type DealClassSettings struct {
	New       []string `yaml:"new" doc:"Types of first sales to a customer."`
	Expansion []string `yaml:"expansion" doc:"Types of further sales to a customer."`
	Renewal   []string `yaml:"renewal" doc:"Types of sales that go on with a contract."`
	Other     []string `yaml:"other" doc:"Types that are none of these, such as services."`
}

func (s DealClassSettings) byClass() map[string][]string {
	return map[string][]string{"new": s.New, "expansion": s.Expansion, "renewal": s.Renewal, "other": s.Other}
}

// DealClasses are what the settings say of each source's types, in order.
func (p *Project) DealClasses() []DealClass {
	var all []DealClass
	for _, source := range slices.Sorted(maps.Keys(p.Settings.DealClasses)) {
		classes := p.Settings.DealClasses[source].byClass()
		for _, class := range slices.Sorted(maps.Keys(classes)) {
			for _, name := range classes[class] {
				all = append(all, DealClass{Source: source, Type: name, Class: class})
			}
		}
	}
	return all
}

// checkDealClasses refuses a source that there is not and a type of two classes.
func (p *Project) checkDealClasses() error {
	for source, settings := range p.Settings.DealClasses {
		place := "$.deal_classes." + source
		if _, there := p.Settings.Sources[source]; !there {
			return p.file.Errorf(place, "deal_classes: there is no source %s%s", source, fault.Instead(source, p.SourceNames()))
		}
		classOf := map[string]string{}
		classes := settings.byClass()
		for _, class := range slices.Sorted(maps.Keys(classes)) {
			for _, name := range classes[class] {
				word := word(name)
				if other, there := classOf[word]; there {
					return p.file.Errorf(place+"."+class, "deal_classes: the type %q of %s stands under %s and under %s", name, source, other, class)
				}
				classOf[word] = class
			}
		}
	}
	return nil
}

// word is a name as it is compared, fn.word in SQL: without case, blanks, hyphens and
// underscores.
func word(name string) string {
	return strings.NewReplacer(" ", "", "-", "", "_", "").Replace(strings.ToLower(name))
}
