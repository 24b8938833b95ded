package packages

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/internal/guides"
	"github.com/ivschat-local/ivschat-local/internal/need"
)

// pythonTools is the directory of the virtual environment with what the build and the tests of the package need.
const pythonTools = "python/venv"

// needPython skips a test if the virtual environment is missing.
func needPython(t *testing.T) {
	t.Helper()
	_, err := os.Stat(pythonTools)
	need.Client(t, err == nil, "the tools of the Python package",
		"apt-get install python3-venv, then make packages/python/venv")
}

// runPython runs a program of a virtual environment in a directory, and returns its output.
func runPython(t *testing.T, dir string, environment []string, name string, args ...string) string {
	t.Helper()
	path, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, args...)
	command.Dir = dir
	command.Env = append(environment, "PYTHONDONTWRITEBYTECODE=1")
	return mustExecute(t, command)
}

// buildWheels builds the wheels for the platforms of the programs.
func buildWheels(programs, out string) error {
	return execute(exec.Command(filepath.Join(pythonTools, "bin/python"), "python/build.py", programs, out))
}

// installed is a fresh virtual environment with the wheel of this platform. It sees the packages of pythonTools, too.
var installed = sync.OnceValues(func() (dir string, err error) {
	programs, err := buildPrograms()
	if err != nil {
		return "", err
	}
	if err := buildWheels(programs, filepath.Join(programs, "dist/python")); err != nil {
		return "", err
	}
	dir = filepath.Join(programs, "venv")
	script := `set -e
		tools=$PWD/python/venv
		packages='import sysconfig; print(sysconfig.get_path("purelib"))'
		"$tools/bin/python" -m venv --without-pip "$1/venv"
		"$tools/bin/python" -c "$packages" > "$("$1/venv/bin/python" -c "$packages")/tools.pth"
		cd "$1"
		PATH=$tools/bin:$PATH PIP_PYTHON=$1/venv/bin/python PIP_NO_INDEX=1 PIP_DISABLE_PIP_VERSION_CHECK=1
		export PATH PIP_PYTHON PIP_NO_INDEX PIP_DISABLE_PIP_VERSION_CHECK
		` + strings.Replace(installWheel, "_x86_64", "_"+wheelMachines[runtime.GOARCH], 1)
	return dir, execute(exec.Command("sh", "-c", script, "sh", programs))
})

// wheelMachines are the names of architectures in the names of wheels.
var wheelMachines = map[string]string{"amd64": "x86_64", "arm64": "aarch64"}

// pythonEnvironment returns the directory of a virtual environment in which the package is installed.
func pythonEnvironment(t *testing.T) string {
	t.Helper()
	needPython(t)
	if runtime.GOOS != "linux" {
		t.Skip("the wheels of other systems are not installed")
	}
	dir, err := installed()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestPythonPackage runs the test suite of the package, which uses the wheel that is installed.
func TestPythonPackage(t *testing.T) {
	t.Parallel()
	environment := pythonEnvironment(t)
	runPython(t, "python", os.Environ(), environment+"/bin/python", "-m", "pytest", "-q", "-n", "2")
}

// TestPythonTypes checks the types of the package and of its tests, as users of type checkers see them.
func TestPythonTypes(t *testing.T) {
	t.Parallel()
	environment := pythonEnvironment(t)
	runPython(t, "python", os.Environ(), pythonTools+"/bin/mypy", "--python-executable", environment+"/bin/python",
		"--python-version", "3.10", "--cache-dir", t.TempDir(), "src/ivschat_local", "tests")
}

// TestPythonContainer starts the emulator in a container from Python.
func TestPythonContainer(t *testing.T) {
	t.Parallel()
	needPython(t)
	variables := engine(t).withDocker(t)
	python := pythonEnvironment(t) + "/bin/python"
	output := runPython(t, "python", variables, python, "-m", "pytest", "-q", "-k", "a_container_is")
	if !strings.Contains(output, "1 passed") {
		t.Errorf("the test was not run:\n%s", output)
	}
}

// TestWheelContents checks what is in the wheel of this platform.
func TestWheelContents(t *testing.T) {
	t.Parallel()
	pythonEnvironment(t)
	wheels, err := filepath.Glob(filepath.Join(programs(t), "dist/python/*manylinux*.whl"))
	if err != nil || len(wheels) != 1 {
		t.Fatalf("the wheels are %q: %v", wheels, err)
	}
	wheel, err := zip.OpenReader(wheels[0])
	if err != nil {
		t.Fatal(err)
	}
	defer wheel.Close()
	info, err := os.Stat(wheels[0])
	if err != nil {
		t.Fatal(err)
	}
	if limit := int64(20 << 20); info.Size() > limit {
		t.Errorf("the wheel has %d bytes, want at most %d", info.Size(), limit)
	}
	prefix := "ivschat_local-" + emulator.Version
	files := map[string][]byte{}
	for _, file := range wheel.File {
		files[file.Name] = readZipped(t, file)
		executable := file.Mode()&0o111 != 0
		if isProgram := file.Name == prefix+".data/scripts/ivschat-local"; isProgram != executable {
			t.Errorf("%s has mode %v", file.Name, file.Mode())
		}
		if !regexp.MustCompile(`^(ivschat_local/\w+\.py|ivschat_local/py\.typed|` + prefix +
			`\.(data/scripts/ivschat-local|dist-info/(METADATA|WHEEL|RECORD|entry_points\.txt|licenses/(LICENSE|THIRD_PARTY_NOTICES))))$`,
		).MatchString(file.Name) {
			t.Errorf("%s does not belong into a wheel", file.Name)
		}
	}
	checkRecord(t, files, prefix+".dist-info/RECORD")
	for _, name := range []string{"LICENSE", noticesName} {
		if string(files[prefix+".dist-info/licenses/"+name]) != guides.Read(t, name) {
			t.Errorf("the wheel has another %s than the repository", name)
		}
	}
	if _, there := files["ivschat_local/py.typed"]; !there {
		t.Error("py.typed is missing, so type checkers ignore the types")
	}
	var dependencies []string
	for line := range strings.Lines(string(files[prefix+".dist-info/METADATA"])) {
		if name, found := strings.CutPrefix(line, "Requires-Dist: "); found {
			dependencies = append(dependencies, strings.TrimSpace(name))
		}
	}
	if want := []string{"websockets>=15"}; !slices.Equal(dependencies, want) {
		t.Errorf("the dependencies are %q, want %q", dependencies, want)
	}
}

func readZipped(t *testing.T, file *zip.File) []byte {
	t.Helper()
	reader, err := file.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	content, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// checkRecord checks that the RECORD of a wheel has the hash of every other file.
func checkRecord(t *testing.T, files map[string][]byte, name string) {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(files[name])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != len(files) {
		t.Errorf("RECORD has %d lines for %d files", len(lines), len(files))
	}
	for _, line := range lines {
		content, there := files[line[0]]
		hash := sha256.Sum256(content)
		want := []string{
			line[0], "sha256=" + base64.RawURLEncoding.EncodeToString(hash[:]), fmt.Sprint(len(content)),
		}
		if line[0] == name {
			want = []string{name, "", ""}
		}
		if !there || !slices.Equal(line, want) {
			t.Errorf("RECORD has the line %q, want %q", line, want)
		}
	}
}

// TestWheelsOfAllPlatforms builds wheels of all platforms twice, with other content in place of the programs.
func TestWheelsOfAllPlatforms(t *testing.T) {
	t.Parallel()
	needPython(t)
	var all []map[string][32]byte
	for range 2 {
		dir := t.TempDir()
		for _, platform := range []string{"linux", "darwin", "windows"} {
			for _, processor := range []string{"amd64", "arm64"} {
				name := "ivschat-local"
				if platform == "windows" {
					name += ".exe"
				}
				write(t, filepath.Join(dir, platform+"-"+processor), name, platform+processor)
			}
		}
		if err := buildWheels(dir, filepath.Join(dir, "wheels")); err != nil {
			t.Fatal(err)
		}
		all = append(all, hashes(t, filepath.Join(dir, "wheels")))
	}
	var tags []string
	for name, hash := range all[0] {
		tags = append(tags, strings.TrimPrefix(name, "ivschat_local-"+emulator.Version+"-py3-none-"))
		if all[1][name] != hash {
			t.Errorf("%s has other bytes in each build", name)
		}
	}
	slices.Sort(tags)
	if want := []string{
		"any.whl", "macosx_12_0_arm64.whl", "macosx_12_0_x86_64.whl",
		"manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl",
		"manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64.whl",
		"win_amd64.whl", "win_arm64.whl",
	}; !slices.Equal(tags, want) {
		t.Errorf("the wheels are %q, want %q", tags, want)
	}
}

// hashes returns the hash of each file in the directory.
func hashes(t *testing.T, dir string) map[string][32]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][32]byte{}
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found[entry.Name()] = sha256.Sum256(content)
	}
	return found
}
