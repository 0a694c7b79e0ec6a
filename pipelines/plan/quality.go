package plan

import (
	"maps"
	"slices"

	"merit/pipelines/yamlfile"
)

// A Count is how many there may be.
type Count = yamlfile.Whole

// QualityKinds are the kinds of rows of marts.data_quality.
var QualityKinds = []string{
	"rejected value", "set aside", "future stamp", "unknown stage", "unknown pipeline", "unknown owner", "unknown account",
	"unknown currency", "unknown person", "user without a rep", "pipeline without a won stage", "stage unlike its history", "born closed",
}

// checkDataQuality is check for how much of what is not believed or known a run bears.
func (p *Plan) checkDataQuality(place string, v *Version) error {
	for _, kind := range slices.Sorted(maps.Keys(v.DataQuality)) {
		if !slices.Contains(QualityKinds, kind) {
			return p.file.Errorf(place+".data_quality", "data_quality has %q, which is none of %s", kind, list(QualityKinds))
		}
		if v.DataQuality[kind] < 0 {
			return p.file.Errorf(place+".data_quality", "data_quality: %s %d is less than 0", kind, v.DataQuality[kind])
		}
	}
	return nil
}
