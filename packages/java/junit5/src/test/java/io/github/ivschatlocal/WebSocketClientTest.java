package io.github.ivschatlocal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests of what a WebSocket must cope with, and the emulator does not send. */
class WebSocketClientTest {
  private final List<String> messages = new ArrayList<>();

  /** A server for one connection. */
  private interface Script {
    void run(Socket client) throws Exception;
  }

  @Test
  void messagesComeInPiecesOfAnyLength() throws Exception {
    String large = "é".repeat(40_000);
    CloseStatus status =
        read(
            client -> {
              frame(client, 0x81, "short".getBytes(StandardCharsets.UTF_8));
              frame(client, 0x01, "in two".getBytes(StandardCharsets.UTF_8));
              frame(client, 0x89, "ping".getBytes(StandardCharsets.UTF_8));
              frame(client, 0x80, " pieces".getBytes(StandardCharsets.UTF_8));
              frame(client, 0x81, large.getBytes(StandardCharsets.UTF_8));
              frame(client, 0x88, ByteBuffer.allocate(5).putShort((short) 4001).put("why".getBytes()).array());
              DataInputStream answers = new DataInputStream(client.getInputStream());
              assertArrayEquals("ping".getBytes(), answer(answers, 0x8a));
              assertEquals(4001, ByteBuffer.wrap(answer(answers, 0x88)).getShort());
            });
    assertEquals(List.of("short", "in two pieces", large), messages);
    assertEquals(new CloseStatus(4001, "why"), status);
  }

  @Test
  void anEndWithoutACloseFrameIsNoticed() throws Exception {
    assertEquals(new CloseStatus(1006, ""), read(client -> frame(client, 0x81, "last".getBytes())));
    assertEquals(List.of("last"), messages);
    assertEquals(new CloseStatus(1005, ""), read(client -> frame(client, 0x88, new byte[0])));
  }

  @Test
  void framesThatAreNotAllowedEndTheConnection() throws Exception {
    CloseStatus masked = read(client -> client.getOutputStream().write(new byte[] {(byte) 0x81, (byte) 0x80}));
    assertTrue(masked.reason().contains("masked or too long"), masked.toString());
    byte[] head = ByteBuffer.allocate(10).put((byte) 0x81).put((byte) 127).putLong(1L << 40).array();
    CloseStatus endless = read(client -> client.getOutputStream().write(head));
    assertTrue(endless.reason().contains("masked or too long"), endless.toString());
  }

  @Test
  void aMessageOfTooManyPiecesEndsTheConnection() throws Exception {
    CloseStatus status =
        read(
            client -> {
              try {
                for (int i = 0; i < 100; i++) {
                  frame(client, i == 0 ? 0x01 : 0x00, new byte[1 << 20]);
                }
              } catch (IOException e) {
                // The client has left.
              }
            });
    assertTrue(status.reason().contains("message that is too long"), status.toString());
  }

  @Test
  void anAnswerToTheHandshakeThatDoesNotEndIsAnError() throws Exception {
    for (String head : List.of("HTTP/1.1 101 Switching Protocols", "HTTP/1.1 403 No\r\nContent-Length: 60000\r\n\r\n")) {
      try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        Thread thread = new Thread(() -> dripAfter(head, server));
        thread.start();
        URI url = URI.create("ws://127.0.0.1:" + server.getLocalPort());
        Exception problem =
            assertThrows(Exception.class, () -> WebSocketClient.connect(url, "token", Duration.ofMillis(300)));
        Class<?> want = head.contains("403") ? RefusedException.class : SocketTimeoutException.class;
        assertEquals(want, problem.getClass(), problem.toString());
        thread.join();
      }
    }
  }

  /** Answers with a text, and goes on byte by byte until the client leaves, for at most 20 seconds. */
  private static void dripAfter(String text, ServerSocket server) {
    try (Socket client = server.accept()) {
      key(client);
      client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
      for (int i = 0; i < 2000; i++) {
        client.getOutputStream().write('x');
        Thread.sleep(10);
      }
    } catch (IOException | InterruptedException e) {
      // The client has left.
    }
  }

  @Test
  void anAnswerOfTheApiThatDoesNotEndIsAnError() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread thread = new Thread(() -> dripAfter("HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n", server));
      thread.start();
      String url = "http://127.0.0.1:" + server.getLocalPort();
      IvsChatOptions options = IvsChatOptions.defaults().withEndpoint(url).withTimeout(Duration.ofMillis(300));
      IvsChatException problem = assertThrows(IvsChatException.class, () -> IvsChat.start(options));
      assertTrue(problem.getMessage().endsWith(" had no answer in 0.3 s"), problem.getMessage());
      thread.join();
    }
  }

  @Test
  void aServerThatIsNoneIsRefused() throws Exception {
    assertProblem("does not answer with HTTP: SSH-2.0", "SSH-2.0\r\n\r\n");
    assertProblem("Sec-WebSocket-Accept", "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\n\r\n");
    assertProblem("ended before the answer", "HTTP/1.1 101");
  }

  private static void assertProblem(String text, String answer) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread thread =
          new Thread(
              () -> {
                try (Socket client = server.accept()) {
                  key(client);
                  client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      thread.start();
      IOException problem = assertThrows(IOException.class, () -> connect(server));
      assertTrue(problem.getMessage().contains(text), problem.getMessage());
      thread.join();
    }
  }

  /** Runs a server, and reads what it sends. Fails if the server does. */
  private CloseStatus read(Script script) throws Exception {
    messages.clear();
    Throwable[] failure = new Throwable[1];
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread thread =
          new Thread(
              () -> {
                try (Socket client = server.accept()) {
                  String accept = "Sec-WebSocket-Accept: " + accept(key(client));
                  String answer = "HTTP/1.1 101 Switching Protocols\r\n" + accept + "\r\n\r\n";
                  client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                  script.run(client);
                } catch (Exception | AssertionError e) {
                  failure[0] = e;
                }
              });
      thread.start();
      CloseStatus status = connect(server).read(messages::add);
      thread.join();
      assertEquals(null, failure[0]);
      return status;
    }
  }

  private static WebSocketClient connect(ServerSocket server) throws IOException {
    return WebSocketClient.connect(
        URI.create("ws://127.0.0.1:" + server.getLocalPort()), "token", Duration.ofSeconds(10));
  }

  /** Reads the request, and returns its key. */
  private static String key(Socket client) throws IOException {
    BufferedReader request =
        new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
    String key = "";
    for (String line = request.readLine(); !line.isEmpty(); line = request.readLine()) {
      key = line.startsWith("Sec-WebSocket-Key: ") ? line.substring(19) : key;
    }
    return key;
  }

  private static String accept(String key) throws Exception {
    byte[] text = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII);
    return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
  }

  private static void frame(Socket client, int first, byte[] payload) throws IOException {
    DataOutputStream out = new DataOutputStream(client.getOutputStream());
    out.writeByte(first);
    if (payload.length < 126) {
      out.writeByte(payload.length);
    } else {
      out.writeByte(127);
      out.writeLong(payload.length);
    }
    out.write(payload);
  }

  /** Reads a short frame of the client, which is masked. */
  private static byte[] answer(DataInputStream in, int first) throws IOException {
    assertEquals(first, in.readUnsignedByte());
    byte[] payload = new byte[in.readUnsignedByte() - 128];
    byte[] mask = in.readNBytes(4);
    in.readFully(payload);
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= mask[i % 4];
    }
    return payload;
  }
}
