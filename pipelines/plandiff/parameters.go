package plandiff

import (
	"reflect"
	"slices"

	"merit/pipelines/plan"
)

// differingParameters are the metrics whose parameters are not those that the
// last build was made with.
func differingParameters(v, built plan.Version) []string {
	var metrics []string
	for metric, settings := range v.Parameters {
		isUsed := slices.ContainsFunc(v.RoleNames(), func(role string) bool { _, used := v.Roles[role].Metrics[metric]; return used })
		if isUsed && !reflect.DeepEqual(sorted(settings), sorted(built.Parameters[metric])) {
			metrics = append(metrics, metric)
		}
	}
	slices.Sort(metrics)
	return metrics
}

// sorted is a metric's settings with lists in one order: their order says nothing.
func sorted(settings plan.Settings) map[string][]string {
	inOrder := map[string][]string{}
	for name, values := range settings {
		inOrder[name] = slices.Compact(slices.Sorted(slices.Values(values)))
	}
	return inOrder
}
