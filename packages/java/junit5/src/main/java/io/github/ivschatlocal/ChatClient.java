package io.github.ivschatlocal;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * A chat client that is connected to a room, see {@link IvsChat#connect}. It keeps every frame as soon as it arrives,
 * for {@link #receive()}. What waits fails after 10 seconds, see {@link #within}, with an {@link AssertionError} that
 * says what arrived instead. Several threads can use it.
 */
public final class ChatClient implements AutoCloseable {
  private final Connection connection;
  private final Duration limit;

  private ChatClient(Connection connection, Duration limit) {
    this.connection = connection;
    this.limit = limit;
  }

  /** Connects with a chat token. Throws a RefusedException if the handshake is refused. */
  static ChatClient dial(String url, String token, Duration limit) {
    if (!token.matches("[!-~]+")) { // and must not reach the log
      throw new IllegalArgumentException(
          "A chat token is not empty and has no spaces or special characters, but this one, of "
              + token.length()
              + " characters, is none");
    }
    try {
      return new ChatClient(new Connection(WebSocketClient.connect(URI.create(url), token, limit)), limit);
    } catch (SocketTimeoutException e) {
      throw new IvsChatException("The handshake at " + url + " had no answer in " + Texts.seconds(limit), e);
    } catch (IOException e) {
      throw new IvsChatException("The connection to " + url + " failed: " + e.getMessage(), e);
    }
  }

  /**
   * Returns the same client with another time limit for what waits.
   *
   * @param limit how long to wait
   * @return a client with the same connection
   */
  public ChatClient within(Duration limit) {
    return new ChatClient(connection, limit);
  }

  /**
   * Sends a message.
   *
   * @param content the content
   * @return the RequestId, which the message or the ERROR frame has, too
   */
  public String send(String content) {
    return send(content, Map.of());
  }

  /**
   * Sends a message with attributes.
   *
   * @param content the content
   * @param attributes the attributes
   * @return the RequestId, which the message or the ERROR frame has, too
   */
  public String send(String content, Map<String, String> attributes) {
    return sendAction(
        "SEND_MESSAGE",
        attributes.isEmpty() ? Map.of("Content", content) : Map.of("Content", content, "Attributes", attributes));
  }

  /**
   * Asks for the deletion of a message. Clients then receive an event aws:DELETE_MESSAGE.
   *
   * @param messageId the ID of the message
   * @param reason why, or ""
   * @return the RequestId
   */
  public String deleteMessage(String messageId, String reason) {
    return sendAction("DELETE_MESSAGE", withReason("Id", messageId, reason));
  }

  /**
   * Asks for the disconnection of a user.
   *
   * @param userId the ID of the user
   * @param reason why, or ""
   * @return the RequestId
   */
  public String disconnectUser(String userId, String reason) {
    return sendAction("DISCONNECT_USER", withReason("UserId", userId, reason));
  }

  private static Map<String, Object> withReason(String name, String value, String reason) {
    return reason.isEmpty() ? Map.of(name, value) : Map.of(name, value, "Reason", reason);
  }

  private String sendAction(String action, Map<String, Object> members) {
    Map<String, Object> all = new LinkedHashMap<>();
    String requestId = UUID.randomUUID().toString();
    all.put("Action", action);
    all.put("RequestId", requestId);
    all.putAll(members);
    sendText(Json.write(all));
    return requestId;
  }

  /**
   * Sends a text frame unchanged, also one that is no action.
   *
   * @param text the text
   */
  public void sendText(String text) {
    connection.send(text);
  }

  /**
   * Waits for the next frame.
   *
   * @return the frame
   */
  public Frame receive() {
    return receive("No frame", frame -> true);
  }

  /**
   * Waits for the first frame that matches, and skips those before it.
   *
   * @param matches says whether a frame is the one
   * @return the frame
   */
  public Frame receive(Predicate<Frame> matches) {
    return receive("No matching frame", matches);
  }

  private Frame receive(String none, Predicate<Frame> matches) {
    List<String> skipped = new ArrayList<>();
    synchronized (connection) {
      Frame[] found = new Frame[1];
      connection.await(
          limit,
          () -> {
            while (found[0] == null && !connection.frames.isEmpty()) {
              Frame frame = connection.frames.removeFirst();
              if (matches.test(frame)) {
                found[0] = frame;
              } else {
                skipped.add(frame.raw());
              }
            }
            return found[0] != null || connection.status != null;
          });
      if (found[0] != null) {
        return found[0];
      }
      String problem =
          connection.status == null
              ? " was received in " + Texts.seconds(limit) + ", and the connection is open"
              : " was received, and the connection has ended: " + connection.status;
      throw new AssertionError(none + problem + Texts.list("received instead", skipped));
    }
  }

  /**
   * Waits for a time, and fails if a frame arrives or the connection ends.
   *
   * @param time how long nothing must arrive
   */
  public void receiveNothing(Duration time) {
    synchronized (connection) {
      if (connection.await(time, () -> !connection.frames.isEmpty() || connection.status != null)) {
        String what =
            connection.frames.isEmpty()
                ? ": the connection has ended: " + connection.status
                : Texts.list("received", connection.texts());
        throw new AssertionError("Nothing should have been received for " + Texts.seconds(time) + what);
      }
    }
  }

  /**
   * Waits for the end of the connection.
   *
   * @return how it has ended
   */
  public CloseStatus closed() {
    synchronized (connection) {
      if (!connection.await(limit, () -> connection.status != null)) {
        throw new AssertionError(
            "The connection is still open after "
                + Texts.seconds(limit)
                + Texts.list("frames that were not received yet", connection.texts()));
      }
      return connection.status;
    }
  }

  /** Ends the connection with a close frame, and does not wait. It does nothing if the connection has ended. */
  @Override
  public void close() {
    try {
      connection.socket.close(1000);
    } catch (IOException e) {
      // It has ended.
    }
  }

  /** Ends the connection at once, without a close frame. */
  public void drop() {
    connection.end(new CloseStatus(1006, "dropped by the client"));
    connection.socket.drop();
  }

  /** What has arrived. Its monitor guards it. */
  private static final class Connection {
    private final WebSocketClient socket;
    private final Deque<Frame> frames = new ArrayDeque<>();
    private CloseStatus status; // null while it is open

    Connection(WebSocketClient socket) {
      this.socket = socket;
      Thread reader = new Thread(() -> end(socket.read(this::add)), "ivschat-local chat client");
      reader.setDaemon(true);
      reader.start();
    }

    private synchronized void add(String text) {
      frames.addLast(new Frame(text));
      notifyAll();
    }

    private synchronized void end(CloseStatus how) {
      if (status == null) {
        status = how;
        notifyAll();
      }
    }

    private void send(String text) {
      synchronized (this) {
        if (status != null) {
          throw new IvsChatException("The frame cannot be sent, because the connection has ended: " + status);
        }
      }
      try {
        socket.send(text);
      } catch (IOException e) {
        throw new IvsChatException("The frame cannot be sent: " + e.getMessage(), e);
      }
    }

    private List<String> texts() {
      return frames.stream().map(Frame::raw).toList();
    }

    /** Waits until the condition holds. The caller has the monitor. Returns whether it holds. */
    private boolean await(Duration time, BooleanSupplier condition) {
      long end = System.nanoTime() + time.toNanos();
      while (!condition.getAsBoolean()) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          return false;
        }
        try {
          TimeUnit.NANOSECONDS.timedWait(this, left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IvsChatException("The wait was interrupted", e);
        }
      }
      return true;
    }
  }
}
