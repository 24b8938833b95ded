package io.github.ivschatlocal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How an emulator is started, or found. What is not said has its default. Objects do not change: each method returns a
 * new one.
 *
 * <pre>{@code
 * IvsChat.start(IvsChatOptions.defaults().withSeed(Path.of("rooms.yaml")).withRandomSeed(42))
 * }</pre>
 */
public final class IvsChatOptions extends Members<IvsChatOptions> {
  private IvsChatOptions(Map<String, Object> members) {
    super(members);
  }

  @Override
  IvsChatOptions copy(Map<String, Object> changed) {
    return new IvsChatOptions(changed);
  }

  /**
   * Returns the options of an emulator of its own, without rooms.
   *
   * @return the options
   */
  public static IvsChatOptions defaults() {
    return new IvsChatOptions(Map.of());
  }

  /**
   * Sets the program. The default is the path in the system property {@code ivschat.program}, else that in the
   * environment variable IVSCHAT_PROGRAM, else ivschat-local in PATH.
   *
   * @param program the path of the program
   * @return a copy with this program
   */
  public IvsChatOptions withProgram(Path program) {
    return set("program", program.toString());
  }

  /**
   * Uses an emulator that runs already, in place of a new one. It must serve the admin API at the same address.
   *
   * @param endpoint its URL without a path, such as http://127.0.0.1:4700
   * @return a copy with this endpoint
   */
  public IvsChatOptions withEndpoint(String endpoint) {
    if (!endpoint.matches("https?://[^/]+/?")) {
      throw new IllegalArgumentException(
          "The endpoint must be a URL without a path, such as http://127.0.0.1:4700, but is \"" + endpoint + "\"");
    }
    return set("endpoint", endpoint.endsWith("/") ? endpoint.substring(0, endpoint.length() - 1) : endpoint);
  }

  /**
   * Limits everything to one account: only its rooms, faults, clock and so on are seen and changed, so tests can share
   * an emulator. By default, all accounts are meant, and rooms are created in 000000000000.
   *
   * @param account an ID of 12 digits
   * @return a copy with this account
   */
  public IvsChatOptions withAccount(String account) {
    return set("account", Texts.account(account));
  }

  /**
   * Sets the region of rooms. The default is us-east-1.
   *
   * @param region a region of AWS
   * @return a copy with this region
   */
  public IvsChatOptions withRegion(String region) {
    return set("region", region);
  }

  /**
   * Sets what exists from the start, and again after a reset.
   *
   * @param document rooms and logging configurations, in JSON or YAML
   * @return a copy with this seed
   */
  public IvsChatOptions withSeed(String document) {
    return set("seed", document);
  }

  /**
   * Sets what exists from the start, and again after a reset.
   *
   * @param file a file with rooms and logging configurations, in JSON or YAML; it is read at once
   * @return a copy with this seed
   */
  public IvsChatOptions withSeed(Path file) {
    try {
      return withSeed(Files.readString(file));
    } catch (IOException e) {
      throw new IvsChatException("The seed " + file + " cannot be read: " + e, e);
    }
  }

  /**
   * Repeats the IDs and random faults of a run.
   *
   * @param randomSeed the {@link IvsChat#randomSeed()} of that run
   * @return a copy with this seed
   */
  public IvsChatOptions withRandomSeed(long randomSeed) {
    if (randomSeed < 0) {
      throw new IllegalArgumentException("The random seed must be at least 0, but is " + randomSeed);
    }
    return set("randomSeed", String.valueOf(randomSeed));
  }

  /**
   * Adds what reviews the messages of rooms with a message review handler. {@link IvsChat#scriptReviews} needs none.
   *
   * @param patternAndTarget PATTERN=TARGET as in the flag --review-handler, such as *=http://localhost:8080/review
   * @return a copy with this handler
   */
  public IvsChatOptions withReviewHandler(String patternAndTarget) {
    return withArgs("--review-handler", patternAndTarget);
  }

  /**
   * Adds flags of the program.
   *
   * @param args such as --token-ttl, 5m
   * @return a copy with these flags
   */
  public IvsChatOptions withArgs(String... args) {
    return set("args", Stream.concat(args().stream(), Stream.of(args)).toList());
  }

  /**
   * Sets how long anything may take before it fails.
   *
   * @param timeout the default is 10 seconds
   * @return a copy with this time limit
   */
  public IvsChatOptions withTimeout(Duration timeout) {
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("The timeout must be more than 0, but is " + timeout);
    }
    return set("timeout", timeout.toString());
  }

  /** Returns an option that is a text, or "". */
  String text(String name) {
    return Json.text(members(), name);
  }

  /** Returns the flags. */
  List<String> args() {
    return members().get("args") instanceof List<?> args ? args.stream().map(String::valueOf).toList() : List.of();
  }

  /** Returns the time limit. */
  Duration timeout() {
    return Duration.parse((String) members().getOrDefault("timeout", "PT10S"));
  }
}
