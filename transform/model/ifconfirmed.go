package model

import (
	"fmt"
	"slices"
	"strings"

	"merit/transform/sqltext"
)

// What the scores would be if a flag were confirmed is worked out by the scores'
// own SQL, from evidence in which the flag's records are marked as excluded.
const flagPlacesTable = "audits.flag_places"

// ifConfirmedSchemas each hold the scores without one flag of every rep and period,
// the one of that place in audits.flag_places. More open flags of one person in one
// quarter are shown without what they would change.
var ifConfirmedSchemas = [...]string{"if_first_confirmed", "if_second_confirmed", "if_third_confirmed"}

// ifConfirmed are the copies of every model in scores that reads evidence.
func (g *Graph) ifConfirmed() ([]*Model, error) {
	if g.models[flagPlacesTable] == nil {
		return nil, nil
	}
	chain := g.evidenceChain()
	var copies []*Model
	for i, schema := range ifConfirmedSchemas {
		copies = append(copies, g.evidenceIfConfirmed(schema, i+1))
		for _, name := range chain {
			m, err := g.models[name].in(schema, append(chain, evidenceTable))
			if err != nil {
				return nil, err
			}
			copies = append(copies, m)
		}
	}
	return copies, nil
}

// evidenceChain are the models of scores that stand on evidence, by name.
func (g *Graph) evidenceChain() []string {
	var chain []string
	for name, m := range g.models {
		if strings.HasPrefix(name, "scores.") && m.File != "" && slices.Contains(g.Upstream(name), evidenceTable) {
			chain = append(chain, name)
		}
	}
	slices.Sort(chain)
	return chain
}

// in is the model with another schema's tables in the place of the named ones.
func (m *Model) in(schema string, names []string) (*Model, error) {
	tokens, err := sqltext.Tokenize(m.SQL)
	if err != nil {
		return nil, err
	}
	copied := *m
	copied.Name = schema + "." + m.Short()
	copied.File = ""
	copied.Header.Title = m.Header.Title + ", if one flag of each rep were confirmed"
	copied.Needs = nil
	for _, need := range m.Needs {
		if slices.Contains(names, need) {
			_, short, _ := strings.Cut(need, ".")
			need = schema + "." + short
		}
		copied.Needs = append(copied.Needs, need)
	}
	copied.SQL = sqltext.Rewrite(m.SQL, tokens, func(i int) (string, int) {
		if !tokens[i].IsName() || !sqltext.At(tokens, i+1).Is(".") || !slices.Contains(names, tokens[i].Text+"."+sqltext.At(tokens, i+2).Text) {
			return "", 0
		}
		return schema, 1
	})
	return &copied, nil
}

// evidenceIfConfirmed is the evidence of those who have a flag of that place, with
// the flag's records excluded.
func (g *Graph) evidenceIfConfirmed(schema string, place int) *Model {
	m := *g.models[evidenceTable]
	m.Name = schema + ".metric_evidence"
	m.Header.Title += ", if one flag of each rep were confirmed"
	m.Needs = []string{evidenceTable, flagPlacesTable, "audits.flag_records"}
	list := make([]string, len(m.Columns))
	for i, column := range m.Columns {
		list[i] = "    metric_evidence." + column.Name
		if column.Name == "is_excluded" {
			list[i] += " or taken_out.record_id is not null as is_excluded"
		}
	}
	m.SQL = fmt.Sprintf(evidenceWithoutFlag, place, place, strings.Join(list, ",\n"))
	return &m
}

const evidenceWithoutFlag = `with looked_at as (
    select flag_places.rep_id, flag_places.period
    from audits.flag_places
    where flag_places.place = %d
),
taken_out as (
    select flag_places.rep_id, flag_records.source, flag_records.record_type, flag_records.record_id, flag_records.occurred_at
    from audits.flag_places
    join audits.flag_records
        on flag_records.flag_id = flag_places.flag_id
    where flag_places.place = %d
    group by flag_places.rep_id, flag_records.source, flag_records.record_type, flag_records.record_id, flag_records.occurred_at
)
select
%s
from scores.metric_evidence
join looked_at
    on looked_at.rep_id = metric_evidence.rep_id
    and looked_at.period = metric_evidence.period
left join taken_out
    on taken_out.rep_id = metric_evidence.rep_id
    and taken_out.source = metric_evidence.source
    and taken_out.record_type = metric_evidence.record_type
    and taken_out.record_id = metric_evidence.record_id
    and taken_out.occurred_at = metric_evidence.occurred_at`
