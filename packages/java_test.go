package packages

import (
	"archive/zip"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/internal/guides"
	"github.com/ivschat-local/ivschat-local/internal/need"
	"github.com/ivschat-local/ivschat-local/internal/program"
)

// The directory of this project in a Maven repository.
const mavenGroup = "io/github/ivschat-local"

// TestTheJavaPackages builds the packages with their tests, and runs the example and the guide with what was built,
// from a repository that only this test has.
func TestTheJavaPackages(t *testing.T) {
	t.Parallel()
	needMaven(t)
	environment, withContainers := append(os.Environ(), "IVSCHAT_IMAGE="), false
	t.Run("an engine", func(t *testing.T) { environment, withContainers = engine(t).variables(), true })
	// Java starts many times here, and never runs for long.
	environment = append(environment, "IVSCHAT_PROGRAM="+program.Path(t),
		"JAVA_TOOL_OPTIONS=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData")

	root := copyJava(t)
	repository := filepath.Join(root, "dist", "java")
	build := exec.Command(filepath.Join(root, "packages", "java", "build.sh"), repository)
	build.Env = environment
	mustExecute(t, build)
	if withContainers {
		checkNoneSkipped(t, filepath.Join(root, "packages/java/testcontainers/target/surefire-reports"))
	}
	checkArtifacts(t, repository)
	testJavaExample(t, root, environment, withContainers)
}

// needMaven skips the test if there is no Maven, or no JDK.
func needMaven(t *testing.T) {
	t.Helper()
	_, missing := exec.LookPath("mvn")
	_, missingJDK := exec.LookPath("javac")
	need.Client(t, missing == nil && missingJDK == nil, "Maven", "apt-get install default-jdk-headless maven")
}

// copyJava copies the sources of the packages without what builds have left there. It returns the directory that stands
// for that of the repository.
func copyJava(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(filepath.Join(root, "packages", "java"), os.DirFS("java")); err != nil {
		t.Fatal(err)
	}
	for _, module := range []string{"junit5", "testcontainers"} {
		if err := os.RemoveAll(filepath.Join(root, "packages", "java", module, "target")); err != nil {
			t.Fatal(err)
		}
	}
	write(t, root, "LICENSE", guides.Read(t, "LICENSE"))
	return root
}

// checkNoneSkipped checks that tests have run, and that none was skipped.
func checkNoneSkipped(t *testing.T, reports string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(reports, "TEST-*.xml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no reports: %v", reports, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var suite struct {
			Tests   int `xml:"tests,attr"`
			Skipped int `xml:"skipped,attr"`
		}
		if err := xml.Unmarshal(text, &suite); err != nil {
			t.Fatal(err)
		}
		if suite.Tests == 0 || suite.Skipped > 0 {
			t.Errorf("%s: %d tests, of which %d were skipped", filepath.Base(file), suite.Tests, suite.Skipped)
		}
	}
}

// checkArtifacts checks what the repository has, and what is in it.
func checkArtifacts(t *testing.T, repository string) {
	t.Helper()
	for artifact, dependencies := range map[string][]string{
		"ivschat-local-junit5":         {"gson"},
		"ivschat-local-testcontainers": {"ivschat-local-junit5", "testcontainers"},
	} {
		base := filepath.Join(repository, mavenGroup, artifact, emulator.Version, artifact+"-"+emulator.Version)
		checkDependencies(t, base+".pom", dependencies)
		checkJar(t, base+".jar", `META-INF/(MANIFEST\.MF|LICENSE)|io/github/ivschatlocal/[\w/$-]+\.class`)
		checkJar(t, base+"-sources.jar", `META-INF/(MANIFEST\.MF|LICENSE)|io/github/ivschatlocal/[\w/-]+\.java`)
		checkJar(t, base+"-javadoc.jar", `.+`)
	}
}

// checkJar checks the files of a jar, and that their time is not that of the build. There must be some, and all must
// match.
func checkJar(t *testing.T, path, allowed string) {
	t.Helper()
	jar, err := zip.OpenReader(path)
	if err != nil {
		t.Error(err)
		return
	}
	defer jar.Close()
	classes, pattern := 0, regexp.MustCompile("^("+allowed+")$")
	for _, file := range jar.File {
		name := file.Name
		if strings.HasSuffix(name, "/") {
			continue
		}
		if strings.Contains(name, "IvsChat") {
			classes++
		}
		if !pattern.MatchString(name) {
			t.Errorf("%s has %s", filepath.Base(path), name)
		}
		if year := file.Modified.Year(); !strings.Contains(path, "javadoc") && year != 2026 {
			t.Errorf("%s: the time of %s is %s", filepath.Base(path), name, file.Modified)
		}
	}
	if classes == 0 {
		t.Errorf("%s has nothing of IvsChat", filepath.Base(path))
	}
}

// checkDependencies checks what users of an artifact get with it.
func checkDependencies(t *testing.T, path string, want []string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return
	}
	var pom struct {
		Dependencies []struct {
			ArtifactID string `xml:"artifactId"`
			Scope      string `xml:"scope"`
		} `xml:"dependencies>dependency"`
	}
	if err := xml.Unmarshal(text, &pom); err != nil {
		t.Error(err)
	}
	var got []string
	for _, dependency := range pom.Dependencies {
		if dependency.Scope == "" {
			got = append(got, dependency.ArtifactID)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s depends on %v, want %v", filepath.Base(path), got, want)
	}
}

func TestTheJavaPackagesHaveTheVersionOfTheEmulator(t *testing.T) {
	t.Parallel()
	const container = "java/testcontainers/src/main/java/io/github/ivschatlocal/testcontainers/IvsChatContainer.java"
	for path, want := range map[string]string{
		"java/pom.xml":                "<version>" + emulator.Version + "</version>",
		"java/junit5/pom.xml":         "<version>" + emulator.Version + "</version>",
		"java/testcontainers/pom.xml": "<version>" + emulator.Version + "</version>",
		container:                     `"` + imageName + `"`,
	} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), want) {
			t.Errorf("%s does not have %s", path, want)
		}
	}
}
