package io.github.ivschatlocal;

/**
 * Something went wrong with the emulator itself: it cannot be started or reached, or it has refused a request, see
 * {@link RefusedException}.
 */
public class IvsChatException extends RuntimeException {
  private static final long serialVersionUID = 1;

  IvsChatException(String message) {
    super(message);
  }

  IvsChatException(String message, Throwable cause) {
    super(message, cause);
  }
}
