package io.github.ivschatlocal;

/**
 * How a connection of a chat client has ended.
 *
 * @param code the code of the close frame, such as 1000, or 1006 if there was none
 * @param reason the reason in the close frame, or what broke the connection
 */
public record CloseStatus(int code, String reason) {
  @Override
  public String toString() {
    String how = code == 1006 ? "ended without a close frame" : "closed with " + code;
    return reason.isEmpty() ? how : how + ": " + reason;
  }
}
