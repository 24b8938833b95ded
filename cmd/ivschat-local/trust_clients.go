package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// javaStore is the file name of the trust store that the commands for Java make in the data directory.
const javaStore = "ca.p12"

// A trustClient is how a client, or a store of a system, trusts a certificate authority.
type trustClient struct {
	name, title string
	// Commands of a shell, in which clientPaths.fill replaces what is in braces.
	add, remove string
	// What takes the place of add if the authorities of the system are not in a file.
	addWithoutBundle string
	untried          bool // no test runs the commands
}

// commands returns the commands that make the client trust the authority.
func (c trustClient) commands(paths clientPaths) string {
	if paths.bundle == "" && c.addWithoutBundle != "" {
		return paths.fill(c.addWithoutBundle)
	}
	return paths.fill(c.add)
}

// section returns a part of a text for people: the commands of the client under its name and a title.
func (c trustClient) section(title, commands string) string {
	return fmt.Sprintf("\n%s: %s\n  %s\n", c.name, title, strings.ReplaceAll(commands, "\n", "\n  "))
}

// trustClients are the clients, in the order of the output.
var trustClients = []trustClient{
	{
		name: "node", title: "Node.js",
		add:    "export NODE_EXTRA_CA_CERTS={ca}",
		remove: "unset NODE_EXTRA_CA_CERTS    # or open a new shell",
	}, {
		name: "python", title: "Python, boto3 and the AWS CLI",
		add: "# The variables replace the authorities of the system, so this file has both.\n" +
			"export AWS_CA_BUNDLE={bundle} SSL_CERT_FILE={bundle} REQUESTS_CA_BUNDLE={bundle}",
		addWithoutBundle: "# The variables replace the authorities of the system: " +
			"to keep them, append them to a copy of this file.\n" +
			"export AWS_CA_BUNDLE={ca} SSL_CERT_FILE={ca} REQUESTS_CA_BUNDLE={ca}",
		remove: "unset AWS_CA_BUNDLE SSL_CERT_FILE REQUESTS_CA_BUNDLE    # or open a new shell",
	}, {
		name: "go", title: "Go on Linux; on other systems, it uses the store of the system",
		add:              "export SSL_CERT_FILE={bundle} AWS_CA_BUNDLE={bundle}",
		addWithoutBundle: "export SSL_CERT_FILE={ca} AWS_CA_BUNDLE={ca}",
		remove:           "unset SSL_CERT_FILE AWS_CA_BUNDLE    # or open a new shell",
	}, {
		name: "java", title: "Java, with a trust store for this authority alone",
		add: "# If the program also calls other servers, copy lib/security/cacerts of the JDK to this file, " +
			"instead of rm.\n" +
			"rm -f {store}\n" +
			"keytool -importcert -noprompt -alias ivschat-local -file {ca} -keystore {store} -storetype PKCS12 " +
			"-storepass changeit\n" +
			"export JAVA_TOOL_OPTIONS={javaOptions}",
		remove: "unset JAVA_TOOL_OPTIONS",
	}, {
		name: "curl", title: "curl",
		add:              "export CURL_CA_BUNDLE={bundle}    # or curl --cacert {ca}",
		addWithoutBundle: "# curl --cacert {ca} URL",
		remove:           "unset CURL_CA_BUNDLE    # or open a new shell",
	}, {
		name: "chromium", title: "Chromium and Chrome on Linux; certutil is in libnss3-tools or nss-tools",
		add: "mkdir -p \"$HOME/.pki/nssdb\"\n" +
			"certutil -d sql:\"$HOME/.pki/nssdb\" -A -t C,, -n ivschat-local -i {ca}",
		remove: "# It may be there several times: a new --tls-name makes another certificate.\n" +
			"while certutil -d sql:\"$HOME/.pki/nssdb\" -D -n ivschat-local 2>/dev/null; do :; done",
	}, {
		name: "firefox", title: "Firefox on Linux; or import the file under Settings, Certificates", untried: true,
		add: "for profile in \"$HOME\"/.mozilla/firefox/*.default*; do\n" +
			"  certutil -d sql:\"$profile\" -A -t C,, -n ivschat-local -i {ca}\ndone",
		remove: "for profile in \"$HOME\"/.mozilla/firefox/*.default*; do\n" +
			"  while certutil -d sql:\"$profile\" -D -n ivschat-local 2>/dev/null; do :; done\ndone",
	}, {
		name: "debian", title: "the store of Debian and Ubuntu",
		add: "sudo cp {ca} /usr/local/share/ca-certificates/ivschat-local.crt\n" +
			"sudo update-ca-certificates",
		remove: "sudo rm /usr/local/share/ca-certificates/ivschat-local.crt\n" +
			"sudo update-ca-certificates --fresh",
	}, {
		name: "fedora", title: "the store of Fedora and Red Hat", untried: true,
		add: "sudo cp {ca} /etc/pki/ca-trust/source/anchors/ivschat-local.pem\n" +
			"sudo update-ca-trust",
		remove: "sudo rm /etc/pki/ca-trust/source/anchors/ivschat-local.pem\n" +
			"sudo update-ca-trust",
	}, {
		name: "macos", title: "the keychain of macOS, for Safari, Chrome, Swift and Go", untried: true,
		add:    "security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db {ca}",
		remove: "security delete-certificate -Z {sha1} -t ~/Library/Keychains/login.keychain-db",
	}, {
		name: "windows", title: "the store of Windows, for browsers, .NET and Go, in PowerShell", untried: true,
		add:    "Import-Certificate -CertStoreLocation Cert:\\CurrentUser\\Root -FilePath {powershell}",
		remove: "Remove-Item Cert:\\CurrentUser\\Root\\{sha1}",
	}, {
		name: "ios", title: "the iOS simulator, which uses the hosts file of the Mac", untried: true,
		add:    "xcrun simctl keychain booted add-root-cert {ca}",
		remove: "xcrun simctl keychain booted reset    # removes all certificates that were added to the simulator",
	}, {
		name: "android", untried: true,
		title: "Android; use plain HTTP there: ws://10.0.2.2:4700 is this machine for its emulator",
		add: "# res/xml/network_security_config.xml of the debug build, which the manifest names with\n" +
			"# android:networkSecurityConfig=\"@xml/network_security_config\" in its application:\n" +
			"#   <network-security-config>\n" +
			"#     <domain-config cleartextTrafficPermitted=\"true\"><domain>10.0.2.2</domain></domain-config>\n" +
			"#   </network-security-config>",
	}, {
		name: "hosts", title: "the host names of AWS, for clients whose endpoint cannot be changed", untried: true,
		add: "# They reach the emulator instead of AWS, at port 443: start it with --listen localhost:443.\n" +
			"echo {hosts} | sudo tee -a /etc/hosts\n" +
			"sudo sysctl net.ipv4.ip_unprivileged_port_start=443    # on Linux, lets every user listen there",
		remove: "# in /etc/hosts, the line\n" +
			"#   {hostsLine}",
	},
}

// clientNames returns the names of the clients.
func clientNames() (names []string) {
	for _, client := range trustClients {
		names = append(names, client.name)
	}
	return names
}

// findClient returns the client with a name, which is one of clientNames.
func findClient(name string) trustClient {
	return trustClients[slices.Index(clientNames(), name)]
}

// clientPaths is what replaces the words in braces.
type clientPaths struct {
	bundle   string
	replacer *strings.Replacer
}

// pathsOf returns what replaces the words in braces for an authority, the files with which clients trust it, and a
// region.
func pathsOf(of authority, files trust, region string) clientPaths {
	store := filepath.Join(of.dir, javaStore)
	return clientPaths{files.bundle, strings.NewReplacer(
		"{ca}", shellQuote(of.file), "{bundle}", shellQuote(files.bundle), "{store}", shellQuote(store),
		"{javaOptions}", shellQuote("-Djavax.net.ssl.trustStore="+javaQuote(store)+
			" -Djavax.net.ssl.trustStorePassword=changeit"),
		"{powershell}", "'"+strings.ReplaceAll(of.file, "'", "''")+"'",
		"{sha1}", of.sha1(), "{hosts}", shellQuote(hostsLine(region)), "{hostsLine}", hostsLine(region))}
}

// fill replaces the words in braces.
func (p clientPaths) fill(commands string) string { return p.replacer.Replace(commands) }

// plainWord matches what a shell takes as it is.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// shellQuote returns a text as one word for a shell, with quotes only if it needs them.
func shellQuote(text string) string {
	if plainWord.MatchString(text) {
		return text
	}
	return quoted(text)
}

// javaQuote returns a text as a part of JAVA_TOOL_OPTIONS, where quotes keep spaces, and nothing is escaped.
func javaQuote(text string) string {
	switch {
	case plainWord.MatchString(text):
		return text
	case strings.Contains(text, `"`):
		return "'" + text + "'"
	default:
		return `"` + text + `"`
	}
}
