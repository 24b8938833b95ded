package io.github.ivschatlocal;

import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a chat token allows. What is not said has the default of AWS: a user who can only read, for an hour. Objects do
 * not change: each method returns a new one.
 */
public final class TokenOptions extends Members<TokenOptions> {
  /** A chat token for a user who can only read, for an hour. */
  public TokenOptions() {
    this(Map.of());
  }

  private TokenOptions(Map<String, Object> members) {
    super(members);
  }

  @Override
  TokenOptions copy(Map<String, Object> changed) {
    return new TokenOptions(changed);
  }

  /**
   * Sets what the user may do.
   *
   * @param capabilities none for a user who can only read
   * @return a copy with these capabilities
   */
  public TokenOptions withCapabilities(Capability... capabilities) {
    return set("capabilities", Stream.of(capabilities).map(Capability::name).toList());
  }

  /**
   * Sets the attributes of the user. Others see them as attributes of the sender.
   *
   * @param attributes at most 1 KB, keys and values together
   * @return a copy with these attributes
   */
  public TokenOptions withAttributes(Map<String, String> attributes) {
    return set("attributes", Map.copyOf(attributes));
  }

  /**
   * Sets how long the session lasts.
   *
   * @param duration from 1 to 180 whole minutes
   * @return a copy with this duration
   */
  public TokenOptions withSessionDuration(Duration duration) {
    if (!duration.equals(Duration.ofMinutes(duration.toMinutes()))) {
      throw new IllegalArgumentException("A session lasts for whole minutes, but this duration is " + duration);
    }
    return set("sessionDurationInMinutes", duration.toMinutes());
  }
}
