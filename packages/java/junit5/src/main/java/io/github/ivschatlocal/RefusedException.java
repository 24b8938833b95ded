package io.github.ivschatlocal;

import java.util.Map;

/** The emulator has refused a request or the handshake of a chat client. */
public final class RefusedException extends IvsChatException {
  private static final long serialVersionUID = 1;

  /** The HTTP status. */
  private final int status;

  /** The exception, or "". */
  private final String exception;

  private RefusedException(String message, int status, String exception) {
    super(message);
    this.status = status;
    this.exception = exception;
  }

  /** Returns the exception for an answer, whose body is JSON with a message, or any text. */
  static RefusedException of(String what, int status, String exception, String body) {
    String message = body.strip();
    try {
      Map<String, Object> members = Json.object(body);
      message = members.get("message") instanceof String text ? text : message;
    } catch (IllegalArgumentException e) {
      // It is a text.
    }
    String answer = (status + " " + exception).strip();
    String text = what + " was refused with " + answer + (message.isEmpty() ? "" : ": " + message);
    return new RefusedException(text, status, exception);
  }

  /**
   * Returns the HTTP status, such as 401.
   *
   * @return the HTTP status
   */
  public int status() {
    return status;
  }

  /**
   * Returns the exception of AWS's API, such as ThrottlingException.
   *
   * @return the exception, or "" if there is none
   */
  public String exception() {
    return exception;
  }
}
