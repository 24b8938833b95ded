package io.github.ivschatlocal;

import java.time.Instant;
import java.util.Map;

/**
 * A frame that a chat client has received. Methods about a member that it does not have return "", 0, or a map without
 * members.
 */
public final class Frame {
  private final String raw;
  private final Map<String, Object> members;

  Frame(String raw) {
    this.raw = raw;
    this.members = parse(raw);
  }

  private static Map<String, Object> parse(String raw) {
    try {
      return Json.object(raw);
    } catch (IllegalArgumentException e) {
      return Map.of("Type", "UNREADABLE");
    }
  }

  /**
   * Returns what the frame is: MESSAGE, EVENT or ERROR, or UNREADABLE if it is no object in JSON, for instance because
   * of a fault.
   *
   * @return the type
   */
  public String type() {
    return Json.text(members, "Type");
  }

  /**
   * Says whether it is a message.
   *
   * @return whether the type is MESSAGE
   */
  public boolean isMessage() {
    return type().equals("MESSAGE");
  }

  /**
   * Says whether it is an event, of AWS or of the back end.
   *
   * @return whether the type is EVENT
   */
  public boolean isEvent() {
    return type().equals("EVENT");
  }

  /**
   * Says whether it is the answer to an action that failed.
   *
   * @return whether the type is ERROR
   */
  public boolean isError() {
    return type().equals("ERROR");
  }

  /**
   * Returns the ID of the message or event.
   *
   * @return the Id
   */
  public String id() {
    return Json.text(members, "Id");
  }

  /**
   * Returns the ID that the sender has given to its action, or that the call had.
   *
   * @return the RequestId
   */
  public String requestId() {
    return Json.text(members, "RequestId");
  }

  /**
   * Returns the content of a message.
   *
   * @return the Content
   */
  public String content() {
    return Json.text(members, "Content");
  }

  /**
   * Returns the attributes of a message or an event.
   *
   * @return the Attributes
   */
  public Map<String, String> attributes() {
    return Json.texts(members, "Attributes");
  }

  /**
   * Returns the user who has sent a message.
   *
   * @return the UserId of the Sender
   */
  public String userId() {
    return Json.text(Json.members(members.get("Sender")), "UserId");
  }

  /**
   * Returns the attributes of the user who has sent a message, as in the chat token.
   *
   * @return the Attributes of the Sender
   */
  public Map<String, String> userAttributes() {
    return Json.texts(Json.members(members.get("Sender")), "Attributes");
  }

  /**
   * Returns the name of an event, such as aws:DELETE_MESSAGE or one that the back end has chosen.
   *
   * @return the EventName
   */
  public String eventName() {
    return Json.text(members, "EventName");
  }

  /**
   * Returns the time of a message or event, by the emulator's clock.
   *
   * @return the SendTime, or {@link Instant#EPOCH} if there is none
   */
  public Instant sendTime() {
    String time = Json.text(members, "SendTime");
    return time.isEmpty() ? Instant.EPOCH : Instant.parse(time);
  }

  /**
   * Returns the code of an error, such as 403, 406 or 429.
   *
   * @return the ErrorCode
   */
  public int errorCode() {
    return (int) Json.number(members, "ErrorCode");
  }

  /**
   * Returns the message of an error.
   *
   * @return the ErrorMessage
   */
  public String errorMessage() {
    return Json.text(members, "ErrorMessage");
  }

  /**
   * Returns all members: maps, lists, texts, longs, doubles and booleans.
   *
   * @return the members
   */
  public Map<String, Object> members() {
    return members;
  }

  /**
   * Returns the text as it was received.
   *
   * @return the text
   */
  public String raw() {
    return raw;
  }

  @Override
  public String toString() {
    return raw;
  }
}
