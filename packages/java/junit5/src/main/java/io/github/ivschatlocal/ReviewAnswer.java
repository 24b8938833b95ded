package io.github.ivschatlocal;

import java.time.Duration;
import java.util.Map;

/**
 * What is answered in place of a message review handler, see {@link IvsChat#scriptReviews}. By default it is answered
 * for every message, any number of times. Objects do not change: each method returns a new one.
 */
public final class ReviewAnswer extends Members<ReviewAnswer> {
  private ReviewAnswer(Map<String, Object> members) {
    super(members);
  }

  @Override
  ReviewAnswer copy(Map<String, Object> changed) {
    return new ReviewAnswer(changed);
  }

  /**
   * The message is delivered as it is.
   *
   * @return the answer
   */
  public static ReviewAnswer allow() {
    return new ReviewAnswer(Map.of("allow", Map.of()));
  }

  /**
   * The message is delivered with another content.
   *
   * @param content the content, of at most 500 characters
   * @return the answer
   */
  public static ReviewAnswer change(String content) {
    return new ReviewAnswer(Map.of("allow", Map.of("content", content)));
  }

  /**
   * The message is not delivered. Its sender receives ERROR 406.
   *
   * @param reason is part of the error's message; may be ""
   * @return the answer
   */
  public static ReviewAnswer deny(String reason) {
    return new ReviewAnswer(Map.of("deny", reason.isEmpty() ? Map.of() : Map.of("reason", reason)));
  }

  /**
   * The function answers this value, which need not be a valid answer. If it is not, the fallbackResult of the room
   * decides.
   *
   * @param value a map, list, text, number or boolean, which is sent as JSON
   * @return the answer
   */
  public static ReviewAnswer answer(Object value) {
    return new ReviewAnswer(Map.of("answer", value));
  }

  /**
   * The function fails, and the fallbackResult of the room decides.
   *
   * @param message the message of the function's error
   * @return the answer
   */
  public static ReviewAnswer error(String message) {
    return new ReviewAnswer(Map.of("error", message));
  }

  /**
   * Answers only for one room.
   *
   * @param arn the ARN of the room
   * @return a copy with this condition
   */
  public ReviewAnswer inRoom(String arn) {
    return set("room", arn);
  }

  /**
   * Answers only for messages of one user.
   *
   * @param userId the ID of the user
   * @return a copy with this condition
   */
  public ReviewAnswer forUser(String userId) {
    return set("userId", userId);
  }

  /**
   * Answers only for messages with a part that matches.
   *
   * @param regularExpression in the syntax of Go; (?i) at the beginning ignores case
   * @return a copy with this condition
   */
  public ReviewAnswer forContent(String regularExpression) {
    return set("content", regularExpression);
  }

  /**
   * Answers a number of times, and not any more.
   *
   * @param times at least 1
   * @return a copy with this number
   */
  public ReviewAnswer times(int times) {
    return set("times", times);
  }

  /**
   * Answers later. If that is after the time limit of reviews, by default 200 ms, the fallbackResult of the room
   * decides.
   *
   * @param delay at most 10 minutes, in the machine's time
   * @return a copy with this delay
   */
  public ReviewAnswer after(Duration delay) {
    return set("delay", Texts.duration(delay));
  }
}
