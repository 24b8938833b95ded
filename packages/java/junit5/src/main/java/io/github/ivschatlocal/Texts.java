package io.github.ivschatlocal;

import java.time.Duration;
import java.util.List;

/** Texts in messages of errors, and durations as the emulator reads them. */
final class Texts {
  private static final int SHOWN_LINES = 10;
  private static final int SHOWN_CHARACTERS = 300;

  private Texts() {}

  /** Returns the latest texts under a heading, each in its own line, or "" if there is none. */
  static String list(String heading, List<String> texts) {
    if (texts.isEmpty()) {
      return "";
    }
    StringBuilder list = new StringBuilder("\n").append(heading).append(':');
    int earlier = Math.max(0, texts.size() - SHOWN_LINES);
    if (earlier > 0) {
      list.append("\n  (").append(earlier).append(" earlier ones)");
    }
    texts.stream().skip(earlier).forEach(text -> list.append("\n  ").append(shorten(text)));
    return list.toString();
  }

  /** Returns the beginning of a text. */
  static String shorten(String text) {
    return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "…";
  }

  /** Returns a duration in the words of an error. */
  static String seconds(Duration duration) {
    return duration.toMillis() / 1000.0 + " s";
  }

  /** Returns a duration as the emulator reads it. */
  static String duration(Duration duration) {
    try {
      return duration.toNanos() + "ns";
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("The duration " + duration + " is too long: at most 292 years", e);
    }
  }

  /** Returns the account. Throws an IllegalArgumentException if it does not have 12 digits. */
  static String account(String account) {
    if (!account.matches("[0-9]{12}")) {
      throw new IllegalArgumentException("An account has 12 digits, but this one is \"" + account + "\"");
    }
    return account;
  }
}
