package io.github.ivschatlocal;

import java.time.Instant;
import java.util.Map;

/**
 * An entry of the emulator's journal: a call, a frame, the review of a message, a refused handshake, a connection that
 * was opened or closed, or a fault that has fired. Methods about a member that it does not have return "", 0, or a map
 * without members.
 */
public final class Entry {
  private final Map<String, Object> members;

  Entry(Map<String, Object> members) {
    this.members = members;
  }

  /**
   * Returns the number of the entry. It counts up from 1.
   *
   * @return the number
   */
  public long id() {
    return Json.number(members, "id");
  }

  /**
   * Returns what the entry is about: call, frame, handshake, connect, disconnect, fault, review or delivery.
   *
   * @return the kind
   */
  public String kind() {
    return Json.text(members, "kind");
  }

  /**
   * Returns when it happened, by the emulator's clock.
   *
   * @return the time
   */
  public Instant time() {
    return Instant.parse(Json.text(members, "time"));
  }

  /**
   * Returns the ARN of the room.
   *
   * @return the ARN
   */
  public String room() {
    return Json.text(members, "room");
  }

  /**
   * Returns the user: the sender or only recipient of a frame, the user of a session, or the sender of a message that
   * was reviewed.
   *
   * @return the ID of the user
   */
  public String userId() {
    return Json.text(members, "userId");
  }

  /**
   * Returns the operation that was called, or where a fault has fired.
   *
   * @return the operation
   */
  public String operation() {
    return Json.text(members, "operation");
  }

  /**
   * Returns the HTTP status of the answer to a call or a refused handshake.
   *
   * @return the status
   */
  public int status() {
    return (int) Json.number(members, "status");
  }

  /**
   * Returns the exception with which a call has failed.
   *
   * @return the exception
   */
  public String exception() {
    return Json.text(members, "exception");
  }

  /**
   * Returns what was asked for: the members of a call, or the event for a message review handler. A chat token is
   * replaced by ***.
   *
   * @return maps, lists, texts, longs, doubles and booleans
   */
  public Map<String, Object> request() {
    return Json.members(members.get("request"));
  }

  /**
   * Returns what was answered to a call, or by a message review handler. A chat token is replaced by ***.
   *
   * @return maps, lists, texts, longs, doubles and booleans
   */
  public Map<String, Object> response() {
    return Json.members(members.get("response"));
  }

  /**
   * Returns the decision about a message: ALLOW or DENY.
   *
   * @return the verdict of a review
   */
  public String verdict() {
    return Json.text(Json.members(members.get("review")), "verdict");
  }

  /**
   * Returns the frame.
   *
   * @return the frame, which is UNREADABLE if the entry has none, or one that is not JSON
   */
  public Frame frame() {
    return new Frame(members.get("frame") instanceof Map<?, ?> frame ? Json.write(frame) : Json.text(members, "text"));
  }

  /**
   * Returns why a handshake was refused, a connection has ended, or a handler did not decide.
   *
   * @return the reason
   */
  public String reason() {
    return Json.text(members, "reason");
  }

  /**
   * Returns all members, as the admin API describes them.
   *
   * @return maps, lists, texts, longs, doubles and booleans
   */
  public Map<String, Object> members() {
    return members;
  }

  @Override
  public String toString() {
    return Json.write(members);
  }
}
