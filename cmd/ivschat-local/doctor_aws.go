package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/internal/shortfile"
)

// What AWS SDKs read, in their order of precedence, is in the AWS SDKs and Tools Reference Guide
// (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html).

const (
	globalVariable = "AWS_ENDPOINT_URL"
	ignoreVariable = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
	// maximumSharedConfig is how long a configuration file of AWS SDKs may be, in bytes.
	maximumSharedConfig = 1 << 20
)

// A sharedConfig is what the profile in use says in the configuration files that AWS SDKs share.
type sharedConfig struct {
	profile  string // its name
	exists   bool
	settings map[string]string // those of config take precedence here; services.ivschat.endpoint_url is in service
	service  string            // endpoint_url of ivschat in the services section
	file     string            // name of the config file
	errs     []error           // files that cannot be read
}

// readSharedConfig reads the files.
func readSharedConfig(getenv func(string) string) sharedConfig {
	home := homeDir()
	c := sharedConfig{
		profile:  cmp.Or(getenv(profileVariable), getenv("AWS_DEFAULT_PROFILE"), "default"),
		settings: map[string]string{},
		file:     cmp.Or(getenv("AWS_CONFIG_FILE"), filepath.Join(home, ".aws", "config")),
	}
	config := c.read(c.file)
	secrets := c.read(cmp.Or(getenv("AWS_SHARED_CREDENTIALS_FILE"), filepath.Join(home, ".aws", "credentials")))
	section := "profile " + c.profile
	if c.profile == "default" && config[section] == nil {
		section = "default"
	}
	for _, settings := range []map[string]string{secrets[c.profile], config[section]} {
		c.exists = c.exists || settings != nil
		for key, value := range settings {
			c.settings[key] = value
		}
	}
	if services := c.settings["services"]; services != "" {
		c.service = config["services "+services]["ivschat.endpoint_url"]
	}
	return c
}

// homeDir returns the home directory as SDKs find it, also without HOME, as in some services and containers. It is
// absolute, so that no file in the current directory is taken for one of it.
func homeDir() string {
	if home, err := os.UserHomeDir(); err == nil {
		return home
	}
	if current, err := user.Current(); err == nil {
		return current.HomeDir
	}
	return string(filepath.Separator)
}

// read returns the sections of a file. A file that does not exist has none. A pipe, as a shell makes one, is not read:
// that would take from a program what it is for.
func (c *sharedConfig) read(path string) map[string]map[string]string {
	info, err := os.Stat(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	var text []byte
	if err == nil {
		text, err = shortfile.Read(path, maximumSharedConfig)
	}
	if err != nil {
		c.errs = append(c.errs, err)
		return nil
	}
	return parseINI(string(text))
}

// parseINI returns the settings of each section of a file. Those that are indented under a key are called KEY.NAME.
func parseINI(text string) map[string]map[string]string {
	sections := map[string]map[string]string{}
	section, parent := map[string]string{}, ""
	for line := range strings.Lines(text) {
		indented := strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		if line[0] == '[' {
			name, _, _ := strings.Cut(line[1:], "]")
			name = strings.Join(strings.Fields(name), " ")
			section, parent = sections[name], ""
			if section == nil {
				section = map[string]string{}
				sections[name] = section
			}
			continue
		}
		key, value, _ := strings.Cut(line, "=")
		key, value = strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
		for _, comment := range []string{" #", " ;"} {
			value, _, _ = strings.Cut(value, comment)
		}
		if value = strings.TrimSpace(value); indented && parent != "" {
			key = parent + "." + key
		} else {
			parent = key
		}
		section[key] = value
	}
	return sections
}

// A configuredEndpoint is the endpoint that AWS SDKs use if their program does not choose one.
type configuredEndpoint struct {
	url     string // "" for that of AWS
	from    string // where it is configured
	over    string // what else has another endpoint, and has no effect
	global  bool   // it is that of all services
	ignored string // what makes the SDKs ignore configured endpoints, "" if nothing does
}

// sdkEndpoint returns the endpoint that AWS SDKs use.
func (x *examination) sdkEndpoint() configuredEndpoint {
	profile := "profile " + x.shared.profile + " in " + x.shared.file
	if isTrue(x.getenv(ignoreVariable)) {
		return configuredEndpoint{ignored: ignoreVariable}
	}
	if x.getenv(ignoreVariable) == "" && isTrue(x.shared.settings["ignore_configured_endpoint_urls"]) {
		return configuredEndpoint{ignored: "ignore_configured_endpoint_urls of " + profile}
	}
	var chosen configuredEndpoint
	for _, source := range []configuredEndpoint{
		{url: x.getenv(serviceVariable), from: serviceVariable},
		{url: x.getenv(globalVariable), from: globalVariable, global: true},
		{url: x.shared.service, from: "services of " + profile},
		{url: x.shared.settings["endpoint_url"], from: "endpoint_url of " + profile, global: true},
	} {
		switch {
		case source.url == "":
		case chosen.url == "":
			chosen = source
		case chosen.over == "" && source.url != chosen.url:
			chosen.over = source.from
		}
	}
	return chosen
}

func isTrue(value string) bool { return strings.EqualFold(strings.TrimSpace(value), "true") }

// checkConfigFiles checks the profile and the files that AWS SDKs share.
func (x *examination) checkConfigFiles() {
	const check = "profile"
	for _, err := range x.shared.errs {
		x.note(check, "", "a configuration file of AWS SDKs was not read: %v", err)
	}
	if name := cmp.Or(x.getenv(profileVariable), x.getenv("AWS_DEFAULT_PROFILE")); name != "" {
		switch {
		case !x.shared.exists && len(x.shared.errs) == 0:
			x.problem(check, "unset "+profileVariable+", or name a profile that exists",
				"%s is %q, which is not in %s: SDKs fail", profileVariable, name, x.shared.file)
		case x.getenv("AWS_ACCESS_KEY_ID") != "":
			x.note(check, "unset "+profileVariable, "%s is %q, and the AWS SDK for JavaScript prefers it to "+
				"AWS_ACCESS_KEY_ID",
				profileVariable, name)
		}
	}
	for _, variable := range []string{"AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"} {
		if isTrue(x.getenv(variable)) {
			x.problem(check, "unset "+variable, "%s is true, with which some SDKs refuse a custom endpoint", variable)
		}
	}
}

// region returns the region of AWS SDKs, "" if there is none or it is not valid.
func (x *examination) region() string {
	region := cmp.Or(x.getenv("AWS_REGION"), x.getenv("AWS_DEFAULT_REGION"), x.shared.settings["region"])
	if !ivschat.IsRegion(region) {
		return ""
	}
	return region
}

// checkRegion checks that every SDK knows the same region.
func (x *examination) checkRegion(ctx context.Context) {
	const check = "region"
	region, other, shared := x.getenv("AWS_REGION"), x.getenv("AWS_DEFAULT_REGION"), x.shared.settings["region"]
	for _, name := range []string{region, other, shared} {
		if name != "" && !ivschat.IsRegion(name) {
			x.problem(check, "write it as us-east-1", "the region must be a name such as us-east-1, but is %q",
				awsapi.Short(name))
			return
		}
	}
	const both = "export AWS_REGION=%[1]s AWS_DEFAULT_REGION=%[1]s"
	switch {
	case region == "" && other == "" && shared == "":
		x.problem(check, fmt.Sprintf(both, x.emulatorRegion(ctx)), "there is no region, without which SDKs send "+
			"no request")
	case region != "" && other != "" && region != other:
		x.note(check, fmt.Sprintf(both, region), "AWS_REGION is %s, but AWS_DEFAULT_REGION is %s, which boto3 uses",
			region, other)
	case region != "" && other == "" && shared != region:
		x.note(check, "export AWS_DEFAULT_REGION="+region,
			"AWS_REGION is %s, but boto3 and AWS CLI 1 read only AWS_DEFAULT_REGION", region)
	case region == "" && other != "" && shared != other:
		x.note(check, "export AWS_REGION="+other,
			"AWS_DEFAULT_REGION is %s, but the AWS SDKs for JavaScript and Java read only AWS_REGION", other)
	default:
		x.ok(check, "%s", cmp.Or(region, other, shared))
	}
}

// providers are settings of a profile with which SDKs get credentials elsewhere.
var providers = []string{
	"sso_session", "sso_start_url", "credential_process", "role_arn", "web_identity_token_file", "login_session",
}

// providerVariables are variables with which SDKs get credentials elsewhere.
var providerVariables = []string{
	"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
}

// checkCredentials checks that SDKs find credentials, and returns the access key, "" if it is not known.
func (x *examination) checkCredentials() string {
	const check = "credentials"
	id, secret, from := x.getenv("AWS_ACCESS_KEY_ID"), x.getenv("AWS_SECRET_ACCESS_KEY"), "AWS_ACCESS_KEY_ID"
	if id == "" && secret == "" {
		id, secret = x.shared.settings["aws_access_key_id"], x.shared.settings["aws_secret_access_key"]
		from = "profile " + x.shared.profile
	}
	elsewhere := slices.ContainsFunc(providers, func(name string) bool { return x.shared.settings[name] != "" }) ||
		slices.ContainsFunc(providerVariables, func(name string) bool { return x.getenv(name) != "" })
	switch {
	case (id == "") != (secret == ""):
		x.problem(check, envAdvice, "%s has only one of an access key and its secret access key, and SDKs need "+
			"both", from)
	case id == "" && elsewhere:
		x.note(check, envAdvice, "SDKs get credentials from profile %s or from a provider, which may be real, and "+
			"may ask AWS",
			x.shared.profile)
	case id == "":
		x.problem(check, envAdvice,
			"there are no credentials: SDKs look for those of a machine at AWS, which can take long, and then fail")
	case strings.TrimSpace(id) != id || strings.TrimSpace(secret) != secret || strings.ContainsAny(id, " \t\"'"):
		x.problem(check, "remove it", "the access key or its secret in %s has a space, a line break or a "+
			"quotation mark", from)
	case ivschat.IsAccountID(id):
		x.ok(check, "%s selects account %s", from, id)
	default:
		x.ok(check, "from %s", from)
	}
	return id
}

// realKey matches access keys as AWS makes them.
var realKey = regexp.MustCompile(`^(AKIA|ASIA)[A-Z2-7]{16}$`)

// checkRealKey warns about an access key that may be a real one. known reports whether it is one of the emulator's.
func (x *examination) checkRealKey(id string, known bool) {
	if known || !realKey.MatchString(id) {
		return
	}
	x.note("access-key", envAdvice, "the access key %s… looks like a real one: every request to %s has it, and "+
		"the session token if there is one; the secret is never sent", id[:4], awsapi.DisplayURL(x.endpoint.String()))
}
