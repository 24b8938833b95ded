package packages

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/internal/guides"
)

// testJavaExample runs the tests of the example and the code of the guide and of the README with the packages that are
// in dist/java, and then the back end of the example. The code with containers is left out if there is no engine.
func testJavaExample(t *testing.T, root string, environment []string, withContainers bool) {
	t.Helper()
	project := filepath.Join(root, "examples", "java")
	if err := os.CopyFS(project, os.DirFS("../examples/java")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(project, "target")); err != nil {
		t.Fatal(err)
	}
	writeJavaGuide(t, project, withContainers)

	readme := guides.Open(t, "examples/java/README.md", "sh")
	tests := "make -C ../.. install java    # until ivschat-local is published\nmvn test\n"
	if got := readme.Block("sh", "mvn test"); got != tests {
		t.Errorf("the README says %q, want %q", got, tests)
	}
	compile, start, _ := strings.Cut(readme.Block("sh", "example.Backend"), "\n")
	if want := "mvn -q compile dependency:copy-dependencies"; compile != want {
		t.Errorf("the README says %q, want %q", compile, want)
	}
	// The goals of both, in one run of Maven.
	build := exec.Command("mvn", "-q", "-B", "-Dmaven.repo.local="+localRepository(t),
		"test", "dependency:copy-dependencies")
	build.Dir, build.Env = project, environment
	mustExecute(t, build)
	checkNoneSkipped(t, filepath.Join(project, "target", "surefire-reports"))

	run := exec.Command("sh", "-c", "exec env "+start)
	run.Dir = project
	path := filepath.Dir(releaseProgram(t))
	run.Env = append(environment, "LISTEN=127.0.0.1:0", "PATH="+path+":"+os.Getenv("PATH"), "IVSCHAT_JOURNAL=")
	output, err := run.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	checkExample(t, run, output)
}

// localRepository returns a local repository of Maven that has what that of the machine has, which gets what is
// downloaded. It differs in the packages of this project, which that of the machine must not get from a test.
func localRepository(t *testing.T) string {
	t.Helper()
	current, err := user.LookupId(strconv.Itoa(os.Getuid())) // Java does not ask $HOME
	if err != nil {
		t.Fatal(err)
	}
	machine, own := filepath.Join(current.HomeDir, ".m2", "repository"), t.TempDir()
	for dir := mavenGroup; dir != "."; dir = filepath.Dir(dir) {
		parent := filepath.Join(own, filepath.Dir(dir))
		if err := os.MkdirAll(parent, 0o755); err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(filepath.Join(machine, filepath.Dir(dir)))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if entry.Name() == filepath.Base(dir) {
				continue
			}
			target := filepath.Join(machine, filepath.Dir(dir), entry.Name())
			if err := os.Symlink(target, filepath.Join(parent, entry.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
	return own
}

var javaClass = regexp.MustCompile(`(?m)^class (\w+)`)

// writeJavaGuide writes the code of the guide and of the README of the packages as tests of a project, with the imports
// that the guide says. Code without a class is the methods of one.
func writeJavaGuide(t *testing.T, project string, withContainers bool) {
	t.Helper()
	guide := guides.Open(t, "docs/java.md", "java", "xml", "kotlin", "sh")
	readme := guides.Open(t, "packages/java/README.md", "java", "sh")
	header := "package guide;\n\n" + guide.Block("java", "import java.net.URI") +
		"import io.github.ivschatlocal.Room;\n" // a package of the SDK has one, too
	containers := guide.Block("java", "import org.testcontainers")
	checkJavaInstallation(t, guide, readme)
	sources := filepath.Join(project, "src/test/java/guide")
	for i, block := range append(guide.Blocks("java"), readme.Blocks("java")...) {
		code := block.Code
		if strings.HasPrefix(code, "import ") {
			continue
		}
		if strings.Contains(code, "@Testcontainers") {
			if !withContainers {
				continue
			}
			code = containers + "\n" + code
		}
		name := fmt.Sprintf("Guide%dTest", i)
		if class := javaClass.FindStringSubmatch(code); class != nil {
			name = class[1]
		} else {
			code = "@ExtendWith(IvsChatExtension.class)\nclass " + name + " {\n" + code + "}\n"
		}
		write(t, sources, name+".java", header+"\n"+code)
	}
	write(t, sources, "ProgramTest.java",
		header+"class ProgramTest { @Test void runs() { Program.main(new String[0]); } }\n")
	more := guide.Block("xml", "ivschat-local-testcontainers")
	if withContainers {
		pom := filepath.Join(project, "pom.xml")
		text, err := os.ReadFile(pom)
		if err != nil {
			t.Fatal(err)
		}
		write(t, project, "pom.xml", strings.Replace(string(text), "</dependencies>", more+"</dependencies>", 1))
	}
}

// checkJavaInstallation checks what the documentation says about how to build and add the packages. The project of the
// example does so.
func checkJavaInstallation(t *testing.T, guide, readme *guides.Guide) {
	t.Helper()
	if got, want := readme.Block("sh", "make java"), "make java\n"; got != want {
		t.Errorf("the README builds the packages with %q, want %q", got, want)
	}
	for _, command := range []string{"make java", "make install"} {
		guide.Block("sh", command)
	}
	pom := strings.Join(strings.Fields(guides.Read(t, "examples/java/pom.xml")), "")
	add := guide.Block("xml", "<artifactId>ivschat-local-junit5")
	if !strings.Contains(pom, strings.Join(strings.Fields(add), "")) {
		t.Errorf("the guide adds another dependency than the example:\n%s", add)
	}
	for _, part := range []string{"<maven.compiler.release>", "maven-surefire-plugin"} {
		for line := range strings.Lines(guide.Block("xml", part)) {
			if line = strings.TrimSpace(line); !strings.Contains(pom, line) {
				t.Errorf("the guide has %s, which the project of the example does not have", line)
			}
		}
	}
	if got, want := guide.Block("xml", "<repository>"), "<id>ivschat-local</id>"; !strings.Contains(got, want) {
		t.Errorf("the repository of the guide does not have %s:\n%s", want, got)
	}
	// Gradle is not installed here.
	gradle := guide.Block("kotlin", "dependencies")
	if want := "ivschat-local-junit5:" + emulator.Version + `"`; !strings.Contains(gradle, want) {
		t.Errorf("the guide does not add %s with Gradle:\n%s", want, gradle)
	}
}
