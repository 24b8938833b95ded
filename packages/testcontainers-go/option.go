package ivschatlocal

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/testcontainers/testcontainers-go"
)

// hostName is the name by which the emulator reaches the host with WithReviewHandler. Podman also has its own one.
const hostName = "host.docker.internal"

// seedPath is that of the seed in the container.
const seedPath = "/seed.yaml"

// An Option is an option of Run.
type Option func(*settings) error

// Customize implements testcontainers.ContainerCustomizer. Run itself applies the option.
func (Option) Customize(*testcontainers.GenericContainerRequest) error { return nil }

// settings are what the options say.
type settings struct {
	account, region string
	flags           []string
	seed            []byte // nil if there is none
	tls             bool
	hostAccess      bool
	clock           *Clock
}

// WithSeed lets the emulator start with the rooms, logging configurations and tags of a seed document, in JSON or YAML.
// A reset to "seed" goes back to it.
func WithSeed(document []byte) Option {
	return func(s *settings) error {
		s.seed = slices.Clone(document)
		return nil
	}
}

// WithSeedFile is like WithSeed with the document in a file of the host.
func WithSeedFile(path string) Option {
	return func(s *settings) error {
		document, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("the seed: %w", err)
		}
		s.seed = document
		return nil
	}
}

// WithRandomSeed repeats the IDs and random faults of the run with this seed, which is not 0. The log of a run has its
// seed.
func WithRandomSeed(seed uint64) Option {
	return WithFlags("--random-seed=" + strconv.FormatUint(seed, 10))
}

// WithAccount sets the account of callers whose access key is not an account ID. It has 12 digits. By default it is
// 000000000000.
func WithAccount(id string) Option {
	return func(s *settings) error {
		s.account = id
		return WithFlags("--account=" + id)(s)
	}
}

// WithRegion sets the region of requests that are not signed. By default it is us-east-1.
func WithRegion(region string) Option {
	return func(s *settings) error {
		s.region = region
		return WithFlags("--region=" + region)(s)
	}
}

// A Clock is how the emulator's clock starts.
type Clock struct {
	// Time is what the clock shows at the start. It must not be in the past. By default, it is the time of the machine.
	Time time.Time
	// Frozen lets the clock stand still, until Resume or Advance move it.
	Frozen bool
	// Scale is how many seconds of the clock pass in one second of the machine. 0 means 1.
	Scale float64
}

// WithClock sets the emulator's clock after each start of the container.
func WithClock(clock Clock) Option {
	return func(s *settings) error {
		if clock.Frozen && clock.Scale != 0 {
			return fmt.Errorf("a clock that is frozen cannot have a scale of %v: leave one of them out", clock.Scale)
		}
		s.clock = &clock
		return nil
	}
}

// WithTLS lets the emulator answer https:// and wss:// at the same port as http:// and ws://, and changes the URLs of
// the Container to these. Its certificate is for the host, for the aliases of the container in networks, and for the
// names. Clients trust it with ClientTLS or CertificateAuthority.
func WithTLS(names ...string) Option {
	return func(s *settings) error {
		s.tls = true
		s.flags = append(s.flags, "--tls=auto")
		for _, name := range names {
			s.flags = append(s.flags, "--tls-name="+name)
		}
		return nil
	}
}

// WithReviewHandler says how the emulator reaches the functions that review messages, as PATTERN=TARGET. PATTERN is the
// ARN of a Lambda function in which * stands for any number of characters. TARGET is for instance deny:WORD,WORD, or
// http://ALIAS:8080 for another container in the same network. The first PATTERN that matches decides.
//
// A server on the host is http://host.docker.internal:8080, with Podman http://host.containers.internal:8080. On Linux,
// it must listen on all addresses, such as 0.0.0.0:8080.
func WithReviewHandler(handler string) Option {
	return func(s *settings) error {
		s.hostAccess = true
		return WithFlags("--review-handler=" + handler)(s)
	}
}

// WithFlags adds flags to the command line of the emulator, such as "--review-timeout=1m". The settings are also
// environment variables, for testcontainers.WithEnv. The flags --listen and --admin-listen must not be used.
func WithFlags(flags ...string) Option {
	return func(s *settings) error {
		for _, flag := range flags {
			name, _, _ := strings.Cut(flag, "=")
			if name == "--listen" || name == "--admin-listen" {
				return fmt.Errorf("the flag %s is not possible in a container: it always listens on port %s", flag, port)
			}
		}
		s.flags = append(s.flags, flags...)
		return nil
	}
}

// customizer returns the option of Testcontainers that applies the settings to the request. It comes after those of the
// caller, because it needs to know the network aliases.
func (s *settings) customizer(ctx context.Context) testcontainers.CustomizeRequestOption {
	return func(request *testcontainers.GenericContainerRequest) error {
		names, err := s.names(ctx, request)
		if err != nil {
			return err
		}
		request.Cmd = slices.Concat(request.Cmd, s.flags, names)
		if s.seed != nil {
			request.Cmd = append(request.Cmd, "--seed="+seedPath)
			request.Files = append(request.Files, testcontainers.ContainerFile{
				Reader: strings.NewReader(string(s.seed)), ContainerFilePath: seedPath, FileMode: 0o444,
			})
		}
		if s.hostAccess {
			modify := request.HostConfigModifier
			request.HostConfigModifier = func(config *container.HostConfig) {
				if modify != nil {
					modify(config)
				}
				config.ExtraHosts = append(config.ExtraHosts, hostName+":host-gateway")
			}
		}
		if s.clock != nil {
			request.LifecycleHooks = append(request.LifecycleHooks, testcontainers.ContainerLifecycleHooks{
				PostReadies: []testcontainers.ContainerHook{s.clock.set},
			})
		}
		return nil
	}
}

// names returns flags for the host names by which clients reach the emulator: those under which the admin API may be
// used, and those of the certificate.
func (s *settings) names(ctx context.Context, request *testcontainers.GenericContainerRequest) (flags []string, err error) {
	provider, err := testcontainers.NewDockerProvider()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, provider.Close()) }()
	host, err := provider.DaemonHost(ctx)
	if err != nil {
		return nil, err
	}
	names := []string{host}
	for _, aliases := range request.NetworkAliases {
		names = append(names, aliases...)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if s.tls {
			flags = append(flags, "--tls-name="+name)
		}
		if _, notIP := netip.ParseAddr(name); notIP != nil && strings.Contains(name, ".") {
			flags = append(flags, "--allow-host="+name)
		}
	}
	return flags, nil
}
