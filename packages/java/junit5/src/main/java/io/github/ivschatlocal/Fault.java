package io.github.ivschatlocal;

import java.time.Duration;
import java.util.Map;

/**
 * A rule that makes something go wrong, see {@link IvsChat#fault}. {@link #in} says where. One effect or a delay says
 * what happens, and the other methods limit the rule, which otherwise fires every time. Objects do not change: each
 * method returns a new one.
 *
 * <pre>{@code
 * Fault.in("CreateChatToken").exception("ThrottlingException").times(2)
 * Fault.in("SEND_MESSAGE").forUser("anna").error(429)
 * }</pre>
 */
public final class Fault extends Members<Fault> {
  private Fault(Map<String, Object> members) {
    super(members);
  }

  @Override
  Fault copy(Map<String, Object> changed) {
    return new Fault(changed);
  }

  /**
   * Says where the rule fires.
   *
   * @param operation an operation of AWS's API, such as CreateRoom; CONNECT, the handshake of a chat client; its
   *     actions SEND_MESSAGE, DELETE_MESSAGE and DISCONNECT_USER; a MESSAGE, EVENT or ERROR frame on its way to a
   *     client; or REVIEW, the review of a message
   * @return a rule that needs an effect or a delay
   */
  public static Fault in(String operation) {
    return new Fault(Map.of("operation", operation));
  }

  /**
   * Effect in an operation or the handshake: it fails with an exception, which SDKs handle as on AWS.
   *
   * @param name an exception that the operation declares, or a common error such as ThrottlingException
   * @return a copy with this effect
   */
  public Fault exception(String name) {
    return set("exception", name);
  }

  /**
   * Effect in an operation, the handshake or a review: the answer has this HTTP status. {@code with("body", text)} adds
   * a body.
   *
   * @param status the HTTP status
   * @return a copy with this effect
   */
  public Fault status(int status) {
    return set("status", status);
  }

  /**
   * Effect in an action or a review: the sender receives an ERROR frame.
   *
   * @param code the error code, such as 429
   * @return a copy with this effect
   */
  public Fault error(int code) {
    return set("error", code);
  }

  /**
   * Effect in an action or a frame: the connection is closed.
   *
   * @param code the close code, such as 1001
   * @return a copy with this effect
   */
  public Fault close(int code) {
    return set("close", code);
  }

  /**
   * Effect everywhere: the TCP connection is reset.
   *
   * @return a copy with this effect
   */
  public Fault reset() {
    return set("reset", true);
  }

  /**
   * Effect in an action or a frame: the connection stays open, but nothing is read or written any more.
   *
   * @return a copy with this effect
   */
  public Fault silence() {
    return set("silence", true);
  }

  /**
   * Effect in a frame: it is lost, repeated, late or damaged. Actions can be dropped, reviews dropped and corrupted.
   *
   * @param effect drop, duplicate, reorder or corrupt
   * @return a copy with this effect
   */
  public Fault frame(String effect) {
    return set("frame", effect);
  }

  /**
   * Effect in the operations that change a logging configuration: the operation succeeds, and what it began fails.
   *
   * @return a copy with this effect
   */
  public Fault fail() {
    return set("fail", true);
  }

  /**
   * What happens is late. Without an effect, it then goes on as usual.
   *
   * @param delay at most 10 minutes, in the machine's time
   * @return a copy with this delay
   */
  public Fault delay(Duration delay) {
    return set("delay", Texts.duration(delay));
  }

  /**
   * The rule fires only in one room, or for the resource that the request of an operation names.
   *
   * @param arn the ARN of the room
   * @return a copy with this condition
   */
  public Fault inRoom(String arn) {
    return set("room", arn);
  }

  /**
   * The rule fires only for one user.
   *
   * @param userId the ID of the user
   * @return a copy with this condition
   */
  public Fault forUser(String userId) {
    return set("userId", userId);
  }

  /**
   * The rule fires a number of times, and not any more.
   *
   * @param times at least 1
   * @return a copy with this number
   */
  public Fault times(int times) {
    return set("times", times);
  }

  /**
   * The rule fires only every nth time.
   *
   * @param n at least 1
   * @return a copy with this condition
   */
  public Fault every(int n) {
    return set("every", n);
  }

  /**
   * The rule fires at random. The option randomSeed repeats a run.
   *
   * @param probability from 0 to 1
   * @return a copy with this probability
   */
  public Fault probability(double probability) {
    return set("probability", probability);
  }

  /**
   * Sets any member of a rule by the name that it has in the admin API, such as message, body, limit or fieldList.
   *
   * @param member the name
   * @param value a map, list, text, number or boolean
   * @return a copy with this member
   */
  public Fault with(String member, Object value) {
    return set(member, value);
  }
}
