package io.github.ivschatlocal.testcontainers;

import io.github.ivschatlocal.IvsChat;
import io.github.ivschatlocal.IvsChatOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.HttpWaitStrategy;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.lifecycle.TestDescription;
import org.testcontainers.lifecycle.TestLifecycleAware;
import org.testcontainers.utility.DockerImageName;

/**
 * A container with ivschat-local, a local emulator of Amazon IVS Chat. It keeps everything in memory.
 *
 * <pre>{@code
 * @Testcontainers
 * class GreetingTest {
 *   @Container
 *   static final IvsChatContainer ivschat = new IvsChatContainer();
 * }
 * }</pre>
 *
 * <p>{@link #client} is a test client for it. If a test fails that has a container of its own, in a field that is not
 * static, the end of the container's log is printed. For a container that tests share, {@code
 * IvsChatExtension.builder().emulator(ivschat::client)} gives each test an account of its own, and publishes the
 * journal of one that fails.
 */
public final class IvsChatContainer extends GenericContainer<IvsChatContainer> implements TestLifecycleAware {
  /** The image of the release that this module belongs to. */
  public static final String DEFAULT_IMAGE = "ghcr.io/ivschat-local/ivschat-local:0.1.0";

  /** The port of the emulator in the container. */
  public static final int PORT = 4700;

  private static final String SEED_FILE = "/seed.yaml";
  private static final int SHOWN_LOG_LINES = 40;

  private final List<String> reviewHandlers = new ArrayList<>();
  private IvsChatOptions options = IvsChatOptions.defaults();
  private boolean tls;
  private IvsChat client; // null before it is needed

  /** Uses the image of the environment variable IVSCHAT_IMAGE, or else {@link #DEFAULT_IMAGE}. */
  public IvsChatContainer() {
    this(defaultImage());
  }

  private static String defaultImage() {
    String image = System.getenv().getOrDefault("IVSCHAT_IMAGE", "");
    return image.isEmpty() ? DEFAULT_IMAGE : image;
  }

  /**
   * Uses an image.
   *
   * @param image the name of the image
   */
  public IvsChatContainer(String image) {
    this(DockerImageName.parse(image));
  }

  /**
   * Uses an image.
   *
   * @param image the name of the image
   */
  public IvsChatContainer(DockerImageName image) {
    super(image);
    addExposedPort(PORT);
    addEnv("IVSCHAT_DATA", ":memory:");
    setWaitStrategy(new HttpWaitStrategy().forPort(PORT).forPath("/health"));
  }

  /**
   * Sets what exists from the start, and again after a reset.
   *
   * @param document rooms and logging configurations, in JSON or YAML
   * @return this
   */
  public IvsChatContainer withSeed(String document) {
    addEnv("IVSCHAT_SEED", SEED_FILE);
    return withCopyToContainer(Transferable.of(document, 0_644), SEED_FILE);
  }

  /**
   * Sets what exists from the start, and again after a reset.
   *
   * @param file a file with rooms and logging configurations, in JSON or YAML; it is read at once
   * @return this
   */
  public IvsChatContainer withSeed(Path file) {
    try {
      return withSeed(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException("The seed " + file + " cannot be read: " + e, e);
    }
  }

  /**
   * Repeats the IDs and random faults of a run.
   *
   * @param randomSeed the {@link IvsChat#randomSeed()} of that run
   * @return this
   */
  public IvsChatContainer withRandomSeed(long randomSeed) {
    return withEnv("IVSCHAT_RANDOM_SEED", String.valueOf(randomSeed));
  }

  /**
   * Sets the account of calls that name none, and that of {@link #client}.
   *
   * @param account an ID of 12 digits; the default is 000000000000
   * @return this
   */
  public IvsChatContainer withAccount(String account) {
    options = options.withAccount(account);
    return withEnv("IVSCHAT_ACCOUNT", account);
  }

  /**
   * Sets the region of calls that name none, and that of {@link #client}.
   *
   * @param region a region of AWS; the default is us-east-1
   * @return this
   */
  public IvsChatContainer withRegion(String region) {
    options = options.withRegion(region);
    return withEnv("IVSCHAT_REGION", region);
  }

  /**
   * Serves TLS, too. Then the URLs of this object begin with https:// and wss://, and clients have to trust {@link
   * IvsChat#certificateAuthority()} of the {@link #client}, for instance with {@link IvsChat#sslContext()}.
   *
   * @return this
   */
  public IvsChatContainer withTls() {
    tls = true;
    return withEnv("IVSCHAT_TLS", "auto");
  }

  /**
   * Adds what reviews the messages of rooms with a message review handler. {@link IvsChat#scriptReviews} needs none.
   *
   * @param patternAndTarget PATTERN=TARGET as in the flag --review-handler, such as *=http://reviewer:8080 for another
   *     container of the network
   * @return this
   */
  public IvsChatContainer withReviewHandler(String patternAndTarget) {
    reviewHandlers.add(patternAndTarget);
    return withEnv("IVSCHAT_REVIEW_HANDLER", String.join("\n", reviewHandlers));
  }

  /**
   * Returns the endpoint for AWS SDKs on this machine. It is another one after a restart.
   *
   * @return a URL such as http://localhost:32768
   */
  public String getEndpoint() {
    return scheme("http") + hostAndPort();
  }

  /**
   * Returns the endpoint for chat clients on this machine. It is another one after a restart.
   *
   * @return a URL such as ws://localhost:32768
   */
  public String getMessagingUrl() {
    return scheme("ws") + hostAndPort();
  }

  /**
   * Returns the URL of the admin API for clients on this machine. It is another one after a restart.
   *
   * @return a URL such as http://localhost:32768/_ivschat/v1
   */
  public String getAdminUrl() {
    return getEndpoint() + "/_ivschat/v1";
  }

  /**
   * Returns the endpoint for AWS SDKs in other containers of the network.
   *
   * @return a URL such as http://ivschat:4700
   */
  public String getNetworkEndpoint() {
    return scheme("http") + aliasAndPort();
  }

  /**
   * Returns the endpoint for chat clients in other containers of the network.
   *
   * @return a URL such as ws://ivschat:4700
   */
  public String getNetworkMessagingUrl() {
    return scheme("ws") + aliasAndPort();
  }

  /**
   * Returns the URL of the admin API for clients in other containers of the network.
   *
   * @return a URL such as http://ivschat:4700/_ivschat/v1
   */
  public String getNetworkAdminUrl() {
    return getNetworkEndpoint() + "/_ivschat/v1";
  }

  /**
   * Returns a test client for this container. It is the same one until a restart.
   *
   * @return the client
   */
  public synchronized IvsChat client() {
    if (client == null) {
      // Also with TLS the port has plain HTTP, for which this process needs to trust nobody.
      client = IvsChat.start(options.withEndpoint("http://" + hostAndPort()));
    }
    return client;
  }

  private String scheme(String name) {
    return name + (tls ? "s://" : "://");
  }

  private String hostAndPort() {
    return getHost() + ":" + getMappedPort(PORT);
  }

  private String aliasAndPort() {
    List<String> aliases = aliases();
    if (getNetwork() == null || aliases.isEmpty()) {
      throw new IllegalStateException(
          "The container has no name in a network: add .withNetwork(network).withNetworkAliases(\"ivschat\")");
    }
    return aliases.get(0) + ":" + PORT;
  }

  /** Returns the aliases without the one that Testcontainers makes. */
  private List<String> aliases() {
    return getNetworkAliases().stream().filter(alias -> !alias.startsWith("tc-")).toList();
  }

  @Override
  protected void configure() {
    List<String> names = new ArrayList<>(aliases());
    String host = getHost();
    if (host.matches(".*[A-Za-z].*\\..*")) { // a Docker host elsewhere: not localhost, and no IP address
      addEnv("IVSCHAT_ALLOW_HOST", host);
      names.add(host);
    }
    if (tls && !names.isEmpty() && !getEnvMap().containsKey("IVSCHAT_TLS_NAME")) {
      addEnv("IVSCHAT_TLS_NAME", String.join(",", names));
    }
  }

  /** Starts the container, and returns when the emulator is ready. An error has the end of the log. */
  @Override
  public void start() {
    try {
      super.start();
    } catch (ContainerLaunchException e) {
      throw new ContainerLaunchException(e.getMessage() + "\n" + lastLines(), e);
    }
  }

  private String lastLines() {
    if (getContainerId() == null) {
      return "There is no container.";
    }
    List<String> lines = getLogs().lines().toList();
    List<String> last = lines.subList(Math.max(0, lines.size() - SHOWN_LOG_LINES), lines.size());
    return "The end of the log of " + getDockerImageName() + ":\n" + String.join("\n", last);
  }

  @Override
  public void afterTest(TestDescription test, Optional<Throwable> failure) {
    if (failure.isPresent()) {
      System.err.println(lastLines());
    }
  }

  @Override
  public synchronized void stop() {
    if (client != null) {
      client.close();
      client = null;
    }
    super.stop();
  }
}
