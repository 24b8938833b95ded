package io.github.ivschatlocal;

import java.util.List;
import java.util.Map;

/**
 * How a room is created. What is not said has the default of AWS. Objects do not change: each method returns a new one.
 */
public final class RoomOptions extends Members<RoomOptions> {
  /** A room without a name, with the defaults of AWS. */
  public RoomOptions() {
    this(Map.of());
  }

  private RoomOptions(Map<String, Object> members) {
    super(members);
  }

  @Override
  RoomOptions copy(Map<String, Object> changed) {
    return new RoomOptions(changed);
  }

  /**
   * Sets the name of the room.
   *
   * @param name the name, which need not be unique
   * @return a copy with this name
   */
  public RoomOptions withName(String name) {
    return set("name", name);
  }

  /**
   * Sets how long messages may be.
   *
   * @param characters from 1 to 500, the default
   * @return a copy with this limit
   */
  public RoomOptions withMaximumMessageLength(int characters) {
    return set("maximumMessageLength", characters);
  }

  /**
   * Sets how many messages all clients together may send in a second.
   *
   * @param messages from 1 to 100; the default is 10
   * @return a copy with this limit
   */
  public RoomOptions withMaximumMessageRatePerSecond(int messages) {
    return set("maximumMessageRatePerSecond", messages);
  }

  /**
   * Sets the Lambda function that reviews messages, and what happens if it fails. Tests answer for it with
   * {@link IvsChat#scriptReviews}, so the function need not exist.
   *
   * @param uri the ARN of the function, in the region of the room
   * @param fallbackResult ALLOW or DENY
   * @return a copy with this handler
   */
  public RoomOptions withReviewHandler(String uri, String fallbackResult) {
    return set("messageReviewHandler", Map.of("uri", uri, "fallbackResult", fallbackResult));
  }

  /**
   * Sets the logging configurations, which log what is said in the room.
   *
   * @param arns at most three ARNs
   * @return a copy with these logging configurations
   */
  public RoomOptions withLoggingConfigurations(String... arns) {
    return set("loggingConfigurationIdentifiers", List.of(arns));
  }

  /**
   * Sets the tags.
   *
   * @param tags at most 50 keys with their values
   * @return a copy with these tags
   */
  public RoomOptions withTags(Map<String, String> tags) {
    return set("tags", Map.copyOf(tags));
  }
}
