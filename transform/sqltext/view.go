package sqltext

import (
	"fmt"
	"slices"
	"strings"
)

// A View is what the text of a connector's view says about itself.
type View struct {
	Tables  []string // of the schema raw, in the order in which they are read
	Main    string   // the table of the schema raw of which each record is a row of the view; "" where there is none
	Where   string   // the condition that a record of it must meet; "" is none
	Others  string   // the condition that tells the view's other rows; "" where there are none
	Without string   // why there is no main table; "" where there is one or none is stated
	tokens  []Token
}

// ReadView reads a view. Its author states the main table in comments, with the
// condition that its records meet, and what the view's other rows are:
//
//	-- main: raw.deals as deals where deals.createdate is not null
//	-- others: user_id like 'user-%'
//
// or why there is none:
//
//	-- main: none: the rows are read from several tables
func ReadView(text string) (View, error) {
	tokens, err := Tokenize(text)
	if err != nil {
		return View{}, err
	}
	v := View{tokens: WithoutComments(tokens)}
	stated := map[string]string{}
	for _, t := range tokens {
		name, value, found := strings.Cut(t.Text, ":")
		if t.Kind != Comment || !found || name != "main" && name != "others" {
			continue
		}
		if stated[name] != "" {
			return v, fmt.Errorf("line %d: %s is stated twice", t.Line, name)
		}
		stated[name] = strings.TrimSpace(value)
	}
	v.Main, v.Where, _ = strings.Cut(stated["main"], " where ")
	v.Others = stated["others"]
	if reason, none := strings.CutPrefix(stated["main"], "none:"); none {
		v.Main, v.Where, v.Without = "", "", strings.TrimSpace(reason)
	}
	for i, t := range v.tokens {
		if t.Is("raw") && !At(v.tokens, i-1).Is(".") && At(v.tokens, i+1).Is(".") && At(v.tokens, i+2).IsName() {
			if name := text[v.tokens[i+2].Start:v.tokens[i+2].End]; !slices.Contains(v.Tables, strings.Trim(name, `"`)) {
				v.Tables = append(v.Tables, strings.Trim(name, `"`))
			}
		}
	}
	if v.Main == "" {
		return v, nil
	}
	return v, v.checkMain()
}

// checkMain refuses a main table that the view does not read.
func (v View) checkMain() error {
	table, _, _ := strings.Cut(strings.TrimPrefix(v.Main, "raw."), " ")
	if !strings.HasPrefix(v.Main, "raw.") || !slices.Contains(v.Tables, table) {
		return fmt.Errorf("main: %s is none of the tables that the view reads: raw.%s", v.Main, strings.Join(v.Tables, ", raw."))
	}
	return nil
}

// CountMain counts the records of the main table that are rows of the view.
func (v View) CountMain() string {
	query := "select count(*) as records from " + v.Main
	if v.Where != "" {
		query += " where " + v.Where
	}
	return query
}

// Calls tells whether the view calls one of the functions of the schema fn.
func (v View) Calls(names ...string) bool {
	for i, t := range v.tokens {
		if t.Is("fn") && At(v.tokens, i+1).Is(".") && At(v.tokens, i+2).Is(names...) && At(v.tokens, i+3).Is("(") {
			return true
		}
	}
	return false
}
