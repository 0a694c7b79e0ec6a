package project

import (
	"maps"
	"slices"
	"strings"
)

// PrivacySettings say what of people's data goes into the lake.
type PrivacySettings struct {
	Columns map[string]string `yaml:"columns" doc:"SOURCE.TABLE.COLUMN: drop, hash or keep. Dropped columns are empty, hashed ones hold a keyed hash; keep is the rule for all others."`
}

// What may be done with a column.
const (
	Drop = "drop"
	Hash = "hash"
	Keep = "keep"
)

func (p *Project) checkPrivacy() error {
	columns := p.Settings.Privacy.Columns
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		parts := strings.Split(name, ".")
		if len(parts) != 3 || len(p.Settings.Sources[parts[0]]) == 0 {
			return p.file.Errorf("$.privacy.columns", "%q is not SOURCE.TABLE.COLUMN of a source that stands under sources:", name)
		}
		if policy := columns[name]; policy != Drop && policy != Hash && policy != Keep {
			return p.file.Errorf("$.privacy.columns", "%s: %q is none of drop, hash, keep", name, policy)
		}
	}
	return nil
}

// IsOf tells whether any policy names a source.
func (s PrivacySettings) IsOf(source string) bool {
	for name := range s.Columns {
		if strings.HasPrefix(name, source+".") {
			return true
		}
	}
	return false
}
