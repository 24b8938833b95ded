package io.github.ivschatlocal;

/** What a user with a chat token may do, beside reading. */
public enum Capability {
  /** Send messages. */
  SEND_MESSAGE,
  /** Delete messages of anyone. */
  DELETE_MESSAGE,
  /** Disconnect users. */
  DISCONNECT_USER
}
