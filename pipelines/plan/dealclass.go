package plan

// A DealClass says what kind of sale a type of a source's deals is.
type DealClass struct{ Source, Type, Class string }

func (in Inputs) dealClasses() []Row {
	rows := []Row{}
	for _, c := range in.DealClasses {
		rows = append(rows, Row{c.Source, c.Type, c.Class})
	}
	return rows
}
