package bi

import (
	"fmt"
	"path/filepath"
)

// evidence is a site of Evidence (evidence.dev) with a page for the company, one for
// the pipeline and one for deals that wait.
func evidence(p Project) (map[string][]byte, error) {
	file, err := filepath.Abs(filepath.Join(p.Published, "merit.duckdb"))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{
		"package.json": []byte(`{
  "name": "merit-evidence",
  "private": true,
  "type": "module",
  "scripts": {"sources": "evidence sources", "dev": "evidence dev", "build": "evidence build"},
  "dependencies": {"@evidence-dev/core-components": "*", "@evidence-dev/duckdb": "*", "@evidence-dev/evidence": "*"},
  "overrides": {"@duckdb/duckdb-wasm": "1.28.0"}
}
`),
		"evidence.config.yaml":          []byte("appearance:\n  default: system\nplugins:\n  components:\n    '@evidence-dev/core-components': {}\n  datasources:\n    '@evidence-dev/duckdb': {}\n"),
		"sources/merit/connection.yaml": []byte(fmt.Sprintf("name: merit\ntype: duckdb\noptions:\n  filename: %s\n", file)),
		"pages/index.md":                []byte(evidenceIndex),
		"pages/pipeline.md":             []byte(evidencePipeline),
		"pages/stale_deals.md":          []byte(evidenceStale),
	}
	for _, t := range p.Catalogue.Tables {
		files["sources/merit/"+t.Name+".sql"] = []byte(fmt.Sprintf("-- %s %s\nselect * from %s\n", sentence(t.Description), sentence(t.Grain), t.Name))
	}
	return files, nil
}

const evidenceIndex = "# Scores\n\n```sql scores\nselect period, team, avg(score) as mean_score from merit.rep_scorecards where score is not null group by period, team order by period, team\n```\n\n" +
	"<BarChart data={scores} x=period y=mean_score series=team type=grouped title=\"Mean score by team\"/>\n\n" +
	"```sql people\nselect name, team, period, score, tier from merit.rep_scorecards order by period desc, name\n```\n\n<DataTable data={people} search=true/>\n"

const evidencePipeline = "# Pipeline\n\n```sql created\nselect created_week, sum(company_amount) as created from merit.deals group by created_week order by created_week\n```\n\n" +
	"<BarChart data={created} x=created_week y=created title=\"Deals created by week, in money\"/>\n\n" +
	"```sql funnel\nselect source, stage, deals_entered, win_rate, median_days from merit.stage_funnel where stage_position is not null order by source, stage_position\n```\n\n<DataTable data={funnel} groupBy=source/>\n"

const evidenceStale = "# Deals that wait\n\n```sql stale\nselect deal_name, owner_name, account_name, stage, company_amount, days_without_activity, url from merit.deals where is_open and days_without_activity > 14 order by company_amount desc nulls last\n```\n\n" +
	"<DataTable data={stale} link=url search=true/>\n"
