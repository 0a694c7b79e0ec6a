package verify

import (
	"regexp"
	"strings"
)

var (
	negates   = regexp.MustCompile("([(,] *|\\b(?:then|else) )-([a-z_`])")
	scaled    = regexp.MustCompile(`\s+as numeric\(\d+, (\d+)\)\s*\)`)
	truncates = regexp.MustCompile(`(?m)^truncate table ([^;]+);`)
	navigates = regexp.MustCompile(`(first|last)_value\(([^\n]*?) ignore nulls\) over (\w+)`)
)

// forEmulator says otherwise what the emulator lacks or gets wrong.
func forEmulator(sql string) string {
	sql = truncates.ReplaceAllString(sql, "delete from $1 where true;")
	sql = roundCasts(negates.ReplaceAllString(sql, "${1}0 - $2"))
	return navigates.ReplaceAllStringFunc(sql, func(call string) string {
		m := navigates.FindStringSubmatch(call)
		all := "(array_agg(" + m[2] + " ignore nulls) over " + m[3] + ")"
		if m[1] == "last" {
			all = "array_reverse" + all
		}
		// A null array ends it.
		return "(case when count(" + m[2] + ") over " + m[3] + " = 0 then null else " + all + "[safe_offset(0)] end)"
	})
}

// roundCasts has casts to so many digits round, which the emulator leaves out: a
// third of ten would be more than the same third that was stored.
func roundCasts(sql string) string {
	for {
		at := scaled.FindStringSubmatchIndex(sql)
		if at == nil {
			return sql
		}
		open, depth := at[0], 1
		for ; depth > 0 && open > 0; open-- {
			switch sql[open-1] {
			case ')':
				depth++
			case '(':
				depth--
			}
		}
		from := strings.LastIndex(sql[:open+1], "cast(")
		if from != open-len("cast") {
			return sql // none of ours
		}
		from -= len(sql[:from]) - len(strings.TrimSuffix(sql[:from], "safe_"))
		sql = sql[:from] + "round(" + sql[from:at[0]] + " as numeric), " + sql[at[2]:at[3]] + ")" + sql[at[1]:]
	}
}
