package project

import (
	"net/url"
	"reflect"
	"regexp"
	"strings"

	"merit/connectors"
	"merit/pipelines/yamlfile"
)

// LakeSettings say where the durable copy of the history lies: a folder, or a
// bucket with an Iceberg REST catalog. A folder may stand there alone, as lake: lake.
type LakeSettings struct {
	Location    string          `yaml:"location" schema:"filled" doc:"Folder of the project, or s3://bucket/folder or gs://bucket/folder."`
	Catalog     CatalogSettings `yaml:"catalog" doc:"The Iceberg REST catalog of a lake in a bucket."`
	Endpoint    string          `yaml:"endpoint" doc:"Of a store that is not Amazon's or Google's own: https://minio.example:9000."`
	Region      string          `yaml:"region" doc:"S3: eu-central-1 and so on; none: the store is asked."`
	AccessKey   secretText      `yaml:"access_key" doc:"S3; none: AWS_ACCESS_KEY_ID, the shared credentials file, the machine's role."`
	SecretKey   secretText      `yaml:"secret_key" doc:"S3, with access_key."`
	PathStyle   bool            `yaml:"path_style" doc:"S3: the bucket's name in the path, not in the host."`
	Credentials string          `yaml:"credentials" doc:"Google: key file; none: the application default."`
	Copies      string          `yaml:"copies" doc:"Folder for copies of the bucket's files, which DuckDB reads."`
}

// CatalogSettings say which catalog it is, and as whom it is used: with a token, with
// a client's id and secret, or with Google's sign-in.
type CatalogSettings struct {
	URI          string     `yaml:"uri" doc:"https://catalog.example/iceberg; calls go to <uri>/v1/…"`
	Warehouse    string     `yaml:"warehouse" doc:"The catalog's name for where tables lie, if it has several."`
	Namespace    string     `yaml:"namespace" doc:"A source's tables are in <namespace>_<source>."`
	Names        string     `yaml:"names" schema:"enum=lower|snake" doc:"What tables are called in the catalog: as in the CRM (Opportunity), in small letters, or snake (opportunity_line_item), where the catalog takes no capitals."`
	Token        secretText `yaml:"token"`
	ClientID     string     `yaml:"client_id" doc:"OAuth2 client credentials."`
	ClientSecret secretText `yaml:"client_secret"`
	TokenURI     string     `yaml:"token_uri" doc:"Where client credentials are handed in; none: the catalog itself."`
	Scope        string     `yaml:"scope" doc:"OAuth2 scope; none: catalog."`
	Signing      string     `yaml:"signing" doc:"Amazon: sign calls by Signature Version 4 for this service (glue, s3tables, execute-api), with the bucket's keys and region."`
	Google       bool       `yaml:"google" doc:"Sign in with the lake's Google credentials, as BigLake wants it."`
	Project      string     `yaml:"project" doc:"Google: id of the project that pays."`
}

// secretText is a reference to a secret, never the secret itself.
type secretText string

// JSONSchema is what may stand for it.
func (secretText) JSONSchema() yamlfile.Schema {
	return yamlfile.Schema{"type": "string", "pattern": reference.String() + "|^file:"}
}

// UsesBucket tells a lake in a bucket from one in a folder.
func (s LakeSettings) UsesBucket() bool { return strings.Contains(s.Location, "://") }

// lakeMapping is LakeSettings as a mapping only.
type lakeMapping LakeSettings

// JSONSchema is a folder's name, or the mapping.
func (LakeSettings) JSONSchema() yamlfile.Schema {
	mapping := yamlfile.SchemaOf(reflect.TypeFor[lakeMapping](), nil)
	mapping["required"] = []string{"location"}
	return yamlfile.Schema{"anyOf": []yamlfile.Schema{{"type": "string", "minLength": 1}, mapping}}
}

// UnmarshalYAML takes a folder's name or a mapping.
func (s *LakeSettings) UnmarshalYAML(decode func(any) error) error {
	var folder string
	if err := decode(&folder); err == nil {
		s.Location = folder
		return nil
	}
	return decode((*lakeMapping)(s))
}

var (
	bucketLocation = regexp.MustCompile(`^(s3|gs)://[a-z0-9][a-z0-9._-]{1,220}(/[A-Za-z0-9_=-][A-Za-z0-9._=-]*)*/?$`)
	namespaceName  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,60}$`)
)

// checkLake says of each mistake in the lake's settings in which line it is. What is
// a ${VARIABLE} is looked at when the lake is opened.
func (p *Project) checkLake() error {
	s, c := p.Settings.Lake, p.Settings.Lake.Catalog
	if !s.UsesBucket() && !isReference(s.Location) {
		s.Location, s.Copies = "", ""
		if s != (LakeSettings{Catalog: CatalogSettings{Namespace: c.Namespace}}) {
			return p.file.Errorf("$.lake", "only a lake in a bucket has more settings than its location; %q is a folder", p.Settings.Lake.Location)
		}
		return nil
	}
	for _, secret := range []struct {
		name string
		text secretText
	}{{"access_key", s.AccessKey}, {"secret_key", s.SecretKey}, {"catalog.token", c.Token}, {"catalog.client_secret", c.ClientSecret}} {
		if secret.text != "" && !isReference(string(secret.text)) {
			return p.file.Errorf("$.lake."+secret.name, "%s is a secret and must not stand in this file; write ${NAME_OF_A_VARIABLE} or file:PATH", secret.name)
		}
	}
	for _, mistake := range s.mistakes() {
		if mistake.is {
			return p.file.Errorf("$.lake"+mistake.place, "%s", mistake.text)
		}
	}
	return nil
}

type lakeMistake struct {
	is          bool
	place, text string
}

func (s LakeSettings) mistakes() []lakeMistake {
	c := s.Catalog
	isGoogle := strings.HasPrefix(s.Location, "gs://")
	signs := 0
	for _, has := range []bool{c.Token != "", c.ClientID != "" || c.ClientSecret != "", c.Google, c.Signing != ""} {
		if has {
			signs++
		}
	}
	return []lakeMistake{
		{!isReference(s.Location) && !bucketLocation.MatchString(s.Location), ".location", "\"" + s.Location + "\" is not the location of a bucket; write it as s3://bucket/folder or gs://bucket/folder"},
		{c.URI == "", ".catalog", "a lake in a bucket needs an Iceberg REST catalog: catalog: {uri: https://…}"},
		{!isAddress(c.URI), ".catalog.uri", "\"" + c.URI + "\" is not the address of a catalog; write it as https://catalog.example/iceberg"},
		{c.TokenURI != "" && !isAddress(c.TokenURI), ".catalog.token_uri", "\"" + c.TokenURI + "\" is not an address; write it as https://login.example/oauth2/token"},
		{s.Endpoint != "" && !isAddress(s.Endpoint), ".endpoint", "\"" + s.Endpoint + "\" is not the endpoint of a store; write it as https://minio.example:9000"},
		{signs > 1, ".catalog", "name one way to sign in: token, or client_id with client_secret, or google, or signing"},
		{(c.ClientID == "") != (c.ClientSecret == ""), ".catalog", "client_id and client_secret go together"},
		{c.Signing != "" && (s.Region == "" || isGoogle), ".catalog.signing", "signing needs the region of the lake, in a bucket of s3://"},
		{c.Names != "" && c.Names != "lower" && c.Names != "snake", ".catalog.names", "names is lower or snake, or left out"},
		{!namespaceName.MatchString(c.Namespace), ".catalog.namespace", "\"" + c.Namespace + "\" can't be a namespace: use small letters, digits and _, a letter first"},
		{(s.AccessKey == "") != (s.SecretKey == ""), "", "access_key and secret_key go together"},
		{isGoogle && (s.AccessKey != "" || s.PathStyle), "", "access_key, secret_key and path_style are S3's; a bucket of gs:// is used by credentials: a key file, or by Google's application default"},
		{!isGoogle && !isReference(s.Location) && s.Credentials != "" && !c.Google, ".credentials", "credentials is Google's key file; a bucket of s3:// is used by access_key and secret_key, or by what the environment has"},
	}
}

func isAddress(text string) bool {
	if isReference(text) {
		return true
	}
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}

// LakeSecrets are what LakeSettings refer to.
type LakeSecrets struct{ AccessKey, SecretKey, Token, ClientSecret connectors.Secret }

// Lake gives the lake's settings with every ${VARIABLE} and file:PATH resolved.
func (p *Project) Lake() (LakeSettings, LakeSecrets, error) {
	s := p.Settings.Lake
	var secrets LakeSecrets
	for _, one := range []struct {
		name   string
		text   secretText
		secret *connectors.Secret
	}{{"access_key", s.AccessKey, &secrets.AccessKey}, {"secret_key", s.SecretKey, &secrets.SecretKey},
		{"catalog.token", s.Catalog.Token, &secrets.Token}, {"catalog.client_secret", s.Catalog.ClientSecret, &secrets.ClientSecret}} {
		text, err := p.resolve(string(one.text))
		if err != nil {
			return s, secrets, p.file.Errorf("$.lake."+one.name, "%s: %v", one.name, err)
		}
		*one.secret = connectors.NewSecret(text)
	}
	for name, text := range map[string]*string{"location": &s.Location, "endpoint": &s.Endpoint, "region": &s.Region, "catalog.uri": &s.Catalog.URI,
		"catalog.warehouse": &s.Catalog.Warehouse, "catalog.token_uri": &s.Catalog.TokenURI, "catalog.client_id": &s.Catalog.ClientID} {
		resolved, err := p.resolve(*text)
		if err != nil {
			return s, secrets, p.file.Errorf("$.lake."+name, "%s: %v", name, err)
		}
		*text = resolved
	}
	resolved := *p
	resolved.Settings.Lake = s
	return s, secrets, resolved.checkLake()
}
