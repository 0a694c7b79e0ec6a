package project

// WarehouseSettings name the SQL engine: BigQuery where it is named, else DuckDB.
type WarehouseSettings struct {
	DuckDB   string           `yaml:"duckdb" doc:"The database file; made when it is not there."`
	Memory   string           `yaml:"memory" doc:"The most that DuckDB takes: 4GB."`
	BigQuery BigQuerySettings `yaml:"bigquery" doc:"Instead of DuckDB, where one machine is too small."`
}

// BigQuerySettings say where tables lie in Google's cloud, and as whom they are
// made. Readers are let into the dataset; working tables lie in <dataset>_core,
// <dataset>_staging and others beside it.
type BigQuerySettings struct {
	Project        string `yaml:"project" doc:"Id of the Google Cloud project."`
	Dataset        string `yaml:"dataset" doc:"What readers are let into; working tables lie in <dataset>_core and others beside it."`
	Location       string `yaml:"location" doc:"EU, US, europe-west3 and so on."`
	Credentials    string `yaml:"credentials" doc:"Key file; none: Google's application default."`
	MaxBytesBilled int64  `yaml:"max_bytes_billed" doc:"A query that would bill more is refused; 0: no cap."`
	JobsAtOnce     int    `yaml:"jobs_at_once" doc:"How many jobs a build runs side by side; none: 8."`
	KMSKey         string `yaml:"kms_key" doc:"Cloud KMS key that new datasets encrypt their tables with: projects/P/locations/L/keyRings/R/cryptoKeys/K; none: Google's own."`
	Endpoint       string `yaml:"endpoint" doc:"An emulator's address; none: Google."`
}

// UsesBigQuery tells whether tables are built there.
func (s WarehouseSettings) UsesBigQuery() bool { return s.BigQuery != BigQuerySettings{} }

// WarehousePlace is where people find the tables.
func (p *Project) WarehousePlace() string {
	s := p.Settings.Warehouse
	if s.UsesBigQuery() {
		return "BigQuery " + s.BigQuery.Project + "." + s.BigQuery.Dataset
	}
	return p.Path(s.DuckDB)
}
